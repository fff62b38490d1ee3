//go:build !amd64

package stencil

// There are no kernels here.

func multipleAssembly(x, b []float64, c float64) int { return 0 }

func hopAssembly(sum complexRow, g, h []float64, from complexRow, m, w float64) int { return 0 }

func siteAssembly(sum complexRow, d []float64, from complexRow, m float64) int { return 0 }

func scalarKernelSets(dim int) []scalarKernels { return nil }
