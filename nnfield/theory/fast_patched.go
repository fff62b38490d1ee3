package theory

import (
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// patched evolves a field of which some bonds are not those of its stencil: K is a star
// of neighbours plus a sparse tensor with few rows, as one weight that a user changes
// makes it. Steps are done one by one, for a bond may lead anywhere, by the kernels of
// the stencil and the rows of the rest.
type patched struct {
	*canonical
	field   *stencil.Scalar[float64]
	rows    []int // that have entries
	start   []int // row k has the entries start[k] ≤ i < start[k+1]
	columns []int
	weights []float64
	before  []float64 // the biases of the rows before a kick
	drift   scalarDrift
	kick    patchedKick
}

// newPatched returns the evolution of such a network, or false for another.
func newPatched(l lattice.Lattice, c *canonical) (*patched, bool) {
	net := c.net.Network()
	loss, ok := net.Loss.(network.Dual)
	if !ok || net.Bias != nil || net.Boundary != nil || net.Decay != nil || loss.A != nil || loss.Potential != nil || net.Rate != float64(c.step*c.step) {
		return nil, false
	}
	sum, ok := loss.K.(*weights.Sum)
	if !ok || len(sum.Terms()) != 2 {
		return nil, false
	}
	rest, ok := sum.Terms()[1].(*weights.CSR)
	if !ok {
		return nil, false
	}
	field, ok := newScalar[float64](l, sum.Terms()[0])
	if !ok {
		return nil, false
	}
	e := &patched{canonical: c, field: field}
	for i := range rest.Size() {
		before := len(e.columns)
		rest.Row(i, func(j int, w float64) {
			e.columns, e.weights = append(e.columns, j), append(e.weights, w)
		})
		if len(e.columns) > before {
			e.rows, e.start = append(e.rows, i), append(e.start, before)
		}
	}
	e.start = append(e.start, len(e.columns))
	if len(e.rows) > rest.Size()/4 { // the tensor's own product shares its rows among workers
		return nil, false
	}
	e.before = make([]float64, len(e.rows))
	field.Prepare()
	return e, true
}

// scalarDrift is a drift of all slabs.
type scalarDrift struct {
	field *stencil.Scalar[float64]
	x, b  []float64
	c     float64
}

// Do does the slabs lo ≤ z < hi.
func (d *scalarDrift) Do(lo, hi int) { d.field.Drift(d.x, d.b, lo, hi, 0, d.field.Rows(), d.c) }

// Drift does one drift by the kernels.
func (e *patched) Drift(s *State, c float64) {
	e.drift = scalarDrift{e.field, s.Arrays[0], s.Arrays[1], c}
	e.share(&e.drift, len(s.Arrays[0]))
	s.Time += float64(c * e.step)
}

// share runs a task over all slabs.
func (e *patched) share(task pool.Task, sites int) {
	slabs := e.field.Slabs()
	pool.Run(slabs, max(1, slabs*(1<<14)/sites), task)
}

// Kick does one kick.
func (e *patched) Kick(s *State, d float64) {
	e.kick = patchedKick{e, scalarKick{e.field, s.Arrays[0], s.Arrays[1], -float64(d * float64(e.step*e.step))}}
	e.share(&e.kick, len(s.Arrays[0]))
}

// patchedKick is a kick of all slabs.
type patchedKick struct {
	e     *patched
	plain scalarKick
}

// Do does the slabs lo ≤ z < hi. With the biases of the rows at 0 the kernels leave
// there what the stencil adds, to which the entries of the row are added before the
// biases are.
func (p *patchedKick) Do(lo, hi int) {
	e, x, b := p.e, p.plain.x, p.plain.b
	from, _ := e.field.Sites(lo, 0, e.field.Rows())
	_, to := e.field.Sites(hi-1, 0, e.field.Rows())
	first, _ := slices.BinarySearch(e.rows, from)
	end, _ := slices.BinarySearch(e.rows, to)
	for k := first; k < end; k++ {
		i := e.rows[k]
		e.before[k], b[i] = b[i], 0
	}
	p.plain.Do(lo, hi)
	for k := first; k < end; k++ {
		i := e.rows[k]
		b[i] = e.before[k] + (b[i] + float64(p.plain.alpha*e.product(e.start[k], e.start[k+1], x)))
	}
}

// product returns the product of a row with x in the order of [weights.CSR]: four sums in
// turn, and what is left over from left to right.
func (e *patched) product(from, to int, x []float64) float64 {
	var s [4]float64
	for ; from+4 <= to; from += 4 {
		for k := range s {
			s[k] += float64(e.weights[from+k] * x[e.columns[from+k]])
		}
	}
	sum := (s[0] + s[2]) + (s[1] + s[3])
	for ; from < to; from++ {
		sum += float64(e.weights[from] * x[e.columns[from]])
	}
	return sum
}
