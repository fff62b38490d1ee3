// Package simulate runs models: until when, with which step and integrator,
// what is observed and when.
//
// A [Simulation] is a value, a [Run] its result. What is observed never changes
// the bits of the run: observers see a synchronised copy.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Simulation is a model plus time. Its setters return a changed copy and keep
// the first error, which [Simulation.Run] and [Simulation.Check] return.
type Simulation struct {
	builder    theory.Builder
	until      float64
	step       float64
	integrator string
	precision  string
	frames     Schedule
	observe    []observation
	err        error
}

type observation struct {
	observer Observer
	schedule Schedule
}

// safe is the part of the stability bound that the default step takes: the
// phase error of leapfrog is then below 5 % for the fastest mode and below 1 %
// for waves longer than 6 sites.
const safe = 0.5

// strongest is the largest damping of a sponge in a step, σε. What is recorded is half a
// kick back in time, by a factor e^{σε/2} that takes the round-off with it.
const strongest = 10

// frameBudget bounds the memory of the frames that are kept by default.
const frameBudget = 256 << 20

// New returns the simulation of a model from t = 0 until the given time, with
// leapfrog, half the stable step and 301 frames (fewer for large lattices).
func New(b theory.Builder, until float64) Simulation {
	s := Simulation{builder: b, until: until}
	if !(until > 0) || math.IsInf(until, 1) {
		s.err = fmt.Errorf("Until(%v): the time must be positive and finite", until)
	}
	return s
}

// fail returns s with an error, unless it has one.
func (s Simulation) fail(err error) Simulation {
	if s.err == nil {
		s.err = err
	}
	return s
}

// Step sets the time step ε: the clock of the network, ε = √γ. It must be below
// the stability limit. The run ends at the whole step nearest to Until. Without
// it the step is the longest below half the limit that ends exactly there.
func (s Simulation) Step(epsilon float64) Simulation {
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return s.fail(fmt.Errorf("Step(%v): the step must be positive and finite", epsilon))
	}
	s.step = epsilon
	return s
}

// Integrator chooses the scheme by name; see [Integrators].
func (s Simulation) Integrator(name string) Simulation {
	if _, err := FindIntegrator(name); err != nil {
		return s.fail(err)
	}
	s.integrator = name
	return s
}

// Float32 and Float64 are the precisions of [Simulation.Precision].
const (
	Float64 = "float64"
	Float32 = "float32"
)

// Precision chooses the numbers of the steps: Float64, the default, or Float32,
// which needs half the memory traffic, holds half the digits and stands in the
// Spec. States, frames and observables are float64 in either case.
//
// Every operation of a float32 step rounds to 2⁻²⁴ = 6e-8 of its result. Measured
// against float64 after 500 to 1000 steps, for packets, kinks and driven fields in
// one to three dimensions, the field is off by 1e-6 to 5e-6 of its amplitude with
// leapfrog, and by 5e-6 to 1.2e-5 with yoshida4, whose stages are more; a conserved
// momentum keeps 6 to 7 digits instead of 15. Errors that the dynamics itself
// amplifies start from 6e-8 instead of 1e-16. Use it to look, not to measure.
//
// It takes a symplectic integrator and a Klein-Gordon field with equal spacings, a
// Laplacian of order 2 or 4, and V = 0 or Phi4.
func (s Simulation) Precision(name string) Simulation {
	if name != Float64 && name != Float32 {
		return s.fail(fmt.Errorf("Precision(%q): use %q or %q", name, Float64, Float32))
	}
	s.precision = name
	return s
}

// Frames says when whole states are kept.
func (s Simulation) Frames(when Schedule) Simulation {
	if when.err != nil {
		return s.fail(fmt.Errorf("Frames: %w", when.err))
	}
	s.frames = when
	return s
}

// Observe records an observable on a schedule.
func (s Simulation) Observe(o Observer, when Schedule) Simulation {
	if o == nil {
		return s.fail(errors.New("Observe(nil): give an observer, for example observe.Energy()"))
	}
	if when.err != nil {
		return s.fail(fmt.Errorf("Observe(%s): %w", o.Name(), when.err))
	}
	for _, other := range s.observe {
		if other.observer.Name() == o.Name() {
			return s.fail(fmt.Errorf("Observe(%s): it is observed already; observers have different names", o.Name()))
		}
	}
	s.observe = append(append([]observation(nil), s.observe...), observation{o, when})
	return s
}

