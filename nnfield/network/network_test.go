package network_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// matrix is a plain n×n matrix, the tests' own arithmetic.
type matrix [][]float64

func randomMatrix(r *rand.Rand, n int) matrix {
	m := make(matrix, n)
	for i := range m {
		m[i] = normals(r, n)
	}
	return m
}

func (m matrix) symmetric() matrix {
	s := make(matrix, len(m))
	for i := range m {
		s[i] = make([]float64, len(m))
		for j := range m {
			s[i][j] = m[i][j] + m[j][i]
		}
	}
	return s
}

func (m matrix) times(x []float64) []float64 {
	y := make([]float64, len(m))
	for i := range m {
		for j, v := range x {
			y[i] += m[i][j] * v
		}
	}
	return y
}

func (m matrix) transposeTimes(x []float64) []float64 {
	y := make([]float64, len(m))
	for i := range m {
		for j := range m {
			y[j] += m[i][j] * x[i]
		}
	}
	return y
}

func (m matrix) tensor() *weights.Dense {
	w, err := weights.NewDense(len(m), slices.Concat(m...))
	if err != nil {
		panic(err)
	}
	return w
}

func normals(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

func randomState(r *rand.Rand, n int) *network.State {
	return &network.State{X: normals(r, n), B: normals(r, n)}
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func mustNew(t testing.TB, n network.Network) *network.System {
	t.Helper()
	s, err := network.New(n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var activations = []network.Activation{
	network.Identity(), network.Tanh(), network.Sigmoid(), network.ReLU(), network.Sine(),
	network.Custom("cubic", func(z float64) float64 { return z + z*z*z/10 }, func(z float64) float64 { return 1 + 3*z*z/10 }),
}

var quartic = network.OnSite{
	V:          func(x float64) float64 { return x * x * x * x / 4 },
	Derivative: func(x float64) float64 { return x * x * x },
}

func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// One step of a network with every part, against plain loops.
func TestStepIsTheSeptuple(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(rt, "n")
		r := newRand(rapid.Uint64().Draw(rt, "seed"))
		w, e, k, a := randomMatrix(r, n), randomMatrix(r, n), randomMatrix(r, n).symmetric(), randomMatrix(r, n).symmetric()
		f := make([]network.Activation, n)
		for i := range f {
			f[i] = activations[r.IntN(len(activations))]
		}
		const rate = 0.05
		site := r.IntN(n)
		s := mustNew(t, network.Network{
			Weights: w.tensor(), Bias: e.tensor(), Activations: f, Rate: rate,
			Loss: network.Dual{K: k.tensor(), Potential: quartic, A: a.tensor()},
			Boundary: &network.Boundary{Sites: []int{site}, Sample: func(dst []float64, at float64) {
				dst[0] = 10 + at
			}},
			Clock: 0.25,
		})
		st := randomState(r, n)
		before := st.Clone()
		s.Step(st)

		x, b := slices.Clone(before.X), slices.Clone(before.B)
		x[site] = 10.25
		b[site] = 0 // for the activation only
		z := w.times(x)
		floats.Add(z, e.times(b))
		for i := range x {
			if i != site {
				x[i] = f[i].F(z[i])
			}
		}
		b[site] = before.B[site]
		gx := k.times(x)
		for i := range gx {
			gx[i] = (gx[i] + x[i]*x[i]*x[i]) * f[i].Derivative(z[i])
		}
		gx[site] = 0
		g := e.transposeTimes(gx)
		floats.Add(g, a.times(b))
		g[site] = 0
		floats.AddScaled(b, -rate, g)

		near(t, "x", st.X, x, 1e-12*floats.Norm(x, 2))
		near(t, "b", st.B, b, 1e-12*(1+floats.Norm(g, 2)))
		if st.B[site] != before.B[site] || st.Step != 1 || st.Time != 0.25 {
			rt.Fatalf("boundary bias %v (was %v), step %d, time %v", st.B[site], before.B[site], st.Step, st.Time)
		}
	})
}

func TestOneWeightAndOneActivationMapMatter(t *testing.T) {
	const n, row, column = 5, 3, 1
	r := newRand(2)
	w := randomMatrix(r, n)
	f := slices.Repeat([]network.Activation{network.Tanh()}, n)
	start := randomState(r, n)
	step := func() *network.State {
		st := start.Clone()
		mustNew(t, network.Network{Weights: w.tensor(), Activations: slices.Clone(f)}).Step(st)
		return st
	}
	plain := step()
	z := w.times(start.X)[row] + start.B[row]
	changed := func(what string, want float64) {
		t.Helper()
		for i, x := range step().X {
			if i != row && x != plain.X[i] {
				t.Errorf("%s moved neuron %d, which it does not reach", what, i)
			}
			if i == row && math.Abs(x-want) > 4e-16 {
				t.Errorf("%s: neuron %d is %v, want %v", what, i, x, want)
			}
		}
	}
	w[row][column] += 0.5
	changed("a weight", math.Tanh(z+0.5*start.X[column]))
	w[row][column] -= 0.5
	f[row] = network.Sine()
	changed("an activation map", math.Sin(z))
}

// The arithmetic that a fused kernel must reproduce bit by bit.
func TestBitsOfTheCanonicalStep(t *testing.T) {
	const n, rate = 6, 0.01
	r := newRand(3)
	k := randomMatrix(r, n).symmetric().tensor()
	s := mustNew(t, network.Network{Weights: weights.Identity(n), Loss: network.Dual{K: k, Potential: quartic}, Rate: rate})
	st := randomState(r, n)
	x, b := slices.Clone(st.X), slices.Clone(st.B)
	s.Step(st)
	g := make([]float64, n)
	for i := range x {
		x[i] += b[i]
	}
	k.AddApply(g, -rate, x)
	for i, v := range x {
		g[i] += float64(-rate * (v * v * v))
		b[i] += g[i]
	}
	if !slices.Equal(st.X, x) || !slices.Equal(st.B, b) {
		t.Errorf("got %v %v\nwant %v %v", st.X, st.B, x, b)
	}
}

// Sparse weights add their gradient to the biases without a detour, with the bits of
// the detour and for any number of workers.
func TestBitsOfTheSparseStep(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const n, rate = 40_000, 0.01
	r := newRand(5)
	var entries []weights.Triplet
	for i := range n {
		j, w := r.IntN(n), r.NormFloat64()
		entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: w}, weights.Triplet{Row: j, Column: i, Weight: w})
	}
	k, err := weights.NewCSR(n, entries)
	if err != nil {
		t.Fatal(err)
	}
	start := randomState(r, n)
	steps := func(loss network.Loss) *network.State {
		s := mustNew(t, network.Network{Weights: weights.Identity(n), Loss: loss, Rate: rate, Decay: slices.Repeat([]float64{0.1}, n)})
		st := start.Clone()
		for range 3 {
			s.Step(st)
		}
		return st
	}
	runtime.GOMAXPROCS(1)
	want := steps(struct{ network.Dual }{network.Dual{K: k}}) // a type that the network does not know
	for _, workers := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(workers)
		if got := steps(network.Dual{K: k}); !slices.Equal(got.X, want.X) || !slices.Equal(got.B, want.B) {
			t.Errorf("other bits with %d workers", workers)
		}
	}
}

