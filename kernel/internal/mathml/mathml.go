// Package mathml translates the LaTeX of formulas into MathML, which browsers
// draw without script, fonts or network.
//
// It knows what physicists write in notebooks: fractions, roots, scripts, sums
// and integrals with limits, Greek, alphabets (bold, calligraphic, double-struck
// …), accents, text, delimiters that grow, matrices, cases and aligned
// equations. Commands that it does not know are errors, so that the caller can
// show the source instead of half a formula.
package mathml

import (
	"errors"
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth bounds the nesting of groups.
const maxDepth = 60

// Render returns the <math> element for a formula without its dollar signs;
// display puts it on a line of its own with large operators. The formula stays
// in the element as an annotation, for copying.
//
// It fails for commands it does not know and for groups that are not closed.
func Render(tex string, display bool) (string, error) {
	p := &parser{rest: tex, display: display}
	body, err := p.row(func(t string) bool { return t == "" })
	if err != nil {
		return "", err
	}
	block := ""
	if display {
		block = ` display="block"`
	}
	return fmt.Sprintf(`<math%s><semantics>%s<annotation encoding="application/x-tex">%s</annotation></semantics></math>`,
		block, body.row(), html.EscapeString(strings.TrimSpace(tex))), nil
}

// atom is a piece of a formula that scripts can be attached to.
type atom struct {
	xml    string
	limits bool // its scripts stand above and below it
	fn     bool // a function's name: a space follows that depends on what comes next
}

type atoms []atom

// row returns the atoms as one element.
func (a atoms) row() string {
	if len(a) == 1 {
		return a[0].xml
	}
	return "<mrow>" + a.bare() + "</mrow>"
}

// bare returns the atoms one after the other, with the spaces of functions'
// names, which browsers do not add.
func (a atoms) bare() string {
	const thin = `<mspace width="0.167em"/>`
	var b strings.Builder
	for i, x := range a {
		if x.fn && i > 0 && !a[i-1].fn && !strings.HasPrefix(a[i-1].xml, "<mo") {
			b.WriteString(thin)
		}
		b.WriteString(x.xml)
		if x.fn {
			b.WriteString("<mo>&#x2061;</mo>") // function application
			if i+1 < len(a) && !strings.HasPrefix(a[i+1].xml, "<mo") && !strings.HasPrefix(a[i+1].xml, "<mrow><mo") {
				b.WriteString(thin)
			}
		}
	}
	return b.String()
}

type parser struct {
	rest    string
	display bool
	depth   int
	style   *alphabet // of letters, nil for the usual italics
}

// next returns the next token and consumes it: a command with its backslash, a
// single character, or "" at the end. Spaces mean nothing in formulas.
func (p *parser) next() string {
	t := p.peek()
	p.rest = strings.TrimLeft(p.rest, " \t\n\r")[len(t):]
	return t
}

func (p *parser) peek() string {
	s := strings.TrimLeft(p.rest, " \t\n\r")
	if s == "" {
		return ""
	}
	if s[0] != '\\' {
		_, n := utf8.DecodeRuneInString(s)
		return s[:n]
	}
	n := 1
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	if n == 1 && len(s) > 1 {
		_, size := utf8.DecodeRuneInString(s[1:])
		n += size
	}
	return s[:n]
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// row parses up to a token that stop accepts, which is not consumed.
func (p *parser) row(stop func(string) bool) (atoms, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("more than %d groups in each other", maxDepth)
	}
	defer func() { p.depth-- }()
	var out atoms
	for {
		t := p.peek()
		switch {
		case stop(t):
			return out, nil
		case t == "":
			return nil, errors.New("a group is not closed")
		case t == "^" || t == "_" || t == "'":
			base := atom{xml: "<mrow></mrow>"}
			if len(out) > 0 {
				base, out = out[len(out)-1], out[:len(out)-1]
			}
			a, err := p.scripts(base)
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		case t == `\limits` || t == `\nolimits`:
			p.next()
			if len(out) > 0 {
				out[len(out)-1].limits = t == `\limits`
			}
		default:
			a, err := p.atom()
			if err != nil {
				return nil, err
			}
			if a.xml != "" {
				out = append(out, a)
			}
		}
	}
}

// scripts parses what is raised and lowered at an atom.
func (p *parser) scripts(base atom) (atom, error) {
	var sub, sup string
	for {
		switch p.peek() {
		case "_", "^":
			t := p.next()
			a, err := p.argument()
			if err != nil {
				return atom{}, err
			}
			at := &sub
			if t == "^" {
				at = &sup
			}
			if *at != "" && !strings.HasSuffix(*at, primes) {
				return atom{}, fmt.Errorf("two scripts %s at one place", t)
			}
			*at = joinScripts(*at, a.row())
		case "'":
			p.next()
			sup = joinScripts(sup, primes)
		default:
			names := [3]string{"msub", "msup", "msubsup"}
			if base.limits {
				names = [3]string{"munder", "mover", "munderover"}
			}
			switch {
			case sup == "":
				base.xml = fmt.Sprintf("<%s>%s%s</%[1]s>", names[0], base.xml, sub)
			case sub == "":
				base.xml = fmt.Sprintf("<%s>%s%s</%[1]s>", names[1], base.xml, sup)
			default:
				base.xml = fmt.Sprintf("<%s>%s%s%s</%[1]s>", names[2], base.xml, sub, sup)
			}
			base.limits = false
			return base, nil
		}
	}
}

const primes = "<mo>′</mo>"

func joinScripts(a, b string) string {
	if a == "" {
		return b
	}
	return "<mrow>" + a + b + "</mrow>"
}

// argument parses a group in braces or a single atom.
func (p *parser) argument() (atoms, error) {
	if p.peek() == "{" {
		return p.group()
	}
	if t := p.peek(); t == "" || t == "}" || t == "&" || t == "^" || t == "_" {
		return nil, errors.New("an argument is missing")
	}
	if t := p.peek(); t >= "0" && t <= "9" {
		p.next() // one digit: x^10 raises the 1 only
		return atoms{{xml: "<mn>" + t + "</mn>"}}, nil
	}
	a, err := p.atom()
	return atoms{a}, err
}

// group parses a group in braces.
func (p *parser) group() (atoms, error) {
	if t := p.next(); t != "{" {
		return nil, fmt.Errorf("{ is missing before %q", t)
	}
	a, err := p.row(func(t string) bool { return t == "}" })
	if err == nil {
		p.next()
	}
	return a, err
}

// raw returns the text of a group in braces as it stands.
func (p *parser) raw() (string, error) {
	if t := p.next(); t != "{" {
		return "", fmt.Errorf("{ is missing before %q", t)
	}
	depth := 1
	for i, r := range p.rest {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			text := p.rest[:i]
			p.rest = p.rest[i+1:]
			return text, nil
		}
	}
	return "", errors.New("a group is not closed")
}

