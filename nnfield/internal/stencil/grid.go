package stencil

// grid is a lattice of up to three axes, numbered 0, 1, 2, the last being the
// fastest; of fewer dimensions it uses the last ones, the shape being 1 along the
// others. Its slabs are planes of a 3-D lattice, rows of a 2-D one, sites of a 1-D
// one.
type grid struct {
	shape  [3]int
	wall   [3]bool // the axis ends at walls; else it is a ring
	first  int     // the slowest axis in use
	sites  int
	radius int // how far a half step reads along the slowest axis
}

func newGrid(shape [3]int, wall [3]bool) grid {
	g := grid{shape: shape, wall: wall, first: 2, sites: shape[0] * shape[1] * shape[2], radius: 1}
	for g.first > 0 && shape[g.first-1] > 1 {
		g.first--
	}
	return g
}

func (g *grid) lattice() *grid { return g }

// Slabs returns the number of slabs.
func (g *grid) Slabs() int { return g.shape[g.first] }

// Rows returns the number of rows of a plane, 1 if slabs are no planes.
func (g *grid) Rows() int {
	if g.first == 0 {
		return g.shape[1]
	}
	return 1
}

// Part is the rows Y0 ≤ y < Y1 of the slabs Lo ≤ z < Hi; rows and sites have one
// row, 0.
type Part struct{ Lo, Hi, Y0, Y1 int }

// All returns all slabs.
func (g *grid) All() Part { return Part{0, g.Slabs(), 0, g.Rows()} }

// planes returns the planes, rows and columns of a part.
func (g *grid) planes(p Part) (z0, z1, y0, y1, x0, x1 int) {
	switch g.first {
	case 0:
		return p.Lo, p.Hi, p.Y0, p.Y1, 0, g.shape[2]
	case 1:
		return 0, 1, p.Lo, p.Hi, 0, g.shape[2]
	}
	return 0, 1, 0, 1, p.Lo, p.Hi
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
