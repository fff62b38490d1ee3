//go:build unix

package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/jupytertest"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

func TestMain(m *testing.M) {
	jupytertest.Main()
	os.Exit(m.Run())
}

var record = Record{Version: "v1.2.3", Toolchain: &toolchain.Toolchain{Dir: "/t", Go: "/go/bin/go", Settings: []string{"A=b"}, Use: []string{"/t/env"}}}

func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nnfield")
	if err := os.WriteFile(path, []byte("the program"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWriteAndRemove(t *testing.T) {
	data := filepath.Join(t.TempDir(), "share", "jupyter")
	dir := SpecDir(data)
	for range 2 { // new, and over an earlier one
		if err := Write(dir, program(t), record); err != nil {
			t.Fatal(err)
		}
	}
	got, err := ReadRecord(dir)
	if err != nil || !reflect.DeepEqual(got, record) {
		t.Errorf("record %+v %v", got, err)
	}
	spec, err := ReadSpec(dir)
	want := Spec{Argv: []string{filepath.Join(dir, "nnfield"), "kernel", "{connection_file}"},
		DisplayName: "nnfield (Go)", Language: "go", InterruptMode: "signal", Metadata: map[string]any{"nnfield": "v1.2.3"}}
	if err != nil || !reflect.DeepEqual(spec, want) {
		t.Errorf("spec %+v %v", spec, err)
	}
	if info, err := os.Stat(spec.Argv[0]); err != nil || info.Mode().Perm() != 0o755 || info.Size() != int64(len("the program")) {
		t.Errorf("program %v %v", info, err)
	}
	for _, name := range []string{"echarts.min.js", "echarts-gl.min.js", "logo-svg.svg"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := image.Decode(bytes.NewReader(b))
		if err != nil || m.Bounds().Dx() != size || m.Bounds().Dy() != size || m.At(size/2, 4*size/25) == ground || m.At(1, 1) != ground {
			t.Errorf("%s: %v", name, err)
		}
	}
	if found, ok := Find([]string{t.TempDir(), data}); !ok || found != dir {
		t.Errorf("found %q %v", found, ok)
	}
	if removed, err := Remove(dir); err != nil || !removed {
		t.Errorf("removed %v %v", removed, err)
	}
	if removed, err := Remove(dir); err != nil || removed {
		t.Errorf("removed again %v %v", removed, err)
	}
	if _, ok := Find([]string{data}); ok {
		t.Error("found after it was removed")
	}
	left(t, data, "kernels")
	left(t, filepath.Join(data, "kernels"))
}

// left fails if there is anything else in a directory.
func left(t *testing.T, dir string, want ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	var names []string
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("%s holds %q (%v), want %q", dir, names, err, want)
	}
}

func TestAnotherKernelIsLeftAlone(t *testing.T) {
	dir := SpecDir(t.TempDir())
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "kernel.json"), []byte("{}"), 0o644)); err != nil {
		t.Fatal(err)
	}
	_, removal := Remove(dir)
	for _, err := range []error{Write(dir, program(t), record), removal} {
		if err == nil || !strings.Contains(err.Error(), "was not written by nnfield; move it away") {
			t.Errorf("error %v", err)
		}
	}
	left(t, dir, "kernel.json")
}

// A failure leaves the earlier installation and nothing else.
func TestFailedWrite(t *testing.T) {
	data := t.TempDir()
	dir := SpecDir(data)
	if err := Write(dir, program(t), record); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, filepath.Join(data, "nothing"), Record{Version: "v2", Toolchain: record.Toolchain}); err == nil || !strings.Contains(err.Error(), "--prefix") {
		t.Errorf("error %v", err)
	}
	if r, err := ReadRecord(dir); err != nil || r.Version != "v1.2.3" {
		t.Errorf("record %+v %v", r, err)
	}
	left(t, data, "kernels")
	file := filepath.Join(data, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(SpecDir(file), program(t), record); err == nil || !strings.Contains(err.Error(), "cannot be installed") {
		t.Errorf("error %v", err)
	}
}

func TestDamagedInstallation(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"missing": "", "cut": `{"argv":`, "empty": "{}"} {
		for _, file := range []string{specFile, recordFile} {
			path := filepath.Join(dir, file)
			_ = os.Remove(path)
			if text != "" {
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, errSpec := ReadSpec(dir)
		_, errRecord := ReadRecord(dir)
		for _, err := range []error{errSpec, errRecord} {
			if err == nil || !strings.Contains(err.Error(), "run nnfield install again") {
				t.Errorf("%s: error %v", name, err)
			}
		}
	}
}

func TestSearchPath(t *testing.T) {
	for name, value := range map[string]string{
		"JUPYTER_PATH": "/a/:/b", "JUPYTER_DATA_DIR": "/data", "VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/usr", "HOME": "/home/x", "XDG_DATA_HOME": "",
	} {
		t.Setenv(name, value)
	}
	want := []string{"/a", "/b", "/data", "/venv/share/jupyter", "/usr/share/jupyter", "/usr/local/share/jupyter"}
	if got := SearchPath(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	t.Setenv("JUPYTER_DATA_DIR", "")
	if got, err := DataDir(); err != nil || got != "/home/x/.local/share/jupyter" && got != "/home/x/Library/Jupyter" {
		t.Errorf("%q %v", got, err)
	}
	t.Setenv("HOME", "")
	if _, err := DataDir(); err == nil || !strings.Contains(err.Error(), "set HOME") {
		t.Errorf("error %v", err)
	}
}

func TestProbes(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for name, value := range environment(jupytertest.Env(jupytertest.Obedient)) {
		t.Setenv(name, value)
	}
	s, err := Start(t.Context(), Spec{Argv: jupytertest.Argv()})
	if err != nil {
		t.Fatal(err)
	}
	want := func(outputs []notebook.Output) bool { return len(outputs) == 1 && outputs[0].Text() == "x" }
	took, err := s.Run(t.Context(), Probe{"good", "stdout x", want})
	if err != nil || took <= 0 || took > 10*time.Second {
		t.Errorf("%v %v", took, err)
	}
	for cell, want := range map[string]string{"stdout y": "did not show", "stderr why\nfail oh": "failed: oh\nwhy"} {
		_, err := s.Run(t.Context(), Probe{"bad", cell, func([]notebook.Output) bool { return false }})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	s.Close()
	left(t, os.Getenv("TMPDIR"))
	if _, err := Start(t.Context(), Spec{Argv: []string{"/nonexistent"}}); err == nil {
		t.Error("started a program that is not there")
	}
	left(t, os.Getenv("TMPDIR"))
}

func environment(env []string) map[string]string {
	all := map[string]string{}
	for _, kv := range env[len(env)-1:] { // what the role adds
		name, value, _ := strings.Cut(kv, "=")
		all[name] = value
	}
	return all
}

// What a probe wants is not shown by a kernel that shows something else.
func TestWants(t *testing.T) {
	output := func(text string) []notebook.Output {
		var o notebook.Output
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		return []notebook.Output{o}
	}
	hello := output(`{"output_type":"stream","name":"stdout","text":"hello\n"}`)
	figure := output(`{"output_type":"display_data","data":{"text/html":"<img src=x>"}}`)
	if !Hello.want(hello) || Hello.want(figure) || Hello.want(nil) || !Figure.want(figure) || Figure.want(hello) || Figure.want(nil) {
		t.Error("the probes do not tell their outputs apart")
	}
}
