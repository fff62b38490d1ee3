// Package canvas holds the two surfaces a figure is drawn on, both a
// gonum vg.Canvas: [SVG] writes vectors, [Bitmap] paints pixels.
//
// Text is drawn as outlines of the font in package glyph whatever face is asked
// for; only the size of the face counts.
package canvas

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// affine maps (x, y) to (a·x + c·y + e, b·x + d·y + f).
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// then returns the map that applies n first and m after it.
func (m affine) then(n affine) affine {
	e, f := m.apply(n.e, n.f)
	return affine{
		a: m.a*n.a + m.c*n.b, b: m.b*n.a + m.d*n.b,
		c: m.a*n.c + m.c*n.d, d: m.b*n.c + m.d*n.d,
		e: e, f: f,
	}
}

// scale returns the factor by which lengths grow.
func (m affine) scale() float64 { return math.Sqrt(math.Abs(m.a*m.d - m.b*m.c)) }

// pencil is the part of a canvas's state that Push saves.
type pencil struct {
	width  vg.Length
	dash   []vg.Length
	offset vg.Length
	ink    color.NRGBA
	at     affine
}

// state is what both surfaces have in common: pencil and stack. The base map
// takes points of the figure (y upward) to the surface (y downward).
type state struct {
	pencil
	stack []pencil
}

func newState(base affine) state {
	return state{pencil: pencil{width: 1, ink: color.NRGBA{A: 255}, at: base}}
}

// SetLineWidth sets the width of strokes; see vg.Canvas.
func (s *state) SetLineWidth(w vg.Length) { s.width = w }

// SetLineDash sets the dashes of strokes; see vg.Canvas.
func (s *state) SetLineDash(pattern []vg.Length, offset vg.Length) {
	s.dash, s.offset = pattern, offset
}

// SetColor sets the colour of strokes, fills and text; nil is black.
func (s *state) SetColor(c color.Color) {
	if c == nil {
		c = color.Black
	}
	s.ink = color.NRGBAModel.Convert(c).(color.NRGBA)
}

// Rotate turns what follows counter-clockwise.
func (s *state) Rotate(radians float64) {
	sin, cos := math.Sincos(radians)
	s.at = s.at.then(affine{cos, sin, -sin, cos, 0, 0})
}

// Translate moves what follows.
func (s *state) Translate(p vg.Point) {
	s.at = s.at.then(affine{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}

// Scale stretches what follows.
func (s *state) Scale(x, y float64) { s.at = s.at.then(affine{x, 0, 0, y, 0, 0}) }

// Push saves the state for a later Pop.
func (s *state) Push() { s.stack = append(s.stack, s.pencil) }

// Pop restores the state of the last Push.
func (s *state) Pop() {
	last := len(s.stack) - 1
	s.pencil, s.stack = s.stack[last], s.stack[:last]
}

// outline receives a path in the coordinates of the surface.
type outline interface {
	MoveTo(x, y float64)
	LineTo(x, y float64)
	QuadTo(x1, y1, x, y float64)
	CubeTo(x1, y1, x2, y2, x, y float64)
	ClosePath()
}

// trace sends a path through the current map to an outline. Arcs become cubics
// of at most a quarter turn each.
func (s *state) trace(path vg.Path, to outline) {
	for _, p := range path {
		x, y := s.at.apply(float64(p.Pos.X), float64(p.Pos.Y))
		switch p.Type {
		case vg.MoveComp:
			to.MoveTo(x, y)
		case vg.LineComp:
			to.LineTo(x, y)
		case vg.CloseComp:
			to.ClosePath()
		case vg.CurveComp:
			x1, y1 := s.at.apply(float64(p.Control[0].X), float64(p.Control[0].Y))
			if len(p.Control) == 1 {
				to.QuadTo(x1, y1, x, y)
				continue
			}
			x2, y2 := s.at.apply(float64(p.Control[1].X), float64(p.Control[1].Y))
			to.CubeTo(x1, y1, x2, y2, x, y)
		case vg.ArcComp:
			s.arc(p, to)
		}
	}
}

func (s *state) arc(p vg.PathComp, to outline) {
	parts := max(1, int(math.Ceil(math.Abs(p.Angle)/(math.Pi/2))))
	step := p.Angle / float64(parts)
	k := 4.0 / 3 * math.Tan(step/4) * float64(p.Radius)
	cx, cy, r := float64(p.Pos.X), float64(p.Pos.Y), float64(p.Radius)
	for i := range parts {
		sin0, cos0 := math.Sincos(p.Start + float64(i)*step)
		sin1, cos1 := math.Sincos(p.Start + float64(i+1)*step)
		if i == 0 {
			// The arc is joined to the pen by a line; a path that begins with
			// an arc has no pen yet, and Move before it makes this line empty.
			x, y := s.at.apply(cx+r*cos0, cy+r*sin0)
			to.LineTo(x, y)
		}
		x1, y1 := s.at.apply(cx+r*cos0-k*sin0, cy+r*sin0+k*cos0)
		x2, y2 := s.at.apply(cx+r*cos1+k*sin1, cy+r*sin1-k*cos1)
		x, y := s.at.apply(cx+r*cos1, cy+r*sin1)
		to.CubeTo(x1, y1, x2, y2, x, y)
	}
}
