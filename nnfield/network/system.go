package network

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// System is a network that runs. It owns its scratch and, when weights are
// trained, its own copy of them: one goroutine at a time.
type System struct {
	net   Network
	unit  bool // w = 1 and f = 1: x ← x + E b in place
	plain bool // f = 1 and E = 1: J = 1
	one   bool // the gradient is one term a bias, added there at once

	trained weights.Trainable // the weights, if they learn

	sample, held []float64 // the data of the boundary neurons and their biases
	z            []float64 // pre-activation of the last activation
	prev         []float64 // the state that went into it; kept if weights learn
	fired        bool      // z and prev are there

	g, gx           []float64 // made when first needed, see room
	through, direct []float64 // of the gradient of the weights

	decay    []float64 // the factors e^{−σε d/2}
	decayFor float64   // d of these factors
}

// New returns the network n as a running system.
//
// Trainable weights are copied if they learn, so n itself never changes. It
// fails, naming the field and the remedy, for sizes that disagree, numbers that
// are not finite or negative, boundary neurons that do not exist, activations
// without functions, weights that cannot be trained, and a loss that does not
// fit the network.
func New(n Network) (*System, error) {
	if err := n.validate(); err != nil {
		return nil, err
	}
	size := n.Size()
	if n.Linear() {
		n.Activations = nil
	}
	s := &System{
		net:      n,
		plain:    n.Activations == nil && n.Bias == nil,
		decayFor: math.NaN(),
	}
	if n.WeightRate > 0 {
		s.trained = n.Weights.(weights.Trainable).Clone()
		s.net.Weights = s.trained
		s.prev = make([]float64, size)
		s.through, s.direct = make([]float64, size), make([]float64, size)
	}
	s.one = s.plain && n.Boundary == nil && oneTerm(n.Loss)
	s.unit = n.Activations == nil && s.trained == nil && isIdentity(n.Weights)
	if !s.unit {
		s.z = make([]float64, size)
	}
	if n.Boundary != nil {
		s.sample, s.held = make([]float64, len(n.Boundary.Sites)), make([]float64, len(n.Boundary.Sites))
	}
	if n.Decay != nil {
		s.decay = make([]float64, size)
	}
	s.net.work = newWork(&s.net, s.trained != nil)
	return s, nil
}

func newWork(n *Network, trained bool) *work {
	w := &work{}
	if trained {
		w.weightT = n.Weights.(weights.Trainable).AddApplyTransposed
	} else {
		w.weightT = n.Weights.Transpose().AddApply
	}
	if n.Bias != nil {
		w.biasT = n.Bias.Transpose().AddApply
	}
	return w
}

// room returns scratch of n numbers that is made when it is first asked for: kernels
// that do a network's step by themselves never do.
func room(scratch *[]float64, n int) []float64 {
	if *scratch == nil {
		*scratch = make([]float64, n)
	}
	return *scratch
}

// oneTerm tells whether a loss adds one number to each element of ∂H/∂x and nothing to
// ∂H/∂b, and has so few entries that a detour over another vector counts. Without it
// the sum is the same, but for the sign of a zero.
func oneTerm(l Loss) bool {
	dual, ok := l.(Dual)
	if !ok || dual.Potential != nil || dual.A != nil {
		return false
	}
	_, ok = dual.K.(*weights.CSR)
	return ok
}

// isIdentity tells whether w = 1. It stops at the first row that differs.
func isIdentity(w weights.Tensor) bool {
	if _, ok := w.(weights.Identity); ok {
		return true
	}
	for i := range w.Size() {
		diagonal, others := 0.0, false
		w.Row(i, func(j int, v float64) {
			if j == i {
				diagonal = v
			} else if v != 0 {
				others = true
			}
		})
		if diagonal != 1 || others {
			return false
		}
	}
	return true
}

// Network returns the network as it is now, with the weights learned so far.
// They go on learning: clone them to keep them.
func (s *System) Network() Network {
	n := s.net
	n.work = nil
	return n
}

