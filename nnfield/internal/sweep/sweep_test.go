package sweep

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// history counts the half steps that each slab has done, and notes the first that
// came before what it reads or after what reads it.
type history struct {
	Shape
	drifts, kicks []atomic.Int32
	wrong         atomic.Pointer[string]
}

func newHistory(s Shape) *history {
	return &history{Shape: s, drifts: make([]atomic.Int32, s.Slabs), kicks: make([]atomic.Int32, s.Slabs)}
}

func (h *history) fail(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	h.wrong.CompareAndSwap(nil, &s)
}

// do advances the slabs lo ≤ z < hi of one array to version j + 1; those of the
// other one within the radius must be at version read.
func (h *history) do(name string, array, other []atomic.Int32, lo, hi, j, read int) {
	if lo < 0 || lo >= hi || hi > h.Slabs {
		h.fail("%s of slabs [%d, %d)", name, lo, hi)
		return
	}
	for z := lo; z < hi; z++ {
		for k := z - h.Radius; k <= z+h.Radius; k++ {
			at := k
			if h.Periodic {
				at = (k%h.Slabs + h.Slabs) % h.Slabs
			} else if k < 0 || k >= h.Slabs {
				continue
			}
			if v := int(other[at].Load()); v != read {
				h.fail("%s %d of slab %d reads version %d of slab %d", name, j, z, v, at)
			}
		}
		if v := int(array[z].Add(1)); v != j+1 {
			h.fail("%s %d of slab %d makes version %d", name, j, z, v)
		}
	}
}

func (h *history) Drift(lo, hi, j int) { h.do("drift", h.drifts, h.kicks, lo, hi, j, j) }
func (h *history) Kick(lo, hi, j int)  { h.do("kick", h.kicks, h.drifts, lo, hi, j, j+1) }

func (h *history) DriftKick(lo, hi, j int) {
	if hi-lo > h.Group {
		h.fail("a group of %d slabs", hi-lo)
	}
	h.Drift(lo, hi, j)
	h.Kick(lo-h.Radius, hi-h.Radius, j)
}

// check fails unless n pairs were done as in the plain order.
func (h *history) check(t interface{ Fatalf(string, ...any) }, n int) {
	if s := h.wrong.Load(); s != nil {
		t.Fatalf("%+v: %s", h.Shape, *s)
	}
	for z := range h.Slabs {
		if d, k := int(h.drifts[z].Load()), int(h.kicks[z].Load()); d != n || k != n {
			t.Fatalf("%+v: slab %d has done %d drifts and %d kicks of %d", h.Shape, z, d, k, n)
		}
	}
}

// Every half step of every slab sees what it sees in the plain order, in any shape.
func TestOrder(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	rapid.Check(t, func(t *rapid.T) {
		s := Shape{
			Slabs:    rapid.IntRange(1, 300).Draw(t, "slabs"),
			Radius:   rapid.IntRange(1, 3).Draw(t, "radius"),
			Periodic: rapid.Bool().Draw(t, "periodic"),
			Group:    rapid.IntRange(1, 40).Draw(t, "group"),
			Depth:    rapid.IntRange(1, 12).Draw(t, "depth"),
			Serial:   rapid.Bool().Draw(t, "serial"),
		}
		s.Height = s.Radius*(4*s.Depth-2) + rapid.IntRange(0, 60).Draw(t, "more height")
		n := rapid.IntRange(0, 40).Draw(t, "pairs")
		h := newHistory(s)
		New(s, h).Run(n)
		h.check(t, n)
	})
}

// So it does in the shapes that are chosen.
func TestChoose(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	defer pool.SetLimit(pool.SetLimit(0))
	rapid.Check(t, func(t *rapid.T) {
		pool.SetLimit(rapid.IntRange(1, 4).Draw(t, "workers"))
		bytes := int(math.Exp2(rapid.Float64Range(4, 24).Draw(t, "bytes")))
		s := Choose(rapid.IntRange(1, 2000).Draw(t, "slabs"), rapid.IntRange(1, 2).Draw(t, "radius"),
			rapid.Bool().Draw(t, "periodic"), bytes, rapid.IntRange(1, 4).Draw(t, "group"))
		if tiles := s.Slabs / s.Height; s.Depth > 1 && !s.Serial && tiles < pool.Workers() {
			t.Fatalf("%+v: %d tiles for %d workers", s, tiles, pool.Workers())
		}
		n := rapid.IntRange(0, 40).Draw(t, "pairs")
		h := newHistory(s)
		New(s, h).Run(n)
		h.check(t, n)
	})
}

// Most of the work is done in groups, in tiles.
func TestGroups(t *testing.T) {
	s := Choose(2048, 1, true, 2048*16, 2)
	c := &census{}
	New(s, c).Run(4 * s.Depth)
	if part := float64(c.grouped.Load()) / float64(4*s.Depth*s.Slabs); part < 0.9 {
		t.Errorf("%+v: %.2f of the slabs are drifted and kicked in groups of %d", s, part, s.Group)
	}
}

// census counts the slabs that come in whole groups.
type census struct{ grouped atomic.Int64 }

func (c *census) Drift(lo, hi, j int) {}
func (c *census) Kick(lo, hi, j int)  {}
func (c *census) DriftKick(lo, hi, j int) {
	if hi-lo == 2 {
		c.grouped.Add(2)
	}
}

func TestBadShapes(t *testing.T) {
	for _, s := range []Shape{
		{},
		{Slabs: 10, Radius: 1, Group: 1, Depth: 3, Height: 9},
		{Slabs: 10, Radius: 2, Group: 1, Depth: 1, Height: 3},
		{Slabs: 10, Radius: 1, Depth: 1, Height: 8},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is taken", s)
				}
			}()
			New(s, &census{})
		}()
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, serial := range []bool{true, false} {
		s := Choose(500, 1, true, 1<<12, 2)
		s.Serial = serial
		w := New(s, &census{})
		w.Run(10)
		if n := testing.AllocsPerRun(10, func() { w.Run(100) }); n > 0 {
			t.Errorf("serial %v: %v allocations", serial, n)
		}
	}
}
