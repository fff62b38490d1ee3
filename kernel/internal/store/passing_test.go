//go:build linux || darwin || freebsd || netbsd || openbsd

package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// names returns what stands in a directory.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// A process that has no descriptors left cannot read a run. That says nothing about
// the run: nothing is removed, and the error says why.
func TestNothingIsRemovedWithoutDescriptors(t *testing.T) {
	if dir := os.Getenv("NNFIELD_TEST_DESCRIPTORS"); dir != "" {
		obtainAll(t, dir)
		return
	}
	s := create(t)
	const stored, begun = 26, 3
	for i := range stored {
		compute(t, s, prepare(t, ring(1+float64(i))))
	}
	for i := range begun { // interrupted ones, with a checkpoint
		j := prepare(t, ring(101+float64(i)))
		_, p, err := s.Obtain(t.Context(), j.Key(), func() {}, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Run(t.Context(), p.Options(j, 0)...); err != nil {
			t.Fatal(err)
		}
		p.unlock()
		begun := s.path(parts, j.Key()+"."+s.machine+".left")
		if err := os.Rename(s.path(runs, j.Key()), begun); err != nil {
			t.Fatal(err)
		}
		unfinish(t, begun)
	}
	before := strings.Join(names(t, filepath.Join(s.dir, runs)), " ")
	for _, limit := range []string{"12", "16", "20", "24"} {
		c := exec.Command("sh", "-c", "ulimit -n "+limit+`; exec "$0" -test.run='^TestNothingIsRemovedWithoutDescriptors$' -test.v`, os.Args[0])
		c.Env = append(os.Environ(), "NNFIELD_TEST_DESCRIPTORS="+s.dir)
		out, err := c.CombinedOutput()
		if err != nil && !bytes.Contains(out, []byte("too many open files")) {
			t.Errorf("with %s descriptors: %v: %s", limit, err, out)
		}
		if after := strings.Join(names(t, filepath.Join(s.dir, runs)), " "); after != before {
			t.Errorf("with %s descriptors, %d of %d runs are left", limit, strings.Count(after, " ")+1, stored)
		}
		for _, id := range begunParts(t, s.dir) {
			if _, err := os.Stat(filepath.Join(s.path(parts, id), checkpointFile)); err != nil {
				t.Errorf("with %s descriptors, a checkpoint is lost: %v", limit, err)
			}
		}
	}
	if n := len(begunParts(t, s.dir)); n != begun {
		t.Errorf("%d interrupted runs are left, of %d", n, begun)
	}
	for i := range stored {
		if _, loaded, notices := compute(t, s, prepare(t, ring(1+float64(i)))); !loaded || len(notices) > 0 {
			t.Errorf("run %d: loaded %v, %q", i, loaded, notices)
		}
	}
}

// begunParts returns the directories of interrupted runs, and not their locks.
func begunParts(t *testing.T, dir string) (all []string) {
	t.Helper()
	for _, name := range names(t, filepath.Join(dir, parts)) {
		if !strings.HasSuffix(name, ".lock") {
			all = append(all, name)
		}
	}
	return all
}

// unfinish makes of the files of a stored run those of an interrupted one.
func unfinish(t *testing.T, dir string) {
	t.Helper()
	var m Manifest
	if err := unseal(filepath.Join(dir, manifestFile), &m); err != nil {
		t.Fatal(err)
	}
	values, unmap, err := loadFile(filepath.Join(dir, "last.npy"))
	if err != nil {
		t.Fatal(err)
	}
	defer unmap()
	c := checkpoint{Step: m.Stop.Step, Time: number(m.Stop.Time), State: checksum(0, values), Warnings: []string{}, Frames: m.Frames}
	for _, o := range m.Observables {
		c.Observables = append(c.Observables, o.Track)
	}
	for _, i := range m.Invariants {
		c.Invariants = append(c.Invariants, i.Track)
	}
	if err := errors.Join(writeFrame(filepath.Join(dir, stateFile(c.Step)), values), seal(filepath.Join(dir, checkpointFile), c),
		os.Remove(filepath.Join(dir, manifestFile))); err != nil {
		t.Fatal(err)
	}
}

// obtainAll takes every run of a store, keeping each open, and goes on with every
// interrupted one, until it has no descriptors left, and then some more.
func obtainAll(t *testing.T, dir string) {
	s := At(dir)
	for _, of := range []struct {
		kind  string
		first float64
	}{{parts, 101}, {runs, 1}} {
		all := names(t, filepath.Join(dir, of.kind))
		if of.kind == parts {
			all = begunParts(t, dir)
		}
		for i := range all {
			j := prepare(t, ring(of.first+float64(i)))
			_, p, err := s.Obtain(t.Context(), j.Key(), func() {}, func(text string) { t.Errorf("notice: %s", text) })
			switch {
			case err != nil && !errors.Is(err, syscall.EMFILE):
				t.Errorf("error %v", err)
			case err == nil && (p == nil) != (of.kind == runs):
				t.Errorf("of a run in %s a part: %v", of.kind, p != nil)
			}
		}
	}
}

// Whatever the system says while a run is opened, nothing is removed and nothing is
// left open; once it says so no more, the run is loaded.
func TestPassingErrors(t *testing.T) {
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO, syscall.ESTALE, syscall.EACCES, syscall.EINTR, syscall.ETIMEDOUT} {
		err := judged("file", &os.PathError{Op: "open", Path: "file", Err: cause})
		if errors.Is(err, errDamaged) || !errors.Is(err, cause) {
			t.Errorf("%v means %v", cause, err)
		}
	}
	for _, cause := range []error{syscall.EISDIR, syscall.ENOTDIR, syscall.ELOOP, errors.New("not an NPY file"), fmt.Errorf("reading: %w", errDamaged)} {
		if err := judged("file", cause); !errors.Is(err, errDamaged) {
			t.Errorf("%v means %v", cause, err)
		}
	}
	if os.Getuid() == 0 {
		return // who may read everything
	}
	s := create(t)
	j := prepare(t, ring(1))
	compute(t, s, j)
	for _, name := range []string{manifestFile, specFile, "frames.npy", "last.index.npy"} {
		path := filepath.Join(s.path(runs, j.Key()), name)
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Obtain(t.Context(), j.Key(), func() {}, func(text string) { t.Error(text) })
		if !errors.Is(err, syscall.EACCES) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Chmod(path, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, loaded, _ := compute(t, s, j); !loaded {
		t.Error("not loaded")
	}
}

// givenValues is a small simulation whose Spec names an array.
func givenValues() simulate.Simulation {
	phi := make([]float64, 70)
	phi[35] = 1
	return nnfield.KleinGordon().Ring(70, 7).Values(phi, make([]float64, 70)).
		Until(1).Frames(nnfield.Count(3)).Observe(observe.Amplitude(), nnfield.Every(2))
}

// Every byte of every file counts: a changed one is found by opening and verifying the
// run.
func TestEveryByteIsChecked(t *testing.T) {
	s := create(t)
	j := prepare(t, givenValues())
	compute(t, s, j)
	dir := s.path(runs, j.Key())
	var files []string
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if len(files) < 12 {
		t.Fatal(files)
	}
	tried := 0
	for _, path := range files {
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil { // the old file is mapped
			t.Fatal(err)
		}
		for at := range good {
			if at > 400 && at%37 != 0 {
				continue // some will do
			}
			for _, bit := range []byte{1, 32} { // the second makes another letter case
				bad := bytes.Clone(good)
				bad[at] ^= bit
				if err := os.WriteFile(path, bad, 0o666); err != nil {
					t.Fatal(err)
				}
				tried++
				e, err := s.Open(j.Key())
				if err == nil {
					err = e.Verify()
					e.Close()
				}
				if !errors.Is(err, ErrDamaged) && !errors.Is(err, errFuture) {
					t.Errorf("%s: byte %d (%q) changed by %d: %v", filepath.Base(path), at, good[at], bit, err)
				}
			}
		}
		if err := os.WriteFile(path, good, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if e, err := s.Open(j.Key()); err != nil || e.Verify() != nil {
		t.Errorf("put back: %v", err)
	}
	t.Logf("%d changes in %d files", tried, len(files))
}

// Files have the permissions that the umask leaves, all of them.
func TestPermissions(t *testing.T) {
	for _, mask := range []int{0o022, 0o077, 0o002} {
		old := syscall.Umask(mask)
		s := create(t)
		j := prepare(t, givenValues())
		compute(t, s, j)
		err := s.Keep(j.Key(), "numbers", nil, []float64{1, 2})
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		_ = filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				t.Fatal(err)
			}
			info, err := d.Info()
			if err != nil {
				t.Fatal(err)
			}
			want := os.FileMode(0o666 &^ mask)
			if d.IsDir() {
				want = os.FileMode(0o777 &^ mask)
			}
			if probe := strings.HasPrefix(d.Name(), "probe-"); path != s.dir && !probe && info.Mode().Perm() != want {
				t.Errorf("umask %03o: %s has %v", mask, path, info.Mode())
			}
			return nil
		})
	}
}

// Nobody waits for a pipe that stands where a file should.
func TestPipes(t *testing.T) {
	s := create(t)
	j := prepare(t, ring(1))
	compute(t, s, j)
	for _, name := range []string{manifestFile, specFile, "frames.npy", "frames.index.npy"} {
		path := filepath.Join(s.path(runs, j.Key()), name)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			t.Skip(err)
		}
		began := time.Now()
		if _, err := s.Manifest(j.Key()); name == manifestFile && !errors.Is(err, ErrDamaged) {
			t.Errorf("its manifest: %v", err)
		}
		if _, err := s.Open(j.Key()); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: %v", name, took)
		}
		if err := errors.Join(os.Remove(path), os.WriteFile(path, good, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(s.path(runs, j.Key()), manifestFile)
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o666)); err != nil {
		t.Fatal(err)
	}
	id, err := s.Find(j.Key()[:8])
	if err != nil {
		t.Fatal(err)
	}
	held.Lock()
	for f := range held.files { // those of this test
		f.Close()
	}
	held.files = nil
	held.Unlock()
	if err := s.Remove(id); err != nil {
		t.Error(err)
	}
}
