package theory

import (
	"fmt"
	"strings"
)

// Card describes a model: what a paper would print in its model section.
type Card struct {
	Title    string
	Equation Formula // the field equation
	Network  Formula // the step of the network
	Rows     []Row
	Sources  []string
}

// Formula is a formula as plain text and as LaTeX. An empty LaTeX form means
// that the text is prose.
type Formula struct{ Text, LaTeX string }

// Row is one line of a card.
type Row struct {
	Name  string
	Value Formula
}

// String returns the card as text.
func (c Card) String() string {
	var b strings.Builder
	line := func(name, text string) {
		fmt.Fprintf(&b, "  %-11s %s\n", name, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 14)))
	}
	fmt.Fprintln(&b, c.Title)
	line("equation", c.Equation.Text)
	line("network", c.Network.Text)
	for _, r := range c.Rows {
		line(r.Name, r.Value.Text)
	}
	if len(c.Sources) > 0 {
		line("sources", strings.Join(c.Sources, "; "))
	}
	return b.String()
}

// Markdown returns the card as Markdown with LaTeX formulas.
func (c Card) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n$$%s$$\n\n$$%s$$\n\n", c.Title, c.Equation.LaTeX, c.Network.LaTeX)
	b.WriteString("| | |\n|:--|:--|\n")
	for _, r := range c.Rows {
		value := strings.NewReplacer("|", "\\|", "\n", "<br>").Replace(r.Value.Text)
		if r.Value.LaTeX != "" {
			value = "$" + r.Value.LaTeX + "$"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", r.Name, value)
	}
	if len(c.Sources) > 0 {
		fmt.Fprintf(&b, "\n*%s*\n", strings.Join(c.Sources, "; "))
	}
	return b.String()
}

// Text returns the card of what a builder builds as text, or its error.
func Text(b Builder) string { return shown(b, Card.String) }

// Markdown returns the card of what a builder builds with its formulas in LaTeX, or
// its error.
func Markdown(b Builder) string { return shown(b, Card.Markdown) }

func shown(b Builder, form func(Card) string) string {
	m, err := b.Build()
	if err != nil {
		return err.Error()
	}
	return form(m.Card())
}
