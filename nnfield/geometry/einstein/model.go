package einstein

import (
	"fmt"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// model is the learning of a metric as a theory: its time is the time τ of
// learning, its lattice the axis of time of the metric, with clamped ends.
type model struct {
	parameters
	universe
	name       string
	times      lattice.Lattice
	lagrangian lagrangian
	initial    *theory.State
	formulas   []string // the guess in LaTeX
}

func (m *model) spacing() float64 { return m.times.Spacing(0) }

// Build returns the model itself: a model is its own builder.
func (m *model) Build() (theory.Model, error) { return m, nil }

func (m *model) Theory() string           { return "minisuperspace" }
func (m *model) Lattice() lattice.Lattice { return m.times }

// Numerics is the version of the numbers, guarded by golden bits.
func (m *model) Numerics() int { return 1 }

// Portable: its numbers are sums and products of ours.
func (m *model) Portable() bool { return true }

// Fields returns the functions on the axis of time, the lapse and the multiplier.
func (m *model) Fields() []theory.Field {
	metric := theory.Field{Name: "metric", Symbol: m.functions[0], Role: theory.Sites, Shape: []int{m.sites}}
	if len(m.functions) > 1 {
		metric.Symbol, metric.Types = "g", m.functions
	}
	one := func(name, symbol string) theory.Field {
		return theory.Field{Name: name, Symbol: symbol, Role: theory.Weights, Shape: []int{1}}
	}
	return []theory.Field{metric, one("lapse", "N"), one("lambda", "Λ")}
}

// Initial returns the metric that learning begins with.
func (m *model) Initial() *theory.State { return m.initial.Clone() }

// MaxFrequency returns the largest rate of the learning near a metric: 1 by the
// covariant rule, else the norm of the second derivative of S, by power iteration.
func (m *model) MaxFrequency(about *theory.State) float64 {
	if m.rule == Covariant {
		return 1
	}
	if about == nil {
		about = m.initial
	}
	const margin = 1.05 // power iteration comes from below
	return margin * m.newLearner(0).stiffness(about)
}

// Network fails: the metric is the trainable variable of a network whose states are
// integrated out.
func (m *model) Network(float64) (*network.System, error) {
	return nil, fmt.Errorf("minisuperspace: the metric is made of trainable variables of a network whose states are averaged over, there is no network on the axis of time; see package geometry for the network of a given metric")
}

// Invariants returns none: learning is no conservative dynamics.
func (m *model) Invariants() []theory.Invariant { return nil }

// Card describes the model.
func (m *model) Card() theory.Card {
	w := m.weights(m.onsager)
	values := []any{w["k"]}
	if len(m.functions) > 1 {
		values = append(values, w["q"], w["p"])
	}
	rules := map[Rule]theory.Formula{
		Ascent: {Text: "d(q, N)/dτ = +∂S, dΛ/dτ = η(neurons − target), the gradient by q in the metric ∫δq̇²dt",
			LaTeX: `\frac{d(q, N)}{d\tau} = +\partial S,\qquad \frac{d\Lambda}{d\tau} = \eta\,(n - n_0)`},
		Descent: {Text: "d(q, N)/dτ = −∂S, dΛ/dτ = η(neurons − target), the gradient by q in the metric ∫δq̇²dt",
			LaTeX: `\frac{d(q, N)}{d\tau} = -\partial S,\qquad \frac{d\Lambda}{d\tau} = \eta\,(n - n_0)`},
		Covariant: {Text: "d(q, N, Λ)/dτ = −J⁻¹E, E = ∂S, J = ∂E: covariant gradient descent on ½|E|²",
			LaTeX: `\frac{d(q, N, \Lambda)}{d\tau} = -J^{-1}E,\qquad E = \partial S,\quad J = \partial E`},
	}
	c := theory.Card{
		Title:    "Learning the metric of " + m.title,
		Equation: theory.Formula{Text: fmt.Sprintf(m.text, values...), LaTeX: fmt.Sprintf(m.latex, values...)},
		Network:  rules[m.rule],
		Sources:  []string{"V. Vanchurin, Towards a theory of quantum gravity from neural networks, arXiv:2111.00903, §8"},
	}
	row := func(name, text, latex string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text, LaTeX: latex}})
	}
	row("learning", fmt.Sprintf("%s, η = %v", m.rule, m.rate), "")
	row("Onsager", digits(m.onsager[:]), "")
	row("assumed", "the Onsager tensor of the action is typed in; the metric is trainable, and no network runs on the axis of time", "")
	row("neurons", fmt.Sprintf("∫√−g = %.6g", m.neurons), fmt.Sprintf(`\int\sqrt{-g} = %.6g`, m.neurons))
	row("times", m.times.String(), "")
	names := strings.Join(m.functions, ", ")
	row("ends", fmt.Sprintf("%s = %s at t = 0, %s at t = %v", names, digits(m.from), digits(m.to), m.duration), "")
	start, latex := "straight lines", ""
	if m.guess != nil {
		start = names + " = " + strings.Join(m.guess, ", ")
		latex = fmt.Sprintf(`%s = %s,\ N = %.6g,\ \Lambda = %.6g`, names, strings.Join(m.formulas, `,\ `), m.lapse, m.start)
	}
	row("initial", fmt.Sprintf("%s, N = %.6g, Λ = %.6g", start, m.lapse, m.start), latex)
	return c
}

