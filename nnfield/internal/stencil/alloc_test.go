//go:build !race

package stencil

import "testing"

// The race detector makes sync.Pool forget at random, so this test is not for it.
func TestAllocatesNothing(t *testing.T) {
	for _, sides := range [][]int{{1000}, {30, 37}, {12, 13, 14}} {
		for _, force := range []Force[float64]{nil, &Phi4[float64]{1, 1}, pull[float64]{make([]float64, 1<<12)}} {
			for _, assembly := range []bool{true, false} {
				s, x, b := scalar(force, 2, sides...)
				if !assembly {
					s.assembly = nil
				}
				if n := testing.AllocsPerRun(20, func() {
					s.Drift(x, b, 0, s.Slabs(), 0, s.Rows(), 0.1)
					s.Kick(b, x, 0, s.Slabs(), 0, s.Rows(), 0.1, nil)
					s.DriftKick(x, b, 1, s.Slabs(), 0, s.Rows(), 0.1, 0.1, nil)
				}); n > 0 {
					t.Errorf("%v, %T, assembly %v: %v allocations a step", sides, force, assembly, n)
				}
			}
		}
	}
}

func TestCurvedAllocatesNothing(t *testing.T) {
	for _, shape := range [][3]int{{1, 1, 37}, {1, 5, 37}, {3, 5, 37}} {
		k, _ := NewCurved(curvedWeights(shape))
		x, b := make([]float64, k.sites), make([]float64, k.sites)
		if allocs := testing.AllocsPerRun(10, func() {
			k.Drift(x, b, k.All(), 1)
			k.Kick(b, x, k.All(), 1)
		}); allocs > 0 {
			t.Errorf("%v: %v allocations", shape, allocs)
		}
	}
}

func TestLinksAllocateNothing(t *testing.T) {
	for _, shape := range [][3]int{{1, 1, 37}, {1, 5, 37}, {3, 5, 37}} {
		k := NewLinks(linkWeights(shape, [3]bool{}))
		spinor, scalar := k.Spinor(), k.Scalar()
		x, b := make([]float64, 4*k.sites), make([]float64, 4*k.sites)
		if allocs := testing.AllocsPerRun(10, func() {
			spinor.Drift(x, b, k.All(), 1)
			spinor.Kick(b, x, k.All(), 0.5)
			scalar.Drift(x, b, k.All(), 1)
		}); allocs > 0 {
			t.Errorf("%v: %v allocations", shape, allocs)
		}
	}
}

func TestDiracAllocatesNothing(t *testing.T) {
	for _, w := range diracCases(37) {
		k := NewDirac(w)
		n := k.Components() * k.sites
		x, b := make([]float64, n), make([]float64, n)
		if allocs := testing.AllocsPerRun(10, func() {
			k.Drift(x, b, k.All(), 1)
			k.Kick(b, x, k.All(), 1)
		}); allocs > 0 {
			t.Errorf("%+v: %v allocations", w, allocs)
		}
	}
}
