package main

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// element is what the numbers of a kernel are, and the registers it has.
type element struct {
	name   string // of the Go type
	suffix string // of the kernel
	bytes  int

	set      string // of instructions
	register func() vec
	lanes    int // of a register

	mov, add, sub, mul func(...Op)
	broadcast          func(...Op)
}

var float64s = element{"float64", "", 8, "AVX2", YMM, 4, VMOVUPD, VADDPD, VSUBPD, VMULPD, VBROADCASTSD}
var float32s = element{"float32", "Float32", 4, "AVX2", YMM, 8, VMOVUPS, VADDPS, VSUBPS, VMULPS, VBROADCASTSS}

// vec is a vector of elements in a register.
type vec = reg.VecVirtual

// wide returns the same numbers in registers of 512 bits.
func (e element) wide() element {
	e.set, e.register, e.lanes = "AVX512", ZMM, 2*e.lanes
	return e
}

// width is the bytes of a register.
func (e element) width() int { return e.lanes * e.bytes }

// rows and rowsWide emit the kernels of a Klein-Gordon field for 256 and for 512 bits.
func rows()     { kleinGordon(float64s, float32s) }
func rowsWide() { kleinGordon(float64s.wide(), float32s.wide()) }

func kleinGordon(kinds ...element) {
	for _, e := range kinds {
		e.drift()
		e.damp()
		for slower := range 3 {
			e.kick(slower, false)
			e.kick(slower, true)
			e.kickFar(slower, false)
			e.kickFar(slower, true)
		}
		if e.lanes <= chunk {
			e.chain()
		}
		for slower := 1; slower <= 2; slower++ {
			e.driftKick(slower, false)
			e.driftKick(slower, true)
		}
		e.driftKickPair(false)
		if e.width() == 64 { // 16 registers do not suffice
			e.driftKickPair(true)
		}
	}
}

// begin opens a kernel with the given pointers and then numbers as parameters.
func (e element) begin(name, doc string, pointers, numbers []string) {
	signature := fmt.Sprintf("%s *%s, n int", strings.Join(pointers, ", "), e.name)
	if len(numbers) > 0 {
		signature += fmt.Sprintf(", %s %s", strings.Join(numbers, ", "), e.name)
	}
	TEXT(name+e.suffix+e.set, NOSPLIT, "func("+signature+")")
	Doc(strings.Split(doc, "\n")...)
	Pragma("noescape")
}

// number loads a parameter into all lanes.
func (e element) number(name string) vec {
	v := e.register()
	e.broadcast(addr(name), v)
	return v
}

// addr returns where a parameter is.
func addr(name string) Mem {
	a, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return a.Addr
}

func pointer(name string) reg.Register { return Load(Param(name), GP64()) }

// at is the vector that is v vectors after element i.
func (e element) at(base, i reg.Register, v int) Mem {
	return Mem{Base: base, Index: i, Scale: uint8(e.bytes), Disp: v * e.width()}
}

func (e element) load(m Op) vec {
	v := e.register()
	e.mov(m, v)
	return v
}

// sum returns a + b, b being a register or memory.
func (e element) sum(a vec, b Op) vec { v := e.register(); e.add(b, a, v); return v }

// product returns a·b, b being a register or memory.
func (e element) product(a vec, b Op) vec { v := e.register(); e.mul(b, a, v); return v }

// zip makes pairs of an element of a and one of b.
func (e element) zip(a, b, to vec) {
	if e.bytes == 8 {
		VUNPCKLPD(b, a, to)
	} else {
		VUNPCKLPS(b, a, to)
	}
}

// straddle returns the upper half of a and the lower half of b, its successor.
func straddle(a, b vec) vec { v := YMM(); VPERM2F128(U8(0x21), b, a, v); return v }

// align returns the n last elements of a and, behind them, the first of b, its
// successor, in 512 bits.
func (e element) align(n int, a, b vec) vec {
	v := ZMM()
	if e.bytes == 8 {
		VALIGNQ(U8(e.lanes-n), a, b, v)
	} else {
		VALIGND(U8(e.lanes-n), a, b, v)
	}
	return v
}

