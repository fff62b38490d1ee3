package stencil

import "slices"

// scalarKernels do half steps of rows of a charged scalar; those that there are not
// are nil.
type scalarKernels struct {
	kick      linkKernel // of a row
	driftKick linkKernel // drifts the row ahead along the slowest axis before that
	pair      linkKernel // drifts two rows ahead, then kicks the row and the first of them
}

// linkKernel does n columns of a row, a positive multiple of [linkBlock]. Of each row
// there are streams: the real and the imaginary part of the field and of its biases,
// the links in blocks, and d, of which a block lies site bytes after the one before.
// The numbers are the factor f of the kick, the one of the drift, and of each row that
// is kicked what comes to its first column from the one before and the field behind its
// last column.
type linkKernel func(streams **float64, numbers *float64, n, site int)

// Rows of a kernel, and streams of a row.
const (
	linkHere   = 0
	linkBehind = 1 // along the slowest axis
	linkAhead  = 2
	linkBeyond = 3 // ahead of the one ahead, of a pair
	linkBeside = 3 // behind and ahead along the other slow axis
	linkRows   = 5

	linkX, linkB, linkLinks, linkSite, linkStreams = 0, 2, 4, 5, 6
)

// Places of numbers.
const linkFactor, linkDrift, linkEnds, linkNumbers = 0, 1, 2, 10

// linkBlock is how many columns lie together in the links of kernels: for each block of
// a row T·cos θ and T·sin θ of those ahead along each axis, the slowest first. So a
// kernel goes along one stream for all of them.
const linkBlock = 8

// pack makes what kernels read.
func (k *Links) pack() {
	k.zeros = make([]float64, k.shape[2])
	if d := k.w.Sites[0].D; slices.ContainsFunc(d, func(v float64) bool { return v != d[0] }) {
		k.step = 8 * linkBlock
	}
	k.links = make([]float64, 0, k.block(k.sites/k.shape[2], 0))
	for row := 0; row < k.sites; row += k.shape[2] {
		for i := row; i+linkBlock <= row+k.shape[2]; i += linkBlock {
			for axis := k.first; axis < 3; axis++ {
				for _, part := range [2][]float64{k.w.Cos[axis], k.w.Sin[axis]} {
					for _, v := range part[i : i+linkBlock] {
						k.links = append(k.links, float64(k.w.Hops[axis][0].T*v))
					}
				}
			}
		}
	}
}

// block returns where the links of a block begin, given the number of its row and its
// first column.
func (k *Links) block(row, column int) int {
	return (row*(k.shape[2]/linkBlock) + column/linkBlock) * linkBlock * 2 * (3 - k.first)
}

// Scalar returns the half steps of a charged scalar: x ← x + c·b, b ← b + α𝐡x.
func (k *Links) Scalar() Halves { return scalarHalves{k} }

type scalarHalves struct{ *Links }

// Drift goes along the rows.
func (h scalarHalves) Drift(x, b []float64, p Part, c float64) {
	z0, z1, y0, y1, x0, x1 := h.planes(p)
	for z := z0; z < z1; z++ {
		h.drift(x, b, h.site([3]int{z, y0, x0}), h.site([3]int{z, y1 - 1, x1}), c)
	}
}

// drift drifts the sites from one on to another.
func (h scalarHalves) drift(x, b []float64, from, to int, c float64) {
	for part := 0; part < len(x); part += h.sites {
		h.addMultiple(x[part+from:part+to], b[part+from:part+to], c)
	}
}

// Kick does row by row.
func (h scalarHalves) Kick(b, x []float64, p Part, alpha float64) {
	if h.kernels.kick == nil {
		h.half(b, x, p, alpha)
		return
	}
	s := h.begin(x, b, 0, alpha)
	z0, z1, y0, y1, x0, x1 := h.planes(p)
	for z := z0; z < z1; z++ {
		for y := y0; y < y1; y++ {
			s.advance(z, y, x0, x1, 0)
		}
	}
	s.end()
}

// DriftKick does the drift of a row, or of two, with the kick of the one behind it.
func (h scalarHalves) DriftKick(x, b []float64, drift, kick Part, c, alpha float64) {
	if h.kernels.driftKick == nil {
		h.Drift(x, b, drift, c)
		h.Kick(b, x, kick, alpha)
		return
	}
	s := h.begin(x, b, c, alpha)
	z0, z1, y0, y1, x0, x1 := h.planes(kick)
	for z := z0; z < z1; z++ {
		for y := y0; y < y1; {
			drifts := 1
			if h.kernels.pair != nil && y+1 < y1 {
				drifts = 2
			}
			s.advance(z, y, x0, x1, drifts)
			y += drifts
		}
	}
	s.end()
}

// scalarSteps are half steps of a charged scalar by kernels.
type scalarSteps struct {
	scalarHalves
	scratch  *linkScratch
	x, b     []float64
	c, alpha float64 // of drifts and of kicks
}

