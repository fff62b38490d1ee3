package elementary

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const precision = 300 // bits of the reference

func num(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func op(f func(z, x, y *big.Float) *big.Float, x, y *big.Float) *big.Float {
	return f(new(big.Float).SetPrec(precision), x, y)
}

var (
	add = (*big.Float).Add
	sub = (*big.Float).Sub
	mul = (*big.Float).Mul
	quo = (*big.Float).Quo
)

// bigExp sums the series at x/2^40 and squares the result 40 times.
func bigExp(x *big.Float) *big.Float {
	r := new(big.Float).SetPrec(precision + 60).Set(x)
	r.SetMantExp(r, -40)
	sum := new(big.Float).SetPrec(precision + 60).SetInt64(1)
	term := new(big.Float).SetPrec(precision + 60).SetInt64(1)
	for k := int64(1); k < 12; k++ {
		term.Mul(term, r).Quo(term, new(big.Float).SetInt64(k))
		sum.Add(sum, term)
	}
	for range 40 {
		sum.Mul(sum, sum)
	}
	return sum.SetPrec(precision)
}

// bigLog solves e^y = x by Newton's method.
func bigLog(x float64) *big.Float {
	y := num(math.Log(x))
	for range 4 {
		e := bigExp(op(sub, num(0), y))
		y = op(add, y, op(sub, op(mul, num(x), e), num(1)))
	}
	return y
}

// bigPi is 4·(4·arctan ⅕ − arctan 1/239) to 1500 bits.
var bigPi = func() *big.Float {
	arctan := func(n int64) *big.Int { // of 1/n
		term := new(big.Int).Div(new(big.Int).Lsh(big.NewInt(1), 1500), big.NewInt(n))
		sum := new(big.Int)
		for k := int64(1); term.Sign() != 0; k += 2 {
			part := new(big.Int).Div(term, big.NewInt(k))
			if k%4 == 1 {
				sum.Add(sum, part)
			} else {
				sum.Sub(sum, part)
			}
			term.Div(term, big.NewInt(n*n))
		}
		return sum
	}
	p := arctan(5)
	p.Mul(p, big.NewInt(4)).Sub(p, arctan(239)).Mul(p, big.NewInt(4))
	f := new(big.Float).SetPrec(1500).SetInt(p)
	return f.SetMantExp(f, -1500)
}()

// bigSin returns sin(x + shift·π/2).
func bigSin(x float64, shift int64) *big.Float {
	turn := new(big.Float).SetPrec(1500).SetMantExp(bigPi, 1)
	r := new(big.Float).SetPrec(1500).SetMantExp(bigPi, -1)
	r.Mul(r, new(big.Float).SetInt64(shift)).Add(r, new(big.Float).SetFloat64(x))
	turns, _ := new(big.Float).SetPrec(1500).Quo(r, turn).Int(nil)
	r.Sub(r, turn.Mul(turn, new(big.Float).SetPrec(1500).SetInt(turns)))
	r.SetPrec(precision)
	sum, term := num(0), new(big.Float).Copy(r)
	for k := int64(1); k < 121; k += 2 {
		sum = op(add, sum, term)
		term = op(mul, op(mul, term, r), r)
		term = op(quo, term, num(-float64(k+1)*float64(k+2)))
	}
	return sum
}

func bigHyperbolic(x float64, sign float64) *big.Float { // (e^x + sign·e^−x)/2
	e := bigExp(num(x))
	return op(quo, op(add, e, op(quo, num(sign), e)), num(2))
}

// ulps returns the error of got in units of the last place of the truth.
func ulps(got float64, truth *big.Float) float64 {
	want, _ := truth.Float64()
	if got == want {
		if math.IsInf(got, 0) {
			return 0
		}
	}
	last := math.Abs(want - math.Nextafter(want, 0))
	if a := math.Abs(math.Nextafter(want, math.Inf(1)) - want); want == 0 || a < last {
		last = a
	}
	d, _ := op(quo, op(sub, num(got), truth), num(last)).Float64()
	return math.Abs(d)
}

var functions = []struct {
	name   string
	f      func(float64) float64
	truth  func(float64) *big.Float
	limit  float64 // in ulp
	widest float64 // arguments are of a size from 1e-4 to this
}{
	{"Exp", Exp, func(x float64) *big.Float { return bigExp(num(x)) }, 1, 700},
	{"Log", func(x float64) float64 { return Log(math.Abs(x)) }, func(x float64) *big.Float { return bigLog(math.Abs(x)) }, 1, 1e10},
	{"Sin", Sin, func(x float64) *big.Float { return bigSin(x, 0) }, 1, 1e6},
	{"Cos", Cos, func(x float64) *big.Float { return bigSin(x, 1) }, 1, 1e6},
	{"Sin far out", func(x float64) float64 { return Sin(x * 1e6) }, func(x float64) *big.Float { return bigSin(x*1e6, 0) }, 3, 1e290},
	{"Tan", Tan, func(x float64) *big.Float { return op(quo, bigSin(x, 0), bigSin(x, 1)) }, 3, 1e6},
	{"Sinh", Sinh, func(x float64) *big.Float { return bigHyperbolic(x, -1) }, 3, 710},
	{"Cosh", Cosh, func(x float64) *big.Float { return bigHyperbolic(x, 1) }, 3, 710},
	{"Tanh", Tanh, func(x float64) *big.Float { return op(quo, bigHyperbolic(x, -1), bigHyperbolic(x, 1)) }, 3, 30},
	{"Sech", Sech, func(x float64) *big.Float { return op(quo, num(1), bigHyperbolic(x, 1)) }, 3, 700},
}

// arguments returns numbers of both signs, spread evenly over the sizes up to
// widest, and evenly over a range round zero.
func arguments(n int, widest float64) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Ldexp(1+r.Float64(), r.IntN(13+math.Ilogb(widest))-13)
		if i%2 == 0 {
			x[i] = 4 * r.Float64()
		}
		if r.Float64() < 0.5 {
			x[i] = -x[i]
		}
	}
	return x
}

