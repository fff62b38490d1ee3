package geometry_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/goldentest"
	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

var (
	dirichlet = lattice.Boundary{Kind: lattice.Dirichlet}
	neumann   = lattice.Boundary{Kind: lattice.Neumann}
)

// lump returns smooth values whose bits no compiler changes.
func lump(n int) (phi, beta []float64) {
	for i := range n {
		x := float64(i)/float64(n) - 0.4
		phi = append(phi, elementary.Exp(-20*float64(x*x)))
		beta = append(beta, elementary.Sin(9*x))
	}
	return phi, beta
}

// builders has one of everything that a curved field can be; the bits of those
// whose name begins with a wave are a library's.
func builders() map[string]geometry.Builder {
	wave := []theory.Option{theory.At(4), theory.Width(0.8), theory.WaveNumber(3)}
	lens := geometry.Params{"depth": 0.3}
	ring := geometry.KleinGordon().Ring(80, 10)
	square := geometry.KleinGordon().Torus(10, 5)
	given := geometry.Flat(square.MustBuild().Lattice())
	for s := range given.Lapse {
		given.Lapse[s] = 1 + float64(s%7)/10
	}
	given.Space[1] = slices.Repeat([]float64{0.25}, 100)
	given.Shift = [][]float64{nil, slices.Repeat([]float64{0.125}, 100)}
	all := map[string]geometry.Builder{
		"wave-packet": ring.Lapse(" 1 + depth*tanh( x-5 )", lens).Packet(wave...),
		"wave-plane":  square.Space(0, 0, "2").PlaneWave(theory.Mode(1, -2), theory.Phase(0.3)),

		"lapse":     ring.Lapse("1 + depth*tanh(x-5)", lens),
		"space":     ring.Mass(0).Space(0, 0, "1 + depth*cos(pi*x/5)", lens),
		"order-4":   ring.Order(4).Lapse("1 + depth*sin(pi*x/5)", lens),
		"walls":     geometry.KleinGordon().Line(80, 10, dirichlet, neumann).Lapse("x/8"),
		"sponge":    geometry.KleinGordon().Line(80, 10, lattice.Absorbing(2), dirichlet).Lapse("1+x/10"),
		"general":   square.Lapse("1+depth*sin(pi*x/2.5)", lens).Space(0, 1, "depth*sin(pi*y/2.5)", lens).Space(0, 0, "1.5"),
		"general-4": square.Order(4).Lapse("1+depth*sin(pi*x/2.5)", lens).Space(1, 0, "depth*sin(pi*y/2.5)", lens),
		"cube":      geometry.KleinGordon().Cube(5, 3).Space(0, 1, "0.3").Space(1, 2, "0.3").Lapse("2+z/3"),
		"shift":     ring.Shift(0, "0.5*sin(pi*x/5)"),
		"given":     square.SpaceTime(given),
		"cosmic":    square.ScaleFactor(geometry.CosmicTime, "exp(h*t)", geometry.Params{"h": 0.5}),
		"conformal": ring.ScaleFactor(geometry.ConformalTime, "1/(1-t/8)").Lapse("1 + depth*tanh(x-5)", lens).Shift(0, "0.1"),
	}
	for name, b := range all {
		if !strings.HasPrefix(name, "wave") {
			all[name] = b.Values(lump(b.MustBuild().Lattice().Sites()))
		}
	}
	return all
}

var registry = simulate.Registry{Models: map[string]func([]byte, theory.Arrays) (theory.Model, error){
	"curved-klein-gordon": geometry.Decode,
}}

