package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

const modulePath = "github.com/nnfield/nnfield"

// ErrNoSource says that nothing tells which nnfield notebooks are to use.
var ErrNoSource = errors.New(modulePath + " is not found from this directory, and this program was built from a working copy")

// source is the nnfield that notebooks are to use: a directory or a version.
type source struct {
	dir     string   // where its go.mod and go.sum are
	version string   // "" if cells are to use the directory itself
	sums    []string // the go.sum lines of the version
}

// findSource finds nnfield: the module of the working directory or one that it
// requires, else the version this program was built from. The path of the
// running program says nothing: `go tool` starts it from a temporary file.
func findSource(ctx context.Context, g *goCommand) (*source, error) {
	out, err := g.output(ctx, "", nil, "list", "-m", "-json", modulePath)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		info, ok := debug.ReadBuildInfo()
		if !ok || info.Main.Path != modulePath || info.Main.Version == "" || info.Main.Version == "(devel)" || strings.Contains(info.Main.Version, "+dirty") {
			return nil, fmt.Errorf("%w; run it inside the clone, or in a module that requires %s", ErrNoSource, modulePath)
		}
		return download(ctx, g, info.Main.Version)
	}
	var m struct {
		Dir, Version string
		Replace      *struct{ Dir string }
	}
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	switch {
	case m.Replace != nil:
		return &source{dir: m.Replace.Dir}, nil
	case m.Version == "":
		return &source{dir: m.Dir}, nil
	}
	return download(ctx, g, m.Version)
}

// download brings a version of nnfield into the module cache.
func download(ctx context.Context, g *goCommand, version string) (*source, error) {
	out, err := g.output(ctx, "", nil, "mod", "download", "-json", modulePath+"@"+version)
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be downloaded: %w", modulePath, version, err)
	}
	var m struct{ Dir, Version, Sum, GoModSum string }
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, fmt.Errorf("go mod download: %w", err)
	}
	return &source{dir: m.Dir, version: m.Version, sums: []string{
		fmt.Sprintf("%s %s %s", modulePath, m.Version, m.Sum),
		fmt.Sprintf("%s %s/go.mod %s", modulePath, m.Version, m.GoModSum),
	}}, nil
}

// environment is what notebook cells may import.
type environment struct {
	mod, sum []byte            // the files of the environment module
	fastgo   []byte            // hash of the sources of the fast go command, if they can change
	require  []modfile.Require // its requirements
	use      []string          // directories of modules in use beside it: the working copy
}

// environment returns the environment for nnfield: the module and all that it
// requires, at its versions; the tools are among its requirements. A working
// copy is not required but used: `go get`, which GoNB runs before each cell,
// would ask a proxy for a module that is merely replaced by a directory.
func (s *source) environment() (*environment, error) {
	path := filepath.Join(s.dir, "go.mod")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("nnfield's go.mod: %w", err)
	}
	own, err := modfile.Parse(path, data, nil)
	if err != nil {
		return nil, fmt.Errorf("nnfield's go.mod: %w", err)
	}
	sum, err := os.ReadFile(filepath.Join(s.dir, "go.sum"))
	if err != nil {
		return nil, fmt.Errorf("nnfield's go.sum: %w", err)
	}
	for _, line := range s.sums {
		sum = append(sum, line+"\n"...)
	}
	e := &environment{sum: sum}
	if s.version == "" {
		e.use = []string{s.dir}
		if e.fastgo, err = hashSources(filepath.Join(s.dir, filepath.FromSlash(fastgo))); err != nil {
			return nil, err
		}
	} else {
		e.require = append(e.require, modfile.Require{Mod: module.Version{Path: modulePath, Version: s.version}})
	}
	for _, r := range own.Require {
		e.require = append(e.require, *r)
	}
	f := new(modfile.File)
	f.AddComment("// Written by nnfield: what notebook cells may import.")
	if err := errors.Join(f.AddModuleStmt("nnfield.env"), f.AddGoStmt(own.Go.Version)); err != nil {
		return nil, err
	}
	for _, r := range e.require {
		f.AddNewRequire(r.Mod.Path, r.Mod.Version, r.Indirect)
	}
	e.mod, err = f.Format()
	return e, err
}

// hashSources returns a hash of the Go files in dir and in the directories in it.
func hashSources(dir string) ([]byte, error) {
	h := sha256.New()
	for _, pattern := range []string{"*.go", "*/*.go"} {
		paths, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("nnfield's sources: %w", err)
			}
			fmt.Fprintf(h, "%q %q\n", path, data)
		}
	}
	return h.Sum(nil), nil
}
