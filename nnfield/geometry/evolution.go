package geometry

import (
	"fmt"
	"math"

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
	state network.State
	loss  *expanding // nil where the metric stands still
	step  float64
	g     []float64 // scratch of AddFlow

	term, next []float64 // scratch of the flow of a shift
}

// expanding is the loss ½xᵀ(gradient·Kg + potential·Km)x of one moment.
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
	e := &evolution{m: m, step: step}
	var loss network.Loss = network.Dual{K: m.k}
	if m.p.scale != nil {
		e.loss = &expanding{t: m.t}
		loss = e.loss
	}
	if m.t.shift != nil {
		e.term, e.next = make([]float64, len(m.t.root)), make([]float64, len(m.t.root))
	}
	var err error
	if e.net, err = m.system(step, loss); err != nil {
		return nil, err
	}
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

// rates returns the rates of a time.
func (e *evolution) rates(t float64) rates { return e.m.p.scale.rates(t, e.m.p.lattice.Dim()) }

func (e *evolution) Drift(s *theory.State, c float64) {
	e.at(s)
	e.flow(s, 0.5*c)
	e.net.Activate(&e.state, float64(c*e.rates(s.Time+float64(c*e.step)/2).gain))
	e.flow(s, 0.5*c)
	s.Time += float64(c * e.step)
}

// flow is the exact flow of a shift over the time c·ε: φ ← exp(cεA)φ and
// β ← exp(−cεAᵀ)β.
func (e *evolution) flow(s *theory.State, c float64) {
	a := e.m.t.shift
	if a == nil {
		return
	}
	e.exponential(s.Arrays[0], a.onNeurons, float64(c*e.step))
	e.exponential(s.Arrays[1], a.onBiases, float64(c*e.step))
}

// exponential replaces x by exp(τA)x, to round-off: by its power series, up to where
// the bound (|τ|‖A‖)ⁿ/n! of the next term is far below the last bit.
func (e *evolution) exponential(x []float64, a weights.Tensor, tau float64) {
	copy(e.term, x)
	size := math.Abs(tau) * e.m.t.shift.norm
	for n, bound := 1, 1.0; bound > 1e-18 || float64(n) < size; n++ {
		clear(e.next)
		a.AddApply(e.next, tau/float64(n), e.term)
		for i, v := range e.next {
			x[i] += v
		}
		e.term, e.next = e.next, e.term
		bound *= size / float64(n)
	}
}

func (e *evolution) Kick(s *theory.State, d float64) {
	e.at(s)
	if e.loss != nil {
		e.loss.rates = e.rates(s.Time)
	}
	e.net.Learn(&e.state, d)
}

func (e *evolution) AddFlow(dst *theory.State, h float64, s *theory.State) error {
	switch {
	case e.loss != nil:
		return fmt.Errorf("the scale factor changes with time, so the equations of motion are not a plain flow; use leapfrog or another symplectic integrator")
	case e.m.open():
		return fmt.Errorf("the equations of motion are not a plain flow: a sponge damps the biases; use leapfrog or another symplectic integrator")
	}
	n := e.net.Network()
	n.AddBias(dst.Arrays[0], h, s.Arrays[1])
	if a := e.m.t.shift; a != nil {
		a.onNeurons.AddApply(dst.Arrays[0], float64(h*e.step), s.Arrays[0])
		a.onBiases.AddApply(dst.Arrays[1], float64(h*e.step), s.Arrays[1])
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
