package reference

import (
	"errors"
	"fmt"
	"math"
)

// KleinTransmission returns the part of a Dirac wave of energy E that passes a
// scalar potential step from 0 to V = height, in one dimension and the continuum
// (O. Klein, Z. Phys. 53, 157, 1929),
//
//	T = 4κ/(1+κ)²,   κ = (p/k) (E+m)/(E−V+m),
//	k = √(E²−m²),    p = sgn(E−V) √((E−V)²−m²).
//
// The sign of p makes the wave beyond the step run away from it. No wave exists
// there and T = 0 for |E−V| ≤ m; beyond V > E+m the wave passes on as one of
// negative energy, the Klein paradox. A massless wave passes every step, T = 1.
//
// It fails unless E, V and m are finite, m ≥ 0 and E > m.
func KleinTransmission(energy, height, mass float64) (float64, error) {
	if err := checkStep(height, mass); err != nil {
		return 0, fmt.Errorf("reference.KleinTransmission: %w", err)
	}
	if !(energy > mass) || !finite(energy) {
		return 0, fmt.Errorf("reference.KleinTransmission: energy %v; a wave comes in only for a finite energy above the mass %v", energy, mass)
	}
	return klein(energy, height, mass), nil
}

// StepTransmission returns the part of the charge that passes a scalar potential
// step of the given height, [KleinTransmission] averaged over what comes in from
// the left: the waves of positive energy with 0 < k < π/2a, |P₊ψ(k)|² being their
// weight and E = √(k²+m²) the energy in the continuum. incoming is the part of the
// whole charge that they carry; it should be near 1, else the packet does not
// run at the step as a whole.
//
// On the lattice the result holds up to O(a²), for r = 0, as long as momenta on
// both sides are small: |p|a ≤ 0.12 for 1 %.
//
// It fails for more than one dimension, for a Wilson term, for a step that is not
// finite, and for a field without incoming waves.
func (f *FreeDirac) StepTransmission(height float64) (transmission, incoming float64, err error) {
	const call = "reference.FreeDirac.StepTransmission"
	d := f.equation
	mass := math.Abs(d.Mass) // its sign is one of the matrix β
	switch err := checkStep(height, mass); {
	case err != nil:
		return 0, 0, fmt.Errorf("%s: %w", call, err)
	case f.lattice.Dim() != 1:
		return 0, 0, fmt.Errorf("%s: %d dimensions; the closed form has 1", call, f.lattice.Dim())
	case d.Wilson != 0:
		return 0, 0, fmt.Errorf("%s: Wilson parameter r = %v; the closed form needs 0", call, d.Wilson)
	}
	positive := f.Positive()
	sites, total := len(f.omega), 0.0
	for i, v := range f.psi {
		weight := abs2(positive.psi[i])
		total += abs2(v)
		wave := i % sites
		if wave == 0 || 4*wave >= sites {
			continue
		}
		k := 2 * math.Pi * float64(wave) / f.lattice.Axis(0).Length
		incoming += weight
		transmission += weight * klein(math.Hypot(k, mass), height, mass)
	}
	if !(incoming > 1e-12*total) {
		return 0, 0, fmt.Errorf("%s: no wave of positive energy runs to the right; give the packet a wave number between 0 and π/2a", call)
	}
	return transmission / incoming, incoming / total, nil
}

// klein is T(E, V, m) for E > m.
func klein(energy, height, mass float64) float64 {
	beyond := energy - height
	if mass == 0 {
		return 1
	}
	if math.Abs(beyond) <= mass {
		return 0
	}
	// (E−m)(E+m) keeps the digits that E²−m² loses near the threshold.
	k := math.Sqrt((energy - mass) * (energy + mass))
	p := math.Copysign(math.Sqrt((beyond-mass)*(beyond+mass)), beyond)
	kappa := p / k * (energy + mass) / (beyond + mass)
	return 4 * kappa / ((1 + kappa) * (1 + kappa))
}

func checkStep(height, mass float64) error {
	if !(mass >= 0) || math.IsInf(mass, 1) {
		return fmt.Errorf("mass %v; it must be finite and not negative", mass)
	}
	if !finite(height) {
		return errors.New("the height of the step is not finite; give a finite one")
	}
	return nil
}
