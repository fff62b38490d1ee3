package training

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/learning"
)

// Descent says how the variables follow the gradient, as a value.
type Descent struct {
	Kind    string   `json:"kind"`
	Rate    float64  `json:"rate"`
	Memory  *float64 `json:"memory,omitempty"`  // of momentum, or of the force
	Memory2 *float64 `json:"memory2,omitempty"` // of the metric
	Power   *float64 `json:"power,omitempty"`   // α of the metric
	Floor   *float64 `json:"floor,omitempty"`
}

// SGD is q ← q − γ g; see [learning.SGD].
func SGD(gamma float64) Descent { return Descent{Kind: "sgd", Rate: gamma} }

// Momentum is v ← m v − γ g, q ← q + v; see [learning.Momentum].
func Momentum(gamma, m float64) Descent { return Descent{Kind: "momentum", Rate: gamma, Memory: &m} }

// RMSProp is covariant descent without memory of the force.
func RMSProp(gamma, m2, floor float64) Descent { return Covariant(gamma, 0, m2, 0.5, floor) }

// Adam is covariant descent with the power ½.
func Adam(gamma, m1, m2, floor float64) Descent { return Covariant(gamma, m1, m2, 0.5, floor) }

// Covariant is q ← q − γ⟨g⟩/(⟨g²⟩^α + floor); see [learning.CovariantPower].
func Covariant(gamma, m1, m2, alpha, floor float64) Descent {
	return Descent{Kind: "covariant", Rate: gamma, Memory: &m1, Memory2: &m2, Power: &alpha, Floor: &floor}
}

// AdaBelief is covariant descent by how far gradients are from what was expected; see
// [learning.AdaBelief].
func AdaBelief(gamma, m1, m2, floor float64) Descent {
	return Descent{Kind: "adabelief", Rate: gamma, Memory: &m1, Memory2: &m2, Floor: &floor}
}

// build returns the descent, with a memory of its own.
func (d Descent) build() (learning.Remembering, error) {
	need := func(names string, values ...*float64) error {
		for _, v := range values {
			if v == nil {
				return fmt.Errorf("descent: kind %q needs %s", d.Kind, names)
			}
		}
		return nil
	}
	var out learning.Descent
	switch d.Kind {
	case "sgd":
		out = learning.SGD(d.Rate)
	case "momentum":
		if err := need("memory", d.Memory); err != nil {
			return nil, err
		}
		out = learning.Momentum(d.Rate, *d.Memory)
	case "covariant":
		if err := need("memory, memory2, power and floor", d.Memory, d.Memory2, d.Power, d.Floor); err != nil {
			return nil, err
		}
		out = learning.CovariantPower(d.Rate, *d.Memory, *d.Memory2, *d.Power, *d.Floor)
	case "adabelief":
		if err := need("memory, memory2 and floor", d.Memory, d.Memory2, d.Floor); err != nil {
			return nil, err
		}
		out = learning.AdaBelief(d.Rate, *d.Memory, *d.Memory2, *d.Floor)
	default:
		return nil, fmt.Errorf("descent.kind: %q is unknown; use adabelief, covariant, momentum or sgd", d.Kind)
	}
	return out.(learning.Remembering), nil
}

// String returns the descent in a few words.
func (d Descent) String() string {
	text := fmt.Sprintf("%s, γ = %v", d.Kind, d.Rate)
	for _, p := range []struct {
		name string
		v    *float64
	}{{"m", d.Memory}, {"m₂", d.Memory2}, {"α", d.Power}, {"floor", d.Floor}} {
		if p.v != nil {
			text += fmt.Sprintf(", %s = %v", p.name, *p.v)
		}
	}
	return text
}