// NewState returns a state of the right size, all zero.
func (s *System) NewState() *State {
	return &State{X: make([]float64, s.net.Size()), B: make([]float64, s.net.Size())}
}

// Trained returns the stored weights as they have been learned so far, the system's own
// memory; nil if they do not learn.
func (s *System) Trained() []float64 {
	if s.trained == nil {
		return nil
	}
	return s.trained.Values()
}

// Loss returns H(x, b), 0 for a network without a loss.
func (s *System) Loss(st *State) float64 {
	s.check(st)
	if s.net.Loss == nil {
		return 0
	}
	s.at(st)
	return s.net.Loss.Value(&s.net, st.X, st.B)
}

// Step is one step of the network: boundary, activation, learning [F] §1.
func (s *System) Step(st *State) {
	s.Activate(st, 1)
	s.Learn(st, 1)
	st.Step++
}

// Activate is the boundary dynamics and the activation dynamics over the
// fraction c of a step, and advances the time by c·Clock:
//
//	P̂x ← p_∂ at the new time;   x ← f(w x + c·E b) outside P̂
//
// and with a [Flow] w(c), before and after it, x ← w(c/2) x and b ← w(c/2)⁻ᵀ b.
// Boundary neurons keep their value and their biases do not act. A fraction
// c ≠ 1 (also negative) makes sense only for a pure drift, w = 1 and f = 1;
// otherwise it panics.
func (s *System) Activate(st *State, c float64) {
	s.check(st)
	if c != 1 && !s.unit {
		panic(fmt.Sprintf("network: Activate(%v) of a part of a step needs w = 1 and the identity as activation", c))
	}
	n := &s.net
	from := st.Time
	middle, to := from+float64(0.5*c*n.clock()), from+float64(c*n.clock())
	st.Time = to
	if n.Flow != nil {
		n.Flow.Carry(st.X, st.B, 0.5*c, from, middle)
	}
	if n.At != nil {
		n.At(middle)
	}
	var sites []int
	if n.Boundary != nil {
		sites = n.Boundary.Sites
		n.Boundary.Sample(s.sample, st.Time)
	}
	for k, i := range sites {
		// A bias that is 0 meanwhile is carried nowhere by E.
		st.X[i], s.held[k], st.B[i] = s.sample[k], st.B[i], 0
	}
	if s.prev != nil {
		copy(s.prev, st.X)
	}
	if s.unit {
		n.AddBias(st.X, c, st.B)
	} else {
		n.preActivate(s.z, st.X, st.B)
		n.fire(st.X, s.z)
	}
	for k, i := range sites {
		st.X[i], st.B[i] = s.sample[k], s.held[k]
	}
	if n.Flow != nil {
		n.Flow.Carry(st.X, st.B, 0.5*c, middle, to)
	}
	s.fired = true
}

// Learn is the learning dynamics over the fraction d of a step:
//
//	b ← e^{−σε d/2} (e^{−σε d/2} b − d·γ dH/db),   w ← w − d·γ_w dH/dw
//
// with both total derivatives at the same state, the one given. The biases of
// boundary neurons neither learn nor decay. A negative d runs backwards: it
// undoes Learn with −d where H does not depend on b explicitly.
//
// If f is not the identity or weights learn, the derivative goes through the
// last activation, so Activate must have run; otherwise it panics.
func (s *System) Learn(st *State, d float64) {
	s.check(st)
	n := &s.net
	s.at(st)
	s.decayBiases(st.B, d)
	if n.Loss != nil {
		if s.trained != nil {
			s.weightGradient(s.through, s.direct, -float64(d*n.WeightRate), st)
		}
		if alpha := -float64(d * n.Rate); s.one {
			n.Loss.AddGradient(n, st.B, st.B, alpha, st.X, st.B)
		} else {
			s.gradient(room(&s.g, len(st.B)), alpha, st)
			weights.Identity(len(st.B)).AddApply(st.B, 1, s.g)
		}
		if s.trained != nil {
			s.trained.AddOuter(1, s.through, s.prev)
			s.trained.AddOuter(1, s.direct, st.X)
		}
	}
	s.decayBiases(st.B, d)
}

