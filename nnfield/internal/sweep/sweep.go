// Package sweep advances a field many steps at a time in space-time tiles.
//
// A step of a field theory is a pair of half steps, a drift of the neurons and a
// kick of the biases. A half step changes one of the two arrays of a slab and
// reads the other one at most r slabs away; a slab is a plane of a 3-D lattice, a
// row of a 2-D one, a few sites of a 1-D one. So the half steps h = 0, 1, …,
// 2T − 1 can be done T pairs at a time, in place, without a second lattice, saved
// edges or redundant work. The slabs are cut into tiles [a, b) and
//
//  1. every tile does half step h on the slabs [a + rh, b − rh),
//  2. every seam b between tiles does half step h on the slabs [b − rh, b + rh),
//
// the tiles being independent of each other, and then the seams. Within a tile
// the half steps follow each other as wave fronts, 2r slabs behind the one
// before, so that a slab is still in the cache when its next half step comes.
//
// Planes may be too large for a cache. Then their rows are cut into strips [c, d), and
// every tile and seam does one strip after the other, on the rows [c − rh, d − rh) in
// half step h: a strip reads what the one before it leaves, and that has gone no
// further than it may. On a ring the first strip begins at row rh, and the rows
// before that are done at the end together with the last ones, like a seam.
//
// Every half step of a slab sees exactly what it sees in the plain order, all
// slabs one half step after the other. Therefore the result has the same bits for
// any tiles, any depth T and any number of workers. What it forbids is to look at
// the field between the steps of one [Sweep.Run].
package sweep

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// Field is what is swept. Slabs are given as ranges lo ≤ z < hi within [0, Slabs).
// Pair j is the j-th drift and kick of a [Sweep.Run], from 0 on; the field knows
// the coefficients and the data of each.
//
// Several calls run at the same time. They never change what another one reads.
type Field interface {
	// Drift does the drift of pair j on a range of slabs. It changes the neurons
	// of these slabs and reads the biases up to Radius slabs away.
	Drift(lo, hi, j int)

	// Kick does the kick of pair j on a range of slabs. It changes the biases of
	// these slabs and reads the neurons up to Radius slabs away.
	Kick(lo, hi, j int)

	// DriftKick does Drift(lo, hi, j) and then Kick(lo − Radius, hi − Radius, j),
	// or the same in one pass. Both ranges lie within [0, Slabs) and hi − lo is at
	// most Group.
	DriftKick(lo, hi, j int)
}

// Rowed is a Field whose slabs are planes of rows. A half step of a row reads, of its
// own slab, rows up to Radius away, and of other slabs the same row only.
type Rowed interface {
	Field

	// DriftRows and KickRows do the same for the rows y0 ≤ y < y1 of the slabs.
	DriftRows(lo, hi, y0, y1, j int)
	KickRows(lo, hi, y0, y1, j int)
}

// Fused is a Rowed field that does a drift and a kick in one pass.
type Fused interface {
	Rowed

	// DriftKickRows does DriftKick for the rows y0 ≤ y < y1 of the slabs.
	DriftKickRows(lo, hi, y0, y1, j int)
}

// Shape says how a field is swept.
type Shape struct {
	Slabs    int  // n ≥ 1
	Radius   int  // r ≥ 1, how far a half step reads, in slabs
	Periodic bool // slab 0 and slab n − 1 are neighbours; else there are walls
	Group    int  // how many slabs go into one call at most
	Depth    int  // T, pairs done in one go; 0 for the plain order, all slabs at once
	Height   int  // of a tile, in slabs; at least r(4T − 2)
	Serial   bool // in the goroutine of the caller, without the pool

	// Of planes that are cut, whose field is Rowed:
	Rows         int  // of a plane; 0 leaves them whole
	RowsPeriodic bool // row 0 and the last row are neighbours
	Width        int  // of a strip, in rows; at least r(4T − 2)
}

// Sizes of caches that tiles are made for. They are small ones of today's
// machines; the speed depends on them weakly.
const (
	nearest  = 32 << 10 // of one core
	shared   = 2 << 20  // a core's part of the larger caches
	maxDepth = 16       // beyond it a step costs no less
)

