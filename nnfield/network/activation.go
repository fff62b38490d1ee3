package network

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// Activation is an activation map f and its derivative, both functions of the
// pre-activation z of one neuron. Those given here have the same bits on every
// machine.
type Activation struct {
	Name          string
	F, Derivative func(z float64) float64
}

const identity = "identity"

// Identity is f(z) = z, the canonical activation of the field theories: it makes
// the field's own equation linear in the biases.
func Identity() Activation {
	return Activation{identity, func(z float64) float64 { return z }, func(float64) float64 { return 1 }}
}

// Tanh is f(z) = tanh z.
func Tanh() Activation {
	return Activation{"tanh", elementary.Tanh, func(z float64) float64 {
		f := elementary.Tanh(z)
		return 1 - float64(f*f)
	}}
}

// Sigmoid is f(z) = 1/(1 + e^{−z}).
func Sigmoid() Activation {
	sigmoid := func(z float64) float64 { return 1 / (1 + elementary.Exp(-z)) }
	return Activation{"sigmoid", sigmoid, func(z float64) float64 {
		f := sigmoid(z)
		return f * (1 - f)
	}}
}

// ReLU is f(z) = max(z, 0), with f′(0) = 0.
func ReLU() Activation {
	return Activation{"relu", func(z float64) float64 { return max(z, 0) }, func(z float64) float64 {
		if z > 0 {
			return 1
		}
		return 0
	}}
}

// Sine is f(z) = sin z.
func Sine() Activation { return Activation{"sine", elementary.Sin, elementary.Cos} }

// Custom is an activation map of the caller's own. [New] checks that it has a
// name and both functions; [CheckGradient] shows whether df is the derivative.
func Custom(name string, f, df func(z float64) float64) Activation {
	return Activation{name, f, df}
}

func (a Activation) validate() error {
	if a.Name == "" || a.F == nil || a.Derivative == nil {
		return fmt.Errorf("%q lacks a name, F or Derivative; use Identity, Tanh, Sigmoid, ReLU, Sine or Custom", a.Name)
	}
	// The name alone decides that J = E is taken for granted.
	if a.Name == identity && (a.F(-0.75) != -0.75 || a.F(2) != 2 || a.Derivative(2) != 1) {
		return fmt.Errorf("%q is not the identity; choose another name", a.Name)
	}
	return nil
}
