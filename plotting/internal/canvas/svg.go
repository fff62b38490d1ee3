package canvas

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

// SVG is a vg.Canvas that writes a self-contained SVG 1.1 picture. The outline
// of every glyph is written once and referred to afterwards; images are
// embedded as PNG. Equal drawings give equal bytes.
type SVG struct {
	state
	width, height vg.Length
	title, desc   string
	body          bytes.Buffer
	glyphs        []glyph.Index // in order of first use
	err           error
}

var _ vg.CanvasWriterTo = (*SVG)(nil)

// NewSVG returns an empty picture. The title is what a screen reader says.
func NewSVG(width, height vg.Length, title string) *SVG {
	return &SVG{
		state: newState(affine{1, 0, 0, -1, 0, float64(height)}),
		width: width, height: height, title: title,
	}
}

// Describe sets the description: the words of the picture, since its text is
// outlines that no search finds.
func (c *SVG) Describe(words string) { c.desc = words }

// Size returns the size of the picture.
func (c *SVG) Size() (x, y vg.Length) { return c.width, c.height }

// Stroke draws a path as a line.
func (c *SVG) Stroke(path vg.Path) {
	if len(path) == 0 || c.pencil.width <= 0 {
		return
	}
	scale := c.at.scale()
	fmt.Fprintf(&c.body, `<path fill="none" stroke="%s" stroke-width="%s"`, hex(c.ink), number(float64(c.pencil.width)*scale))
	c.opacity("stroke-opacity")
	if len(c.dash) > 0 {
		parts := make([]string, len(c.dash))
		for i, d := range c.dash {
			parts[i] = number(float64(d) * scale)
		}
		fmt.Fprintf(&c.body, ` stroke-dasharray="%s"`, strings.Join(parts, " "))
		if c.offset != 0 {
			fmt.Fprintf(&c.body, ` stroke-dashoffset="%s"`, number(float64(c.offset)*scale))
		}
	}
	c.body.WriteString(` stroke-linejoin="round" d="`)
	c.trace(path, &pathData{w: &c.body})
	c.body.WriteString("\"/>\n")
}

// Fill fills a path.
func (c *SVG) Fill(path vg.Path) {
	fmt.Fprintf(&c.body, `<path fill="%s"`, hex(c.ink))
	c.opacity("fill-opacity")
	c.body.WriteString(` d="`)
	c.trace(path, &pathData{w: &c.body})
	c.body.WriteString("\"/>\n")
}

func (c *SVG) opacity(attribute string) {
	if c.ink.A != 255 {
		fmt.Fprintf(&c.body, ` %s="%s"`, attribute, number(float64(c.ink.A)/255))
	}
}

// FillString draws text as outlines, the start of its baseline at pt.
func (c *SVG) FillString(f font.Face, pt vg.Point, text string) {
	size := float64(f.Font.Size)
	if size == 0 {
		return
	}
	m := c.at.then(affine{1, 0, 0, 1, float64(pt.X), float64(pt.Y)}).then(affine{size / unit, 0, 0, size / unit, 0, 0})
	placed, _ := glyph.Line(text)
	fmt.Fprintf(&c.body, `<g fill="%s" transform="matrix(%s %s %s %s %s %s)">`, hex(c.ink),
		precise(m.a), precise(m.b), precise(m.c), precise(m.d), number(m.e), number(m.f))
	for _, p := range placed {
		id := slices.Index(c.glyphs, p.Glyph)
		if id < 0 {
			id = len(c.glyphs)
			c.glyphs = append(c.glyphs, p.Glyph)
		}
		fmt.Fprintf(&c.body, `<use xlink:href="#g%d" x="%s"/>`, id, number(p.X*unit))
	}
	c.body.WriteString("</g>\n")
}

// unit is the number of glyph units in an em: outlines keep three digits.
const unit = 1000

