package quantum_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/cmplx"
	"testing"

	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// wave returns √p e^{iF/ħ} of a Madelung state, ħ = 1.
func wave(s *theory.State) []complex128 {
	c := make([]complex128, len(s.Arrays[0]))
	for i, p := range s.Arrays[0] {
		c[i] = cmplx.Rect(math.Sqrt(p), s.Arrays[1][i])
	}
	return c
}

// While ψ has no node, Madelung and Schrödinger agree in density and phase: to
// order 2 in a with ε ∝ a², on a ring and on a torus.
func TestMadelungIsSchrodinger(t *testing.T) {
	for name, problem := range map[string]func(n int) quantum.Builder{
		"ring": func(n int) quantum.Builder {
			return quantum.Madelung().Ring(n, 2*math.Pi).Potential("cos(x)").Fluid("1+0.4*cos(x)", "0.5*sin(x)")
		},
		"torus": func(n int) quantum.Builder {
			return quantum.Madelung().Torus(n/2, 2*math.Pi).Potential("cos(x)*sin(y)").Fluid("1+0.3*cos(x+y)", "0.3*sin(x)+0.2*cos(y)")
		},
	} {
		var errors []float64
		for _, n := range []int{32, 64} {
			fluid := problem(n)
			got := run(t, fluid.Until(0.5).Frames(simulate.Count(2)))
			m := fluid.As(quantum.Schrodinger()).MustBuild()
			want, err := simulate.Propagate(m, scheme(t, "yoshida4"), 0.5/100, 100, m.Initial())
			if err != nil {
				t.Fatal(err)
			}
			errors = append(errors, distance(wave(got.Last), psi(want)))
			if moved := distance(psi(m.Initial()), psi(want)); moved < 50*errors[0] {
				t.Errorf("%s: ψ moves by %.2g only", name, moved)
			}
		}
		order(t, name, 2, errors...)
	}
}

// Gaussian tails are parabolas of ½ ln p: a coherent state keeps its closed form.
func TestMadelungCoherentState(t *testing.T) {
	exact := reference.CoherentState{Mass: 1, Hbar: 1, Omega: 1, Centre: 6, Start: 7}
	b := quantum.Madelung().Line(119, 12).Potential("(x-6)*(x-6)/2").Coherent(quantum.Frequency(1), quantum.At(7))
	for _, c := range []struct {
		integrator string
		step, tol  float64
	}{{"leapfrog", 0.004, 2e-5}, {"rk4", 0.004, 1e-9}} {
		r := run(t, b.Until(2).Step(c.step).Integrator(c.integrator).Frames(simulate.Count(2)))
		worst := 0.0
		for i, x := range r.Coordinates(0) {
			z := exact.Psi(x, r.Last.Time)
			worst = math.Max(worst, math.Abs(r.Last.Arrays[0][i]-real(z*cmplx.Conj(z))))
		}
		if worst > c.tol {
			t.Errorf("%s: p is off by %.2g", c.integrator, worst)
		}
	}
}

// standing is ψ = 1 + ¼i·5 cos x at t = 0. It has no node until t = π, when it is
// real and vanishes where cos x = −4/5.
func standing(sites int) quantum.Builder {
	half := []quantum.Option{quantum.Amplitude(0.625), quantum.Phase(math.Pi / 2)}
	return quantum.Madelung().Ring(sites, 2*math.Pi).PlaneWave(quantum.Mode(0)).
		PlaneWave(append(half, quantum.Mode(1))...).PlaneWave(append(half, quantum.Mode(-1))...)
}

// Madelung stops where ψ gets a node and says where and when; before, it is right.
// Schrödinger goes on.
func TestMadelungBreaksAtNodes(t *testing.T) {
	var early []float64
	for _, n := range []int{64, 128} {
		r, err := standing(n).Until(4).Run(context.Background())
		if err == nil {
			t.Fatal("the run went through a node")
		}
		var breakdown *quantum.BreakdownError
		if !errors.As(quantum.Breakdown(r), &breakdown) {
			t.Fatalf("Breakdown: %v", quantum.Breakdown(r))
		}
		early = append(early, math.Pi-breakdown.Time)
		if c := math.Cos(breakdown.At[0]); breakdown.Cause != "node" || math.Abs(c+0.8) > 0.08 {
			t.Errorf("%d sites: %v; the node is where cos x = −0.8", n, breakdown)
		}
	}
	if !(early[0] < 0.5 && early[1] > 0 && early[1] < 0.65*early[0]) {
		t.Errorf("stops %.3g before the node; it must come nearer on the finer lattice", early)
	}
	r := run(t, standing(64).As(quantum.Schrodinger()).Until(4).Frames(simulate.Count(2)))
	if quantum.Breakdown(r) != nil {
		t.Error("Schrödinger breaks down")
	}
	if err := standing(64).As(quantum.Madelung()).Err(); err != nil {
		t.Error(err)
	}
	if err := quantum.Madelung().Line(64, 5).Eigenstate(quantum.Mode(0)).Err(); err == nil {
		t.Error("a density that vanishes at the wall was taken")
	}
}

