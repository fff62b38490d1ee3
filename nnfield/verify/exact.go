package verify

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Claims that an exact solution judges.

// judge returns φ and β at time t of the free field of a mass that starts from a
// state.
type judge func(s kleinGordon, mass float64, start *theory.State, t float64) (phi, beta []float64, err error)

var exactSolution = claim[kleinGordon]{
	"exact solution", "the distance to the solution of the lattice, exact in time mode by mode, falls as ε²",
	func(s kleinGordon) (finding, error) {
		return s.distanceTo(refinement+8*transformCost(s.params.Lattice), func(s kleinGordon, mass float64, start *theory.State, t float64) (phi, beta []float64, err error) {
			f, err := reference.NewFreeField(s.params.Lattice, mass, s.order(), start.Arrays[0], start.Arrays[1])
			if err != nil {
				return nil, nil, err
			}
			phi, beta = f.At(t)
			return phi, beta, nil
		})
	},
}

// transformCost returns what a transform to modes costs a site: the number of
// sites along an axis with walls, the sum of the prime factors of it along a
// periodic one.
func transformCost(l lattice.Lattice) int {
	cost := 0
	for _, a := range l.Axes() {
		n := a.Sites
		for p := 2; a.Periodic() && p*p <= n; p++ {
			for ; n%p == 0 && n > p; n /= p {
				cost += p
			}
		}
		cost += n
	}
	return cost
}

// tiny is the number of sites up to which the dense exponential takes no time.
const tiny = 64

var denseExponential = claim[kleinGordon]{
	"dense exponential", "the distance to exp(t[[0,1],[−K,0]])(φ, β), K written down entry by entry, falls as ε²",
	func(s kleinGordon) (finding, error) {
		switch {
		case s.params.Lattice.Sites() > tiny:
			return notApplicable(fmt.Sprintf("more than %d sites", tiny))
		case s.order() == reference.Continuum:
			return notApplicable("the spectral Laplacian has no stencil")
		}
		return s.distanceTo(refinement, func(s kleinGordon, mass float64, start *theory.State, t float64) (phi, beta []float64, err error) {
			k, err := reference.Stiffness(s.params.Lattice, mass, s.order())
			if err != nil {
				return nil, nil, err
			}
			return reference.Exponential(k, start.Arrays[0], start.Arrays[1], t)
		})
	},
}

// distanceTo refines the run of the free field from its initial state against a
// judge. A state that hardly moves is stirred.
func (s kleinGordon) distanceTo(steps int, exact judge) (finding, error) {
	if reason := first(s.interacting(), s.open()); reason != "" {
		return notApplicable(reason)
	}
	s, note, err := s.within(steps)
	if err != nil {
		return finding{}, err
	}
	if s.frequency()*s.step() < 1e-3 { // its errors would be round-off
		if s, err = s.stirred(); err != nil {
			return finding{}, err
		}
	}
	mass := s.params.Mass
	if s.misled {
		mass = math.Sqrt(mass*mass + s.frequency()*s.frequency()/10)
	}
	// Leapfrog's phase error ω³ε²t/24 of the mean mode is to stay below 5 %, where the
	// order shows.
	rough := s.step() * s.frequency()
	start, n := s.model.Initial(), s.affordable(min(256, 1.2/(rough*rough*rough)))
	t := float64(n) * s.step()
	var want theory.State
	want.Arrays = make([][]float64, 2)
	if want.Arrays[0], want.Arrays[1], err = exact(s, mass, start, t); err != nil {
		return finding{}, err
	}
	o, err := Convergence(s.scheme.Name, halved(s.step()), func(h float64) (float64, error) {
		end, err := s.propagate(int(math.Round(t/h)), t)
		if err != nil {
			return 0, err
		}
		return distance(end, &want), nil
	})
	if err != nil {
		return finding{}, err
	}
	return ofOrder(o, s.scheme.Order, fmt.Sprintf(" at t = %.2g%s", t, note))
}

