// Package observe says what to look at in a run: observers that record as the
// run goes, and analyses of a finished run.
package observe

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// observer is an observer of this package as data: its Spec is its fields.
type observer struct {
	Kind string    `json:"kind"`
	At   []float64 `json:"at,omitempty"` // of a point

	// Of a histogram.
	Variable string  `json:"variable,omitempty"`
	Low      float64 `json:"low,omitzero"`
	High     float64 `json:"high,omitzero"`
	Bins     int     `json:"bins,omitzero"`
}

// kinds binds each kind of observer to a model.
var kinds = map[string]func(o observer, m theory.Model) (simulate.Probe, error){
	"point":          bindPoint,
	"amplitude":      bindAmplitude,
	"energy-density": bindEnergyDensity,
	"charge-density": bindChargeDensity,
	"current":        bindCurrent,
	"spectrum":       bindSpectrum,
	"loss":           bindLoss,
	"accuracy":       bindAccuracy,
	"moments":        bindMoments,
	"distance":       bindDistance,
	"histogram":      bindHistogram,
}

// Observers says how the observers of this package are read from a Spec.
func Observers() map[string]func(spec []byte) (simulate.Observer, error) {
	all := map[string]func([]byte) (simulate.Observer, error){}
	for kind := range kinds {
		all[kind] = func(spec []byte) (simulate.Observer, error) {
			var o observer
			if err := canon.Decode(spec, &o); err != nil {
				return nil, err
			}
			if o.At != nil && kind != "point" {
				return nil, fmt.Errorf("observer %q: it has no key \"at\"", kind)
			}
			if (o.Variable != "" || o.Low != 0 || o.High != 0 || o.Bins != 0) && kind != "histogram" {
				return nil, fmt.Errorf("observer %q: it has none of the keys variable, low, high and bins", kind)
			}
			return o, nil
		}
	}
	return all
}

func (o observer) Spec() (any, error)                          { return o, nil }
func (o observer) Bind(m theory.Model) (simulate.Probe, error) { return kinds[o.Kind](o, m) }

// String returns the name of the observer.
func (o observer) String() string { return o.Name() }

func (o observer) Name() string {
	if o.Kind == "histogram" {
		return fmt.Sprintf("histogram of %s", o.Variable)
	}
	if o.At == nil {
		return o.Kind
	}
	return fmt.Sprintf("%s %v", o.Kind, o.At)
}

// Point records all fields of sites, neuron type after neuron type, at the site
// nearest to a place: one coordinate for each axis.
func Point(at ...float64) simulate.Observer { return observer{Kind: "point", At: at} }

func bindPoint(o observer, m theory.Model) (simulate.Probe, error) {
	l := m.Lattice()
	if len(o.At) != l.Dim() {
		return simulate.Probe{}, fmt.Errorf("Point(%v): %d coordinates for %d axes; give one for each axis", o.At, len(o.At), l.Dim())
	}
	for j, x := range o.At {
		if a := l.Axis(j); !(x >= 0 && x <= a.Length) {
			return simulate.Probe{}, fmt.Errorf("Point(%v): outside the lattice; axis %d runs from 0 to %v", o.At, j, a.Length)
		}
	}
	site := theory.NearestSite(l, o.At)
	type place struct{ field, at int }
	var places []place
	var symbols []string
	for i, f := range m.Fields() {
		if f.Role != theory.Sites {
			continue
		}
		for t := range max(1, len(f.Types)) {
			places = append(places, place{i, t*l.Sites() + site})
		}
		if len(f.Types) == 0 {
			symbols = append(symbols, f.Symbol)
		}
		for _, t := range f.Types {
			symbols = append(symbols, f.Symbol+" "+t)
		}
	}
	return simulate.Probe{Symbol: strings.Join(symbols, ", "), Shape: []int{len(places)}, Value: func(dst []float64, s theory.Snapshot) {
		for i, p := range places {
			dst[i] = s.Arrays[p.field][p.at]
		}
	}}, nil
}

// Amplitude records the largest absolute value of each field.
func Amplitude() simulate.Observer { return observer{Kind: "amplitude"} }

func bindAmplitude(_ observer, m theory.Model) (simulate.Probe, error) {
	return simulate.Probe{Symbol: "max", Shape: []int{len(m.Fields())}, Value: func(dst []float64, s theory.Snapshot) {
		for i := range dst {
			dst[i] = 0
			for _, x := range s.Arrays[i] {
				dst[i] = math.Max(dst[i], math.Abs(x))
			}
		}
	}}, nil
}

// EnergyDensity records the energy per volume at every site.
func EnergyDensity() simulate.Observer { return observer{Kind: "energy-density"} }

func bindEnergyDensity(_ observer, m theory.Model) (simulate.Probe, error) {
	d, ok := m.(theory.Dense)
	if !ok {
		return simulate.Probe{}, fmt.Errorf("EnergyDensity: %s has no energy density", m.Theory())
	}
	return simulate.Probe{Symbol: "ρ", Shape: m.Lattice().Shape(), Value: func(dst []float64, s theory.Snapshot) {
		d.EnergyDensity(dst, s.State)
	}}, nil
}

