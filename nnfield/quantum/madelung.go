package quantum

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// madelung is the model of the density p and the free energy F. The equations are
// solved for R = ½ ln p, in which they have no quotient and Gaussian tails are
// parabolas:
//
//	∂_tR = −u·∂R − ½∂·u,   ∂_tF = −½mu² − V + (ħ²/2m)(∂²R + (∂R)²),
//
// with differences on the links of the lattice, to order a², and
// u = (F′ − F)/(ma) + 2πħκ/(mL). Slopes end at 0 on a Neumann wall and go on as
// they were, linearly, at a Dirichlet wall: ψ = 0 there is meant to be far out in
// the tails. F has one value a site, so that circulation is κ for ever.
type madelung struct {
	*problem
	r, f []float64 // at t = 0
}

func newMadelung(p *problem) (theory.Model, error) {
	for j, a := range p.lattice.Axes() {
		if a.Sites < 4 {
			return nil, fmt.Errorf("%d sites on the %s axis; the differences need at least 4", a.Sites, lattice.AxisName(j))
		}
	}
	m := &madelung{problem: p, r: make([]float64, len(p.psi))}
	for s, c := range p.psi {
		m.r[s] = 0.5 * elementary.Log(float64(real(c)*real(c))+float64(imag(c)*imag(c)))
	}
	if s := newSlopes(p).node(m.r); s >= 0 {
		return nil, fmt.Errorf("p has a node, or a structure the lattice does not resolve, at %s, where ½ ln p bends by more than %v within a spacing; use a finer lattice, or Schrodinger", place(p.lattice, s), resolved)
	}
	var err error
	if m.f, err = p.singleValued(); err != nil {
		return nil, err
	}
	return m, nil
}

// resolved bounds the second difference of R = ½ ln p. Beside a node, where p
// vanishes as the square of the distance, it is at least ln 3; beside a wall with
// p = 0 it is ln(4/3).
const resolved = 0.25

// drift returns the velocity of the circulation along an axis, 2πħκ/(mL).
func (p *problem) drift(axis int) float64 {
	return 2 * math.Pi * p.learning.Hbar() * p.circulation[axis] / (p.learning.Mass() * p.lattice.Axis(axis).Length)
}

// Build returns the model itself: a model is its own builder.
func (m *madelung) Build() (theory.Model, error) { return m, nil }

// Numerics is the version of the numbers, guarded by golden bits.
func (m *madelung) Numerics() int          { return 1 }
func (m *madelung) Fields() []theory.Field { return m.fields("p", "p", "F", "F") }

func (m *madelung) Initial() *theory.State {
	s := theory.NewState(m.Fields())
	for i, r := range m.r {
		s.Arrays[0][i] = elementary.Exp(2 * r)
	}
	copy(s.Arrays[1], m.f)
	return s
}

// MaxFrequency returns that of ripples of the shortest wave length on a uniform
// flow, Σ_j 2ħ/(ma_j²) + max|u_j|/a_j.
func (m *madelung) MaxFrequency(about *theory.State) float64 {
	mass, hbar := m.learning.Mass(), m.learning.Hbar()
	slopes := newSlopes(m.problem)
	f := m.f
	if about != nil {
		f = about.Arrays[1]
	}
	w := 0.0
	for j := range m.lattice.Dim() {
		a, fastest := m.lattice.Spacing(j), 0.0
		for first := range m.lattice.Sites() {
			if m.begins(first, j) {
				for _, d := range slopes.line(slopes.f, f, first, j) {
					fastest = math.Max(fastest, math.Abs(d/(mass*a)+m.drift(j)))
				}
			}
		}
		w += 2*hbar/(mass*a*a) + fastest/a
	}
	return w
}

