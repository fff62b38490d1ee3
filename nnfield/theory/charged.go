package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// charged is a charged field, complex in φ and in β alike, with
//
//	scalar   ℋ = ½β†β + ½φ†𝐡φ,     φ̇ = β,    β̇ = −𝐡φ,     𝐡 = K = −D² + m²
//	spinor   ℋ = ½β†𝐡β + ½φ†𝐡φ,   φ̇ = 𝐡β,   β̇ = −𝐡φ      [F] §5.
//
// U(1) rotates φ and β by the same phase. The conserved charge is Σ Im(β*φ). With a
// dynamical gauge field ½E² + p(A) is added to ℋ, the links carry its A and that
// of the background, and Ė = −∂ℋ/∂A keeps Gauss's law ∇·E = q Im(β*φ).
type charged struct {
	theory    string
	l         lattice.Lattice
	charge    float64
	gauge     Gauge
	h         *covariant // without links
	spinor    bool
	largest   float64 // of ω, for any links
	frequency func(k []float64) float64
	phi, beta []float64
	initial   []Initial // resolved
	card      func(m *charged) Card
	spec      func(m *charged, arrays Arrays) (any, error)
	with      func(g Gauge) (Model, error) // the same model in another background

	plaquettes *plaquettes // of a gauge field of its own, else nil
	a, e       []float64   // its initial state
}

// Linked is a model with U(1) links, given or dynamical.
type Linked interface {
	// LinkPhases returns the phases θ_j(x) = q a_j A_j(x) of the links U_j = e^{iθ_j}
	// of a state in physics units: one number a site, axis after axis.
	LinkPhases(s *State) []float64
}

// LinkPhases returns the phases of the background and the dynamical links.
func (m *charged) LinkPhases(s *State) []float64 {
	f := m.frame()
	f.turn(s.Time, f.of(s))
	return f.tensor.theta
}

// GaugeCovariant is a model of charged fields.
type GaugeCovariant interface {
	// GaugeTransform returns the model after the gauge transformation
	//
	//	φ → e^{iqλ}φ,   β → e^{iqλ}β,   U_j(x) → e^{iqλ(x)}U_j(x)e^{−iqλ(x+ĵ)},
	//	u(t→t′) → e^{iqλ(t′)} u e^{−iqλ(t)}
	//
	// by a λ of x, y, z and t [F] §5.
	GaugeTransform(lambda Profile) (Model, error)

	// GaugeTransformState applies the same transformation to a state in place.
	GaugeTransformState(s *State, lambda Profile) error
}

// Build returns the model itself: a model is its own builder.
func (m *charged) Build() (Model, error)    { return m, nil }
func (m *charged) Theory() string           { return m.theory }
func (m *charged) Numerics() int            { return 3 }
func (m *charged) Lattice() lattice.Lattice { return m.l }

// Portable: the Coulomb field of charges comes out of a Fourier transform.
func (m *charged) Portable() bool { return m.plaquettes == nil && !transformed(m.initial) }
func (m *charged) Card() Card     { return m.card(m) }

func (m *charged) Spec(arrays Arrays) (any, error) { return m.spec(m, arrays) }

// GaugeTransform implements [GaugeCovariant].
func (m *charged) GaugeTransform(lambda Profile) (Model, error) {
	if err := lambda.check(m.l); err != nil {
		return nil, fmt.Errorf("GaugeTransform: %w", err)
	}
	g := m.gauge
	g.Transform = append(slices.Clone(g.Transform), lambda)
	return m.with(g)
}

// GaugeTransformState implements [GaugeCovariant].
func (m *charged) GaugeTransformState(s *State, lambda Profile) error {
	if err := lambda.check(m.l); err != nil {
		return fmt.Errorf("GaugeTransform: %w", err)
	}
	angle := make([]float64, m.l.Sites())
	lambda.sample(m.l, 0, 0).at(angle, s.Time)
	for x := range angle {
		angle[x] *= m.charge
	}
	turnPhase(angle, m.l.Sites(), s.Arrays[0], s.Arrays[1])
	return nil
}

