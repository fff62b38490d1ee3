package quantum

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Crowd builds Nelson learners as a simulation: their places and ψ are the state, so that
// runs are stored, interrupted and resumed bit for bit. Its setters return a changed copy.
type Crowd struct {
	p crowdParameters
}

type crowdParameters struct {
	problem Builder
	n       int
	step    float64
	seed    uint64
	plain   bool // descend V instead
}

// Learners returns the crowd of n learners of a Schrödinger problem that move as
// [NelsonLearners] says, by steps of 0.01 with the seed 0. That they obey Schrödinger's
// equation is no discovery of theirs: their drift is read off ψ.
func (b Builder) Learners(n int) Crowd {
	return Crowd{crowdParameters{problem: b.As(Schrodinger()), n: n, step: 0.01}}
}

// Seed sets the seed of the start and of the noise.
func (c Crowd) Seed(seed uint64) Crowd {
	c.p.seed = seed
	return c
}

// Step sets the step of the learners.
func (c Crowd) Step(h float64) Crowd {
	c.p.step = h
	return c
}

// Descent makes the control: the same learners with the same noise descend V, see
// [DescentLearners].
func (c Crowd) Descent() Crowd {
	c.p.plain = true
	return c
}

// Build returns the model, or what is wrong.
func (c Crowd) Build() (theory.Model, error) {
	if c.p.n > lattice.MaxSites {
		return nil, fmt.Errorf("Learners(%d): at most %d", c.p.n, lattice.MaxSites)
	}
	if err := room.Memory(fmt.Sprintf("%d learners", c.p.n), 6*8*float64(c.p.n)); err != nil {
		return nil, err
	}
	l, err := c.p.learners()
	if err != nil {
		return nil, err
	}
	return &crowd{p: c.p, first: l}, nil
}

func (p crowdParameters) learners() (*Learners, error) {
	if p.plain {
		return DescentLearners(p.problem, p.n, p.seed, p.step)
	}
	return NelsonLearners(p.problem, p.n, p.seed, p.step)
}

// MustBuild is Build for tests and programs that know their input is good; it panics on
// an error.
func (c Crowd) MustBuild() theory.Model {
	m, err := c.Build()
	if err != nil {
		panic(err)
	}
	return m
}

// Err returns what Build would fail with, or nil.
func (c Crowd) Err() error {
	_, err := c.Build()
	return err
}

// Until returns the simulation until the given time.
func (c Crowd) Until(t float64) simulate.Simulation { return simulate.New(c, t) }

// Steps returns the simulation of n steps.
func (c Crowd) Steps(n int) simulate.Simulation { return simulate.New(c, float64(n)*c.p.step) }

// String returns the card as text, or what is wrong.
func (c Crowd) String() string { return theory.Text(c) }

// Markdown returns the card with formulas in LaTeX, or what is wrong.
func (c Crowd) Markdown() string { return theory.Markdown(c) }

// crowd is the built model.
type crowd struct {
	p     crowdParameters
	first *Learners // at t = 0; not to be advanced
}

// Build returns the model itself: a model is its own builder.
func (m *crowd) Build() (theory.Model, error) { return m, nil }

// Theory returns "nelson-learners".
func (m *crowd) Theory() string { return "nelson-learners" }

// Numerics is the version of the numbers.
func (m *crowd) Numerics() int { return 1 }

// Lattice returns the lattice of ψ.
func (m *crowd) Lattice() lattice.Lattice { return m.first.m.lattice }

// Fields returns the places of the learners, and ψ.
func (m *crowd) Fields() []theory.Field {
	psi := m.first.m.Fields()[0]
	return []theory.Field{{Name: "q", Symbol: "q", Role: theory.Learners, Shape: []int{m.p.n}}, psi}
}

// Initial returns the state at t = 0.
func (m *crowd) Initial() *theory.State {
	return (&theory.State{Arrays: [][]float64{m.first.Positions(), m.first.psi.Arrays[0]}}).Clone()
}

// MaxFrequency returns 1/h.
func (m *crowd) MaxFrequency(*theory.State) float64 { return 1 / m.p.step }

// OwnStep returns h.
func (m *crowd) OwnStep() (epsilon float64, scheme string) { return m.p.step, "symplectic-euler" }

// Invariants returns the norm of ψ.
func (m *crowd) Invariants() []theory.Invariant {
	norm := m.first.m.Invariants()[0]
	value := norm.Value
	norm.Value = func(s theory.Snapshot) float64 {
		s.State = &theory.State{Step: s.Step, Time: s.Time, Arrays: s.Arrays[1:]}
		return value(s)
	}
	return []theory.Invariant{norm}
}

// Network fails: learners are trainable variables.
func (m *crowd) Network(float64) (*network.System, error) {
	return nil, fmt.Errorf("nelson-learners: each learner is the trainable variable of a network whose states are averaged over; its drift is read off ψ")
}

// Evolve returns the dynamics of the learners and of ψ.
func (m *crowd) Evolve(step float64) (theory.Evolution, error) {
	if math.Abs(step/m.p.step-1) > 1e-9 {
		return nil, fmt.Errorf("Learners: step %v; they move by steps of %v: set it with Step of the crowd", step, m.p.step)
	}
	l, err := m.p.learners()
	if err != nil {
		return nil, err
	}
	return &crowdEvolution{m: m, l: l}, nil
}

