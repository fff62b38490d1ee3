package fft

import (
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// line transforms lines of one length n, without the factor 1/n of the inverse.
//
// The transform of gonum costs n·p for the largest prime factor p of n. Where p is
// large a line goes another way: with jk = (j² + k² − (k−j)²)/2 the transform is a
// convolution,
//
//	X_k = c_k Σ_j (x_j c_j) c*_{k−j},   c_j = exp(−πi j²/n),
//
// done by transforms of a power of two (Bluestein, IEEE Trans. Audio Electroacoust.
// 18, 451, 1970).
type line struct {
	fft    *fourier.CmplxFFT // of n, or of the convolution
	chirp  []complex128      // c_j; nil if there is no convolution
	kernel []complex128      // the transform of c*_j, over its length
	padded []complex128
}

// largest is about the prime factor up to which gonum's own way is the faster one.
const largest = 150

func newLine(n int) *line {
	if largestFactor(n) <= largest {
		return &line{fft: fourier.NewCmplxFFT(n)}
	}
	m := 1
	for m < 2*n-1 {
		m *= 2
	}
	l := &line{fourier.NewCmplxFFT(m), make([]complex128, n), make([]complex128, m), make([]complex128, m)}
	for j := range l.chirp {
		// j² modulo 2n, so that the angle keeps all its digits.
		l.chirp[j] = cmplx.Exp(complex(0, -math.Pi*float64(j*j%(2*n))/float64(n)))
		c := cmplx.Conj(l.chirp[j]) / complex(float64(m), 0)
		l.kernel[j], l.kernel[(m-j)%m] = c, c
	}
	l.fft.Coefficients(l.kernel, l.kernel)
	return l
}

// largestFactor returns the largest prime factor of n, 1 for 1.
func largestFactor(n int) int {
	factor := 1
	for p := 2; n > 1; p++ {
		if p*p > n {
			p = n
		}
		for ; n%p == 0; n /= p {
			factor = p
		}
	}
	return factor
}

func (l *line) forward(x []complex128) {
	if l.chirp == nil {
		l.fft.Coefficients(x, x)
		return
	}
	for j, c := range l.chirp {
		l.padded[j] = elementary.Times(x[j], c)
	}
	clear(l.padded[len(x):])
	l.fft.Coefficients(l.padded, l.padded)
	for j, k := range l.kernel {
		l.padded[j] = elementary.Times(l.padded[j], k)
	}
	l.fft.Sequence(l.padded, l.padded)
	for j, c := range l.chirp {
		x[j] = elementary.Times(l.padded[j], c)
	}
}

func (l *line) inverse(x []complex128) {
	if l.chirp == nil {
		l.fft.Sequence(x, x)
		return
	}
	conjugate(x)
	l.forward(x)
	conjugate(x)
}

func conjugate(x []complex128) {
	for i, v := range x {
		x[i] = cmplx.Conj(v)
	}
}
