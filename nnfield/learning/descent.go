package learning

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// Descent is the learning dynamics: how the trainable variables follow a
// gradient. Its constructors are [SGD], [Momentum], [Covariant], [CovariantPower],
// [AdaBelief] and [CovariantTensor]; a [Training] checks their parameters.
type Descent interface {
	// Update changes q for the gradient g of one batch. It does not allocate after
	// its first call and expects the same number of variables ever after.
	Update(q, g []float64)

	// Rate returns γ; SetRate changes it while learning goes on.
	Rate() float64
	SetRate(gamma float64)

	// Validate returns what is wrong with the parameters for a number of variables.
	Validate(variables int) error
}

// Remembering is a descent whose memory, what it knows of the gradients before, can be
// kept and given back, so that learning goes on as if it had not been interrupted.
type Remembering interface {
	Descent

	// Memory returns the memory of a descent that begins, for so many variables.
	Memory(variables int) [][]float64

	// Remember lets the descent work in a memory of that form from now on, as it stands
	// there.
	Remember(memory [][]float64)
}

// rate is the learning rate γ of a descent.
type rate float64

func (r *rate) Rate() float64         { return float64(*r) }
func (r *rate) SetRate(gamma float64) { *r = rate(gamma) }

func (r *rate) Validate(int) error {
	if !(*r > 0) || math.IsInf(float64(*r), 1) {
		return fmt.Errorf("learning rate %v; it must be finite and positive", float64(*r))
	}
	return nil
}

// SGD returns stochastic gradient descent,
//
//	q ← q − γ g.
func SGD(gamma float64) Descent { return &sgd{rate(gamma)} }

type sgd struct{ rate }

// Memory returns nothing: SGD remembers nothing.
func (s *sgd) Memory(int) [][]float64 { return nil }

func (s *sgd) Remember([][]float64) {}

func (s *sgd) Update(q, g []float64) {
	for i, v := range g {
		q[i] -= float64(float64(s.rate) * v)
	}
}

// Momentum returns gradient descent with memory 0 ≤ m < 1 (Polyak's heavy
// ball),
//
//	v ← m v − γ g,   q ← q + v.
//
// A constant gradient is followed with the rate γ/(1 − m).
func Momentum(gamma, m float64) Descent { return &momentum{rate: rate(gamma), memory: m} }

type momentum struct {
	rate
	memory float64
	v      []float64
}

// Memory returns v.
func (m *momentum) Memory(variables int) [][]float64 { return [][]float64{make([]float64, variables)} }

func (m *momentum) Remember(memory [][]float64) { m.v = memory[0] }

func (m *momentum) Update(q, g []float64) {
	if m.v == nil {
		m.Remember(m.Memory(len(q)))
	}
	for i, v := range m.v {
		v = float64(m.memory*v) - float64(float64(m.rate)*g[i])
		m.v[i] = v
		q[i] += v
	}
}

func (m *momentum) Validate(variables int) error {
	return first(m.rate.Validate(variables), checkMemory("memory", m.memory))
}

// Covariant returns covariant gradient descent [C] with a diagonal metric: force
// and metric are the first and second moments of the gradients, averaged over
// time with the weights m₁ⁿ and m₂ⁿ of gradients n steps old,
//
//	q^μ ← q^μ − γ ⟨g_μ⟩ / (√⟨g_μ²⟩ + floor).
//
// The averages are divided by the sum of their weights, so the first steps
// count fully. m₁ = 0 is RMSProp and m₁ > 0 Adam, two of the special limits named
// in [C]. The floor > 0 is the metric of a variable that feels no gradient.
func Covariant(gamma, m1, m2, floor float64) Descent {
	return CovariantPower(gamma, m1, m2, 0.5, floor)
}

// CovariantPower returns covariant gradient descent with the power α of the diagonal
// metric,
//
//	q^μ ← q^μ − γ ⟨g_μ⟩ / (⟨g_μ²⟩^α + floor):
//
// α = 0 is gradient descent with memory and the rate γ/(1 + floor), ½ is [Covariant],
// and 1 takes the second moment itself as the metric [C].
func CovariantPower(gamma, m1, m2, alpha, floor float64) Descent {
	return &covariant{rate: rate(gamma), m1: m1, m2: m2, alpha: alpha, floor: floor}
}

// AdaBelief returns the descent whose metric is how far gradients are from what was
// expected of them (J. Zhuang et al., arXiv:2010.07468): as [Covariant], but with the
// average of (g − ⟨g⟩)² in the place of that of g².
func AdaBelief(gamma, m1, m2, floor float64) Descent {
	return &covariant{rate: rate(gamma), m1: m1, m2: m2, alpha: 0.5, floor: floor, belief: true}
}

type covariant struct {
	rate
	m1, m2, alpha, floor float64
	belief               bool
	force, square        []float64
	weights              []float64 // m₁ⁿ and m₂ⁿ, n the number of updates
}

