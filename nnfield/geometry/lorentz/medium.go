package lorentz

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Names of the weights that [Standard] makes and whose errors are predicted.
const (
	Order2    = string(theory.Order2)
	Order4    = string(theory.Order4)
	Isotropic = "isotropic"
	Spectral  = string(theory.Spectral)
)

// Medium is a network of scalar neurons on a periodic lattice, φ̈ = −Kφ, and the
// mass of the relativistic field of speed 1 that it is held against. Make it with
// [New] or [Standard].
type Medium struct {
	name string
	l    lattice.Lattice
	k    weights.Tensor
	mass float64
	most float64 // a bound of ω
}

// New returns the medium of any symmetric weights K with one neuron a site. The
// name stands for it in figures; under one of the names of [Standard] it is also
// what predictions are made for. A network with a gain M has the rescaled weights
// M^½KM^½ (package geometry), one with another speed of light those divided by
// c², which [weights.Scale] does.
//
// It fails for a lattice that is not periodic, weights of another size or that are
// not symmetric, negative eigenvalues of the weights as far as they are known, and
// a mass that is negative or not finite.
func New(name string, l lattice.Lattice, k weights.Tensor, mass float64) (Medium, error) {
	fail := func(format string, args ...any) (Medium, error) {
		return Medium{}, fmt.Errorf("lorentz.New(%s): "+format, append([]any{name}, args...)...)
	}
	switch {
	case l.Dim() == 0 || !l.Periodic():
		return fail("the lattice is not periodic; waves and boosts need one without walls, use Ring for every axis")
	case k == nil || k.Size() != l.Sites():
		return fail("the weights are not those of the %d sites of the lattice; give K with one neuron a site", l.Sites())
	case !weights.Symmetric(k):
		return fail("the weights are not symmetric; take their symmetric part with duality.Split")
	case !(mass >= 0) || math.IsInf(mass, 1):
		return fail("mass %v; it must be finite and not negative", mass)
	}
	values, err := weights.Spectrum(k)
	if err != nil {
		return fail("%w", err)
	}
	least, most := math.Inf(1), 0.0
	for _, v := range values.Values {
		least, most = min(least, real(v)), max(most, real(v))
	}
	if least < -1e-9*most {
		return fail("an eigenvalue of K is %.6g: the field would grow without bound; add a mass of at least %.3g", least, math.Sqrt(-least))
	}
	radius, err := weights.SpectralRadius(k)
	if err != nil {
		return fail("%w", err)
	}
	return Medium{name, l, k, mass, math.Sqrt(radius)}, nil
}

// Standard returns the media K = −∇² + m² with the Laplacians of order 2, of order
// 4, isotropic and spectral, in this order. The isotropic one needs equal spacings.
func Standard(l lattice.Lattice, mass float64) ([]Medium, error) {
	var media []Medium
	for _, w := range []struct {
		name string
		make func() (weights.Tensor, error)
	}{
		{Order2, func() (weights.Tensor, error) { return weights.Laplacian(l, 2) }},
		{Order4, func() (weights.Tensor, error) { return weights.Laplacian(l, 4) }},
		{Isotropic, func() (weights.Tensor, error) { return weights.IsotropicLaplacian(l) }},
		{Spectral, func() (weights.Tensor, error) { return weights.SpectralLaplacian(l) }},
	} {
		laplacian, err := w.make()
		if err != nil {
			return nil, err
		}
		k := weights.Scale(-1, laplacian)
		if mass != 0 {
			k = weights.Add(k, weights.Scale(mass*mass, weights.Identity(l.Sites())))
		}
		m, err := New(w.name, l, k, mass)
		if err != nil {
			return nil, err
		}
		media = append(media, m)
	}
	return media, nil
}

// Name returns the name of the medium.
func (m Medium) Name() string { return m.name }

// Lattice returns where the neurons sit.
func (m Medium) Lattice() lattice.Lattice { return m.l }

