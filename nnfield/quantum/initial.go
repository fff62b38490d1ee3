package quantum

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// initial is one contribution to ψ at t = 0. It is its own canonical form: a nil
// field is not given, and after resolve every field of its kind is there.
type initial struct {
	Kind       string          `json:"kind"`
	At         []float64       `json:"at,omitempty"`
	WaveNumber []float64       `json:"wave_number,omitempty"`
	Mode       []int           `json:"mode,omitempty"`
	Width      *float64        `json:"width,omitempty"`
	Frequency  *float64        `json:"frequency,omitempty"`
	Charge     *int            `json:"charge,omitempty"`
	Amplitude  *float64        `json:"amplitude,omitempty"`
	Phase      *float64        `json:"phase,omitempty"`
	Density    *string         `json:"density,omitempty"`
	FreeEnergy *string         `json:"free_energy,omitempty"`
	Parameters Params          `json:"parameters,omitzero"`
	Re         *theory.Numbers `json:"re,omitempty"`
	Im         *theory.Numbers `json:"im,omitempty"`

	err error // the first of its options
}

// kinds lists, for each kind of contribution, its options; those before the bar
// are required.
var kinds = map[string]string{
	"packet":     "width | at wave_number amplitude phase",
	"coherent":   "frequency | at wave_number amplitude phase",
	"eigenstate": "mode | amplitude phase",
	"plane-wave": "mode | amplitude phase",
	"vortex":     "width | at charge amplitude phase",
	"fluid":      "density free_energy parameters |",
	"values":     "re im |",
}

// calls names the setter of each kind, for messages.
var calls = map[string]string{
	"packet": "Packet", "coherent": "Coherent", "eigenstate": "Eigenstate", "plane-wave": "PlaneWave",
	"vortex": "Vortex", "fluid": "Fluid", "values": "Values",
}

// Option is one parameter of an initial state.
type Option struct {
	name string
	set  func(*initial) error
}

func number(call, name, want string, v float64, ok func(float64) bool, at func(*initial) **float64) Option {
	return Option{name, func(i *initial) error {
		if math.IsNaN(v) || math.IsInf(v, 0) || !ok(v) {
			return fmt.Errorf("%s(%v): it must be %s", call, v, want)
		}
		*at(i) = &v
		return nil
	}}
}

func numbersOf(call, name string, v []float64, at func(*initial) *[]float64) Option {
	return Option{name, func(i *initial) error {
		for _, x := range v {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("%s(%s): every component must be finite", call, list(v))
			}
		}
		*at(i) = slices.Clone(v)
		return nil
	}}
}

// list writes "1, 2".
func list[T any](v []T) string {
	text := make([]string, len(v))
	for i, x := range v {
		text[i] = fmt.Sprint(x)
		if f, ok := any(x).(float64); ok {
			text[i] = fmt.Sprintf("%.6g", f)
		}
	}
	return strings.Join(text, ", ")
}

func positive(v float64) bool { return v > 0 }
func anything(float64) bool   { return true }

// At places a state: one coordinate for each axis. Default: the middle.
func At(x ...float64) Option {
	return numbersOf("At", "at", x, func(i *initial) *[]float64 { return &i.At })
}

// WaveNumber is the wave vector k, of the velocity ħk/m: one component for each
// axis. Default: 0.
func WaveNumber(k ...float64) Option {
	return numbersOf("WaveNumber", "wave_number", k, func(i *initial) *[]float64 { return &i.WaveNumber })
}

// Mode numbers an eigenstate (from 0) or the waves on each ring of a plane wave.
func Mode(n ...int) Option {
	return Option{"mode", func(i *initial) error { i.Mode = slices.Clone(n); return nil }}
}

// Width is w of the envelope exp(−r²/2w²) of ψ; the density has the standard
// deviation w/√2.
func Width(w float64) Option {
	return number("Width", "width", "positive and finite", w, positive, func(i *initial) **float64 { return &i.Width })
}

// Frequency is the angular frequency ω of the well that a coherent state belongs
// to.
func Frequency(omega float64) Option {
	return number("Frequency", "frequency", "positive and finite", omega, positive, func(i *initial) **float64 { return &i.Frequency })
}

