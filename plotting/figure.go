package plotting

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"math"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/nnfield/nnfield/internal/atomicfile"
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
	alt     string   // what it shows, if it has no title
	caption string   // parameters
	notes   []string // what cannot be seen: NaN, infinite values
	panels  [][]*panel
	grid    *mosaic // in place of panels, figures
	theme   Theme
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

// Failed returns the figure that stands for an error, for functions that make
// figures: [Show] prints it and [Figure.Save] returns it.
func Failed(err error) Figure { return Figure{err: err} }

// failed is Failed of a new error.
func failed(format string, args ...any) Figure {
	return Figure{err: fmt.Errorf(format, args...)}
}

// newFigure returns a figure of the given panels, row by row.
func newFigure(l Labels, rows ...[]*panel) Figure {
	return Figure{title: l.Title, caption: l.Caption, panels: rows, theme: Light, width: defaultWidth}
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

// Columns returns the figure as wide as 1 or 2 columns of a journal: 86 or
// 178 mm. Other numbers are an error of the returned figure.
func (f Figure) Columns(n int) Figure {
	const inch = 25.4 // mm
	switch {
	case f.err != nil:
		return f
	case n == 1:
		return f.Size(86/inch, 0)
	case n == 2:
		return f.Size(178/inch, 0)
	}
	return failed("Columns(%d): a journal has columns 1 (86 mm) and 2 (178 mm); use Size for other widths", n)
}

// Theme returns the figure in another theme, such as [Dark].
func (f Figure) Theme(t Theme) Figure {
	if t.style == nil {
		t = Light
	}
	f.theme = t
	return f
}

// String describes the figure in words: title, parameters and remarks.
func (f Figure) String() string {
	if f.err != nil {
		return f.err.Error()
	}
	return strings.Join(append([]string{f.name()}, f.captions()...), "\n")
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
	l, err := f.arrange(f.theme)
	if err != nil {
		return nil, err
	}
	width, height := l.paper()
	c := canvas.NewSVG(width, height, f.name())
	c.Describe(f.drawOn(c, l, to))
	return f.written(c)
}

// drawOn draws a figure of vectors and returns its words.
func (f Figure) drawOn(c vg.CanvasSizer, l *layout, to target) (words string) {
	c.SetColor(f.theme.paper)
	width, height := l.paper()
	c.Fill(vg.Rectangle{Max: vg.Point{X: width, Y: height}}.Path())
	p := &pen{c: c, theme: f.theme, target: to}
	l.draw(p)
	return strings.Join(p.words, " | ")
}

func (f Figure) written(c io.WriterTo) ([]byte, error) {
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("%s: %w", f.name(), err)
	}
	return b.Bytes(), nil
}

// PDF returns the figure as a page of PDF of the size of the figure, text as
// outlines and images with every sample. The program must import
// github.com/nnfield/nnfield/plotting/pdf, which is apart since few cells need
// it.
func (f Figure) PDF() ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	if canvas.NewPDF == nil {
		return nil, fmt.Errorf(`PDF: the program cannot write PDF yet; import _ "github.com/nnfield/nnfield/plotting/pdf"`)
	}
	l, err := f.arrange(f.theme)
	if err != nil {
		return nil, err
	}
	c := canvas.NewPDF(l.paper())
	f.drawOn(c, l, target{perPoint: 1200 / 72., whole: true})
	return f.written(c)
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
	l, err := f.arrange(f.theme)
	if err != nil {
		return nil, err
	}
	width, height := l.paper()
	c := canvas.NewBitmap(width, height, dpi, f.theme.paper)
	l.draw(&pen{c: c, theme: f.theme, target: target{perPoint: dpi / 72, exact: true}})
	data, err := canvas.PNG(c.Image(), dpi, zlib.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name(), err)
	}
	return data, nil
}

// HTML returns the figure as an element of a page: an <img> that holds the
// picture as SVG, so that nothing of the page can change it.
func (f Figure) HTML() ([]byte, error) {
	svg, err := f.SVG()
	if err != nil {
		return nil, err
	}
	return []byte(f.element(svg)), nil
}

func (f Figure) element(svg []byte) string {
	return fmt.Sprintf(`<img src="data:image/svg+xml;base64,%s" width="%d" alt="%s">`,
		base64.StdEncoding.EncodeToString(svg), int(math.Round(f.width*72/cssPixel)), html.EscapeString(f.name()))
}

// page returns a whole page with nothing but the figure.
func (f Figure) page() ([]byte, error) {
	img, err := f.HTML()
	if err != nil {
		return nil, err
	}
	c := f.theme.paper
	return fmt.Appendf(nil, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>%s</title>\n<body style=\"background: rgb(%d %d %d)\">\n%s\n",
		html.EscapeString(f.name()), c.R, c.G, c.B, img), nil
}

// Save writes the figure to a file, as SVG, PDF (see [Figure.PDF]), a page of HTML
// or PNG of 300 dots an inch, by the ending of its name. The file appears complete or not at
// all.
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
	case ".pdf":
		data, err = f.PDF()
	case ".html":
		data, err = f.page()
	default:
		return fmt.Errorf("Save(%q): no format has the ending %q; use .svg, .pdf, .png or .html", path, ext)
	}
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, data); err != nil {
		return fmt.Errorf("Save: %w", err)
	}
	return nil
}

func (f Figure) name() string {
	switch {
	case f.title != "":
		return f.title
	case f.alt != "":
		return f.alt
	}
	return "figure"
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
		page = f.element(svg)
		if len(page) <= bundleLimit {
			break
		}
	}
	return display.Bundle{Data: map[string]any{"text/html": page, "text/plain": f.String()}}, nil
}
