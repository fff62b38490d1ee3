package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/kernel/internal/headless"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

func newRun() *cobra.Command {
	var job headless.Job
	cmd := &cobra.Command{
		Use:   "run NOTEBOOK...",
		Short: "Execute notebooks and write them with a self-contained HTML page",
		Long: `Run executes every code cell of the notebooks with the pinned GoNB kernel. It
needs Go and nothing else: no Python, no Jupyter.

For each notebook it writes the executed .ipynb and an .html page that shows
everything without network. It stops at the first cell that fails, writes what
was done until then, and exits with status 1; after Ctrl-C with status 130.

The first run prepares the kernel, which takes some minutes with an empty module
cache; later runs start in less than a second.`,
		Example: `  nnfield run notebooks/01-klein-gordon.ipynb
  nnfield run --in-place notebooks/*.ipynb`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			job.Notebooks = args
			job.Log = cmd.ErrOrStderr()
			if err := job.Check(); err != nil {
				return err
			}
			t, err := toolchain.Prepare(cmd.Context(), job.Log)
			if err != nil {
				return err
			}
			return job.Run(cmd.Context(), headless.Kernel{Argv: t.Kernel(), Env: t.Env})
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&job.Dir, "output", "o", "executed", "write the results to this `directory`")
	flags.BoolVar(&job.InPlace, "in-place", false, "also replace each notebook by its executed form if all its cells passed")
	flags.BoolVar(&job.KeepGoing, "keep-going", false, "go on after a cell that failed, and with the other notebooks")
	flags.DurationVar(&job.Timeout, "timeout", 10*time.Minute, "interrupt a cell that runs longer than this; 0 for no limit")
	return cmd
}
