package einstein

import (
	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/geometry/curvature"
)

// Onsager is a tensor 𝓛 of kinetic coefficients between the gradients of a metric,
// made of that metric: the weights of the five ways to contract two gradients,
//
//	𝓛^{αμν,βρσ} = L₀ g^{αβ}g^{μρ}g^{νσ} + L₁ g^{αβ}g^{μν}g^{ρσ} + L₂ g^{μν}g^{αρ}g^{βσ}
//	            + L₃ g^{ασ}g^{βμ}g^{νρ} + L₄ g^{αμ}g^{βρ}g^{νσ},
//
// symmetrised in μν, in ρσ and, as Onsager's relations ask, under the exchange of
// the two gradients. [G] §8 has the first four; the fifth completes the list.
type Onsager [5]float64

// EinsteinHilbert returns the weights −¼, ¼, −½, ½, 0, for which the entropy
// production is √−g R up to a total derivative ([G] §8; L. D. Landau, E. M.
// Lifshitz, The Classical Theory of Fields, §93). [Recover] finds no others.
func EinsteinHilbert() Onsager { return Onsager{-1. / 4, 1. / 4, -1. / 2, 1. / 2, 0} }

// Component returns 𝓛^{αμν,βρσ} at a point.
func (l Onsager) Component(p *curvature.Point, alpha, mu, nu, beta, rho, sigma int) float64 {
	g := p.Inverse.At
	pair := func(a, m, n, b, r, s int) float64 {
		return float64(l[0]*g(a, b)*g(m, r)*g(n, s)) + float64(l[1]*g(a, b)*g(m, n)*g(r, s)) + float64(l[2]*g(m, n)*g(a, r)*g(b, s)) +
			float64(l[3]*g(a, s)*g(b, m)*g(n, r)) + float64(l[4]*g(a, m)*g(b, r)*g(n, s))
	}
	sum := 0.0
	for _, x := range [2][6]int{{alpha, mu, nu, beta, rho, sigma}, {beta, rho, sigma, alpha, mu, nu}} {
		a, m, n, b, r, s := x[0], x[1], x[2], x[3], x[4], x[5]
		sum += pair(a, m, n, b, r, s) + pair(a, n, m, b, r, s) + pair(a, m, n, b, s, r) + pair(a, n, m, b, s, r)
	}
	return sum / 8
}

// Matrix returns 𝓛 at a point as the symmetric matrix of a quadratic form: with the
// vector v of the gradients ∂_αg_μν for μ ≥ ν, in the order of α and then of
// curvature.Index, vᵀMv = 𝓛 ∂g ∂g. The signs of its eigenvalues are those of 𝓛 as
// a form, in any coordinates.
func (l Onsager) Matrix(p *curvature.Point) *mat.SymDense {
	c := p.Dim * (p.Dim + 1) / 2
	m := mat.NewSymDense(p.Dim*c, nil)
	each := func(do func(place, a, m, n int, multiplicity float64)) {
		for a := range p.Dim {
			for i := range p.Dim {
				for j := range i + 1 {
					times := 2.0
					if i == j {
						times = 1
					}
					do(a*c+curvature.Index(i, j), a, i, j, times)
				}
			}
		}
	}
	each(func(i, a, mu, nu int, f float64) {
		each(func(j, b, rho, sigma int, g float64) {
			if j <= i {
				m.SetSym(i, j, f*g*l.Component(p, a, mu, nu, b, rho, sigma))
			}
		})
	})
	return m
}

// cube has a number for each triple of indices.
type cube [curvature.MaxDim][curvature.MaxDim][curvature.MaxDim]float64

// gradients are the gradients of a metric at a point with indices up and down, and
// their traces u_α = g^{μν}∂_αg_μν and v_ρ = g^{βσ}∂_βg_ρσ.
type gradients struct {
	at       *curvature.Point
	up       cube // ∂^αg^{μν}, indices raised outside of the derivative
	first    cube // ∂^αg_μν
	last     cube // ∂_αg_μ^ν
	u, v     [curvature.MaxDim]float64
	uUp, vUp [curvature.MaxDim]float64
	forms    [5]float64 // the five contractions without their weights
}

