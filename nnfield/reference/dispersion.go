package reference

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Order is the order in the spacing a of a lattice Laplacian: 2, 4 or
// [Continuum]. Along an axis, −∇² multiplies the wave of wave number k by
//
//	2           λ = (4/a²) sin²(ka/2)
//	4           λ + a²λ²/12
//	Continuum   k²
type Order int

// Continuum is the limit of infinite order, λ = k². On a lattice it is the
// spectral Laplacian: exact for every wave that the lattice can carry.
const Continuum Order = math.MaxInt

func (o Order) valid() bool { return o == 2 || o == 4 || o == Continuum }

// symbol returns the eigenvalue of −∇² along an axis of spacing a.
func (o Order) symbol(k, a float64) float64 {
	s := math.Sin(k*a/2) * 2 / a
	switch lambda := s * s; o {
	case 2:
		return lambda
	case 4:
		return lambda + float64(lambda*lambda)*(a*a)/12
	case Continuum:
		return k * k
	}
	panic(fmt.Sprintf("reference: order %d; use 2, 4 or Continuum", o))
}

// slope returns d symbol/dk.
func (o Order) slope(k, a float64) float64 {
	switch o {
	case 2:
		return math.Sin(k*a) * 2 / a
	case 4:
		s := math.Sin(k * a / 2)
		return math.Sin(k*a) * 2 / a * (1 + float64(s*s)*2/3)
	case Continuum:
		return 2 * k
	}
	panic(fmt.Sprintf("reference: order %d; use 2, 4 or Continuum", o))
}

// Frequency returns the angular frequency of the wave e^{i(k·x−ωt)} of the free
// field φ̈ = ∇²φ − m²φ on the lattice,
//
//	ω(k) = √(m² + Σ_j λ(k_j, a_j)),
//
// with λ of the given [Order] ([F] §3). k has one component an axis, in units
// of 1/length; boundaries play no part. A wrong number of components or an
// unknown order panics.
func Frequency(l lattice.Lattice, mass float64, order Order, k ...float64) float64 {
	needComponents(l, k)
	square := float64(mass * mass)
	for j, kj := range k {
		square += order.symbol(kj, l.Spacing(j))
	}
	return math.Sqrt(square)
}

// PhaseVelocity returns ω(k)/|k|, the speed of the crests. It is +Inf at k = 0
// for a massive field and 1, the limit, for a massless one. Arguments are those
// of [Frequency].
func PhaseVelocity(l lattice.Lattice, mass float64, order Order, k ...float64) float64 {
	omega := Frequency(l, mass, order, k...)
	norm := 0.0
	for _, kj := range k {
		norm = math.Hypot(norm, kj)
	}
	if norm == 0 && mass == 0 {
		return 1
	}
	return omega / norm
}

// GroupVelocity returns the velocity ∂ω/∂k of a wave packet, one component an
// axis. At k = 0 it is 0; a massless field has no unique limit there. Arguments
// are those of [Frequency].
func GroupVelocity(l lattice.Lattice, mass float64, order Order, k ...float64) []float64 {
	omega := Frequency(l, mass, order, k...)
	v := make([]float64, len(k))
	if omega == 0 {
		return v
	}
	for j, kj := range k {
		v[j] = order.slope(kj, l.Spacing(j)) / (2 * omega)
	}
	return v
}

func needComponents(l lattice.Lattice, k []float64) {
	if len(k) != l.Dim() {
		panic(fmt.Sprintf("reference: %d components of k on a lattice of %d axes", len(k), l.Dim()))
	}
}

// LeapfrogFrequency returns the frequency Ω at which leapfrog with the time step
// ε = step turns an oscillator of frequency ω = omega,
//
//	(4/ε²) sin²(Ωε/2) = ω²,   so   Ω = (2/ε) asin(ωε/2) ≥ ω.
//
// It fails for a step that is not positive, a negative or infinite frequency,
// and above the stability limit ωε = 2, where no real Ω exists.
func LeapfrogFrequency(omega, step float64) (float64, error) {
	if !(omega >= 0) || math.IsInf(omega, 1) {
		return 0, fmt.Errorf("reference.LeapfrogFrequency: frequency %v; it must be finite and not negative", omega)
	}
	if !(step > 0) || math.IsInf(step, 1) {
		return 0, fmt.Errorf("reference.LeapfrogFrequency: step %v; it must be positive and finite", step)
	}
	s := omega * step / 2
	if s > 1 {
		return 0, fmt.Errorf("reference.LeapfrogFrequency: step %v is above the stability limit %.6g = 2/ω for ω = %.6g; use a smaller step", step, 2/omega, omega)
	}
	return 2 / step * math.Asin(s), nil
}
