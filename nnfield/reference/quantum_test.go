package reference

import (
	"math"
	"math/cmplx"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// residual returns |iħ∂_tψ + (ħ²/2m)∂²ψ − Vψ| by central differences of order 4.
func residual(psi func(x, t float64) complex128, m, h, v, x, t float64) float64 {
	const d = 2e-3
	time := (8*(psi(x, t+d)-psi(x, t-d)) - (psi(x, t+2*d) - psi(x, t-2*d))) / (12 * d)
	space := (16*(psi(x+d, t)+psi(x-d, t)) - (psi(x+2*d, t) + psi(x-2*d, t)) - 30*psi(x, t)) / (12 * d * d)
	return cmplx.Abs(complex(0, h)*time + complex(h*h/(2*m), 0)*space - complex(v, 0)*psi(x, t))
}

// Every closed form solves its Schrödinger equation and is what it says at t = 0.
func TestQuantumClosedForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Float64Range(0.5, 2).Draw(t, "m")
		h := rapid.Float64Range(0.5, 2).Draw(t, "ħ")
		w := rapid.Float64Range(0.5, 1.5).Draw(t, "ω")
		k := rapid.Float64Range(-2, 2).Draw(t, "k")
		x := rapid.Float64Range(-1.5, 1.5).Draw(t, "x")
		at := rapid.Float64Range(-2, 2).Draw(t, "t")
		check := func(name string, psi func(x, t float64) complex128, v float64) {
			if r := residual(psi, m, h, v, x, at); r > 1e-5 { // of terms near 1; what is left is that of the differences
				t.Fatalf("%s: residual %.2g", name, r)
			}
		}
		coherent := CoherentState{m, h, w, 0.3, 0.8, k}
		check("coherent state", coherent.Psi, m*w*w*(x-0.3)*(x-0.3)/2)
		if z := coherent.Psi(x, 0); math.Abs(cmplx.Phase(z*cmplx.Rect(1, -k*(x-0.8)))) > 1e-12 {
			t.Fatalf("coherent state: phase %v at t = 0", cmplx.Phase(z))
		}
		check("free packet", FreePacket{m, h, 0.2, 0.9, k}.Psi, 0)
		check("box", BoxState{m, h, 5, 3}.Psi, 0)
		ring, err := NewTwistedRing(m, h, 9, w, []complex128{1, 2i, 3, -1, 0.5})
		if err != nil {
			t.Fatal(err)
		}
		check("twisted ring", ring.Psi, 0)
		if d := cmplx.Abs(ring.Psi(x+9, at) - cmplx.Rect(1, 2*math.Pi*w)*ring.Psi(x, at)); d > 1e-12 {
			t.Fatalf("twisted ring: off by %.2g around it", d)
		}
		if d := cmplx.Abs(ring.Psi(1.8, 0) - 2i*cmplx.Rect(1, 2*math.Pi*w/5)); d > 1e-12 {
			t.Fatalf("twisted ring: off by %.2g at t = 0", d)
		}

		vortex := VortexState{m, h, w, 0.4, -0.2}
		y := 0.7
		const d = 1e-3
		lap := (vortex.Psi(x+d, y, at) + vortex.Psi(x-d, y, at) + vortex.Psi(x, y+d, at) + vortex.Psi(x, y-d, at) - 4*vortex.Psi(x, y, at)) / (d * d)
		dt := (vortex.Psi(x, y, at+d) - vortex.Psi(x, y, at-d)) / (2 * d)
		r := complex(0, h)*dt + complex(h*h/(2*m), 0)*lap - complex(m*w*w*(x*x+y*y)/2, 0)*vortex.Psi(x, y, at)
		if cmplx.Abs(r) > 1e-4 {
			t.Fatalf("vortex: residual %.2g", cmplx.Abs(r))
		}
		if cx, cy := vortex.Core(at); cmplx.Abs(vortex.Psi(cx, cy, at)) > 1e-14 {
			t.Fatalf("vortex: no node at %v, %v", cx, cy)
		}
	})
}

