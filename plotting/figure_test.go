package plotting

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/plotting/internal/golden"
)

// filled returns n copies of v.
func filled(n int, v float64) []float64 { return slices.Repeat([]float64{v}, n) }

func field(nx, ny int, f func(i int) float64) Field {
	values := make([]float64, nx*ny)
	for i := range values {
		values[i] = f(i)
	}
	x, y := []float64{0}, []float64{0}
	if nx > 1 {
		x = grid(nx, 0, 1)
	}
	if ny > 1 {
		y = grid(ny, 0, 1)
	}
	return Field{Symbol: "φ", X: x, Y: y, Values: values}
}

// Awkward numbers give a picture that says what it cannot show.
func TestAwkwardNumbers(t *testing.T) {
	l := Labels{Title: "awkward", X: "x", Y: "t"}
	for name, c := range map[string]struct {
		f    Figure
		says string
	}{
		"constant":          {Image(l, field(8, 8, func(int) float64 { return 3.25 })), "φ = 3.25 everywhere."},
		"vacuum":            {Image(l, field(8, 8, func(int) float64 { return 0 })), "φ = 0 everywhere."},
		"one site":          {Image(l, field(1, 1, func(int) float64 { return -2 })), "φ = −2 everywhere."},
		"one site in time":  {Image(l, field(1, 50, func(i int) float64 { return float64(i) })), ""},
		"one NaN":           {Image(l, field(8, 8, func(i int) float64 { return nanAt(i, 9) })), "1 value is NaN (grey)."},
		"one Inf":           {Image(l, field(8, 8, func(i int) float64 { return infAt(i, 9) })), "1 value is infinite"},
		"constant and NaN":  {Image(l, field(8, 8, func(i int) float64 { return nanAt(i, 9) * 0 })), "1 value is NaN (grey). φ = 0 everywhere else."},
		"huge":              {Image(l, field(8, 8, func(i int) float64 { return 1e300 * math.Cos(float64(i)) })), ""},
		"largest":           {Image(l, field(2, 1, func(i int) float64 { return math.MaxFloat64 * float64(1-2*i) })), ""},
		"tiny":              {Image(l, field(8, 8, func(i int) float64 { return 1e-300 * float64(i) })), ""},
		"tiny to huge":      {Image(l, field(601, 1, func(i int) float64 { return math.Pow(10, float64(i-300)) })), ""},
		"subnormal":         {Image(l, field(8, 8, func(i int) float64 { return 5e-324 * float64(i) })), ""},
		"line, one point":   {Lines(l, Series{X: []float64{3}, Y: []float64{4}}), ""},
		"line, constant":    {Lines(l, Series{X: grid(9, 0, 1), Y: filled(9, 1e-9)}), ""},
		"line, NaN and Inf": {Lines(l, Series{X: grid(4, 0, 1), Y: []float64{1, math.NaN(), math.Inf(1), 2}}), "2 of 4 points are NaN or infinite"},
		"line, huge":        {Lines(l, Series{X: grid(3, -1e300, 1e300), Y: []float64{-math.MaxFloat64, 0, math.MaxFloat64}}), ""},
		"no drift":          {Conserved(l, "E", grid(9, 0, 1), filled(9, 2)), "ΔE is exactly 0 at 8 of 8 points"},
		"no energy":         {Conserved(l, "E", grid(9, 0, 1), filled(9, 0)), "ΔE is exactly 0"},
		"one moment":        {Conserved(l, "E", []float64{0}, []float64{2}), ""},
	} {
		for _, width := range widths {
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
				t.Errorf("%s: %v", name, err)
			}
			if bytes.Contains(svg, []byte("NaN")) && !strings.Contains(c.says, "NaN") || bytes.Contains(svg, []byte("Inf")) {
				t.Errorf("%s: the SVG has coordinates that are no numbers", name)
			}
			img := render(t, f, 60)
			if n := levels256(img.Bounds().Dx(), img.Bounds().Dy(), func(x, y int) uint32 { r, _, _, _ := img.At(x, y).RGBA(); return r >> 8 }); n < 4 {
				t.Errorf("%s: the picture is blank, it has %d shades", name, n)
			}
		}
	}
}

func nanAt(i, at int) float64 {
	if i == at {
		return math.NaN()
	}
	return float64(i)
}

func infAt(i, at int) float64 {
	if i == at {
		return math.Inf(-1)
	}
	return float64(i)
}

