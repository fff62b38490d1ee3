// Package duality joins Hamiltonians and learning systems [F] §2.
//
// A Hamiltonian ℋ(φ, β) gives the activation φ̇ = ∂ℋ/∂β. The learning dynamics
// β̇ = −dH/dβ of a loss H is then to give β̇ = −∂ℋ/∂φ. With the quadratic
//
//	ℋ = ½βᵀMβ + βᵀAφ + ½φᵀKφ + Σ V(φ_i)
//
// the response of the fresh field to the biases is J = M and the loss must obey
//
//	(∂/∂β + M ∂/∂φ) H = Aᵀβ + Kφ + V′(φ).
//
// The derivations on the left commute, so such an H, the dual loss, exists if
// and only if S = Aᵀ + (K + V″)M is symmetric: [Existence] decides, [DualLoss]
// gives it, [FromNetwork] goes the other way and [ForceMismatch] measures.
//
// # Units
//
// Hamiltonians and [DualLoss] are in the units of φ and β with J = M. A network
// of step ε runs in network units, b = εβ; [Network] makes it.
//
// Source: [F] V. Vanchurin, arXiv:2411.08138 (2024).
package duality

import (
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Hamiltonian is ℋ(φ, β) = ½βᵀMβ + βᵀAφ + ½φᵀKφ + Σ V(φ_i) of n neurons, all
// tensors n×n, M and K symmetric. K must be given.
type Hamiltonian struct {
	M         weights.Tensor    // gain; nil is 1
	A         weights.Tensor    // weights φ → φ; nil is 0
	K         weights.Tensor    // stiffness
	Potential network.Potential // nil is V = 0
}

// Energy returns ℋ(φ, β). It allocates.
func (h Hamiltonian) Energy(phi, beta []float64) float64 {
	u := make([]float64, len(phi))
	if h.M == nil {
		copy(u, beta)
	} else {
		h.M.AddApply(u, 1, beta)
	}
	e := float64(0.5 * sums.Dot(beta, u))
	if h.A != nil {
		e += sums.Dot(beta, applied(h.A, phi))
	}
	e += float64(0.5 * sums.Dot(phi, applied(h.K, phi)))
	if h.Potential != nil {
		e += h.Potential.Energy(phi)
	}
	return e
}

// AddVelocity adds α ∂ℋ/∂β = α(Mβ + Aφ) to dst.
func (h Hamiltonian) AddVelocity(dst []float64, alpha float64, phi, beta []float64) {
	if h.M == nil {
		for i, v := range beta {
			dst[i] += float64(alpha * v)
		}
	} else {
		h.M.AddApply(dst, alpha, beta)
	}
	if h.A != nil {
		h.A.AddApply(dst, alpha, phi)
	}
}

// AddForce adds α ∂ℋ/∂φ = α(Aᵀβ + Kφ + V′(φ)) to dst.
func (h Hamiltonian) AddForce(dst []float64, alpha float64, phi, beta []float64) {
	if h.A != nil {
		h.A.Transpose().AddApply(dst, alpha, beta)
	}
	h.K.AddApply(dst, alpha, phi)
	if h.Potential != nil {
		h.Potential.AddForce(dst, alpha, phi)
	}
}

// validate returns what is wrong with the sizes.
func (h Hamiltonian) validate() error {
	if h.K == nil {
		return fmt.Errorf("duality: a Hamiltonian without K; give the stiffness, such as weights.Scale(-1, laplacian)")
	}
	for _, t := range []struct {
		name string
		w    weights.Tensor
	}{{"M", h.M}, {"A", h.A}} {
		if t.w != nil && t.w.Size() != h.K.Size() {
			return fmt.Errorf("duality: %s has size %d but K has size %d; all tensors of a Hamiltonian have one size", t.name, t.w.Size(), h.K.Size())
		}
	}
	return nil
}

// tolerance is the relative defect that round-off in the entries of M, A and K
// may cause.
const tolerance = 1e-10

// Verdict says whether a Hamiltonian has a dual loss [F] §2.
type Verdict struct {
	Exists bool

	// Defect is ‖S − Sᵀ‖/‖S‖ (Frobenius) of S = Aᵀ + (K + V″)M: 0 for a symmetric
	// S, 2 for an antisymmetric one. Gain and Stiffness are the same of M and K.
	// Each must vanish: if M or K is not symmetric, the equations have no ℋ.
	Defect, Gain, Stiffness float64

	// Broken is the tensor that is not symmetric, "M", "K" or "S"; Worst are the
	// pairs of its entries that differ most.
	Broken string
	Worst  []weights.Entry

	// SymmetricA and Commute are the two conditions of [F]: A = Aᵀ and [K, M] = 0
	// (with the potential [K + V″, M] = 0). Together they are sufficient.
	SymmetricA, Commute bool
}

// String returns the verdict as a sentence.
func (v Verdict) String() string {
	var b strings.Builder
	switch {
	case v.Exists:
		fmt.Fprintf(&b, "a dual loss exists: S = Aᵀ + KM is symmetric (relative defect %.1e)", v.Defect)
		if v.SymmetricA && v.Commute {
			b.WriteString("; A is symmetric and [K, M] = 0")
		} else {
			b.WriteString("; A is not symmetric and [K, M] ≠ 0, but they cancel")
		}
	case v.Broken == "S":
		fmt.Fprintf(&b, "no dual loss: S = Aᵀ + KM is not symmetric (relative defect %.2g)", v.Defect)
	default:
		size := map[string]float64{"K": v.Stiffness, "M": v.Gain}[v.Broken]
		fmt.Fprintf(&b, "no dual loss: %s is not symmetric (relative defect %.2g), so there is no Hamiltonian", v.Broken, size)
	}
	for i, e := range v.Worst {
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		fmt.Fprintf(&b, "%s%s[%d,%d] = %.6g but %s[%d,%d] = %.6g", separator, v.Broken, e.I, e.J, e.Wij, v.Broken, e.J, e.I, e.Wji)
	}
	return b.String()
}

// Existence says whether h has a dual loss: whether S = Aᵀ + KM is symmetric.
//
// With a potential the condition holds field by field, with K + diag V″(φ) in
// place of K; Existence then tries one random field, which finds a potential
// that does not commute with M with probability 1. [ExistenceAt] tries a given
// one. The time is that of the sparse product KM; it fails for tensors of
// different sizes.
func Existence(h Hamiltonian) (Verdict, error) {
	if err := h.validate(); err != nil {
		return Verdict{}, err
	}
	phi := make([]float64, h.K.Size())
	numbers := random.New(1, "existence")
	for i := range phi {
		phi[i] = numbers.Normal(i)
	}
	return ExistenceAt(h, phi)
}

// ExistenceAt is [Existence] at the field φ. Without a potential it does not
// depend on φ.
func ExistenceAt(h Hamiltonian, phi []float64) (Verdict, error) {
	if err := h.validate(); err != nil {
		return Verdict{}, err
	}
	n := h.K.Size()
	if len(phi) != n {
		return Verdict{}, fmt.Errorf("duality.ExistenceAt: a field of %d neurons for tensors of size %d; give %d", len(phi), n, n)
	}
	k := h.K
	if h.Potential != nil {
		k = weights.Add(h.K, weights.Diagonal(curvature(h.Potential, phi)))
	}
	km := product(k, h.M)
	s := km
	if h.A != nil {
		s = weights.Add(h.A.Transpose(), km)
	}
	v := Verdict{
		Defect: defect(s), Gain: defect(h.M), Stiffness: defect(h.K),
		SymmetricA: defect(h.A) <= tolerance, Commute: defect(km) <= tolerance,
	}
	broken := s
	switch {
	case v.Stiffness > tolerance:
		v.Broken, broken = "K", h.K
	case v.Gain > tolerance:
		v.Broken, broken = "M", h.M
	case v.Defect > tolerance:
		v.Broken = "S"
	default:
		v.Exists = true
		return v, nil
	}
	v.Worst = weights.Symmetry(broken).Worst
	return v, nil
}

// curvature returns V″(φ) from fourth-order differences of V′, exact for
// potentials of up to the fifth degree.
func curvature(p network.Potential, phi []float64) []float64 {
	const h = 1e-3
	v := make([]float64, len(phi))
	moved := make([]float64, len(phi))
	for _, tap := range []struct{ at, weight float64 }{{-2, 1}, {-1, -8}, {1, 8}, {2, -1}} {
		for i, x := range phi {
			moved[i] = x + tap.at*h
		}
		p.AddForce(v, tap.weight/(12*h), moved)
	}
	return v
}

// defect returns ‖W − Wᵀ‖/‖W‖, and 0 for W = 0 and for nil.
func defect(w weights.Tensor) float64 {
	if w == nil {
		return 0
	}
	d := weights.Symmetry(w).Defect
	if d == 0 {
		return 0
	}
	return d / frobenius(w)
}

func frobenius(w weights.Tensor) float64 {
	s := 0.0
	for i := range w.Size() {
		w.Row(i, func(_ int, v float64) { s += float64(v * v) })
	}
	return math.Sqrt(s)
}

// applied returns Wx.
func applied(w weights.Tensor, x []float64) []float64 {
	y := make([]float64, len(x))
	w.AddApply(y, 1, x)
	return y
}
