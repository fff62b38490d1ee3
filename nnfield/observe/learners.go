package observe

import (
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// learners returns the field of a model whose numbers belong to learners, its place among
// the arrays, and the names of its variables.
func learners(call string, m theory.Model) (field int, f theory.Field, names []string, err error) {
	for i, f := range m.Fields() {
		if f.Role == theory.Learners {
			if names = f.Types; len(names) == 0 {
				names = []string{f.Symbol}
			}
			return i, f, names, nil
		}
	}
	return 0, f, nil, fmt.Errorf("%s: %s has no learners; it is for crowds of them", call, m.Theory())
}

// Moments records the mean and the variance of each variable over the learners of a crowd:
// the means, then the variances.
func Moments() simulate.Observer { return observer{Kind: "moments"} }

func bindMoments(_ observer, m theory.Model) (simulate.Probe, error) {
	field, f, names, err := learners("Moments", m)
	if err != nil {
		return simulate.Probe{}, err
	}
	n := f.Elements()
	var symbols []string
	for _, name := range names {
		symbols = append(symbols, "⟨"+name+"⟩")
	}
	for _, name := range names {
		symbols = append(symbols, "Var "+name)
	}
	return simulate.Probe{Symbol: strings.Join(symbols, ", "), Shape: []int{len(symbols)}, Value: func(dst []float64, s theory.Snapshot) {
		for k := range names {
			q := s.Arrays[field][k*n : (k+1)*n]
			mean := sums.Sum(0, n, func(i int) float64 { return q[i] }) / float64(n)
			dst[k] = mean
			dst[len(names)+k] = sums.Sum(0, n, func(i int) float64 { return (q[i] - mean) * (q[i] - mean) }) / float64(n-1)
		}
	}}, nil
}

// maxBins bounds a histogram.
const maxBins = 1 << 16

// Histogram records the density of a variable over the learners of a crowd in equal bins
// between two limits: counts over the number of learners times the width of a bin. What
// lies outside is in no bin.
func Histogram(variable string, low, high float64, bins int) simulate.Observer {
	return observer{Kind: "histogram", Variable: variable, Low: low, High: high, Bins: bins}
}

func bindHistogram(o observer, m theory.Model) (simulate.Probe, error) {
	field, f, names, err := learners("Histogram", m)
	if err != nil {
		return simulate.Probe{}, err
	}
	which := -1
	for k, name := range names {
		if name == o.Variable {
			which = k
		}
	}
	switch {
	case which < 0:
		return simulate.Probe{}, fmt.Errorf("Histogram(%q): no such variable; the learners have %s", o.Variable, strings.Join(names, ", "))
	case !(o.Low < o.High) || math.IsInf(o.Low, 0) || math.IsInf(o.High, 0):
		return simulate.Probe{}, fmt.Errorf("Histogram(%q): from %v to %v; the limits must be finite, the lower one first", o.Variable, o.Low, o.High)
	case o.Bins < 1 || o.Bins > maxBins:
		return simulate.Probe{}, fmt.Errorf("Histogram(%q): %d bins; use from 1 to %d", o.Variable, o.Bins, maxBins)
	}
	n := f.Elements()
	width := (o.High - o.Low) / float64(o.Bins)
	return simulate.Probe{Symbol: "p(" + o.Variable + ")", Shape: []int{o.Bins}, Value: func(dst []float64, s theory.Snapshot) {
		clear(dst)
		for _, x := range s.Arrays[field][which*n : (which+1)*n] {
			if i := math.Floor((x - o.Low) / width); i >= 0 && i < float64(o.Bins) {
				dst[int(i)]++
			}
		}
		for i := range dst {
			dst[i] /= float64(n) * width
		}
	}}, nil
}

// Distance records the Kolmogorov distance of learners from the density that they are
// meant to have: of Nelson learners from |ψ|², below 1.36/√n in 95 of 100 cases for n
// learners that do have it.
func Distance() simulate.Observer { return observer{Kind: "distance"} }

func bindDistance(_ observer, m theory.Model) (simulate.Probe, error) {
	e, err := m.Evolve(1 / m.MaxFrequency(nil))
	if err != nil {
		return simulate.Probe{}, fmt.Errorf("Distance: %w", err)
	}
	d, ok := e.(interface{ Distance(*theory.State) float64 })
	if !ok {
		return simulate.Probe{}, fmt.Errorf("Distance: %s has no density that learners should have; it is for Nelson learners", m.Theory())
	}
	return simulate.Probe{Symbol: "distance", Value: ofEvolution(e, d.Distance)}, nil
}
