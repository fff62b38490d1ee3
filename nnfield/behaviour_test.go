package nnfield_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// builder is what all builders of models are.
type builder interface {
	MustBuild() nnfield.Model
	Until(t float64) nnfield.Simulation
}

// models has one of everything that a model can be.
func models() map[string]builder {
	wave := []nnfield.Option{nnfield.At(6), nnfield.Width(1), nnfield.WaveNumber(2)}
	potential := make([]float64, 96)
	for i := range potential {
		potential[i] = float64(i%7) / 7
	}
	bent := nnfield.Matrices([][][]complex128{{{0.6, 0.8}, {0.8, -0.6}}}, [][]complex128{{0, -1i}, {1i, 0}})
	return map[string]builder{
		"dirac": nnfield.Dirac().Ring(96, 12).Packet(append(wave, nnfield.Spinor(1, 0.5i), nnfield.EnergySign(-1))...),
		"dirac wall": nnfield.Dirac().Line(40, 10, nnfield.Dirichlet, nnfield.Dirichlet).Wilson(1).
			MassProfile(nnfield.Profile("m*tanh(x-5)", nnfield.Params{"m": 2})).ScalarPotential(nnfield.SiteProfile(potential[:40])).Packet(wave[1], wave[2]),
		"dirac 2-D": nnfield.Dirac().Torus(8, 4).PlaneWave(nnfield.Mode(1, -2), nnfield.Phase(0.3)),
		"dirac 3-D": nnfield.Dirac().Cube(4, 4).PlaneWave(nnfield.Mode(1, 0, 1), nnfield.EnergySign(0)),
		"majorana":  nnfield.Dirac().Ring(96, 12).Representation(nnfield.MajoranaMatrices).Packet(wave...),
		"given":     nnfield.Dirac().Ring(96, 12).Representation(bent).Packet(wave...),
		"charged": nnfield.ChargedScalar().Ring(96, 12).Packet(append(wave, nnfield.EnergySign(-1))...).
			Background(nnfield.RingFlux(0.5)),
		"charged 2-D": nnfield.ChargedScalar().Torus(8, 4).PlaneWave(nnfield.Mode(1, -2)).Background(nnfield.MagneticFlux(3)).
			GaugeTransform(nnfield.Profile("sin(pi*x/2)*cos(pi*y)")),
		"charged dirac":  nnfield.ChargedDirac().Ring(96, 12).Wilson(1).Packet(wave...).Background(nnfield.VectorPotential(0, nnfield.SiteProfile(potential))),
		"maxwell":        nnfield.Maxwell().Torus(8, 4).Action(nnfield.Compact).LinkWave(nnfield.Mode(1, 2), nnfield.Polarisation(1, 0)),
		"coupled scalar": nnfield.ChargedScalar().Torus(12, 6).Packet(nnfield.Width(0.8), nnfield.WaveNumber(1, 0)).Dynamic(nnfield.NonCompact).LinkWave(nnfield.Mode(1, 0), nnfield.Polarisation(0, 1), nnfield.Amplitude(0.3)),
		"coupled dirac":  nnfield.ChargedDirac().Ring(48, 12).Packet(wave...).Dynamic(nnfield.Compact).Background(nnfield.RingFlux(1)),
		"pushed": nnfield.ChargedDirac().Ring(96, 12).Representation(nnfield.DiracMatrices).Packet(wave...).
			Background(nnfield.ElectricPotential(nnfield.Profile("e*sin(pi*x/6+t)", nnfield.Params{"e": 0.2})), nnfield.ElectricField(0.3)).
			GaugeTransform(nnfield.Profile("cos(pi*x/6)*t")),

		"free":       nnfield.KleinGordon().Ring(96, 12).Packet(wave...),
		"order-4":    nnfield.KleinGordon().Ring(96, 12).Laplacian(nnfield.Order4).Packet(wave...),
		"spectral":   nnfield.KleinGordon().Ring(96, 12).Laplacian(nnfield.Spectral).Packet(wave...),
		"walls":      nnfield.KleinGordon().Line(96, 12, nnfield.Dirichlet, nnfield.Neumann).Laplacian(nnfield.Order4).Packet(wave...),
		"driven":     nnfield.KleinGordon().Line(96, 12, nnfield.Driven("sin(2*t)"), nnfield.Absorbing(4)),
		"phi4":       nnfield.KleinGordon().Line(96, 24, nnfield.Neumann, nnfield.Neumann).Mass(0).Potential(nnfield.Phi4(1, 1)).Kink(nnfield.At(8), nnfield.Velocity(0.4)),
		"breather":   nnfield.KleinGordon().Ring(96, 24).Mass(0).Potential(nnfield.SineGordon()).Breather(nnfield.Frequency(0.5)),
		"expression": nnfield.KleinGordon().Ring(96, 12).Potential(nnfield.Potential("g*phi*phi*phi*phi + x*phi*phi/20", nnfield.Params{"g": 0.1})).Packet(wave...),
		"sites":      nnfield.KleinGordon().Ring(96, 12).Potential(nnfield.SitePotential(potential)).Packet(wave...),
		"function": nnfield.KleinGordon().Ring(96, 12).Packet(wave...).Potential(nnfield.PotentialFunc("quartic",
			func(x float64) float64 { return x * x * x * x / 4 }, func(x float64) float64 { return x * x * x })),
		"standing": nnfield.KleinGordon().Line(96, 12, nnfield.Dirichlet, nnfield.Dirichlet).StandingWave(nnfield.Mode(3)),
		"plane":    nnfield.KleinGordon().Torus(16, 8).PlaneWave(nnfield.Mode(1, -2), nnfield.Phase(0.3)),
		"thermal":  nnfield.KleinGordon().Cube(8, 4).Thermal(nnfield.Temperature(2), nnfield.Seed(18446744073709551615)),
		"box": nnfield.KleinGordon().Lattice(nnfield.Line(20, 10, nnfield.Neumann, nnfield.Absorbing(3)), nnfield.Ring(24, 12)).
			Packet(nnfield.At(4, 6), nnfield.Width(0.8), nnfield.WaveNumber(2, 1)),
	}
}

