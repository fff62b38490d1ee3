package verify_test

import (
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield/geometry/strings"
	"github.com/nnfield/nnfield/nnfield/verify"
)

// Strings are green with all their rows; without the constraint it is one less, and
// its control; averaged weights are held to what they do, diffuse.
func TestStrings(t *testing.T) {
	loop := strings.String().Ring(48, 2*math.Pi).Right("cos(x)", "sin(x)", "0").
		Left("cos(3*x)/3", "0.6*sin(3*x)/3", "0.8*sin(3*x)/3")
	for name, c := range map[string]struct {
		b    strings.Builder
		rows int
	}{
		"string":           {loop, 10},
		"uneven steps":     {loop.Right("cos(x+sin(x)/2)", "sin(x+sin(x)/2)", "0"), 9},
		"one dimension":    {strings.String().Ring(20, 1).Right("sin(2*pi*x)").Left("0"), 9},
		"averaged weights": {loop.AverageWeights(), 1},
	} {
		r := verify.Model(c.b)
		if !r.Passed() || len(r.Rows) != c.rows {
			t.Errorf("%s: green %v, %d rows; want %d\n%s", name, r.Passed(), len(r.Rows), c.rows, r)
		}
	}
}