// Check returns the first error of the simulation or of its model, or nil.
func (s Simulation) Check() error {
	_, err := s.plan()
	return err
}

// Model returns the built model.
func (s Simulation) Model() (theory.Model, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.builder.Build()
}

// plan is a simulation with everything decided.
type plan struct {
	model      theory.Model
	integrator Integrator
	single     bool // steps in float32
	until      float64
	step       float64
	steps      int
	frames     Schedule
	frameSteps []int
	observe    []bound
	state      int // bytes of a state
}

type bound struct {
	observation
	probe Probe
	steps []int
}

// Steps returns the step ε and the number of steps that the simulation will do.
func (s Simulation) Steps() (epsilon float64, n int, err error) {
	p, err := s.plan()
	if err != nil {
		return 0, 0, err
	}
	return p.step, p.steps, nil
}

func (s Simulation) plan() (*plan, error) {
	m, err := s.Model()
	if err != nil {
		return nil, err
	}
	p := &plan{model: m, until: s.until, step: s.step, frames: s.frames}
	if err := s.ownStep(p); err != nil {
		return nil, err
	}
	fastest := m.MaxFrequency(nil)
	limit := p.integrator.Stability / fastest
	switch {
	case !finite(fastest) || limit < 1e-290:
		return nil, fmt.Errorf("the fastest oscillation of the model has the frequency %s, for which there is no step; use smaller masses, potentials and fields, and larger spacings", say.Number(fastest))
	case p.step >= limit:
		return nil, fmt.Errorf("Step(%v): not below the stability limit %.6g = %.6g/ω_max, ω_max = %.6g (%s); use Step(%.3g) or a coarser lattice",
			p.step, limit, p.integrator.Stability, p.integrator.Stability/limit, p.integrator.Name, floor3(0.99*limit))
	case p.step == 0:
		p.step = s.until / math.Max(1, math.Ceil(s.until/(safe*limit)))
	}
	if s.precision == Float32 {
		p.single = true
		if !p.integrator.Symplectic() {
			return nil, fmt.Errorf("Precision(%q): %s runs in float64 only; use leapfrog or another symplectic integrator", Float32, p.integrator.Name)
		}
		if _, err := p.evolve(); err != nil {
			return nil, err
		}
	}
	if most := slices.Max(append(m.Lattice().Damping(), 0)); most*p.step > strongest {
		return nil, fmt.Errorf("Step(%.6g): the sponge damps at the rate %.6g, by e^-%.3g in a step, of which nothing is left to compute with; use Step(%.3g) or a sponge of at most %.3g times its strength",
			p.step, most, most*p.step, floor3(strongest/most), floor3(strongest/(most*p.step)))
	}
	n := math.Round(s.until / p.step)
	if n < 1 || n > 1<<53 {
		return nil, fmt.Errorf("Step(%v): %.3g steps until t = %v; it must be between 1 and 9e15, use another Step or Until", p.step, n, s.until)
	}
	p.steps = int(n)
	for _, f := range m.Fields() {
		p.state += 8 * f.Len()
	}
	// Of the state a run has the network's own, the last good one, and what is recorded.
	if err := room.Memory(fmt.Sprintf("a run of %s with a state of %s", m.Theory(), room.Bytes(float64(p.state))), 4*float64(p.state)); p.state > 1<<24 && err != nil {
		return nil, fmt.Errorf("%w; use a coarser lattice", err)
	}
	if p.frames.zero() {
		p.frames = Count(max(2, min(301, p.steps+1, frameBudget/p.state)))
	}
	if p.frameSteps, err = p.frames.Steps(p.steps, p.step); err != nil {
		return nil, fmt.Errorf("Frames: %w", err)
	}
	for _, o := range s.observe {
		b := bound{observation: o}
		if b.schedule.zero() {
			b.schedule = p.frames
		}
		for _, inv := range m.Invariants() {
			if inv.Name == o.observer.Name() {
				return nil, fmt.Errorf("Observe(%s): the name of an invariant, which every run records; give the observer another", inv.Name)
			}
		}
		if b.probe, err = o.observer.Bind(m); err != nil {
			return nil, fmt.Errorf("Observe(%s): %w", o.observer.Name(), err)
		}
		if b.steps, err = b.schedule.Steps(p.steps, p.step); err != nil {
			return nil, fmt.Errorf("Observe(%s): %w", o.observer.Name(), err)
		}
		p.observe = append(p.observe, b)
	}
	return p, nil
}

