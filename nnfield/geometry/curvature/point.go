package curvature

import (
	"fmt"
	"math"
)

// Sym is a symmetric tensor of rank 2 at a point, by its components in the order
// of [Index]; those beyond the dimension are 0.
type Sym [MaxDim * (MaxDim + 1) / 2]float64

// At returns component (μ, ν).
func (s *Sym) At(mu, nu int) float64 { return s[Index(mu, nu)] }

// pairs are the antisymmetric pairs of indices, in the order in which the Riemann
// tensor is stored; those of a smaller dimension come first.
var pairs = [6][2]int{{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}}

// pairOf returns the place of a pair among pairs and its sign, 0 for a = b.
func pairOf(a, b int) (pair int, sign float64) {
	switch {
	case a < b:
		return b*(b-1)/2 + a, 1
	case a > b:
		return a*(a-1)/2 + b, -1
	}
	return 0, 0
}

// Point is a metric and its curvature at one site. Indices are down unless said
// otherwise.
type Point struct {
	Site, Dim int

	Metric  Sym             // g_μν
	Inverse Sym             // g^μν
	Volume  float64         // √−g
	First   [MaxDim]Sym     // ∂_α g_μν
	Second  [len(Sym{})]Sym // ∂_α∂_β g_μν, by Index(α, β)

	// Lower and Christoffel are the connection of the first and of the second
	// kind, Γ_αμν = ½(∂_μg_αν + ∂_νg_αμ − ∂_αg_μν) and Γ^α_μν.
	Lower, Christoffel [MaxDim]Sym

	Ricci    Sym     // R_μν = R^α_μαν
	Scalar   float64 // R = g^μν R_μν
	Einstein Sym     // G_μν = R_μν − ½R g_μν

	riemann [len(pairs) * (len(pairs) + 1) / 2]float64
}

// Riemann returns R_αβγδ. It is antisymmetric in each pair and symmetric under
// their exchange by the way it is stored.
func (p *Point) Riemann(a, b, c, d int) float64 {
	i, s := pairOf(a, b)
	j, t := pairOf(c, d)
	if s*t == 0 {
		return 0
	}
	return s * t * p.riemann[Index(i, j)]
}

// Kretschmann returns R_αβγδ R^αβγδ.
func (p *Point) Kretschmann() float64 {
	n := p.Dim * (p.Dim - 1) / 2
	// up is the metric of pairs of indices, g^αγ g^βδ − g^αδ g^βγ.
	var up, mixed [len(pairs)][len(pairs)]float64
	for i, ab := range pairs[:n] {
		for j, cd := range pairs[:n] {
			up[i][j] = float64(p.Inverse.At(ab[0], cd[0])*p.Inverse.At(ab[1], cd[1])) -
				float64(p.Inverse.At(ab[0], cd[1])*p.Inverse.At(ab[1], cd[0]))
		}
	}
	for i := range n {
		for j := range n {
			for k := range n {
				mixed[i][j] += float64(p.riemann[Index(i, k)] * up[k][j])
			}
		}
	}
	sum := 0.0
	for i := range n {
		for j := range n {
			sum += float64(mixed[i][j] * mixed[j][i])
		}
	}
	return 4 * sum
}

// minor returns the determinant of the metric without one row and one column,
// by expansion; both out of range for the whole.
func (p *Point) minor(row, column int) float64 {
	var m [MaxDim][MaxDim]float64
	n := 0
	for i := range p.Dim {
		if i == row {
			continue
		}
		k := 0
		for j := range p.Dim {
			if j != column {
				m[n][k] = p.Metric.At(i, j)
				k++
			}
		}
		n++
	}
	return determinant(&m, n)
}

// determinant returns that of the upper left n×n block, 1 ≤ n ≤ 4, by 2×2 minors
// of its first two and its last rows (Laplace).
func determinant(m *[MaxDim][MaxDim]float64, n int) float64 {
	two := func(r, a, b int) float64 { return float64(m[r][a]*m[r+1][b]) - float64(m[r][b]*m[r+1][a]) }
	switch n {
	case 1:
		return m[0][0]
	case 2:
		return two(0, 0, 1)
	case 3:
		return float64(m[0][0]*two(1, 1, 2)) - float64(m[0][1]*two(1, 0, 2)) + float64(m[0][2]*two(1, 0, 1))
	}
	return float64(two(0, 0, 1)*two(2, 2, 3)) - float64(two(0, 0, 2)*two(2, 1, 3)) + float64(two(0, 0, 3)*two(2, 1, 2)) +
		float64(two(0, 1, 2)*two(2, 0, 3)) - float64(two(0, 1, 3)*two(2, 0, 2)) + float64(two(0, 2, 3)*two(2, 0, 1))
}

