package plotting

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// layout places the panels of a figure. All sizes follow from measured text.
type layout struct {
	width, height vg.Length
	title         []string // broken into lines
	caption       []string
	textX         vg.Length // where title and caption begin
	cells         [][]cell
	lack          vg.Length // missing width or height
	margin        vg.Length // about all of it
	origin        vg.Point  // lower left corner
	rooms         room      // about the outermost frames
	least         room      // what rooms are at least, to line up with neighbours

	// Of a figure of figures.
	parts    []*layout // nil: an empty place
	bar      *panel    // holds the colour bar of all parts, or nil
	barFrame vg.Rectangle
}

// cell is a panel at its place.
type cell struct {
	panel *panel
	frame frame
	room  room
}

const (
	panelGap   = vg.Length(8)  // empty space between panels
	leastFrame = vg.Length(20) // a smaller frame shows nothing
)

// arrange lays a figure out. Ticks depend on the size of a frame and the size
// of a frame on the room its tick labels take, so it goes round a few times;
// the number of ticks settles at once. It fails if the size of the figure leaves
// no room for its panels.
func (f Figure) arrange(t Theme) (*layout, error) {
	if t.style == nil || t.margin == 0 { // an empty figure has no theme
		return f.arrangeWith(room{}, t)
	}
	f.width -= float64(2 * t.margin / vg.Inch)
	if f.height > 0 {
		f.height -= float64(2 * t.margin / vg.Inch)
	}
	l, err := f.arrangeWith(room{}, t)
	if err != nil {
		return nil, err
	}
	l.margin = t.margin
	l.move(vg.Point{X: t.margin, Y: t.margin})
	return l, nil
}

// paper returns the size of the whole figure.
func (l *layout) paper() (width, height vg.Length) {
	return l.width + 2*l.margin, l.height + 2*l.margin
}

// arrangeWith leaves at least some room about the outermost frames.
func (f Figure) arrangeWith(least room, t Theme) (*layout, error) {
	if f.grid != nil {
		return f.arrangeGrid(least, t)
	}
	if f.empty() {
		return nil, fmt.Errorf("the figure is empty; make one with a function such as Lines or Spacetime")
	}
	l := &layout{width: vg.Length(f.width) * vg.Inch, least: least}
	for _, row := range f.rows(l.width, t) {
		var cells []cell
		for _, p := range row {
			cells = append(cells, cell{panel: p, frame: p.frame()})
		}
		l.cells = append(l.cells, cells)
	}
	for range 4 {
		l.round(f, t)
	}
	if l.lack > 0 {
		return nil, fmt.Errorf("Size(%v, %v): its words leave the figure no room for the panels; use at least %.1f inches more, or height 0", f.width, f.height, float64(l.lack/vg.Inch)+0.1)
	}
	return l, nil
}

// rows returns the panels as rows: as the figure has them, or one below
// another if a column would become too narrow.
func (f Figure) rows(width vg.Length, t Theme) [][]*panel {
	var rows [][]*panel
	for _, row := range f.panels {
		if width/vg.Length(len(row)) >= t.minimumColumn {
			rows = append(rows, row)
			continue
		}
		for _, p := range row {
			rows = append(rows, []*panel{p})
		}
	}
	return rows
}

