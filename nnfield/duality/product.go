package duality

import (
	"slices"

	"github.com/nnfield/nnfield/nnfield/weights"
)

// product returns the sparse matrix AB, and A itself for B = nil (the identity).
func product(a, b weights.Tensor) weights.Tensor {
	if b == nil {
		return a
	}
	row := newRow(a.Size())
	var entries []weights.Triplet
	for i := range a.Size() {
		a.Row(i, func(k int, v float64) {
			b.Row(k, func(j int, w float64) { row.add(j, float64(v*w)) })
		})
		entries = row.flush(i, entries)
	}
	return sparse(a.Size(), entries)
}

// sparse returns the matrix of entries that this package made, which are valid.
func sparse(n int, entries []weights.Triplet) weights.Tensor {
	w, err := weights.NewCSR(n, entries)
	if err != nil {
		panic(err)
	}
	return w
}

// row gathers the entries of one row of a sparse matrix.
type row struct {
	value []float64
	seen  []bool
	used  []int
}

func newRow(n int) *row { return &row{value: make([]float64, n), seen: make([]bool, n)} }

func (r *row) add(j int, v float64) {
	if !r.seen[j] {
		r.seen[j] = true
		r.used = append(r.used, j)
	}
	r.value[j] += v
}

// flush appends the row as row i to entries, in ascending order and without
// zeros, and empties it.
func (r *row) flush(i int, entries []weights.Triplet) []weights.Triplet {
	slices.Sort(r.used)
	for _, j := range r.used {
		if r.value[j] != 0 {
			entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: r.value[j]})
		}
		r.value[j], r.seen[j] = 0, false
	}
	r.used = r.used[:0]
	return entries
}
