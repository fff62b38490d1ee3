package interactive

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/colormap"
	"github.com/nnfield/nnfield/plotting/internal/frames"
)

// Help below the charts that have a cursor and can be zoomed.
const zoomHelp = "Drag a rectangle to zoom, double-click for the whole; Ctrl and wheel zoom, Shift and drag move."

// Spacetime draws φ(t, x) of a run on a line or ring, x to the right and t
// upward, with a cursor: below the image stands the field along x at its time,
// beside it the field along t at its place. The chart has an error where
// [plotting.Spacetime] has one.
func Spacetime(r *simulate.Run) Chart {
	twin := plotting.Spacetime(r)
	if err := twin.Err(); err != nil {
		return Chart{err: err}
	}
	g := grid{x: edges(r.Coordinates(0)), y: edges(r.Times()), frames: [][]float64{frames.History(r)}}
	c := described("image", twin, colormap.Map{})
	c.image(g, "x", "t", frames.Symbol(r), false)
	return c
}

// Frames draws the first field of a run with a slider for time: on one dimension
// a curve, on two an image with a cursor and the slices through it. The chart
// has an error where [plotting.Frame] has one.
func Frames(r *simulate.Run) Chart {
	if err := flat("Frames", r); err != nil {
		return Chart{err: err}
	}
	twin := plotting.Frame(r, -1)
	if err := twin.Err(); err != nil {
		return Chart{err: err}
	}
	times := r.Times()
	name := func(i int) string { return fmt.Sprintf("t = %.4g", times[i]) }
	if r.Lattice().Dim() == 2 {
		c := described("image", twin, colormap.Map{})
		c.spec.Title = r.Model.Card().Title
		kept := c.image(planeFrames(r), "x", "y", frames.Symbol(r), true)
		c.sequence(kept, name)
		return c
	}

	c := described("curve", twin, colormap.Map{})
	c.spec.Title = r.Model.Card().Title
	// The frames of a curve are the rows of one field: a row cannot be reduced
	// together with its neighbours.
	g := grid{x: edges(r.Coordinates(0))}
	for i := range r.Len() {
		g.frames = append(g.frames, frames.Values(r, i))
	}
	g.y = []float64{0, 1}
	g.limits = [][2]float64{frames.Of(g.frames...).Limits()}
	p, kept, reduced := fitted(g, 4096)
	c.spec.Field, c.spec.Symbol, c.spec.Names = &p, frames.Symbol(r), []string{"x"}
	c.reduced(reduced, g, p, kept)
	// The script reads frame k as row k.
	p.Y = make(numbers, len(kept)+1)
	for i := range p.Y {
		p.Y[i] = float64(i)
	}
	c.note("Grey: the first frame. " + zoomHelp)
	margin := 0.05 * (g.limits[0][1] - g.limits[0][0])
	x, y := side{name: "x", min: g.x[0], max: g.x[len(g.x)-1]}, side{name: frames.Symbol(r), min: g.limits[0][0] - margin, max: g.limits[0][1] + margin}
	c.spec.Height = 350
	c.spec.Option = option(c.spec.Title, []plane{{box{64, 36, width - 64 - 24, 350 - 36 - 46}, x, y}},
		[]any{zoom("x", 0), zoom("y", 0)}, line(0, faint), line(0, blue))
	c.sequence(kept, name)
	return c
}

