package nnfield_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// packet is the free field of most tests: 512 sites, a packet that moves right.
func packet() nnfield.KleinGordonModel {
	return nnfield.KleinGordon().Ring(512, 40).Mass(1).
		Packet(nnfield.At(10), nnfield.Width(1.5), nnfield.WaveNumber(2))
}

func run(t testing.TB, s nnfield.Simulation) *nnfield.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func scheme(t testing.TB, name string) simulate.Integrator {
	t.Helper()
	in, err := simulate.FindIntegrator(name)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// propagate takes the initial state of m to time T in n steps.
func propagate(t testing.TB, m nnfield.Model, integrator string, T float64, n int) *theory.State {
	t.Helper()
	s, err := simulate.Propagate(m, scheme(t, integrator), T/float64(n), n, m.Initial())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// distance is the largest difference of φ.
func distance(a, b []float64) float64 {
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(a[i]-b[i]))
	}
	return worst
}

// The error against the exact lattice solution falls at the order of the
// integrator until it comes near to round-off.
func TestIntegratorsConvergeToTheExactLatticeSolution(t *testing.T) {
	m := packet().MustBuild()
	start := m.Initial()
	exact, err := reference.NewFreeField(m.Lattice(), 1, 2, start.Arrays[0], start.Arrays[1])
	if err != nil {
		t.Fatal(err)
	}
	const T = 5.0
	want, _ := exact.At(T)
	for _, c := range []struct {
		name        string
		first, last int // numbers of steps
	}{
		{"leapfrog", 400, 1 << 17}, {"yoshida4", 400, 1 << 15}, {"yoshida6", 120, 1 << 15},
		{"symplectic-euler", 400, 1 << 15}, {"rk4", 400, 1 << 15},
	} {
		in := scheme(t, c.name)
		factor := math.Pow(2, float64(in.Order))
		last, checked := math.Inf(1), 0
		for n := c.first; n <= c.last; n *= 2 {
			got := distance(propagate(t, m, c.name, T, n).Arrays[0], want)
			roundoff := 1e-16 * float64(n) // it grows with the number of steps
			if got < 10*max(roundoff, 2e-15) {
				break
			}
			if !math.IsInf(last, 1) {
				if ratio := last / got; math.Abs(ratio/factor-1) > 0.05 {
					t.Errorf("%s: %d steps: the error %.3g fell by %.3f, want %.0f", c.name, n, got, ratio, factor)
				}
				checked++
			}
			last = got
		}
		if checked < 2 {
			t.Errorf("%s: only %d halvings seen before round-off", c.name, checked)
		}
		t.Logf("%s: error %.3g after %d halvings", c.name, last, checked)
	}
}

// Against the continuum the Laplacians have their own orders. Yoshida's 4th
// order in ε ∝ a keeps time from capping the order-4 Laplacian at 2.
func TestLaplaciansConvergeToTheContinuum(t *testing.T) {
	const T, length = 4.0, 20.0
	for _, c := range []struct {
		laplacian theory.Laplacian
		order     float64
	}{{nnfield.Order2, 2}, {nnfield.Order4, 4}} {
		last := 0.0
		for _, n := range []int{64, 128, 256, 512} {
			kg := nnfield.KleinGordon().Ring(n, length).Mass(1).Laplacian(c.laplacian)
			l := kg.MustBuild().Lattice()
			// The same smooth initial field on every lattice: a packet of the continuum at rest.
			phi, beta := make([]float64, n), make([]float64, n)
			for i, x := range l.Coordinates(0) {
				phi[i] = math.Exp(-(x - 10) * (x - 10) / 2)
			}
			exact, err := reference.NewFreeField(l, 1, reference.Continuum, phi, beta)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := exact.At(T)
			got := distance(propagate(t, kg.Values(phi, beta).MustBuild(), "yoshida4", T, 2*n).Arrays[0], want)
			if order := math.Log2(last / got); last > 0 && n >= 256 && math.Abs(order-c.order) > 0.1 {
				t.Errorf("%s: %d sites: error %.3g, observed order %.2f, want %v", c.laplacian, n, got, order, c.order)
			}
			last = got
		}
	}
}

