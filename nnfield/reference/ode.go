package reference

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

// ODE is a system of ordinary differential equations y′ = F(t, y), solved by the
// pair of orders 5 and 4 of J. R. Dormand and P. J. Prince (J. Comput. Appl. Math.
// 6, 19 (1980)) with steps that follow the error and with the continuous output
// of order 4 of E. Hairer, S. P. Nørsett and G. Wanner (Solving Ordinary
// Differential Equations I, 1993, §II.6). It is for smooth systems that are not stiff.
type ODE struct {
	// F writes the right-hand side at (t, y) to dst. It must not keep or change y.
	F func(dst []float64, t float64, y []float64)

	// Tolerance bounds the error of a step in each component, relative to
	// 1 + |y_i|; 0 means 1e-10. The error of the whole is about as much larger as
	// neighbouring solutions part. It must be at least 1e-14.
	Tolerance float64

	// Stop, if there, ends the solution where it passes from positive to zero or
	// below. It is looked at after each step and its zero found on the continuous
	// output, so it must not change sign twice in a step.
	Stop func(t float64, y []float64) float64

	// MaxSteps bounds the steps that are tried; 0 means 100000.
	MaxSteps int
}

// Trajectory is the solution of an [ODE]: y at all times from the first to the
// last.
type Trajectory struct {
	n       int
	t       []float64 // ends of the steps, the start first
	h       []float64 // lengths of the steps; that of the last may reach beyond the end
	pieces  []float64 // five coefficients of each component of each step
	stopped bool
}

// The tableau of Dormand and Prince. Row i of ode5Stages gives the argument of
// stage i+1; its last row is also the solution of order 5.
var (
	ode5Nodes  = [7]float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1}
	ode5Stages = [7][6]float64{
		{},
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
		{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
	}
	// Order 5 less order 4.
	ode5Error = [7]float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}
	// The highest coefficient of the continuous output.
	ode5Dense = [7]float64{
		-12715105075. / 11282082432, 0, 87487479700. / 32700410799, -10690763975. / 1880347072,
		701980252875. / 199316789632, -1453857185. / 822651844, 69997945. / 29380423,
	}
)

const (
	// A system is called stiff when so many steps one after the other have h|λ| on the
	// edge of the region of stability (Hairer and Wanner, Solving Ordinary Differential
	// Equations II, 1996, §IV.2).
	stiffLimit, stiffSteps = 3.25, 15
)

// Solve returns the solution with y(t0) = y0 from t0 to t1, which may lie before
// t0.
//
// It fails for a start that is empty or not finite, for a tolerance or a number of
// steps out of range, where the solution stops to be finite or needs steps below
// the resolution of t, where it needs more than MaxSteps steps, and where it is
// stiff: there stability and not accuracy sets the step, and an implicit method is
// needed.
func (o ODE) Solve(t0 float64, y0 []float64, t1 float64) (*Trajectory, error) {
	tr, err := o.solve(t0, y0, t1)
	if err != nil {
		return nil, fmt.Errorf("reference.ODE: %w", err)
	}
	return tr, nil
}

