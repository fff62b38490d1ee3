package expr

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// LaTeX returns the expression in LaTeX's math mode, as it was written but for
// fractions, powers of repeated factors and the letters that names stand for:
// phi is \phi, m0 is m_{0} and mass is \mathrm{mass}.
func (e *Expr) LaTeX() string { return e.root.latex() }

func (x *node) latex() string {
	switch x.kind {
	case number:
		return latexNumber(x.value)
	case name:
		return latexName(x.name)
	case negate:
		return "-" + x.a.latexWithin(x.a.precedence() < 2 || x.a.leadsWithMinus())
	case plus:
		return x.a.latex() + " + " + x.b.latexWithin(x.b.leadsWithMinus())
	case minus:
		return x.a.latex() + " - " + x.b.latexWithin(x.b.precedence() < 2 || x.b.leadsWithMinus())
	case times:
		return latexProduct(x.factors(nil))
	case over:
		sign, above := "", x.a.latex()
		if x.a.leadsWithMinus() {
			sign, above = "-", above[1:]
		}
		return sign + `\frac{` + above + "}{" + x.b.latex() + "}"
	}
	arg := x.a.latex()
	switch x.name {
	case "abs":
		return `\left|` + arg + `\right|`
	case "exp":
		return "e^{" + arg + "}"
	case "pow":
		return x.a.latexPower(x.b.latex())
	case "sqrt":
		return `\sqrt{` + arg + "}"
	}
	return latexFunction(x.name) + parentheses(arg)
}

func (x *node) latexWithin(inParentheses bool) string {
	if inParentheses {
		return parentheses(x.latex())
	}
	return x.latex()
}

func parentheses(s string) string { return `\left(` + s + `\right)` }

// latexFunction returns the operator of a function that is written before its
// argument, or "".
func latexFunction(name string) string {
	switch name {
	case "cos", "cosh", "sin", "sinh", "tan", "tanh":
		return `\` + name
	case "log":
		return `\ln`
	case "sech":
		return `\operatorname{sech}`
	}
	return ""
}

// factors appends the factors of x to list, left to right.
func (x *node) factors(list []*node) []*node {
	if x.kind != times {
		return append(list, x)
	}
	return x.b.factors(x.a.factors(list))
}

// latexProduct writes equal neighbours as a power.
func latexProduct(factors []*node) string {
	var s strings.Builder
	if first := factors[0]; first.kind == negate {
		s.WriteByte('-')
		factors[0] = first.a
	}
	for i := 0; i < len(factors); {
		f, n := factors[i], 1
		for i+n < len(factors) && factors[i+n] == f {
			n++
		}
		part := f.latexWithin(f.precedence() < 2 || i > 0 && f.leadsWithMinus())
		if n > 1 {
			part = f.latexPower(strconv.Itoa(n))
		}
		switch {
		case i > 0 && part[0] >= '0' && part[0] <= '9':
			s.WriteString(` \cdot `)
		case i > 0:
			s.WriteByte(' ')
		}
		s.WriteString(part)
		i += n
	}
	return s.String()
}

// latexPower writes x to the power of an exponent in LaTeX.
func (x *node) latexPower(exponent string) string {
	up := "^{" + exponent + "}"
	switch {
	case x.kind == name || x.kind == number && isDigits(latexNumber(x.value)):
		return x.latex() + up
	case x.kind == call && latexFunction(x.name) != "" && isDigits(exponent):
		return latexFunction(x.name) + up + parentheses(x.a.latex())
	}
	return parentheses(x.latex()) + up
}

func isDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// latexNumber writes a number with many digits as a fraction if it is a simple
// one, and powers of ten as such.
func latexNumber(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if len(s) > 8 {
		for q := 2.0; q < 100; q++ {
			if p := math.Round(v * q); p/q == v && math.Abs(p) < 1000 {
				sign := ""
				if p < 0 {
					sign = "-"
				}
				return sign + `\frac{` + strconv.Itoa(int(math.Abs(p))) + "}{" + strconv.Itoa(int(q)) + "}"
			}
		}
	}
	digits, power, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	ten, _ := strconv.Atoi(power)
	up := "10^{" + strconv.Itoa(ten) + "}"
	switch digits {
	case "1":
		return up
	case "-1":
		return "-" + up
	}
	return digits + ` \cdot ` + up
}

// nameParts are the word and the subscript of a name.
var nameParts = regexp.MustCompile(`^(\pL+)_*(.*)$`)

// latexName writes a name as the letters it stands for.
func latexName(s string) string {
	parts := nameParts.FindStringSubmatch(s)
	if parts == nil { // begins with an underscore
		return `\mathrm{` + strings.ReplaceAll(s, "_", `\_`) + "}"
	}
	word, sub := latexWord(parts[1]), parts[2]
	switch {
	case sub == "":
		return word
	case isDigits(sub):
		return word + "_{" + sub + "}"
	}
	return word + "_{" + latexName(sub) + "}"
}

func latexWord(w string) string {
	for _, letter := range greek {
		if w == letter.name || w == letter.sign {
			return `\` + letter.name
		}
	}
	if len([]rune(w)) == 1 {
		return w
	}
	return `\mathrm{` + w + "}"
}

// greek holds the letters that LaTeX has commands for.
var greek = []struct{ name, sign string }{
	{"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"}, {"zeta", "ζ"}, {"eta", "η"},
	{"theta", "θ"}, {"iota", "ι"}, {"kappa", "κ"}, {"lambda", "λ"}, {"mu", "μ"}, {"nu", "ν"}, {"xi", "ξ"},
	{"pi", "π"}, {"rho", "ρ"}, {"sigma", "σ"}, {"tau", "τ"}, {"upsilon", "υ"}, {"phi", "φ"}, {"chi", "χ"},
	{"psi", "ψ"}, {"omega", "ω"}, {"Gamma", "Γ"}, {"Delta", "Δ"}, {"Theta", "Θ"}, {"Lambda", "Λ"}, {"Xi", "Ξ"},
	{"Pi", "Π"}, {"Sigma", "Σ"}, {"Upsilon", "Υ"}, {"Phi", "Φ"}, {"Psi", "Ψ"}, {"Omega", "Ω"},
}
