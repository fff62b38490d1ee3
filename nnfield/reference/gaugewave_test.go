package reference_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// divergence returns Σ_j [E_j(x) − E_j(x−ĵ)]/a_j at a site.
func divergence(l lattice.Lattice, field [][]float64, x int) float64 {
	sum := 0.0
	for j := range field {
		before, _ := l.Neighbour(x, j, -1)
		sum += (field[j][x] - field[j][before]) / l.Spacing(j)
	}
	return sum
}

// force returns −∂/∂A_j(x) of ½ΣB² with B the curl around plaquettes.
func force(l lattice.Lattice, a [][]float64, j, x int) float64 {
	curl := func(i, j, x int) float64 {
		xi, _ := l.Neighbour(x, i, 1)
		xj, _ := l.Neighbour(x, j, 1)
		return (a[j][xi]-a[j][x])/l.Spacing(i) - (a[i][xj]-a[i][x])/l.Spacing(j)
	}
	sum := 0.0
	for i := range l.Dim() {
		if i != j {
			before, _ := l.Neighbour(x, i, -1)
			sum += (curl(i, j, x) - curl(i, j, before)) / l.Spacing(i)
		}
	}
	return sum
}

// Leapfrog with explicit plaquettes leaves no residual, nor does Gauss's law.
func TestElectromagneticWave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(2, 3).Draw(t, "d")
		axes, wavelengths, e := make([]lattice.Axis, d), make([]int, d), make([]float64, d)
		for j := range axes {
			sites := rapid.IntRange(3, 5).Draw(t, "sites")
			axes[j] = lattice.Ring(sites, rapid.Float64Range(0.5, 2).Draw(t, "spacing")*float64(sites))
			wavelengths[j] = rapid.IntRange(-7, 7).Draw(t, "wavelengths")
			e[j] = rapid.Float64Range(-1, 1).Draw(t, "polarisation")
		}
		e[0] += 2
		wavelengths[1] = 1
		l, err := lattice.New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		phase := rapid.Float64Range(-3, 3).Draw(t, "phase")
		still, err := reference.NewElectromagneticWave(l, wavelengths, e, phase, 0)
		if err != nil {
			t.Fatal(err)
		}
		step := 1.9 / still.Frequency() * rapid.Float64Range(0.1, 1).Draw(t, "step")
		w, err := reference.NewElectromagneticWave(l, wavelengths, e, phase, step)
		if err != nil {
			t.Fatal(err)
		}
		time := rapid.Float64Range(-3, 3).Draw(t, "time")
		all := func(sample func(int, float64) []float64, time float64) [][]float64 {
			var f [][]float64
			for j := range d {
				f = append(f, sample(j, time))
			}
			return f
		}
		now, next := all(w.Potential, time), all(w.Potential, time+step)
		before, after := all(w.Electric, time-step/2), all(w.Electric, time+step/2)
		continuous, potential := all(still.Electric, time), all(still.Potential, time)
		size := 0.0
		for j := range d {
			for x := range l.Sites() {
				size = max(size, math.Abs(potential[j][x]))
				if r := (next[j][x]-now[j][x])/step - after[j][x]; math.Abs(r) > 1e-11 {
					t.Fatalf("(A′−A)/ε − E = %g", r)
				}
				if r := (after[j][x]-before[j][x])/step - force(l, now, j, x); math.Abs(r) > 1e-11 {
					t.Fatalf("(E′−E)/ε + ∂H/∂A = %g", r)
				}
				slope := firstDerivative(func(t float64) float64 { return still.Electric(j, t)[x] }, time, 0.01)
				if r := slope - force(l, potential, j, x); math.Abs(r) > 1e-6 {
					t.Fatalf("∂E/∂t + ∂H/∂A = %g", r)
				}
				if r := divergence(l, continuous, x); math.Abs(r) > 1e-12*20 {
					t.Fatalf("div E = %g", r)
				}
			}
		}
		if size == 0 {
			t.Fatal("no wave at all")
		}
	})
}

