package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() { sets["links"] = links }

// links emits the kernels of fields with U(1) links.
func links() {
	float64s.hop()
	float64s.site()
	for dim := 1; dim <= 3; dim++ {
		float64s.scalarKick(dim)
	}
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

// Streams of a kernel of a charged scalar, as in stencil.scalarAssembly.
const (
	linkTo    = 0
	linkFrom  = 2
	linkSite  = 4
	linkAlong = 5
	linkSlow  = 7
)

// scalarKick emits the kick of a charged scalar.
func (e element) scalarKick(dim int) {
	name := fmt.Sprint("scalar", dim, "KickAVX2")
	TEXT(name, NOSPLIT, "func(streams **float64, n int, f float64)")
	Doc(name + " kicks n elements, a multiple of the lanes, of a row of a charged scalar.")
	Pragma("noescape")
	streams, n, f := pointer("streams"), pointer("n"), e.number("f")
	held := make([]reg.Register, linkSlow)
	for k := range held {
		held[k] = GP64()
		MOVQ(Mem{Base: streams, Disp: 8 * k}, held[k])
	}
	i := GP64()
	XORQ(i, i)
	// place is a vector of a stream, off elements aside.
	place := func(stream, off int) Mem {
		var base reg.Register
		if stream < len(held) {
			base = held[stream]
		} else {
			base = GP64()
			MOVQ(Mem{Base: streams, Disp: 8 * stream}, base)
		}
		return Mem{Base: base, Index: i, Scale: 8, Disp: 8 * off}
	}
	e.loop(i, n, []int{1}, 0, func(int) {
		d := e.load(place(linkSite, 0))
		re, im := e.product(d, place(linkFrom, 0)), e.product(d, place(linkFrom+1, 0))
		bond := func(field, link, fieldOff, linkOff int, ahead bool) {
			g, h := e.load(place(link, linkOff)), e.load(place(link+1, linkOff))
			p, q := e.load(place(field, fieldOff)), e.load(place(field+1, fieldOff))
			real, imaginary := e.product(g, p), e.product(g, q)
			e.mul(h, q, q)
			e.mul(h, p, p)
			if ahead {
				e.sub(q, real, real)
				e.add(p, imaginary, imaginary)
			} else {
				e.add(q, real, real)
				e.sub(p, imaginary, imaginary)
			}
			e.add(real, re, re)
			e.add(imaginary, im, im)
		}
		for axis := 3 - dim; axis < 2; axis++ {
			slot := linkSlow + 8*(1-axis)
			bond(slot, slot+2, 0, 0, false)
			bond(slot+4, slot+6, 0, 0, true)
		}
		bond(linkFrom, linkAlong, -1, -1, false)
		bond(linkFrom, linkAlong, 1, 0, true)
		e.mul(f, re, re)
		e.mul(f, im, im)
		e.add(place(linkTo, 0), re, re)
		e.add(place(linkTo+1, 0), im, im)
		e.mov(re, place(linkTo, 0))
		e.mov(im, place(linkTo+1, 0))
	})
	end()
}
