package stencil

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// The kernel has the bits of elementary.Sin: for arguments of every size and sign,
// round the multiples of π/4 where its branches meet, and where it gives up.
func TestSines(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var x []float64
	for range 200_000 {
		x = append(x, (r.Float64()-0.5)*math.Exp2(40*r.Float64()-20))
	}
	for k := -50_000; k <= 50_000; k++ {
		at := float64(k) * math.Pi / 4
		x = append(x, at, math.Nextafter(at, 1e9), math.Nextafter(at, -1e9))
	}
	for range 4096 {
		x = append(x, math.Copysign(math.Float64frombits(r.Uint64()%(1<<62)), r.Float64()-0.5)) // all exponents to 1
	}
	edge := float64(1<<20) * math.Pi / 2
	for _, special := range []float64{0, math.Copysign(0, -1), 5e-324, -5e-324, edge, -edge, edge - 3, 1e300, -1e18, math.Inf(1), math.Inf(-1), math.NaN()} {
		x = append(x, 1, special, 2, 3) // whose neighbours must survive it
	}
	f := NewSineGordon()
	for lo := 0; lo < len(x); {
		n := min(1+r.IntN(9), len(x)-lo)
		y := make([]float64, n)
		f.sines(y, x[lo:lo+n])
		for i, got := range y {
			if want := elementary.Sin(x[lo+i]); math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Fatalf("sin(%v) is %v, elementary has %v", x[lo+i], got, want)
			}
		}
		lo += n
	}
	// A kernel that always gives up would pass.
	if y := make([]float64, 4); f.assembly && sinesAssembly(y, []float64{0.1, 2, -300, 1e5}) != 4 {
		t.Error("the kernel gives up within its range")
	}
}

func BenchmarkSines(b *testing.B) {
	x, y := make([]float64, 512), make([]float64, 512)
	for i := range x {
		x[i] = float64(i) / 40
	}
	for name, f := range map[string]*SineGordon{"assembly": {true}, "go": {false}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f.sines(y, x)
			}
			b.ReportMetric(float64(b.N)*512/b.Elapsed().Seconds()/1e6, "Mvalues/s")
		})
	}
}