// between returns what left and right need of the vector before another and of the
// one behind it: with 256 bits the straddle of both, with 512 bits they themselves.
func (e element) between(a, b vec) (before, behind vec) {
	if e.width() == 64 {
		return a, b
	}
	v := straddle(a, b)
	return v, v
}

// left and right return the neighbours of the elements of c; see between.
func (e element) left(before, c vec) vec {
	v := e.register()
	switch {
	case e.width() == 64:
		return e.align(1, before, c)
	case e.bytes == 8:
		VSHUFPD(U8(5), c, before, v)
	default:
		VPALIGNR(U8(12), before, c, v)
	}
	return v
}

func (e element) right(c, behind vec) vec {
	v := e.register()
	switch {
	case e.width() == 64:
		return e.align(e.lanes-1, c, behind)
	case e.bytes == 8:
		VSHUFPD(U8(5), behind, c, v)
	default:
		VPALIGNR(U8(4), c, behind, v)
	}
	return v
}

// leftOf returns the left neighbours of a vector, given the right neighbours of the
// one before and of it.
func (e element) leftOf(before, rights vec) vec {
	if e.width() == 64 {
		return e.align(2, before, rights)
	}
	v := straddle(before, rights)
	if e.bytes == 4 {
		VPALIGNR(U8(8), v, rights, v)
	}
	return v
}

// result is what is to be stored. Nothing is stored in a block before all of it
// has been loaded: the rows of a lattice may lie a multiple of 4096 bytes apart,
// and a processor takes a load behind such a store for a load of what was stored.
type result struct {
	value vec
	to    Mem
}

func (e element) store(all []result) {
	for _, r := range all {
		e.mov(r.value, r.to)
	}
}

// loop calls body(u) for as many vectors u at a time as each step says in turn,
// while more than margin others are left; i is the element it is at.
func (e element) loop(i, n reg.Register, steps []int, margin int, body func(u int)) {
	limit := GP64()
	for _, step := range steps {
		again, done := fmt.Sprint("by", step), fmt.Sprint("after", step)
		MOVQ(n, limit)
		SUBQ(I32((step+margin)*e.lanes), limit)
		Label(again)
		CMPQ(i, limit)
		JGT(LabelRef(done))
		body(step)
		ADDQ(I32(step*e.lanes), i)
		JMP(LabelRef(again))
		Label(done)
	}
}

func end() {
	VZEROUPPER()
	RET()
}

// drift emits x += c·b.
func (e element) drift() {
	e.begin("drift", "drift does x += c·b for n elements, a multiple of the lanes.", []string{"x", "b"}, []string{"c"})
	x, b, n := pointer("x"), pointer("b"), pointer("n")
	c := e.number("c")
	i := GP64()
	XORQ(i, i)
	e.loop(i, n, []int{4, 1}, 0, func(u int) {
		e.store(e.advance(x, b, i, c, 0, u))
	})
	end()
}

// damp emits b = (b·decay + force)·decay.
func (e element) damp() {
	e.begin("damp", "damp does b = (b·decay + force)·decay for n elements, a multiple of the lanes.", []string{"b", "decay", "force"}, nil)
	b, decay, force, n := pointer("b"), pointer("decay"), pointer("force"), pointer("n")
	i := GP64()
	XORQ(i, i)
	e.loop(i, n, []int{4, 1}, 0, func(u int) {
		var all []result
		for v := range u {
			all = append(all, result{e.load(e.at(b, i, v)), e.at(b, i, v)})
		}
		for v, r := range all {
			e.mul(e.at(decay, i, v), r.value, r.value)
		}
		for v, r := range all {
			e.add(e.at(force, i, v), r.value, r.value)
		}
		for v, r := range all {
			e.mul(e.at(decay, i, v), r.value, r.value)
		}
		e.store(all)
	})
	end()
}

