package plotting

import (
	"image/color"

	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// Theme is how a figure looks, whatever it shows: [Light], [Dark] or [Print].
// The zero Theme is Light.
type Theme struct{ *style }

// style holds a theme. Lengths are in points.
type style struct {
	text, small   vg.Length // labels and titles; ticks, legends and captions
	frame, line   vg.Length // widths of axes and of curves
	dot           vg.Length // radius of a point
	tick          vg.Length // length of a major tick
	gap           vg.Length // between neighbours
	margin        vg.Length // about the figure, where its paper is not that of the page
	paper, ink    color.NRGBA
	faint         color.NRGBA // captions, reference lines
	missing       color.NRGBA // NaN in an image
	cycle         []color.NRGBA
	dashes        [][]vg.Length // of curve after curve; none: all solid
	visible       [2]float64    // the part of a sequential map that stands out as a thin line
	minimumColumn vg.Length     // narrower panels go below one another
}

// The themes. Their colour cycle is that of Okabe and Ito (2008), which
// colour-blind readers can tell apart, without the one that is too pale.
var (
	// Light is the theme for screens and journals, and the default: 9 and 8
	// points stay legible in a column of 86 mm.
	Light = Theme{&style{
		text: 9, small: 8,
		frame: 0.75, line: 1.2, dot: 1.9, tick: 3.5, gap: 4,
		paper:   color.NRGBA{255, 255, 255, 255},
		ink:     color.NRGBA{26, 26, 26, 255},
		faint:   color.NRGBA{105, 105, 105, 255},
		missing: color.NRGBA{150, 150, 150, 255},
		cycle: []color.NRGBA{
			{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
			{230, 159, 0, 255}, {86, 180, 233, 255}, {26, 26, 26, 255},
		},
		visible:       [2]float64{0, 0.88},
		minimumColumn: 140,
	}}

	// Dark is Light for dark screens.
	Dark = Light.but(func(s *style) {
		s.margin = 8 * cssPixel
		s.paper = color.NRGBA{24, 24, 27, 255}
		s.ink = color.NRGBA{232, 232, 232, 255}
		s.faint = color.NRGBA{165, 165, 165, 255}
		s.missing = color.NRGBA{110, 110, 110, 255}
		s.cycle = []color.NRGBA{
			{86, 180, 233, 255}, {230, 159, 0, 255}, {0, 190, 140, 255}, {222, 145, 187, 255},
			{240, 228, 66, 255}, {240, 120, 40, 255}, {232, 232, 232, 255},
		}
		s.visible = [2]float64{0.25, 1}
	})

	// Print is for paper: black ink, thinner lines, smaller words, and curves
	// that differ in dashes as well as in colour, for printers that have none.
	Print = Light.but(func(s *style) {
		s.text, s.small = 8, 7
		s.frame, s.line, s.dot, s.tick = 0.5, 1, 1.6, 3
		s.ink = color.NRGBA{0, 0, 0, 255}
		s.faint = color.NRGBA{70, 70, 70, 255}
		s.cycle = []color.NRGBA{
			{0, 0, 0, 255}, {213, 94, 0, 255}, {0, 114, 178, 255}, {0, 158, 115, 255},
			{204, 121, 167, 255}, {150, 100, 0, 255},
		}
		s.dashes = [][]vg.Length{nil, {5, 2}, {1.5, 1.5}, {6, 2, 1.5, 2}, {8, 3}, {3, 1.5}}
	})
)

// but returns a theme that differs a little.
func (t Theme) but(change func(*style)) Theme {
	s := *t.style
	change(&s)
	return Theme{&s}
}

// ink is a colour that the theme may have a say in.
type ink func(Theme) color.NRGBA

// numbered is the colour of curve number i.
func numbered(i int) ink {
	return func(t Theme) color.NRGBA { return t.cycle[i%len(t.cycle)] }
}

// along is the colour of a thin line at x, 0 to 1, of a sequential map.
func along(m colormap.Map, x float64) ink {
	return func(t Theme) color.NRGBA { return t.thin(m, x) }
}

func (t Theme) thin(m colormap.Map, x float64) color.NRGBA {
	return m.At(t.visible[0] + (t.visible[1]-t.visible[0])*x)
}

// dash returns the dashes of curve number i.
func (t Theme) dash(i int) []vg.Length {
	if len(t.dashes) == 0 {
		return nil
	}
	return t.dashes[i%len(t.dashes)]
}
