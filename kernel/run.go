package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/interrupt"
	"github.com/nnfield/nnfield/kernel/internal/progress"
	"github.com/nnfield/nnfield/kernel/internal/store"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// Option changes how a cell runs a simulation, not what it computes.
type Option func(*job)

// job is one call of TryRun.
type job struct {
	*simulate.Job
	preview *preview
}

// checkpoints are this far apart: what a killed process loses at most.
var checkpointInterval = 5 * time.Second

// Run returns the run of a simulation in a notebook cell: it is loaded from the
// store if it has been computed before, by whatever notebook or process, and
// computed otherwise, with a progress bar while that lasts.
//
// The store is the directory .nnfield beside the notebook, or that named by the
// environment variable NNFIELD_STORE. A run is found by what determines its bits
// (see simulate.Job.Key): change the model and it is computed, change nothing
// and it is loaded.
//
// Run never returns an error: a simulation that cannot run, or that diverges,
// ends the cell with one sentence on standard error and status 1. Interrupted by
// the stop button it returns what was computed so far, labelled as such; figures
// of it say so too; a second interrupt ends the cell at once. The next time it goes on from there, and after the process
// was killed from a checkpoint at most a few seconds back; the bits are those of
// a run that was never interrupted.
func Run(s simulate.Simulation, options ...Option) *simulate.Run {
	ctx, stop := interrupt.Context("", os.Interrupt)
	defer stop()
	r, err := TryRun(ctx, s, options...)
	if err != nil && !(ctx.Err() != nil && r != nil) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return r
}

// TryRun is [Run] for programs: it returns the error, and with a cancelled or
// diverged simulation also the run so far (see simulate.Simulation.Run).
func TryRun(ctx context.Context, s simulate.Simulation, options ...Option) (*simulate.Run, error) {
	prepared, err := s.Prepare()
	if err != nil {
		return nil, err
	}
	j := &job{Job: prepared}
	for _, o := range options {
		o(j)
	}
	r, err := j.obtain(ctx)
	if r == nil {
		return nil, err
	}
	for _, w := range r.Warnings {
		warn(w)
	}
	if shown := j.preview.finish(r); shown != nil && err == nil {
		err = shown
	}
	return r, err
}

func warn(text string) { fmt.Fprintln(os.Stderr, "warning:", text) }

func note(text string) { fmt.Fprintln(os.Stderr, "note:", text) }

// obtain loads or computes the run.
func (j *job) obtain(ctx context.Context) (*simulate.Run, error) {
	s, notice, err := store.Default()
	if err != nil {
		warn(err.Error())
		return j.compute(ctx, nil)
	}
	if notice != "" {
		note(notice)
	}
	wait := progress.Start("waiting for another process that computes this run", 0, 1, "runs")
	entry, part, err := s.Obtain(ctx, j.Key(), func() { wait.Set(0) }, warn)
	wait.Close("")
	switch {
	case err != nil:
		return nil, err
	case entry != nil:
		return entry.Restore(j.Job)
	}
	r, err := j.compute(ctx, part)
	if closed := part.Close(); closed != nil && err == nil {
		err = closed
	}
	return r, err
}

// compute runs the simulation, into a part of the store if there is one.
func (j *job) compute(ctx context.Context, part *store.Part) (*simulate.Run, error) {
	epsilon, steps := j.Steps()
	var options []simulate.RunOption
	from := 0
	if part != nil {
		options = part.Options(j.Job, checkpointInterval)
		from = part.Resumed()
	}
	bar := progress.Start("simulating", int64(from), int64(steps), "steps")
	defer bar.Close("")
	options = append(options, simulate.OnProgress(100*time.Millisecond, func(p simulate.Progress) {
		bar.Set(int64(p.Step))
		j.preview.update(part)
	}))
	r, err := j.Job.Run(ctx, options...)
	if part != nil && (r == nil || r.Stop.Reason == simulate.Failed) {
		return nil, fmt.Errorf("the run cannot be stored: %w; make room, or name another directory in NNFIELD_STORE, and run it again", err)
	}
	if r == nil {
		return nil, err
	}
	if part != nil {
		elapsed := r.Elapsed
		recorded, _, stored := part.Result(r)
		if recorded == nil {
			return nil, stored
		}
		r = recorded
		r.Elapsed = elapsed
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		again := "run it again to continue"
		switch {
		case part == nil:
			again = "run it again to start over"
		case err != ctx.Err(): // where it stopped could not be saved
			warn(err.Error())
			again = "run it again to continue from the checkpoint before"
		}
		bar.Close(fmt.Sprintf("stopped at t = %.6g of %.6g; %s", r.Stop.Time, float64(steps)*epsilon, again))
	}
	return r, err
}
