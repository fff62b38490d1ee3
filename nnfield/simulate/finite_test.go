package simulate_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/files"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// kleinGordon returns the simulation of a packet in a potential between walls behind
// sponges of a strength.
func kleinGordon(t *testing.T, strength float64, potential theory.Potential) simulate.Simulation {
	t.Helper()
	end := lattice.Boundary{Kind: lattice.Dirichlet}
	if strength > 0 {
		end.Sponge = lattice.Sponge{Width: 2, Strength: strength}
	}
	l, err := lattice.New(lattice.Line(48, 12, end, end))
	if err != nil {
		t.Fatal(err)
	}
	m, err := theory.KleinGordon{Lattice: l, Mass: 1, Potential: potential, Initial: []theory.Initial{theory.Packet(theory.Width(0.7))}}.Build()
	if err != nil {
		t.Fatal(err)
	}
	return simulate.New(m, 4).Frames(simulate.Count(5))
}

// What cannot be recorded in finite numbers is refused before it begins, in one
// sentence that names what is wrong and what to do.
func TestNotFiniteIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		s    simulate.Simulation
		want string
	}{
		"sponge 1e5":   {kleinGordon(t, 1e5, theory.Potential{}), "the sponge damps at the rate"},
		"sponge 1e300": {kleinGordon(t, 1e300, theory.Potential{}), "the sponge damps at the rate"},
		"1/0":          {kleinGordon(t, 0, theory.Expression("1/0", nil)), "energy is infinite"},
		"log":          {kleinGordon(t, 0, theory.Expression("log(phi - 2)", nil)), "the initial state: the energy is"},
		"pow":          {kleinGordon(t, 0, theory.Expression("pow(-1, 0.5)", nil)), "energy is not a number"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		sink, err := files.Create(dir, simulate.NewArrays())
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.s.Run(context.Background(), simulate.Into(sink))
		if err == nil || r != nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "json") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: it left a directory", name)
		}
	}
	// The remedies hold.
	s := kleinGordon(t, 1e5, theory.Potential{})
	epsilon := 10 / 1e5
	r, err := s.Step(0.9 * epsilon).Frames(simulate.Count(2)).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Len() {
		for _, f := range r.Fields() {
			values, _ := r.Frame(f.Name, i)
			for _, v := range values {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%s is %v in frame %d", f.Symbol, v, i)
				}
			}
		}
	}
}

// A field that stays finite while what is made of it does not ends the run, which has a
// manifest that says so.
func TestNotFiniteEndsTheRun(t *testing.T) {
	// V is not a number beyond φ = 2, its force is 0 almost everywhere.
	v := theory.Function("cliff", func(phi float64) float64 {
		if phi > 2 {
			return math.NaN()
		}
		return 0
	}, func(float64) float64 { return 0 })
	l, err := lattice.New(lattice.Ring(32, 8))
	if err != nil {
		t.Fatal(err)
	}
	phi, beta := make([]float64, 32), make([]float64, 32)
	for i := range beta {
		beta[i] = 1
	}
	m, err := theory.KleinGordon{Lattice: l, Potential: v, Initial: []theory.Initial{theory.Values(phi, beta)}}.Build()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "out")
	sink, err := files.Create(dir, simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	r, err := simulate.New(m, 4).Frames(simulate.Count(9)).Run(t.Context(), simulate.Into(sink))
	diverged := (*simulate.DivergedError)(nil)
	if !errors.As(err, &diverged) || diverged.Stop.Seen == 0 || !strings.Contains(err.Error(), "E is NaN") {
		t.Fatal(err)
	}
	if r.Stop.Reason != simulate.Diverged {
		t.Error(r.Stop)
	}
	b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Stop simulate.Stop `json:"stop"`
	}
	if err := json.Unmarshal(b, &manifest); err != nil || manifest.Stop.Reason != simulate.Diverged || manifest.Stop.Seen != r.Stop.Seen {
		t.Errorf("%v: %s", err, b)
	}
}

// failing is a sink that cannot be closed.
type failing struct{ simulate.Sink }

var errFull = errors.New("no space left")

func (failing) Begin(simulate.Header) error                  { return nil }
func (failing) Frame(*theory.State) error                    { return nil }
func (failing) Record(string, int, float64, []float64) error { return nil }
func (failing) End(*simulate.Run) error                      { return errFull }

// What a sink says at the end of a run that has failed already is not lost.
func TestEndOfADivergedRun(t *testing.T) {
	s := nnfield.KleinGordon().Ring(32, 8).Mass(0).Potential(nnfield.Potential("-phi*phi*phi*phi")).
		Values(constant(32, 3), make([]float64, 32)).Until(50).Step(0.01)
	_, err := s.Run(t.Context(), simulate.Into(failing{}))
	if !errors.As(err, new(*simulate.DivergedError)) || !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

func constant(n int, v float64) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = v
	}
	return all
}
