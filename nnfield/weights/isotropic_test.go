package weights_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// The eigenvalues are those of the closed form, for every wave and in each
// dimension; the largest are those of the table.
func TestIsotropicLaplacian(t *testing.T) {
	const n, a = 12, 0.5
	for d, largest := range map[int]float64{1: 4, 2: 16. / 3, 3: 16. / 3} {
		axes := make([]lattice.Axis, d)
		for j := range axes {
			axes[j] = lattice.Ring(n, n*a)
		}
		l, err := lattice.New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		w, err := weights.IsotropicLaplacian(l)
		if err != nil {
			t.Fatal(err)
		}
		modes, err := weights.NewModes(l)
		if err != nil {
			t.Fatal(err)
		}
		values, err := modes.Eigenvalues(w)
		if err != nil {
			t.Fatal(err)
		}
		most := 0.0
		for c, v := range values {
			want, before := 0.0, 0.0
			for j := range d {
				s := 2 / a * math.Sin(modes.WaveNumber(j, c/l.Stride(j)%n)*a/2)
				s *= s
				want += -s + a*a/6*s*before
				before += s
			}
			if math.Abs(v-want) > 1e-13*4*16/(a*a) {
				t.Fatalf("d = %d, wave %d: eigenvalue %v, closed form %v", d, c, v, want)
			}
			most = math.Max(most, -v*a*a)
		}
		if math.Abs(most-largest) > 1e-12 {
			t.Errorf("d = %d: the largest eigenvalue is %v/a², want %v/a²", d, most, largest)
		}
		if !weights.Symmetric(w) {
			t.Errorf("d = %d: not symmetric", d)
		}
	}
}

// The leading error is that of ∇⁴ in every direction. Order 2 is the control:
// along the diagonal its error is half of that along an axis.
func TestIsotropicLeadingError(t *testing.T) {
	l, err := lattice.New(lattice.Ring(64, 64), lattice.Ring(64, 64))
	if err != nil {
		t.Fatal(err)
	}
	isotropic, err := weights.IsotropicLaplacian(l)
	if err != nil {
		t.Fatal(err)
	}
	order2, err := weights.Laplacian(l, 2)
	if err != nil {
		t.Fatal(err)
	}
	// error returns (λ + k²)/(k⁴/12) for the wave of mode n.
	leading := func(w weights.Tensor, n [2]int) float64 {
		x, y := make([]float64, l.Sites()), make([]float64, l.Sites())
		k := [2]float64{2 * math.Pi * float64(n[0]) / 64, 2 * math.Pi * float64(n[1]) / 64}
		for i := range x {
			x[i] = math.Cos(k[0]*float64(i/64) + k[1]*float64(i%64))
		}
		weights.Apply(y, w, x)
		k2 := k[0]*k[0] + k[1]*k[1]
		return 12 * (y[0]/x[0] + k2) / (k2 * k2)
	}
	for _, n := range [][2]int{{5, 0}, {3, 4}, {4, 3}} {
		if e := leading(isotropic, n); math.Abs(e-1) > 0.02 {
			t.Errorf("isotropic, wave %v: leading error %.4f, want 1", n, e)
		}
	}
	if axis, tilted := leading(order2, [2]int{5, 0}), leading(order2, [2]int{3, 4}); math.Abs(axis-1) > 0.02 || math.Abs(tilted-337./625) > 0.02 {
		t.Errorf("order 2: leading errors %.4f and %.4f; want 1 and Σn⁴ = 0.5392", axis, tilted)
	}
}

func TestIsotropicLaplacianErrors(t *testing.T) {
	l, err := lattice.New(lattice.Ring(8, 8), lattice.Ring(8, 4))
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]lattice.Lattice{"spacing 1 along x and 0.5 along y": l, "no axes": {}} {
		if _, err := weights.IsotropicLaplacian(l); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v; it must say %q", err, name)
		}
	}
}

func ExampleIsotropicLaplacian() {
	l, _ := lattice.New(lattice.Ring(8, 8), lattice.Ring(8, 8))
	w, _ := weights.IsotropicLaplacian(l)
	w.Row(9, func(j int, w float64) { fmt.Printf("%d: %.4f\n", j, w) })
	// Output:
	// 0: 0.1667
	// 1: 0.6667
	// 2: 0.1667
	// 8: 0.6667
	// 9: -3.3333
	// 10: 0.6667
	// 16: 0.1667
	// 17: 0.6667
	// 18: 0.1667
}
