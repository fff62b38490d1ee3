// Package frames takes from runs what charts and movies show of them.
package frames

import (
	"math"

	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/plotting/colormap"
)

// Symbol names the values: the first neuron type of the first field.
func Symbol(r *simulate.Run) string {
	f := r.Fields()[0]
	if len(f.Types) > 0 {
		return f.Types[0]
	}
	return f.Symbol
}

// Values returns them at every site, in the layout of the lattice, in frame i.
func Values(r *simulate.Run, i int) []float64 {
	return r.State(i).Arrays[0][:r.Lattice().Sites()]
}

// History returns φ(t, x) of a run on one dimension, a row for each frame.
func History(r *simulate.Run) []float64 {
	var values []float64
	for i := range r.Len() {
		values = append(values, Values(r, i)...)
	}
	return values
}

// Image returns φ(x, y) of a run on two dimensions in frame i, a row for each
// y: the state runs along y first.
func Image(r *simulate.Run, i int) []float64 {
	shape := r.Lattice().Shape()
	values, image := Values(r, i), make([]float64, r.Lattice().Sites())
	for x := range shape[0] {
		for y := range shape[1] {
			image[y*shape[0]+x] = values[x*shape[1]+y]
		}
	}
	return image
}

// Span is the range of the finite numbers it was shown.
type Span struct {
	Low, High float64
	seen      bool
}

// Add widens the span to a number.
func (s *Span) Add(v float64) {
	if v-v != 0 {
		return
	}
	if !s.seen {
		s.Low, s.High, s.seen = v, v, true
	}
	s.Low, s.High = min(s.Low, v), max(s.High, v)
}

// Of returns the span of fields.
func Of(fields ...[]float64) Span {
	var s Span
	for _, f := range fields {
		for _, v := range f {
			s.Add(v)
		}
	}
	return s
}

// Limits returns the ends of the colour scale for values in the span: about zero
// if both signs occur, and apart enough to be seen.
func (s Span) Limits() [2]float64 {
	low, high := s.Low, s.High
	if low < 0 && high > 0 {
		high = max(-low, high)
		low = -high
	}
	if size := max(math.Abs(low), math.Abs(high)); size < 1e-300 {
		return [2]float64{-1, 1}
	} else if high/2-low/2 < 1e-14*size {
		return [2]float64{low - size/2, high + size/2}
	}
	return [2]float64{low, high}
}

// Colours returns the map for limits: Balance about zero, else Viridis.
func Colours(limits [2]float64) colormap.Map {
	if limits[0] == -limits[1] {
		return colormap.Balance
	}
	return colormap.Viridis
}

// Spread returns n of the elements at equal distances, first and last included.
func Spread[T any](all []T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = all[i*(len(all)-1)/max(n-1, 1)]
	}
	if n == 1 {
		out[0] = all[len(all)-1]
	}
	return out
}