// ownStep decides the scheme and, of a model that moves by whole steps, the step.
func (s Simulation) ownStep(p *plan) (err error) {
	own, scheme := 0.0, ""
	if m, ok := p.model.(theory.Stepped); ok {
		own, scheme = m.OwnStep()
	}
	if own > 0 {
		switch {
		case p.step == 0:
			p.step = own
		case math.Abs(p.step/own-1) > 1e-9:
			return fmt.Errorf("Step(%v): the network moves by whole steps of %v; leave Step out", p.step, own)
		}
		if scheme != "" {
			if s.integrator != "" && s.integrator != scheme {
				return fmt.Errorf("Integrator(%q): the network moves by whole steps, boundary, activation and learning; leave Integrator out", s.integrator)
			}
			s.integrator = scheme
		}
		if s.until < own/2 {
			return fmt.Errorf("Until(%v): less than half a step of the network, which takes %v; use Until(%v)", s.until, own, own)
		}
	}
	p.integrator, err = FindIntegrator(s.integrator)
	return err
}

// evolve returns the dynamics of the plan.
func (p *plan) evolve() (theory.Evolution, error) {
	if !p.single {
		return p.model.Evolve(p.step)
	}
	m, ok := p.model.(theory.Single)
	if !ok {
		return nil, fmt.Errorf("Precision(%q): the theory %s runs in float64 only; leave Precision out", Float32, p.model.Theory())
	}
	e, err := m.EvolveFloat32(p.step)
	if err != nil {
		return nil, fmt.Errorf("Precision(%q): %w; leave Precision out", Float32, err)
	}
	return e, nil
}

// floor3 rounds down to three digits.
func floor3(x float64) float64 {
	u := math.Pow(10, math.Floor(math.Log10(x))-2)
	return math.Floor(x/u) * u
}

// Progress says how far a run is.
type Progress struct {
	Step, Steps int
	Time, Until float64
	Elapsed     time.Duration
}

// RunOption changes how a simulation is run, not what it computes.
type RunOption func(*runner)

// OnProgress calls f at most every interval of wall clock, and at the end.
func OnProgress(interval time.Duration, f func(Progress)) RunOption {
	return func(r *runner) { r.interval, r.progress = interval, f }
}

// Into records into a sink instead of memory: the Run that comes back has no
// frames of its own.
func Into(sink Sink) RunOption { return func(r *runner) { r.sink = sink } }

// Run computes the simulation.
//
// The error is nil for a run that finished, the context's error for one that
// was cancelled, a *DivergedError for one that diverged. With these two the Run
// is there too and holds what was recorded; its Last is a completed step. Bad
// input gives an error and no Run.
func (s Simulation) Run(ctx context.Context, options ...RunOption) (*Run, error) {
	j, err := s.Prepare()
	if err != nil {
		return nil, err
	}
	return j.Run(ctx, options...)
}

// DivergedError says where a field stopped being finite.
type DivergedError struct {
	Stop Stop
	at   string // "" of a number that is made of the whole state
}

func (e *DivergedError) Error() string {
	what := e.Stop.Field
	if e.Stop.Type != "" {
		what += " of type " + e.Stop.Type
	}
	what = fmt.Sprintf("%s is %v", what, e.Stop.Value)
	if e.at != "" {
		what += " at " + e.at
	}
	return fmt.Sprintf("the run diverged at step %d: %s; the last good state, t = %.6g, is kept in Run.Last; use a smaller Step or look at the model's V",
		max(e.Stop.Seen, e.Stop.Step+1), what, e.Stop.Time)
}

// String returns the simulation in one line, or its error.
func (s Simulation) String() string {
	p, err := s.plan()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s, until t = %.6g, %s, ε = %.6g, %d frames", p.model.Card().Title, s.until, p.integrator.Name, p.step, len(p.frameSteps))
}
