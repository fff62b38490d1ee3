package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/verify"
)

// good are models whose reports must be green.
func good() map[string]nnfield.KleinGordonModel {
	kg, wall := nnfield.KleinGordon(), nnfield.Neumann
	u := make([]float64, 48)
	for i := range u {
		u[i] = float64(i % 5)
	}
	return map[string]nnfield.KleinGordonModel{
		"ring":         kg.Ring(256, 20).Packet(nnfield.At(6), nnfield.Width(1.5), nnfield.WaveNumber(2)),
		"tiny ring":    kg.Ring(40, 20).Mass(0.5).Laplacian(nnfield.Order4).PlaneWave(nnfield.Mode(2)),
		"vacuum":       kg.Ring(50, 20).Mass(0),
		"at rest":      kg.Ring(50, 20).Mass(0).Laplacian(nnfield.Order4).StandingWave(nnfield.Mode(0)),
		"spectral":     kg.Ring(64, 16).Laplacian(nnfield.Spectral).Thermal(nnfield.Temperature(1)),
		"walls":        kg.Lattice(nnfield.Line(24, 6, nnfield.Dirichlet, wall), nnfield.Line(20, 5, wall, wall)),
		"torus":        kg.Torus(24, 8).Packet(nnfield.Width(1), nnfield.WaveNumber(1, 0)),
		"cube":         kg.Cube(8, 4).Thermal(nnfield.Temperature(0.1)),
		"φ⁴ kink":      kg.Line(200, 40, wall, wall).Mass(0).Potential(nnfield.Phi4(1, 1)).Kink(nnfield.At(15), nnfield.Velocity(0.5)),
		"φ⁴ antikink":  kg.Line(150, 40, wall, wall).Mass(0).Laplacian(nnfield.Order4).Potential(nnfield.Phi4(2, 0.7)).Antikink(),
		"kink":         kg.Line(64, 20, wall, wall).Mass(0).Laplacian(nnfield.Spectral).Potential(nnfield.SineGordon()).Kink(nnfield.Velocity(0.3)),
		"antikink":     kg.Line(200, 40, wall, wall).Mass(0).Potential(nnfield.SineGordon()).Antikink(nnfield.At(25), nnfield.Velocity(-0.4)),
		"breather":     kg.Ring(200, 40).Mass(0).Potential(nnfield.SineGordon()).Breather(nnfield.Frequency(0.6), nnfield.Phase(0.3)),
		"expression":   kg.Ring(100, 20).Potential(nnfield.Potential("g/4*phi*phi*phi*phi*(2 + cos(x))", nnfield.Params{"g": 0.3})).Packet(nnfield.Width(2)),
		"function":     kg.Ring(64, 10).Potential(nnfield.PotentialFunc("quartic", func(x float64) float64 { return x * x * x * x }, func(x float64) float64 { return 4 * x * x * x })),
		"site by site": kg.Ring(48, 10).Potential(nnfield.SitePotential(u)),
		"sponge":       kg.Line(120, 30, nnfield.Absorbing(8), nnfield.Absorbing(8)).Packet(nnfield.Width(2), nnfield.WaveNumber(1)),
		"driven":       kg.Line(100, 20, nnfield.Driven("sin(2*t)"), nnfield.Dirichlet),
	}
}

func TestGoodModelsAreGreen(t *testing.T) {
	seen := map[string]bool{}
	for name, kg := range good() {
		r := verify.Model(kg)
		if !r.Passed() || r.Err() != nil {
			t.Errorf("%s:\n%v", name, r)
		}
		for _, row := range r.Rows {
			seen[row.Name] = seen[row.Name] || row.Status == verify.Passed
			if row.Measured == "" || row.Claim == "" || (row.Bound == "") != (row.Status == verify.NotApplicable) {
				t.Errorf("%s: incomplete row %+v", name, row)
			}
		}
	}
	for row, passed := range seen {
		if !passed {
			t.Errorf("no model measures the row %q", row)
		}
	}
}

// An open system has no energy to conserve, a potential no free dispersion: such
// rows are grey and say why.
func TestRowsWithoutMeaningAreGrey(t *testing.T) {
	models := good()
	for _, c := range []struct{ model, row, reason string }{
		{"sponge", "energy", "a sponge absorbs"},
		{"sponge", "shadow energy", "a sponge absorbs"},
		{"sponge", "reversibility", "a sponge absorbs"},
		{"sponge", "reversibility: rk4", "a sponge absorbs"},
		{"sponge", "order of yoshida4", "a sponge absorbs: damped kicks do not add up to one, so the composition has order 2"},
		{"driven", "exact solution", "the boundary is driven"},
		{"driven", "momentum", "no axis is periodic"},
		{"breather", "dispersion", "V ≠ 0"},
		{"breather", "exact solution: misled judge", "V ≠ 0"},
		{"walls", "dispersion", "the lattice has walls"},
		{"ring", "dense exponential", "more than 64 sites"},
		{"ring", "closed form", "no lone kink, antikink or breather"},
	} {
		if row := find(t, verify.Model(models[c.model]), c.row); row.Status != verify.NotApplicable || row.Measured != c.reason || row.Bound != "" {
			t.Errorf("%s: %+v, want %q", c.model, row, c.reason)
		}
	}
}

