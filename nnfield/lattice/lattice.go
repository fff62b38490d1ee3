// Package lattice says where neurons sit: the shape, the spacing and the
// boundary of a rectangular lattice in one, two or three dimensions.
//
// A lattice is an immutable value. Sites are numbered in row-major order, the
// last axis fastest, so that a field on an n₀×n₁ lattice is the NumPy array of
// shape (n₀, n₁). Coordinates run from 0 to the length of an axis and are
// dimensionless (c = 1).
//
// How an operator continues a field past a wall is decided here and nowhere
// else, by [Axis.Fold]: periodic axes wrap, a Dirichlet wall reflects the field
// with a change of sign about the wall node, a Neumann wall reflects it about
// the wall face. With these continuations every even stencil is a symmetric
// matrix and is diagonal in the discrete Fourier, sine (DST-I) or cosine
// (DCT-II) basis.
package lattice

import (
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/internal/room"
)

// MaxSites is the largest number of sites of a lattice: 2³¹, 16 GiB a field.
const MaxSites = 1 << 31

// Lattice is a rectangular lattice of one, two or three axes. The zero value
// has no axes; use [New].
type Lattice struct {
	axes   []Axis
	stride []int
	sites  int
}

// New returns the lattice with the given axes, the last one fastest in memory.
//
// It fails for a number of axes other than 1, 2 or 3, for an axis that is not
// valid (see [Axis.Validate]), for more than [MaxSites] sites and for more than this
// process has memory for.
func New(axes ...Axis) (Lattice, error) {
	if len(axes) < 1 || len(axes) > 3 {
		return Lattice{}, fmt.Errorf("%d axes; a lattice has 1, 2 or 3", len(axes))
	}
	l := Lattice{axes: append([]Axis(nil), axes...), stride: make([]int, len(axes)), sites: 1}
	for j := len(axes) - 1; j >= 0; j-- {
		if err := axes[j].Validate(); err != nil {
			return Lattice{}, fmt.Errorf("axis %s: %w", axisNames[j], err)
		}
		if axes[j].Sites > MaxSites/l.sites {
			return Lattice{}, fmt.Errorf("more than %d sites; use a coarser lattice", MaxSites)
		}
		l.stride[j] = l.sites
		l.sites *= axes[j].Sites
	}
	if l.sites > 1<<20 {
		if err := room.Memory(fmt.Sprintf("a run on %d sites", l.sites), perSite*float64(l.sites)); err != nil {
			return Lattice{}, fmt.Errorf("%w; use a coarser lattice", err)
		}
	}
	return l, nil
}

// perSite is what a run of the simplest theory takes at least, in bytes: a field and its
// momentum, in the network, in the copy to go back to, and before and after half a kick.
const perSite = 8 * 2 * 4

var axisNames = [...]string{"x", "y", "z"}

// AxisName returns "x", "y" or "z" for the axis numbers 0, 1 and 2.
func AxisName(axis int) string { return axisNames[axis] }

// Dim returns the number d of space dimensions.
func (l Lattice) Dim() int { return len(l.axes) }

// Sites returns the number of sites.
func (l Lattice) Sites() int { return l.sites }

// Axis returns axis number axis, 0 ≤ axis < Dim.
func (l Lattice) Axis(axis int) Axis { return l.axes[axis] }

// Axes returns a copy of the axes.
func (l Lattice) Axes() []Axis { return append([]Axis(nil), l.axes...) }

// Shape returns the number of sites along each axis.
func (l Lattice) Shape() []int {
	shape := make([]int, len(l.axes))
	for j, a := range l.axes {
		shape[j] = a.Sites
	}
	return shape
}

// Stride returns the distance in memory of neighbours along an axis.
func (l Lattice) Stride(axis int) int { return l.stride[axis] }

// Spacing returns the lattice spacing a along an axis.
func (l Lattice) Spacing(axis int) float64 { return l.axes[axis].Spacing() }

// CellVolume returns Π_j a_j, the weight a^d of a site in lattice sums.
func (l Lattice) CellVolume() float64 {
	v := 1.0
	for _, a := range l.axes {
		v *= a.Spacing()
	}
	return v
}

// Periodic tells whether every axis is periodic.
func (l Lattice) Periodic() bool {
	for _, a := range l.axes {
		if !a.Periodic() {
			return false
		}
	}
	return true
}

// Index returns the site at the given position along each axis.
func (l Lattice) Index(at ...int) int {
	site := 0
	for j, i := range at {
		site += i * l.stride[j]
	}
	return site
}

// Position writes the index of a site along each axis to dst, which has Dim
// elements, and returns it.
func (l Lattice) Position(dst []int, site int) []int {
	for j := range l.axes {
		dst[j] = site / l.stride[j]
		site %= l.stride[j]
	}
	return dst
}

// Coordinates returns, for every site, its coordinate along an axis.
func (l Lattice) Coordinates(axis int) []float64 {
	a, stride := l.axes[axis], l.stride[axis]
	x := make([]float64, l.sites)
	for site := range x {
		x[site] = a.Coordinate(site / stride % a.Sites)
	}
	return x
}

// Neighbour returns the site step sites away along an axis and the sign with
// which the field is continued there: 1 inside and across a periodic or a
// Neumann boundary, −1 across a Dirichlet wall, 0 on its wall node.
func (l Lattice) Neighbour(site, axis, step int) (neighbour int, sign float64) {
	a, stride := l.axes[axis], l.stride[axis]
	i := site / stride % a.Sites
	j, sign := a.Fold(i + step)
	return site + (j-i)*stride, sign
}

// Driven returns the sites of the boundary neurons that are clamped to a
// signal on the given side of an axis, or nil if that side is not driven.
func (l Lattice) Driven(axis int, side Side) []int {
	a := l.axes[axis]
	if a.Boundary(side).Kind != Driven {
		return nil
	}
	at := 0
	if side == High {
		at = a.Sites - 1
	}
	sites := make([]int, 0, l.sites/a.Sites)
	for site := range l.sites {
		if site/l.stride[axis]%a.Sites == at {
			sites = append(sites, site)
		}
	}
	return sites
}

// Damping returns the rate σ(x) of the sponges at every site (1/time), or nil
// if no side has a sponge. The rates of overlapping sponges add.
func (l Lattice) Damping() []float64 {
	var sigma []float64
	for j, a := range l.axes {
		if a.Low.Sponge == (Sponge{}) && a.High.Sponge == (Sponge{}) {
			continue
		}
		if sigma == nil {
			sigma = make([]float64, l.sites)
		}
		for site := range sigma {
			x := a.Coordinate(site / l.stride[j] % a.Sites)
			sigma[site] += a.Low.Sponge.Rate(x) + a.High.Sponge.Rate(a.Length-x)
		}
	}
	return sigma
}

// String draws the lattice as a tree, one line an axis.
func (l Lattice) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d-D lattice of %d sites", len(l.axes), l.sites)
	for j, a := range l.axes {
		branch := "├──"
		if j == len(l.axes)-1 {
			branch = "└──"
		}
		fmt.Fprintf(&b, "\n%s %s: %s", branch, axisNames[j], a)
	}
	return b.String()
}

// positive tells whether v is a number greater than zero.
func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
