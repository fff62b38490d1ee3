package quantum

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// Density writes the density p of learners in a state of a model of this package
// to dst: |ψ|² at each site (Schrödinger), p at each site (Madelung) or along each
// characteristic, which is at q (Hamilton-Jacobi). It panics for another model and
// unless dst has one number a site.
func Density(dst []float64, m theory.Model, s *theory.State) {
	if len(dst) != m.Lattice().Sites() {
		panic(fmt.Sprintf("quantum.Density: %d numbers for %d sites", len(dst), m.Lattice().Sites()))
	}
	switch m.(type) {
	case *schrodinger:
		re, im := parts(s)
		for i, x := range re {
			dst[i] = float64(x*x) + float64(im[i]*im[i])
		}
	case *madelung, *hamiltonJacobi:
		copy(dst, s.Arrays[0])
	default:
		panic(fmt.Sprintf("quantum.Density: %s is no model of this package", m.Theory()))
	}
}
