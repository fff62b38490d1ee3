package einstein

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Builder builds a network that learns a metric of high symmetry. Its setters
// return a changed copy and keep the first error, which Build, Check and Run
// return.
type Builder struct {
	universe string
	p        parameters
	err      error
}

// parameters is what a universe is given by.
type parameters struct {
	sites        int
	duration     float64
	from, to     []float64 // ends of the functions
	neurons      float64
	onsager      Onsager
	rule         Rule
	rate         float64
	lapse, start float64  // guesses of N, 0 for what fits the neurons, and of Λ
	guess        []string // formulas of t for the functions, nil for straight lines
}

// FRW returns the builder of a flat universe that learns its scale factor,
//
//	ds² = −N²dt² + a(t)²(dx² + dy² + dz²),   0 ≤ t ≤ T,
//
// between given ends a(0) and a(T), with one lapse N for all times, and Λ from the
// number of neurons ∫Na³dt, per unit of comoving volume:
//
//	S = ∫(−6aȧ²/N − 2ΛNa³)dt,   stationary where 3ȧ² = ΛN²a².
//
// So Λ = (a(T)³ − a(0)³)²/(3 neurons²). It learns by [Ascent] at the rate η = 1, from
// a straight line, Λ = 0 and the N for which the number of neurons is right.
func FRW() Builder {
	return Builder{universe: "frw", p: parameters{onsager: EinsteinHilbert(), rule: Ascent, rate: 1}}
}

// KantowskiSachs returns the builder of a universe that learns two scale factors,
//
//	ds² = −N²dt² + A(t)²dr² + B(t)²(dθ² + sin²θ dφ²),   0 ≤ t ≤ T,
//
// in the same way; the number of neurons is ∫NAB²dt, per unit of r and of solid
// angle:
//
//	S = ∫[−2(2BȦḂ + AḂ²)/N + 2NA − 2ΛNAB²]dt.
//
// It learns by the [Covariant] rule, with the other defaults of FRW.
func KantowskiSachs() Builder {
	b := FRW()
	b.universe, b.p.rule = "kantowski-sachs", Covariant
	return b
}

// BuilderOf returns the builder that gives a model of this package, to be changed
// further, and whether it is one.
func BuilderOf(of theory.Model) (b Builder, ok bool) {
	m, ok := of.(*model)
	if !ok {
		return Builder{}, false
	}
	return Builder{universe: m.name, p: m.parameters}, true
}

// Universe returns the universe as it is named in a Spec, "frw" or
// "kantowski-sachs".
func (b Builder) Universe() string { return b.universe }

// fail keeps the first error.
func (b Builder) fail(format string, values ...any) Builder {
	if b.err == nil {
		b.err = fmt.Errorf(format, values...)
	}
	return b
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }

// Times sets the axis of time: sites, the two ends among them, from t = 0 to the
// duration. The errors of what is learned are of second order in
// duration/(sites − 1).
func (b Builder) Times(sites int, duration float64) Builder {
	if sites < 4 || sites > 1<<20 || !positive(duration) {
		return b.fail("Times(%d, %v): it needs 4 to 1048576 sites and a duration that is positive and finite", sites, duration)
	}
	b.p.sites, b.p.duration = sites, duration
	return b
}

// From sets the functions at t = 0: a, or A and B. They are boundary neurons, which
// do not learn.
func (b Builder) From(values ...float64) Builder {
	b.p.from = slices.Clone(values)
	return b.ends("From", values)
}

// To sets the functions at t = T.
func (b Builder) To(values ...float64) Builder {
	b.p.to = slices.Clone(values)
	return b.ends("To", values)
}

func (b Builder) ends(call string, values []float64) Builder {
	if want := universes[b.universe].functions; len(values) != len(want) {
		return b.fail("%s(%s): %d values; give one for each of %s", call, list(values), len(values), strings.Join(want, ", "))
	}
	if slices.ContainsFunc(values, func(v float64) bool { return !positive(v) }) {
		return b.fail("%s(%s): scale factors must be positive and finite", call, list(values))
	}
	return b
}

// list prints numbers as they are written in a call.
func list(values []float64) string {
	var s []string
	for _, v := range values {
		s = append(s, fmt.Sprint(v))
	}
	return strings.Join(s, ", ")
}

// Neurons sets the average number of neurons that Λ keeps, in the units of the
// volume ∫√−g.
func (b Builder) Neurons(number float64) Builder {
	if !positive(number) {
		return b.fail("Neurons(%v): the number must be positive and finite", number)
	}
	b.p.neurons = number
	return b
}

// Onsager sets the Onsager tensor; the default is [EinsteinHilbert]. Only its first
// two weights matter to these metrics.
func (b Builder) Onsager(l Onsager) Builder {
	for _, v := range l {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return b.fail("Onsager(%v): the weights must be finite", l)
		}
	}
	b.p.onsager = l
	return b
}

