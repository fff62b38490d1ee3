package interactive

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/plotting/internal/frames"
)

func run(t testing.TB, s nnfield.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ring() nnfield.KleinGordonModel {
	return nnfield.KleinGordon().Ring(64, 16).Mass(1).Packet(nnfield.At(4), nnfield.Width(1), nnfield.WaveNumber(2))
}

func torus() nnfield.KleinGordonModel {
	return nnfield.KleinGordon().Lattice(nnfield.Ring(16, 8), nnfield.Ring(12, 6)).Mass(1).Packet(nnfield.At(2, 3), nnfield.Width(1), nnfield.WaveNumber(1, 0))
}

// decode reads a packed field as the script does, from what its documentation
// says.
func decode(t *testing.T, p packed) []float64 {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(p.Codes)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(raw)/2)
	code := 0
	for i := range out {
		code = (code + int(raw[i])*256 + int(raw[len(out)+i])) % 65536
		switch {
		case code == 65535:
			out[i] = math.NaN()
		case code == 65534:
			out[i] = math.Inf(1)
		case code == 65533:
			out[i] = math.Inf(-1)
		case p.Table != nil:
			out[i] = p.Table[code]
		default:
			out[i] = p.Low + float64(code)*p.Step
		}
	}
	return out
}

func TestPackedFields(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		nx, ny, n := rapid.IntRange(1, 9).Draw(rt, "nx"), rapid.IntRange(1, 9).Draw(rt, "ny"), rapid.IntRange(1, 4).Draw(rt, "frames")
		g := grid{x: make([]float64, nx+1), y: make([]float64, ny+1)}
		value := rapid.OneOf(rapid.Float64Range(-1e300, 1e300), rapid.Float64Range(-1, 1), rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1)}))
		var all []float64
		for range n {
			f := rapid.SliceOfN(value, nx*ny, nx*ny).Draw(rt, "values")
			g.frames, all = append(g.frames, f), append(all, f...)
		}
		p := encode(g)
		if p.Table == nil && slices.ContainsFunc(all, func(v float64) bool { return v-v == 0 }) {
			rt.Fatal("few different values have no table")
		}
		for i, v := range decode(t, p) {
			if v != all[i] && !(math.IsNaN(v) && math.IsNaN(all[i])) {
				rt.Fatalf("sample %d is %v, packed as %v", i, all[i], v)
			}
		}
	})
}

func TestManyValuesAreRounded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	f := make([]float64, 100*100)
	for i := range f {
		f[i] = 1000 + rnd.NormFloat64()
	}
	f[17], f[4000] = math.NaN(), math.Inf(-1)
	p := encode(grid{x: make([]float64, 101), y: make([]float64, 101), frames: [][]float64{f}})
	if p.Table != nil {
		t.Fatal("ten thousand values have a table")
	}
	s := frames.Of(f)
	for i, v := range decode(t, p) {
		switch {
		case i == 17 && !math.IsNaN(v), i == 4000 && !math.IsInf(v, -1):
			t.Errorf("sample %d is %v, packed as %v", i, f[i], v)
		case i != 17 && i != 4000 && math.Abs(v-f[i]) > 0.501*(s.High-s.Low)/65532:
			t.Errorf("sample %d is %v, packed as %v", i, f[i], v)
		}
	}
}

// Noise cannot be compressed: it must be reduced until it fits, first and last
// frame and the extrema left.
func TestLargeFieldsAreReduced(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	g := grid{}
	for i := range 101 {
		g.x, g.y = append(g.x, float64(i)), append(g.y, float64(i))
	}
	for range 80 {
		f := make([]float64, 100*100)
		for i := range f {
			f[i] = rnd.NormFloat64()
		}
		g.frames = append(g.frames, f)
	}
	g.frames[79][5050] = 100
	p, kept, reduced := fitted(g, 1024)
	if !reduced || len(p.Codes) > mostField {
		t.Errorf("reduced %v, to %d bytes", reduced, len(p.Codes))
	}
	if len(kept) < 32 || kept[0] != 0 || kept[len(kept)-1] != 79 {
		t.Errorf("kept frames %v", kept)
	}
	all := decode(t, p)
	nx, ny := len(p.X)-1, len(p.Y)-1
	if nx >= 100 || len(all) != nx*ny*len(kept) {
		t.Fatalf("%d samples in %d frames of %d×%d", len(all), len(kept), nx, ny)
	}
	if got := slices.Max(all[len(all)-nx*ny:]); math.Abs(got-100) > 0.01 {
		t.Errorf("the spike of the last frame became %v", got)
	}
	if p.X[0] != 0 || p.X[nx] != 100 {
		t.Errorf("the field ends at %v and %v", p.X[0], p.X[nx])
	}
}