// Invariants returns the norm and the energy. The equations conserve them, the
// differences do so to order a².
func (m *madelung) Invariants() []theory.Invariant {
	mass, hbar := m.learning.Mass(), m.learning.Hbar()
	slopes := newSlopes(m.problem)
	r, density := make([]float64, len(m.r)), make([]float64, len(m.r))
	return []theory.Invariant{
		{Name: "norm", Symbol: "∫p", Value: func(s theory.Snapshot) float64 {
			return m.sum(func(i int) float64 { return s.Arrays[0][i] })
		}},
		{Name: "energy", Symbol: "E", Value: func(s theory.Snapshot) float64 {
			p := s.Arrays[0]
			for i := range r {
				r[i] = 0.5 * math.Log(p[i])
				density[i] = m.v[i]
			}
			for j := range m.lattice.Dim() {
				a := m.lattice.Spacing(j)
				slopes.each(r, s.Arrays[1], j, func(i int, r0, r1, f0, f1 float64) {
					u0, u1 := f0/(mass*a)+m.drift(j), f1/(mass*a)+m.drift(j)
					density[i] += float64(mass/4*(float64(u0*u0)+float64(u1*u1))) + float64(hbar*hbar/(4*mass*a*a)*(float64(r0*r0)+float64(r1*r1)))
				})
			}
			return m.sum(func(i int) float64 { return p[i] * density[i] })
		}},
	}
}

// Card describes the model.
func (m *madelung) Card() theory.Card {
	return m.card(theory.Card{
		Title: "Madelung equations of learning " + m.dimensions(),
		Equation: theory.Formula{Text: "∂p/∂t + ∂·(p u) = 0,  ∂F/∂t + (∂F)²/2m + V − (ħ²/2m) ∂²√p/√p = 0,  u = ∂F/m",
			LaTeX: `\partial_t p + \partial\cdot(p\,u) = 0,\qquad \partial_t F + \frac{(\partial F)^2}{2m} + V - \frac{\hbar^2}{2m}\frac{\partial^2\sqrt p}{\sqrt p} = 0,\qquad u = \partial F/m`},
		Network: theory.Formula{Text: "learners q of a fixed number of neurons near the learning equilibrium, F single valued",
			LaTeX: `dq = \left(\frac{\partial F}{m} + \frac{\hbar}{2m}\,\partial\ln p\right)dt + \sqrt{2D}\,dW`},
		Sources: []string{"V. Vanchurin, Towards a theory of quantum gravity from neural networks, arXiv:2111.00903, §3"},
	}, m.MaxFrequency(nil), m.Invariants())
}

// slopes takes differences of neighbours line by line. It is scratch.
type slopes struct {
	p    *problem
	r, f []float64 // of the links of a line: before its first site … behind its last
}

func newSlopes(p *problem) *slopes {
	longest := 0
	for _, n := range p.lattice.Shape() {
		longest = max(longest, n)
	}
	return &slopes{p, make([]float64, longest+1), make([]float64, longest+1)}
}

// begins tells whether a site is the first of its line along an axis.
func (p *problem) begins(site, axis int) bool {
	return site/p.lattice.Stride(axis)%p.lattice.Axis(axis).Sites == 0
}

// line writes the differences of x across each link of the line that begins at
// first.
func (d *slopes) line(dst, x []float64, first, axis int) []float64 {
	a, stride := d.p.lattice.Axis(axis), d.p.lattice.Stride(axis)
	n := a.Sites
	dst = dst[:n+1]
	for i := 1; i < n; i++ {
		dst[i] = x[first+i*stride] - x[first+(i-1)*stride]
	}
	if a.Periodic() {
		dst[0] = x[first] - x[first+(n-1)*stride]
		dst[n] = dst[0]
		return dst
	}
	dst[0], dst[n] = 0, 0
	if a.Low.Kind != lattice.Neumann {
		dst[0] = 2*dst[1] - dst[2]
	}
	if a.High.Kind != lattice.Neumann {
		dst[n] = 2*dst[n-1] - dst[n-2]
	}
	return dst
}

// each calls do for each site with the differences of r and f across the links
// before and behind it along an axis.
func (d *slopes) each(r, f []float64, axis int, do func(site int, r0, r1, f0, f1 float64)) {
	stride := d.p.lattice.Stride(axis)
	for first := range r {
		if !d.p.begins(first, axis) {
			continue
		}
		dr, df := d.line(d.r, r, first, axis), d.line(d.f, f, first, axis)
		for i := range len(dr) - 1 {
			do(first+i*stride, dr[i], dr[i+1], df[i], df[i+1])
		}
	}
}

// node returns the first site at which R is not resolved, or −1.
func (d *slopes) node(r []float64) int {
	for axis := range d.p.lattice.Dim() {
		stride := d.p.lattice.Stride(axis)
		for first := range r {
			if !d.p.begins(first, axis) {
				continue
			}
			dr := d.line(d.r, r, first, axis)
			for i := range len(dr) - 1 {
				if !(math.Abs(dr[i+1]-dr[i]) <= resolved) {
					return first + i*stride
				}
			}
		}
	}
	return -1
}

