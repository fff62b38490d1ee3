package quantum_test

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/goldentest"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// problems has one of everything that a problem can be, by theory and name.
func problems() map[string]quantum.Builder {
	neumann := lattice.Boundary{Kind: lattice.Neumann}
	v, im := make([]float64, 80), make([]float64, 80)
	for i := range v {
		v[i], im[i] = float64(i%7)/7, float64(i%5)/5
	}
	fluid := quantum.Madelung().Ring(32, 8).Potential(" k * cos(pi*x/4)", quantum.Params{"k": 0.5}).
		Fluid("1+b*cos(pi*x/4)", "b*sin(pi*x/4)", quantum.Params{"b": 0.25})
	plane := quantum.Madelung().Lattice(lattice.Ring(12, 8), lattice.Line(10, 6, neumann, neumann)).
		Fluid("1+0.1*cos(pi*x/4)*cos(pi*y/6)", "0.1*sin(pi*x/4)").Circulation(0.5, 0)
	return map[string]quantum.Builder{
		"schrodinger/coherent":      quantum.Schrodinger().Line(31, 14).Potential("(x-7)*(x-7)/2").Coherent(quantum.Frequency(1), quantum.At(8)),
		"schrodinger/packets":       quantum.Schrodinger().Line(63, 20).Learning(0.25, 0.125, 8).Packet(quantum.Width(1), quantum.At(8), quantum.WaveNumber(1)).Packet(quantum.Width(1), quantum.At(12), quantum.Amplitude(0.5), quantum.Phase(1)),
		"schrodinger/eigenstate":    quantum.Schrodinger().Line(31, 5).Eigenstate(quantum.Mode(2)),
		"schrodinger/box":           quantum.Schrodinger().Box(7, 5).Eigenstate(quantum.Mode(2, 0)),
		"schrodinger/waves":         quantum.Schrodinger().Torus(8, 4).PlaneWave(quantum.Mode(1, -2)).PlaneWave(quantum.Mode(0, 0)).Circulation(1, 0),
		"schrodinger/vortex":        quantum.Schrodinger().Box(15, 9).Vortex(quantum.Width(1), quantum.Charge(-2)),
		"schrodinger/values":        quantum.Schrodinger().Ring(80, 9).SitePotential(v).Values(v, im),
		"madelung/ring":             fluid,
		"madelung/coherent":         quantum.Madelung().Line(63, 12).Potential("(x-6)*(x-6)/2").Coherent(quantum.Frequency(1), quantum.At(6.5)),
		"madelung/plane":            plane,
		"hamilton-jacobi/ring":      fluid.As(quantum.HamiltonJacobi()),
		"hamilton-jacobi/plane":     plane.As(quantum.HamiltonJacobi()).Potential("x*y/10"),
		"hamilton-jacobi/converges": quantum.HamiltonJacobi().Line(31, 10).Particle(2, 1).Fluid("exp(-(x-5)*(x-5))", "-(x-5)*(x-5)/8"),
	}
}

var registry = simulate.Registry{Models: map[string]func([]byte, theory.Arrays) (theory.Model, error){
	"schrodinger": quantum.Decode, "madelung": quantum.Decode, "hamilton-jacobi": quantum.Decode,
}}

func short(b quantum.Builder) simulate.Simulation {
	return b.Until(64 * 0.002).Step(0.002).Frames(simulate.Count(3))
}

// The Spec of a model and, but for the transforms of Schrödinger, the bits of its
// run are what stored results are found and trusted by.
func TestGolden(t *testing.T) {
	all := problems()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		arrays := simulate.NewArrays()
		spec, err := short(all[name]).Spec(arrays)
		if err != nil {
			t.Fatal(name, err)
		}
		path := filepath.Join("testdata", name+".json")
		goldentest.Compare(t, path, string(spec)+"\n")
		again, err := registry.Decode(spec, arrays)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, spec)
			continue
		}
		if second, err := again.Spec(simulate.NewArrays()); err != nil || string(second) != string(spec) {
			t.Errorf("%s: the Spec changed (%v)\n%s\n%s", name, err, spec, second)
		}
		a, b := run(t, short(all[name])), run(t, again)
		if goldentest.Bits(a) != goldentest.Bits(b) {
			t.Errorf("%s: the run of the Spec has other bits", name)
		}
		if !strings.HasPrefix(name, "schrodinger") {
			lines = append(lines, fmt.Sprintf("%-28s %d.%d %s", name, a.Model.Numerics(), simulate.Numerics, goldentest.Bits(a)))
		}
	}
	goldentest.Compare(t, filepath.Join("testdata", "bits-"+runtime.GOARCH+".txt"), strings.Join(lines, "\n")+"\n")
}

