// Package crowd is an ensemble of stochastic learners as a simulation like any other:
// learners that descend by formulas,
//
//	dq_k = v_k(q, t) dt + √(2D) dW_k,
//
// with a Spec, a seed, stored runs that can be interrupted and go on bit for bit, and
// observers of their moments and histograms.
//
//	well := crowd.Learners(100_000).Drift("q", "-q").Diffusion(0.5).Start("q", "2").Step(0.01)
//	run := kernel.Run(well.Until(5).Observe(observe.Moments(), nnfield.Count(50)))
//
// A step is that of Euler and Maruyama, q ← q + v h + √(2Dh) ξ: weak order 1 in h. The
// noise of a learner depends on the seed, its number and the step alone (see package
// ensemble). With v = −γ∂F, h = 1 and D = γ²Σ/(2n_b) it is stochastic gradient descent
// itself [M].
//
// Stability: provisional.
package crowd

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Builder builds a crowd. Its setters return a changed copy and keep the first error.
type Builder struct {
	p   parameters
	err error
}

// Params names the parameters of formulas.
type Params = map[string]float64

// parameters is what a crowd is given by; as JSON it is its Spec.
type parameters struct {
	Theory     string     `json:"theory"`
	Learners   int        `json:"learners"`
	Variables  []variable `json:"variables"`
	Parameters Params     `json:"parameters"`
	Diffusion  float64    `json:"diffusion"`
	Step       float64    `json:"step"`
	Seed       string     `json:"seed"` // 64 bits do not fit a JSON number
}

// variable is one variable of a learner: its drift, a formula of all variables and t, and
// where it starts, a formula of u, a number of its own in (0, 1), and z, a normal one.
type variable struct {
	Name  string `json:"name"`
	Drift string `json:"drift"`
	Start string `json:"start"`
}

// Learners returns the builder of a crowd of n learners without variables, with the
// diffusion coefficient 0, the step 0.01 and the seed 0.
func Learners(n int) Builder {
	return Builder{p: parameters{Theory: "learners", Learners: n, Parameters: Params{}, Step: 0.01, Seed: "0"}}
}

// fail keeps the first error.
func (b Builder) fail(err error) Builder {
	if b.err == nil && err != nil {
		b.err = fmt.Errorf("Learners: %w", err)
	}
	return b
}

// set changes a variable, which is added if it is new.
func (b Builder) set(name string, change func(*variable)) Builder {
	b.p.Variables = slices.Clone(b.p.Variables)
	i := slices.IndexFunc(b.p.Variables, func(v variable) bool { return v.Name == name })
	if i < 0 {
		i = len(b.p.Variables)
		b.p.Variables = append(b.p.Variables, variable{Name: name, Drift: "0", Start: "0"})
	}
	change(&b.p.Variables[i])
	return b
}

// Drift sets v of a variable as a formula of all variables and of the time t, with named
// parameters: Drift("q", "-k*q", Params{"k": 2}).
func (b Builder) Drift(variableName, formula string, parameters ...Params) Builder {
	return b.set(variableName, func(v *variable) { v.Drift = formula }).with(parameters)
}

// Start sets where the learners begin: a formula of u, a number of each learner's own,
// uniform in (0, 1), and of z, a normal one.
func (b Builder) Start(variableName, formula string, parameters ...Params) Builder {
	return b.set(variableName, func(v *variable) { v.Start = formula }).with(parameters)
}

// with adds named parameters.
func (b Builder) with(all []Params) Builder {
	b.p.Parameters = maps.Clone(b.p.Parameters)
	for _, p := range all {
		for k, v := range p {
			if old, ok := b.p.Parameters[k]; ok && old != v {
				return b.fail(fmt.Errorf("the parameter %s is %v and %v; give it one value", k, old, v))
			}
			b.p.Parameters[k] = v
		}
	}
	return b
}

// Diffusion sets D ≥ 0.
func (b Builder) Diffusion(d float64) Builder {
	b.p.Diffusion = d
	return b
}

// Step sets the step h > 0.
func (b Builder) Step(h float64) Builder {
	b.p.Step = h
	return b
}

