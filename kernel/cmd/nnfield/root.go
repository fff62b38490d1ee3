package main

import "github.com/spf13/cobra"

// newRoot returns the root command. Every command stands in a file of its own.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "nnfield",
		Short: "A laboratory for field theories of neural networks",
		// Errors are one sentence, printed by main; the usage would bury them.
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newInstall(), newUninstall(), newDoctor(), newLab(), newExamples(), newAbout(), newCite(), newRun(), newRuns(), newSimulate(), newVersion(), newKernel())
	return root
}
