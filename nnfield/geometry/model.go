package geometry

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// model is the built scalar field.
type model struct {
	p      parameters
	metric SpaceTime // at a = 1
	t      *tensors
	k      *bonds                       // gradient + potential of t, at a = 1
	start  func() (phi, beta []float64) // at t = 0; made when first asked for, not to be changed

	// Bounds of the eigenvalues of M·gradient and M·potential at a = 1.
	gradient, potential float64
}

// newModel checks the parameters and returns the model.
func newModel(p parameters) (*model, error) {
	if p.lattice.Sites() == 0 {
		return nil, fmt.Errorf("no lattice; say where the neurons sit, for example Ring(512, 40)")
	}
	m := &model{p: p}
	var err error
	if m.metric, err = p.metric(); err != nil {
		return nil, err
	}
	if err := p.scale.check(p.until); err != nil {
		return nil, err
	}
	if m.t, err = newTensors(m.metric, p.mass, p.order); err != nil {
		return nil, err
	}
	m.k = m.t.stiffness()
	m.gradient = m.t.gradient.radius(m.t.gain)
	for s, v := range m.t.potential {
		m.potential = max(m.potential, v*m.t.gain[s])
	}
	free, resolved, err := m.compose()
	if err != nil {
		return nil, err
	}
	m.p.initial = resolved
	m.start = sync.OnceValues(free)
	return m, nil
}

// metric samples the components at the sites.
func (p parameters) metric() (SpaceTime, error) {
	d := p.lattice.Dim()
	g := Flat(p.lattice)
	fill := func(call string, dst *[]float64, from *profile) error {
		if from == nil {
			return nil
		}
		v, err := from.sample(p.lattice)
		if err != nil {
			return fmt.Errorf("%s: %w", call, err)
		}
		*dst = v
		return nil
	}
	if err := fill("Lapse", &g.Lapse, p.lapse); err != nil {
		return g, err
	}
	for i := range 3 {
		if p.shift[i] != nil {
			if i >= d {
				return g, fmt.Errorf("Shift(%d): the lattice has %d axes, numbered from 0", i, d)
			}
			if g.Shift == nil {
				g.Shift = make([][]float64, d)
			}
			if err := fill(fmt.Sprintf("Shift(%d)", i), &g.Shift[i], p.shift[i]); err != nil {
				return g, err
			}
		}
		for j := i; j < 3; j++ {
			from := p.space[Component(3, i, j)]
			if from != nil && j >= d {
				return g, fmt.Errorf("Space(%d, %d): the lattice has %d axes, numbered from 0", i, j, d)
			}
			if j < d {
				if err := fill(fmt.Sprintf("Space(%d, %d)", i, j), &g.Space[Component(d, i, j)], from); err != nil {
					return g, err
				}
			}
		}
	}
	return g, g.validate()
}

// Build returns the model itself: a model is its own builder.
func (m *model) Build() (theory.Model, error) { return m, nil }
func (m *model) Theory() string               { return "curved-klein-gordon" }
func (m *model) Lattice() lattice.Lattice     { return m.p.lattice }

// Numerics is the version of the numbers: 4 with a scale factor, whose gain stands in
// the bias tensor for activation and learning alike, else 3.
func (m *model) Numerics() int {
	if m.p.scale != nil {
		return 4
	}
	return 3
}

// Portable: packets and plane waves come out of a transform and an eigenvalue solver.
func (m *model) Portable() bool {
	return !slices.ContainsFunc(m.p.initial, func(i theory.Initial) bool { return i.Kind() != "values" })
}

func (m *model) Fields() []theory.Field {
	shape := m.p.lattice.Shape()
	return []theory.Field{
		{Name: "phi", Symbol: "φ", Role: theory.Sites, Shape: shape},
		{Name: "beta", Symbol: "β", Role: theory.Sites, Shape: shape},
	}
}

func (m *model) Initial() *theory.State {
	phi, beta := m.start()
	return &theory.State{Arrays: [][]float64{slices.Clone(phi), slices.Clone(beta)}}
}

