package dot

// Triangle adds to y the part of the product of a symmetric matrix with x that the
// entries w_ij = w_ji of the rows lo ≤ i < hi with j ≤ i make:
//
//	y_i += Σ_{j≤i} w_ij x_j,   y_j += Σ_{i>j} w_ij x_i,
//
// so that the whole of a large matrix is read from memory half. w has len(x)² elements,
// row after row; what lies above the diagonal is not read. y has at least hi elements.
// lo is a multiple of 4, and so is hi unless it is len(x); else it panics.
//
// Rows are taken in fours, r to r+3. Left of their diagonal block the products of a
// row go to four sums in turn, added as (s₀+s₂) + (s₁+s₃), and y_j grows by
// (w_rj x_r + w_{r+1,j} x_{r+1}) + (w_{r+2,j} x_{r+2} + w_{r+3,j} x_{r+3}). The
// entries of the block, and rows beyond the last four, follow one by one.
func Triangle(y, w, x []float64, lo, hi int) {
	n := len(x)
	if len(w) != n*n || lo < 0 || lo > hi || hi > n || len(y) < hi || lo%4 != 0 || hi%4 != 0 && hi != n {
		panic("dot.Triangle: w must have len(x)² elements, y at least hi, and lo and hi must be multiples of 4 within it")
	}
	var sums [4]float64
	r := lo
	for ; r+4 <= hi; r += 4 {
		rows := w[r*n:]
		switch {
		case r == 0:
			sums = [4]float64{}
		case accelerated:
			triangle4(&sums[0], &y[0], &rows[0], &x[0], r, n, &x[r])
		default:
			fourfold(&sums, y[:r], rows, x, n, r)
		}
		for k := range sums {
			y[r+k] += sums[k]
			corner(y, rows[k*n:], x, r, r+k)
		}
	}
	for ; r < hi; r++ {
		corner(y, w[r*n:], x, 0, r)
	}
}

// corner adds the entries from ≤ j ≤ i of row i, one by one.
func corner(y, row, x []float64, from, i int) {
	for j := from; j < i; j++ {
		y[i] += float64(row[j] * x[j])
		y[j] += float64(row[j] * x[i])
	}
	y[i] += float64(row[i] * x[i])
}

// fourfold is the twin of triangle4.
func fourfold(sums *[4]float64, y, rows, x []float64, n, r int) {
	var s [4][4]float64
	a, b, c, d := rows[:r], rows[n:][:r], rows[2*n:][:r], rows[3*n:][:r]
	x0, x1, x2, x3 := x[r], x[r+1], x[r+2], x[r+3]
	x = x[:r]
	for j := range y {
		l := j % 4
		s[0][l] += float64(a[j] * x[j])
		s[1][l] += float64(b[j] * x[j])
		s[2][l] += float64(c[j] * x[j])
		s[3][l] += float64(d[j] * x[j])
		y[j] += (float64(a[j]*x0) + float64(b[j]*x1)) + (float64(c[j]*x2) + float64(d[j]*x3))
	}
	for k := range sums {
		sums[k] = (s[k][0] + s[k][2]) + (s[k][1] + s[k][3])
	}
}
