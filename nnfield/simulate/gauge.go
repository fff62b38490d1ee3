package simulate

import (
	"encoding/json"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// GaugeTransform returns the run as it is in another gauge: every frame of it
// transformed by λ at its time, and the model and the Spec that give this run
// directly (see theory.GaugeCovariant). Invariants do not change; records of
// observers, which may depend on the gauge, are left out.
//
// It is an error for a model without charged fields and for a run that was
// recorded elsewhere and has no frames of its own.
func (r *Run) GaugeTransform(lambda theory.Profile) (*Run, error) {
	g, ok := r.Model.(theory.GaugeCovariant)
	if !ok {
		return nil, fmt.Errorf("Run.GaugeTransform: %s has no charged field; use ChargedScalar or ChargedDirac", r.Model.Theory())
	}
	if len(r.frames) == 0 {
		return nil, fmt.Errorf("Run.GaugeTransform: the run has no frames; record it in memory")
	}
	out := *r
	out.Observables, out.frames = nil, nil
	var err error
	if out.Model, err = g.GaugeTransform(lambda); err != nil {
		return nil, fmt.Errorf("Run.%w", err)
	}
	for i := range r.frames {
		s := r.State(i).Clone()
		if err := g.GaugeTransformState(s, lambda); err != nil {
			return nil, fmt.Errorf("Run.%w", err)
		}
		out.frames = append(out.frames, s.Arrays)
	}
	out.Last = r.Last.Clone()
	if err := g.GaugeTransformState(out.Last, lambda); err != nil {
		return nil, fmt.Errorf("Run.%w", err)
	}
	out.Spec, err = r.specOf(out.Model)
	return &out, err
}

// specOf returns the Spec of the run with another model and without observers.
func (r *Run) specOf(m theory.Model) ([]byte, error) {
	var spec simulationSpec
	if err := json.Unmarshal(r.Spec, &spec); err != nil {
		return nil, err
	}
	model, err := m.Spec(NewArrays())
	if err != nil {
		return nil, err
	}
	if spec.Model, err = canon.Marshal(model); err != nil {
		return nil, err
	}
	spec.Simulation.Observe = []observationSpec{}
	return canon.Marshal(spec)
}