// atom parses one atom without its scripts.
func (p *parser) atom() (atom, error) {
	if p.depth++; p.depth > maxDepth {
		return atom{}, fmt.Errorf("more than %d groups in each other", maxDepth)
	}
	defer func() { p.depth-- }()
	t := p.peek()
	switch {
	case t == "{":
		a, err := p.group()
		return atom{xml: "<mrow>" + a.bare() + "</mrow>"}, err
	case t == "}" || t == "&" || t == "#" || t == "%" || t == "$":
		return atom{}, fmt.Errorf("%s stands alone", t)
	case t[0] == '\\':
		return p.command(p.next())
	case t >= "0" && t <= "9":
		return p.number(), nil
	}
	p.next()
	r, _ := utf8.DecodeRuneInString(t)
	if unicode.IsLetter(r) {
		return p.letter(r), nil
	}
	switch t {
	case "-":
		t = "−"
	case "*":
		t = "∗"
	case "~":
		return atom{xml: `<mspace width="0.333em"/>`}, nil
	case "(", ")", "[", "]", "|":
		return atom{xml: fixed(t)}, nil
	}
	return atom{xml: "<mo>" + html.EscapeString(t) + "</mo>"}, nil
}

// fixed returns a delimiter that does not grow.
func fixed(s string) string { return `<mo stretchy="false" lspace="0" rspace="0">` + s + "</mo>" }

// number parses digits with at most one decimal point inside.
func (p *parser) number() atom {
	s := strings.TrimLeft(p.rest, " \t\n\r")
	n, point := 0, false
	for n < len(s) {
		if s[n] == '.' && !point && n+1 < len(s) && s[n+1] >= '0' && s[n+1] <= '9' {
			point = true
		} else if s[n] < '0' || s[n] > '9' {
			break
		}
		n++
	}
	p.rest = s[n:]
	text := s[:n]
	if p.style != nil {
		text = p.style.text(text)
	}
	return atom{xml: "<mn>" + text + "</mn>"}
}

