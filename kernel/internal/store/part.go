package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nnfield/nnfield/internal/atomicfile"
	"github.com/nnfield/nnfield/internal/npy"
	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Part is a run that is being computed. It is a simulate.Sink that writes to the
// store; when the run has finished or diverged, End gives it its place there.
type Part struct {
	store   *Store
	id, dir string
	lock    *os.File // the right to compute it

	job         *simulate.Job
	from        *checkpoint // where it goes on, or nil
	manifest    Manifest
	frames      *track
	observables []*track
	invariants  []*track
	frame       []float64     // scratch
	last        *theory.State // the last frame, for who looks on
	done        bool
}

const checkpointFile = "checkpoint.json"

// checkpoint is the form of checkpoint.json. The state is in state-STEP.npy: the
// network's own, in the form of a frame.
type checkpoint struct {
	Step        int      `json:"step"`
	Time        number   `json:"time"`
	State       uint32   `json:"state_crc32c"`
	Warnings    []string `json:"warnings"`
	Frames      extent   `json:"frames"`
	Observables []extent `json:"observables"`
	Invariants  []extent `json:"invariants"`

	state []float64
}

func stateFile(step int) string { return fmt.Sprintf("state-%d.npy", step) }

// The order of these two is what makes a part safe to go on with: records reach
// the disk before the checkpoint that counts them, and everything before the
// manifest. Records after the last checkpoint are cut off.

// recover looks at what an earlier process left in the part. It reports whether
// that is all of a run. What is damaged is removed, and what has no checkpoint; what
// cannot be read for another reason is left, and the error returned.
func (p *Part) recover() (whole bool, err error) {
	err = p.tryRecover()
	switch {
	case err == nil:
		return p.from == nil && len(p.manifest.ID) > 0, nil
	case !errors.Is(err, errDamaged) && !errors.Is(err, errFuture) && !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	p.from, p.manifest = nil, Manifest{}
	entries, err := os.ReadDir(p.dir)
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(p.dir, e.Name()))
	}
	return false, err
}

func (p *Part) tryRecover() error {
	if err := plain(p.dir); err != nil {
		return err
	}
	if err := p.clear(); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(p.dir, manifestFile)); err == nil {
		if err := unseal(filepath.Join(p.dir, manifestFile), &p.manifest); err != nil {
			return err
		}
		return p.clear(checkpointFile, "state-")
	}
	c := &checkpoint{}
	if err := unseal(filepath.Join(p.dir, checkpointFile), c); err != nil {
		return err
	}
	var err error
	path := filepath.Join(p.dir, stateFile(c.Step))
	if c.state, err = npy.ReadFloats(path); err != nil {
		return judged(path, err)
	}
	if checksum(0, c.state) != c.State {
		return fmt.Errorf("%s %w: its checksum differs", path, errDamaged)
	}
	try := func(name string, so extent) error {
		t, err := openTrack(p.dir, name, so.Width, so)
		if err == nil {
			err = t.close()
		}
		return err
	}
	err = try("frames", c.Frames)
	for i, so := range c.Observables {
		err = errors.Join(err, try(observable(i), so))
	}
	for i, so := range c.Invariants {
		err = errors.Join(err, try(invariant(i), so))
	}
	if err != nil {
		return err
	}
	p.from = c
	return nil
}

