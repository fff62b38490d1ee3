package strings

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// stringSpec is the canonical form of a model.
type stringSpec struct {
	Theory     string    `json:"theory"`
	Sites      int       `json:"sites"`
	Length     float64   `json:"length"`
	Average    string    `json:"average"` // states or weights
	Right      curveSpec `json:"right"`
	Left       curveSpec `json:"left"`
	Parameters Params    `json:"parameters"`
}

// curveSpec is a curve: formulas, or the names of stored arrays.
type curveSpec struct {
	Formulas []string `json:"formulas,omitempty"`
	Points   []string `json:"points,omitempty"`
}

func (c curve) spec(arrays theory.Arrays) (curveSpec, error) {
	s := curveSpec{Formulas: c.formulas}
	for _, p := range c.points {
		name, err := arrays.Put(p)
		if err != nil {
			return s, err
		}
		s.Points = append(s.Points, name)
	}
	return s, nil
}

// Spec returns the model as a value for canonical JSON.
func (m *model) Spec(arrays theory.Arrays) (any, error) {
	s := stringSpec{
		Theory: m.Theory(), Sites: m.p.axis.Sites, Length: m.p.axis.Length, Average: "states", Parameters: m.p.parameters,
	}
	if s.Parameters == nil {
		s.Parameters = Params{}
	}
	if m.p.averaged {
		s.Average = "weights"
	}
	var err error
	if s.Right, err = m.p.right.spec(arrays); err != nil {
		return nil, err
	}
	s.Left, err = m.p.left.spec(arrays)
	return s, err
}

// Decode reads the model that a Spec of the theory "string" holds.
func Decode(spec []byte, arrays theory.Arrays) (theory.Model, error) {
	var s stringSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	b := String().Ring(s.Sites, s.Length).Parameters(s.Parameters)
	switch s.Average {
	case "states":
	case "weights":
		b = b.AverageWeights()
	default:
		return nil, fmt.Errorf("average: %q is unknown; use states or weights", s.Average)
	}
	var err error
	if b.p.right, err = s.Right.curve("right", arrays); err != nil {
		return nil, err
	}
	if b.p.left, err = s.Left.curve("left", arrays); err != nil {
		return nil, err
	}
	return b.Build()
}

func (s curveSpec) curve(key string, arrays theory.Arrays) (curve, error) {
	if (s.Formulas == nil) == (s.Points == nil) {
		return curve{}, fmt.Errorf("%s: give exactly one of the keys formulas and points", key)
	}
	c := curve{formulas: s.Formulas}
	for i, name := range s.Points {
		p, err := arrays.Get(name)
		if err != nil {
			return curve{}, fmt.Errorf("%s.points[%d]: %w", key, i, err)
		}
		c.points = append(c.points, p)
	}
	return c, nil
}
