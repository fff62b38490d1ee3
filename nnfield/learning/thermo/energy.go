// Package thermo measures the thermodynamics of learning.
//
// At fixed trainable variables q the states x of the neurons have the canonical
// distribution [M] §3, [W] §3
//
//	p(x|q) = e^{−H(x,q)/T}/Z,   F = −T ln Z,   U = ⟨H⟩,   S = (U − F)/T,
//
// with the bulk loss H = ½‖x − f(w x + b)‖² and the boundary neurons held at a
// sample. S is the Shannon entropy of the states. [Energy] is H of one sample;
// [Energy.Exact] is the closed form where f is linear, [Energy.Sample] a Monte
// Carlo elsewhere, with errors that know how its states are correlated.
//
// While the variables learn, at one temperature,
//
//	first law    dU = T dS + ⟨∂H/∂q⟩·dq
//	second law   dS ≤ 0 until equilibrium
//
// The complexity of k free neurons is C = S − (k/2)(1 + ln 2πT). Where Z is a
// function of T times one of q, as in a linear or a feed-forward network with
// nothing held, U = kT/2 stays and the last term of the first law is −T dC, the
// change of complexity [M] §4; with the outputs held it is dU − T dC. [Laws] measures
// all of it along the path of a training. The second law is a claim, not an identity, and
// [Course.SecondLaw] counts its violations. On digits, at a fixed temperature and
// with the outputs held, it holds from small first weights and fails from usual ones:
// the entropy of the hidden states is a constant − ½ ln det(1 + WᵀW) of the weights W
// that lead out, which training may make shrink as well as grow.
//
// The entropy of the variables, over many learners, is produced by the noise of
// batches and destroyed by learning: [Balance].
//
// Sources: [M] V. Vanchurin, arXiv:2004.09280; [W] V. Vanchurin,
// arXiv:2008.01540.
package thermo

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/network"
)

// Energy is the bulk loss of one sample as a function of the free neurons,
//
//	H(x) = ½‖x − f(w x + c)‖²,   c = b + w_∂ x_∂,
//
// summed over all neurons but the inputs, which are held. If the outputs are held too,
// the free neurons are the hidden ones.
type Energy struct {
	n      *learning.Network
	inputs []float64
	w      *mat.Dense // between all neurons but the inputs
	c      []float64
	f      []network.Activation
	held   []float64 // what held neurons show: the last ones
	free   int

	x, r, g []float64 // scratch of one goroutine
}

// States returns the energy of the neurons of a network with the variables q that
// is shown the inputs and, unless outputs is nil, the outputs of a sample. It fails
// for numbers of variables, inputs or outputs that do not fit, and if no neuron
// is free.
func States(n *learning.Network, q, inputs, outputs []float64) (*Energy, error) {
	if len(q) != n.Size() || len(inputs) != n.Inputs() || outputs != nil && len(outputs) != n.Outputs() {
		return nil, fmt.Errorf("thermo.States: %d variables, %d inputs and %d outputs for a network of %d, %d and %d; give as many, or nil for free outputs",
			len(q), len(inputs), len(outputs), n.Size(), n.Inputs(), n.Outputs())
	}
	a := n.Architecture()
	first := make([]int, len(a.Groups)+1)
	for g := 1; g < len(a.Groups); g++ {
		first[g+1] = first[g] + a.Groups[g].Neurons
	}
	m := first[len(a.Groups)]
	e := &Energy{n: n, inputs: inputs, held: outputs, free: m - len(outputs), w: mat.NewDense(m, m, nil),
		c: make([]float64, m), x: make([]float64, m), r: make([]float64, m), g: make([]float64, m)}
	if e.free == 0 {
		return nil, fmt.Errorf("thermo.States: all neurons are held; give a network with hidden neurons, or nil for free outputs")
	}
	for g := 1; g < len(a.Groups); g++ {
		copy(e.c[first[g]:], q[n.Biases(g).Low:n.Biases(g).High])
		for range a.Groups[g].Neurons {
			e.f = append(e.f, a.Groups[g].Activation)
		}
	}
	for l, link := range a.Links {
		block := q[n.Weights(l).Low:n.Weights(l).High]
		columns := a.Groups[link.From].Neurons
		for i := range a.Groups[link.To].Neurons {
			for j, w := range block[i*columns : (i+1)*columns] {
				if link.From == 0 {
					e.c[first[link.To]+i] += float64(w * inputs[j])
				} else {
					e.w.Set(first[link.To]+i, first[link.From]+j, w)
				}
			}
		}
	}
	return e, nil
}

