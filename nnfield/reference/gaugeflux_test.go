package reference_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// spectrum returns the eigenvalues of a Hermitian matrix in ascending order. Its
// real form has each of them twice.
func spectrum(t interface{ Fatal(...any) }, h *mat.CDense) []float64 {
	r := reference.RealForm(h)
	n, _ := r.Dims()
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(n, r.RawMatrix().Data), false) {
		t.Fatal("no eigenvalues")
	}
	twice, values := e.Values(nil), []float64(nil)
	for i := 0; i < n; i += 2 {
		values = append(values, (twice[i]+twice[i+1])/2)
	}
	return values
}

// The flux may sit on any links of the ring, as long as they add up to it.
func TestRingSpectra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sites := rapid.IntRange(2, 12).Draw(t, "sites")
		ring := lattice.Ring(sites, rapid.Float64Range(0.5, 2).Draw(t, "spacing")*float64(sites))
		l, err := lattice.New(ring)
		if err != nil {
			t.Fatal(err)
		}
		mass, wilson := rapid.Float64Range(0.1, 2).Draw(t, "mass"), rapid.Float64Range(-1, 1).Draw(t, "wilson")
		theta, flux := noise(sites, rapid.Uint64().Draw(t, "seed")), 0.0
		for _, v := range theta {
			flux += v
		}
		k, err := reference.ChargedStiffness(l, mass, reference.Links{theta})
		if err != nil {
			t.Fatal(err)
		}
		got, err := reference.RingFrequencies(ring, mass, flux)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i] *= got[i]
		}
		slices.Sort(got)
		if e := distance(got, spectrum(t, k)); e > 1e-12*20 {
			t.Fatalf("scalar: ω² is off by %g", e)
		}
		d, err := reference.StandardDirac(1)
		if err != nil {
			t.Fatal(err)
		}
		d.Mass, d.Wilson = mass, wilson
		h, err := reference.DiracMatrix(l, d, reference.Links{theta})
		if err != nil {
			t.Fatal(err)
		}
		got, err = reference.DiracRingFrequencies(ring, mass, wilson, flux)
		if err != nil {
			t.Fatal(err)
		}
		for i := range sites {
			got = append(got, -got[i])
		}
		slices.Sort(got)
		if e := distance(got, spectrum(t, h)); e > 1e-12*5 {
			t.Fatalf("Dirac: ω is off by %g", e)
		}
	})
}

// A quantum of flux is none, but every mode has moved to the next one's place.
func TestRingFluxQuantum(t *testing.T) {
	ring := lattice.Ring(7, 3)
	zero, err := reference.RingFrequencies(ring, 0.5, 0)
	if err != nil {
		t.Fatal(err)
	}
	one, err := reference.RingFrequencies(ring, 0.5, 2*math.Pi)
	if err != nil {
		t.Fatal(err)
	}
	if e := distance(one, append(zero[1:], zero[0])); e > 1e-14*10 {
		t.Errorf("off by %g", e)
	}
	near(t, "ω of p = 2 without flux", zero[2], reference.Frequency(newLattice(t, ring), 0.5, 2, 4*math.Pi/3), 1e-14*5)
	quarter, err := reference.DiracRingFrequencies(ring, 0.5, 1, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	d := standard(t, 1)
	d.Mass, d.Wilson = 0.5, 1
	near(t, "Dirac", quarter[3], d.Frequency(newLattice(t, ring), (6*math.Pi+0.25)/3), 1e-14*5)
}

// uniform returns the links of a torus in a uniform field, as HarperScalar says.
func uniform(l lattice.Lattice, quanta int) reference.Links {
	nx, ny := l.Axis(0).Sites, l.Axis(1).Sites
	links := reference.Links{make([]float64, l.Sites()), make([]float64, l.Sites())}
	for x := range nx {
		for y := range ny {
			links[1][l.Index(x, y)] = 2 * math.Pi * float64(quanta*x) / float64(nx*ny)
			if x == nx-1 {
				links[0][l.Index(x, y)] = -2 * math.Pi * float64(quanta*y) / float64(ny)
			}
		}
	}
	return links
}

// Chains against the matrix of all sites, and every plaquette has the same flux.
func TestHarperIsTheTorus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nx, ny := rapid.IntRange(2, 6).Draw(t, "nx"), rapid.IntRange(2, 6).Draw(t, "ny")
		l, err := lattice.New(lattice.Ring(nx, 1.5*float64(nx)), lattice.Ring(ny, 0.8*float64(ny)))
		if err != nil {
			t.Fatal(err)
		}
		quanta := rapid.IntRange(-7, 7).Draw(t, "quanta")
		mass, wilson := rapid.Float64Range(0.1, 2).Draw(t, "mass"), rapid.Float64Range(-1, 1).Draw(t, "wilson")
		links := uniform(l, quanta)
		for s := range l.Sites() {
			right, _ := l.Neighbour(s, 0, 1)
			above, _ := l.Neighbour(s, 1, 1)
			excess := links[0][s] + links[1][right] - links[0][above] - links[1][s] - 2*math.Pi*float64(quanta)/float64(nx*ny)
			if d := math.Abs(math.Remainder(excess, 2*math.Pi)); d > 1e-12 {
				t.Fatalf("plaquette %d has %g too much", s, d)
			}
		}
		k, err := reference.ChargedStiffness(l, mass, links)
		if err != nil {
			t.Fatal(err)
		}
		omega, err := reference.HarperScalar(l, mass, quanta)
		if err != nil {
			t.Fatal(err)
		}
		for i := range omega {
			omega[i] *= omega[i]
		}
		if e := distance(omega, spectrum(t, k)); e > 1e-12*20 {
			t.Fatalf("scalar: ω² is off by %g", e)
		}
		d, err := reference.StandardDirac(2)
		if err != nil {
			t.Fatal(err)
		}
		d.Mass, d.Wilson = mass, wilson
		h, err := reference.DiracMatrix(l, d, links)
		if err != nil {
			t.Fatal(err)
		}
		energies, err := reference.HarperDirac(l, mass, wilson, quanta)
		if err != nil {
			t.Fatal(err)
		}
		if e := distance(energies, spectrum(t, h)); e > 1e-12*10 {
			t.Fatalf("Dirac: E is off by %g", e)
		}
	})
}