// begin returns steps on a field, with scratch until their end.
func (h scalarHalves) begin(x, b []float64, c, alpha float64) scalarSteps {
	h.check(b, x)
	return scalarSteps{h, h.work.Get().(*linkScratch), x, b, c, alpha}
}

func (s *scalarSteps) end() {
	clear(s.scratch.streams[:])
	s.work.Put(s.scratch)
}

// advance drifts so many rows that follow row y of plane z along the slowest axis, and
// then kicks as many rows beginning with it, or it alone without drifts; only then the
// columns from ≤ x < to may be less than all.
func (s *scalarSteps) advance(z, y, from, to, drifts int) {
	lo := (from + linkBlock - 1) &^ (linkBlock - 1)
	hi := lo + (to-lo)&^(linkBlock-1)
	if lo < hi {
		s.blocks(z, y, lo, hi, drifts)
		if lo == from && hi == to {
			return
		}
	} else {
		lo, hi = from, from
	}
	row, stride := s.site([3]int{z, y, 0}), s.sites/s.shape[s.first]
	for d := 1; d <= drifts; d++ {
		s.drift(s.x, s.b, row+d*stride+hi, row+d*stride+to, s.c)
	}
	for d := range max(1, drifts) {
		p := [3]int{z, y, from}
		p[s.first] += d
		s.windows(s.scratch, s.b, s.x, p, lo, s.alpha)
		p[2] = hi
		s.windows(s.scratch, s.b, s.x, p, to, s.alpha)
	}
}

// blocks does it on the whole blocks of the columns lo ≤ x < hi, by a kernel.
func (s *scalarSteps) blocks(z, y, lo, hi, drifts int) {
	planes, rows := s.beside(0, z), s.beside(1, y)
	s.stream(linkHere, z, y, lo, hi)
	switch s.first {
	case 0:
		s.stream(linkBehind, planes[1], y, lo, hi)
		s.stream(linkAhead, planes[0], y, lo, hi)
		s.stream(linkBeside, z, rows[1], lo, hi)
		s.stream(linkBeside+1, z, rows[0], lo, hi)
	case 1:
		s.stream(linkBehind, z, rows[1], lo, hi)
		s.stream(linkAhead, z, rows[0], lo, hi)
	}
	s.scratch.numbers[linkFactor], s.scratch.numbers[linkDrift] = s.alpha, s.c
	s.ends(0, s.site([3]int{z, y, 0}), lo, hi)
	kernel := s.kernels.kick
	switch drifts {
	case 1:
		kernel = s.kernels.driftKick
	case 2:
		kernel = s.kernels.pair
		s.stream(linkBeyond, z, y+2, lo, hi)
		s.ends(1, s.site([3]int{z, y + 1, 0}), lo, hi)
	}
	kernel(&s.scratch.streams[0], &s.scratch.numbers[0], hi-lo, s.step)
}

// stream sets the streams of a row of the kernel to columns of row y of plane z, one
// of which is negative beyond a wall.
func (s *scalarSteps) stream(row, z, y, lo, hi int) {
	streams := s.scratch.streams[linkStreams*row:][:linkStreams]
	if z < 0 || y < 0 {
		streams[linkX], streams[linkX+1], streams[linkLinks] = first(s.zeros), first(s.zeros), first(s.links)
		return
	}
	line, d := z*s.shape[1]+y, s.w.Sites[0].D
	from, to := line*s.shape[2]+lo, line*s.shape[2]+hi
	if s.step > 0 {
		d = d[from:to]
	}
	streams[linkSite] = first(d)
	for part := range 2 {
		streams[linkX+part], streams[linkB+part] = first(s.x[from:to]), first(s.b[from:to])
		from, to = from+s.sites, to+s.sites
	}
	streams[linkLinks] = first(s.links[s.block(line, lo):s.block(line, hi)])
}

// ends sets what a kernel needs of the sites beside the columns lo ≤ x < hi of the row
// that begins at a site. It is the first row that is kicked, which has been drifted, or
// the second one, which has not.
func (s *scalarSteps) ends(kicked, row, lo, hi int) {
	value := func(column int) (p, q float64) {
		i := row + column
		j := i + s.sites
		p, q = s.x[i], s.x[j]
		if kicked == 1 {
			p += float64(s.c * s.b[i])
			q += float64(s.c * s.b[j])
		}
		return p, q
	}
	to := s.scratch.numbers[linkEnds+4*kicked:][:4]
	clear(to)
	if before := s.beside(2, lo)[1]; before >= 0 {
		p, q := value(before)
		t := s.w.Hops[2][0].T
		g, h := float64(t*s.w.Cos[2][row+before]), float64(t*s.w.Sin[2][row+before])
		to[0], to[1] = float64(g*p)+float64(h*q), float64(g*q)-float64(h*p)
	}
	if behind := s.beside(2, hi-1)[0]; behind >= 0 {
		to[2], to[3] = value(behind)
	}
}