// stepEigenvalues returns the spectrum of the step of a linear network, measured by steps.
func stepEigenvalues(t *testing.T, n network.Network) []complex128 {
	s, size := mustNew(t, n), n.Size()
	m := mat.NewDense(2*size, 2*size, nil)
	for j := range 2 * size {
		st := s.NewState()
		if j < size {
			st.X[j] = 1
		} else {
			st.B[j-size] = 1
		}
		s.Step(st)
		m.SetCol(j, slices.Concat(st.X, st.B))
	}
	var e mat.Eigen
	if !e.Factorize(m, mat.EigenNone) {
		t.Fatal("no eigenvalues")
	}
	return e.Values(nil)
}

// withSpectrum returns Q diag(g) Qᵀ for a random rotation Q.
func withSpectrum(r *rand.Rand, g []float64) matrix {
	n := len(g)
	var qr mat.QR
	var q, m mat.Dense
	qr.Factorize(mat.NewDense(n, n, normals(r, n*n)))
	qr.QTo(&q)
	m.Product(&q, mat.NewDiagDense(n, g), q.T())
	out := make(matrix, n)
	for i := range out {
		out[i] = slices.Clone(m.RawRowView(i))
	}
	return out
}

// Control: the plain bulk loss makes no waves.
func TestBulkLossRelaxes(t *testing.T) {
	const rate = 0.3
	g := []float64{0.1, 0.35, 0.6, 0.9}
	w := withSpectrum(newRand(4), g)
	for i := range w {
		for j := range w {
			w[i][j] = -w[i][j]
		}
		w[i][i]++
	}
	var want []float64
	for _, g := range g {
		want = append(want, 1, (1-g)*(1-rate*(1-g)))
	}
	slices.Sort(want)
	var got []float64
	for _, v := range stepEigenvalues(t, network.Network{Weights: w.tensor(), Loss: network.Bulk{}, Rate: rate}) {
		if math.Abs(imag(v)) > 1e-7 {
			t.Errorf("eigenvalue %v oscillates", v)
		}
		got = append(got, real(v))
	}
	slices.Sort(got)
	near(t, "eigenvalues", got, want, 1e-7) // the eigenvalue 1 is fourfold

	// The neutral direction of a mode is b = gx: nothing moves.
	single := matrix{{1 - g[1]}}
	st := &network.State{X: []float64{2}, B: []float64{2 * g[1]}}
	mustNew(t, network.Network{Weights: single.tensor(), Loss: network.Bulk{}, Rate: rate}).Step(st)
	near(t, "neutral direction", []float64{st.X[0], st.B[0]}, []float64{2, 2 * g[1]}, 1e-15)
}

