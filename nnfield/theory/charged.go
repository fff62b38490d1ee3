package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// charged is a charged field, complex in φ and in β alike, with
//
//	scalar   ℋ = ½β†β + ½φ†𝐡φ,     φ̇ = β,    β̇ = −𝐡φ,     𝐡 = K = −D² + m²
//	spinor   ℋ = ½β†𝐡β + ½φ†𝐡φ,   φ̇ = 𝐡β,   β̇ = −𝐡φ      [F] §5.
//
// U(1) rotates φ and β by the same phase. The conserved charge is Σ Im(β*φ).
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
func (m *charged) Numerics() int            { return 1 }
func (m *charged) Lattice() lattice.Lattice { return m.l }
func (m *charged) Card() Card               { return m.card(m) }

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
	return []Field{
		{Name: "phi", Symbol: "φ", Role: Sites, Shape: shape, Types: types},
		{Name: "beta", Symbol: "β", Role: Sites, Shape: shape, Types: types},
	}
}

func (m *charged) Initial() *State {
	return &State{Arrays: [][]float64{slices.Clone(m.phi), slices.Clone(m.beta)}}
}

// MaxFrequency returns a bound that holds for any links.
func (m *charged) MaxFrequency(*State) float64 { return m.largest }

// background returns the links of the model with the operator that they turn.
func (m *charged) background() (*links, *covariant) {
	k, err := m.gauge.on(m.l, m.charge)
	if err != nil {
		panic(err) // Build has tried it
	}
	w := m.h.withLinks()
	k.angles(w.theta, 0)
	w.turnLinks()
	return k, w
}

// Network returns the learning system of a background that stands still: for a
// scalar w = 1, J = 1 and the dual loss ½x†Kx, for a spinor w = 1, the bias tensor
// J = 𝐡 and the dual loss ½x†x, with γ = ε². Where A_0 or moving links transport
// the field the step is that of the transported frame, and no network has it as
// one step: an error.
func (m *charged) Network(step float64) (*network.System, error) {
	k, w := m.background()
	if !k.still || k.moving {
		return nil, fmt.Errorf("Network: the links of the background turn with time, and the learning is a gradient only in the frame that they transport; use a gauge without A_0 and a static A_j")
	}
	return m.pair(step, w)
}

func (m *charged) pair(step float64, w *covariant) (*network.System, error) {
	n := network.Network{Weights: weights.Identity(w.Size()), Rate: float64(step * step), Clock: step, Loss: network.Dual{K: w}}
	if m.spinor {
		n.Bias, n.Loss = w, network.Dual{K: weights.Identity(w.Size())}
	}
	return network.New(n)
}

// Evolve returns the step of [F] §5, with links at the time of their sub-step:
//
//	β ← u(β − ε𝐡φ),  φ ← uφ;      φ ← u(φ + ε𝐡β),  β ← uβ         (scalar: φ + εβ).
func (m *charged) Evolve(step float64) (Evolution, error) {
	k, w := m.background()
	n, err := m.pair(step, w)
	if err != nil {
		return nil, err
	}
	e := &transported{canonical: newCanonical(n, step), links: k, tensor: w}
	if k.moving || !k.still {
		e.open = "the links of the background turn with time"
	}
	return e, nil
}

// transported is a canonical evolution between moving links.
type transported struct {
	*canonical
	links  *links
	tensor *covariant
}

// set turns the spatial links to where they are at time t.
func (e *transported) set(t float64) {
	if e.links.moving {
		e.links.angles(e.tensor.theta, t)
		e.tensor.turnLinks()
	}
}

func (e *transported) Drift(s *State, c float64) {
	from := s.Time
	middle, to := from+float64(0.5*c*e.step), from+float64(c*e.step)
	e.links.transport(from, middle, s.Arrays[0], s.Arrays[1])
	e.set(middle)
	e.canonical.Drift(s, c)
	e.links.transport(middle, to, s.Arrays[0], s.Arrays[1])
}

