package quantum_test

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/files"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// The wells have their centres in the middle of a line of length 18 and of a square
// of side 12.
const (
	well  = "(x-9)*(x-9)/2"
	bowl  = "((x-6)*(x-6)+(y-6)*(y-6))/2"
	hill  = "2*sech(x-60)*sech(x-60)"
	valid = 1e-12 // of norms
)

func coherent() quantum.Builder {
	return quantum.Schrodinger().Line(63, 18).Potential(well).
		Coherent(quantum.Frequency(1), quantum.At(10.5), quantum.WaveNumber(0.5))
}

func run(t testing.TB, s simulate.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// psi returns ψ of a state.
func psi(s *theory.State) []complex128 {
	re, im := parts(s)
	c := make([]complex128, len(re))
	for i := range c {
		c[i] = complex(re[i], im[i])
	}
	return c
}

func parts(s *theory.State) (re, im []float64) {
	n := len(s.Arrays[0]) / 2
	return s.Arrays[0][:n], s.Arrays[0][n:]
}

// distance returns the largest |ψ − ψ′|.
func distance(a, b []complex128) float64 {
	d := 0.0
	for i := range a {
		d = math.Max(d, cmplx.Abs(a[i]-b[i]))
	}
	return d
}

// on samples a wave function of x at time t on a lattice of one axis.
func on(l lattice.Lattice, t float64, f func(x, t float64) complex128) []complex128 {
	var c []complex128
	for _, x := range l.Coordinates(0) {
		c = append(c, f(x, t))
	}
	return c
}

// order checks that errors fall as the power of the factor by which a step is
// halved, to 15 %.
func order(t *testing.T, name string, want float64, errors ...float64) {
	t.Helper()
	for i := 1; i < len(errors); i++ {
		if got := math.Log2(errors[i-1] / errors[i]); !(math.Abs(got-want) < 0.15*want) {
			t.Errorf("%s: order %.2f from errors %.3g; want %v", name, got, errors, want)
		}
	}
}

// The split step is of order 2 in time and of order 4 by name; its norm is exact.
func TestCoherentState(t *testing.T) {
	exact := reference.CoherentState{Mass: 1, Hbar: 1, Omega: 1, Centre: 9, Start: 10.5, WaveNumber: 0.5}
	for _, c := range []struct {
		integrator string
		order      float64
		steps      []float64
	}{
		{"leapfrog", 2, []float64{0.016, 0.008, 0.004}},
		{"yoshida4", 4, []float64{0.0125, 0.00625}},
		{"rk4", 4, []float64{0.02, 0.01}},
	} {
		var errors []float64
		for _, e := range c.steps {
			r := run(t, coherent().Until(2).Step(e).Integrator(c.integrator))
			errors = append(errors, distance(psi(r.Last), on(r.Lattice(), r.Last.Time, exact.Psi)))
			if d := r.Invariants[0].Drift(); c.integrator != "rk4" && d > valid {
				t.Errorf("%s: the norm drifts by %.2g", c.integrator, d)
			}
		}
		order(t, c.integrator, c.order, errors...)
	}
}

// Other m, ħ and ω leave the closed form true: each of them stands where it must.
func TestUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Float64Range(1, 1.6).Draw(t, "m")
		h := rapid.Float64Range(0.7, 1).Draw(t, "hbar")
		w := rapid.Float64Range(0.9, 1.2).Draw(t, "omega")
		b := quantum.Schrodinger().Line(63, 16).Particle(m, h).
			Potential("k/2*(x-8)*(x-8)", quantum.Params{"k": m * w * w}).
			Coherent(quantum.Frequency(w), quantum.At(9), quantum.WaveNumber(-0.6))
		exact := reference.CoherentState{Mass: m, Hbar: h, Omega: w, Centre: 8, Start: 9, WaveNumber: -0.6}
		for _, in := range []string{"yoshida4", "rk4"} {
			r, err := b.Until(1).Integrator(in).Step(0.008).Frames(simulate.Count(2)).Run(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if d := distance(psi(r.Last), on(r.Lattice(), r.Last.Time, exact.Psi)); d > 2e-6 {
				t.Fatalf("%s: off by %.2g", in, d)
			}
		}
	})
}

