package stencil

// gainAssembly does x += (c·e)·b for as many elements from the first on as fill
// registers, and returns how many.
func gainAssembly(x, e, b []float64, c float64) int {
	n := len(x) &^ (linkLanes - 1)
	if n > 0 {
		gainAVX2(first(x), first(e[:n]), first(b[:n]), n, c)
	}
	return n
}

// kickAssembly does columns from lo on, none of which is so near an end of the row
// that it reads beyond, and returns how many.
func (k *Curved) kickAssembly(work *curvedScratch, b, x []float64, z, y, lo, hi int, alpha float64) int {
	n := (hi - lo) &^ (linkLanes - 1)
	if n == 0 {
		return 0
	}
	at := k.site(z, y, lo)
	s := append(work.streams[:0], first(b[at:at+n]), first(k.w.Gain[at:at+n]), first(k.w.Centre[at:at+n]), first(x[at:at+n]))
	for _, bond := range k.w.Bonds {
		ahead := k.row(z, y, bond.Offset, 1) + lo + bond.Offset[2]
		behind := k.row(z, y, bond.Offset, -1) + lo - bond.Offset[2]
		s = append(s, first(bond.Strength[at:at+n]), first(x[ahead:ahead+n]),
			first(bond.Strength[behind:behind+n]), first(x[behind:behind+n]))
	}
	curvedKickAVX2(&s[0], 1+2*len(k.w.Bonds), n, alpha)
	return n
}
