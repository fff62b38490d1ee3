package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Action names the energy of the magnetic field on plaquettes.
type Action string

// Actions, θ_P being q times the flux through a plaquette.
const (
	Compact    Action = "compact"     // 1 − cos θ_P, periodic in the flux
	NonCompact Action = "non-compact" // ½θ_P², Maxwell's own, linear
)

// CheckAction returns an error unless the action, given to a call, is known.
func CheckAction(call string, a Action) error {
	if a == Compact || a == NonCompact {
		return nil
	}
	return fmt.Errorf("%s(%q): use %q or %q", call, string(a), string(Compact), string(NonCompact))
}

// plaquettes is the energy of the magnetic field of A on a periodic lattice, per
// volume of a site,
//
//	p(A) = Σ_x Σ_{i<j} (1 − cos θ_P)/(q a_i a_j)²   or   ½θ_P²/(q a_i a_j)²,
//	θ_P = θ_i(x) + θ_j(x+î) − θ_i(x+ĵ) − θ_j(x),   θ_j = q a_j A_j.
//
// It is the dual loss of a network whose neurons are A and whose biases are E.
type plaquettes struct {
	l      lattice.Lattice
	charge float64
	action Action
	next   [][]int
}

func newPlaquettes(l lattice.Lattice, charge float64, call string, action Action) (*plaquettes, error) {
	if err := CheckAction(call, action); err != nil {
		return nil, err
	}
	if !l.Periodic() {
		return nil, fmt.Errorf("%s(%q): the lattice has walls; the links need periodic axes, use Ring, Torus or Cube", call, string(action))
	}
	p := &plaquettes{l: l, charge: charge, action: action}
	for j := range l.Dim() {
		p.next = append(p.next, forward(l, j))
	}
	return p, nil
}

// each calls f for every plaquette with its links and q times its flux.
func (p *plaquettes) each(a []float64, f func(i, j, x int, theta float64)) {
	n := p.l.Sites()
	for i := range p.next {
		for j := i + 1; j < len(p.next); j++ {
			si, sj := p.charge*p.l.Spacing(i), p.charge*p.l.Spacing(j)
			for x := range n {
				theta := float64(si*(a[i*n+x]-a[i*n+p.next[j][x]])) + float64(sj*(a[j*n+p.next[i][x]]-a[j*n+x]))
				f(i, j, x, theta)
			}
		}
	}
}

// area2 returns (q a_i a_j)².
func (p *plaquettes) area2(i, j int) float64 {
	s := p.charge * p.l.Spacing(i) * p.l.Spacing(j)
	return s * s
}

// energyOf returns the energy of one plaquette.
func (p *plaquettes) energyOf(i, j int, theta float64) float64 {
	if p.action == Compact {
		s := elementary.Sin(theta / 2) // 1 − cos θ without cancellation
		return 2 * s * s / p.area2(i, j)
	}
	return 0.5 * theta * theta / p.area2(i, j)
}

// energy returns p(A).
func (p *plaquettes) energy(a []float64) float64 {
	var all []float64
	p.each(a, func(i, j, _ int, theta float64) { all = append(all, p.energyOf(i, j, theta)) })
	return sums.Sum(0, len(all), func(i int) float64 { return all[i] })
}

// addForce adds α ∂p/∂A to dst.
func (p *plaquettes) addForce(dst []float64, alpha float64, a []float64) {
	n := p.l.Sites()
	for i := range p.next {
		for j := i + 1; j < len(p.next); j++ {
			si, sj := p.charge*p.l.Spacing(i), p.charge*p.l.Spacing(j)
			f := alpha / p.area2(i, j)
			for x := range n {
				toJ, toI := p.next[j][x], p.next[i][x]
				theta := float64(si*(a[i*n+x]-a[i*n+toJ])) + float64(sj*(a[j*n+toI]-a[j*n+x]))
				if p.action == Compact {
					theta = elementary.Sin(theta)
				}
				gi, gj := float64(float64(f*si)*theta), float64(float64(f*sj)*theta)
				dst[i*n+x] += gi
				dst[i*n+toJ] -= gi
				dst[j*n+toI] += gj
				dst[j*n+x] -= gj
			}
		}
	}
}

// Value returns the loss p(A): plaquettes is a network.Loss.
func (p *plaquettes) Value(_ *network.Network, x, _ []float64) float64 { return p.energy(x) }

