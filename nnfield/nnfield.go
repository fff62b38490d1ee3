// Package nnfield is a laboratory for one idea: the activation and learning
// dynamics of a neural network can be a field theory.
//
// A model is a value, built by fluent calls and cheap to build; a simulation is
// a model plus time; a run is its result:
//
//	kg := nnfield.KleinGordon().
//		Ring(512, 40). // 512 neurons on a circle of length 40
//		Mass(1).
//		Packet(nnfield.At(10), nnfield.Width(1.5), nnfield.WaveNumber(2))
//	run, err := kg.Until(30).Run(ctx)
//
// Theories: [KleinGordon], [Dirac], [ChargedScalar] and [ChargedDirac] in U(1)
// background fields or with a gauge field of their own, and [Maxwell].
//
// Builders keep the first error of their setters, with the call that caused it,
// and return it from Build, Check and Run: a bad call never panics in a notebook
// cell.
//
// The rooms of the house, from the ground up: lattice (where neurons sit),
// weights (weight tensors as operators), network (the learning system),
// duality (Hamiltonian ⇄ learning system), theory (field theories as networks),
// simulate (time), observe (what to record), reference (independent solutions),
// verify (the report that joins them). The wings learning, quantum and geometry
// hold more theories and are imported by name.
//
// In notebooks, import this package, plotting and kernel.
package nnfield

import (
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// The types a first notebook meets.
type (
	// Model is a field theory with all its parameters and its initial state.
	Model = theory.Model
	// Builder is what a model can be built from.
	Builder = theory.Builder
	// Simulation is a model plus until when, which step, what to observe.
	Simulation = simulate.Simulation
	// Run is the result of a simulation.
	Run = simulate.Run
	// Schedule says when something is recorded.
	Schedule = simulate.Schedule
	// Option is one parameter of an initial state.
	Option = theory.Option
)

// Params names the parameters of an expression.
type Params = map[string]float64

// Options of initial states; see package theory.
var (
	At          = theory.At
	Width       = theory.Width
	WaveNumber  = theory.WaveNumber
	Mode        = theory.Mode
	Amplitude   = theory.Amplitude
	Phase       = theory.Phase
	Velocity    = theory.Velocity
	Frequency   = theory.Frequency
	Temperature = theory.Temperature
	Seed        = theory.Seed
	Spinor      = theory.Spinor
	EnergySign  = theory.EnergySign

	Polarisation = theory.Polarisation
)

// Representations of the Dirac matrices; see package theory.
var (
	RealMatrices     = theory.RealMatrices
	DiracMatrices    = theory.DiracMatrices
	WeylMatrices     = theory.WeylMatrices
	MajoranaMatrices = theory.MajoranaMatrices
	Matrices         = theory.Matrices
)

// Contributions to a U(1) background field; see package theory.
var (
	VectorPotential   = theory.VectorPotential
	ElectricPotential = theory.ElectricPotential
	ElectricField     = theory.ElectricField
	MagneticFlux      = theory.MagneticFlux
	RingFlux          = theory.RingFlux
)

// Energies of plaquettes; see package theory.
const (
	Compact    = theory.Compact
	NonCompact = theory.NonCompact
)

// Profile is a quantity that depends on the place: a formula of x, y and z with
// named parameters. Where a setter says so it may depend on the time t too.
func Profile(formula string, parameters ...Params) theory.Profile {
	return theory.Formulate(formula, merge(parameters))
}

// SiteProfile is a quantity given at every site, in row-major order.
func SiteProfile(values []float64) theory.Profile { return theory.SiteProfile(values) }

// Potentials V(φ); see package theory.
var (
	Phi4          = theory.Phi4
	SineGordon    = theory.SineGordon
	SitePotential = theory.SitePotential
	PotentialFunc = theory.Function
)

// Potential is V(φ) as a formula of phi, and of x, y, z where it depends on the
// place, with named parameters: Potential("lambda/4*phi*phi*phi*phi",
// Params{"lambda": 0.1}).
func Potential(formula string, parameters ...Params) theory.Potential {
	return theory.Expression(formula, merge(parameters))
}

func merge(all []Params) Params {
	out := Params{}
	for _, p := range all {
		for k, v := range p {
			out[k] = v
		}
	}
	return out
}

// Schedules; see package simulate.
var (
	Every       = simulate.Every
	EveryTime   = simulate.EveryTime
	AtTimes     = simulate.AtTimes
	Logarithmic = simulate.Logarithmic
	Count       = simulate.Count
)

// Discretisations of ∇²; see package theory.
const (
	Order2   = theory.Order2
	Order4   = theory.Order4
	Spectral = theory.Spectral
)

// End is one end of an axis of the lattice: what the boundary does and, where
// it is driven, to which signal.
type End struct {
	boundary lattice.Boundary
	signal   *theory.Signal
}

// String returns the end in words.
func (e End) String() string {
	switch {
	case e.signal != nil:
		return "driven by " + e.signal.String()
	case e.boundary.Kind == "":
		return "no end"
	}
	return e.boundary.String()
}

// Ends of an axis; see package lattice for where the wall is.
var (
	Dirichlet = End{boundary: lattice.Boundary{Kind: lattice.Dirichlet}}
	Neumann   = End{boundary: lattice.Boundary{Kind: lattice.Neumann}}
)

// Absorbing is a wall behind a sponge of the given width; a wave of wave number
// k ≥ 2m needs a width of about 10/m to come back with less than 1e-4 of its
// energy.
func Absorbing(width float64) End { return End{boundary: lattice.Absorbing(width)} }

// Driven clamps the neurons of this end to a signal, a formula of t with named
// parameters: Driven("a*sin(omega*t)", Params{"a": 1, "omega": 2}). Only the sides of one
// axis can be driven: a corner would have two signals.
func Driven(formula string, parameters ...Params) End {
	s := theory.NewSignal(formula, merge(parameters))
	return End{boundary: lattice.Boundary{Kind: lattice.Driven}, signal: &s}
}

// Axis is one axis of a lattice.
type Axis struct {
	axis      lattice.Axis
	low, high End
}

// String returns the axis in words.
func (a Axis) String() string { return a.axis.String() }

// Ring is a periodic axis for Lattice.
func Ring(sites int, length float64) Axis { return Axis{axis: lattice.Ring(sites, length)} }

// Line is an axis with two ends for Lattice.
func Line(sites int, length float64, low, high End) Axis {
	return Axis{lattice.Line(sites, length, low.boundary, high.boundary), low, high}
}

// build returns the lattice of the axes and the signals of its driven sides.
func build(axes []Axis) (lattice.Lattice, []theory.Drive, error) {
	var all []lattice.Axis
	var drives []theory.Drive
	for j, a := range axes {
		all = append(all, a.axis)
		if s := a.low.signal; s != nil {
			drives = append(drives, theory.Drive{Axis: j, Side: lattice.Low, Signal: *s})
		}
		if s := a.high.signal; s != nil {
			drives = append(drives, theory.Drive{Axis: j, Side: lattice.High, Signal: *s})
		}
	}
	l, err := lattice.New(all...)
	return l, drives, err
}
