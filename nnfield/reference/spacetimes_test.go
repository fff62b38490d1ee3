package reference_test

import (
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield/reference"
)

// The neurons of an expansion are the volume of its factors, by Simpson's rule, and
// the factors those of the metric of the same name.
func TestExpansions(t *testing.T) {
	const from, to = 0.3, 1.2
	for _, c := range []struct {
		reference.Expansion
		metric reference.ExactMetric
	}{
		{reference.DeSitterExpansion(0.9, from, to), reference.DeSitter(0.9)},
		{reference.NariaiExpansion(1.3, from, to), reference.Nariai(1.3)},
		{reference.KantowskiSachsExpansion(0.9, from, to), reference.KantowskiSachs(0.9)},
	} {
		volume := func(tau float64) float64 {
			f := c.Factors(tau)
			return f[0] * f[len(f)-1] * f[len(f)-1] // a³ or AB²
		}
		const n = 200
		h := c.Duration / n
		sum := volume(0) + volume(c.Duration)
		for i := 1; i < n; i++ {
			sum += float64(2+2*(i%2)) * volume(float64(i)*h)
		}
		if got := sum * h / 3; math.Abs(got-c.Neurons) > 1e-8 {
			t.Errorf("%s: volume %.12g, neurons %.12g", c.metric.Name, got, c.Neurons)
		}
		if math.Abs(c.Lambda-c.metric.Lambda) > 1e-15 || math.Abs(c.Duration-(to-from)) > 1e-15 {
			t.Errorf("%s: Λ = %v, duration %v", c.metric.Name, c.Lambda, c.Duration)
		}
		g := make([]float64, 10)
		c.metric.Metric(g, []float64{0.7, 0, math.Pi / 2, 0})
		f := c.Factors(0.7 - from)
		for _, pair := range [][2]float64{{g[0], -1}, {g[2], f[0] * f[0]}, {g[5], f[len(f)-1] * f[len(f)-1]}, {g[9], f[len(f)-1] * f[len(f)-1]}} {
			if math.Abs(pair[0]-pair[1]) > 1e-14 {
				t.Errorf("%s: a component of the metric is %v, by the factors %v", c.metric.Name, pair[0], pair[1])
			}
		}
		for i, v := range c.First() {
			if math.Abs(v-c.Factors(0)[i]) > 0 || c.Last()[i] != c.Factors(c.Duration)[i] {
				t.Errorf("%s: ends", c.metric.Name)
			}
		}
	}
}

// Ends and neurons of a de Sitter expansion give back its Λ, whichever way it goes.
func TestDeSitterLambda(t *testing.T) {
	e := reference.DeSitterExpansion(0.9, 0.3, 1.2)
	first, last := e.First()[0], e.Last()[0]
	for _, got := range []float64{reference.DeSitterLambda(first, last, e.Neurons), reference.DeSitterLambda(last, first, e.Neurons)} {
		if math.Abs(got-e.Lambda) > 1e-13 {
			t.Errorf("Λ = %v, want %v", got, e.Lambda)
		}
	}
}

// In Kerr-Schild coordinates ℓ is null, so that det g = −1 everywhere; McVittie's
// metric is the same space far from the mass, and de Sitter space without one.
func TestMetricsAgree(t *testing.T) {
	x := []float64{0.3, 1.1, -0.7, 0.4}
	g, h := make([]float64, 10), make([]float64, 10)
	reference.McVittie(0, 0.6).Metric(g, x)
	reference.DeSitter(0.6).Metric(h, x)
	for i := range g {
		if math.Abs(g[i]-h[i]) > 1e-15 {
			t.Errorf("component %d of McVittie without a mass is %v, want %v", i, g[i], h[i])
		}
	}
	reference.SchwarzschildDeSitter(0.4, 0.2).Metric(g, x)
	// det(η + fℓℓ) = det η (1 + f ℓ·ℓ) with ℓ·ℓ = 0: the trace of η⁻¹g is 4.
	if trace := -g[0] + g[2] + g[5] + g[9]; math.Abs(trace-4) > 1e-15 {
		t.Errorf("the trace of η⁻¹g is %v, want 4", trace)
	}
}