// AddGradient adds α ∂p/∂A to gx.
func (p *plaquettes) AddGradient(_ *network.Network, gx, _ []float64, alpha float64, x, _ []float64) {
	p.addForce(gx, alpha, x)
}

// addEnergyDensity adds ½E² and the magnetic energy to the sites where links and
// plaquettes begin.
func (p *plaquettes) addEnergyDensity(dst, a, e []float64) {
	for i, v := range e {
		dst[i%len(dst)] += 0.5 * float64(v*v)
	}
	p.each(a, func(i, j, x int, theta float64) { dst[x] += p.energyOf(i, j, theta) })
}

// addDivergence adds Σ_j [E_j(x) − E_j(x−ĵ)]/a_j to dst.
func (p *plaquettes) addDivergence(dst, e []float64) {
	n := p.l.Sites()
	for j, next := range p.next {
		for x, y := range next {
			flow := e[j*n+x] / p.l.Spacing(j)
			dst[x] += flow
			dst[y] -= flow
		}
	}
}

// photon returns ω(k) of a free wave: ω² = Σ (4/a²) sin²(k_j a/2).
func (p *plaquettes) photon(k []float64) float64 {
	return math.Sqrt(KleinGordon{Lattice: p.l}.frequency2(k))
}

// fastest returns the largest photon frequency.
func (p *plaquettes) fastest() float64 {
	w2 := 0.0
	for j := range p.l.Dim() {
		w2 += 4 / (p.l.Spacing(j) * p.l.Spacing(j))
	}
	return math.Sqrt(w2)
}

// fields describes the arrays of links.
func (p *plaquettes) fields() []Field {
	shape := append([]int{p.l.Dim()}, p.l.Shape()...)
	return []Field{
		{Name: "A", Symbol: "A", Role: Links, Shape: shape},
		{Name: "E", Symbol: "E", Role: Links, Shape: shape},
	}
}

// coulomb adds the electric field −∇Φ of charges to e such that div E = ρ − ρ̄: a
// torus holds no net charge, so a uniform one at rest stands against it.
func (p *plaquettes) coulomb(e, rho []float64) {
	f := make([]complex128, len(rho))
	charged := false
	for x, v := range rho {
		f[x] = complex(v, 0)
		charged = charged || v != 0
	}
	if !charged {
		return
	}
	eachMode(p.l, f, func(mode int, k []float64) {
		if w := p.photon(k); w > 0 {
			f[mode] /= complex(w*w, 0)
		} else {
			f[mode] = 0
		}
	})
	fft.NewPlan(p.l.Shape()).Inverse(f)
	for j, next := range p.next {
		for x, y := range next {
			e[j*len(rho)+x] -= (real(f[y]) - real(f[x])) / p.l.Spacing(j)
		}
	}
}

// LinkWave is a plane wave of the gauge field,
//
//	A_j = A e_j cos(k·x + ½k_j a_j + phase),   E_j = ∂_tA_j = A ω e_j sin(k·x + ½k_j a_j + phase),
//
// e being what is left of the given polarisation across k, normalised. On a
// periodic axis k must fit: k = 2πn/L; [Mode] always fits.
func LinkWave(options ...Option) Initial { return newInitial("link-wave", options) }

// LinkValues gives A and E at every link, axis after axis in row-major order.
func LinkValues(a, e []float64) Initial {
	return newInitial("link-values", []Option{
		{name: "a", set: func(i *Initial) { i.phi = slices.Clone(a) }},
		{name: "e", set: func(i *Initial) { i.beta = slices.Clone(e) }},
	})
}

// Polarisation is the direction of the electric field of a wave, one component for
// each axis; what lies along the wave vector is taken away.
func Polarisation(e ...float64) Option {
	return option("Polarisation", "finite", e, anything, "polarisation", func(i *Initial) { i.polarisation = e })
}

