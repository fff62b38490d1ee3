package geometry

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Reading is the metric that the weights of a network make: what waves that are
// long beside the reach of the weights see of φ̈ = −Wφ, W = MK. Every list has one
// number a site; beside walls, closer than the weights reach, it is not a number.
type Reading struct {
	Lattice lattice.Lattice

	// Speed is c^ij = N²h^ij, the second moments of W, for i ≤ j in the order of
	// [Component]. Light sees the optical metric ds² = −dt² + (c⁻¹)_ij dx^i dx^j.
	Speed [][]float64

	// Connection is what stands before ∂_iφ: the first moments of W.
	Connection [][]float64

	// Mass2 is N²m²: what the weights of a neuron sum up to.
	Mass2 []float64

	// Gain is M: what the bias tensor makes of a bias that is the same everywhere.
	// A constant factor of it is the unit of φ.
	Gain []float64

	// Shift is N^i, the first moments of A; nil without A.
	Shift [][]float64

	// Uncertainty of Speed and of Mass2: how far a site differs from the mean of its
	// neighbours. The error of a smooth metric, a sum of second and higher
	// differences, is within thrice of it (measured); of a rough metric it is the
	// noise, and 0 of one that is the same everywhere.
	SpeedUncertainty [][]float64
	Mass2Uncertainty []float64

	// Waves tells that weights reach so far along some ring that not their moments
	// but the response to its longest wave, of k = 2π/L, was taken.
	Waves bool
}

// Metric reads the metric off the weights of any network on a lattice that has one
// neuron a site: of the rows of W = EEᵀK, for biases enter by E and learn by Eᵀ,
//
//	c^ij = −½ Σ_y W(x,y)(y−x)_i(y−x)_j,   N²m² = Σ_y W(x,y).
//
// and the shift off the generator of weights that are a flow.
//
// It fails for a network that is not linear, whose tensors depend on time, that learns its weights, has boundary
// neurons or a loss that is not quadratic, or whose rows reach from wall to wall.
func Metric(n network.Network, l lattice.Lattice) (Reading, error) {
	if n.At != nil {
		return Reading{}, fmt.Errorf("geometry.Metric: the tensors of the network depend on time; read the metric of a model without ScaleFactor")
	}
	flow, steady := n.Flow.(*network.Exponential)
	if n.Flow != nil && !steady {
		return Reading{}, fmt.Errorf("geometry.Metric: the weights are a flow without a generator to read the shift off; use a network.Exponential")
	}
	dual, ok := n.Loss.(network.Dual)
	_, unit := n.Weights.(weights.Identity)
	if !ok || !unit || dual.A != nil || dual.Potential != nil || n.Boundary != nil || !n.Linear() || n.WeightRate != 0 {
		h, err := duality.FromNetwork(n)
		if err != nil {
			return Reading{}, fmt.Errorf("geometry.Metric: %w", err)
		}
		return MetricOf(h, l)
	}
	clock := n.Clock
	if clock == 0 {
		clock = 1
	}
	h := duality.Hamiltonian{K: weights.Scale(n.Rate/(clock*clock), dual.K)}
	if flow != nil {
		h.A = flow.Generator()
	}
	if n.Bias != nil {
		var err error
		if h.M, err = square(n.Bias); err != nil {
			return Reading{}, fmt.Errorf("geometry.Metric: %w", err)
		}
	}
	return MetricOf(h, l)
}

// square returns EEᵀ.
func square(e weights.Tensor) (weights.Tensor, error) {
	if d, ok := e.(weights.Diagonal); ok {
		m := make(weights.Diagonal, len(d))
		for i, v := range d {
			m[i] = v * v
		}
		return m, nil
	}
	transposed := e.Transpose()
	var entries []weights.Triplet
	for i := range e.Size() {
		e.Row(i, func(k int, v float64) {
			transposed.Row(k, func(j int, w float64) {
				entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: v * w})
			})
		})
	}
	return weights.NewCSR(e.Size(), entries)
}

