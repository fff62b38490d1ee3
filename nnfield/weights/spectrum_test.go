package weights

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// apart returns how far two spectra are apart: each value of one is matched with
// the nearest that is left of the other.
func apart(a, b []complex128) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	left, worst := slices.Clone(b), 0.0
	for _, v := range a {
		nearest := 0
		for k := range left {
			if cmplx.Abs(left[k]-v) < cmplx.Abs(left[nearest]-v) {
				nearest = k
			}
		}
		worst = max(worst, cmplx.Abs(left[nearest]-v))
		left = slices.Delete(left, nearest, nearest+1)
	}
	return worst
}

// general returns the eigenvalues by the general solver alone, in a basis turned
// at random, since the solver fails on some matrices of much structure.
func general(m *mat.Dense) []complex128 {
	n, _ := m.Dims()
	var values []complex128
	for seed := uint64(0); values == nil; seed++ {
		var qr mat.QR
		qr.Factorize(mat.NewDense(n, n, vector(n*n, seed)))
		var q, turned mat.Dense
		qr.QTo(&q)
		turned.Product(q.T(), m, &q)
		func() {
			defer func() { _ = recover() }()
			var e mat.Eigen
			if e.Factorize(&turned, mat.EigenNone) {
				values = e.Values(nil)
			}
		}()
	}
	return values
}

func checkSpectrum(t *rapid.T, w Tensor, tolerance float64) {
	e := must(Spectrum(w))
	m := matrix(w)
	if d := apart(e.Values, general(m)); !(d <= tolerance*(1+mat.Norm(m, 2))) || !e.Complete {
		t.Fatalf("%v: off by %g (%s)\n%v\nwant\n%v", w, d, e.Method, e.Values, general(m))
	}
	if !slices.IsSortedFunc(e.Values, func(a, b complex128) int {
		if real(a) != real(b) {
			return int(math.Copysign(1, real(a)-real(b)))
		}
		return int(imag(a) - imag(b))
	}) {
		t.Fatalf("%v: not sorted", e.Values)
	}
}

// The closed form is that of the matrix, for even stencils behind any walls and
// any stencils on a ring.
func TestSpectrumOfStencils(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawEven(t, drawLattice(t, anyWall, false))
		checkSpectrum(t, w, 1e-13)
		if e := must(Spectrum(w)); !strings.HasPrefix(e.Method, "closed form") {
			t.Fatalf("%v by %s", w, e.Method)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		var axes []lattice.Axis
		dim := rapid.IntRange(1, 3).Draw(t, "dim")
		for range dim {
			axes = append(axes, lattice.Ring(rapid.IntRange(2, []int{0, 9, 6, 4}[dim]).Draw(t, "n"), 1))
		}
		w := drawStencil(t, must(lattice.New(axes...)))
		checkSpectrum(t, w, 1e-10) // translations are normal: no defective eigenvalues
		if e := must(Spectrum(w)); !strings.HasPrefix(e.Method, "closed form") {
			t.Fatalf("%v by %s", w, e.Method)
		}
	})
}

// On this matrix the solver panics unless it is turned out of its structure.
func TestSpectrumOfStructuredMatrix(t *testing.T) {
	l := must(lattice.New(lattice.Ring(4, 4), lattice.Ring(3, 3), lattice.Ring(4, 4)))
	s := must(NewStencil(l, "s", []Tap{{[3]int{-1, -1, -1}, -0.1}, {[3]int{1, 1, 1}, 0.1}, {[3]int{2, -1, 1}, 0.3}}))
	e, err := Spectrum(must(Sparse(s)))
	if err != nil {
		t.Fatal(err)
	}
	if d := apart(e.Values, must(Spectrum(s)).Values); d > 1e-13 {
		t.Errorf("off by %g", d)
	}
}

// Sums of Kron products, as in a Dirac network.
func TestSpectrumOfKron(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t, fastWall, true)
		n := l.Sites()
		m := drawMatrix(t)
		types, _ := m.Dims()
		terms := []Tensor{must(NewKron(m, drawEven(t, l))), Scale(0.3, Identity(types*n))}
		for _, s := range []Tensor{must(SpectralLaplacian(l)), Identity(n)} {
			a := mat.NewDense(types, types, nil)
			for i := range types {
				a.Set(i, i, rapid.Float64Range(-1, 1).Draw(t, "a"))
			}
			terms = append(terms, must(NewKron(a, s)))
		}
		if l.Periodic() {
			terms = append(terms, must(NewKron(mat.DenseCopyOf(m.T()), must(Derivative(l, 0)))))
		}
		w := Add(terms...)
		e := must(Spectrum(w))
		if !strings.HasPrefix(e.Method, "closed form") {
			t.Fatalf("%v by %s", w, e.Method)
		}
		// Blocks of one wave may be defective: compare by moments, which are not
		// sensitive, tr W^p = Σ λ^p.
		power := matrix(w)
		size := 1 + mat.Norm(power, 2)
		product := mat.DenseCopyOf(power)
		for p := 1; p <= 4; p++ {
			var sum complex128
			for _, v := range e.Values {
				sum += cmplx.Pow(v, complex(float64(p), 0))
			}
			if d := cmplx.Abs(sum - complex(mat.Trace(product), 0)); d > 1e-12*math.Pow(size, float64(p)) || len(e.Values) != types*n {
				t.Fatalf("%v: tr W^%d = %v, Σλ^%d = %v", w, p, mat.Trace(product), p, sum)
			}
			var next mat.Dense
			next.Mul(product, power)
			product.Copy(&next)
		}
	})
}

