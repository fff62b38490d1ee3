package nnfield

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// kind is what differs between the builders M of the theories with parameters P.
type kind[M, P any] struct {
	name   string // of the constructor
	wrap   func(builder[M, P]) M
	places func(*P) (*lattice.Lattice, *[]theory.Initial)
	drives func(*P) *[]theory.Drive // nil if boundaries cannot be driven
	dirac  func(*P) *theory.Dirac   // of spinors
	gauge  func(*P) gauge           // of charged fields
	build  func(P) (Model, error)
}

// builder is what the builders of all theories share: a lattice, an initial
// state, the first error, and what a model is used for.
type builder[M, P any] struct {
	kind *kind[M, P]
	p    P
	err  error
}

// of returns what the builder is of. One that was declared and not begun keeps the
// error that says so.
func (b *builder[M, P]) of() *kind[M, P] {
	if b.kind == nil {
		for _, k := range []any{&kleinGordon, &dirac, &chargedScalar, &chargedDirac, &maxwell, &networks} {
			if k, ok := k.(*kind[M, P]); ok {
				b.kind = k
			}
		}
		b.err = fmt.Errorf("%T: an empty builder; begin with nnfield.%s()", *new(M), b.kind.name)
	}
	return b.kind
}

// fail keeps the first error, with the name of the theory before it.
func (b builder[M, P]) fail(err error) M {
	of := b.of()
	if b.err == nil && err != nil {
		b.err = fmt.Errorf("%s: %w", of.name, err)
	}
	return of.wrap(b)
}

func (b builder[M, P]) place(call string, axes ...Axis) M {
	l, drives, err := build(axes)
	switch {
	case err != nil:
		return b.fail(fmt.Errorf("%s: %w", call, err))
	case b.of().drives != nil:
		*b.of().drives(&b.p) = drives
	case drives != nil:
		return b.fail(fmt.Errorf("%s: a Driven end; only Klein-Gordon fields have boundary neurons, use Ring, or Dirichlet where the theory has walls", call))
	}
	to, _ := b.of().places(&b.p)
	*to = l
	return b.fail(nil)
}

// add appends a contribution to the initial state.
func (b builder[M, P]) add(i theory.Initial) M {
	_, to := b.of().places(&b.p)
	*to = append(append([]theory.Initial(nil), *to...), i)
	return b.fail(i.Err())
}

// Lattice puts the neurons on a lattice of one, two or three axes, each a
// [Ring] or a [Line].
func (b builder[M, P]) Lattice(axes ...Axis) M { return b.place("Lattice", axes...) }

// Ring puts the neurons on a circle.
func (b builder[M, P]) Ring(sites int, length float64) M {
	return b.place(fmt.Sprintf("Ring(%d, %v)", sites, length), Ring(sites, length))
}

// Line puts the neurons on a line with two ends.
func (b builder[M, P]) Line(sites int, length float64, low, high End) M {
	return b.place(fmt.Sprintf("Line(%d, %v)", sites, length), Line(sites, length, low, high))
}

// Torus puts sites² neurons on a square of the given side with periodic edges.
func (b builder[M, P]) Torus(sites int, side float64) M {
	a := Ring(sites, side)
	return b.place(fmt.Sprintf("Torus(%d, %v)", sites, side), a, a)
}

// Cube puts sites³ neurons on a cube of the given side with periodic faces.
func (b builder[M, P]) Cube(sites int, side float64) M {
	a := Ring(sites, side)
	return b.place(fmt.Sprintf("Cube(%d, %v)", sites, side), a, a, a)
}

// Build returns the model, or the first error of the calls that made it.
func (b builder[M, P]) Build() (Model, error) {
	of := b.of()
	if b.err != nil {
		return nil, b.err
	}
	built, err := of.build(b.p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", of.name, err)
	}
	return built, nil
}

// MustBuild is Build for tests and programs that know their input is good; it
// panics on an error.
func (b builder[M, P]) MustBuild() Model {
	built, err := b.Build()
	if err != nil {
		panic(err)
	}
	return built
}

// Until returns the simulation of the model from t = 0 to the given time.
func (b builder[M, P]) Until(t float64) Simulation { return simulate.New(b, t) }

// Err returns what Build would fail with, or nil.
func (b builder[M, P]) Err() error {
	_, err := b.Build()
	return err
}

// String returns the card of the model as text, or its error.
func (b builder[M, P]) String() string { return theory.Text(b) }

// Markdown returns the card of the model with its formulas in LaTeX, or its
// error.
func (b builder[M, P]) Markdown() string { return theory.Markdown(b) }
