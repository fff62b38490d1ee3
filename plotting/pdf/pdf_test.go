package pdf_test

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nnfield/nnfield/plotting"
	_ "github.com/nnfield/nnfield/plotting/pdf"
)

func figure() plotting.Figure {
	var values []float64
	for j := range 30 {
		for i := range 40 {
			values = append(values, math.Sin(float64(i)/5)*math.Cos(float64(j)/9)+float64(j)/60)
		}
	}
	axis := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i)
		}
		return x
	}
	image := plotting.Image(plotting.Labels{Title: "∇φ at t = 2", X: "x", Y: "y", Caption: "m = 1, ⟨φ⟩ = 0"},
		plotting.Field{Symbol: "φ", X: axis(40), Y: axis(30), Values: values})
	points := plotting.Lines(plotting.Labels{X: "x", Y: "φ"},
		plotting.Series{Name: "points", X: axis(40), Y: values[:40], Points: true}, plotting.Series{Name: "line", X: axis(40), Y: values[40:80]})
	return plotting.Grid(2, image, points)
}

func TestPDF(t *testing.T) {
	first, err := figure().PDF()
	if err != nil {
		t.Fatal(err)
	}
	again, err := figure().PDF()
	if err != nil || !bytes.Equal(first, again) {
		t.Error("the same figure gives other bytes")
	}
	path := filepath.Join(t.TempDir(), "f.pdf")
	if err := figure().Columns(1).Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(data, []byte("%PDF-")) || !bytes.Contains(data, []byte("/MediaBox [0 0 243.78")) {
		t.Errorf("no page of 86 mm: %v", err)
	}
	if bytes.Contains(data, []byte("/FontFile")) {
		t.Error("a font is embedded")
	}
}

// A viewer that shares no code with us shows the page as we paint the pixels.
func TestPDFLooksLikePNG(t *testing.T) {
	viewer, err := exec.LookPath("pdftoppm")
	if err != nil {
		t.Skip("no independent PDF viewer here: pdftoppm is not installed")
	}
	dir := t.TempDir()
	if err := figure().Save(filepath.Join(dir, "f.pdf")); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(viewer, "-r", "96", "-png", "-singlefile", filepath.Join(dir, "f.pdf"), filepath.Join(dir, "f")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "f.png"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	data, err = figure().PNG(96)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	// Means over boxes: antialiasing differs.
	const box = 12
	size := ours.Bounds().Size()
	if d := theirs.Bounds().Size().Sub(size); max(d.X, -d.X) > 1 || max(d.Y, -d.Y) > 1 {
		t.Fatalf("%v in PDF, %v in PNG", theirs.Bounds(), ours.Bounds())
	}
	for y := 0; y+box < size.Y; y += box {
		for x := 0; x+box < size.X; x += box {
			sum := 0.0
			for j := range box {
				for i := range box {
					_, a, _, _ := theirs.At(x+i, y+j).RGBA()
					_, b, _, _ := ours.At(x+i, y+j).RGBA()
					sum += float64(a>>8) - float64(b>>8)
				}
			}
			if math.Abs(sum) > 40*box*box {
				t.Fatalf("PDF and PNG differ by %.0f of 255 about (%d, %d)", sum/box/box, x, y)
			}
		}
	}
}

func Example() {
	f := plotting.Lines(plotting.Labels{X: "x", Y: "φ"}, plotting.Series{X: []float64{0, 1}, Y: []float64{0, 1}})
	data, err := f.Columns(1).PDF()
	fmt.Println(string(data[:5]), err)
	// Output: %PDF- <nil>
}
