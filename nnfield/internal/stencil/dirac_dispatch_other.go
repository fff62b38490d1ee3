//go:build !amd64

package stencil

// diracKernels has none here.
func diracKernels(dim int, mass diracMass) [2]diracKernel { return [2]diracKernel{} }
