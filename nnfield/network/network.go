// Package network is the learning system of which every field theory here is a
// special case: a neural network as the septuple (x, P̂, p_∂, w, b, f, H) and
// its three dynamics [F] §1-2, [G] §2, [M] §2.
//
//	x   state of the neurons, fast, not trained     the field φ
//	P̂   projector on the boundary neurons           boundary condition, source
//	p_∂ distribution of the data shown to them
//	w   weight tensor                               couplings
//	b   biases, slow, trained                       conjugate momenta β
//	f   activation map                              local nonlinearity
//	H   loss                                        generates the momentum equation
//
// One step is, in this order,
//
//	boundary    P̂x ← a sample of p_∂
//	activation  x ← f(w x + E b)
//	learning    b ← b − γ dH/db,  w ← w − γ_w dH/dw
//
// (for weights that are a flow and carry the biases too see [Flow]) where E says how biases enter (usually E = 1) and dH is the total derivative:
// the explicit dependence of the loss and the one through the freshly activated
// state. It is computed here for any loss; nothing hands in a force.
//
// # Units
//
// This package speaks network units. With w = 1, E = 1, f = 1 and γ = ε² the
// step x ← x + b, b ← b − ε² ∂H/∂x is a symplectic integrator of step ε for the
// field φ = x with the momentum β = b/ε. Written in (φ, β) the same step has
// J = ∂φ/∂β = εE, the rate ε and the loss ½φᵀKφ/ε + ½βᵀAβ.
//
// Sources: [F] V. Vanchurin, arXiv:2411.08138; [G] V. Vanchurin,
// arXiv:2111.00903; [M] V. Vanchurin, arXiv:2004.09280.
package network

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/weights"
)

// State is what changes while a network runs: n neurons and n biases, neuron
// type after neuron type, in network units.
type State struct {
	X, B []float64
	Time float64 // in units of the theory: one step adds the clock of the network
	Step int     // steps done
}

// Clone returns a copy that shares nothing with s.
func (s *State) Clone() *State {
	c := *s
	c.X, c.B = slices.Clone(s.X), slices.Clone(s.B)
	return &c
}

// Boundary is the boundary of a network: its neurons P̂ and the data p_∂.
type Boundary struct {
	// Sites are the boundary neurons, each once.
	Sites []int

	// Sample writes what the boundary neurons show at time t to dst, one number
	// for each of Sites. It must not keep dst.
	Sample func(dst []float64, t float64)
}

// Network is a neural network: everything of the septuple but its state. Make
// it run with [New].
type Network struct {
	// Weights is w, n×n.
	Weights weights.Tensor

	// Bias is the bias tensor E of the pre-activation z = w x + E b; nil is the
	// identity.
	Bias weights.Tensor

	// Activations is f: one map for all neurons or one for each; empty is the
	// identity.
	Activations []Activation

	// Loss is H(x, b). A network without a loss is activated only.
	Loss Loss

	// Rate is the learning rate γ ≥ 0 of the biases.
	Rate float64

	// WeightRate is the learning rate γ_w ≥ 0 of the weights; 0 freezes them.
	// Otherwise Weights is a [weights.Trainable].
	WeightRate float64

	// Boundary is nil for a network without boundary neurons.
	Boundary *Boundary

	// Decay is σε ≥ 0 for each neuron, or nil: the weight decay ½bᵀσb of a sponge,
	// applied as the exact factor e^{−σε/2} before and after learning.
	Decay []float64

	// Clock is the time ε of one step; 0 stands for 1.
	Clock float64

	// Flow is w where it is a flow that carries states and biases, nil for none.
	// Weights is the identity then, and f as well.
	Flow Flow

	// At sets the tensors and the loss to a time, where they depend on it; nil if
	// nothing does. It is called with the time in the middle of an activation, for E,
	// and with the time of the state before learning, for the loss and E.
	At func(t float64)

	work *work // set by New
}

// work holds what losses need and New prepares once.
type work struct {
	u, v []float64 // scratch, made when first needed

	weightT, biasT func(dst []float64, alpha float64, u []float64) // dst += α wᵀu and α Eᵀu
}

// Size returns n, the number of neurons.
func (n *Network) Size() int { return n.Weights.Size() }

// Linear tells whether f is the identity for every neuron.
func (n *Network) Linear() bool {
	for _, a := range n.Activations {
		if a.Name != identity {
			return false
		}
	}
	return true
}

// Predict writes f(w x + E b), what the network makes of x, to dst, which does
// not overlap x or b.
func (n *Network) Predict(dst, x, b []float64) {
	n.preActivate(dst, x, b)
	n.fire(dst, dst)
}

// Scratch returns two slices of n numbers for a loss to work in. Their contents
// are lost when another loss is called.
func (n *Network) Scratch() (u, v []float64) {
	if n.work == nil {
		return make([]float64, n.Size()), make([]float64, n.Size())
	}
	size := n.Size()
	return room(&n.work.u, size), room(&n.work.v, size)
}

// preActivate writes w x + E b to z.
func (n *Network) preActivate(z, x, b []float64) {
	clear(z)
	n.Weights.AddApply(z, 1, x)
	n.AddBias(z, 1, b)
}

// AddBias adds α E b to dst.
func (n *Network) AddBias(dst []float64, alpha float64, b []float64) {
	if n.Bias != nil {
		n.Bias.AddApply(dst, alpha, b)
		return
	}
	weights.Identity(n.Size()).AddApply(dst, alpha, b)
}