// round sizes the frames from the room that the frames of the last round need.
func (l *layout) round(f Figure, t Theme) {
	columns := 0
	for _, row := range l.cells {
		columns = max(columns, len(row))
	}
	left, right := make([]vg.Length, columns), make([]vg.Length, columns)
	top, bottom := make([]vg.Length, len(l.cells)), make([]vg.Length, len(l.cells))
	for j, row := range l.cells {
		for i := range row {
			c := &row[i]
			if c.frame.Size().X <= 0 { // first round: a guess
				width := 0.8 * l.width / vg.Length(columns)
				c.frame.Max = vg.Point{X: width, Y: width * vg.Length(c.panel.aspect)}
			}
			c.room = c.panel.room(c.frame, t)
			end := i // the last panel of a row reaches to the right edge
			if i == len(row)-1 {
				end = columns - 1
			}
			left[i], right[end] = max(left[i], c.room.left), max(right[end], c.room.right)
			top[j], bottom[j] = max(top[j], c.room.top), max(bottom[j], c.room.bottom)
		}
	}

	last := len(l.cells) - 1
	left[0], right[columns-1] = max(left[0], l.least.left), max(right[columns-1], l.least.right)
	top[0], bottom[last] = max(top[0], l.least.top), max(bottom[last], l.least.bottom)
	l.rooms = room{left[0], right[columns-1], top[0], bottom[last], 0}

	free := l.width - panelGap*vg.Length(columns-1)
	for i := range columns {
		free -= left[i] + right[i]
	}
	frameWidth := max(free/vg.Length(columns), leastFrame)
	l.lack = vg.Length(columns)*leastFrame - free
	width := func(i, panels int) vg.Length {
		w := frameWidth
		if i == panels-1 {
			for k := i + 1; k < columns; k++ {
				w += right[k-1] + panelGap + left[k] + frameWidth
			}
		}
		return w
	}

	l.textX = left[0]
	l.title = wrap(f.title, l.width-l.textX, t.text)
	for len(l.title) < l.least.titles {
		l.title = append(l.title, "")
	}
	l.caption = nil
	for _, text := range f.captions() {
		l.caption = append(l.caption, wrap(text, l.width-l.textX, t.small)...)
	}
	taken := l.titleHeight(t) + l.captionHeight(t) + panelGap*vg.Length(len(l.cells)-1)
	natural := make([]vg.Length, len(l.cells))
	total := vg.Length(0)
	for j, row := range l.cells {
		taken += top[j] + bottom[j]
		for i, c := range row {
			natural[j] = max(natural[j], width(i, len(row))*vg.Length(c.panel.aspect))
		}
		total += natural[j]
	}
	l.height = taken + total
	stretch := vg.Length(1)
	if f.height > 0 {
		l.height = vg.Length(f.height) * vg.Inch
		room, least := l.height-taken, vg.Length(len(l.cells))*leastFrame
		l.lack = max(l.lack, least-room)
		stretch = max(room, least) / total
	}

	y := l.height - l.titleHeight(t)
	for j, row := range l.cells {
		y -= top[j]
		x := vg.Length(0)
		height := natural[j] * stretch
		for i := range row {
			c := &row[i]
			x += left[i]
			full := width(i, len(row))
			w, h := full, height
			if c.panel.rigid { // shrink to keep the aspect
				aspect := vg.Length(c.panel.aspect)
				w = min(w, h/aspect)
				h = w * aspect
			}
			offset := (full - w) / 2
			c.frame.Min = vg.Point{X: snap(x + offset), Y: snap(y - h)}
			c.frame.Max = vg.Point{X: snap(x + offset + w), Y: snap(y)}
			c.room = room{left[i], right[i], top[j], bottom[j], 0}
			x += full + right[i] + panelGap
		}
		y -= height + bottom[j] + panelGap
	}
}

func (l *layout) titleHeight(t Theme) vg.Length {
	if len(l.title) == 0 {
		return 0
	}
	return vg.Length(len(l.title))*lineHeight(t.text) + t.gap
}

func (l *layout) captionHeight(t Theme) vg.Length {
	if len(l.caption) == 0 {
		return 0
	}
	return t.gap + vg.Length(len(l.caption))*lineHeight(t.small)
}

// draw draws the whole figure.
func (l *layout) draw(p *pen) {
	t := p.theme
	x, y := l.origin.X+l.textX, l.origin.Y+l.height
	for _, line := range l.title {
		p.write(line, vg.Point{X: x, Y: y - t.text}, left, t.text, t.ink)
		y -= lineHeight(t.text)
	}
	for _, row := range l.cells {
		for _, c := range row {
			c.panel.draw(p, c.frame, c.room)
		}
	}
	for _, part := range l.parts {
		if part != nil {
			part.draw(p)
		}
	}
	if l.bar != nil {
		l.bar.drawBar(p, frame{Rectangle: l.barFrame})
	}
	y = l.origin.Y + l.captionHeight(t) - t.gap
	for _, line := range l.caption {
		p.write(line, vg.Point{X: x, Y: y - t.small}, left, t.small, t.faint)
		y -= lineHeight(t.small)
	}
}
