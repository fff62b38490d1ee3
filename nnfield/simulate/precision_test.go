package simulate_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

func run(t *testing.T, s simulate.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What float32 costs, as its documentation says: the field is off by some 1e-6 of
// its amplitude, and the momentum is conserved to 7 digits instead of 15.
func TestFloat32(t *testing.T) {
	for name, kg := range map[string]nnfield.KleinGordonModel{
		"1-D":    nnfield.KleinGordon().Ring(512, 128).Mass(1).Packet(nnfield.Width(4), nnfield.WaveNumber(1)),
		"kink":   nnfield.KleinGordon().Line(512, 128, nnfield.Neumann, nnfield.Neumann).Mass(0).Potential(nnfield.Phi4(1, 1)).Kink(nnfield.Velocity(0.4)),
		"2-D":    nnfield.KleinGordon().Torus(128, 32).Mass(1).Packet(nnfield.Width(3), nnfield.WaveNumber(1, 0)),
		"sponge": nnfield.KleinGordon().Line(256, 64, nnfield.Driven("sin(2*t)"), nnfield.Absorbing(16)).Mass(1),
		"3-D":    nnfield.KleinGordon().Cube(24, 6).Laplacian(nnfield.Order4).Packet(nnfield.Width(1)),
	} {
		for integrator, limit := range map[string]float64{"leapfrog": 1e-5, "yoshida4": 3e-5} {
			s := kg.Until(60).Integrator(integrator).Frames(nnfield.Count(11))
			double, single := run(t, s), run(t, s.Precision(simulate.Float32))
			worst, largest := 0.0, 0.0
			for i, x := range double.Last.Arrays[0] {
				worst = max(worst, math.Abs(x-single.Last.Arrays[0][i]))
				largest = max(largest, math.Abs(x))
			}
			if e := worst / largest; e > limit || e < 1e-7 {
				t.Errorf("%s, %s: off by %.2g of the amplitude after %d steps", name, integrator, e, double.Stop.Step)
			}
			if p, err := single.Invariant("momentum x"); name == "1-D" && (err != nil || p.Drift() > 2e-6 || p.Drift() < 1e-9) {
				t.Errorf("%s, %s: the momentum drifts by %.2g (%v)", name, integrator, p.Drift(), err)
			}
		}
	}
}

// The bits of a float32 run depend neither on who computes it nor on when one looks.
func TestFloat32Bits(t *testing.T) {
	s := nnfield.KleinGordon().Cube(13, 4).Potential(nnfield.Phi4(1, 1)).Packet(nnfield.Width(0.6)).Until(5).Step(0.05).Precision(simulate.Float32)
	first := run(t, s.Frames(nnfield.Count(2)))
	for _, kernel := range []string{"", "go"} {
		t.Setenv("NNFIELD_KERNEL", kernel)
		again := run(t, s.Frames(nnfield.Every(7)))
		for f, a := range first.Last.Arrays {
			if !slices.Equal(a, again.Last.Arrays[f]) {
				t.Errorf("NNFIELD_KERNEL=%q: field %d has other bits", kernel, f)
			}
		}
	}
}

// The precision is part of the Spec, where it is not the default.
func TestPrecisionInSpec(t *testing.T) {
	s := nnfield.KleinGordon().Ring(16, 4).Until(1)
	spec := func(s simulate.Simulation) string {
		b, err := s.Spec(simulate.NewArrays())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if spec(s) != spec(s.Precision(simulate.Float32).Precision(simulate.Float64)) || strings.Contains(spec(s), "precision") {
		t.Error("float64 is not the default")
	}
	single := spec(s.Precision(simulate.Float32))
	if !strings.Contains(single, `"precision":"float32"`) {
		t.Errorf("Spec %s", single)
	}
	again, err := all.Decode([]byte(single), simulate.NewArrays())
	if err != nil || spec(again) != single {
		t.Errorf("read back: %v", err)
	}
}

func TestPrecisionRefused(t *testing.T) {
	ring := nnfield.KleinGordon().Ring(16, 4)
	for want, s := range map[string]simulate.Simulation{
		`Precision("half"): use "float64" or "float32"`:                                                                                        ring.Until(1).Precision("half"),
		`Precision("float32"): rk4 runs in float64 only; use leapfrog or another symplectic integrator`:                                        ring.Until(1).Integrator("rk4").Precision(simulate.Float32),
		`Precision("float32"): the theory dirac runs in float64 only; leave Precision out`:                                                     nnfield.Dirac().Ring(16, 4).Until(1).Precision(simulate.Float32),
		`Precision("float32"): there are kernels for equal spacings, Laplacians of order 2 and 4, and V = 0 or Phi4 only; leave Precision out`: ring.Potential(nnfield.SineGordon()).Until(1).Precision(simulate.Float32),
	} {
		if err := s.Check(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
