package plotting

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// mosaic is the content of a figure made of figures.
type mosaic struct {
	columns int
	parts   []Figure // one without panels is an empty place
	letters bool     // (a), (b), …
	shared  bool     // one axis of x and one of y for all
	dense   bool     // small pictures that differ little: less width will do
	bar     *bar     // of all parts, at the right
}

// Grid puts figures beside and below one another, row by row, with panel letters
// (a), (b), … before their titles. Frames of a column and of a row line up. Where a
// column would become too narrow there are fewer of them. Captions that agree
// are written once. The theme is that of the first figure.
//
// The figure has an error if there are no figures or more than 26, if columns is
// less than 1, and if one of the figures has an error.
func Grid(columns int, figures ...Figure) Figure {
	if columns < 1 {
		return failed("Grid(%d): a grid has at least 1 column", columns)
	}
	if len(figures) == 0 || len(figures) > 26 {
		return failed("Grid: %d figures; give 1 to 26, one for each panel letter", len(figures))
	}
	same := true
	for i, f := range figures {
		if f.err != nil {
			return failed("Grid: panel %s: %w", letter(i), f.err)
		}
		same = same && f.caption == figures[0].caption
	}
	f := compose(Labels{}, mosaic{columns: columns, parts: slices.Clone(figures), letters: true})
	f.theme = figures[0].theme
	var titles []string
	for i := range f.grid.parts {
		p := &f.grid.parts[i]
		titles = append(titles, strings.TrimSpace(letter(i)+" "+p.title))
		if same {
			f.caption = p.caption
		} else if p.caption != "" {
			f = f.note(letter(i) + " " + p.caption)
		}
		for _, n := range p.notes {
			f = f.note(letter(i) + " " + n)
		}
		p.caption, p.notes = "", nil
	}
	f.alt = strings.Join(titles, ", ")
	return f
}

// ShareAxes returns a figure made by [Grid] with one axis of x and one of y
// for all its panels, numbered at the left and below only, so that they can be
// compared. It is for figures of one panel with the same axis labels; others are
// an error of the returned figure.
func (f Figure) ShareAxes() Figure {
	if f.err != nil {
		return f
	}
	if f.grid == nil {
		return failed("ShareAxes: the figure is not a Grid; only panels of a grid have axes to share")
	}
	for i, p := range f.grid.parts {
		if p.grid != nil || len(p.panels) != 1 || len(p.panels[0]) != 1 {
			return failed("ShareAxes: figure %s has several panels; only figures of one panel share axes", letter(i))
		}
		a, b := p.panels[0][0], f.grid.parts[0].panels[0][0]
		if a.x.label != b.x.label || a.y.label != b.y.label || a.x.log != b.x.log || a.y.log != b.y.log {
			return failed("ShareAxes: the axes of figure %s are %q and %q, those of (a) %q and %q; only equal ones can be shared", letter(i), a.x.label, a.y.label, b.x.label, b.y.label)
		}
	}
	g := *f.grid
	g.shared = true
	f.grid = &g
	return f
}

// letter names a panel.
func letter(i int) string { return fmt.Sprintf("(%c)", 'a'+i) }

// compose returns a figure made of figures.
func compose(l Labels, g mosaic) Figure {
	return Figure{title: l.Title, caption: l.Caption, grid: &g, theme: Light, width: defaultWidth}
}

// part returns a panel as a part of a grid.
func part(title string, p *panel) Figure { return newFigure(Labels{Title: title}, []*panel{p}) }

// needs is the room that the outermost frames of the parts of each column and
// each row have about them.
type needs struct{ columns, rows []room }

// needs measures the parts in so many columns, each of the given width.
func (f Figure) needs(parts []Figure, columns int, width vg.Length, t Theme) (needs, error) {
	n := needs{make([]room, columns), make([]room, (len(parts)+columns-1)/columns)}
	for i, p := range parts {
		if p.empty() {
			continue
		}
		p.width = float64(width / vg.Inch)
		l, err := p.arrangeWith(room{}, t)
		if err != nil {
			return n, f.noRoom()
		}
		c, r := &n.columns[i%columns], &n.rows[i/columns]
		c.left, c.right = max(c.left, l.rooms.left), max(c.right, l.rooms.right)
		r.top, r.bottom = max(r.top, l.rooms.top), max(r.bottom, l.rooms.bottom)
		r.titles = max(r.titles, len(l.title))
	}
	return n, nil
}

