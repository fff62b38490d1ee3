package nnfield_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// scaled returns noise of a size.
func scaled(size float64, n int, purpose string) []float64 {
	v := noise(n, purpose)
	for i := range v {
		v[i] *= size
	}
	return v
}

// coupledModels are charged fields with a gauge field of their own, far from rest.
func coupledModels() map[string]nnfield.Builder {
	scalar := func(sites, links int, m nnfield.ChargedScalarModel) nnfield.ChargedScalarModel {
		return m.Values(scaled(0.5, 2*sites, "phi"), scaled(0.5, 2*sites, "beta")).LinkValues(scaled(0.3, links, "A"), scaled(0.3, links, "E"))
	}
	spinor := func(types, sites, links int, m nnfield.ChargedDiracModel) nnfield.ChargedDiracModel {
		return m.Values(scaled(0.4, types*sites, "phi"), scaled(0.4, types*sites, "beta")).LinkValues(scaled(0.3, links, "A"), scaled(0.3, links, "E"))
	}
	return map[string]nnfield.Builder{
		"scalar 1-D":         scalar(16, 16, nnfield.ChargedScalar().Ring(16, 8).Charge(1.3).Dynamic(nnfield.NonCompact)),
		"scalar 2-D":         scalar(36, 72, nnfield.ChargedScalar().Torus(6, 3).Dynamic(nnfield.NonCompact)),
		"scalar 2-D compact": scalar(30, 60, nnfield.ChargedScalar().Lattice(nnfield.Ring(5, 3), nnfield.Ring(6, 3)).Charge(1.5).Dynamic(nnfield.Compact)),
		"scalar 3-D":         scalar(64, 192, nnfield.ChargedScalar().Cube(4, 3).Dynamic(nnfield.Compact)),
		"spinor 1-D":         spinor(4, 16, 16, nnfield.ChargedDirac().Ring(16, 8).Charge(-0.8).Wilson(0.5).Dynamic(nnfield.NonCompact)),
		"spinor 2-D":         spinor(8, 25, 50, nnfield.ChargedDirac().Torus(5, 4).Dynamic(nnfield.Compact)),
		"spinor 3-D":         spinor(8, 27, 81, nnfield.ChargedDirac().Cube(3, 3).Representation(nnfield.WeylMatrices).Dynamic(nnfield.NonCompact)),
		"scalar in a background": scalar(16, 16, nnfield.ChargedScalar().Ring(16, 4).Dynamic(nnfield.NonCompact).
			Background(pushes()...).GaugeTransform(nnfield.Profile(twist))),
	}
}

// Gauss's law holds over ten thousand steps of a fully coupled run, and so does the
// energy of field and matter together, in a band.
func TestGaussLaw(t *testing.T) {
	for name, b := range coupledModels() {
		m := built(t, b)
		epsilon := 0.4 / m.MaxFrequency(m.Initial())
		steps := 10000
		if m.Lattice().Dim() == 3 {
			steps = 1000 // slower, and no longer a test of anything else
		}
		r := run(t, simulate.New(m, float64(steps)*epsilon).Step(epsilon).Frames(nnfield.Count(21)))
		gauss, err := r.Invariant("Gauss law")
		if err != nil {
			t.Fatal(name, err)
		}
		if d := gauss.Drift(); d > 1e-11 || gauss.Scale < 1e-3 {
			t.Errorf("%s: the residual of Gauss's law grows by %.2g of max |ρ| = %.2g", name, d, gauss.Scale)
		}
		energy, err := r.Invariant("energy")
		if strings.Contains(name, "background") { // which does work
			if err == nil {
				t.Errorf("%s: an energy", name)
			}
			continue
		}
		if err != nil {
			t.Fatal(name, err)
		}
		if d := energy.Drift(); d > 0.02 {
			t.Errorf("%s: the energy leaves its band: %.2g", name, d)
		}
		if moved := difference(r.Last, m.Initial()); moved < 0.1 {
			t.Errorf("%s: nothing happened", name)
		}
	}
}