// serial is the number of bytes of a field, two arrays of 16,384 sites, below
// which sharing it out costs more than it gains.
const serial = 256 << 10

// Choose returns a shape for n slabs of the given number of bytes, all arrays of
// a slab together, for the pool's present number of workers.
//
// A field that fits into the nearest cache is done in the plain order. Of slabs that
// are far smaller than this cache those between the first and the last wave front, 2rT,
// fit into it, and a call gets as many. Of larger slabs they take at most three quarters
// of the larger cache, which others pass through at the same time, and a call gets
// group of them. A tile is at least twice as high as it must be, so that most of the
// work is done in tiles and not in seams, and up to eight times while every worker has
// four of them.
func Choose(n, radius int, periodic bool, bytes, group int) Shape {
	s := Shape{Slabs: n, Radius: radius, Periodic: periodic, Group: group, Serial: n*bytes < serial}
	if n*bytes <= nearest {
		return s
	}
	s.Depth = max(1, min(maxDepth, 3*shared/4/(2*radius*bytes)))
	if d := nearest / (2 * radius * bytes); d > s.Depth {
		s.Depth, s.Group = d, 2*radius*d
	}
	workers := pool.Workers()
	if s.Serial {
		workers = 1
	}
	s.Depth = max(1, min(s.Depth, n/(8*radius*workers)))
	least := 8 * radius * s.Depth
	s.Height = max(least, min(4*least, n/(4*workers)))
	return s
}

// ChooseRows is Choose for planes of rows of the given number of bytes. Planes of
// which the fronts of a deep tile would not fit into the larger cache are cut into
// strips whose fronts, and the slabs beside them, take three quarters of it. Strips are
// at least twice as wide as the way they shift in a tile, and there are as many tiles
// for each worker.
func ChooseRows(n, rows, radius int, periodic, rowsPeriodic bool, bytes, group int) Shape {
	s := Choose(n, radius, periodic, rows*bytes, group)
	const deep = 8
	if s.Serial || 2*radius*deep*rows*bytes <= shared {
		return s
	}
	workers := pool.Workers()
	for depth := deep; depth > 0; depth-- {
		height, width := 8*radius*depth, 3*shared/4/(2*radius*(depth+1)*bytes)
		if height*workers > n || width < 4*radius*depth || width > rows {
			continue
		}
		tiles := n / height / workers * workers
		s.Depth, s.Height, s.Width = depth, n/tiles, width
		s.Rows, s.RowsPeriodic = rows, rowsPeriodic
		break
	}
	return s
}

// validate panics for a shape that cannot be swept.
func (s Shape) validate(f Field) {
	least := s.Radius * (4*s.Depth - 2)
	if s.Slabs < 1 || s.Radius < 1 || s.Group < 1 || s.Depth < 0 || s.Height < least || s.Rows < 0 || s.Rows > 0 && s.Width < least {
		panic(fmt.Sprintf("sweep: shape %+v; all sizes must be positive and those of tiles at least Radius·(4·Depth − 2)", s))
	}
	if _, ok := f.(Rowed); s.Rows > 0 && !ok {
		panic(fmt.Sprintf("sweep: shape %+v cuts rows, which a %T does not have", s, f))
	}
}

// Sweep advances one field. It is used by one goroutine at a time.
type Sweep struct {
	shape Shape
	field Field
	rowed Rowed // the field, if planes are cut
	fused Fused // the field, if planes are cut and it is one
	slabs cuts
	rows  cuts // slabs that are whole have one
	phase phase
}

// New returns the sweep of a field in a shape. It panics for a shape that says
// nothing sensible.
func New(s Shape, f Field) *Sweep {
	s.validate(f)
	w := &Sweep{shape: s, field: f, slabs: cut(s.Slabs, s.Height, s.Periodic), rows: cuts{1, 1, false}}
	if s.Rows > 0 {
		w.rowed = f.(Rowed)
		w.fused, _ = f.(Fused)
		w.rows = cut(s.Rows, s.Width, s.RowsPeriodic)
	}
	w.phase.sweep = w
	return w
}

