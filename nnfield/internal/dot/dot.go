// Package dot forms products of the rows of a matrix, dense or sparse, with a vector, in
// an order of summation that is stated, so that they have the same bits on every
// processor.
package dot

//go:generate go -C ../gen run . -set dot -out ../dot/rows_amd64.s -stubs ../dot/rows_amd64.go -pkg dot

// lanes is how many sums the products of a row are shared out to.
const lanes = 8

// AddRows adds α·(row·x) to each element of dst, the rows lying one after another
// in w. It panics unless w has len(dst)·len(x) elements.
//
// The products of a row go to eight sums in turn, s_l = Σ_m w_{8m+l} x_{8m+l}. The
// row's sum is ((s₀+s₄) + (s₂+s₆)) + ((s₁+s₅) + (s₃+s₇)), to which the products
// beyond the last eight are added from left to right.
func AddRows(dst []float64, alpha float64, w, x []float64) {
	n := len(x)
	if len(w) != len(dst)*n {
		panic("dot.AddRows: w must have len(dst)·len(x) elements")
	}
	whole := n / lanes * lanes
	var sums [4]float64
	for len(dst) > 0 {
		count := 1
		switch {
		case whole == 0:
			sums[0] = 0
		case !accelerated:
			sums[0] = eightfold(w[:whole], x)
		case len(dst) >= 4:
			count = 4
			rows4(&sums[0], &w[0], &x[0], whole, n)
		default:
			rows1(&sums[0], &w[0], &x[0], whole, n)
		}
		for r := range count {
			sum := sums[r]
			for j := whole; j < n; j++ {
				sum += float64(w[r*n+j] * x[j])
			}
			dst[r] += float64(alpha * sum)
		}
		dst, w = dst[count:], w[count*n:]
	}
}

// eightfold is the twin of the kernels. w has a multiple of 8 elements.
func eightfold(w, x []float64) float64 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	x = x[:len(w)]
	for len(w) >= lanes && len(x) >= lanes {
		s0 += float64(w[0] * x[0])
		s1 += float64(w[1] * x[1])
		s2 += float64(w[2] * x[2])
		s3 += float64(w[3] * x[3])
		s4 += float64(w[4] * x[4])
		s5 += float64(w[5] * x[5])
		s6 += float64(w[6] * x[6])
		s7 += float64(w[7] * x[7])
		w, x = w[lanes:], x[lanes:]
	}
	return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}
