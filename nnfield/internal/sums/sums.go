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
	if len(a) <= Part {
		return dot(a, b)
	}
	return Parts(len(a), func(lo, hi int) [3]float64 { return [3]float64{dot(a[lo:hi], b[lo:hi])} })[0]
}

// Part is the largest number of terms of a part: the slices that it is made of fit
// into a fast cache.
const Part = 1 << 12

// grain is the number of parts that are worth giving to another worker.
const grain = 4

// Parts returns up to three sums of n terms with the bits of [Dot], whose factors need
// not exist all at once: part returns the Dots of the terms lo ≤ i < hi, at most
// [Part] of them. It is called once for each part, on several workers.
func Parts(n int, part func(lo, hi int) [3]float64) [3]float64 {
	t := &tree{part: part}
	t.cut(0, n)
	t.sums = make([][3]float64, len(t.ends))
	pool.Run(len(t.ends), grain, t)
	return t.sum(0, n)
}

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

// tree is the upper part of the tree of long sums.
type tree struct {
	part func(lo, hi int) [3]float64
	ends []int        // of the subtrees below it, which are made apart
	sums [][3]float64 // of them
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
func (t *tree) sum(lo, hi int) [3]float64 {
	if hi-lo <= Part {
		t.used++
		return t.sums[t.used-1]
	}
	mid := lo + half(hi-lo)
	a, b := t.sum(lo, mid), t.sum(mid, hi)
	return [3]float64{a[0] + b[0], a[1] + b[1], a[2] + b[2]}
}
