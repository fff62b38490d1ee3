package player

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/colormap"
	"github.com/nnfield/nnfield/plotting/internal/frames"
	"github.com/nnfield/nnfield/plotting/internal/reduce"
)

// Film is a sequence of pictures, ready to be shown or saved: an immutable value.
// A film of unusable data keeps the error and gives it back from [Film.Err] and
// whatever would show it.
type Film struct {
	figure  plotting.Figure // of the whole, without its data
	probe   plotting.Figure // the same with other data, to find where data lie
	words   string
	names   []string // of the frames
	nx, ny  int      // cells of a frame
	frames  [][]uint8
	palette color.Palette // 255 levels and NaN
	sheer   bool          // white cells let the axes through, and cells may be blurred
	err     error
}

// Stack is a field at several times or values of a parameter:
// Frames[f][j·len(X) + i] is its value at (X[i], Y[j]) in frame f.
type Stack struct {
	Symbol string    // names the colour bar
	X, Y   []float64 // ascending
	Frames [][]float64
	Names  []string // what each frame is called, such as "t = 2.5"
	Space  bool     // both axes are lengths: equal lengths are drawn equal
}

// missing is the level of NaN; the others are 0 to missing − 1.
const missing = 255

// mostCells bounds the cells along a side of a frame: more than a notebook has
// pixels for.
const mostCells = 512

// Fields makes a film of fields on one colour scale. NaN is grey. Frames of more
// than 512 cells a side are reduced so that extrema stay.
//
// The film has an error if there are no frames, if their lengths are not
// len(X)·len(Y), if there is not one name a frame, if no value is finite, or
// where [plotting.Image] has one.
func Fields(l plotting.Labels, s Stack) Film {
	if len(s.Frames) == 0 {
		return failed("Fields: no frames; give at least one")
	}
	if len(s.Names) != len(s.Frames) {
		return failed("Fields: %d names of %d frames; give each frame a name", len(s.Names), len(s.Frames))
	}
	nx, ny := len(s.X), len(s.Y)
	for i, f := range s.Frames {
		if len(f) != nx*ny {
			return failed("Fields: frame %d has %d values on a grid of %d×%d; give %d, row after row", i, len(f), nx, ny, nx*ny)
		}
	}
	span := frames.Of(s.Frames...)
	if span == (frames.Span{}) {
		return failed("Fields: all values of all frames are NaN or infinite; there is nothing to show")
	}
	limits := span.Limits()
	if nx*ny == 0 {
		return failed("Fields: a grid of %d×%d; give at least one sample along each axis", nx, ny)
	}
	figure, probe := frameOf(l, s, limits), frameOf(l, s, [2]float64{limits[1], limits[0]})
	if err := figure.Err(); err != nil {
		return Film{err: err}
	}

	f := Film{figure: figure, probe: probe, words: words(l, s.Names), names: s.Names, nx: min(nx, mostCells), ny: min(ny, mostCells)}
	f.palette = palette(frames.Colours(limits))
	xBin, yBin := reduce.Even(nx, f.nx), reduce.Even(ny, f.ny)
	for _, values := range s.Frames {
		small := reduce.Field(values, xBin, f.nx, yBin, f.ny)
		level := make([]uint8, len(small))
		for j := range f.ny { // pictures run downward
			for i, v := range small[(f.ny-1-j)*f.nx : (f.ny-j)*f.nx] {
				level[j*f.nx+i] = shade(v, limits)
			}
		}
		f.frames = append(f.frames, level)
	}
	return f
}

// words describes a film.
func words(l plotting.Labels, names []string) string {
	text := l.Title
	if l.Caption != "" {
		text += "\n" + l.Caption
	}
	return text + fmt.Sprintf("\n%d frames, %s to %s", len(names), names[0], names[len(names)-1])
}

// shade returns the level of a value between limits.
func shade(v float64, limits [2]float64) uint8 {
	if math.IsNaN(v) {
		return missing
	}
	t := (v/2 - limits[0]/2) / (limits[1]/2 - limits[0]/2)
	return uint8(min(max(t, 0), 1)*(missing-1) + 0.5)
}

