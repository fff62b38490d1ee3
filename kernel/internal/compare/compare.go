// Package compare tells whether executing a notebook again gave what it gave
// before: texts exactly, except for the last digits of numbers, which differ
// between processors, and pictures pixel by pixel.
package compare

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

const (
	roundOff = 1e-12 // numbers below are round-off, whatever their digits
	shade    = 2     // levels of 255 by which a pixel may differ
)

// Outputs compares the outputs of a cell, with numbers to so many significant
// digits. It returns nil, or an error that says what differs first.
func Outputs(before, after []notebook.Output, digits int) error {
	if len(before) != len(after) {
		return fmt.Errorf("%d outputs, %d before", len(after), len(before))
	}
	for i := range before {
		if err := output(before[i], after[i], digits); err != nil {
			return fmt.Errorf("output %d: %w", i+1, err)
		}
	}
	return nil
}

func output(before, after notebook.Output, digits int) error {
	if a, b := after.Type()+" "+after.Stream(), before.Type()+" "+before.Stream(); a != b {
		return fmt.Errorf("%s, before %s", a, b)
	}
	switch before.Type() {
	case "stream":
		return text(before.Text(), after.Text(), digits)
	case "error":
		return text(strings.Join(before.Traceback(), "\n"), strings.Join(after.Traceback(), "\n"), digits)
	}
	x, _ := before["data"].(map[string]any)
	y, _ := after["data"].(map[string]any)
	kinds := slices.Sorted(maps.Keys(x))
	if now := slices.Sorted(maps.Keys(y)); !slices.Equal(kinds, now) {
		return fmt.Errorf("%q, before %q", now, kinds)
	}
	for _, mime := range kinds {
		if err := content(mime, x[mime], y[mime], digits); err != nil {
			return fmt.Errorf("%s: %w", mime, err)
		}
	}
	return nil
}

// content compares what a bundle holds under a MIME type.
func content(mime string, before, after any, digits int) error {
	a, okA := before.(string)
	b, okB := after.(string)
	if !okA || !okB { // a JSON value
		x, errX := json.Marshal(before)
		y, errY := json.Marshal(after)
		if errX != nil || errY != nil {
			return fmt.Errorf("not JSON: %v %v", errX, errY)
		}
		return text(string(x), string(y), digits)
	}
	if isPicture(mime) {
		return encoded(a, b, func(a, b []byte) error { return picture(a, b) })
	}
	return withData(a, b, digits)
}

func isPicture(mime string) bool {
	return strings.HasPrefix(mime, "image/") && !strings.HasPrefix(mime, "image/svg")
}

// encoded compares base64 texts by what they hold.
func encoded(before, after string, compare func(before, after []byte) error) error {
	if before == after {
		return nil
	}
	decode := func(s string) ([]byte, error) {
		return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	}
	a, errA := decode(before)
	b, errB := decode(after)
	if errA != nil || errB != nil {
		return text(before, after, 0)
	}
	return compare(a, b)
}

// dataURI matches a picture inside a text.
var dataURI = regexp.MustCompile(`data:(image/[a-z+]+);base64,([A-Za-z0-9+/=]+)`)

// withData compares texts that may hold pictures.
func withData(before, after string, digits int) error {
	if before == after {
		return nil
	}
	x, y := dataURI.FindAllStringSubmatch(before, -1), dataURI.FindAllStringSubmatch(after, -1)
	if len(x) != len(y) {
		return fmt.Errorf("%d pictures, %d before", len(y), len(x))
	}
	for i := range x {
		if x[i][1] != y[i][1] {
			return fmt.Errorf("picture %d is %s, before %s", i+1, y[i][1], x[i][1])
		}
		err := encoded(x[i][2], y[i][2], func(a, b []byte) error {
			if isPicture(x[i][1]) {
				return picture(a, b)
			}
			return withData(string(a), string(b), digits) // an SVG may hold a raster
		})
		if err != nil {
			return fmt.Errorf("picture %d: %w", i+1, err)
		}
	}
	return text(dataURI.ReplaceAllString(before, "picture"), dataURI.ReplaceAllString(after, "picture"), digits)
}

// number matches a number that is not part of a word.
var number = regexp.MustCompile(`[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|\.[0-9]+([eE][-+]?[0-9]+)?`)

// text compares texts: what is between numbers must be the same, and numbers to
// so many digits.
func text(before, after string, digits int) error {
	if before == after {
		return nil
	}
	x, y := number.FindAllStringIndex(before, -1), number.FindAllStringIndex(after, -1)
	i, j := 0, 0 // up to here they agree
	for n := range min(len(x), len(y)) {
		if before[i:x[n][0]] != after[j:y[n][0]] || !near(before[x[n][0]:x[n][1]], after[y[n][0]:y[n][1]], digits) {
			return differ(before, after, i, j)
		}
		i, j = x[n][1], y[n][1]
	}
	if before[i:] != after[j:] {
		return differ(before, after, i, j)
	}
	return nil
}

// near tells whether two numbers agree.
func near(before, after string, digits int) bool {
	if before == after {
		return true
	}
	a, errA := strconv.ParseFloat(before, 64)
	b, errB := strconv.ParseFloat(after, 64)
	if errA != nil || errB != nil {
		return false
	}
	size := max(math.Abs(a), math.Abs(b))
	return size < roundOff || math.Abs(a-b) <= size*math.Pow(10, -float64(digits))
}

// differ shows where two texts part.
func differ(before, after string, i, j int) error {
	const width = 60
	show := func(s string, from int) string {
		runes := []rune(strings.ToValidUTF8(s[from:], "?"))
		return string(runes[:min(width, len(runes))])
	}
	return fmt.Errorf("%q, before %q", show(after, j), show(before, i))
}

// picture compares the pixels of two pictures.
func picture(before, after []byte) error {
	if bytes.Equal(before, after) {
		return nil
	}
	a, _, errA := image.Decode(bytes.NewReader(before))
	b, _, errB := image.Decode(bytes.NewReader(after))
	if errA != nil || errB != nil {
		return fmt.Errorf("the pictures differ, and not both can be read")
	}
	if a.Bounds() != b.Bounds() {
		return fmt.Errorf("%v pixels, before %v", b.Bounds().Size(), a.Bounds().Size())
	}
	different := 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, a1 := a.At(x, y).RGBA()
			r2, g2, b2, a2 := b.At(x, y).RGBA()
			for _, pair := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
				if max(pair[0], pair[1])-min(pair[0], pair[1]) > shade*0x101 {
					different++
					break
				}
			}
		}
	}
	if different > 0 {
		return fmt.Errorf("%d of %d pixels differ", different, a.Bounds().Dx()*a.Bounds().Dy())
	}
	return nil
}
