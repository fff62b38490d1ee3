package weights

import (
	"fmt"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// Apply sets dst to W·x. Both have w.Size() elements and do not overlap, else it
// panics.
func Apply(dst []float64, w Tensor, x []float64) {
	clear(dst)
	w.AddApply(dst, 1, x)
}

// Matrix returns W as a matrix. It refuses more than 4096 neurons (128 MiB).
func Matrix(w Tensor) (*mat.Dense, error) {
	n := w.Size()
	if n > maxMatrix {
		return nil, fmt.Errorf("weights.Matrix: %d neurons; at most %d fit a matrix, use a smaller lattice or Row", n, maxMatrix)
	}
	return matrix(w), nil
}

const maxMatrix = 4096

// matrix is Matrix without the limit.
func matrix(w Tensor) *mat.Dense {
	n := w.Size()
	m := mat.NewDense(n, n, nil)
	for i := range n {
		w.Row(i, func(j int, v float64) { m.Set(i, j, v) })
	}
	return m
}

// rows is a tensor whose product can be formed a range of rows at a time.
type rows interface {
	addRows(dst []float64, alpha float64, x []float64, lo, hi int)
}

// product is a product of a tensor, shared out among workers.
type product struct {
	w      rows
	dst, x []float64
	alpha  float64
}

var products = sync.Pool{New: func() any { return new(product) }}

// Do does the rows lo ≤ i < hi.
func (p *product) Do(lo, hi int) { p.w.addRows(p.dst, p.alpha, p.x, lo, hi) }

// addRowsInParallel does all n rows, at least grain of them in one go.
func addRowsInParallel(w rows, n, grain int, dst []float64, alpha float64, x []float64) {
	p := products.Get().(*product)
	*p = product{w: w, dst: dst, alpha: alpha, x: x}
	pool.Run(n, grain, p)
	*p = product{}
	products.Put(p)
}

// checkOperands panics unless dst and x have n elements and lie apart.
func checkOperands(call string, n int, dst, x []float64) {
	if len(dst) != n || len(x) != n {
		panic(fmt.Sprintf("weights: %s: len(dst) = %d, len(x) = %d; both must be Size() = %d", call, len(dst), len(x), n))
	}
	if overlap(dst, x) {
		panic(fmt.Sprintf("weights: %s: dst and x overlap; use separate slices", call))
	}
}

// overlap tells whether two slices share elements, as far as their capacities
// show that they belong to one array.
func overlap(a, b []float64) bool {
	if len(a) == 0 || len(b) == 0 || &a[:cap(a)][cap(a)-1] != &b[:cap(b)][cap(b)-1] {
		return false
	}
	// Both arrays end together, so −cap is where a slice begins.
	return -cap(a) < len(b)-cap(b) && -cap(b) < len(a)-cap(a)
}

// checkOuter panics unless u and v have n elements.
func checkOuter(kind string, n int, u, v []float64) {
	if len(u) != n || len(v) != n {
		panic(fmt.Sprintf("weights: %s.AddOuter: len(u) = %d, len(v) = %d; both must be Size() = %d", kind, len(u), len(v), n))
	}
}
