package duality_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func normals(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

func random(r *rand.Rand, n int) *mat.Dense { return mat.NewDense(n, n, normals(r, n*n)) }

// plus returns a + c·bᵀ or a + c·b.
func plus(a *mat.Dense, c float64, b mat.Matrix) *mat.Dense {
	var s, m mat.Dense
	s.Scale(c, b)
	m.Add(a, &s)
	return &m
}

func symmetric(a *mat.Dense) *mat.Dense     { return plus(a, 1, a.T()) }
func antisymmetric(a *mat.Dense) *mat.Dense { return plus(a, -1, a.T()) }

func times(a, b mat.Matrix) *mat.Dense {
	var m mat.Dense
	m.Mul(a, b)
	return &m
}

func unit(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}

// tensor returns the matrix as weights, and nil as nil.
func tensor(m *mat.Dense) weights.Tensor {
	if m == nil {
		return nil
	}
	n, _ := m.Dims()
	w, err := weights.NewDense(n, slices.Clone(m.RawMatrix().Data))
	if err != nil {
		panic(err)
	}
	return w
}

func vector(m mat.Matrix, x []float64) []float64 {
	var y mat.VecDense
	y.MulVec(m, mat.NewVecDense(len(x), slices.Clone(x)))
	return y.RawVector().Data
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func distance(a, b []float64) float64 {
	d := 0.0
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i]))
	}
	return d
}

// commuting returns two symmetric matrices with common eigenvectors.
func commuting(r *rand.Rand, n int) (k, m *mat.Dense) {
	s := symmetric(random(r, n))
	s.Scale(0.3, s)
	s2 := times(s, s)
	return plus(s2, 0.5, s), plus(plus(unit(n), 0.2, s2), -1, s)
}

// cancelling returns K, M and an A that is not symmetric, with a symmetric Aᵀ + KM.
func cancelling(r *rand.Rand, n int) (k, m, a *mat.Dense) {
	k, m = symmetric(random(r, n)), symmetric(random(r, n))
	km := times(k, m)
	return k, m, plus(symmetric(random(r, n)), 0.5, antisymmetric(km))
}

