package main

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// element is what the numbers of a kernel are.
type element struct {
	name   string // of the Go type
	suffix string // of the kernel
	bytes  int
	lanes  int // of a 256-bit register

	mov, add, sub, mul func(...Op)
	broadcast          func(...Op)
}

var float64s = element{"float64", "", 8, 4, VMOVUPD, VADDPD, VSUBPD, VMULPD, VBROADCASTSD}

// vec is a vector of elements in a register.
type vec = reg.VecVirtual

// rows emits the kernels of a Klein-Gordon field.
func rows() {
	e := float64s
	e.drift()
	for slower := range 3 {
		e.kick(slower, false)
		e.kick(slower, true)
	}
	e.chain()
	for slower := 1; slower <= 2; slower++ {
		e.driftKick(slower, false)
		e.driftKick(slower, true)
	}
	e.driftKickPair()
}

// begin opens a kernel with the given pointers and then numbers as parameters.
func (e element) begin(name, doc string, pointers, numbers []string) {
	TEXT(name+e.suffix+"AVX2", NOSPLIT, fmt.Sprintf("func(%s *%s, n int, %s %s)",
		strings.Join(pointers, ", "), e.name, strings.Join(numbers, ", "), e.name))
	Doc(strings.Split(doc, "\n")...)
	Pragma("noescape")
}

// number loads a parameter into all lanes.
func (e element) number(name string) vec {
	v := YMM()
	a, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	e.broadcast(a.Addr, v)
	return v
}

func pointer(name string) reg.Register { return Load(Param(name), GP64()) }

// at is the vector that is v vectors after element i.
func (e element) at(base, i reg.Register, v int) Mem {
	return Mem{Base: base, Index: i, Scale: uint8(e.bytes), Disp: v * 32}
}

func (e element) load(m Mem) vec {
	v := YMM()
	e.mov(m, v)
	return v
}

// sum returns a + b, b being a register or memory.
func (e element) sum(a vec, b Op) vec { v := YMM(); e.add(b, a, v); return v }

// product returns a·b, b being a register or memory.
func (e element) product(a vec, b Op) vec { v := YMM(); e.mul(b, a, v); return v }

// straddle returns the upper half of a and the lower half of b, its successor.
func straddle(a, b vec) vec { v := YMM(); VPERM2F128(U8(0x21), b, a, v); return v }

// left and right return the neighbours of the elements of c, given the straddles
// before and behind it.
func left(before, c vec) vec  { v := YMM(); VSHUFPD(U8(5), c, before, v); return v }
func right(c, behind vec) vec { v := YMM(); VSHUFPD(U8(5), behind, c, v); return v }

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
		e.advance(x, b, i, c, 0, u)
	})
	end()
}

// force holds the numbers of a kick.
type force struct {
	d, k           vec
	phi4           bool
	lambda, v2, am vec
}

func (e element) force(phi4 bool) force {
	f := force{d: e.number("d"), k: e.number("k"), phi4: phi4}
	if phi4 {
		f.lambda, f.v2, f.am = e.number("lambda"), e.number("v2"), e.number("alpha")
	}
	return f
}

// learn adds to w what the neurons c with the neighbour sums s do to their biases:
// d·(s − k·c) and α·(λc)(c² − v²).
func (e element) learn(f force, w []Mem, s, c []vec) {
	for v := range s {
		e.sub(e.product(f.k, c[v]), s[v], s[v])
	}
	for v := range s {
		e.mul(f.d, s[v], s[v])
	}
	if f.phi4 {
		t := make([]vec, len(s))
		for v := range s {
			t[v] = e.product(c[v], c[v])
		}
		for v := range s {
			e.sub(f.v2, t[v], t[v])
		}
		for v := range s {
			e.mul(e.product(f.lambda, c[v]), t[v], t[v])
		}
		for v := range s {
			e.mul(f.am, t[v], t[v])
		}
		for v := range s {
			e.add(t[v], s[v], s[v])
		}
	}
	for v := range s {
		e.add(w[v], s[v], s[v])
	}
	for v := range s {
		e.mov(s[v], w[v])
	}
}

// row walks along a row: cur is the vector it is at, before the straddle of its
// predecessor and it.
type row struct{ before, cur vec }