var closedForm = claim[kleinGordon]{
	"closed form", "the distance of a lone soliton to its closed form falls at the order of the Laplacian in a",
	func(s kleinGordon) (finding, error) {
		if reason := s.open(); reason != "" {
			return notApplicable(reason)
		}
		if len(s.spec.Initial) != 1 {
			return notApplicable("no lone kink, antikink or breather")
		}
		exact, centre, err := s.soliton()
		if err != nil {
			return finding{}, err
		}
		if exact == nil {
			return notApplicable("no lone kink, antikink or breather")
		}
		// The closed form is that of an endless line. Nothing is faster than light, so
		// that until t the ends are felt only within t of them.
		axis := s.params.Lattice.Axis(0)
		t := min(10, min(centre, axis.Length-centre)/2)
		if t < 10*axis.Spacing() {
			return finding{status: Skipped, measured: "the soliton starts within 20 sites of an end"}, nil
		}
		want := 2
		if s.order() != 2 { // nor may time cap the order
			want = 4
			if s.scheme, err = simulate.FindIntegrator("yoshida4"); err != nil {
				return finding{}, err
			}
		}
		axis.Sites = min(axis.Sites, 1024)
		var sizes []float64
		subjects := map[float64]kleinGordon{}
		for range 3 {
			p := s.params
			if p.Lattice, err = lattice.New(axis); err != nil {
				return finding{}, err
			}
			fine, err := s.with(p)
			if err != nil {
				return finding{}, err
			}
			sizes = append(sizes, axis.Spacing())
			subjects[axis.Spacing()] = fine
			axis.Sites *= 2
		}
		n := math.Ceil(t / subjects[sizes[0]].step())
		o, err := Convergence("closed form", sizes, func(a float64) (float64, error) {
			s := subjects[a]
			end, err := s.propagate(int(math.Round(n*sizes[0]/a)), t)
			if err != nil {
				return 0, err
			}
			worst, scale := 0.0, 0.0
			for i, x := range s.params.Lattice.Coordinates(0) {
				if x < t || x > axis.Length-t {
					continue
				}
				phi := exact(x, t)
				worst = max(worst, math.Abs(end.Arrays[0][i]-phi))
				scale = max(scale, math.Abs(phi))
			}
			return worst / scale, nil
		})
		if err != nil {
			return finding{}, err
		}
		finest := len(sizes) - 1
		if s.order() == reference.Continuum { // it has no order, only round-off and the step
			return atMost(o.Errors[finest], 1e-5, fmt.Sprintf(" at t = %.2g for a = %.2g", t, sizes[finest]))
		}
		return ofOrder(o, want, fmt.Sprintf(" at t = %.2g for a = %.2g to %.2g", t, sizes[0], sizes[finest]))
	},
}

// soliton returns the closed form of the initial state and where it sits at
// t = 0; nil if it is no soliton. A misled judge has it move or swing otherwise.
func (s kleinGordon) soliton() (phi func(x, t float64) float64, centre float64, err error) {
	i, v := s.spec.Initial[0], s.spec.Potential
	if s.misled {
		i.Frequency *= 0.9
		i.Velocity -= math.Copysign(0.1, i.Velocity)
	}
	if i.Kind != "kink" && i.Kind != "antikink" && i.Kind != "breather" {
		return nil, 0, nil
	}
	centre = i.At[0]
	switch {
	case i.Kind == "breather":
		b, err := reference.NewBreather(i.Frequency, 0, centre)
		return func(x, t float64) float64 { return b.Phi(x, t+i.Phase/i.Frequency) }, centre, err
	case v.Kind == "phi4":
		k, err := reference.NewKink(v.Lambda, v.V, i.Velocity, centre)
		if i.Kind == "antikink" {
			k = k.Anti()
		}
		return k.Phi, centre, err
	}
	k, err := reference.NewSineGordonKink(i.Velocity, centre)
	if i.Kind == "antikink" { // it starts in the vacuum 0 at the left
		k = k.Anti()
		return func(x, t float64) float64 { return k.Phi(x, t) - 2*math.Pi }, centre, err
	}
	return k.Phi, centre, err
}
