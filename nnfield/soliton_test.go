package nnfield_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
)

// The order in which solitons are given does not matter: they are chained by where they
// are, stay within the vacua, and have the energy 2√2/3 √λ v³ each.
func TestSolitonsInAnyOrder(t *testing.T) {
	ring := nnfield.KleinGordon().Ring(800, 80).Mass(0).Potential(nnfield.Phi4(1, 1))
	a := ring.Kink(nnfield.At(10)).Antikink(nnfield.At(30)).Kink(nnfield.At(50)).Antikink(nnfield.At(70))
	b := ring.Antikink(nnfield.At(70)).Kink(nnfield.At(50)).Kink(nnfield.At(10)).Antikink(nnfield.At(30))
	x, y := a.MustBuild().Initial().Arrays[0], b.MustBuild().Initial().Arrays[0]
	for i := range x {
		if math.Abs(x[i]-y[i]) > 1e-14 {
			t.Fatalf("site %d is %v and %v", i, x[i], y[i])
		}
	}
	if most := math.Max(slices.Max(y), -slices.Min(y)); most > 1+1e-9 {
		t.Errorf("max|φ| = %v, the vacua are ±1", most)
	}
	r := run(t, b.Until(1))
	if e, want := r.Invariants[0].Values[0], 4*2*math.Sqrt2/3; math.Abs(e-want) > 2e-3*want {
		t.Errorf("E = %v, four kinks have %v", e, want)
	}
	line := nnfield.KleinGordon().Line(400, 40, nnfield.Neumann, nnfield.Neumann).Mass(0).Potential(nnfield.Phi4(1, 1))
	for name, m := range map[string]nnfield.KleinGordonModel{
		"two kinks":             line.Kink(nnfield.At(10)).Kink(nnfield.At(30)),
		"kinks beside":          line.Kink(nnfield.At(10)).Antikink(nnfield.At(30)).Kink(nnfield.At(20)).Antikink(nnfield.At(35)),
		"antikink and antikink": ring.Kink(nnfield.At(10)).Antikink(nnfield.At(50)).Antikink(nnfield.At(30)).Kink(nnfield.At(70)),
	} {
		if err := m.Err(); err == nil || !strings.Contains(err.Error(), "must alternate from left to right") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
