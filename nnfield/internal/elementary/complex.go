package elementary

// Times returns the product of two complex numbers. The product that the language
// has leaves it to the compiler whether its parts are rounded once or twice.
func Times(a, b complex128) complex128 {
	return complex(float64(real(a)*real(b))-float64(imag(a)*imag(b)), float64(real(a)*imag(b))+float64(imag(a)*real(b)))
}
