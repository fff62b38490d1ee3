package reduce

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.IntRange(1, 300).Draw(t, "cells")
		bins := rapid.IntRange(1, cells).Draw(t, "bins")
		of := Even(cells, bins)
		if !slices.IsSorted(of) || of[0] != 0 || of[cells-1] != bins-1 {
			t.Fatalf("bins run from %d to %d of %d", of[0], of[cells-1], bins)
		}
		n := make([]int, bins)
		for _, b := range of {
			n[b]++
		}
		if slices.Max(n)-slices.Min(n) > 1 {
			t.Fatalf("bins of %d to %d cells", slices.Min(n), slices.Max(n))
		}
	})
}

// The extrema of a field are those of the reduced one, and each bin shows one
// of its own cells.
func TestFieldKeepsExtrema(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Of two samples neither is the spike.
		nx, ny := rapid.IntRange(3, 30).Draw(t, "nx"), rapid.IntRange(1, 30).Draw(t, "ny")
		mx, my := rapid.IntRange(1, nx).Draw(t, "mx"), rapid.IntRange(1, ny).Draw(t, "my")
		values := make([]float64, nx*ny) // flat but for one spike
		at := rapid.IntRange(0, nx*ny-1).Draw(t, "at")
		values[at] = rapid.SampledFrom([]float64{-1, 1}).Draw(t, "spike")
		xBin, yBin := Even(nx, mx), Even(ny, my)
		small := Field(values, xBin, mx, yBin, my)
		if len(small) != mx*my {
			t.Fatalf("%d values, want %d", len(small), mx*my)
		}
		b := yBin[at/nx]*mx + xBin[at%nx]
		if small[b] != values[at] {
			t.Fatalf("the spike is %v in its bin", small[b])
		}
		for i, v := range small {
			if i != b && v != 0 {
				t.Fatalf("bin %d shows %v, which none of its cells is", i, v)
			}
		}
	})
}

func TestFieldShowsNaN(t *testing.T) {
	values := make([]float64, 16)
	values[5] = math.NaN()
	small := Field(values, Even(4, 2), 2, Even(4, 2), 2)
	for i, v := range small {
		if math.IsNaN(v) != (i == 0) {
			t.Errorf("bin %d shows %v", i, v)
		}
	}
}
