package einstein

import (
	"math"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// Rule says how the metric learns.
type Rule string

// Rules. Gradients of the functions q are taken in the metric ∫δq̇²dt of the space
// of functions, in which a step does not depend on the spacing of the time axis.
const (
	// Ascent goes up the gradient of the entropy production in q and N, while
	// Λ′ = η(neurons − target). It arrives where S has a maximum in q and N, as it has for
	// FRW; for Kantowski-Sachs it has a saddle, and ascent and descent both diverge. The
	// largest rate grows as N⁻³: take the duration of Times near the proper time
	// that is to be learned, so that N is near 1, or it takes very many steps.
	Ascent Rule = "ascent"
	// Descent goes down the gradient instead: the control.
	Descent Rule = "descent"
	// Covariant is covariant gradient descent ([C]) on half the square of the
	// residual E = ∂S, with E's own metric JᵀJ, J = ∂E: the flow (q, N, Λ)′ = −J⁻¹E,
	// along which E decays as e^{−τ}, whatever the signs of J. A step of 1 is
	// Newton's; shorter ones arrive from farther away.
	//
	// [C] D. Guskov, V. Vanchurin, Covariant gradient descent, arXiv:2504.05279.
	Covariant Rule = "covariant"
)

// learner evolves a metric by its rule.
type learner struct {
	m        *model
	step     float64
	s        *action
	slope    *theory.State // of S, then the flow
	stiff    *banded       // of ∫δq̇²dt for one function, factored
	byLapse  []float64     // scratch: J⁻¹ of the border
	byLambda []float64
}

func (m *model) newLearner(step float64) *learner {
	n := m.sites - 2
	l := &learner{m: m, step: step, s: newAction(m.lagrangian, len(m.universe.functions), m.sites, m.spacing()),
		slope: theory.NewState(m.Fields()), stiff: newBanded(n, 1)}
	for i := range n {
		*l.stiff.at(i, i) = 2 / m.spacing()
		if i > 0 {
			*l.stiff.at(i, i-1), *l.stiff.at(i-1, i) = -1/m.spacing(), -1/m.spacing()
		}
	}
	l.stiff.factor() // it is positive
	l.byLapse, l.byLambda = make([]float64, len(l.s.lapse)), make([]float64, len(l.s.lapse))
	return l
}

// Evolve returns the dynamics of the learning.
func (m *model) Evolve(step float64) (theory.Evolution, error) { return m.newLearner(step), nil }

func (l *learner) Load(net, physical *theory.State)     { net.Set(physical) }
func (l *learner) Physical(physical, net *theory.State) { physical.Set(net) }

// Drift is what the metric learns over the time c·ε: a step of Euler along the
// flow of q and N, by the covariant rule of Λ as well.
func (l *learner) Drift(s *theory.State, c float64) {
	l.flow(s, false)
	l.add(s, c*l.step)
	s.Time += c * l.step
	l.mark(s, s)
}

// mark makes what is not positive at s, a scale factor or the lapse, not a number
// in dst: such a metric is none, and the run stops there.
func (l *learner) mark(dst, s *theory.State) {
	for n, a := range s.Arrays[:2] {
		for i, v := range a {
			if !(v > 0) {
				dst.Arrays[n][i] = math.NaN()
			}
		}
	}
}

// Kick is what the multiplier learns over the time d·ε, Λ ← Λ + dεη(neurons −
// target); nothing by the covariant rule.
func (l *learner) Kick(s *theory.State, d float64) {
	if l.m.rule == Covariant {
		return
	}
	l.s.load(s)
	l.s.gradient(l.slope)
	s.Arrays[2][0] += float64(d * l.step * l.multiplier())
}

// AddFlow adds the flow of q, N and Λ.
func (l *learner) AddFlow(dst *theory.State, h float64, s *theory.State) error {
	l.flow(s, true)
	l.add(dst, h*l.step)
	l.mark(dst, s)
	return nil
}

func (l *learner) add(dst *theory.State, h float64) {
	for n, a := range l.slope.Arrays {
		for i, v := range a {
			dst.Arrays[n][i] += float64(h * v)
		}
	}
}

// multiplier returns η(neurons − target) at the gradient taken last.
func (l *learner) multiplier() float64 {
	return float64(l.m.rate * (l.s.neurons() - l.m.neurons))
}

// flow sets slope to the flow at s; that of Λ by a gradient rule only if asked.
func (l *learner) flow(s *theory.State, multiplier bool) {
	l.s.load(s)
	l.s.gradient(l.slope)
	if l.m.rule == Covariant {
		l.slope.Arrays[2][0] += 2 * l.m.neurons // E_Λ = −2(neurons − target)
		l.newton()
		return
	}
	sign := 1.0
	if l.m.rule == Descent {
		sign = -1
	}
	l.smooth(l.slope)
	for _, a := range l.slope.Arrays[:2] {
		for i := range a {
			a[i] *= sign
		}
	}
	l.slope.Arrays[2][0] = 0
	if multiplier {
		l.slope.Arrays[2][0] = l.multiplier()
	}
}

// smooth takes the derivatives by the functions to the gradient in the metric
// ∫δq̇²dt.
func (l *learner) smooth(d *theory.State) {
	n := l.m.sites
	for f := range l.m.universe.functions {
		inside := d.Arrays[0][f*n+1 : (f+1)*n-1]
		l.stiff.solve(inside)
	}
}

// newton replaces the residual E in slope by −J⁻¹E: the band by its factors, N and
// Λ by the Schur complement of the border. Where J is singular it becomes NaN, so
// that the run stops there.
func (l *learner) newton() {
	a, e := l.s, l.slope
	a.hessian()
	copy(l.byLapse, a.lapse)
	copy(l.byLambda, a.lambda)
	a.number(a.numbered, e)
	regular := a.band.factor()
	if regular {
		a.band.solve(a.numbered)
		a.band.solve(l.byLapse)
		a.band.solve(l.byLambda)
	}
	nn, nl, ll := a.nn-dot(a.lapse, l.byLapse), a.nl-dot(a.lapse, l.byLambda), -dot(a.lambda, l.byLambda)
	en, el := e.Arrays[1][0]-dot(a.lapse, a.numbered), e.Arrays[2][0]-dot(a.lambda, a.numbered)
	det := float64(nn*ll) - float64(nl*nl)
	if !regular {
		det = math.NaN()
	}
	dn, dl := (float64(en*ll)-float64(el*nl))/det, (float64(el*nn)-float64(en*nl))/det
	for f := range a.k {
		for i := 1; i < a.sites-1; i++ {
			p := a.place(f, i)
			e.Arrays[0][f*a.sites+i] = float64(dn*l.byLapse[p]) + float64(dl*l.byLambda[p]) - a.numbered[p]
		}
	}
	e.Arrays[1][0], e.Arrays[2][0] = -dn, -dl
}

// dot returns Σ x_i y_i.
func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}

