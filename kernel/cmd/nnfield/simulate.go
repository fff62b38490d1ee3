package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/files"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

func newSimulate() *cobra.Command {
	var dir string
	var resume bool
	cmd := &cobra.Command{
		Use:   "simulate SPEC.json -o DIR",
		Short: "Run a Spec, the JSON of a model and a simulation, and write arrays",
		Long: `Simulate runs a Spec without a notebook and writes what it records as arrays
that NumPy reads: frames.npy, times.npy, NAME.npy and NAME.times.npy for each
observable and invariant, spec.json and, last, manifest.json.

A Spec names arrays of more than 64 numbers by their content; those of SPEC.json
are looked for in SPEC.arrays/.

With --resume the run is computed in the run store, as cells compute it: .nnfield,
or what NNFIELD_STORE names. A run that was interrupted or killed goes on from its
last checkpoint when the command is given again, with the bits of one that was
not; one that is stored is not computed again. The arrays are written when it is
done.`,
		Example: "  nnfield simulate docs/packet.json -o packet\n  nnfield simulate docs/packet.json -o packet --resume",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("simulate: %d Specs; give one, as in nnfield simulate docs/packet.json -o packet", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return fmt.Errorf("simulate: no output directory; name one with -o, as in nnfield simulate %s -o packet", args[0])
			}
			spec, arrays, err := files.Read(args[0])
			if err != nil {
				if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
					err = pe.Err
				}
				return fmt.Errorf("spec %s: cannot be read: %w; give the path of a .json file", args[0], err)
			}
			s, err := all.Decode(spec, arrays)
			if err == nil {
				err = s.Check()
			}
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			sink, err := files.Create(dir, arrays)
			if err != nil {
				return err
			}
			if resume {
				return resumed(cmd, s, sink, dir)
			}
			w := &witness{Directory: sink}
			run, err := s.Run(cmd.Context(), simulate.Into(w))
			if run != nil {
				w.report(cmd.OutOrStdout(), dir, run)
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "write the arrays to this `directory`, which must be new or empty")
	cmd.Flags().BoolVar(&resume, "resume", false, "compute in the run store, and go on with what was interrupted there")
	return cmd
}

// resumed computes a simulation in the run store and then writes its arrays.
func resumed(cmd *cobra.Command, s simulate.Simulation, sink *files.Directory, dir string) error {
	run, err := kernel.TryRun(cmd.Context(), s)
	var diverged *simulate.DivergedError
	if run == nil || err != nil && !errors.As(err, &diverged) {
		return err // where an interrupted run stopped has been said
	}
	if err := run.Replay(sink); err != nil {
		return err
	}
	fmt.Fprint(cmd.OutOrStdout(), run)
	fmt.Fprintf(cmd.OutOrStdout(), "%d frames in %s\n", run.Len(), dir)
	return err
}

// witness remembers of what passes to a sink what the report needs.
type witness struct {
	*files.Directory
	invariants []simulate.Series
}

func (w *witness) Begin(h simulate.Header) error {
	w.invariants = append(w.invariants, h.Invariants...)
	return w.Directory.Begin(h)
}

func (w *witness) Record(name string, step int, time float64, values []float64) error {
	for i := range w.invariants {
		if w.invariants[i].Name == name {
			w.invariants[i].Values = append(w.invariants[i].Values, values...)
		}
	}
	return w.Directory.Record(name, step, time, values)
}

func (w *witness) report(out io.Writer, dir string, r *simulate.Run) {
	fmt.Fprintf(out, "%s, %s with ε = %.6g\n", r.Model.Card().Title, r.Integrator.Name, r.Step)
	fmt.Fprintf(out, "%s at t = %.6g after %d steps; %d frames in %s\n", r.Stop.Reason, r.Stop.Time, r.Stop.Step, w.Frames(), dir)
	for _, s := range w.invariants {
		if len(s.Values) > 0 {
			fmt.Fprintf(out, "%s %s = %.6g, drift %s\n", s.Name, s.Symbol, s.Values[0], simulate.Small(s.Drift()))
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(out, "warning:", warning)
	}
}
