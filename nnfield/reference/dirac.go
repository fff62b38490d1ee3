package reference

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Dirac is a free Dirac equation i∂_tψ = hψ on a periodic lattice ([F] §4). The
// wave of wave number k has
//
//	h(k) = Σ_j α_j sin(k_j a_j)/a_j + β [ m + Σ_j (r/a_j)(1 − cos k_j a_j) ],
//
// from central differences −iα_j∂_j and, for r ≠ 0, the Wilson term. α_j and β
// are complex n×n matrices with
//
//	α_j† = α_j,  β† = β,  {α_i, α_j} = 2δ_ij,  {α_j, β} = 0,  β² = 1,
//
// so that h² = ω². Any representation will do: [StandardDirac] and [RealDirac]
// return two. A massless field without Wilson term needs no β; leave it nil.
type Dirac struct {
	Alpha  []*mat.CDense // α_j, one an axis
	Beta   *mat.CDense   // β, not to be confused with the bias
	Mass   float64       // m, 1/length; may be negative
	Wilson float64       // r, a pure number
}

// StandardDirac returns the smallest representation, massless, in d dimensions:
//
//	d   n   α                 β
//	1   2   σ_x               σ_z
//	2   2   σ_x, σ_y          σ_z
//	3   4   σ_x ⊗ (σ_x, σ_y, σ_z)   σ_z ⊗ 1      (Dirac)
//
// It fails for any other d.
func StandardDirac(d int) (Dirac, error) {
	one := complexMatrix(2, 1, 0, 0, 1)
	x, y, z := complexMatrix(2, 0, 1, 1, 0), complexMatrix(2, 0, -1i, 1i, 0), complexMatrix(2, 1, 0, 0, -1)
	switch d {
	case 1:
		return Dirac{Alpha: []*mat.CDense{x}, Beta: z}, nil
	case 2:
		return Dirac{Alpha: []*mat.CDense{x, y}, Beta: z}, nil
	case 3:
		return Dirac{Alpha: []*mat.CDense{kron(x, x), kron(x, y), kron(x, z)}, Beta: kron(z, one)}, nil
	}
	return Dirac{}, fmt.Errorf("reference.StandardDirac: %d dimensions; use 1, 2 or 3", d)
}

// NeuronMatrices returns the real matrices of the Dirac network in d dimensions,
// X_j antisymmetric and Y symmetric, with e = [[0,1],[−1,0]], the unit 1 and the
// Pauli matrices s_x, s_z:
//
//	d   types  X_1        X_2          X_3             Y
//	1   2      e                                       s_x
//	2   4      1⊗e        e⊗s_x                        1⊗s_z
//	3   8      1⊗1⊗e      1⊗e⊗s_x      s_x⊗e⊗s_z       s_z⊗1⊗s_z
//
// It fails for any other d.
func NeuronMatrices(d int) (x []*mat.Dense, y *mat.Dense, err error) {
	one, e := mat.NewDense(2, 2, []float64{1, 0, 0, 1}), mat.NewDense(2, 2, []float64{0, 1, -1, 0})
	sx, sz := mat.NewDense(2, 2, []float64{0, 1, 1, 0}), mat.NewDense(2, 2, []float64{1, 0, 0, -1})
	product := func(factors ...*mat.Dense) *mat.Dense {
		p := factors[0]
		for _, f := range factors[1:] {
			var next mat.Dense
			next.Kronecker(p, f)
			p = &next
		}
		return p
	}
	switch d {
	case 1:
		return []*mat.Dense{e}, sx, nil
	case 2:
		return []*mat.Dense{product(one, e), product(e, sx)}, product(one, sz), nil
	case 3:
		return []*mat.Dense{product(one, one, e), product(one, e, sx), product(sx, e, sz)}, product(sz, one, sz), nil
	}
	return nil, nil, fmt.Errorf("reference.NeuronMatrices: %d dimensions; use 1, 2 or 3", d)
}

