package duality

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// DualLoss returns a loss H(φ, β) whose total derivative with J = M is the force
// of h: (∂/∂β + M ∂/∂φ)H = Aᵀβ + Kφ + V′(φ) [F] §2. It is an error, naming the
// defect, if none exists.
//
// For a gain M = c·1 it is the [network.Dual]
//
//	H = (½φᵀKφ + Σ V)/c + ½βᵀAβ.
//
// For any other M: u = φ − Mβ, the state before the activation, is not changed
// by the derivation, which at fixed u is just ∂/∂β. Integrating the force
// Ku + Sβ along it gives βᵀKu + ½βᵀSβ, or
//
//	H = βᵀKφ + ½βᵀQβ,   Q = ½(A + Aᵀ) − ½(KM + MK),
//
// for every M, also singular. It differs from other dual losses, such as
// ½φᵀφ + ½βᵀAβ for K = M, by a function of u only (see [Gauged]). With a
// potential the gain must be c·1.
func DualLoss(h Hamiltonian) (network.Loss, error) {
	v, err := Existence(h)
	if err != nil {
		return nil, err
	}
	if !v.Exists {
		return nil, fmt.Errorf("duality.DualLoss: %v", v)
	}
	c, scalar := scalarGain(h.M)
	switch {
	case scalar && c != 0:
		return network.Dual{K: weights.Scale(1/c, h.K), Potential: scalePotential(1/c, h.Potential), A: h.A}, nil
	case h.Potential != nil:
		return nil, fmt.Errorf("duality.DualLoss: a potential with a gain M that is not a multiple of 1; use the fields M^{−½}φ and M^{½}β, whose gain is 1")
	}
	km := product(h.K, h.M)
	q := weights.Scale(-1, weights.SymmetricPart(km))
	if h.A != nil {
		q = weights.Add(weights.SymmetricPart(h.A), q)
	}
	return mixed{h.K, q}, nil
}

// scalarGain returns c if M = c·1; nil is 1.
func scalarGain(m weights.Tensor) (c float64, ok bool) {
	if m == nil {
		return 1, true
	}
	ok = true
	for i := 0; i < m.Size() && ok; i++ {
		d := 0.0
		m.Row(i, func(j int, v float64) {
			if i == j {
				d = v
			} else if v != 0 {
				ok = false
			}
		})
		if i == 0 {
			c = d
		}
		ok = ok && d == c
	}
	return c, ok
}

// scalePotential returns cV.
func scalePotential(c float64, v network.Potential) network.Potential {
	if v == nil || c == 1 {
		return v
	}
	return scaled{c, v}
}

// scaled is the potential cV.
type scaled struct {
	c float64
	v network.Potential
}

func (s scaled) Energy(x []float64) float64 { return s.c * s.v.Energy(x) }

func (s scaled) AddForce(dst []float64, alpha float64, x []float64) {
	s.v.AddForce(dst, alpha*s.c, x)
}

// mixed is the loss βᵀKφ + ½βᵀQβ with symmetric K and Q.
type mixed struct{ k, q weights.Tensor }

func (l mixed) Value(n *network.Network, x, b []float64) float64 {
	u, v := n.Scratch()
	clear(u)
	clear(v)
	l.k.AddApply(u, 1, x)
	l.q.AddApply(v, 0.5, b)
	h := 0.0
	for i, beta := range b {
		h += float64(beta * (u[i] + v[i]))
	}
	return h
}

func (l mixed) AddGradient(_ *network.Network, gx, gb []float64, alpha float64, x, b []float64) {
	l.k.AddApply(gx, alpha, b)
	l.k.AddApply(gb, alpha, x)
	l.q.AddApply(gb, alpha, b)
}

func (l mixed) Validate(n *network.Network) error {
	if l.k.Size() != n.Size() {
		return fmt.Errorf("dual loss of %d neurons in a network of %d", l.k.Size(), n.Size())
	}
	return nil
}

