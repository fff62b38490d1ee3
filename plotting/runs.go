package plotting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Spacetime draws the first field of a run on a line or ring, x to the right and
// t upward, as relativists do. The figure has an error for a run without frames
// and for a lattice of more than one dimension.
func Spacetime(r *simulate.Run) Figure {
	if err := usable("Spacetime", r); err != nil {
		return Figure{err: err}
	}
	if d := r.Lattice().Dim(); d != 1 {
		return failed("Spacetime: the lattice has %d dimensions, a space-time picture has room for 1; use Frame", d)
	}
	x := r.Coordinates(0)
	values := make([]float64, 0, len(x)*r.Len())
	for i := range r.Len() {
		values = append(values, r.State(i).Arrays[0]...)
	}
	return Image(labels(r, "x", "t"), Field{Symbol: symbol(r) + "(t, x)", X: x, Y: r.Times(), Values: values})
}

// Frame draws the first field of a run as it is in frame i: a curve on one
// dimension, an image on two. A negative i counts from the end, −1 being the
// last frame. The figure has an error for a frame that does not exist and for a
// lattice of three dimensions.
func Frame(r *simulate.Run, i int) Figure {
	if err := usable("Frame", r); err != nil {
		return Figure{err: err}
	}
	k := i
	if k < 0 {
		k += r.Len()
	}
	if k < 0 || k >= r.Len() {
		return failed("Frame(%d): the run has frames 0 to %d, or −1 to −%d from the end", i, r.Len()-1, r.Len())
	}
	values := r.State(k).Arrays[0]
	at := fmt.Sprintf("t = %.6g", r.Times()[k])
	switch d := r.Lattice().Dim(); d {
	case 1:
		l := labels(r, "x", symbol(r))
		l.Title += ", " + at
		return Lines(l, Series{X: r.Coordinates(0), Y: values})
	case 2:
		// The state runs along y first, an image along x.
		shape := r.Lattice().Shape()
		image := make([]float64, len(values))
		for i := range shape[0] {
			for j := range shape[1] {
				image[j*shape[0]+i] = values[i*shape[1]+j]
			}
		}
		l := labels(r, "x", "y")
		l.Title += ", " + at
		return Image(l, Field{Symbol: symbol(r), X: r.Coordinates(0), Y: r.Coordinates(1), Values: image, Space: true})
	default:
		return failed("Frame: the lattice has %d dimensions; a picture has room for 1 or 2", d)
	}
}

// Snapshots draws the first field of a run on a line or ring at n equally
// spaced frames, first and last included, coloured by time. The figure has an
// error where [Spacetime] has one, and for n < 1.
func Snapshots(r *simulate.Run, n int) Figure {
	if err := usable("Snapshots", r); err != nil {
		return Figure{err: err}
	}
	if d := r.Lattice().Dim(); d != 1 {
		return failed("Snapshots: the lattice has %d dimensions, curves have room for 1; use Frame", d)
	}
	if n < 1 {
		return failed("Snapshots(%d): draw at least 1 frame", n)
	}
	n = min(n, r.Len())
	times, frames := make([]float64, n), make([][]float64, n)
	for k := range n {
		i := 0
		if n > 1 {
			i = k * (r.Len() - 1) / (n - 1)
		}
		times[k], frames[k] = r.Times()[i], r.State(i).Arrays[0]
	}
	return Family(labels(r, "x", symbol(r)+"(t, x)"), r.Coordinates(0), "t", times, frames)
}

// Energy draws the energy of a run above its drift; see [Invariant].
func Energy(r *simulate.Run) Figure { return Invariant(r, "energy") }

// Invariant draws a quantity that the continuous dynamics conserves, by name,
// above its drift on a logarithmic axis: |I(t) − I(0)| as a fraction of the
// scale that the theory names, in general |I(0)|. The figure has an error if the
// run did not record it.
func Invariant(r *simulate.Run, name string) Figure {
	if r == nil {
		return failed("Invariant(%q): the run is nil; hand over what Run returned", name)
	}
	s, err := r.Invariant(name)
	if err != nil {
		return Figure{err: err}
	}
	l := labels(r, "t", s.Symbol)
	l.Title += ": " + name
	return conserved("Invariant", l, s.Symbol, s.Times, s.Values, s.Scale)
}

