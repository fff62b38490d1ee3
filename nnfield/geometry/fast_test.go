package geometry

import (
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// The kernels have the bits of the network's own step, however they are swept.
func TestSweptIsTheNetworksStep(t *testing.T) {
	epsilon, steps := 0.05, 5
	drifts, kicks := []float64{1, -0.7}, []float64{0.6, 1.3}
	wall, face := lattice.Boundary{Kind: lattice.Dirichlet}, lattice.Boundary{Kind: lattice.Neumann}
	lens := Params{"depth": 0.3}
	for name, b := range map[string]Builder{
		"ring":      KleinGordon().Ring(80, 10).Lapse("1 + depth*tanh(x-5)", lens),
		"short":     KleinGordon().Ring(5, 3),
		"line":      KleinGordon().Line(83, 10, wall, face).Mass(1).Lapse("1 + x/8"),
		"order 4":   KleinGordon().Ring(90, 10).Order(4).Lapse("1 + depth*sin(pi*x/5)", lens),
		"torus":     KleinGordon().Torus(34, 5).Lapse("1+depth*sin(pi*x/2.5)", lens).Space(0, 0, "1.5"),
		"general":   KleinGordon().Torus(34, 5).Lapse("1+depth*sin(pi*x/2.5)", lens).Space(0, 1, "depth*sin(pi*y/2.5)", lens),
		"general 4": KleinGordon().Torus(34, 5).Order(4).Lapse("1+depth*sin(pi*x/2.5)", lens).Space(0, 1, "depth*sin(pi*y/2.5)", lens),
		"walls":     KleinGordon().Lattice(lattice.Line(20, 5, wall, face), lattice.Line(21, 5, face, wall)).Lapse("1+y"),
		"cube":      KleinGordon().Cube(14, 3).Lapse("2+z/3").Space(1, 1, "1+x/4"),
	} {
		t.Run(name, func(t *testing.T) {
			built, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			m := built.(*model)
			evolve := func() *swept {
				e, err := m.Evolve(epsilon)
				if err != nil {
					t.Fatal(err)
				}
				fast, ok := e.(*swept)
				if !ok {
					t.Fatal("no kernels")
				}
				return fast
			}
			e := evolve()
			start := theory.NewState(m.Fields())
			for k, a := range start.Arrays {
				numbers := random.New(uint64(k+1), "state")
				for i := range a {
					a[i] = numbers.Normal(i)
				}
				a[0] = math.Copysign(0, -1)
			}
			plain := start.Clone()
			for range steps {
				for i := range drifts {
					e.Drift(plain, drifts[i])
					e.Kick(plain, kicks[i])
				}
			}
			shape := e.composition.Shape()
			cut := shape
			cut.Group, cut.Depth, cut.Height, cut.Serial = 2, 2, 6*shape.Radius, false
			for i, tiles := range []func(){func() {}, func() { e.composition.Tile(shape) }, func() { e.composition.Tile(cut) }} {
				tiles()
				got := start.Clone()
				e.Advance(got, steps, drifts, kicks)
				for k, a := range plain.Arrays {
					for s, v := range a {
						if math.Float64bits(v) != math.Float64bits(got.Arrays[k][s]) {
							t.Fatalf("tiling %d: array %d, site %d: %v, the network's step gives %v", i, k, s, got.Arrays[k][s], v)
						}
					}
				}
				if got.Step != steps || got.Time != float64(steps)*epsilon {
					t.Fatalf("step %d, time %v", got.Step, got.Time)
				}
			}
		})
	}
}

// What the kernels cannot do goes the network's own way.
func TestSweptDeclines(t *testing.T) {
	ring := KleinGordon().Ring(80, 10)
	for name, b := range map[string]Builder{
		"expanding": ring.ScaleFactor(CosmicTime, "exp(t)"),
		"shift":     ring.Shift(0, "0.5*sin(pi*x/5)"),
		"sponge":    KleinGordon().Line(80, 10, lattice.Absorbing(2), lattice.Boundary{Kind: lattice.Dirichlet}),
		"corners":   KleinGordon().Cube(5, 3).Space(0, 1, "0.3"),
	} {
		m, err := b.Build()
		if err != nil {
			t.Fatal(name, err)
		}
		e, err := m.Evolve(0.01)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, ok := e.(*swept); ok {
			t.Errorf("%s: taken", name)
		}
	}
}
