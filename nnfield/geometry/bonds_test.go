package geometry

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// drawLattice draws a small lattice; rings may be so small that bonds meet.
func drawLattice(t *rapid.T) lattice.Lattice {
	var axes []lattice.Axis
	for range rapid.IntRange(1, 3).Draw(t, "axes") {
		n, length := rapid.IntRange(2, 6).Draw(t, "sites"), rapid.Float64Range(0.5, 4).Draw(t, "length")
		wall := rapid.SampledFrom([]lattice.Kind{lattice.Dirichlet, lattice.Neumann})
		if rapid.Bool().Draw(t, "ring") {
			axes = append(axes, lattice.Ring(n, length))
		} else {
			axes = append(axes, lattice.Line(n, length, lattice.Boundary{Kind: wall.Draw(t, "low")}, lattice.Boundary{Kind: wall.Draw(t, "high")}))
		}
	}
	l, err := lattice.New(axes...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// drawMetric draws a metric without a shift; h = 1 + LLᵀ is positive.
func drawMetric(t *rapid.T, l lattice.Lattice) SpaceTime {
	g := Flat(l)
	d := l.Dim()
	number := rapid.Float64Range(-1, 1)
	diagonal := rapid.Bool().Draw(t, "diagonal")
	for s := range l.Sites() {
		g.Lapse[s] = 1.5 + number.Draw(t, "N")
		var low [3][3]float64
		for i := range d {
			for j := range i + 1 {
				if i == j || !diagonal {
					low[i][j] = number.Draw(t, "L")
				}
			}
		}
		for i := range d {
			for j := i; j < d; j++ {
				c := Component(d, i, j)
				if g.Space[c] == nil {
					g.Space[c] = make([]float64, l.Sites())
				}
				for k := range d {
					g.Space[c][s] += low[i][k] * low[j][k]
				}
			}
		}
	}
	return g
}

// quadratic is the discrete action of order 2, written down a second time:
// ½Σ_sites w [½Σ_±(∂_i^±φ)² h^ii + Σ_{i≠j} ∂_iφ ∂_jφ h^ij + m²φ²], the bond to a wall of Dirichlet
// having the weight of its site.
func quadratic(g SpaceTime, mass float64, phi []float64) float64 {
	l, d := g.Lattice, g.Lattice.Dim()
	sum := 0.0
	for s, x := range phi {
		inverse, det, _ := invert(d, g.at(s))
		w := g.Lapse[s] * math.Sqrt(det)
		e := mass * mass * x * x
		var central [3]float64
		for i := range d {
			ahead, plus := l.Neighbour(s, i, 1)
			behind, minus := l.Neighbour(s, i, -1)
			central[i] = (plus*phi[ahead] - minus*phi[behind]) / (2 * l.Spacing(i))
			for _, n := range []struct {
				at   int
				sign float64
			}{{ahead, plus}, {behind, minus}} {
				share := 0.5
				if n.sign == 0 {
					share = 1
				}
				e += share * inverse[Component(d, i, i)] * math.Pow((n.sign*phi[n.at]-x)/l.Spacing(i), 2)
			}
		}
		for i := range d {
			for j := i + 1; j < d; j++ {
				e += 2 * inverse[Component(d, i, j)] * central[i] * central[j]
			}
		}
		sum += w * e / 2
	}
	return sum
}

func TestStiffnessIsTheSecondDerivativeOfTheAction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t)
		g, mass := drawMetric(t, l), rapid.Float64Range(0, 2).Draw(t, "mass")
		w, err := newTensors(g, mass, 2)
		if err != nil {
			t.Fatal(err)
		}
		k, n := w.stiffness(), l.Sites()
		phi, kphi := make([]float64, n), make([]float64, n)
		for s := range phi {
			phi[s] = rapid.Float64Range(-1, 1).Draw(t, "phi")
		}
		weights.Apply(kphi, k, phi)
		half, size := 0.0, 0.0
		for s, x := range phi {
			half += x * kphi[s] / 2
			k.Row(s, func(j int, w float64) { size += math.Abs(x * w * phi[j]) })
		}
		// Squares of numbers below 1e-150 have no digits left.
		if want := quadratic(g, mass, phi); math.Abs(half-want) > 1e-13*(size+want)+1e-300 {
			t.Fatalf("½φᵀKφ = %v, the action is %v", half, want)
		}
	})
}

