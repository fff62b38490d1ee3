// Package pdf lets figures be written as PDF. It is imported for that alone:
//
//	import _ "github.com/nnfield/nnfield/plotting/pdf"
//
//	err := plotting.Spacetime(r).Columns(1).Save("packet.pdf")
//
// A page has the size of its figure. Text is outlines, so that no font is
// needed or embedded, and the same figure gives the same bytes.
package pdf

import (
	"image"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"

	"github.com/nnfield/nnfield/plotting/internal/canvas"
)

func init() {
	// A file says nothing of when it was written.
	date := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	fpdf.SetDefaultCreationDate(date)
	fpdf.SetDefaultModificationDate(date)
	fpdf.SetDefaultCatalogSort(true)
	canvas.NewPDF = func(width, height vg.Length) vg.CanvasWriterTo {
		return &page{vgpdf.New(width, height)}
	}
}

// page is a page of vgpdf with text and arcs as plain paths and upright images:
// vgpdf embeds fonts of one code page only, which has no Greek, paints arcs
// apart from their path, and draws the first row of an image at the bottom.
type page struct{ *vgpdf.Canvas }

func (p *page) Stroke(path vg.Path) { p.Canvas.Stroke(canvas.Cubics(path)) }

func (p *page) Fill(path vg.Path) { p.Canvas.Fill(canvas.Cubics(path)) }

func (p *page) DrawImage(r vg.Rectangle, img image.Image) {
	p.Push()
	p.Translate(vg.Point{X: r.Min.X, Y: r.Max.Y})
	p.Scale(1, -1)
	p.Canvas.DrawImage(vg.Rectangle{Max: r.Size()}, img)
	p.Pop()
}

func (p *page) FillString(f font.Face, pt vg.Point, text string) {
	if path := canvas.Outlines(f, pt, text); len(path) > 0 {
		p.Canvas.Fill(path)
	}
}