// MaxFrequency returns a bound of ω from the rows of MK, from the time of the
// state to the end of the run as far as [Builder.Until] knows it.
func (m *model) MaxFrequency(about *theory.State) float64 {
	t := 0.0
	if about != nil {
		t = about.Time
	}
	w := math.Sqrt(m.p.scale.largest(t, m.p.until, m.p.lattice.Dim(), m.gradient, m.potential))
	if m.t.shift != nil {
		w += m.t.shift.norm
	}
	return w
}

// Network returns the learning system of the field: the bias tensor √M, identity
// activation, loss ½xᵀKx in x = φ and b = ε√Mβ, learning rate γ = ε². The weights are
// 1, or with a shift the flow e^{εA} that carries states and, inversely transposed,
// biases. With a scale factor the bias tensor is gain·√M and the loss ½xᵀKx/gain, both
// of their own time: the middle of an activation, and the time of learning.
func (m *model) Network(step float64) (*network.System, error) {
	n, _, err := m.network(step)
	return n, err
}

// network is Network with the flow of its weights.
func (m *model) network(step float64) (*network.System, *network.Exponential, error) {
	n := network.Network{
		Weights: weights.Identity(len(m.t.root)),
		Bias:    weights.Diagonal(m.t.root),
		Loss:    network.Dual{K: m.k},
		Rate:    float64(step * step),
		Clock:   step,
		Decay:   m.p.lattice.Damping(),
	}
	for i := range n.Decay {
		n.Decay[i] *= step
	}
	if m.p.scale != nil {
		bias, loss := &expandingGain{root: m.t.root}, &expanding{t: m.t}
		n.Bias, n.Loss = bias, loss
		n.At = func(t float64) {
			r := m.p.scale.rates(t, m.p.lattice.Dim())
			// The rate ε²/gain(t) of this clock stands in the loss.
			bias.gain, loss.rates = r.gain, rates{r.gain, r.gradient / r.gain, r.potential / r.gain}
		}
		n.At(0)
	}
	var flow *network.Exponential
	if a := m.t.shift; a != nil {
		flow = network.NewExponential(a.onNeurons, a.onBiases, a.norm, step)
		n.Flow = flow
	}
	s, err := network.New(n)
	return s, flow, err
}

// Of returns a copy of the metric of a field in curved space-time, with the scale factor 1,
// and its mass; ok tells whether the model is one.
func Of(m theory.Model) (g SpaceTime, mass float64, ok bool) {
	c, ok := m.(*model)
	if ok {
		g, mass = c.metric.clone(), c.p.mass
	}
	return g, mass, ok
}

// open tells whether energy leaves through a sponge.
func (m *model) open() bool { return m.p.lattice.Damping() != nil }

func (m *model) Invariants() []theory.Invariant {
	if m.open() {
		return nil
	}
	cell := m.p.lattice.CellVolume()
	scratch := make([]float64, m.p.lattice.Sites())
	var out []theory.Invariant
	if m.p.scale == nil {
		out = append(out, theory.Invariant{Name: "energy", Symbol: "E", Value: func(s theory.Snapshot) float64 {
			return cell * m.energy(s.Arrays[0], s.Arrays[1], scratch)
		}})
	}
	if m.p.scale == nil && m.t.shift == nil {
		// E_s = ½βMβ + ½φ_nKφ_{n+1} with φ_{n+1} = φ_n + εMβ: what leapfrog itself conserves,
		// to round-off.
		out = append(out, theory.Invariant{Name: "shadow energy", Symbol: "E_s", Staggered: true, Value: func(s theory.Snapshot) float64 {
			phi, beta := s.Staggered.Arrays[0], s.Staggered.Arrays[1]
			e := m.energy(phi, beta, scratch) // leaves Kφ in scratch
			return cell * (e + float64(0.5*s.Epsilon*m.dot(func(i int) float64 { return m.t.gain[i] * beta[i] * scratch[i] })))
		}})
	}
	for j := range m.p.lattice.Dim() {
		if !m.p.lattice.Axis(j).Periodic() || !m.uniform(j) {
			continue
		}
		d, err := weights.Derivative(m.p.lattice, j)
		if err != nil {
			continue // cannot fail on a periodic axis
		}
		name := lattice.AxisName(j)
		out = append(out, theory.Invariant{
			Name: "momentum " + name, Symbol: "P_" + name,
			Value: func(s theory.Snapshot) float64 {
				weights.Apply(scratch, d, s.Arrays[0])
				return -cell * sums.Dot(s.Arrays[1], scratch)
			},
			Scale: func(s theory.Snapshot) float64 { // no less than |P|, and not 0 for a field at rest
				weights.Apply(scratch, d, s.Arrays[0])
				return 0.5 * cell * (sums.Dot(s.Arrays[1], s.Arrays[1]) + sums.Dot(scratch, scratch))
			},
		})
	}
	return out
}