func TestDualLossOscillates(t *testing.T) {
	const epsilon = 0.3
	k := []float64{0.5, 1.7, 4, 9}
	var got []float64
	for _, v := range stepEigenvalues(t, network.Network{
		Weights: weights.Identity(4), Rate: epsilon * epsilon, Clock: epsilon,
		Loss: network.Dual{K: withSpectrum(newRand(5), k).symmetric().tensor()}, // 2k
	}) {
		if math.Abs(cmplx.Abs(v)-1) > 1e-12 {
			t.Errorf("|eigenvalue| is %v, want 1", cmplx.Abs(v))
		}
		if s := math.Sin(cmplx.Phase(v) / 2); s > 0 {
			got = append(got, 4/(epsilon*epsilon)*s*s)
		}
	}
	slices.Sort(got)
	near(t, "(4/ε²)sin²(ωε/2)", got, []float64{1, 3.4, 8, 18}, 1e-11)
}

func clampFirst(n int) *network.Boundary {
	return &network.Boundary{Sites: []int{n - 1, 0}, Sample: func(dst []float64, t float64) {
		dst[0], dst[1] = math.Cos(t), math.Sin(3*t)
	}}
}

func lossesToCheck(r *rand.Rand, n int) map[string]network.Loss {
	dual := network.Dual{K: randomMatrix(r, n).symmetric().tensor(), Potential: quartic, A: randomMatrix(r, n).symmetric().tensor()}
	own := network.LossFunc{
		H: func(x, b []float64) float64 { return math.Sin(x[0]*b[1]) + x[1]*x[1] },
		DX: func(dst, x, b []float64) {
			dst[0], dst[1] = b[1]*math.Cos(x[0]*b[1]), 2*x[1]
		},
		DB: func(dst, x, b []float64) { dst[1] = x[0] * math.Cos(x[0]*b[1]) },
	}
	return map[string]network.Loss{
		"dual":     dual,
		"bulk":     network.Bulk{},
		"bulk+V":   network.Bulk{Potential: quartic},
		"boundary": network.BoundaryLoss{},
		"own":      own,
		"sum":      network.Sum{dual, network.Bulk{}, network.BoundaryLoss{}, own},
	}
}

func TestGradients(t *testing.T) {
	const n = 5
	r := newRand(6)
	w, e := randomMatrix(r, n), randomMatrix(r, n)
	for name, loss := range lossesToCheck(r, n) {
		for _, f := range activations {
			for _, bias := range []weights.Tensor{nil, e.tensor()} {
				net := network.Network{Weights: w.tensor(), Bias: bias, Activations: []network.Activation{f}, Loss: loss, Boundary: clampFirst(n)}
				report, err := network.CheckGradient(net, randomState(newRand(7), n), 8, 4)
				if err != nil {
					t.Fatal(err)
				}
				if !(report.Max() < 1e-7) {
					t.Errorf("%s, %s: %v", name, f.Name, report)
				}
			}
		}
	}
}

// forgetful is a loss that hides its dependence on the weights.
type forgetful struct{ network.Loss }

