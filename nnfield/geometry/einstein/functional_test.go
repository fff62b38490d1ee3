package einstein_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/geometry/curvature"
	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// smooth returns a random smooth metric on a torus of period 2π: Minkowski space
// plus waves in all components that depend on the first n coordinates.
func smooth(r *rand.Rand, dim, n int, size float64) func(dst, x []float64) {
	type wave struct {
		c                int
		k                [4]float64
		amplitude, phase float64
	}
	var waves []wave
	for c := range dim * (dim + 1) / 2 {
		for range 2 {
			w := wave{c: c, amplitude: size * (2*r.Float64() - 1), phase: 2 * math.Pi * r.Float64()}
			for j := range n {
				w.k[j] = float64(r.IntN(3) - 1)
			}
			waves = append(waves, w)
		}
	}
	return func(dst, x []float64) {
		clear(dst)
		dst[0] = -1
		for i := 1; i < dim; i++ {
			dst[curvature.Index(i, i)] = 1
		}
		for _, w := range waves {
			angle := w.phase
			for j, v := range x {
				angle += w.k[j] * v
			}
			dst[w.c] += w.amplitude * math.Sin(angle)
		}
	}
}

// torus samples a metric of dim coordinates on a torus that has the given number of
// sites along the first n axes and is symmetric along the others.
func torus(t testing.TB, order curvature.Order, dim, n, sites int, metric func(dst, x []float64)) *curvature.Geometry {
	t.Helper()
	var axes []curvature.Axis
	for j := range dim {
		if j < n {
			axes = append(axes, curvature.Circle(sites, 2*math.Pi))
		} else {
			axes = append(axes, curvature.Symmetry(0))
		}
	}
	return geometry(t, order, metric, axes...)
}

func geometry(t testing.TB, order curvature.Order, metric func(dst, x []float64), axes ...curvature.Axis) *curvature.Geometry {
	t.Helper()
	grid, err := curvature.NewGrid(axes...)
	if err != nil {
		t.Fatal(err)
	}
	g, err := curvature.New(grid, grid.Sample(metric), order)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// fields returns √−g R, the Onsager form and the total derivative between them,
// ∂_α[√−g(g^{μν}Γ^α_μν − g^{αμ}Γ^ν_νμ)], at each site.
func fields(g *curvature.Geometry, l einstein.Onsager) (hilbert, onsager, divergence []float64) {
	n, dim := g.Grid().Sites(), g.Grid().Dim()
	hilbert, onsager, divergence = make([]float64, n), make([]float64, n), make([]float64, n)
	einstein.Functional{Onsager: l}.Density(onsager, g)
	w := make([][]float64, dim)
	for a := range w {
		w[a] = make([]float64, n)
	}
	g.Each(func(p *curvature.Point) {
		hilbert[p.Site] = p.Volume * p.Scalar
		for a := range dim {
			for m := range dim {
				for k := range dim {
					w[a][p.Site] += p.Volume * (p.Inverse.At(m, k)*p.Christoffel[a].At(m, k) - p.Inverse.At(a, m)*p.Christoffel[k].At(k, m))
				}
			}
		}
	})
	slope := make([]float64, n)
	for a := range w {
		g.Derivative(slope, w[a], a)
		for s, v := range slope {
			divergence[s] += v
		}
	}
	return hilbert, onsager, divergence
}

func sum(f []float64) (total, size float64) {
	for _, v := range f {
		total += v
		size += math.Abs(v)
	}
	return total, size
}

// The entropy production is √−g R minus its total derivative, at each site and in
// the integral over a torus, to 1e-10; with less symmetric Onsager tensors it is
// not.
func TestOnsagerFormIsCurvature(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for _, c := range []struct{ dim, n, sites int }{{2, 2, 32}, {3, 3, 16}, {4, 2, 24}, {4, 3, 16}} {
		g := torus(t, curvature.Spectral, c.dim, c.n, c.sites, smooth(r, c.dim, c.n, 0.03))
		hilbert, onsager, divergence := fields(g, einstein.EinsteinHilbert())
		most, worst := 0.0, 0.0
		for s, v := range hilbert {
			most = math.Max(most, math.Abs(v))
			worst = math.Max(worst, math.Abs(v-divergence[s]-onsager[s]))
		}
		total, _ := sum(hilbert)
		entropy, _ := sum(onsager)
		// What the integral is measured by: the entropy production without its sign.
		_, size := sum(onsager)
		t.Logf("%+v: at each site %.2g of %.2g; ∫√−gR = %.10g, ∫𝓛∂g∂g = %.10g, relative %.2g", c, worst, most, total, entropy, math.Abs(total-entropy)/size)
		if worst > 1e-9*most {
			t.Errorf("%+v: at each site %.2g of %.2g", c, worst, most)
		}
		if math.Abs(total-entropy) > 1e-10*size {
			t.Errorf("%+v: ∫√−gR = %.15g, ∫𝓛∂g∂g = %.15g", c, total, entropy)
		}
		for i := range (einstein.Onsager{}) {
			wrong := einstein.EinsteinHilbert()
			wrong[i] += 0.01
			_, onsager, _ := fields(g, wrong)
			other, _ := sum(onsager)
			if math.Abs(total-other) < 1e-6*size {
				t.Errorf("%+v: weight %d may be changed by 0.01: %.3g", c, i, math.Abs(total-other)/size)
			}
		}
	}
}

// On four coordinates that all matter the identity holds at each site.
func TestOnsagerFormOfFourCoordinates(t *testing.T) {
	g := torus(t, curvature.Spectral, 4, 4, 10, smooth(rand.New(rand.NewPCG(3, 3)), 4, 4, 0.01))
	hilbert, onsager, divergence := fields(g, einstein.EinsteinHilbert())
	most, worst := 0.0, 0.0
	for s, v := range hilbert {
		most = math.Max(most, math.Abs(v))
		worst = math.Max(worst, math.Abs(v-divergence[s]-onsager[s]))
	}
	t.Logf("%.2g of %.2g", worst, most)
	if worst > 1e-5*most {
		t.Errorf("%.2g of %.2g", worst, most)
	}
}

// Regression on random metrics gives back the four weights of [G] and 0 for the
// fifth, to 1e-9.
func TestRecover(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 2))
	var all []*curvature.Geometry
	for range 10 {
		all = append(all, torus(t, curvature.Spectral, 3, 2, 32, smooth(r, 3, 2, 0.04)))
	}
	l, err := einstein.Recover(all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.12f", l)
	for i, want := range einstein.EinsteinHilbert() {
		if math.Abs(l[i]-want) > 1e-9 {
			t.Errorf("weight %d is %.12f, want %v", i, l[i], want)
		}
	}
	if _, err := einstein.Recover(all[:4]...); err == nil {
		t.Error("four geometries are taken")
	}
	same := []*curvature.Geometry{all[0], all[0], all[0], all[0], all[0]}
	if _, err := einstein.Recover(same...); err == nil {
		t.Error("five times one geometry is taken")
	}
}

