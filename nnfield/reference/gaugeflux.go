package reference

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// MaxHarper is the largest number of sites of a chain in [HarperScalar] and
// [HarperDirac].
const MaxHarper = 512

// RingFrequencies returns the frequencies of a charged scalar on a ring of n sites
// that is threaded by a flux (Y. Aharonov and D. Bohm, Phys. Rev. 115, 485, 1959),
//
//	ω² = m² + (4/a²) sin²((k + θ/a) a/2),   k = 2πp/(na),  p = 0 … n−1,  θ = qΦ/n,
//
// in the order of p. flux is qΦ, the sum of the phases of the links in the sense
// of increasing x; 2π of it is no flux at all and moves p on by one.
//
// It fails for an axis that is not a ring, a negative mass and a flux that is not
// finite.
func RingFrequencies(axis lattice.Axis, mass, flux float64) ([]float64, error) {
	if err := checkRing(axis, flux); err != nil {
		return nil, fmt.Errorf("reference.RingFrequencies: %w", err)
	}
	if !(mass >= 0) || math.IsInf(mass, 1) {
		return nil, fmt.Errorf("reference.RingFrequencies: mass %v; it must be finite and not negative", mass)
	}
	omega := make([]float64, axis.Sites)
	for p := range omega {
		omega[p] = math.Hypot(mass, 2/axis.Spacing()*math.Sin(ringAngle(axis, p, flux)/2))
	}
	return omega, nil
}

// DiracRingFrequencies returns the frequencies of a charged Dirac field on a ring
// of n sites that is threaded by a flux: with κ = ka + θ and k, θ, p as in
// [RingFrequencies],
//
//	ω² = sin²κ/a² + [ m + (r/a)(1 − cos κ) ]²,
//
// in the order of p. The energies of the field are ω and −ω, half of the components
// each.
//
// It fails for an axis that is not a ring, and a mass, r or flux that is not
// finite.
func DiracRingFrequencies(axis lattice.Axis, mass, wilson, flux float64) ([]float64, error) {
	if err := checkRing(axis, flux); err != nil {
		return nil, fmt.Errorf("reference.DiracRingFrequencies: %w", err)
	}
	if err := (Dirac{Mass: mass, Wilson: wilson}).checkNumbers(); err != nil {
		return nil, fmt.Errorf("reference.DiracRingFrequencies: %w", err)
	}
	omega := make([]float64, axis.Sites)
	for p := range omega {
		sin, cos := math.Sincos(ringAngle(axis, p, flux))
		omega[p] = math.Hypot(sin/axis.Spacing(), mass+wilson/axis.Spacing()*(1-cos))
	}
	return omega, nil
}

// ringAngle returns (ka + θ) of mode p.
func ringAngle(axis lattice.Axis, p int, flux float64) float64 {
	return (2*math.Pi*float64(p) + flux) / float64(axis.Sites)
}

func checkRing(axis lattice.Axis, flux float64) error {
	if err := axis.Validate(); err != nil {
		return err
	}
	if !axis.Periodic() {
		return fmt.Errorf("the axis has walls; use lattice.Ring")
	}
	if !finite(flux) {
		return fmt.Errorf("flux %v; it must be finite", flux)
	}
	return nil
}

// ScalarLandau returns the frequency of Landau level n = 0, 1 … of a charged scalar
// in the plane, on a square lattice of spacing a and in a field B = |qB|,
//
//	ω² = m² + (2n+1)B − (2n²+2n+1) a²B²/8 + O(a⁴B³).
//
// a = 0 is the continuum. A level that the series does not reach any more, with
// ω² < 0, is NaN.
func ScalarLandau(n int, field, mass, a float64) float64 {
	level, b := float64(n), math.Abs(field)
	return math.Sqrt(mass*mass + (2*level+1)*b - (2*level*level+2*level+1)*a*a*b*b/8)
}

