package observe

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Mode is a measured point of a dispersion relation.
type Mode struct {
	K     []float64 // wave vector, one component an axis
	Omega float64   // measured angular frequency
	Power float64   // mean |φ_k|²: how much there was to measure
}

// Dispersion measures the frequency of every mode of a run on a periodic
// lattice from its frames of the first field, all neuron types together.
//
// A mode a(t) of waves ±ω obeys 2a(t) − a(t+τ) − a(t−τ) = 4 sin²(ωτ/2) a(t) at
// any three equally spaced frames; the least-squares solution over the run is exact for a
// free field and any symplectic integrator. Frames must be equally spaced with
// ωτ < π for all modes, else it returns an error. Modes with less than 1e-20 of
// the mean power are left out: there is nothing to measure.
func Dispersion(r *simulate.Run) ([]Mode, error) {
	l := r.Lattice()
	if !l.Periodic() {
		return nil, fmt.Errorf("Dispersion: the lattice has walls; measure on a periodic one")
	}
	if r.Len() < 3 {
		return nil, fmt.Errorf("Dispersion: the run has %d frames; it needs at least 3", r.Len())
	}
	every := r.Steps()[1] - r.Steps()[0]
	n := r.Len()
	for n > 1 && r.Steps()[n-1]-r.Steps()[n-2] != every {
		n-- // Every(n) ends with the last state, which may come early
	}
	for i := 1; i < n; i++ {
		if r.Steps()[i]-r.Steps()[i-1] != every {
			return nil, fmt.Errorf("Dispersion: the frames are not equally spaced; use Frames(Every(n))")
		}
	}
	if n < 3 {
		return nil, fmt.Errorf("Dispersion: fewer than 3 equally spaced frames; use Frames(Every(n))")
	}
	tau := float64(every) * r.Step
	if w := r.Model.MaxFrequency(r.State(0)); w*tau >= math.Pi {
		return nil, fmt.Errorf("Dispersion: frames %.4g apart are too coarse for ω_max = %.4g; use Frames(Every(%d))", tau, w, max(1, int(math.Pi/(w*r.Step)*0.99)))
	}

	plan := fft.NewPlan(l.Shape())
	var window [3][]complex128 // of one neuron type
	for i := range window {
		window[i] = make([]complex128, l.Sites())
	}
	top, bottom := make([]float64, l.Sites()), make([]float64, l.Sites())
	for first := 0; first < len(r.State(0).Arrays[0]); first += l.Sites() {
		load := func(dst []complex128, frame int) {
			for i, x := range r.State(frame).Arrays[0][first : first+l.Sites()] {
				dst[i] = complex(x, 0)
			}
			plan.Forward(dst)
		}
		load(window[0], 0)
		load(window[1], 1)
		for f := 2; f < n; f++ {
			a, b, c := window[(f-2)%3], window[(f-1)%3], window[f%3]
			load(c, f)
			for i := range b {
				x, y := real(b[i]), imag(b[i])
				top[i] += float64(x*(float64(2*x)-real(a[i])-real(c[i]))) + float64(y*(float64(2*y)-imag(a[i])-imag(c[i])))
				bottom[i] += float64(x*x) + float64(y*y)
			}
		}
	}
	mean := 0.0
	for _, p := range bottom {
		mean += p / float64(len(bottom))
	}
	waves := make([][]float64, l.Dim())
	for j := range waves {
		waves[j] = fft.Frequencies(l.Axis(j).Sites, l.Spacing(j))
	}
	var modes []Mode
	at := make([]int, l.Dim())
	for i, p := range bottom {
		if !(p > 1e-20*mean) {
			continue
		}
		l.Position(at, i)
		k := make([]float64, l.Dim())
		for j := range k {
			k[j] = waves[j][at[j]]
		}
		s := math.Sqrt(math.Max(0, top[i]/(4*p)))
		modes = append(modes, Mode{k, 2 / tau * math.Asin(math.Min(1, s)), p / float64(n-2)})
	}
	return modes, nil
}

// LeapfrogFrequency returns the frequency that leapfrog of step ε gives a mode
// of frequency ω: (2/ε) asin(ωε/2).
func LeapfrogFrequency(omega, epsilon float64) float64 {
	return 2 / epsilon * math.Asin(omega*epsilon/2)
}

// Branch returns the frequency that theory gives a wave vector of a run: the
// lattice's own, and through the integrator where it is leapfrog.
func Branch(r *simulate.Run, k ...float64) (float64, error) {
	d, ok := r.Model.(theory.Dispersive)
	if !ok {
		return 0, fmt.Errorf("Branch: %s gives no dispersion relation", r.Model.Theory())
	}
	w := d.Frequency(k...)
	if math.IsNaN(w) {
		return 0, fmt.Errorf("Branch: the field of this %s model is not free, so that its waves have no dispersion relation", r.Model.Theory())
	}
	if r.Integrator.Name == "leapfrog" || r.Integrator.Name == "symplectic-euler" {
		w = LeapfrogFrequency(w, r.Step)
	}
	return w, nil
}
