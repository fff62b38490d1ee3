package einstein

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// random returns a metric of a universe that is no solution of anything.
func random(t *testing.T, b Builder, r *rand.Rand) (*model, *theory.State) {
	t.Helper()
	m := b.MustBuild().(*model)
	s := m.Initial()
	for _, a := range s.Arrays {
		for i := range a {
			a[i] = 1 + 0.3*r.Float64()
		}
	}
	return m, s
}

func universesUnderTest() []Builder {
	l := Onsager{-0.3, 0.2, 0.1, 0.4, 0.7} // all terms of the Lagrangians
	return []Builder{
		FRW().Times(9, 1.2).From(1).To(2).Neurons(3).Onsager(l),
		KantowskiSachs().Times(9, 1.2).From(1, 1).To(2, 1.5).Neurons(3).Onsager(l),
	}
}

// value returns S of a state.
func value(a *action, s *theory.State) float64 {
	a.load(s)
	a.l.value.EvalTo(a.values, a.columns...)
	return a.total(a.values)
}

// The gradient is the derivative of S, the Hessian that of the gradient, along
// random directions that leave the ends alone.
func TestActionDerivatives(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, b := range universesUnderTest() {
		m, s := random(t, b, r)
		k := len(m.functions)
		a := newAction(m.lagrangian, k, m.sites, m.spacing())
		g := theory.NewState(m.Fields())
		a.load(s)
		a.gradient(g)
		a.hessian()
		for range 5 {
			d := theory.NewState(m.Fields())
			for n, x := range d.Arrays {
				for i := range x {
					if n > 0 || i%m.sites != 0 && i%m.sites != m.sites-1 {
						x[i] = r.NormFloat64()
					}
				}
			}
			moved := func(h float64) *theory.State {
				c := s.Clone()
				for n, x := range d.Arrays {
					for i, v := range x {
						c.Arrays[n][i] += h * v
					}
				}
				return c
			}
			const h = 1e-3
			slope := func(f func(s *theory.State) float64) float64 {
				return (8*(f(moved(h))-f(moved(-h))) - (f(moved(2*h)) - f(moved(-2*h)))) / (12 * h)
			}
			want := 0.0
			for n, x := range d.Arrays {
				want += dot(x, g.Arrays[n])
			}
			probe := newAction(m.lagrangian, k, m.sites, m.spacing())
			if got := slope(func(s *theory.State) float64 { return value(probe, s) }); math.Abs(got-want) > 1e-8*math.Abs(want)+1e-9 {
				t.Errorf("%s: S changes by %.12g, the gradient says %.12g", m.call, got, want)
			}
			// The Hessian times the direction, against differences of the gradient.
			direction, product := make([]float64, len(a.lapse)), make([]float64, len(a.lapse))
			a.number(direction, d)
			a.band.addTo(product, direction)
			dn, dl := d.Arrays[1][0], d.Arrays[2][0]
			for i := range product {
				product[i] += a.lapse[i]*dn + a.lambda[i]*dl
			}
			check := func(what string, got, want float64) {
				t.Helper()
				if math.Abs(got-want) > 1e-7*math.Max(1, math.Abs(want)) {
					t.Errorf("%s: %s changes by %.12g, the Hessian says %.12g", m.call, what, got, want)
				}
			}
			scratch := theory.NewState(m.Fields())
			part := func(pick func() float64) float64 {
				return slope(func(s *theory.State) float64 {
					probe.load(s)
					probe.gradient(scratch)
					return pick()
				})
			}
			for f := range k {
				for i := 1; i < m.sites-1; i++ {
					check("the gradient", part(func() float64 { return scratch.Arrays[0][f*m.sites+i] }), product[a.place(f, i)])
				}
			}
			check("∂S/∂N", part(func() float64 { return scratch.Arrays[1][0] }), dot(a.lapse, direction)+a.nn*dn+a.nl*dl)
			check("∂S/∂Λ", part(func() float64 { return scratch.Arrays[2][0] }), dot(a.lambda, direction)+a.nl*dn)
		}
	}
}

