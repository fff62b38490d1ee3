package strings_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	text "strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/geometry/strings"
	"github.com/nnfield/nnfield/nnfield/internal/goldentest"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

func run(t testing.TB, s simulate.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// circle collapses: |X| = |cos t|.
func circle(sites int) strings.Builder {
	return strings.String().Ring(sites, 2*math.Pi).Right("cos(x)", "sin(x)").Left("cos(x)", "sin(x)")
}

// tilted winds once to the right and three times, in another plane, to the left.
func tilted(sites int) strings.Builder {
	return strings.String().Ring(sites, 2*math.Pi).Right("cos(x)", "sin(x)", "0").
		Left("cos(3*x)/3", "c*sin(3*x)/3", "s*sin(3*x)/3").Parameters(strings.Params{"c": 0.6, "s": 0.8})
}

// The mean is d'Alembert's solution, to round-off, after several turns.
func TestClosedForm(t *testing.T) {
	r := run(t, tilted(60).Until(13))
	for f := range r.Len() {
		x := r.State(f).Arrays[0]
		for n, sigma := range r.Coordinates(0) {
			u, v := sigma-r.Times()[f], 3*(sigma+r.Times()[f])
			want := [3]float64{
				math.Cos(u)/2 + math.Cos(v)/6,
				math.Sin(u)/2 + 0.6*math.Sin(v)/6,
				0.8 * math.Sin(v) / 6,
			}
			for j, w := range want {
				if got := x[j*60+n]; math.Abs(got-w) > 1e-13 {
					t.Fatalf("t = %v, neuron %d: X_%d = %v, exactly %v", r.Times()[f], n, j, got, w)
				}
			}
		}
	}
}

// The wave equation holds exactly for the mean, and for averaged weights not at all.
func TestWaveEquation(t *testing.T) {
	for _, c := range []struct {
		b         strings.Builder
		low, high float64
	}{
		{circle(64), 0, 1e-15},
		{tilted(33), 0, 1e-15},
		{circle(64).AverageWeights(), 5e-3, 1},
	} {
		residual, err := strings.WaveResidual(run(t, c.b.Until(3).Frames(simulate.Every(1))))
		if err != nil || residual < c.low || residual > c.high {
			t.Errorf("%v\nwave equation: residual %.2e, error %v; it must be in [%v, %v]", c.b, residual, err, c.low, c.high)
		}
	}
}

// An ensemble of any number of networks, each of random orientation and with a state
// of its own: every one obeys the wave equation to the last bit, their mean to
// round-off.
func TestEnsemble(t *testing.T) {
	const n = 17
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
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.IntRange(1, 9).Draw(t, "networks")
		noise := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		mean := make([][]float64, 3)
		for i := range mean {
			mean[i] = make([]float64, n)
		}
		for range members {
			s := turn[noise.IntN(2)]
			state := s.NewState()
			var x [3][]float64
			for i := range state.X {
				state.X[i] = noise.NormFloat64()
			}
			for step := range 3 {
				x[step] = slices.Clone(state.X)
				for i, v := range state.X {
					mean[step][i] += v / float64(members)
				}
				s.Step(state)
			}
			for i := range n {
				if right, left := x[1][(i+1)%n], x[1][(i+n-1)%n]; x[2][i]+x[0][i] != right+left {
					t.Fatalf("neuron %d: %v + %v is not %v + %v", i, x[2][i], x[0][i], right, left)
				}
			}
		}
		for i := range n {
			if r := mean[2][i] + mean[0][i] - mean[1][(i+1)%n] - mean[1][(i+n-1)%n]; math.Abs(r) > 1e-14 {
				t.Fatalf("neuron %d: the mean is off the wave equation by %v", i, r)
			}
		}
	})
}

