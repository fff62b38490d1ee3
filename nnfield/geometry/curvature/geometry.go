package curvature

import (
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// Geometry is a metric on a lattice with its first derivatives. It is immutable
// and may be used by several goroutines at once.
type Geometry struct {
	grid   Grid
	order  Order
	lines  []line
	metric []float64
	slopes [][]float64 // of each axis, as the metric is stored
}

// New returns the geometry of a metric, given as [Grid.Sample] gives it, which is
// not copied and must not be changed.
//
// It fails for a metric of the wrong length, for one that at some site is not
// finite, is degenerate or has another signature than (−,+,+,+), and names that
// site; for an axis with too few sites for its stencil, and for spectral
// derivatives along an axis that is not periodic. A metric counts as degenerate
// where |det g| is below 1e-13 of the product over its rows of their largest
// element: rounding errors would rule.
func New(grid Grid, metric []float64, order Order) (*Geometry, error) {
	c := grid.Components()
	if grid.sites == 0 {
		return nil, fmt.Errorf("curvature.New: a grid without axes; make it with NewGrid")
	}
	if len(metric) != c*grid.sites {
		return nil, fmt.Errorf("curvature.New: %d numbers for the metric; %d components at %d sites are %d", len(metric), c, grid.sites, c*grid.sites)
	}
	g := &Geometry{grid: grid, order: order, metric: metric}
	for j, a := range grid.axes {
		s, err := newStencil(a, order)
		if err != nil {
			return nil, fmt.Errorf("curvature.New: axis %d: %w", j, err)
		}
		g.lines = append(g.lines, line{s, a.Sites, grid.stride[j], a.Periodic})
	}
	var p Point
	p.Dim = grid.Dim()
	for s := range grid.sites {
		g.load(&p, s)
		if err := p.invert(); err != nil {
			return nil, fmt.Errorf("curvature.New: at %s %w", grid.place(s), err)
		}
	}
	for j := range g.lines {
		slope := make([]float64, len(metric))
		for i := range c {
			g.Derivative(slope[i*grid.sites:][:grid.sites], metric[i*grid.sites:][:grid.sites], j)
		}
		g.slopes = append(g.slopes, slope)
	}
	return g, nil
}

// place names a site by its coordinates.
func (g Grid) place(site int) string {
	var at []string
	for _, x := range g.Coordinates(make([]float64, g.Dim()), site) {
		at = append(at, fmt.Sprintf("%.6g", x))
	}
	return fmt.Sprintf("site %d, x = (%s),", site, strings.Join(at, ", "))
}

// Grid returns the lattice.
func (g *Geometry) Grid() Grid { return g.grid }

// Order returns how derivatives are taken.
func (g *Geometry) Order() Order { return g.order }

// Metric returns the metric as it was given. Do not write to it.
func (g *Geometry) Metric() []float64 { return g.metric }

// Margin returns how many sites at either end of an axis have no curvature, for
// want of neighbours: half the order, and 0 on a periodic axis.
func (g *Geometry) Margin(axis int) int { return g.lines[axis].margin() }

// Inside tells whether a site is not in a margin.
func (g *Geometry) Inside(site int) bool {
	for j := range g.lines {
		if !g.lines[j].inside(site) {
			return false
		}
	}
	return true
}

func (l *line) inside(site int) bool {
	i, m := site/l.stride%l.sites, l.margin()
	return i >= m && i < l.sites-m
}

// Derivative writes ∂_axis f to dst, and NaN in the margin of that axis. Both
// have one number a site; it panics if they do not, and if dst is f.
func (g *Geometry) Derivative(dst, f []float64, axis int) {
	if len(dst) != g.grid.sites || len(f) != len(dst) {
		panic(fmt.Sprintf("curvature.Geometry.Derivative: %d and %d numbers for %d sites", len(dst), len(f), g.grid.sites))
	}
	if &dst[0] == &f[0] {
		panic("curvature.Geometry.Derivative: dst is f; give it an array of its own")
	}
	l := &g.lines[axis]
	for s := range dst {
		dst[s] = math.NaN()
		if l.inside(s) {
			dst[s] = l.slope(f, s)
		}
	}
}

// load sets the metric of p.
func (g *Geometry) load(p *Point, site int) {
	for i := range g.grid.Components() {
		p.Metric[i] = g.metric[i*g.grid.sites+site]
	}
}

// At computes all of p at a site, without allocating. It panics for a site in a
// margin; see [Geometry.Inside].
func (g *Geometry) At(p *Point, site int) {
	if !g.Inside(site) {
		panic(fmt.Sprintf("curvature.Geometry.At: site %d is in the margin, which has no derivatives", site))
	}
	p.Site, p.Dim = site, g.grid.Dim()
	g.load(p, site)
	if err := p.invert(); err != nil {
		panic(err) // New has tried it
	}
	n := g.grid.sites
	for a := range g.lines {
		along := &g.lines[a]
		for i := range g.grid.Components() {
			p.First[a][i] = g.slopes[a][i*n+site]
			p.Second[Index(a, a)][i] = along.bend(g.metric[i*n:][:n], site)
			for b := range a {
				p.Second[Index(a, b)][i] = along.slope(g.slopes[b][i*n:][:n], site)
			}
		}
	}
	p.connect()
	p.curve()
}

// Each calls do for every site that is not in a margin. Several goroutines call
// it at the same time, each with a Point of its own: do may write to what belongs
// to p.Site and to nothing else.
func (g *Geometry) Each(do func(p *Point)) {
	pool.Run(g.grid.sites, 16, &each{g, do})
}

type each struct {
	g  *Geometry
	do func(*Point)
}

// Do does the sites lo ≤ s < hi.
func (e *each) Do(lo, hi int) {
	var p Point
	for s := lo; s < hi; s++ {
		if e.g.Inside(s) {
			e.g.At(&p, s)
			e.do(&p)
		}
	}
}
