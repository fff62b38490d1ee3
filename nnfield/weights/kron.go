package weights

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Kron is M ⊗ W, a small matrix M between neuron types times a tensor W between
// sites:
//
//	(M⊗W)_{(a,i)(b,j)} = M_ab W_ij,      x[a·S + i] the neuron of type a on site i.
//
// X_j ⊗ ∂_j of a Dirac network is one. [F] §4.
type Kron struct {
	types *mat.Dense
	w     Tensor
}

// maxTypes bounds the number of neuron types: M is meant to be small.
const maxTypes = 256

// NewKron returns M ⊗ W. It fails unless M is square, has 1 to 256 rows and
// finite entries. M is copied.
func NewKron(types mat.Matrix, w Tensor) (*Kron, error) {
	r, c := types.Dims()
	if r != c || r < 1 || r > maxTypes {
		return nil, fmt.Errorf("weights.NewKron: type matrix %d×%d; it must be square with 1 to %d rows", r, c, maxTypes)
	}
	m := mat.DenseCopyOf(types)
	for i, v := range m.RawMatrix().Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("weights.NewKron: entry (%d, %d) of the type matrix is %v; it must be finite", i/r, i%r, v)
		}
	}
	return &Kron{m, w}, nil
}

// Types returns a copy of M.
func (k *Kron) Types() *mat.Dense { return mat.DenseCopyOf(k.types) }

// Sites returns W.
func (k *Kron) Sites() Tensor { return k.w }

// count returns the number of types.
func (k *Kron) count() int { return k.types.RawMatrix().Rows }

// Size returns types times sites.
func (k *Kron) Size() int { return k.count() * k.w.Size() }

// AddApply adds (α·M_ab)·W·x_b to dst_a for each M_ab that is not zero, row after
// row of M.
func (k *Kron) AddApply(dst []float64, alpha float64, x []float64) {
	checkOperands("Kron.AddApply", k.Size(), dst, x)
	t, s := k.count(), k.w.Size()
	for a := range t {
		for b := range t {
			if m := k.types.At(a, b); m != 0 {
				k.w.AddApply(dst[a*s:(a+1)*s], float64(alpha*m), x[b*s:(b+1)*s])
			}
		}
	}
}

// Transpose returns Mᵀ ⊗ Wᵀ.
func (k *Kron) Transpose() Tensor {
	return &Kron{mat.DenseCopyOf(k.types.T()), k.w.Transpose()}
}

// Row calls entry with M_ab W_ij.
func (k *Kron) Row(i int, entry func(j int, w float64)) {
	s := k.w.Size()
	a, site := i/s, i%s
	for b := range k.count() {
		if m := k.types.At(a, b); m != 0 {
			k.w.Row(site, func(j int, w float64) { entry(b*s+j, m*w) })
		}
	}
}

// String names both factors.
func (k *Kron) String() string {
	t := k.count()
	return fmt.Sprintf("%d×%d types ⊗ (%v)", t, t, k.w)
}

// scaled returns (c·M) ⊗ W.
func (k *Kron) scaled(c float64) *Kron {
	var m mat.Dense
	m.Scale(c, k.types)
	return &Kron{&m, k.w}
}

// typePart returns ½(M ± Mᵀ) and whether that differs from zero.
func (k *Kron) typePart(sign float64) (*mat.Dense, bool) {
	t := k.count()
	p, any := mat.NewDense(t, t, nil), false
	for a := range t {
		for b := range t {
			v := (k.types.At(a, b) + float64(sign*k.types.At(b, a))) / 2
			p.Set(a, b, v)
			any = any || v != 0
		}
	}
	return p, any
}
