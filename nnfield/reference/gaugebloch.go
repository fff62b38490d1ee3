package reference

import (
	"fmt"
	"math"
)

// BlochDisplacement returns how far the centre of a wave packet in one band ω(k) of
// a lattice has moved at time t in a constant force F = qE (F. Bloch, Z. Phys. 52,
// 555, 1929). Each wave number runs through the band as k(t) = k + Ft, so that
//
//	⟨x⟩(t) − ⟨x⟩(0) = Σ w(k) [ω(k + Ft) − ω(k)] / (F Σ w(k)),
//
// weight holding w(k) ≥ 0 for each of k, for instance |ψ(k)|². The packet swings to
// and fro with the period of ω(k(t)), [BlochPeriod] for a band of period 2π/a.
//
// A single band obeys it exactly. A relativistic field has a second one below: for
// F ≪ m² it obeys up to its polarisation, which trembles with an amplitude of about
// F/2m³ after the force is switched on, and pairs created in exp(−πm²/F).
//
// It fails for a force that is 0 or not finite, where Ft says nothing, for k and
// weight of different or no length, for a weight that is negative or not finite,
// and if all are 0.
func BlochDisplacement(band func(k float64) float64, k, weight []float64, force, t float64) (float64, error) {
	const call = "reference.BlochDisplacement"
	if force == 0 || !finite(force) {
		return 0, fmt.Errorf("%s: force %v; it must be finite and not 0, without force a packet moves by GroupVelocity", call, force)
	}
	if len(k) == 0 || len(k) != len(weight) {
		return 0, fmt.Errorf("%s: %d weights for %d wave numbers; give one each, and at least one", call, len(weight), len(k))
	}
	sum, total := 0.0, 0.0
	for i, ki := range k {
		w := weight[i]
		if !(w >= 0) || !finite(w) {
			return 0, fmt.Errorf("%s: weight[%d] = %v; weights must be finite and not negative", call, i, w)
		}
		sum += float64(w * (band(ki+float64(force*t)) - band(ki)))
		total += w
	}
	if total == 0 {
		return 0, fmt.Errorf("%s: all weights are 0; give the packet some", call)
	}
	return sum / (force * total), nil
}

// BlochPeriod returns the time 2π/(|F|a) in which a constant force F = qE takes k
// once through the zone of a lattice of spacing a. A massive Dirac field with
// central differences has ω(k + π/a) = ω(k), and half that period.
func BlochPeriod(force, a float64) float64 { return 2 * math.Pi / (math.Abs(force) * a) }
