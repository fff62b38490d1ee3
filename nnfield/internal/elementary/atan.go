package elementary

import "math"

// atanSeries is (atan x − x)/x³ in x², for |x| ≤ tan(π/16).
var atanSeries = [...]float64{-1. / 3, 1. / 5, -1. / 7, 1. / 9, -1. / 11, 1. / 13, -1. / 15, 1. / 17, -1. / 19, 1. / 21}

// Atan returns the arc tangent of x, with an error below 4 ulp.
func Atan(x float64) float64 {
	if math.IsNaN(x) || x == 0 {
		return x
	}
	if x < 0 {
		return -Atan(-x)
	}
	if x > 1 {
		return math.Pi/2 - atan(1/x)
	}
	return atan(x)
}

// atan halves the angle twice, atan x = 2 atan(x/(1 + √(1 + x²))), and sums the
// series, for 0 ≤ x ≤ 1.
func atan(x float64) float64 {
	scale := 1.0
	if x > 0.19 {
		for range 2 {
			x /= 1 + math.Sqrt(1+float64(x*x))
		}
		scale = 4
	}
	z := float64(x * x)
	return scale * (x + float64(float64(x*z)*horner(atanSeries[:], z)))
}
