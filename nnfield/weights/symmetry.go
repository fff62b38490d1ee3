package weights

import (
	"fmt"
	"math"
	"slices"
)

// SymmetricPart returns ½(W + Wᵀ), which for a generator of weights is pure gauge
// ([F] §2). The halves are formed weight by weight: tap by tap of a stencil whose
// transpose is a stencil, factor by factor of a Kron, term by term of a sum,
// entry by entry of anything else, which becomes a [CSR]. The result is exactly
// symmetric.
func SymmetricPart(w Tensor) Tensor { return part(w, 1) }

// AntisymmetricPart returns ½(W − Wᵀ), the part of the weights that acts on the
// field as a gyroscopic coupling ([F] §2). It is formed like [SymmetricPart] and
// exactly antisymmetric.
func AntisymmetricPart(w Tensor) Tensor { return part(w, -1) }

// part returns ½(W + sign·Wᵀ).
func part(w Tensor, sign float64) Tensor {
	switch w := w.(type) {
	case Identity, Diagonal, *Spectral:
		if sign > 0 {
			return w
		}
		return zero(w.Size())
	case *Stencil:
		if p, ok := w.part(sign); ok {
			return p
		}
	case *Scaled:
		return Scale(w.factor, part(w.w, sign))
	case *Sum:
		parts := make([]Tensor, len(w.terms))
		for i, t := range w.terms {
			parts[i] = part(t, sign)
		}
		return Add(parts...)
	case *Kron: // sym = sym⊗sym + anti⊗anti, anti = sym⊗anti + anti⊗sym
		parts := []Tensor{zero(w.Size())}
		for _, s := range []float64{1, -1} {
			if m, any := w.typePart(s); any {
				parts = append(parts, &Kron{m, part(w.w, s*sign)})
			}
		}
		return Add(parts...)
	case *Dense:
		return w.part(sign)
	}
	p := &CSR{start: make([]int, w.Size()+1)}
	both := newRowPairs(w)
	for i := range w.Size() {
		both.each(i, func(j int, wij, wji float64) {
			if v := (wij + sign*wji) / 2; v != 0 {
				p.columns = append(p.columns, int32(j))
				p.weights = append(p.weights, v)
			}
		})
		p.start[i+1] = len(p.columns)
	}
	return p
}

// rowPairs walks along rows of W and of Wᵀ together.
type rowPairs struct {
	w, transposed Tensor
	row, col      []column
}

func newRowPairs(w Tensor) *rowPairs { return &rowPairs{w: w, transposed: w.Transpose()} }

// each calls pair for each column in which row i of W or of Wᵀ has an entry.
func (r *rowPairs) each(i int, pair func(j int, wij, wji float64)) {
	r.row, r.col = r.row[:0], r.col[:0]
	r.w.Row(i, func(j int, v float64) { r.row = append(r.row, column{j, v}) })
	r.transposed.Row(i, func(j int, v float64) { r.col = append(r.col, column{j, v}) })
	row, col := r.row, r.col
	for len(row) > 0 || len(col) > 0 {
		switch {
		case len(col) == 0 || len(row) > 0 && row[0].j < col[0].j:
			pair(row[0].j, row[0].w, 0)
			row = row[1:]
		case len(row) == 0 || col[0].j < row[0].j:
			pair(col[0].j, 0, col[0].w)
			col = col[1:]
		default:
			pair(row[0].j, row[0].w, col[0].w)
			row, col = row[1:], col[1:]
		}
	}
}

// Entry is a pair of opposite weights w_ij and w_ji, i ≤ j.
type Entry struct {
	I, J     int
	Wij, Wji float64
}

// String shows both weights.
func (e Entry) String() string {
	if e.I == e.J {
		return fmt.Sprintf("w(%d,%d) = %.6g", e.I, e.J, e.Wij)
	}
	return fmt.Sprintf("w(%d,%d) = %.6g, w(%d,%d) = %.6g", e.I, e.J, e.Wij, e.J, e.I, e.Wji)
}