// Gradient writes α dH/db, the total derivative of the loss with respect to the
// biases, to dst:
//
//	dH/db = (1−P̂)[∂H/∂b + Jᵀ ∂H/∂x],   J = (1−P̂) diag(f′(z)) E,
//
// z being the pre-activation of the last activation (see [System.Learn]). With a
// [Flow] that is the derivative with respect to the biases before they were carried if
// uEu = E, u = w(½), and to those after if E and u commute; otherwise it is either up
// to O(ε), see [CheckGradient]. The
// factor α is folded into each term that goes into dst as it is added: those of
// αE. For J = 1 both derivatives go into the same sum.
func (s *System) Gradient(dst []float64, alpha float64, st *State) {
	s.check(st)
	s.at(st)
	s.gradient(dst, alpha, st)
}

// gradient is Gradient with everything at the time of the state.
func (s *System) gradient(dst []float64, alpha float64, st *State) {
	n := &s.net
	clear(dst)
	switch {
	case n.Loss == nil:
	case s.plain:
		n.Loss.AddGradient(n, dst, dst, alpha, st.X, st.B)
	default:
		clear(room(&s.gx, len(dst)))
		n.Loss.AddGradient(n, s.gx, dst, 1, st.X, st.B)
		s.throughState(s.gx)
		for i, v := range dst {
			dst[i] = 0 + float64(alpha*v) // 0 is +0 whatever the sign of α
		}
		n.AddBiasTransposed(dst, alpha, s.gx)
	}
	s.clearBoundary(dst)
}

// weightGradient sets through and direct such that
// α dH/dw_ij = through_i x_j(before the activation) + direct_i x_j(now).
func (s *System) weightGradient(through, direct []float64, alpha float64, st *State) {
	n := &s.net
	clear(through)
	clear(direct)
	clear(room(&s.g, len(st.B)))
	n.Loss.AddGradient(n, through, s.g, alpha, st.X, st.B)
	s.throughState(through)
	if l, ok := n.Loss.(WeightLoss); ok {
		l.AddWeightGradient(n, direct, alpha, st.X, st.B)
	}
}

// throughState turns ∂H/∂x into its product with f′(z), and into 0 for the
// neurons that show data whatever the biases and weights are.
func (s *System) throughState(gx []float64) {
	if !s.fired && (s.net.Activations != nil || s.prev != nil) {
		panic("network: the total derivative goes through the last activation; call Activate or Step first")
	}
	s.net.slope(gx, s.z)
	s.clearBoundary(gx)
}

func (s *System) clearBoundary(g []float64) {
	if s.net.Boundary == nil {
		return
	}
	for _, i := range s.net.Boundary.Sites {
		g[i] = 0
	}
}

// decayBiases multiplies b by e^{−σε d/2} outside the boundary.
func (s *System) decayBiases(b []float64, d float64) {
	if s.decay == nil {
		return
	}
	if d != s.decayFor {
		for i, v := range s.net.Decay {
			s.decay[i] = elementary.Exp(-v * d / 2)
		}
		if s.net.Boundary != nil {
			for _, i := range s.net.Boundary.Sites {
				s.decay[i] = 1
			}
		}
		s.decayFor = d
	}
	for i, v := range s.decay {
		b[i] *= v
	}
}

// at sets what depends on time to the time of a state.
func (s *System) at(st *State) {
	if s.net.At != nil {
		s.net.At(st.Time)
	}
}

// check panics for a state of another size.
func (s *System) check(st *State) {
	if n := s.net.Size(); len(st.X) != n || len(st.B) != n {
		panic(fmt.Sprintf("network: a state of %d neurons and %d biases for a network of %d", len(st.X), len(st.B), n))
	}
}
