package stencil

// diracAssemblies returns the kernels that are to be used, those with fewer lanes
// first.
func diracAssemblies(dim int, mass diracMass) []diracKernels {
	members := 4
	if dim == 1 {
		members = 2
	}
	all := []diracKernels{
		{half: diracAVX2[dim-1][mass], members: 2, multiple: 4},
		{half: diracAVX512[dim-1][mass], members: members, multiple: 1},
	}
	return usable(all)
}

var diracAVX2 = [3][3][2]diracKernel{
	{
		{dirac1DriftAVX2, dirac1KickAVX2},
		{dirac1DriftMassAVX2, dirac1KickMassAVX2},
		{dirac1DriftWilsonAVX2, dirac1KickWilsonAVX2},
	},
	{
		{dirac2DriftAVX2, dirac2KickAVX2},
		{dirac2DriftMassAVX2, dirac2KickMassAVX2},
		{dirac2DriftWilsonAVX2, dirac2KickWilsonAVX2},
	},
	{
		{dirac3DriftAVX2, dirac3KickAVX2},
		{dirac3DriftMassAVX2, dirac3KickMassAVX2},
		{dirac3DriftWilsonAVX2, dirac3KickWilsonAVX2},
	},
}

var diracAVX512 = [3][3][2]diracKernel{
	{
		{dirac1DriftAVX512, dirac1KickAVX512},
		{dirac1DriftMassAVX512, dirac1KickMassAVX512},
		{dirac1DriftWilsonAVX512, dirac1KickWilsonAVX512},
	},
	{
		{dirac2DriftAVX512, dirac2KickAVX512},
		{dirac2DriftMassAVX512, dirac2KickMassAVX512},
		{dirac2DriftWilsonAVX512, dirac2KickWilsonAVX512},
	},
	{
		{dirac3DriftAVX512, dirac3KickAVX512},
		{dirac3DriftMassAVX512, dirac3KickMassAVX512},
		{dirac3DriftWilsonAVX512, dirac3KickWilsonAVX512},
	},
}
