package lab

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCopyTutorials(t *testing.T) {
	all, err := Tutorials()
	if err != nil || len(all) < 2 || all[0].Name != "01-klein-gordon.ipynb" || all[0].Title == "" {
		t.Fatalf("%+v %v", all, err)
	}
	dir := filepath.Join(t.TempDir(), "new", "tutorials")
	first := filepath.Join(dir, all[0].Name)
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(first, []byte("my work"), 0o644)); err != nil {
		t.Fatal(err)
	}
	copied, err := CopyTutorials(dir)
	if err != nil || len(copied) != len(all)-1 || slices.Contains(copied, first) {
		t.Errorf("copied %q %v", copied, err)
	}
	if data, err := os.ReadFile(first); err != nil || string(data) != "my work" {
		t.Errorf("overwritten: %q %v", data, err)
	}
	original, err := os.ReadFile(filepath.Join("../../../notebooks", all[1].Name))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(copied[0]); err != nil || string(data) != string(original) {
		t.Errorf("not the tutorial: %v", err)
	}
	if again, err := CopyTutorials(dir); err != nil || len(again) != 0 {
		t.Errorf("copied again %q %v", again, err)
	}
	if _, err := CopyTutorials(first); err == nil || !strings.Contains(err.Error(), "choose a directory") {
		t.Errorf("error %v", err)
	}
}

func TestFrontEnds(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if _, err := FindFrontEnd(); err == nil || !strings.Contains(err.Error(), "apt-get install jupyter-notebook") || !strings.Contains(err.Error(), "pip install jupyterlab") {
		t.Errorf("error %v", err)
	}
	for _, c := range []struct{ program, root string }{ // what is found goes before what was there
		{"jupyter-notebook", "--notebook-dir=/d"},
		{"jupyter-lab", "--ServerApp.root_dir=/d"},
	} {
		path := filepath.Join(bin, c.program)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := FindFrontEnd()
		want := []string{path, c.root, "--MultiKernelManager.default_kernel_name=nnfield", "--ip=127.0.0.1", "--port=1"}
		if got := f.Command("/d", "--port=1"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q %v, want %q", got, err, want)
		}
		want = append(want[:3], "--port=1", "--ip=0.0.0.0")
		if got := f.Command("/d", "--port=1", "--ip=0.0.0.0"); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
