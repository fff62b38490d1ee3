// Package fft transforms complex fields on row-major lattices of any dimension.
//
// The lines are transformed by gonum, whose last bits depend on whether the
// compiler may fuse multiplications with additions (GOAMD64=v3, arm64): good for
// references, spectra and figures, but not in a step whose bits are promised.
package fft

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Plan transforms fields of one shape. It may be used by several goroutines at
// once. Lengths with small prime factors are fast; a prime length n costs n².
type Plan struct {
	shape []int
	size  int
	idle  sync.Pool // of *scratch
}

// columns is how many neighbouring lines are transformed together: as many as
// share two cache lines, so that a line across the rows wastes no bandwidth.
const columns = 8

// scratch is what one goroutine needs during a transform.
type scratch struct {
	lines map[int]*fourier.CmplxFFT // by length
	buf   []complex128              // columns lines, one after another
}

// NewPlan returns a plan for fields of the given shape, the last axis fastest in
// memory. It panics if the shape is empty or a length is not positive.
func NewPlan(shape []int) *Plan {
	if len(shape) == 0 || slices.Min(shape) < 1 {
		panic(fmt.Sprintf("fft.NewPlan: shape %v; every axis needs a length of at least 1", shape))
	}
	p := &Plan{shape: slices.Clone(shape), size: 1}
	for _, n := range shape {
		p.size *= n
	}
	p.idle.New = func() any {
		s := &scratch{lines: make(map[int]*fourier.CmplxFFT), buf: make([]complex128, columns*slices.Max(p.shape))}
		for _, n := range p.shape {
			if s.lines[n] == nil {
				s.lines[n] = fourier.NewCmplxFFT(n)
			}
		}
		return s
	}
	return p
}

// Forward replaces x by its discrete Fourier transform,
//
//	X(k) = Σ_x x(x)·exp(−2πi Σ_j k_j x_j / n_j),
//
// with k in the order of [Frequencies] along each axis. It panics if x has not
// as many elements as the shape.
func (p *Plan) Forward(x []complex128) { p.transform("Forward", x, (*fourier.CmplxFFT).Coefficients) }

// Inverse replaces X by x = (Π_j n_j)⁻¹ Σ_k X(k)·exp(+2πi Σ_j k_j x_j / n_j), so
// that it undoes [Plan.Forward] up to rounding. It panics if x has not as many
// elements as the shape.
func (p *Plan) Inverse(x []complex128) {
	p.transform("Inverse", x, (*fourier.CmplxFFT).Sequence)
	scale := 1 / float64(p.size)
	for i, v := range x {
		x[i] = complex(real(v)*scale, imag(v)*scale)
	}
}

// transform applies f to each line of x along each axis.
func (p *Plan) transform(name string, x []complex128, f func(t *fourier.CmplxFFT, dst, src []complex128) []complex128) {
	if len(x) != p.size {
		panic(fmt.Sprintf("fft.Plan.%s: %d elements; shape %v has %d", name, len(x), p.shape, p.size))
	}
	s := p.idle.Get().(*scratch)
	defer p.idle.Put(s)
	stride := p.size
	for _, n := range p.shape {
		block := stride // the lines of a block start at its first stride elements
		stride /= n
		line := s.lines[n]
		for from := 0; from < p.size; from += block {
			if stride == 1 {
				f(line, x[from:from+n], x[from:from+n])
				continue
			}
			for at := from; at < from+stride; at += columns {
				width := min(columns, from+stride-at)
				for i := range n {
					for c, v := range x[at+i*stride:][:width] {
						s.buf[c*n+i] = v
					}
				}
				for c := range width {
					f(line, s.buf[c*n:(c+1)*n], s.buf[c*n:(c+1)*n])
				}
				for i := range n {
					row := x[at+i*stride:][:width]
					for c := range row {
						row[c] = s.buf[c*n+i]
					}
				}
			}
		}
	}
}

// Frequencies returns the angular wave numbers of a periodic axis of n sites in
// the order of the transform,
//
//	k_i = 2π·i/(n·spacing) for i < n/2,  2π·(i − n)/(n·spacing) from there on:
//
// the Nyquist frequency of an even n is negative. It panics if n < 1.
func Frequencies(n int, spacing float64) []float64 {
	if n < 1 {
		panic(fmt.Sprintf("fft.Frequencies: %d sites; an axis needs at least 1", n))
	}
	k := make([]float64, n)
	for i := range k {
		turns := i
		if 2*i >= n {
			turns -= n
		}
		k[i] = 2 * math.Pi * float64(turns) / (float64(n) * spacing)
	}
	return k
}