// After a period every state of the well is back, times −1: a sum of two packets
// and a vortex do it as well as a coherent state.
func TestRevival(t *testing.T) {
	for name, b := range map[string]quantum.Builder{
		"two packets": quantum.Schrodinger().Line(53, 18).Potential(well).
			Packet(quantum.Width(0.8), quantum.At(7.5)).Packet(quantum.Width(1.3), quantum.At(10), quantum.Amplitude(0.5), quantum.Phase(1)),
		"vortex": quantum.Schrodinger().Box(31, 12).Potential(bowl).Vortex(quantum.Width(0.8), quantum.At(6.5, 6), quantum.Charge(-1)),
	} {
		r := run(t, b.Until(2*math.Pi).Integrator("yoshida4").Frames(simulate.Count(3)))
		back := psi(r.Last)
		sign := complex(-1, 0)
		if r.Lattice().Dim() == 2 {
			sign = 1 // once for each axis
		}
		for i := range back {
			back[i] *= sign
		}
		start, half := psi(r.State(0)), psi(r.State(1))
		if d := distance(back, start); d > 2e-5 {
			t.Errorf("%s: comes back only to %.2g", name, d)
		}
		if d := distance(half, start); d < 0.1 {
			t.Errorf("%s: has hardly moved after half a period, %.2g", name, d)
		}
	}
}

// A free packet on a long line, and on a line with Neumann walls far away, spreads
// as the closed form; with V = 0 the split step is exact in time.
func TestFreePacket(t *testing.T) {
	exact := reference.FreePacket{Mass: 2, Hbar: 0.5, Start: 12, Width: 1, WaveNumber: 3}
	for _, axis := range []lattice.Axis{
		lattice.Ring(128, 30),
		lattice.Line(127, 30, lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Dirichlet}),
		lattice.Line(128, 30, lattice.Boundary{Kind: lattice.Neumann}, lattice.Boundary{Kind: lattice.Neumann}),
	} {
		b := quantum.Schrodinger().Lattice(axis).Particle(2, 0.5).
			Packet(quantum.Width(1), quantum.At(12), quantum.WaveNumber(3))
		r := run(t, b.Until(6).Frames(simulate.Count(2)))
		if d := distance(psi(r.Last), on(r.Lattice(), r.Last.Time, exact.Psi)); d > 1e-11 {
			t.Errorf("%v: off by %.2g", axis, d)
		}
	}
}

// Eigenstates of the box, made by diagonalisation, are sines and turn with their
// energies. A cosine transform instead of the sine transform has other ones.
func TestBoxEigenstates(t *testing.T) {
	for n := range 4 {
		b := quantum.Schrodinger().Line(40, 5).Particle(1.5, 0.8).Eigenstate(quantum.Mode(n))
		exact := reference.BoxState{Mass: 1.5, Hbar: 0.8, Length: 5, N: n + 1}
		r := run(t, b.Until(3).Frames(simulate.Count(2)))
		sign := complex(1, 0)
		if want := exact.Psi(r.Lattice().Axis(0).Coordinate(0), 0); real(want)*r.State(0).Arrays[0][0] < 0 {
			sign = -1
		}
		got := psi(r.Last)
		for i := range got {
			got[i] *= sign
		}
		if d := distance(got, on(r.Lattice(), r.Last.Time, exact.Psi)); d > 1e-11 {
			t.Errorf("state %d: off by %.2g", n, d)
		}
		energy, err := r.Invariant("energy")
		if err != nil || math.Abs(energy.Values[0]-exact.Energy()) > 1e-12 {
			t.Errorf("state %d: energy %v, want %v (%v)", n, energy.Values[0], exact.Energy(), err)
		}
	}
	plane := run(t, quantum.Schrodinger().Box(15, 5).Eigenstate(quantum.Mode(1, 2)).Until(0.2))
	x, y := reference.BoxState{Mass: 1, Hbar: 1, Length: 5, N: 2}, reference.BoxState{Mass: 1, Hbar: 1, Length: 5, N: 3}
	got := psi(plane.Last)
	want := make([]complex128, len(got))
	for i := range want {
		l := plane.Lattice()
		want[i] = x.Psi(l.Coordinates(0)[i], plane.Last.Time) * y.Psi(l.Coordinates(1)[i], plane.Last.Time)
	}
	if d := distance(got, want); d > 1e-11 {
		t.Errorf("state of the square: off by %.2g", d)
	}
	b := quantum.Schrodinger().Line(63, 18).Potential(well).Eigenstate(quantum.Mode(3))
	e, err := run(t, b.Until(0.1)).Invariant("energy")
	if err != nil || math.Abs(e.Values[0]-3.5) > 1e-9 {
		t.Errorf("third excited state of the well: energy %v, want 3.5 (%v)", e.Values[0], err)
	}
}

