// Package expr reads, differentiates and evaluates the expressions that users
// write for potentials, activations and signals, such as
//
//	lambda/4*(phi*phi - 1)*(phi*phi - 1)
//
// An expression consists of decimal numbers, variables, parameters, pi, the
// operators + - * / with the precedence of Go, parentheses, and the functions
//
//	abs cos cosh exp log pow(x, y) sech sin sinh sqrt tan tanh
//
// Values have the same bits on every machine and for every build: each operation
// is rounded apart and the functions are those of package elementary. A power
// with a constant whole exponent of at most 64 is a product.
package expr

import (
	"fmt"
	"slices"
	"sync"
)

// Expr is an expression of some variables, with values for its parameters. It is
// immutable and may be used by several goroutines at once.
type Expr struct {
	root       *node
	variables  []string
	parameters map[string]float64
	program    program
	idle       sync.Pool // of *scratch
}

func newExpr(root *node, variables []string, parameters map[string]float64) *Expr {
	e := &Expr{root: root, variables: variables, parameters: parameters}
	e.program = compile(root, variables, parameters)
	e.idle.New = func() any { return newScratch(e.program, len(variables)) }
	return e
}

// String returns the canonical source: the expression as it was written, with
// single spaces and no needless parentheses. Parsing it gives the same
// expression.
func (e *Expr) String() string { return e.root.String() }

// Derivative returns the derivative by a variable or a parameter, the other
// names held fixed, with like terms and factors collected and constants folded.
// Singularities that cancel are gone, x/x being 1. The derivative of abs(u) is
// that of √u², u/abs(u)·u′, which is not a number where u = 0. Derivative panics
// if the expression was parsed without that name.
func (e *Expr) Derivative(variable string) *Expr {
	if _, ok := e.parameters[variable]; !ok && !slices.Contains(e.variables, variable) {
		panic(fmt.Sprintf("expr.Derivative: %q is neither a variable nor a parameter", variable))
	}
	d := derivation{
		build:     builder{},
		by:        variable,
		variables: e.variables,
		simple:    map[*node]*node{},
		slopes:    map[*node]*node{},
	}
	root := d.build.adopt(e.root, map[*node]*node{})
	return newExpr(d.simplify(d.slope(d.simplify(root))), e.variables, e.parameters)
}

// Eval returns the value for the given values of the variables, in the order of
// [Parse]. A value out of the range of numbers is ±Inf or NaN, as the
// operations give it. Eval panics if a value is missing or left over.
func (e *Expr) Eval(values ...float64) float64 {
	if len(values) != len(e.variables) {
		panic(fmt.Sprintf("expr.Eval: %d values for the %d variables %v", len(values), len(e.variables), e.variables))
	}
	s := e.idle.Get().(*scratch)
	defer e.idle.Put(s)
	copy(s.values, values)
	for j := range values {
		s.registers[j] = s.values[j : j+1]
	}
	return s.run(e.program, 1)[0]
}

// EvalTo writes the value for each i to dst[i], where columns[j][i] is the value
// of variable j in the order of [Parse]; it gives the bits of [Expr.Eval]. dst
// may be one of the columns. EvalTo panics if the columns are not one a variable
// or not as long as dst.
func (e *Expr) EvalTo(dst []float64, columns ...[]float64) {
	if len(columns) != len(e.variables) {
		panic(fmt.Sprintf("expr.EvalTo: %d columns for the %d variables %v", len(columns), len(e.variables), e.variables))
	}
	for j, c := range columns {
		if len(c) != len(dst) {
			panic(fmt.Sprintf("expr.EvalTo: column %s has %d elements, dst has %d", e.variables[j], len(c), len(dst)))
		}
	}
	s := e.idle.Get().(*scratch)
	defer e.idle.Put(s)
	for lo := 0; lo < len(dst); lo += block {
		hi := min(lo+block, len(dst))
		for j, c := range columns {
			s.registers[j] = c[lo:hi]
		}
		copy(dst[lo:hi], s.run(e.program, hi-lo))
	}
	clear(s.registers[:len(columns)]) // keep nobody's data alive
}