// A coupled run is reversible and of the order of its scheme.
func TestCoupledOrder(t *testing.T) {
	for name, b := range coupledModels() {
		m := built(t, b)
		epsilon := 0.5 / m.MaxFrequency(m.Initial())
		const n = 8
		end := func(integrator string, refine int) *theory.State {
			s, err := simulate.Propagate(m, scheme(t, integrator), epsilon/float64(refine), n*refine, m.Initial())
			if err != nil {
				t.Fatal(name, err)
			}
			return s
		}
		exact := end("yoshida6", 8)
		for integrator, order := range map[string]float64{"leapfrog": 2, "yoshida4": 4} {
			coarse, fine := difference(end(integrator, 2), exact), difference(end(integrator, 4), exact)
			if got := math.Log2(coarse / fine); math.Abs(got-order) > 0.5 {
				t.Errorf("%s, %s: errors %.3g and %.3g, order %.2f", name, integrator, coarse, fine, got)
			}
		}
	}
}

// Charge flows locally while the links move.
func TestCoupledContinuity(t *testing.T) {
	for name, b := range coupledModels() {
		if worst := continuity(t, simulate.New(b, 0.5).Frames(nnfield.Every(1))); worst > 1e-12 {
			t.Errorf("%s: the continuity equation is off by %.2g in a step", name, worst)
		}
	}
}

// Covariance holds with dynamical fields as without.
func TestCoupledCovariance(t *testing.T) {
	for _, name := range []string{"scalar 1-D", "spinor 1-D"} {
		m := built(t, coupledModels()[name])
		before := run(t, simulate.New(m, 2).Frames(nnfield.Count(3)))
		there, err := before.GaugeTransform(nnfield.Profile("sin(pi*x/4)*cos(3*t) + 2*t"))
		if err != nil {
			t.Fatal(err)
		}
		again := run(t, simulate.New(there.Model, 2).Step(before.Step).Frames(nnfield.Count(3)))
		if d := difference(there.Last, again.Last); d > 1e-11 {
			t.Errorf("%s: evolve∘transform and transform∘evolve differ by %.2g", name, d)
		}
		for i, inv := range before.Invariants {
			for k, v := range inv.Values {
				if d := math.Abs(again.Invariants[i].Values[k] - v); d > 1e-12*inv.Scale {
					t.Errorf("%s: %s changed by %.2g", name, inv.Name, d/inv.Scale)
				}
			}
		}
	}
}

// Scalar and links have one loss, and the run is that network's own step; a spinor
// and its links have none, with a defect that is not small.
func TestOneLossForScalarAndLinks(t *testing.T) {
	m := built(t, coupledModels()["scalar 2-D compact"])
	epsilon := 0.5 / m.MaxFrequency(m.Initial())
	net, err := m.Network(epsilon)
	if err != nil {
		t.Fatal(err)
	}
	start := m.Initial()
	s := network.State{X: slices.Concat(start.Arrays[0], start.Arrays[2]), B: slices.Concat(start.Arrays[1], start.Arrays[3])}
	for i := range s.B {
		s.B[i] *= epsilon
	}
	for range 20 {
		net.Step(&s)
	}
	got, err := simulate.Propagate(m, scheme(t, "symplectic-euler"), epsilon, 20, start)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.X, slices.Concat(got.Arrays[0], got.Arrays[2])) {
		t.Error("20 steps are not the network's")
	}
	report, err := network.CheckGradient(net.Network(), &s, 3, 20)
	if err != nil || report.Max() > 1e-7 {
		t.Errorf("the gradient of the loss: %v (%v)", report, err)
	}
	if card := m.Card().String(); !strings.Contains(card, "one for field and links") || !strings.Contains(card, "joint defect 0)") {
		t.Errorf("the card of a scalar with links:\n%s", card)
	}
	spinor := built(t, coupledModels()["spinor 2-D"])
	if _, err := spinor.Network(0.1); err == nil || !strings.Contains(err.Error(), "no common loss (joint defect ") || strings.Contains(err.Error(), "defect 0)") {
		t.Errorf("a network of spinor and links: %v", err)
	}
	if card := spinor.Card().String(); !strings.Contains(card, "block by block") {
		t.Errorf("the card of a spinor with links:\n%s", card)
	}
}