// DiracLandau returns the frequency of Landau level n = 0, 1 … of a charged Dirac
// field in the plane, by central differences on a square lattice of spacing a and
// in a field B = |qB|,
//
//	ω² = m² + 2nB − n²a²B² + O(a⁴B³),
//
// where n = 0 is exact. a = 0 is the continuum. A level that the series does not
// reach any more, with ω² < 0, is NaN.
func DiracLandau(n int, field, mass, a float64) float64 {
	level, b := float64(n), math.Abs(field)
	return math.Sqrt(mass*mass + 2*level*b - level*level*a*a*b*b)
}

// WilsonLandau returns the frequencies of Landau level n = 0, 1 … of a charged Dirac
// field with Wilson term in the plane. To first order in a it makes of the level
// the 2×2 matrix
//
//	[[m + (ra/2)(2n+1)B, √(2nB)], [√(2nB), −m − (ra/2)(2n−1)B]],
//
// with energies raB/2 ± √(2nB + (m + ranB)²) for one flavour and the opposite ones
// for the other, β → −β. So the flavours of a network split: low and high differ by
// raB. The lowest level has the energy m + raB/2 for one and its opposite for the
// other flavour; m² moves by r·m·a·B. The error is of order a³ for n = 0, else a².
func WilsonLandau(n int, field, mass, wilson, a float64) (low, high float64) {
	level, b := float64(n), math.Abs(field)
	shift := wilson * a * b / 2
	if n == 0 {
		return math.Abs(mass + shift), math.Abs(mass + shift)
	}
	middle := math.Hypot(math.Sqrt(2*level*b), mass+2*level*shift)
	return math.Abs(middle - math.Abs(shift)), middle + math.Abs(shift)
}

// HarperScalar returns the frequencies of a charged scalar on a torus in a uniform
// field, all Sites of them in ascending order, exact for the lattice (P. G. Harper,
// Proc. Phys. Soc. A 68, 874, 1955).
//
// quanta is the total flux in units of 2π, so that qB = 2π·quanta/(L_x L_y) and every
// plaquette has the phase φ = 2π·quanta/(n_x n_y). The links are θ_y = φx with x =
// 0 … n_x−1, θ_x = 0 but θ_x = −2π·quanta·y/n_y on the seam behind x = n_x−1, which
// fixes the phases around the torus too. A wave e^{2πipy/n_y} that goes round along
// x comes back with p + quanta, so the field falls into g = gcd(quanta, n_y) chains
// of n_x n_y/g sites,
//
//	ω²χ_s = m²χ_s + (2χ_s − χ_{s+1} − χ_{s−1})/a_x² + (2 − 2 cos(2πp/n_y + φs)) χ_s/a_y².
//
// It fails for a lattice that is not periodic and 2-dimensional, chains longer than
// [MaxHarper], and a negative mass.
func HarperScalar(l lattice.Lattice, mass float64, quanta int) ([]float64, error) {
	chains, err := newChains(l, quanta)
	if err == nil && (!(mass >= 0) || math.IsInf(mass, 1)) {
		err = fmt.Errorf("mass %v; it must be finite and not negative", mass)
	}
	if err != nil {
		return nil, fmt.Errorf("reference.HarperScalar: %w", err)
	}
	ax, ay, n := l.Spacing(0), l.Spacing(1), chains.length
	var omega []float64
	for p := range chains.count {
		k := mat.NewSymDense(n, nil)
		for s := range n {
			sin := math.Sin(chains.angle(p, s) / 2)
			addSym(k, s, s, 2/(ax*ax)+4*sin*sin/(ay*ay))
			addSym(k, s, (s+1)%n, -1/(ax*ax))
		}
		for _, lambda := range eigenvalues(k) {
			omega = append(omega, math.Sqrt(mass*mass+max(0, lambda))) // 0 may come out below
		}
	}
	slices.Sort(omega)
	return omega, nil
}

