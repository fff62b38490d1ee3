package quantum

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Builder builds one of the three theories. They take the same parameters, so
// that a problem can be handed from one to another:
//
//	classical := well.As(quantum.HamiltonJacobi())
//
// Its setters return a changed copy and keep the first error, which Build, Check
// and Run return.
type Builder struct {
	theory string
	p      parameters
	err    error
}

// theories joins the name of a theory in a Spec with its call and its model.
var theories = map[string]struct {
	call  string
	build func(*problem) (theory.Model, error)
}{
	"schrodinger":     {"Schrodinger", newSchrodinger},
	"madelung":        {"Madelung", newMadelung},
	"hamilton-jacobi": {"HamiltonJacobi", newHamiltonJacobi},
}

func newBuilder(name string) Builder {
	return Builder{theory: name, p: parameters{learning: Particle(1, 1)}}
}

// Schrodinger returns the builder of iħ∂_tψ = −(ħ²/2m)∂²ψ + Vψ with m = ħ = 1
// (γ = D = ½, μ = 4), V = 0, without a lattice and without a state.
//
// A step of leapfrog is the split step of Strang: half a kick e^{−iVε/2ħ}, a drift
// e^{−iħk²ε/2m} in the modes of the lattice (Fourier on a ring, sine between
// Dirichlet, cosine between Neumann walls), half a kick; its norm is exact. Of
// order 4 and 6 are yoshida4 and yoshida6. The transforms like axes of 2ⁿ sites best
// (rings, Neumann walls), or of 2ⁿ−1 (Dirichlet walls). A frame holds the field psi:
// Re ψ of all sites, then Im ψ.
func Schrodinger() Builder { return newBuilder("schrodinger") }

// Madelung returns the builder of the Madelung equations for p and a single
// valued F, the theory of a fixed number of neurons ([G] §3), with the defaults of
// [Schrodinger]. The equations are solved for ½ ln p and F by differences of order
// a². At a Dirichlet wall, which must be far out in the tails of p, both go on as
// parabolas. The run stops where p gets a node; see [Breakdown].
func Madelung() Builder { return newBuilder("madelung") }

// HamiltonJacobi returns the builder of ∂_tF + (∂F)²/2m + V = 0, the theory far
// from equilibrium, by its characteristics, with the defaults of [Schrodinger]: a
// learner starts at each site and obeys Newton's law; the ends of a line are open.
// A frame holds where they are (q), with what velocity (u), F, p and the deformation
// J = ∂q/∂q₀ with its rate W. The run stops at the first caustic; see [Breakdown].
func HamiltonJacobi() Builder { return newBuilder("hamilton-jacobi") }

// BuilderOf returns the builder that gives a model of this package, to be changed
// further, and whether it is one.
func BuilderOf(m theory.Model) (b Builder, ok bool) {
	p, ok := m.(interface{ given() *problem })
	if !ok {
		return Builder{}, false
	}
	return Builder{theory: p.given().name, p: p.given().parameters}, true
}

// As returns the same problem as the theory of another builder, which gives
// nothing else.
func (b Builder) As(other Builder) Builder {
	b.theory = other.theory
	return b
}

// fail keeps the first error.
func (b Builder) fail(err error) Builder {
	if b.err == nil {
		b.err = err
	}
	return b
}

// Lattice says which values the trainable variables take: one to three axes, each
// a lattice.Ring or a lattice.Line with Dirichlet or Neumann ends.
func (b Builder) Lattice(axes ...lattice.Axis) Builder { return b.place("Lattice", axes...) }

func (b Builder) place(call string, axes ...lattice.Axis) Builder {
	l, err := lattice.New(axes...)
	if err != nil {
		return b.fail(fmt.Errorf("%s: %w", call, err))
	}
	b.p.lattice = l
	return b
}

func walls(sites int, length float64) lattice.Axis {
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	return lattice.Line(sites, length, wall, wall)
}

// Ring is one variable on a circle.
func (b Builder) Ring(sites int, length float64) Builder {
	return b.place(fmt.Sprintf("Ring(%d, %v)", sites, length), lattice.Ring(sites, length))
}

// Line is one variable between two walls at which ψ = 0.
func (b Builder) Line(sites int, length float64) Builder {
	return b.place(fmt.Sprintf("Line(%d, %v)", sites, length), walls(sites, length))
}

// Torus is two variables on a square with periodic edges.
func (b Builder) Torus(sites int, side float64) Builder {
	a := lattice.Ring(sites, side)
	return b.place(fmt.Sprintf("Torus(%d, %v)", sites, side), a, a)
}

// Box is two variables in a square with walls at which ψ = 0.
func (b Builder) Box(sites int, side float64) Builder {
	a := walls(sites, side)
	return b.place(fmt.Sprintf("Box(%d, %v)", sites, side), a, a)
}

// Learning sets the parameters of the stochastic learning, from which
// m = 1/(2γ) and ħ = √(4D/(γμ)).
func (b Builder) Learning(rate, diffusion, multiplier float64) Builder {
	b.p.learning = Learning{rate, diffusion, multiplier}
	return b.fail(b.p.learning.check())
}

// Particle sets the learning parameters from the mass m and the quantum ħ; see
// the function [Particle].
func (b Builder) Particle(mass, hbar float64) Builder {
	if !(mass > 0) || math.IsInf(mass, 1) || !(hbar > 0) || math.IsInf(hbar, 1) {
		return b.fail(fmt.Errorf("Particle(%v, %v): the mass and ħ must be positive and finite", mass, hbar))
	}
	b.p.learning = Particle(mass, hbar)
	return b.fail(b.p.learning.check())
}

