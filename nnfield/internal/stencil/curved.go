package stencil

import (
	"fmt"
	"sync"
)

//go:generate go -C ../gen run . -set curved -out ../stencil/curved_amd64.s -stubs ../stencil/curved_amd64.go -pkg stencil

// Curved is a scalar field whose weights depend on the place, as in curved space:
//
//	Drift   x ← x + c·E b
//	Kick    b ← b + α·E K x
//
// with a gain E for each site and a symmetric stiffness K of bonds between sites.
// Sites are counted round every axis; a bond across a wall has the strength 0.
//
// # Arithmetic
//
// With every operation rounded by itself,
//
//	x += (c·E)·b
//	b += (α·E)·Σ,   Σ = centre·x + s(x)·x(+o) + s(−o)·x(−o) + …
//
// Σ being summed up from the left, for each offset o in turn what lies ahead and
// then what lies behind. These are the operations of the network's own step. A
// zero of either sign comes to a bias as +0.
type Curved struct {
	grid
	w     CurvedWeights
	reach int // along the rows
	fast  bool
	work  sync.Pool // of *curvedScratch
}

// CurvedWeights are the numbers a [Curved] computes with. Axes are numbered 0, 1,
// 2, the last being the fastest; a lattice of fewer dimensions uses the last ones,
// and its Shape is 1 along the others.
type CurvedWeights struct {
	Shape  [3]int
	Gain   []float64 // E
	Centre []float64 // the diagonal of K
	Bonds  []Bond
}

// Bond is the bonds of one offset.
type Bond struct {
	Offset   [3]int
	Strength []float64 // of the bond between x and x + Offset
}

// NewCurved returns the half steps with the given weights, and whether they can be
// swept: in three dimensions no bond may lead to another row of another plane. It
// keeps the slices.
func NewCurved(w CurvedWeights) (k *Curved, ok bool) {
	k = &Curved{grid: newGrid(w.Shape, [3]bool{}), w: w, fast: Assembly()}
	for _, b := range w.Bonds {
		k.reach = max(k.reach, b.Offset[2], -b.Offset[2])
		for axis := k.first; axis < 2; axis++ {
			k.radius = max(k.radius, b.Offset[axis], -b.Offset[axis])
		}
		if b.Offset[0] != 0 && b.Offset[1] != 0 {
			return nil, false
		}
	}
	if k.reach > Chunk || k.reach >= w.Shape[2] {
		return nil, false
	}
	k.work.New = func() any { return &curvedScratch{streams: make([]*float64, 4+4*len(w.Bonds))} }
	return k, true
}

// curvedScratch holds the sums of some columns, and what a kernel goes along.
type curvedScratch struct {
	sum     [linkWindow]float64
	streams []*float64
}

// Drift does x ← x + c·E b on a part of the lattice.
func (k *Curved) Drift(x, b []float64, p Part, c float64) {
	k.check(x, b)
	z0, z1, y0, y1, x0, x1 := k.planes(p)
	for z := z0; z < z1; z++ {
		from, to := k.site(z, y0, x0), k.site(z, y1-1, x1)
		x, b, e := x[from:to], b[from:to], k.w.Gain[from:to]
		done := 0
		if k.fast {
			done = gainAssembly(x, e, b, c)
		}
		for i := done; i < len(x); i++ {
			x[i] += float64(float64(c*e[i]) * b[i])
		}
	}
}

// Kick does b ← b + α·E K x on a part of the lattice.
func (k *Curved) Kick(b, x []float64, p Part, alpha float64) {
	k.check(b, x)
	work := k.work.Get().(*curvedScratch)
	z0, z1, y0, y1, x0, x1 := k.planes(p)
	for z := z0; z < z1; z++ {
		for y := y0; y < y1; y++ {
			lo, hi := max(x0, k.reach), min(x1, k.shape[2]-k.reach)
			if k.fast && lo < hi {
				hi = lo + k.kickAssembly(work, b, x, z, y, lo, hi, alpha)
			} else {
				lo, hi = x0, x0
			}
			k.kick(work, b, x, z, y, x0, lo, alpha)
			k.kick(work, b, x, z, y, hi, x1, alpha)
		}
	}
	clear(work.streams)
	k.work.Put(work)
}

func (k *Curved) check(x, b []float64) {
	if len(x) != k.sites || len(b) != k.sites {
		panic(fmt.Sprintf("stencil: Curved arrays of %d and %d numbers; both must have %d", len(x), len(b), k.sites))
	}
}

func (k *Curved) site(z, y, x int) int { return (z*k.shape[1]+y)*k.shape[2] + x }

// row returns where the row begins that lies sign·offset away.
func (k *Curved) row(z, y int, offset [3]int, sign int) int {
	return k.site(round(z+sign*offset[0], k.shape[0]), round(y+sign*offset[1], k.shape[1]), 0)
}

// round returns i counted round n places.
func round(i, n int) int { return (i%n + n) % n }

// kick does the columns from lo to hi of a row.
func (k *Curved) kick(work *curvedScratch, b, x []float64, z, y, lo, hi int, alpha float64) {
	n, here := k.shape[2], k.site(z, y, 0)
	for ; lo < hi; lo += linkWindow {
		m := min(linkWindow, hi-lo)
		sum := work.sum[:m]
		centre, field := k.w.Centre[here+lo:][:m], x[here+lo:][:m]
		for i, v := range field {
			sum[i] = float64(centre[i] * v)
		}
		for _, bond := range k.w.Bonds {
			ahead, behind, o := k.row(z, y, bond.Offset, 1), k.row(z, y, bond.Offset, -1), bond.Offset[2]
			addProducts(sum, bond.Strength[here:here+n], lo, x[ahead:ahead+n], lo+o)
			addProducts(sum, bond.Strength[behind:behind+n], lo-o, x[behind:behind+n], lo-o)
		}
		out, gain := b[here+lo:][:m], k.w.Gain[here+lo:][:m]
		for i, v := range sum {
			out[i] += 0 + float64(float64(alpha*gain[i])*v)
		}
	}
}

// addProducts adds s(p + i)·x(q + i) to sum(i), s and x being rows whose columns are
// counted round.
func addProducts(sum, s []float64, p int, x []float64, q int) {
	n := len(x)
	p, q = round(p, n), round(q, n)
	for len(sum) > 0 { // up to where one of the two comes round
		m := min(len(sum), n-p, n-q)
		to, u, v := sum[:m], s[p:][:m], x[q:][:m]
		for i := range to {
			to[i] += float64(u[i] * v[i])
		}
		sum, p, q = sum[m:], round(p+m, n), round(q+m, n)
	}
}
