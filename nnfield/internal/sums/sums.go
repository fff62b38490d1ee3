// Package sums adds numbers in an order that depends on their count only: in
// blocks, then in a fixed pairwise tree. The result has the same bits whatever
// the number of goroutines that made the numbers, and its rounding error grows
// as log n instead of n.
package sums

import (
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/vector"
)

const block = vector.Block

// Sum returns Σ f(i) over lo ≤ i < hi.
func Sum(lo, hi int, f func(i int) float64) float64 {
	if hi-lo <= block {
		s := 0.0
		for i := lo; i < hi; i++ {
			s += f(i)
		}
		return s
	}
	// Halve at a multiple of the block, so that the tree depends on hi-lo alone.
	mid := lo + half(hi-lo)
	return Sum(lo, mid, f) + Sum(mid, hi, f)
}

// Dot returns Σ a_i b_i of two slices of one length. Long ones are shared out among
// workers.
func Dot(a, b []float64) float64 {
	if len(a) <= Part {
		return dot(a, b)
	}
	return Parts(len(a), func(lo, hi int) Several { return Several{dot(a[lo:hi], b[lo:hi])} })[0]
}

// Add returns Σ x_i of a part, with the bits of [Sum].
func Add(x []float64) float64 { return dot(x, ones[:len(x)]) }

// ones are as many as a part has terms: x·1 is x.
var ones = slices.Repeat([]float64{1}, Part)

// Part is the largest number of terms of a part: the slices that it is made of fit
// into a fast cache.
const Part = 1 << 12

// Several sums are made together by [Parts].
type Several [8]float64

// grain is the number of parts that are worth giving to another worker.
const grain = 4

// Parts returns several sums of n terms with the bits of [Dot], whose factors need not
// exist all at once: part returns the Dots of the terms lo ≤ i < hi, at most [Part] of
// them. It is called once for each part, on several workers.
func Parts(n int, part func(lo, hi int) Several) Several {
	t := &tree{part: part}
	t.cut(0, n)
	t.sums = make([]Several, len(t.ends))
	pool.Run(len(t.ends), grain, t)
	return t.sum(0, n)
}

// half returns where the tree halves n numbers.
func half(n int) int { return (n + block - 1) / block / 2 * block }

// dot is Dot of a part: its blocks, of which the last may be shorter, and their tree.
func dot(a, b []float64) float64 {
	var blocks [Part / block]float64
	n := len(a) / block
	vector.Blocks(blocks[:n], a, b)
	if n*block < len(a) {
		s := 0.0
		for i := n * block; i < len(a); i++ {
			s += float64(a[i] * b[i])
		}
		blocks[n] = s
		n++
	}
	return fold(blocks[:n])
}

// fold adds the sums of blocks as the tree does.
func fold(blocks []float64) float64 {
	switch n := len(blocks); n {
	case 0:
		return 0
	case 1:
		return blocks[0]
	case 2:
		return blocks[0] + blocks[1]
	default:
		return fold(blocks[:n/2]) + fold(blocks[n/2:])
	}
}

// tree is the upper part of the tree of long sums.
type tree struct {
	part func(lo, hi int) Several
	ends []int     // of the subtrees below it, which are made apart
	sums []Several // of them
	used int
}

// cut finds the subtrees of [lo, hi).
func (t *tree) cut(lo, hi int) {
	if hi-lo <= Part {
		t.ends = append(t.ends, hi)
		return
	}
	mid := lo + half(hi-lo)
	t.cut(lo, mid)
	t.cut(mid, hi)
}

// Do makes the subtrees lo ≤ i < hi.
func (t *tree) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		from := 0
		if i > 0 {
			from = t.ends[i-1]
		}
		t.sums[i] = t.part(from, t.ends[i])
	}
}

// sum adds the subtrees of [lo, hi) as the tree does.
func (t *tree) sum(lo, hi int) Several {
	if hi-lo <= Part {
		t.used++
		return t.sums[t.used-1]
	}
	mid := lo + half(hi-lo)
	a, b := t.sum(lo, mid), t.sum(mid, hi)
	for k := range a {
		a[k] += b[k]
	}
	return a
}
