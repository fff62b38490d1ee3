package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Dirac holds the parameters of a Dirac field ψ = φ + iβ,
//
//	i∂ψ/∂t = hψ,   h = −iα_j∂_j + m(x)β_D + (r a/2)(−∇²)β_D + V(x)      [F §4]
//
// with the central difference ∂_j. With h = h_S + ih_A, h_S real symmetric and
// h_A real antisymmetric,
//
//	φ̇ = h_S β + h_A φ,   β̇ = −h_S φ + h_A β.
//
// In the representation of real matrices h_A = 0 and h_S = B, the network's bias
// tensor: activation φ ← φ + εBβ, learning β ← β − ε dH/dβ with the dual loss
// H = ½φᵀφ and J = B. Build makes a [Model] of it.
type Dirac struct {
	Lattice        lattice.Lattice
	Mass           float64 // of either sign; m(x) = Mass + MassProfile(x)
	MassProfile    Profile
	Wilson         float64 // r ≥ 0; 0 leaves 2^d doublers
	Potential      Profile // V(x), a scalar potential
	Representation Representation
	Initial        []Initial
}

// dirac is the built model.
type dirac struct {
	p          Dirac
	free       symbol // of the mass in the middle of its range
	mass       []float64
	potential  []float64
	symmetric  weights.Tensor // h_S
	generator  weights.Tensor // h_A, nil if it vanishes
	hops       []hop
	largest    float64 // bound of |h|
	components int
	start      func() (phi, beta []float64) // at t = 0; made when first asked for, not to be changed
	verdict    func() string
}

// Build checks the parameters and returns the model. It names the first
// parameter that is missing or out of its range.
func (p Dirac) Build() (Model, error) {
	l := p.Lattice
	if l.Sites() == 0 {
		return nil, fmt.Errorf("no lattice; say where the neurons sit, for example Ring(512, 40)")
	}
	if err := CheckWilson(p.Wilson); err != nil {
		return nil, err
	}
	if err := checkSpinorWalls(l, p.Wilson); err != nil {
		return nil, err
	}
	m := &dirac{p: p}
	var err error
	if m.mass, err = massProfile(p.Mass, p.MassProfile, l); err != nil {
		return nil, err
	}
	if m.potential, err = p.Potential.Static("ScalarPotential", l); err != nil {
		return nil, err
	}
	alpha, beta, err := p.Representation.on(l.Dim())
	if err != nil {
		return nil, err
	}
	m.components = len(beta)
	low, high := slices.Min(m.mass), slices.Max(m.mass)
	m.free = symbol{l, alpha, beta, (low + high) / 2, p.Wilson}
	m.largest = m.free.largestFrequency() + float64((high-low)/2) + largest(m.potential)
	for j := range l.Dim() {
		m.hops = append(m.hops, newHop(l, j, diracHop(m.free, j)))
	}
	if err := m.tensors(); err != nil {
		return nil, err
	}
	m.verdict = sync.OnceValue(m.dualLoss)
	return m, m.compose()
}

// CheckDiracMass returns an error unless the mass is finite.
func CheckDiracMass(m float64) error {
	if math.IsNaN(m) || math.IsInf(m, 0) {
		return fmt.Errorf("Mass(%v): the mass must be finite; it may have either sign", m)
	}
	return nil
}

// CheckWilson returns an error unless r is finite and not negative.
func CheckWilson(r float64) error {
	if !(r >= 0) || math.IsInf(r, 1) {
		return fmt.Errorf("Wilson(%v): r must be finite and not negative; use Wilson(1) to lift the doublers, Wilson(0) for none", r)
	}
	return nil
}

