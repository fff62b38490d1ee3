package plotting

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// mark is something drawn in the frame of a panel.
type mark interface {
	// extent returns the range of the numbers along both axes; on a
	// logarithmic axis that of the positive ones.
	extent(logX, logY bool) (x, y span)
	// draw draws the mark in a frame.
	draw(p *pen, f frame)
}

// frame is the rectangle in which data are drawn, and what its sides mean.
type frame struct {
	vg.Rectangle
	x, y  scale
	empty bool // nothing has a place on the axes
}

// place returns where a pair of numbers lies; it may lie outside.
func (f frame) place(x, y float64) vg.Point {
	return vg.Point{
		X: f.Min.X + vg.Length(f.x.at(x))*(f.Max.X-f.Min.X),
		Y: f.Min.Y + vg.Length(f.y.at(y))*(f.Max.Y-f.Min.Y),
	}
}

// holds tells whether a point lies in the frame, edges included.
func (f frame) holds(p vg.Point) bool {
	const hair = 0.01
	return p.X >= f.Min.X-hair && p.X <= f.Max.X+hair && p.Y >= f.Min.Y-hair && p.Y <= f.Max.Y+hair
}

// nearest returns the place in the frame nearest to a point.
func (f frame) nearest(p vg.Point) vg.Point {
	return vg.Point{X: min(max(p.X, f.Min.X), f.Max.X), Y: min(max(p.Y, f.Min.Y), f.Max.Y)}
}

// curve is a line through points or, without a line, the points.
type curve struct {
	x, y   []float64
	points bool
	dashed bool // and thin: a line to compare with
	number int  // themes may dash curve after curve
	ink    ink
}

// stroke draws a path the way the curve is drawn.
func (c curve) stroke(p *pen, path vg.Path) {
	if c.dashed {
		p.line(path, 0.7*p.theme.line, c.ink(p.theme), 3, 2)
		return
	}
	p.line(path, p.theme.line, c.ink(p.theme), p.theme.dash(c.number)...)
}

func (c curve) extent(logX, logY bool) (x, y span) {
	for i := range c.x {
		if c.shown(i, logX, logY) {
			x.add(c.x[i])
			y.add(c.y[i])
		}
	}
	return x, y
}

// shown tells whether point i has a place on the axes.
func (c curve) shown(i int, logX, logY bool) bool {
	x, y := c.x[i], c.y[i]
	return x-x == 0 && y-y == 0 && !(logX && x <= 0) && !(logY && y <= 0)
}

func (c curve) draw(p *pen, f frame) {
	columns := float64(f.Max.X-f.Min.X) * p.perPoint
	var path vg.Path
	var dots []vg.Point
	if c.points {
		dots = c.spots(p, f)
	} else {
		for piece := range c.pieces(f.x.log, f.y.log) {
			thin := c.thin(piece, f, columns)
			if len(thin) > 1 {
				path = c.clip(path, thin, f)
			} else if at := f.place(c.x[thin[0]], c.y[thin[0]]); f.holds(at) {
				dots = append(dots, at) // a lone point has no line to show it
			}
		}
	}
	if len(path) > 0 {
		c.stroke(p, path)
	}
	p.dots(dots, p.theme.dot, c.ink(p.theme))
}

// spots returns where the points are drawn: one for each pixel that has any.
func (c curve) spots(p *pen, f frame) (dots []vg.Point) {
	columns, rows := int(float64(f.Max.X-f.Min.X)*p.perPoint)+1, int(float64(f.Max.Y-f.Min.Y)*p.perPoint)+1
	taken := make([]bool, columns*rows)
	for i := range c.x {
		if !c.shown(i, f.x.log, f.y.log) {
			continue
		}
		at := f.place(c.x[i], c.y[i])
		if !f.holds(at) {
			continue
		}
		k := int(float64(at.Y-f.Min.Y)*p.perPoint)*columns + int(float64(at.X-f.Min.X)*p.perPoint)
		if k = min(max(k, 0), len(taken)-1); !taken[k] {
			taken[k] = true
			dots = append(dots, at)
		}
	}
	return dots
}

