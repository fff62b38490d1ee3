package weights

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// Row and AddApply describe the same matrix, columns ascend, and a product adds.
func TestRowAgreesWithAddApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTensor(t, 2)
		n := w.Size()
		x, got := vector(n, 3), vector(n, 4)
		want := slices.Clone(got)
		w.AddApply(got, -1.7, x)
		for i := range n {
			last, size := -1, 1.0
			w.Row(i, func(j int, v float64) {
				if j <= last || j >= n {
					t.Fatalf("%v: row %d has column %d after %d", w, i, j, last)
				}
				last = j
				want[i] += -1.7 * v * x[j]
				size += math.Abs(v)
			})
			if math.Abs(got[i]-want[i]) > 1e-13*size {
				t.Fatalf("%v: element %d is %v, the row gives %v", w, i, got[i], want[i])
			}
		}
	})
}

func TestTransposeIsAdjoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTensor(t, 2)
		n := w.Size()
		x, y := vector(n, 5), vector(n, 6)
		wx, wy := make([]float64, n), make([]float64, n)
		Apply(wx, w, x)
		Apply(wy, w.Transpose(), y)
		a, b := floats.Dot(y, wx), floats.Dot(wy, x)
		if math.Abs(a-b) > 1e-12*(1+mat.Norm(matrix(w), 2)) {
			t.Fatalf("%v: ⟨y, Wx⟩ = %v, ⟨Wᵀy, x⟩ = %v", w, a, b)
		}
	})
}

func TestAddAndScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawTensor(t, 1)
		b := []Tensor{a, Identity(a.Size()), drawCSR(t, a.Size()), Scale(2, Identity(a.Size())), Diagonal(vector(a.Size(), 9))}
		terms := rapid.SliceOfN(rapid.SampledFrom(b), 1, 4).Draw(t, "terms")
		want := mat.NewDense(a.Size(), a.Size(), nil)
		for _, term := range terms {
			want.Add(want, matrix(term))
		}
		want.Scale(-1.5, want)
		got := matrix(Scale(-1.5, Add(terms...)))
		if !mat.EqualApprox(got, want, 1e-13*(1+mat.Norm(want, 2))) {
			t.Fatalf("%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
		}
	})
}

func TestAddMerges(t *testing.T) {
	l := must(lattice.New(lattice.Ring(6, 6)))
	other := must(lattice.New(lattice.Ring(6, 7)))
	second, spectral := must(Laplacian(l, 2)), must(SpectralLaplacian(l))
	unit := Identity(6)
	if k, ok := Add(Scale(-1, second), Scale(4, unit)).(*Stencil); !ok || k.Form().Scale != -1 || k.Form().Centre != 6 {
		t.Error("−∇² + 4 is not one stencil with k = 6")
	}
	// The centre −2 + 1 + 1 vanishes.
	if s, ok := Add(unit, second, must(Derivative(l, 0)), Diagonal{1, 1, 1, 1, 1, 1}).(*Stencil); !ok || !slices.Equal(s.Taps(), []Tap{{[3]int{-1}, 0.5}, {[3]int{1}, 1.5}}) {
		t.Errorf("1 + ∇² + ∂ + diag(1) is %v", s)
	}
	if _, ok := Add(Scale(-1, spectral), Scale(2, unit)).(*Spectral); !ok {
		t.Error("a spectral Laplacian and a mass are two passes")
	}
	if d, ok := Add(Diagonal{1, 2, 3, 4, 5, 6}, unit, Diagonal{1, 0, 0, 0, 0, 0}).(Diagonal); !ok || d[0] != 3 || d[5] != 7 {
		t.Error("diagonals do not merge")
	}
	if s, ok := Add(second, must(Laplacian(other, 2))).(*Sum); !ok || len(s.Terms()) != 2 {
		t.Error("stencils of different lattices must not merge")
	}
	if w := Add(unit, Scale(-1, unit)); matrix(w).At(0, 0) != 0 {
		t.Errorf("1 − 1 is %v", w)
	}
	dense := must(NewDense(6, vector(36, 1)))
	sum := Add(dense, unit)
	before := matrix(sum).At(1, 2)
	dense.AddOuter(1, vector(6, 2), vector(6, 3))
	if matrix(sum).At(1, 2) == before {
		t.Error("a sum does not follow the trainable tensor in it")
	}
}

