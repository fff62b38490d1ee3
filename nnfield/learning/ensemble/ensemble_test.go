package ensemble

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// well is the drift −k q of every variable.
func well(k float64) Drift {
	return func(v [][]float64, b Block) {
		for j, q := range b.Q {
			for i, x := range q {
				v[j][i] = -float64(k * x)
			}
		}
	}
}

func all(n int, x float64) []float64 { return slices.Repeat([]float64{x}, n) }

func mustNew(t testing.TB, c Config) *Ensemble {
	t.Helper()
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func advance(t testing.TB, e *Ensemble, steps int) {
	t.Helper()
	if err := e.Advance(context.Background(), steps, nil); err != nil {
		t.Fatal(err)
	}
}

// Three million numbers in the order in which an ensemble uses them, against the
// normal distribution: Kolmogorov at 99.9 %, moments and the tail beyond the
// ziggurat at five standard errors, and no correlation along any direction.
func TestNoiseIsNormalAndWhite(t *testing.T) {
	const learners, steps, n = 30_000, 100, 3_000_000
	const ziggurat = 4.038849846109505 // where its tail begins
	e := mustNew(t, Config{Start: [][]float64{all(learners, 0)}, Drift: well(1), Diffusion: 0.5, Step: 1, Seed: 3})
	numbers := make([]float64, 0, n) // with k = h = 2D = 1 the variable is the last number
	var m [9]float64
	var tails, neighbour, later float64
	before := make([]float64, learners)
	for range steps {
		advance(t, e, 1)
		q := e.Variable(0)
		for i, x := range q {
			p := 1.0
			for j := range m {
				m[j] += p / n
				p *= x
			}
			if math.Abs(x) > ziggurat {
				tails++
			}
			neighbour += x * q[(i+1)%learners]
			later += x * before[i]
		}
		copy(before, q)
		numbers = append(numbers, q...)
	}
	for j, want := range map[int]float64{1: 0, 2: 1, 3: 0, 4: 3, 6: 15, 8: 105} {
		variance := map[int]float64{1: 1, 2: 2, 3: 15, 4: 96, 6: 10170, 8: 2016000}[j]
		if math.Abs(m[j]-want) > 5*math.Sqrt(variance/n) {
			t.Errorf("moment %d is %v, want %v", j, m[j], want)
		}
	}
	expected := n * math.Erfc(ziggurat/math.Sqrt2)
	if math.Abs(tails-expected) > 5*math.Sqrt(expected) {
		t.Errorf("%v numbers in the tail, want %.0f", tails, expected)
	}
	for name, sum := range map[string]float64{"neighbours": neighbour, "steps": later} {
		if math.Abs(sum) > 5*math.Sqrt(n) {
			t.Errorf("%s are correlated: %v", name, sum/n)
		}
	}
	all := mustNew(t, Config{Start: [][]float64{numbers}, Drift: well(0), Step: 1})
	if d := all.Kolmogorov(0, func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }); d > 1.95/math.Sqrt(n) {
		t.Errorf("Kolmogorov distance %v, above %v", d, 1.95/math.Sqrt(n))
	}
}

