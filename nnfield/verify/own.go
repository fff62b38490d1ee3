package verify

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// ownRows verifies a network of one's own: that what runs is the network, that it learns
// by the derivative of its loss, and of a field what every field must do.
func ownRows(m theory.Model) []Row {
	s := field{model: m}
	if own, _ := m.(theory.Stepped).OwnStep(); own > 0 {
		return judged(s, []claim[field]{trueGradient, wholeSteps}, nil)
	}
	claims := []claim[field]{trueGradient, networkStep}
	if len(m.Invariants()) > 0 { // closed
		claims = append(claims, fieldOrder, undone)
	}
	return append(judged(s, claims, nil), carriedRows(s)...)
}

var wholeSteps = claim[field]{
	"network step", "boundary → activation → learning, called step by step, is the run, in every bit of x, b and the weights that learn",
	func(s field) (finding, error) {
		step, n := s.step(), s.steps(20)
		end, err := s.propagate("symplectic-euler", step, n, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		sys, err := s.model.Network(step)
		if err != nil {
			return finding{}, err
		}
		start := s.model.Initial()
		x := &network.State{X: start.Arrays[0], B: start.Arrays[1]}
		for range n {
			sys.Activate(x, 1)
			x.Step++
			x.Time = float64(x.Step) * step
			sys.Learn(x, 1)
		}
		got := [][]float64{x.X, x.B}
		if len(end.Arrays) > 2 {
			got = append(got, sys.Trained())
		}
		different, all := 0, 0
		for k, a := range end.Arrays {
			for i, v := range a {
				if all++; v != got[k][i] && (v == v || got[k][i] == got[k][i]) {
					different++
				}
			}
		}
		return held(different == 0, fmt.Sprintf("%d of %d numbers differ after %d steps", different, all, n), "0"), nil
	},
}
