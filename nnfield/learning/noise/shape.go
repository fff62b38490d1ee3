package noise

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

// Gaussianity compares numbers with the normal distribution of their own mean and
// variance.
type Gaussianity struct {
	Skewness   ensemble.Estimate // 0 for a normal distribution; the error is √(6/n)
	Excess     ensemble.Estimate // excess kurtosis, likewise 0; the error is √(24/n)
	Kolmogorov float64           // largest distance of the cumulative distributions
	Critical   float64           // what 99 % of normal samples stay below (Lilliefors): 1.035/√n
}

// Normal tells whether nothing speaks against a normal distribution at three
// standard errors, nor at 99 %.
func (g Gaussianity) Normal() bool {
	return math.Abs(g.Skewness.Value) < 3*g.Skewness.Error && math.Abs(g.Excess.Value) < 3*g.Excess.Error && g.Kolmogorov < g.Critical
}

// CheckGaussian returns the shape of the distribution of x, such as the ends of
// walks along one direction. The errors are those of normal samples. If single
// samples have skewness s and excess e, the mean of n_b independent ones has s/√n_b and
// e/n_b: noise becomes normal as batches grow.
func CheckGaussian(x []float64) Gaussianity {
	n := float64(len(x))
	m := moments(x)
	width := math.Sqrt(m[2])
	g := Gaussianity{
		Skewness: ensemble.Estimate{Value: m[3] / (width * m[2]), Error: math.Sqrt(6 / n)},
		Excess:   ensemble.Estimate{Value: m[4]/(m[2]*m[2]) - 3, Error: math.Sqrt(24 / n)},
		Critical: 1.035 / math.Sqrt(n),
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	mean := 0.0
	for _, v := range sorted {
		mean += v / n
	}
	for i, v := range sorted {
		c := math.Erfc(-(v-mean)/(width*math.Sqrt2)) / 2
		g.Kolmogorov = max(g.Kolmogorov, float64(i+1)/n-c, c-float64(i)/n)
	}
	return g
}

// Isotropy says how far a covariance is from a multiple of the unit matrix.
type Isotropy struct {
	// Directions is (tr C)²/tr C²: how many directions take part. It is k for
	// isotropic noise in k dimensions and 1 for noise along one line.
	Directions float64

	// Sphericity is John's statistic nkU/2, U = tr[(kC/tr C − 1)²]/k. For n
	// isotropic normal samples it follows χ² with Freedom degrees (John, Biometrika
	// 58, 123, 1971).
	Sphericity, Freedom float64
}

// Isotropic tells whether the statistic is within three standard deviations of what
// isotropic normal noise gives.
func (i Isotropy) Isotropic() bool { return i.Sphericity < i.Freedom+float64(3*math.Sqrt(2*i.Freedom)) }

// CheckIsotropic tests n samples of k components, the rows of x, such as the ends of
// walks.
func CheckIsotropic(x *mat.Dense) Isotropy {
	n, k := x.Dims()
	var c mat.SymDense
	centred := mat.DenseCopyOf(x)
	for j := range k {
		mean := 0.0
		for i := range n {
			mean += x.At(i, j) / float64(n)
		}
		for i := range n {
			centred.Set(i, j, x.At(i, j)-mean)
		}
	}
	c.SymOuterK(1/float64(n), centred.T())
	trace, square := mat.Trace(&c), 0.0
	for i := range k {
		for j := range k {
			square += c.At(i, j) * c.At(i, j)
		}
	}
	d := float64(k)
	u := d*square/(trace*trace) - 1
	return Isotropy{
		Directions: trace * trace / square,
		Sphericity: float64(n) * d / 2 * u,
		Freedom:    d*(d+1)/2 - 1,
	}
}
