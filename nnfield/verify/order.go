package verify

import "github.com/nnfield/nnfield/nnfield/convergence"

// Order is the outcome of a refinement; see package convergence.
type Order = convergence.Order

// Convergence measures an order of convergence; see [convergence.Measure].
func Convergence(name string, sizes []float64, err func(h float64) (float64, error)) (Order, error) {
	return convergence.Measure(name, sizes, err)
}
