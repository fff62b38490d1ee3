package nnfield_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// What a cell can hold prints itself in a line, or in a table that is its card, and never
// shows what Go makes of it.
func TestEverythingPrints(t *testing.T) {
	kg := nnfield.KleinGordon().Ring(48, 12).Packet(nnfield.Width(1))
	s := kg.Until(2).Observe(observe.Amplitude(), nnfield.Every(4))
	r := run(t, s)
	values := map[string]any{
		"simulation": s, "run": r, "series": r.Invariants[0], "observable": r.Observables[0], "stop": r.Stop, "state": r.Last,
		"every": nnfield.Every(3), "every time": nnfield.EveryTime(0.5), "count": nnfield.Count(5), "times": nnfield.AtTimes(0, 1), "logarithmic": nnfield.Logarithmic(4), "zero schedule": nnfield.Schedule{},
		"integrator": r.Integrator, "observer": observe.Point(3), "axis": nnfield.Ring(48, 12), "end": nnfield.Absorbing(2), "driven": nnfield.Driven("sin(t)"),
		"phi4": nnfield.Phi4(1, 1), "sine-gordon": nnfield.SineGordon(), "expression": nnfield.Potential("g*phi*phi", nnfield.Params{"g": 2}),
		"profile": nnfield.Profile("x*x"), "option": nnfield.At(3), "background": nnfield.RingFlux(0.3), "matrices": nnfield.DiracMatrices,
		"field": r.Fields()[0], "invariant": r.Model.Invariants()[0], "lattice": r.Lattice(), "boundary": lattice.Absorbing(3),
		"diverged": &simulate.DivergedError{},
	}
	for _, theory := range all.Theories {
		values["theory "+theory.Name] = theory
		for i, b := range theory.Examples() {
			m, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			values[fmt.Sprintf("%s %d", theory.Name, i)], values[fmt.Sprintf("built %s %d", theory.Name, i)] = b, m
		}
	}
	for name, v := range values {
		for _, text := range []string{fmt.Sprint(v), fmt.Sprintf("%v", v)} {
			if text == "" || strings.Contains(text, "0x") || strings.Contains(text, "{{") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "&{") || strings.Contains(text, "map[") {
				t.Errorf("%s prints %.200q", name, text)
			}
		}
	}
}