// AddBiasTransposed adds α Eᵀu to dst.
func (n *Network) AddBiasTransposed(dst []float64, alpha float64, u []float64) {
	if n.Bias == nil {
		n.AddBias(dst, alpha, u)
		return
	}
	if n.work == nil {
		n.Bias.Transpose().AddApply(dst, alpha, u)
		return
	}
	n.work.biasT(dst, alpha, u)
}

// AddWeightsTransposed adds α wᵀu to dst, with the weights as they are now.
func (n *Network) AddWeightsTransposed(dst []float64, alpha float64, u []float64) {
	if n.work == nil {
		n.Weights.Transpose().AddApply(dst, alpha, u)
		return
	}
	n.work.weightT(dst, alpha, u)
}

// fire writes f(z) to x, which may be z.
func (n *Network) fire(x, z []float64) {
	switch len(n.Activations) {
	case 0:
		copy(x, z)
	case 1:
		f := n.Activations[0].F
		for i, v := range z {
			x[i] = f(v)
		}
	default:
		for i, v := range z {
			x[i] = n.Activations[i].F(v)
		}
	}
}

// activation returns f(z) of neuron i.
func (n *Network) activation(i int, z float64) float64 {
	switch len(n.Activations) {
	case 0:
		return z
	case 1:
		return n.Activations[0].F(z)
	}
	return n.Activations[i].F(z)
}

// slope multiplies g by f′(z).
func (n *Network) slope(g, z []float64) {
	switch len(n.Activations) {
	case 0:
	case 1:
		df := n.Activations[0].Derivative
		for i, v := range z {
			g[i] *= df(v)
		}
	default:
		for i, v := range z {
			g[i] *= n.Activations[i].Derivative(v)
		}
	}
}

// clock returns the time of one step.
func (n *Network) clock() float64 {
	if n.Clock == 0 {
		return 1
	}
	return n.Clock
}

// validate returns what is wrong with the network.
func (n *Network) validate() error {
	if n.Weights == nil {
		return fmt.Errorf("network.New: no Weights; use weights.Identity(n) for neurons that are coupled by the loss only")
	}
	size := n.Size()
	if size < 1 {
		return fmt.Errorf("network.New: Weights have size %d; a network has at least 1 neuron", size)
	}
	if n.Bias != nil && n.Bias.Size() != size {
		return fmt.Errorf("network.New: Bias has size %d for %d neurons; give an n×n tensor, or nil for the identity", n.Bias.Size(), size)
	}
	if m := len(n.Activations); m > 1 && m != size {
		return fmt.Errorf("network.New: %d Activations for %d neurons; give none, one for all, or one for each", m, size)
	}
	for i, a := range n.Activations {
		if err := a.validate(); err != nil {
			return fmt.Errorf("network.New: activation %d: %w", i, err)
		}
	}
	for _, v := range []struct {
		name  string
		value float64
	}{{"Rate", n.Rate}, {"WeightRate", n.WeightRate}, {"Clock", n.Clock}} {
		if !(v.value >= 0) || math.IsInf(v.value, 1) {
			return fmt.Errorf("network.New: %s is %v; it must be finite and not negative", v.name, v.value)
		}
	}
	if n.Flow != nil && !(n.Linear() && isIdentity(n.Weights)) {
		return fmt.Errorf("network.New: a Flow beside the weights %s; the Flow is w then, use weights.Identity and no Activations", n.Weights)
	}
	if n.WeightRate > 0 {
		if _, ok := n.Weights.(weights.Trainable); !ok {
			return fmt.Errorf("network.New: WeightRate is %v, but the weights (%s) cannot be trained; use dense or CSR weights, or WeightRate 0", n.WeightRate, n.Weights)
		}
	}
	if n.Loss == nil && (n.Rate > 0 || n.WeightRate > 0) {
		return fmt.Errorf("network.New: a learning rate without a Loss; give a loss, such as Dual or Bulk, or rates of 0")
	}
	if err := n.validateBoundary(); err != nil {
		return err
	}
	if n.Decay != nil && len(n.Decay) != size {
		return fmt.Errorf("network.New: Decay has %d elements for %d neurons; give one for each, or nil", len(n.Decay), size)
	}
	for i, d := range n.Decay {
		if !(d >= 0) || math.IsInf(d, 1) {
			return fmt.Errorf("network.New: Decay of neuron %d is %v; it must be finite and not negative", i, d)
		}
	}
	if err := validateLoss(n.Loss, n); err != nil {
		return fmt.Errorf("network.New: %w", err)
	}
	return nil
}

func (n *Network) validateBoundary() error {
	if n.Boundary == nil {
		return nil
	}
	if n.Boundary.Sample == nil {
		return fmt.Errorf("network.New: a Boundary without Sample; give the function that writes the data of the boundary neurons")
	}
	seen := make(map[int]bool, len(n.Boundary.Sites))
	for _, site := range n.Boundary.Sites {
		if site < 0 || site >= n.Size() {
			return fmt.Errorf("network.New: boundary neuron %d; neurons are numbered 0 to %d", site, n.Size()-1)
		}
		if seen[site] {
			return fmt.Errorf("network.New: boundary neuron %d twice; name each once", site)
		}
		seen[site] = true
	}
	return nil
}
