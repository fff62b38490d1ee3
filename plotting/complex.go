package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"sync"

	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// ComplexField is a complex field sampled on a rectangular grid by its real and
// imaginary parts, laid out as [Field].Values.
type ComplexField struct {
	Symbol string // such as "ψ"
	X, Y   []float64
	Re, Im []float64
	Space  bool // equal lengths are drawn equal
}

// Complex draws a complex field: hue tells the phase and depth of colour the
// modulus, white being zero, as the colour wheel beside it explains. Where a
// pixel covers several samples it shows that of the largest modulus.
//
// NaN is grey, infinite values are drawn as the largest finite modulus; both are
// counted below. The figure has an error where [Image] has one.
func Complex(l Labels, f ComplexField) Figure {
	p, note, err := f.panel("Complex", l)
	if err != nil {
		return Figure{err: err}
	}
	return newFigure(l, []*panel{p}).note(note).narrowed()
}

// Components draws complex fields that belong together, such as the components of
// a spinor, as small pictures on one scale of modulus, with one colour wheel.
// Their symbols are the titles.
//
// The figure has an error where [Complex] has one, and if there are no fields.
func Components(l Labels, fields ...ComplexField) Figure {
	if len(fields) == 0 {
		return failed("Components: no fields; give at least one")
	}
	name, _, _ := strings.Cut(fields[0].Symbol, "_")
	wheel := &bar{label: name, wheel: true}
	m := mosaic{columns: columnsFor(len(fields)), dense: true, shared: true, bar: wheel}
	notes := ""
	for _, f := range fields {
		p, note, err := f.panel("Components", l)
		if err != nil {
			return failed("%w (%s)", err, f.Symbol)
		}
		wheel.values.hi = max(wheel.values.hi, p.bar.values.hi)
		p.bar = nil
		notes = join(notes, note)
		m.parts = append(m.parts, part(f.Symbol, p))
	}
	for _, f := range m.parts {
		f.panels[0][0].marks[0].(*phasor).rim = wheel.values.hi
	}
	return compose(l, m).note(notes)
}

func (f ComplexField) panel(call string, l Labels) (*panel, string, error) {
	if len(f.Re) != len(f.Im) {
		return nil, "", fmt.Errorf("%s: %d real and %d imaginary parts; give one of each for a sample", call, len(f.Re), len(f.Im))
	}
	modulus := make([]float64, len(f.Re))
	for i := range modulus {
		modulus[i] = math.Hypot(f.Re[i], f.Im[i])
		if math.IsNaN(f.Re[i]) || math.IsNaN(f.Im[i]) {
			modulus[i] = math.NaN() // Hypot calls (NaN, ∞) infinite
		}
	}
	p, note, err := Field{Symbol: "|" + f.Symbol + "|", X: f.X, Y: f.Y, Values: modulus, Space: f.Space}.panel(call, l)
	if err != nil {
		return nil, "", err
	}
	r := p.marks[0].(*raster)
	rim := count(modulus).hi
	p.marks[0] = &phasor{re: f.Re, im: f.Im, modulus: r, rim: rim}
	p.bar = &bar{label: f.Symbol, wheel: true, values: scale{hi: rim}}
	return p, note, nil
}

// narrowed makes a figure of one rigid panel no higher than a screen.
func (f Figure) narrowed() Figure {
	if p := f.panels[0][0]; p.rigid {
		f.width = max(3.4, f.width*min(1, 0.7/p.aspect))
	}
	return f
}

// phasor is a complex field drawn as an image.
type phasor struct {
	re, im  []float64
	modulus *raster
	rim     float64 // the largest finite modulus
}

func (z *phasor) extent(logX, logY bool) (x, y span) { return z.modulus.extent(logX, logY) }

