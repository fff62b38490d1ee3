package reference_test

import (
	"math"
	"math/cmplx"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// Two levels turn about the axis (Δ, 0, g) of the sphere (Rabi): closed forms.
func rabi(delta, g, t float64) (down complex128) {
	omega := math.Hypot(delta, g) / 2
	return complex(0, -g/(2*omega)*math.Sin(omega*t))
}

func TestUnitaryOfTwoLevels(t *testing.T) {
	const delta, g, time = 0.7, 1.9, 2.3
	h := mat.NewCDense(2, 2, []complex128{delta / 2, 1i * g / 2, -1i * g / 2, -delta / 2})
	phi, beta, err := reference.Unitary(h, []float64{1, 0}, []float64{0, 0}, time)
	if err != nil {
		t.Fatal(err)
	}
	want := rabi(delta, g, time) * -1i // the coupling is −i times the real one
	near(t, "φ", phi[1], real(want), 1e-14)
	near(t, "β", beta[1], imag(want), 1e-14)
	near(t, "norm", phi[0]*phi[0]+beta[0]*beta[0]+phi[1]*phi[1]+beta[1]*beta[1], 1, 1e-14)
}

// A rotating field is the static one seen from a turning frame.
func TestTimeOrderedRotatingField(t *testing.T) {
	const delta, g, w, time = 0.7, 1.9, 1.3, 2.3
	h := func(t float64) *mat.CDense {
		off := cmplx.Rect(g/2, -w*t)
		return mat.NewCDense(2, 2, []complex128{delta / 2, off, cmplx.Conj(off), -delta / 2})
	}
	want := rabi(delta-w, g, time) * cmplx.Rect(1, w*time/2)
	errorOf := func(steps int) float64 {
		phi, beta, err := reference.TimeOrdered(h, []float64{1, 0}, []float64{0, 0}, 0, time, steps)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "norm", phi[0]*phi[0]+beta[0]*beta[0]+phi[1]*phi[1]+beta[1]*beta[1], 1, 1e-13)
		return cmplx.Abs(complex(phi[1], beta[1]) - want)
	}
	coarse, fine := errorOf(20), errorOf(40)
	if ratio := coarse / fine; !(ratio > 15 && ratio < 17) || fine > 1e-6 {
		t.Errorf("errors %g and %g for half the step; want a factor of 16 and less than 1e-6", coarse, fine)
	}
}

// A static matrix does not care how time is cut.
func TestTimeOrderedIsUnitary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, d := drawDirac(t)
		links := drawLinks(t, l)
		h, err := reference.DiracMatrix(l, d, links)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := h.Dims()
		from, to := rapid.Float64Range(-2, 2).Draw(t, "from"), rapid.Float64Range(-2, 2).Draw(t, "to")
		phi0, beta0 := noise(n, 1), noise(n, 2)
		wantPhi, wantBeta, err := reference.Unitary(h, phi0, beta0, to-from)
		if err != nil {
			t.Fatal(err)
		}
		phi, beta, err := reference.TimeOrdered(func(float64) *mat.CDense { return h }, phi0, beta0, from, to, 3)
		if err != nil {
			t.Fatal(err)
		}
		if e := max(distance(phi, wantPhi), distance(beta, wantBeta)); e > 1e-12 {
			t.Fatalf("they differ by %g", e)
		}
	})
}

// φ̇ = hβ − iVφ, β̇ = −hφ − iVβ with complex φ and β, in many small steps, is two
// Dirac fields, φ ± iβ.
func TestChargedNetworkIsTwoDiracFields(t *testing.T) {
	const time, steps = 0.8, 200
	l := newLattice(t, lattice.Ring(4, 3))
	d := standard(t, 1)
	d.Mass = 0.7
	h, err := reference.DiracMatrix(l, d, reference.Links{noise(4, 1)})
	if err != nil {
		t.Fatal(err)
	}
	const n = 8
	potential := noise(4, 2)
	start := make([]complex128, 2*n) // φ, then β
	for i, v := range noise(4*n, 3) {
		start[i/2] += []complex128{complex(v, 0), complex(0, v)}[i%2]
	}
	slope := func(z []complex128) []complex128 {
		out := make([]complex128, 2*n)
		for i := range n {
			out[i], out[n+i] = -1i*complex(potential[i%4], 0)*z[i], -1i*complex(potential[i%4], 0)*z[n+i]
			for j := range n {
				out[i] += h.At(i, j) * z[n+j]
				out[n+i] -= h.At(i, j) * z[j]
			}
		}
		return out
	}
	// Taylor to fourth order is Runge-Kutta for a linear equation.
	z := append([]complex128(nil), start...)
	for range steps {
		term := append([]complex128(nil), z...)
		for order := 1; order <= 4; order++ {
			term = slope(term)
			for i := range term {
				term[i] *= complex(time/steps/float64(order), 0)
				z[i] += term[i]
			}
		}
	}
	for _, sign := range []complex128{1, -1} {
		turned := mat.NewCDense(n, n, nil)
		phi0, beta0, want := make([]float64, n), make([]float64, n), make([]complex128, n)
		for i := range n {
			for j := range n {
				turned.Set(i, j, sign*h.At(i, j))
			}
			turned.Set(i, i, turned.At(i, i)+complex(potential[i%4], 0))
			psi := start[i] + sign*1i*start[n+i]
			phi0[i], beta0[i], want[i] = real(psi), imag(psi), z[i]+sign*1i*z[n+i]
		}
		phi, beta, err := reference.Unitary(turned, phi0, beta0, time)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if e := cmplx.Abs(complex(phi[i], beta[i]) - want[i]); e > 1e-9 {
				t.Errorf("φ %+v iβ is off by %g", real(sign), e)
			}
		}
	}
}