func TestWrongDerivativesAreCaught(t *testing.T) {
	const n = 4
	r := newRand(9)
	good := network.Network{Weights: randomMatrix(r, n).tensor(), Activations: []network.Activation{network.Tanh()}, Loss: network.Bulk{}}
	potential := network.OnSite{V: quartic.V, Derivative: func(x float64) float64 { return x * x * x * 1.001 }}
	for name, c := range map[string]struct {
		change func(*network.Network)
		found  func(network.GradientReport) float64
	}{
		"activation": {func(n *network.Network) {
			n.Activations = []network.Activation{network.Custom("wrong", math.Tanh, math.Cos)}
		}, func(r network.GradientReport) float64 { return min(r.Bias, r.Weights) }},
		"potential": {func(n *network.Network) { n.Loss = network.Bulk{Potential: potential} },
			func(r network.GradientReport) float64 { return min(r.State, r.Bias, r.Weights) }},
		"weights": {func(n *network.Network) { n.Loss = forgetful{network.Bulk{}} },
			func(r network.GradientReport) float64 { return r.Weights }},
		"biases": {func(n *network.Network) {
			n.Loss = network.LossFunc{H: func(_, b []float64) float64 { return b[0] * b[0] / 2 }}
		}, func(r network.GradientReport) float64 { return r.Bias }},
		"not a number": {func(n *network.Network) {
			n.Loss = network.LossFunc{H: func(_, b []float64) float64 { return math.NaN() }}
		}, func(r network.GradientReport) float64 {
			if math.IsNaN(r.Max()) {
				return 1
			}
			return 0
		}},
	} {
		bad := good
		c.change(&bad)
		report, err := network.CheckGradient(bad, randomState(newRand(9), n), 1, 3)
		if err != nil {
			t.Fatal(err)
		}
		if c.found(report) < 1e-5 {
			t.Errorf("wrong %s not seen: %v", name, report)
		}
	}
}

// The weights learn by the derivative of the whole step, and b and w see the same state.
func TestWeightsLearn(t *testing.T) {
	const n, rate, weightRate = 4, 0.07, 0.05
	r := newRand(10)
	w := randomMatrix(r, n)
	given, original := w.tensor(), w[0]
	net := network.Network{
		Weights: given, Activations: []network.Activation{network.Tanh()},
		Loss: network.Sum{network.Bulk{}, network.Dual{K: randomMatrix(r, n).symmetric().tensor()}}, Rate: rate, WeightRate: weightRate,
	}
	s := mustNew(t, net)
	st := randomState(r, n)
	for step := range 2 { // the second uses what the first has learned
		start := st.Clone()
		s.Step(st)

		// The loss after activating with one weight or one bias changed.
		value := func(i, j int, h float64) float64 {
			w, st := slices.Clone(w), start.Clone()
			if j < 0 {
				st.B[i] += h
			} else {
				w[i] = slices.Clone(w[i])
				w[i][j] += h
			}
			n := net
			n.Weights = w.tensor()
			s := mustNew(t, n)
			s.Activate(st, 1)
			return s.Loss(st)
		}
		const h = 1e-5
		learned := make(matrix, n)
		for i := range n {
			learned[i] = make([]float64, n)
			s.Network().Weights.Row(i, func(j int, v float64) { learned[i][j] = v })
			for j := -1; j < n; j++ {
				slope := (value(i, j, h) - value(i, j, -h)) / (2 * h)
				got, want := st.B[i]-start.B[i], -rate*slope
				if j >= 0 {
					got, want = learned[i][j]-w[i][j], -weightRate*slope
				}
				if math.Abs(got-want) > 1e-8 {
					t.Errorf("step %d: parameter (%d, %d) moved by %v, want %v", step, i, j, got, want)
				}
			}
		}
		w = learned
	}
	given.Row(0, func(j int, v float64) {
		if v != original[j] {
			t.Errorf("learning changed the weights that were given")
		}
	})
}

func TestLearningWeightsLowersTheLoss(t *testing.T) {
	r := newRand(11)
	const n = 6
	pattern := [2]float64{0.8, -0.5}
	s := mustNew(t, network.Network{
		Weights: randomMatrix(r, n).tensor(), Activations: []network.Activation{network.Tanh()},
		Loss: network.Sum{network.Bulk{}, network.BoundaryLoss{}}, Rate: 0.02, WeightRate: 0.02,
		Boundary: &network.Boundary{Sites: []int{0, 4}, Sample: func(dst []float64, _ float64) { copy(dst, pattern[:]) }},
	})
	st := randomState(r, n)
	s.Step(st)
	first := s.Loss(st)
	for range 2000 {
		s.Step(st)
	}
	if last := s.Loss(st); !(last < 1e-6*first) {
		t.Errorf("loss %v after learning, %v before", last, first)
	}
}

