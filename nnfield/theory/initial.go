package theory

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Initial is one contribution to the state at t = 0. Contributions add, so that
// two packets collide and a kink meets an antikink.
type Initial struct {
	kind  string
	given map[string]bool
	err   error

	at, waveNumber          []float64
	mode                    []int
	width, amplitude, phase float64
	velocity, frequency     float64
	temperature             float64
	seed                    uint64
	spinor                  []complex128
	energySign              int
	polarisation            []float64
	phi, beta               []float64 // of links A and E
}

// Option is one parameter of an initial state.
type Option struct {
	name  string
	set   func(*Initial)
	check error
	text  string // the call that makes it
}

// String returns the call that makes the option.
func (o Option) String() string { return o.text }

// option returns an option whose check fails unless every value is finite and
// passes the test.
func option(call, want string, values []float64, test func(float64) bool, name string, set func(*Initial)) Option {
	o := Option{name: name, set: set, text: fmt.Sprintf("%s(%s)", call, list(values))}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) || !test(v) {
			o.check = fmt.Errorf("%s(%s): it must be %s", call, list(values), want)
		}
	}
	return o
}

func list(values []float64) string {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = fmt.Sprintf("%.6g", v)
	}
	return strings.Join(text, ", ")
}

func anything(float64) bool { return true }
func above0(v float64) bool { return v > 0 }

// At places a state: one coordinate for each axis. Default: the middle.
func At(x ...float64) Option {
	return option("At", "finite", x, anything, "at", func(i *Initial) { i.at = x })
}

// Width is the standard deviation w of a packet, exp(−r²/2w²).
func Width(w float64) Option {
	return option("Width", "positive and finite", []float64{w}, above0, "width", func(i *Initial) { i.width = w })
}

// WaveNumber is the wave vector k: one component for each axis. Default: 0.
func WaveNumber(k ...float64) Option {
	return option("WaveNumber", "finite", k, anything, "wave_number", func(i *Initial) { i.waveNumber = k })
}

// Mode numbers the wave by the periods (periodic axis) or half-periods (between
// walls) that fit on each axis.
func Mode(n ...int) Option {
	return Option{name: "mode", set: func(i *Initial) { i.mode = n }, text: fmt.Sprintf("Mode(%s)", strings.Trim(strings.ReplaceAll(fmt.Sprint(n), " ", ", "), "[]"))}
}

// Amplitude is the largest |φ| of a wave or packet. Default: 1.
func Amplitude(a float64) Option {
	return option("Amplitude", "finite", []float64{a}, anything, "amplitude", func(i *Initial) { i.amplitude = a })
}

// Phase is added to the phase of a wave or packet, in radians. Default: 0.
func Phase(p float64) Option {
	return option("Phase", "finite", []float64{p}, anything, "phase", func(i *Initial) { i.phase = p })
}

// Velocity is the velocity u of a soliton, |u| < 1. Default: 0.
func Velocity(u float64) Option {
	return option("Velocity", "between −1 and 1, the speed of light", []float64{u},
		func(u float64) bool { return u > -1 && u < 1 }, "velocity", func(i *Initial) { i.velocity = u })
}

// Frequency is the angular frequency of a breather, 0 < ω < 1.
func Frequency(w float64) Option {
	return option("Frequency", "between 0 and 1, the mass of the sine-Gordon meson", []float64{w},
		func(w float64) bool { return w > 0 && w < 1 }, "frequency", func(i *Initial) { i.frequency = w })
}

// Temperature is the temperature T of a thermal state (k_B = 1).
func Temperature(t float64) Option {
	return option("Temperature", "positive and finite", []float64{t}, above0, "temperature", func(i *Initial) { i.temperature = t })
}

// Seed chooses the random numbers of a thermal state. Default: 1.
func Seed(s uint64) Option {
	return Option{name: "seed", set: func(i *Initial) { i.seed = s }, text: fmt.Sprintf("Seed(%d)", s)}
}

// Spinor is the constant spinor u of a spinor wave or packet, one complex number
// a component, before it is projected on the sign of the energy. Default: the
// unit vector of which the projection leaves most.
func Spinor(u ...complex128) Option {
	o := Option{name: "spinor", set: func(i *Initial) { i.spinor = u }, text: fmt.Sprintf("Spinor(%s)", complexes(u))}
	norm := 0.0
	for _, c := range u {
		norm += float64(real(c)*real(c)) + float64(imag(c)*imag(c))
	}
	if !(norm > 0) || math.IsInf(norm, 1) {
		o.check = fmt.Errorf("Spinor(%s): it must be finite and not zero", complexes(u))
	}
	return o
}

