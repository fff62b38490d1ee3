package weights

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Tap is one weight of a stencil: neuron i listens to the neuron Offset sites
// away. Offset is counted along the axes in the lattice's order, slowest axis
// first; entries beyond the lattice's dimension are zero.
type Tap struct {
	Offset [3]int
	Weight float64
}

// Stencil is a translation-invariant weight tensor on a lattice,
//
//	(W x)_i = Σ_taps Weight · x(i + Offset),
//
// the field being continued past the ends of an axis by [lattice.Axis.Fold].
// So powers of an even stencil are stencils too, on walls as on a ring.
//
// # Arithmetic
//
// The order of the operations is part of the contract, so that another
// implementation of a stencil can give the same bits. The taps at ±o are kept as
// an even pair e·(x₊ + x₋) and an odd pair f·(x₊ − x₋), where x± = x(i ± o), the
// first entry of o that is not zero is positive, e = ½(w₊ + w₋) and
// f = ½(w₊ − w₋). Pairs are ordered by |o|², then by o, slowest axis first; pairs
// with the same e form a group. With the numbers of [Stencil.Form] AddApply does,
// every operation being rounded by itself,
//
//	S_g     = p₁ + (p₂ + (p₃ + …))      p the pair sums (x₊ + x₋) of group g, in order
//	dst[i] += (α·Scale) · ((S₁ + Ratio₂·S₂ + …) − Centre·x[i])
//	dst[i] += (α·f) · (x₊ − x₋)         for each odd pair in turn
//
// For the Laplacian of order 2 with equal spacings S₁ is l+r, (l+r)+(u+d) and
// (l+r)+((u+d)+(f+b)) in one, two and three dimensions, l and r being the
// neighbours along the fastest axis. A stencil with nothing but a centre w₀ does
// dst[i] += (α·w₀)·x[i]. A tap that falls on a wall node reads +0, one that is
// reflected with a change of sign reads −x.
type Stencil struct {
	l     lattice.Lattice
	name  string
	taps  []Tap // by offset, slowest axis first; none of weight zero
	reach [3]int
	form  Form

	pairs   [][3]int // of the even groups in order, then the odd ones
	edges   [3]edge
	sites   []int // along each axis
	stride  []int
	scratch sync.Pool // of *rowScratch
}

// Form is what [Stencil] computes with; see its contract.
type Form struct {
	Scale  float64   // s, the weight of the first even group; without one, w₀ of the centre
	Groups []Group   // the even pairs; the first group has Ratio 1
	Centre float64   // k = −w₀/s; without groups −1
	Odd    []OddPair // the odd pairs
}

// Group is a set of even pairs that share the weight Scale·Ratio.
type Group struct {
	Ratio   float64
	Offsets [][3]int
}

// OddPair is Weight·(x(i + Offset) − x(i − Offset)).
type OddPair struct {
	Offset [3]int
	Weight float64
}

// edge holds where the sites just outside an axis are found inside.
type edge struct{ low, high []image } // low[r-1] is site −r, high[r-1] is site n−1+r

// image is a place inside an axis or an array, and the sign to read it with.
type image struct {
	at   int
	sign float64
}

// NewStencil returns the stencil with the given taps; taps with the same offset
// add. The name stands for the tensor in messages and on cards.
//
// It fails for a lattice without axes, an offset along an axis that does not
// exist or longer than the axis, a weight that is not finite, and for a tap that
// reaches more than one site past a driven end: what lies behind a clamped
// neuron is known to second order only.
func NewStencil(l lattice.Lattice, name string, taps []Tap) (*Stencil, error) {
	if err := hasAxes("NewStencil", l); err != nil {
		return nil, err
	}
	for _, t := range taps {
		if math.IsNaN(t.Weight) || math.IsInf(t.Weight, 0) {
			return nil, fmt.Errorf("%s: the weight at offset %v is %s; it must be finite", name, t.Offset, say.Number(t.Weight))
		}
		for j, o := range t.Offset {
			if j >= l.Dim() {
				if o != 0 {
					return nil, fmt.Errorf("%s: offset %v on a %d-D lattice; entries after the first %d must be 0", name, t.Offset, l.Dim(), l.Dim())
				}
				continue
			}
			a := l.Axis(j)
			if o < -a.Sites || o > a.Sites {
				return nil, fmt.Errorf("%s: offset %v; along axis %s it must lie in [−%d, %d]", name, t.Offset, lattice.AxisName(j), a.Sites, a.Sites)
			}
			if (o < -1 || o > 1) && (a.Low.Kind == lattice.Driven || a.High.Kind == lattice.Driven) {
				return nil, fmt.Errorf("%s: offset %v along axis %s, which has a driven end; use offsets of at most 1 there (order 2)", name, t.Offset, lattice.AxisName(j))
			}
		}
	}
	return newStencil(l, name, taps), nil
}

