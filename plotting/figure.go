package plotting

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/plotting/internal/canvas"
)

// Figure is a picture that is ready to be drawn. It is an immutable value: its
// methods return changed copies. A figure keeps the slices it was made from
// and reads them when it is drawn; do not change them before.
//
// A figure made from unusable data keeps the error and gives it back from
// [Figure.Err] and whatever would draw it.
type Figure struct {
	title   string
	caption string   // parameters
	notes   []string // what cannot be seen: NaN, infinite values
	panels  [][]*panel
	width   float64 // inches
	height  float64 // inches; 0: as the panels want
	err     error
}

const (
	// defaultWidth in inches is that of a notebook's output column.
	defaultWidth = 6.5
	// bundleLimit bounds what a figure adds to a notebook, in bytes.
	bundleLimit = 300_000
)

// failed returns the figure that stands for an error.
func failed(format string, args ...any) Figure {
	return Figure{err: fmt.Errorf(format, args...)}
}

// newFigure returns a figure of the given panels, row by row.
func newFigure(l Labels, rows ...[]*panel) Figure {
	return Figure{title: l.Title, caption: l.Caption, panels: rows, width: defaultWidth}
}

// note returns a copy with another remark below the figure.
func (f Figure) note(text string) Figure {
	if text != "" {
		f.notes = append(f.notes[:len(f.notes):len(f.notes)], text)
	}
	return f
}

// captions returns what stands below the figure.
func (f Figure) captions() []string {
	if f.caption == "" {
		return f.notes
	}
	return append([]string{f.caption}, f.notes...)
}

// Err returns what is wrong with the data of the figure, or nil.
func (f Figure) Err() error { return f.err }

// Size returns the figure with another size in inches. Height 0 lets the
// content choose, which is also the default at a width of 6.5. A column of a
// journal is 86 mm = 3.39 inches wide. Sizes outside 1 to 60 inches are an
// error of the returned figure; a size too small for the words of this figure is
// found out when it is drawn.
func (f Figure) Size(width, height float64) Figure {
	if f.err != nil {
		return f
	}
	const least, most = 1, 60
	if !(width >= least && width <= most) || height != 0 && !(height >= least && height <= most) {
		return failed("Size(%v, %v): width and height are inches between %d and %d; height 0 lets the content choose", width, height, least, most)
	}
	f.width, f.height = width, height
	return f
}

// String describes the figure in words: title, parameters and remarks.
func (f Figure) String() string {
	if f.err != nil {
		return f.err.Error()
	}
	title := f.title
	if title == "" {
		title = "figure"
	}
	return strings.Join(append([]string{title}, f.captions()...), "\n")
}

// SVG returns the figure as an SVG 1.1 picture that needs no font and nothing
// else from outside. Images hold every sample.
func (f Figure) SVG() ([]byte, error) {
	return f.svg(target{perPoint: 1200 / 72., whole: true})
}

func (f Figure) svg(to target) ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	l, err := f.arrange(light)
	if err != nil {
		return nil, err
	}
	c := canvas.NewSVG(l.width, l.height, f.title)
	c.SetColor(light.paper)
	c.Fill(vg.Rectangle{Max: vg.Point{X: l.width, Y: l.height}}.Path())
	p := &pen{c: c, theme: light, target: to}
	l.draw(p)
	c.Describe(strings.Join(p.words, " | "))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("%s: %w", f.name(), err)
	}
	return b.Bytes(), nil
}

// PNG returns the figure as a PNG picture of the given resolution in dots an
// inch, 20 to 2400.
func (f Figure) PNG(dpi float64) ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	if !(dpi >= 20 && dpi <= 2400) {
		return nil, fmt.Errorf("PNG(%v): the resolution is in dots an inch, 20 to 2400; 144 suits a screen, 600 a journal", dpi)
	}
	l, err := f.arrange(light)
	if err != nil {
		return nil, err
	}
	c := canvas.NewBitmap(l.width, l.height, dpi, light.paper)
	l.draw(&pen{c: c, theme: light, target: target{perPoint: dpi / 72, exact: true}})
	data, err := canvas.PNG(c.Image(), dpi, zlib.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name(), err)
	}
	return data, nil
}

// Save writes the figure to a file, as SVG or as PNG of 300 dots an inch, by
// the ending of its name. The file appears complete or not at all.
func (f Figure) Save(path string) error {
	var (
		data []byte
		err  error
	)
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		data, err = f.SVG()
	case ".png":
		data, err = f.PNG(300)
	default:
		return fmt.Errorf("Save(%q): no format has the ending %q; use .svg or .png", path, ext)
	}
	if err != nil {
		return err
	}
	if err := writeFile(path, data); err != nil {
		return fmt.Errorf("Save(%q): %w", path, err)
	}
	return nil
}

// writeFile writes beside the file and renames.
func writeFile(path string, data []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Chmod(0o644); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func (f Figure) name() string {
	if f.title == "" {
		return "figure"
	}
	return f.title
}

// Bundle returns the figure as a notebook shows it: a picture inside HTML,
// which survives saving, exporting and untrusted reopening, and words. Images
// and curves are reduced to what a screen of twice the usual resolution can
// show, and further if that takes more than 300 kB.
func (f Figure) Bundle() (display.Bundle, error) {
	var page string
	for _, perCSSPixel := range []float64{2, 1.4, 1, 0.7, 0.5} {
		svg, err := f.svg(target{perPoint: perCSSPixel / cssPixel})
		if err != nil {
			return display.Bundle{}, err
		}
		page = fmt.Sprintf(`<img src="data:image/svg+xml;base64,%s" width="%d" alt="%s">`,
			base64.StdEncoding.EncodeToString(svg), int(math.Round(f.width*72/cssPixel)), html.EscapeString(f.name()))
		if len(page) <= bundleLimit {
			break
		}
	}
	return display.Bundle{Data: map[string]any{"text/html": page, "text/plain": f.String()}}, nil
}
