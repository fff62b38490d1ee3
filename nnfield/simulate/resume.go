package simulate

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// Checkpoint is all that a run needs to go on as if it had never stopped. What
// was scheduled up to its step has been recorded, nothing after it.
type Checkpoint struct {
	// State is the network's own state, staggered and in network units, as it is
	// kept between steps: synchronising it and back would change the last bits.
	State    *theory.State
	Warnings []string
}

// OnCheckpoint calls save at most every interval of wall clock, and when the run
// is cancelled. The interval grows if saving is slow, so that it takes at most a
// twentieth of the time; an interval of 0 saves at every look at the clock. The
// checkpoint is valid during the call only. An error ends the run.
func OnCheckpoint(interval time.Duration, save func(Checkpoint) error) RunOption {
	return func(r *runner) { r.saver = &saver{interval: interval, save: save, next: time.Now().Add(interval)} }
}

// ResumeFrom starts at a checkpoint of the same job instead of the initial
// state: the rest of the run has the bits of one that was not interrupted.
func ResumeFrom(c Checkpoint) RunOption { return func(r *runner) { r.resume = &c } }

// saver paces checkpoints.
type saver struct {
	interval time.Duration
	save     func(Checkpoint) error
	next     time.Time
	saved    int // the step that was saved last, +1
}

// checkpoint saves where the run is, if it is time or must be.
func (r *runner) checkpoint(must bool) error {
	s := r.saver
	if s == nil || !must && time.Now().Before(s.next) || s.saved == r.net.Step+1 {
		return nil
	}
	began := time.Now()
	if err := s.save(Checkpoint{State: r.net, Warnings: r.run.Warnings}); err != nil {
		return fmt.Errorf("the checkpoint at t = %.6g: %w", r.net.Time, err)
	}
	s.saved = r.net.Step + 1
	if s.interval > 0 {
		s.next = time.Now().Add(max(s.interval, 20*time.Since(began)))
	}
	return nil
}

// restart goes to the checkpoint that the run resumes from.
func (r *runner) restart() error {
	if r.resume == nil {
		return nil
	}
	from := r.resume.State
	fits := len(from.Arrays) == len(r.net.Arrays) && from.Step >= 0 && from.Step <= r.steps
	for i := range r.net.Arrays {
		fits = fits && len(from.Arrays[i]) == len(r.net.Arrays[i])
	}
	if !fits {
		return errors.New("the checkpoint is not one of this simulation; remove it and compute anew")
	}
	r.net.Set(from)
	r.run.Warnings = slices.Clone(r.resume.Warnings)
	return nil
}
