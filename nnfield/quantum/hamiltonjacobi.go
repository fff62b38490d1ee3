package quantum

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// hamiltonJacobi is the model of the characteristics of ∂_tF + (∂F)²/2m + V = 0:
// from each site a learner starts with u = ∂F/m and moves by Newton's law. With it
// go F, the density p and the deformation J = ∂q/∂q₀, W = ∂u/∂q₀:
//
//	q̇ = u, u̇ = −∂V/m;  J̇ = W, Ẇ = −(∂∂V)J/m;  Ḟ = ½mu² − V;  p = p₀/det J.
//
// F is a function of q until det J = 0, the first caustic. The ends of a line are
// open: learners leave through them and V goes on as its formula says.
type hamiltonJacobi struct {
	*problem
	force [][]*expr.Expr // ∂_jV and, behind it, ∂_j∂_kV; nil for V = 0
	start *theory.State
}

func newHamiltonJacobi(p *problem) (theory.Model, error) {
	m := &hamiltonJacobi{problem: p}
	d := p.lattice.Dim()
	if p.potential.values != nil {
		return nil, fmt.Errorf("SitePotential: learners move between the sites; give V as a formula, Potential(…)")
	}
	if f := p.potential.formula; f != nil {
		for _, x := range variables[:d] {
			row := []*expr.Expr{f.expr.Derivative(x)}
			for _, y := range variables[:d] {
				row = append(row, row[0].Derivative(y))
			}
			m.force = append(m.force, row)
		}
	}
	f, err := p.singleValued()
	if err != nil {
		return nil, err
	}
	for j, a := range p.lattice.Axes() {
		if a.Sites < 5 {
			return nil, fmt.Errorf("%d sites on the %s axis; the velocity needs at least 5", a.Sites, lattice.AxisName(j))
		}
	}
	m.start = theory.NewState(m.Fields())
	a := m.start.Arrays
	for s, c := range p.psi {
		a[0][s] = float64(real(c)*real(c)) + float64(imag(c)*imag(c))
	}
	copy(a[1], f)
	for j := range d {
		copy(a[2+j], p.lattice.Coordinates(j))
		u := a[2+d+j]
		derivative(u, f, p.lattice, j)
		for s := range u {
			u[s] = u[s]/p.learning.Mass() + p.drift(j)
		}
	}
	for j := range d {
		for k := range d {
			if j == k {
				for s := range a[0] {
					m.deformation(m.start, j, k)[s] = 1
				}
			}
			derivative(m.stretch(m.start, j, k), a[2+d+j], p.lattice, k)
		}
	}
	return m, nil
}

// derivative writes ∂f along an axis to dst, to order a⁴.
func derivative(dst, f []float64, l lattice.Lattice, axis int) {
	ax, stride := l.Axis(axis), l.Stride(axis)
	n := ax.Sites
	inside := [5]float64{1, -8, 0, 8, -1} // times 12a, for f at −2 … 2
	ends := [2][5]float64{{-25, 48, -36, 16, -3}, {-3, -10, 18, -6, 1}}
	for s := range f {
		i := s / stride % n
		first := s - i*stride
		sum := 0.0
		switch {
		case ax.Periodic() || i >= 2 && i < n-2:
			for t, c := range inside {
				sum += c * f[first+(i+t-2+n)%n*stride]
			}
		case i < 2:
			for t, c := range ends[i] {
				sum += c * f[first+t*stride]
			}
		default:
			for t, c := range ends[n-1-i] {
				sum -= c * f[first+(n-1-t)*stride]
			}
		}
		dst[s] = sum / (12 * l.Spacing(axis))
	}
}

// Build returns the model itself: a model is its own builder.
func (m *hamiltonJacobi) Build() (theory.Model, error) { return m, nil }
func (m *hamiltonJacobi) Numerics() int                { return 1 }

// Fields returns p, F, q_j, u_j, J_jk and W_jk, one number a characteristic, which
// is named by the site where it starts.
func (m *hamiltonJacobi) Fields() []theory.Field {
	d := m.lattice.Dim()
	names := []string{"p", "p", "F", "F"}
	for _, name := range []string{"q", "u"} {
		for j := range d {
			names = append(names, name+"_"+variables[j], name+"_"+variables[j])
		}
	}
	for _, name := range []string{"J", "W"} {
		for j := range d {
			for k := range d {
				n := name + "_" + variables[j] + variables[k]
				names = append(names, n, n)
			}
		}
	}
	return m.fields(names...)
}