// letter returns a letter in the style in force; capital Greek letters stand upright.
func (p *parser) letter(r rune) atom {
	if p.style != nil {
		return atom{xml: p.style.element(r)}
	}
	if r >= 'Α' && r <= 'Ω' {
		return atom{xml: upright.element(r)}
	}
	return atom{xml: "<mi>" + html.EscapeString(string(r)) + "</mi>"}
}

// command translates a command whose name was consumed.
func (p *parser) command(t string) (atom, error) {
	name := t[1:]
	if r, ok := letters[name]; ok {
		return p.letter(r), nil
	}
	if s, ok := delimiters[name]; ok {
		return atom{xml: fixed(s)}, nil
	}
	if s, ok := symbols[name]; ok {
		return atom{xml: "<mo>" + s + "</mo>"}, nil
	}
	if s, ok := identifiers[name]; ok {
		if r, n := utf8.DecodeRuneInString(s); n == len(s) && p.style != nil {
			return p.letter(r), nil
		}
		return atom{xml: `<mi mathvariant="normal">` + s + "</mi>"}, nil
	}
	if s, ok := spaces[name]; ok {
		if s == "" {
			return atom{}, nil
		}
		return atom{xml: `<mspace width="` + s + `"/>`}, nil
	}
	if s, ok := bigOperators[name]; ok {
		return atom{xml: "<mo>" + s + "</mo>", limits: p.display && !strings.HasSuffix(name, "int")}, nil
	}
	if limits, ok := functions[name]; ok {
		return atom{xml: "<mi>" + functionName(name) + "</mi>", limits: limits && p.display, fn: true}, nil
	}
	if s, ok := accents[name]; ok {
		a, err := p.argument()
		if s.below {
			return atom{xml: fmt.Sprintf(`<munder>%s<mo stretchy="%t">%s</mo></munder>`, a.row(), s.stretch, s.char), limits: s.brace}, err
		}
		return atom{xml: fmt.Sprintf(`<mover accent="%t">%s<mo stretchy="%t">%s</mo></mover>`, !s.brace, a.row(), s.stretch, s.char), limits: s.brace}, err
	}
	if style, ok := alphabets[name]; ok {
		old := p.style
		p.style = style
		a, err := p.argument()
		p.style = old
		return atom{xml: a.row()}, err
	}
	if _, ok := sizes[name]; ok {
		d, err := p.delimiter()
		return atom{xml: d.element(fmt.Sprintf(`stretchy="true" minsize="%s" maxsize="%[1]s"`, sizes[name]))}, err
	}
	switch name {
	case "frac", "dfrac", "tfrac", "cfrac", "binom":
		over, err := p.argument()
		if err != nil {
			return atom{}, err
		}
		under, err := p.argument()
		if name == "binom" {
			return atom{xml: `<mrow><mo>(</mo><mfrac linethickness="0">` + over.row() + under.row() + `</mfrac><mo>)</mo></mrow>`}, err
		}
		frac := "<mfrac>" + over.row() + under.row() + "</mfrac>"
		switch name {
		case "dfrac", "cfrac":
			frac = `<mstyle displaystyle="true">` + frac + "</mstyle>"
		case "tfrac":
			frac = `<mstyle displaystyle="false">` + frac + "</mstyle>"
		}
		return atom{xml: frac}, err
	case "sqrt":
		if p.peek() != "[" {
			a, err := p.argument()
			return atom{xml: "<msqrt>" + a.bare() + "</msqrt>"}, err
		}
		p.next()
		index, err := p.row(func(t string) bool { return t == "]" })
		if err != nil {
			return atom{}, err
		}
		p.next()
		a, err := p.argument()
		return atom{xml: "<mroot>" + a.row() + index.row() + "</mroot>"}, err
	case "text", "textrm", "mbox", "textbf", "textit", "operatorname":
		text, err := p.raw()
		text = strings.ReplaceAll(text, " ", "\u00a0") // browsers drop spaces at the ends
		switch name {
		case "operatorname":
			return atom{xml: `<mi mathvariant="normal">` + html.EscapeString(text) + "</mi>", fn: true}, err
		case "textbf":
			return atom{xml: `<mtext style="font-weight:bold">` + html.EscapeString(text) + "</mtext>"}, err
		case "textit":
			return atom{xml: `<mtext style="font-style:italic">` + html.EscapeString(text) + "</mtext>"}, err
		}
		return atom{xml: "<mtext>" + html.EscapeString(text) + "</mtext>"}, err
	case "overset", "stackrel", "underset":
		extra, err := p.argument()
		if err != nil {
			return atom{}, err
		}
		base, err := p.argument()
		element := "mover"
		if name == "underset" {
			element = "munder"
		}
		return atom{xml: fmt.Sprintf("<%s>%s%s</%[1]s>", element, base.row(), extra.row())}, err
	case "boxed":
		a, err := p.argument()
		return atom{xml: `<mrow style="border:1px solid;padding:0.3em">` + a.bare() + "</mrow>"}, err
	case "not":
		a, err := p.argument()
		i := strings.LastIndex(a.row(), "</m")
		if err != nil || i < 0 {
			return atom{}, errors.New(`nothing to strike out after \not`)
		}
		return atom{xml: a.row()[:i] + "\u0338" + a.row()[i:]}, nil
	case "label", "tag", "tag*":
		_, err := p.raw() // numbers of equations are not shown
		return atom{}, err
	case "left":
		return p.fence()
	case "begin":
		return p.environment()
	}
	return atom{}, fmt.Errorf("unknown command %s", t)
}

