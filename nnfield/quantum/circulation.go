package quantum

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Vortex is a plaquette of the lattice around which the phase of ψ winds.
type Vortex struct {
	At     []float64 // the middle of the plaquette
	Charge int       // ∮∂F·dq/2πħ, counter-clockwise
}

// Vortices returns the plaquettes of a lattice of two axes around which the phase
// of ψ = re + i·im winds, in row-major order. The phase between neighbours is
// taken by the shorter way, so that each charge is a whole number. It panics
// unless the lattice has two axes and the arrays one number a site.
func Vortices(l lattice.Lattice, re, im []float64) []Vortex {
	if l.Dim() != 2 || len(re) != l.Sites() || len(im) != l.Sites() {
		panic(fmt.Sprintf("quantum.Vortices: %d axes, %d and %d numbers for %d sites; it needs two axes and one number a site", l.Dim(), len(re), len(im), l.Sites()))
	}
	phase := make([]float64, len(re))
	for s := range phase {
		phase[s] = angle(re[s], im[s])
	}
	var found []Vortex
	for s := range phase {
		e, ok1 := forward(l, s, 0)
		n, ok2 := forward(l, s, 1)
		if !ok1 || !ok2 {
			continue
		}
		ne, _ := forward(l, e, 1)
		turns := shorter(phase[e]-phase[s]) + shorter(phase[ne]-phase[e]) + shorter(phase[n]-phase[ne]) + shorter(phase[s]-phase[n])
		if charge := int(math.Round(turns / (2 * math.Pi))); charge != 0 {
			at := l.Position(make([]int, 2), s)
			found = append(found, Vortex{Charge: charge, At: []float64{
				l.Axis(0).Coordinate(at[0]) + float64(l.Spacing(0)/2), l.Axis(1).Coordinate(at[1]) + float64(l.Spacing(1)/2)}})
		}
	}
	return found
}

// Winding returns how often the phase of ψ = re + i·im turns along the first line
// of sites around a periodic axis: the circulation ∮∂F·dq/2πħ. It panics unless
// the axis is periodic and the arrays have one number a site.
func Winding(l lattice.Lattice, axis int, re, im []float64) int {
	if !l.Axis(axis).Periodic() || len(re) != l.Sites() || len(im) != l.Sites() {
		panic(fmt.Sprintf("quantum.Winding: axis %d of %v; it needs a periodic axis and one number a site", axis, l))
	}
	turns, s := 0.0, 0
	for range l.Axis(axis).Sites {
		n, _ := forward(l, s, axis)
		turns += shorter(angle(re[n], im[n]) - angle(re[s], im[s]))
		s = n
	}
	return int(math.Round(turns / (2 * math.Pi)))
}

// forward returns the next site along an axis; ok is false at a wall.
func forward(l lattice.Lattice, site, axis int) (next int, ok bool) {
	a, stride := l.Axis(axis), l.Stride(axis)
	switch i := site / stride % a.Sites; {
	case i < a.Sites-1:
		return site + stride, true
	case a.Periodic():
		return site - i*stride, true
	}
	return site, false
}

// angle returns the phase of x + iy in (−π, π] with the bits of package elementary.
func angle(x, y float64) float64 {
	switch {
	case math.Abs(y) > math.Abs(x):
		return math.Copysign(math.Pi/2, y) - elementary.Atan(x/y)
	case x > 0:
		return elementary.Atan(y / x)
	case x < 0:
		return math.Copysign(math.Pi, y) + elementary.Atan(y/x)
	}
	return 0
}

// shorter returns the angle in [−π, π] that differs from phi by whole turns.
func shorter(phi float64) float64 { return phi - 2*math.Pi*math.Round(phi/(2*math.Pi)) }

// singleValued returns a free energy F with ψ = √p e^{iF/ħ} that has one value at
// each site, or an error if there is none because ψ winds.
func (p *problem) singleValued() ([]float64, error) {
	l, hbar := p.lattice, p.learning.Hbar()
	f := make([]float64, len(p.psi))
	f[0] = hbar * angle(real(p.psi[0]), imag(p.psi[0]))
	step := func(from, to int) float64 {
		a, b := p.psi[from], p.psi[to]
		return hbar * angle(float64(real(a)*real(b))+float64(imag(a)*imag(b)), float64(real(a)*imag(b))-float64(imag(a)*real(b)))
	}
	at := make([]int, l.Dim())
	for s := 1; s < len(f); s++ { // each site from the one before it along its last axis that is not at 0
		l.Position(at, s)
		for j := l.Dim() - 1; ; j-- {
			if at[j] > 0 {
				before := s - l.Stride(j)
				f[s] = f[before] + step(before, s)
				break
			}
		}
	}
	for s := range f {
		for j := range l.Dim() {
			n, ok := forward(l, s, j)
			if !ok {
				continue
			}
			gap := (f[n] - f[s] - step(s, n)) / (2 * math.Pi * hbar)
			if math.Abs(gap) < 0.5 {
				continue
			}
			if n < s { // around the ring
				return nil, fmt.Errorf("ψ winds %v times around the %s axis; a single-valued F has circulation 0, give it apart as Circulation, or use Schrodinger",
					-math.Round(gap), lattice.AxisName(j))
			}
			return nil, fmt.Errorf("ψ winds about a point near %s: a single-valued F cannot hold a vortex; use Schrodinger", place(l, s))
		}
	}
	return f, nil
}
