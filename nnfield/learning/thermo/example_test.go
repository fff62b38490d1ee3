package thermo_test

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/thermo"
	"github.com/nnfield/nnfield/nnfield/network"
)

func ExampleEnergy_Exact() {
	// A neuron that sees itself with the weight ½, and an output.
	n, err := learning.New(learning.Recurrent(network.Identity(), network.Identity(), 1, 1, 1, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	q := []float64{0, 0, 1, 0.5, 1}
	e, err := thermo.States(n, q, []float64{1}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := e.Exact(0.1)
	fmt.Printf("U = %.3f = kT/2, C = %.3f = −ln|det(1 − w)| = ln 2, %v\n", c.Energy.Value, c.Complexity.Value, err)
	// Output: U = 0.100 = kT/2, C = 0.693 = −ln|det(1 − w)| = ln 2, <nil>
}
