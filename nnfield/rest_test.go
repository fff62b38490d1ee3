package nnfield_test

import (
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/geometry"
)

// A field at rest has no momentum, and none comes from nowhere: the drift of its momentum
// is measured by the size of the field and not by the round-off of nothing.
func TestMomentumAtRest(t *testing.T) {
	width := nnfield.Width(1)
	phi, zero := make([]float64, 96), make([]float64, 96)
	for i := range 48 {
		x := (float64(i) - 24) / 4
		phi[i] = 1 / (1 + x*x*x*x)
	}
	for name, s := range map[string]nnfield.Simulation{
		"klein-gordon":       nnfield.KleinGordon().Ring(48, 12).Packet(width).Until(10),
		"klein-gordon 2-d":   nnfield.KleinGordon().Torus(24, 12).Packet(width).Until(5),
		"klein-gordon, wave": nnfield.KleinGordon().Ring(48, 12).StandingWave(nnfield.Mode(2)).Until(10),
		"φ⁴":                 nnfield.KleinGordon().Ring(48, 12).Mass(0).Potential(nnfield.Phi4(1, 1)).Packet(width).Until(5),
		"curved":             geometry.KleinGordon().Ring(48, 12).Packet(width).Until(10),
		"dirac":              nnfield.Dirac().Ring(48, 12).Packet(width).Until(10),
		"dirac, real":        nnfield.Dirac().Ring(48, 12).Values(phi, zero).Until(10),
		"charged":            nnfield.ChargedScalar().Ring(48, 12).Packet(width).Until(10),
	} {
		for _, i := range run(t, s).Invariants {
			if strings.HasPrefix(i.Name, "momentum") && !(i.Drift() < 1e-9) {
				t.Errorf("%s: drift of %s is %.2g", name, i.Name, i.Drift())
			}
		}
	}
}