// enter begins a row whose first vector is first; l stands left of it.
func (e element) enter(first Op, l vec) row {
	r := row{YMM(), YMM()}
	e.mov(first, r.cur)
	VPERM2F128(U8(0x21), r.cur, l, r.before)
	return r
}

// neighbours returns the sums of both neighbours of cur and the vectors behind
// it but the last of them, which are vectors too, and walks on to the last.
func (e element) neighbours(r row, behind []vec) (sums, centres []vec) {
	cs, between := []vec{r.cur}, []vec{r.before}
	for v, next := range behind {
		cs = append(cs, next)
		between = append(between, straddle(cs[v], next))
	}
	for v := range behind {
		sums = append(sums, left(between[v], cs[v]))
		centres = append(centres, cs[v])
	}
	rights := make([]vec, len(behind))
	for v := range behind {
		rights[v] = right(cs[v], between[v+1])
	}
	for v := range behind {
		e.add(rights[v], sums[v], sums[v])
	}
	u := len(behind)
	// The caller still reads the centres: walk on in new registers.
	return sums, append(centres, cs[u], between[u])
}

// walk goes on to where neighbours has ended.
func (e element) walk(r row, centres []vec) {
	u := len(centres) - 2
	e.mov(centres[u], r.cur)
	e.mov(centres[u+1], r.before)
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
	r := e.enter(e.at(x, i, 0), e.number("l"))
	block := func(u int, last bool) {
		sums, centres := e.neighbours(r, e.behind(x, i, u, last))
		e.addNear(sums, i, near, nil)
		e.learn(f, e.places(b, i, u), sums, centres[:u])
		if !last {
			e.walk(r, centres)
		}
	}
	u := 3
	if phi4 {
		u = 2
	}
	e.loop(i, n, []int{u, 1}, 1, func(u int) { block(u, false) })
	block(1, true)
	end()
}

func (e element) places(w, i reg.Register, u int) (all []Mem) {
	for v := range u {
		all = append(all, e.at(w, i, v))
	}
	return all
}

// behind returns the u vectors after the one at i, or the right end of the row.
func (e element) behind(x, i reg.Register, u int, last bool) (all []vec) {
	if last {
		return []vec{e.number("r")}
	}
	for v := range u {
		all = append(all, e.load(e.at(x, i, v+1)))
	}
	return all
}

// addNear adds the pairs of neighbouring rows to the sums, from the slowest axis
// on, total being the pairs of axes that are slower still, or nil.
func (e element) addNear(sums []vec, i reg.Register, near [][2]reg.Register, total []vec) {
	if total == nil {
		total = make([]vec, len(sums))
	}
	for p := len(near) - 1; p >= 0; p-- {
		pair := make([]vec, len(sums))
		for v := range sums {
			pair[v] = e.load(e.at(near[p][0], i, v))
		}
		for v := range sums {
			e.add(e.at(near[p][1], i, v), pair[v], pair[v])
		}
		for v := range sums {
			if total[v] == nil {
				total[v] = pair[v]
			} else {
				e.add(total[v], pair[v], pair[v])
				total[v] = pair[v]
			}
		}
	}
	for v := range sums {
		if total[v] != nil {
			e.add(total[v], sums[v], sums[v])
		}
	}
}

// advance does x += c·b for u vectors from vector v on and returns the new x.
func (e element) advance(x, b, i reg.Register, c vec, v, u int) (all []vec) {
	for k := range u {
		all = append(all, e.product(c, e.at(b, i, v+k)))
	}
	for k := range u {
		e.add(e.at(x, i, v+k), all[k], all[k])
	}
	for k := range u {
		e.mov(all[k], e.at(x, i, v+k))
	}
	return all
}

