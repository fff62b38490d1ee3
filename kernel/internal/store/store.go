// Package store keeps runs and other results on the disk, by their content.
//
// A store is a directory:
//
//	runs/ID/    a run that was reported as stored; see [Manifest]
//	parts/ID/   one that is being computed, or was interrupted, with its checkpoint
//	kept/       values of kernel.Keep
//	trash/      what is being removed
//	.gitignore  *
//
// A run is written in parts/, synced to the disk and renamed: nobody sees half of
// one. Its ID names its content, so that two processes that compute the same run
// write the same files and it does not matter whose stays. Locks save the double
// work, and where a file system has none it is done.
package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Store is a directory of results.
type Store struct {
	dir   string
	limit int64  // bytes that it keeps at most, besides what is pinned or open
	other *Store // where it looks too: one that cannot be written
}

const (
	runs  = "runs"
	parts = "parts"
	kept  = "kept"
	trash = "trash"

	manifestFile = "manifest.json"
	pinFile      = "pinned"

	// defaultLimit of a store, in GB.
	defaultLimit = 20

	// abandoned is the age at which an interrupted run is not kept any more.
	abandoned = 30 * 24 * time.Hour
)

// At returns the store in a directory, to look at; nothing is created.
func At(dir string) *Store { return &Store{dir: dir, limit: defaultLimit * 1e9} }

// Create makes a store in a directory, or opens the one that is there for
// writing. It fails if the directory cannot be written.
func Create(dir string) (*Store, error) {
	s := At(dir)
	var err error
	if s.limit, err = limit(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	for _, sub := range []string{runs, parts, kept, trash} {
		path := filepath.Join(dir, sub)
		if err := os.Mkdir(path, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if info, err := os.Lstat(path); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s is not a directory; remove it or name another store in NNFIELD_STORE", path)
		}
	}
	// A directory that was made in another life may be read-only now.
	probe, err := os.CreateTemp(filepath.Join(dir, trash), "probe-")
	if err != nil {
		return nil, err
	}
	probe.Close()
	ignore := filepath.Join(dir, ".gitignore")
	if _, err := os.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o666); err != nil {
			return nil, err
		}
	}
	s.sweep()
	return s, nil
}

// limit returns the bytes that a store keeps at most.
func limit() (int64, error) {
	text := os.Getenv("NNFIELD_STORE_GB")
	if text == "" {
		return defaultLimit * 1e9, nil
	}
	gb, err := strconv.ParseFloat(text, 64)
	if err != nil || !(gb >= 0) {
		return 0, fmt.Errorf("NNFIELD_STORE_GB=%s: it must be a number of gigabytes, 0 or more", text)
	}
	return int64(min(gb, 1e9) * 1e9), nil
}

// Default returns the store that cells use: NNFIELD_STORE or .nnfield beside the
// notebook, and where that cannot be written one in the user's cache directory.
// The notice, if there is one, says so; it comes once for each directory.
func Default() (s *Store, notice string, err error) {
	if _, err := limit(); err != nil {
		return nil, "", fmt.Errorf("results are not stored: %w", err)
	}
	dir := Dir()
	s, err = Create(dir)
	if err == nil {
		return s, "", nil
	}
	reason := err
	cache, err := os.UserCacheDir()
	if err == nil {
		s, err = Create(filepath.Join(cache, "nnfield", "store"))
	}
	if err != nil {
		return nil, "", fmt.Errorf("results are not stored: %w; set NNFIELD_STORE to a directory where you may write", reason)
	}
	s.other = At(dir)
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, "", err
	}
	said, err := os.OpenFile(filepath.Join(s.dir, "said-"+hash(absolute)[:16]), os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		said.Close()
		notice = fmt.Sprintf("results are stored in %s, because of %v; set NNFIELD_STORE to move them", s.dir, reason)
	}
	return s, notice, nil
}

// Dir returns the directory of the store that cells use if they can write there.
func Dir() string {
	if dir := os.Getenv("NNFIELD_STORE"); dir != "" {
		return dir
	}
	return ".nnfield"
}

// Directory returns where the store is.
func (s *Store) Directory() string { return s.dir }

func (s *Store) path(kind, id string) string { return filepath.Join(s.dir, kind, id) }

var identifier = regexp.MustCompile(`^[0-9a-f]{64}$`)

// sweep removes what killed processes left behind in the trash and among the kept
// values.
func (s *Store) sweep() {
	entries, _ := os.ReadDir(filepath.Join(s.dir, trash))
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(s.dir, trash, e.Name()))
	}
	entries, _ = os.ReadDir(filepath.Join(s.dir, kept))
	for _, e := range entries {
		// Temporary files are written within seconds.
		if info, err := e.Info(); err == nil && e.Name()[0] == '.' && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(s.dir, kept, e.Name()))
		}
	}
}

