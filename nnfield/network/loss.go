package network

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Loss is the loss H(x, b) of a network, with its partial derivatives. The
// total derivative that drives learning is made of them by [System].
//
// A loss that depends on the weights explicitly is a [WeightLoss]. A loss that can
// be unfit for a network is a [Validator].
type Loss interface {
	// Value returns H(x, b).
	Value(n *Network, x, b []float64) float64

	// AddGradient adds α ∂H/∂x to gx and α ∂H/∂b to gb, which may be the same
	// slice. It does not allocate.
	AddGradient(n *Network, gx, gb []float64, alpha float64, x, b []float64)
}

// WeightLoss is a loss that depends on w explicitly, through w x: then
// ∂H/∂w_ij = u_i x_j with one number u_i for each neuron.
type WeightLoss interface {
	Loss

	// AddWeightGradient adds α u to gu.
	AddWeightGradient(n *Network, gu []float64, alpha float64, x, b []float64)
}

// Validator is a loss that [New] asks whether it fits the network. A loss made of
// others asks these.
type Validator interface {
	Validate(n *Network) error
}

// Potential is an on-site self-interaction, part of a loss.
type Potential interface {
	// Energy returns Σ V(x_i).
	Energy(x []float64) float64

	// AddForce adds α V′(x_i) to dst without allocating.
	AddForce(dst []float64, alpha float64, x []float64)
}

// OnSite is the [Potential] of a function V and its derivative, the same on
// every neuron.
type OnSite struct {
	V, Derivative func(x float64) float64
}

// Energy returns Σ V(x_i).
func (p OnSite) Energy(x []float64) float64 {
	return sums.Sum(0, len(x), func(i int) float64 { return p.V(x[i]) })
}

// AddForce adds α V′(x_i) to dst.
func (p OnSite) AddForce(dst []float64, alpha float64, x []float64) {
	for i, v := range x {
		dst[i] += float64(alpha * p.Derivative(v))
	}
}

// Dual is the loss that makes a network a Hamiltonian field theory [F] §2:
//
//	H = ½xᵀKx + Σ V(x_i) + ½bᵀAb
//
// in network units: b = εβ, J = 1, γ = ε². (In physics units, J = ε, the same
// loss is ½φᵀKφ/ε + ½βᵀAβ.) K and A are symmetric n×n tensors, A usually nil:
// zero. The gradient is added in the order K, V, A.
//
// [New] refuses a K or A that is not symmetric: then Kx is the gradient of no
// loss. Package duality says which entries break it.
type Dual struct {
	K         weights.Tensor
	Potential Potential
	A         weights.Tensor
}

// Value returns H(x, b).
func (l Dual) Value(n *Network, x, b []float64) float64 {
	u, _ := n.Scratch()
	h := quadratic(l.K, u, x)
	if l.Potential != nil {
		h += l.Potential.Energy(x)
	}
	if l.A != nil {
		h += quadratic(l.A, u, b)
	}
	return h
}

// quadratic returns ½xᵀWx.
func quadratic(w weights.Tensor, scratch, x []float64) float64 {
	clear(scratch)
	w.AddApply(scratch, 0.5, x)
	return sums.Dot(x, scratch)
}

// AddGradient adds α(Kx + V′(x)) to gx and αAb to gb.
func (l Dual) AddGradient(_ *Network, gx, gb []float64, alpha float64, x, b []float64) {
	l.K.AddApply(gx, alpha, x)
	if l.Potential != nil {
		l.Potential.AddForce(gx, alpha, x)
	}
	if l.A != nil {
		l.A.AddApply(gb, alpha, b)
	}
}