// deformation and stretch return J_jk and W_jk of a state.
func (m *hamiltonJacobi) deformation(s *theory.State, j, k int) []float64 {
	d := m.lattice.Dim()
	return s.Arrays[2+2*d+d*j+k]
}

func (m *hamiltonJacobi) stretch(s *theory.State, j, k int) []float64 {
	d := m.lattice.Dim()
	return s.Arrays[2+2*d+d*d+d*j+k]
}

// volume returns det J of a characteristic.
func (m *hamiltonJacobi) volume(s *theory.State, i int) float64 {
	at := func(j, k int) float64 { return m.deformation(s, j, k)[i] }
	minor := func(j, k, n, o int) float64 { return float64(at(j, n)*at(k, o)) - float64(at(j, o)*at(k, n)) }
	switch m.lattice.Dim() {
	case 1:
		return at(0, 0)
	case 2:
		return minor(0, 1, 0, 1)
	}
	return float64(at(0, 0)*minor(1, 2, 1, 2)) - float64(at(0, 1)*minor(1, 2, 0, 2)) + float64(at(0, 2)*minor(1, 2, 0, 1))
}

func (m *hamiltonJacobi) Initial() *theory.State { return m.start.Clone() }

// caustics is the number of default steps of leapfrog in the time 1/max|∂u| in which
// a free flow first can get a caustic: how well the time of the caustic is met.
const caustics = 16

// MaxFrequency returns √(max|∂∂V|/m) + 16 max|∂u|, with the largest row sums of ∂∂V
// where the learners are and of ∂u at the start. The first is the rate at which they
// oscillate; the second, at which their flow is compressed, needs no bound for
// stability but one for seeing the caustic in time.
func (m *hamiltonJacobi) MaxFrequency(about *theory.State) float64 {
	if about == nil {
		about = m.start
	}
	d := m.lattice.Dim()
	bend, squeeze := 0.0, 0.0
	values := make([]float64, m.lattice.Sites())
	columns := make([][]float64, len(variables))
	for j := range columns {
		columns[j] = make([]float64, len(values))
	}
	m.fold(columns, about)
	for j := range d {
		row := make([]float64, len(values))
		strain := make([]float64, len(values))
		for k := range d {
			if m.force != nil {
				m.force[j][1+k].EvalTo(values, columns...)
				for s, v := range values {
					row[s] += math.Abs(v)
				}
			}
			for s, w := range m.stretch(m.start, j, k) {
				strain[s] += math.Abs(w)
			}
		}
		for s := range row {
			bend, squeeze = math.Max(bend, row[s]), math.Max(squeeze, strain[s])
		}
	}
	return math.Sqrt(bend/m.learning.Mass()) + float64(caustics*squeeze)
}

// Invariants returns the mean energy of the learners, Σp₀(½mu² + V)a^d.
func (m *hamiltonJacobi) Invariants() []theory.Invariant {
	d := m.lattice.Dim()
	v := make([]float64, m.lattice.Sites())
	c := make([]float64, len(v))
	columns := make([][]float64, len(variables))
	for j := range columns {
		columns[j] = make([]float64, len(v))
	}
	return []theory.Invariant{{Name: "energy", Symbol: "E", Value: func(s theory.Snapshot) float64 {
		clear(v)
		if m.force != nil {
			m.fold(columns, s.State)
			m.potential.formula.expr.EvalTo(v, columns...)
		}
		for j := range d {
			u := s.Arrays[2+d+j]
			for i := range c {
				v[i] += float64(0.5 * m.learning.Mass() * float64(u[i]*u[i]))
			}
		}
		return m.sum(func(i int) float64 { return m.start.Arrays[0][i] * v[i] })
	}}}
}

// fold writes where the characteristics are to columns: on a ring between 0 and L.
func (m *hamiltonJacobi) fold(columns [][]float64, s *theory.State) {
	for j := range m.lattice.Dim() {
		a := m.lattice.Axis(j)
		copy(columns[j], s.Arrays[2+j])
		if a.Periodic() {
			for i, q := range columns[j] {
				columns[j][i] = q - a.Length*math.Floor(q/a.Length)
			}
		}
	}
}

// Card describes the model.
func (m *hamiltonJacobi) Card() theory.Card {
	return m.card(theory.Card{
		Title: "Hamilton-Jacobi equation of learning " + m.dimensions(),
		Equation: theory.Formula{Text: "∂F/∂t + (∂F)²/2m + V = 0,  ∂p/∂t + ∂·(p u) = 0,  u = ∂F/m",
			LaTeX: `\partial_t F + \frac{(\partial F)^2}{2m} + V = 0,\qquad \partial_t p + \partial\cdot(p\,u) = 0,\qquad u = \partial F/m`},
		Network: theory.Formula{Text: "learners far from equilibrium: dq/dt = u, m du/dt = −∂V",
			LaTeX: `\dot q = u,\qquad m\,\dot u = -\partial V`},
		Sources: []string{"V. Vanchurin, Towards a theory of quantum gravity from neural networks, arXiv:2111.00903, §3"},
	}, m.MaxFrequency(nil), m.Invariants())
}

