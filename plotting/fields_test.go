package plotting

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
	"github.com/nnfield/nnfield/plotting/colormap"
)

func complexField(n int, z func(i int) (re, im float64)) ComplexField {
	axis := grid(n+1, 0, 1)[:n]
	f := ComplexField{Symbol: "ψ", X: axis, Y: axis}
	for i := range n * n {
		re, im := z(i)
		f.Re, f.Im = append(f.Re, re), append(f.Im, im)
	}
	return f
}

func volume(n int, value func(i int) float64) Volume {
	axis := grid(n+1, 0, 1)[:n]
	v := Volume{Symbol: "φ", X: axis, Y: axis, Z: axis, Values: make([]float64, n*n*n)}
	for i := range v.Values {
		v.Values[i] = value(i)
	}
	return v
}

// Awkward numbers give a picture that says what it cannot show, in every
// figure.
func TestAwkwardNumbersInFields(t *testing.T) {
	l := Labels{Title: "awkward", X: "x", Y: "y"}
	nan, inf := math.NaN(), math.Inf(1)
	wild := []float64{1e-300, -1e300, 0, 3}
	for name, c := range map[string]struct {
		f    Figure
		says string
	}{
		"log, tiny to huge":     {Image(l, Field{X: grid(4, 0, 1), Y: []float64{0}, Values: []float64{1e-300, 1, 1e300, -5}, Colouring: LogColours(10)}), ""},
		"log, all zero":         {Image(l, Field{X: grid(4, 0, 1), Y: []float64{0}, Values: make([]float64, 4), Colouring: LogColours(10)}), "value = 0 everywhere."},
		"log, all negative":     {Image(l, Field{X: grid(2, 0, 1), Y: []float64{0}, Values: []float64{-1, -2}, Colouring: LogColours(10)}), ""},
		"symlog, tiny to huge":  {Image(l, Field{X: grid(4, 0, 1), Y: []float64{0}, Values: wild, Colouring: SymLogColours(300)}), ""},
		"symlog, constant":      {Image(l, Field{X: grid(4, 0, 1), Y: []float64{0}, Values: filled(4, 2), Colouring: SymLogColours(3)}), "= 2 everywhere."},
		"symlog, infinite":      {Image(l, Field{X: grid(4, 0, 1), Y: []float64{0}, Values: []float64{inf, 1, nan, -1}, Colouring: SymLogColours(3)}), "1 value is infinite"},
		"complex zero":          {Complex(l, complexField(4, func(int) (float64, float64) { return 0, 0 })), "|ψ| = 0 everywhere."},
		"complex NaN, Inf":      {Complex(l, complexField(4, func(i int) (float64, float64) { return nanAt(i, 3), infAt(i, 5) })), "1 value is NaN (grey). 1 value is infinite"},
		"complex, one site":     {Complex(l, complexField(1, func(int) (float64, float64) { return 1, -1 })), "everywhere."},
		"complex, huge":         {Complex(l, complexField(4, func(i int) (float64, float64) { return 1e300 * float64(i), -1e300 })), ""},
		"slices of a constant":  {Slices(l, volume(3, func(int) float64 { return 7 })), "φ = 7 everywhere."},
		"slices, one site":      {Slices(l, volume(1, func(int) float64 { return 7 })), "φ = 7 everywhere."},
		"slices with NaN":       {Slices(l, volume(3, func(i int) float64 { return nanAt(i, 26) })), ""},
		"multiples, one vacuum": {Multiples(l, []string{"a", "b"}, field(4, 4, func(int) float64 { return 0 }), field(4, 4, func(i int) float64 { return infAt(i, 2) })), "1 value is infinite"},
		"arrows of nothing":     {Arrows(l, field(4, 4, func(i int) float64 { return float64(i) }), "j", make([]float64, 16), make([]float64, 16)), "the largest |j| = 0."},
		"arrows, NaN and Inf":   {Arrows(l, field(2, 2, func(i int) float64 { return float64(i) }), "j", []float64{nan, inf, 1, 0}, make([]float64, 4)), "the largest |j| = 1."},
		"difference of equals":  {Difference(l, "a", "b", field(4, 4, func(i int) float64 { return float64(i) }), field(4, 4, func(i int) float64 { return float64(i) })), "Δφ = 0 everywhere."},
		"histogram of one":      {Histogram(l, []float64{3, nan}, "", nil), "1 of 2 samples are NaN or infinite"},
		"histogram, constant":   {Histogram(l, filled(100, -2), "", nil), "100 samples in 5 bins."},
		"histogram, wild":       {Histogram(l, wild, "", nil), ""},
		"orbit of a point":      {Portrait(l, Series{X: []float64{1}, Y: []float64{2}}), ""},
		"orbit at rest":         {Portrait(l, Series{X: filled(9, 1), Y: filled(9, 2)}), ""},
		"orbit, NaN":            {Portrait(l, Series{X: []float64{1, nan, 2, 3}, Y: filled(4, 2)}), "1 of 4 points"},
		"loss of 0":             {SemiLog(l, Series{X: grid(3, 0, 1), Y: make([]float64, 3)}), "3 points are not positive"},
		"loss, wild":            {SemiLog(l, Series{X: grid(4, 0, 1), Y: []float64{1e-300, 1e300, nan, inf}, Low: make([]float64, 4), High: filled(4, inf)}), "2 of 4 points"},
		"band down to 0":        {SemiLog(l, Series{X: grid(3, 0, 1), Y: filled(3, 1), Low: make([]float64, 3), High: filled(3, 2)}), ""},
		"log-log, one point":    {LogLog(l, Series{X: []float64{1}, Y: []float64{1}}), ""},
		"graph of nothing":      {Graph(l, dense{3, make([]float64, 9)}), ""},
		"graph of one":          {Graph(l, dense{1, []float64{-2}}), ""},
		"graph, NaN":            {Graph(l, dense{2, []float64{1, nan, 2, inf}}), "1 value is NaN"},
		"singular values, NaN":  {Tensor(l, dense{2, []float64{1, nan, 2, 3}}), "leave no singular values"},
		"phases, NaN":           {Phases(l, field(2, 2, func(i int) float64 { return nanAt(i, 1) }), []float64{nan, inf, 0, 9}, make([]float64, 4)), "1 value is NaN (grey)."},
		"metric, one site":      {Symmetric(l, [][]Field{{field(1, 1, func(int) float64 { return 1 })}}), "φ = 1 everywhere."},
	} {
		for place, width := range widths {
			f := c.f.Size(width, 0)
			if err := f.Err(); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !strings.Contains(f.String(), c.says) {
				t.Errorf("%s: caption %q does not say %q", name, f, c.says)
			}
			svg, err := f.SVG()
			if err != nil {
				t.Errorf("%s, %s: %v", name, place, err)
				continue
			}
			if bytes.Contains(svg, []byte(`"NaN`)) || bytes.Contains(svg, []byte("MNaN")) || bytes.Contains(svg, []byte("Inf")) {
				t.Errorf("%s: the SVG has coordinates that are no numbers", name)
			}
			if place == "column" {
				continue // its SVG will do
			}
			img := render(t, f, 40)
			if n := levels256(img.Bounds().Dx(), img.Bounds().Dy(), func(x, y int) uint32 { r, _, _, _ := img.At(x, y).RGBA(); return r >> 8 }); n < 4 {
				t.Errorf("%s: the picture is blank, it has %d shades", name, n)
			}
		}
	}
}

