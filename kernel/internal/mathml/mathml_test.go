package mathml

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// inner returns what stands between <semantics> and <annotation>.
func inner(t *testing.T, tex string, display bool) string {
	t.Helper()
	s, err := Render(tex, display)
	if err != nil {
		t.Fatalf("%s: %v", tex, err)
	}
	_, s, _ = strings.Cut(s, "<semantics>")
	s, _, _ = strings.Cut(s, "<annotation")
	return s
}

func TestElements(t *testing.T) {
	const bar = `<mo stretchy="false" lspace="0" rspace="0">`
	for tex, want := range map[string]string{
		`x`:                     `<mi>x</mi>`,
		`12.5`:                  `<mn>12.5</mn>`,
		`x^2`:                   `<msup><mi>x</mi><mn>2</mn></msup>`,
		`x^10`:                  `<mrow><msup><mi>x</mi><mn>1</mn></msup><mn>0</mn></mrow>`,
		`x_i^{n}`:               `<msubsup><mi>x</mi><mi>i</mi><mi>n</mi></msubsup>`,
		`x^n_i`:                 `<msubsup><mi>x</mi><mi>i</mi><mi>n</mi></msubsup>`,
		`V'`:                    `<msup><mi>V</mi><mo>′</mo></msup>`,
		`f''`:                   `<msup><mi>f</mi><mrow><mo>′</mo><mo>′</mo></mrow></msup>`,
		`f'^2`:                  `<msup><mi>f</mi><mrow><mo>′</mo><mn>2</mn></mrow></msup>`,
		`{}^3`:                  `<msup><mrow></mrow><mn>3</mn></msup>`,
		`-a`:                    `<mrow><mo>−</mo><mi>a</mi></mrow>`,
		`a < b`:                 `<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>`,
		`\phi\Omega`:            `<mrow><mi>ϕ</mi><mi mathvariant="normal">Ω</mi></mrow>`,
		`\partial_t`:            `<msub><mi mathvariant="normal">∂</mi><mi>t</mi></msub>`,
		`\frac12`:               `<mfrac><mn>1</mn><mn>2</mn></mfrac>`,
		`\frac{a+b}{c}`:         `<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>`,
		`\sqrt{ab}`:             `<msqrt><mi>a</mi><mi>b</mi></msqrt>`,
		`\sqrt[3]{a}`:           `<mroot><mi>a</mi><mn>3</mn></mroot>`,
		`\dot\phi`:              `<mover accent="true"><mi>ϕ</mi><mo stretchy="false">˙</mo></mover>`,
		`\mathbf{x}`:            `<mi mathvariant="normal">𝐱</mi>`,
		`\boldsymbol\beta`:      `<mi mathvariant="normal">𝜷</mi>`,
		`\mathcal{L}`:           `<mi mathvariant="normal">ℒ</mi>`,
		`\mathcal{D}`:           `<mi mathvariant="normal">𝒟</mi>`,
		`\mathbb{R}`:            `<mi mathvariant="normal">ℝ</mi>`,
		`\mathrm{d}x`:           `<mrow><mi mathvariant="normal">d</mi><mi>x</mi></mrow>`,
		`\text{if } x`:          "<mrow><mtext>if\u00a0</mtext><mi>x</mi></mrow>",
		`|x|`:                   `<mrow>` + bar + `|</mo><mi>x</mi>` + bar + `|</mo></mrow>`,
		`\sin^2\theta`:          `<mrow><msup><mi>sin</mi><mn>2</mn></msup><mo>&#x2061;</mo><mspace width="0.167em"/><mi>θ</mi></mrow>`,
		`\exp(x)`:               `<mrow><mi>exp</mi><mo>&#x2061;</mo>` + bar + `(</mo><mi>x</mi>` + bar + `)</mo></mrow>`,
		`\sum_i x`:              `<mrow><msub><mo>∑</mo><mi>i</mi></msub><mi>x</mi></mrow>`,
		`\not=`:                 "<mo>=\u0338</mo>",
		`\left(\frac ab\right.`: `<mrow><mo fence="true" stretchy="true">(</mo><mfrac><mi>a</mi><mi>b</mi></mfrac></mrow>`,
	} {
		if got := inner(t, tex, false); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", tex, got, want)
		}
	}
}

