package fastgo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cell is a program that GoNB has written into the working directory.
type cell struct {
	dir    string // the working directory
	module string // the random name of its module
	key    string // names all that decides how it is built, except its code
}

var (
	moduleLine = regexp.MustCompile(`^module (gonb_[0-9a-f]{8})\n`)
	// A directory with any of these is built in another way.
	otherSource = regexp.MustCompile(`\.(go|s|S|sx|c|cc|cpp|cxx|m|h|hh|hpp|hxx|f|F|for|f90|swig|swigcxx|syso|pgo)$`)
)

// readCell reads the cell in the working directory. It is not ok if there is
// none, or one whose build depends on more than its imports.
func readCell(real string) (c cell, ok bool) {
	dir, err := os.Getwd()
	if err != nil {
		return c, false
	}
	c.dir = dir
	list, err := os.ReadDir(dir)
	if err != nil {
		return c, false
	}
	for _, entry := range list {
		name := entry.Name()
		if name != "main.go" && otherSource.MatchString(name) || name == "vendor" {
			return c, false
		}
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return c, false
	}
	match := moduleLine.FindSubmatch(mod)
	if match == nil {
		return c, false
	}
	c.module = string(match[1])
	imports, ok := readImports("main.go")
	if !ok {
		return c, false
	}
	h := sha256.New()
	part := func(name string, content any) { fmt.Fprintf(h, "%s %q\n", name, content) }
	part("imports", imports)
	part("go.mod", mod[len(match[0]):])
	for _, name := range []string{"go.sum", "go.work", "go.work.sum"} {
		data, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			return c, false
		}
		part(name, data)
	}
	env, ok := environment(os.Environ())
	if !ok {
		return c, false
	}
	part("environment", env)
	version, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(real)), "VERSION"))
	if err != nil {
		return c, false // not in the bin directory of a Go distribution
	}
	part("go", real)
	part("version", version)
	c.key = hex.EncodeToString(h.Sum(nil))[:32]
	return c, true
}

// readImports returns the sorted imports of a source file. It is not ok if the
// file does not parse so far, imports C, or has a compiler directive, which may
// ask for files, linked names or other settings.
func readImports(path string) (imports []string, ok bool) {
	source, err := os.ReadFile(path)
	if err != nil || bytes.Contains(source, []byte("//go:")) || bytes.Contains(source, []byte("//line")) || bytes.Contains(source, []byte("+build")) {
		return nil, false
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
	if err != nil || file.Name.Name != "main" {
		return nil, false
	}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil || name == "C" || strings.HasPrefix(name, ".") {
			return nil, false
		}
		imports = append(imports, name)
	}
	slices.Sort(imports)
	return slices.Compact(imports), true
}

// environment returns what the go command takes from the environment, sorted.
// It is not ok if there are settings in a file as well.
func environment(all []string) (env []string, ok bool) {
	for _, kv := range all {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "GONB_") {
			continue // the kernel's own, such as its temporary directory
		}
		if strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_") || name == "CC" || name == "HOME" {
			env = append(env, kv)
		}
	}
	slices.Sort(env)
	return env, slices.Contains(env, "GOENV=off")
}