// Potential sets V as a formula of x, y and z with named parameters:
// Potential("k/2*(x-8)*(x-8)", Params{"k": 1}).
func (b Builder) Potential(source string, parameters ...Params) Builder {
	f, err := newFormula(source, parameters)
	if err != nil {
		return b.fail(fmt.Errorf("Potential: %w", err))
	}
	b.p.potential = potential{formula: &f}
	return b
}

// SitePotential sets V at every site, in row-major order.
func (b Builder) SitePotential(v []float64) Builder {
	b.p.potential = potential{values: append([]float64{}, v...)}
	return b
}

// add appends a contribution to ψ.
func (b Builder) add(kind string, options []Option) Builder {
	i := newInitial(kind, options)
	b.p.initial = append(slices.Clone(b.p.initial), i)
	if i.err != nil {
		return b.fail(i.err)
	}
	return b
}

// Packet adds exp(−|q−q₀|²/2w² + ik·(q−q₀)), normalised; options [Width], [At],
// [WaveNumber], [Amplitude], [Phase]. The sum of all contributions is normalised,
// for |ψ|² is a probability.
func (b Builder) Packet(options ...Option) Builder { return b.add("packet", options) }

// Coherent adds the coherent state of a well of frequency ω, the packet of width
// √(ħ/mω) that keeps its shape there; options [Frequency], [At], [WaveNumber],
// [Amplitude], [Phase].
func (b Builder) Coherent(options ...Option) Builder { return b.add("coherent", options) }

// Eigenstate adds an eigenstate of the Hamiltonian, by diagonalising its matrix: on
// one axis for any V, on more for V = 0; options [Mode], from 0 on each axis,
// [Amplitude], [Phase].
func (b Builder) Eigenstate(options ...Option) Builder { return b.add("eigenstate", options) }

// PlaneWave adds e^{2πi Σ n_j q_j/L_j}; options [Mode], [Amplitude], [Phase].
func (b Builder) PlaneWave(options ...Option) Builder { return b.add("plane-wave", options) }

// Vortex adds (x ± iy)^|n| exp(−r²/2w²) about a place in the plane, normalised;
// options [Width], [At], [Charge], [Amplitude], [Phase]. With a packet of the same
// place and width beside it the core moves off the centre.
func (b Builder) Vortex(options ...Option) Builder { return b.add("vortex", options) }

// Fluid adds √p e^{iF/ħ} with formulas of x, y, z for the density p and the free
// energy F. On a ring e^{iF/ħ} must close: F may grow by whole multiples of 2πħ in
// Schrödinger theory, and not at all in the others.
func (b Builder) Fluid(density, freeEnergy string, parameters ...Params) Builder {
	all := Params{}
	for _, p := range parameters {
		maps.Copy(all, p)
	}
	return b.add("fluid", []Option{
		{"density", func(i *initial) error { i.Density = &density; return nil }},
		{"free_energy", func(i *initial) error { i.FreeEnergy = &freeEnergy; return nil }},
		{"parameters", func(i *initial) error { i.Parameters = all; return nil }},
	})
}

// Values adds ψ at every site, in row-major order.
func (b Builder) Values(re, im []float64) Builder {
	return b.add("values", []Option{
		{"re", func(i *initial) error { i.Re = &theory.Numbers{Values: slices.Clone(re)}; return nil }},
		{"im", func(i *initial) error { i.Im = &theory.Numbers{Values: slices.Clone(im)}; return nil }},
	})
}

// Circulation adds 2πħκ_j q_j/L_j to F on each ring. Schrödinger's ψ takes whole
// numbers only. For Madelung any real κ gives the local system, in which u is
// given and F known patch by patch; a fixed number of neurons has κ = 0.
func (b Builder) Circulation(kappa ...float64) Builder {
	b.p.circulation = slices.Clone(kappa)
	for _, k := range kappa {
		if math.IsNaN(k) || math.IsInf(k, 0) {
			return b.fail(fmt.Errorf("Circulation(%s): every number must be finite", list(kappa)))
		}
	}
	return b
}

// Build returns the model, or the first error of the calls that made it.
func (b Builder) Build() (theory.Model, error) {
	t, ok := theories[b.theory]
	if !ok {
		return nil, fmt.Errorf("quantum: an empty Builder; begin with Schrodinger(), Madelung() or HamiltonJacobi()")
	}
	err := b.err
	if err == nil {
		var p *problem
		if p, err = b.resolve(); err == nil {
			var m theory.Model
			if m, err = t.build(p); err == nil {
				return m, nil
			}
		}
	}
	return nil, fmt.Errorf("%s: %w", t.call, err)
}

// MustBuild is Build for tests and programs that know their input is good; it
// panics on an error.
func (b Builder) MustBuild() theory.Model {
	m, err := b.Build()
	if err != nil {
		panic(err)
	}
	return m
}

// Until returns the simulation of the model from t = 0 to the given time.
func (b Builder) Until(t float64) simulate.Simulation { return simulate.New(b, t) }

// Err returns what Build would fail with, or nil.
func (b Builder) Err() error {
	_, err := b.Build()
	return err
}

// String returns the card of the model as text, or its error.
func (b Builder) String() string { return theory.Text(b) }

// Markdown returns the card of the model with its formulas in LaTeX, or its error.
func (b Builder) Markdown() string { return theory.Markdown(b) }

func sortedKeys(m Params) []string { return slices.Sorted(maps.Keys(m)) }
