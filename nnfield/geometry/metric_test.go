package geometry_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// torus returns a periodic lattice of dim axes.
func torus(t testing.TB, dim, sites int, length float64) lattice.Lattice {
	t.Helper()
	axes := make([]lattice.Axis, dim)
	for j := range axes {
		axes[j] = lattice.Ring(sites, length)
	}
	l, err := lattice.New(axes...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// read makes the network of a metric and reads it back.
func read(t testing.TB, g geometry.SpaceTime, mass float64, order int) geometry.Reading {
	t.Helper()
	s, err := geometry.Network(g, mass, order, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	r, err := geometry.Metric(s.Network(), g.Lattice)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// back returns the metric and the mass of a reading; on a line the mass must be
// known.
func back(t testing.TB, r geometry.Reading, mass float64) (geometry.SpaceTime, float64, float64) {
	t.Helper()
	if r.Lattice.Dim() == 1 {
		g, err := r.OfMass(mass)
		if err != nil {
			t.Fatal(err)
		}
		return g, mass, 0
	}
	g, m, spread, err := r.SpaceTime()
	if err != nil {
		t.Fatal(err)
	}
	return g, m, spread
}

// distance returns the largest difference of N and of h_ij.
func distance(a, b geometry.SpaceTime) float64 {
	worst := 0.0
	compare := func(u, v []float64) {
		for s := range a.Lapse {
			x, y := 0.0, 0.0
			if u != nil {
				x = u[s]
			}
			if v != nil {
				y = v[s]
			}
			worst = max(worst, math.Abs(x-y))
		}
	}
	compare(a.Lapse, b.Lapse)
	for c := range a.Space {
		compare(a.Space[c], b.Space[c])
	}
	return worst
}

// Written before the first run: a metric that is the same everywhere comes back to
// 1e-12, with its mass, and the reading is sure of it.
func TestConstantMetricsComeBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dim := rapid.IntRange(1, 3).Draw(rt, "dim")
		number := rapid.Float64Range(-0.6, 0.6)
		g := geometry.Flat(torus(t, dim, 9, rapid.Float64Range(3, 10).Draw(rt, "length")))
		lapse := 1 + number.Draw(rt, "N")
		var h [3][3]float64
		for i := range dim {
			for j := i; j < dim; j++ {
				h[i][j] = number.Draw(rt, "h") / 2
				if i == j {
					h[i][j] += 1.5
				}
				c := geometry.Component(dim, i, j)
				if g.Space[c] == nil {
					g.Space[c] = make([]float64, len(g.Lapse))
				}
				for s := range g.Lapse {
					g.Lapse[s], g.Space[c][s] = lapse, h[i][j]
				}
			}
		}
		mass := 0.5 + math.Abs(number.Draw(rt, "mass"))
		r := read(t, g, mass, rapid.SampledFrom([]int{2, 4}).Draw(rt, "order"))
		again, m, spread := back(t, r, mass)
		if d := distance(g, again); d > 1e-12 || math.Abs(m-mass) > 1e-12 || spread > 1e-6 {
			rt.Fatalf("off by %.2g, mass %v ± %v for %v", d, m, spread, mass)
		}
	})
}

// bumpy returns a smooth metric on a torus of side 2π.
func bumpy(l lattice.Lattice, general bool) geometry.SpaceTime {
	g := geometry.Flat(l)
	d := l.Dim()
	x := make([][]float64, d)
	for j := range d {
		x[j] = l.Coordinates(j)
	}
	for s := range g.Lapse {
		for i := range d {
			g.Lapse[s] += 0.1 * math.Sin(x[i][s]+float64(i))
			g.Space[geometry.Component(d, i, i)][s] = 1 + 0.2*math.Cos(x[i][s]-x[(i+1)%d][s]+1)
			for j := i + 1; j < d && general; j++ {
				c := geometry.Component(d, i, j)
				if g.Space[c] == nil {
					g.Space[c] = make([]float64, len(g.Lapse))
				}
				g.Space[c][s] = 0.1 * math.Sin(x[i][s])
			}
		}
	}
	return g
}

// Written before the first run: the error of a smooth metric, diagonal or general,
// falls at the order of the differences, ± 0.25 on lattices this coarse; the error is
// within three times the uncertainty that the reading states for itself.
func TestSmoothMetricsComeBackAtTheOrder(t *testing.T) {
	for dim, sites := range map[int]int{1: 64, 2: 32, 3: 16} {
		for _, order := range []int{2, 4} {
			for _, general := range []bool{false, true} {
				if dim == 1 && general || dim == 3 && !general {
					continue
				}
				var errors []float64
				for _, n := range []int{sites, 2 * sites} {
					l := torus(t, dim, n, 2*math.Pi)
					g := bumpy(l, general)
					r := read(t, g, 0.7, order)
					again, m, spread := back(t, r, 0.7)
					errors = append(errors, distance(g, again))
					if math.Abs(m-0.7) > 2*spread+1e-12 {
						t.Errorf("%d-D, order %d: mass %v ± %v for 0.7", dim, order, m, spread)
					}
					worst, sure := speedError(g, r)
					if worst > 3*sure {
						t.Errorf("%d-D, order %d, %d sites: c^ij is off by %.2g, stated as %.2g", dim, order, n, worst, sure)
					}
				}
				observed := math.Log2(errors[0] / errors[1])
				t.Logf("%d-D, general %v, order %d: %.2g, %.2g: order %.3f", dim, general, order, errors[0], errors[1], observed)
				if math.Abs(observed-float64(order)) > 0.25 {
					t.Errorf("%d-D, general %v: order %.2f, want %d", dim, general, observed, order)
				}
			}
		}
	}
}

// speedError returns the largest error of c^xx and the largest uncertainty of it.
func speedError(g geometry.SpaceTime, r geometry.Reading) (worst, sure float64) {
	d := g.Lattice.Dim()
	for s := range g.Lapse {
		// h^xx by Cramer's rule, written a second time.
		h := [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
		for i := range d {
			for j := range d {
				if v := g.Space[geometry.Component(d, i, j)]; v != nil {
					h[i][j] = v[s]
				}
			}
		}
		minor := h[1][1]*h[2][2] - h[1][2]*h[2][1]
		det := h[0][0]*minor - h[0][1]*(h[1][0]*h[2][2]-h[1][2]*h[2][0]) + h[0][2]*(h[1][0]*h[2][1]-h[1][1]*h[2][0])
		want := g.Lapse[s] * g.Lapse[s] * minor / det
		worst = max(worst, math.Abs(r.Speed[0][s]-want))
		sure = max(sure, r.SpeedUncertainty[0][s])
	}
	return worst, sure
}

// A network whose weights are noisy says how noisy.
func TestUncertaintyOfANoisyNetworkIsItsNoise(t *testing.T) {
	const n, noise = 4096, 0.02
	l := torus(t, 1, n, n)
	var entries []weights.Triplet
	numbers := random.New(1, "noisy weights")
	for s := range n {
		w := 1 + noise*numbers.Normal(s)
		for _, e := range []struct {
			from, to int
			w        float64
		}{{s, s, w}, {(s + 1) % n, (s + 1) % n, w}, {s, (s + 1) % n, -w}, {(s + 1) % n, s, -w}} {
			entries = append(entries, weights.Triplet{Row: e.from, Column: e.to, Weight: e.w})
		}
	}
	k, err := weights.NewCSR(n, entries)
	if err != nil {
		t.Fatal(err)
	}
	r, err := geometry.Metric(network.Network{Weights: weights.Identity(n), Loss: network.Dual{K: k}, Rate: 1e-4, Clock: 1e-2}, l)
	if err != nil {
		t.Fatal(err)
	}
	mean, square := 0.0, 0.0
	for s, c := range r.Speed[0] {
		mean += c / n
		square += r.SpeedUncertainty[0][s] * r.SpeedUncertainty[0][s] / n
	}
	// c(s) is the mean of two bonds u, v; less that of its neighbours ¼(t + u + v + w):
	// its variance is that of ¼(u + v − t − w), noise²/4.
	if math.Abs(mean-1) > 4*noise/math.Sqrt(n) || math.Abs(math.Sqrt(square)/(noise/2)-1) > 0.05 {
		t.Errorf("c = %v ± %v, the noise is %v", mean, math.Sqrt(square), noise/2)
	}
}

// Every Klein-Gordon network of the house is flat, whatever its Laplacian: far
// reaching weights are read by their longest wave.
func TestFlatNetworksAreFlat(t *testing.T) {
	for name, m := range map[string]nnfield.KleinGordonModel{
		"order 2":  nnfield.KleinGordon().Torus(12, 5).Mass(1.5),
		"order 4":  nnfield.KleinGordon().Torus(12, 5).Mass(1.5).Laplacian(nnfield.Order4),
		"spectral": nnfield.KleinGordon().Torus(12, 5).Mass(1.5).Laplacian(nnfield.Spectral),
	} {
		built := m.MustBuild()
		s, err := built.Network(0.01)
		if err != nil {
			t.Fatal(err)
		}
		r, err := geometry.Metric(s.Network(), built.Lattice())
		if err != nil {
			t.Fatal(err)
		}
		if r.Waves != (name == "spectral") {
			t.Errorf("%s: read by waves: %v", name, r.Waves)
		}
		g, mass, spread, err := r.SpaceTime()
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(g, geometry.Flat(built.Lattice())); d > 1e-11 || math.Abs(mass-1.5) > 1e-11 || spread > 1e-5 {
			t.Errorf("%s: off Minkowski by %.2g, mass %v ± %v", name, d, mass, spread)
		}
	}
}

// Beside walls nothing is read; away from them all is.
func TestWallsAreNotRead(t *testing.T) {
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	m := geometry.KleinGordon().Line(16, 17, wall, wall).Order(4).Lapse("2").MustBuild()
	s, err := m.Network(0.1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := geometry.Metric(s.Network(), m.Lattice())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range r.Speed[0] {
		if inside := i >= 3 && i < 13; inside != (math.Abs(c-4) < 1e-11) || inside == math.IsNaN(c) {
			t.Errorf("c = %v at site %d", c, i)
		}
	}
	if _, err := r.OfMass(1); err == nil || !strings.Contains(err.Error(), "reach a wall") {
		t.Errorf("error %v", err)
	}
}

// [F] §2 measured: the raw pair (φ, β) of a curved field has no dual loss, the
// rescaled one has; in a universe that is the same everywhere both have; with a
// shift neither has. The scaled pair has the frequencies of the raw one.
func TestDualLossNeedsTheRescaledPair(t *testing.T) {
	for name, c := range map[string]struct {
		b             geometry.Builder
		raw, rescaled bool
	}{
		"flat":     {geometry.KleinGordon().Torus(8, 4), true, true},
		"constant": {geometry.KleinGordon().Torus(8, 4).Lapse("2").Space(0, 1, "0.5"), true, true},
		"curved":   {geometry.KleinGordon().Torus(8, 4).Lapse("1+0.3*sin(pi*x/2)"), false, true},
		"general":  {geometry.KleinGordon().Torus(8, 4).Order(4).Lapse("1+0.3*sin(pi*x/2)").Space(0, 1, "0.3*cos(pi*y/2)"), false, true},
		"shift":    {geometry.KleinGordon().Torus(8, 4).Shift(0, "0.3*sin(pi*y/2)"), false, false},
		"expands":  {geometry.KleinGordon().Torus(8, 4).ScaleFactor(geometry.CosmicTime, "2+t"), true, true},
	} {
		m := c.b.MustBuild()
		h, ok := geometry.Hamiltonian(m)
		if !ok {
			t.Fatal(name)
		}
		rescaled, err := geometry.Rescaled(h)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, v := range []struct {
			what string
			h    duality.Hamiltonian
			want bool
		}{{"raw", h, c.raw}, {"rescaled", rescaled, c.rescaled}} {
			verdict, err := duality.Existence(v.h)
			if err != nil {
				t.Fatal(name, err)
			}
			if verdict.Exists != v.want {
				t.Errorf("%s, %s: %v", name, v.what, verdict)
			}
		}
		if _, err := m.Network(0.1); err != nil { // without a dual loss the weights are a flow
			t.Errorf("%s: network: %v", name, err)
		}
	}
}

// The first moments: of W the term M∂_i(N√h h^ij) before ∂_jφ, here N∂N, to the order
// of the differences; of A the shift, to round-off.
func TestConnectionAndShift(t *testing.T) {
	for _, order := range []int{2, 4} {
		m := geometry.KleinGordon().Ring(96, 2*math.Pi).Order(order).Lapse("1+0.3*sin(x)").Shift(0, "0.2*cos(x)").MustBuild()
		h, _ := geometry.Hamiltonian(m)
		r, err := geometry.MetricOf(h, m.Lattice())
		if err != nil {
			t.Fatal(err)
		}
		bound := map[int]float64{2: 3e-4, 4: 1e-6}[order]
		for s, x := range m.Lattice().Coordinates(0) {
			lapse, slope := 1+0.3*math.Sin(x), 0.3*math.Cos(x)
			if d := math.Abs(r.Connection[0][s] - lapse*slope); d > bound {
				t.Errorf("order %d: the connection at %v is off by %.2g", order, x, d)
			}
			if d := math.Abs(r.Shift[0][s] - 0.2*math.Cos(x)); d > 1e-14 {
				t.Errorf("order %d: the shift at %v is off by %.2g", order, x, d)
			}
		}
		g, err := r.OfMass(1)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(g, func() geometry.SpaceTime { g, _, _ := geometry.Of(m); return g }()); d > 2*bound { // of N and of h, which has the square of N
			t.Errorf("order %d: the metric is off by %.2g", order, d)
		}
		if again := geometry.KleinGordon().SpaceTime(g).Err(); again != nil {
			t.Error(again)
		}
	}
}

func TestReadingRefuses(t *testing.T) {
	l := torus(t, 1, 8, 8)
	flat := geometry.Flat(l)
	for want, f := range map[string]func() error{
		"do not agree": func() error {
			_, err := geometry.MetricOf(duality.Hamiltonian{K: weights.Identity(4)}, l)
			return err
		},
		"no light cone": func() error {
			r, err := geometry.MetricOf(duality.Hamiltonian{K: weights.Identity(8)}, l)
			if err != nil {
				return err
			}
			_, err = r.OfMass(1)
			return err
		},
		"one dimension": func() error { _, _, _, err := read(t, flat, 1, 2).SpaceTime(); return err },
		"OfMass(0)":     func() error { _, err := read(t, flat, 1, 2).OfMass(0); return err },
		"sum up to 0":   func() error { _, err := read(t, flat, 0, 2).OfMass(1); return err },
		"the step is 0": func() error { _, err := geometry.Network(flat, 1, 2, 0); return err },
		"Order(3)":      func() error { _, err := geometry.Network(flat, 1, 3, 0.1); return err },
		"no Potential":  func() error { _, err := geometry.Rescaled(duality.Hamiltonian{}); return err },
		"geometry.Metric: duality.FromNetwork": func() error {
			_, err := geometry.Metric(network.Network{Weights: weights.Identity(8)}, l)
			return err
		},
		"every neuron feels the walls": func() error {
			wall := lattice.Boundary{Kind: lattice.Neumann}
			m := nnfield.KleinGordon().Line(8, 8, nnfield.Neumann, nnfield.Neumann).Laplacian(nnfield.Spectral).MustBuild()
			s, err := m.Network(0.1)
			if err != nil {
				return err
			}
			line, err := lattice.New(lattice.Line(8, 8, wall, wall))
			if err != nil {
				return err
			}
			_, err = geometry.Metric(s.Network(), line)
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func ExampleMetric() {
	// A network with gains and bonds that nobody has told is a space-time.
	m := geometry.KleinGordon().Torus(64, 10).Mass(0.5).Lapse("1 + 0.2*cos(2*pi*x/10)").MustBuild()
	net, err := m.Network(0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := geometry.Metric(net.Network(), m.Lattice())
	if err != nil {
		fmt.Println(err)
		return
	}
	g, mass, spread, err := r.SpaceTime()
	fmt.Printf("N = %.3f at x = 0, %.3f at x = 5, m = %.3f ± %.3f, error %v\n", g.Lapse[0], g.Lapse[32*64], mass, spread, err)
	// Output:
	// N = 1.200 at x = 0, 0.800 at x = 5, m = 0.500 ± 0.000, error <nil>
}
