package simulate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// runner computes one plan.
type runner struct {
	*plan
	run      *Run
	sink     Sink
	interval time.Duration
	progress func(Progress)

	evolution theory.Evolution
	stepper   *stepper
	net       *theory.State // where it is: the network's own, staggered
	good      *theory.State // a copy of net that was seen to be good
	sync      *theory.State // scratch, made when needed: net, synchronised, in its own units
	snapshot  theory.Snapshot

	warnings   []string // of the model, before its run
	invariants []theory.Invariant
	values     []float64 // of the invariants
	began      time.Time
	told       time.Time // when progress was last told

	scan            scan
	copying         copying
	scanning, saves pace // of looks at the whole field, and of copies of it
	seen            int  // the step at which the field was last seen to be good
	block           int  // how many steps are done in one go

	saver  *saver      // of checkpoints, or nil
	resume *Checkpoint // where to start, or nil
}

// block is how long the run goes without looking at its context and the clock. It does
// not break off a sweep through space and time that takes no longer than longBlock.
const (
	block     = 20 * time.Millisecond
	longBlock = 250 * time.Millisecond
)

func (r *runner) do(ctx context.Context) (*Run, error) {
	r.began = time.Now()
	if err := r.prepare(); err != nil {
		return nil, err
	}
	h, err := r.header()
	if err != nil {
		return nil, err
	}
	if err := r.sink.Begin(h); err != nil {
		return nil, err
	}
	if err := r.restart(); err != nil {
		return nil, err
	}
	r.copying.set(r.good, r.net)
	r.seen = r.net.Step
	err = r.loop(ctx)
	r.synchronise()
	r.run.Last = r.snapshot.State
	r.run.Elapsed = time.Since(r.began)
	r.run.Stop.Step, r.run.Stop.Time = r.net.Step, r.net.Time
	r.tell(true)
	if e := r.sink.End(r.run); e != nil {
		if err != nil {
			return r.run, errors.Join(err, e)
		}
		r.run.Stop.Reason = Failed
		err = e
	}
	return r.run, err
}

func (r *runner) prepare() (err error) {
	m := r.model
	if r.evolution, err = r.evolve(); err != nil {
		return err
	}
	if r.stepper, err = newStepper(r.integrator, r.evolution, m.Fields(), r.step); err != nil {
		return err
	}
	if c, ok := m.(theory.Cautious); ok {
		r.warnings = c.Warnings()
		r.run.Warnings = slices.Clone(r.warnings)
	}
	r.run.fields = m.Fields()
	r.net = theory.NewState(r.run.fields)
	r.evolution.Load(r.net, m.Initial())
	r.stepper.start(r.net)
	r.good = theory.NewState(r.run.fields)
	r.block = 1
	r.snapshot = theory.Snapshot{State: theory.NewState(r.run.fields), Epsilon: r.step}
	if r.integrator.Name == "leapfrog" {
		r.snapshot.Staggered = theory.NewState(r.run.fields)
	}
	for _, i := range m.Invariants() {
		if !i.Staggered || r.snapshot.Staggered != nil {
			r.invariants = append(r.invariants, i)
		}
	}
	r.values = make([]float64, len(r.invariants))
	return nil
}

