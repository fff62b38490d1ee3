package stencil

import (
	"fmt"
	"sync"
)

//go:generate go -C ../gen run . -set links -out ../stencil/links_amd64.s -stubs ../stencil/links_amd64.go -pkg stencil
//go:generate go -C ../gen run . -set links512 -out ../stencil/links512_amd64.s -stubs ../stencil/links512_amd64.go -pkg stencil

// Links is a charged field with U(1) links: n complex components, each a pair of
// arrays (re, im), with the Hermitian operator
//
//	(𝐡φ)(x) = Σ_k M_k d_k(x) φ(x) + Σ_j [T_j U_j(x) φ(x+ĵ) + T_jᴴ U_j*(x−ĵ) φ(x−ĵ)].
//
// Arrays hold component after component, re before im, each of the sites of the
// lattice, the last axis being the fastest.
//
// # Arithmetic
//
// With the factor f of the half step, every operation rounded by itself, f·Σ is
// added to a component c of a site, Σ being summed up in this order: the terms of the
// site, then axis after axis, the slowest first, the elements T_ab of T_j in their
// order, and of an element with a = b = c first the neighbour behind, then the one
// ahead. With p + iq for what a term reads these are
//
//	site     (M·d)·p,       (M·d)·q
//	ahead    g·p − h·q,     g·q + h·p
//	behind   g·p + h·q,     g·q − h·p
//
// where g + ih is T·cos θ + iT·sin θ for a real element T of the matrix, and
// −T·sin θ + iT·cos θ for an imaginary one iT, θ being that of the link between both
// sites. These are the operations of the network's own step.
//
// A charged scalar has kernels that do a kick in one pass, and with it the drift of the
// row ahead. They begin Σ with its first term, take 0 for a neighbour beyond a wall and
// add f·Σ to a bias, not to 0: no bias may be −0 at the start, as for [Dirac].
type Links struct {
	grid
	w    LinkWeights
	fast bool
	work sync.Pool // of *linkScratch

	// Of a charged scalar that has kernels:
	kernels scalarKernels
	links   []float64 // in blocks
	step    int       // from a block of d to the next, in bytes: 0 if d is the same everywhere
	zeros   []float64 // a row beyond a wall
}

// LinkWeights are the numbers a [Links] computes with. Axes are numbered 0, 1, 2,
// the last being the fastest; a lattice of fewer dimensions uses the last ones, and
// its Shape is 1 along the others.
type LinkWeights struct {
	Shape      [3]int  // sites along each axis
	Wall       [3]bool // nothing lies beyond the ends of the axis; else it is a ring
	Components int

	Sites    []SiteTerm
	Hops     [3][]HopTerm // along each axis
	Cos, Sin [3][]float64 // of the links along each axis
}

// SiteTerm is M d(x) with a real element M_ab.
type SiteTerm struct {
	A, B int
	M    float64
	D    []float64
}

// HopTerm is an element T_ab of T_j, or iT_ab.
type HopTerm struct {
	A, B      int
	T         float64
	Imaginary bool
}

// NewLinks returns the half steps with the given weights. It keeps their slices.
func NewLinks(w LinkWeights) *Links {
	k := &Links{grid: newGrid(w.Shape, w.Wall), w: w, fast: Assembly()}
	k.work.New = func() any { return new(linkScratch) }
	if k.scalar() {
		for _, set := range scalarKernelSets(3 - k.first) {
			// More lanes at a time pay where rows are made of them: else all registers
			// straddle the lines of the cache.
			if k.kernels.kick == nil || w.Shape[2]%linkBlock == 0 {
				k.kernels = set
			}
		}
	}
	if k.kernels.kick != nil {
		k.pack()
	}
	return k
}

// scalar tells whether there is one component, with 1 before d and a real T.
func (k *Links) scalar() bool {
	for axis := k.first; axis < 3; axis++ {
		if h := k.w.Hops[axis]; len(h) != 1 || h[0].Imaginary {
			return false
		}
	}
	return k.w.Components == 1 && len(k.w.Sites) == 1 && k.w.Sites[0].M == 1
}

// linkWindow is how many columns go through scratch at a time.
const linkWindow = 256

// linkScratch holds the sums of a window, and what a kernel goes along.
type linkScratch struct {
	re, im  [linkWindow]float64
	streams [linkRows * linkStreams]*float64
	numbers [linkNumbers]float64
}

// check panics if arrays have not the numbers of a field.
func (k *Links) check(to, from []float64) {
	if n := 2 * k.w.Components * k.sites; len(to) != n || len(from) != n {
		panic(fmt.Sprintf("stencil: Links arrays of %d and %d numbers; both must have %d", len(to), len(from), n))
	}
}

// half does to ← to + f·𝐡from on a part of the lattice.
func (k *Links) half(to, from []float64, p Part, f float64) {
	k.check(to, from)
	work := k.work.Get().(*linkScratch)
	z0, z1, y0, y1, x0, x1 := k.planes(p)
	for z := z0; z < z1; z++ {
		for y := y0; y < y1; y++ {
			k.windows(work, to, from, [3]int{z, y, x0}, x1, f)
		}
	}
	k.work.Put(work)
}

// windows does the columns from a position on to the end of a row, term by term.
func (k *Links) windows(work *linkScratch, to, from []float64, p [3]int, end int, f float64) {
	for ; p[2] < end; p[2] += linkWindow {
		n := min(linkWindow, end-p[2])
		sum := complexRow{work.re[:n], work.im[:n]}
		for c := range k.w.Components {
			clear(sum.re)
			clear(sum.im)
			k.add(sum, c, from, p)
			out := k.row(to, c, k.site(p), n)
			k.addMultiple(out.re, sum.re, f)
			k.addMultiple(out.im, sum.im, f)
		}
	}
}

