package curvature_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/geometry/curvature"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// axes returns the smallest axes around a place on which derivatives can be taken
// there; a spacing of 0 makes an axis of symmetry.
func axes(order curvature.Order, place, spacing []float64) []curvature.Axis {
	var all []curvature.Axis
	for j, x := range place {
		if spacing[j] == 0 {
			all = append(all, curvature.Symmetry(x))
		} else {
			all = append(all, curvature.Around(x, int(order)+1, spacing[j]))
		}
	}
	return all
}

// fatal is what tests, benchmarks and properties have in common.
type fatal interface {
	Helper()
	Fatal(args ...any)
}

func sample(t fatal, order curvature.Order, metric func(dst, x []float64), axes ...curvature.Axis) *curvature.Geometry {
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

// exact has every space-time of the references with a place and the coordinates
// it depends on.
var exact = []struct {
	reference.ExactMetric
	place, depends [4]float64
}{
	{reference.DeSitter(0.8), [4]float64{0.2, 0, 0, 0}, [4]float64{1, 0, 0, 0}},
	{reference.SchwarzschildDeSitter(0.5, 0.3), [4]float64{0, 1.2, 0.9, 1.1}, [4]float64{0, 1, 1, 1}},
	{reference.McVittie(0.4, 0.5), [4]float64{0.3, 1.2, 0.9, 1.1}, [4]float64{1, 1, 1, 1}},
	{reference.FluidUniverse(0.2), [4]float64{0.9, 0, 0, 0}, [4]float64{1, 0, 0, 0}},
	{reference.FluidUniverse(0), [4]float64{0.9, 0, 0, 0}, [4]float64{1, 0, 0, 0}},
	{reference.GravitationalWave(2, 1.6, 1.2), [4]float64{0.3, 0.2, 0.5, -0.4}, [4]float64{1, 1, 1, 1}},
	{reference.Nariai(1.2), [4]float64{0.4, 0, 1.1, 0}, [4]float64{1, 0, 1, 0}},
	{reference.KantowskiSachs(0.9), [4]float64{0.9, 0, 1.1, 0}, [4]float64{1, 0, 1, 0}},
}

// residual returns the largest component of G_μν + Λg_μν − 8πT_μν at a place.
func residual(t testing.TB, s reference.ExactMetric, order curvature.Order, place, spacing [4]float64) float64 {
	g := sample(t, order, s.Metric, axes(order, place[:], spacing[:])...)
	source := make([]float64, 10)
	worst := 0.0
	g.Each(func(p *curvature.Point) { // one site
		if s.Source != nil {
			s.Source(source, place[:])
		}
		for i, e := range p.Einstein {
			worst = math.Max(worst, math.Abs(e+s.Lambda*p.Metric[i]-source[i]))
		}
	})
	return worst
}

// The equations hold on their exact solutions, up to an error that falls at the
// order of the differences: h = 0.1, 0.05, 0.025, slopes within 0.15 of it.
func TestEinsteinEquations(t *testing.T) {
	for _, e := range exact {
		for _, order := range []curvature.Order{curvature.Order2, curvature.Order4, curvature.Order6} {
			var errors [3]float64
			for i, h := range []float64{0.1, 0.05, 0.025} {
				spacing := e.depends
				for j := range spacing {
					spacing[j] *= h
				}
				errors[i] = residual(t, e.ExactMetric, order, e.place, spacing)
			}
			t.Logf("%-40s %v: %.2g %.2g %.2g, slopes %.2f %.2f", e.Name, order, errors[0], errors[1], errors[2],
				math.Log2(errors[0]/errors[1]), math.Log2(errors[1]/errors[2]))
			if slope := math.Log2(errors[1] / errors[2]); math.Abs(slope-float64(order)) > 0.15 {
				t.Errorf("%s, %v: slope %.3f of errors %.3g", e.Name, order, slope, errors)
			}
		}
	}
}

// A wrong Λ, a wrong source and a wrong power of the metric leave a residual that
// does not fall: the test above can fail.
func TestEinsteinEquationsControls(t *testing.T) {
	spacing := func(depends [4]float64, h float64) [4]float64 {
		for j := range depends {
			depends[j] *= h
		}
		return depends
	}
	for _, e := range exact[:4] {
		wrong := e.ExactMetric
		wrong.Lambda += 0.01
		if r := residual(t, wrong, curvature.Order6, e.place, spacing(e.depends, 0.025)); r < 0.005 {
			t.Errorf("%s with a wrong Λ: residual %.3g", e.Name, r)
		}
	}
	dust := reference.FluidUniverse(0)
	dust.Source = reference.FluidUniverse(0.01).Source
	if r := residual(t, dust, curvature.Order6, [4]float64{1.5}, [4]float64{0.025}); r < 0.005 {
		t.Errorf("dust with the source of a fluid of w = 0.01: residual %.3g", r)
	}
}

// Scalars of closed form hold the whole Riemann tensor, not only its traces.
func TestKretschmann(t *testing.T) {
	const m, lambda = 0.5, 0.3
	place := []float64{0, 1.2, 0.9, 1.1}
	r := math.Sqrt(1.2*1.2 + 0.9*0.9 + 1.1*1.1)
	for _, c := range []struct {
		name            string
		s               reference.ExactMetric
		place           []float64
		spacing         []float64
		scalar, squared float64
	}{
		{"Schwarzschild-de Sitter", reference.SchwarzschildDeSitter(m, lambda), place, []float64{0, 0.02, 0.02, 0.02}, 4 * lambda, 48*m*m/math.Pow(r, 6) + 8*lambda*lambda/3},
		{"de Sitter", reference.DeSitter(0.8), []float64{0.2, 0, 0, 0}, []float64{0.02, 0, 0, 0}, 12 * 0.64, 24 * 0.4096},
		{"Nariai", reference.Nariai(1.2), []float64{0.4, 0, 1.1, 0}, []float64{0.02, 0, 0.02, 0}, 4.8, 8 * 1.44},
		{"wave", reference.GravitationalWave(0.4, 1.1, 0.9), []float64{0.3, 0.2, 0.5, -0.4}, []float64{0.02, 0.02, 0.02, 0.02}, 0, 0},
	} {
		sample(t, curvature.Order6, c.s.Metric, axes(curvature.Order6, c.place, c.spacing)...).Each(func(p *curvature.Point) {
			if math.Abs(p.Scalar-c.scalar) > 1e-8 || math.Abs(p.Kretschmann()-c.squared) > 1e-8 {
				t.Errorf("%s: R = %.12g, want %.12g; R_αβγδR^αβγδ = %.12g, want %.12g", c.name, p.Scalar, c.scalar, p.Kretschmann(), c.squared)
			}
		})
	}
}

// waves returns a random smooth metric about Minkowski space, of period 2π in all
// coordinates.
func waves(t *rapid.T, dim int, size float64) func(dst, x []float64) {
	type wave struct {
		k                []float64
		amplitude, phase float64
	}
	var all []wave
	for c := range dim * (dim + 1) / 2 {
		w := wave{}
		for j := range dim {
			w.k = append(w.k, float64(rapid.IntRange(-1, 1).Draw(t, fmt.Sprintf("k %d %d", c, j))))
		}
		w.amplitude = rapid.Float64Range(-size, size).Draw(t, fmt.Sprintf("amplitude %d", c))
		w.phase = rapid.Float64Range(0, 2*math.Pi).Draw(t, fmt.Sprintf("phase %d", c))
		all = append(all, w)
	}
	return func(dst, x []float64) {
		clear(dst)
		for mu := range dim {
			dst[curvature.Index(mu, mu)] = 1
		}
		dst[0] = -1
		for c, w := range all {
			angle := w.phase
			for j, k := range w.k {
				angle += k * x[j]
			}
			dst[c] += w.amplitude * math.Sin(angle)
		}
	}
}

// The Riemann tensor has the symmetries of a curvature, of which the cyclic one is
// not built into its storage; the traces are those of the full sum.
func TestAlgebraicIdentities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(2, 4).Draw(t, "dim")
		order := rapid.SampledFrom([]curvature.Order{curvature.Order2, curvature.Order4, curvature.Order6}).Draw(t, "order")
		place, spacing := make([]float64, dim), make([]float64, dim)
		for j := range spacing {
			place[j], spacing[j] = 0.3*float64(j), 0.1
		}
		geo := sample(t, order, waves(t, dim, 0.1), axes(order, place, spacing)...)
		geo.Each(func(p *curvature.Point) {
			near := func(what string, got, want float64) {
				if !(math.Abs(got-want) <= 1e-12) {
					t.Fatalf("%s: %v, want %v", what, got, want)
				}
			}
			for a := range dim {
				for b := range dim {
					ricci := 0.0
					for c := range dim {
						for d := range dim {
							r := p.Riemann(a, b, c, d)
							near("antisymmetry", r, -p.Riemann(b, a, c, d))
							near("exchange", r, p.Riemann(c, d, a, b))
							near("cyclic", r+p.Riemann(a, c, d, b)+p.Riemann(a, d, b, c), 0)
							ricci += p.Inverse.At(c, d) * p.Riemann(c, a, d, b)
						}
					}
					near("Ricci", p.Ricci.At(a, b), ricci)
					one := 0.0
					for c := range dim {
						one += p.Metric.At(a, c) * p.Inverse.At(c, b)
						near("connection", p.Lower[a].At(b, c)+p.Lower[b].At(a, c), p.First[c].At(a, b))
					}
					if a == b {
						one--
					}
					near("inverse", one, 0)
					if dim == 2 {
						near("Einstein tensor of two dimensions", p.Einstein.At(a, b), 0)
					}
				}
			}
		})
	})
}

