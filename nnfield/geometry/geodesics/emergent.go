package geodesics

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// Emergent returns a metric on the sites of a lattice, such as one read off the
// weights of a network by [geometry.Metric], as a space-time for geodesics: between
// the sites by polynomials of degree 7 through the 8 nearest ones along each axis.
// It repeats on rings and goes on a little beyond walls. It fails for a metric that
// is not valid and for axes of fewer than 8 sites.
func Emergent(g geometry.SpaceTime) (reference.Spacetime, error) {
	if err := g.Validate(); err != nil {
		return reference.Spacetime{}, err
	}
	d := g.Lattice.Dim()
	smallest := math.Inf(1)
	for j, a := range g.Lattice.Axes() {
		if a.Sites < reach {
			return reference.Spacetime{}, fmt.Errorf("Emergent: %d sites along axis %d; the polynomials need %d", a.Sites, j, reach)
		}
		smallest = min(smallest, a.Spacing())
	}
	s := reference.Spacetime{
		Dim:   d,
		Scale: 50 * smallest, // differences of half a spacing
		Lapse: func(_ float64, x []float64) float64 { return newPoint(g.Lattice, x).value(g.Lapse) },
		Inverse: func(dst []float64, _ float64, x []float64) {
			p := newPoint(g.Lattice, x)
			var h [3][3]float64
			for i := range d {
				for j := range d {
					if v := g.Space[geometry.Component(d, i, j)]; v != nil {
						h[i][j] = p.value(v)
					}
				}
			}
			for i := d; i < 3; i++ {
				h[i][i] = 1
			}
			det := 0.0
			for i := range 3 {
				det += h[0][i] * cofactor(&h, 0, i)
			}
			for i := range d {
				for j := range d {
					dst[i*d+j] = cofactor(&h, j, i) / det
				}
			}
		},
	}
	if g.Shift != nil {
		s.Shift = func(dst []float64, _ float64, x []float64) {
			p := newPoint(g.Lattice, x)
			for j := range dst {
				dst[j] = 0
				if g.Shift[j] != nil {
					dst[j] = p.value(g.Shift[j])
				}
			}
		}
	}
	return s, nil
}

// cofactor returns the cofactor of an entry of a 3×3 matrix.
func cofactor(h *[3][3]float64, i, j int) float64 {
	a, b, c, d := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
	return float64(h[a][c]*h[b][d]) - float64(h[a][d]*h[b][c])
}

// reach is the number of sites of a polynomial along an axis.
const reach = 8

// point is a place between the sites: along each axis the sites around it and their
// weights.
type point struct {
	l       lattice.Lattice
	sites   [3][reach]int
	weights [3][reach]float64
}

func newPoint(l lattice.Lattice, x []float64) *point {
	p := &point{l: l}
	for j, a := range l.Axes() {
		u := (x[j] - a.Coordinate(0)) / a.Spacing() // in spacings from the first site
		first := int(math.Floor(u)) - reach/2 + 1
		if !a.Periodic() {
			first = max(0, min(a.Sites-reach, first))
		}
		for i := range reach {
			site := (first + i) % a.Sites
			if site < 0 {
				site += a.Sites
			}
			p.sites[j][i] = site * l.Stride(j)
			w := 1.0
			for o := range reach {
				if o != i {
					w *= (u - float64(first+o)) / float64(i-o)
				}
			}
			p.weights[j][i] = w
		}
	}
	return p
}

// value returns numbers on the sites at the point.
func (p *point) value(v []float64) float64 { return p.sum(v, 0, 0) }

func (p *point) sum(v []float64, axis, site int) float64 {
	if axis == p.l.Dim() {
		return v[site]
	}
	sum := 0.0
	for i, w := range p.weights[axis] {
		sum += float64(w * p.sum(v, axis+1, site+p.sites[axis][i]))
	}
	return sum
}
