package plotting

import (
	"image/color"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/plotting/colormap"
)

// testRaster returns a raster of nx×ny zeros on the unit square.
func testRaster(nx, ny int) *raster {
	return &raster{
		values: make([]float64, nx*ny), xEdges: grid(nx+1, 0, 1), yEdges: grid(ny+1, 0, 1),
		colours: colormap.Balance, limits: scale{lo: -1, hi: 1},
	}
}

var grey = color.NRGBA{150, 150, 150, 255}

// count returns how many pixels have a level.
func levelCount(pixels []uint8, level uint8) int {
	n := 0
	for _, p := range pixels {
		if p == level {
			n++
		}
	}
	return n
}

// A single spike, up or down, or a single NaN, is seen however far the image is
// reduced, and where it is.
func TestReductionLosesNoSpike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nx, ny := rapid.IntRange(1, 90).Draw(t, "nx"), rapid.IntRange(1, 90).Draw(t, "ny")
		w, h := rapid.IntRange(1, 100).Draw(t, "w"), rapid.IntRange(1, 100).Draw(t, "h")
		i, j := rapid.IntRange(0, nx-1).Draw(t, "i"), rapid.IntRange(0, ny-1).Draw(t, "j")
		r := testRaster(nx, ny)
		spike := rapid.SampledFrom([]float64{1, -1, math.NaN(), math.Inf(1), math.Inf(-1)}).Draw(t, "spike")
		r.values[j*nx+i] = spike
		img := r.paint(w, h, false, grey)
		level := r.level(spike)
		if nx*ny > 2 && levelCount(img.Pix, level) == 0 {
			t.Fatalf("spike %v at (%d, %d) is lost", spike, i, j)
		}
		// It fills its own cell and no more than a pixel beyond.
		for y := range h {
			for x := range w {
				if img.ColorIndexAt(x, y) != level {
					continue
				}
				cx, cy := (float64(x)+0.5)/float64(w)*float64(nx), (1-(float64(y)+0.5)/float64(h))*float64(ny)
				if math.Abs(cx-float64(i)-0.5) > 0.5+float64(nx)/float64(w) || math.Abs(cy-float64(j)-0.5) > 0.5+float64(ny)/float64(h) {
					t.Fatalf("spike at cell (%d, %d) is drawn at cell (%.1f, %.1f)", i, j, cx, cy)
				}
			}
		}
	})
}

// With a pixel or more for each sample every sample is drawn as it is.
func TestFullResolutionIsExact(t *testing.T) {
	r := testRaster(7, 5)
	for k := range r.values {
		r.values[k] = float64(k)/17 - 1
	}
	img := r.paint(7*3, 5*2, false, grey)
	for y := range 10 {
		for x := range 21 {
			want := r.level(r.values[(4-y/2)*7+x/3])
			if got := img.ColorIndexAt(x, y); got != want {
				t.Fatalf("pixel (%d, %d) has level %d, sample has %d", x, y, got, want)
			}
		}
	}
	down := r.paint(7, 5, true, grey)
	if down.ColorIndexAt(0, 0) != r.level(r.values[0]) {
		t.Error("rows that run downward do not begin at the top")
	}
}

func TestZeroIsTheMiddleColour(t *testing.T) {
	r := testRaster(1, 1)
	img := r.paint(1, 1, false, grey)
	if c := img.At(0, 0).(color.NRGBA); c != colormap.Balance.At(0.5) || c.R != c.B {
		t.Errorf("zero is drawn in %v", c)
	}
}

// Samples that are not equally spaced fill the cells around them.
func TestUnevenSamples(t *testing.T) {
	x := []float64{0, 1, 10}
	e, err := edges(x)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{-0.5, 0.5, 5.5, 14.5}; !slices.Equal(e, want) {
		t.Fatalf("edges %v, want %v", e, want)
	}
	r := &raster{values: []float64{-1, 0, 1}, xEdges: e, yEdges: []float64{0, 1}, colours: colormap.Gray, limits: scale{lo: -1, hi: 1}}
	img := r.paint(150, 1, false, grey)
	n := [3]int{levelCount(img.Pix, 0), levelCount(img.Pix, 127), levelCount(img.Pix, 254)}
	if n != [3]int{10, 50, 90} {
		t.Errorf("cells of width 1, 5 and 9 take %v of 150 pixels", n)
	}
}

func TestThinKeepsExtremaAndEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3000).Draw(t, "n")
		columns := rapid.IntRange(1, 300).Draw(t, "columns")
		c := curve{x: make([]float64, n), y: rapid.SliceOfN(rapid.Float64Range(-1, 1), n, n).Draw(t, "y")}
		for i := range c.x {
			c.x[i] = float64(i)
		}
		f := frame{x: scale{lo: 0, hi: float64(n)}, y: scale{lo: -1, hi: 1}}
		keep := c.thin([2]int{0, n}, f, float64(columns))
		if len(keep) > 4*columns {
			t.Fatalf("%d points for %d columns", len(keep), columns)
		}
		if !slices.IsSorted(keep) || keep[0] != 0 || keep[len(keep)-1] != n-1 {
			t.Fatalf("ends or order lost")
		}
		// In every column the extrema are those of all points.
		column := func(i int) int { return int(float64(i) / float64(n) * float64(columns)) }
		low, high := map[int]float64{}, map[int]float64{}
		for i, y := range c.y {
			k := column(i)
			if _, ok := low[k]; !ok {
				low[k], high[k] = y, y
			}
			low[k], high[k] = min(low[k], y), max(high[k], y)
		}
		for _, i := range keep {
			k := column(i)
			if c.y[i] == low[k] {
				delete(low, k)
			}
			if c.y[i] == high[k] {
				delete(high, k)
			}
		}
		if len(low)+len(high) > 0 {
			t.Fatalf("extrema of %d columns are lost", len(low)+len(high))
		}
	})
}