func TestExistence(t *testing.T) {
	const n = 6
	r := newRand(1)
	sym, other := symmetric(random(r, n)), symmetric(random(r, n))
	ck, cm := commuting(r, n)
	xk, xm, xa := cancelling(r, n)
	diagonal := mat.NewDense(n, n, nil)
	for i := range n {
		diagonal.Set(i, i, 1+float64(i))
	}
	quartic := network.OnSite{V: func(x float64) float64 { return x * x * x * x }, Derivative: func(x float64) float64 { return 4 * x * x * x }}
	quadratic := network.OnSite{V: func(x float64) float64 { return 2 * x * x }, Derivative: func(x float64) float64 { return 4 * x }}
	for name, c := range map[string]struct {
		m, a, k             *mat.Dense
		v                   network.Potential
		exists              bool
		symmetricA, commute bool
		broken              string
	}{
		"K":                          {k: sym, exists: true, symmetricA: true, commute: true},
		"K, V":                       {k: sym, v: quartic, exists: true, symmetricA: true, commute: true},
		"symmetric A":                {a: other, k: sym, exists: true, symmetricA: true, commute: true},
		"antisymmetric A":            {a: antisymmetric(random(r, n)), k: sym, commute: true, broken: "S"},
		"commuting M":                {m: cm, k: ck, exists: true, symmetricA: true, commute: true},
		"commuting M, symmetric A":   {m: cm, a: other, k: ck, exists: true, symmetricA: true, commute: true},
		"M":                          {m: other, k: sym, symmetricA: true, broken: "S"},
		"A against [K, M]":           {m: xm, a: xa, k: xk, exists: true},
		"its transpose":              {m: xm, a: mat.DenseCopyOf(xa.T()), k: xk, broken: "S"},
		"diagonal M, diagonal K, V":  {m: diagonal, k: diagonal, v: quartic, exists: true, symmetricA: true, commute: true},
		"commuting M, V":             {m: cm, k: ck, v: quartic, symmetricA: true, broken: "S"},
		"commuting M, V of one mass": {m: cm, k: ck, v: quadratic, exists: true, symmetricA: true, commute: true},
		"K that is not symmetric":    {k: random(r, n), symmetricA: true, broken: "K"},
		"M that is not symmetric":    {m: random(r, n), k: unit(n), symmetricA: true, broken: "M"},
	} {
		v := must(duality.Existence(duality.Hamiltonian{M: tensor(c.m), A: tensor(c.a), K: tensor(c.k), Potential: c.v}))(t)
		if v.Exists != c.exists || v.SymmetricA != c.symmetricA || v.Commute != c.commute || v.Broken != c.broken {
			t.Errorf("%s: %+v", name, v)
		}
		if !v.Exists && (len(v.Worst) == 0 || !strings.HasPrefix(v.String(), "no dual loss: "+c.broken)) {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func TestExistenceNamesTheEntries(t *testing.T) {
	const n = 30
	l := must(lattice.New(lattice.Ring(n, 10)))(t)
	k := weights.Scale(-1, must(weights.Laplacian(l, 2))(t))
	a := must(weights.NewCSR(n, []weights.Triplet{{Row: 3, Column: 9, Weight: 2}, {Row: 9, Column: 3, Weight: 1.5}}))(t)
	v := must(duality.Existence(duality.Hamiltonian{A: a, K: k}))(t)
	if v.Exists || v.Worst[0].I != 3 || v.Worst[0].J != 9 || v.Worst[0].Wij != 1.5 || v.Worst[0].Wji != 2 {
		t.Fatalf("%v", v)
	}
	// ‖S − Sᵀ‖² = 2·0.5²; ‖S‖² of the stencil and both entries.
	c := float64(n) / 10 * float64(n) / 10
	want := math.Sqrt(0.5) / math.Sqrt(n*6*c*c+4+2.25)
	if math.Abs(v.Defect-want) > 1e-15 {
		t.Errorf("defect %v, want %v", v.Defect, want)
	}
}

// The condition on a potential is one on the field.
func TestExistenceAt(t *testing.T) {
	k, m := commuting(newRand(2), 4)
	h := duality.Hamiltonian{M: tensor(m), K: tensor(k), Potential: network.OnSite{V: math.Cos, Derivative: func(x float64) float64 { return -math.Sin(x) }}}
	if v := must(duality.ExistenceAt(h, []float64{0.7, 0.7, 0.7, 0.7}))(t); !v.Exists {
		t.Errorf("uniform field: %v", v)
	}
	if v := must(duality.ExistenceAt(h, []float64{0.7, 0.7, 0.8, 0.7}))(t); v.Exists {
		t.Errorf("field that is not uniform: %v", v)
	}
}

// A lattice Dirac operator X⊗∂ + mY⊗1 is symmetric for the antisymmetric X of
// [F] §4; the control has a symmetric X.
func TestDiracNeedsAnAntisymmetricFactor(t *testing.T) {
	const n = 7
	d := mat.NewDense(n, n, nil)
	for i := range n {
		d.Set(i, (i+1)%n, 0.5)
		d.Set((i+1)%n, i, -0.5)
	}
	build := func(x *mat.Dense) weights.Tensor {
		var b, y mat.Dense
		b.Kronecker(x, d)
		y.Kronecker(mat.NewDense(2, 2, []float64{0, 1, 1, 0}), unit(n))
		return tensor(plus(&b, 0.8, &y))
	}
	good := build(mat.NewDense(2, 2, []float64{0, 1, -1, 0}))
	if v := must(duality.Existence(duality.Hamiltonian{M: good, K: good}))(t); !v.Exists || !v.Commute {
		t.Error(v)
	}
	bad := build(mat.NewDense(2, 2, []float64{1, 0, 0, -1}))
	if v := must(duality.Existence(duality.Hamiltonian{M: bad, K: bad}))(t); v.Exists || v.Broken != "K" {
		t.Error(v)
	}
}

// hamiltonians are all kinds that have a dual loss.
func hamiltonians(r *rand.Rand, n int) map[string][3]*mat.Dense {
	k, m := commuting(r, n)
	xk, xm, xa := cancelling(r, n)
	third := unit(n)
	third.Scale(3, third)
	return map[string][3]*mat.Dense{ // M, A, K
		"K":            {nil, nil, symmetric(random(r, n))},
		"A":            {nil, symmetric(random(r, n)), symmetric(random(r, n))},
		"3":            {third, symmetric(random(r, n)), symmetric(random(r, n))},
		"0":            {mat.NewDense(n, n, nil), symmetric(random(r, n)), symmetric(random(r, n))},
		"M":            {m, nil, k},
		"M, A":         {m, symmetric(random(r, n)), k},
		"cancellation": {xm, xa, xk},
	}
}

func hamiltonian(c [3]*mat.Dense) duality.Hamiltonian {
	return duality.Hamiltonian{M: tensor(c[0]), A: tensor(c[1]), K: tensor(c[2])}
}

// The directional derivatives of the value of the loss are the force of ℋ,
// formed from the matrices by gonum; and the loss is consistent with itself.
func TestDualLossHasTheHamiltonianForce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRand(rapid.Uint64().Draw(rt, "seed"))
		n := rapid.IntRange(1, 6).Draw(rt, "n")
		for name, c := range hamiltonians(r, n) {
			h := hamiltonian(c)
			loss := must(duality.DualLoss(h))(t)
			phi, beta := normals(r, n), normals(r, n)
			force := vector(c[2], phi)
			if c[1] != nil {
				for i, v := range vector(c[1].T(), beta) {
					force[i] += v
				}
			}
			net := network.Network{Weights: weights.Identity(n), Bias: h.M, Loss: loss}
			for i := range n {
				column := make([]float64, n) // J e_i
				column[i] = 1
				if c[0] != nil {
					mat.Col(column, i, c[0])
				}
				value := func(step float64) float64 {
					x, b := slices.Clone(phi), slices.Clone(beta)
					b[i] += step
					for j, v := range column {
						x[j] += step * v
					}
					return loss.Value(&net, x, b)
				}
				if d := (value(0.5) - value(-0.5)); math.Abs(d-force[i]) > 1e-10*(1+mat.Norm(c[2], 2)*10) { // exact for a quadratic loss
					rt.Fatalf("%s: D_%d H = %v, ∂ℋ/∂φ = %v", name, i, d, force[i])
				}
			}
			mismatch := must(duality.ForceMismatch(h, loss, phi, beta))(t)
			if !(mismatch < 1e-12) {
				rt.Fatalf("%s: mismatch %v", name, mismatch)
			}
			report := must(network.CheckGradient(net, &network.State{X: phi, B: beta}, 1, 3))(t)
			if !(report.Max() < 1e-7) {
				rt.Fatalf("%s: %v", name, report)
			}
		}
	})
}

