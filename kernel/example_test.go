package kernel_test

import (
	"context"
	"fmt"

	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
)

// The second time the run is loaded: no time passes in the simulation.
func ExampleTryRun() {
	kg := nnfield.KleinGordon().Ring(64, 16).StandingWave(nnfield.Mode(1))
	for range 2 {
		r, err := kernel.TryRun(context.Background(), kg.Until(3))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Stop.Reason, r.Stop.Time, r.Elapsed > 0)
	}
	// Output:
	// finished 3 true
	// finished 3 false
}

// What does not depend on the inputs that are named is not computed again.
func ExampleKeep() {
	for _, n := range []int{10, 10, 20} {
		squares := kernel.Keep("squares", n, func() []float64 {
			fmt.Println("computing", n)
			out := make([]float64, n)
			for i := range out {
				out[i] = float64(i * i)
			}
			return out
		})
		fmt.Println(squares[n-1])
	}
	// Output:
	// computing 10
	// 81
	// 81
	// computing 20
	// 361
}
