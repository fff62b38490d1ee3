// Package vector holds the loops over plain slices that take most of the time of a
// frame: what a run records of a state. What each element goes through is stated and
// every operation is rounded by itself, so that assembly and Go have the same bits.
package vector

import (
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/stencil"
)

//go:generate go -C ../gen run . -set vector -out ../vector/vector_amd64.s -stubs ../vector/vector_amd64.go -pkg vector

// accelerated says that the kernels run here. NNFIELD_KERNEL=go leaves all to Go.
var accelerated = stencil.Assembly()

// lanes is the number of elements of a register.
const lanes = 4

// whole returns how many of n elements from the first on are left to a kernel.
func whole(n int) int {
	if !accelerated {
		return 0
	}
	return n &^ (lanes - 1)
}

// Quotients sets dst to src/d, of as many elements as dst has. Both may be one slice.
func Quotients(dst, src []float64, d float64) {
	src = src[:len(dst)]
	m := whole(len(dst))
	if m > 0 {
		quotientsAVX2(&dst[0], &src[0], m, d)
	}
	for i, x := range src[m:] {
		dst[m+i] = x / d
	}
}

// Differences sets dst to c·(a − b), of as many elements as dst has.
func Differences(dst, a, b []float64, c float64) {
	a, b = a[:len(dst)], b[:len(dst)]
	m := whole(len(dst))
	if m > 0 {
		differencesAVX2(&dst[0], &a[0], &b[0], m, c)
	}
	for i := m; i < len(dst); i++ {
		dst[i] = float64(c * (a[i] - b[i]))
	}
}

// Bounded tells whether |x| ≤ limit for all elements, none of which then is NaN.
func Bounded(x []float64, limit float64) bool {
	m := whole(len(x))
	if m > 0 && !boundedAVX2(&x[0], m, limit) {
		return false
	}
	for _, v := range x[m:] {
		if !(math.Abs(v) <= limit) {
			return false
		}
	}
	return true
}

// Block is the number of products of a sum of [Blocks].
const Block = 128

// Blocks sets each of sums to that of the next Block products of a and b, which it adds
// from left to right, the first to 0.
func Blocks(sums, a, b []float64) {
	const together = 2 * lanes // in a kernel
	a, b = a[:len(sums)*Block], b[:len(sums)*Block]
	if accelerated && len(sums) >= together {
		for k := 0; k < len(sums); k += together {
			k = min(k, len(sums)-together) // the last ones may be done twice
			blocksAVX2(&sums[k], &a[k*Block], &b[k*Block])
		}
		return
	}
	for len(sums) >= 4 {
		fourBlocks((*[4]float64)(sums), (*[4 * Block]float64)(a), (*[4 * Block]float64)(b))
		sums, a, b = sums[4:], a[4*Block:], b[4*Block:]
	}
	for k := range sums {
		s := 0.0
		x, y := (*[Block]float64)(a[k*Block:]), (*[Block]float64)(b[k*Block:])
		for i := range x {
			s += float64(x[i] * y[i])
		}
		sums[k] = s
	}
}

// fourBlocks does four blocks side by side: an addition need not wait for the one
// before.
func fourBlocks(sums *[4]float64, a, b *[4 * Block]float64) {
	var s0, s1, s2, s3 float64
	for i := range Block {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+Block] * b[i+Block])
		s2 += float64(a[i+2*Block] * b[i+2*Block])
		s3 += float64(a[i+3*Block] * b[i+3*Block])
	}
	*sums = [4]float64{s0, s1, s2, s3}
}
