package plotting

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nnfield/nnfield/nnfield/convergence"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Spacetime draws the first field of a run on a line or ring, x to the right and
// t upward, as relativists do; of several neuron types it draws the first. The
// figure has an error for a run without frames and for a lattice of more than
// one dimension.
func Spacetime(r *simulate.Run) Figure { return spacetime("Spacetime", r, Colouring{}) }

// SpacetimeLog is [Spacetime] with colours that are symmetric-logarithmic over
// the given number of decades: what is weak shows beside what is strong.
func SpacetimeLog(r *simulate.Run, decades float64) Figure {
	if !(decades > 0 && decades <= 300) {
		return failed("SpacetimeLog(%v): the decades must be above 0 and at most 300; 3 or 4 show most", decades)
	}
	return spacetime("SpacetimeLog", r, SymLogColours(decades))
}

func spacetime(call string, r *simulate.Run, c Colouring) Figure {
	f, err := worldSheet(call, r)
	if err != nil {
		return Figure{err: err}
	}
	f.Colouring = c
	return Image(labels(r, "x", "t"), f)
}

// worldSheet returns the first field of a run over x and t.
func worldSheet(call string, r *simulate.Run) (Field, error) {
	if err := oneDimensional(call, r); err != nil {
		return Field{}, err
	}
	x := r.Coordinates(0)
	values := make([]float64, 0, len(x)*r.Len())
	for i := range r.Len() {
		values = append(values, first(r, i)...)
	}
	return Field{Symbol: symbol(r) + "(t, x)", X: x, Y: r.Times(), Values: values}, nil
}

func oneDimensional(call string, r *simulate.Run) error {
	if err := usable(call, r); err != nil {
		return err
	}
	if d := r.Lattice().Dim(); d != 1 {
		return fmt.Errorf("%s: the lattice has %d dimensions, a space-time picture has room for 1; use Frame", call, d)
	}
	return nil
}

// first returns the first field of sites in frame i, of several neuron types the
// first.
func first(r *simulate.Run, i int) []float64 {
	return r.State(i).Arrays[siteField(r)][:r.Lattice().Sites()]
}

// siteField returns the number of the first field of sites, or −1.
func siteField(r *simulate.Run) int {
	return slices.IndexFunc(r.Fields(), func(f theory.Field) bool { return f.Role == theory.Sites })
}

// frameNumber returns the number of frame i, which counts from the end if it is
// negative.
func frameNumber(call string, r *simulate.Run, i int) (int, error) {
	if err := usable(call, r); err != nil {
		return 0, err
	}
	return frameIndex(call, r, i)
}

// frameIndex is frameNumber for a run that has frames of whatever fields.
func frameIndex(call string, r *simulate.Run, i int) (int, error) {
	k := i
	if k < 0 {
		k += r.Len()
	}
	if k < 0 || k >= r.Len() {
		return 0, fmt.Errorf("%s(%d): the run has frames 0 to %d, or −1 to −%d from the end", call, i, r.Len()-1, r.Len())
	}
	return k, nil
}

// plane returns values of a run in two dimensions as a field.
func plane(r *simulate.Run, symbol string, values []float64) Field {
	return Field{Symbol: symbol, X: r.Coordinates(0), Y: r.Coordinates(1), Values: across(r, values), Space: true}
}

// across turns values of a state, which run along y first, into those of an
// image, which run along x.
func across(r *simulate.Run, values []float64) []float64 {
	shape := r.Lattice().Shape()
	image := make([]float64, len(values))
	for i := range shape[0] {
		for j := range shape[1] {
			image[j*shape[0]+i] = values[i*shape[1]+j]
		}
	}
	return image
}

// moment says when a frame is.
func moment(r *simulate.Run, i int) string { return fmt.Sprintf("t = %.4g", r.Times()[i]) }

