// Package weights holds the weight tensors of a network as linear operators
// over (neuron type ⊗ lattice site).
//
// A state of T neuron types on S sites is one slice of T·S numbers, type after
// type: x[t·S + s]. Every tensor here is square and real.
package weights

// Tensor is a weight tensor W: a real n×n matrix, known by what it does.
//
// Implementations are immutable after construction, safe for use by several
// goroutines at once and give the same bits for any number of them.
type Tensor interface {
	// Size returns n, the number of neurons.
	Size() int

	// AddApply adds the product of W and x to dst, dst += α·W·x, without
	// allocating. Both have Size elements and do not overlap; anything else is a
	// programmer's error and panics.
	AddApply(dst []float64, alpha float64, x []float64)

	// Transpose returns Wᵀ.
	Transpose() Tensor

	// Row calls entry for each entry of row i that may differ from zero, with
	// ascending column j, each column once.
	Row(i int, entry func(j int, w float64))

	// String names the tensor in one line, for cards and messages.
	String() string
}
