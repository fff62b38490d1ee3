package random

import (
	"math"
	"testing"
)

func TestNumbersAreAFunctionOfSeedPurposeAndIndex(t *testing.T) {
	a, b, c := New(1, "x"), New(2, "x"), New(1, "y")
	if a.Uniform(5) != New(1, "x").Uniform(5) {
		t.Error("the same question got two answers")
	}
	if a.Uniform(5) == b.Uniform(5) || a.Uniform(5) == c.Uniform(5) || a.Uniform(5) == a.Uniform(6) {
		t.Error("seed, purpose or index does not matter")
	}
	// Pinned: a changed generator would change every seeded run.
	if got, want := New(42, "thermal").Uniform(0), 0.34259584014981648; got != want {
		t.Errorf("first number of seed 42 is %.17g, want %.17g", got, want)
	}
}

func TestMoments(t *testing.T) {
	const n = 200_000
	s := New(7, "moments")
	var m [5]float64
	lag := 0.0
	for i := range n {
		x := s.Normal(i)
		lag += x * s.Normal(i+1)
		for p := range m {
			m[p] += math.Pow(x, float64(p)) / n
		}
	}
	// Five standard errors of each sample moment: var(xᵖ)/n with E x² = 1, E x⁴ = 3, E x⁶ = 15, E x⁸ = 105.
	for p, want := range map[int]float64{1: 0, 2: 1, 3: 0, 4: 3} {
		variance := map[int]float64{1: 1, 2: 2, 3: 15, 4: 96}[p]
		if math.Abs(m[p]-want) > 5*math.Sqrt(variance/n) {
			t.Errorf("moment %d is %v, want %v", p, m[p], want)
		}
	}
	if math.Abs(lag/n) > 5/math.Sqrt(n) {
		t.Errorf("neighbours are correlated: %v", lag/n)
	}
}
