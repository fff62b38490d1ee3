package plotting

import (
	"bytes"
	"flag"
	"image"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nnfield/nnfield/plotting/colormap"
	"github.com/nnfield/nnfield/plotting/internal/golden"
)

var update = flag.Bool("update", false, "write the golden images of testdata anew; look at them before you commit")

// widths in inches: a notebook and a column of a journal.
var widths = golden.Widths

func render(t testing.TB, f Figure, dpi float64) image.Image {
	t.Helper()
	data, err := f.PNG(dpi)
	if err != nil {
		t.Fatal(err)
	}
	return golden.Decode(t, data)
}

func TestGolden(t *testing.T) {
	for name, f := range gallery() {
		for place, width := range widths {
			data, err := f.Size(width, 0).PNG(golden.DPI)
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, filepath.Join("testdata", name+"-"+place+".png"), data, *update)
		}
	}
}

// The comparison is worth something only if it fails for wrong pictures.
func TestGoldenSeesMutations(t *testing.T) {
	mutants := map[string]func() (golden string, mutant Figure){
		"another colour map": func() (string, Figure) {
			l, f := ringField()
			f.Colours = colormap.Cividis
			return "space", Image(l, f)
		},
		"a lost axis label": func() (string, Figure) {
			l, f := ringField()
			l.Y = " " // keeps the room of the label
			return "space", Image(l, f)
		},
		"a lost title": func() (string, Figure) {
			f := lines()
			f.title = "."
			return "lines", f
		},
		"a wrong digit": func() (string, Figure) {
			f := energy()
			f.caption = "m = 2, leapfrog, ε = 0.0312"
			return "conserved", f
		},
		"exchanged axes": func() (string, Figure) {
			l, f := ringField()
			l.X, l.Y = l.Y, l.X
			return "space", Image(l, f)
		},
	}
	for what, make := range mutants {
		name, f := make()
		path := filepath.Join("testdata", name+"-notebook.png")
		if n := golden.Differing(render(t, f.Size(widths["notebook"], 0), golden.DPI), golden.Read(t, path)); n <= golden.Tolerated {
			t.Errorf("%s changes %d pixels only: the golden images do not see it", what, n)
		}
	}
}

// A viewer that shares no code with us draws the SVG as we paint the pixels.
func TestSVGLooksLikePNG(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(gallery())) {
		if name == "spacetime" || name == "tensor" || name == "tensor-real" {
			continue // cells of a few pixels: the viewer averages at their edges, we do not
		}
		svgLikePNG(t, name, gallery()[name])
	}
}

func svgLikePNG(t *testing.T, name string, f Figure) {
	t.Helper()
	viewer, err := exec.LookPath("rsvg-convert")
	if err != nil {
		t.Skip("no independent SVG viewer here: rsvg-convert is not installed")
	}
	f = f.Size(5, 0)
	svg, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(viewer, "--dpi-x=144", "--dpi-y=144")
	cmd.Stdin = bytes.NewReader(svg)
	data, err := cmd.Output()
	if err != nil {
		t.Fatal(name, err)
	}
	theirs, ours := golden.Decode(t, data), render(t, f, 144)
	if d := theirs.Bounds().Size().Sub(ours.Bounds().Size()); max(d.X, -d.X) > 1 || max(d.Y, -d.Y) > 1 {
		t.Errorf("%s: %v in SVG, %v in PNG", name, theirs.Bounds(), ours.Bounds())
	}
	// Compared blurred, since antialiasing and the edges of cells differ.
	if d := blurredDifference(theirs, ours); d > 40 {
		t.Errorf("%s: SVG and PNG differ by %.0f of 255 somewhere", name, d)
	}
}

// blurredDifference returns the largest difference of means over boxes of
// 8×8 pixels.
func blurredDifference(a, b image.Image) float64 {
	const box = 8
	size := image.Pt(min(a.Bounds().Dx(), b.Bounds().Dx()), min(a.Bounds().Dy(), b.Bounds().Dy()))
	worst := 0.0
	for y := 0; y+box <= size.Y; y += box {
		for x := 0; x+box <= size.X; x += box {
			var sum [3]float64
			for j := range box {
				for i := range box {
					r, g, u, _ := a.At(x+i, y+j).RGBA()
					s, h, v, _ := b.At(x+i, y+j).RGBA()
					sum[0] += float64(r>>8) - float64(s>>8)
					sum[1] += float64(g>>8) - float64(h>>8)
					sum[2] += float64(u>>8) - float64(v>>8)
				}
			}
			for _, s := range sum {
				worst = max(worst, s/box/box, -s/box/box)
			}
		}
	}
	return worst
}