// In a well the discrete Fokker-Planck equation is exact: the mean falls as
// (1 − kh)^n and the variance goes to D/(k(1 − kh/2)). The two variables have
// noise of their own.
func TestWell(t *testing.T) {
	const learners, k, h, d = 100_000, 1.5, 0.4, 0.3
	e := mustNew(t, Config{Start: [][]float64{all(learners, 2), all(learners, -1)}, Drift: well(k), Diffusion: d, Step: h, Seed: 1})
	for _, steps := range []int{1, 2, 3, 40} {
		advance(t, e, steps)
		fall := math.Pow(1-k*h, float64(e.Step()))
		variance := d / (k * (1 - k*h/2)) * (1 - fall*fall)
		for j, start := range []float64{2, -1} {
			if m := e.Mean(j); math.Abs(m.Value-start*fall) > 5*m.Error {
				t.Errorf("step %d: mean of variable %d is %v, want %v", e.Step(), j, m, start*fall)
			}
			if v := e.Variance(j); math.Abs(v.Value-variance) > 5*v.Error {
				t.Errorf("step %d: variance of variable %d is %v, want %v", e.Step(), j, v, variance)
			}
		}
	}
	q := e.Variable(1)
	together := 0.0
	for i, x := range e.Variable(0) {
		together += x * q[i] / learners
	}
	if limit := 5 * e.Variance(0).Value / math.Sqrt(learners); math.Abs(together) > limit {
		t.Errorf("the variables are correlated: %v, above %v", together, limit)
	}
	// The control: without the factor of the step the variance is 43 % off.
	if v := e.Variance(0); math.Abs(v.Value-d/k) < 50*v.Error {
		t.Errorf("variance %v cannot tell D/k from D/(k(1−kh/2))", v)
	}
}

// A learner's path is its own: whatever the number of goroutines, the grouping
// of the steps and the number of learners.
func TestPathsDependOnSeedLearnerAndStepOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1500).Draw(t, "learners")
		more := rapid.IntRange(0, 900).Draw(t, "more")
		cut := rapid.IntRange(0, 20).Draw(t, "cut")
		seed := rapid.Uint64().Draw(t, "seed")
		run := func(n, threads int, seed uint64, parts ...int) []float64 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
			e, err := New(Config{Start: [][]float64{all(n, 1)}, Drift: well(0.1), Diffusion: 0.2, Step: 0.5, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range parts {
				if err := e.Advance(context.Background(), p, nil); err != nil {
					t.Fatal(err)
				}
			}
			return e.Variable(0)
		}
		a := run(n, 1, seed, 20)
		for _, threads := range []int{2, 8} {
			if b := run(n+more, threads, seed, cut, 20-cut); !slices.Equal(a, b[:n]) {
				t.Errorf("other paths with more learners and %d threads", threads)
			}
		}
		if b := run(n, 1, seed+1, 20); slices.Equal(a, b) {
			t.Error("the seed does not matter")
		}
	})
}

// Changed bits fail here.
func TestGolden(t *testing.T) {
	e := mustNew(t, Config{Start: [][]float64{all(1000, 0)}, Drift: well(0), Diffusion: 0.5, Step: 1, Seed: 42})
	advance(t, e, 1000)
	hash := fnv.New64a()
	for _, x := range e.Variable(0) {
		if err := binary.Write(hash, binary.LittleEndian, x); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := hash.Sum64(), uint64(0x79071220d81cd834); got != want {
		t.Errorf("bits %#x, want %#x", got, want)
	}
}

func TestHistogram(t *testing.T) {
	e := mustNew(t, Config{Start: [][]float64{{0, 0.5, 0.99, 1, -0.01, 2.5}, {0, 0, 1, 1, 0, 0}}, Drift: well(0), Step: 1})
	h, err := e.Histogram(Axis{0, 0, 2, 4})
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 2, 1, 0}; !slices.Equal(h.Counts, want) || h.Outside != 2 {
		t.Errorf("counts %v with %d outside, want %v with 2", h.Counts, h.Outside, want)
	}
	if d := h.Density(1); math.Abs(d.Value-2./6/0.5) > 1e-15 || math.Abs(d.Error-math.Sqrt(1./3*2/3/6)/0.5) > 1e-15 {
		t.Errorf("density %v", d)
	}
	if d := h.Density(3); d.Value != 0 || d.Error == 0 {
		t.Errorf("density of an empty bin %v: it has an error too", d)
	}
	h, err = e.Histogram(Axis{0, 0, 2, 2}, Axis{1, -0.5, 1.5, 2})
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{2, 1, 0, 1}; !slices.Equal(h.Counts, want) || h.Outside != 2 || h.Axes[1].Centre(1) != 1 {
		t.Errorf("counts %v with %d outside, want %v with 2", h.Counts, h.Outside, want)
	}
}