func levels256(w, h int, at func(x, y int) uint32) int {
	seen := map[uint32]bool{}
	for y := range h {
		for x := range w {
			seen[at(x, y)] = true
		}
	}
	return len(seen)
}

// What cannot be drawn is an error of one sentence that names the call.
func TestUnusableData(t *testing.T) {
	var l Labels
	nan := math.NaN()
	for name, c := range map[string]struct {
		f    Figure
		says string
	}{
		"all NaN":         {Image(l, field(4, 4, func(int) float64 { return nan })), "Image: all 16 values are NaN or infinite"},
		"no values":       {Image(l, Field{}), "Image: a field of 0×0 values"},
		"wrong number":    {Image(l, Field{X: []float64{1, 2}, Y: []float64{1, 2}, Values: []float64{1}}), "give 4, row after row"},
		"x descends":      {Image(l, Field{X: []float64{2, 1}, Y: []float64{1}, Values: []float64{1, 2}}), "x does not ascend at index 1, 1 after 2"},
		"y is NaN":        {Image(l, Field{X: []float64{1}, Y: []float64{nan}, Values: []float64{1}}), "y is NaN at index 0"},
		"no series":       {Lines(l), "Lines: no series"},
		"empty series":    {Lines(l, Series{Name: "E"}), `Lines: series "E": no points`},
		"lengths":         {Lines(l, Series{X: []float64{1}, Y: []float64{1, 2}}), "Lines: 1 values of x and 2 of y"},
		"NaN series":      {Lines(l, Series{X: []float64{1, 2}, Y: []float64{nan, nan}}), "all 2 points are NaN or infinite"},
		"no family":       {Family(l, nil, "t", nil, nil), "Family: no curves"},
		"family":          {Family(l, []float64{1}, "t", []float64{1, 2}, [][]float64{{1}}), "Family: 2 values of t and 1 curves"},
		"empty energy":    {Conserved(l, "E", nil, nil), "Conserved: no points"},
		"NaN energy":      {Conserved(l, "E", []float64{0, 1}, []float64{nan, 1}), "E is NaN at the start"},
		"comparison":      {Comparison(l, "ω", []float64{1}, []float64{1}, nil), "Comparison: 1 values of x, 1 measured and 0 of theory"},
		"no study":        {Convergence(l), "Convergence: no study"},
		"no positive":     {Convergence(l, Refinement{Name: "leapfrog", H: []float64{1}, Error: []float64{0}}), `Convergence: series "leapfrog" has no point`},
		"types":           {Tensor(l, dense{3, make([]float64, 9)}, "φ", "β"), "Tensor: 3 neurons are not 2 types"},
		"no neurons":      {Tensor(l, dense{}), "Tensor: a weight tensor of no neurons"},
		"NaN tensor":      {Tensor(l, dense{1, []float64{nan}}), "no weight of dense is finite"},
		"size":            {lines().Size(0, 3), "Size(0, 3): width and height are inches between 1 and 60"},
		"NaN size":        {lines().Size(nan, 0), "Size(NaN, 0)"},
		"error then size": {Lines(l).Size(3, 3), "Lines: no series"},
		"no run":          {Spacetime(nil), "Spacetime: the run is nil"},
		"no frame":        {Frame(nil, 0), "Frame: the run is nil"},
		"no energy run":   {Energy(nil), "the run is nil"},
		"no snapshots":    {Snapshots(nil, 3), "Snapshots: the run is nil"},
		"no dispersion":   {Dispersion(nil), "Dispersion: the run is nil"},
		"no model":        {Weights(nil), "Weights: the model is nil"},
	} {
		if c.f.Err() == nil || !strings.Contains(c.f.Err().Error(), c.says) {
			t.Errorf("%s: error %q does not say %q", name, c.f.Err(), c.says)
			continue
		}
		want := c.f.Err()
		if _, err := c.f.SVG(); err != want {
			t.Errorf("%s: SVG says %v", name, err)
		}
		if _, err := c.f.PNG(100); err != want {
			t.Errorf("%s: PNG says %v", name, err)
		}
		if _, err := c.f.Bundle(); err != want {
			t.Errorf("%s: Bundle says %v", name, err)
		}
		path := filepath.Join(t.TempDir(), "f.svg")
		if err := c.f.Save(path); err != want {
			t.Errorf("%s: Save says %v", name, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: Save wrote a file", name)
		}
	}
}

// A size that leaves no room says how much is missing, and that much helps.
func TestTooSmall(t *testing.T) {
	f := energy()
	_, err := f.Size(4, 1).PNG(100)
	if err == nil || !strings.Contains(err.Error(), "Size(4, 1): its words leave the figure no room") {
		t.Fatalf("1 inch of height for two panels: %v", err)
	}
	if _, err := f.Size(4, 2.2).PNG(100); err != nil {
		t.Error(err)
	}
	if _, err := Lines(Labels{}, Series{X: grid(3, 0, 1), Y: grid(3, 0, 1)}).Size(1, 0).SVG(); err != nil {
		t.Error("a small figure of few words:", err)
	}
}

func TestLargeField(t *testing.T) {
	const n, spike = 4096, 4096*1234 + 777
	f := Image(Labels{X: "x", Y: "t"}, field(n, n, func(i int) float64 {
		if i == spike {
			return 1
		}
		return -1e-3
	}))
	b, err := f.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	if size := len(b.Data["text/html"].(string)); size > bundleLimit {
		t.Errorf("the output has %d bytes", size)
	}
	img := render(t, f, 96)
	end := img.Bounds()
	found := false
	for y := range end.Dy() {
		for x := range end.Dx() * 4 / 5 { // left of the colour bar
			r, g, _, _ := img.At(x, y).RGBA()
			found = found || r > 0x5000 && g < 0x4000
		}
	}
	if !found {
		t.Error("the one spike of 4096² samples is lost")
	}
}

// Noise cannot be compressed; the bundle shrinks its image until it fits.
func TestBundleIsBounded(t *testing.T) {
	seed := uint64(1)
	f := Image(Labels{}, field(1500, 1500, func(int) float64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return float64(seed>>11) / (1 << 53)
	}))
	b, err := f.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	if size := len(b.Data["text/html"].(string)); size > bundleLimit {
		t.Errorf("the output has %d bytes, the limit is %d", size, bundleLimit)
	}
}

