package kernel

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// kept returns the value and whether it was computed.
func kept[T any](t *testing.T, name string, inputs any, v T) (T, bool) {
	t.Helper()
	computed := false
	got, err := TryKeep(name, inputs, func() (T, error) { computed = true; return v, nil })
	if err != nil {
		t.Fatal(err)
	}
	return got, computed
}

type finding struct {
	Name   string
	Values []float64
	Best   map[string]int
}

func TestKeep(t *testing.T) {
	t.Setenv("NNFIELD_STORE", t.TempDir())
	check := func(what string, v any, f func() (any, bool)) {
		t.Helper()
		for _, first := range []bool{true, false} {
			got, computed := f()
			if computed != first || !reflect.DeepEqual(got, v) {
				t.Errorf("%s: %v, computed %v; want %v, %v", what, got, computed, v, first)
			}
		}
	}
	list := []float64{1, math.Pi, -2e300}
	check("list", list, func() (any, bool) { return kept(t, "a", 1, list) })
	check("struct", finding{"x", list, map[string]int{"y": 2}}, func() (any, bool) { return kept(t, "a", 1, finding{"x", list, map[string]int{"y": 2}}) })
	check("another type", 7, func() (any, bool) { return kept(t, "a", 1, 7) })
	check("another name", 8, func() (any, bool) { return kept(t, "b", 1, 8) })
	check("another input", 9, func() (any, bool) { return kept(t, "b", []any{1, map[string]any{"k": "v"}}, 9) })
	check("no input", 10, func() (any, bool) { return kept(t, "b", nil, 10) })
	check("empty list", []float64(nil), func() (any, bool) { return kept(t, "empty", nil, []float64(nil)) })
	check("model", 11, func() (any, bool) { return kept(t, "b", kg, 11) })
	check("another model", 12, func() (any, bool) { return kept(t, "b", kg.Mass(2), 12) })
	check("simulation", 13, func() (any, bool) { return kept(t, "b", []any{kg.Until(1)}, 13) })
	check("another simulation", 14, func() (any, bool) { return kept(t, "b", []any{kg.Until(2)}, 14) })
	r, err := kg.Until(1).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check("run", 15, func() (any, bool) { return kept(t, "b", r, 15) })
	nan, _ := kept(t, "nan", nil, []float64{math.NaN(), math.Inf(-1)})
	nan, computed := kept(t, "nan", nil, nan)
	if computed || len(nan) != 2 || !math.IsNaN(nan[0]) || !math.IsInf(nan[1], -1) {
		t.Errorf("%v, computed %v", nan, computed)
	}
}

func TestKeepRefuses(t *testing.T) {
	t.Setenv("NNFIELD_STORE", t.TempDir())
	refuse := func(want string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v; want %q", err, want)
		}
	}
	try := func(name string, inputs any) error {
		_, err := TryKeep(name, inputs, func() (int, error) { return 1, nil })
		return err
	}
	refuse(`Keep(" "): the name is empty`, try(" ", 1))
	refuse("holds the field hidden", try("a", struct{ hidden int }{1}))
	refuse("values of any type", try("a", [][]any{{1}}))
	refuse("cannot be written as JSON", try("a", math.NaN()))
	refuse("cannot be written as JSON", try("a", func() {}))
	refuse("KleinGordon: Mass(-1)", try("a", kg.Mass(-1)))
	refuse("Mass(-1)", try("a", []any{kg.Mass(-1).Until(1)}))
	_, err := TryKeep("a", 1, func() (struct{ hidden int }, error) { return struct{ hidden int }{1}, nil })
	refuse("does not come back from JSON", err)
	_, err = TryKeep("a", 1, func() (float64, error) { return math.NaN(), nil })
	refuse("cannot be written as JSON", err)
	_, err = TryKeep("a", 1, func() (int, error) { return 0, errors.New("no luck") })
	refuse("no luck", err)
	if _, computed := kept(t, "a", 1, 5); !computed {
		t.Error("a failure was kept")
	}
}

// A kept value that was damaged is computed again, whatever the damage.
func TestKeptDamage(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNFIELD_STORE", dir)
	list := []float64{1, 2, 3}
	kept(t, "a", nil, list)
	files, _ := filepath.Glob(filepath.Join(dir, "kept", "*"))
	if len(files) != 2 {
		t.Fatal(files)
	}
	for _, path := range files {
		for _, cut := range []bool{true, false} {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if cut {
				b = b[:len(b)-10]
			} else {
				b[len(b)-10] ^= 8
			}
			if err := errors.Join(os.Remove(path), os.WriteFile(path, b, 0o666)); err != nil {
				t.Fatal(err)
			}
			if got, computed := kept(t, "a", nil, list); !computed || !reflect.DeepEqual(got, list) {
				t.Errorf("%s: %v, computed %v", filepath.Base(path), got, computed)
			}
			if _, computed := kept(t, "a", nil, list); computed {
				t.Errorf("%s: it was not mended", filepath.Base(path))
			}
		}
	}
}