// EnergySign keeps the waves e^{−iωt} with ω > 0 (+1), with ω < 0 (−1), or both
// (0, which leaves a spinor as given). Default: +1. A charged scalar has no 0.
func EnergySign(sign int) Option {
	o := Option{name: "energy_sign", set: func(i *Initial) { i.energySign = sign }, text: fmt.Sprintf("EnergySign(%d)", sign)}
	if sign < -1 || sign > 1 {
		o.check = fmt.Errorf("EnergySign(%d): it must be 1, −1 or 0", sign)
	}
	return o
}

// kindsOfInitial lists, for each kind, its options; those before the bar are
// required.
var kindsOfInitial = map[string]string{
	"plane-wave":    "| wave_number mode amplitude phase",
	"standing-wave": "mode | amplitude",
	"packet":        "width | at wave_number amplitude phase",
	"kink":          "| at velocity",
	"antikink":      "| at velocity",
	"breather":      "frequency | at phase",
	"thermal":       "temperature | seed",
	"values":        "phi beta |",

	"spinor-plane-wave": "| wave_number mode amplitude phase spinor energy_sign",
	"link-wave":         "polarisation | wave_number mode amplitude phase",
	"link-values":       "a e |",

	"charged-plane-wave": "| wave_number mode amplitude phase energy_sign",
	"charged-packet":     "width | at wave_number amplitude phase energy_sign",
	"spinor-packet":      "width | at wave_number amplitude phase spinor energy_sign",
}

// newInitial returns an initial state of a kind. An option that the kind does
// not have, a missing one and a bad value are kept as its error.
func newInitial(kind string, options []Option) Initial {
	i := Initial{kind: kind, given: map[string]bool{}, amplitude: 1, seed: 1, energySign: 1}
	call := initialCall(kind)
	required, optional, _ := strings.Cut(kindsOfInitial[kind], "|")
	known := strings.Fields(required + optional)
	fail := func(err error) {
		if i.err == nil {
			i.err = err
		}
	}
	for _, o := range options {
		switch {
		case o.set == nil:
			fail(fmt.Errorf("%s: an empty option; use %s", call, strings.Join(known, ", ")))
			continue
		case !slices.Contains(known, o.name):
			fail(fmt.Errorf("%s: it has no option %s; use %s", call, o.name, strings.Join(known, ", ")))
		case o.check != nil:
			fail(fmt.Errorf("%s: %w", call, o.check))
		case i.given[o.name]:
			fail(fmt.Errorf("%s: the option %s is given twice", call, o.name))
		}
		o.set(&i)
		i.given[o.name] = true
	}
	for _, name := range strings.Fields(required) {
		if !i.given[name] {
			fail(fmt.Errorf("%s: the option %s is missing", call, name))
		}
	}
	return i
}

// bare returns a kind without the field it belongs to: "spinor-packet" → "packet".
func bare(kind string) string {
	return strings.TrimPrefix(strings.TrimPrefix(kind, "spinor-"), "charged-")
}

