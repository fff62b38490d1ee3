package all_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/verify"
)

var update = flag.Bool("update", false, "write the README's table anew")

// Every example is a model of its theory, is read back from its Spec as the same model,
// runs, and has a report in which a claim passes and none fails.
func TestTheories(t *testing.T) {
	for _, th := range all.Theories {
		if found, ok := all.Find(th.Name); !ok || found.Calls != th.Calls {
			t.Errorf("%s: not found by its name", th.Name)
		}
		examples := th.Examples()
		if len(examples) == 0 {
			t.Errorf("%s has no example", th.Name)
		}
		for i, b := range examples {
			name := fmt.Sprintf("%s, example %d", th.Name, i)
			m, err := b.Build()
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if m.Theory() != th.Name {
				t.Errorf("%s is a model of %s", name, m.Theory())
			}
			s := simulate.New(b, 2*m.Lattice().Spacing(0)) // a string moves by whole neurons
			arrays := simulate.NewArrays()
			spec, err := s.Spec(arrays)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			again, err := all.Decode(spec, arrays)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			back, err := again.Spec(simulate.NewArrays())
			if err != nil || string(back) != string(spec) {
				t.Errorf("%s: read back as %s, %v", name, back, err)
			}
			r, err := again.Frames(simulate.Count(3)).Run(t.Context())
			if err != nil || r.Stop.Reason != simulate.Finished {
				t.Errorf("%s: %v", name, err)
			}
		}
		if report := verify.Model(examples[0]); !report.Passed() {
			t.Errorf("%s is not verified: %v", th.Name, report)
		}
	}
}

// The energy density of every model that has one, and an energy, adds up to it, at the
// start and after a run: of the examples, and of Klein-Gordon fields with every Laplacian
// and every kind of end.
func TestEnergyDensity(t *testing.T) {
	models := map[string]theory.Builder{}
	for _, th := range all.Theories {
		for i, b := range th.Examples() {
			models[fmt.Sprintf("%s, example %d", th.Name, i)] = b
		}
	}
	for _, l := range []theory.Laplacian{nnfield.Order2, nnfield.Order4, nnfield.Spectral} {
		kg := nnfield.KleinGordon().Laplacian(l)
		hump := make([]float64, 48)
		hump[7], hump[8], hump[46] = 1, -0.5, 0.25
		models[fmt.Sprint("ring, ", l)] = kg.Ring(48, 12).Values(hump, hump).Potential(nnfield.Phi4(0.5, 1))
		models[fmt.Sprint("torus, ", l)] = kg.Torus(8, 4).PlaneWave(nnfield.Mode(1, 2)).Mass(0)
		models[fmt.Sprint("cube, ", l)] = kg.Cube(6, 3).PlaneWave(nnfield.Mode(1, 0, 2))
		if l != nnfield.Spectral { // which needs rings
			models[fmt.Sprint("line, ", l)] = kg.Line(48, 12, nnfield.Dirichlet, nnfield.Neumann).Values(hump, hump)
		}
	}
	tried := 0
	for name, b := range models {
		m, err := b.Build()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		dense, ok := m.(theory.Dense)
		if !ok {
			continue
		}
		r, err := simulate.New(b, 2*m.Lattice().Spacing(0)).Frames(simulate.Count(2)).Run(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, energy := range m.Invariants() {
			if energy.Name != "energy" {
				continue
			}
			tried++
			for _, s := range []*theory.State{m.Initial(), r.Last} {
				rho := make([]float64, m.Lattice().Sites())
				dense.EnergyDensity(rho, s)
				sum, size := 0.0, 0.0
				for _, e := range rho {
					sum += e * m.Lattice().CellVolume()
					size += math.Abs(e) * m.Lattice().CellVolume()
				}
				if e := energy.Value(theory.Snapshot{State: s}); math.Abs(sum-e) > 1e-12*size || size == 0 {
					t.Errorf("%s, t = %v: density adds up to %v, energy %v", name, s.Time, sum, e)
				}
			}
		}
	}
	if tried < 27 {
		t.Errorf("%d models with an energy and its density", tried)
	}
}

// Whoever writes a model has to put it into the table: the packages that declare one are
// those whose decoders stand there, and the names that they give are in it.
func TestNoTheoryIsForgotten(t *testing.T) {
	const module = "github.com/nnfield/nnfield/"
	known := map[string]bool{}
	for _, theory := range all.Theories {
		decoder := runtime.FuncForPC(reflect.ValueOf(theory.Decode).Pointer()).Name()
		known[strings.TrimPrefix(decoder[:strings.LastIndex(decoder, ".")], module)] = true
	}
	models := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			switch f.Name.Name {
			case "Numerics": // what every model declares itself
				models++
				if dir := "nnfield/" + filepath.ToSlash(filepath.Dir(strings.TrimPrefix(path, "../"))); !known[dir] {
					t.Errorf("%s declares a model, and no theory of the table is read by its package", path)
				}
			case "Theory":
				ast.Inspect(f.Body, func(n ast.Node) bool {
					if name, ok := n.(*ast.BasicLit); ok {
						if _, ok := all.Find(strings.Trim(name.Value, `"`)); !ok {
							t.Errorf("%s: the theory %s is not in the table", path, name.Value)
						}
					}
					return true
				})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if models < 9 {
		t.Errorf("%d models found; the test is out of date", models)
	}
}

// The README's table of theories is the table.
func TestREADME(t *testing.T) {
	const path, begin, end = "../../README.md", "<!-- theories -->\n", "<!-- end of theories -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no place for the table", path)
	}
	var table strings.Builder
	table.WriteString("\n| theory | what it is | from | builder |\n|---|---|---|---|\n")
	for _, theory := range all.Theories {
		fmt.Fprintf(&table, "| %s | %s | %s | `%s` |\n", theory.Name, theory.What, theory.Source, theory.Calls)
	}
	table.WriteString("\n")
	if want := before + begin + table.String() + end + after; want != string(b) {
		if !*update {
			t.Fatalf("%s does not have the theories of the table; run go test ./nnfield/all -update", path)
		}
		if err := os.WriteFile(path, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
