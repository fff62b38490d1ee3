package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/kernel/internal/doctor"
)

func newDoctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine the installed kernel, link by link",
		Long: `Doctor examines everything between a notebook cell and its output: the
kernelspec that Jupyter finds, Go, GoNB and the other programs, what cells import,
Jupyter itself, a cell that prints and a cell that shows a figure, whether runs
can be stored here, and disk space. For each link that is broken it says how to
mend it, and exits with status 1.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			lines := []doctor.Line{}
			healthy := doctor.Examine(cmd.Context(), func(l doctor.Line) {
				lines = append(lines, l)
				if !asJSON {
					detail := strings.ReplaceAll(strings.TrimSpace(l.Detail), "\n", "\n                     ")
					fmt.Fprintf(out, "%-8s %-11s  %s\n", l.State, l.Name, detail)
				}
			})
			if asJSON {
				if err := printJSON(out, lines); err != nil {
					return err
				}
			}
			if !healthy {
				return errors.New("the kernel is not in order; each line marked broken says what to do")
			}
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
