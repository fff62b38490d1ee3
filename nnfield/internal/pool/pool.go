// Package pool shares a data-parallel phase out among persistent workers.
//
// A phase of a small lattice lasts a few microseconds, less than the kernel
// takes to wake a thread. So an idle worker watches for the next phase for a
// while before it parks, and a phase never waits for a worker that is slow to
// come: whoever is there does the work. A worker that finds nothing to do for a
// second ends, so that a process at rest owns no goroutine of this package.
//
// The chunks of a phase depend on its size and on the number of workers, and any
// worker may do any chunk. A [Task] whose result depends on neither, one that
// writes each index from data the phase does not change, gives the same bits for
// any number of workers.
package pool

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Task is the work of one phase.
type Task interface {
	// Do does the indices lo ≤ i < hi. Several calls with disjoint ranges run at
	// the same time.
	Do(lo, hi int)
}

// Panic is what [Run] panics with when a task has panicked on a worker: the
// value and the stack of the worker, which the caller's stack does not show.
type Panic struct {
	Value any
	Stack []byte
}

// Error returns the value and the stack.
func (p *Panic) Error() string {
	return fmt.Sprintf("%v [in a worker of the pool]\n\n%s", p.Value, p.Stack)
}

const (
	spin     = 200 * time.Microsecond // how long a worker watches before it parks
	linger   = time.Second            // how long a parked worker waits before it ends
	perShare = 8                      // chunks a worker: enough for stealing to even out unequal ones
)

// Run calls t.Do on contiguous chunks that cover [0, n), each of at least grain
// indices, and returns when all are done. Chunk i belongs to worker i modulo the
// number of workers, the caller being worker 0, so that in phase after phase the
// same data stays in the caches of one core; a worker without work steals.
//
// The caller does everything by itself, in one call, when n < 2·grain, when
// there is one worker (see [SetLimit]), and when the pool is busy with another
// phase, be it of another goroutine or the one this call is part of.
//
// Run allocates nothing but workers that have ended meanwhile. If t.Do panics,
// chunks not yet begun are dropped and Run panics once the others have ended:
// with the same value if that happened in the caller, with a [*Panic] if it
// happened in another worker. Run panics if grain < 1.
func Run(n, grain int, t Task) {
	if grain < 1 {
		panic(fmt.Sprintf("pool.Run: grain %d; it must be at least 1", grain))
	}
	if n < 1 {
		return
	}
	workers := 1
	if n >= 2*grain {
		workers = Workers()
	}
	if workers == 1 || !shared.taken.CompareAndSwap(false, true) {
		t.Do(0, n)
		return
	}
	shared.run(n, min(n/grain, perShare*workers), workers, t)
}

// SetLimit sets the largest number of workers, the caller of [Run] included, and
// returns what it was. There are GOMAXPROCS workers if that is fewer, or if the
// limit is zero, as it is in the beginning. An ensemble that gives each
// goroutine a lattice of its own sets it to 1. SetLimit panics if n < 0.
func SetLimit(n int) (old int) {
	if n < 0 {
		panic(fmt.Sprintf("pool.SetLimit: %d workers; use 0 for no limit", n))
	}
	return int(limit.Swap(int64(n)))
}

var (
	limit  atomic.Int64
	shared pool
)

// Workers returns the number of workers of a phase that begins now.
func Workers() int {
	n := runtime.GOMAXPROCS(0)
	if l := int(limit.Load()); l > 0 {
		n = min(n, l)
	}
	return n
}

// pool is a phase and the workers that may join it.
//
// state says in its upper half how often a phase was opened or closed, odd while
// one is open, and in its lower half how many workers are in it. A worker joins
// by a compare-and-swap of an open state; the caller closes the phase, waits for
// the lower half to fall to zero, and only then may anyone change the fields
// below it, or the first of the next phase.
type pool struct {
	taken atomic.Bool // by the caller of a phase
	_     [60]byte
	state atomic.Uint64
	_     [56]byte

	n, chunks, size int // indices, chunks and workers of the phase
	task            Task
	failure         atomic.Pointer[Panic]
	workers         []*worker // workers[0] is the caller's share
}

// opened is one step of the upper half of pool.state.
const opened = 1 << 32

