package weights

import (
	"fmt"

	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
)

// Trainable is a weight tensor that can learn. Learning changes it in place, so
// unlike other tensors it must not be used by another goroutine meanwhile, and
// what was computed from it (a transpose, a symmetric part, a spectrum) belongs
// to the weights of that time.
type Trainable interface {
	Tensor

	// AddApplyTransposed adds α·(Wᵀ·u) to dst, with the weights as they are now:
	// dst_j += (α·u_i)·w_ij for i = 0, 1, … in turn. dst and u have Size elements
	// and do not overlap, else it panics.
	AddApplyTransposed(dst []float64, alpha float64, u []float64)

	// AddOuter changes the weights, w_ij += (α·u_i)·v_j, wherever w_ij is stored.
	// u and v have Size elements, else it panics.
	AddOuter(alpha float64, u, v []float64)

	// Clone returns a copy that learns on its own.
	Clone() Trainable

	// Values returns the stored weights, row after row: the tensor's own memory.
	Values() []float64

	// Use lets the tensor keep its weights in the given memory, as they stand there,
	// from now on. It panics unless there is one number for each stored weight.
	Use(values []float64)
}

// used tells whether the weights are in this memory already. It panics for another
// number of them.
func used(kind string, own, values []float64) bool {
	if len(own) != len(values) {
		panic(fmt.Sprintf("weights: %s.Use: %d numbers for %d stored weights", kind, len(values), len(own)))
	}
	return len(own) == 0 || &own[0] == &values[0]
}

// learner is a tensor whose weights can learn a range of rows at a time.
type learner interface {
	learnRows(alpha float64, u, v []float64, lo, hi int)
}

// outer is a change of weights by an outer product, shared out among workers.
type outer struct {
	w     learner
	alpha float64
	u, v  []float64
}

var outers = sync.Pool{New: func() any { return new(outer) }}

// Do does the rows lo ≤ i < hi.
func (o *outer) Do(lo, hi int) { o.w.learnRows(o.alpha, o.u, o.v, lo, hi) }

// learnInParallel does all n rows, at least grain of them in one go.
func learnInParallel(w learner, n, grain int, alpha float64, u, v []float64) {
	o := outers.Get().(*outer)
	*o = outer{w, alpha, u, v}
	pool.Run(n, grain, o)
	*o = outer{}
	outers.Put(o)
}
