package reference

import "math"

// ExactMetric is an exact solution of Einstein's equations
//
//	G_μν + Λg_μν = 8πT_μν
//
// in four coordinates, signature (−,+,+,+). Components of symmetric tensors stand
// row by row of the lower triangle: 00, 10, 11, 20, 21, 22, 30, 31, 32, 33.
type ExactMetric struct {
	Name   string
	Lambda float64

	// Metric writes the ten components of g_μν at the coordinates x to dst.
	Metric func(dst, x []float64)

	// Source writes 8πT_μν; nil in vacuum.
	Source func(dst, x []float64)
}

// packed returns the place of a component.
func packed(mu, nu int) int { return mu*(mu+1)/2 + nu }

// diagonalMetric writes a diagonal tensor.
func diagonalMetric(dst []float64, d0, d1, d2, d3 float64) {
	clear(dst)
	dst[packed(0, 0)], dst[packed(1, 1)], dst[packed(2, 2)], dst[packed(3, 3)] = d0, d1, d2, d3
}

// DeSitter is the flat slicing −dt² + e^{2Ht}(dx² + dy² + dz²) with Λ = 3H²
// (W. de Sitter, Mon. Not. R. Astron. Soc. 78, 3 (1917); H. P. Robertson, Phil.
// Mag. 5, 835 (1928)). R = 12H², R_αβγδR^αβγδ = 24H⁴.
func DeSitter(hubble float64) ExactMetric {
	return ExactMetric{Name: "de Sitter", Lambda: 3 * hubble * hubble, Metric: func(dst, x []float64) {
		a := math.Exp(hubble * x[0])
		diagonalMetric(dst, -1, a*a, a*a, a*a)
	}}
}

// SchwarzschildDeSitter is a black hole of mass M > 0 with Λ, in the coordinates
// of Kerr and Schild (t, x, y, z), which are regular on its horizon,
//
//	g = η + (2M/r + Λr²/3) ℓℓ,   ℓ = (1, x/r, y/r, z/r)
//
// (R. P. Kerr, A. Schild, Proc. Symp. Appl. Math. 17, 199 (1965)). R = 4Λ,
// R_αβγδR^αβγδ = 48M²/r⁶ + 8Λ²/3.
func SchwarzschildDeSitter(mass, lambda float64) ExactMetric {
	return ExactMetric{Name: "Schwarzschild-de Sitter (Kerr-Schild)", Lambda: lambda, Metric: func(dst, x []float64) {
		r := math.Sqrt(x[1]*x[1] + x[2]*x[2] + x[3]*x[3])
		f := 2*mass/r + lambda*r*r/3
		l := [4]float64{1, x[1] / r, x[2] / r, x[3] / r}
		for mu := range l {
			for nu := range mu + 1 {
				dst[packed(mu, nu)] = f * l[mu] * l[nu]
			}
		}
		dst[packed(0, 0)]--
		for i := 1; i < 4; i++ {
			dst[packed(i, i)]++
		}
	}}
}

// McVittie is a mass M > 0 in an expanding space, here of constant H, for which it
// is Schwarzschild-de Sitter in other coordinates, Λ = 3H²,
//
//	g = −((1−μ)/(1+μ))² dt² + (1+μ)⁴ e^{2Ht}(dx² + dy² + dz²),   μ = M/(2re^{Ht})
//
// (G. C. McVittie, Mon. Not. R. Astron. Soc. 93, 325 (1933)). It is degenerate
// where μ = 1.
func McVittie(mass, hubble float64) ExactMetric {
	return ExactMetric{Name: "McVittie", Lambda: 3 * hubble * hubble, Metric: func(dst, x []float64) {
		a := math.Exp(hubble * x[0])
		m := mass / (2 * a * math.Sqrt(x[1]*x[1]+x[2]*x[2]+x[3]*x[3]))
		n, s := (1-m)/(1+m), a*(1+m)*(1+m)
		diagonalMetric(dst, -n*n, s*s, s*s, s*s)
	}}
}

// FluidUniverse is the flat universe of a fluid with the pressure p = wρ, w > −1, at t > 0,
//
//	g = −dt² + t^{2n}(dx² + dy² + dz²),   n = 2/(3(1+w)),   8πρ = 3n²/t²
//
// (A. Einstein, W. de Sitter, Proc. Natl. Acad. Sci. 18, 213 (1932) for w = 0).
func FluidUniverse(w float64) ExactMetric {
	n := 2 / (3 * (1 + w))
	return ExactMetric{Name: "FRW with its source", Metric: func(dst, x []float64) {
		a := math.Pow(x[0], n)
		diagonalMetric(dst, -1, a*a, a*a, a*a)
	}, Source: func(dst, x []float64) {
		a, rho := math.Pow(x[0], n), 3*n*n/(x[0]*x[0])
		diagonalMetric(dst, rho, w*rho*a*a, w*rho*a*a, w*rho*a*a)
	}}
}

// GravitationalWave is a plane-fronted wave with parallel rays (pp-wave) that runs along z,
//
//	g = η + h (dt − dz)²,   h = A cos(ω(t−z)) e^{kx} cos(ky),
//
// a vacuum solution because h is harmonic in x and y (H. W. Brinkmann, Math. Ann.
// 94, 119 (1925)). All its scalars vanish.
func GravitationalWave(amplitude, omega, k float64) ExactMetric {
	return ExactMetric{Name: "pp-wave", Metric: func(dst, x []float64) {
		h := amplitude * math.Cos(omega*(x[0]-x[3])) * math.Exp(k*x[1]) * math.Cos(k*x[2])
		diagonalMetric(dst, h-1, 1, 1, 1+h)
		dst[packed(3, 0)] = -h
	}}
}

// kantowskiSachs writes −dt² + A²dr² + B²(dθ² + sin²θ dφ²) at the angle x[2] = θ.
func kantowskiSachs(dst, x []float64, a, b float64) {
	s := math.Sin(x[2])
	diagonalMetric(dst, -1, a*a, b*b, b*b*s*s)
}

// Nariai is the product of a two-dimensional de Sitter space and a sphere of the
// same constant radius B = 1/√Λ, A = cosh(√Λt), in the coordinates (t, r, θ, φ)
// (H. Nariai, Sci. Rep. Tohoku Univ. 34, 160 (1950)). R_αβγδR^αβγδ = 8Λ².
func Nariai(lambda float64) ExactMetric {
	return ExactMetric{Name: "Nariai", Lambda: lambda, Metric: func(dst, x []float64) {
		kantowskiSachs(dst, x, math.Cosh(math.Sqrt(lambda)*x[0]), 1/math.Sqrt(lambda))
	}}
}

// KantowskiSachs is de Sitter space as a homogeneous but anisotropic universe,
// A = sinh Ht, B = cosh(Ht)/H with Λ = 3H², in the coordinates (t, r, θ, φ), t > 0
// (R. Kantowski, R. K. Sachs, J. Math. Phys. 7, 443 (1966)).
func KantowskiSachs(hubble float64) ExactMetric {
	return ExactMetric{Name: "Kantowski-Sachs de Sitter", Lambda: 3 * hubble * hubble, Metric: func(dst, x []float64) {
		kantowskiSachs(dst, x, math.Sinh(hubble*x[0]), math.Cosh(hubble*x[0])/hubble)
	}}
}
