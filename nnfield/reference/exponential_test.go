package reference_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// The textbook stencils, with the field continued past the walls by Neighbour.
func TestStiffnessIsTheFoldedStencil(t *testing.T) {
	stencil := map[reference.Order][]float64{
		2: {2, -1},
		4: {5. / 2, -4. / 3, 1. / 12},
	}
	rapid.Check(t, func(t *rapid.T) {
		l := drawLattice(t, 5)
		mass, order := rapid.Float64Range(0, 2).Draw(t, "mass"), rapid.SampledFrom([]reference.Order{2, 4}).Draw(t, "order")
		got, err := reference.Stiffness(l, mass, order)
		if err != nil {
			t.Fatal(err)
		}
		want := mat.NewDense(l.Sites(), l.Sites(), nil)
		for s := range l.Sites() {
			want.Set(s, s, mass*mass)
			for j := range l.Dim() {
				a := l.Spacing(j)
				for step := 1 - len(stencil[order]); step < len(stencil[order]); step++ {
					c := stencil[order][max(step, -step)] / (a * a)
					n, sign := l.Neighbour(s, j, step)
					want.Set(s, n, want.At(s, n)+sign*c)
				}
			}
		}
		if !mat.EqualApprox(got, want, 1e-13) {
			t.Fatalf("K =\n%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
		}
	})
}

func TestStiffnessErrors(t *testing.T) {
	_, err := reference.Stiffness(newLattice(t, lattice.Ring(4, 1)), 1, reference.Continuum)
	wantError(t, err, "reference.Stiffness: no dense matrix for the spectral Laplacian", "FreeField")
	_, err = reference.Stiffness(newLattice(t, lattice.Ring(257, 1)), 1, 2)
	wantError(t, err, "reference.Stiffness: 257 sites", "at most 256")
	_, err = reference.Stiffness(newLattice(t, lattice.Line(4, 1, driven, driven)), 1, 2)
	wantError(t, err, "reference.Stiffness: axis x: the low end is driven")
}

// One site is one oscillator; with K < 0 it runs away as cosh.
func TestExponentialOfOneSite(t *testing.T) {
	for k, want := range map[float64][2]float64{
		4:  {math.Cos(2*0.7) + 3*math.Sin(2*0.7)/2, -2*math.Sin(2*0.7) + 3*math.Cos(2*0.7)},
		0:  {1 + 3*0.7, 3},
		-4: {math.Cosh(2*0.7) + 3*math.Sinh(2*0.7)/2, 2*math.Sinh(2*0.7) + 3*math.Cosh(2*0.7)},
	} {
		phi, beta, err := reference.Exponential(mat.NewDense(1, 1, []float64{k}), []float64{1}, []float64{3}, 0.7)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "φ", phi[0], want[0], 1e-14)
		near(t, "β", beta[0], want[1], 1e-14)
	}
}

func TestExponentialErrors(t *testing.T) {
	one, x := mat.NewDense(1, 1, []float64{1}), []float64{1}
	_, _, err := reference.Exponential(mat.NewDense(1, 2, nil), x, x, 1)
	wantError(t, err, "reference.Exponential: a 1×2 stiffness", "square")
	_, _, err = reference.Exponential(mat.NewDense(257, 257, nil), x, x, 1)
	wantError(t, err, "257 sites, at most 256")
	_, _, err = reference.Exponential(one, nil, x, 1)
	wantError(t, err, "phi0 has 0 values for 1 sites")
	_, _, err = reference.Exponential(one, x, []float64{math.NaN()}, 1)
	wantError(t, err, "beta0[0] = NaN")
	_, _, err = reference.Exponential(one, x, x, 2e6)
	wantError(t, err, "t = 2e+06", "norm 2e+06", "shorter time")
	_, _, err = reference.Exponential(one, x, x, math.NaN())
	wantError(t, err, "t = NaN")
	_, _, err = reference.Exponential(mat.NewDense(1, 1, []float64{-100}), x, x, 1000)
	wantError(t, err, "overflows at t = 1000", "negative eigenvalue")
}
