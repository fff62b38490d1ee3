package curvature_test

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/geometry/curvature"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// The curvature of the sphere-like universe −dt² + cosh²t dx² at t = 0, which is 2
// everywhere: two-dimensional de Sitter space.
func Example() {
	grid, err := curvature.NewGrid(curvature.Around(0, 9, 0.05), curvature.Symmetry(0))
	if err != nil {
		fmt.Println(err)
		return
	}
	metric := grid.Sample(func(dst, x []float64) {
		c := elementary.Cosh(x[0])
		dst[curvature.Index(0, 0)], dst[curvature.Index(1, 0)], dst[curvature.Index(1, 1)] = -1, 0, c*c
	})
	g, err := curvature.New(grid, metric, curvature.Order6)
	if err != nil {
		fmt.Println(err)
		return
	}
	var p curvature.Point
	g.At(&p, 4)
	fmt.Printf("margin %d, R = %.6f, Γ^x_xt = %.6f\n", g.Margin(0), p.Scalar, p.Christoffel[1].At(1, 0))
	// Output: margin 3, R = 2.000000, Γ^x_xt = 0.000000
}
