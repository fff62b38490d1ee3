package geometry

import (
	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// swept evolves a field by the kernels of its weights, many steps at a time, with
// the bits of the network's own step. Single drifts and kicks are those of the
// network.
type swept struct {
	*evolution
	composition *stencil.Composition
}

// newSwept returns the fast evolution, or false if the metric moves, if there is a
// shift or a sponge, or if the bonds lead where no sweep does.
func newSwept(e *evolution) (*swept, bool) {
	m := e.m
	if m.p.scale != nil || m.t.shift != nil || m.open() {
		return nil, false
	}
	d := m.p.lattice.Dim()
	unused := 3 - d
	w := stencil.CurvedWeights{Shape: [3]int{1, 1, 1}, Gain: m.t.root, Centre: m.k.centre}
	for j := range d {
		w.Shape[unused+j] = m.p.lattice.Axis(j).Sites
	}
	for _, b := range m.k.along {
		bond := stencil.Bond{Strength: b.strength}
		copy(bond.Offset[unused:], b.offset[:d])
		w.Bonds = append(w.Bonds, bond)
	}
	k, ok := stencil.NewCurved(w)
	if !ok {
		return nil, false
	}
	return &swept{e, stencil.NewComposition(k, float64(e.step*e.step), 4+len(w.Bonds))}, true
}

// Depth returns how many drifts and kicks a sweep does in one go.
func (e *swept) Depth() int { return e.composition.Depth() }

// Advance sweeps n steps.
func (e *swept) Advance(s *theory.State, n int, drifts, kicks []float64) {
	e.composition.Run(s.Arrays[0], s.Arrays[1], n, drifts, kicks)
	s.Step += n
	s.Time = float64(s.Step) * e.step
}
