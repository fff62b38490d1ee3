package expr

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

var (
	variables  = []string{"x", "phi"}
	parameters = map[string]float64{"m": 1.5, "lambda": 0.3}
)

func parse(t interface{ Fatal(...any) }, source string) *Expr {
	e, err := Parse(source, variables, parameters)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sample is a random expression and, by other means, its value.
type sample struct {
	source string
	value  func(x, phi float64) float64
}

// arithmetic draws expressions without functions; their values are exact to the
// bit, as each operation of the reference is rounded by its assignment.
func arithmetic(t *rapid.T, depth int) sample {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 9).Draw(t, "kind")
	}
	switch kind {
	case 0, 1:
		return rapid.SampledFrom([]sample{
			{"x", func(x, _ float64) float64 { return x }},
			{"phi", func(_, phi float64) float64 { return phi }},
			{"m", func(_, _ float64) float64 { return 1.5 }},
			{"lambda", func(_, _ float64) float64 { return 0.3 }},
			{"pi", func(_, _ float64) float64 { return math.Pi }},
			{"2", func(_, _ float64) float64 { return 2 }},
			{"0", func(_, _ float64) float64 { return 0 }},
			{".125e2", func(_, _ float64) float64 { return 12.5 }},
			{"1e300", func(_, _ float64) float64 { return 1e300 }},
		}).Draw(t, "leaf")
	case 2:
		a := arithmetic(t, depth-1)
		return sample{"-(" + a.source + ")", func(x, p float64) float64 { return -a.value(x, p) }}
	case 3:
		a := arithmetic(t, depth-1)
		return sample{"abs(" + a.source + ")", func(x, p float64) float64 { return math.Abs(a.value(x, p)) }}
	}
	a, b := arithmetic(t, depth-1), arithmetic(t, depth-1)
	op := rapid.SampledFrom([]string{"+", "-", "*", "/"}).Draw(t, "operator")
	return sample{"(" + a.source + ")" + op + "(" + b.source + ")", func(x, p float64) float64 {
		u, v := a.value(x, p), b.value(x, p)
		switch op {
		case "+":
			return u + v
		case "-":
			return u - v
		case "*":
			return float64(u * v)
		}
		return u / v
	}}
}

// smooth draws expressions that a difference quotient can judge.
func smooth(t *rapid.T, depth int) string {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 12).Draw(t, "kind")
	}
	switch kind {
	case 0, 1:
		return rapid.SampledFrom([]string{"x", "phi", "phi", "m", "0.5", "2", "lambda"}).Draw(t, "leaf")
	case 2, 3, 4:
		return fmt.Sprintf("%s(%s)", rapid.SampledFrom([]string{"sin", "cos", "tanh", "sech", "sinh", "cosh", "tan"}).
			Draw(t, "function"), smooth(t, depth-1))
	case 5:
		return fmt.Sprintf("exp(-pow(%s, 2))", smooth(t, depth-1))
	case 6:
		return fmt.Sprintf("log(1 + abs(2 + sin(%s)))", smooth(t, depth-1))
	case 7:
		return fmt.Sprintf("sqrt(1 + pow(%s, 4))", smooth(t, depth-1))
	case 8:
		return fmt.Sprintf("pow(2 + cos(%s), %s)", smooth(t, depth-1), smooth(t, depth-1))
	case 9:
		return fmt.Sprintf("pow(%s, %d)", smooth(t, depth-1), rapid.IntRange(-3, 4).Draw(t, "n"))
	}
	op := rapid.SampledFrom([]string{"+", "-", "*", "/"}).Draw(t, "operator")
	return "(" + smooth(t, depth-1) + ")" + op + "(" + smooth(t, depth-1) + ")"
}

// same compares bits, any NaN being like any other.
func same(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}

func TestEval(t *testing.T) {
	value := rapid.OneOf(rapid.Float64Range(-3, 3), rapid.Float64())
	rapid.Check(t, func(t *rapid.T) {
		s := arithmetic(t, 5)
		e := parse(t, s.source)
		x, phi := value.Draw(t, "x"), value.Draw(t, "phi")
		if got, want := e.Eval(x, phi), s.value(x, phi); !same(got, want) {
			t.Fatalf("%s = %v; want %v", s.source, got, want)
		}
	})
}

