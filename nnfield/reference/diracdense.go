package reference

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// RealForm returns the real 2n×2n matrix [[S, −A], [A, S]] of a complex n×n matrix
// H = S + iA: it does to (Re z, Im z) what H does to z. A Hermitian matrix becomes
// a symmetric one, so that the stiffness of a charged scalar goes into
// [Exponential] this way, up to MaxDense/2 sites, with the values Re φ before Im φ.
func RealForm(h *mat.CDense) *mat.Dense {
	n, m := h.Dims()
	r := mat.NewDense(2*n, 2*m, nil)
	for i := range n {
		for j := range m {
			v := h.At(i, j)
			r.Set(i, j, real(v))
			r.Set(n+i, m+j, real(v))
			r.Set(i, m+j, -imag(v))
			r.Set(n+i, j, imag(v))
		}
	}
	return r
}

// Unitary returns the solution ψ(t) = exp(−iht)ψ₀ of i∂_tψ = hψ for a Hermitian
// matrix h = S + iA, by the dense exponential of the real form
//
//	φ̇ = Sβ + Aφ,   β̇ = −Sφ + Aβ,   ψ = φ + iβ.
//
// The relative error is about 1e-15 times the norm of ht.
//
// It fails for a matrix that is not square, larger than [MaxDense] or not
// Hermitian, for initial values of the wrong length or not finite, and if ht has
// a norm above 10⁶ or not finite.
func Unitary(h *mat.CDense, phi0, beta0 []float64, t float64) (phi, beta []float64, err error) {
	const call = "reference.Unitary"
	state, err := startDense(h, phi0, beta0)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", call, err)
	}
	if err := turn(state, weighted(t, h, 0, h)); err != nil {
		return nil, nil, fmt.Errorf("%s: at t = %v: %w", call, t, err)
	}
	n := len(phi0)
	return state[:n:n], state[n:], nil
}

// TimeOrdered returns the solution at time to of i∂_tψ = h(t)ψ that is ψ₀ = φ₀ + iβ₀
// at time from, as a product of dense exponentials. Each of the equal steps ε is
//
//	exp(−iε(a₋h₁ + a₊h₂)) exp(−iε(a₊h₁ + a₋h₂)),   a± = ¼ ± √3/6,
//
// h₁ and h₂ being h at the Gauss points t + (½ ∓ √3/6)ε: the commutator-free
// scheme of fourth order (S. Blanes and P. C. Moan, Appl. Numer. Math. 56, 1519,
// 2006). It is unitary; what is left is the error of order ε⁴ where h(t) does not
// commute with itself at other times, which a second call with twice the steps
// shows.
//
// h must return a new matrix each time. TimeOrdered fails for less than one step,
// and as [Unitary] does for h at any time.
func TimeOrdered(h func(t float64) *mat.CDense, phi0, beta0 []float64, from, to float64, steps int) (phi, beta []float64, err error) {
	const call = "reference.TimeOrdered"
	if steps < 1 {
		return nil, nil, fmt.Errorf("%s: %d steps; give at least 1", call, steps)
	}
	if !finite(from) || !finite(to) {
		return nil, nil, fmt.Errorf("%s: from t = %v to %v; times must be finite", call, from, to)
	}
	gauss, n := math.Sqrt(3)/6, len(phi0)
	step := (to - from) / float64(steps)
	var state []float64
	for i := range steps {
		t := from + float64(step*(float64(i)+0.5))
		h1, h2 := h(t-float64(gauss*step)), h(t+float64(gauss*step))
		for _, hi := range []*mat.CDense{h1, h2} {
			checked, err := startDense(hi, phi0, beta0)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: h near t = %v: %w", call, t, err)
			}
			if state == nil {
				state = checked
			}
		}
		first := weighted(step*(0.25+gauss), h1, step*(0.25-gauss), h2)
		second := weighted(step*(0.25-gauss), h1, step*(0.25+gauss), h2)
		for _, exponent := range []*mat.CDense{first, second} {
			if err := turn(state, exponent); err != nil {
				return nil, nil, fmt.Errorf("%s: near t = %v: %w", call, t, err)
			}
		}
	}
	return state[:n:n], state[n:], nil
}

// startDense checks a Hermitian matrix and initial values, and returns the values
// as one vector (φ, β).
func startDense(h *mat.CDense, phi, beta []float64) ([]float64, error) {
	if h == nil {
		return nil, errors.New("no matrix; give one")
	}
	n, columns := h.Dims()
	switch {
	case n != columns || n == 0:
		return nil, fmt.Errorf("a %d×%d matrix; it must be square and not empty", n, columns)
	case n > MaxDense:
		return nil, fmt.Errorf("a matrix of %d rows, at most %d are allowed; use a smaller lattice or FreeDirac", n, MaxDense)
	case !hermitian(h):
		return nil, fmt.Errorf("the matrix is not Hermitian or not finite; only h† = h turns ψ without changing its norm")
	}
	if _, err := join(phi, beta, n); err != nil {
		return nil, fmt.Errorf("a matrix of %d rows: %w", n, err)
	}
	return append(append(make([]float64, 0, 2*n), phi...), beta...), nil
}

// turn replaces the state (φ, β) by exp(−ih)(φ + iβ).
func turn(state []float64, h *mat.CDense) error {
	var minusIH mat.CDense
	n, _ := h.Dims()
	minusIH.ReuseAs(n, n)
	for i := range n {
		for j := range n {
			minusIH.Set(i, j, -1i*h.At(i, j))
		}
	}
	exponent := RealForm(&minusIH)
	if norm := mat.Norm(exponent, 1); !(norm <= maxDenseNorm) {
		return fmt.Errorf("the exponent has norm %.3g, at most %g leaves enough digits; use a shorter time", norm, maxDenseNorm)
	}
	var flow mat.Dense
	flow.Exp(exponent)
	v := mat.NewVecDense(len(state), state)
	v.MulVec(&flow, mat.VecDenseCopyOf(v))
	return nil
}

// weighted returns s·a + r·b.
func weighted(s float64, a *mat.CDense, r float64, b *mat.CDense) *mat.CDense {
	n, m := a.Dims()
	z := mat.NewCDense(n, m, nil)
	for i := range n {
		for j := range m {
			z.Set(i, j, complex(s, 0)*a.At(i, j)+complex(r, 0)*b.At(i, j))
		}
	}
	return z
}