// A packet below a barrier tunnels with the probability of the closed form, to
// order 2 in the step.
func TestTunnelling(t *testing.T) {
	want, err := reference.PacketTransmission(1, 1, 2, 1, 4, 1.6)
	if err != nil {
		t.Fatal(err)
	}
	b := quantum.Schrodinger().Line(319, 120).Potential(hill).Packet(quantum.Width(4), quantum.At(38), quantum.WaveNumber(1.6))
	var errors []float64
	for _, e := range []float64{0.05, 0.025} {
		r := run(t, b.Until(45).Step(e).Frames(simulate.Count(2)))
		through := 0.0
		for i, x := range r.Lattice().Coordinates(0) {
			if x > 60 {
				c := psi(r.Last)[i]
				through += r.Lattice().Spacing(0) * real(c*cmplx.Conj(c))
			}
		}
		errors = append(errors, math.Abs(through-want))
	}
	if want < 0.1 || want > 0.5 || errors[1] > 2e-5 {
		t.Errorf("transmission is off by %.3g, of %v", errors, want)
	}
	order(t, "transmission", 2, errors...)
}

// A vortex beside the centre of a well circles it as the closed form says.
func TestVortex(t *testing.T) {
	exact := reference.VortexState{Mass: 1, Hbar: 1, Omega: 1, X: 0.8}
	b := quantum.Schrodinger().Box(31, 12).Potential(bowl).
		Vortex(quantum.Width(1)).Packet(quantum.Width(1), quantum.Amplitude(0.8), quantum.Phase(math.Pi))
	var errors []float64
	for _, e := range []float64{0.018, 0.009} {
		r := run(t, b.Until(2).Step(e).Frames(simulate.Count(2)))
		l := r.Lattice()
		x, y := l.Coordinates(0), l.Coordinates(1)
		want := make([]complex128, l.Sites())
		for i := range want {
			want[i] = exact.Psi(x[i]-6, y[i]-6, r.Last.Time)
		}
		errors = append(errors, distance(psi(r.Last), want))

		var core []quantum.Vortex // where |ψ| is not round-off
		re, im := parts(r.Last)
		for _, v := range quantum.Vortices(l, re, im) {
			if math.Hypot(v.At[0]-6, v.At[1]-6) < 3 {
				core = append(core, v)
			}
		}
		cx, cy := exact.Core(r.Last.Time)
		if len(core) != 1 || core[0].Charge != 1 || math.Abs(core[0].At[0]-6-cx) > l.Spacing(0) || math.Abs(core[0].At[1]-6-cy) > l.Spacing(0) {
			t.Errorf("vortices %v; want one of charge 1 at %.3g, %.3g", core, 6+cx, 6+cy)
		}
	}
	order(t, "vortex", 2, errors...)
}

