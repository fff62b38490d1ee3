package verify_test

import (
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/verify"
)

// Every theory of spinors and gauge fields has a green report: its claims hold and
// its controls fail, and each row means something for some model.
func TestSpinorsAndGaugeFields(t *testing.T) {
	packet := []nnfield.Option{nnfield.At(6), nnfield.Width(1), nnfield.WaveNumber(1.5)}
	measured := map[string]bool{}
	for name, b := range map[string]nnfield.Builder{
		"dirac":         nnfield.Dirac().Ring(48, 12).Packet(packet...),
		"wilson 2-D":    nnfield.Dirac().Torus(12, 6).Wilson(1).PlaneWave(nnfield.Mode(1, 2), nnfield.EnergySign(0)),
		"wall":          nnfield.Dirac().Line(40, 12, nnfield.Dirichlet, nnfield.Dirichlet).Wilson(1).Packet(packet...),
		"majorana":      nnfield.Dirac().Ring(48, 12).Representation(nnfield.MajoranaMatrices).Packet(packet...),
		"weyl":          nnfield.Dirac().Ring(48, 12).Representation(nnfield.WeylMatrices).Packet(packet...),
		"charged":       nnfield.ChargedScalar().Ring(48, 12).Packet(packet...).Background(nnfield.RingFlux(1)),
		"charged dirac": nnfield.ChargedDirac().Ring(48, 12).Packet(packet...).Background(nnfield.ElectricField(0.3)),
		"coupled":       nnfield.ChargedScalar().Torus(12, 12).Dynamic(nnfield.NonCompact).Packet(nnfield.At(6, 6), packet[1]),
		"coupled dirac": nnfield.ChargedDirac().Ring(48, 12).Dynamic(nnfield.Compact).Packet(packet...),
		"maxwell":       nnfield.Maxwell().Torus(12, 6).Action(nnfield.Compact).LinkWave(nnfield.Mode(1, 2), nnfield.Polarisation(1, 0)),
	} {
		r := verify.Model(b)
		if !r.Passed() {
			t.Errorf("%s:\n%s", name, r)
		}
		for _, row := range r.Rows {
			measured[row.Name] = measured[row.Name] || row.Status == verify.Passed
		}
	}
	for row, some := range measured {
		if !some {
			t.Errorf("the row %q is measured on none of these models", row)
		}
	}
	if r := verify.Model(nnfield.Dirac().Ring(48, 12).Packet(packet...)); !strings.Contains(r.String(), "continuity: wrong current") {
		t.Errorf("no control of the current:\n%s", r)
	}
}
