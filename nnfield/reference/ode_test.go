package reference_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/reference"
)

// kepler is the motion of a planet about a sun of GM = 1.
func kepler(dst []float64, _ float64, y []float64) {
	r := math.Hypot(y[0], y[1])
	dst[0], dst[1], dst[2], dst[3] = y[2], y[3], -y[0]/(r*r*r), -y[1]/(r*r*r)
}

// planet returns the exact state of eccentricity e a time t after the perihelion.
func planet(e, t float64) []float64 {
	u := t
	for range 60 { // Kepler's equation t = u − e sin u
		u -= (u - e*math.Sin(u) - t) / (1 - e*math.Cos(u))
	}
	sin, cos := math.Sincos(u)
	b, speed := math.Sqrt(1-e*e), 1/(1-e*cos)
	return []float64{cos - e, b * sin, -sin * speed, b * cos * speed}
}

func solve(t testing.TB, o reference.ODE, from float64, y0 []float64, to float64) *reference.Trajectory {
	t.Helper()
	tr, err := o.Solve(from, y0, to)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// The error falls with the number of steps at order 5, between the steps at 4.
func TestODEOrder(t *testing.T) {
	const e, until = 0.3, 2 * math.Pi
	var steps, ends, between []float64
	for _, tolerance := range []float64{1e-5, 1e-7, 1e-9, 1e-11} {
		tr := solve(t, reference.ODE{F: kepler, Tolerance: tolerance}, 0, planet(e, 0), until)
		steps = append(steps, float64(tr.Steps()))
		ends = append(ends, distance(tr.At(nil, until), planet(e, until)))
		worst := 0.0
		for i := range 400 {
			at := until * float64(i) / 400
			worst = max(worst, distance(tr.At(nil, at), planet(e, at)))
		}
		between = append(between, worst)
	}
	slope := func(err []float64) float64 {
		n := len(err) - 1
		return -math.Log(err[n]/err[0]) / math.Log(steps[n]/steps[0])
	}
	if o := slope(ends); o < 4.7 || o > 5.5 {
		t.Errorf("order %.2f at the end, want 5: errors %.2g for %v steps", o, ends, steps)
	}
	if o := slope(between); o < 3.8 || o > 5.5 {
		t.Errorf("order %.2f between steps, want at least 4: errors %.2g", o, between)
	}
}

// Ten revolutions of an eccentric planet against Kepler's equation; what is
// conserved is, to the tolerance.
func TestODEKepler(t *testing.T) {
	const e, until = 0.6, 20 * math.Pi
	tr := solve(t, reference.ODE{F: kepler, Tolerance: 1e-12}, 0, planet(e, 0), until)
	for i := range 101 {
		at := until * float64(i) / 100
		y := tr.At(nil, at)
		if d := distance(y, planet(e, at)); d > 2e-8 {
			t.Fatalf("%.2g from the orbit at t = %.1f", d, at)
		}
		energy := (y[2]*y[2]+y[3]*y[3])/2 - 1/math.Hypot(y[0], y[1])
		if math.Abs(energy+0.5) > 1e-9 {
			t.Fatalf("energy %.12f at t = %.1f, want −½", energy, at)
		}
	}
	if tr.Steps() > 6000 {
		t.Errorf("%d steps; the order is lost", tr.Steps())
	}
	// A larger tolerance is used.
	if loose := solve(t, reference.ODE{F: kepler, Tolerance: 1e-6}, 0, planet(e, 0), until); 4*loose.Steps() > tr.Steps() {
		t.Errorf("%d steps for 1e-6, %d for 1e-12", loose.Steps(), tr.Steps())
	}
	back := solve(t, reference.ODE{F: kepler, Tolerance: 1e-12}, until, tr.At(nil, until), 0)
	if d := distance(back.At(nil, 0), planet(e, 0)); d > 1e-7 {
		t.Errorf("%.2g from the start after the way back", d)
	}
	if d := distance(back.At(nil, 30), planet(e, 30)); d > 1e-7 {
		t.Errorf("%.2g from the orbit on the way back", d)
	}
	if start, end := back.Span(); start != until || end != 0 || back.Stopped() {
		t.Errorf("the way back spans %v to %v, stopped %v", start, end, back.Stopped())
	}
}

// Rotations of linear systems against the dense exponential.
func TestODELinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		a := mat.NewDense(n, n, noise(n*n, rapid.Uint64().Draw(t, "seed")))
		y0, until := noise(n, 3), rapid.Float64Range(-2, 2).Filter(func(x float64) bool { return x != 0 }).Draw(t, "until")
		tr, err := reference.ODE{F: func(dst []float64, _ float64, y []float64) {
			mat.NewVecDense(n, dst).MulVec(a, mat.NewVecDense(n, y))
		}}.Solve(0, y0, until)
		if err != nil {
			t.Fatal(err)
		}
		var flow mat.Dense
		flow.Scale(until, a)
		flow.Exp(&flow)
		want := make([]float64, n)
		mat.NewVecDense(n, want).MulVec(&flow, mat.NewVecDense(n, y0))
		growth := 1 + mat.Norm(&flow, 2)
		if d := distance(tr.At(nil, until), want); d > 1e-8*growth*growth {
			t.Errorf("%.2g from the exponential", d)
		}
	})
}

