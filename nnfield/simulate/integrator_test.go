package simulate

import (
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// oscillator is φ̈ = −ω²φ, the judge of what an integrator does to one mode. It
// is written down here, apart from every theory.
type oscillator struct{ step, omega float64 }

func (o oscillator) Load(net, physical *theory.State) {
	net.Set(physical)
	net.Arrays[1][0] *= o.step
}

func (o oscillator) Physical(physical, net *theory.State) {
	physical.Set(net)
	physical.Arrays[1][0] /= o.step
}

func (o oscillator) Drift(s *theory.State, c float64) {
	s.Arrays[0][0] += c * s.Arrays[1][0]
	s.Time += c * o.step
}

func (o oscillator) Kick(s *theory.State, d float64) {
	s.Arrays[1][0] -= d * o.step * o.step * o.omega * o.omega * s.Arrays[0][0]
}

func (o oscillator) AddFlow(dst *theory.State, h float64, s *theory.State) error {
	dst.Arrays[0][0] += h * s.Arrays[1][0]
	dst.Arrays[1][0] -= h * o.step * o.step * o.omega * o.omega * s.Arrays[0][0]
	return nil
}

func run(t *testing.T, in Integrator, o oscillator, n int, phi, beta float64) *theory.State {
	t.Helper()
	field := []theory.Field{{Name: "phi", Shape: []int{1}}, {Name: "beta", Shape: []int{1}}}
	st, err := newStepper(in, o, field, o.step)
	if err != nil {
		t.Fatal(err)
	}
	from := &theory.State{Arrays: [][]float64{{phi}, {beta}}}
	s := from.Clone()
	o.Load(s, from)
	st.start(s)
	st.advance(s, n)
	st.sync(s)
	out := from.Clone()
	o.Physical(out, s)
	return out
}

// Below its stability limit a scheme stays bounded for ever, above it grows. The
// limits of the table are good to a percent.
func TestStabilityLimits(t *testing.T) {
	for _, in := range Integrators() {
		size := func(fraction float64) float64 {
			s := run(t, in, oscillator{step: fraction * in.Stability, omega: 1}, 4000, 1, 0)
			return math.Hypot(s.Arrays[0][0], s.Arrays[1][0])
		}
		if s := size(0.99); !(s < 100) {
			t.Errorf("%s: |state| = %.3g after 4000 steps at 0.99 of the limit", in.Name, s)
		}
		if s := size(1.01); s < 1e6 {
			t.Errorf("%s: |state| = %.3g after 4000 steps at 1.01 of the limit", in.Name, s)
		}
	}
}

// The error after a fixed time falls at the order that the table says.
func TestOrders(t *testing.T) {
	const T = 3.0
	for _, in := range Integrators() {
		distance := func(n int) float64 {
			s := run(t, in, oscillator{step: T / float64(n), omega: 1}, n, 1, 0.5)
			return math.Hypot(s.Arrays[0][0]-(math.Cos(T)+0.5*math.Sin(T)), s.Arrays[1][0]-(0.5*math.Cos(T)-math.Sin(T)))
		}
		n := 40
		if order := math.Log2(distance(n) / distance(2*n)); math.Abs(order-float64(in.Order)) > 0.15 {
			t.Errorf("%s: observed order %.2f, want %d", in.Name, order, in.Order)
		}
	}
}

// n steps and n more are 2n steps, and a symmetric scheme undoes itself.
func TestSubSteppingAndReversal(t *testing.T) {
	for _, in := range Integrators() {
		o := oscillator{step: 0.1, omega: 1.3}
		whole := run(t, in, o, 200, 1, 0.5)
		half := run(t, in, o, 100, 1, 0.5)
		rest := run(t, in, o, 100, half.Arrays[0][0], half.Arrays[1][0])
		if d := math.Abs(whole.Arrays[0][0] - rest.Arrays[0][0]); d > 1e-13 {
			t.Errorf("%s: 100 + 100 steps are off 200 by %.2g", in.Name, d)
		}
		back := run(t, in, o, 200, whole.Arrays[0][0], -whole.Arrays[1][0])
		d := math.Abs(back.Arrays[0][0]-1) + math.Abs(back.Arrays[1][0]+0.5)
		if symmetric := in.Symplectic() && in.Order%2 == 0; symmetric && d > 1e-12 {
			t.Errorf("%s: off by %.2g after 200 steps and back", in.Name, d)
		} else if !symmetric && d < 1e-6 {
			t.Errorf("%s, the control: reversed to %.2g", in.Name, d)
		}
	}
}

// The coefficients of a scheme add up to one step.
func TestCoefficients(t *testing.T) {
	for _, in := range Integrators() {
		if !in.Symplectic() {
			continue
		}
		c, d := 0.0, 0.0
		for _, x := range in.Drifts {
			c += x
		}
		for _, x := range in.Kicks {
			d += x
		}
		if math.Abs(c-1) > 1e-14 || math.Abs(d-1) > 1e-14 {
			t.Errorf("%s: drifts add up to %v, kicks to %v", in.Name, c, d)
		}
	}
}
