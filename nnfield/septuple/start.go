package septuple

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Start is one contribution to the state at t = 0. Contributions add. Of a field b
// stands for the momentum β.
type Start struct {
	kind      string
	x, b      []float64      // of values
	px, pb    theory.Profile // of profiles, the same for each neuron type
	amplitude float64        // of noise
	seed      uint64
	err       error
}

// Values are the states and the biases, neuron after neuron.
func Values(x, b []float64) Start {
	s := Start{kind: "values", x: slices.Clone(x), b: slices.Clone(b)}
	if s.err = finite("Values: x", x); s.err == nil {
		s.err = finite("Values: b", b)
	}
	return s
}

// Field is a state φ and a momentum β: x = φ, and b = β of a network that runs as a field,
// b = εβ of one that moves by whole steps of the time ε.
func Field(phi, beta []float64) Start {
	s := Values(phi, beta)
	s.kind = "field"
	return s
}

// Profiles are states and biases as profiles of the place, the same for each neuron
// type; a zero profile is 0.
func Profiles(x, b theory.Profile) Start {
	s := Start{kind: "profiles", px: x, pb: b}
	if s.err = x.Err(); s.err == nil {
		s.err = b.Err()
	}
	return s
}

// Noisy are independent normal states of mean 0 and the given standard deviation.
func Noisy(amplitude float64, seed uint64) Start {
	s := Start{kind: "noise", amplitude: amplitude, seed: seed}
	if !(amplitude >= 0) || math.IsInf(amplitude, 1) {
		s.err = fmt.Errorf("Noisy(%v): the standard deviation must be finite and not negative", amplitude)
	}
	return s
}

// String returns the contribution.
func (s Start) String() string {
	if s.err != nil {
		return s.err.Error()
	}
	switch s.kind {
	case "profiles":
		var parts []string
		for _, p := range []struct {
			name string
			p    theory.Profile
		}{{"x", s.px}, {"b", s.pb}} {
			if !p.p.Zero() {
				parts = append(parts, p.name+" = "+p.p.String())
			}
		}
		if parts == nil {
			return "x = b = 0"
		}
		return strings.Join(parts, ", ")
	case "noise":
		return fmt.Sprintf("x normal of %v, seed %d", s.amplitude, s.seed)
	}
	if s.kind == "field" {
		return "given φ and β"
	}
	return "given x and b"
}

// initial checks the contributions and prepares their sum.
func (m *model) initial() error {
	size, sites := m.place.neurons(), m.place.l.Sites()
	for i, s := range m.p.Initial {
		if s.err != nil {
			return s.err
		}
		switch s.kind {
		case "values", "field":
			for _, part := range []struct {
				name string
				v    []float64
			}{{"x", s.x}, {"b", s.b}} {
				if len(part.v) != size {
					return fmt.Errorf("Values: %s has %d numbers for %d neurons; give one for each, type after type", part.name, len(part.v), size)
				}
			}
		case "profiles":
			for _, p := range []theory.Profile{s.px, s.pb} {
				if !p.Zero() {
					if _, err := p.Static("Start", m.place.l); err != nil {
						return err
					}
				}
			}
		case "noise":
		default:
			return fmt.Errorf("contribution %d to the initial state is empty; use Values, Start or Noise", i)
		}
	}
	clamped := m.boundary(m.step())
	m.start = sync.OnceValues(func() (x, b []float64) {
		x, b = make([]float64, size), make([]float64, size)
		for _, s := range m.p.Initial {
			switch s.kind {
			case "values", "field":
				unit := 1.0
				if s.kind == "field" && m.clock > 0 {
					unit = m.clock
				}
				for i := range x {
					x[i] += s.x[i]
					b[i] += float64(unit * s.b[i])
				}
			case "profiles":
				for k, to := range [2][]float64{x, b} {
					p := [2]theory.Profile{s.px, s.pb}[k]
					if p.Zero() {
						continue
					}
					v, err := p.Static("Start", m.place.l)
					if err != nil {
						continue // was tried above
					}
					for i := range to {
						to[i] += v[i%sites]
					}
				}
			case "noise":
				numbers := random.New(s.seed, "initial")
				for i := range x {
					x[i] += float64(s.amplitude * numbers.Normal(i))
				}
			}
		}
		if clamped != nil {
			shown := make([]float64, len(clamped.Sites))
			clamped.Sample(shown, 0)
			for k, i := range clamped.Sites {
				if i < size { // network.New refuses others
					x[i], b[i] = shown[k], 0
				}
			}
		}
		return x, b
	})
	return nil
}

// startSpec is a contribution in a Spec.
type startSpec struct {
	Kind      string              `json:"kind"`
	X         *theory.Numbers     `json:"x,omitempty"`
	B         *theory.Numbers     `json:"b,omitempty"`
	ProfileX  *theory.ProfileSpec `json:"profile_x,omitempty"`
	ProfileB  *theory.ProfileSpec `json:"profile_b,omitempty"`
	Amplitude *float64            `json:"amplitude,omitempty"`
	Seed      *string             `json:"seed,omitempty"`
}

func (s Start) spec(arrays theory.Arrays) (out startSpec, err error) {
	out.Kind = s.kind
	switch s.kind {
	case "values", "field":
		if out.X, err = (&theory.Numbers{Values: s.x}).Stored(arrays); err == nil {
			out.B, err = (&theory.Numbers{Values: s.b}).Stored(arrays)
		}
	case "profiles":
		if out.ProfileX, err = s.px.Spec(arrays); err == nil {
			out.ProfileB, err = s.pb.Spec(arrays)
		}
	case "noise":
		seed := strconv.FormatUint(s.seed, 10)
		out.Amplitude, out.Seed = &s.amplitude, &seed
	}
	return out, err
}

func (s startSpec) build(arrays theory.Arrays) (Start, error) {
	switch s.Kind {
	case "values", "field":
		if s.X == nil || s.B == nil {
			return Start{}, fmt.Errorf("initial: given values need x and b")
		}
		if err := s.X.Load(arrays); err != nil {
			return Start{}, fmt.Errorf("initial.x: %w", err)
		}
		if err := s.B.Load(arrays); err != nil {
			return Start{}, fmt.Errorf("initial.b: %w", err)
		}
		if s.Kind == "field" {
			return Field(s.X.Values, s.B.Values), nil
		}
		return Values(s.X.Values, s.B.Values), nil
	case "profiles":
		x, err := s.ProfileX.Build("initial.profile_x", arrays)
		if err != nil {
			return Start{}, err
		}
		b, err := s.ProfileB.Build("initial.profile_b", arrays)
		return Profiles(x, b), err
	case "noise":
		if s.Amplitude == nil || s.Seed == nil {
			return Start{}, fmt.Errorf("initial: noise needs amplitude and seed")
		}
		seed, err := strconv.ParseUint(*s.Seed, 10, 64)
		if err != nil {
			return Start{}, fmt.Errorf("initial.seed: %q; it must be a whole number from 0 to 18446744073709551615, as a string", *s.Seed)
		}
		return Noisy(*s.Amplitude, seed), nil
	}
	return Start{}, fmt.Errorf("initial.kind: %q is unknown; use values, field, profiles or noise", s.Kind)
}