// Frame draws the first field of a run as it is in frame i: a curve on one
// dimension, an image on two, three slices through the largest value on three;
// see [Slices]. Of several neuron types it draws the first. A negative i counts
// from the end, −1 being the last frame. The figure has an error for a frame that
// does not exist.
func Frame(r *simulate.Run, i int) Figure {
	k, err := frameNumber("Frame", r, i)
	if err != nil {
		return Figure{err: err}
	}
	values := first(r, k)
	l := labels(r, "x", "y")
	l.Title += fmt.Sprintf(", t = %.6g", r.Times()[k])
	switch r.Lattice().Dim() {
	case 1:
		l.Y = symbol(r)
		return Lines(l, Series{X: r.Coordinates(0), Y: values})
	case 2:
		return Image(l, plane(r, symbol(r), values))
	default:
		return Slices(l, Volume{Symbol: symbol(r), X: r.Coordinates(0), Y: r.Coordinates(1), Z: r.Coordinates(2), Values: values})
	}
}

// Links draws the U(1) links of a run of a charged field or a gauge field as they
// are in frame i: their phases θ on a line or ring; on two dimensions the phase of
// each link, coloured, round the plaquettes, which are filled with their own, the
// flux q∮A; see [Phases]. A negative i counts from the end. The figure has an error
// for a model without links, for a frame that does not exist and for three
// dimensions.
func Links(r *simulate.Run, i int) Figure {
	if err := framed("Links", r); err != nil {
		return Figure{err: err}
	}
	linked, ok := r.Model.(theory.Linked)
	if !ok {
		return failed("Links: %s has no links; use a ChargedScalar, ChargedDirac or Maxwell model", r.Model.Theory())
	}
	k, err := frameIndex("Links", r, i)
	if err != nil {
		return Figure{err: err}
	}
	lat := r.Lattice()
	n := lat.Sites()
	theta := linked.LinkPhases(r.State(k))
	switch lat.Dim() {
	case 1:
		l := labels(r, "x", "θ")
		l.Title += ": links, " + moment(r, k)
		return Lines(l, Series{X: r.Coordinates(0), Y: theta})
	case 2:
		flux := make([]float64, n)
		for x := range flux {
			right, _ := lat.Neighbour(x, 0, 1)
			up, _ := lat.Neighbour(x, 1, 1)
			flux[x] = theta[x] + theta[n+right] - theta[up] - theta[n+x]
		}
		l := labels(r, "x", "y")
		l.Title += ": links, " + moment(r, k)
		return Phases(l, plane(r, "θ", flux), across(r, theta[:n]), across(r, theta[n:]))
	}
	return failed("Links: the lattice has %d dimensions; a picture has room for 1 or 2", lat.Dim())
}

