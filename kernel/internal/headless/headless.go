// Package headless executes notebooks without a browser: every code cell by the
// kernel, the executed notebook and a self-contained page written beside each
// other.
package headless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nnfield/nnfield/internal/atomicfile"
	"github.com/nnfield/nnfield/kernel/internal/compare"
	"github.com/nnfield/nnfield/kernel/internal/jupyter"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
	"github.com/nnfield/nnfield/kernel/internal/page"
)

// Job says what to execute and where the results go.
type Job struct {
	Notebooks []string      // paths of .ipynb files
	Dir       string        // directory of the results, made if it is not there
	InPlace   bool          // also replace the notebook itself, if every cell passed
	KeepGoing bool          // execute on after a cell that failed
	Timeout   time.Duration // for each cell; 0 means no limit
	Jobs      int           // how many notebooks to execute at a time; 0 means one
	Params    []Param       // values for what the notebooks' parameters cells declare
	Compare   bool          // the outputs must be those that the notebook holds
	Digits    int           // to which numbers are compared
	Log       io.Writer     // progress: a line for each cell
}

// Kernel is how to start a kernel.
type Kernel struct {
	Argv, Env []string // see [jupyter.Command]
}

// CellError tells which cell of a notebook failed, and why.
type CellError struct {
	Notebook string
	Cell     int    // number of the code cell, from 1
	Cells    int    // how many code cells there are
	Line     string // its first line of code
	Err      error
	Stderr   string // what it printed to stderr
}

// Error returns one line that says which cell failed, and the details below it.
func (e *CellError) Error() string {
	details := e.Err.Error()
	var reported *jupyter.CellError
	if errors.As(e.Err, &reported) && len(reported.Traceback) > 1 {
		details = strings.Join(reported.Traceback, "\n") // a compiler's errors with the lines they are about
	} else if printed := strings.TrimSuffix(strings.TrimSpace(e.Stderr), details); printed != "" {
		details += "\n" + tail(printed)
	}
	text := fmt.Sprintf("%s: cell %d of %d failed: %s", e.Notebook, e.Cell, e.Cells, e.Line)
	for line := range strings.Lines(colours.ReplaceAllString(details, "")) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			text += "\n    " + line
		}
	}
	return text
}

