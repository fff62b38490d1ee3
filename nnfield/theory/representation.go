package theory

import (
	"fmt"
	"math"
	"math/cmplx"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// matrix is a small square complex matrix between the components of a spinor.
type matrix [][]complex128

// Representation is a choice of the matrices α_j and β_D of the Dirac
// Hamiltonian −iα·∇ + mβ_D. They are Hermitian and obey
//
//	{α_i, α_j} = 2δ_ij,   {α_j, β_D} = 0,   β_D² = 1.
//
// The zero value is [RealMatrices].
type Representation struct {
	name  string
	alpha []matrix // of given matrices
	beta  matrix
	err   error
}

// Representations by name.
var (
	// RealMatrices is the representation in which −iα_j = X_j is real and
	// antisymmetric and β_D = Y real and symmetric: 2, 4 and 8 components in one,
	// two and three dimensions [F] §4. Its h has no antisymmetric part h_A: the
	// network has a dual loss.
	RealMatrices = Representation{name: "real"}
	// DiracMatrices has a diagonal β_D: σz in one and two dimensions (α = σx, σy),
	// σz⊗1 in three (α_j = σx⊗σ_j).
	DiracMatrices = Representation{name: "dirac"}
	// WeylMatrices has diagonal chiralities: α = σz, β_D = σx in one dimension,
	// α_j = −σz⊗σ_j, β_D = σx⊗1 in three. Two dimensions have no chirality.
	WeylMatrices = Representation{name: "weyl"}
	// MajoranaMatrices has real α_j and an imaginary β_D, so that ih is real:
	// everything sits in h_A, the antisymmetric weights.
	MajoranaMatrices = Representation{name: "majorana"}
)

// Matrices is the representation of given α_j, one for each axis, and β_D. They
// are checked when the model is built.
func Matrices(alpha [][][]complex128, beta [][]complex128) Representation {
	r := Representation{name: "given"}
	for _, a := range alpha {
		r.alpha = append(r.alpha, matrix(a).clone())
	}
	r.beta = matrix(beta).clone()
	r.err = clifford(r.alpha, r.beta)
	return r
}

// Err returns what is wrong with given matrices, or nil.
func (r Representation) Err() error { return r.err }

// String returns the matrices in words.
func (r Representation) String() string { return r.Name() + " matrices" }

// Name returns "real", "dirac", "weyl", "majorana" or "given".
func (r Representation) Name() string {
	if r.name == "" {
		return RealMatrices.name
	}
	return r.name
}

// Matrices returns α_j and β_D on a lattice of d axes.
func (r Representation) Matrices(d int) (alpha [][][]complex128, beta [][]complex128, err error) {
	a, b, err := r.on(d)
	for _, m := range a {
		alpha = append(alpha, m.clone())
	}
	return alpha, b.clone(), err
}

// The factors that the tables are made of; e = iσy.
var (
	one2 = matrix{{1, 0}, {0, 1}}
	sx   = matrix{{0, 1}, {1, 0}}
	sy   = matrix{{0, -1i}, {1i, 0}}
	sz   = matrix{{1, 0}, {0, -1}}
	e2   = matrix{{0, 1}, {-1, 0}}
)

// tables holds, for each name and number of dimensions, α_1 … α_d and β_D. For
// the real ones X_j stands in place of α_j = iX_j.
var tables = map[string][3][]matrix{
	"real": {
		{e2, sx},
		{kron(one2, e2), kron(e2, sx), kron(one2, sz)},
		{kron(one2, one2, e2), kron(one2, e2, sx), kron(sx, e2, sz), kron(sz, one2, sz)},
	},
	"dirac": {
		{sx, sz},
		{sx, sy, sz},
		{kron(sx, sx), kron(sx, sy), kron(sx, sz), kron(sz, one2)},
	},
	"weyl": {
		{sz, sx},
		nil,
		{kron(sz, sx).times(-1), kron(sz, sy).times(-1), kron(sz, sz).times(-1), kron(sx, one2)},
	},
	"majorana": {
		{sx, sy},
		{sx, sz, sy},
		{kron(sz, one2), kron(sx, sx), kron(sx, sz), kron(sy, one2)},
	},
}

// on returns the matrices for d dimensions.
func (r Representation) on(d int) (alpha []matrix, beta matrix, err error) {
	if r.err != nil {
		return nil, nil, r.err
	}
	if r.name == "given" {
		if len(r.alpha) != d {
			return nil, nil, fmt.Errorf("Representation: %d matrices α for %d axes; give one for each axis", len(r.alpha), d)
		}
		return r.alpha, r.beta, nil
	}
	table := tables[r.Name()][d-1]
	if table == nil {
		return nil, nil, fmt.Errorf("Representation: %d dimensions have no chirality, so no Weyl representation; use DiracMatrices", d)
	}
	alpha, beta = table[:d], table[d]
	if r.Name() == RealMatrices.name {
		alpha = nil
		for _, x := range table[:d] {
			alpha = append(alpha, x.times(1i))
		}
	}
	return alpha, beta, nil
}

// clifford returns the first relation that the matrices break.
func clifford(alpha []matrix, beta matrix) error {
	n := len(beta)
	all := append(append([]matrix(nil), alpha...), beta)
	name := func(i int) string {
		if i == len(alpha) {
			return "β"
		}
		return fmt.Sprintf("α_%d", i+1)
	}
	if n < 2 || n > 64 || len(alpha) < 1 || len(alpha) > 3 {
		return fmt.Errorf("Matrices: %d matrices α and a β of %d rows; give 1 to 3 and one of 2 to 64 rows", len(alpha), n)
	}
	for i, m := range all {
		for _, row := range m {
			if len(m) != n || len(row) != n {
				return fmt.Errorf("Matrices: %s is not %d×%d as β is; all matrices have one size", name(i), n, n)
			}
		}
	}
	for i, m := range all {
		for a := range n {
			for b := range n {
				if !(cmplx.Abs(m[a][b]-cmplx.Conj(m[b][a])) <= 1e-14) {
					return fmt.Errorf("Matrices: %s is not Hermitian: the elements (%d,%d) and (%d,%d) are %s; give the conjugate on the other side", name(i), a, b, b, a, complexes([]complex128{m[a][b], m[b][a]}))
				}
			}
		}
	}
	for i, m := range all {
		for j, k := range all[:i+1] {
			want := 0.0
			if i == j {
				want = 2
			}
			mk, km := m.product(k), k.product(m)
			worst := 0.0
			for a := range n {
				for b := range n {
					v := mk[a][b] + km[a][b]
					if a == b {
						v -= complex(want, 0)
					}
					worst = math.Max(worst, cmplx.Abs(v))
				}
			}
			if !(worst <= 1e-13) {
				return fmt.Errorf("Matrices: {%s, %s} differs from %v by %.2g; the matrices must obey the Clifford relations", name(j), name(i), want, worst)
			}
		}
	}
	return nil
}

func newMatrix(n int) matrix {
	m := make(matrix, n)
	for i := range m {
		m[i] = make([]complex128, n)
	}
	return m
}

func (m matrix) clone() matrix {
	c := make(matrix, len(m))
	for i, row := range m {
		c[i] = append([]complex128(nil), row...)
	}
	return c
}

func (m matrix) times(f complex128) matrix {
	c := m.clone()
	for _, row := range c {
		for j := range row {
			row[j] = elementary.Times(row[j], f)
		}
	}
	return c
}

// plus returns m + f·k.
func (m matrix) plus(f complex128, k matrix) matrix {
	c := m.clone()
	for i, row := range c {
		for j := range row {
			row[j] += elementary.Times(f, k[i][j])
		}
	}
	return c
}

func (m matrix) product(k matrix) matrix {
	c := newMatrix(len(m))
	for i := range m {
		for l, v := range m[i] {
			for j := range k {
				c[i][j] += elementary.Times(v, k[l][j])
			}
		}
	}
	return c
}

// apply writes m·u to dst.
func (m matrix) apply(dst, u []complex128) {
	for i, row := range m {
		dst[i] = 0
		for j, v := range row {
			dst[i] += elementary.Times(v, u[j])
		}
	}
}

// kron returns the Kronecker product of its arguments.
func kron(factors ...matrix) matrix {
	out := matrix{{1}}
	for _, f := range factors {
		n, k := len(out), len(f)
		next := newMatrix(n * k)
		for i := range n * k {
			for j := range n * k {
				next[i][j] = elementary.Times(out[i/k][j/k], f[i%k][j%k])
			}
		}
		out = next
	}
	return out
}

// representationSpec is a representation in a Spec; given matrices are listed
// row after row as re, im, re, im, ….
type representationSpec struct {
	Name  string      `json:"name"`
	Alpha [][]float64 `json:"alpha,omitempty"`
	Beta  []float64   `json:"beta,omitempty"`
}

func (r Representation) spec() representationSpec {
	s := representationSpec{Name: r.Name()}
	if r.name != "given" {
		return s
	}
	rows := func(m matrix) (out []float64) {
		for _, row := range m {
			out = append(out, flat(row)...)
		}
		return out
	}
	for _, a := range r.alpha {
		s.Alpha = append(s.Alpha, rows(a))
	}
	s.Beta = rows(r.beta)
	return s
}

func (s representationSpec) build() (Representation, error) {
	if _, ok := tables[s.Name]; ok && s.Alpha == nil && s.Beta == nil {
		return Representation{name: s.Name}, nil
	}
	if s.Name != "given" {
		return Representation{}, fmt.Errorf("representation.name: %q; use %s, or given with alpha and beta", s.Name, strings.Join([]string{"real", "dirac", "weyl", "majorana"}, ", "))
	}
	n := int(math.Round(math.Sqrt(float64(len(s.Beta) / 2))))
	square := func(numbers []float64) matrix {
		if len(numbers) != 2*n*n {
			return nil
		}
		m, all := make(matrix, n), paired(numbers)
		for i := range m {
			m[i] = all[i*n : (i+1)*n]
		}
		return m
	}
	var alpha [][][]complex128
	for _, a := range s.Alpha {
		alpha = append(alpha, square(a))
	}
	return Matrices(alpha, square(s.Beta)), nil
}
