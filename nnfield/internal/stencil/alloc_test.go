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
