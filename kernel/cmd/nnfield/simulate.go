package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/files"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

func newSimulate() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "simulate SPEC.json",
		Short: "Run a Spec, the JSON of a model and a simulation, and write arrays",
		Long: `Simulate runs a Spec without a notebook and writes what it records as arrays
that NumPy reads: frames.npy, times.npy, NAME.npy and NAME.times.npy for each
observable and invariant, spec.json and, last, manifest.json.

A Spec names arrays of more than 64 numbers by their content; those of SPEC.json
are looked for in SPEC.arrays/.`,
		Example: "  nnfield simulate docs/packet.json -o packet",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			spec, arrays, err := files.Read(args[0])
			if err != nil {
				return err
			}
			s, err := all.Decode(spec, arrays)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := s.Check(); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			sink, err := files.Create(dir, arrays)
			if err != nil {
				return err
			}
			run, err := s.Run(cmd.Context(), simulate.Into(sink))
			if run != nil {
				fmt.Fprint(cmd.OutOrStdout(), run)
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "write the arrays to this `directory`, which must be new or empty")
	_ = cmd.MarkFlagRequired("output") // fails only for a flag that does not exist
	return cmd
}
