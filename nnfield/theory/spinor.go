package theory

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// SpinorPlaneWave is ψ = A û e^{i(k·x + phase)} with û the given spinor, projected
// on the sign of the energy on the lattice and normalised: |ψ|² = A² everywhere.
// On a periodic axis k must fit: k = 2πn/L; [Mode] always fits.
func SpinorPlaneWave(options ...Option) Initial { return newInitial("spinor-plane-wave", options) }

// SpinorPacket is A exp(−|x−x₀|²/2w² + ik·(x−x₀) + i phase) u with every plane
// wave of it projected on the sign of the energy on the lattice, and then
// normalised: Σ a^d |ψ|² = A². Where the mass depends on the place, its value at
// x₀ is taken.
func SpinorPacket(options ...Option) Initial { return newInitial("spinor-packet", options) }

// symbol is the free Dirac Hamiltonian of the lattice in Fourier space,
//
//	h(k) = Σ_j α_j sin(k_j a)/a + (m + r Σ_j (1 − cos k_j a)/a) β_D,   h(k)² = ω².
type symbol struct {
	l            lattice.Lattice
	alpha        []matrix
	beta         matrix
	mass, wilson float64
}

// parts returns sin(k_j a)/a for each axis and the mass with its Wilson term.
func (s symbol) parts(dst, k []float64) (mass float64) {
	mass = s.mass
	for j, kj := range k {
		a := s.l.Spacing(j)
		dst[j] = elementary.Sin(kj*a) / a
		mass += s.wilson * (1 - elementary.Cos(kj*a)) / a
	}
	return mass
}

// frequency returns ω(k).
func (s symbol) frequency(k []float64) float64 {
	p := make([]float64, len(k))
	m := s.parts(p, k)
	w2 := m * m
	for _, v := range p {
		w2 += float64(v * v)
	}
	return math.Sqrt(w2)
}

// projector writes ½(1 + sign·h(k)/ω)u to dst. Where ω = 0 the signs are not
// defined and u stays; sign 0 leaves it everywhere.
func (s symbol) projector() func(dst, u []complex128, k []float64, sign int) {
	p := make([]float64, len(s.alpha))
	return func(dst, u []complex128, k []float64, sign int) {
		copy(dst, u)
		m := s.parts(p, k)
		w := s.frequency(k)
		if sign == 0 || w == 0 {
			return
		}
		h := s.beta.times(complex(m, 0))
		for j, a := range s.alpha {
			h = h.plus(complex(p[j], 0), a)
		}
		hu := make([]complex128, len(u))
		h.apply(hu, u)
		for c := range dst {
			dst[c] = (u[c] + elementary.Times(complex(float64(sign)/w, 0), hu[c])) / 2
		}
	}
}

func norm2(u []complex128) (n float64) {
	for _, c := range u {
		n += float64(real(c)*real(c)) + float64(imag(c)*imag(c))
	}
	return n
}

// resolveSpinor fills in the spinor and checks it and where it is put.
func (i Initial) resolveSpinor(s symbol) (Initial, error) {
	if i.kind == "spinor-packet" {
		if err := i.checkGaussian(s.l); err != nil {
			return i, err
		}
	}
	n, project := len(s.beta), s.projector()
	left := make([]complex128, n)
	if i.spinor == nil {
		most := 0.0
		for c := range n {
			u := make([]complex128, n)
			u[c] = 1
			project(left, u, i.waveNumber, i.energySign)
			if p := norm2(left); p > most+1e-9 {
				most, i.spinor = p, u
			}
		}
	}
	if len(i.spinor) != n {
		return i, fmt.Errorf("%s: Spinor has %d components, the representation %d; give one for each", initialCall(i.kind), len(i.spinor), n)
	}
	if project(left, i.spinor, i.waveNumber, i.energySign); norm2(left) < 1e-20*norm2(i.spinor) {
		return i, fmt.Errorf("%s: Spinor(%s) has no part of energy sign %+d at the wave number %s; use another spinor or sign", initialCall(i.kind), complexes(i.spinor), i.energySign, list(i.waveNumber))
	}
	return i, nil
}

