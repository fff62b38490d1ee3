package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/progress"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// Run computes a simulation in a notebook cell, with a progress bar while it
// lasts.
//
// It never returns an error: a simulation that cannot run, or that diverges,
// ends the cell with one sentence on standard error and status 1. Interrupted by
// the stop button it returns what was computed so far, labelled as such; figures
// of it say so too.
func Run(s simulate.Simulation) *simulate.Run {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop() // a second interrupt ends the cell at once
	r, err := TryRun(ctx, s)
	if err != nil && !(ctx.Err() != nil && r != nil) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return r
}

// TryRun is [Run] for programs: it returns the error, and with a cancelled or
// diverged simulation also the run so far (see simulate.Simulation.Run).
func TryRun(ctx context.Context, s simulate.Simulation) (*simulate.Run, error) {
	epsilon, steps, err := s.Steps()
	if err != nil {
		return nil, err
	}
	bar := progress.Start("simulating", 0, int64(steps), "steps")
	defer bar.Close("")
	r, err := s.Run(ctx, simulate.OnProgress(100*time.Millisecond, func(p simulate.Progress) { bar.Set(int64(p.Step)) }))
	if r == nil {
		return nil, err
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(os.Stderr, "warning:", w)
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		bar.Close(fmt.Sprintf("stopped at t = %.6g of %.6g", r.Stop.Time, float64(steps)*epsilon))
	}
	return r, err
}
