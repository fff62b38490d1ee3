package verify_test

import (
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/verify"
)

// The theories of the trainable variables are green with all rows that mean something
// for the problem.
func TestQuantumTheories(t *testing.T) {
	mirror := lattice.Boundary{Kind: lattice.Neumann}
	ring := quantum.Schrodinger().Ring(32, 2*math.Pi).Potential("cos(x)").Fluid("1+0.4*cos(x)", "0.5*sin(x)")
	torus := quantum.Schrodinger().Torus(12, 2*math.Pi).Potential("cos(x)*sin(y)").Fluid("1+0.3*cos(x+y)", "0.3*sin(x)+0.2*cos(y)")
	for name, c := range map[string]struct {
		b      quantum.Builder
		passed int
	}{
		"ring":                      {ring, 8},
		"circulation":               {ring.Circulation(2).Particle(2, 0.7), 8},
		"torus":                     {torus, 8},
		"free":                      {quantum.Schrodinger().Ring(64, 20).Packet(quantum.Width(1), quantum.WaveNumber(1)), 6},
		"well":                      {quantum.Schrodinger().Line(300, 18).Potential("(x-9)*(x-9)/2").Coherent(quantum.Frequency(1), quantum.At(10)), 6},
		"mirrors":                   {quantum.Schrodinger().Lattice(lattice.Line(40, 8, mirror, mirror)).Fluid("2+cos(pi*x/4)", "0"), 6},
		"box":                       {quantum.Schrodinger().Box(15, 5).Eigenstate(quantum.Mode(1, 2)), 6},
		"at rest":                   {quantum.Schrodinger().Ring(16, 1).PlaneWave(quantum.Mode(0)), 3},
		"fluid":                     {ring.As(quantum.Madelung()), 2},
		"fluid, circulation":        {ring.Circulation(1).As(quantum.Madelung()), 2},
		"fluid on a torus":          {torus.As(quantum.Madelung()), 2},
		"fluid in a well":           {quantum.Madelung().Line(60, 12).Potential("(x-6)*(x-6)/2").Coherent(quantum.Frequency(1), quantum.At(7)), 2},
		"fluid between mirrors":     {quantum.Madelung().Lattice(lattice.Line(40, 8, mirror, mirror)).Fluid("2+cos(pi*x/4)", "0"), 2},
		"fluid with half a quantum": {ring.As(quantum.Madelung()).Circulation(0.5), 2},
		"classical":                 {ring.As(quantum.HamiltonJacobi()), 4},
		"classical, flow":           {ring.Circulation(0.3).As(quantum.HamiltonJacobi()), 4},
		"classical, on torus":       {torus.As(quantum.HamiltonJacobi()), 4},
		"classical, line":           {quantum.HamiltonJacobi().Line(60, 12).Potential("(x-6)*(x-6)/2").Fluid("1", "sin(x)/3"), 4},
	} {
		r := verify.Model(c.b)
		passed := 0
		for _, row := range r.Rows {
			if row.Status == verify.Passed {
				passed++
			}
		}
		if !r.Passed() || passed != c.passed {
			t.Errorf("%s: green %v, %d rows passed; want %d\n%s", name, r.Passed(), passed, c.passed, r)
		}
	}
}

// What cannot be judged is said, and counts for nothing.
func TestQuantumRowsThatAreNotMeasured(t *testing.T) {
	v := make([]float64, 32)
	ring := quantum.Madelung().Ring(32, 2*math.Pi).Fluid("1", "0")
	ringInSpace := quantum.Madelung().Lattice(lattice.Ring(6, 6), lattice.Ring(6, 6), lattice.Ring(6, 6)).Fluid("1+0.1*cos(pi*x/3)", "0")
	for name, c := range map[string]struct {
		b      quantum.Builder
		status verify.Status
	}{
		"at rest":          {ring, verify.NotApplicable},
		"learners at rest": {ring.As(quantum.HamiltonJacobi()), verify.NotApplicable},
		"V at the sites":   {ring.SitePotential(v), verify.Skipped},
		"three dimensions": {ringInSpace, verify.NotApplicable},
	} {
		r := verify.Model(c.b)
		if row := r.Rows[len(r.Rows)-1]; row.Status != c.status {
			t.Errorf("%s: %q\n%s", name, row.Status, r)
		}
	}
}