// MetricOf reads the metric off a Hamiltonian as [Metric] does off a network, and
// the shift off A.
func MetricOf(h duality.Hamiltonian, l lattice.Lattice) (Reading, error) {
	n := l.Sites()
	switch {
	case h.K == nil || h.Potential != nil:
		return Reading{}, fmt.Errorf("geometry.MetricOf: only quadratic Hamiltonians have a metric; give K and no Potential")
	case h.K.Size() != n || h.M != nil && h.M.Size() != n || h.A != nil && h.A.Size() != n:
		return Reading{}, fmt.Errorf("geometry.MetricOf: the tensors and the %d sites do not agree, K has %d neurons; give tensors of one neuron a site", n, h.K.Size())
	case h.M == nil:
		h.M = weights.Identity(n)
	}
	d := l.Dim()
	r := Reading{Lattice: l, Mass2: make([]float64, n), Gain: make([]float64, n)}
	for range components(d) {
		r.Speed = append(r.Speed, make([]float64, n))
	}
	for range d {
		r.Connection = append(r.Connection, make([]float64, n))
		if h.A != nil {
			r.Shift = append(r.Shift, make([]float64, n))
		}
	}
	rows := newRowReader(h, l)
	for s := range n {
		rows.wave(s, func(_ [3]int, v float64) { r.Mass2[s] += v })
		h.M.Row(s, func(_ int, v float64) { r.Gain[s] += v })
	}
	for j, a := range l.Axes() {
		if a.Periodic() {
			rows.far[j] = 2*rows.reach[j] >= a.Sites-1 // half way round: which way is no more clear
			r.Waves = r.Waves || rows.far[j]
		} else if 2*rows.reach[j] >= a.Sites {
			return Reading{}, fmt.Errorf("geometry.MetricOf: along the %s axis weights reach over %d of %d sites, so that every neuron feels the walls; use a longer axis or a ring", lattice.AxisName(j), rows.reach[j], a.Sites)
		}
	}
	for s := range n {
		if rows.walled(s) {
			r.blank(s)
			continue
		}
		rows.wave(s, func(o [3]int, v float64) {
			for i := range d {
				r.Connection[i][s] -= v * rows.first(i, o[i])
				for j := i; j < d; j++ {
					r.Speed[Component(d, i, j)][s] -= v * rows.second(i, j, o) / 2
				}
			}
		})
		if h.A == nil {
			continue
		}
		h.A.Row(s, func(to int, v float64) {
			o := rows.offset(s, to)
			for i := range d {
				r.Shift[i][s] += v * rows.first(i, o[i])
			}
		})
	}
	r.Mass2Uncertainty = r.roughness(r.Mass2)
	for _, v := range r.Speed {
		r.SpeedUncertainty = append(r.SpeedUncertainty, r.roughness(v))
	}
	return r, nil
}

// rowReader walks along the rows of W = MK and measures how far they reach.
type rowReader struct {
	h     duality.Hamiltonian
	l     lattice.Lattice
	reach [3]int
	far   [3]bool // waves are taken instead of moments
}

func newRowReader(h duality.Hamiltonian, l lattice.Lattice) *rowReader {
	r := &rowReader{h: h, l: l}
	look := func(s, to int) {
		for j, o := range r.offset(s, to) {
			r.reach[j] = max(r.reach[j], o, -o)
		}
	}
	for s := range l.Sites() {
		r.h.M.Row(s, func(k int, m float64) {
			if m != 0 {
				r.h.K.Row(k, func(to int, v float64) {
					if v != 0 {
						look(s, to)
					}
				})
			}
		})
		if h.A != nil {
			h.A.Row(s, func(to int, v float64) {
				if v != 0 {
					look(s, to)
				}
			})
		}
	}
	return r
}

// wave calls entry for the parts of row s of W.
func (r *rowReader) wave(s int, entry func(offset [3]int, w float64)) {
	r.h.M.Row(s, func(k int, m float64) {
		r.h.K.Row(k, func(to int, v float64) { entry(r.offset(s, to), m*v) })
	})
}

