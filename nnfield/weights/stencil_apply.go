package weights

// block is the number of columns of a row that are done at a time: three blocks
// fit into a first-level cache.
const block = 1024

// grain is the least number of sites worth giving to another worker.
const grain = 8192

// zeros is what taps on a wall node read.
var zeros [block]float64

// rowScratch is what a worker needs to go along a row.
type rowScratch struct {
	at       []image // for the row: start and sign of the rows that pair p reads, plus at 2p and minus at 2p+1
	sum, acc [block]float64
}

// AddApply adds α·W·x to dst as the contract of [Stencil] says.
func (s *Stencil) AddApply(dst []float64, alpha float64, x []float64) {
	checkOperands("Stencil.AddApply", s.Size(), dst, x)
	addRowsInParallel(s, s.Size(), grain, dst, alpha, x)
}

// addRows does the sites lo ≤ i < hi.
func (s *Stencil) addRows(dst []float64, alpha float64, x []float64, lo, hi int) {
	if len(s.pairs) == 0 {
		if s.form.Scale != 0 {
			addScaled(dst[lo:hi], float64(alpha*s.form.Scale), x[lo:hi])
		}
		return
	}
	last := len(s.stride) - 1
	n, reach := s.sites[last], s.reach[last]
	scratch := s.scratch.Get().(*rowScratch)
	for lo < hi {
		row, from := lo/n, lo%n
		to := min(n, from+hi-lo)
		lo += to - from
		left, right := min(reach, n), max(reach, n-reach) // the ends of the row
		if !s.locate(scratch.at, row) {
			left = n
		}
		for c := from; c < min(to, left); c++ {
			s.addSite(scratch.at, dst, alpha, x, row*n, c)
		}
		for c := max(from, left); c < min(to, right); c += block {
			s.addBlock(scratch, dst, alpha, x, row*n, c, min(block, min(to, right)-c))
		}
		for c := max(from, left, right); c < to; c++ {
			s.addSite(scratch.at, dst, alpha, x, row*n, c)
		}
	}
	s.scratch.Put(scratch)
}

// locate finds the rows that the taps of a row's pairs read, and whether none of
// them is read with a change of sign.
func (s *Stencil) locate(at []image, row int) (plain bool) {
	var position [2]int // along the axes before the last
	switch len(s.stride) {
	case 2:
		position[0] = row
	case 3:
		n := s.sites[1]
		position[0], position[1] = row/n, row%n
	}
	plain = true
	for p, o := range s.pairs {
		plus, minus := image{0, 1}, image{0, 1}
		for axis, stride := range s.stride[:len(s.stride)-1] {
			im := s.fold(axis, position[axis]+o[axis])
			plus.at += im.at * stride
			plus.sign *= im.sign
			im = s.fold(axis, position[axis]-o[axis])
			minus.at += im.at * stride
			minus.sign *= im.sign
		}
		at[2*p], at[2*p+1] = plus, minus
		plain = plain && plus.sign >= 0 && minus.sign >= 0
	}
	return plain
}

// addSite does one site anywhere; start is the first site of its row.
func (s *Stencil) addSite(at []image, dst []float64, alpha float64, x []float64, start, c int) {
	i, p := start+c, 0
	if len(s.form.Groups) > 0 {
		total := 0.0
		for g, group := range s.form.Groups {
			end := p + len(group.Offsets)
			sum := s.read(at, end-1, 1, x, c) + s.read(at, end-1, -1, x, c)
			for q := end - 2; q >= p; q-- {
				sum = (s.read(at, q, 1, x, c) + s.read(at, q, -1, x, c)) + sum
			}
			if g == 0 {
				total = sum
			} else {
				total += float64(group.Ratio * sum)
			}
			p = end
		}
		dst[i] += float64(float64(alpha*s.form.Scale) * (total - float64(s.form.Centre*x[i])))
	} else if s.form.Scale != 0 {
		dst[i] += float64(float64(alpha*s.form.Scale) * x[i])
	}
	for k, odd := range s.form.Odd {
		d := s.read(at, p+k, 1, x, c) - s.read(at, p+k, -1, x, c)
		dst[i] += float64(float64(alpha*odd.Weight) * d)
	}
}

// read returns what the tap of pair p on the side ±1 sees from column c.
func (s *Stencil) read(at []image, p, side int, x []float64, c int) float64 {
	row := at[2*p]
	if side < 0 {
		row = at[2*p+1]
	}
	last := len(s.stride) - 1
	im := s.fold(last, c+side*s.pairs[p][last])
	sign := row.sign * im.sign
	if sign == 0 {
		return 0
	}
	return sign * x[row.at+im.at]
}

