package theory

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// sweptHalves evolves a field of several components by kernels of its half steps.
// Single drifts and kicks are those of the evolution it stands for.
type sweptHalves struct {
	Evolution
	step        float64
	composition *stencil.Composition
}

// newSweptHalves returns the fast evolution of a field whose arrays hold the given
// numbers a site, all together.
func newSweptHalves(e Evolution, step float64, h stencil.Halves, numbers int) *sweptHalves {
	return &sweptHalves{e, step, stencil.NewComposition(h, float64(step*step), numbers)}
}

// Depth returns how many drifts and kicks a sweep does in one go.
func (e *sweptHalves) Depth() int { return e.composition.Depth() }

// Advance sweeps n steps.
func (e *sweptHalves) Advance(s *State, n int, drifts, kicks []float64) {
	e.composition.Run(s.Arrays[0], s.Arrays[1], n, drifts, kicks)
	s.Step += n
	s.Time = float64(s.Step) * e.step
}

// newSweptDirac returns the fast evolution of a network with w = 1, the bias tensor of a
// Dirac field in real matrices and the loss ½xᵀx, or false if it is another.
func newSweptDirac(l lattice.Lattice, bias weights.Tensor, c *canonical) (*sweptHalves, bool) {
	net := c.net.Network()
	loss, ok := net.Loss.(network.Dual)
	if !ok || loss.Potential != nil || loss.A != nil || net.Rate != float64(c.step*c.step) {
		return nil, false
	}
	if _, unit := loss.K.(weights.Identity); !unit {
		return nil, false
	}
	w, ok := diracWeights(l, bias)
	if !ok {
		return nil, false
	}
	k := stencil.NewDirac(w)
	return newSweptHalves(c, c.step, k, 2*k.Components()), true
}

// diracWeights reads the weights of the kernel off the bias tensor of a Dirac
// field, term by term in the order in which the tensor adds them. It tells whether
// they are all there is.
func diracWeights(l lattice.Lattice, bias weights.Tensor) (w stencil.DiracWeights, ok bool) {
	d := l.Dim()
	unused := 3 - d
	w.Shape = [3]int{1, 1, 1}
	for j := range d {
		a := l.Axis(j)
		w.Shape[unused+j], w.Wall[unused+j] = a.Sites, !a.Periodic()
		if a.Low.Kind != a.High.Kind || a.Low.Kind != lattice.Periodic && a.Low.Kind != lattice.Dirichlet {
			return w, false
		}
	}
	terms := []weights.Tensor{bias}
	if s, ok := bias.(*weights.Sum); ok {
		terms = s.Terms()
	}
	next := func(from []int, sign []float64) weights.Tensor {
		if len(terms) == 0 {
			return nil
		}
		k, ok := terms[0].(*weights.Kron)
		if !ok || !isSigned(k.Types(), from, sign) {
			return nil
		}
		terms = terms[1:]
		return k.Sites()
	}
	for axis := unused; axis < 3; axis++ {
		s, ok := next(stencil.DiracMatrix(d, axis)).(*weights.Stencil)
		if !ok || !slices.Equal(s.Lattice().Axes(), l.Axes()) {
			return w, false
		}
		f := s.Form()
		if len(f.Groups) > 0 || f.Scale != 0 || len(f.Odd) != 1 || axisOf(f.Odd[0].Offset) != axis-unused {
			return w, false
		}
		w.Hop[axis] = f.Odd[0].Weight
	}
	if sites := next(stencil.DiracMatrix(d, 3)); sites != nil && !addMass(&w, sites, unused) {
		return w, false
	}
	from, sign := stencil.DiracMatrix(d, 3)
	for a := range from {
		from[a], sign[a] = a, 1
	}
	if v, ok := next(from, sign).(weights.Diagonal); ok {
		w.Potential = v
	}
	return w, len(terms) == 0
}

// addMass reads the tensor that stands with Y.
func addMass(w *stencil.DiracWeights, sites weights.Tensor, unused int) bool {
	terms := []weights.Tensor{sites}
	if s, ok := sites.(*weights.Sum); ok {
		terms = s.Terms()
	}
	if profile, ok := terms[0].(weights.Diagonal); ok {
		w.Profile, terms = profile, terms[1:]
	}
	if len(terms) == 0 {
		return true
	}
	switch t := terms[0].(type) {
	case weights.Identity:
		w.Mass = 1
	case *weights.Scaled:
		if _, ok := t.Tensor().(weights.Identity); !ok {
			return false
		}
		w.Mass = t.Factor()
	case *weights.Stencil:
		f := t.Form()
		if len(f.Groups) == 0 || len(f.Odd) > 0 {
			return false
		}
		w.Scale, w.Centre = f.Scale, f.Centre
		for _, g := range f.Groups {
			group := stencil.StarGroup{Ratio: g.Ratio}
			for _, o := range g.Offsets {
				axis := axisOf(o)
				if axis < 0 {
					return false
				}
				group.Axes = append(group.Axes, unused+axis)
			}
			w.Wilson = append(w.Wilson, group)
		}
	default:
		return false
	}
	return len(terms) == 1 && (w.Profile == nil || w.Wilson != nil)
}

// axisOf returns the axis along which an offset is the next site, or −1.
func axisOf(offset [3]int) int {
	for axis := range offset {
		var next [3]int
		if next[axis] = 1; offset == next {
			return axis
		}
	}
	return -1
}

// isSigned tells whether the only entries of a matrix are sign[i] in column from[i]
// of row i.
func isSigned(m *mat.Dense, from []int, sign []float64) bool {
	rows, _ := m.Dims()
	if rows != len(from) {
		return false
	}
	for a := range rows {
		for b := range rows {
			want := 0.0
			if b == from[a] {
				want = sign[a]
			}
			if m.At(a, b) != want {
				return false
			}
		}
	}
	return true
}
