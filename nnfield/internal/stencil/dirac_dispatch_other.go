//go:build !amd64

package stencil

// diracAssemblies returns nil: there are no kernels in assembly here.
func diracAssemblies(dim int, mass diracMass) []diracKernels { return nil }
