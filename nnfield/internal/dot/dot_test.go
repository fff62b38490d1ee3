package dot

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// without runs f with the twin in Go.
func without(f func()) {
	defer func(was bool) { accelerated = was }(accelerated)
	accelerated = false
	f()
}

func vector(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// byDefinition is AddRows as its documentation says it, sum by sum.
func byDefinition(dst []float64, alpha float64, w, x []float64) {
	n := len(x)
	for i := range dst {
		var s [8]float64
		for j := range n / 8 * 8 {
			s[j%8] += float64(w[i*n+j] * x[j])
		}
		sum := ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
		for j := n / 8 * 8; j < n; j++ {
			sum += float64(w[i*n+j] * x[j])
		}
		dst[i] += float64(alpha * sum)
	}
}

// Kernels and twin have the bits of the definition, for all sizes and alignments,
// and write nowhere else.
func TestBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n := rapid.IntRange(0, 9).Draw(t, "rows"), rapid.IntRange(0, 130).Draw(t, "columns")
		from := rapid.IntRange(1, 9).Draw(t, "from")
		seed := rapid.Uint64().Draw(t, "seed")
		w, x := vector(m*n+9, seed)[from:][:m*n], vector(n+9, seed+1)[from:][:n]
		before := vector(m+20, seed+2)
		want, got, twin := slices.Clone(before), slices.Clone(before), slices.Clone(before)
		byDefinition(want[from:from+m], -0.3, w, x)
		AddRows(got[from:from+m], -0.3, w, x)
		without(func() { AddRows(twin[from:from+m], -0.3, w, x) })
		if !slices.Equal(got, want) {
			t.Error("bits differ from the definition")
		}
		if !slices.Equal(twin, want) {
			t.Error("bits of the twin differ from the definition")
		}
	})
}

// triangleByDefinition is Triangle as its documentation says it.
func triangleByDefinition(y, w, x []float64, lo, hi int) {
	n := len(x)
	for r := lo; r < hi; r++ {
		var first int // of the entries that come one by one
		if r/4*4+4 <= hi {
			first = r / 4 * 4
			if r == first {
				for j := range r {
					p := func(k int) float64 { return float64(w[(r+k)*n+j] * x[r+k]) }
					y[j] += (p(0) + p(1)) + (p(2) + p(3))
				}
			}
			var s [4]float64
			for j := range first {
				s[j%4] += float64(w[r*n+j] * x[j])
			}
			y[r] += (s[0] + s[2]) + (s[1] + s[3])
		}
		for j := first; j < r; j++ {
			y[r] += float64(w[r*n+j] * x[j])
			y[j] += float64(w[r*n+j] * x[r])
		}
		y[r] += float64(w[r*n+r] * x[r])
	}
}

// Kernel and twin have the bits of the definition for any bands; what lies above
// the diagonal is not read.
func TestTriangleBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 70).Draw(t, "n")
		cut := rapid.IntRange(0, n/4).Draw(t, "cut") * 4
		from := rapid.IntRange(1, 9).Draw(t, "from")
		seed := rapid.Uint64().Draw(t, "seed")
		w, x := vector(n*n+9, seed)[from:][:n*n], vector(n+9, seed+1)[from:][:n]
		for i := range n {
			for j := i + 1; j < n; j++ {
				w[i*n+j] = math.NaN()
			}
		}
		before := vector(n+20, seed+2)
		want, got, twin := slices.Clone(before), slices.Clone(before), slices.Clone(before)
		for _, band := range [][2]int{{0, cut}, {cut, n}} {
			triangleByDefinition(want[from:from+n], w, x, band[0], band[1])
			Triangle(got[from:from+n], w, x, band[0], band[1])
			without(func() { Triangle(twin[from:from+n], w, x, band[0], band[1]) })
		}
		if !slices.Equal(got, want) {
			t.Error("bits differ from the definition")
		}
		if !slices.Equal(twin, want) {
			t.Error("bits of the twin differ from the definition")
		}
	})
}

// sparseByDefinition is AddSparse as its documentation says it.
func sparseByDefinition(dst []float64, alpha float64, start []int, columns []int32, w, x []float64) {
	for i := range dst {
		var s [4]float64
		from, to := start[i], start[i+1]
		whole := from + (to-from)/4*4
		for k := from; k < whole; k++ {
			s[(k-from)%4] += float64(w[k] * x[columns[k]])
		}
		sum := (s[0] + s[2]) + (s[1] + s[3])
		for k := whole; k < to; k++ {
			sum += float64(w[k] * x[columns[k]])
		}
		dst[i] += float64(alpha * sum)
	}
}