// The field begins as the Coulomb field of its charges.
func TestCoulombField(t *testing.T) {
	m := nnfield.ChargedScalar().Torus(16, 8).Charge(1.4).Dynamic(nnfield.NonCompact).
		Packet(nnfield.At(2, 4), nnfield.Width(0.6)).Packet(nnfield.At(6, 4), nnfield.Width(0.6), nnfield.EnergySign(-1)).MustBuild()
	s := m.Initial()
	rho := make([]float64, 256)
	m.(theory.Charged).ChargeDensity(rho, theory.Snapshot{State: s})
	sum := 0.0
	for i := range rho {
		rho[i] *= 1.4
		sum += rho[i]
	}
	for i := range rho {
		rho[i] -= sum / 256
	}
	potential, err := reference.CoulombPotential(m.Lattice(), rho)
	if err != nil {
		t.Fatal(err)
	}
	field, err := reference.CoulombField(m.Lattice(), potential)
	if err != nil {
		t.Fatal(err)
	}
	most := 0.0
	for j := range field {
		for x, want := range field[j] {
			most = max(most, math.Abs(want))
			if got := s.Arrays[3][j*256+x]; math.Abs(got-want) > 1e-12 {
				t.Fatalf("E_%d(%d) = %v, want %v", j, x, got, want)
			}
		}
	}
	if most < 0.1 {
		t.Errorf("the field is %v at most", most)
	}
}

