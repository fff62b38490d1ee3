package reference_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

func bloch(t *testing.T, band func(float64) float64, k, weight []float64, force, time float64) float64 {
	t.Helper()
	x, err := reference.BlochDisplacement(band, k, weight, force, time)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Hopping to the two next neighbours on a line with the potential −Fx, by the dense
// exponential: one band, for which the closed form is exact.
func TestBlochDisplacementOfOneBand(t *testing.T) {
	const sites, a, force, hop, second = 100, 0.5, 0.4, 1.2, 0.3
	h := mat.NewCDense(sites, sites, nil)
	for s := range sites {
		h.Set(s, s, complex(-force*a*float64(s), 0))
		for step, v := range map[int]complex128{1: -hop, 2: -second} {
			if s+step < sites {
				h.Set(s, s+step, v)
				h.Set(s+step, s, v)
			}
		}
	}
	band := func(k float64) float64 { return -2*hop*math.Cos(k*a) - 2*second*math.Cos(2*k*a) }
	// A packet of a few sites with k about 1, and its weights by the sum over sites.
	phi, beta := make([]float64, sites), make([]float64, sites)
	for s := range sites {
		x := a * float64(s)
		sin, cos := math.Sincos(x)
		envelope := math.Exp(-(x - 25) * (x - 25) / 8)
		phi[s], beta[s] = envelope*cos, envelope*sin
	}
	var k, weight []float64
	for p := range 200 {
		q, sum := 2*math.Pi*float64(p)/(200*a), complex(0, 0)
		for s := range sites {
			sin, cos := math.Sincos(-q * a * float64(s))
			sum += complex(phi[s], beta[s]) * complex(cos, sin)
		}
		k, weight = append(k, q), append(weight, abs2(sum))
	}
	middle := func(phi, beta []float64) float64 {
		top, bottom := 0.0, 0.0
		for s := range phi {
			density := phi[s]*phi[s] + beta[s]*beta[s]
			top += a * float64(s) * density
			bottom += density
		}
		return top / bottom
	}
	period := reference.BlochPeriod(force, a)
	near(t, "period", period, 2*math.Pi/0.2, 1e-13*100)
	for _, time := range []float64{0.7, 3, period / 2, period} {
		gotPhi, gotBeta, err := reference.Unitary(h, phi, beta, time)
		if err != nil {
			t.Fatal(err)
		}
		want := middle(gotPhi, gotBeta) - middle(phi, beta)
		near(t, "displacement", bloch(t, band, k, weight, force, time), want, 1e-9)
		if time == 3 && math.Abs(want) < 1 {
			t.Errorf("a displacement of %v does not tell", want)
		}
	}
}

// A massive Dirac packet on a ring with growing links, θ = qaA and E = ∂_tA, swings
// with half the period 2π/Fa, in the direction of the force first.
func TestBlochOscillationOfDirac(t *testing.T) {
	const sites, mass, force = 30, 2., 0.3
	l := newLattice(t, lattice.Ring(sites, sites)) // a = 1
	d := standard(t, 1)
	d.Mass = mass
	phi, beta := packet(l, 2, 0, 1, 0)
	f := newFreeDirac(t, l, d, phi, beta).Positive()
	phi, beta = f.At(0)
	theta := make([]float64, sites)
	h := func(time float64) *mat.CDense {
		for s := range theta {
			theta[s] = force * time
		}
		m, err := reference.DiracMatrix(l, d, reference.Links{theta})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	band := func(k float64) float64 { return d.Frequency(l, k) }
	// The packet is a Gaussian in k too.
	var k, weight []float64
	for q := -1.5; q < 1.5; q += 0.05 {
		k, weight = append(k, q), append(weight, math.Exp(-q*q*8))
	}
	start, time := centre(l, 0, phi, beta), 0.0
	quarter := reference.BlochPeriod(force, 1) / 4
	for _, next := range []float64{quarter, 2 * quarter} {
		var err error
		if phi, beta, err = reference.TimeOrdered(h, phi, beta, time, next, 8); err != nil {
			t.Fatal(err)
		}
		time = next
		got, want := centre(l, 0, phi, beta)-start, bloch(t, band, k, weight, force, time)
		near(t, "displacement", got, want, 0.02) // F/2m³ is 0.019
		if next == quarter && want < 0.5 {
			t.Errorf("a displacement of %v does not tell", want)
		}
	}
}

func TestBlochErrors(t *testing.T) {
	band := func(k float64) float64 { return k }
	one := []float64{1}
	for _, c := range []struct {
		k, weight []float64
		force     float64
		want      string
	}{
		{one, one, 0, "force 0; it must be finite and not 0"},
		{one, one, math.NaN(), "force NaN"},
		{nil, nil, 1, "0 weights for 0 wave numbers"},
		{one, []float64{1, 2}, 1, "2 weights for 1 wave numbers"},
		{one, []float64{-1}, 1, "weight[0] = -1"},
		{one, []float64{0}, 1, "all weights are 0"},
	} {
		_, err := reference.BlochDisplacement(band, c.k, c.weight, c.force, 1)
		wantError(t, err, "reference.BlochDisplacement: ", c.want)
	}
}
