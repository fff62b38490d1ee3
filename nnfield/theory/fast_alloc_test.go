//go:build !race

package theory

import (
	"testing"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// A step allocates nothing, with any force. (The race detector makes sync.Pool
// forget at random, so this test is not for it.)
func TestSweptScalarAllocatesNothing(t *testing.T) {
	l, err := lattice.New(lattice.Ring(64, 32), lattice.Ring(20, 10))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []Potential{{}, Phi4(1, 1), SineGordon(), Expression("tanh(x)*phi*phi", nil), SitePotential(make([]float64, 1280))} {
		m, err := KleinGordon{Lattice: l, Mass: 1, Potential: v}.Build()
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.Evolve(0.1)
		if err != nil {
			t.Fatal(err)
		}
		s, one := m.Initial(), []float64{1}
		e.(Swept).Advance(s, 10, one, one)
		if n := testing.AllocsPerRun(20, func() { e.(Swept).Advance(s, 3, one, one) }); n > 0 {
			t.Errorf("%s: %v allocations", v.Formula().Text, n)
		}
	}
}

func TestSweptHalvesAllocateNothing(t *testing.T) {
	models := map[string]Model{}
	for name, m := range diracs(t, 40, 48) {
		models["dirac "+name] = m
	}
	for name, m := range chargeds(t, 40, 48) {
		models["charged "+name] = m
	}
	for name, m := range models {
		e, err := m.Evolve(0.01)
		if err != nil {
			t.Fatal(err)
		}
		s := noise(m)
		one := []float64{1}
		if n := testing.AllocsPerRun(5, func() { e.(Swept).Advance(s, 10, one, one) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
