package theory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Decoders says how the models of this package are read from a Spec, by the names
// of their theories.
func Decoders() map[string]func(spec []byte, arrays Arrays) (Model, error) {
	return map[string]func([]byte, Arrays) (Model, error){
		"klein-gordon":   DecodeKleinGordon,
		"dirac":          DecodeDirac,
		"charged-scalar": DecodeChargedScalar,
		"charged-dirac":  DecodeChargedDirac,
		"maxwell":        DecodeMaxwell,
	}
}

// Numbers is an array in a Spec: the numbers themselves up to 64 of them, the
// name of a stored array otherwise.
type Numbers struct {
	Values []float64
	Name   string // if not empty, it stands for the values
}

const inline = 64

// Stored returns n for a Spec, with a name instead of values if there are many.
func (n *Numbers) Stored(arrays Arrays) (*Numbers, error) {
	if n == nil || len(n.Values) <= inline {
		return n, nil
	}
	name, err := arrays.Put(n.Values)
	return &Numbers{Name: name}, err
}

// Load puts the values in the place of their name.
func (n *Numbers) Load(arrays Arrays) (err error) {
	if n != nil && n.Name != "" {
		n.Values, err = arrays.Get(n.Name)
		n.Name = ""
	}
	return err
}

// numbers puts an array into a Spec.
func numbers(v []float64, arrays Arrays) (*Numbers, error) {
	return (&Numbers{Values: v}).Stored(arrays)
}

// MarshalJSON writes the numbers or the name.
func (n Numbers) MarshalJSON() ([]byte, error) {
	if n.Name != "" {
		return json.Marshal(n.Name)
	}
	return json.Marshal(append([]float64{}, n.Values...))
}

// UnmarshalJSON reads either.
func (n *Numbers) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &n.Name)
	}
	return canon.Decode(b, &n.Values) // which says in words what stands there
}

// LatticeSpec is a lattice in a Spec, with the signals of its driven sides.
type LatticeSpec struct {
	Axes []axisSpec `json:"axes"`
}

type axisSpec struct {
	Sites  int          `json:"sites"`
	Length float64      `json:"length"`
	Low    boundarySpec `json:"low"`
	High   boundarySpec `json:"high"`
}

type boundarySpec struct {
	Kind   string      `json:"kind"`
	Sponge *spongeSpec `json:"sponge,omitempty"`
	Signal *signalSpec `json:"signal,omitempty"`
}

type spongeSpec struct {
	Width    float64 `json:"width"`
	Strength float64 `json:"strength"`
}

type signalSpec struct {
	Expression string             `json:"expression"`
	Parameters map[string]float64 `json:"parameters"`
}

// NewLatticeSpec returns a lattice with driven sides for a Spec.
func NewLatticeSpec(l lattice.Lattice, drives []Drive) LatticeSpec {
	var s LatticeSpec
	for j, a := range l.Axes() {
		end := func(side lattice.Side) boundarySpec {
			b := a.Boundary(side)
			out := boundarySpec{Kind: string(b.Kind)}
			if b.Sponge != (lattice.Sponge{}) {
				out.Sponge = &spongeSpec{b.Sponge.Width, b.Sponge.Strength}
			}
			for _, d := range drives {
				if d.Axis == j && d.Side == side {
					out.Signal = &signalSpec{d.Signal.source, parameters(d.Signal.parameters)}
				}
			}
			return out
		}
		s.Axes = append(s.Axes, axisSpec{a.Sites, a.Length, end(lattice.Low), end(lattice.High)})
	}
	return s
}

// parameters returns an empty map for nil: absent and empty are the same model.
func parameters(p map[string]float64) map[string]float64 {
	if p == nil {
		return map[string]float64{}
	}
	return maps.Clone(p)
}