// The Dirac tensor of one dimension has ω² = m² + sin²(ka)/a², both signs, both
// doublers; with X symmetric it has not.
func TestSpectrumOfDirac(t *testing.T) {
	const n, mass = 12, 0.7
	l := must(lattice.New(lattice.Ring(n, 6)))
	d := must(Derivative(l, 0))
	y := mat.NewDense(2, 2, []float64{0, 1, 1, 0})
	dirac := func(x *mat.Dense) Tensor {
		return Add(must(NewKron(x, d)), must(NewKron(y, Scale(mass, Identity(n)))))
	}
	var want []complex128
	for m := range n {
		w := math.Hypot(mass, math.Sin(2*math.Pi*float64(m)/n)/0.5)
		want = append(want, complex(w, 0), complex(-w, 0))
	}
	good := must(Spectrum(dirac(mat.NewDense(2, 2, []float64{0, 1, -1, 0}))))
	if e := apart(good.Values, want); e > 1e-14 {
		t.Errorf("off by %g", e)
	}
	bad := must(Spectrum(dirac(mat.NewDense(2, 2, []float64{1, 0, 0, -1}))))
	if e := apart(bad.Values, want); e < 0.1 {
		t.Errorf("a symmetric X gives the relativistic spectrum to %g", e)
	}
}

func TestSpectrumOfMatrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		w := must(NewDense(n, vector(n*n, rapid.Uint64().Draw(t, "seed"))))
		checkSpectrum(t, SymmetricPart(w), 1e-13)
		checkSpectrum(t, AntisymmetricPart(w), 1e-13)
		checkSpectrum(t, w, 1e-9)
		checkSpectrum(t, Diagonal(vector(n, 3)), 1e-13)
		checkSpectrum(t, Add(SymmetricPart(w), Diagonal(vector(n, 3))), 1e-13)
	})
}

// Long waves keep their digits: a²λ = 4 sin²(ka/2) to 1e-14 of itself.
func TestLongWavesKeepTheirDigits(t *testing.T) {
	const n = 1 << 17
	l := must(lattice.New(lattice.Ring(n, n)))
	values := must(must(NewModes(l)).Eigenvalues(Scale(-1, must(Laplacian(l, 2)))))
	s := math.Sin(math.Pi / n)
	if want := 4 * s * s; math.Abs(values[1]/want-1) > 1e-14 {
		t.Errorf("λ = %v, want %v", values[1], want)
	}
	for _, order := range []int{2, 4} {
		for dim := 1; dim <= 3; dim++ {
			l := latticeOf(lattice.Periodic, dim, 7)
			if v := must(must(NewModes(l)).Eigenvalues(must(Laplacian(l, order)))); v[0] != 0 {
				t.Errorf("order %d, %d-D: the constant field has the eigenvalue %g", order, dim, v[0])
			}
		}
	}
}

// sturm returns eigenvalue number k, from 0 for the lowest, of the symmetric
// tridiagonal matrix, by bisection on the number of negative pivots.
func sturm(diagonal, beside []float64, k int) float64 {
	low, high := -100., 100.
	for range 60 {
		x, below, pivot := (low+high)/2, 0, 1.
		for i, d := range diagonal {
			off := 0.
			if i > 0 {
				off = beside[i-1]
			}
			pivot = d - x - off*off/pivot
			if pivot < 0 {
				below++
			}
		}
		if below > k {
			high = x
		} else {
			low = x
		}
	}
	return low
}

