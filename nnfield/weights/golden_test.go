package weights

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// The bits of products and spectra are part of what a stored run means. They are
// the same for every GOAMD64 level. (Products with Spectral are not among them: they
// use the FFT of gonum, which promises no such thing.)
func TestGoldenBits(t *testing.T) {
	hash := fnv.New64a()
	write := func(x ...float64) {
		for _, v := range x {
			if err := binary.Write(hash, binary.LittleEndian, math.Float64bits(v)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, kind := range []lattice.Kind{lattice.Periodic, lattice.Dirichlet, lattice.Neumann} {
		for dim := 1; dim <= 3; dim++ {
			l := latticeOf(kind, dim, 9)
			second, fourth := must(Laplacian(l, 2)), must(Laplacian(l, 4))
			for _, w := range []Tensor{
				second, fourth, Add(Scale(-1, fourth), Scale(0.3, Identity(l.Sites()))), Add(second, must(Derivative(l, 0))),
				must(Sparse(fourth)), must(NewKron(mat.NewDense(2, 2, []float64{0, 0.7, -1.1, 0}), second)),
			} {
				y := vector(w.Size(), 1)
				w.AddApply(y, 0.3, vector(w.Size(), 2))
				write(y...)
			}
			for _, w := range []Tensor{second, fourth, must(SpectralLaplacian(l))} {
				for _, v := range must(Spectrum(w)).Values {
					write(real(v), imag(v))
				}
			}
		}
	}
	if got, want := hash.Sum64(), uint64(0xe86e4f5d8d2b331f); got != want {
		t.Errorf("hash %#x, want %#x: the bits have changed; if that is meant, change the constant and the numerics versions of the theories", got, want)
	}
}