func TestFunctions(t *testing.T) {
	reference := map[string]func(float64) float64{
		"abs": math.Abs, "cos": math.Cos, "cosh": math.Cosh, "exp": math.Exp, "log": math.Log, "sin": math.Sin,
		"sech": func(x float64) float64 { return 1 / math.Cosh(x) }, "sinh": math.Sinh, "sqrt": math.Sqrt,
		"tan": math.Tan, "tanh": math.Tanh, "pow": func(x float64) float64 { return math.Pow(x, 2.2) },
	}
	for _, name := range functionNames {
		source := name + "(x)"
		if name == "pow" {
			source = "pow(x, 2 + 0.2)"
		}
		e := parse(t, source)
		for _, x := range []float64{0.1, 0.9, 2.5, 30} {
			if got, want := e.Eval(x, 0), reference[name](x); math.Abs(got-want) > 1e-14*math.Abs(want) {
				t.Errorf("%s at %v is %v; want %v", source, x, got, want)
			}
		}
	}
	for n := -70; n <= 70; n++ {
		e := parse(t, fmt.Sprintf("pow(x, %d)", n))
		for _, x := range []float64{-1.3, 0, 0.7} {
			if got, want := e.Eval(x, 0), math.Pow(x, float64(n)); math.Abs(got-want) > 2e-14*math.Abs(want) {
				t.Errorf("pow(%v, %d) = %v; want %v", x, n, got, want)
			}
		}
	}
}

func TestNonFiniteValues(t *testing.T) {
	for source, want := range map[string]float64{
		"1/x": math.Inf(1), "-1/x": math.Inf(-1), "x/x": math.NaN(), "log(x)": math.Inf(-1), "sqrt(x - 1)": math.NaN(),
		"exp(1e3)": math.Inf(1), "1e300*1e300": math.Inf(1), "pow(x, -2)": math.Inf(1), "1/(0*x - 0)": math.Inf(1),
	} {
		if got := parse(t, source).Eval(0, 0); !same(got, want) {
			t.Errorf("%s at 0 is %v; want %v", source, got, want)
		}
	}
}

func TestEvalToIsEval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := parse(t, smooth(t, 4))
		n := rapid.SampledFrom([]int{0, 1, block - 1, block, block + 1, 3*block + 5}).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		x, phi, want := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			x[i], phi[i] = r.NormFloat64(), r.NormFloat64()
			want[i] = e.Eval(x[i], phi[i])
		}
		e.EvalTo(phi, x, phi) // onto one of its columns
		for i := range phi {
			if !same(phi[i], want[i]) {
				t.Fatalf("%s: element %d of %d is %v; Eval gives %v", e, i, n, phi[i], want[i])
			}
		}
	})
}

// The derivative is that of the difference quotient of fourth order, wherever two
// step sizes agree what that is.
func TestDerivative(t *testing.T) {
	judged, overflown := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		e := parse(t, smooth(t, 4))
		d := e.Derivative("phi")
		grid := rapid.IntRange(-200, 200) // far from the singular points, most of them at small fractions
		x, phi := float64(grid.Draw(t, "x"))/97+0.0031, float64(grid.Draw(t, "phi"))/97+0.0047
		size := 0.0
		quotient := func(h float64) float64 {
			f := func(k float64) float64 {
				v := e.Eval(x, phi+k*h)
				size = max(size, math.Abs(v))
				return v
			}
			return (8*(f(1)-f(-1)) - (f(2) - f(-2))) / (12 * h)
		}
		const h = 1e-3
		q, half := quotient(h), quotient(h/2)
		if !(math.Abs(q-half) < 1e-6*(1+math.Abs(half))) || !(size < 1e6) {
			return
		}
		got := d.Eval(x, phi)
		if math.IsNaN(got) { // something within is infinite, as in exp(-1/0)
			overflown++
			return
		}
		judged++
		if limit := 10*math.Abs(q-half) + 1e-11*size/h + 1e-9; !(math.Abs(got-half) <= limit) {
			t.Fatalf("∂/∂phi of %s is %s = %v at x = %v, phi = %v; the quotient is %v", e, d, got, x, phi, half)
		}
		if again := parse(t, d.String()); again.String() != d.String() {
			t.Fatalf("%s is read as %s", d, again)
		}
	})
	if judged < 10*overflown || judged == 0 {
		t.Fatalf("%d expressions were judged, %d overflowed", judged, overflown)
	}
}

