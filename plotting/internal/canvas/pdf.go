package canvas

import (
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

// NewPDF makes a page of PDF. It is nil until the package that can has been
// imported, so that a program links that only if it wants to.
var NewPDF func(width, height vg.Length) vg.CanvasWriterTo

// Outlines returns text as a path, the start of its baseline at pt, for
// surfaces that know only paths.
func Outlines(f font.Face, pt vg.Point, text string) vg.Path {
	size := float64(f.Font.Size)
	var p pathOf
	placed, _ := glyph.Line(text)
	for _, g := range placed {
		m := affine{size, 0, 0, size, float64(pt.X) + g.X*size, float64(pt.Y)}
		glyph.Outline(g.Glyph, mapped{m, &p})
	}
	return p.path
}

// Cubics returns a path whose arcs are replaced by cubics.
func Cubics(path vg.Path) vg.Path {
	var p pathOf
	s := newState(affine{1, 0, 0, 1, 0, 0})
	s.trace(path, &p)
	return p.path
}

// pathOf collects an outline as a vg.Path of moves, lines, cubics and closings.
type pathOf struct {
	path vg.Path
	x, y float64
}

func at(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }

func (p *pathOf) MoveTo(x, y float64) {
	p.path.Move(at(x, y))
	p.x, p.y = x, y
}

func (p *pathOf) LineTo(x, y float64) {
	p.path.Line(at(x, y))
	p.x, p.y = x, y
}

func (p *pathOf) QuadTo(x1, y1, x, y float64) {
	p.CubeTo(p.x+2*(x1-p.x)/3, p.y+2*(y1-p.y)/3, x+2*(x1-x)/3, y+2*(y1-y)/3, x, y)
}

func (p *pathOf) CubeTo(x1, y1, x2, y2, x, y float64) {
	p.path.CubeTo(at(x1, y1), at(x2, y2), at(x, y))
	p.x, p.y = x, y
}

func (p *pathOf) ClosePath() { p.path.Close() }
