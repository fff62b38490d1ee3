package plotting

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// Multiples draws fields of one quantity as small pictures on one colour scale
// and one pair of axes, such as a field at several times. Each has a title. The
// colour map and [Colouring] are those of the first field.
//
// The figure has an error where [Image] has one, if there are no fields, and if
// the numbers of titles and fields differ.
func Multiples(l Labels, titles []string, fields ...Field) Figure {
	f, err := multiples("Multiples", l, titles, fields)
	if err != nil {
		return Figure{err: err}
	}
	f.grid.shared = true
	return f
}

// multiples returns a grid of fields on one colour scale.
func multiples(call string, l Labels, titles []string, fields []Field) (Figure, error) {
	if len(fields) == 0 {
		return Figure{}, fmt.Errorf("%s: no fields; give at least one", call)
	}
	if len(titles) != len(fields) {
		return Figure{}, fmt.Errorf("%s: %d titles for %d fields; give one for each", call, len(titles), len(fields))
	}
	var all census
	panels := make([]*panel, len(fields))
	for i, field := range fields {
		p, _, err := field.panel(call, l)
		if err != nil {
			return Figure{}, fmt.Errorf("%w (%s)", err, titles[i])
		}
		panels[i] = p
		c := count(field.Values)
		all.join(c.span)
		all.nan, all.inf = all.nan+c.nan, all.inf+c.inf
	}
	colours, values := fields[0].Colouring.palette(all.span, fields[0].Colours)
	g := mosaic{columns: columnsFor(len(fields)), dense: true, bar: &bar{label: fields[0].Symbol, colours: colours, values: values}}
	for i, p := range panels {
		r := p.marks[0].(*raster)
		r.colours, r.limits = colours, values
		p.bar = nil
		g.parts = append(g.parts, part(titles[i], p))
	}
	return compose(l, g).note(all.remark(fields[0].Symbol)), nil
}

// columnsFor returns how many columns show n small pictures well.
func columnsFor(n int) int {
	if n <= 3 {
		return n
	}
	return int(math.Ceil(math.Sqrt(float64(n))))
}

// Volume is a real field in space: Values[(i·len(Y) + j)·len(Z) + k] is its value
// at (X[i], Y[j], Z[k]), the order of a state.
type Volume struct {
	Symbol  string
	X, Y, Z []float64 // ascending
	Values  []float64

	// At is the place the slices go through; the zero value, nil, is where the
	// absolute value is largest.
	At []float64

	Colours   colormap.Map
	Colouring Colouring
}

// Slices draws a field in space as three slices through a place, along each
// pair of axes, on one colour scale. Equal lengths are drawn equal.
//
// The figure has an error if Values has not len(X)·len(Y)·len(Z) elements or
// none that is finite, if an axis does not ascend, and if At is not three
// numbers.
func Slices(l Labels, v Volume) Figure {
	nx, ny, nz := len(v.X), len(v.Y), len(v.Z)
	if nx*ny*nz == 0 || len(v.Values) != nx*ny*nz {
		return failed("Slices: %d values on a grid of %d×%d×%d; give %d, z fastest", len(v.Values), nx, ny, nz, nx*ny*nz)
	}
	if v.At != nil && len(v.At) != 3 {
		return failed("Slices: a place of %d coordinates; give x, y and z, or none for the largest value", len(v.At))
	}
	var at [3]int
	if v.At == nil {
		best := 0
		for i, x := range v.Values {
			if x-x == 0 && !(math.Abs(x) <= math.Abs(v.Values[best])) {
				best = i
			}
		}
		at = [3]int{best / (ny * nz), best / nz % ny, best % nz}
	} else {
		for k, axis := range [][]float64{v.X, v.Y, v.Z} {
			at[k] = nearest(axis, v.At[k])
		}
	}
	value := func(i, j, k int) float64 { return v.Values[(i*ny+j)*nz+k] }
	slice := func(x, y []float64, value func(i, j int) float64) Field {
		f := Field{Symbol: v.Symbol, X: x, Y: y, Colours: v.Colours, Colouring: v.Colouring, Space: true}
		for j := range y {
			for i := range x {
				f.Values = append(f.Values, value(i, j))
			}
		}
		return f
	}
	through := func(axis string, at float64) string { return axis + " = " + minus(fmt.Sprintf("%.4g", at)) }
	f, err := multiples("Slices", l,
		[]string{through("z", v.Z[at[2]]), through("y", v.Y[at[1]]), through("x", v.X[at[0]])},
		[]Field{
			slice(v.X, v.Y, func(i, j int) float64 { return value(i, j, at[2]) }),
			slice(v.X, v.Z, func(i, k int) float64 { return value(i, at[1], k) }),
			slice(v.Y, v.Z, func(j, k int) float64 { return value(at[0], j, k) }),
		})
	if err != nil {
		return Figure{err: err}
	}
	for i, names := range [][2]string{{"x", "y"}, {"x", "z"}, {"y", "z"}} {
		p := f.grid.parts[i].panels[0][0]
		p.x.label, p.y.label = names[0], names[1]
	}
	return f
}

