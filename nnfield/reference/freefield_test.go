package reference_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

func newFreeField(t testing.TB, l lattice.Lattice, mass float64, order reference.Order, phi, beta []float64) *reference.FreeField {
	t.Helper()
	f, err := reference.NewFreeField(l, mass, order, phi, beta)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Two exact solutions with nothing in common: modes against a dense exponential.
func TestFreeFieldIsTheExponential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t, 3)
		mass := rapid.SampledFrom([]float64{0, 0.7, 2}).Draw(t, "mass")
		order := rapid.SampledFrom([]reference.Order{2, 4}).Draw(t, "order")
		time := rapid.Float64Range(-3, 3).Draw(t, "time")
		seed := rapid.Uint64().Draw(t, "seed")
		phi0, beta0 := noise(l.Sites(), seed), noise(l.Sites(), seed+1)
		k, err := reference.Stiffness(l, mass, order)
		if err != nil {
			t.Fatal(err)
		}
		phi, beta, err := reference.Exponential(k, phi0, beta0, time)
		if err != nil {
			t.Fatal(err)
		}
		f, err := reference.NewFreeField(l, mass, order, phi0, beta0)
		if err != nil {
			t.Fatal(err)
		}
		gotPhi, gotBeta := f.At(time)
		if d := max(distance(gotPhi, phi), distance(gotBeta, beta)); d > 1e-12 {
			t.Fatalf("they differ by %g on\n%v", d, l)
		}
	})
}

// A field between walls is a field on a larger ring, continued by Axis.Fold. The
// ring has 2(n+1), 2n or 4n+2 sites, the last one for a wall of each kind.
func TestWallsAreImagesOnARing(t *testing.T) {
	const n, mass, time = 21, 0.6, 17.
	for _, name := range endNames[1:] {
		pair := ends[name]
		line := lattice.Line(n, 13, pair[0], pair[1])
		round := int(math.Round(2 * line.Length / line.Spacing()))
		if pair[0] != pair[1] {
			round *= 2
		}
		small := newLattice(t, line)
		big := newLattice(t, lattice.Ring(round, float64(round)*line.Spacing()))
		unfold := func(field []float64) []float64 {
			image := make([]float64, round)
			for i := range image {
				site, sign := line.Fold(i)
				image[i] = sign * field[site]
			}
			return image
		}
		phi0, beta0 := noise(n, 1), noise(n, 2)
		for _, order := range orders {
			t.Run(fmt.Sprint(name, order), func(t *testing.T) {
				phi, beta := newFreeField(t, small, mass, order, phi0, beta0).At(time)
				wantPhi, wantBeta := newFreeField(t, big, mass, order, unfold(phi0), unfold(beta0)).At(time)
				if d := max(distance(phi, wantPhi[:n]), distance(beta, wantBeta[:n])); d > 1e-12 {
					t.Errorf("the field differs from its images by %g", d)
				}
			})
		}
	}
}

// One wave on a ring or torus moves as PlaneWave says, whatever the size.
func TestFreeFieldCarriesPlaneWaves(t *testing.T) {
	const mass, time = 0.8, 31.
	for _, axes := range [][]lattice.Axis{
		{lattice.Ring(64, 10)}, {lattice.Ring(127, 10)},
		{lattice.Ring(15, 4), lattice.Ring(8, 3)},
		{lattice.Ring(5, 4), lattice.Ring(4, 3), lattice.Ring(6, 2)},
	} {
		l := newLattice(t, axes...)
		for _, order := range orders {
			// The wave numbers 2, −1, 1 turns along x, y, z.
			k := make([]float64, l.Dim())
			for j := range k {
				k[j] = []float64{2, -1, 1}[j] * 2 * math.Pi / axes[j].Length
			}
			omega := reference.Frequency(l, mass, order, k...)
			wave := func(t float64) (phi, beta []float64) {
				at := make([]float64, l.Sites())
				for j := range k {
					floats.AddScaled(at, k[j], l.Coordinates(j))
				}
				// k·x plays the part of x, with wave number 1.
				w := reference.PlaneWave{Amplitude: 1, WaveNumber: 1, Frequency: omega}
				for _, x := range at {
					phi, beta = append(phi, w.Phi(x, t)), append(beta, w.PhiDot(x, t))
				}
				return phi, beta
			}
			phi0, beta0 := wave(0)
			phi, beta := newFreeField(t, l, mass, order, phi0, beta0).At(time)
			wantPhi, wantBeta := wave(time)
			if d := max(distance(phi, wantPhi), distance(beta, wantBeta)/omega); d > 2e-13*max(1, omega) {
				t.Errorf("order %d: the wave differs by %g on\n%v", order, d, l)
			}
		}
	}
}