func (m *model) dot(f func(i int) float64) float64 { return sums.Sum(0, m.p.lattice.Sites(), f) }

// energy returns ½βᵀMβ + βᵀAφ + ½φᵀKφ and leaves Kφ in scratch.
func (m *model) energy(phi, beta, scratch []float64) float64 {
	flow := 0.0
	if m.t.shift != nil {
		weights.Apply(scratch, m.t.shift.onNeurons, phi)
		flow = sums.Dot(beta, scratch)
	}
	weights.Apply(scratch, m.k, phi)
	return flow + float64(0.5*(m.dot(func(i int) float64 { return m.t.gain[i] * beta[i] * beta[i] })+sums.Dot(phi, scratch)))
}

// uniform tells whether the metric is the same all along an axis.
func (m *model) uniform(axis int) bool {
	same := func(v []float64) bool {
		for s, x := range v {
			if n, _ := m.p.lattice.Neighbour(s, axis, 1); v[n] != x {
				return false
			}
		}
		return true
	}
	return same(m.metric.Lapse) && !slices.ContainsFunc(m.metric.Space, func(v []float64) bool { return !same(v) }) &&
		!slices.ContainsFunc(m.metric.Shift, func(v []float64) bool { return !same(v) })
}

// EnergyDensity writes ½Mβ² + βAφ + ½φKφ to dst, per volume of the coordinates, the
// energy −½K(x,y)(φ_x − φ_y)² of a bond being shared by its ends. Its sum times a^d
// is ℋ at the time of the state.
func (m *model) EnergyDensity(dst []float64, s *theory.State) {
	phi, beta := s.Arrays[0], s.Arrays[1]
	clear(dst)
	if m.t.shift != nil {
		m.t.shift.onNeurons.AddApply(dst, 1, phi)
	}
	r := m.p.scale.rates(s.Time, m.p.lattice.Dim())
	for i, b := range beta {
		own, bonds := m.t.gradient.centre[i], 0.0 // own is what is left of the row without differences
		for n := range m.t.gradient.along {
			j, ahead, k, behind := m.t.gradient.ends(i, n)
			own += ahead + behind
			bonds -= (float64(ahead*(phi[i]-phi[j])*(phi[i]-phi[j])) + float64(behind*(phi[i]-phi[k])*(phi[i]-phi[k]))) / 2
		}
		dst[i] = float64(b*dst[i]) + float64(0.5*(float64(r.gain*m.t.gain[i]*b*b)+float64(r.gradient*(float64(own*phi[i]*phi[i])+bonds))+float64(r.potential*m.t.potential[i]*phi[i]*phi[i])))
	}
}