// checkSpinorWalls refuses boundaries that a spinor cannot have.
func checkSpinorWalls(l lattice.Lattice, wilson float64) error {
	for j := range l.Dim() {
		for _, side := range []lattice.Side{lattice.Low, lattice.High} {
			b := l.Axis(j).Boundary(side)
			where := fmt.Sprintf("the %s end of the %s axis", side, lattice.AxisName(j))
			switch {
			case b.Sponge != (lattice.Sponge{}):
				return fmt.Errorf("%s has a sponge, which damps β alone and not the spinor; use Ring, or Dirichlet with Wilson(1)", where)
			case b.Kind == lattice.Neumann:
				return fmt.Errorf("%s is Neumann, where the central difference is not antisymmetric and h not Hermitian; use Ring, or Dirichlet with Wilson(1)", where)
			case b.Kind == lattice.Driven:
				return fmt.Errorf("%s is driven; a spinor has no boundary neurons here, use Ring, or Dirichlet with Wilson(1)", where)
			case b.Kind == lattice.Dirichlet && wilson == 0:
				return fmt.Errorf("%s is Dirichlet, which without a Wilson term turns a packet entirely into doublers; use Wilson(1) or Ring", where)
			}
		}
	}
	return nil
}

// massProfile returns m(x) = mass + profile(x) at every site.
func massProfile(mass float64, p Profile, l lattice.Lattice) ([]float64, error) {
	if err := CheckDiracMass(mass); err != nil {
		return nil, err
	}
	m, err := p.Static("MassProfile", l)
	for i := range m {
		m[i] += mass
	}
	return m, err
}

func largest(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		most = max(most, math.Abs(v))
	}
	return most
}

// diracHop returns T_j = (−iα_j − rβ_D)/2a.
func diracHop(s symbol, j int) matrix {
	half := complex(1/(2*s.l.Spacing(j)), 0)
	return s.alpha[j].times(elementary.Times(-1i, half)).plus(elementary.Times(-complex(s.wilson, 0), half), s.beta)
}

// split returns the real and the imaginary part of a matrix, nil where one is 0.
func (m matrix) split() (re, im *mat.Dense) {
	n := len(m)
	re, im = mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	var some [2]bool
	for i, row := range m {
		for j, v := range row {
			re.Set(i, j, real(v))
			im.Set(i, j, imag(v))
			some[0], some[1] = some[0] || real(v) != 0, some[1] || imag(v) != 0
		}
	}
	if !some[0] {
		re = nil
	}
	if !some[1] {
		im = nil
	}
	return re, im
}

// tensors sets h_S and h_A as sums of Kronecker products types ⊗ sites.
func (m *dirac) tensors() error {
	l, n := m.p.Lattice, m.components
	var symmetric, generator []weights.Tensor
	add := func(types matrix, sites weights.Tensor) error {
		re, im := types.split()
		for _, part := range []struct {
			types *mat.Dense
			to    *[]weights.Tensor
		}{{re, &symmetric}, {im, &generator}} {
			if part.types == nil {
				continue
			}
			k, err := weights.NewKron(part.types, sites)
			if err != nil {
				return err
			}
			*part.to = append(*part.to, k)
		}
		return nil
	}
	for j, a := range m.free.alpha {
		d, err := weights.Derivative(l, j)
		if err != nil {
			return err
		}
		if err := add(a.times(-1i), d); err != nil {
			return err
		}
	}
	var sites []weights.Tensor
	if slices.Min(m.mass) == slices.Max(m.mass) {
		sites = append(sites, weights.Scale(m.mass[0], weights.Identity(l.Sites())))
	} else {
		sites = append(sites, weights.Diagonal(m.mass))
	}
	if r := m.p.Wilson; r != 0 {
		var taps []weights.Tap
		for j := range l.Dim() {
			var next, before [3]int
			next[j], before[j] = 1, -1
			a := l.Spacing(j)
			taps = append(taps, weights.Tap{Weight: r / a}, weights.Tap{Offset: next, Weight: -r / (2 * a)}, weights.Tap{Offset: before, Weight: -r / (2 * a)})
		}
		w, err := weights.NewStencil(l, "(r a/2)(−∇²)", taps)
		if err != nil {
			return err
		}
		sites = append(sites, w)
	}
	if largest(m.mass) != 0 || m.p.Wilson != 0 {
		if err := add(m.free.beta, weights.Add(sites...)); err != nil {
			return err
		}
	}
	if largest(m.potential) != 0 {
		unit := newMatrix(n)
		for c := range n {
			unit[c][c] = 1
		}
		if err := add(unit, weights.Diagonal(m.potential)); err != nil {
			return err
		}
	}
	if symmetric == nil {
		symmetric = append(symmetric, weights.Scale(0, weights.Identity(n*l.Sites())))
	}
	m.symmetric = weights.Add(symmetric...)
	if generator != nil {
		m.generator = weights.Add(generator...)
	}
	return nil
}

