package stencil

// sinesAssembly sets as many of y to sin(x) as fill registers, and returns how many:
// none if an argument is beyond the range of the kernel.
func sinesAssembly(y, x []float64) int {
	m := len(y) &^ 3
	if m == 0 || !sineAVX2(first(y), first(x[:m]), m) {
		return 0
	}
	return m
}
