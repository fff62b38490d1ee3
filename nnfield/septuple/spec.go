package septuple

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// spec is the canonical form of a network.
type spec struct {
	Theory      string              `json:"theory"`
	Lattice     *theory.LatticeSpec `json:"lattice,omitempty"`
	Neurons     *int                `json:"neurons,omitempty"`
	Types       []string            `json:"types,omitempty"`
	Weights     *node               `json:"weights,omitempty"`
	Flow        *node               `json:"flow,omitempty"`
	Bias        *node               `json:"bias,omitempty"`
	Activations []activationSpec    `json:"activations,omitempty"`
	Loss        []lossSpec          `json:"loss"`
	Boundary    []shownSpec         `json:"boundary,omitempty"`
	Rate        *float64            `json:"rate,omitempty"`
	WeightRate  float64             `json:"weight_rate"`
	Decay       *theory.ProfileSpec `json:"decay,omitempty"`
	Clock       *float64            `json:"clock,omitempty"`
	Initial     []startSpec         `json:"initial"`
}

// Spec returns the network as a value for canonical JSON, tensors and data by their
// content.
func (m *model) Spec(arrays theory.Arrays) (any, error) {
	p := m.p
	s := spec{Theory: m.Theory(), Types: p.Types, Rate: p.Rate, WeightRate: p.WeightRate, Clock: p.Clock,
		Loss: []lossSpec{}, Initial: []startSpec{}}
	if m.place.bare {
		s.Neurons = &p.Neurons
	} else {
		l := theory.NewLatticeSpec(p.Lattice, p.Drives)
		s.Lattice = &l
	}
	var err error
	for _, t := range []struct {
		from Tensor
		to   **node
	}{{p.Weights, &s.Weights}, {p.Flow, &s.Flow}, {p.Bias, &s.Bias}} {
		if *t.to, err = t.from.node.stored(arrays); err != nil {
			return nil, err
		}
	}
	for _, a := range p.Activations {
		s.Activations = append(s.Activations, a.spec())
	}
	for _, l := range p.Loss {
		t, err := l.spec(m.place.neurons(), arrays)
		if err != nil {
			return nil, err
		}
		s.Loss = append(s.Loss, t)
	}
	for _, b := range p.Boundary {
		t, err := b.spec(arrays)
		if err != nil {
			return nil, err
		}
		s.Boundary = append(s.Boundary, t)
	}
	if s.Decay, err = p.Decay.Spec(arrays); err != nil {
		return nil, err
	}
	for _, i := range p.Initial {
		t, err := i.spec(arrays)
		if err != nil {
			return nil, err
		}
		s.Initial = append(s.Initial, t)
	}
	return s, nil
}

// maxTerms bounds the lists of a Spec.
const maxTerms = theory.MaxInitial

// Decode reads what Spec of a network wrote.
func Decode(b []byte, arrays theory.Arrays) (theory.Model, error) {
	var s spec
	if err := canon.Decode(b, &s); err != nil {
		return nil, err
	}
	p := Network{Types: s.Types, Rate: s.Rate, WeightRate: s.WeightRate, Clock: s.Clock}
	for name, n := range map[string]int{"loss": len(s.Loss), "boundary": len(s.Boundary), "initial": len(s.Initial), "activations": len(s.Activations), "types": len(s.Types)} {
		if n > maxTerms {
			return nil, fmt.Errorf("%s: %d entries; at most %d", name, n, maxTerms)
		}
	}
	var err error
	if s.Lattice != nil {
		if p.Lattice, p.Drives, err = s.Lattice.Build(); err != nil {
			return nil, fmt.Errorf("lattice: %w", err)
		}
	}
	if s.Neurons != nil {
		if p.Neurons = *s.Neurons; p.Neurons == 0 {
			return nil, fmt.Errorf("neurons: 0; it must be at least 2")
		}
	}
	for _, t := range []struct {
		key  string
		from *node
		to   *Tensor
	}{{"weights", s.Weights, &p.Weights}, {"flow", s.Flow, &p.Flow}, {"bias", s.Bias, &p.Bias}} {
		if err := t.from.load(arrays); err != nil {
			return nil, fmt.Errorf("%s: %w", t.key, err)
		}
		t.to.node = t.from
	}
	for _, a := range s.Activations {
		f, err := a.build()
		if err != nil {
			return nil, err
		}
		p.Activations = append(p.Activations, f)
	}
	for _, l := range s.Loss {
		t, err := l.build(arrays)
		if err != nil {
			return nil, err
		}
		p.Loss = append(p.Loss, t)
	}
	for _, b := range s.Boundary {
		t, err := b.build(arrays)
		if err != nil {
			return nil, err
		}
		p.Boundary = append(p.Boundary, t)
	}
	if p.Decay, err = s.Decay.Build("decay", arrays); err != nil {
		return nil, err
	}
	for _, i := range s.Initial {
		t, err := i.build(arrays)
		if err != nil {
			return nil, err
		}
		p.Initial = append(p.Initial, t)
	}
	return p.Build()
}