// arrangeGrid lays a figure of figures out, with at least some room about the
// outermost frames.
func (f Figure) arrangeGrid(leastRoom room, t Theme) (*layout, error) {
	g := f.grid
	l := &layout{width: vg.Length(f.width) * vg.Inch}
	barRoom := vg.Length(0)
	if g.bar != nil {
		l.bar = &panel{bar: g.bar}
		barRoom = l.bar.barRoom(0.4*l.width, t)
	}
	// As many columns as leave the frames a width to see something.
	least := 0.6 * t.minimumColumn
	if g.dense {
		least = 0.3 * t.minimumColumn
	}
	var (
		columns    = min(g.columns, len(g.parts))
		parts      []Figure
		n          needs
		free       vg.Length // width without bar and gaps
		frameWidth vg.Length // of all columns
		err        error
	)
	for ; ; columns-- {
		parts = g.laidOut(columns)
		free = l.width - barRoom - panelGap*vg.Length(columns-1)
		if n, err = f.needs(parts, columns, free/vg.Length(columns), t); err != nil && columns == 1 {
			return nil, err
		} else if err != nil {
			continue
		}
		first, last := &n.columns[0], &n.columns[columns-1]
		top, bottom := &n.rows[0], &n.rows[len(n.rows)-1]
		first.left, last.right = max(first.left, leastRoom.left), max(last.right, leastRoom.right-barRoom)
		top.top, bottom.bottom = max(top.top, leastRoom.top), max(bottom.bottom, leastRoom.bottom)
		l.rooms = room{first.left, last.right + barRoom, top.top, bottom.bottom, 0}
		frameWidth = free
		for _, c := range n.columns {
			frameWidth -= c.left + c.right
		}
		frameWidth /= vg.Length(columns)
		if frameWidth >= least || columns == 1 {
			break
		}
	}
	rows := len(n.rows)
	width := func(i int) vg.Length {
		c := n.columns[i%columns]
		return c.left + c.right + max(frameWidth, leastFrame)
	}
	place := func(i int, height vg.Length) (*layout, error) {
		p, c, r := parts[i], n.columns[i%columns], n.rows[i/columns]
		p.width, p.height = float64(width(i)/vg.Inch), float64(height/vg.Inch)
		return p.arrangeWith(room{c.left, c.right, r.top, r.bottom, r.titles}, t)
	}
	// How high do they want to be?
	heights := make([]vg.Length, rows)
	l.parts = make([]*layout, len(parts))
	for i, p := range parts {
		if p.empty() {
			continue
		}
		q, err := place(i, 0)
		if err != nil {
			return nil, f.noRoom()
		}
		heights[i/columns] = max(heights[i/columns], q.height)
		l.parts[i] = q
	}
	l.textX = l.parts[0].textX
	l.title = wrap(f.title, l.width-l.textX, t.text)
	for _, text := range f.captions() {
		l.caption = append(l.caption, wrap(text, l.width-l.textX, t.small)...)
	}
	total := vg.Length(0)
	for _, h := range heights {
		total += h
	}
	taken := l.titleHeight(t) + l.captionHeight(t) + panelGap*vg.Length(rows-1)
	l.height = taken + total
	if f.height > 0 {
		l.height = vg.Length(f.height) * vg.Inch
		stretch := max((l.height-taken)/total, 0.05)
		for j := range heights {
			heights[j] *= stretch
		}
	}
	// Into their places.
	y := l.height - l.titleHeight(t)
	for j := range rows {
		x := vg.Length(0)
		for i := j * columns; i < min((j+1)*columns, len(parts)); i++ {
			if !parts[i].empty() {
				q, err := place(i, heights[j])
				if err != nil {
					return nil, f.noRoom()
				}
				q.move(vg.Point{X: toGrid(x), Y: toGrid(y - heights[j])})
				l.parts[i] = q
			}
			x += width(i) + panelGap
		}
		y -= heights[j] + panelGap
	}
	if l.bar != nil {
		first, last := l.parts[0], l.parts[(rows-1)*columns]
		l.barFrame.Max = vg.Point{X: l.width - barRoom, Y: first.cells[0][0].frame.Max.Y}
		l.barFrame.Min = vg.Point{X: 0, Y: last.cells[len(last.cells)-1][0].frame.Min.Y}
	}
	return l, nil
}

// noRoom explains why a part could not be laid out.
func (f Figure) noRoom() error {
	return fmt.Errorf("Size(%.4g, %v): its words leave the figure no room for all of its panels; make it larger or use height 0", f.width, f.height)
}

func (f Figure) empty() bool { return f.grid == nil && len(f.panels) == 0 }

// laidOut returns the parts as they are drawn in so many columns.
func (g *mosaic) laidOut(columns int) []Figure {
	parts := slices.Clone(g.parts)
	if columns < g.columns { // places for the eye make no sense any more
		parts = slices.DeleteFunc(parts, Figure.empty)
	}
	if g.letters {
		for i := range parts {
			parts[i].title = strings.TrimSpace(letter(i) + " " + parts[i].title)
		}
	}
	if !g.shared {
		return parts
	}
	var x, y span
	for _, p := range parts {
		a, b := p.panels[0][0].spans()
		x.join(a)
		y.join(b)
	}
	for i := range parts {
		p := *parts[i].panels[0][0]
		p.x.reach, p.y.reach = x, y
		p.x.hidden = i+columns < len(parts)
		p.y.hidden = i%columns > 0
		parts[i].panels = [][]*panel{{&p}}
	}
	return parts
}

// toGrid moves a length to the pixels of a web page.
func toGrid(v vg.Length) vg.Length { return snap(v) - cssPixel/2 }

// move shifts a layout.
func (l *layout) move(by vg.Point) {
	l.origin = l.origin.Add(by)
	for _, row := range l.cells {
		for i := range row {
			f := &row[i].frame
			f.Min, f.Max = f.Min.Add(by), f.Max.Add(by)
		}
	}
	for _, p := range l.parts {
		if p != nil {
			p.move(by)
		}
	}
	l.barFrame.Min, l.barFrame.Max = l.barFrame.Min.Add(by), l.barFrame.Max.Add(by)
}