func TestDenseErrors(t *testing.T) {
	one, x := mat.NewCDense(1, 1, []complex128{1}), []float64{1}
	static := func(h *mat.CDense) func(float64) *mat.CDense { return func(float64) *mat.CDense { return h } }
	for _, c := range []struct {
		h         *mat.CDense
		phi, beta []float64
		want      []string
	}{
		{nil, x, x, []string{"no matrix"}},
		{&mat.CDense{}, nil, nil, []string{"a 0×0 matrix", "not empty"}},
		{mat.NewCDense(1, 2, nil), x, x, []string{"a 1×2 matrix", "square"}},
		{mat.NewCDense(257, 257, nil), x, x, []string{"257 rows, at most 256"}},
		{mat.NewCDense(2, 2, []complex128{0, 1i, 1i, 0}), x, x, []string{"not Hermitian", "h† = h"}},
		{mat.NewCDense(1, 1, []complex128{complex(math.NaN(), 0)}), x, x, []string{"not Hermitian or not finite"}},
		{mat.NewCDense(2, 2, []complex128{complex(math.NaN(), 0), 0, 0, 1}), x, x, []string{"not finite"}},
		{one, nil, x, []string{"phi has 0 values; give 1"}},
		{one, x, []float64{math.NaN()}, []string{"beta[0] = NaN"}},
		{mat.NewCDense(1, 1, []complex128{2e7}), x, x, []string{"norm 2e+07", "shorter time"}},
	} {
		_, _, err := reference.Unitary(c.h, c.phi, c.beta, 1)
		wantError(t, err, append(c.want, "reference.Unitary: ")...)
		_, _, err = reference.TimeOrdered(static(c.h), c.phi, c.beta, 0, 2, 1)
		wantError(t, err, append(c.want, "reference.TimeOrdered: ")[1:]...)
	}
	_, _, err := reference.TimeOrdered(static(one), x, x, 0, 1, 0)
	wantError(t, err, "reference.TimeOrdered: 0 steps; give at least 1")
	_, _, err = reference.TimeOrdered(static(one), x, x, 0, math.Inf(1), 1)
	wantError(t, err, "from t = 0 to +Inf", "finite")
}

// drawLinks draws random phases, or none.
func drawLinks(t *rapid.T, l lattice.Lattice) reference.Links {
	if rapid.Bool().Draw(t, "no links") {
		return nil
	}
	links := make(reference.Links, l.Dim())
	for j := range links {
		links[j] = noise(l.Sites(), rapid.Uint64().Draw(t, "seed"))
	}
	return links
}

