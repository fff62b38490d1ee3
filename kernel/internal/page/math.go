package page

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Formulas in Markdown, as Jupyter reads them: $…$ in a line, $$…$$ and
// \begin{…}…\end{…} on their own. They are taken out before anything in them can
// mean emphasis or a list.

var (
	kindInlineMath = ast.NewNodeKind("InlineMath")
	kindBlockMath  = ast.NewNodeKind("BlockMath")
)

type inlineMath struct {
	ast.BaseInline
	tex     string
	display bool
}

func (*inlineMath) Kind() ast.NodeKind { return kindInlineMath }

func (n *inlineMath) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type blockMath struct {
	ast.BaseBlock
	end    string // what closes it
	closed bool   // its end is on its first line
	after  string // text behind its end
}

func (*blockMath) Kind() ast.NodeKind { return kindBlockMath }

func (*blockMath) IsRaw() bool { return true }

func (n *blockMath) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// inlineMathParser reads $…$ and $$…$$ inside a paragraph.
type inlineMathParser struct{}

func (inlineMathParser) Trigger() []byte { return []byte{'$'} }

func (inlineMathParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	quote := "$"
	if bytes.HasPrefix(line, []byte("$$")) {
		quote = "$$"
	}
	start, startPosition := block.Position()
	block.Advance(len(quote))
	var tex strings.Builder
	for {
		line, _ := block.PeekLine()
		if line == nil { // never closed: the sign stands for itself
			block.SetPosition(start, startPosition)
			return nil
		}
		if i := closing(line, quote); i >= 0 {
			tex.Write(line[:i])
			block.Advance(i + len(quote))
			break
		}
		tex.Write(line)
		block.AdvanceLine()
	}
	s := tex.String()
	// $5 and $10 are prices: a formula has no space inside its signs and no digit behind them.
	next := block.Peek()
	if quote == "$" && (strings.TrimSpace(s) != s || s == "" || next >= '0' && next <= '9') {
		block.SetPosition(start, startPosition)
		return nil
	}
	return &inlineMath{tex: s, display: quote == "$$"}
}

// closing returns where an unescaped quote stands in a line, -1 if nowhere.
func closing(line []byte, quote string) int {
	for i := 0; i+len(quote) <= len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case string(line[i:i+len(quote)]) == quote:
			return i
		}
	}
	return -1
}

// blockMathParser reads $$…$$ and \begin{…}…\end{…} that begin a line.
type blockMathParser struct{}

func (blockMathParser) Trigger() []byte { return []byte{'$', '\\'} }

func (p blockMathParser) Open(_ ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	rest := bytes.TrimLeft(line, " ")
	indent := len(line) - len(rest)
	n := &blockMath{}
	switch {
	case indent > 3:
		return nil, parser.NoChildren
	case bytes.HasPrefix(rest, []byte("$$")):
		n.end = "$$"
		if i := closing(rest[2:], "$$"); i >= 0 {
			if len(bytes.TrimSpace(rest[2+i+2:])) > 0 { // $$a$$ and more text: a paragraph
				return nil, parser.NoChildren
			}
			start := segment.Start + indent + 2
			n.Lines().Append(text.NewSegment(start, start+i))
			n.closed = true
			reader.AdvanceToEOL()
			return n, parser.NoChildren
		}
		n.Lines().Append(text.NewSegment(segment.Start+indent+2, segment.Stop))
	case bytes.HasPrefix(rest, []byte(`\begin{`)):
		i := bytes.IndexByte(rest, '}')
		if i < 0 {
			return nil, parser.NoChildren
		}
		n.end = `\end` + string(rest[len(`\begin`):i+1])
		n.Lines().Append(text.NewSegment(segment.Start+indent, segment.Stop))
		n.closed = bytes.Contains(rest, []byte(n.end))
	default:
		return nil, parser.NoChildren
	}
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

func (p blockMathParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	n := node.(*blockMath)
	if n.closed { // goldmark asks once more before it closes a block
		return parser.Close
	}
	line, segment := reader.PeekLine()
	i := bytes.Index(line, []byte(n.end))
	if i < 0 {
		n.Lines().Append(segment)
		reader.AdvanceToEOL()
		return parser.Continue | parser.NoChildren
	}
	stop := segment.Start + i
	if n.end != "$$" { // an environment keeps its end
		stop += len(n.end)
	}
	n.Lines().Append(text.NewSegment(segment.Start, stop))
	n.after = string(line[i+len(n.end):])
	reader.AdvanceToEOL()
	return parser.Close
}

func (blockMathParser) Close(ast.Node, text.Reader, parser.Context) {}

func (blockMathParser) CanInterruptParagraph() bool { return true }

func (blockMathParser) CanAcceptIndentedLine() bool { return false }

// mathRenderer writes formulas as MathML.
type mathRenderer struct{}

func (mathRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindInlineMath, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			n := node.(*inlineMath)
			_, _ = w.WriteString(string(formula(n.tex, n.display)))
		}
		return ast.WalkContinue, nil
	})
	r.Register(kindBlockMath, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			n := node.(*blockMath)
			_, _ = w.WriteString("<p>" + string(formula(string(n.Lines().Value(source)), true)))
			_, _ = w.Write(util.EscapeHTML([]byte(n.after)))
			_, _ = w.WriteString("</p>\n")
		}
		return ast.WalkContinue, nil
	})
}