// pieces returns the runs of points that have a place on the axes, as ranges
// of indices.
func (c curve) pieces(logX, logY bool) func(yield func([2]int) bool) {
	return func(yield func([2]int) bool) {
		from := 0
		for i := 0; i <= len(c.x); i++ {
			if i < len(c.x) && c.shown(i, logX, logY) {
				continue
			}
			if i > from && !yield([2]int{from, i}) {
				return
			}
			from = i + 1
		}
	}
}

// thin returns which points of a piece to draw. Of consecutive points in one
// column of pixels the first, the lowest, the highest and the last stay: the
// line looks the same and no extremum is lost. It costs one pass.
func (c curve) thin(piece [2]int, f frame, columns float64) []int {
	var keep []int
	first, low, high, last := 0, 0, 0, 0
	column := math.NaN()
	flush := func() {
		a, b := min(low, high), max(low, high)
		for _, i := range [...]int{first, a, b, last} {
			if len(keep) == 0 || keep[len(keep)-1] < i {
				keep = append(keep, i)
			}
		}
	}
	for i := piece[0]; i < piece[1]; i++ {
		at := math.Floor(f.x.at(c.x[i]) * columns)
		if at != column {
			if i > piece[0] {
				flush()
			}
			first, low, high, column = i, i, i, at
		}
		last = i
		if c.y[i] < c.y[low] {
			low = i
		}
		if c.y[i] > c.y[high] {
			high = i
		}
	}
	flush()
	return keep
}

// clip appends the part of a line that lies in the frame (Liang and Barsky,
// 1984), so that no picture holds coordinates far outside it.
func (c curve) clip(path vg.Path, points []int, f frame) vg.Path {
	var pen vg.Point
	down := false
	for k := 1; k < len(points); k++ {
		a := f.place(c.x[points[k-1]], c.y[points[k-1]])
		b := f.place(c.x[points[k]], c.y[points[k]])
		from, to, ok := inside(f.Rectangle, a, b)
		if !ok {
			down = false
			continue
		}
		if !down || from != pen {
			path.Move(from)
		}
		path.Line(to)
		pen, down = to, true
	}
	return path
}

// inside returns the part of a segment that lies in a rectangle.
func inside(r vg.Rectangle, a, b vg.Point) (from, to vg.Point, ok bool) {
	t0, t1 := vg.Length(0), vg.Length(1)
	d := vg.Point{X: b.X - a.X, Y: b.Y - a.Y}
	for _, side := range [...]struct{ toward, room vg.Length }{
		{-d.X, a.X - r.Min.X}, {d.X, r.Max.X - a.X}, {-d.Y, a.Y - r.Min.Y}, {d.Y, r.Max.Y - a.Y},
	} {
		switch {
		case side.toward == 0 && side.room < 0:
			return a, b, false
		case side.toward < 0:
			t0 = max(t0, side.room/side.toward)
		case side.toward > 0:
			t1 = min(t1, side.room/side.toward)
		}
	}
	if t0 > t1 {
		return a, b, false
	}
	from, to = a, b
	if t0 > 0 {
		from = vg.Point{X: a.X + t0*d.X, Y: a.Y + t0*d.Y}
	}
	if t1 < 1 {
		to = vg.Point{X: a.X + t1*d.X, Y: a.Y + t1*d.Y}
	}
	return from, to, true
}

// rule is a thin straight line across the frame at one number.
type rule struct {
	at       float64
	vertical bool
}

func (rule) extent(_, _ bool) (x, y span) { return }

func (r rule) draw(p *pen, f frame) {
	t := f.y.at(r.at)
	from, to := vg.Point{X: f.Min.X}, vg.Point{X: f.Max.X}
	if r.vertical {
		t = f.x.at(r.at)
		from, to = vg.Point{Y: f.Min.Y}, vg.Point{Y: f.Max.Y}
	}
	if !(t > 0 && t < 1) {
		return
	}
	if r.vertical {
		from.X = snap(f.Min.X + vg.Length(t)*f.Size().X)
		to.X = from.X
	} else {
		from.Y = snap(f.Min.Y + vg.Length(t)*f.Size().Y)
		to.Y = from.Y
	}
	p.line(vg.Path{{Type: vg.MoveComp, Pos: from}, {Type: vg.LineComp, Pos: to}}, 0.5, p.theme.faint)
}
