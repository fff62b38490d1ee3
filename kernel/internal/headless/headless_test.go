//go:build unix

package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/jupyter"
	"github.com/nnfield/nnfield/kernel/internal/jupytertest"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

func TestMain(m *testing.M) {
	jupytertest.Main()
	os.Exit(m.Run())
}

// write writes a notebook of code cells, each with a stale output, and returns its path.
func write(t *testing.T, dir, name string, cells ...string) string {
	t.Helper()
	list := []any{}
	for _, source := range cells {
		list = append(list, map[string]any{"cell_type": "code", "metadata": map[string]any{}, "source": source, "execution_count": 9,
			"outputs": []any{map[string]any{"output_type": "stream", "name": "stdout", "text": "stale"}}})
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

var fake = Kernel{Argv: jupytertest.Argv(), Env: jupytertest.Env(jupytertest.Obedient)}

// outputs returns the text of each cell's outputs in a notebook.
func outputs(t *testing.T, path string) []string {
	t.Helper()
	nb, err := notebook.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range nb.Cells {
		text := ""
		for _, o := range c.Outputs() {
			text += o.Text()
		}
		all = append(all, text)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.ipynb", "stdout one", " \n", "stdout two")
	source := read(t, path)
	var log bytes.Buffer
	job := Job{Notebooks: []string{path}, Dir: filepath.Join(dir, "new", "out"), Log: &log}
	if err := errors.Join(job.Check(), job.Run(t.Context(), fake)); err != nil {
		t.Fatal(err)
	}
	result := filepath.Join(job.Dir, "a.ipynb")
	if got := outputs(t, result); strings.Join(got, ",") != "one,,two" {
		t.Errorf("outputs %q", got)
	}
	page := read(t, filepath.Join(job.Dir, "a.html"))
	if !strings.Contains(page, "<pre>two</pre>") || strings.Contains(page, "stale") {
		t.Errorf("page:\n%s", page)
	}
	want := regexp.MustCompile(`^\S+a\.ipynb\n\[1/2\] +\d+\.\d\d s  stdout one\n\[2/2\] +\d+\.\d\d s  stdout two\nwrote \S+a\.ipynb and \S+a\.html\n$`)
	if !want.MatchString(log.String()) {
		t.Errorf("log:\n%s", log.String())
	}
	if read(t, path) != source {
		t.Error("the source was changed without --in-place")
	}
	// The same again gives the same bytes; in place too.
	first := read(t, result)
	job.InPlace = true
	if err := job.Run(t.Context(), fake); err != nil {
		t.Fatal(err)
	}
	if read(t, result) != first || read(t, path) != first {
		t.Error("a second execution gave other bytes, or was not written in place")
	}
	if err := job.Run(t.Context(), fake); err != nil {
		t.Fatal(err)
	}
	if read(t, path) != first {
		t.Error("executing what was written in place gave other bytes")
	}
}

func TestFailureStops(t *testing.T) {
	dir := t.TempDir()
	bad := write(t, dir, "bad.ipynb", "stdout one", "// a comment\n%%\nstderr panic: oh\\nfail undefined: x\nfail undefined: x", "stdout three")
	next := write(t, dir, "next.ipynb", "stdout next")
	source := read(t, bad)
	job := Job{Notebooks: []string{bad, next}, Dir: filepath.Join(dir, "out"), InPlace: true, Log: new(bytes.Buffer)}
	err := job.Run(t.Context(), fake)
	var cell *CellError
	if !errors.As(err, &cell) || cell.Cell != 2 || cell.Cells != 3 || cell.Line != `stderr panic: oh\nfail undefined: x` {
		t.Fatalf("error %#v", err)
	}
	for _, want := range []string{bad + ": cell 2 of 3 failed: ", "\n    undefined: x"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if got := outputs(t, filepath.Join(job.Dir, "bad.ipynb")); got[0] != "one" || got[2] != "" {
		t.Errorf("outputs %q", got)
	}
	if read(t, bad) != source {
		t.Error("a notebook with a failed cell was replaced in place")
	}
	if _, err := os.Stat(filepath.Join(job.Dir, "next.ipynb")); err == nil {
		t.Error("the next notebook was executed")
	}
	job.KeepGoing = true
	if err := job.Run(t.Context(), fake); err == nil {
		t.Error("no error with --keep-going")
	}
	if got := outputs(t, filepath.Join(job.Dir, "bad.ipynb")); got[2] != "three" {
		t.Errorf("outputs %q", got)
	}
	if got := outputs(t, filepath.Join(job.Dir, "next.ipynb")); got[0] != "next" {
		t.Errorf("outputs %q", got)
	}
}

func TestErrorText(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		stderr string
		want   string
	}{
		"panic": {&jupyter.CellError{Value: "exit status 2", Traceback: []string{"exit status 2"}}, "panic: oh\n\nmain.main()\n\x1b[7mCell\x1b[0m\nexit status 2\n",
			"nb: cell 2 of 3 failed: f()\n    exit status 2\n    panic: oh\n    main.main()\n    Cell"},
		"compiler": {&jupyter.CellError{Value: "all of it", Traceback: []string{"# cell", "Cell[1]: Line 2\n\n\x1b[31mundefined: x\x1b[0m", ""}}, "",
			"nb: cell 2 of 3 failed: f()\n    # cell\n    Cell[1]: Line 2\n    undefined: x"},
		"timeout": {jupyter.ErrTimeout, "", "nb: cell 2 of 3 failed: f()\n    " + jupyter.ErrTimeout.Error()},
	} {
		e := &CellError{Notebook: "nb", Cell: 2, Cells: 3, Line: "f()", Err: c.err, Stderr: c.stderr}
		if e.Error() != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, e.Error(), c.want)
		}
	}
}

func TestTimeout(t *testing.T) {
	dir := t.TempDir()
	job := Job{Notebooks: []string{write(t, dir, "a.ipynb", "sleep")}, Dir: filepath.Join(dir, "out"), Timeout: 50 * time.Millisecond, Log: new(bytes.Buffer)}
	err := job.Run(t.Context(), fake)
	if !errors.Is(err, jupyter.ErrTimeout) || !strings.Contains(err.Error(), "after 50ms; allow more with --timeout") {
		t.Errorf("error %v", err)
	}
	if got := outputs(t, filepath.Join(job.Dir, "a.ipynb")); got[0] != "^C" {
		t.Errorf("outputs %q", got)
	}
}

func TestCancel(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(dir))
	job := Job{
		Notebooks: []string{write(t, dir, "a.ipynb", "stdout one", "sleep", "stdout three"), write(t, dir, "b.ipynb", "stdout b")},
		Dir:       filepath.Join(dir, "out"), KeepGoing: true, Log: new(bytes.Buffer),
	}
	reason := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(400*time.Millisecond, func() { cancel(reason) })
	if err := job.Run(ctx, fake); !errors.Is(err, reason) {
		t.Errorf("error %v", err)
	}
	if got := outputs(t, filepath.Join(job.Dir, "a.ipynb")); strings.Join(got, ",") != "one,^C," {
		t.Errorf("outputs %q", got)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 3 {
		t.Errorf("left behind: %v %v", list, err)
	}
}

func TestKernelDeath(t *testing.T) {
	dir := t.TempDir()
	job := Job{Notebooks: []string{write(t, dir, "a.ipynb", "stdout one", "die", "stdout three")}, Dir: filepath.Join(dir, "out"), KeepGoing: true, Log: new(bytes.Buffer)}
	err := job.Run(t.Context(), fake)
	if err == nil || !strings.Contains(err.Error(), "cell 2 of 3") || !strings.Contains(err.Error(), "something terrible") {
		t.Errorf("error %v", err)
	}
	if got := outputs(t, filepath.Join(job.Dir, "a.ipynb")); strings.Join(got, ",") != "one,," {
		t.Errorf("outputs %q", got)
	}
	err = job.Run(t.Context(), Kernel{Argv: jupytertest.Argv(), Env: jupytertest.Env(jupytertest.Dies)})
	if err == nil || !strings.Contains(err.Error(), "a.ipynb: the kernel died") {
		t.Errorf("error %v", err)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other")
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	a, b := write(t, dir, "a.ipynb"), write(t, other, "a.ipynb")
	empty := filepath.Join(dir, "empty.ipynb")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for want, job := range map[string]Job{
		"would both be written":         {Notebooks: []string{a, b}, Dir: filepath.Join(dir, "out")},
		"would be overwritten":          {Notebooks: []string{a}, Dir: dir},
		"no such file":                  {Notebooks: []string{a, filepath.Join(dir, "missing.ipynb")}, Dir: other + "x"},
		"empty or cut short":            {Notebooks: []string{empty}, Dir: other},
		"timeout -1s; it must not be n": {Notebooks: []string{a}, Dir: other + "x", Timeout: -time.Second},
	} {
		err := job.Check()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := (Job{Notebooks: []string{a}, Dir: filepath.Join(dir, "out")}).Check(); err != nil {
		t.Error(err)
	}
}

func TestUnwritableResults(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.ipynb", "stdout one")
	job := Job{Notebooks: []string{path}, Dir: path, Log: new(bytes.Buffer)} // a file is no directory
	if err := job.Run(t.Context(), fake); err == nil || !strings.Contains(err.Error(), "choose another with -o") {
		t.Errorf("error %v", err)
	}
}

func TestClean(t *testing.T) {
	out := []notebook.Output{
		{"text": "\t/tmp/run-1/tmp/gonb_1a2b3c4d/main.go:13\ngonb_1a2b3c4dx"},
		{"evalue": "# gonb_1a2b3c4d", "traceback": []any{"gonb_00000000 x"}},
	}
	clean(out, "/tmp/run-1/tmp")
	if out[0].Text() != "\tcell/main.go:13\ngonb_1a2b3c4dx" || out[1]["evalue"] != "# cell" || out[1].Traceback()[0] != "cell x" {
		t.Errorf("%v", out)
	}
}

// A bar that was updated to nothing leaves no trace; a cell may still update what
// an earlier cell emptied.
func TestBlankOutputs(t *testing.T) {
	for o, want := range map[*notebook.Output]bool{
		{"output_type": "display_data", "data": map[string]any{"text/plain": "", "text/html": ""}}:  true,
		{"output_type": "display_data", "data": map[string]any{"text/plain": "", "text/html": "x"}}: false,
		{"output_type": "display_data", "data": map[string]any{"application/json": 7}}:              false,
		{"output_type": "stream", "name": "stdout", "text": ""}:                                     false,
	} {
		if blank(*o) != want {
			t.Errorf("%v: %v", *o, !want)
		}
	}
	dir := t.TempDir()
	job := Job{Notebooks: []string{write(t, dir, "a.ipynb", "show 1 bar\nupdate 1 \nstdout a", "show 2 \nstdout b", "update 2 now")}, Dir: filepath.Join(dir, "out"), Log: new(bytes.Buffer)}
	if err := job.Run(t.Context(), fake); err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Read(filepath.Join(job.Dir, "a.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	if first := nb.Cells[0].Outputs(); len(first) != 1 || first[0].Text() != "a" {
		t.Errorf("%v", first)
	}
	if second := nb.Cells[1].Outputs(); len(second) != 2 || second[0].Data("text/plain") != "now" {
		t.Errorf("%v", second)
	}
}

func TestFirstLine(t *testing.T) {
	for source, want := range map[string]string{
		"%%\n\n  r := run()\nmore":  "r := run()",
		"// only a comment":         "// only a comment",
		"%%":                        "%%",
		"%% --flag\nx":              "%% --flag",
		strings.Repeat("φ", 100):    strings.Repeat("φ", 59) + "…",
		"\n// what\nvar kg = 1\n%%": "var kg = 1",
	} {
		if got := firstLine(source); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}

// What a progress bar leaves between two prints does not show in the file.
func TestSettleJoinsStreams(t *testing.T) {
	stream := func(name, text string) notebook.Output {
		return notebook.Output{"output_type": "stream", "name": name, "text": text}
	}
	bar := notebook.Output{"output_type": "display_data", "data": map[string]any{"text/plain": "", "text/html": ""}, "metadata": map[string]any{}}
	picture := notebook.Output{"output_type": "display_data", "data": map[string]any{"text/plain": "x"}, "metadata": map[string]any{}}
	got := settle([]notebook.Output{stream("stdout", "a\n"), bar, stream("stdout", "b\n"), picture, stream("stdout", "c\n"), stream("stderr", "d\n")})
	var text []string
	for _, o := range got {
		text = append(text, o.Text())
	}
	if want := []string{"a\nb\n", "", "c\n", "d\n"}; !slices.Equal(text, want) {
		t.Errorf("got %q, want %q", text, want)
	}
}
