package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// fieldRows verifies a Dirac, charged or gauge field: its claims, then those
// controls whose claim applies to it.
func fieldRows(m theory.Model) []Row {
	s := field{model: m}
	return append(judged(s, fieldClaims(), fieldControls()), carriedRows(s)...)
}

// fieldClaims are the claims of [F] §4-5.
func fieldClaims() []claim[field] {
	return []claim[field]{
		spinorDuality, trueGradient, networkStep, fieldOrder, undone, continuityEquation, gaussLaw, covariance, freeSpinor,
	}
}

// fieldControls change the representation, the transformation or what the judge is
// told.
func fieldControls() []control[field] {
	changed := func(f func(*field)) func(field) field {
		return func(s field) field { f(&s); return s }
	}
	return []control[field]{
		{spinorDuality, "another representation", "with α and β_D that put a part of h into the weights no dual loss exists", changed(func(s *field) { s.rotated = true })},
		{continuityEquation, "wrong current", "a current of the opposite sign does not move the charge", changed(func(s *field) { s.against = true })},
		{covariance, "links left behind", "a transformation of the fields alone, without the links, is no symmetry", changed(func(s *field) { s.bare = true })},
		{freeSpinor, "misled judge", "the judge is told a mass that is larger by 0.1", changed(func(s *field) { s.misled = 0.1 })},
	}
}

// field is the subject of the claims. Controls change one of its fields.
type field struct {
	model   theory.Model
	rotated bool    // duality is asked of another representation
	against bool    // the current has the wrong sign
	bare    bool    // a gauge transformation leaves the links alone
	misled  float64 // is added to the mass that the judge is told
}

// numbers returns how many numbers a step changes.
func (s field) numbers() (n int) {
	for _, f := range s.model.Fields() {
		n += f.Len()
	}
	return n
}

// steps returns as many steps as cost a fraction of a second, from 4 to most.
func (s field) steps(most int) int { return max(4, min(most, 1e6/s.numbers())) }

// step returns half the stable step of leapfrog.
func (s field) step() float64 { return 1 / s.model.MaxFrequency(s.model.Initial()) }

func (s field) propagate(integrator string, step float64, n int, from *theory.State) (*theory.State, error) {
	in, err := simulate.FindIntegrator(integrator)
	if err != nil {
		return nil, err
	}
	return simulate.Propagate(s.model, in, step, n, from)
}

var spinorDuality = claim[field]{
	"duality", "the Hamiltonian has a dual loss: Aᵀ + KM is symmetric",
	func(s field) (finding, error) {
		p, ok := theory.DiracParameters(s.model)
		if !ok {
			return notApplicable("the loss of this theory is held to its gradient below")
		}
		m := s.model
		if s.rotated {
			p.Representation, p.Initial = theory.DiracMatrices, nil
			var err error
			if m, err = p.Build(); err != nil {
				return finding{}, err
			}
		}
		h, _ := theory.DiracHamiltonian(m)
		v, err := duality.Existence(h)
		if err != nil {
			return finding{}, err
		}
		if !v.Exists && !s.rotated {
			return notApplicable(fmt.Sprintf("h_A ≠ 0 in this representation, so there is none (defect %.2g)", v.Defect))
		}
		return atMost(v.Defect, 1e-10, "")
	},
}

// network returns the learning system of the model, or why there is none.
func (s field) network() (n *network.System, none string) {
	n, err := s.model.Network(s.step())
	if err != nil {
		none, _, _ = strings.Cut(err.Error(), ";") // the remedy is for programs
		return nil, none
	}
	return n, ""
}

// learner returns the initial state as that of the model's network of n neurons.
func (s field) learner(n *network.System, step float64) (*network.State, error) {
	e, err := s.model.Evolve(step)
	if err != nil {
		return nil, err
	}
	return theory.NetworkState(n.Network().Weights.Size(), e, s.model.Initial())
}