func TestODEStop(t *testing.T) {
	pendulum := reference.ODE{
		F:    func(dst []float64, _ float64, y []float64) { dst[0], dst[1] = y[1], -y[0] },
		Stop: func(_ float64, y []float64) float64 { return y[0] },
	}
	for _, c := range []struct {
		name        string
		start       []float64
		from, until float64
		end         float64
	}{
		{"falls through zero", []float64{1, 0}, 0, 10, math.Pi / 2},
		{"begins below", []float64{-1, 0}, 0, 10, 3 * math.Pi / 2},
		{"begins at zero, rises", []float64{0, 1}, 0, 10, math.Pi},
		{"backward", []float64{1, 0}, 0, -10, -math.Pi / 2},
		{"not reached", []float64{1, 0}, 0, 1.5, 1.5},
	} {
		tr := solve(t, pendulum, c.from, c.start, c.until)
		_, end := tr.Span()
		if math.Abs(end-c.end) > 1e-8 {
			t.Errorf("%s: ends at %.10f, want %.10f", c.name, end, c.end)
		}
		if tr.Stopped() != (c.end != c.until) {
			t.Errorf("%s: stopped %v", c.name, tr.Stopped())
		}
		if y := tr.At(nil, end); tr.Stopped() && math.Abs(y[0]) > 1e-8 {
			t.Errorf("%s: ends at %v", c.name, y)
		}
	}
}

func TestODERefuses(t *testing.T) {
	still := func(dst []float64, _ float64, _ []float64) { clear(dst) }
	for _, c := range []struct {
		ode    reference.ODE
		y0     []float64
		to     float64
		reason string
	}{
		{reference.ODE{}, []float64{1}, 1, "set F"},
		{reference.ODE{F: still}, nil, 1, "at least one number"},
		{reference.ODE{F: still}, []float64{math.NaN()}, 1, "y0[0] = NaN"},
		{reference.ODE{F: still}, []float64{1}, 0, "two different finite times"},
		{reference.ODE{F: still}, []float64{1}, math.Inf(1), "two different finite times"},
		{reference.ODE{F: still, Tolerance: 1e-17}, []float64{1}, 1, "between 1e-14 and 1"},
		{reference.ODE{F: still, MaxSteps: -1}, []float64{1}, 1, "at most -1 steps"},
		{reference.ODE{F: func(dst []float64, _ float64, _ []float64) { dst[0] = math.Inf(1) }}, []float64{1}, 1, "component 0 of F is +Inf at the start"},
		// y = 1/(1 − t)
		{reference.ODE{F: func(dst []float64, _ float64, y []float64) { dst[0] = y[0] * y[0] }}, []float64{1}, 2, "singularity"},
		{reference.ODE{F: func(dst []float64, t float64, _ []float64) { dst[0] = math.Sqrt(1 - t) }}, []float64{1}, 2, "resolution of t at t = 1"},
		{reference.ODE{F: kepler, MaxSteps: 20}, planet(0.6, 0), 100, "after 20 steps"},
		// Relaxation 10⁵ times faster than what drives it.
		{reference.ODE{F: func(dst []float64, t float64, y []float64) { dst[0] = -1e5 * (y[0] - math.Cos(t)) }}, []float64{0}, 10, "stiff at t = "},
	} {
		_, err := c.ode.Solve(0, c.y0, c.to)
		wantError(t, err, "reference.ODE: ", c.reason)
	}
	tr := solve(t, reference.ODE{F: still}, 0, []float64{1, 2}, 1)
	defer func() {
		if recover() == nil {
			t.Error("At took a place of another length")
		}
	}()
	tr.At(make([]float64, 3), 0)
}

// What is not stiff is not refused: a decay to its end, and a system with a few
// steps now and then at the edge of stability.
func TestODENotStiff(t *testing.T) {
	decay := func(dst []float64, _ float64, y []float64) { dst[0] = -y[0] }
	solve(t, reference.ODE{F: decay}, 0, []float64{1}, 1000)
	bursts := func(dst []float64, t float64, y []float64) {
		dst[0] = math.Sin(7*t) - 400*math.Pow(math.Sin(t), 40)*(y[0]-math.Cos(5*t))
	}
	solve(t, reference.ODE{F: bursts, Tolerance: 1e-5}, 0, []float64{1}, 300)
}

// A planet, and when it is farthest from its sun.
func ExampleODE() {
	orbit := reference.ODE{
		F: func(dst []float64, _ float64, y []float64) {
			r := math.Hypot(y[0], y[1])
			dst[0], dst[1], dst[2], dst[3] = y[2], y[3], -y[0]/(r*r*r), -y[1]/(r*r*r)
		},
		Stop: func(_ float64, y []float64) float64 { return y[0]*y[2] + y[1]*y[3] }, // outward
	}
	tr, err := orbit.Solve(0, []float64{1, 0, 0.1, 1.2}, 100)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, t := tr.Span()
	y := tr.At(nil, t)
	fmt.Printf("at t = %.4f, %.4f away\n", t, math.Hypot(y[0], y[1]))
	// Output: at t = 7.4834, 2.6474 away
}
