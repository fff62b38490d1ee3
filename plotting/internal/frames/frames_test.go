package frames

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/plotting/colormap"
)

func run(t *testing.T, s nnfield.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An image runs along x first: a bump at site (2, 1) is in row 1, column 2.
func TestImageRunsAlongX(t *testing.T) {
	phi := make([]float64, 4*3)
	phi[2*3+1] = 1
	r := run(t, nnfield.KleinGordon().Lattice(nnfield.Ring(4, 4), nnfield.Ring(3, 3)).Mass(1).Values(phi, make([]float64, 12)).Until(0.5).Frames(nnfield.Every(1)))
	img := Image(r, 0)
	if got := slices.Index(img, 1); got != 1*4+2 {
		t.Errorf("the bump is at %d, want 6", got)
	}
	if s := Symbol(r); s != "φ" {
		t.Errorf("symbol %q", s)
	}
}

func TestHistoryIsFrameAfterFrame(t *testing.T) {
	r := run(t, nnfield.KleinGordon().Ring(8, 8).Mass(1).StandingWave(nnfield.Mode(1)).Until(1).Frames(nnfield.Every(1)))
	h := History(r)
	if len(h) != 8*r.Len() || h[8*2+3] != r.State(2).Arrays[0][3] {
		t.Errorf("%d values of %d frames, site 3 of frame 2 is %v", len(h), r.Len(), h[19])
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		values    []float64
		low, high float64
		colours   colormap.Map
	}{
		{[]float64{1, 3, math.NaN(), math.Inf(1)}, 1, 3, colormap.Viridis},
		{[]float64{-1, 3}, -3, 3, colormap.Balance},
		{[]float64{-4, 3}, -4, 4, colormap.Balance},
		{[]float64{-4, -2}, -4, -2, colormap.Viridis},
		{[]float64{0, 0}, -1, 1, colormap.Balance},
		{[]float64{2, 2}, 1, 3, colormap.Viridis},
	} {
		l := Of(c.values).Limits()
		if l != [2]float64{c.low, c.high} || Colours(l) != c.colours {
			t.Errorf("%v: limits %v in %v, want %v to %v in %v", c.values, l, Colours(l), c.low, c.high, c.colours)
		}
	}
}

func TestSpread(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6}
	for n, want := range map[int][]int{1: {6}, 2: {0, 6}, 3: {0, 3, 6}, 7: all} {
		if got := Spread(all, n); !slices.Equal(got, want) {
			t.Errorf("%d of seven: %v, want %v", n, got, want)
		}
	}
}
