package reference

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Packet is the Gaussian packet φ = Re exp(−|x−x₀|²/2w² + ik·(x−x₀)). The Wigner
// function of its wave is positive,
//
//	W(x, p) ∝ exp(−|x−x₀|²/w² − w²|p−k|²):
//
// places have the variance w²/2 and wave vectors 1/(2w²).
type Packet struct {
	At         []float64 // x₀
	WaveNumber []float64 // k
	Width      float64   // w
}

// Bundle is a set of rays that together follow a packet better than the one ray
// of its centre: rays that start at points of its Wigner function. In a metric
// that changes over lengths of 1 the centroid of a packet of wavelength λ and width
// ∝ √λ is at a distance ∝ λ from the ray, and ∝ λ² from the centroid of the bundle,
// which knows that the packet has a width and a spread of wave vectors.
type Bundle struct {
	rays   []*Ray
	action []float64
}

// Bundle returns the given number of pairs of rays of a packet, as
// [Spacetime.Ray]: each pair starts at a point of a sequence of low discrepancy and
// at its mirror image in the centre of the Wigner function. The points are scaled
// and sheared a little so that the bundle has the second moments of the Wigner
// function, and by symmetry its third, exactly.
//
// Waves of equal φ carry the action √h √(h^ij k_i k_j + m²) per volume of phase
// space, and the action times H of energy. These are the weights of the rays.
//
// It fails as Ray does, for fewer than 2·Dim pairs, which cannot have these moments,
// and for a width that is not positive.
func (s Spacetime) Bundle(mass float64, p Packet, pairs int, until float64) (*Bundle, error) {
	b, err := s.bundle(mass, p, pairs, until)
	if err != nil {
		return nil, fmt.Errorf("reference.Spacetime.Bundle: %w", err)
	}
	return b, nil
}

func (s Spacetime) bundle(mass float64, p Packet, pairs int, until float64) (*Bundle, error) {
	if !(p.Width > 0) || !finite(p.Width) {
		return nil, fmt.Errorf("width %v; it must be positive and finite", p.Width)
	}
	if err := s.check(mass, p.At, p.WaveNumber, until); err != nil {
		return nil, err
	}
	if pairs < 2*s.Dim {
		return nil, fmt.Errorf("%d pairs of rays; give at least %d, two for each dimension", pairs, 2*s.Dim)
	}
	b := &Bundle{}
	points := gaussian(pairs, 2*s.Dim)
	for i := range pairs {
		z := points.RawRowView(i)
		for _, sign := range []float64{1, -1} {
			x, k := slices.Clone(p.At), slices.Clone(p.WaveNumber)
			for j := range x {
				x[j] += sign * z[j] * p.Width / math.Sqrt2
				k[j] += sign * z[s.Dim+j] / (math.Sqrt2 * p.Width)
			}
			r, err := s.ray(mass, x, k, until)
			if err != nil {
				return nil, fmt.Errorf("the ray from x = %v with k = %v: %w", x, k, err)
			}
			_, frequency := r.flow.local(0, x, k)
			b.rays = append(b.rays, r)
			b.action = append(b.action, r.flow.volume()*frequency)
		}
	}
	return b, nil
}

// gaussian returns the given number of points of dim standard normal numbers, row
// after row, whose second moments are exact. They are the additive recurrence of
// the powers of 1/g, g^{dim+1} = g + 1, which fills the unit cube evenly, through
// the inverse of the normal distribution.
func gaussian(points, dim int) *mat.Dense {
	g := 1.5
	for range 60 {
		g = math.Pow(1+g, 1/float64(dim+1))
	}
	z := mat.NewDense(points, dim, nil)
	for i := range points {
		for j := range dim {
			_, u := math.Modf(0.5 + float64(i+1)*math.Pow(g, -float64(j+1)))
			z.Set(i, j, math.Sqrt2*math.Erfinv(2*u-1))
		}
	}
	var moments mat.SymDense
	moments.SymOuterK(1/float64(points), z.T())
	var c mat.Cholesky
	if !c.Factorize(&moments) {
		panic("reference: points of the recurrence lie in a plane")
	}
	// With moments = RᵀR the rows of zR⁻¹ have the moments 1.
	var r mat.TriDense
	c.UTo(&r)
	var inverse mat.TriDense
	if err := inverse.InverseTri(&r); err != nil {
		panic(err) // of a condition that Factorize refuses
	}
	var even mat.Dense
	even.Mul(z, &inverse)
	return &even
}

// Rays returns the rays.
func (b *Bundle) Rays() []*Ray { return b.rays }

// Centroid writes the mean place at time t to dst, weighted with the energy of the
// rays, and returns it; a nil dst is made.
func (b *Bundle) Centroid(dst []float64, t float64) []float64 {
	dst = append(dst[:0], make([]float64, b.rays[0].flow.s.Dim)...)
	total := 0.0
	for i, r := range b.rays {
		y := r.At(nil, t)
		energy := b.action[i] * r.Frequency(t)
		total += energy
		for j := range dst {
			dst[j] += float64(energy * y[j])
		}
	}
	for j := range dst {
		dst[j] /= total
	}
	return dst
}
