package verify

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Claims about the network in time.

var dispersion = claim[kleinGordon]{
	"dispersion", "of each mode of a thermal run (4/ε²)sin²(ωε/2) is m² + Σκ²",
	func(s kleinGordon) (finding, error) {
		walls := ""
		if !s.params.Lattice.Periodic() {
			walls = "the lattice has walls"
		}
		if reason := first(s.interacting(), s.open(), walls); reason != "" {
			return notApplicable(reason)
		}
		const every, windows = 2, 24
		s, note, err := s.within(1000 + (windows+2)*transformCost(s.params.Lattice))
		if err != nil {
			return finding{}, err
		}
		p := s.params
		p.Initial = []theory.Initial{theory.Thermal(theory.Temperature(1))}
		if s, err = s.with(p); err != nil {
			return finding{}, err
		}
		run, err := s.simulation(s.step(), every*(windows+2)).Frames(simulate.Every(every)).Run(context.Background())
		if err != nil {
			return finding{}, err
		}
		modes, err := observe.Dispersion(run)
		if err != nil {
			return finding{}, err
		}
		if missing := p.Lattice.Sites() - len(modes); missing > 0 {
			return finding{}, fmt.Errorf("%d modes of the thermal run cannot be measured", missing)
		}
		worst := 0.0
		fastest := s.own.MaxFrequency(s.own.Initial())
		for _, mode := range modes {
			sin := math.Sin(mode.Omega * run.Step / 2)
			got := 4 / (run.Step * run.Step) * sin * sin
			w := reference.Frequency(p.Lattice, p.Mass, s.order(), mode.K...)
			// Relative, but for the slowest modes, which round-off of the fast ones blurs.
			worst = max(worst, math.Abs(got-w*w)/max(w*w, 1e-6*fastest*fastest))
		}
		return atMost(worst, 1e-6, fmt.Sprintf(", worst of %d modes%s", len(modes), note))
	},
}

// order returns the order of the Laplacian in the judge's words.
func (s kleinGordon) order() reference.Order {
	switch s.params.Laplacian {
	case theory.Order4:
		return 4
	case theory.Spectral:
		return reference.Continuum
	}
	return 2
}

// builder makes a model its own builder.
type builder struct{ theory.Model }

func (b builder) Build() (theory.Model, error) { return b.Model, nil }

// simulation returns n steps of the model.
func (s kleinGordon) simulation(step float64, n int) simulate.Simulation {
	return simulate.New(builder{s.model}, float64(n)*step).Step(step).Integrator(s.scheme.Name)
}

var leapfrogOrder = claim[kleinGordon]{
	"order of leapfrog", "the difference of runs with ε and ε/2 falls as ε²", observedOrder,
}

var yoshidaOrder = claim[kleinGordon]{
	"order of yoshida4", "the difference of runs with ε and ε/2 falls as ε⁴",
	func(s kleinGordon) (finding, error) {
		if s.params.Lattice.Damping() != nil {
			return notApplicable("a sponge absorbs: damped kicks do not add up to one, so the composition has order 2")
		}
		var err error
		if s.scheme, err = simulate.FindIntegrator("yoshida4"); err != nil {
			return finding{}, err
		}
		return observedOrder(s)
	},
}

// observedOrder measures the order of the scheme without a judge (Richardson):
// the difference of the results of ε and ε/2 falls as the error does.
func observedOrder(s kleinGordon) (finding, error) {
	s, note, err := s.within(refinement)
	if err != nil {
		return finding{}, err
	}
	if s, err = s.stirred(); err != nil {
		return finding{}, err
	}
	// Half the default step: there the errors of the fastest modes fall as they should.
	epsilon, n := s.step()/2, s.affordable(32)
	coarse, err := s.propagate(n, float64(n)*epsilon)
	if err != nil {
		return finding{}, err
	}
	o, err := Convergence(s.scheme.Name, halved(epsilon), func(h float64) (float64, error) {
		fine, err := s.propagate(2*n*int(math.Round(epsilon/h)), float64(n)*epsilon)
		if err != nil {
			return 0, err
		}
		d := distance(coarse, fine)
		coarse = fine
		return d, nil
	})
	if err != nil {
		return finding{}, err
	}
	return ofOrder(o, s.scheme.Order, note)
}

// propagate takes the initial state to a time in n steps.
func (s kleinGordon) propagate(n int, until float64) (*theory.State, error) {
	return s.propagateFrom(s.model.Initial(), n, until)
}

