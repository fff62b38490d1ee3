package geodesics

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Frequency returns the angular frequency in each frame of a run, per unit of its
// time t,
//
//	ω = √(Σ φ̇² / Σ φ²),
//
// of the first field, whose φ̇ is what the network's activation makes of it. A metric
// that stands still conserves it; an observer at rest, whose time is ∫N dt, measures
// ω/N. It is taken at an instant and so follows a frequency that changes. In a
// universe that expands at the rate H it is that of the ray to the order (H/ω)², if
// nothing runs backward: at the start that needs H = 0 or the order is H/ω. It fails
// for a run without frames and for a field that is zero.
func Frequency(r *simulate.Run) ([]float64, error) {
	// A part of a step so small that φ + cεφ̇ is exact, so large that it can be told
	// from φ; and back, for a gain that depends on the time.
	const c = 1e-4
	evolution, err := r.Model.Evolve(r.Step)
	if err != nil {
		return nil, fmt.Errorf("Frequency: %w", err)
	}
	net, later, before := theory.NewState(r.Fields()), theory.NewState(r.Fields()), theory.NewState(r.Fields())
	return eachFrame("Frequency", r, func(s *theory.State) float64 {
		evolution.Load(net, s)
		later.Set(net)
		before.Set(net)
		evolution.Drift(later, c)
		evolution.Drift(before, -c)
		rate := 0.0
		for i, x := range later.Arrays[0] {
			d := (x - before.Arrays[0][i]) / (2 * c * r.Step)
			rate += float64(d * d)
		}
		return rate
	})
}

// WaveNumber returns the wave number along an axis in each frame of a run, per unit
// of the coordinate,
//
//	k = √(Σ (∂φ)² / Σ φ²),
//
// of the first field, by differences of order 8 between the sites, continued beyond
// walls as the lattice says. It fails for an axis that does not exist, for a run
// without frames and for a field that is zero.
func WaveNumber(r *simulate.Run, axis int) ([]float64, error) {
	l := r.Lattice()
	if axis < 0 || axis >= l.Dim() {
		return nil, fmt.Errorf("WaveNumber: axis %d; the lattice has %d, numbered from 0", axis, l.Dim())
	}
	weights := [...]float64{4. / 5, -1. / 5, 4. / 105, -1. / 280}
	a := l.Spacing(axis)
	return eachFrame("WaveNumber", r, func(s *theory.State) float64 {
		square := 0.0
		for phi := range slices.Chunk(s.Arrays[0], l.Sites()) { // neuron type after neuron type
			for site := range phi {
				d := 0.0
				for j, w := range weights {
					up, above := l.Neighbour(site, axis, j+1)
					down, below := l.Neighbour(site, axis, -j-1)
					d += float64(w * (float64(above*phi[up]) - float64(below*phi[down])))
				}
				square += float64(d * d)
			}
		}
		return square / (a * a)
	})
}

// eachFrame returns the root of a square of each frame over Σφ².
func eachFrame(call string, r *simulate.Run, square func(s *theory.State) float64) ([]float64, error) {
	if r.Len() == 0 {
		return nil, fmt.Errorf("%s: the run has no frames; keep some with Frames", call)
	}
	roots := make([]float64, r.Len())
	for i := range roots {
		phi, err := r.Frame(r.Fields()[0].Name, i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", call, err)
		}
		norm := 0.0
		for _, x := range phi {
			norm += float64(x * x)
		}
		if norm == 0 {
			return nil, fmt.Errorf("%s: the field is zero in frame %d; give the model a state", call, i)
		}
		roots[i] = math.Sqrt(square(r.State(i)) / norm)
	}
	return roots, nil
}
