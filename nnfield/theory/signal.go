package theory

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Signal is what a driven side is clamped to, as a formula of the time t: the
// distribution p_∂ of a data set of one sample a step.
type Signal struct {
	source     string
	parameters map[string]float64
	expr       *expr.Expr
	err        error
}

// NewSignal returns the signal of a formula of t with named parameters, such as
// "a*sin(omega*t)".
func NewSignal(source string, parameters map[string]float64) Signal {
	s := Signal{source: source, parameters: parameters}
	s.expr, s.err = expr.Parse(source, []string{"t"}, parameters)
	if s.err != nil {
		s.err = fmt.Errorf("Driven(%q): %w", source, s.err)
	}
	return s
}

// String returns the formula with its parameters.
func (s Signal) String() string { return s.source + named(s.parameters) }

// Err returns what is wrong with the formula, or nil.
func (s Signal) Err() error { return s.err }

// At returns the signal at time t.
func (s Signal) At(t float64) float64 { return s.expr.Eval(t) }

// Drive clamps the boundary neurons of one driven side to a signal.
type Drive struct {
	Axis   int
	Side   lattice.Side
	Signal Signal
}