func find(t *testing.T, r verify.Report, name string) verify.Row {
	t.Helper()
	for _, row := range r.Rows {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("no row %q in\n%v", name, r)
	return verify.Row{}
}

// A soliton that starts beside a wall could be measured on a longer line.
func TestSolitonBesideTheWallIsSkipped(t *testing.T) {
	kg := nnfield.KleinGordon().Line(100, 20, nnfield.Neumann, nnfield.Neumann).Mass(0).Potential(nnfield.SineGordon()).Kink(nnfield.At(1))
	if row := find(t, verify.Model(kg), "closed form"); row.Status != verify.Skipped {
		t.Errorf("%+v", row)
	}
}

func TestReportsAreReproducible(t *testing.T) {
	for _, name := range []string{"ring", "breather"} {
		kg := good()[name]
		if a, b := verify.Model(kg), verify.Model(kg); a.String() != b.String() || a.HTML() != b.HTML() {
			t.Errorf("two reports:\n%v\n%v", a, b)
		}
	}
}

// foreign is a model of another theory, or one that only says it is Klein-Gordon.
type foreign struct {
	theory.Model
	name string
}

func (f foreign) Theory() string               { return f.name }
func (f foreign) Build() (theory.Model, error) { return f, nil }

func TestModelsThatCannotBeVerified(t *testing.T) {
	m := nnfield.KleinGordon().Ring(8, 1).MustBuild()
	for _, c := range []struct {
		builder  theory.Builder
		status   verify.Status
		measured string
		err      bool
	}{
		{nil, verify.Failed, "verify.Model(nil)", true},
		{nnfield.KleinGordon().Ring(0, 1), verify.Failed, "0 sites", true},
		{foreign{m, "ether"}, verify.Skipped, `no rows for the theory "ether"`, false},
		{foreign{m, "klein-gordon"}, verify.Opaque, "was not built by theory.KleinGordon", false},
	} {
		r := verify.Model(c.builder)
		if r.Passed() || len(r.Rows) != 1 || r.Rows[0].Status != c.status || !strings.Contains(r.Rows[0].Measured, c.measured) || (r.Err() != nil) != c.err {
			t.Errorf("%v, error %v", r, r.Err())
		}
		if strings.Contains(r.String()+r.HTML(), "✓") {
			t.Errorf("something green in\n%v", r)
		}
	}
}

func TestOnlyPassedRowsAreGreen(t *testing.T) {
	pass, fail, grey := verify.Row{Status: verify.Passed}, verify.Row{Status: verify.Failed}, verify.Row{Status: verify.NotApplicable}
	for _, c := range []struct {
		rows []verify.Row
		want bool
	}{
		{nil, false},
		{[]verify.Row{grey}, false},
		{[]verify.Row{pass, grey}, true},
		{[]verify.Row{pass, fail}, false},
	} {
		if got := (verify.Report{Rows: c.rows}).Passed(); got != c.want {
			t.Errorf("%v: passed is %v", c.rows, got)
		}
	}
}

func TestHTMLIsEscapedAndSaysMoreThanAColour(t *testing.T) {
	r := verify.Report{Title: "<script>", Rows: []verify.Row{
		{Name: "a<b", Claim: `"x" & y`, Measured: "<1", Bound: "≤ 2", Status: verify.Passed},
		{Name: "c", Status: verify.Failed, Control: true},
		{Name: "d", Status: verify.Skipped},
	}}
	html := r.HTML()
	for _, want := range []string{"&lt;script&gt;", "a&lt;b", "&#34;x&#34; &amp; y", "&lt;1", "<b>✓</b> passed", "<b>✗</b> failed", "<b>–</b> skipped", "not verified"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in\n%s", want, html)
		}
	}
	if strings.Contains(html, "<script") {
		t.Error("not escaped")
	}
}

func ExampleModel() {
	kg := nnfield.KleinGordon().Ring(64, 20).Packet(nnfield.Width(1.5), nnfield.WaveNumber(1))
	r := verify.Model(kg)
	fmt.Println(r.Passed())
	for _, row := range r.Rows[:3] {
		fmt.Println(row.Status.Sign(), row.Name)
	}
	// Output:
	// true
	// ✓ symmetric weights
	// ✓ dual loss
	// ✓ Hamiltonian force
}
