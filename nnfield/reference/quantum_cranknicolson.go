package reference

import (
	"fmt"
	"math"
	"math/cmplx"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// CrankNicolson solves iħ∂_tψ = −(ħ²/2m)∂²ψ + Vψ on a lattice of one or two axes
// with central differences and the Cayley form of the exponential,
//
//	ψ′ = (1 + iεH/2ħ)⁻¹ (1 − iεH/2ħ) ψ,
//
// which is unitary for any step ε, of order 2 in ε and in a (J. Crank,
// P. Nicolson, Proc. Camb. Phil. Soc. 43, 50 (1947); A. Goldberg et al., Am. J.
// Phys. 35, 177 (1967)). In the plane the axes alternate, x(ε/2) y(ε) x(ε/2), each
// with half of V: tridiagonal systems only. It shares nothing with the split step.
type CrankNicolson struct {
	l         lattice.Lattice
	step      float64
	hop       []complex128   // −iεħ/(4m a²) of each axis, without the twist
	turn      []complex128   // e^{2πiκ} across the seam of each axis
	v         []complex128   // iεV/2ħ of a whole step of one axis
	lines     [][]complex128 // scratch of a line: diagonal, right side, correction
	upper     []complex128
	fractions []float64 // of a step, in the order of the sweeps
	axes      []int
}

// NewCrankNicolson returns the solver. kappa holds the twist of each axis, ψ(x + L)
// = e^{2πiκ}ψ(x), nil for none; V has one value a site. It fails for three axes,
// for driven ends and sponges, for a ring of fewer than 3 sites, for parameters
// that are not positive and for a V of another length.
func NewCrankNicolson(l lattice.Lattice, mass, hbar, step float64, v, kappa []float64) (*CrankNicolson, error) {
	if d := l.Dim(); d < 1 || d > 2 {
		return nil, fmt.Errorf("reference.NewCrankNicolson: %d axes; it solves on one or two", d)
	}
	if err := checkModel(l, 0, 2); err != nil {
		return nil, fmt.Errorf("reference.NewCrankNicolson: %w", err)
	}
	for _, x := range []float64{mass, hbar, step} {
		if !(x > 0) || !finite(x) {
			return nil, fmt.Errorf("reference.NewCrankNicolson: mass %v, ħ %v, step %v; they must be positive and finite", mass, hbar, step)
		}
	}
	if err := checkField("V", v, l.Sites()); err != nil {
		return nil, fmt.Errorf("reference.NewCrankNicolson: %w", err)
	}
	if kappa == nil {
		kappa = make([]float64, l.Dim())
	}
	if len(kappa) != l.Dim() {
		return nil, fmt.Errorf("reference.NewCrankNicolson: %d twists for %d axes; give one for each axis", len(kappa), l.Dim())
	}
	c := &CrankNicolson{l: l, step: step, fractions: []float64{1}, axes: []int{0}}
	if l.Dim() == 2 {
		c.fractions, c.axes = []float64{0.5, 1, 0.5}, []int{0, 1, 0}
	}
	longest := 0
	for j, a := range l.Axes() {
		if a.Periodic() && a.Sites < 3 {
			return nil, fmt.Errorf("reference.NewCrankNicolson: a ring of %d sites; use at least 3", a.Sites)
		}
		c.hop = append(c.hop, complex(0, -step*hbar/(4*mass*a.Spacing()*a.Spacing())))
		c.turn = append(c.turn, cmplx.Rect(1, 2*math.Pi*kappa[j]))
		longest = max(longest, a.Sites)
	}
	c.v = make([]complex128, len(v))
	for s, x := range v {
		c.v[s] = complex(0, step*x/(2*hbar*float64(l.Dim())))
	}
	for range 3 {
		c.lines = append(c.lines, make([]complex128, longest))
	}
	c.upper = make([]complex128, longest)
	return c, nil
}

// Advance replaces ψ by its value n steps later. It panics unless psi has one
// value a site.
func (c *CrankNicolson) Advance(psi []complex128, n int) {
	if len(psi) != c.l.Sites() {
		panic(fmt.Sprintf("reference.CrankNicolson.Advance: %d values for %d sites", len(psi), c.l.Sites()))
	}
	for range n {
		for sweep, axis := range c.axes {
			sites, stride := c.l.Axis(axis).Sites, c.l.Stride(axis)
			for s := range psi {
				if s/stride%sites == 0 {
					c.line(psi, s, axis, complex(c.fractions[sweep], 0))
				}
			}
		}
	}
}

// line advances the line of sites that begins at first.
func (c *CrankNicolson) line(psi []complex128, first, axis int, fraction complex128) {
	a, stride := c.l.Axis(axis), c.l.Stride(axis)
	n := a.Sites
	hop := fraction * c.hop[axis]
	diag, rhs, fix := c.lines[0][:n], c.lines[1][:n], c.lines[2][:n]
	at := func(i int) complex128 { return psi[first+i*stride] }
	seam := complex(0, 0) // the element that couples the last site to the first
	if a.Periodic() {
		seam = hop * c.turn[axis]
	}
	for i := range n {
		h := -2*hop + fraction*c.v[first+i*stride]
		if i == 0 && a.Low.Kind == lattice.Neumann || i == n-1 && a.High.Kind == lattice.Neumann {
			h += hop
		}
		diag[i] = 1 + h
		rhs[i] = (1 - h) * at(i)
		if i > 0 {
			rhs[i] -= hop * at(i-1)
		}
		if i < n-1 {
			rhs[i] -= hop * at(i+1)
		}
	}
	if seam == 0 {
		solveTridiagonal(hop, diag, rhs, nil, c.upper[:n])
		c.write(psi, rhs, first, stride)
		return
	}
	// Sherman and Morrison: the corners are the rank-one matrix g·u·vᵀ.
	back := hop / c.turn[axis]
	rhs[0] -= back * at(n-1)
	rhs[n-1] -= seam * at(0)
	clear(fix)
	g := -diag[0]
	fix[0], fix[n-1] = g, seam
	w := back / g
	diag[0] -= g
	diag[n-1] -= seam * w
	solveTridiagonal(hop, diag, rhs, fix, c.upper[:n])
	k := (rhs[0] + w*rhs[n-1]) / (1 + fix[0] + w*fix[n-1])
	for i := range rhs {
		rhs[i] -= k * fix[i]
	}
	c.write(psi, rhs, first, stride)
}

func (c *CrankNicolson) write(psi, line []complex128, first, stride int) {
	for i, v := range line {
		psi[first+i*stride] = v
	}
}

// solveTridiagonal solves the system with the given diagonal and off everywhere
// beside it, for one or two right sides, by elimination without pivots: the matrix
// is 1 plus an antihermitian one.
func solveTridiagonal(off complex128, diag, x, y, upper []complex128) {
	n := len(diag)
	for i := range n {
		d := diag[i]
		if i > 0 {
			d -= off * upper[i-1]
			x[i] -= off * x[i-1]
			if y != nil {
				y[i] -= off * y[i-1]
			}
		}
		upper[i] = off / d
		x[i] /= d
		if y != nil {
			y[i] /= d
		}
	}
	for i := n - 2; i >= 0; i-- {
		x[i] -= upper[i] * x[i+1]
		if y != nil {
			y[i] -= upper[i] * y[i+1]
		}
	}
}