// Charge is the circulation of a vortex in units of 2πħ/m; negative ones turn
// clockwise. Default: 1.
func Charge(n int) Option {
	return Option{"charge", func(i *initial) error {
		if n == 0 || n < -16 || n > 16 {
			return fmt.Errorf("Charge(%d): it must be a whole number from −16 to 16, not 0", n)
		}
		i.Charge = &n
		return nil
	}}
}

// Amplitude is the weight of a contribution beside the others. Default: 1.
func Amplitude(a float64) Option {
	return number("Amplitude", "amplitude", "finite", a, anything, func(i *initial) **float64 { return &i.Amplitude })
}

// Phase is added to the phase of a contribution, in radians. Default: 0.
func Phase(p float64) Option {
	return number("Phase", "phase", "finite", p, anything, func(i *initial) **float64 { return &i.Phase })
}

func newInitial(kind string, options []Option) initial {
	i := initial{Kind: kind}
	fail := func(err error) {
		if i.err == nil && err != nil {
			i.err = fmt.Errorf("%s: %w", calls[kind], err)
		}
	}
	for _, o := range options {
		if o.set == nil {
			fail(fmt.Errorf("an empty option; use %s", strings.Join(optionsOf(kind), ", ")))
			continue
		}
		if slices.Contains(i.given(), o.name) {
			fail(fmt.Errorf("the option %s is given twice", o.name))
		}
		fail(o.set(&i))
	}
	fail(i.check())
	return i
}

// optionsOf returns the options of a kind.
func optionsOf(kind string) []string {
	return strings.Fields(strings.ReplaceAll(kinds[kind], "|", " "))
}

// given names the fields that are there.
func (i initial) given() (names []string) {
	add := func(name string, ok bool) {
		if ok {
			names = append(names, name)
		}
	}
	add("at", i.At != nil)
	add("wave_number", i.WaveNumber != nil)
	add("mode", i.Mode != nil)
	add("width", i.Width != nil)
	add("frequency", i.Frequency != nil)
	add("charge", i.Charge != nil)
	add("amplitude", i.Amplitude != nil)
	add("phase", i.Phase != nil)
	add("density", i.Density != nil)
	add("free_energy", i.FreeEnergy != nil)
	add("parameters", i.Parameters != nil)
	add("re", i.Re != nil)
	add("im", i.Im != nil)
	return names
}

// check refuses a field that the kind does not have and a missing one.
func (i initial) check() error {
	given := i.given()
	for _, name := range given {
		if !slices.Contains(optionsOf(i.Kind), name) {
			return fmt.Errorf("it has no option %s; use %s", name, strings.Join(optionsOf(i.Kind), ", "))
		}
	}
	required, _, _ := strings.Cut(kinds[i.Kind], "|")
	for _, name := range strings.Fields(required) {
		if !slices.Contains(given, name) {
			return fmt.Errorf("the option %s is missing", name)
		}
	}
	return nil
}

