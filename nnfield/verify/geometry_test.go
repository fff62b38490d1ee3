package verify_test

import (
	"testing"

	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/verify"
)

// Every kind of curved field is green, and what can be judged is.
func TestCurvedFields(t *testing.T) {
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	circle := geometry.KleinGordon().Ring(96, 12).Lapse("1+0.2*sin(pi*x/6)").
		Packet(theory.Width(1.2), theory.WaveNumber(2))
	plane := geometry.KleinGordon().Torus(24, 12).Lapse("1+0.2*cos(pi*y/6)").Space(0, 1, "0.3*sin(pi*x/6)").
		PlaneWave(theory.Mode(1, -1))
	for name, c := range map[string]struct {
		b      geometry.Builder
		passed []string // rows that must have been measured
	}{
		"lapse":   {circle, []string{"loss gradient", "network step", "continuum", "dual loss: raw pair", "metric: without gains", "continuum: misled judge"}},
		"order 4": {circle.Order(4), []string{"continuum", "continuum: misled judge"}},
		"general": {plane, []string{"continuum", "metric", "dual loss", "continuum: misled judge"}},
		"shift":   {plane.Shift(1, "0.2*cos(pi*x/6)"), []string{"continuum", "order of leapfrog"}},
		"expands": {circle.ScaleFactor(geometry.CosmicTime, "exp(t/8)"), []string{"order of leapfrog", "reversible"}},
		"sponge":  {geometry.KleinGordon().Line(64, 10, lattice.Absorbing(3), wall).Lapse("1+x/10").Packet(theory.Width(0.6)), []string{"network step"}},
		"flat":    {geometry.KleinGordon().Ring(64, 12).PlaneWave(theory.Mode(2)), []string{"conserved", "metric", "continuum"}},
	} {
		r := verify.Model(c.b)
		if !r.Passed() || r.Err() != nil {
			t.Errorf("%s:\n%s", name, r)
			continue
		}
		status := map[string]verify.Status{}
		for _, row := range r.Rows {
			status[row.Name] = row.Status
		}
		for _, row := range c.passed {
			if status[row] != verify.Passed {
				t.Errorf("%s: row %q is %q\n%s", name, row, status[row], r)
			}
		}
	}
}
