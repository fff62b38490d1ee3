package reference

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Spacetime is the metric
//
//	ds² = −N²dt² + h_ij (dx^i + N^i dt)(dx^j + N^j dt)
//
// in Dim space dimensions, by functions of time and place. What is left out is flat:
// N = 1, h_ij = δ_ij, N^i = 0. The functions must be smooth and defined a little
// around every place that a ray visits.
type Spacetime struct {
	Dim     int
	Lapse   func(t float64, x []float64) float64        // N > 0
	Inverse func(dst []float64, t float64, x []float64) // h^ij, positive definite: row after row
	Shift   func(dst []float64, t float64, x []float64) // N^i

	// Scale is a length over which the metric changes by its own size; 0 means 1.
	// Derivatives in space are central differences of order 8 with a spacing of
	// Scale/100: relative errors are about 1e-13.
	Scale float64
}

// FRW is the flat Friedmann space-time ds² = −dt² + a(t)² dx² in cosmic time. A
// ray keeps its comoving wave vector k; the local one falls as k/a.
func FRW(dim int, a func(t float64) float64) Spacetime {
	return Spacetime{Dim: dim, Inverse: func(dst []float64, t float64, _ []float64) { dilate(dst, dim, a(t)) }}
}

// ConformalFRW is the flat Friedmann space-time ds² = a(η)²(−dη² + dx²) in
// conformal time η.
func ConformalFRW(dim int, a func(eta float64) float64) Spacetime {
	s := FRW(dim, a)
	s.Lapse = func(eta float64, _ []float64) float64 { return a(eta) }
	return s
}

// dilate writes the inverse of the metric a²δ_ij.
func dilate(dst []float64, dim int, a float64) {
	clear(dst)
	for i := range dim {
		dst[i*dim+i] = 1 / (a * a)
	}
}

// Hamiltonian returns
//
//	H(t, x, k) = N√(h^ij k_i k_j + m²) − N^i k_i,
//
// the frequency −∂_t of a wave of wave vector k_i and mass m at (t, x), in the
// limit of short waves ([G] §7). It panics for an x or k of another length than Dim.
func (s Spacetime) Hamiltonian(mass, t float64, x, k []float64) float64 {
	if len(x) != s.Dim || len(k) != s.Dim {
		panic(fmt.Sprintf("reference.Spacetime.Hamiltonian: a place of %d and a wave vector of %d components in %d dimensions", len(x), len(k), s.Dim))
	}
	return newFlow(s, mass).hamiltonian(t, x, k)
}

// flow is the motion of rays, with scratch of its own.
type flow struct {
	s          Spacetime
	mass       float64
	inverse    []float64
	shift, x   []float64
	wave       []float64 // h^ij k_j
	difference float64   // spacing of differences
}

func newFlow(s Spacetime, mass float64) *flow {
	d := s.Dim
	if s.Scale == 0 {
		s.Scale = 1
	}
	return &flow{s, mass, make([]float64, d*d), make([]float64, d), make([]float64, d), make([]float64, d), s.Scale / 100}
}

// local evaluates the metric at (t, x): the lapse N, the local frequency
// √(h^ij k_i k_j + m²), and in place h^ij k_j and the shift.
func (f *flow) local(t float64, x, k []float64) (lapse, frequency float64) {
	lapse = 1
	if f.s.Lapse != nil {
		lapse = f.s.Lapse(t, x)
	}
	if f.s.Inverse == nil {
		copy(f.wave, k)
	} else {
		f.s.Inverse(f.inverse, t, x)
		for i := range f.wave {
			f.wave[i] = 0
			for j, kj := range k {
				f.wave[i] += float64(f.inverse[i*f.s.Dim+j] * kj)
			}
		}
	}
	square := f.mass * f.mass
	for i, w := range f.wave {
		square += float64(w * k[i])
	}
	if f.s.Shift != nil {
		f.s.Shift(f.shift, t, x)
	}
	return lapse, math.Sqrt(square)
}

func (f *flow) hamiltonian(t float64, x, k []float64) float64 {
	lapse, frequency := f.local(t, x, k)
	h := lapse * frequency
	for i, s := range f.shift {
		h -= float64(s * k[i])
	}
	return h
}

// difference8 holds the weights of the central difference of order 8: of
// f(x+jh) − f(x−jh), j = 1 … 4, over h.
var difference8 = [4]float64{4. / 5, -1. / 5, 4. / 105, -1. / 280}

// force returns −∂H/∂x^i.
func (f *flow) force(axis int, t float64, x, k []float64) float64 {
	copy(f.x, x)
	sum := 0.0
	for j, w := range difference8 {
		step := float64(j+1) * f.difference
		f.x[axis] = x[axis] - step
		low := f.hamiltonian(t, f.x, k)
		f.x[axis] = x[axis] + step
		sum += float64(w * (low - f.hamiltonian(t, f.x, k)))
	}
	return sum / f.difference
}

