package theory

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Profile is a quantity that depends on the place, and where a setter says so
// on the time: a formula, or a number for each site. The zero value is 0.
//
// Make one with [Formulate] or [SiteProfile].
type Profile struct {
	source     string
	parameters map[string]float64
	expr       *expr.Expr
	values     []float64
	err        error
}

// places are the variables of a profile.
var places = []string{"x", "y", "z", "t"}

// Formulate returns the profile of a formula of x, y, z and t with named
// parameters, such as "m*tanh(x - 10)".
func Formulate(source string, parameters map[string]float64) Profile {
	p := Profile{source: source, parameters: parameters}
	p.expr, p.err = expr.Parse(source, places, parameters)
	if p.err != nil {
		p.err = fmt.Errorf("Profile(%q): %w", source, p.err)
	}
	return p
}

// SiteProfile returns the profile that has a given number at each site, in
// row-major order.
func SiteProfile(values []float64) Profile {
	p := Profile{values: append([]float64{}, values...)}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			p.err = fmt.Errorf("SiteProfile: element %d is %v; every element must be finite", i, v)
			break
		}
	}
	return p
}

// Err returns what is wrong with the profile, or nil.
func (p Profile) Err() error { return p.err }

// Zero tells whether nothing was given.
func (p Profile) Zero() bool { return p.expr == nil && p.values == nil && p.err == nil }

// moves tells whether the profile depends on the time.
func (p Profile) moves() bool { return p.expr != nil && p.expr.Uses("t") }

// String describes the profile in a card.
func (p Profile) String() string {
	switch {
	case p.expr != nil:
		return p.source + named(p.parameters)
	case p.values != nil:
		return "given at every site"
	}
	return "0"
}

// check returns why the profile does not fit a lattice, if it does not.
func (p Profile) check(l lattice.Lattice) error {
	switch {
	case p.err != nil:
		return p.err
	case p.values != nil && len(p.values) != l.Sites():
		return fmt.Errorf("SiteProfile: %d numbers for %d sites; give one a site, in row-major order", len(p.values), l.Sites())
	case p.expr != nil:
		for j, name := range places[:3] {
			if j >= l.Dim() && p.expr.Uses(name) {
				return fmt.Errorf("Profile(%q): it uses %s, but the lattice has %d axes; use only %v", p.source, name, l.Dim(), places[:l.Dim()])
			}
		}
	}
	return nil
}

// sampled is a profile on the points of a lattice.
type sampled struct {
	Profile
	columns [4][]float64
	moving  bool // it depends on the time
}

// sample returns the profile at the sites of a lattice, moved by the given
// fraction of a spacing along an axis. Check it first.
func (p Profile) sample(l lattice.Lattice, axis int, fraction float64) *sampled {
	s := &sampled{Profile: p, moving: p.moves()}
	if p.expr == nil {
		return s
	}
	unused := make([]float64, l.Sites())
	for j, name := range places {
		s.columns[j] = unused // what a formula does not use may hold anything
		switch {
		case name == "t":
			s.columns[j] = make([]float64, l.Sites())
		case j < l.Dim() && p.expr.Uses(name):
			s.columns[j] = l.Coordinates(j)
			if j == axis {
				for i := range s.columns[j] {
					s.columns[j][i] += float64(fraction * l.Spacing(j))
				}
			}
		}
	}
	return s
}

// at writes the values at time t to dst.
func (s *sampled) at(dst []float64, t float64) {
	switch {
	case s.expr != nil:
		if s.moving {
			for i := range s.columns[3] {
				s.columns[3][i] = t
			}
		}
		s.expr.EvalTo(dst, s.columns[:]...)
	case s.values != nil:
		copy(dst, s.values)
	default:
		clear(dst)
	}
}

// Static returns the values of a profile that must not depend on the time; call
// is the setter it came from.
func (p Profile) Static(call string, l lattice.Lattice) ([]float64, error) {
	if err := p.check(l); err != nil {
		return nil, fmt.Errorf("%s: %w", call, err)
	}
	if p.moves() {
		return nil, fmt.Errorf("%s: %q depends on t; give a formula of the place alone", call, p.source)
	}
	v := make([]float64, l.Sites())
	p.sample(l, 0, 0).at(v, 0)
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%s: %s is %s at site %d; it must be finite everywhere", call, p, say.Number(x), i)
		}
	}
	return v, nil
}

// ProfileSpec is a [Profile] in a Spec: a formula or numbers.
type ProfileSpec struct {
	Expression *string            `json:"expression,omitempty"`
	Parameters map[string]float64 `json:"parameters,omitzero"`
	Values     *Numbers           `json:"values,omitempty"`
}

// Spec returns the profile for a Spec, nil for one that was not given.
func (p Profile) Spec(arrays Arrays) (*ProfileSpec, error) {
	switch {
	case p.expr != nil:
		return &ProfileSpec{Expression: &p.source, Parameters: parameters(p.parameters)}, nil
	case p.values != nil:
		v, err := numbers(p.values, arrays)
		return &ProfileSpec{Values: v}, err
	}
	return nil, nil
}

// Build undoes Profile.Spec; key is where it stands.
func (s *ProfileSpec) Build(key string, arrays Arrays) (Profile, error) {
	switch {
	case s == nil:
		return Profile{}, nil
	case (s.Expression == nil) == (s.Values == nil):
		return Profile{}, fmt.Errorf("%s: give exactly one of the keys expression and values", key)
	case s.Expression != nil:
		return Formulate(*s.Expression, s.Parameters), nil
	}
	if err := s.Values.Load(arrays); err != nil {
		return Profile{}, fmt.Errorf("%s.values: %w", key, err)
	}
	return SiteProfile(s.Values.Values), nil
}
