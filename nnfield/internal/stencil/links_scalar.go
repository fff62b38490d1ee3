package stencil

// scalarKernels do half steps of rows of a charged scalar; those that there are not
// are nil.
type scalarKernels struct {
	kick      linkKernel // of a row
	driftKick linkKernel // drifts the row ahead along the slowest axis before that
	pair      linkKernel // drifts two rows ahead, then kicks the row and the first of them
}

// linkKernel does n columns of a row, a positive multiple of [linkBlock]. Of each row
// there are streams: the real and the imaginary part of the field and of its biases,
// and the bonds. The numbers are the factor f of the kick, the one of the drift, and of
// each row that is kicked what comes to its first column from the one before and the
// field behind its last column.
type linkKernel func(streams **float64, numbers *float64, n int)

// Rows of a kernel, and streams of a row.
const (
	linkHere   = 0
	linkBehind = 1 // along the slowest axis
	linkAhead  = 2
	linkBeyond = 3 // ahead of the one ahead, of a pair
	linkBeside = 3 // behind and ahead along the other slow axis
	linkRows   = 5

	linkX, linkB, linkBonds, linkStreams = 0, 2, 4, 5
)

// Places of numbers.
const linkFactor, linkDrift, linkEnds, linkNumbers = 0, 1, 2, 10

// linkBlock is how many columns lie together in the bonds: for each block of a row d,
// then T·cos θ and T·sin θ of the links ahead along each axis, the slowest first. So a
// kernel goes along one stream and not along seven.
const linkBlock = 8

// pack makes what kernels read.
func (k *Links) pack() {
	k.zeros = make([]float64, k.shape[2])
	k.bonds = make([]float64, 0, k.bond(k.sites))
	for row := 0; row < k.sites; row += k.shape[2] {
		for i := row; i+linkBlock <= row+k.shape[2]; i += linkBlock {
			k.bonds = append(k.bonds, k.w.Sites[0].D[i:i+linkBlock]...)
			for axis := k.first; axis < 3; axis++ {
				for _, part := range [2][]float64{k.w.Cos[axis], k.w.Sin[axis]} {
					for _, v := range part[i : i+linkBlock] {
						k.bonds = append(k.bonds, float64(k.w.Hops[axis][0].T*v))
					}
				}
			}
		}
	}
}

// bond returns where the bonds of a site, the first one of a block, begin.
func (k *Links) bond(site int) int {
	row, column := site/k.shape[2], site%k.shape[2]
	return (row*(k.shape[2]/linkBlock)*linkBlock + column) * (1 + 2*(3-k.first))
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
	h.check(b, x)
	work := h.work.Get().(*linkScratch)
	z0, z1, y0, y1, x0, x1 := h.planes(p)
	for z := z0; z < z1; z++ {
		for y := y0; y < y1; y++ {
			h.advance(work, x, b, [3]int{z, y, x0}, x1, 0, 0, alpha)
		}
	}
	h.release(work)
}

// DriftKick does the drift of a row with the kick of the one behind it.
func (h scalarHalves) DriftKick(x, b []float64, drift, kick Part, c, alpha float64) {
	if h.kernels.driftKick == nil {
		h.Drift(x, b, drift, c)
		h.Kick(b, x, kick, alpha)
		return
	}
	h.check(b, x)
	work := h.work.Get().(*linkScratch)
	z0, z1, y0, y1, x0, x1 := h.planes(kick)
	for z := z0; z < z1; z++ {
		for y := y0; y < y1; {
			drifts := 1
			if h.kernels.pair != nil && y+1 < y1 {
				drifts = 2
			}
			h.advance(work, x, b, [3]int{z, y, x0}, x1, drifts, c, alpha)
			y += drifts
		}
	}
	h.release(work)
}

// release gives scratch back.
func (k *Links) release(work *linkScratch) {
	clear(work.streams[:])
	k.work.Put(work)
}

