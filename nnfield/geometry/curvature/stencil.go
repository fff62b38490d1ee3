package curvature

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// Order says how derivatives are taken.
type Order int

// Orders of derivatives.
const (
	// Order2, Order4 and Order6 are central differences over 1, 2 and 3 neighbours
	// on either side. At the ends of an axis that is not periodic these sites are
	// the margin, at which there is no curvature.
	Order2 Order = 2
	Order4 Order = 4
	Order6 Order = 6
	// Spectral differentiates the trigonometric polynomial through all sites of a
	// periodic axis (L. N. Trefethen, Spectral Methods in MATLAB, ch. 3).
	Spectral Order = 1 << 30
)

// String returns "order 2", …, "spectral".
func (o Order) String() string {
	if o == Spectral {
		return "spectral"
	}
	return fmt.Sprintf("order %d", int(o))
}

// stencil holds the weights of the derivatives along an axis,
//
//	f′(i) = Σ_k first[k] (f(i+k) − f(i−k)),
//	f″(i) = Σ_k second[k] ((f(i+k) − f(i)) + (f(i−k) − f(i))),   k = 1, 2, …,
//
// both exactly (anti)symmetric and exactly 0 on constants: a metric is a large
// constant and small waves. Element k−1 belongs to k.
type stencil struct{ first, second []float64 }

// central holds the differences for unit spacing (B. Fornberg, Math. Comp. 51, 699
// (1988), table 1).
var central = map[Order]stencil{
	Order2: {[]float64{1. / 2}, []float64{1}},
	Order4: {[]float64{2. / 3, -1. / 12}, []float64{4. / 3, -1. / 12}},
	Order6: {[]float64{3. / 4, -3. / 20, 1. / 60}, []float64{3. / 2, -3. / 20, 1. / 90}},
}

// newStencil returns the stencil of an axis, empty for an axis of symmetry.
func newStencil(a Axis, order Order) (stencil, error) {
	unit, finite := central[order]
	switch {
	case order != Spectral && !finite:
		return stencil{}, fmt.Errorf("%v; use Order2, Order4, Order6 or Spectral", order)
	case a.Sites == 1 && a.Periodic:
		return stencil{}, nil
	case order == Spectral && !a.Periodic:
		return stencil{}, fmt.Errorf("spectral derivatives need a periodic axis; use Order6, or a Circle")
	case order == Spectral && a.Sites < 3:
		return stencil{}, fmt.Errorf("%d sites; spectral derivatives need at least 3, or 1 for a Symmetry", a.Sites)
	case order == Spectral:
		return spectral(a), nil
	case a.Sites <= 2*len(unit.first):
		return stencil{}, fmt.Errorf("%d sites; differences of %v need at least %d, or 1 for a Symmetry", a.Sites, order, 2*len(unit.first)+1)
	}
	var s stencil
	for k := range unit.first {
		s.first = append(s.first, unit.first[k]/a.Spacing)
		s.second = append(s.second, unit.second[k]/(a.Spacing*a.Spacing))
	}
	return s, nil
}

// spectral returns the differentiation matrices of a periodic axis by their rows.
func spectral(a Axis) stencil {
	n := a.Sites
	wave := 2 * math.Pi / (float64(n) * a.Spacing) // the smallest wave number
	even := n%2 == 0
	var s stencil
	sign := 1.0
	for k := 1; k <= n/2; k++ {
		sign = -sign
		half := math.Pi * float64(k) / float64(n)
		sin, cos := elementary.Sin(half), elementary.Cos(half)
		first, second := -wave*sign/(2*sin), -wave*wave*sign/(2*sin*sin)
		if even {
			first *= cos
		} else {
			second *= cos
		}
		if 2*k == n { // both neighbours are the same site
			first, second = 0, second/2
		}
		s.first, s.second = append(s.first, first), append(s.second, second)
	}
	return s
}

// line says how to reach the neighbours of a site along an axis.
type line struct {
	stencil
	sites, stride int
	periodic      bool
}

// neighbours returns the places in memory k sites up and down the axis, for a
// site at memory place s and index i of the axis.
func (l *line) neighbours(s, i, k int) (up, down int) {
	up, down = i+k, i-k
	if up >= l.sites {
		up -= l.sites
	}
	if down < 0 {
		down += l.sites
	}
	return s + (up-i)*l.stride, s + (down-i)*l.stride
}

// margin returns how many sites at either end have no derivatives.
func (l *line) margin() int {
	if l.periodic {
		return 0
	}
	return len(l.first)
}

// slope returns ∂f at a site.
func (l *line) slope(f []float64, site int) float64 {
	i, sum := site/l.stride%l.sites, 0.0
	for k, w := range l.first {
		up, down := l.neighbours(site, i, k+1)
		sum += float64(w * (f[up] - f[down]))
	}
	return sum
}

// bend returns ∂²f at a site.
func (l *line) bend(f []float64, site int) float64 {
	i, sum := site/l.stride%l.sites, 0.0
	for k, w := range l.second {
		up, down := l.neighbours(site, i, k+1)
		sum += float64(w * ((f[up] - f[site]) + (f[down] - f[site])))
	}
	return sum
}
