//go:build !amd64

package stencil

// assembly returns nil: there are no kernels in assembly here.
func assembly[T Number]() *kernels[T] { return nil }