// wiggle is a fixed metric of three coordinates with all components.
func wiggle(dst, x []float64) {
	s := func(a, b, c, d float64) float64 { return 0.1 * math.Sin(a*x[0]+b*x[1]+c*x[2]+d) }
	copy(dst, []float64{-1 + s(1, 1, 0, 0.3), s(1, 0, 1, 0.1), 1 + s(1, -1, 1, 0), s(0, 1, 1, 2), s(1, 1, 1, 1), 1 + s(1, 0, -1, 0.7)})
}

// bianchi returns the largest violations of ∇_[ε R_αβ]γδ = 0 and ∇_μ G^μ_ν = 0 on
// a lattice: the derivatives of the curvature are taken by the same stencils.
func bianchi(t *testing.T, order curvature.Order, axes ...curvature.Axis) (differential, contracted float64) {
	g := sample(t, order, wiggle, axes...)
	const dim = 3
	n := g.Grid().Sites()
	fields := map[[4]int][]float64{}
	indices := func(do func(a, b, c, d int)) {
		for a := range dim {
			for b := range dim {
				for c := range dim {
					for d := range dim {
						do(a, b, c, d)
					}
				}
			}
		}
	}
	indices(func(a, b, c, d int) {
		f := make([]float64, n)
		for i := range f {
			f[i] = math.NaN()
		}
		fields[[4]int{a, b, c, d}] = f
	})
	points := make([]curvature.Point, n)
	g.Each(func(p *curvature.Point) {
		points[p.Site] = *p
		indices(func(a, b, c, d int) { fields[[4]int{a, b, c, d}][p.Site] = p.Riemann(a, b, c, d) })
	})
	// gradient[e] holds ∂_e R_abcd.
	gradient := map[[5]int][]float64{}
	for e := range dim {
		indices(func(a, b, c, d int) {
			f := make([]float64, n)
			g.Derivative(f, fields[[4]int{a, b, c, d}], e)
			gradient[[5]int{e, a, b, c, d}] = f
		})
	}
	for s := range n {
		if math.IsNaN(gradient[[5]int{0, 0, 1, 0, 1}][s] + gradient[[5]int{1, 0, 1, 0, 1}][s] + gradient[[5]int{2, 0, 1, 0, 1}][s]) {
			continue
		}
		p := &points[s]
		nabla := func(e, a, b, c, d int) float64 {
			v := gradient[[5]int{e, a, b, c, d}][s]
			for f := range dim {
				v -= p.Christoffel[f].At(e, a)*p.Riemann(f, b, c, d) + p.Christoffel[f].At(e, b)*p.Riemann(a, f, c, d) +
					p.Christoffel[f].At(e, c)*p.Riemann(a, b, f, d) + p.Christoffel[f].At(e, d)*p.Riemann(a, b, c, f)
			}
			return v
		}
		indices(func(a, b, c, d int) {
			for e := range dim {
				differential = math.Max(differential, math.Abs(nabla(e, a, b, c, d)+nabla(a, b, e, c, d)+nabla(b, e, a, c, d)))
			}
		})
		// ∇^μ G_μν by the traces of ∇R: g^{ab}g^{cd}(∇_a R_cbdν − ½∇_ν …).
		for v := range dim {
			sum := 0.0
			indices(func(a, b, c, d int) {
				w := p.Inverse.At(a, b) * p.Inverse.At(c, d)
				sum += w * (nabla(a, c, b, d, v) - 0.5*nabla(v, c, a, d, b))
			})
			contracted = math.Max(contracted, math.Abs(sum))
		}
	}
	return differential, contracted
}