// The network's own step is the reference semantics: what simulations run is
// equal to it in every bit.
func TestARunIsTheNetworksOwnStep(t *testing.T) {
	for name, kg := range models() {
		m := kg.MustBuild()
		epsilon := 1 / m.MaxFrequency(m.Initial())
		net, err := m.Network(epsilon)
		if name == "coupled dirac" { // no common loss, no network
			if err == nil {
				t.Errorf("%s: a network without a loss", name)
			}
			continue
		}
		if err != nil {
			t.Fatal(name, err)
		}
		start := m.Initial()
		var s network.State
		for pair := 0; pair < len(start.Arrays); pair += 2 {
			s.X, s.B = append(s.X, start.Arrays[pair]...), append(s.B, start.Arrays[pair+1]...)
		}
		for i := range s.B {
			s.B[i] *= epsilon
		}
		for range 20 {
			net.Activate(&s, 1)
			s.Step++
			s.Time = float64(s.Step) * epsilon // a simulation does not add up rounding errors of time
			net.Learn(&s, 1)
		}
		got, err := simulate.Propagate(m, scheme(t, "symplectic-euler"), epsilon, 20, m.Initial())
		if err != nil {
			t.Fatal(name, err)
		}
		var x []float64
		for pair := 0; pair < len(got.Arrays); pair += 2 {
			x = append(x, got.Arrays[pair]...)
		}
		if !slices.Equal(x, s.X) {
			t.Errorf("%s: the neurons after 20 steps are not the network's", name)
		}
		if rms := math.Sqrt(simpleDot(s.X, s.X)); !(rms > 1e-3) {
			t.Errorf("%s: nothing happened, |φ| = %v", name, rms)
		}
	}
}