// neurons returns the number of neurons, one for each component and site.
func (m *dirac) neurons() int { return m.components * m.p.Lattice.Sites() }

// compose checks and resolves the contributions to the initial state.
func (m *dirac) compose() error {
	l := m.p.Lattice
	var contributions []func(phi, beta []float64)
	given := m.p.Initial
	m.p.Initial = nil
	for _, i := range given {
		i, err := i.resolve(l, m.components, "spinor-packet", "spinor-plane-wave", "values")
		if err != nil {
			return err
		}
		if i.kind == "values" {
			contributions = append(contributions, i.addValues)
		} else {
			s := m.free
			s.mass = m.mass[NearestSite(l, i.at)]
			if i, err = i.resolveSpinor(s); err != nil {
				return err
			}
			contributions = append(contributions, func(phi, beta []float64) {
				for n, v := range i.spinorField(s) {
					phi[n] += real(v)
					beta[n] += imag(v)
				}
			})
		}
		m.p.Initial = append(m.p.Initial, i)
	}
	m.start = sync.OnceValues(func() (phi, beta []float64) {
		phi, beta = make([]float64, m.neurons()), make([]float64, m.neurons())
		for _, c := range contributions {
			c(phi, beta)
		}
		return phi, beta
	})
	return nil
}

// NearestSite returns the site nearest to a place on a lattice: one coordinate for
// each axis, from 0 to its length.
func NearestSite(l lattice.Lattice, at []float64) int {
	site := 0
	for j, x := range at {
		a := l.Axis(j)
		i := int(math.Round((x - a.Coordinate(0)) / a.Spacing()))
		if a.Periodic() {
			i %= a.Sites
		}
		site += min(max(i, 0), a.Sites-1) * l.Stride(j)
	}
	return site
}

// carriage says, for a card, which derivative of its loss a network whose weights
// carry its biases learns by, at half the limit of the step.
func carriage(m Model) string {
	n, err := m.Network(1 / m.MaxFrequency(nil))
	if err != nil {
		return err.Error()
	}
	return n.Carriage(0).String()
}

// dualLoss is the verdict on the dual loss for the card.
func (m *dirac) dualLoss() string {
	if m.generator == nil {
		return "exists: H = ½φᵀφ with J = B (K = M = B symmetric, A = 0)"
	}
	v, err := duality.Existence(m.hamiltonian())
	if err != nil {
		return err.Error()
	}
	v.Worst = nil
	return v.String()
}

// hamiltonian returns ℋ = ½βᵀh_Sβ + βᵀh_Aφ + ½φᵀh_Sφ.
func (m *dirac) hamiltonian() duality.Hamiltonian {
	return duality.Hamiltonian{M: m.symmetric, A: m.generator, K: m.symmetric}
}

// Build returns the model itself: a model is its own builder.
func (m *dirac) Build() (Model, error)    { return m, nil }
func (m *dirac) Theory() string           { return "dirac" }
func (m *dirac) Numerics() int            { return 3 }
func (m *dirac) Portable() bool           { return !transformed(m.p.Initial) }
func (m *dirac) Lattice() lattice.Lattice { return m.p.Lattice }

