package stencil

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// linkWeights returns weights of two components with links and elements of every
// kind.
func linkWeights(shape [3]int, wall [3]bool) LinkWeights {
	r := rand.New(rand.NewPCG(3, uint64(shape[2])))
	g := newGrid(shape, wall)
	w := LinkWeights{Shape: shape, Wall: wall, Components: 2}
	d := make([]float64, g.sites)
	for i := range d {
		d[i] = r.NormFloat64()
	}
	w.Sites = []SiteTerm{{0, 1, 0.7, d}, {1, 0, 0.7, d}, {1, 1, -1.1, d}}
	for axis := g.first; axis < 3; axis++ {
		w.Hops[axis] = []HopTerm{{A: 0, B: 0, T: 0.9}, {A: 0, B: 1, T: -0.4, Imaginary: true}, {A: 1, B: 0, T: 1.3}}
		w.Cos[axis], w.Sin[axis] = make([]float64, g.sites), make([]float64, g.sites)
		for i := range g.sites {
			w.Sin[axis][i], w.Cos[axis][i] = math.Sincos(r.Float64())
		}
	}
	return w
}

// scalarWeights returns those of a charged scalar.
func scalarWeights(shape [3]int, wall [3]bool) LinkWeights {
	w := linkWeights(shape, wall)
	w.Components = 1
	w.Sites = []SiteTerm{{0, 0, 1, w.Sites[0].D}}
	for axis := newGrid(shape, wall).first; axis < 3; axis++ {
		w.Hops[axis] = w.Hops[axis][:1]
	}
	return w
}

// uniformWeights returns those of one with the same d everywhere.
func uniformWeights(shape [3]int, wall [3]bool) LinkWeights {
	w := scalarWeights(shape, wall)
	for i := range w.Sites[0].D {
		w.Sites[0].D[i] = 2.3
	}
	return w
}

// checkLinks compares the assembly of a field with its twin on a part of it.
func checkLinks(w LinkWeights, p Part, off int) error {
	twin := NewLinks(w)
	twin.fast, twin.kernels = false, scalarKernels{}
	n := 2 * w.Components * twin.sites
	halves := map[string]func(k *Links, x, b []float64){
		"scalar drift": func(k *Links, x, b []float64) { k.Scalar().Drift(x, b, p, 0.3) },
		"scalar kick":  func(k *Links, x, b []float64) { k.Scalar().Kick(b, x, p, -0.3) },
		"spinor drift": func(k *Links, x, b []float64) { k.Spinor().Drift(x, b, p, 0.3) },
		"spinor kick":  func(k *Links, x, b []float64) { k.Spinor().Kick(b, x, p, -0.3) },
	}
	if ahead := (Part{p.Lo + 1, p.Hi + 1, p.Y0, p.Y1}); ahead.Hi < twin.Slabs() || ahead.Hi == twin.Slabs() && (p.Lo > 0 || w.Wall[twin.first]) {
		halves["scalar drift and kick"] = func(k *Links, x, b []float64) { k.Scalar().(fused).DriftKick(x, b, ahead, p, 0.3, -0.3) }
	}
	sets := []scalarKernels{{}}
	if twin.scalar() {
		sets = scalarKernelSets(3 - twin.first)
	}
	for i, set := range sets {
		fast := NewLinks(w)
		fast.kernels = set
		for name, half := range halves {
			r := rand.New(rand.NewPCG(1, uint64(n)))
			x, xIntact := guarded[float64](r, n, off)
			b, bIntact := guarded[float64](r, n, off%3)
			wantX, wantB := slices.Clone(x), slices.Clone(b)
			half(fast, x, b)
			half(twin, wantX, wantB)
			name = fmt.Sprintf("%s of %v of %v, walls %v, kernels %d", name, p, w.Shape, w.Wall, i)
			if i := differs(x, wantX); i >= 0 {
				return fmt.Errorf("%s: neuron %d is %v, the twin makes %v", name, i, x[i], wantX[i])
			}
			if i := differs(b, wantB); i >= 0 {
				return fmt.Errorf("%s: bias %d is %v, the twin makes %v", name, i, b[i], wantB[i])
			}
			if !xIntact() || !bIntact() {
				return fmt.Errorf("%s: it writes beside its arrays", name)
			}
		}
	}
	return nil
}

// The assembly has the bits of its twin for any length of a row and any alignment,
// and writes nowhere else.
func TestLinksAssemblyIsItsTwin(t *testing.T) {
	if !Assembly() {
		t.Skip("no assembly here")
	}
	for n := 4; n <= 130; n++ {
		for i, shape := range [][3]int{{1, 1, n}, {1, 3, n}, {2, 3, n}} {
			for _, weights := range []func(shape [3]int, wall [3]bool) LinkWeights{linkWeights, scalarWeights, uniformWeights} {
				w := weights(shape, [3]bool{false, n%2 == 0, n%3 == 0})
				p := NewLinks(w).All()
				if i == 0 && n > 20 {
					p.Lo, p.Hi = n%5, n-n%7
				}
				if err := checkLinks(w, p, (n+i)%8); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestLinksOnAnyRange(t *testing.T) { rapid.Check(t, testLinks) }

// FuzzLinks lets the fuzzer choose the case.
func FuzzLinks(f *testing.F) { f.Fuzz(rapid.MakeFuzz(testLinks)) }

func testLinks(t *rapid.T) {
	shape, wall := [3]int{1, 1, rapid.IntRange(2, 600).Draw(t, "columns")}, [3]bool{}
	dim := rapid.IntRange(1, 3).Draw(t, "dimensions")
	for axis := 2; axis > 2-dim; axis-- {
		if axis < 2 {
			shape[axis] = rapid.IntRange(2, 5).Draw(t, "sites")
		}
		wall[axis] = rapid.Bool().Draw(t, "wall")
	}
	kinds := []func(shape [3]int, wall [3]bool) LinkWeights{linkWeights, scalarWeights, uniformWeights}
	w := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")](shape, wall)
	if err := checkLinks(w, drawPart(t, NewLinks(w).All()), rapid.IntRange(0, 8).Draw(t, "offset")); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkLinks(b *testing.B) {
	for _, shape := range [][3]int{{1, 16, 64}, {1, 16, 1024}, {8, 16, 64}} {
		w := uniformWeights(shape, [3]bool{})
		for i, kernels := range append([]scalarKernels{{}}, scalarKernelSets(3-NewLinks(w).first)...) {
			b.Run(fmt.Sprint(shape, " ", []string{"go", "avx2", "avx512"}[i]), func(b *testing.B) {
				k := NewLinks(w)
				k.fast, k.kernels = i > 0, kernels
				x, p := make([]float64, 2*k.sites), make([]float64, 2*k.sites)
				h, n := k.Scalar().(fused), k.Slabs()
				for b.Loop() {
					h.DriftKick(x, p, Part{1, n, 0, k.Rows()}, Part{0, n - 1, 0, k.Rows()}, 0.1, -0.1)
				}
				b.ReportMetric(float64(b.N)*float64(k.sites/n*(n-1))/b.Elapsed().Seconds()/1e6, "Msites/s")
			})
		}
	}
}