// stiffness returns the largest rate at which a gradient rule changes anything
// near s: the norm of the second derivative of S in the metric of the learning, by
// power iteration.
func (l *learner) stiffness(s *theory.State) float64 {
	a, x := l.s, l.slope
	a.load(s)
	a.hessian()
	n := len(a.lapse)
	v, image := make([]float64, n), make([]float64, n)
	for i := range v {
		v[i] = 1 / float64(1+i) // no symmetry keeps it from any eigenvector
	}
	dn, dl, norm := 1.0, 1.0, 0.0
	for range 64 {
		clear(image)
		a.band.addTo(image, v)
		for i := range image {
			image[i] += float64(a.lapse[i]*dn) + float64(a.lambda[i]*dl)
		}
		en := dot(a.lapse, v) + float64(a.nn*dn) + float64(a.nl*dl)
		el := float64(0.5 * l.m.rate * (dot(a.lambda, v) + float64(a.nl*dn)))
		for f := range a.k {
			for i := 1; i < a.sites-1; i++ {
				x.Arrays[0][f*a.sites+i] = image[a.place(f, i)]
			}
		}
		l.smooth(x)
		a.number(v, x)
		norm = math.Sqrt(dot(v, image) + float64(en*en) + float64(2*el*el/l.m.rate))
		dn, dl = en/norm, el/norm
		for i := range v {
			v[i] /= norm
		}
	}
	return norm
}
