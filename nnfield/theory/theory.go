// Package theory holds the field theories: each turns its physics parameters
// into a neural network and says what a physicist may hold it to: its equation,
// its invariants, its largest frequency, its initial states.
//
// A [Model] is physics only. How long it runs, with which step and integrator,
// and what is recorded, is said by package simulate.
package theory

import (
	"fmt"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
)

// Role says what the numbers of an array belong to.
type Role string

// Roles of arrays. Only arrays of sites have the shape of the lattice.
const (
	Sites    Role = "sites"
	Links    Role = "links"
	Learners Role = "learners"
	Weights  Role = "weights"
)

// Field names one array of a state: the numbers of its neuron types, type after
// type, each of the given shape.
type Field struct {
	Name   string   `json:"name"`   // as in files: "phi"
	Symbol string   `json:"symbol"` // as in figures: "φ"
	Role   Role     `json:"role"`
	Shape  []int    `json:"shape"`           // of one type; for sites the shape of the lattice
	Types  []string `json:"types,omitempty"` // symbols of the neuron types; empty for a single one
}

// String returns the field in one line.
func (f Field) String() string {
	text := fmt.Sprintf("%s (%s), %s of shape %v", f.Symbol, f.Name, f.Role, f.Shape)
	if len(f.Types) > 0 {
		text += fmt.Sprintf(", neuron types %s", strings.Join(f.Types, ", "))
	}
	return text
}

// Elements returns the numbers of one neuron type.
func (f Field) Elements() int {
	n := 1
	for _, m := range f.Shape {
		n *= m
	}
	return n
}

// Len returns the numbers of all neuron types: the length of the array.
func (f Field) Len() int { return f.Elements() * max(1, len(f.Types)) }

// State is the state of a model at one time: one array a field, in the order
// of [Model.Fields].
type State struct {
	Step   int
	Time   float64
	Arrays [][]float64
}

// NewState returns a state of zeros for the given fields.
func NewState(fields []Field) *State {
	s := &State{Arrays: make([][]float64, len(fields))}
	for i, f := range fields {
		s.Arrays[i] = make([]float64, f.Len())
	}
	return s
}

// String returns the state in one line.
func (s *State) String() string {
	n := 0
	for _, a := range s.Arrays {
		n += len(a)
	}
	return fmt.Sprintf("state at t = %.6g, step %d: %d arrays, %d numbers", s.Time, s.Step, len(s.Arrays), n)
}

// Clone returns a copy that shares nothing with s.
func (s *State) Clone() *State {
	c := &State{Step: s.Step, Time: s.Time, Arrays: make([][]float64, len(s.Arrays))}
	for i, a := range s.Arrays {
		c.Arrays[i] = append([]float64(nil), a...)
	}
	return c
}

// Set copies src, which has the same fields, into s without allocating.
func (s *State) Set(src *State) {
	s.Step, s.Time = src.Step, src.Time
	for i, a := range src.Arrays {
		copy(s.Arrays[i], a)
	}
}

// Model is a field theory with all its parameters and its initial state. It is
// immutable and safe for use by several goroutines.
type Model interface {
	// A model is its own builder.
	Builder

	// Theory returns the name of the theory in a Spec, such as "klein-gordon".
	Theory() string

	// Numerics is the version of the theory's numbers: it changes whenever the
	// same Spec gives other bits. A test with golden bits guards it.
	Numerics() int

	// Card describes the model for a reader.
	Card() Card

	Lattice() lattice.Lattice
	Fields() []Field

	// Initial returns the state at t = 0 in physics units; the caller owns it.
	Initial() *State

	// MaxFrequency returns a bound of the angular frequencies of small
	// oscillations about a state in physics units, nil being the initial one. An
	// integrator of stability limit s is stable for steps below s/MaxFrequency.
	MaxFrequency(about *State) float64

	// Network returns the learning system whose step is one step of duration
	// step of the theory, in network units (J = 1, rate γ = ε²; see package
	// network).
	Network(step float64) (*network.System, error)

	// Evolve returns the dynamics for a fixed step.
	Evolve(step float64) (Evolution, error)

	// Invariants returns what the model conserves; empty for open systems.
	Invariants() []Invariant

	// Spec returns the model as a value for canonical JSON. Arrays of more than
	// 64 numbers go to the given store and the value holds their names.
	Spec(arrays Arrays) (any, error)
}