// The differential Bianchi identities hold up to an error that falls at the order.
func TestBianchi(t *testing.T) {
	for _, order := range []curvature.Order{curvature.Order2, curvature.Order4, curvature.Order6} {
		var d, c [2]float64
		for i, h := range []float64{0.2, 0.1} {
			all := make([]curvature.Axis, 3)
			for j := range all {
				all[j] = curvature.Around(0.3, 2*int(order)+1, h)
			}
			d[i], c[i] = bianchi(t, order, all...)
		}
		t.Logf("%v: ∇R %.2g %.2g slope %.2f, ∇G %.2g %.2g slope %.2f", order, d[0], d[1], math.Log2(d[0]/d[1]), c[0], c[1], math.Log2(c[0]/c[1]))
		for _, e := range [][2]float64{d, c} {
			if slope := math.Log2(e[0] / e[1]); e[1] == 0 || math.Abs(slope-float64(order)) > 0.3 {
				t.Errorf("%v: errors %.3g, slope %.2f", order, e, slope)
			}
		}
	}
	ring := curvature.Circle(16, 2*math.Pi)
	d, c := bianchi(t, curvature.Spectral, ring, ring, ring)
	t.Logf("spectral, 16³: ∇R %.2g, ∇G %.2g", d, c)
	if d > 1e-6 || c > 1e-6 {
		t.Errorf("spectral: ∇R %.3g, ∇G %.3g", d, c)
	}
}

