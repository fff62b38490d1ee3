package stencil

import (
	"math"
	"unsafe"
)

// kernels are what there is in assembly for fields of one kind of numbers. All do
// whole registers: n is a positive multiple of the lanes, of [Chunk] for chain.
type kernels[T Number] struct {
	lanes int // of a register

	drift func(x, b *T, n int, c T)
	damp  func(b, decay, force *T, n int)

	kick1 func(b, x *T, n int, l, r, d, k T)
	kick2 func(b, x, p0, m0 *T, n int, l, r, d, k T)
	kick3 func(b, x, p0, m0, p1, m1 *T, n int, l, r, d, k T)

	kick1Phi4 func(b, x *T, n int, l, r, d, k, lambda, v2, alpha T)
	kick2Phi4 func(b, x, p0, m0 *T, n int, l, r, d, k, lambda, v2, alpha T)
	kick3Phi4 func(b, x, p0, m0, p1, m1 *T, n int, l, r, d, k, lambda, v2, alpha T)

	kickFar1 func(b, x *T, n int, ll, l, r, rr, ratio, d, k T)
	kickFar2 func(b, x, p0, m0, pp0, mm0 *T, n int, ll, l, r, rr, ratio, d, k T)
	kickFar3 func(b, x, p0, m0, pp0, mm0, p1, m1, pp1, mm1 *T, n int, ll, l, r, rr, ratio, d, k T)

	kickFar1Phi4 func(b, x *T, n int, ll, l, r, rr, ratio, d, k, lambda, v2, alpha T)
	kickFar2Phi4 func(b, x, p0, m0, pp0, mm0 *T, n int, ll, l, r, rr, ratio, d, k, lambda, v2, alpha T)
	kickFar3Phi4 func(b, x, p0, m0, pp0, mm0, p1, m1, pp1, mm1 *T, n int, ll, l, r, rr, ratio, d, k, lambda, v2, alpha T)

	chain          func(b, x *T, n int, l, c, d, k T)
	driftKick2     func(b, x, y, by, z *T, n, rows, pitch, l, r int, lMask, rMask uint64, c, d, k T)
	driftKick3     func(b, x, y, by, z, p, m *T, n, rows, pitch, l, r int, lMask, rMask uint64, c, d, k T)
	driftKick2Phi4 func(b, x, y, by, z *T, n, rows, pitch, l, r int, lMask, rMask uint64, c, d, k, lambda, v2, alpha T)
	driftKick3Phi4 func(b, x, y, by, z, p, m *T, n, rows, pitch, l, r int, lMask, rMask uint64, c, d, k, lambda, v2, alpha T)
	driftKickPair  func(b, x, y0, b0, y1, b1, z *T, n int, l, r, l0, r0, c, d, k T)

	// nil for 256 bits, which have too few registers for it
	driftKickPairPhi4 func(b, x, y0, b0, y1, b1, z *T, n int, l, r, l0, r0, c, d, k, lambda, v2, alpha T)
}

// first returns where a slice begins, for a kernel.
func first[T Number](s []T) *T { return unsafe.SliceData(s) }

// whole returns how many of n elements fill registers.
func (k *kernels[T]) whole(n int) int { return n &^ (k.lanes - 1) }

