package verify

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/training"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// trainingRows verifies a network that trains.
func trainingRows(m theory.Model) []Row {
	p, ok := training.Of(m)
	if !ok {
		return []Row{{Name: "parameters", Claim: "the network of the training can be read", Measured: "the model was not built by package training", Status: Opaque}}
	}
	s := trained{field: field{model: m}, p: p}
	return judged(s, []claim[trained]{backpropagation, septupleGradient, trainedRun}, []control[trained]{
		{backpropagation, "one step of many", "the derivative through the last activation alone is not the total one", func(s trained) trained { s.last = true; return s }},
	})
}

// trained is the subject of the claims: a training, and what it is made of.
type trained struct {
	field
	p    training.Parts
	last bool // the gradient is that of the outputs' links alone
}

// gradient returns the loss gradient of the first samples at the start.
func (s trained) gradient(d learning.Data) []float64 {
	g := make([]float64, s.p.Network.Size())
	if s.p.Bulk {
		s.p.Network.BulkGradient(g, s.p.Start, d)
	} else {
		s.p.Network.Gradient(g, s.p.Start, d)
	}
	if s.last {
		a := s.p.Network.Architecture()
		for l, link := range a.Links {
			if link.To != len(a.Groups)-1 {
				span := s.p.Network.Weights(l)
				clear(g[span.Low:span.High])
			}
		}
	}
	return g
}

// few returns at most so many samples of the data.
func (s trained) few(n int) learning.Data {
	var samples []int
	for i := range min(n, s.p.Data.Samples()) {
		samples = append(samples, i)
	}
	return s.p.Data.Pick(samples)
}

var backpropagation = claim[trained]{
	"loss gradient", "the gradient of a batch, through all activation steps, is the difference quotient of its loss",
	func(s trained) (finding, error) {
		if s.p.Bulk {
			return notApplicable("the bulk loss is differentiated at a state that is held fixed")
		}
		d := s.few(8)
		g := s.gradient(d)
		worst, size := 0.0, 0.0
		for k := range 4 {
			direction := carries{field: s.field}.normals(k, len(g))
			slope, q := 0.0, make([]float64, len(g))
			for _, tap := range []struct{ at, weight float64 }{{-2, 1}, {-1, -8}, {1, 8}, {2, -1}} {
				const h = 3e-4
				for i, v := range s.p.Start {
					q[i] = v + tap.at*h*direction[i]
				}
				slope += tap.weight / (12 * h) * s.p.Network.Loss(q, d)
			}
			worst, size = max(worst, abs(slope-sums.Dot(g, direction))), max(size, abs(slope))
		}
		return atMost(worst/size, 1e-7, "")
	},
}

func abs(x float64) float64 { return max(x, -x) }

var septupleGradient = claim[trained]{
	"septuple", "the network of one sample, run by package network with the inputs as boundary neurons, predicts the same outputs",
	func(s trained) (finding, error) {
		if n := s.p.Network.Size(); n > 1e5 {
			return finding{status: Skipped, measured: "too many variables for one sparse tensor"}, nil
		}
		d := s.few(3)
		a := s.p.Network.Architecture()
		outputs := append([]float64(nil), s.p.Network.Predict(s.p.Start, d)...)
		worst := 0.0
		for k := range d.Samples() {
			septuple, err := s.p.Network.Septuple(s.p.Start, d.X[k*d.Inputs:(k+1)*d.Inputs])
			if err != nil {
				return finding{}, err
			}
			system, err := network.New(septuple)
			if err != nil {
				return finding{}, err
			}
			x := system.NewState()
			copy(x.B[d.Inputs:], s.p.Start[:s.p.Network.Weights(0).Low]) // the biases of all groups but the inputs
			for range a.Steps {
				system.Activate(x, 1)
			}
			for i := range d.Outputs {
				worst = max(worst, abs(x.X[len(x.X)-d.Outputs+i]-outputs[k*d.Outputs+i]))
			}
		}
		return atMost(worst, 1e-12, "")
	},
}

var trainedRun = claim[trained]{
	"training", "the run is the loop: sample, gradient, descent, in every bit",
	func(s trained) (finding, error) {
		n := 20
		end, err := s.propagate("symplectic-euler", 1, n, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		q := append([]float64(nil), s.p.Start...)
		t := learning.Training{Network: s.p.Network.Clone(), Data: s.p.Data, Batch: s.p.Batch, Sampling: s.p.Sampling, Descent: s.p.Descent, Bulk: s.p.Bulk, Seed: s.p.Seed, Variables: q}
		if err := t.Start(); err != nil {
			return finding{}, err
		}
		for range n {
			t.Step()
		}
		different := 0
		for i, v := range end.Arrays[0] {
			if v != t.Variables[i] {
				different++
			}
		}
		return held(different == 0, fmt.Sprintf("%d of %d variables differ after %d steps", different, len(q), n), "0"), nil
	},
}
