package thermo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/learning/noise"
	"github.com/nnfield/nnfield/nnfield/network"
)

func mustNetwork(t testing.TB, a learning.Architecture) *learning.Network {
	t.Helper()
	n, err := learning.New(a)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// drawn returns variables with biases that are not 0, and a direction.
func drawn(n *learning.Network, seed uint64) (q, dq []float64) {
	s := random.New(seed, "test")
	q, dq = n.Draw(seed), make([]float64, n.Size())
	for i := range q {
		q[i] += 0.2 * s.Normal(2*i)
		dq[i] = s.Normal(2*i + 1)
	}
	return q, dq
}

var (
	tanh     = network.Tanh()
	linear   = network.Identity()
	sample   = []float64{0.3, -1, 0.7}
	answer   = []float64{1, -0.5}
	feedback = learning.Architecture{
		Groups: []learning.Group{{Neurons: 3}, {Neurons: 4, Activation: tanh}, {Neurons: 2, Activation: network.Sigmoid()}},
		Links:  []learning.Link{{From: 0, To: 1}, {From: 1, To: 1}, {From: 1, To: 2}, {From: 2, To: 1}, {From: 0, To: 2}},
		Steps:  3,
	}
)

// within complains unless the estimate is within a number of its errors of want.
func within(t *testing.T, what string, e ensemble.Estimate, want, errors float64) {
	t.Helper()
	if !(math.Abs(e.Value-want) <= errors*e.Error) || e.Error == 0 {
		t.Errorf("%s is %v, want %.6g", what, e, want)
	}
}

func TestDerivativesOfTheEnergy(t *testing.T) {
	n := mustNetwork(t, feedback)
	q, dq := drawn(n, 1)
	for _, held := range [][]float64{nil, answer} {
		e := must[*Energy](t)(States(n, q, sample, held))
		x, g := make([]float64, e.Free()), make([]float64, e.Free())
		s := random.New(2, "x")
		for i := range x {
			x[i] = s.Normal(i)
		}
		e.Gradient(g, x)
		const h = 1e-5
		for i := range x {
			y := append([]float64(nil), x...)
			y[i] += h
			up := e.Value(y)
			y[i] -= 2 * h
			if slope := (up - e.Value(y)) / (2 * h); math.Abs(slope-g[i]) > 1e-8 {
				t.Errorf("∂H/∂x_%d = %v, want %v", i, g[i], slope)
			}
		}
		at := func(c float64) float64 {
			moved := make([]float64, len(q))
			for i := range q {
				moved[i] = q[i] + c*dq[i]
			}
			return must[*Energy](t)(States(n, moved, sample, held)).Value(x)
		}
		if slope := (at(h) - at(-h)) / (2 * h); math.Abs(slope-e.Slope(x, dq)) > 1e-7 {
			t.Errorf("∂H/∂q·dq = %v, want %v", e.Slope(x, dq), slope)
		}
		if held != nil {
			continue
		}
		// H is the bulk loss of package network, whose inputs predict themselves.
		w, err := n.Septuple(q, sample)
		if err != nil {
			t.Fatal(err)
		}
		all, b := append(append([]float64(nil), sample...), x...), append(append([]float64(nil), sample...), q[:6]...)
		if want := (network.Bulk{}).Value(&w, all, b); math.Abs(e.Value(x)-want) > 1e-13 {
			t.Errorf("H = %v, package network says %v", e.Value(x), want)
		}
	}
}

// With nothing held the complexity is −ln|det(1 − w)|: 0 for a feed-forward network.
func TestComplexityIsTheDeterminant(t *testing.T) {
	for _, back := range []bool{false, true} {
		a := learning.FeedForward(linear, linear, 3, 4, 2)
		if back {
			a.Links = append(a.Links, learning.Link{From: 1, To: 1}, learning.Link{From: 2, To: 1})
		}
		n := mustNetwork(t, a)
		q, _ := drawn(n, 3)
		e := must[*Energy](t)(States(n, q, sample, nil))
		c := must[Canonical](t)(e.Exact(0.3))
		m := mat.NewDense(6, 6, nil)
		for i := range 6 {
			for j := range 6 {
				m.Set(i, j, -e.w.At(i, j))
			}
			m.Set(i, i, m.At(i, i)+1)
		}
		want := -math.Log(math.Abs(mat.Det(m)))
		if math.Abs(c.Complexity.Value-want) > 1e-12 || math.Abs(c.Energy.Value-6*0.3/2) > 1e-12 {
			t.Errorf("feedback %v: C = %v and U = %v, want %v and 0.9", back, c.Complexity.Value, c.Energy.Value, want)
		}
		if back == (math.Abs(want) < 1e-3) {
			t.Errorf("feedback %v: complexity %v", back, want)
		}
	}
}

// ⟨∂H/∂q⟩·dq is the derivative of F, which shares no line with it.
func TestSlopesAreDerivativesOfTheFreeEnergy(t *testing.T) {
	a := feedback
	a.Groups = []learning.Group{{Neurons: 3}, {Neurons: 4, Activation: linear}, {Neurons: 2, Activation: linear}}
	n := mustNetwork(t, a)
	q, dq := drawn(n, 4)
	for _, held := range [][]float64{nil, answer} {
		at := func(c float64) Canonical {
			moved := make([]float64, len(q))
			for i := range q {
				moved[i] = q[i] + c*dq[i]
			}
			return must[Canonical](t)(must[*Energy](t)(States(n, moved, sample, held)).Exact(0.7, dq))
		}
		const h = 1e-5
		slope := (at(h).FreeEnergy.Value - at(-h).FreeEnergy.Value) / (2 * h)
		if got := at(0).Slopes[0].Value; math.Abs(got-slope) > 1e-7*math.Abs(slope) {
			t.Errorf("⟨∂H/∂q⟩·dq = %v, dF/dq·dq = %v", got, slope)
		}
	}
}

// Monte Carlo against three judges: the closed form of a linear network, the one of any
// feed-forward network with nothing held (the Jacobian of r = x − f(z) is 1), and
// quadrature of one neuron that sees itself.
func TestSampling(t *testing.T) {
	chain := Chain{Samples: 4000, Nodes: 6, Seed: 1}
	compare := func(name string, got Canonical, u, f float64) {
		t.Helper()
		t.Logf("%s: U = %v (want %.5f), F = %v (want %.5f), τ = %.2f, acceptance %.2f", name, got.Energy, u, got.FreeEnergy, f, got.Correlation, got.Acceptance)
		within(t, name+": U", got.Energy, u, 4)
		within(t, name+": F", got.FreeEnergy, f, 4)
		within(t, name+": S", got.Entropy, (u-f)/got.Temperature, 4)
		if got.Energy.Error > 0.02*got.Temperature*float64(got.Free) || got.Acceptance < 0.9 {
			t.Errorf("%s: U = %v and acceptance %v: too little was learned", name, got.Energy, got.Acceptance)
		}
	}

	a := feedback
	a.Groups = []learning.Group{{Neurons: 3}, {Neurons: 4, Activation: linear}, {Neurons: 2, Activation: linear}}
	n := mustNetwork(t, a)
	q, dq := drawn(n, 4)
	e := must[*Energy](t)(States(n, q, sample, answer))
	exact := must[Canonical](t)(e.Exact(0.5, dq))
	got := must[Canonical](t)(e.Sample(0.5, chain, dq))
	compare("linear", got, exact.Energy.Value, exact.FreeEnergy.Value)
	within(t, "linear: slope", got.Slopes[0], exact.Slopes[0].Value, 4)

	n = mustNetwork(t, learning.FeedForward(tanh, network.Sigmoid(), 3, 4, 5, 2))
	q, _ = drawn(n, 5)
	e = must[*Energy](t)(States(n, q, sample, nil))
	const temperature, k = 0.4, 11.
	compare("feed-forward", must[Canonical](t)(e.Sample(temperature, chain)), k*temperature/2, -k/2*temperature*math.Log(2*math.Pi*temperature))

	n = mustNetwork(t, learning.Recurrent(tanh, linear, 1, 1, 1, 3))
	q = []float64{0.3, -0.2, 0.5, -2.5, 1.5} // two biases, input → hidden, hidden → hidden, hidden → output
	e = must[*Energy](t)(States(n, q, []float64{1}, []float64{0.4}))
	z, zu := 0.0, 0.0
	for i := range 40_001 {
		x := -10 + float64(i)*5e-4
		r := x - math.Tanh(0.3+0.5-2.5*x)
		o := 0.4 - (-0.2 + 1.5*x)
		h := (r*r + o*o) / 2
		z += math.Exp(-h/temperature) * 5e-4
		zu += h * math.Exp(-h/temperature) * 5e-4
	}
	chain.Samples = 10_000
	compare("one neuron", must[Canonical](t)(e.Sample(temperature, chain)), zu/z, -temperature*math.Log(z))
}

// An autoregressive series has τ = ½(1 + a)/(1 − a), and errors that know it cover the
// mean as often as they should. Naive errors are the control.
func TestCorrelatedErrors(t *testing.T) {
	const a, n, series = 0.8, 4000, 100
	numbers := random.New(1, "series")
	covered, naive, mean := 0, 0, 0.0
	for s := range series {
		x, v := make([]float64, n), 0.0
		for i := range x {
			v = a*v + numbers.Normal(s*n+i)
			x[i] = v
		}
		e, tau := Correlated(x)
		mean += tau / series
		if math.Abs(e.Value) < 2*e.Error {
			covered++
		}
		if math.Abs(e.Value) < 2*e.Error/math.Sqrt(2*tau) {
			naive++
		}
	}
	if want := 0.5 * (1 + a) / (1 - a); math.Abs(mean-want) > 0.05*want {
		t.Errorf("τ = %v, want %v", mean, want)
	}
	if covered < 88 || naive > 70 {
		t.Errorf("two errors cover the mean of %d of 100 series, want 95; naive ones of %d, want 50", covered, naive)
	}
	if e, tau := Correlated([]float64{2, 2, 2}); e != (ensemble.Estimate{Value: 2}) || tau != 0.5 {
		t.Errorf("a constant series has the mean %v and τ = %v", e, tau)
	}
}

// path trains a network on digits and returns its variables at some moments.
// The first ones are drawn and multiplied by size.
func path(t testing.TB, f network.Activation, size float64, every, moments int) Laws {
	t.Helper()
	n := mustNetwork(t, learning.FeedForward(f, linear, 64, 8, 10))
	digits := learning.Digits()
	tr := learning.Training{Network: n, Data: digits, Batch: 20, Sampling: learning.Shuffled, Descent: learning.SGD(0.05), Seed: 1}
	if err := tr.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range tr.Variables {
		tr.Variables[i] *= size
	}
	l := Laws{Network: n, Temperature: 0.05}
	for range moments {
		l.Path = append(l.Path, append([]float64(nil), tr.Variables...))
		for range every {
			tr.Step()
		}
	}
	var some []int
	for i := range 20 {
		some = append(some, 89*i)
	}
	l.Data = digits.Pick(some)
	return l
}

// Written before the first run: the first law closes within its stated error in every
// step, and that error is below a tenth of the work.
//
// Written before the first run, too: the second law holds in nine of ten steps. It does
// not. With the outputs held the entropy of the hidden states is const −
// ½ ln det(1 + WᵀW), W the weights that lead to the outputs: it falls while those grow and
// rises while they shrink. From small weights they grow and it falls, from weights of
// the usual size it rises first. What follows pins what was found.
func TestLawsOfLearningOfALinearNetwork(t *testing.T) {
	for _, run := range []struct {
		name       string
		size       float64 // of the first weights
		fell, rose int     // as found
	}{{"usual weights", 1, 19, 41}, {"small weights", 0.1, 60, 0}} {
		l := path(t, linear, run.size, 4, 61)
		c := must[*Course](t)(l.Measure(context.Background()))
		work := 0.0
		for i, s := range c.Changes {
			work += s.Work.Value
			if math.Abs(s.Closure.Value) > s.Closure.Error+1e-12 {
				t.Errorf("%s, step %d: ΔU − TΔS − W = %v", run.name, i, s.Closure)
			}
			if s.Closure.Error > 0.1*math.Abs(s.Work.Value)+1e-4 {
				t.Errorf("%s, step %d: the error of the work, %v, is too large to say anything", run.name, i, s.Work)
			}
		}
		if work > -0.05 {
			t.Errorf("%s: nothing was learned, the work is %v", run.name, work)
		}
		first, last, second := c.Points[0], c.Points[60], c.SecondLaw()
		t.Logf("%s: U %.4f → %.4f, F %.4f → %.4f, S %.4f → %.4f; %v", run.name, first.Energy.Value, last.Energy.Value,
			first.FreeEnergy.Value, last.FreeEnergy.Value, first.Entropy.Value, last.Entropy.Value, second)
		if second.Fell != run.fell || second.Rose != run.rose {
			t.Errorf("%s: the second law: %v; found before: fell in %d, rose in %d", run.name, second, run.fell, run.rose)
		}
		for i, p := range c.Points {
			w := mat.NewDense(10, 8, l.Path[i][l.Network.Weights(1).Low:l.Network.Weights(1).High])
			var gram mat.Dense
			gram.Mul(w.T(), w)
			for k := range 8 {
				gram.Set(k, k, gram.At(k, k)+1)
			}
			if want := -math.Log(mat.Det(&gram)) / 2; math.Abs(p.Complexity.Value-want) > 1e-10 {
				t.Errorf("%s, moment %d: C = %v, want −½ ln det(1 + WᵀW) = %v", run.name, i, p.Complexity.Value, want)
			}
		}
	}
}

// The other reading of [M]: nothing is held, and the temperature is the one at which
// the ensemble has the loss of the data, kT/2 = H. A feed-forward network has no
// complexity, so S = (k/2)(1 + ln 2πT) falls exactly where the loss does.
//
// Written before the first run: it falls in every epoch. As found: it rises in 4 of the
// first 30 batches, by up to 0.54 nats while it falls by 7.4 in all, and in 5 of 30 epochs,
// by up to 0.13 while it falls by 15.7.
func TestSecondLawAtTheTemperatureOfTheData(t *testing.T) {
	for _, every := range []int{1, 90} { // 90 batches of 20 are an epoch
		l := path(t, tanh, 1, every, 31)
		d := learning.Digits()
		rose, worst := 0, 0.0
		s := make([]float64, len(l.Path))
		for i, q := range l.Path {
			s[i] = 18. / 2 * (1 + math.Log(2*math.Pi*2*l.Network.Loss(q, d)/18))
			if i > 0 && s[i] > s[i-1] {
				rose++
				worst = max(worst, s[i]-s[i-1])
			}
		}
		total := s[30] - s[0]
		t.Logf("every %d steps: the entropy rose in %d of 30, by at most %.3f; in all it changed by %.2f", every, rose, worst, total)
		if total > -3 || rose != 4+every/90 || worst > 0.1*-total {
			t.Errorf("every %d steps: not as found before", every)
		}
	}
}

func TestLawsOfLearningByMonteCarlo(t *testing.T) {
	l := path(t, tanh, 1, 80, 4)
	few := []int{0, 1, 2, 3, 4, 5}
	l.Data = l.Data.Pick(few)
	l.Chain = &Chain{Samples: 500, Nodes: 5, Seed: 3}
	c := must[*Course](t)(l.Measure(context.Background()))
	for i, s := range c.Changes {
		t.Logf("step %d: ΔU = %v, TΔS = %v, W = %v, closure %v", i, s.Energy, s.Heat, s.Work, s.Closure)
		within(t, fmt.Sprintf("step %d: ΔU − TΔS − W", i), s.Closure, 0, 4)
		if s.Closure.Error > 0.3*math.Abs(s.Work.Value)+0.01 {
			t.Errorf("step %d: closure %v says nothing about a work of %v", i, s.Closure, s.Work)
		}
	}
	t.Logf("%v; τ up to %.1f, acceptance from %.2f", c.SecondLaw(), c.Points[0].Correlation, c.Points[0].Acceptance)

	// The same numbers for any number of goroutines.
	l.Path, l.Chain.Samples = l.Path[:2], 100
	defer pool.SetLimit(pool.SetLimit(1))
	alone := must[*Course](t)(l.Measure(context.Background()))
	pool.SetLimit(0)
	if together := must[*Course](t)(l.Measure(context.Background())); alone.Changes[0] != together.Changes[0] {
		t.Errorf("%v alone, %v with all goroutines", alone.Changes[0], together.Changes[0])
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Measure(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a cancelled measurement", err)
	}
}

// Small steps: the continuous rates of [M], tr(DG⁻¹) and γ tr h.
func TestBalanceOfSmallSteps(t *testing.T) {
	g, h, d := mat.NewSymDense(2, []float64{2, 0.3, 0.3, 1}), mat.NewSymDense(2, []float64{1, -0.2, -0.2, 3}), mat.NewSymDense(2, []float64{1, 0.5, 0.5, 2})
	const gamma = 1e-6
	d.ScaleSym(gamma, d)
	r := must[Rates](t)(Balance(g, h, d, gamma))
	var ratio mat.Dense
	if err := ratio.Solve(g, d); err != nil {
		t.Fatal(err)
	}
	if want := mat.Trace(&ratio); math.Abs(r.Production-want) > 1e-5*want {
		t.Errorf("production %v, want tr(DG⁻¹) = %v", r.Production, want)
	}
	if want := gamma * 4; math.Abs(r.Destruction-want) > 1e-5*want {
		t.Errorf("destruction %v, want γ tr h = %v", r.Destruction, want)
	}
}

// Learners with batches of their own: the entropy changes by production minus
// destruction from any start, and in the end they balance.
func TestEntropyOfLearners(t *testing.T) {
	digits := learning.Digits()
	d := learning.Data{Inputs: 1, Outputs: 1}
	for s := range digits.Samples() {
		d.X = append(d.X, 2*digits.X[s*64+20]-1)
		d.Y = append(d.Y, digits.X[s*64+28])
	}
	n := mustNetwork(t, learning.FeedForward(linear, linear, 1, 1))
	q, g := make([]float64, 2), make([]float64, 2)
	h := noise.Hessian(n, q, d)
	n.Gradient(g, q, d)
	var at mat.VecDense
	if err := at.SolveVec(h, mat.NewVecDense(2, g)); err != nil {
		t.Fatal(err)
	}
	for i := range q {
		q[i] = -at.AtVec(i)
	}
	const gamma, batch, learners, steps = 0.1, 16, 10_000, 30
	diffusion := must[*noise.Gradients](t)(noise.Measure(n, q, d, nil)).Diffusion(gamma, batch, learning.WithReplacement, 1)
	drift := must[ensemble.Drift](t)(noise.Learners(n, d, gamma, batch, 1))
	for name, width := range map[string]float64{"narrow": 0.003, "wide": 0.1} {
		start, numbers := [][]float64{make([]float64, learners), make([]float64, learners)}, random.New(1, "start")
		for k := range start {
			for i := range start[k] {
				start[k][i] = q[k] + width*numbers.Normal(2*i+k)
			}
		}
		e := must[*ensemble.Ensemble](t)(ensemble.New(ensemble.Config{Start: start, Drift: drift, Step: 1}))
		covariance := Covariance(e)
		before := must[ensemble.Estimate](t)(NormalEntropy(covariance, learners))
		predicted, first := 0.0, Rates{}
		for s := range steps {
			r := must[Rates](t)(Balance(covariance, h, diffusion, gamma))
			if s == 0 {
				first = r
			}
			predicted += r.Net()
			if err := e.Advance(context.Background(), 1, nil); err != nil {
				t.Fatal(err)
			}
			covariance = Covariance(e)
		}
		after := must[ensemble.Estimate](t)(NormalEntropy(covariance, learners))
		measured := difference(after, before)
		t.Logf("%s: ΔS = %v in %d steps, predicted %.4f; first step: production %.4f, destruction %.4f", name, measured, steps, predicted, first.Production, first.Destruction)
		// The noise changes with q, so the prediction is a few percent off.
		if math.Abs(measured.Value-predicted) > 3*measured.Error+0.05*math.Abs(predicted) {
			t.Errorf("%s: ΔS = %v, predicted %v", name, measured, predicted)
		}
		if rose := measured.Value > 3*measured.Error; rose != (name == "narrow") || rose != (first.Net() > 0) {
			t.Errorf("%s: the entropy rose: %v", name, rose)
		}
		// Shannon entropy of the histogram, no matter what shape: at most that of the normal
		// distribution of the same covariance, and close to it.
		w0, w1 := 5*math.Sqrt(covariance.At(0, 0)), 5*math.Sqrt(covariance.At(1, 1))
		histogram, err := e.Histogram(ensemble.Axis{Variable: 0, Low: q[0] - w0, High: q[0] + w0, Bins: 30}, ensemble.Axis{Variable: 1, Low: q[1] - w1, High: q[1] + w1, Bins: 30})
		if err != nil {
			t.Fatal(err)
		}
		shannon := must[ensemble.Estimate](t)(HistogramEntropy(histogram))
		if math.Abs(shannon.Value-after.Value) > 4*shannon.Error+0.03 {
			t.Errorf("%s: entropy of the histogram %v, of the normal distribution %v", name, shannon, after)
		}
	}
	stationary := must[*mat.SymDense](t)(noise.Stationary(h, scaled(diffusion, 2/(gamma*gamma)), gamma))
	if r := must[Rates](t)(Balance(stationary, h, diffusion, gamma)); math.Abs(r.Net()) > 1e-12 || r.Production < 0.1 {
		t.Errorf("settled learners: production %v, destruction %v", r.Production, r.Destruction)
	}
}

func scaled(m *mat.SymDense, c float64) *mat.SymDense {
	s := mat.NewSymDense(m.SymmetricDim(), nil)
	s.ScaleSym(c, m)
	return s
}

func TestHistogramEntropyOfANormalDistribution(t *testing.T) {
	numbers, x := random.New(5, "normal"), make([]float64, 50_000)
	for i := range x {
		x[i] = 0.5 * numbers.Normal(i)
	}
	still := func(v [][]float64, _ ensemble.Block) { clear(v[0]) }
	e := must[*ensemble.Ensemble](t)(ensemble.New(ensemble.Config{Start: [][]float64{x}, Drift: still, Step: 1}))
	h, err := e.Histogram(ensemble.Axis{Low: -3, High: 3, Bins: 120})
	if err != nil {
		t.Fatal(err)
	}
	s := must[ensemble.Estimate](t)(HistogramEntropy(h))
	within(t, "entropy", s, 0.5*math.Log(2*math.Pi*math.E*0.25), 4)
	if s.Error > 0.005 {
		t.Errorf("error %v", s.Error)
	}
	within(t, "entropy from the variance", must[ensemble.Estimate](t)(NormalEntropy(Covariance(e), len(x))), 0.5*math.Log(2*math.Pi*math.E*0.25), 4)
}

func TestBadInput(t *testing.T) {
	n := mustNetwork(t, feedback)
	q, _ := drawn(n, 1)
	e := must[*Energy](t)(States(n, q, sample, nil))
	flat := mustNetwork(t, learning.Recurrent(linear, linear, 1, 1, 1, 2))
	_, errFit := States(n, q, sample[:2], nil)
	_, errHeld := States(mustNetwork(t, learning.FeedForward(tanh, tanh, 3, 2)), make([]float64, 8), sample, answer)
	_, errCold := e.Sample(0, Chain{Samples: 100, Nodes: 5})
	_, errShort := e.Sample(1, Chain{Samples: 10, Nodes: 5})
	_, errTanh := e.Exact(1)
	_, errFlat := must[*Energy](t)(States(flat, []float64{0, 0, 1, 1, 0}, []float64{1}, nil)).Exact(1)
	l := path(t, tanh, 1, 1, 2)
	l.Path = l.Path[:1]
	_, errPath := l.Measure(context.Background())
	l.Path = [][]float64{{1}, {2}}
	_, errSize := l.Measure(context.Background())
	one, none := mat.NewSymDense(1, []float64{1}), mat.NewSymDense(1, nil)
	_, errBalance := Balance(one, mat.NewSymDense(2, nil), one, 0.1)
	_, errPoint := Balance(none, one, one, 0.1)
	_, errNormal := NormalEntropy(none, 3)
	_, errEmpty := HistogramEntropy(ensemble.Histogram{Learners: 3, Outside: 3})
	for want, err := range map[string]error{
		"2 inputs": errFit, "all neurons are held": errHeld, "temperature 0": errCold, "a Chain of 10": errShort, "activation tanh": errTanh,
		"H is flat": errFlat, "along 1 moments": errPath, "Laws at moment 0: learning: 1 variables": errSize, "a Hessian of 2": errBalance, "Balance: learners without": errPoint,
		"NormalEntropy: learners without": errNormal, "no learner is in a bin": errEmpty,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
