package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/kernel/internal/install"
	"github.com/nnfield/nnfield/kernel/internal/launcher"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

func newInstall() *cobra.Command {
	var prefix string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the kernel \"nnfield (Go)\" for Jupyter",
		Long: `Install makes the kernel "nnfield (Go)" known to Jupyter, Notebook, Lab and other
front-ends, for this user or, with --prefix, below a directory such as /usr/local
or that of a Python environment. It builds the pinned GoNB and compiles what first
cells import, which takes some minutes with an empty module cache, and then
executes two cells with the installed kernel.

Cells import nnfield, plotting and kernel and everything these require, at the
versions nnfield pins, from any directory and without network: the nnfield of the
module this is run in (a clone, or a module that requires it), else the version
of this program. Run it again after an update of nnfield or Go, or when a clone
has moved.`,
		Example: `  nnfield install
  nnfield install --prefix "$VIRTUAL_ENV"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := specDir(prefix)
			if err != nil {
				return err
			}
			return installKernel(cmd.Context(), dir, cmd.ErrOrStderr())
		},
	}
	prefixFlag(cmd, &prefix)
	return cmd
}

func newUninstall() *cobra.Command {
	var prefix string
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Remove the kernel that nnfield install has installed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := specDir(prefix)
			if err != nil {
				return err
			}
			removed, err := install.Remove(dir)
			switch {
			case err != nil:
				return err
			case !removed:
				return fmt.Errorf("no kernel is installed in %s; if it is elsewhere, name it with --prefix", dir)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", dir)
			if cache, err := os.UserCacheDir(); err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "its programs stay, as nnfield run uses them too; remove %s if nothing does\n", filepath.Join(cache, "nnfield"))
			}
			return nil
		},
	}
	prefixFlag(cmd, &prefix)
	return cmd
}

func prefixFlag(cmd *cobra.Command, prefix *string) {
	cmd.Flags().StringVar(prefix, "prefix", "", "the `directory` with share/jupyter below it, in place of the user's own")
}

// specDir returns the directory of the kernelspec.
func specDir(prefix string) (string, error) {
	if prefix == "" {
		data, err := install.DataDir()
		return install.SpecDir(data), err
	}
	abs, err := filepath.Abs(prefix)
	return install.SpecDir(filepath.Join(abs, "share", "jupyter")), err
}

// installKernel prepares the toolchain, writes the kernelspec and tries it.
func installKernel(ctx context.Context, dir string, log io.Writer) error {
	t, err := toolchain.Prepare(ctx, log)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("this program cannot be found to be copied: %w", err)
	}
	version, _ := versions()
	if err := install.Write(dir, program, install.Record{Version: version, Toolchain: t}); err != nil {
		return err
	}
	fmt.Fprintf(log, "nnfield: installed the kernel %q in %s\n", install.Display, dir)
	spec, err := install.ReadSpec(dir)
	if err != nil {
		return err
	}
	session, err := install.Start(ctx, spec)
	if err != nil {
		return fmt.Errorf("the installed kernel does not start: %w", err)
	}
	defer session.Close()
	for _, p := range []install.Probe{install.Hello, install.Figure} {
		took, err := session.Run(ctx, p)
		if err != nil {
			return fmt.Errorf("the installed kernel does not work: %w", err)
		}
		fmt.Fprintf(log, "nnfield: executed %s in %.1f s\n", p.Name, took.Seconds())
	}
	if found, ok := install.Find(install.SearchPath()); !ok {
		fmt.Fprintf(log, "nnfield: Jupyter looks elsewhere unless JUPYTER_PATH names %s\n", filepath.Dir(filepath.Dir(dir)))
	} else if found != dir {
		fmt.Fprintf(log, "nnfield: Jupyter takes another kernel of this name first, that in %s\n", found)
	}
	return nil
}

// newKernel is what kernel.json calls.
func newKernel() *cobra.Command {
	return &cobra.Command{
		Use:    "kernel CONNECTION_FILE",
		Short:  "Become the kernel; for Jupyter, in an installation",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			program, err := os.Executable()
			if err != nil {
				return err
			}
			return launcher.Become(filepath.Dir(program), args[0])
		},
	}
}