// unique returns a name that no other process takes.
func unique() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

// discard removes a directory of the store so that it is gone at once.
func (s *Store) discard(path string) error {
	gone := filepath.Join(s.dir, trash, unique())
	if err := os.Rename(path, gone); err != nil {
		return err
	}
	return os.RemoveAll(gone)
}

// held are the locks of what this process has open, until it ends or closes it:
// figures and runs are views of mapped files and outlive whatever opened them.
var held struct {
	sync.Mutex
	files map[*os.File]bool
}

func hold(f *os.File) {
	held.Lock()
	defer held.Unlock()
	if held.files == nil {
		held.files = map[*os.File]bool{}
	}
	held.files[f] = true
}

func release(f *os.File) {
	held.Lock()
	defer held.Unlock()
	delete(held.files, f)
	f.Close()
}

// lockDir opens a directory and locks it. It fails with fs.ErrNotExist if the
// directory is not there, or not the one under this name any more once it is
// locked; with errNoLocks it returns the open directory too.
func lockDir(path string, exclusive bool) (*os.File, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !before.IsDir() { // a symbolic link leads out of the store
		return nil, fmt.Errorf("%s %w: it is not a directory", path, errDamaged)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	locked := lock(f, exclusive)
	if locked != nil && !errors.Is(locked, errNoLocks) {
		f.Close()
		return nil, locked
	}
	now, err := os.Lstat(path)
	if err != nil {
		f.Close()
		return nil, err
	}
	if mine, err := f.Stat(); err != nil || !os.SameFile(mine, now) {
		f.Close()
		return nil, fs.ErrNotExist
	}
	return f, locked
}

// plain tells whether a directory holds regular files, and directories of
// regular files, only: nothing that leads out of the store.
func plain(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !d.Type().IsRegular() {
			err = fmt.Errorf("%s %w: it is not a regular file", path, errDamaged)
		}
		return err
	})
}

