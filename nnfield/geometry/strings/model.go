package strings

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// model is the built model.
type model struct {
	p           parameters
	l           lattice.Lattice
	dimensions  int
	right, left []float64 // F and G: coordinate after coordinate
}

// Build returns the model itself: a model is its own builder.
func (m *model) Build() (theory.Model, error) { return m, nil }

// Theory returns "string".
func (m *model) Theory() string { return "string" }

// Numerics is the version of the numbers.
func (m *model) Numerics() int { return 1 }

// Portable: a string is moved by permutations.
func (m *model) Portable() bool { return true }

// Lattice returns the ring of neurons.
func (m *model) Lattice() lattice.Lattice { return m.l }

// Fields returns the mean X of the states and the states F and G of the networks;
// of averaged weights only X.
func (m *model) Fields() []theory.Field {
	var types []string
	for i := range m.dimensions {
		if m.dimensions <= 3 {
			types = append(types, []string{"x", "y", "z"}[i])
		} else {
			types = append(types, fmt.Sprint(i+1))
		}
	}
	field := func(name, symbol string) theory.Field {
		return theory.Field{Name: name, Symbol: symbol, Role: theory.Sites, Shape: m.l.Shape(), Types: types}
	}
	if m.p.averaged {
		return []theory.Field{field("mean", "X")}
	}
	return []theory.Field{field("mean", "X"), field("right", "F"), field("left", "G")}
}

// Initial returns the state at t = 0.
func (m *model) Initial() *theory.State {
	mean := make([]float64, len(m.right))
	for i, f := range m.right {
		mean[i] = float64(0.5*f) + float64(0.5*m.left[i])
	}
	if !m.p.averaged {
		return &theory.State{Arrays: [][]float64{mean, slices.Clone(m.right), slices.Clone(m.left)}}
	}
	n := m.l.Sites()
	if n%2 == 0 {
		sign := func(i int) float64 { return float64(1 - 2*(i%2)) }
		for at := 0; at < len(mean); at += n {
			alternating := sums.Sum(at, at+n, func(i int) float64 { return sign(i-at) * mean[i] }) / float64(n)
			for i := range n {
				mean[at+i] -= float64(sign(i) * alternating)
			}
		}
	}
	return &theory.State{Arrays: [][]float64{mean}}
}

// MaxFrequency returns 1/a, so that half the limit of leapfrog is the step ε = a.
func (m *model) MaxFrequency(*theory.State) float64 { return 1 / m.l.Spacing(0) }

// OwnStep returns a: a permutation moves the state by one neuron a step.
func (m *model) OwnStep() (epsilon float64, scheme string) { return m.l.Spacing(0), "" }

// checkStep refuses a step other than a.
func (m *model) checkStep(step float64) error {
	if a := m.l.Spacing(0); math.Abs(step/a-1) > 1e-9 {
		return fmt.Errorf("string: step %v; a permutation moves the state by one neuron a step, which takes a = %v; leave Step out", step, a)
	}
	return nil
}

// Network returns all networks as one, whose weights are P for F, Pᵀ for G and
// ½P, ½Pᵀ from F and G to X; or ½(P + Pᵀ). There is nothing to learn: no loss.
func (m *model) Network(step float64) (*network.System, error) {
	if err := m.checkStep(step); err != nil {
		return nil, err
	}
	n := m.l.Sites()
	block := len(m.right)
	var entries []weights.Triplet
	listen := func(field, from, by int, w float64) { // neuron i to neuron i+by
		for at := 0; at < block; at += n {
			for i := range n {
				entries = append(entries, weights.Triplet{Row: field*block + at + i, Column: from*block + at + (i+by+n)%n, Weight: w})
			}
		}
	}
	size := block
	if m.p.averaged {
		listen(0, 0, -1, 0.5)
		listen(0, 0, 1, 0.5)
	} else {
		size = 3 * block
		listen(0, 1, -1, 0.5)
		listen(0, 2, 1, 0.5)
		listen(1, 1, -1, 1)
		listen(2, 2, 1, 1)
	}
	w, err := weights.NewCSR(size, entries)
	if err != nil {
		return nil, err
	}
	return network.New(network.Network{Weights: w, Clock: step})
}

// Evolve returns the dynamics of the network's own step.
func (m *model) Evolve(step float64) (theory.Evolution, error) {
	s, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	return &evolution{net: s, state: s.NewState(), step: step}, nil
}

// evolution activates the network once a step.
type evolution struct {
	net   *network.System
	state *network.State
	step  float64
}

