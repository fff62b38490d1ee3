package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// Lines draws curves over a common axis, with a legend above the frame if any
// has a name. Curves of many points are thinned to the pixels without losing an
// extremum.
//
// The figure has an error if there is no series, or if one is empty, has x and
// y of different lengths, or not one finite point.
func Lines(l Labels, series ...Series) Figure {
	if len(series) == 0 {
		return failed("Lines: no series; give at least one")
	}
	p, err := linePanel("Lines", l, series)
	if err != nil {
		return Figure{err: err}
	}
	return newFigure(l, []*panel{p}).note(gaps(series...))
}

// SemiLog is [Lines] with a logarithmic axis of y, as for a loss over the steps of
// learning. Values that are not positive are left out, and counted below.
func SemiLog(l Labels, series ...Series) Figure { return logarithmicLines("SemiLog", false, l, series) }

// LogLog is [Lines] with two logarithmic axes, as for a power spectrum.
func LogLog(l Labels, series ...Series) Figure { return logarithmicLines("LogLog", true, l, series) }

func logarithmicLines(call string, both bool, l Labels, series []Series) Figure {
	if len(series) == 0 {
		return failed("%s: no series; give at least one", call)
	}
	p, err := linePanel(call, l, series)
	if err != nil {
		return Figure{err: err}
	}
	p.x.log, p.y.log = both, true
	if both {
		p.x.margin = max(p.x.margin, 0.02)
	}
	hidden := 0
	for _, s := range series {
		for i := range s.X {
			if s.finite(i) && (s.Y[i] <= 0 || both && s.X[i] <= 0) {
				hidden++
			}
		}
	}
	f := newFigure(l, []*panel{p}).note(gaps(series...))
	if hidden > 0 {
		f = f.note(fmt.Sprintf("%d points are not positive and have no place on a logarithmic axis.", hidden))
	}
	return f
}

// linePanel returns a panel of curves.
func linePanel(call string, l Labels, series []Series) (*panel, error) {
	p := &panel{
		x: axis{label: l.X}, y: axis{label: l.Y, margin: 0.05},
		aspect: 0.55, inward: true,
	}
	for i, s := range series {
		if err := s.check(call); err != nil {
			return nil, err
		}
		c := curve{x: s.X, y: s.Y, points: s.Points, number: i, ink: numbered(i)}
		if s.Points {
			p.x.margin = 0.03
		}
		if s.Low != nil {
			p.marks = append(p.marks, band{curve{x: s.X, y: s.Low, ink: c.ink}, curve{x: s.X, y: s.High, ink: c.ink}})
		}
		p.add(c, s.Name)
	}
	return p, nil
}

// add puts a curve into the panel, and into its legend if it has a name.
func (p *panel) add(c curve, name string) {
	p.marks = append(p.marks, c)
	if name != "" {
		p.legend = append(p.legend, entry{c, name})
	}
}

// Family draws curves of one quantity for ascending values of a parameter,
// such as a field at several times: curves[k] over x for parameter values[k],
// its colour telling the parameter. Up to five curves are named in a legend, as
// "symbol = value"; more get a colour bar.
//
// The figure has an error where [Lines] has one, and if the numbers of values
// and curves differ.
func Family(l Labels, x []float64, symbol string, values []float64, curves [][]float64) Figure {
	if len(values) != len(curves) {
		return failed("Family: %d values of %s and %d curves; give one curve for each", len(values), symbol, len(curves))
	}
	if len(curves) == 0 {
		return failed("Family: no curves; give at least one")
	}
	var all span
	series := make([]Series, len(curves))
	for k, y := range curves {
		all.add(values[k])
		series[k] = Series{X: x, Y: y}
	}
	p, err := linePanel("Family", l, series)
	if err != nil {
		return Figure{err: err}
	}
	parameter := linear(all, 0)
	const named = 5
	for k := range curves {
		c := p.marks[k].(curve)
		c.ink = along(colormap.Viridis, parameter.at(values[k]))
		p.marks[k] = c
		if len(curves) <= named {
			p.legend = append(p.legend, entry{c, fmt.Sprintf("%s = %s", symbol, minus(fmt.Sprintf("%.4g", values[k])))})
		}
	}
	if len(curves) > named {
		p.bar = &bar{label: symbol, colours: colormap.Viridis, thin: true, values: parameter}
	}
	return newFigure(l, []*panel{p}).note(gaps(series...))
}

