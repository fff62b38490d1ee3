package quantum

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/simulate"
)

// BreakdownError says where a theory stopped to describe the learners.
type BreakdownError struct {
	Theory string    // "madelung" or "hamilton-jacobi"
	Cause  string    // "node" or "caustic"
	Time   float64   // of the last good step
	At     []float64 // where, one coordinate for each axis
}

func (e *BreakdownError) Error() string {
	if e.Cause == "caustic" {
		return fmt.Sprintf("HamiltonJacobi: a caustic at q = %s after t = %.6g: learners of several velocities meet and F is no function of q any more; use Schrodinger", list(e.At), e.Time)
	}
	return fmt.Sprintf("Madelung: p gets a node, or a structure the lattice does not resolve, at q = %s after t = %.6g: F is undefined there; use Schrodinger, or a finer lattice if ψ has no node", list(e.At), e.Time)
}

// Breakdown returns a *[BreakdownError] if a run of one of the theories of this
// package ended at a node of p (Madelung) or at a caustic (Hamilton-Jacobi), and
// nil if not. The run itself reports only that a number stopped being finite.
func Breakdown(r *simulate.Run) error {
	if r.Stop.Reason != simulate.Diverged {
		return nil
	}
	l := r.Lattice()
	e := &BreakdownError{Theory: r.Model.Theory(), Time: r.Stop.Time}
	switch r.Model.(type) {
	case *madelung:
		e.Cause = "node"
		for j, i := range l.Position(make([]int, l.Dim()), r.Stop.Site) {
			e.At = append(e.At, l.Axis(j).Coordinate(i))
		}
	case *hamiltonJacobi:
		e.Cause = "caustic"
		for j := range l.Dim() {
			e.At = append(e.At, r.Last.Arrays[2+j][r.Stop.Site])
		}
	default:
		return nil
	}
	return e
}
