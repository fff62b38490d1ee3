// Package sums adds numbers in an order that depends on their count only: in
// blocks, then in a fixed pairwise tree. The result has the same bits whatever
// the number of goroutines that made the numbers, and its rounding error grows
// as log n instead of n.
package sums

import "github.com/nnfield/nnfield/nnfield/internal/pool"

const block = 128

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
	if len(a) <= parallel {
		return dot(a, b)
	}
	t := &tree{a: a, b: b}
	t.cut(0, len(a))
	t.sums = make([]float64, len(t.ends))
	pool.Run(len(t.ends), 1, t)
	return t.sum(0, len(a))
}

// parallel is the number of products that are not worth sharing out.
const parallel = 1 << 15

// half returns where the tree halves n numbers.
func half(n int) int { return (n + block - 1) / block / 2 * block }

func dot(a, b []float64) float64 {
	if len(a) <= block {
		s := 0.0
		b = b[:len(a)]
		for i, x := range a {
			s += float64(x * b[i])
		}
		return s
	}
	if len(a) == 4*block {
		return dotBlocks((*[4 * block]float64)(a), (*[4 * block]float64)(b))
	}
	mid := half(len(a))
	return dot(a[:mid], b[:mid]) + dot(a[mid:], b[mid:])
}

// dotBlocks does four blocks side by side, each in its own order: an addition need not
// wait for the one before.
func dotBlocks(a, b *[4 * block]float64) float64 {
	var s0, s1, s2, s3 float64
	for i := range block {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+block] * b[i+block])
		s2 += float64(a[i+2*block] * b[i+2*block])
		s3 += float64(a[i+3*block] * b[i+3*block])
	}
	return (s0 + s1) + (s2 + s3)
}

// tree is the upper part of the tree of a product of long slices.
type tree struct {
	a, b []float64
	ends []int     // of the subtrees below it, which are made apart
	sums []float64 // of them
	used int
}

// cut finds the subtrees of [lo, hi).
func (t *tree) cut(lo, hi int) {
	if hi-lo <= parallel {
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
		t.sums[i] = dot(t.a[from:t.ends[i]], t.b[from:t.ends[i]])
	}
}

// sum adds the subtrees of [lo, hi) as the tree does.
func (t *tree) sum(lo, hi int) float64 {
	if hi-lo <= parallel {
		t.used++
		return t.sums[t.used-1]
	}
	mid := lo + half(hi-lo)
	return t.sum(lo, mid) + t.sum(mid, hi)
}
