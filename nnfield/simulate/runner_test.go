package simulate_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// ring is a field on a ring of n sites, displaced at one of them.
func ring(t testing.TB, n int, v theory.Potential) theory.Model {
	l, err := lattice.New(lattice.Ring(n, float64(n)/4))
	if err != nil {
		t.Fatal(err)
	}
	phi := make([]float64, n)
	phi[n/3] = 1
	m, err := theory.KleinGordon{Lattice: l, Mass: 1, Potential: v, Initial: []theory.Initial{theory.Values(phi, make([]float64, n))}}.Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// An instability that takes thousands of steps, during which nobody looks at the
// whole field, is traced to its step.
func TestLateDivergence(t *testing.T) {
	u := make([]float64, 64)
	for i := range u {
		u[i] = -2 // with m = 1 the mass² is −1
	}
	m := ring(t, len(u), theory.SitePotential(u))
	r, err := simulate.New(m, 2000).Step(0.0625).Frames(simulate.Count(2)).Run(t.Context())
	var diverged *simulate.DivergedError
	if !errors.As(err, &diverged) {
		t.Fatalf("error %v, want a divergence", err)
	}
	if r.Stop.Step < 4000 {
		t.Fatalf("it diverged at step %d, too early to test anything", r.Stop.Step)
	}
	finite := func(n int) bool {
		s, err := simulate.Propagate(m, r.Integrator, r.Step, n, m.Initial())
		if err != nil {
			t.Fatal(err)
		}
		largest := 0.0
		for _, x := range s.Arrays[0] {
			largest = math.Max(largest, math.Abs(x))
		}
		return largest <= 1e150
	}
	if !finite(r.Stop.Step) || finite(r.Stop.Step+2) {
		t.Errorf("step %d is not the last good one", r.Stop.Step)
	}
	if r.Last.Step != r.Stop.Step || !slices.ContainsFunc(r.Last.Arrays[0], func(x float64) bool { return math.Abs(x) > 1e140 }) {
		t.Errorf("the last state, of step %d, is not the one before the divergence", r.Last.Step)
	}
}

// Runs leave no goroutine behind, be they finished or cancelled.
func TestNoGoroutineLeft(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	before := runtime.NumGoroutine()
	m := ring(t, 1<<17, theory.Potential{})
	if _, err := simulate.New(m, 2).Step(0.0625).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := simulate.New(m, 1e6).Step(0.0625).Frames(simulate.Count(2)).Run(ctx, simulate.OnProgress(0, func(p simulate.Progress) {
		if p.Step > 100 {
			cancel()
		}
	})); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(50 * time.Millisecond) {
		if time.Since(start) > 5*time.Second { // workers of the pool linger for one
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

// A cancelled run stops within 50 ms, and its last state is that of the step it names.
// Whatever else the machine does only adds to the time, so the best of some
// cancellations counts; each comes early in a block of steps.
func TestCancelIsPrompt(t *testing.T) {
	const want, attempts = 50 * time.Millisecond, 20
	m := ring(t, 1<<18, theory.Potential{})
	best := time.Hour
	for k := 0; k < attempts && best > want; k++ {
		r, late := cancelled(t, m)
		best = min(best, late)
		if k > 0 {
			continue
		}
		state, err := simulate.Propagate(m, r.Integrator, r.Step, r.Stop.Step, m.Initial())
		if err != nil || r.Stop.Step < 1 || !slices.Equal(state.Arrays[0], r.Last.Arrays[0]) || !slices.Equal(state.Arrays[1], r.Last.Arrays[1]) {
			t.Errorf("the last state is not that of step %d (%v)", r.Stop.Step, err)
		}
	}
	if best > want {
		t.Errorf("it took %v to stop, want at most %v", best, want)
	}
}

// cancelled runs a model and cancels it soon after a block has begun, when blocks have
// grown to their size. It returns the run and how long it took to stop.
func cancelled(t *testing.T, m theory.Model) (*simulate.Run, time.Duration) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var at time.Time
	r, err := simulate.New(m, 1e6).Step(0.0625).Frames(simulate.Count(2)).Run(ctx, simulate.OnProgress(0, func(p simulate.Progress) {
		if at.IsZero() && p.Elapsed > 100*time.Millisecond {
			at = time.Now()
			time.AfterFunc(time.Millisecond, cancel)
		}
	}))
	late := time.Since(at)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return r, late
}
