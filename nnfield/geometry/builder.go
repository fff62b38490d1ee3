package geometry

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Clock says what the time t of a model with a scale factor is.
type Clock string

// Clocks. With lapse 1, cosmic time is the proper time of a neuron, ds² = −dt² +
// a²h_ijdx^idx^j; in conformal time ds² = a²(−dt² + h_ijdx^idx^j), and light keeps
// its coordinate speed.
const (
	CosmicTime    Clock = "cosmic"
	ConformalTime Clock = "conformal"
)

// Builder builds a scalar field in a given space-time. Its setters return a changed
// copy and keep the first error, which Build, Check and Run return.
type Builder struct {
	p   parameters
	err error
}

// parameters is what a model is given by.
type parameters struct {
	lattice lattice.Lattice
	mass    float64
	order   int
	lapse   *profile   // nil is 1
	space   []*profile // by the order of Component in three dimensions; nil is δ_ij
	shift   []*profile // nil is 0
	scale   *scaleFactor
	initial []theory.Initial
	until   float64 // how long the model is going to run, as far as it is known
}

// KleinGordon returns the builder of a scalar field of mass 1 in flat space-time,
// with differences of order 2, without a lattice and without a state.
func KleinGordon() Builder {
	return Builder{p: parameters{mass: 1, order: 2, space: make([]*profile, components(3)), shift: make([]*profile, 3)}}
}

// fail keeps the first error.
func (b Builder) fail(err error) Builder {
	if b.err == nil && err != nil {
		b.err = fmt.Errorf("KleinGordon: %w", err)
	}
	return b
}

func (b Builder) place(call string, axes ...lattice.Axis) Builder {
	l, err := lattice.New(axes...)
	if err != nil {
		return b.fail(fmt.Errorf("%s: %w", call, err))
	}
	for j, a := range axes {
		if a.Low.Kind == lattice.Driven || a.High.Kind == lattice.Driven {
			return b.fail(fmt.Errorf("%s: the %s axis has a driven end; use a ring, or Dirichlet or Neumann walls, with a sponge or without", call, lattice.AxisName(j)))
		}
	}
	b.p.lattice = l
	return b
}

// Lattice puts the neurons on a lattice of one, two or three axes, each a
// lattice.Ring or a lattice.Line. Coordinates are those of the metric.
func (b Builder) Lattice(axes ...lattice.Axis) Builder { return b.place("Lattice", axes...) }

// Ring puts the neurons on a circle.
func (b Builder) Ring(sites int, length float64) Builder {
	return b.place(fmt.Sprintf("Ring(%d, %v)", sites, length), lattice.Ring(sites, length))
}

// Line puts the neurons on a line with two ends.
func (b Builder) Line(sites int, length float64, low, high lattice.Boundary) Builder {
	return b.place(fmt.Sprintf("Line(%d, %v)", sites, length), lattice.Line(sites, length, low, high))
}

// Torus puts sites² neurons on a square of the given side with periodic edges.
func (b Builder) Torus(sites int, side float64) Builder {
	a := lattice.Ring(sites, side)
	return b.place(fmt.Sprintf("Torus(%d, %v)", sites, side), a, a)
}

// Cube puts sites³ neurons on a cube of the given side with periodic faces.
func (b Builder) Cube(sites int, side float64) Builder {
	a := lattice.Ring(sites, side)
	return b.place(fmt.Sprintf("Cube(%d, %v)", sites, side), a, a, a)
}

// Mass sets the mass m ≥ 0.
func (b Builder) Mass(m float64) Builder {
	b.p.mass = m
	return b.fail(theory.CheckMass(m))
}

// Order sets the order, 2 or 4, of the differences in the weights. Order 4 needs a
// metric that does not slope at walls, and a step ε ∝ a² or an integrator of order
// 4 to show.
func (b Builder) Order(order int) Builder {
	b.p.order = order
	if order != 2 && order != 4 {
		return b.fail(fmt.Errorf("Order(%d): use 2 or 4", order))
	}
	return b
}

// Lapse sets N > 0 as a formula of x, y and z with named parameters:
// Lapse("1 + g*x", Params{"g": 0.1}).
func (b Builder) Lapse(formula string, parameters ...Params) Builder {
	p, err := formulate(formula, parameters, places)
	if err != nil {
		return b.fail(fmt.Errorf("Lapse(%q): %w", formula, err))
	}
	b.p.lapse = p
	return b
}

