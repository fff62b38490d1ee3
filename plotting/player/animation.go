package player

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/internal/canvas"
	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

// mostAnimation bounds an animation, in bytes: what fits a talk or a repository.
const mostAnimation = 4_000_000

// GIF returns the film as an animated GIF that plays once and rests on its last
// frame. A film of more than 150 frames, or of more than 4 MB, loses frames at
// equal distances, and then size.
func (f Film) GIF() ([]byte, error) { return f.bounded(encodeGIF) }

// APNG returns the film as an animated PNG that plays once and rests on its last
// frame, which is also what a viewer shows that knows no animation. Its bounds
// are those of GIF.
func (f Film) APNG() ([]byte, error) { return f.bounded(encodeAPNG) }

// bounded encodes the film, with fewer frames and then smaller until it fits.
func (f Film) bounded(encode func([]*image.Paletted, int) ([]byte, error)) ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	dpi := 96.
	if len(f.frames) > 150 {
		f = f.fewer(150)
	}
	for {
		film, err := f.animated(dpi)
		if err != nil {
			return nil, err
		}
		data, err := encode(film, pause(len(film)))
		if err != nil || len(data) <= mostAnimation {
			return data, err
		}
		// A little below what would fit if bytes were proportional to pixels.
		if fit := 0.95 * mostAnimation / float64(len(data)); len(f.frames) > 40 {
			f = f.fewer(max(40, int(fit*float64(len(f.frames)))))
		} else {
			dpi *= math.Sqrt(fit)
		}
	}
}

// strip is the height below the picture of an animation, in points, where the
// frame is named.
const strip = 16

// Shades of an animation's 256 colours: most for the field, the rest for
// text.
const (
	fieldShades = 215
	nanShade    = fieldShades
	firstGrey   = fieldShades + 1
	greys       = 256 - firstGrey
)

// animated returns the frames of an animation, the first whole, the others as
// the part that changes.
func (f Film) animated(dpi float64) ([]*image.Paletted, error) {
	picture, area, err := f.place(dpi)
	if err != nil {
		return nil, err
	}
	shades := make(color.Palette, 256)
	var toShade [missing + 1]uint8
	for i := range fieldShades {
		shades[i] = f.palette[i*(missing-1)/(fieldShades-1)]
	}
	for i := range missing {
		toShade[i] = uint8((i*(fieldShades-1) + (missing-1)/2) / (missing - 1))
	}
	shades[nanShade], toShade[missing] = f.palette[missing], nanShade
	for i := range greys {
		v := uint8(i * 255 / (greys - 1))
		shades[firstGrey+i] = color.NRGBA{v, v, v, 255}
	}
	known := map[color.RGBA]uint8{}
	index := func(c color.RGBA) uint8 {
		i, ok := known[c]
		if !ok {
			i = uint8(shades.Index(c))
			known[c] = i
		}
		return i
	}

	size := picture.Bounds().Size()
	high := int(math.Round(strip * dpi / 72))
	whole := image.Rect(0, 0, size.X, size.Y+high)
	changes := area.Union(image.Rect(0, size.Y, size.X, whole.Max.Y))
	var film []*image.Paletted
	for k, level := range f.frames {
		part := changes
		if k == 0 {
			part = whole
		}
		p := image.NewPaletted(part, shades)
		for y := part.Min.Y; y < min(part.Max.Y, size.Y); y++ {
			for x := part.Min.X; x < part.Max.X; x++ {
				below := picture.RGBAAt(x, y)
				if !(image.Point{x, y}).In(area) {
					p.SetColorIndex(x, y, index(below))
					continue
				}
				cell := (y-area.Min.Y)*f.ny/area.Dy()*f.nx + (x-area.Min.X)*f.nx/area.Dx()
				shade := toShade[level[cell]]
				if white := (color.RGBA{255, 255, 255, 255}); f.sheer && below != white {
					shade = index(multiply(color.RGBAModel.Convert(shades[shade]).(color.RGBA), below))
				}
				p.SetColorIndex(x, y, shade)
			}
		}
		name := f.caption(k, size.X, high, area, dpi)
		for y := range high {
			for x := part.Min.X; x < part.Max.X; x++ {
				p.SetColorIndex(x, size.Y+y, index(name.RGBAAt(x, y)))
			}
		}
		film = append(film, p)
	}
	return film, nil
}