// DrawImage embeds an opaque image, stretched to the rectangle.
func (c *SVG) DrawImage(rect vg.Rectangle, img image.Image) {
	data, err := PNG(img, 0, zlib.DefaultCompression)
	if err != nil {
		c.err = fmt.Errorf("embedding an image of %v: %w", img.Bounds().Size(), err)
		return
	}
	x0, y0 := c.at.apply(float64(rect.Min.X), float64(rect.Max.Y))
	x1, y1 := c.at.apply(float64(rect.Max.X), float64(rect.Min.Y))
	fmt.Fprintf(&c.body, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" xlink:href="data:image/png;base64,`,
		number(x0), number(y0), number(x1-x0), number(y1-y0))
	c.body.WriteString(base64.StdEncoding.EncodeToString(data))
	c.body.WriteString("\"/>\n")
}

// WriteTo writes the picture. It fails if an image could not be embedded or
// the writer fails.
func (c *SVG) WriteTo(w io.Writer) (int64, error) {
	if c.err != nil {
		return 0, c.err
	}
	var b bytes.Buffer
	width, height := number(float64(c.width)), number(float64(c.height))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%spt" height="%spt" viewBox="0 0 %s %s" role="img">`,
		width, height, width, height)
	fmt.Fprintf(&b, "\n<title>%s</title>\n<desc>%s</desc>\n<defs>\n", escape(c.title), escape(c.desc))
	for id, g := range c.glyphs {
		fmt.Fprintf(&b, `<path id="g%d" d="`, id)
		glyph.Outline(g, emUnits{&pathData{w: &b}})
		b.WriteString("\"/>\n")
	}
	b.WriteString("</defs>\n")
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return b.WriteTo(w)
}

// escape makes text fit for XML. A character XML forbids becomes a blank.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, text)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// number writes a coordinate to 1/100 of a point, 1/7200 of an inch.
func number(v float64) string { return string(appendNumber(nil, v)) }

func appendNumber(b []byte, v float64) []byte {
	return strconv.AppendFloat(b, math.Round(v*100)/100+0, 'f', -1, 64) // +0 turns −0 into 0
}

// precise writes an entry of a matrix.
func precise(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }

// pathData writes the d attribute of a path, with lines relative to the point
// before: the shortest form for long curves. It follows the written, rounded
// pen, so that errors do not add up.
type pathData struct {
	w       *bytes.Buffer
	scratch []byte
	x, y    float64 // where the reader's pen is
	sx, sy  float64 // where the subpath began
}

func (p *pathData) command(c byte, xy ...float64) {
	p.scratch = append(p.scratch[:0], c)
	for i, v := range xy {
		if i > 0 && !(v < 0 && math.Round(v*100) != 0) { // a minus sign separates by itself
			p.scratch = append(p.scratch, ' ')
		}
		p.scratch = appendNumber(p.scratch, v)
	}
	p.w.Write(p.scratch)
}

func round2(v float64) float64 { return math.Round(v*100) / 100 }

func (p *pathData) to(x, y float64) { p.x, p.y = round2(x), round2(y) }

func (p *pathData) MoveTo(x, y float64) {
	p.command('M', x, y)
	p.to(x, y)
	p.sx, p.sy = p.x, p.y
}

func (p *pathData) LineTo(x, y float64) {
	dx, dy := round2(x-p.x), round2(y-p.y)
	switch {
	case dy == 0:
		p.command('h', dx)
	case dx == 0:
		p.command('v', dy)
	default:
		p.command('l', dx, dy)
	}
	p.x, p.y = p.x+dx, p.y+dy
}

func (p *pathData) QuadTo(x1, y1, x, y float64) {
	p.command('Q', x1, y1, x, y)
	p.to(x, y)
}

func (p *pathData) CubeTo(x1, y1, x2, y2, x, y float64) {
	p.command('C', x1, y1, x2, y2, x, y)
	p.to(x, y)
}

func (p *pathData) ClosePath() {
	p.w.WriteByte('z')
	p.x, p.y = p.sx, p.sy
}

// emUnits scales an outline in em to glyph units, rounded to whole units.
type emUnits struct{ to outline }

func units(v float64) float64 { return math.Round(v * unit) }

func (e emUnits) MoveTo(x, y float64) { e.to.MoveTo(units(x), units(y)) }
func (e emUnits) LineTo(x, y float64) { e.to.LineTo(units(x), units(y)) }
func (e emUnits) QuadTo(x1, y1, x, y float64) {
	e.to.QuadTo(units(x1), units(y1), units(x), units(y))
}
func (e emUnits) CubeTo(x1, y1, x2, y2, x, y float64) {
	e.to.CubeTo(units(x1), units(y1), units(x2), units(y2), units(x), units(y))
}
func (e emUnits) ClosePath() { e.to.ClosePath() }
