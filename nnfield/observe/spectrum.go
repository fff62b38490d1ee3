package observe

import (
	"fmt"
	"math"
	"math/cmplx"

	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// PowerSpectrum returns the mean power |φ_k|² of the modes of equal wave number
// |k| in frame i of a run on a periodic lattice, all neuron types of the first
// field together: in one dimension of the modes ±k, in more of shells as wide as
// the smallest wave number of the longest axis. Powers are normalised as those of
// [Spectrum]: their sum over all modes is Σφ² (Parseval). Wave numbers ascend and
// k = 0 is left out.
//
// It returns an error for walls and for a frame that does not exist.
func PowerSpectrum(r *simulate.Run, i int) (k, power []float64, err error) {
	l := r.Lattice()
	if !l.Periodic() {
		return nil, nil, fmt.Errorf("PowerSpectrum: the lattice has walls; measure on a periodic one")
	}
	if i < 0 || i >= r.Len() {
		return nil, nil, fmt.Errorf("PowerSpectrum(%d): the run has frames 0 to %d", i, r.Len()-1)
	}
	waves := make([][]float64, l.Dim())
	step := math.Inf(1) // width of a shell
	for j := range waves {
		waves[j] = fft.Frequencies(l.Axis(j).Sites, l.Spacing(j))
		if len(waves[j]) > 1 {
			step = min(step, math.Abs(waves[j][1]))
		}
	}
	plan := fft.NewPlan(l.Shape())
	n := l.Sites()
	phi := make([]complex128, n)
	at := make([]int, l.Dim())
	var sum, wave, modes []float64
	values := r.State(i).Arrays[0]
	for first := 0; first < len(values); first += n {
		for s, v := range values[first : first+n] {
			phi[s] = complex(v, 0)
		}
		plan.Forward(phi)
		for s, z := range phi {
			l.Position(at, s)
			k := 0.0
			for j := range at {
				k = math.Hypot(k, waves[j][at[j]])
			}
			shell := int(k/step + 0.5)
			for len(sum) <= shell {
				sum, wave, modes = append(sum, 0), append(wave, 0), append(modes, 0)
			}
			sum[shell] += (float64(real(z)*real(z)) + float64(imag(z)*imag(z))) / float64(n)
			wave[shell] += k
			if first == 0 {
				modes[shell]++
			}
		}
	}
	types := float64(len(values) / n)
	for shell := 1; shell < len(sum); shell++ {
		if modes[shell] > 0 {
			k = append(k, wave[shell]/(modes[shell]*types))
			power = append(power, sum[shell]/modes[shell])
		}
	}
	return k, power, nil
}

// Frequencies is the power of a run over wave number and frequency.
type Frequencies struct {
	K     []float64 // ascending, from −π/a to π/a
	Omega []float64 // ascending, from 0 to π/τ for frames τ apart
	Power []float64 // |φ(k, ω)|² at [j·len(K) + i] for (K[i], Omega[j])
}

// FrequencySpectrum returns the power |φ(k, ω)|² of the waves e^{i(kx − ωt)} in a
// run on a ring, all neuron types of the first field together: a wave that runs to
// the right has k > 0. Time is windowed by Hann's window sin²(πt/T), which keeps
// the ends of the run from smearing lines over all frequencies; a line is then
// 4π/T wide.
//
// It returns an error for walls, for more than one dimension, and for fewer than 4
// equally spaced frames.
func FrequencySpectrum(r *simulate.Run) (Frequencies, error) {
	l := r.Lattice()
	if !l.Periodic() || l.Dim() != 1 {
		return Frequencies{}, fmt.Errorf("FrequencySpectrum: the lattice is not a ring; measure on a periodic one of 1 dimension")
	}
	steps := r.Steps()
	frames := len(steps)
	for frames > 2 && steps[frames-1]-steps[frames-2] != steps[1]-steps[0] {
		frames-- // Every(n) ends with the last state, which may come early
	}
	if frames < 4 {
		return Frequencies{}, fmt.Errorf("FrequencySpectrum: fewer than 4 equally spaced frames; use Frames(Every(n))")
	}
	for i := 1; i < frames; i++ {
		if steps[i]-steps[i-1] != steps[1]-steps[0] {
			return Frequencies{}, fmt.Errorf("FrequencySpectrum: the frames are not equally spaced; use Frames(Every(n))")
		}
	}
	n := l.Sites()
	k := fft.Frequencies(n, l.Spacing(0))
	omega := fft.Frequencies(frames, float64(steps[1]-steps[0])*r.Step)
	f := Frequencies{K: make([]float64, n), Omega: make([]float64, frames/2+1)}
	f.Power = make([]float64, n*len(f.Omega))
	plan := fft.NewPlan([]int{frames, n})
	phi := make([]complex128, frames*n)
	for first := 0; first < len(r.State(0).Arrays[0]); first += n {
		for t := range frames {
			window := math.Pow(math.Sin(math.Pi*(float64(t)+0.5)/float64(frames)), 2)
			for s, v := range r.State(t).Arrays[0][first : first+n] {
				phi[t*n+s] = complex(window*v, 0)
			}
		}
		plan.Forward(phi)
		for j := range f.Omega {
			// The transform is of e^{−i(kx + ωt)}: the wave e^{i(kx − ωt)} is at −ω.
			row := phi[(frames-j)%frames*n:][:n]
			for i, z := range row {
				f.Power[j*n+(i+n/2)%n] += math.Pow(cmplx.Abs(z), 2)
			}
		}
	}
	for i := range n {
		f.K[(i+n/2)%n] = k[i]
	}
	for j := range f.Omega {
		f.Omega[j] = math.Abs(omega[j])
	}
	return f, nil
}
