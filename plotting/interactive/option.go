package interactive

import (
	"math"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/nnfield/nnfield/plotting/internal/frames"
)

// box is the place of a coordinate system in a chart, in CSS pixels.
type box struct{ left, top, width, height int }

func (b box) grid() opts.Grid {
	px := strconv.Itoa
	return opts.Grid{Left: px(b.left), Top: px(b.top), Width: px(b.width), Height: px(b.height)}
}

// plane is a coordinate system: a box with an axis along x and one along y.
type plane struct {
	box
	x, y side
}

// side is an axis.
type side struct {
	name     string
	min, max float64
	mute     bool // no numbers: another axis has them
	hidden   bool
	inverse  bool
	right    bool // a y axis on the right
	few      bool // room for three numbers
	gap      int  // between axis and name; 0 for the usual
}

// along returns an axis that shows a span with a margin, a fraction of its
// width, on either side.
func along(name string, s frames.Span, margin float64) side {
	width := s.High - s.Low
	if !(width > 1e-9*max(math.Abs(s.Low), math.Abs(s.High))) {
		width, margin = 1, 0.5
	}
	return side{name: name, min: s.Low - margin*width, max: s.High + margin*width}
}

func (s side) label() *opts.AxisLabel {
	// The ends of an axis are where the cells end, not numbers to read.
	return &opts.AxisLabel{Show: opts.Bool(!s.mute), ShowMinLabel: opts.Bool(false), ShowMaxLabel: opts.Bool(false)}
}

func (s side) split() int {
	if s.few {
		return 3
	}
	return 5
}

func (s side) xAxis(grid int) opts.XAxis {
	a := opts.XAxis{
		Type: "value", GridIndex: grid, Name: s.name, NameGap: 26, Min: s.min, Max: s.max, Scale: opts.Bool(true),
		Show: opts.Bool(!s.hidden), SplitNumber: s.split(), AxisLabel: s.label(), Inverse: opts.Bool(s.inverse),
	}
	if s.gap > 0 {
		a.NameGap = s.gap
	}
	return a
}

func (s side) yAxis(grid int) opts.YAxis {
	a := opts.YAxis{
		Type: "value", GridIndex: grid, Name: s.name, NameGap: 44, Min: s.min, Max: s.max, Scale: opts.Bool(true),
		Show: opts.Bool(!s.hidden), SplitNumber: s.split(), AxisLabel: s.label(), Inverse: opts.Bool(s.inverse),
	}
	if s.gap > 0 {
		a.NameGap = s.gap
	}
	if s.right {
		a.Position = "right"
	}
	return a
}

// option returns the option of ECharts for planes and series; series i is drawn
// in plane series[i].XAxisIndex = series[i].YAxisIndex.
func option(title string, planes []plane, zooms []any, series ...charts.SingleSeries) map[string]any {
	c := charts.NewCustom()
	c.SetGlobalOptions(
		charts.WithAnimation(false),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithTitleOpts(opts.Title{Title: title, Left: "center", Top: "6", TitleStyle: &opts.TextStyle{FontSize: 13, Color: "#1a1a1a"}}),
	)
	c.XAxisList, c.YAxisList = nil, nil
	for i, p := range planes {
		c.GridList = append(c.GridList, p.grid())
		c.XAxisList = append(c.XAxisList, p.x.xAxis(i))
		c.YAxisList = append(c.YAxisList, p.y.yAxis(i))
	}
	c.MultiSeries = series
	o := c.JSON()
	o["dataZoom"] = zooms
	return o
}

// zoom lets the wheel (with Ctrl, so that a page can be scrolled) and drags
// (with Shift) move the axes of one direction in several planes together. Its
// option is written here: opts.DataZoom cannot say which keys.
func zoom(direction string, planes ...int) any {
	return map[string]any{
		"type": "inside", direction + "AxisIndex": planes, "filterMode": "none", "throttle": 30,
		"zoomOnMouseWheel": "ctrl", "moveOnMouseMove": "shift", "moveOnMouseWheel": false,
	}
}

// line returns a series of straight lines in a plane, to be filled by the script.
func line(plane int, colour string, data ...any) charts.SingleSeries {
	return charts.SingleSeries{
		Type: "line", XAxisIndex: plane, YAxisIndex: plane, ShowSymbol: opts.Bool(false), Animation: opts.Bool(false),
		LineStyle: &opts.LineStyle{Color: colour, Width: 1.5}, Data: list(data),
	}
}

// dots returns a series of points in a plane.
func dots(plane int, colour string, size float64, data ...any) charts.SingleSeries {
	return charts.SingleSeries{
		Type: "scatter", XAxisIndex: plane, YAxisIndex: plane, SymbolSize: size, Animation: opts.Bool(false),
		ItemStyle: &opts.ItemStyle{Color: colour}, Data: list(data),
	}
}

// pixels returns a series that the script draws: an image that fills a plane.
func pixels(plane int) charts.SingleSeries {
	return charts.SingleSeries{Type: "custom", XAxisIndex: plane, YAxisIndex: plane, Animation: opts.Bool(false), Data: []any{[]int{0, 0}}}
}

// list makes no data an empty array, which ECharts tells from none.
func list(data []any) []any {
	if data == nil {
		return []any{}
	}
	return data
}

// Colours of curves: those of static figures.
const (
	blue   = "#0072b2"
	orange = "#d55e00"
	faint  = "#b0b0b0"
	ink    = "#1a1a1a"
)
