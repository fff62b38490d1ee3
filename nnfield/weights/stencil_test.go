package weights

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// continued returns the field at a position that may lie outside the lattice,
// from the meaning of the walls: one reflection at a time.
func continued(l lattice.Lattice, x []float64, position [3]int) float64 {
	sign := 1.0
	for j, a := range l.Axes() {
		n, i := a.Sites, position[j]
		for i < 0 || i >= n {
			switch side := a.Low.Kind; {
			case side == lattice.Periodic && i < 0:
				i += n
			case side == lattice.Periodic:
				i -= n
			case i < 0 && side == lattice.Neumann:
				i = -1 - i
			case i < 0 && i == -1:
				return 0
			case i < 0:
				i, sign = -2-i, -sign
			case a.High.Kind == lattice.Neumann:
				i = 2*n - 1 - i
			case i == n:
				return 0
			default:
				i, sign = 2*n-i, -sign
			}
		}
		position[j] = i
	}
	return sign * x[l.Index(position[:l.Dim()]...)]
}

// byContract is dst += α·W·x written down from the contract of Stencil.
func byContract(s *Stencil, dst []float64, alpha float64, x []float64) {
	l, f := s.Lattice(), s.Form()
	for i := range x {
		var position [3]int
		l.Position(position[:l.Dim()], i)
		at := func(o [3]int, side int) float64 {
			for j := range o {
				o[j] = position[j] + side*o[j]
			}
			return continued(l, x, o)
		}
		total := 0.0
		for g, group := range f.Groups {
			sum := 0.0
			for k, o := range slices.Backward(group.Offsets) {
				p := at(o, 1) + at(o, -1)
				if k == len(group.Offsets)-1 {
					sum = p
				} else {
					sum = p + sum
				}
			}
			if g == 0 {
				total = sum
			} else {
				total = total + float64(group.Ratio*sum)
			}
		}
		switch {
		case len(f.Groups) > 0:
			dst[i] = dst[i] + float64(float64(alpha*f.Scale)*(total-float64(f.Centre*x[i])))
		case f.Scale != 0:
			dst[i] = dst[i] + float64(float64(alpha*f.Scale)*x[i])
		}
		for _, odd := range f.Odd {
			dst[i] = dst[i] + float64(float64(alpha*odd.Weight)*(at(odd.Offset, 1)-at(odd.Offset, -1)))
		}
	}
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

func checkContract(t interface{ Fatalf(string, ...any) }, s *Stencil) {
	n := s.Size()
	x, got := vector(n, 1), vector(n, 2)
	want := slices.Clone(got)
	s.AddApply(got, -0.37, x)
	byContract(s, want, -0.37, x)
	for i := range got {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Fatalf("%v: element %d is %v, the contract gives %v", s, i, got[i], want[i])
		}
	}
}

func TestStencilKeepsItsContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkContract(t, drawStencil(t, drawLattice(t, anyWall, false)))
	})
}

// Lattices that are longer than a block and than the grain of the workers.
func TestStencilKeepsItsContractOnLargeLattices(t *testing.T) {
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	face := lattice.Boundary{Kind: lattice.Neumann}
	for _, l := range []lattice.Lattice{
		must(lattice.New(lattice.Ring(40_000, 7))),
		must(lattice.New(lattice.Line(20_001, 7, wall, face))),
		must(lattice.New(lattice.Ring(9, 3), lattice.Ring(2500, 5))),
		must(lattice.New(lattice.Ring(130, 130), lattice.Line(140, 140, face, face))),
		must(lattice.New(lattice.Line(30, 31, wall, wall), lattice.Ring(31, 31), lattice.Ring(32, 32))),
	} {
		second, fourth := must(Laplacian(l, 2)), must(Laplacian(l, 4))
		x := must(Derivative(l, l.Dim()-1))
		for _, w := range []Tensor{second, fourth, x, Add(Scale(-1, second), Scale(0.7, Identity(l.Sites()))), Add(second, x), Add(fourth, x)} {
			checkContract(t, w.(*Stencil))
		}
	}
}

