package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/nnfield/nnfield/internal/regular"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// Entry is a stored run that is open: it stays on the disk until this process
// ends, or until Close.
type Entry struct {
	Manifest
	dir    string
	lock   *os.File
	spec   []byte
	arrays *arrays
}

// damagedFile marks a run of which a frame was found damaged: the next cell that
// wants it computes it again.
const damagedFile = "damaged"

// ErrDamaged is what Open and Verify fail with if what was read is wrong.
var ErrDamaged = errDamaged

// Open returns a stored run. It fails with a clear error, [ErrDamaged] if the run is.
func (s *Store) Open(id string) (*Entry, error) {
	e, err := s.open(id)
	switch {
	case errors.Is(err, errDamaged), errors.Is(err, errFuture):
		return nil, fmt.Errorf("the stored run %w; remove it with nnfield runs rm %.12s", err, id)
	case err != nil:
		return nil, fmt.Errorf("the stored run %.12s cannot be read now: %w", id, err)
	}
	return e, nil
}

// Close lets the run go, and the memory of its numbers: nothing that came from it may be
// used any more.
func (e *Entry) Close() {
	release(e.lock)
	e.arrays.unmap()
}

func (s *Store) open(id string) (*Entry, error) {
	dir := s.path(runs, id)
	f, err := lockRun(dir, false)
	if err != nil && f == nil {
		return nil, err
	}
	e := &Entry{dir: dir, lock: f}
	if err := e.read(id); err != nil {
		f.Close()
		if errors.Is(err, fs.ErrNotExist) {
			if _, gone := os.Lstat(dir); gone != nil { // where there are no locks
				return nil, gone
			}
			return nil, fmt.Errorf("%s %w: %w", dir, errDamaged, err) // it was whole when it got its name
		}
		return nil, err
	}
	hold(f)
	now := s.now()
	_ = os.Chtimes(dir, now, now) // fails in a store that is read-only
	return e, nil
}

// read opens all files of the run and checks everything but the frames.
func (e *Entry) read(id string) error {
	if err := plain(e.dir); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(e.dir, damagedFile)); err == nil {
		return fmt.Errorf("%s %w: a frame of it was", e.dir, errDamaged)
	}
	path := filepath.Join(e.dir, manifestFile)
	if err := unseal(path, &e.Manifest); err != nil {
		return err
	}
	if e.ID != id {
		return fmt.Errorf("%s %w: it is of the run %.12s", path, errDamaged, e.ID)
	}
	var err error
	if e.spec, err = regular.ReadFile(filepath.Join(e.dir, specFile), sealedMost); err != nil {
		return judged(filepath.Join(e.dir, specFile), err)
	}
	if hash(string(e.spec)) != e.Spec {
		return fmt.Errorf("%s %w: its checksum differs", filepath.Join(e.dir, specFile), errDamaged)
	}
	if e.arrays, err = openArrays(e.dir, e.Manifest); err != nil {
		return err
	}
	if err = e.arrays.verifySeries(); err != nil {
		e.arrays.unmap()
	}
	return err
}

// Restore returns the run, for the job that it is the result of. Frames are
// verified when they are first used. The error is that of simulate.Job.Restore.
func (e *Entry) Restore(j *simulate.Job) (*simulate.Run, error) {
	if string(j.Spec()) != string(e.spec) {
		return nil, fmt.Errorf("the stored run %s %w: it is of another Spec", e.dir, errDamaged)
	}
	return j.Restore(e.Stored())
}

// Stored returns what was recorded.
func (e *Entry) Stored() simulate.Stored {
	rec := e.arrays.stored(e.Manifest)
	rec.Stop, rec.Warnings = e.Stop, e.Warnings
	rec.Stop.Value = float64(e.Value)
	rec.Last = e.arrays.last.values
	verified := make([]atomic.Bool, e.Frames.Records)
	rec.Check = func(i int) error {
		if verified[i].Load() {
			return nil
		}
		if err := e.arrays.frames.verify(i); err != nil {
			_ = os.WriteFile(filepath.Join(e.dir, damagedFile), nil, 0o666) // fails in a store that is read-only
			return fmt.Errorf("%s: %w; run it again to compute it anew", e.dir, err)
		}
		verified[i].Store(true)
		return nil
	}
	return rec
}