// header describes what will be recorded. It fails for an initial state of which
// something is not finite.
func (r *runner) header() (Header, error) {
	h := Header{Fields: r.run.fields, Lattice: r.model.Lattice().Shape(), Frames: len(r.frameSteps), Spec: r.run.Spec}
	r.synchronise()
	if f, site := r.scan.bad(r.snapshot.State); f >= 0 {
		field := r.run.fields[f]
		return h, fmt.Errorf("the initial state: %s is %s at %s; give one that is finite and below 1e150",
			field.Symbol, say.Number(r.snapshot.State.Arrays[f][site]), place(r.model.Lattice(), field, site%field.Elements()))
	}
	theory.Evaluate(r.values, r.invariants, r.snapshot)
	for i, v := range r.invariants {
		scale := math.Abs(r.values[i])
		if v.Scale != nil {
			scale = v.Scale(r.snapshot)
		}
		if !finite(r.values[i]) || !finite(scale) {
			return h, fmt.Errorf("the initial state: the %s is %s, of a scale that is %s; use a potential that is finite for this field, or a smaller field", v.Name, say.Number(r.values[i]), say.Number(scale))
		}
		h.Invariants = append(h.Invariants, Series{Name: v.Name, Symbol: v.Symbol, Scale: scale})
	}
	for _, o := range r.observe {
		h.Observables = append(h.Observables, Series{Name: o.observer.Name(), Symbol: o.probe.Symbol, Shape: o.probe.Shape})
	}
	return h, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// loop advances from one scheduled step to the next and records there.
func (r *runner) loop(ctx context.Context) error {
	events := slices.Clone(r.frameSteps)
	for _, o := range r.observe {
		events = append(events, o.steps...)
	}
	events = append(events, r.steps)
	slices.Sort(events)
	for _, next := range slices.Compact(events) {
		if r.resume != nil && next <= r.resume.State.Step {
			continue // recorded before the checkpoint
		}
		if err := r.advance(ctx, next); err != nil {
			return err
		}
		if err := r.record(); err != nil {
			if !errors.As(err, new(*DivergedError)) {
				r.run.Stop.Reason = Failed
			}
			return err
		}
	}
	r.run.Stop.Reason = Finished
	return nil
}

// advance goes to a step in blocks, and looks at the context and the clock between
// them. It looks at the whole field as often as that is cheap, and before the state
// is used: at the end, when it is saved and when the run is cancelled. The size of
// a block changes no bits.
func (r *runner) advance(ctx context.Context, to int) error {
	for r.net.Step < to {
		if err := ctx.Err(); err != nil {
			if diverged := r.look(); diverged != nil {
				return diverged
			}
			r.run.Stop.Reason = Cancelled
			if failed := r.checkpoint(true); failed != nil {
				return fmt.Errorf("%w; %w", err, failed)
			}
			return err
		}
		if r.saver != nil && !time.Now().Before(r.saver.next) {
			if err := r.look(); err != nil {
				return err
			}
			if err := r.checkpoint(false); err != nil {
				r.run.Stop.Reason = Failed
				return err
			}
		}
		n := min(r.block, to-r.net.Step)
		start := time.Now()
		r.stepper.advance(r.net, n)
		if n == r.block { // a shorter one says less
			r.block = r.next(n, time.Since(start))
		}
		if r.scanning.due() || r.net.Step == to {
			if err := r.look(); err != nil {
				return err
			}
		}
		r.tell(false)
	}
	return nil
}

// next returns the number of steps of the next block, n steps having taken a time.
func (r *runner) next(n int, took time.Duration) int {
	step := max(took, 1) / time.Duration(n)
	fit := int(block / max(step, 1))
	if s := r.stepper.swept; s != nil {
		sweep := max(1, s.Depth()/len(r.integrator.Drifts))
		if fit < sweep {
			fit = min(sweep, int(longBlock/step))
		} else {
			fit -= fit % sweep
		}
	}
	return max(1, min(fit, 4*n))
}

// look returns an error if the field has diverged, and notes that it is good if it
// has not. It keeps a copy now and then, from which a divergence is traced.
func (r *runner) look() error {
	if r.seen == r.net.Step {
		return nil
	}
	start := time.Now()
	if field, _ := r.scan.bad(r.net); field >= 0 {
		return r.diverged()
	}
	r.scanning.took(start)
	r.seen = r.net.Step
	if r.saves.due() {
		start = time.Now()
		r.copying.set(r.good, r.net)
		r.saves.took(start)
	}
	return nil
}

// diverged goes back to the last state that is known to be good and finds the first
// step, and the element, that is not. It halves the steps in between until few are
// left, and takes these one by one.
func (r *runner) diverged() error {
	const few = 64
	for bad := r.net.Step; bad-r.good.Step > few; {
		middle := r.good.Step + (bad-r.good.Step)/2
		r.copying.set(r.net, r.good)
		r.stepper.advance(r.net, middle-r.net.Step)
		if f, _ := r.scan.bad(r.net); f < 0 {
			r.copying.set(r.good, r.net)
		} else {
			bad = middle
		}
	}
	r.copying.set(r.net, r.good)
	for {
		r.stepper.advance(r.net, 1)
		f, site := r.scan.bad(r.net)
		if f < 0 {
			r.copying.set(r.good, r.net)
			continue
		}
		field, stop := r.run.fields[f], &r.run.Stop
		*stop = Stop{Reason: Diverged, Field: field.Symbol, Site: site % field.Elements(), Value: r.net.Arrays[f][site]}
		if len(field.Types) > 0 {
			stop.Type = field.Types[site/field.Elements()]
		}
		r.copying.set(r.net, r.good)
		stop.Step, stop.Time = r.net.Step, r.net.Time
		return &DivergedError{Stop: *stop, at: place(r.model.Lattice(), field, stop.Site)}
	}
}

// place names an element of a field: "site 17 (x = 1.33)".
func place(l lattice.Lattice, f theory.Field, i int) string {
	if f.Role != theory.Sites {
		return fmt.Sprintf("element %d", i)
	}
	var at []string
	for j, k := range l.Position(make([]int, l.Dim()), i) {
		at = append(at, fmt.Sprintf("%s = %.6g", lattice.AxisName(j), l.Axis(j).Coordinate(k)))
	}
	return fmt.Sprintf("site %d (%s)", i, strings.Join(at, ", "))
}

// synchronise fills the snapshot from the network's state.
func (r *runner) synchronise() {
	if e, ok := r.evolution.(theory.Synchroniser); ok && e.Synchronise(r.snapshot, r.net, r.stepper.back()) {
		return
	}
	if r.sync == nil {
		r.sync = theory.NewState(r.run.fields)
	}
	if r.snapshot.Staggered != nil {
		r.evolution.Physical(r.snapshot.Staggered, r.net)
	}
	r.copying.set(r.sync, r.net)
	r.stepper.sync(r.sync)
	r.evolution.Physical(r.snapshot.State, r.sync)
}

// record records what is scheduled for the step where the run is.
func (r *runner) record() error {
	step, t := r.net.Step, r.net.Time
	frame := scheduled(r.frameSteps, step)
	if frame || step == r.steps || slices.ContainsFunc(r.observe, func(o bound) bool { return scheduled(o.steps, step) }) {
		r.synchronise()
		// The scan of the network's own state does not see what its units hide.
		if f, site := r.scan.bad(r.snapshot.State); f >= 0 {
			field := r.run.fields[f]
			return r.unrecordable(field.Symbol, r.snapshot.State.Arrays[f][site], field, site)
		}
	}
	if frame {
		r.checkStability()
		if err := r.sink.Frame(r.snapshot.State); err != nil {
			return err
		}
	}
	if frame || step == r.steps {
		theory.Evaluate(r.values, r.invariants, r.snapshot)
		for i, v := range r.invariants {
			if !finite(r.values[i]) {
				return r.unrecordable(v.Symbol, r.values[i], theory.Field{}, 0)
			}
			if err := r.sink.Record(v.Name, step, t, r.values[i:i+1]); err != nil {
				return err
			}
		}
	}
	for _, o := range r.observe {
		if !scheduled(o.steps, step) {
			continue
		}
		n := 1
		for _, m := range o.probe.Shape {
			n *= m
		}
		values := make([]float64, n)
		o.probe.Value(values, r.snapshot)
		_, users := o.observer.(observerFunc) // which may say so of what is not defined
		if i := slices.IndexFunc(values, func(v float64) bool { return !finite(v) }); i >= 0 && !users {
			return r.unrecordable(o.observer.Name(), values[i], theory.Field{}, 0)
		}
		if err := r.sink.Record(o.observer.Name(), step, t, values); err != nil {
			return err
		}
	}
	return nil
}

// unrecordable ends the run before something that is not finite is recorded: an element
// of a field, or else a number that is made of the fields. It goes back to the last
// state that was seen to be good and can be recorded.
func (r *runner) unrecordable(symbol string, value float64, field theory.Field, element int) error {
	at := ""
	stop := Stop{Reason: Diverged, Field: symbol, Value: value, Seen: r.net.Step}
	if n := field.Elements(); len(field.Shape) > 0 {
		stop.Site = element % n
		at = place(r.model.Lattice(), field, stop.Site)
		if len(field.Types) > 0 {
			stop.Type = field.Types[element/n]
		}
	}
	r.copying.set(r.net, r.good)
	if r.synchronise(); r.bad() {
		r.evolution.Load(r.net, r.model.Initial()) // seen to be good by header
		r.stepper.start(r.net)
		r.net.Step, r.net.Time = 0, 0
	}
	stop.Step, stop.Time = r.net.Step, r.net.Time
	r.run.Stop = stop
	return &DivergedError{Stop: stop, at: at}
}

// bad tells whether the snapshot holds something that is not finite.
func (r *runner) bad() bool {
	f, _ := r.scan.bad(r.snapshot.State)
	return f >= 0
}

func scheduled(steps []int, step int) bool {
	_, found := slices.BinarySearch(steps, step)
	return found
}

// checkStability warns, once, if the field has grown into a region where the
// step is too long. The bound before the run knew the initial field only.
func (r *runner) checkStability() {
	if len(r.run.Warnings) > len(r.warnings) {
		return
	}
	if w := r.model.MaxFrequency(r.snapshot.State); w*r.step >= r.integrator.Stability {
		r.run.Warnings = append(r.run.Warnings, fmt.Sprintf(
			"at t = %.6g the field has grown to where ω_max = %.6g and the step %.6g is not below the limit %.6g; use Step(%.3g)",
			r.snapshot.Time, w, r.step, r.integrator.Stability/w, floor3(0.9*r.integrator.Stability/w)))
	}
}

// tell reports progress, paced by the wall clock.
func (r *runner) tell(last bool) {
	if r.progress == nil || !last && time.Since(r.told) < r.interval {
		return
	}
	r.told = time.Now()
	r.progress(Progress{Step: r.net.Step, Steps: r.steps, Time: r.net.Time, Until: float64(r.steps) * r.step, Elapsed: time.Since(r.began)})
}
