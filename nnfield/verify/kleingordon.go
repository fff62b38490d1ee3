package verify

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// kleinGordonRows verifies a Klein-Gordon model: its claims, then its controls.
func kleinGordonRows(m theory.Model) []Row {
	s, err := newKleinGordon(m)
	if err != nil {
		return []Row{{
			Name: "parameters", Claim: "the parameters of the model can be read",
			Measured: err.Error(), Status: Opaque,
		}}
	}
	var rows []Row
	for _, c := range kleinGordonClaims() {
		rows = append(rows, c.row(s))
	}
	for _, c := range kleinGordonControls() {
		rows = append(rows, c.row(s))
	}
	return rows
}

// kleinGordonClaims are the claims of [F] §2-3.
func kleinGordonClaims() []claim[kleinGordon] {
	return []claim[kleinGordon]{
		symmetricWeights, dualLoss, hamiltonianForce, lossGradient, plainStep, dispersion,
		leapfrogOrder, yoshidaOrder, reversible, energyOscillation, shadowEnergy, momentum,
		exactSolution, denseExponential, closedForm,
	}
}

// kleinGordonControls change the network, the integrator or what the judge is
// told.
func kleinGordonControls() []control[kleinGordon] {
	const (
		antisymmetric = "antisymmetric weights"
		bulk          = "bulk loss"
		rk4           = "rk4"
		wrong         = "misled judge"
	)
	return []control[kleinGordon]{
		{symmetricWeights, antisymmetric, "weights w = 1 + εA with Aᵀ = −A are not symmetric", withAntisymmetricWeights},
		{dualLoss, antisymmetric, "with weights w = 1 + εA, Aᵀ = −A, no dual loss exists", withAntisymmetricWeights},
		{dispersion, antisymmetric, "with weights w = 1 + εA, Aᵀ = −A, the field is no Klein-Gordon field", withAntisymmetricWeights},
		{hamiltonianForce, bulk, "the bulk loss ½‖x − f(wx+b)‖² with w = 1 − ε²K does not learn by the force of ℋ", withBulkLoss},
		{dispersion, bulk, "the bulk loss with w = 1 − ε²K relaxes: no wave", withBulkLoss},
		{energyOscillation, bulk, "the bulk loss with w = 1 − ε²K relaxes: it loses energy", withBulkLoss},
		{reversible, rk4, "rk4 is not symmetric in time", withRK4},
		{exactSolution, wrong, "the judge is told a wrong mass, m² + ω²/10", withMisledJudge},
		{closedForm, wrong, "the judge is told a velocity wrong by 0.1, or a frequency by a tenth", withMisledJudge},
	}
}

// kleinGordon is the subject of the claims. Controls change one of its fields.
type kleinGordon struct {
	model  theory.Model // what is measured
	own    theory.Model // the same model before rewire
	params theory.KleinGordon
	spec   kleinGordonSpec

	// rewire changes the network of a model; nil leaves it alone.
	rewire func(theory.Model) theory.Model

	scheme simulate.Integrator

	// misled says that judges are told wrong parameters.
	misled bool
}

// kleinGordonSpec is what is read from the Spec of a model: of its parts, the
// kinds and the options that closed forms need.
type kleinGordonSpec struct {
	Potential struct {
		Kind      string
		Lambda, V float64
	}
	Initial []struct {
		Kind                       string
		At                         []float64
		Velocity, Frequency, Phase float64
	}
}

func newKleinGordon(m theory.Model) (kleinGordon, error) {
	s := kleinGordon{model: m, own: m}
	var ok bool
	if s.params, ok = theory.Parameters(m); !ok {
		return s, fmt.Errorf("the model names its theory Klein-Gordon, but was not built by theory.KleinGordon")
	}
	spec, err := m.Spec(simulate.NewArrays())
	if err != nil {
		return s, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s.spec); err != nil {
		return s, err
	}
	s.scheme, err = simulate.FindIntegrator("leapfrog")
	return s, err
}

// with returns the subject with other parameters and the same changes.
func (s kleinGordon) with(p theory.KleinGordon) (kleinGordon, error) {
	own, err := p.Build()
	if err != nil {
		return s, err
	}
	s.own, s.model, s.params = own, own, p
	if s.rewire != nil {
		s.model = s.rewire(own)
	}
	return s, nil
}

// rewired returns the subject with another network.
func (s kleinGordon) rewired(rewire func(theory.Model) theory.Model) kleinGordon {
	s.rewire, s.model = rewire, rewire(s.own)
	return s
}

// Reasons for which a claim means nothing for a model, or "".

// open says why energy is not conserved.
func (s kleinGordon) open() string {
	switch {
	case len(s.params.Drives) > 0:
		return "the boundary is driven"
	case s.params.Lattice.Damping() != nil:
		return "a sponge absorbs"
	}
	return ""
}

// interacting says that the field is not free.
func (s kleinGordon) interacting() string {
	if !s.params.Potential.None() {
		return "V ≠ 0"
	}
	return ""
}

// first returns the first reason, or "".
func first(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}

// budget is the number of steps of a site that a claim may cost: a fraction of a
// second.
const budget = 5e7

