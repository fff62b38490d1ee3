package reference

import (
	"fmt"
	"math"
	"math/cmplx"
)

// CoherentState is the solution of iħ∂_tψ = −(ħ²/2m)ψ″ + ½mω²(x − c)²ψ that starts
// as the ground state moved to x₀ with the momentum ħk,
//
//	ψ(x, t) = (mω/πħ)^¼ exp[−(mω/2ħ)(x − X)² + (i/ħ)P(x − X) + (i/ħ)S],
//	X = c + (x₀−c) cos ωt + (ħk/mω) sin ωt,   P = mẊ,
//	S = ½[P(X−c) − ħk(x₀−c)] − ½ħωt
//
// (E. Schrödinger, Naturwissenschaften 14, 664 (1926)). After a period every state
// of the well is back, times −1. Mass, Hbar and Omega are positive.
type CoherentState struct {
	Mass, Hbar, Omega float64
	Centre            float64 // c
	Start, WaveNumber float64 // x₀, k
}

// Psi returns ψ(x, t).
func (s CoherentState) Psi(x, t float64) complex128 {
	m, h, w := s.Mass, s.Hbar, s.Omega
	d, v := s.Start-s.Centre, h*s.WaveNumber/m
	sin, cos := math.Sincos(w * t)
	pos := d*cos + v/w*sin
	mom := m * (v*cos - d*w*sin)
	action := 0.5*(mom*pos-m*v*d) - 0.5*h*w*t
	y := x - s.Centre - pos
	return cmplx.Rect(math.Pow(m*w/(math.Pi*h), 0.25)*math.Exp(-m*w*y*y/(2*h)), (mom*y+action)/h)
}

// FreePacket is the free solution that starts as exp(−(x−x₀)²/2w² + ik(x−x₀)) of
// norm 1 on the line,
//
//	ψ(x, t) = (πw²)^−¼ z^−½ exp[−(x−x₀−vt)²/(2w²z) + ik(x−x₀) − iħk²t/2m],
//	z = 1 + iħt/(mw²),   v = ħk/m
//
// (E. H. Kennard, Z. Phys. 44, 326 (1927)). Mass, Hbar and Width are positive.
type FreePacket struct {
	Mass, Hbar               float64
	Start, Width, WaveNumber float64
}

// Psi returns ψ(x, t).
func (p FreePacket) Psi(x, t float64) complex128 {
	z := complex(1, p.Hbar*t/(p.Mass*p.Width*p.Width))
	y := x - p.Start - p.Hbar*p.WaveNumber/p.Mass*t
	phase := p.WaveNumber*(x-p.Start) - p.Hbar*p.WaveNumber*p.WaveNumber*t/(2*p.Mass)
	return complex(math.Pow(math.Pi*p.Width*p.Width, -0.25), 0) / cmplx.Sqrt(z) *
		cmplx.Exp(complex(-y*y/(2*p.Width*p.Width), 0)/z+complex(0, phase))
}

// BoxState is the state of quantum number n ≥ 1 between hard walls at 0 and L,
// √(2/L) sin(πnx/L) e^{−iEt/ħ} with E = ħ²π²n²/(2mL²). Mass, Hbar and Length are
// positive.
type BoxState struct {
	Mass, Hbar, Length float64
	N                  int
}

// Energy returns E.
func (b BoxState) Energy() float64 {
	k := math.Pi * float64(b.N) / b.Length
	return b.Hbar * b.Hbar * k * k / (2 * b.Mass)
}

// Psi returns ψ(x, t).
func (b BoxState) Psi(x, t float64) complex128 {
	a := math.Sqrt(2/b.Length) * math.Sin(math.Pi*float64(b.N)*x/b.Length)
	return cmplx.Rect(1, -b.Energy()*t/b.Hbar) * complex(a, 0)
}

// VortexState is a vortex of charge 1 beside the centre of the well ½mω²r² in the
// plane, a sum of the states of energy ħω and 2ħω:
//
//	ψ = N [(x + iy) e^{−iωt} − X] e^{−mωr²/2ħ − iωt},   X = x₀ + iy₀.
//
// Its core runs on a circle with the frequency of the well, x + iy = X e^{iωt} (the
// states are those of V. Fock, Z. Phys. 47, 446 (1928)). Mass, Hbar and Omega are
// positive.
type VortexState struct {
	Mass, Hbar, Omega float64
	X, Y              float64 // of the core at t = 0, from the centre of the well
}