// Seed sets the seed of the noise and of the start.
func (b Builder) Seed(seed uint64) Builder {
	b.p.Seed = strconv.FormatUint(seed, 10)
	return b
}

// Build returns the model, or the first error of the calls that made it.
func (b Builder) Build() (theory.Model, error) {
	if b.err != nil {
		return nil, b.err
	}
	m, err := b.p.build()
	if err != nil {
		return nil, fmt.Errorf("Learners: %w", err)
	}
	return m, nil
}

// MustBuild is Build for tests and programs that know their input is good; it panics on
// an error.
func (b Builder) MustBuild() theory.Model {
	m, err := b.Build()
	if err != nil {
		panic(err)
	}
	return m
}

// Err returns what Build would fail with, or nil.
func (b Builder) Err() error {
	_, err := b.Build()
	return err
}

// Until returns the simulation until the given time.
func (b Builder) Until(t float64) simulate.Simulation { return simulate.New(b, t) }

// Steps returns the simulation of n steps.
func (b Builder) Steps(n int) simulate.Simulation {
	return simulate.New(b, float64(n)*b.p.Step)
}

// String returns the card as text, or what is wrong.
func (b Builder) String() string { return theory.Text(b) }

// Markdown returns the card with formulas in LaTeX, or what is wrong.
func (b Builder) Markdown() string { return theory.Markdown(b) }

// model is the built crowd.
type model struct {
	p     parameters
	seed  uint64
	drift []*expr.Expr
	start []*expr.Expr
	l     lattice.Lattice
}

// maxVariables bounds the variables of a learner.
const maxVariables = 64

func (p parameters) build() (*model, error) {
	m := &model{p: p}
	switch {
	case p.Learners < 2 || p.Learners > lattice.MaxSites:
		return nil, fmt.Errorf("%d learners; there must be from 2 to %d", p.Learners, lattice.MaxSites)
	case len(p.Variables) == 0 || len(p.Variables) > maxVariables:
		return nil, fmt.Errorf("%d variables; give from 1 to %d, such as Drift(\"q\", \"-q\")", len(p.Variables), maxVariables)
	case !(p.Diffusion >= 0) || math.IsInf(p.Diffusion, 1):
		return nil, fmt.Errorf("Diffusion(%v): it must be finite and not negative", p.Diffusion)
	case !(p.Step > 0) || math.IsInf(p.Step, 1):
		return nil, fmt.Errorf("Step(%v): it must be positive and finite", p.Step)
	}
	var err error
	if m.seed, err = strconv.ParseUint(p.Seed, 10, 64); err != nil {
		return nil, fmt.Errorf("seed: %q; it must be a whole number from 0 to 18446744073709551615, as a string", p.Seed)
	}
	if err := room.Memory(fmt.Sprintf("%d learners", p.Learners), 6*8*float64(p.Learners)*float64(len(p.Variables))); err != nil {
		return nil, err
	}
	var names []string
	for _, v := range p.Variables {
		if slices.Contains(names, v.Name) {
			return nil, fmt.Errorf("the variable %q twice; give each a name of its own", v.Name)
		}
		names = append(names, v.Name)
	}
	for _, v := range p.Variables {
		drift, err := expr.Parse(v.Drift, append(slices.Clone(names), "t"), p.Parameters)
		if err != nil {
			return nil, fmt.Errorf("Drift(%q, %q): %w", v.Name, v.Drift, err)
		}
		start, err := expr.Parse(v.Start, []string{"u", "z"}, p.Parameters)
		if err != nil {
			return nil, fmt.Errorf("Start(%q, %q): %w", v.Name, v.Start, err)
		}
		m.drift, m.start = append(m.drift, drift), append(m.start, start)
	}
	for k, q := range m.begin() {
		for i, x := range q {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("Start(%q, %q): it is %s for learner %d; it must be finite", names[k], p.Variables[k].Start, say.Number(x), i)
			}
		}
	}
	wall := lattice.Boundary{Kind: lattice.Neumann}
	m.l, err = lattice.New(lattice.Line(p.Learners, float64(p.Learners), wall, wall))
	return m, err
}

