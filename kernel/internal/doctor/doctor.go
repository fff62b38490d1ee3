// Package doctor examines an installation link by link and says how to mend
// each one.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/nnfield/nnfield/kernel/internal/install"
)

// State is what was found of a link.
type State string

// States. Absent is a link that is not there and need not be; Skipped one that
// could not be examined, because one that it needs is broken.
const (
	OK      State = "ok"
	Broken  State = "broken"
	Absent  State = "absent"
	Skipped State = "skipped"
)

// Line is the finding on one link.
type Line struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Detail string `json:"detail"` // what was found, or what is wrong and how to mend it
}

// Names of the links, in the order of their examination.
const (
	Kernelspec = "kernelspec"
	Go         = "go"
	GoNB       = "GoNB"
	Goimports  = "goimports"
	FastGo     = "fast go"
	Packages   = "packages"
	Gopls      = "gopls"
	Jupyter    = "Jupyter"
	Hello      = "hello cell"
	Figure     = "figure cell"
	Store      = "run store"
	Space      = "disk space"
)

// errAbsent is wrapped by the error of a link that need not be there.
var errAbsent = errors.New("absent")

// patient is what is examined.
type patient struct {
	dir     string // of the kernelspec
	spec    install.Spec
	record  install.Record
	session *install.Session
}

// links are examined in this order. Needs are links that must be whole for this
// one to be examined.
var links = []struct {
	name  string
	needs []string
	look  func(ctx context.Context, p *patient) (detail string, err error)
}{
	{Kernelspec, nil, kernelspec},
	{Go, []string{Kernelspec}, goCommand},
	{GoNB, []string{Kernelspec}, gonb},
	{Goimports, []string{Kernelspec}, goimports},
	{FastGo, []string{Kernelspec}, fastGo},
	{Packages, []string{Kernelspec}, packages},
	{Gopls, []string{Kernelspec}, gopls},
	{Jupyter, []string{Kernelspec}, jupyter},
	{Hello, []string{Kernelspec, Go, GoNB, Goimports, FastGo, Packages}, hello},
	{Figure, []string{Hello}, figure},
	{Store, nil, store},
	{Space, nil, space},
}

// Examine looks at every link and hands over each finding as it comes. It tells
// whether nothing is broken.
func Examine(ctx context.Context, found func(Line)) bool {
	p := &patient{}
	defer func() {
		if p.session != nil {
			p.session.Close()
		}
	}()
	states := map[string]State{}
	healthy := true
	for _, l := range links {
		line := Line{Name: l.name, State: OK}
		for _, need := range l.needs {
			if states[need] != OK {
				line.State, line.Detail = Skipped, "needs "+need
				break
			}
		}
		if line.State == OK {
			detail, err := l.look(ctx, p)
			line.Detail = detail
			if errors.Is(err, errAbsent) {
				line.State = Absent
			} else if err != nil {
				line.State, line.Detail = Broken, err.Error()
				healthy = false
			}
		}
		states[l.name] = line.State
		found(line)
	}
	return healthy
}

const again = "run nnfield install again"

func kernelspec(_ context.Context, p *patient) (string, error) {
	dir, ok := install.Find(install.SearchPath())
	if !ok {
		return "", fmt.Errorf("no kernel named %q in %s; run nnfield install", install.Name, strings.Join(install.SearchPath(), ", "))
	}
	spec, err := install.ReadSpec(dir)
	if err != nil {
		return "", err
	}
	record, err := install.ReadRecord(dir)
	if err != nil {
		return "", err
	}
	if !executable(spec.Argv[0]) {
		return "", fmt.Errorf("%s, which starts the kernel, is not a program; %s", spec.Argv[0], again)
	}
	p.dir, p.spec, p.record = dir, spec, record
	return fmt.Sprintf("%s, of nnfield %s", dir, record.Version), nil
}

func goCommand(ctx context.Context, p *patient) (string, error) {
	path := p.record.Toolchain.Go
	cmd := exec.CommandContext(ctx, path, "env", "GOVERSION")
	cmd.Env = append(p.record.Toolchain.Env(), "TMPDIR="+os.TempDir())
	out, err := cmd.Output()
	version := strings.TrimSpace(string(out))
	if err != nil || !strings.HasPrefix(version, "go1.") {
		return "", fmt.Errorf("%s does not run (%v); install Go there, or put another into PATH and %s", path, err, again)
	}
	return version + ", " + path, nil
}

func gonb(_ context.Context, p *patient) (string, error) {
	// What GoNB says of its own version is wrong in the pinned one.
	return program(p, "gonb", "github.com/janpfeifer/gonb")
}

func goimports(_ context.Context, p *patient) (string, error) {
	return program(p, "goimports", "golang.org/x/tools")
}

func fastGo(_ context.Context, p *patient) (string, error) {
	return program(p, "go", "github.com/nnfield/nnfield")
}