// clear removes temporary files and those whose names begin with a prefix.
func (p *Part) clear(prefixes ...string) error {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	prefixes = append(prefixes, ".")
	for _, e := range entries {
		if slices.ContainsFunc(prefixes, func(s string) bool { return strings.HasPrefix(e.Name(), s) }) {
			if err := os.Remove(filepath.Join(p.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Options returns with what the job of this part is to be run: into the part,
// from its checkpoint if there is one, with checkpoints at most every so often.
func (p *Part) Options(j *simulate.Job, every time.Duration) []simulate.RunOption {
	p.job = j
	options := []simulate.RunOption{simulate.Into(p), simulate.OnCheckpoint(every, p.checkpoint)}
	if c := p.from; c != nil {
		state := theory.NewState(j.Model().Fields())
		state.Step, state.Time = c.Step, float64(c.Time)
		if join(state.Arrays, c.state) {
			options = append(options, simulate.ResumeFrom(simulate.Checkpoint{State: state, Warnings: c.Warnings}))
		} else {
			p.from = nil
		}
	}
	return options
}

// join copies a frame to the arrays of a state, if it has their length.
func join(arrays [][]float64, frame []float64) bool {
	for _, a := range arrays {
		if len(frame) < len(a) {
			return false
		}
		frame = frame[copy(a, frame):]
	}
	return len(frame) == 0
}

// Resumed returns the step of the checkpoint from which the run goes on, 0 if
// there is none.
func (p *Part) Resumed() int {
	if p.from == nil {
		return 0
	}
	return p.from.Step
}

// Room fails if the disk has no room for so many bytes of frames.
func (p *Part) Room(what string, bytes float64) error { return room.Disk(p.dir, what, bytes) }

// Begin opens the files.
func (p *Part) Begin(h simulate.Header) error {
	p.manifest = describe(p.id, p.job, h)
	m := &p.manifest
	for _, f := range h.Fields {
		m.Frames.Width += f.Len()
	}
	p.frame = make([]float64, m.Frames.Width)
	for i := range m.Observables {
		m.Observables[i].Track.Width = product(m.Observables[i].Shape)
	}
	for i := range m.Invariants {
		m.Invariants[i].Track.Width = 1
	}
	if c := p.from; c != nil && (len(c.Observables) != len(m.Observables) || len(c.Invariants) != len(m.Invariants)) {
		return fmt.Errorf("%s %w: it is of another run", filepath.Join(p.dir, checkpointFile), errDamaged)
	}
	var err error
	so := extent{}
	if p.from != nil {
		so = p.from.Frames
	}
	if p.frames, err = openTrack(p.dir, "frames", m.Frames.Width, so); err != nil {
		return err
	}
	open := func(all []series, name func(int) string, before func(*checkpoint) []extent) (tracks []*track) {
		for i, s := range all {
			so := extent{}
			if p.from != nil {
				so = before(p.from)[i]
			}
			var t *track
			if err == nil {
				t, err = openTrack(p.dir, name(i), s.Track.Width, so)
			}
			tracks = append(tracks, t)
		}
		return tracks
	}
	p.observables = open(m.Observables, observable, func(c *checkpoint) []extent { return c.Observables })
	p.invariants = open(m.Invariants, invariant, func(c *checkpoint) []extent { return c.Invariants })
	return err
}

func product(shape []int) int {
	n := 1
	for _, m := range shape {
		n *= m
	}
	return n
}

// tracks yields all tracks.
func (p *Part) tracks() []*track {
	return slices.Concat([]*track{p.frames}, p.observables, p.invariants)
}

func each(tracks []*track, f func(*track) error) error {
	for _, t := range tracks {
		if err := f(t); err != nil {
			return err
		}
	}
	return nil
}

// Frame appends a state.
func (p *Part) Frame(s *theory.State) error {
	if p.last == nil {
		p.last = s.Clone()
	}
	p.last.Set(s)
	return p.frames.append(s.Step, s.Time, flatten(p.frame, s))
}

// flatten writes the arrays of a state to dst, one after the other.
func flatten(dst []float64, s *theory.State) []float64 {
	rest := dst
	for _, a := range s.Arrays {
		rest = rest[copy(rest, a):]
	}
	return dst
}

// Record appends a value of a series.
func (p *Part) Record(name string, step int, time float64, values []float64) error {
	for i, s := range p.manifest.Observables {
		if s.Name == name {
			return p.observables[i].append(step, time, values)
		}
	}
	for i, s := range p.manifest.Invariants {
		if s.Name == name {
			return p.invariants[i].append(step, time, values)
		}
	}
	return fmt.Errorf("store: nothing is recorded under the name %q", name)
}

// checkpoint saves where the run is. What was recorded is on the disk before the
// checkpoint that speaks of it.
func (p *Part) checkpoint(c simulate.Checkpoint) error {
	if err := each(p.tracks(), (*track).sync); err != nil {
		return err
	}
	state := flatten(p.frame, c.State)
	if err := writeFrame(filepath.Join(p.dir, stateFile(c.State.Step)), state); err != nil {
		return err
	}
	next := checkpoint{Step: c.State.Step, Time: number(c.State.Time), State: checksum(0, state),
		Warnings: append([]string{}, c.Warnings...), Frames: p.frames.extent, Observables: extents(p.observables), Invariants: extents(p.invariants)}
	if err := seal(filepath.Join(p.dir, checkpointFile), next); err != nil {
		return err
	}
	syncDir(p.dir)
	if p.from != nil && p.from.Step != next.Step {
		if err := os.Remove(filepath.Join(p.dir, stateFile(p.from.Step))); err != nil {
			return err
		}
	}
	p.from = &next
	return nil
}

func extents(tracks []*track) []extent {
	out := []extent{}
	for _, t := range tracks {
		out = append(out, t.extent)
	}
	return out
}

// writeFrame writes numbers as an array of one row, in the form of frames.
func writeFrame(path string, values []float64) error {
	w, err := npy.Create(path, []int{len(values)})
	if err != nil {
		return err
	}
	return errors.Join(w.Append(values), w.Close())
}

// current is the manifest of what is recorded so far.
func (p *Part) current() Manifest {
	m := p.manifest
	m.Frames = p.frames.extent
	m.Observables, m.Invariants = slices.Clone(m.Observables), slices.Clone(m.Invariants)
	for i, t := range p.observables {
		m.Observables[i].Track = t.extent
	}
	for i, t := range p.invariants {
		m.Invariants[i].Track = t.extent
	}
	return m
}

// End stores the run, if it finished or diverged. Otherwise the part stays, with
// its last checkpoint, for the next process.
func (p *Part) End(r *simulate.Run) error {
	if r.Stop.Reason != simulate.Finished && r.Stop.Reason != simulate.Diverged {
		return nil
	}
	if err := each(p.tracks(), (*track).sync); err != nil {
		return err
	}
	last, err := openTrack(p.dir, "last", len(p.frame), extent{})
	if err != nil {
		return err
	}
	if err := errors.Join(last.append(r.Stop.Step, r.Stop.Time, flatten(p.frame, r.Last)), last.sync(), last.close()); err != nil {
		return err
	}
	if err := p.writeSpec(); err != nil {
		return err
	}
	m := p.current()
	m.Last = last.extent
	m.Integrator = r.Integrator.Name
	m.Stop, m.Value, m.Warnings = r.Stop, number(r.Stop.Value), append(m.Warnings, r.Warnings...)
	if err := seal(filepath.Join(p.dir, manifestFile), m); err != nil {
		return err
	}
	if err := p.clear(checkpointFile, "state-"); err != nil {
		return err
	}
	syncDir(p.dir)
	if err := p.rename(); err != nil {
		return err
	}
	p.done = true
	return nil
}

// writeSpec writes the Spec and the arrays that it names.
func (p *Part) writeSpec() error {
	names := p.job.Arrays().Names()
	if len(names) > 0 {
		if err := os.MkdirAll(filepath.Join(p.dir, arraysDir), 0o777); err != nil {
			return err
		}
	}
	for _, name := range names {
		v, err := p.job.Arrays().Get(name)
		if err != nil {
			return err
		}
		if err := writeFrame(filepath.Join(p.dir, arraysDir, arrayFile(name)), v); err != nil {
			return err
		}
	}
	return atomicfile.Write(filepath.Join(p.dir, specFile), p.job.Spec())
}

// Result returns the run as far as it has come: the stored one once End has
// stored it, else views of what is recorded, with the end of r, which is the run
// without its records. What the views are of can be given back with unmap when
// they are not used any more. Its error is that of Restore.
func (p *Part) Result(r *simulate.Run) (run *simulate.Run, unmap func(), err error) {
	if p.done {
		e, err := p.store.open(p.id)
		if err != nil {
			return nil, nil, err
		}
		run, err = e.Restore(p.job)
		return run, func() {}, err
	}
	return p.view(r.Stop, r.Warnings, r.Last)
}

// SoFar returns the run that is still going on, up to its last frame, as views
// that end with unmap. There is none before the first frame.
func (p *Part) SoFar() (run *simulate.Run, unmap func(), err error) {
	if p.last == nil {
		return nil, nil, errors.New("nothing is recorded yet")
	}
	return p.view(simulate.Stop{Reason: simulate.Running, Step: p.last.Step, Time: p.last.Time}, nil, p.last)
}

// view returns what is recorded.
func (p *Part) view(stop simulate.Stop, warnings []string, last *theory.State) (*simulate.Run, func(), error) {
	if err := each(p.tracks(), (*track).flush); err != nil {
		return nil, nil, err
	}
	m := p.current()
	a, err := openArrays(p.dir, m)
	if err != nil {
		return nil, nil, err
	}
	rec := a.stored(m)
	rec.Stop, rec.Warnings = stop, warnings
	rec.Last = flatten(make([]float64, len(p.frame)), last)
	run, err := p.job.Restore(rec)
	return run, a.unmap, err
}

// Close closes the files. A part that is not done stays for the next process if it has a
// checkpoint to go on from; else it goes.
func (p *Part) Close() error {
	var err error
	if p.frames != nil {
		for _, t := range p.tracks() {
			if t != nil {
				err = errors.Join(err, t.close())
			}
		}
	}
	if !p.done && p.from == nil {
		err = errors.Join(err, p.store.discard(p.dir))
	}
	p.unlock()
	if p.done {
		p.store.added(size(p.store.path(runs, p.id)))
	}
	return err
}
