package theory

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/network"
)

// canonical evolves (φ, β) by the dynamics of a network: the reference
// semantics of every theory whose field and momentum are the states and the
// biases of one network. It works in the network's units, x = φ and b = εβ.
type canonical struct {
	net      *network.System
	state    network.State
	step     float64
	gradient []float64 // scratch of AddFlow
	open     string    // why the equations are no plain flow, or ""
}

// Evolve returns the dynamics of the network's own step.
func (m *kleinGordon) Evolve(step float64) (Evolution, error) {
	n, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	c := &canonical{net: n, step: step}
	switch {
	case len(m.p.Drives) > 0:
		c.open = "boundary neurons are clamped"
	case m.p.Lattice.Damping() != nil:
		c.open = "a sponge damps the biases"
	}
	return c, nil
}

func (c *canonical) Load(net, physical *State) {
	net.Step, net.Time = physical.Step, physical.Time
	copy(net.Arrays[0], physical.Arrays[0])
	for i, b := range physical.Arrays[1] {
		net.Arrays[1][i] = c.step * b
	}
}

func (c *canonical) Physical(physical, net *State) {
	physical.Step, physical.Time = net.Step, net.Time
	copy(physical.Arrays[0], net.Arrays[0])
	for i, b := range net.Arrays[1] {
		physical.Arrays[1][i] = b / c.step
	}
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
	for i, b := range s.Arrays[1] {
		dst.Arrays[0][i] += float64(h * b)
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
