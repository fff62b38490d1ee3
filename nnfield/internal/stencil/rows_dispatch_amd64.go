package stencil

import (
	"math"
	"unsafe"
)

const lanes = 4

// first returns where a slice begins, for a kernel.
func first[T Number](s []T) *float64 { return (*float64)(unsafe.Pointer(unsafe.SliceData(s))) }

// driftAssembly drifts as many elements from the first on as fill registers, and
// returns how many.
func driftAssembly[T Number](x, b []T, c T) int {
	m := len(x) &^ (lanes - 1)
	if m > 0 {
		driftAVX2(first(x), first(b[:m]), m, float64(c))
	}
	return m
}

// dampAssembly damps as many.
func dampAssembly[T Number](b, e, g []T) int {
	m := len(b) &^ (lanes - 1)
	if m > 0 {
		dampAVX2(first(b), first(e[:m]), first(g[:m]), m)
	}
	return m
}

// kickAssembly does the same for a kick of the sites of r from from on.
func (s *Scalar[T]) kickAssembly(b []T, r *neighbourhood[T], from int, f *numbers[T]) int {
	m := len(b) &^ (lanes - 1)
	if m == 0 {
		return 0
	}
	w, x := first(b), first(r.row[from:from+m])
	l, e, d, k := float64(r.value(from-1)), float64(r.value(from+m)), float64(f.d), float64(f.k)
	var p, q [4]*float64 // the rows beside this one, and those two away
	for j := range len(s.Axes) - 1 {
		p[2*j], p[2*j+1] = first(r.near[j].plus[from:from+m]), first(r.near[j].minus[from:from+m])
		if s.reach == 2 {
			q[2*j], q[2*j+1] = first(r.far[j].plus[from:from+m]), first(r.far[j].minus[from:from+m])
		}
	}
	var lambda, v2, alpha float64
	if f.phi4 != nil {
		lambda, v2, alpha = float64(f.phi4.Lambda), float64(f.phi4.V2), float64(f.alpha)
	}
	const near, far, phi4 = 0, 3, 6
	kind := near
	if s.reach == 2 {
		kind = far
	}
	if f.phi4 != nil {
		kind += phi4
	}
	var ll, ee, ratio float64
	if s.reach == 2 {
		ll, ee, ratio = float64(r.value(from-2)), float64(r.value(from+m+1)), float64(f.ratio)
	}
	switch kind + len(s.Axes) {
	case near + 1:
		kick1AVX2(w, x, m, l, e, d, k)
	case near + 2:
		kick2AVX2(w, x, p[0], p[1], m, l, e, d, k)
	case near + 3:
		kick3AVX2(w, x, p[0], p[1], p[2], p[3], m, l, e, d, k)
	case far + 1:
		kickFar1AVX2(w, x, m, ll, l, e, ee, ratio, d, k)
	case far + 2:
		kickFar2AVX2(w, x, p[0], p[1], q[0], q[1], m, ll, l, e, ee, ratio, d, k)
	case far + 3:
		kickFar3AVX2(w, x, p[0], p[1], q[0], q[1], p[2], p[3], q[2], q[3], m, ll, l, e, ee, ratio, d, k)
	case near + phi4 + 1:
		kick1Phi4AVX2(w, x, m, l, e, d, k, lambda, v2, alpha)
	case near + phi4 + 2:
		kick2Phi4AVX2(w, x, p[0], p[1], m, l, e, d, k, lambda, v2, alpha)
	case near + phi4 + 3:
		kick3Phi4AVX2(w, x, p[0], p[1], p[2], p[3], m, l, e, d, k, lambda, v2, alpha)
	case far + phi4 + 1:
		kickFar1Phi4AVX2(w, x, m, ll, l, e, ee, ratio, d, k, lambda, v2, alpha)
	case far + phi4 + 2:
		kickFar2Phi4AVX2(w, x, p[0], p[1], q[0], q[1], m, ll, l, e, ee, ratio, d, k, lambda, v2, alpha)
	case far + phi4 + 3:
		kickFar3Phi4AVX2(w, x, p[0], p[1], q[0], q[1], p[2], p[3], q[2], q[3], m, ll, l, e, ee, ratio, d, k, lambda, v2, alpha)
	}
	return m
}

