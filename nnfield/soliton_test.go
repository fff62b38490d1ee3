package nnfield_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/theory"
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

// A state on a ring, moved by any number of sites, is the same state moved, through the
// seam, too: up to a vacuum of sine-Gordon theory, and with its energy.
func TestSolitonsGoThroughTheSeam(t *testing.T) {
	const sites, length, a = 400, 40.0, 0.1
	ring := nnfield.KleinGordon().Ring(sites, length).Mass(0)
	sine := ring.Potential(nnfield.SineGordon())
	phi4 := ring.Potential(nnfield.Phi4(1.5, 0.8))
	for name, at := range map[string]func(x, y float64) nnfield.KleinGordonModel{
		"φ⁴ kinks": func(x, y float64) nnfield.KleinGordonModel {
			return phi4.Kink(nnfield.At(x), nnfield.Velocity(0.4)).Antikink(nnfield.At(y), nnfield.Velocity(-0.3))
		},
		"sine-Gordon kinks": func(x, y float64) nnfield.KleinGordonModel {
			return sine.Kink(nnfield.At(x), nnfield.Velocity(0.4)).Antikink(nnfield.At(y))
		},
		"breathers": func(x, y float64) nnfield.KleinGordonModel {
			return sine.Breather(nnfield.At(x), nnfield.Frequency(0.6)).Breather(nnfield.At(y), nnfield.Frequency(0.3), nnfield.Phase(1))
		},
	} {
		energy := func(m nnfield.Model) float64 { return m.Invariants()[0].Value(theory.Snapshot{State: m.Initial()}) }
		whole := at(10, 28).MustBuild()
		want, e := whole.Initial(), energy(whole)
		for by := range sites {
			on := func(x float64) float64 { return math.Mod(x+float64(by)*a, length) }
			m := at(on(10), on(28)).MustBuild()
			got := m.Initial()
			vacuum := 0.0
			if name == "sine-Gordon kinks" {
				vacuum = 2 * math.Pi * math.Round((got.Arrays[0][by]-want.Arrays[0][0])/(2*math.Pi))
			}
			for s := range sites {
				to := (s + by) % sites
				if d := math.Abs(got.Arrays[0][to] - vacuum - want.Arrays[0][s]); d > 1e-6 {
					t.Fatalf("%s moved by %d sites: φ differs by %v at site %d", name, by, d, s)
				}
				if d := math.Abs(got.Arrays[1][to] - want.Arrays[1][s]); d > 1e-6 {
					t.Fatalf("%s moved by %d sites: β differs by %v at site %d", name, by, d, s)
				}
			}
			if now := energy(m); math.Abs(now-e) > 1e-6*e {
				t.Fatalf("%s moved by %d sites: energy %v, was %v", name, by, now, e)
			}
		}
	}
	line := nnfield.KleinGordon().Line(400, 40, nnfield.Dirichlet, nnfield.Absorbing(5)).Mass(0).Potential(nnfield.SineGordon())
	for want, m := range map[string]nnfield.KleinGordonModel{
		"At(1) with Frequency(0.6) reaches the wall with 0.79 of its height": line.Breather(nnfield.At(1), nnfield.Frequency(0.6)),
		"where it meets itself with 0.27 of its height; use a longer ring":   sine.Breather(nnfield.Frequency(0.995)),
	} {
		if err := m.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