// cost is about the time of a step of a site, in that of leapfrog for a free
// field with the order-2 Laplacian.
func (s kleinGordon) cost() int {
	c := max(1, len(s.scheme.Drifts))
	if !s.scheme.Symplectic() {
		c = 8 // rk4: four stages without scratch of their own
	}
	switch {
	case s.params.Laplacian == theory.Spectral:
		return 64 * c
	case s.interacting() != "":
		return 4 * c
	}
	return c
}

// within returns the subject, or, if so many steps of its lattice are above the
// budget, one on fewer sites of the same spacings at φ = 0, and a note of
// it. A potential that is given site by site has its own lattice only.
func (s kleinGordon) within(steps int) (small kleinGordon, note string, err error) {
	l := s.params.Lattice
	most := budget / (steps * s.cost())
	if l.Sites() <= most || s.spec.Potential.Kind == "array" {
		return s, "", nil
	}
	side := math.Pow(float64(most), 1/float64(l.Dim()))
	power := 1 << max(1, math.Ilogb(side)) // a size that Fourier transforms like
	var axes []lattice.Axis
	var shape []string
	for _, a := range l.Axes() {
		n := min(a.Sites, power)
		a.Length -= float64(a.Sites-n) * a.Spacing()
		a.Sites = n
		a.Low.Sponge.Width, a.High.Sponge.Width = min(a.Low.Sponge.Width, a.Length), min(a.High.Sponge.Width, a.Length)
		axes = append(axes, a)
		shape = append(shape, fmt.Sprint(n))
	}
	p := s.params
	p.Initial = nil
	if p.Lattice, err = lattice.New(axes...); err != nil {
		return s, "", err
	}
	small, err = s.with(p)
	return small, ", on " + strings.Join(shape, "×") + " sites of the same spacings", err
}

// stirred returns the subject with white noise of a tenth of its size added to
// its initial state, so that every mode of the lattice takes part and none can
// hide: a plane wave, a vacuum or φ = 0 would pass many a claim by doing nothing.
func (s kleinGordon) stirred() (kleinGordon, error) {
	amplitude := 0.1 * extent(s.own.Initial().Arrays[0])
	p := s.params
	p.Initial = append(append([]theory.Initial(nil), p.Initial...),
		theory.Values(s.normal("noise phi", amplitude), s.normal("noise beta", amplitude)))
	return s.with(p)
}

// normal returns a random number for each site.
func (s kleinGordon) normal(purpose string, amplitude float64) []float64 {
	stream := random.New(1, "verify: "+purpose)
	x := make([]float64, s.params.Lattice.Sites())
	for i := range x {
		x[i] = amplitude * stream.Normal(i)
	}
	return x
}

// step returns half the stable step of leapfrog, the default of a simulation.
func (s kleinGordon) step() float64 { return 1 / s.own.MaxFrequency(s.own.Initial()) }

// frequency returns the mean angular frequency of the modes of the initial
// state, weighted by their energy: ω² = (‖Kφ‖² + βᵀKβ)/(φᵀKφ + ‖β‖²). It is 0
// for a state without energy.
func (s kleinGordon) frequency() float64 {
	start, k := s.own.Initial(), theory.Stiffness(s.own)
	phi, beta := start.Arrays[0], start.Arrays[1]
	kphi, kbeta := make([]float64, len(phi)), make([]float64, len(phi))
	weights.Apply(kphi, k, phi)
	weights.Apply(kbeta, k, beta)
	top := sums.Dot(kphi, kphi) + sums.Dot(beta, kbeta)
	bottom := sums.Dot(phi, kphi) + sums.Dot(beta, beta)
	if !(top > 0 && bottom > 0) {
		return 0
	}
	return math.Sqrt(top / bottom)
}

// A refinement measures runs of n, 2n and 4n steps to one time; refinement is the
// number of steps with n = 8, those of a run of 8n for comparison included.
const halvings, refinement = 3, 15 * 8

// affordable returns the number n of steps with which a refinement starts: as
// many as the budget allows, from 8 to most.
func (s kleinGordon) affordable(most float64) int {
	return int(max(8, min(most, budget/(15*float64(s.params.Lattice.Sites()*s.cost())))))
}

// halved returns h, h/2 and h/4.
func halved(h float64) (sizes []float64) {
	for i := range halvings {
		sizes = append(sizes, math.Ldexp(h, -i))
	}
	return sizes
}

// distance returns the largest difference of two states, field by field in units
// of the largest value of the field in b.
func distance(a, b *theory.State) float64 {
	worst := 0.0
	for f := range a.Arrays {
		d, scale := 0.0, extent(b.Arrays[f])
		for i, x := range a.Arrays[f] {
			d = max(d, math.Abs(x-b.Arrays[f][i])) // keeps a NaN
		}
		worst = max(worst, d/scale)
	}
	return worst
}

// largest returns max |x|.
func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// extent returns max |x|, and 1 for zeros: a scale to measure by.
func extent(x []float64) float64 {
	if m := largest(x); m != 0 {
		return m
	}
	return 1
}
