package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versions returns the version of nnfield and of the Go that built this program.
func versions() (nnfield, golang string) {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version, info.GoVersion
	}
	return "(unknown)", "(unknown)"
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of nnfield and of the Go that built it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			version, golang := versions()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "nnfield %s (%s)\n", version, golang)
			return err
		},
	}
}
