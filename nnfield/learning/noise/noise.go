// Package noise measures and predicts the noise of mini-batches.
//
// At variables q the gradient of a batch of n_b samples is ∂H + ξ. With the
// gradients g_s of single samples and their covariance
//
//	Σ = (1/n) Σ_s (g_s − ∂H)(g_s − ∂H)ᵀ
//
// the noise ξ has the covariance cΣ/n_b, where c says how samples are drawn (see
// [Factor]), and stochastic gradient descent diffuses with the coefficient, per
// step,
//
//	D = c γ²Σ/(2 n_b).                                   ([M], [W] §3)
//
// [Gradients] holds Σ and predicts; [Walk] does the steps that learning does, with
// real batches at fixed q, and measures. [Learners] lets many learners go and
// [Stationary] says how they will be distributed.
//
// Sources: [M] V. Vanchurin, arXiv:2004.09280; [W] V. Vanchurin,
// arXiv:2008.01540.
package noise

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

// Gradients are the gradients of single samples at fixed q, along k directions
// in the space of the trainable variables.
type Gradients struct {
	Samples int        // n
	Mean    []float64  // ∂H, of k components
	Each    *mat.Dense // n×k, of single samples, the mean subtracted
}

// Measure computes the gradients of all samples along the rows of directions, a
// k×p matrix for p trainable variables; nil stands for the variables themselves,
// k = p. It fails for variables, data and directions that do not fit the network.
func Measure(n *learning.Network, q []float64, d learning.Data, directions mat.Matrix) (*Gradients, error) {
	k, err := count(n, q, d, directions)
	if err != nil {
		return nil, err
	}
	samples := d.Samples()
	r := &Gradients{Samples: samples, Mean: make([]float64, k), Each: mat.NewDense(samples, k, nil)}
	g := make([]float64, n.Size())
	var one learning.Data
	for s := range samples {
		one.Set(d, []int{s})
		n.Gradient(g, q, one)
		project(r.Each.RawRowView(s), g, directions)
	}
	for j := range r.Mean {
		r.Mean[j] = sums.Sum(0, samples, func(s int) float64 { return r.Each.At(s, j) }) / float64(samples)
		for s := range samples {
			r.Each.Set(s, j, r.Each.At(s, j)-r.Mean[j])
		}
	}
	return r, nil
}

// count returns the number of directions, and an error if anything does not fit
// the network.
func count(n *learning.Network, q []float64, d learning.Data, directions mat.Matrix) (int, error) {
	if err := n.Fit(q, d); err != nil {
		return 0, err
	}
	if directions == nil {
		return n.Size(), nil
	}
	k, p := directions.Dims()
	if p != n.Size() {
		return 0, fmt.Errorf("noise: directions of %d components for a network of %d variables; give a row of %d for each direction", p, n.Size(), n.Size())
	}
	return k, nil
}

// project writes the components of g along the directions to dst.
func project(dst, g []float64, directions mat.Matrix) {
	if directions == nil {
		copy(dst, g)
		return
	}
	mat.NewVecDense(len(dst), dst).MulVec(directions, mat.NewVecDense(len(g), g))
}

// Covariance returns Σ, k×k.
func (g *Gradients) Covariance() *mat.SymDense {
	_, k := g.Each.Dims()
	c := mat.NewSymDense(k, nil)
	c.SymOuterK(1/float64(g.Samples), g.Each.T())
	return c
}

// Diffusion returns the predicted D = c γ²Σ/(2n_b) per step, k×k, for paths of the
// given number of batches; see [Factor].
func (g *Gradients) Diffusion(gamma float64, batch int, sampling learning.Sampling, batches int) *mat.SymDense {
	d := g.Covariance()
	d.ScaleSym(Factor(sampling, g.Samples, batch, batches)*gamma*gamma/(2*float64(batch)), d)
	return d
}

