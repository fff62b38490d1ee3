package player

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/plotting"
)

// moving is a stack of three frames of 8×4 cells; one bright cell moves right,
// in the lowest row.
func moving() Stack {
	s := Stack{Symbol: "φ", Names: []string{"t = 0", "t = 1", "t = 2"}}
	for i := range 8 {
		s.X = append(s.X, float64(i))
	}
	for j := range 4 {
		s.Y = append(s.Y, float64(j))
	}
	for k := range 3 {
		f := make([]float64, 32)
		f[2+k], f[31] = 1, -1
		s.Frames = append(s.Frames, f)
	}
	return s
}

func red(c color.Color) bool  { r, _, b, _ := c.RGBA(); return r > b+0x2000 }
func blue(c color.Color) bool { r, _, b, _ := c.RGBA(); return b > r+0x2000 }

// cell returns the pixel in the middle of a cell of an 8×4 field.
func cell(area image.Rectangle, i, j int) (x, y int) {
	return area.Min.X + (2*i+1)*area.Dx()/16, area.Max.Y - 1 - (2*j+1)*area.Dy()/8
}

func TestPictureShowsAFrame(t *testing.T) {
	f := Fields(plotting.Labels{Title: "spark", X: "x", Y: "y"}, moving())
	for k := range 3 {
		img, area, err := f.picture(k, 96)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 8 {
			if got, want := red(img.At(cell(area, i, 0))), i == 2+k; got != want {
				t.Errorf("frame %d, cell %d: red %v, want %v", k, i, got, want)
			}
		}
		if !blue(img.At(cell(area, 7, 3))) {
			t.Errorf("frame %d: the upper right cell is not blue", k)
		}
	}
}

// The colours of a film are those of the figures: the probe finds all of the
// data's area, and a figure of the same field has the same pixels in it.
func TestPictureIsTheFigure(t *testing.T) {
	s := moving()
	l := plotting.Labels{Title: "spark", X: "x", Y: "y"}
	img, area, err := Fields(l, s).picture(2, 96)
	if err != nil {
		t.Fatal(err)
	}
	want, err := pixels(plotting.Image(l, plotting.Field{Symbol: "φ", X: s.X, Y: s.Y, Values: s.Frames[2]}), 96)
	if err != nil {
		t.Fatal(err)
	}
	if img.Rect != want.Rect {
		t.Fatalf("the picture is %v, the figure %v", img.Rect, want.Rect)
	}
	differ := 0
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.RGBAAt(x, y) != want.RGBAAt(x, y) {
				differ++
			}
		}
	}
	// A pixel on the border of two cells may fall to either.
	if most := 2 * (area.Dx() + area.Dy()); differ > most {
		t.Errorf("%d pixels differ from those of the figure, at most %d may", differ, most)
	}
}

func TestGIF(t *testing.T) {
	data, err := Fields(plotting.Labels{Title: "spark"}, moving()).GIF()
	if err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 3 || g.LoopCount != -1 {
		t.Errorf("%d frames, loop count %d; want 3 and −1, once", len(g.Image), g.LoopCount)
	}
	_, area, err := Fields(plotting.Labels{Title: "spark"}, moving()).picture(0, 96)
	if err != nil {
		t.Fatal(err)
	}
	for k, img := range g.Image {
		if !red(img.At(cell(area, 2+k, 0))) || red(img.At(cell(area, 6, 0))) {
			t.Errorf("frame %d does not show its bright cell", k)
		}
	}
}

