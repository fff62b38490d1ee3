package nnfield_test

import (
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// A packet is one-sided: what moves against its wave vector is nothing. Split a
// state into waves that move right and left, (φ_k ± iβ_k/ω)/2, by hand.
func TestPacketMovesOneWayAtTheGroupVelocity(t *testing.T) {
	const n, length, k0 = 512, 40.0, 2.0
	kg := nnfield.KleinGordon().Ring(n, length).Mass(1).Packet(nnfield.At(10), nnfield.Width(1.5), nnfield.WaveNumber(k0))
	m := kg.MustBuild()
	right, left := 0.0, 0.0
	s := m.Initial()
	for j := 1; j < n/2; j++ {
		k := 2 * math.Pi * float64(j) / length
		w := reference.Frequency(m.Lattice(), 1, 2, k)
		var a, b complex128 // Σ φ e^{−ikx}, Σ β e^{−ikx}
		for i, x := range m.Lattice().Coordinates(0) {
			e := complex(math.Cos(k*x), -math.Sin(k*x))
			a += complex(s.Arrays[0][i], 0) * e
			b += complex(s.Arrays[1][i]/w, 0) * e
		}
		r, l := (a+complex(0, 1)*b)/2, (a-complex(0, 1)*b)/2
		right += real(r)*real(r) + imag(r)*imag(r)
		left += real(l)*real(l) + imag(l)*imag(l)
	}
	if left/right > 1e-24 {
		t.Errorf("%.2g of the packet moves backwards", left/right)
	}

	// The centre of its energy travels at the group velocity, averaged over the packet.
	rho := make([]float64, n)
	centre := func(s *theory.State) float64 {
		m.(theory.Dense).EnergyDensity(rho, s)
		top, bottom := 0.0, 0.0
		for i, x := range m.Lattice().Coordinates(0) {
			top += x * rho[i]
			bottom += rho[i]
		}
		return top / bottom
	}
	speed := (centre(propagate(t, m, "leapfrog", 12, 2000)) - centre(m.Initial())) / 12
	want, weight := 0.0, 0.0
	for j := 1; j < n/2; j++ { // energy of a mode: ω² |f_k|²
		k := 2 * math.Pi * float64(j) / length
		w := reference.Frequency(m.Lattice(), 1, 2, k)
		p := w * w * math.Exp(-(k-k0)*(k-k0)*1.5*1.5)
		want += p * reference.GroupVelocity(m.Lattice(), 1, 2, k)[0]
		weight += p
	}
	if math.Abs(speed-want/weight) > 1e-4 {
		t.Errorf("the packet travels at %.5f, its waves at %.5f", speed, want/weight)
	}
}

// In a thermal state each mode carries the temperature: ⟨β²⟩ = ω²⟨φ²⟩ = T/a^d.
func TestThermalStateHasItsTemperature(t *testing.T) {
	const temperature = 0.7
	m := nnfield.KleinGordon().Torus(128, 32).Mass(0.5).
		Thermal(nnfield.Temperature(temperature), nnfield.Seed(5)).MustBuild()
	s := m.Initial()
	l := m.Lattice()
	n := float64(l.Sites())
	kinetic := simpleDot(s.Arrays[1], s.Arrays[1]) * l.CellVolume() / n
	k := make([]float64, l.Sites())
	theory.Stiffness(m).AddApply(k, 1, s.Arrays[0])
	potential := simpleDot(s.Arrays[0], k) * l.CellVolume() / n
	// Each is the mean of n squares of normal numbers: standard error T√(2/n).
	for name, got := range map[string]float64{"β": kinetic, "φ": potential} {
		if bound := 4 * temperature * math.Sqrt(2/n); math.Abs(got-temperature) > bound {
			t.Errorf("temperature of %s is %.4f, want %.4f ± %.4f", name, got, temperature, bound)
		}
	}
	other := nnfield.KleinGordon().Torus(128, 32).Mass(0.5).Thermal(nnfield.Temperature(temperature), nnfield.Seed(6)).MustBuild()
	if distance(s.Arrays[0], other.Initial().Arrays[0]) < 0.1 {
		t.Error("another seed gives the same state")
	}
}

// Waves return after their period, whatever the walls.
func TestWavesReturnAfterTheirPeriod(t *testing.T) {
	for name, c := range map[string]struct {
		kg nnfield.KleinGordonModel
		k  []float64
	}{
		"plane wave":     {nnfield.KleinGordon().Torus(32, 16).PlaneWave(nnfield.Mode(2, -1), nnfield.Phase(0.4)), []float64{4 * math.Pi / 16, -2 * math.Pi / 16}},
		"between walls":  {nnfield.KleinGordon().Line(63, 16, nnfield.Dirichlet, nnfield.Dirichlet).StandingWave(nnfield.Mode(3)), []float64{3 * math.Pi / 16}},
		"Neumann":        {nnfield.KleinGordon().Line(64, 16, nnfield.Neumann, nnfield.Neumann).StandingWave(nnfield.Mode(5)), []float64{5 * math.Pi / 16}},
		"standing, ring": {nnfield.KleinGordon().Ring(64, 16).StandingWave(nnfield.Mode(2)), []float64{4 * math.Pi / 16}},
	} {
		m := c.kg.MustBuild()
		period := 2 * math.Pi / reference.Frequency(m.Lattice(), 1, 2, c.k...)
		start := m.Initial().Arrays[0]
		if d := distance(propagate(t, m, "yoshida6", period, 400).Arrays[0], start); d > 1e-9 {
			t.Errorf("%s: off by %.3g after a period", name, d)
		}
		half := propagate(t, m, "yoshida6", period/2, 400).Arrays[0]
		for i := range half {
			half[i] *= -1
		}
		if d := distance(half, start); d > 1e-9 {
			t.Errorf("%s: not turned over after half a period, off by %.3g", name, d)
		}
	}
}

// A kink and an antikink with room between them are as heavy as two.
func TestSolitonEnergies(t *testing.T) {
	const lambda, v, u = 2.0, 1.5, 0.3
	kink := 2 * math.Sqrt2 / 3 * math.Sqrt(lambda) * v * v * v / math.Sqrt(1-u*u)
	for name, c := range map[string]struct {
		kg   nnfield.KleinGordonModel
		want float64
	}{
		"kink and antikink": {nnfield.KleinGordon().Ring(4000, 40).Mass(0).Potential(nnfield.Phi4(lambda, v)).
			Kink(nnfield.At(10), nnfield.Velocity(u)).Antikink(nnfield.At(30), nnfield.Velocity(-u)), 2 * kink},
		"antikink first": {nnfield.KleinGordon().Ring(4000, 40).Mass(0).Potential(nnfield.Phi4(lambda, v)).
			Antikink(nnfield.At(10), nnfield.Velocity(u)).Kink(nnfield.At(30), nnfield.Velocity(-u)), 2 * kink},
		"sine-Gordon kink": {nnfield.KleinGordon().Line(4000, 40, nnfield.Neumann, nnfield.Neumann).Mass(0).Potential(nnfield.SineGordon()).
			Kink(nnfield.Velocity(u)), 8 / math.Sqrt(1-u*u)},
		"breather": {nnfield.KleinGordon().Ring(4000, 60).Mass(0).Potential(nnfield.SineGordon()).
			Breather(nnfield.Frequency(0.6), nnfield.Phase(1)), 16 * 0.8},
	} {
		m := c.kg.MustBuild()
		got := m.Invariants()[0].Value(theory.Snapshot{State: m.Initial()})
		if math.Abs(got/c.want-1) > 1e-4 {
			t.Errorf("%s: energy %.6f, want %.6f", name, got, c.want)
		}
	}
}

// A packet that is not what was asked for says so in its card and in its run; one that
// is does not.
func TestPacketWarnings(t *testing.T) {
	ring := nnfield.KleinGordon().Ring(256, 80)
	packet := func(kg nnfield.KleinGordonModel, k float64) nnfield.KleinGordonModel {
		return kg.Packet(nnfield.Width(2), nnfield.WaveNumber(k), nnfield.Amplitude(0.1))
	}
	for name, c := range map[string]struct {
		kg   nnfield.KleinGordonModel
		want string
	}{
		"free":        {packet(ring, 1), ""},
		"at rest":     {packet(ring, 0), ""},
		"quartic":     {packet(ring.Potential(nnfield.Potential("phi*phi*phi*phi")), 1), ""},
		"short":       {packet(ring, 0.1), "WaveNumber(0.1) with Width(2): it moves, so only waves along k are kept, and it is about 0.58 of Amplitude(0.1) high"},
		"sine-Gordon": {packet(ring.Mass(0).Potential(nnfield.SineGordon()), 1), ""},
		"φ⁴":          {packet(ring.Mass(0).Potential(nnfield.Phi4(2, 1)), 1), "φ = 0, which is no vacuum (V″ = -2)"},
	} {
		r := run(t, c.kg.Until(0.5))
		switch said := strings.Join(r.Warnings, "\n"); {
		case c.want == "" && said != "", !strings.Contains(said, c.want), strings.Contains(c.kg.String(), "warning") != (c.want != ""):
			t.Errorf("%s: %q, want %q in\n%v", name, said, c.want, c.kg)
		}
		if name != "short" {
			continue
		}
		top := 0.0
		for _, x := range c.kg.MustBuild().Initial().Arrays[0] {
			top = math.Max(top, math.Abs(x))
		}
		if math.Abs(top/0.1-0.58) > 0.05 {
			t.Errorf("it is %v high", top)
		}
	}
}

// In sine-Gordon theory, whose small waves have the mass 1, a packet of small waves runs
// one way, too.
func TestPacketsFeelThePotential(t *testing.T) {
	for _, kg := range []nnfield.KleinGordonModel{
		nnfield.KleinGordon().Mass(0).Potential(nnfield.SineGordon()),
		nnfield.KleinGordon().Mass(0.6).Potential(nnfield.Potential("0.32*phi*phi")), // 0.36 + 0.64 = 1
	} {
		m := kg.Ring(768, 120).Packet(nnfield.At(40), nnfield.Width(3), nnfield.WaveNumber(1), nnfield.Amplitude(0.01))
		free := nnfield.KleinGordon().Ring(768, 120).Packet(nnfield.At(40), nnfield.Width(3), nnfield.WaveNumber(1), nnfield.Amplitude(0.01))
		got, want := m.MustBuild().Initial(), free.MustBuild().Initial()
		for f := range got.Arrays {
			for s, x := range got.Arrays[f] {
				if math.Abs(x-want.Arrays[f][s]) > 1e-9 {
					t.Fatalf("field %d at site %d: %v, one of mass 1 has %v", f, s, x, want.Arrays[f][s])
				}
			}
		}
		rho := make([]float64, 768)
		r := run(t, m.Until(40))
		r.Model.(theory.Dense).EnergyDensity(rho, r.Last)
		back, all := 0.0, 0.0
		for s, e := range rho {
			if all += e; s < 256 {
				back += e
			}
		}
		if back > 1e-3*all {
			t.Errorf("%v of the energy ran backwards", back/all)
		}
	}
}
