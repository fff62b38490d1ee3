package plotting

import (
	"fmt"
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
func Image(l Labels, f Field) Figure {
	p, note, err := f.panel("Image", l)
	if err != nil {
		return Figure{err: err}
	}
	fig := newFigure(l, []*panel{p}).note(note)
	if p.rigid { // a square as wide as a notebook would fill the screen
		fig.width = max(3.4, fig.width*min(1, 0.7/p.aspect))
	}
	return fig
}

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
	colours, values := palette(c.span, f.Colours)
	p := &panel{
		x: axis{label: l.X}, y: axis{label: l.Y},
		marks:  []mark{&raster{f.Values, xEdges, yEdges, colours, values}},
		bar:    &bar{label: f.Symbol, colour: colours.At, values: values},
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

// palette returns the map and the scale for values in a span.
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
