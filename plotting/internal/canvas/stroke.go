package canvas

import (
	"math"

	"gonum.org/v1/plot/vg"
)

type point struct{ x, y float64 }

// flat collects a path as lines, curves cut into short straight pieces.
type flat struct{ lines [][]point }

func (f *flat) last() *[]point {
	if len(f.lines) == 0 {
		f.lines = append(f.lines, nil)
	}
	return &f.lines[len(f.lines)-1]
}

func (f *flat) pen() point {
	line := *f.last()
	if len(line) == 0 {
		return point{}
	}
	return line[len(line)-1]
}

func (f *flat) MoveTo(x, y float64) { f.lines = append(f.lines, []point{{x, y}}) }

func (f *flat) LineTo(x, y float64) {
	line := f.last()
	*line = append(*line, point{x, y})
}

func (f *flat) QuadTo(x1, y1, x, y float64) {
	p := f.pen()
	f.CubeTo(p.x+2*(x1-p.x)/3, p.y+2*(y1-p.y)/3, x+2*(x1-x)/3, y+2*(y1-y)/3, x, y)
}

func (f *flat) CubeTo(x1, y1, x2, y2, x, y float64) {
	p := f.pen()
	// The control polygon bounds the curve's length; a chord of a few pixels
	// strays from it by much less than a pixel.
	length := math.Hypot(x1-p.x, y1-p.y) + math.Hypot(x2-x1, y2-y1) + math.Hypot(x-x2, y-y2)
	n := int(min(max(2, math.Sqrt(length)*1.5), 64))
	for i := 1; i <= n; i++ {
		t := float64(i) / float64(n)
		s := 1 - t
		a, b, c, d := s*s*s, 3*s*s*t, 3*s*t*t, t*t*t
		f.LineTo(a*p.x+b*x1+c*x2+d*x, a*p.y+b*y1+c*y2+d*y)
	}
}

func (f *flat) ClosePath() {
	line := f.last()
	if len(*line) > 0 {
		*line = append(*line, (*line)[0])
	}
}

// mapped sends an outline through a map.
type mapped struct {
	m  affine
	to outline
}

func (m mapped) MoveTo(x, y float64) { m.to.MoveTo(m.m.apply(x, y)) }
func (m mapped) LineTo(x, y float64) { m.to.LineTo(m.m.apply(x, y)) }
func (m mapped) QuadTo(x1, y1, x, y float64) {
	x1, y1 = m.m.apply(x1, y1)
	x, y = m.m.apply(x, y)
	m.to.QuadTo(x1, y1, x, y)
}
func (m mapped) CubeTo(x1, y1, x2, y2, x, y float64) {
	x1, y1 = m.m.apply(x1, y1)
	x2, y2 = m.m.apply(x2, y2)
	x, y = m.m.apply(x, y)
	m.to.CubeTo(x1, y1, x2, y2, x, y)
}
func (m mapped) ClosePath() { m.to.ClosePath() }

// thicken returns polygons whose union is the line of the given half width: a
// rectangle for each segment and a wedge on the outside of each bend. All turn
// the same way, so that they add and never cancel.
func thicken(line []point, half float64) [][]point {
	polygons := make([][]point, 0, 2*len(line))
	add := func(polygon ...point) {
		area := 0.0
		for i, p := range polygon {
			q := polygon[(i+1)%len(polygon)]
			area += p.x*q.y - q.x*p.y
		}
		if area < 0 {
			for i, j := 0, len(polygon)-1; i < j; i, j = i+1, j-1 {
				polygon[i], polygon[j] = polygon[j], polygon[i]
			}
		}
		polygons = append(polygons, polygon)
	}
	closed := len(line) > 2 && line[0] == line[len(line)-1]
	var first, previous point // unit normals
	began := false
	for i := 1; i < len(line); i++ {
		p, q := line[i-1], line[i]
		length := math.Hypot(q.x-p.x, q.y-p.y)
		if length == 0 {
			continue
		}
		n := point{-(q.y - p.y) / length * half, (q.x - p.x) / length * half}
		add(point{p.x + n.x, p.y + n.y}, point{q.x + n.x, q.y + n.y}, point{q.x - n.x, q.y - n.y}, point{p.x - n.x, p.y - n.y})
		if began {
			wedge(add, p, previous, n)
		} else {
			first, began = n, true
		}
		previous = n
	}
	if closed && began {
		wedge(add, line[0], previous, first)
	}
	return polygons
}

// wedge fills the gap at a bend between two segments with normals a and b.
func wedge(add func(...point), at, a, b point) {
	cross := a.x*b.y - a.y*b.x
	if cross > 0 { // the gap lies on the other side
		a, b = point{-a.x, -a.y}, point{-b.x, -b.y}
	}
	dot := a.x*b.x + a.y*b.y
	half2 := a.x*a.x + a.y*a.y
	if dot > 0.99*half2 {
		return // too straight to see
	}
	// A round join: a fan over the angle between the normals.
	from := math.Atan2(a.y, a.x)
	turn := math.Atan2(a.x*b.y-a.y*b.x, dot)
	n := max(2, int(math.Ceil(math.Abs(turn)/0.5)))
	radius := math.Sqrt(half2)
	fan := []point{at}
	for i := range n + 1 {
		sin, cos := math.Sincos(from + turn*float64(i)/float64(n))
		fan = append(fan, point{at.x + radius*cos, at.y + radius*sin})
	}
	add(fan...)
}

// dashes cuts lines into the dashes of a pattern.
func dashes(lines [][]point, pattern []vg.Length, offset vg.Length, scale float64) [][]point {
	period := 0.0
	for _, d := range pattern {
		period += float64(d) * scale
	}
	if period <= 0 {
		return lines
	}
	var out [][]point
	for _, line := range lines {
		if len(line) == 0 {
			continue
		}
		k, left := 0, math.Mod(float64(offset)*scale, period)
		for left >= float64(pattern[k])*scale {
			left -= float64(pattern[k]) * scale
			k = (k + 1) % len(pattern)
		}
		left = float64(pattern[k])*scale - left // of the present dash or gap
		on := func() bool { return k%2 == 0 }
		dash := []point{line[0]}
		for i := 1; i < len(line); i++ {
			p, q := line[i-1], line[i]
			for {
				length := math.Hypot(q.x-p.x, q.y-p.y)
				if length <= left {
					left -= length
					break
				}
				p = point{p.x + (q.x-p.x)*left/length, p.y + (q.y-p.y)*left/length}
				if on() {
					out = append(out, append(dash, p))
				}
				dash = []point{p}
				k = (k + 1) % len(pattern)
				left = float64(pattern[k]) * scale
			}
			dash = append(dash, q)
		}
		if on() && len(dash) > 1 {
			out = append(out, dash)
		}
	}
	return out
}
