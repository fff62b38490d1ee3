// Package septuple holds the network of one's own: the septuple (x, P̂, p_∂, w, b, f, H)
// as a model like any theory, with a Spec, runs, figures and a report.
//
// It is built by nnfield.Network(); here are the words that its setters take: tensors
// ([Laplacian], [Dense], [Random], …) for w, the bias tensor E and the K of a loss, the
// terms of a loss ([Dual], [Bulk], [OnNeurons], …), activation maps and what boundary
// neurons are shown.
//
// # Two ways to run
//
// A network with w = 1 (or a flow, w = e^{εA}), f = 1 and no rate of its own is a field:
// with γ = ε² any step ε will do, every integrator can compose its activation and its
// learning, and its state is φ = x with the momentum β = b/ε, in physics units. Where its
// tensors are those of a theory, it runs on the theory's kernels and has its bits.
//
// Any other network moves by whole steps of its own, boundary → activation → learning,
// and its state is x and b as they are. One step takes the time of its clock: √γ unless
// Clock says otherwise.
//
// Stability: provisional.
package septuple

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Network holds the septuple of a network and its state at t = 0. Build makes a model
// of it.
type Network struct {
	Lattice lattice.Lattice // where the neurons sit; or
	Neurons int             // so many neurons of each type without a place
	Types   []string        // symbols of the neuron types; empty for a single one
	Drives  []theory.Drive  // signals of the driven sides of the lattice

	Weights     Tensor       // w; empty is 1
	Flow        Tensor       // the antisymmetric generator A of w = e^{εA}; empty for none
	Bias        Tensor       // the bias tensor E; empty is 1
	Activations []Activation // f: one for all, or one for each type; empty is the identity
	Loss        []Loss       // terms of H; none activates only
	Boundary    []Shown      // P̂ and p_∂

	Rate       *float64       // γ of the biases; nil is ε²
	WeightRate float64        // γ_w of the weights
	Decay      theory.Profile // rate σ(x) ≥ 0 of the biases' decay e^{−σε}
	Clock      *float64       // the time ε of a step; nil is √γ
	Initial    []Start
}

// model is the built network.
type model struct {
	p     Network
	place place
	clock float64 // of a network that moves by whole steps, else 0

	w, flow, e  weights.Tensor // nil where there is none, w = 1, E = 1
	activations []network.Activation
	loss        built
	decay       []float64 // σ of each neuron, or nil
	free        float64   // bound of ω² of the quadratic part, of a field
	gain, turn  float64   // bounds of ‖E‖ and of ‖A‖
	start       func() (x, b []float64)
	portable    bool
}

// Build checks the septuple and returns the model. It names the first part that is
// missing or does not fit.
func (p Network) Build() (theory.Model, error) {
	m := &model{p: p, place: place{types: max(1, len(p.Types))}}
	if err := m.placed(); err != nil {
		return nil, err
	}
	if err := m.tensors(); err != nil {
		return nil, err
	}
	if err := m.rates(); err != nil {
		return nil, err
	}
	if err := m.initial(); err != nil {
		return nil, err
	}
	m.bound()
	n, err := m.Network(m.step())
	if err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "network.New: "))
	}
	return m, m.checkFunction(n)
}

