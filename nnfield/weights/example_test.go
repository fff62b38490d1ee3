package weights_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

func ExampleLaplacian() {
	l, err := lattice.New(lattice.Ring(4, 4))
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := weights.Laplacian(l, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := weights.Matrix(w)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w)
	fmt.Println(mat.Formatted(m))
	// Output:
	// ∇² (order 2) on 4 sites
	// ⎡-2   1   0   1⎤
	// ⎢ 1  -2   1   0⎥
	// ⎢ 0   1  -2   1⎥
	// ⎣ 1   0   1  -2⎦
}

func ExampleSymmetry() {
	for _, kind := range []lattice.Kind{lattice.Periodic, lattice.Neumann} {
		end := lattice.Boundary{Kind: kind}
		l, err := lattice.New(lattice.Line(6, 6, end, end))
		if err != nil {
			fmt.Println(err)
			return
		}
		w, err := weights.Derivative(l, 0)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %v\n", kind, weights.Symmetry(w))
	}
	// Output:
	// periodic: antisymmetric, ‖W−Wᵀ‖ = 3.4641
	// neumann: neither symmetric (w(0,1) = 0.5, w(1,0) = -0.5) nor antisymmetric (w(0,0) = -0.5), ‖W−Wᵀ‖ = 3.16228
}

func ExampleAdd() {
	l, err := lattice.New(lattice.Ring(8, 8))
	if err != nil {
		fmt.Println(err)
		return
	}
	laplacian, err := weights.Laplacian(l, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	k := weights.Add(weights.Scale(-1, laplacian), weights.Scale(0.25, weights.Identity(8)))
	radius, err := weights.SpectralRadius(k)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(k)
	fmt.Println("ω² ≤", radius)
	// Output:
	// −∇² (order 2) + 0.25 on 8 sites
	// ω² ≤ 4.25
}

// A function of a stencil: √K of a standing wave is ω times the wave.
func ExampleModes() {
	wall := lattice.Boundary{Kind: lattice.Neumann}
	l, err := lattice.New(lattice.Line(4, 4, wall, wall))
	if err != nil {
		fmt.Println(err)
		return
	}
	laplacian, err := weights.Laplacian(l, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	modes, err := weights.NewModes(l)
	if err != nil {
		fmt.Println(err)
		return
	}
	k := weights.Scale(-1, laplacian)
	lambda, err := modes.Eigenvalues(k)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := []float64{1, -1, -1, 1} // ∝ cos(k·(i+½)), k = π/2
	modes.Forward(x)
	for c := range x {
		x[c] *= math.Sqrt(lambda[c])
	}
	modes.Inverse(x)
	fmt.Printf("%.4f\n", x)
	// Output:
	// [1.4142 -1.4142 -1.4142 1.4142]
}
