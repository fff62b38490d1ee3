package stencil

import (
	"fmt"
	"sync"
)

//go:generate go -C ../gen run . -set dirac -out ../stencil/dirac_amd64.s -stubs ../stencil/dirac_amd64.go -pkg stencil
//go:generate go -C ../gen run . -set dirac512 -out ../stencil/dirac512_amd64.s -stubs ../stencil/dirac512_amd64.go -pkg stencil

// Dirac does half steps of a Dirac field in the representation of real matrices,
// 2, 4 or 8 components in one, two or three dimensions:
//
//	Drift   x ← x + c 𝐁b
//	Kick    b ← b + α 𝐁x,      𝐁 = Σ_j X_j ∂_j + Y (m(x) + (r a/2)(−∇²)) + V(x)
//
// Arrays hold component after component, each of the sites of the lattice, the
// last axis being the fastest.
//
// # Arithmetic
//
// Every row of X_j and Y has one entry, +1 or −1; it stands with an index into the
// components in diracTables. With y± the field y = b one site further along axis j,
// and every operation rounded by itself, a drift changes a component of a site of x
// in this order:
//
//	x += (±c·Hop_j)·(y₊ − y₋)               for each axis j, the slowest first
//	x += (±c·Profile)·y                     if there is a profile of the mass
//	x += (±c·Scale)·(S − Centre·y)          with a Wilson term; or x += (±c·Mass)·y
//	x += (c·Potential)·y                    if there is a potential
//
// where S = S₁ + Ratio₂·S₂ + … and S_g = p₁ + (p₂ + p₃) of the sums y₊ + y₋ along
// the axes of group g, the fastest first, as in a weights.Stencil. A kick adds the
// same terms of y = x, with α for c, up from 0, and adds this sum to b. Beyond a wall
// y is 0. These are the operations of the network's own step with 𝐁 as a sum of
// Kronecker products.
//
// The assembly begins the sum of a kick with its first term, not with 0. That is the
// same but for a zero of either sign added to a bias of −0: no bias may be −0 at the
// start; no kick makes one.
type Dirac struct {
	grid
	w     DiracWeights
	table *diracTable

	kernels diracKernels // in assembly; zero for none
	zeros   []float64    // the row or plane beyond a wall
	work    sync.Pool    // of *diracRow
}

// DiracWeights are the numbers a [Dirac] computes with. Axes are numbered 0, 1, 2,
// the last being the fastest; a lattice of fewer dimensions uses the last ones, and
// its Shape is 1 along the others.
type DiracWeights struct {
	Shape [3]int     // sites along each axis
	Wall  [3]bool    // the axis ends at Dirichlet walls; else it is a ring
	Hop   [3]float64 // 1/2a along each axis

	Mass      float64     // m, unless there is a profile or a Wilson term; 0 for none
	Profile   []float64   // m(x), or nil
	Wilson    []StarGroup // of the Wilson term; nil for none
	Scale     float64     // of the Wilson term
	Centre    float64     // of the Wilson term, with m in it unless there is a profile
	Potential []float64   // V(x), or nil
}

// StarGroup is a group of even pairs of a stencil of nearest neighbours, as in
// weights.Form: the axes along which they lie, the fastest first.
type StarGroup struct {
	Ratio float64
	Axes  []int
}

// entry is where the only element of a row of a matrix stands and its sign.
type entry struct {
	from int
	sign float64
}

// diracTable holds the matrices of one dimension, row after row.
type diracTable struct {
	components int
	axis       [3][]entry // X_j
	mass       []entry    // Y
}

// diracTables are the real matrices in one, two and three dimensions:
//
//	e, σx;    1⊗e, e⊗σx, 1⊗σz;    1⊗1⊗e, 1⊗e⊗σx, σx⊗e⊗σz, σz⊗1⊗σz;    e = iσy.
var diracTables = func() (all [3]*diracTable) {
	type factor [2]entry
	var (
		one = factor{{0, 1}, {1, 1}}
		e   = factor{{1, 1}, {0, -1}}
		sx  = factor{{1, 1}, {0, 1}}
		sz  = factor{{0, 1}, {1, -1}}
	)
	kron := func(factors ...factor) []entry {
		rows := []entry{{0, 1}}
		for _, f := range factors {
			var next []entry
			for _, r := range rows {
				for _, g := range f {
					next = append(next, entry{2*r.from + g.from, r.sign * g.sign})
				}
			}
			rows = next
		}
		return rows
	}
	all[0] = &diracTable{2, [3][]entry{2: kron(e)}, kron(sx)}
	all[1] = &diracTable{4, [3][]entry{1: kron(one, e), 2: kron(e, sx)}, kron(one, sz)}
	all[2] = &diracTable{8, [3][]entry{kron(one, one, e), kron(one, e, sx), kron(sx, e, sz)}, kron(sz, one, sz)}
	return all
}()

