package canvas

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

// Bitmap is a vg.Canvas that paints opaque, antialiased pixels.
type Bitmap struct {
	state
	width, height vg.Length
	img           *image.RGBA
	ras           vector.Rasterizer
}

var _ vg.CanvasSizer = (*Bitmap)(nil)

// NewBitmap returns a surface of the given size and dots an inch, covered with
// the colour of the paper.
func NewBitmap(width, height vg.Length, dpi float64, paper color.Color) *Bitmap {
	scale := dpi / 72
	w := max(1, int(math.Round(float64(width)*scale)))
	h := max(1, int(math.Round(float64(height)*scale)))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	return &Bitmap{
		state: newState(affine{scale, 0, 0, -scale, 0, float64(h)}),
		width: width, height: height, img: img,
	}
}

// Size returns the size of the picture.
func (c *Bitmap) Size() (x, y vg.Length) { return c.width, c.height }

// Image returns the pixels. It is not a copy.
func (c *Bitmap) Image() *image.RGBA { return c.img }

// Fill fills a path.
func (c *Bitmap) Fill(path vg.Path) {
	var f flat
	c.trace(path, &f)
	c.paint(f.lines)
}

// Stroke draws a path as a line with round joins and butt ends.
func (c *Bitmap) Stroke(path vg.Path) {
	scale := c.at.scale()
	half := float64(c.pencil.width) * scale / 2
	if half <= 0 {
		return
	}
	var f flat
	c.trace(path, &f)
	lines := f.lines
	if len(c.dash) > 0 {
		lines = dashes(lines, c.dash, c.offset, scale)
	}
	for _, line := range lines {
		c.paint(thicken(line, half))
	}
}

// FillString draws text as outlines, the start of its baseline at pt.
func (c *Bitmap) FillString(f font.Face, pt vg.Point, text string) {
	size := float64(f.Font.Size)
	if size == 0 {
		return
	}
	placed, _ := glyph.Line(text)
	for _, p := range placed {
		m := c.at.then(affine{1, 0, 0, 1, float64(pt.X) + p.X*size, float64(pt.Y)}).then(affine{size, 0, 0, size, 0, 0})
		var f flat
		glyph.Outline(p.Glyph, mapped{m, &f})
		c.paint(f.lines)
	}
}

// DrawImage draws an opaque image stretched to the rectangle, each pixel taking the
// colour of the image under its centre: an image made for the resolution of
// the surface is copied one to one.
func (c *Bitmap) DrawImage(rect vg.Rectangle, img image.Image) {
	x0, y0 := c.at.apply(float64(rect.Min.X), float64(rect.Max.Y))
	x1, y1 := c.at.apply(float64(rect.Max.X), float64(rect.Min.Y))
	to := image.Rect(int(math.Round(x0)), int(math.Round(y0)), int(math.Round(x1)), int(math.Round(y1)))
	from := img.Bounds()
	if to.Empty() || from.Empty() {
		return
	}
	// Field images are paletted; their colours are converted once.
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	if p, ok := img.(*image.Paletted); ok {
		var colours [256]color.RGBA
		for i, c := range p.Palette {
			colours[i] = color.RGBAModel.Convert(c).(color.RGBA)
		}
		at = func(x, y int) color.RGBA { return colours[p.ColorIndexAt(x, y)] }
	}
	clip := to.Intersect(c.img.Bounds())
	for y := clip.Min.Y; y < clip.Max.Y; y++ {
		sy := from.Min.Y + (2*(y-to.Min.Y)+1)*from.Dy()/(2*to.Dy())
		for x := clip.Min.X; x < clip.Max.X; x++ {
			sx := from.Min.X + (2*(x-to.Min.X)+1)*from.Dx()/(2*to.Dx())
			c.img.SetRGBA(x, y, at(sx, sy))
		}
	}
}

// paint fills polygons together, those of opposite turn cutting holes. Only
// the pixels around them are touched.
func (c *Bitmap) paint(polygons [][]point) {
	minX, minY := math.Inf(1), math.Inf(1)
	maxX, maxY := math.Inf(-1), math.Inf(-1)
	for _, polygon := range polygons {
		for _, p := range polygon {
			minX, maxX = min(minX, p.x), max(maxX, p.x)
			minY, maxY = min(minY, p.y), max(maxY, p.y)
		}
	}
	if !(minX <= maxX && minY <= maxY) {
		return
	}
	// Cut to the surface before rounding: coordinates may be huge.
	size := c.img.Bounds().Size()
	cut := func(v float64, most int) int { return int(min(max(v, 0), float64(most))) }
	box := image.Rect(
		cut(math.Floor(minX), size.X), cut(math.Floor(minY), size.Y),
		cut(math.Ceil(maxX), size.X), cut(math.Ceil(maxY), size.Y))
	if box.Empty() {
		return
	}
	c.ras.Reset(box.Dx(), box.Dy())
	ox, oy := float64(box.Min.X), float64(box.Min.Y)
	for _, polygon := range polygons {
		for i, p := range polygon {
			if i == 0 {
				c.ras.MoveTo(float32(p.x-ox), float32(p.y-oy))
			} else {
				c.ras.LineTo(float32(p.x-ox), float32(p.y-oy))
			}
		}
		c.ras.ClosePath()
	}
	c.ras.Draw(c.img, box, image.NewUniform(c.ink), image.Point{})
}