// Snapshots draws the first field of a run at n equally spaced frames, first and
// last included: as curves coloured by time on a line or ring, as small pictures
// on one colour scale in two dimensions. The figure has an error for a run
// without frames, for n < 1 and for three dimensions.
func Snapshots(r *simulate.Run, n int) Figure {
	if err := usable("Snapshots", r); err != nil {
		return Figure{err: err}
	}
	d := r.Lattice().Dim()
	if d > 2 {
		return failed("Snapshots: the lattice has %d dimensions, small pictures have room for 2; use Frame", d)
	}
	if n < 1 {
		return failed("Snapshots(%d): draw at least 1 frame", n)
	}
	n = min(n, r.Len())
	times, curves := make([]float64, n), make([][]float64, n)
	titles, fields := make([]string, n), make([]Field, n)
	for k := range n {
		i := 0
		if n > 1 {
			i = k * (r.Len() - 1) / (n - 1)
		}
		times[k], curves[k] = r.Times()[i], first(r, i)
		if d == 2 {
			titles[k], fields[k] = moment(r, i), plane(r, symbol(r), first(r, i))
		}
	}
	if d == 2 {
		return Multiples(labels(r, "x", "y"), titles, fields...)
	}
	return Family(labels(r, "x", symbol(r)+"(t, x)"), r.Coordinates(0), "t", times, curves)
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

// Observable draws what an observer recorded, by name, over time: a curve for a number,
// as [observe.Loss] records one, or one curve for each of at most six numbers. The figure
// has an error if the run did not record it, or more numbers a record; the fields of an
// observable are drawn by [Image].
func Observable(r *simulate.Run, name string) Figure {
	if r == nil {
		return failed("Observable(%q): the run is nil; hand over what Run returned", name)
	}
	s, err := r.Observable(name)
	if err != nil {
		return Figure{err: err}
	}
	l := labels(r, "t", s.Symbol)
	l.Title += ": " + name
	numbers := len(s.Values) / max(1, len(s.Times))
	if numbers == 0 {
		return failed("Observable(%q): nothing was recorded", name)
	}
	if numbers > 6 {
		return failed("Observable(%q): %d numbers a record; at most 6 curves are drawn, draw a field with Image", name, numbers)
	}
	symbols := strings.Split(s.Symbol, ", ")
	curves := make([]Series, numbers)
	for k := range curves {
		curves[k].X = s.Times
		if numbers > 1 {
			curves[k].Name = fmt.Sprintf("%s %d", s.Symbol, k+1)
			if len(symbols) == numbers {
				curves[k].Name = symbols[k]
			}
		}
		for i := range s.Times {
			curves[k].Y = append(curves[k].Y, s.At(i)[k])
		}
	}
	if numbers > 1 {
		l.Y = name
	}
	return Lines(l, curves...)
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

// Orders draws what [convergence.Measure] measured as [Convergence] does, with a
// line of the nearest whole order to each. Labels name the axes, such as ε and
// the error. The figure has an error where that has one.
func Orders(l Labels, orders ...convergence.Order) Figure {
	studies := make([]Refinement, len(orders))
	for i, o := range orders {
		studies[i] = Refinement{Name: o.Name, H: o.Sizes, Error: o.Errors}
		if o.Fitted-o.Fitted == 0 { // errors of 0 have no order
			studies[i].Order = math.Round(o.Fitted)
		}
	}
	return Convergence(l, studies...)
}

// Weights draws the weights of the network that a model is: the symmetric and
// the antisymmetric part of its weight tensor w and, below, the tensor K of its
// dual loss ½xᵀKx with its spectrum, or the bias tensor B, its spectrum and its
// internal factors where biases act across neurons (spinors), or the spectrum of
// w. The symmetric part of w is pure gauge, its antisymmetric part and K are
// physics. The figure has an error if the model does not build.
func Weights(model theory.Builder) Figure {
	m, n, err := networkOf("Weights", model)
	if err != nil {
		return Figure{err: err}
	}
	types := neuronTypes(m, n.Weights.Size())
	row, note, err := parts("Weights", n.Weights, types)
	if err != nil {
		return Figure{err: err}
	}
	row[0].title, row[1].title = "w, symmetric part", "w, antisymmetric part"
	f := newFigure(Labels{Title: m.Card().Title + ": weights", Caption: parameters(m)}, row).note(note)

	var below []*panel
	judged, name := n.Weights, "w"
	dual, ok := n.Loss.(network.Dual)
	_, unit := dual.K.(weights.Identity)
	switch {
	case n.Bias != nil && (dual.K == nil || unit): // the activation takes the biases in by it: the physics of spinors
		judged, name = n.Bias, "B"
		b := afar(n.Bias)
		below = append(below, b.panel("bias tensor B", types, count(b.values).span))
	case ok && dual.K != nil:
		judged, name = dual.K, "K"
		k := afar(dual.K)
		below = append(below, k.panel("K of the dual loss", types, count(k.values).span))
	}
	p, note := spectrumOf(judged, 0.4)
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
	if n.Bias != nil {
		x := factors(n.Bias)
		if len(x) > 2 {
			x = x[:len(x)&^1] // two in a row, as above: an odd one would fill its row
		}
		for row := range slices.Chunk(x, 2) {
			f.panels = append(f.panels, row)
		}
	}
	return f.note(note)
}

// factors returns images of the internal factors of a sum of Kronecker products
// (neuron types ⊗ sites), up to four of them: the antisymmetric X_j of a Dirac
// field and its symmetric Y.
func factors(w weights.Tensor) (row []*panel) {
	terms := []weights.Tensor{w}
	if sum, ok := w.(*weights.Sum); ok {
		terms = sum.Terms()
	}
	for _, t := range terms {
		k, ok := t.(*weights.Kron)
		if !ok || len(row) == 4 {
			continue
		}
		types := k.Types()
		n := types.RawMatrix().Rows
		dense, err := weights.NewDense(n, types.RawMatrix().Data)
		if err != nil {
			continue // a factor that is not finite has no picture
		}
		kind := "factor"
		switch v := weights.Symmetry(dense); {
		case v.Antisymmetric:
			kind = "antisymmetric factor"
		case v.Symmetric:
			kind = "symmetric factor"
		}
		b := afar(dense)
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint(i + 1)
		}
		p := b.panel(kind, names, count(b.values).span)
		p.x.label, p.y.label, p.bar = "neuron type", "neuron type", nil // ±1 and 0 need no scale
		row = append(row, p)
	}
	return row
}

// Network draws the network of a small model as a graph: the tensor K of its dual
// loss ½xᵀKx, through which its neurons learn from each other, or the weights w
// where the loss is another; see [Graph]. The figure has an error if the model
// does not build, and for more than 60 neurons.
func Network(model theory.Builder) Figure {
	m, n, err := networkOf("Network", model)
	if err != nil {
		return Figure{err: err}
	}
	l := Labels{Title: m.Card().Title + ": weights w", Caption: parameters(m)}
	w := n.Weights
	if dual, ok := n.Loss.(network.Dual); ok && dual.K != nil {
		w, l.Title = dual.K, m.Card().Title+": K of the dual loss"
	}
	return Graph(l, w, neuronTypes(m, w.Size())...)
}

// networkOf builds a model and its network.
func networkOf(call string, model theory.Builder) (theory.Model, network.Network, error) {
	if model == nil {
		return nil, network.Network{}, fmt.Errorf("%s: the model is nil; hand over a builder such as nnfield.KleinGordon()", call)
	}
	m, err := model.Build()
	if err != nil {
		return nil, network.Network{}, err
	}
	// Weights may depend on the step; one at which leapfrog is stable.
	s, err := m.Network(1 / m.MaxFrequency(m.Initial()))
	if err != nil {
		return nil, network.Network{}, err
	}
	return m, s.Network(), nil
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
		types = append(types, typeSymbols(f)...)
		size += f.Len()
	}
	if size != n {
		return nil
	}
	return types
}