// digits prints numbers to six digits.
func digits(values []float64) string {
	var s []string
	for _, v := range values {
		s = append(s, fmt.Sprintf("%.6g", v))
	}
	return strings.Join(s, ", ")
}

// spec is the canonical form of a model.
type spec struct {
	Theory   string    `json:"theory"`
	Universe string    `json:"universe"`
	Times    timesSpec `json:"times"`
	From     []float64 `json:"from"`
	To       []float64 `json:"to"`
	Neurons  float64   `json:"neurons"`
	Onsager  []float64 `json:"onsager"`
	Learning ruleSpec  `json:"learning"`
	Initial  initial   `json:"initial"`
}

type timesSpec struct {
	Sites    int     `json:"sites"`
	Duration float64 `json:"duration"`
}

type ruleSpec struct {
	Rule Rule    `json:"rule"`
	Rate float64 `json:"rate"`
}

type initial struct {
	Kind     string   `json:"kind"` // lines or expressions
	Formulas []string `json:"formulas,omitempty"`
	Lapse    float64  `json:"lapse"`
	Lambda   float64  `json:"lambda"`
}

// Spec returns the model as a value for canonical JSON.
func (m *model) Spec(theory.Arrays) (any, error) {
	s := spec{Theory: m.Theory(), Universe: m.name, Times: timesSpec{m.sites, m.duration}, From: m.from, To: m.to, Neurons: m.neurons,
		Onsager: m.onsager[:], Learning: ruleSpec{m.rule, m.rate}, Initial: initial{"lines", m.guess, m.lapse, m.start}}
	if m.guess != nil {
		s.Initial.Kind = "expressions"
	}
	return s, nil
}

// Decode reads the model that a Spec holds: theory "minisuperspace".
func Decode(data []byte, _ theory.Arrays) (theory.Model, error) {
	var s spec
	if err := canon.Decode(data, &s); err != nil {
		return nil, err
	}
	if _, ok := universes[s.Universe]; !ok {
		return nil, fmt.Errorf("universe: %q is unknown; use frw or kantowski-sachs", s.Universe)
	}
	var l Onsager
	if copy(l[:], s.Onsager) != len(s.Onsager) || len(s.Onsager) != len(l) {
		return nil, fmt.Errorf("onsager: %d weights; it has %d", len(s.Onsager), len(l))
	}
	b := FRW()
	b.universe = s.Universe
	b = b.Times(s.Times.Sites, s.Times.Duration).From(s.From...).To(s.To...).Neurons(s.Neurons).Onsager(l).
		Learn(s.Learning.Rule).Rate(s.Learning.Rate).Guess(s.Initial.Lapse, s.Initial.Lambda)
	switch {
	case s.Initial.Kind == "expressions":
		b = b.Start(s.Initial.Formulas...)
	case s.Initial.Kind != "lines":
		return nil, fmt.Errorf("initial.kind: %q is unknown; use lines or expressions", s.Initial.Kind)
	case s.Initial.Formulas != nil:
		return nil, fmt.Errorf("initial.formulas: lines have none; use the kind expressions")
	}
	return b.Build()
}

// String returns the card.
func (m *model) String() string { return theory.Text(m) }
