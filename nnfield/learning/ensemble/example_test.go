package ensemble_test

import (
	"context"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

func Example() {
	const learners = 100_000
	e, err := ensemble.New(ensemble.Config{
		Start: [][]float64{make([]float64, learners)},
		Drift: func(v [][]float64, b ensemble.Block) { // F = ½q²
			for i, q := range b.Q[0] {
				v[0][i] = -q
			}
		},
		Diffusion: 1,
		Step:      0.1,
		Seed:      1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := e.Advance(context.Background(), 100, nil); err != nil {
		fmt.Println(err)
		return
	}
	v := e.Variance(0)
	fmt.Printf("variance %.3f ± %.3f, predicted D/(1−h/2) = %.3f\n", v.Value, v.Error, 1/(1-0.1/2))
	// Output: variance 1.055 ± 0.005, predicted D/(1−h/2) = 1.053
}