// Space sets the component h_ij = h_ji of the metric of space as a formula of x, y
// and z; i and j count axes from 0. What is not set is δ_ij.
func (b Builder) Space(i, j int, formula string, parameters ...Params) Builder {
	if min(i, j) < 0 || max(i, j) > 2 {
		return b.fail(fmt.Errorf("Space(%d, %d): axes are numbered 0, 1 and 2", i, j))
	}
	p, err := formulate(formula, parameters, places)
	if err != nil {
		return b.fail(fmt.Errorf("Space(%d, %d, %q): %w", i, j, formula, err))
	}
	b.p.space = slices.Clone(b.p.space)
	b.p.space[Component(3, i, j)] = p
	return b
}

// Shift sets N^i of an axis, counted from 0, as a formula of x, y and z: how fast
// space flows through the lattice. It makes weights from neuron to neuron, of which
// the antisymmetric part is a gyroscopic coupling that no dual loss has.
func (b Builder) Shift(i int, formula string, parameters ...Params) Builder {
	if i < 0 || i > 2 {
		return b.fail(fmt.Errorf("Shift(%d): axes are numbered 0, 1 and 2", i))
	}
	p, err := formulate(formula, parameters, places)
	if err != nil {
		return b.fail(fmt.Errorf("Shift(%d, %q): %w", i, formula, err))
	}
	b.p.shift = slices.Clone(b.p.shift)
	b.p.shift[i] = p
	return b
}

// SpaceTime puts the neurons on the lattice of a metric and sets all its
// components, such as those that [Reading.SpaceTime] gives.
func (b Builder) SpaceTime(g SpaceTime) Builder {
	if err := g.Validate(); err != nil {
		return b.fail(err)
	}
	b = b.place("SpaceTime", g.Lattice.Axes()...)
	d := g.Lattice.Dim()
	b.p.lapse, b.p.space, b.p.shift = given(g.Lapse), make([]*profile, components(3)), make([]*profile, 3)
	for i := range d {
		for j := i; j < d; j++ {
			if v := g.Space[Component(d, i, j)]; v != nil {
				b.p.space[Component(3, i, j)] = given(v)
			}
		}
		if g.Shift != nil && g.Shift[i] != nil {
			b.p.shift[i] = given(g.Shift[i])
		}
	}
	return b
}

// add appends a contribution to the state.
func (b Builder) add(i theory.Initial) Builder {
	b.p.initial = append(slices.Clone(b.p.initial), i)
	return b.fail(i.Err())
}

// Packet adds f = A exp(−|x−x₀|²/2w² + ik·(x−x₀) + i phase), in coordinates, as a
// wave of positive frequency: φ = Re f and φ̇ − N^i∂_iφ = Re(−i√W f) with the wave
// operator W = MK of the network, so that nothing runs backwards, whatever the
// metric does under the packet. Of f only waves with a component along k are kept.
// Options are those of theory.Packet: Width, At, WaveNumber, Amplitude, Phase.
func (b Builder) Packet(options ...theory.Option) Builder { return b.add(theory.Packet(options...)) }

// PlaneWave adds f = A exp(ik·x + i phase) as a wave of positive frequency, like
// [Builder.Packet]; options are those of theory.PlaneWave.
func (b Builder) PlaneWave(options ...theory.Option) Builder {
	return b.add(theory.PlaneWave(options...))
}

// Values adds φ and β = √h(φ̇ − N^i∂_iφ)/N, one number a site in row-major order.
func (b Builder) Values(phi, beta []float64) Builder { return b.add(theory.Values(phi, beta)) }

// Build returns the model, or the first error of the calls that made it.
func (b Builder) Build() (theory.Model, error) {
	if b.err != nil {
		return nil, b.err
	}
	if b.p.order == 0 {
		return nil, fmt.Errorf("KleinGordon: an empty Builder; begin with geometry.KleinGordon()")
	}
	m, err := newModel(b.p)
	if err != nil {
		return nil, fmt.Errorf("KleinGordon: %w", err)
	}
	return m, nil
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

// Until returns the simulation of the model from t = 0 to the given time. The step
// is held to the fastest wave of all that time, also where the scale factor
// changes.
func (b Builder) Until(t float64) simulate.Simulation {
	if t > 0 && !math.IsInf(t, 1) { // else simulate.New says what is wrong
		b.p.until = t
	}
	return simulate.New(b, t)
}

// Err returns what Build would fail with, or nil.
func (b Builder) Err() error {
	_, err := b.Build()
	return err
}

// String returns the card of the model as text, or its error.
func (b Builder) String() string { return theory.Text(b) }

// Markdown returns the card of the model with its formulas in LaTeX, or its error.
func (b Builder) Markdown() string { return theory.Markdown(b) }
