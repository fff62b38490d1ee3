// Package training is a network that trains, as a simulation like any other: a model
// whose state is what learns, with a Spec, data by their content, a seed, stored runs
// that can be interrupted and go on bit for bit, figures and comparison.
//
//	model := training.FeedForward(64, 32, 10).Digits().Batch(16).Descent(training.SGD(0.1))
//	run := kernel.Run(model.Epochs(5).Observe(observe.Loss(), nnfield.Count(50)))
//
// One step is one batch: it is shown to the boundary neurons, the network is activated,
// the trainable variables q learn [M] §2. Time counts steps. The gradient is that of
// package learning, which is the total derivative of the septuple's loss (see
// [learning.Network.Septuple]).
//
// Stability: provisional.
package training

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/septuple"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Builder builds a training. Its setters return a changed copy and keep the first error.
type Builder struct {
	p   parameters
	err error
}

// parameters is what a training is given by.
type parameters struct {
	groups   []group
	links    []learning.Link
	steps    int
	data     learning.Data
	digits   bool // the data are those of learning.Digits
	batch    int
	sampling learning.Sampling
	descent  Descent
	bulk     bool
	seed     uint64
	start    []float64 // q at the start, or nil: drawn from the seed
}

// group is a group of neurons with an activation by name or formula.
type group struct {
	Neurons    int    `json:"neurons"`
	Activation string `json:"activation"`
}

func begin(groups []int, hidden, output string) Builder {
	b := Builder{p: parameters{sampling: learning.Shuffled, batch: 16, descent: SGD(0.1)}}
	for i, n := range groups {
		g := group{n, hidden}
		switch i {
		case 0:
			g.Activation = "identity"
		case len(groups) - 1:
			g.Activation = output
		}
		b.p.groups = append(b.p.groups, g)
	}
	return b
}

// FeedForward is a network of layers of the given numbers of neurons, inputs first, each
// linked to the next: tanh within, the identity at the outputs. It learns by SGD(0.1)
// from shuffled batches of 16, unless other calls say otherwise.
func FeedForward(neurons ...int) Builder {
	b := begin(neurons, "tanh", "identity")
	b.p.steps = max(1, len(neurons)-1)
	for i := 1; i < len(neurons); i++ {
		b.p.links = append(b.p.links, learning.Link{From: i - 1, To: i})
	}
	return b
}

// Recurrent is a network of inputs → hidden neurons → outputs in which the hidden neurons
// are also linked to each other and see the inputs in each of the activation steps.
func Recurrent(inputs, neurons, outputs, steps int) Builder {
	b := begin([]int{inputs, neurons, outputs}, "tanh", "identity")
	b.p.steps = steps
	b.p.links = []learning.Link{{From: 0, To: 1}, {From: 1, To: 1}, {From: 1, To: 2}}
	return b
}

// fail keeps the first error.
func (b Builder) fail(err error) Builder {
	if b.err == nil && err != nil {
		b.err = fmt.Errorf("training: %w", err)
	}
	return b
}

// Hidden sets the activation map of the hidden neurons: the name identity, tanh, sigmoid,
// relu or sine, or a formula of z.
func (b Builder) Hidden(nameOrFormula string) Builder {
	b.p.groups = slices.Clone(b.p.groups)
	for i := 1; i < len(b.p.groups)-1; i++ {
		b.p.groups[i].Activation = nameOrFormula
	}
	return b
}

// Output sets the activation map of the outputs, as Hidden does.
func (b Builder) Output(nameOrFormula string) Builder {
	b.p.groups = slices.Clone(b.p.groups)
	if n := len(b.p.groups); n > 0 {
		b.p.groups[n-1].Activation = nameOrFormula
	}
	return b
}

// Data sets what is learned from.
func (b Builder) Data(d learning.Data) Builder {
	b.p.data = learning.Data{Inputs: d.Inputs, Outputs: d.Outputs, X: slices.Clone(d.X), Y: slices.Clone(d.Y)}
	b.p.digits = false
	return b
}

// Digits learns from 1,797 images of handwritten digits; see [learning.Digits].
func (b Builder) Digits() Builder {
	b.p.data, b.p.digits = learning.Digits(), true
	return b
}

