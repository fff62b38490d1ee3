package nnfield

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// KleinGordonModel builds a Klein-Gordon field. Its setters return a changed
// copy, so that a model can be varied without harm to the one it came from:
//
//	heavy := kg.Mass(2)
type KleinGordonModel struct {
	p   theory.KleinGordon
	err error
}

// KleinGordon returns the builder of a scalar field with
//
//	ℋ = Σ a^d [½β² + ½(∇φ)² + ½m²φ² + V(φ)]          [F §3]
//
// of mass 1, without a lattice and without a state.
func KleinGordon() KleinGordonModel {
	return KleinGordonModel{p: theory.KleinGordon{Mass: 1, Laplacian: theory.Order2}}
}

// fail keeps the first error, with the name of the theory before it.
func (m KleinGordonModel) fail(err error) KleinGordonModel {
	if m.err == nil && err != nil {
		m.err = fmt.Errorf("KleinGordon: %w", err)
	}
	return m
}

// Lattice puts the neurons on a lattice of one, two or three axes, each a
// [Ring] or a [Line].
func (m KleinGordonModel) Lattice(axes ...Axis) KleinGordonModel { return m.place("Lattice", axes...) }

func (m KleinGordonModel) place(call string, axes ...Axis) KleinGordonModel {
	l, drives, err := build(axes)
	if err != nil {
		return m.fail(fmt.Errorf("%s: %w", call, err))
	}
	m.p.Lattice, m.p.Drives = l, drives
	return m
}

// Ring puts the neurons on a circle.
func (m KleinGordonModel) Ring(sites int, length float64) KleinGordonModel {
	return m.place(fmt.Sprintf("Ring(%d, %v)", sites, length), Ring(sites, length))
}

// Line puts the neurons on a line with two ends.
func (m KleinGordonModel) Line(sites int, length float64, low, high End) KleinGordonModel {
	return m.place(fmt.Sprintf("Line(%d, %v)", sites, length), Line(sites, length, low, high))
}

// Torus puts sites² neurons on a square of the given side with periodic edges.
func (m KleinGordonModel) Torus(sites int, side float64) KleinGordonModel {
	a := Ring(sites, side)
	return m.place(fmt.Sprintf("Torus(%d, %v)", sites, side), a, a)
}

// Cube puts sites³ neurons on a cube of the given side with periodic faces.
func (m KleinGordonModel) Cube(sites int, side float64) KleinGordonModel {
	a := Ring(sites, side)
	return m.place(fmt.Sprintf("Cube(%d, %v)", sites, side), a, a, a)
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

// add appends a contribution to the initial state.
func (m KleinGordonModel) add(i theory.Initial) KleinGordonModel {
	m.p.Initial = append(append([]theory.Initial(nil), m.p.Initial...), i)
	return m.fail(i.Err())
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

// Build returns the model, or the first error of the calls that made it.
func (m KleinGordonModel) Build() (Model, error) {
	if m.err != nil {
		return nil, m.err
	}
	built, err := m.p.Build()
	if err != nil {
		return nil, fmt.Errorf("KleinGordon: %w", err)
	}
	return built, nil
}

// MustBuild is Build for tests and programs that know their input is good; it
// panics on an error.
func (m KleinGordonModel) MustBuild() Model {
	built, err := m.Build()
	if err != nil {
		panic(err)
	}
	return built
}

// Until returns the simulation of the model from t = 0 to the given time.
func (m KleinGordonModel) Until(t float64) Simulation { return simulate.New(m, t) }

// Err returns what Build would fail with, or nil.
func (m KleinGordonModel) Err() error {
	_, err := m.Build()
	return err
}

// String returns the card of the model as text, or its error.
func (m KleinGordonModel) String() string {
	built, err := m.Build()
	if err != nil {
		return err.Error()
	}
	return built.Card().String()
}

// Markdown returns the card of the model with its formulas in LaTeX, or its
// error.
func (m KleinGordonModel) Markdown() string {
	built, err := m.Build()
	if err != nil {
		return err.Error()
	}
	return built.Card().Markdown()
}