func TestLanczos(t *testing.T) {
	const n = 1030
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	l := must(lattice.New(lattice.Line(n, n+1, wall, wall)))
	chain := must(Sparse(Scale(-1, must(Laplacian(l, 2)))))
	// A few eigenvalues that stand apart, as of potential wells.
	wells := make(Diagonal, n)
	wells[3], wells[700], wells[1000] = -7, 9, -5
	w := Add(chain, wells)
	diagonal := make([]float64, n)
	for i, v := range wells {
		diagonal[i] = v + 2
	}
	bonds := slices.Repeat([]float64{-1}, n-1)
	e := must(Spectrum(w))
	first, last := e.Values[:2], e.Values[len(e.Values)-1]
	want := [3]float64{sturm(diagonal, bonds, 0), sturm(diagonal, bonds, 1), sturm(diagonal, bonds, n-1)}
	if got := [3]float64{real(first[0]), real(first[1]), real(last)}; e.Complete || !near(got[:], want[:], 1e-9) {
		t.Errorf("%s: %v, want %v", e.Method, got, want)
	}
	if r := must(SpectralRadius(w)); math.Abs(r-want[2]) > 1e-9 {
		t.Errorf("radius %v, want %v", r, want[2])
	}

	// An antisymmetric chain with one strong bond; a symmetric chain with the same
	// bonds has the same eigenvalues without the i.
	bonds = slices.Repeat([]float64{0.5}, n-1)
	bonds[600] = 3
	var entries []Triplet
	for i, v := range bonds {
		entries = append(entries, Triplet{i, i + 1, v}, Triplet{i + 1, i, -v})
	}
	e = must(Spectrum(must(NewCSR(n, entries))))
	edge := sturm(make([]float64, n), bonds, n-1)
	if low, high := e.Values[0], e.Values[len(e.Values)-1]; cmplx.Abs(low+complex(0, edge)) > 1e-9 || cmplx.Abs(high-complex(0, edge)) > 1e-9 {
		t.Errorf("%s: ends %v and %v, want ±%vi", e.Method, low, high, edge)
	}

	// Where the ends do not stand apart, the residual makes the radius a bound.
	top := 2 + 2*math.Cos(math.Pi/(n+1))
	if r := must(SpectralRadius(chain)); r < top || r > top+1e-2 {
		t.Errorf("radius of the chain %v, want a little more than %v", r, top)
	}

	general := must(NewCSR(n, []Triplet{{0, 1, 1}}))
	if _, err := Spectrum(general); err == nil || !strings.Contains(err.Error(), "SymmetricPart") {
		t.Errorf("a large general tensor: error %v", err)
	}
	if _, err := SpectralRadius(general); err == nil {
		t.Error("radius of a large general tensor")
	}
}

func near(a, b []float64, tolerance float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= tolerance })
}

func TestSpectrumOfDivergedWeights(t *testing.T) {
	for _, n := range []int{3, 1100} {
		w := must(NewCSR(n, []Triplet{{0, 0, 1}, {1, 1, 1}}))
		w.AddOuter(math.Inf(1), slices.Repeat([]float64{1}, n), slices.Repeat([]float64{1}, n))
		if _, err := Spectrum(w); err == nil || !strings.Contains(err.Error(), "finite") {
			t.Errorf("%d neurons: error %v", n, err)
		}
	}
}

// Spectral radii of the Laplacians are those the step bounds use, [F] §3.
func TestSpectralRadiusOfLaplacians(t *testing.T) {
	for dim := 1; dim <= 3; dim++ {
		axes := slices.Repeat([]lattice.Axis{lattice.Ring(8, 4)}, dim) // a = ½
		l := must(lattice.New(axes...))
		for want, w := range map[float64]Tensor{
			4 * float64(dim):                     must(Laplacian(l, 2)),
			16 * float64(dim) / 3:                must(Laplacian(l, 4)),
			math.Pi * math.Pi * float64(dim):     must(SpectralLaplacian(l)),
			1 + 4*float64(dim):                   Add(Scale(-1, must(Laplacian(l, 2))), Scale(4, Identity(l.Sites()))),
			2 * math.Pi * math.Pi * float64(dim): must(NewKron(mat.NewDense(2, 2, []float64{0, 2, 2, 0}), must(SpectralLaplacian(l)))),
		} {
			if got := must(SpectralRadius(w)) / 4; math.Abs(got/want-1) > 1e-14 {
				t.Errorf("%v: a²·radius = %v, want %v", w, got, want)
			}
		}
	}
}

