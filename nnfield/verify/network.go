package verify

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Claims about the network itself, before time: its weights, its loss, its step.

var symmetricWeights = claim[kleinGordon]{
	"symmetric weights", "the weights w and the stiffness K equal their transposes, entry by entry",
	func(s kleinGordon) (finding, error) {
		n, dual, err := s.dual()
		if err != nil {
			return finding{}, err
		}
		w, k := weights.Symmetry(n.Weights), weights.Symmetry(dual.K)
		measured := fmt.Sprintf("‖w−wᵀ‖ = %.2g, ‖K−Kᵀ‖ = %.2g", w.Defect, k.Defect)
		return held(w.Symmetric && k.Symmetric, measured, "0, to the bit"), nil
	},
}

var dualLoss = claim[kleinGordon]{
	"dual loss", "S = Aᵀ + (K + V″)M is symmetric, so that a loss exists whose learning is β̇ = −∂ℋ/∂φ",
	func(s kleinGordon) (finding, error) {
		s, note, err := s.within(100)
		if err != nil {
			return finding{}, err
		}
		n, dual, err := s.dual()
		if err != nil {
			return finding{}, err
		}
		h := duality.Hamiltonian{K: dual.K, Potential: dual.Potential}
		if _, unit := n.Weights.(weights.Identity); !unit { // w = 1 + εA
			h.A = weights.Scale(1/n.Clock, weights.Add(n.Weights, weights.Scale(-1, weights.Identity(n.Size()))))
		}
		v, err := duality.Existence(h)
		if err != nil {
			return finding{}, err
		}
		measured := fmt.Sprintf("‖S−Sᵀ‖/‖S‖ = %.2g%s", max(v.Defect, v.Stiffness), note)
		return held(v.Exists, measured, "round-off"), nil
	},
}

// dual returns the network of a step and its dual loss.
func (s kleinGordon) dual() (network.Network, network.Dual, error) {
	sys, err := s.model.Network(s.step())
	if err != nil {
		return network.Network{}, network.Dual{}, err
	}
	n := sys.Network()
	dual, ok := n.Loss.(network.Dual)
	if !ok {
		return n, dual, errNoDual
	}
	return n, dual, nil
}

var hamiltonianForce = claim[kleinGordon]{
	"Hamiltonian force", "dH/dβ, the network's total derivative of its loss, is ∂ℋ/∂φ, and that is the difference quotient of ℋ",
	func(s kleinGordon) (finding, error) {
		const roundoff, quotient = 1e-12, 1e-7
		own := s
		own.model = s.own
		_, dual, err := own.dual()
		if err != nil {
			return finding{}, err
		}
		h := duality.Hamiltonian{K: theory.Stiffness(s.own), Potential: dual.Potential}
		sys, err := s.model.Network(s.step())
		if err != nil {
			return finding{}, err
		}
		st := s.random()
		size := len(st.X)
		learned, force := make([]float64, size), make([]float64, size)
		direction := s.normal("direction", extent(st.X)) // the loss may be flat on any other scale
		sys.Gradient(learned, 1, st)
		h.AddForce(force, 1, st.X, st.B)
		if b := sys.Network().Boundary; b != nil {
			for _, i := range b.Sites { // clamped neurons do not learn
				force[i], direction[i] = 0, 0
			}
		}
		worst := 0.0
		for i, f := range force {
			worst = max(worst, math.Abs(learned[i]-f)) // keeps a NaN
		}
		worst /= extent(force)
		// Fourth-order difference of ℋ along the direction, in units of its typical size.
		slope, moved := 0.0, make([]float64, size)
		for _, tap := range []struct{ at, weight float64 }{{-2, 1}, {-1, -8}, {1, 8}, {2, -1}} {
			const step = 1e-3
			for i, x := range st.X {
				moved[i] = x + tap.at*step*direction[i]
			}
			slope += tap.weight / (12 * step) * h.Energy(moved, st.B)
		}
		typical := math.Sqrt(sums.Dot(force, force) * sums.Dot(direction, direction) / float64(size))
		difference := math.Abs(slope-sums.Dot(force, direction)) / typical
		if math.IsNaN(worst + difference) {
			return finding{}, fmt.Errorf("the force is not a number somewhere")
		}
		return held(worst <= roundoff && difference <= quotient,
			fmt.Sprintf("%.2g, against differences of ℋ %.2g", worst, difference),
			fmt.Sprintf("≤ %.0e, ≤ %.0e", roundoff, quotient)), nil
	},
}

// random returns a random state about the initial one, in network units.
func (s kleinGordon) random() *network.State {
	start := s.own.Initial()
	amplitude := extent(start.Arrays[0])
	st := &network.State{X: s.normal("x", amplitude), B: s.normal("b", amplitude)}
	for i := range st.X {
		st.X[i] += start.Arrays[0][i]
	}
	return st
}

var lossGradient = claim[kleinGordon]{
	"loss gradient", "the derivatives of the loss in b, x and w are its difference quotients along random directions",
	func(s kleinGordon) (finding, error) {
		sys, err := s.model.Network(s.step())
		if err != nil {
			return finding{}, err
		}
		st := s.random()
		directions := 3
		if len(st.X) > 1e5 { // more sites average as well as more directions
			directions = 1
		}
		r, err := network.CheckGradient(sys.Network(), st, 1, directions)
		if err != nil {
			return finding{}, err
		}
		return atMost(r.Max(), 1e-7, "")
	},
}

var plainStep = claim[kleinGordon]{
	"plain step", "what runs equals, bit for bit, boundary → activation → learning of the network, called step by step",
	func(s kleinGordon) (finding, error) {
		const n = 4
		s, err := s.stirred()
		if err != nil {
			return finding{}, err
		}
		step, start := s.step(), s.model.Initial()
		fast, err := simulate.Propagate(s.model, s.scheme, step, n, start)
		if err != nil {
			return finding{}, err
		}
		sys, err := s.model.Network(step)
		if err != nil {
			return finding{}, err
		}
		st := &network.State{X: start.Arrays[0], B: start.Arrays[1]}
		for i := range st.B {
			st.B[i] *= step
		}
		sys.Learn(st, 0.5) // to β at half a step, and back at the end
		for i := range n {
			st.Time = float64(i) * step
			sys.Step(st)
		}
		sys.Learn(st, -0.5)
		different := 0
		for i := range st.X {
			if math.Float64bits(st.X[i]) != math.Float64bits(fast.Arrays[0][i]) {
				different++
			}
			if math.Float64bits(st.B[i]/step) != math.Float64bits(fast.Arrays[1][i]) {
				different++
			}
		}
		return held(different == 0, fmt.Sprintf("%d of %d numbers differ after %d steps", different, 2*len(st.X), n), "0"), nil
	},
}