// worker is a share of the chunks and, but for the caller's, a goroutine.
type worker struct {
	next   atomic.Int64 // the next chunk of this share is next·size + the worker's number
	_      [56]byte
	status atomic.Int32
	wake   chan struct{} // one token wakes a parked worker
	_      [48]byte
}

const (
	ended   int32 = iota // no goroutine
	running              // in a phase or watching for one
	parked               // waiting for a token
)

// run does a phase; the caller has taken the pool.
func (p *pool) run(n, chunks, size int, t Task) {
	for len(p.workers) < size {
		p.workers = append(p.workers, &worker{wake: make(chan struct{}, 1)})
	}
	p.n, p.chunks, p.size, p.task = n, chunks, size, t
	for _, w := range p.workers {
		w.next.Store(0)
	}
	p.state.Add(opened)
	defer p.finish() // also when t panics here
	for i, w := range p.workers[1:size] {
		// Either this sees that the worker has parked, or the worker, which looks
		// once more after it said so, sees the phase.
		switch {
		case w.status.CompareAndSwap(parked, running):
			w.wake <- struct{}{}
		case w.status.CompareAndSwap(ended, running):
			go p.serve(i+1, w)
		}
	}
	p.work(0)
}

// finish closes the phase, waits for those in it and passes a panic on.
func (p *pool) finish() {
	p.state.Add(opened)
	p.abandon() // changes nothing unless the caller has panicked
	for k := 1; uint32(p.state.Load()) != 0; k++ {
		if k%1024 == 0 {
			runtime.Gosched()
		}
	}
	p.task = nil
	failure := p.failure.Swap(nil)
	p.taken.Store(false)
	if failure != nil {
		panic(failure)
	}
}

// abandon drops all chunks that nobody has begun.
func (p *pool) abandon() {
	for _, w := range p.workers {
		w.next.Store(math.MaxInt32)
	}
}

// work does chunks until there are none left: first those of the share me, then
// those of the others.
func (p *pool) work(me int) {
	for k := range p.size {
		share := (me + k) % p.size
		next := &p.workers[share].next
		for {
			chunk := int(next.Add(1)-1)*p.size + share
			if chunk >= p.chunks {
				break
			}
			p.task.Do(chunk*p.n/p.chunks, (chunk+1)*p.n/p.chunks)
		}
	}
}

// serve is the life of worker number me.
func (p *pool) serve(me int, w *worker) {
	timer := time.NewTimer(linger)
	defer timer.Stop()
	for last := uint32(0); ; {
		if p.watch(&last) {
			p.help(me, w)
			continue
		}
		w.status.Store(parked)
		if open(p.state.Load(), last) {
			if w.status.CompareAndSwap(parked, running) {
				continue
			}
			<-w.wake // a caller was quicker
			continue
		}
		timer.Reset(linger)
		select {
		case <-w.wake:
		case <-timer.C:
			if w.status.CompareAndSwap(parked, ended) {
				return
			}
			<-w.wake
		}
	}
}

// open tells whether state is that of an open phase other than the last one.
func open(state uint64, last uint32) bool {
	phase := uint32(state >> 32)
	return phase&1 == 1 && phase != last
}

// watch joins the next phase and notes it in last, or returns false if none came
// for a while.
func (p *pool) watch(last *uint32) bool {
	start := time.Now()
	for k := 1; ; k++ {
		if s := p.state.Load(); open(s, *last) && p.state.CompareAndSwap(s, s+1) {
			*last = uint32(s >> 32)
			return true
		}
		if k%1024 == 0 {
			if time.Since(start) > spin {
				return false
			}
			runtime.Gosched() // others may need the thread more
		}
	}
}

// help takes part in the phase that the worker has joined, then leaves it.
func (p *pool) help(me int, w *worker) {
	done := false
	defer func() {
		if !done {
			failure := &Panic{Value: recover(), Stack: debug.Stack()}
			if failure.Value == nil { // runtime.Goexit: the goroutine cannot be kept
				failure.Value = "the task has ended the goroutine of a worker"
				w.status.Store(ended)
			}
			p.failure.CompareAndSwap(nil, failure)
			p.abandon()
		}
		p.state.Add(^uint64(0))
	}()
	if me < p.size {
		p.work(me)
	}
	done = true
}
