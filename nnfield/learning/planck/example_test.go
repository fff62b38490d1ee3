package planck_test

import (
	"context"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/planck"
	"github.com/nnfield/nnfield/nnfield/network"
)

func Example() {
	n, err := learning.New(learning.FeedForward(network.Tanh(), network.Identity(), 64, 16, 10))
	if err != nil {
		fmt.Println(err)
		return
	}
	t := &learning.Training{
		Network: n, Data: learning.Digits(), Batch: 20, Sampling: learning.WithReplacement,
		Descent: learning.SGD(0.05), Seed: 1,
	}
	c := planck.Controller{
		Hbar: 0.006, Mu: 3,
		Rates: [2]float64{0.001, 0.1}, Batches: [2]int{1, 200},
		Probes: 100, Every: 50,
	}
	records, err := c.Run(context.Background(), t, 6, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range records {
		fmt.Printf("step %3d  ħ = %.3f\n", r.Step, r.Hbar.Value)
	}
	// Output:
	// step   0  ħ = 0.006
	// step  50  ħ = 0.006
	// step 100  ħ = 0.006
	// step 150  ħ = 0.006
	// step 200  ħ = 0.006
	// step 250  ħ = 0.006
}