func (z *phasor) draw(p *pen, f frame) {
	w, h := p.pixels(f.Rectangle)
	r := z.modulus
	if !p.exact {
		w, h = fitting(w, r.xEdges, p.whole), fitting(h, r.yEdges, p.whole)
	}
	xBin, xs := bins(r.xEdges, w)
	yBin, ys := bins(r.yEdges, h)
	// The sample that each bin shows: a NaN or the largest.
	show := make([]int, xs.bins*ys.bins)
	for i := range show {
		show[i] = -1
	}
	for j, row := range yBin {
		for i, column := range xBin {
			k, b := j*len(xBin)+i, row*xs.bins+column
			if s := show[b]; s < 0 || !(r.values[k] <= r.values[s]) && !math.IsNaN(r.values[s]) {
				show[b] = k
			}
		}
	}
	colours := make([]color.NRGBA, len(show))
	for b, k := range show {
		if k >= 0 {
			colours[b] = z.colour(k, p.theme)
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for row := range h {
		from := colours[ys.bin[h-1-row]*xs.bins:]
		to := img.Pix[row*img.Stride:]
		for i, bin := range xs.bin {
			c := from[bin]
			to[4*i], to[4*i+1], to[4*i+2], to[4*i+3] = c.R, c.G, c.B, 255
		}
	}
	p.c.DrawImage(f.Rectangle, img)
}

func (z *phasor) colour(k int, t Theme) color.NRGBA {
	m := z.modulus.values[k]
	switch {
	case math.IsNaN(m):
		return t.missing
	case z.rim == 0:
		return phaseColour(0, 0)
	}
	return phaseColour(math.Atan2(z.im[k], z.re[k]), m/z.rim)
}

// phaseColours are the colours of phases and moduli, more than an eye tells
// apart: a picture has a hundred times as many pixels.
var phaseColours = sync.OnceValue(func() *[256][65]color.NRGBA {
	var t [256][65]color.NRGBA
	for i, c := range colormap.Phase.Colours() {
		for j := range t[i] {
			t[i][j] = colormap.Fade(c, float64(j)/64)
		}
	}
	return &t
})

// phaseColour returns the colour of a phase, −π to π, and a modulus, 0 to 1.
func phaseColour(phase, modulus float64) color.NRGBA {
	return phaseColours()[int((phase/(2*math.Pi)+0.5)*255+0.5)][int(min(modulus, 1)*64+0.5)]
}

// wheelSize is the diameter of a colour wheel.
const wheelSize = vg.Length(38)

func wheelRoom(t Theme) vg.Length {
	return wheelSize + 3*t.gap + widthOf("−π", t.small)
}

// drawWheel draws the colour wheel at the upper right of a frame.
func (b *bar) drawWheel(pen *pen, f frame) {
	t := pen.theme
	const pixels = 160
	img := image.NewRGBA(image.Rect(0, 0, pixels, pixels))
	for j := range pixels {
		for i := range pixels {
			x, y := (float64(i)+0.5)/pixels*2-1, 1-(float64(j)+0.5)/pixels*2
			c := t.paper
			if m := math.Hypot(x, y); m <= 1 {
				c = phaseColour(math.Atan2(y, x), m)
			}
			img.Set(i, j, c)
		}
	}
	low := f.Max.Y - lineHeight(t.small) - t.gap - wheelSize
	box := vg.Rectangle{Min: vg.Point{X: snap(f.Max.X + barGap + 2*t.gap), Y: snap(low)}}
	box.Max = box.Min.Add(vg.Point{X: wheelSize, Y: wheelSize})
	pen.c.DrawImage(box, img)
	mid := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
	var rim vg.Path
	rim.Move(vg.Point{X: box.Max.X, Y: mid.Y})
	rim.Arc(mid, wheelSize/2, 0, 2*math.Pi)
	rim.Close()
	pen.line(rim, t.frame, t.ink)

	pen.write("0", vg.Point{X: box.Max.X + 0.5*t.gap, Y: mid.Y}, leftMid, t.small, t.ink)
	pen.write("π/2", vg.Point{X: mid.X, Y: box.Max.Y + 0.6*t.gap}, centre, t.small, t.ink)
	y := box.Min.Y - 0.5*t.gap - 0.8*t.small
	pen.write("−π/2", vg.Point{X: mid.X, Y: y}, centre, t.small, t.ink)
	y -= lineHeight(t.small) + t.gap
	pen.write("rim: |"+b.label+"| =", vg.Point{X: mid.X, Y: y}, centre, t.small, t.ink)
	y -= lineHeight(t.small)
	pen.write(minus(fmt.Sprintf("%.3g", b.values.hi)), vg.Point{X: mid.X, Y: y}, centre, t.small, t.ink)
}
