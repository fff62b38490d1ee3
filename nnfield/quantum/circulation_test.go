package quantum_test

import (
	"math"
	"math/cmplx"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// What circulates where: 0 for a single-valued F, any real number for the local
// Madelung system, whole numbers for Schrödinger.
func TestCirculationIsAllowed(t *testing.T) {
	ring := func(b quantum.Builder) quantum.Builder { return b.Ring(32, 2*math.Pi) }
	for name, c := range map[string]struct {
		b    quantum.Builder
		want string // "" for allowed
	}{
		"fixed number of neurons":    {ring(quantum.Madelung()).PlaneWave(quantum.Mode(0)), ""},
		"a wave that winds":          {ring(quantum.Madelung()).PlaneWave(quantum.Mode(2)), "ψ winds 2 times around the x axis; a single-valued F has circulation 0"},
		"local, real":                {ring(quantum.Madelung()).PlaneWave(quantum.Mode(0)).Circulation(0.37), ""},
		"Schrödinger, whole":         {ring(quantum.Schrodinger()).PlaneWave(quantum.Mode(0)).Circulation(-3), ""},
		"Schrödinger, wave":          {ring(quantum.Schrodinger()).PlaneWave(quantum.Mode(2)), ""},
		"Schrödinger, real":          {ring(quantum.Schrodinger()).PlaneWave(quantum.Mode(0)).Circulation(0.37), "use whole numbers"},
		"Schrödinger, vortex":        {quantum.Schrodinger().Box(32, 12).Vortex(quantum.Width(1)), ""},
		"Madelung, vortex":           {quantum.Madelung().Box(32, 12).Vortex(quantum.Width(1.6)), "p has a node"},
		"Hamilton-Jacobi, vortex":    {quantum.HamiltonJacobi().Box(32, 12).Vortex(quantum.Width(1)), "cannot hold a vortex"},
		"Hamilton-Jacobi, real":      {ring(quantum.HamiltonJacobi()).Fluid("1", "0").Circulation(0.37), ""},
		"around a line":              {quantum.Madelung().Line(32, 5).Fluid("1", "0").Circulation(1), "the x axis has walls"},
		"a vector of another length": {ring(quantum.Madelung()).Fluid("1", "0").Circulation(1, 2), "2 numbers for 1 axes"},
	} {
		err := c.b.Err()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// A uniform flow of circulation κ has the energy (ħκ)²/2mR².
func TestCirculationEnergy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kappa := rapid.Float64Range(-3, 3).Draw(t, "κ")
		hbar := rapid.Float64Range(0.1, 3).Draw(t, "ħ")
		m := quantum.Madelung().Ring(16, 2*math.Pi*1.5).Particle(0.8, hbar).Fluid("1", "0").Circulation(kappa).MustBuild()
		s := snapshot(m.Initial())
		want := hbar * kappa * hbar * kappa / (2 * 0.8 * 1.5 * 1.5)
		if got := m.Invariants()[1].Value(s); math.Abs(got-want) > 1e-12*(1+want) {
			t.Fatalf("energy %v, want %v", got, want)
		}
	})
}

// The local Madelung system with any real κ is ψ with the twisted boundary
// ψ(x + L) = e^{2πiκ}ψ(x): judged by plane waves without V and by Crank-Nicolson
// with V. With another κ the density is another one.
func TestTwistedBoundary(t *testing.T) {
	const kappa = 0.37
	problem := func(n int) quantum.Builder {
		return quantum.Madelung().Ring(n, 2*math.Pi).Fluid("1+0.4*cos(x)", "0.3*sin(x)").Circulation(kappa)
	}
	density := func(z complex128) float64 { return real(z * cmplx.Conj(z)) }
	var free, bound, untwisted []float64
	for _, n := range []int{32, 64} {
		b := problem(n)
		r := run(t, b.Until(0.75).Frames(simulate.Count(2)))
		start := psi(b.Circulation(0).As(quantum.Schrodinger()).MustBuild().Initial())
		worst := [2]float64{}
		for k, twist := range []float64{kappa, 0} {
			ring, err := reference.NewTwistedRing(1, 1, 2*math.Pi, twist, start)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range r.Coordinates(0) {
				worst[k] = math.Max(worst[k], math.Abs(r.Last.Arrays[0][i]-density(ring.Psi(x, r.Last.Time))))
			}
		}
		free, untwisted = append(free, worst[0]), append(untwisted, worst[1])

		b = b.Potential("cos(x)")
		r = run(t, b.Until(0.75).Frames(simulate.Count(2)))
		l := r.Lattice()
		v := make([]float64, n)
		for i, x := range l.Coordinates(0) {
			v[i] = math.Cos(x)
			start[i] *= cmplx.Rect(1, kappa*x)
		}
		cn, err := reference.NewCrankNicolson(l, 1, 1, 0.75/600, v, []float64{kappa})
		if err != nil {
			t.Fatal(err)
		}
		cn.Advance(start, 600)
		w := 0.0
		for i, z := range start {
			w = math.Max(w, math.Abs(r.Last.Arrays[0][i]-density(z)))
		}
		bound = append(bound, w)
	}
	order(t, "free", 2, free...)
	order(t, "with V", 2, bound...)
	if untwisted[1] < 20*free[1] {
		t.Errorf("the twist makes no difference: %v without it, %v with it", untwisted, free)
	}
}

// Circulation stays what it is: a whole number for Schrödinger, whatever V does
// while ψ has no node.
func TestWindingIsKept(t *testing.T) {
	b := quantum.Schrodinger().Ring(64, 2*math.Pi).Potential("0.3*cos(x)").Fluid("1+0.2*cos(x)", "0").Circulation(2)
	r := run(t, b.Until(3).Frames(simulate.Count(31)))
	for i := range r.Len() {
		s := r.State(i)
		re, im := parts(s)
		if w := quantum.Winding(r.Lattice(), 0, re, im); w != 2 {
			t.Errorf("t = %v: winding %d", s.Time, w)
		}
	}
}

// Vortices finds charges and places.
func TestVortices(t *testing.T) {
	for charge := -3; charge <= 3; charge++ {
		if charge == 0 {
			continue
		}
		b := quantum.Schrodinger().Torus(48, 12).Vortex(quantum.Width(1), quantum.At(5.1, 6.6), quantum.Charge(charge))
		m := b.MustBuild()
		s := m.Initial()
		total := 0
		re, im := parts(s)
		for _, v := range quantum.Vortices(m.Lattice(), re, im) {
			if math.Hypot(v.At[0]-5.1, v.At[1]-6.6) < 1 {
				total += v.Charge
			}
		}
		if total != charge {
			t.Errorf("charge %d found as %d", charge, total)
		}
	}
}