// DiracMatrix returns X_j of an axis of [DiracWeights] on a lattice of dim
// dimensions, and Y for axis 3: the column and the sign of the only entry of each
// row.
func DiracMatrix(dim, axis int) (from []int, sign []float64) {
	t := diracTables[dim-1]
	rows := t.mass
	if axis < 3 {
		rows = t.axis[axis]
	}
	for _, e := range rows {
		from, sign = append(from, e.from), append(sign, e.sign)
	}
	return from, sign
}

// NewDirac returns the half steps with the given weights. It keeps their slices.
func NewDirac(w DiracWeights) *Dirac {
	k := &Dirac{grid: newGrid(w.Shape, w.Wall), w: w}
	k.table = diracTables[2-k.first]
	for _, profile := range [][]float64{w.Profile, w.Potential} {
		if profile != nil && len(profile) != k.sites {
			panic(fmt.Sprintf("stencil: a Dirac profile of %d numbers for %d sites", len(profile), k.sites))
		}
	}
	k.zeros = make([]float64, w.Shape[2])
	if k.first == 0 {
		k.zeros = make([]float64, w.Shape[1]*w.Shape[2])
	}
	k.work.New = func() any { return new(diracRow) }
	if all := k.assemblies(); len(all) > 0 {
		k.kernels = all[len(all)-1]
	}
	return k
}

// Components returns the number of components: 2, 4 or 8.
func (k *Dirac) Components() int { return k.table.components }

// Drift does x ← x + c𝐁b on a part of the lattice.
func (k *Dirac) Drift(x, b []float64, p Part, c float64) { k.half(x, b, p, c, false) }

// Kick does b ← b + α𝐁x on a part of the lattice.
func (k *Dirac) Kick(b, x []float64, p Part, alpha float64) { k.half(b, x, p, alpha, true) }

// diracRow is a part of a row in one half step.
type diracRow struct {
	to, from []float64
	factor   float64 // c or α
	kick     bool
	start    int       // of the row among the sites of a component
	near     [2][2]int // where the next row and the one before start, along axes 0 and 1; −1 beyond a wall
	lo, hi   int       // columns

	call    diracCall // for the assembly
	scratch diracScratch
}

func (k *Dirac) half(to, from []float64, p Part, factor float64, kick bool) {
	if n := k.table.components * k.sites; len(to) != n || len(from) != n {
		panic(fmt.Sprintf("stencil: Dirac arrays of %d and %d numbers; both must have %d", len(to), len(from), n))
	}
	r := k.work.Get().(*diracRow)
	r.to, r.from, r.factor, r.kick = to, from, factor, kick
	z0, z1, y0, y1, x0, x1 := k.planes(p)
	ny, nx := k.shape[1], k.shape[2]
	r.lo, r.hi = x0, x1
	for z := z0; z < z1; z++ {
		planes := k.beside(0, z)
		for y, next := y0, 0; y < y1; y = next {
			next = y + 1
			if y > 0 {
				next = max(next, min(y1, ny-1)) // all of these rows lie between two others
			}
			rows := k.beside(1, y)
			r.start = (z*ny + y) * nx
			for side := range 2 {
				r.near[0][side], r.near[1][side] = -1, -1
				if p := planes[side]; p >= 0 {
					r.near[0][side] = (p*ny + y) * nx
				}
				if p := rows[side]; p >= 0 {
					r.near[1][side] = (z*ny + p) * nx
				}
			}
			k.rows(r, next-y)
		}
	}
	r.to, r.from, r.call.streams = nil, nil, [48]*float64{}
	k.work.Put(r)
}

// rows does a part of some rows that follow each other.
func (k *Dirac) rows(r *diracRow, n int) {
	lo := r.lo + k.rowsAssembly(r, n)
	if lo == r.hi {
		return
	}
	for range n {
		k.rowGo(r, lo, r.hi)
		r.start += k.shape[2]
		for axis := range r.near {
			for side, start := range r.near[axis] {
				if start >= 0 {
					r.near[axis][side] = start + k.shape[2]
				}
			}
		}
	}
}

