package geometry

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// SpaceTime is a metric that stands still, on the sites of a lattice in row-major
// order:
//
//	ds² = −N²dt² + h_ij(dx^i + N^i dt)(dx^j + N^j dt).
type SpaceTime struct {
	Lattice lattice.Lattice

	// Lapse is N > 0 at each site.
	Lapse []float64

	// Space holds h_ij for i ≤ j, in the order xx, xy, xz, yy, yz, zz of the axes
	// that there are; see [Component]. An entry off the diagonal may be nil: 0.
	Space [][]float64

	// Shift holds N^i for each axis; nil, as a whole or for an axis, is 0.
	Shift [][]float64
}

// Component returns where h_ij, or any symmetric tensor of d dimensions, stands in
// a list of the entries i ≤ j.
func Component(d, i, j int) int {
	if i > j {
		i, j = j, i
	}
	return i*d - i*(i-1)/2 + j - i
}

// components returns the number of entries i ≤ j.
func components(d int) int { return d * (d + 1) / 2 }

// Flat returns the metric of Minkowski on a lattice.
func Flat(l lattice.Lattice) SpaceTime {
	d := l.Dim()
	g := SpaceTime{Lattice: l, Lapse: constant(l.Sites(), 1), Space: make([][]float64, components(d))}
	for i := range d {
		g.Space[Component(d, i, i)] = constant(l.Sites(), 1)
	}
	return g
}

func constant(n int, v float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

// Validate returns an error unless there is one finite number a site for each
// component, N > 0 and h_ij positive definite everywhere.
func (g SpaceTime) Validate() error {
	if err := g.validate(); err != nil {
		return fmt.Errorf("SpaceTime: %w", err)
	}
	return nil
}

func (g SpaceTime) validate() error {
	d, n := g.Lattice.Dim(), g.Lattice.Sites()
	if n == 0 {
		return fmt.Errorf("no lattice; say where the neurons sit")
	}
	if len(g.Space) != components(d) {
		return fmt.Errorf("Space has %d components in %d dimensions; give the %d of h_ij with i ≤ j", len(g.Space), d, components(d))
	}
	if g.Shift != nil && len(g.Shift) != d {
		return fmt.Errorf("Shift has %d components in %d dimensions; give one for each axis, or nil", len(g.Shift), d)
	}
	if err := g.check("N", g.Lapse, false); err != nil {
		return err
	}
	for i := range d {
		for j := i; j < d; j++ {
			name := "h_" + lattice.AxisName(i) + lattice.AxisName(j)
			if err := g.check(name, g.Space[Component(d, i, j)], i != j); err != nil {
				return err
			}
		}
		if g.Shift != nil {
			if err := g.check("N^"+lattice.AxisName(i), g.Shift[i], true); err != nil {
				return err
			}
		}
	}
	for s, v := range g.Lapse {
		if !(v > 0) {
			return fmt.Errorf("the lapse N is %.6g at %s; it must be positive at every site, put a horizon between two sites or into a wall", v, place(g.Lattice, s))
		}
		if _, det, ok := invert(d, g.at(s)); !ok {
			return fmt.Errorf("h_ij is not positive definite at %s, where its determinant is %.6g; distances in space must be positive", place(g.Lattice, s), det)
		}
	}
	return nil
}

// clone returns a copy that shares nothing with g.
func (g SpaceTime) clone() SpaceTime {
	g.Lapse = slices.Clone(g.Lapse)
	for _, list := range []*[][]float64{&g.Space, &g.Shift} {
		*list = slices.Clone(*list)
		for i, v := range *list {
			(*list)[i] = slices.Clone(v)
		}
	}
	return g
}

// check returns an error unless a component has one finite number a site.
func (g SpaceTime) check(name string, v []float64, optional bool) error {
	if optional && v == nil {
		return nil
	}
	if len(v) != g.Lattice.Sites() {
		return fmt.Errorf("%s has %d numbers for %d sites; give one a site, in row-major order", name, len(v), g.Lattice.Sites())
	}
	for s, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%s is %s at %s; it must be finite at every site", name, say.Number(x), place(g.Lattice, s))
		}
	}
	return nil
}

// symmetric is a symmetric 3×3 matrix, or the upper left part of one: its entries
// i ≤ j in the order of [Component].
type symmetric [6]float64

// at returns h_ij at a site.
func (g SpaceTime) at(site int) (h symmetric) {
	for c, v := range g.Space {
		if v != nil {
			h[c] = v[site]
		}
	}
	return h
}

// invert returns the inverse and the determinant of a symmetric d×d matrix; ok
// tells whether it is positive definite.
func invert(d int, h symmetric) (inverse symmetric, det float64, ok bool) {
	switch d {
	case 1:
		return symmetric{1 / h[0]}, h[0], h[0] > 0
	case 2:
		xx, xy, yy := h[0], h[1], h[2]
		det = float64(xx*yy) - float64(xy*xy)
		return symmetric{yy / det, -xy / det, xx / det}, det, xx > 0 && det > 0
	}
	xx, xy, xz, yy, yz, zz := h[0], h[1], h[2], h[3], h[4], h[5]
	cofactor := symmetric{
		float64(yy*zz) - float64(yz*yz), float64(xz*yz) - float64(xy*zz), float64(xy*yz) - float64(xz*yy),
		float64(xx*zz) - float64(xz*xz), float64(xy*xz) - float64(xx*yz), float64(xx*yy) - float64(xy*xy),
	}
	det = float64(xx*cofactor[0]) + float64(xy*cofactor[1]) + float64(xz*cofactor[2])
	for c, v := range cofactor {
		inverse[c] = v / det
	}
	return inverse, det, xx > 0 && cofactor[5] > 0 && det > 0
}

// place names a site by its coordinates: "x = 1.5, y = 2".
func place(l lattice.Lattice, site int) string {
	text := ""
	for j, i := range l.Position(make([]int, l.Dim()), site) {
		if j > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s = %.6g", lattice.AxisName(j), l.Axis(j).Coordinate(i))
	}
	return text
}
