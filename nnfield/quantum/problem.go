package quantum

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// parameters is what a problem is given by.
type parameters struct {
	lattice     lattice.Lattice
	learning    Learning
	potential   potential
	initial     []initial
	circulation []float64 // κ along each axis, nil for none
}

// problem is what the three theories share: the resolved parameters, V and ψ at
// t = 0 on the lattice. It implements the part of theory.Model that is the same
// for all.
type problem struct {
	parameters
	name  string
	modes *weights.Modes
	v     []float64
	psi   []complex128
}

func (b Builder) resolve() (*problem, error) {
	p := &problem{parameters: b.p, name: b.theory}
	l := p.lattice
	if l.Sites() == 0 {
		return nil, fmt.Errorf("no lattice; say which values the trainable variables take, for example Ring(256, 20)")
	}
	for j, a := range l.Axes() {
		for _, end := range []lattice.Boundary{a.Low, a.High} {
			if end.Sponge != (lattice.Sponge{}) || end.Kind == lattice.Driven {
				return nil, fmt.Errorf("the %s axis ends %s; use a ring, or Dirichlet or Neumann walls without a sponge", lattice.AxisName(j), end)
			}
		}
	}
	var err error
	if p.modes, err = weights.NewModes(l); err != nil {
		return nil, err
	}
	if p.v, err = p.potential.sample(l); err != nil {
		return nil, err
	}
	if len(p.initial) == 0 {
		return nil, fmt.Errorf("no initial state; give one, for example Packet(Width(1))")
	}
	p.initial = slices.Clone(p.initial)
	p.psi = make([]complex128, l.Sites())
	part := make([]complex128, l.Sites())
	for n, i := range p.initial {
		if i, err = i.resolve(p); err == nil {
			err = i.wave(part, p)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", calls[i.Kind], err)
		}
		p.initial[n] = i
		for s, c := range part {
			p.psi[s] += c
		}
	}
	if err := normalise(p.psi, l); err != nil {
		return nil, err
	}
	return p, p.checkCirculation()
}

func (p *problem) checkCirculation() error {
	if p.circulation == nil {
		p.circulation = make([]float64, p.lattice.Dim())
	}
	if len(p.circulation) != p.lattice.Dim() {
		return fmt.Errorf("Circulation(%s): %d numbers for %d axes; give one for each axis", list(p.circulation), len(p.circulation), p.lattice.Dim())
	}
	for j, kappa := range p.circulation {
		if kappa != 0 && !p.lattice.Axis(j).Periodic() {
			return fmt.Errorf("Circulation(%s): the %s axis has walls, nothing circulates there; use a ring", list(p.circulation), lattice.AxisName(j))
		}
	}
	return nil
}

func (p *problem) Theory() string           { return p.name }
func (p *problem) Lattice() lattice.Lattice { return p.lattice }

// Network fails: the neurons of these theories are integrated out, what is left
// is the distribution of their trainable variables.
func (p *problem) Network(float64) (*network.System, error) {
	return nil, fmt.Errorf("%s: the field is a distribution over the trainable variables of learners, not the state of a network on this lattice; run the learners with NelsonLearners", p.name)
}

// fields returns one array of sites for each name and symbol.
func (p *problem) fields(nameSymbol ...string) (f []theory.Field) {
	for i := 0; i < len(nameSymbol); i += 2 {
		f = append(f, theory.Field{Name: nameSymbol[i], Symbol: nameSymbol[i+1], Role: theory.Sites, Shape: p.lattice.Shape()})
	}
	return f
}

// squares returns k² of each mode of the lattice.
func (p *problem) squares() []float64 {
	l := p.lattice
	k2 := make([]float64, l.Sites())
	at := make([]int, l.Dim())
	for n := range k2 {
		for j, c := range l.Position(at, n) {
			k := p.modes.WaveNumber(j, c)
			k2[n] += float64(k * k)
		}
	}
	return k2
}