// Arrays sets data from two arrays with a row for each sample, as the readers of files
// return them: Arrays(shapeX, x, shapeY, y).
func (b Builder) Arrays(shapeX []int, x []float64, shapeY []int, y []float64) Builder {
	if len(shapeX) != 2 || len(shapeY) != 2 || shapeX[0] != shapeY[0] || shapeX[0] < 1 {
		return b.fail(fmt.Errorf("Arrays: the shapes %v and %v; give a row of inputs and a row of outputs for each sample", shapeX, shapeY))
	}
	return b.Data(learning.Data{Inputs: shapeX[1], Outputs: shapeY[1], X: x, Y: y})
}

// Batch sets how many samples are shown in one step.
func (b Builder) Batch(samples int) Builder {
	b.p.batch = samples
	return b
}

// Sampling chooses how samples come into batches: [learning.Shuffled], WithReplacement or
// WithoutReplacement.
func (b Builder) Sampling(s learning.Sampling) Builder {
	b.p.sampling = s
	return b
}

// Descent sets how the variables follow the gradient.
func (b Builder) Descent(d Descent) Builder {
	b.p.descent = d
	return b
}

// Bulk learns from the bulk loss, locally, instead of the boundary loss.
func (b Builder) Bulk() Builder {
	b.p.bulk = true
	return b
}

// Seed sets the seed of the first variables and of the batches.
func (b Builder) Seed(seed uint64) Builder {
	b.p.seed = seed
	return b
}

// Start sets the variables q at the start, which are drawn from the seed otherwise: the
// biases of all groups but the inputs, then the blocks of weights.
func (b Builder) Start(q []float64) Builder {
	b.p.start = slices.Clone(q)
	return b
}

