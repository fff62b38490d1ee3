package duality

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Split returns the symmetric part A₊ = ½(A + Aᵀ) and the antisymmetric part
// A₋ = ½(A − Aᵀ) of weights φ → φ. In the field equation of [Shifted],
//
//	φ̈ = 2A₋φ̇ − Kφ,
//
// A₊ does not occur: symmetric weights are pure gauge, removed by the canonical
// shift β → β + Aφ. A₋ is a gyroscopic coupling, physics that no change of
// variables removes [F] §2.
func Split(a weights.Tensor) (symmetric, antisymmetric weights.Tensor) {
	return weights.SymmetricPart(a), weights.AntisymmetricPart(a)
}

// Shifted returns the Hamiltonian of neurons with the weights A and the
// stiffness K,
//
//	ℋ = ½‖β + Aφ‖² + ½φᵀKφ = ½βᵀβ + βᵀAφ + ½φᵀ(K + AᵀA)φ,
//
// whose field obeys φ̈ = 2A₋φ̇ − Kφ. It has a dual loss only if A is symmetric.
func Shifted(a, k weights.Tensor) (Hamiltonian, error) {
	if err := (Hamiltonian{A: a, K: k}).validate(); err != nil {
		return Hamiltonian{}, err
	}
	if a == nil {
		return Hamiltonian{K: k}, nil
	}
	return Hamiltonian{A: a, K: weights.Add(k, product(a.Transpose(), a))}, nil
}

// Family is the network of [Shifted] in discrete time, in the units of φ and β:
//
//	φ′ = φ + ε(β + Aφ),   β′ = β − εKφ′ − Aᵀ(φ′ − φ).
//
// With v = β + Aφ this is φ′ = φ + εv, v′ = v + 2εA₋v − εKφ′. So for every
// symmetric A the field φ is that of A = 0 to round-off: an infinite family of
// networks and one Klein-Gordon field. For an antisymmetric A it follows
// φ̈ = 2A₋φ̇ − Kφ to first order in ε.
//
// A Family owns scratch: one goroutine at a time.
type Family struct {
	a, aT, k weights.Tensor
	epsilon  float64
	moved    []float64
}

// NewFamily returns the member of the family with weights A and stiffness K.
// It fails for sizes that differ, a K that is not symmetric and a step ε that is
// not positive.
func NewFamily(a, k weights.Tensor, epsilon float64) (*Family, error) {
	if a == nil || k == nil {
		return nil, fmt.Errorf("duality.NewFamily: A or K is missing; give both")
	}
	if a.Size() != k.Size() {
		return nil, fmt.Errorf("duality.NewFamily: A has size %d but K has size %d; give tensors of one size", a.Size(), k.Size())
	}
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return nil, fmt.Errorf("duality.NewFamily: ε is %v; it must be positive and finite", epsilon)
	}
	if d := defect(k); d > tolerance {
		return nil, fmt.Errorf("duality.NewFamily: K is not symmetric (relative defect %.2g); an antisymmetric coupling belongs into A", d)
	}
	return &Family{a, a.Transpose(), k, epsilon, make([]float64, k.Size())}, nil
}

// Step advances φ and β by one step in place.
func (f *Family) Step(phi, beta []float64) {
	clear(f.moved)
	f.a.AddApply(f.moved, f.epsilon, phi)
	for i, v := range beta {
		f.moved[i] += float64(f.epsilon * v)
		phi[i] += f.moved[i]
	}
	f.k.AddApply(beta, -f.epsilon, phi)
	f.aT.AddApply(beta, -1, f.moved)
}

// Network returns the same step as a learning system in network units b = εβ:
// its dual loss. With the fresh state φ′ the learning reads
//
//	β′ = β − ε[(K + CA)φ′ + Cβ],   C = Aᵀ(1 + εA)⁻¹,
//
// and J = ε, so that a dual loss exists if and only if C + ε(K + CA) = Aᵀ + εK
// is symmetric, that is A. Then, with the weights w = 1 + εA and γ = ε²,
//
//	H = ½xᵀ(K + CA)x + ½bᵀ(C/ε)b.
//
// It fails if A is not symmetric, if 1 + εA is singular, and for more neurons
// than [weights.Matrix] takes: C is dense.
func (f *Family) Network() (network.Network, error) {
	if d := defect(f.a); d > tolerance {
		return network.Network{}, fmt.Errorf("duality.Family: no dual loss, the weights A are not symmetric (relative defect %.2g); only the symmetric part, see Split, has one", d)
	}
	c, stiffness, err := f.learning()
	if err != nil {
		return network.Network{}, err
	}
	c.Scale(1/f.epsilon, c)
	n := f.k.Size()
	return network.Network{
		Weights: onePlus(f.epsilon, f.a, n),
		Loss:    network.Dual{K: symmetrised(stiffness), A: symmetrised(c)},
		Rate:    f.epsilon * f.epsilon,
		Clock:   f.epsilon,
	}, nil
}

// learning returns C = Aᵀ(1 + εA)⁻¹ and K + CA.
func (f *Family) learning() (c, stiffness *mat.Dense, err error) {
	a, err := weights.Matrix(f.a)
	if err != nil {
		return nil, nil, err
	}
	k, err := weights.Matrix(f.k)
	if err != nil {
		return nil, nil, err
	}
	n, _ := a.Dims()
	var one, transposed, ca mat.Dense
	one.Scale(f.epsilon, a)
	for i := range n {
		one.Set(i, i, 1+one.At(i, i))
	}
	if err := transposed.Solve(one.T(), a); err != nil { // Cᵀ = (1 + εA)⁻ᵀ A
		return nil, nil, fmt.Errorf("duality.Family: 1 + εA is singular to working precision; use a smaller step than ε = %v", f.epsilon)
	}
	c = mat.DenseCopyOf(transposed.T())
	ca.Mul(c, a)
	k.Add(k, &ca)
	return c, k, nil
}

// symmetrised returns ½(m + mᵀ) without the round-off of its solution.
func symmetrised(m *mat.Dense) weights.Tensor {
	n, _ := m.Dims()
	data := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			data = append(data, (m.At(i, j)+m.At(j, i))/2)
		}
	}
	w, err := weights.NewDense(n, data)
	if err != nil {
		panic(err) // a solved system is finite
	}
	return w
}