// view returns what the tap of pair p on the side ±1 sees from the m columns
// after c, none of which is near an end of the row.
func (s *Stencil) view(at []image, p, side int, x []float64, c, m int) []float64 {
	row := at[2*p]
	if side < 0 {
		row = at[2*p+1]
	}
	if row.sign == 0 {
		return zeros[:m]
	}
	start := row.at + c + side*s.pairs[p][len(s.stride)-1]
	return x[start : start+m]
}

// addBlock does m ≤ block columns from c on, none of which is near an end of the
// row and no tap of which is read with a change of sign; start is the first site
// of the row.
func (s *Stencil) addBlock(scratch *rowScratch, dst []float64, alpha float64, x []float64, start, c, m int) {
	out, centre := dst[start+c:start+c+m], x[start+c:start+c+m]
	f := &s.form
	scale, k := float64(alpha*f.Scale), f.Centre
	p := 0
	switch {
	case len(f.Groups) == 1 && len(f.Groups[0].Offsets) <= 3:
		p = len(f.Groups[0].Offsets)
		s.addStar(scratch.at, out, scale, k, centre, x, c)
	case len(f.Groups) > 0:
		sum := scratch.sum[:m]
		for g, group := range f.Groups {
			acc := sum
			if g > 0 {
				acc = scratch.acc[:m]
			}
			end := p + len(group.Offsets)
			setPair(acc, s.view(scratch.at, end-1, 1, x, c, m), s.view(scratch.at, end-1, -1, x, c, m))
			for q := end - 2; q >= p; q-- {
				addPair(acc, s.view(scratch.at, q, 1, x, c, m), s.view(scratch.at, q, -1, x, c, m))
			}
			if g > 0 {
				addScaled(sum, group.Ratio, acc)
			}
			p = end
		}
		for i, v := range centre {
			out[i] += float64(scale * (sum[i] - float64(k*v)))
		}
	case scale != 0:
		addScaled(out, scale, centre)
	}
	for _, odd := range f.Odd {
		plus, minus := s.view(scratch.at, p, 1, x, c, m), s.view(scratch.at, p, -1, x, c, m)
		addDifference(out, float64(alpha*odd.Weight), plus, minus)
		p++
	}
}

// setPair sets acc to the sums of a pair.
func setPair(acc, plus, minus []float64) {
	plus, minus = plus[:len(acc)], minus[:len(acc)]
	for i := range acc {
		acc[i] = plus[i] + minus[i]
	}
}

// addPair adds acc to the sums of a pair from the right.
func addPair(acc, plus, minus []float64) {
	plus, minus = plus[:len(acc)], minus[:len(acc)]
	for i, v := range acc {
		acc[i] = (plus[i] + minus[i]) + v
	}
}

// addDifference adds w times the differences of a pair to dst.
func addDifference(dst []float64, w float64, plus, minus []float64) {
	plus, minus = plus[:len(dst)], minus[:len(dst)]
	for i := range dst {
		dst[i] += float64(w * (plus[i] - minus[i]))
	}
}

// addScaled adds f·x to dst.
func addScaled(dst []float64, f float64, x []float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += float64(f * x[i])
	}
}

// addStar does a block of a stencil with one even group of up to three pairs,
// such as the Laplacian of order 2, in one pass.
func (s *Stencil) addStar(at []image, out []float64, scale, k float64, centre, x []float64, c int) {
	var view [6][]float64
	n := len(s.form.Groups[0].Offsets)
	for p := range n {
		view[2*p] = s.view(at, p, 1, x, c, len(out))
		view[2*p+1] = s.view(at, p, -1, x, c, len(out))
	}
	centre = centre[:len(out)]
	r, l := view[0][:len(out)], view[1][:len(out)]
	if n == 1 {
		for i, v := range centre {
			out[i] += float64(scale * ((r[i] + l[i]) - float64(k*v)))
		}
		return
	}
	u, d := view[2][:len(out)], view[3][:len(out)]
	if n == 2 {
		for i, v := range centre {
			out[i] += float64(scale * (((r[i] + l[i]) + (u[i] + d[i])) - float64(k*v)))
		}
		return
	}
	f, b := view[4][:len(out)], view[5][:len(out)]
	for i, v := range centre {
		out[i] += float64(scale * (((r[i] + l[i]) + ((u[i] + d[i]) + (f[i] + b[i]))) - float64(k*v)))
	}
}
