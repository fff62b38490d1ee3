package page

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"mime"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/nnfield/nnfield/internal/regular"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

// images finds the images that a text refers to.
type images struct {
	dir  string         // directory of relative paths
	cell *notebook.Cell // holds attachments; may be nil
}

// maxImage bounds a file that is put into a page.
const maxImage = 20 << 20

// data returns the data URI of an image of the notebook: pasted into the cell or
// a file in its directory or below. Others are not found.
func (im images) data(destination string) (string, bool) {
	if uri := strings.HasPrefix(destination, "data:"); uri {
		return destination, true
	}
	name, err := url.PathUnescape(destination)
	if err != nil {
		return "", false
	}
	if name, attached := strings.CutPrefix(name, "attachment:"); attached {
		if im.cell == nil {
			return "", false
		}
		kind, data, ok := im.cell.Attachment(name)
		return dataURI(kind, data), ok
	}
	kind := mime.TypeByExtension(filepath.Ext(name))
	if !strings.HasPrefix(kind, "image/") || !filepath.IsLocal(name) {
		return "", false
	}
	data, err := regular.ReadFileIn(cmp.Or(im.dir, "."), name, maxImage)
	return dataURI(kind, data), err == nil
}

func dataURI(kind string, data []byte) string {
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)
}

// markdown renders a text with formulas; title is the text of its first
// heading of the first level.
func markdown(source string, im images) (body template.HTML, title string, err error) {
	src := []byte(source)
	doc := converter.Parser().Parse(text.NewReader(src))
	err = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 1 && title == "" {
				title = plain(n, src)
			}
		case *ast.Image:
			if uri, ok := im.data(string(n.Destination)); ok {
				n.Destination = []byte(uri)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", "", err
	}
	var b bytes.Buffer
	if err := converter.Renderer().Render(&b, src, doc); err != nil {
		return "", "", err
	}
	return template.HTML(b.String()), title, nil
}

// plain returns the text below a node without its mark-up.
func plain(n ast.Node, src []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(src))
			if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *inlineMath:
			b.WriteString(c.tex)
		default:
			b.WriteString(plain(c, src))
		}
	}
	return b.String()
}

// harmless is what is kept of HTML in a text: what formats it. Scripts, handlers of
// events, forms, frames and whatever leads away from the page go. (What cells show is
// theirs; a text is read before anything is run.)
var harmless = func() *bluemonday.Policy {
	p := bluemonday.UGCPolicy()
	p.AllowDataURIImages()
	p.AllowElements("details", "summary", "figure", "figcaption", "mark", "kbd", "u", "small", "center")
	p.AllowAttrs("open").OnElements("details")
	p.AllowAttrs("align", "width", "height", "class", "title").Globally()
	p.AllowStyles("color", "background-color", "text-align", "font-size", "font-style", "font-weight", "width", "max-width", "margin", "padding", "border").Globally()
	return p
}()

// cleanHTML renders the HTML that stands in a text.
type cleanHTML struct{}

// RegisterFuncs registers the forms that it has: a block, a tag in a line, and an address
// between < and >, which goldmark takes with any scheme.
func (cleanHTML) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHTMLBlock, func(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			n := node.(*ast.HTMLBlock)
			block := n.Lines().Value(src)
			if n.HasClosure() {
				block = append(block, n.ClosureLine.Value(src)...)
			}
			_, _ = w.Write(harmless.SanitizeBytes(block))
		}
		return ast.WalkContinue, nil
	})
	r.Register(ast.KindRawHTML, func(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.Write(harmless.SanitizeBytes(node.(*ast.RawHTML).Segments.Value(src)))
		}
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindAutoLink, func(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		n := node.(*ast.AutoLink)
		address, label := string(n.URL(src)), util.EscapeHTML(n.Label(src))
		if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(address), "mailto:") {
			address = "mailto:" + address
		}
		if html.IsDangerousURL([]byte(address)) {
			_, _ = w.Write(label)
			return ast.WalkContinue, nil
		}
		_, _ = fmt.Fprintf(w, `<a href="%s">%s</a>`, util.EscapeHTML(util.URLEscape([]byte(address), false)), label)
		return ast.WalkContinue, nil
	})
}

// converter renders CommonMark with GitHub's tables and with formulas. HTML in
// the text is its author's own; what is [harmless] of it is kept.
var converter = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Footnote),
	goldmark.WithParserOptions(
		parser.WithAutoHeadingID(),
		parser.WithBlockParsers(util.Prioritized(blockMathParser{}, 90)),
		parser.WithInlineParsers(util.Prioritized(inlineMathParser{}, 90)),
	),
	goldmark.WithRendererOptions(
		renderer.WithNodeRenderers(util.Prioritized(mathRenderer{}, 90), util.Prioritized(cleanHTML{}, 80)),
	),
)
