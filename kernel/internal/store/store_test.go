package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nnfield/nnfield/internal/npy"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

func prepare(t testing.TB, s simulate.Simulation) *simulate.Job {
	t.Helper()
	j, err := s.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func ring(mass float64) simulate.Simulation {
	return nnfield.KleinGordon().Ring(96, 12).Mass(mass).Packet(nnfield.Width(1), nnfield.WaveNumber(2)).
		Until(2).Frames(nnfield.Count(5)).Observe(observe.Amplitude(), nnfield.Every(2)).Observe(observe.EnergyDensity(), nnfield.Count(3))
}

// compute puts the run of a job into a store, or loads it.
func compute(t testing.TB, s *Store, j *simulate.Job) (r *simulate.Run, loaded bool, notices []string) {
	t.Helper()
	e, p, err := s.Obtain(t.Context(), j.Key(), func() {}, func(text string) { notices = append(notices, text) })
	if err != nil {
		t.Fatal(err)
	}
	if e != nil {
		r, err = e.Restore(j)
		if err != nil {
			t.Fatal(err)
		}
		return r, true, notices
	}
	r, err = j.Run(t.Context(), p.Options(j, time.Hour)...)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err = p.Result(r)
	if err = errors.Join(err, p.Close()); err != nil {
		t.Fatal(err)
	}
	return r, false, notices
}

func create(t testing.TB) *Store {
	t.Helper()
	s, err := Create(filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// same compares two runs in everything.
func same(t *testing.T, got, want *simulate.Run) {
	t.Helper()
	if got.Len() != want.Len() || !slices.Equal(got.Times(), want.Times()) || !slices.Equal(got.Steps(), want.Steps()) {
		t.Fatalf("%d frames at %v; want %d at %v", got.Len(), got.Times(), want.Len(), want.Times())
	}
	for _, f := range want.Fields() {
		for i := range want.Len() {
			a, err := got.Frame(f.Name, i)
			b, _ := want.Frame(f.Name, i)
			if err != nil || !slices.Equal(a, b) {
				t.Errorf("%s of frame %d differs, error %v", f.Name, i, err)
			}
		}
	}
	for i, b := range want.Last.Arrays {
		if !slices.Equal(got.Last.Arrays[i], b) || got.Last.Step != want.Last.Step || got.Last.Time != want.Last.Time {
			t.Errorf("the last state differs")
		}
	}
	if a, b := fmt.Sprint(got.Observables, got.Invariants, got.Stop, got.Warnings, got), fmt.Sprint(want.Observables, want.Invariants, want.Stop, want.Warnings, want); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

func TestStoredRunIsTheRun(t *testing.T) {
	s := create(t)
	for name, sim := range map[string]simulate.Simulation{
		"ring":   ring(1),
		"arrays": nnfield.KleinGordon().Ring(80, 10).Values(make([]float64, 80), slices.Repeat([]float64{0.5}, 80)).Until(1),
		"dirac":  nnfield.Dirac().Torus(6, 4).PlaneWave(nnfield.Mode(1, 0)).Until(1),
	} {
		want, err := sim.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, stored := range []bool{false, true} {
			got, loaded, notices := compute(t, s, prepare(t, sim))
			if loaded != stored || len(notices) > 0 {
				t.Errorf("%s: loaded %v, want %v; %v", name, loaded, stored, notices)
			}
			same(t, got, want)
		}
	}
	if b, err := os.ReadFile(filepath.Join(s.dir, ".gitignore")); err != nil || string(b) != "*\n" {
		t.Errorf(".gitignore: %q, error %v", b, err)
	}
}

// A run that diverged is stored too, with its error.
func TestDivergedRun(t *testing.T) {
	s := create(t)
	j := prepare(t, nnfield.KleinGordon().Ring(32, 8).Potential(nnfield.Potential("-phi*phi*phi*phi")).Packet(nnfield.Width(1), nnfield.Amplitude(3)).Until(50))
	run := func() (*simulate.Run, error) {
		e, p, err := s.Obtain(t.Context(), j.Key(), func() {}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e != nil {
			return e.Restore(j)
		}
		defer p.Close()
		return j.Run(t.Context(), p.Options(j, time.Hour)...)
	}
	_, first := run()
	r, second := run()
	var diverged *simulate.DivergedError
	if !errors.As(second, &diverged) || first.Error() != second.Error() || r == nil || r.Stop.Reason != simulate.Diverged || r.Last.Step != r.Stop.Step {
		t.Errorf("first %v\nsecond %v", first, second)
	}
}

// What is written to a loaded run stays with who wrote it.
func TestMappingIsPrivate(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	compute(t, s, j)
	a, _, _ := compute(t, s, j)
	phi, _ := a.Frame("phi", 2)
	before := phi[3]
	phi[3] = 77
	b, _, _ := compute(t, s, j)
	if phi, err := b.Frame("phi", 2); err != nil || phi[3] != before {
		t.Errorf("φ = %v, want %v; error %v", phi[3], before, err)
	}
}

// Every file of a stored run, cut off or with a flipped bit anywhere, gives the
// same run again, computed anew, or a named error where it is first noticed in
// the hands of the user; never other numbers.
func TestDamage(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	want, _, _ := compute(t, s, j)
	dir := s.path(runs, j.Key())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 12 {
		t.Fatal(files, err)
	}
	damages := map[string]func(b []byte) []byte{
		"cut off": func(b []byte) []byte { return b[:len(b)-9] },
		"empty":   func(b []byte) []byte { return nil },
		"early":   func(b []byte) []byte { b[len(b)/16] ^= 4; return b },
		"middle":  func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"late":    func(b []byte) []byte { b[len(b)-4] ^= 64; return b },
		"longer":  func(b []byte) []byte { return append(b, 0) },
	}
	for _, path := range files {
		for name, damage := range damages {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bad := damage(slices.Clone(b)); true {
				if err := os.Remove(path); err != nil { // the old file is mapped
					t.Fatal(err)
				}
				if err := os.WriteFile(path, bad, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			r, loaded, notices := compute(t, s, j)
			if loaded {
				// A frame, or a byte that says nothing (a space of a header).
				for i := range r.Len() {
					if _, err := r.Frame("phi", i); err != nil {
						if !strings.Contains(err.Error(), "is damaged") || !strings.Contains(err.Error(), "run it again") {
							t.Errorf("%s %s: %v", filepath.Base(path), name, err)
						}
						if r, loaded, notices = compute(t, s, j); loaded || len(notices) != 1 {
							t.Errorf("%s %s: loaded again, %v", filepath.Base(path), name, notices)
						}
						break
					}
				}
			} else if len(notices) != 1 || !strings.Contains(notices[0], "is damaged") || strings.Contains(notices[0], "\n") {
				t.Errorf("%s %s: %q", filepath.Base(path), name, notices)
			}
			same(t, r, want)
		}
	}
	for _, path := range files {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		r, loaded, _ := compute(t, s, j)
		if loaded {
			t.Errorf("loaded without %s", filepath.Base(path))
		}
		same(t, r, want)
	}
}

// A part that was damaged after its process was killed is begun anew.
func TestDamagedPart(t *testing.T) {
	j := prepare(t, ring(1))
	want, err := j.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop here")
	leave := func(s *Store) (dir string) {
		t.Helper()
		_, p, err := s.Obtain(t.Context(), j.Key(), func() {}, nil)
		if err != nil {
			t.Fatal(err)
		}
		options := append(p.Options(j, 0), simulate.OnCheckpoint(0, func(c simulate.Checkpoint) error {
			if err := p.checkpoint(c); err != nil || c.State.Step < 10 {
				return err
			}
			return stop
		}))
		if _, err := j.Run(t.Context(), options...); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		return partOf(t, s, j.Key())
	}
	s := create(t)
	files, err := filepath.Glob(filepath.Join(leave(s), "*"))
	if err != nil || len(files) < 12 {
		t.Fatal(files, err)
	}
	files = append(files, "none of them")
	for _, path := range files {
		s := create(t)
		dir := leave(s)
		intact := path == "none of them"
		if !intact {
			if err := os.Truncate(filepath.Join(dir, filepath.Base(path)), 130); err != nil {
				t.Fatal(err)
			}
		}
		_, p, err := s.Obtain(t.Context(), j.Key(), func() {}, nil)
		if err != nil {
			t.Fatal(filepath.Base(path), err)
		}
		if resumed := p.Resumed(); (resumed > 0) != intact {
			t.Errorf("%s was cut off: resumed at step %d", filepath.Base(path), resumed)
		}
		r, err := j.Run(t.Context(), p.Options(j, time.Hour)...)
		if err != nil {
			t.Fatal(filepath.Base(path), err)
		}
		if r, _, err = p.Result(r); err != nil {
			t.Fatal(err)
		}
		same(t, r, want)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// rewrite changes a manifest and seals it again, as an attacker would.
func rewrite(t *testing.T, path string, change func(m map[string]any)) {
	t.Helper()
	var m map[string]any
	if err := unseal(path, &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	if err := seal(path, m); err != nil {
		t.Fatal(err)
	}
}

func TestManifestOfTheFuture(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	compute(t, s, j)
	path := filepath.Join(s.path(runs, j.Key()), manifestFile)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), `"format": 1`, `"format": 2`, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	_, _, err = s.Obtain(t.Context(), j.Key(), func() {}, nil)
	if err == nil || !strings.Contains(err.Error(), "later version") || !strings.Contains(err.Error(), "update nnfield") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("it was removed: %v", err)
	}
}

// Nothing that stands in a store leads out of it.
func TestHostileStore(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside.npy")
	if err := os.WriteFile(outside, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	j := prepare(t, ring(1))
	for name, attack := range map[string]func(s *Store, run string) error{
		"huge": func(_ *Store, run string) error {
			rewrite(t, run, func(m map[string]any) { m["frames"].(map[string]any)["records"] = 1 << 60 })
			return nil
		},
		"overflow": func(_ *Store, run string) error {
			rewrite(t, run, func(m map[string]any) { m["frames"].(map[string]any)["width"] = 1 << 61 })
			return nil
		},
		"negative": func(_ *Store, run string) error {
			rewrite(t, run, func(m map[string]any) { m["last"].(map[string]any)["records"] = -1 })
			return nil
		},
		"another": func(_ *Store, run string) error {
			rewrite(t, run, func(m map[string]any) { m["id"] = "../../outside" })
			return nil
		},
		"link": func(_ *Store, run string) error {
			frames := filepath.Join(filepath.Dir(run), "frames.npy")
			return errors.Join(os.Remove(frames), os.Symlink(outside, frames))
		},
		"linked run": func(s *Store, run string) error {
			there := filepath.Join(filepath.Dir(outside), "run")
			_ = os.RemoveAll(there)
			return errors.Join(os.Rename(filepath.Dir(run), there), os.Symlink(there, filepath.Dir(run)))
		},
	} {
		s := create(t)
		want, _, _ := compute(t, s, j)
		if err := attack(s, filepath.Join(s.path(runs, j.Key()), manifestFile)); err != nil {
			t.Fatal(err)
		}
		r, loaded, notices := compute(t, s, j)
		if loaded || len(notices) != 1 {
			t.Errorf("%s: loaded %v, %q", name, loaded, notices)
		}
		same(t, r, want)
	}
	// A part with a link in place of what is written next.
	s := create(t)
	part := s.path(parts, j.Key()+"."+s.machine+".left")
	if err := errors.Join(os.Mkdir(part, 0o777), os.Symlink(outside, filepath.Join(part, "frames.npy"))); err != nil {
		t.Fatal(err)
	}
	compute(t, s, j)
	// A part that is a link.
	s = create(t)
	if err := os.Symlink(filepath.Dir(outside), s.path(parts, j.Key()+"."+s.machine+".left")); err != nil {
		t.Fatal(err)
	}
	compute(t, s, j)
	// A file in place of a part.
	s = create(t)
	if err := os.WriteFile(s.path(parts, j.Key()+"."+s.machine+".left"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	compute(t, s, j)
	if b, err := os.ReadFile(outside); err != nil || string(b) != "mine" {
		t.Errorf("the file outside holds %q, error %v", b, err)
	}
	if all, _ := os.ReadDir(filepath.Dir(outside)); len(all) != 2 { // and the run that was moved there
		t.Errorf("outside: %v", all)
	}
	for _, id := range []string{"", "..", "../../etc", strings.Repeat("A", 64), strings.Repeat("a", 63) + "/"} {
		if _, _, err := s.Obtain(t.Context(), id, func() {}, nil); err == nil {
			t.Errorf("ID %q was taken", id)
		}
	}
	// Names of arrays are hashes; others are refused.
	e, err := s.Open(j.Key())
	if err != nil {
		t.Fatal(err)
	}
	e.Arrays = []string{"sha256:../../../../" + strings.Repeat("x", 52)}
	if _, _, err := e.SpecAndArrays(); err == nil || !strings.Contains(err.Error(), "names no array") {
		t.Errorf("error %v", err)
	}
}

// Two that want the same run at once compute it once.
func TestComputedOnce(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	_, p, err := s.Obtain(t.Context(), j.Key(), func() {}, nil)
	if err != nil || p == nil {
		t.Fatal(p, err)
	}
	var group sync.WaitGroup
	waiting := make(chan bool, 1)
	group.Go(func() {
		e, other, err := s.Obtain(t.Context(), j.Key(), func() {
			select {
			case waiting <- true:
			default:
			}
		}, nil)
		if err != nil || e == nil || other != nil {
			t.Errorf("entry %v, part %v, error %v", e, other, err)
		}
	})
	<-waiting
	r, err := j.Run(t.Context(), p.Options(j, time.Hour)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Result(r); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	group.Wait()

	// And who waits can give up.
	_, p, err = s.Obtain(t.Context(), prepare(t, ring(2)).Key(), func() {}, nil)
	if err != nil || p == nil {
		t.Fatal(p, err)
	}
	defer p.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if _, _, err := s.Obtain(ctx, prepare(t, ring(2)).Key(), cancel, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// partOf returns the directory of the one try of a run.
func partOf(t *testing.T, s *Store, id string) string {
	t.Helper()
	all, err := filepath.Glob(s.path(parts, id+".*.*"))
	if err != nil || len(all) != 1 {
		t.Fatalf("tries %v, %v", all, err)
	}
	return all[0]
}

// Without locks everybody computes in a directory of their own, and who comes
// second throws it away.
func TestWithoutLocks(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	var all []*Part
	for range 2 {
		p, err := s.begin(&Part{store: s, id: j.Key()}, true)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	for _, p := range all {
		r, err := j.Run(t.Context(), p.Options(j, 0)...)
		if err != nil {
			t.Fatal(err)
		}
		if r, _, err = p.Result(r); err != nil {
			t.Fatal(err)
		}
		want, _ := j.Run(t.Context())
		same(t, r, want)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{parts, trash} {
		if left, _ := os.ReadDir(filepath.Join(s.dir, sub)); len(left) > 0 {
			t.Errorf("left in %s: %v", sub, left)
		}
	}
}

// The store stays within its limit: the least recently used go, but not what is
// pinned or open.
func TestEviction(t *testing.T) {
	s := create(t)
	var ids []string
	for i := range 5 {
		j := prepare(t, ring(1+float64(i)))
		// Stored, and closed by its process.
		p, err := s.claim(j.Key())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = j.Run(t.Context(), p.Options(j, time.Hour)...); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		used := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := os.Chtimes(s.path(runs, j.Key()), used, used); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, j.Key())
	}
	if err := s.Pin(ids[0], true); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-9*time.Hour + time.Minute) // pinning is a use
	if err := os.Chtimes(s.path(runs, ids[0]), old, old); err != nil {
		t.Fatal(err)
	}
	f, err := lockRun(s.path(runs, ids[1]), false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	one := size(s.path(runs, ids[4]))
	s.limit = 3*one + one/2
	s.evict()
	var left []string
	all, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		left = append(left, i.ID)
	}
	if want := []string{ids[4], ids[0], ids[1]}; len(left) != 3 || !slices.Equal(slices.Sorted(slices.Values(left)), slices.Sorted(slices.Values(want))) {
		t.Errorf("left %v of %v, want the last, the pinned and the open one", left, ids)
	}
	// Kept values count, and go in their turn.
	s.limit = 1e9
	for i, id := range ids[2:4] {
		if err := s.Keep(id, "numbers", nil, make([]float64, one/8)); err != nil {
			t.Fatal(err)
		}
		used := time.Now().Add(time.Duration(i-20) * time.Hour)
		if err := os.Chtimes(s.keptFile(id, ".json"), used, used); err != nil {
			t.Fatal(err)
		}
	}
	s.limit = 4*one + one/2
	s.evict()
	if _, _, err := s.Kept(ids[2], nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the value used longest ago is still kept, error %v", err)
	}
	if _, numbers, err := s.Kept(ids[3], nil); err != nil || len(numbers) != int(one/8) {
		t.Errorf("the value used last is gone, error %v", err)
	}
	if !s.removeKept(ids[3]) {
		t.Error("not removed")
	}
	if err := s.Remove(ids[1]); err == nil || !strings.Contains(err.Error(), "has it open") {
		t.Errorf("error %v", err)
	}
	if err := s.Remove(ids[0]); err != nil {
		t.Errorf("error %v", err)
	}
	if _, err := s.Find("zzzz"); err == nil || !strings.Contains(err.Error(), "none in") {
		t.Errorf("error %v", err)
	}
	for n := range 4 { // a word that was left out names nothing
		if _, err := s.Find(ids[4][:n]); err == nil || !strings.Contains(err.Error(), "at least 4 digits") {
			t.Errorf("%d digits: error %v", n, err)
		}
	}
	if id, err := s.Find(ids[4][:9]); err != nil || id != ids[4] {
		t.Errorf("%s, error %v", id, err)
	}

	// What nobody went on with for a month goes too; what is fresh stays.
	for name, age := range map[string]time.Duration{ids[2]: 31 * 24 * time.Hour, ids[3]: time.Hour} {
		when := time.Now().Add(-age)
		if err := errors.Join(os.Mkdir(s.path(parts, name), 0o777), os.Chtimes(s.path(parts, name), when, when)); err != nil {
			t.Fatal(err)
		}
	}
	s.evict()
	if left, _ := os.ReadDir(filepath.Join(s.dir, parts)); len(left) != 1 || left[0].Name() != ids[3] {
		t.Errorf("left in parts %v", left)
	}
}

// A directory that cannot be written is read, and what is new goes to the user's
// cache, which is said once.
func TestFallback(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	dir := filepath.Join(home, "store")
	t.Setenv("NNFIELD_STORE", dir)
	s, notice, err := Default()
	if err != nil || notice != "" || s.dir != dir {
		t.Fatal(s, notice, err)
	}
	compute(t, s, prepare(t, ring(1)))

	// A file where a directory must be stops root too.
	if err := errors.Join(os.RemoveAll(filepath.Join(dir, trash)), os.WriteFile(filepath.Join(dir, trash), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	for _, first := range []bool{true, false} {
		s, notice, err = Default()
		if err != nil || (notice != "") != first || first && !strings.Contains(notice, "NNFIELD_STORE") || s.dir == dir {
			t.Errorf("store %v, notice %q, error %v", s, notice, err)
		}
	}
	if _, loaded, _ := compute(t, s, prepare(t, ring(1))); !loaded {
		t.Error("what is in the read-only store was computed again")
	}
	for _, stored := range []bool{false, true} {
		if _, loaded, _ := compute(t, s, prepare(t, ring(2))); loaded != stored {
			t.Errorf("loaded %v, want %v", loaded, stored)
		}
	}

	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, trash, "nowhere"))
	if _, _, err := Default(); err == nil || !strings.Contains(err.Error(), "results are not stored") {
		t.Errorf("error %v", err)
	}
	t.Setenv("NNFIELD_STORE_GB", "plenty")
	if _, _, err := Default(); err == nil || !strings.Contains(err.Error(), "NNFIELD_STORE_GB=plenty: it must be a number") {
		t.Errorf("error %v", err)
	}
}

// The manifest depends on the run only: the same bytes wherever it is computed.
func TestManifestIsOfTheRun(t *testing.T) {
	var all [2]map[string][]byte
	for i := range all {
		s := create(t)
		j := prepare(t, ring(1))
		compute(t, s, j)
		all[i] = map[string][]byte{}
		err := filepath.WalkDir(s.path(runs, j.Key()), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				all[i][d.Name()], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all[0]) < 10 || fmt.Sprint(all[0]) != fmt.Sprint(all[1]) {
		t.Error("two computations left different files")
	}
	var sealed sealed
	if err := json.Unmarshal(all[0][manifestFile], &sealed); err != nil || sealed.Format != 1 {
		t.Errorf("format %d, error %v", sealed.Format, err)
	}
}

// NumPy's reader judges the arrays.
func TestArraysAreNPY(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	r, _, _ := compute(t, s, j)
	a, err := npy.Read(filepath.Join(s.path(runs, j.Key()), "frames.npy"))
	if err != nil || !slices.Equal(a.Shape, []int{5, 192}) {
		t.Fatal(a, err)
	}
	beta, _ := r.Frame("beta", 4)
	if !slices.Equal(a.Data.([]float64)[4*192+96:], beta) {
		t.Error("β of the last frame is not where the documentation says")
	}
}

// BenchmarkLoad loads a stored run of 1 GB: first what the store does (find the
// run, open it, map and verify one frame), then with building the model, whose
// initial state a run that is found does not need.
func BenchmarkLoad(b *testing.B) {
	s := create(b)
	big := nnfield.KleinGordon().Torus(512, 64).Packet(nnfield.Width(4)).Until(30).Frames(nnfield.Count(256))
	j := prepare(b, big)
	compute(b, s, j)
	b.Logf("%.3g GB", float64(size(s.path(runs, j.Key())))/1e9)
	load := func(b *testing.B, job func() *simulate.Job) {
		frame := 0
		for b.Loop() {
			r, loaded, _ := compute(b, s, job())
			if _, err := r.Frame("phi", frame%r.Len()); err != nil || !loaded {
				b.Fatal(loaded, err)
			}
			frame++
		}
	}
	b.Run("store", func(b *testing.B) { load(b, func() *simulate.Job { return j }) })
	b.Run("store and model", func(b *testing.B) { load(b, func() *simulate.Job { return prepare(b, big) }) })
}

// Two nodes whose locks do not exclude each other, and who do not know whether the other
// is alive, compute one run at the same time, the second from a copy of the first's
// checkpoints while the first goes on writing: both succeed, the result is that of one,
// and nothing is left over.
func TestTwoNodes(t *testing.T) {
	j := prepare(t, ring(1))
	want, err := j.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	copies := 0
	for round := range 20 {
		s := create(t)
		other := At(s.dir)
		other.machine = "another machine"
		first, err := s.begin(&Part{store: s, id: j.Key()}, false)
		if err != nil {
			t.Fatal(err)
		}
		reached := make(chan bool)
		finished := make(chan error)
		go func() {
			steps := 0
			options := append(first.Options(j, 0), simulate.OnCheckpoint(0, func(c simulate.Checkpoint) error {
				err := first.checkpoint(c)
				if steps++; steps == 1+round {
					close(reached)
				}
				return err
			}))
			r, err := j.Run(t.Context(), options...)
			if err == nil {
				_, _, err = first.Result(r)
			}
			finished <- errors.Join(err, first.Close())
		}()
		<-reached
		second, err := other.begin(&Part{store: other, id: j.Key()}, false)
		if err != nil {
			t.Fatal(err)
		}
		if second == nil { // the first has finished meanwhile
			if err := <-finished; err != nil {
				t.Fatal(err)
			}
			continue
		}
		if second.Resumed() > 0 {
			copies++
		}
		r, err := j.Run(t.Context(), second.Options(j, 0)...)
		if err != nil {
			t.Fatal(err)
		}
		if r, _, err = second.Result(r); err != nil {
			t.Fatal(err)
		}
		same(t, r, want)
		if err := errors.Join(second.Close(), <-finished); err != nil {
			t.Fatal(err)
		}
		for _, sub := range []string{parts, trash} {
			if left, _ := os.ReadDir(filepath.Join(s.dir, sub)); len(left) > 0 {
				t.Errorf("left in %s: %v", sub, left)
			}
		}
		if e, err := s.Open(j.Key()); err != nil {
			t.Error(err)
		} else if err := e.Verify(); err != nil {
			t.Error(err)
		}
	}
	if copies < 5 {
		t.Errorf("only %d of 20 tries went on from a copy: the test shows little", copies)
	}
}

// A run on another machine is not touched: not its checkpoint, which is copied, and not
// its directory, unless nobody went on with it for a month by the clock of the disk.
func TestAnotherMachinesTry(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	theirs := At(s.dir)
	theirs.machine = "another machine"
	p, err := theirs.begin(&Part{store: theirs, id: j.Key()}, false)
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop here")
	options := append(p.Options(j, 0), simulate.OnCheckpoint(0, func(c simulate.Checkpoint) error {
		if err := p.checkpoint(c); err != nil || c.State.Step < 10 {
			return err
		}
		return stop
	}))
	if _, err := j.Run(t.Context(), options...); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	before, err := os.ReadDir(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	_, ours, err := s.Obtain(t.Context(), j.Key(), func() {}, nil)
	if err != nil || ours.Resumed() != 10 || ours.dir == p.dir {
		t.Fatalf("resumed at %d in %s, %v", ours.Resumed(), ours.dir, err)
	}
	if _, err := j.Run(t.Context(), ours.Options(j, time.Hour)...); err != nil {
		t.Fatal(err)
	}
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadDir(p.dir)
	if err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("their try was changed: %v, %v", after, err)
	}
	// Clocks that are hours apart change nothing.
	for _, ahead := range []time.Duration{-2 * time.Hour, 2 * time.Hour} {
		s.ahead = ahead
		s.evict()
		if _, err := os.Stat(p.dir); err != nil {
			t.Errorf("with a clock %v ahead: %v", ahead, err)
		}
	}
	s.ahead = abandoned + time.Hour
	s.evict()
	if _, err := os.Stat(p.dir); !os.IsNotExist(err) {
		t.Errorf("after a month: %v", err)
	}
}

// Storing a run looks at no other: what the store holds is noted, and all is looked at
// only when it may be too much.
func TestUsage(t *testing.T) {
	s := create(t)
	for i := range 3 {
		compute(t, s, prepare(t, ring(1+float64(i))))
	}
	all, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var bytes int64
	for _, i := range all {
		bytes += i.Bytes
	}
	var u usage
	text, err := os.ReadFile(filepath.Join(s.dir, usageFile))
	if err != nil || json.Unmarshal(text, &u) != nil || u.Bytes != bytes {
		t.Errorf("noted %s, %v; there are %d bytes", text, err, bytes)
	}
	counted := u.Counted
	compute(t, s, prepare(t, ring(9)))
	text, _ = os.ReadFile(filepath.Join(s.dir, usageFile))
	if err := json.Unmarshal(text, &u); err != nil || !u.Counted.Equal(counted) || u.Bytes <= bytes {
		t.Errorf("another run was counted anew: %s, %v", text, err)
	}
	for _, damage := range []string{"", "{", `{"bytes":-5}`, `{"bytes":1,"counted":"2001-01-01T00:00:00Z"}`} {
		if err := os.WriteFile(filepath.Join(s.dir, usageFile), []byte(damage), 0o666); err != nil {
			t.Fatal(err)
		}
		s.added(0)
		text, _ = os.ReadFile(filepath.Join(s.dir, usageFile))
		if err := json.Unmarshal(text, &u); err != nil || u.Bytes <= bytes {
			t.Errorf("after %q it is %s", damage, text)
		}
	}
}