func gallery(t *testing.T) map[string]Chart {
	flat, square := run(t, ring().Until(2).Frames(nnfield.Every(2))), run(t, torus().Until(2).Frames(nnfield.Every(2)))
	return map[string]Chart{
		"Spacetime": Spacetime(flat), "Frames 1": Frames(flat), "Frames 2": Frames(square), "Surface 1": Surface(flat),
		"Surface 2": Surface(square), "Weights": Weights(ring()), "Dispersion": Dispersion(flat),
	}
}

// A bundle is the picture of the static twin and a script that replaces it; the
// charting scripts are not in it, and nothing in it points to the network.
func TestBundleIsAPictureFirst(t *testing.T) {
	for name, c := range gallery(t) {
		if c.Err() != nil {
			t.Errorf("%s: %v", name, c.Err())
			continue
		}
		b, err := c.Bundle()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		twin, err := c.Figure().Bundle()
		if err != nil {
			t.Fatal(err)
		}
		page, picture := b.Data["text/html"].(string), twin.Data["text/html"].(string)
		before, _, ok := strings.Cut(page, picture)
		if !ok || !strings.HasPrefix(before, `<div data-nnfield="`) || strings.Contains(before, "<script") {
			t.Errorf("%s: the picture does not come first: %.200q", name, page)
		}
		if strings.Count(page, "</script>") != 1 || !strings.HasSuffix(page, ");</script>") {
			t.Errorf("%s: not one script at the end", name)
		}
		if strings.Contains(page, "http:") || strings.Contains(page, "https:") {
			t.Errorf("%s: points to the network", name)
		}
		if len(page) > 400_000 {
			t.Errorf("%s: %d bytes for a small run", name, len(page))
		}
		if b.Data["text/plain"] != c.Figure().String() {
			t.Errorf("%s: the words are %q", name, b.Data["text/plain"])
		}
	}
}

func TestPageHoldsItsScripts(t *testing.T) {
	for name, c := range gallery(t) {
		page, err := c.HTML()
		if err != nil {
			t.Fatal(err)
		}
		want := 1
		if strings.HasPrefix(name, "Surface") {
			want = 2
		}
		if got := bytes.Count(page, []byte(`<script type="text/plain" id="nnfield-echarts`)); got != want {
			t.Errorf("%s: %d charting scripts, want %d", name, got, want)
		}
		if !bytes.Contains(page, []byte(`<meta charset="utf-8">`)) {
			t.Errorf("%s: no charset, which ECharts-GL needs", name)
		}
	}
}

