package reference

import (
	"math/cmplx"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

func TestTransformBitsDoNotDependOnGoroutines(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	wall, mirror := lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann}
	l, err := lattice.New(lattice.Ring(12, 1), lattice.Line(7, 1, wall, mirror), lattice.Ring(5, 1))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	field := make([]complex128, l.Sites())
	for i := range field {
		field[i] = complex(r.NormFloat64(), r.NormFloat64())
	}
	var first []complex128
	for _, workers := range []int{1, 2, 8, 40} {
		runtime.GOMAXPROCS(workers)
		z := slices.Clone(field)
		transform(z, l, false)
		if first == nil {
			first = slices.Clone(z)
		}
		if !slices.Equal(z, first) {
			t.Errorf("other bits with %d goroutines", workers)
		}
		transform(z, l, true)
		for i, v := range field {
			if cmplx.Abs(z[i]-v) > 1e-13 {
				t.Fatalf("with %d goroutines the inverse gives %v at site %d, want %v", workers, z[i], i, v)
			}
		}
	}
}
