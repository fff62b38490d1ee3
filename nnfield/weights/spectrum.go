package weights

import (
	"cmp"
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/say"
)

// Eigenvalues is a spectrum, as far as it is known.
type Eigenvalues struct {
	Values   []complex128 // sorted by real, then by imaginary part
	Complete bool         // all of them, each as often as its multiplicity
	Method   string       // how they were found and how far they can be trusted
}

// maxEigen is the largest tensor that is given to a dense eigenvalue solver.
const maxEigen = 1024

// Spectrum returns the eigenvalues of W:
//
//   - from closed form for sums of Kron products, stencils, spectral Laplacians
//     and multiples of the identity on one lattice, stencils being even along
//     walled axes;
//   - all of them from a dense solver for other tensors of up to 1024 neurons,
//     good to about 1e-15·‖W‖ if W is symmetric or antisymmetric;
//   - the extreme ones by the Lanczos method for larger tensors that are
//     symmetric or antisymmetric: those that have converged, each once whatever
//     its multiplicity, and always both ends.
//
// It fails for larger tensors that are neither.
func Spectrum(w Tensor) (Eigenvalues, error) {
	e, _, err := spectrum(w)
	if err != nil {
		return Eigenvalues{}, fmt.Errorf("weights.Spectrum: %w", err)
	}
	slices.SortFunc(e.Values, func(a, b complex128) int {
		return cmp.Or(cmp.Compare(real(a), real(b)), cmp.Compare(imag(a), imag(b)))
	})
	return e, nil
}

// SpectralRadius returns max |λ| over the eigenvalues of W, which bounds the time
// step of a network that runs on it. Where [Spectrum] has to estimate, the
// residual of the estimate is added. It fails where Spectrum does.
func SpectralRadius(w Tensor) (float64, error) {
	e, residual, err := spectrum(w)
	if err != nil {
		return 0, fmt.Errorf("the largest eigenvalue of the weights: %w", err)
	}
	r := 0.0
	for _, v := range e.Values {
		r = max(r, cmplx.Abs(v))
	}
	return r + residual, nil
}

// spectrum returns the eigenvalues, in no order, and how far the extreme ones may
// be off.
func spectrum(w Tensor) (e Eigenvalues, residual float64, err error) {
	if s, ok := symbolOf(w); ok {
		values, err := s.spectrum()
		return Eigenvalues{values, true, "closed form: waves of the lattice"}, 0, err
	}
	if d, ok := w.(Diagonal); ok {
		values := make([]complex128, len(d))
		for i, v := range d {
			values[i] = complex(v, 0)
		}
		return Eigenvalues{values, true, "closed form: the diagonal"}, 0, nil
	}
	n := w.Size()
	if n <= maxEigen {
		values, err := eigenvalues(matrix(w))
		return Eigenvalues{values, true, "dense solver"}, 0, err
	}
	v := Symmetry(w)
	if math.IsNaN(v.Defect) || math.IsInf(v.Defect, 0) {
		return e, 0, fmt.Errorf("%v has weights that are not finite, such as %v", w, v.Worst[0])
	}
	if !v.Symmetric && !v.Antisymmetric {
		return e, 0, fmt.Errorf("%v is neither symmetric nor antisymmetric and larger than the %d neurons possible then; use a smaller lattice, or SymmetricPart or AntisymmetricPart of it", w, maxEigen)
	}
	values, residual, err := lanczos(w, v.Antisymmetric)
	e.Method = fmt.Sprintf("Lanczos, both ends to %.1g; each eigenvalue once", residual)
	for _, x := range values {
		if v.Antisymmetric {
			e.Values = append(e.Values, complex(0, x))
		} else {
			e.Values = append(e.Values, complex(x, 0))
		}
	}
	return e, residual, err
}

// eigenvalues returns all eigenvalues of a real matrix. It fails if an entry is
// not finite.
func eigenvalues(m *mat.Dense) ([]complex128, error) {
	n, _ := m.Dims()
	symmetric, antisymmetric := true, true
	for i := range n {
		for j, v := range m.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("weight (%d, %d) is %s; it must be finite, use larger spacings and smaller masses", i, j, say.Number(v))
			}
			symmetric = symmetric && v == m.At(j, i)
			antisymmetric = antisymmetric && v == -m.At(j, i)
		}
	}
	values := make([]complex128, n)
	var converged bool
	switch {
	case symmetric:
		var e mat.EigenSym
		if converged = e.Factorize(mat.NewSymDense(n, m.RawMatrix().Data), false); converged {
			for i, v := range e.Values(nil) {
				values[i] = complex(v, 0)
			}
		}
	case antisymmetric: // ±iσ, the singular values σ coming in pairs
		var s mat.SVD
		if converged = s.Factorize(m, mat.SVDNone); converged {
			sigma := s.Values(nil)
			for i := 1; i < n; i += 2 {
				values[i-1], values[i] = complex(0, sigma[i]), complex(0, -sigma[i])
			}
		}
	default:
		converged = generalEigenvalues(values, m)
	}
	if !converged {
		return nil, fmt.Errorf("the eigenvalue solver did not converge")
	}
	return values, nil
}

// generalEigenvalues finds the eigenvalues of a matrix without symmetry. The QR
// iteration can run in circles on a matrix of much structure, such as a
// permutation, upon which gonum v0.17 panics instead of saying so. Then the same
// eigenvalues are sought of H·A·H, with a reflection H that leaves no structure.
func generalEigenvalues(dst []complex128, m *mat.Dense) (converged bool) {
	n := len(dst)
	for attempt := range 4 {
		if attempt > 0 {
			v := make([]float64, n)
			for i := range v {
				v[i] = random.New(uint64(attempt), "eigenvalue reflection").Uniform(i) - 0.5
			}
			m = reflected(m, mat.NewVecDense(n, v))
		}
		if func() (ok bool) {
			defer func() { ok = recover() == nil && ok }()
			var e mat.Eigen
			if ok = e.Factorize(m, mat.EigenNone); ok {
				e.Values(dst)
			}
			return ok
		}() {
			return true
		}
	}
	return false
}

// reflected returns H·A·H with H = 1 − 2vvᵀ/vᵀv.
func reflected(a *mat.Dense, v *mat.VecDense) *mat.Dense {
	n, _ := a.Dims()
	h := mat.NewDense(n, n, nil)
	h.Outer(-2/mat.Dot(v, v), v, v)
	for i := range n {
		h.Set(i, i, h.At(i, i)+1)
	}
	var r mat.Dense
	r.Product(h, a, h)
	return &r
}
