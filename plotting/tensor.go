package plotting

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/weights"
	"github.com/nnfield/nnfield/plotting/colormap"
)

// Tensor draws a weight tensor: its symmetric part ½(W + Wᵀ), its antisymmetric
// part ½(W − Wᵀ), its spectrum and its singular values, the first two as images on
// one colour scale, row i downward and column j to the right as matrices are
// written. Types names
// the neuron types, of equally many sites each; with several the images are
// divided into blocks. Where a pixel covers several weights it shows the one
// farthest from 0.
//
// The spectrum is sorted if it is real to round-off, else drawn in the complex
// plane; where there is none to be had, the reason is given below.
//
// The figure has an error if the number of neurons is 0 or not a multiple of the
// number of types, or if no weight is finite.
func Tensor(l Labels, w weights.Tensor, types ...string) Figure {
	row, notes, err := parts("Tensor", w, types)
	if err != nil {
		return Figure{err: err}
	}
	f := newFigure(l, row).note(notes)
	aspect := 0.4
	q, note := singularValuesOf(w)
	if q != nil {
		aspect = q.aspect
	}
	var below []*panel
	p, says := spectrumOf(w, aspect)
	if p != nil {
		below = append(below, p)
	}
	if q != nil {
		below = append(below, q)
	}
	if len(below) > 0 {
		f.panels = append(f.panels, below)
	}
	return f.note(says).note(note)
}

// parts returns the symmetric and the antisymmetric part of a tensor as images
// on one colour scale, and what is to be said about them.
func parts(call string, w weights.Tensor, types []string) (row []*panel, note string, err error) {
	n := w.Size()
	if n == 0 {
		return nil, "", fmt.Errorf("%s: a weight tensor of no neurons; give at least one", call)
	}
	if len(types) > 0 && n%len(types) != 0 {
		return nil, "", fmt.Errorf("%s: %d neurons are not %d types of equally many; name the types of this tensor", call, n, len(types))
	}
	sym, anti := afar(weights.SymmetricPart(w)), afar(weights.AntisymmetricPart(w))
	all, ca := count(sym.values), count(anti.values)
	if !all.seen && !ca.seen {
		return nil, "", fmt.Errorf("%s: no weight of %v is finite; there is nothing to draw", call, w)
	}
	if ca.lo == 0 && ca.hi == 0 && ca.nan+ca.inf == 0 {
		note = "The weights are symmetric: the antisymmetric part is 0."
	}
	all.join(ca.span)
	all.nan, all.inf = all.nan+ca.nan, all.inf+ca.inf
	row = []*panel{sym.panel("symmetric part", types, all.span), anti.panel("antisymmetric part", types, all.span)}
	row[0].bar = nil // one for both
	return row, join(note, all.remark("weight")), nil
}

// blocks is a large matrix seen from afar: each block shows the entry farthest
// from 0.
type blocks struct {
	n, side int // neurons; blocks along a side
	values  []float64
	edges   []float64
}

// mostBlocks is more than the pixels a matrix has in a figure.
const mostBlocks = 1024

// afar returns the blocks of a tensor.
func afar(w weights.Tensor) *blocks {
	n := w.Size()
	b := &blocks{n: n, side: min(n, mostBlocks)}
	b.values = make([]float64, b.side*b.side)
	b.edges = make([]float64, b.side+1)
	for i := range b.edges {
		b.edges[i] = float64(i)*float64(n)/float64(b.side) - 0.5
	}
	at := func(i int) int { return int(int64(i) * int64(b.side) / int64(b.n)) }
	for i := range n {
		row := b.values[at(i)*b.side:]
		w.Row(i, func(j int, v float64) {
			// Written so that a NaN stays and is seen.
			if old := &row[at(j)]; !(math.Abs(v) <= math.Abs(*old)) && !math.IsNaN(*old) {
				*old = v
			}
		})
	}
	return b
}

// panel draws the blocks with colours for the weights in a span.
func (b *blocks) panel(title string, types []string, s span) *panel {
	colours, values := palette(s, colormap.Balance)
	return &panel{
		title: title, aspect: 1, rigid: true,
		x: b.axis("neuron j", types, false), y: b.axis("neuron i", types, true),
		marks: append([]mark{&raster{b.values, b.edges, b.edges, colours, values}}, b.rules(types)...),
		bar:   &bar{label: "weight", colours: colours, values: values},
	}
}