// DiracParameters returns the parameters of a Dirac model, with every default
// written out; ok tells whether the model is one.
func DiracParameters(m Model) (p Dirac, ok bool) {
	d, ok := m.(*dirac)
	if ok {
		p = d.p
	}
	return p, ok
}

// DiracHamiltonian returns the Hamiltonian ½βᵀh_Sβ + βᵀh_Aφ + ½φᵀh_Sφ of a Dirac
// model for package duality; ok tells whether the model is one.
func DiracHamiltonian(m Model) (h duality.Hamiltonian, ok bool) {
	d, ok := m.(*dirac)
	if ok {
		h = d.hamiltonian()
	}
	return h, ok
}

func (m *dirac) Fields() []Field {
	types := make([]string, m.components)
	for i := range types {
		types[i] = fmt.Sprint(i + 1)
	}
	shape := m.p.Lattice.Shape()
	return []Field{
		{Name: "phi", Symbol: "φ", Role: Sites, Shape: shape, Types: types},
		{Name: "beta", Symbol: "β", Role: Sites, Shape: shape, Types: types},
	}
}

func (m *dirac) Initial() *State {
	phi, beta := m.start()
	return &State{Arrays: [][]float64{slices.Clone(phi), slices.Clone(beta)}}
}

// MaxFrequency returns the norm of the free h at the middle of the masses, plus
// half their range, plus max |V|.
func (m *dirac) MaxFrequency(*State) float64 { return m.largest }

// Network returns the learning system of [F §4]: the bias tensor h_S, identity
// activation, loss ½xᵀx, learning rate γ = ε², and as weights the flow e^{εh_A}: 1 in
// the real matrices, where the loss is dual to the Hamiltonian.
func (m *dirac) Network(step float64) (*network.System, error) {
	n := network.Network{
		Weights: weights.Identity(m.neurons()),
		Bias:    m.symmetric,
		Loss:    network.Dual{K: weights.Identity(m.neurons())},
		Rate:    float64(step * step),
		Clock:   step,
	}
	if m.generator != nil {
		n.Flow = network.NewExponential(m.generator, m.generator, m.largest, step)
	}
	return network.New(n)
}

// Evolve returns the dynamics of the network's own step, by kernels where there are
// some for B.
func (m *dirac) Evolve(step float64) (Evolution, error) {
	n, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	return EvolveNetwork(n, m.p.Lattice, nil), nil
}

