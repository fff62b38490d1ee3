package random

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The layers close: the last one ends at x = 0, where the curve is 1.
func TestLayersHaveEqualArea(t *testing.T) {
	x := ziggurat[layers-1].scale / 2
	if top := layerArea/x + height[layers-1]; math.Abs(top-1) > 1e-9 {
		t.Errorf("the last layer ends at height %.12f, want 1", top)
	}
	if height[layers] != 1 {
		t.Errorf("height at 0 is %v", height[layers])
	}
}

// without runs f with the twin in Go.
func without(f func()) {
	defer func(was bool) { accelerated = was }(accelerated)
	accelerated = false
	f()
}

// The kernel has the bits of its twin, whatever the count and the alignment, and
// writes nowhere else. Among so many numbers are some of every kind: in the tail, in
// a wedge, rejected there. Where there is no kernel, on another processor or with
// NNFIELD_KERNEL=go, there is nothing to compare: the other tests judge the twin.
func TestKernelIsItsTwin(t *testing.T) {
	if !accelerated {
		t.Skip("no kernel runs here")
	}
	const guard = -77.25
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 600).Draw(t, "n")
		at := rapid.IntRange(1, 9).Draw(t, "from")
		seed := rapid.Uint64().Draw(t, "seed")
		h := rapid.SampledFrom([]float64{0, 1e-300, 0.01, 1, 3}).Draw(t, "h")
		amplitude := rapid.SampledFrom([]float64{0, 5e-324, 1e-3, 1, 1e300}).Draw(t, "amplitude")
		r := rand.New(rand.NewPCG(seed, 1))
		q, v := make([]float64, n+20), make([]float64, n+20)
		for i := range q {
			q[i], v[i] = r.NormFloat64(), r.NormFloat64()
			if r.IntN(9) == 0 {
				q[i] = []float64{0, math.Copysign(0, -1), math.Inf(1), math.NaN(), 5e-324}[r.IntN(5)]
			}
		}
		q[at-1], q[at+n] = guard, guard
		s, block := New(seed, "twin"), r.IntN(1000)
		twin := slices.Clone(q)
		for step := range 4 {
			s.EulerMaruyama(q[at:at+n], v[at:at+n], h, amplitude, block, step)
			without(func() { s.EulerMaruyama(twin[at:at+n], v[at:at+n], h, amplitude, block, step) })
		}
		if q[at-1] != guard || q[at+n] != guard {
			t.Fatal("it writes beyond the ends")
		}
		for i := range q {
			if math.Float64bits(q[i]) != math.Float64bits(twin[i]) && !math.IsNaN(q[i]+twin[i]) {
				t.Fatalf("element %d of %d is %v, and %v by the twin", i-at, n, q[i], twin[i])
			}
		}
	})
}

// normals returns the first numbers of n learners in blocks of 256, draw after draw.
func normals(n, draws int, seed uint64) []float64 {
	all, still, s := make([]float64, n*draws), make([]float64, 256), New(seed, "normals")
	for d := range draws {
		for at := 0; at < n; at += 256 {
			to := min(at+256, n)
			s.EulerMaruyama(all[d*n+at:d*n+to], still[:to-at], 1, 1, at/256, d)
		}
	}
	return all
}

// The distribution against that of a generator that shares no code with this one,
// by the two-sample Kolmogorov-Smirnov distance: it is above 1.95·√(2/n) once in
// 1,000 times. In the tails, of which the last begins beyond the ziggurat, the
// numbers are counted.
func TestNormalsAgainstAnother(t *testing.T) {
	const n = 1 << 21
	ours := normals(1<<13, n>>13, 11)
	r := rand.New(rand.NewChaCha8([32]byte{5}))
	theirs := make([]float64, n)
	for i := range theirs {
		theirs[i] = r.NormFloat64()
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	worst, j := 0.0, 0
	for i, x := range ours {
		for j < n && theirs[j] < x {
			j++
		}
		worst = max(worst, math.Abs(float64(i-j)/n))
	}
	if limit := 1.95 * math.Sqrt(2./n); worst > limit {
		t.Errorf("Kolmogorov distance %v, above %v", worst, limit)
	}
	// Beyond the ziggurat: as many as there must be, and spread as the tail is.
	beyond := func(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }
	for _, from := range []float64{3, 3.5, tail, 4.3} {
		for side, sign := range map[string]float64{"upper": 1, "lower": -1} {
			count := 0.0
			for _, x := range ours {
				if sign*x > from {
					count++
				}
			}
			if want := n * beyond(from); math.Abs(count-want) > 5*math.Sqrt(want) {
				t.Errorf("%s tail beyond %v: %v numbers, want %.1f", side, from, count, want)
			}
		}
	}
}

// Numbers of neighbouring learners, of the same learner in neighbouring draws, of
// learners in different blocks, and their squares are uncorrelated: each
// correlation of n pairs is below 5/√n. So are the same numbers of two seeds.
func TestNormalsAreIndependent(t *testing.T) {
	const learners, draws = 1 << 13, 100
	x, other := normals(learners, draws, 1), normals(learners, draws, 2)
	for name, c := range map[string]struct {
		with []float64
		lag  int
	}{
		"neighbour generator": {x, 1},
		"other generator":     {x, 2},
		"same generator":      {x, 4},
		"turn of the kernel":  {x, 8},
		"block":               {x, 256},
		"draw":                {x, learners},
		"neighbour's draw":    {x, learners + 1},
		"second draw":         {x, 2 * learners},
		"seed":                {other, 0},
	} {
		n := len(x) - c.lag
		linear, square := 0.0, 0.0
		for i := range n {
			a, b := x[i], c.with[i+c.lag]
			linear += a * b
			square += (a*a - 1) * (b*b - 1) / 2
		}
		limit := 5 * math.Sqrt(float64(n))
		if math.Abs(linear) > limit || math.Abs(square) > limit {
			t.Errorf("%s: correlations %.5f and %.5f of squares, above %.5f", name, linear/float64(n), square/float64(n), 5/math.Sqrt(float64(n)))
		}
	}
}

// The bits are part of what a run of learners means. They are the same on every
// processor, with and without the kernel.
func TestGoldenNormals(t *testing.T) {
	hash := func() uint64 {
		sum := uint64(0)
		for _, x := range normals(1003, 100, 42) {
			sum = mix(sum ^ math.Float64bits(x))
		}
		return sum
	}
	const want = 0x1f5ac9b68c78d9ef
	if got := hash(); got != want {
		t.Errorf("bits %#x, want %#x", got, uint64(want))
	}
	without(func() {
		if got := hash(); got != want {
			t.Errorf("bits of the twin %#x, want %#x", got, uint64(want))
		}
	})
}

func TestNormalsDoNotAllocate(t *testing.T) {
	q, v, s, draw := make([]float64, 300), make([]float64, 300), New(1, "none"), 0
	if n := testing.AllocsPerRun(100, func() { draw++; s.EulerMaruyama(q, v, 0.1, 0.1, 0, draw) }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}

func BenchmarkEulerMaruyama(b *testing.B) {
	q, v, s := make([]float64, 256), make([]float64, 256), New(1, "speed")
	run := func(b *testing.B) {
		draw := 0
		for b.Loop() {
			draw++
			s.EulerMaruyama(q, v, 0.1, 0.1, 0, draw)
		}
		b.ReportMetric(float64(b.N)*256/b.Elapsed().Seconds()/1e6, "Mlearner-steps/s")
	}
	b.Run("here", run)
	b.Run("twin", func(b *testing.B) { without(func() { run(b) }) })
}