// offset returns how many sites to lies from s along each axis, on a ring by the
// shorter way.
func (r *rowReader) offset(s, to int) (o [3]int) {
	for j := range r.l.Dim() {
		a, stride := r.l.Axis(j), r.l.Stride(j)
		o[j] = to/stride%a.Sites - s/stride%a.Sites
		if a.Periodic() {
			switch {
			case 2*o[j] > a.Sites:
				o[j] -= a.Sites
			case 2*o[j] <= -a.Sites:
				o[j] += a.Sites
			}
		}
	}
	return o
}

// walled tells whether the weights of a site reach a wall.
func (r *rowReader) walled(s int) bool {
	for j, a := range r.l.Axes() {
		i := s / r.l.Stride(j) % a.Sites
		if !a.Periodic() && (i < r.reach[j] || i >= a.Sites-r.reach[j]) {
			return true
		}
	}
	return false
}

// first is what the first moment takes of o sites along an axis: the distance, or
// sin(kd)/k of the longest wave.
func (r *rowReader) first(axis, o int) float64 {
	d := float64(o) * r.l.Spacing(axis)
	if r.far[axis] {
		k := 2 * math.Pi / r.l.Axis(axis).Length
		return math.Sin(k*d) / k
	}
	return d
}

// second is the same for the second moment of two axes; for one axis it is the
// square of the distance, or 2(1 − cos kd)/k².
func (r *rowReader) second(i, j int, o [3]int) float64 {
	if i == j && r.far[i] {
		k := 2 * math.Pi / r.l.Axis(i).Length
		half := math.Sin(k * float64(o[i]) * r.l.Spacing(i) / 2)
		return 4 * half * half / (k * k)
	}
	return r.first(i, o[i]) * r.first(j, o[j])
}

// blank marks a site where nothing can be read.
func (r *Reading) blank(s int) {
	r.Mass2[s], r.Gain[s] = math.NaN(), math.NaN()
	for _, list := range [][][]float64{r.Speed, r.Connection, r.Shift} {
		for _, v := range list {
			v[s] = math.NaN()
		}
	}
}

// roughness returns |v − mean of the neighbours| at every site.
func (r *Reading) roughness(v []float64) []float64 {
	out := make([]float64, len(v))
	for s, x := range v {
		sum, n := 0.0, 0.0
		for j := range r.Lattice.Dim() {
			low, below := r.Lattice.Neighbour(s, j, -1)
			high, above := r.Lattice.Neighbour(s, j, 1)
			// Both or none: one alone would differ by the slope.
			if below == 1 && above == 1 && !math.IsNaN(v[low]+v[high]) {
				sum += v[low] + v[high]
				n += 2
			}
		}
		out[s] = math.NaN()
		if n > 0 {
			out[s] = math.Abs(x - sum/n)
		}
	}
	return out
}

// Optical returns (c⁻¹)_ij, the metric of space that light sees, for i ≤ j in the
// order of [Component]. It fails where c is not positive definite: there is no light
// cone.
func (r Reading) Optical() ([][]float64, error) {
	d := r.Lattice.Dim()
	out := make([][]float64, len(r.Speed))
	for c := range out {
		out[c] = make([]float64, r.Lattice.Sites())
	}
	for s := range r.Lattice.Sites() {
		inverse, _, ok := invert(d, r.speed(s))
		if !ok && !math.IsNaN(r.Speed[0][s]) {
			return nil, fmt.Errorf("Optical: c^ij = N²h^ij is not positive definite at %s; the weights make no light cone there", place(r.Lattice, s))
		}
		for c := range out {
			out[c][s] = inverse[c]
		}
	}
	return out, nil
}

// speed returns c^ij at a site.
func (r Reading) speed(s int) (c symmetric) {
	for k, v := range r.Speed {
		c[k] = v[s]
	}
	return c
}