// invert sets Inverse and Volume and checks the metric.
func (p *Point) invert() error {
	scale := 1.0
	for i := range p.Dim {
		most := 0.0
		for j := range p.Dim {
			v := math.Abs(p.Metric.At(i, j))
			if !(v <= math.MaxFloat64) {
				return fmt.Errorf("g_%d%d is %v; the metric must be finite", i, j, p.Metric.At(i, j))
			}
			most = math.Max(most, v)
		}
		scale *= most
	}
	det := p.minor(-1, -1)
	if !(math.Abs(det) > 1e-13*scale) {
		return fmt.Errorf("the metric is degenerate, det g = %.3g; use other coordinates or leave that place out", det)
	}
	if n := p.negative(det); n != 1 {
		return fmt.Errorf("the metric has %d negative eigenvalues; it must have one, the signature (−,+,+,+)", n)
	}
	p.Volume = math.Sqrt(-det)
	for i := range p.Dim {
		for j := range i + 1 {
			sign := float64(1 - 2*((i+j)%2))
			p.Inverse[Index(i, j)] = sign * p.minor(i, j) / det
		}
	}
	return nil
}

// negative returns the number of negative eigenvalues of the metric. By Descartes'
// rule, exact where all roots are real, it is the number of changes of sign
// between the coefficients of det(λ + g) = Σ_k e_k λ^(Dim−k), e_k being the sum of
// the principal minors of size k.
func (p *Point) negative(det float64) int {
	var e [MaxDim + 1]float64
	e[p.Dim] = det
	for i := range p.Dim {
		e[1] += p.Metric.At(i, i)
		if p.Dim > 3 {
			e[p.Dim-1] += p.minor(i, i)
		}
		if p.Dim > 2 {
			for j := range i {
				e[2] += float64(p.Metric.At(i, i)*p.Metric.At(j, j)) - float64(p.Metric.At(i, j)*p.Metric.At(i, j))
			}
		}
	}
	changes, last := 0, 1.0
	for _, v := range e[1 : p.Dim+1] {
		if v*last < 0 {
			changes++
		}
		if v != 0 {
			last = v
		}
	}
	return changes
}

// connect sets the connection from the first derivatives.
func (p *Point) connect() {
	for a := range p.Dim {
		for m := range p.Dim {
			for n := range m + 1 {
				p.Lower[a][Index(m, n)] = 0.5 * (p.First[m].At(a, n) + p.First[n].At(a, m) - p.First[a].At(m, n))
			}
		}
	}
	for a := range p.Dim {
		for i := range p.Dim * (p.Dim + 1) / 2 {
			sum := 0.0
			for b := range p.Dim {
				sum += float64(p.Inverse.At(a, b) * p.Lower[b][i])
			}
			p.Christoffel[a][i] = sum
		}
	}
}

// curve sets the curvature,
//
//	R_αβγδ = ½(∂_β∂_γ g_αδ + ∂_α∂_δ g_βγ − ∂_α∂_γ g_βδ − ∂_β∂_δ g_αγ) + Γ_εβγ Γ^ε_αδ − Γ_εβδ Γ^ε_αγ.
func (p *Point) curve() {
	n := p.Dim * (p.Dim - 1) / 2
	second := func(a, b, m, n int) float64 { return p.Second[Index(a, b)].At(m, n) }
	for i, ab := range pairs[:n] {
		a, b := ab[0], ab[1]
		for j, cd := range pairs[:i+1] {
			c, d := cd[0], cd[1]
			r := 0.5 * (second(b, c, a, d) + second(a, d, b, c) - second(a, c, b, d) - second(b, d, a, c))
			for e := range p.Dim {
				r += float64(p.Lower[e].At(b, c)*p.Christoffel[e].At(a, d)) - float64(p.Lower[e].At(b, d)*p.Christoffel[e].At(a, c))
			}
			p.riemann[Index(i, j)] = r
		}
	}
	p.Scalar = 0
	for m := range p.Dim {
		for n := range m + 1 {
			sum := 0.0
			for a := range p.Dim {
				for b := range p.Dim {
					sum += float64(p.Inverse.At(a, b) * p.Riemann(a, m, b, n))
				}
			}
			p.Ricci[Index(m, n)] = sum
			twice := 1.0
			if m != n {
				twice = 2
			}
			p.Scalar += float64(twice * float64(p.Inverse.At(m, n)*sum))
		}
	}
	for i := range p.Dim * (p.Dim + 1) / 2 {
		p.Einstein[i] = p.Ricci[i] - float64(0.5*float64(p.Scalar*p.Metric[i]))
	}
}
