package quantum

import (
	"fmt"
	"math"
)

// Learning holds the parameters of the stochastic learning that m and ħ come
// from.
type Learning struct {
	Rate       float64 // γ > 0: dq = −γ∂F dt for descent
	Diffusion  float64 // D > 0: the variance of q grows by 2D a unit of time
	Multiplier float64 // μ > 0: of the constraint on entropy production
}

// Particle returns the learning parameters of a particle of mass m and quantum ħ
// for which Nelson's learners keep |ψ|²: γ = 1/(2m), D = ħ/(2m), μ = 4/ħ.
func Particle(mass, hbar float64) Learning {
	return Learning{Rate: 1 / (2 * mass), Diffusion: hbar / (2 * mass), Multiplier: 4 / hbar}
}

// Mass returns m = 1/(2γ) ([G] §3).
func (l Learning) Mass() float64 { return 1 / (2 * l.Rate) }

// Hbar returns ħ = √(4D/(γμ)) ([G] §3).
func (l Learning) Hbar() float64 { return math.Sqrt(4 * l.Diffusion / (l.Rate * l.Multiplier)) }

// Consistent tells whether μ = 4/ħ, that is ħ = D/γ, to 1e-9: only then is D the
// diffusion coefficient ħ/2m of learners that keep |ψ|².
func (l Learning) Consistent() bool {
	return math.Abs(l.Diffusion/l.Rate/l.Hbar()-1) < 1e-9
}

func (l Learning) check() error {
	for _, v := range []float64{l.Rate, l.Diffusion, l.Multiplier, l.Mass(), l.Hbar()} {
		if !(v > 0) || math.IsInf(v, 1) {
			return fmt.Errorf("Learning(γ = %v, D = %v, μ = %v): the learning rate, the diffusion coefficient and the multiplier must be positive and finite, and so must m = 1/(2γ) and ħ = √(4D/(γμ))",
				l.Rate, l.Diffusion, l.Multiplier)
		}
	}
	return nil
}