// Dispersion draws the frequencies measured from the frames of a run on a
// periodic lattice over the dispersion relation of its theory, lattice and
// integrator included, and their difference below. On two and three dimensions
// it draws the waves along x. The figure has an error where
// [observe.Dispersion] or [observe.Branch] has one.
func Dispersion(r *simulate.Run) Figure {
	if err := usable("Dispersion", r); err != nil {
		return Figure{err: err}
	}
	modes, err := observe.Dispersion(r)
	if err != nil {
		return Figure{err: err}
	}
	var k, measured, expected []float64
	for _, m := range modes {
		if slices.ContainsFunc(m.K[1:], func(k float64) bool { return k != 0 }) {
			continue
		}
		w, err := observe.Branch(r, m.K...)
		if err != nil {
			return Figure{err: err}
		}
		k, measured, expected = append(k, m.K[0]), append(measured, m.Omega), append(expected, w)
	}
	l := labels(r, "k", "ω")
	l.Title += ": dispersion"
	return Comparison(l, "ω", k, measured, expected)
}

// Weights draws the weights of the network that a model is: the symmetric and
// the antisymmetric part of its weight tensor w and, below, the tensor K of its
// dual loss ½xᵀKx with its spectrum, or the spectrum of w where the loss is
// another. The symmetric part of w is pure gauge, its antisymmetric part and K are
// physics. The figure has an error if the model does not build.
func Weights(model theory.Builder) Figure {
	if model == nil {
		return failed("Weights: the model is nil; hand over a builder such as nnfield.KleinGordon()")
	}
	m, err := model.Build()
	if err != nil {
		return Figure{err: err}
	}
	// Weights may depend on the step; one at which leapfrog is stable.
	epsilon := 1 / m.MaxFrequency(m.Initial())
	s, err := m.Network(epsilon)
	if err != nil {
		return Figure{err: err}
	}
	n := s.Network()
	types := neuronTypes(m, n.Weights.Size())
	row, note, err := parts("Weights", n.Weights, types)
	if err != nil {
		return Figure{err: err}
	}
	row[0].title, row[1].title = "w, symmetric part", "w, antisymmetric part"
	f := newFigure(Labels{Title: m.Card().Title + ": weights", Caption: parameters(m)}, row).note(note)

	var below []*panel
	judged, name := n.Weights, "w"
	if dual, ok := n.Loss.(network.Dual); ok && dual.K != nil {
		judged, name = dual.K, "K"
		k := afar(dual.K)
		below = append(below, k.panel("K of the dual loss", types, count(k.values).span))
	}
	p, note := spectrumOf(judged)
	if p != nil {
		p.title = name + ", spectrum"
		if len(below) > 0 && !p.rigid {
			p.aspect = 1 // as the image beside it
		}
		below = append(below, p)
	}
	if len(below) > 0 {
		f.panels = append(f.panels, below)
	}
	return f.note(note)
}

// neuronTypes returns the symbols of the fields that make up n neurons, if they
// do: the biases are no neurons.
func neuronTypes(m theory.Model, n int) []string {
	var types []string
	size := 0
	for _, f := range m.Fields() {
		if f.Role != theory.Sites || size == n {
			continue
		}
		types = append(types, f.Symbol)
		size += m.Lattice().Sites()
	}
	if size != n {
		return nil
	}
	return types
}

// usable returns why a run cannot be drawn.
func usable(call string, r *simulate.Run) error {
	if r == nil {
		return fmt.Errorf("%s: the run is nil; hand over what Run returned", call)
	}
	if r.Len() == 0 {
		return fmt.Errorf("%s: the run has no frames; ask for some with Frames", call)
	}
	return nil
}

// labels returns the words of a figure about a run.
func labels(r *simulate.Run, x, y string) Labels {
	caption := []string{parameters(r.Model), fmt.Sprintf("%s, ε = %.4g", r.Integrator.Name, r.Step)}
	if r.Stop.Reason != simulate.Finished {
		caption = append(caption, fmt.Sprintf("%s at t = %.4g", r.Stop.Reason, r.Stop.Time))
	}
	return Labels{Title: r.Model.Card().Title, X: x, Y: y, Caption: strings.Join(caption, "; ")}
}

// parameters lists the lattice and what a model's card says in short lines,
// without what follows from them.
func parameters(m theory.Model) string {
	var sites, lengths, kinds []string
	for j := range m.Lattice().Dim() {
		a := m.Lattice().Axis(j)
		sites = append(sites, strconv.Itoa(a.Sites))
		lengths = append(lengths, fmt.Sprintf("%.4g", a.Length))
		kinds = append(kinds, string(a.Low.Kind), string(a.High.Kind))
	}
	kinds = slices.Compact(kinds)
	parts := []string{fmt.Sprintf("%s sites, length %s, %s", strings.Join(sites, "×"), strings.Join(lengths, " × "), strings.Join(kinds, " | "))}
	for _, row := range m.Card().Rows {
		switch row.Name {
		case "weights", "neurons", "step", "invariants":
		default:
			if !strings.Contains(row.Value.Text, "\n") {
				parts = append(parts, row.Value.Text)
			}
		}
	}
	return strings.Join(parts, "; ")
}

func symbol(r *simulate.Run) string { return r.Fields()[0].Symbol }
