package septuple

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Of returns the septuple of the network behind a model, with the model's initial state,
// as one that can be changed. What was a field in physics units stays one; Clock is half
// the longest stable step of leapfrog, for the case that a change makes it move by whole
// steps. A quadratic loss that is none of package network is read off its gradient, for
// at most 4096 neurons.
//
// It fails for a model without a network, and for one whose tensors depend on time or
// whose weights are a flow without a generator, which these words cannot say: such a
// model runs on its network as it is.
func Of(m theory.Model) (Network, error) {
	if own, ok := m.(*model); ok {
		return own.p, nil
	}
	p := Network{Lattice: m.Lattice()}
	fail := func(format string, args ...any) (Network, error) {
		return Network{}, fmt.Errorf("Network of %s: "+format, append([]any{m.Theory()}, args...)...)
	}
	step, own := 1.0, 0.0
	if s, ok := m.(theory.Stepped); ok {
		if own, _ = s.OwnStep(); own > 0 {
			step = own
		}
	}
	s, err := m.Network(step)
	if err != nil {
		return fail("%w", err)
	}
	n := s.Network()
	if n.At != nil {
		return fail("its tensors depend on time, which a network of one's own cannot; run the model, whose step is that of its network")
	}
	sites := p.Lattice.Sites()
	if n.Size()%sites != 0 {
		return fail("%d neurons do not sit on %d sites", n.Size(), sites)
	}
	if p.Types, err = types(m, n.Size()/sites); err != nil {
		return fail("%w", err)
	}
	if own > 0 {
		p.Clock = &own
	} else {
		half := 1 / m.MaxFrequency(nil)
		p.Clock = &half
	}
	switch flow, ok := n.Flow.(*network.Exponential); {
	case n.Flow == nil:
		if _, unit := n.Weights.(weights.Identity); !unit {
			p.Weights = Given(n.Weights)
		}
	case !ok:
		return fail("its weights are a flow without a generator; run the model, whose step is that of its network")
	default:
		p.Flow = Given(flow.Generator())
	}
	if n.Bias != nil {
		p.Bias = Given(n.Bias)
	}
	if p.Loss, err = terms(m, n); err != nil {
		return fail("%w", err)
	}
	if kg, ok := theory.Parameters(m); ok {
		p.Drives = kg.Drives
	} else if n.Boundary != nil {
		return fail("its boundary neurons are shown what these words cannot say")
	}
	if n.Decay != nil && p.Lattice.Damping() == nil {
		rate := make([]float64, sites)
		copy(rate, n.Decay)
		p.Decay = theory.SiteProfile(rate)
	}
	e, err := m.Evolve(step)
	if err != nil {
		return fail("%w", err)
	}
	st, err := theory.NetworkState(n.Size(), e, m.Initial())
	if err != nil {
		return fail("%w", err)
	}
	if own > 0 {
		p.Initial = []Start{Values(st.X, st.B)}
	} else {
		p.Initial = []Start{Field(st.X, st.B)} // Load has multiplied β by the step 1
	}
	return p, nil
}

// types names the neuron types of a model: those of its neurons' fields, in order.
func types(m theory.Model, n int) (names []string, err error) {
	if n == 1 {
		return nil, nil
	}
	if f := m.Fields()[0]; len(f.Types) == n { // the states are one field
		return f.Types, nil
	}
	for _, f := range m.Fields() {
		if len(f.Types) == 0 {
			names = append(names, f.Symbol)
		}
		for _, t := range f.Types {
			names = append(names, f.Symbol+" "+t)
		}
	}
	if len(names) < n {
		return nil, fmt.Errorf("%d neuron types, but names of %d", n, len(names))
	}
	if len(names) == 2*n { // states and biases in pairs
		var states []string
		at := 0
		for i, f := range m.Fields() {
			k := max(1, len(f.Types))
			if i%2 == 0 {
				states = append(states, names[at:at+k]...)
			}
			at += k
		}
		if len(states) == n {
			return states, nil
		}
	}
	return names[:n], nil
}

// terms returns the terms of a network's loss.
func terms(m theory.Model, n network.Network) ([]Loss, error) {
	switch l := n.Loss.(type) {
	case nil:
		return nil, nil
	case network.Dual:
		all := []Loss{Dual(Given(l.K))}
		if l.A != nil {
			all = append(all, DualBiases(Given(l.A)))
		}
		if l.Potential != nil {
			kg, ok := theory.Parameters(m)
			if !ok {
				return nil, fmt.Errorf("its potential is one that these words cannot say")
			}
			all = append(all, OnSite(kg.Potential))
		}
		return all, nil
	}
	if n.Bias != nil {
		return nil, fmt.Errorf("its loss is one of its own, which these words cannot say beside a bias tensor")
	}
	if n.Size() > maxDense {
		return nil, fmt.Errorf("its loss is one of its own on %d neurons; it is read off its gradient for at most %d", n.Size(), maxDense)
	}
	h, err := duality.FromNetwork(n)
	if err != nil {
		return nil, fmt.Errorf("its loss is one of its own, which these words cannot say: %w", err)
	}
	return []Loss{Dual(Given(h.K))}, nil
}
