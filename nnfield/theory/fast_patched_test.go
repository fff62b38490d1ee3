package theory

import (
	"fmt"
	"testing"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// A field with a few other bonds has the bits of its network's own step.
func TestPatchedIsTheNetworksStep(t *testing.T) {
	epsilon := 0.05 // no constant, whose square is exact
	for _, shape := range [][]int{{120}, {517}, {19, 13}, {40, 33}, {5, 6, 12}} {
		var axes []lattice.Axis
		for _, n := range shape {
			axes = append(axes, lattice.Ring(n, float64(n)/4))
		}
		axes[0] = lattice.Line(shape[0], (float64(shape[0])+0.5)/4, lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann})
		l, err := lattice.New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		for _, laplacian := range []Laplacian{Order2, Order4} {
			k, err := KleinGordon{Lattice: l, Mass: 1, Laplacian: laplacian}.tensor()
			if err != nil {
				t.Fatal(err)
			}
			n := l.Sites()
			var bonds []weights.Triplet
			for i := 0; i < n/40; i++ { // rows of one to seven entries
				for j := range 1 + i%7 {
					a, b := (7*i+3)%n, (31*i+j*j+1)%n
					bonds = append(bonds, weights.Triplet{Row: a, Column: b, Weight: 0.1}, weights.Triplet{Row: b, Column: a, Weight: 0.1})
				}
			}
			rest, err := weights.NewCSR(n, bonds)
			if err != nil {
				t.Fatal(err)
			}
			s, err := network.New(network.Network{Weights: weights.Identity(n), Loss: network.Dual{K: weights.Add(k, rest)}, Rate: epsilon * epsilon, Clock: epsilon})
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprint(shape, " ", laplacian)
			c := newCanonical(s, epsilon)
			fast, ok := newPatched(l, c)
			if !ok {
				t.Fatalf("%s: not taken", name)
			}
			state := func() *State {
				s := &State{Arrays: [][]float64{make([]float64, n), make([]float64, n)}}
				for i := range n {
					s.Arrays[0][i], s.Arrays[1][i] = float64((i*i)%17)/7-1, float64((3*i)%11)/90
				}
				return s
			}
			plain, swept := state(), state()
			for range 5 {
				for i, d := range []float64{1, -0.7} {
					c.Drift(plain, d)
					c.Kick(plain, []float64{0.6, 1.3}[i])
					fast.Drift(swept, d)
					fast.Kick(swept, []float64{0.6, 1.3}[i])
				}
			}
			sameState(t, swept, plain)
		}
	}
}
