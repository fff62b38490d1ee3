package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() { sets["dirac"] = dirac }

// Places of the streams of numbers along a row, and of the numbers, as in
// stencil.diracPair.
const (
	toP, toQ         = 0, 1
	fromP, fromQ     = 2, 3
	rows0, planes0   = 4, 8 // that component p derives: plus, minus; then component q
	ownRows, ownPlan = 12, 16
	ends             = 20 // the number before p and the one behind it; of q
	streams          = 24

	numHop    = 0 // of axes 0, 1, 2
	numMass   = 3
	numCentre = 4
)

// dirac emits the kernels of a Dirac field.
func dirac() {
	for dim := 1; dim <= 3; dim++ {
		for _, mass := range []string{"", "Mass", "Wilson"} {
			for _, half := range []string{"Drift", "Kick"} {
				s := &spinor{
					element: float64s, dim: dim, name: fmt.Sprint("dirac", dim, half, mass),
					kick: half == "Kick", massive: mass != "", wilson: mass == "Wilson",
				}
				s.emit()
			}
		}
	}
}

// spinor is a kernel of two components that the derivative along the row couples.
type spinor struct {
	element
	dim                   int
	name                  string
	kick, massive, wilson bool

	streams reg.Register
	pointer [streams]reg.Register // nil for those loaded when needed
	i       reg.Register

	mass, centre vec
	hop          [3]vec
	here, last   [2]vec // of both components, the field where a block is, and before it
}

// emit emits the kernel.
func (s *spinor) emit() {
	TEXT(s.name+"AVX2", NOSPLIT, "func(streams **float64, numbers *float64, n, rows, stride, before, behind int)")
	Doc(s.name+"AVX2 does two components of n columns of some rows, n being a multiple of 4", "and at least 8.")
	Pragma("noescape")
	for axis := 3 - s.dim; axis < 3; axis++ {
		s.hop[axis] = s.numberAt(numHop + axis)
	}
	if s.massive {
		s.mass = s.numberAt(numMass)
	}
	if s.wilson {
		s.centre = s.numberAt(numCentre)
	}
	s.streams = Load(Param("streams"), GP64())
	rows := Load(Param("rows"), GP64())
	held := planes0 // streams whose pointers stay in registers
	if s.dim == 1 {
		held = rows0
	}
	Label("row")
	for k := range held {
		s.pointer[k] = GP64()
		MOVQ(Mem{Base: s.streams, Disp: 8 * k}, s.pointer[k])
	}
	s.i = GP64()
	XORQ(s.i, s.i)
	s.block(true, false)
	ADDQ(I32(s.lanes), s.i)
	s.loop(s.i, Load(Param("n"), GP64()), []int{1}, 1, func(int) { s.block(false, false) })
	s.block(false, true)
	DECQ(rows)
	JZ(LabelRef("done"))
	stride := Load(Param("stride"), GP64())
	for k := range streams {
		by := stride
		if k >= ends {
			by = Load(Param([2]string{"before", "behind"}[k%2]), GP64())
		}
		if s.uses(k) {
			ADDQ(by, Mem{Base: s.streams, Disp: 8 * k})
		}
	}
	JMP(LabelRef("row"))
	Label("done")
	end()
}

// uses tells whether the kernel goes along a stream.
func (s *spinor) uses(stream int) bool {
	switch {
	case stream >= ends || stream < rows0:
		return true
	case stream >= ownRows && !s.wilson:
		return false
	case stream >= ownPlan || stream >= planes0 && stream < ownRows:
		return s.dim == 3
	}
	return s.dim >= 2
}

// derived is the k-th stream that is derived along a slow axis.
func (s *spinor) derived(axis, k int) int {
	if axis == 1 {
		return rows0 + k
	}
	return planes0 + k
}

// own is the k-th stream of the components themselves along a slow axis.
func (s *spinor) own(axis, k int) int {
	if axis == 1 {
		return ownRows + k
	}
	return ownPlan + k
}

// numberAt loads a number into all lanes.
func (s *spinor) numberAt(k int) vec {
	v := YMM()
	s.broadcast(Mem{Base: Load(Param("numbers"), GP64()), Disp: 8 * k}, v)
	return v
}