// ForceMismatch returns how far a loss is from being dual to h at (φ, β): the
// largest element of
//
//	(∂/∂β + M ∂/∂φ)H − ∂ℋ/∂φ
//
// relative to the largest of ∂ℋ/∂φ. A dual loss gives round-off. The loss is in
// the units of h, J = M.
func ForceMismatch(h Hamiltonian, loss network.Loss, phi, beta []float64) (float64, error) {
	if err := h.validate(); err != nil {
		return 0, err
	}
	n := h.K.Size()
	if len(phi) != n || len(beta) != n {
		return 0, fmt.Errorf("duality.ForceMismatch: %d φ and %d β for tensors of size %d; give %d of each", len(phi), len(beta), n, n)
	}
	s, err := network.New(network.Network{Weights: onePlus(1, h.A, n), Bias: h.M, Loss: loss})
	if err != nil {
		return 0, err
	}
	learned, force := make([]float64, n), make([]float64, n)
	s.Gradient(learned, 1, &network.State{X: phi, B: beta})
	h.AddForce(force, 1, phi, beta)
	worst, scale := 0.0, 0.0
	for i, f := range force {
		worst, scale = max(worst, math.Abs(learned[i]-f)), max(scale, math.Abs(f))
	}
	if worst == 0 {
		return 0, nil
	}
	return worst / scale, nil
}

// onePlus returns 1 + εA, and 1 for A = nil.
func onePlus(epsilon float64, a weights.Tensor, n int) weights.Tensor {
	if a == nil {
		return weights.Identity(n)
	}
	return weights.Add(weights.Identity(n), weights.Scale(epsilon, a))
}

// Gauged is a loss plus a function of the state before the activation:
//
//	H(x, b) + g(x − E b).
//
// The duality is many-to-one [F] §2: with the identity as activation
// (∂/∂b + Eᵀ∂/∂x) g(x − E b) = 0, so for any g the biases learn exactly as
// without it (to round-off). Weights that learn do feel g.
type Gauged struct {
	Loss     network.Loss
	G        func(u []float64) float64
	Gradient func(dst, u []float64) // dst ← ∂g/∂u
}

// Value returns H(x, b) + g(x − E b).
func (l Gauged) Value(n *network.Network, x, b []float64) float64 {
	h := l.Loss.Value(n, x, b)
	u, _ := n.Scratch()
	return h + l.G(before(u, n, x, b))
}

// AddGradient adds α(∂H/∂x + ∇g) to gx and α(∂H/∂b − Eᵀ∇g) to gb.
func (l Gauged) AddGradient(n *network.Network, gx, gb []float64, alpha float64, x, b []float64) {
	l.Loss.AddGradient(n, gx, gb, alpha, x, b)
	u, g := n.Scratch()
	clear(g)
	l.Gradient(g, before(u, n, x, b))
	for i, v := range g {
		gx[i] += float64(alpha * v)
	}
	n.AddBiasTransposed(gb, -alpha, g)
}

// AddWeightGradient adds that of H; g does not depend on the weights explicitly.
func (l Gauged) AddWeightGradient(n *network.Network, gu []float64, alpha float64, x, b []float64) {
	if w, ok := l.Loss.(network.WeightLoss); ok {
		w.AddWeightGradient(n, gu, alpha, x, b)
	}
}

// Validate returns an error if a part is missing, if the network has another
// activation than the identity, or if the loss does not fit it.
func (l Gauged) Validate(n *network.Network) error {
	if l.Loss == nil || l.G == nil || l.Gradient == nil {
		return fmt.Errorf("duality.Gauged: needs a Loss, G and Gradient")
	}
	if !n.Linear() {
		return fmt.Errorf("duality.Gauged: x − E b is the state before the activation only if f is the identity; use no Activations")
	}
	if v, ok := l.Loss.(network.Validator); ok {
		return v.Validate(n)
	}
	return nil
}

// before writes x − E b to u.
func before(u []float64, n *network.Network, x, b []float64) []float64 {
	copy(u, x)
	n.AddBias(u, -1, b)
	return u
}
