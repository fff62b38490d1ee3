package plotting

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// panel is one frame with its axes, marks, legend and colour bar.
type panel struct {
	title  string
	x, y   axis
	marks  []mark
	legend []entry
	bar    *bar
	aspect float64 // height of the frame over its width
	rigid  bool    // the aspect is physics: space is space
	inward bool    // ticks point into the frame, on all four sides
	bare   bool    // no frame and no axes: a diagram
}

// axis is one direction of a panel.
type axis struct {
	label  string
	log    bool
	margin float64 // empty part on either side of the data
	blocks []block // named stretches in place of numbers
	hidden bool    // a neighbour shows the numbers
	flip   bool    // numbers run downward
	reach  span    // numbers that must be on the axis
}

// block is a named stretch of an axis.
type block struct {
	name   string
	lo, hi float64
}

// entry is a line of the legend: the curve it stands for and its name.
type entry struct {
	curve curve
	name  string
}

// bar is the colour bar of a panel.
type bar struct {
	label   string
	colours colormap.Map
	thin    bool // of thin lines: the part of the map that stands out
	wheel   bool // a colour wheel of phase and modulus; values are the moduli
	values  scale
}

func (b *bar) colour(t Theme, x float64) color.NRGBA {
	if b.thin {
		return t.thin(b.colours, x)
	}
	return b.colours.At(x)
}

// spans returns the range of the numbers on both axes.
func (p *panel) spans() (x, y span) {
	x, y = p.x.reach, p.y.reach
	for _, m := range p.marks {
		mx, my := m.extent(p.x.log, p.y.log)
		x.join(mx)
		y.join(my)
	}
	return x, y
}

// frame returns the scales of the panel, without a place on paper yet.
func (p *panel) frame() frame {
	x, y := p.spans()
	return frame{x: p.x.scale(x), y: p.y.scale(y), empty: !x.seen || !y.seen}
}

func (a axis) scale(s span) scale {
	if a.log {
		return logarithmic(s, a.margin)
	}
	l := linear(s, a.margin)
	l.flip = a.flip
	return l
}

// ticks returns as many ticks as fit an axis of the given length without
// crowding. Labels stand beside one another along x and above along y.
func (a axis) ticks(s scale, length vg.Length, t Theme, along bool) ticks {
	if len(a.blocks) > 0 {
		var named ticks
		for _, b := range a.blocks {
			named.major = append(named.major, tick{s.at((b.lo + b.hi) / 2), b.name})
		}
		return named
	}
	return fit(s, length, t, along)
}

func fit(s scale, length vg.Length, t Theme, along bool) ticks {
	for n := 8; n > 2; n-- {
		if ticks := s.ticks(n); roomy(ticks, length, t, along) {
			return ticks
		}
	}
	return s.ticks(2)
}

// roomy tells whether labels keep their distance.
func roomy(t ticks, length vg.Length, th Theme, along bool) bool {
	for i, k := range t.major[:max(len(t.major)-1, 0)] {
		next := t.major[i+1]
		needed := 1.9 * th.small
		if along {
			needed = (widthOf(k.label, th.small)+widthOf(next.label, th.small))/2 + th.small
		}
		if vg.Length(math.Abs(next.at-k.at))*length < needed {
			return false
		}
	}
	return true
}

// ticks returns the ticks of both axes; a diagram has none.
func (p *panel) ticks(f frame, t Theme) (x, y ticks) {
	if p.bare {
		return ticks{}, ticks{}
	}
	return p.x.ticks(f.x, f.Size().X, t, true), p.y.ticks(f.y, f.Size().Y, t, false)
}

// room is what a panel needs around its frame.
type room struct {
	left, right, top, bottom vg.Length
	titles                   int // lines of the title above a whole figure
}

const (
	barWidth = vg.Length(8)
	barGap   = vg.Length(6)
	sample   = vg.Length(16) // length of the line in a legend

	longestHead = vg.Length(28) // of a word above a colour bar
)