// Crank-Nicolson, which shares no code with the split step, agrees with it at the
// orders of both: a² and ε² in one dimension and two, for walls and rings.
func TestCrankNicolson(t *testing.T) {
	neumann := lattice.Boundary{Kind: lattice.Neumann}
	for name, problem := range map[string]func(n int) quantum.Builder{
		"line": func(n int) quantum.Builder {
			return quantum.Schrodinger().Line(n-1, 10).Potential("sin(x)").Packet(quantum.Width(0.8), quantum.At(4.5), quantum.WaveNumber(1))
		},
		"neumann": func(n int) quantum.Builder {
			return quantum.Schrodinger().Lattice(lattice.Line(n, 8, neumann, neumann)).Potential("cos(2*x)").Fluid("2+cos(pi*x/4)", "0")
		},
		"ring": func(n int) quantum.Builder {
			return quantum.Schrodinger().Ring(n, 2*math.Pi).Potential("cos(x)").Fluid("1+0.4*cos(x)", "0.5*sin(x)").Circulation(1)
		},
		"torus": func(n int) quantum.Builder {
			return quantum.Schrodinger().Torus(n/2, 2*math.Pi).Potential("cos(x)*sin(y)").Fluid("1+0.4*cos(x+y)", "0.5*sin(x)+0.3*cos(2*y)")
		},
		"box": func(n int) quantum.Builder {
			return quantum.Schrodinger().Box(n/2-1, 8).Potential("x*y/10").Packet(quantum.Width(1), quantum.WaveNumber(0.5, -1))
		},
	} {
		var errors []float64
		for _, n := range []int{64, 128} {
			m := problem(n).MustBuild()
			l := m.Lattice()
			exact, err := simulate.Propagate(m, scheme(t, "yoshida4"), 1.0/128, 128, m.Initial())
			if err != nil {
				t.Fatal(name, err)
			}
			v := potential(t, m)
			cn, err := reference.NewCrankNicolson(l, 1, 1, 1.28/float64(n), v, nil)
			if err != nil {
				t.Fatal(name, err)
			}
			c := psi(m.Initial())
			before := norm(c)
			cn.Advance(c, int(math.Round(float64(n)/1.28)))
			if d := math.Abs(norm(c)/before - 1); d > valid {
				t.Errorf("%s: Crank-Nicolson changes the norm by %.2g", name, d)
			}
			errors = append(errors, distance(c, psi(exact)))
		}
		order(t, name, 2, errors...)
	}
}

func scheme(t testing.TB, name string) simulate.Integrator {
	t.Helper()
	in, err := simulate.FindIntegrator(name)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// potential returns V at the sites, read off the phase that a kick gives to ψ = 1.
func potential(t testing.TB, m theory.Model) []float64 {
	t.Helper()
	e, err := m.Evolve(1e-3)
	if err != nil {
		t.Fatal(err)
	}
	s := theory.NewState(m.Fields())
	re, im := parts(s)
	for i := range re {
		re[i] = 1
	}
	e.Kick(s, 1)
	v := make([]float64, len(re))
	for i := range v {
		v[i] = -math.Atan2(im[i], re[i]) / 1e-3
	}
	return v
}

func norm(c []complex128) (sum float64) {
	for _, z := range c {
		sum += real(z)*real(z) + imag(z)*imag(z)
	}
	return sum
}

// m and ħ are those of the learning parameters, and the card says so.
func TestLearning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		positive := rapid.Float64Range(0.01, 100)
		l := quantum.Learning{Rate: positive.Draw(t, "γ"), Diffusion: positive.Draw(t, "D"), Multiplier: positive.Draw(t, "μ")}
		m, h := l.Mass(), l.Hbar()
		if math.Abs(2*m*l.Rate-1) > 1e-14 || math.Abs(h*h*l.Rate*l.Multiplier/(4*l.Diffusion)-1) > 1e-14 {
			t.Fatalf("%+v: m = %v, ħ = %v", l, m, h)
		}
		p := quantum.Particle(m, h)
		if math.Abs(p.Mass()/m-1) > 1e-14 || math.Abs(p.Hbar()/h-1) > 1e-14 || !p.Consistent() {
			t.Fatalf("Particle(%v, %v) = %+v", m, h, p)
		}
	})
	if (quantum.Learning{Rate: 0.5, Diffusion: 0.5, Multiplier: 5}).Consistent() {
		t.Error("μ = 5 with D = γ is consistent")
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, b := range []quantum.Builder{
		coherent(),
		coherent().As(quantum.Madelung()),
		coherent().As(quantum.HamiltonJacobi()),
	} {
		m := b.MustBuild()
		e, err := m.Evolve(0.001)
		if err != nil {
			t.Fatal(err)
		}
		s := m.Initial()
		e.Load(s, m.Initial())
		step := func() { e.Kick(s, 0.5); e.Drift(s, 1); e.Kick(s, 0.5) }
		step()
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%s: %v allocations a step", m.Theory(), n)
		}
	}
}

