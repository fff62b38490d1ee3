package septuple_test

import (
	"context"
	"fmt"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/septuple"
)

// A field theory out of a network: w = 1, f = 1 and a dual loss.
func Example() {
	k := septuple.Laplacian(nnfield.Order2).Times(-1).Plus(septuple.Identity())
	net := nnfield.Network().Ring(128, 16).Loss(septuple.Dual(k)).Start("exp(-(x-8)*(x-8))", "")
	fmt.Print(net)
	// Output:
	// Network of 128 neurons, run as a field
	//   equation    ∂φ/∂t = Eβ, ∂β/∂t = −Eᵀ ∂H/∂φ
	//   network     activation x ← x + E b, learning b ← b − ε² dH/db, x = φ, b = εβ
	//   neurons     1-D lattice of 128 sites
	//               └── x: 128 sites, length 16, spacing 0.125, periodic
	//   weights     w = 1
	//   activation  f(z) = z
	//   loss        ½xᵀKx, K = −∇² (order-2) + 1
	//   initial     x = exp(-(x-8)*(x-8))
	//   step        ε < 2/ω_max = 0.124757 (leapfrog), γ = ε²
	//   invariants  energy
	//   sources     V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §1-2
}

// A network whose weights learn to predict their own state.
func ExampleBulk() {
	net := nnfield.Network().Neurons(30).Weights(septuple.Random(1, 0.9)).Activation("tanh").Noise(1, 2).
		Loss(septuple.Bulk()).Rate(0.05).WeightRate(0.02)
	run, err := net.Steps(50).Observe(observe.Loss(), nnfield.Every(10)).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	loss, err := run.Observable("loss")
	fmt.Println(loss.Values[0] > 100*loss.Values[len(loss.Values)-1], err)
	// Output:
	// true <nil>
}

// The network of a Majorana field: its weights are the flow of an antisymmetric generator.
func ExampleOf() {
	m := nnfield.Dirac().Ring(32, 8).Representation(nnfield.MajoranaMatrices).MustBuild()
	p, err := septuple.Of(m)
	fmt.Println(p.Flow, err)
	// Output:
	// 2×2 types ⊗ (stencil of 2 taps) + 2×2 types ⊗ (1) <nil>
}