func TestDualLossWithPotential(t *testing.T) {
	const n = 5
	r := newRand(3)
	h := duality.Hamiltonian{
		M: weights.Scale(2, weights.Identity(n)), A: tensor(symmetric(random(r, n))), K: tensor(symmetric(random(r, n))),
		Potential: network.OnSite{V: math.Cos, Derivative: func(x float64) float64 { return -math.Sin(x) }},
	}
	phi, beta := normals(r, n), normals(r, n)
	loss := must(duality.DualLoss(h))(t)
	if mismatch := must(duality.ForceMismatch(h, loss, phi, beta))(t); !(mismatch < 1e-14) {
		t.Errorf("mismatch %v", mismatch)
	}
	net := network.Network{Weights: weights.Identity(n), Bias: h.M, Loss: loss}
	if report := must(network.CheckGradient(net, &network.State{X: phi, B: beta}, 1, 3))(t); !(report.Max() < 1e-7) {
		t.Error(report)
	}
	// Controls: the plain bulk loss, and the loss without its potential.
	if mismatch := must(duality.ForceMismatch(h, network.Bulk{}, phi, beta))(t); mismatch < 0.1 {
		t.Errorf("the bulk loss has mismatch %v", mismatch)
	}
	h.Potential = nil
	if mismatch := must(duality.ForceMismatch(h, loss, phi, beta))(t); mismatch < 0.01 {
		t.Errorf("V makes no difference: %v", mismatch)
	}
}