// place is where the vector of a stream stands, off bytes aside.
func (s *spinor) place(stream, off int) Mem {
	p := s.pointer[stream]
	if p == nil {
		p = GP64()
		MOVQ(Mem{Base: s.streams, Disp: 8 * stream}, p)
	}
	return Mem{Base: p, Index: s.i, Scale: 8, Disp: off}
}

// beside returns the right (side 0) or left (1) neighbours of a component along the
// row, edge telling whether there are none in the row.
func (s *spinor) beside(component, side int, edge bool) vec {
	switch {
	case !edge && side == 0:
		return s.load(s.place(fromP+component, 8))
	case !edge:
		// Not a load: on lattices of 2^n sites its address would be that of the last
		// store but for the upper bits, and processors wait for such a store.
		return s.left(straddle(s.last[component], s.here[component]), s.here[component])
	}
	c, t, beyond, at := s.load(s.place(fromP+component, 0)), YMM(), YMM(), GP64()
	MOVQ(Mem{Base: s.streams, Disp: 8 * (ends + 2*component + 1 - side)}, at)
	s.broadcast(Mem{Base: at}, beyond)
	if side == 1 {
		VPERMPD(U8(0b10_01_00_00), c, t)
		VBLENDPD(U8(0b0001), beyond, t, t)
	} else {
		VPERMPD(U8(0b11_11_10_01), c, t)
		VBLENDPD(U8(0b1000), beyond, t, t)
	}
	return t
}

// block does a vector of both components, the first or the last of a row or one
// between them.
func (s *spinor) block(first, last bool) {
	edge := [2]bool{last, first} // of the right and the left neighbours
	var sums [2]vec
	for component := range 2 {
		s.here[component] = s.load(s.place(fromP+component, 0))
	}
	// add adds a term to, or subtracts it from, the sum of a component. A kick begins
	// with the first of them, whose sign is taken care of.
	add := func(component int, term vec, negative bool) {
		from, to := sums[component], YMM()
		switch {
		case from == nil && s.kick:
			sums[component] = term
			return
		case from == nil:
			from = s.load(s.place(toP+component, 0))
		}
		if negative {
			s.sub(term, from, to)
		} else {
			s.add(term, from, to)
		}
		sums[component] = to
	}
	for axis := 3 - s.dim; axis < 3; axis++ {
		for component := range 2 {
			negative := component == 1 && axis > 0
			plus, minus := 0, 1 // the sides of the difference
			if negative && s.kick && axis == 3-s.dim {
				plus, minus = 1, 0
			}
			var term vec
			if axis == 2 {
				term = YMM()
				s.sub(s.beside(1-component, minus, edge[minus]), s.beside(1-component, plus, edge[plus]), term)
			} else {
				term = s.load(s.place(s.derived(axis, 2*component+plus), 0))
				s.sub(s.place(s.derived(axis, 2*component+minus), 0), term, term)
			}
			s.mul(s.hop[axis], term, term)
			add(component, term, negative)
		}
	}
	for component := range 2 {
		if !s.massive {
			break
		}
		source := component
		if s.dim == 1 {
			source = 1 - component
		}
		term := s.here[source]
		if s.wilson {
			term = s.star(source, edge)
			s.sub(s.product(s.centre, s.here[source]), term, term)
		}
		add(component, s.product(s.mass, term), component == 1 && s.dim > 1)
	}
	for component := range 2 {
		to := s.place(toP+component, 0)
		if s.kick {
			s.add(to, sums[component], sums[component])
		}
		s.mov(sums[component], to)
	}
	if last {
		return
	}
	for component := range 2 {
		if first {
			s.last[component] = YMM()
		}
		VMOVAPD(s.here[component], s.last[component])
	}
}

// star returns (r + l) + ((u + d) + (f + b)) of a component.
func (s *spinor) star(component int, edge [2]bool) vec {
	var total vec
	for axis := 3 - s.dim; axis < 2; axis++ {
		pair := s.load(s.place(s.own(axis, 2*component), 0))
		s.add(s.place(s.own(axis, 2*component+1), 0), pair, pair)
		if total != nil {
			s.add(total, pair, pair)
		}
		total = pair
	}
	pair := YMM()
	s.add(s.beside(component, 1, edge[1]), s.beside(component, 0, edge[0]), pair)
	if total != nil {
		s.add(total, pair, pair)
	}
	return pair
}
