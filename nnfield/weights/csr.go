package weights

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/nnfield/nnfield/nnfield/internal/dot"
)

// CSR is a sparse weight tensor in compressed rows. It is trainable: entries
// that are stored learn, those that are not stay zero.
type CSR struct {
	start   []int // row i is columns[start[i]:start[i+1]]
	columns []int32
	weights []float64
}

// Triplet is an entry of a matrix.
type Triplet struct {
	Row, Column int
	Weight      float64
}

// NewCSR returns the n×n matrix with the given entries, in any order; entries for
// the same place are added in the order given, and entries that are zero are
// stored too, so that they may learn. It fails for n outside [1, 2³¹), an entry
// outside the matrix and a weight that is not finite.
func NewCSR(n int, entries []Triplet) (*CSR, error) {
	if n < 1 || n > math.MaxInt32 {
		return nil, fmt.Errorf("weights.NewCSR: %d neurons; a sparse tensor has 1 to %d", n, math.MaxInt32)
	}
	for _, e := range entries {
		if e.Row < 0 || e.Row >= n || e.Column < 0 || e.Column >= n {
			return nil, fmt.Errorf("weights.NewCSR: entry (%d, %d); rows and columns must lie in [0, %d)", e.Row, e.Column, n)
		}
		if math.IsNaN(e.Weight) || math.IsInf(e.Weight, 0) {
			return nil, fmt.Errorf("weights.NewCSR: entry (%d, %d) is %v; it must be finite", e.Row, e.Column, e.Weight)
		}
	}
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Triplet) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return a.Column - b.Column
	})
	c := &CSR{start: make([]int, n+1)}
	row, column := -1, -1
	for _, e := range sorted {
		if e.Row == row && e.Column == column {
			c.weights[len(c.weights)-1] += e.Weight
			continue
		}
		row, column = e.Row, e.Column
		c.columns = append(c.columns, int32(column))
		c.weights = append(c.weights, e.Weight)
		c.start[row+1] = len(c.columns)
	}
	for i := range n { // rows without entries
		c.start[i+1] = max(c.start[i+1], c.start[i])
	}
	return c, nil
}

// Sparse returns the entries of any tensor that differ from zero as a CSR. It
// fails for 2³¹ neurons and more.
func Sparse(w Tensor) (*CSR, error) {
	if n := w.Size(); n > math.MaxInt32 {
		return nil, fmt.Errorf("weights.Sparse: %d neurons; a sparse tensor has at most %d", n, math.MaxInt32)
	}
	return compress(w), nil
}

// compress is Sparse for a size that is known to fit, or that no memory holds.
func compress(w Tensor) *CSR {
	n := w.Size()
	c := &CSR{start: make([]int, n+1)}
	for i := range n {
		w.Row(i, func(j int, v float64) {
			if v != 0 {
				c.columns = append(c.columns, int32(j))
				c.weights = append(c.weights, v)
			}
		})
		c.start[i+1] = len(c.columns)
	}
	return c
}

// Size returns the number of neurons.
func (c *CSR) Size() int { return len(c.start) - 1 }

// Entries returns the number of stored entries.
func (c *CSR) Entries() int { return len(c.columns) }

// AddApply adds α·(row·x) to each element of dst. The products of a row go to four
// sums in turn, which are added as (s₀+s₂) + (s₁+s₃), and those beyond the last four
// follow from left to right. Workers share the entries, not the rows, so that rows of
// very different lengths do not leave a worker idle; a row is never cut.
func (c *CSR) AddApply(dst []float64, alpha float64, x []float64) {
	checkOperands("CSR.AddApply", c.Size(), dst, x)
	addRowsInParallel((*byEntries)(c), c.Size()+len(c.columns), 2*grain, dst, alpha, x)
}

// byEntries is a CSR that is shared out in units of work: one for a row and one for
// each of its entries, so that row i begins at unit i + start[i].
type byEntries CSR

// rows returns the rows that begin at the units lo ≤ u < hi.
func (c *byEntries) rows(lo, hi int) (first, end int) {
	n := len(c.start) - 1
	at := func(unit int) int {
		return sort.Search(n, func(i int) bool { return i+c.start[i] >= unit })
	}
	return at(lo), at(hi)
}

func (c *byEntries) addRows(dst []float64, alpha float64, x []float64, lo, hi int) {
	first, end := c.rows(lo, hi)
	dot.AddSparse(dst[first:end], alpha, c.start[first:end+1], c.columns, c.weights, x)
}

func (c *byEntries) learnRows(alpha float64, u, v []float64, lo, hi int) {
	for i, end := c.rows(lo, hi); i < end; i++ {
		f := float64(alpha * u[i])
		columns := c.columns[c.start[i]:c.start[i+1]]
		weights := c.weights[c.start[i]:c.start[i+1]]
		for k, j := range columns {
			weights[k] += float64(f * v[j])
		}
	}
}

// AddApplyTransposed adds the products of the stored entries, row after row. It is
// done by one worker: rows share columns.
func (c *CSR) AddApplyTransposed(dst []float64, alpha float64, u []float64) {
	checkOperands("CSR.AddApplyTransposed", c.Size(), dst, u)
	for i, ui := range u {
		f := float64(alpha * ui)
		columns := c.columns[c.start[i]:c.start[i+1]]
		weights := c.weights[c.start[i]:c.start[i+1]]
		for k, j := range columns {
			dst[j] += float64(f * weights[k])
		}
	}
}

// Transpose returns the transposed matrix, a copy.
func (c *CSR) Transpose() Tensor { return c.transposed() }

func (c *CSR) transposed() *CSR {
	n := c.Size()
	t := &CSR{
		start:   make([]int, n+1),
		columns: make([]int32, len(c.columns)),
		weights: make([]float64, len(c.weights)),
	}
	for _, j := range c.columns {
		t.start[j+1]++
	}
	for i := range n {
		t.start[i+1] += t.start[i]
	}
	next := slices.Clone(t.start[:n])
	for i := range n {
		for k := c.start[i]; k < c.start[i+1]; k++ {
			at := &next[c.columns[k]]
			t.columns[*at], t.weights[*at] = int32(i), c.weights[k]
			*at++
		}
	}
	return t
}

// Row calls entry for the stored entries of row i.
func (c *CSR) Row(i int, entry func(j int, w float64)) {
	for k := c.start[i]; k < c.start[i+1]; k++ {
		entry(int(c.columns[k]), c.weights[k])
	}
}

// AddOuter changes the stored weights, w_ij += (α·u_i)·v_j.
func (c *CSR) AddOuter(alpha float64, u, v []float64) {
	checkOuter("CSR", c.Size(), u, v)
	learnInParallel((*byEntries)(c), c.Size()+len(c.columns), 2*grain, alpha, u, v)
}

// Clone returns a copy whose weights learn on their own.
func (c *CSR) Clone() Trainable {
	return &CSR{c.start, c.columns, slices.Clone(c.weights)} // the pattern never changes
}

// Values returns the weights of the stored entries, the tensor's own memory.
func (c *CSR) Values() []float64 { return c.weights }

// Use keeps the weights in the given memory.
func (c *CSR) Use(values []float64) {
	if !used("CSR", c.weights, values) {
		c.weights = values
	}
}

// String returns the kind, the size and the number of entries.
func (c *CSR) String() string {
	n := c.Size()
	return fmt.Sprintf("sparse %d×%d matrix with %d entries", n, n, len(c.columns))
}