// spinor returns ψ of a resolved spinor wave or packet, component after component.
func (i Initial) spinorField(s symbol) []complex128 {
	n, sites, project := len(s.beta), s.l.Sites(), s.projector()
	psi := make([]complex128, n*sites)
	u := make([]complex128, n)
	if i.kind == "spinor-plane-wave" {
		project(u, i.spinor, i.waveNumber, i.energySign)
		scale := complex(1/math.Sqrt(norm2(u)), 0)
		for x, wave := range i.planeWave(s.l) {
			for c := range u {
				psi[c*sites+x] = elementary.Times(elementary.Times(wave, scale), u[c])
			}
		}
		return psi
	}
	f := i.gaussian(s.l)
	eachMode(s.l, f, func(mode int, k []float64) {
		project(u, i.spinor, k, i.energySign)
		for c := range u {
			psi[c*sites+mode] = elementary.Times(f[mode], u[c])
		}
	})
	plan := fft.NewPlan(s.l.Shape())
	for c := range n {
		plan.Inverse(psi[c*sites : (c+1)*sites])
	}
	scale := complex(i.amplitude/math.Sqrt(norm2(psi)*s.l.CellVolume()), 0)
	for j := range psi {
		psi[j] = elementary.Times(psi[j], scale)
	}
	return psi
}

// planeWave returns A e^{i(k·x + phase)} at every site.
func (i Initial) planeWave(l lattice.Lattice) []complex128 {
	f := make([]complex128, l.Sites())
	each(l, func(site int, x []float64) {
		arg := i.phase
		for j, k := range i.waveNumber {
			arg += float64(k * x[j])
		}
		f[site] = complex(i.amplitude*elementary.Cos(arg), i.amplitude*elementary.Sin(arg))
	})
	return f
}

// eachMode replaces f by its Fourier transform and calls visit for every mode with
// its wave vector.
func eachMode(l lattice.Lattice, f []complex128, visit func(mode int, k []float64)) {
	fft.NewPlan(l.Shape()).Forward(f)
	waves := make([][]float64, l.Dim())
	for j := range waves {
		waves[j] = fft.Frequencies(l.Axis(j).Sites, l.Spacing(j))
	}
	at, k := make([]int, l.Dim()), make([]float64, l.Dim())
	for mode := range f {
		l.Position(at, mode)
		for j := range k {
			k[j] = waves[j][at[j]]
		}
		visit(mode, k)
	}
}

// largestFrequency returns max ω(k) over all k: the norm of the free Hamiltonian
// on any lattice of these spacings. With c_j = cos(k_j a_j)
//
//	ω² = Σ (1 − c_j²)/a_j² + G²,   G = m + r Σ (1 − c_j)/a_j,
//
// is stationary in c_j at the ends ±1 or where c_j/a_j = −rG.
func (s symbol) largestFrequency() float64 {
	d := s.l.Dim()
	inverse := make([]float64, d)
	sum := 0.0
	for j := range d {
		inverse[j] = 1 / s.l.Spacing(j)
		sum += inverse[j]
	}
	r, most := s.wilson, 0.0
	for choice := range pow(3, d) {
		c, inner, fixed := make([]float64, d), 0, 0.0
		for j := range d {
			switch choice / pow(3, j) % 3 {
			case 0:
				inner++
				c[j] = math.NaN()
				continue
			case 1:
				c[j] = 1
			case 2:
				c[j] = -1
			}
			fixed += c[j] * inverse[j]
		}
		g := s.mass + r*sum - r*fixed
		if inner > 0 {
			g /= 1 - r*r*float64(inner)
		}
		w2, inside := g*g, true
		for j := range d {
			if math.IsNaN(c[j]) {
				c[j] = -r * g / inverse[j]
				inside = inside && math.Abs(c[j]) <= 1
			}
			w2 += float64((1 - float64(c[j]*c[j])) * inverse[j] * inverse[j])
		}
		if inside && w2 > most {
			most = w2
		}
	}
	return math.Sqrt(most)
}

func pow(b, n int) int {
	p := 1
	for range n {
		p *= b
	}
	return p
}