func TestAPNG(t *testing.T) {
	f := Fields(plotting.Labels{Title: "spark"}, moving())
	data, err := f.APNG()
	if err != nil {
		t.Fatal(err)
	}
	still, err := png.Decode(bytes.NewReader(data)) // knows no animation: the still
	if err != nil {
		t.Fatal(err)
	}
	_, area, err := f.picture(0, 96)
	if err != nil {
		t.Fatal(err)
	}
	if !red(still.At(cell(area, 4, 0))) || red(still.At(cell(area, 2, 0))) {
		t.Error("a viewer without animation does not show the last frame")
	}
	// The order of chunks and numbers that the specification demands.
	var names []string
	for rest, sequence := data[8:], uint32(0); len(rest) > 0; {
		n := binary.BigEndian.Uint32(rest)
		name, body := string(rest[4:8]), rest[8:8+n]
		names = append(names, name)
		if name == "fcTL" || name == "fdAT" {
			if got := binary.BigEndian.Uint32(body); got != sequence {
				t.Errorf("%s has number %d, want %d", name, got, sequence)
			}
			sequence++
		}
		if name == "acTL" && (binary.BigEndian.Uint32(body) != 3 || binary.BigEndian.Uint32(body[4:]) != 1) {
			t.Errorf("acTL says %v, want 3 frames, once", body)
		}
		rest = rest[12+n:]
	}
	if got, want := strings.Join(names, " "), "IHDR acTL PLTE IDAT fcTL fdAT fcTL fdAT fcTL fdAT IEND"; got != want {
		t.Errorf("chunks %s, want %s", got, want)
	}
}

func bundle(t *testing.T, f Film) string {
	t.Helper()
	b, err := f.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	return b.Data["text/html"].(string)
}

func TestBundleIsAPictureFirst(t *testing.T) {
	page := bundle(t, Fields(plotting.Labels{Title: "a < b"}, moving()))
	if !regexp.MustCompile(`^<div data-nnfield-film="[0-9a-f]{16}"><img src="data:image/png;base64,[^"]+" width="\d+" alt="a &lt; b"><p>t = 2: the last of 3 frames</p></div>\n<script>`).MatchString(page) {
		t.Errorf("the bundle begins %.120q", page)
	}
	data := regexp.MustCompile(`base64,([^"]+)"`).FindStringSubmatch(page)[1]
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(raw)); err != nil {
		t.Error(err)
	}
}

// Noise cannot be compressed: the bounds must hold by leaving frames and cells.
func TestBounds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var s Stack
	for i := range 150 {
		s.X, s.Y = append(s.X, float64(i)), append(s.Y, float64(i))
	}
	for range 60 {
		f := make([]float64, 150*150)
		for i := range f {
			f[i] = rnd.NormFloat64()
		}
		s.Frames, s.Names = append(s.Frames, f), append(s.Names, "t")
	}
	s.Names[0], s.Names[59] = "first", "last"
	f := Fields(plotting.Labels{}, s)
	page := bundle(t, f)
	if len(page) > 1_500_000 {
		t.Errorf("the bundle has %d bytes, at most 1,500,000 are allowed", len(page))
	}
	var r reel
	spec := page[strings.LastIndex(page, `)("`)+22 : strings.LastIndex(page, ");</script>")]
	if err := json.Unmarshal([]byte(strings.TrimLeft(spec, `", `)), &r); err != nil {
		t.Fatal(err)
	}
	if r.Names[0] != "first" || r.Names[len(r.Names)-1] != "last" || len(r.Names) < 24 {
		t.Errorf("%d frames are left, %s to %s", len(r.Names), r.Names[0], r.Names[len(r.Names)-1])
	}
	if testing.Short() {
		return
	}
	data, err := f.fewer(41).GIF()
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > mostAnimation {
		t.Errorf("the GIF has %d bytes, at most %d are allowed", len(data), mostAnimation)
	}
}

func TestCoarserKeepsSpikesAndNaN(t *testing.T) {
	s := moving()
	s.Frames[0][9] = math.NaN()
	f := Fields(plotting.Labels{}, s).coarser(4, 2)
	if got := f.frames[1][1*4+1]; got != 254 { // lower row, cell 3 of 8
		t.Errorf("the bright cell has level %d in its bin, want 254", got)
	}
	if got := f.frames[0][1*4+0]; got != missing {
		t.Errorf("the NaN has level %d in its bin, want %d", got, missing)
	}
}