func (m *dirac) Invariants() []Invariant {
	l := m.p.Lattice
	cell := l.CellVolume()
	a, b := make([]float64, m.neurons()), make([]float64, m.neurons())
	out := []Invariant{
		{Name: "charge", Symbol: "Q", Value: func(s Snapshot) float64 {
			phi, beta := s.Arrays[0], s.Arrays[1]
			return cell * (sums.Dot(phi, phi) + sums.Dot(beta, beta))
		}},
		{Name: "energy", Symbol: "E", Value: func(s Snapshot) float64 {
			phi, beta := s.Arrays[0], s.Arrays[1]
			weights.Apply(a, m.symmetric, phi)
			weights.Apply(b, m.symmetric, beta)
			e := sums.Dot(phi, a) + sums.Dot(beta, b)
			if m.generator != nil {
				weights.Apply(a, m.generator, phi)
				e += 2 * sums.Dot(beta, a)
			}
			return cell * e
		}, Scale: func(s Snapshot) float64 { // the largest |E| that this state allows
			return cell * m.largest * (sums.Dot(s.Arrays[0], s.Arrays[0]) + sums.Dot(s.Arrays[1], s.Arrays[1]))
		}},
	}
	if m.generator == nil {
		// Σφ_n² + β_{n−½}β_{n+½}: what leapfrog itself conserves, to round-off.
		out = append(out, Invariant{Name: "staggered charge", Symbol: "Q_s", Staggered: true, Value: func(s Snapshot) float64 {
			phi, beta := s.Staggered.Arrays[0], s.Staggered.Arrays[1]
			weights.Apply(a, m.symmetric, phi)
			return cell * (sums.Dot(phi, phi) + sums.Dot(beta, beta) + float64(s.Epsilon*sums.Dot(beta, a)))
		}})
	}
	if !m.uniform() {
		return out
	}
	for j := range l.Dim() {
		if !l.Axis(j).Periodic() {
			continue
		}
		d, err := weights.Derivative(l, j)
		if err != nil {
			continue // cannot fail on a periodic axis
		}
		name, sites := lattice.AxisName(j), l.Sites()
		derivative := func(dst, src []float64) {
			for c := 0; c < len(src); c += sites {
				weights.Apply(dst[c:c+sites], d, src[c:c+sites])
			}
		}
		out = append(out, Invariant{
			Name: "momentum " + name, Symbol: "P_" + name,
			Value: func(s Snapshot) float64 { // ψ†(−i∂)ψ
				derivative(a, s.Arrays[1])
				return 2 * cell * sums.Dot(s.Arrays[0], a)
			},
			Scale: func(s Snapshot) float64 { // ‖ψ‖‖∂ψ‖, the largest |P| that a field of this size allows
				derivative(a, s.Arrays[1])
				derivative(b, s.Arrays[0])
				phi, beta := s.Arrays[0], s.Arrays[1]
				return cell * math.Sqrt((sums.Dot(phi, phi)+sums.Dot(beta, beta))*(sums.Dot(a, a)+sums.Dot(b, b)))
			},
		})
	}
	return out
}

// uniform tells whether mass and potential are the same everywhere.
func (m *dirac) uniform() bool {
	return slices.Min(m.mass) == slices.Max(m.mass) && slices.Min(m.potential) == slices.Max(m.potential)
}

// Frequency returns ω(k) of the free field on the lattice, not a number where
// mass or potential depend on the place or V ≠ 0.
func (m *dirac) Frequency(k ...float64) float64 {
	if !m.uniform() || m.potential[0] != 0 {
		return math.NaN()
	}
	return m.free.frequency(k)
}

// EnergyDensity writes Re ψ†hψ of each site to dst; its sum times a^d is the
// energy.
func (m *dirac) EnergyDensity(dst []float64, s *State) {
	phi, beta := s.Arrays[0], s.Arrays[1]
	hPhi, hBeta := make([]float64, len(phi)), make([]float64, len(phi))
	weights.Apply(hPhi, m.symmetric, phi)
	weights.Apply(hBeta, m.symmetric, beta)
	if m.generator != nil { // h_Sφ − h_Aβ and h_Sβ + h_Aφ
		m.generator.AddApply(hPhi, -1, beta)
		m.generator.AddApply(hBeta, 1, phi)
	}
	clear(dst)
	for i := range phi {
		dst[i%len(dst)] += float64(phi[i]*hPhi[i]) + float64(beta[i]*hBeta[i])
	}
}

// ChargeDensity writes |ψ|² of each site to dst. In a leapfrog run with h_A = 0
// it is the staggered density φ_n² + β_{n−½}β_{n+½}, which [dirac.Current] moves
// exactly.
func (m *dirac) ChargeDensity(dst []float64, s Snapshot) {
	phi, beta := s.Arrays[0], s.Arrays[1]
	before := beta
	if s.Staggered != nil && m.generator == nil {
		phi, beta = s.Staggered.Arrays[0], s.Staggered.Arrays[1]
		before = slices.Clone(beta)
		m.symmetric.AddApply(before, s.Epsilon, phi)
	}
	clear(dst)
	for i := range phi {
		dst[i%len(dst)] += float64(phi[i]*phi[i]) + float64(beta[i]*before[i])
	}
}

