// Package sums adds numbers in an order that depends on their count only: in
// blocks, then in a fixed pairwise tree. The result has the same bits whatever
// the number of goroutines that made the numbers, and its rounding error grows
// as log n instead of n.
package sums

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
	mid := lo + (hi-lo+block-1)/block/2*block
	return Sum(lo, mid, f) + Sum(mid, hi, f)
}

// Dot returns Σ a_i b_i of two slices of one length.
func Dot(a, b []float64) float64 {
	if len(a) <= block {
		s := 0.0
		b = b[:len(a)]
		for i, x := range a {
			s += float64(x * b[i])
		}
		return s
	}
	mid := (len(a) + block - 1) / block / 2 * block
	return Dot(a[:mid], b[:mid]) + Dot(a[mid:], b[mid:])
}
