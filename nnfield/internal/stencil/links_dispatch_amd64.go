package stencil

// linkLanes is the number of elements of a register.
const linkLanes = 4

// multipleAssembly does x += c·b for as many elements from the first on as fill
// registers, and returns how many.
func multipleAssembly(x, b []float64, c float64) int {
	n := len(x) &^ (linkLanes - 1)
	if n > 0 {
		driftAVX2(first(x), first(b[:n]), n, c)
	}
	return n
}

// hopAssembly does as many elements from the first on as fill registers, and
// returns how many.
func hopAssembly(sum complexRow, g, h []float64, from complexRow, m, w float64) int {
	n := len(sum.re) &^ (linkLanes - 1)
	if n > 0 {
		hopAVX2(first(sum.re), first(sum.im[:n]), first(g[:n]), first(h[:n]), first(from.re[:n]), first(from.im[:n]), n, m, w)
	}
	return n
}

// siteAssembly does the same for a term of the site.
func siteAssembly(sum complexRow, d []float64, from complexRow, m float64) int {
	n := len(sum.re) &^ (linkLanes - 1)
	if n > 0 {
		siteAVX2(first(sum.re), first(sum.im[:n]), first(d[:n]), first(from.re[:n]), first(from.im[:n]), n, m)
	}
	return n
}

// Streams of a kernel of a charged scalar. Along each slow axis there are eight: the
// field behind and its link, the field ahead and its link, two numbers each.
const (
	linkTo    = 0
	linkFrom  = 2
	linkSite  = 4
	linkAlong = 5 // the links along the row
	linkSlow  = 7 // axis 1, then axis 0
)

// scalarAssembly does columns from a position to the end of a part of a row in one
// pass, for a charged scalar: those between a and b.
func (k *Links) scalarAssembly(work *linkScratch, to, from []float64, p [3]int, end int, f float64) (a, b int) {
	start := p[2]
	a = start
	if k.bonds == nil {
		return start, start
	}
	if a == 0 {
		a = linkLanes // the first column reads the last one
	}
	n := (min(end, k.shape[2]-1) - a) &^ (linkLanes - 1)
	if n < 2*linkLanes {
		return start, start
	}
	p[2] = a
	at := k.site(p)
	pair := func(slot int, v []float64, i int) {
		r := k.row(v, 0, i, n)
		work.streams[slot], work.streams[slot+1] = first(r.re), first(r.im)
	}
	link := func(slot, axis, i int) {
		work.streams[slot], work.streams[slot+1] = first(k.bonds[axis][0][i:i+n]), first(k.bonds[axis][1][i:i+n])
	}
	pair(linkTo, to, at)
	pair(linkFrom, from, at)
	work.streams[linkSite] = first(k.w.Sites[0].D[at : at+n])
	link(linkAlong, 2, at)
	for axis := k.first; axis < 2; axis++ {
		slot, stride := linkSlow+8*(1-axis), k.shape[2]
		if axis == 0 {
			stride *= k.shape[1]
		}
		near := k.beside(axis, p[axis])
		if near[0] < 0 || near[1] < 0 {
			return start, start
		}
		behind, ahead := at+(near[1]-p[axis])*stride, at+(near[0]-p[axis])*stride
		pair(slot, from, behind)
		link(slot+2, axis, behind)
		pair(slot+4, from, ahead)
		link(slot+6, axis, at)
	}
	[3]func(streams **float64, n int, f float64){scalar3KickAVX2, scalar2KickAVX2, scalar1KickAVX2}[k.first](&work.streams[0], n, f)
	return a, a + n
}
