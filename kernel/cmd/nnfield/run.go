package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/kernel/internal/headless"
	"github.com/nnfield/nnfield/kernel/internal/install"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

func newRun() *cobra.Command {
	var job headless.Job
	var params []string
	cmd := &cobra.Command{
		Use:   "run NOTEBOOK...",
		Short: "Execute notebooks and write them with a self-contained HTML page",
		Long: `Run executes every code cell of the notebooks with the pinned GoNB kernel. It
needs Go and nothing else: no Python, no Jupyter.

For each notebook it writes the executed .ipynb and an .html page that shows
everything without network. It stops at the first cell that fails, writes what
was done until then, and exits with status 1; after Ctrl-C with status 130.

Several notebooks are executed at a time. With --param the cell with the tag
"parameters" is followed by one that gives its variables other values, as
papermill does it. With --check the outputs must be those that the notebooks
hold: texts the same, numbers to the given digits, pictures pixel by pixel.

The first run prepares the kernel, which takes some minutes with an empty module
cache; later runs start in less than a second.`,
		Example: `  nnfield run notebooks/01-klein-gordon.ipynb
  nnfield run --in-place notebooks/*.ipynb
  nnfield run --check notebooks/*.ipynb
  nnfield run --param mass=2 -o mass-2 scan.ipynb`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			job.Notebooks = args
			job.Log = cmd.ErrOrStderr()
			for _, text := range params {
				p, err := headless.ParseParam(text)
				if err != nil {
					return err
				}
				job.Params = append(job.Params, p)
			}
			if err := job.Check(); err != nil {
				return err
			}
			t, err := prepare(cmd.Context(), job.Log)
			if err != nil {
				return err
			}
			return job.Run(cmd.Context(), headless.Kernel{Argv: t.Kernel(toolchain.RawErrors), Env: append(t.Env(), display.Headless)})
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&job.Dir, "output", "o", "executed", "write the results to this `directory`")
	flags.BoolVar(&job.InPlace, "in-place", false, "also replace each notebook by its executed form if all its cells passed")
	flags.BoolVar(&job.KeepGoing, "keep-going", false, "go on after a cell that failed, and with the other notebooks")
	flags.DurationVar(&job.Timeout, "timeout", 10*time.Minute, "interrupt a cell that runs longer than this; 0 for no limit")
	flags.IntVarP(&job.Jobs, "jobs", "j", min(4, runtime.NumCPU()), "execute up to `n` notebooks at a time")
	flags.StringArrayVarP(&params, "param", "p", nil, "give a variable of the parameters cell a value: `name=value`, any number of times")
	flags.BoolVar(&job.Compare, "check", false, "fail if the outputs are not those that the notebook holds")
	flags.IntVar(&job.Digits, "digits", 6, "the significant `digits` to which --check compares numbers")
	return cmd
}

// prepare returns the toolchain for the nnfield of the working directory. Where
// there is none, the program of an installation takes that of the installation,
// which keeps its record beside it.
func prepare(ctx context.Context, log io.Writer) (*toolchain.Toolchain, error) {
	t, err := toolchain.Prepare(ctx, log)
	if !errors.Is(err, toolchain.ErrNoSource) {
		return t, err
	}
	program, e := os.Executable()
	if e != nil {
		return nil, err
	}
	record, e := install.ReadRecord(filepath.Dir(program))
	if e != nil || record.Toolchain.Check() != nil {
		return nil, err
	}
	return record.Toolchain, nil
}
