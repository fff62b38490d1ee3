package canvas

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

var red = color.NRGBA{200, 30, 10, 255}

// paper returns 100×100 points at 72 dpi: a pixel is a point.
func paper() *Bitmap { return NewBitmap(100, 100, 72, color.White) }

// covered returns the area painted, in pixels.
func covered(c *Bitmap) float64 {
	sum := 0.0
	for i := 1; i < len(c.img.Pix); i += 4 { // green: 255 on paper, 30 in ink
		sum += (255 - float64(c.img.Pix[i])) / 225
	}
	return sum
}

func path(points ...vg.Point) vg.Path {
	var p vg.Path
	for i, at := range points {
		if i == 0 {
			p.Move(at)
		} else {
			p.Line(at)
		}
	}
	return p
}

func TestBitmapAreas(t *testing.T) {
	square := path(vg.Point{X: 10, Y: 10}, vg.Point{X: 40, Y: 10}, vg.Point{X: 40, Y: 40}, vg.Point{X: 10, Y: 40})
	square.Close()
	var disc, quarter vg.Path
	disc.Move(vg.Point{X: 70, Y: 50})
	disc.Arc(vg.Point{X: 50, Y: 50}, 20, 0, 2*math.Pi)
	disc.Close()
	quarter.Move(vg.Point{X: 50, Y: 50})
	quarter.Arc(vg.Point{X: 50, Y: 50}, 20, 0, math.Pi/2)
	quarter.Close()
	var curve vg.Path
	curve.Move(vg.Point{X: 0, Y: 0})
	curve.QuadTo(vg.Point{X: 30, Y: 60}, vg.Point{X: 60, Y: 0})
	curve.Close()
	zigzag := path(vg.Point{X: 10, Y: 10}, vg.Point{X: 90, Y: 10}, vg.Point{X: 90, Y: 60})
	for name, shape := range map[string]struct {
		draw func(c *Bitmap)
		area float64
	}{
		"square":           {func(c *Bitmap) { c.Fill(square) }, 900},
		"disc":             {func(c *Bitmap) { c.Fill(disc) }, math.Pi * 400},
		"quarter":          {func(c *Bitmap) { c.Fill(quarter) }, math.Pi * 100},
		"under a parabola": {func(c *Bitmap) { c.Fill(curve) }, 2. / 3 * 60 * 30},
		// The corner adds a quarter of a disc to the rectangles, which overlap
		// in one quarter of the pen.
		"line with a bend": {func(c *Bitmap) { c.SetLineWidth(4); c.Stroke(zigzag) }, 4*130 - 4 + math.Pi},
		"square as line":   {func(c *Bitmap) { c.SetLineWidth(4); c.Stroke(square) }, 4*4*30 - 4*4 + 4*math.Pi},
		"dashes": {func(c *Bitmap) {
			c.SetLineWidth(2)
			c.SetLineDash([]vg.Length{6, 4}, 0)
			c.Stroke(path(vg.Point{X: 10, Y: 10}, vg.Point{X: 60, Y: 10}))
		}, 2 * 30},
		"dashes with offset": {func(c *Bitmap) {
			c.SetLineWidth(2)
			c.SetLineDash([]vg.Length{6, 4}, 8)
			c.Stroke(path(vg.Point{X: 10, Y: 10}, vg.Point{X: 22, Y: 10}))
		}, 2 * 6},
		"no width":    {func(c *Bitmap) { c.SetLineWidth(0); c.Stroke(zigzag) }, 0},
		"far outside": {func(c *Bitmap) { c.Translate(vg.Point{X: 1e6}); c.Fill(square) }, 0},
		"half in": {func(c *Bitmap) {
			c.Push()
			c.Translate(vg.Point{X: -25})
			c.Fill(square)
			c.Pop()
		}, 450},
		"turned and scaled": {func(c *Bitmap) {
			c.Translate(vg.Point{X: 50, Y: 20})
			c.Rotate(math.Pi / 4)
			c.Scale(0.5, 0.5)
			c.Fill(square)
		}, 225},
	} {
		c := paper()
		c.SetColor(red)
		shape.draw(c)
		if got := covered(c); math.Abs(got-shape.area) > 0.006*shape.area+0.6 {
			t.Errorf("%s covers %.2f pixels, want %.2f", name, got, shape.area)
		}
	}
}

// The origin of a figure is at the lower left, that of an image at the upper.
func TestBitmapIsUpright(t *testing.T) {
	c := paper()
	c.SetColor(red)
	c.Fill(vg.Rectangle{Min: vg.Point{X: 0, Y: 90}, Max: vg.Point{X: 10, Y: 100}}.Path())
	if got := c.Image().RGBAAt(5, 5); got != (color.RGBA{200, 30, 10, 255}) {
		t.Errorf("the upper left corner is %v", got)
	}
	if got := c.Image().RGBAAt(5, 95); got != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("the lower left corner is %v", got)
	}
}