func TestKolmogorovOfATooWideDistribution(t *testing.T) {
	e := mustNew(t, Config{Start: [][]float64{{0.4, 0.1, 0.3, 0.2}}, Drift: well(0), Step: 1})
	if d := e.Kolmogorov(0, func(x float64) float64 { return min(max(x, 0), 1) }); math.Abs(d-0.6) > 1e-15 {
		t.Errorf("distance %v, want 0.6", d)
	}
}

func TestCancelledEnsembleHasCompletedItsStep(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	e := mustNew(t, Config{Start: [][]float64{all(1000, 0)}, Drift: func(v [][]float64, b Block) {
		for i := range v[0] {
			v[0][i] = 1
		}
	}, Step: 1})
	err := e.Advance(ctx, 1<<40, func(done, of int) {
		if done > 100 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || e.Step() < 100 {
		t.Fatalf("stopped at step %d with %v", e.Step(), err)
	}
	for _, x := range e.Variable(0) {
		if x != float64(e.Step()) {
			t.Fatalf("a learner did %v of %d steps", x, e.Step())
		}
	}
}

func TestBadInput(t *testing.T) {
	good := Config{Start: [][]float64{{1, 2}}, Drift: well(1), Diffusion: 1, Step: 0.1}
	for want, change := range map[string]func(c *Config){
		"Start is empty":                 func(c *Config) { c.Start = nil },
		"Start[1] has 1 learners":        func(c *Config) { c.Start = [][]float64{{1, 2}, {1}} },
		"Start[0][1] is NaN":             func(c *Config) { c.Start = [][]float64{{1, math.NaN()}} },
		"no Drift":                       func(c *Config) { c.Drift = nil },
		"Diffusion is -1":                func(c *Config) { c.Diffusion = -1 },
		"Step is 0":                      func(c *Config) { c.Step = 0 },
		"Step is +Inf":                   func(c *Config) { c.Step = math.Inf(1) },
		"Diffusion is NaN; it must be f": func(c *Config) { c.Diffusion = math.NaN() },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	e := mustNew(t, good)
	if err := e.Advance(context.Background(), -1, nil); err == nil {
		t.Error("Advance(-1) did not fail")
	}
	for _, axes := range [][]Axis{nil, {{1, 0, 1, 1}}, {{0, 1, 1, 1}}, {{0, 0, 1, 0}}, {{0, 0, 1, 1 << 13}, {0, 0, 1, 1 << 12}}, {{0, 0, math.Inf(1), 1}}} {
		if _, err := e.Histogram(axes...); err == nil {
			t.Errorf("Histogram(%v) did not fail", axes)
		}
	}
	c := good
	c.Drift = func(v [][]float64, b Block) { v[0][0], v[0][1] = 0, b.Q[0][1]*1e300 }
	if err := mustNew(t, c).Advance(context.Background(), 9, nil); err == nil || !strings.Contains(err.Error(), "learner 1 is not finite") {
		t.Errorf("error %v of a learner that ran away", err)
	}
}

func TestStepsDoNotAllocate(t *testing.T) {
	defer pool.SetLimit(pool.SetLimit(1))
	e := mustNew(t, Config{Start: [][]float64{all(1000, 0), all(1000, 0)}, Drift: well(1), Diffusion: 1, Step: 0.1})
	advance(t, e, 10)
	ctx := context.Background()
	if n := testing.AllocsPerRun(20, func() { _ = e.Advance(ctx, 10, nil) }); n != 0 {
		t.Errorf("%v allocations in ten steps", n)
	}
}

func BenchmarkWell(b *testing.B) {
	const learners, steps = 100_000, 100
	e := mustNew(b, Config{Start: [][]float64{all(learners, 0)}, Drift: well(1), Diffusion: 1, Step: 0.01})
	for b.Loop() {
		advance(b, e, steps)
	}
	b.ReportMetric(float64(b.N)*learners*steps/b.Elapsed().Seconds()/1e6, "Mlearner-steps/s")
}