// kickAssembly kicks as many of the sites of r from from on as fill registers, and
// returns how many.
func (s *Scalar[T]) kickAssembly(b []T, r *neighbourhood[T], from int, f *numbers[T]) int {
	m := s.assembly.whole(len(b))
	if m == 0 {
		return 0
	}
	w, x := first(b), first(r.row[from:from+m])
	l, e, d, k := r.value(from-1), r.value(from+m), f.d, f.k
	var p, q [4]*T // the rows beside this one, and those two away
	for j := range len(s.Axes) - 1 {
		p[2*j], p[2*j+1] = first(r.near[j].plus[from:from+m]), first(r.near[j].minus[from:from+m])
		if s.reach == 2 {
			q[2*j], q[2*j+1] = first(r.far[j].plus[from:from+m]), first(r.far[j].minus[from:from+m])
		}
	}
	var lambda, v2, alpha T
	if f.phi4 != nil {
		lambda, v2, alpha = f.phi4.Lambda, f.phi4.V2, f.alpha
	}
	const near, far, phi4 = 0, 3, 6
	kind := near
	if s.reach == 2 {
		kind = far
	}
	if f.phi4 != nil {
		kind += phi4
	}
	var ll, ee, ratio T
	if s.reach == 2 {
		ll, ee, ratio = r.value(from-2), r.value(from+m+1), f.ratio
	}
	switch kind + len(s.Axes) {
	case near + 1:
		s.assembly.kick1(w, x, m, l, e, d, k)
	case near + 2:
		s.assembly.kick2(w, x, p[0], p[1], m, l, e, d, k)
	case near + 3:
		s.assembly.kick3(w, x, p[0], p[1], p[2], p[3], m, l, e, d, k)
	case far + 1:
		s.assembly.kickFar1(w, x, m, ll, l, e, ee, ratio, d, k)
	case far + 2:
		s.assembly.kickFar2(w, x, p[0], p[1], q[0], q[1], m, ll, l, e, ee, ratio, d, k)
	case far + 3:
		s.assembly.kickFar3(w, x, p[0], p[1], q[0], q[1], p[2], p[3], q[2], q[3], m, ll, l, e, ee, ratio, d, k)
	case near + phi4 + 1:
		s.assembly.kick1Phi4(w, x, m, l, e, d, k, lambda, v2, alpha)
	case near + phi4 + 2:
		s.assembly.kick2Phi4(w, x, p[0], p[1], m, l, e, d, k, lambda, v2, alpha)
	case near + phi4 + 3:
		s.assembly.kick3Phi4(w, x, p[0], p[1], p[2], p[3], m, l, e, d, k, lambda, v2, alpha)
	case far + phi4 + 1:
		s.assembly.kickFar1Phi4(w, x, m, ll, l, e, ee, ratio, d, k, lambda, v2, alpha)
	case far + phi4 + 2:
		s.assembly.kickFar2Phi4(w, x, p[0], p[1], q[0], q[1], m, ll, l, e, ee, ratio, d, k, lambda, v2, alpha)
	case far + phi4 + 3:
		s.assembly.kickFar3Phi4(w, x, p[0], p[1], q[0], q[1], p[2], p[3], q[2], q[3], m, ll, l, e, ee, ratio, d, k, lambda, v2, alpha)
	}
	return m
}

// fused drifts and kicks in one pass, if there is a kernel for it.
func (s *Scalar[T]) fused(x, b []T, lo, hi, y0, y1 int, c T, alpha float64) bool {
	if s.reach != 1 || s.assembly.whole(s.n) == 0 || s.anyClamped || s.Force != nil && s.phi4 == nil {
		return false
	}
	for z := lo - 1; z < hi && s.Damped != nil; z++ {
		if s.Damped[z] {
			return false
		}
	}
	f := s.numbers(alpha)
	if len(s.Axes) == 1 {
		return s.fusedChain(x, b, lo, hi, c, &f)
	}
	for z := lo; z < hi; {
		switch {
		case len(s.Axes) == 3:
			s.fusedRows(x, b, z, y0, y1, c, &f)
			z++
		case z+1 < hi && s.n >= longRow && (f.phi4 == nil || s.assembly.driftKickPairPhi4 != nil):
			s.fusedPair(x, b, z, c, &f)
			z += 2
		default:
			count := 1
			if s.assembly.whole(s.n) == s.n && z > 1 {
				count = hi - z // what they read lies row by row, too
			}
			s.fusedRun(x, b, z, 0, count, c, &f)
			z += count
		}
	}
	return true
}

// fusedChain does it on a row.
func (s *Scalar[T]) fusedChain(x, b []T, lo, hi int, c T, f *numbers[T]) bool {
	if f.phi4 != nil {
		return false
	}
	from, to := (lo-1)*Chunk, (hi-1)*Chunk
	if hi == s.slabs {
		s.drift(x[hi*Chunk:], b[hi*Chunk:], c)
	}
	row := neighbourhood[T]{row: x, axis: &s.Axes[0]}
	before := row.value(from - 1)
	s.assembly.chain(first(b[from:to+Chunk]), first(x[from:to+Chunk]), to-from, before, c, f.d, f.k)
	return true
}

// fusedRows drifts the rows y0 ≤ y < y1 of slab z and kicks those of slab z − 1.
func (s *Scalar[T]) fusedRows(x, b []T, z, y0, y1 int, c T, f *numbers[T]) {
	for y := y0; y < y1; {
		count := 1
		if s.assembly.whole(s.n) == s.n && y > 0 && y < s.rows-1 {
			count = min(y1, s.rows-1) - y // what they read lies row by row, too
		}
		s.fusedRun(x, b, z, y, count, c, f)
		y += count
	}
}

