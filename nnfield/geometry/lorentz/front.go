package lorentz

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Front returns the speed of the front of a kick on a massless medium.
//
// At t = 0 the neurons are at rest except for the momentum β = exp(−s²/2σ²), with
// s the distance from a plane across the given direction: whole numbers without a
// common divisor, one an axis. In the continuum φ is then an error function whose
// half height is at s = t exactly. The network runs until t; the speed is where
// the outer half height is (between the sites by polynomials of degree 5) over t.
// Beside the direction the only scale is the width σ: k ~ 1/σ.
//
// It fails for a medium with mass, axes of different lengths, a direction that is
// not of that kind, a width that is not positive, and if the front would meet its
// own image: t + 6σ must stay below half of L/|n|, the period along s.
func (m Medium) Front(width, t float64, direction ...int) (float64, error) {
	square, divisor := 0, 0
	for _, n := range direction {
		square += n * n
		divisor = gcd(divisor, n)
	}
	side := m.l.Axis(0)
	for j := range m.l.Dim() {
		if a := m.l.Axis(j); a.Length != side.Length || a.Sites != side.Sites {
			return 0, fmt.Errorf("Front: every axis must have the length and the sites of the first; axis %s has %v", lattice.AxisName(j), a)
		}
	}
	period := side.Length / math.Sqrt(float64(square))
	switch {
	case m.mass != 0:
		return 0, fmt.Errorf("Front: the medium has the mass %v; a front has the speed of light where mass is 0, use a massless medium", m.mass)
	case len(direction) != m.l.Dim() || divisor != 1:
		return 0, fmt.Errorf("Front: direction %v; use %d whole numbers without a common divisor", direction, m.l.Dim())
	case !(width > 0) || !(t > 0):
		return 0, fmt.Errorf("Front: width %v and time %v; both must be positive", width, t)
	case t+float64(6*width) > period/2:
		return 0, fmt.Errorf("Front: the front reaches %.6g, beyond half the period %.6g along %v; use a shorter time, a smaller width or a larger lattice", t+float64(6*width), period/2, direction)
	}
	n := side.Sites
	line := make([]int, m.l.Sites()) // which of the n planes across the direction a site is on
	at := make([]int, m.l.Dim())
	for i := range line {
		for j, p := range m.l.Position(at, i) {
			line[i] += p * direction[j]
		}
		line[i] = ((line[i] % n) + n) % n
	}
	h := period / float64(n)
	phi, beta := make([]float64, len(line)), make([]float64, len(line))
	for i, p := range line {
		s := h * float64(p-n/2) / width
		beta[i] = math.Exp(-s * s / 2)
	}
	if err := m.evolve(phi, beta, t); err != nil {
		return 0, err
	}
	profile := make([]float64, n) // φ on the planes, the middle one first
	for i, p := range line {
		profile[(p-n/2+n)%n] = phi[i]
	}
	half := math.Sqrt(2*math.Pi) * width / 4
	for i := n/2 - 4; i > 3; i-- {
		if profile[i] < half {
			continue
		}
		// It passes between planes i and i+1.
		low, high := float64(i), float64(i+1)
		for range 60 {
			middle := (low + high) / 2
			if lagrange(profile[i-2:i+4], middle-float64(i-2)) >= half {
				low = middle
			} else {
				high = middle
			}
		}
		return low * h / t, nil
	}
	return 0, fmt.Errorf("Front: φ passes half its height nowhere: nothing moves on these weights as light does")
}

// lagrange returns the polynomial through (i, y_i) at x.
func lagrange(y []float64, x float64) float64 {
	sum := 0.0
	for i, v := range y {
		for j := range y {
			if j != i {
				v *= (x - float64(j)) / float64(i-j)
			}
		}
		sum += v
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}

// Outside returns what part of Σβ² is outside the light cone at time t after a
// kick β = exp(−r²/2σ²) at the middle of the lattice: at distances r > t + 6σ,
// straight on the lattice. In the continuum it is below 1e-12 for any mass. On
// weights that reach across the network it is not.
//
// It fails for a width or a time that is not positive, and if the cone is wider
// than the lattice: t + 6σ must be below half of every length.
func (m Medium) Outside(width, t float64) (float64, error) {
	reach := t + float64(6*width)
	if !(width > 0) || !(t > 0) {
		return 0, fmt.Errorf("Outside: width %v and time %v; both must be positive", width, t)
	}
	r2 := make([]float64, m.l.Sites())
	for j, a := range m.l.Axes() {
		if reach >= a.Length/2 {
			return 0, fmt.Errorf("Outside: the light cone reaches %.6g, half of axis %s is %.6g; use a shorter time or a larger lattice", reach, lattice.AxisName(j), a.Length/2)
		}
		for i, x := range m.l.Coordinates(j) {
			d := x - float64(a.Sites/2)*a.Spacing()
			r2[i] += d * d
		}
	}
	phi, beta := make([]float64, len(r2)), make([]float64, len(r2))
	for i, d := range r2 {
		beta[i] = math.Exp(-d / (2 * width * width))
	}
	if err := m.evolve(phi, beta, t); err != nil {
		return 0, err
	}
	outside, all := 0.0, 0.0
	for i, b := range beta {
		all += float64(b * b)
		if r2[i] > reach*reach {
			outside += float64(b * b)
		}
	}
	return outside / all, nil
}
