package nnfield

import (
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// MaxwellModel builds a free gauge field. Its setters return a changed copy.
type MaxwellModel struct {
	builder[MaxwellModel, theory.Maxwell]
}

var maxwell = kind[MaxwellModel, theory.Maxwell]{
	name:   "Maxwell",
	wrap:   func(b builder[MaxwellModel, theory.Maxwell]) MaxwellModel { return MaxwellModel{b} },
	places: func(p *theory.Maxwell) (*lattice.Lattice, *[]theory.Initial) { return &p.Lattice, &p.Initial },
	build:  theory.Maxwell.Build,
}

// Maxwell returns the builder of a free U(1) gauge field on the links of a lattice,
//
//	∂_tA = E,   ∂_tE = −∇×∇×A,
//
// linear ([NonCompact]), of charge 1, without a lattice or a state.
func Maxwell() MaxwellModel {
	var m MaxwellModel
	m.kind, m.p = &maxwell, theory.Maxwell{Charge: 1, Action: theory.NonCompact}
	return m
}

// Charge sets q ≠ 0: the links are e^{iqaA}, and a compact field is periodic in A.
func (m MaxwellModel) Charge(q float64) MaxwellModel {
	m.p.Charge = q
	return m.fail(theory.CheckCharge(q))
}

// Action chooses the energy of plaquettes: [NonCompact] (default) or [Compact].
func (m MaxwellModel) Action(a theory.Action) MaxwellModel {
	m.p.Action = a
	return m.fail(theory.CheckAction("Action", a))
}

// LinkWave adds a plane wave of A; options [Polarisation], [Mode] or [WaveNumber],
// [Amplitude], [Phase].
func (m MaxwellModel) LinkWave(options ...Option) MaxwellModel {
	return m.add(theory.LinkWave(options...))
}

// LinkValues adds given A and E, one number a link, axis after axis.
func (m MaxwellModel) LinkValues(a, e []float64) MaxwellModel {
	return m.add(theory.LinkValues(a, e))
}
