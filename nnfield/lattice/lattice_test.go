package lattice

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ends(t *rapid.T, label string) (low, high Boundary) {
	if rapid.Bool().Draw(t, label+" periodic") {
		return Boundary{Kind: Periodic}, Boundary{Kind: Periodic}
	}
	kinds := rapid.SampledFrom([]Kind{Dirichlet, Neumann, Driven})
	return Boundary{Kind: kinds.Draw(t, label+" low")}, Boundary{Kind: kinds.Draw(t, label+" high")}
}

// Fold continues sines past Dirichlet walls and cosines past Neumann walls: the
// modes of the wall are the judge of where the mirror is.
func TestFoldContinuesTheModesOfTheWalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "sites")
		low, high := ends(t, "x")
		if low.Kind == Driven || high.Kind == Driven {
			return
		}
		a := Line(n, rapid.Float64Range(0.5, 9).Draw(t, "length"), low, high)
		// k fits between the walls: sin or cos at the low end, and the right one at the high end.
		p := float64(rapid.IntRange(0, 3).Draw(t, "mode"))
		var phase, k float64
		switch {
		case a.Periodic():
			k = 2 * math.Pi * p / a.Length
		case low.Kind == high.Kind:
			k = math.Pi * p / a.Length
		default:
			k = math.Pi * (p + 0.5) / a.Length
		}
		if low.Kind == Dirichlet {
			phase = -math.Pi / 2
		}
		mode := func(i int) float64 { return math.Cos(k*a.Coordinate(i) + phase) }
		for i := -2 * n; i < 3*n; i++ {
			j, sign := a.Fold(i)
			if j < 0 || j >= n {
				t.Fatalf("Fold(%d) = %d, outside %d sites", i, j, n)
			}
			if got, want := sign*mode(j), mode(i); math.Abs(got-want) > 1e-10 {
				t.Fatalf("%s: Fold(%d) = %d, %v: mode is %v there, want %v", a, i, j, sign, got, want)
			}
		}
	})
}

func TestIndexAndPositionAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var axes []Axis
		for range rapid.IntRange(1, 3).Draw(t, "axes") {
			axes = append(axes, Ring(rapid.IntRange(2, 6).Draw(t, "sites"), 1))
		}
		l, err := New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		at := make([]int, l.Dim())
		for site := range l.Sites() {
			if got := l.Index(l.Position(at, site)...); got != site {
				t.Fatalf("site %d sits at %v, which is site %d", site, at, got)
			}
			for j := range at {
				next, sign := l.Neighbour(site, j, 1)
				want := append([]int(nil), at...)
				want[j] = (at[j] + 1) % axes[j].Sites
				if next != l.Index(want...) || sign != 1 {
					t.Fatalf("neighbour of %v along %d is %d with sign %v", at, j, next, sign)
				}
			}
		}
	})
}

func TestSpacingPutsSitesBetweenTheWalls(t *testing.T) {
	dirichlet, neumann, driven := Boundary{Kind: Dirichlet}, Boundary{Kind: Neumann}, Boundary{Kind: Driven}
	for _, c := range []struct {
		axis        Axis
		first, last float64
	}{
		{Ring(4, 8), 0, 6},
		{Line(3, 8, dirichlet, dirichlet), 2, 6},
		{Line(4, 8, neumann, neumann), 1, 7},
		{Line(5, 8, driven, driven), 0, 8},
		{Line(4, 8, driven, dirichlet), 0, 6},
	} {
		first, last := c.axis.Coordinate(0), c.axis.Coordinate(c.axis.Sites-1)
		if math.Abs(first-c.first) > 1e-14 || math.Abs(last-c.last) > 1e-14 {
			t.Errorf("%s: sites from %v to %v, want %v to %v", c.axis, first, last, c.first, c.last)
		}
	}
}

func TestSpongeAndDrivenSites(t *testing.T) {
	l, err := New(Line(13, 7, Absorbing(2), Boundary{Kind: Driven}), Ring(2, 1))
	if err != nil {
		t.Fatal(err)
	}
	sigma := l.Damping()
	for site := range l.Sites() {
		x := l.Coordinates(0)[site]
		want := 0.0
		if x < 2 {
			want = 14 * math.Pow(1-x/2, 3)
		}
		if math.Abs(sigma[site]-want) > 1e-12 {
			t.Errorf("σ(%v) = %v, want %v", x, sigma[site], want)
		}
	}
	if got := fmt.Sprint(l.Driven(0, High), l.Driven(0, Low)); got != "[24 25] []" {
		t.Errorf("driven sites %s", got)
	}
	if ring, _ := New(Ring(4, 1)); ring.Damping() != nil {
		t.Error("a ring has a sponge")
	}
}

func TestBadInputNamesTheRemedy(t *testing.T) {
	wall := Boundary{Kind: Dirichlet}
	for want, axes := range map[string][]Axis{
		"at least 2":              {Ring(0, 1)},
		"must be positive":        {Ring(4, 0)},
		"length NaN":              {Ring(4, math.NaN())},
		"length +Inf":             {Ring(4, math.Inf(1))},
		"at least 0.25":           {Line(7, 1, Absorbing(0.2), wall)},
		"has 1, 2 or 3":           {Ring(2, 1), Ring(2, 1), Ring(2, 1), Ring(2, 1)},
		"use periodic, dirichlet": {Line(4, 1, Boundary{Kind: "open"}, wall)},
		"both ends":               {Line(4, 1, Boundary{Kind: Periodic}, wall)},
		"at most the length":      {Line(4, 1, Absorbing(2), wall)},
		"use a coarser lattice":   {Ring(1<<20, 1), Ring(1<<20, 1)},
		"needs a wall":            {Line(4, 1, Boundary{Kind: Driven, Sponge: Sponge{Width: 0.1, Strength: 1}}, wall)},
		"sponge of width -1":      {Line(4, 1, Boundary{Kind: Dirichlet, Sponge: Sponge{Width: -1, Strength: 1}}, wall)},
		"finite and not negative": {Line(4, 1, Boundary{Kind: Dirichlet, Sponge: Sponge{Width: 0.5, Strength: math.NaN()}}, wall)},
	} {
		if _, err := New(axes...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func Example() {
	l, err := New(Ring(512, 40), Line(64, 10, Boundary{Kind: Neumann}, Absorbing(3)))
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(l)
	// Output:
	// 2-D lattice of 32768 sites
	// ├── x: 512 sites, length 40, spacing 0.078125, periodic
	// └── y: 64 sites, length 10, spacing 0.155039, neumann | dirichlet behind a sponge of width 3, σ ≤ 9.333
}
