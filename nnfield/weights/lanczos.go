package weights

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/random"
)

const (
	lanczosSteps  = 300     // at most
	lanczosMemory = 1 << 25 // numbers in the basis, at most, unless that is fewer than 32 vectors
	lanczosGoal   = 1e-11   // residual of both ends, relative to the norm
)

// lanczos returns estimates θ of eigenvalues of a symmetric W, or of −i·W for an
// antisymmetric one: those that have converged and both ends, ascending, and the
// larger of the two ends' residuals ‖Wv − θv‖, which bounds the distance to an
// eigenvalue. The basis is orthogonalised in full (Lanczos 1950; Parlett, The
// Symmetric Eigenvalue Problem, ch. 13).
//
// For an antisymmetric W the recursion W q_j = β_j q_{j+1} − β_{j−1} q_{j−1} stays
// real; i^j q_j are the Lanczos vectors of −i·W.
func lanczos(w Tensor, antisymmetric bool) (values []float64, residual float64, err error) {
	n := w.Size()
	steps := min(n, lanczosSteps, max(32, lanczosMemory/n))
	q := make([]float64, n)
	start := random.New(0, "lanczos start")
	for i := range q {
		q[i] = start.Uniform(i) - 0.5
	}
	vector := func(x []float64) blas64.Vector { return blas64.Vector{N: n, Inc: 1, Data: x} }
	blas64.Scal(1/blas64.Nrm2(vector(q)), vector(q))

	var basis [][]float64
	var diagonal, beside []float64 // of the tridiagonal matrix
	for {
		basis = append(basis, q)
		next := make([]float64, n)
		w.AddApply(next, 1, q)
		a := 0.0
		if !antisymmetric {
			a = blas64.Dot(vector(q), vector(next))
		}
		for range 2 { // twice is enough (Kahan, in Parlett, §6.9)
			for _, b := range basis {
				blas64.Axpy(-blas64.Dot(vector(b), vector(next)), vector(b), vector(next))
			}
		}
		norm := blas64.Nrm2(vector(next))
		if math.IsNaN(norm) || math.IsInf(norm, 0) {
			return nil, 0, fmt.Errorf("the weights are not finite")
		}
		diagonal, beside = append(diagonal, a), append(beside, norm)
		done := len(basis) == steps
		if done || len(basis)%16 == 0 || norm < 1e-14*largest(diagonal, beside) {
			var converged bool
			values, residual, converged, err = ritz(diagonal, beside)
			if done || converged || err != nil {
				return values, residual, err
			}
		}
		blas64.Scal(1/norm, vector(next))
		q = next
	}
}

// largest returns the largest magnitude in both lists.
func largest(a, b []float64) float64 {
	size := 0.0
	for _, v := range slices.Concat(a, b) {
		size = max(size, math.Abs(v))
	}
	return size
}

// ritz returns the eigenvalues of the tridiagonal matrix that have converged and
// those at the ends, the larger residual of the ends, and whether that is small.
// The last element of beside couples to what is outside.
func ritz(diagonal, beside []float64) (values []float64, residual float64, converged bool, err error) {
	m := len(diagonal)
	t := mat.NewSymDense(m, nil)
	for i := range m {
		t.SetSym(i, i, diagonal[i])
		if i > 0 {
			t.SetSym(i, i-1, beside[i-1])
		}
	}
	var e mat.EigenSym
	if !e.Factorize(t, true) {
		return nil, 0, false, fmt.Errorf("the eigenvalue solver did not converge")
	}
	all := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	goal := lanczosGoal * max(math.Abs(all[0]), math.Abs(all[m-1]))
	of := func(i int) float64 { return math.Abs(beside[m-1] * vectors.At(m-1, i)) }
	for i, v := range all {
		if i == 0 || i == m-1 || of(i) <= goal {
			values = append(values, v)
		}
	}
	residual = max(of(0), of(m-1))
	return values, residual, residual <= goal, nil
}
