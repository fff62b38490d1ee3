package glyph

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// The signs of physics that the font lacks, such as ∇ and ℋ: outlines taken from
// DejaVu Sans, whose licence allows it. A table of 11 kB serves for what would
// be a second font of 760 kB in every program.
//
//go:generate go run subset.go DejaVuSans.ttf
//go:embed symbols.txt
var symbolText string

// symbol is a sign of the table.
type symbol struct {
	advance float64 // in em
	outline string
}

// firstSymbol is the Index of the first sign, beyond all glyphs of the font.
const firstSymbol Index = 0x8000

var symbols = sync.OnceValue(func() (s struct {
	list []symbol
	of   map[rune]Index
}) {
	s.of = map[rune]Index{}
	for line := range strings.Lines(symbolText) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		advance, outline, _ := strings.Cut(rest, " ")
		width, err := strconv.Atoi(advance)
		if err != nil {
			panic(fmt.Sprintf("glyph: the embedded signs are damaged: %v", err))
		}
		s.of[[]rune(name)[0]] = firstSymbol + Index(len(s.list))
		s.list = append(s.list, symbol{float64(width) / 1000, outline})
	}
	return s
})

// draw draws the sign with a pen.
func (s symbol) draw(pen Pen) {
	var xy [6]float64
	for path := s.outline; path != ""; {
		command := path[0]
		path = path[1:]
		end := strings.IndexAny(path, "MLQCZ")
		if end < 0 {
			end = len(path)
		}
		n := 0
		for number := range strings.FieldsSeq(path[:end]) {
			v, err := strconv.Atoi(number)
			if err != nil {
				panic(fmt.Sprintf("glyph: the embedded signs are damaged: %v", err))
			}
			xy[n] = float64(v) / 1000
			n++
		}
		path = path[end:]
		switch command {
		case 'M':
			pen.MoveTo(xy[0], xy[1])
		case 'L':
			pen.LineTo(xy[0], xy[1])
		case 'Q':
			pen.QuadTo(xy[0], xy[1], xy[2], xy[3])
		case 'C':
			pen.CubeTo(xy[0], xy[1], xy[2], xy[3], xy[4], xy[5])
		case 'Z':
			pen.ClosePath()
		}
	}
}