// Current writes the flow of charge from x to x+ĵ for each axis to dst. In a
// leapfrog run with h_A = 0 it is the mean flow of the step that follows,
//
//	J_j(x) = −a Σ_ab T_ab [β_b(y) s_a(x) − β_a(x) s_b(y)],   y = x+ĵ, s = φ_n + φ_{n+1},
//
// so that (ρ_{n+1} − ρ_n)/ε + Σ_j [J_j(x) − J_j(x−ĵ)]/a = 0 to round-off;
// otherwise −2a Im ψ(x)†T_jψ(y), which obeys the same in continuous time.
func (m *dirac) Current(dst []float64, s Snapshot) {
	phi, beta := s.Arrays[0], s.Arrays[1]
	factor := 2.0
	if s.Staggered != nil && m.generator == nil {
		beta = s.Staggered.Arrays[1]
		phi = slices.Clone(s.Staggered.Arrays[0])
		m.symmetric.AddApply(phi, 0.5*s.Epsilon, beta) // ½(φ_n + φ_{n+1})
	}
	n := m.p.Lattice.Sites()
	clear(dst)
	for j, h := range m.hops {
		scale := -factor * m.p.Lattice.Spacing(j)
		for x, y := range h.next {
			if y < 0 {
				continue
			}
			flow := 0.0
			for _, e := range h.entries {
				pa, ba, pb, bb := phi[e.a*n+x], beta[e.a*n+x], phi[e.b*n+y], beta[e.b*n+y]
				flow += float64(e.re*(float64(pa*bb)-float64(ba*pb))) + float64(e.im*(float64(pa*pb)+float64(ba*bb)))
			}
			dst[j*n+x] = scale * flow
		}
	}
}

func (m *dirac) Card() Card {
	p, l := m.p, m.p.Lattice
	c := Card{
		Title:    fmt.Sprintf("Dirac field on a %d-D lattice", l.Dim()),
		Equation: Formula{"i∂ψ/∂t = (−iα·∂ + mβ_D)ψ, ψ = φ + iβ", `i\partial_t\psi = (-i\alpha\cdot\partial + m\beta_D)\psi,\quad \psi = \varphi + i\beta`},
		Network: Formula{
			"activation φ ← φ + εBβ, learning β ← β − ε dH/dβ, H = ½φᵀφ, J = B",
			`\varphi \leftarrow \varphi + \varepsilon B\beta,\qquad \beta \leftarrow \beta - \varepsilon\,\frac{dH}{d\beta},\qquad H = \tfrac12\varphi^{\mathsf T}\varphi,\quad J = B`},
		Sources: []string{"V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §4"},
	}
	row := func(name, text, latex string) { c.Rows = append(c.Rows, Row{name, Formula{text, latex}}) }
	weightsText := "w = 1, B = X_j⊗∂_j + mY, X_j antisymmetric, Y symmetric"
	weightsTeX := `w = 1,\quad B = X_j\otimes\partial_j + m\,Y\otimes 1,\quad X_j^{\mathsf T} = -X_j,\ Y^{\mathsf T} = Y`
	if m.generator != nil {
		c.Network = Formula{
			"φ ← e^{½εh_A}(e^{½εh_A}φ + εh_Sβ), β transported alike, β ← β − εh_Sφ",
			`\varphi \leftarrow e^{\frac{\varepsilon}{2}h_A}\bigl(e^{\frac{\varepsilon}{2}h_A}\varphi + \varepsilon h_S\beta\bigr),\qquad \beta \leftarrow \beta - \varepsilon h_S\varphi`}
		weightsText, weightsTeX = "w = e^{εh_A}, h_A = Im h antisymmetric, carries φ and β; bias tensor and learning h_S = Re h", `w = e^{\varepsilon h_A},\quad h_A = \operatorname{Im} h = -h_A^{\mathsf T},\quad h_S = \operatorname{Re} h`
	}
	row("mass", p.massText(), "")
	if p.Wilson != 0 {
		row("Wilson", fmt.Sprintf("(r a/2)(−∇²)β_D, r = %v", p.Wilson), fmt.Sprintf(`\tfrac{ra}{2}(-\nabla^2)\beta_D,\ r = %v`, p.Wilson))
	}
	if !p.Potential.Zero() {
		row("potential", "V(x) = "+p.Potential.String(), "")
	}
	row("spinor", fmt.Sprintf("%d components, %s matrices", m.components, p.Representation.Name()), "")
	row("weights", weightsText, weightsTeX)
	row("dual loss", m.verdict(), "")
	if m.generator != nil {
		row("gradient", carriage(m), "")
	}
	row("neurons", l.String(), "")
	row("initial", describe(p.Initial), "")
	row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog)", 2/m.largest), fmt.Sprintf(`\varepsilon < 2/\omega_{\max} = %.6g\quad\text{(leapfrog)}`, 2/m.largest))
	var names []string
	for _, i := range m.Invariants() {
		names = append(names, i.Name)
	}
	row("invariants", strings.Join(names, ", "), "")
	return c
}

