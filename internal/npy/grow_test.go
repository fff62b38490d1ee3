package npy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestGrow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	append2 := func(g *Growing, values ...float64) {
		t.Helper()
		for i := 0; i < len(values); i += 2 {
			if err := g.Append(values[i : i+2]); err != nil {
				t.Fatal(err)
			}
		}
	}
	g, err := Grow(path, []int{2}, 0)
	if err != nil {
		t.Fatal(err)
	}
	append2(g, 1, 2, 3, 4)
	if err := g.Sync(); err != nil {
		t.Fatal(err)
	}
	append2(g, 5, 6)
	if err := g.Flush(); err != nil {
		t.Fatal(err)
	}
	g.Close()

	// A later process goes on after the second frame.
	if g, err = Grow(path, []int{2}, 2); err != nil {
		t.Fatal(err)
	}
	append2(g, 7, 8)
	if err := g.Append([]float64{1}); err == nil || !strings.Contains(err.Error(), "1 elements; a frame of shape [2] has 2") {
		t.Errorf("error %v", err)
	}
	if err := g.Sync(); err != nil {
		t.Fatal(err)
	}
	g.Close()
	a, err := Read(path)
	if err != nil || !slices.Equal(a.Shape, []int{3, 2}) || !slices.Equal(a.Data.([]float64), []float64{1, 2, 3, 4, 7, 8}) {
		t.Errorf("%v, error %v", a, err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if shape, begin, err := Locate(f); err != nil || begin%64 != 0 || begin != growingBegin || !slices.Equal(shape, []int{3, 2}) {
		t.Errorf("shape %v, begins at %d, error %v", shape, begin, err)
	}
	if _, err := Grow(path, []int{2}, 4); err == nil || !strings.Contains(err.Error(), "4 frames need") {
		t.Errorf("error %v", err)
	}
	if _, err := Grow(path, make([]int, 31), 0); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("error %v", err)
	}
}

func TestLocateRefusesOtherKinds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Write(f, []int{1}, []int64{1}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Locate(f); err == nil || !strings.Contains(err.Error(), `"<i8"; <f8 is needed`) {
		t.Errorf("error %v", err)
	}
	if err := f.Truncate(130); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Locate(f); err == nil || !strings.Contains(err.Error(), "bytes of data") {
		t.Errorf("error %v", err)
	}
}
