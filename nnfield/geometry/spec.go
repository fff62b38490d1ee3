package geometry

import (
	"encoding/json"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// modelSpec is the canonical form of a model. The lattice and the state are written
// and read by the flat field.
type modelSpec struct {
	Theory  string              `json:"theory"`
	Lattice json.RawMessage     `json:"lattice"`
	Mass    float64             `json:"mass"`
	Order   int                 `json:"order"`
	Lapse   *profile            `json:"lapse,omitempty"` // 1
	Space   map[string]*profile `json:"space"`           // xx, xy …; δ_ij
	Shift   map[string]*profile `json:"shift"`           // x, y, z; 0
	Scale   *scaleFactor        `json:"scale_factor,omitempty"`
	Initial []map[string]any    `json:"initial"`
}

// component names h_ij in a Spec.
func component(i, j int) string { return lattice.AxisName(i) + lattice.AxisName(j) }

// Spec returns the model as a value for canonical JSON.
func (m *model) Spec(arrays theory.Arrays) (any, error) {
	p := m.p
	flat, err := flatField(p.lattice, p.initial)
	if err != nil {
		return nil, err
	}
	f, err := newFlatSpec(flat, arrays)
	if err != nil {
		return nil, err
	}
	s := modelSpec{
		Theory: m.Theory(), Lattice: f.Lattice, Mass: p.mass, Order: p.order, Scale: p.scale, Initial: f.Initial,
		Space: map[string]*profile{}, Shift: map[string]*profile{},
	}
	if s.Lapse, err = p.lapse.stored(arrays); err != nil {
		return nil, err
	}
	for i := range 3 {
		for j := i; j < 3; j++ {
			if q := p.space[Component(3, i, j)]; q != nil {
				if s.Space[component(i, j)], err = q.stored(arrays); err != nil {
					return nil, err
				}
			}
		}
		if q := p.shift[i]; q != nil {
			if s.Shift[lattice.AxisName(i)], err = q.stored(arrays); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// Decode reads what Spec of a model wrote: theory "curved-klein-gordon".
func Decode(spec []byte, arrays theory.Arrays) (theory.Model, error) {
	var s modelSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	flat, err := flatSpec{
		Theory: "klein-gordon", Lattice: s.Lattice, Laplacian: theory.Order2, Potential: json.RawMessage(`{"kind":"none"}`), Initial: s.Initial,
	}.decode(arrays)
	if err != nil {
		return nil, err
	}
	f, _ := theory.Parameters(flat)
	b := KleinGordon().Lattice(f.Lattice.Axes()...).Mass(s.Mass).Order(s.Order)
	b.p.initial = f.Initial
	if b.p.lapse, err = s.Lapse.loaded("lapse", arrays); err != nil {
		return nil, err
	}
	for i := range 3 {
		for j := i; j < 3; j++ {
			name := component(i, j)
			if b.p.space[Component(3, i, j)], err = s.Space[name].loaded("space."+name, arrays); err != nil {
				return nil, err
			}
			delete(s.Space, name)
		}
		name := lattice.AxisName(i)
		if b.p.shift[i], err = s.Shift[name].loaded("shift."+name, arrays); err != nil {
			return nil, err
		}
		delete(s.Shift, name)
	}
	for name := range s.Space {
		return nil, fmt.Errorf("space.%s: no component; use xx, xy, xz, yy, yz and zz", name)
	}
	for name := range s.Shift {
		return nil, fmt.Errorf("shift.%s: no component; use x, y and z", name)
	}
	if s.Scale != nil {
		b = b.ScaleFactor(s.Scale.Clock, s.Scale.Expression, s.Scale.Parameters)
	}
	return b.Build()
}