// Card describes the model.
func (m *model) Card() theory.Card {
	p, d := m.p, m.p.lattice.Dim()
	c := theory.Card{
		Title: fmt.Sprintf("Klein-Gordon field in curved %d+1-D space-time", d),
		Equation: theory.Formula{
			Text:  "∂_μ(√−g g^μν ∂_νφ) = √−g m²φ",
			LaTeX: `\partial_\mu\left(\sqrt{-g}\,g^{\mu\nu}\partial_\nu\varphi\right) = \sqrt{-g}\,m^2\varphi`},
		Network: theory.Formula{
			Text:  "activation φ ← φ + ε√M b, learning b ← b − ε dH/db, H = ½φᵀKφ",
			LaTeX: `\varphi \leftarrow \varphi + \varepsilon\sqrt M\,b,\qquad b \leftarrow b - \varepsilon\,\frac{dH}{db},\qquad H = \tfrac12\varphi^{\mathsf T}K\varphi`},
		Sources: []string{
			"V. Vanchurin, Towards a theory of quantum gravity from neural networks, arXiv:2111.00903, §7",
			"V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §2-3"},
	}
	row := func(name, text, latex string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text, LaTeX: latex}})
	}
	if m.t.shift == nil {
		row("metric", "ds² = −N²dt² + h_ij dx^i dx^j", `ds^2 = -N^2dt^2 + h_{ij}\,dx^i dx^j`)
	} else {
		row("metric", "ds² = −N²dt² + h_ij(dx^i + N^i dt)(dx^j + N^j dt)", `ds^2 = -N^2dt^2 + h_{ij}(dx^i + N^i dt)(dx^j + N^j dt)`)
	}
	if p.lapse != nil {
		c.Rows = append(c.Rows, p.lapse.row("lapse", "N", "N"))
	}
	for i := range d {
		for j := i; j < d; j++ {
			if q := p.space[Component(3, i, j)]; q != nil {
				c.Rows = append(c.Rows, q.row("space", "h_"+component(i, j), "h_{"+component(i, j)+"}"))
			}
		}
	}
	for i, q := range p.shift {
		if q != nil {
			c.Rows = append(c.Rows, q.row("shift", "N^"+lattice.AxisName(i), "N^"+lattice.AxisName(i)))
		}
	}
	if p.scale != nil {
		a := profile{Expression: &p.scale.Expression, Parameters: p.scale.Parameters, formula: p.scale.formula}
		c.Rows = append(c.Rows, a.row("expansion", "a", "a"))
		row("time", string(p.scale.Clock), "")
	}
	row("mass", fmt.Sprintf("m = %v", p.mass), fmt.Sprintf("m = %v", p.mass))
	row("gain", fmt.Sprintf("M = N/√h, from %.6g to %.6g", slices.Min(m.t.gain), slices.Max(m.t.gain)), "")
	row("weights", fmt.Sprintf("K = −∂(N√h h^ij ∂) + N√h m², symmetric, order %d", p.order),
		fmt.Sprintf(`K = -\partial_i(N\sqrt h\,h^{ij}\partial_j) + N\sqrt h\,m^2 = K^{\mathsf T}\quad\text{(order %d)}`, p.order))
	if m.t.shift == nil {
		row("dual loss", "of φ and b = √M β; φ and β themselves have one only if M is the same everywhere", "")
	} else {
		row("dual loss", "none: the shift A = N^i∂_i has an antisymmetric part, which is physics; the weights w = e^{εA} carry φ and, inversely transposed, b", "")
		if n, err := m.Network(1 / m.MaxFrequency(nil)); err == nil {
			row("gradient", n.Carriage(0).String(), "")
		}
	}
	row("neurons", p.lattice.String(), "")
	var states []string
	for _, i := range m.p.initial {
		states = append(states, i.String())
	}
	if states == nil {
		states = []string{"φ = β = 0"}
	}
	row("initial", strings.Join(states, " + "), "")
	w := m.MaxFrequency(nil)
	row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog)", 2/w), fmt.Sprintf(`\varepsilon < 2/\omega_{\max} = %.6g\quad\text{(leapfrog)}`, 2/w))
	var names []string
	for _, i := range m.Invariants() {
		names = append(names, i.Name)
	}
	switch {
	case m.open():
		names = []string{"none: the system is open (sponge)"}
	case names == nil:
		names = []string{"none: the metric changes with time and place"}
	}
	row("invariants", strings.Join(names, ", "), "")
	return c
}

// String returns the card.
func (m *model) String() string { return theory.Text(m) }
