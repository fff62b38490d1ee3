package random

import (
	"math/bits"

	"github.com/nnfield/nnfield/nnfield/internal/stencil"
)

// accelerated says that kernel runs here. NNFIELD_KERNEL=go leaves all to Go.
var accelerated = stencil.Assembly()

const (
	perByte = 8  // members a turn of the kernel's loop advances
	turns   = 32 // of the loop, the most in one call
)

// accelerate is the loop of EulerMaruyama for at most perByte·turns members, a
// multiple of perByte: the kernel for all, Go for the noise of the few that it
// leaves out.
func accelerate(q, v []float64, h, amplitude float64, keys []uint64, draw uint64) {
	var rejects [turns]uint8
	kernel(&q[0], &v[0], &keys[0], &rejects[0], len(q), h, amplitude, draw, &ziggurat[0].scale)
	for at, set := range rejects[:len(q)/perByte] {
		for ; set != 0; set &= set - 1 {
			i := at*perByte + bits.TrailingZeros8(set)
			q[i] += float64(amplitude * rejected(mix(keys[i]^draw)))
		}
	}
}