func TestUnusableFields(t *testing.T) {
	var l Labels
	good, other := field(4, 4, func(i int) float64 { return float64(i) }), field(4, 3, func(i int) float64 { return float64(i) })
	bad := field(2, 2, func(int) float64 { return math.NaN() })
	ring, err := lattice.New(lattice.Ring(32, 1))
	if err != nil {
		t.Fatal(err)
	}
	far, err := weights.NewStencil(ring, "far", []weights.Tap{{Offset: [3]int{7}, Weight: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f    Figure
		says string
	}{
		"complex parts":      {Complex(l, ComplexField{Re: []float64{1}}), "Complex: 1 real and 0 imaginary parts"},
		"complex NaN":        {Complex(l, complexField(2, func(int) (float64, float64) { return math.NaN(), 0 })), "Complex: all 4 values are NaN"},
		"no parts":           {Components(l), "Components: no fields"},
		"no volume":          {Slices(l, Volume{}), "Slices: 0 values on a grid of 0×0×0"},
		"a place":            {Slices(l, Volume{X: []float64{0}, Y: []float64{0}, Z: []float64{0}, Values: []float64{1}, At: []float64{1}}), "a place of 1 coordinates"},
		"no multiples":       {Multiples(l, nil), "Multiples: no fields"},
		"titles":             {Multiples(l, []string{"a"}, good, good), "1 titles for 2 fields"},
		"a bad one":          {Multiples(l, []string{"a", "b"}, good, bad), "there is nothing to draw (b)"},
		"no components":      {Symmetric(l, nil), "Symmetric: no components"},
		"a square":           {Symmetric(l, [][]Field{{good, good}}), "row 0 has 2 components"},
		"arrows":             {Arrows(l, good, "j", nil, nil), "0 and 0 components of j on 16 samples"},
		"NaN arrows":         {Arrows(l, good, "j", filled(16, math.NaN()), filled(16, 0)), "all 16 vectors are NaN"},
		"other grids":        {Difference(l, "a", "b", good, other), "grids of 4×4 and 4×3"},
		"no samples":         {Histogram(l, nil, "", nil), "Histogram: no finite number among 0 samples"},
		"no orbit":           {Portrait(l), "Portrait: no orbit"},
		"no loss":            {SemiLog(l), "SemiLog: no series"},
		"a band":             {SemiLog(l, Series{X: []float64{1}, Y: []float64{1}, Low: []float64{1}}), "a band of 1 low and 0 high ends"},
		"links":              {Phases(l, good, []float64{1}, nil), "1 links along x and 0 along y on 16 sites"},
		"many links":         {Phases(l, field(65, 2, func(int) float64 { return 0 }), make([]float64, 130), make([]float64, 130)), "links of 65×2 sites"},
		"no stencil":         {Stencil(l, nil), "Stencil: the stencil is nil"},
		"a far stencil":      {Stencil(l, far), "reaches 7 sites far"},
		"a large graph":      {Graph(l, dense{61, make([]float64, 61*61)}), "Graph: 61 neurons"},
		"no neurons":         {Graph(l, dense{}), "Graph: 0 neurons"},
		"graph types":        {Graph(l, dense{3, make([]float64, 9)}, "a", "b"), "Graph: 3 neurons are not 2 types"},
		"no columns":         {Grid(0, lines()), "Grid(0)"},
		"no figures":         {Grid(2), "Grid: 0 figures"},
		"a bad figure":       {Grid(2, lines(), Lines(l)), "Grid: panel (b): Lines: no series"},
		"nothing to share":   {lines().ShareAxes(), "the figure is not a Grid"},
		"two panels":         {Grid(1, lines(), energy()).ShareAxes(), "figure (b) has several panels"},
		"other axes":         {Grid(1, lines(), family(2)).ShareAxes(), "the axes of figure (b)"},
		"three columns":      {lines().Columns(3), "Columns(3)"},
		"an error, shared":   {Lines(l).ShareAxes().Columns(1).Theme(Dark), "Lines: no series"},
		"an overlaid nobody": {Image(l, good, Series{}), "Image: no points"},
	} {
		if c.f.Err() == nil || !strings.Contains(c.f.Err().Error(), c.says) {
			t.Errorf("%s: error %q does not say %q", name, c.f.Err(), c.says)
		}
	}
	if _, err := lines().PDF(); err == nil || !strings.Contains(err.Error(), `import _ "github.com/nnfield/nnfield/plotting/pdf"`) {
		t.Errorf("PDF without its package: %v", err)
	}
}

// A grid of grids is a figure like any other.
func TestGridOfGrids(t *testing.T) {
	f := Grid(2, Grid(1, lines(), rings()), energy())
	for _, width := range widths {
		if _, err := f.Size(width, 0).SVG(); err != nil {
			t.Error(err)
		}
	}
	keepDistance(t, "grid of grids", f, true)
	if _, err := f.Size(3, 1).SVG(); err == nil || !strings.Contains(err.Error(), "Size(3, 1): its words leave the figure no room") {
		t.Errorf("no room: %v", err)
	}
}

// Large grids keep the one spike they have.
func TestLargeComplexFieldKeepsItsSpike(t *testing.T) {
	const n, spike = 2048, 2048*1234 + 777
	f := Complex(Labels{}, complexField(n, func(i int) (float64, float64) {
		if i == spike {
			return -1, 0
		}
		return 1e-3, 0
	}))
	img := render(t, f, 96)
	want := colormap.Phase.At(0) // π
	found := false
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() * 3 / 4 { // left of the wheel
			r, g, b, _ := img.At(x, y).RGBA()
			found = found || r>>8 == uint32(want.R) && g>>8 == uint32(want.G) && b>>8 == uint32(want.B)
		}
	}
	if !found {
		t.Error("the one spike of 2048² samples is lost")
	}
}

// The wheel says what the picture means: a field of one phase has the colour
// that the wheel has there.
func TestPhasesHaveTheirColours(t *testing.T) {
	for _, phase := range []float64{0, 1, math.Pi / 2, 3, -2} {
		const part = 0.88 // of the largest modulus, at the upper right
		z := ComplexField{Symbol: "ψ", X: grid(2, 0, 1), Y: grid(2, 0, 1), Re: filled(4, math.Cos(phase)), Im: filled(4, math.Sin(phase))}
		z.Re[3], z.Im[3] = part*z.Re[3], part*z.Im[3]
		f := Complex(Labels{}, z)
		img := render(t, f, 100)
		l, err := f.arrange(Light)
		if err != nil {
			t.Fatal(err)
		}
		frame := l.cells[0][0].frame
		pixel := func(x, y float64) color.RGBA {
			return color.RGBAModel.Convert(img.At(int(x*100/72), int((float64(l.height)-y)*100/72))).(color.RGBA)
		}
		inside := pixel(float64(frame.Min.X+3*frame.Max.X)/4, float64(frame.Min.Y+3*frame.Max.Y)/4)
		// The wheel stands where drawWheel puts it.
		left := float64(snap(frame.Max.X + barGap + 2*Light.gap))
		low := float64(snap(frame.Max.Y - lineHeight(Light.small) - Light.gap - wheelSize))
		r := float64(wheelSize) / 2
		onWheel := pixel(left+r+part*r*math.Cos(phase), low+r+part*r*math.Sin(phase))
		for _, d := range []int{int(inside.R) - int(onWheel.R), int(inside.G) - int(onWheel.G), int(inside.B) - int(onWheel.B)} {
			if d < -12 || d > 12 { // the wheel has few pixels
				t.Errorf("phase %v is %v in the field and %v on the wheel", phase, inside, onWheel)
				break
			}
		}
	}
}

// Slices go through the largest value, with the axes they say.
func TestSlicesGoThroughTheLargestValue(t *testing.T) {
	v := Volume{X: grid(3, 0, 2), Y: grid(4, 0, 3), Z: grid(5, 0, 4), Values: make([]float64, 60)}
	v.Values[(2*4+1)*5+3] = -9 // at (2, 1, 3)
	f := Slices(Labels{}, v)
	for i, want := range []struct {
		title  string
		nx, at int // columns, index of the value
	}{{"z = 3", 3, 1*3 + 2}, {"y = 1", 3, 3*3 + 2}, {"x = 2", 4, 3*4 + 1}} {
		p := f.grid.parts[i]
		r := p.panels[0][0].marks[0].(*raster)
		if p.title != want.title || len(r.xEdges)-1 != want.nx || r.values[want.at] != -9 {
			t.Errorf("slice %d: %q, %d columns, values %v", i, p.title, len(r.xEdges)-1, r.values)
		}
	}
	v.At = []float64{0.4, 2.6, 100}
	f = Slices(Labels{}, v)
	if got := f.grid.parts[0].title + f.grid.parts[1].title + f.grid.parts[2].title; got != "z = 4y = 3x = 0" {
		t.Errorf("slices through (0.4, 2.6, 100): %s", got)
	}
}

// The area of a histogram is 1 whatever the samples.
func TestHistogramHasUnitArea(t *testing.T) {
	for _, samples := range [][]float64{{1}, {1, 2}, {-1e300, 1e300}, {0, 0, 0, 1e-300, 5}, grid(1000, -3, 7)} {
		b := histogram(samples)
		area := 0.0
		for i, h := range b.heights {
			area += h * (b.edges[i+1] - b.edges[i])
		}
		if !(math.Abs(area-1) < 1e-9) {
			t.Errorf("%d samples from %v: area %v in %d bins", len(samples), samples[0], area, len(b.heights))
		}
	}
}

// Arrows point where the vectors do.
func TestArrowsPoint(t *testing.T) {
	f := field(9, 9, func(int) float64 { return 0 })
	up := Arrows(Labels{}, f, "j", make([]float64, 81), filled(81, 1))
	down := Arrows(Labels{}, f, "j", make([]float64, 81), filled(81, -1))
	a, b := render(t, up, 100), render(t, down, 100)
	dark := func(img image.Image, y int) (n int) {
		for x := range img.Bounds().Dx() {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x6000 {
				n++
			}
		}
		return n
	}
	// Pictures of opposite arrows differ, and rows with heads are wider.
	l, err := up.arrange(Light)
	if err != nil {
		t.Fatal(err)
	}
	frame := l.cells[0][0].frame
	mid := frame.place(f.X[4], f.Y[4])
	row := func(above float64) int { return int((float64(l.height) - float64(mid.Y) - above) * 100 / 72) }
	if above, below := dark(a, row(5)), dark(a, row(-5)); above <= below {
		t.Errorf("arrows up have %d dark pixels above the middle and %d below", above, below)
	}
	if above, below := dark(b, row(5)), dark(b, row(-5)); above >= below {
		t.Errorf("arrows down have %d dark pixels above the middle and %d below", above, below)
	}
}
