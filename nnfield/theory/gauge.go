package theory

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Gauge is a U(1) background field on the links of a lattice [F] §5. With
// D = ∂ + iqA a field of charge q feels the force qE, E_j = ∂_tA_j − ∂_jA_0 (A_j is
// minus the textbook's). The zero value is no field.
//
// Spatial links U_j(x) = e^{iθ_j(x)} carry θ_j = q a A_j, taken in the middle of
// the link, and sit in the bias tensor and in the learning of the biases. Temporal
// links u = e^{−iq∫A_0dt}, taken in the middle of the half step, sit in the weight
// tensor.
type Gauge struct {
	Vector    [3]Profile // A_x, A_y, A_z of x, y, z, t; arrays hold a number for each link
	Scalar    Profile    // A_0 of x, y, z, t
	Electric  []float64  // a uniform field: A_j += E_j t
	Quanta    int        // N: the flux of a uniform magnetic field through the x-y torus is 2πN/q
	Flux      float64    // qΦ through the ring of the x axis
	Transform []Profile  // λ(x, t) of gauge transformations, applied to links and states
}

// Background is one contribution to a U(1) background field.
type Background struct {
	set  func(*Gauge)
	err  error
	text string // the call that makes it
}

// String returns the call that makes the contribution.
func (b Background) String() string { return b.text }

// VectorPotential is A of an axis as a profile of x, y, z and t, taken in the
// middle of the links; an array holds a number for each link.
func VectorPotential(axis int, a Profile) Background {
	b := Background{func(g *Gauge) { g.Vector[axis] = a }, a.err, fmt.Sprintf("VectorPotential(%d, %s)", axis, a)}
	if axis < 0 || axis > 2 {
		b.err = fmt.Errorf("VectorPotential(%d): no such axis; use 0, 1 or 2", axis)
	}
	return b
}

// ElectricPotential is A_0 as a profile of x, y, z and t. It belongs to temporal
// links; with A_j = 0 the field is E = −∇A_0.
func ElectricPotential(a Profile) Background {
	return Background{func(g *Gauge) { g.Scalar = a }, a.err, fmt.Sprintf("ElectricPotential(%s)", a)}
}

// ElectricField is a uniform E, one component for each axis, by A_j = E_j t.
func ElectricField(e ...float64) Background {
	b := Background{set: func(g *Gauge) { g.Electric = e }, text: fmt.Sprintf("ElectricField(%s)", list(e))}
	for _, v := range e {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			b.err = fmt.Errorf("ElectricField(%s): every component must be finite", list(e))
		}
	}
	return b
}

// MagneticFlux is a uniform magnetic field with the flux 2πN/q through the x-y
// torus: |qB| = 2πN/(L_x L_y).
func MagneticFlux(quanta int) Background {
	return Background{set: func(g *Gauge) { g.Quanta = quanta }, text: fmt.Sprintf("MagneticFlux(%d)", quanta)}
}

// RingFlux is a flux Φ through the ring of the x axis, given as the phase qΦ.
func RingFlux(phase float64) Background {
	b := Background{set: func(g *Gauge) { g.Flux = phase }, text: fmt.Sprintf("RingFlux(%v)", phase)}
	if math.IsNaN(phase) || math.IsInf(phase, 0) {
		b.err = fmt.Errorf("RingFlux(%v): the phase qΦ must be finite; 2π is as good as none", phase)
	}
	return b
}

// With returns the field with contributions set, each in place of an earlier one
// of its kind, or the first error among them.
func (g Gauge) With(all ...Background) (Gauge, error) {
	for _, b := range all {
		switch {
		case b.err != nil:
			return g, b.err
		case b.set == nil:
			return g, fmt.Errorf("Background: an empty contribution; use VectorPotential, ElectricPotential, ElectricField, MagneticFlux, RingFlux")
		}
		b.set(&g)
	}
	return g, nil
}

// CheckCharge returns an error unless the charge is finite and not zero.
func CheckCharge(q float64) error {
	if math.IsNaN(q) || math.IsInf(q, 0) || q == 0 {
		return fmt.Errorf("Charge(%v): the charge must be finite and not zero; use KleinGordon or Dirac for a neutral field", q)
	}
	return nil
}

// empty tells whether there is no field at all.
func (g Gauge) empty() bool {
	for _, a := range g.Vector {
		if !a.Zero() {
			return false
		}
	}
	return g.Scalar.Zero() && g.Electric == nil && g.Quanta == 0 && g.Flux == 0 && g.Transform == nil
}

// works tells whether the field does work: whether energy is not conserved.
func (g Gauge) works() bool {
	moving := func(p Profile) bool { return p.moves() }
	return !g.Scalar.Zero() || slices.ContainsFunc(g.Electric, func(e float64) bool { return e != 0 }) || slices.ContainsFunc(g.Vector[:], moving)
}

// links is a background on a lattice: it gives the angles of the links at any
// time. It owns scratch.
type links struct {
	g       Gauge
	charge  float64
	l       lattice.Lattice
	next    [][]int
	fixed   []float64 // what never changes
	vector  []*sampled
	scalar  *sampled // nil for A_0 = 0
	lambda  []*sampled
	moving  bool // spatial links change with time
	still   bool // all temporal links are 1: neurons keep their phase
	a, b, c []float64
}

