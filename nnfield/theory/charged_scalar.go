package theory

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// ChargedScalar holds the parameters of a complex scalar field with charge q,
//
//	ℋ = Σ a^d [½|β|² + ½|Dφ|² + ½m²|φ|²],   D_j = ∂_j + iqA_j      [F] §5,
//
// in a background of U(1) links, with or without a gauge field of its own. Build
// makes a [Model] of it.
type ChargedScalar struct {
	Lattice  lattice.Lattice
	Mass     float64 // m ≥ 0
	Charge   float64 // q ≠ 0
	Gauge    Gauge
	Dynamics Action // of a dynamical gauge field; "" for none
	Initial  []Initial
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
		sum += float64(4 * bond)
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
		largest:   math.Sqrt(sum + float64(p.Mass*p.Mass)),
		frequency: func(k []float64) float64 { return math.Sqrt(frequency2(k)) },
		phi:       make([]float64, w.Size()), beta: make([]float64, w.Size()),
		card: p.card, spec: p.spec,
		with: func(g Gauge) (Model, error) { p.Gauge = g; return p.Build() },
	}
	var ofLinks []Initial
	for _, i := range p.Initial {
		i, err := i.resolve(l, 2, kinds(p.Dynamics, "charged-packet", "charged-plane-wave", "values")...)
		if err != nil {
			return nil, err
		}
		if i.ofLinks() {
			ofLinks = append(ofLinks, i)
		} else if err := m.addScalar(i); err != nil {
			return nil, err
		}
		m.initial = append(m.initial, i)
	}
	return m, m.start(p.Dynamics, ofLinks)
}

// addScalar adds a contribution to the state of a charged scalar.
func (m *charged) addScalar(i Initial) error {
	if i.kind == "values" {
		i.addValues(m.phi, m.beta)
		return nil
	}
	if i.energySign == 0 {
		return fmt.Errorf("%s: EnergySign(0); a charged scalar needs one sign, 1 or −1", initialCall(i.kind))
	}
	turn := func(k []float64) complex128 { return complex(0, -float64(i.energySign)*m.frequency(k)) }
	var f, g []complex128
	if i.kind == "charged-plane-wave" {
		f = i.planeWave(m.l)
		for _, v := range f {
			g = append(g, elementary.Times(turn(i.waveNumber), v))
		}
	} else {
		if err := i.checkGaussian(m.l); err != nil {
			return err
		}
		f = i.gaussian(m.l)
		g = slices.Clone(f)
		eachMode(m.l, g, func(n int, k []float64) { g[n] = elementary.Times(g[n], turn(k)) })
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
		Row{"weights", Formula{"K = −D² + m² with links, Hermitian: symmetric on doublets (re, im)", `K = -D^2 + m^2 = K^\dagger`}})
	m.rows(&c)
	return c
}

// chargedScalarSpec is the canonical form of a charged scalar.
type chargedScalarSpec struct {
	Theory  string        `json:"theory"`
	Lattice LatticeSpec   `json:"lattice"`
	Mass    float64       `json:"mass"`
	Gauge   gaugeSpec     `json:"gauge"`
	Initial []initialSpec `json:"initial"`
}

func (p ChargedScalar) spec(m *charged, arrays Arrays) (any, error) {
	s := chargedScalarSpec{Theory: m.theory, Lattice: NewLatticeSpec(p.Lattice, nil), Mass: p.Mass}
	var err error
	if s.Gauge, err = m.gauge.spec(m.charge, p.Dynamics, arrays); err != nil {
		return nil, err
	}
	s.Initial, err = initialSpecs(m.initial, arrays)
	return s, err
}

// DecodeChargedScalar reads what Spec of a charged scalar wrote.
func DecodeChargedScalar(spec []byte, arrays Arrays) (Model, error) {
	var s chargedScalarSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	p := ChargedScalar{Mass: s.Mass, Charge: s.Gauge.Charge, Dynamics: s.Gauge.Dynamics}
	var err error
	if p.Lattice, _, err = s.Lattice.Build(); err != nil {
		return nil, fmt.Errorf("lattice: %w", err)
	}
	if p.Gauge, err = s.Gauge.build(arrays); err != nil {
		return nil, err
	}
	if p.Initial, err = buildInitial(s.Initial, arrays); err != nil {
		return nil, err
	}
	return p.Build()
}
