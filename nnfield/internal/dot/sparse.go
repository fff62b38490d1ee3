package dot

// AddSparse adds α·(row·x) to each element of dst, the rows being compressed: the
// weights of row i are w[start[i]:start[i+1]], and columns says at the same places
// which elements of x they belong to. All columns must lie in [0, len(x)); kernels do
// not look. It panics unless start has len(dst)+1 elements, the last of them at most
// len(columns) = len(w).
//
// The products of a row go to four sums in turn, s_l = Σ_m w_{4m+l} x_{4m+l}. The row's
// sum is (s₀+s₂) + (s₁+s₃), to which the products beyond the last four are added from
// left to right.
func AddSparse(dst []float64, alpha float64, start []int, columns []int32, w, x []float64) {
	if len(start) != len(dst)+1 || start[len(dst)] > len(columns) || len(w) != len(columns) {
		panic("dot.AddSparse: start must have len(dst)+1 elements, the last of them at most len(columns) = len(w)")
	}
	if accelerated && len(dst) > 0 && len(columns) > 0 {
		sparseRows(&dst[0], len(dst), alpha, &start[0], &columns[0], &w[0], &x[0])
		return
	}
	for i := range dst {
		from, to := start[i], start[i+1]
		dst[i] += float64(alpha * sparseRow(columns[from:to], w[from:to], x))
	}
}

// sparseRow is the twin of the kernel for one row.
func sparseRow(columns []int32, w, x []float64) float64 {
	var s0, s1, s2, s3 float64
	w = w[:len(columns)]
	for len(columns) >= 4 && len(w) >= 4 {
		s0 += float64(w[0] * x[columns[0]])
		s1 += float64(w[1] * x[columns[1]])
		s2 += float64(w[2] * x[columns[2]])
		s3 += float64(w[3] * x[columns[3]])
		columns, w = columns[4:], w[4:]
	}
	sum := (s0 + s2) + (s1 + s3)
	for k, j := range columns {
		sum += float64(w[k] * x[j])
	}
	return sum
}
