package plotting

import (
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

// shape writes a label with its levels: ^ raised, _ lowered.
func shape(text string) string {
	var b strings.Builder
	for _, r := range parse(text).runs {
		switch {
		case r.rise > 0:
			b.WriteString("^(" + r.text + ")")
		case r.rise < 0:
			b.WriteString("_(" + r.text + ")")
		default:
			b.WriteString(r.text)
		}
	}
	return b.String()
}

func TestLabelMarkup(t *testing.T) {
	for text, want := range map[string]string{
		"φ(t, x)":         "φ(t, x)",
		"x²":              "x^(2)",
		"10⁻⁸":            "10^(−8)",
		"×10^{−12}":       "×10^(−12)",
		"φ₀ and φ₁₂":      "φ_(0) and φ_(12)",
		"ω_{max}²":        "ω_(max)^(2)",
		"|ΔE_s / E_s(0)|": "|ΔE_(s) / E_(s)(0)|",
		"ω_max a":         "ω_(max) a",
		"my_model_2":      "my_model_2",
		"a_":              "a_",
		"x^2":             "x^2",
		"open_{brace":     "open_{brace",
		"e^{ikx}, w_{ij}": "e^(ikx), w_(ij)",
		"":                "",
	} {
		if got := shape(text); got != want {
			t.Errorf("%q is laid out as %s, want %s", text, got, want)
		}
	}
}

func TestWidths(t *testing.T) {
	w := widthOf("x", 10)
	if w <= 0 {
		t.Fatal("x has no width")
	}
	if up := widthOf("x²", 10); !(up > w && up < widthOf("x2", 10)) {
		t.Error("a superscript is no smaller than plain text")
	}
	if math.Abs(float64(widthOf("x", 20)-2*w)) > 1e-9 {
		t.Error("twice the size is not twice the width")
	}
}

func TestFontHasWhatLabelsNeed(t *testing.T) {
	for _, r := range "φβωπεγλμσθψΔΨΩ∂∞√∫∑−·×±≤≥≈→|½°ħ†\u00a0" {
		if !glyph.Has(r) {
			t.Errorf("the font has no %q", r)
		}
	}
}

func TestWrap(t *testing.T) {
	lines := wrap("512 sites, length 40, periodic; m = 1; packet; leapfrog, ε = 0.03901", 110, 8)
	if len(lines) < 2 {
		t.Fatal("not wrapped")
	}
	for _, l := range lines {
		if widthOf(l, 8) > 110 {
			t.Errorf("line %q is wider than 110", l)
		}
		if strings.HasSuffix(l, "=") || strings.HasPrefix(l, "=") {
			t.Errorf("line %q breaks an equation", l)
		}
	}
}
