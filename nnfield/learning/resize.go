package learning

import (
	"fmt"
	"slices"
)

// Resize returns a network with another number of neurons in one hidden group,
// and variables for it. When neurons leave, the ones with the smallest squares of
// outgoing weights do. Neurons that come have drawn incoming weights (see
// [Network.Draw]) and outgoing weights 0: they change no prediction until they
// learn. It fails for the inputs and the outputs, for fewer than one neuron and
// for variables that do not fit.
func (n *Network) Resize(q []float64, group, neurons int, seed uint64) (*Network, []float64, error) {
	a := n.architecture
	if group < 1 || group >= len(a.Groups)-1 || neurons < 1 || len(q) != n.size {
		return nil, nil, fmt.Errorf("learning: Resize group %d to %d neurons with %d variables; hidden groups are 1 to %d, give at least 1 neuron and %d variables",
			group, neurons, len(q), len(a.Groups)-2, n.size)
	}
	kept := n.strongest(q, group, min(neurons, a.Groups[group].Neurons))
	a.Groups = slices.Clone(a.Groups)
	a.Groups[group].Neurons = neurons
	m, err := New(a)
	if err != nil {
		return nil, nil, err
	}
	r := m.Draw(seed)
	// was returns the number that a neuron had before, or −1.
	was := func(g, i int) int {
		if g != group {
			return i
		}
		if i < len(kept) {
			return kept[i]
		}
		return -1
	}
	for g := range a.Groups {
		for i := range m.biases[g].of(r) {
			if old := was(g, i); old >= 0 {
				m.biases[g].of(r)[i] = n.biases[g].of(q)[old]
			}
		}
	}
	for l, link := range a.Links {
		columns, before := a.Groups[link.From].Neurons, n.architecture.Groups[link.From].Neurons
		for k := range m.blocks[l].of(r) {
			i, j := was(link.To, k/columns), was(link.From, k%columns)
			switch {
			case j < 0:
				m.blocks[l].of(r)[k] = 0
			case i >= 0:
				m.blocks[l].of(r)[k] = n.blocks[l].of(q)[i*before+j]
			}
		}
	}
	return m, r, nil
}

// strongest returns the neurons of a group with the largest squares of outgoing
// weights, in their order.
func (n *Network) strongest(q []float64, group, count int) []int {
	strength := make([]float64, n.architecture.Groups[group].Neurons)
	for l, link := range n.architecture.Links {
		if link.From == group {
			for k, w := range n.blocks[l].of(q) {
				strength[k%len(strength)] += w * w
			}
		}
	}
	order := identity(len(strength))
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case strength[i] > strength[j]:
			return -1
		case strength[i] < strength[j]:
			return 1
		}
		return 0
	})
	kept := order[:count]
	slices.Sort(kept)
	return kept
}

// Resize changes the number of neurons of a hidden group while learning goes on;
// see [Network.Resize]. The descent must be [SGD], which remembers nothing.
func (t *Training) Resize(group, neurons int) error {
	if _, ok := t.Descent.(*sgd); !ok {
		return fmt.Errorf("learning: Resize of a Training whose Descent remembers former variables; use SGD")
	}
	n, q, err := t.Network.Resize(t.Variables, group, neurons, t.Seed+uint64(t.steps)+1)
	if err != nil {
		return err
	}
	t.Network, t.Variables, t.g = n, q, make([]float64, n.size)
	return nil
}
