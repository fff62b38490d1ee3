package pool

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// counts notes how often each index was done and the ranges it came in.
type counts struct {
	times  []atomic.Int32
	mu     sync.Mutex
	ranges [][2]int
}

func (c *counts) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		c.times[i].Add(1)
	}
	c.mu.Lock()
	c.ranges = append(c.ranges, [2]int{lo, hi})
	c.mu.Unlock()
}

// check fails unless every index was done once in ranges of at least grain.
func (c *counts) check(t interface{ Fatalf(string, ...any) }, grain int) {
	for i := range c.times {
		if k := c.times[i].Load(); k != 1 {
			t.Fatalf("index %d of %d was done %d times", i, len(c.times), k)
		}
	}
	for _, r := range c.ranges {
		if r[1]-r[0] < min(grain, len(c.times)) {
			t.Fatalf("range %v is shorter than the grain %d", r, grain)
		}
	}
}

// threads sets GOMAXPROCS for the time of a test.
func threads(t testing.TB, n int) {
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

func TestEveryIndexOnce(t *testing.T) {
	for _, n := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(n, "workers"), func(t *testing.T) {
			threads(t, n)
			rapid.Check(t, func(t *rapid.T) {
				grain := rapid.IntRange(1, 50).Draw(t, "grain")
				c := &counts{times: make([]atomic.Int32, rapid.IntRange(0, 2000).Draw(t, "n"))}
				Run(len(c.times), grain, c)
				c.check(t, grain)
				if most := perShare * n; len(c.ranges) > most {
					t.Fatalf("%d chunks for %d workers; at most %d", len(c.ranges), n, most)
				}
			})
		})
	}
}

// meeting is done when two chunks run at the same time.
type meeting struct{ here atomic.Int32 }

func (m *meeting) Do(lo, hi int) {
	m.here.Add(int32(hi - lo))
	for start := time.Now(); m.here.Load() < 2; runtime.Gosched() {
		if time.Since(start) > 10*time.Second {
			panic("nobody came")
		}
	}
}

func TestRunsInParallel(t *testing.T) {
	threads(t, 2)
	for range 20 {
		Run(2, 1, &meeting{})
		time.Sleep(time.Millisecond) // let the worker park
	}
}

// apart notes the goroutines that took part.
type apart struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (a *apart) Do(lo, hi int) {
	name := goroutine()
	a.mu.Lock()
	a.seen[name] = true
	a.mu.Unlock()
	time.Sleep(100 * time.Microsecond)
}

func TestSetLimit(t *testing.T) {
	threads(t, 8)
	defer SetLimit(SetLimit(0))
	for _, n := range []int{1, 3} {
		if old := SetLimit(n); SetLimit(n) != n || old < 0 {
			t.Fatalf("SetLimit(%d) is not remembered", n)
		}
		for range 20 {
			a := &apart{seen: map[string]bool{}}
			Run(64, 1, a)
			if len(a.seen) > n {
				t.Fatalf("%d goroutines worked; the limit is %d", len(a.seen), n)
			}
		}
	}
}

// nested runs a phase inside each chunk of a phase.
type nested struct{ inner []counts }

func (x *nested) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		Run(len(x.inner[i].times), 1, &x.inner[i])
	}
}

func TestNestedRunIsSerial(t *testing.T) {
	threads(t, 8)
	x := &nested{inner: make([]counts, 40)}
	for i := range x.inner {
		x.inner[i].times = make([]atomic.Int32, 10)
	}
	Run(len(x.inner), 1, x)
	for i := range x.inner {
		x.inner[i].check(t, 10) // one call for all of them
	}
}

func TestConcurrentCallers(t *testing.T) {
	threads(t, 8)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for k := range 300 {
				c := &counts{times: make([]atomic.Int32, 100+k)}
				Run(len(c.times), 3, c)
				c.check(t, 3)
			}
		})
	}
	all.Wait()
}

// The number of workers may change from phase to phase.
func TestChangingWorkers(t *testing.T) {
	threads(t, 8)
	for k := range 2000 {
		if k%100 == 0 {
			runtime.GOMAXPROCS(1 + k/100%8)
		}
		c := &counts{times: make([]atomic.Int32, 64)}
		Run(len(c.times), 1, c)
		c.check(t, 1)
	}
}

// bomb panics in the first chunk of the caller, or in the first of each worker,
// once both are at work.
type bomb struct {
	caller  string
	onOther bool
	others  atomic.Int32 // chunks that workers have begun
	blown   atomic.Bool
	done    atomic.Int32
}

