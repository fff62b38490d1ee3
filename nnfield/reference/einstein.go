package reference

import "math"

// Expansion is an exact homogeneous solution of Einstein's equations without matter
// between two proper times: its scale factors and what a network that learns it has
// to find. The factors are a for a flat universe, A and B for the metric
// −dτ² + A²dr² + B²(dθ² + sin²θ dφ²).
type Expansion struct {
	Lambda   float64 // Λ
	Duration float64 // proper time between the ends

	// Neurons is ∫√−g over the proper time, per unit of the other coordinates.
	Neurons float64

	// Factors returns the scale factors at a proper time since the first end.
	Factors func(tau float64) []float64
}

// First and Last return the scale factors at the ends.
func (e Expansion) First() []float64 { return e.Factors(0) }
func (e Expansion) Last() []float64  { return e.Factors(e.Duration) }

// DeSitterExpansion is a = e^{Hτ} from τ = from to τ = to, see [DeSitter]; H > 0.
func DeSitterExpansion(hubble, from, to float64) Expansion {
	return Expansion{
		Lambda: 3 * hubble * hubble, Duration: to - from,
		Neurons: (math.Exp(3*hubble*to) - math.Exp(3*hubble*from)) / (3 * hubble),
		Factors: func(tau float64) []float64 { return []float64{math.Exp(hubble * (from + tau))} },
	}
}

// DeSitterLambda returns the Λ of the flat universe that has grown, or shrunk, from
// the scale factor first to last with the given number of neurons ∫a³dτ,
//
//	Λ = (last³ − first³)²/(3 neurons²),
//
// from ȧ = Ha and Λ = 3H². All are positive.
func DeSitterLambda(first, last, neurons float64) float64 {
	h := (last*last*last - first*first*first) / (3 * neurons)
	return 3 * h * h
}

// NariaiExpansion is A = cosh(√Λτ), B = 1/√Λ, see [Nariai]; Λ > 0.
func NariaiExpansion(lambda, from, to float64) Expansion {
	root := math.Sqrt(lambda)
	return Expansion{
		Lambda: lambda, Duration: to - from,
		Neurons: (math.Sinh(root*to) - math.Sinh(root*from)) / (lambda * root),
		Factors: func(tau float64) []float64 { return []float64{math.Cosh(root * (from + tau)), 1 / root} },
	}
}

// KantowskiSachsExpansion is A = sinh Hτ, B = cosh(Hτ)/H, see [KantowskiSachs];
// H and from are positive.
func KantowskiSachsExpansion(hubble, from, to float64) Expansion {
	volume := func(tau float64) float64 { return math.Pow(math.Cosh(hubble*tau)/hubble, 3) / 3 }
	return Expansion{
		Lambda: 3 * hubble * hubble, Duration: to - from, Neurons: volume(to) - volume(from),
		Factors: func(tau float64) []float64 {
			return []float64{math.Sinh(hubble * (from + tau)), math.Cosh(hubble*(from+tau)) / hubble}
		},
	}
}
