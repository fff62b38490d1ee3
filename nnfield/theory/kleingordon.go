package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Laplacian names the discretisation of ∇² in the symmetric weight tensor.
type Laplacian string

// Discretisations. With s = (4/a²) sin²(ka/2), −∇² has the eigenvalue s, s +
// a²s²/12 or k² along each axis.
const (
	Order2   Laplacian = "order-2"
	Order4   Laplacian = "order-4"
	Spectral Laplacian = "spectral"
)

// KleinGordon holds the parameters of a scalar field with the Hamiltonian
//
//	ℋ = Σ_x a^d [½β² + ½(∇φ)² + ½m²φ² + V(φ)]          [F §3]
//
// whose network has the activation φ ← φ + εβ and the learning
// β ← β − ε(Kφ + V′(φ)) with the symmetric weight tensor K = −∇² + m².
// Build makes a [Model] of it.
type KleinGordon struct {
	Lattice   lattice.Lattice
	Mass      float64   // m ≥ 0
	Laplacian Laplacian // "" is Order2
	Potential Potential
	Initial   []Initial
	Drives    []Drive // one for each driven side
}

// frequency2 returns ω² = m² + Σ_j κ_j² of the wave vector k on the lattice.
func (p KleinGordon) frequency2(k []float64) float64 {
	w2 := float64(p.Mass * p.Mass)
	for j, kj := range k {
		a := p.Lattice.Spacing(j)
		half := 2 / a * elementary.Sin(kj*a/2)
		s := float64(half * half)
		switch p.Laplacian {
		case Order4:
			s += a * a * s * s / 12
		case Spectral:
			s = float64(kj * kj)
		}
		w2 += s
	}
	return w2
}

// kleinGordon is the built model.
type kleinGordon struct {
	p         KleinGordon
	stiffness weights.Tensor               // K
	spectral  float64                      // the largest eigenvalue of K
	potential *bound                       // nil for V = 0
	start     func() (phi, beta []float64) // at t = 0; made when first asked for, not to be changed
}

// Build checks the parameters and returns the model. It names the first
// parameter that is missing or out of its range.
func (p KleinGordon) Build() (Model, error) {
	l := p.Lattice
	if l.Sites() == 0 {
		return nil, fmt.Errorf("no lattice; say where the neurons sit, for example Ring(512, 40)")
	}
	if p.Laplacian == "" {
		p.Laplacian = Order2
	}
	if err := CheckMass(p.Mass); err != nil {
		return nil, err
	}
	if err := p.checkDrives(); err != nil {
		return nil, err
	}
	m := &kleinGordon{p: p}
	var err error
	if m.stiffness, err = p.tensor(); err != nil {
		return nil, err
	}
	if m.spectral, err = weights.SpectralRadius(m.stiffness); err != nil {
		return nil, err
	}
	if m.potential, err = p.Potential.bind(l); err != nil {
		return nil, err
	}
	bend := m.potential.stiffens() // small waves about φ = 0 feel it
	free, resolved, err := compose(p, func(k []float64) float64 { return p.frequency2(k) + bend })
	if err != nil {
		return nil, err
	}
	m.p.Initial = resolved
	m.start = sync.OnceValues(func() (phi, beta []float64) {
		phi, beta = free()
		for _, d := range p.Drives {
			for _, s := range l.Driven(d.Axis, d.Side) {
				phi[s], beta[s] = d.Signal.At(0), 0
			}
		}
		return phi, beta
	})
	return m, nil
}

// CheckMass returns an error unless the mass is finite and not negative.
func CheckMass(m float64) error {
	if !(m >= 0) || math.IsInf(m, 1) {
		return fmt.Errorf("Mass(%v): the mass must be finite and not negative; use Mass(0) for a massless field", m)
	}
	if math.IsInf(m*m, 1) {
		return fmt.Errorf("Mass(%v): its square is above all numbers; use one below 1e154", m)
	}
	return nil
}

// CheckLaplacian returns an error unless the discretisation is known.
func CheckLaplacian(l Laplacian) error {
	switch l {
	case Order2, Order4, Spectral:
		return nil
	}
	return fmt.Errorf("Laplacian(%q): use %q, %q or %q", string(l), string(Order2), string(Order4), string(Spectral))
}

