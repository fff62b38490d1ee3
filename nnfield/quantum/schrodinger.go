package quantum

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// schrodinger is the model of ψ, one field of two neuron types: Re ψ of all sites,
// then Im ψ.
type schrodinger struct {
	*problem
	k2 []float64 // of each mode
}

func newSchrodinger(p *problem) (theory.Model, error) {
	for j, kappa := range p.circulation {
		if kappa != math.Round(kappa) {
			return nil, fmt.Errorf("Circulation(%s): ψ is single valued, use whole numbers; any real number is for Madelung", list(p.circulation))
		}
		for s, x := range p.lattice.Coordinates(j) {
			p.psi[s] = elementary.Times(p.psi[s], turn(2*math.Pi*kappa*x/p.lattice.Axis(j).Length))
		}
	}
	return &schrodinger{p, p.squares()}, nil
}

// Build returns the model itself: a model is its own builder.
func (m *schrodinger) Build() (theory.Model, error) { return m, nil }

// Numerics is the version of the numbers.
func (m *schrodinger) Numerics() int { return 1 }

func (m *schrodinger) Fields() []theory.Field {
	f := m.fields("psi", "ψ")
	f[0].Types = []string{"re", "im"}
	return f
}

// parts returns Re ψ and Im ψ of a state.
func parts(s *theory.State) (re, im []float64) {
	n := len(s.Arrays[0]) / 2
	return s.Arrays[0][:n], s.Arrays[0][n:]
}

func (m *schrodinger) Initial() *theory.State {
	s := theory.NewState(m.Fields())
	re, im := parts(s)
	for i, c := range m.psi {
		re[i], im[i] = real(c), imag(c)
	}
	return s
}

// MaxFrequency returns max(ħk²/2m) + max|V|/ħ. The split step is unitary for any
// step; below the bound of leapfrog no two levels of the lattice differ by 2πħ/ε,
// which V would mix.
func (m *schrodinger) MaxFrequency(*theory.State) float64 {
	hbar := m.learning.Hbar()
	most := 0.0
	for _, k2 := range m.k2 {
		most = math.Max(most, k2)
	}
	return hbar*most/(2*m.learning.Mass()) + m.maxPotential()/hbar
}

// norm returns Σ|ψ|²a^d.
func (m *schrodinger) norm(s *theory.State) float64 {
	re, im := parts(s)
	return m.sum(func(i int) float64 { return float64(re[i]*re[i]) + float64(im[i]*im[i]) })
}

func (m *schrodinger) Invariants() []theory.Invariant {
	hbar := m.learning.Hbar()
	kinetic := hbar * hbar / (2 * m.learning.Mass())
	re, im := make([]float64, len(m.k2)), make([]float64, len(m.k2))
	return []theory.Invariant{
		{Name: "norm", Symbol: "‖ψ‖²", Value: func(s theory.Snapshot) float64 { return m.norm(s.State) }},
		{Name: "energy", Symbol: "E",
			Value: func(s theory.Snapshot) float64 {
				a, b := parts(s.State)
				copy(re, a)
				copy(im, b)
				m.modes.Forward(re)
				m.modes.Forward(im)
				return m.sum(func(i int) float64 {
					t := float64(kinetic * m.k2[i] * (float64(re[i]*re[i]) + float64(im[i]*im[i])))
					return t + float64(m.v[i]*(float64(a[i]*a[i])+float64(b[i]*b[i])))
				})
			},
		},
	}
}

// Card describes the model.
func (m *schrodinger) Card() theory.Card {
	return m.card(theory.Card{
		Title: "Schrödinger equation of trainable variables " + m.dimensions(),
		Equation: theory.Formula{Text: "iħ ∂ψ/∂t = −(ħ²/2m) ∂²ψ + V ψ,  ψ = √p e^{iF/ħ}",
			LaTeX: `i\hbar\,\partial_t\psi = -\frac{\hbar^2}{2m}\,\partial^2\psi + V\psi,\qquad \psi = \sqrt p\,e^{iF/\hbar}`},
		Network: theory.Formula{Text: "learners dq = v₊dt + √(2D) dW, their number of neurons adjustable, F defined up to 2πħ",
			LaTeX: `dq = v_+\,dt + \sqrt{2D}\,dW,\qquad F \sim F + 2\pi\hbar`},
		Sources: []string{"V. Vanchurin, Towards a theory of quantum gravity from neural networks, arXiv:2111.00903, §3-4",
			"M. Katsnelson, V. Vanchurin, Emergent quantumness in neural networks, arXiv:2012.05082"},
	}, m.MaxFrequency(nil), m.Invariants())
}