// Conserved draws a quantity that should not change above its drift: total
// over t and, on a logarithmic axis below, |total(t) − total(0)| as a fraction
// of |total(0)|, or as it is if total(0) is 0. Parts, such as the kinetic and
// the potential energy, are drawn with the total. Symbol names the quantity.
//
// The figure has an error where [Lines] has one, and if total(0) is not finite.
func Conserved(l Labels, symbol string, t, total []float64, parts ...Series) Figure {
	scale := 0.0
	if len(total) > 0 {
		scale = math.Abs(total[0])
	}
	return conserved("Conserved", l, symbol, t, total, scale, parts...)
}

// conserved is Conserved with a scale of its own for the drift, 0 for none.
func conserved(call string, l Labels, symbol string, t, total []float64, scale float64, parts ...Series) Figure {
	series := []Series{{X: t, Y: total}}
	if len(parts) > 0 {
		series[0].Name = symbol
		series = append(series, parts...)
	}
	upper, err := linePanel(call, l, series)
	if err != nil {
		return Figure{err: err}
	}
	start := total[0]
	if math.IsNaN(start) || math.IsInf(start, 0) {
		return failed("%s: %s is %v at the start; drift needs a finite start", call, symbol, start)
	}
	label := fmt.Sprintf("|Δ%s| / %.3g", symbol, scale)
	switch scale {
	case 0:
		label, scale = fmt.Sprintf("|Δ%s|", symbol), 1
	case math.Abs(start):
		label = fmt.Sprintf("|Δ%s / %s(0)|", symbol, symbol)
	}
	// The first difference is 0 by its meaning and has no place on the axis.
	drift := make([]float64, len(total)-1)
	for i := range drift {
		drift[i] = math.Abs(total[i+1]-start) / scale
	}
	lower := &panel{
		x: upper.x, y: axis{label: label, log: true, margin: 0.08},
		marks:  []mark{curve{x: t[1:], y: drift, ink: numbered(0)}},
		aspect: 0.28, inward: true,
	}
	upper.above(lower)
	upper.aspect = 0.32
	f := newFigure(l, []*panel{upper}, []*panel{lower}).note(gaps(series...))
	return f.note(zeros(drift, "Δ"+symbol))
}

// above makes two panels share the axis of x, numbered below the lower one.
func (p *panel) above(lower *panel) {
	a, _ := p.spans()
	b, _ := lower.spans()
	a.join(b)
	p.x.reach, lower.x.reach = a, a
	p.x.hidden = true
}

