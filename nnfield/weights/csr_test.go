package weights

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// scattered is a matrix of n rows with the same number of entries in random
// columns each.
func scattered(n, perRow int) *CSR {
	r := rand.New(rand.NewPCG(1, 2))
	c := &CSR{start: make([]int, n+1), columns: make([]int32, n*perRow), weights: make([]float64, n*perRow)}
	for i := range n {
		c.start[i+1] = (i + 1) * perRow
	}
	for k := range c.columns {
		c.columns[k], c.weights[k] = r.Int32N(int32(n)), r.NormFloat64()
	}
	for row := range slices.Chunk(c.columns, perRow) {
		slices.Sort(row)
	}
	return c
}

// A product has the bits of its definition for any number of workers and however
// unlike its rows are: most are short, some are empty and one may hold more than all
// others.
func TestRowsOfUnlikeLengths(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 2, 50, 3_000, 20_000}).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		hub := rapid.IntRange(-1, n-1).Draw(t, "hub")
		c := &CSR{start: make([]int, n+1)}
		for i := range n {
			entries := max(0, r.IntN(12)-3)
			if i == hub {
				entries = 40_000
			}
			for range entries {
				c.columns = append(c.columns, r.Int32N(int32(n)))
				c.weights = append(c.weights, r.NormFloat64())
			}
			c.start[i+1] = len(c.columns)
		}
		x := vector(n, 1)
		want := vector(n, 2)
		for i := range n {
			var products []float64
			c.Row(i, func(j int, w float64) { products = append(products, w*x[j]) })
			var s [4]float64
			whole := len(products) / 4 * 4
			for k, p := range products[:whole] {
				s[k%4] += p
			}
			sum := (s[0] + s[2]) + (s[1] + s[3])
			for _, p := range products[whole:] {
				sum += p
			}
			want[i] += float64(-0.3 * sum)
		}
		for _, workers := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(workers)
			y := vector(n, 2)
			c.AddApply(y, -0.3, x)
			if !slices.Equal(y, want) {
				t.Errorf("other bits with %d workers", workers)
			}
		}
	})
}

// What learning does has the bits of its definition for any number of workers, on
// matrices that are shared out and on one row that holds most entries.
func TestTrainingBitsDoNotDependOnWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const n = 700
	hub := scattered(n, 60)
	for i := 3; i < n; i++ {
		hub.start[i] = hub.start[n] - (n - i)
	}
	for _, w := range []Trainable{must(NewDense(n, vector(n*n, 1))), scattered(n, 60), hub} {
		u, v := vector(n, 2), vector(n, 3)
		sum := vector(n, 4)
		for i, ui := range u {
			w.Row(i, func(j int, x float64) { sum[j] += float64(float64(0.3*ui) * x) })
		}
		var want []float64
		for i, ui := range u {
			w.Row(i, func(j int, x float64) { want = append(want, x+float64(float64(0.3*ui)*v[j])) })
		}
		for _, workers := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(workers)
			dst := vector(n, 4)
			w.AddApplyTransposed(dst, 0.3, u)
			if !slices.Equal(dst, sum) {
				t.Errorf("%v: another product with the transposed by %d workers", w, workers)
			}
			learned := w.Clone()
			learned.AddOuter(0.3, u, v)
			var got []float64
			for i := range n {
				learned.Row(i, func(j int, x float64) { got = append(got, x) })
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v: other weights learned by %d workers", w, workers)
			}
		}
	}
}

// Workers share entries: with a row that holds all of them the others are left to
// whoever is free, and every row is done by one worker only.
func TestEveryUnitBelongsToOneRow(t *testing.T) {
	c := must(NewCSR(5, []Triplet{{1, 0, 1}, {1, 1, 1}, {1, 2, 1}, {4, 0, 1}}))
	x := []float64{1, 1, 1, 1, 1}
	for _, cuts := range [][]int{{0, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {0, 3, 9}, {0, 5, 6, 9}} {
		y := make([]float64, 5)
		for k := range len(cuts) - 1 {
			(*byEntries)(c).addRows(y, 1, x, cuts[k], cuts[k+1])
		}
		if want := []float64{0, 3, 0, 0, 1}; !slices.Equal(y, want) {
			t.Errorf("cut at %v: %v, want %v", cuts, y, want)
		}
	}
}

func BenchmarkCSR(b *testing.B) {
	plane := must(Laplacian(must(lattice.New(lattice.Ring(1000, 1000), lattice.Ring(1000, 1000))), 2))
	for _, c := range []struct {
		name string
		w    *CSR
	}{
		{"5-point_1e6", must(Sparse(plane))},
		{"random_1e5x100", scattered(100_000, 100)},
		{"random_1e4x100", scattered(10_000, 100)},
	} {
		b.Run(c.name, func(b *testing.B) {
			x, y := vector(c.w.Size(), 1), vector(c.w.Size(), 2)
			b.SetBytes(int64(12*c.w.Entries() + 24*c.w.Size()))
			for b.Loop() {
				c.w.AddApply(y, -1e-3, x)
			}
			b.ReportMetric(float64(b.N)*float64(c.w.Entries())/b.Elapsed().Seconds()/1e6, "Mnnz/s")
		})
	}
}
