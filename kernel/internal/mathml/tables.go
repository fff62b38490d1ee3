package mathml

import (
	"html"
	"strings"
)

// letters that stand for variables, by command.
var letters = map[string]rune{
	"alpha": 'α', "beta": 'β', "gamma": 'γ', "delta": 'δ', "epsilon": 'ϵ', "varepsilon": 'ε', "zeta": 'ζ', "eta": 'η',
	"theta": 'θ', "vartheta": 'ϑ', "iota": 'ι', "kappa": 'κ', "lambda": 'λ', "mu": 'μ', "nu": 'ν', "xi": 'ξ',
	"omicron": 'ο', "pi": 'π', "varpi": 'ϖ', "rho": 'ρ', "varrho": 'ϱ', "sigma": 'σ', "varsigma": 'ς', "tau": 'τ',
	"upsilon": 'υ', "phi": 'ϕ', "varphi": 'φ', "chi": 'χ', "psi": 'ψ', "omega": 'ω',
	"Gamma": 'Γ', "Delta": 'Δ', "Theta": 'Θ', "Lambda": 'Λ', "Xi": 'Ξ', "Pi": 'Π', "Sigma": 'Σ', "Upsilon": 'Υ',
	"Phi": 'Φ', "Psi": 'Ψ', "Omega": 'Ω', "imath": 'ı', "jmath": 'ȷ',
}

// identifiers that are written upright.
var identifiers = map[string]string{
	"partial": "∂", "nabla": "∇", "infty": "∞", "hbar": "ℏ", "ell": "ℓ", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "emptyset": "∅",
	"varnothing": "∅", "Box": "□", "square": "□", "triangle": "△", "top": "⊤", "bot": "⊥", "degree": "°", "dots": "…", "ldots": "…",
	"cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "checkmark": "✓",
	"%": "%", "#": "#", "_": "_", "$": "$", "&": "&amp;",
}

// symbols that are operators, relations and punctuation.
var symbols = map[string]string{
	"cdot": "⋅", "times": "×", "div": "÷", "pm": "±", "mp": "∓", "ast": "∗", "star": "⋆", "circ": "∘", "bullet": "∙",
	"otimes": "⊗", "oplus": "⊕", "ominus": "⊖", "odot": "⊙", "wedge": "∧", "land": "∧", "vee": "∨", "lor": "∨", "neg": "¬", "lnot": "¬",
	"dagger": "†", "ddagger": "‡", "setminus": "∖", "cup": "∪", "cap": "∩", "prime": "′",
	"le": "≤", "leq": "≤", "leqslant": "⩽", "ge": "≥", "geq": "≥", "geqslant": "⩾", "lt": "&lt;", "gt": "&gt;", "ll": "≪", "gg": "≫",
	"lesssim": "≲", "gtrsim": "≳", "ne": "≠", "neq": "≠", "equiv": "≡", "approx": "≈", "sim": "∼", "simeq": "≃", "cong": "≅",
	"propto": "∝", "doteq": "≐", "coloneqq": "≔", "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "subseteq": "⊆", "supset": "⊃",
	"supseteq": "⊇", "perp": "⊥", "parallel": "∥", "mid": "∣", "vdash": "⊢", "models": "⊨", "forall": "∀", "exists": "∃",
	"to": "→", "rightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "longrightarrow": "⟶", "longleftarrow": "⟵",
	"updownarrow": "↕", "mapsto": "↦", "longmapsto": "⟼", "hookrightarrow": "↪",
	"Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "Longrightarrow": "⟹", "implies": "⟹", "impliedby": "⟸", "iff": "⟺",
	"nearrow": "↗", "searrow": "↘", "rightleftharpoons": "⇌", "therefore": "∴", "because": "∵", "colon": ":",
}

// delimiters, alone or after \left, \right and \big.
var delimiters = map[string]string{
	"{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "langle": "⟨", "rangle": "⟩",
	"|": "‖", "Vert": "‖", "lVert": "‖", "rVert": "‖", "vert": "|", "lvert": "|", "rvert": "|",
	"lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "uparrow": "↑", "downarrow": "↓", "backslash": "∖",
}