// Validate returns an error if K is missing, if a size is not that of the
// network, or if K or A is not symmetric.
func (l Dual) Validate(n *Network) error {
	if l.K == nil {
		return fmt.Errorf("Dual: no K; give the symmetric stiffness, such as weights.Scale(-1, laplacian)")
	}
	for _, t := range []struct {
		name string
		w    weights.Tensor
	}{{"K", l.K}, {"A", l.A}} {
		if t.w == nil {
			continue
		}
		if t.w.Size() != n.Size() {
			return fmt.Errorf("Dual: %s has size %d for %d neurons; give an n×n tensor", t.name, t.w.Size(), n.Size())
		}
		if !probablySymmetric(t.w) {
			return fmt.Errorf("Dual: %s (%s) is not symmetric, so its product with the state is the gradient of no loss; see duality.Existence", t.name, t.w)
		}
	}
	return nil
}

// probablySymmetric compares uᵀWv with vᵀWu for two random vectors. They agree
// by chance with probability zero, and two products are cheap for any tensor.
func probablySymmetric(w weights.Tensor) bool {
	n := w.Size()
	u, v, wu, wv := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	s := random.New(1, "symmetry")
	for i := range n {
		u[i], v[i] = s.Uniform(2*i)-0.5, s.Uniform(2*i+1)-0.5
	}
	w.AddApply(wu, 1, u)
	w.AddApply(wv, 1, v)
	difference := sums.Dot(u, wv) - sums.Dot(v, wu)
	return difference*difference <= 1e-24*sums.Dot(wu, wu)*float64(n) // false for NaN
}

// Bulk is the loss of a network that predicts itself [M] §2, [G] §2:
//
//	H = ½‖x − f(w x + E b)‖² + Σ V(x_i).
//
// It depends on x, b and w explicitly. Alone it makes no wave equation: with
// f = 1, V = 0 and w = 1 − G each mode g of G has a direction b = gx in which
// nothing moves and one that relaxes by (1 − g)(1 − γ(1 − g)) a step.
type Bulk struct {
	Potential Potential // nil is V = 0
}

// Value returns H(x, b).
func (l Bulk) Value(n *Network, x, b []float64) float64 {
	h := predictionError(n, nil, x, b)
	if l.Potential != nil {
		h += l.Potential.Energy(x)
	}
	return h
}

// AddGradient adds α[r − wᵀ(f′r) + V′] to gx and −αEᵀ(f′r) to gb, with the
// residual r = x − f(w x + E b).
func (l Bulk) AddGradient(n *Network, gx, gb []float64, alpha float64, x, b []float64) {
	addPredictionGradient(n, nil, gx, gb, alpha, x, b)
	if l.Potential != nil {
		l.Potential.AddForce(gx, alpha, x)
	}
}

// AddWeightGradient adds −α f′r to gu.
func (l Bulk) AddWeightGradient(n *Network, gu []float64, alpha float64, x, b []float64) {
	addPredictionWeights(n, nil, gu, alpha, x, b)
}

// BoundaryLoss is the loss of a network that predicts its data [M] §2:
//
//	H = ½‖P̂(x − f(w x + E b))‖²,
//
// with P̂ the projector on the boundary neurons. It depends on x, b and w
// explicitly.
type BoundaryLoss struct{}

// Value returns H(x, b).
func (BoundaryLoss) Value(n *Network, x, b []float64) float64 {
	return predictionError(n, n.Boundary, x, b)
}

// AddGradient adds α[P̂r − wᵀ(f′P̂r)] to gx and −αEᵀ(f′P̂r) to gb.
func (BoundaryLoss) AddGradient(n *Network, gx, gb []float64, alpha float64, x, b []float64) {
	addPredictionGradient(n, n.Boundary, gx, gb, alpha, x, b)
}

// AddWeightGradient adds −α f′P̂r to gu.
func (BoundaryLoss) AddWeightGradient(n *Network, gu []float64, alpha float64, x, b []float64) {
	addPredictionWeights(n, n.Boundary, gu, alpha, x, b)
}

// Validate returns an error for a network without boundary neurons.
func (BoundaryLoss) Validate(n *Network) error {
	if n.Boundary == nil {
		return fmt.Errorf("BoundaryLoss: the network has no Boundary; give one, or use Bulk")
	}
	return nil
}

