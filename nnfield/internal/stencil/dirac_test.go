package stencil

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// differs returns the first place where two slices differ in a bit, or −1.
func differs(a, b []float64) int {
	for i, x := range a {
		if math.Float64bits(x) != math.Float64bits(b[i]) {
			return i
		}
	}
	return -1
}

// checkDirac compares all assembly of a field with its twin on a range of slabs.
func checkDirac(w DiracWeights, p Part, off int) error {
	for _, kernels := range NewDirac(w).assemblies() {
		if err := checkDiracKernels(w, kernels, p, off); err != nil {
			return fmt.Errorf("%d members: %w", kernels.members, err)
		}
	}
	return nil
}

func checkDiracKernels(w DiracWeights, kernels diracKernels, p Part, off int) error {
	fast, twin := NewDirac(w), NewDirac(w)
	fast.kernels, twin.kernels = kernels, diracKernels{}
	n := fast.Components() * fast.sites
	for half, name := range []string{"drift", "kick"} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		to, toIntact := guarded[float64](r, n, off)
		from, fromIntact := guarded[float64](r, n, off%3)
		want := slices.Clone(to)
		if half == 0 {
			fast.Drift(to, from, p, 0.3)
			twin.Drift(want, from, p, 0.3)
		} else {
			fast.Kick(to, from, p, -0.3)
			twin.Kick(want, from, p, -0.3)
		}
		if i := differs(to, want); i >= 0 {
			return fmt.Errorf("%s of %v of %+v: element %d is %v, the twin makes %v", name, p, w, i, to[i], want[i])
		}
		if !toIntact() || !fromIntact() {
			return fmt.Errorf("%s of %v of %+v writes beside its arrays", name, p, w)
		}
	}
	return nil
}

// drawPart returns a part of a lattice.
func drawPart(t *rapid.T, all Part) (p Part) {
	p.Lo = rapid.IntRange(0, all.Hi-1).Draw(t, "lo")
	p.Hi = rapid.IntRange(p.Lo+1, all.Hi).Draw(t, "hi")
	p.Y0 = rapid.IntRange(0, all.Y1-1).Draw(t, "y0")
	p.Y1 = rapid.IntRange(p.Y0+1, all.Y1).Draw(t, "y1")
	return p
}

// diracCases are weights on lattices whose rows have n sites.
func diracCases(n int) (all []DiracWeights) {
	for _, shape := range [][3]int{{1, 1, n}, {1, 4, n}, {3, 4, n}} {
		axes := []int{2}
		for axis := 1; axis >= 0 && shape[axis] > 1; axis-- {
			axes = append(axes, axis)
		}
		for _, wall := range [][3]bool{{}, {true, false, true}, {false, true, false}} {
			w := DiracWeights{Shape: shape, Wall: wall, Hop: [3]float64{0.9, 1.1, 1.3}}
			massive, wilson := w, w
			massive.Mass = 0.7
			wilson.Wilson, wilson.Scale, wilson.Centre = []StarGroup{{1, axes}}, -0.4, -3.1
			all = append(all, w, massive, wilson)
		}
	}
	return all
}

// The assembly has the bits of its twin for any length of a row and any alignment,
// and writes nowhere else. Without assembly, on another processor or with
// NNFIELD_KERNEL=go, there is nothing to compare: the other tests judge the twin.
func TestDiracAssemblyIsItsTwin(t *testing.T) {
	if !Assembly() {
		t.Skip("no assembly here")
	}
	for n := 4; n <= 130; n++ {
		for i, w := range diracCases(n) {
			k := NewDirac(w)
			if k.kernels.members == 0 {
				t.Fatalf("%+v: no kernel", w)
			}
			p := k.All()
			if w.Shape[0] == 1 && w.Shape[1] == 1 && n > 20 { // a part of the only row
				p.Lo, p.Hi = i%5, n-i%7
			}
			if err := checkDirac(w, p, (n+i)%8); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestDiracOnAnyRange(t *testing.T) { rapid.Check(t, testDirac) }

// FuzzDirac lets the fuzzer choose the case.
func FuzzDirac(f *testing.F) { f.Fuzz(rapid.MakeFuzz(testDirac)) }

func testDirac(t *rapid.T) {
	w := DiracWeights{Shape: [3]int{1, 1, rapid.IntRange(2, 90).Draw(t, "columns")}}
	dim := rapid.IntRange(1, 3).Draw(t, "dimensions")
	axes := []int{2}
	for axis := 1; axis > 2-dim; axis-- {
		w.Shape[axis] = rapid.IntRange(2, 7).Draw(t, "sites")
		axes = append(axes, axis)
	}
	for _, axis := range axes {
		w.Wall[axis] = rapid.Bool().Draw(t, "wall")
		w.Hop[axis] = rapid.Float64Range(-2, 2).Draw(t, "hop")
	}
	switch rapid.IntRange(0, 2).Draw(t, "mass") {
	case 1:
		w.Mass = rapid.Float64Range(-2, 2).Draw(t, "m")
	case 2:
		w.Wilson, w.Scale, w.Centre = []StarGroup{{1, axes}}, rapid.Float64Range(-2, 2).Draw(t, "scale"), rapid.Float64Range(-9, 9).Draw(t, "centre")
	}
	if err := checkDirac(w, drawPart(t, NewDirac(w).All()), rapid.IntRange(0, 8).Draw(t, "offset")); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkDirac(b *testing.B) {
	for _, shape := range [][3]int{{1, 1, 1024}, {1, 16, 64}, {1, 16, 1024}, {8, 16, 64}} {
		w := DiracWeights{Shape: shape, Hop: [3]float64{1, 1, 1}, Mass: 0.7}
		for i, kernels := range append([]diracKernels{{}}, NewDirac(w).assemblies()...) {
			b.Run(fmt.Sprint(shape, " ", []string{"go", "avx2", "avx512"}[i]), func(b *testing.B) {
				k := NewDirac(w)
				k.kernels = kernels
				n := k.Components() * k.sites
				x, p := make([]float64, n), make([]float64, n)
				for b.Loop() {
					k.Drift(x, p, k.All(), 0.1)
					k.Kick(p, x, k.All(), -0.1)
				}
				b.ReportMetric(float64(b.N)*float64(k.sites)/b.Elapsed().Seconds()/1e6, "Msites/s")
			})
		}
	}
}
