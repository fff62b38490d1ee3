package weights

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// must returns v of a call that must succeed.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	anyWall  = []lattice.Kind{lattice.Dirichlet, lattice.Neumann, lattice.Driven}
	fastWall = []lattice.Kind{lattice.Dirichlet, lattice.Neumann} // with a transform, if both ends are the same
)

// drawAxis draws an axis, a ring or between walls; both ends the same if uniform.
func drawAxis(t *rapid.T, largest int, walls []lattice.Kind, uniform bool) lattice.Axis {
	n := rapid.IntRange(2, largest).Draw(t, "sites")
	length := rapid.SampledFrom([]float64{1, 1.7, 4, 9.3}).Draw(t, "length")
	if rapid.Bool().Draw(t, "ring") {
		return lattice.Ring(n, length)
	}
	low := lattice.Boundary{Kind: rapid.SampledFrom(walls).Draw(t, "low")}
	high := low
	if !uniform {
		high.Kind = rapid.SampledFrom(walls).Draw(t, "high")
	}
	return lattice.Line(n, length, low, high)
}

// drawLattice draws a small lattice of one to three axes.
func drawLattice(t *rapid.T, walls []lattice.Kind, uniform bool) lattice.Lattice {
	dim := rapid.IntRange(1, 3).Draw(t, "dim")
	var axes []lattice.Axis
	for range dim {
		axes = append(axes, drawAxis(t, []int{0, 9, 6, 4}[dim], walls, uniform))
	}
	return must(lattice.New(axes...))
}

// driven tells whether an axis has a driven end.
func driven(a lattice.Axis) bool {
	return a.Low.Kind == lattice.Driven || a.High.Kind == lattice.Driven
}

// drawStencil draws a stencil with taps of any shape.
func drawStencil(t *rapid.T, l lattice.Lattice) *Stencil {
	weight := rapid.SampledFrom([]float64{-1.3, -0.7, -0.1, 0.1, 0.3, 1, 1.9})
	var taps []Tap
	for range rapid.IntRange(0, 5).Draw(t, "taps") {
		tap := Tap{Weight: weight.Draw(t, "weight")}
		for j, a := range l.Axes() {
			reach := 2
			if driven(a) {
				reach = 1
			}
			tap.Offset[j] = rapid.IntRange(-reach, reach).Draw(t, "offset")
		}
		taps = append(taps, tap)
		if rapid.Bool().Draw(t, "pair") {
			taps = append(taps, Tap{opposite(tap.Offset), tap.Weight * rapid.SampledFrom([]float64{1, -1}).Draw(t, "parity")})
		}
	}
	return must(NewStencil(l, "random", taps))
}

// drawEven draws a stencil that is even along each axis.
func drawEven(t *rapid.T, l lattice.Lattice) *Stencil {
	s := drawStencil(t, l)
	for j := range l.Dim() {
		taps := s.Taps()
		for _, tap := range s.Taps() {
			tap.Offset[j] = -tap.Offset[j]
			taps = append(taps, tap)
		}
		s = must(NewStencil(l, "even", taps))
	}
	return s
}

// drawMatrix draws a small type matrix, now and then with a symmetry.
func drawMatrix(t *rapid.T) *mat.Dense {
	n := rapid.IntRange(1, 3).Draw(t, "types")
	m := mat.NewDense(n, n, nil)
	sign := float64(rapid.IntRange(-1, 1).Draw(t, "symmetry"))
	for i := range n {
		for j := range n {
			m.Set(i, j, rapid.SampledFrom([]float64{0, 0, 1, -1, 0.3, -1.7}).Draw(t, "m"))
			if sign != 0 && j < i {
				m.Set(i, j, sign*m.At(j, i))
			}
		}
		if sign < 0 {
			m.Set(i, i, 0)
		}
	}
	return m
}

// drawTensor draws a tensor of any kind; sums and products of others up to a depth.
func drawTensor(t *rapid.T, depth int) Tensor {
	kinds := []string{"stencil", "spectral", "identity", "diagonal", "csr", "dense"}
	if depth > 0 {
		kinds = append(kinds, "kron", "scaled", "sum")
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "stencil":
		return drawStencil(t, drawLattice(t, anyWall, false))
	case "spectral":
		return must(SpectralLaplacian(drawLattice(t, fastWall, true)))
	case "identity":
		return Identity(rapid.IntRange(1, 20).Draw(t, "n"))
	case "diagonal":
		return Diagonal(vector(rapid.IntRange(1, 20).Draw(t, "n"), rapid.Uint64().Draw(t, "seed")))
	case "csr":
		return drawCSR(t, rapid.IntRange(1, 20).Draw(t, "n"))
	case "dense":
		n := rapid.IntRange(1, 12).Draw(t, "n")
		return must(NewDense(n, vector(n*n, rapid.Uint64().Draw(t, "seed"))))
	case "kron":
		return must(NewKron(drawMatrix(t), drawTensor(t, depth-1)))
	case "scaled":
		return Scale(rapid.SampledFrom([]float64{0, -1, 2.3}).Draw(t, "factor"), drawTensor(t, depth-1))
	}
	a := drawTensor(t, depth-1)
	terms := []Tensor{a, Identity(a.Size()), Scale(-0.3, drawCSR(t, a.Size())), Diagonal(vector(a.Size(), 5))}
	if s, ok := a.(*Stencil); ok {
		terms = append(terms, drawStencil(t, s.l))
	}
	return Add(rapid.Permutation(terms).Draw(t, "order")[:rapid.IntRange(1, len(terms)).Draw(t, "terms")]...)
}

func drawCSR(t *rapid.T, n int) *CSR {
	at := rapid.IntRange(0, n-1)
	var entries []Triplet
	for range rapid.IntRange(0, 3*n).Draw(t, "entries") {
		entries = append(entries, Triplet{at.Draw(t, "row"), at.Draw(t, "column"), rapid.Float64Range(-2, 2).Draw(t, "weight")})
	}
	return must(NewCSR(n, entries))
}

// vector returns n numbers in (−1, 1).
func vector(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = 2*r.Float64() - 1
	}
	return x
}
