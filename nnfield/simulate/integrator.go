package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// Numerics is the version of the integrators' numbers: it changes whenever one
// of them gives other bits. A test with golden bits guards it.
const Numerics = 1

// Integrator is a time-stepping scheme as data.
//
// A symplectic scheme is a sequence of kicks (learning) and drifts
// (activation), one step of duration ε being
//
//	K(d₀ε) D(c₀ε) K(d₁ε) D(c₁ε) … D(c_{s−1}ε) K(d_sε).
//
// Between steps the state is kept just before the drifts, with the last kick of
// a step and the first of the next taken as one: for leapfrog that is the
// network's own order, activation first, then learning with the fresh state, on
// the staggered pair (φ_n, β_{n+½}).
type Integrator struct {
	Name      string
	Order     int     // of the error in ε
	Stability float64 // the scheme is stable for ε·ω_max below it
	Source    string
	Drifts    []float64 // c, s numbers
	Kicks     []float64 // d, s+1 numbers
}

// Symplectic tells whether the scheme is a composition of exact kicks and
// drifts: it keeps the symplectic form, so that its energy error is bounded.
func (in Integrator) Symplectic() bool { return len(in.Drifts) > 0 }

// palindrome returns the kick-drift-kick composition of leapfrogs of the given
// weights, mirrored: weights w_1 … w_k, w_0, w_k … w_1.
func palindrome(w0 float64, w ...float64) (drifts, kicks []float64) {
	drifts = append(drifts, w...)
	drifts = append(drifts, w0)
	for _, v := range slices.Backward(w) {
		drifts = append(drifts, v)
	}
	kicks = append(kicks, drifts[0]/2)
	for i := 1; i < len(drifts); i++ {
		kicks = append(kicks, (drifts[i-1]+drifts[i])/2)
	}
	return drifts, append(kicks, drifts[len(drifts)-1]/2)
}

// Propagate takes a synchronised state in physics units n steps on and returns
// the synchronised result: the whole of a simulation without its recording.
func Propagate(m theory.Model, in Integrator, step float64, n int, from *theory.State) (*theory.State, error) {
	e, err := m.Evolve(step)
	if err != nil {
		return nil, err
	}
	st, err := newStepper(in, e, m.Fields(), step)
	if err != nil {
		return nil, err
	}
	s := from.Clone()
	e.Load(s, from)
	st.start(s)
	st.advance(s, n)
	st.sync(s)
	out := from.Clone()
	e.Physical(out, s)
	return out, nil
}

// Integrators returns all schemes, the default first.
func Integrators() []Integrator {
	leap := Integrator{Name: "leapfrog", Order: 2, Stability: 2,
		Source: "L. Verlet, Phys. Rev. 159, 98 (1967); Hairer, Lubich, Wanner, Geometric Numerical Integration, §I.1.4"}
	leap.Drifts, leap.Kicks = palindrome(1)

	cbrt2 := math.Cbrt(2)
	yoshida4 := Integrator{Name: "yoshida4", Order: 4, Stability: 1.5734,
		Source: "H. Yoshida, Phys. Lett. A 150, 262 (1990), eq. (2.11)"}
	yoshida4.Drifts, yoshida4.Kicks = palindrome(-cbrt2/(2-cbrt2), 1/(2-cbrt2))

	yoshida6 := Integrator{Name: "yoshida6", Order: 6, Stability: 2.2683,
		Source: "H. Yoshida, Phys. Lett. A 150, 262 (1990), table 1, solution A; digits of Hairer, Lubich, Wanner, §V.3.2"}
	const w1, w2, w3 = -1.17767998417887100694641568096431573, 0.235573213359358133684793182978534602, 0.784513610477557263819497633866351968
	yoshida6.Drifts, yoshida6.Kicks = palindrome(1-2*(w1+w2+w3), w3, w2, w1)

	return []Integrator{
		leap,
		{Name: "symplectic-euler", Order: 1, Stability: 2,
			Source: "Hairer, Lubich, Wanner, Geometric Numerical Integration, §I.1.2, eq. (1.9); the bare step of the network",
			Drifts: []float64{1}, Kicks: []float64{0, 1}},
		yoshida4,
		yoshida6,
		{Name: "rk4", Order: 4, Stability: 2.8284,
			Source: "W. Kutta, Z. Math. Phys. 46, 435 (1901); not symplectic: the control whose energy drifts"},
	}
}

