package canvas

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/draw"
	"math"
)

// PNG encodes an opaque image; what shines through becomes white. A dpi above 0
// is written as the physical resolution. The level is that of compress/flate.
//
// Each byte is stored as its difference from the pixel to the left (filter
// "Sub"): field images are smooth, and this makes them a third smaller than the
// standard encoder does, which stores palette indices as they are, at a
// fraction of the time it spends choosing filters for colours.
func PNG(img image.Image, dpi float64, level int) ([]byte, error) {
	const paletted, rgb = 3, 2
	size := img.Bounds().Size()
	header := binary.BigEndian.AppendUint32(nil, uint32(size.X))
	header = binary.BigEndian.AppendUint32(header, uint32(size.Y))

	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		start := len(out)
		out = append(append(out, name...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	p, ok := img.(*image.Paletted)
	if ok {
		chunk("IHDR", append(header, 8, paletted, 0, 0, 0))
	} else {
		chunk("IHDR", append(header, 8, rgb, 0, 0, 0))
	}
	if dpi > 0 {
		perMetre := uint32(math.Round(dpi / 0.0254))
		data := binary.BigEndian.AppendUint32(nil, perMetre)
		data = binary.BigEndian.AppendUint32(data, perMetre)
		chunk("pHYs", append(data, 1)) // 1: the unit is the metre
	}

	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, level)
	if err != nil {
		return nil, err
	}
	// Writing to a bytes.Buffer cannot fail.
	const sub = 1
	if ok {
		var colours []byte
		for _, c := range p.Palette {
			r, g, b, _ := c.RGBA()
			colours = append(colours, byte(r>>8), byte(g>>8), byte(b>>8))
		}
		chunk("PLTE", colours)
		line := make([]byte, 1+size.X)
		line[0] = sub
		for y := range size.Y {
			left := byte(0)
			for x, v := range p.Pix[y*p.Stride:][:size.X] {
				line[1+x] = v - left
				left = v
			}
			z.Write(line)
		}
	} else {
		flat := opaque(img)
		line := make([]byte, 1+3*size.X)
		line[0] = sub
		for y := range size.Y {
			row := flat.Pix[y*flat.Stride:][:4*size.X]
			var r, g, b byte // of the pixel to the left
			for x := range size.X {
				c := row[4*x : 4*x+3]
				to := line[1+3*x : 4+3*x]
				to[0], to[1], to[2] = c[0]-r, c[1]-g, c[2]-b
				r, g, b = c[0], c[1], c[2]
			}
			z.Write(line)
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out, nil
}

// opaque returns an image over white.
func opaque(img image.Image) *image.RGBA {
	if rgba, ok := img.(*image.RGBA); ok && rgba.Opaque() {
		return rgba
	}
	b := img.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, b.Min, draw.Over)
	return flat
}