// advance returns x + c·b for u vectors from vector v on.
func (e element) advance(x, b, i reg.Register, c vec, v, u int) (all []result) {
	for k := range u {
		all = append(all, result{e.product(c, e.at(b, i, v+k)), e.at(x, i, v+k)})
	}
	for _, r := range all {
		e.add(r.to, r.value, r.value)
	}
	return all
}

// force holds the numbers of a kick.
type force struct {
	d, k              vec
	phi4              bool
	lambda, v2, alpha vec
}

func (e element) force(phi4 bool) force {
	f := force{d: e.number("d"), k: e.number("k"), phi4: phi4}
	if phi4 {
		f.lambda, f.v2, f.alpha = e.number("lambda"), e.number("v2"), e.number("alpha")
	}
	return f
}

// learn returns the biases at b with what neurons c with the neighbour sums s do to
// them: d·(s − k·c) and α·(λc)(c² − v²).
func (e element) learn(f force, b, i reg.Register, s []vec, c []Op) (all []result) {
	for v := range s {
		e.sub(e.product(f.k, c[v]), s[v], s[v])
	}
	for v := range s {
		e.mul(f.d, s[v], s[v])
	}
	if f.phi4 {
		t := make([]vec, len(s))
		for v := range s {
			x := e.load(c[v])
			t[v] = e.product(x, x)
			e.sub(f.v2, t[v], t[v])
			e.mul(f.lambda, x, x)
			e.mul(x, t[v], t[v])
		}
		for v := range s {
			e.mul(f.alpha, t[v], t[v])
		}
		for v := range s {
			e.add(t[v], s[v], s[v])
		}
	}
	for v := range s {
		e.add(e.at(b, i, v), s[v], s[v])
		all = append(all, result{s[v], e.at(b, i, v)})
	}
	return all
}

// row walks along a row in memory. It loads the right neighbours of a vector; the
// left ones are halves of these and of those before. Before a vector, upper holds
// the element left of it and its first one in the upper half.
type row struct {
	x, i  reg.Register
	upper vec
}

// enter begins a row; the element l stands left of it.
func (e element) enter(x, i reg.Register, l vec) row {
	first := e.register()
	e.broadcast(e.at(x, i, 0), first)
	e.zip(l, first, first)
	return row{x, i, first}
}

// sums returns the sums of both neighbours of u vectors, or of the last one of a
// row, if r is what stands behind it and not nil.
func (e element) sums(w row, u int, r vec) (all []vec) {
	var rights []vec
	if r != nil {
		c := e.load(e.at(w.x, w.i, 0))
		_, behind := e.between(c, r)
		rights = append(rights, e.right(c, behind))
	} else {
		for v := range u {
			m := e.at(w.x, w.i, v)
			m.Disp += e.bytes
			rights = append(rights, e.load(m))
		}
	}
	before := w.upper
	for v := range u {
		all = append(all, e.leftOf(before, rights[v]))
		before = rights[v]
	}
	for v := range u {
		e.add(rights[v], all[v], all[v])
	}
	if r == nil {
		e.mov(before, w.upper)
	}
	return all
}

// centres returns where the u vectors are.
func (e element) centres(x, i reg.Register, u int) (all []Op) {
	for v := range u {
		all = append(all, e.at(x, i, v))
	}
	return all
}

// kick emits b += d·((l + r) + ((u + v) + (f + b)) − k·x), and the force of φ⁴.
func (e element) kick(slower int, phi4 bool) {
	pointers, numbers := []string{"b", "x"}, []string{"l", "r", "d", "k"}
	name := fmt.Sprint("kick", slower+1)
	for p := range slower {
		pointers = append(pointers, fmt.Sprint("p", p), fmt.Sprint("m", p))
	}
	if phi4 {
		name += "Phi4"
		numbers = append(numbers, "lambda", "v2", "alpha")
	}
	e.begin(name, name+" kicks a row of n elements, a positive multiple of the lanes.", pointers, numbers)
	b, x, n := pointer("b"), pointer("x"), pointer("n")
	var near [][2]reg.Register
	for p := range slower {
		near = append(near, [2]reg.Register{pointer(fmt.Sprint("p", p)), pointer(fmt.Sprint("m", p))})
	}
	f := e.force(phi4)
	i := GP64()
	XORQ(i, i)
	w := e.enter(x, i, e.number("l"))
	block := func(u int, r vec) {
		s := e.sums(w, u, r)
		e.addPairs(s, i, near, nil)
		e.store(e.learn(f, b, i, s, e.centres(x, i, u)))
	}
	u := 4
	if phi4 {
		u = 2
	}
	e.loop(i, n, []int{u, 1}, 1, func(u int) { block(u, nil) })
	block(1, e.number("r"))
	end()
}