func TestQuantumNorms(t *testing.T) {
	sum := func(psi func(x float64) complex128, lo, hi float64) (s float64) {
		const n = 4000
		for i := range n {
			z := psi(lo + (hi-lo)*(float64(i)+0.5)/n)
			s += (real(z)*real(z) + imag(z)*imag(z)) * (hi - lo) / n
		}
		return s
	}
	vortex := VortexState{1.5, 0.7, 1.2, 0.4, -0.3}
	plane := 0.0
	for i := range 200 {
		x := (float64(i) - 99.5) * 0.06
		plane += sum(func(y float64) complex128 { return vortex.Psi(x, y, 1) }, -6, 6) * 0.06
	}
	for name, got := range map[string]float64{
		"coherent": sum(func(x float64) complex128 { return CoherentState{2, 0.5, 1, 0, 1, 1}.Psi(x, 0.7) }, -9, 9),
		"packet":   sum(func(x float64) complex128 { return FreePacket{2, 0.5, 0, 1, 1}.Psi(x, 3) }, -20, 20),
		"box":      sum(func(x float64) complex128 { return BoxState{2, 0.5, 3, 4}.Psi(x, 3) }, 0, 3),
		"vortex":   plane,
	} {
		if math.Abs(got-1) > 1e-9 {
			t.Errorf("%s: norm %v", name, got)
		}
	}
}

// The transmission through sech² is that of the Schrödinger equation, integrated
// from the far side by Runge and Kutta; both signs of the root occur.
func TestBarrierTransmission(t *testing.T) {
	for _, c := range []struct{ m, h, v, w, k float64 }{
		{1, 1, 2, 1, 1.6}, {1, 1, 0.1, 0.5, 0.7}, {2, 0.5, 1, 0.6, 3}, {0.5, 1, 0.3, 0.4, 1},
	} {
		slope := func(x float64, f [2]complex128) [2]complex128 {
			s := 1 / math.Cosh(x/c.w)
			return [2]complex128{f[1], complex(2*c.m*c.v*s*s/(c.h*c.h)-c.k*c.k, 0) * f[0]}
		}
		end := 20 * c.w
		f := [2]complex128{cmplx.Rect(1, c.k*end), complex(0, c.k) * cmplx.Rect(1, c.k*end)}
		const n = 20000
		d := -2 * end / n
		step := func(f, g [2]complex128, h float64) [2]complex128 {
			return [2]complex128{f[0] + complex(h, 0)*g[0], f[1] + complex(h, 0)*g[1]}
		}
		for i := range n {
			x := end + d*float64(i)
			a := slope(x, f)
			b := slope(x+d/2, step(f, a, d/2))
			e := slope(x+d/2, step(f, b, d/2))
			g := slope(x+d, step(f, e, d))
			for j := range f {
				f[j] += complex(d/6, 0) * (a[j] + 2*b[j] + 2*e[j] + g[j])
			}
		}
		incoming := (f[0] + f[1]/complex(0, c.k)) / 2
		want := 1 / (real(incoming)*real(incoming) + imag(incoming)*imag(incoming))
		if got := BarrierTransmission(c.m, c.h, c.v, c.w, c.k); math.Abs(got-want) > 1e-8 {
			t.Errorf("%+v: T = %v, integrated %v", c, got, want)
		}
	}
	wide, err := PacketTransmission(1, 1, 2, 1, 400, 1.6)
	if one := BarrierTransmission(1, 1, 2, 1, 1.6); err != nil || math.Abs(wide-one) > 1e-4 {
		t.Errorf("a packet of one momentum: %v, want %v (%v)", wide, one, err)
	}
	if _, err := PacketTransmission(1, 1, 2, 1, 1, 1); err == nil {
		t.Error("a packet that moves both ways was taken")
	}
}

