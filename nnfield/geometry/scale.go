package geometry

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
)

// scaleFactor is a(t) of a universe that expands alike everywhere. It is its own
// canonical form.
type scaleFactor struct {
	Expression string `json:"expression"`
	Parameters Params `json:"parameters"`
	Clock      Clock  `json:"clock"`

	formula *expr.Expr
}

// ScaleFactor multiplies all lengths in space by a(t) > 0, a formula of t with
// named parameters, in cosmic or in conformal time. In d dimensions the three rates
// of the network, of its activation and of both parts of its learning, turn to
//
//	cosmic     M a^{−d},    −∂_i(N√h h^ij ∂_j) a^{d−2},   N√h m² a^d
//	conformal  M a^{1−d},   −∂_i(N√h h^ij ∂_j) a^{d−1},   N√h m² a^{d+1}.
//
// Energy is not conserved; momentum is. A massless field on a line does not feel a
// conformal a at all.
func (b Builder) ScaleFactor(clock Clock, formula string, parameters ...Params) Builder {
	p, err := formulate(formula, parameters, []string{"t"})
	if err != nil {
		return b.fail(fmt.Errorf("ScaleFactor(%q): %w", formula, err))
	}
	if clock != CosmicTime && clock != ConformalTime {
		return b.fail(fmt.Errorf("ScaleFactor: the clock %q is unknown; use CosmicTime or ConformalTime", string(clock)))
	}
	b.p.scale = &scaleFactor{*p.Expression, p.Parameters, clock, p.formula}
	return b
}

// at returns a(t), 1 without a scale factor.
func (f *scaleFactor) at(t float64) float64 {
	if f == nil {
		return 1
	}
	return f.formula.Eval(t)
}

// rates are what the scale factor makes of the gain, of the gradient part and of
// the mass part of the stiffness.
type rates struct{ gain, gradient, potential float64 }

func (f *scaleFactor) rates(t float64, d int) rates {
	if f == nil {
		return rates{1, 1, 1}
	}
	a := f.formula.Eval(t)
	power := func(n int) float64 {
		p := 1.0
		for range n {
			p *= a
		}
		return p
	}
	if f.Clock == ConformalTime {
		return rates{1 / power(d-1), power(d - 1), power(d + 1)}
	}
	gradient := power(max(d-2, 0))
	if d == 1 {
		gradient = 1 / a
	}
	return rates{1 / power(d), gradient, power(d)}
}

// instants is how many times of a run the scale factor is looked at beforehand.
const instants = 1024

// largest returns the largest ω² ≤ rates.gain·(rates.gradient·gradient +
// rates.potential·potential) between two times.
func (f *scaleFactor) largest(from, to float64, d int, gradient, potential float64) float64 {
	most := 0.0
	for i := range instants + 1 {
		r := f.rates(from+float64((to-from)*float64(i)/instants), d)
		most = max(most, r.gain*(float64(r.gradient*gradient)+float64(r.potential*potential)))
		if f == nil || to <= from {
			break
		}
	}
	return most
}

// check returns an error unless a is positive and finite at the times looked at.
func (f *scaleFactor) check(until float64) error {
	if f == nil {
		return nil
	}
	for i := range instants + 1 {
		t := float64(until*float64(i)) / instants
		if a := f.at(t); !(a > 0) || math.IsInf(a, 1) {
			return fmt.Errorf("ScaleFactor(%q): a = %.6g at t = %.6g; it must be positive and finite at every time of the run", f.Expression, a, t)
		}
	}
	return nil
}
