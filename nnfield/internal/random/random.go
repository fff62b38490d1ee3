// Package random gives random numbers that are a pure function of (seed, purpose,
// index), or of block, draw and place where many are drawn at once: a number never
// depends on how many goroutines asked for numbers, on the order of asking, or on
// the size of the lattice.
package random

import (
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// Stream is the sequence of random numbers of one seed and one purpose.
type Stream struct{ key uint64 }

// New returns the stream of a seed for a purpose, such as "thermal beta".
func New(seed uint64, purpose string) Stream {
	h := uint64(14695981039346656037) // FNV-1a
	for _, c := range []byte(purpose) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return Stream{mix(mix(seed) ^ h)}
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a
// bijection of 64 bits.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uniform returns a number in (0, 1), open at both ends.
func (s Stream) Uniform(index int) float64 {
	return uniform(mix(s.key ^ mix(uint64(index))))
}

// Normal returns a number of the normal distribution of mean 0 and variance 1
// (Box-Muller).
func (s Stream) Normal(index int) float64 {
	u, v := s.Uniform(2*index), s.Uniform(2*index+1)
	return math.Sqrt(-2*elementary.Log(u)) * elementary.Cos(2*math.Pi*v)
}
