// Package observe says what to look at in a run: observers that record as the
// run goes, and analyses of a finished run.
package observe

import (
	"fmt"
	"math"
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
}

// kinds binds each kind of observer to a model.
var kinds = map[string]func(o observer, m theory.Model) (simulate.Probe, error){
	"point":          bindPoint,
	"amplitude":      bindAmplitude,
	"energy-density": bindEnergyDensity,
	"spectrum":       bindSpectrum,
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
			return o, nil
		}
	}
	return all
}

func (o observer) Spec() (any, error)                          { return o, nil }
func (o observer) Bind(m theory.Model) (simulate.Probe, error) { return kinds[o.Kind](o, m) }

func (o observer) Name() string {
	if o.At == nil {
		return o.Kind
	}
	return fmt.Sprintf("%s %v", o.Kind, o.At)
}

// Point records all fields at the site nearest to a place: one coordinate for
// each axis.
func Point(at ...float64) simulate.Observer { return observer{Kind: "point", At: at} }

func bindPoint(o observer, m theory.Model) (simulate.Probe, error) {
	l := m.Lattice()
	if len(o.At) != l.Dim() {
		return simulate.Probe{}, fmt.Errorf("Point(%v): %d coordinates for %d axes; give one for each axis", o.At, len(o.At), l.Dim())
	}
	site := 0
	for j, x := range o.At {
		a := l.Axis(j)
		if !(x >= 0 && x <= a.Length) {
			return simulate.Probe{}, fmt.Errorf("Point(%v): outside the lattice; axis %d runs from 0 to %v", o.At, j, a.Length)
		}
		i := int(math.Round((x - a.Coordinate(0)) / a.Spacing()))
		if a.Periodic() {
			i %= a.Sites
		}
		site += min(max(i, 0), a.Sites-1) * l.Stride(j)
	}
	fields := m.Fields()
	var symbols []string
	for _, f := range fields {
		symbols = append(symbols, f.Symbol)
	}
	return simulate.Probe{Symbol: strings.Join(symbols, ", "), Shape: []int{len(fields)}, Value: func(dst []float64, s theory.Snapshot) {
		for i := range dst {
			dst[i] = s.Arrays[i][site]
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

// Spectrum records the power φ_n² of each mode of the lattice (see
// weights.Modes), in the layout of the lattice; its sum is Σφ².
func Spectrum() simulate.Observer { return observer{Kind: "spectrum"} }

func bindSpectrum(_ observer, m theory.Model) (simulate.Probe, error) {
	modes, err := weights.NewModes(m.Lattice())
	if err != nil {
		return simulate.Probe{}, fmt.Errorf("Spectrum: %w", err)
	}
	return simulate.Probe{Symbol: "|φ_k|²", Shape: m.Lattice().Shape(), Value: func(dst []float64, s theory.Snapshot) {
		copy(dst, s.Arrays[0])
		modes.Forward(dst)
		for i, c := range dst {
			dst[i] = c * c
		}
	}}, nil
}