// Factor returns c, the variance of the sum of a number of consecutive batches of
// n samples, in units of what independent samples give:
//
//	with replacement     1
//	without replacement  (n − n_b)/(n − 1)
//	shuffled             (n − m n_b)/(n − 1) for m batches of one epoch, so 0 for all of it
func Factor(sampling learning.Sampling, n, batch, batches int) float64 {
	switch {
	case sampling == learning.WithReplacement || n == 1:
		return 1
	case sampling == learning.Shuffled:
		batch *= batches
	}
	return float64(n-batch) / float64(n-1)
}

// Walk is learning at fixed q: again and again the same number of batches is shown
// and the updates −γ g are added up, but the variables stay where they are.
type Walk struct {
	Network    *learning.Network
	Variables  []float64 // q
	Data       learning.Data
	Batch      int
	Sampling   learning.Sampling
	Rate       float64    // γ
	Batches    int        // m ≥ 1 batches a walk, the first of a new epoch
	Directions mat.Matrix // k×p; nil for the variables themselves
	Seed       uint64
}

// Displacements returns where a number of walks end, a row of k components for
// each. It fails for a batch that is empty or larger than the data, fewer than one
// batch or walk, an unknown sampling, and for variables, data and directions that do
// not fit the network.
func (w Walk) Displacements(walks int) (*mat.Dense, error) {
	k, err := count(w.Network, w.Variables, w.Data, w.Directions)
	if err != nil {
		return nil, err
	}
	if n := w.Data.Samples(); w.Batch < 1 || w.Batch > n || w.Batches < 1 || walks < 1 {
		return nil, fmt.Errorf("noise: %d walks of %d batches of %d of %d samples; give at least 1 of each, and no more samples than there are", walks, w.Batches, w.Batch, n)
	}
	ends := mat.NewDense(walks, k, nil)
	g, q := make([]float64, w.Network.Size()), make([]float64, w.Network.Size())
	descent := learning.SGD(w.Rate)
	buffer := make([]int, w.Batch)
	var batch learning.Data
	for i := range walks {
		s, err := learning.NewSampler(w.Sampling, w.Data.Samples(), w.Seed+uint64(i))
		if err != nil {
			return nil, err
		}
		clear(q)
		for range w.Batches {
			batch.Set(w.Data, s.Next(buffer))
			w.Network.Gradient(g, w.Variables, batch)
			descent.Update(q, g)
		}
		project(ends.RawRowView(i), q, w.Directions)
	}
	return ends, nil
}

// Diffusion returns the diffusion coefficient along each direction, as measured
// by a number of walks: half the variance of their ends, per step, with the
// standard error from the fourth moment of the ends.
func (w Walk) Diffusion(walks int) ([]ensemble.Estimate, error) {
	if walks < 2 {
		return nil, fmt.Errorf("noise: Diffusion from %d walks; a variance needs at least 2", walks)
	}
	ends, err := w.Displacements(walks)
	if err != nil {
		return nil, err
	}
	_, k := ends.Dims()
	d := make([]ensemble.Estimate, k)
	column := make([]float64, walks)
	for j := range d {
		m := moments(mat.Col(column, j, ends))
		n := float64(walks)
		per := 2 * float64(w.Batches)
		d[j] = ensemble.Estimate{Value: m[2] * n / (n - 1) / per, Error: math.Sqrt(max(0, m[4]-m[2]*m[2])/n) / per}
	}
	return d, nil
}

// moments returns the central moments 2 to 4; the others are 0.
func moments(x []float64) (m [5]float64) {
	n := float64(len(x))
	mean := sums.Sum(0, len(x), func(i int) float64 { return x[i] }) / n
	for p := 2; p <= 4; p++ {
		m[p] = sums.Sum(0, len(x), func(i int) float64 {
			c := x[i] - mean
			y := c * c
			for range p - 2 {
				y *= c
			}
			return y
		}) / n
	}
	return m
}
