//go:build !race

package weights

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// The race detector makes sync.Pool forget at random, so this test is not for it.
func TestProductsDoNotAllocate(t *testing.T) {
	plane := must(lattice.New(lattice.Ring(130, 130), lattice.Line(150, 150, lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Dirichlet})))
	n := plane.Sites()
	second, fourth := must(Laplacian(plane, 2)), must(Laplacian(plane, 4))
	types := mat.NewDense(2, 2, []float64{0, 1, -1, 0})
	for _, w := range []Tensor{
		second, fourth, must(Derivative(plane, 0)), must(SpectralLaplacian(plane)), must(Sparse(second)),
		must(NewDense(300, make([]float64, 90_000))), must(NewDense(halfFrom, make([]float64, halfFrom*halfFrom))), Identity(n), Diagonal(vector(n, 1)),
		must(NewKron(types, second)), Add(second, must(Sparse(fourth))), Scale(2, must(Sparse(second))),
	} {
		x, y := vector(w.Size(), 1), vector(w.Size(), 2)
		if a := testing.AllocsPerRun(20, func() { w.AddApply(y, 0.1, x) }); a != 0 {
			t.Errorf("%v: %v allocations a product", w, a)
		}
	}
	u, v := vector(300, 1), vector(300, 2)
	for _, w := range []Trainable{must(NewDense(300, make([]float64, 90_000))), scattered(300, 200)} {
		if a := testing.AllocsPerRun(20, func() { w.AddOuter(0.1, u, v); w.AddApplyTransposed(v, 0.1, u) }); a != 0 {
			t.Errorf("%v: %v allocations in learning", w, a)
		}
	}
}
