package theory

import (
	"fmt"
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sweep"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// diracs are Dirac fields that the kernels take, on lattices of a shape.
func diracs(t testing.TB, shape ...int) map[string]*dirac {
	ring := make([]lattice.Axis, len(shape))
	walls, mixed := make([]lattice.Axis, len(shape)), make([]lattice.Axis, len(shape))
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	for j, n := range shape {
		ring[j] = lattice.Ring(n, 0.3*float64(n))
		walls[j] = lattice.Line(n, float64(n+1)*0.3, wall, wall)
		mixed[j] = walls[j]
		if j == len(shape)/2 {
			mixed[j] = lattice.Ring(n, 0.7*float64(n))
		}
	}
	all := map[string]*dirac{}
	add := func(name string, p Dirac, axes []lattice.Axis) {
		l, err := lattice.New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		p.Lattice = l
		m, err := p.Build()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = m.(*dirac)
	}
	numbers := random.New(3, "profiles")
	profile := func(key int) Profile {
		n := 1
		for _, m := range shape {
			n *= m
		}
		v := make([]float64, n)
		for i := range v {
			v[i] = numbers.Normal(key*n + i)
		}
		return SiteProfile(v)
	}
	add("free", Dirac{Mass: 0.7}, ring)
	add("massless", Dirac{}, ring)
	add("unit mass", Dirac{Mass: 1}, ring)
	add("wilson", Dirac{Mass: -0.4, Wilson: 1}, ring)
	add("walls", Dirac{Mass: 0.3, Wilson: 0.7}, walls)
	add("a ring between walls", Dirac{Mass: 0.3, Wilson: 0.7}, mixed)
	add("profile", Dirac{MassProfile: profile(1)}, ring)
	add("profile, wilson", Dirac{MassProfile: profile(2), Wilson: 1}, mixed)
	add("potential", Dirac{Mass: 0.7, Potential: profile(3)}, ring)
	add("everything", Dirac{MassProfile: profile(4), Wilson: 0.5, Potential: profile(5)}, ring)
	return all
}

// tilings are the plainest way to sweep a field, and ways that cut the lattice up.
func tilings(e *sweptHalves, l lattice.Lattice) []sweep.Shape {
	plain := e.composition.Shape()
	cut, deep := plain, plain
	cut.Group, cut.Depth, cut.Height, cut.Serial = 2, 2, 6, false
	deep.Group, deep.Depth, deep.Height, deep.Serial = 3, 3, 11, false
	if l.Dim() == 3 {
		cut.Rows, cut.RowsPeriodic, cut.Width = l.Axis(1).Sites, l.Axis(1).Periodic(), 6
	}
	return []sweep.Shape{plain, cut, deep}
}

// noise returns a state of random numbers.
func noise(m Model) *State {
	s := NewState(m.Fields())
	for k, a := range s.Arrays {
		numbers := random.New(uint64(k+1), "state")
		for i := range a {
			a[i] = numbers.Normal(i)
		}
	}
	s.Arrays[0][0] = math.Copysign(0, -1)
	return s
}

// sameState fails unless two states have the same bits.
func sameState(t *testing.T, got, want *State) {
	t.Helper()
	for k, a := range want.Arrays {
		for i, v := range a {
			if math.Float64bits(v) != math.Float64bits(got.Arrays[k][i]) {
				t.Fatalf("array %d, element %d of %d: %v, the network's step gives %v", k, i, len(a), got.Arrays[k][i], v)
			}
		}
	}
	if got.Step != want.Step || got.Time != want.Time {
		t.Fatalf("step %d, time %v; want %d, %v", got.Step, got.Time, want.Step, want.Time)
	}
}

// The kernels have the bits of the network's own step, however they are swept.
func TestSweptDiracIsTheNetworksStep(t *testing.T) {
	epsilon, steps := 0.05, 5
	drifts, kicks := []float64{1, -0.7}, []float64{0.6, 1.3}
	for _, shape := range [][]int{{2}, {3}, {9}, {64}, {130}, {517}, {2, 2}, {3, 5}, {8, 12}, {11, 70}, {40, 9}, {2, 3, 2}, {4, 3, 5}, {5, 6, 12}, {9, 4, 17}, {12, 14, 9}} {
		for name, m := range diracs(t, shape...) {
			t.Run(fmt.Sprint(shape, " ", name), func(t *testing.T) {
				n, err := m.Network(epsilon)
				if err != nil {
					t.Fatal(err)
				}
				c := newCanonical(n, epsilon)
				plain, start := noise(m), noise(m)
				for range steps {
					for i := range drifts {
						c.Drift(plain, drifts[i])
						c.Kick(plain, kicks[i])
					}
				}
				plain.Step, plain.Time = steps, float64(steps)*epsilon
				e, ok := newSweptDirac(m.p.Lattice, m.symmetric, c)
				if !ok {
					t.Fatal("no kernels")
				}
				for _, shape := range tilings(e, m.p.Lattice) {
					e.composition.Tile(shape)
					swept := start.Clone()
					e.Advance(swept, steps, drifts, kicks)
					sameState(t, swept, plain)
				}
			})
		}
	}
}

func TestSweptDiracDeclines(t *testing.T) {
	l, err := lattice.New(lattice.Ring(8, 2), lattice.Ring(8, 2))
	if err != nil {
		t.Fatal(err)
	}
	declined := func(name string, n network.Network) {
		t.Helper()
		n.Weights, n.Rate, n.Clock = weights.Identity(n.Bias.Size()), 0.01*0.01, 0.01
		s, err := network.New(n)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, ok := newSweptDirac(l, n.Bias, newCanonical(s, 0.01)); ok {
			t.Errorf("%s: taken", name)
		}
	}
	real, err := Dirac{Lattice: l, Mass: 1}.Build()
	if err != nil {
		t.Fatal(err)
	}
	turned, err := Dirac{Lattice: l, Mass: 1, Representation: DiracMatrices}.Build()
	if err != nil {
		t.Fatal(err)
	}
	stretched, err := lattice.New(lattice.Ring(4, 2), lattice.Ring(16, 2))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := Dirac{Lattice: stretched, Mass: 1}.Build()
	if err != nil {
		t.Fatal(err)
	}
	unit := network.Dual{K: weights.Identity(4 * 64)}
	declined("other matrices", network.Network{Bias: turned.(*dirac).symmetric, Loss: network.Dual{K: weights.Identity(turned.(*dirac).neurons())}})
	declined("the identity", network.Network{Bias: weights.Identity(4 * 64), Loss: unit})
	declined("another loss", network.Network{Bias: real.(*dirac).symmetric, Loss: network.Dual{K: weights.Scale(2, weights.Identity(4*64))}})
	declined("another lattice", network.Network{Bias: elsewhere.(*dirac).symmetric, Loss: unit})
}

// BenchmarkDirac times swept leapfrog steps, in sites a microsecond.
func BenchmarkDirac(b *testing.B) {
	for _, shape := range [][]int{{1000}, {1_000_000}, {256, 256}, {2048, 2048}, {64, 64, 64}, {128, 128, 128}} {
		for _, wilson := range []float64{0, 1} {
			axes := make([]lattice.Axis, len(shape))
			for j, n := range shape {
				axes[j] = lattice.Ring(n, 0.3*float64(n))
			}
			l, err := lattice.New(axes...)
			if err != nil {
				b.Fatal(err)
			}
			built, err := Dirac{Lattice: l, Mass: 0.7, Wilson: wilson}.Build()
			if err != nil {
				b.Fatal(err)
			}
			m := built.(*dirac)
			b.Run(fmt.Sprint(shape, " r=", wilson), func(b *testing.B) {
				e, _ := newSweptDirac(l, m.symmetric, &canonical{step: 0.01})
				s := NewState(m.Fields())
				for _, a := range s.Arrays {
					for i := range a {
						a[i] = float64(i%17) - 8
					}
				}
				b.ResetTimer()
				e.Advance(s, b.N, []float64{1}, []float64{1})
				b.ReportMetric(float64(b.N)*float64(l.Sites())/b.Elapsed().Seconds()/1e6, "Msites/s")
			})
		}
	}
}