func (e *evolution) Load(net, physical *theory.State) { net.Set(physical) }

func (e *evolution) Physical(physical, net *theory.State) { physical.Set(net) }

// Drift activates the network where a step is complete. Schemes that compose a step
// of several fractions have nothing to compose here: neurons do not move by halves.
func (e *evolution) Drift(s *theory.State, c float64) {
	s.Time += c * e.step
	if math.Abs(s.Time/e.step-float64(s.Step+1)) > 1e-6 {
		return
	}
	x := e.state.X
	for _, a := range s.Arrays {
		x = x[copy(x, a):]
	}
	e.net.Activate(e.state, 1)
	x = e.state.X
	for _, a := range s.Arrays {
		x = x[copy(a, x):]
	}
}

// Kick does nothing: permutations do not learn.
func (e *evolution) Kick(*theory.State, float64) {}

// AddFlow returns an error: a permutation is no flow.
func (e *evolution) AddFlow(*theory.State, float64, *theory.State) error {
	return fmt.Errorf("a permutation moves the state by whole neurons and is no flow; use leapfrog")
}

// Invariants returns, for strings: the energy of tension 1,
//
//	E = ½∫(Ẋ² + X′²) dσ = Σ(|ΔF|² + |ΔG|²)/4a,
//
// the momentum along the string Σ(|ΔF|² − |ΔG|²)/4a, which the constraint makes 0,
// and for both kinds of average the centre ΣX/n.
func (m *model) Invariants() []theory.Invariant {
	n := m.l.Sites()
	var out []theory.Invariant
	if !m.p.averaged {
		squares := func(x []float64) float64 {
			return sums.Sum(0, len(x), func(i int) float64 {
				d := x[i-i%n+(i+1)%n] - x[i]
				return d * d
			}) / (4 * m.l.Spacing(0))
		}
		energy := func(s theory.Snapshot) float64 { return squares(s.Arrays[1]) + squares(s.Arrays[2]) }
		out = append(out,
			theory.Invariant{Name: "energy", Symbol: "E", Value: energy},
			theory.Invariant{Name: "momentum along the string", Symbol: "P_σ", Scale: energy,
				Value: func(s theory.Snapshot) float64 { return squares(s.Arrays[1]) - squares(s.Arrays[2]) }})
	}
	for j, name := range m.Fields()[0].Types {
		mean := func(f func(x float64) float64) func(theory.Snapshot) float64 {
			return func(s theory.Snapshot) float64 {
				return sums.Sum(j*n, (j+1)*n, func(i int) float64 { return f(s.Arrays[0][i]) }) / float64(n)
			}
		}
		out = append(out, theory.Invariant{
			Name: "centre " + name, Symbol: "X̄_" + name,
			Value: mean(func(x float64) float64 { return x }),
			Scale: mean(math.Abs),
		})
	}
	return out
}

// Card describes the model.
func (m *model) Card() theory.Card {
	c := theory.Card{
		Title: fmt.Sprintf("Closed string in %d + 1 dimensions", m.dimensions),
		Equation: theory.Formula{Text: "∂²X/∂t² = ∂²X/∂σ², exactly X(t+1) + X(t−1) = (P + Pᵀ) X(t)",
			LaTeX: `\partial_t^2 X = \partial_\sigma^2 X,\qquad X(t{+}1) + X(t{-}1) = (P + P^{\mathsf T})\,X(t)`},
		Network: theory.Formula{Text: "F ← P F, G ← Pᵀ G, X = ½(F + G), P a cyclic permutation",
			LaTeX: `F \leftarrow P F,\qquad G \leftarrow P^{\mathsf T} G,\qquad X = \tfrac12(F + G)`},
		Sources: []string{"V. Vanchurin, The world as a neural network, arXiv:2008.01540, §8"},
	}
	row := func(name, text string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text}})
	}
	row("neurons", m.l.String())
	if m.p.averaged {
		c.Title = fmt.Sprintf("Control of a closed string in %d + 1 dimensions: averaged weights", m.dimensions)
		c.Equation = theory.Formula{Text: "∂X/∂t = (a/2) ∂²X/∂σ²: diffusion", LaTeX: `\partial_t X = \tfrac a2\,\partial_\sigma^2 X`}
		c.Network = theory.Formula{Text: "X ← ½(P + Pᵀ) X", LaTeX: `X \leftarrow \tfrac12(P + P^{\mathsf T})\,X`}
	}
	c.Rows = append(c.Rows,
		theory.Row{Name: "right", Value: m.p.right.describe(m.p.parameters)},
		theory.Row{Name: "left", Value: m.p.left.describe(m.p.parameters)})
	if len(m.p.parameters) > 0 {
		var values []string
		for _, name := range slices.Sorted(maps.Keys(m.p.parameters)) {
			values = append(values, fmt.Sprintf("%s = %v", name, m.p.parameters[name]))
		}
		row("parameters", strings.Join(values, ", "))
	}
	if m.p.averaged {
		row("initial", "½(F + G) without its part at k = π/a")
	} else {
		right, left := chord(m.right, m.dimensions), chord(m.left, m.dimensions)
		row("constraint", fmt.Sprintf("steps of F: %v; of G: %v", right, left))
	}
	row("step", fmt.Sprintf("ε = a = %.6g", m.l.Spacing(0)))
	return c
}

