//go:build e2e && linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// GoNB takes the later declaration.
func TestParams(t *testing.T) {
	path := write(t, t.TempDir(), "var mass, n = 1.5, 4", "%%\nfmt.Printf(\"%T %v, %T %v\\n\", mass, mass, n, n)")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tagged := strings.Replace(string(data), `"metadata":{}`, `"metadata":{"tags":["parameters"]}`, 1)
	if err := os.WriteFile(path, []byte(tagged), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := run(t, nnfield(), path); r.status != 0 || r.outputs[1] != "float64 1.5, int 4\n" {
		t.Errorf("status %d, outputs %q:\n%s", r.status, r.outputs, r.printed)
	}
	if r := run(t, nnfield(), path, "--param", "mass=2", "-p", "n=8"); r.status != 0 || r.outputs[2] != "float64 2, int 8\n" {
		t.Errorf("status %d, outputs %q:\n%s", r.status, r.outputs, r.printed)
	}
}

// A notebook that was executed passes --check, and fails it when its output changes.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "import (\n\t\"github.com/nnfield/nnfield/nnfield\"\n\t\"github.com/nnfield/nnfield/plotting\"\n)",
		"%%\nfmt.Println(1.0 / 3)\nplotting.Show(plotting.Weights(nnfield.KleinGordon().Ring(32, 8).Mass(1)))")
	out := filepath.Join(dir, "out")
	if printed, err := nnfield("run", "--in-place", "-o", out, path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	if printed, err := nnfield("run", "--check", "-o", out, path).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, printed)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), "0.3333333333333333", "0.3343333333333333", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	printed, err := nnfield("run", "--check", "-o", out, path).CombinedOutput()
	if err == nil || !strings.Contains(string(printed), "the outputs of cell 2 are not those stored") {
		t.Errorf("%v: %s", err, printed)
	}
	nothingLeft(t)
}