// The equations of motion are the derivatives of the energy.
func TestHamiltonianDerivatives(t *testing.T) {
	const n = 5
	r := newRand(4)
	h := duality.Hamiltonian{
		M: tensor(symmetric(random(r, n))), A: tensor(random(r, n)), K: tensor(symmetric(random(r, n))),
		Potential: network.OnSite{V: math.Cos, Derivative: func(x float64) float64 { return -math.Sin(x) }},
	}
	phi, beta := normals(r, n), normals(r, n)
	velocity, force := make([]float64, n), make([]float64, n)
	h.AddVelocity(velocity, 2, phi, beta)
	h.AddForce(force, 2, phi, beta)
	const step = 1e-5
	for i := range n {
		for _, side := range []struct{ x, got []float64 }{{beta, velocity}, {phi, force}} {
			at := side.x[i]
			side.x[i] = at + step
			up := h.Energy(phi, beta)
			side.x[i] = at - step
			down := h.Energy(phi, beta)
			side.x[i] = at
			if want := (up - down) / step; math.Abs(side.got[i]-want) > 1e-8 {
				t.Errorf("derivative %d is %v, want %v", i, side.got[i], want)
			}
		}
	}
}

func TestNetworkAndBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const n, epsilon = 4, 0.2
		r := newRand(rapid.Uint64().Draw(rt, "seed"))
		cases := hamiltonians(r, n)
		delete(cases, "cancellation") // of A against ε[K, M]: has a loss at ε = 1 only
		for name, c := range cases {
			h := hamiltonian(c)
			net := must(duality.Network(h, epsilon))(t)

			// The step is the explicit one, formed from the matrices by gonum.
			s := must(network.New(net))(t)
			phi, beta := normals(r, n), normals(r, n)
			st := &network.State{X: slices.Clone(phi), B: slices.Clone(beta)}
			for i := range st.B {
				st.B[i] *= epsilon
			}
			s.Step(st)
			m, a := c[0], c[1]
			if m == nil {
				m = unit(n)
			}
			if a == nil {
				a = mat.NewDense(n, n, nil)
			}
			mb, af, ab := vector(m, beta), vector(a, phi), vector(a.T(), beta)
			for i := range phi {
				phi[i] += epsilon * (mb[i] + af[i])
			}
			for i, v := range vector(c[2], phi) {
				beta[i] -= epsilon * (v + ab[i])
				st.B[i] /= epsilon
			}
			if d := max(distance(phi, st.X), distance(beta, st.B)); d > 1e-12 {
				rt.Fatalf("%s: the step is off by %v", name, d)
			}

			// Back, from the loss as it is and from one that learns alike.
			quadratic := duality.Gauged{Loss: net.Loss,
				G:        func(u []float64) float64 { return 0.5 * u[0] * u[n-1] },
				Gradient: func(dst, u []float64) { dst[0], dst[n-1] = 0.5*u[n-1], 0.5*u[0] },
			}
			for _, loss := range []network.Loss{net.Loss, quadratic} {
				net.Loss = loss
				back := must(duality.FromNetwork(net))(t)
				for part, pair := range map[string][2]weights.Tensor{"A": {h.A, back.A}, "K": {h.K, back.K}, "M": {h.M, back.M}} {
					if d := tensorDistance(pair[0], pair[1], n); d > 1e-11 {
						rt.Fatalf("%s: %s comes back changed by %v", name, part, d)
					}
				}
			}
		}
	})
}

// tensorDistance compares tensors entry by entry; nil is zero.
func tensorDistance(a, b weights.Tensor, n int) float64 {
	d := mat.NewDense(n, n, nil)
	for i := range n {
		if a != nil {
			a.Row(i, func(j int, v float64) { d.Set(i, j, d.At(i, j)+v) })
		}
		if b != nil {
			b.Row(i, func(j int, v float64) { d.Set(i, j, d.At(i, j)-v) })
		}
	}
	return max(mat.Max(d), -mat.Min(d))
}