// What leapfrog itself conserves is constant to round-off over 1e5 steps; the
// energy oscillates with an amplitude ∝ ε²; RK4 loses energy for good.
func TestEnergyOfAFreeField(t *testing.T) {
	kg := nnfield.KleinGordon().Ring(64, 20).Mass(1).Thermal(nnfield.Temperature(1), nnfield.Seed(3))
	const epsilon, steps = 0.1, 100_000
	long := run(t, kg.Until(epsilon*steps).Step(epsilon).Frames(nnfield.Count(201)))
	shadow, err := long.Invariant("shadow energy")
	if err != nil {
		t.Fatal(err)
	}
	if shadow.Drift() > 1e-12 {
		t.Errorf("shadow energy drifts by %.3g over %d steps", shadow.Drift(), steps)
	}
	momentum, err := long.Invariant("momentum x")
	if err != nil {
		t.Fatal(err)
	}
	if momentum.Drift() > 1e-12 {
		t.Errorf("momentum drifts by %.3g", momentum.Drift())
	}
	energy, _ := long.Invariant("energy")
	t.Logf("over %d steps: shadow energy %.2g, momentum %.2g, energy %.2g", steps, shadow.Drift(), momentum.Drift(), energy.Drift())

	drift := func(integrator string, epsilon float64) float64 {
		e, err := run(t, kg.Until(20).Step(epsilon).Integrator(integrator).Frames(nnfield.Every(1))).Invariant("energy")
		if err != nil {
			t.Fatal(err)
		}
		return e.Drift()
	}
	for _, e := range []float64{0.04, 0.02} {
		if ratio := drift("leapfrog", e) / drift("leapfrog", e/2); math.Abs(ratio-4) > 0.2 {
			t.Errorf("the energy's oscillation falls by %.3f from ε = %v, want 4", ratio, e)
		}
	}

	// A symplectic scheme's energy error is bounded; that of RK4 keeps growing.
	grow := func(integrator string) float64 {
		r := run(t, kg.Until(200).Step(0.05).Integrator(integrator).Frames(nnfield.Count(401)))
		e, _ := r.Invariant("energy")
		worst := func(values []float64) (w float64) {
			for _, v := range values {
				w = max(w, math.Abs(v-e.Values[0]))
			}
			return w
		}
		return worst(e.Values[300:]) / worst(e.Values[:100])
	}
	if g := grow("leapfrog"); g > 1.5 {
		t.Errorf("leapfrog: the energy error grew by %.2f", g)
	}
	if g := grow("rk4"); g < 2.5 {
		t.Errorf("rk4, the control: the energy error grew by %.2f only", g)
	}
}

func TestForwardThenBackwardReturns(t *testing.T) {
	for name, kg := range map[string]nnfield.KleinGordonModel{
		"free": packet(),
		"phi4": nnfield.KleinGordon().Ring(256, 40).Mass(0).Potential(nnfield.Phi4(1, 1)).
			Kink(nnfield.At(10), nnfield.Velocity(0.3)).Antikink(nnfield.At(30), nnfield.Velocity(-0.3)),
	} {
		m := kg.MustBuild()
		for _, in := range simulate.Integrators() {
			if !in.Symplectic() || in.Order == 1 { // the step of symplectic Euler is not its own mirror image
				continue
			}
			const epsilon, n = 0.02, 1000
			there, err := simulate.Propagate(m, in, epsilon, n, m.Initial())
			if err != nil {
				t.Fatal(err)
			}
			for i := range there.Arrays[1] {
				there.Arrays[1][i] *= -1
			}
			back, err := simulate.Propagate(m, in, epsilon, n, there)
			if err != nil {
				t.Fatal(err)
			}
			if d := distance(back.Arrays[0], m.Initial().Arrays[0]); d > 1e-10 {
				t.Errorf("%s, %s: off by %.3g after %d steps and back", name, in.Name, d, n)
			}
		}
	}
}

