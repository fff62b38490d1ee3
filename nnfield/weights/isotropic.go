package weights

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// IsotropicLaplacian returns the compact ∇² whose leading error is the same in
// all directions: with s_j = (4/a²) sin²(k_j a/2) its eigenvalue is
//
//	−Σ_j s_j + (a²/6) Σ_{i<j} s_i s_j = −k² + (a²/12) k⁴ + O(a⁴),
//
// where that of order 2 has −k² + (a²/12) Σ_j k_j⁴. Light on it is slow by
// (ka)²/24 wherever it goes, and its speed depends on the direction to the order
// (ka)⁴ only. It is of order 2. In units of 1/a²:
//
//	d    neighbour   across a face   centre   largest eigenvalue
//	1    1                           −2       4
//	2    2/3         1/6             −10/3    16/3
//	3    1/3         1/6             −4       16/3
//
// the stencils of 9 points (d = 2) and 19 points (d = 3). It fails for spacings
// that differ, for which no such stencil is that compact. [F] §3.
func IsotropicLaplacian(l lattice.Lattice) (*Stencil, error) {
	if err := hasAxes("IsotropicLaplacian", l); err != nil {
		return nil, err
	}
	dim, a := l.Dim(), l.Spacing(0)
	for j := range dim {
		if l.Spacing(j) != a {
			return nil, fmt.Errorf("weights.IsotropicLaplacian: spacing %v along %s and %v along %s; they must be equal, use Laplacian of order 4 where they are not",
				a, lattice.AxisName(0), l.Spacing(j), lattice.AxisName(j))
		}
	}
	inverse := 1 / (a * a)
	face := inverse / 6
	near := inverse - 2*float64(dim-1)*face
	var taps []Tap
	for i := range dim {
		for _, si := range []int{-1, 1} {
			t := Tap{Weight: near}
			t.Offset[i] = si
			taps = append(taps, t)
			for j := range i {
				for _, sj := range []int{-1, 1} {
					t := Tap{Offset: t.Offset, Weight: face}
					t.Offset[j] = sj
					taps = append(taps, t)
				}
			}
		}
	}
	const name = "∇² (isotropic)"
	taps = append(taps, Tap{Weight: -newStencil(l, name, taps).rowSum()}) // as Laplacian does
	return newStencil(l, name, taps), nil
}
