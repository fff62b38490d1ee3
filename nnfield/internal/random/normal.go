package random

import (
	"math"
	"math/bits"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

//go:generate go -C ../gen run . -set random -out ../random/kernel_amd64.s -stubs ../random/kernel_stub_amd64.go -pkg random

// EulerMaruyama does a step of a block of stochastic learners,
//
//	q_i ← q_i + h·v_i,   then   q_i ← q_i + amplitude·ξ_i,
//
// with ξ_i, of mean 0 and variance 1, normal number i of this draw of the block. It
// depends on the stream, block, draw and i only: a learner's noise is its own
// whatever the number of learners and goroutines, and a run can go on at any draw.
// An amplitude of 0 draws nothing. The bits are the same on every processor. It
// panics unless v has the length of q.
func (s Stream) EulerMaruyama(q, v []float64, h, amplitude float64, block, draw int) {
	if len(v) != len(q) {
		panic("random.EulerMaruyama: v must have the length of q")
	}
	if amplitude == 0 {
		for i, v := range v {
			q[i] += float64(h * v)
		}
		return
	}
	g := newGenerators(mix(s.key^mix(uint64(block))) ^ mix(uint64(draw)))
	done := 0
	if accelerated {
		done = len(q) / turn * turn
		for at := 0; at < done; at += turn * turns {
			to := min(at+turn*turns, done)
			accelerate(&g, q[at:to], v[at:to], h, amplitude)
		}
	}
	for lane := range lanes {
		s0, s1, s2, s3 := g[0][lane], g[1][lane], g[2][lane], g[3][lane]
		for i := done + lane; i < len(q); i += lanes {
			u, t := s0+s3, s1<<17
			s2 ^= s0
			s3 ^= s1
			s1 ^= s2
			s0 ^= s3
			s2 ^= t
			s3 = bits.RotateLeft64(s3, 45)

			l, y := place(u)
			x, outside := y*l.scale, math.Abs(y) >= l.inside
			if outside {
				x = 0
			}
			q[i] += float64(h * v[i])
			q[i] += float64(amplitude * x)
			if outside {
				q[i] += float64(amplitude * rejected(u))
			}
		}
	}
}

// lanes is how many generators take turns: number i is of generator i mod lanes.
const lanes = 4

// generators are four generators xoshiro256+ (Blackman, Vigna, ACM Trans. Math.
// Softw. 47, 36, 2021), whose weak bits are the lowest ones. Word k of the state of a
// generator is generators[k][lane].
type generators [4][lanes]uint64

// newGenerators returns generators whose states are, as their authors advise, made
// by SplitMix64.
func newGenerators(seed uint64) (g generators) {
	for k := range g {
		for lane := range g[k] {
			g[k][lane] = mix(seed)
			seed += 0x9e3779b97f4a7c15
		}
	}
	return g
}

// The ziggurat method (Marsaglia, Tsang, J. Stat. Softw. 5(8), 2000) with 1024
// layers of equal area under e^{−x²/2}: so many that a number of 280 only needs more
// than its layer. Layer i is |x| < edge[i]; the part |x| < edge[i+1] lies under the
// curve. Layer 0 stands for the base with the tail beyond edge[1].
const (
	layers    = 1024
	tail      = 4.038849846109505     // edge[1], where the tail begins
	layerArea = 0.0012263246463530852 // r e^{−r²/2} + ∫_r^∞ e^{−x²/2} dx, r = tail
)

// layer serves the numbers x = y·scale of a layer, −½ ≤ y < ½: those with
// |y| < inside lie under the curve for sure.
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
		ziggurat[i] = layer{2 * edge[i], edge[i+1] / edge[i] / 2}
	}
	return ziggurat, height
}

// place returns the layer that the bits u choose, by the uppermost ones, and the
// place in it, −½ ≤ y < ½, by the lowest 52.
func place(u uint64) (l *layer, y float64) {
	return &ziggurat[u>>54], math.Float64frombits(u&(1<<52-1)|0x3ff<<52) - 1.5
}

// rejected returns the normal number of the bits u when they fall outside the
// inner part of their layer.
func rejected(u uint64) float64 {
	for {
		l, y := place(u)
		x := y * l.scale
		if math.Abs(y) < l.inside {
			return x
		}
		i := u >> 54
		u = mix(u)
		if i == 0 {
			return math.Copysign(beyond(u), x)
		}
		if height[i]+float64(uniform(u)*(height[i+1]-height[i])) < elementary.Exp(-x*x/2) {
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
func uniform(u uint64) float64 { return float64((float64(u>>12) + 0.5) * 0x1p-52) }