// Every derivative differentiates the waves it must.
func TestDerivatives(t *testing.T) {
	for _, n := range []int{7, 8, 15, 16} {
		ring := curvature.Circle(n, 3)
		g := sample(t, curvature.Spectral, func(dst, x []float64) {
			k := 2 * math.Pi / 3 * 2
			copy(dst, []float64{-2 + math.Sin(k*x[0]), 0, 2 + 0.5*math.Cos(k*x[0]+k*x[1])})
		}, ring, ring)
		g.Each(func(p *curvature.Point) {
			x := make([]float64, 2)
			k := 2 * math.Pi / 3 * 2
			g.Grid().Coordinates(x, p.Site)
			for _, c := range [][2]float64{
				{p.First[0].At(0, 0), k * math.Cos(k*x[0])},
				{p.Second[curvature.Index(0, 0)].At(0, 0), -k * k * math.Sin(k*x[0])},
				{p.First[1].At(1, 1), -0.5 * k * math.Sin(k*x[0]+k*x[1])},
				{p.Second[curvature.Index(0, 1)].At(1, 1), -0.5 * k * k * math.Cos(k*x[0]+k*x[1])},
				{p.Second[curvature.Index(1, 1)].At(1, 1), -0.5 * k * k * math.Cos(k*x[0]+k*x[1])},
			} {
				if math.Abs(c[0]-c[1]) > 1e-11 {
					t.Errorf("%d sites: %v, want %v", n, c[0], c[1])
				}
			}
		})
	}
}