// Build undoes NewLatticeSpec.
func (s LatticeSpec) Build() (lattice.Lattice, []Drive, error) {
	var axes []lattice.Axis
	var drives []Drive
	for j, a := range s.Axes {
		end := func(side lattice.Side, b boundarySpec) lattice.Boundary {
			out := lattice.Boundary{Kind: lattice.Kind(b.Kind)}
			if b.Sponge != nil {
				out.Sponge = lattice.Sponge{Width: b.Sponge.Width, Strength: b.Sponge.Strength}
			}
			if b.Signal != nil {
				drives = append(drives, Drive{j, side, NewSignal(b.Signal.Expression, b.Signal.Parameters)})
			}
			return out
		}
		axes = append(axes, lattice.Line(a.Sites, a.Length, end(lattice.Low, a.Low), end(lattice.High, a.High)))
	}
	l, err := lattice.New(axes...)
	return l, drives, err
}

// PotentialSpec is a [Potential] in a Spec.
type PotentialSpec struct {
	Kind        string             `json:"kind"`
	Lambda      *float64           `json:"lambda,omitempty"`
	V           *float64           `json:"v,omitempty"`
	Expression  *string            `json:"expression,omitempty"`
	Parameters  map[string]float64 `json:"parameters,omitzero"`
	Values      *Numbers           `json:"values,omitempty"`
	Name        *string            `json:"name,omitempty"`
	Fingerprint *string            `json:"fingerprint,omitempty"`
}

// Spec returns the potential for a Spec.
func (p Potential) Spec(arrays Arrays) (s PotentialSpec, err error) {
	s.Kind = p.kind
	switch p.kind {
	case "":
		s.Kind = kindNone
	case kindPhi4:
		s.Lambda, s.V = &p.lambda, &p.v
	case kindExpression:
		s.Expression, s.Parameters = &p.source, parameters(p.parameters)
	case kindArray:
		s.Values, err = numbers(p.values, arrays)
	case kindFunction:
		f := p.fingerprint()
		s.Name, s.Fingerprint = &p.name, &f
	}
	return s, err
}

// Build undoes Potential.Spec.
func (s PotentialSpec) Build(arrays Arrays) (Potential, error) {
	need := func(name string, ok bool) error {
		if !ok {
			return fmt.Errorf("potential.%s: missing for kind %q", name, s.Kind)
		}
		return nil
	}
	switch s.Kind {
	case kindNone:
		return Potential{}, nil
	case kindSineGordon:
		return SineGordon(), nil
	case kindPhi4:
		if s.Lambda == nil || s.V == nil {
			return Potential{}, need("lambda and potential.v", false)
		}
		return Phi4(*s.Lambda, *s.V), nil
	case kindExpression:
		if s.Expression == nil {
			return Potential{}, need("expression", false)
		}
		return Expression(*s.Expression, s.Parameters), nil
	case kindArray:
		if s.Values == nil {
			return Potential{}, need("values", false)
		}
		if err := s.Values.Load(arrays); err != nil {
			return Potential{}, fmt.Errorf("potential.values: %w", err)
		}
		return SitePotential(s.Values.Values), nil
	case kindFunction:
		name := ""
		if s.Name != nil {
			name = *s.Name
		}
		return Potential{}, fmt.Errorf("potential: the function %q is opaque here: a Spec holds its name and fingerprint only; give it as an expression, or run it from the program that has it", name)
	}
	return Potential{}, fmt.Errorf("potential.kind: %q is unknown; use %s", s.Kind,
		strings.Join([]string{kindNone, kindPhi4, kindSineGordon, kindExpression, kindArray, kindFunction}, ", "))
}

type initialSpec struct {
	Kind         string    `json:"kind"`
	At           []float64 `json:"at,omitempty"`
	WaveNumber   []float64 `json:"wave_number,omitempty"`
	Mode         []int     `json:"mode,omitempty"`
	Width        *float64  `json:"width,omitempty"`
	Amplitude    *float64  `json:"amplitude,omitempty"`
	Phase        *float64  `json:"phase,omitempty"`
	Velocity     *float64  `json:"velocity,omitempty"`
	Frequency    *float64  `json:"frequency,omitempty"`
	Temperature  *float64  `json:"temperature,omitempty"`
	Seed         *string   `json:"seed,omitempty"`   // 64 bits do not fit a JSON number
	Spinor       []float64 `json:"spinor,omitempty"` // re, im, re, im, …
	EnergySign   *int      `json:"energy_sign,omitempty"`
	Polarisation []float64 `json:"polarisation,omitempty"`
	Phi          *Numbers  `json:"phi,omitempty"`
	Beta         *Numbers  `json:"beta,omitempty"`
	A            *Numbers  `json:"a,omitempty"`
	E            *Numbers  `json:"e,omitempty"`
}

