//go:build unix

package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeGo returns a go command that is a shell script: it notes its arguments in
// the file "calls" and does what body says.
func fakeGo(t *testing.T, body string) (*goCommand, func() []string) {
	t.Helper()
	dir := t.TempDir()
	path, calls := filepath.Join(dir, "go"), filepath.Join(dir, "calls")
	script := "#!/bin/sh\necho \"$(basename \"$PWD\"): $*\" >> '" + calls + "'\n" + body + "\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	g := &goCommand{path: path, vars: map[string]string{"GOVERSION": "go1.26", "GOMODCACHE": "/mod cache", "GOPROXY": "https://example.org,direct"}}
	return g, func() []string {
		data, _ := os.ReadFile(calls)
		return strings.Split(strings.TrimSpace(string(data)), "\n")
	}
}

// installs is the body of a go command whose install makes the programs.
const installs = `if [ "$1" = install ]; then for p in gonb goimports go; do echo "$p" > "$GOBIN/$p"; chmod 755 "$GOBIN/$p"; done; fi`

// testSource writes an nnfield with a go.mod and a go.sum.
func testSource(t *testing.T, version string) *source {
	t.Helper()
	dir := t.TempDir()
	mod := "module " + modulePath + "\n\ngo 1.26\n\ntool github.com/janpfeifer/gonb\n\nrequire gonum.org/v1/gonum v0.17.0\n\nrequire (\n\tgithub.com/BurntSushi/toml v1.4.1 // indirect\n)\n"
	for name, text := range map[string]string{"go.mod": mod, "go.sum": "a v1 h1:x=\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := &source{dir: dir, version: version}
	if version != "" {
		s.sums = []string{modulePath + " " + version + " h1:y="}
	}
	return s
}

func testEnvironment(t *testing.T, version string) *environment {
	t.Helper()
	e, err := testSource(t, version).environment()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEnvironment(t *testing.T) {
	const requires = "\tgonum.org/v1/gonum v0.17.0\n\tgithub.com/BurntSushi/toml v1.4.1 // indirect\n)\n"
	const head = "// Written by nnfield: what notebook cells may import.\n\nmodule nnfield.env\n\ngo 1.26\n\nrequire (\n"
	s := testSource(t, "")
	clone, err := s.environment()
	if err != nil {
		t.Fatal(err)
	}
	if string(clone.mod) != head+requires || string(clone.sum) != "a v1 h1:x=\n" || !slices.Equal(clone.use, []string{s.dir}) {
		t.Errorf("clone:\n%s%s%v", clone.mod, clone.sum, clone.use)
	}
	installed := testEnvironment(t, "v1.2.3")
	if want := head + "\t" + modulePath + " v1.2.3\n" + requires; string(installed.mod) != want || installed.use != nil {
		t.Errorf("installed:\n%s%v", installed.mod, installed.use)
	}
	if want := "a v1 h1:x=\n" + modulePath + " v1.2.3 h1:y=\n"; string(installed.sum) != want {
		t.Errorf("installed:\n%s", installed.sum)
	}
}

func TestEnvironmentErrors(t *testing.T) {
	s := testSource(t, "")
	if err := os.WriteFile(filepath.Join(s.dir, "go.mod"), []byte("modul x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.environment(); err == nil || !strings.Contains(err.Error(), "nnfield's go.mod") {
		t.Errorf("error %v", err)
	}
	if _, err := (&source{dir: "/nonexistent"}).environment(); err == nil || !strings.Contains(err.Error(), "nnfield's go.mod") {
		t.Errorf("error %v", err)
	}
}

// A clone's own go command for cells is built anew when its sources change.
func TestFastGoFollowsItsSources(t *testing.T) {
	s := testSource(t, "")
	dir := filepath.Join(s.dir, "kernel", "internal", "fastgo", "go")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var before []byte
	for _, name := range []string{"go/main.go", "cell.go"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(dir), name), []byte("package x"), 0o644); err != nil {
			t.Fatal(err)
		}
		e, err := s.environment()
		if err != nil || bytes.Equal(e.fastgo, before) {
			t.Errorf("%s does not count: %v", name, err)
		}
		before = e.fastgo
	}
}

func TestBuild(t *testing.T) {
	g, calls := fakeGo(t, installs)
	env := testEnvironment(t, "v1.2.3")
	dir := filepath.Join(t.TempDir(), "cache", "toolchain")
	if intact(dir, env) {
		t.Fatal("intact before it is built")
	}
	var log bytes.Buffer
	if err := build(t.Context(), g, dir, env, &log); err != nil {
		t.Fatal(err)
	}
	if !intact(dir, env) {
		t.Fatal("not intact after it was built")
	}
	want := []string{
		"env: mod download",
		"cell: mod init first.cell",
		"cell: work init",
		"cell: work use . ../env",
		"cell: get " + modulePath + "@v1.2.3 gonum.org/v1/gonum@v0.17.0",
		"cell: install " + strings.Join(programs, " "),
		"cell: build " + strings.Join(firstImports, " "),
	}
	if got := calls(); !slices.Equal(got, want) {
		t.Errorf("calls:\n%s", strings.Join(got, "\n"))
	}
	list, err := os.ReadFile(filepath.Join(dir, "proxy", "github.com", "!burnt!sushi", "toml", "@v", "list"))
	if err != nil || string(list) != "v1.4.1\n" {
		t.Errorf("version list %q %v", list, err)
	}
	if n := strings.Count(log.String(), " s\n"); n != 3 {
		t.Errorf("log has %d phases:\n%s", n, log.String())
	}
	alone(t, dir)
}

// alone fails if there is anything beside the toolchain.
func alone(t *testing.T, dir string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(list) != 1 {
		t.Errorf("left behind: %v %v", list, err)
	}
}

func TestDamageIsSeenAndRepaired(t *testing.T) {
	g, _ := fakeGo(t, installs)
	env := testEnvironment(t, "")
	dir := filepath.Join(t.TempDir(), "cache", "toolchain")
	path := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for name, damage := range map[string]func() error{
		"none":            func() error { return os.RemoveAll(dir) },
		"empty directory": func() error { return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755)) },
		"no ready file":   func() error { return os.Remove(path(readyFile)) },
		"cut ready file":  func() error { return os.WriteFile(path(readyFile), []byte(`{"gonb":`), 0o644) },
		"no program":      func() error { return os.Remove(path("bin/gonb")) },
		"cut program":     func() error { return os.Truncate(path("bin/goimports"), 2) },
		"not executable":  func() error { return os.Chmod(path("bin/gonb"), 0o644) },
		"other go.mod":    func() error { return os.WriteFile(path("env/go.mod"), []byte("module x\n"), 0o644) },
		"no go.sum":       func() error { return os.Remove(path("env/go.sum")) },
		"a file":          func() error { return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o644)) },
	} {
		if err := build(t.Context(), g, dir, env, io.Discard); err != nil {
			t.Fatal(err)
		}
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if intact(dir, env) {
			t.Errorf("%s: not seen", name)
		}
		if err := build(t.Context(), g, dir, env, io.Discard); err != nil || !intact(dir, env) {
			t.Errorf("%s: not repaired: %v", name, err)
		}
		alone(t, dir)
	}
}

