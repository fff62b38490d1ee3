package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/kernel/internal/install"
	"github.com/nnfield/nnfield/kernel/internal/lab"
)

func newLab() *cobra.Command {
	return &cobra.Command{
		Use:   "lab [DIR] [-- JUPYTER OPTIONS]",
		Short: "Open JupyterLab or Jupyter Notebook with the kernel and the tutorials",
		Long: `Lab opens JupyterLab, or Jupyter Notebook where there is no Lab, in a directory
(this one if none is given), with "nnfield (Go)" as the kernel of new notebooks. It
installs the kernel if that is missing or broken, and copies the tutorials into
DIR/tutorials; those that are there already stay as they are.

The server listens on 127.0.0.1 only, unless an option --ip says otherwise, behind
Jupyter's token. Ctrl-C ends it.`,
		Example: `  nnfield lab
  nnfield lab ~/notebooks -- --no-browser --port=8899`,
		Args: func(cmd *cobra.Command, args []string) error {
			own := args
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				own = args[:dash]
			}
			return cobra.MaximumNArgs(1)(cmd, own)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, options := ".", []string(nil)
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				args, options = args[:dash], args[dash:]
			}
			if len(args) == 1 {
				dir = args[0]
			}
			dir, err := filepath.Abs(dir)
			if err != nil {
				return err
			}
			frontEnd, err := lab.FindFrontEnd()
			if err != nil {
				return err
			}
			if !usable() {
				spec, err := specDir("")
				if err != nil {
					return err
				}
				if err := installKernel(cmd.Context(), spec, cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			copied, err := lab.CopyTutorials(filepath.Join(dir, "tutorials"))
			if err != nil {
				return err
			}
			lab.Trust(copied)
			if len(copied) > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "nnfield: copied the tutorials into %s\n", filepath.Join(dir, "tutorials"))
			}
			return lab.Become(frontEnd.Command(dir, options...))
		},
	}
}

// usable tells whether the kernel that Jupyter finds is of this version and whole.
func usable() bool {
	dir, ok := install.Find(install.SearchPath())
	if !ok {
		return false
	}
	record, err := install.ReadRecord(dir)
	version, _ := versions()
	return err == nil && record.Version == version && record.Toolchain.Check() == nil
}

func newExamples() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "examples [DIR]",
		Short: "List the tutorials, or copy them into a directory",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			all, err := lab.Tutorials()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				copied, err := lab.CopyTutorials(args[0])
				for _, path := range copied {
					fmt.Fprintf(out, "wrote %s\n", path)
				}
				if kept := len(all) - len(copied); err == nil && kept > 0 {
					fmt.Fprintf(out, "left %d as they were\n", kept)
				}
				return err
			}
			if asJSON {
				return printJSON(out, all)
			}
			for _, t := range all {
				fmt.Fprintf(out, "%-32s %s\n", t.Name, t.Title)
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