// Learners far from equilibrium follow Newton's law until the first caustic.
func TestHamiltonJacobiCaustic(t *testing.T) {
	b := quantum.HamiltonJacobi().Ring(200, 2*math.Pi).Particle(2, 1).Fluid("1", "cos(x)")
	r, err := b.Until(5).Step(0.01).Run(context.Background()) // u = −sin x/m: t* = m at x = 0
	var breakdown *quantum.BreakdownError
	if err == nil || !errors.As(quantum.Breakdown(r), &breakdown) {
		t.Fatalf("run: %v, breakdown: %v", err, quantum.Breakdown(r))
	}
	at := math.Remainder(breakdown.At[0], 2*math.Pi)
	if breakdown.Cause != "caustic" || math.Abs(breakdown.Time-2) > 0.0101 || math.Abs(at) > 1e-6 {
		t.Errorf("%v; want t = 2 at 0", breakdown)
	}
	r, err = b.Until(5).Run(context.Background())
	if err == nil || !errors.As(quantum.Breakdown(r), &breakdown) || math.Abs(breakdown.Time-2) > 0.15 {
		t.Errorf("with the default step: %v, %v", err, quantum.Breakdown(r))
	}
}

// In a well everything is known: q, u, J and F, to order 2, and 4 by name, in two
// dimensions.
func TestHamiltonJacobiOscillator(t *testing.T) {
	for name, want := range map[string]float64{"leapfrog": 2, "yoshida4": 4} {
		var errors []float64
		for _, e := range []float64{0.05, 0.025} {
			b := quantum.HamiltonJacobi().Box(19, 12).Potential(bowl).Fluid("1", "0.1*sin(pi*x/6)*cos(pi*y/6)")
			m := b.MustBuild()
			start := m.Initial()
			end, err := simulate.Propagate(m, scheme(t, name), e, int(math.Round(1/e)), start)
			if err != nil {
				t.Fatal(err)
			}
			sin, cos := math.Sincos(1)
			worst := 0.0
			for i := range start.Arrays[0] {
				action := start.Arrays[1][i]
				for j := range 2 {
					q, u := start.Arrays[2+j][i]-6, start.Arrays[4+j][i]
					q1, u1 := q*cos+u*sin, u*cos-q*sin
					action += 0.5 * (u1*q1 - u*q)
					worst = math.Max(worst, math.Abs(end.Arrays[2+j][i]-6-q1))
					worst = math.Max(worst, math.Abs(end.Arrays[4+j][i]-u1))
				}
				worst = math.Max(worst, math.Abs(end.Arrays[1][i]-action))
				var jac [4]float64
				for k := range jac {
					one := [4]float64{1, 0, 0, 1}[k]
					jac[k] = one*cos + start.Arrays[10+k][i]*sin
					worst = math.Max(worst, math.Abs(end.Arrays[6+k][i]-jac[k]))
				}
				p := start.Arrays[0][i] / (jac[0]*jac[3] - jac[1]*jac[2])
				worst = math.Max(worst, math.Abs(end.Arrays[0][i]-p))
			}
			errors = append(errors, worst)
		}
		order(t, name, want, errors...)
	}
}

// Dropping D is the limit of small ħ: before the caustic the densities differ by
// ħ². The judge is the free ψ by its plane waves.
func TestClassicalLimit(t *testing.T) {
	var errors []float64
	for _, hbar := range []float64{0.2, 0.1} {
		b := quantum.HamiltonJacobi().Ring(256, 2*math.Pi).Particle(1, hbar).Fluid("1+0.3*cos(x)", "0.4*cos(x)")
		r := run(t, b.Until(1).Step(0.01).Frames(simulate.Count(2)))
		ring, err := reference.NewTwistedRing(1, hbar, 2*math.Pi, 0, psi(b.As(quantum.Schrodinger()).MustBuild().Initial()))
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i, q := range r.Last.Arrays[2] {
			z := ring.Psi(q, r.Last.Time)
			worst = math.Max(worst, math.Abs(r.Last.Arrays[0][i]-real(z*cmplx.Conj(z))))
		}
		errors = append(errors, worst)
	}
	order(t, "ħ", 2, errors...)
}