// room returns what the panel needs around a frame of about the given size.
func (p *panel) room(f frame, t Theme) room {
	size := f.Size()
	xt, yt := p.ticks(f, t)
	out := vg.Length(0) // ticks outside the frame
	if !p.inward && !p.bare {
		out = t.tick
	}
	var r room

	// Left: tick labels and the turned label of y; labels of x may stick out.
	r.left = out + t.gap
	if !p.y.hidden {
		r.left += widest(yt, t.small)
		if p.y.label != "" {
			r.left += t.gap + lineHeight(t.text)
		}
	}
	r.right, r.bottom = t.gap, out
	if !p.x.hidden && !p.bare {
		for _, k := range xt.major {
			half := widthOf(k.label, t.small) / 2
			r.left = max(r.left, half-vg.Length(k.at)*size.X)
			r.right = max(r.right, half-vg.Length(1-k.at)*size.X+0.5*t.gap)
		}
		r.bottom += t.gap + lineHeight(t.small)
		if p.x.label != "" || xt.suffix() != "" {
			r.bottom += 0.5*t.gap + lineHeight(t.text)
		}
	}

	// Top, from the frame upward: a power of ten, the legend, the title.
	r.top = t.gap
	if len(yt.major) > 0 && !p.y.hidden { // half a label may stick out
		r.top = max(r.top, t.small/2)
	}
	if p.heading(f, yt, t) {
		r.top += lineHeight(t.small) + 0.5*t.gap
	}
	r.top += vg.Length(len(p.legendRows(size.X, t))) * lineHeight(t.small)
	if p.title != "" {
		r.top += lineHeight(t.text)
	}

	if p.bar != nil {
		r.right = p.barRoom(size.Y, t)
	}
	return r
}

// barRoom returns the width that the colour bar beside a frame of some height
// needs.
func (p *panel) barRoom(height vg.Length, t Theme) vg.Length {
	if p.bar.wheel {
		return barGap + wheelRoom(t)
	}
	bt := fit(p.bar.values, height, t, false)
	turned, head := p.barHead(bt, t)
	width := barGap + barWidth + t.gap + widest(bt, t.small) + 0.5*t.gap
	if turned != "" {
		width += t.gap + lineHeight(t.text)
	}
	if head != "" {
		width = max(width, barGap+widthOf(head, t.small)+0.5*t.gap)
	}
	return width
}

// heading tells whether something stands right above the frame: a power of
// ten of y or of the colour bar, or the name of the colour bar.
func (p *panel) heading(f frame, yt ticks, t Theme) bool {
	if yt.suffix() != "" && !p.y.hidden {
		return true
	}
	if p.bar == nil || p.bar.wheel {
		return false
	}
	_, head := p.barHead(fit(p.bar.values, f.Size().Y, t, false), t)
	return head != ""
}

// barHead returns the text beside the colour bar and that above it: the power
// of ten if there is one, else the label if it is short.
func (p *panel) barHead(bt ticks, t Theme) (turned, head string) {
	if suffix := bt.suffix(); suffix != "" {
		return p.bar.label, suffix
	}
	if widthOf(p.bar.label, t.small) <= longestHead {
		return "", p.bar.label
	}
	return p.bar.label, ""
}

func widest(t ticks, size vg.Length) vg.Length {
	w := vg.Length(0)
	for _, k := range t.major {
		w = max(w, widthOf(k.label, size))
	}
	return w
}