// Boundary neurons show the data of the end of each drift, and their biases do nothing.
func TestClampedNeurons(t *testing.T) {
	const n = 5
	r := newRand(12)
	k := randomMatrix(r, n).symmetric()
	for name, bias := range map[string]weights.Tensor{"E = 1": nil, "E": randomMatrix(r, n).tensor()} {
		s := mustNew(t, network.Network{
			Weights: weights.Identity(n), Bias: bias, Loss: network.Dual{K: k.tensor()}, Rate: 0.01, Clock: 0.1,
			Decay: slices.Repeat([]float64{0.3}, n), Boundary: clampFirst(n),
		})
		a := randomState(r, n)
		b := a.Clone()
		b.B[0] += 7
		held := a.B[0]
		s.Activate(a, 0.5)
		s.Activate(b, 0.5)
		if at := a.Time; at != 0.05 || a.X[n-1] != math.Cos(at) || a.X[0] != math.Sin(3*at) {
			t.Errorf("%s: boundary neurons show %v and %v", name, a.X[n-1], a.X[0])
		}
		for range 3 {
			s.Step(a)
			s.Step(b)
		}
		if !slices.Equal(a.X, b.X) || !slices.Equal(a.B[1:], b.B[1:]) {
			t.Errorf("%s: the bias of a boundary neuron acts", name)
		}
		if a.B[0] != held || b.B[0] != held+7 {
			t.Errorf("%s: the bias of a boundary neuron learns: %v", name, a.B[0]-held)
		}
		if math.Abs(a.Time-0.35) > 1e-15 || math.Abs(a.X[0]-math.Sin(3*0.35)) > 1e-15 {
			t.Errorf("%s: time %v, driven neuron %v", name, a.Time, a.X[0])
		}
	}
}

func TestDecayIsExact(t *testing.T) {
	decay := []float64{0, 0.2, 1.5}
	k := matrix{{2, 1, 0}, {1, 2, 1}, {0, 1, 2}}
	s := mustNew(t, network.Network{Weights: weights.Identity(3), Loss: network.Dual{K: k.tensor()}, Rate: 0.1, Decay: decay})
	for _, d := range []float64{1, 0.5, -1, 1} {
		st := randomState(newRand(13), 3)
		want := slices.Clone(st.B)
		force := k.times(st.X)
		for i := range want {
			half := math.Exp(-decay[i] * d / 2)
			want[i] = half * (half*want[i] - d*0.1*force[i])
		}
		s.Learn(st, d)
		near(t, fmt.Sprintf("d = %v", d), st.B, want, 1e-15)
	}
}

