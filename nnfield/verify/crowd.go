package verify

import (
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/learning/crowd"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// crowdRows verifies a crowd of learners.
func crowdRows(m theory.Model) []Row {
	d, ok := crowd.Diffusion(m)
	if !ok {
		return []Row{{Name: "parameters", Claim: "the noise of the crowd can be read", Measured: "the model was not built by package crowd", Status: Opaque}}
	}
	return judged(learnersOf{field: field{model: m}, d: d}, []claim[learnersOf]{noiseOfAStep, wholeRun}, []control[learnersOf]{
		{noiseOfAStep, "misled judge", "the judge is told a diffusion coefficient that is twice as large", func(s learnersOf) learnersOf { s.d *= 2; return s }},
	})
}

// learnersOf is the subject of the claims: a crowd and its diffusion coefficient.
type learnersOf struct {
	field
	d float64
}

var noiseOfAStep = claim[learnersOf]{
	"noise", "what two steps of the same learners with and without noise differ by has the mean 0 and the variance 2Dh, within 5 standard errors",
	func(s learnersOf) (finding, error) {
		if s.d == 0 {
			return notApplicable("there is no noise")
		}
		still, err := crowd.Still(s.model)
		if err != nil {
			return finding{}, err
		}
		step := 1 / s.model.MaxFrequency(nil)
		moved, err := s.propagate("symplectic-euler", step, 1, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		bare, err := field{model: still}.propagate("symplectic-euler", step, 1, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		a, b := moved.Arrays[0], bare.Arrays[0]
		n := float64(len(a))
		mean := sums.Sum(0, len(a), func(i int) float64 { return a[i] - b[i] }) / n
		square := sums.Sum(0, len(a), func(i int) float64 { return (a[i] - b[i]) * (a[i] - b[i]) }) / n
		want := 2 * s.d * step
		// Standard errors of a normal number: of its mean and of its variance.
		far := max(abs(mean)/math.Sqrt(want/n), abs(square/want-1)/math.Sqrt(2/n))
		return held(far <= 5, fmt.Sprintf("%.2g standard errors, variance %.4g of 2Dh", far, square/want), "≤ 5"), nil
	},
}

// nelsonRows verifies Nelson learners, or the control that descends V.
func nelsonRows(m theory.Model) []Row {
	s := learnersOf{field: field{model: m}}
	return judged(s, []claim[learnersOf]{followsPsi, wholeRun}, nil)
}

var followsPsi = claim[learnersOf]{
	"density", "after fifty steps the learners still have the density |ψ|²: their Kolmogorov distance is below 1.95/√n, the level of 999 in 1000",
	func(s learnersOf) (finding, error) {
		if strings.Contains(s.model.Card().Title, "descend") {
			return notApplicable("these learners descend V: the control, which has another density")
		}
		step := 1 / s.model.MaxFrequency(nil)
		end, err := s.propagate("symplectic-euler", step, 50, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		e, err := s.model.Evolve(step)
		if err != nil {
			return finding{}, err
		}
		d := e.(interface{ Distance(*theory.State) float64 }).Distance(end)
		bound := 1.95 / math.Sqrt(float64(len(end.Arrays[0])))
		return held(d <= bound, fmt.Sprintf("%.3g", d), fmt.Sprintf("≤ %.3g", bound)), nil
	},
}

var wholeRun = claim[learnersOf]{
	"same path", "steps taken one by one are those taken many at a time, in every bit",
	func(s learnersOf) (finding, error) {
		step, n := 1/s.model.MaxFrequency(nil), 24
		many, err := s.propagate("symplectic-euler", step, n, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		e, err := s.model.Evolve(step)
		if err != nil {
			return finding{}, err
		}
		one := s.model.Initial()
		for range n {
			e.Kick(one, 1)
			one.Step++
		}
		different := 0
		for i, v := range many.Arrays[0] {
			if v != one.Arrays[0][i] {
				different++
			}
		}
		return held(different == 0, fmt.Sprintf("%d of %d numbers differ after %d steps", different, len(one.Arrays[0]), n), "0"), nil
	},
}