func palette(m colormap.Map) color.Palette {
	p := make(color.Palette, missing+1)
	for i := range missing {
		p[i] = m.At(float64(i) / (missing - 1))
	}
	p[missing] = color.NRGBA{150, 150, 150, 255}
	return p
}

// frameOf draws the axes of a stack around data that reach both limits: the
// first in the lower left half, the second in the other.
func frameOf(l plotting.Labels, s Stack, limits [2]float64) plotting.Figure {
	// Two cells along each axis, with the borders of the field.
	ends := func(x []float64) []float64 {
		low, high := x[0], x[0]
		if n := len(x); n > 1 {
			low, high = x[0]-(x[1]-x[0])/2, x[n-1]+(x[n-1]-x[n-2])/2
		} else {
			low, high = low-0.5, high+0.5
		}
		return []float64{low + (high-low)/4, high - (high-low)/4}
	}
	for _, x := range [][]float64{s.X, s.Y} {
		for i, v := range x {
			if v-v != 0 || i > 0 && v <= x[i-1] {
				return plotting.Image(l, plotting.Field{X: s.X, Y: s.Y, Values: s.Frames[0]}) // says what is wrong
			}
		}
	}
	return plotting.Image(l, plotting.Field{
		Symbol: s.Symbol, X: ends(s.X), Y: ends(s.Y), Space: s.Space,
		Values: []float64{limits[0], limits[1], limits[1], limits[0]},
	})
}

func failed(format string, args ...any) Film { return Film{err: fmt.Errorf(format, args...)} }

// Movie makes a film of a run, its first field frame by frame: a moving curve on
// one dimension, an image on two. The film has an error for a run without frames
// and for a lattice of three dimensions.
func Movie(r *simulate.Run) Film {
	if err := usable("Movie", r); err != nil {
		return Film{err: err}
	}
	d := r.Lattice().Dim()
	if d > 2 {
		return failed("Movie: the lattice has %d dimensions, a movie has room for 1 or 2", d)
	}
	l := plotting.Labels{Title: r.Model.Card().Title, X: "x", Y: "y", Caption: caption(plotting.Frame(r, -1))}
	s := Stack{Symbol: frames.Symbol(r), X: r.Coordinates(0), Space: true}
	for i, t := range r.Times() {
		s.Names = append(s.Names, fmt.Sprintf("t = %.4g", t))
		if d == 1 {
			s.Frames = append(s.Frames, frames.Values(r, i))
		} else {
			s.Frames = append(s.Frames, frames.Image(r, i))
		}
	}
	if d == 1 {
		l.Y = s.Symbol
		return curves(l, s)
	}
	s.Y = r.Coordinates(1)
	return Fields(l, s)
}

// Sweep makes a film with a frame for each run: its space-time picture φ(t, x)
// on one dimension, its last frame on two. Name and values say which parameter
// tells the runs apart. The film has an error if there is not one value for each
// run, or if the runs differ in lattice or times.
func Sweep(name string, values []float64, runs ...*simulate.Run) Film {
	if len(runs) == 0 || len(values) != len(runs) {
		return failed("Sweep(%q): %d values for %d runs; give one value for each run, and at least one run", name, len(values), len(runs))
	}
	var s Stack
	l := plotting.Labels{X: "x", Y: "t"}
	for i, r := range runs {
		if err := usable(fmt.Sprintf("Sweep(%q)", name), r); err != nil {
			return Film{err: err}
		}
		var x, y, field []float64
		switch d := r.Lattice().Dim(); d {
		case 1:
			x, y, field = r.Coordinates(0), r.Times(), frames.History(r)
		case 2:
			x, y, field = r.Coordinates(0), r.Coordinates(1), frames.Image(r, r.Len()-1)
			l.Y, s.Space = "y", true
		default:
			return failed("Sweep(%q): the lattice has %d dimensions, a picture has room for 1 or 2", name, d)
		}
		if i == 0 {
			s.X, s.Y, s.Symbol = x, y, frames.Symbol(r)
			l.Title = r.Model.Card().Title + ": sweep of " + name
		} else if !same(x, s.X) || !same(y, s.Y) {
			return failed("Sweep(%q): run %d differs from run 0 in its lattice or its times; run all with the same lattice, step, Until and Frames", name, i)
		}
		s.Frames = append(s.Frames, field)
		s.Names = append(s.Names, fmt.Sprintf("%s = %.4g", name, values[i]))
	}
	return Fields(l, s)
}

