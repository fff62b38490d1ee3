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

// A wave of mode (2, 1) has two crests along x, to the right, and one along y,
// upward, also among small pictures.
func TestPlaneWaveLooksAsItSays(t *testing.T) {
	m := nnfield.KleinGordon().Lattice(nnfield.Ring(16, 8), nnfield.Ring(12, 6)).PlaneWave(nnfield.Mode(2, 1))
	r := simulated(t, m.Until(0.5))
	for name, p := range map[string]*panel{"frame": Frame(r, 0).panels[0][0], "snapshots": Snapshots(r, 2).grid.parts[0].panels[0][0]} {
		img := p.marks[0].(*raster)
		if len(img.xEdges) != 17 || len(img.yEdges) != 13 || p.x.label != "x" || p.y.label != "y" {
			t.Fatalf("%s: %d×%d cells of %q and %q", name, len(img.xEdges)-1, len(img.yEdges)-1, p.x.label, p.y.label)
		}
		for j := range 12 {
			for i := range 16 {
				want := math.Cos(2 * math.Pi * (2*float64(i)/16 + float64(j)/12))
				if got := img.values[j*16+i] / img.values[0]; math.Abs(got-want) > 1e-12 {
					t.Fatalf("%s: at column %d, row %d from below it is %v, the wave %v", name, i, j, got, want)
				}
			}
		}
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

// A doublet of a charged field is one complex field, ψ = φ + iβ of a spinor one
// for each neuron type, and the components say which is which.
func TestComponents(t *testing.T) {
	charged := simulated(t, nnfield.ChargedScalar().Ring(16, 4).PlaneWave(nnfield.Mode(1)).Until(0.5))
	all, err := components("test", charged)
	if err != nil || len(all) != 1 || all[0].name != "φ" {
		t.Fatalf("a charged scalar has components %v, %v", all, err)
	}
	if re, im := all[0].of(charged, 0); len(re) != 16 || &re[0] != &charged.State(0).Arrays[0][0] || &im[0] != &charged.State(0).Arrays[0][16] {
		t.Error("the parts of φ are not its doublet")
	}
	if s := symbol(charged); s != "Re φ" {
		t.Errorf("the first neuron type is called %q", s)
	}

	dirac := simulated(t, nnfield.Dirac().Ring(16, 4).Packet(nnfield.At(2), nnfield.Width(0.5)).Until(0.5))
	all, err = components("test", dirac)
	if err != nil || len(all) != 2 || all[1].name != "ψ_{2}" {
		t.Fatalf("a Dirac field has components %v, %v", all, err)
	}
	if re, im := all[1].of(dirac, 0); &re[0] != &dirac.State(0).Arrays[0][16] || &im[0] != &dirac.State(0).Arrays[1][16] {
		t.Error("the parts of ψ₂ are not φ₂ and β₂")
	}
	for name, f := range map[string]Figure{
		"wave": Wave(charged, 0), "spinor": Spinor(charged, -1), "charge": Charge(charged, 0), "spacetime": Spacetime(dirac),
		"orbits": Orbits(dirac, 1), "power": Power(dirac), "weights": Weights(dirac.Model), "network": Network(nnfield.KleinGordon().Ring(8, 2)),
	} {
		if _, err := f.SVG(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRunsThatCannotBeDrawn(t *testing.T) {
	plane := simulated(t, nnfield.KleinGordon().Torus(8, 4).Thermal(nnfield.Temperature(1), nnfield.Seed(1)).Until(0.5))
	cube := simulated(t, nnfield.KleinGordon().Cube(4, 4).Thermal(nnfield.Temperature(1), nnfield.Seed(1)).Until(0.5))
	line := simulated(t, ring().Until(0.5))
	maxwell := simulated(t, nnfield.Maxwell().Torus(6, 3).LinkValues(make([]float64, 72), make([]float64, 72)).Until(0.2))
	for says, f := range map[string]Figure{
		"maxwell has no field of sites":           Frame(maxwell, 0),
		"Network: the model is nil":               Network(nil),
		"Graph: 64 neurons":                       Network(ring()),
		"Spacetime: the lattice has 2 dimensions": Spacetime(plane),
		"Snapshots: the lattice has 3 dimensions": Snapshots(cube, 3),
		"SpacetimeLog(0): the decades must be":    SpacetimeLog(line, 0),
		"SpacetimeLog: the lattice has 2":         SpacetimeLog(plane, 3),
		"Wave: there is no component 1":           Wave(line, 1),
		"Wave: the lattice has 3 dimensions":      Wave(cube, 0),
		"Spinor(99): the run has frames 0 to":     Spinor(line, 99),
		"Charge: klein-gordon has no charge":      Charge(line, 0),
		"Power(99): the run has frames 0 to":      Power(line, 99),
		"FrequencySpectrum: the lattice is not":   Frequencies(plane),
		"Orbits: 1 coordinates on a lattice of 2": Orbits(plane, 1),
		"Compare: the lattices have 1 and 2":      Compare(line, plane),
		"Compare: the lattice has 3 dimensions":   Compare(cube, cube),
		"Compare: the runs have":                  Compare(line, simulated(t, ring().Until(1))),
		"Compare: the lattices differ along":      Compare(line, simulated(t, nnfield.KleinGordon().Ring(32, 16).Until(0.5))),
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
