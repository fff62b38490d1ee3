package plotting

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// theme is how a figure looks, whatever it shows. Lengths are in points.
type theme struct {
	text, small   vg.Length // labels and titles; ticks, legends and captions
	frame, line   vg.Length // widths of axes and of curves
	dot           vg.Length // radius of a point
	tick          vg.Length // length of a major tick
	gap           vg.Length // between neighbours
	paper, ink    color.NRGBA
	faint         color.NRGBA // captions, reference lines
	missing       color.NRGBA // NaN in an image
	cycle         []color.NRGBA
	minimumColumn vg.Length // narrower panels go below one another
}

// light is the theme for screens and journals: 9 and 8 points stay legible in
// a column of 86 mm. The cycle is that of Okabe and Ito (2008), which
// colour-blind readers can tell apart, without its yellow, too pale on white.
var light = theme{
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
	minimumColumn: 140,
}

// ink is a colour that the theme may have a say in.
type ink func(theme) color.NRGBA

// numbered is the colour of curve number i.
func numbered(i int) ink {
	return func(t theme) color.NRGBA { return t.cycle[i%len(t.cycle)] }
}

// fixed is a colour that means something by itself.
func fixed(c color.NRGBA) ink { return func(theme) color.NRGBA { return c } }
