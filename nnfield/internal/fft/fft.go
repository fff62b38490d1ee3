// Package fft transforms complex fields on row-major lattices of any dimension.
//
// The lines are transformed by gonum, whose last bits depend on whether the
// compiler may fuse multiplications with additions (GOAMD64=v3, arm64): good for
// references, spectra and figures, but not in a step whose bits are promised. They
// are shared out among the workers of package pool; their number changes no bit.
package fft

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// Plan transforms fields of one shape. It may be used by several goroutines at
// once. Any length is fast: n sites cost n·log n, a few times more if n has a large
// prime factor.
type Plan struct {
	shape  []int
	size   int
	idle   sync.Pool // of *scratch
	passes sync.Pool // of *pass
}

const (
	columns = 8    // neighbouring lines that are transformed together: they share two cache lines, so that a line across the rows wastes no bandwidth
	grain   = 4096 // the least number of sites worth giving to another worker
)

// scratch is what one goroutine needs during a transform.
type scratch struct {
	lines map[int]*line // by length
	buf   []complex128  // columns lines, one after another
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
	p.passes.New = func() any { return &pass{p: p} }
	p.idle.New = func() any {
		s := &scratch{lines: make(map[int]*line), buf: make([]complex128, columns*slices.Max(p.shape))}
		for _, n := range p.shape {
			if s.lines[n] == nil {
				s.lines[n] = newLine(n)
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
func (p *Plan) Forward(x []complex128) { p.transform("Forward", x, false) }

// Inverse replaces X by x = (Π_j n_j)⁻¹ Σ_k X(k)·exp(+2πi Σ_j k_j x_j / n_j), so
// that it undoes [Plan.Forward] up to rounding. It panics if x has not as many
// elements as the shape.
func (p *Plan) Inverse(x []complex128) { p.transform("Inverse", x, true) }

// transform does one axis after the other.
func (p *Plan) transform(name string, x []complex128, inverse bool) {
	if len(x) != p.size {
		panic(fmt.Sprintf("fft.Plan.%s: %d elements; shape %v has %d", name, len(x), p.shape, p.size))
	}
	t := p.passes.Get().(*pass)
	t.x, t.inverse, t.scale = x, inverse, 1
	t.stride = p.size
	for axis, n := range p.shape {
		t.n = n
		t.stride /= n
		if inverse && axis == len(p.shape)-1 {
			t.scale = 1 / float64(p.size)
		}
		groups := p.size / t.n / t.stride * t.groups()
		pool.Run(groups, max(1, grain/(t.n*min(columns, t.stride))), t)
	}
	t.x = nil
	p.passes.Put(t)
}

// pass is the transform of all lines along one axis, in groups of neighbours.
type pass struct {
	p         *Plan
	x         []complex128
	n, stride int // of a line
	inverse   bool
	scale     float64 // what the lines are multiplied by at last
}

// groups returns how many groups the lines make that begin one after another: those
// that start at the first stride elements of n·stride.
func (t *pass) groups() int { return (t.stride + columns - 1) / columns }

// Do transforms the groups lo ≤ g < hi.
func (t *pass) Do(lo, hi int) {
	s := t.p.idle.Get().(*scratch)
	defer t.p.idle.Put(s)
	line, per := s.lines[t.n], t.groups()
	for g := lo; g < hi; g++ {
		block, first := g/per*t.n*t.stride, g%per*columns
		if t.stride == 1 {
			t.line(line, t.x[block:block+t.n])
			continue
		}
		width := min(columns, t.stride-first)
		for i := range t.n {
			for c, v := range t.x[block+first+i*t.stride:][:width] {
				s.buf[c*t.n+i] = v
			}
		}
		for c := range width {
			t.line(line, s.buf[c*t.n:(c+1)*t.n])
		}
		for i := range t.n {
			row := t.x[block+first+i*t.stride:][:width]
			for c := range row {
				row[c] = s.buf[c*t.n+i]
			}
		}
	}
}

func (t *pass) line(l *line, x []complex128) {
	if !t.inverse {
		l.forward(x)
		return
	}
	l.inverse(x)
	if t.scale != 1 {
		for i, v := range x {
			x[i] = complex(real(v)*t.scale, imag(v)*t.scale)
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
