package thermo

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

// Rates are changes of the entropy of learners in one step.
type Rates struct {
	Production  float64 // by the noise of batches, ≥ 0; continuous limit tr(DG⁻¹), G the covariance of the learners
	Destruction float64 // by learning; continuous limit γ∂²F, the Laplacian of the free energy [M] §5
}

// Net returns the change of the entropy, production minus destruction. It is 0 for
// learners that have settled.
func (r Rates) Net() float64 { return r.Production - r.Destruction }

// Balance returns the rates of normally distributed learners of covariance g in a
// well of Hessian h, at the learning rate γ and the diffusion tensor d per step.
// One step maps G to BGB + 2D with B = 1 − γh, so for S = ½ ln det(2πe G)
//
//	destruction = −ln|det B|,   production = ½ ln det(BGB + 2D) − ½ ln det(BGB).
//
// Both are exact for a quadratic loss and noise that does not change with q. It
// fails for sizes that differ and where g or BGB is not positive definite.
func Balance(g, h, d mat.Symmetric, gamma float64) (Rates, error) {
	n := g.SymmetricDim()
	if h.SymmetricDim() != n || d.SymmetricDim() != n {
		return Rates{}, fmt.Errorf("thermo.Balance: a covariance of %d, a Hessian of %d and a diffusion of %d variables; give the same number", n, h.SymmetricDim(), d.SymmetricDim())
	}
	b := mat.NewDense(n, n, nil)
	b.Apply(func(i, j int, v float64) float64 {
		if i == j {
			return 1 - gamma*v
		}
		return -gamma * v
	}, h)
	var moved mat.Dense
	moved.Mul(b, g)
	moved.Mul(&moved, b)
	shrunk, after := mat.NewSymDense(n, nil), mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			v := float64((moved.At(i, j) + moved.At(j, i)) / 2)
			shrunk.SetSym(i, j, v)
			after.SetSym(i, j, v+float64(2*d.At(i, j)))
		}
	}
	var c [3]mat.Cholesky
	for i, m := range []mat.Symmetric{g, shrunk, after} {
		if !c[i].Factorize(m) {
			return Rates{}, fmt.Errorf("thermo.Balance: learners without extent in some direction have no entropy; give a positive definite covariance and a rate with γh ≠ 1")
		}
	}
	return Rates{
		Production:  (c[2].LogDet() - c[1].LogDet()) / 2,
		Destruction: (c[0].LogDet() - c[1].LogDet()) / 2,
	}, nil
}

// Covariance returns the covariance of the variables of an ensemble of learners.
func Covariance(e *ensemble.Ensemble) *mat.SymDense {
	n, variables := e.Learners(), e.Variables()
	x := mat.NewDense(n, variables, nil)
	for k := range variables {
		mean := e.Mean(k).Value
		for i, q := range e.Variable(k) {
			x.Set(i, k, q-mean)
		}
	}
	c := mat.NewSymDense(variables, nil)
	c.SymOuterK(1/float64(n), x.T())
	return c
}

// NormalEntropy returns ½ ln det(2πe G), the Shannon entropy of n normally
// distributed learners of covariance G in k dimensions, with the standard error
// √(k/2n). It is an upper bound for any other distribution of that covariance.
func NormalEntropy(g mat.Symmetric, n int) (ensemble.Estimate, error) {
	var c mat.Cholesky
	if !c.Factorize(g) {
		return ensemble.Estimate{}, fmt.Errorf("thermo.NormalEntropy: learners without extent in some direction have no entropy; give a positive definite covariance")
	}
	k := float64(g.SymmetricDim())
	return ensemble.Estimate{Value: (c.LogDet() + float64(k*(1+math.Log(2*math.Pi)))) / 2, Error: math.Sqrt(k / 2 / float64(n))}, nil
}

// HistogramEntropy returns the Shannon entropy −∫p ln p of the distribution a
// histogram shows, whatever its shape: −Σ p_i ln(p_i/volume) with the bias
// (m − 1)/2n of m occupied bins taken off (Miller 1955) and the standard error
// √(var(ln p)/n). Learners outside are left out; bins that are too wide to
// resolve the density give too much. It fails for an empty histogram.
func HistogramEntropy(h ensemble.Histogram) (ensemble.Estimate, error) {
	n := float64(h.Learners - h.Outside)
	if n == 0 {
		return ensemble.Estimate{}, fmt.Errorf("thermo.HistogramEntropy: no learner is in a bin; choose other limits")
	}
	volume := 1.0
	for _, a := range h.Axes {
		volume *= (a.High - a.Low) / float64(a.Bins)
	}
	var s, square, occupied float64
	for _, count := range h.Counts {
		if count == 0 {
			continue
		}
		p := float64(count) / n
		l := math.Log(p / volume)
		s -= p * l
		square += float64(p * l * l)
		occupied++
	}
	return ensemble.Estimate{Value: s + (occupied-1)/(2*n), Error: math.Sqrt(max(0, square-s*s) / n)}, nil
}
