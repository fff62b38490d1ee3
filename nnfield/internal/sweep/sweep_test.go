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

// history counts the half steps that each row of each slab has done, and notes the
// first that came before what it reads or after what reads it.
type history struct {
	Shape
	drifts, kicks []atomic.Int32
	wrong         atomic.Pointer[string]
}

func newHistory(s Shape) *history {
	n := s.Slabs * max(1, s.Rows)
	return &history{Shape: s, drifts: make([]atomic.Int32, n), kicks: make([]atomic.Int32, n)}
}

func (h *history) fail(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	h.wrong.CompareAndSwap(nil, &s)
}

// find returns the place of a row, or false beyond a wall.
func (h *history) find(z, y int) (int, bool) {
	rows := max(1, h.Rows)
	inside := func(i, n int, periodic bool) (int, bool) {
		if periodic {
			return (i%n + n) % n, true
		}
		return i, i >= 0 && i < n
	}
	z, ok := inside(z, h.Slabs, h.Periodic)
	y, too := inside(y, rows, h.RowsPeriodic)
	return z*rows + y, ok && too
}

// do advances rows of one array to version j + 1; those of the other one within the
// radius must be at version read.
func (h *history) do(name string, array, other []atomic.Int32, lo, hi, y0, y1, j, read int) {
	if lo < 0 || lo >= hi || hi > h.Slabs || y0 < 0 || y0 >= y1 || y1 > max(1, h.Rows) {
		h.fail("%s of slabs [%d, %d), rows [%d, %d)", name, lo, hi, y0, y1)
		return
	}
	for z := lo; z < hi; z++ {
		for y := y0; y < y1; y++ {
			for o := -h.Radius; o <= h.Radius; o++ {
				for _, p := range [2][2]int{{z + o, y}, {z, y + o}} {
					if at, ok := h.find(p[0], p[1]); ok {
						if v := int(other[at].Load()); v != read {
							h.fail("%s %d of slab %d, row %d reads version %d of %v", name, j, z, y, v, p)
						}
					}
				}
			}
			at, _ := h.find(z, y)
			if v := int(array[at].Add(1)); v != j+1 {
				h.fail("%s %d of slab %d, row %d makes version %d", name, j, z, y, v)
			}
		}
	}
}

func (h *history) DriftRows(lo, hi, y0, y1, j int) {
	h.do("drift", h.drifts, h.kicks, lo, hi, y0, y1, j, j)
}

func (h *history) KickRows(lo, hi, y0, y1, j int) {
	h.do("kick", h.kicks, h.drifts, lo, hi, y0, y1, j, j+1)
}

func (h *history) DriftKickRows(lo, hi, y0, y1, j int) {
	if hi-lo > h.Group {
		h.fail("a group of %d slabs", hi-lo)
	}
	for z := lo; z < hi; z++ { // as kernels do it, row by row
		for y := y0; y < y1; y++ {
			h.DriftRows(z, z+1, y, y+1, j)
			if h.Radius == 1 {
				h.KickRows(z-1, z, y, y+1, j)
			}
		}
	}
	if h.Radius > 1 {
		h.KickRows(lo-h.Radius, hi-h.Radius, y0, y1, j)
	}
}

func (h *history) Drift(lo, hi, j int)     { h.DriftRows(lo, hi, 0, max(1, h.Rows), j) }
func (h *history) Kick(lo, hi, j int)      { h.KickRows(lo, hi, 0, max(1, h.Rows), j) }
func (h *history) DriftKick(lo, hi, j int) { h.DriftKickRows(lo, hi, 0, max(1, h.Rows), j) }

// check fails unless n pairs were done as in the plain order.
func (h *history) check(t interface{ Fatalf(string, ...any) }, n int) {
	if s := h.wrong.Load(); s != nil {
		t.Fatalf("%+v: %s", h.Shape, *s)
	}
	for i := range h.drifts {
		if d, k := int(h.drifts[i].Load()), int(h.kicks[i].Load()); d != n || k != n {
			t.Fatalf("%+v: row %d has done %d drifts and %d kicks of %d", h.Shape, i, d, k, n)
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
			Depth:    rapid.IntRange(0, 12).Draw(t, "depth"),
			Serial:   rapid.Bool().Draw(t, "serial"),
		}
		least := s.Radius * (4*s.Depth - 2)
		s.Height = max(0, least) + rapid.IntRange(0, 60).Draw(t, "more height")
		if rapid.Bool().Draw(t, "cut planes") {
			s.Slabs = rapid.IntRange(1, 40).Draw(t, "slabs")
			s.Rows = rapid.IntRange(1, 60).Draw(t, "rows")
			s.RowsPeriodic = rapid.Bool().Draw(t, "periodic")
			s.Width = max(0, least) + rapid.IntRange(0, 20).Draw(t, "more width")
		}
		n := rapid.IntRange(0, 40).Draw(t, "pairs")
		h := newHistory(s)
		f := Field(h)
		if rapid.Bool().Draw(t, "apart") {
			f = apart{h}
		}
		New(s, f).Run(n)
		h.check(t, n)
	})
}

// apart is a field that does drifts and kicks of rows one after the other.
type apart struct{ Rowed }

// So it does in the shapes that are chosen.
func TestChoose(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	defer pool.SetLimit(pool.SetLimit(0))
	rapid.Check(t, func(t *rapid.T) {
		pool.SetLimit(rapid.IntRange(1, 4).Draw(t, "workers"))
		bytes := int(math.Exp2(rapid.Float64Range(4, 24).Draw(t, "bytes")))
		s := Choose(rapid.IntRange(1, 2000).Draw(t, "slabs"), rapid.IntRange(1, 2).Draw(t, "radius"),
			rapid.Bool().Draw(t, "periodic"), bytes, rapid.IntRange(1, 4).Draw(t, "group"))
		if tiles := s.Slabs / max(1, s.Height); s.Depth > 1 && !s.Serial && tiles < pool.Workers() {
			t.Fatalf("%+v: %d tiles for %d workers", s, tiles, pool.Workers())
		}
		n := rapid.IntRange(0, 40).Draw(t, "pairs")
		h := newHistory(s)
		New(s, h).Run(n)
		h.check(t, n)
	})
}

// Large planes are cut, small ones are not.
func TestChooseRows(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, c := range []struct {
		n   int
		cut bool
	}{{64, false}, {256, true}, {512, true}} {
		s := ChooseRows(c.n, c.n, 1, true, true, 16*c.n, 1)
		if (s.Rows > 0) != c.cut {
			t.Errorf("%d³: %+v", c.n, s)
		}
		if c.n > 256 {
			continue
		}
		h := newHistory(s)
		New(s, h).Run(s.Depth + 1)
		h.check(t, s.Depth+1)
	}
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
		{Slabs: 10, Radius: 1, Group: 1, Depth: 1, Height: 8, Rows: 10, Width: 1},
		{Slabs: 10, Radius: 1, Group: 1, Depth: 1, Height: 8, Rows: 10, Width: 8}, // a census has no rows
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

// BenchmarkRun times a sweep of a field that does nothing: what the order of the half
// steps costs a slab and a pair.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{256, 2048} {
		b.Run(fmt.Sprint(n, " slabs"), func(b *testing.B) {
			s := Choose(n, 1, true, 16*n, 2)
			w := New(s, &census{})
			for b.Loop() {
				w.Run(s.Depth)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*s.Depth*n), "ns/slab")
		})
	}
}
