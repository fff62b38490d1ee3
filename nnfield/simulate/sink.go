package simulate

import (
	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Sink takes what a simulation records, as it comes. The slices it is handed
// are valid during the call only.
type Sink interface {
	// Begin opens the sink for a run. Nothing is recorded before it.
	Begin(h Header) error
	// Frame records a synchronised state in physics units.
	Frame(s *theory.State) error
	// Record records one value of an observable or invariant.
	Record(name string, step int, time float64, values []float64) error
	// End closes the sink. It is called once, however the run ends.
	End(r *Run) error
}

// Header says what is going to be recorded.
type Header struct {
	Fields      []theory.Field
	Lattice     []int // its shape
	Observables []Series
	Invariants  []Series
	Frames      int // how many, if the run finishes
	Spec        []byte
}

// Roomy is a sink that can tell before anything is computed whether it has room for the
// frames of a run: so many bytes of what is said in words.
type Roomy interface {
	Room(what string, bytes float64) error
}

// memory is the default sink: everything becomes part of the Run.
type memory struct{ run *Run }

func (m memory) Room(what string, bytes float64) error { return room.Memory(what, bytes) }

func (m memory) Begin(h Header) error {
	m.run.fields, m.run.Observables, m.run.Invariants = h.Fields, h.Observables, h.Invariants
	return nil
}

func (m memory) Frame(s *theory.State) error {
	m.run.frameSteps = append(m.run.frameSteps, s.Step)
	m.run.frameTimes = append(m.run.frameTimes, s.Time)
	m.run.frames = append(m.run.frames, clones(s.Arrays))
	return nil
}

func (m memory) Record(name string, step int, time float64, values []float64) error {
	for _, all := range [][]Series{m.run.Observables, m.run.Invariants} {
		for i := range all {
			if s := &all[i]; s.Name == name {
				s.Steps = append(s.Steps, step)
				s.Times = append(s.Times, time)
				s.Values = append(s.Values, values...)
			}
		}
	}
	return nil
}

func (m memory) End(*Run) error { return nil }
