//go:build e2e && linux

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The place of all tests: a cache, a temporary directory and a program of our own.
var place struct {
	root, dir, program string
	env                []string
}

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "e2e")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		place.root, err = filepath.Abs("../../..")
		if err != nil {
			panic(err)
		}
		place.dir, place.program = dir, filepath.Join(dir, "nnfield")
		build := exec.Command("go", "build", "-o", place.program, "./kernel/cmd/nnfield")
		build.Dir = place.root
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %s", err, out)
			return 1
		}
		for _, name := range []string{"cache", "tmp", "home"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
				panic(err)
			}
		}
		// An empty home and hostile settings, but the module and build caches of this machine.
		caches, err := exec.Command("go", "env", "GOMODCACHE", "GOCACHE", "GOPATH", "GOPROXY").Output()
		if err != nil {
			panic(err)
		}
		v := strings.Split(string(caches), "\n")
		place.env = append(os.Environ(), "GOMODCACHE="+v[0], "GOCACHE="+v[1], "GOPATH="+v[2], "GOPROXY="+v[3],
			"HOME="+filepath.Join(dir, "home"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "TMPDIR="+filepath.Join(dir, "tmp"))
		start := time.Now()
		if code := m.Run(); code != 0 {
			return code
		}
		fmt.Printf("e2e: %.1f s\n", time.Since(start).Seconds())
		return 0
	}())
}

// write writes a notebook of code cells and returns its path.
func write(t *testing.T, dir string, cells ...string) string {
	t.Helper()
	list := []any{}
	for _, source := range cells {
		list = append(list, map[string]any{"cell_type": "code", "metadata": map[string]any{}, "source": source, "execution_count": nil, "outputs": []any{}})
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "notebook.ipynb")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// nnfield returns the command, to be started in the working copy.
func nnfield(args ...string) *exec.Cmd {
	cmd := exec.Command(place.program, args...)
	cmd.Dir, cmd.Env = place.root, place.env
	return cmd
}

// result is what a run gave: the exit status, the printed lines and the outputs
// of each cell, texts joined.
type result struct {
	status  int
	printed string
	outputs []string
	took    time.Duration
}

func run(t *testing.T, cmd *exec.Cmd, notebook string, args ...string) result {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	cmd.Args = append(cmd.Args, append([]string{"run", "-o", out, notebook}, args...)...)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	start := time.Now()
	err := cmd.Run()
	r := result{took: time.Since(start), printed: printed.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	r.outputs = outputs(t, filepath.Join(out, "notebook.ipynb"))
	if page, err := os.ReadFile(filepath.Join(out, "notebook.html")); err != nil || !bytes.HasPrefix(page, []byte("<!DOCTYPE html>")) {
		t.Errorf("no page: %v", err)
	}
	nothingLeft(t)
	return r
}

func outputs(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Outputs []struct {
				Type string `json:"output_type"`
				Text []string
				Data map[string]any
			}
		}
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range nb.Cells {
		text := ""
		for _, o := range c.Outputs {
			text += strings.Join(o.Text, "")
			if o.Type == "display_data" {
				text += fmt.Sprint(o.Data["text/plain"])
			}
		}
		all = append(all, text)
	}
	return all
}

// nothingLeft fails if a process of the run or a temporary file is still there.
// All processes of a run have the temporary directory in their environment.
func nothingLeft(t *testing.T) {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(place.dir, "tmp"))
	if err != nil || len(list) != 0 {
		t.Errorf("temporary files left behind: %v %v", list, err)
	}
	processes, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range processes {
		if env, err := os.ReadFile(path); err == nil && bytes.Contains(env, []byte("TMPDIR="+place.dir)) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			t.Errorf("process left behind: %s", bytes.ReplaceAll(name, []byte{0}, []byte{' '}))
		}
	}
}

const display = `import "github.com/nnfield/nnfield/kernel/display"`