// Every function has a derivative; the random expressions may miss one.
func TestDerivativeOfEachFunction(t *testing.T) {
	const x, h = 0.7, 1e-3
	for _, name := range functionNames {
		sources := []string{name + "(x*x)"}
		if name == "pow" {
			sources = []string{"pow(x, 3)", "pow(x, 2.5)", "pow(2, x)", "pow(x, x)", "pow(x, m)", "pow(x, -1)"}
		}
		for _, s := range sources {
			e := parse(t, s)
			q := (8*(e.Eval(x+h, 0)-e.Eval(x-h, 0)) - (e.Eval(x+2*h, 0) - e.Eval(x-2*h, 0))) / (12 * h)
			if got := e.Derivative("x").Eval(x, 0); math.Abs(got-q) > 1e-9 {
				t.Errorf("derivative of %s is %v; the quotient is %v", s, got, q)
			}
		}
	}
}

func TestDerivativesAreShort(t *testing.T) {
	for source, want := range map[string]string{
		"lambda/4*(phi*phi-1)*(phi*phi-1)": "lambda*phi*(pow(phi, 2) - 1)",
		"phi*phi*phi":                      "3*pow(phi, 2)",
		"m*m/2*phi*phi":                    "pow(m, 2)*phi",
		"1 - cos(phi)":                     "sin(phi)",
		"tanh(phi)":                        "pow(sech(phi), 2)",
		"sqrt(1 + phi*phi)":                "phi/sqrt(1 + pow(phi, 2))",
		"pow(phi, m)":                      "m*pow(phi, m - 1)",
		"exp(2*phi)":                       "2*exp(2*phi)",
		"x*sin(m)/phi":                     "-x*sin(m)/pow(phi, 2)",
		"x*x":                              "0",
		"phi*x/phi":                        "0",
		"(phi - x) - (phi + phi)*2":        "-3",
		"pow(phi, 1 + 1)":                  "2*phi",
		"abs(phi)":                         "phi/abs(phi)",
		"1e200*phi*1e200":                  "1e+200*1e+200",
		"phi/0":                            "1/0",
		"1.5e308*phi + 1.5e308*phi":        "1.5e+308 + 1.5e+308",
	} {
		if got := parse(t, source).Derivative("phi").String(); got != want {
			t.Errorf("the derivative of %s is %s; want %s", source, got, want)
		}
	}
	if got := parse(t, "m*phi").Derivative("m").String(); got != "phi" {
		t.Errorf("the derivative by a parameter is %s", got)
	}
}

