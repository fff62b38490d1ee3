package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() { sets["vector"] = loops }

// loops emits the kernels of package vector.
func loops() {
	quotients()
	differences()
	bounded()
	blocks()
}

// turns emits a loop over n elements, a positive multiple of 4.
func turns(body func(at func(base reg.Register) Mem)) {
	n, i := Load(Param("n"), GP64()), GP64()
	XORQ(i, i)
	Label("turn")
	body(func(base reg.Register) Mem { return Mem{Base: base, Index: i, Scale: 8} })
	ADDQ(Imm(4), i)
	CMPQ(i, n)
	JLT(LabelRef("turn"))
}

func quotients() {
	TEXT("quotientsAVX2", NOSPLIT, "func(dst, src *float64, n int, d float64)")
	Doc("quotientsAVX2 does dst = src/d for n elements, a positive multiple of 4.")
	Pragma("noescape")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	d := float64s.number("d")
	turns(func(at func(reg.Register) Mem) {
		q := YMM()
		VMOVUPD(at(src), q)
		VDIVPD(d, q, q)
		VMOVUPD(q, at(dst))
	})
	VZEROUPPER()
	RET()
}

func differences() {
	TEXT("differencesAVX2", NOSPLIT, "func(dst, a, b *float64, n int, c float64)")
	Doc("differencesAVX2 does dst = c·(a − b) for n elements, a positive multiple of 4.")
	Pragma("noescape")
	dst, a, b := Load(Param("dst"), GP64()), Load(Param("a"), GP64()), Load(Param("b"), GP64())
	c := float64s.number("c")
	turns(func(at func(reg.Register) Mem) {
		x := YMM()
		VMOVUPD(at(a), x)
		VSUBPD(at(b), x, x)
		VMULPD(x, c, x)
		VMOVUPD(x, at(dst))
	})
	VZEROUPPER()
	RET()
}

func bounded() {
	TEXT("boundedAVX2", NOSPLIT, "func(x *float64, n int, limit float64) bool")
	Doc("boundedAVX2 tells whether |x| ≤ limit for n elements, a positive multiple of 4.")
	Pragma("noescape")
	x := Load(Param("x"), GP64())
	limit := float64s.number("limit")
	size, beyond := YMM(), YMM()
	VBROADCASTSD(ConstData("size", U64(math.MaxUint64>>1)), size)
	VXORPD(beyond, beyond, beyond)
	turns(func(at func(reg.Register) Mem) {
		v := YMM()
		VANDPD(at(x), size, v)
		VCMPPD(U8(0x16), limit, v, v) // not v ≤ limit, quietly
		VORPD(v, beyond, beyond)
	})
	found := GP32()
	VMOVMSKPD(beyond, found)
	VZEROUPPER()
	TESTL(found, found)
	SETEQ(found.As8())
	Store(found.As8(), ReturnIndex(0))
	RET()
}

// blocks emits eight sums of 128 products, four of them in the lanes of a register:
// the products of four neighbours in four blocks are turned like a matrix, in part by
// instructions for integers, which more units take. Two such registers at a time do not
// wait for each other's additions.
func blocks() {
	const size, lanes, groups = 128 * 8, 4, 2
	TEXT("blocksAVX2", NOSPLIT, "func(sums, a, b *float64)")
	Doc("blocksAVX2 sets eight sums to those of the products of eight blocks of 128 elements.")
	Pragma("noescape")
	sums, a, b := Load(Param("sums"), GP64()), Load(Param("a"), GP64()), Load(Param("b"), GP64())
	var sum [groups]reg.VecVirtual
	for g := range sum {
		sum[g] = YMM()
		VXORPD(sum[g], sum[g], sum[g])
	}
	i := GP64()
	XORQ(i, i)
	Label("turn")
	for g := range sum {
		var p, t [lanes]reg.VecVirtual
		for k := range p {
			at := func(base reg.Register) Mem {
				return Mem{Base: base, Index: i, Scale: 1, Disp: size * (lanes*g + k)}
			}
			p[k], t[k] = YMM(), YMM()
			VMOVUPD(at(a), p[k])
			VMULPD(at(b), p[k], p[k])
		}
		VPUNPCKLQDQ(p[1], p[0], t[0]) // the neighbours 0 and 2 of two blocks
		VPUNPCKHQDQ(p[1], p[0], t[1]) // 1 and 3
		VPUNPCKLQDQ(p[3], p[2], t[2])
		VPUNPCKHQDQ(p[3], p[2], t[3])
		for neighbour, half := range []uint8{0x20, 0x20, 0x31, 0x31} {
			v := YMM()
			VPERM2F128(U8(half), t[neighbour%2+2], t[neighbour%2], v)
			VADDPD(v, sum[g], sum[g])
		}
	}
	ADDQ(Imm(lanes*8), i)
	CMPQ(i, U32(size))
	JLT(LabelRef("turn"))
	for g := range sum {
		VMOVUPD(sum[g], Mem{Base: sums, Disp: 32 * g})
	}
	VZEROUPPER()
	RET()
}
