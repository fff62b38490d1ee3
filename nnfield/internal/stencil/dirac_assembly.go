package stencil

import "unsafe"

// diracMass is what kind of mass terms a kernel knows.
type diracMass int

const (
	massless diracMass = iota
	massive
	wilson // with one group of neighbours, the mass in its centre
)

// diracKernel does a half step of some components, its members, of n columns of some
// rows. From row to row all streams move on by stride bytes, the ends by before and
// behind bytes.
//
// The members are two components p, q that the derivative along the row couples, or
// four, p, q, r, s, where r and s are those that the derivative along axis 1 couples
// with p and q. The entries of their rows of X_j and Y have the signs
//
//	X_0  + + − −     X_1  + − − +     X_2  + − + −     Y  + − − +
//
// times that of p, and in one dimension Y has + +.
type diracKernel func(streams **float64, numbers *float64, n, rows, stride, before, behind int)

// diracKernels are the drift and the kick in assembly of a number of members; columns
// must be a multiple of the given number.
type diracKernels struct {
	half              [2]diracKernel
	members, multiple int
}

// diracCall is what a [diracKernel] works on: where the streams of numbers begin that
// it goes along, and the numbers of the rows of the matrices, signed for the first
// member.
//
// Along each slow axis each member has two streams, beside it and before it, of the
// component that it derives, and with a Wilson term two of itself. The ends are the
// numbers before the columns of each member, then those behind them.
type diracCall struct {
	streams [48]*float64
	numbers [5]float64
}

// Places in a diracCall.
const (
	streamTo, streamFrom = 0, 4
	streamDerived        = 8  // along axis 1, then along axis 0
	streamOwn            = 24 // the same
	streamEnds           = 40

	numberHop    = 0 // of axes 0, 1, 2
	numberMass   = 3
	numberCentre = 4
)

// assemblies returns the kernels in assembly that can be used, those with fewer lanes
// first.
func (k *Dirac) assemblies() []diracKernels {
	if k.w.Profile != nil || k.w.Potential != nil {
		return nil
	}
	mass, dim := massless, 3-k.first
	switch {
	case len(k.w.Wilson) == 1 && len(k.w.Wilson[0].Axes) == dim:
		mass = wilson
	case k.w.Wilson != nil:
		return nil
	case k.w.Mass != 0:
		mass = massive
	}
	return diracAssemblies(dim, mass)
}

// rowsAssembly does columns of some rows from the first on, and returns how many.
func (k *Dirac) rowsAssembly(r *diracRow, rows int) int {
	if k.kernels.members == 0 {
		return 0
	}
	n := r.hi - r.lo
	n -= n % k.kernels.multiple
	if n == 0 {
		return 0
	}
	a := &r.call
	kernel := k.kernels.half[0]
	if r.kick {
		kernel = k.kernels.half[1]
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
	var done [8]bool
	for p := range k.table.components {
		if done[p] {
			continue
		}
		axes := &k.table.axis
		for axis := k.first; axis < 3; axis++ {
			a.numbers[numberHop+axis] = float64(r.factor * axes[axis][p].sign * k.w.Hop[axis])
		}
		a.numbers[numberMass] = float64(r.factor * k.table.mass[p].sign * mass)
		members := [4]int{p, axes[2][p].from}
		if k.kernels.members == 4 {
			members[2], members[3] = axes[1][members[0]].from, axes[1][members[1]].from
		}
		for i, c := range members[:k.kernels.members] {
			done[c] = true
			at := c*k.sites + r.start + r.lo
			a.streams[streamTo+i] = unsafe.SliceData(r.to[at : at+n])
			a.streams[streamFrom+i] = unsafe.SliceData(r.from[at : at+n])
			a.streams[streamEnds+i] = k.at(r, c, before)
			a.streams[streamEnds+4+i] = k.at(r, c, behind)
			for axis := k.first; axis < 2; axis++ {
				for side, start := range r.near[axis] {
					slot := 8*(1-axis) + 2*i + side
					a.streams[streamDerived+slot] = k.stream(r, axes[axis][c].from, start, n)
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