func (p KleinGordon) checkDrives() error {
	driven := map[string]bool{}
	for _, d := range p.Drives {
		if d.Axis != p.Drives[0].Axis {
			return fmt.Errorf("driven sides on two axes meet in a corner, whose neuron cannot show two signals; drive the sides of one axis")
		}
		if err := d.Signal.Err(); err != nil {
			return err
		}
		if d.Axis < 0 || d.Axis >= p.Lattice.Dim() || p.Lattice.Driven(d.Axis, d.Side) == nil {
			return fmt.Errorf("a signal for the %s side of axis %d, which is not driven; make it Driven(…)", d.Side, d.Axis)
		}
		driven[fmt.Sprint(d.Axis, d.Side)] = true
	}
	for j := range p.Lattice.Dim() {
		for _, side := range []lattice.Side{lattice.Low, lattice.High} {
			if p.Lattice.Driven(j, side) != nil && !driven[fmt.Sprint(j, side)] {
				return fmt.Errorf("the %s side of axis %s is driven, but has no signal; use Driven(\"sin(2*t)\")", side, lattice.AxisName(j))
			}
		}
	}
	return nil
}

// tensor returns K = −∇² + m².
func (p KleinGordon) tensor() (weights.Tensor, error) {
	var laplacian weights.Tensor
	var err error
	switch p.Laplacian {
	case Order2:
		laplacian, err = weights.Laplacian(p.Lattice, 2)
	case Order4:
		laplacian, err = weights.Laplacian(p.Lattice, 4)
	case Spectral:
		laplacian, err = weights.SpectralLaplacian(p.Lattice)
	default:
		err = CheckLaplacian(p.Laplacian)
	}
	if err != nil {
		return nil, err
	}
	mass := weights.Scale(p.Mass*p.Mass, weights.Identity(p.Lattice.Sites()))
	return weights.Add(weights.Scale(-1, laplacian), mass), nil
}

// Build returns the model itself: a model is its own builder.
func (m *kleinGordon) Build() (Model, error)    { return m, nil }
func (m *kleinGordon) Theory() string           { return "klein-gordon" }
func (m *kleinGordon) Lattice() lattice.Lattice { return m.p.Lattice }

// Numerics is the version of the numbers: 3 where the energy density is ½φKφ, where
// solitons go on through the seam of a ring and where waves feel V″(0), else 2.
func (m *kleinGordon) Numerics() int {
	ring, stiff := m.p.Lattice.Axis(0).Periodic(), m.potential.stiffens() > 0
	changed := func(i Initial) bool {
		switch i.kind {
		case "kink", "antikink", "breather":
			return ring
		case "packet", "plane-wave":
			return stiff
		}
		return false
	}
	if m.p.Laplacian != Order2 || slices.ContainsFunc(m.p.Initial, changed) {
		return 3
	}
	return 2
}

func (m *kleinGordon) Portable() bool {
	return m.p.Laplacian != Spectral && !transformed(m.p.Initial)
}

// Parameters returns the parameters of a Klein-Gordon model, with every default
// written out; ok tells whether the model is one.
func Parameters(m Model) (p KleinGordon, ok bool) {
	kg, ok := m.(*kleinGordon)
	if ok {
		p = kg.p
	}
	return p, ok
}

// Stiffness returns K of a Klein-Gordon model, nil for another theory.
func Stiffness(m Model) weights.Tensor {
	if kg, ok := m.(*kleinGordon); ok {
		return kg.stiffness
	}
	return nil
}

func (m *kleinGordon) Fields() []Field {
	shape := m.p.Lattice.Shape()
	return []Field{
		{Name: "phi", Symbol: "φ", Role: Sites, Shape: shape},
		{Name: "beta", Symbol: "β", Role: Sites, Shape: shape},
	}
}

func (m *kleinGordon) Initial() *State {
	phi, beta := m.start()
	return &State{Arrays: [][]float64{slices.Clone(phi), slices.Clone(beta)}}
}

func (m *kleinGordon) MaxFrequency(about *State) float64 {
	w2 := m.spectral
	if m.potential != nil {
		var phi []float64
		if about == nil {
			phi, _ = m.start()
		} else {
			phi = about.Arrays[0]
		}
		w2 += math.Max(0, m.potential.MaxCurvature(phi))
	}
	return math.Sqrt(w2)
}

