package plotting

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Wave draws a complex field of a run as [Complex] does: over x and t on a line
// or ring, and its last frame in two dimensions. It is the doublet (Re φ, Im φ) of
// a charged field; of other models ψ = φ + iβ, whose parts are their first two
// fields. One of several components is chosen by number, from 0.
//
// The figure has an error for a run without frames or without such fields, for a
// component that does not exist and for three dimensions.
func Wave(r *simulate.Run, number int) Figure {
	if err := usable("Wave", r); err != nil {
		return Figure{err: err}
	}
	all, err := components("Wave", r)
	if err != nil {
		return Figure{err: err}
	}
	if number < 0 || number >= len(all) {
		return failed("Wave: there is no component %d; the field has components 0 to %d", number, len(all)-1)
	}
	c := all[number]
	x := r.Coordinates(0)
	switch d := r.Lattice().Dim(); d {
	case 1:
		f := ComplexField{Symbol: c.name, X: x, Y: r.Times()}
		for i := range r.Len() {
			re, im := c.of(r, i)
			f.Re, f.Im = append(f.Re, re...), append(f.Im, im...)
		}
		l := labels(r, "x", "t")
		l.Title += ": " + c.name + "(t, x)"
		return Complex(l, f)
	case 2:
		last := r.Len() - 1
		l := labels(r, "x", "y")
		l.Title += ": " + c.name + ", " + moment(r, last)
		return Complex(l, complexPlane(r, last, c))
	default:
		return failed("Wave: the lattice has %d dimensions; a picture of a wave has room for 1 or 2", d)
	}
}

// Spinor draws all components of the complex field of [Wave] in frame i: the real and the
// imaginary part of each as curves on a line or ring, or each as [Complex] does,
// to one scale of modulus, in two dimensions. A negative i counts from the end.
//
// The figure has an error where [Wave] has one, and for a frame that does not
// exist.
func Spinor(r *simulate.Run, i int) Figure {
	k, err := frameNumber("Spinor", r, i)
	if err != nil {
		return Figure{err: err}
	}
	if d := r.Lattice().Dim(); d > 2 {
		return failed("Spinor: the lattice has %d dimensions; a picture of a wave has room for 1 or 2", d)
	}
	l := labels(r, "x", "y")
	l.Title += fmt.Sprintf(", %s", moment(r, k))
	all, err := components("Spinor", r)
	if err != nil {
		return Figure{err: err}
	}
	if r.Lattice().Dim() == 2 {
		fields := make([]ComplexField, len(all))
		for i, c := range all {
			fields[i] = complexPlane(r, k, c)
		}
		return Components(l, fields...)
	}
	m := mosaic{columns: min(2, len(all))}
	for _, c := range all {
		re, im := c.of(r, k)
		x := r.Coordinates(0)
		p, err := linePanel("Spinor", Labels{X: "x", Y: c.name},
			[]Series{{Name: "Re " + c.name, X: x, Y: re}, {Name: "Im " + c.name, X: x, Y: im}})
		if err != nil {
			return Figure{err: err}
		}
		m.parts = append(m.parts, part("", p))
	}
	return compose(l, m)
}

// component says where the parts of a complex field are in a state: each is a
// stretch of one array.
type component struct {
	name             string
	reArray, imArray int
	reFirst, imFirst int
}