func TestFirstAndSecondRun(t *testing.T) {
	notebook := write(t, t.TempDir(),
		display+"\n\nfunc show(text string) {\n\tif err := display.Show(display.Bundle{Data: map[string]any{\"text/plain\": text}}); err != nil {\n\t\tpanic(err)\n\t}\n}",
		"%%\nfmt.Println(\"hello\")\nshow(\"figure\")",
		// What is printed and what is shown come by two pipes.
		"%%\nfor i := range 10 {\n\tfmt.Print(i)\n\tshow(\"|\")\n}",
	)
	cache := "XDG_CACHE_HOME=" + t.TempDir() // not that of the other tests
	emptyFirst := func() *exec.Cmd {
		cmd := nnfield()
		cmd.Env = append(cmd.Env, cache)
		return cmd
	}
	first := run(t, emptyFirst(), notebook)
	second := run(t, emptyFirst(), notebook)
	for _, r := range []result{first, second} {
		if r.status != 0 || r.outputs[1] != "hello\n[figure]" {
			t.Errorf("status %d, outputs %q:\n%s", r.status, r.outputs, r.printed)
		}
		if want := "0[|]1[|]2[|]3[|]4[|]5[|]6[|]7[|]8[|]9[|]"; r.outputs[2] != want {
			t.Errorf("order: %s", r.outputs[2])
		}
	}
	for _, phase := range []string{"downloading modules ... ", "building the kernel ... ", "compiling packages for the first cells ... "} {
		if !strings.Contains(first.printed, phase) || strings.Contains(second.printed, phase) {
			t.Errorf("%s in the first run only:\n%s%s", phase, first.printed, second.printed)
		}
	}
	if second.took > 20*time.Second {
		t.Errorf("the second run took %v", second.took)
	}
	t.Logf("first run %.1f s, second %.1f s", first.took.Seconds(), second.took.Seconds())
}

func TestPinnedAndOffline(t *testing.T) {
	notebook := write(t, t.TempDir(),
		"import (\n\t\"runtime/debug\"\n\n\t\"github.com/spf13/cobra\"\n\t\"gonum.org/v1/gonum/mat\"\n\t\"gonum.org/v1/plot\"\n)",
		"%%\n_ = cobra.Command{}\n_ = plot.New()\nfmt.Println(mat.Det(mat.NewDiagDense(2, []float64{2, 3})))\n"+
			"info, _ := debug.ReadBuildInfo()\nfor _, m := range info.Deps {\n\tfmt.Println(m.Path, m.Version)\n}")
	run(t, nnfield(), notebook) // with network, if anything is missing
	cmd := nnfield()
	cmd.Env = append(cmd.Env, "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	r := run(t, cmd, notebook)
	if r.status != 0 {
		t.Fatalf("status %d:\n%s", r.status, r.printed)
	}
	required, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "github.com/spf13/cobra", "gonum.org/v1/gonum", "gonum.org/v1/plot").Output()
	if err != nil {
		t.Fatal(err)
	}
	for want := range strings.Lines("6\n" + string(required)) {
		if !strings.Contains(r.outputs[1], want) {
			t.Errorf("no %q in\n%s", want, r.outputs[1])
		}
	}
}

// The notebook's own directory has a strange name, a module and a workspace.
func TestStrangeDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odd dir, ü")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"go.mod": "module odd\n\ngo 1.20\n", "go.work": "go 1.20\n\nuse .\n", "data.txt": "found"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	notebook := write(t, dir, display, "%%\nb, err := os.ReadFile(\"data.txt\")\nfmt.Print(string(b), err, display.InNotebook())")
	if r := run(t, nnfield(), notebook); r.status != 0 || r.outputs[1] != "found<nil>true" && r.outputs[1] != "found<nil> true" {
		t.Errorf("status %d, outputs %q:\n%s", r.status, r.outputs, r.printed)
	}
}

func TestFailingCells(t *testing.T) {
	for name, c := range map[string]struct{ cell, want string }{
		"panic":    {"%%\nvar x []int\nfmt.Println(x[3])", "index out of range [3] with length 0"},
		"exit":     {"%%\nos.Exit(3)", "exit status 3"},
		"compiler": {"%%\nfmt.Println(\"a\" + 1)", "mismatched types"},
		"syntax":   {"%%\nfmt.Println(", "expected"},
		"import":   {"import \"github.com/nnfield/nnfield/nothing\"\n%%\n_ = nothing.X", "nothing"},
	} {
		r := run(t, nnfield(), write(t, t.TempDir(), "%%\nfmt.Println(\"before\")", c.cell, "%%\nfmt.Println(\"after\")"))
		_, report, _ := strings.Cut(r.printed, "nnfield: ")
		if r.status != 1 || r.outputs[0] != "before\n" || r.outputs[2] != "" || !strings.Contains(report, "cell 2 of 3 failed") || !strings.Contains(report, c.want) {
			t.Errorf("%s: status %d, outputs %q:\n%s", name, r.status, r.outputs, r.printed)
		}
	}
}