// axis numbers the neurons, or names their types.
func (b *blocks) axis(label string, types []string, flip bool) axis {
	a := axis{label: label, flip: flip}
	if len(types) > 1 {
		sites := float64(b.n) / float64(len(types))
		for k, name := range types {
			a.blocks = append(a.blocks, block{name, float64(k)*sites - 0.5, float64(k+1)*sites - 0.5})
		}
	}
	return a
}

// rules returns the lines between the types.
func (b *blocks) rules(types []string) []mark {
	var marks []mark
	for k := 1; k < len(types); k++ {
		at := float64(k*b.n/len(types)) - 0.5
		marks = append(marks, rule{at: at}, rule{at: at, vertical: true})
	}
	return marks
}

// spectrumOf returns a panel of the eigenvalues of a tensor, sorted if they are
// real to round-off, else in the complex plane, and what is to be said about
// them. The panel is nil if there are none to be had.
func spectrumOf(w weights.Tensor, aspect float64) (p *panel, note string) {
	e, err := weights.Spectrum(w)
	if err != nil {
		return nil, err.Error() + "."
	}
	if !e.Complete {
		note = "The spectrum is a part: " + e.Method + "."
	}
	re, im := make([]float64, len(e.Values)), make([]float64, len(e.Values))
	largest, turned := 0.0, 0.0
	for i, z := range e.Values {
		re[i], im[i] = real(z), imag(z)
		largest = max(largest, math.Abs(re[i]), math.Abs(im[i]))
		turned = max(turned, math.Abs(im[i]))
	}
	p = &panel{title: "spectrum", inward: true, aspect: aspect, x: axis{margin: 0.04}, y: axis{margin: 0.08}}
	c := curve{x: re, y: im, points: true, ink: numbered(0)}
	if turned <= 1e-9*largest {
		slices.Sort(re)
		c.x, c.y = make([]float64, len(re)), re
		for i := range c.x {
			c.x[i] = float64(i)
		}
		p.x.label, p.y.label = "number", "eigenvalue λ"
	} else {
		p.x.label, p.y.label = "Re λ", "Im λ"
		p.equalUnits(c)
	}
	p.marks = []mark{rule{at: 0}, rule{at: 0, vertical: true}, c}
	return p, note
}

// singularValuesOf returns a panel of the singular values of a tensor, the
// largest first, or what keeps them from being had.
func singularValuesOf(w weights.Tensor) (p *panel, note string) {
	const most = 512 // takes half a second
	n := w.Size()
	if n > most {
		return nil, fmt.Sprintf("Singular values are drawn for up to %d neurons.", most)
	}
	m, err := weights.Matrix(w)
	if err != nil {
		return nil, err.Error() + "."
	}
	for _, v := range m.RawMatrix().Data {
		if v-v != 0 {
			return nil, "Weights that are NaN or infinite leave no singular values."
		}
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return nil, "The singular values did not converge."
	}
	number := make([]float64, n)
	for i := range number {
		number[i] = float64(i)
	}
	return &panel{
		title: "singular values", inward: true, aspect: 0.8,
		x: axis{label: "number", margin: 0.04}, y: axis{label: "σ", margin: 0.05, reach: span{0, 0, true}},
		marks: []mark{curve{x: number, y: svd.Values(nil), points: true, ink: numbered(0)}},
	}, ""
}

// equalUnits widens the axes about a curve until equal numbers have equal
// lengths on both: a circle is round.
func (p *panel) equalUnits(c curve) {
	p.rigid = true
	x, y := c.extent(false, false)
	unit := 1.1 * max(x.hi-x.lo, (y.hi-y.lo)/p.aspect) // numbers across the frame
	widen := func(s span, width float64) span {
		mid := s.lo/2 + s.hi/2
		return span{mid - width/2, mid + width/2, true}
	}
	p.x.reach, p.y.reach = widen(x, unit), widen(y, unit*p.aspect)
	p.x.margin, p.y.margin = 0, 0
}