func (m *charged) Fields() []Field {
	types := []string{"re", "im"}
	if m.spinor {
		types = nil
		for a := range m.h.components {
			types = append(types, fmt.Sprintf("%d re", a+1), fmt.Sprintf("%d im", a+1))
		}
	}
	shape := m.l.Shape()
	fields := []Field{
		{Name: "phi", Symbol: "φ", Role: Sites, Shape: shape, Types: types},
		{Name: "beta", Symbol: "β", Role: Sites, Shape: shape, Types: types},
	}
	if m.plaquettes != nil {
		fields = append(fields, m.plaquettes.fields()...)
	}
	return fields
}

func (m *charged) Initial() *State {
	s := &State{Arrays: [][]float64{slices.Clone(m.phi), slices.Clone(m.beta)}}
	if m.plaquettes != nil {
		s.Arrays = append(s.Arrays, slices.Clone(m.a), slices.Clone(m.e))
	}
	return s
}

// MaxFrequency returns a bound that holds for any links; for a dynamical gauge
// field the larger of it and the fastest photon's, plus q max|φ| (and |β| of a
// spinor), a bound of the plasma frequency that couples them.
func (m *charged) MaxFrequency(about *State) float64 {
	if m.plaquettes == nil {
		return m.largest
	}
	phi, beta := m.phi, m.beta
	if about != nil {
		phi, beta = about.Arrays[0], about.Arrays[1]
	}
	n, most := m.l.Sites(), 0.0
	for x := range n {
		square := 0.0
		for i := x; i < len(phi); i += n {
			square += float64(phi[i] * phi[i])
			if m.spinor {
				square += float64(beta[i] * beta[i])
			}
		}
		most = max(most, square)
	}
	return max(m.largest, m.plaquettes.fastest()) + float64(math.Abs(m.charge)*math.Sqrt(most))
}

func (m *charged) Invariants() []Invariant {
	cell := m.l.CellVolume()
	rho := make([]float64, m.l.Sites())
	out := []Invariant{{Name: "charge", Symbol: "Q", Value: func(s Snapshot) float64 {
		m.ChargeDensity(rho, s)
		return cell * sums.Sum(0, len(rho), func(i int) float64 { return rho[i] })
	}, Scale: func(s Snapshot) float64 { // the largest |Q| that these φ and β allow
		return cell * math.Sqrt(sums.Dot(s.Arrays[0], s.Arrays[0])*sums.Dot(s.Arrays[1], s.Arrays[1]))
	}}}
	if m.plaquettes != nil {
		out = append(out, Invariant{Name: "Gauss law", Symbol: "max |∇·E − qρ|", Value: func(s Snapshot) float64 {
			return m.gaussResidual(rho, s)
		}, Scale: func(s Snapshot) float64 {
			m.ChargeDensity(rho, s)
			return math.Abs(m.charge) * largest(rho)
		}})
	}
	if m.gauge.works() {
		return out
	}
	density := m.energyDensity()
	return append(out, Invariant{Name: "energy", Symbol: "E", Value: func(s Snapshot) float64 {
		density(rho, s.State)
		return cell * sums.Sum(0, len(rho), func(i int) float64 { return rho[i] })
	}, Scale: func(s Snapshot) float64 { // the largest |ℋ| that fields of this size allow
		w := m.largest
		e := float64(w * w * sums.Dot(s.Arrays[0], s.Arrays[0]))
		if m.spinor {
			e = w * (sums.Dot(s.Arrays[0], s.Arrays[0]) + sums.Dot(s.Arrays[1], s.Arrays[1]))
		} else {
			e += sums.Dot(s.Arrays[1], s.Arrays[1])
		}
		if m.plaquettes != nil {
			e += sums.Dot(s.Arrays[3], s.Arrays[3])
		}
		return 0.5 * cell * e
	}})
}

// gaussResidual returns the largest |∇·E − q(ρ − ρ̄)|. A torus holds no net charge:
// a uniform one at rest stands against it.
func (m *charged) gaussResidual(scratch []float64, s Snapshot) float64 {
	m.ChargeDensity(scratch, s)
	mean := sums.Sum(0, len(scratch), func(i int) float64 { return scratch[i] }) / float64(len(scratch))
	for x := range scratch {
		scratch[x] = -m.charge * (scratch[x] - mean)
	}
	m.plaquettes.addDivergence(scratch, s.Arrays[3])
	return largest(scratch)
}

