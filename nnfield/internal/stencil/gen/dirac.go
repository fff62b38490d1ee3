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

	numAlpha  = 0
	numHop    = 1 // of axes 0, 1, 2
	numMass   = 4
	numCentre = 5
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

	alpha, mass, centre vec
	hop                 [3]vec
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
	if s.kick {
		s.alpha = s.numberAt(numAlpha)
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
	s.block(1, true, false)
	ADDQ(I32(s.lanes), s.i)
	steps := []int{2, 1}
	if s.wilson {
		steps = []int{1}
	}
	s.loop(s.i, Load(Param("n"), GP64()), steps, 1, func(u int) { s.block(u, false, false) })
	s.block(1, false, true)
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

// place is where vector v of a stream stands, off bytes aside.
func (s *spinor) place(stream, v, off int) Mem {
	p := s.pointer[stream]
	if p == nil {
		p = GP64()
		MOVQ(Mem{Base: s.streams, Disp: 8 * stream}, p)
	}
	return Mem{Base: p, Index: s.i, Scale: 8, Disp: 32*v + off}
}

// value loads a vector of the field, times α in a kick.
func (s *spinor) value(m Mem) vec {
	if s.kick {
		return s.product(s.alpha, m)
	}
	return s.load(m)
}

// beside loads the right (side 0) or left (1) neighbours of a component along the
// row.
func (s *spinor) beside(component, side, v int, edge bool) vec {
	if !edge {
		return s.value(s.place(fromP+component, v, 8-16*side))
	}
	c, t, beyond, at := s.load(s.place(fromP+component, v, 0)), YMM(), YMM(), GP64()
	if side == 1 {
		MOVQ(Mem{Base: s.streams, Disp: 8 * (ends + 2*component)}, at)
		s.broadcast(Mem{Base: at}, beyond)
		VPERMPD(U8(0b10_01_00_00), c, t)
		VBLENDPD(U8(0b0001), beyond, t, t)
	} else {
		MOVQ(Mem{Base: s.streams, Disp: 8 * (ends + 2*component + 1)}, at)
		s.broadcast(Mem{Base: at}, beyond)
		VPERMPD(U8(0b11_11_10_01), c, t)
		VBLENDPD(U8(0b1000), beyond, t, t)
	}
	if s.kick {
		s.mul(s.alpha, t, t)
	}
	return t
}

// block does u vectors of both components.
func (s *spinor) block(u int, first, last bool) {
	sums := make([][2]vec, u)
	// add adds terms to, or subtracts them from, the sums of a component. A kick
	// begins with the first of them, whose sign is taken care of.
	add := func(component int, terms []vec, negative bool) {
		for v, t := range terms {
			from := sums[v][component]
			switch {
			case from == nil && s.kick:
				sums[v][component] = t
				continue
			case from == nil:
				from = s.load(s.place(toP+component, v, 0))
			}
			to := YMM()
			if negative {
				s.sub(t, from, to)
			} else {
				s.add(t, from, to)
			}
			sums[v][component] = to
		}
	}
	for axis := 3 - s.dim; axis < 3; axis++ {
		for component := range 2 {
			negative := component == 1 && axis > 0
			plus, minus := 0, 1 // the sides of the difference
			if negative && s.kick && axis == 3-s.dim {
				plus, minus = 1, 0
			}
			terms := make([]vec, u)
			for v := range u {
				if axis == 2 {
					edge := [2]bool{last, first}
					terms[v] = s.beside(1-component, plus, v, edge[plus])
					s.sub(s.beside(1-component, minus, v, edge[minus]), terms[v], terms[v])
					continue
				}
				terms[v] = s.value(s.place(s.derived(axis, 2*component+plus), v, 0))
				other := s.place(s.derived(axis, 2*component+minus), v, 0)
				if s.kick {
					s.sub(s.value(other), terms[v], terms[v])
				} else {
					s.sub(other, terms[v], terms[v])
				}
			}
			for v := range u {
				s.mul(s.hop[axis], terms[v], terms[v])
			}
			add(component, terms, negative)
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
		terms := make([]vec, u)
		for v := range u {
			terms[v] = s.value(s.place(fromP+source, v, 0))
		}
		if s.wilson {
			for v := range u {
				star := s.star(source, v, first, last)
				s.mul(s.centre, terms[v], terms[v])
				s.sub(terms[v], star, terms[v])
			}
		}
		for v := range u {
			s.mul(s.mass, terms[v], terms[v])
		}
		add(component, terms, component == 1 && s.dim > 1)
	}
	for component := range 2 {
		for v := range u {
			to := s.place(toP+component, v, 0)
			if s.kick {
				s.add(to, sums[v][component], sums[v][component])
			}
			s.mov(sums[v][component], to)
		}
	}
}

// star returns (r + l) + ((u + d) + (f + b)) of a component.
func (s *spinor) star(component, v int, first, last bool) vec {
	var total vec
	for axis := 3 - s.dim; axis < 2; axis++ {
		pair := s.value(s.place(s.own(axis, 2*component), v, 0))
		minus := s.place(s.own(axis, 2*component+1), v, 0)
		if s.kick {
			s.add(s.value(minus), pair, pair)
		} else {
			s.add(minus, pair, pair)
		}
		if total != nil {
			s.add(total, pair, pair)
		}
		total = pair
	}
	pair := s.beside(component, 0, v, last)
	s.add(s.beside(component, 1, v, first), pair, pair)
	if total != nil {
		s.add(total, pair, pair)
	}
	return pair
}
