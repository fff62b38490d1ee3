package planck

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/network"
)

func training(t testing.TB, hidden int, gamma float64, batch int, sampling learning.Sampling) *learning.Training {
	t.Helper()
	n, err := learning.New(learning.FeedForward(network.Tanh(), network.Identity(), 64, hidden, 10))
	if err != nil {
		t.Fatal(err)
	}
	tr := &learning.Training{Network: n, Data: learning.Digits(), Batch: batch, Sampling: sampling, Descent: learning.SGD(gamma), Seed: 1}
	if err := tr.Start(); err != nil {
		t.Fatal(err)
	}
	return tr
}

// The promise: ħ ∝ √(γ/n_b) at fixed μ and q to 2 %, over a decade of both. The
// constant is not fitted: it is that of trΣ, measured sample by sample.
func TestScaling(t *testing.T) {
	const mu = 3
	tr := training(t, 8, 0.05, 20, learning.WithReplacement)
	for range 100 {
		tr.Step()
	}
	sigma, g, mean := 0.0, make([]float64, tr.Network.Size()), make([]float64, tr.Network.Size())
	tr.Network.Gradient(mean, tr.Variables, tr.Data)
	for s := range tr.Data.Samples() {
		tr.Network.Gradient(g, tr.Variables, tr.Data.Pick([]int{s}))
		for k := range g {
			sigma += (g[k] - mean[k]) * (g[k] - mean[k]) / float64(tr.Data.Samples()*len(g))
		}
	}
	for i, gamma := range []float64{0.01, 0.03, 0.1} {
		for j, batch := range []int{5, 16, 50} {
			tr.Batch, tr.Seed = batch, uint64(100+10*i+j)
			tr.Descent.SetRate(gamma)
			h, err := Measure(tr, mu, 1200)
			if err != nil {
				t.Fatal(err)
			}
			want := math.Sqrt(2 * gamma * sigma / (mu * float64(batch)))
			if math.Abs(h.Value/want-1) > 0.02 || math.Abs(h.Value-want) > 4.5*h.Error || h.Error > 0.02*want {
				t.Errorf("γ = %v, n_b = %d: ħ = %v, want %.6g", gamma, batch, h, want)
			}
		}
	}
}

// Two batches are few, but their ħ² is right on average.
func TestFewBatchesAreUnbiased(t *testing.T) {
	tr := training(t, 8, 0.05, 20, learning.WithReplacement)
	many, err := Measure(tr, 3, 2000)
	if err != nil {
		t.Fatal(err)
	}
	const pairs = 1000
	mean := 0.0
	for s := range pairs {
		tr.Seed = uint64(s)
		h, err := Measure(tr, 3, 2)
		if err != nil {
			t.Fatal(err)
		}
		mean += h.Value * h.Value / pairs
	}
	if want := many.Value * many.Value; math.Abs(mean/want-1) > 0.1 {
		t.Errorf("ħ² = %v from pairs of batches, %v from 2000", mean, want)
	}
}

