package septuple

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// fresh returns the loss with scratch of its own.
func (b built) fresh() network.Loss {
	switch l := b.loss.(type) {
	case *bondTerm:
		return l.clone()
	case network.Sum:
		all := make(network.Sum, len(l))
		for i, term := range l {
			if t, ok := term.(*bondTerm); ok {
				term = t.clone()
			}
			all[i] = term
		}
		return all
	}
	return b.loss
}

func (t *bondTerm) clone() *bondTerm {
	c, n := *t, len(t.from)
	c.x, c.y, c.d, c.e = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	return &c
}

// bare is the evolution of a network by whole steps: a drift of one step activates, a
// kick of one learns. Weights that learn are the state's own memory.
type bare struct {
	m     *model
	net   *network.System
	state network.State
}

func (e *bare) Load(net, physical *theory.State) { net.Set(physical) }

func (e *bare) Physical(physical, net *theory.State) { physical.Set(net) }

// at points the network at a state.
func (e *bare) at(s *theory.State) {
	e.state.X, e.state.B, e.state.Time = s.Arrays[0], s.Arrays[1], s.Time
	if len(s.Arrays) > 2 {
		e.net.Network().Weights.(weights.Trainable).Use(s.Arrays[2])
	}
}

func (e *bare) Drift(s *theory.State, c float64) {
	e.at(s)
	e.net.Activate(&e.state, c)
	s.Time = e.state.Time
}

func (e *bare) Kick(s *theory.State, d float64) {
	if d == 0 { // the scheme learns after a step, not before
		return
	}
	e.at(s)
	e.net.Learn(&e.state, d)
}

// AddFlow returns an error: whole steps are no flow.
func (e *bare) AddFlow(*theory.State, float64, *theory.State) error {
	return fmt.Errorf("the network moves by whole steps and is no flow; leave Integrator out")
}

// Loss returns the loss at a state of the network.
func (e *bare) Loss(s *theory.State) float64 {
	e.at(s)
	return e.net.Loss(&e.state)
}