var bigOperators = map[string]string{
	"sum": "∑", "prod": "∏", "coprod": "∐", "int": "∫", "iint": "∬", "iiint": "∭", "oint": "∮",
	"bigotimes": "⨂", "bigoplus": "⨁", "bigcup": "⋃", "bigcap": "⋂", "bigwedge": "⋀", "bigvee": "⋁",
}

// functions by name; true if their lower script stands below them.
var functions = map[string]bool{
	"sin": false, "cos": false, "tan": false, "cot": false, "sec": false, "csc": false, "arcsin": false, "arccos": false, "arctan": false,
	"sinh": false, "cosh": false, "tanh": false, "coth": false, "exp": false, "log": false, "ln": false, "lg": false, "arg": false,
	"deg": false, "dim": false, "ker": false, "hom": false, "det": true, "gcd": true, "lim": true, "limsup": true, "liminf": true,
	"max": true, "min": true, "sup": true, "inf": true, "Pr": true,
}

// spaces in em; "" for commands that ask for what happens anyway.
var spaces = map[string]string{
	",": "0.167em", ":": "0.222em", ">": "0.222em", ";": "0.278em", "!": "-0.167em", " ": "0.333em", "enspace": "0.5em",
	"quad": "1em", "qquad": "2em", "thinspace": "0.167em",
	"displaystyle": "", "textstyle": "", "scriptstyle": "", "nonumber": "", "notag": "", "mathstrut": "", "strut": "", "/": "",
}

// sizes of delimiters that are asked for by name.
var sizes = map[string]string{
	"big": "1.2em", "bigl": "1.2em", "bigr": "1.2em", "bigm": "1.2em", "Big": "1.8em", "Bigl": "1.8em", "Bigr": "1.8em", "Bigm": "1.8em",
	"bigg": "2.4em", "biggl": "2.4em", "biggr": "2.4em", "Bigg": "3em", "Biggl": "3em", "Biggr": "3em",
}

type accent struct {
	char                  string
	stretch, below, brace bool
}

var accents = map[string]accent{
	"dot": {char: "˙"}, "ddot": {char: "¨"}, "dddot": {char: "⃛"}, "hat": {char: "^"}, "check": {char: "ˇ"}, "tilde": {char: "~"},
	"bar": {char: "¯"}, "vec": {char: "→"}, "acute": {char: "´"}, "grave": {char: "`"}, "breve": {char: "˘"}, "mathring": {char: "˚"},
	"widehat": {char: "^", stretch: true}, "widetilde": {char: "~", stretch: true}, "overline": {char: "¯", stretch: true},
	"overrightarrow": {char: "→", stretch: true}, "overleftarrow": {char: "←", stretch: true}, "overbrace": {char: "⏞", stretch: true, brace: true},
	"underline": {char: "_", stretch: true, below: true}, "underbrace": {char: "⏟", stretch: true, below: true, brace: true},
}

type environment struct {
	left, right, class, attributes string
	columns                        bool
}

// environments by name without star. Classes align the columns by the page's
// style sheet, attributes where there is none.
var environments = map[string]environment{
	"matrix": {class: "matrix"}, "smallmatrix": {class: "matrix"}, "array": {class: "matrix", columns: true},
	"pmatrix": {left: "(", right: ")", class: "matrix"}, "bmatrix": {left: "[", right: "]", class: "matrix"},
	"Bmatrix": {left: "{", right: "}", class: "matrix"}, "vmatrix": {left: "|", right: "|", class: "matrix"},
	"Vmatrix": {left: "‖", right: "‖", class: "matrix"},
	"cases":   {left: "{", class: "cases", attributes: ` columnalign="left"`},
	"aligned": aligned, "align": aligned, "split": aligned, "eqnarray": aligned, "alignat": {class: "aligned", columns: true},
	"equation": {class: "gathered"}, "gather": {class: "gathered"}, "gathered": {class: "gathered"}, "multline": {class: "gathered"},
}