// Written before the first run: a controlled ħ, as other batches see it, stays within 10 % of
// the one to keep at every record, while without a controller it falls to less than half;
// and the network learns.
func TestControllerKeepsHbar(t *testing.T) {
	const records = 25
	c := Controller{Hbar: 0.006, Mu: 3, Rates: [2]float64{0.001, 0.1}, Batches: [2]int{1, 200}, Group: 1, Probes: 150, Every: 60}
	run := func(c Controller, gamma float64, batch int) []Record {
		r, err := c.Run(context.Background(), training(t, 16, gamma, batch, learning.WithoutReplacement), records, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	free := c
	free.Rates, free.Batches = [2]float64{0.05, 0.05}, [2]int{20, 20}
	without := run(free, 0.05, 20)
	with := run(c, 0.05, 20)
	for i, r := range with {
		if i%6 == 0 {
			t.Logf("step %4d: ħ found %v, made %v, γ = %.4f, n_b = %d, loss %.4f; uncontrolled ħ = %v, loss %.4f", r.Step, r.Found, r.Hbar, r.Rate, r.Batch, r.Loss, without[i].Hbar, without[i].Loss)
		}
		if math.Abs(r.Hbar.Value/c.Hbar-1) > 0.1 {
			t.Errorf("step %d: ħ = %v, want %v", r.Step, r.Hbar, c.Hbar)
		}
	}
	if first, last := without[0].Hbar.Value, without[records-1].Hbar.Value; last > first/2 {
		t.Errorf("control: without a controller ħ goes from %v to %v", first, last)
	}
	if last := with[records-1]; last.Loss > with[1].Loss/2 {
		t.Errorf("the controlled network did not learn: loss %v → %v", with[1].Loss, last.Loss)
	}
}

// With rate and batch fixed, neurons leave while ħ is too small.
func TestNeuronsLeaveToRaiseHbar(t *testing.T) {
	c := Controller{Hbar: 0.05, Mu: 3, Rates: [2]float64{0.05, 0.05}, Batches: [2]int{20, 20}, Group: 1, Neurons: [2]int{4, 40}, Probes: 100, Every: 60}
	fixed := c
	fixed.Neurons = [2]int{}
	run := func(c Controller) []Record {
		r, err := c.Run(context.Background(), training(t, 32, 0.05, 20, learning.WithReplacement), 20, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	with, without := run(c), run(fixed)
	last, other := with[19], without[19]
	t.Logf("%d neurons: ħ = %v, loss %.4f; %d neurons: ħ = %v, loss %.4f", last.Neurons, last.Hbar, last.Loss, other.Neurons, other.Hbar, other.Loss)
	if last.Neurons != 4 || other.Neurons != 32 || last.Hbar.Value < 1.2*other.Hbar.Value {
		t.Errorf("%d neurons make ħ = %v, %d make %v", last.Neurons, last.Hbar, other.Neurons, other.Hbar)
	}
	// They come while it is too large.
	c.Hbar = 1e-4
	if up := run(c); up[19].Neurons != 40 {
		t.Errorf("%d neurons, want 40", up[19].Neurons)
	}
}

func TestNoNoiseHasNoHbar(t *testing.T) {
	tr := training(t, 4, 0.1, 1, learning.WithoutReplacement)
	tr.Data = tr.Data.Pick([]int{0})
	if h, err := Measure(tr, 1, 5); err != nil || h.Value > 1e-15 {
		t.Errorf("ħ = %v, %v with a single sample", h, err)
	}
}

func TestBadInput(t *testing.T) {
	tr := training(t, 4, 0.1, 10, learning.Shuffled)
	good := Controller{Hbar: 1, Mu: 1, Rates: [2]float64{0.1, 1}, Batches: [2]int{1, 9}, Group: 1, Probes: 2, Every: 1}
	for want, change := range map[string]func(c *Controller){
		"Hbar 0":             func(c *Controller) { c.Hbar = 0 },
		"μ = -1":             func(c *Controller) { c.Mu = -1 },
		"from 1 batches":     func(c *Controller) { c.Probes = 1 },
		"Rates [1 0.1]":      func(c *Controller) { c.Rates = [2]float64{1, 0.1} },
		"Batches [0 9]":      func(c *Controller) { c.Batches[0] = 0 },
		"Batches [1 1797]":   func(c *Controller) { c.Batches[1] = 1797 },
		"Group 3":            func(c *Controller) { c.Group = 3 },
		"Neurons [3 2]":      func(c *Controller) { c.Neurons = [2]int{3, 2} },
		"Neurons [1 2] of g": func(c *Controller) { c.Group, c.Neurons = 2, [2]int{1, 2} },
		"Every 0":            func(c *Controller) { c.Every = 0 },
	} {
		c := good
		change(&c)
		if _, err := c.Run(context.Background(), tr, 1, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := good.Run(ctx, tr, 5, nil); err == nil || len(r) != 1 {
		t.Errorf("%d records and error %v of a cancelled run", len(r), err)
	}
}
