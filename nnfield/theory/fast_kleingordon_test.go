package theory

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/internal/sweep"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// drawScalar draws a Klein-Gordon model: any lattice, boundary, weights, force,
// sponge and drive.
func drawScalar(t *rapid.T) KleinGordon {
	p := KleinGordon{Laplacian: rapid.SampledFrom([]Laplacian{Order2, Order4}).Draw(t, "laplacian")}
	p.Mass = rapid.SampledFrom([]float64{0, 0.8}).Draw(t, "mass")
	dim := rapid.IntRange(1, 3).Draw(t, "dim")
	driven := 0
	var axes []lattice.Axis
	for j := range dim {
		n := rapid.IntRange(2, []int{300, 40, 12}[dim-1]).Draw(t, "sites")
		if rapid.Bool().Draw(t, "ring") {
			axes = append(axes, lattice.Ring(n, 0.5*float64(n)))
			continue
		}
		end := func() lattice.Boundary {
			kinds := []lattice.Kind{lattice.Dirichlet, lattice.Neumann}
			if p.Laplacian == Order2 && driven == 0 {
				kinds = append(kinds, lattice.Driven)
			}
			b := lattice.Boundary{Kind: rapid.SampledFrom(kinds).Draw(t, "end")}
			if b.Kind != lattice.Driven && rapid.Bool().Draw(t, "sponge") {
				b.Sponge = lattice.Sponge{Width: 0.2 * float64(n), Strength: 3}
			}
			return b
		}
		a := lattice.Line(n, 1, end(), end())
		a.Length = math.Round(2/a.Spacing()) / 4 // so that a = ½ along every axis
		axes = append(axes, a)
		for _, side := range []lattice.Side{lattice.Low, lattice.High} {
			if a.Boundary(side).Kind == lattice.Driven {
				driven++
				p.Drives = append(p.Drives, Drive{j, side, NewSignal("a*sin(2*t)+t", map[string]float64{"a": 0.5 + float64(driven)})})
			}
		}
	}
	var err error
	if p.Lattice, err = lattice.New(axes...); err != nil {
		t.Skip(err)
	}
	switch rapid.SampledFrom([]string{"none", "phi4", "sine", "sites", "uniform", "place"}).Draw(t, "potential") {
	case "phi4":
		p.Potential = Phi4(0.6, 0.9)
	case "sine":
		p.Potential = SineGordon()
	case "sites":
		u := make([]float64, p.Lattice.Sites())
		for i := range u {
			u[i] = float64(i%7) / 3
		}
		p.Potential = SitePotential(u)
	case "uniform":
		p.Potential = Expression("g*phi*phi*phi*phi", map[string]float64{"g": 0.1})
	case "place":
		p.Potential = Expression("tanh(x)*phi*phi+exp(phi)", nil)
	}
	return p
}

// drawShape draws how a lattice is swept: in tiles of any size, also where such a
// small one would be done in the plain order.
func drawShape(t *rapid.T, slabs, rows, radius int, l lattice.Lattice) sweep.Shape {
	s := sweep.Shape{
		Slabs: slabs, Radius: radius, Periodic: l.Axis(0).Periodic(), Group: rapid.IntRange(1, 9).Draw(t, "group"),
		Depth: rapid.IntRange(0, 4).Draw(t, "depth"), Serial: rapid.Bool().Draw(t, "serial"),
	}
	s.Height = radius*max(1, 4*s.Depth-2) + rapid.IntRange(0, 9).Draw(t, "height")
	if rows > 1 && rapid.Bool().Draw(t, "cut planes") {
		s.Rows, s.RowsPeriodic = rows, l.Axis(1).Periodic()
		s.Width = radius*max(1, 4*s.Depth-2) + rapid.IntRange(0, 9).Draw(t, "width")
	}
	return s
}

// The kernels have the bits of the network's own step: whatever the lattice, its
// boundaries, the weights, the force and the composition, and however a run is cut.
func TestSweptScalar(t *testing.T) {
	fast := 0
	rapid.Check(t, func(t *rapid.T) {
		b, err := drawScalar(t).Build()
		if err != nil {
			t.Skip(err)
		}
		m := b.(*kleinGordon)
		const epsilon = 0.11
		e, err := m.Evolve(epsilon)
		if err != nil {
			t.Fatal(err)
		}
		swept, ok := e.(*sweptScalar[float64])
		if !ok {
			return // along axes of different spacings the plain step runs
		}
		fast++
		shape := drawShape(t, swept.pairs.field.Slabs(), swept.pairs.field.Rows(), swept.pairs.field.Radius(), m.p.Lattice)
		swept.sweep = sweep.New(shape, &swept.pairs)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		start := m.Initial()
		for _, a := range start.Arrays {
			for i := range a {
				a[i] = math.Round(40*r.Float64()-20) / 10 // many zeros and ties
			}
		}
		start.Step, start.Time = 3, 3*epsilon
		var drifts, kicks []float64
		for range rapid.IntRange(1, 3).Draw(t, "stages") {
			drifts = append(drifts, rapid.SampledFrom([]float64{1, 0.7, -0.4}).Draw(t, "c"))
			kicks = append(kicks, rapid.SampledFrom([]float64{1, 0.3, -0.2}).Draw(t, "d"))
		}
		want, got := start.Clone(), start.Clone()
		e.Load(want, start)
		e.Load(got, start)
		for range 2 {
			swept.canonical.Kick(want, 0.5) // as it is done to start and to synchronise
			swept.Kick(got, 0.5)
			n := rapid.IntRange(0, 40).Draw(t, "steps")
			for range n {
				for i := range drifts {
					swept.canonical.Drift(want, drifts[i])
					swept.canonical.Kick(want, kicks[i])
				}
				want.Step++
				want.Time = float64(want.Step) * epsilon
			}
			swept.Advance(got, n, drifts, kicks)
			if got.Step != want.Step || got.Time != want.Time {
				t.Fatalf("step %d at %v, want %d at %v", got.Step, got.Time, want.Step, want.Time)
			}
			for f := range got.Arrays {
				if i, ok := sameBits(got.Arrays[f], want.Arrays[f]); !ok {
					t.Fatalf("%s: element %d of field %d is %v, the network says %v", m.p.Lattice, i, f, got.Arrays[f][i], want.Arrays[f][i])
				}
			}
		}
	})
	if fast < 10 {
		t.Errorf("kernels for %d models only", fast)
	}
}

// sameBits returns the first element whose bits differ. All that is not a number
// counts as one.
func sameBits(a, b []float64) (int, bool) {
	for i, v := range a {
		if math.Float64bits(v) != math.Float64bits(b[i]) && !(math.IsNaN(v) && math.IsNaN(b[i])) {
			return i, false
		}
	}
	return 0, true
}

// NNFIELD_KERNEL chooses the implementation.
func TestKernelVariable(t *testing.T) {
	l, err := lattice.New(lattice.Ring(64, 32), lattice.Ring(20, 10))
	if err != nil {
		t.Fatal(err)
	}
	m, err := KleinGordon{Lattice: l, Mass: 1}.Build()
	if err != nil {
		t.Fatal(err)
	}
	for kernel, swept := range map[string]bool{"": true, "avx2": true, "go": true, "plain": false} {
		t.Setenv("NNFIELD_KERNEL", kernel)
		e, err := m.Evolve(0.1)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := e.(Swept); ok != swept {
			t.Errorf("NNFIELD_KERNEL=%s: the evolution is a %T", kernel, e)
		}
	}
}
