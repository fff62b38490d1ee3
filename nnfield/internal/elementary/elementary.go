// Package elementary holds exp, log, pow and the circular and hyperbolic
// functions with the same bits on every machine and for every build.
//
// Package math promises none: its results change with GOAMD64, with GOARCH and,
// for Exp, with the processor a program happens to run on, since compilers and
// assembly may round a·b + c once or twice. Here every product is rounded by
// itself, and the one fused operation there is, in Pow, is asked for by name.
//
// The errors, measured against 300-bit arithmetic, are below 1 unit in the last
// place (ulp) for Exp, Log, Sin and Cos, and below 3 for Tan, Sinh, Cosh, Tanh,
// Sech, Pow and, beyond a million, Sin and Cos. Pow loses more where its result
// is beyond 1e±43, at most 20 ulp. Very close to a zero of Sin or Cos other than
// 0 the error may exceed 1 ulp, but not 1e-29.
// Special values are those of package math; Sech(±Inf) = 0.
package elementary

import (
	"math"
	"math/bits"
)

const (
	invLn2 = 0x1.71547652b82fep+0
	ln2Hi  = 0x1.62e42fefap-1 // 38 bits: k·ln2Hi is exact for every exponent k
	ln2Lo  = 0x1.cf79abc9e3b3ap-40
)

// The Taylor series, as far as their terms matter on the reduced ranges.
var (
	// (e^r − 1 − r)/r² for |r| ≤ ln(2)/2
	expSeries = [...]float64{1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320, 1. / 362880,
		1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800}
	// (2·artanh(s) − 2s)/s³ in s², for |s| ≤ (√2 − 1)/(√2 + 1)
	logSeries = [...]float64{2. / 3, 2. / 5, 2. / 7, 2. / 9, 2. / 11, 2. / 13, 2. / 15, 2. / 17, 2. / 19, 2. / 21, 2. / 23}
	// (sin r − r)/r³ in r², for |r| ≤ π/4
	sinSeries = [...]float64{-1. / 6, 1. / 120, -1. / 5040, 1. / 362880, -1. / 39916800, 1. / 6227020800,
		-1. / 1307674368000, 1. / 355687428096000}
	// (cos r − 1 + r²/2)/r⁴ in r², for |r| ≤ π/4
	cosSeries = [...]float64{1. / 24, -1. / 720, 1. / 40320, -1. / 3628800, 1. / 479001600, -1. / 87178291200,
		1. / 20922789888000, -1. / 6402373705728000}
	// (sinh x − x)/x³ in x², for |x| ≤ 1
	sinhSeries = [...]float64{1. / 6, 1. / 120, 1. / 5040, 1. / 362880, 1. / 39916800, 1. / 6227020800,
		1. / 1307674368000, 1. / 355687428096000, 1. / 121645100408832000}
)

// horner returns Σ c_i·x^i, each operation rounded apart.
func horner(c []float64, x float64) float64 {
	p := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		p = float64(p*x) + c[i]
	}
	return p
}

// Exp returns e^x.
func Exp(x float64) float64 { return expSum(x, 0) }

// expSum returns e^(x + tail) for a tail below the last place of x.
func expSum(x, tail float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 710:
		return math.Inf(1)
	case x < -746:
		return 0
	}
	// x = k·ln 2 + r, the remainder r as a sum r + lo
	k := math.Floor(float64(x*invLn2) + 0.5)
	hi := x - float64(k*ln2Hi)
	lo := float64(k*ln2Lo) - tail
	r := hi - lo
	lo = (hi - r) - lo
	y := 1 + (r + (float64(float64(r*r)*horner(expSeries[:], r)) + lo))
	if math.Abs(k) < 1000 { // as Ldexp does it, but faster: 2^k is exact
		return y * math.Float64frombits(uint64(int(k)+1023)<<52)
	}
	return math.Ldexp(y, int(k))
}

// split returns m and k with x = m·2^k and √½ ≤ m < √2, for 0 < x < ∞.
func split(x float64) (m, k float64) {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	return m, float64(e)
}

// Log returns the natural logarithm of x.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	m, k := split(x)
	f := m - 1
	s := f / (2 + f)
	z := float64(s * s)
	// log(1+f) = f − f²/2 + s·(f²/2 + z·series): f is exact, the rest is small
	half := float64(0.5 * float64(f*f))
	rest := float64(s*(half+float64(z*horner(logSeries[:], z)))) + float64(k*ln2Lo)
	return float64(k*ln2Hi) - ((half - rest) - f)
}

// logSum returns log x as a sum with about twelve more bits than a float64, for
// 0 < x < ∞.
func logSum(x float64) (hi, lo float64) {
	m, k := split(x)
	f := m - 1
	d := 2 + f
	s := f / d
	tail := (math.FMA(-s, d, f) - float64(s*(f-(d-2)))) / d // s + tail = f/(2 + f)
	z := float64(s * s)
	rest := float64(2*tail) + float64(float64(s*z)*horner(logSeries[:], z)) + float64(k*ln2Lo)
	a, b := float64(k*ln2Hi), 2*s
	sum := a + b
	v := sum - a
	rest += (a - (sum - v)) + (b - v) // what the sum has lost
	hi = sum + rest
	return hi, rest - (hi - sum)
}

// Pow returns x^y.
func Pow(x, y float64) float64 {
	if x == 0 || y == 0 || x == 1 || math.IsNaN(x+y) || math.IsInf(x, 0) || math.IsInf(y, 0) {
		return math.Pow(x, y) // no arithmetic but special cases
	}
	sign := 1.0
	if x < 0 {
		if y != math.Trunc(y) {
			return math.NaN()
		}
		if math.Mod(y, 2) != 0 {
			sign = -1
		}
		x = -x
	}
	hi, lo := logSum(x)
	p := float64(y * hi)
	if math.Abs(p) > 800 {
		return sign * expSum(p, 0) // out of range, and p may be infinite
	}
	return sign * expSum(p, math.FMA(y, hi, -p)+float64(y*lo))
}