// fused drifts and kicks in one pass, if there is a kernel for it.
func (s *Scalar[T]) fused(x, b []T, lo, hi, y0, y1 int, c T, alpha float64) bool {
	if s.reach != 1 || s.n < lanes || s.anyClamped || s.Force != nil && s.phi4 == nil {
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
	for z := lo; z < hi; z++ {
		if len(s.Axes) == 2 && z+1 < hi && f.phi4 == nil {
			s.fusedPair(x, b, z, c, &f)
			z++
			continue
		}
		s.fusedRows(x, b, z, y0, y1, c, &f)
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
	before := look(s.Axes[0].Low[0], x)
	if from > 0 {
		before = x[from-1]
	}
	chainAVX2(first(b[from:to+Chunk]), first(x[from:to+Chunk]), to-from, float64(before), float64(c), float64(f.d), float64(f.k))
	return true
}

// fusedRows drifts the rows y0 ≤ y < y1 of slab z and kicks those of slab z − 1.
func (s *Scalar[T]) fusedRows(x, b []T, z, y0, y1 int, c T, f *numbers[T]) {
	for y := y0; y < y1; {
		count := 1
		if s.n%lanes == 0 && y > 0 && y < s.rows-1 {
			count = min(y1, s.rows-1) - y // what they read lies row by row, too
		}
		s.fusedRun(x, b, z, y, count, c, f)
		y += count
	}
}

// fusedRun does count rows from row y on that lie as those they read.
func (s *Scalar[T]) fusedRun(x, b []T, z, y, count int, c T, f *numbers[T]) {
	var r neighbourhood[T]
	s.surround(&r, nil, x, z-1, y)
	drifted, bias, learning := s.row(x, z, y), s.row(b, z, y), s.row(b, z-1, y)
	last := len(s.Axes) - 1
	m := s.n &^ (lanes - 1)
	left, right := s.Axes[last].Low[0], s.Axes[last].find(m)
	w, at, to, by, other := first(learning), first(r.row), first(drifted), first(bias), first(r.near[last-1].minus)
	plus, minus := first(r.near[0].plus), first(r.near[0].minus)
	d, k, e := float64(f.d), float64(f.k), float64(c)
	switch {
	case f.phi4 == nil && last == 1:
		driftKick2AVX2(w, at, to, by, other, m, count, s.n, left.At, right.At, left.mask(), right.mask(), e, d, k)
	case f.phi4 == nil:
		driftKick3AVX2(w, at, to, by, other, plus, minus, m, count, s.n, left.At, right.At, left.mask(), right.mask(), e, d, k)
	case last == 1:
		driftKick2Phi4AVX2(w, at, to, by, other, m, count, s.n, left.At, right.At, left.mask(), right.mask(), e, d, k,
			float64(f.phi4.Lambda), float64(f.phi4.V2), float64(f.alpha))
	default:
		driftKick3Phi4AVX2(w, at, to, by, other, plus, minus, m, count, s.n, left.At, right.At, left.mask(), right.mask(), e, d, k,
			float64(f.phi4.Lambda), float64(f.phi4.V2), float64(f.alpha))
	}
	if m < s.n {
		s.drift(drifted[m:], bias[m:], c)
		s.kickGo(learning[m:], &r, m, f)
	}
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
	var r, r0 neighbourhood[T]
	s.surround(&r, nil, x, z-1, 0)
	y0, y1, w, w0, w1 := s.row(x, z, 0), s.row(x, z+1, 0), s.row(b, z-1, 0), s.row(b, z, 0), s.row(b, z+1, 0)
	m := s.n &^ (lanes - 1)
	drifted := func(im Image) float64 {
		if im.Sign == 0 {
			return 0
		}
		return float64(y0[im.At] + T(c*w0[im.At]))
	}
	a := &s.Axes[1]
	e0 := drifted(a.find(m))
	driftKickPairAVX2(first(w), first(r.row), first(y0), first(w0), first(y1), first(w1), first(r.near[0].minus), m,
		float64(r.value(-1)), float64(r.value(m)), drifted(a.Low[0]), e0, float64(c), float64(f.d), float64(f.k))
	if m < s.n {
		s.drift(y0[m:], w0[m:], c)
		s.drift(y1[m:], w1[m:], c)
		s.surround(&r0, nil, x, z, 0)
		s.kickGo(w[m:], &r, m, f)
		s.kickGo(w0[m:], &r0, m, f)
	}
}
