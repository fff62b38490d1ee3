// Command latency measures how long cells take in nnfield's kernel and in a
// stock GoNB, and prints the table of docs/latency.md:
//
//	go run ./kernel/internal/latency > docs/latency.md
//
// Both kernels are the same build of GoNB, execute the same cells with the same
// warm caches, and take turns cell by cell. The stock one has its default
// settings and gets the modules that the cells import required beforehand.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/jupyter"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

const (
	rounds = 4 // kernel starts; the first warms the caches and is not counted
	cells  = 5 // of each kind in a round
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

const imports = `import (
	"fmt"

	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting"
)
`

const (
	trivial = "%%\nfmt.Println(\"cell\", "
	weights = "%%\nplotting.Show(plotting.Weights(nnfield.KleinGordon().Ring(32, 8).Mass("
	stored  = "%%\nplotting.Show(plotting.Spacetime(kernel.Run(nnfield.KleinGordon().Ring(512, 40).Mass(1).Packet(nnfield.At(10), nnfield.Width(1.5)).Until(30)))) // "
)

// kind is what is measured.
type kind struct {
	name string
	cell func(n int) string // no two cells are the same
}

var kinds = []kind{
	{"trivial cell", func(n int) string { return fmt.Sprintf("%s%d)", trivial, n) }},
	{"figure cell", func(n int) string { return fmt.Sprintf("%s%d)))", weights, n) }},
	{"figure cell of a stored run", func(n int) string { return fmt.Sprintf("%s%d", stored, n) }},
}

const (
	firstCell   = "kernel start and first cell"
	firstFigure = "kernel start, imports and first figure"
)

// kernel is one of the two.
type kernel struct {
	name  string
	argv  []string
	env   []string
	setup string // a cell that has to run before the others
	dir   string // of its notebook
	times map[string][]time.Duration

	running *jupyter.Kernel
}

func run(ctx context.Context) error {
	t, err := toolchain.Prepare(ctx, os.Stderr)
	if err != nil {
		return err
	}
	bin, err := os.MkdirTemp("", "latency-bin-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	stock, err := stockKernel(t, bin)
	if err != nil {
		return err
	}
	both := []*kernel{{name: "nnfield", argv: t.Kernel(), env: t.Env()}, stock}
	for _, k := range both {
		k.times = map[string][]time.Duration{}
		if k.dir, err = os.MkdirTemp("", "latency-"); err != nil {
			return err
		}
		defer os.RemoveAll(k.dir)
	}
	for round := range rounds {
		if err := measure(ctx, both, round); err != nil {
			return err
		}
		if round == 0 {
			clear(both[0].times)
			clear(both[1].times)
		}
		fmt.Fprintf(os.Stderr, "latency: round %d of %d\n", round+1, rounds)
	}
	report(both)
	return nil
}

// stockKernel returns GoNB as its own installation starts it, with goimports in bin.
func stockKernel(t *toolchain.Toolchain, bin string) (*kernel, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nnfield/nnfield").Output()
	if err != nil {
		return nil, errors.New("run it in a clone of nnfield")
	}
	clone := strings.TrimSpace(string(out))
	// goimports lies beside our go command, which a stock GoNB does not have.
	if err := os.Symlink(filepath.Join(t.Dir, "bin", "goimports"), filepath.Join(bin, "goimports")); err != nil {
		return nil, err
	}
	return &kernel{
		name: "stock GoNB",
		argv: []string{filepath.Join(t.Dir, "bin", "gonb"), "-kernel", "{connection_file}"},
		env:  append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH")),
		setup: fmt.Sprintf("!*go mod edit -require=github.com/nnfield/nnfield@v0.0.0 -replace=github.com/nnfield/nnfield=%s\n"+
			"!*cp %[1]s/go.sum .\n!*sed -n '/^require/,/^)/p' %[1]s/go.mod >> go.mod", clone),
	}, nil
}

// measure starts both kernels and executes all cells, in turns.
func measure(ctx context.Context, both []*kernel, round int) error {
	for _, k := range both {
		start := time.Now()
		var err error
		if k.running, err = jupyter.Start(ctx, jupyter.Command{Argv: k.argv, Env: k.env, Dir: k.dir}); err != nil {
			return err
		}
		defer k.running.Close()
		if _, err := k.execute(ctx, "import \"fmt\"\n"+kinds[0].cell(0)); err != nil {
			return err
		}
		k.note(firstCell, time.Since(start))
		preparing := time.Duration(0)
		if k.setup != "" {
			if preparing, err = k.execute(ctx, k.setup); err != nil {
				return err
			}
		}
		if _, err := k.execute(ctx, imports+kinds[1].cell(1000*round+1000)); err != nil {
			return err
		}
		k.note(firstFigure, time.Since(start)-preparing)
	}
	for n := range cells {
		for _, kind := range kinds {
			for _, k := range both {
				took, err := k.execute(ctx, kind.cell(1000*round+n+1))
				if err != nil {
					return err
				}
				k.note(kind.name, took)
			}
		}
	}
	return nil
}

// execute executes a cell, which must not fail.
func (k *kernel) execute(ctx context.Context, code string) (time.Duration, error) {
	start := time.Now()
	r, err := k.running.Execute(ctx, code, 0)
	if err = errors.Join(err, r.Failure); err != nil {
		return 0, fmt.Errorf("%s: %s: %w: %v", k.name, code, err, r.Outputs)
	}
	return time.Since(start), nil
}

func (k *kernel) note(name string, took time.Duration) { k.times[name] = append(k.times[name], took) }

// median returns the median in seconds.
func median(times []time.Duration) float64 {
	times = slices.Sorted(slices.Values(times))
	n := len(times)
	return (times[(n-1)/2] + times[n/2]).Seconds() / 2
}

func report(both []*kernel) {
	fmt.Printf(`# How long a cell takes

Medians, in seconds, from sending a cell to its last output: %d kernel starts and %d cells of each kind after each, on
%s/%s with %d processors and %s. Both kernels are the same build of GoNB, execute the same cells with the same warm
caches and take turns cell by cell; "stock" is GoNB as its own installation starts it, with the modules that the cells
import required beforehand. `+"`go run ./kernel/internal/latency`"+` measures this table again.

| | nnfield | stock GoNB | ratio |
|---|---|---|---|
`, rounds-1, cells, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	names := []string{firstCell, firstFigure}
	for _, k := range kinds {
		names = append(names, k.name)
	}
	for _, name := range names {
		a, b := median(both[0].times[name]), median(both[1].times[name])
		fmt.Printf("| %s | %.2f | %.2f | %.2f |\n", name, a, b, a/b)
	}
	fmt.Print(`
What makes the difference: a go command for the kernel that compiles and links as the last cell with the same imports
was compiled and linked, without finding out anew what the imports stand for; no request to the network before a cell;
programs without debug tables and cgo; figures that link few packages. NNFIELD_FAST_GO=off in the environment of the
notebook server switches the first of these off.
`)
}
