// Package glyph turns text into outlines of one embedded sans-serif font, so
// that a figure looks the same wherever it is opened and needs no font there.
//
// The font is Liberation Sans Regular: it has the metrics journals expect of a
// sans-serif, Greek, and the signs − · × ∂ ∞ √ ≤ ≥ ≈ ½ ² ₀. A small table adds
// what else physics writes: ∇ ℋ ℒ ⟨ ⟩ ∝ ∈ ⊗ ℏ and the like.
package glyph

import (
	"fmt"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Index names a glyph. Index 0 is the box that stands for a character that
// neither the font nor the table of signs has.
type Index = sfnt.GlyphIndex

// Placed is a glyph at its place in a line of text.
type Placed struct {
	Glyph Index
	X     float64 // pen position, in em
}

// CapHeight is the height of a capital letter in em.
const CapHeight = 0.69

// face is the parsed font. Calls to it need a buffer each.
var face = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		panic(fmt.Sprintf("glyph: the embedded font is damaged: %v", err))
	}
	return f
})

// Face returns the font itself.
func Face() *sfnt.Font { return face() }

// perEm is the resolution at which outlines are read: the font's own units, so
// that nothing is rounded.
func perEm() fixed.Int26_6 { return fixed.I(int(face().UnitsPerEm())) }

// Line places the glyphs of one line of text, with kerning, and returns the
// line's width in em.
func Line(text string) (glyphs []Placed, width float64) {
	var (
		buf      sfnt.Buffer
		f        = face()
		em       = perEm()
		x        fixed.Int26_6
		previous Index
	)
	glyphs = make([]Placed, 0, len(text))
	for _, r := range text {
		g := index(&buf, r)
		if g >= firstSymbol {
			glyphs = append(glyphs, Placed{g, float64(x) / float64(em)})
			x += fixed.Int26_6(symbols().list[g-firstSymbol].advance * float64(em))
			previous = 0
			continue
		}
		if previous != 0 {
			// A font without a kerning table answers with an error: no kerning.
			if kern, err := f.Kern(&buf, previous, g, em, font.HintingNone); err == nil {
				x += kern
			}
		}
		glyphs = append(glyphs, Placed{g, float64(x) / float64(em)})
		if advance, err := f.GlyphAdvance(&buf, g, em, font.HintingNone); err == nil {
			x += advance
		}
		previous = g
	}
	return glyphs, float64(x) / float64(em)
}

// index returns the glyph of a character.
func index(buf *sfnt.Buffer, r rune) Index {
	if g, err := face().GlyphIndex(buf, r); err == nil && g != 0 {
		return g
	}
	return symbols().of[r]
}

// Has tells whether a character can be drawn.
func Has(r rune) bool {
	var buf sfnt.Buffer
	return index(&buf, r) != 0
}

// Pen receives an outline. Coordinates are in em, y upward from the baseline.
type Pen interface {
	MoveTo(x, y float64)
	LineTo(x, y float64)
	QuadTo(x1, y1, x, y float64)
	CubeTo(x1, y1, x2, y2, x, y float64)
	ClosePath()
}

// Outline draws a glyph with a pen. A blank has no outline.
func Outline(g Index, pen Pen) {
	if g >= firstSymbol {
		symbols().list[g-firstSymbol].draw(pen)
		return
	}
	var buf sfnt.Buffer
	em := perEm()
	segments, err := face().LoadGlyph(&buf, g, em, nil)
	if err != nil {
		return // only a damaged font has no outline for its own glyph; draw nothing
	}
	scale := 1 / float64(em)
	at := func(p fixed.Point26_6) (x, y float64) { return float64(p.X) * scale, -float64(p.Y) * scale }
	open := false
	for _, s := range segments {
		x, y := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if open {
				pen.ClosePath()
			}
			open = true
			pen.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			pen.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			x2, y2 := at(s.Args[1])
			pen.QuadTo(x, y, x2, y2)
		case sfnt.SegmentOpCubeTo:
			x2, y2 := at(s.Args[1])
			x3, y3 := at(s.Args[2])
			pen.CubeTo(x, y, x2, y2, x3, y3)
		}
	}
	if open {
		pen.ClosePath()
	}
}