func run(t *testing.T, s nnfield.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMovieAndSweep(t *testing.T) {
	plane := func(mass float64) nnfield.Simulation {
		return nnfield.KleinGordon().Lattice(nnfield.Ring(16, 4), nnfield.Ring(8, 2)).Mass(mass).
			Packet(nnfield.At(1, 1), nnfield.Width(0.3), nnfield.WaveNumber(2, 0)).Until(1).Step(0.05).Frames(nnfield.Every(4))
	}
	line := func(mass float64) nnfield.Simulation {
		return nnfield.KleinGordon().Ring(16, 4).Mass(mass).Packet(nnfield.At(1), nnfield.Width(0.5), nnfield.WaveNumber(2)).
			Until(1).Step(0.05).Frames(nnfield.Every(4))
	}
	r := run(t, plane(1))
	f := Movie(r)
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	if len(f.frames) != r.Len() || f.nx != 16 || f.ny != 8 || f.names[0] != "t = 0" {
		t.Errorf("%d frames of %d×%d cells, the first %q", len(f.frames), f.nx, f.ny, f.names[0])
	}
	// x to the right, y upward: the level of a site tells its value.
	largest, at := 0.0, 0
	for i, v := range r.State(2).Arrays[0] {
		if v > largest {
			largest, at = v, i
		}
	}
	x, y := at/8, at%8
	for i, l := range f.frames[2] {
		if l > f.frames[2][(7-y)*16+x] {
			t.Errorf("the largest value is at site (%d, %d), the highest level at cell (%d, %d)", x, y, i%16, 7-i/16)
		}
	}
	for name, s := range map[string]Film{
		"planes": Sweep("m", []float64{0, 1}, run(t, plane(0)), r),
		"lines":  Sweep("m", []float64{0, 1}, run(t, line(0)), run(t, line(1))),
	} {
		if s.Err() != nil || len(s.frames) != 2 || s.names[1] != "m = 1" {
			t.Errorf("%s: %v, %d frames, %v", name, s.Err(), len(s.frames), s.names)
		}
		bundle(t, s)
	}
	for want, s := range map[string]Film{
		"Movie: the run is nil":                        Movie(nil),
		`Sweep("m"): 1 values for 2 runs`:              Sweep("m", []float64{1}, r, r),
		`Sweep("m"): 0 values for 0 runs`:              Sweep("m", nil),
		`Sweep("m"): the run is nil`:                   Sweep("m", []float64{1}, nil),
		`Sweep("m"): run 1 differs from run 0 in its `: Sweep("m", []float64{0, 1}, r, run(t, line(1))),
	} {
		if s.Err() == nil || !strings.HasPrefix(s.Err().Error(), want) {
			t.Errorf("error %v, want %q …", s.Err(), want)
		}
	}
}

// The curve of a film lies where a static figure draws it.
func TestCurveLiesWhereTheFigureDrawsIt(t *testing.T) {
	r := run(t, nnfield.KleinGordon().Ring(40, 10).Mass(1).StandingWave(nnfield.Mode(3)).Until(1).Frames(nnfield.Every(2)))
	f := Movie(r) // largest at the start: the first frame has the limits of all
	if f.Err() != nil {
		t.Fatal(f.Err())
	}
	img, area, err := f.picture(0, 96)
	if err != nil {
		t.Fatal(err)
	}
	l := plotting.Labels{Title: r.Model.Card().Title, X: "x", Y: "φ", Caption: caption(plotting.Frame(r, -1))}
	want, err := pixels(plotting.Lines(l, plotting.Series{X: r.Coordinates(0), Y: r.State(0).Arrays[0]}), 96)
	if err != nil {
		t.Fatal(err)
	}
	if img.Rect != want.Rect {
		t.Fatalf("the picture is %v, the figure %v", img.Rect, want.Rect)
	}
	// Each has ink within a pixel of where the other has some.
	near := func(img *image.RGBA, x, y int) bool {
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if img.RGBAAt(x+dx, y+dy).R < 170 {
					return true
				}
			}
		}
		return false
	}
	drawn := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			a, b := img.RGBAAt(x, y).R < 100, want.RGBAAt(x, y).R < 100
			if a && !near(want, x, y) || b && !near(img, x, y) {
				t.Fatalf("at (%d, %d) the film has ink: %v, the figure: %v", x, y, a, b)
			}
			if b {
				drawn++
			}
		}
	}
	if drawn < 500 {
		t.Errorf("the figure has %d pixels of ink", drawn)
	}
	if last, _, err := f.picture(r.Len()-1, 96); err != nil || bytes.Equal(last.Pix, img.Pix) {
		t.Errorf("the last frame is the first, error %v", err)
	}
}