// EnergyDensity writes ½[β†β or β†𝐡β] + ½φ†𝐡φ of each site to dst, and the energy of
// a dynamical gauge field; its sum times a^d is ℋ without the potential energy in
// A_0.
func (m *charged) EnergyDensity(dst []float64, s *State) { m.energyDensity()(dst, s) }

func (m *charged) energyDensity() func(dst []float64, s *State) {
	f := m.frame()
	h := make([]float64, f.tensor.Size())
	return func(dst []float64, s *State) {
		f.turn(s.Time, f.of(s))
		clear(dst)
		add := func(f, g []float64) {
			for i := range f {
				dst[i%len(dst)] += float64(0.5 * float64(f[i]*g[i]))
			}
		}
		phi, beta := s.Arrays[0], s.Arrays[1]
		weights.Apply(h, f.tensor, phi)
		add(phi, h)
		if m.spinor {
			weights.Apply(h, f.tensor, beta)
			add(beta, h)
		} else {
			add(beta, beta)
		}
		if m.plaquettes != nil {
			m.plaquettes.addEnergyDensity(dst, s.Arrays[2], s.Arrays[3])
		}
	}
}

// ChargeDensity writes Im(β*φ) of each site to dst, e^{−iωt} having a positive
// charge. For a spinor it is (|ψ|² − |χ|²)/4 of ψ = φ + iβ and χ = φ − iβ.
func (m *charged) ChargeDensity(dst []float64, s Snapshot) {
	phi, beta, n := s.Arrays[0], s.Arrays[1], m.l.Sites()
	clear(dst)
	for re := 0; re < len(phi); re += 2 * n {
		for x := range n {
			dst[x] += float64(beta[re+x]*phi[re+n+x]) - float64(beta[re+n+x]*phi[re+x])
		}
	}
}

// Current writes the flow of charge from x to x+ĵ for each axis to dst. In a
// leapfrog run it is the mean of the step that follows, so that
// (ρ_{n+1} − ρ_n)/ε + Σ_j [J_j(x) − J_j(x−ĵ)]/a = 0 to round-off, in any
// background; otherwise the flow of the moment.
func (m *charged) Current(dst []float64, s Snapshot) {
	f := m.frame()
	clear(dst)
	if s.Staggered == nil {
		f.turn(s.Time, f.of(s.State))
		f.tensor.addFlow(dst, 1, s.Arrays[0])
		if m.spinor {
			f.tensor.addFlow(dst, 1, s.Arrays[1])
		}
		return
	}
	next := s.Staggered.Clone()
	phi, beta := next.Arrays[0], next.Arrays[1]
	f.turn(s.Time, f.of(next))
	f.tensor.addFlow(dst, 0.5, phi)
	activate := func(c float64) { // as transported.Drift does it
		if m.plaquettes != nil {
			for i, e := range next.Arrays[3] {
				next.Arrays[2][i] += c * s.Epsilon * e
			}
		}
	}
	middle, end := s.Time+float64(0.5*s.Epsilon), s.Time+s.Epsilon
	f.transport(s.Time, middle, phi, beta)
	activate(0.5)
	if m.spinor {
		f.turn(middle, f.of(next))
		flow := make([]float64, len(dst))
		f.tensor.addFlow(flow, 1, beta)
		f.tensor.AddApply(phi, s.Epsilon, beta)
		for i, j := range flow {
			dst[i] += j
			if m.plaquettes != nil {
				next.Arrays[3][i] -= s.Epsilon * m.charge * j
			}
		}
	} else {
		for i, b := range beta {
			phi[i] += float64(s.Epsilon * b)
		}
	}
	activate(0.5)
	f.transport(middle, end, phi)
	f.turn(end, f.of(next))
	f.tensor.addFlow(dst, 0.5, phi)
}

