package ensemble

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
)

// Estimate is a number measured on learners and its standard error.
type Estimate struct{ Value, Error float64 }

// String returns "value ± error".
func (e Estimate) String() string { return fmt.Sprintf("%.6g ± %.1g", e.Value, e.Error) }

// Mean returns the mean of one variable over the learners.
func (e *Ensemble) Mean(k int) Estimate {
	m, c := moments(e.q[k])
	return Estimate{m, math.Sqrt(c[0] / float64(e.Learners()))}
}

// Variance returns the variance of one variable over the learners. Its error is
// √((m₄ − m₂²)/n), from the fourth moment of the learners themselves.
func (e *Ensemble) Variance(k int) Estimate {
	_, c := moments(e.q[k])
	return Estimate{c[0], math.Sqrt(max(0, c[1]-c[0]*c[0]) / float64(e.Learners()))}
}

// moments returns the mean and the second and fourth central moments.
func moments(x []float64) (mean float64, c [2]float64) {
	n := float64(len(x))
	mean = sums.Sum(0, len(x), func(i int) float64 { return x[i] }) / n
	for j := range c {
		c[j] = sums.Sum(0, len(x), func(i int) float64 {
			d := (x[i] - mean) * (x[i] - mean)
			if j == 1 {
				d *= d
			}
			return d
		}) / n
	}
	return mean, c
}

// Axis is an axis of a histogram: one variable, cut into equal bins.
type Axis struct {
	Variable  int
	Low, High float64
	Bins      int
}

// Centre returns the middle of bin i.
func (a Axis) Centre(i int) float64 { return a.Low + float64((float64(i)+0.5)*a.width()) }

func (a Axis) width() float64 { return (a.High - a.Low) / float64(a.Bins) }

// Histogram is the histogram of an ensemble. Bins are half open, [low, high).
type Histogram struct {
	Axes     []Axis
	Counts   []int // one a bin, the last axis fastest
	Outside  int   // learners outside all bins
	Learners int   // all learners
}

// Histogram counts the learners in bins of one or more variables.
//
// It fails for no axes, a variable that does not exist, limits that are not finite
// and ordered, fewer than one bin and more than 2²⁴ bins.
func (e *Ensemble) Histogram(axes ...Axis) (Histogram, error) {
	if len(axes) == 0 {
		return Histogram{}, fmt.Errorf("ensemble: Histogram without axes; give an Axis for each variable to bin")
	}
	bins := 1
	for _, a := range axes {
		switch {
		case a.Variable < 0 || a.Variable >= len(e.q):
			return Histogram{}, fmt.Errorf("ensemble: Histogram of variable %d; variables are numbered 0 to %d", a.Variable, len(e.q)-1)
		case !(a.Low < a.High) || notFinite(a.High-a.Low):
			return Histogram{}, fmt.Errorf("ensemble: Histogram from %v to %v; give finite limits, the lower one first", a.Low, a.High)
		case a.Bins < 1 || a.Bins > maxBins/bins:
			return Histogram{}, fmt.Errorf("ensemble: Histogram with %d bins along variable %d; give at least 1, and at most 2²⁴ in all", a.Bins, a.Variable)
		}
		bins *= a.Bins
	}
	h := Histogram{Axes: slices.Clone(axes), Counts: make([]int, bins), Learners: e.Learners()}
	for i := range e.Learners() {
		if bin, ok := h.bin(e.q, i); ok {
			h.Counts[bin]++
		} else {
			h.Outside++
		}
	}
	return h, nil
}

const maxBins = 1 << 24

// bin returns the bin of learner i.
func (h *Histogram) bin(q [][]float64, i int) (bin int, ok bool) {
	for _, a := range h.Axes {
		at := math.Floor((q[a.Variable][i] - a.Low) / a.width())
		if !(at >= 0 && at < float64(a.Bins)) {
			return 0, false
		}
		bin = bin*a.Bins + int(at)
	}
	return bin, true
}

// Density returns the probability density in bin i, count/(n·volume), with the
// binomial standard error √(p(1−p)/n)/volume of p = count/n. The error of an empty
// bin is that of a single count.
func (h Histogram) Density(i int) Estimate {
	volume := 1.0
	for _, a := range h.Axes {
		volume *= a.width()
	}
	n := float64(h.Learners)
	p := float64(h.Counts[i]) / n
	q := max(p, 1/n)
	return Estimate{p / volume, math.Sqrt(q*max(0, 1-q)/n) / volume}
}

// Kolmogorov returns the largest distance between the cumulative distribution
// of one variable over the learners and the given one. For n learners that do
// follow cdf it is below 1.36/√n in 95 and below 1.95/√n in 99.9 of 100 cases.
func (e *Ensemble) Kolmogorov(k int, cdf func(q float64) float64) float64 {
	q := slices.Clone(e.q[k])
	slices.Sort(q)
	n, worst := float64(len(q)), 0.0
	for i, x := range q {
		c := cdf(x)
		worst = max(worst, float64(i+1)/n-c, c-float64(i)/n)
	}
	return worst
}
