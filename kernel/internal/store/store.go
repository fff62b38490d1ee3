// Package store keeps runs and other results on the disk, by their content.
//
// A store is a directory:
//
//	runs/ID/                    a run that was reported as stored; see [Manifest]
//	parts/ID.MACHINE.TRY/       one that is being computed, or was interrupted, with its checkpoint
//	parts/ID.lock               held by who computes it
//	kept/                       values of kernel.Keep
//	trash/                      what is being removed
//	usage.json                  how much is stored, about
//	.gitignore                  *
//
// A run is written in parts/, synced to the disk and renamed: nobody sees half of
// one. Its ID names its content, so that two processes that compute the same run
// write the same files and it does not matter whose stays.
//
// # Many writers
//
// Several nodes of a cluster may write to one store. Locks are of regular files: network
// file systems keep those between nodes, and those of directories within a node, without
// a word. But nothing relies on them; they save the double work. Every try has a
// directory of its own, into which nobody else writes. It goes on from what a dead
// process of the same machine has left, or from a copy of the best checkpoint of another
// machine's, which may be alive. The first that renames its directory wins; others find
// the run there and are content. Ages are told by the clock of the disk.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nnfield/nnfield/internal/regular"
)

// Store is a directory of results.
type Store struct {
	dir     string
	limit   int64         // bytes that it keeps at most, besides what is pinned or open
	other   *Store        // where it looks too: one that cannot be written
	ahead   time.Duration // by which the disk's clock is ahead of this machine's
	machine string        // within which locks of its files exclude each other
}

// now is the time by the clock of the disk.
func (s *Store) now() time.Time { return time.Now().Add(s.ahead) }

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
func At(dir string) *Store {
	return &Store{dir: dir, limit: defaultLimit * 1e9, machine: machine(filepath.Join(dir, parts))}
}

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
	info, err := probe.Stat()
	probe.Close()
	if err != nil {
		return nil, err
	}
	s.ahead = time.Until(info.ModTime())
	s.machine = machine(filepath.Join(dir, parts))
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

// sweep removes what killed processes left behind in the trash, and locks that nobody
// holds.
func (s *Store) sweep() {
	entries, _ := os.ReadDir(filepath.Join(s.dir, trash))
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(s.dir, trash, e.Name()))
	}
	entries, _ = os.ReadDir(filepath.Join(s.dir, parts))
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			continue
		}
		if f, err := lockFile(s.path(parts, e.Name()), true, false); err == nil {
			_ = os.Remove(s.path(parts, e.Name()))
			f.Close()
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

// lockRun opens the manifest of a stored run and locks it. It fails with fs.ErrNotExist
// if the run is not there, or not the one under this name any more once it is locked;
// with errNoLocks it returns the open file too. A run without a manifest is damaged, and
// the directory is locked in its place, so that it can be looked at and removed.
func lockRun(path string, exclusive bool) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() { // a symbolic link leads out of the store
		return nil, fmt.Errorf("%s %w: it is not a directory", path, errDamaged)
	}
	name := filepath.Join(path, manifestFile)
	if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		name = path
	}
	return lockFile(name, exclusive, false)
}

