package theory

import (
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/internal/vector"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Evaluate sets dst to the values of invariants of one model, those that are made of
// sums over the same sites together. They have the bits of Value.
func Evaluate(dst []float64, invariants []Invariant, s Snapshot) {
	for i := 0; i < len(invariants); {
		of := invariants[i].of
		if of == nil {
			dst[i] = invariants[i].Value(s)
			i++
			continue
		}
		needs, end := uint(0), i
		for ; end < len(invariants) && invariants[end].of == of; end++ {
			needs |= invariants[end].needs
		}
		t := of.make(s, needs)
		for ; i < end; i++ {
			dst[i] = invariants[i].from(t, s.Epsilon)
		}
	}
}

// The sums over all sites of which the invariants of a Klein-Gordon field are made.
const (
	sumMomentum  = iota     // Σβ∂_jφ, for each of three axes
	sumKinetic   = iota + 2 // Σβ²
	sumGradient             // ΣφKφ
	sumPotential            // ΣV(φ)
	sumStaggered            // Σβ² of the staggered state
	sumWork                 // ΣβKφ of it
)

// scalarSums makes the sums of a Klein-Gordon field.
type scalarSums struct {
	potential *bound
	stiffly   func(x []float64) image
	along     []difference // for each axis; none is needed of one that is not periodic
}

// invariant returns the invariant that from makes of the sums it needs.
func (m *scalarSums) invariant(name, symbol string, needs uint, from func(t sums.Several, epsilon float64) float64) Invariant {
	return Invariant{
		Name: name, Symbol: symbol,
		Value: func(s Snapshot) float64 { return from(m.make(s, needs), s.Epsilon) },
		of:    m, needs: needs, from: from,
	}
}

// make returns the sums of a snapshot that are needed, a bit for each. Every part of
// the sites is gone through once, while it is in the cache. Both states have one φ.
func (m *scalarSums) make(s Snapshot, needs uint) sums.Several {
	need := func(sum int) bool { return needs&(1<<sum) != 0 }
	phi, beta := s.Arrays[0], s.Arrays[1]
	var half []float64
	if need(sumStaggered) || need(sumWork) {
		half = s.Staggered.Arrays[1]
	}
	var kphi image
	if need(sumGradient) || need(sumWork) {
		kphi = m.stiffly(phi)
	}
	return inParts(len(phi), func(buffer []float64, lo, hi int) (t sums.Several) {
		dot := func(sum int, a, b []float64) {
			if need(sum) {
				t[sum] = sums.Dot(a[lo:hi], b)
			}
		}
		dot(sumKinetic, beta, beta[lo:hi])
		if half != nil {
			dot(sumStaggered, half, half[lo:hi])
		}
		if kphi != nil {
			k := kphi(buffer, lo, hi)
			dot(sumGradient, phi, k)
			if half != nil {
				dot(sumWork, half, k)
			}
		}
		if need(sumPotential) {
			t[sumPotential] = m.potential.partEnergy(phi, lo, hi)
		}
		for j, d := range m.along {
			if need(sumMomentum + j) {
				d.apply(buffer, phi, lo, hi)
				dot(sumMomentum+j, beta, buffer)
			}
		}
		return t
	})
}

// inParts makes several sums of n terms; see [sums.Parts]. A part gets a buffer of its
// own, of as many numbers as it has terms.
func inParts(n int, part func(buffer []float64, lo, hi int) sums.Several) sums.Several {
	return sums.Parts(n, func(lo, hi int) sums.Several {
		buffer := buffers.Get().(*[sums.Part]float64)
		defer buffers.Put(buffer)
		return part(buffer[:hi-lo], lo, hi)
	})
}

// buffers holds those of parts.
var buffers = sync.Pool{New: func() any { return new([sums.Part]float64) }}

// image returns what a tensor makes of the sites lo ≤ i < hi of a state, in the buffer
// or elsewhere.
type image func(buffer []float64, lo, hi int) []float64

// stiffly returns the images Kφ, by kernels where there are some.
func (m *kleinGordon) stiffly() func(phi []float64) image {
	if field, ok := newScalar[float64](m.p.Lattice, m.stiffness); ok && !stencil.Plain() {
		field.Prepare()
		return func(phi []float64) image {
			return func(buffer []float64, lo, hi int) []float64 {
				field.Apply(buffer, phi, lo, hi)
				return buffer
			}
		}
	}
	var kphi []float64
	return func(phi []float64) image {
		if kphi == nil {
			kphi = make([]float64, len(phi))
		}
		weights.Apply(kphi, m.stiffness, phi)
		return func(_ []float64, lo, hi int) []float64 { return kphi[lo:hi] }
	}
}

// difference is ∂ along a periodic axis, with the bits of weights.Derivative.
type difference struct {
	sites, stride int     // of the axis
	weight        float64 // 1/(2a)
}

// apply sets dst to ∂x of the sites lo ≤ i < hi, in runs that read other such runs.
func (d difference) apply(dst, x []float64, lo, hi int) {
	turn := d.sites * d.stride
	for lo < hi {
		first := lo - lo%turn // of this turn of the axis
		last := first + turn - d.stride
		plus, minus, end := d.stride, -d.stride, last
		if lo < first+d.stride {
			minus, end = turn-d.stride, first+d.stride
		}
		if lo >= last {
			plus, end = d.stride-turn, first+turn
		}
		end = min(end, hi)
		n := end - lo
		vector.Differences(dst[:n], x[lo+plus:], x[lo+minus:], d.weight)
		dst, lo = dst[n:], end
	}
}