// spec writes a resolved state with all options of its kind.
func (i Initial) spec(arrays Arrays) (s initialSpec, err error) {
	s.Kind = i.kind
	has := strings.Fields(kindsOfInitial[i.kind])
	scalar := func(name string, v *float64) *float64 {
		if slices.Contains(has, name) {
			return v
		}
		return nil
	}
	if slices.Contains(has, "at") {
		s.At = i.at
	}
	switch {
	case strings.HasSuffix(i.kind, "plane-wave"), i.kind == "link-wave": // its mode says the same as its wave number, exactly
		s.Mode = i.mode
	case slices.Contains(has, "mode"):
		s.Mode = i.mode
	case slices.Contains(has, "wave_number"):
		s.WaveNumber = i.waveNumber
	}
	s.Width, s.Amplitude, s.Phase = scalar("width", &i.width), scalar("amplitude", &i.amplitude), scalar("phase", &i.phase)
	s.Velocity, s.Frequency, s.Temperature = scalar("velocity", &i.velocity), scalar("frequency", &i.frequency), scalar("temperature", &i.temperature)
	if slices.Contains(has, "seed") {
		seed := strconv.FormatUint(i.seed, 10)
		s.Seed = &seed
	}
	if slices.Contains(has, "spinor") {
		s.Spinor = flat(i.spinor)
	}
	if slices.Contains(has, "energy_sign") {
		s.EnergySign = &i.energySign
	}
	s.Polarisation = i.polarisation
	switch i.kind {
	case "values":
		if s.Phi, err = numbers(i.phi, arrays); err == nil {
			s.Beta, err = numbers(i.beta, arrays)
		}
	case "link-values":
		if s.A, err = numbers(i.phi, arrays); err == nil {
			s.E, err = numbers(i.beta, arrays)
		}
	}
	return s, err
}

func (s initialSpec) build(arrays Arrays) (Initial, error) {
	if _, ok := kindsOfInitial[s.Kind]; !ok {
		return Initial{}, fmt.Errorf("initial.kind: %q is unknown; use %s", s.Kind, strings.Join(slices.Sorted(maps.Keys(kindsOfInitial)), ", "))
	}
	var options []Option
	add := func(given bool, o func() Option) {
		if given {
			options = append(options, o())
		}
	}
	scalar := func(v *float64, o func(float64) Option) {
		if v != nil {
			options = append(options, o(*v))
		}
	}
	add(s.At != nil, func() Option { return At(s.At...) })
	add(s.WaveNumber != nil, func() Option { return WaveNumber(s.WaveNumber...) })
	add(s.Mode != nil, func() Option { return Mode(s.Mode...) })
	scalar(s.Width, Width)
	scalar(s.Amplitude, Amplitude)
	scalar(s.Phase, Phase)
	scalar(s.Velocity, Velocity)
	scalar(s.Frequency, Frequency)
	scalar(s.Temperature, Temperature)
	if len(s.Spinor)%2 != 0 {
		return Initial{}, fmt.Errorf("initial.spinor: %d numbers; give the real and the imaginary part of each component", len(s.Spinor))
	}
	add(s.Spinor != nil, func() Option { return Spinor(paired(s.Spinor)...) })
	if s.EnergySign != nil {
		options = append(options, EnergySign(*s.EnergySign))
	}
	if s.Seed != nil {
		seed, err := strconv.ParseUint(*s.Seed, 10, 64)
		if err != nil {
			return Initial{}, fmt.Errorf("initial.seed: %q; it must be a whole number from 0 to 18446744073709551615, as a string", *s.Seed)
		}
		options = append(options, Seed(seed))
	}
	add(s.Polarisation != nil, func() Option { return Polarisation(s.Polarisation...) })
	switch s.Kind {
	case "values":
		phi, beta, err := given(arrays, "phi", s.Phi, "beta", s.Beta)
		return Values(phi, beta), err
	case "link-values":
		a, e, err := given(arrays, "a", s.A, "e", s.E)
		return LinkValues(a, e), err
	}
	i := newInitial(s.Kind, options)
	return i, i.err
}