// The tensor has Onsager's symmetries, and its components, its matrix and its
// density are one thing.
func TestOnsagerTensor(t *testing.T) {
	l := einstein.Onsager{0.3, -0.7, 0.2, 0.9, -0.4}
	g := torus(t, curvature.Order4, 3, 3, 6, smooth(rand.New(rand.NewPCG(1, 1)), 3, 3, 0.1))
	var p curvature.Point
	g.At(&p, 77)
	density := make([]float64, g.Grid().Sites())
	einstein.Functional{Onsager: l}.Density(density, g)
	form := 0.0
	each := func(do func(a, m, n, b, r, s int)) {
		for i := range 729 {
			do(i/243%3, i/81%3, i/27%3, i/9%3, i/3%3, i%3)
		}
	}
	each(func(a, m, n, b, r, s int) {
		v := l.Component(&p, a, m, n, b, r, s)
		form += v * p.First[a].At(m, n) * p.First[b].At(r, s)
		for _, other := range []float64{l.Component(&p, a, n, m, b, r, s), l.Component(&p, a, m, n, b, s, r), l.Component(&p, b, r, s, a, m, n)} {
			if math.Abs(other-v) > 1e-14 {
				t.Fatalf("component %d%d%d %d%d%d: %v and %v", a, m, n, b, r, s, v, other)
			}
		}
	})
	if want := density[77]; math.Abs(p.Volume*form-want) > 1e-13 {
		t.Errorf("Σ 𝓛∂g∂g = %.15g, density %.15g", p.Volume*form, want)
	}
	var v []float64
	for a := range 3 {
		v = append(v, p.First[a][:6]...)
	}
	x := mat.NewVecDense(len(v), v)
	if got := p.Volume * mat.Inner(x, l.Matrix(&p), x); math.Abs(got-density[77]) > 1e-13 {
		t.Errorf("vᵀMv = %.15g, density %.15g", got, density[77])
	}
}