func (o ODE) solve(t0 float64, y0 []float64, t1 float64) (*Trajectory, error) {
	if o.Tolerance == 0 {
		o.Tolerance = 1e-10
	}
	if o.MaxSteps == 0 {
		o.MaxSteps = 100_000
	}
	if err := o.check(t0, y0, t1); err != nil {
		return nil, err
	}
	s := newODEStep(o, y0)
	s.f(s.k[0], t0, s.y)
	for i, v := range s.k[0] {
		if !finite(v) {
			return nil, fmt.Errorf("component %d of F is %v at the start, t = %v; it must be finite", i, v, t0)
		}
	}
	ahead := 0.0 // of Stop
	if o.Stop != nil {
		ahead = o.Stop(t0, s.y)
	}
	tr := &Trajectory{n: len(y0), t: []float64{t0}}
	t, h, stiff := t0, s.first(t1-t0), 0
	for range o.MaxSteps {
		end := t + h
		if math.Abs(h) >= math.Abs(t1-t) {
			h, end = t1-t, t1
		}
		if math.Abs(h) <= 4e-16*max(math.Abs(t), math.Abs(t1-t0)) {
			return nil, fmt.Errorf("the step falls below the resolution of t at t = %.6g: the solution has a singularity there, F is not finite or not smooth; end before it", t)
		}
		err := s.try(t, h)
		if !finite(err) {
			h /= 10
			continue
		}
		// The local error is of order 5 in h.
		factor := min(5, max(0.2, 0.9*math.Pow(max(err, 1e-10), -0.2)))
		if err > 1 {
			h *= factor
			continue
		}
		stiff++
		if !s.stiff(h) {
			stiff = 0
		}
		if stiff == stiffSteps {
			return nil, fmt.Errorf("stiff at t = %.6g: steps of %.2g are set by stability and not by accuracy; end before it or take an implicit method", t, math.Abs(h))
		}
		tr.add(end, h, s)
		s.accept()
		t = end
		if o.Stop != nil {
			before := ahead
			if ahead = o.Stop(t, s.y); before > 0 && !(ahead > 0) {
				tr.cut(o.Stop)
				return tr, nil
			}
		}
		if t == t1 {
			return tr, nil
		}
		h *= factor
	}
	return nil, fmt.Errorf("not at t = %.6g but at %.6g after %d steps; allow more with MaxSteps or a larger Tolerance", t1, t, o.MaxSteps)
}

func (o ODE) check(t0 float64, y0 []float64, t1 float64) error {
	switch {
	case o.F == nil:
		return errors.New("no right-hand side; set F")
	case len(y0) == 0:
		return errors.New("the start y0 is empty; give at least one number")
	case !finite(t0) || !finite(t1) || t0 == t1:
		return fmt.Errorf("from t = %v to %v; give two different finite times", t0, t1)
	case !(o.Tolerance >= 1e-14 && o.Tolerance < 1):
		return fmt.Errorf("tolerance %v; it must lie between 1e-14 and 1", o.Tolerance)
	case o.MaxSteps < 0:
		return fmt.Errorf("at most %d steps; MaxSteps must be positive, or 0 for 100000", o.MaxSteps)
	}
	for i, v := range y0 {
		if !finite(v) {
			return fmt.Errorf("y0[%d] = %v; the start must be finite", i, v)
		}
	}
	return nil
}

// odeStep is one step of the method.
type odeStep struct {
	f         func(dst []float64, t float64, y []float64)
	tolerance float64
	k         [7][]float64 // the stages; the last is the first of the next step
	y, next   []float64    // before and after
	arg       []float64    // of a stage; after try that of the last but one
}

func newODEStep(o ODE, y0 []float64) *odeStep {
	n := len(y0)
	s := &odeStep{f: o.F, tolerance: o.Tolerance, y: slices.Clone(y0), next: make([]float64, n), arg: make([]float64, n)}
	for i := range s.k {
		s.k[i] = make([]float64, n)
	}
	return s
}

// try makes the step of length h from t and returns its error in units of the
// tolerance, the root of the mean square over the components.
func (s *odeStep) try(t, h float64) float64 {
	for i := 1; i < 7; i++ {
		dst := s.arg
		if i == 6 {
			dst = s.next
		}
		for j := range dst {
			sum := 0.0
			for l, a := range ode5Stages[i][:i] {
				sum += float64(a * s.k[l][j])
			}
			dst[j] = s.y[j] + float64(h*sum)
		}
		s.f(s.k[i], t+float64(ode5Nodes[i]*h), dst)
	}
	square := 0.0
	for j := range s.y {
		e := 0.0
		for i, w := range ode5Error {
			e += float64(w * s.k[i][j])
		}
		e *= h / (s.tolerance * (1 + max(math.Abs(s.y[j]), math.Abs(s.next[j]))))
		square += float64(e * e)
	}
	return math.Sqrt(square / float64(len(s.y)))
}

