package nnfield_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/internal/goldentest"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// tape is a sink that keeps the bits of everything recorded, in order.
type tape struct{ bits []uint64 }

func (t *tape) Begin(simulate.Header) error { return nil }
func (t *tape) End(*simulate.Run) error     { return nil }
func (t *tape) Frame(s *theory.State) error {
	t.bits = append(t.bits, uint64(s.Step), math.Float64bits(s.Time))
	for _, a := range s.Arrays {
		for _, x := range a {
			t.bits = append(t.bits, math.Float64bits(x))
		}
	}
	return nil
}
func (t *tape) Record(_ string, step int, time float64, values []float64) error {
	return t.Frame(&theory.State{Step: step, Time: time, Arrays: [][]float64{values}})
}

// A run that was stopped and resumed, twice, has the bits of one that was not:
// every model with every integrator that it can have, stopped at steps that are
// recorded and at steps that are not.
func TestResumeIsBitIdentical(t *testing.T) {
	stop := errors.New("stop here")
	for name, kg := range models() {
		for _, in := range simulate.Integrators() {
			s := kg.Until(1).Integrator(in.Name).Frames(nnfield.Every(3)).Observe(observe.Amplitude(), nnfield.Every(2))
			j, err := s.Prepare()
			if err != nil {
				t.Fatal(name, err)
			}
			whole := &tape{}
			r, err := j.Run(t.Context(), simulate.Into(whole))
			if err != nil {
				continue // not a plain flow
			}
			_, steps := j.Steps()
			parts := &tape{}
			options := []simulate.RunOption{simulate.Into(parts)}
			for _, at := range []int{steps / 3, 2 * steps / 3} {
				var kept simulate.Checkpoint
				_, err := j.Run(t.Context(), append(options, simulate.OnCheckpoint(0, func(c simulate.Checkpoint) error {
					if c.State.Step < at {
						return nil
					}
					kept.State, kept.Warnings = c.State.Clone(), slices.Clone(c.Warnings)
					return stop
				}))...)
				if !errors.Is(err, stop) {
					t.Fatalf("%s %s: error %v", name, in.Name, err)
				}
				options = []simulate.RunOption{simulate.Into(parts), simulate.ResumeFrom(kept)}
			}
			again, err := j.Run(t.Context(), options...)
			if err != nil {
				t.Fatal(name, err)
			}
			if !slices.Equal(whole.bits, parts.bits) || goldentest.Bits(r) != goldentest.Bits(again) || r.Stop != again.Stop {
				t.Errorf("%s %s: resumed at steps %d and %d of %d it has other bits", name, in.Name, steps/3, 2*steps/3, steps)
			}
		}
	}
}

// Cancelling saves where the run is, whatever the interval.
func TestCancelSaves(t *testing.T) {
	j, err := nnfield.KleinGordon().Ring(32, 8).Packet(nnfield.Width(1)).Until(1e9).Frames(nnfield.Every(1 << 30)).Prepare()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	saved := 0
	r, err := j.Run(ctx, simulate.OnCheckpoint(1<<40, func(c simulate.Checkpoint) error { saved = c.State.Step; return nil }),
		simulate.OnProgress(0, func(p simulate.Progress) {
			if p.Step > 100 {
				cancel()
			}
		}))
	if !errors.Is(err, context.Canceled) || saved != r.Stop.Step || saved <= 100 {
		t.Errorf("saved at step %d, stopped at %d, error %v", saved, r.Stop.Step, err)
	}
}

// A checkpoint of another simulation is refused.
func TestResumeRefusesAStranger(t *testing.T) {
	j, err := nnfield.KleinGordon().Ring(32, 8).Until(1).Prepare()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*theory.State{
		"another lattice": nnfield.KleinGordon().Ring(34, 8).MustBuild().Initial(),
		"no arrays":       {},
		"after the end":   {Step: 1 << 20, Arrays: j.Model().Initial().Arrays},
	} {
		if r, err := j.Run(t.Context(), simulate.ResumeFrom(simulate.Checkpoint{State: s})); r != nil || err == nil || !strings.Contains(err.Error(), "not one of this simulation") {
			t.Errorf("%s: run %v, error %v", name, r, err)
		}
	}
}

// What determines the bits determines the key, and nothing else does.
func TestKey(t *testing.T) {
	key := func(s nnfield.Simulation) string {
		j, err := s.Prepare()
		if err != nil {
			t.Fatal(err)
		}
		return j.Key()
	}
	observer := func(c float64) simulate.Observer {
		return simulate.ObserverFunc("mine", func(s theory.Snapshot) float64 { return c * s.Arrays[0][0] * s.Time })
	}
	ring := nnfield.KleinGordon().Ring(32, 8).Packet(nnfield.Width(1))
	a := key(ring.Until(1))
	if len(a) != 64 || key(ring.Mass(0).Mass(1).Until(1)) != a {
		t.Errorf("the same simulation has two keys, %s", a)
	}
	for name, s := range map[string]nnfield.Simulation{
		"until": ring.Until(2), "mass": ring.Mass(2).Until(1), "step": ring.Until(1).Step(0.1),
		"frames": ring.Until(1).Frames(nnfield.Every(3)), "observer": ring.Until(1).Observe(observer(1), nnfield.Every(1)),
	} {
		if key(s) == a {
			t.Errorf("%s does not change the key", name)
		}
	}
	// User code of one name but of other values is another observer.
	mine := func(c float64) string { return key(ring.Until(1).Observe(observer(c), nnfield.Every(1))) }
	if again := mine(1); mine(1) != again || again == mine(2) {
		t.Error("the key does not tell user code by its values")
	}
}