func TestFromNetworkKeepsThePotential(t *testing.T) {
	const n = 3
	h := duality.Hamiltonian{
		M: weights.Scale(2, weights.Identity(n)), K: weights.Identity(n),
		Potential: network.OnSite{V: math.Cos, Derivative: func(x float64) float64 { return -math.Sin(x) }},
	}
	net := must(duality.Network(h, 0.1))(t)
	phi, rest := normals(newRand(5), n), make([]float64, n)
	for _, faster := range []float64{1, 3} { // a rate γ = 3ε² makes K and V three times as large
		net.Rate = faster * 0.1 * 0.1
		back := must(duality.FromNetwork(net))(t)
		if got, want := back.Energy(phi, rest), faster*h.Energy(phi, rest); math.Abs(got-want) > 1e-13 {
			t.Errorf("energy %v, want %v", got, want)
		}
	}
}

func TestFromNetworkRefuses(t *testing.T) {
	const n = 3
	r := newRand(7)
	good := must(duality.Network(duality.Hamiltonian{A: tensor(symmetric(random(r, n))), K: tensor(symmetric(random(r, n)))}, 0.1))(t)
	force := func(m *mat.Dense) network.Loss { // a "gradient" that is none
		return network.LossFunc{H: func(_, _ []float64) float64 { return 0 }, DX: func(dst, x, _ []float64) { copy(dst, vector(m, x)) }}
	}
	for want, change := range map[string]func(*network.Network){
		"activation is not the identity": func(n *network.Network) { n.Activations = []network.Activation{network.Tanh()} },
		"weights learn":                  func(n *network.Network) { n.WeightRate = 1 },
		"open system":                    func(n *network.Network) { n.Decay = make([]float64, 3) },
		"no Loss":                        func(n *network.Network) { n.Loss, n.Rate = nil, 0 },
		"Rate is NaN":                    func(n *network.Network) { n.Rate = math.NaN() },
		"learn with another one":         func(n *network.Network) { n.Weights = weights.Identity(3) },
		"K that is not symmetric":        func(n *network.Network) { n.Weights, n.Loss = weights.Identity(3), force(random(r, 3)) },
		"bias tensor is not symmetric": func(n *network.Network) {
			m := random(r, 3)
			var inverse mat.Dense
			if err := inverse.Inverse(m.T()); err != nil {
				t.Fatal(err)
			}
			n.Weights, n.Bias, n.Loss = weights.Identity(3), tensor(m), force(&inverse)
		},
		"multiple of 1": func(n *network.Network) {
			n.Bias, n.Loss = tensor(random(r, 3)), network.Dual{K: weights.Identity(3), Potential: network.OnSite{V: math.Cos, Derivative: math.Sin}}
		},
		"force at rest": func(n *network.Network) {
			n.Loss = network.LossFunc{H: func(x, _ []float64) float64 { return x[0] }, DX: func(dst, _, _ []float64) { dst[0] = 1 }}
		},
		"not quadratic": func(n *network.Network) {
			n.Loss = network.LossFunc{H: func(x, _ []float64) float64 { return math.Cosh(x[0]) }, DX: func(dst, x, _ []float64) { dst[0] = math.Sinh(x[0]) }}
		},
	} {
		bad := good
		change(&bad)
		if _, err := duality.FromNetwork(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	k := weights.Identity(3)
	bad := tensor(random(newRand(8), 3))
	cos := network.OnSite{V: math.Cos, Derivative: math.Sin}
	for want, f := range map[string]func() error{
		"without K": func() error { _, err := duality.Existence(duality.Hamiltonian{}); return err },
		"M has size 2": func() error {
			_, err := duality.DualLoss(duality.Hamiltonian{M: weights.Identity(2), K: k})
			return err
		},
		"a field of 0":       func() error { _, err := duality.ExistenceAt(duality.Hamiltonian{K: k}, nil); return err },
		"S = Aᵀ + KM is not": func() error { _, err := duality.DualLoss(duality.Hamiltonian{A: bad, K: k}); return err },
		"gain M that is not": func() error {
			_, err := duality.DualLoss(duality.Hamiltonian{M: weights.Diagonal{1, 2, 3}, K: k, Potential: cos})
			return err
		},
		"ε is 0":       func() error { _, err := duality.Network(duality.Hamiltonian{K: k}, 0); return err },
		"no dual loss": func() error { _, err := duality.Network(duality.Hamiltonian{A: bad, K: k}, 1); return err },
		"0 φ and 0 β": func() error {
			_, err := duality.ForceMismatch(duality.Hamiltonian{K: k}, network.Dual{K: k}, nil, nil)
			return err
		},
		"f is the identity": func() error {
			_, err := network.New(network.Network{Weights: k, Activations: []network.Activation{network.Sine()}, Loss: duality.Gauged{
				Loss: network.Bulk{}, G: func([]float64) float64 { return 0 }, Gradient: func(_, _ []float64) {}}})
			return err
		},
		"needs a Loss":          func() error { _, err := network.New(network.Network{Weights: k, Loss: duality.Gauged{}}); return err },
		"A or K is missing":     func() error { _, err := duality.NewFamily(nil, k, 1); return err },
		"A has size 2":          func() error { _, err := duality.NewFamily(weights.Identity(2), k, 1); return err },
		"ε is NaN":              func() error { _, err := duality.NewFamily(k, k, math.NaN()); return err },
		"K is not symmetric":    func() error { _, err := duality.NewFamily(k, bad, 1); return err },
		"weights A are not sym": func() error { f, _ := duality.NewFamily(bad, k, 1); _, err := f.Network(); return err },
		"singular": func() error {
			f, _ := duality.NewFamily(weights.Scale(-2, k), k, 0.5)
			_, err := f.Network()
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

// Many losses, one field: any function of the state before the activation.
func TestGaugeTermsChangeNothing(t *testing.T) {
	const n = 6
	r := newRand(9)
	k, m := commuting(r, n)
	net := must(duality.Network(duality.Hamiltonian{M: tensor(m), K: tensor(k)}, 0.1))(t)
	term := duality.Gauged{
		Loss:     net.Loss,
		G:        func(u []float64) float64 { return 100 * math.Sin(u[0]*u[3]) },
		Gradient: func(dst, u []float64) { dst[0], dst[3] = 100*u[3]*math.Cos(u[0]*u[3]), 100*u[0]*math.Cos(u[0]*u[3]) },
	}
	control := network.Sum{net.Loss, network.LossFunc{
		H:  func(x, _ []float64) float64 { return term.G(x) },
		DX: func(dst, x, _ []float64) { term.Gradient(dst, x) },
	}}
	start := &network.State{X: normals(r, n), B: normals(r, n)}
	run := func(loss network.Loss) *network.State {
		gauged := net
		gauged.Loss = loss
		s := must(network.New(gauged))(t)
		if report := must(network.CheckGradient(gauged, start, 1, 3))(t); !(report.Max() < 1e-7) {
			t.Error(report)
		}
		st := start.Clone()
		for range 100 {
			s.Step(st)
		}
		after := st.Clone()
		if allocs := testing.AllocsPerRun(5, func() { s.Step(st) }); allocs != 0 {
			t.Errorf("%v allocations a step", allocs)
		}
		return after
	}
	plain, gauged, other := run(net.Loss), run(term), run(control)
	if d := max(distance(plain.X, gauged.X), distance(plain.B, gauged.B)); d > 1e-10 {
		t.Errorf("g(x − Eb) changed the run by %v", d)
	}
	if d := distance(plain.X, other.X); d < 1e-3 {
		t.Errorf("control: g(x) changed the run by %v only", d)
	}
}

func family(t testing.TB, a, k *mat.Dense, epsilon float64) *duality.Family {
	t.Helper()
	return must(duality.NewFamily(tensor(a), tensor(k), epsilon))(t)
}

// start returns β₋ such that the velocity β + Aφ is v.
func start(a *mat.Dense, phi, v []float64) []float64 {
	beta := slices.Clone(v)
	for i, x := range vector(a, phi) {
		beta[i] -= x
	}
	return beta
}

func TestSymmetricWeightsArePureGauge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const epsilon, steps = 0.1, 200
		r := newRand(rapid.Uint64().Draw(rt, "seed"))
		n := rapid.IntRange(1, 6).Draw(rt, "n")
		a := symmetric(random(r, n))
		k := random(r, n)
		k = plus(times(k.T(), k), 1, unit(n))
		phi, v := normals(r, n), normals(r, n)
		got, beta := slices.Clone(phi), start(a, phi, v)
		f := family(t, a, k, epsilon)
		for range steps {
			f.Step(got, beta)
			for i := range phi { // A = 0, by plain loops
				phi[i] += epsilon * v[i]
			}
			for i, x := range vector(k, phi) {
				v[i] -= epsilon * x
			}
			if d := distance(phi, got); d > 1e-12 {
				rt.Fatalf("φ differs by %v", d)
			}
		}
	})
}

func TestFamilyHasADualLoss(t *testing.T) {
	const n, epsilon = 5, 0.1
	r := newRand(10)
	a, k := symmetric(random(r, n)), random(r, n)
	k = plus(times(k.T(), k), 1, unit(n))
	f := family(t, a, k, epsilon)
	net := must(f.Network())(t)

	// J = ε: the loss exists because C + ε(K + CA) = A + εK is symmetric; C from the loss.
	dual := net.Loss.(network.Dual)
	c := must(weights.Matrix(dual.A))(t)
	c.Scale(epsilon, c)
	s := plus(c, epsilon, must(weights.Matrix(dual.K))(t))
	if d := mat.Norm(plus(plus(s, -1, a), -epsilon, k), 2); d > 5e-15 {
		t.Errorf("S differs from A + εK by %v", d)
	}

	st := &network.State{X: normals(r, n), B: normals(r, n)}
	phi, beta := slices.Clone(st.X), slices.Clone(st.B)
	for i := range st.B {
		st.B[i] *= epsilon
	}
	learner := must(network.New(net))(t)
	for range 50 {
		learner.Step(st)
		f.Step(phi, beta)
	}
	for i := range st.B {
		st.B[i] /= epsilon
	}
	if d := max(distance(phi, st.X), distance(beta, st.B)); d > 1e-10 {
		t.Errorf("the network leaves the family by %v", d)
	}
	if allocs := testing.AllocsPerRun(10, func() { f.Step(phi, beta) }); allocs != 0 {
		t.Errorf("%v allocations a step", allocs)
	}
}

// exactField returns φ(t) of φ̈ = 2A₋φ̇ − Kφ by a matrix exponential.
func exactField(a, k *mat.Dense, phi, velocity []float64, t float64) []float64 {
	n := len(phi)
	g := mat.NewDense(2*n, 2*n, nil)
	for i := range n {
		g.Set(i, n+i, t)
		for j := range n {
			g.Set(n+i, j, -t*k.At(i, j))
			g.Set(n+i, n+j, t*(a.At(i, j)-a.At(j, i)))
		}
	}
	var e mat.Dense
	e.Exp(g)
	return vector(&e, slices.Concat(phi, velocity))[:n]
}

// Antisymmetric weights are physics: the gyroscopic field equation, first order in ε.
func TestAntisymmetricWeightsAreGyroscopic(t *testing.T) {
	const n, duration = 4, 2.0
	r := newRand(11)
	a := random(r, n) // both parts; the symmetric one must not matter
	k := random(r, n)
	k = plus(times(k.T(), k), 1, unit(n))
	phi, velocity := normals(r, n), normals(r, n)
	exact := exactField(a, k, phi, velocity, duration)
	var errors []float64
	for _, steps := range []int{2000, 4000, 8000} {
		f := family(t, a, k, duration/float64(steps))
		x, beta := slices.Clone(phi), start(a, phi, velocity)
		for range steps {
			f.Step(x, beta)
		}
		errors = append(errors, distance(x, exact))
	}
	for i := range 2 {
		if order := math.Log2(errors[i] / errors[i+1]); math.Abs(order-1) > 0.05 {
			t.Errorf("order %v, errors %v", order, errors)
		}
	}
	if d := distance(exact, exactField(symmetric(a), k, phi, velocity, duration)); d < 100*errors[2] {
		t.Errorf("without A₋ the field differs by %v only", d)
	}

	// Two neurons with A = a[[0,1],[−1,0]] and K = k: an oscillation along φ₁ turns by
	// the angle −at (Foucault).
	const turn, stiffness, steps, epsilon = 0.25, 4.0, 4000, 1e-3
	e := mat.NewDense(2, 2, []float64{0, turn, -turn, 0})
	f := family(t, e, plus(mat.NewDense(2, 2, nil), stiffness, unit(2)), epsilon)
	x := []float64{0, 0}
	beta := []float64{1, 0}
	for range steps {
		f.Step(x, beta)
	}
	if angle := math.Atan(x[1] / x[0]); math.Abs(angle+turn*steps*epsilon) > 1e-3 {
		t.Errorf("plane of oscillation turned by %v, want %v", angle, -turn*steps*epsilon)
	}
}

// Control: with A ≠ 0 the naive explicit step shrinks phase space by 1 − ε²a² a
// mode; the family keeps it.
func TestNaiveStepContracts(t *testing.T) {
	const a, k, epsilon = 1.7, 2.3, 0.2
	one := func(v float64) *mat.Dense { return mat.NewDense(1, 1, []float64{v}) }
	determinant := func(step func(phi, beta []float64)) float64 {
		p, q := []float64{1}, []float64{0}
		u, v := []float64{0}, []float64{1}
		step(p, q)
		step(u, v)
		return p[0]*v[0] - q[0]*u[0]
	}
	naive := must(network.New(must(duality.Network(duality.Hamiltonian{A: tensor(one(a)), K: tensor(one(k))}, epsilon))(t)))(t)
	if d := determinant(func(phi, beta []float64) { naive.Step(&network.State{X: phi, B: beta}) }); math.Abs(d-(1-epsilon*epsilon*a*a)) > 1e-14 {
		t.Errorf("naive determinant %v, want %v", d, 1-epsilon*epsilon*a*a)
	}
	if d := determinant(family(t, one(a), one(k), epsilon).Step); math.Abs(d-1) > 1e-14 {
		t.Errorf("determinant of the family %v, want 1", d)
	}
}

func TestShiftedAndSplit(t *testing.T) {
	const n = 4
	r := newRand(12)
	a, k := random(r, n), symmetric(random(r, n))
	plain, shifted := must(duality.Shifted(nil, tensor(k)))(t), must(duality.Shifted(tensor(a), tensor(k)))(t)
	phi, beta := normals(r, n), normals(r, n)
	velocity := slices.Clone(beta)
	for i, v := range vector(a, phi) {
		velocity[i] += v
	}
	if e, want := shifted.Energy(phi, beta), plain.Energy(phi, velocity); math.Abs(e-want) > 1e-12 {
		t.Errorf("ℋ = %v, want ½‖β + Aφ‖² + ½φᵀKφ = %v", e, want)
	}
	gauge, physics := duality.Split(tensor(a))
	for part, c := range map[string]struct {
		a      weights.Tensor
		exists bool
	}{"A": {tensor(a), false}, "A₊": {gauge, true}, "A₋": {physics, false}} {
		h := must(duality.Shifted(c.a, tensor(k)))(t)
		if v := must(duality.Existence(h))(t); v.Exists != c.exists {
			t.Errorf("%s: %v", part, v)
		}
	}
	if d := tensorDistance(weights.Add(gauge, physics), tensor(a), n); d > 1e-15 {
		t.Errorf("the parts add up to A + %v", d)
	}
}

// A Klein-Gordon ring has a dual loss; with an antisymmetric weight between two
// neurons it has none.
func ExampleExistence() {
	ring, err := lattice.New(lattice.Ring(8, 8))
	if err != nil {
		fmt.Println(err)
		return
	}
	laplacian, err := weights.Laplacian(ring, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	h := duality.Hamiltonian{K: weights.Add(weights.Scale(-1, laplacian), weights.Identity(8))}
	fmt.Println(duality.Existence(h))

	h.A, err = weights.NewCSR(8, []weights.Triplet{{Row: 1, Column: 4, Weight: 0.5}, {Row: 4, Column: 1, Weight: -0.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(duality.Existence(h))
	// Output:
	// a dual loss exists: S = Aᵀ + KM is symmetric (relative defect 0.0e+00); A is symmetric and [K, M] = 0 <nil>
	// no dual loss: S = Aᵀ + KM is not symmetric (relative defect 0.15): S[1,4] = -0.5 but S[4,1] = 0.5 <nil>
}