// motion is Hamilton's equations for the state (x, k, τ):
//
//	dx^i/dt = ∂H/∂k_i,   dk_i/dt = −∂H/∂x^i,   dτ/dt = Nm/√(h^ij k_i k_j + m²).
func (f *flow) motion(dst []float64, t float64, y []float64) {
	d := f.s.Dim
	x, k := y[:d], y[d:2*d]
	for i := range d {
		dst[d+i] = f.force(i, t, x, k)
	}
	lapse, frequency := f.local(t, x, k)
	for i := range d {
		dst[i] = float64(lapse*f.wave[i]/frequency) - f.shift[i]
	}
	dst[2*d] = lapse * f.mass / frequency
}

// Ray is a geodesic: the path of a localised wave in the limit of short waves, and
// of a particle.
type Ray struct {
	*Trajectory // of x^i, k_i and τ, component after component
	flow        *flow
}

// Ray returns the geodesic that starts at the place x with the wave vector k_i at
// t = 0, until the given time, by Hamilton's equations for
// [Spacetime.Hamiltonian]. For a mass m > 0 it is the path of extremal proper time
// τ, for m = 0 a ray of light. The error is about 1e-10.
//
// It fails for another number of components than Dim, for a negative mass, for no
// wave vector without mass, for a time that is not positive, and for a metric that
// is singular at the start or is met as such on the way.
func (s Spacetime) Ray(mass float64, x, k []float64, until float64) (*Ray, error) {
	r, err := s.ray(mass, x, k, until)
	if err != nil {
		return nil, fmt.Errorf("reference.Spacetime.Ray: %w", err)
	}
	return r, nil
}

func (s Spacetime) ray(mass float64, x, k []float64, until float64) (*Ray, error) {
	if err := s.check(mass, x, k, until); err != nil {
		return nil, err
	}
	f := newFlow(s, mass)
	ode := ODE{F: f.motion, Tolerance: 1e-11}
	tr, err := ode.Solve(0, slices.Concat(x, k, []float64{0}), until)
	if err != nil {
		return nil, err
	}
	return &Ray{tr, f}, nil
}

func (s Spacetime) check(mass float64, x, k []float64, until float64) error {
	switch {
	case s.Dim < 1:
		return fmt.Errorf("%d space dimensions; set Dim to 1 or more", s.Dim)
	case len(x) != s.Dim || len(k) != s.Dim:
		return fmt.Errorf("a place of %d and a wave vector of %d components in %d dimensions; give one for each", len(x), len(k), s.Dim)
	case !(mass >= 0) || !finite(mass):
		return fmt.Errorf("mass %v; it must be finite and not negative", mass)
	case !(until > 0) || !finite(until):
		return fmt.Errorf("until %v; the time must be positive and finite", until)
	case !(s.Scale >= 0) || !finite(s.Scale):
		return fmt.Errorf("a Scale of %v; it must be a positive length, or 0 for 1", s.Scale)
	}
	f := newFlow(s, mass)
	lapse, frequency := f.local(0, x, k)
	switch {
	case !(lapse > 0) || !finite(lapse):
		return fmt.Errorf("the lapse is %v at x = %v; it must be positive and finite: start outside of the horizon", lapse, x)
	case frequency == 0:
		return errors.New("a wave without wave vector and mass does not move; give a wave vector k ≠ 0")
	case !finite(frequency) || !(f.volume() > 0):
		return fmt.Errorf("h^ij = %v at x = %v; it must be finite and positive definite", f.inverse, x)
	}
	return nil
}

// volume returns √h of the place that local was last called for, 0 for a metric
// that is not positive definite.
func (f *flow) volume() float64 {
	if f.s.Inverse == nil {
		return 1
	}
	d := f.s.Dim
	symmetric := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			symmetric.SetSym(i, j, (f.inverse[i*d+j]+f.inverse[j*d+i])/2)
		}
	}
	var c mat.Cholesky
	if !c.Factorize(symmetric) {
		return 0
	}
	return 1 / math.Sqrt(c.Det())
}

// Place writes x^i at time t to dst and returns it; a nil dst is made.
func (r *Ray) Place(dst []float64, t float64) []float64 {
	d := r.flow.s.Dim
	return append(dst[:0], r.At(nil, t)[:d]...)
}

// WaveVector writes k_i at time t to dst and returns it; a nil dst is made. It is
// the covariant (comoving) one: a ruler at rest measures √(h^ij k_i k_j).
func (r *Ray) WaveVector(dst []float64, t float64) []float64 {
	d := r.flow.s.Dim
	return append(dst[:0], r.At(nil, t)[d:2*d]...)
}

// ProperTime returns τ = ∫√(N² − h_ij(ẋ^i + N^i)(ẋ^j + N^j)) dt from the start to
// time t; it is 0 without mass.
func (r *Ray) ProperTime(t float64) float64 { return r.At(nil, t)[2*r.flow.s.Dim] }

// Frequency returns H along the ray, which a metric that does not depend on t
// conserves.
func (r *Ray) Frequency(t float64) float64 {
	d, y := r.flow.s.Dim, r.At(nil, t)
	return r.flow.hamiltonian(t, y[:d], y[d:2*d])
}

// LocalFrequency returns √(h^ij k_i k_j + m²) along the ray: the frequency that an
// observer measures who moves along the normals of the slices t = const.
func (r *Ray) LocalFrequency(t float64) float64 {
	d, y := r.flow.s.Dim, r.At(nil, t)
	_, frequency := r.flow.local(t, y[:d], y[d:2*d])
	return frequency
}
