package reference_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

func near(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.17g, want %.17g ± %g", name, got, want, tolerance)
	}
}

// The largest a²λ of the stability bounds: 4d, 16d/3 and dπ².
func TestFrequencyAtTheEdgeOfTheZone(t *testing.T) {
	const a, mass = 0.5, 1.25
	axis := lattice.Ring(8, 8*a)
	for d := 1; d <= 3; d++ {
		l := newLattice(t, []lattice.Axis{axis, axis, axis}[:d]...)
		k := []float64{math.Pi / a, -math.Pi / a, math.Pi / a}[:d]
		for order, edge := range map[reference.Order]float64{2: 4, 4: 16. / 3, reference.Continuum: math.Pi * math.Pi} {
			want := math.Sqrt(mass*mass + float64(d)*edge/(a*a))
			near(t, "ω", reference.Frequency(l, mass, order, k...), want, 1e-14*want)
		}
	}
}

// Leading errors of the phase speed of a massless wave, and of the group speed.
func TestSpeedsForLongWaves(t *testing.T) {
	const a, k = 0.1, 0.5
	l, ka := newLattice(t, lattice.Ring(10, 10*a)), k*a
	for _, c := range []struct {
		order        reference.Order
		phase, group float64
	}{
		{2, -ka * ka / 24, -ka * ka / 8},
		{4, -math.Pow(ka, 4) / 180, -math.Pow(ka, 4) / 36},
	} {
		near(t, "phase error", reference.PhaseVelocity(l, 0, c.order, k)-1, c.phase, 2e-3*math.Abs(c.phase))
		near(t, "group error", reference.GroupVelocity(l, 0, c.order, k)[0]-1, c.group, 2e-3*math.Abs(c.group))
	}
	near(t, "phase speed", reference.PhaseVelocity(l, 2, reference.Continuum, k), math.Hypot(2, k)/k, 1e-15*5)
	near(t, "group speed", reference.GroupVelocity(l, 2, reference.Continuum, k)[0], k/math.Hypot(2, k), 1e-15)
}

func TestSpeedsAtZero(t *testing.T) {
	l := newLattice(t, lattice.Ring(8, 4), lattice.Ring(6, 4))
	for _, order := range orders {
		near(t, "massless phase speed", reference.PhaseVelocity(l, 0, order, 0, 0), 1, 0)
		near(t, "massless group speed", reference.GroupVelocity(l, 0, order, 0, 0)[0], 0, 0)
		near(t, "massive group speed", reference.GroupVelocity(l, 1, order, 0, 0)[1], 0, 0)
		if v := reference.PhaseVelocity(l, 1, order, 0, 0); !math.IsInf(v, 1) {
			t.Errorf("massive phase speed at k = 0 is %v, want +Inf", v)
		}
	}
}

func TestGroupVelocityIsTheSlope(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t, 5)
		mass, order := rapid.Float64Range(0.5, 2).Draw(t, "mass"), rapid.SampledFrom(orders).Draw(t, "order")
		k := make([]float64, l.Dim())
		for j := range k {
			k[j] = rapid.Float64Range(-3, 3).Draw(t, "k") / l.Spacing(j)
		}
		v := reference.GroupVelocity(l, mass, order, k...)
		for j := range k {
			slope := firstDerivative(func(kj float64) float64 {
				shifted := append([]float64(nil), k...)
				shifted[j] = kj
				return reference.Frequency(l, mass, order, shifted...)
			}, k[j], 4e-3)
			if math.Abs(slope-v[j]) > 1e-9 {
				t.Fatalf("∂ω/∂k_%d = %v, GroupVelocity says %v", j, slope, v[j])
			}
		}
	})
}

// The frequency of the leapfrog recursion φ_{n+1} = (2 − ω²ε²)φ_n − φ_{n−1}.
func TestLeapfrogFrequencyIsThatOfLeapfrog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		omega := rapid.Float64Range(0.1, 10).Draw(t, "omega")
		step := rapid.Float64Range(0.01, 1.99).Draw(t, "ωε") / omega
		freq, err := reference.LeapfrogFrequency(omega, step)
		if err != nil {
			t.Fatal(err)
		}
		before, now := math.Cos(freq*step), 1.0
		for n := range 50 {
			before, now = now, (2-omega*omega*step*step)*now-before
			if want := math.Cos(freq * step * float64(n+1)); math.Abs(now-want) > 1e-9 {
				t.Fatalf("step %d: leapfrog has %v, cos Ωt is %v", n+1, now, want)
			}
		}
	})
}

func TestLeapfrogFrequencyErrors(t *testing.T) {
	_, err := reference.LeapfrogFrequency(4.5, 0.5)
	wantError(t, err, "reference.LeapfrogFrequency: step 0.5", "0.444444", "smaller step")
	_, err = reference.LeapfrogFrequency(1, 0)
	wantError(t, err, "step 0", "positive")
	_, err = reference.LeapfrogFrequency(math.NaN(), 1)
	wantError(t, err, "frequency NaN")
	edge, err := reference.LeapfrogFrequency(4, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Ω at the limit", edge, math.Pi/0.5, 1e-14)
}

func TestFrequencyPanicsOnMisuse(t *testing.T) {
	l := newLattice(t, lattice.Ring(8, 4))
	for name, call := range map[string]func(){
		"components":  func() { reference.Frequency(l, 1, 2, 1, 1) },
		"order":       func() { reference.Frequency(l, 1, 3, 1) },
		"slope order": func() { reference.GroupVelocity(l, 1, 0, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
