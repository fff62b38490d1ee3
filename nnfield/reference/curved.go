package reference

import (
	"errors"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// CurvedMetric is a static metric ds² = −N²dt² + h_ij(dx^i + N^i dt)(dx^j + N^j dt) as
// a function of the place: the lapse N, h_ij and the shift N^i. Of h and the shift
// only the entries of the dimensions that there are count.
type CurvedMetric func(x []float64) (lapse float64, space [3][3]float64, shift [3]float64)

// CurvedField is a scalar field in a curved space-time,
//
//	φ̇ = (N/√h)β + N^i∂_iφ,   β̇ = ∂_i(N√h h^ij ∂_jφ) − N√h m²φ + ∂_i(N^i β),
//
// by spectral collocation: derivatives are those of the trigonometric interpolation,
// by dense matrices, products are taken at the sites, time is advanced by the Taylor
// series of the exponential. Its error in space falls faster than any power of the
// spacing for a smooth metric and field, that in time is round-off.
type CurvedField struct {
	l            lattice.Lattice
	derivative   [][]float64 // n×n, of each axis
	gain, mass   []float64   // N/√h, N√h m²
	speed        [][]float64 // N√h h^ij, d×d
	shift        [][]float64
	fastest      float64 // the largest frequency, roughly
	slope        [][]float64
	flux, force  []float64
	phi, beta    []float64
	term, result [2][]float64
}

// NewCurvedField returns the field of mass m on a periodic lattice that starts from
// φ and β, one number a site. It fails for walls, axes with fewer than 4 sites, a
// negative mass, a metric that is degenerate or of the wrong signature at a site and
// arrays of another length.
func NewCurvedField(l lattice.Lattice, mass float64, metric CurvedMetric, phi, beta []float64) (*CurvedField, error) {
	d, n := l.Dim(), l.Sites()
	switch {
	case d == 0 || !l.Periodic():
		return nil, errors.New("reference.NewCurvedField: the lattice must be periodic; collocation here is by Fourier series")
	case !(mass >= 0) || math.IsInf(mass, 1):
		return nil, fmt.Errorf("reference.NewCurvedField: mass %v; it must be finite and not negative", mass)
	case len(phi) != n || len(beta) != n:
		return nil, fmt.Errorf("reference.NewCurvedField: %d and %d numbers for %d sites; give one a site", len(phi), len(beta), n)
	}
	f := &CurvedField{
		l: l, gain: make([]float64, n), mass: make([]float64, n),
		phi: append([]float64(nil), phi...), beta: append([]float64(nil), beta...),
	}
	square, sum := 0.0, 0.0 // of the largest wave numbers
	for _, a := range l.Axes() {
		if a.Sites < 4 {
			return nil, fmt.Errorf("reference.NewCurvedField: an axis of %d sites; collocation needs at least 4", a.Sites)
		}
		f.derivative = append(f.derivative, fourierDerivative(a))
		f.shift = append(f.shift, make([]float64, n))
		f.slope = append(f.slope, make([]float64, n))
		k := math.Pi / a.Spacing()
		square += k * k
		sum += k
	}
	for range d * d {
		f.speed = append(f.speed, make([]float64, n))
	}
	for i := range 2 {
		f.term[i], f.result[i] = make([]float64, n), make([]float64, n)
	}
	f.flux, f.force = make([]float64, n), make([]float64, n)
	at, x := make([]int, d), make([]float64, d)
	for s := range n {
		l.Position(at, s)
		for j := range x {
			x[j] = l.Axis(j).Coordinate(at[j])
		}
		lapse, h, shift := metric(x)
		inverse, det := cofactors(d, h)
		if !(lapse > 0) || !(det > 0) || !(h[0][0] > 0) {
			return nil, fmt.Errorf("reference.NewCurvedField: lapse %v and det h %v at %v; both must be positive", lapse, det, x)
		}
		volume := math.Sqrt(det)
		f.gain[s], f.mass[s] = lapse/volume, lapse*volume*mass*mass
		flow := 0.0
		for i := range d {
			f.shift[i][s] = shift[i]
			flow = math.Max(flow, math.Abs(shift[i]))
			row := 0.0
			for j := range d {
				f.speed[i*d+j][s] = lapse * volume * inverse[i][j]
				row += math.Abs(inverse[i][j])
			}
			f.fastest = math.Max(f.fastest, lapse*math.Sqrt(row*square+mass*mass)+flow*sum)
		}
	}
	return f, nil
}

// fourierDerivative returns the matrix of ∂ of the trigonometric interpolation on a
// periodic axis of n sites (L. N. Trefethen, Spectral Methods in MATLAB, ch. 3 for
// even n).
func fourierDerivative(a lattice.Axis) []float64 {
	n := a.Sites
	d := make([]float64, n*n)
	for i := range n {
		for j := range n {
			if i == j {
				continue
			}
			half := math.Pi * float64(i-j) / float64(n)
			sign := 1.0
			if (i-j)%2 != 0 {
				sign = -1
			}
			v := 0.5 * sign / math.Tan(half)
			if n%2 != 0 {
				v = 0.5 * sign / math.Sin(half)
			}
			d[i*n+j] = v * 2 * math.Pi / a.Length
		}
	}
	return d
}

// cofactors returns the inverse and the determinant of the upper left d×d part of a
// symmetric matrix, the rest being taken as 1.
func cofactors(d int, h [3][3]float64) (inverse [3][3]float64, det float64) {
	for i := range 3 {
		for j := range 3 {
			if max(i, j) >= d {
				h[i][j] = 0
				if i == j {
					h[i][j] = 1
				}
			}
		}
	}
	for i := range 3 {
		for j := range 3 {
			a, b, c, e := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
			inverse[j][i] = h[a][c]*h[b][e] - h[a][e]*h[b][c]
		}
	}
	for j := range 3 {
		det += h[0][j] * inverse[j][0]
	}
	for i := range 3 {
		for j := range 3 {
			inverse[i][j] /= det
		}
	}
	return inverse, det
}

// At returns φ and β at time t.
func (f *CurvedField) At(t float64) (phi, beta []float64) {
	y := [2][]float64{append([]float64(nil), f.phi...), append([]float64(nil), f.beta...)}
	steps := math.Max(1, math.Ceil(math.Abs(t)*f.fastest/4))
	h := t / steps
	for range int(steps) {
		for i := range y {
			copy(f.term[i], y[i])
		}
		for n := 1; n <= 60; n++ { // far beyond 4ⁿ/n! < 1e-18
			f.generate(f.result, f.term)
			largest, scale := 0.0, 0.0
			for i := range y {
				for s, v := range f.result[i] {
					f.term[i][s] = h / float64(n) * v
					y[i][s] += f.term[i][s]
					largest = math.Max(largest, math.Abs(f.term[i][s]))
					scale = math.Max(scale, math.Abs(y[i][s]))
				}
			}
			if largest <= 1e-17*scale {
				break
			}
		}
	}
	return y[0], y[1]
}

// generate writes the right-hand side of the equations of motion to dst.
func (f *CurvedField) generate(dst, src [2][]float64) {
	d := f.l.Dim()
	phi, beta := src[0], src[1]
	for s, b := range beta {
		dst[0][s] = f.gain[s] * b
		dst[1][s] = -f.mass[s] * phi[s]
	}
	for j, slope := range f.slope {
		f.differentiate(slope, phi, j)
		for s, v := range slope {
			dst[0][s] += f.shift[j][s] * v
		}
	}
	for i := range d {
		for s, b := range beta {
			f.flux[s] = f.shift[i][s] * b
			for j, slope := range f.slope {
				f.flux[s] += f.speed[i*d+j][s] * slope[s]
			}
		}
		f.differentiate(f.force, f.flux, i)
		for s, v := range f.force {
			dst[1][s] += v
		}
	}
}

// differentiate writes ∂x along an axis to dst, block by block of the lines that lie
// beside each other.
func (f *CurvedField) differentiate(dst, x []float64, axis int) {
	n, stride := f.l.Axis(axis).Sites, f.l.Stride(axis)
	clear(dst)
	for block := 0; block < len(x); block += n * stride {
		for i := range n {
			to := dst[block+i*stride : block+(i+1)*stride]
			for j, w := range f.derivative[axis][i*n : (i+1)*n] {
				from := x[block+j*stride : block+(j+1)*stride]
				for s, v := range from {
					to[s] += w * v
				}
			}
		}
	}
}

// DeSitterMode returns a wave of a massless field in de Sitter space-time of three
// space dimensions, a = −1/(Hη) with the conformal time η < 0, and its derivative:
// the solution φ = sin κη − κη cos κη of φ″ − (2/η)φ′ + κ²φ = 0, κ being the
// frequency that the wave has in flat space-time (T. S. Bunch, P. C. W. Davies,
// Proc. R. Soc. A 360, 117 (1978)).
func DeSitterMode(kappa, eta float64) (phi, slope float64) {
	sin, cos := math.Sincos(kappa * eta)
	return sin - kappa*eta*cos, kappa * kappa * eta * sin
}