func TestDisplayPutsLimitsBelow(t *testing.T) {
	if got, want := inner(t, `\sum_{i}^n`, true), `<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := inner(t, `\int_a^b`, true), `<msubsup><mo>∫</mo><mi>a</mi><mi>b</mi></msubsup>`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := inner(t, `\lim_{x\to0}f`, true), `<mrow><munder><mi>lim</mi><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder>`; !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	if s, _ := Render("x", true); !strings.HasPrefix(s, `<math display="block">`) {
		t.Error(s)
	}
}

func TestTables(t *testing.T) {
	const open, end = `<mo fence="true" stretchy="true">(</mo>`, `<mo fence="true" stretchy="true">)</mo>`
	if got, want := inner(t, `\begin{pmatrix} 0 & -K \\ 1 & 0 \end{pmatrix}`, true),
		`<mrow>`+open+`<mtable class="matrix"><mtr><mtd><mn>0</mn></mtd><mtd><mo>−</mo><mi>K</mi></mtd></mtr>`+
			`<mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr></mtable>`+end+`</mrow>`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	// A last line break opens no empty row; a distance after one is no cell.
	got := inner(t, `\begin{align*} a &= b \\[2pt] c &= d \\ \end{align*}`, true)
	if strings.Count(got, "<mtr>") != 2 || strings.Contains(got, "pt") || !strings.Contains(got, `class="aligned"`) {
		t.Error(got)
	}
	if got := inner(t, `\begin{array}{cc} a & b \end{array}`, true); strings.Contains(got, "<mi>c</mi>") {
		t.Error(got)
	}
}

// Every formula of the theory notes' kind gives XML that a parser accepts.
var physics = []string{
	`\mathcal{L} = \sum_i \left[ \tfrac12 \dot\phi_i^2 - \frac{1}{2a^2}(\phi_{i+1}-\phi_i)^2 \right]`,
	`\frac{4}{\epsilon^2}\sin^2\frac{\omega\epsilon}{2} = m^2 + \sum_{\mu}\frac{4}{a^2}\sin^2\frac{k_\mu a}{2}`,
	`(i\gamma^\mu\partial_\mu - m)\psi = 0,\qquad \bar\psi\gamma^0`,
	`f(x) = \begin{cases} x^2 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}`,
	`\oint_{\partial\Omega} \vec{E}\cdot d\vec{\ell} = -\frac{d}{dt}\iint \mathbf{B}\cdot d\mathbf{S}`,
	`\hat{H}\left|\psi\right\rangle = E\left|\psi\right\rangle, \left\langle a \middle| b \right\rangle`,
	`\underbrace{a+b}_{n} \overbrace{c}^{m} \overline{z} \binom{n}{k} \operatorname{tr} A^\dagger`,
	`\bigl( x \bigr) \Big\{ y \Big\} \lVert z \rVert \overset{!}{=} \stackrel{\text{def}}{=} \underset{x}{\arg\min}`,
	`\{x \in \mathbb{R}^n \mid x_i \ge 0\} \not\in \emptyset \; 5\,\% \; \$3 \quad \dots`,
	`F_{\mu\nu} = \partial_\mu A_\nu - \partial_\nu A_\mu + g f^{abc} A^b_\mu A^c_\nu`,
	`\boxed{\omega^2 = m^2 + k^2}\tag{1}\label{eq:x}`,
}

func TestWellFormed(t *testing.T) {
	for _, tex := range physics {
		for _, display := range []bool{false, true} {
			s, err := Render(tex, display)
			if err != nil {
				t.Errorf("%s: %v", tex, err)
			} else if err := wellFormed(s); err != nil {
				t.Errorf("%s: %v in %s", tex, err, s)
			}
		}
	}
}

func wellFormed(s string) error {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestErrors(t *testing.T) {
	for tex, want := range map[string]string{
		`\frobnicate x`:                       `unknown command \frobnicate`,
		`{x`:                                  "not closed",
		`x}`:                                  "} stands alone",
		`x^`:                                  "argument is missing",
		`x_1_2`:                               "two scripts",
		`\frac{1}`:                            "argument is missing",
		`\left( x`:                            "not closed",
		`\left x \right)`:                     "is no delimiter",
		`\begin{foo}x\end{foo}`:               "unknown environment",
		`\begin{matrix}x\end{pmatrix}`:        "is closed by",
		`\begin{matrix}x`:                     "not closed",
		`\text x`:                             "{ is missing",
		`a & b`:                               "& stands alone",
		strings.Repeat("{", 500):              "groups in each other",
		strings.Repeat(`\sqrt`, 500):          "groups in each other",
		strings.Repeat(`\frac`, 500):          "groups in each other",
		strings.Repeat(`\left(`, 500):         "groups in each other",
		strings.Repeat(`x^{`, 500):            "groups in each other",
		strings.Repeat(`\begin{matrix}`, 500): "groups in each other",
	} {
		if _, err := Render(tex, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s: error %v, want %q", tex, err, want)
		}
	}
}

func TestHTMLIsEscaped(t *testing.T) {
	for _, tex := range []string{`a<script>b`, `\text{<script>}`, `\operatorname{<script>}`, `\textbf{<script>}`, `\mathrm{<script>}`} {
		s, err := Render(tex, false)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(s, "<script") {
			t.Error(s)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, tex := range physics {
		f.Add(tex)
	}
	f.Fuzz(func(t *testing.T, tex string) {
		if !utf8.ValidString(tex) || strings.ContainsFunc(tex, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0xFFFE && r <= 0xFFFF }) {
			return // no text that XML could hold
		}
		s, err := Render(tex, true)
		if err != nil {
			return
		}
		if err := wellFormed(s); err != nil {
			t.Fatalf("%q: %v in %s", tex, err, s)
		}
	})
}