func TestLaplacianForm(t *testing.T) {
	l := must(lattice.New(lattice.Ring(4, 2), lattice.Ring(5, 2.5), lattice.Ring(6, 3)))
	f := must(Laplacian(l, 2)).Form()
	if f.Scale != 4 || f.Centre != 6 || len(f.Groups) != 1 || len(f.Odd) != 0 {
		t.Fatalf("order 2, a = ½: %+v", f)
	}
	if want := [][3]int{{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}; !slices.Equal(f.Groups[0].Offsets, want) {
		t.Errorf("pairs %v, want the fastest axis first: %v", f.Groups[0].Offsets, want)
	}
	f = must(Laplacian(l, 4)).Form()
	if len(f.Groups) != 2 || f.Groups[1].Ratio != -1./16 || math.Abs(f.Centre-3*15./8) > 1e-15 {
		t.Errorf("order 4: %+v", f)
	}
}

// latticeOf returns a lattice of n, n+1, … sites with the same boundary everywhere.
func latticeOf(kind lattice.Kind, dim, n int) lattice.Lattice {
	var axes []lattice.Axis
	for j := range dim {
		b := lattice.Boundary{Kind: kind}
		axes = append(axes, lattice.Line(n+j, 1.3*float64(n), b, b))
	}
	return must(lattice.New(axes...))
}

// K₄ = Σ_axes K₂ + (a²/12) K₂², on a ring and behind walls.
func TestFourthOrderIsSecondOrderSquared(t *testing.T) {
	for _, kind := range []lattice.Kind{lattice.Periodic, lattice.Dirichlet, lattice.Neumann} {
		for n := 2; n < 8; n++ {
			l := latticeOf(kind, 1, n)
			k2, k4 := must(Matrix(Scale(-1, must(Laplacian(l, 2))))), must(Matrix(Scale(-1, must(Laplacian(l, 4)))))
			var want mat.Dense
			want.Mul(k2, k2)
			want.Scale(l.Spacing(0)*l.Spacing(0)/12, &want)
			want.Add(k2, &want)
			if !mat.EqualApprox(k4, &want, 1e-13) {
				t.Errorf("%s, %d sites:\n%v\nwant\n%v", kind, n, mat.Formatted(k4), mat.Formatted(&want))
			}
		}
	}
}

// The error on a smooth field falls as a², a⁴, or vanishes.
func TestOrderOfAccuracy(t *testing.T) {
	const length = 2 * math.Pi
	for _, kind := range []lattice.Kind{lattice.Periodic, lattice.Dirichlet, lattice.Neumann} {
		errorOf := func(n int, laplacian func(l lattice.Lattice) (Tensor, error)) float64 {
			b := lattice.Boundary{Kind: kind}
			l := must(lattice.New(lattice.Line(n, length, b, b)))
			x, want := smooth(l.Coordinates(0), kind)
			got := slices.Clone(x)
			Apply(got, must(laplacian(l)), x)
			worst := 0.0
			for i := range got {
				worst = max(worst, math.Abs(got[i]-want[i]))
			}
			return worst
		}
		for _, order := range []int{2, 4} {
			laplacian := func(l lattice.Lattice) (Tensor, error) { return Laplacian(l, order) }
			// Between Dirichlet walls the ratio of the spacings is 81/41: near enough to 2.
			p := math.Log2(errorOf(40, laplacian) / errorOf(80, laplacian))
			if math.Abs(p-float64(order)) > 0.15 {
				t.Errorf("%s: order %d converges as a^%.3f", kind, order, p)
			}
		}
		if e := errorOf(16, func(l lattice.Lattice) (Tensor, error) { return SpectralLaplacian(l) }); e > 1e-12 {
			t.Errorf("%s: spectral error %g", kind, e)
		}
	}
}

// smooth returns a field that fits the walls of an axis of length 2π, with its
// second derivative.
func smooth(x []float64, kind lattice.Kind) (f, second []float64) {
	for _, v := range x {
		switch kind {
		case lattice.Periodic:
			f = append(f, math.Sin(v)+math.Cos(2*v))
			second = append(second, -math.Sin(v)-4*math.Cos(2*v))
		case lattice.Dirichlet:
			f = append(f, math.Sin(v/2)+math.Sin(2*v))
			second = append(second, -math.Sin(v/2)/4-4*math.Sin(2*v))
		case lattice.Neumann:
			f = append(f, math.Cos(v/2)+math.Cos(2*v))
			second = append(second, -math.Cos(v/2)/4-4*math.Cos(2*v))
		}
	}
	return f, second
}

func TestDerivativeOfPlaneWave(t *testing.T) {
	l := must(lattice.New(lattice.Ring(5, 5), lattice.Ring(32, 8)))
	const m = 3
	k, a := 2*math.Pi*m/8, 8./32
	x, y := make([]float64, l.Sites()), make([]float64, l.Sites())
	for i, c := range l.Coordinates(1) {
		x[i] = math.Sin(k * c)
	}
	Apply(y, must(Derivative(l, 1)), x)
	for i, c := range l.Coordinates(1) {
		if want := math.Sin(k*a) / a * math.Cos(k*c); math.Abs(y[i]-want) > 1e-13 {
			t.Fatalf("site %d: %v, want %v", i, y[i], want)
		}
	}
	Apply(y, must(Derivative(l, 0)), x)
	if i := slices.IndexFunc(y, func(v float64) bool { return v != 0 }); i >= 0 {
		t.Errorf("the derivative across the wave is %v at %d", y[i], i)
	}
}

func TestEvenStencilsAreSymmetricBehindAnyWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawEven(t, drawLattice(t, anyWall, false))
		m := must(Matrix(s))
		for i := range s.Size() {
			for j := range i {
				if m.At(i, j) != m.At(j, i) {
					t.Fatalf("%v: w(%d,%d) = %v, w(%d,%d) = %v", s.Taps(), i, j, m.At(i, j), j, i, m.At(j, i))
				}
			}
		}
		if !Symmetry(s).Symmetric {
			t.Fatal("Symmetry denies it")
		}
	})
}