// Network returns the learning system whose states and biases are the two parts of ψ,
// one neuron for each value of q: with h = H/ħ
//
//	activation  x ← x + h b,    learning  b ← b − ε² h x,    x = Re ψ, b = ε Im ψ,
//
// so w = 1, the bias tensor is h, the loss ½xᵀx (J = h) and γ = ε². Its step is of order
// 2 in ε against the split step that a run of the model does. It is another reading than
// that of [G], where q are the trainable variables of a network whose states are
// averaged over: there the learners themselves are the network, see NelsonLearners.
func (m *schrodinger) Network(step float64) (*network.System, error) {
	laplacian, err := weights.SpectralLaplacian(m.lattice)
	if err != nil {
		return nil, err
	}
	hbar := m.learning.Hbar()
	h := weights.Scale(-hbar/(2*m.learning.Mass()), laplacian)
	if !m.potential.none() {
		v := make(weights.Diagonal, len(m.v))
		for i, u := range m.v {
			v[i] = u / hbar
		}
		h = weights.Add(h, v)
	}
	n := len(m.v)
	return network.New(network.Network{
		Weights: weights.Identity(n),
		Bias:    h,
		Loss:    network.Dual{K: weights.Identity(n)},
		Rate:    float64(step * step),
		Clock:   step,
	})
}

// splitStep evolves ψ by exact kicks and drifts.
type splitStep struct {
	m             *schrodinger
	step          float64
	kicks, drifts map[float64]rotation // by the fraction of a step
	re, im        []float64            // scratch of AddFlow
}

// rotation turns each number by its own angle: the cosines and sines.
type rotation struct{ cos, sin []float64 }

// Evolve returns the dynamics of the split step.
func (m *schrodinger) Evolve(step float64) (theory.Evolution, error) {
	return &splitStep{m: m, step: step, kicks: map[float64]rotation{}, drifts: map[float64]rotation{}}, nil
}

func newRotation(rates []float64, t float64) rotation {
	r := rotation{make([]float64, len(rates)), make([]float64, len(rates))}
	for i, w := range rates {
		r.cos[i], r.sin[i] = elementary.Cos(w*t), elementary.Sin(w*t)
	}
	return r
}

// turn multiplies re + i·im by e^{−iφ}.
func (r rotation) turn(re, im []float64) {
	for i, c := range r.cos {
		s, x, y := r.sin[i], re[i], im[i]
		re[i] = float64(c*x) + float64(s*y)
		im[i] = float64(c*y) - float64(s*x)
	}
}

func (e *splitStep) Load(net, physical *theory.State) { net.Set(physical) }

func (e *splitStep) Physical(physical, net *theory.State) { physical.Set(net) }

// Drift multiplies each mode by e^{−iħk²cε/2m}.
func (e *splitStep) Drift(s *theory.State, c float64) {
	r, ok := e.drifts[c]
	if !ok {
		r = newRotation(e.m.k2, c*e.step*e.m.learning.Hbar()/(2*e.m.learning.Mass()))
		e.drifts[c] = r
	}
	re, im := parts(s)
	e.m.modes.Forward(re)
	e.m.modes.Forward(im)
	r.turn(re, im)
	e.m.modes.Inverse(re)
	e.m.modes.Inverse(im)
	s.Time += c * e.step
}

// Kick multiplies ψ by e^{−iVdε/ħ}.
func (e *splitStep) Kick(s *theory.State, d float64) {
	if e.m.potential.none() {
		return
	}
	r, ok := e.kicks[d]
	if !ok {
		r = newRotation(e.m.v, d*e.step/e.m.learning.Hbar())
		e.kicks[d] = r
	}
	re, im := parts(s)
	r.turn(re, im)
}

// AddFlow adds −(i/ħ)(−ħ²∂²/2m + V)ψ.
func (e *splitStep) AddFlow(dst *theory.State, h float64, s *theory.State) error {
	m := e.m
	if e.re == nil {
		e.re, e.im = make([]float64, len(m.v)), make([]float64, len(m.v))
	}
	hbar := m.learning.Hbar()
	re, im := parts(s)
	for n, from := range [2][]float64{re, im} {
		part := [2][]float64{e.re, e.im}[n]
		copy(part, from)
		m.modes.Forward(part)
		for i, k2 := range m.k2 {
			part[i] *= hbar * k2 / (2 * m.learning.Mass())
		}
		m.modes.Inverse(part)
		for i, v := range m.v {
			part[i] += float64(v / hbar * from[i])
		}
	}
	t := h * e.step
	re, im = parts(dst)
	for i := range m.v {
		re[i] += float64(t * e.im[i])
		im[i] -= float64(t * e.re[i])
	}
	return nil
}

// String returns the card.
func (m *schrodinger) String() string { return theory.Text(m) }
