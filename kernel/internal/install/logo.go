package install

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strings"

	"golang.org/x/image/vector"
)

// The logo is a packet of waves on a line of neurons, drawn in the unit square.

var (
	ground = color.RGBA{0x12, 0x2b, 0x4a, 0xff}
	ink    = color.RGBA{0xff, 0xd9, 0x7a, 0xff}
)

type point struct{ x, y float64 }

// packet returns the outline of the wave: there above the line, back below it.
func packet() []point {
	const n, thickness = 96, 0.028
	outline := make([]point, 2*n)
	for i := range n {
		x := float64(i) / (n - 1)
		u := (x - 0.5) / 0.17
		y := 0.5 - 0.34*math.Exp(-u*u/2)*math.Cos(5.2*u/1.3)
		outline[i] = point{0.06 + 0.88*x, y - thickness}
		outline[2*n-1-i] = point{0.06 + 0.88*x, y + thickness}
	}
	return outline
}

// logos returns the files of the logo, by the names that Jupyter looks for.
func logos() (map[string][]byte, error) {
	files := map[string][]byte{"logo-svg.svg": []byte(logoSVG())}
	for _, size := range []int{32, 64} {
		var b bytes.Buffer
		if err := png.Encode(&b, logoImage(size)); err != nil {
			return nil, err
		}
		files[fmt.Sprintf("logo-%dx%[1]d.png", size)] = b.Bytes()
	}
	return files, nil
}

func logoSVG() string {
	var path strings.Builder
	for i, p := range packet() {
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], 64*p.x, 64*p.y)
	}
	hex := func(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><title>nnfield</title>`+
		`<rect width="64" height="64" fill="%s"/><path d="%sZ" fill="%s"/></svg>`+"\n", hex(ground), path.String(), hex(ink))
}

func logoImage(size int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(m, m.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	r := vector.NewRasterizer(size, size)
	scale := float32(size)
	for i, p := range packet() {
		x, y := scale*float32(p.x), scale*float32(p.y)
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
	r.Draw(m, m.Bounds(), image.NewUniform(ink), image.Point{})
	return m
}