func TestBitsDoNotDependOnWorkers(t *testing.T) {
	l := must(lattice.New(lattice.Ring(150, 150), lattice.Line(151, 151, lattice.Boundary{Kind: lattice.Neumann}, lattice.Boundary{Kind: lattice.Neumann})))
	second, fourth := must(Laplacian(l, 2)), must(Laplacian(l, 4))
	dense := must(NewDense(300, vector(300*300, 3)))
	for _, w := range []Tensor{second, fourth, Add(second, must(Derivative(l, 1))), must(SpectralLaplacian(l)), must(Sparse(fourth)), dense} {
		var first []float64
		x := vector(w.Size(), 7)
		for _, workers := range []int{1, 2, 8} {
			old := runtime.GOMAXPROCS(workers)
			for range 3 {
				y := vector(w.Size(), 8)
				w.AddApply(y, 0.3, x)
				if first == nil {
					first = y
				}
				if !sameBits(first, y) {
					t.Errorf("%v: other bits with %d workers", w, workers)
				}
			}
			runtime.GOMAXPROCS(old)
		}
	}
}

func TestStencilErrors(t *testing.T) {
	ring := must(lattice.New(lattice.Ring(8, 8)))
	clamped := must(lattice.New(lattice.Line(8, 8, lattice.Boundary{Kind: lattice.Driven}, lattice.Boundary{Kind: lattice.Neumann})))
	mixed := must(lattice.New(lattice.Line(8, 8, lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann})))
	tap := func(o [3]int, w float64) func(l lattice.Lattice) error {
		return func(l lattice.Lattice) error { _, err := NewStencil(l, "s", []Tap{{o, w}}); return err }
	}
	order := func(k int) func(l lattice.Lattice) error {
		return func(l lattice.Lattice) error { _, err := Laplacian(l, k); return err }
	}
	derivative := func(axis int) func(l lattice.Lattice) error {
		return func(l lattice.Lattice) error { _, err := Derivative(l, axis); return err }
	}
	spectral := func(l lattice.Lattice) error { _, err := SpectralLaplacian(l); return err }
	for _, c := range []struct {
		name string
		l    lattice.Lattice
		make func(l lattice.Lattice) error
		says string
	}{
		{"no axes", lattice.Lattice{}, tap([3]int{}, 1), "lattice.New"},
		{"no axes, Laplacian", lattice.Lattice{}, order(2), "lattice.New"},
		{"no axes, Derivative", lattice.Lattice{}, derivative(0), "axis 0 of a 0-D lattice"},
		{"no axes, spectral", lattice.Lattice{}, spectral, "lattice.New"},
		{"wrong axis", ring, tap([3]int{0, 1, 0}, 1), "must be 0"},
		{"too far", ring, tap([3]int{-9}, 1), "[−8, 8]"},
		{"NaN", ring, tap([3]int{1}, math.NaN()), "finite"},
		{"infinite", ring, tap([3]int{1}, math.Inf(-1)), "finite"},
		{"past a clamped neuron", clamped, tap([3]int{2}, 1), "at most 1"},
		{"order 3", ring, order(3), "use 2, 4"},
		{"order 4 past a clamped neuron", clamped, order(4), "use order 2"},
		{"axis", ring, derivative(1), "[0, 1)"},
		{"negative axis", ring, derivative(-1), "[0, 1)"},
		{"spectral, driven", clamped, spectral, "driven | neumann"},
		{"spectral, mixed walls", mixed, spectral, "dirichlet | neumann"},
	} {
		if err := c.make(c.l); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.says)
		}
	}
	if err := order(2)(clamped); err != nil {
		t.Error(err)
	}
}

// What a wall node holds is not read, not even to multiply it by zero.
func TestWallNodesReadZero(t *testing.T) {
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	l := must(lattice.New(lattice.Line(4, 5, wall, wall), lattice.Line(4, 5, wall, wall)))
	x := make([]float64, 16)
	x[15] = math.Inf(1)
	for axis, next := range []int{11, 14} {
		y := make([]float64, 16)
		must(Derivative(l, axis)).AddApply(y, 1, x)
		for i, v := range y {
			if finite := !math.IsNaN(v) && !math.IsInf(v, 0); finite != (i != next) {
				t.Errorf("axis %d: site %d is %v", axis, i, v)
			}
		}
	}
}