// addPairs adds the pairs of neighbouring rows to the sums, from the slowest axis
// on, total being the pairs of axes that are slower still, or nil.
func (e element) addPairs(sums []vec, i reg.Register, near [][2]reg.Register, total []vec) {
	if total == nil {
		total = make([]vec, len(sums))
	}
	for p := len(near) - 1; p >= 0; p-- {
		for v := range sums {
			pair := e.load(e.at(near[p][0], i, v))
			e.add(e.at(near[p][1], i, v), pair, pair)
			if total[v] != nil {
				e.add(total[v], pair, pair)
			}
			total[v] = pair
		}
	}
	for v := range sums {
		if total[v] != nil {
			e.add(total[v], sums[v], sums[v])
		}
	}
}

// kickFar emits the same with neighbours two sites away, too: S + ratio·S₂ stands for
// S.
func (e element) kickFar(slower int, phi4 bool) {
	pointers, numbers := []string{"b", "x"}, []string{"ll", "l", "r", "rr", "ratio", "d", "k"}
	name := fmt.Sprint("kickFar", slower+1)
	for p := range slower {
		pointers = append(pointers, fmt.Sprint("p", p), fmt.Sprint("m", p), fmt.Sprint("pp", p), fmt.Sprint("mm", p))
	}
	if phi4 {
		name += "Phi4"
		numbers = append(numbers, "lambda", "v2", "alpha")
	}
	e.begin(name, name+" kicks a row of n elements, a positive multiple of the lanes.", pointers, numbers)
	b, x, n := pointer("b"), pointer("x"), pointer("n")
	var near, far [][2]reg.Register
	for p := range slower {
		near = append(near, [2]reg.Register{pointer(fmt.Sprint("p", p)), pointer(fmt.Sprint("m", p))})
		far = append(far, [2]reg.Register{pointer(fmt.Sprint("pp", p)), pointer(fmt.Sprint("mm", p))})
	}
	f, ratio := e.force(phi4), e.number("ratio")
	i := GP64()
	XORQ(i, i)
	l := e.number("l")
	w := e.enter(x, i, l)
	// before is what is two sites right of the vector before.
	before := e.number("ll")
	e.zip(before, l, before)
	// Its last four elements are ll, l and the first two of the row.
	switch {
	case e.bytes == 4:
		start := e.register()
		VBROADCASTSD(e.at(x, i, 0), start)
		VSHUFPS(U8(0x44), start, before, before)
	case e.lanes == 4:
		VINSERTF128(U8(1), e.at(x, i, 0), before, before)
	default:
		VINSERTF64X2(U8(3), e.at(x, i, 0), before, before)
	}
	block := func(last bool) {
		var s, behind vec
		if last {
			c, r := e.load(e.at(x, i, 0)), e.number("r")
			e.zip(r, e.number("rr"), r)
			_, after := e.between(c, r)
			s = e.right(c, after)
			switch {
			case e.width() == 64:
				behind = e.align(e.lanes-2, c, r)
			case e.bytes == 4:
				behind = YMM()
				VPALIGNR(U8(8), c, after, behind)
			default:
				behind = after
			}
			s = e.sum(s, e.leftOf(w.upper, s))
		} else {
			s = e.sums(w, 1, nil)[0]
			m := e.at(x, i, 0)
			m.Disp += 2 * e.bytes
			behind = e.load(m)
		}
		var s2 vec
		switch {
		case e.width() == 64:
			s2 = e.align(4, before, behind)
		case e.bytes == 4:
			s2 = straddle(before, behind)
		default:
			s2 = before
		}
		s2 = e.sum(behind, s2)
		e.addPairs([]vec{s}, i, near, nil)
		e.addPairs([]vec{s2}, i, far, nil)
		e.mul(ratio, s2, s2)
		e.add(s2, s, s)
		e.store(e.learn(f, b, i, []vec{s}, e.centres(x, i, 1)))
		if !last {
			e.mov(behind, before)
		}
	}
	// Two vectors behind this one are loaded, of which the last one is not all there.
	e.loop(i, n, []int{1}, 1, func(int) { block(false) })
	block(true)
	end()
}

