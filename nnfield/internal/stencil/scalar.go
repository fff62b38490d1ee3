package stencil

import "sync"

// Scalar is a Klein-Gordon field φ = x with the network's units, b = εβ:
//
//	Drift   x ← x + c·b
//	Kick    b ← e·(e·b + g),   g = α(Kx + F(x))
//
// with K a star of neighbours one site away along each axis, or one and two, the
// same along all axes, and an on-site force F. It works on the slabs of a sweep:
// planes of a 3-D lattice, rows of a 2-D one, [Chunk] sites of a 1-D one.
//
// # Arithmetic
//
// With d = α·Scale, x₊ and x₋ the neighbours along an axis, and axes from the
// fastest on,
//
//	S  = (x₊ + x₋) + ((x₊ + x₋) + (x₊ + x₋))       of the neighbours one site away
//	S₂ = the same, of those two sites away
//	v  = d·(S − Centre·x)   or   d·((S + Ratio·S₂) − Centre·x)
//	g  = (0 + v) + α·F(x)
//	b ← (b·e + g)·e   or, without damping,   b ← b + g.
//
// These are the operations of weights.Stencil within the network's own learning.
// Where there is nothing but v a kernel adds it to b: that is the same but for a
// zero of either sign added to a bias of −0. So no bias may be −0 at the start; no
// drift or kick makes one.
type Scalar[T Number] struct {
	Axes []Axis // one to three, slowest first

	Scale, Centre float64 // of the weights, as in weights.Form
	Ratio         float64 // of those two sites away; 0 for none

	Force  Force[T] // nil for none
	Damped []bool   // the slabs where e is not 1 everywhere; nil for none

	assembly   *kernels[T] // nil for none
	slabs      int
	rows       int // of a slab
	n          int // sites of a row
	reach      int
	phi4       *Phi4[T] // the force, if it is that one
	zeros      []T      // a slab, or a row
	from, to   int      // the sites of a row whose biases learn
	anyClamped bool
	scratch    sync.Pool // of *scratch
}

// Axis is one direction of the lattice.
type Axis struct {
	Sites int
	// Low and High say where the field beyond the ends is found inside: sites −1
	// and −2, n and n + 1.
	Low, High [2]Image
	// Clamped ends hold boundary neurons, whose biases do not learn.
	ClampedLow, ClampedHigh bool
}

// Image is a site and the sign to read it with; a wall node, of sign 0, reads 0.
type Image struct {
	At   int
	Sign float64
}

// Force is an on-site force.
type Force[T Number] interface {
	// AddForce adds α·F(x_i) of the sites i from at on to g, which begins there.
	AddForce(g []T, alpha T, x []T, at int)
}

// Phi4 is the force F = λx(x² − v²).
type Phi4[T Number] struct{ Lambda, V2 T }

// AddForce adds α·((λx)·(x² − v²)).
func (f *Phi4[T]) AddForce(g []T, alpha T, x []T, at int) {
	x = x[at : at+len(g)]
	for i := range g {
		g[i] += T(alpha * T(T(f.Lambda*x[i])*(T(x[i]*x[i])-f.V2)))
	}
}

// Chunk is the number of sites of a slab of a 1-D lattice: a line of a cache. The
// last slab takes those that are left over, too.
const Chunk = 8

// block is how many sites of a row go through scratch at a time.
const block = 512

// scratch is what a kick works in.
type scratch[T Number] struct {
	g        [block]T
	negative []T // room for four rows that are read with a change of sign
}

// Prepare makes the field ready to run. It must be called once all fields are set.
func (s *Scalar[T]) Prepare() {
	last := len(s.Axes) - 1
	s.n, s.rows = s.Axes[last].Sites, 1
	if last == 2 {
		s.rows = s.Axes[1].Sites
	}
	s.slabs = s.Axes[0].Sites
	if last == 0 {
		s.slabs = max(1, s.n/Chunk)
	}
	s.assembly = nil
	for _, k := range assemblies[T]() {
		// More lanes at a time pay where rows are made of them: else all registers
		// but those of the first row straddle the lines of the cache.
		if s.assembly == nil || last == 0 || s.n%k.lanes == 0 {
			s.assembly = k
		}
	}
	s.reach = 1
	if s.Ratio != 0 {
		s.reach = 2
	}
	s.phi4, _ = s.Force.(*Phi4[T])
	s.zeros = make([]T, s.rows*s.n)
	s.to = s.n
	for j, a := range s.Axes {
		s.anyClamped = s.anyClamped || a.ClampedLow || a.ClampedHigh
		if j == last && a.ClampedLow {
			s.from = 1
		}
		if j == last && a.ClampedHigh {
			s.to = s.n - 1
		}
	}
	s.scratch.New = func() any { return &scratch[T]{negative: make([]T, 4*s.n)} }
}

// Slabs returns the number of slabs.
func (s *Scalar[T]) Slabs() int { return s.slabs }

// Radius returns how far a kick reads, in slabs.
func (s *Scalar[T]) Radius() int {
	if len(s.Axes) == 1 {
		return 1
	}
	return s.reach
}

// longRow is from how many sites on it pays to do rows of a 2-D lattice by twos, so
// that each passes once, rather than many in one call.
const longRow = 512

// Group returns how many slabs are best drifted and kicked in one call.
func (s *Scalar[T]) Group() int {
	if len(s.Axes) == 2 {
		return 8
	}
	return 2
}

// Rows returns the number of rows of a slab.
func (s *Scalar[T]) Rows() int { return s.rows }

