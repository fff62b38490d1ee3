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
	checkOperands("Stencil", s.Size(), dst, x)
	addRowsInParallel(s, s.Size(), grain, dst, alpha, x)
}

// addRows does the sites lo ≤ i < hi.
func (s *Stencil) addRows(dst []float64, alpha float64, x []float64, lo, hi int) {
	if len(s.pairs) == 0 {
		f := float64(alpha * s.form.Scale)
		for i := lo; i < hi; i++ {
			dst[i] += float64(f * x[i])
		}
		return
	}
	last := len(s.stride) - 1
	n, reach := s.sites[last], s.reach[last]
	left := min(reach, n)
	right := max(left, n-reach)
	scratch := s.scratch.Get().(*rowScratch)
	for lo < hi {
		row, from := lo/n, lo%n
		to := min(n, from+hi-lo)
		s.locate(scratch.at, row)
		for c := from; c < min(to, left); c++ {
			s.addSite(scratch.at, dst, alpha, x, row*n, c)
		}
		for c := max(from, left); c < min(to, right); c += block {
			s.addBlock(scratch, dst, alpha, x, row*n, c, min(block, min(to, right)-c))
		}
		for c := max(from, right); c < to; c++ {
			s.addSite(scratch.at, dst, alpha, x, row*n, c)
		}
		lo += to - from
	}
	s.scratch.Put(scratch)
}

// locate finds the rows that the taps of a row's pairs read.
func (s *Stencil) locate(at []image, row int) {
	var position [2]int // along the axes before the last
	switch len(s.stride) {
	case 2:
		position[0] = row
	case 3:
		n := s.sites[1]
		position[0], position[1] = row/n, row%n
	}
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
	}
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
// after c, none of which is near an end of the row, and the sign to read it with.
func (s *Stencil) view(at []image, p, side int, x []float64, c, m int) ([]float64, float64) {
	row := at[2*p]
	if side < 0 {
		row = at[2*p+1]
	}
	if row.sign == 0 {
		return zeros[:m], 1
	}
	start := row.at + c + side*s.pairs[p][len(s.stride)-1]
	return x[start : start+m], row.sign
}

// addBlock does m ≤ block columns from c on, none of which is near an end of the
// row; start is the first site of the row.
func (s *Stencil) addBlock(scratch *rowScratch, dst []float64, alpha float64, x []float64, start, c, m int) {
	out, centre := dst[start+c:start+c+m], x[start+c:start+c+m]
	f := &s.form
	scale, k := float64(alpha*f.Scale), f.Centre
	p := 0
	switch {
	case len(f.Groups) == 1 && s.addStar(scratch.at, out, scale, k, centre, x, c):
		p = len(f.Groups[0].Offsets)
	case len(f.Groups) > 0:
		sum := scratch.sum[:m]
		for g, group := range f.Groups {
			acc := sum
			if g > 0 {
				acc = scratch.acc[:m]
			}
			end := p + len(group.Offsets)
			for q := end - 1; q >= p; q-- {
				plus, a := s.view(scratch.at, q, 1, x, c, m)
				minus, b := s.view(scratch.at, q, -1, x, c, m)
				sumPair(acc, plus, a, minus, b, q < end-1)
			}
			if g > 0 {
				for i, v := range acc {
					sum[i] += float64(group.Ratio * v)
				}
			}
			p = end
		}
		for i, v := range centre {
			out[i] += float64(scale * (sum[i] - float64(k*v)))
		}
	case scale != 0:
		for i, v := range centre {
			out[i] += float64(scale * v)
		}
	}
	for _, odd := range f.Odd {
		plus, a := s.view(scratch.at, p, 1, x, c, m)
		minus, b := s.view(scratch.at, p, -1, x, c, m)
		w := float64(alpha * odd.Weight)
		for i := range out {
			out[i] += float64(w * (float64(a*plus[i]) - float64(b*minus[i])))
		}
		p++
	}
}

// sumPair sets acc to the pair sum, or adds acc to it from the right.
func sumPair(acc, plus []float64, a float64, minus []float64, b float64, onto bool) {
	plus, minus = plus[:len(acc)], minus[:len(acc)]
	if onto {
		for i, v := range acc {
			acc[i] = (float64(a*plus[i]) + float64(b*minus[i])) + v
		}
		return
	}
	for i := range acc {
		acc[i] = float64(a*plus[i]) + float64(b*minus[i])
	}
}

// addStar does a block of a stencil with one even group of up to three pairs,
// such as the Laplacian of order 2, in one pass. It returns false and does
// nothing if there are more pairs or one is read with a change of sign.
func (s *Stencil) addStar(at []image, out []float64, scale, k float64, centre, x []float64, c int) bool {
	n := len(s.form.Groups[0].Offsets)
	if n > 3 {
		return false
	}
	var view [6][]float64
	for p := range n {
		var a, b float64
		view[2*p], a = s.view(at, p, 1, x, c, len(out))
		view[2*p+1], b = s.view(at, p, -1, x, c, len(out))
		if a < 0 || b < 0 {
			return false
		}
	}
	centre = centre[:len(out)]
	r, l := view[0][:len(out)], view[1][:len(out)]
	if n == 1 {
		for i, v := range centre {
			out[i] += float64(scale * ((r[i] + l[i]) - float64(k*v)))
		}
		return true
	}
	u, d := view[2][:len(out)], view[3][:len(out)]
	if n == 2 {
		for i, v := range centre {
			out[i] += float64(scale * (((r[i] + l[i]) + (u[i] + d[i])) - float64(k*v)))
		}
		return true
	}
	f, b := view[4][:len(out)], view[5][:len(out)]
	for i, v := range centre {
		out[i] += float64(scale * (((r[i] + l[i]) + ((u[i] + d[i]) + (f[i] + b[i]))) - float64(k*v)))
	}
	return true
}
