package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keptValue is the form of kept/ID.json: a value, or what is to be known of the
// numbers in kept/ID.npy. The ID names what the value was asked for.
type keptValue struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value,omitempty"`
	Numbers *extent         `json:"numbers,omitempty"` // one record
}

func (s *Store) keptFile(id, ending string) string {
	return filepath.Join(s.dir, kept, id+ending)
}

// Kept returns a value: its JSON, or its numbers if it is a list of float64. It
// fails with fs.ErrNotExist if there is none; a damaged one is none, and said to
// notice.
func (s *Store) Kept(id string, notice func(string)) (value json.RawMessage, numbers []float64, err error) {
	if s.other != nil {
		if value, numbers, err = s.other.kept(id); err == nil {
			return value, numbers, nil
		}
	}
	value, numbers, err = s.kept(id)
	if errors.Is(err, errDamaged) {
		notice(fmt.Sprintf("the kept value %v; it is computed again", err))
		err = fs.ErrNotExist
	}
	return value, numbers, err
}

func (s *Store) kept(id string) (json.RawMessage, []float64, error) {
	path := s.keptFile(id, ".json")
	var v keptValue
	if err := unseal(path, &v); err != nil {
		return nil, nil, err
	}
	if v.ID != id {
		return nil, nil, fmt.Errorf("%s %w: it is of another value", path, errDamaged)
	}
	now := s.now()
	_ = os.Chtimes(path, now, now) // fails in a store that is read-only
	if v.Numbers == nil {
		return v.Value, nil, nil
	}
	numbers, _, err := loadFile(s.keptFile(id, ".npy"))
	if err != nil {
		return nil, nil, err
	}
	if len(numbers) != v.Numbers.Width || checksum(0, numbers) != v.Numbers.Index {
		return nil, nil, fmt.Errorf("%s %w: its checksum differs", s.keptFile(id, ".npy"), errDamaged)
	}
	return nil, numbers, nil
}

// Keep stores a value under an ID: its JSON, or its numbers.
func (s *Store) Keep(id, name string, value json.RawMessage, numbers []float64) error {
	v := keptValue{ID: id, Name: name, Value: value}
	if value == nil {
		if err := writeFrame(s.keptFile(id, ".npy"), numbers); err != nil {
			return err
		}
		v.Numbers = &extent{Records: 1, Width: len(numbers), Index: checksum(0, numbers)}
	}
	// Numbers without this file are as good as not there.
	if err := seal(s.keptFile(id, ".json"), v); err != nil {
		return err
	}
	bytes := int64(len(value))
	if v.Numbers != nil {
		bytes = 8 * int64(v.Numbers.Width)
	}
	s.added(bytes)
	return nil
}

// keptItems lists the kept values.
func (s *Store) keptItems() (all []Item) {
	entries, _ := os.ReadDir(filepath.Join(s.dir, kept))
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		info, err := e.Info()
		if !ok || err != nil || !identifier.MatchString(id) {
			continue
		}
		i := Item{ID: id, Used: info.ModTime(), Bytes: info.Size(), kept: true}
		if numbers, err := os.Lstat(s.keptFile(id, ".npy")); err == nil {
			i.Bytes += numbers.Size()
		}
		all = append(all, i)
	}
	return all
}

// removeKept removes a kept value; who has it mapped keeps seeing it.
func (s *Store) removeKept(id string) bool {
	err := os.Remove(s.keptFile(id, ".json"))
	if other := os.Remove(s.keptFile(id, ".npy")); !errors.Is(other, fs.ErrNotExist) {
		err = errors.Join(err, other)
	}
	return err == nil
}