func TestTimeout(t *testing.T) {
	r := run(t, nnfield(), write(t, t.TempDir(), "%%\nfmt.Println(\"a\")\ntime.Sleep(time.Minute)"), "--timeout", "1500ms")
	if r.status != 1 || !strings.HasPrefix(r.outputs[0], "a\n") || !strings.Contains(r.printed, "allow more with --timeout") || r.took > 20*time.Second {
		t.Errorf("status %d after %v, outputs %q:\n%s", r.status, r.took, r.outputs, r.printed)
	}
}

// What Ctrl-C does in a terminal: SIGINT to the foreground group, which is
// nnfield alone or the go command that started it.
func TestCtrlC(t *testing.T) {
	goTool := func() *exec.Cmd {
		cmd := exec.Command("go", "tool", "nnfield")
		cmd.Dir, cmd.Env = place.root, place.env
		return cmd
	}
	for name, c := range map[string]struct {
		cmd  *exec.Cmd
		cell string
	}{
		"sleeping cell":     {nnfield(), "time.Sleep(time.Minute)"},
		"child of the cell": {nnfield(), "exec.Command(\"sleep\", \"60\").Run()\ntime.Sleep(time.Minute)"},
		"shell":             {nnfield(), "!sleep 60"},
		"deaf cell":         {nnfield(), "signal.Ignore(os.Interrupt)\ntime.Sleep(time.Minute)"},
		"go tool":           {goTool(), "time.Sleep(time.Minute)"},
	} {
		t.Run(name, func(t *testing.T) {
			marker := filepath.Join(t.TempDir(), "marker")
			cell := fmt.Sprintf("%%%%\n!touch '%s'\n%s", marker, c.cell)
			if !strings.HasPrefix(c.cell, "!") {
				cell = fmt.Sprintf("%%%%\nos.WriteFile(%q, nil, 0o644)\n%s", marker, c.cell)
			}
			c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			sent := make(chan time.Time, 1)
			go func() {
				waitFor(marker)
				time.Sleep(100 * time.Millisecond)
				sent <- time.Now()
				_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGINT)
			}()
			r := run(t, c.cmd, write(t, t.TempDir(), cell, "%%\nfmt.Println(\"after\")"))
			if r.status != 130 || r.outputs[1] != "" || !strings.Contains(r.printed, "nnfield: interrupted") {
				t.Errorf("status %d, outputs %q:\n%s", r.status, r.outputs, r.printed)
			}
			t.Logf("%.2f s after Ctrl-C", time.Since(<-sent).Seconds())
		})
	}
}

// waitFor waits until there is a file, a minute at most.
func waitFor(path string) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
	}
}

// A kill -9 leaves files, but no process.
func TestKilled(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "marker")
	cmd := nnfield("run", "-o", filepath.Join(t.TempDir(), "out"),
		write(t, t.TempDir(), fmt.Sprintf("%%%%\nos.WriteFile(%q, nil, 0o644)\ntime.Sleep(time.Minute)", marker)))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(marker)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	time.Sleep(time.Second)
	if err := os.RemoveAll(filepath.Join(place.dir, "tmp")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(place.dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t)
}

// A notebook executed twice is the same file, and so is its page. Traces of
// panics are not tried: GoNB puts the cell's line into them only if it reads the
// file's name and number at once.
func TestSameBytes(t *testing.T) {
	notebook := write(t, t.TempDir(), display, "%%\nfmt.Println(\"x\")\ndisplay.Update(\"id\", display.Bundle{Data: map[string]any{\"text/plain\": \"y\"}})",
		"%%\nx := 1", "%%\nfmt.Fprintln(os.Stderr, \"z\")")
	var previous []byte
	for range 2 {
		out := filepath.Join(t.TempDir(), "out")
		if err := nnfield("run", "--keep-going", "-o", out, notebook).Run(); err == nil {
			t.Fatal("an unused variable passed")
		}
		var all []byte
		for _, name := range []string{"notebook.ipynb", "notebook.html"} {
			data, err := os.ReadFile(filepath.Join(out, name))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, data...)
		}
		if previous != nil && !bytes.Equal(all, previous) {
			t.Errorf("two executions differ:\n%s\n%s", previous, all)
		}
		previous = all
	}
}