// HarperDirac returns the energies of a charged Dirac field of two components,
// α = (σ_x, σ_y), β = σ_z, on a torus in a uniform field: all 2·Sites of them with
// their sign in ascending order, exact for the lattice. Links, field and chains are
// those of [HarperScalar]; with κ = 2πp/n_y + φs,
//
//	Eχ_s = −iσ_x (χ_{s+1} − χ_{s−1})/2a_x + σ_y sin κ χ_s/a_y
//	       + σ_z [ mχ_s + (r/2a_x)(2χ_s − χ_{s+1} − χ_{s−1}) + (r/a_y)(1 − cos κ)χ_s ].
//
// The network of 2 × 2 real neuron types holds a second flavour, β = −σ_z, with the
// opposite energies.
//
// It fails as HarperScalar does, except that the mass may be negative, and for an r
// that is not finite.
func HarperDirac(l lattice.Lattice, mass, wilson float64, quanta int) ([]float64, error) {
	chains, err := newChains(l, quanta)
	if err == nil {
		err = Dirac{Mass: mass, Wilson: wilson}.checkNumbers()
	}
	if err != nil {
		return nil, fmt.Errorf("reference.HarperDirac: %w", err)
	}
	ax, ay, n := l.Spacing(0), l.Spacing(1), chains.length
	var energies []float64
	for p := range chains.count {
		// A quarter turn of the spin about z, σ_x → σ_y and σ_y → −σ_x, makes h real.
		h := mat.NewSymDense(2*n, nil)
		for s := range n {
			sin, cos := math.Sincos(chains.angle(p, s))
			next := (s + 1) % n
			addSym(h, s, n+s, -sin/ay)
			addSym(h, s, n+next, -1/(2*ax))
			addSym(h, next, n+s, 1/(2*ax))
			m := mass + wilson/ax + wilson/ay*(1-cos)
			for spin, sign := range []float64{1, -1} {
				addSym(h, spin*n+s, spin*n+s, sign*m)
				addSym(h, spin*n+s, spin*n+next, -sign*wilson/(2*ax))
			}
		}
		energies = append(energies, eigenvalues(h)...)
	}
	slices.Sort(energies)
	return energies, nil
}

// chains are the closed chains of a torus in a uniform field.
type chains struct {
	count, length int
	sitesY        int
	phase         float64 // φ
}

func newChains(l lattice.Lattice, quanta int) (chains, error) {
	if err := checkPeriodic(l); err != nil {
		return chains{}, err
	}
	if l.Dim() != 2 {
		return chains{}, fmt.Errorf("%d axes; a torus has 2", l.Dim())
	}
	y := l.Axis(1).Sites
	g := gcd(max(quanta, -quanta), y)
	c := chains{count: g, length: l.Sites() / g, sitesY: y, phase: 2 * math.Pi * float64(quanta) / float64(l.Sites())}
	if c.length > MaxHarper {
		return chains{}, fmt.Errorf("chains of %d sites for %d flux quanta, at most %d are allowed; use a smaller lattice, or quanta with a larger common divisor with the %d sites along y",
			c.length, quanta, MaxHarper, y)
	}
	return c, nil
}

// angle returns 2πp/n_y + φs.
func (c chains) angle(p, s int) float64 {
	return 2*math.Pi*float64(p)/float64(c.sitesY) + float64(c.phase*float64(s))
}

// gcd returns the greatest common divisor of a ≥ 0 and b > 0.
func gcd(a, b int) int {
	for a != 0 {
		a, b = b%a, a
	}
	return b
}

// addSym adds v to the coupling of i and j; a chain of two sites has each twice.
func addSym(m *mat.SymDense, i, j int, v float64) { m.SetSym(i, j, m.At(i, j)+v) }

// eigenvalues returns the eigenvalues of m in ascending order.
func eigenvalues(m *mat.SymDense) []float64 {
	var e mat.EigenSym
	if !e.Factorize(m, false) {
		panic("reference: the QR algorithm does not converge on a finite symmetric matrix")
	}
	return e.Values(nil)
}
