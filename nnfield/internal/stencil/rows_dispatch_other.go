//go:build !amd64

package stencil

// There are no kernels here: Assembly is false, and none of these is called.

func driftAssembly[T Number](x, b []T, c T) int { return 0 }

func dampAssembly[T Number](b, e, g []T) int { return 0 }

func (s *Scalar[T]) kickAssembly(b []T, r *neighbourhood[T], from int, f *numbers[T]) int { return 0 }

func (s *Scalar[T]) fused(x, b []T, lo, hi, y0, y1 int, c T, alpha float64) bool { return false }