// load computes all of it at a point.
func (d *gradients) load(p *curvature.Point) {
	n := p.Dim
	*d = gradients{at: p}
	g := p.Inverse.At
	for a := range n {
		for m := range n {
			for k := range n {
				for e := range n {
					d.first[a][m][k] += float64(g(a, e) * p.First[e].At(m, k))
					d.last[a][m][k] += float64(g(k, e) * p.First[a].At(m, e))
				}
				d.u[a] += float64(g(m, k) * p.First[a].At(m, k))
				d.v[a] += float64(g(m, k) * p.First[m].At(a, k))
			}
		}
	}
	for a := range n {
		for m := range n {
			d.uUp[a] += float64(g(a, m) * d.u[m])
			d.vUp[a] += float64(g(a, m) * d.v[m])
			for k := range n {
				for e := range n {
					for f := range n {
						d.up[a][m][k] += float64(float64(g(m, e)*g(a, f)) * d.last[f][e][k])
					}
				}
			}
		}
	}
	t := &d.forms
	for a := range n {
		t[1] += float64(d.u[a] * d.uUp[a])
		t[2] += float64(d.u[a] * d.vUp[a])
		t[4] += float64(d.v[a] * d.vUp[a])
		for m := range n {
			for k := range n {
				t[0] += float64(d.up[a][m][k] * p.First[a].At(m, k))
				t[3] += float64(d.up[m][a][k] * p.First[a].At(m, k))
			}
		}
	}
}

// density returns √−g 𝓛∂g∂g.
func (d *gradients) density(l Onsager) float64 {
	sum := 0.0
	for i, c := range l {
		sum += float64(c * d.forms[i])
	}
	return d.at.Volume * sum
}

// flux returns √−g 𝓛^{αμν,βρσ}∂_βg_ρσ, half the derivative of the density by
// ∂_αg_μν.
func (d *gradients) flux(l Onsager, a, m, n int) float64 {
	g := d.at.Inverse.At
	return d.at.Volume * (float64(l[0]*d.up[a][m][n]) + float64(l[1]*float64(d.uUp[a]*g(m, n))) +
		float64(0.5*l[2]*(float64(d.vUp[a]*g(m, n))+float64(0.5*(float64(d.uUp[m]*g(n, a))+float64(d.uUp[n]*g(m, a)))))) +
		float64(0.5*l[3]*(d.up[m][a][n]+d.up[n][a][m])) +
		float64(0.5*l[4]*(float64(d.vUp[m]*g(n, a))+float64(d.vUp[n]*g(m, a)))))
}

// pull returns the derivative of the density by g_μν, the gradients kept.
func (d *gradients) pull(l Onsager, m, n int) float64 {
	return 0.5*d.density(l)*d.at.Inverse.At(m, n) - 0.5*d.at.Volume*(d.by(l, m, n)+d.by(l, n, m))
}

// by returns the derivative of 𝓛∂g∂g by the inverse metric with raised indices,
// up to its part antisymmetric in m and n.
func (d *gradients) by(l Onsager, m, n int) float64 {
	q := float64(l[1]*float64(d.uUp[m]*d.uUp[n])) + float64(l[2]*float64(d.uUp[m]*d.vUp[n])) + float64(l[4]*float64(d.vUp[m]*d.vUp[n]))
	for a := range d.at.Dim {
		q += float64(d.up[a][m][n] * (float64(2*l[1]*d.u[a]) + float64(l[2]*d.v[a])))
		q += float64(d.up[m][n][a] * (float64(l[2]*d.u[a]) + float64(2*l[4]*d.v[a])))
		for b := range d.at.Dim {
			q += float64(l[0] * (float64(d.up[m][a][b]*d.first[n][a][b]) + float64(2*d.up[a][m][b]*d.last[a][b][n])))
			q += float64(l[3] * (float64(2*d.first[m][a][b]*d.up[a][b][n]) + float64(d.last[a][b][m]*d.up[b][a][n])))
		}
	}
	return q
}
