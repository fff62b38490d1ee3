package observe_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

func run(t *testing.T, s nnfield.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Parseval: with the modes of each shell counted here, the powers sum to Σφ².
func TestPowerSpectrumSumsToTheSquare(t *testing.T) {
	r := run(t, nnfield.KleinGordon().Ring(16, 4).Thermal(nnfield.Temperature(1), nnfield.Seed(3)).Until(0.5))
	k, power, err := observe.PowerSpectrum(r, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(k) != 8 || math.Abs(k[0]-2*math.Pi/4) > 1e-12 || math.Abs(k[7]-4*math.Pi) > 1e-12 {
		t.Fatalf("wave numbers %v", k)
	}
	phi := r.State(0).Arrays[0]
	want, mean := 0.0, 0.0
	for _, v := range phi {
		want += v * v
		mean += v / 16
	}
	got := 16 * mean * mean
	for i, p := range power {
		modes := 2.0
		if i == 7 {
			modes = 1
		}
		got += modes * p
	}
	if math.Abs(got-want) > 1e-12*want {
		t.Errorf("the powers sum to %v, Σφ² = %v", got, want)
	}
}

func TestPowerSpectrumOfAPlaneWave(t *testing.T) {
	m := nnfield.KleinGordon().Lattice(nnfield.Ring(12, 6), nnfield.Ring(12, 6)).PlaneWave(nnfield.Mode(2, 1))
	k, power, err := observe.PowerSpectrum(run(t, m.Until(0.2)), 0)
	if err != nil {
		t.Fatal(err)
	}
	best := 0
	for i, p := range power {
		if p > power[best] {
			best = i
		}
	}
	// |k| = √5·2π/6 falls into the shell of modes (2,0), (2,1) and their like.
	if math.Abs(k[best]-math.Sqrt(5)*math.Pi/3) > math.Pi/6 {
		t.Errorf("the power sits at |k| = %v", k[best])
	}
	for i, p := range power {
		if i != best && p > 1e-20*power[best] {
			t.Errorf("power %v at |k| = %v", p, k[i])
		}
	}
}

// A wave that runs to the right shows as one line at (k, ω(k)).
func TestFrequencySpectrumOfAPlaneWave(t *testing.T) {
	r := run(t, nnfield.KleinGordon().Ring(32, 8).Mass(1).PlaneWave(nnfield.Mode(3)).Until(40).Frames(nnfield.Every(2)))
	f, err := observe.FrequencySpectrum(r)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(f.K) || !slices.IsSorted(f.Omega) || len(f.Power) != len(f.K)*len(f.Omega) || len(f.K) != 32 {
		t.Fatalf("axes %v, %v", f.K, f.Omega)
	}
	best := 0
	for i, p := range f.Power {
		if p > f.Power[best] {
			best = i
		}
	}
	k, w := f.K[best%32], f.Omega[best/32]
	want, err := observe.Branch(r, k)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(k-3*2*math.Pi/8) > 1e-12 || math.Abs(w-want) > f.Omega[1] {
		t.Errorf("the line is at k = %v, ω = %v; the wave at %v, %v", k, w, 3*2*math.Pi/8, want)
	}
	// Hann's window: 8 lines away there is less than 1e-6 of the peak.
	for j := range f.Omega {
		if d := j - best/32; (d > 8 || d < -8) && f.Power[j*32+best%32] > 1e-6*f.Power[best] {
			t.Errorf("%v of the peak leaks to ω = %v", f.Power[j*32+best%32]/f.Power[best], f.Omega[j])
		}
	}
}

func TestSpectraThatCannotBe(t *testing.T) {
	line := run(t, nnfield.KleinGordon().Lattice(nnfield.Line(16, 4, nnfield.Dirichlet, nnfield.Dirichlet)).Until(0.5))
	ring := run(t, nnfield.KleinGordon().Ring(16, 4).Until(0.5).Frames(nnfield.Count(2)))
	_, err := observe.FrequencySpectrum(line)
	_, err2 := observe.FrequencySpectrum(ring)
	_, _, err3 := observe.PowerSpectrum(line, 0)
	_, _, err4 := observe.PowerSpectrum(ring, 99)
	for i, c := range []struct {
		err  error
		says string
	}{{err, "not a ring"}, {err2, "fewer than 4"}, {err3, "has walls"}, {err4, "frames 0 to"}} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%d: error %v does not say %q", i, c.err, c.says)
		}
	}
}
