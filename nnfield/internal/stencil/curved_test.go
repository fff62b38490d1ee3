package stencil

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// curvedWeights returns random weights with bonds of some offsets, two of them
// longer than one site.
func curvedWeights(shape [3]int) CurvedWeights {
	r := rand.New(rand.NewPCG(3, uint64(shape[2])))
	g := newGrid(shape, [3]bool{})
	numbers := func() []float64 {
		v := make([]float64, g.sites)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	w := CurvedWeights{Shape: shape, Gain: numbers(), Centre: numbers()}
	offsets := [][3]int{{0, 0, 1}, {0, 0, 2}}
	if g.first < 2 {
		offsets = append(offsets, [3]int{0, 1, 0}, [3]int{0, 1, -1}, [3]int{0, 2, 1})
	}
	if g.first == 0 {
		offsets = append(offsets, [3]int{1, 0, 0}, [3]int{1, 0, -1})
	}
	for _, o := range offsets {
		w.Bonds = append(w.Bonds, Bond{o, numbers()})
	}
	return w
}

// byContract is a half step written down from the contract of Curved.
func (w CurvedWeights) byContract(to, from []float64, p Part, factor float64, kick bool) {
	g := newGrid(w.Shape, [3]bool{})
	z0, z1, y0, y1, x0, x1 := g.planes(p)
	site := func(z, y, x int, o [3]int, sign int) int {
		at := 0
		for axis, i := range [3]int{z, y, x} {
			n := w.Shape[axis]
			at = at*n + ((i+sign*o[axis])%n+n)%n
		}
		return at
	}
	for z := z0; z < z1; z++ {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				i := site(z, y, x, [3]int{}, 0)
				if !kick {
					to[i] = to[i] + float64(float64(factor*w.Gain[i])*from[i])
					continue
				}
				sum := float64(w.Centre[i] * from[i])
				for _, b := range w.Bonds {
					ahead, behind := site(z, y, x, b.Offset, 1), site(z, y, x, b.Offset, -1)
					sum = sum + float64(b.Strength[i]*from[ahead])
					sum = sum + float64(b.Strength[behind]*from[behind])
				}
				if g := float64(float64(factor*w.Gain[i]) * sum); g != 0 {
					to[i] = to[i] + g
				} else if to[i] == 0 {
					to[i] = 0 // of positive sign
				}
			}
		}
	}
}

// checkCurved compares assembly and twin with the contract on a part of a lattice.
func checkCurved(shape [3]int, part func(all Part) Part, off int) error {
	w := curvedWeights(shape)
	k, ok := NewCurved(w)
	if !ok {
		return nil
	}
	p := part(k.All())
	for _, fast := range []bool{k.fast, false} {
		k.fast = fast
		for half, name := range []string{"drift", "kick"} {
			r := rand.New(rand.NewPCG(1, uint64(k.sites)))
			to, toIntact := guarded[float64](r, k.sites, off)
			from, fromIntact := guarded[float64](r, k.sites, off%3)
			to[0], to[k.sites/2] = math.Copysign(0, -1), math.Copysign(0, -1)
			if off == 5 {
				clear(from)
			}
			want := slices.Clone(to)
			w.byContract(want, from, p, -0.3, half == 1)
			if half == 0 {
				k.Drift(to, from, p, -0.3)
			} else {
				k.Kick(to, from, p, -0.3)
			}
			if i := differs(to, want); i >= 0 {
				return fmt.Errorf("%s of %v of %v, assembly %v: element %d is %v, want %v", name, p, shape, fast, i, to[i], want[i])
			}
			if !toIntact() || !fromIntact() {
				return fmt.Errorf("%s of %v of %v, assembly %v, writes beside its arrays", name, p, shape, fast)
			}
		}
	}
	return nil
}

// Assembly and twin keep the contract for any length of a row and any alignment, and
// write nowhere else.
func TestCurved(t *testing.T) {
	for n := 4; n <= 130; n++ {
		for i, shape := range [][3]int{{1, 1, n}, {1, 5, n}, {3, 5, n}} {
			if err := checkCurved(shape, func(all Part) Part { return all }, (n+i)%8); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestCurvedOnAnyPart(t *testing.T) { rapid.Check(t, testCurved) }

// FuzzCurved lets the fuzzer choose the case.
func FuzzCurved(f *testing.F) { f.Fuzz(rapid.MakeFuzz(testCurved)) }

func testCurved(t *rapid.T) {
	shape := [3]int{1, 1, rapid.IntRange(3, 600).Draw(t, "columns")}
	for axis := rapid.IntRange(0, 2).Draw(t, "first"); axis < 2; axis++ {
		shape[axis] = rapid.IntRange(2, 5).Draw(t, "sites")
	}
	if err := checkCurved(shape, func(all Part) Part { return drawPart(t, all) }, rapid.IntRange(0, 8).Draw(t, "offset")); err != nil {
		t.Fatal(err)
	}
}

func TestCurvedDeclines(t *testing.T) {
	w := curvedWeights([3]int{4, 4, 4})
	w.Bonds[0].Offset = [3]int{1, 1, 0}
	if _, ok := NewCurved(w); ok {
		t.Error("a bond to another row of another plane: taken")
	}
}

func BenchmarkCurved(b *testing.B) {
	for _, name := range []string{"assembly", "go"} {
		b.Run(name, func(b *testing.B) {
			w := curvedWeights([3]int{1, 16, 1024})
			w.Bonds = []Bond{w.Bonds[0], w.Bonds[2]}
			k, _ := NewCurved(w)
			k.fast = k.fast && name == "assembly"
			x, p := make([]float64, k.sites), make([]float64, k.sites)
			for b.Loop() {
				k.Drift(x, p, k.All(), 0.1)
				k.Kick(p, x, k.All(), -0.1)
			}
			b.ReportMetric(float64(b.N)*float64(k.sites)/b.Elapsed().Seconds()/1e6, "Msites/s")
		})
	}
}
