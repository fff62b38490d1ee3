package simulate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/level"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Job is a simulation with everything decided: the model built, the step and
// the schedules chosen, the Spec written. Stores work with it.
type Job struct {
	plan   *plan
	spec   []byte
	arrays *MemoryArrays
}

// Prepare decides everything and returns the first error of the simulation or
// its model.
func (s Simulation) Prepare() (*Job, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	j := &Job{plan: p, arrays: NewArrays()}
	j.spec, err = p.spec(j.arrays)
	return j, err
}

// Model returns the built model.
func (j *Job) Model() theory.Model { return j.plan.model }

// Spec returns the canonical JSON of the simulation; see [Simulation.Spec].
func (j *Job) Spec() []byte { return j.spec }

// Arrays returns the arrays that the Spec names.
func (j *Job) Arrays() *MemoryArrays { return j.arrays }

// Steps returns the step ε and the number of steps that will be done.
func (j *Job) Steps() (epsilon float64, n int) { return j.plan.step, j.plan.steps }

// Run computes the job; see [Simulation.Run].
func (j *Job) Run(ctx context.Context, options ...RunOption) (*Run, error) {
	p := j.plan
	r := &runner{plan: p, run: &Run{Model: p.model, Spec: j.spec, Integrator: p.integrator, Step: p.step, Arch: j.Arch()}}
	r.sink = memory{r.run}
	for _, o := range options {
		o(r)
	}
	if s, ok := r.sink.(Roomy); ok {
		frames := len(p.frameSteps)
		if err := s.Room(fmt.Sprintf("Frames: %d of %s each", frames, room.Bytes(float64(p.state))), float64(frames)*float64(p.state)); err != nil {
			return nil, fmt.Errorf("%w; record fewer", err)
		}
	}
	return r.do(ctx)
}

// Portable tells whether the run has the same bits for every instruction set level of
// an architecture; see theory.Portable.
func (j *Job) Portable() bool {
	m, ok := j.plan.model.(theory.Portable)
	return ok && m.Portable() && !slices.ContainsFunc(j.plan.observe, func(o bound) bool { return o.probe.Transforms })
}

// Arch names the processor architecture that the bits of the run are of, "amd64", and
// of a run that is not [Job.Portable] the level if that rounds in another way,
// "amd64.v3".
func (j *Job) Arch() string {
	if j.Portable() {
		return runtime.GOARCH
	}
	return level.Arch()
}

// Key names the run by what determines its bits: 64 hexadecimal digits, the
// SHA-256 of the Spec, the versions of the numbers of the theory and of the
// integrators, the processor architecture (see [Job.Arch]), and the fingerprints of
// observers that are user code. (Those of user code within a model stand in the Spec.)
func (j *Job) Key() string {
	h := sha256.New()
	fmt.Fprintf(h, "nnfield run %d\n%s %d.%d\n%s\n", Format, j.Arch(), j.plan.model.Numerics(), Numerics, j.spec)
	var b [8]byte
	for _, o := range j.plan.observe {
		if _, code := o.observer.(observerFunc); !code {
			continue
		}
		fmt.Fprintf(h, "%s\n", o.observer.Name())
		for _, s := range j.samples() {
			value := []float64{0}
			o.probe.Value(value, s)
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(value[0]))
			h.Write(b[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// samples are the states at which a function of the user is tried to tell
// whether it is still the same: the initial one and a few of random numbers.
func (j *Job) samples() []theory.Snapshot {
	m := j.plan.model
	draw := random.New(0, "fingerprint of an observer")
	all := []*theory.State{m.Initial()}
	n := 0
	for range 4 {
		s := theory.NewState(m.Fields())
		s.Step = len(all)
		s.Time = float64(s.Step) * j.plan.step
		for _, a := range s.Arrays {
			for i := range a {
				a[i] = float64(2*draw.Uniform(n)) - 1
				n++
			}
		}
		all = append(all, s)
	}
	var out []theory.Snapshot
	for _, s := range all {
		shot := theory.Snapshot{State: s, Epsilon: j.plan.step}
		if j.plan.integrator.Name == "leapfrog" {
			shot.Staggered = s.Clone()
		}
		out = append(out, shot)
	}
	return out
}