// hasAxes refuses the zero lattice.
func hasAxes(call string, l lattice.Lattice) error {
	if l.Dim() == 0 {
		return fmt.Errorf("weights.%s: the lattice has no axes; make it with lattice.New", call)
	}
	return nil
}

// Laplacian returns ∇² on the lattice, −k² + O(a^order) in every direction. Per
// axis, in units of 1/a²:
//
//	order 2:  1, −2, 1
//	order 4:  −1/12, 4/3, −5/2, 4/3, −1/12
//
// Order 4 is K₂ + (a²/12)K₂² with K₂ = −∇² of order 2, walls included. It fails
// for another order (see [SpectralLaplacian] for infinite order) and for order 4
// with a driven end. [F] §3.
func Laplacian(l lattice.Lattice, order int) (*Stencil, error) {
	if order != 2 && order != 4 {
		return nil, fmt.Errorf("weights.Laplacian: order %d; use 2, 4 or the spectral Laplacian", order)
	}
	if err := hasAxes("Laplacian", l); err != nil {
		return nil, err
	}
	var taps []Tap
	pair := func(axis, distance int, w float64) {
		for _, o := range []int{-distance, distance} {
			t := Tap{Weight: w}
			t.Offset[axis] = o
			taps = append(taps, t)
		}
	}
	for j, a := range l.Axes() {
		if order == 4 && (a.Low.Kind == lattice.Driven || a.High.Kind == lattice.Driven) {
			return nil, fmt.Errorf("weights.Laplacian: order 4 on axis %s, which has a driven end; use order 2: the field behind a clamped neuron is known to second order only", lattice.AxisName(j))
		}
		inverse := 1 / (a.Spacing() * a.Spacing())
		if order == 2 {
			pair(j, 1, inverse)
			continue
		}
		near := 4 * inverse / 3
		pair(j, 1, near)
		pair(j, 2, -near/16)
	}
	name := fmt.Sprintf("∇² (order %d)", order)
	// The centre is minus the sum of the others as eigenvalues forms it, so that a
	// constant field has the eigenvalue 0 and not 1e-16.
	taps = append(taps, Tap{Weight: -newStencil(l, name, taps).rowSum()})
	return newStencil(l, name, taps), nil
}

// Derivative returns the central difference along an axis, (φ₊ − φ₋)/2a, which
// is ∂φ + O(a²). It is antisymmetric on periodic and on Dirichlet axes. On a
// Neumann axis the reflected tap stands on the diagonal and it is not: see
// [Symmetry]. [F] §4.
func Derivative(l lattice.Lattice, axis int) (*Stencil, error) {
	if axis < 0 || axis >= l.Dim() {
		return nil, fmt.Errorf("weights.Derivative: axis %d of a %d-D lattice; it must lie in [0, %d)", axis, l.Dim(), l.Dim())
	}
	w := 1 / (2 * l.Spacing(axis))
	plus, minus := Tap{Weight: w}, Tap{Weight: -w}
	plus.Offset[axis], minus.Offset[axis] = 1, -1
	return newStencil(l, "∂"+lattice.AxisName(axis), []Tap{plus, minus}), nil
}

// newStencil builds a stencil from taps that are known to be valid.
func newStencil(l lattice.Lattice, name string, taps []Tap) *Stencil {
	s := &Stencil{l: l, name: name, taps: mergeTaps(taps)}
	for j := range l.Dim() {
		s.sites = append(s.sites, l.Axis(j).Sites)
		s.stride = append(s.stride, l.Stride(j))
		for _, t := range s.taps {
			s.reach[j] = max(s.reach[j], t.Offset[j], -t.Offset[j])
		}
		a := l.Axis(j)
		for r := 1; r <= s.reach[j]; r++ {
			site, sign := a.Fold(-r)
			s.edges[j].low = append(s.edges[j].low, image{site, sign})
			site, sign = a.Fold(a.Sites - 1 + r)
			s.edges[j].high = append(s.edges[j].high, image{site, sign})
		}
	}
	s.setForm()
	s.scratch.New = func() any { return &rowScratch{at: make([]image, 2*len(s.pairs))} }
	return s
}

// mergeTaps adds taps of the same offset in the order given, drops those of
// weight zero and sorts by offset.
func mergeTaps(taps []Tap) []Tap {
	sorted := slices.Clone(taps)
	slices.SortStableFunc(sorted, func(a, b Tap) int { return slices.Compare(a.Offset[:], b.Offset[:]) })
	merged := sorted[:0]
	for _, t := range sorted {
		if n := len(merged); n > 0 && merged[n-1].Offset == t.Offset {
			merged[n-1].Weight += t.Weight
		} else {
			merged = append(merged, t)
		}
	}
	return slices.DeleteFunc(merged, func(t Tap) bool { return t.Weight == 0 })
}