// SpaceTime returns the metric, lapse included, and the mass: in d ≥ 2 dimensions
// c and M give the lapse, N = (det c/M²)^{1/(2d−2)}, and with it m² = N²m²/N². The
// mass is that of the mean square over all sites, spread the root of its mean square
// deviation: how far the network is from one field of one mass.
//
// It fails in one dimension, where c and M do not tell N (see [Reading.OfMass]),
// where c is not positive definite, where M is not positive and beside walls.
func (r Reading) SpaceTime() (g SpaceTime, mass, spread float64, err error) {
	d := r.Lattice.Dim()
	if d == 1 {
		return g, 0, 0, fmt.Errorf("SpaceTime: in one dimension a lapse and a length of the same factor are the same to light; use OfMass with the mass that the field has")
	}
	g, err = r.withLapse("SpaceTime", func(s int) (float64, string) {
		_, det, _ := invert(d, r.speed(s))
		return math.Pow(det/(r.Gain[s]*r.Gain[s]), 1/float64(2*d-2)), fmt.Sprintf("the gain M is %.6g, it must be positive", r.Gain[s])
	})
	if err != nil {
		return g, 0, 0, err
	}
	n, mean, square := float64(r.Lattice.Sites()), 0.0, 0.0
	for s, v := range r.Mass2 {
		m2 := v / (g.Lapse[s] * g.Lapse[s])
		mean += m2 / n
		square += m2 * m2 / n
	}
	mass = math.Sqrt(max(0, mean))
	spread = math.Sqrt(max(0, square-mean*mean))
	if mass > 0 { // of m² to that of m
		spread /= 2 * mass
	} else {
		spread = math.Sqrt(spread)
	}
	return g, mass, spread, nil
}

// OfMass returns the metric for a field that is known to have the mass m > 0: N =
// √(N²m²)/m. It fails where the weights of a neuron do not sum up to a positive
// number, where c is not positive definite and beside walls.
func (r Reading) OfMass(m float64) (SpaceTime, error) {
	if !(m > 0) || math.IsInf(m, 1) {
		return SpaceTime{}, fmt.Errorf("OfMass(%v): the mass must be positive and finite; it is what tells the lapse", m)
	}
	return r.withLapse("OfMass", func(s int) (float64, string) {
		return math.Sqrt(r.Mass2[s]) / m, fmt.Sprintf("the weights sum up to %.6g, they must sum up to N²m²", r.Mass2[s])
	})
}

// withLapse returns the metric of a lapse, which names what is wrong where it is
// not positive.
func (r Reading) withLapse(call string, lapse func(s int) (n float64, wrong string)) (SpaceTime, error) {
	d := r.Lattice.Dim()
	g := Flat(r.Lattice)
	g.Shift = r.Shift
	for c := range g.Space {
		g.Space[c] = make([]float64, r.Lattice.Sites())
	}
	for s := range g.Lapse {
		if math.IsNaN(r.Speed[0][s]) {
			return g, fmt.Errorf("%s: at %s the weights reach a wall and tell no metric; use rings", call, place(r.Lattice, s))
		}
		c := r.speed(s)
		inverse, _, ok := invert(d, c)
		if !ok {
			return g, fmt.Errorf("%s: c^ij = N²h^ij is not positive definite at %s; the weights make no light cone there", call, place(r.Lattice, s))
		}
		n, wrong := lapse(s)
		if !(n > 0) || math.IsInf(n, 1) {
			return g, fmt.Errorf("%s: at %s %s", call, place(r.Lattice, s), wrong)
		}
		g.Lapse[s] = n
		for k := range g.Space {
			g.Space[k][s] = n * n * inverse[k]
		}
	}
	return g, nil
}

// Network returns the network of a metric that stands still: the learning system of
// a scalar field of a mass with differences of order 2 or 4, whose step has the
// duration step. For a universe that expands use [KleinGordon] with
// [Builder.ScaleFactor]: its rates change from step to step.
//
// It fails for what [SpaceTime.Validate] refuses, for a shift, and for a step that
// is not positive.
func Network(g SpaceTime, mass float64, order int, step float64) (*network.System, error) {
	if !(step > 0) || math.IsInf(step, 1) {
		return nil, fmt.Errorf("geometry.Network: the step is %v; it must be positive and finite", step)
	}
	m, err := KleinGordon().SpaceTime(g).Mass(mass).Order(order).Build()
	if err != nil {
		return nil, fmt.Errorf("geometry.Network: %w", err)
	}
	return m.Network(step)
}