func TestFreeFieldCarriesStandingWaves(t *testing.T) {
	const n, mass, time = 40, 0.8, 31.
	for _, c := range []struct {
		ends  string
		turns float64 // kL/π
		phase float64
	}{
		{"dirichlet-dirichlet", 3, -math.Pi / 2}, {"dirichlet-dirichlet", n, -math.Pi / 2},
		{"neumann-neumann", 0, 0}, {"neumann-neumann", n - 1, 0},
		{"dirichlet-neumann", 2.5, -math.Pi / 2}, {"neumann-dirichlet", n - 0.5, 0},
	} {
		pair := ends[c.ends]
		l := newLattice(t, lattice.Line(n, 13, pair[0], pair[1]))
		for _, order := range orders {
			k := c.turns * math.Pi / 13
			w := reference.StandingWave{Amplitude: 1, WaveNumber: k, Phase: c.phase, Frequency: reference.Frequency(l, mass, order, k)}
			phi0, wantPhi, wantBeta := make([]float64, n), make([]float64, n), make([]float64, n)
			for i, x := range l.Coordinates(0) {
				phi0[i], wantPhi[i], wantBeta[i] = w.Phi(x, 0), w.Phi(x, time), w.PhiDot(x, time)
			}
			phi, beta := newFreeField(t, l, mass, order, phi0, make([]float64, n)).At(time)
			if d := max(distance(phi, wantPhi), distance(beta, wantBeta)/w.Frequency); d > 2e-13*max(1, w.Frequency) {
				t.Errorf("%s, kL = %vπ, order %d: the mode differs by %g", c.ends, c.turns, order, d)
			}
		}
	}
}

// Going on from a later state, and back again with β → −β, is the same solution.
func TestFreeFieldIsAFlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t, 11)
		mass, order := rapid.Float64Range(0, 2).Draw(t, "mass"), rapid.SampledFrom(orders).Draw(t, "order")
		t1, t2 := rapid.Float64Range(-9, 9).Draw(t, "t1"), rapid.Float64Range(-9, 9).Draw(t, "t2")
		seed := rapid.Uint64().Draw(t, "seed")
		phi0, beta0 := noise(l.Sites(), seed), noise(l.Sites(), seed+1)
		at := func(phi, beta []float64, time float64) ([]float64, []float64) {
			f, err := reference.NewFreeField(l, mass, order, phi, beta)
			if err != nil {
				t.Fatal(err)
			}
			return f.At(time)
		}
		phi1, beta1 := at(phi0, beta0, t1)
		phi2, beta2 := at(phi1, beta1, t2)
		wantPhi, wantBeta := at(phi0, beta0, t1+t2)
		if d := max(distance(phi2, wantPhi), distance(beta2, wantBeta)); d > 1e-11 {
			t.Fatalf("At(%v) after At(%v) is off by %g", t2, t1, d)
		}
		floats.Scale(-1, beta1)
		back, minus := at(phi1, beta1, t1)
		floats.Scale(-1, minus)
		if d := max(distance(back, phi0), distance(minus, beta0)); d > 1e-11 {
			t.Fatalf("running back from %v misses the start by %g", t1, d)
		}
	})
}

