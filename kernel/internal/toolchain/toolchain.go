// Package toolchain provides the programs and the environment that execute
// notebook cells: the GoNB kernel and goimports in the versions that nnfield's
// go.mod pins, built once into the user's cache directory, and an environment
// module through which cells import nnfield and everything it requires, at
// those versions, from any directory and without network.
package toolchain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/nnfield/nnfield/kernel/internal/progress"
)

// Toolchain is a set of programs that is ready to execute cells. As JSON it is
// what an installation remembers of it.
type Toolchain struct {
	Dir      string   `json:"dir"`      // its directory in the cache
	Go       string   `json:"go"`       // the go command
	Settings []string `json:"settings"` // environment variables under which cells are compiled
	Use      []string `json:"use"`      // module directories that cells use
}

// RawErrors is the flag of the kernel for errors as text, not as HTML boxes.
const RawErrors = "-raw_error"

// Kernel returns the command line that starts the kernel; {connection_file}
// stands for the path of the connection file.
func (t *Toolchain) Kernel(flags ...string) []string {
	argv := append([]string{t.program("gonb")}, flags...)
	return append(argv, "-go_work="+strings.Join(t.Use, ","), "-kernel", "{connection_file}")
}

// Env returns the whole environment of a kernel: ours with the settings and a
// PATH that begins with the toolchain's programs and the go command's own
// directory.
func (t *Toolchain) Env() []string {
	path := []string{filepath.Join(t.Dir, "bin"), filepath.Dir(t.Go), os.Getenv("PATH")}
	return override(os.Environ(), append(slices.Clone(t.Settings),
		"PATH="+strings.Join(path, string(os.PathListSeparator)),
		"NNFIELD_GO="+t.Go)) // for the go command in bin
}

func (t *Toolchain) program(name string) string { return filepath.Join(t.Dir, "bin", name) }

// The programs, by package path. The last is a go command that stands before the
// real one in the kernel's PATH.
var programs = []string{"github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports", modulePath + fastgo + "/go"}

const fastgo = "/kernel/internal/fastgo"

// What first cells import; compiled beforehand it takes half a minute off them.
var firstImports = []string{
	"bufio", "bytes", "cmp", "context", "encoding/csv", "encoding/json", "errors", "flag", "fmt", "image/color",
	"io", "iter", "maps", "math", "math/cmplx", "math/rand/v2", "os", "os/signal", "path/filepath", "regexp",
	"slices", "sort", "strconv", "strings", "sync", "text/tabwriter", "time",
	modulePath + "/nnfield/...", modulePath + "/plotting/...", modulePath + "/kernel",
}

// Prepare returns the toolchain for the nnfield of the working directory's
// module, or of this program's version (see findSource). It builds what the
// cache does not hold whole: minutes with an empty module cache, of which log
// tells a line for each phase. Later calls take milliseconds. Any number of
// processes may prepare at once.
//
// It fails if there is no go command, no cache directory that can be written,
// or a module that is neither here nor can be downloaded.
func Prepare(ctx context.Context, log io.Writer) (*Toolchain, error) {
	if runtime.GOOS == "windows" {
		return nil, errors.New("the notebook kernel (GoNB) does not run on Windows; use WSL")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("no cache directory for the notebook kernel: %w; set HOME or XDG_CACHE_HOME", err)
	}
	g, err := findGo(ctx)
	if err != nil {
		return nil, err
	}
	s, err := findSource(ctx, g)
	if err != nil {
		return nil, err
	}
	env, err := s.environment()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, "nnfield", "toolchain", key(g, env))
	if !intact(dir, env) {
		if err := build(ctx, g, dir, env, log); err != nil {
			return nil, fmt.Errorf("the notebook kernel cannot be prepared: %w", err)
		}
	}
	return &Toolchain{Dir: dir, Go: g.path, Settings: g.settings(dir), Use: append([]string{filepath.Join(dir, "env")}, env.use...)}, nil
}

