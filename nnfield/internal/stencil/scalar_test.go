package stencil

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/internal/sweep"
)

// Ends of an axis, each with where sites −1 and −2 of n are found.
var ends = map[string]func(n int) [2]Image{
	"ring": func(n int) [2]Image { return [2]Image{{n - 1, 1}, {(2*n - 2) % n, 1}} },
	"zero": func(int) [2]Image { return [2]Image{{0, 0}, {0, -1}} },
	"flat": func(int) [2]Image { return [2]Image{{0, 1}, {1, 1}} },
}

// axis returns an axis of n sites.
func axis(n int, low, high string) Axis {
	a := Axis{Sites: n, Low: ends[low](n), High: ends[high](n)}
	for o := range a.High {
		a.High[o].At = n - 1 - a.High[o].At
	}
	return a
}

// naive is the contract of Scalar, site by site.
type naive[T Number] struct{ *Scalar[T] }

func (s naive[T]) position(i int) (p [3]int) {
	for j := len(s.Axes) - 1; j >= 0; j-- {
		p[j] = i % s.Axes[j].Sites
		i /= s.Axes[j].Sites
	}
	return p
}

func (s naive[T]) value(x []T, p [3]int) T {
	at, sign := 0, 1.0
	for j, a := range s.Axes {
		im := Image{p[j], 1}
		if p[j] < 0 {
			im = a.Low[-p[j]-1]
		} else if p[j] >= a.Sites {
			im = a.High[p[j]-a.Sites]
		}
		at = at*a.Sites + im.At
		sign *= im.Sign
	}
	if sign == 0 {
		return 0
	}
	return T(sign) * x[at]
}

func (s naive[T]) sum(x []T, p [3]int, distance int) (sum T) {
	for j := range s.Axes {
		plus, minus := p, p
		plus[j] += distance
		minus[j] -= distance
		pair := s.value(x, plus) + s.value(x, minus)
		if j == 0 {
			sum = pair
		} else {
			sum = pair + sum
		}
	}
	return sum
}

func (s naive[T]) step(x, b []T, c T, alpha float64, decay []T) {
	for i := range x {
		x[i] += T(c * b[i])
	}
	d := T(alpha * s.Scale)
	for i := range b {
		p := s.position(i)
		clamped := false
		for j, a := range s.Axes {
			clamped = clamped || a.ClampedLow && p[j] == 0 || a.ClampedHigh && p[j] == a.Sites-1
		}
		if clamped {
			continue
		}
		sum := s.sum(x, p, 1)
		if s.Ratio != 0 {
			sum += T(T(s.Ratio) * s.sum(x, p, 2))
		}
		g := []T{0 + T(d*(sum-T(T(s.Centre)*x[i])))}
		if s.Force != nil {
			s.Force.AddForce(g, T(alpha), x, i)
		}
		if decay != nil {
			b[i] = T((T(b[i]*decay[i]) + g[0]) * decay[i])
		} else {
			b[i] += g[0]
		}
	}
}

// pull is a force that depends on the place.
type pull[T Number] struct{ u []T }

func (f pull[T]) AddForce(g []T, alpha T, x []T, at int) {
	for i := range g {
		g[i] += T(alpha * T(f.u[at+i]*x[at+i]))
	}
}

// guarded returns n numbers in (−2, 2), at an offset from where an array begins,
// and a check that nothing round them has changed.
func guarded[T Number](r *rand.Rand, n, offset int) (x []T, intact func() bool) {
	const guard, word = 24, 1234.5
	all := make([]T, n+2*guard)
	for i := range all {
		all[i] = word
	}
	x = all[guard+offset : guard+offset+n : guard+offset+n]
	for i := range x {
		x[i] = T(4*r.Float64() - 2)
	}
	return x, func() bool {
		return !slices.ContainsFunc(slices.Concat(all[:guard+offset], all[guard+offset+n:]), func(v T) bool { return v != word })
	}
}

// swept does the steps as a sweep calls for them.
type swept[T Number] struct {
	*Scalar[T]
	x, b, decay []T
	c           T
	alpha       float64
}

func (s *swept[T]) DriftRows(lo, hi, y0, y1, j int) {
	s.Scalar.Drift(s.x, s.b, lo, hi, y0, y1, s.c)
}

func (s *swept[T]) KickRows(lo, hi, y0, y1, j int) {
	s.Scalar.Kick(s.b, s.x, lo, hi, y0, y1, s.alpha, s.decay)
}