// initialCall returns the name of the setter of a kind: "plane-wave" and
// "spinor-plane-wave" → PlaneWave.
func initialCall(kind string) string {
	kind = bare(kind)
	var b strings.Builder
	for _, word := range strings.Split(kind, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// PlaneWave is φ = A cos(k·x − ωt + phase) with the frequency ω(k) of the
// lattice. On a periodic axis k must fit: k = 2πn/L; [Mode] always fits.
func PlaneWave(options ...Option) Initial { return newInitial("plane-wave", options) }

// StandingWave is the mode A·Π cos(2πnx/L) (periodic), cos(πnx/L) (Neumann) or
// sin(πnx/L) (Dirichlet) of the lattice, at rest.
func StandingWave(options ...Option) Initial { return newInitial("standing-wave", options) }

// Packet is the real part of A exp(−|x−x₀|²/2w² + ik·(x−x₀) + i phase), moving
// along k: only waves with a component along k are kept and each gets its own
// frequency on the lattice, β = Re F⁻¹[−iω(k) F f], so that nothing runs
// backwards (with one ω(k₀) for all, 1 % does). It is one about φ = 0: a V″(0) > 0 that
// is the same everywhere is added to ω². With k = 0 it is at rest.
func Packet(options ...Option) Initial { return newInitial("packet", options) }

// Kink is the soliton of φ⁴ theory, v tanh(√(λ/2) vγ(x−x₀−ut)), or of
// sine-Gordon theory, 4 atan e^{γ(x−x₀−ut)}. Solitons are chained from left to
// right, in whatever order they are given: each starts in the vacuum in which the one
// before it ends.
func Kink(options ...Option) Initial { return newInitial("kink", options) }

// Antikink is the mirror image of [Kink].
func Antikink(options ...Option) Initial { return newInitial("antikink", options) }

// Breather is the bound state of sine-Gordon theory,
// 4 atan[(√(1−ω²)/ω) sin(ωt + phase)/cosh(√(1−ω²)(x−x₀))]. No end may cut it off.
func Breather(options ...Option) Initial { return newInitial("breather", options) }

// Thermal draws φ and β from the canonical ensemble exp(−ℋ/T) of the free
// field: β independent at each site with variance T/a^d, φ independent in each
// mode with variance T/(ω²a^d); a mode of frequency 0 is left at 0.
func Thermal(options ...Option) Initial { return newInitial("thermal", options) }

// Values gives φ and β at every site, in row-major order, neuron type after
// neuron type.
func Values(phi, beta []float64) Initial {
	return newInitial("values", []Option{
		{name: "phi", set: func(i *Initial) { i.phi = slices.Clone(phi) }},
		{name: "beta", set: func(i *Initial) { i.beta = slices.Clone(beta) }},
	})
}

// String describes a resolved state in one line: "packet at 10, width 1.5, …".
func (i Initial) String() string {
	text := strings.ReplaceAll(bare(i.kind), "-", " ")
	sep := " "
	add := func(name, format string, v any) {
		if slices.Contains(strings.Fields(kindsOfInitial[i.kind]), name) {
			text += sep + fmt.Sprintf(format, v)
			sep = ", "
		}
	}
	add("at", "at %s", list(i.at))
	add("width", "width %v", i.width)
	if i.kind == "standing-wave" {
		add("mode", "mode %v", strings.Trim(fmt.Sprint(i.mode), "[]"))
	}
	add("wave_number", "wave number %s", list(i.waveNumber))
	if i.amplitude != 1 {
		add("amplitude", "amplitude %v", i.amplitude)
	}
	if i.phase != 0 {
		add("phase", "phase %v", i.phase)
	}
	add("spinor", "spinor %s", complexes(i.spinor))
	add("energy_sign", "energy sign %+d", i.energySign)
	add("polarisation", "polarisation %s", list(i.polarisation))
	add("velocity", "velocity %v", i.velocity)
	add("frequency", "frequency %v", i.frequency)
	add("temperature", "temperature %v", i.temperature)
	add("seed", "seed %d", i.seed)
	return text
}

// Kind returns the kind of the state as a Spec names it, such as "packet".
func (i Initial) Kind() string { return i.kind }

// Err returns what is wrong with the options, or nil.
func (i Initial) Err() error { return i.err }

// components checks that an option has one number for each axis.
func components[T any](call, name string, given []T, dim int, fallback func(axis int) T) ([]T, error) {
	if given == nil {
		given = make([]T, dim)
		for j := range given {
			given[j] = fallback(j)
		}
	}
	if len(given) != dim {
		return nil, fmt.Errorf("%s: %s has %d components, the lattice %d axes; give one for each axis", call, name, len(given), dim)
	}
	return given, nil
}

// complexes lists complex numbers: "1, 0.5i".
func complexes(values []complex128) string {
	text := make([]string, len(values))
	for j, v := range values {
		switch {
		case imag(v) == 0:
			text[j] = fmt.Sprintf("%.6g", real(v))
		case real(v) == 0:
			text[j] = fmt.Sprintf("%.6gi", imag(v))
		default:
			text[j] = fmt.Sprintf("%.6g%+.6gi", real(v), imag(v))
		}
	}
	return strings.Join(text, ", ")
}

// resolve writes the defaults that depend on the lattice into the state, and
// refuses what does not fit it, the number of neuron types, or the kinds that
// the theory has.
func (i Initial) resolve(l lattice.Lattice, types int, kinds ...string) (Initial, error) {
	if i.err != nil {
		return i, i.err
	}
	call := initialCall(i.kind)
	if !slices.Contains(kinds, i.kind) {
		return i, fmt.Errorf("initial.kind: %q is no state of this theory; use %s", i.kind, strings.Join(kinds, ", "))
	}
	var err error
	if i.at, err = components(call, "At", i.at, l.Dim(), func(j int) float64 { return l.Axis(j).Length / 2 }); err != nil {
		return i, err
	}
	for j, x := range i.at {
		if x < 0 || x > l.Axis(j).Length {
			return i, fmt.Errorf("%s: At(%s) lies outside the lattice; the %s axis runs from 0 to %v", call, list(i.at), lattice.AxisName(j), l.Axis(j).Length)
		}
	}
	if i.given["mode"] && i.given["wave_number"] {
		return i, fmt.Errorf("%s: give Mode or WaveNumber, not both", call)
	}
	if i.waveNumber, err = components(call, "WaveNumber", i.waveNumber, l.Dim(), func(int) float64 { return 0 }); err != nil {
		return i, err
	}
	if i.mode, err = components(call, "Mode", i.mode, l.Dim(), func(int) int { return 0 }); err != nil {
		return i, err
	}
	switch i.kind {
	case "plane-wave", "spinor-plane-wave", "charged-plane-wave", "link-wave":
		return i.resolvePlaneWave(l)
	case "standing-wave":
		for j, n := range i.mode {
			a := l.Axis(j)
			most := a.Sites / 2
			if !a.Periodic() {
				most = a.Sites - 1
			}
			if a.Low.Kind == lattice.Dirichlet {
				most = a.Sites
			}
			least := 0
			if a.Low.Kind == lattice.Dirichlet {
				least = 1 // sin(0) is no wave
			}
			if n < least || n > most {
				return i, fmt.Errorf("StandingWave: Mode(%d) on the %s axis; use %d to %d", n, lattice.AxisName(j), least, most)
			}
			if a.Low.Kind != a.High.Kind || a.Low.Kind == lattice.Driven {
				return i, fmt.Errorf("StandingWave: the %s axis has the ends %s and %s; use two ends of one kind", lattice.AxisName(j), a.Low.Kind, a.High.Kind)
			}
		}
	case "values":
		return i, i.checkValues("phi", "beta", "neuron types", l.Sites(), types)
	case "link-values":
		return i, i.checkValues("A", "E", "axes", l.Sites(), l.Dim())
	}
	return i, nil
}

// checkValues checks the given arrays, by their names, of one number a site and
// type.
func (i Initial) checkValues(x, b, types string, sites, n int) error {
	call := initialCall(i.kind)
	for _, array := range []struct {
		name   string
		values []float64
	}{{x, i.phi}, {b, i.beta}} {
		switch given := len(array.values); {
		case given == sites*n:
		case n == 1:
			return fmt.Errorf("%s: %s has %d numbers for %d sites; give one a site, in row-major order", call, array.name, given, sites)
		default:
			return fmt.Errorf("%s: %s has %d numbers for %d %s on %d sites; give %d, one of the %s after the other", call, array.name, given, n, types, sites, sites*n, types)
		}
		for s, x := range array.values {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("%s: %s is %s at site %d; every value must be finite", call, array.name, say.Number(x), s%sites)
			}
		}
	}
	return nil
}

func (i Initial) resolvePlaneWave(l lattice.Lattice) (Initial, error) {
	for j := range l.Dim() {
		a := l.Axis(j)
		if !a.Periodic() {
			return i, fmt.Errorf("PlaneWave: the %s axis has walls; use StandingWave or Packet, or a periodic axis", lattice.AxisName(j))
		}
		unit := 2 * math.Pi / a.Length
		if i.given["mode"] {
			if n := i.mode[j]; n > a.Sites/2 || n < -(a.Sites/2) {
				return i, fmt.Errorf("PlaneWave: Mode(%d) on the %s axis of %d sites, which hold it as another wave; use −%d to %d", n, lattice.AxisName(j), a.Sites, a.Sites/2, a.Sites/2)
			}
			i.waveNumber[j] = float64(i.mode[j]) * unit
			continue
		}
		if k := math.Abs(i.waveNumber[j]); k > math.Pi/a.Spacing()*(1+1e-9) {
			return i, fmt.Errorf("PlaneWave: WaveNumber %v on the %s axis, whose sites hold it as another wave; use at most π/a = %.6g", i.waveNumber[j], lattice.AxisName(j), math.Pi/a.Spacing())
		}
		n := math.Round(i.waveNumber[j] / unit)
		if math.Abs(i.waveNumber[j]-n*unit) > 1e-9*unit*math.Max(1, math.Abs(n)) {
			return i, fmt.Errorf("PlaneWave: WaveNumber %v does not fit on the %s axis of length %v; the nearest that do are %.6g and %.6g, or use Mode(%v)",
				i.waveNumber[j], lattice.AxisName(j), a.Length, math.Floor(i.waveNumber[j]/unit)*unit, math.Ceil(i.waveNumber[j]/unit)*unit, n)
		}
		i.waveNumber[j] = n * unit
		i.mode[j] = int(n)
	}
	return i, nil
}

func (i Initial) checkSoliton(kg KleinGordon) error {
	call := initialCall(i.kind)
	if kg.Lattice.Dim() != 1 {
		return fmt.Errorf("%s: the lattice has %d axes; solitons here live on one", call, kg.Lattice.Dim())
	}
	if kg.Mass != 0 {
		return fmt.Errorf("%s: Mass(%v); the closed form needs Mass(0), the potential brings its own", call, kg.Mass)
	}
	switch k := kg.Potential.kind; {
	case i.kind == "breather" && k != kindSineGordon:
		return fmt.Errorf("Breather: it is a solution of sine-Gordon theory; use Potential(SineGordon())")
	case k != kindPhi4 && k != kindSineGordon:
		return fmt.Errorf("%s: it is a solution of φ⁴ and sine-Gordon theory; use Potential(Phi4(λ, v)) or Potential(SineGordon())", call)
	}
	if i.kind == "breather" {
		return i.checkBreather(kg.Lattice.Axis(0))
	}
	width := math.Sqrt(1 - float64(i.velocity*i.velocity)) // of tanh(x/width), and of 4 atan e^{x/width}
	if kg.Potential.kind == kindPhi4 {
		width /= math.Sqrt(kg.Potential.lambda/2) * kg.Potential.v
	}
	if a := kg.Lattice.Spacing(0); width < a {
		return fmt.Errorf("%s: it is %.3g wide, less than the spacing %.3g, and the lattice does not hold it; use a finer lattice, a smaller velocity or a wider soliton", call, width, a)
	}
	return nil
}

// checkBreather refuses a breather that an end cuts off or that meets itself on a ring.
func (i Initial) checkBreather(a lattice.Axis) error {
	q := math.Sqrt(1 - float64(i.frequency*i.frequency))
	height := func(d float64) float64 { return 1 / elementary.Cosh(q*d) }
	if a.Periodic() {
		if h := height(a.Length / 2); h > 0.02 {
			return fmt.Errorf("Breather: Frequency(%v) on a ring of length %v, where it meets itself with %.2g of its height; use a longer ring or a lower frequency", i.frequency, a.Length, h)
		}
		return nil
	}
	for _, n := range []int{0, a.Sites - 1} {
		if h := height(a.Coordinate(n) - i.at[0]); h > 1e-4 {
			return fmt.Errorf("Breather: At(%v) with Frequency(%v) reaches the wall with %.2g of its height; move it inside, use a lower frequency or a longer line", i.at[0], i.frequency, h)
		}
	}
	return nil
}

// compose checks and resolves the contributions to the state of a Klein-Gordon
// field, and returns what adds them up: only a run that is computed needs the
// numbers, not one that is found.
func compose(kg KleinGordon, omega2 func(k []float64) float64) (state func() (phi, beta []float64), resolved []Initial, err error) {
	l := kg.Lattice
	var contributions []func(phi, beta []float64)
	add := func(c func(phi, beta []float64)) { contributions = append(contributions, c) }
	var chain []soliton
	for _, i := range kg.Initial {
		if i, err = i.resolve(l, 1, "packet", "plane-wave", "standing-wave", "kink", "antikink", "breather", "thermal", "values"); err != nil {
			return nil, nil, err
		}
		resolved = append(resolved, i)
		switch i.kind {
		case "plane-wave":
			add(func(phi, beta []float64) { i.addPlaneWave(phi, beta, l, omega2) })
		case "standing-wave":
			add(func(phi, _ []float64) { i.addStandingWave(phi, l) })
		case "packet":
			if err := i.checkGaussian(l); err != nil {
				return nil, nil, err
			}
			add(func(phi, beta []float64) { i.addPacket(phi, beta, l, omega2) })
		case "kink", "antikink":
			if err := i.checkSoliton(kg); err != nil {
				return nil, nil, err
			}
			sign := 1.0
			if i.kind == "antikink" {
				sign = -1
			}
			chain = append(chain, soliton{i.at[0], sign})
			add(func(phi, beta []float64) { i.addKink(phi, beta, l, kg.Potential, sign) })
		case "breather":
			if err := i.checkSoliton(kg); err != nil {
				return nil, nil, err
			}
			add(func(phi, beta []float64) { i.addBreather(phi, beta, l) })
		case "thermal":
			modes, err := weights.NewModes(l)
			if err != nil {
				return nil, nil, fmt.Errorf("Thermal: %w", err)
			}
			add(func(phi, beta []float64) { i.addThermal(phi, beta, modes, kg) })
		case "values":
			add(i.addValues)
		}
	}
	first := 0.0 // the vacuum at the left end
	if len(chain) > 0 {
		slices.SortStableFunc(chain, func(a, b soliton) int { return cmp.Compare(a.at, b.at) })
		if err := checkChain(l, chain, kg.Potential); err != nil {
			return nil, nil, err
		}
		if kg.Potential.kind == kindPhi4 {
			first = -chain[0].sign * kg.Potential.v
		}
	}
	return func() (phi, beta []float64) {
		phi, beta = make([]float64, l.Sites()), make([]float64, l.Sites())
		for _, c := range contributions {
			c(phi, beta)
		}
		if len(chain) > 0 {
			for s := range phi {
				phi[s] += first
			}
		}
		return phi, beta
	}, resolved, nil
}

// addValues adds the numbers of Values.
func (i Initial) addValues(phi, beta []float64) {
	for s := range phi {
		phi[s] += i.phi[s]
		beta[s] += i.beta[s]
	}
}

// soliton is a kink (sign 1) or an antikink (−1) and where it is.
type soliton struct{ at, sign float64 }

// checkChain refuses a chain of solitons, from left to right, that the ends of the axis
// or the vacua do not allow.
func checkChain(l lattice.Lattice, chain []soliton, p Potential) error {
	a := l.Axis(0)
	charge := 0
	for n, s := range chain {
		charge += int(s.sign)
		if p.kind == kindPhi4 && n > 0 && s.sign == chain[n-1].sign {
			return fmt.Errorf("Kink: φ⁴ theory has two vacua; kinks and antikinks must alternate from left to right, and those at %v and %v do not", chain[n-1].at, s.at)
		}
	}
	switch {
	case a.Periodic() && charge != 0:
		return fmt.Errorf("Kink: %d more kinks than antikinks on a ring; a ring needs as many of each, a lone kink needs Line with Neumann ends", charge)
	case !a.Periodic() && (a.Low.Kind != lattice.Neumann || a.High.Kind != lattice.Neumann):
		return fmt.Errorf("Kink: the ends are %s and %s; a kink does not vanish there, use Neumann ends", a.Low.Kind, a.High.Kind)
	}
	return nil
}

// transformed tells whether one of these states is made by a Fourier transform.
func transformed(all []Initial) bool {
	return slices.ContainsFunc(all, func(i Initial) bool { return bare(i.kind) == "packet" || i.kind == "thermal" })
}

// each calls f for every site with its coordinates.
func each(l lattice.Lattice, f func(site int, x []float64)) {
	at, x := make([]int, l.Dim()), make([]float64, l.Dim())
	for site := range l.Sites() {
		l.Position(at, site)
		for j := range x {
			x[j] = l.Axis(j).Coordinate(at[j])
		}
		f(site, x)
	}
}

func (i Initial) addPlaneWave(phi, beta []float64, l lattice.Lattice, omega2 func([]float64) float64) {
	omega := math.Sqrt(omega2(i.waveNumber))
	each(l, func(site int, x []float64) {
		arg := i.phase
		for j, k := range i.waveNumber {
			arg += k * x[j]
		}
		phi[site] += i.amplitude * elementary.Cos(arg)
		beta[site] += i.amplitude * omega * elementary.Sin(arg)
	})
}

func (i Initial) addStandingWave(phi []float64, l lattice.Lattice) {
	each(l, func(site int, x []float64) {
		f := i.amplitude
		for j, n := range i.mode {
			a := l.Axis(j)
			arg := math.Pi * float64(n) * x[j] / a.Length
			switch a.Low.Kind {
			case lattice.Periodic:
				f *= elementary.Cos(2 * arg)
			case lattice.Neumann:
				f *= elementary.Cos(arg)
			default:
				f *= elementary.Sin(arg)
			}
		}
		phi[site] += f
	})
}

// checkGaussian refuses a packet that touches a wall or itself, and a wave that
// the lattice cannot hold.
func (i Initial) checkGaussian(l lattice.Lattice) error {
	if n := l.Sites(); n > 1<<17 {
		// Both fields as complex numbers, and the rows that are transformed side by side.
		bytes := float64(64*n + 512*slices.Max(l.Shape()))
		if err := room.Memory(fmt.Sprintf("Packet: its Fourier transform on %d sites", n), bytes); err != nil {
			return fmt.Errorf("%w; use a coarser lattice", err)
		}
	}
	nearest := make([]float64, l.Dim()) // the square of the distance to the site nearest to the middle
	beside := math.Inf(1)               // that to the nearest site beside a wall, less nearest of its axis
	for j := range nearest {
		nearest[j] = math.Inf(1)
		a := l.Axis(j)
		for n := range a.Sites {
			d := a.Coordinate(n) - i.at[j]
			if a.Periodic() {
				d -= a.Length * math.Round(d/a.Length)
			}
			nearest[j] = math.Min(nearest[j], d*d)
		}
		if a.Periodic() {
			continue
		}
		for _, n := range []int{0, a.Sites - 1} {
			d := a.Coordinate(n) - i.at[j]
			beside = math.Min(beside, d*d-nearest[j])
		}
	}
	for _, r2 := range nearest {
		beside += r2
	}
	if worst := elementary.Exp(-beside / (2 * i.width * i.width)); worst > 1e-4 {
		return fmt.Errorf("Packet: At(%s) with Width(%v) reaches the wall with %.2g of its height; move it inside or make it narrower", list(i.at), i.width, worst)
	}
	for j := range l.Dim() {
		if a := l.Spacing(j); i.width < a/2 {
			return fmt.Errorf("Packet: Width(%v) is below half the spacing %.6g of the %s axis, whose sites it falls between; use Width(%.3g) or a finer lattice", i.width, a, lattice.AxisName(j), a)
		}
		if a := l.Axis(j); a.Periodic() && i.width > a.Length/6 {
			return fmt.Errorf("Packet: Width(%v) on a periodic %s axis of length %v; it must be at most a sixth of it, or the packet meets itself", i.width, lattice.AxisName(j), a.Length)
		}
		if k := math.Abs(i.waveNumber[j]); k > math.Pi/l.Spacing(j) {
			return fmt.Errorf("Packet: WaveNumber %v is above π/a = %.6g on the %s axis; use a finer lattice or a longer wave", i.waveNumber[j], math.Pi/l.Spacing(j), lattice.AxisName(j))
		}
	}
	return nil
}

// gaussian returns A exp(−|x−x₀|²/2w² + ik·(x−x₀) + i phase) at every site.
func (i Initial) gaussian(l lattice.Lattice) []complex128 {
	f := make([]complex128, l.Sites())
	each(l, func(site int, x []float64) {
		r2, arg := 0.0, i.phase
		for j := range x {
			d := x[j] - i.at[j]
			if a := l.Axis(j); a.Periodic() {
				d -= a.Length * math.Round(d/a.Length)
			}
			r2 += float64(d * d)
			arg += float64(i.waveNumber[j] * d)
		}
		g := elementary.Exp(-r2 / (2 * i.width * i.width))
		f[site] = complex(i.amplitude*g*elementary.Cos(arg), i.amplitude*g*elementary.Sin(arg))
	})
	return f
}

func (i Initial) addPacket(phi, beta []float64, l lattice.Lattice, omega2 func([]float64) float64) {
	f := i.gaussian(l)
	moving := slices.ContainsFunc(i.waveNumber, func(k float64) bool { return k != 0 })
	g := make([]complex128, len(f))
	eachMode(l, f, func(n int, k []float64) {
		along := 0.0
		for j := range k {
			along += k[j] * i.waveNumber[j]
		}
		if moving && along <= 0 {
			f[n] = 0
		}
		g[n] = elementary.Times(f[n], complex(0, -math.Sqrt(omega2(k))))
	})
	plan := fft.NewPlan(l.Shape())
	plan.Inverse(f)
	plan.Inverse(g)
	for s := range phi {
		phi[s] += real(f[s])
		beta[s] += real(g[s])
	}
}

// packetWarnings tells of a packet that is lower than was asked for and of one that is
// not in a vacuum.
func (i Initial) packetWarnings(p *bound) (all []string) {
	k := 0.0
	for _, x := range i.waveNumber {
		k = math.Hypot(k, x)
	}
	// Of a Gaussian the waves with k·k₀ > 0 make the part ½(1 + erf(|k₀|w/√2)).
	if height := (1 + math.Erf(k*i.width/math.Sqrt2)) / 2; k > 0 && height < 0.95 {
		all = append(all, fmt.Sprintf("Packet: WaveNumber(%s) with Width(%v): it moves, so only waves along k are kept, and it is about %.2g of Amplitude(%v) high, with tails like 1/x; let WaveNumber times Width be 2 or more, or leave WaveNumber out",
			list(i.waveNumber), i.width, height, i.amplitude))
	}
	if p == nil || p.dependsOnPlace() {
		return all
	}
	if bend := p.curvature(0); bend < -1e-6 { // that of a Go function is a difference
		all = append(all, fmt.Sprintf("Packet: it lies at φ = 0, which is no vacuum (V″ = %.3g), and its waves are those of the free field; give Values about a vacuum", bend))
	}
	return all
}

// addKink adds the soliton measured from the vacuum at its left. On a ring its images
// beside it are added, too: those of a whole chain, which ends in the vacuum it begins
// in, leave nothing but their tails, which go on through the seam.
func (i Initial) addKink(phi, beta []float64, l lattice.Lattice, p Potential, sign float64) {
	gamma := 1 / math.Sqrt(1-i.velocity*i.velocity)
	centres := []float64{i.at[0]}
	if a := l.Axis(0); a.Periodic() {
		centres = []float64{i.at[0] - a.Length, i.at[0], i.at[0] + a.Length}
	}
	for s, x := range l.Coordinates(0) {
		for _, at := range centres {
			z := gamma * (x - at)
			if p.kind == kindPhi4 {
				w := math.Sqrt(p.lambda/2) * p.v
				sech := 1 / elementary.Cosh(w*z)
				phi[s] += float64(sign * p.v * (elementary.Tanh(w*z) + 1))
				beta[s] -= float64(sign * p.v * w * gamma * i.velocity * sech * sech)
				continue
			}
			phi[s] += float64(sign * 4 * elementary.Atan(elementary.Exp(z)))
			beta[s] -= sign * 2 * gamma * i.velocity / elementary.Cosh(z)
		}
	}
}

// addBreather adds the bound state, measured along the shorter way round a ring.
func (i Initial) addBreather(phi, beta []float64, l lattice.Lattice) {
	w := i.frequency
	q := math.Sqrt(1 - w*w)
	sin, cos := elementary.Sin(i.phase), elementary.Cos(i.phase)
	for s, x := range l.Coordinates(0) {
		d := x - i.at[0]
		if a := l.Axis(0); a.Periodic() {
			d -= float64(a.Length * math.Round(d/a.Length))
		}
		c := elementary.Cosh(q * d)
		u := q / w * sin / c
		phi[s] += float64(4 * elementary.Atan(u))
		beta[s] += 4 * q * cos / c / (1 + float64(u*u))
	}
}

func (i Initial) addThermal(phi, beta []float64, modes *weights.Modes, kg KleinGordon) {
	l := kg.Lattice
	x, p := random.New(i.seed, "thermal phi"), random.New(i.seed, "thermal beta")
	sigma := math.Sqrt(i.temperature / l.CellVolume())
	c := make([]float64, l.Sites())
	at, k := make([]int, l.Dim()), make([]float64, l.Dim())
	for n := range c {
		l.Position(at, n)
		for j := range k {
			k[j] = modes.WaveNumber(j, at[j])
		}
		if w2 := kg.frequency2(k); w2 > 0 {
			c[n] = sigma / math.Sqrt(w2) * x.Normal(n)
		}
	}
	modes.Inverse(c)
	for s := range phi {
		phi[s] += c[s]
		beta[s] += sigma * p.Normal(s)
	}
}
