package septuple

import (
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Card describes the network: the septuple, what its gradient is, how it runs.
func (m *model) Card() theory.Card {
	p := m.p
	c := theory.Card{Sources: []string{"V. Vanchurin, Emergent field theories from neural networks, arXiv:2411.08138, §1-2"}}
	row := func(name, text string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text}})
	}
	if m.clock == 0 {
		c.Title = fmt.Sprintf("Network of %d neurons, run as a field", m.place.neurons())
		c.Equation = theory.Formula{Text: "∂φ/∂t = Eβ, ∂β/∂t = −Eᵀ ∂H/∂φ", LaTeX: `\partial_t\varphi = E\beta,\qquad \partial_t\beta = -E^{\mathsf T}\,\frac{\partial H}{\partial\varphi}`}
		c.Network = theory.Formula{Text: "activation x ← x + E b, learning b ← b − ε² dH/db, x = φ, b = εβ",
			LaTeX: `x \leftarrow x + E\,b,\qquad b \leftarrow b - \varepsilon^2\,\frac{dH}{db},\qquad x = \varphi,\ b = \varepsilon\beta`}
		if m.flow != nil {
			c.Equation = theory.Formula{Text: "∂φ/∂t = Aφ + Eβ, ∂β/∂t = Aβ − Eᵀ ∂H/∂φ", LaTeX: `\partial_t\varphi = A\varphi + E\beta,\qquad \partial_t\beta = A\beta - E^{\mathsf T}\,\frac{\partial H}{\partial\varphi}`}
		}
	} else {
		c.Title = fmt.Sprintf("Network of %d neurons, by whole steps", m.place.neurons())
		c.Equation = theory.Formula{Text: "x(t+1) = f(w x(t) + E b(t)), b(t+1) = b(t) − γ dH/db", LaTeX: `x(t{+}1) = f\bigl(w\,x(t) + E\,b(t)\bigr),\qquad b(t{+}1) = b(t) - \gamma\,\frac{dH}{db}`}
		c.Network = theory.Formula{Text: "boundary P̂x ← p_∂, activation x ← f(w x + E b), learning b ← b − γ dH/db",
			LaTeX: `\hat P x \leftarrow p_\partial,\qquad x \leftarrow f(w\,x + E\,b),\qquad b \leftarrow b - \gamma\,\frac{dH}{db}`}
		if p.WeightRate > 0 {
			c.Network.Text += ", w ← w − γ_w dH/dw"
			c.Network.LaTeX += `,\qquad w \leftarrow w - \gamma_w\,\frac{dH}{dw}`
		}
	}
	if m.place.bare {
		text := fmt.Sprintf("%d neurons without a place", p.Neurons)
		if len(p.Types) > 0 {
			text = fmt.Sprintf("%d neurons of each type, without a place", p.Neurons)
		}
		row("neurons", text)
	} else {
		row("neurons", m.place.l.String())
	}
	if len(p.Types) > 0 {
		row("types", strings.Join(p.Types, ", "))
	}
	switch {
	case m.flow != nil:
		row("weights", "w = e^{εA}, A = "+p.Flow.String())
	case m.w == nil:
		row("weights", "w = 1")
	default:
		row("weights", "w = "+p.Weights.String()+symmetry(m.w))
	}
	if m.e != nil {
		row("bias tensor", "E = "+p.Bias.String()+symmetry(m.e))
	}
	if m.activations == nil {
		row("activation", "f(z) = z")
	} else {
		var names []string
		for _, a := range p.Activations {
			names = append(names, a.String())
		}
		row("activation", "f = "+strings.Join(names, ", "))
	}
	var terms []string
	for _, l := range p.Loss {
		terms = append(terms, l.String())
	}
	if terms == nil {
		terms = []string{"none: the network is only activated"}
	}
	row("loss", strings.Join(terms, " + "))
	if m.flow != nil {
		if n, err := m.Network(1 / m.MaxFrequency(nil)); err == nil {
			row("gradient", n.Carriage(0).String())
		}
	}
	for _, d := range p.Drives {
		row("boundary", fmt.Sprintf("%s side of axis %d clamped to %s", d.Side, d.Axis, d.Signal))
	}
	for _, b := range p.Boundary {
		row("boundary", b.String())
	}
	if !p.Decay.Zero() {
		row("decay", "σ = "+p.Decay.String())
	}
	var starts []string
	for _, s := range p.Initial {
		starts = append(starts, s.String())
	}
	if starts == nil {
		starts = []string{"x = b = 0"}
	}
	row("initial", strings.Join(starts, " + "))
	if m.clock == 0 {
		row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog), γ = ε²", 2/m.MaxFrequency(nil)))
	} else {
		text := fmt.Sprintf("ε = %.6g", m.clock)
		if m.loss.loss != nil {
			text += fmt.Sprintf(", γ = %.6g", m.rate(m.clock))
		}
		if p.WeightRate > 0 {
			text += fmt.Sprintf(", γ_w = %.6g", p.WeightRate)
		}
		row("step", text)
	}
	names := "none"
	if all := m.Invariants(); len(all) > 0 {
		names = all[0].Name
	}
	row("invariants", names)
	return c
}

// symmetry says whether a tensor is symmetric or antisymmetric.
func symmetry(w weights.Tensor) string {
	switch s := weights.Symmetry(w); {
	case s.Symmetric:
		return ", symmetric"
	case s.Antisymmetric:
		return ", antisymmetric"
	default:
		norm := 0.0
		for i := range w.Size() {
			w.Row(i, func(_ int, v float64) { norm += float64(v * v) })
		}
		return fmt.Sprintf(", not symmetric: ‖w−wᵀ‖ = %.2g ‖w‖", s.Defect/math.Sqrt(norm))
	}
}
