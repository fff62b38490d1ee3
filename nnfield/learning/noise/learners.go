package noise

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

// MaxLearners is how many learners have batches of their own.
const MaxLearners = 1 << 20

// Learners returns the drift of an ensemble in which every learner is the given
// network with variables of its own, descending the gradients of its own batches,
// drawn with replacement:
//
//	v = −γ g(q; batch of this learner in this step).
//
// With Step 1 and Diffusion 0 each step of the ensemble is one step of stochastic
// gradient descent: all noise is that of the batches, and it depends on the seed,
// the learner and the step alone for up to [MaxLearners]. It fails for a batch
// smaller than 1 and for data that do not fit the network.
func Learners(n *learning.Network, d learning.Data, gamma float64, batch int, seed uint64) (ensemble.Drift, error) {
	if batch < 1 {
		return nil, fmt.Errorf("noise.Learners: batches of %d samples; give at least 1", batch)
	}
	if err := n.Fit(make([]float64, n.Size()), d); err != nil {
		return nil, err
	}
	numbers := random.New(seed, "batches of learners")
	workers := make(chan *worker, 1024) // never fewer than work at a time
	return func(v [][]float64, b ensemble.Block) {
		var w *worker
		select {
		case w = <-workers:
		default:
			w = &worker{n.Clone(), make([]float64, n.Size()), make([]float64, n.Size()), make([]int, batch), learning.Data{}}
		}
		for i := range b.Q[0] {
			first := (b.Step*MaxLearners + b.First + i) * batch
			for k := range w.samples {
				w.samples[k] = int(numbers.Uniform(first+k) * float64(d.Samples()))
			}
			w.batch.Set(d, w.samples)
			for k := range w.q {
				w.q[k] = b.Q[k][i]
			}
			w.n.Gradient(w.g, w.q, w.batch)
			for k, g := range w.g {
				v[k][i] = -float64(gamma * g)
			}
		}
		workers <- w
	}, nil
}

// worker is what one goroutine needs.
type worker struct {
	n       *learning.Network
	q, g    []float64
	samples []int
	batch   learning.Data
}

// Hessian returns ∂²H/∂q² of the boundary loss, by central differences of its
// gradient: p² numbers from 2p gradients.
func Hessian(n *learning.Network, q []float64, d learning.Data) *mat.SymDense {
	const h = 1e-4
	p := n.Size()
	at := append([]float64(nil), q...)
	full := mat.NewDense(p, p, nil)
	plus, minus := make([]float64, p), make([]float64, p)
	for i := range p {
		at[i] = q[i] + h
		n.Gradient(plus, at, d)
		at[i] = q[i] - h
		n.Gradient(minus, at, d)
		at[i] = q[i]
		for j := range p {
			full.Set(i, j, (plus[j]-minus[j])/(2*h))
		}
	}
	s := mat.NewSymDense(p, nil)
	for i := range p {
		for j := i; j < p; j++ {
			s.SetSym(i, j, (full.At(i, j)+full.At(j, i))/2)
		}
	}
	return s
}

// Stationary returns the covariance of learners that have settled in a well of
// Hessian h, q ← q − γ(hq + ξ) with Cov ξ = noise, such as Σ/n_b:
//
//	h C + C h − γ h C h = γ noise,
//
// in one dimension C = γ noise/(2h(1 − γh/2)). The Fokker-Planck equation, which
// has no steps, lacks the term with γ on the left. It fails if h is not positive
// definite or if γh reaches 2, where no learner settles.
func Stationary(h, noise mat.Symmetric, gamma float64) (*mat.SymDense, error) {
	n := h.SymmetricDim()
	if noise.SymmetricDim() != n {
		return nil, fmt.Errorf("noise.Stationary: noise of %d components in a well of %d; give the same number", noise.SymmetricDim(), n)
	}
	var e mat.EigenSym
	if !e.Factorize(h, true) {
		return nil, fmt.Errorf("noise.Stationary: the Hessian has no eigenvalues that can be found; are all its numbers finite?")
	}
	values := e.Values(nil)
	if !(gamma > 0 && values[0] > 0 && gamma*values[n-1] < 2) {
		return nil, fmt.Errorf("noise.Stationary: rate %v in a well of curvatures %.3g to %.3g; learners settle only for positive ones and a rate below %.3g", gamma, values[0], values[n-1], 2/values[n-1])
	}
	var u, m, c mat.Dense
	e.VectorsTo(&u)
	m.Mul(u.T(), noise)
	m.Mul(&m, &u)
	for i, a := range values {
		for j, b := range values {
			m.Set(i, j, gamma*m.At(i, j)/(a+b-gamma*a*b))
		}
	}
	c.Mul(&u, &m)
	c.Mul(&c, u.T())
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, c.At(i, j))
		}
	}
	return s, nil
}
