package theory

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/internal/vector"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
)

// canonical evolves (φ, β) by the dynamics of a network: the reference
// semantics of every theory whose field and momentum are the states and the
// biases of one network. It works in the network's units, x = φ and b = εβ.
type canonical struct {
	net       *network.System
	state     network.State
	step      float64
	generator *network.Exponential // of weights that are a flow and stand still, or nil
	gradient  []float64            // scratch of AddFlow
	open      string               // why the equations are no plain flow, or ""
	units     units
}

func newCanonical(n *network.System, step float64) *canonical {
	return &canonical{net: n, step: step}
}

// EvolveNetwork returns the dynamics of a network in φ = x and β = b/ε, ε being its
// clock: boundary, activation and learning as they stand, in the parts and in the order
// that an integrator asks for. Where there are kernels for its tensors, those of a
// Klein-Gordon field with any potential or of a Dirac field in real matrices, they do
// many steps at a time, and those of a field with a few other bonds do it step by step,
// with the same bits: what counts are the tensors, not the name of
// a theory. Drives are the signals that its boundary neurons are clamped to, if they are
// sides of the lattice.
//
// The network is one whose activation can be done in parts: w = 1 or a flow, f = 1, and
// frozen weights.
func EvolveNetwork(n *network.System, l lattice.Lattice, drives []Drive) Evolution {
	net := n.Network()
	c := newCanonical(n, net.Clock)
	switch {
	case net.Boundary != nil:
		c.open = "boundary neurons are clamped"
	case net.Decay != nil:
		c.open = "a sponge damps the biases"
	case net.At != nil:
		c.open = "the tensors of the network depend on time"
	}
	if net.Flow != nil {
		flow, steady := net.Flow.(*network.Exponential)
		if !steady && c.open == "" {
			c.open = "the weights are a flow that turns with time"
		}
		c.generator = flow
		return c
	}
	if stencil.Plain() || net.At != nil || (net.Boundary != nil) != (len(drives) > 0) {
		return c
	}
	if e, ok := newSweptScalar[float64](l, drives, c); ok {
		return e
	}
	if e, ok := newPatched(l, c); ok {
		return e
	}
	if net.Boundary == nil && net.Decay == nil {
		if e, ok := newSweptDirac(l, net.Bias, c); ok {
			return e
		}
	}
	return c
}

// Evolve returns the dynamics of the network's own step, by kernels where there are
// some for its weights.
func (m *kleinGordon) Evolve(step float64) (Evolution, error) {
	n, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	return EvolveNetwork(n, m.p.Lattice, m.p.Drives), nil
}

func (c *canonical) Load(net, physical *State) {
	net.Step, net.Time = physical.Step, physical.Time
	for pair := 0; pair < len(net.Arrays); pair += 2 { // neurons, biases
		copy(net.Arrays[pair], physical.Arrays[pair])
		for i, b := range physical.Arrays[pair+1] {
			net.Arrays[pair+1][i] = float64(c.step*b) + 0 // no −0: see package stencil
		}
	}
}

func (c *canonical) Physical(physical, net *State) {
	physical.Step, physical.Time = net.Step, net.Time
	for pair := 0; pair < len(net.Arrays); pair += 2 {
		c.units = units{physical.Arrays[pair], physical.Arrays[pair+1], net.Arrays[pair], net.Arrays[pair+1], c.step}
		pool.Run(len(net.Arrays[pair]), 1<<14, &c.units)
	}
}

// units turns neurons x and biases b into φ = x and β = b/ε.
type units struct {
	phi, beta, x, b []float64
	step            float64
}

// Do does the sites lo ≤ i < hi.
func (u *units) Do(lo, hi int) {
	copy(u.phi[lo:hi], u.x[lo:hi])
	vector.Quotients(u.beta[lo:hi], u.b[lo:hi], u.step)
}

func (c *canonical) Drift(s *State, fraction float64) {
	c.state.X, c.state.B, c.state.Time = s.Arrays[0], s.Arrays[1], s.Time
	c.net.Activate(&c.state, fraction)
	s.Time = c.state.Time
}

func (c *canonical) Kick(s *State, fraction float64) {
	c.state.X, c.state.B, c.state.Time = s.Arrays[0], s.Arrays[1], s.Time
	c.net.Learn(&c.state, fraction)
}

func (c *canonical) AddFlow(dst *State, h float64, s *State) error {
	if c.open != "" {
		return fmt.Errorf("the equations of motion are not a plain flow: %s; use leapfrog or another symplectic integrator", c.open)
	}
	n := c.net.Network()
	n.AddBias(dst.Arrays[0], h, s.Arrays[1])
	if c.generator != nil {
		c.generator.AddGenerator(dst.Arrays[0], dst.Arrays[1], h*c.step, s.Arrays[0], s.Arrays[1])
	}
	c.state.X, c.state.B, c.state.Time = s.Arrays[0], s.Arrays[1], s.Time
	if c.gradient == nil {
		c.gradient = make([]float64, len(c.state.B))
	}
	c.net.Gradient(c.gradient, -h*c.step*c.step, &c.state)
	for i, g := range c.gradient {
		dst.Arrays[1][i] += g
	}
	return nil
}

// NetworkState returns the states and the biases of a network of n neurons in a state of
// a model in physics units, as the evolution e of the model takes it: the fields of a
// model come in pairs of states and biases, or a single one holds first the one, then
// the other; a model whose network has no biases has states alone.
func NetworkState(n int, e Evolution, physical *State) (*network.State, error) {
	net := physical.Clone()
	e.Load(net, physical)
	out := &network.State{Time: net.Time, Step: net.Step}
	var all []float64
	for i, a := range net.Arrays {
		all = append(all, a...)
		if i%2 == 0 {
			out.X = append(out.X, a...)
		} else {
			out.B = append(out.B, a...)
		}
	}
	switch {
	case len(out.X) == n && len(out.B) == n:
	case len(net.Arrays) > 1 && len(net.Arrays[0]) == n && len(net.Arrays[1]) == n: // and weights that learn
		out.X, out.B = net.Arrays[0], net.Arrays[1]
	case len(net.Arrays) == 1 && len(all) == 2*n:
		out.X, out.B = all[:n:n], all[n:]
	case len(all) == n:
		out.X, out.B = all, make([]float64, n)
	default:
		return nil, fmt.Errorf("%d numbers of a state for %d neurons with a bias each", len(all), n)
	}
	return out, nil
}
