package einstein

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/geometry/curvature"
	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
)

// Functional is the entropy production of a network whose number of neurons, in
// units of the volume ∫√−g, is fixed by the multiplier 2Λ ([G] §8):
//
//	S[g] = ∫ d^Dx √−g (𝓛 ∂g ∂g − 2Λ).
//
// With the Onsager tensor of [EinsteinHilbert] it is stationary where
// G_μν + Λg_μν = 0.
type Functional struct {
	Onsager Onsager
	Lambda  float64
}

// Density writes √−g(𝓛∂g∂g − 2Λ) of each site to dst, and NaN in the margins. It
// panics if dst has not one number a site.
func (f Functional) Density(dst []float64, g *curvature.Geometry) {
	fill("Functional.Density", dst, g, 1, func(d *gradients, put func(i int, v float64)) {
		put(0, d.density(f.Onsager)-float64(2*float64(f.Lambda*d.at.Volume)))
	})
}

// Value returns S, the sum over the sites that are not in a margin times their
// coordinate volume.
func (f Functional) Value(g *curvature.Geometry) float64 {
	density := make([]float64, g.Grid().Sites())
	f.Density(density, g)
	return integral(g, density)
}

// Variation writes the derivative of S, per coordinate volume, to dst: E^{μν} with
// δS = ∫ E^{μν}δg_μν, as the metric is stored, component after component. With the
// Onsager tensor of EinsteinHilbert it is −√−g(G^{μν} + Λg^{μν}).
//
// On a lattice without margins it is the exact derivative of what Value returns,
// because the derivatives along periodic axes are antisymmetric matrices. Else
// there is NaN in a margin twice as wide as that of the curvature. It panics if
// dst has not as many numbers as the metric.
func (f Functional) Variation(dst []float64, g *curvature.Geometry) {
	grid := g.Grid()
	n, dim, c := grid.Sites(), grid.Dim(), grid.Components()
	if len(dst) != c*n {
		panic(fmt.Sprintf("einstein.Functional.Variation: %d numbers; the metric has %d", len(dst), c*n))
	}
	// The pull of each site and its fluxes, of which the divergences are taken away.
	fluxes := make([]float64, c*(dim+1)*n)
	fill("Functional.Variation", fluxes, g, c*(dim+1), func(d *gradients, put func(i int, v float64)) {
		for mu := range dim {
			for nu := range mu + 1 {
				i := curvature.Index(mu, nu)
				put(i, d.pull(f.Onsager, mu, nu)-float64(f.Lambda*d.at.Volume*d.at.Inverse.At(mu, nu)))
				for a := range dim {
					put((a+1)*c+i, 2*d.flux(f.Onsager, a, mu, nu))
				}
			}
		}
	})
	copy(dst, fluxes)
	slope := make([]float64, n)
	for a := range dim {
		for i := range c {
			g.Derivative(slope, fluxes[((a+1)*c+i)*n:][:n], a)
			for s, v := range slope {
				dst[i*n+s] -= v
			}
		}
	}
}

// fill computes numbers for each site, NaN in the margins, on all processors.
func fill(call string, dst []float64, g *curvature.Geometry, numbers int, do func(d *gradients, put func(i int, v float64))) {
	n := g.Grid().Sites()
	if len(dst) != numbers*n {
		panic(fmt.Sprintf("einstein.%s: %d numbers for %d sites", call, len(dst), n))
	}
	pool.Run(n, 16, &filling{g, dst, do})
}

type filling struct {
	g   *curvature.Geometry
	dst []float64
	do  func(d *gradients, put func(i int, v float64))
}

// Do does the sites lo ≤ s < hi.
func (f *filling) Do(lo, hi int) {
	n := f.g.Grid().Sites()
	var p curvature.Point
	var d gradients
	s := lo
	put := func(i int, v float64) { f.dst[i*n+s] = v }
	for ; s < hi; s++ {
		if !f.g.Inside(s) {
			for i := s; i < len(f.dst); i += n {
				f.dst[i] = math.NaN()
			}
			continue
		}
		f.g.At(&p, s)
		d.load(&p)
		f.do(&d, put)
	}
}

// integral returns Σ f·Cell over the sites outside of the margins.
func integral(g *curvature.Geometry, f []float64) float64 {
	return g.Grid().Cell() * sums.Sum(0, len(f), func(s int) float64 {
		if !g.Inside(s) {
			return 0
		}
		return f[s]
	})
}

// Recover finds the Onsager tensor whose entropy production is the total
// curvature: it fits the five weights to
//
//	∫√−g 𝓛∂g∂g = ∫√−g R
//
// on the given geometries by least squares. On lattices with periodic axes a total
// derivative adds nothing, and what is found is [EinsteinHilbert] up to the errors
// of the derivatives.
//
// It fails for fewer than five geometries and for geometries with too little
// curvature, or of too few kinds, to tell the five weights apart.
func Recover(geometries ...*curvature.Geometry) (Onsager, error) {
	if len(geometries) < len(Onsager{}) {
		return Onsager{}, fmt.Errorf("einstein.Recover: %d geometries; five weights need at least five", len(geometries))
	}
	const forms = len(Onsager{})
	a := mat.NewDense(len(geometries), forms, nil)
	b := mat.NewVecDense(len(geometries), nil)
	for row, g := range geometries {
		n := g.Grid().Sites()
		fields := make([]float64, (forms+1)*n)
		fill("Recover", fields, g, forms+1, func(d *gradients, put func(i int, v float64)) {
			for i, form := range d.forms {
				put(i, d.at.Volume*form)
			}
			put(forms, d.at.Volume*d.at.Scalar)
		})
		for i := range forms {
			a.Set(row, i, integral(g, fields[i*n:][:n]))
		}
		b.SetVec(row, integral(g, fields[forms*n:]))
	}
	var qr mat.QR
	qr.Factorize(a)
	if cond := qr.Cond(); !(cond < 1e8) {
		return Onsager{}, fmt.Errorf("einstein.Recover: the geometries do not tell the five weights apart, the condition number is %.2g; give geometries that differ more and depend on more coordinates", cond)
	}
	var fit mat.VecDense
	if err := qr.SolveVecTo(&fit, false, b); err != nil {
		return Onsager{}, fmt.Errorf("einstein.Recover: %w", err)
	}
	var l Onsager
	for i := range l {
		l[i] = fit.AtVec(i)
	}
	return l, nil
}
