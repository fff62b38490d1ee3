package theory

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// frame is what turns the links of an operator: the background at a time, and A of
// a dynamical gauge field.
type frame struct {
	*links
	tensor     *covariant
	plaquettes *plaquettes // nil for none
}

func (m *charged) frame() *frame {
	k, err := m.gauge.on(m.l, m.charge)
	if err != nil {
		panic(err) // Build has tried it
	}
	f := &frame{k, m.h.withLinks(), m.plaquettes}
	f.turn(0, m.a)
	return f
}

// turn sets the links to time t and to A.
func (f *frame) turn(t float64, a []float64) {
	f.angles(f.tensor.theta, t)
	if f.plaquettes != nil {
		n := f.l.Sites()
		for i, v := range a {
			f.tensor.theta[i] += float64(float64(f.charge*f.l.Spacing(i/n)) * v)
		}
	}
	f.tensor.turnLinks()
}

// of returns A of a state, nil without a dynamical gauge field.
func (f *frame) of(s *State) []float64 {
	if f.plaquettes == nil {
		return nil
	}
	return s.Arrays[2]
}

// Network returns the learning system in a background and, for a scalar, of links of
// its own: J = 1 and the loss ½x†Kx for a scalar, the bias tensor J = 𝐡 and the loss
// ½x†x for a spinor, with γ = ε², and as weights the temporal links u(t → t′), a flow
// that carries φ and β alike. Spatial links that move are tensors that depend on time.
// Where neither is there, w = 1. The links of a dynamical gauge field are neurons too,
// after φ, with the one loss ½φ†K[A]φ + p(A).
//
// It is an error for a spinor with links of its own, which has no common loss.
func (m *charged) Network(step float64) (*network.System, error) {
	f := m.frame()
	switch {
	case m.plaquettes != nil && m.spinor:
		return nil, fmt.Errorf("Network: a spinor and its links have no common loss (joint defect %.2g), only one each with the other frozen; use ChargedScalar, or a background", m.jointDefect())
	case m.plaquettes != nil:
		loss := &coupled{frame: f}
		n := network.Network{Weights: weights.Identity(f.tensor.Size() + len(m.a)), Rate: float64(step * step), Clock: step, Loss: loss}
		if !f.still {
			n.Flow = temporal{f}
		}
		if f.moving {
			n.At = func(t float64) { loss.time = t }
		}
		return network.New(n)
	}
	return m.pair(step, f)
}

// pair is the network of φ and β in the links of a frame.
func (m *charged) pair(step float64, f *frame) (*network.System, error) {
	w := f.tensor
	n := network.Network{Weights: weights.Identity(w.Size()), Rate: float64(step * step), Clock: step, Loss: network.Dual{K: w}}
	if m.spinor {
		n.Bias, n.Loss = w, network.Dual{K: weights.Identity(w.Size())}
	}
	if m.plaquettes == nil && !f.still {
		n.Flow = temporal{f}
	}
	if m.plaquettes == nil && f.moving {
		n.At = func(t float64) { f.turn(t, nil) }
	}
	return network.New(n)
}

// temporal is the flow of the temporal links.
type temporal struct{ *frame }

// Carry takes φ and β from time t to u; links of the field's own stand behind φ.
func (f temporal) Carry(x, b []float64, _, t, u float64) {
	n := f.tensor.Size()
	f.transport(t, u, x[:n], b[:n])
}

// coupled is the dual loss ½φ†K[A]φ + p(A) of a scalar with links of its own, both
// being neurons x = (φ, A).
type coupled struct {
	*frame
	time float64 // of the background
}

// Value returns H(x).
func (c *coupled) Value(_ *network.Network, x, _ []float64) float64 {
	phi, a := x[:c.tensor.Size()], x[c.tensor.Size():]
	c.turn(c.time, a)
	h := make([]float64, len(phi))
	weights.Apply(h, c.tensor, phi)
	return float64(0.5*sums.Dot(phi, h)) + c.plaquettes.energy(a)
}

// AddGradient adds α ∂H/∂x to gx.
func (c *coupled) AddGradient(_ *network.Network, gx, _ []float64, alpha float64, x, _ []float64) {
	n := c.tensor.Size()
	c.turn(c.time, x[n:])
	c.tensor.AddApply(gx[:n], alpha, x[:n])
	c.addLinkForce(gx[n:], alpha, x[:n], x[n:])
}

