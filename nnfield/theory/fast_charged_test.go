package theory

import (
	"fmt"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// chargeds are charged fields that the kernels take, on lattices of a shape.
func chargeds(t testing.TB, shape ...int) map[string]*charged {
	ring, walls := make([]lattice.Axis, len(shape)), make([]lattice.Axis, len(shape))
	wall, face := lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann}
	for j, n := range shape {
		ring[j] = lattice.Ring(n, (0.3+0.1*float64(j))*float64(n))
		walls[j] = lattice.Line(n, 0.3*float64(n), wall, wall)
	}
	faces := append([]lattice.Axis{lattice.Line(shape[0], 2, wall, face)}, ring[1:]...)
	all := map[string]*charged{}
	add := func(name string, m Model, err error) {
		if err != nil {
			t.Fatal(name, err)
		}
		all[name] = m.(*charged)
	}
	on := func(axes []lattice.Axis) lattice.Lattice {
		l, err := lattice.New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	sites := on(ring).Sites()
	numbers := random.New(3, "profiles")
	profile := func(key int) Profile {
		v := make([]float64, sites)
		for i := range v {
			v[i] = numbers.Normal(key*sites + i)
		}
		return SiteProfile(v)
	}
	var g Gauge
	for j := range shape {
		g.Vector[j] = profile(j)
	}
	build := func(name string, p Builder) { m, err := p.Build(); add(name, m, err) }
	build("scalar", ChargedScalar{Lattice: on(ring), Mass: 0.7, Charge: 1.3, Gauge: g})
	build("scalar, walls", ChargedScalar{Lattice: on(walls), Charge: 1.3, Gauge: g})
	build("scalar, one wall", ChargedScalar{Lattice: on(faces), Mass: 1, Charge: 0.3})
	build("real", ChargedDirac{Dirac: Dirac{Lattice: on(ring), Mass: 0.7, Wilson: 1}, Charge: 1, Gauge: g})
	build("walls", ChargedDirac{Dirac: Dirac{Lattice: on(walls), Mass: 0.7, Wilson: 0.6, Potential: profile(7)}, Charge: 1, Gauge: g})
	build("dirac", ChargedDirac{Dirac: Dirac{Lattice: on(ring), MassProfile: profile(8), Representation: DiracMatrices}, Charge: 1, Gauge: g})
	if len(shape) != 2 {
		build("weyl", ChargedDirac{Dirac: Dirac{Lattice: on(ring), Mass: 0.7, Wilson: 0.5, Representation: WeylMatrices}, Charge: 1, Gauge: g})
	}
	return all
}

// The kernels have the bits of the plain step, however they are swept.
func TestSweptChargedIsThePlainStep(t *testing.T) {
	epsilon, steps := 0.05, 5
	drifts, kicks := []float64{1, -0.7}, []float64{0.6, 1.3}
	for _, shape := range [][]int{{2}, {3}, {9}, {64}, {130}, {517}, {2, 2}, {3, 5}, {8, 12}, {3, 270}, {40, 9}, {2, 3, 2}, {4, 3, 5}, {5, 6, 12}, {13, 14, 9}} {
		for name, m := range chargeds(t, shape...) {
			t.Run(fmt.Sprint(shape, " ", name), func(t *testing.T) {
				f := m.frame()
				n, err := m.pair(epsilon, f)
				if err != nil {
					t.Fatal(err)
				}
				e := &transported{canonical: newCanonical(n, epsilon), frame: f, spinor: m.spinor}
				plain, start := noise(m), noise(m)
				for range steps {
					for i := range drifts {
						e.Drift(plain, drifts[i])
						e.Kick(plain, kicks[i])
					}
				}
				plain.Step, plain.Time = steps, float64(steps)*epsilon
				fast, ok := newSweptCharged(e)
				if !ok {
					t.Fatal("no kernels")
				}
				for _, shape := range tilings(fast, m.l) {
					fast.composition.Tile(shape)
					swept := start.Clone()
					fast.Advance(swept, steps, drifts, kicks)
					sameState(t, swept, plain)
				}
			})
		}
	}
}

// Links that move or are neurons go the plain way, and so do matrices with elements
// that are neither real nor imaginary.
func TestSweptChargedDeclines(t *testing.T) {
	l, err := lattice.New(lattice.Ring(12, 3))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]Builder{
		"electric field": ChargedScalar{Lattice: l, Charge: 1, Gauge: Gauge{Electric: []float64{0.3}}},
		"dynamics":       ChargedScalar{Lattice: l, Charge: 1, Dynamics: NonCompact},
		"imaginary mass": ChargedDirac{Dirac: Dirac{Lattice: l, Mass: 1, Representation: MajoranaMatrices}, Charge: 1},
	} {
		m, err := b.Build()
		if err != nil {
			t.Fatal(name, err)
		}
		e, err := m.Evolve(0.01)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, ok := e.(Swept); ok {
			t.Errorf("%s: swept", name)
		}
	}
}
