package stencil

// grid is a lattice of up to three axes, numbered 0, 1, 2, the last being the
// fastest; of fewer dimensions it uses the last ones, the shape being 1 along the
// others.
//
// Its slabs are the sites of a 1-D lattice and the rows of a 2-D one. In three
// dimensions a slab is what has the same place along axis 1: one row of each plane.
// Three planes of some rows fit into a cache where three whole planes do not.
type grid struct {
	shape [3]int
	wall  [3]bool // the axis ends at walls; else it is a ring
	first int     // the slowest axis in use
	sites int
}

func newGrid(shape [3]int, wall [3]bool) grid {
	g := grid{shape: shape, wall: wall, first: 2, sites: shape[0] * shape[1] * shape[2]}
	for g.first > 0 && shape[g.first-1] > 1 {
		g.first--
	}
	return g
}

// Slabs returns the number of slabs.
func (g *grid) Slabs() int { return g.shape[max(1, g.first)] }

// part returns the rows and the columns of the slabs lo ≤ y < hi in a plane.
func (g *grid) part(lo, hi int) (y0, y1, x0, x1 int) {
	if g.first == 2 {
		return 0, 1, lo, hi
	}
	return lo, hi, 0, g.shape[2]
}

// beside returns the index after i and the one before along an axis, −1 beyond a
// wall.
func (g *grid) beside(axis, i int) [2]int {
	n, after, before := g.shape[axis], i+1, i-1
	if after == n {
		after = 0
		if g.wall[axis] {
			after = -1
		}
	}
	if before < 0 && !g.wall[axis] {
		before = n - 1
	}
	return [2]int{after, before}
}

// wave drifts the slabs lo ≤ y < hi and kicks those from lo − 1 to hi − 1, plane by
// plane: a plane is kicked as soon as the next one has drifted.
func (g *grid) wave(lo, hi int, drift, kick func(z, lo, hi int)) {
	planes := g.shape[0]
	for z := range planes {
		drift(z, lo, hi)
		if z >= 2 {
			kick(z-1, lo-1, hi-1)
		}
	}
	if planes > 1 {
		kick(planes-1, lo-1, hi-1)
	}
	kick(0, lo-1, hi-1)
}