// crowdEvolution moves learners and ψ in the state's own memory.
type crowdEvolution struct {
	m *crowd
	l *Learners
}

func (e *crowdEvolution) Load(net, physical *theory.State)     { net.Set(physical) }
func (e *crowdEvolution) Physical(physical, net *theory.State) { physical.Set(net) }

// Drift lets time pass.
func (e *crowdEvolution) Drift(s *theory.State, c float64) { s.Time += c * e.m.p.step }

// at points the learners at a state.
func (e *crowdEvolution) at(s *theory.State) {
	e.l.ensemble.Use(s.Step, [][]float64{s.Arrays[0]})
	e.l.psi.Arrays[0] = s.Arrays[1]
}

// Kick is one step of all learners. One that is no longer finite shows in the state.
func (e *crowdEvolution) Kick(s *theory.State, d float64) {
	if d != 0 {
		e.at(s)
		_ = e.l.Advance(context.Background(), 1, nil)
	}
}

// AddFlow returns an error: noise is no flow.
func (e *crowdEvolution) AddFlow(*theory.State, float64, *theory.State) error {
	return fmt.Errorf("learners move by whole steps with noise and are no flow; leave Integrator out")
}

// Distance returns how far the learners are from |ψ|²; see [Learners.Kolmogorov].
func (e *crowdEvolution) Distance(s *theory.State) float64 {
	e.at(s)
	return e.l.Kolmogorov()
}

// String returns the card.
func (m *crowd) String() string { return theory.Text(m) }

// Card describes the crowd and its problem.
func (m *crowd) Card() theory.Card {
	c := m.first.m.Card()
	c.Title = fmt.Sprintf("%d Nelson learners of a Schrödinger problem", m.p.n)
	c.Network = theory.Formula{Text: "dq = v₊dt + √(2D) dW, v₊ = (ħ/m)(Im + Re)(∂ψ/ψ)", LaTeX: `dq = v_+\,dt + \sqrt{2D}\,dW,\qquad v_+ = \tfrac\hbar m(\operatorname{Im} + \operatorname{Re})\frac{\partial\psi}\psi`}
	if m.p.plain {
		c.Title = fmt.Sprintf("%d learners that descend the potential of a Schrödinger problem", m.p.n)
		c.Network = theory.Formula{Text: "dq = −γ∂V dt + √(2D) dW", LaTeX: `dq = -\gamma\,\partial V\,dt + \sqrt{2D}\,dW`}
	}
	rows := c.Rows
	c.Rows = nil
	for _, r := range rows {
		switch r.Name {
		case "as a network", "step", "invariants":
		default:
			c.Rows = append(c.Rows, r)
		}
	}
	row := func(name, text string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text}})
	}
	if !m.p.plain {
		row("by construction", "the drift is read off ψ, which is solved beside the learners: that they follow |ψ|² is no discovery of theirs")
	}
	row("seed", fmt.Sprint(m.p.seed))
	row("step", fmt.Sprintf("h = %v", m.p.step))
	return c
}

// crowdSpec is the canonical form of a crowd.
type crowdSpec struct {
	Theory   string      `json:"theory"`
	Problem  problemSpec `json:"problem"`
	Learners int         `json:"learners"`
	Drift    string      `json:"drift"` // nelson or descent
	Step     float64     `json:"step"`
	Seed     string      `json:"seed"`
}

// Spec returns the crowd as a value for canonical JSON.
func (m *crowd) Spec(arrays theory.Arrays) (any, error) {
	problem, err := m.first.m.Spec(arrays)
	if err != nil {
		return nil, err
	}
	s := crowdSpec{Theory: m.Theory(), Problem: problem.(problemSpec), Learners: m.p.n, Drift: "nelson", Step: m.p.step, Seed: strconv.FormatUint(m.p.seed, 10)}
	if m.p.plain {
		s.Drift = "descent"
	}
	return s, nil
}

// DecodeCrowd reads what Spec of a crowd wrote.
func DecodeCrowd(b []byte, arrays theory.Arrays) (theory.Model, error) {
	var s crowdSpec
	if err := canon.Decode(b, &s); err != nil {
		return nil, err
	}
	if s.Problem.Theory != "schrodinger" {
		return nil, fmt.Errorf("problem.theory: %q; learners follow a problem of schrodinger", s.Problem.Theory)
	}
	m, err := s.Problem.build(arrays)
	if err != nil {
		return nil, fmt.Errorf("problem: %w", err)
	}
	problem, _ := BuilderOf(m)
	c := problem.Learners(s.Learners).Step(s.Step)
	switch s.Drift {
	case "nelson":
	case "descent":
		c = c.Descent()
	default:
		return nil, fmt.Errorf("drift: %q is unknown; use nelson or descent", s.Drift)
	}
	seed, err := strconv.ParseUint(s.Seed, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("seed: %q; it must be a whole number from 0 to 18446744073709551615, as a string", s.Seed)
	}
	return c.Seed(seed).Build()
}
