package player

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/internal/canvas"
	"github.com/nnfield/nnfield/plotting/internal/frames"
)

// curves makes a film of a curve, Frames[f][i] over X[i].
func curves(l plotting.Labels, s Stack) Film {
	span := frames.Of(s.Frames...)
	if span == (frames.Span{}) {
		return failed("Movie: all values of all frames are NaN or infinite; there is nothing to show")
	}
	low, high := span.Low, span.High
	if limits := span.Limits(); !(low < high) {
		low, high = limits[0], limits[1]
	}
	left, right := s.X[0], s.X[len(s.X)-1]
	if left == right {
		left, right = left-0.5, right+0.5
	}
	// One goes along the left and the upper border of the data, one along the
	// lower and the right.
	border := func(x, y float64) plotting.Figure {
		return plotting.Lines(l, plotting.Series{X: []float64{left, x, right}, Y: []float64{low, y, high}})
	}
	f := Film{figure: border(left, high), probe: border(right, low), words: words(l, s.Names), names: s.Names, sheer: true}
	if err := f.figure.Err(); err != nil {
		return Film{err: err}
	}
	const dpi = 96 // a cell is a CSS pixel
	_, area, err := f.place(dpi)
	if err != nil {
		return Film{err: err}
	}
	f.nx, f.ny = area.Dx(), area.Dy()
	f.palette = make(color.Palette, missing+1)
	ink := [3]float64{0, 114, 178} // the first colour of static figures
	for i := range f.palette {
		t := min(float64(i)/(missing-1), 1)
		mix := func(c float64) uint8 { return uint8(math.Round(255 + (c-255)*t)) }
		f.palette[i] = color.NRGBA{mix(ink[0]), mix(ink[1]), mix(ink[2]), 255}
	}

	// The borders were drawn as lines of this width about the ends of the data.
	const width = 1.2 * dpi / 72
	atX := func(x float64) float64 { return width/2 + (x/2-left/2)/(right/2-left/2)*(float64(f.nx)-width) }
	atY := func(y float64) float64 { return width/2 + (y/2-low/2)/(high/2-low/2)*(float64(f.ny)-width) }
	for _, values := range s.Frames {
		c := canvas.NewBitmap(vg.Length(f.nx), vg.Length(f.ny), 72, color.White)
		c.SetColor(color.Black)
		c.SetLineWidth(width)
		for _, path := range paths(s.X, values, atX, atY) {
			c.Stroke(path)
		}
		img, level := c.Image(), make([]uint8, f.nx*f.ny)
		for i := range level {
			level[i] = uint8((255 - int(img.Pix[4*i])) * (missing - 1) / 255)
		}
		f.frames = append(f.frames, level)
	}
	return f
}

// paths returns a curve as lines in cells, interrupted where a value is not
// finite. Of samples within one cell along x only the first, the extrema and the
// last are drawn: the others would lie upon them.
func paths(x, values []float64, atX, atY func(float64) float64) []vg.Path {
	var all []vg.Path
	var path vg.Path
	to := func(i int) {
		p := vg.Point{X: vg.Length(atX(x[i])), Y: vg.Length(atY(values[i]))}
		if len(path) == 0 {
			path.Move(p)
		} else {
			path.Line(p)
		}
	}
	finish := func() {
		if len(path) > 0 {
			all = append(all, path)
		}
		path = nil
	}
	for i := 0; i < len(x); {
		if values[i]-values[i] != 0 {
			finish()
			i++
			continue
		}
		// i to end−1 lie in one cell.
		end, lowest, highest := i+1, i, i
		for end < len(x) && math.Floor(atX(x[end])) == math.Floor(atX(x[i])) && values[end]-values[end] == 0 {
			if values[end] < values[lowest] {
				lowest = end
			}
			if values[end] > values[highest] {
				highest = end
			}
			end++
		}
		last := -1
		for _, k := range []int{i, min(lowest, highest), max(lowest, highest), end - 1} {
			if k != last {
				to(k)
			}
			last = k
		}
		i = end
	}
	finish()
	return all
}
