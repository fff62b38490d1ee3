package geometry

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// evolution is the dynamics of the network's own step: the neurons are x = φ, the
// biases b = ε√M β with the gain M of the scale factor 1.
type evolution struct {
	m     *model
	net   *network.System
	flow  *network.Exponential // of a shift, or nil
	state network.State
	step  float64
	g     []float64 // scratch of AddFlow
}

// expandingGain is the bias tensor gain·√M of one moment.
type expandingGain struct {
	root weights.Diagonal
	gain float64
}

func (e *expandingGain) Size() int                 { return len(e.root) }
func (e *expandingGain) Transpose() weights.Tensor { return e }
func (e *expandingGain) String() string {
	return "gain √M times that of the scale factor, " + e.root.String()
}

func (e *expandingGain) AddApply(dst []float64, alpha float64, x []float64) {
	e.root.AddApply(dst, float64(alpha*e.gain), x)
}

func (e *expandingGain) Row(i int, entry func(j int, w float64)) {
	entry(i, float64(e.gain*e.root[i]))
}

// expanding is the loss ½xᵀ(gradient·Kg + potential·Km)x of one moment, with the rates
// that it has for the learning rate ε².
type expanding struct {
	t     *tensors
	rates rates
}

// Value returns H(x).
func (l *expanding) Value(n *network.Network, x, _ []float64) float64 {
	u, ignored := n.Scratch()
	clear(u)
	l.AddGradient(n, u, ignored, 0.5, x, nil)
	h := 0.0
	for i, v := range u {
		h += float64(x[i] * v)
	}
	return h
}

// AddGradient adds α ∂H/∂x to gx.
func (l *expanding) AddGradient(_ *network.Network, gx, _ []float64, alpha float64, x, _ []float64) {
	l.t.gradient.AddApply(gx, float64(alpha*l.rates.gradient), x)
	f := float64(alpha * l.rates.potential)
	for i, v := range l.t.potential {
		gx[i] += float64(float64(f*v) * x[i])
	}
}

// Evolve returns the dynamics of the network's own step, by kernels where there are
// some for the metric, and for a shift of the weights exp(½cεA) before and after
// each activation. With a scale factor the drift takes its gain at the middle of its
// time and a kick its stiffness at its own time, which keeps every integrator
// symmetric and of its order.
func (m *model) Evolve(step float64) (theory.Evolution, error) {
	n, flow, err := m.network(step)
	if err != nil {
		return nil, err
	}
	e := &evolution{m: m, net: n, flow: flow, step: step}
	if fast, ok := newSwept(e); ok && !stencil.Plain() {
		return fast, nil
	}
	return e, nil
}

func (e *evolution) Load(net, physical *theory.State) {
	net.Step, net.Time = physical.Step, physical.Time
	copy(net.Arrays[0], physical.Arrays[0])
	for i, b := range physical.Arrays[1] {
		net.Arrays[1][i] = float64(e.step*e.m.t.root[i]) * b
	}
}

func (e *evolution) Physical(physical, net *theory.State) {
	physical.Step, physical.Time = net.Step, net.Time
	copy(physical.Arrays[0], net.Arrays[0])
	for i, b := range net.Arrays[1] {
		physical.Arrays[1][i] = b / float64(e.step*e.m.t.root[i])
	}
}

// at points the network at a state.
func (e *evolution) at(s *theory.State) {
	e.state.X, e.state.B, e.state.Time = s.Arrays[0], s.Arrays[1], s.Time
}

func (e *evolution) Drift(s *theory.State, c float64) {
	e.at(s)
	e.net.Activate(&e.state, c)
	s.Time = e.state.Time
}

func (e *evolution) Kick(s *theory.State, d float64) {
	e.at(s)
	e.net.Learn(&e.state, d)
}

func (e *evolution) AddFlow(dst *theory.State, h float64, s *theory.State) error {
	switch {
	case e.m.p.scale != nil:
		return fmt.Errorf("the scale factor changes with time, so the equations of motion are not a plain flow; use leapfrog or another symplectic integrator")
	case e.m.open():
		return fmt.Errorf("the equations of motion are not a plain flow: a sponge damps the biases; use leapfrog or another symplectic integrator")
	}
	n := e.net.Network()
	n.AddBias(dst.Arrays[0], h, s.Arrays[1])
	if e.flow != nil {
		e.flow.AddGenerator(dst.Arrays[0], dst.Arrays[1], float64(h*e.step), s.Arrays[0], s.Arrays[1])
	}
	if e.g == nil {
		e.g = make([]float64, len(s.Arrays[0]))
	}
	e.at(s)
	e.net.Gradient(e.g, -float64(float64(h*e.step)*e.step), &e.state)
	for i, g := range e.g {
		dst.Arrays[1][i] += g
	}
	return nil
}
