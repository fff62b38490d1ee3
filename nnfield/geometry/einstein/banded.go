package einstein

import "math"

// banded is a square matrix with half diagonals on either side, and its LU
// factors with partial pivoting (Golub, Van Loan, Matrix Computations, §4.3.3).
// Rows have room for the fill-in of the pivoting: element (i, j) stands at
// row i, column j − i + half.
type banded struct {
	n, half int
	a       []float64 // rows of 3·half + 1
	pivot   []int
}

func newBanded(n, half int) *banded {
	return &banded{n, half, make([]float64, n*(3*half+1)), make([]int, n)}
}

// at returns element (i, j), which must be within the band or its fill-in.
func (b *banded) at(i, j int) *float64 { return &b.a[i*(3*b.half+1)+j-i+b.half] }

// addTo adds the product of the matrix, not yet factored, with x to dst.
func (b *banded) addTo(dst, x []float64) {
	for i := range b.n {
		for j := max(0, i-b.half); j <= min(b.n-1, i+b.half); j++ {
			dst[i] += float64(*b.at(i, j) * x[j])
		}
	}
}

// factor replaces the matrix by its factors and tells whether it is regular.
func (b *banded) factor() bool {
	for k := range b.n {
		last := min(b.n-1, k+b.half)
		p := k
		for i := k + 1; i <= last; i++ {
			if math.Abs(*b.at(i, k)) > math.Abs(*b.at(p, k)) {
				p = i
			}
		}
		b.pivot[k] = p
		if v := math.Abs(*b.at(p, k)); !(v > 0) || math.IsInf(v, 1) {
			return false
		}
		end := min(b.n-1, k+2*b.half)
		if p != k {
			for j := k; j <= end; j++ {
				x, y := b.at(p, j), b.at(k, j)
				*x, *y = *y, *x
			}
		}
		for i := k + 1; i <= last; i++ {
			f := *b.at(i, k) / *b.at(k, k)
			*b.at(i, k) = f
			for j := k + 1; j <= end; j++ {
				*b.at(i, j) -= float64(f * *b.at(k, j))
			}
		}
	}
	return true
}

// solve replaces x by the solution of the factored system with the right-hand
// side x.
func (b *banded) solve(x []float64) {
	for k := range b.n {
		p := b.pivot[k]
		x[k], x[p] = x[p], x[k]
		for i := k + 1; i <= min(b.n-1, k+b.half); i++ {
			x[i] -= float64(*b.at(i, k) * x[k])
		}
	}
	for k := b.n - 1; k >= 0; k-- {
		for j := k + 1; j <= min(b.n-1, k+2*b.half); j++ {
			x[k] -= float64(*b.at(k, j) * x[j])
		}
		x[k] /= *b.at(k, k)
	}
}