// on prepares the background on a lattice for a charge.
func (g Gauge) on(l lattice.Lattice, charge float64) (*links, error) {
	n, d := l.Sites(), l.Dim()
	k := &links{g: g, still: g.Scalar.Zero(), charge: charge, l: l, fixed: make([]float64, d*n), vector: make([]*sampled, d),
		a: make([]float64, n), b: make([]float64, n), c: make([]float64, n)}
	if err := CheckCharge(charge); err != nil {
		return nil, err
	}
	for j := range d {
		k.next = append(k.next, forward(l, j))
	}
	for j, p := range g.Vector {
		if p.Zero() {
			continue
		}
		if j >= d {
			return nil, fmt.Errorf("VectorPotential: A_%s on a lattice of %d axes; use the axes %v", lattice.AxisName(j), d, places[:d])
		}
		if err := p.check(l); err != nil {
			return nil, fmt.Errorf("VectorPotential: %w", err)
		}
		k.vector[j] = p.sample(l, j, 0.5)
		k.moving = k.moving || p.moves()
	}
	if !g.Scalar.Zero() {
		if err := g.Scalar.check(l); err != nil {
			return nil, fmt.Errorf("ElectricPotential: %w", err)
		}
		k.scalar = g.Scalar.sample(l, 0, 0)
	}
	if g.Electric != nil && len(g.Electric) != d {
		return nil, fmt.Errorf("ElectricField(%s): %d components for %d axes; give one for each axis", list(g.Electric), len(g.Electric), d)
	}
	for _, e := range g.Electric {
		k.moving = k.moving || e != 0
	}
	for _, p := range g.Transform {
		if err := p.check(l); err != nil {
			return nil, fmt.Errorf("GaugeTransform: %w", err)
		}
		k.lambda = append(k.lambda, p.sample(l, 0, 0))
		k.moving = k.moving || p.moves()
		k.still = k.still && !p.moves()
	}
	if g.Flux != 0 {
		if !l.Axis(0).Periodic() {
			return nil, fmt.Errorf("RingFlux(%v): the x axis has ends, no flux goes through it; use a Ring", g.Flux)
		}
		for x := range n {
			k.fixed[x] += g.Flux / float64(l.Axis(0).Sites)
		}
	}
	if err := k.addQuanta(); err != nil {
		return nil, err
	}
	return k, k.finite()
}

// addQuanta adds the links of a uniform magnetic field through the x-y torus:
// each plaquette has the angle 2πN/(n_x n_y).
func (k *links) addQuanta() error {
	n, l := k.g.Quanta, k.l
	if n == 0 {
		return nil
	}
	if l.Dim() < 2 || !l.Axis(0).Periodic() || !l.Axis(1).Periodic() {
		return fmt.Errorf("MagneticFlux(%d): it needs a torus, two periodic axes x and y; elsewhere use VectorPotential", n)
	}
	nx, ny := l.Axis(0).Sites, l.Axis(1).Sites
	if 2*max(n, -n) > nx*ny {
		return fmt.Errorf("MagneticFlux(%d): more than half a quantum through each of %d plaquettes; use at most %d or a finer lattice", n, nx*ny, nx*ny/2)
	}
	theta := 2 * math.Pi * float64(n) / float64(nx*ny)
	at := make([]int, l.Dim())
	for x := range l.Sites() {
		l.Position(at, x)
		k.fixed[l.Sites()+x] += float64(theta * float64(at[0]))
		if at[0] == nx-1 {
			k.fixed[x] -= float64(theta * float64(nx*at[1]))
		}
	}
	return nil
}

// finite refuses formulas that are not finite at t = 0.
func (k *links) finite() error {
	theta := make([]float64, len(k.fixed))
	k.angles(theta, 0)
	phase := make([]float64, k.l.Sites())
	k.phase(phase, 0, 0)
	for i, v := range append(theta, phase...) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the gauge field is %s at site %d and t = 0; its formulas must be finite everywhere", say.Number(v), i%k.l.Sites())
		}
	}
	return nil
}

// angles writes θ_j(x) at time t to dst.
func (k *links) angles(dst []float64, t float64) {
	copy(dst, k.fixed)
	n := k.l.Sites()
	for j, v := range k.vector {
		theta := dst[j*n : (j+1)*n]
		scale := k.charge * k.l.Spacing(j)
		if v != nil {
			v.at(k.a, t)
			for x, a := range k.a {
				theta[x] += float64(scale * a)
			}
		}
		if k.g.Electric != nil {
			turn := float64(float64(scale*k.g.Electric[j]) * t)
			for x := range theta {
				theta[x] += turn
			}
		}
	}
	for _, lambda := range k.lambda {
		lambda.at(k.a, t)
		for j := range k.vector {
			theta := dst[j*n : (j+1)*n]
			for x, y := range k.next[j] {
				if y >= 0 {
					theta[x] += float64(k.charge * (k.a[x] - k.a[y]))
				}
			}
		}
	}
}

