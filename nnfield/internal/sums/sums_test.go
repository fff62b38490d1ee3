package sums

import (
	"math"
	"runtime"
	"testing"
)

func TestDotIsExactWhereItCanBe(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 129, 1000, 4097} {
		a := make([]float64, n)
		b := make([]float64, n)
		want := 0.0
		for i := range a {
			a[i], b[i] = float64(i), float64(i%7-3)
			want += a[i] * b[i] // integers: exact in any order
		}
		if got := Dot(a, b); got != want {
			t.Errorf("Dot of %d terms = %v, want %v", n, got, want)
		}
		if got := Sum(0, n, func(i int) float64 { return a[i] * b[i] }); got != want {
			t.Errorf("Sum of %d terms = %v, want %v", n, got, want)
		}
	}
}

// A plain loop over 2²⁰ tenths is off by 1e-8 relative; the tree is not.
func TestTreeKeepsRoundingSmall(t *testing.T) {
	const n = 1 << 20
	plain := 0.0
	for range n {
		plain += 0.1
	}
	tree := Sum(0, n, func(int) float64 { return 0.1 })
	want := 0.1 * n
	if math.Abs(tree-want)/want > 1e-14 || math.Abs(plain-want)/want < 1e-12 {
		t.Errorf("tree off by %g, plain loop by %g", tree/want-1, plain/want-1)
	}
}

// Workers change no bit.
func TestDotOnWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, n := range []int{Part, Part + 1, 3*Part + 77, 100_003, 1 << 20} {
		a, b := make([]float64, n), make([]float64, n)
		for i := range a {
			a[i], b[i] = math.Sqrt(float64(i)), 1/float64(i+3)
		}
		if got, want := Dot(a, b), Sum(0, n, func(i int) float64 { return a[i] * b[i] }); got != want {
			t.Errorf("%d terms: %v on workers, %v without", n, got, want)
		}
	}
}

// Nor does doing blocks side by side: the sum has the order of the tree.
func TestDotHasTheOrderOfSum(t *testing.T) {
	for n := range 1500 {
		a, b := make([]float64, n), make([]float64, n)
		for i := range a {
			a[i], b[i] = math.Sqrt(float64(i)), 1/float64(i+3)
		}
		if got, want := Dot(a, b), Sum(0, n, func(i int) float64 { return a[i] * b[i] }); got != want {
			t.Errorf("%d terms: %v, in the order of Sum %v", n, got, want)
		}
		if got, want := Add(a), Sum(0, n, func(i int) float64 { return a[i] }); got != want {
			t.Errorf("%d numbers: %v, in the order of Sum %v", n, got, want)
		}
	}
}

func BenchmarkDot(b *testing.B) {
	x := make([]float64, 1<<15)
	for b.Loop() {
		Dot(x, x)
	}
	b.SetBytes(16 << 15)
}
