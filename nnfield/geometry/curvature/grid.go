package curvature

import (
	"fmt"
	"math"
)

// MaxDim is the largest number of coordinates of a space-time.
const MaxDim = 4

// Axis is one coordinate of a space-time lattice: Sites places From, From +
// Spacing, …. A periodic axis goes on with its first site behind its last.
type Axis struct {
	Sites         int
	From, Spacing float64
	Periodic      bool
}

// Symmetry is an axis along which nothing changes: one site, at the given
// coordinate, at which derivatives along the axis are zero.
func Symmetry(at float64) Axis { return Axis{Sites: 1, From: at, Spacing: 1, Periodic: true} }

// Around is an axis of an odd number of sites about a place. It is not periodic.
func Around(place float64, sites int, spacing float64) Axis {
	return Axis{Sites: sites, From: place - float64(sites/2)*spacing, Spacing: spacing}
}

// Circle is a periodic axis from 0 to length.
func Circle(sites int, length float64) Axis {
	return Axis{Sites: sites, Spacing: length / float64(sites), Periodic: true}
}

// Grid is a rectangular lattice of two to four coordinates. Sites are numbered in
// row-major order, the last axis fastest. It is immutable; use [NewGrid].
type Grid struct {
	axes   []Axis
	stride []int
	sites  int
}

// NewGrid returns the lattice with the given axes. It fails for fewer than two or
// more than four axes, for an axis without sites, for a spacing that is not
// positive and finite, for a place that is not finite and for more than 2³¹ sites.
func NewGrid(axes ...Axis) (Grid, error) {
	if len(axes) < 2 || len(axes) > MaxDim {
		return Grid{}, fmt.Errorf("curvature.NewGrid: %d axes; a space-time has 2, 3 or 4", len(axes))
	}
	g := Grid{axes: append([]Axis(nil), axes...), stride: make([]int, len(axes)), sites: 1}
	for j := len(axes) - 1; j >= 0; j-- {
		a := axes[j]
		switch {
		case a.Sites < 1:
			return Grid{}, fmt.Errorf("curvature.NewGrid: axis %d has %d sites; it needs at least 1", j, a.Sites)
		case !(a.Spacing > 0) || math.IsInf(a.Spacing, 1):
			return Grid{}, fmt.Errorf("curvature.NewGrid: axis %d has the spacing %v; it must be positive and finite", j, a.Spacing)
		case math.IsNaN(a.From) || math.IsInf(a.From, 0):
			return Grid{}, fmt.Errorf("curvature.NewGrid: axis %d begins at %v; its place must be finite", j, a.From)
		case a.Sites > 1<<31/g.sites:
			return Grid{}, fmt.Errorf("curvature.NewGrid: more than %d sites; use a coarser lattice", 1<<31)
		}
		g.stride[j] = g.sites
		g.sites *= a.Sites
	}
	return g, nil
}

// Dim returns the number of coordinates.
func (g Grid) Dim() int { return len(g.axes) }

// Sites returns the number of sites.
func (g Grid) Sites() int { return g.sites }

// Axis returns the axis of a coordinate.
func (g Grid) Axis(axis int) Axis { return g.axes[axis] }

// Stride returns the distance in memory of neighbours along an axis.
func (g Grid) Stride(axis int) int { return g.stride[axis] }

// Cell returns the coordinate volume of a site, the product of the spacings.
func (g Grid) Cell() float64 {
	v := 1.0
	for _, a := range g.axes {
		v *= a.Spacing
	}
	return v
}

// position returns the index of a site along an axis.
func (g Grid) position(site, axis int) int { return site / g.stride[axis] % g.axes[axis].Sites }

// Coordinates writes the coordinates of a site to dst, which has Dim elements,
// and returns it.
func (g Grid) Coordinates(dst []float64, site int) []float64 {
	for j, a := range g.axes {
		dst[j] = a.From + float64(float64(g.position(site, j))*a.Spacing)
	}
	return dst
}

// Components returns the number of components of a symmetric tensor of rank 2,
// Dim(Dim+1)/2.
func (g Grid) Components() int { return g.Dim() * (g.Dim() + 1) / 2 }

// Index returns where component (μ, ν) = (ν, μ) of a symmetric tensor stands: row
// by row of its lower triangle.
func Index(mu, nu int) int {
	if mu < nu {
		mu, nu = nu, mu
	}
	return mu*(mu+1)/2 + nu
}

// Sample returns the metric of a formula on the lattice: component after
// component, in the order of [Index], one number a site. The formula writes the
// components at the coordinates x to dst.
func (g Grid) Sample(metric func(dst, x []float64)) []float64 {
	c := g.Components()
	field := make([]float64, c*g.sites)
	dst, x := make([]float64, c), make([]float64, g.Dim())
	for s := range g.sites {
		metric(dst, g.Coordinates(x, s))
		for i, v := range dst {
			field[i*g.sites+s] = v
		}
	}
	return field
}
