// Package golden compares pictures with those of testdata.
package golden

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"testing"
)

// DPI is the resolution of the golden pictures.
const DPI = 80

// Widths in inches: of a notebook and of a column of a journal.
var Widths = map[string]float64{"notebook": 6.5, "column": 86 / 25.4}

// Tolerated is the number of visibly different pixels that a golden picture
// allows: fewer than one letter has.
const Tolerated = 6

// Check compares a picture with the golden one of a path, or writes it there
// anew.
func Check(t testing.TB, path string, picture []byte, update bool) {
	t.Helper()
	if update { // as small as can be, for the sake of the repository
		var b bytes.Buffer
		small := png.Encoder{CompressionLevel: png.BestCompression}
		if err := small.Encode(&b, Decode(t, picture)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if n := Differing(Decode(t, picture), Read(t, path)); n > Tolerated {
		t.Errorf("%s: %d pixels differ visibly from the golden picture", path, n)
	}
}

// Read returns the golden picture of a path.
func Read(t testing.TB, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Decode(t, data)
}

// Decode decodes a PNG picture.
func Decode(t testing.TB, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Differing returns how many pixels differ so much that an eye sees it. Other
// processors may round antialiased edges otherwise, by a few steps of 256.
func Differing(a, b image.Image) int {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx()*a.Bounds().Dy() + 1
	}
	n := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r, g, u, _ := a.At(x, y).RGBA()
			s, h, v, _ := b.At(x, y).RGBA()
			const visible = 24 << 8
			if max(r, s)-min(r, s) > visible || max(g, h)-min(g, h) > visible || max(u, v)-min(u, v) > visible {
				n++
			}
		}
	}
	return n
}
