// Command gen writes the AVX2 kernel of package random, kernel_amd64.s, and its
// declaration. It is a module of its own, so that the assembler's generator is no
// requirement of the library; go generate in the folder above runs it.
package main

import (
	"flag"
	"log"
	"math"
	"os"
	"regexp"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors is how many vectors of four numbers a turn of the loop advances
// together: one is a long chain of dependent instructions, two hide each other's
// latency.
const vectors = 2

func main() {
	log.SetFlags(0)
	step()
	Generate()
	code, err := os.ReadFile(flag.Lookup("out").Value.String())
	if err != nil {
		log.Fatal(err)
	}
	if bad := beyond.Find(code); bad != nil {
		log.Fatalf("the kernel has %s; advance fewer vectors at a time, or keep constants in memory", bad)
	}
}

// beyond are the registers that AVX2 does not have, which avo takes without a word
// when 16 do not suffice, and fused multiplications, which round once where Go code
// rounds twice.
var beyond = regexp.MustCompile(`\b[XY](1[6-9]|2[0-9]|3[01])\b|\bZ[0-9]|\bVFN?M`)

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

// step emits the kernel; see EulerMaruyama in normal.go for what it computes. A
// turn of its loop is, for each vector of four members,
//
//	u = mix(key ^ draw)                   SplitMix64, its 64-bit products from three of 32 bits
//	j = int64(u) >> 11, as a float64      exactly, from its two halves
//	scale, inside = layers[u & 255]
//	q += h·v;  q += amplitude·(j·scale)   where |j| < inside, else a bit in rejects
func step() {
	const lanes = 4
	TEXT("kernel", NOSPLIT, "func(q, v *float64, keys *uint64, rejects *uint8, n int, h, amplitude float64, draw uint64, layers *float64)")
	Pragma("noescape")
	Doc("kernel is the loop of EulerMaruyama for n > 0 members, a multiple of 8. It leaves out the noise of a member whose", "number lies outside the inner part of its layer, and sets bit i%8 of rejects[i/8] instead; all other bits are cleared.")

	golden := four("golden", 0x9e3779b97f4a7c15)
	low32 := four("low32", math.Float64bits(0x1p52))                 // exponent for the lower half of j
	high32 := four("high32", math.Float64bits(0x1p84)^1<<20)         // and for the upper one, with the sign bit of j turned
	offset := four("offset", math.Float64bits(0x1p84+0x1p53))        // what both have too much
	magnitude := four("magnitude", 1<<63-1)                          // all but the sign
	held := func(name string, x uint64) (low, high reg.VecVirtual) { // a multiplier; the lower halves of the lanes count
		low, high = YMM(), YMM()
		VMOVDQU(four(name+"_low", x), low)
		VMOVDQU(four(name+"_high", x>>32), high)
		return low, high
	}
	firstLow, firstHigh := held("first", 0xbf58476d1ce4e5b9)
	secondLow, secondHigh := held("second", 0x94d049bb133111eb)

	q, v := Load(Param("q"), GP64()), Load(Param("v"), GP64())
	keys, rejects := Load(Param("keys"), GP64()), Load(Param("rejects"), GP64())
	n, layers := Load(Param("n"), GP64()), Load(Param("layers"), GP64())
	broadcast := func(name string) reg.VecVirtual {
		y := YMM()
		a, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		VBROADCASTSD(a.Addr, y)
		return y
	}
	h, amplitude, draw := broadcast("h"), broadcast("amplitude"), broadcast("draw")
	bits := AllocLocal(32 * vectors)

	var u, t, s, w [vectors]reg.VecVirtual
	each(func(i int) { u[i], t[i], s[i], w[i] = YMM(), YMM(), YMM(), YMM() })
	at := func(base reg.Register, i int) Mem { return Mem{Base: base, Disp: 32 * i} }

	// times sets u to the lower 64 bits of u·c.
	times := func(low, high reg.VecVirtual) {
		each(func(i int) { VPSRLQ(Imm(32), u[i], t[i]) })
		each(func(i int) { VPMULUDQ(high, u[i], s[i]) })
		each(func(i int) { VPMULUDQ(low, t[i], t[i]) })
		each(func(i int) { VPMULUDQ(low, u[i], u[i]) })
		each(func(i int) { VPADDQ(s[i], t[i], t[i]) })
		each(func(i int) { VPSLLQ(Imm(32), t[i], t[i]) })
		each(func(i int) { VPADDQ(t[i], u[i], u[i]) })
	}
	// shifted sets u to u ^ u>>k.
	shifted := func(k uint64) {
		each(func(i int) { VPSRLQ(Imm(k), u[i], t[i]) })
		each(func(i int) { VPXOR(t[i], u[i], u[i]) })
	}

	Label("turn")
	each(func(i int) { VPXOR(at(keys, i), draw, u[i]) })
	each(func(i int) { VPADDQ(golden, u[i], u[i]) })
	shifted(30)
	times(firstLow, firstHigh)
	shifted(27)
	times(secondLow, secondHigh)
	shifted(31)

	// The layers of the four lanes, one 16-byte load each, transposed.
	each(func(i int) { VMOVDQU(u[i], bits.Offset(32*i)) })
	each(func(i int) {
		var entry [lanes]Mem
		for k := range lanes {
			index := GP64()
			MOVBQZX(bits.Offset(32*i+8*k), index)
			SHLQ(Imm(4), index)
			entry[k] = Mem{Base: layers, Index: index, Scale: 1}
		}
		VMOVUPD(entry[0], t[i].AsX())
		VMOVUPD(entry[1], s[i].AsX())
		VINSERTF128(Imm(1), entry[2], t[i], t[i])
		VINSERTF128(Imm(1), entry[3], s[i], s[i])
	})
	each(func(i int) { VUNPCKLPD(s[i], t[i], w[i]) }) // scale
	each(func(i int) { VUNPCKHPD(s[i], t[i], s[i]) }) // inside

	each(func(i int) { VPSRLQ(Imm(11), u[i], t[i]) })
	each(func(i int) { VPSRLQ(Imm(43), u[i], u[i]) })
	each(func(i int) { VPBLENDD(Imm(0xaa), low32, t[i], t[i]) })
	each(func(i int) { VPXOR(high32, u[i], u[i]) })
	each(func(i int) { VSUBPD(offset, u[i], u[i]) })
	each(func(i int) { VADDPD(t[i], u[i], u[i]) }) // j
	each(func(i int) { VMULPD(w[i], u[i], w[i]) }) // x
	each(func(i int) { VANDPD(magnitude, u[i], u[i]) })
	each(func(i int) { VCMPPD(Imm(0x1d), s[i], u[i], s[i]) }) // |j| ≥ inside

	each(func(i int) { VMULPD(at(v, i), h, t[i]) })
	each(func(i int) { VMULPD(w[i], amplitude, w[i]) })
	each(func(i int) { VADDPD(at(q, i), t[i], t[i]) })
	each(func(i int) { VADDPD(w[i], t[i], w[i]) })
	each(func(i int) { VBLENDVPD(s[i], t[i], w[i], w[i]) })
	each(func(i int) { VMOVUPD(w[i], at(q, i)) })
	mask, high := GP32(), GP32()
	VMOVMSKPD(s[0], mask)
	VMOVMSKPD(s[1], high)
	SHLL(Imm(lanes), high)
	ORL(high, mask)
	MOVB(mask.As8(), Mem{Base: rejects})

	for _, p := range []reg.Register{q, v, keys} {
		ADDQ(Imm(32*vectors), p)
	}
	INCQ(rejects)
	SUBQ(Imm(lanes*vectors), n)
	JNZ(LabelRef("turn"))
	VZEROUPPER()
	RET()
}
