package nnfield

import (
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// ChargedScalarModel builds a charged scalar field. Its setters return a changed
// copy.
type ChargedScalarModel struct {
	builder[ChargedScalarModel, theory.ChargedScalar]
}

var chargedScalar = kind[ChargedScalarModel, theory.ChargedScalar]{
	name: "ChargedScalar",
	wrap: func(b builder[ChargedScalarModel, theory.ChargedScalar]) ChargedScalarModel {
		return ChargedScalarModel{b}
	},
	places: func(p *theory.ChargedScalar) (*lattice.Lattice, *[]theory.Initial) { return &p.Lattice, &p.Initial },
	gauge:  func(p *theory.ChargedScalar) gauge { return gauge{&p.Charge, &p.Gauge, &p.Dynamics} },
	build:  theory.ChargedScalar.Build,
}

// ChargedScalar returns the builder of a complex scalar field
//
//	D_t²φ = D²φ − m²φ,   D = ∂ + iqA          [F] §5
//
// of mass 1 and charge 1, without a background, a lattice or a state.
func ChargedScalar() ChargedScalarModel {
	var m ChargedScalarModel
	m.kind, m.p = &chargedScalar, theory.ChargedScalar{Mass: 1, Charge: 1}
	return m
}

// Mass sets the mass m ≥ 0.
func (m ChargedScalarModel) Mass(mass float64) ChargedScalarModel {
	m.p.Mass = mass
	return m.fail(theory.CheckMass(mass))
}

// Charge sets q ≠ 0, the coupling to the gauge field.
func (m ChargedScalarModel) Charge(q float64) ChargedScalarModel { return setCharge(m.builder, q) }

// Background sets contributions to the U(1) background field: [VectorPotential],
// [ElectricPotential], [ElectricField], [MagneticFlux], [RingFlux].
func (m ChargedScalarModel) Background(fields ...theory.Background) ChargedScalarModel {
	return setBackground(m.builder, fields)
}

// GaugeTransform transforms the model by λ(x, t): field, links and background.
// Densities, currents and energies do not change.
func (m ChargedScalarModel) GaugeTransform(lambda theory.Profile) ChargedScalarModel {
	return transform(m.builder, lambda)
}

// Dynamic gives the model a gauge field of its own, with [NonCompact] or [Compact]
// plaquettes: charges make it and feel it. It begins as their Coulomb field. The
// lattice must be periodic; the background stays external.
func (m ChargedScalarModel) Dynamic(a theory.Action) ChargedScalarModel {
	return setDynamics(m.builder, a)
}

// LinkWave adds a plane wave of a dynamical gauge field; options [Polarisation],
// [Mode] or [WaveNumber], [Amplitude], [Phase].
func (m ChargedScalarModel) LinkWave(options ...Option) ChargedScalarModel {
	return m.add(theory.LinkWave(options...))
}

// LinkValues adds given A and E of a dynamical gauge field to the Coulomb field, one
// number a link, axis after axis.
func (m ChargedScalarModel) LinkValues(a, e []float64) ChargedScalarModel {
	return m.add(theory.LinkValues(a, e))
}

// PlaneWave adds a plane wave; options [WaveNumber] or [Mode], [EnergySign],
// [Amplitude], [Phase].
func (m ChargedScalarModel) PlaneWave(options ...Option) ChargedScalarModel {
	return m.add(theory.ChargedPlaneWave(options...))
}

// Packet adds a Gaussian packet of one sign of the energy, which is that of its
// charge; options [Width], [At], [WaveNumber], [EnergySign], [Amplitude], [Phase].
func (m ChargedScalarModel) Packet(options ...Option) ChargedScalarModel {
	return m.add(theory.ChargedPacket(options...))
}

// Values adds given φ and β: the real parts at every site in row-major order, then
// the imaginary parts.
func (m ChargedScalarModel) Values(phi, beta []float64) ChargedScalarModel {
	return m.add(theory.Values(phi, beta))
}

// ChargedDiracModel builds a charged Dirac field. Its setters return a changed
// copy.
type ChargedDiracModel struct {
	spinors[ChargedDiracModel, theory.ChargedDirac]
}

var chargedDirac = kind[ChargedDiracModel, theory.ChargedDirac]{
	name: "ChargedDirac",
	wrap: func(b builder[ChargedDiracModel, theory.ChargedDirac]) ChargedDiracModel {
		return ChargedDiracModel{spinors[ChargedDiracModel, theory.ChargedDirac]{b}}
	},
	places: func(p *theory.ChargedDirac) (*lattice.Lattice, *[]theory.Initial) { return &p.Lattice, &p.Initial },
	dirac:  func(p *theory.ChargedDirac) *theory.Dirac { return &p.Dirac },
	gauge:  func(p *theory.ChargedDirac) gauge { return gauge{&p.Charge, &p.Gauge, &p.Dynamics} },
	build:  theory.ChargedDirac.Build,
}

// ChargedDirac returns the builder of a Dirac field that is complex in φ and in β,
//
//	iD_tψ = (−iα_jD_j + m(x)β_D + V(x))ψ,   D = ∂ + iqA          [F] §5
//
// of mass 1 and charge 1 in the representation of real matrices, without a Wilson
// term, a background, a lattice or a state.
func ChargedDirac() ChargedDiracModel {
	var m ChargedDiracModel
	m.kind, m.p = &chargedDirac, theory.ChargedDirac{Dirac: theory.Dirac{Mass: 1}, Charge: 1}
	return m
}

// Charge sets q ≠ 0, the coupling to the gauge field.
func (m ChargedDiracModel) Charge(q float64) ChargedDiracModel { return setCharge(m.builder, q) }

// Background sets contributions to the U(1) background field: [VectorPotential],
// [ElectricPotential], [ElectricField], [MagneticFlux], [RingFlux].
func (m ChargedDiracModel) Background(fields ...theory.Background) ChargedDiracModel {
	return setBackground(m.builder, fields)
}

// GaugeTransform transforms the model by λ(x, t): field, links and background.
// Densities, currents and energies do not change.
func (m ChargedDiracModel) GaugeTransform(lambda theory.Profile) ChargedDiracModel {
	return transform(m.builder, lambda)
}

// Dynamic gives the model a gauge field of its own, with [NonCompact] or [Compact]
// plaquettes: charges make it and feel it. It begins as their Coulomb field. The
// lattice must be periodic; the background stays external.
func (m ChargedDiracModel) Dynamic(a theory.Action) ChargedDiracModel {
	return setDynamics(m.builder, a)
}

// LinkWave adds a plane wave of a dynamical gauge field; options [Polarisation],
// [Mode] or [WaveNumber], [Amplitude], [Phase].
func (m ChargedDiracModel) LinkWave(options ...Option) ChargedDiracModel {
	return m.add(theory.LinkWave(options...))
}

// LinkValues adds given A and E of a dynamical gauge field to the Coulomb field, one
// number a link, axis after axis.
func (m ChargedDiracModel) LinkValues(a, e []float64) ChargedDiracModel {
	return m.add(theory.LinkValues(a, e))
}

// gauge points to what a charged field says about gauge fields.
type gauge struct {
	charge     *float64
	background *theory.Gauge
	dynamics   *theory.Action
}

func setCharge[M, P any](b builder[M, P], q float64) M {
	*b.of().gauge(&b.p).charge = q
	return b.fail(theory.CheckCharge(q))
}

func setBackground[M, P any](b builder[M, P], fields []theory.Background) M {
	g := b.of().gauge(&b.p).background
	var err error
	*g, err = g.With(fields...)
	return b.fail(err)
}

func transform[M, P any](b builder[M, P], lambda theory.Profile) M {
	g := b.of().gauge(&b.p).background
	g.Transform = append(append([]theory.Profile(nil), g.Transform...), lambda)
	return b.fail(lambda.Err())
}

func setDynamics[M, P any](b builder[M, P], a theory.Action) M {
	*b.of().gauge(&b.p).dynamics = a
	return b.fail(theory.CheckAction("Dynamic", a))
}
