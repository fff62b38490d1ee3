package main

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

//go:embed peers
var peers embed.FS

// workshop is a temporary folder with the programs that could be built.
type workshop struct {
	dir      string
	self     string            // the executable of this command
	python   string            // "" if there is none
	absent   map[string]string // why a tool is not there, by its name
	versions map[string]string // of the tools that are
}

// Names of tools. "go" is this command itself.
const (
	goTool = "go"
	cTool  = "C"
	numpy  = "numpy"
	scipy  = "scipy"
	numba  = "numba"
)

// newWorkshop builds what it finds tools for.
func newWorkshop(ctx context.Context) (*workshop, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "nnfield-bench-")
	if err != nil {
		return nil, err
	}
	w := &workshop{dir: dir, self: self, absent: map[string]string{}, versions: map[string]string{}}
	if err := w.unpack(); err != nil {
		w.close()
		return nil, err
	}
	w.buildC(ctx)
	w.findPython(ctx)
	return w, nil
}

func (w *workshop) close() { os.RemoveAll(w.dir) }

// unpack writes the sources of the programs.
func (w *workshop) unpack() error {
	sources, err := fs.Sub(peers, "peers")
	if err != nil {
		return err
	}
	return os.CopyFS(w.dir, sources)
}

// flags returns the best that the C compiler is told.
func flags() []string {
	best := []string{"-O3", "-march=native", "-ffast-math", "-fopenmp"}
	if runtime.GOARCH == "amd64" {
		// Left alone, gcc makes vectors of 256 bits where the processor has 512.
		best = append(best, "-mprefer-vector-width=512")
	}
	return best
}

func (w *workshop) buildC(ctx context.Context) {
	compiler, err := exec.LookPath("gcc")
	if err != nil {
		w.absent[cTool] = "no gcc"
		return
	}
	if out, err := exec.CommandContext(ctx, compiler, "-dumpfullversion").Output(); err == nil {
		w.versions["gcc"] = strings.TrimSpace(string(out))
	}
	for _, name := range []string{"lattice", "matrix", "learners", "limits"} {
		args := append(flags(), "-o", w.path(name), w.path(name+".c"), "-lm")
		if out, err := exec.CommandContext(ctx, compiler, args...).CombinedOutput(); err != nil {
			first, _, _ := strings.Cut(string(out), "\n")
			w.absent[cTool] = "gcc does not build " + name + ".c: " + first
			return
		}
	}
}

// findPython looks for the modules one by one.
func (w *workshop) findPython(ctx context.Context) {
	var err error
	for _, candidate := range []string{"/usr/bin/python3", "python3"} { // the system's has the system's modules
		if w.python, err = exec.LookPath(candidate); err == nil {
			break
		}
	}
	for _, module := range []string{numpy, scipy, numba} {
		if err != nil {
			w.absent[module] = "no python3"
			continue
		}
		out, err := exec.CommandContext(ctx, w.python, "-c", "import "+module+"; print("+module+".__version__)").Output()
		if err != nil {
			w.absent[module] = "no Python module " + module
			continue
		}
		w.versions[module] = strings.TrimSpace(string(out))
	}
	if w.absent[numpy] != "" { // the other programs use it too
		w.absent[scipy], w.absent[numba] = w.absent[numpy], w.absent[numpy]
	}
}

func (w *workshop) path(name string) string { return filepath.Join(w.dir, name) }

// program is one of those that are compared.
type program struct {
	name string
	tool string   // what it needs
	args []string // the first is its file, except for this command
	env  []string
}

// command returns how the program is started.
func (w *workshop) command(p program) []string {
	switch p.tool {
	case goTool:
		return append([]string{w.self, worker}, p.args...)
	case cTool:
		return append([]string{w.path(p.args[0])}, p.args[1:]...)
	}
	return append([]string{w.python, "-B", w.path(p.args[0])}, p.args[1:]...)
}

// process is a program that runs and talks.
type process struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	lines   chan string
	trouble strings.Builder // what it wrote to standard error; to be read when it has ended
}

// patience is how long a program may take for one answer.
const patience = 5 * time.Minute

// start starts a program with a number of threads and waits until it is ready.
func (w *workshop) start(ctx context.Context, p program, threads int) (*process, error) {
	argv := w.command(p)
	c := &process{cmd: exec.CommandContext(ctx, argv[0], argv[1:]...), lines: make(chan string)}
	c.cmd.Dir = w.dir
	c.cmd.Stderr = &c.trouble
	c.cmd.Env = append(os.Environ(), "NUMBA_CACHE_DIR="+w.path("numba"))
	for _, name := range []string{"GOMAXPROCS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"} {
		c.cmd.Env = append(c.cmd.Env, name+"="+strconv.Itoa(threads))
	}
	c.cmd.Env = append(c.cmd.Env, p.env...)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	line, err := c.answer()
	if err == nil && line != "ready" {
		err = fmt.Errorf("it says %q", line)
	}
	if err != nil {
		return nil, fmt.Errorf("does not start: %w", c.fail(err))
	}
	return c, nil
}

// answer returns the next line of the program.
func (c *process) answer() (string, error) {
	select {
	case line, ok := <-c.lines:
		if !ok {
			return "", io.ErrUnexpectedEOF
		}
		return line, nil
	case <-time.After(patience):
		return "", fmt.Errorf("no answer within %v", patience)
	}
}

// fail ends the program and says in one line what went wrong: the last that it
// complained of, or err.
func (c *process) fail(err error) error {
	c.close()
	if s := strings.TrimSpace(c.trouble.String()); s != "" {
		return errors.New(s[strings.LastIndex(s, "\n")+1:])
	}
	return err
}

// ask sends a line and returns the numbers of the answer.
func (c *process) ask(line string, numbers int) ([]float64, error) {
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		return nil, fmt.Errorf("%s: %w", line, c.fail(err))
	}
	text, err := c.answer()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", line, c.fail(err))
	}
	var all []float64
	for _, f := range strings.Fields(text) {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: answered %q", line, text)
		}
		all = append(all, v)
	}
	if len(all) != numbers {
		return nil, fmt.Errorf("%s: answered %q, want %d numbers", line, text, numbers)
	}
	return all, nil
}

// steps does n steps and returns the seconds they took.
func (c *process) steps(n int) (float64, error) {
	t, err := c.ask(fmt.Sprintf("steps %d", n), 1)
	if err != nil {
		return 0, err
	}
	return t[0], nil
}

// close ends the program: it has a moment to do so by itself.
func (c *process) close() {
	c.in.Close()
	stuck := time.AfterFunc(time.Second, func() { c.cmd.Process.Kill() })
	defer stuck.Stop()
	for range c.lines { // until it has ended
	}
	c.cmd.Wait()
}
