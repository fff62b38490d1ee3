package simulate

import (
	"errors"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// Stored is what was recorded of a run, as a store hands it back: finished,
// diverged or stopped on the way.
type Stored struct {
	FrameSteps []int
	FrameTimes []float64
	Frames     []float64 // frame after frame, each the arrays of all fields in order
	// Check verifies a frame before it is used; nil where that is not needed.
	Check func(frame int) error

	Observables []Series
	Invariants  []Series
	Last        []float64 // the last good state, as a frame
	Stop        Stop
	Warnings    []string
}

// Restore returns the recorded run as a Run of views: nothing is copied. Its
// error is that of the run itself: a *DivergedError comes with the Run, as from
// [Job.Run]. What does not fit the job gives an error and no Run.
func (j *Job) Restore(rec Stored) (*Run, error) {
	p := j.plan
	r := &Run{
		Model: p.model, Spec: j.spec, Integrator: p.integrator, Step: p.step, Arch: j.Arch(), fields: p.model.Fields(),
		frameSteps: rec.FrameSteps, frameTimes: rec.FrameTimes, check: rec.Check,
		Observables: rec.Observables, Invariants: rec.Invariants, Stop: rec.Stop, Warnings: rec.Warnings,
	}
	size := 0
	for _, f := range r.fields {
		size += f.Len()
	}
	n := len(rec.FrameSteps)
	if len(rec.FrameTimes) != n || len(rec.Frames) != n*size || len(rec.Last) != size || len(rec.Observables) != len(p.observe) {
		return nil, fmt.Errorf("the stored run does not fit its model: %d numbers for %d frames of %d", len(rec.Frames), n, size)
	}
	r.frames = make([][][]float64, n)
	for i := range r.frames {
		r.frames[i] = split(rec.Frames[i*size:(i+1)*size], r.fields)
	}
	r.Last = &theory.State{Step: rec.Stop.Step, Time: rec.Stop.Time, Arrays: split(rec.Last, r.fields)}
	if rec.Stop.Reason == Diverged {
		at := ""
		for _, f := range r.fields {
			if f.Symbol == rec.Stop.Field {
				at = place(p.model.Lattice(), f, rec.Stop.Site)
			}
		}
		return r, &DivergedError{Stop: rec.Stop, at: at}
	}
	return r, nil
}

// split returns the arrays of the fields within a frame.
func split(frame []float64, fields []theory.Field) [][]float64 {
	arrays := make([][]float64, len(fields))
	for i, f := range fields {
		n := f.Len()
		arrays[i], frame = frame[:n:n], frame[n:]
	}
	return arrays
}

// Replay hands a recorded run to a sink: first the frames, then the series. At
// the first damaged frame and the first error of the sink it stops and ends the
// sink with a run that failed.
func (r *Run) Replay(sink Sink) error {
	h := Header{Fields: r.fields, Lattice: r.Lattice().Shape(), Frames: r.Len(), Spec: r.Spec}
	bare := func(all []Series) (out []Series) {
		for _, s := range all {
			out = append(out, Series{Name: s.Name, Symbol: s.Symbol, Shape: s.Shape, Scale: s.Scale})
		}
		return out
	}
	h.Observables, h.Invariants = bare(r.Observables), bare(r.Invariants)
	if err := sink.Begin(h); err != nil {
		return err
	}
	if err := r.replay(sink); err != nil {
		failed := *r
		failed.Stop.Reason = Failed
		return errors.Join(err, sink.End(&failed))
	}
	return sink.End(r)
}

func (r *Run) replay(sink Sink) error {
	for i := range r.Len() {
		if err := r.verify(i); err != nil {
			return err
		}
		if err := sink.Frame(r.State(i)); err != nil {
			return err
		}
	}
	for _, all := range [][]Series{r.Observables, r.Invariants} {
		for _, s := range all {
			for i, step := range s.Steps {
				if err := sink.Record(s.Name, step, s.Times[i], s.At(i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
