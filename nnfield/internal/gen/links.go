package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() {
	sets["links"] = links
	sets["links512"] = func() { chargedScalar(float64s.wide()) }
}

// links emits the kernels of fields with U(1) links.
func links() {
	float64s.hop()
	float64s.site()
	chargedScalar(float64s)
}

// hop emits re += (m·g)p − (w·h)q and im += (m·g)q + (w·h)p.
func (e element) hop() {
	e.begin("hop", "hopAVX2 does n elements, a multiple of the lanes, of the terms of a bond.", []string{"re", "im", "gs", "hs", "ps", "qs"}, []string{"m", "w"})
	re, im, g, h, p, q, n := pointer("re"), pointer("im"), pointer("gs"), pointer("hs"), pointer("ps"), pointer("qs"), pointer("n")
	m, w := e.number("m"), e.number("w")
	i := GP64()
	XORQ(i, i)
	e.loop(i, n, []int{2, 1}, 0, func(u int) {
		type parts struct{ g, h, p, q, real, imaginary vec }
		all := make([]parts, u)
		for v := range all {
			a := &all[v]
			a.g, a.h = e.product(m, e.at(g, i, v)), e.product(w, e.at(h, i, v))
			a.p, a.q = e.load(e.at(p, i, v)), e.load(e.at(q, i, v))
		}
		for v := range all {
			a := &all[v]
			a.real = e.product(a.g, a.p)
			a.imaginary = e.product(a.g, a.q)
			e.mul(a.h, a.q, a.q)
			e.mul(a.h, a.p, a.p)
		}
		for v := range all {
			a := &all[v]
			e.sub(a.q, a.real, a.real)
			e.add(a.p, a.imaginary, a.imaginary)
		}
		for v := range all {
			e.add(e.at(re, i, v), all[v].real, all[v].real)
			e.add(e.at(im, i, v), all[v].imaginary, all[v].imaginary)
		}
		for v := range all {
			e.mov(all[v].real, e.at(re, i, v))
			e.mov(all[v].imaginary, e.at(im, i, v))
		}
	})
	end()
}

// site emits (re, im) += (m·d)(p, q).
func (e element) site() {
	e.begin("site", "siteAVX2 does n elements, a multiple of the lanes, of a term of the sites.", []string{"re", "im", "ds", "ps", "qs"}, []string{"m"})
	re, im, d, p, q, n := pointer("re"), pointer("im"), pointer("ds"), pointer("ps"), pointer("qs"), pointer("n")
	m := e.number("m")
	i := GP64()
	XORQ(i, i)
	e.loop(i, n, []int{2, 1}, 0, func(u int) {
		for v := range u {
			t := e.product(m, e.at(d, i, v))
			a, b := e.product(t, e.at(p, i, v)), e.product(t, e.at(q, i, v))
			e.add(e.at(re, i, v), a, a)
			e.add(e.at(im, i, v), b, b)
			e.mov(a, e.at(re, i, v))
			e.mov(b, e.at(im, i, v))
		}
	})
	end()
}

// Rows of a kernel of a charged scalar, its streams, numbers and blocks, as in
// stencil.linkKernel.
const (
	linkHere   = 0
	linkBehind = 1 // along the slowest axis
	linkAhead  = 2
	linkBeyond = 3 // ahead of the one ahead
	linkBeside = 3 // the two along the other slow axis

	linkX, linkB, linkLinks, linkSite, linkStreams = 0, 2, 4, 5, 6

	linkFactor, linkDrift, linkEnds = 0, 1, 2

	linkBlock = 8
)

// chargedScalar emits the kernels of a charged scalar.
func chargedScalar(e element) {
	for dim := 1; dim <= 3; dim++ {
		e.linkKernel("Kick", dim, 0)
		if dim > 1 {
			e.linkKernel("DriftKick", dim, 1)
		}
	}
	if e.width() == 64 { // it takes more than 16 registers
		e.linkKernel("DriftKickPair", 2, 2)
	}
}

// linkWalk is a kernel of a charged scalar at a block of columns.
type linkWalk struct {
	element
	dim      int
	streams  reg.Register
	held     map[int]reg.Register // what fits into registers
	i        reg.Register         // the column
	j, d     reg.Register         // its places among the links and among the d, in bytes
	f, drift vec
}

// complex is the real and the imaginary part.
type complex = [2]vec