func run(t testing.TB, s simulate.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func scheme(t testing.TB, name string) simulate.Integrator {
	t.Helper()
	in, err := simulate.FindIntegrator(name)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// The Spec of a model and the bits of its run are what stored results are found and
// trusted by. The step is no power of two, by which numbers are multiplied exactly.
func TestGolden(t *testing.T) {
	all := builders()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name].Until(64 * 0.03).Step(0.03).Frames(simulate.Count(3))
		arrays := simulate.NewArrays()
		spec, err := s.Spec(arrays)
		if err != nil {
			t.Fatal(name, err)
		}
		goldentest.Compare(t, filepath.Join("testdata", name+".json"), string(spec)+"\n")
		again, err := registry.Decode(spec, arrays)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, spec)
			continue
		}
		if second, err := again.Spec(simulate.NewArrays()); err != nil || string(second) != string(spec) {
			t.Errorf("%s: the Spec changed (%v)\n%s\n%s", name, err, spec, second)
		}
		pool.SetLimit(1)
		a := run(t, s)
		pool.SetLimit(0)
		b := run(t, again)
		if goldentest.Bits(a) != goldentest.Bits(b) {
			t.Errorf("%s: the run of the Spec has other bits", name)
		}
		if !strings.HasPrefix(name, "wave") {
			lines = append(lines, fmt.Sprintf("%-12s %d.%d %s", name, a.Model.Numerics(), simulate.Numerics, goldentest.Bits(a)))
		}
	}
	goldentest.Compare(t, filepath.Join("testdata", "bits-"+runtime.GOARCH+".txt"), strings.Join(lines, "\n")+"\n")
}

func TestBadSpec(t *testing.T) {
	arrays := simulate.NewArrays()
	spec, err := builders()["cosmic"].Until(1).Spec(arrays)
	if err != nil {
		t.Fatal(err)
	}
	initial := string(spec[strings.Index(string(spec), `"initial":[`) : strings.Index(string(spec), "]")+1])
	for _, c := range []struct{ old, new, want string }{
		{`"order":2`, `"order":3`, "Order(3)"},
		{`"mass":1`, `"mass":-1`, "Mass(-1)"},
		{`"space":{}`, `"space":{"yx":{"expression":"1","parameters":{}}}`, "space.yx: no component"},
		{`"shift":{}`, `"shift":{"t":{"expression":"1","parameters":{}}}`, "shift.t: no component"},
		{`"shift":{}`, `"shift":{"x":{}}`, "shift.x: give exactly one"},
		{`"space":{}`, `"space":{"xx":{"expression":"1+","parameters":{}}}`, "space.xx.expression"},
		{`"space":{}`, `"space":{"xx":{"values":"sha256:0"}}`, "space.xx.values"},
		{`"space":{}`, `"space":{"zz":{"expression":"1","parameters":{}}}`, "Space(2, 2): the lattice has 2 axes"},
		{`"clock":"cosmic"`, `"clock":"atomic"`, `clock "atomic"`},
		{`"expression":"exp(h*t)"`, `"expression":"exp(h*x)"`, "ScaleFactor"},
		{initial, `"initial":[{"kind":"standing-wave","mode":[1,1]}]`, `initial.kind: "standing-wave" is no state`},
		{`"shift":{}`, `"shifts":{}`, "shifts"},
		{`"kind":"periodic"`, `"kind":"open"`, "open"},
	} {
		bad := strings.Replace(string(spec), c.old, c.new, 1)
		if bad == string(spec) {
			t.Fatalf("%s is not in %s", c.old, spec)
		}
		if _, err := registry.Decode([]byte(bad), arrays); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.new, err, c.want)
		}
	}
}

