package nnfield_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/goldentest"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// golden are, theory by theory, models whose bits are promised: nothing in them depends on how a
// compiler rounds. (The FFT of packets, thermal states and the spectral
// Laplacian is a library's, whose rounding follows GOAMD64.)
func golden() map[string]map[string]nnfield.Simulation {
	lump := func(shape ...int) (phi, beta []float64) {
		n := 1
		for _, m := range shape {
			n *= m
		}
		for i := range n {
			x := float64(i)/float64(n) - 0.4
			phi = append(phi, elementary.Exp(-20*x*x))
			beta = append(beta, elementary.Sin(9*x))
		}
		return phi, beta
	}
	phi, beta := lump(48)
	square, squareBeta := lump(8, 8)
	cube, cubeBeta := lump(4, 4, 4)
	ring := nnfield.KleinGordon().Ring(48, 12).Values(phi, beta)
	steps := func(b builder) nnfield.Simulation { // no power of two, by which numbers are multiplied exactly
		return b.Until(64 * 0.06).Step(0.06).Frames(nnfield.Count(3))
	}
	scalar := map[string]nnfield.Simulation{
		"free":       steps(ring).Observe(observe.Point(3), nnfield.Every(8)),
		"order-4":    steps(ring.Laplacian(nnfield.Order4)),
		"walls":      steps(nnfield.KleinGordon().Line(48, 12, nnfield.Dirichlet, nnfield.Neumann).Laplacian(nnfield.Order4).Values(phi, beta)),
		"open":       steps(nnfield.KleinGordon().Line(48, 12, nnfield.Driven("a*sin(2*t)", nnfield.Params{"a": 0.5}), nnfield.Absorbing(4))),
		"kink":       steps(nnfield.KleinGordon().Line(48, 12, nnfield.Neumann, nnfield.Neumann).Mass(0).Potential(nnfield.Phi4(1, 1)).Kink(nnfield.Velocity(0.4))),
		"breather":   steps(nnfield.KleinGordon().Ring(48, 24).Mass(0).Potential(nnfield.SineGordon()).Breather(nnfield.Frequency(0.5))),
		"expression": steps(ring.Potential(nnfield.Potential("g*phi*phi*phi*phi + tanh(x)*phi*phi", nnfield.Params{"g": 0.1}))),
		"sites":      steps(ring.Potential(nnfield.SitePotential(phi))),
		"2-d":        steps(nnfield.KleinGordon().Torus(8, 4).Values(square, squareBeta)),
		"3-d":        steps(nnfield.KleinGordon().Cube(4, 3).Values(cube, cubeBeta)),
		"waves":      steps(nnfield.KleinGordon().Torus(8, 4).StandingWave(nnfield.Mode(1, 2)).PlaneWave(nnfield.Mode(1, -1))),
	}
	for _, in := range simulate.Integrators() {
		scalar["integrator-"+in.Name] = steps(ring.Potential(nnfield.Phi4(0.5, 1))).Integrator(in.Name)
	}
	spinor, spinorBeta := lump(48, 2)
	spinors, spinorsBeta := lump(4, 4, 4, 8)
	dirac := nnfield.Dirac().Ring(48, 12).Values(spinor, spinorBeta)
	return map[string]map[string]nnfield.Simulation{
		"klein-gordon": scalar,
		"dirac": {
			"free":     steps(dirac).Observe(observe.Current(), nnfield.Every(32)),
			"wall":     steps(dirac.Wilson(1).MassProfile(nnfield.Profile("m*tanh(x-6)", nnfield.Params{"m": 2})).ScalarPotential(nnfield.Profile("x/12"))),
			"majorana": steps(dirac.Representation(nnfield.MajoranaMatrices)).Integrator("yoshida4"),
			"rk4":      steps(dirac.Representation(nnfield.DiracMatrices)).Integrator("rk4"),
			"3-d":      steps(nnfield.Dirac().Cube(4, 2).Values(spinors, spinorsBeta)),
		},
		"maxwell": {
			"compact": steps(nnfield.Maxwell().Cube(4, 3).Action(nnfield.Compact).Charge(1.5).LinkWave(nnfield.Mode(1, 0, 2), nnfield.Polarisation(0, 1, 1))),
			"linear":  steps(nnfield.Maxwell().Torus(8, 4).LinkValues(append(square, squareBeta...), append(squareBeta, square...))).Integrator("rk4"),
		},
		"charged-scalar": {
			"free": steps(nnfield.ChargedScalar().Ring(48, 12).Values(spinor, spinorBeta)),
			"coupled": steps(nnfield.ChargedScalar().Torus(8, 4).Dynamic(nnfield.Compact).Background(nnfield.MagneticFlux(2)).
				Values(append(square, square...), make([]float64, 128)).LinkValues(append(square, squareBeta...), append(squareBeta, square...))),
			"pushed": steps(nnfield.ChargedScalar().Ring(48, 12).Charge(1.5).Background(pushes()...).GaugeTransform(nnfield.Profile(twist)).Values(spinor, spinorBeta)),
			"flux": steps(nnfield.ChargedScalar().Torus(8, 4).Background(nnfield.MagneticFlux(5), nnfield.VectorPotential(1, nnfield.SiteProfile(square))).
				Values(append(square, squareBeta...), append(squareBeta, square...))).Integrator("rk4"),
		},
		"charged-dirac": {
			"pushed": steps(nnfield.ChargedDirac().Ring(24, 6).Wilson(0.5).Background(pushes()...).Values(spinor, spinorBeta)).Integrator("yoshida4"),
			"coupled": steps(nnfield.ChargedDirac().Ring(24, 6).Dynamic(nnfield.NonCompact).Values(spinor, make([]float64, 96)).
				LinkValues(phi[:24], beta[:24])),
			"weyl": steps(nnfield.ChargedDirac().Ring(24, 6).Representation(nnfield.WeylMatrices).Background(nnfield.RingFlux(0.4)).Values(spinor, spinorBeta)),
		},
	}
}

// The Spec of a model and the bits of its run are what stored results are found
// and trusted by. Bits that change without a new numerics version fail here.
func TestGolden(t *testing.T) {
	for theory, models := range golden() {
		t.Run(theory, func(t *testing.T) { testGolden(t, theory, models) })
	}
}

func testGolden(t *testing.T, theory string, models map[string]nnfield.Simulation) {
	var lines []string
	var names []string
	for name := range models {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s := models[name]
		arrays := simulate.NewArrays()
		spec, err := s.Spec(arrays)
		if err != nil {
			t.Fatal(name, err)
		}
		goldentest.Compare(t, filepath.Join("testdata", theory, name+".json"), string(spec)+"\n")
		again, err := all.Decode(spec, arrays)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := run(t, again)
		lines = append(lines, fmt.Sprintf("%-28s %d.%d %s", name, r.Model.Numerics(), simulate.Numerics, goldentest.Bits(r)))
	}
	goldentest.Compare(t, filepath.Join("testdata", theory, "bits-"+runtime.GOARCH+".txt"), strings.Join(lines, "\n")+"\n")
}