// Learn sets the rule of learning.
func (b Builder) Learn(r Rule) Builder {
	if r != Ascent && r != Descent && r != Covariant {
		return b.fail("Learn(%q): no such rule; use Ascent, Descent or Covariant", string(r))
	}
	b.p.rule = r
	return b
}

// Rate sets η, the rate at which Λ learns by the gradient rules.
func (b Builder) Rate(eta float64) Builder {
	if !positive(eta) {
		return b.fail("Rate(%v): the rate must be positive and finite", eta)
	}
	b.p.rate = eta
	return b
}

// Guess sets N and Λ at the beginning.
func (b Builder) Guess(lapse, lambda float64) Builder {
	if !positive(lapse) || math.IsNaN(lambda) || math.IsInf(lambda, 0) {
		return b.fail("Guess(%v, %v): the lapse must be positive, both finite", lapse, lambda)
	}
	b.p.lapse, b.p.start = lapse, lambda
	return b
}

// Start sets the functions at the beginning by formulas of t, but for their ends;
// without formulas, and by default, they are straight lines.
func (b Builder) Start(formulas ...string) Builder {
	if want := universes[b.universe].functions; len(formulas) != len(want) && len(formulas) > 0 {
		return b.fail("Start(%q): %d formulas; give one of t for each of %s", formulas, len(formulas), strings.Join(want, ", "))
	}
	b.p.guess = nil
	for _, f := range formulas {
		e, err := expr.Parse(f, []string{"t"}, nil)
		if err != nil {
			return b.fail("Start: %w", err)
		}
		b.p.guess = append(b.p.guess, e.String())
	}
	return b
}

// Build returns the model, or the first error of the calls that made it.
func (b Builder) Build() (theory.Model, error) {
	u, ok := universes[b.universe]
	if !ok {
		return nil, fmt.Errorf("einstein: an empty Builder; begin with FRW() or KantowskiSachs()")
	}
	m, err := b.resolve(u)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.call, err)
	}
	return m, nil
}

func (b Builder) resolve(u universe) (*model, error) {
	switch {
	case b.err != nil:
		return nil, b.err
	case b.p.sites == 0:
		return nil, fmt.Errorf("no axis of time; say for example Times(81, 1)")
	case b.p.from == nil || b.p.to == nil:
		return nil, fmt.Errorf("the scale factors have no ends; say From(…) and To(…)")
	case b.p.neurons == 0:
		return nil, fmt.Errorf("no number of neurons; say Neurons(…), the volume ∫√−g that Λ keeps")
	}
	m := &model{parameters: b.p, name: b.universe, universe: u}
	var err error
	if m.lagrangian, err = newLagrangian(u, b.p.onsager); err != nil {
		return nil, err
	}
	clamped := lattice.Boundary{Kind: lattice.Driven}
	if m.times, err = lattice.New(lattice.Line(b.p.sites, b.p.duration, clamped, clamped)); err != nil {
		return nil, err
	}
	m.initial = theory.NewState(m.Fields())
	t := m.times.Coordinates(0)
	for f := range u.functions {
		q := m.initial.Arrays[0][f*m.sites:][:m.sites]
		for i := range q {
			q[i] = m.from[f] + float64((m.to[f]-m.from[f])*float64(i)/float64(m.sites-1))
		}
		if m.guess != nil {
			e, err := expr.Parse(m.guess[f], []string{"t"}, nil)
			if err != nil {
				return nil, fmt.Errorf("Start: %w", err)
			}
			m.formulas = append(m.formulas, e.LaTeX())
			inside := q[1 : m.sites-1]
			e.EvalTo(inside, t[1:m.sites-1])
			for i, v := range inside {
				if !positive(v) {
					return nil, fmt.Errorf("Start(%q): %s is %s at t = %.6g; it must be positive and finite", m.guess[f], u.functions[f], say.Number(v), t[i+1])
				}
			}
		}
	}
	if m.lapse == 0 { // neurons are proportional to N
		m.initial.Arrays[1][0] = 1
		a := newAction(m.lagrangian, len(u.functions), m.sites, m.spacing())
		a.load(m.initial)
		a.gradient(theory.NewState(m.Fields()))
		m.lapse = m.neurons / a.neurons()
	}
	m.initial.Arrays[1][0], m.initial.Arrays[2][0] = m.lapse, m.start
	return m, nil
}

// MustBuild is Build for tests and programs that know their input is good; it
// panics on an error.
func (b Builder) MustBuild() theory.Model {
	m, err := b.Build()
	if err != nil {
		panic(err)
	}
	return m
}

// Until returns the simulation of the learning from τ = 0 to the given time of
// learning. By the covariant rule the default step is Newton's, 1.
func (b Builder) Until(tau float64) simulate.Simulation { return simulate.New(b, tau) }

// Err returns what Build would fail with, or nil.
func (b Builder) Err() error {
	_, err := b.Build()
	return err
}

// String returns the card of the model as text, or its error.
func (b Builder) String() string { return theory.Text(b) }

// Markdown returns the card of the model with its formulas in LaTeX, or its error.
func (b Builder) Markdown() string { return theory.Markdown(b) }