// advance drifts the next rows along the slowest axis after the one at a position and
// then kicks as many from that one on, or that one alone without drifts, from the
// position on to a column.
func (h scalarHalves) advance(work *linkScratch, x, b []float64, p [3]int, end, drifts int, c, alpha float64) {
	lo := (p[2] + linkBlock - 1) &^ (linkBlock - 1)
	hi := lo + (end-lo)&^(linkBlock-1)
	if lo < hi {
		h.blocks(work, x, b, [3]int{p[0], p[1], lo}, hi, drifts, c, alpha)
	} else {
		lo, hi = p[2], p[2]
	}
	row, stride := h.site([3]int{p[0], p[1], 0}), h.sites/h.shape[h.first]
	for d := 1; d <= drifts; d++ {
		h.drift(x, b, row+d*stride+hi, row+d*stride+end, c)
	}
	for range max(1, drifts) {
		h.windows(work, b, x, p, lo, alpha)
		h.windows(work, b, x, [3]int{p[0], p[1], hi}, end, alpha)
		p[h.first]++
	}
}

// blocks does it on whole blocks, by a kernel.
func (h scalarHalves) blocks(work *linkScratch, x, b []float64, p [3]int, hi, drifts int, c, alpha float64) {
	n := hi - p[2]
	place := func(row, axis, index int) {
		q := p
		q[axis] = index
		h.stream(work, row, x, b, q, n)
	}
	h.stream(work, linkHere, x, b, p, n)
	for axis := h.first; axis < 2; axis++ {
		near := h.beside(axis, p[axis])
		behind, ahead := linkBehind, linkAhead
		if axis > h.first {
			behind, ahead = linkBeside, linkBeside+1
		}
		place(behind, axis, near[1])
		place(ahead, axis, near[0])
	}
	kernel, row := h.kernels.kick, h.site([3]int{p[0], p[1], 0})
	work.numbers[linkFactor], work.numbers[linkDrift] = alpha, c
	h.ends(work.numbers[linkEnds:], x, nil, 0, row, p[2], hi)
	switch drifts {
	case 1:
		kernel = h.kernels.driftKick
	case 2:
		kernel = h.kernels.pair
		place(linkBeyond, h.first, p[h.first]+2)
		h.ends(work.numbers[linkEnds+4:], x, b, c, row+h.shape[2], p[2], hi)
	}
	kernel(&work.streams[0], &work.numbers[0], n)
}

// stream sets the streams of a row to n columns from a position on, which may be
// beyond a wall.
func (k *Links) stream(work *linkScratch, row int, x, b []float64, p [3]int, n int) {
	s := work.streams[linkStreams*row:]
	if p[0] < 0 || p[1] < 0 {
		s[linkX], s[linkX+1], s[linkBonds] = first(k.zeros), first(k.zeros), first(k.bonds)
		return
	}
	at := k.site(p)
	for part := range 2 {
		s[linkX+part], s[linkB+part] = first(x[part*k.sites+at:][:n]), first(b[part*k.sites+at:][:n])
	}
	s[linkBonds] = first(k.bonds[k.bond(at):k.bond(at+n)])
}

// ends sets what a kernel needs of the sites beside the columns lo to hi of the row
// that begins at a site. With b the row is yet to be drifted.
func (k *Links) ends(to, x, b []float64, c float64, row, lo, hi int) {
	value := func(column int) (p, q float64) {
		i := row + column
		p, q = x[i], x[k.sites+i]
		if b != nil {
			p += float64(c * b[i])
			q += float64(c * b[k.sites+i])
		}
		return p, q
	}
	clear(to[:4])
	near := k.beside(2, lo)
	if before := near[1]; before >= 0 {
		p, q := value(before)
		t := k.w.Hops[2][0].T
		g, h := float64(t*k.w.Cos[2][row+before]), float64(t*k.w.Sin[2][row+before])
		to[0], to[1] = float64(g*p)+float64(h*q), float64(g*q)-float64(h*p)
	}
	near = k.beside(2, hi-1)
	if behind := near[0]; behind >= 0 {
		to[2], to[3] = value(behind)
	}
}
