package stencil

import "unsafe"

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

// kickAssembly does the same for a kick of the sites of r from from on.
func (s *Scalar[T]) kickAssembly(b []T, r *neighbourhood[T], from int, f *numbers[T]) int {
	m := len(b) &^ (lanes - 1)
	if m == 0 || s.reach != 1 {
		return 0
	}
	slower := len(s.Axes) - 1
	x := first(r.row[from : from+m])
	l, e, d, k := float64(r.value(from-1)), float64(r.value(from+m)), float64(f.d), float64(f.k)
	var rows [4]*float64
	for p := range slower {
		rows[2*p] = first(r.near[p].plus[from : from+m])
		rows[2*p+1] = first(r.near[p].minus[from : from+m])
	}
	if f.phi4 != nil {
		lambda, v2, alpha := float64(f.phi4.Lambda), float64(f.phi4.V2), float64(f.alpha)
		switch slower {
		case 0:
			kick1Phi4AVX2(first(b), x, m, l, e, d, k, lambda, v2, alpha)
		case 1:
			kick2Phi4AVX2(first(b), x, rows[0], rows[1], m, l, e, d, k, lambda, v2, alpha)
		case 2:
			kick3Phi4AVX2(first(b), x, rows[0], rows[1], rows[2], rows[3], m, l, e, d, k, lambda, v2, alpha)
		}
		return m
	}
	switch slower {
	case 0:
		kick1AVX2(first(b), x, m, l, e, d, k)
	case 1:
		kick2AVX2(first(b), x, rows[0], rows[1], m, l, e, d, k)
	case 2:
		kick3AVX2(first(b), x, rows[0], rows[1], rows[2], rows[3], m, l, e, d, k)
	}
	return m
}

// fused drifts and kicks in one pass, if there is a kernel for it.
func (s *Scalar[T]) fused(x, b []T, lo, hi int, c T, alpha float64) bool {
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
		for y := range s.rows {
			s.fusedRow(x, b, z, y, c, &f)
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
	before := look(s.Axes[0].Low[0], x)
	if from > 0 {
		before = x[from-1]
	}
	chainAVX2(first(b[from:to+Chunk]), first(x[from:to+Chunk]), to-from, float64(before), float64(c), float64(f.d), float64(f.k))
	return true
}

// fusedRow drifts row y of slab z and kicks that of slab z − 1.
func (s *Scalar[T]) fusedRow(x, b []T, z, y int, c T, f *numbers[T]) {
	var r neighbourhood[T]
	s.surround(&r, nil, x, z-1, y)
	drifted, learning := s.row(x, z, y), s.row(b, z-1, y)
	slower := len(s.Axes) - 1
	m := s.n &^ (lanes - 1)
	l, e, d, k := float64(r.value(-1)), float64(r.value(m)), float64(f.d), float64(f.k)
	bias := s.row(b, z, y)
	w, at, to, by, other := first(learning), first(r.row), first(drifted), first(bias), first(r.near[slower-1].minus)
	plus, minus := first(r.near[0].plus), first(r.near[0].minus)
	switch {
	case f.phi4 == nil && slower == 1:
		driftKick2AVX2(w, at, to, by, other, m, l, e, float64(c), d, k)
	case f.phi4 == nil:
		driftKick3AVX2(w, at, to, by, other, plus, minus, m, l, e, float64(c), d, k)
	case slower == 1:
		driftKick2Phi4AVX2(w, at, to, by, other, m, l, e, float64(c), d, k, float64(f.phi4.Lambda), float64(f.phi4.V2), float64(f.alpha))
	default:
		driftKick3Phi4AVX2(w, at, to, by, other, plus, minus, m, l, e, float64(c), d, k, float64(f.phi4.Lambda), float64(f.phi4.V2), float64(f.alpha))
	}
	if m < s.n {
		s.drift(drifted[m:], bias[m:], c)
		s.kickGo(learning[m:], &r, m, f)
	}
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