// Bad input is one sentence from Build, never a panic, and names the call.
func TestBadInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	k := geometry.KleinGordon()
	ring, square := k.Ring(32, 8), k.Torus(8, 8)
	flat := geometry.Flat(square.MustBuild().Lattice())
	broken := flat
	broken.Space = [][]float64{flat.Space[0], slices.Repeat([]float64{2}, 64), flat.Space[2]}
	short := flat
	short.Lapse = []float64{1}
	frozen := flat
	frozen.Lapse = make([]float64, 64)
	for _, c := range []struct {
		b    geometry.Builder
		want string
	}{
		{k, "KleinGordon: no lattice; say where"},
		{geometry.Builder{}, "an empty Builder; begin with geometry.KleinGordon()"},
		{k.Ring(1, 8), "Ring(1, 8): axis x: 1 sites"},
		{k.Line(32, nan, dirichlet, neumann), "Line(32, NaN)"},
		{k.Line(32, 8, lattice.Boundary{Kind: lattice.Driven}, neumann), "Line(32, 8): the x axis has a driven end"},
		{k.Torus(0, 1), "Torus(0, 1)"},
		{k.Cube(4, -1), "Cube(4, -1)"},
		{k.Lattice(), "Lattice: 0 axes"},
		{ring.Mass(-1), "Mass(-1)"},
		{ring.Order(6), "Order(6): use 2 or 4"},
		{ring.Lapse("1+"), `Lapse("1+")`},
		{ring.Lapse("y"), `Lapse: "y" uses y, but the lattice has 1 axes`},
		{ring.Lapse("1/x"), `Lapse: "1/x" is infinite at x = 0`},
		{ring.Lapse("x-4"), "the lapse N is -4 at x = 0; it must be positive"},
		{ring.Space(0, 3, "1"), "Space(0, 3): axes are numbered"},
		{ring.Space(1, 1, "1"), "Space(1, 1): the lattice has 1 axes"},
		{ring.Space(0, 0, "1+"), `Space(0, 0, "1+")`},
		{ring.Space(0, 0, "-1"), "h_ij is not positive definite at x = 0"},
		{square.Space(0, 1, "2"), "h_ij is not positive definite at x = 0, y = 0, where its determinant is -3"},
		{ring.Shift(3, "1"), "Shift(3): axes are numbered"},
		{ring.Shift(1, "1"), "Shift(1): the lattice has 1 axes"},
		{ring.Shift(0, "1+"), `Shift(0, "1+")`},
		{ring.Shift(0, "1/x"), `Shift(0): "1/x" is infinite`},
		{ring.ScaleFactor(geometry.CosmicTime, "x"), `ScaleFactor("x")`},
		{ring.ScaleFactor("atomic", "t"), `ScaleFactor: the clock "atomic"`},
		{ring.ScaleFactor(geometry.CosmicTime, "t"), `ScaleFactor("t"): a = 0 at t = 0`},
		{ring.Order(4).Lapse("1.01-cos(pi*x/4)"), ""},
		{ring.Order(4).Space(0, 0, "exp(6*sin(3*pi*x/4))").Lapse("exp(6*sin(7*pi*x/4))"), "Order(4): the metric is so rough at x = "},
		{k.SpaceTime(geometry.SpaceTime{}), "SpaceTime: no lattice"},
		{k.SpaceTime(broken), "h_ij is not positive definite at x = 0, y = 0"},
		{k.SpaceTime(short), "N has 1 numbers for 64 sites"},
		{k.SpaceTime(frozen), "the lapse N is 0 at x = 0, y = 0"},
		{k.SpaceTime(geometry.SpaceTime{Lattice: flat.Lattice, Lapse: flat.Lapse}), "Space has 0 components in 2 dimensions"},
		{k.SpaceTime(geometry.SpaceTime{Lattice: flat.Lattice, Lapse: flat.Lapse, Space: flat.Space, Shift: [][]float64{nil}}), "Shift has 1 components"},
		{ring.Packet(), "Packet: the option width is missing"},
		{ring.Packet(theory.Width(1), theory.At(9)), "Packet: At(9) lies outside the lattice"},
		{ring.Packet(theory.Width(3)), "Packet: Width(3) on a periodic x axis"},
		{ring.PlaneWave(theory.WaveNumber(0.1)), "PlaneWave: WaveNumber 0.1 does not fit"},
		{ring.Values([]float64{1}, nil), "Values: phi has 1 numbers for 32 sites"},
		{ring.Values(make([]float64, 32), slices.Repeat([]float64{inf}, 32)), "Values: beta is infinite"},
	} {
		err := c.b.Err()
		if c.want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "KleinGordon: ") {
			t.Errorf("error %v, want %q", err, c.want)
			continue
		}
		if c.b.String() != err.Error() || c.b.Markdown() != err.Error() || c.b.Until(1).Check() == nil {
			t.Errorf("%v does not surface everywhere", err)
		}
	}
	first := ring.Mass(-1).Lapse("x+")
	if err := first.Err(); !strings.Contains(err.Error(), "Mass") {
		t.Errorf("%v is not the first error", err)
	}
	if err := ring.ScaleFactor(geometry.CosmicTime, "1-t/2").Until(3).Check(); err == nil || !strings.Contains(err.Error(), "a = -0.0") && !strings.Contains(err.Error(), "a = 0 at t = 2") {
		t.Errorf("a universe that ends during the run: %v", err)
	}
}

