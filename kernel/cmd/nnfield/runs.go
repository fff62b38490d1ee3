package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/kernel/internal/store"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/files"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

func newRuns() *cobra.Command {
	var dir string
	runs := &cobra.Command{
		Use:   "runs",
		Short: "Look after the runs that notebooks have stored",
		Long: `Runs looks after the store of a notebook: the directory .nnfield beside it, or
the one that NNFIELD_STORE names. A run is named by the first digits of its ID,
as list shows them.

The store keeps at most 20 GB, or what NNFIELD_STORE_GB says, and removes what
was used longest ago; it never removes what is pinned or open.`,
	}
	runs.PersistentFlags().StringVar(&dir, "store", store.Dir(), "look at the store in this `directory`")
	at := func() *store.Store { return store.At(dir) }
	runs.AddCommand(runsList(at), runsShow(at), runsCompare(at), runsExport(at), runsPin(at), runsRemove(at), runsVerify(at))
	return runs
}

// plainText takes control characters out of what a stored file says.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, s)
}

// open returns the run that a prefix names.
func open(s *store.Store, prefix string) (*store.Entry, error) {
	id, err := s.Find(prefix)
	if err != nil {
		return nil, err
	}
	return s.Open(id)
}

func runsList(at func() *store.Store) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the stored runs, the last used first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := at().List()
			if err != nil {
				return err
			}
			type row struct {
				ID     string  `json:"id"`
				Model  string  `json:"model"`
				Time   float64 `json:"time"`
				Stop   string  `json:"stop"`
				Frames int     `json:"frames"`
				Bytes  int64   `json:"bytes"`
				Used   string  `json:"used"`
				Pinned bool    `json:"pinned"`
				Error  string  `json:"error,omitempty"`
			}
			rows := []row{}
			for _, i := range items {
				r := row{ID: i.ID, Bytes: i.Bytes, Used: i.Used.Format("2006-01-02 15:04"), Pinned: i.Pinned}
				if m, err := at().Manifest(i.ID); err != nil {
					r.Error = err.Error()
				} else {
					r.Model, r.Time, r.Stop, r.Frames = m.Title, m.Stop.Time, string(m.Stop.Reason), m.Frames.Records
				}
				rows = append(rows, r)
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return printJSON(out, rows)
			}
			if len(rows) == 0 {
				fmt.Fprintf(out, "no runs in %s\n", at().Directory())
				return nil
			}
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tUSED\tSIZE\tFRAMES\tUNTIL\t\tMODEL")
			for _, r := range rows {
				pin := ""
				if r.Pinned {
					pin = "pinned"
				}
				if r.Error != "" {
					r.Model = "cannot be read; see nnfield runs verify"
				} else if r.Stop != string(simulate.Finished) {
					r.Model += ", " + r.Stop
				}
				fmt.Fprintf(table, "%.12s\t%s\t%s\t%d\t%.6g\t%s\t%s\n", r.ID, r.Used, room.Bytes(float64(r.Bytes)), r.Frames, r.Time, pin, plainText(r.Model))
			}
			return table.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func runsShow(at func() *store.Store) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show what a stored run is: its Spec, how it ended, what drifted",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := open(at(), args[0])
			if err != nil {
				return err
			}
			spec, _, err := e.SpecAndArrays()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				return printJSON(out, struct {
					Manifest store.Manifest  `json:"manifest"`
					Spec     json.RawMessage `json:"spec"`
				}{e.Manifest, spec})
			}
			fmt.Fprintf(out, "run %s\n%s, %s with ε = %.6g\n", e.ID, plainText(e.Title), plainText(e.Integrator), e.Step)
			fmt.Fprintf(out, "%s at t = %.6g after %d steps, %d frames\n", plainText(string(e.Stop.Reason)), e.Stop.Time, e.Stop.Step, e.Frames.Records)
			rec := e.Stored()
			for _, s := range rec.Invariants {
				if len(s.Values) > 0 {
					fmt.Fprintf(out, "%s %s = %.6g, drift %s\n", plainText(s.Name), plainText(s.Symbol), s.Values[0], simulate.Small(s.Drift()))
				}
			}
			for _, s := range rec.Observables {
				fmt.Fprintf(out, "observed %s, %d records\n", plainText(s.Name), len(s.Times))
			}
			for _, w := range rec.Warnings {
				fmt.Fprintln(out, "warning:", plainText(w))
			}
			fmt.Fprintf(out, "numbers of version %d.%d on %s\n%s\n", e.Numerics[0], e.Numerics[1], plainText(e.Arch), plainText(string(spec)))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func runsCompare(at func() *store.Store) *cobra.Command {
	return &cobra.Command{
		Use:   "compare RUN RUN",
		Short: "Show where the Specs of two runs differ, and their results",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var entries [2]*store.Entry
			var specs [2]map[string]string
			for i, prefix := range args {
				var err error
				if entries[i], err = open(at(), prefix); err != nil {
					return err
				}
				spec, _, err := entries[i].SpecAndArrays()
				if err != nil {
					return err
				}
				var tree any
				if err := json.Unmarshal(spec, &tree); err != nil {
					return fmt.Errorf("run %.12s: its Spec: %w", entries[i].ID, err)
				}
				specs[i] = map[string]string{}
				flatten(specs[i], "", tree)
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintf(table, "\t%.12s\t%.12s\n", entries[0].ID, entries[1].ID)
			paths := maps.Clone(specs[0])
			maps.Copy(paths, specs[1])
			for _, path := range slices.Sorted(maps.Keys(paths)) {
				a, inA := specs[0][path]
				b, inB := specs[1][path]
				if a != b || inA != inB {
					fmt.Fprintf(table, "%s\t%s\t%s\n", plainText(path), orDash(a), orDash(b))
				}
			}
			a, b := entries[0].Stored(), entries[1].Stored()
			fmt.Fprintf(table, "stopped at\t%.6g\t%.6g\n", a.Stop.Time, b.Stop.Time)
			for _, s := range a.Invariants {
				i := slices.IndexFunc(b.Invariants, func(o simulate.Series) bool { return o.Name == s.Name })
				if i >= 0 && len(s.Values) > 0 && len(b.Invariants[i].Values) > 0 {
					fmt.Fprintf(table, "drift of %s\t%s\t%s\n", plainText(s.Name), simulate.Small(s.Drift()), simulate.Small(b.Invariants[i].Drift()))
				}
			}
			if err := table.Flush(); err != nil {
				return err
			}
			if len(a.Last) != len(b.Last) {
				fmt.Fprintln(cmd.OutOrStdout(), "the last states have different sizes")
				return nil
			}
			difference, scale := 0.0, 0.0
			for i, v := range a.Last {
				difference = max(difference, math.Abs(v-b.Last[i]))
				scale = max(scale, math.Abs(v), math.Abs(b.Last[i]))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "the last states differ by at most %.3g, their numbers are at most %.3g\n", difference, scale)
			return nil
		},
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return plainText(s)
}

// flatten writes the leaves of a JSON value under their paths.
func flatten(into map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			flatten(into, strings.TrimPrefix(path+"."+key, "."), x)
		}
	case []any:
		for i, x := range v {
			flatten(into, fmt.Sprintf("%s[%d]", path, i), x)
		}
	default:
		b, _ := json.Marshal(v) // it came from JSON
		into[path] = string(b)
	}
}