// Surface draws φ(t, x) of a run on a line or ring, or φ(x, y) on a plane with a
// slider for time, as a surface to be turned and zoomed. The chart has an error
// where [plotting.Spacetime] or [plotting.Frame] has one.
func Surface(r *simulate.Run) Chart {
	if err := flat("Surface", r); err != nil {
		return Chart{err: err}
	}
	var (
		twin  plotting.Figure
		g     grid
		other = "t"
	)
	plane := r.Lattice().Dim() == 2
	if plane {
		twin, other = plotting.Frame(r, -1), "y"
	} else {
		twin = plotting.Spacetime(r)
	}
	if err := twin.Err(); err != nil {
		return Chart{err: err}
	}
	if plane {
		g = planeFrames(r)
	} else {
		g = grid{x: edges(r.Coordinates(0)), y: edges(r.Times()), frames: [][]float64{frames.History(r)}}
	}
	limits := frames.Of(g.frames...).Limits()
	g.limits = [][2]float64{limits}
	// More vertices than these are more than a screen shows and slow to turn.
	const vertices = 160
	p, kept, reduced := fitted(g, vertices)

	// Height tells the sign; a map that is white at zero would vanish on paper.
	c := described("surface", twin, colormap.Viridis)
	c.spec.GL, c.spec.Field, c.spec.Symbol, c.spec.Height = true, &p, frames.Symbol(r), 460
	c.reduced(reduced, g, p, kept)
	c.note("Drag to turn, wheel to zoom.")
	axis := func(name string, edges []float64) map[string]any {
		lo, hi := limits[0], limits[1]
		if n := len(edges); n > 0 { // a surface ends where its samples are
			lo, hi = edges[0]/2+edges[1]/2, edges[n-2]/2+edges[n-1]/2
		}
		if lo == hi {
			lo, hi = lo-0.5, hi+0.5
		}
		return map[string]any{"type": "value", "name": name, "min": lo, "max": hi, "nameTextStyle": map[string]any{"fontSize": 14}}
	}
	// Written here: go-echarts v2.6.7 names the series of its Surface3D "scatter3D".
	c.spec.Option = map[string]any{
		"animation": false,
		"title":     map[string]any{"text": c.spec.Title, "left": "center", "top": 6, "textStyle": map[string]any{"fontSize": 13, "color": ink}},
		"xAxis3D":   axis("x", p.X),
		"yAxis3D":   axis(other, p.Y),
		"zAxis3D":   axis(frames.Symbol(r), nil),
		"grid3D": map[string]any{
			"boxWidth": 100, "boxDepth": 100, "boxHeight": 45, "top": -20, "left": -30, "width": width - 40,
			"viewControl": map[string]any{"distance": 195, "alpha": 32, "beta": -35},
			"light":       map[string]any{"main": map[string]any{"intensity": 0.8, "alpha": 50, "beta": 30}, "ambient": map[string]any{"intensity": 0.5}},
		},
		"visualMap": map[string]any{
			"min": limits[0], "max": limits[1], "dimension": 2, "right": 12, "top": 40, "itemHeight": 180, "itemWidth": 14, "calculable": false,
		},
		"series": []any{map[string]any{"type": "surface", "wireframe": map[string]any{"show": false}, "shading": "lambert", "data": []any{}}},
	}
	if plane {
		c.spec.Title = r.Model.Card().Title
		c.spec.Option["title"].(map[string]any)["text"] = c.spec.Title
		times := r.Times()
		c.sequence(kept, func(i int) string { return fmt.Sprintf("t = %.4g", times[i]) })
	}
	return c
}

// Weights draws the weights w of the network that a model is, whole, symmetric
// and antisymmetric part, and K of its dual loss where it has one of the same
// size, to be chosen from a list: a cursor tells each weight w_ij, and the row i
// and the column j through it stand below and beside. The chart has an error
// where [plotting.Weights] has one.
func Weights(model theory.Builder) Chart {
	twin := plotting.Weights(model)
	if err := twin.Err(); err != nil {
		return Chart{err: err}
	}
	m, err := model.Build()
	if err != nil {
		return Chart{err: err}
	}
	// Weights may depend on the step; the one of the twin.
	s, err := m.Network(1 / m.MaxFrequency(m.Initial()))
	if err != nil {
		return Chart{err: err}
	}
	n := s.Network()
	w := n.Weights
	type part struct {
		name string
		w    weights.Tensor
	}
	parts := []part{{"w", w}, {"w, symmetric part", weights.SymmetricPart(w)}, {"w, antisymmetric part", weights.AntisymmetricPart(w)}}
	if dual, ok := n.Loss.(network.Dual); ok && dual.K != nil && dual.K.Size() == w.Size() {
		parts = append(parts, part{"K of the dual loss", dual.K})
	}
	c := described("image", twin, colormap.Balance)
	side := min(w.Size(), 1024)
	for {
		g := grid{}
		for i := range side + 1 {
			g.x = append(g.x, math.Ceil(float64(i)*float64(w.Size())/float64(side))-0.5)
		}
		g.y = g.x
		c.spec.Frames = nil
		for _, p := range parts {
			f := blocks(p.w, side)
			s := frames.Of(f)
			limit := max(math.Abs(s.Low), math.Abs(s.High))
			if limit < 1e-300 {
				limit = 1
			}
			g.frames = append(g.frames, f)
			g.limits = append(g.limits, [2]float64{-limit, limit})
			c.spec.Frames = append(c.spec.Frames, p.name)
		}
		p := encode(g)
		if len(p.Codes) > mostField {
			side = side * 4 / 5
			continue
		}
		c.spec.Field = &p
		break
	}
	c.spec.List = true
	if side < w.Size() {
		c.note(fmt.Sprintf("%d neurons in %d blocks a side; a block shows the weight farthest from 0.", w.Size(), side))
	} else {
		c.spec.Numbered = neurons(m, w.Size())
	}
	c.panels(box{64, 36, 330, 330}, "neuron j", "neuron i", "weight")
	return c
}

