package entropic_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/geometry/lorentz/entropic"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

func stationary(t testing.TB, f float64, b entropic.Biases) entropic.Rates {
	t.Helper()
	r, err := entropic.Stationary(f, b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func straight(t testing.TB, f, v float64) entropic.Biases {
	t.Helper()
	b, err := entropic.Straight(f, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func run(t testing.TB, e entropic.Ensemble) entropic.Record {
	t.Helper()
	r, err := e.Run()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// within checks a measurement against a number by its own error bar. Of 20,000
// measurements one is off by 4 errors; the seeds are fixed.
func within(t testing.TB, what string, got ensemble.Estimate, want float64) {
	t.Helper()
	if !(math.Abs(got.Value-want) < 4*got.Error+1e-12) {
		t.Errorf("%s: %v, want %.6g", what, got, want)
	}
}

// The network of Straight has the velocity asked for, biases of opposite sign, and
// the rates of the package comment; any other biases of the same velocity destroy
// more entropy.
func TestStraight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64Range(1e-4, 0.9).Draw(t, "f")
		v := rapid.Float64Range(-0.95, 0.95).Draw(t, "v")
		b, err := entropic.Straight(f, v)
		if err != nil {
			t.Fatal(err)
		}
		r, err := entropic.Stationary(f, b)
		if err != nil {
			t.Fatal(err)
		}
		g := f / (1 - f)
		q := g * (1 - v*v) / (math.Sqrt(1-v*v*(1-g*g)) + g)
		if math.Abs(r.Velocity-v) > 1e-10 || math.Abs(r.Reversals-q) > 1e-10 || math.Abs(b.Right+b.Left) > 1e-8*(1+math.Abs(b.Right)) {
			t.Fatalf("f = %v, v = %v: biases %+v, rates %+v, q = %v", f, v, b, r, q)
		}
		// Both chances changed by one factor keep the velocity.
		c := rapid.SampledFrom([]float64{0.7, 0.9, 0.99}).Draw(t, "factor")
		chance := func(bias float64) float64 { o := g * math.Exp(bias); return c * o / (1 + o) }
		bias := func(p float64) float64 { return math.Log(p / (1 - p) / g) }
		other, err := entropic.Stationary(f, entropic.Biases{Right: bias(chance(b.Right)), Left: bias(chance(b.Left))})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(other.Velocity-v) > 1e-9 || other.Destroyed < r.Destroyed-1e-12 {
			t.Fatalf("f = %v, v = %v: rates %+v, with other biases %+v", f, v, r, other)
		}
	})
}

// For f → 0 the rates become those of special relativity, with errors of the order
// f: the scale at which this network's Lorentz symmetry is lost. At f = ½ they are
// those of coins.
func TestLorentzLimit(t *testing.T) {
	for _, v := range []float64{0, 0.3, 0.6, 0.8, 0.9} {
		clock, rapidity := math.Sqrt(1-v*v), math.Atanh(v)
		previous := math.Inf(1)
		for _, f := range []float64{4e-3, 2e-3, 1e-3} {
			b := straight(t, f, v)
			r := stationary(t, f, b)
			off := math.Max(math.Abs(r.Reversals/f-clock), math.Abs(r.Destroyed/f-(1-clock)))
			off = math.Max(off, math.Abs(r.Produced/(f*(1-math.Log(f)))-clock))
			off = math.Max(off, math.Abs(b.Left-rapidity))
			if v > 0 && !(off < 3*f && off < 0.55*previous) {
				t.Errorf("v = %v, f = %v: off from relativity by %.2e, before by %.2e", v, f, off, previous)
			}
			if balance := (r.Reversals + r.Destroyed) / f; math.Abs(balance-1) > f {
				t.Errorf("v = %v, f = %v: produced and destroyed make %.5f λ", v, f, balance)
			}
			previous = off
		}
		coins := stationary(t, 0.5, straight(t, 0.5, v))
		p := (1 + v) / 2
		if want := math.Ln2 + p*math.Log(p) + (1-p)*math.Log(1-p); math.Abs(coins.Destroyed-want) > 1e-12 {
			t.Errorf("v = %v, f = ½: destroyed %.6f, coins %.6f", v, coins.Destroyed, want)
		}
	}
}

// What an ensemble does is what the closed forms say, by its own error bars.
func TestEnsemble(t *testing.T) {
	for i, v := range []float64{0, 0.6, -0.8} {
		const f = 0.05
		b := straight(t, f, v)
		r := run(t, entropic.Ensemble{Reversal: f, Networks: 2000, Seed: uint64(i), Path: []entropic.Leg{{Steps: 500, Biases: b}}})
		want := stationary(t, f, b)
		within(t, "velocity", r.Velocity, want.Velocity)
		within(t, "reversals", r.Reversals, want.Reversals)
		within(t, "produced", r.Produced, want.Produced)
		within(t, "destroyed", r.Destroyed, want.Destroyed)
		if v != 0 && math.Abs(r.Destroyed.Value-want.Produced) < 10*r.Destroyed.Error {
			t.Error("the error bars are too large to tell anything")
		}
	}
}

// The path of stationary total: between two events the bent path destroys more. What
// it destroys is λ(t − τ), to 2 % of λt: the bend costs about one reversal in 60.
func TestPath(t *testing.T) {
	const f, half, x = 0.02, 1500, 900.
	var at, destroyed []float64
	for bend := -600.; bend <= 600; bend += 300 {
		v1, v2 := (x/2+bend)/half, (x/2-bend)/half
		r := run(t, entropic.Ensemble{Reversal: f, Networks: 1000, Seed: 7, Path: []entropic.Leg{
			{Steps: half, Biases: straight(t, f, v1)}, {Steps: half, Biases: straight(t, f, v2)}}})
		tau := half * (math.Sqrt(1-v1*v1) + math.Sqrt(1-v2*v2))
		got, want := r.Destroyed.Value, f*(2*half-tau)/(2*half)
		if math.Abs(got-want) > 0.02*f {
			t.Errorf("bend %v: destroyed %.5f, λ(t − τ)/t = %.5f", bend, got, want)
		}
		if arrived := r.Velocity.Value * 2 * half; math.Abs(arrived-x) > 60 {
			t.Errorf("bend %v: arrived at %.1f, not at %v", bend, arrived, x)
		}
		at, destroyed = append(at, bend), append(destroyed, got)
	}
	// The vertex of the parabola through the three lowest.
	i := slices.Index(destroyed, slices.Min(destroyed))
	if i != 2 {
		t.Fatalf("the least is destroyed on the path bent by %v: %v", at[i], destroyed)
	}
	down, up := destroyed[i]-destroyed[i-1], destroyed[i+1]-destroyed[i]
	if vertex := at[i] - 150*(up+down)/(up-down); math.Abs(vertex) > 30 {
		t.Errorf("the path of least destruction is bent by %.1f", vertex)
	}
}

// Two events with the same interval are one proper time apart in all frames, and as
// many reversals. The control without memory, f = ½, has none of that.
func TestInterval(t *testing.T) {
	const tau = 1200.
	spread := func(f float64) float64 {
		least, most := math.Inf(1), 0.0
		for i, v := range []float64{0, 0.5, 0.8} {
			time := tau / math.Sqrt(1-v*v)
			r := run(t, entropic.Ensemble{Reversal: f, Networks: 4000, Seed: uint64(i), Path: []entropic.Leg{{Steps: int(time), Biases: straight(t, f, v)}}})
			reversals := r.Reversals.Value * math.Trunc(time)
			least, most = min(least, reversals), max(most, reversals)
		}
		return most/least - 1
	}
	if s := spread(0.01); s > 0.03 {
		t.Errorf("reversals differ by %.3f between frames", s)
	}
	if s := spread(0.5); s < 0.3 {
		t.Errorf("without memory reversals differ by %.3f only", s)
	}
}

// arriving returns, by adding up all histories, how many reversals per step the
// networks with f that go from 0 to a place in so many steps have on average.
func arriving(f float64, steps, place int) float64 {
	type cell struct{ weight, reversals float64 }
	n := 2*steps + 1
	at := [2][]cell{make([]cell, n), make([]cell, n)} // moving right, left
	at[0][steps].weight, at[1][steps].weight = 0.5, 0.5
	for range steps {
		next := [2][]cell{make([]cell, n), make([]cell, n)}
		for s := range 2 {
			for x, c := range at[s] {
				for reversed := range 2 {
					if c.weight == 0 {
						continue
					}
					p := [2]float64{1 - f, f}[reversed]
					to := s ^ reversed
					y := x + 1 - 2*to
					next[to][y].weight += p * c.weight
					next[to][y].reversals += p * (c.reversals + float64(reversed)*c.weight)
				}
			}
		}
		at = next
	}
	x := steps + place
	return (at[0][x].reversals + at[1][x].reversals) / (at[0][x].weight + at[1][x].weight) / float64(steps)
}

// Learning: networks that saw the boundary data of states that had arrived at x = vt
// find the biases of special relativity, and then arrive without being selected.
func TestLearn(t *testing.T) {
	const f, steps, place = 0.1, 160, 80
	free := entropic.Ensemble{Reversal: f, Networks: 200_000, Seed: 3, Path: []entropic.Leg{{Steps: steps}}}
	r := run(t, free)
	l, err := r.Select(place, 2)
	if err != nil {
		t.Fatal(err)
	}
	exact := arriving(f, steps, place)
	if n := float64(l.Arrived); l.Arrived < 1000 || math.Abs(l.Reversals/exact-1) > 4/math.Sqrt(n*exact*steps) {
		t.Errorf("%d arrived with %.5f reversals a step, exactly %.5f", l.Arrived, l.Reversals, exact)
	}
	path, err := l.Learn(10, 600)
	if err != nil {
		t.Fatal(err)
	}
	last := path[len(path)-1]
	want := straight(t, f, 0.5)
	// The lesson is finite, λτ = 14: its rates are those of a long one up to 1/2λτ.
	if math.Abs((last.Left-last.Right)/(want.Left-want.Right)-1) > 0.05 || math.Abs(last.Right+last.Left) > 0.15 {
		t.Errorf("learned %+v, the straight path has %+v", last, want)
	}
	for i := 1; i < len(path); i++ {
		if l.Loss(path[i]) > l.Loss(path[i-1])+1e-15 {
			t.Fatalf("the loss grows at step %d", i)
		}
	}
	after := run(t, entropic.Ensemble{Reversal: f, Networks: 2000, Seed: 4, Path: []entropic.Leg{{Steps: steps, Biases: last}}})
	if got := after.Velocity.Value; math.Abs(got-0.5) > 0.02 {
		t.Errorf("the learned networks move with %.4f, want 0.5", got)
	}
	// Without learning they do not follow any path but v = 0.
	within(t, "velocity without learning", r.Velocity, 0)
}

// The state moves as in a network that runs: one active neuron under the permutation
// that the boundary chooses. A path that is longer begins as a shorter one.
func TestNetwork(t *testing.T) {
	const n, steps = 64, 40
	var turn [2]*network.System
	for s, by := range [2]int{1, n - 1} {
		var entries []weights.Triplet
		for i := range n {
			entries = append(entries, weights.Triplet{Row: (i + by) % n, Column: i, Weight: 1})
		}
		w, err := weights.NewCSR(n, entries)
		if err != nil {
			t.Fatal(err)
		}
		if turn[s], err = network.New(network.Network{Weights: w}); err != nil {
			t.Fatal(err)
		}
	}
	state := turn[0].NewState()
	state.X[0] = 1
	before := 0
	for i := 1; i <= steps; i++ {
		r := run(t, entropic.Ensemble{Reversal: 0.2, Networks: 2, Seed: 5, Path: []entropic.Leg{{Steps: i}}})
		switch r.Arrived[0] - before {
		case 1:
			turn[0].Activate(state, 1)
		case -1:
			turn[1].Activate(state, 1)
		default:
			t.Fatalf("step %d: from %d to %d", i, before, r.Arrived[0])
		}
		before = r.Arrived[0]
		if at := slices.Index(state.X, 1); at != ((before%n)+n)%n {
			t.Fatalf("step %d: neuron %d is active, the state is at %d", i, at, before)
		}
	}
}

func TestErrors(t *testing.T) {
	legs := []entropic.Leg{{Steps: 10}}
	ensembleError := func(e entropic.Ensemble) error { _, err := e.Run(); return err }
	_, none := entropic.Stationary(0, entropic.Biases{})
	_, infinite := entropic.Stationary(0.1, entropic.Biases{Right: math.Inf(1)})
	_, light := entropic.Straight(0.1, 1)
	e := entropic.Ensemble{Reversal: 0.1, Networks: 10, Path: legs}
	r := run(t, e)
	_, nobody := r.Select(100, 1)
	l, err := r.Select(0, 10)
	if err != nil {
		t.Fatal(err)
	}
	_, rate := l.Learn(0, 1)
	_, steps := l.Learn(1, 0)
	_, empty := entropic.Lesson{}.Learn(1, 1)
	for want, err := range map[string]error{
		"probability 0;":          none,
		"must be finite":          infinite,
		"the speed of light":      light,
		"none of 10 states":       nobody,
		"Learn(0, 1)":             rate,
		"a lesson without data":   empty,
		"Learn(1, 0)":             steps,
		"probability 1;":          ensembleError(entropic.Ensemble{Reversal: 1, Networks: 10, Path: legs}),
		"1 networks":              ensembleError(entropic.Ensemble{Reversal: 0.1, Networks: 1, Path: legs}),
		"path without legs":       ensembleError(entropic.Ensemble{Reversal: 0.1, Networks: 10}),
		"leg 1 has 0 steps":       ensembleError(entropic.Ensemble{Reversal: 0.1, Networks: 10, Path: append(legs, entropic.Leg{})}),
		"NaN and 0; they must be": ensembleError(entropic.Ensemble{Reversal: 0.1, Networks: 10, Path: []entropic.Leg{{Steps: 1, Biases: entropic.Biases{Right: math.NaN()}}}}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q; it must say %q", fmt.Sprint(err), want)
		}
	}
}

// A moving clock: the reversals of a state that has learned to move with 0.6.
func ExampleStraight() {
	const lambda = 0.001 // reversals a step at rest
	b, _ := entropic.Straight(lambda, 0.6)
	r, _ := entropic.Stationary(lambda, b)
	fmt.Printf("biases %.2f and %.2f, artanh 0.6 = %.2f\n", b.Right, b.Left, math.Atanh(0.6))
	fmt.Printf("reversals %.3fλ, destroyed %.3fλ\n", r.Reversals/lambda, r.Destroyed/lambda)
	// Output:
	// biases -0.69 and 0.69, artanh 0.6 = 0.69
	// reversals 0.800λ, destroyed 0.200λ
}