// Core returns where ψ = 0.
func (v VortexState) Core(t float64) (x, y float64) {
	c := complex(v.X, v.Y) * cmplx.Rect(1, v.Omega*t)
	return real(c), imag(c)
}

// Psi returns ψ(x, y, t), of norm 1, with x and y from the centre of the well.
func (v VortexState) Psi(x, y, t float64) complex128 {
	b := v.Mass * v.Omega / v.Hbar
	norm := math.Sqrt(math.Pi / b * (1/b + v.X*v.X + v.Y*v.Y))
	turn := cmplx.Rect(1, -v.Omega*t)
	return (complex(x, y)*turn - complex(v.X, v.Y)) * turn * complex(math.Exp(-b*(x*x+y*y)/2)/norm, 0)
}

// BarrierTransmission returns the probability that a particle of momentum ħk
// crosses V(x) = V₀ sech²(x/w), V₀ > 0,
//
//	T = sinh²(πkw) / [sinh²(πkw) + cosh²(½π√(8mV₀w²/ħ² − 1))],
//
// with cos for cosh where the root is imaginary (Landau, Lifshitz, Quantum
// Mechanics, §25, problem 4).
func BarrierTransmission(mass, hbar, height, width, k float64) float64 {
	s := math.Sinh(math.Pi * k * width)
	q := 8*mass*height*width*width/(hbar*hbar) - 1
	c := math.Cosh(math.Pi / 2 * math.Sqrt(math.Abs(q)))
	if q < 0 {
		c = math.Cos(math.Pi / 2 * math.Sqrt(-q))
	}
	return s * s / (s*s + c*c)
}

// PacketTransmission returns the probability that the packet
// exp(−(x−x₀)²/2w_p² + ikx), far from the barrier in the beginning, crosses it:
// BarrierTransmission averaged over its momenta, whose density is
// (w_p/√π) exp(−w_p²(k′ − k)²). It fails unless its momenta are positive.
func PacketTransmission(mass, hbar, height, width, packetWidth, k float64) (float64, error) {
	if !(packetWidth*k > 6) {
		return 0, fmt.Errorf("reference.PacketTransmission: a packet of width %v and wave number %v moves both ways; use a product above 6", packetWidth, k)
	}
	const n = 4000
	lo, hi := k-6/packetWidth, k+6/packetWidth
	sum := 0.0 // the trapezoidal rule is exact to round-off for a Gaussian
	for i := range n + 1 {
		q := lo + (hi-lo)*float64(i)/n
		d := packetWidth * (q - k)
		sum += math.Exp(-d*d) * BarrierTransmission(mass, hbar, height, width, q)
	}
	return sum * (hi - lo) / n * packetWidth / math.Sqrt(math.Pi), nil
}

// TwistedRing is the free solution on a ring of length L with the boundary
// condition ψ(x + L) = e^{2πiκ}ψ(x), by the plane waves of wave number
// 2π(n + κ)/L: what a circulation κ that is no whole number amounts to (N. Byers,
// C. N. Yang, Phys. Rev. Lett. 7, 46 (1961)). It does not change.
type TwistedRing struct {
	mass, hbar, length, kappa float64
	c                         []complex128 // of n = −N/2 … N/2−1
}

// NewTwistedRing returns the solution whose e^{−2πiκx/L}ψ is the given periodic
// function at the sites x_i = iL/N. It fails for an empty one.
func NewTwistedRing(mass, hbar, length, kappa float64, periodic []complex128) (*TwistedRing, error) {
	size := len(periodic)
	if size == 0 {
		return nil, fmt.Errorf("reference.NewTwistedRing: no values; give ψ at every site")
	}
	r := &TwistedRing{mass, hbar, length, kappa, make([]complex128, size)}
	for j := range r.c {
		n := j - size/2
		for i, v := range periodic {
			r.c[j] += v * cmplx.Rect(1/float64(size), -2*math.Pi*float64(n*i%size)/float64(size))
		}
	}
	return r, nil
}

// Psi returns ψ(x, t).
func (r *TwistedRing) Psi(x, t float64) (psi complex128) {
	for j, c := range r.c {
		k := 2 * math.Pi * (float64(j-len(r.c)/2) + r.kappa) / r.length
		psi += c * cmplx.Rect(1, k*x-r.hbar*k*k*t/(2*r.mass))
	}
	return psi
}