// typeSymbols names the neuron types of a field: φ, or φ_1, φ_2, …, or Re φ and
// Im φ of a doublet.
func typeSymbols(f theory.Field) []string {
	if len(f.Types) == 0 {
		return []string{f.Symbol}
	}
	names := make([]string, len(f.Types))
	for i, t := range f.Types {
		name, part := t, ""
		if rest, ok := strings.CutSuffix(t, "re"); ok {
			name, part = strings.TrimSpace(rest), "Re "
		} else if rest, ok := strings.CutSuffix(t, "im"); ok {
			name, part = strings.TrimSpace(rest), "Im "
		}
		names[i] = part + f.Symbol
		if name != "" {
			names[i] += "_{" + name + "}"
		}
	}
	return names
}

// usable returns why a run cannot be drawn.
func usable(call string, r *simulate.Run) error {
	if err := framed(call, r); err != nil {
		return err
	}
	if siteField(r) < 0 {
		return fmt.Errorf("%s: %s has no field of sites; draw its links with Links, or what was observed", call, r.Model.Theory())
	}
	return nil
}

// framed returns why a run has nothing to draw from.
func framed(call string, r *simulate.Run) error {
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
		case "neurons":
			if !strings.Contains(row.Value.Text, "\n") { // they have no place
				parts[0] = row.Value.Text
			}
		case "weights", "step", "invariants", "dual loss", "gradient", "as a network", "assumed":
		default:
			if !strings.Contains(row.Value.Text, "\n") {
				parts = append(parts, row.Value.Text)
			}
		}
	}
	return strings.Join(parts, "; ")
}

// symbol names what first returns.
func symbol(r *simulate.Run) string { return typeSymbols(r.Fields()[siteField(r)])[0] }
