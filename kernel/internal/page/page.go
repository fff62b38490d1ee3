// Package page makes a web page of a notebook: one file that shows everything
// without network, without script of our own and without another file.
package page

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"strings"

	"github.com/nnfield/nnfield/internal/echarts"
	"github.com/nnfield/nnfield/kernel/internal/mathml"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

//go:embed page.css
var style string

//go:embed page.html
var layout string

var pageTemplate = template.Must(template.New("page").Parse(layout))

// Options say where the notebook comes from.
type Options struct {
	Name string // its file name, the title if no heading gives one
	Dir  string // its directory: images are found from here
}

// view is a cell or an output as the template shows it.
type view struct {
	Class   string
	Count   int
	Source  template.HTML
	Body    template.HTML
	Outputs []view
}

// Render returns the page. Printed text is escaped; HTML in texts is cleaned of all that
// runs or leads away; HTML that cells show is theirs and stands in the page as it is, but
// the page may load nothing from elsewhere and send nothing there (its content security
// policy).
func Render(nb *notebook.Notebook, o Options) ([]byte, error) {
	data := struct {
		Title string
		Style template.CSS
		Cells []view
	}{Title: o.Name, Style: template.CSS(style)}
	titled := false
	for _, c := range nb.Cells {
		switch c.Kind() {
		case notebook.Markdown:
			body, title, err := markdown(c.Source(), images{o.Dir, c})
			if err != nil {
				return nil, err
			}
			if title != "" && !titled {
				data.Title, titled = title, true
			}
			data.Cells = append(data.Cells, view{Class: "markdown", Body: body})
		case notebook.Code:
			v := view{Class: "code", Count: c.Count(), Source: highlight(c.Source())}
			for _, out := range c.Outputs() {
				shown, err := output(out, images{o.Dir, nil})
				if err != nil {
					return nil, err
				}
				v.Outputs = append(v.Outputs, shown)
			}
			if strings.TrimSpace(c.Source()) != "" || len(v.Outputs) > 0 {
				data.Cells = append(data.Cells, v)
			}
		default:
			data.Cells = append(data.Cells, view{Class: "raw", Body: pre(html.EscapeString(c.Source()))})
		}
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return echarts.Inline(b.Bytes()), nil // the scripts of charts, once a page
}

// The forms of an output in the order of preference: Jupyter's.
var forms = []struct {
	mime string
	show func(content string, im images) (template.HTML, error)
}{
	{"text/html", func(s string, _ images) (template.HTML, error) { return template.HTML(s), nil }},
	{"text/markdown", func(s string, im images) (template.HTML, error) {
		body, _, err := markdown(s, im)
		return body, err
	}},
	{"image/svg+xml", func(s string, _ images) (template.HTML, error) {
		return image("image/svg+xml", base64.StdEncoding.EncodeToString([]byte(s))), nil
	}},
	{"text/latex", func(s string, _ images) (template.HTML, error) { return latex(s), nil }},
	{"image/png", func(s string, _ images) (template.HTML, error) { return image("image/png", s), nil }},
	{"image/jpeg", func(s string, _ images) (template.HTML, error) { return image("image/jpeg", s), nil }},
	{"image/gif", func(s string, _ images) (template.HTML, error) { return image("image/gif", s), nil }},
	{"text/plain", func(s string, _ images) (template.HTML, error) { return pre(ansi(s)), nil }},
}

func output(o notebook.Output, im images) (view, error) {
	switch o.Type() {
	case "stream":
		return view{Class: "stream " + streamClass(o.Stream()), Body: pre(ansi(o.Text()))}, nil
	case "error":
		return view{Class: "error", Body: pre(ansi(strings.Join(o.Traceback(), "\n")))}, nil
	}
	for _, f := range forms {
		if content := o.Data(f.mime); content != "" {
			body, err := f.show(content, im)
			return view{Class: "display", Body: body}, err
		}
	}
	return view{Class: "display", Body: pre("(an output that this page cannot show)")}, nil
}

func streamClass(name string) string {
	if name == "stderr" {
		return name
	}
	return "stdout"
}

// pre wraps text that is HTML already in a <pre>.
func pre(text string) template.HTML { return template.HTML("<pre>" + text + "</pre>") }

// image returns an <img> with its data inside. An SVG in an image runs no
// script and its names do not clash with those of other figures.
func image(mime, data string) template.HTML {
	data = strings.Join(strings.Fields(data), "")
	return template.HTML(fmt.Sprintf(`<img alt="" src="data:%s;base64,%s">`, mime, html.EscapeString(data)))
}

// latex shows a text/latex output: formulas between dollar signs, or one formula.
func latex(s string) template.HTML {
	s = strings.TrimSpace(s)
	for _, quotes := range [][2]string{{"$$", "$$"}, {"$", "$"}, {`\[`, `\]`}, {`\(`, `\)`}} {
		inner, opened := strings.CutPrefix(s, quotes[0])
		inner, closed := strings.CutSuffix(inner, quotes[1])
		if opened && closed {
			return formula(strings.TrimPrefix(strings.TrimSpace(inner), `\displaystyle`), true)
		}
	}
	return formula(s, true)
}

// formula returns a formula as MathML, or its source if it cannot be translated.
func formula(tex string, display bool) template.HTML {
	xml, err := mathml.Render(tex, display)
	switch {
	case err == nil && display:
		return template.HTML(`<span class="math">` + xml + "</span>")
	case err == nil:
		return template.HTML(xml)
	case display:
		return template.HTML(`<pre class="tex">` + html.EscapeString(strings.TrimSpace(tex)) + "</pre>")
	}
	return template.HTML(`<code class="tex">` + html.EscapeString(tex) + "</code>")
}
