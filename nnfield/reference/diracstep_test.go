package reference_test

import (
	"math"
	"math/cmplx"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

func transmission(t interface{ Fatal(...any) }, energy, height, mass float64) float64 {
	v, err := reference.KleinTransmission(energy, height, mass)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Waves (E−V+m, p)ᵀe^{ipx} of h = −iσ_x∂ + σ_z m + V on both sides, made continuous
// at the step: the current ψ†σ_xψ that passes is T of the one that comes in.
func TestKleinTransmissionByMatching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mass := rapid.Float64Range(0.01, 2).Draw(t, "mass")
		energy := mass * rapid.Float64Range(1.01, 4).Draw(t, "E/m")
		height := rapid.Float64Range(-5, 8).Draw(t, "height")
		k, beyond := math.Sqrt(energy*energy-mass*mass), energy-height
		p := cmplx.Sqrt(complex(beyond*beyond-mass*mass, 0))
		if beyond < 0 && imag(p) == 0 {
			p = -p // the current 2p(E−V+m) must run to the right
		}
		up, down := complex(beyond+mass, 0), p
		// (E+m, k) + r(E+m, −k) = s(up, down).
		s := complex(2*(energy+mass)*k, 0) / (up*complex(k, 0) + down*complex(energy+mass, 0))
		passed := real(cmplx.Conj(s*up)*s*down) / ((energy + mass) * k)
		r := s*up/complex(energy+mass, 0) - 1
		if math.Abs(passed+abs2(r)-1) > 1e-9 {
			t.Fatalf("%v passes and %v comes back", passed, abs2(r))
		}
		if got := transmission(t, energy, height, mass); math.Abs(got-passed) > 1e-9 {
			t.Fatalf("T = %v, want %v", got, passed)
		}
	})
}

func abs2(z complex128) float64 { return real(z)*real(z) + imag(z)*imag(z) }

func TestKleinTransmissionLimits(t *testing.T) {
	near(t, "no step", transmission(t, 1.5, 0, 1), 1, 1e-15)
	near(t, "the middle of the gap", transmission(t, 1.5, 1.5, 1), 0, 0)
	near(t, "the edges of the gap", transmission(t, 1.5, 2.5, 1)+transmission(t, 1.5, 0.5, 1), 0, 0)
	near(t, "massless", transmission(t, 1.5, 1.5, 0), 1, 0)
	near(t, "nearly massless", transmission(t, 1.5, 9, 1e-6), 1, 1e-12)
	// κ → √((E+m)/(E−m)) far above, and V = 2E turns E−V into −E: κ = (E+m)/(E−m)
	// and T = 1 − m²/E².
	near(t, "V = 2E", transmission(t, 1.25, 2.5, 1), 1-1/(1.25*1.25), 1e-15)
	root := math.Sqrt(2.25 / 0.25)
	near(t, "V → ∞", transmission(t, 1.25, 1e9, 1), 4*root/((1+root)*(1+root)), 1e-8)
	// Slow waves at a low step are Schrödinger's.
	k, p := math.Sqrt(2*1e-6), math.Sqrt(2*0.4e-6)
	near(t, "slow", transmission(t, 1+1e-6, 0.6e-6, 1), 4*k*p/((k+p)*(k+p)), 1e-5)
}

