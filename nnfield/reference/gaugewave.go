package reference

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// ElectromagneticWave is a plane wave of the free lattice Maxwell field ([F] §5 has
// it as a background) in temporal gauge, A_0 = 0 and E_j = ∂_tA_j, the sign in which
// D = ∂ + iqA and force +qE agree. A_j and E_j live on the links, at x + ½a_j ĵ:
//
//	A_j(x, t) = e_j cos(k·x + ½k_j a_j − Ωt + α),
//	E_j(x, t) = e_j ω sin(k·x + ½k_j a_j − Ωt + α),    ω² = Σ_j (4/a_j²) sin²(k_j a_j/2),
//
// with Σ_j e_j (2/a_j) sin(k_j a_j/2) = 0, so that Gauss's law div E = 0 holds on
// every site. In continuous time Ω = ω. In leapfrog with the step ε, A being taken
// at t = nε and E at (n + ½)ε, it is exact with (4/ε²) sin²(Ωε/2) = ω².
type ElectromagneticWave struct {
	lattice      lattice.Lattice
	k            []float64
	polarisation []float64
	phase        float64
	omega        float64 // ω
	frequency    float64 // Ω
}

// NewElectromagneticWave returns the wave with the given number of wavelengths along
// each axis, k_j = 2π·wavelengths_j/L_j, and the phase α. The vector e is what is
// left of polarisation without its longitudinal part. step is ε, or 0 for
// continuous time.
//
// It fails for a lattice that is not periodic or 1-dimensional, where no transverse
// wave exists, for vectors of the wrong length, no wavelength at all, a
// polarisation that is longitudinal or not finite, and a step that is negative
// or above the stability limit 2/ω.
func NewElectromagneticWave(l lattice.Lattice, wavelengths []int, polarisation []float64, phase, step float64) (ElectromagneticWave, error) {
	const call = "reference.NewElectromagneticWave"
	fail := func(format string, args ...any) (ElectromagneticWave, error) {
		return ElectromagneticWave{}, fmt.Errorf(call+": "+format, args...)
	}
	if err := checkPeriodic(l); err != nil {
		return fail("%w", err)
	}
	if l.Dim() < 2 {
		return fail("1 axis; a transverse wave needs 2 or 3")
	}
	if len(wavelengths) != l.Dim() || len(polarisation) != l.Dim() {
		return fail("%d wavelengths and %d components of the polarisation for %d axes; give one each an axis", len(wavelengths), len(polarisation), l.Dim())
	}
	if !finite(phase) {
		return fail("phase %v; it must be finite", phase)
	}
	w := ElectromagneticWave{lattice: l, phase: phase}
	along, size := 0.0, 0.0
	gradient := make([]float64, l.Dim()) // (2/a) sin(ka/2)
	for j, n := range wavelengths {
		if !finite(polarisation[j]) {
			return fail("polarisation[%d] = %v; it must be finite", j, polarisation[j])
		}
		a := l.Axis(j)
		n %= a.Sites // the same wave
		w.k = append(w.k, 2*math.Pi*float64(n)/a.Length)
		gradient[j] = 2 / a.Spacing() * math.Sin(math.Pi*float64(n)/float64(a.Sites))
		w.omega = math.Hypot(w.omega, gradient[j])
		along += gradient[j] * polarisation[j]
		size = math.Hypot(size, polarisation[j])
	}
	if w.omega == 0 {
		return fail("wavelengths %v are none on this lattice; give one axis some", wavelengths)
	}
	rest := 0.0
	for j, g := range gradient {
		w.polarisation = append(w.polarisation, polarisation[j]-along*g/(w.omega*w.omega))
		rest = math.Hypot(rest, w.polarisation[j])
	}
	if !(rest > 1e-12*size) {
		return fail("the polarisation %v is longitudinal; give it a part across the wave", polarisation)
	}
	w.frequency = w.omega
	if step != 0 {
		if !(step > 0 && step <= 2/w.omega) {
			return fail("step %v; it must be 0 or positive and at most the stability limit 2/ω = %.6g", step, 2/w.omega)
		}
		w.frequency = 2 / step * math.Asin(w.omega*step/2)
	}
	return w, nil
}

// Frequency returns Ω, the angular frequency at which the wave turns.
func (w ElectromagneticWave) Frequency() float64 { return w.frequency }

// Potential returns A along an axis at time t, one value a site x for the link from
// x. Times q·a_j it is the phase θ_j of [Links].
func (w ElectromagneticWave) Potential(axis int, t float64) []float64 {
	return w.sample(axis, t, w.polarisation[axis], math.Cos)
}

// Electric returns E along an axis at time t, one value a site x for the link from
// x.
func (w ElectromagneticWave) Electric(axis int, t float64) []float64 {
	return w.sample(axis, t, w.polarisation[axis]*w.omega, math.Sin)
}

func (w ElectromagneticWave) sample(axis int, t, amplitude float64, shape func(float64) float64) []float64 {
	field := make([]float64, w.lattice.Sites())
	shift := w.phase + w.k[axis]*w.lattice.Spacing(axis)/2 - float64(w.frequency*t)
	for i := range field {
		field[i] = shift
	}
	for j, k := range w.k {
		for i, x := range w.lattice.Coordinates(j) {
			field[i] += float64(k * x)
		}
	}
	for i, angle := range field {
		field[i] = amplitude * shape(angle)
	}
	return field
}