var trueGradient = claim[field]{
	"loss gradient", "what the biases learn by is the total derivative of the loss, by finite differences; where weights carry biases or tensors move, and nothing is exact, up to O(ε)",
	func(s field) (finding, error) {
		n, none := s.network()
		if n == nil {
			return notApplicable(none)
		}
		if n.Network().Loss == nil {
			return notApplicable("the network has no loss")
		}
		at, err := s.learner(n, s.step())
		if err != nil {
			return finding{}, err
		}
		if largest(at.X) == 0 && largest(at.B) == 0 {
			return notApplicable("the initial state is 0")
		}
		if s.numbers() > 1e5 {
			return finding{status: Skipped, measured: "too many neurons for finite differences"}, nil
		}
		report, err := network.CheckGradient(n.Network(), at, 1, 4)
		if err != nil {
			return finding{}, err
		}
		if net := n.Network(); net.Flow == nil && net.At == nil {
			return atMost(report.Max(), 1e-6, "")
		}
		if report.Max() <= 1e-6 {
			note := ""
			switch {
			case report.Carried < report.Uncarried:
				note = " by the carried biases"
			case report.Uncarried < report.Carried:
				note = " by the biases before they are carried"
			}
			return atMost(report.Max(), 1e-6, note)
		}
		var errs [2]float64
		for i, part := range []float64{8, 32} {
			finer, err := s.model.Network(s.step() / part)
			if err != nil {
				return finding{}, err
			}
			at, err := s.learner(finer, s.step()/part)
			if err != nil {
				return finding{}, err
			}
			report, err := network.CheckGradient(finer.Network(), at, 1, 4)
			if err != nil {
				return finding{}, err
			}
			errs[i] = report.Max()
		}
		return held(errs[1] <= 0.35*errs[0], fmt.Sprintf("to O(ε): %.2g, with a quarter of the step %.2g", errs[0], errs[1]), "≤ 0.35 of it"), nil
	},
}

// bareStep is a step of a network at the times of a run, which are multiples of the
// step and no sums.
func bareStep(n *network.System, x *network.State, step float64) {
	n.Activate(x, 1)
	x.Step++
	x.Time = float64(x.Step) * step
	n.Learn(x, 1)
}