// Builder is what a model can be built from: the fluent builders of package
// nnfield, which keep the first error of their setters and return it here, and
// every model itself.
type Builder interface {
	Build() (Model, error)
}

// Evolution advances a model by one fixed step ε, split into the two exactly
// solvable parts of the network's step: the activation (drift) and the learning
// (kick). Integrators compose them.
//
// The state it works on is the network's own: neurons x = φ and biases b = εβ.
// An Evolution owns scratch: one goroutine at a time.
type Evolution interface {
	// Load sets the network's state from a state in physics units.
	Load(net, physical *State)

	// Physical sets a state in physics units from the network's, which holds φ
	// and b at one time.
	Physical(physical, net *State)

	// Drift is the activation dynamics over the time c·ε, φ ← φ + cε∂ℋ/∂β, with
	// the boundary dynamics at its end. Time advances by c·ε.
	Drift(s *State, c float64)

	// Kick is the learning dynamics over the time d·ε, β ← β − dε∂ℋ/∂φ.
	Kick(s *State, d float64)

	// AddFlow adds h·ε times the right-hand side of the equations of motion at s
	// to dst: the flow that is not split, for integrators that are not symplectic.
	// It returns an error where the equations are not a plain flow (clamped
	// neurons, sponges).
	AddFlow(dst *State, h float64, s *State) error
}

// Invariant is a quantity that the continuous dynamics conserves.
type Invariant struct {
	Name, Symbol string

	// Value evaluates it.
	Value func(s Snapshot) float64

	// Staggered marks an invariant of the leapfrog scheme itself: it needs a
	// staggered state.
	Staggered bool

	// Scale is what a change is compared with; nil means |Value| at the start.
	Scale func(s Snapshot) float64

	// Of an invariant that Evaluate makes together with others: which sums it needs and
	// its value from these.
	of    *scalarSums
	needs uint
	from  func(t sums.Several, epsilon float64) float64
}

// String returns the invariant in one line.
func (i Invariant) String() string { return "invariant " + i.Name + " " + i.Symbol }

// Snapshot is what invariants and observers see of a run at one time.
type Snapshot struct {
	*State            // synchronised, in physics units
	Staggered *State  // (φ_n, β_{n+½}) of a leapfrog run in physics units, else nil
	Epsilon   float64 // the step ε
}

// Portable is a model that says whether its numbers have the same bits for every
// instruction set level of an architecture, such as GOAMD64=v1 and v3: none of them
// comes out of a Fourier transform or an eigenvalue solver, whose library leaves the
// rounding to the compiler. Of a model that does not say so they are taken to differ,
// and the level goes into the key of its runs.
type Portable interface {
	Portable() bool
}

// Stepped is a model that may move by whole steps of its own: its neurons do not move by
// halves, and neither the step nor the scheme can be chosen.
type Stepped interface {
	// OwnStep returns the time of one step and the name of its scheme, "" for any; 0 for a
	// model that takes any step.
	OwnStep() (epsilon float64, scheme string)
}

// Arrays stores arrays that are too large to stand in a Spec, by content.
type Arrays interface {
	// Put stores values and returns their name, "sha256:…".
	Put(values []float64) (name string, err error)
	// Get returns the values stored under a name.
	Get(name string) ([]float64, error)
}

// Dispersive is a model whose free waves have a dispersion relation.
type Dispersive interface {
	// Frequency returns ω(k) ≥ 0 of a wave vector on the lattice, in continuous
	// time; not a number where the field is not free.
	Frequency(k ...float64) float64
}

// Charged is a model whose charge flows locally.
type Charged interface {
	// ChargeDensity writes the charge of each site, per volume, to dst.
	ChargeDensity(dst []float64, s Snapshot)

	// Current writes the current density from each site to the next along each
	// axis to dst, axis after axis. In a leapfrog run it is the mean of the step
	// that follows.
	Current(dst []float64, s Snapshot)
}

// Cautious is a model that may have been given what it holds poorly.
type Cautious interface {
	// Warnings says so, a sentence each: they stand in the card, the run and its manifest.
	Warnings() []string
}

// Dense is a model whose energy has a density.
type Dense interface {
	// EnergyDensity writes the energy of each site, per volume, to dst.
	EnergyDensity(dst []float64, s *State)
}