// Virasoro: with steps of one length Ẋ² + X′² = 1 and Ẋ·X′ = 0 hold, up to the
// lattice's a²; with other steps, the control, they do not.
func TestConstraint(t *testing.T) {
	// worst returns the largest violation, by central differences.
	worst := func(b strings.Builder) float64 {
		r := run(t, b.Until(2).Frames(simulate.Every(1)))
		n := r.Lattice().Sites()
		a := r.Lattice().Spacing(0)
		w := 0.0
		for f := 1; f < r.Len()-1; f++ {
			before, now, after := r.State(f - 1).Arrays[0], r.State(f).Arrays[0], r.State(f + 1).Arrays[0]
			for i := range n {
				length, mixed := -1.0, 0.0
				for at := 0; at < len(now); at += n {
					dot := (after[at+i] - before[at+i]) / (2 * a)
					prime := (now[at+(i+1)%n] - now[at+(i+n-1)%n]) / (2 * a)
					length += dot*dot + prime*prime
					mixed += dot * prime
				}
				w = max(w, math.Abs(length), math.Abs(mixed))
			}
		}
		return w
	}
	coarse, fine := worst(tilted(60)), worst(tilted(120))
	if order := math.Log2(coarse / fine); math.Abs(order-2) > 0.1 || fine > 0.02 {
		t.Errorf("the constraint is violated by %.2e and %.2e: order %.2f, want 2", coarse, fine, order)
	}
	uneven := tilted(120).Right("cos(x+sin(x)/2)", "sin(x+sin(x)/2)", "0")
	if w := worst(uneven); w < 0.3 {
		t.Errorf("uneven steps violate the constraint by %.2e only", w)
	}
	for _, c := range []struct {
		b    strings.Builder
		even bool
	}{{tilted(120), true}, {uneven, false}} {
		r := run(t, c.b.Until(20))
		right, left, err := strings.Steps(r.Model, r.Last)
		if err != nil || (right.Spread < 1e-13) != c.even || left.Spread > 1e-13 {
			t.Errorf("after 20: steps of F %v, of G %v, error %v", right, left, err)
		}
	}
}

// Energy, momentum along the string and centre are kept; the energy of tension 1 is
// the length of the parameter, 2π, up to a².
func TestInvariants(t *testing.T) {
	r := run(t, tilted(120).Until(20))
	for _, s := range r.Invariants {
		if s.Drift() > 1e-13 {
			t.Errorf("%s drifts by %.1e", s.Name, s.Drift())
		}
	}
	e, err := r.Invariant("energy")
	if err != nil || math.Abs(e.Values[0]/math.Pi-1) > 3e-3 {
		t.Errorf("energy %v (%v), want ½·2π", e.Values, err)
	}
	if len(r.Invariants) != 5 {
		t.Errorf("%d invariants, want 5", len(r.Invariants))
	}
}

// The control: each mode of averaged weights shrinks by cos ka a step, and the
// alternating one, which would not, is left out.
func TestDiffusion(t *testing.T) {
	const n = 32
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Cos(2*math.Pi*3*float64(i)/n) + float64(1-2*(i%2))
	}
	b := strings.String().Ring(n, n).RightPoints(x).LeftPoints(x).AverageWeights()
	r := run(t, b.Until(40))
	shrunk := math.Pow(math.Cos(2*math.Pi*3/n), 40)
	for i, got := range r.Last.Arrays[0] {
		if want := shrunk * math.Cos(2*math.Pi*3*float64(i)/n); math.Abs(got-want) > 1e-14 {
			t.Fatalf("neuron %d: %v, want %v", i, got, want)
		}
	}
	if len(r.Invariants) != 1 || r.Invariants[0].Drift() > 1e-13 {
		t.Errorf("invariants %v", r.Invariants)
	}
}

