package plotting

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/nnfield/weights"
	"github.com/nnfield/nnfield/plotting/colormap"
)

// Phases draws angles on a grid, such as those of plaquettes, with the cyclic
// colour map: −π and π look alike. Links, if there are any, are drawn between the
// sites as lines coloured by the phase of each: along x[j·nx + i] belongs to the
// link from site (i, j) to (i+1, j), along y[j·nx + i] to that from (i, j) to
// (i, j+1), the last ones of a row or column leaving the picture. Site (i, j) is
// at (X[i], Y[j]); with links the angle Values[j·nx + i] fills the plaquette
// to its upper right.
//
// The figure has an error where [Image] has one, if the links are not as many as
// the values, and for links of more than 64×64 sites.
func Phases(l Labels, f Field, alongX, alongY []float64) Figure {
	wrapped := f
	wrapped.Colours, wrapped.Colouring = colormap.Phase, Colouring{}
	wrapped.Values = make([]float64, len(f.Values))
	for i, v := range f.Values {
		wrapped.Values[i] = math.Remainder(v, 2*math.Pi)
	}
	p, note, err := wrapped.panel("Phases", l)
	if err != nil {
		return Figure{err: err}
	}
	angles := scale{lo: -math.Pi, hi: math.Pi, angle: true}
	r := p.marks[0].(*raster)
	r.limits, p.bar.values = angles, angles
	if alongX != nil || alongY != nil {
		if len(alongX) != len(f.Values) || len(alongY) != len(f.Values) {
			return failed("Phases: %d links along x and %d along y on %d sites; give one of each for a site", len(alongX), len(alongY), len(f.Values))
		}
		const most = 64
		if max(len(f.X), len(f.Y)) > most {
			return failed("Phases: links of %d×%d sites; a picture has room for those of %d×%d, hand over the plaquettes alone", len(f.X), len(f.Y), most, most)
		}
		// A plaquette is up and right of its site.
		r.xEdges, r.yEdges = corners(f.X), corners(f.Y)
		p.marks = append(p.marks, links{f.X, f.Y, alongX, alongY})
	}
	return newFigure(l, []*panel{p}).note(join("Angles modulo 2π.", note)).narrowed()
}

// corners returns the borders of cells that begin at the samples.
func corners(x []float64) []float64 {
	last := 1.0
	if n := len(x); n > 1 {
		last = x[n-1] - x[n-2]
	}
	return append(slices.Clone(x), x[len(x)-1]+last)
}

// links are the phases of the links of a plane lattice.
type links struct{ x, y, alongX, alongY []float64 }

func (links) extent(_, _ bool) (x, y span) { return }

func (k links) draw(p *pen, f frame) {
	nx := len(k.x)
	xEnds, yEnds := corners(k.x), corners(k.y)
	segment := func(phase, x0, y0, x1, y1 float64) {
		c := p.theme.missing
		if phase-phase == 0 {
			c = colormap.Phase.At(math.Remainder(phase, 2*math.Pi)/(2*math.Pi) + 0.5)
		}
		path := vg.Path{{Type: vg.MoveComp, Pos: f.nearest(f.place(x0, y0))}, {Type: vg.LineComp, Pos: f.nearest(f.place(x1, y1))}}
		p.line(path, 4.2, color.NRGBA{255, 255, 255, 255})
		p.line(path, 2.6, c)
	}
	for j, y := range k.y {
		for i, x := range k.x {
			segment(k.alongX[j*nx+i], x, y, xEnds[i+1], y)
			segment(k.alongY[j*nx+i], x, y, x, yEnds[j+1])
		}
	}
}

