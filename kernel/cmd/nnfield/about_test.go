package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What is to be cited stands in CITATION.cff; cite says the same.
func TestCite(t *testing.T) {
	out, err := command(t, "cite")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../../../CITATION.cff")
	if err != nil {
		t.Fatal(err)
	}
	fields := regexp.MustCompile(`(?m)^ *(?:- )?(?:title|url|repository-code|journal|volume|year): *"?([^"\n\[]+)"?`).FindAllSubmatch(data, -1)
	if len(fields) < 10 {
		t.Fatalf("%d fields in CITATION.cff", len(fields))
	}
	for _, f := range fields {
		if !strings.Contains(out, "{"+strings.TrimSpace(string(f[1]))+"}") {
			t.Errorf("no %s in\n%s", f[1], out)
		}
	}
	if entries, want := strings.Count(out, "\n@")+1, strings.Count(string(data), "- type: article")+1; entries != want {
		t.Errorf("%d entries for %d works", entries, want)
	}
}

func TestAboutAndExamples(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", t.TempDir())
	t.Setenv("JUPYTER_PATH", "")
	out, err := command(t, "about")
	if err != nil || !strings.Contains(out, "not installed; nnfield install") || !strings.Contains(out, "Apache-2.0") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, name := range []string{"about", "examples"} {
		out, err := command(t, name, "--json")
		if err != nil || !json.Valid([]byte(out)) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	dir := t.TempDir()
	for _, want := range []string{"wrote " + dir + "/01-klein-gordon.ipynb", "as they were"} {
		if out, err := command(t, "examples", dir); err != nil || !strings.Contains(out, want) {
			t.Errorf("%v\n%s", err, out)
		}
	}
	if out, err := command(t, "examples"); err != nil || !strings.Contains(out, "01-klein-gordon.ipynb") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if out, err := command(t, "completion", shell); err != nil || !strings.Contains(out, "nnfield") {
			t.Errorf("%s: %v", shell, err)
		}
	}
	if out, err := command(t, "__complete", "ins"); err != nil || !strings.HasPrefix(out, "install\t") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Where there is no Jupyter, lab says what to install before it does anything.
func TestLabWithoutJupyter(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	if _, err := command(t, "lab", dir); err == nil || !strings.Contains(err.Error(), "pip install jupyterlab") {
		t.Errorf("error %v", err)
	}
	if _, err := command(t, "lab", "a", "b"); err == nil || !strings.Contains(err.Error(), "at most 1 arg") {
		t.Errorf("error %v", err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
		t.Errorf("wrote %v %v", list, err)
	}
}
