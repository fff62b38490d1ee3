package noise

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/network"
)

// half is a network in the middle of learning digits, with 240 samples, a number
// that many batch sizes divide.
func half(t testing.TB) (*learning.Network, []float64, learning.Data) {
	t.Helper()
	n, err := learning.New(learning.FeedForward(network.Tanh(), network.Identity(), 64, 8, 10))
	if err != nil {
		t.Fatal(err)
	}
	few := make([]int, 240)
	for i := range few {
		few[i] = i
	}
	tr := learning.Training{Network: n, Data: learning.Digits().Pick(few), Batch: 12, Sampling: learning.Shuffled, Descent: learning.SGD(0.05), Seed: 1}
	if _, err := tr.Run(context.Background(), 5, nil); err != nil {
		t.Fatal(err)
	}
	return n, tr.Variables, tr.Data
}

// directions are four unit vectors: along the mean gradient, along a bias, and
// two at random.
func directions(n *learning.Network, g *Gradients) *mat.Dense {
	d := mat.NewDense(4, n.Size(), nil)
	numbers := random.New(1, "directions")
	d.SetRow(0, g.Mean)
	d.Set(1, n.Biases(2).Low, 1)
	for i := range 2 * n.Size() {
		d.Set(2+i/n.Size(), i%n.Size(), numbers.Normal(i))
	}
	for i := range 4 {
		row := d.RawRowView(i)
		norm := mat.Norm(mat.NewVecDense(len(row), row), 2)
		for j := range row {
			row[j] /= norm
		}
	}
	return d
}

func measure(t testing.TB, n *learning.Network, q []float64, d learning.Data, along mat.Matrix) *Gradients {
	t.Helper()
	g, err := Measure(n, q, d, along)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// D = c γ²Σ/(2n_b) over a decade of γ and of n_b for all samplings, each measured
// value within 4.5 of its own error bars, and all 108 together as far off as
// errors are.
func TestDiffusionIsAsPredicted(t *testing.T) {
	n, q, d := half(t)
	along := directions(n, measure(t, n, q, d, nil))
	g := measure(t, n, q, d, along)
	var z []float64
	unlike := 0.0 // the control: largest deviation from c = 1 for batches without replacement
	seed := uint64(0)
	for _, sampling := range []learning.Sampling{learning.WithReplacement, learning.WithoutReplacement, learning.Shuffled} {
		for _, gamma := range []float64{0.01, 0.03, 0.1} {
			for _, batch := range []int{8, 24, 80} {
				seed += 1 << 32
				w := Walk{n, q, d, batch, sampling, gamma, 1, along, seed}
				measured, err := w.Diffusion(500)
				if err != nil {
					t.Fatal(err)
				}
				predicted := g.Diffusion(gamma, batch, sampling, 1)
				for k, m := range measured {
					z = append(z, (m.Value-predicted.At(k, k))/m.Error)
					if last := z[len(z)-1]; math.Abs(last) > 4.5 {
						t.Errorf("%s, γ = %v, n_b = %d, direction %d: D = %v, predicted %.6g: %.1f errors off", sampling, gamma, batch, k, m, predicted.At(k, k), last)
					}
					if sampling == learning.WithoutReplacement && batch == 80 {
						plain := predicted.At(k, k) / Factor(sampling, 240, batch, 1)
						unlike = max(unlike, math.Abs(m.Value-plain)/m.Error)
					}
				}
			}
		}
	}
	square := 0.0
	for _, v := range z {
		square += v * v / float64(len(z))
	}
	t.Logf("%d measured coefficients, root mean square of deviation/error %.3f, largest %.2f; control %.1f", len(z), math.Sqrt(square), max(slices.Max(z), -slices.Min(z)), unlike)
	if rms := math.Sqrt(square); rms < 0.75 || rms > 1.3 {
		t.Errorf("deviations are %v of their errors", rms)
	}
	if unlike < 4.5 {
		t.Errorf("control: the factor of sampling without replacement cannot be seen, %v errors", unlike)
	}
}

// Shuffled batches make no noise over an epoch at fixed q and the predicted part of it on the
// way. Independent batches are the control.
func TestShufflingMakesNoNoiseInAnEpoch(t *testing.T) {
	n, q, d := half(t)
	along := directions(n, measure(t, n, q, d, nil))
	g := measure(t, n, q, d, along)
	const gamma, batch, epoch = 0.1, 24, 10
	w := Walk{n, q, d, batch, learning.Shuffled, gamma, epoch, along, 5}
	ends, err := w.Displacements(5)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		for k, mean := range g.Mean {
			if want := -gamma * epoch * mean; math.Abs(ends.At(i, k)-want) > 1e-13 {
				t.Errorf("epoch %d ends at %v along direction %d, want −γ(n/n_b)∂H = %v", i, ends.At(i, k), k, want)
			}
		}
	}
	for _, c := range []struct {
		sampling learning.Sampling
		batches  int
	}{{learning.Shuffled, 5}, {learning.Shuffled, 9}, {learning.WithReplacement, 10}} {
		w.Sampling, w.Batches = c.sampling, c.batches
		measured, err := w.Diffusion(400)
		if err != nil {
			t.Fatal(err)
		}
		for k, m := range measured {
			if want := g.Diffusion(gamma, batch, c.sampling, c.batches).At(k, k); math.Abs(m.Value-want) > 4.5*m.Error {
				t.Errorf("%s, %d batches, direction %d: D = %v, predicted %v", c.sampling, c.batches, k, m, want)
			}
		}
	}
}

