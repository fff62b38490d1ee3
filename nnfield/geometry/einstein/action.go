package einstein

import (
	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// universe is a family of metrics of high symmetry, given by functions of time.
// Its Lagrangian √−g(𝓛∂g∂g − 2Λ), without what is a total derivative, is a formula
// of the functions, their rates, the lapse N and Λ.
type universe struct {
	call      string
	title     string
	functions []string // symbols
	rates     []string // names in the formula
	source    string
	text      string // of the functional
	latex     string
	// weights are the parameters of the formula, by the Onsager tensor.
	weights func(l Onsager) map[string]float64
}

var universes = map[string]universe{
	// −dt²N² + a²dx²: of the gradients only ∂_t g_ij = 2aȧδ_ij.
	"frw": {
		call: "FRW", title: "a flat Friedmann-Robertson-Walker universe",
		functions: []string{"a"}, rates: []string{"v"},
		source: "k*a*v*v/N - 2*Lambda*N*a*a*a",
		text:   "S = ∫(k aȧ²/N − 2ΛNa³)dt, k = %.6g", latex: `S = \int\left(k\,\frac{a\dot a^2}{N} - 2\Lambda N a^3\right)dt,\quad k = %.6g`,
		weights: func(l Onsager) map[string]float64 {
			return map[string]float64{"k": -12*l[0] - 36*l[1]}
		},
	},
	// −N²dt² + A²dr² + B²dΩ²; the spheres add their curvature 2/B² to 𝓛∂g∂g, which
	// is no scalar in the angles.
	"kantowski-sachs": {
		call: "KantowskiSachs", title: "a Kantowski-Sachs universe",
		functions: []string{"A", "B"}, rates: []string{"u", "w"},
		source: "(p*B*B*u*u/A + q*B*u*w + k*A*w*w)/N + 2*N*A - 2*Lambda*N*A*B*B",
		text:   "S = ∫[(k AḂ² + q BȦḂ + p B²Ȧ²/A)/N + 2NA − 2ΛNAB²]dt, k = %.6g, q = %.6g, p = %.6g",
		latex:  `S = \int\left[\frac{1}{N}\left(k\,A\dot B^2 + q\,B\dot A\dot B + p\,\frac{B^2\dot A^2}{A}\right) + 2NA - 2\Lambda NAB^2\right]dt,\quad k = %.6g,\ q = %.6g,\ p = %.6g`,
		weights: func(l Onsager) map[string]float64 {
			return map[string]float64{"k": -8*l[0] - 16*l[1], "q": -16 * l[1], "p": -4*l[0] - 4*l[1]}
		},
	},
}

// lagrangian is a formula with its first and second derivatives by the functions,
// the rates, N and Λ, in this order.
type lagrangian struct {
	value  *expr.Expr
	first  []*expr.Expr
	second [][]*expr.Expr // lower triangle
}

func newLagrangian(u universe, l Onsager) (lagrangian, error) {
	names := append(append([]string{}, u.functions...), u.rates...)
	names = append(names, "N", "Lambda")
	value, err := expr.Parse(u.source, names, u.weights(l))
	if err != nil {
		return lagrangian{}, err
	}
	f := lagrangian{value: value}
	for i, name := range names {
		d := value.Derivative(name)
		f.first = append(f.first, d)
		row := make([]*expr.Expr, i+1)
		for j := range row {
			row[j] = d.Derivative(names[j])
		}
		f.second = append(f.second, row)
	}
	return f, nil
}

// action evaluates S and its derivatives for metrics on the sites of a time axis:
// on each link between two sites the Lagrangian at their mean and their difference,
// times the spacing Δ. Its error is of order Δ². It is scratch of one goroutine.
//
// A gradient and a direction are states: of the functions (0 at the clamped ends),
// of N and of Λ.
type action struct {
	l        lagrangian
	k, sites int
	spacing  float64
	columns  [][]float64 // functions, rates, N, Λ on the links
	values   []float64
	first    [][]float64

	// Hessian: the band of the functions inside, interleaved, and its border.
	band     *banded
	lapse    []float64 // ∂²S/∂q∂N
	lambda   []float64 // ∂²S/∂q∂Λ
	nn, nl   float64   // ∂²S/∂N², ∂²S/∂N∂Λ
	numbered []float64 // scratch: as the band is numbered
}

func newAction(l lagrangian, k, sites int, spacing float64) *action {
	inside := k * (sites - 2)
	a := &action{l: l, k: k, sites: sites, spacing: spacing, values: make([]float64, sites-1), band: newBanded(inside, 2*k-1),
		lapse: make([]float64, inside), lambda: make([]float64, inside), numbered: make([]float64, inside)}
	for range l.first {
		a.columns = append(a.columns, make([]float64, sites-1))
		a.first = append(a.first, make([]float64, sites-1))
	}
	return a
}

// load takes the metric of a state to the links.
func (a *action) load(s *theory.State) {
	for f := range a.k {
		q := s.Arrays[0][f*a.sites:][:a.sites]
		for i := range a.values {
			a.columns[f][i] = 0.5 * (q[i] + q[i+1])
			a.columns[a.k+f][i] = (q[i+1] - q[i]) / a.spacing
		}
	}
	for i := range a.values {
		a.columns[2*a.k][i], a.columns[2*a.k+1][i] = s.Arrays[1][0], s.Arrays[2][0]
	}
}

// total returns Σ f·Δ over the links.
func (a *action) total(f []float64) float64 {
	return a.spacing * sums.Sum(0, len(f), func(i int) float64 { return f[i] })
}

// gradient writes the derivatives of S at the loaded metric to dst.
func (a *action) gradient(dst *theory.State) {
	for i, d := range a.l.first {
		d.EvalTo(a.first[i], a.columns...)
	}
	for f := range a.k {
		g, byMean, byRate := dst.Arrays[0][f*a.sites:][:a.sites], a.first[f], a.first[a.k+f]
		g[0], g[a.sites-1] = 0, 0
		for i := 1; i < a.sites-1; i++ {
			g[i] = float64(0.5*a.spacing*(byMean[i-1]+byMean[i])) + (byRate[i-1] - byRate[i])
		}
	}
	dst.Arrays[1][0] = a.total(a.first[2*a.k])
	dst.Arrays[2][0] = a.total(a.first[2*a.k+1])
}

// neurons returns ∫√−g of the metric whose gradient was taken last: −½∂S/∂Λ.
func (a *action) neurons() float64 { return -0.5 * a.total(a.first[2*a.k+1]) }

// place returns where function f at a site stands in the band, −1 at the ends.
func (a *action) place(f, site int) int {
	if site == 0 || site == a.sites-1 {
		return -1
	}
	return (site-1)*a.k + f
}

// share returns the derivative of variable x of a link, a function's mean or its
// rate, by that function at the lower (0) or the upper (1) end of the link.
func (a *action) share(x, end int) float64 {
	if x < a.k {
		return 0.5
	}
	return float64(2*end-1) / a.spacing
}

// hessian computes the second derivatives of S at the loaded metric.
func (a *action) hessian() {
	clear(a.band.a)
	clear(a.lapse)
	clear(a.lambda)
	n, lambda := 2*a.k, 2*a.k+1
	for x, row := range a.l.second {
		for y, d := range row {
			d.EvalTo(a.values, a.columns...)
			switch {
			case x < n:
				a.couple(x, y)
				if x != y {
					a.couple(y, x)
				}
			case x == n && y < n:
				a.border(a.lapse, y)
			case x == lambda && y < n:
				a.border(a.lambda, y)
			case y == n && x == n:
				a.nn = a.total(a.values)
			case y == n:
				a.nl = a.total(a.values)
			}
		}
	}
}

// couple adds values = ∂²L/∂x∂y of all links to the band.
func (a *action) couple(x, y int) {
	for link, v := range a.values {
		for i := range 2 {
			row := a.place(x%a.k, link+i)
			for j := range 2 {
				if column := a.place(y%a.k, link+j); row >= 0 && column >= 0 {
					*a.band.at(row, column) += float64(a.spacing * float64(float64(a.share(x, i)*a.share(y, j))*v))
				}
			}
		}
	}
}

// border adds values = ∂²L/∂N∂y or ∂²L/∂Λ∂y of all links to a border of the band.
func (a *action) border(dst []float64, y int) {
	for link, v := range a.values {
		for j := range 2 {
			if at := a.place(y%a.k, link+j); at >= 0 {
				dst[at] += float64(a.spacing * float64(a.share(y, j)*v))
			}
		}
	}
}

// number copies the functions inside from a state to the numbering of the band.
func (a *action) number(dst []float64, s *theory.State) {
	for f := range a.k {
		for i := 1; i < a.sites-1; i++ {
			dst[a.place(f, i)] = s.Arrays[0][f*a.sites+i]
		}
	}
}