// Depth returns how many pairs are done in one go, of which a Run best has a multiple.
func (w *Sweep) Depth() int { return max(1, w.shape.Depth) }

// Run does pairs 0 ≤ j < n on all slabs. It allocates nothing.
func (w *Sweep) Run(n int) {
	s := &w.shape
	least := s.Radius * (4*s.Depth - 2)
	if s.Depth == 0 || s.Periodic && s.Slabs < least || s.RowsPeriodic && s.Rows < least {
		// In the plain order, or too small for its own seam.
		for j := range n {
			w.field.Drift(0, s.Slabs, j)
			w.field.Kick(0, s.Slabs, j)
		}
		return
	}
	for j := 0; j < n; j += s.Depth {
		w.phase.first, w.phase.pairs = j, min(s.Depth, n-j)
		w.do(false)
		w.do(true)
	}
}

// do does a phase: all tiles, or all seams, of slabs.
func (w *Sweep) do(seams bool) {
	p := &w.phase
	p.seams = seams
	n := w.slabs.tiles
	if seams {
		n = w.slabs.seams()
	}
	if w.shape.Serial {
		p.Do(0, n)
	} else {
		pool.Run(n, 1, p)
	}
}

// cuts says how n slabs or rows are cut into tiles.
type cuts struct {
	n, tiles int
	periodic bool
}

// cut returns cuts into tiles of the given size or more.
func cut(n, size int, periodic bool) cuts { return cuts{n, max(1, n/max(1, size)), periodic} }

// seams returns the number of seams between tiles.
func (c cuts) seams() int {
	if c.periodic {
		return c.tiles
	}
	return c.tiles - 1
}

// part is a tile, a seam or a strip: half step h takes place on
// [from + left·h, to − right·h).
type part struct{ from, to, left, right int }

// tile returns tile number i.
func (c cuts) tile(i, radius int) part {
	p := part{i * c.n / c.tiles, (i + 1) * c.n / c.tiles, radius, radius}
	if !c.periodic && i == 0 {
		p.left = 0
	}
	if !c.periodic && i == c.tiles-1 {
		p.right = 0
	}
	return p
}

// seam returns the seam behind tile number i.
func (c cuts) seam(i, radius int) part {
	at := (i + 1) * c.n / c.tiles
	return part{at, at, -radius, -radius}
}

// strips returns the number of strips, the seam between the last and the first one
// being one of them.
func (c cuts) strips() int {
	if c.periodic {
		return c.tiles + 1
	}
	return c.tiles
}

// strip returns strip number i.
func (c cuts) strip(i, radius int) part {
	if i == c.tiles {
		return c.seam(i-1, radius)
	}
	p := c.tile(i, radius)
	if i > 0 {
		p.left = -radius
	}
	return p
}

// at returns the range of half step h.
func (p part) at(h int) (lo, hi int) { return p.from + p.left*h, p.to - p.right*h }

// phase is the tiles, or the seams, of some pairs.
type phase struct {
	sweep        *Sweep
	first, pairs int
	seams        bool
}

// Do does the tiles or seams lo ≤ i < hi.
func (p *phase) Do(lo, hi int) {
	w := p.sweep
	r := w.shape.Radius
	for i := lo; i < hi; i++ {
		slabs := w.slabs.tile(i, r)
		if p.seams {
			slabs = w.slabs.seam(i, r)
		}
		for k := range w.rows.strips() {
			wave{sweep: w, first: p.first, pairs: p.pairs, slabs: slabs, strip: w.rows.strip(k, r)}.run()
		}
	}
}

// wave does some pairs on a part of the slabs and of their rows.
type wave struct {
	sweep        *Sweep
	first, pairs int
	slabs, strip part
}

// run does each half step as far as the group that comes next and the half steps
// before allow.
func (w wave) run() {
	s := &w.sweep.shape
	r := s.Radius
	// The front of pair i runs 2ri slabs behind that of pair 0, a kick r slabs
	// behind its drift. The last kick is the last to arrive at the far end.
	_, end := w.slabs.at(2*w.pairs - 1)
	end = max(w.slabs.to, end+r*(2*w.pairs-1))
	for front := w.slabs.from; front < end; front += s.Group {
		for i := range w.pairs {
			at := front - 2*r*i
			d0, d1 := w.slabs.at(2 * i)
			k0, k1 := w.slabs.at(2*i + 1)
			w.emit(i, max(at, d0), min(at+s.Group, d1), max(at-r, k0), min(at-r+s.Group, k1))
		}
	}
}