func TestLearningCanBeUndone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRand(rapid.Uint64().Draw(rt, "seed"))
		d := rapid.Float64Range(-2, 2).Draw(rt, "d")
		const n = 4
		s := mustNew(t, network.Network{
			Weights: weights.Identity(n), Bias: randomMatrix(r, n).tensor(), Rate: 0.1, Decay: []float64{0, 0.1, 0.2, 0.3},
			Loss: network.Dual{K: randomMatrix(r, n).symmetric().tensor(), Potential: quartic},
		})
		st := randomState(r, n)
		start := st.Clone()
		s.Activate(st, d)
		s.Learn(st, d)
		s.Learn(st, -d)
		near(t, "b", st.B, start.B, 1e-10)
		s.Activate(st, -d)
		near(t, "x", st.X, start.X, 1e-10)
		if math.Abs(st.Time) > 1e-15 {
			rt.Fatalf("time %v", st.Time)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	const n = 3
	good := network.Network{Weights: weights.Identity(n), Loss: network.Dual{K: weights.Identity(n)}, Rate: 0.1}
	mustNew(t, good)
	sample := func([]float64, float64) {}
	for want, change := range map[string]func(*network.Network){
		"no Weights":            func(n *network.Network) { n.Weights = nil },
		"Bias has size 2 for 3": func(n *network.Network) { n.Bias = weights.Identity(2) },
		"2 Activations for 3":   func(n *network.Network) { n.Activations = []network.Activation{network.Tanh(), network.Tanh()} },
		"lacks a name":          func(n *network.Network) { n.Activations = []network.Activation{{Name: "tanhh"}} },
		"is not the identity": func(n *network.Network) {
			n.Activations = []network.Activation{network.Custom("identity", math.Sin, math.Cos)}
		},
		"Rate is NaN":                 func(n *network.Network) { n.Rate = math.NaN() },
		"Clock is -1":                 func(n *network.Network) { n.Clock = -1 },
		"WeightRate is +Inf":          func(n *network.Network) { n.WeightRate = math.Inf(1) },
		"cannot be trained":           func(n *network.Network) { n.WeightRate = 1 },
		"without a Loss":              func(n *network.Network) { n.Loss = nil },
		"without Sample":              func(n *network.Network) { n.Boundary = &network.Boundary{Sites: []int{0}} },
		"neurons are numbered 0 to 2": func(n *network.Network) { n.Boundary = &network.Boundary{Sites: []int{3}, Sample: sample} },
		"boundary neuron 1 twice":     func(n *network.Network) { n.Boundary = &network.Boundary{Sites: []int{1, 1}, Sample: sample} },
		"Decay has 1 elements":        func(n *network.Network) { n.Decay = []float64{1} },
		"Decay of neuron 2 is NaN":    func(n *network.Network) { n.Decay = []float64{0, 1, math.NaN()} },
		"Dual: no K":                  func(n *network.Network) { n.Loss = network.Dual{} },
		"Dual: K has size 2":          func(n *network.Network) { n.Loss = network.Dual{K: weights.Identity(2)} },
		"Dual: A has size 4":          func(n *network.Network) { n.Loss = network.Dual{K: weights.Identity(3), A: weights.Identity(4)} },
		"is not symmetric": func(n *network.Network) {
			n.Loss = network.Dual{K: matrix{{1, 0, 0}, {0, 1, 1e-6}, {0, 0, 1}}.tensor()}
		},
		"BoundaryLoss: the network has no": func(n *network.Network) { n.Loss = network.Sum{network.Bulk{}, network.BoundaryLoss{}} },
		"LossFunc: no H":                   func(n *network.Network) { n.Loss = network.LossFunc{} },
		"Sum: term 0 is nil":               func(n *network.Network) { n.Loss = network.Sum{nil} },
	} {
		bad := good
		change(&bad)
		if _, err := network.New(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
	for want, f := range map[string]func() error{
		"0 directions": func() error { _, err := network.CheckGradient(good, &network.State{}, 1, 0); return err },
		"a state of 0": func() error { _, err := network.CheckGradient(good, &network.State{}, 1, 1); return err },
		"no Loss": func() error {
			_, err := network.CheckGradient(network.Network{Weights: weights.Identity(1)}, randomState(newRand(1), 1), 1, 1)
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

func TestMisuseByProgramsPanics(t *testing.T) {
	nonlinear := mustNew(t, network.Network{
		Weights: weights.Identity(2), Activations: []network.Activation{network.Tanh()}, Loss: network.Bulk{}, Rate: 1,
	})
	for name, f := range map[string]func(){
		"part of a step": func() { nonlinear.Activate(nonlinear.NewState(), 0.5) },
		"learning first": func() { nonlinear.Learn(nonlinear.NewState(), 1) },
		"state":          func() { nonlinear.Step(&network.State{X: make([]float64, 2)}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// Three neurons on a ring, coupled through the loss: a Klein-Gordon field of
// mass 1 at spacing 1. With ε = 0.1 the uniform mode oscillates at frequency 1.
func Example() {
	const epsilon = 0.1
	stiffness, err := weights.NewDense(3, []float64{
		3, -1, -1,
		-1, 3, -1,
		-1, -1, 3,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	system, err := network.New(network.Network{
		Weights: weights.Identity(3),
		Loss:    network.Dual{K: stiffness},
		Rate:    epsilon * epsilon,
		Clock:   epsilon,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := system.NewState()
	s.X[0], s.X[1], s.X[2] = 1, 1, 1
	system.Learn(s, 0.5) // half a step of learning first: leapfrog
	for range 31 {
		system.Step(s)
	}
	fmt.Printf("t = %.1f  φ = %.3f  cos t = %.3f\n", s.Time, s.X[0], math.Cos(s.Time))
	// Output: t = 3.1  φ = -0.999  cos t = -0.999
}

func ExampleCheckGradient() {
	w, err := weights.NewDense(2, []float64{0.3, -0.7, 0.5, 0.2})
	if err != nil {
		fmt.Println(err)
		return
	}
	n := network.Network{
		Weights:     w,
		Activations: []network.Activation{network.Tanh()},
		Loss:        network.Bulk{},
	}
	at := &network.State{X: []float64{1, 2}, B: []float64{0.1, -0.4}}
	report, err := network.CheckGradient(n, at, 1, 5)
	fmt.Println(report.Max() < 1e-9, err)
	// Output: true <nil>
}