// Builders are values: what is made from one leaves it as it was.
func TestBuildersAreValues(t *testing.T) {
	base := geometry.KleinGordon().Torus(16, 8).Packet(theory.Width(0.8))
	before := base.String()
	_ = base.Packet(theory.Width(0.5), theory.At(2, 2)).Lapse("2").Space(0, 0, "3").Shift(1, "0.5").Mass(3).Order(4).
		ScaleFactor(geometry.CosmicTime, "1+t").SpaceTime(geometry.Flat(base.MustBuild().Lattice()))
	if base.String() != before {
		t.Error("a setter changed the builder it came from")
	}
}

// The network's own step is the reference semantics: what simulations run is equal
// to it in every bit, x = φ and b = ε√M β.
func TestARunIsTheNetworksOwnStep(t *testing.T) {
	for name, b := range builders() {
		m := b.MustBuild()
		epsilon := 1 / m.MaxFrequency(nil)
		net, err := m.Network(epsilon)
		if err != nil {
			t.Fatal(name, err)
		}
		start := m.Initial()
		h, _ := geometry.Hamiltonian(m)
		s := network.State{X: start.Arrays[0], B: start.Arrays[1]}
		for i := range s.B {
			h.M.Row(i, func(_ int, gain float64) { s.B[i] *= epsilon * math.Sqrt(gain) })
		}
		for range 20 {
			net.Activate(&s, 1)
			s.Step++
			s.Time = float64(s.Step) * epsilon // as in a run, which does not add up times
			net.Learn(&s, 1)
		}
		got, err := simulate.Propagate(m, scheme(t, "symplectic-euler"), epsilon, 20, m.Initial())
		if err != nil {
			t.Fatal(name, err)
		}
		if !slices.Equal(got.Arrays[0], s.X) {
			t.Errorf("%s: the neurons after 20 steps are not the network's", name)
		}
	}
}

// Each loss is the potential of what its network learns: exactly, or up to O(ε) where
// a shift carries the biases or the metric moves within the step.
func TestLossGradient(t *testing.T) {
	for name, b := range builders() {
		check := func(epsilon float64) network.GradientReport {
			net, err := b.MustBuild().Network(epsilon)
			if err != nil {
				t.Fatal(name, err)
			}
			s := net.NewState()
			s.X, s.B = lump(len(s.X))
			r, err := network.CheckGradient(net.Network(), s, 1, 3)
			if err != nil {
				t.Fatal(name, err)
			}
			return r
		}
		net, _ := b.MustBuild().Network(0.1)
		if n := net.Network(); n.Flow == nil && n.At == nil {
			if r := check(0.1); r.Max() > 1e-7 {
				t.Errorf("%s: %v", name, r)
			}
			continue
		}
		if coarse, fine := check(0.04), check(0.01); fine.Max() > 0.35*coarse.Max() || coarse.Max() < 1e-7 {
			t.Errorf("%s: %v\n%v", name, coarse, fine)
		}
	}
}

// Runs turn round: n steps forth and, with β reversed, n steps back. A shift is
// reversed too, for time inversion turns its flow.
func TestRunsTurnRound(t *testing.T) {
	for name, b := range builders() {
		if name == "sponge" || name == "cosmic" || name == "conformal" {
			continue
		}
		m, back := b.MustBuild(), b.MustBuild()
		switch name {
		case "shift":
			back = b.Shift(0, "-0.5*sin(pi*x/5)").MustBuild()
		case "given":
			back = b.Shift(1, "-0.125").MustBuild()
		}
		for _, in := range simulate.Integrators() {
			if !in.Symplectic() || in.Name == "symplectic-euler" {
				continue
			}
			step := 0.5 * in.Stability / m.MaxFrequency(nil)
			there, err := simulate.Propagate(m, in, step, 40, m.Initial())
			if err != nil {
				t.Fatal(name, err)
			}
			for i := range there.Arrays[1] {
				there.Arrays[1][i] *= -1
			}
			again, err := simulate.Propagate(back, in, step, 40, there)
			if err != nil {
				t.Fatal(name, err)
			}
			start := m.Initial()
			for i, x := range start.Arrays[0] {
				if d := math.Abs(again.Arrays[0][i] - x); d > 1e-11 {
					t.Errorf("%s, %s: φ is %.2g away at site %d", name, in.Name, d, i)
					break
				}
			}
		}
	}
}

