package geometry

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Hamiltonian returns M, A and K of a field in curved space-time, in physics units
// and with the scale factor of t = 0; ok tells whether the model is one. It has no
// dual loss unless M is the same everywhere and there is no shift; see [Rescaled].
func Hamiltonian(m theory.Model) (h duality.Hamiltonian, ok bool) {
	c, ok := m.(*model)
	if ok {
		h = c.hamiltonian()
	}
	return h, ok
}

func (m *model) hamiltonian() duality.Hamiltonian {
	h := duality.Hamiltonian{M: weights.Diagonal(m.t.gain), K: m.k}
	if m.p.scale != nil {
		r := m.p.scale.rates(0, m.p.lattice.Dim())
		h.M = weights.Scale(r.gain, h.M)
		h.K = weights.Add(weights.Scale(r.gradient, m.t.gradient), weights.Scale(r.potential, weights.Diagonal(m.t.potential)))
	}
	if m.t.shift != nil {
		h.A = m.t.shift.onNeurons
	}
	return h
}

// Rescaled returns a Hamiltonian with a gain for each neuron in the canonical
// variables φ̃ = φ/√M and β̃ = √M β:
//
//	M̃ = 1,   Ã = A scaled by 1/√M from the left and √M from the right,   K̃ = √M K √M.
//
// It has a dual loss if and only if Ã is symmetric. It fails if there is no K or a
// potential, if the tensors have different sizes, or if M is not diagonal and
// positive.
func Rescaled(h duality.Hamiltonian) (duality.Hamiltonian, error) {
	switch {
	case h.K == nil || h.Potential != nil:
		return h, fmt.Errorf("geometry.Rescaled: only quadratic Hamiltonians are rescaled; give K and no Potential")
	case h.M != nil && h.M.Size() != h.K.Size() || h.A != nil && h.A.Size() != h.K.Size():
		return h, fmt.Errorf("geometry.Rescaled: the tensors have different sizes; K has %d", h.K.Size())
	case h.M == nil:
		return h, nil
	}
	n := h.K.Size()
	root, inverse := make([]float64, n), make([]float64, n)
	for i := range n {
		gain, diagonal := 0.0, true
		h.M.Row(i, func(j int, v float64) {
			if j == i {
				gain = v
			} else if v != 0 {
				diagonal = false
			}
		})
		if !diagonal || !(gain > 0) || math.IsInf(gain, 1) {
			return h, fmt.Errorf("geometry.Rescaled: the gain of neuron %d is no positive number of its own; M must be diagonal and positive", i)
		}
		root[i] = math.Sqrt(gain)
		inverse[i] = 1 / root[i]
	}
	var scaled duality.Hamiltonian
	var err error
	if scaled.K, err = between(root, h.K, root); err == nil && h.A != nil {
		scaled.A, err = between(inverse, h.A, root)
	}
	return scaled, err
}

// between returns diag(left)·W·diag(right). Factors are multiplied first, so that a
// symmetric W between equal factors stays symmetric to the bit.
func between(left []float64, w weights.Tensor, right []float64) (weights.Tensor, error) {
	var entries []weights.Triplet
	for i := range left {
		w.Row(i, func(j int, v float64) {
			entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: float64(left[i]*right[j]) * v})
		})
	}
	return weights.NewCSR(len(left), entries)
}