// emit drifts the slabs [d0, d1) and kicks [k0, k1), which may be empty, together
// where a kick is r slabs behind a drift.
func (w *wave) emit(i, d0, d1, k0, k1 int) {
	r := w.sweep.shape.Radius
	both0, both1 := max(d0, k0+r), min(d1, k1+r)
	if both0 >= both1 {
		w.drift(d0, d1, i)
		w.kick(k0, k1, i)
		return
	}
	w.drift(d0, both0, i)
	w.kick(k0, both0-r, i)
	w.both(both0, both1, i)
	w.drift(both1, d1, i)
	w.kick(both1-r, k1, i)
}

// drift does the drift of pair i on the slabs and the rows of its half step.
func (w *wave) drift(lo, hi, i int) {
	y0, y1 := w.strip.at(2 * i)
	w.driftRows(lo, hi, y0, y1, w.first+i)
}

func (w *wave) driftRows(lo, hi, y0, y1, j int) {
	for lo < hi {
		shift, to := w.sweep.slabs.turn(lo, hi)
		if w.sweep.rowed == nil {
			w.sweep.field.Drift(lo-shift, to-shift, j)
		} else {
			for y := y0; y < y1; {
				turned, end := w.sweep.rows.turn(y, y1)
				w.sweep.rowed.DriftRows(lo-shift, to-shift, y-turned, end-turned, j)
				y = end
			}
		}
		lo = to
	}
}

// kick does the kick of pair i.
func (w *wave) kick(lo, hi, i int) {
	y0, y1 := w.strip.at(2*i + 1)
	w.kickRows(lo, hi, y0, y1, w.first+i)
}

func (w *wave) kickRows(lo, hi, y0, y1, j int) {
	for lo < hi {
		shift, to := w.sweep.slabs.turn(lo, hi)
		if w.sweep.rowed == nil {
			w.sweep.field.Kick(lo-shift, to-shift, j)
		} else {
			for y := y0; y < y1; {
				turned, end := w.sweep.rows.turn(y, y1)
				w.sweep.rowed.KickRows(lo-shift, to-shift, y-turned, end-turned, j)
				y = end
			}
		}
		lo = to
	}
}

// both drifts the slabs [lo, hi) and kicks those r behind.
func (w *wave) both(lo, hi, i int) {
	r, j := w.sweep.shape.Radius, w.first+i
	shift, to := w.sweep.slabs.turn(lo-r, hi)
	if w.sweep.rowed == nil && to == hi {
		w.sweep.field.DriftKick(lo-shift, hi-shift, j)
		return
	}
	d0, d1 := w.strip.at(2 * i)
	k0, k1 := w.strip.at(2*i + 1)
	y0, y1 := max(d0, k0), min(d1, k1)
	turned, end := w.sweep.rows.turn(y0, y1)
	if w.sweep.fused == nil || to < hi || y0 >= y1 || end < y1 {
		w.drift(lo, hi, i)
		w.kick(lo-r, hi-r, i)
		return
	}
	w.driftRows(lo, hi, d0, y0, j)
	w.driftRows(lo, hi, y1, d1, j)
	w.sweep.fused.DriftKickRows(lo-shift, hi-shift, y0-turned, y1-turned, j)
	w.kickRows(lo-r, hi-r, k0, y0, j)
	w.kickRows(lo-r, hi-r, y1, k1, j)
}

// turn returns by how much slab or row lo ≥ 0 is beyond [0, n), as it is behind the
// seam of a ring, and where the range from lo to hi leaves the turn that lo is in.
func (c cuts) turn(lo, hi int) (shift, to int) {
	if lo >= c.n {
		shift = c.n
	}
	return shift, min(hi, c.n+shift)
}
