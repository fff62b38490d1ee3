package geometry

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// tensors are the weights of a metric. Products of the metric are formed at the
// sites, so that a field of numbers is enough to give it.
type tensors struct {
	gain      []float64 // M = N/√h
	root      []float64 // √M
	gradient  *bonds    // −∂_i(N√h h^ij ∂_j)
	potential []float64 // N√h m²
	shift     *shift    // nil for N^i = 0
}

// shift is A = N^i∂_i, and what it makes of the biases b = √M β.
type shift struct {
	onNeurons *weights.CSR // A
	onBiases  *weights.CSR // −√M Aᵀ/√M
	norm      float64      // at least that of both
}

// newTensors returns the weights of a valid metric with differences of order 2 or
// 4. It fails where the metric is too rough for the order.
func newTensors(g SpaceTime, mass float64, order int) (*tensors, error) {
	d, n := g.Lattice.Dim(), g.Lattice.Sites()
	t := &tensors{gain: make([]float64, n), root: make([]float64, n), potential: make([]float64, n)}
	speed := make([][]float64, components(d)) // N√h h^ij
	for i := range d {
		for j := i; j < d; j++ {
			c := Component(d, i, j)
			if i == j || d == 3 || g.Space[c] != nil { // in 3-D h_xy and h_yz make an h^xz
				speed[c] = make([]float64, n)
			}
		}
	}
	for s, lapse := range g.Lapse {
		inverse, det, _ := invert(d, g.at(s))
		root := math.Sqrt(det)
		t.gain[s] = lapse / root
		t.root[s] = math.Sqrt(t.gain[s])
		density := float64(lapse * root)
		t.potential[s] = float64(density*mass) * mass
		for c, v := range speed {
			if v != nil {
				v[s] = float64(density * inverse[c])
			}
		}
	}
	t.gradient = newBonds("−∂(N√h h ∂)", g.Lattice)
	for i := range d {
		if err := t.gradient.addLinks(i, speed[Component(d, i, i)], order); err != nil {
			return nil, err
		}
		for j := i + 1; j < d; j++ {
			if v := speed[Component(d, i, j)]; v != nil && !zero(v) {
				t.gradient.addCross(i, j, v, order)
			}
		}
	}
	var err error
	t.shift, err = newShift(g, t.root, order)
	return t, err
}

// newShift returns the weights of a shift, nil if there is none.
func newShift(g SpaceTime, root []float64, order int) (*shift, error) {
	var forward, backward []weights.Triplet
	for i, v := range g.Shift {
		if v == nil || zero(v) {
			continue
		}
		var at [3]int
		var taps []end
		for s, x := range v {
			g.Lattice.Position(at[:g.Lattice.Dim()], s)
			taps = atSite[order].ends(taps, g.Lattice, i, at)
			for _, e := range taps {
				to, w := siteAt(g.Lattice, e.at), float64(x*e.factor)
				forward = append(forward, weights.Triplet{Row: s, Column: to, Weight: w})
				backward = append(backward, weights.Triplet{Row: to, Column: s, Weight: -float64(root[to]*w) / root[s]})
			}
		}
	}
	if forward == nil {
		return nil, nil
	}
	var a shift
	var err error
	if a.onNeurons, err = weights.NewCSR(len(root), forward); err != nil {
		return nil, err
	}
	if a.onBiases, err = weights.NewCSR(len(root), backward); err != nil {
		return nil, err
	}
	for _, w := range []*weights.CSR{a.onNeurons, a.onBiases} {
		for i := range root {
			sum := 0.0
			w.Row(i, func(_ int, v float64) { sum += math.Abs(v) })
			a.norm = max(a.norm, sum)
		}
	}
	return &a, nil
}

func zero(v []float64) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}

// stiffness returns K = gradient + potential.
func (t *tensors) stiffness() *bonds {
	k := newBonds("K", t.gradient.l)
	k.along = t.gradient.along
	for s, v := range t.potential {
		k.centre[s] = t.gradient.centre[s] + v
	}
	return k
}

// difference is a finite difference at a place: taps at whole steps along an axis.
type difference struct {
	steps   []int
	factors []float64 // in units of 1/a
}

// On a link, between x and x+1, and at a site, of order 2 and 4.
var (
	onLink = map[int]difference{
		2: {[]int{0, 1}, []float64{-1, 1}},
		4: {[]int{-1, 0, 1, 2}, []float64{1. / 24, -27. / 24, 27. / 24, -1. / 24}},
	}
	atSite = map[int]difference{
		2: {[]int{-1, 1}, []float64{-0.5, 0.5}},
		4: {[]int{-2, -1, 1, 2}, []float64{1. / 12, -8. / 12, 8. / 12, -1. / 12}},
	}
)

// ends writes the taps of a difference along an axis at a position to dst and
// returns it. Behind walls the field is continued by [lattice.Axis.Fold].
func (d difference) ends(dst []end, l lattice.Lattice, axis int, at [3]int) []end {
	a := l.Axis(axis)
	dst = dst[:0]
	for i, step := range d.steps {
		e := end{at, d.factors[i] / a.Spacing()}
		e.at[axis] += step
		if !a.Periodic() {
			site, sign := a.Fold(e.at[axis])
			e.at[axis], e.factor = site, sign*e.factor
		}
		if e.factor != 0 {
			dst = append(dst, e)
		}
	}
	return dst
}

// addLinks adds Σ_links v (∂_axis φ)² to the quadratic form, v being interpolated
// from the sites to the middle of the links with as many sites as the order has. A
// wall of Dirichlet is the far end of a link; the metric is the same on both sides
// of a wall. It fails if an interpolated v is not positive.
func (b *bonds) addLinks(axis int, v []float64, order int) error {
	a := b.l.Axis(axis)
	var at [3]int
	var taps []end
	value := func(i int) float64 {
		p := at
		p[axis], _ = a.Fold(i)
		return v[siteAt(b.l, p)]
	}
	for s := range v {
		b.l.Position(at[:b.l.Dim()], s)
		i := at[axis]
		first := i
		if i == 0 && a.Low.Kind == lattice.Dirichlet {
			first = -1
		}
		for ; first <= i; first++ {
			if first == a.Sites-1 && a.High.Kind == lattice.Neumann {
				continue // nothing flows through the face of a Neumann wall
			}
			middle := float64(0.5 * (value(first) + value(first+1)))
			if order == 4 {
				middle = float64(1.125*middle) - float64(0.0625*(value(first-1)+value(first+2)))
			}
			if !(middle > 0) {
				return fmt.Errorf("Order(4): the metric is so rough at %s that N√h h^%s%s, interpolated between the sites, is %.3g there; use Order(2) or a finer lattice",
					place(b.l, s), lattice.AxisName(axis), lattice.AxisName(axis), middle)
			}
			from := at
			from[axis] = first
			taps = onLink[order].ends(taps, b.l, axis, from)
			for _, p := range taps {
				for _, q := range taps {
					b.add(middle, p, q)
				}
			}
		}
	}
	return nil
}

// addCross adds Σ_sites 2v ∂_iφ ∂_jφ to the quadratic form. With the links of
// order 2 that is the mean over the corners of a site of the forms with one-sided
// differences, which is positive where the metric is.
func (b *bonds) addCross(i, j int, v []float64, order int) {
	var at [3]int
	var p, q []end
	for s, x := range v {
		b.l.Position(at[:b.l.Dim()], s)
		p, q = atSite[order].ends(p, b.l, i, at), atSite[order].ends(q, b.l, j, at)
		for _, e := range p {
			for _, f := range q {
				b.add(2*x, e, f)
			}
		}
	}
}