// Frequency returns ω(k) of the free field on the lattice, not a number in a
// background or where the mass depends on the place.
func (m *charged) Frequency(k ...float64) float64 {
	if !m.gauge.empty() || m.frequency == nil {
		return math.NaN()
	}
	return m.frequency(k)
}

// addDoublets adds complex fields, component after component on n sites each, to a
// charged array.
func addDoublets(dst []float64, f []complex128, n int) {
	for i, v := range f {
		at := i/n*2*n + i%n
		dst[at] += real(v)
		dst[at+n] += imag(v)
	}
}

// start adds a dynamical gauge field with the initial states of links, if there is
// one, and transforms the initial state by the gauge of the model. E obeys Gauss's
// law with the charge of the field.
func (m *charged) start(action Action, ofLinks []Initial) (err error) {
	if action != "" {
		if m.plaquettes, err = newPlaquettes(m.l, m.charge, "Dynamic", action); err != nil {
			return err
		}
		m.a, m.e = make([]float64, m.l.Dim()*m.l.Sites()), make([]float64, m.l.Dim()*m.l.Sites())
		rho := make([]float64, m.l.Sites())
		m.ChargeDensity(rho, Snapshot{State: &State{Arrays: [][]float64{m.phi, m.beta}}})
		for x := range rho {
			rho[x] *= m.charge
		}
		m.plaquettes.coulomb(m.e, rho)
		for _, i := range ofLinks {
			if err := m.plaquettes.addInitial(m.a, m.e, i); err != nil {
				return err
			}
		}
	}
	s := &State{Arrays: [][]float64{m.phi, m.beta}}
	for _, lambda := range m.gauge.Transform {
		if err := m.GaugeTransformState(s, lambda); err != nil {
			return err
		}
	}
	return nil
}

// kinds returns the kinds of initial states of a charged field.
func kinds(action Action, own ...string) []string {
	if action != "" {
		own = append(own, "link-wave", "link-values")
	}
	return own
}

// ofLinks tells whether a contribution is one of the gauge field.
func (i Initial) ofLinks() bool { return strings.HasPrefix(i.kind, "link-") }

// rows adds to a card what all charged fields share.
func (m *charged) rows(c *Card) {
	if m.plaquettes == nil {
		c.Rows = append(c.Rows, Row{"dual loss", Formula{Text: "exists in temporal gauge (A_0 = 0): H = " + m.loss()}})
	} else if m.spinor {
		c.Rows = append(c.Rows, Row{"dual loss", Formula{Text: fmt.Sprintf("block by block, each with the other frozen: spinor %s, links ½β†hβ + ½φ†hφ + p(A); no common one, joint defect %.2g", m.loss(), m.jointDefect())}})
	} else {
		c.Rows = append(c.Rows, Row{"dual loss", Formula{Text: fmt.Sprintf("one for field and links: H = ½φ†K[A]φ + p(A) with J = 1 (joint defect %.2g)", m.jointDefect())}})
	}
	if !m.frame().still && !(m.spinor && m.plaquettes != nil) {
		c.Rows = append(c.Rows, Row{"gradient", Formula{Text: carriage(m)}})
	}
	c.Rows = append(c.Rows, m.gauge.rows(m.charge)...)
	if m.plaquettes != nil {
		c.Rows = append(c.Rows, Row{"gauge field", Formula{Text: fmt.Sprintf("dynamical, A ← A + εE, E ← E − ε dH/dE, %s plaquettes; E begins as the Coulomb field", m.plaquettes.action)}})
	}
	row := func(name, text, latex string) { c.Rows = append(c.Rows, Row{name, Formula{text, latex}}) }
	row("neurons", m.l.String(), "")
	row("initial", describe(m.initial), "")
	row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog)", 2/m.MaxFrequency(nil)), "")
	var names []string
	for _, i := range m.Invariants() {
		names = append(names, i.Name)
	}
	row("invariants", strings.Join(names, ", "), "")
}

// loss names the dual loss of the field alone.
func (m *charged) loss() string {
	if m.spinor {
		return "½φ†φ with J = h"
	}
	return "½φ†Kφ with J = 1"
}

// String returns the card.
func (m *charged) String() string { return Text(m) }