// site returns the number of the site at a position.
func (k *Links) site(p [3]int) int { return (p[0]*k.shape[1]+p[1])*k.shape[2] + p[2] }

// complexRow is a part of a row of a component.
type complexRow struct{ re, im []float64 }

// row returns n sites of a component from site at on.
func (k *Links) row(v []float64, component, at, n int) complexRow {
	return complexRow{v[2*component*k.sites+at:][:n], v[(2*component+1)*k.sites+at:][:n]}
}

// add adds all terms of a component to the sites from a position on.
func (k *Links) add(sum complexRow, c int, from []float64, p [3]int) {
	n := len(sum.re)
	at := k.site(p)
	for _, t := range k.w.Sites {
		if t.A == c {
			k.addSite(sum, t.D[at:at+n], k.row(from, t.B, at, n), t.M)
		}
	}
	stride := k.shape[1] * k.shape[2]
	for axis := range 3 {
		if axis > 0 {
			stride /= k.shape[axis]
		}
		for _, t := range k.w.Hops[axis] {
			if t.B == c {
				k.addBehind(sum, t, from, axis, stride, p[axis], at)
			}
			if t.A == c {
				k.addAhead(sum, t, from, axis, stride, p[axis], at)
			}
		}
	}
}

// addAhead adds what the neighbours ahead along an axis send, i being the place of
// the first site along it.
func (k *Links) addAhead(sum complexRow, t HopTerm, from []float64, axis, stride, i, at int) {
	n := len(sum.re)
	if axis < 2 {
		if next := k.beside(axis, i)[0]; next >= 0 {
			k.addHop(sum, t, axis, at, k.row(from, t.B, at+(next-i)*stride, n), t.T)
		}
		return
	}
	inner := min(n, k.shape[2]-1-i)
	k.addHop(complexRow{sum.re[:inner], sum.im[:inner]}, t, axis, at, k.row(from, t.B, at+1, inner), t.T)
	if inner < n && !k.wall[2] {
		k.addHop(complexRow{sum.re[inner:], sum.im[inner:]}, t, axis, at+inner, k.row(from, t.B, at-i, 1), t.T)
	}
}

// addBehind adds what the neighbours behind send.
func (k *Links) addBehind(sum complexRow, t HopTerm, from []float64, axis, stride, i, at int) {
	n := len(sum.re)
	if axis < 2 {
		if last := k.beside(axis, i)[1]; last >= 0 {
			there := at + (last-i)*stride
			k.addHop(sum, t, axis, there, k.row(from, t.A, there, n), -t.T)
		}
		return
	}
	if i == 0 {
		if !k.wall[2] {
			there := at + k.shape[2] - 1
			k.addHop(complexRow{sum.re[:1], sum.im[:1]}, t, axis, there, k.row(from, t.A, there, 1), -t.T)
		}
		sum, at, n = complexRow{sum.re[1:], sum.im[1:]}, at+1, n-1
	}
	k.addHop(sum, t, axis, at-1, k.row(from, t.A, at-1, n), -t.T)
}

// addHop adds the terms of the links from site on, w being the factor of h with its
// sign: T ahead, −T behind.
func (k *Links) addHop(sum complexRow, t HopTerm, axis, site int, from complexRow, w float64) {
	n, m := len(sum.re), t.T
	g, h := k.w.Cos[axis][site:site+n], k.w.Sin[axis][site:site+n]
	if t.Imaginary {
		g, h, m = h, g, -m
	}
	done := 0
	if k.fast {
		done = hopAssembly(sum, g, h, from, m, w)
	}
	hopGo(sum, g, h, from, m, w, done)
}

// hopGo adds (m·g)p − (w·h)q and (m·g)q + (w·h)p from element done on.
func hopGo(sum complexRow, g, h []float64, from complexRow, m, w float64, done int) {
	n := len(sum.re)
	re, im, g, h := sum.re, sum.im[:n], g[:n], h[:n]
	p, q := from.re[:n], from.im[:n]
	for i := done; i < n; i++ {
		gi, hi := float64(m*g[i]), float64(w*h[i])
		re[i] += float64(gi*p[i]) - float64(hi*q[i])
		im[i] += float64(gi*q[i]) + float64(hi*p[i])
	}
}

// addSite adds (m·d)·(p, q).
func (k *Links) addSite(sum complexRow, d []float64, from complexRow, m float64) {
	n, done := len(sum.re), 0
	if k.fast {
		done = siteAssembly(sum, d, from, m)
	}
	re, im, d := sum.re, sum.im[:n], d[:n]
	p, q := from.re[:n], from.im[:n]
	for i := done; i < n; i++ {
		v := float64(m * d[i])
		re[i] += float64(v * p[i])
		im[i] += float64(v * q[i])
	}
}

// addMultiple does x += c·b.
func (k *Links) addMultiple(x, b []float64, c float64) {
	done := 0
	if k.fast {
		done = multipleAssembly(x, b, c)
	}
	b = b[:len(x)]
	for i := done; i < len(x); i++ {
		x[i] += float64(c * b[i])
	}
}

// Spinor returns those of a charged spinor: x ← x + c𝐡b, b ← b + α𝐡x.
func (k *Links) Spinor() Halves { return spinorHalves{k} }

type spinorHalves struct{ *Links }

func (h spinorHalves) Drift(x, b []float64, p Part, c float64)    { h.half(x, b, p, c) }
func (h spinorHalves) Kick(b, x []float64, p Part, alpha float64) { h.half(b, x, p, alpha) }