func TestString(t *testing.T) {
	for source, want := range map[string]string{
		"((x))+(phi)":         "x + phi",
		"x-(phi-m)":           "x - (phi - m)",
		"(x-phi)-m":           "x - phi - m",
		"x/(phi*m)":           "x/(phi*m)",
		"x*(phi/m)":           "x*(phi/m)",
		"-(x+1)":              "-(x + 1)",
		"- - x":               "-(-x)",
		"-(-2)":               "2",
		"+x":                  "x",
		"-0*x":                "-0*x",
		"x*-phi":              "x*(-phi)",
		"x - -2":              "x - (-2)",
		"x + -phi*m":          "x + (-phi*m)",
		"1000000*x + 0.10":    "1e+06*x + 0.1",
		"pow( x,3 )":          "pow(x, 3)",
		"( /* half */ 0.5*x)": "0.5*x",
	} {
		e := parse(t, source)
		if e.String() != want {
			t.Errorf("%s is written as %s; want %s", source, e, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		e := parse(t, arithmetic(t, 6).source)
		again := parse(t, e.String())
		if again.String() != e.String() {
			t.Fatalf("%s is read as %s", e, again)
		}
		if b := (builder{}); b.adopt(e.root, map[*node]*node{}) != b.adopt(again.root, map[*node]*node{}) {
			t.Fatalf("%s is read as another expression", e)
		}
	})
}

func TestUses(t *testing.T) {
	e := parse(t, "sin(m*x) + pi")
	for name, want := range map[string]bool{"x": true, "m": true, "phi": false, "lambda": false} {
		if e.Uses(name) != want {
			t.Errorf("%s uses %s: %v", e, name, !want)
		}
	}
}

func TestLaTeX(t *testing.T) {
	for source, want := range map[string]string{
		"lambda/4*(phi*phi-1)*(phi*phi-1)": `\frac{\lambda}{4} \left(\phi^{2} - 1\right)^{2}`,
		"m*m/2*phi*phi":                    `\frac{m^{2}}{2} \phi^{2}`,
		"exp(-phi*phi/2)":                  `e^{-\frac{\phi^{2}}{2}}`,
		"-x*phi*2":                         `-x \phi \cdot 2`,
		"x - -phi":                         `x - \left(-\phi\right)`,
		"pow(sin(x), 2) + tanh(x)":         `\sin^{2}\left(x\right) + \tanh\left(x\right)`,
		"pow(x + 1, -2)":                   `\left(x + 1\right)^{-2}`,
		"sech(x)/sqrt(abs(x))":             `\frac{\operatorname{sech}\left(x\right)}{\sqrt{\left|x\right|}}`,
		"pow(exp(x), 2)*log(phi)":          `\left(e^{x}\right)^{2} \ln\left(\phi\right)`,
		"-(x + 1)*(x - 1)":                 `-\left(x + 1\right) \left(x - 1\right)`,
		"0.3333333333333333*x":             `\frac{1}{3} x`,
		"2.5e-7*x + 1e9":                   `2.5 \cdot 10^{-7} x + 10^{9}`,
		"-(x - phi)":                       `-\left(x - \phi\right)`,
	} {
		if got := parse(t, source).LaTeX(); got != want {
			t.Errorf("%s is %s; want %s", source, got, want)
		}
	}
	for name, want := range map[string]string{
		"q": "q", "omega": `\omega`, "φ": `\phi`, "m0": "m_{0}", "x_in": `x_{\mathrm{in}}`, "mass": `\mathrm{mass}`,
		"phi_1": `\phi_{1}`, "_a_b": `\mathrm{\_a\_b}`, "k_mu": `k_{\mu}`, "é": "é",
	} {
		e, err := Parse(name, []string{name}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.LaTeX(); got != want {
			t.Errorf("%s is %s; want %s", name, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		"":                              "empty expression",
		"x^2":                           "column 2 of \"x^2\": ^ is not a power; write pow(x, n)",
		"x + φ":                         "column 5 of",
		"x**2":                          "pow(x, n)",
		"2x":                            "column 2 of \"2x\": unexpected x; to multiply, write *",
		"2phi":                          "to multiply, write *",
		"x phi":                         "unexpected phi",
		"x, phi":                        "unexpected ','",
		"x +":                           "expected operand",
		"(x":                            "expected ')'",
		"phy":                           "unknown name phy (did you mean phi?); known are x, phi, lambda, m, pi",
		"banana":                        "unknown name banana; known are",
		"e":                             "unknown name e;",
		"sin":                           "needs an argument",
		"sin()":                         "sin has 1 arguments, not 0",
		"pow(x)":                        "pow has 2 arguments, not 1",
		"Sin(x)":                        "unknown function Sin (did you mean sin?)",
		"phi(x)":                        "phi is not a function",
		"sin(x...)":                     "... is not part",
		"(x)(phi)":                      "only functions are called",
		"x % 2":                         "% is not part of expressions",
		"x << 2":                        "<< is not part",
		"!x":                            "! is not part",
		"&x":                            "& is not part",
		"x[1]":                          "only numbers, names",
		"x.phi":                         "only numbers, names",
		"func() {}":                     "only numbers, names",
		"0x10":                          "not a decimal number",
		"017":                           "not a decimal number",
		"1_000":                         "not a decimal number",
		"2i":                            "not a decimal number",
		"'a'":                           "not a decimal number",
		`"a"`:                           "not a decimal number",
		"1e999":                         "too large",
		strings.Repeat("x+", 300):       "expected operand",
		strings.Repeat("-", 5000):       "at most 4096",
		strings.Repeat("(", 4000):       "expected operand",
		strings.Repeat("x*", 300) + "x": "more than 200 operations deep",
		strings.Repeat("sin(", 300) + "x" + strings.Repeat(")", 300): "more than 200 operations deep",
		"//line other.go:7\nx^2":                                     "column 20 of",
	} {
		_, err := Parse(source, variables, parameters)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v; want %q", source, err, want)
		}
		if err != nil && strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%.40q: the message has several lines", source)
		}
	}
	for want, c := range map[string]struct {
		variables  []string
		parameters map[string]float64
	}{
		`variable "sin": the name is taken`:   {[]string{"sin"}, nil},
		`parameter "pi": the name is taken`:   {nil, map[string]float64{"pi": 3}},
		`variable "2x": not a name`:           {[]string{"2x"}, nil},
		`parameter "range": not a name`:       {nil, map[string]float64{"range": 1}},
		`variable "_": not a name`:            {[]string{"_"}, nil},
		`variable "x": given twice`:           {[]string{"x", "x"}, nil},
		`parameter "x": also a variable`:      {[]string{"x"}, map[string]float64{"x": 1}},
		`parameter "m": NaN; it must be fini`: {nil, map[string]float64{"m": math.NaN()}},
	} {
		if _, err := Parse("1", c.variables, c.parameters); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
}

func TestProgrammersErrors(t *testing.T) {
	e := parse(t, "x + phi")
	for name, f := range map[string]func(){
		"a value is missing":  func() { e.Eval(1) },
		"a column is missing": func() { e.EvalTo(nil, nil) },
		"a column is short":   func() { e.EvalTo(make([]float64, 2), make([]float64, 2), make([]float64, 1)) },
		"unknown variable":    func() { e.Derivative("y") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// It cannot hold under the race detector; the plain run of the tests asserts it.
func TestEvaluationAllocatesNothing(t *testing.T) {
	info, _ := debug.ReadBuildInfo()
	if slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector makes sync.Pool forget")
	}
	e := parse(t, "lambda/4*(phi*phi - 1)*(phi*phi - 1) + sin(x)*pow(phi, 2.5)")
	dst, x := make([]float64, 1000), make([]float64, 1000)
	if n := testing.AllocsPerRun(100, func() { e.EvalTo(dst, x, x); e.Eval(1, 2) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func TestSharedByGoroutines(t *testing.T) {
	e := parse(t, "sin(x*phi) + m")
	want := e.Derivative("x").Eval(0.3, 0.4)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if got := e.Derivative("x").Eval(0.3, 0.4); got != want {
					t.Errorf("got %v; want %v", got, want)
				}
			}
		})
	}
	all.Wait()
}

// The bits of a value are promised, and those of a derivative as well.
func TestGoldenBits(t *testing.T) {
	const want = "302ec09a3082a133"
	h := sha256.New()
	for _, source := range []string{"lambda/4*(phi*phi - 1)*(phi*phi - 1)", "m*m/2*phi*phi + lambda/24*pow(phi, 4) - x*phi",
		"exp(-x*x/2)*sin(3*phi + x)/(1 + phi*phi)", "pow(1 + phi*phi, 1.25)*tanh(x)"} {
		e := parse(t, source)
		for range 3 {
			for i := range 200 {
				x, phi := float64(i)/37-2, float64(i)/53-1.5
				binary.Write(h, binary.LittleEndian, e.Eval(x, phi))
			}
			e = e.Derivative("phi")
		}
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
		t.Errorf("the bits have changed: hash %s; want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"lambda/4*(phi*phi-1)", "sin(x)^2", "pow(x, -2)", "-(-0)", "1e-5/x", "func(){}", "x[1]", "/*", "\x00", "((((", "abs(sqrt(-1))"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := Parse(source, variables, parameters)
		if err != nil {
			return
		}
		e.LaTeX()
		d := e.Derivative("x")
		d.LaTeX()
		for _, e := range []*Expr{e, d} {
			again, err := Parse(e.String(), variables, parameters)
			if err != nil {
				if len(e.String()) > maxSource || strings.Contains(err.Error(), "deep") {
					continue // a derivative may be larger than what is read
				}
				t.Fatalf("%q is not read: %v", e, err)
			}
			if got, want := again.Eval(0.3, 0.7), e.Eval(0.3, 0.7); !same(got, want) || again.String() != e.String() {
				t.Fatalf("%q is read as %q", e, again)
			}
		}
	})
}

func BenchmarkEvalTo(b *testing.B) {
	const n = 4096
	dst, x, phi := make([]float64, n), make([]float64, n), make([]float64, n)
	for _, source := range []string{"lambda*phi*(phi*phi - 1)", "sin(phi)", "pow(phi, 2.5)"} {
		e := parse(b, source)
		b.Run(source, func(b *testing.B) {
			b.SetBytes(8 * n)
			for b.Loop() {
				e.EvalTo(dst, x, phi)
			}
		})
	}
}

func ExampleParse() {
	v, err := Parse("lambda/4*(phi*phi-1)*(phi*phi-1)", []string{"phi"}, map[string]float64{"lambda": 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	force := v.Derivative("phi")
	fmt.Println(v)
	fmt.Println(force)
	fmt.Println(v.LaTeX())
	fmt.Println(v.Eval(2), force.Eval(2))

	_, err = Parse("lambda*phi^3", []string{"phi"}, map[string]float64{"lambda": 2})
	fmt.Println(err)
	// Output:
	// lambda/4*(phi*phi - 1)*(phi*phi - 1)
	// lambda*phi*(pow(phi, 2) - 1)
	// \frac{\lambda}{4} \left(\phi^{2} - 1\right)^{2}
	// 4.5 12
	// column 11 of "lambda*phi^3": ^ is not a power; write pow(x, n)
}