// Every mode of a 128-site ring runs at the frequency of the discrete theory.
func TestDispersionOfEveryMode(t *testing.T) {
	for _, laplacian := range []theory.Laplacian{nnfield.Order2, nnfield.Order4, nnfield.Spectral} {
		kg := nnfield.KleinGordon().Ring(128, 32).Mass(0.7).Laplacian(laplacian).
			Thermal(nnfield.Temperature(1), nnfield.Seed(11))
		r := run(t, kg.Until(40).Frames(nnfield.Every(2)))
		modes, err := observe.Dispersion(r)
		if err != nil {
			t.Fatal(err)
		}
		if len(modes) != 128 {
			t.Fatalf("%s: measured %d modes of 128", laplacian, len(modes))
		}
		worst := 0.0
		for _, m := range modes {
			k, a := m.K[0], 32.0/128
			s := 4 / (a * a) * math.Pow(math.Sin(k*a/2), 2)
			switch laplacian {
			case nnfield.Order4:
				s += a * a * s * s / 12
			case nnfield.Spectral:
				s = k * k
			}
			left := 4 / (r.Step * r.Step) * math.Pow(math.Sin(m.Omega*r.Step/2), 2)
			worst = max(worst, math.Abs(left/(0.49+s)-1))
		}
		if worst > 1e-6 {
			t.Errorf("%s: (4/ε²)sin²(ωε/2) is off by %.3g relative", laplacian, worst)
		}
		t.Logf("%s: worst mode off by %.2g", laplacian, worst)
	}
}

// A moving kink and a breather follow their closed forms at order 2 in a.
func TestSolitonsFollowTheirClosedForms(t *testing.T) {
	const length, T = 40.0, 10.0
	kink, err := reference.NewKink(1, 1, 0.5, 15)
	if err != nil {
		t.Fatal(err)
	}
	sine, err := reference.NewSineGordonKink(0.5, 15)
	if err != nil {
		t.Fatal(err)
	}
	breather, err := reference.NewBreather(0.6, 0, 20)
	if err != nil {
		t.Fatal(err)
	}
	line := func(n int) nnfield.KleinGordonModel {
		return nnfield.KleinGordon().Line(n, length, nnfield.Neumann, nnfield.Neumann).Mass(0)
	}
	at := []nnfield.Option{nnfield.At(15), nnfield.Velocity(0.5)}
	for _, c := range []struct {
		name  string
		model func(n int) nnfield.KleinGordonModel
		exact interface{ Phi(x, t float64) float64 }
	}{
		{"φ⁴ kink", func(n int) nnfield.KleinGordonModel { return line(n).Potential(nnfield.Phi4(1, 1)).Kink(at...) }, kink},
		{"sine-Gordon kink", func(n int) nnfield.KleinGordonModel { return line(n).Potential(nnfield.SineGordon()).Kink(at...) }, sine},
		{"breather", func(n int) nnfield.KleinGordonModel {
			return line(n).Potential(nnfield.SineGordon()).Breather(nnfield.Frequency(0.6), nnfield.At(20))
		}, breather},
	} {
		last := 0.0
		for _, n := range []int{200, 400, 800} {
			m := c.model(n).MustBuild()
			got := propagate(t, m, "leapfrog", T, n/2).Arrays[0]
			want := make([]float64, n)
			for i, x := range m.Lattice().Coordinates(0) {
				want[i] = c.exact.Phi(x, T)
			}
			d := distance(got, want)
			if order := math.Log2(last / d); last > 0 && math.Abs(order-2) > 0.1 {
				t.Errorf("%s: %d sites: error %.3g, observed order %.2f, want 2", c.name, n, d, order)
			}
			last = d
		}
		t.Logf("%s: error %.3g at a = %v", c.name, last, length/800)
	}
}

func ExampleKleinGordon() {
	kg := nnfield.KleinGordon().
		Ring(512, 40).
		Mass(1).
		Packet(nnfield.At(10), nnfield.Width(1.5), nnfield.WaveNumber(2))
	r, err := kg.Until(30).Step(0.035).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(r)
	// Output:
	// Klein-Gordon field on a 1-D lattice, leapfrog with ε = 0.035
	// ├── finished at t = 29.995 after 857 steps, 301 frames
	// ├── energy E = 6.92758, drift 1.8e-06
	// ├── shadow energy E_s = 6.92131, drift below 1e-13
	// └── momentum x P_x = 6.19621, drift below 1e-13
}
