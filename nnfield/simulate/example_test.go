package simulate_test

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// Every scheme names its order, the limit of its stability and its source.
func ExampleIntegrators() {
	for _, in := range simulate.Integrators() {
		fmt.Printf("%-17s order %d, stable for ε·ω_max < %.4g, symplectic: %v\n", in.Name, in.Order, in.Stability, in.Symplectic())
	}
	// Output:
	// leapfrog          order 2, stable for ε·ω_max < 2, symplectic: true
	// symplectic-euler  order 1, stable for ε·ω_max < 2, symplectic: true
	// yoshida4          order 4, stable for ε·ω_max < 1.573, symplectic: true
	// yoshida6          order 6, stable for ε·ω_max < 2.268, symplectic: true
	// rk4               order 4, stable for ε·ω_max < 2.828, symplectic: false
}

// A simulation is a value; the same model and simulation give the same Spec.
func ExampleSimulation_Spec() {
	s := nnfield.KleinGordon().Ring(4, 2).Until(1).Step(0.25).Frames(nnfield.Every(2))
	spec, err := s.Spec(simulate.NewArrays())
	fmt.Println(string(spec), err)
	// Output:
	// {"format":1,"model":{"initial":[],"laplacian":"order-2","lattice":{"axes":[{"high":{"kind":"periodic"},"length":2,"low":{"kind":"periodic"},"sites":4}]},"mass":1,"potential":{"kind":"none"},"theory":"klein-gordon"},"simulation":{"frames":{"every":2},"integrator":"leapfrog","observe":[],"step":0.25,"until":1}} <nil>
}

// A step above the stability limit is refused with the way out.
func ExampleSimulation_Step() {
	err := nnfield.KleinGordon().Ring(512, 40).Until(30).Step(0.1).Check()
	fmt.Println(err)
	// Output:
	// Step(0.1): not below the stability limit 0.0780655 = 2/ω_max, ω_max = 25.6195 (leapfrog); use Step(0.0772) or a coarser lattice
}
