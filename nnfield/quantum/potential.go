package quantum

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Params names the parameters of a formula.
type Params = map[string]float64

var variables = []string{"x", "y", "z"}

// formula is an expression of the place, in canonical spelling, with its parameters.
type formula struct {
	source     string
	parameters Params
	expr       *expr.Expr
}

func newFormula(source string, parameters []Params) (formula, error) {
	f := formula{parameters: Params{}}
	for _, p := range parameters {
		maps.Copy(f.parameters, p)
	}
	var err error
	if f.expr, err = expr.Parse(source, variables, f.parameters); err != nil {
		return f, err
	}
	f.source = f.expr.String()
	return f, nil
}

// fits returns an error if the formula uses a coordinate that l does not have.
func (f formula) fits(l lattice.Lattice) error {
	for _, name := range variables[l.Dim():] {
		if f.expr.Uses(name) {
			return fmt.Errorf("%q uses %s, but the lattice has %d axes; use only %v", f.source, name, l.Dim(), variables[:l.Dim()])
		}
	}
	return nil
}

// sample returns the values of e at all sites. It fails where one is not finite.
func sample(source string, e *expr.Expr, l lattice.Lattice) ([]float64, error) {
	columns := make([][]float64, len(variables))
	for j := range columns {
		columns[j] = l.Coordinates(min(j, l.Dim()-1)) // those beyond Dim are not used
	}
	dst := make([]float64, l.Sites())
	e.EvalTo(dst, columns...)
	for site, v := range dst {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q is %s at %s; it must be finite on the lattice", source, say.Number(v), place(l, site))
		}
	}
	return dst, nil
}

// place names a site by its coordinates: "x = 1.5, y = 2".
func place(l lattice.Lattice, site int) string {
	text := ""
	for j, i := range l.Position(make([]int, l.Dim()), site) {
		if j > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s = %.6g", lattice.AxisName(j), l.Axis(j).Coordinate(i))
	}
	return text
}

// potential is V(q): nothing, a formula or one value a site.
type potential struct {
	formula *formula
	values  []float64
}

func (p potential) none() bool { return p.formula == nil && p.values == nil }

func (p potential) sample(l lattice.Lattice) ([]float64, error) {
	switch {
	case p.formula != nil:
		if err := p.formula.fits(l); err != nil {
			return nil, fmt.Errorf("Potential: %w", err)
		}
		v, err := sample(p.formula.source, p.formula.expr, l)
		if err != nil {
			return nil, fmt.Errorf("Potential: %w", err)
		}
		return v, nil
	case p.values != nil:
		if err := checkValues("SitePotential", "V", p.values, l); err != nil {
			return nil, err
		}
		return slices.Clone(p.values), nil
	}
	return make([]float64, l.Sites()), nil
}

// checkValues returns an error unless there is one finite value a site.
func checkValues(call, name string, v []float64, l lattice.Lattice) error {
	if len(v) != l.Sites() {
		return fmt.Errorf("%s: %s has %d numbers for %d sites; give one a site, in row-major order", call, name, len(v), l.Sites())
	}
	for site, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%s: %s is %s at %s; every value must be finite", call, name, say.Number(x), place(l, site))
		}
	}
	return nil
}
