package plotting

import (
	"image/color"
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

// A label is one line of text with raised and lowered parts. Unicode's own
// super- and subscripts (x², φ₀, 10⁻⁸) are understood, an underscore behind a
// symbol of one letter (ω_max, ΔE_s), and for everything else braces: e^{ikx}.
type label struct {
	runs  []run
	width float64 // in em
}

type run struct {
	text           string
	x, rise, scale float64 // in em
}

const (
	scriptScale = 0.7
	superRise   = 0.36
	subRise     = -0.16
)

// script is what a raised or lowered character of Unicode stands for.
type script struct {
	plain rune
	rise  float64
}

var scripts = func() map[rune]script {
	m := map[rune]script{}
	add := func(rise float64, raised, plain string) {
		to := []rune(plain)
		for i, r := range []rune(raised) {
			m[r] = script{to[i], rise}
		}
	}
	add(superRise, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀ", "0123456789+−=()niT")
	add(subRise, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙᵢⱼₖₓₜₘₐ", "0123456789+−=()nijkxtma")
	return m
}()

// parse lays a label out.
func parse(text string) label {
	var l label
	var pending strings.Builder
	rise := 0.0
	flush := func() {
		if pending.Len() == 0 {
			return
		}
		scale := 1.0
		if rise != 0 {
			scale = scriptScale
		}
		_, width := glyph.Line(pending.String())
		l.runs = append(l.runs, run{pending.String(), l.width, rise, scale})
		l.width += width * scale
		pending.Reset()
	}
	put := func(r rune, at float64) {
		if at != rise {
			flush()
			rise = at
		}
		pending.WriteRune(r)
	}
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		if s, ok := scripts[runes[i]]; ok {
			put(s.plain, s.rise)
			continue
		}
		if rise, from, to, end := lowered(runes, i); end > 0 {
			for _, r := range runes[from:to] {
				put(r, rise)
			}
			i = end - 1
			continue
		}
		put(runes[i], 0)
	}
	flush()
	return l
}

// lowered tells whether text goes on with a raised or lowered part in braces,
// or, behind a symbol of one letter, with an underscore and a word: what its
// rise is, and where it begins and ends. An end of 0 says no.
func lowered(text []rune, i int) (rise float64, from, to, end int) {
	rise = subRise
	switch {
	case text[i] == '^':
		rise = superRise
	case text[i] != '_':
		return 0, 0, 0, 0
	}
	if i+1 < len(text) && text[i+1] == '{' {
		if n := slices.Index(text[i:], '}'); n > 0 {
			return rise, i + 2, i + n, i + n + 1
		}
		return 0, 0, 0, 0
	}
	word := func(k int) bool {
		return k >= 0 && k < len(text) && (unicode.IsLetter(text[k]) || unicode.IsDigit(text[k]))
	}
	if rise == subRise && word(i-1) && (!word(i-2) || text[i-2] == 'Δ') && word(i+1) {
		for end = i + 1; word(end); end++ {
		}
		return rise, i + 1, end, end
	}
	return 0, 0, 0, 0
}

// widthOf returns the width of a line of text.
func widthOf(text string, size vg.Length) vg.Length { return vg.Length(parse(text).width) * size }

// lineHeight is the distance of baselines of running text, raised and lowered
// parts included.
func lineHeight(size vg.Length) vg.Length { return 1.25 * size }

// anchor says which point of a text sits at the given place.
type anchor struct{ x, y float64 }

var (
	left      = anchor{0, baseline}
	centre    = anchor{0.5, baseline}
	right     = anchor{1, baseline}
	leftMid   = anchor{0, middle}
	rightMid  = anchor{1, middle}
	centreMid = anchor{0.5, middle}
)

const (
	baseline = 0
	middle   = 0.5 // half the height of a capital
)

// write draws one line of text.
func (p *pen) write(text string, at vg.Point, a anchor, size vg.Length, ink color.Color) {
	p.turned(text, at, a, size, ink, 0)
}

// turned draws one line of text turned counter-clockwise about its anchor.
func (p *pen) turned(text string, at vg.Point, a anchor, size vg.Length, ink color.Color, angle float64) {
	l := parse(text)
	p.c.Push()
	p.c.SetColor(ink)
	p.c.Translate(at)
	if angle != 0 {
		p.c.Rotate(angle)
	}
	x := -vg.Length(a.x*l.width) * size
	y := -vg.Length(a.y*glyph.CapHeight) * size
	for _, r := range l.runs {
		f := font.Face{Font: font.Font{Size: vg.Length(r.scale) * size}, Face: glyph.Face()}
		p.c.FillString(f, vg.Point{X: x + vg.Length(r.x)*size, Y: y + vg.Length(r.rise)*size}, r.text)
	}
	p.c.Pop()
	p.words = append(p.words, text)
}

// wrap breaks text at blanks into lines no wider than width. A word wider than
// that stands alone.
func wrap(text string, width, size vg.Length) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		// An equation does not break.
		paragraph = strings.NewReplacer(" = ", "\u00a0=\u00a0", " < ", "\u00a0<\u00a0").Replace(paragraph)
		for word := range strings.SplitSeq(paragraph, " ") {
			if line != "" && widthOf(line+" "+word, size) > width {
				lines = append(lines, line)
				line = word
				continue
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