// placed puts the neurons somewhere.
func (m *model) placed() (err error) {
	p := m.p
	switch {
	case p.Lattice.Sites() > 0 && p.Neurons > 0:
		return fmt.Errorf("Neurons(%d): they sit on a lattice already; give one or the other", p.Neurons)
	case p.Lattice.Sites() > 0:
		m.place.l = p.Lattice
	case p.Neurons < 0 || p.Neurons == 1 || p.Neurons > lattice.MaxSites:
		return fmt.Errorf("Neurons(%d): it must be from 2 to %d", p.Neurons, lattice.MaxSites)
	case p.Neurons > 0:
		m.place.bare = true
		wall := lattice.Boundary{Kind: lattice.Neumann}
		if m.place.l, err = lattice.New(lattice.Line(p.Neurons, float64(p.Neurons), wall, wall)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("no neurons; say where they sit, for example Ring(512, 40), or how many there are, Neurons(100)")
	}
	seen := map[string]bool{}
	for _, t := range p.Types {
		if t == "" || seen[t] {
			return fmt.Errorf("Types(%q): the names must differ and not be empty", p.Types)
		}
		seen[t] = true
	}
	return room.Memory(fmt.Sprintf("a network of %d neurons", m.place.neurons()), 64*float64(m.place.neurons()))
}

// tensors builds w, E, f and H.
func (m *model) tensors() (err error) {
	p := m.p
	for _, t := range []struct {
		call string
		from Tensor
		to   *weights.Tensor
	}{{"Weights", p.Weights, &m.w}, {"Flow", p.Flow, &m.flow}, {"Bias", p.Bias, &m.e}} {
		if t.from.Zero() {
			continue
		}
		if *t.to, err = t.from.build(m.place); err != nil {
			return fmt.Errorf("%s: %w", t.call, err)
		}
	}
	if _, unit := m.w.(weights.Identity); unit && p.WeightRate == 0 {
		m.w = nil
	}
	if _, unit := m.e.(weights.Identity); unit {
		m.e = nil
	}
	if m.flow != nil {
		if s := weights.Symmetry(m.flow); !s.Antisymmetric {
			return fmt.Errorf("Flow(%s): the generator is not antisymmetric; its flow would carry states out of every bound, use Antisymmetric()", p.Flow)
		}
		if m.w != nil {
			return fmt.Errorf("Flow(…) beside Weights(%s): the flow is w, give one or the other", p.Weights)
		}
	}
	if n := len(p.Activations); n > 1 && n != m.place.types {
		return fmt.Errorf("Activations(…): %d maps for %d neuron types; give one for all, or one for each type", n, m.place.types)
	}
	for _, a := range p.Activations {
		f, err := a.build()
		if err != nil {
			return err
		}
		m.activations = append(m.activations, f)
	}
	if linear(m.activations) {
		m.activations = nil
	}
	if m.loss, err = buildLoss(p.Loss, m.place); err != nil {
		return err
	}
	if err := p.Decay.Err(); err != nil {
		return fmt.Errorf("Decay(…): %w", err)
	}
	if !p.Decay.Zero() {
		if m.decay, err = p.Decay.Static("Decay", m.place.l); err != nil {
			return err
		}
	}
	if sponge := m.place.l.Damping(); sponge != nil {
		if m.decay == nil {
			m.decay = sponge
		} else {
			for i, s := range sponge {
				m.decay[i] += s
			}
		}
	}
	for i, s := range m.decay {
		if !(s >= 0) {
			return fmt.Errorf("Decay(…): the rate is %v at site %d; it must not be negative", s, i)
		}
	}
	m.portable = portable(m.w) && portable(m.flow) && portable(m.e) && portable(m.loss.k)
	for _, s := range p.Boundary {
		if s.err != nil {
			return s.err
		}
	}
	return m.checkDrives()
}

// checkDrives returns an error unless driven sides and signals agree.
func (m *model) checkDrives() error {
	for j := range m.place.l.Dim() {
		for _, side := range []lattice.Side{lattice.Low, lattice.High} {
			driven := m.place.l.Driven(j, side) != nil
			k := slices.IndexFunc(m.p.Drives, func(d theory.Drive) bool { return d.Axis == j && d.Side == side })
			switch {
			case driven && k < 0:
				return fmt.Errorf("the %s side of axis %s is driven, but has no signal; use Driven(\"sin(2*t)\")", side, lattice.AxisName(j))
			case k >= 0 && !driven:
				return fmt.Errorf("a signal for the %s side of axis %d, which is not driven; make it Driven(…)", side, j)
			case k >= 0 && m.p.Drives[k].Signal.Err() != nil:
				return m.p.Drives[k].Signal.Err()
			case k >= 0 && m.p.Drives[k].Axis != m.p.Drives[0].Axis:
				return fmt.Errorf("driven sides on two axes meet in a corner, whose neuron cannot show two signals; drive the sides of one axis")
			}
		}
	}
	if len(m.p.Drives) > 2 {
		return fmt.Errorf("%d signals for driven sides; an axis has two", len(m.p.Drives))
	}
	return nil
}

// portable tells whether no transform of a library is in a tensor.
func portable(w weights.Tensor) bool {
	switch w := w.(type) {
	case *weights.Spectral:
		return false
	case *weights.Scaled:
		return portable(w.Tensor())
	case *weights.Kron:
		return portable(w.Sites())
	case *weights.Sum:
		for _, t := range w.Terms() {
			if !portable(t) {
				return false
			}
		}
	}
	return true
}

func linear(all []network.Activation) bool {
	return !slices.ContainsFunc(all, func(a network.Activation) bool { return a.Name != "identity" })
}

// field tells whether the network is one: it can be activated in parts.
func (m *model) field() bool {
	return m.w == nil && m.activations == nil && m.p.WeightRate == 0 && m.p.Rate == nil &&
		(m.loss.loss == nil || !m.loss.biases) && m.loss.loss != nil
}

// rates decides the clock of a network that moves by whole steps.
func (m *model) rates() error {
	p := m.p
	check := func(call string, v *float64) error {
		if v != nil && (!(*v > 0) || math.IsInf(*v, 1)) {
			return fmt.Errorf("%s(%v): it must be positive and finite", call, *v)
		}
		return nil
	}
	if err := check("Clock", p.Clock); err != nil {
		return err
	}
	if p.Rate != nil && (!(*p.Rate >= 0) || math.IsInf(*p.Rate, 1)) {
		return fmt.Errorf("Rate(%v): it must be finite and not negative", *p.Rate)
	}
	if !(p.WeightRate >= 0) || math.IsInf(p.WeightRate, 1) {
		return fmt.Errorf("WeightRate(%v): it must be finite and not negative", p.WeightRate)
	}
	if m.field() {
		return nil
	}
	switch {
	case p.Clock != nil:
		m.clock = *p.Clock
	case p.Rate != nil && *p.Rate > 0:
		m.clock = math.Sqrt(*p.Rate)
	case m.loss.loss != nil && p.Rate == nil && p.WeightRate == 0:
		return fmt.Errorf("a loss, but no rate to learn by; give Rate(0.01), or Clock(ε) for γ = ε²")
	default:
		m.clock = 1
	}
	if p.WeightRate > 0 && m.w == nil {
		return fmt.Errorf("WeightRate(%v): the weights are 1, of which no entry can learn; give Weights that are Dense, Sparse or Random", p.WeightRate)
	}
	return nil
}

// rate returns γ of a step.
func (m *model) rate(step float64) float64 {
	switch {
	case m.loss.loss == nil:
		return 0
	case m.p.Rate != nil:
		return *m.p.Rate
	case m.p.WeightRate > 0: // weights learn alone
		return 0
	}
	return float64(step * step)
}

// step returns a step that the network can do.
func (m *model) step() float64 {
	if m.clock > 0 {
		return m.clock
	}
	return 1
}

// checkFunction refuses derivatives of a function that are none.
func (m *model) checkFunction(n *network.System) error {
	if !m.loss.function {
		return nil
	}
	x, b := m.start()
	r, err := network.CheckGradient(n.Network(), &network.State{X: x, B: b}, 1, 2)
	if err != nil {
		return err
	}
	if !(r.Max() < 1e-4) {
		return fmt.Errorf("Function: its derivatives are not those of H: %v", r)
	}
	return nil
}

// Build returns the model itself: a model is its own builder.
func (m *model) Build() (theory.Model, error) { return m, nil }

// Theory returns "network".
func (m *model) Theory() string { return "network" }

// Numerics is the version of the numbers.
func (m *model) Numerics() int { return 1 }

// Portable: only spectral tensors come out of a transform.
func (m *model) Portable() bool { return m.portable }

// Lattice returns where the neurons sit; those without a place stand in a row.
func (m *model) Lattice() lattice.Lattice { return m.place.l }

// Fields returns φ and β of a field, x and b of another network, and the weights if
// they learn.
func (m *model) Fields() []theory.Field {
	shape := m.place.l.Shape()
	pair := func(x, sx, b, sb string) []theory.Field {
		return []theory.Field{
			{Name: x, Symbol: sx, Role: theory.Sites, Shape: shape, Types: m.p.Types},
			{Name: b, Symbol: sb, Role: theory.Sites, Shape: shape, Types: m.p.Types},
		}
	}
	if m.clock == 0 {
		return pair("phi", "φ", "beta", "β")
	}
	fields := pair("x", "x", "b", "b")
	if m.p.WeightRate > 0 {
		f := theory.Field{Name: "w", Symbol: "w", Role: theory.Weights, Shape: []int{len(m.trainable().Values())}}
		if _, dense := m.w.(*weights.Dense); dense {
			f.Shape = []int{m.place.neurons(), m.place.neurons()}
		}
		fields = append(fields, f)
	}
	return fields
}

// trainable returns the weights that learn.
func (m *model) trainable() weights.Trainable { return m.w.(weights.Trainable) }

// Initial returns the state at t = 0.
func (m *model) Initial() *theory.State {
	x, b := m.start()
	s := &theory.State{Arrays: [][]float64{slices.Clone(x), slices.Clone(b)}}
	if m.p.WeightRate > 0 {
		s.Arrays = append(s.Arrays, slices.Clone(m.trainable().Values()))
	}
	return s
}

// Network returns the learning system.
func (m *model) Network(step float64) (*network.System, error) {
	n := network.Network{
		Weights:    m.w,
		Bias:       m.e,
		Loss:       m.loss.fresh(),
		Rate:       m.rate(step),
		WeightRate: m.p.WeightRate,
		Clock:      step,
	}
	if m.w == nil {
		n.Weights = weights.Identity(m.place.neurons())
	}
	if m.flow != nil {
		n.Flow = network.NewExponential(m.flow, m.flow, m.turn, step)
	}
	sites := m.place.l.Sites()
	switch {
	case len(m.activations) == 1:
		n.Activations = m.activations
	case len(m.activations) > 1:
		for _, f := range m.activations {
			n.Activations = append(n.Activations, slices.Repeat([]network.Activation{f}, sites)...)
		}
	}
	for range m.place.types {
		for _, s := range m.decay {
			n.Decay = append(n.Decay, float64(s*step))
		}
	}
	n.Boundary = m.boundary(step)
	return network.New(n)
}

// boundary returns the neurons of driven sides, of each type, and those that are shown
// something.
func (m *model) boundary(step float64) *network.Boundary {
	all := slices.Clone(m.p.Boundary)
	for _, d := range m.p.Drives {
		side := m.place.l.Driven(d.Axis, d.Side)
		s := Shown{kind: "signal", signal: d.Signal}
		for kind := range m.place.types {
			for _, site := range side {
				s.neurons = append(s.neurons, kind*m.place.l.Sites()+site)
			}
		}
		all = append(all, s)
	}
	return boundary(all, step)
}

// Evolve returns the dynamics of the network's own step.
func (m *model) Evolve(step float64) (theory.Evolution, error) {
	if m.clock > 0 && math.Abs(step/m.clock-1) > 1e-9 {
		return nil, fmt.Errorf("network: step %v; it moves by whole steps of its own, of the time %v: leave Step out", step, m.clock)
	}
	n, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	if m.clock == 0 {
		drives := m.p.Drives
		if len(m.p.Boundary) > 0 || m.place.types > 1 {
			drives = nil
		}
		return theory.EvolveNetwork(n, m.place.l, drives), nil
	}
	return &bare{m: m, net: n}, nil
}

// OwnStep returns the time of one step of a network that moves by whole steps, and the
// scheme that is its own; see [theory.Stepped].
func (m *model) OwnStep() (epsilon float64, scheme string) { return m.clock, "symplectic-euler" }

// bound bounds the tensors of a field.
func (m *model) bound() {
	m.gain = 1
	if m.e != nil {
		m.gain = norm(m.e)
	}
	if m.flow != nil {
		m.turn = norm(m.flow)
	}
	if m.loss.k != nil {
		m.free = m.gain * m.gain * norm(m.loss.k)
	}
}

func isUnit(w weights.Tensor) bool { _, ok := w.(weights.Identity); return ok }

// norm bounds ‖W‖₂: by the spectrum of a symmetric or antisymmetric tensor where that is
// known in closed form or costs little, by sums of rows and columns otherwise.
func norm(w weights.Tensor) float64 {
	if w.Size() <= 1024 || closedForm(w) {
		if s := weights.Symmetry(w); s.Symmetric || s.Antisymmetric {
			if r, err := weights.SpectralRadius(w); err == nil {
				return r
			}
		}
	}
	return math.Sqrt(rows(w) * rows(w.Transpose()))
}

// closedForm tells whether the spectrum of a tensor is known from its structure.
func closedForm(w weights.Tensor) bool {
	switch w := w.(type) {
	case weights.Identity, *weights.Stencil, *weights.Spectral:
		return true
	case *weights.Scaled:
		return closedForm(w.Tensor())
	case *weights.Kron:
		return closedForm(w.Sites())
	case *weights.Sum:
		return !slices.ContainsFunc(w.Terms(), func(t weights.Tensor) bool { return !closedForm(t) })
	}
	return false
}

// rows returns the largest sum of absolute weights of a row.
func rows(w weights.Tensor) (most float64) {
	for i := range w.Size() {
		sum := 0.0
		w.Row(i, func(_ int, v float64) { sum += math.Abs(v) })
		most = max(most, sum)
	}
	return most
}

// MaxFrequency bounds the frequencies of a field: of K and E by their spectra, of V by
// its curvature over the range of φ, of other losses by their force near the state. Of a
// network that moves by whole steps it is 1/ε.
func (m *model) MaxFrequency(about *theory.State) float64 {
	if m.clock > 0 {
		return 1 / m.clock
	}
	x, _ := m.start()
	if about != nil {
		x = about.Arrays[0]
	}
	w2 := m.free
	if m.loss.potential != nil {
		w2 += float64(m.gain * m.gain * max(0, m.loss.potential.MaxCurvature(x)))
	}
	if !m.loss.quadratic {
		w2 = max(w2, m.stiffest(x))
	}
	w := math.Sqrt(w2) + m.turn
	if w == 0 { // free neurons: nothing turns, and any step is exact
		w = 1
	}
	return w
}

// stiffest estimates the largest eigenvalue of EᵀH″E at a state by twenty power
// iterations on differences of the force, with a tenth to spare.
func (m *model) stiffest(x []float64) float64 {
	n, err := m.Network(1)
	if err != nil {
		return 0
	}
	net := n.Network()
	size := m.place.neurons()
	v, f, g, ignored := make([]float64, size), make([]float64, size), make([]float64, size), make([]float64, size)
	numbers := random.New(1, "stiffest")
	for i := range v {
		v[i] = numbers.Normal(i)
	}
	scale := float64(1e-4 * (1 + math.Sqrt(sums.Dot(x, x)/float64(size))))
	largest, at := 0.0, make([]float64, size)
	force := func(dst []float64, sign float64) {
		clear(dst)
		clear(ignored)
		ev := make([]float64, size)
		net.AddBias(ev, 1, v)
		for i := range at {
			at[i] = x[i] + float64(sign*scale*ev[i])
		}
		net.Loss.AddGradient(&net, dst, ignored, 1, at, ignored)
	}
	for range 20 {
		length := math.Sqrt(sums.Dot(v, v) / float64(size))
		if length == 0 || math.IsNaN(length) {
			break
		}
		for i := range v {
			v[i] /= length
		}
		force(f, 1)
		force(g, -1)
		for i := range f {
			f[i] = (f[i] - g[i]) / (2 * scale)
		}
		clear(v)
		net.AddBiasTransposed(v, 1, f)
		largest = math.Sqrt(sums.Dot(v, v) / float64(size))
	}
	return 1.1 * largest
}

// closed tells whether the network is a field without boundary neurons and decay.
func (m *model) closed() bool {
	return m.clock == 0 && len(m.p.Drives) == 0 && len(m.p.Boundary) == 0 && m.decay == nil
}

// Invariants returns the energy a^d(½β² + H(φ)) of a closed field whose flow, if it has
// one, keeps its loss: φ̇ = Aφ + Eβ, β̇ = Aβ − Eᵀ∂H/∂φ.
func (m *model) Invariants() []theory.Invariant {
	if !m.closed() || m.flow != nil && !(m.loss.quadratic && m.loss.potential == nil && isUnit(m.loss.k)) {
		return nil
	}
	cell := m.place.l.CellVolume()
	if m.place.bare {
		cell = 1
	}
	energy := sync.OnceValue(func() *network.System {
		n, _ := m.Network(1) // Build has tried it
		return n
	})
	var lock sync.Mutex
	return []theory.Invariant{{Name: "energy", Symbol: "E", Value: func(s theory.Snapshot) float64 {
		lock.Lock()
		defer lock.Unlock()
		phi, beta := s.Arrays[0], s.Arrays[1]
		h := energy().Loss(&network.State{X: phi, B: beta})
		return cell * (float64(0.5*sums.Dot(beta, beta)) + h)
	}}}
}

// String returns the card.
func (m *model) String() string { return theory.Text(m) }

// Parameters returns the septuple of a model; ok tells whether it is one.
func Parameters(m theory.Model) (p Network, ok bool) {
	own, ok := m.(*model)
	if ok {
		p = own.p
	}
	return p, ok
}

// Err returns what is wrong with the tensor, or nil.
func (t Tensor) Err() error { return t.err }

// Err returns what is wrong with the term, or nil.
func (l Loss) Err() error { return l.err }

// Err returns what is wrong with what is shown, or nil.
func (s Shown) Err() error { return s.err }

// Err returns what is wrong with the contribution, or nil.
func (s Start) Err() error { return s.err }
