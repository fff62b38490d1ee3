package weights

import (
	"math"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/dot"
	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// A large symmetric matrix is read half: each entry below the diagonal serves its
// row and its column. Workers would then add to the same elements of the product.
// So the rows are cut into bands of equal work, as many for any number of workers,
// and each band has a sum of its own; these are added up in order.
const (
	halfFrom = 1024 // neurons, 8 MiB
	bands    = 16
)

// halvable tells whether products are to read half of the matrix. It depends on the
// entries alone, not on how they came about, so that a run that is resumed goes on
// with the same bits.
func (d *Dense) halvable() bool {
	if d.n < halfFrom {
		return false
	}
	const tile = 64 // so that both halves are read row by row
	for i := 0; i < d.n; i += tile {
		for j := 0; j <= i; j += tile {
			for k := i; k < min(i+tile, d.n); k++ {
				for l := j; l < min(j+tile, k); l++ {
					if d.data[k*d.n+l] != d.data[l*d.n+k] {
						return false
					}
				}
			}
		}
	}
	return true
}

// half is a product that reads half of a matrix. As a task of the pool it does the
// bands.
type half struct {
	d      *Dense
	dst, x []float64
	alpha  float64
	sums   [bands][]float64 // of a band, as long as its last row
}

var halves = sync.Pool{New: func() any { return new(half) }}

// addHalf is AddApply reading half of the matrix.
func (d *Dense) addHalf(dst []float64, alpha float64, x []float64) {
	h := halves.Get().(*half)
	h.d, h.dst, h.alpha, h.x = d, dst, alpha, x
	for b := range h.sums {
		if n := bandStart(b+1, d.n); cap(h.sums[b]) < n {
			h.sums[b] = make([]float64, n)
		} else {
			h.sums[b] = h.sums[b][:n]
		}
	}
	pool.Run(bands, 1, h)
	pool.Run(d.n, grain/bands, total{h})
	h.d, h.dst, h.x = nil, nil, nil
	halves.Put(h)
}

// bandStart returns the first row of a band of n rows, a multiple of 4; after the last
// band it is n.
func bandStart(band, n int) int {
	if band == bands {
		return n
	}
	return int(float64(n)*math.Sqrt(float64(band)/bands)) &^ 3
}

// Do does the bands lo ≤ b < hi.
func (h *half) Do(lo, hi int) {
	for b := lo; b < hi; b++ {
		clear(h.sums[b])
		dot.Triangle(h.sums[b], h.d.data, h.x, bandStart(b, h.d.n), bandStart(b+1, h.d.n))
	}
}

// total is the second phase of a half: the sums of all bands, added up.
type total struct{ *half }

// Do does the elements lo ≤ i < hi.
func (t total) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		sum := 0.0
		for _, s := range t.sums {
			if i < len(s) {
				sum += s[i]
			}
		}
		t.dst[i] += float64(t.alpha * sum)
	}
}
