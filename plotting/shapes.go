package plotting

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// band is the area between two curves over the same points.
type band struct{ low, high curve }

func (b band) extent(logX, logY bool) (x, y span) {
	x, y = b.low.extent(logX, logY)
	u, v := b.high.extent(logX, logY)
	x.join(u)
	y.join(v)
	return x, y
}

func (b band) draw(p *pen, f frame) {
	columns := float64(f.Max.X-f.Min.X) * p.perPoint
	c := b.low.ink(p.theme)
	c.A = 60
	p.c.SetColor(c)
	// Where the upper end has a place, and the lower one is finite too.
	shown := curve{x: b.low.x, y: make([]float64, len(b.low.x))}
	for i, y := range b.high.y {
		shown.y[i] = y + 0*b.low.y[i]
	}
	for piece := range shown.pieces(f.x.log, f.y.log) {
		low, high := b.low.thin(piece, f, columns), b.high.thin(piece, f, columns)
		var path vg.Path
		for _, i := range low {
			at := f.place(b.low.x[i], b.low.y[i])
			if f.y.log && b.low.y[i] <= 0 { // infinitely far below
				at.Y = f.Min.Y
			}
			if at = f.nearest(at); path == nil {
				path.Move(at)
			} else {
				path.Line(at)
			}
		}
		for _, i := range slices.Backward(high) {
			path.Line(f.nearest(f.place(b.high.x[i], b.high.y[i])))
		}
		path.Close()
		p.c.Fill(path)
	}
}

// boxes are the bars of a histogram: heights[i] from edges[i] to edges[i+1].
type boxes struct {
	edges, heights []float64
	ink            ink
}

func (b boxes) extent(_, _ bool) (x, y span) {
	y.add(0)
	for i, h := range b.heights {
		x.add(b.edges[i])
		x.add(b.edges[i+1])
		y.add(h)
	}
	return x, y
}

func (b boxes) draw(p *pen, f frame) {
	var outline vg.Path
	bottom := f.nearest(f.place(b.edges[0], 0))
	outline.Move(bottom)
	for i, h := range b.heights {
		outline.Line(f.nearest(f.place(b.edges[i], h)))
		outline.Line(f.nearest(f.place(b.edges[i+1], h)))
	}
	outline.Line(vg.Point{X: f.nearest(f.place(b.edges[len(b.heights)], 0)).X, Y: bottom.Y})
	area := append(slices.Clone(outline), vg.PathComp{Type: vg.CloseComp})
	c := b.ink(p.theme)
	c.A = 70
	p.c.SetColor(c)
	p.c.Fill(area)
	p.line(outline, 0.6*p.theme.line, b.ink(p.theme))
}

// trail is a curve with its start and its direction: a dot and arrow heads.
type trail struct{ curve }

func (t trail) draw(p *pen, f frame) {
	t.curve.draw(p, f)
	var path vg.Path
	started := false
	for piece := range t.pieces(false, false) {
		if !started {
			p.dots([]vg.Point{f.place(t.x[piece[0]], t.y[piece[0]])}, 1.3*p.theme.dot, t.ink(p.theme))
			started = true
		}
		// A head at a quarter and at three quarters of the way on paper.
		total := t.way(f, piece[0], piece[1], nil)
		t.way(f, piece[0], piece[1], func(a, b vg.Point, from, to vg.Length) {
			for _, part := range [...]vg.Length{0.25, 0.75} {
				if from <= part*total && part*total < to {
					path = append(path, head(a, b, 2.2*p.theme.tick)...)
				}
			}
		})
	}
	if len(path) > 0 {
		p.c.SetColor(t.ink(p.theme))
		p.c.Fill(path)
	}
}

// way walks along a piece and returns its length on paper.
func (t trail) way(f frame, first, end int, step func(a, b vg.Point, from, to vg.Length)) vg.Length {
	way := vg.Length(0)
	for i := first + 1; i < end; i++ {
		a, b := f.place(t.x[i-1], t.y[i-1]), f.place(t.x[i], t.y[i])
		to := way + vg.Length(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)))
		if step != nil {
			step(a, b, way, to)
		}
		way = to
	}
	return way
}

// head returns the head of an arrow at the middle of a segment.
func head(a, b vg.Point, size vg.Length) vg.Path {
	length := vg.Length(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)))
	if length == 0 {
		return nil
	}
	d := vg.Point{X: (b.X - a.X) / length, Y: (b.Y - a.Y) / length}
	mid := vg.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2}
	var path vg.Path
	path.Move(vg.Point{X: mid.X + d.X*size/2, Y: mid.Y + d.Y*size/2})
	for _, side := range [...]vg.Length{1, -1} {
		path.Line(vg.Point{X: mid.X - d.X*size/2 - side*d.Y*size/3, Y: mid.Y - d.Y*size/2 + side*d.X*size/3})
	}
	path.Close()
	return path
}

// arrows is a vector field: (u, v)[j·nx+i] stands at (x[i], y[j]). They are drawn
// in black on a white lining, so that they are seen on any colour.
type arrows struct {
	x, y, u, v []float64
	largest    float64
}

func (arrows) extent(_, _ bool) (x, y span) { return }

func (a arrows) draw(p *pen, f frame) {
	const (
		apart   = vg.Length(15) // one arrow from the next, at least
		largest = 1.1 * apart   // length of the largest
	)
	every := func(n int, size vg.Length) int { return max(1, int(math.Ceil(float64(vg.Length(n)*apart/size)))) }
	nx, ny := len(a.x), len(a.y)
	di, dj := every(nx, f.Size().X), every(ny, f.Size().Y)
	var shafts, heads vg.Path
	for j := dj / 2; j < ny; j += dj {
		for i := di / 2; i < nx; i += di {
			k := j*nx + i
			length := math.Hypot(a.u[k], a.v[k]) / a.largest
			if !(length > 0.02) || math.IsInf(length, 0) {
				continue // NaN, infinite or too small to have a direction
			}
			mid := f.place(a.x[i], a.y[j])
			half := vg.Point{X: vg.Length(a.u[k] / a.largest), Y: vg.Length(a.v[k] / a.largest)}.Scale(largest / 2)
			from, to := mid.Sub(half), mid.Add(half)
			if !f.holds(from) || !f.holds(to) {
				continue
			}
			shafts.Move(from)
			shafts.Line(to)
			heads = append(heads, head(to.Sub(half.Scale(0.4)), to, 2+2.5*vg.Length(length))...)
		}
	}
	if len(shafts) == 0 {
		return
	}
	p.line(shafts, 2, color.NRGBA{255, 255, 255, 150})
	p.line(shafts, 0.9, color.NRGBA{A: 255})
	p.c.SetColor(color.NRGBA{A: 255})
	p.c.Fill(heads)
}