func functionName(name string) string {
	switch name {
	case "limsup":
		return "lim sup"
	case "liminf":
		return "lim inf"
	}
	return name
}

// delim is a delimiter; "" is the invisible one.
type delim string

func (d delim) element(attributes string) string {
	if d == "" {
		return ""
	}
	return "<mo " + attributes + ">" + html.EscapeString(string(d)) + "</mo>"
}

func (p *parser) delimiter() (delim, error) {
	t := p.next()
	switch t {
	case ".":
		return "", nil
	case "<":
		return "⟨", nil
	case ">":
		return "⟩", nil
	case "(", ")", "[", "]", "|", "/":
		return delim(t), nil
	}
	if strings.HasPrefix(t, `\`) {
		if s, ok := delimiters[t[1:]]; ok {
			return delim(s), nil
		}
	}
	return "", fmt.Errorf("%q is no delimiter", t)
}

// fence parses \left … \right with any number of \middle.
func (p *parser) fence() (atom, error) {
	const grow = `fence="true" stretchy="true"`
	d, err := p.delimiter()
	if err != nil {
		return atom{}, err
	}
	xml := "<mrow>" + d.element(grow)
	for {
		body, err := p.row(func(t string) bool { return t == `\right` || t == `\middle` })
		if err != nil {
			return atom{}, err
		}
		last := p.next() == `\right`
		d, err := p.delimiter()
		if err != nil {
			return atom{}, err
		}
		xml += body.bare() + d.element(grow)
		if last {
			return atom{xml: xml + "</mrow>"}, nil
		}
	}
}

// environment parses \begin{name} … \end{name}.
func (p *parser) environment() (atom, error) {
	name, err := p.raw()
	if err != nil {
		return atom{}, err
	}
	e, ok := environments[strings.TrimSuffix(name, "*")]
	if !ok {
		return atom{}, fmt.Errorf(`unknown environment \begin{%s}`, name)
	}
	if e.columns { // array: the argument tells how columns are aligned
		if _, err := p.raw(); err != nil {
			return atom{}, err
		}
	}
	var rows strings.Builder
	rows.WriteString("<mtr>")
	for {
		cell, err := p.row(func(t string) bool { return t == "&" || t == `\\` || t == `\end` })
		if err != nil {
			return atom{}, err
		}
		fmt.Fprintf(&rows, "<mtd>%s</mtd>", cell.bare())
		switch p.next() {
		case `\\`:
			p.skipGap()
			if p.peek() != `\end` {
				rows.WriteString("</mtr><mtr>")
				continue
			}
			p.next()
		case "&":
			continue
		}
		break
	}
	end, err := p.raw()
	if err != nil {
		return atom{}, err
	}
	if end != name {
		return atom{}, fmt.Errorf(`\begin{%s} is closed by \end{%s}`, name, end)
	}
	const grow = `fence="true" stretchy="true"`
	return atom{xml: fmt.Sprintf(`<mrow>%s<mtable class="%s"%s>%s</mtr></mtable>%s</mrow>`,
		delim(e.left).element(grow), e.class, e.attributes, rows.String(), delim(e.right).element(grow))}, nil
}

// skipGap skips the optional distance after the end of a row: \\[2pt].
func (p *parser) skipGap() {
	if strings.HasPrefix(p.rest, "[") {
		if i := strings.IndexByte(p.rest, ']'); i >= 0 {
			p.rest = p.rest[i+1:]
		}
	}
}
