package nnfield

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/septuple"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// NetworkModel builds a network of one's own, the septuple (x, P̂, p_∂, w, b, f, H). Its
// setters return a changed copy. The words for tensors, losses and data are those of
// package septuple.
type NetworkModel struct {
	builder[NetworkModel, septuple.Network]
}

var networks = kind[NetworkModel, septuple.Network]{
	name: "Network",
	wrap: func(b builder[NetworkModel, septuple.Network]) NetworkModel { return NetworkModel{b} },
	places: func(p *septuple.Network) (*lattice.Lattice, *[]theory.Initial) {
		p.Neurons = 0 // the place that was given last holds
		return &p.Lattice, nil
	},
	drives: func(p *septuple.Network) *[]theory.Drive { return &p.Drives },
	build:  septuple.Network.Build,
}

// Network returns the builder of a network of one's own, without neurons: with w = 1,
// the bias tensor 1, the identity as activation and no loss [F] §1-2.
//
//	net := nnfield.Network().Ring(256, 40).
//		Loss(septuple.Dual(septuple.Laplacian(nnfield.Order2).Times(-1).Plus(septuple.Identity()))).
//		Start("exp(-(x-20)*(x-20)/2)", "")
//
// is a Klein-Gordon field of mass 1, with its bits and at its speed.
func Network() NetworkModel {
	var m NetworkModel
	m.kind = &networks
	return m
}

// NetworkOf returns the network behind a model as one that can be changed, with the
// model's initial state; see [septuple.Of].
//
//	net := nnfield.NetworkOf(kg).Weights(septuple.Identity().With(3, 200, 0.1))
func NetworkOf(b Builder) NetworkModel {
	m := Network()
	if b == nil {
		return m.fail(fmt.Errorf("NetworkOf(nil): give a model or its builder"))
	}
	built, err := b.Build()
	if err == nil {
		m.p, err = septuple.Of(built)
	}
	return m.fail(err)
}

// Network returns the network of the model as one that can be changed; see [NetworkOf].
func (b builder[M, P]) Network() NetworkModel { return NetworkOf(b) }

// Neurons gives each type so many neurons without a place.
func (m NetworkModel) Neurons(n int) NetworkModel {
	m.p.Neurons, m.p.Lattice = n, lattice.Lattice{}
	if n < 2 {
		return m.fail(fmt.Errorf("Neurons(%d): it must be at least 2", n))
	}
	return m.fail(nil)
}

// Types puts several neurons on each site, one of each type.
func (m NetworkModel) Types(symbols ...string) NetworkModel {
	m.p.Types = append([]string(nil), symbols...)
	return m.fail(nil)
}

// Weights sets w of the activation x ← f(w x + E b).
func (m NetworkModel) Weights(w septuple.Tensor) NetworkModel {
	m.p.Weights = w
	return m.fail(w.Err())
}

// Change sets one weight: neuron i listens to neuron j with the weight w.
func (m NetworkModel) Change(i, j int, w float64) NetworkModel {
	if m.p.Weights.Zero() {
		m.p.Weights = septuple.Identity()
	}
	m.p.Weights = m.p.Weights.With(i, j, w)
	return m.fail(m.p.Weights.Err())
}

// Flow makes w = e^{εA} with an antisymmetric generator A, which carries states and
// biases.
func (m NetworkModel) Flow(generator septuple.Tensor) NetworkModel {
	m.p.Flow = generator
	return m.fail(generator.Err())
}

// Bias sets the bias tensor E.
func (m NetworkModel) Bias(e septuple.Tensor) NetworkModel {
	m.p.Bias = e
	return m.fail(e.Err())
}

// Activation sets f: the name identity, tanh, sigmoid, relu or sine, or a formula of z
// with named parameters, the same for all neurons.
func (m NetworkModel) Activation(nameOrFormula string, parameters ...Params) NetworkModel {
	return m.Activations(septuple.ActivationOf(nameOrFormula, merge(parameters)))
}

// Activations sets f for each neuron type.
func (m NetworkModel) Activations(f ...septuple.Activation) NetworkModel {
	m.p.Activations = append([]septuple.Activation(nil), f...)
	return m.fail(nil)
}

// Loss sets H, the sum of the terms. Without terms the network is only activated.
func (m NetworkModel) Loss(terms ...septuple.Loss) NetworkModel {
	m.p.Loss = append([]septuple.Loss(nil), terms...)
	for _, t := range terms {
		if err := t.Err(); err != nil {
			return m.fail(err)
		}
	}
	return m.fail(nil)
}

// Boundary adds boundary neurons P̂ and what they are shown.
func (m NetworkModel) Boundary(shown ...septuple.Shown) NetworkModel {
	m.p.Boundary = append(append([]septuple.Shown(nil), m.p.Boundary...), shown...)
	for _, s := range shown {
		if err := s.Err(); err != nil {
			return m.fail(err)
		}
	}
	return m.fail(nil)
}

// Rate sets the learning rate γ of the biases; the network then moves by whole steps.
// Without it γ = ε².
func (m NetworkModel) Rate(gamma float64) NetworkModel {
	m.p.Rate = &gamma
	return m.fail(nil)
}

// WeightRate sets the learning rate γ_w of the weights; 0 freezes them.
func (m NetworkModel) WeightRate(gamma float64) NetworkModel {
	m.p.WeightRate = gamma
	return m.fail(nil)
}

// Decay lets the biases decay with the rate σ(x), by e^{−σε} a step.
func (m NetworkModel) Decay(sigma theory.Profile) NetworkModel {
	m.p.Decay = sigma
	return m.fail(sigma.Err())
}

// Clock sets the time ε of one step of a network that moves by whole steps; without it
// that is √γ, or 1.
func (m NetworkModel) Clock(epsilon float64) NetworkModel {
	m.p.Clock = &epsilon
	return m.fail(nil)
}

// Start adds to the states and the biases at t = 0 formulas of x, y and z, "" being 0,
// the same for each neuron type.
func (m NetworkModel) Start(x, b string, parameters ...Params) NetworkModel {
	profile := func(formula string) (p theory.Profile) {
		if formula != "" {
			p = theory.Formulate(formula, merge(parameters))
		}
		return p
	}
	return m.begin(septuple.Profiles(profile(x), profile(b)))
}

// Values adds given states and biases at t = 0, one for each neuron, type after type.
func (m NetworkModel) Values(x, b []float64) NetworkModel { return m.begin(septuple.Values(x, b)) }

// Noise adds independent normal states of the given standard deviation at t = 0.
func (m NetworkModel) Noise(amplitude float64, seed uint64) NetworkModel {
	return m.begin(septuple.Noisy(amplitude, seed))
}

func (m NetworkModel) begin(s septuple.Start) NetworkModel {
	m.p.Initial = append(append([]septuple.Start(nil), m.p.Initial...), s)
	return m.fail(s.Err())
}

// Steps returns the simulation of n steps of a network that moves by whole steps.
func (m NetworkModel) Steps(n int) Simulation {
	built, err := m.Build()
	if err != nil {
		return simulate.New(m, 1)
	}
	own, _ := built.(theory.Stepped).OwnStep()
	if own == 0 {
		m = m.fail(fmt.Errorf("Steps(%d): the network is a field and takes any step; use Until(t), and Step(ε) for a step of your own", n))
		return simulate.New(m, 1)
	}
	return simulate.New(m, float64(n)*own)
}
