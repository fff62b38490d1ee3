package reference

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// In a metric that is the same everywhere a plane wave has ω = N√(h^ij k_i k_j + m²) −
// N^i k_i. The inverse of h is checked by multiplying.
func TestCurvedFieldMovesPlaneWaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 3).Draw(t, "dim")
		number := rapid.Float64Range(-0.4, 0.4)
		var axes []lattice.Axis
		var h [3][3]float64
		var shift, k, v [3]float64
		for j := range d {
			axes = append(axes, lattice.Ring(5+j, 2*math.Pi))
			shift[j] = number.Draw(t, "shift")
			k[j] = float64(rapid.IntRange(-2, 2).Draw(t, "k"))
			h[j][j] = 1.5 + number.Draw(t, "h")
			for i := range j {
				h[i][j] = number.Draw(t, "h")
				h[j][i] = h[i][j]
			}
		}
		l, err := lattice.New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		lapse, mass := 1+number.Draw(t, "N"), math.Abs(number.Draw(t, "mass"))
		inverse, det := cofactors(d, h)
		square, flow := mass*mass, 0.0
		for i := range d {
			flow += shift[i] * k[i]
			for j := range d {
				v[i] += inverse[i][j] * k[j]
			}
			square += v[i] * k[i]
		}
		for i := range d {
			back := 0.0
			for j := range d {
				back += h[i][j] * v[j]
			}
			if math.Abs(back-k[i]) > 1e-12 {
				t.Fatalf("h h⁻¹k = %v, k = %v", back, k[i])
			}
		}
		own := lapse * math.Sqrt(square)
		omega := own - flow
		wave := func(time float64) (phi, beta []float64) {
			at := make([]int, d)
			for s := range l.Sites() {
				arg := -omega * time
				for j, i := range l.Position(at, s) {
					arg += k[j] * l.Axis(j).Coordinate(i)
				}
				phi = append(phi, math.Cos(arg))
				beta = append(beta, own*math.Sin(arg)*math.Sqrt(det)/lapse)
			}
			return phi, beta
		}
		phi, beta := wave(0)
		f, err := NewCurvedField(l, mass, func([]float64) (float64, [3][3]float64, [3]float64) { return lapse, h, shift }, phi, beta)
		if err != nil {
			t.Fatal(err)
		}
		phi, beta = f.At(1.7)
		wantPhi, wantBeta := wave(1.7)
		for s := range phi {
			if d := math.Abs(phi[s]-wantPhi[s]) + math.Abs(beta[s]-wantBeta[s]); d > 1e-11 {
				t.Fatalf("off by %.2g at site %d", d, s)
			}
		}
	})
}

// A massless field on a line sees the lapse as a change of coordinates: with X = ∫dx/N
// every φ(X − t) is a solution. The judge falls faster than any power.
func TestCurvedFieldInAVaryingLapse(t *testing.T) {
	lapse := func(x float64) float64 { return 1 / (1 + 0.3*math.Cos(x)) }
	at := func(x, t float64) (phi, beta float64) {
		u := x + 0.3*math.Sin(x) - t
		e := math.Exp(math.Sin(u))
		return e, -math.Cos(u) * e / lapse(x)
	}
	var errors []float64
	for _, n := range []int{16, 32, 64} {
		l, err := lattice.New(lattice.Ring(n, 2*math.Pi))
		if err != nil {
			t.Fatal(err)
		}
		var phi, beta []float64
		for _, x := range l.Coordinates(0) {
			p, b := at(x, 0)
			phi, beta = append(phi, p), append(beta, b)
		}
		f, err := NewCurvedField(l, 0, func(x []float64) (float64, [3][3]float64, [3]float64) {
			return lapse(x[0]), [3][3]float64{{1}}, [3]float64{}
		}, phi, beta)
		if err != nil {
			t.Fatal(err)
		}
		phi, _ = f.At(3)
		worst := 0.0
		for s, x := range l.Coordinates(0) {
			p, _ := at(x, 3)
			worst = math.Max(worst, math.Abs(phi[s]-p))
		}
		errors = append(errors, worst)
	}
	t.Logf("errors %.2g", errors)
	if errors[2] > 1e-11 || errors[1] > errors[0]/100 {
		t.Errorf("errors %.2g do not fall like those of a spectral method", errors)
	}
}

func TestCurvedFieldRefuses(t *testing.T) {
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	line, _ := lattice.New(lattice.Line(8, 1, wall, wall))
	short, _ := lattice.New(lattice.Ring(3, 1))
	ring, _ := lattice.New(lattice.Ring(8, 1))
	of := func(lapse, h float64) CurvedMetric {
		return func([]float64) (float64, [3][3]float64, [3]float64) {
			return lapse, [3][3]float64{{h}}, [3]float64{}
		}
	}
	for want, f := range map[string]func() error{
		"periodic": func() error {
			_, err := NewCurvedField(line, 1, of(1, 1), make([]float64, 8), make([]float64, 8))
			return err
		},
		"at least 4": func() error {
			_, err := NewCurvedField(short, 1, of(1, 1), make([]float64, 3), make([]float64, 3))
			return err
		},
		"mass -1": func() error {
			_, err := NewCurvedField(ring, -1, of(1, 1), make([]float64, 8), make([]float64, 8))
			return err
		},
		"give one a site": func() error { _, err := NewCurvedField(ring, 1, of(1, 1), nil, nil); return err },
		"lapse 0": func() error {
			_, err := NewCurvedField(ring, 1, of(0, 1), make([]float64, 8), make([]float64, 8))
			return err
		},
		"det h -1 at [0]": func() error {
			_, err := NewCurvedField(ring, 1, of(1, -1), make([]float64, 8), make([]float64, 8))
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// The closed form solves its equation, by differences.
func TestDeSitterMode(t *testing.T) {
	const kappa, h = 1.7, 1e-4
	for _, eta := range []float64{-4, -1, -0.2} {
		phi, slope := DeSitterMode(kappa, eta)
		_, below := DeSitterMode(kappa, eta-h)
		_, above := DeSitterMode(kappa, eta+h)
		left, _ := DeSitterMode(kappa, eta-h)
		right, _ := DeSitterMode(kappa, eta+h)
		if d := (right-left)/(2*h) - slope; math.Abs(d) > 1e-6 {
			t.Errorf("φ′ is off by %.2g at η = %v", d, eta)
		}
		if d := (above-below)/(2*h) - 2/eta*slope + kappa*kappa*phi; math.Abs(d) > 1e-6 {
			t.Errorf("the equation is off by %.2g at η = %v", d, eta)
		}
	}
}
