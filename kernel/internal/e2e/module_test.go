//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// What a user has who has no clone: `go install …@version` from a proxy, which
// here is a directory, and then `nnfield install` from anywhere.
func TestInstalledModule(t *testing.T) {
	version := module.Version{Path: "github.com/nnfield/nnfield", Version: fmt.Sprintf("v0.0.%d", time.Now().Unix())}
	proxy, bin := t.TempDir(), t.TempDir()
	publish(t, proxy, version)
	cache := ""
	for _, kv := range place.env {
		if v, ok := strings.CutPrefix(kv, "GOMODCACHE="); ok {
			cache = v
		}
	}
	t.Cleanup(func() { forget(t, cache, version) })
	// The checksum database is beyond this machine, and what of it is cached depends on what
	// was once downloaded: what is installed here was checked against go.sum.
	env := append(place.env, "GOPROXY=file://"+proxy+",file://"+filepath.Join(cache, "cache", "download"),
		"GOSUMDB=off", "GOFLAGS=", "GOBIN="+bin)
	command := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = t.TempDir(), env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v: %s", name, args, err, out)
		}
		return string(out)
	}
	command("go", "install", version.Path+"/kernel/cmd/nnfield@"+version.Version)
	program := filepath.Join(bin, "nnfield")
	if out := command(program, "version"); !strings.Contains(out, version.Version) {
		t.Errorf("version %s", out)
	}
	if out := command(program, "install"); !strings.Contains(out, "executed a figure cell") {
		t.Errorf("install: %s", out)
	}
	// Cells use the module, not the clone that this test runs in.
	var r struct {
		Version   string
		Toolchain struct{ Use []string }
	}
	data, err := os.ReadFile(filepath.Join(spec(), "nnfield.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil || r.Version != version.Version || len(r.Toolchain.Use) != 1 {
		t.Errorf("%v: %s", err, data)
	}
	command(program, "doctor")
	// A notebook in a user's own module that has nnfield as a tool.
	dir := t.TempDir()
	notebook := write(t, dir, "import \"github.com/nnfield/nnfield/nnfield\"\n\n%%\nfmt.Println(nnfield.KleinGordon().Ring(8, 8).MustBuild() != nil)")
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/mine\n\ngo 1.26\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"get", "-tool", version.Path + "/kernel/cmd/nnfield@" + version.Version}, {"tool", "nnfield", "run", notebook}} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v: %s", args, err, out)
		}
	}
	if got := outputs(t, filepath.Join(dir, "executed", "notebook.ipynb")); got[0] != "true\n" {
		t.Errorf("outputs %q", got)
	}
	command(program, "uninstall")
}

// publish writes the working copy as a version into a proxy.
func publish(t *testing.T, proxy string, v module.Version) {
	t.Helper()
	dir := filepath.Join(proxy, filepath.FromSlash(v.Path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(place.root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := json.Marshal(map[string]any{"Version": v.Version, "Time": time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{v.Version + ".mod": mod, v.Version + ".info": info, "list": []byte(v.Version + "\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, v.Version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(zip.CreateFromDir(f, v, place.root), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// forget removes a version from the module cache, which is this machine's.
func forget(t *testing.T, cache string, v module.Version) {
	dir := filepath.Join(cache, filepath.FromSlash(v.Path)+"@"+v.Version)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
	err = errors.Join(err, os.RemoveAll(dir))
	files, _ := filepath.Glob(filepath.Join(cache, "cache", "download", filepath.FromSlash(v.Path), "@v", v.Version+".*"))
	for _, path := range files {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		t.Errorf("the module cache keeps %v: %v", v, err)
	}
}
