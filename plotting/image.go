package plotting

import (
	"fmt"
	"image/color"
	"math"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// Field is a real field sampled on a rectangular grid: Values[j·len(X) + i] is
// its value at (X[i], Y[j]).
type Field struct {
	Symbol string    // names the colour bar, such as "φ"
	X, Y   []float64 // ascending
	Values []float64

	// Colours is the colour map; the zero Map lets the values choose: Balance,
	// symmetric about zero, if both signs occur, else Viridis.
	Colours colormap.Map

	// Colouring spreads the colours over the values; the zero Colouring evenly.
	Colouring Colouring

	// Space says that both axes are lengths: equal lengths are drawn equal.
	Space bool
}

// Image draws a field as a picture with a colour bar, x to the right and y
// upward. One sample fills one cell; where there are more samples than pixels
// the extrema stay (spikes are never lost).
//
// NaN is grey and an infinite value has the colour at the end of the scale;
// both are counted below the picture. The figure has an error if there are no
// values, if their number is not len(X)·len(Y), if all are NaN or infinite, or
// if X or Y does not ascend.
//
// Curves may be drawn over it, dashed; they do not widen the axes.
func Image(l Labels, f Field, over ...Series) Figure {
	p, note, err := f.panel("Image", l)
	if err != nil {
		return Figure{err: err}
	}
	for _, s := range over {
		if err := s.check("Image"); err != nil {
			return Figure{err: err}
		}
		p.over(s)
	}
	return newFigure(l, []*panel{p}).note(join(note, gaps(over...))).narrowed()
}

// over puts a curve on the image of a panel.
func (p *panel) over(s Series) {
	c := curve{x: s.X, y: s.Y, points: s.Points, dashed: true, ink: black}
	p.marks = append(p.marks, overlay{c})
	if s.Name != "" {
		c.ink = func(t Theme) color.NRGBA { return t.ink }
		p.legend = append(p.legend, entry{c, s.Name})
	}
}

// overlay is a curve upon an image: black on a white lining, so that it is seen
// on any colour. It does not widen the axes.
type overlay struct{ curve }

func (overlay) extent(_, _ bool) (x, y span) { return }

func (o overlay) draw(p *pen, f frame) {
	lining := o.curve
	lining.dashed, lining.ink = false, func(Theme) color.NRGBA { return color.NRGBA{255, 255, 255, 170} }
	lining.draw(p, f)
	o.curve.draw(p, f)
}

func black(Theme) color.NRGBA { return color.NRGBA{A: 255} }

// panel returns the panel of a field and the remark about it.
func (f Field) panel(call string, l Labels) (*panel, string, error) {
	nx, ny := len(f.X), len(f.Y)
	if nx == 0 || ny == 0 {
		return nil, "", fmt.Errorf("%s: a field of %d×%d values; give at least one", call, nx, ny)
	}
	if len(f.Values) != nx*ny {
		return nil, "", fmt.Errorf("%s: %d values on a grid of %d×%d; give %d, row after row", call, len(f.Values), nx, ny, nx*ny)
	}
	c := count(f.Values)
	if !c.seen {
		return nil, "", fmt.Errorf("%s: all %d values are NaN or infinite; there is nothing to draw", call, len(f.Values))
	}
	xEdges, err := edges(f.X)
	if err != nil {
		return nil, "", fmt.Errorf("%s: x %w", call, err)
	}
	yEdges, err := edges(f.Y)
	if err != nil {
		return nil, "", fmt.Errorf("%s: y %w", call, err)
	}
	colours, values := f.Colouring.palette(c.span, f.Colours)
	p := &panel{
		x: axis{label: l.X}, y: axis{label: l.Y},
		marks:  []mark{&raster{f.Values, xEdges, yEdges, colours, values}},
		bar:    &bar{label: f.Symbol, colours: colours, values: values},
		aspect: 0.62,
	}
	if f.Space {
		// Beyond a factor of 8 equal lengths would leave nothing to see.
		ratio := (yEdges[ny] - yEdges[0]) / (xEdges[nx] - xEdges[0])
		if ratio >= 0.125 && ratio <= 8 {
			p.aspect, p.rigid = ratio, true
		}
	}
	return p, c.remark(f.Symbol), nil
}

// Colouring says how colours are spread over values: evenly, or by
// [LogColours] or [SymLogColours].
type Colouring struct {
	log     bool
	decades float64
}

// LogColours spreads colours logarithmically over the given number of decades
// below the largest value. What is smaller, zero or negative has the colour of
// the low end.
func LogColours(decades float64) Colouring { return Colouring{true, decades} }

// SymLogColours spreads colours logarithmically on either side of zero, over the
// given number of decades below the largest absolute value, and evenly between:
// weak and strong parts of a signed field in one picture.
func SymLogColours(decades float64) Colouring { return Colouring{false, decades} }

// palette returns the map and the scale for values in a span.
func (c Colouring) palette(s span, m colormap.Map) (colormap.Map, scale) {
	if !(c.decades > 0) {
		return palette(s, m)
	}
	largest := max(math.Abs(s.lo), math.Abs(s.hi))
	fraction := math.Pow(10, -min(c.decades, 300))
	switch {
	case c.log && s.hi > 0:
		if m == (colormap.Map{}) {
			m = colormap.Viridis
		}
		return m, logarithmic(span{max(s.hi*fraction, 1e-307), s.hi, true}, 0)
	case !c.log && largest*fraction > tiny:
		if m == (colormap.Map{}) {
			m = colormap.Balance
		}
		return m, scale{lo: -largest, hi: largest, linear: largest * fraction}
	}
	return palette(s, m) // no decades to spread over
}

// palette returns the map and the evenly spread scale for values in a span.
func palette(s span, m colormap.Map) (colormap.Map, scale) {
	if m == (colormap.Map{}) {
		m = colormap.Viridis
		if s.lo < 0 && s.hi > 0 {
			m = colormap.Balance
		}
	}
	if m.Diverging() {
		largest := max(math.Abs(s.lo), math.Abs(s.hi))
		s.lo, s.hi = -largest, largest
	}
	return m, linear(s, 0)
}

// edges returns the borders between the cells of samples: midway, and as far
// beyond the first and the last. A lone sample has a cell of width 1.
func edges(x []float64) ([]float64, error) {
	n := len(x)
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("is %v at index %d; coordinates are finite numbers", v, i)
		}
		if i > 0 && v <= x[i-1] {
			return nil, fmt.Errorf("does not ascend at index %d, %v after %v; sort the samples", i, v, x[i-1])
		}
	}
	if n == 1 {
		return []float64{x[0] - 0.5, x[0] + 0.5}, nil
	}
	e := make([]float64, n+1)
	for i := 1; i < n; i++ {
		e[i] = x[i-1]/2 + x[i]/2
	}
	e[0] = x[0] - (e[1] - x[0])
	e[n] = x[n-1] + (x[n-1] - e[n-1])
	return e, nil
}