// Obtain returns the run of an ID: the stored one, or a part to compute it into.
//
// While another process computes it, Obtain waits for it or for ctx, and calls
// waiting again and again. A stored run that is damaged is removed, and said to notice; one
// of a later version is an error.
func (s *Store) Obtain(ctx context.Context, id string, waiting func(), notice func(string)) (*Entry, *Part, error) {
	if !identifier.MatchString(id) {
		return nil, nil, fmt.Errorf("store: %q is not the ID of a run", id)
	}
	if s.other != nil {
		if e, err := s.other.open(id); err == nil {
			return e, nil, nil
		}
	}
	for {
		e, err := s.open(id)
		if err == nil {
			return e, nil, nil
		}
		switch {
		case errors.Is(err, errDamaged):
			notice(fmt.Sprintf("the stored run %v; it is computed again", err))
			if err := s.discard(s.path(runs, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, nil, err
			}
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errBusy):
			return nil, nil, err
		}
		p, err := s.claim(id)
		if err == nil && p != nil {
			if p.private {
				notice("the disk of the store has no file locks: an interrupted run starts again from its beginning, and two cells may compute the same run twice")
			}
			return nil, p, nil
		}
		if err != nil && !errors.Is(err, errBusy) && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		waiting()
		select {
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("stopped while another process computes this run; run the cell again: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// claim makes or takes over the part of a run. It returns none if somebody has
// just finished it.
func (s *Store) claim(id string) (*Part, error) {
	path := s.path(parts, id)
	if err := os.MkdirAll(path, 0o777); err != nil {
		if _, there := os.Lstat(path); there != nil {
			return nil, err
		}
	}
	f, err := lockDir(path, true)
	p := &Part{store: s, id: id, dir: path, lock: f}
	switch {
	case errors.Is(err, errNoLocks):
		// A directory of our own, which nobody else goes on with.
		f.Close()
		_ = os.Remove(path)
		p.private, p.lock = true, nil
		p.dir = path + "." + unique()
		return p, os.Mkdir(p.dir, 0o777)
	case errors.Is(err, errDamaged):
		return nil, os.Remove(path) // a link or a file: the next turn makes a directory
	case err != nil:
		return nil, err
	}
	if _, err := os.Lstat(s.path(runs, id)); err == nil {
		// Finished by another process since we looked.
		err := s.discard(path)
		f.Close()
		return nil, err
	}
	whole, err := p.recover()
	if err != nil {
		f.Close()
		return nil, err
	}
	if whole {
		// All was written when the process was killed, but for the name.
		err := p.rename()
		f.Close()
		return nil, err
	}
	return p, nil
}

// rename gives a whole part its place among the runs. If one is there already it
// is as good, and the part goes.
func (p *Part) rename() error {
	err := os.Rename(p.dir, p.store.path(runs, p.id))
	if err != nil {
		if _, there := os.Lstat(p.store.path(runs, p.id)); there != nil {
			return err
		}
		return p.store.discard(p.dir)
	}
	syncDir(filepath.Join(p.store.dir, runs))
	syncDir(filepath.Join(p.store.dir, parts))
	return nil
}

// syncDir makes the names in a directory safe; where directories cannot be
// synced the system sees to that.
func syncDir(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// Item is a run in a listing.
type Item struct {
	ID     string
	Bytes  int64
	Used   time.Time // when it was stored or last loaded
	Pinned bool

	kept bool // a value, not a run
}

// List returns all stored runs, the last used first.
func (s *Store) List() ([]Item, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, runs))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Item
	for _, e := range entries {
		if !e.IsDir() || !identifier.MatchString(e.Name()) {
			continue
		}
		path := s.path(runs, e.Name())
		info, err := e.Info()
		if err != nil {
			continue // removed meanwhile
		}
		i := Item{ID: e.Name(), Used: info.ModTime(), Bytes: size(path)}
		_, err = os.Lstat(filepath.Join(path, pinFile))
		i.Pinned = err == nil
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b Item) int {
		if c := b.Used.Compare(a.Used); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

// size returns the bytes of the files in a directory.
func size(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// fewestDigits of an ID name a run: a word that was left out, or an empty variable of a
// shell, must not.
const fewestDigits = 4

// Find returns the ID that begins with a prefix of at least four digits. It fails if
// none or several do.
func (s *Store) Find(prefix string) (string, error) {
	if len(prefix) < fewestDigits {
		return "", fmt.Errorf("run %q: give at least %d digits of its ID; see nnfield runs list", prefix, fewestDigits)
	}
	all, err := s.List()
	if err != nil {
		return "", err
	}
	var found []string
	for _, i := range all {
		if strings.HasPrefix(i.ID, prefix) {
			found = append(found, i.ID)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return "", fmt.Errorf("run %q: none in %s begins so; see nnfield runs list", prefix, s.dir)
	}
	return "", fmt.Errorf("run %q: %d in %s begin so; give more digits", prefix, len(found), s.dir)
}

// Pin keeps a run from eviction, or no more.
func (s *Store) Pin(id string, pinned bool) error {
	path := filepath.Join(s.path(runs, id), pinFile)
	if !pinned {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	return f.Close()
}

// Remove removes a run. It fails if a process has it open.
func (s *Store) Remove(id string) error {
	path := s.path(runs, id)
	f, err := lockDir(path, true)
	if errors.Is(err, errBusy) {
		return fmt.Errorf("run %.12s: a process has it open; end that and try again", id)
	}
	if err != nil && f == nil && !errors.Is(err, errDamaged) {
		return err
	}
	if f != nil {
		defer f.Close()
	}
	return s.discard(path)
}

// evict removes runs and kept values, the least recently used first, until the store is within
// its limit, and parts that nobody went on with. It spares what is pinned or
// open, and everything where it could not tell what is open. What fails is left
// for the next time.
func (s *Store) evict() {
	all, err := s.List()
	if err != nil {
		return
	}
	all = append(all, s.keptItems()...)
	slices.SortStableFunc(all, func(a, b Item) int { return a.Used.Compare(b.Used) })
	var total int64
	for _, i := range all {
		total += i.Bytes
	}
	for _, i := range all {
		if total <= s.limit {
			break
		}
		if i.kept && s.removeKept(i.ID) || !i.kept && !i.Pinned && s.tryDiscard(s.path(runs, i.ID)) {
			total -= i.Bytes
		}
	}
	entries, _ := os.ReadDir(filepath.Join(s.dir, parts))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			// Without locks its age must do: checkpoints renew it.
			f, err := lockDir(s.path(parts, e.Name()), true)
			if err == nil || errors.Is(err, errNoLocks) {
				_ = s.discard(s.path(parts, e.Name()))
				f.Close()
			}
		}
	}
}

// tryDiscard removes a directory unless a process has it open.
func (s *Store) tryDiscard(path string) bool {
	f, err := lockDir(path, true)
	if f != nil {
		defer f.Close()
	}
	return err == nil && s.discard(path) == nil
}