// Free returns the number k of free neurons.
func (e *Energy) Free() int { return e.free }

// Value returns H(x) of the free neurons.
func (e *Energy) Value(x []float64) float64 { return e.residual(x) }

// residual computes r = x − f(z), leaves z in g, and returns ½‖r‖².
func (e *Energy) residual(x []float64) float64 {
	copy(e.x, x[:e.free])
	copy(e.x[e.free:], e.held)
	m := len(e.x)
	raw, sum := e.w.RawMatrix().Data, 0.0
	for i := range m {
		z := e.c[i]
		for j, w := range raw[i*m : (i+1)*m] {
			z += float64(w * e.x[j])
		}
		e.g[i] = z
		e.r[i] = e.x[i] - e.f[i].F(z)
		sum += float64(e.r[i] * e.r[i])
	}
	return sum / 2
}

// Gradient writes ∂H/∂x of the free neurons, r − wᵀ(f′r), to dst and returns H.
func (e *Energy) Gradient(dst, x []float64) float64 {
	h := e.residual(x)
	m := len(e.x)
	copy(dst, e.r[:e.free])
	raw := e.w.RawMatrix().Data
	for i := range m {
		s := e.f[i].Derivative(e.g[i]) * e.r[i]
		for j, w := range raw[i*m : i*m+e.free] {
			dst[j] -= float64(w * s)
		}
	}
	return h
}

// Slope returns ∂H/∂q·dq at the state x of the free neurons: how H changes
// while the variables learn and the state stays.
func (e *Energy) Slope(x, dq []float64) float64 {
	e.residual(x)
	for i := range e.r {
		e.r[i] *= -e.f[i].Derivative(e.g[i])
	}
	return e.along(dq, func(i, j int) float64 { return e.r[i] * e.x[j] }, e.r)
}

// along returns Σ p(i, j) dw_ij + Σ s_i (db_i + Σ_j dw_ij x_∂j).
func (e *Energy) along(dq []float64, p func(i, j int) float64, s []float64) float64 {
	a := e.n.Architecture()
	sum, first := 0.0, make([]int, len(a.Groups)+1)
	for g := 1; g < len(a.Groups); g++ {
		first[g+1] = first[g] + a.Groups[g].Neurons
		for i, v := range dq[e.n.Biases(g).Low:e.n.Biases(g).High] {
			sum += float64(s[first[g]+i] * v)
		}
	}
	for l, link := range a.Links {
		columns := a.Groups[link.From].Neurons
		for k, v := range dq[e.n.Weights(l).Low:e.n.Weights(l).High] {
			i, j := first[link.To]+k/columns, k%columns
			if link.From == 0 {
				sum += float64(float64(s[i]*e.inputs[j]) * v)
			} else {
				sum += float64(p(i, first[link.From]+j) * v)
			}
		}
	}
	return sum
}

// Canonical are the thermodynamic functions of a canonical ensemble.
type Canonical struct {
	Temperature float64
	Free        int               // k free neurons
	Energy      ensemble.Estimate // U = ⟨H⟩
	FreeEnergy  ensemble.Estimate // F = −T ln Z
	Entropy     ensemble.Estimate // S = (U − F)/T
	Complexity  ensemble.Estimate // C = S − (k/2)(1 + ln 2πT)

	// Slopes are ⟨∂H/∂q⟩·dq for each of the directions asked for.
	Slopes []ensemble.Estimate

	// Correlation is the largest integrated autocorrelation time met, in samples, and
	// Acceptance the smallest part of proposals accepted; 0 and 0 if exact.
	Correlation, Acceptance float64
}

