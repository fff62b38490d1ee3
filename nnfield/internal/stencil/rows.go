package stencil

// neighbourhood is a row with all that a kick of it reads.
type neighbourhood[T Number] struct {
	row       []T
	axis      *Axis      // along it
	near, far [2]pair[T] // the rows one and two away along the slower axes, the faster of them first
}

// pair is the rows on both sides of a row.
type pair[T Number] struct{ plus, minus []T }

// value returns the field at site i of the row, which may lie up to two outside. It
// reads the ends of the row only for places outside: they may be changing else.
func (r *neighbourhood[T]) value(i int) T {
	if i >= 0 && i < len(r.row) {
		return r.row[i]
	}
	return look(r.axis.find(i), r.row)
}

// numbers are what a kick computes with.
type numbers[T Number] struct {
	d, k, ratio T
	phi4        *Phi4[T] // nil for none
	alpha       T        // of the force
}

func (s *Scalar[T]) numbers(alpha float64) numbers[T] {
	return numbers[T]{d: T(alpha * s.Scale), k: T(s.Centre), ratio: T(s.Ratio), phi4: s.phi4, alpha: T(alpha)}
}

// row returns row y of slab z.
func (s *Scalar[T]) row(x []T, z, y int) []T {
	start := (z*s.rows + y) * s.n
	return x[start : start+s.n]
}

// read returns row y of slab z, which was found at an image: zeros for a wall node.
// A change of sign is left to the caller.
func (s *Scalar[T]) read(x []T, im Image, z, y int) []T {
	if im.Sign == 0 {
		return s.zeros
	}
	return s.row(x, z, y)
}

// surround finds what row y of slab z reads. Rows that are read with a change of
// sign are copied to negative, which has room for four.
func (s *Scalar[T]) surround(r *neighbourhood[T], negative, x []T, z, y int) {
	last := len(s.Axes) - 1
	r.row = s.row(x, z, y)
	r.axis = &s.Axes[last]
	read := func(im Image, z, y int) []T {
		row := s.read(x, im, z, y)
		if im.Sign >= 0 {
			return row
		}
		turned := negative[:s.n]
		negative = negative[s.n:]
		for i, v := range row {
			turned[i] = -v
		}
		return turned
	}
	for o, p := range [2]*[2]pair[T]{&r.near, &r.far} {
		if o == s.reach {
			break
		}
		if last == 2 {
			plus, minus := s.Axes[1].find(y+o+1), s.Axes[1].find(y-o-1)
			p[0] = pair[T]{read(plus, z, plus.At), read(minus, z, minus.At)}
		}
		if last > 0 {
			plus, minus := s.Axes[0].find(z+o+1), s.Axes[0].find(z-o-1)
			p[last-1] = pair[T]{read(plus, plus.At, y), read(minus, minus.At, y)}
		}
	}
}

// look reads a row at an image.
func look[T Number](im Image, row []T) T {
	if im.Sign == 0 {
		return 0
	}
	return T(im.Sign) * row[im.At]
}

// drift does x += c·b.
func (s *Scalar[T]) drift(x, b []T, c T) {
	m := 0
	if s.assembly != nil {
		if m = s.assembly.whole(len(x)); m > 0 {
			s.assembly.drift(first(x), first(b[:m]), m, c)
		}
	}
	x, b = x[m:], b[m:]
	b = b[:len(x)]
	for i, v := range b {
		x[i] += T(c * v)
	}
}

// damp does b = (b·e + g)·e.
func (s *Scalar[T]) damp(b, e, g []T) {
	m := 0
	if s.assembly != nil {
		if m = s.assembly.whole(len(b)); m > 0 {
			s.assembly.damp(first(b), first(e[:m]), first(g[:m]), m)
		}
	}
	for i := m; i < len(b); i++ {
		b[i] = T((T(b[i]*e[i]) + g[i]) * e[i])
	}
}

// kick adds v, and the force of φ⁴ if f has it, to the biases of the sites of r from
// from on.
func (s *Scalar[T]) kick(b []T, r *neighbourhood[T], from int, f *numbers[T]) {
	m := 0
	if s.assembly != nil {
		m = s.kickAssembly(b, r, from, f)
	}
	if m < len(b) {
		s.kickGo(b[m:], r, from+m, f)
	}
}

// kickGo is the twin of the kernels of kick.
func (s *Scalar[T]) kickGo(b []T, r *neighbourhood[T], from int, f *numbers[T]) {
	if f.phi4 == nil {
		s.addStar(b, r, from, f)
		return
	}
	var g [64]T
	for len(b) > 0 {
		n := min(len(b), len(g))
		clear(g[:n])
		s.addStar(g[:n], r, from, f)
		f.phi4.AddForce(g[:n], f.alpha, r.row, from)
		for i, v := range g[:n] {
			b[i] += v
		}
		b, from = b[n:], from+n
	}
}

// addStar adds v.
func (s *Scalar[T]) addStar(b []T, r *neighbourhood[T], from int, f *numbers[T]) {
	if slower := len(s.Axes) - 1; s.reach == 1 {
		kickNear(b, r, from, slower, f)
	} else {
		kickFar(b, r, from, slower, f)
	}
}

// kickNear adds v of a star of neighbours one site away.
func kickNear[T Number](b []T, r *neighbourhood[T], from, slower int, f *numbers[T]) {
	n := len(b)
	d, k := f.d, f.k
	l, c := r.value(from-1), r.value(from)
	// behind[i] is the right neighbour of site from + i, but for the last one.
	behind, end := r.row[from+1:from+n], r.value(from+n)
	switch slower {
	case 0:
		for i, v := range behind {
			b[i] += T(d * ((v + l) - T(k*c)))
			l, c = c, v
		}
		b[n-1] += T(d * ((end + l) - T(k*c)))
	case 1:
		p, m := r.near[0].plus[from:from+n], r.near[0].minus[from:from+n]
		for i, v := range behind {
			b[i] += T(d * (((v + l) + (p[i] + m[i])) - T(k*c)))
			l, c = c, v
		}
		b[n-1] += T(d * (((end + l) + (p[n-1] + m[n-1])) - T(k*c)))
	case 2:
		p, m := r.near[0].plus[from:from+n], r.near[0].minus[from:from+n]
		q, o := r.near[1].plus[from:from+n], r.near[1].minus[from:from+n]
		for i, v := range behind {
			b[i] += T(d * (((v + l) + ((p[i] + m[i]) + (q[i] + o[i]))) - T(k*c)))
			l, c = c, v
		}
		b[n-1] += T(d * (((end + l) + ((p[n-1] + m[n-1]) + (q[n-1] + o[n-1]))) - T(k*c)))
	}
}

// kickFar adds v of a star of neighbours one and two sites away.
func kickFar[T Number](b []T, r *neighbourhood[T], from, slower int, f *numbers[T]) {
	sum := func(pairs *[2]pair[T], i int, own T) T {
		switch slower {
		case 0:
			return own
		case 1:
			return own + (pairs[0].plus[i] + pairs[0].minus[i])
		}
		return own + ((pairs[0].plus[i] + pairs[0].minus[i]) + (pairs[1].plus[i] + pairs[1].minus[i]))
	}
	ll, l, c, v := r.value(from-2), r.value(from-1), r.value(from), r.value(from+1)
	for k := range b {
		i := from + k
		vv := r.value(i + 2)
		s := sum(&r.near, i, v+l) + T(f.ratio*sum(&r.far, i, vv+ll))
		b[k] += T(f.d * (s - T(f.k*c)))
		ll, l, c, v = l, c, v, vv
	}
}