func TestBondsAreASymmetricTensor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t)
		b := newBonds("W", l)
		n := l.Sites()
		number := rapid.Float64Range(-1, 1)
		for range rapid.IntRange(0, 5).Draw(t, "offsets") {
			var o [3]int
			for j := range l.Dim() {
				o[j] = rapid.IntRange(-3, 3).Draw(t, "offset")
			}
			for s := range n {
				var at, to [3]int
				l.Position(at[:l.Dim()], s)
				for j := range to {
					to[j] = at[j] + o[j]
				}
				b.add(number.Draw(t, "v"), end{at, 1}, end{to, 1})
			}
		}
		if v := weights.Symmetry(b); !v.Symmetric {
			t.Fatal(v)
		}
		m, err := weights.Matrix(b)
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float64, n), make([]float64, n)
		radius := 0.0
		for i := range x {
			x[i], y[i] = number.Draw(t, "x"), number.Draw(t, "y")
		}
		alpha := number.Draw(t, "alpha")
		got := append([]float64(nil), y...)
		b.AddApply(got, alpha, x)
		for i := range got {
			want, size := y[i], 0.0
			for j := range x {
				want += alpha * m.At(i, j) * x[j]
				size += math.Abs(m.At(i, j))
			}
			radius = max(radius, size)
			if math.Abs(got[i]-want) > 1e-13*(1+size) {
				t.Fatalf("row %d: %v, by the entries %v", i, got[i], want)
			}
		}
		if bound := b.radius(constant(n, 1)); bound < radius*(1-1e-13) {
			t.Fatalf("the rows sum to %v, the bound is %v", radius, bound)
		}
	})
}

// In flat space K is the stiffness of package weights, on every boundary.
func TestFlatStiffness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t)
		w, err := newTensors(Flat(l), 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		laplacian, err := weights.Laplacian(l, 2)
		if err != nil {
			t.Fatal(err)
		}
		got, err := weights.Matrix(w.gradient)
		if err != nil {
			t.Fatal(err)
		}
		want, err := weights.Matrix(laplacian)
		if err != nil {
			t.Fatal(err)
		}
		for i := range l.Sites() {
			for j := range l.Sites() {
				if d := got.At(i, j) + want.At(i, j); math.Abs(d) > 1e-12*math.Abs(want.At(i, i)) {
					t.Fatalf("K(%d,%d) = %v, −∇² has %v", i, j, got.At(i, j), -want.At(i, j))
				}
			}
		}
	})
}

// The step of a network of a million sites does not allocate, and has the same
// bits for any number of workers.
func TestBondsAllocateNothing(t *testing.T) {
	l, err := lattice.New(lattice.Ring(32, 4), lattice.Ring(48, 4))
	if err != nil {
		t.Fatal(err)
	}
	g := Flat(l)
	g.Space[1] = constant(l.Sites(), 0.3)
	w, err := newTensors(g, 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	k := w.stiffness()
	x, y := constant(l.Sites(), 1), constant(l.Sites(), 0)
	if n := testing.AllocsPerRun(20, func() { k.AddApply(y, 0.1, x) }); n != 0 {
		t.Errorf("%v allocations a product", n)
	}
}

// √S of √S v is S v, for the wave operator of a curved plane, whose root is not known
// otherwise.
func TestSquareRoot(t *testing.T) {
	l, err := lattice.New(lattice.Ring(24, 6), lattice.Ring(20, 5))
	if err != nil {
		t.Fatal(err)
	}
	g := Flat(l)
	g.Space[1] = constant(l.Sites(), 0.3)
	v := make([]float64, l.Sites())
	x, y := l.Coordinates(0), l.Coordinates(1)
	for s := range v {
		g.Lapse[s] = 1 + 0.3*math.Sin(math.Pi*x[s]/3)
		v[s] = math.Exp(math.Sin(math.Pi*x[s]/3)) * math.Cos(2*math.Pi*y[s]/5)
	}
	for _, mass := range []float64{0, 2} {
		w, err := newTensors(g, mass, 4)
		if err != nil {
			t.Fatal(err)
		}
		k := w.stiffness()
		apply := func(dst, x []float64) { weights.Apply(dst, k, x) }
		want := make([]float64, len(v))
		apply(want, v)
		got := squareRoot(apply, squareRoot(apply, v))
		if d := distance(want, got); d > 1e-9 {
			t.Errorf("mass %v: off by %.2g", mass, d)
		}
	}
}
