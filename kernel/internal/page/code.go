package page

import (
	"fmt"
	"go/scanner"
	"go/token"
	"html"
	"html/template"
	"strconv"
	"strings"
)

// builtin names are marked in code as a reader of Go expects.
var builtin = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`any bool byte comparable complex64 complex128 error float32 float64 int int8 int16
		int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy
		delete imag len make max min new panic print println real recover`) {
		builtin[name] = true
	}
}

// highlight returns the code of a cell with its parts marked.
func highlight(source string) template.HTML {
	source = strings.ReplaceAll(source, "\r\n", "\n") // the scanner drops \r, and offsets would not fit
	// GoNB's own lines (%magic, !shell) are not Go: the scanner sees spaces in their place.
	masked := []byte(source)
	magic := make([]bool, len(source)) // by byte
	offset := 0
	for line := range strings.Lines(source) {
		if t := strings.TrimLeft(line, " \t"); strings.HasPrefix(t, "%") || strings.HasPrefix(t, "!") {
			for i := range len(strings.TrimRight(line, "\n")) {
				masked[offset+i], magic[offset+i] = ' ', true
			}
		}
		offset += len(line)
	}
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(masked))
	s.Init(file, masked, func(token.Position, string) {}, scanner.ScanComments)
	var b strings.Builder
	at := 0
	write := func(to int) { // what lies between tokens: spaces and magic lines
		for at < to {
			end := at
			for end < to && magic[end] == magic[at] {
				end++
			}
			if magic[at] {
				mark(&b, "m", source[at:end])
			} else {
				b.WriteString(html.EscapeString(source[at:end]))
			}
			at = end
		}
	}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			break
		}
		class := ""
		switch {
		case tok == token.COMMENT:
			class = "c"
		case tok == token.STRING || tok == token.CHAR:
			class = "s"
		case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
			class = "n"
		case tok.IsKeyword():
			class = "k"
		case tok == token.IDENT && builtin[literal]:
			class = "b"
		}
		start := file.Offset(pos)
		if class == "" || start < at {
			continue
		}
		write(start)
		end := min(start+len(literal), len(source))
		mark(&b, class, source[at:end])
		at = end
	}
	write(len(source))
	return template.HTML(b.String())
}

func mark(b *strings.Builder, class, text string) {
	fmt.Fprintf(b, `<span class="%s">%s</span>`, class, html.EscapeString(text))
}

// ansi returns a printed text as HTML: escaped, with the colours of terminal
// sequences. Other sequences are dropped.
func ansi(text string) string {
	if !strings.Contains(text, "\x1b") {
		return html.EscapeString(text)
	}
	var b strings.Builder
	foreground := ""
	styles := map[int]bool{}
	for i, part := range strings.Split(text, "\x1b[") {
		if i > 0 {
			end := strings.IndexFunc(part, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				continue
			}
			if part[end] == 'm' {
				foreground = sgr(part[:end], foreground, styles)
			}
			part = part[end+1:]
		}
		classes := foreground
		for _, n := range []int{1, 2, 3, 4, 7} {
			if styles[n] {
				classes += " a" + strconv.Itoa(n)
			}
		}
		if classes = strings.TrimSpace(classes); classes != "" && part != "" {
			mark(&b, classes, part)
		} else {
			b.WriteString(html.EscapeString(part))
		}
	}
	return b.String()
}

// sgr applies the numbers of a sequence that selects how text is drawn and
// returns the class of the foreground colour.
func sgr(numbers, foreground string, styles map[int]bool) string {
	fields := strings.Split(numbers, ";")
	for i := 0; i < len(fields); i++ {
		n, _ := strconv.Atoi(fields[i]) // an empty number is 0
		switch {
		case n == 0:
			foreground = ""
			clear(styles)
		case n <= 9:
			styles[n] = true
		case n == 22:
			delete(styles, 1)
			delete(styles, 2)
		case n >= 23 && n <= 27:
			delete(styles, n-20)
		case n >= 30 && n <= 37:
			foreground = "f" + strconv.Itoa(n-30)
		case n == 39:
			foreground = ""
		case n >= 90 && n <= 97:
			foreground = "f" + strconv.Itoa(n-82)
		case n == 38 || n == 48: // a colour by number or by components: its parameters follow
			if i+1 < len(fields) && fields[i+1] == "5" {
				i += 2
			} else {
				i += 4
			}
		}
	}
	return foreground
}
