package einstein_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	"github.com/nnfield/nnfield/nnfield/internal/goldentest"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

var registry = simulate.Registry{Models: map[string]func([]byte, theory.Arrays) (theory.Model, error){"minisuperspace": einstein.Decode}}

func frw() einstein.Builder { return einstein.FRW().Times(21, 1).From(1).To(2.5).Neurons(5) }

func kantowskiSachs() einstein.Builder {
	return einstein.KantowskiSachs().Times(21, 1).From(0.4, 1.2).To(1.1, 1.6).Neurons(1.5)
}

// golden has one of everything that a universe can be.
func golden() map[string]simulate.Simulation {
	return map[string]simulate.Simulation{
		"frw":             frw().Until(2).Step(0.01),
		"frw-descent":     frw().Learn(einstein.Descent).Rate(0.5).Guess(3, 2).Until(0.02).Step(0.01),
		"frw-covariant":   frw().Learn(einstein.Covariant).Onsager(einstein.Onsager{-0.25, 0.3}).Until(8),
		"kantowski-sachs": kantowskiSachs().Until(8).Step(0.5),
		"start":           kantowskiSachs().Start("0.4+0.7*t", " 1.2 + 0.4*sin(pi*t/2)").Until(2).Step(0.25).Integrator("rk4"),
	}
}

// The Spec of a model and the bits of its run are what stored results are found and
// trusted by.
func TestGolden(t *testing.T) {
	all := golden()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		spec, err := all[name].Spec(simulate.NewArrays())
		if err != nil {
			t.Fatal(name, err)
		}
		goldentest.Compare(t, filepath.Join("testdata", name+".json"), string(spec)+"\n")
		again, err := registry.Decode(spec, simulate.NewArrays())
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, spec)
			continue
		}
		if second, err := again.Spec(simulate.NewArrays()); err != nil || string(second) != string(spec) {
			t.Errorf("%s: the Spec changed (%v)\n%s\n%s", name, err, spec, second)
		}
		var runs [2]*simulate.Run
		for i, s := range []simulate.Simulation{all[name], again} {
			if runs[i], err = s.Run(context.Background()); err != nil {
				t.Fatal(name, err)
			}
		}
		if goldentest.Bits(runs[0]) != goldentest.Bits(runs[1]) {
			t.Errorf("%s: the run of the Spec has other bits", name)
		}
		lines = append(lines, fmt.Sprintf("%-16s %d.%d %s", name, runs[0].Model.Numerics(), simulate.Numerics, goldentest.Bits(runs[0])))
	}
	goldentest.Compare(t, filepath.Join("testdata", "bits-"+runtime.GOARCH+".txt"), strings.Join(lines, "\n")+"\n")
}

// Bad input surfaces in one sentence that names the call.
func TestBadInput(t *testing.T) {
	for want, b := range map[string]einstein.Builder{
		"FRW: no axis of time; say for example Times(81, 1)":                       einstein.FRW().From(1).To(2).Neurons(1),
		"FRW: the scale factors have no ends":                                      einstein.FRW().Times(9, 1).From(1).Neurons(1),
		"FRW: no number of neurons":                                                einstein.FRW().Times(9, 1).From(1).To(2),
		"FRW: Times(3, 1): it needs 4 to 1048576 sites":                            frw().Times(3, 1),
		"FRW: Times(9, -1)":                                                        frw().Times(9, -1),
		"FRW: From(1, 2): 2 values; give one for each of a":                        frw().From(1, 2),
		"KantowskiSachs: To(1): 1 values; give one for each of A, B":               kantowskiSachs().To(1),
		"FRW: To(0): scale factors must be positive and finite":                    frw().To(0),
		"FRW: Neurons(NaN): the number must be positive":                           frw().Neurons(math.NaN()),
		"FRW: Onsager([+Inf 0 0 0 0]): the weights must be finite":                 frw().Onsager(einstein.Onsager{math.Inf(1)}),
		`FRW: Learn("newton"): no such rule; use Ascent, Descent or Covariant`:     frw().Learn("newton"),
		"FRW: Rate(0): the rate must be positive":                                  frw().Rate(0),
		"FRW: Guess(-1, 1): the lapse must be positive":                            frw().Guess(-1, 1),
		`KantowskiSachs: Start(["t"]): 1 formulas; give one of t for each of A, B`: kantowskiSachs().Start("t"),
		`FRW: Start: column 1 of "x": unknown name x`:                              frw().Start("x"),
		`FRW: Start("t - 0.5"): a is -0.45 at t = 0.05; it must be positive`:       frw().Start("t - 0.5"),
		"einstein: an empty Builder; begin with FRW() or KantowskiSachs()":         {},
		"FRW: Rate(-1): the rate must be positive and finite":                      frw().Rate(-1).Neurons(-1), // the first error stays
	} {
		if _, err := b.Build(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
		if got := b.String(); !strings.HasPrefix(got, want) {
			t.Errorf("String: %s", got)
		}
	}
	spec, err := frw().Until(1).Step(0.01).Spec(simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	for old, c := range map[string][2]string{
		`"universe":"frw"`:        {`"universe":"bianchi"`, `universe: "bianchi" is unknown; use frw or kantowski-sachs`},
		`"kind":"lines"`:          {`"kind":"curves"`, `initial.kind: "curves" is unknown`},
		`"kind":"lines",`:         {`"formulas":["t"],"kind":"lines",`, "initial.formulas: lines have none"},
		`[-0.25,0.25,-0.5,0.5,0]`: {`[-0.25]`, "onsager: 1 weights; it has 5"},
		`"neurons":5`:             {`"neurons":5,"mass":1`, `mass`},
	} {
		text := strings.Replace(string(spec), old, c[0], 1)
		if text == string(spec) {
			t.Fatalf("the Spec has no %s:\n%s", old, spec)
		}
		if _, err := registry.Decode([]byte(text), simulate.NewArrays()); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v, want %q", c[0], err, c[1])
		}
	}
	if _, err := frw().MustBuild().Network(0.1); err == nil {
		t.Error("there is a network on the axis of time")
	}
}

// Only models of this package have learned a metric.
func TestReadRefusesOthers(t *testing.T) {
	if _, err := einstein.Of(other{frw().MustBuild()}, nil); err == nil || !strings.Contains(err.Error(), "FRW or KantowskiSachs") {
		t.Errorf("a foreign model: %v", err)
	}
}

type other struct{ theory.Model }

// A model gives back what it was built by.
func TestBuilderOf(t *testing.T) {
	for name, s := range golden() {
		m, err := s.Model()
		if err != nil {
			t.Fatal(err)
		}
		b, ok := einstein.BuilderOf(m)
		if !ok || b.String() != m.Card().String() {
			t.Errorf("%s: %v\n%s\n%s", name, ok, b, m.Card())
		}
	}
	if a, b := frw().Start("1+t*t").Start().String(), frw().String(); a != b {
		t.Errorf("Start() is no way back to straight lines:\n%s\n%s", a, b)
	}
	if _, ok := einstein.BuilderOf(other{frw().MustBuild()}); ok {
		t.Error("a foreign model has a builder")
	}
}
