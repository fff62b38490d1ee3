package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() {
	sets["dirac"] = func() { dirac(float64s) }
	sets["dirac512"] = func() { dirac(float64s.wide()) }
}

// Places of the streams and of the numbers, as in stencil.diracCall.
const (
	streamTo, streamFrom = 0, 4
	streamDerived        = 8  // along axis 1, then along axis 0
	streamOwn            = 24 // the same
	streamEnds           = 40

	numberHop    = 0 // of axes 0, 1, 2
	numberMass   = 3
	numberCentre = 4
)

// negative tells for each axis, and behind them for Y, whether the entry of a member
// has the opposite sign of that of the first one.
var negative = [4][4]bool{
	{false, false, true, true},
	{false, true, true, false},
	{false, true, false, true},
	{false, true, true, false},
}

// dirac emits the kernels of a Dirac field. Those for 512 bits have registers for all
// members, and masks for the last columns of a row.
func dirac(e element) {
	for dim := 1; dim <= 3; dim++ {
		for _, mass := range []string{"", "Mass", "Wilson"} {
			for _, half := range []string{"Drift", "Kick"} {
				s := &spinor{
					element: e, name: fmt.Sprint("dirac", dim, half, mass, e.set), dim: dim, members: 2,
					kick: half == "Kick", massive: mass != "", wilson: mass == "Wilson",
				}
				if s.masks() && dim > 1 {
					s.members = 4
				}
				s.emit()
			}
		}
	}
}

// spinor is a kernel.
type spinor struct {
	element
	name                  string
	dim, members          int
	kick, massive, wilson bool

	streams reg.Register
	pointer [streamEnds]reg.Register // nil for those loaded when needed
	i       reg.Register             // how many bytes a block is behind where the streams begin
	row     reg.Register             // its number, from 0

	hop          [3]vec
	mass, centre vec

	last    bool         // the block is the last of its row
	columns reg.Register // of it, as a mask
	edge    reg.Register // the last of them
	before  [4]vec       // of each member, the field one block before
	here    [4]vec       // and where the block is
}

// masks tells whether loads and stores take masks.
func (s *spinor) masks() bool { return s.width() == 64 }

// emit emits the kernel.
func (s *spinor) emit() {
	TEXT(s.name, NOSPLIT, "func(streams **float64, numbers *float64, n, rows, stride, before, behind int)")
	columns := fmt.Sprintf("n columns, a multiple of %d,", s.lanes)
	if s.masks() {
		columns = "n columns"
	}
	Doc(fmt.Sprintf("%s does %d components of %s of some rows.", s.name, s.members, columns))
	Pragma("noescape")
	numbers := Load(Param("numbers"), GP64())
	number := func(k int) vec {
		v := s.register()
		s.broadcast(Mem{Base: numbers, Disp: 8 * k}, v)
		return v
	}
	for axis := 3 - s.dim; axis < 3; axis++ {
		s.hop[axis] = number(numberHop + axis)
	}
	if s.massive {
		s.mass = number(numberMass)
	}
	if s.wilson {
		s.centre = number(numberCentre)
	}
	if s.masks() {
		s.makeMasks()
	}
	s.streams = Load(Param("streams"), GP64())
	for c := range s.members {
		s.hold(streamTo + c)
		s.hold(streamFrom + c)
	}
	if s.members == 2 && s.dim > 1 { // there are registers left
		for k := range 4 {
			s.hold(streamDerived + k)
		}
	}
	s.i, s.row = GP64(), GP64()
	XORQ(s.i, s.i)
	XORQ(s.row, s.row)
	final := Load(Param("n"), GP64()) // the block that begins here or behind is the last
	SHLQ(U8(3), final)
	SUBQ(U8(s.width()), final)
	Label("row")
	for c := range s.members {
		s.before[c] = s.register()
		s.broadcast(s.end(c, "before"), s.before[c])
	}
	Label("block")
	CMPQ(s.i, final)
	JGE(LabelRef("last"))
	s.last = false
	s.block()
	ADDQ(U8(s.width()), s.i)
	JMP(LabelRef("block"))
	Label("last")
	s.last = true
	s.block()
	INCQ(s.row)
	CMPQ(s.row, addr("rows"))
	JGE(LabelRef("done"))
	stride := addr("stride")
	ADDQ(stride, final)
	MOVQ(s.row, s.i)
	IMULQ(stride, s.i)
	JMP(LabelRef("row"))
	Label("done")
	end()
}

// hold keeps the pointer of a stream in a register.
func (s *spinor) hold(stream int) {
	s.pointer[stream] = GP64()
	MOVQ(Mem{Base: s.streams, Disp: 8 * stream}, s.pointer[stream])
}

// makeMasks sets the masks of the last block, which has (n − 1) mod lanes + 1 columns.
func (s *spinor) makeMasks() {
	n, bits := Load(Param("n"), GP64()), GP64()
	DECQ(n)
	ANDQ(U8(s.lanes-1), n)
	XORQ(bits, bits)
	BTSQ(n, bits)
	s.edge, s.columns = K(), K()
	KMOVB(bits.As32(), s.edge)
	ADDQ(bits, bits)
	DECQ(bits)
	KMOVB(bits.As32(), s.columns)
}