// Dispersion draws the measured frequencies of a run over the relation of its
// theory and their difference below. The mode nearest to the pointer is marked
// in both and drawn beside them as a wave cos(kx) with the sites that carry it.
// The chart has an error where [plotting.Dispersion] has one.
func Dispersion(r *simulate.Run) Chart {
	twin := plotting.Dispersion(r)
	if err := twin.Err(); err != nil {
		return Chart{err: err}
	}
	modes, err := observe.Dispersion(r)
	if err != nil {
		return Chart{err: err}
	}
	c := described("dispersion", twin, colormap.Viridis)
	for _, m := range modes {
		if slices.ContainsFunc(m.K[1:], func(k float64) bool { return k != 0 }) {
			continue
		}
		w, err := observe.Branch(r, m.K...)
		if err != nil {
			return Chart{err: err}
		}
		c.spec.Points = append(c.spec.Points, point{m.K[0], m.Omega, w, math.Abs(m.Omega - w)})
	}
	slices.SortFunc(c.spec.Points, func(a, b point) int { return cmp.Compare(a.K, b.K) })
	c.spec.Length, c.spec.Sites = r.Lattice().Axis(0).Length, r.Lattice().Axis(0).Sites
	var theory, measured, differences []any
	for i, p := range c.spec.Points {
		theory = append(theory, [2]float64{p.K, p.Expected})
		measured = append(measured, [2]float64{p.K, p.Measured})
		if p.Error > 0 {
			// Exponents: the logarithmic axis of ECharts fails below 1e-14.
			differences = append(differences, [2]float64{p.K, math.Log10(p.Error)})
		}
		// Begin with the longest wave that is one.
		if p.K > 0 && (c.spec.Points[c.spec.Start].K <= 0) {
			c.spec.Start = i
		}
	}
	var k, omega frames.Span
	var difference frames.Span // of logarithms
	for _, p := range c.spec.Points {
		k.Add(p.K)
		omega.Add(p.Measured)
		omega.Add(p.Expected)
		if p.Error > 0 {
			difference.Add(math.Log10(p.Error))
		}
	}
	kAxis := along("k", k, 0.03)
	upper := kAxis
	upper.name, upper.mute = "", true
	c.spec.Height, c.spec.Powers = 430, []int{1}
	c.note("Point at a mode to see its wave. " + zoomHelp)
	c.spec.Option = option(c.spec.Title, []plane{
		{box{64, 36, 320, 210}, upper, along("ω", omega, 0.06)},
		{box{64, 262, 320, 118}, kAxis, side{name: "|Δω|", min: math.Floor(difference.Low) - 0.5, max: math.Ceil(difference.High) + 0.5, few: true}},
		{box{440, 36, 164, 210}, side{name: "x", min: 0, max: c.spec.Length}, side{name: "cos kx", min: -1.15, max: 1.15, gap: 32}},
	}, []any{zoom("x", 0, 1), zoom("y", 0)},
		line(0, blue, theory...), dots(0, orange, 4, measured...), dots(1, orange, 4, differences...),
		line(2, faint), dots(2, blue, 3), dots(0, ink, 10), dots(1, ink, 10))
	return c
}

// image makes the chart an image of a field with cursor, slices and colour
// bar, and returns which frames are left.
func (c *Chart) image(g grid, x, y, symbol string, space bool) (kept []int) {
	limits := frames.Of(g.frames...).Limits()
	g.limits = [][2]float64{limits}
	nx, ny := g.size()
	p, kept, reduced := fitted(g, 1024)
	c.spec.Palette = palette(frames.Colours(limits))
	c.spec.Field = &p
	c.reduced(reduced, g, p, kept)
	main := box{64, 36, 330, 290}
	if space {
		ratio := (g.y[ny] - g.y[0]) / (g.x[nx] - g.x[0])
		if ratio >= 0.125 && ratio <= 8 {
			main.height = int(math.Round(float64(main.width) * ratio))
			if most := 400; main.height > most {
				main.width, main.height = int(math.Round(float64(most)/ratio)), most
			}
		}
	}
	c.panels(main, x, y, symbol)
	return kept
}

