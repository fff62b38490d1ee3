package reference

import (
	"fmt"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// FreeDirac is the free Dirac field of a [Dirac] equation, exact in time. Since
// h² = ω² each wave turns as
//
//	ψ(t) = cos(ωt) ψ₀ − i (sin(ωt)/ω) hψ₀.
//
// The spinor is ψ = φ + iβ with real φ, the state of the neurons, and real β,
// their biases. In the representation of [RealDirac] this is the network
// φ̇ = Bβ, β̇ = −Bφ; in any other, with h = S + iA, it is φ̇ = Sβ + Aφ,
// β̇ = −Sφ + Aβ ([F] §4). A field is laid out component by component: component c
// on site s is element c·Sites + s, of n·Sites.
//
// The only errors are round-off, about 1e-16·max(1, ωt) of the largest wave.
// A FreeDirac does not change; several goroutines may use it at once.
type FreeDirac struct {
	lattice  lattice.Lattice
	equation Dirac          // m and r only
	alpha    [][]complex128 // the matrices, row by row
	beta     []complex128   // nil if there is none
	omega    []float64      // of each wave
	psi      []complex128   // coefficients of the waves of ψ₀
	hpsi     []complex128   // and of hψ₀
}

// NewFreeDirac returns the field that has the values φ = phi and β = beta at t = 0.
//
// It fails for a lattice that is not periodic, for matrices that do not obey the
// relations of [Dirac], and for initial data of the wrong length or not finite.
func NewFreeDirac(l lattice.Lattice, d Dirac, phi, beta []float64) (*FreeDirac, error) {
	if err := d.check(l); err != nil {
		return nil, fmt.Errorf("reference.NewFreeDirac: %w", err)
	}
	n, sites := d.Components(), l.Sites()
	psi, err := join(phi, beta, n*sites)
	if err != nil {
		return nil, fmt.Errorf("reference.NewFreeDirac: %d components on %d sites: %w", n, sites, err)
	}
	for c := range n {
		transform(psi[c*sites:(c+1)*sites], l, false)
	}
	f := &FreeDirac{
		lattice:  l,
		equation: Dirac{Mass: d.Mass, Wilson: d.Wilson},
		omega:    make([]float64, sites),
		psi:      psi,
		hpsi:     make([]complex128, n*sites),
	}
	for _, a := range d.Alpha {
		f.alpha = append(f.alpha, rows(a))
	}
	if d.Beta != nil {
		f.beta = rows(d.Beta)
	}
	h, in, out := make([]complex128, n*n), make([]complex128, n), make([]complex128, n)
	for modes, i := range waves(l) {
		f.omega[i] = d.frequency(modes)
		clear(h)
		for j, k := range modes {
			addMatrix(h, k.sin/k.spacing, f.alpha[j])
		}
		addMatrix(h, d.massAt(modes), f.beta)
		f.at(in, f.psi, i)
		multiply(out, h, in)
		for c, v := range out {
			f.hpsi[c*sites+i] = v
		}
	}
	return f, nil
}

// At returns φ and β at time t. Any finite t will do, negative ones too. The
// slices belong to the caller.
func (f *FreeDirac) At(t float64) (phi, beta []float64) {
	sites := len(f.omega)
	psi := make([]complex128, len(f.psi))
	for i := range psi {
		psi[i] = f.psi[i]
		if omega := f.omega[i%sites]; omega > 0 { // else hψ = 0
			sin, cos := math.Sincos(omega * t)
			psi[i] = complex(cos, 0)*f.psi[i] - complex(0, sin/omega)*f.hpsi[i]
		}
	}
	for start := 0; start < len(psi); start += sites {
		transform(psi[start:start+sites], f.lattice, true)
	}
	return split(psi)
}

// Positive returns the part of positive energy, P₊ψ with P± = ½(1 ± h/ω). Waves
// with ω = 0 have no sign of the energy; they are in neither part.
func (f *FreeDirac) Positive() *FreeDirac { return f.project(1) }

// Negative returns the part of negative energy, P₋ψ; see [FreeDirac.Positive].
func (f *FreeDirac) Negative() *FreeDirac { return f.project(-1) }

// project returns P±ψ, on which h is ±ω.
func (f *FreeDirac) project(sign float64) *FreeDirac {
	p := *f
	p.psi, p.hpsi = make([]complex128, len(f.psi)), make([]complex128, len(f.psi))
	for i := range p.psi {
		if omega := f.omega[i%len(f.omega)]; omega > 0 {
			p.psi[i] = (f.psi[i] + complex(sign/omega, 0)*f.hpsi[i]) / 2
			p.hpsi[i] = complex(sign*omega, 0) * p.psi[i]
		}
	}
	return &p
}

// Charge returns Σ_x a^d ψ†ψ, the same at all times.
func (f *FreeDirac) Charge() float64 {
	sum := 0.0
	for _, v := range f.psi {
		sum += abs2(v)
	}
	return sum / float64(len(f.omega)) * f.lattice.CellVolume()
}

// Energy returns Σ_x a^d ψ†hψ, the same at all times.
func (f *FreeDirac) Energy() float64 {
	sum := 0.0
	for i, v := range f.psi {
		sum += real(cmplx.Conj(v) * f.hpsi[i])
	}
	return sum / float64(len(f.omega)) * f.lattice.CellVolume()
}

// Displacement returns how far the centre ⟨x_j⟩ = Σ x_j ψ†ψ / Σ ψ†ψ has moved
// along an axis since t = 0. With the velocity v = ∂h/∂k_j = u + w, where
// u = (∂ω/∂k_j) h/ω commutes with h and w anticommutes with it,
//
//	drift      ⟨u⟩ t,
//	trembling  ⟨ w [ sin(2ωt)/(2ω) − i h sin²(ωt)/ω² ] ⟩,
//
// the second being the Zitterbewegung of frequency 2ω, which needs both signs of
// the energy (E. Schrödinger, Sitzungsber. Preuss. Akad. Wiss. 24, 418, 1930).
// The coordinate is that of the endless line: it goes on where the field comes
// round a ring. A wave with ω = 0 only drifts.
func (f *FreeDirac) Displacement(axis int, t float64) (drift, trembling float64) {
	d, n := f.equation, len(f.psi)/len(f.omega)
	v := make([]complex128, n*n)
	psi, hpsi := make([]complex128, n), make([]complex128, n)
	vpsi, vhpsi := make([]complex128, n), make([]complex128, n)
	charge := 0.0
	for modes, i := range waves(f.lattice) {
		f.at(psi, f.psi, i)
		f.at(hpsi, f.hpsi, i)
		k, omega := modes[axis], f.omega[i]
		clear(v)
		addMatrix(v, k.cos, f.alpha[axis])
		addMatrix(v, d.Wilson*k.sin, f.beta)
		multiply(vpsi, v, psi)
		multiply(vhpsi, v, hpsi)
		velocity := real(expect(psi, vpsi))
		charge += real(expect(psi, psi))
		if omega == 0 {
			drift += velocity * t
			continue
		}
		// ½{v, h} = ω ∂ω makes u = h·(ω ∂ω)/ω². wh is vh without its Hermitian part, so
		// that −i⟨wh⟩ is the imaginary part of ⟨vh⟩.
		slope := k.sin*k.cos/k.spacing + d.massAt(modes)*d.Wilson*k.sin
		u := slope / (omega * omega) * real(expect(psi, hpsi))
		sin := math.Sin(omega*t) / omega
		drift += u * t
		trembling += (velocity-u)*math.Sin(2*omega*t)/(2*omega) + imag(expect(psi, vhpsi))*sin*sin
	}
	if charge == 0 {
		return 0, 0
	}
	return drift / charge, trembling / charge
}

// at copies the components of wave i of a field to dst.
func (f *FreeDirac) at(dst, field []complex128, i int) {
	for c := range dst {
		dst[c] = field[c*len(f.omega)+i]
	}
}

// rows returns the entries of a matrix row by row.
func rows(m *mat.CDense) []complex128 {
	r, c := m.Dims()
	x := make([]complex128, 0, r*c)
	for i := range r {
		for j := range c {
			x = append(x, m.At(i, j))
		}
	}
	return x
}

// addMatrix adds s·m to dst; nil is the zero matrix.
func addMatrix(dst []complex128, s float64, m []complex128) {
	for i, v := range m {
		dst[i] += complex(s, 0) * v
	}
}

// multiply puts m·x in dst, row by row.
func multiply(dst, m, x []complex128) {
	for r := range dst {
		dst[r] = 0
		for c, v := range x {
			dst[r] += m[r*len(x)+c] * v
		}
	}
}

// expect returns x†y.
func expect(x, y []complex128) complex128 {
	sum := complex(0, 0)
	for i, v := range x {
		sum += cmplx.Conj(v) * y[i]
	}
	return sum
}

// abs2 returns |z|².
func abs2(z complex128) float64 {
	return float64(real(z)*real(z)) + float64(imag(z)*imag(z))
}

// join returns φ + iβ of n values each.
func join(phi, beta []float64, n int) ([]complex128, error) {
	for _, part := range []struct {
		name   string
		values []float64
	}{{"phi", phi}, {"beta", beta}} {
		if len(part.values) != n {
			return nil, fmt.Errorf("%s has %d values; give %d", part.name, len(part.values), n)
		}
		for i, v := range part.values {
			if !finite(v) {
				return nil, fmt.Errorf("%s[%d] = %v; initial values must be finite", part.name, i, v)
			}
		}
	}
	psi := make([]complex128, n)
	for i, v := range phi {
		psi[i] = complex(v, beta[i])
	}
	return psi, nil
}

// split returns the real and the imaginary part.
func split(psi []complex128) (phi, beta []float64) {
	phi, beta = make([]float64, len(psi)), make([]float64, len(psi))
	for i, v := range psi {
		phi[i], beta[i] = real(v), imag(v)
	}
	return phi, beta
}