var networkStep = claim[field]{
	"network step", "the bare step of the network is the run, in every bit of φ and A",
	func(s field) (finding, error) {
		n, none := s.network()
		if n == nil {
			return notApplicable(none)
		}
		step, steps := s.step(), s.steps(20)
		x, err := s.learner(n, step)
		if err != nil {
			return finding{}, err
		}
		for range steps {
			bareStep(n, x, step)
		}
		end, err := s.propagate("symplectic-euler", step, steps, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		different, i := 0, 0
		for pair := 0; pair < len(end.Arrays); pair += 2 {
			for _, v := range end.Arrays[pair] {
				if v != x.X[i] {
					different++
				}
				i++
			}
		}
		return held(different == 0, fmt.Sprintf("%d of %d neurons differ after %d steps", different, i, steps), "0"), nil
	},
}

var fieldOrder = claim[field]{
	"order of leapfrog", "the error falls as ε², against a scheme of order 6 with finer steps",
	func(s field) (finding, error) {
		step, n := 0.5*s.step(), s.steps(160)/16
		exact, err := s.propagate("yoshida6", step/8, 8*n, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		o, err := Convergence("leapfrog", halved(step), func(h float64) (float64, error) {
			end, err := s.propagate("leapfrog", h, int(math.Round(float64(n)*step/h)), s.model.Initial())
			if err != nil {
				return 0, err
			}
			return distance(end, exact), nil
		})
		if err != nil {
			return finding{}, err
		}
		if o.Errors[0] < 1e-12 {
			return notApplicable(fmt.Sprintf("it has no error to fall: %.2g", o.Errors[0]))
		}
		return ofOrder(o, 2, fmt.Sprintf(" in %d steps", n))
	},
}

var undone = claim[field]{
	"reversible", "steps taken back lead to where they began",
	func(s field) (finding, error) {
		step, n := s.step(), s.steps(100)
		e, err := s.model.Evolve(step)
		if err != nil {
			return finding{}, err
		}
		start := s.model.Initial()
		net, end := start.Clone(), start.Clone()
		e.Load(net, start)
		for range n {
			e.Kick(net, 0.5)
			e.Drift(net, 1)
			e.Kick(net, 0.5)
		}
		for range n {
			e.Kick(net, -0.5)
			e.Drift(net, -1)
			e.Kick(net, -0.5)
		}
		e.Physical(end, net)
		return atMost(distance(end, start), 1e-11, fmt.Sprintf(" after %d steps", n))
	},
}

var continuityEquation = claim[field]{
	"continuity", "charge flows locally: its change at each site and step is that of the current",
	func(s field) (finding, error) {
		if _, ok := s.model.(theory.Charged); !ok {
			return notApplicable("the field has no charge")
		}
		if n, _ := s.network(); n != nil && n.Network().Flow != nil && s.model.Theory() == "dirac" {
			return notApplicable("weights e^{εh_A} move charge over more than one bond a step")
		}
		n := s.steps(20)
		r, err := simulate.New(s.model, float64(n)*s.step()).Step(s.step()).Frames(simulate.Count(2)).
			Observe(observe.ChargeDensity(), simulate.Every(1)).Observe(observe.Current(), simulate.Every(1)).Run(context.Background())
		if err != nil {
			return finding{}, err
		}
		density, err1 := r.Observable("charge-density")
		current, err2 := r.Observable("current")
		if err := errors.Join(err1, err2); err != nil {
			return finding{}, err
		}
		l := r.Lattice()
		sign := 1.0
		if s.against {
			sign = -1
		}
		worst, scale := 0.0, 0.0
		for i := range n {
			before, after, flow := density.At(i), density.At(i+1), current.At(i)
			for x := range before {
				change := after[x] - before[x]
				for j := range l.Dim() {
					from, inside := l.Neighbour(x, j, -1)
					if from == x {
						inside = 0
					}
					change += sign * r.Step * (flow[j*len(before)+x] - inside*inside*flow[j*len(before)+from]) / l.Spacing(j)
				}
				worst, scale = max(worst, math.Abs(change)), max(scale, math.Abs(before[x]))
			}
		}
		if scale == 0 {
			return notApplicable("there is no charge anywhere")
		}
		if s.against && worst/scale < 1e-6 {
			return notApplicable("nothing flows")
		}
		return atMost(worst/scale, 1e-12, " of the largest density")
	},
}

var gaussLaw = claim[field]{
	"Gauss law", "the residual of ∇·E = qρ stays where it began",
	func(s field) (finding, error) {
		n := s.steps(1000)
		r, err := simulate.New(s.model, float64(n)*s.step()).Step(s.step()).Frames(simulate.Count(5)).Run(context.Background())
		if err != nil {
			return finding{}, err
		}
		gauss, err := r.Invariant("Gauss law")
		if err != nil {
			return notApplicable("the model has no gauge field of its own")
		}
		return atMost(gauss.Drift(), 1e-11, fmt.Sprintf(" of max |ρ| in %d steps", n))
	},
}

var covariance = claim[field]{
	"gauge covariance", "evolving and then transforming is transforming and then evolving, for a λ(x, t)",
	func(s field) (finding, error) {
		g, ok := s.model.(theory.GaugeCovariant)
		if !ok {
			return notApplicable("U(1) does not act on the field")
		}
		lambda := theory.Formulate("0.3*x + sin(x)*cos(2*t) + t", nil)
		n := s.steps(50)
		end, err := s.propagate("leapfrog", s.step(), n, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		start := s.model.Initial()
		if err := errors.Join(g.GaugeTransformState(end, lambda), g.GaugeTransformState(start, lambda)); err != nil {
			return finding{}, err
		}
		there := s
		if !s.bare {
			if there.model, err = g.GaugeTransform(lambda); err != nil {
				return finding{}, err
			}
		}
		again, err := there.propagate("leapfrog", s.step(), n, start)
		if err != nil {
			return finding{}, err
		}
		return atMost(distance(again, end), 1e-11, fmt.Sprintf(" after %d steps", n))
	},
}

var freeSpinor = claim[field]{
	"exact solution", "the field approaches the exact propagator of the free Dirac equation as ε²",
	func(s field) (finding, error) {
		p, ok := theory.DiracParameters(s.model)
		if !ok {
			return notApplicable("the judge is for free Dirac fields")
		}
		if d := s.model.(theory.Dispersive); math.IsNaN(d.Frequency(make([]float64, p.Lattice.Dim())...)) || !p.Lattice.Periodic() {
			return notApplicable("the field is not free, or between walls")
		}
		start := s.model.Initial()
		alpha, beta, err := p.Representation.Matrices(p.Lattice.Dim())
		if err != nil {
			return finding{}, err
		}
		dense := func(rows [][]complex128) *mat.CDense {
			m := mat.NewCDense(len(rows), len(rows), nil)
			for i, row := range rows {
				for j, v := range row {
					m.Set(i, j, v)
				}
			}
			return m
		}
		equation := reference.Dirac{Beta: dense(beta), Mass: p.Mass + s.misled, Wilson: p.Wilson}
		for _, a := range alpha {
			equation.Alpha = append(equation.Alpha, dense(a))
		}
		f, err := reference.NewFreeDirac(p.Lattice, equation, start.Arrays[0], start.Arrays[1])
		if err != nil {
			return finding{}, err
		}
		n := s.steps(160) / 4
		step := 0.5 * s.step()
		phi, b := f.At(float64(n) * step)
		exact := &theory.State{Arrays: [][]float64{phi, b}}
		o, err := Convergence("free Dirac field", halved(step), func(h float64) (float64, error) {
			end, err := s.propagate("leapfrog", h, int(math.Round(float64(n)*step/h)), start)
			if err != nil {
				return 0, err
			}
			return distance(end, exact), nil
		})
		if err != nil {
			return finding{}, err
		}
		if o.Errors[0] < 1e-12 && s.misled == 0 {
			return notApplicable(fmt.Sprintf("it is exact: %.2g", o.Errors[0]))
		}
		return ofOrder(o, 2, "")
	},
}