// fusedRun does count rows, in memory one after another, from row y of slab z on.
func (s *Scalar[T]) fusedRun(x, b []T, z, y, count int, c T, f *numbers[T]) {
	last := len(s.Axes) - 1
	m := s.assembly.whole(s.n)
	left, right := s.Axes[last].Low[0], s.Axes[last].find(m)
	lMask, rMask := left.mask(), right.mask()
	to, by, learning := s.row(x, z, y), s.row(b, z, y), s.row(b, z-1, y)
	w, at, drifted, bias := first(learning), first(s.row(x, z-1, y)), first(to), first(by)
	under := s.Axes[0].find(z - 2)
	below := first(s.read(x, under, under.At, y))
	d, k := f.d, f.k
	if last == 1 {
		if f.phi4 == nil {
			s.assembly.driftKick2(w, at, drifted, bias, below, m, count, s.n, left.At, right.At, lMask, rMask, c, d, k)
		} else {
			s.assembly.driftKick2Phi4(w, at, drifted, bias, below, m, count, s.n, left.At, right.At, lMask, rMask, c, d, k,
				f.phi4.Lambda, f.phi4.V2, f.alpha)
		}
	} else {
		next, previous := s.Axes[1].find(y+1), s.Axes[1].find(y-1)
		plus, minus := first(s.read(x, next, z-1, next.At)), first(s.read(x, previous, z-1, previous.At))
		if f.phi4 == nil {
			s.assembly.driftKick3(w, at, drifted, bias, below, plus, minus, m, count, s.n, left.At, right.At, lMask, rMask, c, d, k)
		} else {
			s.assembly.driftKick3Phi4(w, at, drifted, bias, below, plus, minus, m, count, s.n, left.At, right.At, lMask, rMask, c, d, k,
				f.phi4.Lambda, f.phi4.V2, f.alpha)
		}
	}
	if m < s.n {
		s.drift(to[m:], by[m:], c)
		s.kickRest(x, learning, z-1, y, m, f)
	}
}

// kickRest kicks the sites of a row from m on, which do not fill a register.
func (s *Scalar[T]) kickRest(x, b []T, z, y, m int, f *numbers[T]) {
	var r neighbourhood[T]
	s.surround(&r, nil, x, z, y)
	s.kickGo(b[m:], &r, m, f)
}

// mask has all bits where an image is read, and none where it is 0.
func (im Image) mask() uint64 {
	if im.Sign == 0 {
		return 0
	}
	return math.MaxUint64
}

// fusedPair drifts the rows z and z + 1 of a 2-D lattice and kicks z − 1 and z.
func (s *Scalar[T]) fusedPair(x, b []T, z int, c T, f *numbers[T]) {
	y, y0, y1 := s.row(x, z-1, 0), s.row(x, z, 0), s.row(x, z+1, 0)
	w, w0, w1 := s.row(b, z-1, 0), s.row(b, z, 0), s.row(b, z+1, 0)
	m := s.assembly.whole(s.n)
	left, right := s.Axes[1].Low[0], s.Axes[1].find(m)
	drifted := func(im Image) T { // what row z will be there
		if im.Sign == 0 {
			return 0
		}
		return y0[im.At] + T(c*w0[im.At])
	}
	under := s.Axes[0].find(z - 2)
	below := first(s.read(x, under, under.At, 0))
	l, r, l0, r0 := look(left, y), look(right, y), drifted(left), drifted(right)
	if f.phi4 == nil {
		s.assembly.driftKickPair(first(w), first(y), first(y0), first(w0), first(y1), first(w1), below, m,
			l, r, l0, r0, c, f.d, f.k)
	} else {
		s.assembly.driftKickPairPhi4(first(w), first(y), first(y0), first(w0), first(y1), first(w1), below, m,
			l, r, l0, r0, c, f.d, f.k, f.phi4.Lambda, f.phi4.V2, f.alpha)
	}
	if m < s.n {
		s.drift(y0[m:], w0[m:], c)
		s.drift(y1[m:], w1[m:], c)
		s.kickRest(x, w, z-1, 0, m, f)
		s.kickRest(x, w0, z, 0, m, f)
	}
}
