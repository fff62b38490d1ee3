package random

import (
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

//go:generate go -C gen run . -out ../kernel_amd64.s -stubs ../kernel_stub_amd64.go -pkg random

// Keys writes the keys of the members first, first+1, … of an ensemble of
// learners. Number d of the member with key k is made of the bits mix(k ^ mix(d)):
// they need no state, so a learner's noise is its own whatever the number of
// learners, blocks or goroutines, and a run can be resumed at any step.
func Keys(dst []uint64, seed uint64, first int) {
	const purpose = 0x6c6561726e657273 // "learners"
	base := mix(mix(seed) ^ purpose)
	for i := range dst {
		dst[i] = mix(base ^ mix(uint64(first+i)))
	}
}

// EulerMaruyama does a step of stochastic learners,
//
//	q_i ← q_i + h·v_i,   then   q_i ← q_i + amplitude·ξ_i,
//
// with ξ_i, normal of mean 0 and variance 1, number draw of the learner with key
// keys[i]. An amplitude of 0 draws nothing. v and keys have the length of q, else
// it panics. The bits are the same on every processor.
func EulerMaruyama(q, v []float64, h, amplitude float64, keys []uint64, draw int) {
	v, keys = v[:len(q)], keys[:len(q)]
	if amplitude == 0 {
		for i, v := range v {
			q[i] += float64(h * v)
		}
		return
	}
	d := mix(uint64(draw))
	if accelerated {
		for len(q) >= perByte {
			n := min(len(q), turns*perByte) / perByte * perByte
			accelerate(q[:n], v, h, amplitude, keys, d)
			q, v, keys = q[n:], v[n:], keys[n:]
		}
	}
	for i := range q {
		u := mix(keys[i] ^ d)
		layer, j := &ziggurat[u%layers], int64(u)>>11
		x := float64(j) * layer.scale
		if math.Abs(float64(j)) >= layer.inside {
			x = rejected(u)
		}
		q[i] += float64(h * v[i])
		q[i] += float64(amplitude * x)
	}
}

// The ziggurat method (Marsaglia, Tsang, J. Stat. Softw. 5(8), 2000) with 256
// layers of equal area under e^{−x²/2}. Layer i is |x| < edge[i]; the part
// |x| < edge[i+1] lies under the curve. Layer 0 stands for the base with the tail
// beyond edge[1].
const (
	layers    = 256
	tail      = 3.6541528853610088     // edge[1], where the tail begins
	layerArea = 0.00492867323397465529 // r e^{−r²/2} + ∫_r^∞ e^{−x²/2} dx, r = tail
)

// layer serves the numbers x = j·scale of a layer, j an integer of 53 bits and a
// sign: those with |j| < inside lie under the curve for sure.
type layer struct{ scale, inside float64 }

var ziggurat, height = tables()

// tables returns the layers and the heights e^{−edge²/2}.
func tables() (ziggurat [layers]layer, height [layers + 1]float64) {
	var edge [layers + 1]float64 // the last is 0
	curve := func(x float64) float64 { return elementary.Exp(-x * x / 2) }
	edge[0], edge[1] = layerArea/curve(tail), tail
	for i := 1; i < layers-1; i++ {
		edge[i+1] = math.Sqrt(-2 * elementary.Log(layerArea/edge[i]+curve(edge[i])))
	}
	for i := range height {
		height[i] = curve(edge[i])
	}
	for i := range ziggurat {
		ziggurat[i] = layer{edge[i] * 0x1p-52, math.Floor(edge[i+1] / edge[i] * 0x1p52)}
	}
	return ziggurat, height
}

// rejected returns the normal number of the bits u when they fall outside the
// inner part of their layer, once in 80 times.
func rejected(u uint64) float64 {
	for {
		i, j := u%layers, float64(int64(u)>>11)
		x := j * ziggurat[i].scale
		if math.Abs(j) < ziggurat[i].inside {
			return x
		}
		u = mix(u)
		if i == 0 {
			return math.Copysign(beyond(u), x)
		}
		y := height[i] + float64(uniform(u)*(height[i+1]-height[i]))
		if y < elementary.Exp(-x*x/2) {
			return x
		}
		u = mix(u)
	}
}

// beyond returns a normal number beyond the tail's beginning (Marsaglia 1964).
func beyond(u uint64) float64 {
	for {
		x := -elementary.Log(uniform(u)) / tail
		u = mix(u)
		y := -elementary.Log(uniform(u))
		u = mix(u)
		if y+y > x*x {
			return tail + x
		}
	}
}

// uniform returns a number in (0, 1), open at both ends.
func uniform(u uint64) float64 { return (float64(u>>12) + 0.5) * 0x1p-52 }
