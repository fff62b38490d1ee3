package plotting

import (
	"math"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/nnfield/nnfield/plotting/internal/glyph"
)

// surveyor is a canvas that only notes where each label stands.
type surveyor struct {
	recorder.Canvas
	width, height vg.Length
	stack         []place
	now           place
	labels        []area
}

type place struct{ x, y, angle float64 }

type area struct {
	text                   string
	left, right, low, high float64
}

func (s *surveyor) Size() (x, y vg.Length) { return s.width, s.height }

func (s *surveyor) Push() {
	s.stack = append(s.stack, s.now)
	s.labels = append(s.labels, area{left: math.Inf(1), right: math.Inf(-1), low: math.Inf(1), high: math.Inf(-1)})
}

func (s *surveyor) Pop() { s.now, s.stack = s.stack[len(s.stack)-1], s.stack[:len(s.stack)-1] }

func (s *surveyor) Translate(p vg.Point) { s.now.x += float64(p.X); s.now.y += float64(p.Y) }
func (s *surveyor) Rotate(angle float64) { s.now.angle += angle }

func (s *surveyor) FillString(f font.Face, pt vg.Point, text string) {
	size := float64(f.Font.Size)
	_, width := glyph.Line(text)
	l := &s.labels[len(s.labels)-1]
	l.text += text
	sin, cos := math.Sincos(s.now.angle)
	for _, corner := range [][2]float64{{0, 0}, {width * size, glyph.CapHeight * size}} {
		x, y := float64(pt.X)+corner[0], float64(pt.Y)+corner[1]
		px, py := s.now.x+cos*x-sin*y, s.now.y+sin*x+cos*y
		l.left, l.right = min(l.left, px), max(l.right, px)
		l.low, l.high = min(l.low, py), max(l.high, py)
	}
}

// No label leaves the paper and no two touch, at any width.
func TestLabelsKeepTheirDistance(t *testing.T) {
	figures := gallery()
	long := Labels{
		Title: "a title that is much longer than a column is wide and has to be broken into several lines",
		X:     "distance", Y: "amplitude", Caption: "λ = 0.25, m = 1, and many other parameters that fill more than one line of a caption, ε = 0.0312",
	}
	figures["long"] = Lines(long, Series{Name: "a curve with a long name", X: grid(9, -1e-12, 3e-12), Y: grid(9, 1e6, 1e6+1)},
		Series{Name: "another curve with a long name", X: grid(9, -1e-12, 3e-12), Y: grid(9, 1e6, 1e6+1)})
	figures["steep"] = Image(long, field(3, 40, func(i int) float64 { return 1e8 + float64(i) }))
	for name, f := range figures {
		keepDistance(t, name, f, name == "tensor" || name == "tensor-real")
	}
}

// keepDistance checks the labels of a figure at many sizes. Some figures have
// no room at all in low sizes.
func keepDistance(t *testing.T, name string, f Figure, high bool) {
	t.Helper()
	for _, size := range [][2]float64{{6.5, 0}, {86 / 25.4, 0}, {5, 4}, {10, 3.5}, {3, 0}} {
		for _, theme := range []Theme{Light, Print} {
			l, err := f.Size(size[0], size[1]).arrange(theme)
			if err != nil {
				if size[1] == 0 || !high {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			s := &surveyor{width: l.width, height: l.height}
			l.draw(&pen{c: s, theme: theme, target: target{perPoint: 1}})
			for i, a := range s.labels {
				if a.text == "" {
					continue
				}
				const hair = 0.1
				if a.left < -hair || a.low < -hair || a.right > float64(l.width)+hair || a.high > float64(l.height)+hair {
					t.Errorf("%s at %v inches: %q leaves the paper: %.1f…%.1f, %.1f…%.1f of %.1f×%.1f", name, size, a.text, a.left, a.right, a.low, a.high, l.width, l.height)
				}
				for _, b := range s.labels[:i] {
					if b.text != "" && a.left < b.right && b.left < a.right && a.low < b.high && b.low < a.high {
						t.Errorf("%s at %v inches: %q and %q overlap", name, size, a.text, b.text)
					}
				}
			}
		}
	}
}

// Frames of a grid line up in columns and rows, and shared axes agree.
func TestGridLinesUp(t *testing.T) {
	wide := Lines(Labels{Y: "a"}, Series{X: grid(3, 0, 1), Y: grid(3, 0, 123456)})
	f := Grid(2, lines(), wide, family(7), lines())
	l, err := f.arrange(Light)
	if err != nil {
		t.Fatal(err)
	}
	var frames []frame
	for _, p := range l.parts {
		frames = append(frames, p.cells[0][0].frame)
	}
	if frames[0].Min.X != frames[2].Min.X || frames[0].Max.X != frames[2].Max.X || frames[1].Min.X != frames[3].Min.X || frames[1].Max.X != frames[3].Max.X {
		t.Errorf("columns do not line up: %v", frames)
	}
	if frames[0].Max.Y != frames[1].Max.Y || frames[0].Min.Y != frames[1].Min.Y || frames[2].Max.Y != frames[3].Max.Y {
		t.Errorf("rows do not line up: %v", frames)
	}
	if d := frames[0].Size().X - frames[1].Size().X; math.Abs(float64(d)) > 1.01*cssPixel {
		t.Errorf("columns of %v and %v", frames[0].Size().X, frames[1].Size().X)
	}

	shared := Grid(2, wide, Lines(Labels{Y: "a"}, Series{X: grid(3, -1, 0), Y: grid(3, -5, 0)})).ShareAxes()
	if l, err = shared.arrange(Light); err != nil {
		t.Fatal(err)
	}
	a, b := l.parts[0].cells[0][0], l.parts[1].cells[0][0]
	if a.frame.x != b.frame.x || a.frame.y != b.frame.y || a.frame.x.lo != -1 || a.frame.x.hi != 1 {
		t.Errorf("shared axes %+v and %+v", a.frame, b.frame)
	}
	if a.panel.y.hidden || !b.panel.y.hidden || a.panel.x.hidden || b.panel.x.hidden {
		t.Error("y is numbered at the left and x below, not elsewhere")
	}
	if wide.panels[0][0].x.reach.seen {
		t.Error("sharing axes changed the figure it was made from")
	}
}

// Space is space: equal lengths are equal on paper, whatever the size.
func TestEqualAspect(t *testing.T) {
	for _, size := range [][2]float64{{6.5, 0}, {6.5, 3}, {3, 8}} {
		l, err := rings().Size(size[0], size[1]).arrange(Light)
		if err != nil {
			t.Fatal(err)
		}
		f := l.cells[0][0].frame
		perX, perY := float64(f.Size().X)/(f.x.hi-f.x.lo), float64(f.Size().Y)/(f.y.hi-f.y.lo)
		if math.Abs(perX/perY-1) > 0.02 { // frames stand on whole pixels
			t.Errorf("%v inches: %.3f points for 1 along x, %.3f along y", size, perX, perY)
		}
	}
}
