package simulate_test

import (
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// BenchmarkFrames compares a whole run of 8000 steps and 100 frames with its steps
// alone, in turns.
func BenchmarkFrames(b *testing.B) {
	const steps, frames = 8000, 100
	for name, c := range map[string]struct {
		n int
		v theory.Potential
	}{"512²": {n: 512}, "1024²": {n: 1024}, "512² φ⁴": {512, theory.Phi4(1, 1)}} {
		b.Run(name, func(b *testing.B) {
			n := float64(c.n)
			l, err := lattice.New(lattice.Ring(c.n, n), lattice.Ring(c.n, n))
			if err != nil {
				b.Fatal(err)
			}
			packet := theory.Packet(theory.Width(8), theory.WaveNumber(0.5, 0.2))
			m, err := theory.KleinGordon{Lattice: l, Mass: 1, Potential: c.v, Initial: []theory.Initial{packet}}.Build()
			if err != nil {
				b.Fatal(err)
			}
			leapfrog, err := simulate.FindIntegrator("")
			if err != nil {
				b.Fatal(err)
			}
			const epsilon = 0.25
			m.Initial() // is made once
			var alone, whole time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := simulate.Propagate(m, leapfrog, epsilon, steps, m.Initial()); err != nil {
					b.Fatal(err)
				}
				alone += time.Since(start)
				start = time.Now()
				if _, err := simulate.New(m, steps*epsilon).Step(epsilon).Frames(simulate.Count(frames)).Run(b.Context()); err != nil {
					b.Fatal(err)
				}
				whole += time.Since(start)
			}
			b.ReportMetric(whole.Seconds()/alone.Seconds(), "whole/steps")
			b.ReportMetric(1e6*alone.Seconds()/float64(b.N)/steps, "µs/step")
			b.ReportMetric(1e6*(whole-alone).Seconds()/float64(b.N)/frames, "µs/frame")
		})
	}
}
