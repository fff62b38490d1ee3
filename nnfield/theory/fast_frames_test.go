package theory

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// frameModels are models of one to three dimensions, of more sites than a part of a sum
// has, with all ends, weights and spacings that closed fields can have.
func frameModels(t *testing.T) map[string]*kleinGordon {
	wall, free := lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann}
	models := map[string]*kleinGordon{}
	for name, p := range map[string]KleinGordon{
		"ring":         {Lattice: grid(t, lattice.Ring(10007, 10007))},
		"line":         {Lattice: grid(t, lattice.Line(9999, 9999, wall, wall)), Laplacian: Order4},
		"torus":        {Lattice: grid(t, lattice.Ring(100, 50), lattice.Ring(131, 65.5))},
		"torus order4": {Lattice: grid(t, lattice.Ring(128, 64), lattice.Ring(96, 48)), Laplacian: Order4},
		"oblong":       {Lattice: grid(t, lattice.Ring(100, 100), lattice.Ring(131, 65.5))},
		"φ⁴":           {Lattice: grid(t, lattice.Ring(2, 1), lattice.Ring(5000, 2500)), Potential: Phi4(0.6, 0.9)},
		"place":        {Lattice: grid(t, lattice.Ring(9001, 4500.5)), Potential: Expression("tanh(x)*phi*phi+exp(phi)", nil)},
		"sites":        {Lattice: grid(t, lattice.Ring(70, 35), lattice.Ring(75, 37.5)), Potential: SitePotential(ramp(5250))},
		"tube":         {Lattice: grid(t, lattice.Ring(60, 60), lattice.Line(151, 151, free, free))},
		"cube":         {Lattice: grid(t, lattice.Ring(20, 20), lattice.Line(21, 22, wall, wall), lattice.Ring(24, 24)), Laplacian: Order4},
		"spectral":     {Lattice: grid(t, lattice.Ring(80, 40), lattice.Ring(90, 45)), Laplacian: Spectral},
	} {
		p.Mass = 0.8
		m, err := p.Build()
		if err != nil {
			t.Fatal(name, err)
		}
		models[name] = m.(*kleinGordon)
	}
	return models
}

// ramp returns 0, 1, 2, … n − 1 parts of n.
func ramp(n int) []float64 {
	r := make([]float64, n)
	for i := range r {
		r[i] = float64(i) / float64(n)
	}
	return r
}

func grid(t *testing.T, axes ...lattice.Axis) lattice.Lattice {
	l, err := lattice.New(axes...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// randomState returns a state of random numbers.
func randomState(m Model) *State {
	r := rand.New(rand.NewPCG(1, 2))
	s := NewState(m.Fields())
	for _, a := range s.Arrays {
		for i := range a {
			a[i] = r.NormFloat64()
		}
	}
	return s
}

// The invariants have the bits of the weights and of sums of whole arrays, with
// any kernels and with none.
func TestInvariantsByParts(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for name, m := range frameModels(t) {
		state, staggered := randomState(m), randomState(m)
		for i := range staggered.Arrays[1] {
			staggered.Arrays[1][i] += 0.1
		}
		s := Snapshot{State: state, Staggered: staggered, Epsilon: 0.3}
		phi, beta, half := state.Arrays[0], state.Arrays[1], staggered.Arrays[1]
		kphi := make([]float64, len(phi))
		weights.Apply(kphi, m.stiffness, phi)
		energy := 0.5*sums.Dot(beta, beta) + 0.5*sums.Dot(phi, kphi)
		if m.potential != nil {
			v := make([]float64, len(phi))
			m.potential.density(v, phi, 0)
			energy += sums.Sum(0, len(v), func(i int) float64 { return v[i] })
		}
		cell := m.p.Lattice.CellVolume()
		value := map[string]float64{
			"energy":        cell * energy,
			"shadow energy": cell * (0.5*sums.Dot(half, half) + 0.5*sums.Dot(phi, kphi) + 0.5*s.Epsilon*sums.Dot(half, kphi)),
		}
		scale := map[string]float64{}
		for j := range m.p.Lattice.Dim() {
			d, err := weights.Derivative(m.p.Lattice, j)
			if err != nil {
				t.Fatal(err)
			}
			dphi, axis := make([]float64, len(phi)), "momentum "+lattice.AxisName(j)
			weights.Apply(dphi, d, phi)
			value[axis] = -cell * sums.Dot(beta, dphi)
			scale[axis] = 0.5 * cell * (sums.Dot(beta, beta) + sums.Dot(dphi, dphi))
		}
		for _, kernel := range []string{"", "go", "plain"} {
			t.Setenv("NNFIELD_KERNEL", kernel)
			invariants := m.Invariants()
			together := make([]float64, len(invariants))
			Evaluate(together, invariants, s)
			for k, i := range invariants {
				if got := i.Value(s); got != value[i.Name] || together[k] != got {
					t.Errorf("%s, %s, kernel %q: %v, with the others %v, from whole arrays %v", name, i.Name, kernel, got, together[k], value[i.Name])
				}
				if i.Scale != nil && i.Scale(s) != scale[i.Name] {
					t.Errorf("%s, %s: scale %v, from whole arrays %v", name, i.Name, i.Scale(s), scale[i.Name])
				}
			}
		}
	}
}

// The range of a field is found on all workers, and no number is no range.
func TestExtent(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, 200_003)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	for range 2 {
		e := extent{x: x, lo: math.Inf(1), hi: math.Inf(-1)}
		pool.Run(len(x), 1<<15, &e)
		if lo, hi := slices.Min(x), slices.Max(x); e.lo != lo && lo == lo || e.hi != hi && hi == hi || math.IsNaN(e.lo) != math.IsNaN(lo) {
			t.Errorf("from %v to %v, want from %v to %v", e.lo, e.hi, lo, hi)
		}
		x[150_000] = math.NaN()
	}
}

// A snapshot in one pass is the one that Physical and Kick make.
func TestSynchronise(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	t.Setenv("NNFIELD_KERNEL", "")
	done := 0
	for name, m := range frameModels(t) {
		e, err := m.Evolve(0.3)
		if err != nil {
			t.Fatal(err)
		}
		fast, ok := e.(Synchroniser)
		if !ok {
			continue
		}
		done++
		net := randomState(m)
		e.Load(net, randomState(m))
		net.Step, net.Time = 7, 2.1
		before := net.Clone()
		for _, kick := range []float64{0, -0.5} {
			got := Snapshot{State: NewState(m.Fields()), Staggered: NewState(m.Fields())}
			if !fast.Synchronise(got, net, kick) {
				t.Fatalf("%s: no snapshot", name)
			}
			state, staggered, kicked := NewState(m.Fields()), NewState(m.Fields()), net.Clone()
			e.Physical(staggered, net)
			if kick != 0 {
				e.Kick(kicked, kick)
			}
			e.Physical(state, kicked)
			compareStates(t, name+", state", got.State, state)
			compareStates(t, name+", staggered", got.Staggered, staggered)
			compareStates(t, name+", network", net, before)
		}
	}
	if done < 6 {
		t.Errorf("%d models have kernels, want at least 6", done)
	}
}

func compareStates(t *testing.T, what string, got, want *State) {
	t.Helper()
	if got.Step != want.Step || got.Time != want.Time {
		t.Errorf("%s: step %d, time %v, want %d, %v", what, got.Step, got.Time, want.Step, want.Time)
	}
	for k, a := range want.Arrays {
		for i, x := range a {
			if got.Arrays[k][i] != x {
				t.Errorf("%s: array %d, site %d: %v, want %v", what, k, i, got.Arrays[k][i], x)
				return
			}
		}
	}
}