// Stencil draws a stencil as the small signed kernel it is: the weight with which
// the neuron in the middle listens to each neighbour, written into a cell of its
// colour. Axis x runs to the right, y upward; in three dimensions there is a
// picture for each z.
//
// The figure has an error if s is nil, has no taps, or reaches farther than 6
// sites.
func Stencil(l Labels, s *weights.Stencil) Figure {
	if s == nil {
		return failed("Stencil: the stencil is nil; hand over what weights.Laplacian or weights.NewStencil returned")
	}
	taps := s.Taps()
	if len(taps) == 0 {
		return failed("Stencil: %v has no taps; there is nothing to draw", s)
	}
	var reach [3]int
	var all span
	layers := map[int]bool{}
	for _, t := range taps {
		for k, o := range t.Offset {
			reach[k] = max(reach[k], o, -o)
		}
		all.add(t.Weight)
		layers[t.Offset[2]] = true
	}
	const farthest = 6
	if far := slices.Max(reach[:]); far > farthest {
		return failed("Stencil: it reaches %d sites far; the picture has room for %d, draw it with Tensor", far, farthest)
	}
	colours, values := palette(span{min(all.lo, -all.hi), max(all.hi, -all.lo), true}, colormap.Balance)
	m := mosaic{columns: 3, dense: true}
	for z := -reach[2]; z <= reach[2]; z++ {
		if !layers[z] {
			continue
		}
		k := kernel{reach: [2]int{reach[0], reach[1]}, colours: colours, limits: values}
		for _, t := range taps {
			if t.Offset[2] == z {
				k.taps = append(k.taps, t)
			}
		}
		rows := float64(2*reach[1] + 1)
		p := &panel{marks: []mark{k}, bare: true, rigid: true, aspect: rows / float64(2*reach[0]+1)}
		title := ""
		if s.Lattice().Dim() == 3 {
			title = minus(fmt.Sprintf("z: %+d", z))
		}
		m.parts = append(m.parts, part(title, p))
	}
	f := compose(l, m)
	f.width = min(defaultWidth, 0.4+0.75*float64((2*reach[0]+1)*len(m.parts)))
	f.width = max(f.width, 2.6)
	return f.note("Weight of the neuron so many sites away; the middle is the neuron itself.")
}

// kernel is the picture of a stencil.
type kernel struct {
	taps    []weights.Tap
	reach   [2]int
	colours colormap.Map
	limits  scale
}

func (k kernel) extent(_, _ bool) (x, y span) {
	for _, s := range []float64{-0.5, 0.5} {
		x.add(s * float64(2*k.reach[0]+1))
		y.add(s * float64(2*k.reach[1]+1))
	}
	return x, y
}

func (k kernel) draw(p *pen, f frame) {
	t := p.theme
	cell := func(i, j int) vg.Rectangle {
		x, y := float64(i), float64(j)
		return vg.Rectangle{Min: f.place(x-0.5, y-0.5), Max: f.place(x+0.5, y+0.5)}
	}
	for i := -k.reach[0]; i <= k.reach[0]; i++ {
		for j := -k.reach[1]; j <= k.reach[1]; j++ {
			p.line(cell(i, j).Path(), 0.5*t.frame, t.faint)
		}
	}
	for _, tap := range k.taps {
		box := cell(tap.Offset[0], tap.Offset[1])
		c := k.colours.At(k.limits.at(tap.Weight))
		p.c.SetColor(c)
		p.c.Fill(box.Path())
		p.line(box.Path(), t.frame, t.ink)
		ink := color.NRGBA{A: 255}
		if 3*int(c.R)+6*int(c.G)+int(c.B) < 1100 { // dark
			ink = color.NRGBA{255, 255, 255, 255}
		}
		text := minus(fmt.Sprintf("%.3g", tap.Weight))
		size := min(t.text, 0.9*box.Size().X/vg.Length(max(1, parse(text).width)))
		p.write(text, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, centreMid, size, ink)
	}
}

// Graph draws a small network: neurons on a circle and a line for each pair that
// is joined, red for positive weights and blue for negative ones, thicker for
// larger ones. An arrow head points to the neuron that listens where the two
// weights of a pair differ. Types names the neuron types, of equally many sites
// each, which take an arc of the circle each.
//
// The figure has an error for no neurons or more than 60, for types that do not
// divide them, and if no weight is finite.
func Graph(l Labels, w weights.Tensor, types ...string) Figure {
	n := w.Size()
	const most = 60
	if n < 1 || n > most {
		return failed("Graph: %d neurons; a graph can be read up to %d, draw larger networks with Tensor", n, most)
	}
	if len(types) > 0 && n%len(types) != 0 {
		return failed("Graph: %d neurons are not %d types of equally many; name the types of this tensor", n, len(types))
	}
	g := graph{n: n, types: types, w: make([]float64, n*n)}
	for i := range n {
		w.Row(i, func(j int, v float64) {
			g.w[i*n+j] = v
			if v-v == 0 {
				g.largest = max(g.largest, math.Abs(v))
			}
		})
	}
	if c := count(g.w); !c.seen {
		return failed("Graph: no weight of %v is finite; there is nothing to draw", w)
	}
	p := &panel{marks: []mark{g}, bare: true, rigid: true, aspect: 1}
	f := newFigure(l, []*panel{p})
	f.width = 4
	f = f.note(fmt.Sprintf("Red: positive weights; blue: negative; the thickest %s. Rings: weights of neurons on themselves.", minus(fmt.Sprintf("%.3g", g.largest))))
	return f.note(count(g.w).remark("weight"))
}