func (s kleinGordon) propagateFrom(start *theory.State, n int, until float64) (*theory.State, error) {
	end, err := simulate.Propagate(s.model, s.scheme, until/float64(n), n, start)
	if err != nil {
		return nil, err
	}
	for _, a := range end.Arrays {
		if m := largest(a); math.IsNaN(m) || math.IsInf(m, 0) {
			return nil, fmt.Errorf("the field diverges before t = %.2g", until)
		}
	}
	return end, nil
}

var reversible = claim[kleinGordon]{
	"reversibility", "n steps, β → −β, n steps and β → −β give the initial state back",
	func(s kleinGordon) (finding, error) {
		if reason := s.open(); reason != "" {
			return notApplicable(reason)
		}
		s, note, err := s.within(2 * 64)
		if err != nil {
			return finding{}, err
		}
		if s, err = s.stirred(); err != nil {
			return finding{}, err
		}
		n := max(64, min(256, budget/(2*s.params.Lattice.Sites()*s.cost())))
		state := s.model.Initial()
		for range 2 {
			if state, err = s.propagateFrom(state, n, float64(n)*s.step()); err != nil {
				return finding{}, err
			}
			for i := range state.Arrays[1] {
				state.Arrays[1][i] *= -1
			}
		}
		return atMost(distance(state, s.model.Initial()), 1e-10, fmt.Sprintf(" after %d steps%s", n, note))
	},
}

var energyOscillation = claim[kleinGordon]{
	"energy", "the largest |E(t) − E(0)| of a run falls as ε²",
	func(s kleinGordon) (finding, error) {
		if reason := s.open(); reason != "" {
			return notApplicable(reason)
		}
		s, note, err := s.within(refinement)
		if err != nil {
			return finding{}, err
		}
		if s, err = s.stirred(); err != nil {
			return finding{}, err
		}
		epsilon, n := s.step()/2, s.affordable(32)
		o, err := Convergence("energy", halved(epsilon), func(h float64) (float64, error) {
			every := int(math.Round(epsilon / h))
			drifts, err := s.drifts(h, n*every, every)
			return drifts["energy"], err
		})
		if err != nil {
			return finding{}, err
		}
		return ofOrder(o, 2, note)
	},
}

// drifts runs n steps and returns the drift of each invariant, looked at so
// often.
func (s kleinGordon) drifts(step float64, n, every int) (map[string]float64, error) {
	var sink invariants
	_, err := s.simulation(step, n).Frames(simulate.Every(every)).Run(context.Background(), simulate.Into(&sink))
	drifts := map[string]float64{}
	for _, i := range sink.series {
		drifts[i.Name] = i.Drift()
	}
	return drifts, err
}

// invariants is a sink that keeps the invariants only.
type invariants struct{ series []simulate.Series }

func (v *invariants) Begin(h simulate.Header) error { v.series = h.Invariants; return nil }
func (v *invariants) Frame(*theory.State) error     { return nil }
func (v *invariants) End(*simulate.Run) error       { return nil }

func (v *invariants) Record(name string, _ int, _ float64, values []float64) error {
	for i := range v.series {
		if v.series[i].Name == name {
			v.series[i].Values = append(v.series[i].Values, values...)
		}
	}
	return nil
}

var shadowEnergy = claim[kleinGordon]{
	"shadow energy", "Σ ½β²_{n+½} + ½φ_nKφ_{n+1}, the energy of leapfrog itself, is constant",
	func(s kleinGordon) (finding, error) { return s.conserved("shadow energy") },
}

var momentum = claim[kleinGordon]{
	"momentum", "−Σ β ∂φ along each periodic axis is constant",
	func(s kleinGordon) (finding, error) {
		for _, a := range s.params.Lattice.Axes() {
			if a.Periodic() {
				return s.conserved("momentum")
			}
		}
		return notApplicable("no axis is periodic")
	},
}

// conserved holds the drift of the free field's invariants of a name to round-off
// over a thousand steps.
func (s kleinGordon) conserved(name string) (finding, error) {
	interacting := s.interacting()
	if interacting != "" {
		interacting += ": conserved up to the order of the lattice only"
	}
	if reason := first(s.open(), interacting); reason != "" {
		return notApplicable(reason)
	}
	const n = 1000
	s, note, err := s.within(n)
	if err != nil {
		return finding{}, err
	}
	if s, err = s.stirred(); err != nil {
		return finding{}, err
	}
	drifts, err := s.drifts(s.step(), n, 50)
	if err != nil {
		return finding{}, err
	}
	worst, found := 0.0, false
	for i, d := range drifts {
		if strings.HasPrefix(i, name) {
			worst, found = max(worst, d), true
		}
	}
	if !found {
		return finding{}, fmt.Errorf("the model has no invariant %q", name)
	}
	return atMost(worst, 1e-10, fmt.Sprintf(" over %d steps%s", n, note))
}
