package interactive

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nnfield/nnfield/internal/atomicfile"
	"github.com/nnfield/nnfield/internal/echarts"
	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/colormap"
	"github.com/nnfield/nnfield/plotting/internal/document"
)

// Chart is an interactive chart: an immutable value that holds its static twin
// and what a browser needs to replace it. A chart of unusable data keeps the
// error and gives it back from [Chart.Err] and whatever would show it.
type Chart struct {
	twin plotting.Figure
	spec spec
	err  error
}

// spec is what the script in the output reads; see chart.js.
type spec struct {
	Kind    string         `json:"kind"` // how the script treats it
	GL      bool           `json:"gl,omitempty"`
	Width   int            `json:"width"`
	Height  int            `json:"height"` // of the canvas
	Title   string         `json:"title"`
	Caption string         `json:"caption"`
	Symbol  string         `json:"symbol,omitempty"`
	Names   []string       `json:"names,omitempty"` // of the axes
	Option  map[string]any `json:"option"`          // of ECharts
	Palette string         `json:"palette"`         // base64 of 255 colours and that of NaN
	Field   *packed        `json:"field,omitempty"`

	// Of several frames: what each is called, the one to begin with, and whether
	// they are a list to choose from instead of a sequence to play.
	Frames []string `json:"frames,omitempty"`
	Start  int      `json:"start,omitempty"`
	List   bool     `json:"list,omitempty"`

	Numbered []string `json:"numbered,omitempty"` // names of the cells along both axes

	Powers []int `json:"powers,omitempty"` // the y axes whose numbers are powers of ten

	// Of a dispersion relation.
	Points []point `json:"points,omitempty"`
	Length float64 `json:"length,omitempty"` // of the lattice along x
	Sites  int     `json:"sites,omitempty"`
}

// point is a measured mode.
type point struct {
	K        float64 `json:"k"`
	Measured float64 `json:"measured"`
	Expected float64 `json:"expected"`
	Error    float64 `json:"error"` // |measured − expected|
}

// width in CSS pixels is that of a static figure.
const width = 624

// described starts the chart that replaces a figure, with its words.
func described(kind string, twin plotting.Figure, m colormap.Map) Chart {
	title, caption, _ := strings.Cut(twin.String(), "\n")
	return Chart{twin: twin, spec: spec{
		Kind: kind, Width: width, Title: title, Caption: strings.ReplaceAll(caption, "\n", " · "), Palette: palette(m),
	}}
}

// note adds a remark below the chart.
func (c *Chart) note(text string) {
	c.spec.Caption = strings.TrimPrefix(c.spec.Caption+" · "+text, " · ")
}

// palette returns 255 colours, so that a diverging map has one for zero, and
// the grey of NaN.
func palette(m colormap.Map) string {
	const levels = 255
	var rgb []byte
	for i := range levels {
		c := m.At(float64(i) / (levels - 1))
		rgb = append(rgb, c.R, c.G, c.B)
	}
	return base64.StdEncoding.EncodeToString(append(rgb, 150, 150, 150))
}

// Err returns what is wrong with the data of the chart, or nil.
func (c Chart) Err() error { return c.err }

// Figure returns the static twin.
func (c Chart) Figure() plotting.Figure { return c.twin }

// String describes the chart in words: title, parameters and remarks.
func (c Chart) String() string {
	if c.err != nil {
		return c.err.Error()
	}
	return c.twin.String()
}

//go:embed chart.js
var script string

// Bundle returns the chart as a notebook shows it: the picture of its static
// twin, a script that replaces the picture, and words.
func (c Chart) Bundle() (display.Bundle, error) {
	if c.err != nil {
		return display.Bundle{}, c.err
	}
	b, err := c.twin.Bundle()
	if err != nil {
		return display.Bundle{}, err
	}
	picture, ok := b.Data["text/html"].(string)
	if !ok {
		return display.Bundle{}, fmt.Errorf("%s: its figure has no text/html form", c.spec.Title)
	}
	data, err := json.Marshal(c.spec) // escapes <, so that no text ends the script
	if err != nil {
		return display.Bundle{}, fmt.Errorf("%s: %w; an interactive chart needs finite numbers, use the figure", c.spec.Title, err)
	}
	needs := echarts.Core
	if c.spec.GL {
		needs = echarts.GL
	}
	key := fmt.Sprintf("%x", sha256.Sum256(data))[:16]
	b.Data["text/html"] = fmt.Sprintf(`<div data-nnfield="%s" %s style="max-width:100%%;overflow-x:auto">%s</div>
<script>(function (key, spec) {
%s})("%[1]s", %[5]s);</script>`, key, echarts.Needs(needs), picture, script, data)
	return b, nil
}

// HTML returns a page that shows the chart by itself: one file that needs no
// network and no other file.
func (c Chart) HTML() ([]byte, error) {
	b, err := c.Bundle()
	if err != nil {
		return nil, err
	}
	page, _ := b.Data["text/html"].(string)
	return echarts.Inline(document.Page(c.spec.Title, page)), nil
}

// Save writes the chart to a file by the ending of its name: the interactive
// page to .html, its static twin to .svg and .png. The file appears complete or
// not at all.
func (c Chart) Save(path string) error {
	if c.err != nil {
		return c.err
	}
	if strings.ToLower(filepath.Ext(path)) != ".html" {
		return c.twin.Save(path)
	}
	page, err := c.HTML()
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, page); err != nil {
		return fmt.Errorf("Save(%q): %w", path, err)
	}
	return nil
}
