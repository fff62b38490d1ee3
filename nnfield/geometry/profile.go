package geometry

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Params names the parameters of a formula.
type Params = map[string]float64

// profile is a component of the metric: a formula of x, y and z, or a number for
// each site. It is its own canonical form.
type profile struct {
	Expression *string         `json:"expression,omitempty"`
	Parameters Params          `json:"parameters,omitzero"`
	Values     *theory.Numbers `json:"values,omitempty"`

	formula *expr.Expr
}

var places = []string{"x", "y", "z"}

// formulate returns the profile of a formula.
func formulate(source string, parameters []Params, variables []string) (*profile, error) {
	p := &profile{Parameters: Params{}}
	for _, more := range parameters {
		maps.Copy(p.Parameters, more)
	}
	var err error
	if p.formula, err = expr.Parse(source, variables, p.Parameters); err != nil {
		return nil, err
	}
	source = p.formula.String()
	p.Expression = &source
	return p, nil
}

// given returns the profile of numbers at the sites.
func given(v []float64) *profile { return &profile{Values: &theory.Numbers{Values: slices.Clone(v)}} }

// String describes the profile in a card.
func (p *profile) String() string {
	if p.formula == nil {
		return "given at every site"
	}
	text := *p.Expression
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		text += fmt.Sprintf(", %s = %v", name, p.Parameters[name])
	}
	return text
}

// row is the line of a card that gives the profile the symbol of its component.
func (p *profile) row(name, symbol, latex string) theory.Row {
	r := theory.Row{Name: name, Value: theory.Formula{Text: symbol + " = " + p.String()}}
	if p.formula == nil {
		return r
	}
	r.Value.LaTeX = latex + " = " + p.formula.LaTeX()
	for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
		r.Value.LaTeX += fmt.Sprintf(`,\ \mathrm{%s} = %v`, name, p.Parameters[name])
	}
	return r
}

// sample returns the values at all sites.
func (p *profile) sample(l lattice.Lattice) ([]float64, error) {
	if p.formula == nil {
		return p.Values.Values, nil
	}
	for _, name := range places[l.Dim():] {
		if p.formula.Uses(name) {
			return nil, fmt.Errorf("%q uses %s, but the lattice has %d axes; use only %v", *p.Expression, name, l.Dim(), places[:l.Dim()])
		}
	}
	columns := make([][]float64, len(places))
	for j := range columns {
		columns[j] = l.Coordinates(min(j, l.Dim()-1)) // those beyond Dim are not used
	}
	dst := make([]float64, l.Sites())
	p.formula.EvalTo(dst, columns...)
	for s, v := range dst {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q is %s at %s; it must be finite at every site", *p.Expression, say.Number(v), place(l, s))
		}
	}
	return dst, nil
}

// stored returns p for a Spec.
func (p *profile) stored(arrays theory.Arrays) (*profile, error) {
	if p == nil || p.Values == nil {
		return p, nil
	}
	v, err := p.Values.Stored(arrays)
	return &profile{Values: v}, err
}

// loaded undoes stored and reads the formula.
func (p *profile) loaded(key string, arrays theory.Arrays) (*profile, error) {
	switch {
	case p == nil:
		return nil, nil
	case (p.Expression == nil) == (p.Values == nil):
		return nil, fmt.Errorf("%s: give exactly one of the keys expression and values", key)
	case p.Expression != nil:
		f, err := formulate(*p.Expression, []Params{p.Parameters}, places)
		if err != nil {
			return nil, fmt.Errorf("%s.expression: %w", key, err)
		}
		return f, nil
	}
	if err := p.Values.Load(arrays); err != nil {
		return nil, fmt.Errorf("%s.values: %w", key, err)
	}
	return given(p.Values.Values), nil
}