// SpecAndArrays returns the canonical Spec of the run and the arrays that it names, each
// checked against the SHA-256 in its name.
func (e *Entry) SpecAndArrays() ([]byte, *simulate.MemoryArrays, error) {
	a := simulate.NewArrays()
	for _, name := range e.Arrays {
		if len(name) != 71 || !identifier.MatchString(name[7:]) {
			return nil, nil, fmt.Errorf("%s %w: %q names no array", filepath.Join(e.dir, manifestFile), errDamaged, name)
		}
		path := filepath.Join(e.dir, arraysDir, arrayFile(name))
		v, unmap, err := loadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s %w: %w", path, errDamaged, err)
		}
		if err != nil {
			return nil, nil, err
		}
		is, err := a.Put(v) // a copy
		unmap()
		if err != nil || is != name {
			return nil, nil, fmt.Errorf("%s %w: its content has the hash %s", path, errDamaged, is)
		}
	}
	return e.spec, a, nil
}

// Verify checks every number of the run.
func (e *Entry) Verify() error {
	if _, _, err := e.SpecAndArrays(); err != nil {
		return err
	}
	if err := e.arrays.frames.verifyAll(); err != nil {
		return fmt.Errorf("%s: %w", e.dir, err)
	}
	return nil
}

// arrays are the numbers of a run.
type arrays struct {
	frames, last            *records
	observables, invariants []*records
}

// openArrays opens the tracks of a manifest; last only if there is one.
func openArrays(dir string, m Manifest) (_ *arrays, err error) {
	a := &arrays{}
	defer func() {
		if err != nil {
			a.unmap()
		}
	}()
	if a.frames, err = readTrack(dir, "frames", m.Frames); err != nil {
		return nil, err
	}
	if m.Last.Records > 0 {
		if a.last, err = readTrack(dir, "last", m.Last); err != nil {
			return nil, err
		}
	}
	for i, s := range m.Observables {
		r, err := readTrack(dir, observable(i), s.Track)
		if err != nil {
			return nil, err
		}
		a.observables = append(a.observables, r)
	}
	for i, s := range m.Invariants {
		r, err := readTrack(dir, invariant(i), s.Track)
		if err != nil {
			return nil, err
		}
		a.invariants = append(a.invariants, r)
	}
	return a, nil
}

// verifySeries checks everything that is handed out without a look: the last
// state and the series.
func (a *arrays) verifySeries() error {
	if a.last == nil {
		return fmt.Errorf("%w: it has no last state", errDamaged)
	}
	for _, r := range append(append([]*records{a.last}, a.observables...), a.invariants...) {
		if err := r.verifyAll(); err != nil {
			return err
		}
	}
	return nil
}

// stored returns the frames and series of a run.
func (a *arrays) stored(m Manifest) simulate.Stored {
	return simulate.Stored{
		FrameSteps: a.frames.steps, FrameTimes: a.frames.times, Frames: a.frames.values,
		Observables: restore(m.Observables, a.observables), Invariants: restore(m.Invariants, a.invariants),
	}
}

func restore(all []series, tracks []*records) []simulate.Series {
	var out []simulate.Series
	for i, s := range all {
		r := tracks[i]
		var shape []int
		if len(s.Shape) > 0 {
			shape = s.Shape
		}
		out = append(out, simulate.Series{Name: s.Name, Symbol: s.Symbol, Shape: shape, Scale: float64(s.Scale), Steps: r.steps, Times: r.times, Values: r.values})
	}
	return out
}

// unmap gives the memory of the numbers back.
func (a *arrays) unmap() {
	for _, r := range append(append([]*records{a.frames, a.last}, a.observables...), a.invariants...) {
		if r != nil {
			r.unmap()
		}
	}
}

// Manifest returns the manifest of a run, and looks no further.
func (s *Store) Manifest(id string) (Manifest, error) {
	var m Manifest
	err := unseal(filepath.Join(s.path(runs, id), manifestFile), &m)
	return m, err
}