// end is where the number before the columns of a row (k = 0, 1, …, member after
// member) or behind them (4, 5, …) stands; from row to row it moves on by a parameter.
func (s *spinor) end(k int, by string) Mem {
	base, off := GP64(), GP64()
	MOVQ(s.row, off)
	IMULQ(addr(by), off)
	MOVQ(Mem{Base: s.streams, Disp: 8 * (streamEnds + k)}, base)
	return Mem{Base: base, Index: off, Scale: 1}
}

// place is where the block of a stream stands, off bytes aside.
func (s *spinor) place(stream, off int) Mem {
	p := s.pointer[stream]
	if p == nil {
		p = GP64()
		MOVQ(Mem{Base: s.streams, Disp: 8 * stream}, p)
	}
	return Mem{Base: p, Index: s.i, Scale: 1, Disp: off}
}

// operand is the block of a stream, in memory or in a register.
func (s *spinor) operand(stream int) Op {
	if s.last && s.masks() {
		return s.value(stream)
	}
	return s.place(stream, 0)
}

// value loads the block of a stream.
func (s *spinor) value(stream int) vec {
	if s.last && s.masks() {
		v := s.register()
		VMOVUPD_Z(s.place(stream, 0), s.columns, v)
		return v
	}
	return s.load(s.place(stream, 0))
}

// side returns the right (side 0) or left (1) neighbours of a member along the row.
func (s *spinor) side(c, side int) vec {
	here := s.here[c]
	if side == 1 {
		// Not a load: on lattices of 2^n sites its address would be that of the last
		// store but for the upper bits, and processors wait for such a store.
		before, _ := s.between(s.before[c], here)
		return s.left(before, here)
	}
	if !s.last && !s.masks() {
		return s.load(s.place(streamFrom+c, s.bytes))
	}
	next, at := s.register(), s.place(streamFrom+c, s.width())
	if s.last {
		at = s.end(4+c, "behind")
	}
	s.broadcast(at, next)
	_, behind := s.between(here, next)
	right := s.right(here, behind)
	if s.last && s.masks() {
		VBROADCASTSD(at, s.edge, right)
	}
	return right
}

// block does a vector of all members. Nothing is stored before all has been loaded, as
// said of result.
func (s *spinor) block() {
	var sums [4]vec
	for c := 0; c < s.members; c += 2 {
		for _, m := range [2]int{c, c + 1} {
			s.here[m] = s.value(streamFrom + m)
		}
		s.pair(c, &sums)
		if s.last {
			continue
		}
		for _, m := range [2]int{c, c + 1} {
			VMOVAPD(s.here[m], s.before[m])
		}
	}
	for c := range s.members {
		if s.last && s.masks() {
			VMOVUPD(sums[c], s.columns, s.place(streamTo+c, 0))
		} else {
			s.mov(sums[c], s.place(streamTo+c, 0))
		}
	}
}

// pair makes what is to be stored of two members that the derivative along the row
// couples.
func (s *spinor) pair(first int, sums *[4]vec) {
	pair := [2]int{first, first + 1}
	// add adds a term to, or subtracts it from, the sum of a member. A kick begins with
	// the first of them, whose sign is taken care of.
	add := func(c int, term vec, negative bool) {
		before := sums[c]
		switch {
		case before == nil && s.kick:
			sums[c] = term
			return
		case before == nil:
			before = s.value(streamTo + c)
		}
		sums[c] = s.register()
		if negative {
			s.sub(term, before, sums[c])
		} else {
			s.add(term, before, sums[c])
		}
	}
	for axis := 3 - s.dim; axis < 3; axis++ {
		for _, c := range pair {
			minus := negative[axis][c]
			ahead, behind := 0, 1 // the sides of the difference
			if minus && s.kick && axis == 3-s.dim {
				ahead, behind = 1, 0
			}
			term := s.register()
			if axis == 2 {
				partner := 2*first + 1 - c
				s.sub(s.side(partner, behind), s.side(partner, ahead), term)
			} else {
				s.sub(s.operand(s.beside(streamDerived, axis, c, behind)), s.value(s.beside(streamDerived, axis, c, ahead)), term)
			}
			s.mul(s.hop[axis], term, term)
			add(c, term, minus)
		}
	}
	for _, c := range pair {
		if !s.massive {
			break
		}
		source := c
		if s.dim == 1 {
			source = 2*first + 1 - c
		}
		term := s.here[source]
		if s.wilson {
			term = s.star(source)
			s.sub(s.product(s.centre, s.here[source]), term, term)
		}
		add(c, s.product(s.mass, term), negative[3][c] && s.dim > 1)
	}
	for _, c := range pair {
		if s.kick {
			s.add(s.operand(streamTo+c), sums[c], sums[c])
		}
	}
}

// beside is the stream beside (side 0) or before (1) a member along a slow axis.
func (s *spinor) beside(streams, axis, c, side int) int {
	return streams + 8*(1-axis) + 2*c + side
}

// star returns (r + l) + ((u + d) + (f + b)) of a member.
func (s *spinor) star(c int) vec {
	var total vec
	for axis := 3 - s.dim; axis < 2; axis++ {
		pair := s.value(s.beside(streamOwn, axis, c, 0))
		s.add(s.operand(s.beside(streamOwn, axis, c, 1)), pair, pair)
		if total != nil {
			s.add(total, pair, pair)
		}
		total = pair
	}
	pair := s.sum(s.side(c, 1), s.side(c, 0))
	if total != nil {
		s.add(total, pair, pair)
	}
	return pair
}