// driftKick emits a drift of row y and a kick of row x, which lies before y along
// the slowest axis and after z.
func (e element) driftKick(slower int, phi4 bool) {
	name := fmt.Sprint("driftKick", slower+1)
	pointers, numbers := []string{"b", "x", "y", "by", "z"}, []string{"l", "r", "c", "d", "k"}
	if slower == 2 {
		pointers = append(pointers, "p", "m")
	}
	if phi4 {
		name += "Phi4"
		numbers = append(numbers, "lambda", "v2", "alpha")
	}
	e.begin(name, name+" drifts row y by c·by and kicks row x, between z and y along the slowest axis.", pointers, numbers)
	b, x, y, by, z, n := pointer("b"), pointer("x"), pointer("y"), pointer("by"), pointer("z"), pointer("n")
	var near [][2]reg.Register
	if slower == 2 {
		near = append(near, [2]reg.Register{pointer("p"), pointer("m")})
	}
	c, f := e.number("c"), e.force(phi4)
	i := GP64()
	XORQ(i, i)
	r := e.enter(e.at(x, i, 0), e.number("l"))
	block := func(u int, last bool) {
		sums, centres := e.neighbours(r, e.behind(x, i, u, last))
		slowest := e.advance(y, by, i, c, 0, u)
		for v := range u {
			e.add(e.at(z, i, v), slowest[v], slowest[v])
		}
		e.addNear(sums, i, near, slowest)
		e.learn(f, e.places(b, i, u), sums, centres[:u])
		if !last {
			e.walk(r, centres)
		}
	}
	u := 4 - slower
	if phi4 {
		u = 1
	}
	e.loop(i, n, slices.Compact([]int{u, 1}), 1, func(u int) { block(u, false) })
	block(1, true)
	end()
}

// driftKickPair emits the same for two rows of a 2-D lattice at a time: drifts of
// y0 and y1, kicks of x and y0. So each row of both arrays passes once.
func (e element) driftKickPair() {
	e.begin("driftKickPair", `driftKickPair drifts rows y0 and y1 by c times their biases b0 and b1, and kicks
rows x and y0, for consecutive rows z, x, y0 and y1.`,
		[]string{"b", "x", "y0", "b0", "y1", "b1", "z"}, []string{"l", "r", "l0", "r0", "c", "d", "k"})
	b, x, z, n := pointer("b"), pointer("x"), pointer("z"), pointer("n")
	y0, b0, y1, b1 := pointer("y0"), pointer("b0"), pointer("y1"), pointer("b1")
	c, f := e.number("c"), e.force(false)
	i := GP64()
	XORQ(i, i)
	r := e.enter(e.at(x, i, 0), e.number("l"))
	r0 := e.enter(e.advance(y0, b0, i, c, 0, 1)[0], e.number("l0"))
	block := func(u int, last bool) {
		sums, centres := e.neighbours(r, e.behind(x, i, u, last))
		behind0 := []vec{}
		if last {
			behind0 = append(behind0, e.number("r0"))
		} else {
			behind0 = e.advance(y0, b0, i, c, 1, u)
		}
		sums0, centres0 := e.neighbours(r0, behind0)
		slowest0 := e.advance(y1, b1, i, c, 0, u)
		for v := range u {
			e.add(centres[v], slowest0[v], slowest0[v])
		}
		slowest := make([]vec, u)
		for v := range u {
			slowest[v] = e.sum(centres0[v], e.at(z, i, v))
		}
		e.addNear(sums, i, nil, slowest)
		e.learn(f, e.places(b, i, u), sums, centres[:u])
		e.addNear(sums0, i, nil, slowest0)
		e.learn(f, e.places(b0, i, u), sums0, centres0[:u])
		if !last {
			e.walk(r, centres)
			e.walk(r0, centres0)
		}
	}
	e.loop(i, n, []int{1}, 1, func(u int) { block(u, false) })
	block(1, true)
	end()
}

// chain emits a drift and a kick along one row, the kick two vectors behind.
func (e element) chain() {
	e.begin("chain", `chain drifts the elements 8 ≤ i < n + 8 of x by c·b and kicks the elements
0 ≤ i < n of b, in one pass; n is a positive multiple of 8 and x[−1] is l.`, []string{"b", "x"}, []string{"l", "c", "d", "k"})
	b, x, n := pointer("b"), pointer("x"), pointer("n")
	c, f := e.number("c"), e.force(false)
	i := GP64()
	XORQ(i, i)
	r := e.enter(e.at(x, i, 0), e.number("l"))
	ahead := e.load(e.at(x, i, 1))
	e.loop(i, n, []int{2}, 0, func(u int) {
		behind := append([]vec{ahead}, e.advance(x, b, i, c, 2, u)...)
		sums, centres := e.neighbours(r, behind[:u])
		e.learn(f, e.places(b, i, u), sums, centres[:u])
		e.walk(r, centres)
		e.mov(behind[u], ahead)
	})
	end()
}