// describe returns the curve for a card.
func (c curve) describe(p Params) theory.Formula {
	if c.points != nil {
		return theory.Formula{Text: "given at every neuron"}
	}
	var latex []string
	for _, f := range c.formulas {
		e, err := expr.Parse(f, variables, p)
		if err != nil {
			continue // sample has read it
		}
		latex = append(latex, e.LaTeX())
	}
	return theory.Formula{
		Text:  "(" + strings.Join(c.formulas, ", ") + ")",
		LaTeX: `\left(` + strings.Join(latex, `,\; `) + `\right)`,
	}
}

// Chord says how long the steps |x_{n+1} − x_n| of a curve are.
type Chord struct {
	Mean   float64
	Spread float64 // (largest − smallest)/mean
}

// String returns the mean and the spread, which is round-off below 1e-13.
func (c Chord) String() string {
	return fmt.Sprintf("%.6g on average, spread %s", c.Mean, simulate.Small(c.Spread))
}

// chord measures a curve, coordinate after coordinate.
func chord(x []float64, dimensions int) Chord {
	n := len(x) / dimensions
	least, most, sum := math.Inf(1), 0.0, 0.0
	for i := range n {
		d := 0.0
		for at := 0; at < len(x); at += n {
			s := x[at+(i+1)%n] - x[at+i]
			d += float64(s * s)
		}
		d = math.Sqrt(d)
		least, most, sum = min(least, d), max(most, d), sum+d
	}
	c := Chord{Mean: sum / float64(n)}
	if most > 0 {
		c.Spread = (most - least) / c.Mean
	}
	return c
}

// Steps returns the steps of F and of G in a state of a string: the constraint of
// Virasoro holds where the spread of both is 0. It fails for a state of averaged
// weights or of another theory.
func Steps(m theory.Model, s *theory.State) (right, left Chord, err error) {
	own, ok := m.(*model)
	if !ok || own.p.averaged {
		return right, left, fmt.Errorf("Steps: not a string of two networks but %q; build it with String, without AverageWeights", m.Theory())
	}
	return chord(s.Arrays[1], own.dimensions), chord(s.Arrays[2], own.dimensions), nil
}

// WaveResidual returns how far the mean of a run is from the wave equation: the
// largest |X(t+1) + X(t−1) − (P + Pᵀ)X(t)| of all neurons and frames, relative to
// the largest |X|. Of a string it is round-off, of averaged weights it is not. It
// fails for a run of another theory, one that has not kept every step, and one of
// fewer than three frames.
func WaveResidual(r *simulate.Run) (float64, error) {
	m, ok := r.Model.(*model)
	if !ok {
		return 0, fmt.Errorf("WaveResidual: a run of %q; it must be one of a string", r.Model.Theory())
	}
	steps := r.Steps()
	if len(steps) < 3 || steps[len(steps)-1]-steps[0] != len(steps)-1 {
		return 0, fmt.Errorf("WaveResidual: %d frames of steps %d to %d; keep every step, with Frames(Every(1))", len(steps), steps[0], steps[len(steps)-1])
	}
	n := m.l.Sites()
	worst, size := 0.0, 0.0
	for f := 1; f < r.Len()-1; f++ {
		before, now, after := r.State(f - 1).Arrays[0], r.State(f).Arrays[0], r.State(f + 1).Arrays[0]
		for i, x := range now {
			at := i - i%n
			next, last := now[at+(i+1)%n], now[at+(i+n-1)%n]
			worst = max(worst, math.Abs(after[i]+before[i]-next-last))
			size = max(size, math.Abs(x))
		}
	}
	if size == 0 {
		return 0, nil
	}
	return worst / size, nil
}

// String returns the card.
func (m *model) String() string { return theory.Text(m) }