// weight returns the weight at an offset, 0 where there is no tap.
func (s *Stencil) weight(offset [3]int) float64 {
	i, found := slices.BinarySearchFunc(s.taps, offset, func(t Tap, o [3]int) int {
		return slices.Compare(t.Offset[:], o[:])
	})
	if !found {
		return 0
	}
	return s.taps[i].Weight
}

// opposite returns −o.
func opposite(o [3]int) [3]int { return [3]int{-o[0], -o[1], -o[2]} }

// setForm splits the taps into a centre, even groups and odd pairs.
func (s *Stencil) setForm() {
	type pair struct {
		offset    [3]int
		even, odd float64
	}
	var pairs []pair
	for _, t := range s.taps {
		p := pair{offset: t.Offset}
		if slices.Compare(p.offset[:], []int{0, 0, 0}) < 0 {
			if s.weight(opposite(t.Offset)) != 0 {
				continue // the tap at −o brings the pair
			}
			p.offset = opposite(t.Offset)
		}
		if p.offset == ([3]int{}) {
			continue
		}
		plus, minus := s.weight(p.offset), s.weight(opposite(p.offset))
		p.even, p.odd = (plus+minus)/2, (plus-minus)/2
		pairs = append(pairs, p)
	}
	square := func(o [3]int) int { return o[0]*o[0] + o[1]*o[1] + o[2]*o[2] }
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(square(a.offset), square(b.offset)), slices.Compare(a.offset[:], b.offset[:]))
	})

	f := &s.form
	var weight []float64 // of each group
	for _, p := range pairs {
		if p.even != 0 {
			g := slices.Index(weight, p.even)
			if g < 0 {
				g = len(weight)
				weight = append(weight, p.even)
				f.Groups = append(f.Groups, Group{Ratio: p.even / weight[0]})
			}
			f.Groups[g].Offsets = append(f.Groups[g].Offsets, p.offset)
		}
		if p.odd != 0 {
			f.Odd = append(f.Odd, OddPair{p.offset, p.odd})
		}
	}
	for _, g := range f.Groups {
		s.pairs = append(s.pairs, g.Offsets...)
	}
	for _, p := range f.Odd {
		s.pairs = append(s.pairs, p.Offset)
	}
	w0 := s.weight([3]int{})
	if len(f.Groups) == 0 {
		f.Scale, f.Centre = w0, -1
		return
	}
	f.Scale = weight[0]
	f.Centre = -w0 / f.Scale
}

// Form returns the numbers AddApply computes with, in its order.
func (s *Stencil) Form() Form {
	f := s.form
	f.Odd = slices.Clone(f.Odd)
	f.Groups = slices.Clone(f.Groups)
	for g := range f.Groups {
		f.Groups[g].Offsets = slices.Clone(f.Groups[g].Offsets)
	}
	return f
}

// Lattice returns the lattice of the stencil.
func (s *Stencil) Lattice() lattice.Lattice { return s.l }

// Taps returns the taps, sorted by offset, one for each offset.
func (s *Stencil) Taps() []Tap { return slices.Clone(s.taps) }

// Size returns the number of sites.
func (s *Stencil) Size() int { return s.l.Sites() }

// String names the stencil and its lattice.
func (s *Stencil) String() string { return s.name + " on " + shapeOf(s.l) }

// shapeOf describes the size of a lattice, like "64×32 sites".
func shapeOf(l lattice.Lattice) string {
	var n []string
	for _, k := range l.Shape() {
		n = append(n, fmt.Sprint(k))
	}
	return strings.Join(n, "×") + " sites"
}

// sameLattice tells whether two lattices have the same axes.
func sameLattice(a, b lattice.Lattice) bool { return slices.Equal(a.Axes(), b.Axes()) }

// mapped returns the stencil whose tap at each offset o has weight f(o); f is
// asked for the offsets of the taps and their opposites.
func (s *Stencil) mapped(name string, f func(o [3]int) float64) *Stencil {
	var taps []Tap
	for _, t := range s.taps {
		taps = append(taps, Tap{t.Offset, f(t.Offset)})
		if o := opposite(t.Offset); s.weight(o) == 0 {
			taps = append(taps, Tap{o, f(o)})
		}
	}
	return newStencil(s.l, name, taps)
}

// scaled returns c times the stencil.
func (s *Stencil) scaled(c float64) *Stencil {
	return s.mapped(scaledName(c, s.name), func(o [3]int) float64 { return c * s.weight(o) })
}

// mirrored tells whether the stencil is unchanged when an axis is reversed.
func (s *Stencil) mirrored(axis int) bool {
	for _, t := range s.taps {
		o := t.Offset
		o[axis] = -o[axis]
		if s.weight(o) != t.Weight {
			return false
		}
	}
	return true
}