// The noise of one sample is far from normal; its skewness and excess fall as
// 1/√n_b and 1/n_b.
func TestNoiseBecomesNormal(t *testing.T) {
	n, q, d := half(t)
	along := directions(n, measure(t, n, q, d, nil))
	g := measure(t, n, q, d, along)
	column := func(m *mat.Dense, k int) []float64 { return mat.Col(nil, k, m) }
	const walks = 2000
	largest := 0.0
	for _, batch := range []int{1, 4, 16} {
		w := Walk{n, q, d, batch, learning.WithReplacement, 1, 1, along, 7}
		ends, err := w.Displacements(walks)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 4 {
			single, s := moments(column(g.Each, k)), CheckGaussian(column(ends, k))
			skewness := -single[3] / math.Pow(single[2], 1.5) / math.Sqrt(float64(batch))
			excess := (single[4]/(single[2]*single[2]) - 3) / float64(batch)
			largest = max(largest, math.Abs(skewness), math.Abs(excess))
			t.Logf("n_b = %2d, direction %d: skewness %v (predicted %.3f), excess %v (predicted %.3f), normal: %v", batch, k, s.Skewness, skewness, s.Excess, excess, s.Normal())
			if math.Abs(s.Skewness.Value-skewness) > 0.15+0.3*math.Abs(skewness) || math.Abs(s.Excess.Value-excess) > 0.4+0.4*math.Abs(excess) {
				t.Errorf("n_b = %d, direction %d: skewness %v and excess %v, predicted %.3f and %.3f", batch, k, s.Skewness, s.Excess, skewness, excess)
			}
			if batch == 1 && s.Normal() {
				t.Errorf("the noise of one sample along direction %d passes for normal", k)
			}
		}
	}
	if largest < 1 {
		t.Errorf("nothing to see: skewness and excess are at most %v", largest)
	}
}

func TestShapesOfKnownDistributions(t *testing.T) {
	const n, k = 4000, 5
	numbers := random.New(11, "shapes")
	normal := mat.NewDense(n, k, nil)
	var exponential []float64
	for i := range n * k {
		normal.Set(i/k, i%k, 2+3*numbers.Normal(i))
		exponential = append(exponential, -math.Log(numbers.Uniform(1<<30+i)))
	}
	for j := range k {
		if g := CheckGaussian(mat.Col(nil, j, normal)); !g.Normal() {
			t.Errorf("normal numbers do not pass: %+v", g)
		}
	}
	// An exponential distribution has skewness 2 and excess 6.
	if g := CheckGaussian(exponential); g.Normal() || math.Abs(g.Skewness.Value-2) > 0.3 || math.Abs(g.Excess.Value-6) > 2.5 {
		t.Errorf("exponential numbers: %+v", g)
	}
	if i := CheckIsotropic(normal); !i.Isotropic() || math.Abs(i.Directions-k) > 0.1 || i.Freedom != 14 {
		t.Errorf("isotropic numbers: %+v", i)
	}
	for i := range n {
		normal.Set(i, 0, 1.2*normal.At(i, 0))
	}
	if i := CheckIsotropic(normal); i.Isotropic() {
		t.Errorf("numbers 20 %% wider along one axis pass for isotropic: %+v", i)
	}
}

