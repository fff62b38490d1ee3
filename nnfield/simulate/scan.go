package simulate

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/vector"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// grain is the least number of elements worth giving to another worker.
const grain = 1 << 15

// limit is where a field counts as diverged: the energy would soon not be finite.
const limit = 1e150

// scan looks for the first element of an array that is not finite or too large.
type scan struct {
	values []float64
	first  atomic.Int64
}

// Do looks at the elements lo ≤ i < hi.
func (s *scan) Do(lo, hi int) {
	if vector.Bounded(s.values[lo:hi], limit) {
		return
	}
	for i, x := range s.values[lo:hi] {
		if !(math.Abs(x) <= limit) {
			for at := int64(lo + i); ; {
				if old := s.first.Load(); old <= at || s.first.CompareAndSwap(old, at) {
					return
				}
			}
		}
	}
}

// bad returns the first field and element that is not finite or too large, or −1.
func (s *scan) bad(state *theory.State) (field, site int) {
	for f, a := range state.Arrays {
		s.values = a
		s.first.Store(math.MaxInt64)
		pool.Run(len(a), grain, s)
		if at := s.first.Load(); at != math.MaxInt64 {
			return f, int(at)
		}
	}
	return -1, -1
}

// copying copies one array to another.
type copying struct{ to, from []float64 }

// Do copies the elements lo ≤ i < hi.
func (c *copying) Do(lo, hi int) { copy(c.to[lo:hi], c.from[lo:hi]) }

// set copies one state into another, as [theory.State.Set], on all workers.
func (c *copying) set(to, from *theory.State) {
	to.Step, to.Time = from.Step, from.Time
	for i, a := range from.Arrays {
		c.to, c.from = to.Arrays[i], a
		pool.Run(len(a), grain, c)
	}
}

// cloning makes copies of arrays. Their memory is not cleared first.
type cloning struct{ to, from [][]float64 }

// Do copies the arrays lo ≤ i < hi.
func (c *cloning) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		c.to[i] = append([]float64(nil), c.from[i]...)
	}
}

// clones returns copies of arrays, made on several workers unless they are small.
func clones(arrays [][]float64) [][]float64 {
	c := cloning{make([][]float64, len(arrays)), arrays}
	pool.Run(len(arrays), 1+grain/(1+len(arrays[0])), &c)
	return c.to
}

// pace says when something that costs time is worth doing again.
type pace struct {
	done time.Time     // when it was last done
	cost time.Duration // what it took
}

// share is the part of the time that a paced thing may take.
const share = 1. / 40

// due tells whether its share of the time since it was last done suffices.
func (p *pace) due() bool { return float64(time.Since(p.done))*share >= float64(p.cost) }

// took notes that it was done now and began at a time.
func (p *pace) took(began time.Time) {
	p.done = time.Now()
	p.cost = p.done.Sub(began)
}