// resolve writes the defaults into a copy and refuses what does not fit the problem.
func (i initial) resolve(p *problem) (initial, error) {
	l := p.lattice
	has := func(name string) bool { return slices.Contains(optionsOf(i.Kind), name) }
	vector := func(name string, v []float64, fallback func(j int) float64) ([]float64, error) {
		if v == nil {
			for j := range l.Dim() {
				v = append(v, fallback(j))
			}
		}
		if len(v) != l.Dim() {
			return nil, fmt.Errorf("%s has %d components, the lattice %d axes; give one for each axis", name, len(v), l.Dim())
		}
		return v, nil
	}
	var err error
	if has("at") {
		if i.At, err = vector("At", i.At, func(j int) float64 { return l.Axis(j).Length / 2 }); err != nil {
			return i, err
		}
		for j, x := range i.At {
			if x < 0 || x > l.Axis(j).Length {
				return i, fmt.Errorf("At(%s) lies outside the lattice; the %s axis runs from 0 to %v", list(i.At), lattice.AxisName(j), l.Axis(j).Length)
			}
		}
	}
	if has("wave_number") {
		if i.WaveNumber, err = vector("WaveNumber", i.WaveNumber, func(int) float64 { return 0 }); err != nil {
			return i, err
		}
		for j, k := range i.WaveNumber {
			if math.Abs(k) > math.Pi/l.Spacing(j) {
				return i, fmt.Errorf("WaveNumber %v is above π/a = %.6g on the %s axis; use a finer lattice or a longer wave", k, math.Pi/l.Spacing(j), lattice.AxisName(j))
			}
		}
	}
	one, zero, charge := 1.0, 0.0, 1
	if has("amplitude") && i.Amplitude == nil {
		i.Amplitude = &one
	}
	if has("phase") && i.Phase == nil {
		i.Phase = &zero
	}
	if has("charge") && i.Charge == nil {
		i.Charge = &charge
	}
	switch i.Kind {
	case "fluid":
		for _, part := range []**string{&i.Density, &i.FreeEnergy} {
			f, err := newFormula(**part, []Params{i.Parameters})
			if err != nil {
				return i, err
			}
			*part = &f.source
		}
	case "packet":
		return i, i.checkWidth(l, *i.Width, fmt.Sprintf("Width(%v)", *i.Width))
	case "coherent":
		w := i.coherentWidth(p)
		return i, i.checkWidth(l, w, fmt.Sprintf("Frequency(%v), of the width √(ħ/mω) = %.6g,", *i.Frequency, w))
	case "vortex":
		if l.Dim() != 2 {
			return i, fmt.Errorf("the lattice has %d axes; a vortex here lives on two, use Torus or Box", l.Dim())
		}
		return i, i.checkWidth(l, *i.Width, fmt.Sprintf("Width(%v)", *i.Width))
	case "eigenstate":
		return i, i.checkEigenstate(p)
	case "plane-wave":
		if len(i.Mode) != l.Dim() {
			return i, fmt.Errorf("Mode has %d numbers, the lattice %d axes; give one for each axis", len(i.Mode), l.Dim())
		}
		for j, n := range i.Mode {
			a := l.Axis(j)
			if !a.Periodic() {
				return i, fmt.Errorf("the %s axis has walls; use Eigenstate, or a ring", lattice.AxisName(j))
			}
			if 2*n >= a.Sites || -2*n >= a.Sites {
				return i, fmt.Errorf("Mode(%d) on a %s axis of %d sites; it must be less than half of them", n, lattice.AxisName(j), a.Sites)
			}
		}
	case "values":
		for _, part := range []struct {
			name string
			v    *theory.Numbers
		}{{"re", i.Re}, {"im", i.Im}} {
			if err := checkValues("Values", part.name, part.v.Values, l); err != nil {
				return i, err
			}
		}
	}
	return i, nil
}

// coherentWidth is √(ħ/mω).
func (i initial) coherentWidth(p *problem) float64 {
	return math.Sqrt(p.learning.Hbar() / (p.learning.Mass() * *i.Frequency))
}

// checkWidth refuses an envelope exp(−r²/2w²) that a wall cuts or that meets itself.
func (i initial) checkWidth(l lattice.Lattice, w float64, width string) error {
	for j, x := range i.At {
		a := l.Axis(j)
		if a.Periodic() {
			if w > a.Length/6 {
				return fmt.Errorf("%s on a periodic %s axis of length %v; the width must be at most a sixth of it, or the state meets itself", width, lattice.AxisName(j), a.Length)
			}
			continue
		}
		d := min(x, a.Length-x)
		if h := elementary.Exp(-d * d / (2 * w * w)); h > 0.03 { // a thousandth of the density
			return fmt.Errorf("At(%s) with %s reaches a wall of the %s axis with %.2g of its height; move it inside or make it narrower", list(i.At), width, lattice.AxisName(j), h)
		}
	}
	return nil
}

// maxEigen is the largest axis on which the Hamiltonian is diagonalised as a matrix.
const maxEigen = 1024

// checkEigenstate refuses what the diagonalisation of one axis after the other
// cannot do.
func (i initial) checkEigenstate(p *problem) error {
	l := p.lattice
	if len(i.Mode) != l.Dim() {
		return fmt.Errorf("Mode has %d numbers, the lattice %d axes; give one for each axis", len(i.Mode), l.Dim())
	}
	free := p.potential.none()
	if l.Dim() > 1 && !free {
		return fmt.Errorf("the lattice has %d axes and V is not 0; eigenstates of V here are of one axis, give others as Values", l.Dim())
	}
	for j, n := range i.Mode {
		a := l.Axis(j)
		switch {
		case free && a.Periodic():
			return fmt.Errorf("levels on the free ring of the %s axis are degenerate; use PlaneWave", lattice.AxisName(j))
		case a.Sites > maxEigen:
			return fmt.Errorf("%d sites on the %s axis; the Hamiltonian is diagonalised as a matrix, use at most %d", a.Sites, lattice.AxisName(j), maxEigen)
		case n < 0 || n >= a.Sites:
			return fmt.Errorf("Mode(%s): use numbers from 0, the ground state, to %d on the %s axis", list(i.Mode), a.Sites-1, lattice.AxisName(j))
		}
	}
	return nil
}