const (
	twoOverPi = 0x1.45f306dc9c883p-1
	piOver2   = math.Pi / 2
	piOver2A  = 0x1.921fb544p+0 // 33 bits: n·piOver2A is exact for n < 2²⁰,
	piOver2B  = 0x1.0b4611a6p-34
	piOver2C  = 0x1.3198a2e037073p-69
	maxTurns  = 1 << 20
)

// Sin returns the sine of x radians.
func Sin(x float64) float64 {
	n, r, lo := reduce(x)
	return sine(n, r, lo)
}

// Cos returns the cosine of x radians.
func Cos(x float64) float64 {
	n, r, lo := reduce(x)
	return sine(n+1, r, lo)
}

// Tan returns the tangent of x radians.
func Tan(x float64) float64 {
	n, r, lo := reduce(x)
	return sine(n, r, lo) / sine(n+1, r, lo)
}

// sine returns sin(n·π/2 + r + lo) for |r| ≤ π/4 and a lo below its last place.
func sine(n int, r, lo float64) float64 {
	z := float64(r * r)
	half := float64(0.5 * z)
	var y float64
	if n&1 == 0 {
		if r == 0 {
			return r // keeps the sign of −0
		}
		y = r + (float64(float64(r*z)*horner(sinSeries[:], z)) + float64(lo*(1-half)))
	} else {
		c := 1 - half
		y = c + (((1 - c) - half) + (float64(float64(z*z)*horner(cosSeries[:], z)) - float64(r*lo)))
	}
	if n&2 != 0 {
		return -y
	}
	return y
}

// reduce returns n, r and lo with x = n·π/2 + r + lo up to multiples of 2π, where
// |r| ≤ π/4, a little more at the seams.
func reduce(x float64) (n int, r, lo float64) {
	ax := math.Abs(x)
	switch {
	case ax <= piOver2/2:
		return 0, x, 0
	case !(ax <= math.MaxFloat64):
		return 0, math.NaN(), 0
	}
	turns := math.Floor(float64(ax*twoOverPi) + 0.5)
	if turns < maxTurns {
		t := ax - float64(turns*piOver2A)
		w := float64(turns * piOver2B)
		u := t - w
		w = float64(turns*piOver2C) - ((t - u) - w)
		r = u - w
		n, lo = int(turns), (u-r)-w
	} else {
		n, r = reduceLarge(ax)
	}
	if x < 0 {
		return -n, -r, -lo
	}
	return n, r, lo
}

// inversePi holds 2/π = 0.a2f98… in binary, after 64 zeros.
var inversePi = [...]uint64{0,
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
	0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4,
	0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
	0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab}

// reduceLarge is reduce for x ≥ 2²⁰ (Payne and Hanek, SIGNUM Newsletter 18,
// 1983): the digits of 2/π that give multiples of 4 in x·2/π are left out, and
// 192 of those behind them suffice.
func reduceLarge(x float64) (n int, r float64) {
	b := math.Float64bits(x)
	m := b&(1<<52-1) | 1<<52
	e := int(b>>52) - 1075 // x = m·2^e
	// The window begins with the digit of weight 2^(1−e); with the zeros before
	// it, digit i of the table has the weight 2^(63−i).
	at := 62 + e
	word, shift := at/64, uint(at%64)
	var w [3]uint64
	for i := range w {
		w[i] = inversePi[word+i]<<shift | inversePi[word+i+1]>>(64-shift)
	}
	// p = m·w modulo 2¹⁹², in units of 2⁻¹⁹⁰
	h2, l2 := bits.Mul64(m, w[2])
	h1, l1 := bits.Mul64(m, w[1])
	p1, carry := bits.Add64(h2, l1, 0)
	p0 := h1 + m*w[0] + carry
	n = int(p0 >> 62)
	// the fraction, to 128 bits
	f0, f1 := p0<<2|p1>>62, p1<<2|l2>>62
	sign := 1.0
	if f0>>63 == 1 { // above ½: the next multiple is nearer
		n++
		sign = -1
		f0, f1 = ^f0, ^f1
	}
	zeros := bits.LeadingZeros64(f0)
	f0 = f0<<zeros | f1>>(64-zeros)
	return n & 3, sign * (math.Ldexp(float64(f0>>11), -53-zeros) * piOver2)
}

// Sinh returns the hyperbolic sine of x.
func Sinh(x float64) float64 {
	ax := math.Abs(x)
	switch {
	case ax <= 1:
		z := float64(x * x)
		return x + float64(float64(x*z)*horner(sinhSeries[:], z))
	case ax > 700: // e^x may overflow while half of it does not
		t := Exp(ax / 2)
		return math.Copysign(float64(0.5*t)*t, x)
	}
	t := Exp(ax)
	return math.Copysign(float64(0.5*(t-1/t)), x)
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float64) float64 {
	ax := math.Abs(x)
	if ax > 700 {
		t := Exp(ax / 2)
		return float64(0.5*t) * t
	}
	t := Exp(ax)
	return float64(0.5 * (t + 1/t))
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float64) float64 {
	if math.Abs(x) <= 1 {
		return Sinh(x) / Cosh(x)
	}
	return math.Copysign(1-2/(Exp(2*math.Abs(x))+1), x)
}

// Sech returns the hyperbolic secant 1/cosh(x).
func Sech(x float64) float64 {
	t := Exp(-math.Abs(x))
	return 2 * t / (1 + float64(t*t))
}
