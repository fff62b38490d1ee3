package septuple

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/network"
)

// Activation is an activation map f: the name of one or a formula of z.
type Activation struct {
	Expression string // "identity", "tanh", "sigmoid", "relu", "sine", or a formula of z
	Parameters Params
	function   *network.Activation
}

// activations are those that have a name.
var activations = map[string]func() network.Activation{
	"identity": network.Identity, "tanh": network.Tanh, "sigmoid": network.Sigmoid, "relu": network.ReLU, "sine": network.Sine,
}

// ActivationOf is the activation map of a name, identity, tanh, sigmoid, relu or sine,
// or of a formula of z: ActivationOf("z - z*z*z/6"). Its derivative is formed from it.
func ActivationOf(nameOrFormula string, parameters ...Params) Activation {
	return Activation{Expression: nameOrFormula, Parameters: merged(parameters)}
}

// ActivationFunc is a map given as Go code, f and its derivative, under a name; as with
// [Function], a Spec cannot run it.
func ActivationFunc(name string, f, df func(z float64) float64) Activation {
	a := network.Custom(name, f, df)
	return Activation{Expression: name, function: &a}
}

// build returns the map.
func (a Activation) build() (network.Activation, error) {
	if a.function != nil {
		if _, taken := activations[a.Expression]; taken || a.Expression == "" || a.function.F == nil || a.function.Derivative == nil {
			return network.Activation{}, fmt.Errorf("ActivationFunc(%q): needs a name of its own, f and df", a.Expression)
		}
		return *a.function, nil
	}
	if named, ok := activations[a.Expression]; ok {
		return named(), nil
	}
	f, err := expr.Parse(a.Expression, []string{"z"}, a.Parameters)
	if err != nil {
		return network.Activation{}, fmt.Errorf("Activation(%q): neither one of %s nor a formula of z: %w", a.Expression, strings.Join(sorted(activations), ", "), err)
	}
	df := f.Derivative("z")
	return network.Custom(a.Expression, func(z float64) float64 { return f.Eval(z) }, func(z float64) float64 { return df.Eval(z) }), nil
}

// String returns the name or the formula.
func (a Activation) String() string { return a.Expression + named(a.Parameters) }

// activationSpec is an activation in a Spec.
type activationSpec struct {
	Expression string `json:"expression"`
	Parameters Params `json:"parameters,omitzero"`
	Function   bool   `json:"function,omitempty"`
}

func (a Activation) spec() activationSpec {
	s := activationSpec{Expression: a.Expression, Parameters: a.Parameters, Function: a.function != nil}
	if _, ok := activations[a.Expression]; !ok && s.Parameters == nil {
		s.Parameters = Params{}
	}
	if len(s.Parameters) == 0 && (activations[a.Expression] != nil || s.Function) {
		s.Parameters = nil
	}
	return s
}

func (s activationSpec) build() (Activation, error) {
	if s.Function {
		return Activation{}, fmt.Errorf("activation: the function %q is opaque here: a Spec holds its name only; give it as a formula, or run it from the program that has it", s.Expression)
	}
	return ActivationOf(s.Expression, s.Parameters), nil
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Map returns the activation map, or what is wrong with its name or formula.
func (a Activation) Map() (network.Activation, error) { return a.build() }