// caption draws the name of a frame and how far the film is, on a strip below
// the picture.
func (f Film) caption(frame, width, height int, area image.Rectangle, dpi float64) *image.RGBA {
	point := 72 / dpi
	c := canvas.NewBitmap(vg.Length(float64(width)*point), strip, dpi, color.White)
	left, right := vg.Length(float64(area.Min.X)*point), vg.Length(float64(area.Max.X)*point)
	const size, text = 9, 66 // points
	c.SetColor(color.Gray{26})
	c.FillString(font.Face{Font: font.Font{Size: size}, Face: glyph.Face()}, vg.Point{X: left, Y: 5}, f.names[frame])

	bar := func(to vg.Length, grey uint8) {
		c.SetColor(color.Gray{grey})
		c.Fill(vg.Rectangle{Min: vg.Point{X: left + text, Y: 7}, Max: vg.Point{X: to, Y: 9}}.Path())
	}
	bar(right, 215)
	if n := len(f.names); n > 1 {
		bar(left+text+(right-left-text)*vg.Length(frame)/vg.Length(n-1), 105)
	}
	img := c.Image()
	if img.Rect.Dy() == height && img.Rect.Dx() == width {
		return img
	}
	// Rounded otherwise than the picture: the strip is white there.
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			out.SetRGBA(x, y, color.RGBA{255, 255, 255, 255})
			if (image.Point{x, y}).In(img.Rect) {
				out.SetRGBA(x, y, img.RGBAAt(x, y))
			}
		}
	}
	return out
}

func encodeGIF(film []*image.Paletted, pause int) ([]byte, error) {
	g := gif.GIF{Image: film, LoopCount: -1} // once
	for range film {
		g.Delay = append(g.Delay, int(math.Round(float64(pause)/10)))
		g.Disposal = append(g.Disposal, gif.DisposalNone)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// encodeAPNG writes the chunks of the PNG specification, third edition: acTL
// says how many frames there are, fcTL where and how long each is shown, fdAT
// holds its pixels. The image of IDAT is no part of the animation here.
func encodeAPNG(film []*image.Paletted, pause int) ([]byte, error) {
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		start := len(out)
		out = append(append(out, name...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	numbers := func(n ...int) (b []byte) {
		for _, v := range n {
			b = binary.BigEndian.AppendUint32(b, uint32(v))
		}
		return b
	}

	first, last := film[0], film[len(film)-1]
	still := image.NewPaletted(first.Rect, first.Palette)
	copy(still.Pix, first.Pix)
	for y := last.Rect.Min.Y; y < last.Rect.Max.Y; y++ {
		copy(still.Pix[still.PixOffset(last.Rect.Min.X, y):], last.Pix[last.PixOffset(last.Rect.Min.X, y):][:last.Rect.Dx()])
	}

	chunk("IHDR", append(numbers(first.Rect.Dx(), first.Rect.Dy()), 8, 3, 0, 0, 0)) // 3: a palette
	chunk("acTL", numbers(len(film), 1))                                            // played once
	var colours []byte
	for _, c := range first.Palette {
		r, g, b, _ := c.RGBA()
		colours = append(colours, byte(r>>8), byte(g>>8), byte(b>>8))
	}
	chunk("PLTE", colours)
	chunk("IDAT", deflate(still))
	sequence := 0
	for _, p := range film {
		control := numbers(sequence, p.Rect.Dx(), p.Rect.Dy(), p.Rect.Min.X, p.Rect.Min.Y)
		control = binary.BigEndian.AppendUint16(control, uint16(pause))
		control = binary.BigEndian.AppendUint16(control, 1000)
		chunk("fcTL", append(control, 0, 0)) // left as it is, drawn over
		chunk("fdAT", append(numbers(sequence+1), deflate(p)...))
		sequence += 2
	}
	chunk("IEND", nil)
	return out, nil
}

// deflate compresses rows of palette entries as they are: neighbouring shades of
// a field are not near each other in value where text is, and most cells repeat.
func deflate(p *image.Paletted) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	for y := range p.Rect.Dy() {
		z.Write([]byte{0}) // no filter; to memory: cannot fail
		z.Write(p.Pix[y*p.Stride:][:p.Rect.Dx()])
	}
	z.Close()
	return b.Bytes()
}