// waveNumber returns k_j of a mode number along an axis.
func (m Medium) waveNumber(axis, n int) float64 {
	return 2 * math.Pi * float64(n) / m.l.Axis(axis).Length
}

// evolve runs the network from (φ, β), both in physics units and changed, over the
// time t: activation φ ← φ + εβ, learning β ← β − εKφ, composed to order 6 with
// ω_max·ε ≤ ½, so that the error of the step is far below that of the lattice.
func (m Medium) evolve(phi, beta []float64, t float64) error {
	in, err := simulate.FindIntegrator("yoshida6")
	if err != nil {
		return err
	}
	steps := max(1, int(math.Ceil(2*t*m.most)))
	epsilon := t / float64(steps)
	s, err := network.New(network.Network{
		Weights: weights.Identity(len(phi)), Loss: network.Dual{K: m.k},
		Rate: epsilon * epsilon, Clock: epsilon,
	})
	if err != nil {
		return err
	}
	state := network.State{X: phi, B: beta}
	for i := range beta {
		beta[i] *= epsilon
	}
	for range steps {
		for i, c := range in.Drifts {
			s.Learn(&state, in.Kicks[i])
			s.Activate(&state, c)
		}
		s.Learn(&state, in.Kicks[len(in.Kicks)-1])
	}
	for i := range beta {
		beta[i] /= epsilon
	}
	return nil
}

// Wave is what a network does to a plane wave.
type Wave struct {
	Mode      []int     // whole waves along each axis
	K         []float64 // the wave vector
	Frequency float64   // ω, from ω² = ψ†Kψ/ψ†ψ

	// Group is ∂ω/∂k, from ω² of the modes beside this one by differences of fourth
	// order, good to (2π/L)⁴/30 of the fifth derivative.
	Group []float64

	PhaseError float64 // ω/√(k² + m²) − 1
	GroupError float64 // |∂ω/∂k|·√(k² + m²)/|k| − 1

	// Spread is ‖(K − ω²)ψ‖/‖ω²ψ‖: 0 for weights that are the same everywhere. Where
	// it is not small a plane wave is no wave of this network, and ω a mean.
	Spread float64
}

// Wave measures the plane wave of a mode on the weights of the medium. It fails
// for another number of modes than axes and for the mode 0.
func (m Medium) Wave(mode ...int) (Wave, error) {
	if len(mode) != m.l.Dim() || slices.IndexFunc(mode, func(n int) bool { return n != 0 }) < 0 {
		return Wave{}, fmt.Errorf("Wave(%v): a wave on this lattice has %d mode numbers, not all of them 0", mode, m.l.Dim())
	}
	w := Wave{Mode: slices.Clone(mode)}
	squared, spread := m.rayleigh(mode)
	if !(squared > 0) {
		return Wave{}, fmt.Errorf("Wave(%v): ω² = %.3g is not positive: the weights do not carry this wave; use weights with positive eigenvalues", mode, squared)
	}
	w.Frequency, w.Spread = math.Sqrt(squared), spread
	k2, v2 := 0.0, 0.0
	for j, n := range mode {
		k := m.waveNumber(j, n)
		beside := func(by int) float64 {
			next := slices.Clone(mode)
			next[j] += by
			squared, _ := m.rayleigh(next)
			return squared
		}
		slope := (8*(beside(1)-beside(-1)) - (beside(2) - beside(-2))) / (12 * m.waveNumber(j, 1))
		v := slope / (2 * w.Frequency)
		w.K, w.Group = append(w.K, k), append(w.Group, v)
		k2 += float64(k * k)
		v2 += float64(v * v)
	}
	exact := math.Sqrt(k2 + float64(m.mass*m.mass))
	w.PhaseError = w.Frequency/exact - 1
	w.GroupError = math.Sqrt(v2/k2)*exact - 1
	return w, nil
}

