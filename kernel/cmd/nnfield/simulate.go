package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/files"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

func newSimulate() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "simulate SPEC.json -o DIR",
		Short: "Run a Spec, the JSON of a model and a simulation, and write arrays",
		Long: `Simulate runs a Spec without a notebook and writes what it records as arrays
that NumPy reads: frames.npy, times.npy, NAME.npy and NAME.times.npy for each
observable and invariant, spec.json and, last, manifest.json.

A Spec names arrays of more than 64 numbers by their content; those of SPEC.json
are looked for in SPEC.arrays/.`,
		Example: "  nnfield simulate docs/packet.json -o packet",
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
			w := &witness{Directory: sink}
			run, err := s.Run(cmd.Context(), simulate.Into(w))
			if run != nil {
				w.report(cmd.OutOrStdout(), dir, run)
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "write the arrays to this `directory`, which must be new or empty")
	return cmd
}

// witness remembers of what passes to a sink what the report needs.
type witness struct {
	*files.Directory
	frames     int
	invariants []simulate.Series
}

func (w *witness) Begin(h simulate.Header) error {
	w.invariants = append(w.invariants, h.Invariants...)
	return w.Directory.Begin(h)
}

func (w *witness) Frame(s *theory.State) error {
	w.frames++
	return w.Directory.Frame(s)
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
	fmt.Fprintf(out, "%s at t = %.6g after %d steps; %d frames in %s\n", r.Stop.Reason, r.Stop.Time, r.Stop.Step, w.frames, dir)
	for _, s := range w.invariants {
		if len(s.Values) > 0 {
			fmt.Fprintf(out, "%s %s = %.6g, drift %s\n", s.Name, s.Symbol, s.Values[0], simulate.Small(s.Drift()))
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(out, "warning:", warning)
	}
}