// A packet that meets a step on a ring of central differences, by leapfrog: T is
// the closed form's to 1 % and twice as fine a lattice brings it four times nearer.
func TestStepTransmissionOfAPacket(t *testing.T) {
	const length, mass, k, height, width = 240., 1., 0.8, 3.2, 6.
	deviation := func(sites int) float64 {
		l := newLattice(t, lattice.Ring(sites, length))
		d := standard(t, 1)
		d.Mass = mass
		energy := math.Hypot(k, mass)
		phi, beta := packet(l, width, k, complex(energy+mass, 0), complex(k, 0))
		f := newFreeDirac(t, l, d, phi, beta).Positive()
		want, incoming, err := f.StepTransmission(height)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "incoming", incoming, 1, 1e-4)
		if math.Abs(want-transmission(t, energy, height, mass)) < 1e-3 {
			t.Errorf("the average %v over the packet does not tell", want)
		}
		// The step is 30 ahead of the packet, half a spacing from a site, and far from
		// the seam on the other side of the ring.
		psi := make([][2]complex128, sites)
		phi, beta = f.At(0)
		for s := range psi {
			psi[s] = [2]complex128{complex(phi[s], beta[s]), complex(phi[sites+s], beta[sites+s])}
		}
		step := sites/2 + int(math.Round(30/l.Spacing(0)))
		end := sites - 1
		next, a := make([][2]complex128, sites), l.Spacing(0)
		old := make([][2]complex128, sites)
		slope := func(dst, psi [][2]complex128) {
			for s := range psi {
				right, left := psi[(s+1)%sites], psi[(s+sites-1)%sites]
				v := complex(0, 0)
				if s >= step && s < end {
					v = height
				}
				for c := range 2 {
					gradient := (right[1-c] - left[1-c]) / complex(2*a, 0)
					m := complex(mass*float64(1-2*c), 0)
					dst[s][c] = -gradient - 1i*(m+v)*psi[s][c]
				}
			}
		}
		// ψ(t+ε) = ψ(t−ε) + 2εψ̇, started by Taylor.
		const time = 85.
		dt := 0.1 * a
		slope(next, psi)
		for s := range psi {
			old[s] = psi[s]
			for c := range 2 {
				psi[s][c] += complex(dt, 0) * next[s][c]
			}
		}
		second := make([][2]complex128, sites)
		slope(second, next)
		for s := range psi {
			for c := range 2 {
				psi[s][c] += complex(dt*dt/2, 0) * second[s][c]
			}
		}
		for range int(time / dt) {
			slope(next, psi)
			for s := range psi {
				for c := range 2 {
					old[s][c] += complex(2*dt, 0) * next[s][c]
				}
			}
			old, psi = psi, old
		}
		passed, total := 0.0, 0.0
		for s, v := range psi {
			density := abs2(v[0]) + abs2(v[1])
			total += density
			if s >= step {
				passed += density
			}
		}
		return passed/total - want
	}
	coarse, fine := deviation(1920), deviation(3840)
	if math.Abs(fine) > 0.01 || !(coarse/fine > 3 && coarse/fine < 5) {
		t.Errorf("T is off by %v and on twice as fine a lattice by %v; want less than 0.01 and a factor of 4", coarse, fine)
	}
}

func TestStepErrors(t *testing.T) {
	for _, c := range []struct {
		energy, height, mass float64
		want                 string
	}{
		{1, 0, -1, "mass -1"},
		{1, math.NaN(), 1, "height of the step is not finite"},
		{1, 2, 1, "energy 1; a wave comes in only for a finite energy above the mass 1"},
		{math.Inf(1), 2, 1, "energy +Inf"},
	} {
		_, err := reference.KleinTransmission(c.energy, c.height, c.mass)
		wantError(t, err, "reference.KleinTransmission: ", c.want)
	}
	l := newLattice(t, lattice.Ring(16, 16))
	d := standard(t, 1)
	phi, beta := packet(l, 2, -0.8, 1, 0)
	f := newFreeDirac(t, l, d, phi, beta)
	_, _, err := f.StepTransmission(math.Inf(1))
	wantError(t, err, "reference.FreeDirac.StepTransmission: ", "height")
	zero := make([]float64, 32)
	_, _, err = newFreeDirac(t, l, d, zero, zero).StepTransmission(1)
	wantError(t, err, "no wave of positive energy runs to the right")
	// A doubler of positive energy at k = 3π/4a runs to the left.
	phi, beta = packet(l, 2, 2.36, 1, 1)
	_, incoming, err := newFreeDirac(t, l, d, phi, beta).Positive().StepTransmission(1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "incoming part of a doubler", incoming, 0, 0.01)
	d.Wilson = 1
	_, _, err = newFreeDirac(t, l, d, phi, beta).StepTransmission(1)
	wantError(t, err, "Wilson parameter r = 1; the closed form needs 0")
	plane := newLattice(t, lattice.Ring(4, 1), lattice.Ring(4, 1))
	_, _, err = newFreeDirac(t, plane, standard(t, 2), zero, zero).StepTransmission(1)
	wantError(t, err, "2 dimensions; the closed form has 1")
}
