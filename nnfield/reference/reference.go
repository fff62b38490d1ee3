// Package reference holds independent solutions that runs are judged by: free
// Klein-Gordon and Dirac fields on a lattice, exact in time, dense matrix
// exponentials, spectra in gauge backgrounds and closed forms.
//
// It knows where neurons sit (package lattice) and nothing of networks, weights
// or steppers: every formula is written here a second time, so that agreement
// with a run means something. Units have c = 1; frequencies are angular.
//
// Four ways to be exact, from the lattice to the continuum:
//
//	Exponential   exact in time for any small symmetric K, by gonum's dense exp
//	FreeField     exact in time for V = 0, mode by mode, any boundary and size
//	PlaneWave     one mode, with the frequency of the lattice or the continuum
//	Kink …        closed forms of the continuum equation with V ≠ 0
//
// and, for spinors and charges,
//
//	FreeDirac     exact in time for any Dirac representation, wave by wave
//	Unitary, TimeOrdered
//	              dense exponentials of any Hermitian matrix, static or not
//	RingFrequencies, HarperScalar, HarperDirac, CoulombPotential, ElectromagneticWave
//	              spectra and solutions in gauge fields
//	KleinTransmission, BlochDisplacement, ScalarLandau …
//	              closed forms
//
// and, for the Schrödinger equation,
//
//	CrankNicolson  a second solver, by implicit midpoint
//	CoherentState, FreePacket, BoxState, VortexState, BarrierTransmission …
//	               closed forms
//
// [F] is V. Vanchurin, Emergent field theories from neural networks,
// arXiv:2411.08138 (2024).
package reference

import (
	"errors"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// checkModel returns what keeps the stiffness matrix K = −∇² + m² on l from
// being symmetric and constant, or m and the order from being used.
func checkModel(l lattice.Lattice, mass float64, order Order) error {
	if l.Dim() == 0 {
		return errors.New("a lattice without axes; make it with lattice.New")
	}
	for j, a := range l.Axes() {
		for _, side := range []lattice.Side{lattice.Low, lattice.High} {
			b := a.Boundary(side)
			if b.Kind == lattice.Driven {
				return fmt.Errorf("axis %s: the %s end is driven, its field is not free; use periodic, dirichlet or neumann", lattice.AxisName(j), side)
			}
			if b.Sponge != (lattice.Sponge{}) {
				return fmt.Errorf("axis %s: the sponge at the %s end damps the field; use a wall without a sponge", lattice.AxisName(j), side)
			}
		}
	}
	if !(mass >= 0) || math.IsInf(mass, 1) {
		return fmt.Errorf("mass %v; it must be finite and not negative", mass)
	}
	if !order.valid() {
		return fmt.Errorf("order %d; use 2, 4 or reference.Continuum", order)
	}
	return nil
}

// checkField returns what is wrong with initial values for n sites.
func checkField(name string, field []float64, n int) error {
	if len(field) != n {
		return fmt.Errorf("%s has %d values for %d sites; give one value a site", name, len(field), n)
	}
	for i, v := range field {
		if !finite(v) {
			return fmt.Errorf("%s[%d] = %v; initial values must be finite", name, i, v)
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
