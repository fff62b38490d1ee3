package noise_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/noise"
	"github.com/nnfield/nnfield/nnfield/network"
)

func Example() {
	n, err := learning.New(learning.FeedForward(network.Tanh(), network.Identity(), 64, 10))
	if err != nil {
		fmt.Println(err)
		return
	}
	q, digits := n.Draw(1), learning.Digits()
	bias := mat.NewDense(1, n.Size(), nil)
	bias.Set(0, 3, 1) // the bias of output 3
	g, err := noise.Measure(n, q, digits, bias)
	if err != nil {
		fmt.Println(err)
		return
	}
	const gamma, batch = 0.1, 20
	measured, err := noise.Walk{
		Network: n, Variables: q, Data: digits, Batch: batch, Sampling: learning.WithoutReplacement,
		Rate: gamma, Batches: 1, Directions: bias, Seed: 1,
	}.Diffusion(2000)
	if err != nil {
		fmt.Println(err)
		return
	}
	predicted := g.Diffusion(gamma, batch, learning.WithoutReplacement, 1).At(0, 0)
	fmt.Printf("measured within %.0f standard errors of c γ²Σ/(2n_b)\n", math.Ceil(math.Abs(measured[0].Value-predicted)/measured[0].Error))
	// Output: measured within 1 standard errors of c γ²Σ/(2n_b)
}
