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

// Shape says how a field is swept.
type Shape struct {
	Slabs    int  // n ≥ 1
	Radius   int  // r ≥ 1, how far a half step reads, in slabs
	Periodic bool // slab 0 and slab n − 1 are neighbours; else there are walls
	Group    int  // how many slabs go into one call at most
	Depth    int  // T ≥ 1, pairs done in one go
	Height   int  // of a tile, in slabs; at least r(4T − 2)
	Serial   bool // in the goroutine of the caller, without the pool
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
// A tile of slabs that are far smaller than the nearest cache fits into it, and is
// advanced as a whole: the group is the tile. Of larger slabs those between the
// first and the last wave front, 2rT, fit into the larger cache, and a call gets
// group of them. A tile is at least twice as high as it must be, so that most of
// the work is done in tiles and not in seams.
func Choose(n, radius int, periodic bool, bytes, group int) Shape {
	s := Shape{Slabs: n, Radius: radius, Periodic: periodic, Group: group, Serial: n*bytes < serial}
	s.Depth = max(1, min(maxDepth, shared/(2*radius*bytes)))
	if d := nearest / (8 * radius * bytes); d > s.Depth {
		s.Depth = d
		s.Group = 8 * radius * d
	}
	workers := pool.Workers()
	if s.Serial {
		workers = 1
	}
	for s.Depth > 1 && n < 8*radius*s.Depth*workers {
		s.Depth /= 2
	}
	s.Height = 8 * radius * s.Depth
	return s
}

// validate panics for a shape that cannot be swept.
func (s Shape) validate() {
	if s.Slabs < 1 || s.Radius < 1 || s.Group < 1 || s.Depth < 1 || s.Height < s.Radius*(4*s.Depth-2) {
		panic(fmt.Sprintf("sweep: shape %+v; all sizes must be positive and Height at least Radius·(4·Depth − 2)", s))
	}
}

// Sweep advances one field. It is used by one goroutine at a time.
type Sweep struct {
	shape Shape
	field Field
	tiles int

	phase phase
}

// New returns the sweep of a field in a shape. It panics for a shape that says
// nothing sensible.
func New(s Shape, f Field) *Sweep {
	s.validate()
	w := &Sweep{shape: s, field: f, tiles: max(1, s.Slabs/s.Height)}
	w.phase.sweep = w
	return w
}

// Run does pairs 0 ≤ j < n on all slabs. It allocates nothing.
func (w *Sweep) Run(n int) {
	s := &w.shape
	if s.Periodic && s.Slabs < s.Radius*(4*s.Depth-2) {
		// Too small for its own seam.
		for j := range n {
			w.field.Drift(0, s.Slabs, j)
			w.field.Kick(0, s.Slabs, j)
		}
		return
	}
	for j := 0; j < n; j += s.Depth {
		w.phase.first, w.phase.pairs = j, min(s.Depth, n-j)
		w.do(w.tiles, false)
		if s.Periodic {
			w.do(w.tiles, true)
		} else if w.tiles > 1 {
			w.do(w.tiles-1, true)
		}
	}
}

// do does a phase: all tiles or all seams.
func (w *Sweep) do(n int, seams bool) {
	w.phase.seams = seams
	if w.shape.Serial {
		w.phase.Do(0, n)
	} else {
		pool.Run(n, 1, &w.phase)
	}
}

// phase is the tiles, or the seams, of some pairs.
type phase struct {
	sweep        *Sweep
	first, pairs int
	seams        bool
}

// Do does the tiles, or the seams at the ends of the tiles, lo ≤ i < hi.
func (p *phase) Do(lo, hi int) {
	s, tiles := &p.sweep.shape, p.sweep.tiles
	cut := func(i int) int { return i * s.Slabs / tiles }
	for i := lo; i < hi; i++ {
		if p.seams {
			p.wave(cut(i+1), cut(i+1), -s.Radius, -s.Radius)
			continue
		}
		left, right := s.Radius, s.Radius
		if i == 0 && !s.Periodic {
			left = 0
		}
		if i == tiles-1 && !s.Periodic {
			right = 0
		}
		p.wave(cut(i), cut(i+1), left, right)
	}
}

// wave does half step h on the slabs [a + left·h, b − right·h), for each h as far
// as the group that comes next and the half steps before allow.
func (p *phase) wave(a, b, left, right int) {
	s := &p.sweep.shape
	r := s.Radius
	// The front of pair i runs 2ri slabs behind that of pair 0, a kick r slabs
	// behind its drift. The last kick is the last to arrive at the far end.
	end := max(b, b-right*(2*p.pairs-1)+r*(2*p.pairs-1))
	for front := a; front < end; front += s.Group {
		for i := range p.pairs {
			at := front - 2*r*i
			p.emit(p.first+i,
				max(at, a+left*2*i), min(at+s.Group, b-right*2*i),
				max(at-r, a+left*(2*i+1)), min(at-r+s.Group, b-right*(2*i+1)))
		}
	}
}

// emit drifts the slabs [d0, d1) and kicks [k0, k1), which may be empty, together
// where a kick is r slabs behind a drift.
func (p *phase) emit(j, d0, d1, k0, k1 int) {
	r := p.sweep.shape.Radius
	both0, both1 := max(d0, k0+r), min(d1, k1+r)
	if both0 >= both1 {
		p.drift(d0, d1, j)
		p.kick(k0, k1, j)
		return
	}
	p.drift(d0, both0, j)
	p.kick(k0, both0-r, j)
	p.both(both0, both1, j)
	p.drift(both1, d1, j)
	p.kick(both1-r, k1, j)
}

func (p *phase) drift(lo, hi, j int) {
	for lo < hi {
		shift, to := p.turn(lo, hi)
		p.sweep.field.Drift(lo-shift, to-shift, j)
		lo = to
	}
}

func (p *phase) kick(lo, hi, j int) {
	for lo < hi {
		shift, to := p.turn(lo, hi)
		p.sweep.field.Kick(lo-shift, to-shift, j)
		lo = to
	}
}

func (p *phase) both(lo, hi, j int) {
	r := p.sweep.shape.Radius
	if shift, to := p.turn(lo-r, hi); to == hi {
		p.sweep.field.DriftKick(lo-shift, hi-shift, j)
		return
	}
	p.drift(lo, hi, j)
	p.kick(lo-r, hi-r, j)
}

// turn returns by how much slab lo ≥ 0 is beyond [0, n), as it is behind the seam
// of a ring, and where the range from lo to hi leaves the turn that lo is in.
func (p *phase) turn(lo, hi int) (shift, to int) {
	n := p.sweep.shape.Slabs
	if lo >= n {
		shift = n
	}
	return shift, min(hi, n+shift)
}
