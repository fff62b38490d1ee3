package lorentz

import (
	"fmt"
	"math"
)

// moments returns Σn_j⁴, Σn_j⁶ and Σn_j⁸ of the unit vector along a direction.
func moments(direction []float64) (n4, n6, n8 float64) {
	square := 0.0
	for _, n := range direction {
		square += float64(n * n)
	}
	for _, n := range direction {
		n2 := n * n / square
		n4 += float64(n2 * n2)
		n6 += float64(n2 * n2 * n2)
		n8 += float64(n2 * n2 * n2 * n2)
	}
	return n4, n6, n8
}

// PhaseError predicts ω/k − 1 of massless waves on the weights of a name that
// [Standard] makes, to two orders in κ = ka, with n the unit vector along k:
//
//	order-2    −(κ²/24)Σn⁴ + κ⁴(Σn⁶/720 − (Σn⁴)²/1152)
//	order-4    −(κ⁴/180)Σn⁶ + (κ⁶/2016)Σn⁸
//	isotropic  −κ²/24 + κ⁴(Σn⁴/144 − Σn⁶/180 − 1/1152)
//	spectral   0
//
// Between an axis and the diagonal of the plane it therefore differs by κ²/48,
// κ⁴/240, κ⁴/1440 and 0. The series follow from the eigenvalues of the Laplacians.
// It is not a number for other names.
func PhaseError(name string, ka float64, direction ...float64) float64 {
	n4, n6, n8 := moments(direction)
	k2 := ka * ka
	switch name {
	case Order2:
		return float64(-k2/24*n4) + float64(k2*k2*(n6/720-n4*n4/1152))
	case Order4:
		return float64(-k2*k2/180*n6) + float64(k2*k2*k2/2016*n8)
	case Isotropic:
		return -k2/24 + float64(k2*k2*(n4/144-n6/180-1./1152))
	case Spectral:
		return 0
	}
	return math.NaN()
}

// GroupError predicts |∂ω/∂k| − 1 of massless waves to leading order:
// −(κ²/8)Σn⁴, −(κ⁴/36)Σn⁶, −κ²/8 and 0 for the weights of [PhaseError].
func GroupError(name string, ka float64, direction ...float64) float64 {
	n4, n6, _ := moments(direction)
	switch name {
	case Order2:
		return -ka * ka / 8 * n4
	case Order4:
		return -ka * ka * ka * ka / 36 * n6
	case Isotropic:
		return -ka * ka / 8
	case Spectral:
		return 0
	}
	return math.NaN()
}

// FrontError predicts the speed of [Medium.Front] minus 1 to leading order in
// a/σ, as long as the front has moved from its place by much less than σ. Behind a
// front, which is an error function of width σ, the dispersion
// ω = k − c·a^p k^{p+1} moves the place of half height by c·a^p·t times
// (−1)^{p/2} g^{(p)}(0)/g(0), g the Gaussian:
//
//	order-2    −(a/σ)²Σn⁴/24
//	order-4    −(a/σ)⁴Σn⁶/60
//	isotropic  −(a/σ)²/24
//	spectral   0
func FrontError(name string, ratio float64, direction ...float64) float64 {
	n4, n6, _ := moments(direction)
	r2 := ratio * ratio
	switch name {
	case Order2:
		return -r2 * n4 / 24
	case Order4:
		return -r2 * r2 * n6 / 60
	case Isotropic:
		return -r2 / 24
	case Spectral:
		return 0
	}
	return math.NaN()
}

// Passing predicts the ka at which the two leading effects on light in the plane
// reach a threshold: slow, the error of the phase velocity along an axis, and
// uneven, its difference between an axis and the diagonal, from the leading terms
// of [PhaseError]. Both are +Inf for spectral weights. It fails for other names.
func Passing(name string, threshold float64) (slow, uneven float64, err error) {
	switch name {
	case Order2:
		return math.Sqrt(24 * threshold), math.Sqrt(48 * threshold), nil
	case Order4:
		return math.Pow(180*threshold, 0.25), math.Pow(240*threshold, 0.25), nil
	case Isotropic:
		return math.Sqrt(24 * threshold), math.Pow(1440*threshold, 0.25), nil
	case Spectral:
		return math.Inf(1), math.Inf(1), nil
	}
	return 0, 0, fmt.Errorf("weights %q: nothing is predicted for them; the names known are %q, %q, %q and %q", name, Order2, Order4, Isotropic, Spectral)
}
