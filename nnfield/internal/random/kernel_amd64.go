package random

import (
	"math/bits"

	"github.com/nnfield/nnfield/nnfield/internal/stencil"
)

// accelerated says that kernel runs here. NNFIELD_KERNEL=go leaves all to Go.
var accelerated = stencil.Assembly()

const (
	turn  = 8  // learners that a turn of the kernel's loop advances
	turns = 32 // of the loop, the most in one call
)

// accelerate is the loop of EulerMaruyama for at most turn·turns learners, a multiple
// of turn: the kernel for all, Go for the noise of the few that it leaves out.
func accelerate(g *generators, q, v []float64, h, amplitude float64) {
	var u [turn * turns]uint64
	var rejects [turns]uint8
	kernel(&g[0][0], &q[0], &v[0], &u[0], &rejects[0], len(q), h, amplitude, &ziggurat[0].scale)
	for at, set := range rejects[:len(q)/turn] {
		for ; set != 0; set &= set - 1 {
			i := at*turn + bits.TrailingZeros8(set)
			q[i] += float64(amplitude * rejected(u[i]))
		}
	}
}