func ExampleBreakdown() {
	converging := quantum.HamiltonJacobi().
		Ring(128, 6.25).
		Fluid("1", "-cos(2*pi*x/6.25)")
	run, _ := converging.Until(3).Step(0.01).Run(context.Background())
	fmt.Println(quantum.Breakdown(run))
	// Output:
	// HamiltonJacobi: a caustic at q = 3.125 after t = 0.98: learners of several velocities meet and F is no function of q any more; use Schrodinger
}

// Integrators without kicks and drifts stop there as well.
func TestBreakdownWithoutSplitting(t *testing.T) {
	for cause, b := range map[string]quantum.Builder{ // at t = π and t = 3
		"node":    standing(64),
		"caustic": quantum.HamiltonJacobi().Ring(64, 2*math.Pi).Fluid("1", "cos(x)").Particle(3, 1),
	} {
		r, err := b.Until(4).Integrator("rk4").Step(0.01).Run(context.Background())
		var breakdown *quantum.BreakdownError
		if err == nil || !errors.As(quantum.Breakdown(r), &breakdown) || breakdown.Cause != cause || breakdown.Time < 2.6 || breakdown.Time > math.Pi {
			t.Errorf("%s: run %v, breakdown %v", cause, err, quantum.Breakdown(r))
		}
	}
}

// The three theories agree on the density they start from.
func TestDensity(t *testing.T) {
	b := quantum.Schrodinger().Ring(32, 2*math.Pi).Fluid("1+0.3*cos(x)", "sin(x)")
	for _, theory := range []quantum.Builder{b, b.As(quantum.Madelung()), b.As(quantum.HamiltonJacobi())} {
		m := theory.MustBuild()
		p := make([]float64, 32)
		quantum.Density(p, m, m.Initial())
		for i := range p {
			if exact := (1 + 0.3*math.Cos(float64(i)*math.Pi/16)) / (2 * math.Pi); math.Abs(p[i]-exact) > 1e-14 {
				t.Errorf("%s: p = %v at site %d, want %v", m.Theory(), p[i], i, exact)
			}
		}
	}
}

func ExampleMadelung() {
	flow := quantum.Madelung().
		Ring(64, 10).
		Fluid("1", "0").
		Circulation(0.5)
	run, err := flow.Until(1).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	energy, _ := run.Invariant("energy")
	radius := 10 / (2 * math.Pi)
	fmt.Printf("E = %.6f, (ħκ)²/2mR² = %.6f\n", energy.Values[0], 0.5*0.5/(2*radius*radius))
	fmt.Println(quantum.Schrodinger().Ring(64, 10).Fluid("1", "0").Circulation(0.5).Err())
	// Output:
	// E = 0.049348, (ħκ)²/2mR² = 0.049348
	// Schrodinger: Circulation(0.5): ψ is single valued, use whole numbers; any real number is for Madelung
}

// The velocity at the start is ∂F/m, to order 4 up to the ends of a line (exact for
// a quartic F), and that of the circulation on a ring.
func TestHamiltonJacobiStart(t *testing.T) {
	m := quantum.HamiltonJacobi().Line(24, 5).Particle(2, 1).Fluid("1", "x*x*x*x/100-x*x/5").MustBuild()
	s := m.Initial()
	for i, x := range s.Arrays[2] {
		u, w := (x*x*x/25-2*x/5)/2, (3*x*x/25-2./5)/2
		if math.Abs(s.Arrays[3][i]-u) > 1e-12 || math.Abs(s.Arrays[5][i]-w) > 1e-11 {
			t.Errorf("x = %.3g: u = %v, want %v; W = %v, want %v", x, s.Arrays[3][i], u, s.Arrays[5][i], w)
		}
	}
	r := run(t, quantum.HamiltonJacobi().Ring(16, 5).Particle(2, 0.5).Fluid("1", "0").Circulation(0.3).Until(2))
	for i, q := range r.Last.Arrays[2] {
		if want := r.State(0).Arrays[2][i] + 2*(2*math.Pi*0.5*0.3/(2*5)); math.Abs(q-want) > 1e-12 {
			t.Errorf("learner %d is at %v, want %v", i, q, want)
		}
	}
}