// Verdict is what [Symmetry] finds.
type Verdict struct {
	Symmetric     bool    // W = Wᵀ, to the last bit
	Antisymmetric bool    // W = −Wᵀ, to the last bit
	Defect        float64 // ‖W − Wᵀ‖_F, the root of the sum over all entries
	Worst         []Entry // the entries that break W = Wᵀ most, at most 5, worst first
	WorstAnti     []Entry // the entries that break W = −Wᵀ most; nil if W is symmetric
}

// worstEntries is the number of entries a verdict names.
const worstEntries = 5

// Symmetry tells whether W is symmetric or antisymmetric and what breaks it. It
// knows the answer for tensors whose structure makes them symmetric and compares
// all entries of others. Zero is both symmetric and antisymmetric.
func Symmetry(w Tensor) Verdict {
	if symmetricByStructure(w) {
		return Verdict{Symmetric: true, Antisymmetric: isZero(w)}
	}
	v := Verdict{Symmetric: true, Antisymmetric: true}
	both := newRowPairs(w)
	sum := 0.0
	for i := range w.Size() {
		row := 0.0
		both.each(i, func(j int, wij, wji float64) {
			d := wij - wji
			row += float64(d * d)
			if j < i {
				return
			}
			if d != 0 {
				v.Symmetric = false
				v.Worst = keepWorst(v.Worst, Entry{i, j, wij, wji}, -1)
			}
			if wij+wji != 0 {
				v.Antisymmetric = false
				v.WorstAnti = keepWorst(v.WorstAnti, Entry{i, j, wij, wji}, 1)
			}
		})
		sum += row
	}
	v.Defect = math.Sqrt(sum)
	if v.Symmetric {
		v.WorstAnti = nil
	}
	return v
}

// keepWorst inserts e into a list sorted by |w_ij + sign·w_ji|, largest first,
// behind its equals, and cuts the list.
func keepWorst(list []Entry, e Entry, sign float64) []Entry {
	size := func(e Entry) float64 { return math.Abs(e.Wij + float64(sign*e.Wji)) }
	if len(list) == worstEntries && size(e) <= size(list[worstEntries-1]) {
		return list
	}
	at := slices.IndexFunc(list, func(old Entry) bool { return size(old) < size(e) })
	if at < 0 {
		at = len(list)
	}
	list = slices.Insert(list, at, e)
	return list[:min(len(list), worstEntries)]
}

// Symmetric tells whether W = Wᵀ to the last bit.
func Symmetric(w Tensor) bool { return symmetricByStructure(w) || Symmetry(w).Symmetric }

// symmetricByStructure tells whether the way W is made shows that W = Wᵀ.
func symmetricByStructure(w Tensor) bool {
	switch w := w.(type) {
	case Identity, Diagonal, *Spectral:
		return true
	case *Stencil:
		even, _ := w.parity()
		return even && w.invertible()
	case *Scaled:
		return symmetricByStructure(w.w)
	case *Sum:
		for _, t := range w.terms {
			if !symmetricByStructure(t) {
				return false
			}
		}
		return true
	case *Kron:
		_, anti := w.typePart(-1)
		return !anti && symmetricByStructure(w.w)
	}
	return false
}

// isZero tells whether all entries of W are zero; for most tensors that are not
// it looks at one row.
func isZero(w Tensor) bool {
	zero := true
	for i := 0; i < w.Size() && zero; i++ {
		w.Row(i, func(_ int, v float64) { zero = zero && v == 0 })
	}
	return zero
}

// String says the verdict in one line.
func (v Verdict) String() string {
	switch {
	case v.Symmetric && v.Antisymmetric:
		return "zero"
	case v.Symmetric:
		return "symmetric"
	case v.Antisymmetric:
		return fmt.Sprintf("antisymmetric, ‖W−Wᵀ‖ = %.6g", v.Defect)
	}
	return fmt.Sprintf("neither symmetric (%v) nor antisymmetric (%v), ‖W−Wᵀ‖ = %.6g", v.Worst[0], v.WorstAnti[0], v.Defect)
}
