//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// spec is where the kernel is installed in the home of the tests.
func spec() string {
	return filepath.Join(place.dir, "home", ".local", "share", "jupyter", "kernels", "nnfield")
}

// installed installs the kernel and returns what was printed.
func installed(t *testing.T) string {
	t.Helper()
	out, err := nnfield("install").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { nothingLeft(t) })
	return string(out)
}

func TestInstall(t *testing.T) {
	printed := installed(t)
	for _, want := range []string{"installed the kernel \"nnfield (Go)\" in " + spec(), "executed a hello cell", "executed a figure cell"} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in:\n%s", want, printed)
		}
	}
	if strings.Contains(printed, "Jupyter") {
		t.Errorf("Jupyter would not find it:\n%s", printed)
	}
	// What `go tool` installs does not name the temporary file that it runs.
	tool := exec.Command("go", "tool", "nnfield", "install")
	tool.Dir, tool.Env = place.root, place.env
	if out, err := tool.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(spec(), "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var k struct{ Argv []string }
	if err := json.Unmarshal(data, &k); err != nil || k.Argv[0] != filepath.Join(spec(), "nnfield") {
		t.Errorf("argv %q %v", k.Argv, err)
	}
	nothingLeft(t)
	out, err := nnfield("uninstall").CombinedOutput()
	if _, stat := os.Stat(spec()); err != nil || !strings.Contains(string(out), "removed "+spec()) || !os.IsNotExist(stat) {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := nnfield("uninstall").CombinedOutput(); err == nil || !strings.Contains(string(out), "no kernel is installed in "+spec()) {
		t.Errorf("%v: %s", err, out)
	}
}

// With a prefix nothing goes to the home, and Jupyter has to be told. Elsewhere the
// program of a working copy does not know which nnfield to use; that of an
// installation does.
func TestInstallPrefix(t *testing.T) {
	prefix := filepath.Join(t.TempDir(), "some where")
	out, err := nnfield("install", "--prefix", prefix).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "unless JUPYTER_PATH names "+filepath.Join(prefix, "share", "jupyter")) {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(spec()); !os.IsNotExist(err) {
		t.Error("something was installed in the home")
	}
	// Its program executes notebooks with the nnfield it was installed for, anywhere.
	elsewhere := t.TempDir()
	program := nnfield()
	program.Path, program.Dir = filepath.Join(prefix, "share", "jupyter", "kernels", "nnfield", "nnfield"), elsewhere
	if r := run(t, program, write(t, elsewhere, display+"\n%%\nfmt.Println(display.InNotebook(), display.Live())")); r.status != 0 || len(r.outputs) != 1 || r.outputs[0] != "true false\n" {
		t.Errorf("status %d, outputs %q:\n%s", r.status, r.outputs, r.printed)
	}
	if out, err := nnfield("uninstall", "--prefix", prefix).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// The tutorial executed by Jupyter's own nbconvert with the installed kernel, in
// a hostile environment, passes the check of nnfield run: all outputs are equal.
func TestNbconvert(t *testing.T) {
	jupyter, err := exec.LookPath("jupyter-nbconvert")
	if err != nil {
		t.Fatal("no jupyter-nbconvert in PATH (Debian: apt-get install jupyter-nbconvert)")
	}
	installed(t)
	dir := t.TempDir()
	tutorial := filepath.Join(place.root, "notebooks", "01-klein-gordon.ipynb")
	cmd := exec.Command(jupyter, "--to", "notebook", "--execute", "--ExecutePreprocessor.kernel_name=nnfield", "--output-dir", dir, "--output", "notebook.ipynb", tutorial)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + filepath.Join(place.dir, "home"), "TMPDIR=" + t.TempDir(), "NNFIELD_STORE=" + t.TempDir(),
		"GOFLAGS=-mod=vendor", "GOWORK=off", "GOPROXY=http://127.0.0.1:1"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if r := run(t, nnfield(), filepath.Join(dir, "notebook.ipynb"), "--check", "--digits", "15"); r.status != 0 || len(r.outputs) < 10 {
		t.Errorf("status %d:\n%s", r.status, r.printed)
	}
}
