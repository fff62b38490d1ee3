package main

import (
	"context"
	"sync"
	"time"
)

// A gate opens when the machine is free.
//
// Processors are lent on shared machines: from one second to the next a thread gets a
// whole core, half of one, or a core part of the time. The gate knows the most that
// its calibrator has ever got done in a moment, alone and in all threads at once,
// and takes the machine for free while it gets nearly as much.
type gate struct {
	threads int
	free    [2]float64                           // the most work per second: of one thread, of all together
	measure func(threads int) (speed float64)    // the calibrator
	sleep   func(context.Context, time.Duration) // between two looks
}

// nearly is the part of the best that a free machine reaches every time.
const nearly = 0.85

// newGate returns a gate for a number of threads that has looked at the machine for
// the given time.
func newGate(ctx context.Context, threads int, look time.Duration) *gate {
	g := &gate{threads: threads, measure: calibrate, sleep: sleep}
	for end := time.Now().Add(look); time.Now().Before(end) && ctx.Err() == nil; {
		g.quiet()
	}
	return g
}

// quiet tells whether the machine is free now. It takes 10 ms.
func (g *gate) quiet() bool {
	quiet := true
	for i, threads := range [2]int{1, g.threads} {
		v := g.measure(threads)
		g.free[i] = max(g.free[i], v)
		quiet = quiet && v >= nearly*g.free[i]
	}
	return quiet
}

// wait waits until the machine is free, at most as long as limit. It returns whether
// it is and what is left of the limit.
func (g *gate) wait(ctx context.Context, limit time.Duration) (quiet bool, left time.Duration) {
	begin := time.Now()
	for !g.quiet() {
		if time.Since(begin) >= limit || ctx.Err() != nil {
			return false, max(0, limit-time.Since(begin))
		}
		g.sleep(ctx, 20*time.Millisecond)
	}
	return true, max(0, limit-time.Since(begin))
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// calibrate returns the work that a number of threads do in 5 ms together, per second.
func calibrate(threads int) float64 {
	var wg sync.WaitGroup
	done := make([]int, threads)
	for i := range done {
		wg.Go(func() { done[i] = spin(5 * time.Millisecond) })
	}
	wg.Wait()
	sum := 0
	for _, n := range done {
		sum += n
	}
	return float64(sum) / 0.005
}

// spin does floating-point work for a time and returns how much it was. Eight sums that
// do not wait for each other fill the units of a core, so that a second thread on the
// same core is felt.
func spin(d time.Duration) (rounds int) {
	var s [8]float64
	for end := time.Now().Add(d); time.Now().Before(end); rounds++ {
		a, b, c, d, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
		for range 2000 {
			a, b, c, d, e, f, g, h = a+1, b+2, c+3, d+4, e+5, f+6, g+7, h+8
		}
		s = [8]float64{a, b, c, d, e, f, g, h}
	}
	return rounds
}