// given returns the two arrays of given values.
func given(arrays Arrays, x string, xs *Numbers, b string, bs *Numbers) (u, v []float64, err error) {
	if xs == nil || bs == nil {
		return nil, nil, fmt.Errorf("initial: given values need %s and %s", x, b)
	}
	if err := xs.Load(arrays); err != nil {
		return nil, nil, fmt.Errorf("initial.%s: %w", x, err)
	}
	if err := bs.Load(arrays); err != nil {
		return nil, nil, fmt.Errorf("initial.%s: %w", b, err)
	}
	return xs.Values, bs.Values, nil
}

// initialSpecs writes the contributions to an initial state.
func initialSpecs(all []Initial, arrays Arrays) ([]initialSpec, error) {
	out := []initialSpec{}
	for _, i := range all {
		s, err := i.spec(arrays)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// MaxInitial is the number of contributions to an initial state that a Spec may have.
const MaxInitial = 4096

// buildInitial undoes initialSpecs.
func buildInitial(specs []initialSpec, arrays Arrays) (all []Initial, err error) {
	if len(specs) > MaxInitial {
		return nil, fmt.Errorf("initial: %d contributions; at most %d, give their sum as values", len(specs), MaxInitial)
	}
	for _, s := range specs {
		i, err := s.build(arrays)
		if err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, nil
}

// flat writes complex numbers as re, im, re, im, …
func flat(values []complex128) []float64 {
	out := make([]float64, 0, 2*len(values))
	for _, v := range values {
		out = append(out, real(v), imag(v))
	}
	return out
}

// paired undoes flat.
func paired(numbers []float64) []complex128 {
	out := make([]complex128, len(numbers)/2)
	for i := range out {
		out[i] = complex(numbers[2*i], numbers[2*i+1])
	}
	return out
}

// kleinGordonSpec is the canonical form of a Klein-Gordon model.
type kleinGordonSpec struct {
	Theory    string        `json:"theory"`
	Lattice   LatticeSpec   `json:"lattice"`
	Mass      float64       `json:"mass"`
	Laplacian Laplacian     `json:"laplacian"`
	Potential PotentialSpec `json:"potential"`
	Initial   []initialSpec `json:"initial"`
}

func (m *kleinGordon) Spec(arrays Arrays) (any, error) {
	s := kleinGordonSpec{
		Theory: m.Theory(), Lattice: NewLatticeSpec(m.p.Lattice, m.p.Drives),
		Mass: m.p.Mass, Laplacian: m.p.Laplacian,
	}
	var err error
	if s.Potential, err = m.p.Potential.Spec(arrays); err != nil {
		return nil, err
	}
	s.Initial, err = initialSpecs(m.p.Initial, arrays)
	return s, err
}

// DecodeKleinGordon reads what Spec of a Klein-Gordon model wrote.
func DecodeKleinGordon(spec []byte, arrays Arrays) (Model, error) {
	var s kleinGordonSpec
	if err := canon.Decode(spec, &s); err != nil {
		return nil, err
	}
	var p KleinGordon
	var err error
	if p.Lattice, p.Drives, err = s.Lattice.Build(); err != nil {
		return nil, fmt.Errorf("lattice: %w", err)
	}
	p.Mass, p.Laplacian = s.Mass, s.Laplacian
	if p.Potential, err = s.Potential.Build(arrays); err != nil {
		return nil, err
	}
	if p.Initial, err = buildInitial(s.Initial, arrays); err != nil {
		return nil, err
	}
	return p.Build()
}