func TestElectromagneticWaveFrequency(t *testing.T) {
	l := newLattice(t, lattice.Ring(16, 8), lattice.Ring(12, 9))
	k := []float64{2 * math.Pi * 2 / 8, -2 * math.Pi / 9}
	w, err := reference.NewElectromagneticWave(l, []int{2, -1}, []float64{0, 1}, 0, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	want, err := reference.LeapfrogFrequency(reference.Frequency(l, 0, 2, k...), 0.2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Ω", w.Frequency(), want, 1e-14)
	// Along an axis nothing of a transverse polarisation is taken away.
	along, err := reference.NewElectromagneticWave(l, []int{2, 0}, []float64{0, 3}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "amplitude", along.Potential(1, 0)[0], 3, 1e-15)
	near(t, "longitudinal part", along.Potential(0, 0)[0], 0, 1e-15)
}

func TestElectromagneticWaveErrors(t *testing.T) {
	ring, plane := newLattice(t, lattice.Ring(4, 4)), newLattice(t, lattice.Ring(4, 4), lattice.Ring(4, 4))
	walls := newLattice(t, lattice.Ring(4, 4), lattice.Line(4, 4, neumann, neumann))
	for _, c := range []struct {
		l            lattice.Lattice
		wavelengths  []int
		polarisation []float64
		phase, step  float64
		want         string
	}{
		{walls, []int{1, 0}, []float64{0, 1}, 0, 0, "axis y has walls"},
		{ring, []int{1}, []float64{1}, 0, 0, "1 axis; a transverse wave needs 2 or 3"},
		{plane, []int{1}, []float64{0, 1}, 0, 0, "1 wavelengths and 2 components"},
		{plane, []int{4, -8}, []float64{0, 1}, 0, 0, "wavelengths [4 -8] are none on this lattice"},
		{plane, []int{1, 0}, []float64{1, 0}, 0, 0, "polarisation [1 0] is longitudinal"},
		{plane, []int{1, 0}, []float64{0, 0}, 0, 0, "longitudinal"},
		{plane, []int{1, 0}, []float64{0, math.NaN()}, 0, 0, "polarisation[1] = NaN"},
		{plane, []int{1, 0}, []float64{0, 1}, math.Inf(1), 0, "phase +Inf"},
		{plane, []int{1, 0}, []float64{0, 1}, 0, -1, "step -1"},
		{plane, []int{1, 0}, []float64{0, 1}, 0, 1.5, "step 1.5; it must be 0 or positive and at most the stability limit 2/ω = 1.41421"},
	} {
		_, err := reference.NewElectromagneticWave(c.l, c.wavelengths, c.polarisation, c.phase, c.step)
		wantError(t, err, "reference.NewElectromagneticWave: ", c.want)
	}
}

// Poisson's equation and Gauss's law, with stencils.
func TestCoulombSolvesPoisson(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		axes := make([]lattice.Axis, rapid.IntRange(1, 3).Draw(t, "d"))
		for j := range axes {
			sites := rapid.IntRange(2, 6).Draw(t, "sites")
			axes[j] = lattice.Ring(sites, rapid.Float64Range(0.5, 2).Draw(t, "spacing")*float64(sites))
		}
		l, err := lattice.New(axes...)
		if err != nil {
			t.Fatal(err)
		}
		charge, mean := noise(l.Sites(), rapid.Uint64().Draw(t, "seed")), 0.0
		for _, q := range charge {
			mean += q / float64(l.Sites())
		}
		for x := range charge {
			charge[x] -= mean
		}
		potential, err := reference.CoulombPotential(l, charge)
		if err != nil {
			t.Fatal(err)
		}
		field, err := reference.CoulombField(l, potential)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for x := range charge {
			sum += potential[x]
			if d := divergence(l, field, x) - charge[x]; math.Abs(d) > 1e-12*20 {
				t.Fatalf("div E − ρ = %g", d)
			}
			laplacian := 0.0
			for j := range axes {
				right, _ := l.Neighbour(x, j, 1)
				left, _ := l.Neighbour(x, j, -1)
				laplacian += (potential[right] + potential[left] - 2*potential[x]) / (l.Spacing(j) * l.Spacing(j))
			}
			if d := laplacian + charge[x]; math.Abs(d) > 1e-12*20 {
				t.Fatalf("∇²Φ + ρ = %g", d)
			}
		}
		if math.Abs(sum) > 1e-12*float64(l.Sites()) {
			t.Fatalf("ΣΦ = %g", sum)
		}
	})
}

