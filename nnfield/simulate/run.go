package simulate

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Run is the result of a simulation: frames, observables, invariants and their
// drift, why it stopped and what it took. Its slices are views; do not write to
// them.
type Run struct {
	Model      theory.Model
	Spec       []byte // canonical JSON of the simulation, see Simulation.Spec
	Integrator Integrator
	Step       float64 // ε
	Arch       string  // the processor architecture that the bits are of; see Job.Arch

	fields      []theory.Field
	frameSteps  []int
	frameTimes  []float64
	frames      [][][]float64   // [frame][field][element]
	check       func(int) error // verifies a stored frame; nil in memory
	Observables []Series
	Invariants  []Series

	Stop     Stop
	Last     *theory.State // the last good state, synchronised, in physics units
	Warnings []string
	Elapsed  time.Duration
}

// Series is a quantity recorded along a run.
type Series struct {
	Name, Symbol string
	Shape        []int // of one record; empty for a number
	Steps        []int
	Times        []float64
	Values       []float64 // record after record
	Scale        float64   // of an invariant: what its drift is measured by
}

// At returns record i, of as many numbers as the shape says.
func (s Series) At(i int) []float64 {
	n := len(s.Values) / max(len(s.Times), 1)
	return s.Values[i*n : (i+1)*n]
}

// String returns the series in one line.
func (s Series) String() string {
	switch n := len(s.Times); {
	case n == 0:
		return fmt.Sprintf("%s %s, no records", s.Name, s.Symbol)
	case len(s.Shape) > 0:
		return fmt.Sprintf("%s %s of shape %v, %d records from t = %.6g to %.6g", s.Name, s.Symbol, s.Shape, n, s.Times[0], s.Times[n-1])
	default:
		return fmt.Sprintf("%s %s = %.6g at t = %.6g, %.6g at %.6g, %d records", s.Name, s.Symbol, s.Values[0], s.Times[0], s.Values[n-1], s.Times[n-1], n)
	}
}

// Drift returns the largest |I(t) − I(0)|/scale of an invariant.
func (s Series) Drift() float64 {
	worst := 0.0
	for _, v := range s.Values {
		if d := math.Abs(v - s.Values[0]); d > worst || math.IsNaN(d) {
			worst = d
		}
	}
	if s.Scale == 0 {
		return worst
	}
	return worst / s.Scale
}

// Reason says why a run stopped.
type Reason string

// Reasons.
const (
	Finished  Reason = "finished"
	Cancelled Reason = "cancelled"
	Diverged  Reason = "diverged"
	Failed    Reason = "failed"  // the sink could not write
	Running   Reason = "running" // it has not stopped: a preview
)

// Stop says where and why a run stopped.
type Stop struct {
	Reason Reason  `json:"reason"`
	Step   int     `json:"step"` // the last good step
	Time   float64 `json:"time"`

	// Of a divergence: the step after Step, at which the field first was not
	// finite (or above 1e150), and where.
	Field string  `json:"field,omitempty"`
	Type  string  `json:"type,omitempty"` // the neuron type, if the field has several
	Site  int     `json:"site,omitempty"` // of a field of links the element
	Value float64 `json:"-"`

	// Seen is the step at which it was seen, where that is not the next after Step: what
	// was to be recorded there was not finite. Field is then a field or what was made of
	// them, an invariant or an observable.
	Seen int `json:"seen,omitempty"`
}

// String returns where and why in one line.
func (s Stop) String() string {
	text := fmt.Sprintf("%s at t = %.6g after %d steps", s.Reason, s.Time, s.Step)
	if s.Field != "" {
		text += fmt.Sprintf(", where %s became %v", s.Field, s.Value)
	}
	return text
}

// Lattice returns the lattice of the model.
func (r *Run) Lattice() lattice.Lattice { return r.Model.Lattice() }

// Fields returns the fields of a frame.
func (r *Run) Fields() []theory.Field { return r.fields }

// Len returns the number of frames.
func (r *Run) Len() int { return len(r.frames) }

// Times returns the times of the frames.
func (r *Run) Times() []float64 { return r.frameTimes }

// Steps returns the step numbers of the frames.
func (r *Run) Steps() []int { return r.frameSteps }

// Frame returns a field, by name, of frame i: one number a site in row-major
// order, neuron type after neuron type. It panics for a frame that does not
// exist and returns an error for an unknown field and for a stored frame that
// was damaged.
func (r *Run) Frame(field string, i int) ([]float64, error) {
	var names []string
	for k, f := range r.fields {
		if f.Name == field {
			if err := r.verify(i); err != nil {
				return nil, err
			}
			return r.frames[i][k], nil
		}
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("Run.Frame(%q): no such field; the model has %s", field, strings.Join(names, ", "))
}

// verify checks a stored frame where it is used.
func (r *Run) verify(i int) error {
	if r.check == nil {
		return nil
	}
	return r.check(i)
}

// State returns frame i as a state in physics units. It panics for a frame that
// does not exist and for a stored one that was damaged, of which [Run.Frame]
// returns an error.
func (r *Run) State(i int) *theory.State {
	if err := r.verify(i); err != nil {
		panic(err)
	}
	return &theory.State{Step: r.frameSteps[i], Time: r.frameTimes[i], Arrays: r.frames[i]}
}

// Invariant returns the record of an invariant, such as "energy".
func (r *Run) Invariant(name string) (Series, error) { return find(r.Invariants, "Invariant", name) }

// Observable returns the record of an observer.
func (r *Run) Observable(name string) (Series, error) {
	return find(r.Observables, "Observable", name)
}

func find(all []Series, call, name string) (Series, error) {
	var names []string
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	if names == nil {
		names = []string{"none"}
	}
	return Series{}, fmt.Errorf("Run.%s(%q): not recorded; the run has %s", call, name, strings.Join(names, ", "))
}

// Coordinates returns the coordinate of every site along an axis.
func (r *Run) Coordinates(axis int) []float64 {
	a := r.Lattice().Axis(axis)
	x := make([]float64, a.Sites)
	for i := range x {
		x[i] = a.Coordinate(i)
	}
	return x
}

// String summarises the run as a tree: what ran, how it ended, what drifted.
func (r *Run) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s with ε = %.6g\n", r.Model.Card().Title, r.Integrator.Name, r.Step)
	lines := []string{fmt.Sprintf("%s at t = %.6g after %d steps, %d frames", r.Stop.Reason, r.Stop.Time, r.Stop.Step, r.Len())}
	for _, s := range r.Invariants {
		if len(s.Values) > 0 {
			lines = append(lines, fmt.Sprintf("%s %s = %.6g, drift %s", s.Name, s.Symbol, s.Values[0], Small(s.Drift())))
		}
	}
	for _, s := range r.Observables {
		lines = append(lines, fmt.Sprintf("observed %s, %d records", s.Name, len(s.Times)))
	}
	for _, w := range r.Warnings {
		lines = append(lines, "warning: "+w)
	}
	for i, l := range lines {
		branch := "├──"
		if i == len(lines)-1 {
			branch = "└──"
		}
		fmt.Fprintf(&b, "%s %s\n", branch, l)
	}
	return b.String()
}

// Small formats a drift or an error to two digits. Below 1e-13 it is round-off,
// whose digits differ from machine to machine and mean nothing.
func Small(x float64) string {
	if x < 1e-13 {
		return "below 1e-13"
	}
	return fmt.Sprintf("%.2g", x)
}