func (s *swept[T]) DriftKickRows(lo, hi, y0, y1, j int) {
	s.Scalar.DriftKick(s.x, s.b, lo, hi, y0, y1, s.c, s.alpha, s.decay)
}

func (s *swept[T]) Drift(lo, hi, j int)     { s.DriftRows(lo, hi, 0, s.Rows(), j) }
func (s *swept[T]) Kick(lo, hi, j int)      { s.KickRows(lo, hi, 0, s.Rows(), j) }
func (s *swept[T]) DriftKick(lo, hi, j int) { s.DriftKickRows(lo, hi, 0, s.Rows(), j) }

// Every kernel and its twin give the bits of the contract: all sizes, alignments
// and ends, any force and damping, in any shape of a sweep, with nothing written
// outside.
func testScalar[T Number](t *rapid.T) {
	s := &Scalar[T]{Scale: -3.7, Centre: -2.3}
	names := []string{"ring", "zero", "flat"}
	if rapid.Bool().Draw(t, "order 4") {
		s.Ratio = -1. / 16
	}
	periodic := true
	dim := rapid.IntRange(1, 3).Draw(t, "dim")
	for j := range dim {
		n := rapid.IntRange(4, 130).Draw(t, "sites")
		if j < dim-1 {
			n = rapid.IntRange(2, 24/(dim-1)).Draw(t, "rows")
		} else if dim == 2 && rapid.Bool().Draw(t, "long") {
			n += longRow
		}
		low, high := "ring", "ring"
		if rapid.Bool().Draw(t, "walls") {
			low, high = rapid.SampledFrom(names[1:]).Draw(t, "low"), rapid.SampledFrom(names[1:]).Draw(t, "high")
		}
		a := axis(n, low, high)
		if low == "zero" && s.Ratio == 0 {
			a.ClampedLow = rapid.Bool().Draw(t, "clamped")
		}
		if high == "zero" && s.Ratio == 0 {
			a.ClampedHigh = rapid.Bool().Draw(t, "clamped")
		}
		if j == 0 {
			periodic = low == "ring"
		}
		s.Axes = append(s.Axes, a)
	}
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	n := 1
	for _, a := range s.Axes {
		n *= a.Sites
	}
	switch rapid.SampledFrom([]string{"none", "phi4", "pull"}).Draw(t, "force") {
	case "phi4":
		s.Force = &Phi4[T]{0.3, 0.7}
	case "pull":
		f := pull[T]{make([]T, n)}
		for i := range f.u {
			f.u[i] = T(r.Float64())
		}
		s.Force = f
	}
	sites := n
	x, xIntact := guarded[T](r, sites, rapid.IntRange(0, 7).Draw(t, "offset"))
	b, bIntact := guarded[T](r, sites, rapid.IntRange(0, 7).Draw(t, "offset"))
	var decay []T
	if rapid.Bool().Draw(t, "damped") {
		s.Prepare()
		decay = make([]T, n)
		s.Damped = make([]bool, s.Slabs())
		for z := range s.Damped {
			s.Damped[z] = rapid.Bool().Draw(t, "damped slab")
			from, to := s.Sites(z, 0, s.Rows())
			for i := from; i < to; i++ {
				decay[i] = 1
				if s.Damped[z] {
					decay[i] = T(r.Float64())
				}
			}
		}
	}
	const c, alpha = 0.25, 0.0371
	const steps = 6
	wantX, wantB := slices.Clone(x), slices.Clone(b)
	for range steps {
		naive[T]{s}.step(wantX, wantB, c, alpha, decay)
	}
	s.Prepare()
	s.assembly = nil
	if sets := assemblies[T](); len(sets) > 0 && rapid.Bool().Draw(t, "assembly") {
		s.assembly = rapid.SampledFrom(sets).Draw(t, "set")
	}
	depth := rapid.IntRange(1, 4).Draw(t, "depth")
	least := s.Radius() * (4*depth - 2)
	shape := sweep.Shape{
		Slabs: s.Slabs(), Radius: s.Radius(), Periodic: periodic, Depth: depth, Serial: rapid.Bool().Draw(t, "serial"),
		Group: rapid.IntRange(1, 8).Draw(t, "group"), Height: least + rapid.IntRange(0, 9).Draw(t, "height"),
	}
	if dim == 3 && rapid.Bool().Draw(t, "cut planes") {
		shape.Rows, shape.RowsPeriodic = s.Rows(), s.Axes[1].Low[0].At == s.Axes[1].Sites-1
		shape.Width = least + rapid.IntRange(0, 9).Draw(t, "width")
	}
	sweep.New(shape, &swept[T]{s, x, b, decay, c, alpha}).Run(steps)
	for _, f := range []struct {
		name      string
		got, want []T
	}{{"x", x, wantX}, {"b", b, wantB}} {
		for i, v := range f.got {
			if v != f.want[i] || math.Signbit(float64(v)) != math.Signbit(float64(f.want[i])) {
				t.Fatalf("%s[%d] is %v, the contract says %v", f.name, i, v, f.want[i])
			}
		}
	}
	if !xIntact() || !bIntact() {
		t.Fatal("something was written outside of the field")
	}
}

