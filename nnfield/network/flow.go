package network

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Flow is a weight tensor that is a flow in time: w(c) over the fraction c of a
// step, with w(c)w(d) = w(c+d) and w(−c) = w(c)⁻¹. It carries states by w and, so
// that the pair of them keeps its symplectic form, biases by w⁻ᵀ: where w is
// orthogonal both are carried alike. The antisymmetric generator of a Dirac field in
// Dirac, Weyl or Majorana matrices, the temporal component of a gauge field and the
// shift of a space-time stand in such a w [F] §2, §4, §5.
//
// With u = w(½) one step of a network that has a Flow is
//
//	activation  x ← u (u x + E u⁻ᵀ b),  b ← w⁻ᵀ b;      learning  b ← b − γ Eᵀ ∂H/∂x,
//
// each tensor taken at the time of its own sub-step (see [Network.At]): order 2, and
// symplectic. The form without halves, x ← w x + E b, is of order 1.
type Flow interface {
	// Carry replaces x by w(c) x and b by w(c)⁻ᵀ b. The fraction c of a step, which may
	// be negative, lasts from time t to time u.
	Carry(x, b []float64, c, t, u float64)
}

// Exponential is the flow w(c) = e^{cεA} of a generator A that stands still, to
// round-off. It owns scratch: one goroutine at a time.
type Exponential struct {
	states, biases weights.Tensor // A and −Aᵀ
	norm, step     float64
	term, next     []float64
}

// NewExponential returns the flow of the generator A of a network of step ε. The
// generator of the biases is −Aᵀ, the same tensor as A if A is antisymmetric; norm is
// at least ‖A‖.
func NewExponential(states, biases weights.Tensor, norm, step float64) *Exponential {
	n := states.Size()
	return &Exponential{states: states, biases: biases, norm: norm, step: step, term: make([]float64, n), next: make([]float64, n)}
}

// Carry turns x by e^{cεA} and b by e^{−cεAᵀ}.
func (e *Exponential) Carry(x, b []float64, c, _, _ float64) {
	e.turn(x, e.states, float64(c*e.step))
	e.turn(b, e.biases, float64(c*e.step))
}

// Generator returns A.
func (e *Exponential) Generator() weights.Tensor { return e.states }

// AddGenerator adds α A x and −α Aᵀ b to dx and db: the flow to first order.
func (e *Exponential) AddGenerator(dx, db []float64, alpha float64, x, b []float64) {
	e.states.AddApply(dx, alpha, x)
	e.biases.AddApply(db, alpha, b)
}

// turn replaces x by e^{τA}x, to round-off: by its power series, up to where the
// bound (|τ|‖A‖)ⁿ/n! of the next term is far below the last bit.
func (e *Exponential) turn(x []float64, a weights.Tensor, tau float64) {
	copy(e.term, x)
	size := math.Abs(tau) * e.norm
	for n, bound := 1, 1.0; bound > 1e-18 || float64(n) < size; n++ {
		clear(e.next)
		a.AddApply(e.next, tau/float64(n), e.term)
		for i, v := range e.next {
			x[i] += v
		}
		e.term, e.next = e.next, e.term
		bound *= size / float64(n)
	}
}

// Carriage says with respect to which biases the learning of a network with a [Flow]
// follows a total derivative: relative defects of its tensors, 0 (round-off) where it
// does so exactly.
type Carriage struct {
	Uncarried float64 // ‖uEu − E‖/‖E‖: of the derivative by the biases before they are carried
	Carried   float64 // ‖[E, u]‖/‖E‖: by those after
	Loss      float64 // ‖[E′, uEu⁻¹]‖/‖E‖², E′ at the end of the step: of there being a loss at all
}

// exact is what is taken as round-off: a flow is a series of some twenty products.
const exact = 1e-12

// String returns the verdict as the phrase of a card.
func (c Carriage) String() string {
	switch {
	case c.Uncarried <= exact:
		return "exact, with respect to the biases before they are carried: uEu = E"
	case c.Carried <= exact:
		return "exact, with respect to the carried biases: [E, u] = 0"
	}
	return fmt.Sprintf("to O(ε): ‖[E′, uEu⁻¹]‖ = %.2g ‖E‖² in a step of half the limit", c.Loss)
}

// Carriage measures the step from time t on in three random directions. It is the zero
// value for a network without a Flow.
func (s *System) Carriage(t float64) Carriage {
	n := &s.net
	if n.Flow == nil {
		return Carriage{}
	}
	middle, to := t+float64(0.5*n.clock()), t+n.clock()
	size := n.Size()
	none := make([]float64, size)
	u := func(v []float64, c float64) []float64 {
		out := slices.Clone(v)
		if from, until := t, middle; c > 0 {
			n.Flow.Carry(out, none, c, from, until)
		} else {
			n.Flow.Carry(out, none, c, until, from)
		}
		return out
	}
	e := func(v []float64, at float64) []float64 {
		if n.At != nil {
			n.At(at)
		}
		out := make([]float64, size)
		n.AddBias(out, 1, v)
		return out
	}
	norm := func(a, b []float64) float64 { // of a − b
		return math.Sqrt(sums.Sum(0, size, func(i int) float64 { return (a[i] - b[i]) * (a[i] - b[i]) }))
	}
	var c Carriage
	numbers := random.New(1, "carriage")
	for k := range 3 {
		v := make([]float64, size)
		for i := range v {
			v[i] = numbers.Normal(k*size + i)
		}
		ev := e(v, middle)
		scale := norm(ev, none)
		if scale == 0 {
			continue
		}
		c.Uncarried = max(c.Uncarried, norm(u(e(u(v, 0.5), middle), 0.5), ev)/scale)
		c.Carried = max(c.Carried, norm(u(ev, 0.5), e(u(v, 0.5), middle))/scale)
		turned := func(v []float64) []float64 { return u(e(u(v, -0.5), middle), 0.5) }
		twice := e(turned(v), to)
		if scale := norm(twice, none); scale > 0 {
			c.Loss = max(c.Loss, norm(twice, turned(e(v, to)))/scale)
		}
	}
	return c
}