var aligned = environment{class: "aligned", attributes: ` displaystyle="true" columnalign="right left" columnspacing="0"`}

// alphabet is a style of letters. Browsers know styled letters only as
// characters of their own (Unicode's mathematical alphanumeric symbols).
type alphabet struct {
	capitals, smalls, digits rune          // where A, a and 0 stand; 0 if the style has none
	greekCapitals, greek     rune          // where Α and α stand
	elsewhere                map[rune]rune // letters that Unicode keeps in another place
}

var (
	upright = &alphabet{}
	bold    = &alphabet{capitals: 0x1D400, smalls: 0x1D41A, digits: 0x1D7CE, greekCapitals: 0x1D6A8, greek: 0x1D6C2,
		elsewhere: map[rune]rune{'ϕ': 0x1D6DF, 'ϵ': 0x1D6DC, 'ϑ': 0x1D6DD, 'ϱ': 0x1D6E0, 'ϖ': 0x1D6E1, '∇': 0x1D6C1, '∂': 0x1D6DB}}
	boldItalic = &alphabet{capitals: 0x1D468, smalls: 0x1D482, digits: 0x1D7CE, greekCapitals: 0x1D71C, greek: 0x1D736,
		elsewhere: map[rune]rune{'ϕ': 0x1D753, 'ϵ': 0x1D750, 'ϑ': 0x1D751, 'ϱ': 0x1D754, 'ϖ': 0x1D755, '∇': 0x1D6C1, '∂': 0x1D6DB}}
	script = &alphabet{capitals: 0x1D49C, smalls: 0x1D4B6,
		elsewhere: map[rune]rune{'B': 'ℬ', 'E': 'ℰ', 'F': 'ℱ', 'H': 'ℋ', 'I': 'ℐ', 'L': 'ℒ', 'M': 'ℳ', 'R': 'ℛ', 'e': 'ℯ', 'g': 'ℊ', 'o': 'ℴ'}}
	doubleStruck = &alphabet{capitals: 0x1D538, smalls: 0x1D552, digits: 0x1D7D8,
		elsewhere: map[rune]rune{'C': 'ℂ', 'H': 'ℍ', 'N': 'ℕ', 'P': 'ℙ', 'Q': 'ℚ', 'R': 'ℝ', 'Z': 'ℤ'}}
	fraktur = &alphabet{capitals: 0x1D504, smalls: 0x1D51E,
		elsewhere: map[rune]rune{'C': 'ℭ', 'H': 'ℌ', 'I': 'ℑ', 'R': 'ℜ', 'Z': 'ℨ'}}
	sans  = &alphabet{capitals: 0x1D5A0, smalls: 0x1D5BA, digits: 0x1D7E2}
	mono  = &alphabet{capitals: 0x1D670, smalls: 0x1D68A, digits: 0x1D7F6}
	plain = (*alphabet)(nil)
)

var alphabets = map[string]*alphabet{
	"mathrm": upright, "mathup": upright, "mathbf": bold, "boldsymbol": boldItalic, "bm": boldItalic, "mathcal": script, "mathscr": script,
	"mathbb": doubleStruck, "mathfrak": fraktur, "mathsf": sans, "mathtt": mono, "mathit": plain, "mathnormal": plain,
}

// char returns a character in the style, itself if the style has none for it.
func (a *alphabet) char(r rune) rune {
	if s, ok := a.elsewhere[r]; ok {
		return s
	}
	for _, block := range []struct{ first, last, at rune }{
		{'A', 'Z', a.capitals}, {'a', 'z', a.smalls}, {'0', '9', a.digits}, {'Α', 'Ω', a.greekCapitals}, {'α', 'ω', a.greek},
	} {
		if r >= block.first && r <= block.last && block.at != 0 {
			return block.at + r - block.first
		}
	}
	return r
}

func (a *alphabet) text(s string) string { return strings.Map(a.char, s) }

// element returns an identifier in the style. A browser would slant a single
// plain letter.
func (a *alphabet) element(r rune) string {
	return `<mi mathvariant="normal">` + html.EscapeString(string(a.char(r))) + "</mi>"
}