// graph is a network on a circle.
type graph struct {
	n       int
	types   []string
	w       []float64 // w[i·n + j]: how neuron i listens to neuron j
	largest float64
}

func (graph) extent(_, _ bool) (x, y span) { return span{-1.4, 1.4, true}, span{-1.4, 1.4, true} }

// seat returns the angle of a neuron. Types are set apart, and every second one
// runs the other way round: neurons of one site face each other.
func (g graph) seat(i int) float64 {
	groups := max(1, len(g.types))
	gap := 0.0
	if groups > 1 {
		gap = 0.12
	}
	each := 2 * math.Pi / float64(groups)
	size := g.n / groups
	at := i % size
	if i/size%2 == 1 {
		at = size - 1 - at
	}
	return math.Pi/2 - each*float64(i/size) - (each*(1-gap))*(float64(at)+0.5)/float64(size) - each*gap/2
}

func (g graph) draw(p *pen, f frame) {
	t := p.theme
	on := func(i int, r float64) vg.Point {
		sin, cos := math.Sincos(g.seat(i))
		return f.place(r*cos, r*sin)
	}
	unit := float64(f.place(1, 0).X - f.place(0, 0).X)
	radius := vg.Length(min(0.09, 0.8*math.Pi/float64(g.n)) * unit)
	look := func(v float64) (color.NRGBA, vg.Length) {
		c := color.NRGBA{200, 60, 50, 255}
		if v < 0 {
			c = color.NRGBA{50, 105, 200, 255}
		}
		return c, vg.Length(0.5 + 2.2*math.Abs(v)/g.largest)
	}
	for i := range g.n {
		for j := range i {
			a, b := g.w[i*g.n+j], g.w[j*g.n+i]
			if a == 0 && b == 0 || a-a != 0 || b-b != 0 {
				continue
			}
			from, to := on(j, 1), on(i, 1)
			path := vg.Path{{Type: vg.MoveComp, Pos: from}, {Type: vg.LineComp, Pos: to}}
			if a == b {
				c, width := look(a)
				p.line(path, width, c)
				continue
			}
			// One half for each direction, the head at the listener's end.
			mid := vg.Point{X: (from.X + to.X) / 2, Y: (from.Y + to.Y) / 2}
			for _, half := range []struct {
				end vg.Point
				v   float64
			}{{to, a}, {from, b}} {
				if half.v == 0 {
					c := t.faint
					p.line(vg.Path{{Type: vg.MoveComp, Pos: mid}, {Type: vg.LineComp, Pos: half.end}}, 0.5, c)
					continue
				}
				c, width := look(half.v)
				p.line(vg.Path{{Type: vg.MoveComp, Pos: mid}, {Type: vg.LineComp, Pos: half.end}}, width, c)
				p.c.SetColor(c)
				p.c.Fill(head(mid, half.end, 4+width))
			}
		}
	}
	for i := range g.n {
		if v := g.w[i*g.n+i]; v != 0 && v-v == 0 {
			c, width := look(v)
			var ring vg.Path
			at := on(i, 1+1.6*float64(radius)/unit)
			ring.Move(vg.Point{X: at.X + radius, Y: at.Y})
			ring.Arc(at, radius, 0, 2*math.Pi)
			ring.Close()
			p.line(ring, width, c)
		}
	}
	size := g.n / max(1, len(g.types))
	for i := range g.n {
		p.dots([]vg.Point{on(i, 1)}, radius, t.cycle[i/size%len(t.cycle)])
		if label := fmt.Sprint(i % size); 1.2*radius > widthOf(label, 0.8*t.small)/2 {
			p.write(label, on(i, 1), centreMid, 0.8*t.small, t.paper)
		}
	}
	if len(g.types) > 1 {
		for k, name := range g.types {
			sin, cos := math.Sincos(math.Pi/2 - 2*math.Pi*(float64(k)+0.5)/float64(len(g.types)))
			p.write(name, f.place(1.32*cos, 1.32*sin), centreMid, 1.3*t.text, t.cycle[k%len(t.cycle)])
		}
	}
}