// Sites returns where the rows y0 ≤ y < y1 of slab z are in both arrays.
func (s *Scalar[T]) Sites(z, y0, y1 int) (from, to int) {
	if len(s.Axes) > 1 {
		return (z*s.rows + y0) * s.n, (z*s.rows + y1) * s.n
	}
	if z == s.slabs-1 {
		return z * Chunk, s.n
	}
	return z * Chunk, (z + 1) * Chunk
}

// Drift does x += c·b on the rows y0 ≤ y < y1 of the slabs lo ≤ z < hi.
func (s *Scalar[T]) Drift(x, b []T, lo, hi, y0, y1 int, c T) {
	if y1-y0 == s.rows { // the slabs follow each other
		from, _ := s.Sites(lo, y0, y1)
		_, to := s.Sites(hi-1, y0, y1)
		s.drift(x[from:to], b[from:to], c)
		return
	}
	for z := lo; z < hi; z++ {
		from, to := s.Sites(z, y0, y1)
		s.drift(x[from:to], b[from:to], c)
	}
}

// Kick does the learning of the rows y0 ≤ y < y1 of the slabs lo ≤ z < hi. decay
// holds e of all sites; it is read on damped slabs.
func (s *Scalar[T]) Kick(b, x []T, lo, hi, y0, y1 int, alpha float64, decay []T) {
	for lo < hi {
		// As far as the slabs are all damped or all not.
		to, e := hi, []T(nil)
		if s.Damped != nil {
			for to = lo + 1; to < hi && s.Damped[to] == s.Damped[lo]; {
				to++
			}
			if s.Damped[lo] {
				e = decay
			}
		}
		if len(s.Axes) == 1 {
			from, _ := s.Sites(lo, y0, y1)
			_, end := s.Sites(to-1, y0, y1)
			s.kickRow(b, x, 0, 0, max(from, s.from), min(end, s.to), alpha, e)
		} else {
			for z := lo; z < to; z++ {
				for y := y0; y < y1; y++ {
					s.kickRow(b, x, z, y, s.from, s.to, alpha, e)
				}
			}
		}
		lo = to
	}
}

// DriftKick does Drift of the slabs from lo to hi and then Kick of those Radius
// behind, in one pass where there is a kernel for it.
func (s *Scalar[T]) DriftKick(x, b []T, lo, hi, y0, y1 int, c T, alpha float64, decay []T) {
	if s.assembly == nil || !s.fused(x, b, lo, hi, y0, y1, c, alpha) {
		s.Drift(x, b, lo, hi, y0, y1, c)
		s.Kick(b, x, lo-s.Radius(), hi-s.Radius(), y0, y1, alpha, decay)
	}
}

// kickRow kicks the sites from ≤ i < to of row y of slab z.
func (s *Scalar[T]) kickRow(b, x []T, z, y, from, to int, alpha float64, decay []T) {
	if from >= to || s.anyClamped && s.clamped(z, y) {
		return
	}
	f := s.numbers(alpha)
	var r neighbourhood[T]
	start := (z*s.rows + y) * s.n
	if decay == nil && (s.Force == nil || s.phi4 != nil) && !s.turned(z, y) {
		s.surround(&r, nil, x, z, y)
		s.kick(b[start+from:start+to], &r, from, &f)
		return
	}
	work := s.scratch.Get().(*scratch[T])
	s.surround(&r, work.negative, x, z, y)
	f.phi4 = nil
	for lo := from; lo < to; lo += block {
		hi := min(lo+block, to)
		g := work.g[:hi-lo]
		clear(g)
		s.kick(g, &r, lo, &f)
		if s.Force != nil {
			s.Force.AddForce(g, f.alpha, x, start+lo)
		}
		bias := b[start+lo : start+hi]
		if decay == nil {
			s.drift(bias, g, 1)
		} else {
			s.damp(bias, decay[start+lo:start+hi], g)
		}
	}
	s.scratch.Put(work)
}

// Apply sets dst to (Kx)_i of the sites lo ≤ i < hi: the v of a kick with α = 1.
func (s *Scalar[T]) Apply(dst, x []T, lo, hi int) {
	clear(dst[:hi-lo])
	f := s.numbers(1)
	f.phi4 = nil
	work := s.scratch.Get().(*scratch[T])
	for lo < hi {
		var r neighbourhood[T]
		row, from := lo/s.n, lo%s.n
		to := min(s.n, from+hi-lo)
		s.surround(&r, work.negative, x, row/s.rows, row%s.rows)
		s.kick(dst[:to-from], &r, from, &f)
		dst, lo = dst[to-from:], lo+to-from
	}
	s.scratch.Put(work)
}

// clamped tells whether a whole row is boundary neurons.
func (s *Scalar[T]) clamped(z, y int) bool {
	at := [2]int{z, y}
	for j, a := range s.Axes[:len(s.Axes)-1] {
		if a.ClampedLow && at[j] == 0 || a.ClampedHigh && at[j] == a.Sites-1 {
			return true
		}
	}
	return false
}

// turned tells whether a row reads another with a change of sign.
func (s *Scalar[T]) turned(z, y int) bool {
	at := [2]int{z, y}
	for j, a := range s.Axes[:len(s.Axes)-1] {
		for o := -s.reach; o <= s.reach; o++ {
			if a.find(at[j]+o).Sign < 0 {
				return true
			}
		}
	}
	return false
}

// find returns where site i of an axis, which may lie up to two outside, is found
// inside.
func (a *Axis) find(i int) Image {
	switch {
	case i < 0:
		return a.Low[-i-1]
	case i >= a.Sites:
		return a.High[i-a.Sites]
	}
	return Image{i, 1}
}
