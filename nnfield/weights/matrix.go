package weights

// Trainable is a weight tensor that can learn. Learning changes it in place, so
// unlike other tensors it must not be used by another goroutine meanwhile, and
// what was computed from it (a transpose, a symmetric part, a spectrum) belongs
// to the weights of that time.
type Trainable interface {
	Tensor

	// AddOuter changes the weights, w_ij += (α·u_i)·v_j, wherever w_ij is stored.
	// u and v have Size elements, else it panics.
	AddOuter(alpha float64, u, v []float64)

	// Clone returns a copy that learns on its own.
	Clone() Trainable
}
