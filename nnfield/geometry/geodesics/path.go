package geodesics

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Path is where something is at some times.
type Path struct {
	Times  []float64
	Places [][]float64 // at each time one coordinate for each axis
}

// Follow returns the centroid of the energy in each frame of a run,
//
//	X^i(t) = Σ_x ρ(x, t) x^i / Σ_x ρ(x, t).
//
// On a ring, x^i is counted from the last centroid, half way round to both sides, so
// that the path of a packet does not jump where it passes the seam; the field must
// be localised. Inside of a horizon through which space flows, light that is dragged
// along has negative energy, and so has its total. It fails for a model without energy
// density, for a run without frames, for a stored frame that was damaged and for a
// frame without energy.
func Follow(r *simulate.Run) (Path, error) {
	model, ok := r.Model.(theory.Dense)
	if !ok {
		return Path{}, fmt.Errorf("Follow: %s has no energy density; follow a field with one, such as geometry.KleinGordon", r.Model.Theory())
	}
	if r.Len() == 0 {
		return Path{}, fmt.Errorf("Follow: the run has no frames; keep some with Frames")
	}
	l := r.Lattice()
	rho, positions := make([]float64, l.Sites()), make([][]float64, l.Dim())
	for j := range positions {
		positions[j] = l.Coordinates(j)
	}
	var p Path
	for i := range r.Len() {
		if _, err := r.Frame(r.Fields()[0].Name, i); err != nil {
			return Path{}, fmt.Errorf("Follow: %w", err)
		}
		model.EnergyDensity(rho, r.State(i))
		total, top := 0.0, 0
		for s, e := range rho {
			total += e
			if math.Abs(e) > math.Abs(rho[top]) {
				top = s
			}
		}
		if total == 0 || math.IsNaN(total) || math.IsInf(total, 0) {
			return Path{}, fmt.Errorf("Follow: frame %d has the energy %v; it must be finite and not 0", i, total)
		}
		place := make([]float64, l.Dim())
		for j, x := range positions {
			from := x[top]
			if i > 0 {
				from = p.Places[i-1][j]
			}
			axis := l.Axis(j)
			mean := 0.0
			for s, e := range rho {
				d := x[s] - from
				if axis.Periodic() {
					d -= float64(axis.Length * math.Round(d/axis.Length))
				}
				mean += float64(e * d)
			}
			place[j] = from + mean/total
		}
		p.Times, p.Places = append(p.Times, r.Times()[i]), append(p.Places, place)
	}
	return p, nil
}

// Track tells a place at all times, such as [reference.Ray.Place] and
// [reference.Bundle.Centroid]: it writes the one at t to dst and returns it; a nil dst
// is made.
type Track func(dst []float64, t float64) []float64

// Sample returns the path of a track at the same times.
func (p Path) Sample(track Track) Path {
	q := Path{Times: p.Times}
	for _, t := range p.Times {
		q.Places = append(q.Places, track(nil, t))
	}
	return q
}

// Distance returns the largest distance from a track at the same times, in
// coordinates.
func (p Path) Distance(track Track) float64 {
	largest := 0.0
	for i, t := range p.Times {
		largest = max(largest, distance(p.Places[i], track(nil, t)))
	}
	return largest
}

// Length returns the length of the path, in coordinates.
func (p Path) Length() float64 {
	length := 0.0
	for i := 1; i < len(p.Places); i++ {
		length += distance(p.Places[i-1], p.Places[i])
	}
	return length
}

// Coordinate returns one coordinate at all times, for a figure.
func (p Path) Coordinate(axis int) []float64 {
	x := make([]float64, len(p.Places))
	for i, place := range p.Places {
		x[i] = place[axis]
	}
	return x
}

func distance(x, y []float64) float64 {
	square := 0.0
	for j := range x {
		square += float64((x[j] - y[j]) * (x[j] - y[j]))
	}
	return math.Sqrt(square)
}
