package learning

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
)

// Loss returns the boundary loss of q, the mean over the samples of
//
//	H = ½‖P̂(y − x(T))‖².
//
// It panics for variables and data that do not fit the network, as do all
// methods that take them; see [Network.Fit].
func (n *Network) Loss(q []float64, d Data) float64 {
	return loss(n.forward(q, d), d)
}

// loss returns the boundary loss of the outputs.
func loss(out []float64, d Data) float64 {
	return sums.Sum(0, len(d.Y), func(i int) float64 {
		r := out[i] - d.Y[i]
		return r * r
	}) / (2 * float64(d.Samples()))
}

// Predict returns the outputs x(T) of all samples, one row each. They are scratch
// of the network: the next call changes them.
func (n *Network) Predict(q []float64, d Data) []float64 { return n.forward(q, d) }

// Accuracy returns the part of the samples whose largest output is the right one.
func (n *Network) Accuracy(q []float64, d Data) float64 {
	out, right := n.forward(q, d), 0
	for s := range d.Samples() {
		if largest(out[s*d.Outputs:(s+1)*d.Outputs]) == d.Label(s) {
			right++
		}
	}
	return float64(right) / float64(d.Samples())
}

// Gradient writes dH/dq, the total derivative of the boundary loss through all
// activation steps (backpropagation), to g and returns the loss.
func (n *Network) Gradient(g, q []float64, d Data) float64 {
	out := n.forward(q, d)
	clear(g[:n.size])
	for i := range n.nodes {
		clear(n.nodes[i].d.Data)
	}
	samples := float64(d.Samples())
	last := &n.nodes[len(n.nodes)-1]
	for i, y := range d.Y {
		last.d.Data[i] = (out[i] - y) / samples
	}
	for i := len(n.nodes) - 1; i >= 0; i-- {
		v := &n.nodes[i]
		derivative := n.architecture.Groups[v.group].Activation.Derivative
		for k, z := range v.z.Data {
			v.d.Data[k] *= derivative(z)
		}
		addColumns(n.biases[v.group].of(g), v.d)
		for _, s := range v.sources {
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, v.d, n.origin(s, d), 1, n.block(g, s.link))
			if s.node >= 0 {
				blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, v.d, n.block(q, s.link), 1, n.nodes[s.node].d)
			}
		}
	}
	return loss(out, d)
}

// forward activates the network and returns the outputs.
func (n *Network) forward(q []float64, d Data) []float64 {
	n.check(q, d)
	n.reserve(d.Samples())
	for i := range n.nodes {
		v := &n.nodes[i]
		fillRows(v.z, n.biases[v.group].of(q))
		for _, s := range v.sources {
			blas64.Gemm(blas.NoTrans, blas.Trans, 1, n.origin(s, d), n.block(q, s.link), 1, v.z)
		}
		f := n.architecture.Groups[v.group].Activation.F
		for k, z := range v.z.Data {
			v.x.Data[k] = f(z)
		}
	}
	return n.nodes[len(n.nodes)-1].x.Data
}

// origin returns the states at the beginning of a link, a row for each sample.
func (n *Network) origin(s source, d Data) blas64.General {
	if s.node >= 0 {
		return n.nodes[s.node].x
	}
	return matrix(d.X, d.Samples(), d.Inputs)
}

// block returns the block of link l in q or in a gradient.
func (n *Network) block(q []float64, l int) blas64.General {
	link := n.architecture.Links[l]
	return matrix(n.blocks[l].of(q), n.architecture.Groups[link.To].Neurons, n.architecture.Groups[link.From].Neurons)
}

func matrix(data []float64, rows, columns int) blas64.General {
	return blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: data}
}

// fillRows writes b to each row of z.
func fillRows(z blas64.General, b []float64) {
	for i := 0; i < len(z.Data); i += z.Cols {
		copy(z.Data[i:], b)
	}
}

// addColumns adds the sum of each column of d to g.
func addColumns(g []float64, d blas64.General) {
	for i := 0; i < len(d.Data); i += d.Cols {
		for j, v := range d.Data[i : i+d.Cols] {
			g[j] += v
		}
	}
}

// reserve cuts the scratch to a number of samples, and makes more if needed.
func (n *Network) reserve(samples int) {
	if samples == n.rows {
		return
	}
	n.rows = samples
	total := 0
	for _, v := range n.nodes {
		total += 3 * samples * n.architecture.Groups[v.group].Neurons
	}
	if total > cap(n.state) {
		n.state = make([]float64, total)
	}
	rest := n.state[:total]
	for i := range n.nodes {
		v := &n.nodes[i]
		neurons := n.architecture.Groups[v.group].Neurons
		for _, m := range []*blas64.General{&v.z, &v.x, &v.d} {
			*m = matrix(rest[:samples*neurons], samples, neurons)
			rest = rest[samples*neurons:]
		}
	}
}

func (n *Network) check(q []float64, d Data) {
	if err := n.fit(q, d); err != nil {
		panic("learning: " + err.Error())
	}
}

// fit returns an error if variables or data have the wrong size.
func (n *Network) fit(q []float64, d Data) error {
	if len(q) != n.size {
		return fmt.Errorf("%d variables for a network of %d; draw them with Network.Draw", len(q), n.size)
	}
	if d.Inputs != n.Inputs() || d.Outputs != n.Outputs() || len(d.X) == 0 || len(d.Y) != d.Samples()*d.Outputs {
		return fmt.Errorf("%d samples of %d inputs and %d outputs for a network of %d and %d; give the same numbers and at least one sample", d.Samples(), d.Inputs, d.Outputs, n.Inputs(), n.Outputs())
	}
	return nil
}

// Fit returns an error that says what is wrong if the variables or the data do
// not fit the network, or if the data are not finite. The other methods panic then.
func (n *Network) Fit(q []float64, d Data) error {
	err := n.fit(q, d)
	if err == nil {
		err = d.validate()
	}
	if err != nil {
		return fmt.Errorf("learning: %w", err)
	}
	return nil
}

// CheckGradient compares the total derivative of the boundary loss with
// fourth-order finite differences along random directions of q. The result is
// the largest difference over the largest slope seen. It is below 1e-9 for smooth
// activations unless a derivative is wrong.
func CheckGradient(n *Network, q []float64, d Data, seed uint64, directions int) float64 {
	return compare(n, q, d, seed, directions, n.Gradient, n.Loss)
}

// compare is [CheckGradient] for any loss.
func compare(n *Network, q []float64, d Data, seed uint64, directions int,
	gradient func(g, q []float64, d Data) float64, loss func(q []float64, d Data) float64) float64 {
	const h = 1e-3 // h⁴ times a fifth derivative of order 1 is 1e-13; round-off is 1e-16/h
	g, at, u := make([]float64, n.size), make([]float64, n.size), make([]float64, n.size)
	gradient(g, q, d)
	numbers := random.New(seed, "gradient check")
	worst, scale := 0.0, 0.0
	for k := range directions {
		for i := range u {
			u[i] = numbers.Normal(k*n.size + i)
		}
		norm := math.Sqrt(sums.Dot(u, u))
		value := func(c float64) float64 {
			for i := range at {
				at[i] = q[i] + c*u[i]/norm
			}
			return loss(at, d)
		}
		slope := (8*(value(h)-value(-h)) - (value(2*h) - value(-2*h))) / (12 * h)
		worst = max(worst, math.Abs(slope-sums.Dot(g, u)/norm))
		scale = max(scale, math.Abs(slope))
	}
	return worst / scale
}
