package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() { sets["random"] = eulerMaruyama }

// vectors is how many vectors of four numbers a turn of the loop advances
// together: one is a long chain of dependent instructions, two hide each other's
// latency.
const vectors = 2

// four is a constant in all four lanes.
func four(name string, x uint64) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(8*i, U64(x))
	}
	return m
}

// each emits one phase of the computation for every vector. In phases, not one
// vector after the other, the few entries of the scheduler hold independent
// instructions.
func each(f func(i int)) {
	for i := range vectors {
		f(i)
	}
}

// eulerMaruyama emits the kernel of package random; see EulerMaruyama in normal.go for what it computes. A
// turn of its loop is, for each vector of four learners,
//
//	u = s₀ + s₃, s ← next(s)              four generators
//	scale, inside = layers[u >> 54]
//	y = 1.(lower 52 bits of u) − 1.5
//	q += h·v;  q += amplitude·(y·scale)   where |y| < inside, else + 0 and a bit in rejects
func eulerMaruyama() {
	const lanes = 4
	TEXT("kernel", NOSPLIT, "func(state *uint64, q, v *float64, u *uint64, rejects *uint8, n int, h, amplitude float64, layers *float64)")
	Pragma("noescape")
	Doc("kernel is the loop of EulerMaruyama for n > 0 learners, a multiple of 8. It leaves out the noise of a learner whose",
		"number lies outside the inner part of its layer, and sets bit i%8 of rejects[i/8] instead; all other bits are cleared.",
		"The bits of all numbers go to u.")

	entry := four("entry", 1023*16)         // of a layer, 16 bytes each
	fraction := four("fraction", 1<<52-1)   // of a float64
	one := four("one", math.Float64bits(1)) // its exponent
	middle := four("middle", math.Float64bits(1.5))
	magnitude := four("magnitude", 1<<63-1) // all but the sign

	state := Load(Param("state"), GP64())
	q, v := Load(Param("q"), GP64()), Load(Param("v"), GP64())
	numbers, rejects := Load(Param("u"), GP64()), Load(Param("rejects"), GP64())
	n, layers := Load(Param("n"), GP64()), Load(Param("layers"), GP64())
	h, amplitude := float64s.number("h"), float64s.number("amplitude")
	at := func(base reg.Register, i int) Mem { return Mem{Base: base, Disp: 32 * i} }
	var g [4]reg.VecVirtual
	for k := range g {
		g[k] = YMM()
		VMOVDQU(at(state, k), g[k])
	}
	entries := AllocLocal(32 * vectors)

	var u, t, s, w [vectors]reg.VecVirtual
	each(func(i int) { u[i], t[i], s[i], w[i] = YMM(), YMM(), YMM(), YMM() })

	Label("turn")
	each(func(i int) {
		VPADDQ(g[3], g[0], u[i])
		VPSLLQ(Imm(17), g[1], t[i])
		VPXOR(g[0], g[2], g[2])
		VPXOR(g[1], g[3], g[3])
		VPXOR(g[2], g[1], g[1])
		VPXOR(g[3], g[0], g[0])
		VPXOR(t[i], g[2], g[2])
		VPSLLQ(Imm(45), g[3], t[i])
		VPSRLQ(Imm(19), g[3], g[3])
		VPOR(t[i], g[3], g[3])
	})

	// The layers of the four lanes, one 16-byte load each, transposed.
	each(func(i int) { VPSRLQ(Imm(50), u[i], t[i]) })
	each(func(i int) { VMOVDQU(u[i], at(numbers, i)) })
	each(func(i int) { VPAND(entry, t[i], t[i]) })
	each(func(i int) { VMOVDQU(t[i], entries.Offset(32*i)) })
	each(func(i int) {
		var of [lanes]Mem
		for k := range lanes {
			index := GP64()
			MOVQ(entries.Offset(32*i+8*k), index)
			of[k] = Mem{Base: layers, Index: index, Scale: 1}
		}
		VMOVUPD(of[0], t[i].AsX())
		VMOVUPD(of[1], s[i].AsX())
		VINSERTF128(Imm(1), of[2], t[i], t[i])
		VINSERTF128(Imm(1), of[3], s[i], s[i])
	})
	each(func(i int) { VUNPCKLPD(s[i], t[i], w[i]) }) // scale
	each(func(i int) { VUNPCKHPD(s[i], t[i], s[i]) }) // inside

	each(func(i int) { VPAND(fraction, u[i], u[i]) })
	each(func(i int) { VPOR(one, u[i], u[i]) })
	each(func(i int) { VSUBPD(middle, u[i], u[i]) }) // y
	each(func(i int) { VMULPD(w[i], u[i], w[i]) })   // x
	each(func(i int) { VANDPD(magnitude, u[i], u[i]) })
	each(func(i int) { VCMPPD(Imm(0x1d), s[i], u[i], s[i]) }) // |y| ≥ inside

	each(func(i int) { VMULPD(at(v, i), h, t[i]) })
	each(func(i int) { VANDNPD(w[i], s[i], w[i]) })
	each(func(i int) { VADDPD(at(q, i), t[i], t[i]) })
	each(func(i int) { VMULPD(w[i], amplitude, w[i]) })
	each(func(i int) { VADDPD(w[i], t[i], w[i]) })
	each(func(i int) { VMOVUPD(w[i], at(q, i)) })
	mask, high := GP32(), GP32()
	VMOVMSKPD(s[0], mask)
	VMOVMSKPD(s[1], high)
	SHLL(Imm(lanes), high)
	ORL(high, mask)
	MOVB(mask.As8(), Mem{Base: rejects})

	for _, p := range []reg.Register{q, v, numbers} {
		ADDQ(Imm(32*vectors), p)
	}
	INCQ(rejects)
	SUBQ(Imm(lanes*vectors), n)
	JNZ(LabelRef("turn"))
	for k := range g {
		VMOVDQU(g[k], at(state, k))
	}
	VZEROUPPER()
	RET()
}