// goroutine names the goroutine that calls it.
func goroutine() string {
	buf := make([]byte, 64)
	name, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "[")
	return name
}

var errBomb = errors.New("bomb")

func (b *bomb) Do(lo, hi int) {
	other := goroutine() != b.caller
	if other {
		b.others.Add(1)
	}
	for b.others.Load() == 0 {
		runtime.Gosched()
	}
	if other == b.onOther {
		b.blown.Store(true)
		panic(errBomb)
	}
	for !b.blown.Load() {
		runtime.Gosched()
	}
	time.Sleep(5 * time.Millisecond) // so that the rest can be dropped meanwhile
	b.done.Add(1)
}

func TestPanicReachesTheCaller(t *testing.T) {
	threads(t, 4)
	for k := range 20 {
		b := &bomb{caller: goroutine(), onOther: k%2 == 0}
		func() {
			defer func() {
				switch v := recover().(type) {
				case *Panic:
					if !b.onOther || v.Value != errBomb || !strings.Contains(v.Error(), "(*bomb).Do") {
						t.Fatalf("unexpected panic of a worker: %v", v)
					}
				case error:
					if b.onOther || v != errBomb {
						t.Fatalf("unexpected panic of the caller: %v", v)
					}
				default:
					t.Fatalf("no panic, but %v", v)
				}
			}()
			Run(32, 1, b)
		}()
		if n := b.done.Load(); n > 24 {
			t.Fatalf("%d of 31 chunks were done after the panic", n)
		}
		c := &counts{times: make([]atomic.Int32, 100)} // the pool still works
		Run(len(c.times), 1, c)
		c.check(t, 1)
	}
}

// quitter ends the goroutines of workers.
type quitter struct {
	caller string
	gone   atomic.Bool
}

func (q *quitter) Do(lo, hi int) {
	if goroutine() != q.caller {
		q.gone.Store(true)
		runtime.Goexit()
	}
	for !q.gone.Load() {
		runtime.Gosched()
	}
}

func TestGoexitIsAPanic(t *testing.T) {
	threads(t, 2)
	for range 3 {
		func() {
			defer func() {
				if p, ok := recover().(*Panic); !ok || !strings.Contains(p.Error(), "ended the goroutine") {
					t.Fatalf("got %v", p)
				}
			}()
			Run(16, 1, &quitter{caller: goroutine()})
		}()
	}
	Run(2, 1, &meeting{}) // a new worker has come
}

func TestProgrammersErrors(t *testing.T) {
	for name, f := range map[string]func(){
		"grain 0":    func() { Run(10, 0, &counts{}) },
		"-1 workers": func() { SetLimit(-1) },
	} {
		func() {
			defer func() {
				if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), name) {
					t.Errorf("%s: got %v", name, v)
				}
			}()
			f()
		}()
	}
}

func TestWorkersEnd(t *testing.T) {
	threads(t, 4)
	Run(2, 1, &meeting{})
	alive := func() int {
		buf := make([]byte, 1<<20)
		return strings.Count(string(buf[:runtime.Stack(buf, true)]), ".serve(")
	}
	if alive() == 0 {
		t.Fatal("the workers are gone at once")
	}
	time.Sleep(linger + 500*time.Millisecond)
	if n := alive(); n != 0 {
		t.Fatalf("%d workers live on", n)
	}
	Run(2, 1, &meeting{})
}

// axpy is a phase as the library has them.
type axpy struct{ x, y []float64 }

func (a *axpy) Do(lo, hi int) {
	x, y := a.x[lo:hi], a.y[lo:hi]
	for i := range y {
		y[i] += float64(0.5 * x[i])
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	threads(t, 4)
	a := &axpy{make([]float64, 4096), make([]float64, 4096)}
	Run(len(a.y), 16, a)
	if n := testing.AllocsPerRun(200, func() { Run(len(a.y), 16, a) }); n != 0 {
		t.Fatalf("%v allocations a phase", n)
	}
}

// The time of a phase of about 1, 10 and 100 µs a worker, and without the pool.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{8 << 10, 64 << 10, 512 << 10} {
		a := &axpy{make([]float64, n), make([]float64, n)}
		b.Run(fmt.Sprintf("serial/%d", n), func(b *testing.B) {
			for b.Loop() {
				a.Do(0, n)
			}
		})
		b.Run(fmt.Sprintf("pool/%d", n), func(b *testing.B) {
			for b.Loop() {
				Run(n, 1024, a)
			}
		})
	}
}
