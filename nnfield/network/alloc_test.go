//go:build !race

package network_test

import (
	"testing"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// The race detector makes sync.Pool forget at random, so this test is not for it.
func TestStepsDoNotAllocate(t *testing.T) {
	const n = 8
	r := newRand(14)
	w, e := randomMatrix(r, n), randomMatrix(r, n)
	for name, loss := range lossesToCheck(r, n) {
		for _, net := range []network.Network{
			{Weights: weights.Identity(n), Loss: loss, Rate: 1e-3, Boundary: clampFirst(n), Decay: make([]float64, n)},
			{Weights: weights.Identity(n), Bias: e.tensor(), Loss: loss, Rate: 1e-3, Boundary: clampFirst(n)},
			{Weights: w.tensor(), Bias: e.tensor(), Activations: []network.Activation{network.Tanh()}, Loss: loss, Rate: 1e-3, Boundary: clampFirst(n)},
			{Weights: w.tensor(), Activations: []network.Activation{network.Tanh()}, Loss: loss, Rate: 1e-3, WeightRate: 1e-3, Boundary: clampFirst(n)},
		} {
			s := mustNew(t, net)
			st := randomState(r, n)
			if got := testing.AllocsPerRun(20, func() { s.Step(st) }); got != 0 {
				t.Errorf("%s on %s: %v allocations a step", name, net.Weights, got)
			}
		}
	}
}