// ChargeDensity records the charge per volume at every site. In a leapfrog run
// it is the density that [Current] moves exactly.
func ChargeDensity() simulate.Observer { return observer{Kind: "charge-density"} }

func bindChargeDensity(_ observer, m theory.Model) (simulate.Probe, error) {
	c, ok := m.(theory.Charged)
	if !ok {
		return simulate.Probe{}, fmt.Errorf("ChargeDensity: %s has no charge", m.Theory())
	}
	return simulate.Probe{Symbol: "ρ", Shape: m.Lattice().Shape(), Value: c.ChargeDensity}, nil
}

// Current records the current density from each site to the next, axis after
// axis. In a leapfrog run it is the mean of the step that follows.
func Current() simulate.Observer { return observer{Kind: "current"} }

func bindCurrent(_ observer, m theory.Model) (simulate.Probe, error) {
	c, ok := m.(theory.Charged)
	if !ok {
		return simulate.Probe{}, fmt.Errorf("Current: %s has no charge", m.Theory())
	}
	return simulate.Probe{Symbol: "J", Shape: append([]int{m.Lattice().Dim()}, m.Lattice().Shape()...), Value: c.Current}, nil
}

// Spectrum records the power φ_n² of each mode of the lattice (see
// weights.Modes), in the layout of the lattice, summed over the neuron types of
// the first field; the sum over the modes is Σφ².
func Spectrum() simulate.Observer { return observer{Kind: "spectrum"} }

func bindSpectrum(_ observer, m theory.Model) (simulate.Probe, error) {
	modes, err := weights.NewModes(m.Lattice())
	if err != nil {
		return simulate.Probe{}, fmt.Errorf("Spectrum: %w", err)
	}
	coefficients := make([]float64, m.Lattice().Sites())
	return simulate.Probe{Symbol: "|φ_k|²", Shape: m.Lattice().Shape(), Transforms: true, Value: func(dst []float64, s theory.Snapshot) {
		clear(dst)
		for phi := range slices.Chunk(s.Arrays[0], len(dst)) {
			copy(coefficients, phi)
			modes.Forward(coefficients)
			for i, c := range coefficients {
				dst[i] += float64(c * c)
			}
		}
	}}, nil
}

// Loss records the loss: H(x, b) of the network behind the model, in network units
// (b = εβ), or the mean over all data of a training. It fails for a model without a
// network, and for one without a loss.
func Loss() simulate.Observer { return observer{Kind: "loss"} }

func bindLoss(_ observer, m theory.Model) (simulate.Probe, error) {
	measured := func(e theory.Evolution) func(*theory.State) float64 {
		if l, ok := e.(interface{ Loss(*theory.State) float64 }); ok {
			return l.Loss
		}
		return nil
	}
	if e, err := m.Evolve(1 / m.MaxFrequency(nil)); err == nil && measured(e) != nil {
		if n, err := m.Network(1 / m.MaxFrequency(nil)); err != nil || n.Network().Loss != nil {
			return simulate.Probe{Symbol: "H", Value: ofEvolution(e, measured(e))}, nil
		}
	}
	n, err := m.Network(1 / m.MaxFrequency(nil))
	if err != nil {
		return simulate.Probe{}, fmt.Errorf("Loss: %w", err)
	}
	if n.Network().Loss == nil {
		return simulate.Probe{}, fmt.Errorf("Loss: the network of %s has none: it is only activated", m.Theory())
	}
	size := n.Network().Weights.Size()
	var evolution theory.Evolution // of the run's own step
	return simulate.Probe{Symbol: "H", Value: func(dst []float64, s theory.Snapshot) {
		dst[0] = math.NaN() // where the run could not have begun
		if evolution == nil {
			if evolution, err = m.Evolve(s.Epsilon); err != nil {
				return
			}
			if n, err = m.Network(s.Epsilon); err != nil {
				return
			}
		}
		if st, err := theory.NetworkState(size, evolution, s.State); err == nil {
			dst[0] = n.Loss(st)
		}
	}}, nil
}

// ofEvolution evaluates what an evolution measures in the state that it works on.
func ofEvolution(e theory.Evolution, f func(*theory.State) float64) func(dst []float64, s theory.Snapshot) {
	return func(dst []float64, s theory.Snapshot) {
		net := s.Clone()
		e.Load(net, s.State)
		dst[0] = f(net)
	}
}

// Accuracy records the part of all data that a training classifies rightly.
func Accuracy() simulate.Observer { return observer{Kind: "accuracy"} }

func bindAccuracy(_ observer, m theory.Model) (simulate.Probe, error) {
	e, err := m.Evolve(1 / m.MaxFrequency(nil))
	if err != nil {
		return simulate.Probe{}, fmt.Errorf("Accuracy: %w", err)
	}
	a, ok := e.(interface{ Accuracy(*theory.State) float64 })
	if !ok {
		return simulate.Probe{}, fmt.Errorf("Accuracy: %s classifies nothing; it is for a training", m.Theory())
	}
	return simulate.Probe{Symbol: "accuracy", Value: ofEvolution(e, a.Accuracy)}, nil
}