// Without flux the torus is that of the free field, with ω = 0 at k = 0.
func TestHarperWithoutFlux(t *testing.T) {
	for sites := 3; sites < 20; sites++ {
		l := newLattice(t, lattice.Ring(sites, 2), lattice.Ring(5, 3))
		got, err := reference.HarperScalar(l, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		for p := range sites {
			for q := range 5 {
				want = append(want, reference.Frequency(l, 0, 2, math.Pi*float64(p), 2*math.Pi*float64(q)/3))
			}
		}
		slices.Sort(want)
		near(t, "ω at k = 0", got[0], 0, 1e-6)
		if e := distance(got, want); e > 1e-6 { // the root of round-off, at k = 0
			t.Errorf("%d sites: ω is off by %g", sites, e)
		}
	}
}

// landauResiduals returns by how much the levels of the torus, quanta states each,
// miss the series in ω², and with a Wilson term in ω.
func landauResiduals(t *testing.T, sites int) (scalar, naive, wilson [4]float64) {
	const length, quanta, mass, r = 5.6, 8, 0.5, 1.
	const field = 2 * math.Pi * quanta / (length * length)
	l := newLattice(t, lattice.Ring(sites, length), lattice.Ring(sites, length))
	a := l.Spacing(0)
	level := func(name string, first, states int, values []float64) float64 {
		near(t, "width of a level of the "+name, values[first+states-1], values[first], 1e-4)
		return values[first]
	}
	omega, err := reference.HarperScalar(l, mass, quanta)
	if err != nil {
		t.Fatal(err)
	}
	for n := range scalar {
		scalar[n] = math.Pow(level("scalar", n*quanta, quanta, omega), 2) - math.Pow(reference.ScalarLandau(n, field, mass, a), 2)
	}
	// Central differences hold four species. Level 0 of a species has one sign of the
	// energy, the others both.
	up, down := diracEnergies(t, l, mass, 0, quanta)
	near(t, "level 0", level("Dirac", 0, 2*quanta, up), mass, 1e-13)
	near(t, "level 0", level("Dirac", 0, 2*quanta, down), mass, 1e-13)
	for n := 1; n < len(naive); n++ {
		omega := level("Dirac", (4*n-2)*quanta, 4*quanta, up)
		naive[n] = omega*omega - math.Pow(reference.DiracLandau(n, field, mass, a), 2)
	}
	// Here B > 0 and this flavour has level 0 and the larger frequencies below E = 0.
	up, down = diracEnergies(t, l, mass, r, quanta)
	for n := range wilson {
		low, high := reference.WilsonLandau(n, field, mass, r, a)
		wilson[n] = math.Abs(level("Wilson", n*quanta, quanta, down) - high)
		if n > 0 {
			wilson[n] = max(wilson[n], math.Abs(level("Wilson", (n-1)*quanta, quanta, up)-low))
		}
	}
	return scalar, naive, wilson
}

// diracEnergies returns the positive energies and the opposite of the negative
// ones, each in ascending order.
func diracEnergies(t *testing.T, l lattice.Lattice, mass, wilson float64, quanta int) (up, down []float64) {
	energies, err := reference.HarperDirac(l, mass, wilson, quanta)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range energies {
		if e > 0 {
			up = append(up, e)
		} else {
			down = append(down, -e)
		}
	}
	slices.Reverse(down)
	return up, down
}

// What the series leave out is of order a⁴, and of order a² or a³ with a Wilson term.
func TestLandauLevels(t *testing.T) {
	scalar1, naive1, wilson1 := landauResiduals(t, 24)
	scalar2, naive2, wilson2 := landauResiduals(t, 40)
	order := func(coarse, fine float64) float64 { return math.Log(coarse/fine) / math.Log(40./24) }
	for n := range scalar1 {
		near(t, "order of the scalar series", order(scalar1[n], scalar2[n]), 4, 0.1)
		if n > 0 {
			near(t, "order of the Dirac series", order(naive1[n], naive2[n]), 4, 0.3)
		}
	}
	near(t, "order of the Wilson shift of level 0", order(wilson1[0], wilson2[0]), 3, 0.1)
	for n := 1; n < len(wilson1); n++ {
		near(t, "order of the Wilson shift", order(wilson1[n], wilson2[n]), 2, 0.1)
	}
}

func TestWilsonLandau(t *testing.T) {
	low, high := reference.WilsonLandau(0, -2, 0.5, 1, 0.1)
	near(t, "level 0", low, 0.6, 1e-15)
	near(t, "level 0", high, 0.6, 1e-15)
	low, high = reference.WilsonLandau(3, 2, 0.5, 1, 0.1)
	near(t, "split", high-low, 0.2, 1e-15)
	near(t, "continuum", reference.DiracLandau(3, 2, 0.5, 0), math.Sqrt(12.25), 1e-15)
}

func TestFluxErrors(t *testing.T) {
	ring, line := lattice.Ring(4, 1), lattice.Line(4, 1, neumann, neumann)
	for want, call := range map[string]func() error{
		"reference.RingFrequencies: the axis has walls; use lattice.Ring":               func() error { _, err := reference.RingFrequencies(line, 1, 0); return err },
		"reference.RingFrequencies: mass -1":                                            func() error { _, err := reference.RingFrequencies(ring, -1, 0); return err },
		"reference.RingFrequencies: flux NaN":                                           func() error { _, err := reference.RingFrequencies(ring, 1, math.NaN()); return err },
		"reference.RingFrequencies: 0 sites":                                            func() error { _, err := reference.RingFrequencies(lattice.Axis{}, 1, 0); return err },
		"reference.DiracRingFrequencies: the axis has walls":                            func() error { _, err := reference.DiracRingFrequencies(line, 1, 1, 0); return err },
		"reference.DiracRingFrequencies: r = +Inf; the Wilson parameter must be finite": func() error { _, err := reference.DiracRingFrequencies(ring, 1, math.Inf(1), 0); return err },
		"reference.HarperScalar: 1 axes; a torus has 2":                                 func() error { _, err := reference.HarperScalar(newLattice(t, ring), 1, 0); return err },
		"reference.HarperScalar: mass -1":                                               func() error { _, err := reference.HarperScalar(newLattice(t, ring, ring), -1, 0); return err },
		"reference.HarperDirac: axis y has walls":                                       func() error { _, err := reference.HarperDirac(newLattice(t, ring, line), 1, 0, 0); return err },
		"reference.HarperDirac: mass NaN":                                               func() error { _, err := reference.HarperDirac(newLattice(t, ring, ring), math.NaN(), 0, 0); return err },
		"reference.HarperDirac: chains of 529 sites for 1 flux quanta, at most 512": func() error {
			_, err := reference.HarperDirac(newLattice(t, lattice.Ring(23, 1), lattice.Ring(23, 1)), 1, 0, 1)
			return err
		},
	} {
		wantError(t, call(), want)
	}
}
