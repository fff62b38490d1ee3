package quantum

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// problemSpec is the canonical form of a model of each of the theories.
type problemSpec struct {
	Theory      string        `json:"theory"`
	Lattice     latticeSpec   `json:"lattice"`
	Learning    learningSpec  `json:"learning"`
	Potential   potentialSpec `json:"potential"`
	Initial     []initial     `json:"initial"`
	Circulation []float64     `json:"circulation"`
}

type latticeSpec struct {
	Axes []axisSpec `json:"axes"`
}

type axisSpec struct {
	Sites  int     `json:"sites"`
	Length float64 `json:"length"`
	Low    endSpec `json:"low"`
	High   endSpec `json:"high"`
}

type endSpec struct {
	Kind string `json:"kind"`
}

type learningSpec struct {
	Rate       float64 `json:"rate"`
	Diffusion  float64 `json:"diffusion"`
	Multiplier float64 `json:"multiplier"`
}

type potentialSpec struct {
	Kind       string          `json:"kind"` // none, expression or values
	Expression *string         `json:"expression,omitempty"`
	Parameters Params          `json:"parameters,omitzero"`
	Values     *theory.Numbers `json:"values,omitempty"`
}

// Spec returns the model as a value for canonical JSON.
func (p *problem) Spec(arrays theory.Arrays) (any, error) {
	s := problemSpec{
		Theory: p.name, Learning: learningSpec(p.learning),
		Potential: potentialSpec{Kind: "none"}, Circulation: p.circulation,
	}
	for _, a := range p.lattice.Axes() {
		s.Lattice.Axes = append(s.Lattice.Axes, axisSpec{a.Sites, a.Length, endSpec{string(a.Low.Kind)}, endSpec{string(a.High.Kind)}})
	}
	var err error
	switch v := p.potential; {
	case v.formula != nil:
		s.Potential = potentialSpec{Kind: "expression", Expression: &v.formula.source, Parameters: v.formula.parameters}
	case v.values != nil:
		s.Potential.Kind = "values"
		if s.Potential.Values, err = (&theory.Numbers{Values: v.values}).Stored(arrays); err != nil {
			return nil, err
		}
	}
	for _, i := range p.initial {
		if i.Re, err = i.Re.Stored(arrays); err != nil {
			return nil, err
		}
		if i.Im, err = i.Im.Stored(arrays); err != nil {
			return nil, err
		}
		s.Initial = append(s.Initial, i)
	}
	return s, nil
}

// Decode reads the model that a Spec holds: theory "schrodinger", "madelung" or
// "hamilton-jacobi".
func Decode(spec []byte, arrays theory.Arrays) (theory.Model, error) {
	var s problemSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	return s.build(arrays)
}

// build returns the model of a Spec.
func (s problemSpec) build(arrays theory.Arrays) (theory.Model, error) {
	if _, ok := theories[s.Theory]; !ok {
		return nil, fmt.Errorf("theory: %q is unknown here; use %q, %q or %q", s.Theory, "schrodinger", "madelung", "hamilton-jacobi")
	}
	b := newBuilder(s.Theory).Learning(s.Learning.Rate, s.Learning.Diffusion, s.Learning.Multiplier).Circulation(s.Circulation...)
	var axes []lattice.Axis
	for _, a := range s.Lattice.Axes {
		axes = append(axes, lattice.Line(a.Sites, a.Length, lattice.Boundary{Kind: lattice.Kind(a.Low.Kind)}, lattice.Boundary{Kind: lattice.Kind(a.High.Kind)}))
	}
	b = b.Lattice(axes...)
	switch v := s.Potential; v.Kind {
	case "none":
	case "expression":
		if v.Expression == nil {
			return nil, fmt.Errorf("potential.expression: missing for kind %q", v.Kind)
		}
		b = b.Potential(*v.Expression, v.Parameters)
	case "values":
		if v.Values == nil {
			return nil, fmt.Errorf("potential.values: missing for kind %q", v.Kind)
		}
		if err := v.Values.Load(arrays); err != nil {
			return nil, fmt.Errorf("potential.values: %w", err)
		}
		b = b.SitePotential(v.Values.Values)
	default:
		return nil, fmt.Errorf("potential.kind: %q is unknown; use none, expression or values", v.Kind)
	}
	if n := len(s.Initial); n > theory.MaxInitial {
		return nil, fmt.Errorf("initial: %d contributions; at most %d, give their sum as values", n, theory.MaxInitial)
	}
	for n, i := range s.Initial {
		if _, ok := kinds[i.Kind]; !ok {
			return nil, fmt.Errorf("initial[%d].kind: %q is unknown; use coherent, eigenstate, fluid, packet, plane-wave, values or vortex", n, i.Kind)
		}
		if err := i.valid(); err != nil {
			return nil, fmt.Errorf("initial[%d]: %w", n, err)
		}
		for name, v := range map[string]*theory.Numbers{"re": i.Re, "im": i.Im} {
			if err := v.Load(arrays); err != nil {
				return nil, fmt.Errorf("initial[%d].%s: %w", n, name, err)
			}
		}
		b.p.initial = append(b.p.initial, i)
	}
	return b.Build()
}

// valid checks a contribution that was read as the options of the builder check
// it.
func (i initial) valid() error {
	if err := i.check(); err != nil {
		return err
	}
	number := func(v *float64, option func(float64) Option) error {
		if v == nil {
			return nil
		}
		return option(*v).set(&initial{})
	}
	if err := number(i.Width, Width); err != nil {
		return err
	}
	if err := number(i.Frequency, Frequency); err != nil {
		return err
	}
	if i.Charge != nil {
		return Charge(*i.Charge).set(&initial{})
	}
	return nil
}
