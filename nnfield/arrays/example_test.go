package arrays_test

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/arrays"
)

// Weights that another program has written.
func ExampleRead() {
	shape, values, err := arrays.Read("testdata/net.safetensors", "rnn.weight_hh_l0")
	fmt.Println(shape, values, err)
	// Output:
	// [2 3] [0 0.25 0.5 0.75 1 1.25] <nil>
}