// rayleigh returns ψ†Kψ/ψ†ψ of a plane wave ψ, and how far ψ is from an
// eigenvector, relative to it.
func (m Medium) rayleigh(mode []int) (squared, spread float64) {
	n := m.l.Sites()
	parts := [2][]float64{make([]float64, n), make([]float64, n)} // Re ψ, Im ψ
	at := make([]int, m.l.Dim())
	for i := range n {
		angle := 0.0
		for j, p := range m.l.Position(at, i) {
			sites := m.l.Axis(j).Sites
			angle += float64((p*mode[j])%sites) / float64(sites)
		}
		parts[1][i], parts[0][i] = math.Sincos(2 * math.Pi * angle)
	}
	var applied [2][]float64
	for c, x := range parts {
		applied[c] = make([]float64, n)
		weights.Apply(applied[c], m.k, x)
		for i, v := range applied[c] {
			squared += x[i] * v
		}
	}
	squared /= float64(n)
	for c, x := range parts {
		for i, v := range applied[c] {
			d := v - squared*x[i]
			spread += float64(d * d)
		}
	}
	return squared, math.Sqrt(spread/float64(n)) / math.Abs(squared)
}

// Shell returns the modes n with Σn_j² = radius² and no negative number, whose
// waves are of the same length and differ in direction only, along x first. The
// richer shells are those of whole-numbered triangles: radius 5, 25 or 65 in the
// plane, 3 or 9 in space. It fails for axes of different lengths and a radius
// that does not fit below π/a.
func (m Medium) Shell(radius int) ([][]int, error) {
	dim := m.l.Dim()
	for j := range dim {
		if a := m.l.Axis(j); a.Length != m.l.Axis(0).Length || radius < 1 || 2*radius >= a.Sites {
			return nil, fmt.Errorf("Shell(%d): every axis must have the same length and more than %d sites; axis %s has %v", radius, 2*max(radius, 1), lattice.AxisName(j), a)
		}
	}
	var modes [][]int
	var grow func(head []int, rest int)
	grow = func(head []int, rest int) {
		if len(head) == dim-1 {
			last := int(math.Round(math.Sqrt(float64(rest))))
			if last*last == rest {
				modes = append(modes, append(slices.Clone(head), last))
			}
			return
		}
		for n := radius; n >= 0; n-- {
			if n*n <= rest {
				grow(append(slices.Clone(head), n), rest-n*n)
			}
		}
	}
	grow(nil, radius*radius)
	return modes, nil
}

// Isotropy measures the waves of a shell, ka = 2π·radius/sites; see
// [Medium.Shell].
func (m Medium) Isotropy(radius int) ([]Wave, error) {
	modes, err := m.Shell(radius)
	if err != nil {
		return nil, err
	}
	var waves []Wave
	for _, mode := range modes {
		w, err := m.Wave(mode...)
		if err != nil {
			return nil, err
		}
		waves = append(waves, w)
	}
	return waves, nil
}

// Anisotropy returns the largest difference of phase velocities among waves,
// relative to the velocity itself: 0 if no direction is preferred.
func Anisotropy(waves []Wave) float64 {
	least, most := math.Inf(1), math.Inf(-1)
	for _, w := range waves {
		least, most = min(least, w.PhaseError), max(most, w.PhaseError)
	}
	return most - least
}

// Scale returns the ka at which an error first passes a threshold, by the straight
// line through the neighbouring points in logarithms; ka ascends. It is +Inf if
// the error stays below and 0 if it begins above: the symmetry is kept, or lost,
// at all scales that were measured. It panics for slices of different lengths.
func Scale(ka, errors []float64, threshold float64) float64 {
	if len(ka) != len(errors) {
		panic(fmt.Sprintf("lorentz.Scale: %d wave numbers and %d errors", len(ka), len(errors)))
	}
	for i, e := range errors {
		if math.Abs(e) < threshold {
			continue
		}
		if i == 0 {
			return 0
		}
		below, above := math.Log(math.Abs(errors[i-1])), math.Log(math.Abs(e))
		part := (math.Log(threshold) - below) / (above - below)
		return ka[i-1] * math.Pow(ka[i]/ka[i-1], part)
	}
	return math.Inf(1)
}
