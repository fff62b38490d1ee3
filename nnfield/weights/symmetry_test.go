package weights

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// The parts have their symmetry to the last bit and add to W.
func TestPartsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTensor(t, 2)
		m, s, a := matrix(w), matrix(SymmetricPart(w)), matrix(AntisymmetricPart(w))
		size := 1 + mat.Norm(m, 2)
		for i := range w.Size() {
			for j := range w.Size() {
				if s.At(i, j) != s.At(j, i) || a.At(i, j) != -a.At(j, i) {
					t.Fatalf("%v: (%d,%d): sym %v and %v, anti %v and %v", w, i, j, s.At(i, j), s.At(j, i), a.At(i, j), a.At(j, i))
				}
				if d := s.At(i, j) + a.At(i, j) - m.At(i, j); math.Abs(d) > 2e-15*size {
					t.Fatalf("%v: (%d,%d): sym + anti misses W by %g", w, i, j, d)
				}
			}
		}
	})
}

// Of one kind of entries, the parts are the rounded halves themselves.
func TestPartsAreExactEntryByEntry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "n")
		ring := must(lattice.New(lattice.Ring(n+5, 3)))
		for _, w := range []Tensor{must(NewDense(n, vector(n*n, 4))), drawCSR(t, n), drawStencil(t, ring)} {
			m, s, a := matrix(w), matrix(SymmetricPart(w)), matrix(AntisymmetricPart(w))
			for i := range w.Size() {
				for j := range w.Size() {
					if s.At(i, j) != (m.At(i, j)+m.At(j, i))/2 || a.At(i, j) != (m.At(i, j)-m.At(j, i))/2 {
						t.Fatalf("%v: (%d,%d)", w, i, j)
					}
				}
			}
		}
	})
}

// Symmetry agrees with the matrix written out.
func TestSymmetryAgreesWithMatrix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTensor(t, 2)
		m := matrix(w)
		symmetric, antisymmetric, sum, worst := true, true, 0.0, 0.0
		for i := range w.Size() {
			for j := range w.Size() {
				d := m.At(i, j) - m.At(j, i)
				symmetric = symmetric && d == 0
				antisymmetric = antisymmetric && m.At(i, j) == -m.At(j, i)
				sum += d * d
				worst = max(worst, math.Abs(d))
			}
		}
		v := Symmetry(w)
		if v.Symmetric != symmetric || v.Antisymmetric != antisymmetric || Symmetric(w) != symmetric {
			t.Fatalf("%v: %v; the matrix says symmetric %t, antisymmetric %t", w, v, symmetric, antisymmetric)
		}
		if math.Abs(v.Defect-math.Sqrt(sum)) > 1e-13*(1+v.Defect) {
			t.Fatalf("%v: defect %v, want %v", w, v.Defect, math.Sqrt(sum))
		}
		if worst > 0 {
			e := v.Worst[0]
			if math.Abs(e.Wij-e.Wji) != worst || m.At(e.I, e.J) != e.Wij || m.At(e.J, e.I) != e.Wji {
				t.Fatalf("%v: worst entry %v, want a difference of %v", w, e, worst)
			}
		}
		for k := 1; k < len(v.Worst); k++ {
			if math.Abs(v.Worst[k].Wij-v.Worst[k].Wji) > math.Abs(v.Worst[k-1].Wij-v.Worst[k-1].Wji) {
				t.Fatalf("%v: not sorted: %v", w, v.Worst)
			}
		}
	})
}

// Structure is kept where the boundary allows, so that large lattices stay cheap.
func TestStructureIsKept(t *testing.T) {
	wall, face := lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann}
	for _, c := range []struct {
		name    string
		l       lattice.Lattice
		stencil bool
	}{
		{"ring", must(lattice.New(lattice.Ring(6, 6))), true},
		{"dirichlet", must(lattice.New(lattice.Line(6, 6, wall, wall))), true},
		{"neumann", must(lattice.New(lattice.Line(6, 6, face, face))), false},
		{"ring × neumann", must(lattice.New(lattice.Ring(6, 6), lattice.Line(6, 6, face, face))), true},
	} {
		w := Add(must(Laplacian(c.l, 2)), must(Derivative(c.l, 0)))
		for name, got := range map[string]Tensor{"transpose": w.Transpose(), "symmetric part": SymmetricPart(w), "antisymmetric part": AntisymmetricPart(w)} {
			if _, ok := got.(*Stencil); ok != c.stencil {
				t.Errorf("%s: the %s is %v", c.name, name, got)
			}
		}
	}
	k := must(NewKron(mat.NewDense(2, 2, []float64{0, 1, -1, 0}), must(Derivative(must(lattice.New(lattice.Ring(6, 6))), 0))))
	if _, ok := SymmetricPart(k).(*Kron); !ok {
		t.Errorf("the symmetric part of e ⊗ ∂ is %v", SymmetricPart(k))
	}
	if v := Symmetry(k); !v.Symmetric {
		t.Errorf("e ⊗ ∂ is %v", v)
	}
}

// A reflecting wall puts the derivative's tap on the diagonal, and Symmetry says so.
func TestNeumannDerivativeIsNotAntisymmetric(t *testing.T) {
	face := lattice.Boundary{Kind: lattice.Neumann}
	l := must(lattice.New(lattice.Line(5, 5, face, face)))
	v := Symmetry(must(Derivative(l, 0)))
	if v.Symmetric || v.Antisymmetric {
		t.Fatalf("%v", v)
	}
	want := []Entry{{0, 0, -0.5, -0.5}, {4, 4, 0.5, 0.5}}
	if len(v.WorstAnti) != 2 || v.WorstAnti[0] != want[0] || v.WorstAnti[1] != want[1] {
		t.Errorf("entries that break it: %v, want %v", v.WorstAnti, want)
	}
}