// Crank-Nicolson turns the eigenvectors of the lattice Hamiltonian by the Cayley
// phase of their eigenvalues: walls of both kinds, a twisted ring, a plane.
func TestCrankNicolsonEigenvectors(t *testing.T) {
	const m, h, step, v = 0.8, 1.3, 0.05, 0.6
	dirichlet, neumann := lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann}
	phase := func(energy float64) complex128 {
		a := complex(0, step*energy/(2*h))
		return (1 - a) / (1 + a)
	}
	kinetic := func(k, a float64) float64 {
		s := math.Sin(k*a/2) / a
		return 2 * h * h / m * s * s
	}
	for name, c := range map[string]struct {
		axis  lattice.Axis
		kappa float64
		k     float64
		wave  func(kx float64) complex128
	}{
		"dirichlet": {lattice.Line(9, 4, dirichlet, dirichlet), 0, 3 * math.Pi / 4, func(x float64) complex128 { return complex(math.Sin(x), 0) }},
		"neumann":   {lattice.Line(9, 4, neumann, neumann), 0, 2 * math.Pi / 4, func(x float64) complex128 { return complex(math.Cos(x), 0) }},
		"twisted":   {lattice.Ring(9, 4), 0.3, 2 * math.Pi * 2.3 / 4, func(x float64) complex128 { return cmplx.Rect(1, x) }},
		"ring":      {lattice.Ring(3, 4), 0, -2 * math.Pi / 4, func(x float64) complex128 { return cmplx.Rect(1, x) }},
	} {
		for _, plane := range []bool{false, true} {
			axes, kappa, energies := []lattice.Axis{c.axis}, []float64{c.kappa}, []float64{kinetic(c.k, c.axis.Spacing()) + v}
			other := lattice.Ring(7, 3)
			q := 2 * math.Pi / 3
			if plane {
				axes, kappa = append(axes, other), append(kappa, 0)
				energies = []float64{kinetic(c.k, c.axis.Spacing()) + v/2, kinetic(q, other.Spacing()) + v/2}
			}
			l, err := lattice.New(axes...)
			if err != nil {
				t.Fatal(err)
			}
			pot, psi := make([]float64, l.Sites()), make([]complex128, l.Sites())
			for s, x := range l.Coordinates(0) {
				pot[s], psi[s] = v, c.wave(c.k*x)
				if plane {
					psi[s] *= cmplx.Rect(1, q*l.Coordinates(1)[s])
				}
			}
			cn, err := NewCrankNicolson(l, m, h, step, pot, kappa)
			if err != nil {
				t.Fatal(name, err)
			}
			want := append([]complex128(nil), psi...)
			cn.Advance(psi, 3)
			turn := phase(energies[0])
			if plane { // x for half a step, twice
				a := complex(0, step*energies[0]/(4*h))
				turn = (1 - a) / (1 + a) * (1 - a) / (1 + a) * phase(energies[1])
			}
			for s := range psi {
				if d := cmplx.Abs(psi[s] - want[s]*turn*turn*turn); d > 1e-13 {
					t.Fatalf("%s, plane %v: off by %.2g at site %d", name, plane, d, s)
				}
			}
			if n := testing.AllocsPerRun(5, func() { cn.Advance(psi, 1) }); n != 0 {
				t.Errorf("%s: %v allocations a step", name, n)
			}
		}
	}
}

func TestBadCrankNicolson(t *testing.T) {
	ring, _ := lattice.New(lattice.Ring(4, 1))
	tiny, _ := lattice.New(lattice.Ring(2, 1))
	cube, _ := lattice.New(lattice.Ring(4, 1), lattice.Ring(4, 1), lattice.Ring(4, 1))
	sponge, _ := lattice.New(lattice.Line(9, 4, lattice.Absorbing(1), lattice.Absorbing(1)))
	v := make([]float64, 4)
	for name, err := range map[string]error{
		"axes":   second(NewCrankNicolson(cube, 1, 1, 1, make([]float64, 64), nil)),
		"tiny":   second(NewCrankNicolson(tiny, 1, 1, 1, v[:2], nil)),
		"sponge": second(NewCrankNicolson(sponge, 1, 1, 1, make([]float64, 9), nil)),
		"mass":   second(NewCrankNicolson(ring, 0, 1, 1, v, nil)),
		"step":   second(NewCrankNicolson(ring, 1, 1, math.NaN(), v, nil)),
		"V":      second(NewCrankNicolson(ring, 1, 1, 1, v[:3], nil)),
		"twists": second(NewCrankNicolson(ring, 1, 1, 1, v, []float64{0, 0})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewTwistedRing(1, 1, 1, 0, nil); err == nil {
		t.Error("an empty ring was taken")
	}
}

func second(_ *CrankNicolson, err error) error { return err }