// wave writes the contribution at all sites to psi, each kind with norm 1 before
// its amplitude (a fluid and values: as they are).
func (i initial) wave(psi []complex128, p *problem) error {
	l := p.lattice
	switch i.Kind {
	case "packet":
		i.gauss(psi, l, *i.Width)
	case "coherent":
		i.gauss(psi, l, i.coherentWidth(p))
	case "vortex":
		i.gauss(psi, l, *i.Width)
		n := *i.Charge
		x, y := l.Coordinates(0), l.Coordinates(1)
		for s := range psi {
			z := complex(separation(x[s]-i.At[0], l.Axis(0)), separation(y[s]-i.At[1], l.Axis(1)))
			if n < 0 {
				z = cmplx.Conj(z)
			}
			for range max(n, -n) {
				psi[s] = elementary.Times(psi[s], z)
			}
		}
	case "eigenstate":
		v := p.v
		if p.potential.none() {
			v = nil
		}
		for s := range psi {
			psi[s] = 1
		}
		for j, n := range i.Mode {
			state, err := p.eigenstate(j, n, v)
			if err != nil {
				return err
			}
			stride := l.Stride(j)
			for s := range psi {
				psi[s] = elementary.Times(psi[s], complex(state[s/stride%len(state)], 0))
			}
		}
	case "plane-wave":
		for s := range psi {
			psi[s] = 1
		}
		for j, n := range i.Mode {
			for s, x := range l.Coordinates(j) {
				psi[s] = elementary.Times(psi[s], turn(2*math.Pi*float64(n)*x/l.Axis(j).Length))
			}
		}
	case "fluid":
		return i.fluid(psi, p)
	case "values":
		for s := range psi {
			psi[s] = complex(i.Re.Values[s], i.Im.Values[s])
		}
		return nil
	}
	if err := normalise(psi, l); err != nil {
		return err
	}
	scale := elementary.Times(complex(*i.Amplitude, 0), turn(*i.Phase))
	for s := range psi {
		psi[s] = elementary.Times(psi[s], scale)
	}
	return nil
}

// gauss writes exp(−r²/2w² + ik·r), r from At; on a ring by the shorter way.
func (i initial) gauss(psi []complex128, l lattice.Lattice, w float64) {
	for s := range psi {
		psi[s] = 1
	}
	for j, at := range i.At {
		k := 0.0
		if i.WaveNumber != nil {
			k = i.WaveNumber[j]
		}
		for s, x := range l.Coordinates(j) {
			d := separation(x-at, l.Axis(j))
			g := elementary.Exp(-d * d / (2 * w * w))
			psi[s] = elementary.Times(psi[s], elementary.Times(complex(g, 0), turn(k*d)))
		}
	}
}

// fluid writes √p e^{iF/ħ} of the formulas for p and F.
func (i initial) fluid(psi []complex128, p *problem) error {
	l := p.lattice
	var values [2][]float64
	var parsed [2]formula
	for n, source := range []string{*i.Density, *i.FreeEnergy} {
		f, err := newFormula(source, []Params{i.Parameters})
		if err != nil {
			return err
		}
		if err := f.fits(l); err != nil {
			return err
		}
		if values[n], err = sample(source, f.expr, l); err != nil {
			return err
		}
		parsed[n] = f
	}
	hbar := p.learning.Hbar()
	for s := range psi {
		density := values[0][s]
		if density < 0 {
			return fmt.Errorf("the density %q is %s at %s; it must not be negative", *i.Density, say.Number(density), place(l, s))
		}
		psi[s] = elementary.Times(complex(math.Sqrt(density), 0), turn(values[1][s]/hbar))
	}
	if p.name != "schrodinger" {
		return nil // F itself has one value there, and is refused where it has not
	}
	return closes(parsed[1], values[1], psi, p)
}