// reduced says below the chart what is left of a field that was too large.
func (c *Chart) reduced(was bool, g grid, p packed, kept []int) {
	if !was {
		return
	}
	nx, ny := g.size()
	text := fmt.Sprintf("Shown with %d×%d of %d×%d samples", len(p.X)-1, len(p.Y)-1, nx, ny)
	if len(g.frames) > 1 {
		text += fmt.Sprintf(" in %d of %d frames", len(kept), len(g.frames))
	}
	c.note(text + "; extrema are kept.")
}

// panels lays out an image, its slices and its colour bar.
func (c *Chart) panels(main box, x, y, symbol string) {
	f := c.spec.Field
	limits := f.Limits[0]
	matrix := c.spec.List
	across := side{name: x, min: f.X[0], max: f.X[len(f.X)-1]}
	up := side{name: y, min: f.Y[0], max: f.Y[len(f.Y)-1], inverse: matrix}
	margin := 0.06 * (limits[1] - limits[0])
	values := side{name: symbol, min: limits[0] - margin, max: limits[1] + margin, few: true}
	mutedX, mutedY := across, up
	mutedX.name, mutedX.mute = "", true
	mutedY.name, mutedY.mute = "", true
	const gap, slice = 14, 92
	below := box{main.left, main.top + main.height + gap, main.width, slice}
	right := box{main.left + main.width + gap, main.top, slice + 8, main.height}
	bar := box{right.left + right.width + 26, main.top, 12, main.height}
	c.spec.Symbol, c.spec.Names = symbol, []string{x, y}
	c.spec.Height = below.top + below.height + 42
	colour := side{min: limits[0], max: limits[1], right: true}
	row, column := line(1, blue), line(2, orange)
	if matrix {
		row.Step = "middle" // a weight is a number by itself
	}
	c.spec.Option = option(c.spec.Title, []plane{
		{main, mutedX, up},
		{below, across, values},
		{right, values, mutedY},
		{bar, side{min: 0, max: 1, hidden: true}, colour},
	}, []any{zoom("x", 0, 1), zoom("y", 0, 2)},
		pixels(0), pixels(3), row, column, line(0, ink))
	c.note("Point at the image, or use the arrow keys, to move the cursor. " + zoomHelp)
}

// sequence gives the frames that are left their names; the last comes first,
// as in the static twin.
func (c *Chart) sequence(kept []int, name func(i int) string) {
	for _, k := range kept {
		c.spec.Frames = append(c.spec.Frames, name(k))
	}
	c.spec.Start = len(kept) - 1
}

// flat returns why a run has no chart of its frames.
func flat(call string, r *simulate.Run) error {
	if r == nil {
		return fmt.Errorf("%s: the run is nil; hand over what Run returned", call)
	}
	if d := r.Lattice().Dim(); d > 2 {
		return fmt.Errorf("%s: the lattice has %d dimensions; a chart has room for 1 or 2", call, d)
	}
	return nil
}

// planeFrames returns the frames of a run on two dimensions.
func planeFrames(r *simulate.Run) grid {
	g := grid{x: edges(r.Coordinates(0)), y: edges(r.Coordinates(1))}
	for i := range r.Len() {
		g.frames = append(g.frames, frames.Image(r, i))
	}
	return g
}

// blocks returns a tensor as side×side blocks, each the weight farthest from 0.
func blocks(w weights.Tensor, side int) []float64 {
	n := w.Size()
	out := make([]float64, side*side)
	at := func(i int) int { return int(int64(i) * int64(side) / int64(n)) }
	for i := range n {
		row := out[at(i)*side:]
		w.Row(i, func(j int, v float64) {
			// Written so that a NaN stays and is seen.
			if old := &row[at(j)]; !(math.Abs(v) <= math.Abs(*old)) && !math.IsNaN(*old) {
				*old = v
			}
		})
	}
	return out
}

// neurons names the neurons by field and site, if they are those of the fields.
func neurons(m theory.Model, n int) []string {
	var names []string
	for _, f := range m.Fields() {
		if f.Role != theory.Sites || len(names) >= n {
			continue
		}
		types := f.Types
		if len(types) == 0 {
			types = []string{f.Symbol}
		}
		for _, t := range types {
			for s := range m.Lattice().Sites() {
				names = append(names, fmt.Sprintf("%d (%s, site %s)", len(names), t, site(m, s)))
			}
		}
	}
	if len(names) != n {
		return nil
	}
	return names
}

// site names a site by its position.
func site(m theory.Model, s int) string {
	at := make([]int, m.Lattice().Dim())
	m.Lattice().Position(at, s)
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(at), " ", ","), "[]")
}
