package colormap_test

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// lightness is CIE L*, 0 to 100, another measure than the one the maps are
// made with.
func lightness(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	y := 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

func TestSequentialMapsRiseInLightness(t *testing.T) {
	for _, m := range []colormap.Map{colormap.Viridis, colormap.Cividis, colormap.Gray} {
		colours := m.Colours()
		for i := 1; i < 256; i++ {
			// Colours have 8 bits, so that a step may round by half a unit.
			if step := lightness(colours[i]) - lightness(colours[i-1]); step < -0.15 || step > 1.2 {
				t.Errorf("%v: lightness steps by %.2f at colour %d; equal steps must look equal", m, step, i)
			}
		}
		if span := lightness(colours[255]) - lightness(colours[0]); span < 65 {
			t.Errorf("%v spans only %.0f of lightness", m, span)
		}
	}
}

func TestPublishedColours(t *testing.T) {
	// From the published tables, at places that are not among our points.
	for _, c := range []struct {
		m    colormap.Map
		at   float64
		want color.NRGBA
	}{
		{colormap.Viridis, 1. / 9, color.NRGBA{0x48, 0x28, 0x78, 255}},
		{colormap.Viridis, 0.5, color.NRGBA{0x21, 0x91, 0x8c, 255}},
		{colormap.Viridis, 7. / 9, color.NRGBA{0x6d, 0xcd, 0x59, 255}},
		{colormap.Cividis, 0.5, color.NRGBA{124, 123, 120, 255}},
	} {
		got := c.m.At(c.at)
		for _, d := range []int{int(got.R) - int(c.want.R), int(got.G) - int(c.want.G), int(got.B) - int(c.want.B)} {
			if d < -4 || d > 4 {
				t.Errorf("%v at %.2f is %v, published %v", c.m, c.at, got, c.want)
			}
		}
	}
}

func TestBalanceIsSymmetricAboutWhite(t *testing.T) {
	c := colormap.Balance.Colours()
	for i := range 128 {
		blue, red := c[127-i], c[128+i]
		if d := lightness(blue) - lightness(red); math.Abs(d) > 3 {
			t.Errorf("step %d: lightness %.1f below zero, %.1f above", i, lightness(blue), lightness(red))
		}
		if i > 8 && (blue.B <= blue.R || red.R <= red.B) {
			t.Errorf("step %d: %v is not blue or %v not red", i, blue, red)
		}
		if i > 0 && lightness(red) >= lightness(c[127+i])+0.2 {
			t.Errorf("step %d: lightness does not fall", i)
		}
	}
	if c[127] != c[128] || lightness(c[127]) < 97 || c[127].R != c[127].G || c[127].G != c[127].B {
		t.Errorf("zero is %v and %v, not one white", c[127], c[128])
	}
}

// The map of phases closes, steps evenly, and no two phases far from each other
// look alike, not even to an eye that does not tell red from green.
func TestPhaseIsCyclic(t *testing.T) {
	c := colormap.Phase.Colours()
	blindTo := func(c color.NRGBA) (light, blue float64) { // lightness, blue against yellow
		return lightness(c), (float64(c.B) - (float64(c.R)+float64(c.G))/2) / 4
	}
	distance := func(a, b color.NRGBA) float64 {
		l, u := blindTo(a)
		m, v := blindTo(b)
		return math.Hypot(l-m, u-v)
	}
	if d := distance(c[0], c[255]); d > 1 {
		t.Errorf("−π and π differ by %.1f", d)
	}
	for i := range 256 {
		if d := distance(c[i], c[(i+8)%255]); d < 1.5 || d > 12 {
			t.Errorf("8 steps from colour %d are %.1f", i, d)
		}
		if d := distance(c[i], c[(i+127)%255]); d < 20 {
			t.Errorf("opposite phases at %d differ by %.1f only without red and green", i, d)
		}
	}
}

func TestFade(t *testing.T) {
	c := colormap.Phase.At(0.3)
	if colormap.Fade(c, 0) != (color.NRGBA{255, 255, 255, 255}) || colormap.Fade(c, -3) != colormap.Fade(c, 0) {
		t.Errorf("nothing of a colour is %v", colormap.Fade(c, 0))
	}
	if got := colormap.Fade(c, 1); got != c || colormap.Fade(c, 2) != c {
		t.Errorf("all of %v is %v", c, got)
	}
	for i := range 20 {
		if lightness(colormap.Fade(c, float64(i)/20)) <= lightness(colormap.Fade(c, float64(i+1)/20)) {
			t.Errorf("the colour does not deepen at step %d", i)
		}
	}
}

func TestAtEnds(t *testing.T) {
	m := colormap.Viridis
	c := m.Colours()
	for at, want := range map[float64]color.NRGBA{-1: c[0], 0: c[0], 1: c[255], 7: c[255], math.Inf(1): c[255], math.Inf(-1): c[0]} {
		if m.At(at) != want {
			t.Errorf("At(%v) = %v, want %v", at, m.At(at), want)
		}
	}
	if (m.At(math.NaN()) != color.NRGBA{}) {
		t.Error("NaN has a colour")
	}
	if (colormap.Map{}).At(0.5) != colormap.Gray.At(0.5) {
		t.Error("the zero map is not gray")
	}
}

func ExampleMap_At() {
	c := colormap.Viridis.At(1)
	fmt.Printf("%s ends in #%02x%02x%02x\n", colormap.Viridis, c.R, c.G, c.B)
	// Output: viridis ends in #fde725
}
