package weights

import (
	"fmt"
	"math"
	"runtime"
	"testing"
)

// symmetric returns the entries of a symmetric matrix.
func symmetric(n int) []float64 {
	data := vector(n*n, 1)
	for i := range n {
		for j := range i {
			data[j*n+i] = data[i*n+j]
		}
	}
	return data
}

// A large symmetric matrix, of which products read half, against row times column,
// and with the same bits for any number of workers. 1026 rows leave two beyond the
// last four.
func TestHalvedProduct(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const n = halfFrom + 2
	d, x := must(NewDense(n, symmetric(n))), vector(n, 7)
	if !d.halved {
		t.Fatal("it is not recognised as symmetric")
	}
	want, size := vector(n, 8), make([]float64, n)
	for i := range n {
		sum := 0.0
		d.Row(i, func(j int, w float64) {
			sum += w * x[j]
			size[i] += math.Abs(w * x[j])
		})
		want[i] += -0.3 * sum
	}
	var first []float64
	for _, workers := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(workers)
		for range 3 { // the third time with sums that are not new
			y := vector(n, 8)
			d.AddApply(y, -0.3, x)
			if first == nil {
				first = y
			}
			if !sameBits(first, y) {
				t.Fatalf("other bits with %d workers", workers)
			}
		}
	}
	for i, v := range first {
		if math.Abs(v-want[i]) > 1e-14*size[i] {
			t.Fatalf("element %d is %v, want %v", i, v, want[i])
		}
	}
}

// Whether a product reads half depends on the entries alone: it stops with the first
// entry that learns otherwise, wherever it stands, and copies know.
func TestHalvedOnlyWhileSymmetric(t *testing.T) {
	const n = halfFrom + 1
	d := must(NewDense(n, symmetric(n)))
	unit := func(i int) []float64 { e := make([]float64, n); e[i] = 1; return e }
	for _, c := range [][2]int{{0, 1}, {n - 1, 0}, {700, 699}, {65, 64}} {
		e := d.Clone().(*Dense)
		e.AddOuter(1, unit(c[0]), unit(c[1]))
		if e.halved {
			t.Errorf("entry %v differs from its mirror image, but half is read", c)
		}
		e.AddOuter(1, unit(c[1]), unit(c[0]))
		if !e.halved || !e.Clone().(*Dense).halved || !e.Transpose().(*Dense).halved {
			t.Errorf("entry %v is symmetric again, but all is read", c)
		}
	}
	d.AddOuter(1, unit(3), unit(4))
	if !d.part(1).halved || d.part(-1).halved {
		t.Error("the symmetric part must be read half, the antisymmetric one all: mirror images have opposite signs")
	}
	if small := must(NewDense(halfFrom-1, symmetric(halfFrom-1))); small.halved {
		t.Error("a small matrix is read half")
	}
}

func BenchmarkDense(b *testing.B) {
	for _, n := range []int{512, 2048} {
		x, y := vector(n, 2), vector(n, 3)
		for _, d := range []*Dense{must(NewDense(n, vector(n*n, 1))), must(NewDense(n, symmetric(n)))} {
			b.Run(fmt.Sprintf("n=%d_halved=%v", n, d.halved), func(b *testing.B) {
				b.SetBytes(int64(8 * n * n))
				for b.Loop() {
					d.AddApply(y, -1e-3, x)
				}
				b.ReportMetric(2*float64(b.N)*float64(n*n)/b.Elapsed().Seconds()/1e9, "GFlop/s")
			})
		}
	}
}