// ½β² + ½φKφ, with K from Stiffness, stays.
func TestFreeFieldConservesEnergy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t, 4)
		mass, order := rapid.Float64Range(0, 2).Draw(t, "mass"), rapid.SampledFrom([]reference.Order{2, 4}).Draw(t, "order")
		k, err := reference.Stiffness(l, mass, order)
		if err != nil {
			t.Fatal(err)
		}
		f, err := reference.NewFreeField(l, mass, order, noise(l.Sites(), 3), noise(l.Sites(), 4))
		if err != nil {
			t.Fatal(err)
		}
		energy := func(time float64) float64 {
			phi, beta := f.At(time)
			p := mat.NewVecDense(len(phi), phi)
			return floats.Dot(beta, beta)/2 + mat.Inner(p, k, p)/2
		}
		start, end := energy(0), energy(rapid.Float64Range(-50, 50).Draw(t, "time"))
		if math.Abs(end-start) > 1e-12*start {
			t.Fatalf("the energy goes from %v to %v", start, end)
		}
	})
}

// A uniform massless field has no force on it: φ grows as βt.
func TestZeroModeDrifts(t *testing.T) {
	l := newLattice(t, lattice.Ring(9, 3), lattice.Line(6, 2, neumann, neumann))
	phi0, beta0 := make([]float64, l.Sites()), make([]float64, l.Sites())
	floats.AddConst(2, phi0)
	floats.AddConst(-0.5, beta0)
	for _, order := range orders {
		phi, beta := newFreeField(t, l, 0, order, phi0, beta0).At(1000)
		for i := range phi {
			near(t, "φ", phi[i], 2-0.5*1000, 1e-10)
			near(t, "β", beta[i], -0.5, 1e-13)
		}
	}
}

// Fast Fourier transforms of large prime sizes are the inaccurate ones.
func TestFreeFieldStartsAtItsInitialValues(t *testing.T) {
	for _, axis := range []lattice.Axis{
		lattice.Ring(4096, 1), lattice.Ring(4093, 1), lattice.Ring(1000, 1),
		lattice.Line(701, 1, dirichlet, dirichlet), lattice.Line(512, 1, neumann, dirichlet),
	} {
		l := newLattice(t, axis)
		phi0, beta0 := noise(axis.Sites, 1), noise(axis.Sites, 2)
		phi, beta := newFreeField(t, l, 1, 2, phi0, beta0).At(0)
		if d := max(distance(phi, phi0), distance(beta, beta0)); d > 2e-13 {
			t.Errorf("At(0) misses the initial values by %g on %v", d, axis)
		}
	}
}

func TestNewFreeFieldErrors(t *testing.T) {
	ring := newLattice(t, lattice.Ring(4, 1))
	zero := make([]float64, 4)
	for _, c := range []struct {
		l         lattice.Lattice
		mass      float64
		order     reference.Order
		phi, beta []float64
		want      []string
	}{
		{lattice.Lattice{}, 1, 2, nil, nil, []string{"without axes", "lattice.New"}},
		{ring, -1, 2, zero, zero, []string{"mass -1", "not negative"}},
		{ring, math.Inf(1), 2, zero, zero, []string{"mass +Inf"}},
		{ring, math.NaN(), 2, zero, zero, []string{"mass NaN"}},
		{ring, 1, 3, zero, zero, []string{"order 3", "2, 4 or reference.Continuum"}},
		{ring, 1, 2, zero[:3], zero, []string{"phi has 3 values for 4 sites"}},
		{ring, 1, 2, zero, append(zero, 0), []string{"beta has 5 values for 4 sites"}},
		{ring, 1, 2, zero, []float64{0, 0, math.Inf(1), 0}, []string{"beta[2] = +Inf", "finite"}},
		{newLattice(t, lattice.Line(4, 1, dirichlet, driven)), 1, 2, zero, zero, []string{"axis x", "high end is driven"}},
		{newLattice(t, lattice.Line(4, 1, lattice.Absorbing(0.5), neumann)), 1, 2, zero, zero, []string{"sponge at the low end"}},
		{newLattice(t, lattice.Line(4097, 1, dirichlet, neumann)), 1, 2, nil, nil, []string{"axis x has 4097 sites between walls", "at most 4096"}},
	} {
		_, err := reference.NewFreeField(c.l, c.mass, c.order, c.phi, c.beta)
		wantError(t, err, append(c.want, "reference.NewFreeField: ")...)
	}
}
