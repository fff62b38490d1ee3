package stencil

// diracKernels returns the drift and the kick in assembly.
func diracKernels(dim int, mass diracMass) [2]diracKernel {
	return [3][3][2]diracKernel{
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
	}[dim-1][mass]
}