// begin returns the variables at t = 0.
func (m *model) begin() [][]float64 {
	n := m.p.Learners
	u, z := make([]float64, n), make([]float64, n)
	out := make([][]float64, len(m.start))
	for k, e := range m.start {
		uniform, normal := random.New(m.seed, fmt.Sprint("start u ", k)), random.New(m.seed, fmt.Sprint("start z ", k))
		for i := range n {
			if e.Uses("u") {
				u[i] = uniform.Uniform(i)
			}
			if e.Uses("z") {
				z[i] = normal.Normal(i)
			}
		}
		out[k] = make([]float64, n)
		e.EvalTo(out[k], u, z)
	}
	return out
}

// Build returns the model itself: a model is its own builder.
func (m *model) Build() (theory.Model, error) { return m, nil }

// Theory returns "learners".
func (m *model) Theory() string { return "learners" }

// Numerics is the version of the numbers.
func (m *model) Numerics() int { return 1 }

// Portable: formulas and noise have the same bits everywhere.
func (m *model) Portable() bool { return true }

// Lattice returns a row with a place for each learner.
func (m *model) Lattice() lattice.Lattice { return m.l }

// Fields returns one field: variable after variable, a number for each learner.
func (m *model) Fields() []theory.Field {
	var names []string
	for _, v := range m.p.Variables {
		names = append(names, v.Name)
	}
	f := theory.Field{Name: "q", Symbol: "q", Role: theory.Learners, Shape: []int{m.p.Learners}, Types: names}
	if len(names) == 1 {
		f.Types, f.Symbol = nil, names[0]
	}
	return []theory.Field{f}
}

// Initial returns the state at t = 0.
func (m *model) Initial() *theory.State {
	return &theory.State{Arrays: [][]float64{slices.Concat(m.begin()...)}}
}

// MaxFrequency returns 1/h.
func (m *model) MaxFrequency(*theory.State) float64 { return 1 / m.p.Step }

// OwnStep returns h.
func (m *model) OwnStep() (epsilon float64, scheme string) { return m.p.Step, "symplectic-euler" }

// Invariants returns none.
func (m *model) Invariants() []theory.Invariant { return nil }

// Network fails: learners are the trainable variables of networks whose states are
// averaged over.
func (m *model) Network(float64) (*network.System, error) {
	return nil, fmt.Errorf("Learners: they are the trainable variables of networks whose states are averaged over; the drift stands for what those networks feel")
}

// Evolve returns the dynamics of the crowd.
func (m *model) Evolve(step float64) (theory.Evolution, error) {
	if math.Abs(step/m.p.Step-1) > 1e-9 {
		return nil, fmt.Errorf("Learners: step %v; they move by steps of %v: set it with Step of the crowd", step, m.p.Step)
	}
	crowd, err := ensemble.New(ensemble.Config{Start: m.begin(), Drift: m.velocity, Diffusion: m.p.Diffusion, Step: m.p.Step, Seed: m.seed})
	if err != nil {
		return nil, err
	}
	return &evolution{m: m, crowd: crowd}, nil
}

// columns are the variables of a block and its time, for formulas.
type columns struct {
	all  [][]float64
	time [ensemble.BlockSize]float64
}

var scratch = sync.Pool{New: func() any { return new(columns) }}

// velocity is the drift of a block.
func (m *model) velocity(v [][]float64, b ensemble.Block) {
	c := scratch.Get().(*columns)
	time := c.time[:len(b.Q[0])]
	for i := range time {
		time[i] = b.Time
	}
	c.all = append(append(c.all[:0], b.Q...), time)
	for k, e := range m.drift {
		e.EvalTo(v[k], c.all...)
	}
	clear(c.all) // keeps nothing alive
	scratch.Put(c)
}

// evolution moves the crowd, in the state's own memory.
type evolution struct {
	m     *model
	crowd *ensemble.Ensemble
}

func (e *evolution) Load(net, physical *theory.State)     { net.Set(physical) }
func (e *evolution) Physical(physical, net *theory.State) { physical.Set(net) }