// nearest returns the index of the number of an ascending axis nearest to v.
func nearest(axis []float64, v float64) int {
	i, _ := slices.BinarySearch(axis, v)
	if i == len(axis) || i > 0 && v-axis[i-1] < axis[i]-v {
		i--
	}
	return i
}

// Symmetric draws the components of a symmetric tensor field, such as a metric
// g_μν, as a triangle: g[i] holds components (i, 0) to (i, i), each with its own
// colour bar and its symbol for a title.
//
// The figure has an error where [Image] has one, and if row i has not i + 1
// components.
func Symmetric(l Labels, g [][]Field) Figure {
	if len(g) == 0 {
		return failed("Symmetric: no components; give at least one")
	}
	m := mosaic{columns: len(g), dense: true}
	var notes string
	for i, row := range g {
		if len(row) != i+1 {
			return failed("Symmetric: row %d has %d components; the triangle of a symmetric tensor has %d there", i, len(row), i+1)
		}
		for j := range g {
			if j > i {
				m.parts = append(m.parts, Figure{})
				continue
			}
			p, note, err := row[j].panel("Symmetric", l)
			if err != nil {
				return failed("%w (%s)", err, row[j].Symbol)
			}
			p.bar.label = ""
			notes = join(notes, note)
			m.parts = append(m.parts, part(row[j].Symbol, p))
		}
	}
	return compose(l, m).note(notes)
}

// Arrows draws a vector field, such as a current, as arrows over a field, such as
// its density: u and v are its components along x and y, laid out as the values
// of the field. As many samples have an arrow as there is room for; the length of
// an arrow is proportional to the vector, and the largest is told below.
//
// The figure has an error where [Image] has one, if u or v has another length
// than the field, and if no vector is finite.
func Arrows(l Labels, f Field, symbol string, u, v []float64) Figure {
	p, note, err := f.panel("Arrows", l)
	if err != nil {
		return Figure{err: err}
	}
	if len(u) != len(f.Values) || len(v) != len(f.Values) {
		return failed("Arrows: %d and %d components of %s on %d samples; give one of each for a sample", len(u), len(v), symbol, len(f.Values))
	}
	var lengths span
	for i := range u {
		lengths.add(math.Hypot(u[i], v[i]))
	}
	if !lengths.seen {
		return failed("Arrows: all %d vectors are NaN or infinite; there is nothing to draw", len(u))
	}
	if lengths.hi > 0 {
		p.marks = append(p.marks, arrows{f.X, f.Y, u, v, lengths.hi})
	}
	fig := newFigure(l, []*panel{p}).note(note).narrowed()
	return fig.note(fmt.Sprintf("Arrows: %s, the largest |%s| = %s.", symbol, symbol, minus(fmt.Sprintf("%.3g", lengths.hi))))
}

// Difference draws two fields of one grid on one colour scale and beside them
// their difference a − b on its own.
//
// The figure has an error where [Image] has one, and if the grids differ.
func Difference(l Labels, nameA, nameB string, a, b Field) Figure {
	if !slices.Equal(a.X, b.X) || !slices.Equal(a.Y, b.Y) || len(a.Values) != len(b.Values) {
		return failed("Difference: the fields have grids of %d×%d and %d×%d values with other coordinates; give two on one grid", len(a.X), len(a.Y), len(b.X), len(b.Y))
	}
	d := a
	d.Colours, d.Symbol = colormap.Balance, "Δ"+a.Symbol
	d.Values = make([]float64, len(a.Values))
	for i := range d.Values {
		d.Values[i] = a.Values[i] - b.Values[i]
	}
	both, err := multiples("Difference", l, []string{nameA, nameB}, []Field{a, b})
	if err != nil {
		return Figure{err: err}
	}
	p, note, err := d.panel("Difference", l)
	if err != nil {
		return Figure{err: err}
	}
	p.bar.label = ""
	second := both.grid.parts[1].panels[0][0]
	second.bar, both.grid.bar = both.grid.bar, nil
	second.bar.label = ""
	both.grid.columns = 3
	both.grid.parts = append(both.grid.parts, part("difference Δ"+a.Symbol, p))
	for _, f := range both.grid.parts {
		if q := f.panels[0][0]; !q.rigid { // narrow pictures are better high
			q.aspect = 1.2
		}
	}
	return both.note(note)
}