// RealDirac returns the massless Dirac equation of the network
//
//	φ̇ = Bβ,   β̇ = −Bφ,   B = Σ_j X_j ⊗ ∂_j + …,
//
// that is i∂_tψ = Bψ for ψ = φ + iβ: α_j = iX_j and Y is the matrix β. X_j must be
// real antisymmetric with {X_i, X_j} = −2δ_ij and Y real symmetric with Y² = 1 and
// {X_j, Y} = 0; [NewFreeDirac] checks it. Without matrices in hand, take those of
// [NeuronMatrices].
func RealDirac(x []*mat.Dense, y *mat.Dense) Dirac {
	d := Dirac{Beta: timesComplex(1, y)}
	for _, xj := range x {
		d.Alpha = append(d.Alpha, timesComplex(1i, xj))
	}
	return d
}

// Components returns n, the number of components of the spinor, or 0 if there is
// no matrix to tell.
func (d Dirac) Components() int {
	if len(d.Alpha) == 0 || d.Alpha[0] == nil {
		return 0
	}
	n, _ := d.Alpha[0].Dims()
	return n
}

// Frequency returns ω(k) ≥ 0, the angular frequency of the waves e^{i(k·x∓ωt)},
//
//	ω² = Σ_j sin²(k_j a_j)/a_j² + [ m + Σ_j (r/a_j)(1 − cos k_j a_j) ]².
//
// k has one component an axis, in units of 1/length, and need not be a wave
// number of the lattice. A wrong number of components panics.
func (d Dirac) Frequency(l lattice.Lattice, k ...float64) float64 {
	needComponents(l, k)
	modes := make([]mode, len(k))
	for j, kj := range k {
		sin, cos := math.Sincos(kj * l.Spacing(j))
		modes[j] = mode{sin, cos, l.Spacing(j)}
	}
	return d.frequency(modes)
}

// ZeroModes returns how many wave numbers k of the lattice have ω(k) = 0, up to
// round-off: the species of fermions that a massless field on this lattice holds.
// Naive differences have 2^d on axes with an even number of sites, doublers in
// the corners of the zone; the Wilson term leaves the one at k = 0.
//
// It fails for a lattice that is not periodic, and a mass or r that is not finite.
func (d Dirac) ZeroModes(l lattice.Lattice) (int, error) {
	err := checkPeriodic(l)
	if err == nil {
		err = d.checkNumbers()
	}
	if err != nil {
		return 0, fmt.Errorf("reference.Dirac.ZeroModes: %w", err)
	}
	count := 0
	for modes := range waves(l) {
		scale := 0.0
		for _, m := range modes {
			scale += (1 + math.Abs(d.Wilson)) / m.spacing
		}
		if d.frequency(modes) <= 1e-14*scale {
			count++
		}
	}
	return count, nil
}

// mode is what the lattice makes of one component of a wave number: sin ka,
// cos ka and a.
type mode struct{ sin, cos, spacing float64 }

// waves yields the modes of a periodic lattice with their number, in the order of
// transform. The slice is overwritten by the next mode.
func waves(l lattice.Lattice) iter.Seq2[[]mode, int] {
	axes := make([][]mode, l.Dim())
	for j, a := range l.Axes() {
		for p := range a.Sites {
			sin, cos := math.Sincos(2 * math.Pi * float64(p) / float64(a.Sites))
			if 2*p == a.Sites {
				sin = 0 // exactly, else round-off decides the sign of the energy of a doubler
			}
			axes[j] = append(axes[j], mode{sin, cos, a.Spacing()})
		}
	}
	return func(yield func([]mode, int) bool) {
		modes := make([]mode, len(axes))
		for i := range l.Sites() {
			for j := range axes {
				modes[j] = axes[j][i/l.Stride(j)%len(axes[j])]
			}
			if !yield(modes, i) {
				return
			}
		}
	}
}

// massAt returns the factor of β in h(k), mass and Wilson term.
func (d Dirac) massAt(modes []mode) float64 {
	m := d.Mass
	for _, k := range modes {
		m += d.Wilson / k.spacing * (1 - k.cos)
	}
	return m
}

func (d Dirac) frequency(modes []mode) float64 {
	omega := d.massAt(modes)
	for _, k := range modes {
		omega = math.Hypot(omega, k.sin/k.spacing)
	}
	return math.Abs(omega)
}

