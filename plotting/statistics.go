package plotting

import (
	"fmt"
	"math"
	"slices"
)

// Histogram draws samples as a histogram of unit area, with a density to judge it
// by over it; density may be nil. Bins have the width of Freedman and Diaconis,
// 2·IQR/n^{1/3} (1981), within 5 to 200 of them.
//
// The figure has an error if no sample is finite; others are left out and
// counted below.
func Histogram(l Labels, samples []float64, name string, density func(x float64) float64) Figure {
	sorted := make([]float64, 0, len(samples))
	for _, v := range samples {
		if v-v == 0 {
			sorted = append(sorted, v)
		}
	}
	if len(sorted) == 0 {
		return failed("Histogram: no finite number among %d samples; there is nothing to draw", len(samples))
	}
	slices.Sort(sorted)
	b := histogram(sorted)
	b.ink = numbered(0)
	p := &panel{x: axis{label: l.X}, y: axis{label: l.Y, margin: 0.04, reach: span{0, 0, true}}, aspect: 0.55, inward: true, marks: []mark{b}}
	if density != nil {
		const points = 400
		lo, hi := b.edges[0], b.edges[len(b.heights)]
		c := curve{x: make([]float64, points+1), y: make([]float64, points+1), number: 1, ink: numbered(1)}
		for i := range c.x {
			c.x[i] = lo + (hi-lo)*float64(i)/points
			c.y[i] = density(c.x[i])
		}
		p.add(c, name)
	}
	f := newFigure(l, []*panel{p}).note(fmt.Sprintf("%d samples in %d bins.", len(sorted), len(b.heights)))
	if n := len(samples) - len(sorted); n > 0 {
		f = f.note(fmt.Sprintf("%d of %d samples are NaN or infinite and left out.", n, len(samples)))
	}
	return f
}

// histogram cuts sorted samples into bins of unit area in all.
func histogram(sorted []float64) boxes {
	n := len(sorted)
	lo, hi := sorted[0], sorted[n-1]
	whole := linear(span{lo, hi, true}, 0) // a lone value is widened
	lo, hi = whole.lo, whole.hi
	bins := 5.0
	if spread := sorted[n*3/4] - sorted[n/4]; spread > 0 {
		bins = math.Ceil((hi/spread - lo/spread) / 2 * math.Cbrt(float64(n)))
	}
	b := boxes{heights: make([]float64, int(min(max(bins, 5), 200)))}
	width := hi/float64(len(b.heights)) - lo/float64(len(b.heights))
	for i := range len(b.heights) + 1 {
		b.edges = append(b.edges, lo+float64(i)*width)
	}
	b.edges[len(b.heights)] = hi
	for _, v := range sorted {
		i := min(int(v/width-lo/width), len(b.heights)-1)
		b.heights[i] += 1 / (float64(n) * width)
	}
	return b
}

// Portrait draws orbits in a plane, such as (φ, π) at a site: each begins with a
// dot and has arrow heads that tell its direction.
//
// The figure has an error where [Lines] has one.
func Portrait(l Labels, orbits ...Series) Figure {
	if len(orbits) == 0 {
		return failed("Portrait: no orbit; give at least one")
	}
	p := &panel{x: axis{label: l.X, margin: 0.05}, y: axis{label: l.Y, margin: 0.05}, aspect: 0.8, inward: true}
	p.marks = []mark{rule{at: 0}, rule{at: 0, vertical: true}}
	for i, s := range orbits {
		if err := s.check("Portrait"); err != nil {
			return Figure{err: err}
		}
		c := curve{x: s.X, y: s.Y, number: i, ink: numbered(i)}
		p.marks = append(p.marks, trail{c})
		if s.Name != "" {
			p.legend = append(p.legend, entry{c, s.Name})
		}
	}
	f := newFigure(l, []*panel{p}).note(gaps(orbits...))
	f.width = 4.2
	return f
}
