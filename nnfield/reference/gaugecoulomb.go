package reference

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// CoulombPotential returns the potential Φ = A_0 of static charges on a periodic
// lattice in one, two or three dimensions, the solution of
//
//	−∇²Φ = ρ
//
// with the Laplacian of order 2 and Σ Φ = 0, mode by mode. charge is the density ρ,
// one value a site: a charge Q on one site has ρ = Q/a^d. [CoulombField] makes of it
// the electric field, with div E = ρ.
//
// It fails for a lattice that is not periodic, a density of the wrong length or not
// finite, and for charges that do not add up to 0: the lines of force of the rest
// would have no end on a torus.
func CoulombPotential(l lattice.Lattice, charge []float64) ([]float64, error) {
	err := checkPeriodic(l)
	if err == nil {
		err = checkField("charge", charge, l.Sites())
	}
	if err != nil {
		return nil, fmt.Errorf("reference.CoulombPotential: %w", err)
	}
	total, size := 0.0, 0.0
	for _, rho := range charge {
		total += rho
		size += math.Abs(rho)
	}
	if math.Abs(total) > 1e-12*size {
		return nil, fmt.Errorf("reference.CoulombPotential: the density adds up to %.6g; a torus holds neutral charges only, subtract the mean %.6g", total, total/float64(len(charge)))
	}
	modes := complexes(charge)
	transform(modes, l, false)
	for i, k := range modeFrequencies(l, 0, 2) {
		modes[i] /= complex(k*k, 0)
	}
	modes[0] = 0 // k = 0
	transform(modes, l, true)
	return reals(modes), nil
}

// CoulombField returns the electric field of a static potential, on the links from
// each site x along each axis,
//
//	E_j(x) = −[Φ(x+ĵ) − Φ(x)]/a_j.
//
// It fails for a lattice that is not periodic, and a potential of the wrong length
// or not finite.
func CoulombField(l lattice.Lattice, potential []float64) ([][]float64, error) {
	err := checkPeriodic(l)
	if err == nil {
		err = checkField("potential", potential, l.Sites())
	}
	if err != nil {
		return nil, fmt.Errorf("reference.CoulombField: %w", err)
	}
	field := make([][]float64, l.Dim())
	for j := range field {
		field[j] = make([]float64, l.Sites())
		for x := range field[j] {
			y, _ := l.Neighbour(x, j, 1)
			field[j][x] = (potential[x] - potential[y]) / l.Spacing(j)
		}
	}
	return field, nil
}
