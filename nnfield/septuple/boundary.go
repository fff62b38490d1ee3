package septuple

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Shown is what some boundary neurons P̂ are shown: a part of the distribution p_∂ of
// the data.
type Shown struct {
	kind    string
	neurons []int
	signal  theory.Signal
	source  string
	params  Params
	data    []float64 // row after row
	hold    int       // steps that a row is shown
	sigma   float64
	seed    uint64
	err     error
}

// Clamp shows a formula of the time t to the given neurons.
func Clamp(neurons []int, formula string, parameters ...Params) Shown {
	s := Shown{kind: "signal", neurons: slices.Clone(neurons), source: formula, params: merged(parameters)}
	s.signal = theory.NewSignal(formula, s.params)
	if err := s.signal.Err(); err != nil {
		s.err = fmt.Errorf("Clamp(%q): %w", formula, err)
	}
	return s.check()
}

// Data shows a data set to the given neurons: row after row, each for hold steps, and
// from the start again. A row has one number for each neuron.
func Data(neurons []int, rows [][]float64, hold int) Shown {
	s := Shown{kind: "data", neurons: slices.Clone(neurons), hold: hold}
	for i, row := range rows {
		if len(row) != len(neurons) && s.err == nil {
			s.err = fmt.Errorf("Data: row %d has %d numbers for %d neurons; give one for each", i, len(row), len(neurons))
		}
		s.data = append(s.data, row...)
	}
	return s.check()
}

// Noise shows independent normal numbers of mean 0 and standard deviation sigma to the
// given neurons, new ones each step.
func Noise(neurons []int, sigma float64, seed uint64) Shown {
	return Shown{kind: "noise", neurons: slices.Clone(neurons), sigma: sigma, seed: seed}.check()
}

// check keeps the first thing that is wrong.
func (s Shown) check() Shown {
	if s.err != nil {
		return s
	}
	switch {
	case len(s.neurons) == 0:
		s.err = fmt.Errorf("boundary: no neurons; number at least one")
	case s.kind == "data" && (len(s.data) == 0 || len(s.data)%len(s.neurons) != 0):
		s.err = fmt.Errorf("Data: %d numbers for %d neurons; give at least one row, with one number for each neuron", len(s.data), len(s.neurons))
	case s.kind == "data" && s.hold < 1:
		s.err = fmt.Errorf("Data: a row shown for %d steps; it must be at least 1", s.hold)
	case s.kind == "data":
		s.err = finite("Data", s.data)
	case s.kind == "noise" && (!(s.sigma >= 0) || math.IsInf(s.sigma, 1)):
		s.err = fmt.Errorf("Noise(%v): the standard deviation must be finite and not negative", s.sigma)
	}
	return s
}

// String returns what is shown.
func (s Shown) String() string {
	if s.err != nil {
		return s.err.Error()
	}
	what := map[string]string{
		"signal": s.source + named(s.params),
		"data":   fmt.Sprintf("%d rows of data, each for %d steps", len(s.data)/max(1, len(s.neurons)), s.hold),
		"noise":  fmt.Sprintf("noise of %v, seed %d", s.sigma, s.seed),
	}[s.kind]
	if len(s.neurons) == 1 {
		return fmt.Sprintf("neuron %d shown %s", s.neurons[0], what)
	}
	return fmt.Sprintf("%d neurons shown %s", len(s.neurons), what)
}

// sample writes what the neurons show at a time, after so many steps.
func (s Shown) sample(dst []float64, t float64, step int) {
	switch s.kind {
	case "signal":
		v := s.signal.At(t)
		for i := range dst {
			dst[i] = v
		}
	case "data":
		n, rows := len(s.neurons), len(s.data)/len(s.neurons)
		row := max(0, (step-1)/s.hold) % rows // shown from the first step on
		copy(dst, s.data[row*n:(row+1)*n])
	case "noise":
		numbers := random.New(s.seed, "boundary")
		for i := range dst {
			dst[i] = s.sigma * numbers.Normal(step*len(dst)+i)
		}
	}
}

// boundary returns P̂ and p_∂ of all that is shown, nil for nothing. Steps are counted
// by the clock.
func boundary(all []Shown, clock float64) *network.Boundary {
	if len(all) == 0 {
		return nil
	}
	b := &network.Boundary{}
	for _, s := range all {
		b.Sites = append(b.Sites, s.neurons...)
	}
	b.Sample = func(dst []float64, t float64) {
		step := int(math.Round(t / clock))
		for _, s := range all {
			s.sample(dst[:len(s.neurons)], t, step)
			dst = dst[len(s.neurons):]
		}
	}
	return b
}

// shownSpec is what is shown in a Spec.
type shownSpec struct {
	Kind       string          `json:"kind"`
	Neurons    *theory.Numbers `json:"neurons"`
	Expression *string         `json:"expression,omitempty"`
	Parameters Params          `json:"parameters,omitzero"`
	Data       *theory.Numbers `json:"data,omitempty"`
	Hold       *int            `json:"hold,omitempty"`
	Sigma      *float64        `json:"sigma,omitempty"`
	Seed       *string         `json:"seed,omitempty"`
}

func (s Shown) spec(arrays theory.Arrays) (out shownSpec, err error) {
	out.Kind = s.kind
	if out.Neurons, err = whole(s.neurons).Stored(arrays); err != nil {
		return out, err
	}
	switch s.kind {
	case "signal":
		out.Expression, out.Parameters = &s.source, merged([]Params{s.params})
	case "data":
		out.Hold = &s.hold
		out.Data, err = (&theory.Numbers{Values: s.data}).Stored(arrays)
	case "noise":
		seed := strconv.FormatUint(s.seed, 10)
		out.Sigma, out.Seed = &s.sigma, &seed
	}
	return out, err
}

func (s shownSpec) build(arrays theory.Arrays) (Shown, error) {
	if s.Neurons == nil {
		return Shown{}, fmt.Errorf("boundary.neurons: missing")
	}
	if err := s.Neurons.Load(arrays); err != nil {
		return Shown{}, fmt.Errorf("boundary.neurons: %w", err)
	}
	var neurons []int
	for _, v := range s.Neurons.Values {
		i, err := index("boundary.neurons", v, math.MaxInt32)
		if err != nil {
			return Shown{}, err
		}
		neurons = append(neurons, i)
	}
	switch s.Kind {
	case "signal":
		if s.Expression == nil {
			return Shown{}, fmt.Errorf("boundary.expression: missing for kind %q", s.Kind)
		}
		return Clamp(neurons, *s.Expression, s.Parameters), nil
	case "data":
		if s.Data == nil || s.Hold == nil {
			return Shown{}, fmt.Errorf("boundary: data and hold are needed for kind %q", s.Kind)
		}
		if err := s.Data.Load(arrays); err != nil {
			return Shown{}, fmt.Errorf("boundary.data: %w", err)
		}
		return Shown{kind: "data", neurons: neurons, data: s.Data.Values, hold: *s.Hold}.check(), nil
	case "noise":
		if s.Sigma == nil || s.Seed == nil {
			return Shown{}, fmt.Errorf("boundary: sigma and seed are needed for kind %q", s.Kind)
		}
		seed, err := strconv.ParseUint(*s.Seed, 10, 64)
		if err != nil {
			return Shown{}, fmt.Errorf("boundary.seed: %q; it must be a whole number from 0 to 18446744073709551615, as a string", *s.Seed)
		}
		return Noise(neurons, *s.Sigma, seed), nil
	}
	return Shown{}, fmt.Errorf("boundary.kind: %q is unknown; use signal, data or noise", s.Kind)
}