func TestAccuracy(t *testing.T) {
	for _, c := range functions {
		worst, at := 0.0, 0.0
		for _, x := range arguments(1500, c.widest) {
			if e := ulps(c.f(x), c.truth(x)); !(e <= worst) {
				worst, at = e, x
			}
		}
		t.Logf("%-12s %.2f ulp at %v", c.name, worst, at)
		if !(worst <= c.limit) {
			t.Errorf("%s: %.2f ulp at %v; at most %v", c.name, worst, at, c.limit)
		}
	}
}

func TestPowAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct{ size, limit float64 }{{1, 1}, {100, 3}, {700, 20}} { // of |y·log x|
		worst, atX, atY := 0.0, 0.0, 0.0
		for range 1000 {
			x := math.Exp(3 * r.NormFloat64())
			y := c.size * (2*r.Float64() - 1) / math.Abs(math.Log(x))
			truth := bigExp(op(mul, num(y), bigLog(x)))
			if e := ulps(Pow(x, y), truth); !(e <= worst) {
				worst, atX, atY = e, x, y
			}
		}
		t.Logf("size %v: %.2f ulp", c.size, worst)
		if !(worst <= c.limit) {
			t.Errorf("Pow(%v, %v) is off by %.2f ulp; at most %v", atX, atY, worst, c.limit)
		}
	}
}

// Where the value is special or exact, package math knows it.
func TestSpecialValues(t *testing.T) {
	inf := math.Inf(1)
	values := []float64{0, math.Copysign(0, -1), 1, -1, 2, -2, 3, -3, 0.5, -0.5, inf, -inf, math.NaN(), 5e-324, -5e-324,
		math.MaxFloat64, -math.MaxFloat64, 750, -750, 1 << 53, 1<<53 - 1}
	same := func(name string, got, want float64, args ...float64) {
		exact := want == 0 || math.IsInf(want, 0) || math.IsNaN(want) || math.Abs(want) == 1
		if exact && math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s(%v) = %v; want %v", name, args, got, want)
		}
		if !exact && !(math.Abs(got-want) <= 1e-14*math.Abs(want)+5e-324) {
			t.Errorf("%s(%v) = %v; want about %v", name, args, got, want)
		}
	}
	for _, x := range values {
		same("Exp", Exp(x), math.Exp(x), x)
		if x != 5e-324 { // where math.Log is wrong on some machines
			same("Log", Log(x), math.Log(x), x)
		}
		same("Sin", Sin(x), math.Sin(x), x)
		same("Cos", Cos(x), math.Cos(x), x)
		same("Tan", Tan(x), math.Tan(x), x)
		same("Sinh", Sinh(x), math.Sinh(x), x)
		same("Cosh", Cosh(x), math.Cosh(x), x)
		same("Tanh", Tanh(x), math.Tanh(x), x)
		same("Sech", Sech(x), 1/math.Cosh(x), x)
		for _, y := range values {
			same("Pow", Pow(x, y), math.Pow(x, y), x, y)
		}
	}
	// subnormal results are rounded once more, not lost
	same("Log", Log(5e-324), -1074*math.Ln2, 5e-324)
	same("Exp", Exp(-740), math.Exp(-740), -740)
	same("Sech", Sech(-740), 2*math.Exp(-740), -740)
	same("Pow", Pow(10, -320), 1e-320, 10, -320)
}

func TestSymmetry(t *testing.T) {
	for _, x := range arguments(500, 1e8) {
		for name, v := range map[string][2]float64{
			"Sin": {Sin(-x), -Sin(x)}, "Cos": {Cos(-x), Cos(x)}, "Tan": {Tan(-x), -Tan(x)},
			"Sinh": {Sinh(-x), -Sinh(x)}, "Cosh": {Cosh(-x), Cosh(x)}, "Tanh": {Tanh(-x), -Tanh(x)}, "Sech": {Sech(-x), Sech(x)},
		} {
			if v[0] != v[1] {
				t.Fatalf("%s is not symmetric at %v: %v and %v", name, x, v[0], v[1])
			}
		}
	}
}

// The bits are promised: a different hash is a change of every stored run.
func TestGoldenBits(t *testing.T) {
	const want = "0bae5d9a924175b6"
	h := sha256.New()
	for _, c := range functions {
		for _, x := range arguments(5000, c.widest) {
			binary.Write(h, binary.LittleEndian, c.f(x))
			binary.Write(h, binary.LittleEndian, Pow(math.Abs(x), 1.37))
		}
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
		t.Errorf("the bits have changed: hash %s; want %s", got, want)
	}
}

func BenchmarkSin(b *testing.B) {
	x := arguments(1000, 1e3)
	for name, f := range map[string]func(float64) float64{"elementary.Sin": Sin, "math.Sin": math.Sin, "elementary.Exp": Exp, "math.Exp": math.Exp} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, v := range x {
					f(v)
				}
			}
		})
	}
}

func ExampleSech() {
	fmt.Println(Sech(0), Sech(1000))
	// Output: 1 0
}
