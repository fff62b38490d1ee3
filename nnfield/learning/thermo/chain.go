package thermo

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

// Chain says how long Monte Carlo goes on.
type Chain struct {
	Samples int    // of each Markov chain; a tenth more are dropped at its begin
	Nodes   int    // temperatures of the integral that gives F; 8 is plenty
	Seed    uint64 // each sample of a data set takes seeds of its own
}

func (c Chain) validate() error {
	if c.Samples < 100 || c.Nodes < 2 {
		return fmt.Errorf("thermo: a Chain of %d samples and %d nodes; give at least 100 and 2", c.Samples, c.Nodes)
	}
	return nil
}

// Sample returns the canonical ensemble by hybrid Monte Carlo (Duane et al.,
// Phys. Lett. B 195, 216, 1987). The free energy is that of the Gaussian
// ensemble of H₀ = ½‖x − x₀‖², F₀ = −(kT/2) ln 2πT, plus the integral of
// ⟨H − H₀⟩ over λ in the ensembles of (1−λ)H₀ + λH, each with a chain of its own, by
// Gauss-Legendre quadrature. x₀ is where the free neurons settle.
//
// Slopes are ⟨∂H/∂q⟩·dq for each of the given directions. All errors are those
// of [Correlated] series.
func (e *Energy) Sample(temperature float64, c Chain, directions ...[]float64) (Canonical, error) {
	return e.sample(temperature, c, true, directions)
}

// sample is [Energy.Sample], without the free energy and the entropy if they are
// not wanted.
func (e *Energy) sample(temperature float64, c Chain, free bool, directions [][]float64) (Canonical, error) {
	if err := checkTemperature(temperature); err != nil {
		return Canonical{}, err
	}
	if err := c.validate(); err != nil {
		return Canonical{}, err
	}
	r := Canonical{Temperature: temperature, Free: e.free, Acceptance: 1}
	x0 := e.settle()
	if free {
		e.integrate(&r, x0, c)
	}
	observables := []func(x []float64) float64{e.Value}
	for _, dq := range directions {
		observables = append(observables, func(x []float64) float64 { return e.Slope(x, dq) })
	}
	means := e.chain(&r, 1, x0, c.Samples, c.Seed, 0, observables...)
	r.Energy, r.Slopes = means[0], means[1:]
	r.finish()
	return r, nil
}

// integrate computes the free energy.
func (e *Energy) integrate(r *Canonical, x0 []float64, c Chain) {
	nodes, weights := make([]float64, c.Nodes), make([]float64, c.Nodes)
	quad.Legendre{}.FixedLocations(nodes, weights, 0, 1)
	difference := func(x []float64) float64 { return e.Value(x) - distance(x, x0) }
	r.FreeEnergy.Value = -float64(e.free) / 2 * r.Temperature * math.Log(2*math.Pi*r.Temperature)
	for i, lambda := range nodes {
		d := e.chain(r, lambda, x0, c.Samples, c.Seed, i+1, difference)[0]
		r.FreeEnergy.Value += weights[i] * d.Value
		r.FreeEnergy.Error = math.Hypot(r.FreeEnergy.Error, weights[i]*d.Error)
	}
}

// settle returns the free neurons after many activations, or near 0 if those
// lead nowhere.
func (e *Energy) settle() []float64 {
	x := make([]float64, e.free)
	for range 50 {
		e.residual(x)
		for i := range x {
			x[i] -= e.r[i]
		}
	}
	for _, v := range x {
		if !(math.Abs(v) < 1e3) {
			return make([]float64, e.free)
		}
	}
	return x
}

// distance returns ½‖x − y‖².
func distance(x, y []float64) float64 {
	return sums.Sum(0, len(x), func(i int) float64 { return (x[i] - y[i]) * (x[i] - y[i]) }) / 2
}

// chain returns the means of observables in the ensemble of (1−λ)H₀ + λH.
func (e *Energy) chain(r *Canonical, lambda float64, x0 []float64, samples int, seed uint64, number int, observables ...func(x []float64) float64) []ensemble.Estimate {
	// Frequencies are at most ‖1 − f′w‖ ≤ 1 + ‖w‖ for |f′| ≤ 1, and about 1.
	fastest := 1 + mat.Norm(e.w, 2)
	leaps := int(math.Ceil(1.5 * fastest))
	numbers := random.New(seed, fmt.Sprintf("chain %d", number))
	k, index := e.free, 0
	x, p, g := append([]float64(nil), x0...), make([]float64, k), make([]float64, k)
	proposed := make([]float64, k)
	force := func(x []float64) float64 {
		h := e.Gradient(g, x)
		for i := range g {
			g[i] = float64(lambda*g[i]) + float64((1-lambda)*(x[i]-x0[i]))
		}
		return float64(lambda*h) + float64((1-lambda)*distance(x, x0))
	}
	series := make([][]float64, len(observables))
	width := math.Sqrt(r.Temperature)
	accepted := 0
	burn := samples / 10
	for s := range burn + samples {
		// Steps of varying length never fit a period.
		step := (0.6 + float64(0.6*numbers.Uniform(1<<40+2*s))) / fastest
		h := force(x)
		copy(proposed, x)
		before, after := h, 0.0
		for i := range p {
			p[i] = width * numbers.Normal(index)
			index++
			before += float64(p[i] * p[i] / 2)
		}
		for range leaps {
			for i := range p {
				p[i] -= float64(step / 2 * g[i])
				proposed[i] += float64(step * p[i])
			}
			h = force(proposed)
			for i := range p {
				p[i] -= float64(step / 2 * g[i])
			}
		}
		after = h
		for _, v := range p {
			after += float64(v * v / 2)
		}
		if numbers.Uniform(1<<40+2*s+1) < elementary.Exp((before-after)/r.Temperature) {
			copy(x, proposed)
			accepted++
		}
		if s >= burn {
			for i, o := range observables {
				series[i] = append(series[i], o(x))
			}
		}
	}
	r.Acceptance = min(r.Acceptance, float64(accepted)/float64(burn+samples))
	means := make([]ensemble.Estimate, len(series))
	for i, v := range series {
		var tau float64
		means[i], tau = Correlated(v)
		r.Correlation = max(r.Correlation, tau)
	}
	return means
}

// Correlated returns the mean of a time series and its standard error √(2τ v/n),
// v being the variance and τ the integrated autocorrelation time
//
//	τ = ½ + Σ_{t ≥ 1} ρ(t),
//
// summed up to the first t ≥ 6τ (Sokal's window). τ is ½ for independent numbers;
// a series should be some hundred τ long.
func Correlated(x []float64) (mean ensemble.Estimate, tau float64) {
	n := len(x)
	m := sums.Sum(0, n, func(i int) float64 { return x[i] }) / float64(n)
	correlation := func(t int) float64 {
		return sums.Sum(0, n-t, func(i int) float64 { return (x[i] - m) * (x[i+t] - m) }) / float64(n-t)
	}
	v := correlation(0)
	tau = 0.5
	if v == 0 {
		return ensemble.Estimate{Value: m}, tau
	}
	for t := 1; t < n/2 && float64(t) < 6*tau; t++ {
		tau += correlation(t) / v
	}
	tau = max(tau, 0.5/float64(n)) // a series may alternate, but its error is no root of a negative number
	return ensemble.Estimate{Value: m, Error: math.Sqrt(2 * tau * v / float64(n))}, tau
}
