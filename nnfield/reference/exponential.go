package reference

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

const (
	// MaxDense is the largest number of sites of a dense matrix.
	MaxDense = 256

	// maxDenseNorm bounds the norm of the exponent in Exponential: scaling and
	// squaring loses about as many digits as the norm has.
	maxDenseNorm = 1e6
)

// Stiffness returns the stiffness matrix K = −∇² + m² of the lattice, sites ×
// sites, with the Laplacian of order 2 or 4 ([F] §3). Along an axis of spacing a
//
//	(K₂φ)_i = (2φ_i − φ_{i−1} − φ_{i+1})/a²,   K₄ = K₂ + (a²/12) K₂²,
//
// where a Dirichlet wall leaves the missing neighbour out (φ = 0 there) and a
// Neumann wall also takes one from the 2 (the neighbour equals φ_i).
//
// It fails for more than [MaxDense] sites, driven ends, sponges, a negative mass
// and any other order; the spectral Laplacian is that of [FreeField].
func Stiffness(l lattice.Lattice, mass float64, order Order) (*mat.Dense, error) {
	if err := checkModel(l, mass, order); err != nil {
		return nil, fmt.Errorf("reference.Stiffness: %w", err)
	}
	if order == Continuum {
		return nil, fmt.Errorf("reference.Stiffness: no dense matrix for the spectral Laplacian; use order 2 or 4, or FreeField")
	}
	n := l.Sites()
	if n > MaxDense {
		return nil, fmt.Errorf("reference.Stiffness: %d sites, at most %d are allowed; use a smaller lattice or FreeField", n, MaxDense)
	}
	k := mat.NewDense(n, n, nil)
	for s := range n {
		k.Set(s, s, mass*mass)
	}
	for j, a := range l.Axes() {
		along, stride := axisStiffness(a, order), l.Stride(j)
		for s := range n {
			i := s / stride % a.Sites
			for to := range a.Sites {
				at := s + (to-i)*stride
				k.Set(s, at, k.At(s, at)+along.At(i, to))
			}
		}
	}
	return k, nil
}

// axisStiffness returns −∂² along one axis.
func axisStiffness(a lattice.Axis, order Order) *mat.Dense {
	n, square := a.Sites, float64(a.Spacing()*a.Spacing())
	k := mat.NewDense(n, n, nil)
	// One spring of strength 1/a² between neighbours i and j.
	spring := func(i, j int) {
		k.Set(i, i, k.At(i, i)+1/square)
		k.Set(j, j, k.At(j, j)+1/square)
		k.Set(i, j, k.At(i, j)-1/square)
		k.Set(j, i, k.At(j, i)-1/square)
	}
	for i := range n - 1 {
		spring(i, i+1)
	}
	if a.Periodic() {
		spring(n-1, 0)
	}
	// A Dirichlet wall is a spring to a fixed point.
	if a.Low.Kind == lattice.Dirichlet {
		k.Set(0, 0, k.At(0, 0)+1/square)
	}
	if a.High.Kind == lattice.Dirichlet {
		k.Set(n-1, n-1, k.At(n-1, n-1)+1/square)
	}
	if order == 4 {
		var k2 mat.Dense
		k2.Mul(k, k)
		k2.Scale(square/12, &k2)
		k.Add(k, &k2)
	}
	return k
}

// Exponential returns the solution at time t of φ̇ = β, β̇ = −Kφ with the initial
// values phi0 and beta0, by the dense matrix exponential
//
//	(φ, β)(t) = exp( t·[[0, 1], [−K, 0]] ) (φ₀, β₀),
//
// for any square matrix K = stiffness, for instance that of [Stiffness], by
// scaling and squaring (N. J. Higham, Functions of Matrices, 2008, ch. 10). The
// relative error is about 1e-15 times the norm of the exponent.
//
// It fails for a matrix that is not square or larger than [MaxDense], for
// initial values of the wrong length or not finite, for an exponent with a norm
// above 10⁶ or not finite, and for a solution that overflows.
func Exponential(stiffness *mat.Dense, phi0, beta0 []float64, t float64) (phi, beta []float64, err error) {
	n, columns := stiffness.Dims()
	if n != columns {
		return nil, nil, fmt.Errorf("reference.Exponential: a %d×%d stiffness; it must be square", n, columns)
	}
	if n > MaxDense {
		return nil, nil, fmt.Errorf("reference.Exponential: %d sites, at most %d are allowed; use a smaller lattice or FreeField", n, MaxDense)
	}
	if err := checkField("phi0", phi0, n); err != nil {
		return nil, nil, fmt.Errorf("reference.Exponential: %w", err)
	}
	if err := checkField("beta0", beta0, n); err != nil {
		return nil, nil, fmt.Errorf("reference.Exponential: %w", err)
	}
	exponent := mat.NewDense(2*n, 2*n, nil)
	for i := range n {
		exponent.Set(i, n+i, t)
		for j := range n {
			exponent.Set(n+i, j, -t*stiffness.At(i, j))
		}
	}
	if norm := mat.Norm(exponent, 1); !(norm <= maxDenseNorm) {
		return nil, nil, fmt.Errorf("reference.Exponential: the exponent tK at t = %v has norm %.3g, at most %g leaves enough digits; use a shorter time", t, norm, maxDenseNorm)
	}
	var flow mat.Dense
	flow.Exp(exponent)
	state := mat.NewVecDense(2*n, append(append([]float64(nil), phi0...), beta0...))
	result := make([]float64, 2*n)
	mat.NewVecDense(2*n, result).MulVec(&flow, state)
	for _, v := range result {
		if !finite(v) {
			return nil, nil, fmt.Errorf("reference.Exponential: the solution overflows at t = %v: K has a negative eigenvalue; use a shorter time", t)
		}
	}
	return result[:n:n], result[n:], nil
}