// Memory returns the averages of force and metric, and the weights that they lack.
func (c *covariant) Memory(variables int) [][]float64 {
	return [][]float64{make([]float64, variables), make([]float64, variables), {1, 1}}
}

func (c *covariant) Remember(memory [][]float64) {
	c.force, c.square, c.weights = memory[0], memory[1], memory[2]
}

func (c *covariant) Update(q, g []float64) {
	if c.force == nil {
		c.Remember(c.Memory(len(q)))
	}
	c.weights[0] *= c.m1
	c.weights[1] *= c.m2
	a, b := 1/(1-c.weights[0]), 1/(1-c.weights[1])
	for i, v := range g {
		c.force[i] += float64((1 - c.m1) * (v - c.force[i]))
		if c.belief {
			v -= c.force[i]
		}
		c.square[i] += float64((1 - c.m2) * (float64(v*v) - c.square[i]))
		metric := float64(b * c.square[i])
		if c.alpha == 0.5 {
			metric = math.Sqrt(metric)
		} else {
			metric = elementary.Pow(metric, c.alpha)
		}
		q[i] -= float64(c.rate) * float64(a*c.force[i]) / (metric + c.floor)
	}
}

func (c *covariant) Validate(variables int) error {
	return first(c.rate.Validate(variables), checkMemory("memory of the force", c.m1), checkMemory("memory of the metric", c.m2), checkPower(c.alpha), checkFloor(c.floor))
}

func checkPower(alpha float64) error {
	if !(alpha >= 0 && alpha <= 1) {
		return fmt.Errorf("power %v of the metric; it must lie in [0, 1]", alpha)
	}
	return nil
}

// CovariantTensor returns covariant gradient descent [C] with a full metric, the
// second moment of the gradients,
//
//	q ← q − γ G⁻¹⟨g⟩,   G = metric + ⟨g gᵀ⟩,
//
// with the averages of [Covariant]. The given metric, which must be positive
// definite, is that of directions without a gradient. Under a linear change of
// coordinates q̃ = Lq gradients become L⁻ᵀg; if the metric becomes L⁻ᵀ(metric)L⁻¹,
// so does G, and the path is the same path in other coordinates.
//
// Each step costs n³/3 operations for n variables: this is for small networks.
func CovariantTensor(gamma, m1, m2 float64, metric mat.Symmetric) Descent {
	n := metric.SymmetricDim()
	c := &tensor{rate: rate(gamma), m1: m1, m2: m2, w1: 1, w2: 1, floor: mat.NewSymDense(n, nil), square: mat.NewSymDense(n, nil),
		metric: mat.NewSymDense(n, nil), force: mat.NewVecDense(n, nil), step: mat.NewVecDense(n, nil)}
	c.floor.CopySym(metric)
	return c
}

type tensor struct {
	rate
	m1, m2, w1, w2        float64
	floor, square, metric *mat.SymDense // metric is their sum
	force, step           *mat.VecDense
	cholesky              mat.Cholesky
}

func (c *tensor) Update(q, g []float64) {
	c.w1 *= c.m1
	c.w2 *= c.m2
	for i, v := range g {
		f := c.force.AtVec(i)
		c.force.SetVec(i, f+float64((1-c.m1)*(v-f)))
		for j, u := range g[:i+1] {
			s := c.square.At(i, j)
			s += float64((1 - c.m2) * (float64(u*v) - s))
			c.square.SetSym(i, j, s)
			c.metric.SetSym(i, j, c.floor.At(i, j)+s/(1-c.w2))
		}
	}
	if !c.cholesky.Factorize(c.metric) {
		q[0] = math.NaN() // the gradient is not finite: let the loss show it
		return
	}
	_ = c.cholesky.SolveVecTo(c.step, c.force) // it can only warn of a poor condition
	for i := range q {
		q[i] -= float64(float64(c.rate)*c.step.AtVec(i)) / (1 - c.w1)
	}
}

func (c *tensor) Validate(variables int) error {
	if n := c.floor.SymmetricDim(); n != variables {
		return fmt.Errorf("a metric of %d variables for a network of %d; give a matrix of that size", n, variables)
	}
	if !c.cholesky.Factorize(c.floor) {
		return fmt.Errorf("a metric that is not positive definite; give one that is, such as a multiple of the unit matrix")
	}
	return first(c.rate.Validate(variables), checkMemory("memory of the force", c.m1), checkMemory("memory of the metric", c.m2))
}

func checkMemory(name string, m float64) error {
	if !(m >= 0 && m < 1) {
		return fmt.Errorf("%s %v; it must be at least 0 and below 1", name, m)
	}
	return nil
}

func checkFloor(f float64) error {
	if !(f > 0) || math.IsInf(f, 1) {
		return fmt.Errorf("floor %v; it must be finite and positive, such as 1e-8", f)
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