func TestSVGIsWellFormedAndSaysItsWords(t *testing.T) {
	f := packet()
	f.title = `a <b> & "c"` + "\x00"
	svg, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	var title, desc string
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			switch e.Name.Local {
			case "title":
				_ = d.DecodeElement(&title, &e)
			case "desc":
				_ = d.DecodeElement(&desc, &e)
			case "text":
				t.Error("text that needs a font")
			}
		}
	}
	if title != `a <b> & "c" ` {
		t.Errorf("title %q", title)
	}
	for _, word := range []string{"φ(t, x)", "m = 1, 512 sites", "−0.5"} {
		if !strings.Contains(strings.ReplaceAll(desc, "\u00a0", " "), word) {
			t.Errorf("the description %q does not say %q", desc, word)
		}
	}
	again, err := f.SVG()
	if err != nil || !bytes.Equal(svg, again) {
		t.Error("the same figure gives other bytes")
	}
}

// A figure with paper of its own colour keeps its size and its margin.
func TestDarkFiguresHaveAMargin(t *testing.T) {
	for _, height := range []float64{0, 2} {
		img := render(t, lines().Theme(Dark).Size(3, height), 100)
		size := img.Bounds().Size()
		if size.X != 300 || height != 0 && size.Y != 200 {
			t.Errorf("3×%v inches at 100 dpi are %v pixels", height, size)
		}
		for x := range size.X {
			for _, y := range []int{0, 4, size.Y - 4, size.Y - 1} {
				if c := color.NRGBAModel.Convert(img.At(x, y)); c != Dark.paper {
					t.Fatalf("at (%d, %d) of %v the margin is %v", x, y, size, c)
				}
			}
		}
	}
}