// addInitial adds a contribution of links, resolved, to A and E.
func (p *plaquettes) addInitial(a, e []float64, i Initial) error {
	if i.kind == "link-values" {
		for s := range a {
			a[s] += i.phi[s]
			e[s] += i.beta[s]
		}
		return nil
	}
	d, n := p.l.Dim(), p.l.Sites()
	direction, err := components("LinkWave", "Polarisation", i.polarisation, d, func(int) float64 { return 0 })
	if err != nil {
		return err
	}
	gradient := make([]float64, d)
	along, square := 0.0, 0.0
	for j, k := range i.waveNumber {
		h := p.l.Spacing(j)
		gradient[j] = 2 / h * elementary.Sin(k*h/2)
		along += float64(gradient[j] * direction[j])
		square += float64(gradient[j] * gradient[j])
	}
	if square == 0 {
		return fmt.Errorf("LinkWave: the wave number is 0; give Mode or WaveNumber")
	}
	size := 0.0
	across := slices.Clone(direction)
	for j := range across {
		across[j] -= along * gradient[j] / square
		size += float64(across[j] * across[j])
	}
	if size < 1e-20 {
		return fmt.Errorf("LinkWave: Polarisation(%s) lies along the wave vector %s; a gauge wave is transverse, give another direction (one axis has none)", list(direction), list(i.waveNumber))
	}
	omega := math.Sqrt(square)
	for j := range d {
		scale := i.amplitude * across[j] / math.Sqrt(size)
		each(p.l, func(site int, x []float64) {
			arg := i.phase + float64(i.waveNumber[j]*p.l.Spacing(j)/2)
			for m, k := range i.waveNumber {
				arg += float64(k * x[m])
			}
			a[j*n+site] += float64(scale * elementary.Cos(arg))
			e[j*n+site] += float64(float64(scale*omega) * elementary.Sin(arg))
		})
	}
	return nil
}

// Maxwell holds the parameters of a free U(1) gauge field in temporal gauge,
//
//	ℋ = Σ a^d [½E² + p(A)],   Ȧ = E,   Ė = −∂p/∂A,
//
// on the links of a periodic lattice (an extension of this project of [F] §5): the
// links are neurons, E their biases, and the magnetic energy of the plaquettes is
// the dual loss. Build makes a [Model] of it.
type Maxwell struct {
	Lattice lattice.Lattice
	Charge  float64 // q: what a compact link is periodic in
	Action  Action  // "" is NonCompact
	Initial []Initial
}

type maxwell struct {
	p    Maxwell
	loss *plaquettes
	a, e []float64
}

// Build checks the parameters and returns the model. It names the first
// parameter that is missing or out of its range.
func (p Maxwell) Build() (Model, error) {
	l := p.Lattice
	if l.Sites() == 0 {
		return nil, fmt.Errorf("no lattice; say where the links are, for example Torus(64, 20)")
	}
	if p.Action == "" {
		p.Action = NonCompact
	}
	if err := CheckCharge(p.Charge); err != nil {
		return nil, err
	}
	m := &maxwell{p: p, a: make([]float64, l.Dim()*l.Sites()), e: make([]float64, l.Dim()*l.Sites())}
	var err error
	if m.loss, err = newPlaquettes(l, p.Charge, "Action", p.Action); err != nil {
		return nil, err
	}
	m.p.Initial = nil
	for _, i := range p.Initial {
		i, err := i.resolve(l, l.Dim(), "link-wave", "link-values")
		if err != nil {
			return nil, err
		}
		if err := m.loss.addInitial(m.a, m.e, i); err != nil {
			return nil, err
		}
		m.p.Initial = append(m.p.Initial, i)
	}
	return m, nil
}

// LinkPhases returns θ_j(x) = q a_j A_j(x).
func (m *maxwell) LinkPhases(s *State) []float64 {
	theta := slices.Clone(s.Arrays[0])
	n := m.p.Lattice.Sites()
	for i := range theta {
		theta[i] *= m.p.Charge * m.p.Lattice.Spacing(i/n)
	}
	return theta
}

// Build returns the model itself: a model is its own builder.
func (m *maxwell) Build() (Model, error)    { return m, nil }
func (m *maxwell) Theory() string           { return "maxwell" }
func (m *maxwell) Numerics() int            { return 1 }
func (m *maxwell) Portable() bool           { return true }
func (m *maxwell) Lattice() lattice.Lattice { return m.p.Lattice }
func (m *maxwell) Fields() []Field          { return m.loss.fields() }

func (m *maxwell) Initial() *State {
	return &State{Arrays: [][]float64{slices.Clone(m.a), slices.Clone(m.e)}}
}

// MaxFrequency returns that of the fastest wave of a weak field; a compact field is
// never stiffer.
func (m *maxwell) MaxFrequency(*State) float64 { return m.loss.fastest() }

