package all_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/verify"
)

var update = flag.Bool("update", false, "write the README's table anew")

// Every example is a model of its theory, is read back from its Spec as the same model,
// runs, and has a report in which a claim passes and none fails.
func TestTheories(t *testing.T) {
	for _, theory := range all.Theories {
		if found, ok := all.Find(theory.Name); !ok || found.Calls != theory.Calls {
			t.Errorf("%s: not found by its name", theory.Name)
		}
		examples := theory.Examples()
		if len(examples) == 0 {
			t.Errorf("%s has no example", theory.Name)
		}
		for i, b := range examples {
			name := fmt.Sprintf("%s, example %d", theory.Name, i)
			m, err := b.Build()
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if m.Theory() != theory.Name {
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
			t.Errorf("%s is not verified: %v", theory.Name, report)
		}
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
