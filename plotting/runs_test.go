package plotting

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

func simulated(t *testing.T, s nnfield.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ring() nnfield.KleinGordonModel {
	return nnfield.KleinGordon().Ring(64, 16).Mass(1).Packet(nnfield.At(4), nnfield.Width(1), nnfield.WaveNumber(2))
}

func TestFiguresOfARun(t *testing.T) {
	r := simulated(t, ring().Until(2).Frames(nnfield.Every(4)))
	for name, c := range map[string]struct {
		f    Figure
		says []string
	}{
		"spacetime": {Spacetime(r), []string{"Klein-Gordon", "64 sites, length 16, periodic", "m = 1", "leapfrog, ε = "}},
		"last":      {Frame(r, -1), []string{"t = 2", "m = 1"}},
		"first":     {Frame(r, 0), []string{"t = 0"}},
		"snapshots": {Snapshots(r, 4), []string{"Klein-Gordon"}},
		"energy":    {Energy(r), []string{"energy"}},
		"momentum":  {Invariant(r, "momentum x"), []string{"momentum x"}},
		"weights":   {Weights(ring()), []string{"weights", "The weights are symmetric: the antisymmetric part is 0."}},
	} {
		if err := c.f.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(c.f.String(), s) {
				t.Errorf("%s: %q does not say %q", name, c.f, s)
			}
		}
		if strings.Contains(c.f.caption, "shadow") {
			t.Errorf("%s: the caption lists invariants: %q", name, c.f.caption)
		}
		render(t, c.f, 60)
	}

	// Time runs upward and space to the right.
	img := Spacetime(r).panels[0][0].marks[0].(*raster)
	if got, want := img.values[len(img.values)-64+5], r.State(r.Len() - 1).Arrays[0][5]; got != want {
		t.Errorf("the top row holds %v, the last frame %v", got, want)
	}
	if top := img.yEdges[len(img.yEdges)-1]; top < 2 {
		t.Errorf("the picture ends at t = %v", top)
	}
}

func TestPlaneFrameHasXToTheRight(t *testing.T) {
	m := nnfield.KleinGordon().Lattice(nnfield.Ring(12, 6), nnfield.Ring(20, 5)).Packet(nnfield.At(2, 1), nnfield.Width(0.5))
	r := simulated(t, m.Until(0.1))
	f := Frame(r, 0)
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	img := f.panels[0][0].marks[0].(*raster)
	// x = 2 is column 4 of 12, y = 1 row 4 of 20.
	best := 0
	for i, v := range img.values {
		if math.Abs(v) > math.Abs(img.values[best]) {
			best = i
		}
	}
	if best%12 != 4 || best/12 != 4 {
		t.Errorf("the packet at (2, 1) is drawn in column %d, row %d", best%12, best/12)
	}
}

func TestDispersionOfARun(t *testing.T) {
	m := nnfield.KleinGordon().Ring(32, 8).Thermal(nnfield.Temperature(1), nnfield.Seed(1))
	f := Dispersion(simulated(t, m.Until(8).Frames(nnfield.Every(1))))
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	points := f.panels[1][0].marks[0].(curve)
	if len(points.x) < 30 {
		t.Fatalf("%d of 32 modes", len(points.x))
	}
	for i, d := range points.y {
		if !(d < 1e-9) {
			t.Errorf("k = %.3f: measured and expected differ by %v", points.x[i], d)
		}
	}
}

func TestRunsThatCannotBeDrawn(t *testing.T) {
	plane := simulated(t, nnfield.KleinGordon().Torus(8, 4).Thermal(nnfield.Temperature(1), nnfield.Seed(1)).Until(0.5))
	cube := simulated(t, nnfield.KleinGordon().Cube(4, 4).Thermal(nnfield.Temperature(1), nnfield.Seed(1)).Until(0.5))
	line := simulated(t, ring().Until(0.5))
	for says, f := range map[string]Figure{
		"Spacetime: the lattice has 2 dimensions": Spacetime(plane),
		"Snapshots: the lattice has 2 dimensions": Snapshots(plane, 3),
		"Frame: the lattice has 3 dimensions":     Frame(cube, 0),
		"Frame(99): the run has frames 0 to":      Frame(line, 99),
		"Frame(-99): the run has frames 0 to":     Frame(line, -99),
		"Snapshots(0): draw at least 1 frame":     Snapshots(line, 0),
		`"charge"): not recorded`:                 Invariant(line, "charge"),
		"Mass(-1)":                                Weights(ring().Mass(-1)),
	} {
		if f.Err() == nil || !strings.Contains(f.Err().Error(), says) {
			t.Errorf("error %q does not say %q", f.Err(), says)
		}
	}
}

func TestShowModel(t *testing.T) {
	var got []display.Bundle
	send := func(b display.Bundle) error { got = append(got, b); return nil }
	if err := show(send, []any{ring()}); err != nil {
		t.Fatal(err)
	}
	if text, _ := got[0].Data["text/markdown"].(string); !strings.Contains(text, `\varphi`) {
		t.Errorf("the card has no LaTeX: %q", text)
	}
	if err := show(send, []any{ring().Mass(-1)}); err == nil || !strings.Contains(err.Error(), "Mass(-1)") {
		t.Errorf("a model that does not build: %v", err)
	}
}
