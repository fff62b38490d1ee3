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

// scalarKernelSets returns the kernels of a charged scalar that are to be used, those
// with fewer lanes first.
func scalarKernelSets(dim int) []scalarKernels {
	all := [...][]scalarKernels{
		1: {{kick: scalar1KickAVX2}, {kick: scalar1KickAVX512}},
		2: {
			{kick: scalar2KickAVX2, driftKick: scalar2DriftKickAVX2},
			{kick: scalar2KickAVX512, driftKick: scalar2DriftKickAVX512, pair: scalar2DriftKickPairAVX512},
		},
		3: {
			{kick: scalar3KickAVX2, driftKick: scalar3DriftKickAVX2},
			{kick: scalar3KickAVX512, driftKick: scalar3DriftKickAVX512},
		},
	}[dim]
	return usable(all)
}