// at returns a component of from at a column that may be one beyond the row.
func (k *Dirac) at(r *diracRow, component, column int) *float64 {
	switch n := k.shape[2]; {
	case column >= 0 && column < n:
	case k.wall[2]:
		return &k.zeros[0]
	case column < 0:
		column = n - 1
	default:
		column = 0
	}
	return &r.from[component*k.sites+r.start+column]
}

// window is how many columns the Go code does at a time.
const window = 64

// diracScratch holds a window of a row.
type diracScratch struct {
	centre      [8][window + 2]float64 // of each component, with one column more at both ends
	sum         [window]float64        // of the terms of a kick
	star, group [window]float64
}

// rowGo does the columns lo ≤ x < hi of a row.
func (k *Dirac) rowGo(r *diracRow, lo, hi int) {
	for ; lo < hi; lo += window {
		k.window(&r.scratch, r, lo, min(window, hi-lo))
	}
}

// window does m columns of a row from column lo on.
func (k *Dirac) window(s *diracScratch, r *diracRow, lo, m int) {
	t := k.table
	at := r.start + lo
	for c := range t.components {
		centre := s.centre[c][:m+2]
		centre[0], centre[m+1] = *k.at(r, c, lo-1), *k.at(r, c, lo+m)
		copy(centre[1:m+1], r.from[c*k.sites+at:])
	}
	for c := range t.components {
		out := r.to[c*k.sites+at:][:m]
		sum := out
		if r.kick {
			sum = s.sum[:m]
			clear(sum)
		}
		for axis := k.first; axis < 3; axis++ {
			e := t.axis[axis][c]
			plus, minus := k.pair(s, r, axis, e.from, lo, m)
			addDifference(sum, float64(r.factor*e.sign*k.w.Hop[axis]), plus, minus)
		}
		e := t.mass[c]
		k.addMass(s, r, sum, e.from, r.factor*e.sign, lo)
		if k.w.Potential != nil {
			addProfile(sum, r.factor, k.w.Potential[at:], s.centre[c][1:])
		}
		if r.kick {
			for i, v := range sum {
				out[i] += v
			}
		}
	}
}

// pair returns a component of the field one site further along an axis and one
// site before.
func (k *Dirac) pair(s *diracScratch, r *diracRow, axis, component, lo, m int) (plus, minus []float64) {
	if axis == 2 {
		centre := &s.centre[component]
		return centre[2 : m+2], centre[:m]
	}
	var sides [2][]float64
	for side, start := range r.near[axis] {
		if start < 0 {
			sides[side] = k.zeros[:m]
		} else {
			sides[side] = r.from[component*k.sites+start+lo:][:m]
		}
	}
	return sides[0], sides[1]
}

// addMass adds the mass terms of a component to sum, f being ±c or ±α.
func (k *Dirac) addMass(s *diracScratch, r *diracRow, sum []float64, component int, f float64, lo int) {
	m := len(sum)
	centre := s.centre[component][1 : m+1]
	if k.w.Profile != nil {
		addProfile(sum, f, k.w.Profile[r.start+lo:], centre)
	}
	if k.w.Wilson == nil {
		if w := float64(f * k.w.Mass); k.w.Mass != 0 {
			for i, v := range centre {
				sum[i] += float64(w * v)
			}
		}
		return
	}
	star := s.star[:m]
	for g, group := range k.w.Wilson {
		acc := star
		if g > 0 {
			acc = s.group[:m]
		}
		for n := len(group.Axes) - 1; n >= 0; n-- {
			plus, minus := k.pair(s, r, group.Axes[n], component, lo, m)
			if n == len(group.Axes)-1 {
				for i := range acc {
					acc[i] = plus[i] + minus[i]
				}
			} else {
				for i, v := range acc {
					acc[i] = (plus[i] + minus[i]) + v
				}
			}
		}
		if g > 0 {
			for i, v := range acc {
				star[i] += float64(group.Ratio * v)
			}
		}
	}
	w := float64(f * k.w.Scale)
	for i, v := range centre {
		sum[i] += float64(w * (star[i] - float64(k.w.Centre*v)))
	}
}

// addDifference adds w times the differences of plus and minus to sum.
func addDifference(sum []float64, w float64, plus, minus []float64) {
	plus, minus = plus[:len(sum)], minus[:len(sum)]
	for i := range sum {
		sum[i] += float64(w * (plus[i] - minus[i]))
	}
}

// addProfile adds (f·profile)·y to sum.
func addProfile(sum []float64, f float64, profile, y []float64) {
	profile, y = profile[:len(sum)], y[:len(sum)]
	for i := range sum {
		sum[i] += float64(float64(f*profile[i]) * y[i])
	}
}