func runsExport(at func() *store.Store) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "Write a stored run as arrays that NumPy reads",
		Long: `Export writes a stored run as nnfield simulate writes one: frames.npy, times.npy,
NAME.npy and NAME.times.npy for each observable and invariant, spec.json and
manifest.json. Every number is verified first.`,
		Example: "  nnfield runs export 3fa9 -o packet",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return fmt.Errorf("runs export: no output directory; name one with -o, as in nnfield runs export %s -o packet", args[0])
			}
			e, err := open(at(), args[0])
			if err != nil {
				return err
			}
			if err := e.Verify(); err != nil {
				return err
			}
			spec, arrays, err := e.SpecAndArrays()
			if err != nil {
				return err
			}
			s, err := all.Decode(spec, arrays)
			if err != nil {
				return fmt.Errorf("run %.12s: it holds what only its notebook knows: %w", e.ID, err)
			}
			j, err := s.Prepare()
			if err != nil {
				return fmt.Errorf("run %.12s: %w", e.ID, err)
			}
			run, err := e.Restore(j)
			var diverged *simulate.DivergedError
			if err != nil && !errors.As(err, &diverged) {
				return err
			}
			sink, err := files.Create(dir, arrays)
			if err != nil {
				return err
			}
			if err := run.Replay(sink); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d frames in %s\n", run.Len(), dir)
			return nil
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "write the arrays to this `directory`, which must be new or empty")
	return cmd
}

func runsPin(at func() *store.Store) *cobra.Command {
	var off bool
	cmd := &cobra.Command{
		Use:   "pin RUN...",
		Short: "Keep runs, however full the store is",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return eachRun(at(), args, func(id string) error { return at().Pin(id, !off) })
		},
	}
	cmd.Flags().BoolVar(&off, "off", false, "let them go again")
	return cmd
}

func runsRemove(at func() *store.Store) *cobra.Command {
	return &cobra.Command{
		Use:   "rm RUN...",
		Short: "Remove runs that no process has open",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return eachRun(at(), args, at().Remove)
		},
	}
}

// eachRun calls f for each named run; all names are looked up first.
func eachRun(s *store.Store, prefixes []string, f func(id string) error) error {
	var ids []string
	for _, p := range prefixes {
		id, err := s.Find(p)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		if err := f(id); err != nil {
			return err
		}
	}
	return nil
}

func runsVerify(at func() *store.Store) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [RUN...]",
		Short: "Check every number of the named runs, or of all",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				items, err := at().List()
				if err != nil {
					return err
				}
				for _, i := range items {
					args = append(args, i.ID)
				}
			}
			damaged, unread := 0, 0
			err := eachRun(at(), args, func(id string) error {
				e, err := at().Open(id)
				if err == nil {
					err = e.Verify()
					e.Close() // there may be more runs than descriptors
				}
				switch {
				case err == nil:
				case errors.Is(err, store.ErrDamaged):
					damaged++
				default:
					unread++
				}
				if err != nil {
					fmt.Fprintln(cmd.OutOrStdout(), err)
				}
				return cmd.Context().Err()
			})
			switch {
			case err != nil:
				return err
			case damaged > 0 && unread > 0:
				return fmt.Errorf("%d of %d runs are damaged; remove them with nnfield runs rm, their notebooks compute them again; %d could not be read now, which says nothing about them", damaged, len(args), unread)
			case damaged > 0:
				return fmt.Errorf("%d of %d runs are damaged; remove them with nnfield runs rm, their notebooks compute them again", damaged, len(args))
			case unread > 0:
				return fmt.Errorf("%d of %d runs could not be read now, which says nothing about them; see the reasons above", unread, len(args))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d runs are as they were stored\n", len(args))
			return nil
		},
	}
}
