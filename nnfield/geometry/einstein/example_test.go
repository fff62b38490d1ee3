package einstein_test

import (
	"context"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
)

// A universe that has grown from a = 1 to a = 2 with 7/3 neurons learns that it is
// de Sitter space with H = 1: Λ = 3.
func ExampleFRW() {
	run, err := einstein.FRW().Times(401, 1).From(1).To(2).Neurons(7. / 3).Until(30).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	learned, err := einstein.Read(run, run.Len()-1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("Λ = %.4f after the proper time %.4f = ln 2\n", learned.Lambda, learned.Duration())
	// Output: Λ = 3.0000 after the proper time 0.6931 = ln 2
}