func TestImagesAreCopiedOneToOne(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 20, 10))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 7)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	c := paper()
	c.DrawImage(vg.Rectangle{Min: vg.Point{X: 30, Y: 40}, Max: vg.Point{X: 50, Y: 50}}, img)
	for y := range 10 {
		for x := range 20 {
			if c.Image().RGBAAt(30+x, 50+y) != img.RGBAAt(x, y) {
				t.Fatalf("pixel (%d, %d) is changed", x, y)
			}
		}
	}
	// Stretched threefold and half outside.
	c.DrawImage(vg.Rectangle{Min: vg.Point{X: 70, Y: 0}, Max: vg.Point{X: 130, Y: 30}}, img)
	if got := c.Image().RGBAAt(70+3*5+1, 70+3*4+1); got != img.RGBAAt(5, 4) {
		t.Errorf("stretched pixel is %v", got)
	}
}

func face(size vg.Length) font.Face {
	return font.Face{Font: font.Font{Size: size}, Face: glyph.Face()}
}

func TestTextOnBothSurfaces(t *testing.T) {
	c := paper()
	c.SetColor(red)
	c.FillString(face(40), vg.Point{X: 10, Y: 20}, "H")
	// H of Liberation Sans: stems 1409/2048 em high, a bar between them.
	var left, right, top, bottom = 100, 0, 100, 0
	for y := range 100 {
		for x := range 100 {
			if c.Image().RGBAAt(x, y).G < 140 {
				left, right, top, bottom = min(left, x), max(right, x+1), min(top, y), max(bottom, y+1)
			}
		}
	}
	if bottom != 80 || math.Abs(float64(80-top)-0.688*40) > 1 || left < 11 || left > 14 || right < 34 || right > 38 {
		t.Errorf("H covers x %d…%d, y %d…%d", left, right, top, bottom)
	}

	svg := NewSVG(100, 100, "t")
	svg.FillString(face(10), vg.Point{X: 10, Y: 20}, "ANNA")
	svg.FillString(face(10), vg.Point{X: 10, Y: 60}, "AN")
	s := write(t, svg)
	if strings.Count(s, `<path id="g`) != 2 || strings.Count(s, "<use ") != 6 {
		t.Errorf("two letters used six times: %s", s)
	}
	if !strings.Contains(s, `transform="matrix(0.01 0 0 -0.01 10 80)"`) {
		t.Errorf("the text does not stand at (10, 20) from below: %s", s)
	}
}

func write(t *testing.T, c *SVG) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSVGPaths(t *testing.T) {
	c := NewSVG(100, 50, "t")
	c.SetColor(color.NRGBA{1, 2, 3, 128})
	c.SetLineWidth(2)
	c.SetLineDash([]vg.Length{3, 1}, 2)
	c.Stroke(path(vg.Point{X: 0, Y: 0}, vg.Point{X: 10, Y: 0}, vg.Point{X: 10, Y: 5}, vg.Point{X: 12.345, Y: 7.5}))
	c.Push()
	c.Scale(2, 2)
	c.SetColor(nil)
	c.Fill(vg.Rectangle{Max: vg.Point{X: 1, Y: 1}}.Path())
	c.Pop()
	s := write(t, c)
	for _, want := range []string{
		`width="100pt" height="50pt" viewBox="0 0 100 50"`,
		`stroke="#010203" stroke-width="2" stroke-opacity="0.5" stroke-dasharray="3 1" stroke-dashoffset="2"`,
		`d="M0 50h10v-5l2.35-2.5"`, // 12.345 is written 12.35
		`<path fill="#000000" d="M0 50`,
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in %s", want, s)
		}
	}
}

// Thousands of short steps end where they should: rounding does not add up.
func TestSVGStepsDoNotDrift(t *testing.T) {
	p := &pathData{w: new(bytes.Buffer)}
	p.MoveTo(0, 0)
	for i := 1; i <= 10000; i++ {
		p.LineTo(float64(i)*0.0149, math.Sin(float64(i)))
	}
	if math.Abs(p.x-149) > 0.006 {
		t.Errorf("10000 steps of 0.0149 end at %v", p.x)
	}
}

// The standard decoder judges our encoder.
func TestPNG(t *testing.T) {
	p := image.NewPaletted(image.Rect(0, 0, 7, 5), color.Palette{red, color.White, color.Black})
	rgba := image.NewRGBA(image.Rect(0, 0, 7, 5))
	for i := range p.Pix {
		p.Pix[i] = uint8(i * i % 3)
		rgba.SetRGBA(i%7, i/7, color.RGBA{uint8(i * 31), uint8(i * 57), uint8(255 - i), 255})
	}
	clear := image.NewNRGBA(image.Rect(3, 2, 4, 3))
	for name, img := range map[string]image.Image{"paletted": p, "colour": rgba, "clear": clear} {
		data, err := PNG(img, 0, 6)
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := img
		if name == "clear" {
			want = image.White
		}
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				r, g, b, _ := got.At(x, y).RGBA()
				r1, g1, b1, _ := want.At(x, y).RGBA()
				if r != r1 || g != g1 || b != b1 {
					t.Fatalf("%s: pixel (%d, %d) is %v, want %v", name, x, y, got.At(x, y), want.At(x, y))
				}
			}
		}
	}
	if _, err := PNG(p, 0, 77); err == nil {
		t.Error("a level that does not exist")
	}
}
