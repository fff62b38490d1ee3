package nnfield_test

import (
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
)

// The neuron in the corner of two driven sides cannot show two signals: Build says so, and
// not the run. Both sides of one axis may be driven.
func TestDrivenCorner(t *testing.T) {
	driven := nnfield.Line(8, 4, nnfield.Driven("sin(t)"), nnfield.Dirichlet)
	kg := nnfield.KleinGordon()
	if err := kg.Lattice(driven, driven).Err(); err == nil || !strings.Contains(err.Error(), "driven sides on two axes meet in a corner") {
		t.Errorf("two axes: %v", err)
	}
	both := nnfield.Line(8, 4, nnfield.Driven("sin(t)"), nnfield.Driven("cos(t)"))
	run(t, kg.Lattice(both, nnfield.Ring(8, 4)).Until(1))
}
