package glyph

import (
	"math"
	"testing"
)

// box collects the corners of an outline.
type box struct {
	left, right, low, high float64
	paths, open            int
}

func (b *box) at(x, y float64) {
	b.left, b.right = min(b.left, x), max(b.right, x)
	b.low, b.high = min(b.low, y), max(b.high, y)
}
func (b *box) MoveTo(x, y float64)             { b.paths++; b.open++; b.at(x, y) }
func (b *box) LineTo(x, y float64)             { b.at(x, y) }
func (b *box) QuadTo(_, _, x, y float64)       { b.at(x, y) }
func (b *box) CubeTo(_, _, _, _, x, y float64) { b.at(x, y) }
func (b *box) ClosePath()                      { b.open-- }
func outline(r rune) (b box) {
	g, _ := Line(string(r))
	b.left, b.low = math.Inf(1), math.Inf(1)
	b.right, b.high = math.Inf(-1), math.Inf(-1)
	Outline(g[0].Glyph, &b)
	return b
}

func TestOutlinesStandOnTheBaseline(t *testing.T) {
	h := outline('H')
	if math.Abs(h.low) > 0.01 || math.Abs(h.high-CapHeight) > 0.01 {
		t.Errorf("H reaches from %.3f to %.3f em, not from 0 to %v", h.low, h.high, CapHeight)
	}
	if p := outline('p'); !(p.low < -0.15 && p.low > -0.22) {
		t.Errorf("p reaches down to %.3f em", p.low)
	}
	for r, paths := range map[rune]int{'l': 1, 'o': 2, 'φ': 2, 'B': 3, ' ': 0} {
		if o := outline(r); o.paths != paths || o.open != 0 {
			t.Errorf("%q has %d outlines, %d not closed; want %d closed", r, o.paths, o.open, paths)
		}
	}
}

func TestLineAdvancesAndKerns(t *testing.T) {
	width := func(s string) float64 { _, w := Line(s); return w }
	if a := width("0123456789") / 10; math.Abs(a-width("0")) > 1e-9 || math.Abs(a-0.556) > 1e-3 {
		t.Errorf("digits are %.4f em wide, not all 0.556", a)
	}
	if !(width("AV") < width("A")+width("V")-0.05) {
		t.Error("A and V are not kerned")
	}
	glyphs, w := Line("ab")
	if len(glyphs) != 2 || glyphs[0].X != 0 || math.Abs(glyphs[1].X-width("a")) > 1e-9 || math.Abs(w-width("a")-width("b")) > 1e-9 {
		t.Errorf("ab is placed at %v, width %v", glyphs, w)
	}
	if glyphs, w := Line(""); len(glyphs) != 0 || w != 0 {
		t.Error("an empty line has a width")
	}
}

// Signs the font lacks stand on the line as drawn, at the size of the font.
func TestSymbols(t *testing.T) {
	if del := outline('∇'); math.Abs(del.low) > 0.02 || math.Abs(del.high-0.72) > 0.02 || del.paths != 2 || del.open != 0 {
		t.Errorf("∇ reaches from %.3f to %.3f in %d outlines, %d not closed", del.low, del.high, del.paths, del.open)
	}
	if bra := outline('⟨'); !(bra.low < -0.1 && bra.high > 0.7 && bra.right-bra.left < 0.35) {
		t.Errorf("⟨ fills %+v", bra)
	}
	for _, r := range "∇∝∈⟨⟩ℋℒℏ⊗" {
		if !Has(r) {
			t.Errorf("no %c", r)
		}
	}
	width := func(s string) float64 { _, w := Line(s); return w }
	if got, want := width("a∇b"), width("a")+width("∇")+width("b"); math.Abs(got-want) > 1e-9 || math.Abs(width("∇")-0.669) > 1e-3 {
		t.Errorf("a∇b is %.4f em wide, its letters %.4f", got, want)
	}
}

func TestHas(t *testing.T) {
	if !Has('φ') || Has('\U0001F600') {
		t.Error("the font should have φ and no emoji")
	}
	if g, w := Line("\U0001F600"); g[0].Glyph != 0 || w == 0 {
		t.Error("a missing character should show as a box")
	}
}
