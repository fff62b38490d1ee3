package plotting_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/nnfield/nnfield/plotting"
)

func ExampleLines() {
	x, y := make([]float64, 100), make([]float64, 100)
	for i := range x {
		x[i] = float64(i) / 10
		y[i] = math.Sin(x[i])
	}
	f := plotting.Lines(plotting.Labels{Title: "standing wave", X: "k x", Y: "φ", Caption: "m = 0"},
		plotting.Series{X: x, Y: y})
	plotting.Show(f) // a picture in a notebook, words in a terminal
	// Output:
	// standing wave
	// m = 0
}

func ExampleImage() {
	f := plotting.Image(plotting.Labels{Title: "a field", X: "x", Y: "y"}, plotting.Field{
		Symbol: "φ", X: []float64{0, 1}, Y: []float64{0, 1}, Values: []float64{1, math.NaN(), -1, 0}, Space: true,
	})
	fmt.Println(f)
	// Output:
	// a field
	// 1 value is NaN (grey).
}

func ExampleFigure_Save() {
	dir, err := os.MkdirTemp("", "figure")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	f := plotting.Convergence(plotting.Labels{X: "ε", Y: "error"},
		plotting.Refinement{Name: "leapfrog", H: []float64{0.1, 0.05}, Error: []float64{4e-4, 1e-4}, Order: 2})
	const column = 86 / 25.4 // inches
	fmt.Println(f.Size(column, 0).Save(filepath.Join(dir, "convergence.svg")))
	fmt.Println(f.Save("convergence.bmp"))
	// Output:
	// <nil>
	// Save("convergence.bmp"): no format has the ending ".bmp"; use .svg, .pdf, .png or .html
}

func ExampleFigure_Err() {
	fmt.Println(plotting.Lines(plotting.Labels{}).Err())
	// Output: Lines: no series; give at least one
}

func ExampleGrid() {
	x := []float64{0, 1, 2}
	curve := func(title string, y ...float64) plotting.Figure {
		return plotting.Lines(plotting.Labels{Title: title, X: "t", Y: "φ"}, plotting.Series{X: x, Y: y})
	}
	f := plotting.Grid(2, curve("free", 0, 1, 0), curve("damped", 0, 0.5, 0)).ShareAxes()
	fmt.Println(f.Columns(2).Theme(plotting.Print))
	// Output: (a) free, (b) damped
}

func ExampleHistogram() {
	normal := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
	f := plotting.Histogram(plotting.Labels{X: "q", Y: "density"}, []float64{-1, -0.2, 0, 0.1, 0.9}, "normal", normal)
	fmt.Println(f)
	// Output:
	// figure
	// 5 samples in 6 bins.
}