// A plane wave of the free field is the reference's, in leapfrog's own discrete
// time, to round-off; a compact field of small amplitude is close to it.
func TestElectromagneticWave(t *testing.T) {
	const step, steps = 0.1, 200
	for _, c := range []struct {
		model        nnfield.MaxwellModel
		mode         []int
		polarisation []float64
	}{
		{nnfield.Maxwell().Lattice(nnfield.Ring(12, 6), nnfield.Ring(10, 4)), []int{1, -2}, []float64{1, 0.5}},
		{nnfield.Maxwell().Cube(6, 3).Charge(2), []int{1, 2, 0}, []float64{0.2, -1, 0.7}},
	} {
		m := c.model.LinkWave(nnfield.Mode(c.mode...), nnfield.Polarisation(c.polarisation...), nnfield.Phase(0.4)).MustBuild()
		start := m.Initial()
		moving, err := reference.NewElectromagneticWave(m.Lattice(), c.mode, c.polarisation, 0.4, step)
		if err != nil {
			t.Fatal(err)
		}
		n := m.Lattice().Sites()
		size := 0.0 // the reference's e is not normalised
		for j := range c.mode {
			a := moving.Potential(j, 0)
			for x, v := range a {
				if math.Abs(v) > size {
					size = math.Abs(v)
				}
				_ = x
			}
		}
		ratio := math.NaN()
		for j := range c.mode {
			for x, v := range moving.Potential(j, 0) {
				if math.Abs(v) > 0.9*size {
					ratio = start.Arrays[0][j*n+x] / v
				}
			}
		}
		// E of the start is that of continuous time; leapfrog's own wave has a slightly
		// longer one, at t = 0 in the mean of ±½ε.
		e := make([]float64, len(start.Arrays[1]))
		for j := range c.mode {
			early, late := moving.Electric(j, -step/2), moving.Electric(j, step/2)
			for x := range early {
				e[j*n+x] = ratio * (early[x] + late[x]) / 2
			}
		}
		start.Arrays[1] = e
		end, err := simulate.Propagate(m, scheme(t, "leapfrog"), step, steps, start)
		if err != nil {
			t.Fatal(err)
		}
		for j := range c.mode {
			for x, v := range moving.Potential(j, steps*step) {
				if got := end.Arrays[0][j*n+x]; math.Abs(got-ratio*v) > 1e-12 {
					t.Fatalf("A_%d(%d) = %v after %d steps, want %v", j, x, got, steps, ratio*v)
				}
			}
		}
		r := run(t, simulate.New(m, 30*step).Step(step).Frames(nnfield.Every(1)))
		modes, err := observe.Dispersion(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range modes {
			if mode.Power < 1e-12 {
				continue
			}
			if want, err := observe.Branch(r, mode.K...); err != nil || math.Abs(mode.Omega-want) > 1e-9 {
				t.Errorf("k = %v: ω = %v, want %v (%v)", mode.K, mode.Omega, want, err)
			}
		}
		weak := c.model.Action(nnfield.Compact).LinkWave(nnfield.Mode(c.mode...), nnfield.Polarisation(c.polarisation...), nnfield.Amplitude(1e-5)).MustBuild()
		linear := c.model.LinkWave(nnfield.Mode(c.mode...), nnfield.Polarisation(c.polarisation...), nnfield.Amplitude(1e-5)).MustBuild()
		strong := c.model.Action(nnfield.Compact).LinkWave(nnfield.Mode(c.mode...), nnfield.Polarisation(c.polarisation...)).MustBuild()
		ends := make([]*theory.State, 3)
		for i, m := range []nnfield.Model{weak, linear, strong} {
			if ends[i], err = simulate.Propagate(m, scheme(t, "leapfrog"), step, steps, m.Initial()); err != nil {
				t.Fatal(err)
			}
		}
		if d := difference(ends[0], ends[1]); d > 1e-7 {
			t.Errorf("a weak compact wave is %.2g off the linear one", d)
		}
		if d := difference(ends[2], end); d < 1e-3 {
			t.Errorf("a strong compact wave is linear: %.2g", d)
		}
	}
}

func TestBadGaugeFieldInput(t *testing.T) {
	torus := nnfield.Maxwell().Torus(8, 4)
	scalar := nnfield.ChargedScalar().Ring(8, 4)
	for want, s := range map[string]nnfield.Simulation{
		"Maxwell: no lattice; say where the links are, for example Torus(64, 20)":                                                                                              nnfield.Maxwell().Until(1),
		"Maxwell: Charge(0): the charge must be finite and not zero; use KleinGordon or Dirac for a neutral field":                                                             torus.Charge(0).Until(1),
		`Maxwell: Action("wilson"): use "compact" or "non-compact"`:                                                                                                            torus.Action("wilson").Until(1),
		`Maxwell: Action("non-compact"): the lattice has walls; the links need periodic axes, use Ring, Torus or Cube`:                                                         nnfield.Maxwell().Line(9, 3, nnfield.Dirichlet, nnfield.Neumann).Until(1),
		"Maxwell: LinkWave: the option polarisation is missing":                                                                                                                torus.LinkWave(nnfield.Mode(1, 0)).Until(1),
		"Maxwell: LinkWave: the wave number is 0; give Mode or WaveNumber":                                                                                                     torus.LinkWave(nnfield.Polarisation(1, 0)).Until(1),
		"Maxwell: LinkWave: Polarisation has 1 components, the lattice 2 axes; give one for each axis":                                                                         torus.LinkWave(nnfield.Mode(1, 0), nnfield.Polarisation(1)).Until(1),
		"Maxwell: LinkWave: Polarisation(1, 0) lies along the wave vector 1.5708, 0; a gauge wave is transverse, give another direction (one axis has none)":                   torus.LinkWave(nnfield.Mode(1, 0), nnfield.Polarisation(1, 0)).Until(1),
		"Maxwell: LinkValues: A has 3 numbers for 2 axes on 64 sites; give 128, one of the axes after the other":                                                               torus.LinkValues(make([]float64, 3), make([]float64, 128)).Until(1),
		`ChargedScalar: Dynamic("big"): use "compact" or "non-compact"`:                                                                                                        scalar.Dynamic("big").Until(1),
		`ChargedScalar: initial.kind: "link-wave" is no state of this theory; use charged-packet, charged-plane-wave, values`:                                                  scalar.LinkWave(nnfield.Polarisation(1)).Until(1),
		"Integrator(\"rk4\"): the equations of motion are not a plain flow: the links are neurons with a dynamics of their own; use leapfrog or another symplectic integrator": scalar.Dynamic(nnfield.Compact).Until(1).Integrator("rk4"),
	} {
		_, err := s.Run(context.Background())
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func ExampleMaxwell() {
	wave := nnfield.Maxwell().Torus(32, 16).LinkWave(nnfield.Mode(2, 1), nnfield.Polarisation(0, 1))
	r, err := wave.Until(10).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	gauss, _ := r.Invariant("Gauss law")
	fmt.Println("Gauss law, drift", simulate.Small(gauss.Drift()))
	// Output: Gauss law, drift below 1e-13
}