// mirroredOnWalls tells whether the stencil is even along each axis that is not
// periodic; it is then diagonal in the plane and standing waves of the lattice.
func (s *Stencil) mirroredOnWalls() bool {
	for j, a := range s.l.Axes() {
		if !a.Periodic() && !s.mirrored(j) {
			return false
		}
	}
	return true
}

// invertible tells whether Wᵀ is the stencil with the offsets reversed. On a
// ring it is. On a walled axis the reflected taps must come in even pairs, or
// must all be lost on wall nodes, so that what is left is a band matrix.
func (s *Stencil) invertible() bool {
	for j, a := range s.l.Axes() {
		nodes := a.Low.Kind != lattice.Neumann && a.High.Kind != lattice.Neumann
		if a.Periodic() || nodes && s.reach[j] <= 1 || s.mirrored(j) {
			continue
		}
		return false
	}
	return true
}

// parity tells whether the tap at −o is the same as (even), or the opposite of
// (odd), the tap at o for each o.
func (s *Stencil) parity() (even, odd bool) {
	even, odd = true, true
	for _, t := range s.taps {
		w := s.weight(opposite(t.Offset))
		even = even && w == t.Weight
		odd = odd && w == -t.Weight
	}
	return even, odd
}

// Transpose returns Wᵀ: a stencil if the boundaries allow, else a [CSR].
func (s *Stencil) Transpose() Tensor {
	if !s.invertible() {
		return compress(s).Transpose()
	}
	if even, _ := s.parity(); even {
		return s
	}
	return s.mapped(s.name+"ᵀ", func(o [3]int) float64 { return s.weight(opposite(o)) })
}

// part returns ½(W + Wᵀ) for sign 1 and ½(W − Wᵀ) for −1, tap by tap, or false
// if the transpose is no stencil.
func (s *Stencil) part(sign float64) (*Stencil, bool) {
	if !s.invertible() {
		return nil, false
	}
	if even, odd := s.parity(); even && sign > 0 || odd && sign < 0 {
		return s, true
	}
	return s.mapped(partName(sign, s.name), func(o [3]int) float64 {
		return (s.weight(o) + float64(sign*s.weight(opposite(o)))) / 2
	}), true
}

// fold returns where site i of an axis, which may lie up to reach outside, is
// found inside.
func (s *Stencil) fold(axis, i int) image {
	n := s.sites[axis]
	switch {
	case i < 0:
		return s.edges[axis].low[-i-1]
	case i >= n:
		return s.edges[axis].high[i-n]
	}
	return image{i, 1}
}

// Row calls entry for the weights of neuron i. Where several taps meet in one
// column, as near walls and on small rings, their sum is formed such that
// w_ji = ±w_ij holds exactly whenever it holds in real numbers tap by tap.
func (s *Stencil) Row(i int, entry func(j int, w float64)) {
	var position [3]int
	dim := len(s.stride)
	s.l.Position(position[:dim], i)
	inside := true
	for axis := range dim {
		p := position[axis]
		inside = inside && p >= s.reach[axis] && p+s.reach[axis] < s.sites[axis]
	}
	if inside { // the taps are in ascending order of columns
		for _, t := range s.taps {
			j := i
			for axis, stride := range s.stride {
				j += t.Offset[axis] * stride
			}
			entry(j, t.Weight)
		}
		return
	}
	met := make([]column, 0, len(s.taps))
	for _, t := range s.taps {
		j, sign := 0, 1.0
		for axis, stride := range s.stride {
			im := s.fold(axis, position[axis]+t.Offset[axis])
			j += im.at * stride
			sign *= im.sign
		}
		if sign != 0 {
			met = append(met, column{j, sign * t.Weight})
		}
	}
	slices.SortFunc(met, func(a, b column) int {
		return cmp.Or(cmp.Compare(a.j, b.j), cmp.Compare(math.Abs(a.w), math.Abs(b.w)))
	})
	for len(met) > 0 {
		n := 1
		for n < len(met) && met[n].j == met[0].j {
			n++
		}
		if w := balancedSum(met[:n]); w != 0 {
			entry(met[0].j, w)
		}
		met = met[n:]
	}
}

// column is an entry of a row.
type column struct {
	j int
	w float64
}

// balancedSum adds weights that are sorted by magnitude. It depends only on how
// often each magnitude comes with each sign, and changes sign if all weights do.
func balancedSum(met []column) float64 {
	sum := 0.0
	for len(met) > 0 {
		size, count := math.Abs(met[0].w), 0
		if math.IsNaN(size) {
			return size // it equals no other
		}
		n := 0
		for ; n < len(met) && math.Abs(met[n].w) == size; n++ {
			if met[n].w > 0 {
				count++
			} else {
				count--
			}
		}
		sum += float64(size * float64(count))
		met = met[n:]
	}
	return sum
}