func TestModesAreOrthonormalAndDiagonal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t, fastWall, true)
		m := must(NewModes(l))
		n := l.Sites()
		k := drawEven(t, l)
		w := Add(k, must(SpectralLaplacian(l)))
		values := must(m.Eigenvalues(w))
		tolerance := 1e-12 * (1 + mat.Norm(matrix(w), 2))
		basis := mat.NewDense(n, n, nil) // columns: the modes
		for c := range n {
			e := make([]float64, n)
			e[c] = 1
			m.Inverse(e)
			basis.SetCol(c, e)
			y := make([]float64, n)
			Apply(y, w, e)
			for i := range y {
				if math.Abs(y[i]-values[c]*e[i]) > tolerance {
					t.Fatalf("%v: mode %d is no eigenvector: Wv = %v, λv = %v", w, c, y[i], values[c]*e[i])
				}
			}
			m.Forward(e)
			for i, v := range e {
				if want := float64(b2i(i == c)); math.Abs(v-want) > 1e-14 {
					t.Fatalf("Forward∘Inverse of coefficient %d gives %v at %d", c, v, i)
				}
			}
		}
		var gram mat.Dense
		gram.Mul(basis.T(), basis)
		if unit := mat.NewDiagDense(n, slices.Repeat([]float64{1}, n)); !mat.EqualApprox(&gram, unit, 1e-14) {
			t.Fatalf("not orthonormal on\n%v", l)
		}
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The modes are the functions that the documentation names.
func TestModesByFormula(t *testing.T) {
	for kind, mode := range map[lattice.Kind]func(k float64, a float64, c, i int) float64{
		lattice.Periodic: func(k, a float64, c, i int) float64 {
			if c > 0 && c%2 == 0 {
				return math.Sin(k * a * float64(i))
			}
			return math.Cos(k * a * float64(i))
		},
		lattice.Dirichlet: func(k, a float64, c, i int) float64 { return math.Sin(k * a * float64(i+1)) },
		lattice.Neumann:   func(k, a float64, c, i int) float64 { return math.Cos(k * a * (float64(i) + 0.5)) },
	} {
		for n := 2; n < 12; n++ {
			l := latticeOf(kind, 1, n)
			m := must(NewModes(l))
			a, length := l.Spacing(0), l.Axis(0).Length
			for c := range n {
				k := m.WaveNumber(0, c)
				want := map[lattice.Kind]float64{
					lattice.Periodic:  2 * math.Pi * float64((c+1)/2) / length,
					lattice.Dirichlet: math.Pi * float64(c+1) / length,
					lattice.Neumann:   math.Pi * float64(c) / length,
				}[kind]
				if math.Abs(k-want) > 1e-14*(1+want) {
					t.Fatalf("%s: k_%d = %v, want %v", kind, c, k, want)
				}
				e := make([]float64, n)
				e[c] = 1
				m.Inverse(e)
				norm := 0.0
				for i := range n {
					norm += math.Pow(mode(k, a, c, i), 2)
				}
				for i, v := range e {
					if f := mode(k, a, c, i) / math.Sqrt(norm); math.Abs(v-f) > 1e-13 {
						t.Fatalf("%s, %d sites: mode %d at %d is %v, want %v", kind, n, c, i, v, f)
					}
				}
			}
		}
	}
}

// Waves that are their own opposites give real numbers, exactly.
func TestDoublersHaveNoFrequency(t *testing.T) {
	l := must(lattice.New(lattice.Ring(8, 8), lattice.Ring(6, 6)))
	zeros := 0
	for _, v := range must(Spectrum(must(Derivative(l, 1)))).Values {
		if v == 0 {
			zeros++
		}
	}
	if zeros != 2*8 {
		t.Errorf("%d waves stand still, want k = 0 and k = π/a, 8 of each", zeros)
	}
}

func TestModesRefuse(t *testing.T) {
	l := must(lattice.New(lattice.Ring(6, 6), lattice.Ring(6, 6)))
	other := must(lattice.New(lattice.Ring(36, 36)))
	m := must(NewModes(l))
	skew := must(NewStencil(l, "skew", []Tap{{[3]int{1, 1}, 1}, {[3]int{-1, -1}, 1}})) // symmetric, but not along each axis
	for _, w := range []Tensor{skew, must(Laplacian(other, 2)), must(Derivative(l, 0)), must(Sparse(skew)), Identity(35),
		must(NewKron(mat.NewDense(2, 2, nil), Identity(18)))} {
		if _, err := m.Eigenvalues(w); err == nil || !strings.Contains(err.Error(), "not diagonal") {
			t.Errorf("%v: error %v", w, err)
		}
	}
	if v := must(m.Eigenvalues(Identity(36))); v[7] != 1 {
		t.Error("the identity has the eigenvalue", v[7])
	}
}

func BenchmarkStencil(b *testing.B) {
	for _, shape := range [][]int{{1 << 20}, {1024, 1024}, {100, 100, 100}, {256, 256}} {
		var axes []lattice.Axis
		for _, n := range shape {
			axes = append(axes, lattice.Ring(n, float64(n)))
		}
		l := must(lattice.New(axes...))
		for _, order := range []int{2, 4} {
			w := must(Laplacian(l, order))
			x, y := vector(w.Size(), 1), vector(w.Size(), 2)
			b.Run(fmt.Sprint(shape, " order ", order), func(b *testing.B) {
				for b.Loop() {
					w.AddApply(y, 1e-9, x)
				}
				b.ReportMetric(float64(w.Size())*float64(b.N)/b.Elapsed().Seconds()/1e6, "Msites/s")
			})
		}
	}
}