// stream returns where a stream of a row begins.
func (k *linkWalk) stream(row, kind int) reg.Register {
	n := linkStreams*row + kind
	if r, ok := k.held[n]; ok {
		return r
	}
	r := GP64()
	MOVQ(Mem{Base: k.streams, Disp: 8 * n}, r)
	return r
}

// hold keeps streams of a row in registers; eight fit.
func (k *linkWalk) hold(row int, kinds ...int) {
	for _, kind := range kinds {
		k.held[linkStreams*row+kind] = k.stream(row, kind)
	}
}

// at is vector v of a block of x or b of a row, off elements aside.
func (k *linkWalk) at(row, kind, part, v, off int) Mem {
	m := k.element.at(k.stream(row, kind+part), k.i, v)
	m.Disp += off * k.bytes
	return m
}

// x loads vector v of the field of a row, off elements aside.
func (k *linkWalk) x(row, v, off int) complex {
	return complex{k.load(k.at(row, linkX, 0, v, off)), k.load(k.at(row, linkX, 1, v, off))}
}

// site loads d of a row.
func (k *linkWalk) site(row, v int) vec {
	return k.load(Mem{Base: k.stream(row, linkSite), Index: k.d, Scale: 1, Disp: v * k.width()})
}

// link loads the link of a row along an axis, 0 being the slowest.
func (k *linkWalk) link(row, axis, v int) (u complex) {
	for part := range u {
		u[part] = k.load(Mem{Base: k.stream(row, linkLinks), Index: k.j, Scale: 1, Disp: linkBlock*k.bytes*(2*axis+part) + v*k.width()})
	}
	return u
}

// drifted returns vector v of the field of a row after its drift.
func (k *linkWalk) drifted(row, v int) (c complex) {
	for part := range c {
		c[part] = k.product(k.drift, k.at(row, linkB, part, v, 0))
		k.add(k.at(row, linkX, part, v, 0), c[part], c[part])
	}
	return c
}

// number loads a number of the kernel into all lanes.
func (k *linkWalk) number(n int) vec {
	v, numbers := k.register(), pointer("numbers")
	k.broadcast(Mem{Base: numbers, Disp: 8 * n}, v)
	return v
}

// end loads what is beside the columns of kicked row number r: what comes from before
// them, or the field behind them.
func (k *linkWalk) end(r, side int) complex {
	n := linkEnds + 4*r + 2*side
	return complex{k.number(n), k.number(n + 1)}
}

// forth returns what the field c sends ahead over a link, u*c, and back what it sends
// the other way, uc.
func (k *linkWalk) forth(u, c complex) complex { return k.over(u, c, k.add, k.sub) }
func (k *linkWalk) back(u, c complex) complex  { return k.over(u, c, k.sub, k.add) }

func (k *linkWalk) over(u, c complex, re, im func(...Op)) complex {
	s := complex{k.product(u[0], c[0]), k.product(u[0], c[1])}
	t := complex{k.product(u[1], c[1]), k.product(u[1], c[0])}
	re(t[0], s[0], s[0])
	im(t[1], s[1], s[1])
	return s
}

func (k *linkWalk) addTo(sum, c complex) {
	for part := range sum {
		k.add(c[part], sum[part], sum[part])
	}
}

// kick returns the biases of vector v of a row with the field c. around are the fields
// behind and ahead along the slow axes, and behind which rows; next is that right of
// c, and sent what the vector before sent ahead along the row, which is replaced.
func (k *linkWalk) kick(row, v int, c complex, around []linkSides, next func() complex, sent complex) (all []result) {
	d := k.site(row, v)
	sum := complex{k.product(d, c[0]), k.product(d, c[1])}
	for axis, a := range around {
		k.addTo(sum, k.forth(k.link(a.row, axis, v), a.behind()))
		k.addTo(sum, k.back(k.link(row, axis, v), a.ahead()))
	}
	u := k.link(row, k.dim-1, v)
	sends := k.forth(u, c)
	for part := range sum {
		before, _ := k.between(sent[part], sends[part])
		k.add(k.left(before, sends[part]), sum[part], sum[part])
		k.mov(sends[part], sent[part])
	}
	k.addTo(sum, k.back(u, next()))
	for part, s := range sum {
		k.mul(k.f, s, s)
		m := k.at(row, linkB, part, v, 0)
		k.add(m, s, s)
		all = append(all, result{s, m})
	}
	return all
}

