package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == worker {
		if err := work(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run does what the arguments say.
func run(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := f.Bool("quick", false, "small cases and short samples: to see that all agree")
	only := f.String("cases", "", "only cases whose name contains `text`")
	rounds := f.Int("rounds", 3, "how often the programs of a case take turns")
	data := f.String("json", "", "write the results to `file`; cases that it has and this run has not stay")
	figure := f.String("figure", "", "draw the results into `file` (.svg or .png)")
	scaling := f.Bool("scaling", false, "measure sizes, goroutines and whole runs of nnfield instead")
	f.SetOutput(io.Discard)
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		f.SetOutput(out)
		f.Usage()
		return nil
	} else if err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%s: no such argument; use -cases %s to choose cases", f.Arg(0), f.Arg(0))
	}
	if *rounds < 1 {
		return fmt.Errorf("-rounds %d: there must be at least 1", *rounds)
	}
	b := &bench{log: out, threads: runtime.GOMAXPROCS(0), rounds: *rounds, attempts: 3, samples: 5, sample: 50 * time.Millisecond, wait: 20 * time.Second}
	look := 2 * time.Second
	if *quick {
		b.rounds, b.attempts, b.samples, b.sample, b.wait, look = 1, 1, 1, 5*time.Millisecond, 0, 100*time.Millisecond
	}
	all := cases(*quick)
	chosen := slices.DeleteFunc(slices.Clone(all), func(c problem) bool { return !strings.Contains(c.name, *only) })
	if len(chosen) == 0 {
		return fmt.Errorf("-cases %q: no case has it in its name; there are %s", *only, strings.Join(names(all), "; "))
	}
	var err error
	if b.shop, err = newWorkshop(ctx); err != nil {
		return err
	}
	defer b.shop.close()
	b.gate = newGate(ctx, b.threads, look)
	if *scaling {
		return b.runScaling(ctx, *data, *figure)
	}
	report, err := b.report(*data)
	if err != nil {
		return err
	}
	if !*quick {
		if err := b.measureLimits(ctx, report.Limits); err != nil {
			return err
		}
		report.Limits = b.limits
	}
	failed := b.runCases(ctx, chosen, &report)
	report.arrange(all)
	if *data != "" {
		if err := writeJSON(*data, report); err != nil {
			return err
		}
	}
	if *figure != "" {
		if err := report.Figure().Save(*figure); err != nil {
			return err
		}
	}
	return failed
}

// report returns the results of an earlier run of this machine, which this one goes
// on with, or those of none.
func (b *bench) report(file string) (Report, error) {
	here := machine(b.shop, b.threads)
	if file == "" {
		return Report{Machine: here}, nil
	}
	r, err := readReport(file)
	if err != nil {
		return r, fmt.Errorf("-json %s: %w", file, err)
	}
	if len(r.Cases) > 0 && (r.Machine.Processor != here.Processor || r.Machine.Threads != here.Threads) {
		return r, fmt.Errorf("-json %s: measured with %d threads of %q, not %d of %q; give another file", file,
			r.Machine.Threads, r.Machine.Processor, here.Threads, here.Processor)
	}
	r.Machine = here
	return r, nil
}

// runCases measures cases one after the other and adds them to the report. It is an
// error if a program was refused, told after all cases.
func (b *bench) runCases(ctx context.Context, all []problem, report *Report) error {
	var wrong []string
	for _, c := range all {
		r, err := b.run(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		r.write(b.log)
		for _, row := range r.refused() {
			wrong = append(wrong, c.name+", "+row.Name)
		}
		report.Cases = append(report.Cases, r)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("refused: %s", strings.Join(wrong, "; "))
	}
	return nil
}

func names(all []problem) (names []string) {
	for _, c := range all {
		names = append(names, c.name)
	}
	return names
}
