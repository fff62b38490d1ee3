package stencil

import "unsafe"

// diracMass is what kind of mass terms a kernel knows.
type diracMass int

const (
	massless diracMass = iota
	massive
	wilson // with one group of neighbours, the mass in its centre
)

// diracKernel does a half step of two components of n columns of some rows, n being
// a multiple of 4 and at least 8. From row to row all streams move on by stride
// bytes, the ends by before and behind bytes.
//
// The components p < q are those that the derivative along the row couples. The
// entries of their rows of X and Y have opposite signs, but for X_0 of three
// dimensions and Y of one, where they are equal. A pair reads no more than a
// first-level cache of 8 ways holds where all its streams fall into the same places,
// as they do on lattices of 2^n sites.
type diracKernel func(streams **float64, numbers *float64, n, rows, stride, before, behind int)

// diracPair is what a [diracKernel] works on: where the streams of numbers begin
// that it goes along, and the numbers of both rows, signed for p.
//
// Along each slow axis there are four streams, component p having the one beside
// and the one before, then q: of the components they derive, and with a Wilson term
// of themselves. The ends are the numbers before and behind the columns of p and q.
type diracPair struct {
	streams [24]*float64
	numbers [5]float64
}

// Places in a diracPair.
const (
	streamTo, streamFrom = 0, 2
	streamDerived        = 4  // along axis 1, then along axis 0
	streamOwn            = 12 // the same
	streamEnds           = 20

	numberHop    = 0 // of axes 0, 1, 2
	numberMass   = 3
	numberCentre = 4
)

// assemble looks for kernels in assembly.
func (k *Dirac) assemble() {
	if !Assembly() || k.w.Profile != nil || k.w.Potential != nil {
		return
	}
	mass, dim := massless, 3-k.first
	switch {
	case len(k.w.Wilson) == 1 && len(k.w.Wilson[0].Axes) == dim:
		mass = wilson
	case k.w.Wilson != nil:
		return
	case k.w.Mass != 0:
		mass = massive
	}
	k.kernels = diracKernels(dim, mass)
}

// rowsAssembly does columns of some rows from the first on, and returns how many.
func (k *Dirac) rowsAssembly(r *diracRow, rows int) int {
	n := (r.hi - r.lo) &^ 3
	if k.kernels[0] == nil || n < 8 {
		return 0
	}
	a := &r.pair
	kernel := k.kernels[0]
	if r.kick {
		kernel = k.kernels[1]
	}
	a.numbers[numberCentre] = k.w.Centre
	mass := k.w.Mass
	if k.w.Wilson != nil {
		mass = k.w.Scale
	}
	before, behind, stride := r.lo-1, r.lo+n, 8*k.shape[2]
	beforeStride, behindStride := stride, stride
	if k.wall[2] && before < 0 {
		beforeStride = 0
	}
	if k.wall[2] && behind == k.shape[2] {
		behindStride = 0
	}
	for p, e := range k.table.axis[2] {
		q := e.from
		if q < p {
			continue
		}
		for axis := k.first; axis < 3; axis++ {
			a.numbers[numberHop+axis] = float64(r.factor * k.table.axis[axis][p].sign * k.w.Hop[axis])
		}
		a.numbers[numberMass] = float64(r.factor * k.table.mass[p].sign * mass)
		for i, c := range [2]int{p, q} {
			at := c*k.sites + r.start + r.lo
			a.streams[streamTo+i] = unsafe.SliceData(r.to[at : at+n])
			a.streams[streamFrom+i] = unsafe.SliceData(r.from[at : at+n])
			a.streams[streamEnds+2*i] = k.at(r, c, before)
			a.streams[streamEnds+2*i+1] = k.at(r, c, behind)
			for axis := k.first; axis < 2; axis++ {
				for side, start := range r.near[axis] {
					slot := 4*(1-axis) + 2*i + side
					a.streams[streamDerived+slot] = k.stream(r, k.table.axis[axis][c].from, start, n)
					if k.w.Wilson != nil {
						a.streams[streamOwn+slot] = k.stream(r, c, start, n)
					}
				}
			}
		}
		kernel(&a.streams[0], &a.numbers[0], n, rows, stride, beforeStride, behindStride)
	}
	return n
}

// stream returns where the columns of a row of a component begin.
func (k *Dirac) stream(r *diracRow, component, start, n int) *float64 {
	if start < 0 {
		return unsafe.SliceData(k.zeros)
	}
	at := component*k.sites + start + r.lo
	return unsafe.SliceData(r.from[at : at+n])
}