// components returns the complex fields of a run: the doublets "re", "im" of
// neuron types that charged fields are made of, or ψ = φ + iβ.
func components(call string, r *simulate.Run) ([]component, error) {
	f, k, n := r.Fields(), siteField(r), r.Lattice().Sites()
	var all []component
	names := typeSymbols(f[k])
	for i := 0; i+1 < len(names); i += 2 {
		re, isRe := strings.CutPrefix(names[i], "Re ")
		im, isIm := strings.CutPrefix(names[i+1], "Im ")
		if isRe && isIm && re == im {
			all = append(all, component{re, k, k, i * n, (i + 1) * n})
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	if k+1 >= len(f) || f[k+1].Role != theory.Sites || f[k].Len() != f[k+1].Len() {
		return nil, fmt.Errorf("%s: %s has no second field of as many neurons to be the imaginary part", call, r.Model.Theory())
	}
	for i := range names {
		c := component{"ψ", k, k + 1, i * n, i * n}
		if len(names) > 1 {
			c.name = fmt.Sprintf("ψ_{%s}", f[k].Types[i])
		}
		all = append(all, c)
	}
	return all, nil
}

// of returns the real and the imaginary part in a frame.
func (c component) of(r *simulate.Run, frame int) (re, im []float64) {
	n, s := r.Lattice().Sites(), r.State(frame)
	return s.Arrays[c.reArray][c.reFirst : c.reFirst+n], s.Arrays[c.imArray][c.imFirst : c.imFirst+n]
}

func complexPlane(r *simulate.Run, frame int, c component) ComplexField {
	re, im := c.of(r, frame)
	return ComplexField{Symbol: c.name, X: r.Coordinates(0), Y: r.Coordinates(1), Re: across(r, re), Im: across(r, im), Space: true}
}

// Charge draws the charge density ρ of a run: over x and t on a line or ring; in
// two dimensions frame i with the current as arrows. A negative i counts from
// the end; it has no meaning in one dimension, where all frames are drawn.
//
// The figure has an error for a model whose charge does not flow (see
// theory.Charged), for a frame that does not exist and for three dimensions.
func Charge(r *simulate.Run, i int) Figure {
	k, err := frameNumber("Charge", r, i)
	if err != nil {
		return Figure{err: err}
	}
	m, ok := r.Model.(theory.Charged)
	if !ok {
		return failed("Charge: %s has no charge that flows; draw its energy", r.Model.Theory())
	}
	n := r.Lattice().Sites()
	snapshot := func(i int) theory.Snapshot { return theory.Snapshot{State: r.State(i), Epsilon: r.Step} }
	switch d := r.Lattice().Dim(); d {
	case 1:
		f := Field{Symbol: "ρ(t, x)", X: r.Coordinates(0), Y: r.Times(), Values: make([]float64, n*r.Len())}
		for i := range r.Len() {
			m.ChargeDensity(f.Values[i*n:(i+1)*n], snapshot(i))
		}
		l := labels(r, "x", "t")
		l.Title += ": charge density"
		return Image(l, f)
	case 2:
		rho, current := make([]float64, n), make([]float64, 2*n)
		m.ChargeDensity(rho, snapshot(k))
		m.Current(current, snapshot(k))
		l := labels(r, "x", "y")
		l.Title += ": charge and current, " + moment(r, k)
		return Arrows(l, plane(r, "ρ", rho), "j", across(r, current[:n]), across(r, current[n:]))
	default:
		return failed("Charge: the lattice has %d dimensions; a picture has room for 1 or 2", d)
	}
}

// Power draws the power spectrum of the first field at some frames, all by
// logarithmic axes: the mean |φ_k|² of the modes of equal |k|; see
// [observe.PowerSpectrum]. Without frames it draws the first and the last.
//
// The figure has an error where that has one.
func Power(r *simulate.Run, frames ...int) Figure {
	if err := usable("Power", r); err != nil {
		return Figure{err: err}
	}
	if len(frames) == 0 {
		frames = []int{0, -1}
	}
	var series []Series
	for _, i := range frames {
		i, err := frameNumber("Power", r, i)
		if err != nil {
			return Figure{err: err}
		}
		k, power, err := observe.PowerSpectrum(r, i)
		if err != nil {
			return Figure{err: err}
		}
		series = append(series, Series{Name: moment(r, i), X: k, Y: power})
	}
	l := labels(r, "|k|", "|"+r.Fields()[0].Symbol+"_k|²")
	l.Title += ": power spectrum"
	return LogLog(l, series...)
}

// Frequencies draws the power of a run on a ring over wave number and frequency,
// ω(k) of its theory over it, lattice and integrator included: waves that run to
// the right have k > 0. Colours are logarithmic over 8 decades. It takes what
// [observe.FrequencySpectrum] takes; the figure has an error where that has one.
func Frequencies(r *simulate.Run) Figure {
	if err := usable("Frequencies", r); err != nil {
		return Figure{err: err}
	}
	s, err := observe.FrequencySpectrum(r)
	if err != nil {
		return Figure{err: err}
	}
	// Above all branches there is nothing to see.
	branch := Series{Name: "ω(k) of the theory", X: s.K}
	highest := 0.0
	for _, k := range s.K {
		w, err := observe.Branch(r, k)
		if err != nil { // a theory without one
			branch.Name = ""
			w = math.NaN()
		}
		branch.Y = append(branch.Y, w)
		if w-w == 0 {
			highest = max(highest, w)
		}
	}
	rows := len(s.Omega)
	if highest > 0 {
		rows = min(rows, nearest(s.Omega, 1.15*highest)+1)
	}
	l := labels(r, "k", "ω")
	l.Title += ": frequency spectrum"
	f := Field{Symbol: "|" + r.Fields()[0].Symbol + "(k, ω)|²", X: s.K, Y: s.Omega[:rows], Values: s.Power[:rows*len(s.K)], Colouring: LogColours(8)}
	if highest == 0 {
		return Image(l, f)
	}
	return Image(l, f, branch)
}

// Orbits draws φ and its momentum β at the site nearest to a place against each
// other over the whole run; see [Portrait]. There is an orbit for each neuron
// type.
//
// The figure has an error where [Wave] has one, and if the place has not one
// coordinate for each axis.
func Orbits(r *simulate.Run, at ...float64) Figure {
	if err := usable("Orbits", r); err != nil {
		return Figure{err: err}
	}
	f, l := r.Fields()[siteField(r):], r.Lattice()
	if len(f) < 2 || f[0].Len() != f[1].Len() {
		return failed("Orbits: %s has no second field of as many neurons to be the momentum", r.Model.Theory())
	}
	if len(at) != l.Dim() {
		return failed("Orbits: %d coordinates on a lattice of %d dimensions; give one for each axis", len(at), l.Dim())
	}
	site := 0
	for j, x := range at {
		site += nearest(r.Coordinates(j), x) * l.Stride(j)
	}
	names, n := typeSymbols(f[0]), l.Sites()
	orbits := make([]Series, len(names))
	for c := range orbits {
		if len(names) > 1 {
			orbits[c].Name = names[c]
		}
		for i := range r.Len() {
			a := r.State(i).Arrays[siteField(r):]
			orbits[c].X = append(orbits[c].X, a[0][c*n+site])
			orbits[c].Y = append(orbits[c].Y, a[1][c*n+site])
		}
	}
	words := labels(r, f[0].Symbol, f[1].Symbol)
	var place []string
	for j := range at {
		place = append(place, fmt.Sprintf("%s = %.4g", []string{"x", "y", "z"}[j], r.Coordinates(j)[site/l.Stride(j)%l.Shape()[j]]))
	}
	words.Title += ": orbit at " + place[0]
	for _, p := range place[1:] {
		words.Title += ", " + p
	}
	return Portrait(words, orbits...)
}

// Compare draws two runs on one lattice and their difference: over x and t on a
// line or ring, their last frames in two dimensions. Both have frames at the
// same times, to 1e-9 of the last.
//
// The figure has an error if lattices or times differ, and for three dimensions.
func Compare(a, b *simulate.Run) Figure {
	for _, r := range []*simulate.Run{a, b} {
		if err := usable("Compare", r); err != nil {
			return Figure{err: err}
		}
	}
	d := a.Lattice().Dim()
	switch {
	case d > 2:
		return failed("Compare: the lattice has %d dimensions; a picture has room for 1 or 2", d)
	case d != b.Lattice().Dim():
		return failed("Compare: the lattices have %d and %d dimensions; compare runs on one lattice", d, b.Lattice().Dim())
	}
	for j := range d {
		if !slices.Equal(a.Coordinates(j), b.Coordinates(j)) {
			return failed("Compare: the lattices differ along axis %d; compare runs on one lattice", j)
		}
	}
	same := func(t, u float64) bool { return math.Abs(t-u) <= 1e-9*math.Abs(a.Times()[a.Len()-1]) }
	if !slices.EqualFunc(a.Times(), b.Times(), same) {
		return failed("Compare: the runs have %d and %d frames at other times; give both the same Frames, such as AtTimes", a.Len(), b.Len())
	}
	l := labels(a, "x", "t")
	l.Caption = "A: " + l.Caption + "\nB: " + labels(b, "", "").Caption
	if d == 2 {
		last := a.Len() - 1
		l.Y = "y"
		l.Title += ", " + moment(a, last)
		return Difference(l, "A", "B", plane(a, symbol(a), first(a, last)), plane(b, symbol(a), first(b, last)))
	}
	f, err := worldSheet("Compare", a)
	if err != nil {
		return Figure{err: err}
	}
	g, err := worldSheet("Compare", b)
	if err != nil {
		return Figure{err: err}
	}
	f.Symbol, g.Symbol, g.Y = symbol(a), symbol(a), f.Y
	return Difference(l, "A", "B", f, g)
}