// rowsOf emits body for consecutive rows of n elements, i being the first element
// of each and end where it ends.
func rowsOf(n reg.Register, body func(i, end reg.Register)) {
	i, start, end, left := GP64(), GP64(), GP64(), GP64()
	XORQ(start, start)
	MOVQ(n, end)
	Load(Param("rows"), left)
	Label("row")
	MOVQ(start, i)
	body(i, end)
	pitch := GP64()
	Load(Param("pitch"), pitch)
	ADDQ(pitch, start)
	ADDQ(pitch, end)
	DECQ(left)
	JNZ(LabelRef("row"))
}

// beyond returns the element of the row at x that begins where end is n elements
// on, at the index and with the mask given by parameters.
func (e element) beyond(x, n, end reg.Register, at, mask string) vec {
	j, v := GP64(), e.register()
	Load(Param(at), j)
	ADDQ(end, j)
	SUBQ(n, j)
	e.broadcast(e.at(x, j, 0), v)
	bits := e.register()
	VBROADCASTSD(addr(mask), bits)
	VANDPD(bits, v, v)
	return v
}

// driftKick emits drifts of rows y and kicks of rows x, which lie before y along
// the slowest axis and after z.
func (e element) driftKick(slower int, phi4 bool) {
	name := fmt.Sprint("driftKick", slower+1)
	pointers, numbers := []string{"b", "x", "y", "by", "z"}, []string{"c", "d", "k"}
	if slower == 2 {
		pointers = append(pointers, "p", "m")
	}
	if phi4 {
		name += "Phi4"
		numbers = append(numbers, "lambda", "v2", "alpha")
	}
	TEXT(name+e.suffix+e.set, NOSPLIT, fmt.Sprintf("func(%s *%s, n, rows, pitch, l, r int, lMask, rMask uint64, %s %s)",
		strings.Join(pointers, ", "), e.name, strings.Join(numbers, ", "), e.name))
	Doc(name+" drifts row y by c·by and kicks row x, between z and y along the slowest axis",
		"and p and m along the one before it, for n elements, a positive multiple of the",
		"lanes. It does so for a number of rows, each pitch elements behind the one before.",
		"What stands beside the ends of row x are its elements l and r, where the masks",
		"have all bits, or 0, where they have none.")
	Pragma("noescape")
	b, x, y, by, z, n := pointer("b"), pointer("x"), pointer("y"), pointer("by"), pointer("z"), pointer("n")
	var near [][2]reg.Register
	if slower == 2 {
		near = append(near, [2]reg.Register{pointer("p"), pointer("m")})
	}
	c, f := e.number("c"), e.force(phi4)
	rowsOf(n, func(i, end reg.Register) {
		w := e.enter(x, i, e.beyond(x, n, end, "l", "lMask"))
		block := func(u int, r vec) {
			s := e.sums(w, u, r)
			drifted := e.advance(y, by, i, c, 0, u)
			slowest := make([]vec, u)
			for v := range u {
				slowest[v] = e.sum(drifted[v].value, e.at(z, i, v))
			}
			e.addPairs(s, i, near, slowest)
			e.store(append(drifted, e.learn(f, b, i, s, e.centres(x, i, u))...))
		}
		u := 3
		if phi4 {
			u = 1
		}
		e.loop(i, end, slices.Compact([]int{u, 1}), 1, func(u int) { block(u, nil) })
		block(1, e.beyond(x, n, end, "r", "rMask"))
	})
	end()
}