func simpleDot(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// A Spec says everything: the model that is read back from it makes the same
// Spec, byte for byte, and the same run, bit for bit.
func TestSpecRoundTrip(t *testing.T) {
	for name, kg := range models() {
		s := kg.Until(1).Frames(nnfield.Count(3)).
			Observe(observe.Amplitude(), nnfield.Every(5)).Observe(observe.EnergyDensity(), nnfield.Schedule{})
		arrays := simulate.NewArrays()
		spec, err := s.Spec(arrays)
		if err != nil {
			t.Fatal(name, err)
		}
		again, err := all.Decode(spec, arrays)
		if name == "function" {
			if err == nil || !strings.Contains(err.Error(), `"quartic" is opaque`) {
				t.Errorf("%s: error %v, want one that says the function is opaque", name, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, spec)
		}
		spec2, err := again.Spec(simulate.NewArrays())
		if err != nil {
			t.Fatal(name, err)
		}
		if string(spec) != string(spec2) {
			t.Errorf("%s: the Spec changed\n%s\n%s", name, spec, spec2)
		}
		a, b := run(t, s), run(t, again)
		if !slices.Equal(a.Last.Arrays[0], b.Last.Arrays[0]) || !slices.Equal(a.Last.Arrays[1], b.Last.Arrays[1]) {
			t.Errorf("%s: the run of the Spec has other bits", name)
		}
	}
}

func TestSameBitsForAnyNumberOfGoroutines(t *testing.T) {
	big := map[string]builder{
		"dirac": nnfield.Dirac().Torus(128, 32).Wilson(0.5).Packet(nnfield.Width(3), nnfield.WaveNumber(1, 0.5)),
		"1-D":   nnfield.KleinGordon().Ring(1<<16, 4096).Packet(nnfield.At(2000), nnfield.Width(5), nnfield.WaveNumber(1)),
		"2-D":   nnfield.KleinGordon().Torus(256, 64).Packet(nnfield.At(20, 30), nnfield.Width(3), nnfield.WaveNumber(1, 0.5)),
		"3-D":   nnfield.KleinGordon().Cube(40, 20).Laplacian(nnfield.Order4).Packet(nnfield.At(10, 10, 10), nnfield.Width(2), nnfield.WaveNumber(1, 1, 0)),
		"phi4": nnfield.KleinGordon().Torus(256, 64).Mass(0).Potential(nnfield.Phi4(1, 1)).
			Packet(nnfield.Width(3)),
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, kg := range big {
		var first *nnfield.Run
		for _, workers := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(workers)
			r := run(t, kg.Until(2).Frames(nnfield.Count(4)))
			if first == nil {
				first = r
				continue
			}
			for i := range r.Len() {
				for f := range r.Fields() {
					if !slices.Equal(r.State(i).Arrays[f], first.State(i).Arrays[f]) {
						t.Errorf("%s: frame %d differs between 1 and %d goroutines", name, i, workers)
					}
				}
			}
			if a, b := first.Invariants, r.Invariants; fmt.Sprint(a) != fmt.Sprint(b) {
				t.Errorf("%s: invariants differ between 1 and %d goroutines", name, workers)
			}
		}
	}
}

func TestInnerStepAllocatesNothing(t *testing.T) {
	for name, kg := range models() {
		m := kg.MustBuild()
		epsilon := 1 / m.MaxFrequency(m.Initial())
		e, err := m.Evolve(epsilon)
		if err != nil {
			t.Fatal(name, err)
		}
		s := m.Initial()
		e.Load(s, m.Initial())
		step := func() {
			e.Drift(s, 1)
			e.Kick(s, 1)
		}
		step() // pools fill on the first step
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
	_ = pool.SetLimit // the pool is what could allocate; its own tests cover it
}

func TestCancelledRunHandsBackACompletedStep(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	kg := nnfield.KleinGordon().Torus(256, 64).Packet(nnfield.Width(3), nnfield.WaveNumber(1, 0))
	var at time.Time
	r, err := kg.Until(1e6).Frames(nnfield.Count(2)).Run(ctx, simulate.OnProgress(0, func(p simulate.Progress) {
		if p.Step > 5 && at.IsZero() {
			at = time.Now()
			cancel()
		}
	}))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if late := time.Since(at); late > 500*time.Millisecond {
		t.Errorf("it took %v to stop", late)
	}
	if r.Stop.Reason != simulate.Cancelled || r.Last.Step != r.Stop.Step || r.Stop.Step < 5 {
		t.Errorf("stop %+v, last state at step %d", r.Stop, r.Last.Step)
	}
	again, err := simulate.Propagate(kg.MustBuild(), r.Integrator, r.Step, r.Stop.Step, kg.MustBuild().Initial())
	if err != nil || !slices.Equal(again.Arrays[0], r.Last.Arrays[0]) {
		t.Errorf("the last state is not that of step %d (%v)", r.Stop.Step, err)
	}
}

// A potential without a bottom blows up; the run says where and keeps what was
// good.
func TestDivergenceIsFoundAtItsStep(t *testing.T) {
	kg := nnfield.KleinGordon().Ring(64, 16).Mass(1).
		Potential(nnfield.Potential("-g*phi*phi*phi*phi", nnfield.Params{"g": 2})).
		Packet(nnfield.At(5), nnfield.Width(1), nnfield.Amplitude(1.5))
	r, err := kg.Until(50).Step(0.05).Run(context.Background())
	var diverged *simulate.DivergedError
	if !errors.As(err, &diverged) {
		t.Fatalf("error %v, want a divergence", err)
	}
	if r == nil || r.Stop.Reason != simulate.Diverged {
		t.Fatalf("run %v", r)
	}
	m := kg.MustBuild()
	good, e1 := simulate.Propagate(m, r.Integrator, r.Step, r.Stop.Step, m.Initial())
	bad, e2 := simulate.Propagate(m, r.Integrator, r.Step, r.Stop.Step+1, m.Initial())
	if e1 != nil || e2 != nil {
		t.Fatal(e1, e2)
	}
	if !slices.Equal(good.Arrays[0], r.Last.Arrays[0]) {
		t.Error("the last good state is not that of the step it names")
	}
	limit := func(s *theory.State) bool {
		for _, a := range s.Arrays {
			for _, x := range a {
				if !(math.Abs(x) <= 1e150) {
					return true
				}
			}
		}
		return false
	}
	if limit(good) || !limit(bad) {
		t.Errorf("step %d is not the last good one", r.Stop.Step)
	}
	if !strings.Contains(err.Error(), "site") || !strings.Contains(err.Error(), "Run.Last") {
		t.Errorf("message %q", err)
	}
}

// The bound before the run knows the initial field only; where the field grows
// the run warns.
func TestAFieldThatOutgrowsTheStepIsReported(t *testing.T) {
	r, _ := nnfield.KleinGordon().Line(64, 16, nnfield.Driven("t"), nnfield.Dirichlet).
		Potential(nnfield.Potential("phi*phi*phi*phi")).Until(20).Run(context.Background())
	if r == nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "use Step(") {
		t.Fatalf("warnings of %v", r)
	}
}

// What is observed and when never changes the bits of the run.
func TestObservingChangesNothing(t *testing.T) {
	kg := packet()
	plain := run(t, kg.Until(3).Step(0.02).Frames(nnfield.Count(2)))
	watched := run(t, kg.Until(3).Step(0.02).Frames(nnfield.Every(7)).
		Observe(observe.Point(12), nnfield.Every(1)).Observe(observe.Spectrum(), nnfield.EveryTime(0.5)).
		Observe(simulate.ObserverFunc("mine", func(s theory.Snapshot) float64 { return s.Arrays[0][3] }), nnfield.Logarithmic(5)))
	if !slices.Equal(plain.Last.Arrays[0], watched.Last.Arrays[0]) || !slices.Equal(plain.Last.Arrays[1], watched.Last.Arrays[1]) {
		t.Error("observing changed the run")
	}
	mine, err := watched.Observable("mine")
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range mine.Steps {
		if s, err := simulate.Propagate(plain.Model, plain.Integrator, 0.02, step, plain.Model.Initial()); err != nil || s.Arrays[0][3] != mine.At(i)[0] {
			t.Fatalf("record %d at step %d is %v, the state has %v (%v)", i, step, mine.At(i), s.Arrays[0][3], err)
		}
	}
}

// Bad input: one sentence with the call, the value, the range and the way out;
// never a panic.
func TestBadInput(t *testing.T) {
	kg := nnfield.KleinGordon()
	ring := kg.Ring(64, 16)
	nan, inf := math.NaN(), math.Inf(1)
	for want, s := range map[string]nnfield.Simulation{
		"KleinGordon: Mass(-1): the mass must be finite and not negative; use Mass(0) for a massless field":                                                              ring.Mass(-1).Until(1),
		"KleinGordon: Mass(NaN): the mass must be finite and not negative; use Mass(0) for a massless field":                                                             ring.Mass(nan).Until(1),
		"KleinGordon: Ring(0, 40): axis x: 0 sites; an axis needs at least 2":                                                                                            kg.Ring(0, 40).Until(1),
		"KleinGordon: Ring(64, -1): axis x: length -1; it must be positive and finite":                                                                                   kg.Ring(64, -1).Until(1),
		"KleinGordon: no lattice; say where the neurons sit, for example Ring(512, 40)":                                                                                  kg.Until(1),
		"Until(0): the time must be positive and finite":                                                                                                                 ring.Until(0),
		"Until(+Inf): the time must be positive and finite":                                                                                                              ring.Until(inf),
		"Step(-0.1): the step must be positive and finite":                                                                                                               ring.Until(1).Step(-0.1),
		"Step(0.3): not below the stability limit 0.248069 = 2/ω_max, ω_max = 8.06226 (leapfrog); use Step(0.245) or a coarser lattice":                                  ring.Until(1).Step(0.3),
		"Integrator(\"euler\"): no such scheme; use leapfrog, symplectic-euler, yoshida4, yoshida6, rk4":                                                                 ring.Until(1).Integrator("euler"),
		"Frames: Every(0): the number of steps must be at least 1":                                                                                                       ring.Until(1).Frames(nnfield.Every(0)),
		"Frames: AtTimes(2): after the end of the run at 1; use a later Until":                                                                                           ring.Until(1).Frames(nnfield.AtTimes(2)),
		"KleinGordon: PlaneWave: Mode(40) on the x axis of 64 sites, which hold it as another wave; use −32 to 32":                                                       ring.PlaneWave(nnfield.Mode(40)).Until(1),
		"KleinGordon: PlaneWave: WaveNumber 15.707963267948966 on the x axis, whose sites hold it as another wave; use at most π/a = 12.5664":                            ring.PlaneWave(nnfield.WaveNumber(5 * math.Pi)).Until(1),
		"KleinGordon: Packet: Width(0.1) is below half the spacing 0.25 of the x axis, whose sites it falls between; use Width(0.25) or a finer lattice":                 ring.Packet(nnfield.Width(0.1)).Until(1),
		"KleinGordon: StandingWave: Mode(0) on the x axis; use 1 to 64":                                                                                                  kg.Line(64, 16, nnfield.Dirichlet, nnfield.Dirichlet).StandingWave(nnfield.Mode(0)).Until(1),
		"KleinGordon: Kink: it is 0.0707 wide, less than the spacing 0.25, and the lattice does not hold it; use a finer lattice, a smaller velocity or a wider soliton": kg.Line(64, 16, nnfield.Neumann, nnfield.Neumann).Mass(0).Potential(nnfield.Phi4(2, math.Sqrt(200))).Kink().Until(1),
		"KleinGordon: Packet: the option width is missing":                                                                                                               ring.Packet().Until(1),
		"KleinGordon: Packet: Width(NaN): it must be positive and finite":                                                                                                ring.Packet(nnfield.Width(nan)).Until(1),
		"KleinGordon: Packet: it has no option velocity; use width, at, wave_number, amplitude, phase":                                                                   ring.Packet(nnfield.Width(1), nnfield.Velocity(0.1)).Until(1),
		"KleinGordon: Packet: At(20) lies outside the lattice; the x axis runs from 0 to 16":                                                                             ring.Packet(nnfield.Width(1), nnfield.At(20)).Until(1),
		"KleinGordon: Packet: At has 2 components, the lattice 1 axes; give one for each axis":                                                                           ring.Packet(nnfield.Width(1), nnfield.At(2, 3)).Until(1),
		"KleinGordon: Packet: Width(4) on a periodic x axis of length 16; it must be at most a sixth of it, or the packet meets itself":                                  ring.Packet(nnfield.Width(4)).Until(1),
		"KleinGordon: Kink: Velocity(1): it must be between −1 and 1, the speed of light":                                                                                ring.Kink(nnfield.Velocity(1)).Until(1),
		"KleinGordon: Kink: Mass(1); the closed form needs Mass(0), the potential brings its own":                                                                        ring.Potential(nnfield.SineGordon()).Kink().Until(1),
		"KleinGordon: Kink: 1 more kinks than antikinks on a ring; a ring needs as many of each, a lone kink needs Line with Neumann ends":                               ring.Mass(0).Potential(nnfield.SineGordon()).Kink().Until(1),
		"KleinGordon: Values: phi has 3 numbers for 64 sites; give one a site, in row-major order":                                                                       ring.Values(make([]float64, 3), make([]float64, 64)).Until(1),
		"KleinGordon: Values: beta is not a number at site 0; every value must be finite":                                                                                ring.Values(make([]float64, 64), append([]float64{nan}, make([]float64, 63)...)).Until(1),
		"KleinGordon: Phi4(-1, 1): λ must be positive, v not negative, both finite":                                                                                      ring.Potential(nnfield.Phi4(-1, 1)).Until(1),
		"KleinGordon: Laplacian(\"order-3\"): use \"order-2\", \"order-4\" or \"spectral\"":                                                                              ring.Laplacian("order-3").Until(1),
		"Observe(energy): the name of an invariant, which every run records; give the observer another":                                                                  ring.Until(1).Observe(simulate.ObserverFunc("energy", func(theory.Snapshot) float64 { return 0 }), nnfield.Every(1)),
		"Observe(point [3 4]): Point([3 4]): 2 coordinates for 1 axes; give one for each axis":                                                                           ring.Until(1).Observe(observe.Point(3, 4), nnfield.Every(1)),
	} {
		_, err := s.Run(context.Background())
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	wrong := nnfield.PotentialFunc("wrong", func(x float64) float64 { return x * x }, func(x float64) float64 { return x })
	if err := ring.Potential(wrong).Until(1).Check(); err == nil || !strings.Contains(err.Error(), "dV must be the derivative of V") {
		t.Errorf("a wrong derivative gave %v", err)
	}
	// The first error wins: it is the one to mend first.
	if err := kg.Mass(-1).Ring(0, 1).Until(1).Check(); err == nil || !strings.Contains(err.Error(), "Mass(-1)") {
		t.Errorf("got %v, want the error of the first call", err)
	}
}

// A builder is a value: a variation leaves its origin alone.
func TestBuildersAreValues(t *testing.T) {
	kg := packet()
	before := kg.String()
	_ = kg.Mass(3).Packet(nnfield.Width(1)).Ring(32, 5)
	two := kg.Packet(nnfield.At(30), nnfield.Width(1))
	_ = kg.Packet(nnfield.At(20), nnfield.Width(1))
	if kg.String() != before {
		t.Error("a setter changed the model it was called on")
	}
	if p, _ := theory.Parameters(two.MustBuild()); len(p.Initial) != 2 {
		t.Errorf("%d contributions, want 2", len(p.Initial))
	}
}
