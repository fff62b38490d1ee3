package weights

import (
	"fmt"
	"math"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Spectral is c·∇² + s on a lattice with the Laplacian of the continuum: its
// eigenvalues are s − c·k² for the wave numbers k that the lattice can hold, up
// to π/a along each axis. Applied to a field that has no shorter waves it has no
// error of discretisation. For the bits of its products see [Modes]. [F] §3.
type Spectral struct {
	modes           *Modes
	scale, constant float64
	eigenvalues     []float64    // for each coefficient
	kernels         [3][]float64 // of d² on the ring that an axis is half of, see mirror
	fields          sync.Pool    // of *field
}

// field is scratch of one number a site.
type field struct{ x []float64 }

// SpectralLaplacian returns ∇² with the eigenvalues −k². It fails where
// [NewModes] does.
func SpectralLaplacian(l lattice.Lattice) (*Spectral, error) {
	m, err := NewModes(l)
	if err != nil {
		return nil, fmt.Errorf("a spectral Laplacian: %w; use one of order 2", err)
	}
	return m.spectral(1, 0), nil
}

// spectral returns scale·∇² + constant.
func (m *Modes) spectral(scale, constant float64) *Spectral {
	s := &Spectral{modes: m, scale: scale, constant: constant, eigenvalues: make([]float64, m.l.Sites())}
	s.fields.New = func() any { return &field{make([]float64, m.l.Sites())} }
	square := make([]float64, m.l.Sites()) // k²
	for j, a := range m.l.Axes() {
		stride := m.l.Stride(j)
		for i := range square {
			k := m.WaveNumber(j, i/stride%a.Sites)
			square[i] += float64(k * k)
		}
		s.kernels[j] = secondDerivative(ringSites(a), a.Spacing())
	}
	for i, k2 := range square {
		s.eigenvalues[i] = constant - float64(scale*k2)
	}
	return s
}

// ringSites returns the number of sites of the ring on which the continued field
// lives.
func ringSites(a lattice.Axis) int {
	switch a.Low.Kind {
	case lattice.Dirichlet:
		return 2 * (a.Sites + 1)
	case lattice.Neumann:
		return 2 * a.Sites
	}
	return a.Sites
}

// secondDerivative returns the entries of d² with the symbol −k² on a ring, by
// distance 0 … n/2: with h = 2π/n and in units of (h/a)²
//
//	n even: −(n²+2)/12, −½(−1)^r / sin²(rh/2)
//	n odd:  −(n²−1)/12, −½(−1)^r cos(rh/2) / sin²(rh/2)
//
// These are the sums Σ_k −k² cos(k r)/n over the wave numbers.
func secondDerivative(n int, a float64) []float64 {
	h := 2 * math.Pi / float64(n)
	unit := (h / a) * (h / a)
	k := make([]float64, n/2+1)
	if n%2 == 0 {
		k[0] = -unit * (float64(float64(n)*float64(n)) + 2) / 12
	} else {
		k[0] = -unit * (float64(n)*float64(n) - 1) / 12
	}
	for r := 1; r < len(k); r++ {
		sin := elementary.Sin(float64(r) * h / 2)
		k[r] = unit / (2 * sin * sin)
		if n%2 != 0 {
			k[r] *= elementary.Cos(float64(r) * h / 2)
		}
		if r%2 == 0 {
			k[r] = -k[r]
		}
	}
	return k
}

// Lattice returns the lattice.
func (s *Spectral) Lattice() lattice.Lattice { return s.modes.l }

// Scale returns c and s of c·∇² + s.
func (s *Spectral) Scale() (scale, constant float64) { return s.scale, s.constant }

// Size returns the number of sites.
func (s *Spectral) Size() int { return s.modes.l.Sites() }

// AddApply adds α·W·x to dst by way of the modes.
func (s *Spectral) AddApply(dst []float64, alpha float64, x []float64) {
	checkOperands("Spectral.AddApply", s.Size(), dst, x)
	f := s.fields.Get().(*field)
	copy(f.x, x)
	s.modes.Forward(f.x)
	for i, v := range s.eigenvalues {
		f.x[i] *= v
	}
	s.modes.Inverse(f.x)
	for i, v := range f.x {
		dst[i] += float64(alpha * v)
	}
	s.fields.Put(f)
}

// Transpose returns the tensor itself.
func (s *Spectral) Transpose() Tensor { return s }

// Row calls entry for the neurons on the lines through neuron i. Entries are
// those of the closed form, w_ij and w_ji to the same bits.
func (s *Spectral) Row(i int, entry func(j int, w float64)) {
	l := s.modes.l
	dim := l.Dim()
	var position [3]int
	l.Position(position[:dim], i)
	diagonal := s.constant
	for axis := range dim {
		p, stride := position[axis], l.Stride(axis)
		for q := range p {
			entry(i+(q-p)*stride, s.scale*s.along(axis, p, q))
		}
		diagonal += float64(s.scale * s.along(axis, p, p))
	}
	entry(i, diagonal)
	for axis := dim - 1; axis >= 0; axis-- {
		p, stride := position[axis], l.Stride(axis)
		for q := p + 1; q < l.Axis(axis).Sites; q++ {
			entry(i+(q-p)*stride, s.scale*s.along(axis, p, q))
		}
	}
}

// along returns the entry of d² between two sites of an axis: that of the ring,
// and on a walled axis that of the mirror image with its sign.
func (s *Spectral) along(axis, p, q int) float64 {
	a, k := s.modes.l.Axis(axis), s.kernels[axis]
	at := func(r int) float64 {
		n := ringSites(a)
		r = ((r % n) + n) % n
		return k[min(r, n-r)]
	}
	switch a.Low.Kind {
	case lattice.Dirichlet:
		return at(p-q) - at(p+q+2)
	case lattice.Neumann:
		return at(p-q) + at(p+q+1)
	}
	return at(p - q)
}

// String names the operator and its lattice.
func (s *Spectral) String() string {
	name := scaledName(s.scale, "∇² (spectral)")
	if s.constant != 0 {
		name = fmt.Sprintf("%s + %.6g", name, s.constant)
	}
	return name + " on " + shapeOf(s.modes.l)
}

// scaled returns c times the tensor.
func (s *Spectral) scaled(c float64) *Spectral {
	return s.modes.spectral(c*s.scale, c*s.constant)
}
