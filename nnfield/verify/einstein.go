package verify

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// universeRows verifies the learning of a metric: its claims, then those controls
// whose claim applies to it.
func universeRows(m theory.Model) []Row {
	b, ok := einstein.BuilderOf(m)
	if !ok {
		return []Row{{
			Name: "parameters", Claim: "the parameters of the learning can be read",
			Measured: "the model was not built by package einstein", Status: Opaque,
		}}
	}
	s := metricLearning{b}
	claims := []claim[metricLearning]{stationary, arrives, einsteinsEquations, keptConstraint, deSittersLambda}
	lessSymmetric := func(s metricLearning) metricLearning {
		l := einstein.EinsteinHilbert()
		l[1] = 1. / 3
		return metricLearning{s.Onsager(l)}
	}
	controls := []control[metricLearning]{
		{arrives, "descent", "the metric descends the entropy production", func(s metricLearning) metricLearning { return metricLearning{s.Learn(einstein.Descent)} }},
		{einsteinsEquations, "less symmetric", "the second Onsager weight is 1/3 instead of 1/4", lessSymmetric},
		{deSittersLambda, "less symmetric", "the second Onsager weight is 1/3 instead of 1/4", lessSymmetric},
	}
	return judged(s, claims, controls)
}

// metricLearning is the subject of the claims: a builder of package einstein.
type metricLearning struct{ einstein.Builder }

// learned runs a simulation to its end.
func learned(s simulate.Simulation) (einstein.Learned, error) {
	r, err := s.Frames(simulate.Count(2)).Run(context.Background())
	if err != nil {
		return einstein.Learned{}, err
	}
	return einstein.Read(r, r.Len()-1)
}

// solution returns the stationary metric, found from straight lines by damped steps
// of the covariant rule, which does not care whether it is a maximum or a saddle.
func (s metricLearning) solution() (einstein.Learned, error) {
	return learned(s.Learn(einstein.Covariant).Start().Until(40).Step(0.5))
}

// refined returns what f gives for the stationary metric on three axes of time,
// each twice as fine, of at least 161 sites. What is exact has no order.
func (s metricLearning) refined(f func(einstein.Learned) (float64, error)) (finding, error) {
	first, err := s.solution()
	if err != nil {
		return finding{}, err
	}
	intervals, duration := max(160, len(first.Times)-1), first.Times[len(first.Times)-1]
	o, err := Convergence("Δ", []float64{4, 2, 1}, func(h float64) (float64, error) {
		l, err := metricLearning{s.Times(intervals*4/int(h)+1, duration)}.solution()
		if err != nil {
			return 0, err
		}
		return f(l)
	})
	if err != nil {
		return finding{}, err
	}
	if worst := max(o.Errors[0], o.Errors[1], o.Errors[2]); worst < 1e-12 {
		return held(true, "below 1e-12 on each axis of time", "order 2 or exact"), nil
	}
	return ofOrder(o, 2, "")
}

var stationary = claim[metricLearning]{
	"stationary", "there is a metric of stationary entropy production with the given number of neurons, max |δS/δq|, |neurons − target|",
	func(s metricLearning) (finding, error) {
		l, err := s.solution()
		if err != nil {
			return finding{}, err
		}
		return atMost(max(l.Residual, math.Abs(l.Neurons-l.Target)), 1e-6, "")
	},
}

var arrives = claim[metricLearning]{
	"learning", "the model's own rule of learning arrives there, difference of Λ relative",
	func(s metricLearning) (finding, error) {
		const time, most = 30, 200_000
		want, err := s.solution()
		if err != nil {
			return finding{}, err
		}
		own := s.Until(time)
		switch _, steps, err := own.Steps(); {
		case err != nil:
			return finding{}, err
		case steps > most:
			return finding{status: Skipped, measured: fmt.Sprintf("it takes %d steps; choose a duration for which the lapse is near 1", steps)}, nil
		}
		l, err := learned(own)
		var diverged *simulate.DivergedError
		if errors.As(err, &diverged) {
			return held(false, fmt.Sprintf("diverged at τ = %.2g", diverged.Stop.Time), "≤ 1e-06"), nil
		}
		if err != nil {
			return finding{}, err
		}
		return atMost(math.Abs(l.Lambda/want.Lambda-1), 1e-6, "")
	},
}

var einsteinsEquations = claim[metricLearning]{
	"Einstein", "the learned metric and Λ obey G_μν + Λg_μν = 0 by package curvature, away from the ends, to second order of the axis of time",
	func(s metricLearning) (finding, error) { return s.refined(einstein.Learned.Einstein) },
}

var keptConstraint = claim[metricLearning]{
	"constraint", "∂L/∂N, which vanishes in the mean over time, vanishes at each time, to second order of the axis of time",
	func(s metricLearning) (finding, error) {
		return s.refined(func(l einstein.Learned) (float64, error) { return l.Constraint, nil })
	},
}

var deSittersLambda = claim[metricLearning]{
	"Λ", "a flat universe learns Λ = (a(T)³ − a(0)³)²/(3 neurons²), to second order of the axis of time",
	func(s metricLearning) (finding, error) {
		if s.Universe() != "frw" {
			return notApplicable("only the flat universe has this closed form")
		}
		return s.refined(func(l einstein.Learned) (float64, error) {
			a := l.Functions[0]
			want := reference.DeSitterLambda(a[0], a[len(a)-1], l.Target)
			return math.Abs(l.Lambda/want - 1), nil
		})
	},
}