// massText is the mass in a card.
func (p Dirac) massText() string {
	switch {
	case p.MassProfile.Zero():
		return fmt.Sprintf("m = %v", p.Mass)
	case p.Mass == 0:
		return "m(x) = " + p.MassProfile.String()
	}
	return fmt.Sprintf("m(x) = %s + %v", p.MassProfile, p.Mass)
}

// describe lists the contributions to an initial state.
func describe(all []Initial) string {
	if len(all) == 0 {
		return "φ = β = 0"
	}
	var states []string
	for _, i := range all {
		states = append(states, i.String())
	}
	return strings.Join(states, " + ")
}

// diracSpec is the canonical form of a Dirac model.
type diracSpec struct {
	Theory         string             `json:"theory"`
	Lattice        LatticeSpec        `json:"lattice"`
	Mass           float64            `json:"mass"`
	MassProfile    *ProfileSpec       `json:"mass_profile,omitempty"`
	Wilson         float64            `json:"wilson"`
	Potential      *ProfileSpec       `json:"potential,omitempty"`
	Representation representationSpec `json:"representation"`
	Initial        []initialSpec      `json:"initial"`
}

func (m *dirac) Spec(arrays Arrays) (any, error) { return m.p.spec(m.Theory(), arrays) }

func (p Dirac) spec(theory string, arrays Arrays) (s diracSpec, err error) {
	s = diracSpec{Theory: theory, Lattice: NewLatticeSpec(p.Lattice, nil), Mass: p.Mass, Wilson: p.Wilson, Representation: p.Representation.spec()}
	if s.MassProfile, err = p.MassProfile.Spec(arrays); err != nil {
		return s, err
	}
	if s.Potential, err = p.Potential.Spec(arrays); err != nil {
		return s, err
	}
	s.Initial, err = initialSpecs(p.Initial, arrays)
	return s, err
}

// DecodeDirac reads what Spec of a Dirac model wrote.
func DecodeDirac(spec []byte, arrays Arrays) (Model, error) {
	var s diracSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	p, err := s.build(arrays)
	if err != nil {
		return nil, err
	}
	return p.Build()
}

func (s diracSpec) build(arrays Arrays) (p Dirac, err error) {
	if p.Lattice, _, err = s.Lattice.Build(); err != nil {
		return p, fmt.Errorf("lattice: %w", err)
	}
	p.Mass, p.Wilson = s.Mass, s.Wilson
	if p.MassProfile, err = s.MassProfile.Build("mass_profile", arrays); err != nil {
		return p, err
	}
	if p.Potential, err = s.Potential.Build("potential", arrays); err != nil {
		return p, err
	}
	if p.Representation, err = s.Representation.build(); err != nil {
		return p, err
	}
	p.Initial, err = buildInitial(s.Initial, arrays)
	return p, err
}

// String returns the card.
func (m *dirac) String() string { return Text(m) }