// phase writes the angle of the temporal links from t to u to dst.
func (k *links) phase(dst []float64, t, u float64) {
	clear(dst)
	if k.scalar != nil {
		k.scalar.at(dst, t+float64(0.5*(u-t)))
		for x, a := range dst {
			dst[x] = -float64(float64(k.charge*a) * (u - t))
		}
	}
	for _, lambda := range k.lambda {
		if !lambda.moving {
			continue
		}
		lambda.at(k.a, u)
		lambda.at(k.b, t)
		for x := range dst {
			dst[x] += float64(k.charge * (k.a[x] - k.b[x]))
		}
	}
}

// transport takes charged fields from time t to u along the temporal links.
func (k *links) transport(t, u float64, fields ...[]float64) {
	if k.still {
		return
	}
	k.phase(k.c, t, u)
	turnPhase(k.c, k.l.Sites(), fields...)
}

// turnPhase multiplies each charged field on n sites by e^{i angle}, site by site.
func turnPhase(angle []float64, n int, fields ...[]float64) {
	for x, a := range angle {
		c, s := elementary.Cos(a), elementary.Sin(a)
		for _, f := range fields {
			for i := x; i < len(f); i += 2 * n {
				re, im := f[i], f[i+n]
				f[i], f[i+n] = float64(c*re)-float64(s*im), float64(c*im)+float64(s*re)
			}
		}
	}
}

// gaugeSpec is a background field in a Spec.
type gaugeSpec struct {
	Charge    float64                 `json:"charge"`
	Vector    map[string]*ProfileSpec `json:"vector,omitempty"` // by the name of the axis
	Scalar    *ProfileSpec            `json:"scalar,omitempty"`
	Electric  []float64               `json:"electric,omitempty"`
	Quanta    int                     `json:"quanta,omitempty"`
	Flux      float64                 `json:"flux,omitempty"`
	Transform []*ProfileSpec          `json:"transform,omitempty"`
	Dynamics  Action                  `json:"dynamics,omitempty"`
}

func (g Gauge) spec(charge float64, dynamics Action, arrays Arrays) (s gaugeSpec, err error) {
	s = gaugeSpec{Charge: charge, Electric: g.Electric, Quanta: g.Quanta, Flux: g.Flux, Dynamics: dynamics}
	for j, p := range g.Vector {
		if p.Zero() {
			continue
		}
		if s.Vector == nil {
			s.Vector = map[string]*ProfileSpec{}
		}
		if s.Vector[lattice.AxisName(j)], err = p.Spec(arrays); err != nil {
			return s, err
		}
	}
	if s.Scalar, err = g.Scalar.Spec(arrays); err != nil {
		return s, err
	}
	for _, p := range g.Transform {
		ps, err := p.Spec(arrays)
		if err != nil {
			return s, err
		}
		s.Transform = append(s.Transform, ps)
	}
	return s, nil
}

func (s gaugeSpec) build(arrays Arrays) (g Gauge, err error) {
	g = Gauge{Electric: s.Electric, Quanta: s.Quanta, Flux: s.Flux}
	for name, p := range s.Vector {
		j := slices.Index(places[:3], name)
		if j < 0 {
			return g, fmt.Errorf("gauge.vector.%s: no such axis; use x, y, z", name)
		}
		if g.Vector[j], err = p.Build("gauge.vector."+name, arrays); err != nil {
			return g, err
		}
	}
	if g.Scalar, err = s.Scalar.Build("gauge.scalar", arrays); err != nil {
		return g, err
	}
	for _, p := range s.Transform {
		lambda, err := p.Build("gauge.transform", arrays)
		if err != nil {
			return g, err
		}
		g.Transform = append(g.Transform, lambda)
	}
	return g, nil
}

// rows describes the field for a card: which tensor holds which component.
func (g Gauge) rows(charge float64) (rows []Row) {
	row := func(name, format string, args ...any) {
		rows = append(rows, Row{name, Formula{Text: fmt.Sprintf(format, args...)}})
	}
	row("charge", "q = %v", charge)
	if g.empty() {
		return rows
	}
	spatial := ""
	add := func(format string, args ...any) {
		if spatial != "" {
			spatial += "; "
		}
		spatial += fmt.Sprintf(format, args...)
	}
	for j, p := range g.Vector {
		if !p.Zero() {
			add("A_%s = %s", lattice.AxisName(j), p)
		}
	}
	if g.Electric != nil {
		add("A_j = E_j t, E = %s", list(g.Electric))
	}
	if g.Quanta != 0 {
		add("uniform B, %d flux quanta", g.Quanta)
	}
	if g.Flux != 0 {
		add("flux qΦ = %.6g through the ring", g.Flux)
	}
	if spatial != "" {
		row("bias tensor", "spatial links U_j = e^{iqaA_j}, also in the learning of the biases: %s", spatial)
	}
	if !g.Scalar.Zero() {
		row("weight tensor", "temporal links w = u = e^{−iq∫A_0dt}: A_0 = %s", g.Scalar)
	}
	for _, p := range g.Transform {
		row("gauge", "transformed by λ = %s", p)
	}
	return rows
}
