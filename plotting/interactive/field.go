package interactive

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"math"
	"slices"
	"strconv"

	"github.com/nnfield/nnfield/plotting/internal/frames"
	"github.com/nnfield/nnfield/plotting/internal/reduce"
)

// grid is a field on a rectangular grid, in one or several frames:
// frames[f][j·(len(x)−1) + i] fills the cell between x[i], x[i+1] and y[j], y[j+1].
type grid struct {
	x, y   []float64 // edges of the cells
	frames [][]float64
	limits [][2]float64 // of the colours: of each frame, or one for all
}

// size returns the number of cells in a frame.
func (g grid) size() (nx, ny int) { return len(g.x) - 1, len(g.y) - 1 }

// shrunk returns the field with at most nx×ny cells a frame; extrema stay.
func (g grid) shrunk(nx, ny int) grid {
	mx, my := g.size()
	nx, ny = min(nx, mx), min(ny, my)
	xBin, yBin := reduce.Even(mx, nx), reduce.Even(my, ny)
	small := grid{x: bins(g.x, xBin), y: bins(g.y, yBin), limits: g.limits}
	for _, f := range g.frames {
		small.frames = append(small.frames, reduce.Field(f, xBin, nx, yBin, ny))
	}
	return small
}

// bins returns the edges of bins made of cells.
func bins(edges []float64, ofCell []int) []float64 {
	var e []float64
	for i, b := range ofCell {
		if b == len(e) {
			e = append(e, edges[i])
		}
	}
	return append(e, edges[len(edges)-1])
}

// Codes of a sample. The others count steps from the lowest value, or are
// entries of a table.
const (
	codeNaN   = 65535
	codePlus  = 65534 // +∞
	codeMinus = 65533
	codes     = 65533 // of finite values

	mostDistinct = 4096 // values in a table
)

// packed is a field as the script reads it: sixteen bits a sample, the
// difference to the sample before, all high bytes and then all low bytes,
// compressed. A field of few different values, such as a weight tensor, is
// exact to nine digits; otherwise the error is half a step, 1/131,000 of the range.
type packed struct {
	X      numbers      `json:"x"`
	Y      numbers      `json:"y"`
	Low    float64      `json:"low"`
	Step   float64      `json:"step"`
	Table  numbers      `json:"table,omitempty"`
	Limits [][2]float64 `json:"limits"`
	Codes  string       `json:"codes"`
}

// encode packs a field.
func encode(g grid) packed {
	p := packed{X: g.x, Y: g.y, Limits: g.limits}
	s := frames.Of(g.frames...)
	distinct := map[float64]bool{}
	for _, f := range g.frames {
		for _, v := range f {
			if v-v == 0 && len(distinct) <= mostDistinct {
				distinct[v] = true
			}
		}
	}
	code := map[float64]int{}
	if len(distinct) <= mostDistinct {
		for v := range distinct {
			p.Table = append(p.Table, v)
		}
		slices.Sort(p.Table)
		for i, v := range p.Table {
			code[v] = i
		}
	}
	p.Low, p.Step = s.Low, s.High/(codes-1)-s.Low/(codes-1)

	nx, ny := g.size()
	n := nx * ny * len(g.frames)
	raw := make([]byte, 2*n)
	i, last := 0, uint16(0)
	for _, f := range g.frames {
		for _, v := range f {
			var c int
			switch {
			case math.IsNaN(v):
				c = codeNaN
			case math.IsInf(v, 1):
				c = codePlus
			case math.IsInf(v, -1):
				c = codeMinus
			case p.Table != nil:
				c = code[v]
			case p.Step > 0:
				c = min(int(math.Round(v/p.Step-s.Low/p.Step)), codes-1)
			}
			d := uint16(c) - last
			last = uint16(c)
			raw[i], raw[n+i] = byte(d>>8), byte(d)
			i++
		}
	}
	p.Codes = base64.StdEncoding.EncodeToString(compress(raw))
	return p
}

func compress(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data) // to memory: cannot fail
	w.Close()
	return b.Bytes()
}

// mostField bounds a packed field, in bytes: it leaves room for the picture
// and the script.
const mostField = 1_050_000

// fitted packs a field so that it takes at most mostField bytes and at most
// most cells along a side, and tells what became of it: every how many frames
// and how many cells, or nothing.
func fitted(g grid, most int) (p packed, kept []int, reduced bool) {
	kept = make([]int, len(g.frames))
	for i := range kept {
		kept[i] = i
	}
	nx, ny := g.size()
	small, mx, my := g.shrunk(most, most), min(nx, most), min(ny, most)
	for {
		if p = encode(small); len(p.Codes) <= mostField {
			return p, kept, mx < nx || my < ny || len(kept) < len(g.frames)
		}
		// First fewer frames, as long as a movie is left; then larger cells: a
		// little below what would fit if bytes were proportional to cells.
		if fit := 0.95 * mostField / float64(len(p.Codes)); len(kept) > 64 {
			kept = frames.Spread(kept, max(64, int(fit*float64(len(kept)))))
		} else {
			side := math.Sqrt(fit)
			mx, my = max(1, int(side*float64(mx))), max(1, int(side*float64(my)))
		}
		chosen := grid{x: g.x, y: g.y, limits: g.limits}
		for _, k := range kept {
			chosen.frames = append(chosen.frames, g.frames[k])
		}
		small = chosen.shrunk(mx, my)
	}
}

// numbers are written to nine digits, which is more than a screen shows and
// shorter than all of them.
type numbers []float64

// MarshalJSON returns the numbers as an array.
func (n numbers) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, v := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, v, 'g', 9, 64)
	}
	return append(b, ']'), nil
}

// edges returns the borders between cells about samples: midway, and as far
// beyond the first and the last. A lone sample has a cell of width 1.
func edges(x []float64) []float64 {
	n := len(x)
	if n == 1 {
		return []float64{x[0] - 0.5, x[0] + 0.5}
	}
	e := make([]float64, n+1)
	for i := 1; i < n; i++ {
		e[i] = x[i-1]/2 + x[i]/2
	}
	e[0] = x[0] - (e[1] - x[0])
	e[n] = x[n-1] + (x[n-1] - e[n-1])
	return e
}