// characteristics evolves the learners by exact kicks and drifts.
type characteristics struct {
	m       *hamiltonJacobi
	step    float64
	columns [][]float64
	values  []float64
	bend    [][]float64 // ∂_j∂_kV, row by row
}

// Evolve returns the dynamics of the characteristics.
func (m *hamiltonJacobi) Evolve(step float64) (theory.Evolution, error) {
	n, d := m.lattice.Sites(), m.lattice.Dim()
	e := &characteristics{m: m, step: step, values: make([]float64, n)}
	for range variables {
		e.columns = append(e.columns, make([]float64, n))
	}
	for range d * d {
		e.bend = append(e.bend, make([]float64, n))
	}
	return e, nil
}

func (e *characteristics) Load(net, physical *theory.State) {
	net.Set(physical)
	for i := range net.Arrays[0] {
		net.Arrays[0][i] *= e.m.volume(net, i) // p₀, which stays
	}
}

func (e *characteristics) Physical(physical, net *theory.State) {
	physical.Set(net)
	for i := range net.Arrays[0] {
		physical.Arrays[0][i] /= e.m.volume(net, i)
	}
}

// Drift is q ← q + cεu, J ← J + cεW, F ← F + cε½mu². Where det J is not positive
// any more J becomes NaN, so that the run stops there.
func (e *characteristics) Drift(s *theory.State, c float64) {
	e.move(s, c*e.step, s)
	s.Time += c * e.step
	e.mark(s, s)
}

// mark makes J of dst NaN where det J of s is not positive.
func (e *characteristics) mark(dst, s *theory.State) {
	for i := range e.values {
		if !(e.m.volume(s, i) > 0) {
			e.m.deformation(dst, 0, 0)[i] = math.NaN()
		}
	}
}

// move adds the drift of s over the time t to dst.
func (e *characteristics) move(dst *theory.State, t float64, s *theory.State) {
	d := e.m.lattice.Dim()
	for j := range d {
		q, u := dst.Arrays[2+j], s.Arrays[2+d+j]
		half := 0.5 * e.m.learning.Mass()
		for i, v := range u {
			q[i] += float64(t * v)
			dst.Arrays[1][i] += float64(t * float64(half*float64(v*v)))
		}
		for k := range d {
			deform := e.m.deformation(dst, j, k)
			for i, w := range e.m.stretch(s, j, k) {
				deform[i] += float64(t * w)
			}
		}
	}
}

// Kick is u ← u − dε∂V/m, W ← W − dε(∂∂V)J/m, F ← F − dεV.
func (e *characteristics) Kick(s *theory.State, d float64) { e.push(s, d*e.step, s) }

// push adds the kick of s over the time t to dst.
func (e *characteristics) push(dst *theory.State, t float64, s *theory.State) {
	m := e.m
	if m.force == nil {
		return
	}
	d, rate := m.lattice.Dim(), t/m.learning.Mass()
	m.fold(e.columns, s)
	m.potential.formula.expr.EvalTo(e.values, e.columns...)
	for i, v := range e.values {
		dst.Arrays[1][i] -= float64(t * v)
	}
	for j := range d {
		m.force[j][0].EvalTo(e.values, e.columns...)
		u := dst.Arrays[2+d+j]
		for i, f := range e.values {
			u[i] -= float64(rate * f)
		}
		for k := range d {
			m.force[j][1+k].EvalTo(e.bend[d*j+k], e.columns...)
		}
	}
	for j := range d {
		for k := range d {
			stretch := m.stretch(dst, j, k)
			for n := range d {
				deform := m.deformation(s, n, k)
				for i, b := range e.bend[d*j+n] {
					stretch[i] -= float64(rate * float64(b*deform[i]))
				}
			}
		}
	}
}

// AddFlow adds the right-hand side of all equations, and NaN behind a caustic.
func (e *characteristics) AddFlow(dst *theory.State, h float64, s *theory.State) error {
	e.move(dst, h*e.step, s)
	e.push(dst, h*e.step, s)
	e.mark(dst, s)
	return nil
}

// String returns the card.
func (m *hamiltonJacobi) String() string { return theory.Text(m) }