func ExampleSchrodinger() {
	well := quantum.Schrodinger().
		Line(47, 16).
		Potential("(x-8)*(x-8)/2").
		Coherent(quantum.Frequency(1), quantum.At(10))
	run, err := well.Until(2 * math.Pi).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	mean := func(frame int) (x float64) {
		p := make([]float64, run.Lattice().Sites())
		quantum.Density(p, run.Model, run.State(frame))
		for i, at := range run.Coordinates(0) {
			x += at * p[i] * run.Lattice().Spacing(0)
		}
		return x
	}
	fmt.Printf("⟨x⟩ = %.3f, %.3f, %.3f\n", mean(0), mean(run.Len()/2), mean(run.Len()-1))
	norm, _ := run.Invariant("norm")
	fmt.Println("norm kept to 1e-12:", norm.Drift() < 1e-12)
	// Output:
	// ⟨x⟩ = 10.000, 6.000, 10.000
	// norm kept to 1e-12: true
}

func ExampleParticle() {
	l := quantum.Particle(2, 0.5)
	fmt.Printf("γ = %v, D = %v, μ = %v\n", l.Rate, l.Diffusion, l.Multiplier)
	fmt.Printf("m = %v, ħ = %v\n", l.Mass(), l.Hbar())
	// Output:
	// γ = 0.25, D = 0.125, μ = 8
	// m = 2, ħ = 0.5
}

// snapshot is a state as invariants see it.
func snapshot(s *theory.State) theory.Snapshot { return theory.Snapshot{State: s} }

// What observers and the files of a run ask of a model is there.
func TestObservers(t *testing.T) {
	for name, b := range problems() {
		at := make([]float64, b.MustBuild().Lattice().Dim())
		s := short(b).Observe(observe.Point(at...), simulate.Every(16)).Observe(observe.Amplitude(), simulate.Every(16)).
			Observe(observe.Spectrum(), simulate.Every(32))
		dir, err := files.Create(t.TempDir(), simulate.NewArrays())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Run(context.Background(), simulate.Into(dir)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkSplitStep(b *testing.B) {
	for name, problem := range map[string]quantum.Builder{
		"line 511":   quantum.Schrodinger().Line(511, 40).Potential("x*x").Packet(quantum.Width(1)),
		"box 255²":   quantum.Schrodinger().Box(255, 40).Potential("x*x").Packet(quantum.Width(1)),
		"torus 256²": quantum.Schrodinger().Torus(256, 40).Potential("x*x").Packet(quantum.Width(1)),
	} {
		b.Run(name, func(b *testing.B) {
			m := problem.MustBuild()
			e, err := m.Evolve(1e-3)
			if err != nil {
				b.Fatal(err)
			}
			s := m.Initial()
			for b.Loop() {
				e.Kick(s, 1)
				e.Drift(s, 1)
			}
		})
	}
}