func (e *transported) Kick(s *State, d float64) {
	e.set(s.Time)
	e.canonical.Kick(s, d)
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
	if m.gauge.works() {
		return out
	}
	density := m.energyDensity()
	return append(out, Invariant{Name: "energy", Symbol: "E", Value: func(s Snapshot) float64 {
		density(rho, s.State)
		return cell * sums.Sum(0, len(rho), func(i int) float64 { return rho[i] })
	}, Scale: func(s Snapshot) float64 { // the largest |ℋ| that these φ and β allow
		k := sums.Dot(s.Arrays[1], s.Arrays[1])
		if m.spinor {
			k *= m.largest
			return 0.5 * cell * (k + m.largest*sums.Dot(s.Arrays[0], s.Arrays[0]))
		}
		return 0.5 * cell * (k + m.largest*m.largest*sums.Dot(s.Arrays[0], s.Arrays[0]))
	}})
}

// EnergyDensity writes ½[β†β or β†𝐡β] + ½φ†𝐡φ of each site to dst; its sum times
// a^d is ℋ without the potential energy in A_0.
func (m *charged) EnergyDensity(dst []float64, s *State) { m.energyDensity()(dst, s) }

func (m *charged) energyDensity() func(dst []float64, s *State) {
	k, w := m.background()
	h := make([]float64, w.Size())
	return func(dst []float64, s *State) {
		k.angles(w.theta, s.Time)
		w.turnLinks()
		clear(dst)
		add := func(f, g []float64) {
			for i := range f {
				dst[i%len(dst)] += 0.5 * float64(f[i]*g[i])
			}
		}
		phi, beta := s.Arrays[0], s.Arrays[1]
		weights.Apply(h, w, phi)
		add(phi, h)
		if m.spinor {
			weights.Apply(h, w, beta)
			add(beta, h)
		} else {
			add(beta, beta)
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
	k, w := m.background()
	at := func(t float64) {
		k.angles(w.theta, t)
		w.turnLinks()
	}
	clear(dst)
	at(s.Time)
	if s.Staggered == nil {
		w.addFlow(dst, 1, s.Arrays[0])
		if m.spinor {
			w.addFlow(dst, 1, s.Arrays[1])
		}
		return
	}
	phi, beta := slices.Clone(s.Staggered.Arrays[0]), slices.Clone(s.Staggered.Arrays[1])
	w.addFlow(dst, 0.5, phi)
	middle, end := s.Time+float64(0.5*s.Epsilon), s.Time+s.Epsilon
	k.transport(s.Time, middle, phi, beta)
	at(middle)
	if m.spinor {
		w.addFlow(dst, 1, beta)
		w.AddApply(phi, s.Epsilon, beta)
	} else {
		for i, b := range beta {
			phi[i] += float64(s.Epsilon * b)
		}
	}
	k.transport(middle, end, phi)
	at(end)
	w.addFlow(dst, 0.5, phi)
}

// Frequency returns ω(k) of the free field on the lattice, not a number in a
// background or where the mass depends on the place.
func (m *charged) Frequency(k ...float64) float64 {
	if !m.gauge.empty() || m.frequency == nil {
		return math.NaN()
	}
	return m.frequency(k)
}

// setDoublets adds complex component fields to a charged array.
func addDoublets(dst []float64, f []complex128, n int) {
	for i, v := range f {
		at := i/n*2*n + i%n
		dst[at] += real(v)
		dst[at+n] += imag(v)
	}
}

// start transforms the initial state by the gauge of the model.
func (m *charged) start() error {
	s := &State{Arrays: [][]float64{m.phi, m.beta}}
	for _, lambda := range m.gauge.Transform {
		if err := m.GaugeTransformState(s, lambda); err != nil {
			return err
		}
	}
	return nil
}

// rows adds to a card what all charged fields share.
func (m *charged) rows(c *Card) {
	c.Rows = append(c.Rows, m.gauge.rows(m.charge)...)
	row := func(name, text, latex string) { c.Rows = append(c.Rows, Row{name, Formula{text, latex}}) }
	row("neurons", m.l.String(), "")
	row("initial", describe(m.initial), "")
	row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog)", 2/m.largest), fmt.Sprintf(`\varepsilon < 2/\omega_{\max} = %.6g\quad\text{(leapfrog)}`, 2/m.largest))
	var names []string
	for _, i := range m.Invariants() {
		names = append(names, i.Name)
	}
	row("invariants", strings.Join(names, ", "), "")
}

// ChargedScalar holds the parameters of a complex scalar field with charge q,
//
//	ℋ = Σ a^d [½|β|² + ½|Dφ|² + ½m²|φ|²],   D_j = ∂_j + iqA_j      [F] §5,
//
// in a background of U(1) links. Build makes a [Model] of it.
type ChargedScalar struct {
	Lattice lattice.Lattice
	Mass    float64 // m ≥ 0
	Charge  float64 // q ≠ 0
	Gauge   Gauge
	Initial []Initial
}

// ChargedPlaneWave is φ = A e^{i(k·x + phase)} with β = ∓iω(k)φ, ω being that of
// the free lattice and the sign the one of the energy, which is that of the charge.
func ChargedPlaneWave(options ...Option) Initial { return newInitial("charged-plane-wave", options) }

// ChargedPacket is φ = A exp(−|x−x₀|²/2w² + ik·(x−x₀) + i phase), each plane wave
// of it with its own frequency on the free lattice, β = F⁻¹[∓iω(k)Fφ].
func ChargedPacket(options ...Option) Initial { return newInitial("charged-packet", options) }

// Build checks the parameters and returns the model. It names the first
// parameter that is missing or out of its range.
func (p ChargedScalar) Build() (Model, error) {
	l := p.Lattice
	if l.Sites() == 0 {
		return nil, fmt.Errorf("no lattice; say where the neurons sit, for example Ring(512, 40)")
	}
	if err := CheckMass(p.Mass); err != nil {
		return nil, err
	}
	if _, err := p.Gauge.on(l, p.Charge); err != nil {
		return nil, err
	}
	diagonal := make([]float64, l.Sites())
	w := newCovariant(l, 1, "−D² + m² on charged doublets")
	sum := 0.0
	for j := range l.Dim() {
		a := l.Axis(j)
		for _, b := range []lattice.Boundary{a.Low, a.High} {
			if b.Sponge != (lattice.Sponge{}) || b.Kind == lattice.Driven {
				return nil, fmt.Errorf("the %s axis has an end that is driven or absorbs; charged fields here are closed, use Ring, Dirichlet or Neumann", lattice.AxisName(j))
			}
		}
		bond := 1 / (a.Spacing() * a.Spacing())
		sum += 4 * bond
		w.hops = append(w.hops, newHop(l, j, matrix{{complex(-bond, 0)}}))
		for x := range diagonal {
			diagonal[x] += 2 * bond
			for _, step := range []int{-1, 1} { // a Neumann wall cuts its bond
				if next, sign := l.Neighbour(x, j, step); next == x && sign > 0 {
					diagonal[x] -= bond
				}
			}
		}
	}
	for x := range diagonal {
		diagonal[x] += float64(p.Mass * p.Mass)
	}
	w.addOnsite(matrix{{1}}, diagonal)
	frequency2 := KleinGordon{Lattice: l, Mass: p.Mass}.frequency2
	m := &charged{
		theory: "charged-scalar", l: l, charge: p.Charge, gauge: p.Gauge, h: w,
		largest:   math.Sqrt(sum + p.Mass*p.Mass),
		frequency: func(k []float64) float64 { return math.Sqrt(frequency2(k)) },
		phi:       make([]float64, w.Size()), beta: make([]float64, w.Size()),
		card: p.card, spec: p.spec,
		with: func(g Gauge) (Model, error) { p.Gauge = g; return p.Build() },
	}
	for _, i := range p.Initial {
		i, err := i.resolve(l, 2, "charged-packet", "charged-plane-wave", "values")
		if err != nil {
			return nil, err
		}
		if err := m.addScalar(i); err != nil {
			return nil, err
		}
		m.initial = append(m.initial, i)
	}
	return m, m.start()
}

// addScalar adds a contribution to the state of a charged scalar.
func (m *charged) addScalar(i Initial) error {
	if i.kind == "values" {
		for s := range m.phi {
			m.phi[s] += i.phi[s]
			m.beta[s] += i.beta[s]
		}
		return nil
	}
	if i.energySign == 0 {
		return fmt.Errorf("%s: EnergySign(0); a charged scalar needs one sign, 1 or −1", initialCall(i.kind))
	}
	turn := func(k []float64) complex128 { return complex(0, -float64(i.energySign)*m.frequency(k)) }
	var f, g []complex128
	var err error
	if i.kind == "charged-plane-wave" {
		f = i.planeWave(m.l)
		for _, v := range f {
			g = append(g, turn(i.waveNumber)*v)
		}
	} else {
		if f, err = i.gaussian(m.l); err != nil {
			return err
		}
		g = slices.Clone(f)
		eachMode(m.l, g, func(n int, k []float64) { g[n] *= turn(k) })
		fft.NewPlan(m.l.Shape()).Inverse(g)
	}
	addDoublets(m.phi, f, m.l.Sites())
	addDoublets(m.beta, g, m.l.Sites())
	return nil
}

func (p ChargedScalar) card(m *charged) Card {
	c := Card{
		Title:    fmt.Sprintf("Charged scalar field on a %d-D lattice", m.l.Dim()),
		Equation: Formula{"D_t²φ = D²φ − m²φ, D = ∂ + iqA", `D_t^2\varphi = D^2\varphi - m^2\varphi,\quad D = \partial + iqA`},
		Network: Formula{
			"β ← u(β − εKφ), φ ← uφ; φ ← u(φ + εβ), β ← uβ; H = ½φ†Kφ",
			`\beta \leftarrow u(\beta - \varepsilon K\varphi),\ \varphi \leftarrow u\varphi;\quad \varphi \leftarrow u(\varphi + \varepsilon\beta),\ \beta \leftarrow u\beta;\quad H = \tfrac12\varphi^\dagger K\varphi`},
		Sources: []string{"V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §5"},
	}
	c.Rows = append(c.Rows,
		Row{"mass", Formula{fmt.Sprintf("m = %v", p.Mass), fmt.Sprintf("m = %v", p.Mass)}},
		Row{"weights", Formula{"K = −D² + m² with links, Hermitian: symmetric on doublets (re, im)", `K = -D^2 + m^2 = K^\dagger`}},
		Row{"dual loss", Formula{Text: "exists in temporal gauge (A_0 = 0): H = ½φ†Kφ with J = 1"}})
	m.rows(&c)
	return c
}

// chargedScalarSpec is the canonical form of a charged scalar.
type chargedScalarSpec struct {
	Theory  string        `json:"theory"`
	Lattice latticeSpec   `json:"lattice"`
	Mass    float64       `json:"mass"`
	Gauge   gaugeSpec     `json:"gauge"`
	Initial []initialSpec `json:"initial"`
}

func (p ChargedScalar) spec(m *charged, arrays Arrays) (any, error) {
	s := chargedScalarSpec{Theory: m.theory, Lattice: newLatticeSpec(p.Lattice, nil), Mass: p.Mass}
	var err error
	if s.Gauge, err = m.gauge.spec(m.charge, arrays); err != nil {
		return nil, err
	}
	s.Initial, err = initialSpecs(m.initial, arrays)
	return s, err
}
