package theory

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// ChargedDirac holds the parameters of a Dirac field with charge q, complex in φ
// and in β alike,
//
//	ℋ = Σ a^d [½β†𝐡β + ½φ†𝐡φ],   𝐡 = −iα_jD_j + m(x)β_D + (r a/2)(−D²)β_D + V(x)      [F] §5,
//
// in a background of U(1) links, with or without a gauge field of its own. (φ, β) hold two Dirac fields, ψ = φ + iβ with 𝐡
// and χ = φ − iβ with −𝐡; packets are pure ψ. As the unit of U(1) is not the one
// that pairs φ with β, 𝐡 is Hermitian, and a dual loss exists, in every
// representation. Build makes a [Model] of it.
type ChargedDirac struct {
	Dirac            // its Initial is in ψ = φ/…: see SpinorPacket
	Charge   float64 // q ≠ 0
	Gauge    Gauge
	Dynamics Action // of a dynamical gauge field; "" for none
}

// Build checks the parameters and returns the model. It names the first
// parameter that is missing or out of its range.
func (p ChargedDirac) Build() (Model, error) {
	free := p.Dirac
	free.Initial = nil
	built, err := free.Build()
	if err != nil {
		return nil, err
	}
	d, l := built.(*dirac), p.Lattice
	if _, err := p.Gauge.on(l, p.Charge); err != nil {
		return nil, err
	}
	w := newCovariant(l, d.components, "Dirac operator on charged doublets")
	sum := 0.0
	for j := range l.Dim() {
		w.hops = append(w.hops, newHop(l, j, diracHop(d.free, j)))
		sum += 1 / l.Spacing(j)
	}
	mass := slices.Clone(d.mass)
	for x := range mass {
		mass[x] += float64(p.Wilson * sum)
	}
	w.addOnsite(d.free.beta, mass)
	unit := newMatrix(d.components)
	for c := range unit {
		unit[c][c] = 1
	}
	w.addOnsite(unit, d.potential)
	// Links can add up what free waves cannot: only the triangle inequality is safe.
	middle := math.Abs(d.free.mass)
	bound := math.Hypot(middle, sum)
	if p.Wilson != 0 {
		bound = middle + float64(p.Wilson*sum) + float64(math.Max(1, p.Wilson)*sum)
	}
	m := &charged{
		theory: "charged-dirac", l: l, charge: p.Charge, gauge: p.Gauge, h: w, spinor: true,
		largest: bound + float64((slices.Max(d.mass)-slices.Min(d.mass))/2) + largest(d.potential),
		phi:     make([]float64, w.Size()), beta: make([]float64, w.Size()),
		card: p.card, spec: p.spec,
		with: func(g Gauge) (Model, error) { p.Gauge = g; return p.Build() },
	}
	if d.uniform() && d.potential[0] == 0 {
		m.frequency = d.free.frequency
	}
	var ofLinks []Initial
	for _, i := range p.Initial {
		i, err := i.resolve(l, 2*d.components, kinds(p.Dynamics, "spinor-packet", "spinor-plane-wave", "values")...)
		if err != nil {
			return nil, err
		}
		switch {
		case i.ofLinks():
			ofLinks = append(ofLinks, i)
		case i.kind == "values":
			i.addValues(m.phi, m.beta)
		default:
			s := d.free
			s.mass = d.mass[NearestSite(l, i.at)]
			if i, err = i.resolveSpinor(s); err != nil {
				return nil, err
			}
			f := i.spinorField(s)
			addDoublets(m.phi, f, l.Sites())
			for s := range f { // pure ψ: β = −iφ
				f[s] = elementary.Times(f[s], -1i)
			}
			addDoublets(m.beta, f, l.Sites())
		}
		m.initial = append(m.initial, i)
	}
	return m, m.start(p.Dynamics, ofLinks)
}

func (p ChargedDirac) card(m *charged) Card {
	c := Card{
		Title:    fmt.Sprintf("Charged Dirac field on a %d-D lattice", m.l.Dim()),
		Equation: Formula{"iD_tψ = (−iα·D + mβ_D)ψ, D = ∂ + iqA, ψ = φ + iβ", `iD_t\psi = (-i\alpha\cdot D + m\beta_D)\psi,\quad D = \partial + iqA,\ \psi = \varphi + i\beta`},
		Network: Formula{
			"β ← u(β − εhφ), φ ← uφ; φ ← u(φ + εhβ), β ← uβ; H = ½φ†φ, J = h",
			`\beta \leftarrow u(\beta - \varepsilon\mathbf{h}\varphi),\ \varphi \leftarrow u\varphi;\quad \varphi \leftarrow u(\varphi + \varepsilon\mathbf{h}\beta),\ \beta \leftarrow u\beta;\quad H = \tfrac12\varphi^\dagger\varphi,\ J = \mathbf{h}`},
		Sources: []string{"V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §5"},
	}
	row := func(name, text string) { c.Rows = append(c.Rows, Row{name, Formula{Text: text}}) }
	row("mass", p.massText())
	if p.Wilson != 0 {
		row("Wilson", fmt.Sprintf("(r a/2)(−D²)β_D, r = %v", p.Wilson))
	}
	if !p.Potential.Zero() {
		row("potential", "V(x) = "+p.Potential.String())
	}
	row("spinor", fmt.Sprintf("%d charged components, %s matrices", m.h.components, p.Representation.Name()))
	m.rows(&c)
	return c
}

// chargedDiracSpec is the canonical form of a charged Dirac field.
type chargedDiracSpec struct {
	diracSpec
	Gauge gaugeSpec `json:"gauge"`
}

func (p ChargedDirac) spec(m *charged, arrays Arrays) (any, error) {
	d := p.Dirac
	d.Initial = m.initial
	s := chargedDiracSpec{}
	var err error
	if s.diracSpec, err = d.spec(m.theory, arrays); err != nil {
		return nil, err
	}
	s.Gauge, err = m.gauge.spec(m.charge, p.Dynamics, arrays)
	return s, err
}

// DecodeChargedDirac reads what Spec of a charged Dirac field wrote.
func DecodeChargedDirac(spec []byte, arrays Arrays) (Model, error) {
	var s chargedDiracSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	d, err := s.diracSpec.build(arrays)
	if err != nil {
		return nil, err
	}
	p := ChargedDirac{Dirac: d, Charge: s.Gauge.Charge, Dynamics: s.Gauge.Dynamics}
	if p.Gauge, err = s.Gauge.build(arrays); err != nil {
		return nil, err
	}
	return p.Build()
}
