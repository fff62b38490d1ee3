// Package colormap holds the colour maps of the figures. All are perceptually
// uniform and can be told apart by colour-blind readers: equal steps of the
// number look like equal steps of colour.
package colormap

import (
	"fmt"
	"image/color"
	"math"
	"sync"
)

// Map takes a number between 0 and 1 to a colour. Maps are immutable values and
// may be compared. The zero Map is gray.
type Map struct{ m *table }

type table struct {
	name      string
	diverging bool
	colours   func() *[256]color.NRGBA
}

// The maps.
var (
	// Viridis runs from dark violet over green to yellow, for fields of one
	// sign (S. van der Walt and N. Smith, 2015).
	Viridis = fromPoints("viridis", "440154 481a6c 472f7d 414487 39568c 31688e 2a788e 23888e 1f988b 22a884 35b779 54c568 7ad151 a5db36 d2e21b fde725")

	// Cividis runs from dark blue to yellow and looks the same to most
	// colour-blind readers (Nuñez, Anderton and Renslow, PLoS ONE 13 (2018)
	// e0199239).
	Cividis = fromPoints("cividis", "00204d 00336f 39486b 575d6d 707173 8a8779 a69d75 c4b56c e4cf5b ffea46")

	// Balance runs from blue over white to red, for signed fields: white is
	// zero, and opposite values are equally light. It is computed in the Oklab
	// space (B. Ottosson, 2020): lightness falls in proportion to |s|, with
	// one hue on either side.
	Balance = Map{&table{name: "balance", diverging: true, colours: sync.OnceValue(balance)}}

	// Phase is cyclic, for phases from −π to π: light green at 0, orange at
	// π/2, dark purple at ±π and blue at −π/2. It is a tilted circle in Oklab,
	// so that equal turns look equal; since lightness and the blue-yellow
	// axis tell all phases apart, so can red-green-blind readers.
	Phase = Map{&table{name: "phase", colours: sync.OnceValue(phase)}}

	// Gray runs from black to white.
	Gray = Map{gray}
)

var gray = &table{name: "gray", colours: sync.OnceValue(func() *[256]color.NRGBA {
	var t [256]color.NRGBA
	for i := range t {
		t[i] = color.NRGBA{uint8(i), uint8(i), uint8(i), 255}
	}
	return &t
})}

func (m Map) table() *table {
	if m.m == nil {
		return gray
	}
	return m.m
}

// Colours returns the 256 colours of the map, from 0 to 1. It is a copy.
func (m Map) Colours() [256]color.NRGBA { return *m.table().colours() }

// At returns the colour of t; below 0 and above 1 the map ends, and NaN has no
// colour: it is transparent.
func (m Map) At(t float64) color.NRGBA {
	if math.IsNaN(t) {
		return color.NRGBA{}
	}
	return m.table().colours()[int(math.Round(255*min(max(t, 0), 1)))]
}

// Diverging tells whether the map has a middle that stands for zero.
func (m Map) Diverging() bool { return m.table().diverging }

// String returns the name of the map.
func (m Map) String() string { return m.table().name }

// fromPoints returns the map through equally spaced colours, joined straight
// in Oklab.
func fromPoints(name, points string) Map {
	return Map{&table{name: name, colours: sync.OnceValue(func() *[256]color.NRGBA {
		var knots []oklab
		for p := points; ; p = p[7:] {
			var r, g, b uint8
			if _, err := fmt.Sscanf(p, "%02x%02x%02x", &r, &g, &b); err != nil {
				panic(fmt.Sprintf("colormap %s: point %q: %v", name, p, err))
			}
			knots = append(knots, toOklab(color.NRGBA{r, g, b, 255}))
			if len(p) == 6 {
				break
			}
		}
		var t [256]color.NRGBA
		for i := range t {
			x := float64(i) / 255 * float64(len(knots)-1)
			k := min(int(x), len(knots)-2)
			t[i] = knots[k].towards(knots[k+1], x-float64(k)).colour()
		}
		return &t
	})}}
}

// balance computes the diverging map. 256 colours have no middle one, so the
// two in the middle are the same white: zero is white exactly.
func balance() *[256]color.NRGBA {
	const (
		white, dark = 0.985, 0.36 // lightness at zero and at the ends
		blue, red   = 255, 28     // hues in degrees
	)
	var t [256]color.NRGBA
	for i := range 128 {
		s := float64(i) / 127
		l := white + (dark-white)*s
		// Chroma rises from grey, is largest at mid lightness, where the
		// screen has most of it, and falls again towards the dark end.
		c := 0.158 * math.Pow(math.Sin(math.Pi*math.Pow(s, 0.8)*0.84), 0.9)
		t[127-i] = polar(l, c, blue).colour()
		t[128+i] = polar(l, c, red).colour()
	}
	return &t
}

func phase() *[256]color.NRGBA {
	const (
		middle, light = 0.64, 0.14  // lightness and how far it goes either way
		red, yellow   = 0.11, 0.125 // opponent axes
	)
	var t [256]color.NRGBA
	for i := range t {
		sin, cos := math.Sincos(2*math.Pi*float64(i)/255 - math.Pi)
		t[i] = oklab{middle + light*cos, -red * cos, yellow * sin}.colour()
	}
	return &t
}

// Fade returns the colour c thinned to white: all of c at t = 1, white at 0. In
// between colours are as perceptually uniform as the maps.
func Fade(c color.NRGBA, t float64) color.NRGBA {
	return oklab{l: 1}.towards(toOklab(c), min(max(t, 0), 1)).colour()
}

// oklab is a colour by lightness and two opponent axes.
type oklab struct{ l, a, b float64 }

func polar(l, chroma, hue float64) oklab {
	sin, cos := math.Sincos(hue * math.Pi / 180)
	return oklab{l, chroma * cos, chroma * sin}
}

func (o oklab) towards(p oklab, t float64) oklab {
	return oklab{o.l + (p.l-o.l)*t, o.a + (p.a-o.a)*t, o.b + (p.b-o.b)*t}
}

func toOklab(c color.NRGBA) oklab {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return oklab{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func (o oklab) colour() color.NRGBA {
	cube := func(x float64) float64 { return x * x * x }
	l := cube(o.l + 0.3963377774*o.a + 0.2158037573*o.b)
	m := cube(o.l - 0.1055613458*o.a - 0.0638541728*o.b)
	s := cube(o.l - 0.0894841775*o.a - 1.2914855480*o.b)
	gamma := func(x float64) uint8 {
		x = min(max(x, 0), 1)
		if x <= 0.0031308 {
			x *= 12.92
		} else {
			x = 1.055*math.Pow(x, 1/2.4) - 0.055
		}
		return uint8(math.Round(255 * x))
	}
	return color.NRGBA{
		gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
		255,
	}
}
