package weights

import (
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Modes is the real orthonormal basis in which every stencil that is even along
// each axis is diagonal on a lattice. Along an axis of n sites with spacing a the
// mode of coefficient c is, up to its norm,
//
//	periodic           1 | cos(k x), sin(k x) | … | (−1)^i if n is even,   k = 2π⌈c/2⌉/(n a)
//	Dirichlet (DST-I)  sin(k (i+1) a),                                     k = π(c+1)/((n+1) a)
//	Neumann (DCT-II)   cos(k (i+½) a),                                     k = πc/(n a)
//
// and on a lattice the product of these, coefficients being numbered like sites.
// A function f of an even stencil K is then three lines: Forward, multiply by
// f(λ), Inverse. Modes is safe for use by several goroutines at once. The bits of
// the transforms do not depend on the number of workers, but they do on the
// GOAMD64 level, for that is how gonum's FFT is.
type Modes struct {
	l     lattice.Lattice
	lines [3]sync.Pool // of *line, for each axis
}

// NewModes returns the basis of a lattice. It fails for an axis with a driven end
// and for one with a Dirichlet and a Neumann wall.
func NewModes(l lattice.Lattice) (*Modes, error) {
	if err := hasAxes("NewModes", l); err != nil {
		return nil, err
	}
	m := &Modes{l: l}
	for j, a := range l.Axes() {
		if a.Low.Kind != a.High.Kind || a.Low.Kind == lattice.Driven {
			return nil, fmt.Errorf("axis %s ends %s | %s; there is a fast transform for periodic, dirichlet | dirichlet and neumann | neumann only", lattice.AxisName(j), a.Low.Kind, a.High.Kind)
		}
		m.lines[j].New = func() any { return newLine(a.Sites, a.Low.Kind) }
	}
	return m, nil
}

// Lattice returns the lattice.
func (m *Modes) Lattice() lattice.Lattice { return m.l }

// Forward replaces the field x by its coefficients in the basis. Σx² is kept. It
// panics unless x has one element a site.
func (m *Modes) Forward(x []float64) {
	m.check("Forward", x)
	for axis := range m.l.Dim() {
		m.transform(x, axis, false)
	}
}

// Inverse replaces coefficients by the field; it undoes Forward.
func (m *Modes) Inverse(x []float64) {
	m.check("Inverse", x)
	for axis := range m.l.Dim() {
		m.transform(x, axis, true)
	}
}

func (m *Modes) check(call string, x []float64) {
	if len(x) != m.l.Sites() {
		panic(fmt.Sprintf("weights: Modes.%s: len(x) = %d; it must be the number of sites, %d", call, len(x), m.l.Sites()))
	}
}

// WaveNumber returns k ≥ 0 of coefficient c along an axis, 0 ≤ c < sites.
func (m *Modes) WaveNumber(axis, c int) float64 {
	a := m.l.Axis(axis)
	p, q := phase(a, c)
	if p < 0 {
		p = -p
	}
	return 2 * math.Pi * float64(p) / (float64(q) * a.Spacing())
}

// phase returns the phase k·a that the mode of coefficient c gains a site, as the
// fraction p/q of a full turn. Along a periodic axis the two modes of a pair stand
// for the plane waves of phase ±k·a. A driven end counts as a Dirichlet wall.
func phase(a lattice.Axis, c int) (p, q int) {
	n := a.Sites
	if a.Periodic() {
		p = (c + 1) / 2
		if c%2 == 0 {
			p = -p
		}
		return p, n
	}
	low, high := a.Low.Kind == lattice.Neumann, a.High.Kind == lattice.Neumann
	switch {
	case low && high:
		return c, 2 * n
	case low || high:
		return 2*c + 1, 2 * (2*n + 1)
	}
	return c + 1, 2 * (n + 1)
}

// Eigenvalues returns the eigenvalue of W for each coefficient. It fails if W is
// not diagonal in these modes as far as its structure shows: it must be made of
// stencils that are even along each axis, spectral Laplacians and multiples of
// the identity on the same lattice.
func (m *Modes) Eigenvalues(w Tensor) ([]float64, error) {
	s, ok := symbolOf(w)
	if !ok || s.types != 1 || !s.even || w.Size() != m.l.Sites() || s.l != nil && !sameLattice(*s.l, m.l) {
		return nil, fmt.Errorf("weights.Modes.Eigenvalues: %v is not diagonal in the modes of %s; use a stencil that is even along each axis of this lattice", w, shapeOf(m.l))
	}
	values := make([]float64, w.Size())
	for i := range values {
		values[i] = real(s.at(i))
	}
	return values, nil
}

// transform does all lines along one axis.
func (m *Modes) transform(x []float64, axis int, inverse bool) {
	p := passes.Get().(*pass)
	*p = pass{m, x, axis, inverse}
	n := m.l.Axis(axis).Sites
	pool.Run(len(x)/n, max(1, grain/(4*n)), p)
	*p = pass{}
	passes.Put(p)
}

// pass is the transform of all lines along one axis.
type pass struct {
	m       *Modes
	x       []float64
	axis    int
	inverse bool
}

var passes = sync.Pool{New: func() any { return new(pass) }}

// Do transforms the lines lo ≤ i < hi.
func (p *pass) Do(lo, hi int) {
	stride, n := p.m.l.Stride(p.axis), p.m.l.Axis(p.axis).Sites
	t := p.m.lines[p.axis].Get().(*line)
	for i := lo; i < hi; i++ {
		start := i/stride*stride*n + i%stride
		for k := range t.x {
			t.x[k] = p.x[start+k*stride]
		}
		if p.inverse {
			t.inverse()
		} else {
			t.forward()
		}
		for k, v := range t.x {
			p.x[start+k*stride] = v
		}
	}
	p.m.lines[p.axis].Put(t)
}

// line transforms one line, in x.
type line struct {
	x        []float64
	spectrum []complex128
	fft      *fourier.FFT            // periodic
	sine     *fourier.DST            // Dirichlet
	cosine   *fourier.QuarterWaveFFT // Neumann
}

func newLine(n int, k lattice.Kind) *line {
	t := &line{x: make([]float64, n)}
	switch k {
	case lattice.Periodic:
		t.fft, t.spectrum = fourier.NewFFT(n), make([]complex128, n/2+1)
	case lattice.Dirichlet:
		t.sine = fourier.NewDST(n)
	case lattice.Neumann:
		t.cosine = fourier.NewQuarterWaveFFT(n)
	}
	return t
}

func (t *line) forward() {
	n := len(t.x)
	unit, rest := 1/math.Sqrt(float64(n)), math.Sqrt(2/float64(n))
	switch {
	case t.fft != nil:
		t.fft.Coefficients(t.spectrum, t.x)
		t.x[0] = real(t.spectrum[0]) * unit
		for c := 1; c < n; c += 2 {
			z := t.spectrum[(c+1)/2]
			if c == n-1 { // (−1)^i
				t.x[c] = real(z) * unit
				break
			}
			t.x[c], t.x[c+1] = real(z)*rest, -imag(z)*rest
		}
	case t.sine != nil:
		t.sineTransform()
	default:
		t.cosine.CosSequence(t.x, t.x) // 4 Σ x cos
		t.x[0] *= unit / 4
		for c := 1; c < n; c++ {
			t.x[c] *= rest / 4
		}
	}
}

func (t *line) inverse() {
	n := len(t.x)
	unit, rest := 1/math.Sqrt(float64(n)), math.Sqrt(2/float64(n))
	switch {
	case t.fft != nil:
		t.spectrum[0] = complex(t.x[0]*unit, 0)
		for c := 1; c < n; c += 2 {
			if c == n-1 {
				t.spectrum[(c+1)/2] = complex(t.x[c]*unit, 0)
				break
			}
			t.spectrum[(c+1)/2] = complex(t.x[c]*rest/2, -t.x[c+1]*rest/2)
		}
		t.fft.Sequence(t.x, t.spectrum)
	case t.sine != nil:
		t.sineTransform()
	default:
		t.x[0] *= unit
		for c := 1; c < n; c++ {
			t.x[c] *= rest / 2
		}
		t.cosine.CosCoefficients(t.x, t.x) // x₀ + 2 Σ x cos
	}
}

// sineTransform is its own inverse.
func (t *line) sineTransform() {
	t.sine.Transform(t.x, t.x) // 2 Σ x sin
	f := math.Sqrt(2/float64(len(t.x)+1)) / 2
	for i := range t.x {
		t.x[i] *= f
	}
}
