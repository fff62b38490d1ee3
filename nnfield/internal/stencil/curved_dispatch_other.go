//go:build !amd64

package stencil

// There are no kernels here.

func gainAssembly(x, e, b []float64, c float64) int { return 0 }

func (k *Curved) kickAssembly(work *curvedScratch, b, x []float64, z, y, lo, hi int, alpha float64) int {
	return 0
}