// eigenstate returns the n-th eigenvector of ħ²k²/2m + V on one axis, positive
// where it first is large. V is nil or has one value a site of the axis.
func (p *problem) eigenstate(axis, n int, v []float64) ([]float64, error) {
	a := p.lattice.Axis(axis)
	l, err := lattice.New(a)
	if err != nil {
		return nil, err
	}
	modes, err := weights.NewModes(l)
	if err != nil {
		return nil, err
	}
	h := mat.NewSymDense(a.Sites, nil)
	unit := p.learning.Hbar() * p.learning.Hbar() / (2 * p.learning.Mass())
	column := make([]float64, a.Sites)
	for j := range a.Sites {
		clear(column)
		column[j] = 1
		modes.Forward(column)
		for i := range column {
			k := modes.WaveNumber(0, i)
			column[i] *= unit * k * k
		}
		modes.Inverse(column)
		if v != nil {
			column[j] += v[j]
		}
		for i := range j + 1 {
			h.SetSym(i, j, column[i])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(h, true) {
		return nil, fmt.Errorf("the eigenstates of the Hamiltonian did not converge; look at V")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	state := mat.Col(nil, n, &vectors)
	most := 0.0
	for _, x := range state {
		most = math.Max(most, math.Abs(x))
	}
	first := slices.IndexFunc(state, func(x float64) bool { return math.Abs(x) > most/2 })
	if state[first] < 0 {
		for i := range state {
			state[i] = -state[i]
		}
	}
	return state, nil
}

// sum returns Σ_s f(s)·a^d.
func (p *problem) sum(f func(s int) float64) float64 {
	return p.lattice.CellVolume() * sums.Sum(0, p.lattice.Sites(), f)
}

// maxPotential returns max |V|.
func (p *problem) maxPotential() float64 {
	return math.Max(slices.Max(p.v), -slices.Min(p.v))
}

// dimensions says how many there are: "in one dimension".
func (p *problem) dimensions() string {
	return [...]string{"in one dimension", "in two dimensions", "in three dimensions"}[p.lattice.Dim()-1]
}

// card fills in the rows that the three theories share.
func (p *problem) card(c theory.Card, frequency float64, invariants []theory.Invariant) theory.Card {
	row := func(name, text, latex string) {
		c.Rows = append(c.Rows, theory.Row{Name: name, Value: theory.Formula{Text: text, LaTeX: latex}})
	}
	le := p.learning
	row("learning", fmt.Sprintf("γ = %.6g, D = %.6g, μ = %.6g", le.Rate, le.Diffusion, le.Multiplier),
		fmt.Sprintf(`\gamma = %.6g,\ D = %.6g,\ \mu = %.6g`, le.Rate, le.Diffusion, le.Multiplier))
	row("mass", fmt.Sprintf("m = 1/(2γ) = %.6g", le.Mass()), fmt.Sprintf(`m = \frac{1}{2\gamma} = %.6g`, le.Mass()))
	row("quantum", fmt.Sprintf("ħ = √(4D/(γμ)) = %.6g", le.Hbar()), fmt.Sprintf(`\hbar = \sqrt{\frac{4D}{\gamma\mu}} = %.6g`, le.Hbar()))
	if le.Consistent() {
		row("noise", "D = ħ/2m: learners with this noise can keep |ψ|² (Nelson)", `D = \frac{\hbar}{2m}`)
	} else {
		row("noise", fmt.Sprintf("D = %.6g ħ/2m: learners keep |ψ|² for μ = 4/ħ only", le.Diffusion*2*le.Mass()/le.Hbar()),
			fmt.Sprintf(`D = %.6g\,\frac{\hbar}{2m}`, le.Diffusion*2*le.Mass()/le.Hbar()))
	}
	switch {
	case p.potential.formula != nil:
		f := p.potential.formula
		text, latex := "V = "+f.expr.String(), "V = "+f.expr.LaTeX()
		for _, name := range sortedKeys(f.parameters) {
			text += fmt.Sprintf(", %s = %v", name, f.parameters[name])
			latex += fmt.Sprintf(`,\ \mathrm{%s} = %v`, name, f.parameters[name])
		}
		row("potential", text, latex)
	case p.potential.values != nil:
		row("potential", "V given at every site", "")
	default:
		row("potential", "V = 0", "V = 0")
	}
	if p.name == "schrodinger" {
		row("as a network", "of the values of q, not of learners: w = 1, bias tensor H/ħ, loss ½xᵀx with x = Re ψ, b = ε Im ψ; of order 2 against the split step that runs", "")
	} else {
		row("assumed", "that the distribution of learners obeys this equation; no network runs on this axis", "")
	}
	row("variables", p.lattice.String(), "")
	var states []string
	for _, i := range p.initial {
		states = append(states, i.String())
	}
	row("initial", strings.Join(states, " + "), "")
	if slices.ContainsFunc(p.circulation, func(k float64) bool { return k != 0 }) {
		kappa := list(p.circulation)
		row("circulation", "∮∂F·dq = 2πħκ, κ = "+kappa, `\oint\partial F\cdot dq = 2\pi\hbar\kappa,\ \kappa = `+kappa)
	}
	if frequency > 0 {
		row("step", fmt.Sprintf("ε < 2/ω_max = %.6g (leapfrog)", 2/frequency), fmt.Sprintf(`\varepsilon < 2/\omega_{\max} = %.6g\quad\text{(leapfrog)}`, 2/frequency))
	}
	var names []string
	for _, i := range invariants {
		names = append(names, i.Name)
	}
	row("invariants", strings.Join(names, ", "), "")
	return c
}

// Problem is what a model of this package solves on its lattice.
type Problem struct {
	Learning    Learning
	Potential   []float64 // V at each site
	Circulation []float64 // κ of each axis
}

// Of returns the problem of a model of this package, a copy, and whether it is one.
func Of(m theory.Model) (Problem, bool) {
	p, ok := m.(interface{ given() *problem })
	if !ok {
		return Problem{}, false
	}
	g := p.given()
	return Problem{g.learning, slices.Clone(g.v), slices.Clone(g.circulation)}, true
}

func (p *problem) given() *problem { return p }