// finish fills in the entropy and the complexity.
func (c *Canonical) finish() {
	t := c.Temperature
	c.Entropy = ensemble.Estimate{Value: (c.Energy.Value - c.FreeEnergy.Value) / t, Error: math.Hypot(c.Energy.Error, c.FreeEnergy.Error) / t}
	c.Complexity = ensemble.Estimate{Value: c.Entropy.Value - float64(c.Free)/2*(1+math.Log(2*math.Pi*t)), Error: c.Entropy.Error}
}

func checkTemperature(t float64) error {
	if !(t > 0) || math.IsInf(t, 1) {
		return fmt.Errorf("thermo: temperature %v; it must be finite and positive", t)
	}
	return nil
}

// Exact returns the canonical ensemble in closed form. With f linear H is
// quadratic, H = ½(x − x₀)ᵀA(x − x₀) + H₀ with A = MᵀM, M the columns of 1 − w of
// the free neurons, and
//
//	F = H₀ + (T/2) ln det A − (kT/2) ln 2πT,   U = H₀ + kT/2.
//
// If nothing is held this is C = −ln|det(1 − w)|, which is 0 for a feed-forward
// network [M] §4. Slopes are ⟨∂H/∂q⟩·dq for each of the given directions. It
// fails for activations other than the identity and where A is singular.
func (e *Energy) Exact(temperature float64, directions ...[]float64) (Canonical, error) {
	if err := checkTemperature(temperature); err != nil {
		return Canonical{}, err
	}
	for _, f := range e.f {
		if f.Name != network.Identity().Name {
			return Canonical{}, fmt.Errorf("thermo: Exact with the activation %s; the closed form needs network.Identity, use Sample", f.Name)
		}
	}
	m, k := len(e.x), e.free
	full := mat.NewDense(m, m, nil)
	full.Apply(func(i, j int, w float64) float64 {
		if i == j {
			return 1 - w
		}
		return -w
	}, e.w)
	columns := full.Slice(0, m, 0, k)
	c := mat.NewVecDense(m, append([]float64(nil), e.c...))
	for j, y := range e.held {
		for i := range m {
			c.SetVec(i, c.AtVec(i)-full.At(i, k+j)*y)
		}
	}
	a := mat.NewSymDense(k, nil)
	a.SymOuterK(1, columns.T())
	var cholesky mat.Cholesky
	if !cholesky.Factorize(a) {
		return Canonical{}, fmt.Errorf("thermo: Exact of a network with a direction in which H is flat: the states are not normalisable; change the weights")
	}
	var right, mean mat.VecDense
	right.MulVec(columns.T(), c)
	if err := cholesky.SolveVecTo(&mean, &right); err != nil {
		return Canonical{}, fmt.Errorf("thermo: Exact of a network whose H is nearly flat: %w", err)
	}
	lowest := e.residual(mean.RawVector().Data)
	half := float64(k) / 2
	r := Canonical{Temperature: temperature, Free: k}
	r.Energy.Value = lowest + float64(half*temperature)
	r.FreeEnergy.Value = lowest + float64(temperature*(cholesky.LogDet()/2-float64(half*math.Log(2*math.Pi*temperature))))
	r.finish()

	// ⟨r xᵀ⟩ = ⟨r⟩⟨x⟩ᵀ + M Cov x, Cov x = T A⁻¹ of the free neurons.
	var inverse mat.SymDense
	if err := cholesky.InverseTo(&inverse); err != nil {
		return Canonical{}, fmt.Errorf("thermo: Exact of a network whose H is nearly flat: %w", err)
	}
	var spread mat.Dense
	spread.Mul(columns, &inverse)
	minus := make([]float64, m)
	for i, v := range e.r {
		minus[i] = -v
	}
	for _, dq := range directions {
		r.Slopes = append(r.Slopes, ensemble.Estimate{Value: e.along(dq, func(i, j int) float64 {
			p := minus[i] * e.x[j]
			if j < k {
				p -= temperature * spread.At(i, j)
			}
			return p
		}, minus)})
	}
	return r, nil
}
