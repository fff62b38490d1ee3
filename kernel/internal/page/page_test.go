package page

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

var update = flag.Bool("update", false, "write the golden page anew")

// body returns the page's <main>: the golden page guards the rest.
func body(t *testing.T, cells string, dir string) string {
	t.Helper()
	nb, err := notebook.Parse([]byte(`{"nbformat":4,"cells":[` + cells + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	page, err := Render(nb, Options{Name: "name.ipynb", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "<main>")
	text, _, _ = strings.Cut(text, "</main>")
	return text
}

func TestGolden(t *testing.T) {
	nb, err := notebook.Read("testdata/notebook.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Render(nb, Options{Name: "notebook.ipynb", Dir: "testdata"})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/page.html", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/page.html")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the page differs from testdata/page.html; look at it in a browser, then run go test -update")
	}
	if m := regexp.MustCompile(`(?i)(src|href)="(https?:)?//|url\(|@import|<link|<script`).Find(got); m != nil {
		t.Errorf("the page refers to something outside itself: %s", m)
	}
	if !bytes.Contains(got, []byte("<title>A field &amp; its network</title>")) {
		t.Error("the title is not the first heading")
	}
	if !bytes.Contains(got, []byte("default-src 'none'")) {
		t.Error("the page may load from elsewhere")
	}
}

func TestOutputs(t *testing.T) {
	for name, c := range map[string]struct{ output, want string }{
		"text is escaped": {`{"output_type":"stream","name":"stdout","text":"<b>&"}`, `<div class="output stream stdout"><pre>&lt;b&gt;&amp;</pre></div>`},
		"odd stream":      {`{"output_type":"stream","name":"\"><script>","text":"x"}`, `<div class="output stream stdout"><pre>x</pre></div>`},
		"html wins":       {`{"output_type":"display_data","data":{"text/plain":"p","text/html":"<b>h</b>","text/markdown":"m"}}`, `<div class="output display"><b>h</b></div>`},
		"markdown":        {`{"output_type":"display_data","data":{"text/plain":"p","text/latex":"l","text/markdown":"*m* $x$"}}`, "<div class=\"output display\"><p><em>m</em> <math>"},
		"latex":           {`{"output_type":"display_data","data":{"text/plain":"p","text/latex":"$$x^2$$"}}`, `<div class="output display"><span class="math"><math display="block">`},
		"svg":             {`{"output_type":"display_data","data":{"text/plain":"p","image/svg+xml":"<svg/>"}}`, `<img alt="" src="data:image/svg+xml;base64,PHN2Zy8+">`},
		"png":             {`{"output_type":"display_data","data":{"text/plain":"p","image/png":"iVBO\nRw==\n"}}`, `<img alt="" src="data:image/png;base64,iVBORw==">`},
		"hostile png":     {`{"output_type":"display_data","data":{"image/png":"\"onerror=alert(1)"}}`, `base64,&#34;onerror=alert(1)">`},
		"plain":           {`{"output_type":"execute_result","data":{"text/plain":"<p>"}}`, `<pre>&lt;p&gt;</pre>`},
		"unknown":         {`{"output_type":"display_data","data":{"x/y":"z"}}`, `cannot show`},
		"error":           {`{"output_type":"error","ename":"E","evalue":"v","traceback":["\u001b[31ma<\u001b[0m","b"]}`, "<div class=\"output error\"><pre><span class=\"f1\">a&lt;</span>\nb</pre></div>"},
	} {
		got := body(t, `{"cell_type":"code","source":"x","execution_count":1,"outputs":[`+c.output+`]}`, "")
		if !strings.Contains(got, c.want) {
			t.Errorf("%s:\n%s\nlacks\n%s", name, got, c.want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for source, want := range map[string]string{
		"a $x$ b":                       `<p>a <math>`,
		"costs $5 or $10":               `<p>costs $5 or $10</p>`,
		"a $ b $ c":                     `<p>a $ b $ c</p>`,
		"`$x$`":                         `<p><code>$x$</code></p>`,
		"$a_1*b_2*c_3$":                 `<msub><mi>a</mi><mn>1</mn></msub><mo>∗</mo>`,
		"$a\n+b$":                       `<mi>a</mi><mo>+</mo><mi>b</mi>`,
		"text $$x$$ text":               `<p>text <span class="math"><math display="block">`,
		"$$\na\n+ b\n- c\n$$":           `<mi>a</mi><mo>+</mo><mi>b</mi><mo>−</mo><mi>c</mi>`,
		"text\n$$\na\n$$\nmore":         "<p>text</p>\n<p><span class=\"math\">",
		"$$a$$\n\nmore *text*":          `<p>more <em>text</em></p>`,
		"$$a$$\n\n$$b$$\n\nmore":        "</p>\n<p>more</p>",
		"$$ a $$":                       `<p><span class="math"><math display="block">`,
		"> $$\n> a\n> $$":               "<blockquote>\n<p><span class=\"math\"><math display=\"block\"><semantics><mi>a</mi>",
		"- item\n\n  $$\n  a = b\n  $$": `<mi>a</mi><mo>=</mo><mi>b</mi>`,
		"\\begin{align}\na &= b \\\\\n\nc &= d\n\\end{align}": `<mtable class="aligned"`,
		"$\\foo{x}$":            `<code class="tex">\foo{x}</code>`,
		"$$\\foo{<x>}$$":        `<pre class="tex">\foo{&lt;x&gt;}</pre>`,
		"$never closed":         `<p>$never closed</p>`,
		"$$\nnever closed":      `never`,
		"\\$5$":                 `<p>$5$</p>`,
		"| a |\n|---|\n| $x$ |": `<td><math>`,
		"<b>mine</b>":           `<b>mine</b>`,
		"## Über $x$":           `<h2 id="`,
	} {
		got, _, err := markdown(source, images{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(got), want) {
			t.Errorf("%q:\n%s\nlacks\n%s", source, got, want)
		}
	}
}

func TestImages(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "inside")
	if err := os.Mkdir(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(inside, "a b.png"), filepath.Join(dir, "secret.png"), filepath.Join(inside, "text.txt")} {
		if err := os.WriteFile(path, []byte("hi"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cell := func(source string) string {
		return body(t, `{"cell_type":"markdown","source":"`+source+`","attachments":{"p.png":{"image/png":"aGk="}}}`, inside)
	}
	const want = `<img src="data:image/png;base64,aGk=" alt="x"`
	for _, source := range []string{"![x](<a b.png>)", "![x](a%20b.png)", "![x](attachment:p.png)"} {
		if got := cell(source); !strings.Contains(got, want) {
			t.Errorf("%s:\n%s", source, got)
		}
	}
	for _, source := range []string{"![x](../secret.png)", "![x](" + dir + "/secret.png)", "![x](text.txt)", "![x](missing.png)", "![x](attachment:q.png)"} {
		if got := cell(source); strings.Contains(got, "aGk=") {
			t.Errorf("%s was read:\n%s", source, got)
		}
	}
}

func TestHighlight(t *testing.T) {
	for source, want := range map[string]string{
		"func f() int { return 1 }":    `<span class="k">func</span> f() <span class="b">int</span> { <span class="k">return</span> <span class="n">1</span> }`,
		"%%\n!ls \"x\"\nx := \"a<b\"":  "<span class=\"m\">%%</span>\n<span class=\"m\">!ls &#34;x&#34;</span>\nx := <span class=\"s\">&#34;a&lt;b&#34;</span>",
		"// über\r\nx":                 "<span class=\"c\">// über</span>\nx",
		"a := `raw\n%% not magic`":     "",
		"s := \"never closed\nx := 'c": "",
		"φ := 'ü' // ω":                `φ := <span class="s">&#39;ü&#39;</span> <span class="c">// ω</span>`,
	} {
		got := string(highlight(source))
		if want != "" && got != want {
			t.Errorf("%q:\n%s\nwant\n%s", source, got, want)
		}
	}
}

// Whatever the code, its text stays whole.
func FuzzHighlight(f *testing.F) {
	f.Add("%%\nfunc f() { `x`; 'c' }\n!ls\r\n/* open")
	tags := regexp.MustCompile(`</?span[^>]*>`)
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&")
	f.Fuzz(func(t *testing.T, source string) {
		got := unescape.Replace(tags.ReplaceAllString(string(highlight(source)), ""))
		if want := strings.ReplaceAll(source, "\r\n", "\n"); got != want {
			t.Errorf("%q became %q", want, got)
		}
	})
}

func TestANSI(t *testing.T) {
	for text, want := range map[string]string{
		"plain <":                       "plain &lt;",
		"\x1b[31mred\x1b[0m x":          `<span class="f1">red</span> x`,
		"\x1b[1;92mx\x1b[22my\x1b[my":   `<span class="f10 a1">x</span><span class="f10">y</span>y`,
		"\x1b[7m[[\x1b[27m]]":           `<span class="a7">[[</span>]]`,
		"\x1b[38;5;196mx\x1b[2K\x1b[Hy": "xy",
		"\x1b[38;2;1;2;3;1mx":           `<span class="a1">x</span>`,
		"a\x1b[":                        "a",
		"a\x1b[31":                      "a",
	} {
		if got := ansi(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
