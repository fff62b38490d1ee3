package duality

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Network returns h as a learning system of step ε, in network units b = εβ:
//
//	x ← (1 + εA)x + M b,   b ← b − ε²(Kx + V′(x)) − εAᵀb.
//
// Its loss is the dual loss of (M, A/ε, K, V) and γ = ε². For A = 0 the step is
// a symplectic integrator, and leapfrog when it starts with half a step of
// learning. For A ≠ 0 it is not symplectic: a mode of A with eigenvalue a
// shrinks phase space by 1 − ε²a² a step; [Family] is the form that does not.
//
// It fails if ε is not positive or if there is no dual loss at this step: if
// Aᵀ/ε + KM is not symmetric.
func Network(h Hamiltonian, epsilon float64) (network.Network, error) {
	if err := h.validate(); err != nil {
		return network.Network{}, err
	}
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return network.Network{}, fmt.Errorf("duality.Network: ε is %v; it must be positive and finite", epsilon)
	}
	unit := h
	if h.A != nil {
		unit.A = weights.Scale(1/epsilon, h.A)
	}
	loss, err := DualLoss(unit)
	if err != nil {
		return network.Network{}, err
	}
	return network.Network{
		Weights: onePlus(epsilon, h.A, h.K.Size()),
		Bias:    h.M,
		Loss:    loss,
		Rate:    epsilon * epsilon,
		Clock:   epsilon,
	}, nil
}

// FromNetwork returns the Hamiltonian of a learning system in the units of φ and
// β = b/ε, with ε the network's clock: the inverse of [Network].
//
// M is the bias tensor E, A is (w − 1)/ε, or the generator of a [network.Exponential],
// and K is read off the total derivative
// of the loss, so that losses which learn alike have one Hamiltonian, whatever
// their form. It works for quadratic losses, and for a [network.Dual] with a
// potential if E = c·1. The time is that of 2n evaluations of the gradient.
//
// It is an error, saying which, if the system has none: a nonlinear activation,
// learning weights, boundary neurons or decay, a loss that is not quadratic,
// learning that does not use the transpose of the weights' A, a K or M that is
// not symmetric.
func FromNetwork(n network.Network) (Hamiltonian, error) {
	if n.Clock == 0 {
		n.Clock = 1
	}
	refuse := func(format string, args ...any) (Hamiltonian, error) {
		return Hamiltonian{}, fmt.Errorf("duality.FromNetwork: "+format, args...)
	}
	switch {
	case !n.Linear():
		return refuse("the activation is not the identity, so φ̇ is not linear; no quadratic Hamiltonian")
	case n.WeightRate != 0:
		return refuse("the weights learn, so the equations change with time; freeze them with WeightRate 0")
	case n.Boundary != nil || n.Decay != nil:
		return refuse("boundary neurons and decay make an open system, which has no Hamiltonian; leave them out")
	case n.Loss == nil:
		return refuse("the network has no Loss")
	case n.At != nil:
		return refuse("its tensors depend on time, and so would the Hamiltonian; ask for that of one moment")
	}
	flow, steady := n.Flow.(*network.Exponential)
	if n.Flow != nil && !steady {
		return refuse("its weights are a flow without a generator; use a network.Exponential")
	}
	n.Flow = nil
	h := Hamiltonian{M: n.Bias}
	if d, ok := n.Loss.(network.Dual); ok && d.Potential != nil {
		c, scalar := scalarGain(n.Bias)
		if !scalar {
			return refuse("a potential with a bias tensor that is not a multiple of 1; use a quadratic loss")
		}
		h.Potential = scalePotential(c*n.Rate/(n.Clock*n.Clock), d.Potential)
		d.Potential = nil
		n.Loss = d
	}
	fx, fb, err := linearForce(n)
	if err != nil {
		return refuse("%w", err)
	}
	h.K = weights.Scale(n.Rate/(n.Clock*n.Clock), fx)
	learned := weights.Scale(n.Rate/n.Clock, fb) // Aᵀ as the biases learn it
	a := weights.Scale(1/n.Clock, weights.Add(n.Weights, weights.Scale(-1, weights.Identity(n.Size()))))
	if frobenius(a) > 0 {
		h.A = a
	}
	// Round-off in what is learned is that of its parts, of which KM is one.
	scale := max(frobenius(a), frobenius(learned), n.Clock*frobenius(product(h.K, h.M)))
	if difference := frobenius(weights.Add(learned, weights.Scale(-1, a.Transpose()))); difference > tolerance*scale {
		return refuse("the activation has A = (w − 1)/ε but the biases learn with another one (relative difference %.2g), so the step is not Hamiltonian", difference/scale)
	}
	if d := defect(h.K); d > tolerance {
		return refuse("the biases learn with a K that is not symmetric (relative defect %.2g)", d)
	}
	if d := defect(h.M); d > tolerance {
		return refuse("the bias tensor is not symmetric (relative defect %.2g)", d)
	}
	if flow != nil {
		h.A = flow.Generator()
	}
	return h, nil
}

// linearForce returns the matrices of dH/db = F_x x + F_b b, or an error if the
// total derivative is not of this form.
func linearForce(n network.Network) (fx, fb weights.Tensor, err error) {
	s, err := network.New(n)
	if err != nil {
		return nil, nil, err
	}
	size := n.Size()
	g := make([]float64, size)
	st := s.NewState()
	if s.Gradient(g, 1, st); !zero(g) {
		return nil, nil, fmt.Errorf("the loss has a force at rest, so it is not quadratic; shift the field to its minimum")
	}
	var columns [2][]weights.Triplet
	for side, from := range [][]float64{st.X, st.B} {
		for j := range size {
			from[j] = 1
			s.Gradient(g, 1, st)
			from[j] = 0
			for i, v := range g {
				if v != 0 {
					columns[side] = append(columns[side], weights.Triplet{Row: i, Column: j, Weight: v})
				}
			}
		}
	}
	fx, fb = sparse(size, columns[0]), sparse(size, columns[1])

	numbers := random.New(1, "linear force")
	for i := range size {
		st.X[i], st.B[i] = numbers.Normal(2*i), numbers.Normal(2*i+1)
	}
	s.Gradient(g, 1, st)
	predicted := applied(fx, st.X)
	fb.AddApply(predicted, 1, st.B)
	worst, scale := 0.0, 0.0
	for i, v := range predicted {
		worst, scale = max(worst, math.Abs(v-g[i])), max(scale, math.Abs(v), math.Abs(g[i]))
	}
	if worst > 1e-9*scale {
		return nil, nil, fmt.Errorf("the loss is not quadratic (its force is off a linear one by %.2g); only quadratic losses have a quadratic Hamiltonian", worst/scale)
	}
	return fx, fb, nil
}

func zero(x []float64) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}