// driftKickPair emits the same for two rows of a 2-D lattice at a time: drifts of
// y0 and y1, kicks of x and y0. So each row of both arrays passes once.
func (e element) driftKickPair(phi4 bool) {
	name, numbers := "driftKickPair", []string{"l", "r", "l0", "r0", "c", "d", "k"}
	if phi4 {
		name += "Phi4"
		numbers = append(numbers, "lambda", "v2", "alpha")
	}
	e.begin(name, name+` drifts rows y0 and y1 by c times their biases b0 and b1, and kicks
rows x and y0, for consecutive rows z, x, y0 and y1.`,
		[]string{"b", "x", "y0", "b0", "y1", "b1", "z"}, numbers)
	b, x, z, n := pointer("b"), pointer("x"), pointer("z"), pointer("n")
	y0, b0, y1, b1 := pointer("y0"), pointer("b0"), pointer("y1"), pointer("b1")
	c, f := e.number("c"), e.force(phi4)
	i := GP64()
	XORQ(i, i)
	w := e.enter(x, i, e.number("l"))
	// Row y0 is drifted one vector ahead, in registers: cur, and before it the
	// straddle of its predecessor and it.
	cur := e.advance(y0, b0, i, c, 0, 1)[0].value
	before, _ := e.between(e.number("l0"), cur)
	block := func(r, next vec) {
		s := e.sums(w, 1, r)
		if r == nil {
			next = e.advance(y0, b0, i, c, 1, 1)[0].value
		}
		last, behind := e.between(cur, next)
		s0 := e.sum(e.left(before, cur), e.right(cur, behind))
		drifted := e.advance(y1, b1, i, c, 0, 1)
		e.add(e.sum(cur, e.at(z, i, 0)), s[0], s[0])
		e.add(e.sum(drifted[0].value, e.at(x, i, 0)), s0, s0)
		kicked := e.learn(f, b, i, s, e.centres(x, i, 1))
		kicked0 := e.learn(f, b0, i, []vec{s0}, []Op{cur})
		e.store(slices.Concat(drifted, kicked, kicked0, []result{{cur, e.at(y0, i, 0)}}))
		if r == nil {
			e.mov(last, before)
			e.mov(next, cur)
		}
	}
	e.loop(i, n, []int{1}, 1, func(int) { block(nil, nil) })
	block(e.number("r"), e.number("r0"))
	end()
}

// chunk is stencil.Chunk, and how far the kicks of chain are behind its drifts.
const chunk = 8

// chain emits a drift and a kick along one row.
func (e element) chain() {
	e.begin("chain", `chain drifts the elements 8 ≤ i < n + 8 of x by c·b and kicks the elements
0 ≤ i < n of b, in one pass; n is a positive multiple of 8 and x[−1] is l.`, []string{"b", "x"}, []string{"l", "c", "d", "k"})
	b, x, n := pointer("b"), pointer("x"), pointer("n")
	c, f := e.number("c"), e.force(false)
	i := GP64()
	XORQ(i, i)
	var drifted []vec // the vectors from i on that are drifted already
	for v := range chunk / e.lanes {
		drifted = append(drifted, e.load(e.at(x, i, v)))
	}
	before, _ := e.between(e.number("l"), drifted[0])
	steps := []int{2}
	if e.lanes == chunk {
		steps = []int{2, 1}
	}
	e.loop(i, n, steps, 0, func(u int) {
		all := e.advance(x, b, i, c, len(drifted), u)
		chain := slices.Clone(drifted)
		for _, r := range all {
			chain = append(chain, r.value)
		}
		var s []vec
		var centres []Op
		last := before
		for v := range u {
			next, behind := e.between(chain[v], chain[v+1])
			s = append(s, e.sum(e.left(last, chain[v]), e.right(chain[v], behind)))
			centres = append(centres, chain[v])
			last = next
		}
		e.store(append(all, e.learn(f, b, i, s, centres)...))
		e.mov(last, before)
		for v := range drifted {
			e.mov(chain[u+v], drifted[v])
		}
	})
	end()
}