// zeros returns the remark about values that a logarithmic axis cannot show.
func zeros(values []float64, symbol string) string {
	n := 0
	for _, v := range values {
		if v == 0 {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s is exactly 0 at %d of %d points, which the logarithmic axis cannot show.", symbol, n, len(values))
}

// Comparison draws measured points over the curve that theory gives and, below
// on a logarithmic axis, |measured − theory| at each point: ω(k) against its
// dispersion relation, for one. The three slices have one element a point, in
// any order.
//
// The figure has an error where [Lines] has one.
func Comparison(l Labels, symbol string, x, measured, theory []float64) Figure {
	if len(x) != len(measured) || len(x) != len(theory) {
		return failed("Comparison: %d values of x, %d measured and %d of theory; give one of each for a point", len(x), len(measured), len(theory))
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	sorted := func(v []float64) []float64 {
		s := make([]float64, len(v))
		for k, i := range order {
			s[k] = v[i]
		}
		return s
	}
	x, measured, theory = sorted(x), sorted(measured), sorted(theory)
	series := []Series{{Name: "theory", X: x, Y: theory}, {Name: "measured", X: x, Y: measured, Points: true}}
	upper, err := linePanel("Comparison", l, series)
	if err != nil {
		return Figure{err: err}
	}
	slices.Reverse(upper.marks) // the line stays visible on the points
	difference := make([]float64, len(x))
	for i := range x {
		difference[i] = math.Abs(measured[i] - theory[i])
	}
	lower := &panel{
		x: upper.x, y: axis{label: "|Δ" + symbol + "|", log: true, margin: 0.08},
		marks:  []mark{curve{x: x, y: difference, points: true, ink: numbered(1)}},
		aspect: 0.25, inward: true,
	}
	upper.above(lower)
	upper.aspect = 0.42
	f := newFigure(l, []*panel{upper}, []*panel{lower}).note(gaps(series...))
	return f.note(zeros(difference, "Δ"+symbol))
}

// Refinement is a study of convergence: the error for each step or spacing h.
type Refinement struct {
	Name     string
	H, Error []float64
	Order    float64 // expected; 0 for no reference line
}

// Convergence draws errors against h, both logarithmic, each study with a line
// of its expected order through its coarsest point. The legend tells the order
// observed: the median slope between neighbouring points, which round-off at the
// fine end and coarse steps do not spoil.
//
// The figure has an error if there is no study, or if one has H and Error of
// different lengths or no point with both positive.
func Convergence(l Labels, studies ...Refinement) Figure {
	if len(studies) == 0 {
		return failed("Convergence: no study; give at least one")
	}
	p := &panel{
		x: axis{label: l.X, log: true, margin: 0.06}, y: axis{label: l.Y, log: true, margin: 0.06},
		aspect: 0.7, inward: true,
	}
	var notes []string
	for i, s := range studies {
		if err := (Series{Name: s.Name, X: s.H, Y: s.Error}).check("Convergence"); err != nil {
			return Figure{err: err}
		}
		points := curve{x: s.H, y: s.Error, points: true, ink: numbered(i)}
		h, e := positive(s.H, s.Error)
		if len(h) == 0 {
			return failed("Convergence: series %q has no point with h > 0 and error > 0; a logarithmic axis needs one", s.Name)
		}
		name := s.Name
		if order, ok := observedOrder(h, e); ok {
			name = fmt.Sprintf("%s, observed order %.2f", name, order)
		}
		if s.Order != 0 {
			n := len(h) - 1 // the coarsest
			decades := math.Log(h[0] / h[n])
			line := curve{
				x: []float64{h[0], h[n]}, y: []float64{e[n] * math.Exp(s.Order*decades), e[n]},
				dashed: true, ink: numbered(i),
			}
			p.marks = append(p.marks, line)
		}
		p.add(points, name)
		if len(h) < len(s.H) {
			notes = append(notes, fmt.Sprintf("%s: %d of %d points are not positive and left out.", s.Name, len(s.H)-len(h), len(s.H)))
		}
	}
	f := newFigure(l, []*panel{p})
	for _, n := range notes {
		f = f.note(n)
	}
	return f
}

// positive returns the pairs of positive finite numbers, ascending in x.
func positive(x, y []float64) (px, py []float64) {
	var order []int
	for i := range x {
		if x[i] > 0 && y[i] > 0 && !math.IsInf(x[i], 1) && !math.IsInf(y[i], 1) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	for _, i := range order {
		px, py = append(px, x[i]), append(py, y[i])
	}
	return px, py
}

// observedOrder returns the median slope of log e over log h.
func observedOrder(h, e []float64) (order float64, ok bool) {
	var slopes []float64
	for i := 1; i < len(h); i++ {
		if h[i] > h[i-1] {
			slopes = append(slopes, math.Log(e[i]/e[i-1])/math.Log(h[i]/h[i-1]))
		}
	}
	if len(slopes) == 0 {
		return 0, false
	}
	slices.Sort(slopes)
	return slopes[len(slopes)/2], true
}