// unit returns the potential of a unit charge at site 0 of a torus of spacing 1, in
// the background that makes it neutral.
func unit(t *testing.T, sides ...int) (lattice.Lattice, []float64) {
	var axes []lattice.Axis
	for _, n := range sides {
		axes = append(axes, lattice.Ring(n, float64(n)))
	}
	l := newLattice(t, axes...)
	charge := make([]float64, l.Sites())
	for x := range charge {
		charge[x] = -1 / float64(l.Sites())
	}
	charge[0]++
	potential, err := reference.CoulombPotential(l, charge)
	if err != nil {
		t.Fatal(err)
	}
	return l, potential
}

// The pair of charges on a ring, and numbers of the infinite lattices: 1/π across
// the diagonal in the plane, Watson's 0.2527310099 in space, with the shift of a
// torus, −2.8372975/4πL for a cube.
func TestCoulombKnownNumbers(t *testing.T) {
	ring := newLattice(t, lattice.Ring(10, 5))
	charge := make([]float64, 10)
	charge[2], charge[7] = 3, -3
	potential, err := reference.CoulombPotential(ring, charge)
	if err != nil {
		t.Fatal(err)
	}
	field, err := reference.CoulombField(ring, potential)
	if err != nil {
		t.Fatal(err)
	}
	for x, e := range field[0] {
		want := -0.75 // half of Q = ρa on either side of the charge, both arcs being equal
		if x >= 2 && x < 7 {
			want = 0.75
		}
		near(t, "E on the ring", e, want, 1e-14)
	}
	plane, phi := unit(t, 128, 128)
	near(t, "Φ(0,0) − Φ(1,0)", phi[0]-phi[plane.Index(1, 0)], (1-1./(128*128))/4, 1e-13)
	near(t, "Φ(0,0) − Φ(1,1)", phi[0]-phi[plane.Index(1, 1)], 1/math.Pi, 1e-4)
	_, phi = unit(t, 32, 32, 32)
	near(t, "Φ(0,0,0)", phi[0], 0.2527310099-2.8372975/(4*math.Pi*32), 1e-5)
}

func TestCoulombErrors(t *testing.T) {
	ring, walls := newLattice(t, lattice.Ring(4, 4)), newLattice(t, lattice.Line(4, 4, dirichlet, dirichlet))
	zero := make([]float64, 4)
	_, err := reference.CoulombPotential(ring, []float64{1, 0, 0, -0.5})
	wantError(t, err, "reference.CoulombPotential: the density adds up to 0.5", "subtract the mean 0.125")
	_, err = reference.CoulombPotential(walls, zero)
	wantError(t, err, "reference.CoulombPotential: axis x has walls")
	_, err = reference.CoulombPotential(ring, zero[:3])
	wantError(t, err, "reference.CoulombPotential: charge has 3 values for 4 sites")
	_, err = reference.CoulombField(walls, zero)
	wantError(t, err, "reference.CoulombField: axis x has walls")
	_, err = reference.CoulombField(ring, []float64{0, 0, math.NaN(), 0})
	wantError(t, err, "reference.CoulombField: potential[2] = NaN")
}