// colours matches terminal escape sequences.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// tail returns the last lines of a text.
func tail(text string) string {
	const lines = 12
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (e *CellError) Unwrap() error { return e.Err }

// Check refuses what must fail before anything is built: notebooks that cannot
// be read, and results that would overwrite each other or their source.
func (j Job) Check() error {
	if j.Timeout < 0 {
		return fmt.Errorf("timeout %v; it must not be negative; 0 means no limit", j.Timeout)
	}
	if j.Jobs < 0 {
		return fmt.Errorf("%d notebooks at a time; it must be 1 or more", j.Jobs)
	}
	if j.Compare && (j.Digits < 1 || j.Digits > 15) {
		return fmt.Errorf("comparing to %d digits; it must be 1 to 15", j.Digits)
	}
	if j.InPlace && (j.Compare || len(j.Params) > 0) {
		return errors.New("--in-place replaces the notebook, and with it what --check compares and --param sets; leave it out")
	}
	from := map[string]string{}
	for _, path := range j.Notebooks {
		nb, err := notebook.Read(path)
		if err != nil {
			return err
		}
		if len(j.Params) > 0 {
			if err := inject(nb, j.Params); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		target := j.target(path, ".ipynb")
		if other, taken := from[target]; taken {
			return fmt.Errorf("%s and %s would both be written to %s; run them apart with different -o", other, path, target)
		}
		from[target] = path
		if same(path, target) {
			return fmt.Errorf("%s would be overwritten by its result; choose another directory with -o, or --in-place as well as that", path)
		}
	}
	return nil
}

// same tells whether two paths are one existing file.
func same(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// target returns the path of a result.
func (j Job) target(path, extension string) string {
	base := filepath.Base(path)
	return filepath.Join(j.Dir, strings.TrimSuffix(base, filepath.Ext(base))+extension)
}

// Run executes the notebooks, several at a time. After a cell that failed no
// other notebook is begun, and its own goes no further, unless KeepGoing is set.
// What was done until then is written in either case, and so it is when ctx is
// cancelled. The error joins a *CellError for each failure and a
// *DifferenceError for each output that differs, in the order of the notebooks.
func (j Job) Run(ctx context.Context, k Kernel) error {
	if err := os.MkdirAll(j.Dir, 0o755); err != nil {
		return fmt.Errorf("the directory of the results cannot be made: %w; choose another with -o", err)
	}
	j.Log = &lineWriter{w: j.Log}
	failures := make([]error, len(j.Notebooks))
	var next, stop atomic.Int64
	var workers sync.WaitGroup
	for range min(max(j.Jobs, 1), len(j.Notebooks)) {
		workers.Go(func() {
			for stop.Load() == 0 {
				i := int(next.Add(1)) - 1
				if i >= len(j.Notebooks) {
					return
				}
				failures[i] = j.run(ctx, k, j.Notebooks[i])
				if failures[i] != nil && (ctx.Err() != nil || !j.KeepGoing) {
					stop.Store(1)
				}
			}
		})
	}
	workers.Wait()
	return errors.Join(failures...)
}

// lineWriter lets goroutines write lines, each in one call of Write.
type lineWriter struct {
	sync.Mutex
	w io.Writer
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.w.Write(p)
}

// label goes before what is said of a notebook's cells while others are executed.
func (j Job) label(path string) string {
	if j.Jobs <= 1 || len(j.Notebooks) == 1 {
		return ""
	}
	return filepath.Base(path) + " "
}

func (j Job) run(ctx context.Context, k Kernel, path string) error {
	nb, err := notebook.Read(path)
	if err != nil {
		return err
	}
	if len(j.Params) > 0 {
		if err := inject(nb, j.Params); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	stored := make([][]notebook.Output, len(nb.Cells))
	for i, c := range nb.Cells {
		stored[i] = c.Outputs()
	}
	failure := j.execute(ctx, k, path, nb)
	if failure == nil && j.Compare {
		failure = j.compare(path, nb, stored)
	}
	return errors.Join(failure, j.write(path, nb, failure == nil))
}

// DifferenceError tells which cell of a notebook gave other outputs than before.
type DifferenceError struct {
	Notebook string
	Cell     int    // number of the code cell, from 1, as in CellError
	Line     string // its first line of code
	Err      error
}

func (e *DifferenceError) Error() string {
	return fmt.Sprintf("%s: the outputs of cell %d are not those stored: %s\n    %v\n    execute it with --in-place if these are right", e.Notebook, e.Cell, e.Line, e.Err)
}

func (e *DifferenceError) Unwrap() error { return e.Err }

// compare compares the outputs of all cells with those that were stored.
func (j Job) compare(path string, nb *notebook.Notebook, stored [][]notebook.Output) error {
	var differences []error
	n := 0
	for i, c := range nb.Cells {
		if c.Kind() != notebook.Code || strings.TrimSpace(c.Source()) == "" {
			continue
		}
		n++
		if err := compare.Outputs(stored[i], c.Outputs(), j.Digits); err != nil {
			differences = append(differences, &DifferenceError{Notebook: path, Cell: n, Line: firstLine(c.Source()), Err: err})
		}
	}
	return errors.Join(differences...)
}

// execute executes the code cells of a notebook in a kernel of its own, which
// runs in the notebook's directory.
func (j Job) execute(ctx context.Context, k Kernel, path string, nb *notebook.Notebook) error {
	var cells []*notebook.Cell
	for _, c := range nb.Cells {
		if c.Kind() == notebook.Code {
			c.SetOutputs(nil, 0) // nothing of an earlier execution stays, wherever this one ends
			if strings.TrimSpace(c.Source()) != "" {
				cells = append(cells, c)
			}
		}
	}
	nb.SetKernel("nnfield", "nnfield (Go)", "go", ".go", "text/x-go")
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	fmt.Fprintf(j.Log, "%s\n", path)
	kernel, err := jupyter.Start(ctx, jupyter.Command{Argv: k.Argv, Env: k.Env, Dir: dir})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer kernel.Close()
	var failures []error
	for i, c := range cells {
		line := firstLine(c.Source())
		start := time.Now()
		r, err := kernel.Execute(ctx, c.Source(), j.Timeout)
		clean(r.Outputs, kernel.TempDir())
		c.SetOutputs(r.Outputs, r.Count)
		fmt.Fprintf(j.Log, "%s[%d/%d] %6.2f s  %s\n", j.label(path), i+1, len(cells), time.Since(start).Seconds(), line)
		died := err != nil
		if !died {
			err = r.Failure
		}
		if err == nil {
			continue
		}
		if errors.Is(err, jupyter.ErrTimeout) {
			err = fmt.Errorf("%w after %v; allow more with --timeout", err, j.Timeout)
		}
		failures = append(failures, &CellError{
			Notebook: path, Cell: i + 1, Cells: len(cells), Line: line, Err: err, Stderr: stderr(r.Outputs)})
		if died || ctx.Err() != nil || !j.KeepGoing {
			break
		}
	}
	for _, c := range cells {
		c.SetOutputs(settle(c.Outputs()), c.Count())
	}
	return errors.Join(failures...)
}

// settle takes the blank outputs away and joins the streams that they stood
// between, so that a file does not tell how long something took.
func settle(outputs []notebook.Output) []notebook.Output {
	var all []notebook.Output
	for _, o := range slices.DeleteFunc(outputs, blank) {
		if n := len(all); n > 0 && o.Type() == "stream" && all[n-1].Type() == "stream" && o.Stream() == all[n-1].Stream() {
			all[n-1]["text"] = all[n-1].Text() + o.Text()
			continue
		}
		all = append(all, o)
	}
	return all
}

// blank tells whether an output shows nothing: what a progress bar leaves that
// was shown for as long as it lasted. Whether it came at all is a matter of speed.
func blank(o notebook.Output) bool {
	data, ok := o["data"].(map[string]any)
	for _, content := range data {
		ok = ok && content == ""
	}
	return ok
}

// write writes the results of a notebook, and the notebook itself if that is wanted.
func (j Job) write(path string, nb *notebook.Notebook, passed bool) error {
	html, err := page.Render(nb, page.Options{Name: filepath.Base(path), Dir: filepath.Dir(path)})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := nb.Write(j.target(path, ".ipynb")); err != nil {
		return err
	}
	if err := atomicfile.Write(j.target(path, ".html"), html); err != nil {
		return err
	}
	fmt.Fprintf(j.Log, "wrote %s and %s\n", j.target(path, ".ipynb"), j.target(path, ".html"))
	if !j.InPlace {
		return nil
	}
	if !passed {
		fmt.Fprintf(j.Log, "left %s as it was, because a cell failed\n", path)
		return nil
	}
	return nb.Write(path)
}

// firstLine returns the first line of a cell that says what it does: no magic
// %% alone and no comment if there is another; long lines are cut.
func firstLine(source string) string {
	const width = 60
	first := ""
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if first == "" {
			first = line
		}
		if line != "%%" && !strings.HasPrefix(line, "//") {
			first = line
			break
		}
	}
	if runes := []rune(first); len(runes) > width {
		first = string(runes[:width-1]) + "…"
	}
	return first
}

// stderr returns what a cell printed to stderr.
func stderr(outputs []notebook.Output) string {
	var text strings.Builder
	for _, o := range outputs {
		if o.Type() == "stream" && o.Stream() == "stderr" {
			text.WriteString(o.Text())
		}
	}
	return text.String()
}

// gonbModule matches the random name of the module in which GoNB compiles cells.
var gonbModule = regexp.MustCompile(`\bgonb_[0-9a-f]{8}\b`)

// clean takes names that differ in each execution out of printed texts and
// errors: the kernel's temporary directory and GoNB's module in it.
func clean(outputs []notebook.Output, temp string) {
	scrub := func(text string) string {
		return gonbModule.ReplaceAllString(strings.ReplaceAll(text, temp+string(filepath.Separator), ""), "cell")
	}
	for _, o := range outputs {
		for _, field := range []string{"text", "evalue"} {
			if text, ok := o[field].(string); ok {
				o[field] = scrub(text)
			}
		}
		if lines, ok := o["traceback"].([]any); ok {
			for i := range lines {
				if text, ok := lines[i].(string); ok {
					lines[i] = scrub(text)
				}
			}
		}
	}
}