// lockFile opens a file, which is made if it may be, and locks it; see [lockRun].
func lockFile(name string, exclusive, create bool) (*os.File, error) {
	f, err := openToLock(name, exclusive, create)
	if err != nil {
		return nil, err
	}
	locked := lock(f, exclusive)
	if locked != nil && !errors.Is(locked, errNoLocks) {
		f.Close()
		return nil, locked
	}
	now, err := os.Lstat(name)
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
			return nil, p, nil
		}
		if err != nil && !errors.Is(err, errBusy) && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, err
		}
		waiting()
		select {
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("stopped while another process computes this run; run it again: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// claim makes or takes over the part of a run. It returns none if somebody has
// just finished it, and errBusy if somebody computes it.
func (s *Store) claim(id string) (*Part, error) {
	if err := os.MkdirAll(filepath.Join(s.dir, parts), 0o777); err != nil {
		return nil, err
	}
	f, err := lockFile(s.path(parts, id+".lock"), true, true)
	if err != nil && !errors.Is(err, errNoLocks) {
		return nil, err
	}
	p := &Part{store: s, id: id, lock: f}
	part, err := s.begin(p, errors.Is(err, errNoLocks))
	if err != nil || part == nil {
		p.unlock()
	}
	return part, err
}

// begin finds the directory of a part whose lock is held, if there are locks.
func (s *Store) begin(p *Part, lockless bool) (*Part, error) {
	if _, err := os.Lstat(s.path(runs, p.id)); err == nil {
		return nil, nil // finished by another process since we looked
	}
	own, foreign, err := s.tries(p.id, lockless || s.machine == "")
	if err != nil {
		return nil, err
	}
	best, err := furthest(foreign, stepOf)
	if err != nil {
		return nil, err
	}
	// What this machine has left is dead, for we hold the lock. The furthest is gone on
	// with, unless another machine is further; the rest goes.
	mine, err := furthest(own, ofOwn)
	if err != nil {
		return nil, err
	}
	if mine.dir == "" && len(own) > 0 {
		mine.dir = own[0] // empty, or damaged: recover clears it
	}
	if mine.step < best.step {
		mine.dir = ""
	}
	for _, dir := range own {
		if dir != mine.dir {
			_ = s.discard(dir)
		}
	}
	if p.dir = mine.dir; p.dir != "" {
		whole, err := p.recover()
		if err != nil {
			return nil, err
		}
		if whole {
			// All was written when the process was killed, but for the name.
			return nil, p.rename()
		}
		return p, nil
	}
	p.dir = s.path(parts, fmt.Sprintf("%s.%s.%s", p.id, s.machine, unique()))
	if err := os.Mkdir(p.dir, 0o777); err != nil {
		return nil, err
	}
	if err := p.adopt(best, foreign); err != nil {
		_ = s.discard(p.dir)
		return nil, err
	}
	return p, nil
}

// adopt goes on from a copy of the best of what others have. Who is copied may be alive
// and at its next checkpoint: then a file is gone, or the state does not fit, and we look
// again, up to three times.
func (p *Part) adopt(best try, foreign []string) error {
	for looks := 0; best.dir != "" && looks < 3; looks++ {
		err := copyTry(best.dir, p.dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if _, err := p.recover(); err != nil {
			return err
		}
		if p.from != nil {
			return nil
		}
		if best, err = furthest(foreign, stepOf); err != nil {
			return err
		}
	}
	_, err := p.recover() // clears what was copied in vain
	return err
}

// tries returns the directories of the tries of a run: those that this machine has left,
// and those of others. Without locks all are of others.
func (s *Store) tries(id string, lockless bool) (own, foreign []string, err error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, parts))
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), id) || e.Name() == id+".lock" {
			continue
		}
		path := s.path(parts, e.Name())
		switch {
		case !e.IsDir(): // a link or a file leads out of the store
			_ = os.Remove(path)
		case !lockless && strings.HasPrefix(e.Name(), id+"."+s.machine+"."):
			own = append(own, path)
		default:
			foreign = append(foreign, path)
		}
	}
	return own, foreign, nil
}

// ofOwn returns how far a dead try of this machine is: whole, or as [stepOf] says.
func ofOwn(dir string) (int, error) {
	if _, err := os.Lstat(filepath.Join(dir, manifestFile)); err == nil {
		return math.MaxInt, nil
	}
	return stepOf(dir)
}

// stepOf returns how far a try is: the step of its checkpoint, −1 for nothing that can be
// gone on with. Its error is one that says nothing of the try, such as that no file can be
// opened.
func stepOf(dir string) (int, error) {
	var c checkpoint
	err := unseal(filepath.Join(dir, checkpointFile), &c)
	switch {
	case err == nil:
		return c.Step, nil
	case errors.Is(err, errDamaged), errors.Is(err, errFuture), errors.Is(err, fs.ErrNotExist):
		return -1, nil
	}
	return -1, err
}

// try is a directory and how far it is.
type try struct {
	dir  string
	step int
}

// furthest returns the try that is furthest, none if nobody can be gone on with.
func furthest(dirs []string, step func(string) (int, error)) (try, error) {
	best := try{step: -1}
	for _, dir := range dirs {
		n, err := step(dir)
		if err != nil {
			return try{}, err
		}
		if n > best.step {
			best = try{dir, n}
		}
	}
	return best, nil
}

