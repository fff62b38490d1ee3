package plotting

import (
	"image"
	"image/color"
	"math"

	"github.com/nnfield/nnfield/plotting/colormap"
	"github.com/nnfield/nnfield/plotting/internal/reduce"
)

// raster is a field drawn as an image: values[j·nx+i] fills the cell between
// xEdges[i], xEdges[i+1] and yEdges[j], yEdges[j+1].
type raster struct {
	values         []float64
	xEdges, yEdges []float64
	colours        colormap.Map
	limits         scale // of the colours
}

func (r *raster) extent(_, _ bool) (x, y span) {
	x.add(r.xEdges[0])
	x.add(r.xEdges[len(r.xEdges)-1])
	y.add(r.yEdges[0])
	y.add(r.yEdges[len(r.yEdges)-1])
	return x, y
}

func (r *raster) draw(p *pen, f frame) {
	w, h := p.pixels(f.Rectangle)
	if !p.exact {
		w = fitting(w, r.xEdges, p.whole)
		h = fitting(h, r.yEdges, p.whole)
	}
	p.c.DrawImage(f.Rectangle, r.paint(w, h, f.y.flip, p.theme.missing))
}

// fitting returns how many pixels to give an axis that has room for w of
// them: a few for each sample, so that a viewer that smooths does not blur
// the cells, or w if there are more samples than that.
func fitting(w int, edges []float64, whole bool) int {
	n := len(edges) - 1
	if !uniform(edges) {
		return w
	}
	if n > w && !whole {
		return w
	}
	return n * max(1, (w/2+n-1)/n)
}

// uniform tells whether cells have equal widths, to what an eye can see.
func uniform(edges []float64) bool {
	n := len(edges) - 1
	width := (edges[n] - edges[0]) / float64(n)
	for i, e := range edges {
		if math.Abs(e-edges[0]-float64(i)*width) > 0.01*width {
			return false
		}
	}
	return true
}

// The palette of an image: 255 colours of the map, so that a diverging map
// has one for zero, and one for NaN.
const (
	levels  = 255
	missing = 255
)

// paint makes an image of w×h pixels. A pixel that covers several samples
// shows their minimum or their maximum, whichever is farther from the mean
// around it: no spike is lost and smooth fields keep their shape. A pixel that
// covers a NaN shows it. Rows run upward, or downward.
func (r *raster) paint(w, h int, downward bool, nan color.NRGBA) *image.Paletted {
	palette := make(color.Palette, levels+1)
	for i := range levels {
		palette[i] = r.colours.At(float64(i) / (levels - 1))
	}
	palette[missing] = nan
	img := image.NewPaletted(image.Rect(0, 0, w, h), palette)

	xBin, xs := bins(r.xEdges, w)
	yBin, ys := bins(r.yEdges, h)
	small := reduce.Field(r.values, xBin, xs.bins, yBin, ys.bins)
	level := make([]uint8, len(small))
	for i, v := range small {
		level[i] = r.level(v)
	}
	for row := range h {
		j := h - 1 - row
		if downward {
			j = row
		}
		from := level[ys.bin[j]*xs.bins:]
		to := img.Pix[row*img.Stride:]
		for column, bin := range xs.bin {
			to[column] = from[bin]
		}
	}
	return img
}

// level returns the palette entry of a value; infinite ones take the colours
// at the ends.
func (r *raster) level(v float64) uint8 {
	if math.IsNaN(v) {
		return missing
	}
	t := r.limits.at(v)
	if math.IsNaN(t) { // not positive, on a logarithmic scale
		t = 0
	}
	return uint8(min(max(t, 0), 1)*(levels-1) + 0.5)
}

// sampling says which bin each pixel of an axis shows.
type sampling struct {
	bins int
	bin  []int
}

// bins spreads the cells of an axis over n pixels. It returns the bin of each
// cell, ascending, and how pixels show bins: with more cells than pixels a bin
// is a pixel, with fewer a cell.
func bins(edges []float64, n int) (ofCell []int, s sampling) {
	cells := len(edges) - 1
	lo, width := edges[0], edges[cells]-edges[0]
	ofCell = make([]int, cells)
	s = sampling{bins: min(n, cells), bin: make([]int, n)}
	if cells <= n {
		for i := range ofCell {
			ofCell[i] = i
		}
	} else {
		for i := range ofCell {
			mid := (edges[i]-lo)/2 + (edges[i+1]-lo)/2
			ofCell[i] = min(int(mid/width*float64(n)), n-1)
		}
	}
	cell := 0
	for pixel := range s.bin {
		mid := lo + (float64(pixel)+0.5)/float64(n)*width
		for cell < cells-1 && edges[cell+1] <= mid {
			cell++
		}
		s.bin[pixel] = ofCell[cell]
	}
	if cells > n { // a bin with samples of its own shows them
		for _, bin := range ofCell {
			s.bin[bin] = bin
		}
	}
	return ofCell, s
}
