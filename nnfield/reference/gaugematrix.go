package reference

import (
	"fmt"
	"math/cmplx"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Links holds the phases of a U(1) gauge field on the links of a lattice ([F] §5):
// Links[j][x] = θ_j(x) = q a_j A_j belongs to the link from site x to x + ĵ, with
// U_j(x) = e^{iθ_j(x)}. nil means no field.
type Links [][]float64

// DiracMatrix returns the Hermitian matrix of a Dirac field in the background of
// links, of n·Sites rows laid out component by component,
//
//	h = −iΣ_j α_j D_j + β [ m + Σ_j (r a_j/2)(−D_j²) ],
//	D_jψ(x)   = [U_j(x)ψ(x+ĵ) − U_j*(x−ĵ)ψ(x−ĵ)]/2a_j,
//	−D_j²ψ(x) = [2ψ(x) − U_j(x)ψ(x+ĵ) − U_j*(x−ĵ)ψ(x−ĵ)]/a_j²
//
// ([F] §5). Potentials and mass profiles may be added to the result: V(x) in the
// diagonal, m(x)β between the components of a site. [Unitary] and [TimeOrdered]
// take it from there.
//
// Of a charged network, with complex φ and β,
//
//	φ̇ = hβ − iqA_0φ,   β̇ = −hφ − iqA_0β,
//
// the combination φ + iβ turns with h + qA_0 and φ − iβ with −h + qA_0.
//
// It fails for a lattice that is not periodic, matrices that break the relations
// of [Dirac], more than [MaxDense] rows, and links that do not fit the lattice.
func DiracMatrix(l lattice.Lattice, d Dirac, links Links) (*mat.CDense, error) {
	if err := d.check(l); err != nil {
		return nil, fmt.Errorf("reference.DiracMatrix: %w", err)
	}
	n, sites := d.Components(), l.Sites()
	if n*sites > MaxDense {
		return nil, fmt.Errorf("reference.DiracMatrix: %d components on %d sites, at most %d rows are allowed; use a smaller lattice", n, sites, MaxDense)
	}
	if err := links.check(l); err != nil {
		return nil, fmt.Errorf("reference.DiracMatrix: %w", err)
	}
	h := mat.NewCDense(n*sites, n*sites, nil)
	add := func(x, y int, factor complex128, m *mat.CDense) {
		if m == nil || factor == 0 {
			return
		}
		for r := range n {
			for c := range n {
				h.Set(r*sites+x, c*sites+y, h.At(r*sites+x, c*sites+y)+factor*m.At(r, c))
			}
		}
	}
	for x := range sites {
		add(x, x, complex(d.Mass, 0), d.Beta)
		for j := range l.Dim() {
			y, _ := l.Neighbour(x, j, 1)
			hop := links.hop(j, x) / complex(2*l.Spacing(j), 0)
			add(x, y, -1i*hop, d.Alpha[j])
			add(y, x, 1i*cmplx.Conj(hop), d.Alpha[j])
			r := complex(d.Wilson, 0)
			add(x, x, r/complex(l.Spacing(j), 0), d.Beta)
			add(x, y, -r*hop, d.Beta)
			add(y, x, -r*cmplx.Conj(hop), d.Beta)
		}
	}
	return h, nil
}

// ChargedStiffness returns the Hermitian stiffness K = −D² + m² of a charged scalar
// in the background of links, with −D² = Σ_j −D_j² as in [DiracMatrix]
// ([F] §5). [RealForm] of it goes into [Exponential].
//
// It fails for a lattice that is not periodic, a negative mass, more than
// [MaxDense] sites, and links that do not fit the lattice.
func ChargedStiffness(l lattice.Lattice, mass float64, links Links) (*mat.CDense, error) {
	err := checkPeriodic(l)
	if err == nil {
		err = checkModel(l, mass, 2)
	}
	if err == nil {
		err = links.check(l)
	}
	if err != nil {
		return nil, fmt.Errorf("reference.ChargedStiffness: %w", err)
	}
	n := l.Sites()
	if n > MaxDense {
		return nil, fmt.Errorf("reference.ChargedStiffness: %d sites, at most %d are allowed; use a smaller lattice", n, MaxDense)
	}
	k := mat.NewCDense(n, n, nil)
	add := func(x, y int, v complex128) { k.Set(x, y, k.At(x, y)+v) }
	for x := range n {
		add(x, x, complex(mass*mass, 0))
		for j := range l.Dim() {
			y, _ := l.Neighbour(x, j, 1)
			square := complex(l.Spacing(j)*l.Spacing(j), 0)
			add(x, x, 2/square)
			add(x, y, -links.hop(j, x)/square)
			add(y, x, -cmplx.Conj(links.hop(j, x))/square)
		}
	}
	return k, nil
}

// hop returns U_j(x).
func (links Links) hop(j, x int) complex128 {
	if links == nil {
		return 1
	}
	return cmplx.Rect(1, links[j][x])
}

func (links Links) check(l lattice.Lattice) error {
	if links == nil {
		return nil
	}
	if len(links) != l.Dim() {
		return fmt.Errorf("links along %d axes on a lattice of %d; give one array an axis", len(links), l.Dim())
	}
	for j, theta := range links {
		if err := checkField("links along "+lattice.AxisName(j), theta, l.Sites()); err != nil {
			return err
		}
	}
	return nil
}