// What each model promises to conserve is conserved: energy to O(ε²) without drift,
// the shadow energy and momenta to round-off.
func TestInvariants(t *testing.T) {
	want := map[string]string{
		"lapse": "energy, shadow energy", "wave-plane": "energy, shadow energy, momentum x, momentum y", "cosmic": "momentum x, momentum y",
		"conformal": "", "shift": "energy", "sponge": "", "cube": "energy, shadow energy, momentum x, momentum y", "walls": "energy, shadow energy",
	}
	for name, b := range builders() {
		r := run(t, b.Until(6).Frames(simulate.Count(31)))
		var names []string
		for _, i := range r.Invariants {
			names = append(names, i.Name)
			bound := 1e-12
			if i.Name == "energy" {
				bound = 0.02
			}
			if drift := i.Drift(); !(drift < bound) {
				t.Errorf("%s: %s drifts by %.2g", name, i.Name, drift)
			}
		}
		if w, ok := want[name]; ok && strings.Join(names, ", ") != w {
			t.Errorf("%s: invariants %v, want %s", name, names, w)
		}
	}
}

// The energy density sums up to the energy.
func TestEnergyDensity(t *testing.T) {
	for name, b := range builders() {
		m := b.MustBuild()
		density := make([]float64, m.Lattice().Sites())
		m.(theory.Dense).EnergyDensity(density, m.Initial())
		sum := 0.0
		for _, e := range density {
			sum += e * m.Lattice().CellVolume()
		}
		h, _ := geometry.Hamiltonian(m)
		s := m.Initial()
		if want := h.Energy(s.Arrays[0], s.Arrays[1]) * m.Lattice().CellVolume(); math.Abs(sum-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s: the density sums up to %v, the energy is %v", name, sum, want)
		}
	}
}

// The bound of the frequencies holds for every wave and is not wasteful.
func TestMaxFrequency(t *testing.T) {
	for name, b := range builders() {
		m := b.MustBuild()
		step := 1.99 / m.MaxFrequency(nil)
		if name == "conformal" || name == "cosmic" {
			continue // below
		}
		end, err := simulate.Propagate(m, scheme(t, "leapfrog"), step, 2000, m.Initial())
		if err != nil {
			t.Fatal(err)
		}
		if v := slices.Max(end.Arrays[0]); !(v < 100) {
			t.Errorf("%s: at 0.995 of the limit φ grows to %v", name, v)
		}
	}
	// A universe that shrinks to a fifth: the step that Until takes knows its end.
	shrinks := geometry.KleinGordon().Ring(64, 8).Values(lump(64)).ScaleFactor(geometry.CosmicTime, "1-0.2*t")
	if r := run(t, shrinks.Until(4)); len(r.Warnings) > 0 || !(slices.Max(r.Last.Arrays[0]) < 100) {
		t.Errorf("%v, φ ≤ %v", r.Warnings, slices.Max(r.Last.Arrays[0]))
	}
	if err := shrinks.Until(4).Step(0.9 * 2 / shrinks.MustBuild().MaxFrequency(nil)).Check(); err == nil || !strings.Contains(err.Error(), "stability limit") {
		t.Errorf("a step that is stable at first only: %v", err)
	}
}

// In Minkowski space-time the curved field is the Klein-Gordon field of the house,
// packets included.
func TestFlatLimit(t *testing.T) {
	options := []theory.Option{theory.At(4, 5), theory.Width(0.9), theory.WaveNumber(2, -1)}
	a := run(t, geometry.KleinGordon().Torus(40, 10).Packet(options...).Until(3).Step(0.05))
	b := run(t, nnfield.KleinGordon().Torus(40, 10).Packet(options...).Until(3).Step(0.05))
	for f := range a.Last.Arrays {
		for i, x := range a.Last.Arrays[f] {
			if d := math.Abs(x - b.Last.Arrays[f][i]); d > 1e-9 {
				t.Fatalf("field %d differs by %.2g", f, d)
			}
		}
	}
}