func TestSave(t *testing.T) {
	c := Weights(ring())
	dir := t.TempDir()
	for name, begins := range map[string]string{"a.html": "<!DOCTYPE html>", "a.svg": "<svg", "a.png": "\x89PNG"} {
		if err := c.Save(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Contains(data[:min(len(data), 100)], []byte(begins)) {
			t.Errorf("%s begins %.30q, error %v", name, data, err)
		}
	}
}

func TestErrors(t *testing.T) {
	square := run(t, torus().Until(1).Frames(nnfield.Every(4)))
	cube := run(t, nnfield.KleinGordon().Lattice(nnfield.Ring(4, 4), nnfield.Ring(4, 4), nnfield.Ring(4, 4)).Mass(1).Until(1).Frames(nnfield.Every(1)))
	for want, c := range map[string]Chart{
		"Spacetime: the run is nil":               Spacetime(nil),
		"Spacetime: the lattice has 2 dimensions": Spacetime(square),
		"Frames: the run is nil":                  Frames(nil),
		"Frames: the lattice has 3 dimensions":    Frames(cube),
		"Weights: the model is nil":               Weights(nil),
		"Dispersion: the run is nil":              Dispersion(nil),
		"KleinGordon: Mass(-1)":                   Weights(ring().Mass(-1)),
		"Surface: the lattice has 3 dimensions":   Surface(cube),
	} {
		if c.Err() == nil || !strings.HasPrefix(c.Err().Error(), want) {
			t.Errorf("error %v, want %q …", c.Err(), want)
			continue
		}
		_, bundled := c.Bundle()
		_, paged := c.HTML()
		if bundled == nil || paged == nil || c.Save(filepath.Join(t.TempDir(), "a.html")) == nil || c.String() != c.Err().Error() {
			t.Errorf("%s: the error is lost on the way", want)
		}
	}
}

// The spec of a chart of weights is that of the tensor: all of it, exactly.
func TestWeightsAreExact(t *testing.T) {
	c := Weights(ring())
	i := slices.Index(c.spec.Frames, "K of the dual loss")
	if i < 0 {
		t.Fatalf("parts %v", c.spec.Frames)
	}
	all := decode(t, *c.spec.Field)
	k := all[i*64*64 : (i+1)*64*64]
	for row := range 64 {
		for column := range 64 {
			want := 0.0
			switch (row - column + 64) % 64 {
			case 0:
				want = 2/0.0625 + 1
			case 1, 63:
				want = -1 / 0.0625
			}
			if got := k[row*64+column]; got != want {
				t.Fatalf("K[%d][%d] = %v, want %v", row, column, got, want)
			}
		}
	}
	if c.spec.Numbered[5] != "5 (φ, site 5)" {
		t.Errorf("neuron 5 is called %q", c.spec.Numbered[5])
	}
}

// Large runs and tensors stay below what a notebook takes, and are quick.
func TestLargeCharts(t *testing.T) {
	r := run(t, nnfield.KleinGordon().Ring(1024, 128).Mass(1).Thermal(nnfield.Temperature(1)).Until(100).Frames(nnfield.Every(1)))
	for name, c := range map[string]Chart{
		"Spacetime": Spacetime(r), "Frames": Frames(r), "Surface": Surface(r), "Weights": Weights(nnfield.KleinGordon().Ring(2000, 200).Mass(1)),
	} {
		b, err := c.Bundle()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := len(b.Data["text/html"].(string)); n > 1_500_000 {
			t.Errorf("%s of %d frames: %d bytes, at most 1,500,000 are allowed", name, r.Len(), n)
		}
		var said bool
		for _, word := range []string{"extrema are kept", "farthest from 0"} {
			said = said || strings.Contains(c.spec.Caption, word)
		}
		if !said {
			t.Errorf("%s: was reduced and does not say so: %q", name, c.spec.Caption)
		}
	}
}

// What a browser cannot read as JSON must not reach it.
func TestAwkwardFields(t *testing.T) {
	for name, phi := range map[string]float64{"zero": 0, "tiny": 1e-300, "huge": 1e140} {
		values := make([]float64, 8)
		values[3] = phi
		r := run(t, nnfield.KleinGordon().Ring(8, 8).Mass(1).Values(values, make([]float64, 8)).Until(1).Frames(nnfield.Every(1)))
		for _, c := range []Chart{Spacetime(r), Frames(r), Surface(r)} {
			if c.Err() != nil {
				t.Errorf("%s: %v", name, c.Err())
				continue
			}
			if _, err := c.Bundle(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, l := range c.spec.Field.Limits {
				if !(l[0] < l[1]) {
					t.Errorf("%s: colours from %v to %v", name, l[0], l[1])
				}
			}
			if _, err := json.Marshal(c.spec); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func BenchmarkSpacetime(b *testing.B) {
	r := run(b, nnfield.KleinGordon().Ring(1024, 128).Mass(1).Thermal(nnfield.Temperature(1)).Until(100).Frames(nnfield.Every(1)))
	for b.Loop() {
		if _, err := Spacetime(r).Bundle(); err != nil {
			b.Fatal(err)
		}
	}
}