// The stencils of [F] §5 written out, on a field.
func TestMatricesAreTheCovariantStencils(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, d := drawDirac(t)
		links := drawLinks(t, l)
		u := func(j, s int) complex128 {
			if links == nil {
				return 1
			}
			return cmplx.Exp(complex(0, links[j][s]))
		}
		n, sites := d.Components(), l.Sites()
		re, im := noise(n*sites, 5), noise(n*sites, 6)
		field := func(c, s int) complex128 { return complex(re[c*sites+s], im[c*sites+s]) }
		first := func(j, c, s int) complex128 {
			right, _ := l.Neighbour(s, j, 1)
			left, _ := l.Neighbour(s, j, -1)
			return (u(j, s)*field(c, right) - cmplx.Conj(u(j, left))*field(c, left)) / complex(2*l.Spacing(j), 0)
		}
		second := func(j, c, s int) complex128 {
			right, _ := l.Neighbour(s, j, 1)
			left, _ := l.Neighbour(s, j, -1)
			return (2*field(c, s) - u(j, s)*field(c, right) - cmplx.Conj(u(j, left))*field(c, left)) / complex(l.Spacing(j)*l.Spacing(j), 0)
		}
		h, err := reference.DiracMatrix(l, d, links)
		if err != nil {
			t.Fatal(err)
		}
		k, err := reference.ChargedStiffness(l, 1.5, links)
		if err != nil {
			t.Fatal(err)
		}
		for s := range sites {
			for r := range n {
				want, got := complex(0, 0), complex(0, 0)
				for c := range n {
					want += complex(d.Mass, 0) * d.Beta.At(r, c) * field(c, s)
					for j := range l.Dim() {
						want += -1i * d.Alpha[j].At(r, c) * first(j, c, s)
						want += complex(d.Wilson*l.Spacing(j)/2, 0) * d.Beta.At(r, c) * second(j, c, s)
					}
					for y := range sites {
						got += h.At(r*sites+s, c*sites+y) * field(c, y)
					}
				}
				if cmplx.Abs(got-want) > 1e-12 {
					t.Fatalf("hψ = %v, want %v", got, want)
				}
			}
			want, got := 1.5*1.5*field(0, s), complex(0, 0)
			for j := range l.Dim() {
				want += second(j, 0, s)
			}
			for y := range sites {
				got += k.At(s, y) * field(0, y)
			}
			if cmplx.Abs(got-want) > 1e-12 {
				t.Fatalf("Kφ = %v, want %v", got, want)
			}
		}
	})
}

// ψ → e^{iλ}ψ and θ_j(x) → θ_j(x) + λ(x) − λ(x+ĵ) is the same physics.
func TestMatricesAreGaugeCovariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, d := drawDirac(t)
		links := make(reference.Links, l.Dim())
		turned := make(reference.Links, l.Dim())
		lambda := noise(l.Sites(), 9)
		for j := range links {
			links[j] = noise(l.Sites(), uint64(j))
			turned[j] = make([]float64, l.Sites())
			for x := range lambda {
				y, _ := l.Neighbour(x, j, 1)
				turned[j][x] = links[j][x] + lambda[x] - lambda[y]
			}
		}
		compare := func(a, b *mat.CDense) {
			n, _ := a.Dims()
			for r := range n {
				for c := range n {
					phase := cmplx.Rect(1, lambda[r%l.Sites()]-lambda[c%l.Sites()])
					if e := cmplx.Abs(b.At(r, c) - phase*a.At(r, c)); e > 1e-13*10 {
						t.Fatalf("entry (%d, %d) is off by %g", r, c, e)
					}
				}
			}
		}
		h, err := reference.DiracMatrix(l, d, links)
		if err != nil {
			t.Fatal(err)
		}
		g, err := reference.DiracMatrix(l, d, turned)
		if err != nil {
			t.Fatal(err)
		}
		compare(h, g)
		k, err := reference.ChargedStiffness(l, 1, links)
		if err != nil {
			t.Fatal(err)
		}
		q, err := reference.ChargedStiffness(l, 1, turned)
		if err != nil {
			t.Fatal(err)
		}
		compare(k, q)
	})
}

func TestMatrixErrors(t *testing.T) {
	ring, big := newLattice(t, lattice.Ring(4, 1)), newLattice(t, lattice.Ring(257, 1))
	walls := newLattice(t, lattice.Line(4, 1, dirichlet, dirichlet))
	d := standard(t, 1)
	_, err := reference.DiracMatrix(walls, d, nil)
	wantError(t, err, "reference.DiracMatrix: axis x has walls")
	_, err = reference.DiracMatrix(big, d, nil)
	wantError(t, err, "reference.DiracMatrix: 2 components on 257 sites, at most 256 rows")
	_, err = reference.DiracMatrix(ring, d, reference.Links{nil})
	wantError(t, err, "reference.DiracMatrix: links along x has 0 values for 4 sites")
	_, err = reference.ChargedStiffness(ring, 1, reference.Links{})
	wantError(t, err, "reference.ChargedStiffness: links along 0 axes on a lattice of 1")
	_, err = reference.ChargedStiffness(walls, 1, nil)
	wantError(t, err, "reference.ChargedStiffness: axis x has walls")
	_, err = reference.ChargedStiffness(ring, -1, nil)
	wantError(t, err, "reference.ChargedStiffness: mass -1")
	_, err = reference.ChargedStiffness(big, 1, nil)
	wantError(t, err, "reference.ChargedStiffness: 257 sites, at most 256")
}
