package strings

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Params names the parameters of formulas.
type Params = map[string]float64

// variables are what formulas may use: σ, the place on the axis.
var variables = []string{"x"}

// maxDimensions is the largest D. String theory needs no more.
const maxDimensions = 25

// Builder builds an ensemble of networks with permutations as weights. Its setters
// return a changed copy and keep the first error, which Build, Err and Run return.
type Builder struct {
	p   parameters
	err error
}

// parameters is what a model is given by.
type parameters struct {
	axis        lattice.Axis
	right, left curve
	parameters  Params
	averaged    bool // the weights, not the states
}

// curve is the state of the networks of one orientation: a closed curve in D
// dimensions, by a formula or the numbers of each coordinate.
type curve struct {
	formulas []string
	points   [][]float64
}

func (c curve) dimensions() int { return max(len(c.formulas), len(c.points)) }

// String returns the builder of a closed string without neurons and without a
// state: two networks, of the weights P and Pᵀ, and the mean of their states.
func String() Builder { return Builder{} }

// BuilderOf returns the builder of a string that has been built; ok tells whether
// the model is one.
func BuilderOf(m theory.Model) (b Builder, ok bool) {
	own, ok := m.(*model)
	if ok {
		b.p = own.p
	}
	return b, ok
}

// Averaged tells whether the weights are averaged, not the states: the control.
func (b Builder) Averaged() bool { return b.p.averaged }

// fail keeps the first error.
func (b Builder) fail(format string, args ...any) Builder {
	if b.err == nil {
		b.err = fmt.Errorf("String: "+format, args...)
	}
	return b
}

// Ring gives each network so many neurons on a circle; σ runs from 0 to the length.
// The spacing a is also the step of the networks.
func (b Builder) Ring(sites int, length float64) Builder {
	b.p.axis = lattice.Ring(sites, length)
	if err := b.p.axis.Validate(); err != nil {
		return b.fail("Ring(%d, %v): %w", sites, length, err)
	}
	return b
}

// Right sets the state F of the networks that move to the right, one formula of
// x = σ for each of the D coordinates.
func (b Builder) Right(coordinates ...string) Builder {
	b.p.right = curve{formulas: slices.Clone(coordinates)}
	return b
}

// Left sets the state G of the networks that move to the left, as Right does.
func (b Builder) Left(coordinates ...string) Builder {
	b.p.left = curve{formulas: slices.Clone(coordinates)}
	return b
}

// RightPoints sets F by numbers, one list for each coordinate with one number for
// each neuron.
func (b Builder) RightPoints(coordinates ...[]float64) Builder {
	b.p.right = curve{points: cloneAll(coordinates)}
	return b
}

// LeftPoints sets G by numbers, as RightPoints does.
func (b Builder) LeftPoints(coordinates ...[]float64) Builder {
	b.p.left = curve{points: cloneAll(coordinates)}
	return b
}

func cloneAll(lists [][]float64) [][]float64 {
	var c [][]float64
	for _, l := range lists {
		c = append(c, slices.Clone(l))
	}
	return c
}

// Parameters gives names that occur in formulas their values.
func (b Builder) Parameters(p Params) Builder {
	b.p.parameters = maps.Clone(p)
	return b
}

// AverageWeights makes the control: one network with the weights ½(P + Pᵀ) that
// starts from the mean ½(F + G), without the alternating part (−1)ⁿ of the state,
// k = π/a, which these weights would keep for ever.
func (b Builder) AverageWeights() Builder {
	b.p.averaged = true
	return b
}

// Build returns the model, or the first error of the calls that made it.
func (b Builder) Build() (theory.Model, error) {
	if b.err != nil {
		return nil, b.err
	}
	m, err := build(b.p)
	if err != nil {
		return nil, fmt.Errorf("String: %w", err)
	}
	return m, nil
}

func build(p parameters) (*model, error) {
	if p.axis.Sites == 0 {
		return nil, fmt.Errorf("no neurons; say how many, for example Ring(128, 6.28)")
	}
	l, err := lattice.New(p.axis)
	if err != nil {
		return nil, err
	}
	d := p.right.dimensions()
	if d == 0 || p.left.dimensions() != d || d > maxDimensions {
		return nil, fmt.Errorf("Right has %d coordinates and Left %d; both need as many, 1 to %d", d, p.left.dimensions(), maxDimensions)
	}
	m := &model{p: p, l: l, dimensions: d}
	if m.right, err = m.p.right.sample("Right", l, p.parameters); err != nil {
		return nil, err
	}
	if m.left, err = m.p.left.sample("Left", l, p.parameters); err != nil {
		return nil, err
	}
	return m, nil
}

// sample returns the coordinates at all neurons, one after another, and gives
// formulas their canonical spelling.
func (c *curve) sample(call string, l lattice.Lattice, params Params) ([]float64, error) {
	n := l.Sites()
	var all []float64
	c.formulas = slices.Clone(c.formulas)
	for i, source := range c.formulas {
		e, err := expr.Parse(source, variables, params)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", call, err)
		}
		values := make([]float64, n)
		e.EvalTo(values, l.Coordinates(0))
		all = append(all, values...)
		c.formulas[i] = e.String()
	}
	for i, points := range c.points {
		if len(points) != n {
			return nil, fmt.Errorf("%sPoints: coordinate %d has %d numbers for %d neurons; give one a neuron", call, i, len(points), n)
		}
		all = append(all, points...)
	}
	for i, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s: coordinate %d is %s at neuron %d; it must be finite everywhere", call, i/n, say.Number(v), i%n)
		}
	}
	return all, nil
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

// Until returns the simulation of the model from t = 0 to the given time, by the
// network's own step ε = a.
func (b Builder) Until(t float64) simulate.Simulation {
	s := simulate.New(b, t)
	if b.err != nil || b.p.axis.Sites == 0 {
		return s // Build says why
	}
	return s.Step(b.p.axis.Spacing())
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