// Network returns the learning system of [F §3]: one neuron type, w = 1, bias
// tensor 1, identity activation, dual loss ½xᵀKx + ΣV(x), learning rate γ = ε².
func (m *kleinGordon) Network(step float64) (*network.System, error) {
	loss := network.Dual{K: m.stiffness}
	if m.potential != nil {
		loss.Potential = m.potential
	}
	n := network.Network{
		Weights: weights.Identity(m.p.Lattice.Sites()),
		Loss:    loss,
		Rate:    float64(step * step),
		Clock:   step,
	}
	if sigma := m.p.Lattice.Damping(); sigma != nil {
		n.Decay = sigma
		for i := range sigma {
			sigma[i] *= step
		}
	}
	n.Boundary = m.boundary()
	return network.New(n)
}

// boundary returns P̂ and p_∂ of the driven sides.
func (m *kleinGordon) boundary() *network.Boundary {
	if len(m.p.Drives) == 0 {
		return nil
	}
	b := &network.Boundary{}
	var ends []int // of the sites of each drive
	for _, d := range m.p.Drives {
		b.Sites = append(b.Sites, m.p.Lattice.Driven(d.Axis, d.Side)...)
		ends = append(ends, len(b.Sites))
	}
	b.Sample = func(dst []float64, t float64) {
		at := 0
		for j, d := range m.p.Drives {
			s := d.Signal.At(t)
			for ; at < ends[j]; at++ {
				dst[at] = s
			}
		}
	}
	return b
}

// open tells whether energy enters or leaves.
func (m *kleinGordon) open() bool {
	return len(m.p.Drives) > 0 || m.p.Lattice.Damping() != nil
}

func (m *kleinGordon) Invariants() []Invariant {
	if m.open() {
		return nil
	}
	cell := m.p.Lattice.CellVolume()
	all := &scalarSums{potential: m.potential, stiffly: m.stiffly()}
	energy := uint(1<<sumKinetic | 1<<sumGradient)
	if m.potential != nil {
		energy |= 1 << sumPotential
	}
	out := []Invariant{all.invariant("energy", "E", energy, func(t sums.Several, _ float64) float64 {
		e := float64(0.5*t[sumKinetic]) + float64(0.5*t[sumGradient])
		if m.potential != nil {
			e += t[sumPotential]
		}
		return cell * e
	})}
	if m.potential == nil {
		// E_s = Σ a^d [½β_{n+½}² + ½φ_nKφ_{n+1}], φ_{n+1} = φ_n + εβ_{n+½}: what leapfrog
		// itself conserves, to round-off.
		shadow := all.invariant("shadow energy", "E_s", 1<<sumStaggered|1<<sumGradient|1<<sumWork, func(t sums.Several, epsilon float64) float64 {
			return cell * (float64(0.5*t[sumStaggered]) + float64(0.5*t[sumGradient]) + float64(0.5*epsilon*t[sumWork]))
		})
		shadow.Staggered = true
		out = append(out, shadow)
	}
	if m.potential != nil && m.potential.dependsOnPlace() {
		return out
	}
	for j, a := range m.p.Lattice.Axes() {
		along := difference{a.Sites, m.p.Lattice.Stride(j), 1 / (2 * a.Spacing())}
		all.along = append(all.along, along)
		if !a.Periodic() {
			continue
		}
		name := lattice.AxisName(j)
		momentum := all.invariant("momentum "+name, "P_"+name, 1<<(sumMomentum+j), func(t sums.Several, _ float64) float64 {
			return -cell * t[sumMomentum+j]
		})
		// The energy of motion and slope along the axis: no less than the largest |P| that
		// these φ and β allow, and not 0 for a field at rest.
		momentum.Scale = func(s Snapshot) float64 {
			phi, beta := s.Arrays[0], s.Arrays[1]
			t := inParts(len(phi), func(d []float64, lo, hi int) sums.Several {
				along.apply(d, phi, lo, hi)
				return sums.Several{sums.Dot(beta[lo:hi], beta[lo:hi]), sums.Dot(d, d)}
			})
			return 0.5 * cell * (t[0] + t[1])
		}
		out = append(out, momentum)
	}
	return out
}