func TestOuterProductsTrain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "n")
		sparse := drawCSR(t, n)
		dense := must(NewDense(n, vector(n*n, 3)))
		u, v := vector(n, 4), vector(n, 5)
		for _, w := range []Trainable{sparse, dense} {
			before, copied := matrix(w), w.Clone()
			w.AddOuter(0.3, u, v)
			for i := range n {
				w.Row(i, func(j int, got float64) {
					if want := before.At(i, j) + 0.3*u[i]*v[j]; math.Abs(got-want) > 1e-15 {
						t.Fatalf("%v: w(%d,%d) = %v, want %v", w, i, j, got, want)
					}
				})
			}
			if !mat.Equal(matrix(copied), before) {
				t.Fatalf("%v: the clone learned too", w)
			}
		}
	})
}

func TestCSRStoresZerosThatMayLearn(t *testing.T) {
	c := must(NewCSR(3, []Triplet{{2, 1, 0}, {0, 2, 1}, {0, 2, 2}}))
	if c.Entries() != 2 {
		t.Fatalf("%d entries, want 2", c.Entries())
	}
	c.AddOuter(1, []float64{1, 1, 1}, []float64{1, 5, 1})
	want := mat.NewDense(3, 3, []float64{0, 0, 4, 0, 0, 0, 0, 5, 0})
	if !mat.Equal(matrix(c), want) {
		t.Errorf("learned\n%v", mat.Formatted(matrix(c)))
	}
}

func TestWrongOperandsPanic(t *testing.T) {
	l := must(lattice.New(lattice.Ring(6, 6)))
	dense, sparse := must(NewDense(6, make([]float64, 36))), must(NewCSR(6, nil))
	long := make([]float64, 12)
	expect := func(name, says string, f func()) {
		t.Helper()
		defer func() {
			t.Helper()
			if r, _ := recover().(string); !strings.Contains(r, says) {
				t.Errorf("%s: panic %q, want %q in it", name, r, says)
			}
		}()
		f()
	}
	for _, w := range []Tensor{
		must(Laplacian(l, 2)), must(SpectralLaplacian(l)), Identity(6), Diagonal(make([]float64, 6)), dense, sparse,
		must(NewKron(mat.NewDense(2, 2, []float64{1, 0, 0, 1}), Identity(3))), Scale(2, dense), Add(dense, sparse),
	} {
		expect(w.String(), "must be Size() = 6", func() { w.AddApply(make([]float64, 6), 1, make([]float64, 5)) })
		expect(w.String(), "must be Size() = 6", func() { w.AddApply(make([]float64, 7), 1, make([]float64, 6)) })
		expect(w.String(), "overlap", func() { w.AddApply(long[:6], 1, long[:6]) })
		expect(w.String(), "overlap", func() { w.AddApply(long[5:11], 1, long[:6]) })
		w.AddApply(long[:6], 1, long[6:])
	}
	for _, w := range []Trainable{dense, sparse} {
		expect(w.String(), "AddOuter", func() { w.AddOuter(1, make([]float64, 6), make([]float64, 5)) })
		expect(w.String(), "AddOuter", func() { w.AddOuter(1, make([]float64, 5), make([]float64, 6)) })
		expect(w.String(), "AddApplyTransposed: len(dst) = 5", func() { w.AddApplyTransposed(make([]float64, 5), 1, make([]float64, 6)) })
		expect(w.String(), "AddApplyTransposed: dst and x overlap", func() { w.AddApplyTransposed(long[5:11], 1, long[:6]) })
	}
	expect("Add()", "at least one", func() { Add() })
	expect("Add", "sizes must agree", func() { Add(Identity(2), Identity(3)) })
	expect("Modes.Forward", "number of sites, 6", func() { must(NewModes(l)).Forward(long) })
}

func TestConstructorErrors(t *testing.T) {
	for says, err := range map[string]error{
		"n² = 9 entries":   second(NewDense(3, make([]float64, 8))),
		"n² = 0 entries":   second(NewDense(0, nil)),
		"entry (1, 0)":     second(NewDense(2, []float64{0, 0, math.NaN(), 0})),
		"0 neurons":        second(NewCSR(0, nil)),
		"entry (3, 0)":     second(NewCSR(3, []Triplet{{3, 0, 1}})),
		"entry (0, -1)":    second(NewCSR(3, []Triplet{{0, -1, 1}})),
		"is +Inf":          second(NewCSR(3, []Triplet{{0, 0, math.Inf(1)}})),
		"type matrix 1×2":  second(NewKron(mat.NewDense(1, 2, nil), Identity(2))),
		"entry (0, 0)":     second(NewKron(mat.NewDense(1, 1, []float64{math.Inf(1)}), Identity(2))),
		"at most 4096":     second(Matrix(Identity(4097))),
		"weights.Sparse: ": second(Sparse(Identity(math.MaxInt32 + 1))),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
}

// second returns the error of a call.
func second[T any](_ T, err error) error { return err }