// legendRows spreads the legend over rows of at most the given width.
func (p *panel) legendRows(width vg.Length, t Theme) [][]entry {
	var rows [][]entry
	end := vg.Length(0)
	for _, e := range p.legend {
		w := entryWidth(e, t)
		if len(rows) == 0 || end+w > width {
			rows = append(rows, nil)
			end = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		end += w
	}
	return rows
}

func entryWidth(e entry, t Theme) vg.Length {
	return sample + t.gap + widthOf(e.name, t.small) + 3*t.gap
}

// draw draws the panel; its frame is at its place. The room is that of all
// panels in the row and column, so that labels line up.
func (p *panel) draw(pen *pen, f frame, around room) {
	t := pen.theme
	for _, m := range p.marks {
		m.draw(pen, f)
	}
	xt, yt := p.ticks(f, t)
	if !p.bare {
		p.drawFrame(pen, f, xt, yt)
		p.drawX(pen, f, xt)
		p.drawY(pen, f, yt, around.left)
	}
	p.drawHead(pen, f, yt, around.top)
	if p.bar != nil {
		p.drawBar(pen, f)
	}
	if f.empty {
		mid := vg.Point{X: (f.Min.X + f.Max.X) / 2, Y: (f.Min.Y + f.Max.Y) / 2}
		pen.write("nothing above 0 to show", mid, centreMid, t.small, t.faint)
	}
}

// drawFrame draws the box and its ticks.
func (p *panel) drawFrame(pen *pen, f frame, xt, yt ticks) {
	t := pen.theme
	path := f.Path()
	stroke := func(from, to vg.Point) {
		path.Move(from)
		path.Line(to)
	}
	xMark := func(at float64, length vg.Length) {
		x := snap(f.Min.X + vg.Length(at)*f.Size().X)
		if !p.inward {
			stroke(vg.Point{X: x, Y: f.Min.Y}, vg.Point{X: x, Y: f.Min.Y - length})
			return
		}
		stroke(vg.Point{X: x, Y: f.Min.Y}, vg.Point{X: x, Y: f.Min.Y + length})
		stroke(vg.Point{X: x, Y: f.Max.Y}, vg.Point{X: x, Y: f.Max.Y - length})
	}
	yMark := func(at float64, length vg.Length) {
		y := snap(f.Min.Y + vg.Length(at)*f.Size().Y)
		if !p.inward {
			stroke(vg.Point{X: f.Min.X, Y: y}, vg.Point{X: f.Min.X - length, Y: y})
			return
		}
		stroke(vg.Point{X: f.Min.X, Y: y}, vg.Point{X: f.Min.X + length, Y: y})
		stroke(vg.Point{X: f.Max.X, Y: y}, vg.Point{X: f.Max.X - length, Y: y})
	}
	if len(p.x.blocks) == 0 {
		for _, k := range xt.major {
			xMark(k.at, t.tick)
		}
		for _, at := range xt.minor {
			xMark(at, t.tick/2)
		}
	}
	if len(p.y.blocks) == 0 {
		for _, k := range yt.major {
			yMark(k.at, t.tick)
		}
		for _, at := range yt.minor {
			yMark(at, t.tick/2)
		}
	}
	pen.line(path, t.frame, t.ink)
}

// drawX writes the tick labels and the label of x.
func (p *panel) drawX(pen *pen, f frame, xt ticks) {
	if p.x.hidden {
		return
	}
	t := pen.theme
	y := f.Min.Y - t.gap - 0.75*t.small
	if !p.inward {
		y -= t.tick
	}
	for _, k := range xt.major {
		pen.write(k.label, vg.Point{X: f.Min.X + vg.Length(k.at)*f.Size().X, Y: y}, centre, t.small, t.ink)
	}
	y -= 0.25*t.small + 0.5*t.gap + t.text
	end := f.Max.X
	if suffix := xt.suffix(); suffix != "" {
		pen.write(suffix, vg.Point{X: end, Y: y}, right, t.small, t.ink)
		end -= widthOf(suffix, t.small) + 2*t.gap
	}
	// In the middle of the axis, or of what the power of ten leaves.
	width := widthOf(p.x.label, t.text)
	at := (f.Min.X + f.Max.X) / 2
	if at+width/2 > end {
		at = end - width/2
	}
	pen.write(p.x.label, vg.Point{X: at, Y: y}, centre, t.text, t.ink)
}

// drawY writes the tick labels and, at the left edge of the room, the label
// of y.
func (p *panel) drawY(pen *pen, f frame, yt ticks, room vg.Length) {
	if p.y.hidden {
		return
	}
	t := pen.theme
	x := f.Min.X - t.gap
	if !p.inward {
		x -= t.tick
	}
	for _, k := range yt.major {
		pen.write(k.label, vg.Point{X: x, Y: f.Min.Y + vg.Length(k.at)*f.Size().Y}, rightMid, t.small, t.ink)
	}
	if p.y.label != "" {
		at := vg.Point{X: f.Min.X - room + 0.9*t.text, Y: (f.Min.Y + f.Max.Y) / 2}
		pen.turned(p.y.label, at, centre, t.text, t.ink, math.Pi/2)
	}
}

// drawHead writes what stands above the frame, power of ten and legend, and at
// the top of the room the title.
func (p *panel) drawHead(pen *pen, f frame, yt ticks, room vg.Length) {
	t := pen.theme
	y := f.Max.Y + t.gap
	if suffix := yt.suffix(); suffix != "" && !p.y.hidden {
		pen.write(suffix, vg.Point{X: f.Min.X, Y: y}, left, t.small, t.ink)
	}
	if p.heading(f, yt, t) {
		y += lineHeight(t.small) + 0.5*t.gap
	}
	rows := p.legendRows(f.Size().X, t)
	for i := range rows {
		x := f.Min.X
		for _, e := range rows[len(rows)-1-i] {
			mid := y + 0.3*t.small
			if e.curve.points {
				pen.dots([]vg.Point{{X: x + sample/2, Y: mid}}, t.dot, e.curve.ink(t))
			} else {
				path := vg.Path{{Type: vg.MoveComp, Pos: vg.Point{X: x, Y: mid}}, {Type: vg.LineComp, Pos: vg.Point{X: x + sample, Y: mid}}}
				e.curve.stroke(pen, path)
			}
			pen.write(e.name, vg.Point{X: x + sample + t.gap, Y: y}, left, t.small, t.ink)
			x += entryWidth(e, t)
		}
		y += lineHeight(t.small)
	}
	if p.title != "" {
		y = f.Max.Y + room - lineHeight(t.text)
		pen.write(p.title, vg.Point{X: f.Min.X, Y: y}, left, t.text, t.ink)
	}
}

// drawBar draws the colour bar at the right of the frame.
func (p *panel) drawBar(pen *pen, f frame) {
	if p.bar.wheel {
		p.bar.drawWheel(pen, f)
		return
	}
	t := pen.theme
	box := vg.Rectangle{
		Min: vg.Point{X: snap(f.Max.X + barGap), Y: f.Min.Y},
		Max: vg.Point{X: snap(f.Max.X + barGap + barWidth), Y: f.Max.Y},
	}
	strip := image.NewPaletted(image.Rect(0, 0, 1, 256), make(color.Palette, 256))
	for i := range strip.Palette {
		strip.Palette[i] = p.bar.colour(t, float64(i)/255)
		strip.Pix[255-i] = uint8(i)
	}
	pen.c.DrawImage(box, strip)

	bt := fit(p.bar.values, box.Size().Y, t, false)
	path := box.Path()
	for _, k := range bt.major {
		y := snap(box.Min.Y + vg.Length(k.at)*box.Size().Y)
		path.Move(vg.Point{X: box.Max.X, Y: y})
		path.Line(vg.Point{X: box.Max.X + t.tick/2, Y: y})
		pen.write(k.label, vg.Point{X: box.Max.X + t.gap, Y: y}, leftMid, t.small, t.ink)
	}
	pen.line(path, t.frame, t.ink)

	turned, head := p.barHead(bt, t)
	if head != "" {
		pen.write(head, vg.Point{X: box.Min.X, Y: f.Max.Y + 1.5*t.gap}, left, t.small, t.ink)
	}
	if turned != "" {
		at := vg.Point{X: box.Max.X + t.gap + widest(bt, t.small) + t.gap + t.text, Y: (box.Min.Y + box.Max.Y) / 2}
		pen.turned(turned, at, centre, t.text, t.ink, math.Pi/2)
	}
}