// Schemes made of fractions of a step are the same whole steps.
func TestIntegrators(t *testing.T) {
	want := run(t, circle(24).Until(4)).Last
	for _, in := range simulate.Integrators() {
		s := circle(24).Until(4).Integrator(in.Name)
		if !in.Symplectic() {
			if _, err := s.Run(context.Background()); err == nil || !text.Contains(err.Error(), "is no flow; use leapfrog") {
				t.Errorf("%s: error %v", in.Name, err)
			}
			continue
		}
		if got := run(t, s).Last; !slices.Equal(got.Arrays[0], want.Arrays[0]) {
			t.Errorf("%s gives other bits", in.Name)
		}
	}
}

// An activation allocates nothing.
func TestAllocations(t *testing.T) {
	m := tilted(64).MustBuild()
	e, err := m.Evolve(m.Lattice().Spacing(0))
	if err != nil {
		t.Fatal(err)
	}
	s := m.Initial()
	if n := testing.AllocsPerRun(20, func() { e.Drift(s, 1); s.Step++ }); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

// problems has one of everything.
func problems() map[string]strings.Builder {
	x, y := make([]float64, 80), make([]float64, 80)
	for i := range x {
		x[i], y[i] = float64(i%7)/7, float64(i%5)/5
	}
	return map[string]strings.Builder{
		"circle":  circle(16),
		"tilted":  tilted(16),
		"points":  strings.String().Ring(80, 8).RightPoints(x, y).LeftPoints(y, x),
		"control": tilted(16).AverageWeights(),
		"four":    strings.String().Ring(12, 12).Right("x", "1", "2", "3").Left("0", "1", "x", "3"),
	}
}

var registry = simulate.Registry{Models: map[string]func([]byte, theory.Arrays) (theory.Model, error){"string": strings.Decode}}

// The Spec and the bits of its run are what stored results are found and trusted by.
func TestGolden(t *testing.T) {
	all := problems()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name].Until(64 * all[name].MustBuild().Lattice().Spacing(0))
		arrays := simulate.NewArrays()
		spec, err := s.Spec(arrays)
		if err != nil {
			t.Fatal(name, err)
		}
		goldentest.Compare(t, filepath.Join("testdata", "string", name+".json"), string(spec)+"\n")
		again, err := registry.Decode(spec, arrays)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, spec)
			continue
		}
		lines = append(lines, fmt.Sprintf("%-12s %d.%d %s", name, all[name].MustBuild().Numerics(), simulate.Numerics, goldentest.Bits(run(t, again))))
	}
	goldentest.Compare(t, filepath.Join("testdata", "bits-"+runtime.GOARCH+".txt"), text.Join(lines, "\n")+"\n")
}

