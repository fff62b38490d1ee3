package reference

import "math"

// PlaneWave is the running wave
//
//	φ(x, t) = A cos(kx − ωt + α)
//
// along one axis. It solves φ̈ = ∂²φ − m²φ in the continuum for ω = √(m² + k²) and
// on a ring for ω = [Frequency] and k a multiple of 2π/L; a leapfrog run of it has
// the frequency [LeapfrogFrequency]. A negative ω runs to the left for k > 0.
type PlaneWave struct {
	Amplitude  float64 // A
	WaveNumber float64 // k, 1/length
	Frequency  float64 // ω, 1/time
	Phase      float64 // α
}

// Phi returns φ(x, t).
func (w PlaneWave) Phi(x, t float64) float64 {
	return w.Amplitude * math.Cos(w.angle(x, t))
}

// PhiDot returns ∂φ/∂t.
func (w PlaneWave) PhiDot(x, t float64) float64 {
	return w.Amplitude * w.Frequency * math.Sin(w.angle(x, t))
}

func (w PlaneWave) angle(x, t float64) float64 {
	return float64(w.WaveNumber*x) - float64(w.Frequency*t) + w.Phase
}

// Energy returns the mean energy of a unit of length, ½A²ω²: half of it is
// kinetic, half ½(∂φ)² + ½m²φ².
func (w PlaneWave) Energy() float64 {
	e := w.Amplitude * w.Frequency
	return e * e / 2
}

// StandingWave is the mode
//
//	φ(x, t) = A cos(kx + α) cos(ωt)
//
// along one axis, with the frequencies of [PlaneWave]. Between Neumann walls at 0
// and L it has α = 0 and k a multiple of π/L, between Dirichlet walls α = −π/2.
type StandingWave struct {
	Amplitude  float64 // A
	WaveNumber float64 // k, 1/length
	Frequency  float64 // ω, 1/time
	Phase      float64 // α
}

// Phi returns φ(x, t).
func (w StandingWave) Phi(x, t float64) float64 {
	return w.Amplitude * math.Cos(float64(w.WaveNumber*x)+w.Phase) * math.Cos(w.Frequency*t)
}

// PhiDot returns ∂φ/∂t.
func (w StandingWave) PhiDot(x, t float64) float64 {
	return -w.Amplitude * w.Frequency * math.Cos(float64(w.WaveNumber*x)+w.Phase) * math.Sin(w.Frequency*t)
}

// Energy returns the mean energy of a unit of length, ¼A²ω², the same at all
// times.
func (w StandingWave) Energy() float64 {
	e := w.Amplitude * w.Frequency
	return e * e / 4
}