// Build returns the model, or the first error of the calls that made it.
func (b Builder) Build() (theory.Model, error) {
	if b.err != nil {
		return nil, b.err
	}
	m, err := newModel(b.p)
	if err != nil {
		return nil, fmt.Errorf("training: %s", strings.TrimPrefix(strings.TrimPrefix(err.Error(), "learning: "), "learning.New: "))
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

// Steps returns the simulation of n steps, a batch each.
func (b Builder) Steps(n int) simulate.Simulation { return simulate.New(b, float64(n)) }

// Until returns the simulation until the time t, which counts steps.
func (b Builder) Until(t float64) simulate.Simulation { return simulate.New(b, t) }

// Epochs returns the simulation of n epochs, each of as many steps as it takes to see as
// many samples as there are.
func (b Builder) Epochs(n int) simulate.Simulation {
	samples := b.p.data.Samples()
	return b.Steps(n * ((samples + max(1, b.p.batch) - 1) / max(1, b.p.batch)))
}

// String returns the card as text, or what is wrong.
func (b Builder) String() string { return theory.Text(b) }

// Markdown returns the card with formulas in LaTeX, or what is wrong.
func (b Builder) Markdown() string { return theory.Markdown(b) }

// model is the built training.
type model struct {
	p       parameters
	network *learning.Network
	descent learning.Remembering
	l       lattice.Lattice
}

func newModel(p parameters) (*model, error) {
	m := &model{p: p}
	a := learning.Architecture{Links: p.links, Steps: p.steps}
	for _, g := range p.groups {
		f, err := septuple.ActivationOf(g.Activation).Map()
		if err != nil {
			return nil, err
		}
		a.Groups = append(a.Groups, learning.Group{Neurons: g.Neurons, Activation: f})
	}
	variables := 0.0
	for _, l := range p.links {
		if l.From >= 0 && l.From < len(a.Groups) && l.To >= 0 && l.To < len(a.Groups) { // New refuses others
			variables += float64(a.Groups[l.From].Neurons) * float64(a.Groups[l.To].Neurons)
		}
	}
	for i, g := range a.Groups {
		if g.Neurons > 1<<20 {
			return nil, fmt.Errorf("%d neurons in group %d; at most %d", g.Neurons, i, 1<<20)
		}
		variables += float64(g.Neurons)
	}
	// The variables, their gradient, what the descent remembers and what is recorded.
	if err := room.Memory(fmt.Sprintf("a network of %.3g variables", variables), 8*8*variables); err != nil {
		return nil, err
	}
	var err error
	if m.network, err = learning.New(a); err != nil {
		return nil, err
	}
	if p.data.Samples() == 0 {
		return nil, fmt.Errorf("no data to learn from; use Data, Arrays or Digits")
	}
	q := p.start
	if q == nil {
		q = m.network.Draw(p.seed)
	}
	if m.descent, err = p.descent.build(); err != nil {
		return nil, err
	}
	t := learning.Training{Network: m.network, Data: p.data, Batch: p.batch, Sampling: p.sampling, Descent: m.descent, Seed: p.seed, Variables: q}
	if err := t.Start(); err != nil {
		return nil, err
	}
	wall := lattice.Boundary{Kind: lattice.Neumann}
	n := max(2, m.network.Size())
	m.l, err = lattice.New(lattice.Line(n, float64(n), wall, wall))
	return m, err
}

// Build returns the model itself: a model is its own builder.
func (m *model) Build() (theory.Model, error) { return m, nil }

// Theory returns "training".
func (m *model) Theory() string { return "training" }

// Numerics is the version of the numbers.
func (m *model) Numerics() int { return 1 }

// Lattice returns a row with a place for each trainable variable.
func (m *model) Lattice() lattice.Lattice { return m.l }

// Fields returns the trainable variables and what the descent remembers.
func (m *model) Fields() []theory.Field {
	fields := []theory.Field{{Name: "q", Symbol: "q", Role: theory.Weights, Shape: []int{m.network.Size()}}}
	for k, a := range m.descent.Memory(m.network.Size()) {
		fields = append(fields, theory.Field{Name: fmt.Sprintf("memory-%d", k+1), Symbol: fmt.Sprintf("memory %d", k+1), Role: theory.Weights, Shape: []int{len(a)}})
	}
	return fields
}

// Initial returns the state at t = 0.
func (m *model) Initial() *theory.State {
	q := slices.Clone(m.p.start)
	if q == nil {
		q = m.network.Draw(m.p.seed)
	}
	return &theory.State{Arrays: append([][]float64{q}, m.descent.Memory(len(q))...)}
}

// MaxFrequency returns 1: a step is a unit of time.
func (m *model) MaxFrequency(*theory.State) float64 { return 1 }

// OwnStep returns 1: training moves by whole steps.
func (m *model) OwnStep() (epsilon float64, scheme string) { return 1, "symplectic-euler" }

// Invariants returns none: learning is no conservative dynamics.
func (m *model) Invariants() []theory.Invariant { return nil }

// Network fails: a step shows many samples, each to a network of its own.
func (m *model) Network(float64) (*network.System, error) {
	return nil, fmt.Errorf("training: a step shows %d samples, each to the same network; learning.Network.Septuple is that of one sample", m.p.batch)
}

// Evolve returns the dynamics: a kick is one batch.
func (m *model) Evolve(step float64) (theory.Evolution, error) {
	if math.Abs(step-1) > 1e-9 {
		return nil, fmt.Errorf("training: step %v; training moves by whole steps of 1, leave Step out", step)
	}
	descent, err := m.p.descent.build()
	if err != nil {
		return nil, err
	}
	return &evolution{m: m, network: m.network.Clone(), descent: descent, g: make([]float64, m.network.Size()), samples: make([]int, m.p.batch)}, nil
}

// evolution trains. Which samples are shown in a step depends on the seed and the number
// of the step alone.
type evolution struct {
	m       *model
	network *learning.Network
	descent learning.Remembering
	sampler *learning.Sampler
	drawn   int // batches that the sampler has drawn
	samples []int
	batch   learning.Data
	g       []float64
}

func (e *evolution) Load(net, physical *theory.State)     { net.Set(physical) }
func (e *evolution) Physical(physical, net *theory.State) { physical.Set(net) }

// Drift lets time pass: the activation of each sample is part of learning.
func (e *evolution) Drift(s *theory.State, c float64) { s.Time += c }

// Kick is one step of learning.
func (e *evolution) Kick(s *theory.State, d float64) {
	if d == 0 { // the scheme learns after a step, not before
		return
	}
	if e.sampler == nil || e.drawn > s.Step {
		e.sampler, _ = learning.NewSampler(e.m.p.sampling, e.m.p.data.Samples(), e.m.p.seed) // newModel has tried it
		e.drawn = 0
	}
	var chosen []int
	for ; e.drawn <= s.Step; e.drawn++ { // more than one where a run goes on
		chosen = e.sampler.Next(e.samples)
	}
	e.batch.Set(e.m.p.data, chosen)
	gradient := e.network.Gradient
	if e.m.p.bulk {
		gradient = e.network.BulkGradient
	}
	gradient(e.g, s.Arrays[0], e.batch)
	e.descent.Remember(s.Arrays[1:])
	e.descent.Update(s.Arrays[0], e.g)
}

// AddFlow returns an error: whole steps are no flow.
func (e *evolution) AddFlow(*theory.State, float64, *theory.State) error {
	return fmt.Errorf("training moves by whole steps and is no flow; leave Integrator out")
}

// Loss returns the mean loss over all data.
func (e *evolution) Loss(s *theory.State) float64 {
	if e.m.p.bulk {
		return e.network.BulkLoss(s.Arrays[0], e.m.p.data)
	}
	return e.network.Loss(s.Arrays[0], e.m.p.data)
}

// Accuracy returns the part of all data whose largest output is the right one.
func (e *evolution) Accuracy(s *theory.State) float64 {
	return e.network.Accuracy(s.Arrays[0], e.m.p.data)
}

// String returns the card.
func (m *model) String() string { return theory.Text(m) }

// Card describes the training.
func (m *model) Card() theory.Card {
	p := m.p
	loss, loss2 := "½‖P̂(y − x(T))‖²", `\tfrac12\lVert\hat P(y - x(T))\rVert^2`
	if p.bulk {
		loss, loss2 = "½‖x − f(w x + b)‖²", `\tfrac12\lVert x - f(w x + b)\rVert^2`
	}
	c := theory.Card{
		Title:    fmt.Sprintf("Training of %d variables", m.network.Size()),
		Equation: theory.Formula{Text: "q ← q − γ dH/dq, H = " + loss, LaTeX: `q \leftarrow q - \gamma\,\frac{dH}{dq},\qquad H = ` + loss2},
		Network: theory.Formula{Text: "boundary shows a batch, activation x ← f(w x + b) T times, learning of q = (b, w)",
			LaTeX: `\hat P x \leftarrow p_\partial,\qquad x \leftarrow f(w x + b)\ (T\text{ times}),\qquad q = (b, w)`},
		Sources: []string{"V. Vanchurin, Towards a theory of machine learning, arXiv:2004.09280, §2"},
	}
	row := func(name, text string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text}})
	}
	var groups, links []string
	for i, g := range p.groups {
		text := fmt.Sprint(g.Neurons)
		if i > 0 {
			text += " " + g.Activation
		}
		groups = append(groups, text)
	}
	recurrent := false
	for _, l := range p.links {
		links = append(links, fmt.Sprintf("%d → %d", l.From+1, l.To+1))
		recurrent = recurrent || l.To <= l.From
	}
	row("neurons", strings.Join(groups, ", "))
	row("links", strings.Join(links, ", "))
	row("activation", fmt.Sprintf("T = %d steps", p.steps))
	data := fmt.Sprintf("%d samples of %d inputs and %d outputs", p.data.Samples(), p.data.Inputs, p.data.Outputs)
	if p.digits {
		data = "handwritten digits, " + data
	}
	row("data", data)
	row("batch", fmt.Sprintf("%d samples, %s, seed %d", p.batch, p.sampling, p.seed))
	row("descent", p.descent.String())
	return c
}

// Parts are what a training is made of, for those who look at it from outside.
type Parts struct {
	Network  *learning.Network
	Data     learning.Data // not to be changed
	Batch    int
	Sampling learning.Sampling
	Descent  learning.Remembering // at its beginning
	Bulk     bool
	Seed     uint64
	Start    []float64 // q at t = 0
}

// Of returns the parts of a training; ok tells whether the model is one.
func Of(m theory.Model) (p Parts, ok bool) {
	own, ok := m.(*model)
	if !ok {
		return p, false
	}
	descent, err := own.p.descent.build()
	return Parts{own.network.Clone(), own.p.data, own.p.batch, own.p.sampling, descent, own.p.bulk, own.p.seed, own.Initial().Arrays[0]}, err == nil
}
