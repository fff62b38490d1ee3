package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() { sets["curved"] = curved }

// curved emits the kernels of a field in curved space.
func curved() {
	float64s.gain()
	float64s.curvedKick()
}

// gain emits x += (c·e)·b.
func (e element) gain() {
	e.begin("gain", "gainAVX2 does x += (c·e)·b for n elements, a multiple of the lanes.", []string{"x", "e", "b"}, []string{"c"})
	x, gain, b, n := pointer("x"), pointer("e"), pointer("b"), pointer("n")
	c := e.number("c")
	i := GP64()
	XORQ(i, i)
	e.loop(i, n, []int{4, 1}, 0, func(u int) {
		all := make([]vec, u)
		for v := range u {
			all[v] = e.product(c, e.at(gain, i, v))
		}
		for v := range u {
			e.mul(e.at(b, i, v), all[v], all[v])
		}
		for v := range u {
			e.add(e.at(x, i, v), all[v], all[v])
		}
		for v := range u {
			e.mov(all[v], e.at(x, i, v))
		}
	})
	end()
}

// curvedKick emits b += (alpha·e)·Σ s·x, Σ over pairs of streams.
func (e element) curvedKick() {
	TEXT("curvedKickAVX2", NOSPLIT, "func(streams **float64, pairs, n int, alpha float64)")
	Doc("curvedKickAVX2 kicks n elements, a multiple of the lanes: the first streams are biases",
		"and gains, the others pairs of weights and neurons.")
	Pragma("noescape")
	streams, n, alpha := pointer("streams"), pointer("n"), e.number("alpha")
	zero := YMM()
	VXORPD(zero, zero, zero)
	i := GP64()
	XORQ(i, i)
	stream := func(base reg.Register, k int) reg.Register {
		r := GP64()
		MOVQ(Mem{Base: base, Disp: 8 * k}, r)
		return r
	}
	e.loop(i, n, []int{4, 1}, 0, func(u int) {
		sums := make([]vec, u)
		s, x := stream(streams, 2), stream(streams, 3)
		for v := range u {
			sums[v] = e.load(e.at(s, i, v))
		}
		for v := range u {
			e.mul(e.at(x, i, v), sums[v], sums[v])
		}
		at, left := GP64(), Load(Param("pairs"), GP64())
		LEAQ(Mem{Base: streams, Disp: 32}, at)
		next, done := fmt.Sprint("pair", u), fmt.Sprint("sum", u)
		Label(next)
		DECQ(left)
		JZ(LabelRef(done))
		s, x = stream(at, 0), stream(at, 1)
		terms := make([]vec, u)
		for v := range u {
			terms[v] = e.load(e.at(s, i, v))
		}
		for v := range u {
			e.mul(e.at(x, i, v), terms[v], terms[v])
		}
		for v := range u {
			e.add(terms[v], sums[v], sums[v])
		}
		ADDQ(I32(16), at)
		JMP(LabelRef(next))
		Label(done)
		b, gain := stream(streams, 0), stream(streams, 1)
		for v := range u {
			e.mul(e.product(alpha, e.at(gain, i, v)), sums[v], sums[v])
		}
		for v := range u {
			e.add(zero, sums[v], sums[v])
		}
		for v := range u {
			e.add(e.at(b, i, v), sums[v], sums[v])
		}
		for v := range u {
			e.mov(sums[v], e.at(b, i, v))
		}
	})
	end()
}