// residual returns r = x − f(z), or P̂r, and z = w x + E b, in scratch.
func residual(n *Network, only *Boundary, x, b []float64) (r, z []float64) {
	r, z = n.Scratch()
	n.preActivate(z, x, b)
	if only == nil {
		n.fire(r, z)
		for i, v := range x {
			r[i] = v - r[i]
		}
		return r, z
	}
	clear(r)
	for _, i := range only.Sites {
		r[i] = x[i] - n.activation(i, z[i])
	}
	return r, z
}

func predictionError(n *Network, only *Boundary, x, b []float64) float64 {
	r, _ := residual(n, only, x, b)
	return 0.5 * sums.Dot(r, r)
}

func addPredictionGradient(n *Network, only *Boundary, gx, gb []float64, alpha float64, x, b []float64) {
	r, z := residual(n, only, x, b)
	for i, v := range r {
		gx[i] += float64(alpha * v)
	}
	n.slope(r, z)
	n.AddWeightsTransposed(gx, -alpha, r)
	n.AddBiasTransposed(gb, -alpha, r)
}

func addPredictionWeights(n *Network, only *Boundary, gu []float64, alpha float64, x, b []float64) {
	r, z := residual(n, only, x, b)
	n.slope(r, z)
	for i, v := range r {
		gu[i] -= float64(alpha * v)
	}
}

// Sum is the sum of losses, their gradients added in this order.
type Sum []Loss

// Value returns Σ H.
func (l Sum) Value(n *Network, x, b []float64) float64 {
	h := 0.0
	for _, term := range l {
		h += term.Value(n, x, b)
	}
	return h
}

// AddGradient adds the gradients of all terms.
func (l Sum) AddGradient(n *Network, gx, gb []float64, alpha float64, x, b []float64) {
	for _, term := range l {
		term.AddGradient(n, gx, gb, alpha, x, b)
	}
}

// AddWeightGradient adds the explicit weight gradients of all terms.
func (l Sum) AddWeightGradient(n *Network, gu []float64, alpha float64, x, b []float64) {
	for _, term := range l {
		if t, ok := term.(WeightLoss); ok {
			t.AddWeightGradient(n, gu, alpha, x, b)
		}
	}
}

// Validate returns the first error of a term.
func (l Sum) Validate(n *Network) error {
	for i, term := range l {
		if term == nil {
			return fmt.Errorf("Sum: term %d is nil; leave it out", i)
		}
		if err := validateLoss(term, n); err != nil {
			return fmt.Errorf("Sum: term %d: %w", i, err)
		}
	}
	return nil
}

// LossFunc is a loss given as functions of the caller's own, with its partial
// derivatives; a nil derivative is zero. [CheckGradient] shows whether they are
// derivatives of H.
type LossFunc struct {
	H      func(x, b []float64) float64
	DX, DB func(dst, x, b []float64) // dst ← ∂H/∂x and ∂H/∂b
}

// Value returns H(x, b).
func (l LossFunc) Value(_ *Network, x, b []float64) float64 { return l.H(x, b) }

// AddGradient adds α DX to gx and α DB to gb.
func (l LossFunc) AddGradient(n *Network, gx, gb []float64, alpha float64, x, b []float64) {
	g, _ := n.Scratch()
	add := func(dst []float64, partial func(dst, x, b []float64)) {
		if partial == nil {
			return
		}
		clear(g)
		partial(g, x, b)
		for i, v := range g {
			dst[i] += float64(alpha * v)
		}
	}
	add(gx, l.DX)
	add(gb, l.DB)
}

// Validate returns an error if H is missing.
func (l LossFunc) Validate(*Network) error {
	if l.H == nil {
		return fmt.Errorf("LossFunc: no H; give the value of the loss and its derivatives DX and DB")
	}
	return nil
}

// validateLoss asks a loss whether it fits the network.
func validateLoss(l Loss, n *Network) error {
	if v, ok := l.(Validator); ok {
		return v.Validate(n)
	}
	return nil
}
