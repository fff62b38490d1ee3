//go:build !amd64

package vector

// There are no kernels here: accelerated is false, and these are not called.

func quotientsAVX2(dst, src *float64, n int, d float64)      {}
func differencesAVX2(dst, a, b *float64, n int, c float64)   {}
func boundedAVX2(x *float64, n int, limit float64) (ok bool) { return false }
func blocksAVX2(sums, a, b *float64)                         {}
