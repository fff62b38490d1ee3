package network_test

import (
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// square returns a dense matrix of random numbers, symmetric for sign 1 and
// antisymmetric for sign −1.
func square(t *testing.T, n int, name string, sign float64) weights.Tensor {
	t.Helper()
	numbers, m := random.New(7, name), make([]float64, n*n)
	for i := range n {
		for j := range n {
			m[i*n+j] += numbers.Normal(i*n+j) / 4
			m[j*n+i] += sign * numbers.Normal(i*n+j) / 4
		}
	}
	w, err := weights.NewDense(n, m)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// flowing is the network of i∂ψ = (S + iA)ψ: bias tensor and learning S, weights the
// flow of A.
func flowing(t *testing.T, n int, epsilon float64) network.Network {
	a := square(t, n, "A", -1)
	return network.Network{
		Weights: weights.Identity(n), Bias: square(t, n, "S", 1), Loss: network.Dual{K: weights.Identity(n)},
		Rate: epsilon * epsilon, Clock: epsilon, Flow: network.NewExponential(a, a, 8, epsilon),
	}
}

// naive is x ← w x + E b, b ← w b: whole steps of the flow before the bias acts.
type naive struct{ network.Flow }

func (f naive) Carry(x, b []float64, c, t, u float64) {
	if t == 0 || math.Mod(math.Round(2*t/(u-t)), 4) == 0 { // the first half of a step carries the whole
		f.Flow.Carry(x, b, 2*c, t, u)
	}
}

// A step is of order 2 and symplectic with the flow in halves on states and biases.
func TestFlow(t *testing.T) {
	const n, until = 6, 1.0
	end := func(epsilon float64, change func(*network.Network)) []float64 {
		net := flowing(t, n, epsilon)
		change(&net)
		s, err := network.New(net)
		if err != nil {
			t.Fatal(err)
		}
		st := s.NewState()
		for i := range st.X {
			st.X[i], st.B[i] = math.Sin(float64(i+1)), epsilon*math.Cos(float64(2*i))
		}
		s.Learn(st, 0.5)
		for range int(math.Round(until / epsilon)) {
			s.Step(st)
		}
		s.Learn(st, -0.5)
		for i := range st.B {
			st.B[i] /= epsilon
		}
		return append(st.X, st.B...)
	}
	exact := end(1./4096, func(*network.Network) {})
	distance := func(epsilon float64, change func(*network.Network)) float64 {
		worst := 0.0
		for i, v := range end(epsilon, change) {
			worst = max(worst, math.Abs(v-exact[i]))
		}
		return worst
	}
	order := func(change func(*network.Network)) float64 {
		return math.Log2(distance(1./32, change) / distance(1./64, change))
	}
	if o := order(func(*network.Network) {}); math.Abs(o-2) > 0.05 {
		t.Errorf("order %v", o)
	}
	if o := order(func(n *network.Network) { n.Flow = naive{n.Flow} }); math.Abs(o-1) > 0.15 {
		t.Errorf("the form without halves is of order %v", o)
	}
}

// The verdict on the gradient tells the three cases apart.
func TestCarriage(t *testing.T) {
	const n, epsilon = 6, 0.1
	verdict := func(change func(*network.Network)) network.Carriage {
		net := flowing(t, n, epsilon)
		change(&net)
		s, err := network.New(net)
		if err != nil {
			t.Fatal(err)
		}
		c := s.Carriage(0)
		r, err := network.CheckGradient(net, &network.State{X: []float64{1, 2, 3, -1, 0, 1}, B: []float64{.1, .2, 0, -.1, .3, .1}}, 1, 3)
		if err != nil {
			t.Fatal(err)
		}
		// What CheckGradient finds by differences of the loss is what the tensors say.
		if (c.Uncarried < 1e-12) != (r.Uncarried < 1e-8) || (c.Carried < 1e-12) != (r.Carried < 1e-8) {
			t.Errorf("%+v, but by differences %+v", c, r)
		}
		return c
	}
	if c := verdict(func(*network.Network) {}); c.Uncarried < 1e-3 || c.Carried < 1e-3 || c.Loss < 1e-3 || !strings.HasPrefix(c.String(), "to O(ε)") {
		t.Errorf("a general pair: %v (%+v)", c, c)
	}
	if c := verdict(func(n *network.Network) { n.Bias = nil }); c.Carried > 1e-13 || c.Loss > 1e-13 || c.Uncarried < 1e-3 || !strings.Contains(c.String(), "carried biases: [E, u] = 0") {
		t.Errorf("E = 1: %v (%+v)", c, c)
	}
	anticommute := func(n *network.Network) { // A = e ⊗ 1, S = sz ⊗ s
		one, err := weights.NewDense(6, []float64{
			0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0})
		if err != nil {
			t.Fatal(err)
		}
		n.Bias, n.Flow = weights.Diagonal{1, -1, 2, -2, 3, -3}, network.NewExponential(one, one, 1, epsilon)
	}
	if c := verdict(anticommute); c.Uncarried > 1e-13 || c.Carried < 1e-3 || !strings.Contains(c.String(), "before they are carried") {
		t.Errorf("{A, S} = 0: %v (%+v)", c, c)
	}
	net := flowing(t, n, epsilon)
	net.Weights = square(t, n, "A", 1)
	if _, err := network.New(net); err == nil || !strings.Contains(err.Error(), "use weights.Identity") {
		t.Errorf("a flow beside weights: %v", err)
	}
	if c := mustSystem(t, network.Network{Weights: weights.Identity(2)}).Carriage(0); c != (network.Carriage{}) {
		t.Errorf("without a flow: %+v", c)
	}
}

func mustSystem(t *testing.T, n network.Network) *network.System {
	t.Helper()
	s, err := network.New(n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