// check returns what is wrong with the equation on l.
func (d Dirac) check(l lattice.Lattice) error {
	if err := checkPeriodic(l); err != nil {
		return err
	}
	if len(d.Alpha) != l.Dim() {
		return fmt.Errorf("%d matrices α for %d axes; give one an axis", len(d.Alpha), l.Dim())
	}
	if err := d.checkNumbers(); err != nil {
		return err
	}
	matrices, names := d.Alpha, []string{"α_1", "α_2", "α_3"}[:l.Dim()]
	switch {
	case d.Beta != nil:
		matrices, names = append(matrices[:len(matrices):len(matrices)], d.Beta), append(names, "β")
	case d.Mass != 0 || d.Wilson != 0:
		return fmt.Errorf("no β for mass %v and Wilson parameter %v; give one, or set both to 0", d.Mass, d.Wilson)
	}
	n := d.Components()
	for i, m := range matrices {
		if m == nil {
			return fmt.Errorf("%s is nil; give a matrix", names[i])
		}
		if r, c := m.Dims(); n == 0 || r != n || c != n {
			return fmt.Errorf("%s is %d×%d; all matrices must be square and of one size", names[i], r, c)
		}
		if !hermitian(m) {
			return fmt.Errorf("%s is not Hermitian, so no unitary ψ(t) exists; use α† = α, that is X antisymmetric, and β† = β", names[i])
		}
	}
	const tolerance = 1e-12
	for i, a := range matrices {
		for j, b := range matrices[:i+1] {
			for r := range n {
				for c := range n {
					anticommutator := complex(0, 0)
					for s := range n {
						anticommutator += a.At(r, s)*b.At(s, c) + b.At(r, s)*a.At(s, c)
					}
					if i == j && r == c {
						anticommutator -= 2
					}
					if cmplx.Abs(anticommutator) > tolerance {
						return fmt.Errorf("{%s, %s} is wrong in entry (%d, %d) by %.3g; it must be twice the unit matrix if both are the same, else 0",
							names[j], names[i], r, c, cmplx.Abs(anticommutator))
					}
				}
			}
		}
	}
	return nil
}

// checkNumbers returns what is wrong with m and r.
func (d Dirac) checkNumbers() error {
	if !finite(d.Mass) {
		return fmt.Errorf("mass %v; it must be finite", d.Mass)
	}
	if !finite(d.Wilson) {
		return fmt.Errorf("r = %v; the Wilson parameter must be finite", d.Wilson)
	}
	return nil
}

func checkPeriodic(l lattice.Lattice) error {
	if l.Dim() == 0 {
		return errors.New("a lattice without axes; make it with lattice.New")
	}
	for j, a := range l.Axes() {
		if !a.Periodic() {
			return fmt.Errorf("axis %s has walls; use lattice.Ring", lattice.AxisName(j))
		}
	}
	return nil
}

// hermitian tells whether a square matrix is finite and Hermitian to round-off.
func hermitian(m *mat.CDense) bool {
	n, _ := m.Dims()
	largest := 0.0
	for i := range n {
		for j := range n {
			largest = max(largest, cmplx.Abs(m.At(i, j))) // keeps a NaN
		}
	}
	if !finite(largest) {
		return false
	}
	for i := range n {
		for j := range i + 1 {
			if cmplx.Abs(m.At(i, j)-cmplx.Conj(m.At(j, i))) > 1e-13*largest {
				return false
			}
		}
	}
	return true
}

func complexMatrix(n int, entries ...complex128) *mat.CDense { return mat.NewCDense(n, n, entries) }

// kron returns a ⊗ b of square matrices.
func kron(a, b *mat.CDense) *mat.CDense {
	n, _ := a.Dims()
	m, _ := b.Dims()
	k := mat.NewCDense(n*m, n*m, nil)
	for i := range n * m {
		for j := range n * m {
			k.Set(i, j, a.At(i/m, j/m)*b.At(i%m, j%m))
		}
	}
	return k
}

// timesComplex returns factor·m; nil stays nil.
func timesComplex(factor complex128, m *mat.Dense) *mat.CDense {
	if m == nil {
		return nil
	}
	r, c := m.Dims()
	z := mat.NewCDense(r, c, nil)
	for i := range r {
		for j := range c {
			z.Set(i, j, factor*complex(m.At(i, j), 0))
		}
	}
	return z
}
