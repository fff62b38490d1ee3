package geometry_test

import (
	"math"
	"slices"
	"testing"

	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// order returns the order at which the error falls between steps h and h/2.
func order(coarse, fine float64) float64 { return math.Log2(coarse / fine) }

// A massless wave in de Sitter space, in conformal time: the closed form of its
// continuous time judges the integrators. Written before the first run: order 2 and
// 4, ± 0.1.
func TestDeSitterWave(t *testing.T) {
	const sites, side, hubble = 6, 3.0, 0.5
	l := torus(t, 3, sites, side)
	k := 2 * math.Pi / side
	kappa := 2 * sites / side * math.Sin(k*side/sites/2) // the lattice's own frequency
	field := func(eta float64) (phi, beta []float64) {
		u, slope := reference.DeSitterMode(kappa, eta)
		a := -1 / (hubble * eta)
		for _, x := range l.Coordinates(0) {
			phi = append(phi, u*math.Cos(k*x))
			beta = append(beta, a*a*slope*math.Cos(k*x)) // β = φ′/M, M = a^{1−d}
		}
		return phi, beta
	}
	const start = -1 / hubble // a = 1 at t = 0
	b := geometry.KleinGordon().Mass(0).Lattice(l.Axes()...).Values(field(start)).
		ScaleFactor(geometry.ConformalTime, "1/(1-h*t)", geometry.Params{"h": hubble})
	const until = 1.6 // a = 5
	phi, beta := field(start + until)
	for name, want := range map[string]float64{"leapfrog": 2, "yoshida4": 4} {
		var errors []float64
		for _, n := range []float64{160, 320} {
			r := run(t, b.Until(until).Step(until/n).Integrator(name).Frames(simulate.Count(2)))
			worst := 0.0
			for s := range phi {
				worst = max(worst, math.Abs(r.Last.Arrays[0][s]-phi[s]), math.Abs(r.Last.Arrays[1][s]-beta[s])/25)
			}
			errors = append(errors, worst)
		}
		t.Logf("%s: %.2g, %.2g: order %.3f", name, errors[0], errors[1], order(errors[0], errors[1]))
		if o := order(errors[0], errors[1]); math.Abs(o-want) > 0.1 || errors[1] > 1e-3 {
			t.Errorf("%s: order %.2f, want %v", name, o, want)
		}
	}
}

// One universe, two clocks: a massive field in cosmic time t and in conformal time
// η = (1 − e^{−Ht})/H is the same field. A clock that is wrong by its rates is off by
// its own size (the control).
func TestClocksAgree(t *testing.T) {
	const hubble, until = 0.3, 2.0
	h := geometry.Params{"h": hubble}
	conformal := (1 - math.Exp(-hubble*until)) / hubble
	for dim := 1; dim <= 3; dim++ {
		l := torus(t, dim, 6, 4)
		base := geometry.KleinGordon().Mass(1.5).Lattice(l.Axes()...).Lapse("1+0.3*sin(pi*x/2)").Values(lump(l.Sites()))
		last := func(b geometry.Builder, until float64) []float64 {
			return run(t, b.Until(until).Step(until/400).Integrator("yoshida4").Frames(simulate.Count(2))).Last.Arrays[0]
		}
		off := func(a, b []float64) (worst float64) {
			for s := range a {
				worst = max(worst, math.Abs(a[s]-b[s]))
			}
			return worst
		}
		cosmic := last(base.ScaleFactor(geometry.CosmicTime, "exp(h*t)", h), until)
		same := last(base.ScaleFactor(geometry.ConformalTime, "1/(1-h*t)", h), conformal)
		other := last(base.ScaleFactor(geometry.CosmicTime, "1/(1-h*t)", h), conformal)
		if d := off(cosmic, same); d > 1e-7 {
			t.Errorf("%d-D: the clocks differ by %.2g", dim, d)
		}
		if d := off(cosmic, other); d < 1e-2 {
			t.Errorf("%d-D: a wrong clock differs by %.2g only", dim, d)
		}
	}
}

// A massless field on a line does not feel a conformal scale factor: every bit is
// that of a world that stands still. A massive one does (the control).
func TestMasslessLineShowsNothing(t *testing.T) {
	ring := geometry.KleinGordon().Ring(64, 8).Values(lump(64))
	expands := func(b geometry.Builder) bool {
		s := func(b geometry.Builder) []float64 { return run(t, b.Until(4).Step(0.05)).Last.Arrays[0] }
		return !slices.Equal(s(b), s(b.ScaleFactor(geometry.ConformalTime, "1+t")))
	}
	if expands(ring.Mass(0)) {
		t.Error("a massless line feels the scale factor")
	}
	if !expands(ring.Mass(0.5)) {
		t.Error("a massive line does not feel the scale factor")
	}
}

// Lattice momentum is kept while energy is not: the work of the expansion.
func TestExpansionWorks(t *testing.T) {
	b := geometry.KleinGordon().Torus(48, 12).Packet(theory.Width(1), theory.WaveNumber(3, 0)).ScaleFactor(geometry.CosmicTime, "exp(t/4)")
	r := run(t, b.Until(4))
	energy := func(s *theory.State) float64 {
		e := make([]float64, 48*48)
		r.Model.(theory.Dense).EnergyDensity(e, s)
		sum := 0.0
		for _, v := range e {
			sum += v
		}
		return sum
	}
	if lost := energy(r.Last) / energy(r.Model.Initial()); lost > 0.6 || lost < 0.2 { // e⁻¹ of radiation, more of what has mass
		t.Errorf("%.3f of the energy is left after a has grown by e", lost)
	}
	for _, i := range r.Invariants {
		if i.Drift() > 1e-12 {
			t.Errorf("%s drifts by %.2g", i.Name, i.Drift())
		}
	}
}