// The band is solved as a dense matrix is, with pivots and without.
func TestBanded(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for half := 1; half <= 3; half++ {
		for _, n := range []int{1, 2, 5, 23} {
			b, dense := newBanded(n, half), mat.NewDense(n, n, nil)
			for i := range n {
				for j := max(0, i-half); j <= min(n-1, i+half); j++ {
					v := r.NormFloat64()
					if i == j {
						v *= 1e-3 // the pivots are elsewhere
					}
					*b.at(i, j) = v
					dense.Set(i, j, v)
				}
			}
			x := make([]float64, n)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			product := make([]float64, n)
			b.addTo(product, x)
			var want mat.VecDense
			want.MulVec(dense, mat.NewVecDense(n, x))
			for i := range product {
				if math.Abs(product[i]-want.AtVec(i)) > 1e-13 {
					t.Fatalf("n = %d, half = %d: product %v, want %v", n, half, product[i], want.AtVec(i))
				}
			}
			if !b.factor() {
				t.Fatalf("n = %d, half = %d: singular", n, half)
			}
			b.solve(product)
			cond := mat.Cond(dense, 2)
			for i := range x {
				if math.Abs(product[i]-x[i]) > 1e-14*cond {
					t.Errorf("n = %d, half = %d: x[%d] = %v, want %v (condition %.2g)", n, half, i, product[i], x[i], cond)
				}
			}
		}
	}
	if newBanded(3, 1).factor() {
		t.Error("a zero matrix is regular")
	}
}

// The learned FRW universe is a maximum of S in its function and N, that of
// Kantowski and Sachs a saddle: directions of both signs.
func TestMaximumAndSaddle(t *testing.T) {
	for _, c := range []struct {
		b       Builder
		maximum bool
	}{
		{FRW().Learn(Covariant).Times(21, 1).From(1).To(2.7).Neurons(6), true},
		{KantowskiSachs().Times(21, 1).From(0.4, 1.2).To(1.1, 1.6).Neurons(1.5), false},
	} {
		r, err := c.b.Until(12).Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		m := r.Model.(*model)
		a := newAction(m.lagrangian, len(m.functions), m.sites, m.spacing())
		a.load(r.Last)
		a.hessian()
		n := len(a.lapse)
		h := mat.NewSymDense(n+1, nil)
		for j := range n {
			e, column := make([]float64, n), make([]float64, n)
			e[j] = 1
			a.band.addTo(column, e)
			for i := range j + 1 {
				h.SetSym(i, j, column[i])
			}
			h.SetSym(j, n, a.lapse[j])
		}
		h.SetSym(n, n, a.nn)
		var eigen mat.EigenSym
		if !eigen.Factorize(h, false) {
			t.Fatal("no eigenvalues")
		}
		up := 0
		for _, v := range eigen.Values(nil) {
			if v > 0 {
				up++
			}
		}
		t.Logf("%s: %d of %d directions go up", m.call, up, n+1)
		if c.maximum && up > 0 || !c.maximum && (up < n/4 || up > 3*n/4) {
			t.Errorf("%s: %d of %d directions go up", m.call, up, n+1)
		}
	}
}

// The bound of the rates is that of the dense matrix.
func TestStiffness(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, b := range universesUnderTest() {
		m, s := random(t, b.Learn(Ascent).Rate(0.7), r)
		l := m.newLearner(1)
		l.s.load(s)
		l.s.hessian()
		n := len(l.s.lapse)
		// G^{-1/2} H G^{-1/2} has the eigenvalues of the generalised problem; here by
		// the Cholesky factor of the metric G = (∫δq̇², 1, 2/η).
		h, g := mat.NewSymDense(n+2, nil), mat.NewSymDense(n+2, nil)
		for j := range n {
			e, column := make([]float64, n), make([]float64, n)
			e[j] = 1
			l.s.band.addTo(column, e)
			for i := range j + 1 {
				h.SetSym(i, j, column[i])
			}
			h.SetSym(j, n, l.s.lapse[j])
			h.SetSym(j, n+1, l.s.lambda[j])
			k := len(m.functions)
			g.SetSym(j, j, 2/m.spacing())
			if j+k < n {
				g.SetSym(j, j+k, -1/m.spacing())
			}
		}
		h.SetSym(n, n, l.s.nn)
		h.SetSym(n, n+1, l.s.nl)
		g.SetSym(n, n, 1)
		g.SetSym(n+1, n+1, 2/0.7)
		var chol mat.Cholesky
		if !chol.Factorize(g) {
			t.Fatal("the metric of learning is not positive")
		}
		var lower, inverse mat.TriDense
		chol.LTo(&lower)
		if err := inverse.InverseTri(&lower); err != nil {
			t.Fatal(err)
		}
		var half, full mat.Dense
		half.Mul(&inverse, h)
		full.Mul(&half, inverse.T())
		var svd mat.SVD
		if !svd.Factorize(&full, mat.SVDNone) {
			t.Fatal("no singular values")
		}
		want := svd.Values(nil)[0]
		if got := m.MaxFrequency(s); got < want || got > 1.06*want {
			t.Errorf("%s: the bound is %.6g, the largest rate %.6g", m.call, got, want)
		}
	}
}
