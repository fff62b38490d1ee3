package headless

import (
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

const parameters = `var (
	mass   = 1.5
	n, seed = 64, -1
	name   = "φ"
	wide   float32 = 2
	on     = true
	f      = func() int { return 1 }
	none   []int
)
const label = "x"

%%
x := mass
`

// tagged returns a notebook of a format whose first cell has the tag.
func tagged(t *testing.T, minor, source string) *notebook.Notebook {
	t.Helper()
	text := `{"nbformat": 4, "nbformat_minor": ` + minor + `, "metadata": {}, "cells": [
		{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "outputs": [], "source": ""},
		{"cell_type": "code", "metadata": {}, "outputs": [], "source": "last"}]}`
	nb, err := notebook.Parse([]byte(strings.Replace(text, `"source": ""`, `"source": `+quote(source), 1)))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

func quote(s string) string {
	return `"` + strings.NewReplacer("\n", `\n`, "\t", `\t`, `"`, `\"`).Replace(s) + `"`
}

func TestInject(t *testing.T) {
	for value, want := range map[string]string{
		"mass=2":       "var mass float64 = 2",
		"mass=1.0/3":   "var mass float64 = 1.0/3",
		"n=128":        "var n int = 128",
		"n=1e3":        "var n int = 1e3",
		"n=len(name)":  "var n int = len(name)",
		"seed=7":       "var seed int = 7",
		"name=two π":   `var name = "two π"`,
		`name="a\tb"`:  `var name = "a\tb"`,
		"wide=3":       "var wide float32 = 3",
		"on=false":     "var on = false",
		"label=":       `const label = ""`,
		"none=[]int{}": "var none []int = []int{}",
	} {
		p, err := ParseParam(value)
		if err != nil {
			t.Fatal(err)
		}
		nb := tagged(t, "4", parameters)
		for range 2 { // the second time in place of the first
			if err := inject(nb, []Param{p}); err != nil {
				t.Fatalf("%s: %v", value, err)
			}
		}
		if len(nb.Cells) != 3 || nb.Cells[1].Source() != "// Parameters\n"+want || !slices.Equal(nb.Cells[1].Tags(), []string{"injected-parameters"}) || nb.Cells[2].Source() != "last" {
			t.Errorf("%s: %d cells, %q, want %q", value, len(nb.Cells), nb.Cells[1].Source(), want)
		}
	}
	for minor, want := range map[string]bool{"4": false, "5": true} {
		nb := tagged(t, minor, parameters)
		if err := inject(nb, []Param{{"n", "1"}}); err != nil {
			t.Fatal(err)
		}
		data, err := nb.Bytes()
		if err != nil || strings.Contains(string(data), `"id": "injected-parameters"`) != want {
			t.Errorf("format 4.%s: %v\n%s", minor, err, data)
		}
	}
}

func TestInjectErrors(t *testing.T) {
	for _, c := range []struct{ source, param, want string }{
		{parameters, "mas=2", "it declares mass, n, seed, name, wide, on, f, none, label"},
		{parameters, "n=2 +", "not a Go expression"},
		{parameters, "n=1; os.Exit(1)", "not a Go expression"},
		{"var mass = = 1", "mass=2", "the parameters cell is not Go"},
		{parameters, "n=2.5", "parameter n=2.5: n is a whole number, as 64; give one"},
		{"%%\nmass := 2.0", "mass=3", "does not declare mass: declare it with var or const, above %% if the cell has that line"},
	} {
		p, err := ParseParam(c.param)
		if err != nil {
			t.Fatal(err)
		}
		if err := inject(tagged(t, "4", c.source), []Param{p}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.param, err, c.want)
		}
	}
	nb := tagged(t, "4", parameters)
	nb.Cells = nb.Cells[1:]
	if err := inject(nb, []Param{{"mass", "2"}}); err == nil || !strings.Contains(err.Error(), "give it to the cell that declares mass") {
		t.Errorf("error %v", err)
	}
	for _, bad := range []string{"mass", "=2", "a b=2", "2=3"} {
		if _, err := ParseParam(bad); err == nil || !strings.Contains(err.Error(), "write name=value") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
