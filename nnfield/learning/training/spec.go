package training

import (
	"fmt"
	"strconv"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// spec is the canonical form of a training.
type spec struct {
	Theory   string            `json:"theory"`
	Groups   []group           `json:"groups"`
	Links    []link            `json:"links"`
	Steps    int               `json:"steps"`
	Data     dataSpec          `json:"data"`
	Batch    int               `json:"batch"`
	Sampling learning.Sampling `json:"sampling"`
	Descent  Descent           `json:"descent"`
	Loss     string            `json:"loss"`
	Seed     string            `json:"seed"`
	Start    *theory.Numbers   `json:"start,omitempty"`
}

type link struct {
	From int `json:"from"`
	To   int `json:"to"`
}

type dataSpec struct {
	Kind    string          `json:"kind"` // digits or given
	Inputs  int             `json:"inputs,omitempty"`
	Outputs int             `json:"outputs,omitempty"`
	X       *theory.Numbers `json:"x,omitempty"`
	Y       *theory.Numbers `json:"y,omitempty"`
}

// Spec returns the training as a value for canonical JSON, data by their content.
func (m *model) Spec(arrays theory.Arrays) (any, error) {
	p := m.p
	s := spec{Theory: m.Theory(), Groups: p.groups, Steps: p.steps, Batch: p.batch, Sampling: p.sampling, Descent: p.descent,
		Loss: "boundary", Seed: strconv.FormatUint(p.seed, 10), Data: dataSpec{Kind: "digits"}}
	if p.bulk {
		s.Loss = "bulk"
	}
	for _, l := range p.links {
		s.Links = append(s.Links, link{l.From, l.To})
	}
	var err error
	if !p.digits {
		s.Data = dataSpec{Kind: "given", Inputs: p.data.Inputs, Outputs: p.data.Outputs}
		if s.Data.X, err = (&theory.Numbers{Values: p.data.X}).Stored(arrays); err != nil {
			return nil, err
		}
		if s.Data.Y, err = (&theory.Numbers{Values: p.data.Y}).Stored(arrays); err != nil {
			return nil, err
		}
	}
	if p.start != nil {
		s.Start, err = (&theory.Numbers{Values: p.start}).Stored(arrays)
	}
	return s, err
}

// Decode reads what Spec of a training wrote.
func Decode(b []byte, arrays theory.Arrays) (theory.Model, error) {
	var s spec
	if err := canon.Decode(b, &s); err != nil {
		return nil, err
	}
	if len(s.Groups) > theory.MaxInitial || len(s.Links) > theory.MaxInitial || s.Steps > 1<<20 {
		return nil, fmt.Errorf("%d groups, %d links and %d activation steps; at most %d, %d and %d", len(s.Groups), len(s.Links), s.Steps, theory.MaxInitial, theory.MaxInitial, 1<<20)
	}
	out := Builder{p: parameters{groups: s.Groups, steps: s.Steps, batch: s.Batch, sampling: s.Sampling, descent: s.Descent, bulk: s.Loss == "bulk"}}
	if s.Loss != "bulk" && s.Loss != "boundary" {
		return nil, fmt.Errorf("loss: %q is unknown; use boundary or bulk", s.Loss)
	}
	for _, l := range s.Links {
		out.p.links = append(out.p.links, learning.Link{From: l.From, To: l.To})
	}
	var err error
	if out.p.seed, err = strconv.ParseUint(s.Seed, 10, 64); err != nil {
		return nil, fmt.Errorf("seed: %q; it must be a whole number from 0 to 18446744073709551615, as a string", s.Seed)
	}
	switch s.Data.Kind {
	case "digits":
		if s.Data.X != nil || s.Data.Y != nil || s.Data.Inputs != 0 || s.Data.Outputs != 0 {
			return nil, fmt.Errorf("data: the kind digits has no other keys")
		}
		out = out.Digits()
	case "given":
		if s.Data.X == nil || s.Data.Y == nil || s.Data.Inputs < 1 || s.Data.Outputs < 1 {
			return nil, fmt.Errorf("data: the kind given needs inputs, outputs, x and y")
		}
		if err := s.Data.X.Load(arrays); err != nil {
			return nil, fmt.Errorf("data.x: %w", err)
		}
		if err := s.Data.Y.Load(arrays); err != nil {
			return nil, fmt.Errorf("data.y: %w", err)
		}
		out = out.Data(learning.Data{Inputs: s.Data.Inputs, Outputs: s.Data.Outputs, X: s.Data.X.Values, Y: s.Data.Y.Values})
	default:
		return nil, fmt.Errorf("data.kind: %q is unknown; use digits or given", s.Data.Kind)
	}
	if s.Start != nil {
		if err := s.Start.Load(arrays); err != nil {
			return nil, fmt.Errorf("start: %w", err)
		}
		out = out.Start(s.Start.Values)
	}
	return out.Build()
}