// addLinkForce adds α ∂/∂A [½f†𝐡f + p(A)] to dst, the links being turned to A.
func (f *frame) addLinkForce(dst []float64, alpha float64, field, a []float64) {
	f.tensor.addFlow(dst, alpha*f.charge, field)
	f.plaquettes.addForce(dst, alpha, a)
}

// jointDefect measures whether field and links have one common loss, which they
// have if the derivations D_β = ∂_β + 𝐡∂_φ and D_E = ∂_E + ∂_A of the loss by the
// biases agree with the forces G: D_E G_φ = D_β G_A, in one random direction of the
// links at the initial state. It returns the size of the difference relative to
// that of both sides: 0 for a scalar.
func (m *charged) jointDefect() float64 {
	f := m.frame()
	slope := m.h.withLinks() // ∂h/∂A in a random direction
	slope.onsite = nil
	numbers, n := random.New(1, "joint defect"), m.l.Sites()
	for i := range slope.cos {
		d := numbers.Normal(i) * m.charge * m.l.Spacing(i/n)
		slope.cos[i], slope.sin[i] = -d*f.tensor.sin[i], d*f.tensor.cos[i]
	}
	left, right := make([]float64, len(m.phi)), make([]float64, len(m.phi))
	slope.AddApply(left, 1, m.phi)
	if m.spinor {
		slope.AddApply(right, 1, m.beta)
		f.tensor.AddApply(right, 1, left)
	} else {
		slope.AddApply(right, 1, m.phi)
	}
	difference, size := 0.0, sums.Dot(left, left)+sums.Dot(right, right)
	for i, v := range left {
		difference += float64((v - right[i]) * (v - right[i]))
	}
	if size == 0 {
		return 0
	}
	return math.Sqrt(difference / size)
}

// Evolve returns the step of [F] §5, with links at the time of their sub-step:
//
//	β ← u(β − ε𝐡φ),  φ ← uφ;      φ ← u(φ + ε𝐡β),  β ← uβ         (scalar: φ + εβ).
//
// Links of their own learn with β, E ← E − ε ∂/∂A(½φ†𝐡φ + p), and are activated with
// φ, A ← A + εE; for a spinor in two halves, around E ← E − ε ∂/∂A(½β†𝐡β). Each part
// is an exact flow, so that Gauss's law holds. In a background that stands still
// kernels do many steps at once.
func (m *charged) Evolve(step float64) (Evolution, error) {
	f := m.frame()
	n, err := m.pair(step, f)
	if err != nil {
		return nil, err
	}
	e := &transported{canonical: newCanonical(n, step), frame: f, spinor: m.spinor, force: make([]float64, len(m.a))}
	switch {
	case f.moving || !f.still:
		e.open = "the links of the background turn with time"
	case m.plaquettes != nil:
		e.open = "the links are neurons with a dynamics of their own"
	}
	if fast, ok := newSweptCharged(e); ok && !stencil.Plain() {
		return fast, nil
	}
	return e, nil
}

// transported is a canonical evolution between moving links.
type transported struct {
	*canonical
	*frame
	spinor bool
	force  []float64 // on the links
}

// Drift is that of the network, unless the links are neurons with biases of their own.
func (e *transported) Drift(s *State, c float64) {
	if e.plaquettes == nil {
		e.canonical.Drift(s, c)
		return
	}
	from := s.Time
	middle, to := from+float64(0.5*c*e.step), from+float64(c*e.step)
	e.transport(from, middle, s.Arrays[0], s.Arrays[1])
	if e.spinor {
		e.activateLinks(s, 0.5*c)
		e.turn(middle, e.of(s))
		e.tensor.addFlow(s.Arrays[3], -c*e.charge, s.Arrays[1])
		e.canonical.Drift(s, c)
		e.activateLinks(s, 0.5*c)
	} else { // φ̇ = β needs no links
		e.activateLinks(s, c)
		e.canonical.Drift(s, c)
	}
	e.transport(middle, to, s.Arrays[0], s.Arrays[1])
}

// activateLinks is A ← A + cεE.
func (e *transported) activateLinks(s *State, c float64) {
	a := s.Arrays[2]
	for i, b := range s.Arrays[3] {
		a[i] += float64(c * b)
	}
}

func (e *transported) Kick(s *State, d float64) {
	if e.plaquettes != nil {
		e.turn(s.Time, e.of(s))
		clear(e.force)
		e.addLinkForce(e.force, -float64(d*float64(e.step*e.step)), s.Arrays[0], s.Arrays[2])
		for i, g := range e.force {
			s.Arrays[3][i] += g
		}
	}
	e.canonical.Kick(s, d)
}
