package weights

import (
	"fmt"
	"strings"
)

// Identity is the unit matrix of the given size: Identity(n) is W = 1 on n
// neurons.
type Identity int

// Size returns n.
func (w Identity) Size() int { return int(w) }

// AddApply adds α·x to dst. Workers share large vectors.
func (w Identity) AddApply(dst []float64, alpha float64, x []float64) {
	checkOperands("Identity.AddApply", int(w), dst, x)
	addRowsInParallel(ones{}, len(x), grain, dst, alpha, x)
}

// ones are the rows of an [Identity] of any size.
type ones struct{}

func (ones) addRows(dst []float64, alpha float64, x []float64, lo, hi int) {
	dst, x = dst[lo:hi], x[lo:hi]
	for i, v := range x {
		dst[i] += float64(alpha * v)
	}
}

// Transpose returns the identity.
func (w Identity) Transpose() Tensor { return w }

// Row calls entry(i, 1).
func (w Identity) Row(i int, entry func(j int, w float64)) { entry(i, 1) }

// String returns "1 (identity) on n neurons".
func (w Identity) String() string { return fmt.Sprintf("1 (identity) on %d neurons", int(w)) }

// Diagonal is a diagonal matrix, given by its diagonal; do not change the slice
// afterwards.
type Diagonal []float64

// Size returns the number of neurons.
func (w Diagonal) Size() int { return len(w) }

// AddApply adds (α·w_i)·x_i to dst_i.
func (w Diagonal) AddApply(dst []float64, alpha float64, x []float64) {
	checkOperands("Diagonal.AddApply", len(w), dst, x)
	for i, d := range w {
		dst[i] += float64(float64(alpha*d) * x[i])
	}
}

// Transpose returns the tensor itself.
func (w Diagonal) Transpose() Tensor { return w }

// Row calls entry(i, w_i).
func (w Diagonal) Row(i int, entry func(j int, w float64)) { entry(i, w[i]) }

// String returns "diagonal on n neurons".
func (w Diagonal) String() string { return fmt.Sprintf("diagonal on %d neurons", len(w)) }

// constant returns the number that stands everywhere on the diagonal, if one does.
func (w Diagonal) constant() (float64, bool) {
	for _, d := range w {
		if d != w[0] {
			return 0, false
		}
	}
	return w[0], len(w) > 0
}

// Scaled is c·W. It keeps W, so that it follows a trainable W as that learns.
// Make it with [Scale].
type Scaled struct {
	factor float64
	w      Tensor
}

// Factor returns c.
func (s *Scaled) Factor() float64 { return s.factor }

// Tensor returns W.
func (s *Scaled) Tensor() Tensor { return s.w }

// Size returns the number of neurons.
func (s *Scaled) Size() int { return s.w.Size() }

// AddApply adds (α·c)·W·x to dst.
func (s *Scaled) AddApply(dst []float64, alpha float64, x []float64) {
	s.w.AddApply(dst, float64(alpha*s.factor), x)
}

// Transpose returns c·Wᵀ.
func (s *Scaled) Transpose() Tensor { return Scale(s.factor, s.w.Transpose()) }

// Row calls entry with c times the entries of W.
func (s *Scaled) Row(i int, entry func(j int, w float64)) {
	s.w.Row(i, func(j int, w float64) { entry(j, s.factor*w) })
}

// String returns the factor and W.
func (s *Scaled) String() string { return scaledName(s.factor, s.w.String()) }

// scaledName is how c times something is called.
func scaledName(c float64, name string) string {
	if strings.Contains(name, " + ") {
		name = "(" + name + ")"
	}
	switch c {
	case 1:
		return name
	case -1:
		return "−" + name
	}
	return fmt.Sprintf("%.6g·%s", c, name)
}

// Scale returns c·W. The factor goes into the weights of a [Stencil], a
// [Spectral], a [Diagonal] and the small matrix of a [Kron], and to the terms of
// a [Sum]; other tensors are kept beside it in a [Scaled].
func Scale(c float64, w Tensor) Tensor {
	if c == 1 {
		return w
	}
	switch w := w.(type) {
	case *Stencil:
		return w.scaled(c)
	case *Spectral:
		return w.scaled(c)
	case *Kron:
		return w.scaled(c)
	case Diagonal:
		d := make(Diagonal, len(w))
		for i, v := range w {
			d[i] = c * v
		}
		return d
	case *Scaled:
		return Scale(c*w.factor, w.w)
	case *Sum:
		terms := make([]Tensor, len(w.terms))
		for i, t := range w.terms {
			terms[i] = Scale(c, t)
		}
		return Add(terms...)
	}
	return &Scaled{c, w}
}

// zero returns the tensor 0.
func zero(n int) Tensor { return Scale(0, Identity(n)) }

// partName is how the symmetric (1) or antisymmetric (−1) part of something is called.
func partName(sign float64, name string) string {
	if sign > 0 {
		return "sym(" + name + ")"
	}
	return "anti(" + name + ")"
}
