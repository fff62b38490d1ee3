package reference

import (
	"math"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/nnfield/nnfield/nnfield/lattice"
)

// waveNumbers returns the wave number of every mode of an axis, in the order in
// which transform lays the modes out.
func waveNumbers(a lattice.Axis) []float64 {
	k := make([]float64, a.Sites)
	if !a.Periodic() {
		w := newWallModes(a)
		for p := range k {
			k[p] = math.Pi * float64(w.mode(p)) / (2 * a.Length)
		}
		return k
	}
	for p := range k {
		q := p
		if 2*p > a.Sites {
			q = p - a.Sites
		}
		k[p] = 2 * math.Pi * float64(q) / a.Length
	}
	return k
}

// transform replaces a field on l by its coefficients in the modes of −∇², or,
// if inverse, the coefficients by the field. Periodic axes have Fourier modes,
// axes with walls sine and cosine modes. The lines are shared out among goroutines;
// their number changes no bit.
func transform(z []complex128, l lattice.Lattice, inverse bool) {
	for axis := range l.Dim() {
		n, stride := l.Axis(axis).Sites, l.Stride(axis)
		lines := len(z) / n
		workers := min(runtime.GOMAXPROCS(0), lines)
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() {
				line, apply := make([]complex128, n), lineTransform(l.Axis(axis), inverse)
				for k := w * lines / workers; k < (w+1)*lines/workers; k++ {
					start := k/stride*stride*n + k%stride
					for i := range line {
						line[i] = z[start+i*stride]
					}
					apply(line)
					for i, v := range line {
						z[start+i*stride] = v
					}
				}
			})
		}
		all.Wait()
	}
}

// lineTransform returns the transform of one line of sites along an axis.
func lineTransform(a lattice.Axis, inverse bool) func(line []complex128) {
	if !a.Periodic() {
		w, sum := newWallModes(a), make([]complex128, a.Sites)
		return func(line []complex128) { w.transform(line, sum, inverse) }
	}
	fft := fourier.NewCmplxFFT(a.Sites)
	if !inverse {
		return func(line []complex128) { fft.Coefficients(line, line) }
	}
	scale := 1 / float64(a.Sites)
	return func(line []complex128) {
		fft.Sequence(line, line)
		for i, v := range line {
			line[i] = complex(real(v)*scale, imag(v)*scale)
		}
	}
}

// wallModes are the orthonormal eigenvectors of −∇² between two walls: sin(kx)
// from a Dirichlet wall at x = 0, cos(kx) from a Neumann wall, with
//
//	kL = π(p+1)   Dirichlet | Dirichlet   (DST-I)
//	kL = πp       Neumann | Neumann       (DCT-II)
//	kL = π(p+½)   one of each
//
// and p = 0 … n−1. In units of half a spacing a site sits at an integer Q, the
// far wall at an integer D, and kL = πP/2 with an integer P. So kx = 2π·PQ/(4D),
// and one table of 4D sines holds every value with an exact reduction of the
// argument.
type wallModes struct {
	dirichlet bool // at x = 0
	n         int
	first     int // P of p = 0; the next ones follow in steps of 2
	d         int
	sine      []float64
}

func newWallModes(a lattice.Axis) wallModes {
	w := wallModes{dirichlet: a.Low.Kind == lattice.Dirichlet, n: a.Sites, d: 2 * (a.Sites - 1)}
	for _, side := range []lattice.Side{lattice.Low, lattice.High} {
		if a.Boundary(side).Kind == lattice.Dirichlet {
			w.first++
			w.d += 2
		} else {
			w.d++
		}
	}
	w.sine = make([]float64, 4*w.d)
	for j := range w.sine {
		w.sine[j] = math.Sin(math.Pi * float64(j) / float64(2*w.d))
	}
	return w
}

// mode returns P of mode p.
func (w wallModes) mode(p int) int { return w.first + 2*p }

// at returns mode p at site i.
func (w wallModes) at(p, i int) float64 {
	mode, norm := w.mode(p), 4/float64(w.d)
	if mode == 0 {
		norm /= 2
	}
	angle := mode*(2*i+1) + w.d // a quarter turn makes the sine a cosine
	if w.dirichlet {
		angle = mode * (2*i + 2)
	}
	return math.Sqrt(norm) * w.sine[angle%len(w.sine)]
}

// transform multiplies a line by the orthogonal matrix of the modes or by its
// transpose, through the scratch line sum.
func (w wallModes) transform(line, sum []complex128, inverse bool) {
	clear(sum)
	for p := range w.n {
		for i := range w.n {
			from, to := i, p
			if inverse {
				from, to = p, i
			}
			v := w.at(p, i)
			sum[to] += complex(float64(v*real(line[from])), float64(v*imag(line[from])))
		}
	}
	copy(line, sum)
}