// FindIntegrator returns the scheme of a name; "" is the default. The error
// lists the names.
func FindIntegrator(name string) (Integrator, error) {
	var names []string
	for _, in := range Integrators() {
		if in.Name == name || name == "" {
			return in, nil
		}
		names = append(names, in.Name)
	}
	return Integrator{}, fmt.Errorf("Integrator(%q): no such scheme; use %s", name, strings.Join(names, ", "))
}

// stepper advances the state of one evolution with one scheme. It owns scratch.
type stepper struct {
	in    Integrator
	e     theory.Evolution
	swept theory.Swept // the evolution, if it takes many steps of this scheme at once
	step  float64
	kicks []float64        // after each drift; the last one is that of two steps
	stage [3]*theory.State // of Runge-Kutta
}

func newStepper(in Integrator, e theory.Evolution, fields []theory.Field, step float64) (*stepper, error) {
	s := &stepper{in: in, e: e, step: step}
	if !in.Symplectic() {
		for i := range s.stage {
			s.stage[i] = theory.NewState(fields)
		}
		if err := e.AddFlow(s.stage[0], 0, s.stage[1]); err != nil {
			return nil, fmt.Errorf("Integrator(%q): %w", in.Name, err)
		}
		return s, nil
	}
	s.kicks = slices.Clone(in.Kicks[1:])
	s.kicks[len(s.kicks)-1] += in.Kicks[0]
	s.swept, _ = e.(theory.Swept)
	return s, nil
}

// start takes a synchronised state to where it is kept between steps, sync
// takes a copy back.
func (st *stepper) start(s *theory.State) {
	if st.in.Symplectic() && st.in.Kicks[0] != 0 {
		st.e.Kick(s, st.in.Kicks[0])
	}
}

func (st *stepper) sync(s *theory.State) {
	if back := st.back(); back != 0 {
		st.e.Kick(s, back)
	}
}

// back returns the kick from where a state is kept between steps to a synchronised
// one.
func (st *stepper) back() float64 {
	if !st.in.Symplectic() {
		return 0
	}
	return -st.in.Kicks[0]
}

// advance does n steps. The time is set from the step number, so that it does
// not gather rounding errors.
func (st *stepper) advance(s *theory.State, n int) {
	if st.swept != nil {
		st.swept.Advance(s, n, st.in.Drifts, st.kicks)
		return
	}
	for range n {
		if st.in.Symplectic() {
			last := len(st.kicks) - 1
			for i, c := range st.in.Drifts {
				st.e.Drift(s, c)
				if i == last {
					s.Time = float64(s.Step+1) * st.step // before the kick, which belongs to the full step
				}
				st.e.Kick(s, st.kicks[i])
			}
		} else {
			st.rungeKutta(s)
		}
		s.Step++
		s.Time = float64(s.Step) * st.step
	}
}

// rungeKutta is the classical scheme of order 4.
func (st *stepper) rungeKutta(s *theory.State) {
	sum, y, next := st.stage[0], st.stage[1], st.stage[2]
	sum.Set(s)
	y.Set(s)
	for i, weight := range [4]float64{1. / 6, 1. / 3, 1. / 3, 1. / 6} {
		st.flow(sum, weight, y)
		if i < 3 {
			next.Set(s)
			st.flow(next, [3]float64{0.5, 0.5, 1}[i], y)
			y, next = next, y
		}
	}
	s.Set(sum)
}

func (st *stepper) flow(dst *theory.State, h float64, s *theory.State) {
	if err := st.e.AddFlow(dst, h, s); err != nil {
		panic(err) // newStepper has tried it
	}
}

// String returns the scheme in one line.
func (in Integrator) String() string {
	kind := "symplectic"
	if !in.Symplectic() {
		kind = "not symplectic"
	}
	return fmt.Sprintf("%s: order %d, %s, stable for ε < %.4g/ω_max", in.Name, in.Order, kind, in.Stability)
}