// A packet runs one way, whatever the metric under it: what comes back is below
// 1e-5 of its energy (the lattice's own reflection, which falls as a⁴). With the
// frequency of its middle alone it is more than a hundred times that.
func TestPacketRunsOneWay(t *testing.T) {
	b := geometry.KleinGordon().Ring(1200, 40).Lapse("1+0.6*exp(-(x-12)*(x-12)/2)")
	behind := func(b geometry.Builder) float64 {
		r := run(t, b.Until(7))
		density := make([]float64, 1200)
		r.Model.(theory.Dense).EnergyDensity(density, r.Last)
		left, all := 0.0, 0.0
		for i, x := range r.Model.Lattice().Coordinates(0) {
			all += density[i]
			if x < 10 || x > 30 {
				left += density[i]
			}
		}
		return left / all
	}
	options := []theory.Option{theory.At(12), theory.Width(1), theory.WaveNumber(8)}
	one := behind(b.Packet(options...))
	flat := nnfield.KleinGordon().Ring(1200, 40).Packet(options...).MustBuild().Initial() // knows nothing of the bump
	h, _ := geometry.Hamiltonian(b.MustBuild())
	for i := range flat.Arrays[1] {
		h.M.Row(i, func(_ int, gain float64) { flat.Arrays[1][i] *= 1.6 / gain })
	}
	both := behind(b.Values(flat.Arrays[0], flat.Arrays[1]))
	t.Logf("behind: %.2g, with one frequency %.2g", one, both)
	if one > 1e-5 || both < 100*one {
		t.Errorf("%.2g of the energy runs backwards, with one frequency %.2g", one, both)
	}
}

// An inner step allocates nothing.
func TestStepsAllocateNothing(t *testing.T) {
	for name, b := range builders() {
		m := b.MustBuild()
		e, err := m.Evolve(0.01)
		if err != nil {
			t.Fatal(err)
		}
		s := m.Initial()
		e.Load(s, s.Clone())
		if n := testing.AllocsPerRun(10, func() { e.Drift(s, 1); e.Kick(s, 1) }); n != 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}

func ExampleKleinGordon() {
	fmt.Print(geometry.KleinGordon().
		Torus(64, 20).
		Mass(0.5).
		Lapse("1 - depth*exp(-(x-10)*(x-10)/8)", geometry.Params{"depth": 0.3}).
		Space(0, 1, "0.1*sin(pi*x/10)").
		Packet(theory.Width(2), theory.WaveNumber(2, 0)))
	// Output:
	// Klein-Gordon field in curved 2+1-D space-time
	//   equation    ∂_μ(√−g g^μν ∂_νφ) = √−g m²φ
	//   network     activation φ ← φ + ε√M b, learning b ← b − ε dH/db, H = ½φᵀKφ
	//   metric      ds² = −N²dt² + h_ij dx^i dx^j
	//   lapse       N = 1 - depth*exp(-(x - 10)*(x - 10)/8), depth = 0.3
	//   space       h_xy = 0.1*sin(pi*x/10)
	//   mass        m = 0.5
	//   gain        M = N/√h, from 0.7 to 1.00266
	//   weights     K = −∂(N√h h^ij ∂) + N√h m², symmetric, order 2
	//   dual loss   of φ and b = √M β; φ and β themselves have one only if M is the same everywhere
	//   neurons     2-D lattice of 4096 sites
	//               ├── x: 64 sites, length 20, spacing 0.3125, periodic
	//               └── y: 64 sites, length 20, spacing 0.3125, periodic
	//   initial     packet at 10, 10, width 2, wave number 2, 0
	//   step        ε < 2/ω_max = 0.217711 (leapfrog)
	//   invariants  energy, shadow energy, momentum y
	//   sources     V. Vanchurin, Towards a theory of quantum gravity from neural networks, arXiv:2111.00903, §7; V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §2-3
}
