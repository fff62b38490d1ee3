//go:build !amd64

package stencil

// assemblies returns nil: there are no kernels in assembly here.
func assemblies[T Number]() []*kernels[T] { return nil }