// fluid evolves (R, F): the kick is V, the drift everything else by a step of the
// classical Runge-Kutta scheme.
type fluid struct {
	m              *madelung
	step           float64
	slopes         *slopes
	sum, at, slope *theory.State
}

// Evolve returns the dynamics of the fluid.
func (m *madelung) Evolve(step float64) (theory.Evolution, error) {
	n := func() *theory.State { return theory.NewState(m.Fields()) }
	return &fluid{m, step, newSlopes(m.problem), n(), n(), n()}, nil
}

// Load and Physical change p into R = ½ ln p and back.
func (e *fluid) Load(net, physical *theory.State) {
	net.Set(physical)
	for i, p := range physical.Arrays[0] {
		net.Arrays[0][i] = 0.5 * elementary.Log(p)
	}
}

func (e *fluid) Physical(physical, net *theory.State) {
	physical.Set(net)
	for i, r := range net.Arrays[0] {
		physical.Arrays[0][i] = elementary.Exp(2 * r)
	}
}

// Kick is F ← F − dεV.
func (e *fluid) Kick(s *theory.State, d float64) {
	f := s.Arrays[1]
	for i, v := range e.m.v {
		f[i] -= float64(d * e.step * v)
	}
}

// Drift is the flow without V. Where p gets a node it becomes NaN, so that the run
// stops there.
func (e *fluid) Drift(s *theory.State, c float64) {
	e.sum.Set(s)
	e.at.Set(s)
	for i, weight := range [4]float64{1. / 6, 1. / 3, 1. / 3, 1. / 6} {
		e.flow(e.slope, e.at)
		add(e.sum, c*e.step*weight, e.slope)
		if i < 3 {
			e.at.Set(s)
			add(e.at, c*e.step*[3]float64{0.5, 0.5, 1}[i], e.slope)
		}
	}
	t := s.Time + c*e.step
	s.Set(e.sum)
	s.Time = t
	if n := e.slopes.node(s.Arrays[0]); n >= 0 {
		s.Arrays[0][n] = math.NaN()
	}
}

// add adds h times the slope to dst.
func add(dst *theory.State, h float64, slope *theory.State) {
	for n, a := range slope.Arrays {
		for i, x := range a {
			dst.Arrays[n][i] += float64(h * x)
		}
	}
}

// flow writes ∂_tR and ∂_tF without V to dst.
func (e *fluid) flow(dst, s *theory.State) {
	m := e.m
	dr, df := dst.Arrays[0], dst.Arrays[1]
	clear(dr)
	clear(df)
	mass, hbar := m.learning.Mass(), m.learning.Hbar()
	for j := range m.lattice.Dim() {
		a, wind, stride := m.lattice.Spacing(j), m.drift(j), m.lattice.Stride(j)
		speed, pressure := 1/(mass*a), hbar*hbar/(2*mass*a*a)
		for first := range dr {
			if !m.begins(first, j) {
				continue
			}
			r := e.slopes.line(e.slopes.r, s.Arrays[0], first, j)
			f := e.slopes.line(e.slopes.f, s.Arrays[1], first, j)
			u0 := float64(f[0]*speed) + wind
			for i := range len(r) - 1 {
				r0, r1 := r[i], r[i+1]
				u1 := float64(f[i+1]*speed) + wind
				site := first + i*stride
				dr[site] -= (float64(u0*r0) + float64(u1*r1) + (u1 - u0)) / (2 * a)
				df[site] -= float64(0.25 * mass * (float64(u0*u0) + float64(u1*u1)))
				df[site] += float64(pressure * ((r1 - r0) + float64(0.5*(float64(r0*r0)+float64(r1*r1)))))
				u0 = u1
			}
		}
	}
}

// AddFlow adds the right-hand sides, and NaN where p has a node.
func (e *fluid) AddFlow(dst *theory.State, h float64, s *theory.State) error {
	e.flow(e.slope, s)
	for i, v := range e.m.v {
		e.slope.Arrays[1][i] -= v
	}
	add(dst, h*e.step, e.slope)
	if n := e.slopes.node(s.Arrays[0]); n >= 0 {
		dst.Arrays[0][n] = math.NaN()
	}
	return nil
}

// String returns the card.
func (m *madelung) String() string { return theory.Text(m) }
