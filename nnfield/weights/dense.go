package weights

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/dot"
)

// Dense is a weight tensor with every entry stored, row after row. It is
// trainable.
type Dense struct {
	n      int
	data   []float64
	halved bool // products read half of it
}

// newDense returns the matrix of n² entries, which it keeps.
func newDense(n int, data []float64) *Dense {
	d := &Dense{n: n, data: data}
	d.halved = d.halvable()
	return d
}

// NewDense returns the n×n matrix with the given entries, row after row. It fails
// unless there are n² of them, all finite. The entries are copied.
func NewDense(n int, data []float64) (*Dense, error) {
	if n < 1 || n > math.MaxInt32 || len(data) != n*n {
		return nil, fmt.Errorf("weights.NewDense: %d entries for %d neurons; n must be positive, with n² = %d entries", len(data), n, n*n)
	}
	for i, v := range data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("weights.NewDense: entry (%d, %d) is %v; it must be finite", i/n, i%n, v)
		}
	}
	return newDense(n, slices.Clone(data)), nil
}

// Size returns n.
func (d *Dense) Size() int { return d.n }

// row returns the entries of a row.
func (d *Dense) row(i int) []float64 { return d.data[i*d.n : (i+1)*d.n] }

// AddApply adds α·(row·x) to each element of dst, the products of a row being added
// in eight sums ([dot.AddRows]). Of a symmetric matrix of at least 1024 neurons, which
// no cache near a processor holds, one half is read ([dot.Triangle]): such products
// are waiting for memory, and then take half the time.
func (d *Dense) AddApply(dst []float64, alpha float64, x []float64) {
	checkOperands("Dense.AddApply", d.n, dst, x)
	if d.halved {
		d.addHalf(dst, alpha, x)
		return
	}
	addRowsInParallel(d, d.n, max(1, 4*grain/d.n), dst, alpha, x)
}

func (d *Dense) addRows(dst []float64, alpha float64, x []float64, lo, hi int) {
	dot.AddRows(dst[lo:hi], alpha, d.data[lo*d.n:hi*d.n], x)
}

// Transpose returns the transposed matrix, a copy.
func (d *Dense) Transpose() Tensor {
	t := make([]float64, len(d.data))
	for i := range d.n {
		for j, v := range d.row(i) {
			t[j*d.n+i] = v
		}
	}
	return &Dense{d.n, t, d.halved}
}

// Row calls entry for every entry of row i.
func (d *Dense) Row(i int, entry func(j int, w float64)) {
	for j, v := range d.row(i) {
		entry(j, v)
	}
}

// AddApplyTransposed adds α·(column·u) to each element of dst, from the first row
// to the last. Workers share the columns.
func (d *Dense) AddApplyTransposed(dst []float64, alpha float64, u []float64) {
	checkOperands("Dense.AddApplyTransposed", d.n, dst, u)
	addRowsInParallel((*transposed)(d), d.n, max(8, 4*grain/d.n), dst, alpha, u)
}

// transposed is a Dense whose columns are its rows.
type transposed Dense

func (t *transposed) addRows(dst []float64, alpha float64, u []float64, lo, hi int) {
	dst = dst[lo:hi]
	for i, ui := range u {
		f, row := float64(alpha*ui), t.data[i*t.n+lo:][:len(dst)]
		for j, w := range row {
			dst[j] += float64(f * w)
		}
	}
}

// AddOuter changes the weights by the outer product α·u vᵀ.
func (d *Dense) AddOuter(alpha float64, u, v []float64) {
	checkOuter("Dense", d.n, u, v)
	learnInParallel(d, d.n, max(1, 4*grain/d.n), alpha, u, v)
	d.halved = d.halvable()
}

func (d *Dense) learnRows(alpha float64, u, v []float64, lo, hi int) {
	for i := lo; i < hi; i++ {
		f, row := float64(alpha*u[i]), d.row(i)[:len(v)]
		for j, vj := range v {
			row[j] += float64(f * vj)
		}
	}
}

// Clone returns an independent copy.
func (d *Dense) Clone() Trainable { return &Dense{d.n, slices.Clone(d.data), d.halved} }

// Values returns the n² weights, the matrix's own memory.
func (d *Dense) Values() []float64 { return d.data }

// Use keeps the weights in the given memory.
func (d *Dense) Use(values []float64) {
	if used("Dense", d.data, values) {
		return
	}
	d.data = values
	d.halved = d.halvable()
}

// String returns the kind and the size.
func (d *Dense) String() string { return fmt.Sprintf("dense %d×%d matrix", d.n, d.n) }

// part returns ½(W + sign·Wᵀ).
func (d *Dense) part(sign float64) *Dense {
	p := make([]float64, len(d.data))
	for i := range d.n {
		for j, v := range d.row(i) {
			p[i*d.n+j] = (v + float64(sign*d.data[j*d.n+i])) / 2
		}
	}
	return newDense(d.n, p)
}
