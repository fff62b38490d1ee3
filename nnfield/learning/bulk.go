package learning

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
)

// bulk is the scratch of the bulk loss: all neurons, not only those that the
// outputs depend on.
type bulk struct {
	x, z []blas64.General // of each group
	rows int
}

func (l *bulk) init(n *Network) {
	l.x, l.z = make([]blas64.General, len(n.biases)), make([]blas64.General, len(n.biases))
}

// BulkLoss returns the bulk loss [M] §2, the mean over the samples of
//
//	H = ½‖x − f(w x + b)‖²,      x = x(T),
//
// over all neurons but the inputs, which nothing leads to. Here the outputs are
// boundary neurons too: they show y during the T activations.
func (n *Network) BulkLoss(q []float64, d Data) float64 {
	n.settle(q, d)
	return n.bulkLoss(q, d)
}

// BulkGradient writes ∂H/∂q of the bulk loss at the state x(T), held fixed, to g
// and returns the loss. It is local: the derivative for a weight needs nothing
// but the two neurons it couples,
//
//	∂H/∂b_i = −r_i f′(z_i),   ∂H/∂w_ij = −r_i f′(z_i) x_j,   r = x − f(z).
//
// A neuron that has settled has no residual and its weights do not learn. In a
// feed-forward network all hidden neurons settle, so only the outputs learn.
func (n *Network) BulkGradient(g, q []float64, d Data) float64 {
	n.settle(q, d)
	loss := n.bulkLoss(q, d) // leaves z behind
	clear(g[:n.size])
	samples := float64(d.Samples())
	for i := 1; i < len(n.local.z); i++ {
		a, z := n.architecture.Groups[i].Activation, n.local.z[i]
		for k, v := range z.Data {
			z.Data[k] = -(n.local.x[i].Data[k] - a.F(v)) * a.Derivative(v) / samples
		}
		addColumns(n.biases[i].of(g), z)
	}
	for l, link := range n.architecture.Links {
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, n.local.z[link.To], n.local.x[link.From], 1, n.block(g, l))
	}
	return loss
}

// settle activates all neurons T times with inputs and outputs held.
func (n *Network) settle(q []float64, d Data) {
	n.check(q, d)
	l, last := &n.local, len(n.local.x)-1
	if l.rows != d.Samples() {
		l.rows = d.Samples()
		for i, g := range n.architecture.Groups {
			l.x[i] = matrix(make([]float64, l.rows*g.Neurons), l.rows, g.Neurons)
			l.z[i] = matrix(make([]float64, l.rows*g.Neurons), l.rows, g.Neurons)
		}
	}
	for i := range l.x {
		clear(l.x[i].Data)
	}
	copy(l.x[0].Data, d.X)
	copy(l.x[last].Data, d.Y)
	for range n.architecture.Steps {
		n.preActivate(q)
		for i := 1; i < last; i++ {
			f := n.architecture.Groups[i].Activation.F
			for k, v := range l.z[i].Data {
				l.x[i].Data[k] = f(v)
			}
		}
	}
}

// preActivate computes z = w x + b of all groups.
func (n *Network) preActivate(q []float64) {
	for i := 1; i < len(n.local.z); i++ {
		fillRows(n.local.z[i], n.biases[i].of(q))
	}
	for l, link := range n.architecture.Links {
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, n.local.x[link.From], n.block(q, l), 1, n.local.z[link.To])
	}
}

// bulkLoss returns the loss at the state as it is.
func (n *Network) bulkLoss(q []float64, d Data) float64 {
	n.preActivate(q)
	loss := 0.0
	for i := 1; i < len(n.local.z); i++ {
		x, z, f := n.local.x[i].Data, n.local.z[i].Data, n.architecture.Groups[i].Activation.F
		loss += sums.Sum(0, len(x), func(k int) float64 {
			r := x[k] - f(z[k])
			return r * r
		})
	}
	return loss / (2 * float64(d.Samples()))
}
