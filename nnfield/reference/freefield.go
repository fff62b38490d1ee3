package reference

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// MaxWallSites is the largest number of sites of an axis with walls in a
// [FreeField]: its sine and cosine sums cost n² a line. Periodic axes go through
// a fast Fourier transform and have no such limit.
const MaxWallSites = 4096

// FreeField is the free Klein-Gordon field on a lattice ([F] §3),
//
//	φ̇ = β,   β̇ = −Kφ,   K = −∇² + m²,
//
// exact in time. Each mode of K turns on its own,
//
//	φ(t) =  φ₀ cos ωt + β₀ sin(ωt)/ω,
//	β(t) = −φ₀ ω sin ωt + β₀ cos ωt,
//
// and a mode with ω = 0 (massless, k = 0) drifts as φ₀ + β₀t. The only errors are
// round-off: about 1e-16·max(1, ωt) of the largest mode. Rings whose size has a
// large prime factor are slower and lose one digit more.
//
// A FreeField does not change; several goroutines may use it at once.
type FreeField struct {
	lattice   lattice.Lattice
	omega     []float64    // of each mode
	phi, beta []complex128 // coefficients of the modes at t = 0
}

// NewFreeField returns the field that has the values phi and beta, one a site,
// at t = 0. The order is 2 or 4 for the stencil on the lattice, or [Continuum]
// for the spectral Laplacian, whose field is also the continuum's as long as the
// initial data are band limited.
//
// The boundaries are periodic, Dirichlet or Neumann in any combination. It fails
// for driven ends and sponges, for an axis with walls and more than
// [MaxWallSites] sites, for a negative mass, another order, and initial data of
// the wrong length or not finite.
func NewFreeField(l lattice.Lattice, mass float64, order Order, phi, beta []float64) (*FreeField, error) {
	if err := checkModel(l, mass, order); err != nil {
		return nil, fmt.Errorf("reference.NewFreeField: %w", err)
	}
	for j, a := range l.Axes() {
		if !a.Periodic() && a.Sites > MaxWallSites {
			return nil, fmt.Errorf("reference.NewFreeField: axis %s has %d sites between walls, at most %d are allowed; use fewer sites or a periodic axis", lattice.AxisName(j), a.Sites, MaxWallSites)
		}
	}
	if err := checkField("phi", phi, l.Sites()); err != nil {
		return nil, fmt.Errorf("reference.NewFreeField: %w", err)
	}
	if err := checkField("beta", beta, l.Sites()); err != nil {
		return nil, fmt.Errorf("reference.NewFreeField: %w", err)
	}
	f := &FreeField{
		lattice: l,
		omega:   modeFrequencies(l, mass, order),
		phi:     complexes(phi),
		beta:    complexes(beta),
	}
	transform(f.phi, l, false)
	transform(f.beta, l, false)
	return f, nil
}

// At returns the field φ and the bias β = φ̇ at time t, one value a site. Any
// finite t will do, negative ones too. The slices belong to the caller.
func (f *FreeField) At(t float64) (phi, beta []float64) {
	p, b := make([]complex128, len(f.phi)), make([]complex128, len(f.phi))
	for i, omega := range f.omega {
		sin, cos := math.Sincos(omega * t)
		drift := t
		if omega > 0 {
			drift = sin / omega
		}
		p[i] = combine(cos, f.phi[i], drift, f.beta[i])
		b[i] = combine(-omega*sin, f.phi[i], cos, f.beta[i])
	}
	transform(p, f.lattice, true)
	transform(b, f.lattice, true)
	return reals(p), reals(b)
}

// combine returns c·x + d·y, rounding every product.
func combine(c float64, x complex128, d float64, y complex128) complex128 {
	return complex(
		float64(c*real(x))+float64(d*real(y)),
		float64(c*imag(x))+float64(d*imag(y)))
}

// modeFrequencies returns ω of every mode, laid out as transform does.
func modeFrequencies(l lattice.Lattice, mass float64, order Order) []float64 {
	omega := make([]float64, l.Sites())
	for i := range omega {
		omega[i] = float64(mass * mass)
	}
	for j, a := range l.Axes() {
		symbol := waveNumbers(a)
		for p, k := range symbol {
			symbol[p] = order.symbol(k, a.Spacing())
		}
		for i := range omega {
			omega[i] += symbol[i/l.Stride(j)%a.Sites]
		}
	}
	for i, square := range omega {
		omega[i] = math.Sqrt(square)
	}
	return omega
}

func complexes(x []float64) []complex128 {
	z := make([]complex128, len(x))
	for i, v := range x {
		z[i] = complex(v, 0)
	}
	return z
}

func reals(z []complex128) []float64 {
	x := make([]float64, len(z))
	for i, v := range z {
		x[i] = real(v)
	}
	return x
}