func TestBadSpec(t *testing.T) {
	spec, err := short(problems()["schrodinger/coherent"]).Spec(simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"kind":"coherent"`, `"kind":"coherant"`, `initial[0].kind: "coherant" is unknown`},
		{`"frequency":1`, `"frequency":-1`, "Frequency(-1)"},
		{`"frequency":1`, `"width":1`, "it has no option width"},
		{`"frequency":1,`, ``, "the option frequency is missing"},
		{`"kind":"dirichlet"`, `"kind":"driven"`, "the x axis ends driven"},
		{`"expression":"(x - 7)*(x - 7)/2",`, ``, "potential.expression: missing"},
		{`"kind":"expression"`, `"kind":"formula"`, `potential.kind: "formula" is unknown`},
		{`"rate":0.5`, `"rate":0`, "Learning(γ = 0"},
		{`"sites":31`, `"sitez":31`, `sites`},
		{`"circulation":[0]`, `"circulation":[1]`, "the x axis has walls"},
	} {
		bad := strings.Replace(string(spec), c.old, c.new, 2)
		if bad == string(spec) {
			t.Fatalf("%s is not in %s", c.old, spec)
		}
		if _, err := registry.Decode([]byte(bad), simulate.NewArrays()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.new, err, c.want)
		}
	}
}

// Bad input is one sentence from Build, never a panic, and names the call.
func TestBadInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	s := quantum.Schrodinger()
	ring := s.Ring(32, 8)
	for _, c := range []struct {
		b    quantum.Builder
		want string
	}{
		{s, "Schrodinger: no lattice; say which values"},
		{quantum.Builder{}, "an empty Builder; begin with Schrodinger()"},
		{ring, "Schrodinger: no initial state"},
		{s.Ring(1, 8), "Ring(1, 8): axis x: 1 sites"},
		{s.Line(32, nan), "Line(32, NaN)"},
		{s.Torus(0, 1), "Torus(0, 1)"},
		{s.Box(4, -1), "Box(4, -1)"},
		{s.Lattice(), "Lattice: 0 axes"},
		{s.Lattice(lattice.Line(20, 9, lattice.Absorbing(2), lattice.Absorbing(2))).Packet(quantum.Width(1)), "without a sponge"},
		{ring.Learning(0, 1, 1), "Learning(γ = 0, D = 1, μ = 1)"},
		{ring.Learning(1, inf, 1), "must be positive and finite"},
		{ring.Particle(-1, 1), "Particle(-1, 1)"},
		{ring.Potential("x+"), "Potential: "},
		{ring.Potential("y").Packet(quantum.Width(1)), `Potential: "y" uses y, but the lattice has 1 axes`},
		{ring.Potential("1/x").Packet(quantum.Width(1)), `Potential: "1/x" is infinite at x = 0`},
		{ring.SitePotential([]float64{1}).Packet(quantum.Width(1)), "SitePotential: V has 1 numbers for 32 sites"},
		{ring.SitePotential(slices.Repeat([]float64{nan}, 32)).Packet(quantum.Width(1)), "SitePotential: V is not a number at x = 0"},
		{ring.Packet(), "Packet: the option width is missing"},
		{ring.Packet(quantum.Width(0)), "Packet: Width(0): it must be positive and finite"},
		{ring.Packet(quantum.Width(1), quantum.Width(1)), "Packet: the option width is given twice"},
		{ring.Packet(quantum.Option{}), "Packet: an empty option; use width, at"},
		{ring.Packet(quantum.Width(1), quantum.Charge(1)), "Packet: it has no option charge; use width, at"},
		{ring.Packet(quantum.Width(1), quantum.At(1, 2)), "Packet: At has 2 components, the lattice 1 axes"},
		{ring.Packet(quantum.Width(1), quantum.At(9)), "Packet: At(9) lies outside the lattice"},
		{ring.Packet(quantum.Width(1), quantum.At(nan)), "Packet: At(NaN): every component must be finite"},
		{ring.Packet(quantum.Width(1), quantum.WaveNumber(40)), "Packet: WaveNumber 40 is above π/a"},
		{ring.Packet(quantum.Width(1), quantum.Amplitude(inf)), "Packet: Amplitude(+Inf)"},
		{ring.Packet(quantum.Width(1), quantum.Amplitude(0)), "Schrodinger: the state has the norm 0"},
		{ring.Packet(quantum.Width(1), quantum.Phase(nan)), "Packet: Phase(NaN)"},
		{ring.Coherent(), "Coherent: the option frequency is missing"},
		{ring.Coherent(quantum.Frequency(-1)), "Coherent: Frequency(-1)"},
		{ring.Packet(quantum.Width(20)), "Packet: Width(20) on a periodic x axis of length 8; the width must be at most a sixth of it"},
		{quantum.Schrodinger().Line(32, 8).Packet(quantum.Width(1), quantum.At(1)), "Packet: At(1) with Width(1) reaches a wall of the x axis with 0.61 of its height; move it inside"},
		{quantum.Schrodinger().Line(32, 8).Coherent(quantum.Frequency(0.25)), "Coherent: At(4) with Frequency(0.25), of the width √(ħ/mω) = 2, reaches a wall"},
		{quantum.Schrodinger().Box(16, 8).Vortex(quantum.Width(2)), "Vortex: At(4, 4) with Width(2) reaches a wall of the x axis"},
		{ring.Fluid("1", "x"), `Fluid: the free energy "x" grows by 8 along the ring of the x axis, 1.273 turns of the phase, and ψ = √p e^{iF/ħ} has one value after whole turns only; let it grow by 6.28319 (1 of 2πħ)`},
		{ring.Fluid("1", "log(8-x)"), `Fluid: the free energy "log(8 - x)" is infinite at x = 8, where the ring closes`},
		{s.Line(32, 8).Eigenstate(quantum.Mode(32)), "Eigenstate: Mode(32): use numbers from 0, the ground state, to 31 on the x axis"},
		{s.Box(8, 3).Eigenstate(quantum.Mode(0)), "Eigenstate: Mode has 1 numbers, the lattice 2 axes"},
		{s.Box(8, 3).Potential("x").Eigenstate(quantum.Mode(0, 0)), "Eigenstate: the lattice has 2 axes and V is not 0"},
		{ring.Eigenstate(quantum.Mode(0)), "Eigenstate: levels on the free ring of the x axis are degenerate; use PlaneWave"},
		{s.Line(2047, 3).Eigenstate(quantum.Mode(0)), "Eigenstate: 2047 sites"},
		{ring.PlaneWave(quantum.Mode(16)), "PlaneWave: Mode(16) on a x axis of 32 sites"},
		{ring.PlaneWave(quantum.Mode(1, 1)), "PlaneWave: Mode has 2 numbers"},
		{s.Line(32, 8).PlaneWave(quantum.Mode(1)), "PlaneWave: the x axis has walls"},
		{ring.Vortex(quantum.Width(1)), "Vortex: the lattice has 1 axes"},
		{s.Torus(8, 3).Vortex(quantum.Width(1), quantum.Charge(0)), "Vortex: Charge(0)"},
		{ring.Fluid("x-4", "0"), `Fluid: the density "x - 4" is -4 at x = 0; it must not be negative`},
		{ring.Fluid("1", "y"), `Fluid: "y" uses y`},
		{ring.Fluid("1", "z+"), "Fluid: "},
		{ring.Values([]float64{1}, nil), "Values: re has 1 numbers for 32 sites"},
		{ring.Circulation(nan).Packet(quantum.Width(1)), "Circulation(NaN)"},
		{quantum.HamiltonJacobi().Ring(32, 8).SitePotential(make([]float64, 32)).Fluid("1", "0"), "HamiltonJacobi: SitePotential: learners move between the sites"},
		{quantum.HamiltonJacobi().Ring(4, 8).Fluid("1", "0"), "HamiltonJacobi: 4 sites on the x axis"},
		{quantum.Madelung().Ring(3, 8).Fluid("1", "0"), "Madelung: 3 sites on the x axis"},
		{quantum.Madelung().Ring(32, 8).Packet(quantum.Width(0.3)), "Madelung: p has a node, or a structure the lattice does not resolve, at x = "},
	} {
		err := c.b.Err()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
			continue
		}
		if c.b.String() != err.Error() || c.b.Markdown() != err.Error() || c.b.Until(1).Check() == nil {
			t.Errorf("%v does not surface everywhere", err)
		}
	}
	first := ring.Particle(-1, 1).Potential("x+")
	if err := first.Err(); !strings.Contains(err.Error(), "Particle") {
		t.Errorf("%v is not the first error", err)
	}
}

// Builders are values: what is made from one leaves it as it was.
func TestBuildersAreValues(t *testing.T) {
	base := quantum.Schrodinger().Ring(32, 8).Packet(quantum.Width(0.8))
	before := base.String()
	_ = base.Packet(quantum.Width(0.5), quantum.At(2)).Particle(3, 1).Circulation(1).Potential("x").As(quantum.Madelung())
	if base.String() != before {
		t.Error("a setter changed the builder it came from")
	}
}

// The card shows m and ħ with the learning parameters they come from.
func TestCard(t *testing.T) {
	for name, b := range problems() {
		text, markdown := b.String(), b.Markdown()
		for _, want := range []string{"m = 1/(2γ) = ", "ħ = √(4D/(γμ)) = ", "γ = "} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
		if !strings.Contains(markdown, `\hbar = \sqrt{\frac{4D}{\gamma\mu}}`) {
			t.Errorf("%s: no ħ in\n%s", name, markdown)
		}
	}
	if s := problems()["schrodinger/packets"].String(); !strings.Contains(s, "m = 1/(2γ) = 2\n") || !strings.Contains(s, "ħ = √(4D/(γμ)) = 0.5\n") {
		t.Errorf("γ = ¼, D = ⅛, μ = 8 are m = 2, ħ = ½:\n%s", s)
	}
}

// The states a theory is started from are normalised, and the models of learners say
// that they have no network on the lattice.
func TestModels(t *testing.T) {
	for name, b := range problems() {
		m := b.MustBuild()
		_, err := m.Network(0.1)
		if m.Theory() == "schrodinger" {
			if err != nil {
				t.Errorf("%s: Network: %v", name, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), "NelsonLearners") {
			t.Errorf("%s: Network: %v", name, err)
		}
		for _, i := range m.Invariants() {
			if v := i.Value(snapshot(m.Initial())); i.Name == "norm" && math.Abs(v-1) > 1e-12 {
				t.Errorf("%s: norm %v", name, v)
			}
		}
	}
}

func ExampleBuilder_As() {
	converging := quantum.Madelung().
		Ring(64, 10).
		Particle(2, 0.5).
		Potential("v*cos(2*pi*x/10)", quantum.Params{"v": 0.1}).
		Fluid("1", "-0.2*cos(2*pi*x/10)")
	fmt.Print(converging.As(quantum.HamiltonJacobi()))
	// Output:
	// Hamilton-Jacobi equation of learning in one dimension
	//   equation    ∂F/∂t + (∂F)²/2m + V = 0,  ∂p/∂t + ∂·(p u) = 0,  u = ∂F/m
	//   network     learners far from equilibrium: dq/dt = u, m du/dt = −∂V
	//   learning    γ = 0.25, D = 0.125, μ = 8
	//   mass        m = 1/(2γ) = 2
	//   quantum     ħ = √(4D/(γμ)) = 0.5
	//   noise       D = ħ/2m: learners with this noise can keep |ψ|² (Nelson)
	//   potential   V = v*cos(2*pi*x/10), v = 0.1
	//   assumed     that the distribution of learners obeys this equation; no network runs on this axis
	//   variables   1-D lattice of 64 sites
	//               └── x: 64 sites, length 10, spacing 0.15625, periodic
	//   initial     fluid p ∝ 1, F = -0.2*cos(2*pi*x/10)
	//   step        ε < 2/ω_max = 2.59018 (leapfrog)
	//   invariants  energy
	//   sources     V. Vanchurin, Towards a theory of quantum gravity from neural networks, arXiv:2111.00903, §3
}

// A model gives its problem and its builder back; other models have none.
func TestProblemOfAModel(t *testing.T) {
	for name, b := range problems() {
		m := b.MustBuild()
		again, ok := quantum.BuilderOf(m)
		if got, want := again.String(), b.String(); !ok || got != want {
			t.Errorf("%s: the builder of the model: %v\n%s\nwant\n%s", name, ok, got, want)
		}
		if got, want := again.MustBuild().Initial(), m.Initial(); !slices.EqualFunc(got.Arrays, want.Arrays, slices.Equal) {
			t.Errorf("%s: another state by the builder of the model", name)
		}
		p, ok := quantum.Of(m)
		if l := m.Lattice(); !ok || len(p.Potential) != l.Sites() || len(p.Circulation) != l.Dim() || !(p.Learning.Hbar() > 0) {
			t.Errorf("%s: the problem of the model: %v %+v", name, ok, p)
		}
		p.Potential[0]++
		if again, _ := quantum.Of(m); again.Potential[0] == p.Potential[0] {
			t.Errorf("%s: the problem is no copy", name)
		}
	}
	type other struct{ theory.Model }
	if _, ok := quantum.BuilderOf(other{coherent().MustBuild()}); ok {
		t.Error("a foreign model has a builder")
	}
	if _, ok := quantum.Of(nil); ok {
		t.Error("no model has a problem")
	}
}

// A free energy that grows by whole turns around a ring is a wave, and one of which there
// is nothing where the ring closes may do there what it likes.
func TestFluidsThatClose(t *testing.T) {
	ring := quantum.Schrodinger().Ring(64, 8)
	for name, b := range map[string]quantum.Builder{
		"one turn":       ring.Fluid("1", "6.28319*x/8"),
		"minus two":      ring.Particle(2, 0.5).Fluid("1 + cos(2*pi*x/8)/2", "-pi*x/4 + sin(2*pi*x/8)"),
		"nothing there":  ring.Fluid("exp(-8*(x-4)*(x-4))", "3*x"),
		"two dimensions": quantum.Schrodinger().Torus(16, 8).Fluid("1", "pi*x/4 + sin(pi*y/4)"),
		"walls":          quantum.Schrodinger().Line(32, 8).Fluid("sin(pi*x/8)", "x"),
	} {
		if err := b.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
