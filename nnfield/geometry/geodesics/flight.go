package geodesics

import (
	"context"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/convergence"
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Flight is a packet that flies through a network, and what its path is judged by.
type Flight struct {
	// Field is the network: metric, mass and lattice, without a state. Use Order(4).
	Field geometry.Builder

	// Packet is the state at the start, in the coordinates of the lattice.
	Packet reference.Packet

	// Spacetime and Mass are the metric and the mass of the field a second time, for
	// the judge; see also [Emergent].
	Spacetime reference.Spacetime
	Mass      float64

	// Until is the duration.
	Until float64
}

// Landing is a run joined with its judges.
type Landing struct {
	Path   Path              // of the packet
	Ray    *reference.Ray    // the geodesic of its centre
	Bundle *reference.Bundle // geodesics from all over its Wigner function

	// ToRay and ToBundle are the largest distances of the path from the two judges,
	// divided by its length.
	ToRay, ToBundle float64
}

// Simulation returns the run of the packet, by leapfrog, with 17 frames. With
// differences of order 4 a wave lags by the fraction (ka)⁴/36 of its group velocity,
// and leapfrog lets it lead by (ωε)²/8; the step is the one that makes them equal for
// the centre of the packet, ωε = (√2/3)(ka)².
func (f Flight) Simulation() simulate.Simulation {
	s := f.Field.
		Packet(theory.At(f.Packet.At...), theory.WaveNumber(f.Packet.WaveNumber...), theory.Width(f.Packet.Width)).
		Until(f.Until).Frames(simulate.Count(17))
	model, err := s.Model()
	d := f.Spacetime.Dim
	if err != nil || model.Lattice().Dim() != d || len(f.Packet.WaveNumber) != d || len(f.Packet.At) != d {
		return s // which says what is wrong, or Judge will
	}
	ka := 0.0
	for j, k := range f.Packet.WaveNumber {
		ka = math.Hypot(ka, k*model.Lattice().Spacing(j))
	}
	still := f.Spacetime
	still.Shift = nil // the clock of the packet, not of the lattice that it is dragged through
	return s.Step(math.Sqrt2 / 3 * ka * ka / still.Hamiltonian(f.Mass, 0, f.Packet.At, f.Packet.WaveNumber))
}

// pairs is the number of pairs of rays of a bundle. Their second moments are exact
// whatever it is; the fourth are not, and matter as little as the square of those.
const pairs = 64

// Judge joins a run of [Flight.Simulation] with its judges. It fails where
// [Follow], [reference.Spacetime.Ray] and [reference.Spacetime.Bundle] fail, and for a
// packet that does not move: the distances are parts of its path.
func (f Flight) Judge(r *simulate.Run) (Landing, error) {
	var l Landing
	var err error
	if l.Path, err = Follow(r); err != nil {
		return l, err
	}
	if l.Ray, err = f.Spacetime.Ray(f.Mass, f.Packet.At, f.Packet.WaveNumber, f.Until); err != nil {
		return l, fmt.Errorf("Judge: %w", err)
	}
	if l.Bundle, err = f.Spacetime.Bundle(f.Mass, f.Packet, pairs, f.Until); err != nil {
		return l, fmt.Errorf("Judge: %w", err)
	}
	length := l.Path.Length()
	if length == 0 {
		return l, fmt.Errorf("Judge: the packet does not move in %d frames; keep more, or give it a wave number", len(l.Path.Times))
	}
	l.ToRay, l.ToBundle = l.Path.Distance(l.Ray.Place)/length, l.Path.Distance(l.Bundle.Centroid)/length
	return l, nil
}

// Run runs the network and judges the path of the packet.
func (f Flight) Run(ctx context.Context) (Landing, error) {
	r, err := f.Simulation().Run(ctx)
	if err != nil {
		return Landing{}, err
	}
	return f.Judge(r)
}

// Study is what becomes of flights for shorter and shorter waves.
type Study struct {
	Landings []Landing         // of each wavelength
	Ray      convergence.Order // how the distance from the ray falls with λ, relative to the path
	Bundle   convergence.Order // and the distance from the bundle
}

// Converge runs flights of descending wavelengths λ. With a width ∝ √λ the distance
// of the packet from its ray falls as λ and from its bundle as λ²; with a fixed width
// the distance from the ray stays. Beyond some λ the error of the lattice is seen,
// unless its spacing falls faster than λ. It fails where [Flight.Run] and
// [convergence.Measure] do.
func Converge(ctx context.Context, flight func(wavelength float64) Flight, wavelengths ...float64) (Study, error) {
	var s Study
	var err error
	s.Ray, err = convergence.Measure("packet and ray", wavelengths, func(wavelength float64) (float64, error) {
		l, err := flight(wavelength).Run(ctx)
		s.Landings = append(s.Landings, l)
		return l.ToRay, err
	})
	if err != nil {
		return s, err
	}
	i := -1
	s.Bundle, err = convergence.Measure("packet and bundle", wavelengths, func(float64) (float64, error) {
		i++
		return s.Landings[i].ToBundle, nil
	})
	return s, err
}
