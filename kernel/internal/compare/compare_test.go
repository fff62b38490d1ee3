package compare

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

func stream(text string) notebook.Output {
	return notebook.Output{"output_type": "stream", "name": "stdout", "text": text}
}

func bundle(mime string, content any) notebook.Output {
	return notebook.Output{"output_type": "display_data", "data": map[string]any{mime: content}}
}

// raster returns a PNG, one of whose pixels has a level.
func raster(t *testing.T, level uint8) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 4, 3))
	m.SetGray(1, 2, color.Gray{Y: level})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// figure returns the HTML of a figure: an SVG with a raster in it.
func figure(t *testing.T, x string, level uint8) string {
	t.Helper()
	svg := fmt.Sprintf(`<svg><path d="M%s 2"/><image href="data:image/png;base64,%s"/></svg>`, x, raster(t, level))
	return `<img src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString([]byte(svg)) + `">`
}

func TestOutputs(t *testing.T) {
	type pair struct{ before, after notebook.Output }
	same := map[string]pair{
		"text":      {stream("drift 1.5 of E"), stream("drift 1.5 of E")},
		"digits":    {stream("E = 1.2345678, n = 3"), stream("E = 1.2345679, n = 3")},
		"form":      {stream("1e-3"), stream("0.001")},
		"round-off": {stream("drift 3.1e-16"), stream("drift 2e-17")},
		"figure":    {bundle("text/html", figure(t, "10.000001", 100)), bundle("text/html", figure(t, "10.000002", 101))},
		"png":       {bundle("image/png", raster(t, 100)), bundle("image/png", raster(t, 101))},
		"json":      {bundle("application/json", map[string]any{"x": 1.00000001}), bundle("application/json", map[string]any{"x": 1.0})},
	}
	for name, p := range same {
		if err := Outputs([]notebook.Output{p.before}, []notebook.Output{p.after}, 6); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := map[string]struct {
		pair
		want string
	}{
		"word":      {pair{stream("drift 1"), stream("shift 1")}, `"shift 1", before "drift 1"`},
		"digits":    {pair{stream("E = 1.2345"), stream("E = 1.2346")}, "1.2346"},
		"sign":      {pair{stream("x = 1"), stream("x = -1")}, "-1"},
		"more":      {pair{stream("1 2"), stream("1 2 3")}, "3"},
		"less":      {pair{stream("1 2 end"), stream("1 2")}, "end"},
		"not small": {pair{stream("1e-11"), stream("2e-11")}, "2e-11"},
		"stream":    {pair{stream("x"), notebook.Output{"output_type": "stream", "name": "stderr", "text": "x"}}, "stderr"},
		"kind":      {pair{stream("x"), bundle("text/plain", "x")}, "display_data"},
		"mime":      {pair{bundle("text/html", "x"), bundle("text/plain", "x")}, "text/plain"},
		"line":      {pair{bundle("text/html", figure(t, "10", 100)), bundle("text/html", figure(t, "11", 100))}, "picture 1"},
		"pixel":     {pair{bundle("text/html", figure(t, "10", 100)), bundle("text/html", figure(t, "10", 103))}, "1 of 12 pixels differ"},
		"png":       {pair{bundle("image/png", raster(t, 100)), bundle("image/png", raster(t, 0))}, "1 of 12 pixels"},
		"no png":    {pair{bundle("image/png", raster(t, 100)), bundle("image/png", "aGVsbG8=")}, "not both can be read"},
		"no figure": {pair{bundle("text/html", figure(t, "10", 1)), bundle("text/html", "<b>")}, "0 pictures, 1 before"},
		"json":      {pair{bundle("application/json", map[string]any{"x": 1}), bundle("application/json", map[string]any{"y": 1})}, "y"},
	}
	for name, c := range other {
		err := Outputs([]notebook.Output{c.before}, []notebook.Output{c.after}, 6)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := Outputs(nil, []notebook.Output{stream("x")}, 6); err == nil || !strings.Contains(err.Error(), "1 outputs, 0 before") {
		t.Errorf("error %v", err)
	}
	if err := Outputs([]notebook.Output{stream("1.2345")}, []notebook.Output{stream("1.2346")}, 4); err != nil {
		t.Errorf("four digits: %v", err)
	}
}