// same tells whether coordinates agree to what an eye can see.
func same(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-3*math.Abs(b[len(b)-1]-b[0]) {
			return false
		}
	}
	return true
}

func usable(call string, r *simulate.Run) error {
	if r == nil {
		return fmt.Errorf("%s: the run is nil; hand over what Run returned", call)
	}
	if r.Len() == 0 {
		return fmt.Errorf("%s: the run has no frames; ask for some with Frames", call)
	}
	return nil
}

// caption returns the parameters below a figure.
func caption(f plotting.Figure) string {
	_, below, _ := strings.Cut(f.String(), "\n")
	first, _, _ := strings.Cut(below, "\n")
	return first
}

// Err returns what is wrong with the data of the film, or nil.
func (f Film) Err() error { return f.err }

// String describes the film in words: title, parameters, frames.
func (f Film) String() string {
	if f.err != nil {
		return f.err.Error()
	}
	return f.words
}

// picture draws a frame with its axes and tells where the data lie in it.
func (f Film) picture(frame int, dpi float64) (*image.RGBA, image.Rectangle, error) {
	img, area, err := f.place(dpi)
	if err == nil {
		f.paint(img, area, frame)
	}
	return img, area, err
}

// place draws the axes, without data, and tells where the data lie within them.
func (f Film) place(dpi float64) (*image.RGBA, image.Rectangle, error) {
	if f.err != nil {
		return nil, image.Rectangle{}, f.err
	}
	a, err := pixels(f.figure, dpi)
	if err != nil {
		return nil, image.Rectangle{}, err
	}
	b, err := pixels(f.probe, dpi)
	if err != nil {
		return nil, image.Rectangle{}, err
	}
	// The two have the same axes and differ all along the border of the data.
	// Where they do, the greyer one shows no data.
	var area image.Rectangle
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			if p, q := a.RGBAAt(x, y), b.RGBAAt(x, y); p != q {
				area = area.Union(image.Rect(x, y, x+1, y+1))
				if chroma(q) < chroma(p) {
					a.SetRGBA(x, y, q)
				}
			}
		}
	}
	if area.Empty() {
		return nil, area, errors.New("Film: the figure has no room for data; give it another shape")
	}
	return a, area, nil
}

func chroma(c color.RGBA) uint8 { return max(c.R, c.G, c.B) - min(c.R, c.G, c.B) }

func pixels(f plotting.Figure, dpi float64) (*image.RGBA, error) {
	data, err := f.PNG(dpi)
	if err != nil {
		return nil, err
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	return rgba, nil
}

// paint draws the cells of a frame into an area.
func (f Film) paint(to *image.RGBA, area image.Rectangle, frame int) {
	var colours [missing + 1]color.RGBA
	for i, c := range f.palette {
		colours[i] = color.RGBAModel.Convert(c).(color.RGBA)
	}
	level := f.frames[frame]
	for y := range area.Dy() {
		row := level[y*f.ny/area.Dy()*f.nx:]
		for x := range area.Dx() {
			c, at := colours[row[x*f.nx/area.Dx()]], area.Min.Add(image.Pt(x, y))
			if f.sheer {
				c = multiply(c, to.RGBAAt(at.X, at.Y))
			}
			to.SetRGBA(at.X, at.Y, c)
		}
	}
}

// multiply lays colours over each other as inks on paper.
func multiply(a, b color.RGBA) color.RGBA {
	m := func(a, b uint8) uint8 { return uint8((int(a)*int(b) + 127) / 255) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 255}
}