// Drift lets time pass.
func (e *evolution) Drift(s *theory.State, c float64) { s.Time += c * e.m.p.Step }

// Kick is one step of all learners.
func (e *evolution) Kick(s *theory.State, d float64) {
	if d != 0 {
		e.walk(s, 1)
	}
}

// Advance does n steps, each learner all of them while it is in the cache.
func (e *evolution) Advance(s *theory.State, n int, _, _ []float64) {
	e.walk(s, n)
	s.Step += n
	s.Time = float64(s.Step) * e.m.p.Step
}

// Depth returns how many steps are done in one go.
func (e *evolution) Depth() int { return 64 }

// walk does steps. A learner that is no longer finite shows in the state.
func (e *evolution) walk(s *theory.State, n int) {
	var q [][]float64
	for part := range slices.Chunk(s.Arrays[0], e.m.p.Learners) {
		q = append(q, part)
	}
	e.crowd.Use(s.Step, q)
	_ = e.crowd.Advance(context.Background(), n, nil)
}

// AddFlow returns an error: noise is no flow.
func (e *evolution) AddFlow(*theory.State, float64, *theory.State) error {
	return fmt.Errorf("learners move by whole steps with noise and are no flow; leave Integrator out")
}

// Spec returns the crowd as a value for canonical JSON.
func (m *model) Spec(theory.Arrays) (any, error) { return m.p, nil }

// Decode reads what Spec of a crowd wrote.
func Decode(b []byte, _ theory.Arrays) (theory.Model, error) {
	var p parameters
	if err := canon.Decode(b, &p); err != nil {
		return nil, err
	}
	if p.Parameters == nil {
		p.Parameters = Params{}
	}
	return Builder{p: p}.Build()
}

// String returns the card.
func (m *model) String() string { return theory.Text(m) }

// Card describes the crowd.
func (m *model) Card() theory.Card {
	c := theory.Card{
		Title: fmt.Sprintf("Crowd of %d learners of %d variables", m.p.Learners, len(m.p.Variables)),
		Equation: theory.Formula{Text: "dq = v(q, t) dt + √(2D) dW",
			LaTeX: `dq = v(q, t)\,dt + \sqrt{2D}\,dW`},
		Network: theory.Formula{Text: "q ← q + v h + √(2Dh) ξ, ξ normal: learners whose states are averaged over",
			LaTeX: `q \leftarrow q + v\,h + \sqrt{2Dh}\,\xi`},
		Sources: []string{"V. Vanchurin, Towards a theory of machine learning, arXiv:2004.09280"},
	}
	row := func(name, text string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text}})
	}
	for _, v := range m.p.Variables {
		row("drift", fmt.Sprintf("v of %s = %s", v.Name, v.Drift))
		row("initial", fmt.Sprintf("%s = %s", v.Name, v.Start))
	}
	var values []string
	for _, name := range slices.Sorted(maps.Keys(m.p.Parameters)) {
		values = append(values, fmt.Sprintf("%s = %v", name, m.p.Parameters[name]))
	}
	if values != nil {
		row("parameters", strings.Join(values, ", "))
	}
	row("diffusion", fmt.Sprintf("D = %v", m.p.Diffusion))
	row("neurons", fmt.Sprintf("%d learners", m.p.Learners))
	row("noise", "seed "+m.p.Seed)
	row("step", fmt.Sprintf("h = %v", m.p.Step))
	return c
}

// Diffusion returns D of a crowd; ok tells whether the model is one.
func Diffusion(m theory.Model) (d float64, ok bool) {
	own, ok := m.(*model)
	if ok {
		d = own.p.Diffusion
	}
	return d, ok
}

// Still returns the same crowd without noise. It fails for another model.
func Still(m theory.Model) (theory.Model, error) {
	own, ok := m.(*model)
	if !ok {
		return nil, fmt.Errorf("Still: a model of %q; it must be a crowd of learners", m.Theory())
	}
	p := own.p
	p.Diffusion = 0
	return Builder{p: p}.Build()
}
