package elementary

import (
	"math"
	"math/big"
	"testing"
)

// bigAtan halves the angle 30 times and sums the series.
func bigAtan(x float64) *big.Float {
	y := num(x)
	one := num(1)
	for range 30 {
		root := new(big.Float).SetPrec(precision).Sqrt(op(add, one, op(mul, y, y)))
		y = op(quo, y, op(add, one, root))
	}
	sum, power := num(0), new(big.Float).Copy(y)
	square := op(mul, y, y)
	for k := 1.0; k < 12; k += 2 {
		sum = op(add, sum, op(quo, power, num(k)))
		power = op(mul, op(mul, power, square), num(-1))
	}
	return op(mul, sum, num(1<<30))
}

func TestAtan(t *testing.T) {
	worst := 0.0
	for _, x := range arguments(2000, 1e10) {
		worst = math.Max(worst, ulps(Atan(x), bigAtan(x)))
	}
	if worst > 4 {
		t.Errorf("off by %.2f ulp", worst)
	}
	t.Logf("worst %.2f ulp", worst)
	if Atan(math.Inf(-1)) != -math.Pi/2 || !math.IsNaN(Atan(math.NaN())) || !math.Signbit(Atan(math.Copysign(0, -1))) {
		t.Error("special values")
	}
}
