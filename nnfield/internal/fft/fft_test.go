package fft

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

var shapes = [][]int{{1}, {2}, {7}, {12}, {1, 5}, {5, 1}, {4, 6}, {9, 10}, {3, 17}, {2, 3, 4}, {5, 4, 9}, {2, 2, 3, 2}, {151}, {157, 3}, {2, 163}, {541}}

func random(seed uint64, n int) []complex128 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]complex128, n)
	for i := range x {
		x[i] = complex(r.NormFloat64(), r.NormFloat64())
	}
	return x
}

func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// slow sums the definition over all sites and wave numbers.
func slow(shape []int, x []complex128) []complex128 {
	out := make([]complex128, len(x))
	for k := range out {
		for i, v := range x {
			phase, a, b := 0.0, k, i
			for j := len(shape) - 1; j >= 0; j-- {
				n := shape[j]
				phase -= 2 * math.Pi * float64((a%n)*(b%n)%n) / float64(n)
				a, b = a/n, b/n
			}
			out[k] += v * cmplx.Exp(complex(0, phase))
		}
	}
	return out
}

func distance(x, y []complex128) float64 {
	d := 0.0
	for i := range x {
		d = max(d, cmplx.Abs(x[i]-y[i]))
	}
	return d
}

func TestForwardIsItsDefinition(t *testing.T) {
	for _, shape := range shapes {
		x := random(1, size(shape))
		want := slow(shape, x)
		NewPlan(shape).Forward(x)
		if d := distance(x, want); d > 1e-13*float64(len(x)) {
			t.Errorf("shape %v: off by %g", shape, d)
		}
	}
}

func TestInverseUndoesForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(1, 20), 1, 3).Draw(t, "shape")
		x := random(rapid.Uint64().Draw(t, "seed"), size(shape))
		y := slices.Clone(x)
		p := NewPlan(shape)
		p.Forward(y)
		p.Inverse(y)
		if d := distance(x, y); d > 1e-13 {
			t.Fatalf("off by %g", d)
		}
	})
}

// A plane wave has one Fourier component, at the place Frequencies says.
func TestFrequencies(t *testing.T) {
	const a = 0.25
	for _, n := range []int{1, 2, 7, 12} {
		for i, k := range Frequencies(n, a) {
			x := make([]complex128, n)
			for s := range x {
				x[s] = cmplx.Exp(complex(0, k*a*float64(s)))
			}
			NewPlan([]int{n}).Forward(x)
			x[i] -= complex(float64(n), 0)
			if d := distance(x, make([]complex128, n)); d > 1e-12 {
				t.Errorf("n = %d: wave number %d, k = %g, lies elsewhere (%g)", n, i, k, d)
			}
			if math.Abs(k) > math.Pi/a {
				t.Errorf("n = %d: k = %g lies outside the first zone", n, k)
			}
		}
	}
	if k := Frequencies(4, 1)[2]; k != -math.Pi {
		t.Errorf("the Nyquist frequency is %g", k)
	}
}

// Long lines with a large prime factor, against single coefficients by the
// definition; one that goes n² ways would take half a minute.
func TestLargePrimes(t *testing.T) {
	for _, n := range []int{100_003, 2 * 50_021} {
		x := random(6, n)
		y := slices.Clone(x)
		p := NewPlan([]int{n})
		p.Forward(y)
		for _, k := range []int{0, 1, 12_345, n / 2, n - 1} {
			want := complex128(0)
			for j, v := range x {
				want += v * cmplx.Exp(complex(0, -2*math.Pi*float64(j*k%n)/float64(n)))
			}
			if d := cmplx.Abs(y[k] - want); d > 1e-12*math.Sqrt(float64(n)) {
				t.Errorf("n = %d: coefficient %d is off by %g", n, k, d)
			}
		}
		p.Inverse(y)
		if d := distance(x, y); d > 1e-13 {
			t.Errorf("n = %d: the inverse is off by %g", n, d)
		}
	}
}

func TestLargestFactor(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 3, 4: 2, 12: 3, 97: 97, 98: 7, 1001: 13, 10403: 103, 49: 7} {
		if got := largestFactor(n); got != want {
			t.Errorf("%d: %d, want %d", n, got, want)
		}
	}
}

func TestBitsDoNotDependOnWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, shape := range [][]int{{157, 300}, {64, 3, 163}, {1, 70_000}, {70_000, 1}} {
		var first []complex128
		for _, workers := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(workers)
			x, p := random(8, size(shape)), NewPlan(shape)
			p.Forward(x)
			y := slices.Clone(x)
			p.Inverse(y)
			x = append(x, y...)
			if first == nil {
				first = x
			}
			if !slices.Equal(x, first) {
				t.Errorf("shape %v: other bits with %d workers", shape, workers)
			}
		}
	}
}

func TestSharedPlan(t *testing.T) {
	shape := []int{16, 12}
	p := NewPlan(shape)
	want := random(3, size(shape))
	p.Forward(want)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				x := random(3, size(shape))
				p.Forward(x)
				if !slices.Equal(x, want) {
					t.Error("goroutines disturb each other")
				}
			}
		})
	}
	all.Wait()
}

// It cannot hold under the race detector; the plain run of the tests asserts it.
func TestTransformAllocatesNothing(t *testing.T) {
	info, _ := debug.ReadBuildInfo()
	if slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector makes sync.Pool forget")
	}
	for _, shape := range [][]int{{8, 12}, {157, 3}, {128, 100}} {
		p, x := NewPlan(shape), random(4, size(shape))
		if n := testing.AllocsPerRun(50, func() { p.Forward(x); p.Inverse(x) }); n != 0 {
			t.Errorf("shape %v: %v allocations a transform", shape, n)
		}
	}
}

func TestProgrammersErrors(t *testing.T) {
	for name, f := range map[string]func(){
		"no axis":      func() { NewPlan(nil) },
		"no site":      func() { NewPlan([]int{3, 0}) },
		"wrong length": func() { NewPlan([]int{3}).Forward(make([]complex128, 4)) },
		"no frequency": func() { Frequencies(0, 1) },
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

func BenchmarkForward(b *testing.B) {
	for _, shape := range [][]int{{4096}, {4099}, {256, 256}, {1024, 1024}} {
		x, p := random(5, size(shape)), NewPlan(shape)
		b.Run(fmt.Sprint(shape), func(b *testing.B) {
			for b.Loop() {
				p.Forward(x)
				p.Inverse(x)
			}
		})
	}
}

func ExamplePlan() {
	p := NewPlan([]int{2, 2})
	x := []complex128{1, 2, 3, 4}
	p.Forward(x)
	fmt.Println(x)
	p.Inverse(x)
	fmt.Println(x)
	// Output:
	// [(10+0i) (-2+0i) (-4+0i) (0+0i)]
	// [(1+0i) (2+0i) (3+0i) (4+0i)]
}
