package nnfield_test

import (
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// BenchmarkStep times the network's own leapfrog step, in sites a microsecond.
func BenchmarkStep(b *testing.B) {
	for name, kg := range map[string]nnfield.KleinGordonModel{
		"1-D 1e3":  nnfield.KleinGordon().Ring(1000, 100),
		"1-D 1e6":  nnfield.KleinGordon().Ring(1_000_000, 100_000),
		"2-D 512²": nnfield.KleinGordon().Torus(512, 64),
		"2-D φ⁴":   nnfield.KleinGordon().Torus(512, 64).Mass(0).Potential(nnfield.Phi4(1, 1)),
		"3-D 64³":  nnfield.KleinGordon().Cube(64, 16),
	} {
		m := kg.MustBuild()
		in, err := simulate.FindIntegrator("")
		if err != nil {
			b.Fatal(err)
		}
		epsilon := 1 / m.MaxFrequency(m.Initial())
		b.Run(name, func(b *testing.B) {
			if _, err := simulate.Propagate(m, in, epsilon, b.N, m.Initial()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)*float64(m.Lattice().Sites())/b.Elapsed().Seconds()/1e6, "Msites/s")
		})
	}
}
