package plotting

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// target says what a figure is drawn for, which decides how finely data are
// reduced.
type target struct {
	perPoint float64 // pixels a point of length
	exact    bool    // pixels of the canvas itself, which images must match
	whole    bool    // images keep every sample
}

// pen draws on a canvas and remembers the words it wrote.
type pen struct {
	c     vg.CanvasSizer
	theme Theme
	target
	words []string
}

// line strokes a path.
func (p *pen) line(path vg.Path, width vg.Length, ink color.Color, dash ...vg.Length) {
	p.c.SetColor(ink)
	p.c.SetLineWidth(width)
	p.c.SetLineDash(dash, 0)
	p.c.Stroke(path)
}

// dots fills a disc at each point; many points become small squares, which
// take less room in a file and look the same.
func (p *pen) dots(at []vg.Point, radius vg.Length, ink color.Color) {
	var path vg.Path
	const many = 300
	if len(at) > many {
		radius *= 0.6
	}
	for _, c := range at {
		if len(at) > many {
			path.Move(vg.Point{X: c.X - radius, Y: c.Y - radius})
			path.Line(vg.Point{X: c.X + radius, Y: c.Y - radius})
			path.Line(vg.Point{X: c.X + radius, Y: c.Y + radius})
			path.Line(vg.Point{X: c.X - radius, Y: c.Y + radius})
		} else {
			path.Move(vg.Point{X: c.X + radius, Y: c.Y})
			path.Arc(c, radius, 0, 2*math.Pi)
		}
		path.Close()
	}
	if len(path) > 0 {
		p.c.SetColor(ink)
		p.c.Fill(path)
	}
}

// pixels returns the size in pixels of an image that fills a rectangle.
func (p *pen) pixels(r vg.Rectangle) (w, h int) {
	if p.exact { // the canvas rounds both corners
		round := func(v vg.Length) int { return int(math.Round(float64(v) * p.perPoint)) }
		_, height := p.c.Size()
		top, bottom := float64(height-r.Max.Y)*p.perPoint, float64(height-r.Min.Y)*p.perPoint
		return max(1, round(r.Max.X)-round(r.Min.X)), max(1, int(math.Round(bottom)-math.Round(top)))
	}
	return max(1, int(float64(r.Size().X)*p.perPoint)), max(1, int(float64(r.Size().Y)*p.perPoint))
}

// cssPixel is the pixel of a web page in points. Axes are put on its grid, so
// that they are sharp on a plain screen.
const cssPixel = 0.75

func snap(v vg.Length) vg.Length {
	return vg.Length(math.Floor(float64(v)/cssPixel)+0.5) * cssPixel
}