func TestPNGKnowsItsSize(t *testing.T) {
	data, err := lines().Size(3, 2).PNG(200)
	if err != nil {
		t.Fatal(err)
	}
	if s := golden.Decode(t, data).Bounds().Size(); s.X != 600 || s.Y != 400 {
		t.Errorf("3×2 inches at 200 dpi are %v pixels", s)
	}
	at := bytes.Index(data, []byte("pHYs"))
	if at < 0 || binary.BigEndian.Uint32(data[at+4:]) != 7874 || data[at+12] != 1 {
		t.Error("the resolution, 7874 pixels a metre, is not in the file")
	}
	for _, dpi := range []float64{0, -1, math.NaN(), math.Inf(1), 1e6} {
		if _, err := lines().PNG(dpi); err == nil || !strings.Contains(err.Error(), "20 to 2400") {
			t.Errorf("PNG(%v): %v", dpi, err)
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"f.svg", "f.png", "F.SVG", "f.html"} {
		path := filepath.Join(dir, name)
		if err := lines().Save(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() < 1000 || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := lines().Save(filepath.Join(dir, "f.bmp")); err == nil || !strings.Contains(err.Error(), `".bmp"; use .svg, .pdf, .png or .html`) {
		t.Errorf("f.bmp: %v", err)
	}
	if err := lines().Save(filepath.Join(dir, "none", "f.svg")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that does not exist: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestEmptyFigure(t *testing.T) {
	for _, f := range []Figure{{}, Figure{}.Theme(Dark).Size(3, 3)} {
		if _, err := f.PNG(100); err == nil || !strings.Contains(err.Error(), "the figure is empty") {
			t.Errorf("an empty figure: %v", err)
		}
		if _, err := f.Bundle(); err == nil {
			t.Error("an empty figure has a bundle")
		}
	}
}

func TestFiguresAreValues(t *testing.T) {
	f := lines()
	before, _ := f.SVG()
	_ = f.Size(3, 3).note("x")
	_ = f.note("y")
	if after, _ := f.SVG(); !bytes.Equal(before, after) {
		t.Error("a changed copy changed the figure")
	}
}

func TestBundle(t *testing.T) {
	b, err := lines().Bundle()
	if err != nil {
		t.Fatal(err)
	}
	page := b.Data["text/html"].(string)
	const head = `<img src="data:image/svg+xml;base64,`
	data, rest, _ := strings.Cut(strings.TrimPrefix(page, head), `"`)
	if !strings.HasPrefix(page, head) || rest != ` width="624" alt="three standing waves">` {
		t.Errorf("the page is %.60s … %s", page, rest)
	}
	svg, err := base64.StdEncoding.DecodeString(data)
	if err != nil || !bytes.HasPrefix(svg, []byte("<svg ")) {
		t.Errorf("no SVG inside: %v", err)
	}
	if b.Data["text/plain"] != "three standing waves" {
		t.Errorf("plain text %q", b.Data["text/plain"])
	}
}

type card struct{}

func (card) Markdown() string { return "$\\varphi$" }
func (card) String() string   { return "phi" }

type table struct{}

func (table) HTML() string   { return "<table></table>" }
func (table) String() string { return "table" }

func TestShow(t *testing.T) {
	var got []map[string]any
	send := func(b display.Bundle) error {
		got = append(got, b.Data)
		return nil
	}
	f := lines()
	if err := show(send, []any{card{}, table{}, f, &f, "text", 7}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 6 || got[0]["text/markdown"] != "$\\varphi$" || got[0]["text/plain"] != "phi" || got[1]["text/html"] != "<table></table>" ||
		!strings.HasPrefix(got[2]["text/html"].(string), "<img ") || got[3]["text/html"] != got[2]["text/html"] || got[4]["text/plain"] != "text" || got[5]["text/plain"] != "7" {
		t.Errorf("shown: %v", got)
	}

	// The first error ends it; what stands before it is shown.
	got = nil
	bad := errors.New("Mass(−1): must not be negative")
	for _, item := range []any{bad, Lines(Labels{}), nil} {
		err := show(send, []any{"before", item, "after"})
		if err == nil || item == error(bad) && err != bad {
			t.Errorf("Show of %v: %v", item, err)
		}
	}
	if len(got) != 3 || got[0]["text/plain"] != "before" {
		t.Errorf("shown around errors: %v", got)
	}
	broken := errors.New("pipe closed")
	if err := show(func(display.Bundle) error { return broken }, []any{"x"}); !errors.Is(err, broken) {
		t.Errorf("a broken connection: %v", err)
	}
}

func TestObservedOrder(t *testing.T) {
	h, e := positive([]float64{0.4, 0.1, 0.2, 0.05, 0}, []float64{3 * 0.16, 3 * 0.01, 3 * 0.04, 3 * 0.0025, 1})
	if order, ok := observedOrder(h, e); !ok || math.Abs(order-2) > 1e-12 {
		t.Errorf("order %v of errors 3h²", order)
	}
	if _, ok := observedOrder(h[:1], e[:1]); ok {
		t.Error("one point has an order")
	}
}
