package ensemble

import (
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a
// bijection of 64 bits. The bits of learner i in draw d are mix(key_i ^ mix(d)):
// they need no state, so a learner's noise is its own whatever the number of
// learners, blocks or goroutines, and a run can be resumed at any step.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// keys writes the keys of the learners from first on.
func keys(dst []uint64, seed uint64, first int) {
	const purpose = 0x6c6561726e657273 // "learners"
	base := mix(mix(seed) ^ purpose)
	for i := range dst {
		dst[i] = mix(base ^ mix(uint64(first+i)))
	}
}

// The ziggurat method (Marsaglia, Tsang, J. Stat. Softw. 5(8), 2000) with 256
// layers of equal area under e^{−x²/2}. Layer i is |x| < edge[i]; the part
// |x| < edge[i+1] lies under the curve. Layer 0 stands for the base with the tail
// beyond ziggurat.
const (
	layers    = 256
	ziggurat  = 3.6541528853610088     // where the tail begins
	layerArea = 0.00492867323397465529 // r e^{−r²/2} + ∫_r^∞ e^{−x²/2} dx, r = ziggurat
)

var height, scale, inside = tables()

// tables returns the heights e^{−edge²/2} and, for a 53-bit signed integer j, the
// scale with x = j·scale and the bound of |j| that is inside.
func tables() (height [layers + 1]float64, scale [layers]float64, inside [layers]int64) {
	var edge [layers + 1]float64 // the last is 0
	curve := func(x float64) float64 { return elementary.Exp(-x * x / 2) }
	edge[0], edge[1] = layerArea/curve(ziggurat), ziggurat
	for i := 1; i < layers-1; i++ {
		edge[i+1] = math.Sqrt(-2 * elementary.Log(layerArea/edge[i]+curve(edge[i])))
	}
	for i := range height {
		height[i] = curve(edge[i])
	}
	for i := range scale {
		scale[i] = edge[i] * 0x1p-52
		inside[i] = int64(edge[i+1] / edge[i] * 0x1p52)
	}
	return
}

// rejected returns the normal number of the bits u when they fall outside the
// inner part of their layer, once in 80 times.
func rejected(u uint64) float64 {
	for {
		layer, j := u&(layers-1), int64(u)>>11
		x := float64(j) * scale[layer]
		if max(j, -j) < inside[layer] {
			return x
		}
		u = mix(u)
		if layer == 0 {
			return math.Copysign(tail(u), x)
		}
		y := height[layer] + float64(uniform(u)*(height[layer+1]-height[layer]))
		if y < elementary.Exp(-x*x/2) {
			return x
		}
		u = mix(u)
	}
}

// tail returns a normal number beyond the ziggurat (Marsaglia 1964).
func tail(u uint64) float64 {
	for {
		x := -elementary.Log(uniform(u)) / ziggurat
		u = mix(u)
		y := -elementary.Log(uniform(u))
		u = mix(u)
		if y+y > x*x {
			return ziggurat + x
		}
	}
}

// uniform returns a number in (0, 1), open at both ends.
func uniform(u uint64) float64 { return (float64(u>>12) + 0.5) * 0x1p-52 }

// addNormals adds amplitude times one normal number for each learner to q. The
// bits of each are those of its key and of draw.
func addNormals(q []float64, amplitude float64, keys []uint64, draw int) {
	d := mix(uint64(draw))
	keys = keys[:len(q)]
	for i := range q {
		u := mix(keys[i] ^ d)
		layer, j := u&(layers-1), int64(u)>>11
		x := float64(j) * scale[layer]
		if max(j, -j) >= inside[layer] {
			x = rejected(u)
		}
		q[i] += float64(amplitude * x)
	}
}
