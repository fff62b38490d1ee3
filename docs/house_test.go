package docs

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/nnfield/nnfield/"

// list returns the packages that go list names, those of this module without its
// path.
func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	var all []string
	for p := range strings.Lines(string(out)) {
		all = append(all, strings.TrimPrefix(strings.TrimSpace(p), module))
	}
	return all
}

// Data flow one way: lattice → weights → network → theory → simulation →
// observation → figure → notebook. Nothing below knows of anything above.
func TestImportsRunOneWay(t *testing.T) {
	var science []string // but not the benchmark, a command that draws what it measures
	for _, p := range list(t, "../nnfield/...") {
		if p != "nnfield/bench" {
			science = append(science, module+p)
		}
	}
	for _, c := range []struct {
		packages  string
		forbidden []string // prefixes
		allowed   []string
	}{
		{strings.Join(science, " "), []string{"plotting", "kernel", "github.com/janpfeifer/gonb"}, nil},
		{"../nnfield/network", []string{"nnfield/theory", "nnfield/simulate"}, nil},
		{"../nnfield/theory", []string{"nnfield/simulate", "nnfield/observe", "nnfield/reference", "nnfield/verify"}, nil},
		{"../nnfield/simulate", []string{"nnfield/observe", "nnfield/verify", "nnfield/reference"}, nil},
		{"../nnfield/reference", []string{"nnfield/network", "nnfield/weights", "nnfield/theory", "nnfield/internal"}, nil},
		{"../plotting/...", []string{"kernel", "github.com/janpfeifer/gonb"}, []string{"kernel/display"}},
		{"../plotting", []string{"nnfield/verify", "nnfield/geometry", "nnfield/quantum", "nnfield/reference"}, nil},
		{"../nnfield/geometry/...", []string{"nnfield/verify"}, nil},
		{"../nnfield/convergence", []string{"nnfield"}, []string{"nnfield/convergence"}},
		{"../kernel", []string{"plotting", "github.com/janpfeifer/gonb"}, nil},
		{"../kernel/internal/...", []string{"plotting"}, nil},
		{"../kernel/display", []string{"nnfield", "plotting"}, nil},
	} {
		for _, p := range list(t, append([]string{"-deps"}, strings.Fields(c.packages)...)...) {
			for _, prefix := range c.forbidden {
				if (p == prefix || strings.HasPrefix(p, prefix+"/")) && !slices.Contains(c.allowed, p) {
					t.Errorf("%s imports %s", c.packages, p)
				}
			}
		}
	}
}

// Cells are compiled and linked each time: what they import has a budget.
func TestCellsStayLight(t *testing.T) {
	for packages, budget := range map[string]int{
		"../nnfield":                       165,
		"../nnfield ../plotting":           200,
		"../kernel/display":                75,
		"../nnfield ../plotting ../kernel": 215,
	} {
		args := append([]string{"-deps", "-tags", "minimal"}, strings.Fields(packages)...)
		if n := len(list(t, args...)); n > budget {
			t.Errorf("a cell with %s links %d packages, more than %d", packages, n, budget)
		} else {
			t.Logf("%s: %d packages of %d", packages, n, budget)
		}
	}
}