// The noise of a real network prefers few of many directions.
func TestNoiseIsNotIsotropic(t *testing.T) {
	n, q, d := half(t)
	w := Walk{n, q, d, 24, learning.WithReplacement, 0.1, 1, nil, 3}
	ends, err := w.Displacements(1500)
	if err != nil {
		t.Fatal(err)
	}
	i := CheckIsotropic(ends)
	t.Logf("%.1f of %d directions take part; sphericity %.0f, isotropic noise would give %.0f", i.Directions, n.Size(), i.Sphericity, i.Freedom)
	if i.Isotropic() || i.Directions > 60 {
		t.Errorf("noise along %.1f directions", i.Directions)
	}
}

// Many learners of a linear neuron, pixel 20 → pixel 28 of the digits, each with
// batches of its own, against the Fokker-Planck prediction with the Hessian and Σ
// measured at the minimum. Nothing is fitted.
func TestLearnersSettleAsPredicted(t *testing.T) {
	digits := learning.Digits()
	d := learning.Data{Inputs: 1, Outputs: 1}
	for s := range digits.Samples() {
		d.X = append(d.X, 2*digits.X[s*64+20]-1)
		d.Y = append(d.Y, digits.X[s*64+28])
	}
	n, err := learning.New(learning.FeedForward(network.Identity(), network.Identity(), 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	// The minimum, by one Newton step of a quadratic loss.
	q, g := make([]float64, 2), make([]float64, 2)
	h := Hessian(n, q, d)
	n.Gradient(g, q, d)
	var step mat.VecDense
	if err := step.SolveVec(h, mat.NewVecDense(2, g)); err != nil {
		t.Fatal(err)
	}
	for i := range q {
		q[i] = -step.AtVec(i)
	}
	n.Gradient(g, q, d)
	if norm := math.Hypot(g[0], g[1]); norm > 1e-9 {
		t.Fatalf("|∂H| = %v at the minimum", norm)
	}

	const learners, steps, gamma, batch = 20_000, 60, 0.7, 16
	noise := measure(t, n, q, d, nil).Covariance()
	noise.ScaleSym(1./batch, noise)
	want, err := Stationary(h, noise, gamma)
	if err != nil {
		t.Fatal(err)
	}
	drift, err := Learners(n, d, gamma, batch, 1)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ensemble.New(ensemble.Config{
		Start: [][]float64{slices.Repeat([]float64{q[0]}, learners), slices.Repeat([]float64{q[1]}, learners)},
		Drift: drift, Step: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Advance(context.Background(), steps, nil); err != nil {
		t.Fatal(err)
	}
	exact := covariance(d, h, noise, gamma, batch, steps)
	for k := range 2 {
		v, m := e.Variance(k), e.Mean(k)
		without := gamma * noise.At(k, k) / (2 * h.At(k, k))
		t.Logf("variable %d: variance %v, predicted %.6g for the noise at the minimum, %.6g for noise that changes with q", k, v, want.At(k, k), exact.At(k, k))
		if math.Abs(v.Value-exact.At(k, k)) > 4*v.Error {
			t.Errorf("variance of variable %d is %v, want %v", k, v, exact.At(k, k))
		}
		if math.Abs(exact.At(k, k)/want.At(k, k)-1) > 0.05 {
			t.Errorf("the noise at the minimum predicts a variance of %v for variable %d, want %v", want.At(k, k), k, exact.At(k, k))
		}
		if k == 0 && math.Abs(v.Value-without) < 20*v.Error {
			t.Errorf("control: variance %v cannot tell the step's factor, without it %v", v, without)
		}
		if math.Abs(m.Value-q[k]) > 4.5*m.Error {
			t.Errorf("mean of variable %d is %v, want %v", k, m, q[k])
		}
		width := math.Sqrt(want.At(k, k))
		distance := e.Kolmogorov(k, func(x float64) float64 { return math.Erfc(-(x-q[k])/(width*math.Sqrt2)) / 2 })
		t.Logf("variable %d: Kolmogorov distance %.4f from the predicted normal distribution, sampling noise %.4f", k, distance, 1.36/math.Sqrt(learners))
		if distance > 0.02 {
			t.Errorf("Kolmogorov distance %v of variable %d", distance, k)
		}
	}
}

// covariance returns the exact covariance of learners of a linear neuron after a
// number of steps from the minimum, whose noise changes with q:
//
//	C ← C − γ(hC + Ch) + γ²[hCh + (⟨aCa⟩ − hCh)/n_b] + γ²Σ/n_b,   a = (1, x)(1, x)ᵀ.
func covariance(d learning.Data, h, noise mat.Symmetric, gamma float64, batch, steps int) *mat.Dense {
	c := mat.NewDense(2, 2, nil)
	var hc, ch, hch mat.Dense
	for range steps {
		hc.Mul(h, c)
		ch.Mul(c, h)
		hch.Mul(&hc, h)
		aca := mat.NewDense(2, 2, nil)
		for _, x := range d.X {
			u := [2]float64{1, x}
			s := c.At(0, 0) + 2*x*c.At(0, 1) + x*x*c.At(1, 1)
			for i := range 2 {
				for j := range 2 {
					aca.Set(i, j, aca.At(i, j)+u[i]*u[j]*s/float64(len(d.X)))
				}
			}
		}
		c.Apply(func(i, j int, v float64) float64 {
			spread := (aca.At(i, j) - hch.At(i, j)) / float64(batch)
			return v - gamma*(hc.At(i, j)+ch.At(i, j)) + gamma*gamma*(hch.At(i, j)+spread+noise.At(i, j))
		}, c)
	}
	return c
}

// In one dimension the matrix equation is the formula.
func TestStationary(t *testing.T) {
	for _, gamma := range []float64{0.01, 0.5, 1.5} {
		c, err := Stationary(mat.NewSymDense(1, []float64{1.2}), mat.NewSymDense(1, []float64{0.3}), gamma)
		if err != nil {
			t.Fatal(err)
		}
		if want := gamma * 0.3 / (2 * 1.2 * (1 - gamma*1.2/2)); math.Abs(c.At(0, 0)-want) > 1e-15 {
			t.Errorf("γ = %v: variance %v, want %v", gamma, c.At(0, 0), want)
		}
	}
	h, s := mat.NewSymDense(2, []float64{2, 0.5, 0.5, 1}), mat.NewSymDense(2, []float64{1, -0.3, -0.3, 2})
	const gamma = 0.4
	c, err := Stationary(h, s, gamma)
	if err != nil {
		t.Fatal(err)
	}
	var hc, ch, hch, residual mat.Dense
	hc.Mul(h, c)
	ch.Mul(c, h)
	hch.Mul(&hc, h)
	hch.Scale(gamma, &hch)
	residual.Add(&hc, &ch)
	residual.Sub(&residual, &hch)
	var noise mat.Dense
	noise.Scale(gamma, s)
	residual.Sub(&residual, &noise)
	if r := mat.Norm(&residual, 1); r > 1e-14 {
		t.Errorf("residual %v", r)
	}
}

func TestBadInput(t *testing.T) {
	n, q, d := half(t)
	wrong := mat.NewDense(2, 3, nil)
	if _, err := Measure(n, q, d, wrong); err == nil {
		t.Error("Measure accepted directions of 3 components")
	}
	for want, w := range map[string]Walk{
		"batches of 0 of 240":   {n, q, d, 0, learning.Shuffled, 0.1, 1, nil, 0},
		"batches of 241 of 240": {n, q, d, 241, learning.Shuffled, 0.1, 1, nil, 0},
		"of 0 batches":          {n, q, d, 1, learning.Shuffled, 0.1, 0, nil, 0},
		"of 3 components":       {n, q, d, 1, learning.Shuffled, 0.1, 1, wrong, 0},
		"unknown sampling":      {n, q, d, 1, "some", 0.1, 1, nil, 0},
	} {
		if _, err := w.Diffusion(5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := (Walk{n, q, d, 1, learning.Shuffled, 0.1, 1, nil, 0}).Diffusion(1); err == nil {
		t.Error("a variance from one walk")
	}
	if _, err := Learners(n, d, 0.1, 0, 1); err == nil {
		t.Error("Learners accepted empty batches")
	}
	one, two := mat.NewSymDense(1, []float64{1}), mat.NewSymDense(2, []float64{1, 0, 0, -1})
	for _, c := range []struct {
		h, s  mat.Symmetric
		gamma float64
	}{{one, two, 0.1}, {two, two, 0.1}, {one, one, 2}, {one, one, 0}} {
		if _, err := Stationary(c.h, c.s, c.gamma); err == nil {
			t.Errorf("Stationary(γ = %v) did not fail", c.gamma)
		}
	}
}
