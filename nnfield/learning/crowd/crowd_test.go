package crowd_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/learning/crowd"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// Learners in a well obey the Ornstein-Uhlenbeck process: mean 2e^{−kt}, variance
// (D/k)(1 − e^{−2kt}), up to the first order in the step.
func TestOrnsteinUhlenbeck(t *testing.T) {
	const n, k, d, h = 40_000, 1.5, 0.4, 0.002
	r, err := crowd.Learners(n).Drift("q", "-k*q", crowd.Params{"k": k}).Start("q", "2").Diffusion(d).Step(h).Seed(5).
		Until(1).Frames(simulate.Count(2)).Observe(observe.Moments(), simulate.Count(5)).Observe(observe.Histogram("q", -3, 5, 80), simulate.Count(2)).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	moments, err := r.Observable("moments")
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range moments.Times[1:] {
		mean, variance := moments.At(i + 1)[0], moments.At(i + 1)[1]
		wantMean, want := 2*math.Exp(-k*at), d/k*(1-math.Exp(-2*k*at))
		if far := math.Abs(mean-wantMean) / math.Sqrt(want/n); far > 5+2*k*h*math.Sqrt(n) {
			t.Errorf("t = %v: mean %v, want %v: %v standard errors", at, mean, wantMean, far)
		}
		if far := math.Abs(variance/want-1) / math.Sqrt(2./n); far > 5+2*k*h*math.Sqrt(n/2) {
			t.Errorf("t = %v: variance %v, want %v: %v standard errors", at, variance, want, far)
		}
	}
	p, err := r.Observable("histogram of q")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range p.At(1) {
		sum += v * 0.1
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("the histogram adds up to %v", sum)
	}
}

func TestGoroutines(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []float64
	for _, workers := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(workers)
		r, err := crowd.Learners(5000).Drift("q", "-q*q*q").Start("q", "z").Diffusion(0.1).Steps(30).Frames(simulate.Count(3)).Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r.Last.Arrays[0]
		} else if !slices.Equal(first, r.Last.Arrays[0]) {
			t.Errorf("other bits on %d goroutines", workers)
		}
	}
}

func TestBadInput(t *testing.T) {
	good := crowd.Learners(10).Drift("q", "-q")
	for want, b := range map[string]crowd.Builder{
		"Learners: 1 learners":                          crowd.Learners(1).Drift("q", "-q"),
		"Learners: 0 variables; give from 1":            crowd.Learners(5),
		"Diffusion(-1)":                                 good.Diffusion(-1),
		"Step(0)":                                       good.Step(0),
		`Drift("q", "-p")`:                              good.Drift("q", "-p"),
		`Start("q", "log(0-u)"): it is not a number`:    good.Start("q", "log(0-u)"),
		"the parameter k is 1 and 2; give it one value": good.Drift("q", "-k*q", crowd.Params{"k": 1}).Start("q", "k", crowd.Params{"k": 2}),
	} {
		if err := b.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	_, err := good.Until(1).Observe(observe.Histogram("p", 0, 1, 5), simulate.Count(2)).Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "no such variable; the learners have q") {
		t.Error(err)
	}
}

// Learners that run away are a divergence that is said, not a number.
func TestDivergence(t *testing.T) {
	_, err := crowd.Learners(10).Drift("q", "q*q*q").Start("q", "3").Until(10).Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "diverged") {
		t.Error(err)
	}
}

// A double well: learners cross the barrier.
func Example() {
	well := crowd.Learners(20_000).Drift("q", "q - q*q*q").Start("q", "-1").Diffusion(0.3).Step(0.01)
	run, err := well.Until(10).Frames(simulate.Count(2)).Observe(observe.Moments(), simulate.Count(3)).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	moments, err := run.Observable("moments")
	fmt.Printf("mean %.0f at first, %.1f in the end, %v\n", moments.At(0)[0], moments.At(2)[0], err)
	// Output:
	// mean -1 at first, -0.1 in the end, <nil>
}