// closes refuses a free energy with which ψ jumps where a ring closes: F need not have
// one value there, but e^{iF/ħ} must, where there is any of ψ.
func closes(f formula, values []float64, psi []complex128, p *problem) error {
	l := p.lattice
	most := 0.0
	for _, z := range psi {
		most = max(most, cmplx.Abs(z))
	}
	for j := range l.Dim() {
		a := l.Axis(j)
		if !a.Periodic() {
			continue
		}
		columns := make([][]float64, len(variables))
		for k := range columns {
			columns[k] = l.Coordinates(min(k, l.Dim()-1))
		}
		along := make([]float64, l.Sites())
		for s, x := range columns[j] {
			along[s] = x + a.Length
		}
		columns[j] = along
		around := make([]float64, l.Sites())
		f.expr.EvalTo(around, columns...)
		for s := range psi {
			if s/l.Stride(j)%a.Sites != 0 || cmplx.Abs(psi[s]) <= 1e-4*most {
				continue
			}
			if v := around[s]; math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("the free energy %q is %s at %s = %.6g, where the ring closes; it must be finite there", f.source, say.Number(v), lattice.AxisName(j), along[s])
			}
			grown := around[s] - values[s]
			turn := 2 * math.Pi * p.learning.Hbar()
			if n := math.Round(grown / turn); math.Abs(grown/turn-n) > 1e-3 {
				return fmt.Errorf("the free energy %q grows by %.6g along the ring of the %s axis, %.4g turns of the phase, and ψ = √p e^{iF/ħ} has one value after whole turns only; let it grow by %.6g (%.0f of 2πħ)",
					f.source, grown, lattice.AxisName(j), grown/turn, turn*n, n)
			}
		}
	}
	return nil
}

// turn returns e^{iφ}.
func turn(phi float64) complex128 { return complex(elementary.Cos(phi), elementary.Sin(phi)) }

// separation returns the coordinate difference d, on a ring by the shorter way.
func separation(d float64, a lattice.Axis) float64 {
	if a.Periodic() {
		d -= a.Length * math.Round(d/a.Length)
	}
	return d
}

// normalise makes Σ|ψ|²a^d = 1.
func normalise(psi []complex128, l lattice.Lattice) error {
	norm := l.CellVolume() * sums.Sum(0, len(psi), func(s int) float64 {
		re, im := real(psi[s]), imag(psi[s])
		return float64(re*re) + float64(im*im)
	})
	if !(norm > 1e-200) || math.IsInf(norm, 1) {
		return fmt.Errorf("the state has the norm %s on this lattice; it must be positive and finite, place the state inside and make it wider than the spacing", say.Number(norm))
	}
	scale := complex(1/math.Sqrt(norm), 0)
	for s := range psi {
		psi[s] = elementary.Times(psi[s], scale)
	}
	return nil
}

// String describes a resolved contribution in a line.
func (i initial) String() string {
	var parts []string
	add := func(format string, v any) { parts = append(parts, fmt.Sprintf(format, v)) }
	if i.At != nil {
		add("at %v", list(i.At))
	}
	if i.Width != nil {
		add("width %v", *i.Width)
	}
	if i.Frequency != nil {
		add("frequency %v", *i.Frequency)
	}
	if i.Charge != nil {
		add("charge %v", *i.Charge)
	}
	if i.Mode != nil {
		add("mode %v", list(i.Mode))
	}
	if slices.ContainsFunc(i.WaveNumber, func(k float64) bool { return k != 0 }) {
		add("wave number %v", list(i.WaveNumber))
	}
	if i.Density != nil {
		add("p ∝ %s", *i.Density)
		add("F = %s", *i.FreeEnergy)
		for _, name := range sortedKeys(i.Parameters) {
			add(name+" = %v", i.Parameters[name])
		}
	}
	if i.Amplitude != nil && *i.Amplitude != 1 {
		add("amplitude %v", *i.Amplitude)
	}
	if i.Phase != nil && *i.Phase != 0 {
		add("phase %v", *i.Phase)
	}
	name := strings.ReplaceAll(i.Kind, "-", " ")
	if parts == nil {
		return name
	}
	return name + " " + strings.Join(parts, ", ")
}
