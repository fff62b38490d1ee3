package verify

import (
	"errors"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// withAntisymmetricWeights gives the network the weights w = 1 + εA with an
// antisymmetric A: neurons of consecutive numbers listen to each other with
// opposite signs. The field then obeys φ̈ = Aφ̇ − Kφ, up to the order of the
// scheme ([F] §2 with A₋ = A/2).
func withAntisymmetricWeights(s kleinGordon) kleinGordon {
	return s.rewired(func(m theory.Model) theory.Model {
		return rewired{m, func(n network.Network, step float64) (network.Network, error) {
			var hops []weights.Triplet
			strength := 0.2 / step // ‖A‖ is a fifth of the largest stable frequency
			for i := range n.Size() - 1 {
				hops = append(hops, weights.Triplet{Row: i, Column: i + 1, Weight: strength})
			}
			hop, err := weights.NewCSR(n.Size(), hops)
			if err != nil {
				return n, err
			}
			n.Weights = weights.Add(n.Weights, weights.Scale(step, weights.AntisymmetricPart(hop)))
			return n, nil
		}}
	})
}

// withBulkLoss gives the network the bulk loss in place of the dual one. Its
// weights are w = 1 − ε²K, because a loss that only compares the network with
// its own prediction finds K nowhere else.
func withBulkLoss(s kleinGordon) kleinGordon {
	return s.rewired(func(m theory.Model) theory.Model {
		return rewired{m, func(n network.Network, step float64) (network.Network, error) {
			dual, ok := n.Loss.(network.Dual)
			if !ok {
				return n, errNoDual
			}
			n.Weights = weights.Add(n.Weights, weights.Scale(-step*step, dual.K))
			n.Loss = network.Bulk{Potential: dual.Potential}
			return n, nil
		}}
	})
}

var errNoDual = errors.New("the loss of the network is no network.Dual")

// withRK4 takes the integrator that is not symplectic.
func withRK4(s kleinGordon) kleinGordon {
	for _, in := range simulate.Integrators() {
		if in.Name == "rk4" {
			s.scheme = in
		}
	}
	return s
}

// withMisledJudge tells the judges wrong parameters.
func withMisledJudge(s kleinGordon) kleinGordon {
	s.misled = true
	return s
}

// rewired is a model with another network, evolved by the network's plain step.
type rewired struct {
	theory.Model
	change func(n network.Network, step float64) (network.Network, error)
}

// Network returns the changed learning system.
func (m rewired) Network(step float64) (*network.System, error) {
	s, err := m.Model.Network(step)
	if err != nil {
		return nil, err
	}
	n, err := m.change(s.Network(), step)
	if err != nil {
		return nil, err
	}
	return network.New(n)
}

// Evolve returns the dynamics of the changed network.
func (m rewired) Evolve(step float64) (theory.Evolution, error) {
	n, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	return &plain{net: n, step: step}, nil
}

// plain evolves (x, b = εβ) by nothing but the network's own activation and
// learning.
type plain struct {
	net   *network.System
	step  float64
	state network.State
}

func (p *plain) Load(net, physical *theory.State) {
	net.Set(physical)
	for i := range net.Arrays[1] {
		net.Arrays[1][i] *= p.step
	}
}

func (p *plain) Physical(physical, net *theory.State) {
	physical.Set(net)
	for i := range physical.Arrays[1] {
		physical.Arrays[1][i] /= p.step
	}
}

func (p *plain) bind(s *theory.State) *network.State {
	p.state.X, p.state.B, p.state.Time = s.Arrays[0], s.Arrays[1], s.Time
	return &p.state
}

func (p *plain) Drift(s *theory.State, c float64) {
	p.net.Activate(p.bind(s), c)
	s.Time = p.state.Time
}

func (p *plain) Kick(s *theory.State, d float64) { p.net.Learn(p.bind(s), d) }

func (p *plain) AddFlow(*theory.State, float64, *theory.State) error {
	return errors.New("a changed network runs step by step only; use leapfrog")
}