// key names a toolchain by all that it is made from and by the caches that were
// filled with it.
func key(g *goCommand, env *environment) string {
	h := sha256.New()
	for _, part := range []any{
		env.mod, env.sum, env.use, env.fastgo, g.vars["GOVERSION"], g.vars["GOMODCACHE"], g.vars["GOCACHE"], fixedSettings, programs, firstImports,
	} {
		fmt.Fprintf(h, "%q\n", part)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// readyFile is written last into a toolchain: the sizes of its programs by name.
const readyFile = "ready.json"

// intact tells whether dir holds the toolchain for env whole.
func intact(dir string, env *environment) bool {
	if missing(dir) != "" {
		return false
	}
	mod, errMod := os.ReadFile(filepath.Join(dir, "env", "go.mod"))
	sum, errSum := os.ReadFile(filepath.Join(dir, "env", "go.sum"))
	return errMod == nil && errSum == nil && bytes.Equal(mod, env.mod) && bytes.Equal(sum, env.sum)
}

// missing returns the first program that a toolchain lacks, "" if it has all.
func missing(dir string) string {
	var sizes map[string]int64
	data, err := os.ReadFile(filepath.Join(dir, readyFile))
	if err != nil || json.Unmarshal(data, &sizes) != nil {
		return readyFile
	}
	for _, program := range programs {
		name := path.Base(program)
		info, err := os.Stat(filepath.Join(dir, "bin", name))
		if err != nil || info.Size() != sizes[name] || info.Mode()&0o100 == 0 {
			return name
		}
	}
	return ""
}

// Check tells whether the toolchain is still there whole: caches are cleared,
// working copies moved and versions of Go replaced.
func (t *Toolchain) Check() error {
	const remedy = "run nnfield install again"
	if name := missing(t.Dir); name != "" {
		return fmt.Errorf("the notebook kernel in %s is not whole: %s is missing or damaged; %s", t.Dir, name, remedy)
	}
	if _, err := os.Stat(t.Go); err != nil {
		return fmt.Errorf("the go command %s is gone; install Go there, or put another into PATH and %s", t.Go, remedy)
	}
	for _, dir := range t.Use {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			return fmt.Errorf("%s, which cells import, is gone; restore it, or %s from where nnfield is now", dir, remedy)
		}
	}
	return nil
}

// build makes a toolchain beside dir and renames it to dir.
func build(ctx context.Context, g *goCommand, dir string, env *environment, log io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return cacheError(err)
	}
	sweep(filepath.Dir(dir))
	tmp, err := os.MkdirTemp(filepath.Dir(dir), unfinished)
	if err != nil {
		return cacheError(err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := layout(tmp, env); err != nil {
		return cacheError(err)
	}
	fmt.Fprintln(log, "nnfield: preparing the notebook kernel; this takes some minutes the first time")
	phase := func(name string, run func() error) error { return progress.Phase(log, "nnfield: "+name, run) }
	if err := phase("downloading modules", func() error {
		return fetch(ctx, g, tmp, env)
	}); err != nil {
		return err
	}
	if err := phase("building the kernel", func() error {
		return g.build(ctx, tmp, "cell", append([]string{"install"}, programs...)...)
	}); err != nil {
		return err
	}
	if err := phase("compiling packages for the first cells", func() error {
		return g.build(ctx, tmp, "cell", append([]string{"build"}, firstImports...)...)
	}); err != nil {
		if ctx.Err() != nil {
			return err
		}
		// A working copy with a broken package is no reason to execute nothing.
		fmt.Fprintf(log, "nnfield: going on without: %v\n", err)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(tmp, "cell")), seal(tmp)); err != nil {
		return cacheError(err)
	}
	return publish(tmp, dir, env)
}

// unfinished is the pattern of directories in which toolchains are built.
const unfinished = "building-*"

// sweep removes what builds that were killed have left; none takes a day.
func sweep(parent string) {
	old, _ := filepath.Glob(filepath.Join(parent, unfinished))
	for _, dir := range old {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(dir)
		}
	}
}

// layout writes the parts of a toolchain that need no go command:
//
//	env/    the environment module
//	proxy/  a module proxy of nothing but version lists
//	bin/    the programs, still none
//	cell/   for a module like the one that GoNB makes for its cells
//
// The lists are there because GoNB runs `go get` before each cell, which takes
// the newest version that its first proxy lists and would put that in place of
// the pinned one.
func layout(dir string, env *environment) error {
	files := map[string][]byte{"env/go.mod": env.mod, "env/go.sum": env.sum}
	for _, r := range env.require {
		path, err := module.EscapePath(r.Mod.Path)
		if err != nil {
			return err
		}
		files["proxy/"+path+"/@v/list"] = []byte(r.Mod.Version + "\n")
	}
	for _, name := range []string{"bin", "cell"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fetch downloads all that is required, and all that `go get` will look at when
// cells import it: for that it does what GoNB does before a cell.
func fetch(ctx context.Context, g *goCommand, dir string, env *environment) error {
	get := []string{"get"}
	for _, r := range env.require {
		if !r.Indirect {
			get = append(get, r.Mod.Path+"@"+r.Mod.Version)
		}
	}
	for _, step := range []struct {
		dir  string
		args []string
	}{
		{"env", []string{"mod", "download"}},
		{"cell", []string{"mod", "init", "first.cell"}},
		{"cell", []string{"work", "init"}},
		{"cell", append([]string{"work", "use", ".", "../env"}, env.use...)},
		{"cell", get},
	} {
		if err := g.build(ctx, dir, step.dir, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// seal writes the ready file.
func seal(dir string) error {
	list, err := os.ReadDir(filepath.Join(dir, "bin"))
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	for _, entry := range list {
		info, err := entry.Info()
		if err != nil {
			return err
		}
		sizes[entry.Name()] = info.Size()
	}
	data, err := json.Marshal(sizes)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, readyFile), data, 0o644)
}

// publish renames a finished toolchain into its place. Another process may have
// been first, which is as good; what is broken there is moved away and removed.
func publish(tmp, dir string, env *environment) error {
	const tries = 5 // another process may be between our two steps
	var err error
	for range tries {
		if err = os.Rename(tmp, dir); err == nil || intact(dir, env) {
			return nil
		}
		broken := tmp + "-broken"
		if os.Rename(dir, broken) == nil {
			_ = os.RemoveAll(broken)
		}
	}
	return cacheError(err)
}

func cacheError(err error) error {
	return fmt.Errorf("the cache cannot be written: %w; free some space or set XDG_CACHE_HOME to another directory", err)
}