// Kernel and twin have the bits of the definition for rows of any lengths, read
// nothing that belongs to other rows, and write nowhere else.
func TestSparseBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 9), rapid.IntRange(0, 130)), 0, 20).Draw(t, "lengths")
		from := rapid.IntRange(1, 9).Draw(t, "from")
		n := rapid.IntRange(1, 130).Draw(t, "columns")
		seed := rapid.Uint64().Draw(t, "seed")
		start := []int{rapid.IntRange(0, 9).Draw(t, "first")}
		for _, l := range lengths {
			start = append(start, start[len(start)-1]+l)
		}
		m, first, end := len(lengths), start[0], start[len(start)-1]
		r := rand.New(rand.NewPCG(seed, 2))
		columns := make([]int32, end+9)
		for k := range columns {
			columns[k] = r.Int32N(int32(n))
		}
		w, x := vector(end+9, seed), vector(n+9, seed+1)[from:][:n]
		for k := range w {
			if k < first || k >= end {
				w[k], columns[k] = math.NaN(), math.MaxInt32
			}
		}
		before := vector(m+20, seed+2)
		want, got, twin := slices.Clone(before), slices.Clone(before), slices.Clone(before)
		sparseByDefinition(want[from:from+m], -0.3, start, columns, w, x)
		AddSparse(got[from:from+m], -0.3, start, columns, w, x)
		without(func() { AddSparse(twin[from:from+m], -0.3, start, columns, w, x) })
		if !slices.Equal(got, want) {
			t.Error("bits differ from the definition")
		}
		if !slices.Equal(twin, want) {
			t.Error("bits of the twin differ from the definition")
		}
	})
}

// Against exact arithmetic: the error is below that of sums of n/8 + 11 terms.
func TestAddRows(t *testing.T) {
	const n = 1003
	w, x, y := vector(5*n, 1), vector(n, 2), make([]float64, 5)
	AddRows(y, 1, w, x)
	for i := range y {
		exact, size := new(big.Float).SetPrec(2000), 0.0
		for j := range n {
			product := new(big.Float).SetPrec(2000).Mul(big.NewFloat(w[i*n+j]), big.NewFloat(x[j]))
			exact.Add(exact, product)
			size += math.Abs(w[i*n+j] * x[j])
		}
		want, _ := exact.Float64()
		if d := math.Abs(y[i] - want); d > (n/8+11)*0x1p-53*size {
			t.Errorf("row %d: %v, want %v", i, y[i], want)
		}
	}
}

func TestWrongLengthPanics(t *testing.T) {
	three, nine := make([]float64, 3), make([]float64, 9)
	columns := make([]int32, 3)
	for name, f := range map[string]func(){
		"AddRows: w":          func() { AddRows(make([]float64, 2), 1, nine, three) },
		"AddSparse: start":    func() { AddSparse(three, 1, []int{0, 1, 3}, columns, three, three) },
		"AddSparse: its last": func() { AddSparse(three, 1, []int{0, 1, 3, 4}, columns, three, three) },
		"AddSparse: w":        func() { AddSparse(three, 1, []int{0, 1, 2, 3}, columns, nine, three) },
		"Triangle: w":         func() { Triangle(three, nine[:8], three, 0, 3) },
		"Triangle: y":         func() { Triangle(three[:2], nine, three, 0, 3) },
		"Triangle: hi":        func() { Triangle(three, nine, three, 0, 2) },
		"Triangle: lo":        func() { Triangle(three, nine, three, 1, 3) },
		"Triangle: no order":  func() { Triangle(three, nine, three, 4, 3) },
		"Triangle: hi beyond": func() { Triangle(make([]float64, 4), nine, three, 0, 4) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestProductsAllocateNothing(t *testing.T) {
	w, x, y := vector(700, 1), vector(100, 2), make([]float64, 7)
	square, long := vector(10_000, 1), make([]float64, 100)
	start, columns := []int{0, 100, 200, 300, 400, 500, 600, 700}, make([]int32, 700)
	products := func() {
		AddRows(y, 1, w, x)
		Triangle(long, square, x, 0, 100)
		AddSparse(y, 1, start, columns, w, x)
	}
	if n := testing.AllocsPerRun(100, products); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}

func BenchmarkAddRows(b *testing.B) {
	const m, n = 16, 128 // in the first-level cache
	w, x, y := vector(m*n, 1), vector(n, 2), make([]float64, m)
	run := func(b *testing.B) {
		b.SetBytes(8 * m * n)
		for b.Loop() {
			AddRows(y, 1e-3, w, x)
		}
		b.ReportMetric(float64(b.N)*2*m*n/b.Elapsed().Seconds()/1e9, "GFlop/s")
	}
	b.Run("here", run)
	b.Run("twin", func(b *testing.B) { without(func() { run(b) }) })
}
