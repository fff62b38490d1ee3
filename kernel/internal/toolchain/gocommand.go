package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/process"
)

// goCommand is the go command in use and what `go env` says of it.
type goCommand struct {
	path string
	vars map[string]string
}

// findGo finds the go command for the working directory.
func findGo(ctx context.Context) (*goCommand, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("no go command in PATH, which compiles the cells; install Go 1.26 or later and put its bin directory into PATH")
	}
	g := &goCommand{path: path}
	out, err := g.output(ctx, "", nil, "env", "-json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &g.vars); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	// It may have become another version for this directory's module; cells use that one.
	g.path = filepath.Join(g.vars["GOROOT"], "bin", "go")
	return g, nil
}

// Settings that are the same for everybody.
var fixedSettings = []string{
	"GOENV=off", // no other settings than those here
	"GO111MODULE=",
	"GOWORK=",
	"GOTOOLCHAIN=local",
	"CGO_ENABLED=0",
	"GOFLAGS=-ldflags=-w -tags=minimal", // link less: a figure cell takes half the time
}

// Settings that choose what is downloaded from where, what is trusted and where
// it is kept: the user's own, also in cells.
var userSettings = []string{
	"GOMODCACHE", "GOCACHE", "GOPATH", "GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE", "GOVCS", "GOAUTH",
}

// settings returns the environment variables under which everything is built
// and cells are compiled. That they are the same here and in the kernel is what
// makes the compiled packages of the one serve the other. Modules are looked
// for in this order: the toolchain's version lists, what was ever downloaded,
// the user's proxies; so no cell waits for the network, and a cell can still
// import a module that is new here.
func (g *goCommand) settings(toolchain string) []string {
	env := slices.Clone(fixedSettings)
	for _, name := range userSettings {
		value := g.vars[name]
		if name == "GOPROXY" {
			lists := url.URL{Scheme: "file", Path: filepath.Join(toolchain, "proxy")}
			downloads := url.URL{Scheme: "file", Path: filepath.Join(g.vars["GOMODCACHE"], "cache", "download")}
			value = lists.String() + "," + downloads.String() + "," + value
		}
		env = append(env, name+"="+value)
	}
	return env
}

// build runs the go command under the settings, in a directory of the toolchain.
func (g *goCommand) build(ctx context.Context, toolchain, dir string, args ...string) error {
	env := append(g.settings(toolchain), "GOBIN="+filepath.Join(toolchain, "bin"))
	_, err := g.output(ctx, filepath.Join(toolchain, dir), env, args...)
	return err
}

// output runs the go command in dir with env over our environment and returns
// what it printed. The error holds what it complained of.
func (g *goCommand) output(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	cmd := exec.Command(g.path, args...)
	cmd.Dir = dir
	cmd.Env = override(os.Environ(), env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	p, err := process.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		<-p.Done()
		return nil, context.Cause(ctx)
	}
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, complaint(stderr.String(), stdout.String()))
	}
	return stdout.Bytes(), nil
}

// complaint returns the last lines of the first text that has any.
func complaint(texts ...string) string {
	const lines = 8
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			all := strings.Split(text, "\n")
			return strings.Join(all[max(0, len(all)-lines):], "\n    ")
		}
	}
	return "it printed nothing"
}

// override returns env with the values of with in place of its own.
func override(env, with []string) []string {
	name := func(kv string) string { n, _, _ := strings.Cut(kv, "="); return n }
	replaced := map[string]bool{}
	for _, kv := range with {
		replaced[name(kv)] = true
	}
	env = slices.DeleteFunc(slices.Clone(env), func(kv string) bool { return replaced[name(kv)] })
	return append(env, with...)
}
