package nnfield_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	stringtheory "github.com/nnfield/nnfield/nnfield/geometry/strings"
	"github.com/nnfield/nnfield/nnfield/internal/goldentest"
	"github.com/nnfield/nnfield/nnfield/internal/level"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// states are runs that begin with each kind of initial state of each theory, beside
// those of golden.
func states() map[string]nnfield.Simulation {
	steps := func(b builder) nnfield.Simulation { return b.Until(64 * 0.03).Step(0.03).Frames(nnfield.Count(4)) }
	kg, line := nnfield.KleinGordon().Ring(48, 12), nnfield.KleinGordon().Line(48, 12, nnfield.Neumann, nnfield.Neumann)
	packet := []nnfield.Option{nnfield.At(5), nnfield.Width(1), nnfield.WaveNumber(1.5)}
	ring, wave := nnfield.Dirac().Ring(48, 12), nnfield.Mode(2)
	schrodinger := quantum.Schrodinger().Ring(48, 12)
	all := map[string]nnfield.Simulation{
		"kg packet":          steps(kg.Packet(packet...)).Observe(observe.EnergyDensity(), nnfield.Every(16)).Observe(observe.Spectrum(), nnfield.Every(16)),
		"kg packet 2-d":      steps(nnfield.KleinGordon().Torus(24, 12).Packet(nnfield.Width(1), nnfield.WaveNumber(1, 0.5))),
		"kg plane wave":      steps(kg.PlaneWave(wave)).Observe(observe.EnergyDensity(), nnfield.Every(16)),
		"kg order 4":         steps(kg.Laplacian(nnfield.Order4).PlaneWave(wave)),
		"kg standing wave":   steps(line.StandingWave(nnfield.Mode(3))).Observe(observe.Point(3), nnfield.Every(5)),
		"kg thermal":         steps(kg.Thermal(nnfield.Temperature(0.5), nnfield.Seed(3))),
		"kg spectral":        steps(kg.Laplacian(nnfield.Spectral).PlaneWave(wave)),
		"kg spectrum":        steps(kg.PlaneWave(wave)).Observe(observe.Spectrum(), nnfield.Every(16)),
		"kg kinks":           steps(kg.Mass(0).Potential(nnfield.SineGordon()).Kink(nnfield.At(3)).Antikink(nnfield.At(9), nnfield.Velocity(-0.3))),
		"dirac packet":       steps(ring.Packet(packet...)).Observe(observe.Current(), nnfield.Every(16)),
		"dirac plane wave":   steps(ring.Wilson(0.7).PlaneWave(wave, nnfield.Phase(0.4))).Observe(observe.ChargeDensity(), nnfield.Every(16)),
		"dirac matrices":     steps(nnfield.Dirac().Torus(12, 6).Representation(nnfield.DiracMatrices).PlaneWave(nnfield.Mode(1, 2), nnfield.EnergySign(-1))),
		"scalar packet":      steps(nnfield.ChargedScalar().Ring(48, 12).Background(nnfield.RingFlux(0.4)).Packet(packet...)),
		"scalar plane wave":  steps(nnfield.ChargedScalar().Ring(48, 12).PlaneWave(wave)).Observe(observe.Current(), nnfield.Every(16)),
		"scalar with links":  steps(nnfield.ChargedScalar().Torus(12, 6).Dynamic(nnfield.Compact).PlaneWave(nnfield.Mode(1, 0)).LinkWave(nnfield.Mode(0, 1), nnfield.Polarisation(1, 0))),
		"spinor plane wave":  steps(nnfield.ChargedDirac().Ring(48, 12).Background(nnfield.RingFlux(0.4)).PlaneWave(wave)).Observe(observe.EnergyDensity(), nnfield.Every(16)),
		"spinor packet":      steps(nnfield.ChargedDirac().Ring(48, 12).Packet(packet...)),
		"maxwell wave":       steps(nnfield.Maxwell().Torus(12, 6).LinkWave(nnfield.Mode(1, 0), nnfield.Polarisation(0, 1))).Observe(observe.EnergyDensity(), nnfield.Every(16)),
		"curved packet":      steps(geometry.KleinGordon().Ring(48, 12).Lapse("1 + 0.2*cos(2*pi*x/12)").Packet(packet...)),
		"curved wave":        steps(geometry.KleinGordon().Ring(48, 12).Lapse("1 + 0.2*cos(2*pi*x/12)").PlaneWave(wave)),
		"string":             stringtheory.String().Ring(48, 6.28).Right("cos(x)", "sin(x)").Left("cos(x)", "sin(x)").Until(3.14),
		"universe":           einstein.FRW().Times(21, 1).From(1).To(2.5).Neurons(5).Until(2).Step(0.01),
		"schrodinger packet": schrodinger.Packet(quantum.At(5), quantum.Width(1), quantum.WaveNumber(1.5)).Until(64 * 0.02).Step(0.02),
	}
	return all
}

// The bits of all that a run records are the same for every instruction set level of an
// architecture. Where a library's transforms and eigenvalues leave them to the compiler
// there is one file of bits a level, and the runs of two levels have different keys.
func TestGoldenStates(t *testing.T) {
	bits := map[bool]string{}
	all := states()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		j, err := all[name].Prepare()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := run(t, all[name])
		if r.Arch != j.Arch() {
			t.Errorf("%s: the run is of %s, its job of %s", name, r.Arch, j.Arch())
		}
		bits[j.Portable()] += fmt.Sprintf("%-20s %d.%d %s\n", name, r.Model.Numerics(), simulate.Numerics, goldentest.Everything(t, r))
	}
	goldentest.Compare(t, filepath.Join("testdata", "states-"+runtime.GOARCH+".txt"), bits[true])
	goldentest.Compare(t, filepath.Join("testdata", "transformed-"+level.Arch()+".txt"), bits[false])
}
