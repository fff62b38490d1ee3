package gallery

import (
	"bytes"
	"context"
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/internal/golden"
)

var update = flag.Bool("update", false, "write the golden pictures of testdata anew; look at them before you commit")

func picture(t *testing.T, f plotting.Figure, width float64) []byte {
	t.Helper()
	data, err := f.Size(width, 0).PNG(golden.DPI)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGolden(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Entries() {
		if seen[e.Name] {
			t.Errorf("two entries are called %q", e.Name)
		}
		seen[e.Name] = true
		f := e.Make()
		if err := f.Err(); err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		for place, width := range golden.Widths {
			golden.Check(t, filepath.Join("testdata", e.Name+"-"+place+".png"), picture(t, f, width), *update)
		}
	}
}

// What a figure adds to a notebook is bounded.
func TestBundlesAreSmall(t *testing.T) {
	for _, e := range Entries() {
		b, err := e.Make().Bundle()
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		if n := len(b.Data["text/html"].(string)); n > 300_000 {
			t.Errorf("%s: %d bytes", e.Name, n)
		}
	}
}

// The golden pictures see what would make each figure wrong.
func TestGoldenSeesMutations(t *testing.T) {
	with := func(get func() (*simulate.Run, error)) *simulate.Run {
		r, err := get()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	simulated := func(s nnfield.Simulation) *simulate.Run {
		r, err := s.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	p := with(packet)
	mutants := map[string]struct {
		of string
		f  plotting.Figure
	}{
		"linear colours":               {"spacetime-log", plotting.Spacetime(p)},
		"other decades":                {"spacetime-log", plotting.SpacetimeLog(p, 3)},
		"axes exchanged in the plane":  {"frame-plane", turned(plotting.Frame(with(plane), -1), with(plane))},
		"another time":                 {"multiples", plotting.Snapshots(with(plane), 5)},
		"slices through another place": {"frame-cube", slices(with(cube), 4)},
		"another component":            {"wave", plotting.Wave(with(spinor), 1)},
		"the conjugate":                {"wave-plane", conjugate(with(spinorPlane))},
		"another frame":                {"spinor", plotting.Spinor(with(spinor), -2)},
		"components of another frame":  {"spinor-plane", plotting.Spinor(with(spinorPlane), -2)},
		"no arrows":                    {"current", withoutArrows(with(spinorPlane))},
		"reversed current":             {"current", current(with(spinorPlane), -1)},
		"one frame of power":           {"power", plotting.Power(p, 0)},
		"half the run":                 {"frequencies", plotting.Frequencies(simulated(nnfield.KleinGordon().Ring(64, 16).Mass(1).Thermal(nnfield.Temperature(1), nnfield.Seed(1)).Until(20).Frames(nnfield.Every(2))))},
		"another site":                 {"orbits", plotting.Orbits(with(breather), 19)},
		"another order":                {"stencil", laplacian(2, lattice.Ring(12, 6), lattice.Ring(12, 6))},
		"the runs exchanged":           {"compare", exchanged(t)},
		"panels exchanged":             {"grid", plotting.Grid(2, plotting.Spacetime(p), plotting.Energy(p), plotting.Power(p), plotting.Frame(p, 0))},
		"axes not shared":              {"grid-shared", plotting.Grid(2, plotting.Frame(p, 0), plotting.Frame(p, 20), plotting.Frame(p, 40), plotting.Frame(p, -1))},
		"the light theme":              {"dark", plotting.Snapshots(p, 7)},
		"no dashes":                    {"print", learning()},
		"no spread":                    {"learning", withoutBands()},
		"a Gaussian 5 % wider":         {"histogram", momenta(1.05)},
		"a lattice turned":             {"links", turnedLinks()},
		"plaquettes without links":     {"links", plaquettes()},
		"components exchanged":         {"metric", exchangedComponents()},
		"the transposed tensor":        {"tensor", tensorOf(weights.Tensor.Transpose)},
		"the transposed network":       {"graph", graphOf(weights.Tensor.Transpose)},
		"weights of other sign":        {"graph", graphOf(func(w weights.Tensor) weights.Tensor { return weights.Scale(-1, w) })},
		"another mass":                 {"network", plotting.Network(nnfield.KleinGordon().Ring(10, 5).Mass(4))},
		"another momentum":             {"energy", plotting.Invariant(p, "momentum x")},
		"a sign without an outline":    {"symbols", titled("⟨ℋ⟩ ∝ \U0001F600φ·∇φ, x ∈ ℝ²")},
	}
	for what, m := range mutants {
		if err := m.f.Err(); err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		got := golden.Decode(t, picture(t, m.f, golden.Widths["notebook"]))
		want := golden.Read(t, filepath.Join("testdata", m.of+"-notebook.png"))
		if n := golden.Differing(got, want); n <= golden.Tolerated {
			t.Errorf("%s changes %d pixels of %s only: the golden pictures do not see it", what, n, m.of)
		}
	}
}

func labelsOf(f plotting.Figure) plotting.Labels {
	title, caption, _ := strings.Cut(f.String(), "\n")
	caption, _, _ = strings.Cut(caption, "\nArrows")
	return plotting.Labels{Title: title, X: "x", Y: "y", Caption: caption}
}

// turned draws the field of a plane as if x ran upward.
func turned(f plotting.Figure, r *simulate.Run) plotting.Figure {
	s := r.Lattice().Shape()
	values := make([]float64, s[0]*s[1])
	for i := range values {
		values[i] = r.State(r.Len() - 1).Arrays[0][i]
	}
	return plotting.Image(labelsOf(f), plotting.Field{Symbol: "φ", X: r.Coordinates(0), Y: r.Coordinates(1), Values: values, Space: true})
}

func slices(r *simulate.Run, x float64) plotting.Figure {
	return plotting.Slices(labelsOf(plotting.Frame(r, -1)), plotting.Volume{Symbol: "φ", X: r.Coordinates(0), Y: r.Coordinates(1), Z: r.Coordinates(2),
		Values: r.State(r.Len() - 1).Arrays[0], At: []float64{x, 6, 4}})
}

func conjugate(r *simulate.Run) plotting.Figure {
	n, s := r.Lattice().Shape()[0], r.State(r.Len()-1)
	f := plotting.ComplexField{Symbol: "ψ_{1}", X: r.Coordinates(0), Y: r.Coordinates(1), Space: true}
	for j := range n {
		for i := range n {
			f.Re, f.Im = append(f.Re, s.Arrays[0][i*n+j]), append(f.Im, -s.Arrays[1][i*n+j])
		}
	}
	return plotting.Complex(labelsOf(plotting.Wave(r, 0)), f)
}

// current draws the current of the last frame times a factor.
func current(r *simulate.Run, factor float64) plotting.Figure {
	n := r.Lattice().Shape()[0]
	m := r.Model.(theory.Charged)
	rho, j := make([]float64, n*n), make([]float64, 2*n*n)
	s := theory.Snapshot{State: r.State(r.Len() - 1), Epsilon: r.Step}
	m.ChargeDensity(rho, s)
	m.Current(j, s)
	turn := func(v []float64) []float64 {
		out := make([]float64, n*n)
		for a := range n {
			for b := range n {
				out[b*n+a] = v[a*n+b]
			}
		}
		return out
	}
	for i := range j {
		j[i] *= factor
	}
	return plotting.Arrows(labelsOf(plotting.Charge(r, -1)), plotting.Field{Symbol: "ρ", X: r.Coordinates(0), Y: r.Coordinates(1), Values: turn(rho), Space: true}, "j", turn(j[:n*n]), turn(j[n*n:]))
}

func withoutArrows(r *simulate.Run) plotting.Figure { return current(r, 0) }

func exchanged(t *testing.T) plotting.Figure {
	t.Helper()
	a, b, err := masses()
	if err != nil {
		t.Fatal(err)
	}
	return plotting.Compare(b, a)
}

func withoutBands() plotting.Figure {
	curves := losses()
	for i := range curves {
		curves[i].Low, curves[i].High = nil, nil
	}
	return plotting.SemiLog(learningLabels, curves...)
}

func turnedLinks() plotting.Figure {
	f, x, y := flux()
	return plotting.Phases(linkLabels, f, y, x)
}

func plaquettes() plotting.Figure {
	f, _, _ := flux()
	return plotting.Phases(linkLabels, f, nil, nil)
}

func exchangedComponents() plotting.Figure {
	g := well()
	g[1][0].Values, g[2][0].Values = g[2][0].Values, g[1][0].Values
	return plotting.Symmetric(metricLabels, g)
}

// Mutants are built here by hand; unchanged, they must be the figures
// themselves, else they prove nothing.
func TestMutantsAreOneStepAway(t *testing.T) {
	r, err := spinorPlane()
	if err != nil {
		t.Fatal(err)
	}
	want := picture(t, plotting.Charge(r, -1), 5)
	if got := picture(t, current(r, 1), 5); !bytes.Equal(got, want) {
		t.Error("the current drawn by hand is another picture")
	}
}

func TestFigure(t *testing.T) {
	if err := Figure("spacetime").Err(); err != nil {
		t.Error(err)
	}
	if err := Figure("spacetyme").Err(); err == nil || !strings.Contains(err.Error(), `no figure "spacetyme"`) {
		t.Errorf("an unknown name: %v", err)
	}
}