func TestBadSpec(t *testing.T) {
	spec, err := circle(16).Until(1).Spec(simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"average":"states"`, `"average":"both"`, `average: "both" is unknown`},
		{`"formulas":["cos(x)","sin(x)"]`, `"formulas":["cos(y)","sin(x)"]`, "y"},
		{`"left":{"formulas":["cos(x)","sin(x)"]}`, `"left":{}`, "left: give exactly one"},
		{`"left":{"formulas":["cos(x)","sin(x)"]}`, `"left":{"points":["sha256:1"]}`, "left.points[0]"},
		{`"sites":16`, `"sitez":16`, "sites"},
		{`"sites":16`, `"sites":1`, "Ring(1,"},
	} {
		bad := text.Replace(string(spec), c.old, c.new, 1)
		if bad == string(spec) {
			t.Fatalf("%s is not in %s", c.old, spec)
		}
		if _, err := registry.Decode([]byte(bad), simulate.NewArrays()); err == nil || !text.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.new, err, c.want)
		}
	}
}

// Bad input is one sentence from Build or Run, never a panic.
func TestBadInput(t *testing.T) {
	s := strings.String()
	for _, c := range []struct {
		b    strings.Builder
		want string
	}{
		{s, "String: no neurons; say how many"},
		{s.Ring(0, 1), "Ring(0, 1)"},
		{s.Ring(8, math.NaN()), "Ring(8, NaN)"},
		{s.Ring(8, 1), "Right has 0 coordinates and Left 0"},
		{s.Ring(8, 1).Right("x").Left("x", "1"), "Right has 1 coordinates and Left 2"},
		{s.Ring(8, 1).Right("x+").Left("x"), "Right: "},
		{s.Ring(8, 1).Right("x").Left("1/x"), "Left: coordinate 0 is infinite at neuron 0"},
		{s.Ring(8, 1).RightPoints([]float64{1}).Left("x"), "RightPoints: coordinate 0 has 1 numbers for 8 neurons"},
	} {
		_, err := c.b.Until(1).Run(context.Background())
		if err == nil || !text.Contains(err.Error(), c.want) || c.b.Err() == nil {
			t.Errorf("error %v; it must say %q", err, c.want)
		}
		if c.b.String() != c.b.Err().Error() || c.b.Markdown() != c.b.Err().Error() {
			t.Errorf("the card says %q", c.b.String())
		}
	}
	if _, err := circle(16).Until(4).Step(0.1).Run(context.Background()); err == nil || !text.Contains(err.Error(), "whole steps of 0.39") {
		t.Errorf("Step(0.1): %v", err)
	}
	r := run(t, circle(16).AverageWeights().Until(4).Frames(simulate.Count(2)))
	if _, _, err := strings.Steps(r.Model, r.Last); err == nil || !text.Contains(err.Error(), "without AverageWeights") {
		t.Errorf("Steps of averaged weights: %v", err)
	}
	if _, err := strings.WaveResidual(r); err == nil || !text.Contains(err.Error(), "keep every step") {
		t.Errorf("WaveResidual of two frames: %v", err)
	}
}

// The card shows the formulas, their parameters and whether the constraint holds.
func TestCard(t *testing.T) {
	for b, wants := range map[*strings.Builder][]string{
		ptr(tilted(60)):                      {"c*sin(3*x)/3, s*sin(3*x)/3)", "c = 0.6, s = 0.8", "spread below 1e-13; of G", "ε = a = 0.10472"},
		ptr(tilted(60).Right("x", "0", "0")): {"spread 29; of G"},
		ptr(tilted(60).AverageWeights()):     {"averaged weights", "without its part at k = π/a"},
		ptr(problems()["points"]):            {"given at every neuron"},
	} {
		for _, want := range wants {
			if !text.Contains(b.String(), want) {
				t.Errorf("%q is not in\n%v", want, b)
			}
		}
	}
	if md := tilted(60).Markdown(); !text.Contains(md, `\cos`) || text.Contains(md, "3*x") {
		t.Errorf("formulas are not in LaTeX:\n%s", md)
	}
}

// What was built can be changed and built again.
func TestBuilderOf(t *testing.T) {
	b, ok := strings.BuilderOf(tilted(12).MustBuild())
	if !ok || b.Averaged() || !b.AverageWeights().Averaged() || b.String() != tilted(12).String() {
		t.Errorf("the builder of a string is %v, %v", b, ok)
	}
	if _, ok := strings.BuilderOf(nil); ok {
		t.Error("nil is a string")
	}
}

func ptr[T any](x T) *T { return &x }

// A circle that collapses to a point at t = π/2 and opens again.
func ExampleString() {
	r, err := circle(64).Until(math.Pi).Frames(simulate.Count(5)).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, t := range r.Times() {
		fmt.Printf("t = %.2f  radius %.3f\n", t, math.Abs(r.State(i).Arrays[0][0]))
	}
	right, _, _ := strings.Steps(r.Model, r.Last)
	fmt.Println("steps of F:", right)
	// Output:
	// t = 0.00  radius 1.000
	// t = 0.79  radius 0.707
	// t = 1.57  radius 0.000
	// t = 2.36  radius 0.707
	// t = 3.14  radius 1.000
	// steps of F: 0.0981353 on average, spread below 1e-13
}