// program examines a program of the toolchain by what is built into it.
func program(p *patient, name, module string) (string, error) {
	path := filepath.Join(p.record.Toolchain.Dir, "bin", name)
	info, err := readInfo(path)
	if err != nil || !executable(path) {
		return "", fmt.Errorf("%s is not a program; %s", path, again)
	}
	if info.Main.Path != module {
		return "", fmt.Errorf("%s is of %s, not %s; %s", path, info.Main.Path, module, again)
	}
	pinned := requirement(filepath.Join(p.record.Toolchain.Dir, "env", "go.mod"), module)
	if pinned != "" && info.Main.Version != pinned {
		return "", fmt.Errorf("%s is %s, not %s, which nnfield pins; %s", path, info.Main.Version, pinned, again)
	}
	return info.Main.Version + ", " + path, nil
}

// packages examines what cells import.
func packages(_ context.Context, p *patient) (string, error) {
	for _, dir := range p.record.Toolchain.Use {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			return "", fmt.Errorf("%s, which cells import, is gone; restore it, or %s from where nnfield is now", dir, again)
		}
	}
	return strings.Join(p.record.Toolchain.Use, ", "), nil
}

func gopls(_ context.Context, p *patient) (string, error) {
	path, err := lookPath(p.record.Toolchain.Env(), "gopls")
	if err != nil {
		return "cells run without it; for completion: go install golang.org/x/tools/gopls@v0.23.0", errAbsent
	}
	return path, nil
}

// jupyter asks Jupyter where it looks for kernels.
func jupyter(ctx context.Context, p *patient) (string, error) {
	path, err := exec.LookPath("jupyter")
	if err != nil {
		return "nnfield run needs none; for nnfield lab: apt-get install jupyter-notebook, or pip install jupyterlab", errAbsent
	}
	out, err := exec.CommandContext(ctx, path, "--paths", "--json").Output()
	if err != nil {
		return "", fmt.Errorf("%s does not run (%w); install Jupyter again", path, err)
	}
	dirs, err := dataDirs(out)
	if err != nil {
		return "", fmt.Errorf("%s --paths: %w; install Jupyter again", path, err)
	}
	dir, ok := install.Find(dirs)
	if !ok {
		return "", fmt.Errorf("%s does not look into %s; add %s to JUPYTER_PATH", path, p.dir, filepath.Dir(filepath.Dir(p.dir)))
	}
	if !same(dir, p.dir) {
		return "", fmt.Errorf("%s takes the kernel in %s, not that in %s; remove one of them", path, dir, p.dir)
	}
	return path + ", finds the kernel", nil
}

func hello(ctx context.Context, p *patient) (_ string, err error) {
	if p.session, err = install.Start(ctx, p.spec); err != nil {
		return "", fmt.Errorf("the kernel does not start: %w; %s", err, again)
	}
	return probe(ctx, p, install.Hello)
}

func figure(ctx context.Context, p *patient) (string, error) { return probe(ctx, p, install.Figure) }

func probe(ctx context.Context, p *patient, cell install.Probe) (string, error) {
	took, err := p.session.Run(ctx, cell)
	if err != nil {
		return "", fmt.Errorf("%w; mend what it names, or %s", err, again)
	}
	return fmt.Sprintf("%.1f s", took.Seconds()), nil
}

// store examines whether runs can be kept beside a notebook here.
func store(context.Context, *patient) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("the working directory is gone: %w; change to another", err)
	}
	f, err := os.CreateTemp(dir, ".nnfield-doctor-*")
	if err != nil {
		return "", fmt.Errorf("%s cannot be written (%v); runs of notebooks there go to the user's cache: keep notebooks where you may write", dir, errors.Unwrap(err))
	}
	return dir + " can be written", errors.Join(f.Close(), os.Remove(f.Name()))
}

// needed is what a working day needs: the build cache grows by 0.3 GB, runs come on top.
const needed = 1 << 30

// free returns the space left where a directory is; a variable for tests.
var free = freeSpace

func space(context.Context, *patient) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory: %w; set HOME or XDG_CACHE_HOME", err)
	}
	details := []string{}
	for _, dir := range []string{cache, os.TempDir()} {
		n, err := free(existing(dir))
		if err != nil {
			return "", fmt.Errorf("%s: %w; choose another with XDG_CACHE_HOME or TMPDIR", dir, err)
		}
		if n < needed {
			return "", fmt.Errorf("%s has %.1f GB left and should have 1; free some space, for instance with go clean -cache", dir, float64(n)/1e9)
		}
		details = append(details, fmt.Sprintf("%.0f GB in %s", float64(n)/1e9, dir))
	}
	return strings.Join(details, ", "), nil
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// existing returns the nearest directory above a path that exists.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || filepath.Dir(path) == path {
			return path
		}
		path = filepath.Dir(path)
	}
}

func same(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