// linkSides is what is on both sides of a row along a slow axis, row being the one
// behind.
type linkSides struct {
	row           int
	behind, ahead func() complex
}

// linkKernel emits the kick of a row of a charged scalar, and before it drifts of the
// row ahead along the slowest axis, or of two rows ahead and then the kick of both
// rows that have been drifted so far.
func (e element) linkKernel(kind string, dim, drifts int) {
	name := fmt.Sprint("scalar", dim, kind, e.set)
	TEXT(name, NOSPLIT, "func(streams **float64, numbers *float64, n, site int)")
	Doc(name + " is a linkKernel.")
	Pragma("noescape")
	k := &linkWalk{element: e, dim: dim, streams: pointer("streams"), i: GP64(), j: GP64(), d: GP64(), held: map[int]reg.Register{}}
	XORQ(k.i, k.i)
	XORQ(k.j, k.j)
	XORQ(k.d, k.d)
	k.hold(linkHere, linkB, linkB+1)
	if drifts < 2 {
		k.hold(linkHere, linkX, linkX+1)
	}
	if dim > 1 {
		k.hold(linkAhead, linkX, linkX+1)
	}
	if drifts > 0 {
		k.hold(linkAhead, linkB, linkB+1)
	}
	if drifts == 2 {
		k.hold(linkBeyond, linkX, linkX+1)
	}
	k.f = k.number(linkFactor)
	sent := []complex{k.end(0, 0)}
	var second complex // of the row ahead of a pair, drifted one vector ahead of its kick
	if drifts > 0 {
		k.drift = k.number(linkDrift)
	}
	if drifts == 2 {
		sent = append(sent, k.end(1, 0))
		second = k.drifted(linkAhead, 0)
	}
	vector := func(v int, last bool) {
		var moved []result
		keep := func(row int, c complex) complex {
			for part := range c {
				moved = append(moved, result{c[part], k.at(row, linkX, part, v, 0)})
			}
			return c
		}
		c := k.x(linkHere, v, 0)
		next := func() complex {
			if last {
				return k.after(c, k.end(0, 1))
			}
			return k.x(linkHere, v, 1)
		}
		slowest := linkSides{linkBehind, func() complex { return k.x(linkBehind, v, 0) }, nil}
		switch drifts {
		case 0:
			slowest.ahead = func() complex { return k.x(linkAhead, v, 0) }
		case 1:
			slowest.ahead = func() complex { return keep(linkAhead, k.drifted(linkAhead, v)) }
		case 2:
			slowest.ahead = func() complex { return keep(linkAhead, second) }
		}
		beside := linkSides{linkBeside, func() complex { return k.x(linkBeside, v, 0) }, func() complex { return k.x(linkBeside+1, v, 0) }}
		kicked := k.kick(linkHere, v, c, []linkSides{slowest, beside}[:dim-1], next, sent[0])
		if drifts < 2 {
			e.store(append(moved, kicked...))
			return
		}
		var right complex
		slowest = linkSides{linkHere, func() complex { return c }, func() complex { return keep(linkBeyond, k.drifted(linkBeyond, v)) }}
		next = func() complex {
			if last {
				right = k.end(1, 1)
			} else {
				right = k.drifted(linkAhead, v+1)
			}
			return k.after(second, right)
		}
		kicked = append(kicked, k.kick(linkAhead, v, second, []linkSides{slowest}, next, sent[1])...)
		e.store(append(moved, kicked...))
		for part := range second {
			e.mov(right[part], second[part])
		}
	}
	block := func(last bool) {
		vectors := linkBlock / e.lanes
		for v := range vectors {
			vector(v, last && v == vectors-1)
		}
	}
	limit := pointer("n")
	SUBQ(I32(linkBlock), limit)
	Label("again")
	CMPQ(k.i, limit)
	JGE(LabelRef("last"))
	block(false)
	ADDQ(I32(linkBlock), k.i)
	ADDQ(I32(linkBlock*e.bytes*2*dim), k.j)
	ADDQ(addr("site"), k.d)
	JMP(LabelRef("again"))
	Label("last")
	block(true)
	end()
}

// after returns the right neighbours of c, given the vector behind it.
func (k *linkWalk) after(c, behind complex) (next complex) {
	for part := range c {
		_, b := k.between(c[part], behind[part])
		next[part] = k.right(c[part], b)
	}
	return next
}
