package network

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// GradientReport says how well derivatives of a loss agree with finite
// differences of the loss itself. Each error is the largest difference over all
// directions, divided by the largest derivative seen (or by 1e-4·|H| if that is
// larger: finite differences see nothing smaller).
type GradientReport struct {
	Directions int
	Bias       float64 // total dH/db, through the activation; with a Flow the smaller of the next two
	Uncarried  float64 // with a Flow, of dH/db with respect to the biases before they are carried
	Carried    float64 // and to those after
	State      float64 // partial ∂H/∂x at the activated state
	Weights    float64 // total dH/dw, through the activation
}

// Max returns the largest of the three errors.
func (r GradientReport) Max() float64 { return max(r.Bias, r.State, r.Weights) }

// String returns the report as a sentence.
func (r GradientReport) String() string {
	return fmt.Sprintf("loss derivatives against finite differences in %d random directions: relative error %.1e in b, %.1e in x, %.1e in w",
		r.Directions, r.Bias, r.State, r.Weights)
}

// CheckGradient activates a copy of the state at and compares the derivatives
// of the loss of n with fourth-order finite differences along random directions:
// in the biases and in the weights before the activation, which must give the
// total derivatives that [System.Learn] uses, and in the activated state.
//
// Errors below 1e-8 are those of the differences; a wrong derivative shows as an
// error near its own size.
// A loss or activation with kinks must be checked away from them. The weights
// are checked whether they can learn or not. It fails for a network that [New]
// refuses or that has no loss, for a state of another size and for fewer than
// one direction.
func CheckGradient(n Network, at *State, seed uint64, directions int) (GradientReport, error) {
	if directions < 1 {
		return GradientReport{}, fmt.Errorf("network.CheckGradient: %d directions; use at least 1", directions)
	}
	n.WeightRate = 0 // derivatives are wanted, not learning; any tensor will do
	s, err := New(n)
	if err != nil {
		return GradientReport{}, err
	}
	if n.Loss == nil {
		return GradientReport{}, fmt.Errorf("network.CheckGradient: the network has no Loss to differentiate")
	}
	size := n.Size()
	if len(at.X) != size || len(at.B) != size {
		return GradientReport{}, fmt.Errorf("network.CheckGradient: a state of %d neurons and %d biases for a network of %d; give %d of each", len(at.X), len(at.B), size, size)
	}
	s.prev, s.gx = make([]float64, size), make([]float64, size)
	fresh := at.Clone()
	s.Activate(fresh, 1)

	// The analytic derivatives.
	total, partial, ignored := make([]float64, size), make([]float64, size), make([]float64, size)
	through, direct := make([]float64, size), make([]float64, size)
	before := slices.Clone(s.prev)
	s.Gradient(total, 1, fresh)
	n.Loss.AddGradient(&s.net, partial, ignored, 1, fresh.X, fresh.B)
	s.weightGradient(through, direct, 1, fresh)

	r := GradientReport{Directions: directions}
	floor := 1e-4 * math.Abs(s.Loss(fresh))
	scale := [4]float64{floor, floor, floor, floor}
	compare := func(i int, worst *float64, analytic, numeric float64) {
		// A NaN must not pass: max keeps it.
		*worst = max(*worst, math.Abs(analytic-numeric))
		scale[i] = max(scale[i], math.Abs(analytic), math.Abs(numeric))
	}
	numbers, index := random.New(seed, "gradient check"), 0
	direction := func() []float64 {
		d := make([]float64, size)
		for i := range d {
			d[i] = numbers.Normal(index)
			index++
		}
		return d
	}
	for range directions {
		d := direction()
		s.clearBoundary(d) // these biases do not learn
		along := func(d []float64) float64 {
			return slope(func(h float64) float64 {
				st := at.Clone()
				shift(st.B, h, d)
				s.Activate(st, 1)
				return s.Loss(st)
			})
		}
		compare(0, &r.Bias, sums.Dot(total, d), along(d))
		if n.Flow != nil {
			carried := slices.Clone(d)
			none, middle := make([]float64, size), at.Time+float64(0.5*n.clock())
			n.Flow.Carry(none, d, -0.5, fresh.Time, middle)
			n.Flow.Carry(none, d, -0.5, middle, at.Time)
			compare(3, &r.Carried, sums.Dot(total, carried), along(d))
		}
		d = direction()
		compare(1, &r.State, sums.Dot(partial, d), slope(func(h float64) float64 {
			st := fresh.Clone()
			shift(st.X, h, d)
			return s.Loss(st)
		}))
		if n.Flow != nil {
			continue // these weights are no numbers that could be moved
		}
		u, v := direction(), direction()
		analytic := float64(sums.Dot(u, through)*sums.Dot(v, before)) + float64(sums.Dot(u, direct)*sums.Dot(v, fresh.X))
		compare(2, &r.Weights, analytic, slope(func(h float64) float64 {
			m := n
			m.Weights = moved{n.Weights, h, u, v}
			ms, err := New(m)
			if err != nil {
				return math.NaN()
			}
			st := at.Clone()
			ms.Activate(st, 1)
			return ms.Loss(st)
		}))
	}
	for i, e := range []*float64{&r.Bias, &r.State, &r.Weights, &r.Carried} {
		if *e != 0 {
			*e /= scale[i]
		}
	}
	if n.Flow != nil {
		r.Uncarried = r.Bias
		r.Bias = min(r.Uncarried, r.Carried) // keeps a NaN
	}
	return r, nil
}

// slope returns the derivative of f at 0 to fourth order.
func slope(f func(h float64) float64) float64 {
	const h = 3e-4 // h⁴ times a large fifth derivative is still far below 1e-9; round-off is 1e-16/h
	return (8*(f(h)-f(-h)) - (f(2*h) - f(-2*h))) / (12 * h)
}

// shift adds h·d to x.
func shift(x []float64, h float64, d []float64) {
	for i, v := range d {
		x[i] += float64(h * v)
	}
}

// moved is the tensor W + h·u vᵀ.
type moved struct {
	weights.Tensor
	h    float64
	u, v []float64
}

func (m moved) AddApply(dst []float64, alpha float64, x []float64) {
	m.Tensor.AddApply(dst, alpha, x)
	shift(dst, alpha*m.h*sums.Dot(m.v, x), m.u)
}

func (m moved) Transpose() weights.Tensor { return moved{m.Tensor.Transpose(), m.h, m.v, m.u} }

func (m moved) Row(i int, entry func(j int, w float64)) {
	row := make([]float64, m.Size())
	m.Tensor.Row(i, func(j int, w float64) { row[j] = w })
	shift(row, m.h*m.u[i], m.v)
	for j, w := range row {
		entry(j, w)
	}
}
