package geometry

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Params names the parameters of a formula.
type Params = map[string]float64

// profile is a component of the metric: a formula of x, y and z, or a number for
// each site. It is its own canonical form.
type profile struct {
	Expression *string  `json:"expression,omitempty"`
	Parameters Params   `json:"parameters,omitzero"`
	Values     *numbers `json:"values,omitempty"`

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
func given(v []float64) *profile { return &profile{Values: &numbers{values: slices.Clone(v)}} }

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
		return p.Values.values, nil
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
			return nil, fmt.Errorf("%q is %v at %s; it must be finite at every site", *p.Expression, v, place(l, s))
		}
	}
	return dst, nil
}

// stored returns p for a Spec.
func (p *profile) stored(arrays theory.Arrays) (*profile, error) {
	if p == nil || p.Values == nil || len(p.Values.values) <= inline {
		return p, nil
	}
	name, err := arrays.Put(p.Values.values)
	return &profile{Values: &numbers{name: name}}, err
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
	case p.Values.name == "":
		return given(p.Values.values), nil
	}
	v, err := arrays.Get(p.Values.name)
	if err != nil {
		return nil, fmt.Errorf("%s.values: %w", key, err)
	}
	return given(v), nil
}

// numbers is an array in a Spec: the numbers themselves up to inline of them, the
// name of a stored array otherwise.
type numbers struct {
	values []float64
	name   string
}

const inline = 64

// MarshalJSON writes the numbers or the name.
func (n numbers) MarshalJSON() ([]byte, error) {
	if n.name != "" {
		return json.Marshal(n.name)
	}
	return json.Marshal(append([]float64{}, n.values...))
}

// UnmarshalJSON reads either.
func (n *numbers) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &n.name)
	}
	return json.Unmarshal(b, &n.values)
}