func (m *kleinGordon) Card() Card {
	p, l := m.p, m.p.Lattice
	mass, massTeX := "", ""
	if p.Mass != 0 {
		mass, massTeX = " − m²φ", ` - m^2\varphi`
	}
	force, forceTeX := "", ""
	if m.potential != nil {
		force, forceTeX = " − V′(φ)", ` - V'(\varphi)`
	}
	c := Card{
		Title:    fmt.Sprintf("Klein-Gordon field on a %d-D lattice", l.Dim()),
		Equation: Formula{"∂²φ/∂t² = ∇²φ" + mass + force, `\partial_t^2\varphi = \nabla^2\varphi` + massTeX + forceTeX},
		Network: Formula{
			"activation φ ← φ + εβ, learning β ← β − ε dH/dβ, H = ½φᵀKφ + ΣV(φ)",
			`\varphi \leftarrow \varphi + \varepsilon\beta,\qquad \beta \leftarrow \beta - \varepsilon\,\frac{dH}{d\beta},\qquad H = \tfrac12\varphi^{\mathsf T}K\varphi + \sum V(\varphi)`},
		Sources: []string{"V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §3"},
	}
	if m.potential == nil {
		c.Network.Text = strings.TrimSuffix(c.Network.Text, " + ΣV(φ)")
		c.Network.LaTeX = strings.TrimSuffix(c.Network.LaTeX, ` + \sum V(\varphi)`)
	}
	row := func(name, text, latex string) { c.Rows = append(c.Rows, Row{name, Formula{text, latex}}) }
	row("mass", fmt.Sprintf("m = %v", p.Mass), fmt.Sprintf("m = %v", p.Mass))
	if m.potential != nil {
		f := p.Potential.Formula()
		row("potential", f.Text, f.LaTeX)
	}
	row("weights", fmt.Sprintf("K = −∇² + m², symmetric, %s", p.Laplacian), fmt.Sprintf(`K = -\nabla^2 + m^2 = K^{\mathsf T}\quad\text{(%s)}`, p.Laplacian))
	row("neurons", l.String(), "")
	for _, d := range p.Drives {
		row("boundary", fmt.Sprintf("%s %s clamped to %s", d.Side, lattice.AxisName(d.Axis), d.Signal.source), "")
	}
	latex := ""
	if len(p.Initial) == 0 {
		latex = `\varphi = \beta = 0`
	}
	row("initial", describe(p.Initial), latex)
	w := m.MaxFrequency(nil)
	row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog)", 2/w), fmt.Sprintf(`\varepsilon < 2/\omega_{\max} = %.6g\quad\text{(leapfrog)}`, 2/w))
	var names []string
	for _, i := range m.Invariants() {
		names = append(names, i.Name)
	}
	if m.open() {
		names = []string{"none: the system is open (sponge or driven boundary)"}
	}
	row("invariants", strings.Join(names, ", "), "")
	for _, w := range m.Warnings() {
		row("warning", w, "")
	}
	return c
}

// Warnings tells of packets that are not what was asked for.
func (m *kleinGordon) Warnings() (all []string) {
	for _, i := range m.p.Initial {
		if i.kind == "packet" {
			all = append(all, i.packetWarnings(m.potential)...)
		}
	}
	return all
}

// Frequency returns ω(k) = √(m² + Σ κ_j²) of the lattice.
func (m *kleinGordon) Frequency(k ...float64) float64 {
	return math.Sqrt(m.p.frequency2(k))
}

// EnergyDensity writes ½β² + ½φKφ + V(φ) to dst, with ¼Σ_j[(∂_j⁺φ)² + (∂_j⁻φ)²] + ½m²φ²
// for ½φKφ where the Laplacian is that of order 2: the differences to both neighbours,
// which are never negative. Its sum times a^d is the energy.
func (m *kleinGordon) EnergyDensity(dst []float64, s *State) {
	l, phi, beta := m.p.Lattice, s.Arrays[0], s.Arrays[1]
	if m.p.Laplacian == Order2 {
		for i, x := range phi {
			e := float64(0.5*beta[i]*beta[i]) + float64(0.5*m.p.Mass*m.p.Mass*x*x)
			for j := range l.Dim() {
				for _, step := range [2]int{-1, 1} {
					n, sign := l.Neighbour(i, j, step)
					d := (sign*phi[n] - x) / l.Spacing(j)
					half := 0.25
					if n == i || sign <= 0 { // the bond to a wall belongs to this site alone
						half = 0.5
					}
					e += float64(half * d * d)
				}
			}
			dst[i] = e
		}
	} else {
		weights.Apply(dst, m.stiffness, phi)
		for i, x := range phi {
			dst[i] = float64(0.5*beta[i]*beta[i]) + float64(0.5*x*dst[i])
		}
	}
	if m.potential == nil {
		return
	}
	v := make([]float64, len(phi))
	m.potential.density(v, phi, 0)
	for i := range dst {
		dst[i] += v[i]
	}
}

// String returns the card.
func (m *kleinGordon) String() string { return Text(m) }