// Network returns the learning system whose neurons are A and whose biases are E:
// w = 1, J = 1, dual loss p(A), γ = ε².
func (m *maxwell) Network(step float64) (*network.System, error) {
	return network.New(network.Network{Weights: weights.Identity(len(m.a)), Loss: m.loss, Rate: float64(step * step), Clock: step})
}

// Evolve returns the dynamics of the network's own step.
func (m *maxwell) Evolve(step float64) (Evolution, error) {
	n, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	return newCanonical(n, step), nil
}

func (m *maxwell) Invariants() []Invariant {
	cell := m.p.Lattice.CellVolume()
	gauss := make([]float64, m.p.Lattice.Sites())
	return []Invariant{
		{Name: "energy", Symbol: "E", Value: func(s Snapshot) float64 {
			return cell * (float64(0.5*sums.Dot(s.Arrays[1], s.Arrays[1])) + m.loss.energy(s.Arrays[0]))
		}},
		{Name: "Gauss law", Symbol: "max |∇·E|", Value: func(s Snapshot) float64 {
			clear(gauss)
			m.loss.addDivergence(gauss, s.Arrays[1])
			return largest(gauss)
		}, Scale: func(s Snapshot) float64 { return largest(s.Arrays[1]) * m.loss.fastest() }},
	}
}

// EnergyDensity writes the electric and magnetic energy of each site to dst.
func (m *maxwell) EnergyDensity(dst []float64, s *State) {
	clear(dst)
	m.loss.addEnergyDensity(dst, s.Arrays[0], s.Arrays[1])
}

// Frequency returns ω(k) of a weak wave on the lattice.
func (m *maxwell) Frequency(k ...float64) float64 { return m.loss.photon(k) }

func (m *maxwell) Card() Card {
	c := Card{
		Title:    fmt.Sprintf("Gauge field on a %d-D lattice", m.p.Lattice.Dim()),
		Equation: Formula{"∂A/∂t = E, ∂E/∂t = −∇×∇×A", `\partial_t A = E,\quad \partial_t E = -\nabla\times\nabla\times A`},
		Network: Formula{
			"activation A ← A + εE, learning E ← E − ε dH/dE, H = Σ_P p(θ_P)",
			`A \leftarrow A + \varepsilon E,\qquad E \leftarrow E - \varepsilon\,\frac{dH}{dE},\qquad H = \sum_P p(\theta_P)`},
	}
	row := func(name, text string) { c.Rows = append(c.Rows, Row{name, Formula{Text: text}}) }
	energy := "p = ½θ_P²/(qa²)²"
	if m.p.Action == Compact {
		energy = "p = (1 − cos θ_P)/(qa²)², the equation being that of weak fields"
	}
	row("plaquettes", fmt.Sprintf("%s, %s, q = %v", m.p.Action, energy, m.p.Charge))
	row("dual loss", "exists: the magnetic energy, J = 1")
	row("links", m.p.Lattice.String())
	row("initial", strings.ReplaceAll(describe(m.p.Initial), "φ = β", "A = E"))
	row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog)", 2/m.loss.fastest()))
	row("invariants", "energy, Gauss law")
	return c
}

// maxwellSpec is the canonical form of a gauge field.
type maxwellSpec struct {
	Theory  string        `json:"theory"`
	Lattice LatticeSpec   `json:"lattice"`
	Charge  float64       `json:"charge"`
	Action  Action        `json:"action"`
	Initial []initialSpec `json:"initial"`
}

func (m *maxwell) Spec(arrays Arrays) (any, error) {
	s := maxwellSpec{Theory: m.Theory(), Lattice: NewLatticeSpec(m.p.Lattice, nil), Charge: m.p.Charge, Action: m.p.Action}
	var err error
	s.Initial, err = initialSpecs(m.p.Initial, arrays)
	return s, err
}

// DecodeMaxwell reads what Spec of a gauge field wrote.
func DecodeMaxwell(spec []byte, arrays Arrays) (Model, error) {
	var s maxwellSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	p := Maxwell{Charge: s.Charge, Action: s.Action}
	var err error
	if p.Lattice, _, err = s.Lattice.Build(); err != nil {
		return nil, fmt.Errorf("lattice: %w", err)
	}
	if p.Initial, err = buildInitial(s.Initial, arrays); err != nil {
		return nil, err
	}
	return p.Build()
}

// String returns the card.
func (m *maxwell) String() string { return Text(m) }