func TestManyAtOnce(t *testing.T) {
	g, _ := fakeGo(t, installs)
	env := testEnvironment(t, "")
	dir := filepath.Join(t.TempDir(), "cache", "toolchain")
	if err := os.MkdirAll(filepath.Join(dir, "half"), 0o755); err != nil { // and all find it broken
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	failures := make([]error, 6)
	for i := range failures {
		wg.Go(func() { failures[i] = build(t.Context(), g, dir, env, io.Discard) })
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil || !intact(dir, env) {
		t.Errorf("error %v", err)
	}
	alone(t, dir)
}

func TestKilledBuildsAreSwept(t *testing.T) {
	g, _ := fakeGo(t, installs)
	parent := t.TempDir()
	for name, age := range map[string]time.Duration{"building-1": 25 * time.Hour, "building-2": time.Hour, "0123456789abcdef": 99 * time.Hour} {
		dir, then := filepath.Join(parent, name), time.Now().Add(-age)
		if err := errors.Join(os.Mkdir(dir, 0o755), os.Chtimes(dir, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	if err := build(t.Context(), g, filepath.Join(parent, "new"), testEnvironment(t, ""), io.Discard); err != nil {
		t.Fatal(err)
	}
	list, err := filepath.Glob(filepath.Join(parent, "*"))
	for i := range list {
		list[i] = filepath.Base(list[i])
	}
	if want := []string{"0123456789abcdef", "building-2", "new"}; err != nil || !slices.Equal(list, want) {
		t.Errorf("%q %v, want %q", list, err, want)
	}
}

func TestFailures(t *testing.T) {
	env := testEnvironment(t, "")
	dir := filepath.Join(t.TempDir(), "cache", "toolchain")
	g, _ := fakeGo(t, `if [ "$2" = download ]; then echo "go: downloading" >&2; echo "dial tcp: no route to host" >&2; exit 1; fi`)
	err := build(t.Context(), g, dir, env, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "go mod") || !strings.Contains(err.Error(), "no route to host") {
		t.Errorf("error %v", err)
	}
	list, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(list) != 0 {
		t.Errorf("left behind: %v %v", list, err)
	}
	// What is broken in a working copy is told, and no more.
	g, _ = fakeGo(t, installs+"\nif [ \"$1\" = build ]; then echo 'x.go:1: syntax error' >&2; exit 1; fi")
	var log bytes.Buffer
	if err := build(t.Context(), g, dir, env, &log); err != nil || !strings.Contains(log.String(), "going on without: go build: exit status 1: x.go:1: syntax error") {
		t.Errorf("error %v, log:\n%s", err, log.String())
	}
}

func TestCancelKillsTheGoCommand(t *testing.T) {
	env := testEnvironment(t, "")
	dir := filepath.Join(t.TempDir(), "cache", "toolchain")
	g, _ := fakeGo(t, "sleep 60")
	reason := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(reason) })
	start := time.Now()
	if err := build(ctx, g, dir, env, io.Discard); !errors.Is(err, reason) || time.Since(start) > 10*time.Second {
		t.Errorf("error %v after %v", err, time.Since(start))
	}
	list, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(list) != 0 {
		t.Errorf("left behind: %v %v", list, err)
	}
}

func TestUnwritableCache(t *testing.T) {
	g, _ := fakeGo(t, installs)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := build(t.Context(), g, filepath.Join(file, "toolchain"), testEnvironment(t, ""), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "set XDG_CACHE_HOME") {
		t.Errorf("error %v", err)
	}
}

func TestKeyFollowsEverything(t *testing.T) {
	g, _ := fakeGo(t, "")
	newGo, _ := fakeGo(t, "")
	newGo.vars["GOVERSION"] = "go1.27"
	moved, _ := fakeGo(t, "")
	moved.vars["GOMODCACHE"] = "/elsewhere"
	base := &environment{mod: []byte("m"), sum: []byte("s"), use: []string{"/clone"}}
	keys := map[string]string{}
	for name, k := range map[string]string{
		"base":      key(g, base),
		"go.mod":    key(g, &environment{mod: []byte("n"), sum: base.sum, use: base.use}),
		"go.sum":    key(g, &environment{mod: base.mod, sum: []byte("t"), use: base.use}),
		"fast go":   key(g, &environment{mod: base.mod, sum: base.sum, use: base.use, fastgo: []byte("f")}),
		"directory": key(g, &environment{mod: base.mod, sum: base.sum, use: []string{"/other"}}),
		"go":        key(newGo, base),
		"cache":     key(moved, base),
	} {
		if other, taken := keys[k]; taken {
			t.Errorf("%s and %s have the same key", name, other)
		}
		keys[k] = name
	}
	offline, _ := fakeGo(t, "")
	offline.vars["GOPROXY"] = "off"
	if key(offline, base) != key(g, base) {
		t.Error("the key changes with the proxy, which changes nothing in a toolchain")
	}
}

func TestKernelEnv(t *testing.T) {
	g, _ := fakeGo(t, "")
	for name, value := range map[string]string{"PATH": "/usr/bin", "GOFLAGS": "-mod=vendor", "GOWORK": "off", "GOPROXY": "off", "OTHER": "kept"} {
		t.Setenv(name, value)
	}
	env := (&Toolchain{Dir: "/tool chain", Go: g.path, Settings: g.settings("/tool chain")}).Env()
	for _, want := range []string{
		"PATH=/tool chain/bin:" + filepath.Dir(g.path) + ":/usr/bin",
		"GOPROXY=file:///tool%20chain/proxy,file:///mod%20cache/cache/download,https://example.org,direct",
		"GOFLAGS=-ldflags=-w -tags=minimal", "GOWORK=", "CGO_ENABLED=0", "GOTOOLCHAIN=local", "OTHER=kept",
	} {
		name, _, _ := strings.Cut(want, "=")
		var found []string
		for _, kv := range env {
			if strings.HasPrefix(kv, name+"=") {
				found = append(found, kv)
			}
		}
		if !slices.Equal(found, []string{want}) {
			t.Errorf("%s: %q, want %q", name, found, want)
		}
	}
}

func TestKernelCommand(t *testing.T) {
	argv := (&Toolchain{Dir: "/t", Use: []string{"/t/env", "/clone"}}).Kernel(RawErrors)
	if got, want := fmt.Sprint(argv), "[/t/bin/gonb -raw_error -go_work=/t/env,/clone -kernel {connection_file}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNoGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Prepare(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "install Go") {
		t.Errorf("error %v", err)
	}
}

func TestNoCacheDirectory(t *testing.T) {
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	if _, err := Prepare(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "set HOME or XDG_CACHE_HOME") {
		t.Errorf("error %v", err)
	}
}

// The test runs in the working copy, which is what it must find.
func TestFindSource(t *testing.T) {
	g, err := findGo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := findSource(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if s.dir != root || s.version != "" {
		t.Errorf("found %+v, want %s", s, root)
	}
	t.Chdir(t.TempDir())
	if _, err := findSource(t.Context(), g); err == nil || !strings.Contains(err.Error(), "run it inside the clone") {
		t.Errorf("error %v", err)
	}
}
