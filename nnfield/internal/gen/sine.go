package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func init() { sets["sine"] = sine }

// The numbers of package elementary.
var (
	sineSeries = []float64{-1. / 6, 1. / 120, -1. / 5040, 1. / 362880, -1. / 39916800, 1. / 6227020800,
		-1. / 1307674368000, 1. / 355687428096000}
	cosineSeries = []float64{1. / 24, -1. / 720, 1. / 40320, -1. / 3628800, 1. / 479001600, -1. / 87178291200,
		1. / 20922789888000, -1. / 6402373705728000}
)

const (
	twoOverPi = 0x1.45f306dc9c883p-1
	piOver2A  = 0x1.921fb544p+0
	piOver2B  = 0x1.0b4611a6p-34
	piOver2C  = 0x1.3198a2e037073p-69
	maxTurns  = 1 << 20
)

// constants are numbers in memory, each once.
var constants = map[uint64]Mem{}

// constant loads a number into all lanes.
func constant(x float64) vec {
	bits := math.Float64bits(x)
	m, ok := constants[bits]
	if !ok {
		m = ConstData(fmt.Sprintf("number%x", bits), U64(bits))
		constants[bits] = m
	}
	v := YMM()
	VBROADCASTSD(m, v)
	return v
}

// horner returns Σ c_i·x^i as package elementary does.
func horner(c []float64, x vec) vec {
	e := float64s
	p := constant(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		e.mul(x, p, p)
		e.add(constant(c[i]), p, p)
	}
	return p
}

// sine emits elementary.Sin for arguments that need no more than the three parts of
// π/2.
func sine() {
	e := float64s
	TEXT("sineAVX2", NOSPLIT, "func(y, x *float64, n int) bool")
	Doc("sineAVX2 does y = sin(x) for n elements, a positive multiple of 4, and returns",
		"whether all were in its range, |x| below a million. Elsewhere y is nothing.")
	Pragma("noescape")
	y, x, n := pointer("y"), pointer("x"), pointer("n")
	i := GP64()
	XORQ(i, i)
	inside := YMM()
	VPCMPEQQ(inside, inside, inside)
	sign := constant(math.Copysign(0, -1))
	Label("loop")
	v := e.load(e.at(x, i, 0))
	minus, ax := YMM(), YMM()
	VANDPD(sign, v, minus)
	VANDNPD(v, sign, ax)

	// x = turns·π/2 + r + lo; for |x| ≤ π/4 there are none.
	turns := e.sum(e.product(ax, constant(twoOverPi)), constant(0.5))
	VROUNDPD(U8(9), turns, turns) // down, quietly
	small := YMM()
	VCMPPD(U8(0x12), constant(math.Pi/2/2), ax, small) // ax ≤ π/4
	VANDNPD(turns, small, turns)
	fits := YMM()
	VCMPPD(U8(0x11), constant(maxTurns), turns, fits) // turns < 2²⁰, no NaN
	VANDPD(fits, inside, inside)

	difference := func(a, b vec) vec { d := YMM(); e.sub(b, a, d); return d }
	t := difference(ax, e.product(turns, constant(piOver2A)))
	w := e.product(turns, constant(piOver2B))
	u := difference(t, w)
	w2 := difference(e.product(turns, constant(piOver2C)), difference(difference(t, u), w))
	r := difference(u, w2)
	lo := difference(difference(u, r), w2)
	VXORPD(minus, r, r)
	VXORPD(minus, lo, lo)

	// The quadrant ±turns, in 64 bits.
	count, quadrant, negative := XMM(), YMM(), YMM()
	VCVTTPD2DQY(turns, count)
	VPMOVSXDQ(count, quadrant)
	VCMPPD(U8(0x11), zero(), v, negative) // x < 0
	VPXOR(negative, quadrant, quadrant)
	VPSUBQ(negative, quadrant, quadrant)

	z := e.product(r, r)
	half := e.product(z, constant(0.5))
	c := difference(constant(1), half)
	// even: r + ((r·z)·S(z) + lo·(1 − half))
	even := e.product(e.product(r, z), horner(sineSeries, z))
	even = e.sum(even, e.product(lo, c))
	even = e.sum(r, even)
	isZero := YMM()
	VCMPPD(U8(0), zero(), r, isZero)
	VBLENDVPD(isZero, r, even, even)
	// odd: c + (((1 − c) − half) + ((z·z)·C(z) − r·lo))
	odd := difference(e.product(e.product(z, z), horner(cosineSeries, z)), e.product(r, lo))
	odd = e.sum(difference(difference(constant(1), c), half), odd)
	odd = e.sum(c, odd)

	choice, flip := YMM(), YMM()
	VPSLLQ(U8(63), quadrant, choice)
	VPSLLQ(U8(62), quadrant, flip)
	VANDPD(sign, flip, flip)
	VBLENDVPD(choice, odd, even, even)
	VXORPD(flip, even, even)
	e.mov(even, e.at(y, i, 0))
	ADDQ(U8(4), i)
	CMPQ(i, n)
	JL(LabelRef("loop"))

	mask := GP32()
	VMOVMSKPD(inside, mask)
	CMPL(mask, U8(15))
	all := GP8()
	SETEQ(all)
	Store(all, ReturnIndex(0))
	end()
}

// zero returns +0 in all lanes.
func zero() reg.VecVirtual {
	v := YMM()
	VXORPD(v, v, v)
	return v
}
