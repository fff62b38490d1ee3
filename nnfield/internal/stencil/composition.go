package stencil

import "github.com/nnfield/nnfield/nnfield/internal/sweep"

// Halves are the half steps of a field,
//
//	Drift   x ← x + c·(weights)·b
//	Kick    b ← b + α·(weights)·x,
//
// on a part of its lattice.
type Halves interface {
	Drift(x, b []float64, p Part, c float64)
	Kick(b, x []float64, p Part, alpha float64)

	lattice() *grid
}

// fused is a Halves that does both half steps in one pass.
type fused interface {
	Halves

	// DriftKick does Drift of a part and then Kick of another one, the slabs of which
	// lie the radius behind. On a ring the slab before them is none that is drifted.
	DriftKick(x, b []float64, drift, kick Part, c, alpha float64)
}

// Composition takes a field through the steps of a symplectic composition, in
// space-time tiles. It is used by one goroutine at a time.
type Composition struct {
	halves Halves
	grid   *grid
	unit   int     // slabs of the grid in one of the sweep
	slabs  int     // of the sweep; the last one takes those that are left over, too
	rate   float64 // γ = ε²
	sweep  *sweep.Sweep

	x, b          []float64
	drifts, kicks []float64
}

// NewComposition returns the composition of half steps with the learning rate
// γ = ε². The arrays of the field hold the given numbers a site, all together.
func NewComposition(h Halves, rate float64, numbers int) *Composition {
	const small = 128 << 10 // bytes below which it does not pay to call a kernel
	c := &Composition{halves: h, grid: h.lattice(), unit: 1, rate: rate}
	g := c.grid
	if g.first == 2 {
		c.unit = Chunk
	}
	c.slabs = max(1, g.Slabs()/c.unit)
	group := 1
	bytes := 8 * numbers * g.sites / c.slabs / g.Rows() // of a row
	if g.first > 0 {
		group = max(2, small/bytes) // there are kernels that do two
	}
	c.Tile(sweep.ChooseRows(c.slabs, g.Rows(), g.radius, !g.wall[g.first], !g.wall[1], bytes, group))
	return c
}

// Tile changes the shape of the tiles. The bits stay.
func (c *Composition) Tile(s sweep.Shape) {
	if h, ok := c.halves.(fused); ok {
		c.sweep = sweep.New(s, fusedPairs{pairs{c}, h})
	} else {
		c.sweep = sweep.New(s, pairs{c})
	}
}

// Shape returns the plainest shape: a half step at a time.
func (c *Composition) Shape() sweep.Shape {
	return sweep.Shape{Slabs: c.slabs, Radius: c.grid.radius, Periodic: !c.grid.wall[c.grid.first], Group: c.slabs, Serial: true}
}

// Depth returns how many pairs of half steps a sweep does in one go.
func (c *Composition) Depth() int { return c.sweep.Depth() }

// Run does n steps, each of the drifts and kicks in turn.
func (c *Composition) Run(x, b []float64, n int, drifts, kicks []float64) {
	c.x, c.b, c.drifts, c.kicks = x, b, drifts, kicks
	c.sweep.Run(n * len(drifts))
	c.x, c.b = nil, nil
}

// pairs is what is swept.
type pairs struct{ *Composition }

// DriftRows does the drift of pair j.
func (p pairs) DriftRows(lo, hi, y0, y1, j int) {
	p.halves.Drift(p.x, p.b, p.part(lo, hi, y0, y1), p.drift(j))
}

// KickRows does the kick of pair j.
func (p pairs) KickRows(lo, hi, y0, y1, j int) {
	p.halves.Kick(p.b, p.x, p.part(lo, hi, y0, y1), p.kick(j))
}

// drift and kick are the factors of pair j.
func (p pairs) drift(j int) float64 { return p.drifts[j%len(p.drifts)] }
func (p pairs) kick(j int) float64  { return -float64(p.kicks[j%len(p.kicks)] * p.rate) }

func (p pairs) part(lo, hi, y0, y1 int) Part {
	all := Part{lo * p.unit, hi * p.unit, y0, y1}
	if hi == p.slabs {
		all.Hi = p.grid.Slabs()
	}
	return all
}

func (p pairs) Drift(lo, hi, j int) { p.DriftRows(lo, hi, 0, p.grid.Rows(), j) }
func (p pairs) Kick(lo, hi, j int)  { p.KickRows(lo, hi, 0, p.grid.Rows(), j) }

// DriftKick does both, one after the other.
func (p pairs) DriftKick(lo, hi, j int) {
	p.Drift(lo, hi, j)
	p.Kick(lo-p.grid.radius, hi-p.grid.radius, j)
}

// fusedPairs are pairs whose half steps are done in one pass.
type fusedPairs struct {
	pairs
	fused fused
}

// DriftKickRows does the drift and the kick of pair j.
func (p fusedPairs) DriftKickRows(lo, hi, y0, y1, j int) {
	r := p.grid.radius
	p.fused.DriftKick(p.x, p.b, p.part(lo, hi, y0, y1), p.part(lo-r, hi-r, y0, y1), p.drift(j), p.kick(j))
}

func (p fusedPairs) DriftKick(lo, hi, j int) { p.DriftKickRows(lo, hi, 0, p.grid.Rows(), j) }