func TestScalar(t *testing.T)   { rapid.Check(t, testScalar[float64]) }
func TestScalar32(t *testing.T) { rapid.Check(t, testScalar[float32]) }

// The same with inputs that a fuzzer chooses: go test -fuzz FuzzScalar.
func FuzzScalar(f *testing.F) { f.Fuzz(rapid.MakeFuzz(testScalar[float64])) }

// Kernels of long rows, which are done by twos, give the bits of their twins.
func testLongRows[T Number](t *testing.T) {
	for _, set := range assemblies[T]() {
		for _, force := range []Force[T]{nil, &Phi4[T]{0.3, 0.7}} {
			for end := range ends {
				n := longRow + rand.IntN(50)
				run := func(k *kernels[T]) (x, b []T) {
					s, x, b := scalar(force, 2, 11, n)
					s.Axes[1] = axis(n, end, end)
					s.Prepare()
					s.assembly = k
					shape := sweep.Shape{Slabs: 11, Radius: 1, Periodic: true, Depth: 2, Height: 11, Group: 3}
					sweep.New(shape, &swept[T]{s, x, b, nil, 0.25, 0.0371}).Run(4)
					return x, b
				}
				x, b := run(set)
				wantX, wantB := run(nil)
				if !slices.Equal(x, wantX) || !slices.Equal(b, wantB) {
					t.Errorf("rows of %d, ends %q, force %v, %d lanes: other bits than those of the twins", n, end, force, set.lanes)
				}
			}
		}
	}
}

func TestLongRows(t *testing.T) {
	t.Run("float64", testLongRows[float64])
	t.Run("float32", testLongRows[float32])
}

// scalar returns a field on a ring lattice of the given sides.
func scalar[T Number](force Force[T], order int, sides ...int) (s *Scalar[T], x, b []T) {
	s = &Scalar[T]{Scale: -1, Centre: -float64(2*len(sides)) - 0.5, Force: force}
	n := 1
	for _, side := range sides {
		s.Axes = append(s.Axes, axis(side, "ring", "ring"))
		n *= side
	}
	if order == 4 {
		s.Scale, s.Ratio = -4./3, -1./16
	}
	s.Prepare()
	x, b = make([]T, n), make([]T, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range x {
		x[i], b[i] = T(r.Float64()-0.5), T(0.1*(r.Float64()-0.5))
	}
	return s, x, b
}

func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name  string
		sides []int
		force Force[float64]
		order int
	}{
		{"1-D 1e3", []int{1000}, nil, 2},
		{"1-D 1e5", []int{100_000}, nil, 2},
		{"1-D 1e7", []int{10_000_000}, nil, 2},
		{"2-D 256²", []int{256, 256}, nil, 2},
		{"2-D 2048²", []int{2048, 2048}, nil, 2},
		{"2-D 4096²", []int{4096, 4096}, nil, 2},
		{"3-D 64³", []int{64, 64, 64}, nil, 2},
		{"3-D 256³", []int{256, 256, 256}, nil, 2},
		{"2-D φ⁴ 2048²", []int{2048, 2048}, &Phi4[float64]{1, 1}, 2},
		{"2-D order 4 2048²", []int{2048, 2048}, nil, 4},
	} {
		for _, assembly := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/assembly=%v", c.name, assembly), func(b *testing.B) {
				s, x, v := scalar(c.force, c.order, c.sides...)
				if !assembly {
					s.assembly = nil
				}
				shape := sweep.ChooseRows(s.Slabs(), s.Rows(), s.Radius(), true, true, 16*len(x)/s.Slabs()/s.Rows(), s.Group())
				w := sweep.New(shape, &swept[float64]{s, x, v, nil, 0.1, 0.1})
				w.Run(2)
				b.ResetTimer()
				w.Run(b.N)
				b.ReportMetric(float64(b.N)*float64(len(x))/b.Elapsed().Seconds()/1e6, "Msites/s")
			})
		}
	}
}