// copyTry copies a try up to its checkpoint, which comes first: tracks only grow.
func copyTry(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	names := []string{checkpointFile}
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") && e.Name() != checkpointFile && e.Name() != manifestFile {
			names = append(names, e.Name())
		}
	}
	for _, name := range names {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name)); err != nil && !(errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, "state-")) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := regular.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// unlock lets go of the right to compute the run.
func (p *Part) unlock() {
	if p.lock != nil {
		_ = os.Remove(p.store.path(parts, p.id+".lock"))
		p.lock.Close()
		p.lock = nil
	}
}

// rename gives a whole part its place among the runs. If one is there already it
// is as good, and the part goes.
func (p *Part) rename() error {
	err := os.Rename(p.dir, p.store.path(runs, p.id))
	if err != nil {
		// What the system said decides, and no look at a name that may be cached.
		if _, there := os.Lstat(p.store.path(runs, p.id)); there != nil && !errors.Is(err, fs.ErrExist) && !notEmpty(err) {
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
	f, err := lockRun(path, true)
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

// usageFile holds about how much is stored: what was counted when all was looked at, and
// what came since.
const usageFile = "usage.json"

// recount is after how long all is looked at again, whatever was noted: tries that nobody
// went on with are found then, and what other writers' notes have missed.
const recount = 24 * time.Hour

type usage struct {
	Bytes   int64     `json:"bytes"`
	Counted time.Time `json:"counted"` // by the disk's clock
}

// added notes that so many bytes were stored, and looks at the whole store only if they
// may be too many, or if nobody has for a day.
func (s *Store) added(bytes int64) {
	f, err := lockFile(filepath.Join(s.dir, "usage.lock"), true, true)
	for waits := 0; errors.Is(err, errBusy) && waits < 40; waits++ {
		time.Sleep(5 * time.Millisecond)
		f, err = lockFile(filepath.Join(s.dir, "usage.lock"), true, true)
	}
	if f != nil {
		defer f.Close() // without a lock a note may be lost, until the next count
	}
	path := filepath.Join(s.dir, usageFile)
	var u usage
	text, err := regular.ReadFile(path, 1<<12)
	known := err == nil && json.Unmarshal(text, &u) == nil && u.Bytes >= 0
	u.Bytes += bytes
	if age := s.now().Sub(u.Counted); !known || u.Bytes > s.limit || age > recount || age < -recount {
		u = usage{Bytes: s.evict(), Counted: s.now()}
	}
	if text, err = json.Marshal(u); err == nil {
		_ = writeWhole(path, text)
	}
}

// writeWhole replaces a small file, which is worth no sync.
func writeWhole(path string, text []byte) error {
	temporary := path + "." + unique()
	if err := os.WriteFile(temporary, text, 0o666); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// evict looks at all that is stored, and removes runs and kept values, the least recently
// used first, until the store is within its limit, and tries that nobody went on with. It
// spares what is pinned or open, and everything where it could not tell what is open.
// What fails is left for the next time. It returns the bytes that are left.
func (s *Store) evict() (total int64) {
	all, err := s.List()
	if err != nil {
		return 0
	}
	all = append(all, s.keptItems()...)
	slices.SortStableFunc(all, func(a, b Item) int { return a.Used.Compare(b.Used) })
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
		if info, err := e.Info(); err == nil && s.now().Sub(info.ModTime()) > abandoned { // checkpoints renew it
			_ = s.discard(s.path(parts, e.Name()))
		}
	}
	entries, _ = os.ReadDir(filepath.Join(s.dir, kept))
	for _, e := range entries {
		// Temporary files are written within seconds.
		if info, err := e.Info(); err == nil && e.Name()[0] == '.' && s.now().Sub(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(s.dir, kept, e.Name()))
		}
	}
	return total
}

// tryDiscard removes a directory unless a process has it open.
func (s *Store) tryDiscard(path string) bool {
	f, err := lockRun(path, true)
	if f != nil {
		defer f.Close()
	}
	return err == nil && s.discard(path) == nil
}