func TestPathsKeepExtremaAndGaps(t *testing.T) {
	n := 10_000
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	y[1234], y[5678] = 7, -9
	y[3000] = math.NaN()
	got := paths(x, y, func(x float64) float64 { return x / 100 }, func(y float64) float64 { return y })
	if len(got) != 2 {
		t.Fatalf("%d lines about one gap, want 2", len(got))
	}
	points, low, high := 0, 0.0, 0.0
	for _, p := range got {
		points += len(p)
		for _, c := range p {
			low, high = min(low, float64(c.Pos.Y)), max(high, float64(c.Pos.Y))
		}
	}
	if low != -9 || high != 7 || points > 500 {
		t.Errorf("%d points from %v to %v; want at most 500, from −9 to 7", points, low, high)
	}
}

func TestAwkwardFields(t *testing.T) {
	two := func(v ...float64) Stack {
		return Stack{X: []float64{0, 1}, Y: []float64{0, 1}, Frames: [][]float64{v}, Names: []string{"t"}}
	}
	for name, s := range map[string]Stack{
		"constant":   two(3, 3, 3, 3),
		"zero":       two(0, 0, 0, 0),
		"some NaN":   two(math.NaN(), 1, 2, 3),
		"infinite":   two(math.Inf(1), 1, 2, math.Inf(-1)),
		"huge":       two(1e300, -1e300, 1e-300, 0),
		"one sample": {X: []float64{2}, Y: []float64{5}, Frames: [][]float64{{1}}, Names: []string{"t"}},
	} {
		f := Fields(plotting.Labels{Title: name}, s)
		if f.Err() != nil {
			t.Errorf("%s: %v", name, f.Err())
			continue
		}
		bundle(t, f)
		if _, err := f.GIF(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := two(1, 2, 3)
	unnamed := two(1, 2, 3, 4)
	unnamed.Names = nil
	unsorted := two(1, 2, 3, 4)
	unsorted.X = []float64{1, 0}
	for want, s := range map[string]Stack{
		"Fields: all values of all frames are NaN": two(math.NaN(), math.NaN(), math.NaN(), math.NaN()),
		"Fields: frame 0 has 3 values":             short,
		"Fields: 0 names of 1 frames":              unnamed,
		"Fields: no frames":                        {},
		"Image: x does not ascend":                 unsorted,
	} {
		f := Fields(plotting.Labels{}, s)
		if f.Err() == nil || !strings.HasPrefix(f.Err().Error(), want) {
			t.Errorf("error %v, want %q …", f.Err(), want)
		}
		if _, err := f.GIF(); err == nil {
			t.Errorf("%s: a GIF of nothing", want)
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	f := Fields(plotting.Labels{Title: "spark"}, moving())
	for name, begins := range map[string]string{"a.gif": "GIF89a", "a.png": "\x89PNG", "a.html": "<!DOCTYPE html>"} {
		if err := f.Save(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.HasPrefix(data, []byte(begins)) {
			t.Errorf("%s begins %.10q, error %v", name, data, err)
		}
	}
	if err := f.Save(filepath.Join(dir, "a.mp4")); err == nil || !strings.Contains(err.Error(), ".gif, .png (animated) or .html") {
		t.Errorf("saving as .mp4: %v", err)
	}
}