// Metrics and lattices that cannot be used are refused by one sentence that names
// the place.
func TestBadInput(t *testing.T) {
	axis := curvature.Around(0, 5, 0.5)
	grid, err := curvature.NewGrid(axis, axis)
	if err != nil {
		t.Fatal(err)
	}
	flat := func(dst, x []float64) { copy(dst, []float64{-1, 0, 1}) }
	with := func(c, site int, v float64) []float64 {
		m := grid.Sample(flat)
		m[c*25+site] = v
		return m
	}
	for _, c := range []struct {
		metric []float64
		order  curvature.Order
		want   string
	}{
		{with(0, 7, 1), 2, "site 7, x = (-0.5, 0), the metric has 0 negative eigenvalues"},
		{with(2, 24, -1), 2, "site 24, x = (1, 1), the metric has 2 negative eigenvalues"},
		{with(0, 3, 0), 2, "site 3, x = (-1, 0.5), the metric is degenerate"},
		{with(1, 3, math.NaN()), 2, "g_01 is NaN"},
		{grid.Sample(flat)[:20], 2, "20 numbers for the metric; 3 components at 25 sites are 75"},
		{grid.Sample(flat), 3, "order 3; use Order2"},
		{grid.Sample(flat), curvature.Order6, "axis 0: 5 sites; differences of order 6 need at least 7"},
		{grid.Sample(flat), curvature.Spectral, "spectral derivatives need a periodic axis"},
	} {
		if _, err := curvature.New(grid, c.metric, c.order); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	for want, bad := range map[string][]curvature.Axis{
		"1 axes; a space-time has 2, 3 or 4": {axis},
		"axis 1 has 0 sites":                 {axis, {Spacing: 1}},
		"the spacing 0":                      {axis, {Sites: 3}},
		"begins at NaN":                      {{Sites: 3, Spacing: 1, From: math.NaN()}, axis},
		"more than 2147483648 sites":         {{Sites: 1 << 20, Spacing: 1}, {Sites: 1 << 20, Spacing: 1}},
	} {
		if _, err := curvature.NewGrid(bad...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := curvature.New(curvature.Grid{}, nil, 2); err == nil {
		t.Error("an empty grid is taken")
	}
}

// A signature is found whatever the coordinates: a time-like x axis, null
// coordinates, a metric that is not diagonal.
func TestSignature(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(2, 4).Draw(t, "dim")
		negative := rapid.IntRange(0, dim).Draw(t, "negative")
		var m [4][4]float64 // g = Mᵀ diag M
		for i := range dim {
			for j := range dim {
				m[i][j] = rapid.Float64Range(-0.3, 0.3).Draw(t, fmt.Sprintf("m %d %d", i, j))
			}
			m[i][(i+1)%dim]++
		}
		grid, err := curvature.NewGrid([]curvature.Axis{curvature.Symmetry(0), curvature.Symmetry(0), curvature.Symmetry(0), curvature.Symmetry(0)}[:dim]...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = curvature.New(grid, grid.Sample(func(dst, x []float64) {
			for i := range dim {
				for j := range i + 1 {
					sum := 0.0
					for k := range dim {
						if k < negative {
							sum -= m[k][i] * m[k][j]
						} else {
							sum += m[k][i] * m[k][j]
						}
					}
					dst[curvature.Index(i, j)] = sum
				}
			}
		}), curvature.Order2)
		switch {
		case negative == 1 && err != nil:
			t.Fatal(err)
		case negative != 1 && (err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d negative", negative))):
			t.Fatalf("%d negative eigenvalues: %v", negative, err)
		}
	})
}

func TestNoAllocations(t *testing.T) {
	g := sample(t, curvature.Order4, reference.McVittie(0.4, 0.5).Metric, axes(curvature.Order4, exact[2].place[:], []float64{0.1, 0.1, 0.1, 0.1})...)
	var p curvature.Point
	if n := testing.AllocsPerRun(20, func() { g.At(&p, g.Grid().Sites()/2) }); n != 0 {
		t.Errorf("%v allocations a site", n)
	}
}

func BenchmarkAt(b *testing.B) {
	g := sample(b, curvature.Order4, reference.McVittie(0.4, 0.5).Metric, axes(curvature.Order4, exact[2].place[:], []float64{0.1, 0.1, 0.1, 0.1})...)
	var p curvature.Point
	for b.Loop() {
		g.At(&p, g.Grid().Sites()/2)
	}
}
