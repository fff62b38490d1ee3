package nnfield

import (
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// KleinGordonModel builds a Klein-Gordon field. Its setters return a changed
// copy, so that a model can be varied without harm to the one it came from:
//
//	heavy := kg.Mass(2)
type KleinGordonModel struct {
	builder[KleinGordonModel, theory.KleinGordon]
}

var kleinGordon = kind[KleinGordonModel, theory.KleinGordon]{
	name: "KleinGordon",
	wrap: func(b builder[KleinGordonModel, theory.KleinGordon]) KleinGordonModel { return KleinGordonModel{b} },
	places: func(p *theory.KleinGordon) (*lattice.Lattice, *[]theory.Initial) {
		return &p.Lattice, &p.Initial
	},
	drives: func(p *theory.KleinGordon) *[]theory.Drive { return &p.Drives },
	build:  theory.KleinGordon.Build,
}

// KleinGordon returns the builder of a scalar field with
//
//	ℋ = Σ a^d [½β² + ½(∇φ)² + ½m²φ² + V(φ)]          [F §3]
//
// of mass 1, without a lattice and without a state.
func KleinGordon() KleinGordonModel {
	var m KleinGordonModel
	m.kind, m.p = &kleinGordon, theory.KleinGordon{Mass: 1, Laplacian: theory.Order2}
	return m
}

// Mass sets the mass m ≥ 0 (the inverse Compton length; c = ħ = 1).
func (m KleinGordonModel) Mass(mass float64) KleinGordonModel {
	m.p.Mass = mass
	return m.fail(theory.CheckMass(mass))
}

// Laplacian chooses the discretisation of ∇²: [Order2], [Order4] or [Spectral].
func (m KleinGordonModel) Laplacian(l theory.Laplacian) KleinGordonModel {
	m.p.Laplacian = l
	return m.fail(theory.CheckLaplacian(l))
}

// Potential sets the self-interaction V(φ). [Phi4] and [SineGordon] bring the
// mass of their mesons with them: use Mass(0).
func (m KleinGordonModel) Potential(v theory.Potential) KleinGordonModel {
	m.p.Potential = v
	return m.fail(v.Err())
}

// PlaneWave adds φ = A cos(k·x − ωt + phase); options [WaveNumber] or [Mode],
// [Amplitude], [Phase].
func (m KleinGordonModel) PlaneWave(options ...Option) KleinGordonModel {
	return m.add(theory.PlaneWave(options...))
}

// StandingWave adds a mode of the lattice at rest; options [Mode], [Amplitude].
func (m KleinGordonModel) StandingWave(options ...Option) KleinGordonModel {
	return m.add(theory.StandingWave(options...))
}

// Packet adds a Gaussian packet that moves along its wave vector; options
// [Width], [At], [WaveNumber], [Amplitude], [Phase].
func (m KleinGordonModel) Packet(options ...Option) KleinGordonModel {
	return m.add(theory.Packet(options...))
}

// Kink adds a soliton of φ⁴ or sine-Gordon theory; options [At], [Velocity].
func (m KleinGordonModel) Kink(options ...Option) KleinGordonModel {
	return m.add(theory.Kink(options...))
}

// Antikink adds the mirror image of a kink; options [At], [Velocity].
func (m KleinGordonModel) Antikink(options ...Option) KleinGordonModel {
	return m.add(theory.Antikink(options...))
}

// Breather adds a breather of sine-Gordon theory; options [Frequency], [At],
// [Phase].
func (m KleinGordonModel) Breather(options ...Option) KleinGordonModel {
	return m.add(theory.Breather(options...))
}

// Thermal adds a random state of the canonical ensemble; options [Temperature],
// [Seed].
func (m KleinGordonModel) Thermal(options ...Option) KleinGordonModel {
	return m.add(theory.Thermal(options...))
}

// Values adds given φ and β, one number a site in row-major order.
func (m KleinGordonModel) Values(phi, beta []float64) KleinGordonModel {
	return m.add(theory.Values(phi, beta))
}
