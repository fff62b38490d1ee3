package vector

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// without runs f with the twins in Go.
func without(f func()) {
	defer func(was bool) { accelerated = was }(accelerated)
	accelerated = false
	f()
}

// special are numbers at the ends of the range, and none.
var special = []float64{0, math.Copysign(0, -1), 5e-324, 1e-310, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}

// slice returns n numbers of a few sizes and signs, at an alignment.
func slice(r *rand.Rand, n, from int) []float64 {
	x := make([]float64, n+from)
	for i := range x {
		x[i] = r.NormFloat64() * math.Exp2(float64(r.IntN(9)-4))
		if r.IntN(100) == 0 {
			x[i] = special[r.IntN(len(special))]
		}
	}
	return x[from:]
}

// same tells whether two slices have the same bits; all NaN are the same.
func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool {
		return math.Float64bits(x) == math.Float64bits(y) || math.IsNaN(x) && math.IsNaN(y)
	})
}

// Kernels and twins have the bits of the definition, for all sizes and alignments, and
// write nowhere else.
func TestBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 130).Draw(t, "n")
		from := rapid.IntRange(0, 9).Draw(t, "from")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b, before := slice(r, n+9, 9-from), slice(r, n+9, from), slice(r, n+20, 0)
		quotients, differences := slices.Clone(before), slices.Clone(before)
		for i := range n {
			quotients[from+i] = a[i] / 0.3
			differences[from+i] = 0.3 * (a[i] - b[i])
		}
		in := slices.Clone(a)
		check := func(what string) {
			got := slices.Clone(before)
			Quotients(got[from:from+n], a, 0.3)
			if !same(got, quotients) {
				t.Errorf("quotients of the %s differ from the definition", what)
			}
			Quotients(in[:n], in, 0.3)
			if !same(in[:n], quotients[from:from+n]) || !same(in[n:], a[n:]) {
				t.Errorf("quotients in place of the %s differ from the definition", what)
			}
			copy(in, a)
			copy(got, before)
			Differences(got[from:from+n], a, b, 0.3)
			if !same(got, differences) {
				t.Errorf("differences of the %s differ from the definition", what)
			}
		}
		check("kernel")
		without(func() { check("twin") })
	})
}

// Sums of blocks have the order of the definition, for any number of them.
func TestBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 36 {
		from := n % 7
		a, b, before := slice(r, n*Block+3, from), slice(r, n*Block, 9-from), slice(r, n+20, 0)
		want := slices.Clone(before)
		for k := range n {
			s := 0.0
			for i := k * Block; i < (k+1)*Block; i++ {
				s += float64(a[i] * b[i])
			}
			want[from+k] = s
		}
		check := func(what string) {
			got := slices.Clone(before)
			Blocks(got[from:from+n], a, b)
			if !same(got, want) {
				t.Errorf("%d blocks of the %s differ from the definition", n, what)
			}
		}
		check("kernel")
		without(func() { check("twin") })
	}
}

// One number beyond the limit is found wherever it is, and nothing outside the slice.
func TestBounded(t *testing.T) {
	const limit = 2.5
	check := func(what string) {
		for n := range 131 {
			all := make([]float64, n+2)
			for i := range all {
				all[i] = math.Copysign(limit, float64(i%2)-0.5)
			}
			x := all[1 : n+1]
			all[0], all[n+1] = math.NaN(), math.NaN()
			if !Bounded(x, limit) {
				t.Errorf("%s: %d numbers within the limit are said to be beyond", what, n)
			}
			for i, good := range x {
				for _, bad := range []float64{math.Nextafter(limit, 3), -3, math.NaN(), math.Inf(1), math.Inf(-1)} {
					x[i] = bad
					if Bounded(x, limit) {
						t.Errorf("%s: %v at %d of %d is not found", what, bad, i, n)
					}
				}
				x[i] = good
			}
		}
	}
	check("kernel")
	without(func() { check("twin") })
}

func TestAllocateNothing(t *testing.T) {
	a, b, sums := make([]float64, 32*Block), make([]float64, 32*Block), make([]float64, 32)
	if n := testing.AllocsPerRun(100, func() {
		Quotients(a, b, 3)
		Differences(a, b, b, 3)
		Bounded(a, 3)
		Blocks(sums, a, b)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLoops(b *testing.B) {
	const n = 1 << 12 // a part of package sums
	x, y, dst, sums := make([]float64, n+1), make([]float64, n+1), make([]float64, n), make([]float64, n/Block)
	for i := range x {
		x[i], y[i] = float64(i), 1
	}
	for _, loop := range []struct {
		name string
		f    func()
	}{
		{"quotients", func() { Quotients(dst, x, 0.3) }},
		{"differences", func() { Differences(dst, x, x[1:], 0.3) }},
		{"bounded", func() { Bounded(x, 1e9) }},
		{"blocks", func() { Blocks(sums, x, y) }},
	} {
		run := func(b *testing.B) {
			for b.Loop() {
				loop.f()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
		}
		b.Run(loop.name+"/here", run)
		b.Run(loop.name+"/twin", func(b *testing.B) { without(func() { run(b) }) })
	}
}