// Variation is the derivative of Value, for any weights, along random directions.
func TestVariationIsDerivative(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, order := range []curvature.Order{curvature.Order4, curvature.Spectral} {
		f := einstein.Functional{Onsager: einstein.Onsager{0.3, -0.7, 0.2, 0.9, -0.4}, Lambda: 0.6}
		metric := smooth(r, 3, 2, 0.1)
		g := torus(t, order, 3, 2, 8, metric)
		n := g.Grid().Sites()
		variation := make([]float64, len(g.Metric()))
		f.Variation(variation, g)
		for range 5 {
			direction := make([]float64, len(variation))
			for i := range direction {
				direction[i] = r.NormFloat64()
			}
			want := 0.0
			for i := range direction {
				twice := 2.0 // an off-diagonal component stands for two
				if c := i / n; c == 0 || c == 2 || c == 5 {
					twice = 1
				}
				want += twice * variation[i] * direction[i] * g.Grid().Cell()
			}
			at := func(h float64) float64 {
				m := make([]float64, len(direction))
				for i, d := range direction {
					m[i] = g.Metric()[i] + h*d
				}
				moved, err := curvature.New(g.Grid(), m, order)
				if err != nil {
					t.Fatal(err)
				}
				return f.Value(moved)
			}
			const h = 1e-4
			got := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
			if math.Abs(got-want) > 1e-8*math.Max(1, math.Abs(want)) {
				t.Errorf("%v: difference quotient %.12g, variation %.12g", order, got, want)
			}
		}
	}
}

// equations returns the largest |E^{μν} + √−g(G^{μν} + Λg^{μν})| of a lattice about
// a place.
func equations(t *testing.T, l einstein.Onsager, order curvature.Order, metric func(dst, x []float64), lambda float64, axes ...curvature.Axis) float64 {
	g := geometry(t, order, metric, axes...)
	n, dim := g.Grid().Sites(), g.Grid().Dim()
	variation := make([]float64, len(g.Metric()))
	einstein.Functional{Onsager: l, Lambda: lambda}.Variation(variation, g)
	errors := make([]float64, n)
	g.Each(func(p *curvature.Point) {
		for m := range dim {
			for k := range dim {
				up := 0.0
				for a := range dim {
					for b := range dim {
						up += p.Inverse.At(m, a) * p.Inverse.At(k, b) * p.Einstein.At(a, b)
					}
				}
				v := variation[curvature.Index(m, k)*n+p.Site] + p.Volume*(up+lambda*p.Inverse.At(m, k))
				if !math.IsNaN(v) { // in the wider margin
					errors[p.Site] = math.Max(errors[p.Site], math.Abs(v))
				}
			}
		}
	})
	worst := 0.0
	for _, v := range errors {
		worst = math.Max(worst, v)
	}
	return worst
}

// Stationary entropy production at a fixed number of neurons is Einstein's
// equation: on any metric the variation is −√−g(G^{μν} + Λg^{μν}), up to an error
// that falls at the order of the differences; with a less symmetric Onsager tensor
// it is something else.
func TestVariationIsEinstein(t *testing.T) {
	metric := smooth(rand.New(rand.NewPCG(9, 4)), 3, 3, 0.05)
	for _, order := range []curvature.Order{curvature.Order2, curvature.Order4, curvature.Order6} {
		var e [2]float64
		for i, h := range []float64{0.2, 0.1} {
			axis := curvature.Around(0.4, 2*int(order)+1, h)
			e[i] = equations(t, einstein.EinsteinHilbert(), order, metric, 0.7, axis, axis, axis)
		}
		t.Logf("%v: %.2g %.2g slope %.2f", order, e[0], e[1], math.Log2(e[0]/e[1]))
		if slope := math.Log2(e[0] / e[1]); math.Abs(slope-float64(order)) > 0.3 {
			t.Errorf("%v: errors %.3g, slope %.2f", order, e, slope)
		}
	}
	for i := range (einstein.Onsager{}) {
		wrong := einstein.EinsteinHilbert()
		wrong[i] += 0.01
		axis := curvature.Around(0.4, 13, 0.1)
		if e := equations(t, wrong, curvature.Order6, metric, 0.7, axis, axis, axis); e < 1e-5 {
			t.Errorf("weight %d may be changed by 0.01: %.2g", i, e)
		}
	}
	// And on an exact solution it vanishes.
	ds := reference.DeSitter(0.8)
	g := geometry(t, curvature.Order6, ds.Metric, curvature.Around(0.2, 13, 0.05), curvature.Symmetry(0), curvature.Symmetry(0), curvature.Symmetry(0))
	variation := make([]float64, len(g.Metric()))
	einstein.Functional{Onsager: einstein.EinsteinHilbert(), Lambda: ds.Lambda}.Variation(variation, g)
	for c := range 10 {
		if v := variation[c*13+6]; !(math.Abs(v) < 1e-6) {
			t.Errorf("component %d of the variation on de Sitter space is %.2g", c, v)
		}
	}
}
