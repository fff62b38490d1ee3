//go:build !amd64

package stencil

// There are no kernels here.

func multipleAssembly(x, b []float64, c float64) int { return 0 }

func hopAssembly(sum complexRow, g, h []float64, from complexRow, m, w float64) int { return 0 }

func siteAssembly(sum complexRow, d []float64, from complexRow, m float64) int { return 0 }

func (k *Links) scalarAssembly(work *linkScratch, to, from []float64, p [3]int, end int, f float64) (a, b int) {
	return p[2], p[2]
}