// accept makes the end of the step the beginning of the next.
func (s *odeStep) accept() {
	s.y, s.next = s.next, s.y
	s.k[0], s.k[6] = s.k[6], s.k[0]
}

// first returns a guess at the first step, which the error control corrects: a
// hundredth of the time in which y changes by its own size.
func (s *odeStep) first(span float64) float64 {
	size, speed := 0.0, 0.0
	for i, y := range s.y {
		scale := 1 + math.Abs(y)
		size, speed = math.Hypot(size, y/scale), math.Hypot(speed, s.k[0][i]/scale)
	}
	h := math.Abs(span)
	if speed > 0 {
		h = min(h, 0.01*max(size, 1e-3)/speed)
	}
	return math.Copysign(h, span)
}

// stiff tells whether h times the steepest slope of F, seen between the last two
// stages, which have the same time, lies at the edge of the region of stability.
func (s *odeStep) stiff(h float64) bool {
	slope, distance := 0.0, 0.0
	for i := range s.y {
		slope, distance = math.Hypot(slope, s.k[6][i]-s.k[5][i]), math.Hypot(distance, s.next[i]-s.arg[i])
	}
	return math.Abs(h)*slope > stiffLimit*distance
}

// add appends the step of length h that ends at t.
func (tr *Trajectory) add(t, h float64, s *odeStep) {
	tr.t, tr.h = append(tr.t, t), append(tr.h, h)
	for j, y := range s.y {
		rise := s.next[j] - y
		start := float64(h*s.k[0][j]) - rise
		top := 0.0
		for i, w := range ode5Dense {
			top += float64(w * s.k[i][j])
		}
		tr.pieces = append(tr.pieces, y, rise, start, rise-float64(h*s.k[6][j])-start, h*top)
	}
}

// cut ends the last step where stop becomes zero, by halving.
func (tr *Trajectory) cut(stop func(t float64, y []float64) float64) {
	last := len(tr.h) - 1
	from, to := tr.t[last], tr.t[last+1] // stop is positive at from, not at to
	y := make([]float64, tr.n)
	for {
		middle := from + (to-from)/2
		if middle == from || middle == to {
			break
		}
		if tr.At(y, middle); stop(middle, y) > 0 {
			from = middle
		} else {
			to = middle
		}
	}
	tr.t[last+1], tr.stopped = to, true
}

// At writes y at time t to dst and returns it; a nil dst is made. Before the start
// and after the end it goes on along the nearest step's polynomial, which is good
// for rounding only. It panics for a dst of another length.
func (tr *Trajectory) At(dst []float64, t float64) []float64 {
	if dst == nil {
		dst = make([]float64, tr.n)
	}
	if len(dst) != tr.n {
		panic(fmt.Sprintf("reference.Trajectory.At: %d places for %d components", len(dst), tr.n))
	}
	// The first step that does not end before t; h < 0 where time runs backward.
	i := sort.Search(len(tr.h)-1, func(i int) bool { return (t-tr.t[i+1])*tr.h[0] <= 0 })
	s := (t - tr.t[i]) / tr.h[i]
	for j := range dst {
		c := tr.pieces[5*(i*tr.n+j):][:5]
		dst[j] = c[0] + float64(s*(c[1]+float64((1-s)*(c[2]+float64(s*(c[3]+float64((1-s)*c[4])))))))
	}
	return dst
}

// Span returns the first and the last time.
func (tr *Trajectory) Span() (start, end float64) { return tr.t[0], tr.t[len(tr.t)-1] }

// Stopped tells whether the solution ended where Stop became zero.
func (tr *Trajectory) Stopped() bool { return tr.stopped }

// Steps returns the number of steps taken.
func (tr *Trajectory) Steps() int { return len(tr.h) }
