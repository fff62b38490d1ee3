package lorentz_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/geometry/lorentz"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// torus returns a lattice of spacing 1.
func torus(t testing.TB, shape ...int) lattice.Lattice {
	t.Helper()
	var axes []lattice.Axis
	for _, n := range shape {
		axes = append(axes, lattice.Ring(n, float64(n)))
	}
	l, err := lattice.New(axes...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func standard(t testing.TB, mass float64, shape ...int) map[string]lorentz.Medium {
	t.Helper()
	media, err := lorentz.Standard(torus(t, shape...), mass)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]lorentz.Medium{}
	for _, m := range media {
		byName[m.Name()] = m
	}
	return byName
}

func isotropy(t testing.TB, m lorentz.Medium, radius int) []lorentz.Wave {
	t.Helper()
	waves, err := m.Isotropy(radius)
	if err != nil {
		t.Fatal(err)
	}
	return waves
}

// At ka = 0.5 the speed of light is off as the series say: the bounds are the
// first terms they leave out (κ⁶ and κ⁸ of the phase, κ⁴ and κ⁶ of the group
// velocity). Directions differ by κ²/48, κ⁴/240 and κ⁴/1440 on the diagonal; the
// shell goes to (4, 3), where it is 0.92 of that or more.
func TestIsotropy(t *testing.T) {
	for name, bound := range map[string]struct{ phase, group, uneven float64 }{
		lorentz.Order2:    {3e-7, 2.5e-4, 3e-7},
		lorentz.Order4:    {3e-7, 7e-5, 3e-7},
		lorentz.Isotropic: {6e-7, 6e-4, 6e-7},
		lorentz.Spectral:  {1e-12, 1e-10, 1e-12},
	} {
		m := standard(t, 0, 63, 63)[name]
		waves := isotropy(t, m, 5)
		if len(waves) != 4 {
			t.Fatalf("%s: %d waves on the shell of radius 5, want 4", name, len(waves))
		}
		least, most := math.Inf(1), math.Inf(-1)
		for _, w := range waves {
			ka := math.Hypot(w.K[0], w.K[1])
			want := lorentz.PhaseError(name, ka, w.K...)
			least, most = min(least, want), max(most, want)
			if math.Abs(w.PhaseError-want) > bound.phase {
				t.Errorf("%s, wave %v: phase error %.4e, predicted %.4e", name, w.Mode, w.PhaseError, want)
			}
			if g := lorentz.GroupError(name, ka, w.K...); math.Abs(w.GroupError-g) > bound.group {
				t.Errorf("%s, wave %v: group error %.4e, predicted %.4e", name, w.Mode, w.GroupError, g)
			}
			if w.Spread > 1e-11 {
				t.Errorf("%s, wave %v: spread %.1e on weights that are the same everywhere", name, w.Mode, w.Spread)
			}
		}
		if a := lorentz.Anisotropy(waves); math.Abs(a-(most-least)) > bound.uneven {
			t.Errorf("%s: anisotropy %.4e, predicted %.4e", name, a, most-least)
		}
	}
}

// In space, and with the spacing in units other than 1.
func TestIsotropyInSpace(t *testing.T) {
	a := lattice.Ring(24, 6)
	l, err := lattice.New(a, a, a)
	if err != nil {
		t.Fatal(err)
	}
	media, err := lorentz.Standard(l, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range media {
		for _, w := range isotropy(t, m, 3) {
			want := lorentz.PhaseError(m.Name(), 2*math.Pi*3/24, w.K...)
			if math.Abs(w.PhaseError-want) > 1e-4*math.Abs(want)+6e-6 {
				t.Errorf("%s, wave %v: phase error %.4e, predicted %.4e", m.Name(), w.Mode, w.PhaseError, want)
			}
		}
	}
}

// Controls: weights that are stronger along y prefer a direction at all scales, and
// on weights with disorder a plane wave is no wave.
func TestIsotropyControls(t *testing.T) {
	l := torus(t, 24, 24)
	stencil, err := weights.NewStencil(l, "uneven", []weights.Tap{
		{Offset: [3]int{1, 0}, Weight: -1}, {Offset: [3]int{-1, 0}, Weight: -1},
		{Offset: [3]int{0, 1}, Weight: -1.2}, {Offset: [3]int{0, -1}, Weight: -1.2}, {Weight: 4.4},
	})
	if err != nil {
		t.Fatal(err)
	}
	uneven, err := lorentz.New("uneven", l, stencil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if a := lorentz.Anisotropy(isotropy(t, uneven, 1)); math.Abs(a-(math.Sqrt(1.2)-1)) > 1e-2 {
		t.Errorf("anisotropy %.4f, want √1.2 − 1 = 0.0954 at any scale", a)
	}
	disorder := make(weights.Diagonal, l.Sites())
	for i := range disorder {
		disorder[i] = float64(i*7919%101) / 101
	}
	laplacian, err := weights.Laplacian(l, 2)
	if err != nil {
		t.Fatal(err)
	}
	rough, err := lorentz.New("rough", l, weights.Add(weights.Scale(-1, laplacian), disorder), 0)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := rough.Wave(1, 2); err != nil || w.Spread < 0.1 {
		t.Errorf("spread %.3f, error %v; disorder of the size of ω² must show", w.Spread, err)
	}
}

// Scales at which light is slow or uneven by 1 in 1000, measured on shells of all
// sizes against the leading terms: in the diagonal's own shells, so that 45° counts.
func TestScale(t *testing.T) {
	const n = 64
	for name, m := range standard(t, 0, n, n) {
		var ka, slow, uneven []float64
		kb, skew := []float64{}, []float64{}
		for r := 1; r <= 20; r++ {
			axis, err := m.Wave(r, 0)
			if err != nil {
				t.Fatal(err)
			}
			diagonal, err := m.Wave(r, r)
			if err != nil {
				t.Fatal(err)
			}
			k := 2 * math.Pi * float64(r) / n
			ka, slow = append(ka, k), append(slow, axis.PhaseError)
			kb, skew = append(kb, k*math.Sqrt2), append(skew, diagonal.PhaseError)
		}
		// The two directions at the same k: the diagonal interpolated at that of the axis.
		for i, k := range ka {
			j := 1
			for j < len(kb)-1 && kb[j] < k {
				j++
			}
			part := (k - kb[j-1]) / (kb[j] - kb[j-1])
			uneven = append(uneven, slow[i]-skew[j-1]-part*(skew[j]-skew[j-1]))
		}
		wantSlow, wantUneven, err := lorentz.Passing(name, 1e-3)
		if err != nil {
			t.Fatal(err)
		}
		gotSlow, gotUneven := lorentz.Scale(ka, slow, 1e-3), lorentz.Scale(ka, uneven, 1e-3)
		t.Logf("%s: slow by 1e-3 at ka = %.3f, predicted %.3f; uneven by 1e-3 at %.3f, predicted %.3f", name, gotSlow, wantSlow, gotUneven, wantUneven)
		for _, p := range [][2]float64{{gotSlow, wantSlow}, {gotUneven, wantUneven}} {
			if p[0] != p[1] && !(math.Abs(p[0]/p[1]-1) < 0.12) {
				t.Errorf("%s: the threshold is passed at ka = %.4f, predicted %.4f", name, p[0], p[1])
			}
		}
	}
	if s := lorentz.Scale([]float64{1, 2}, []float64{1, 2}, 0.5); s != 0 {
		t.Errorf("Scale of errors that begin above = %v, want 0", s)
	}
	if s := lorentz.Scale([]float64{1, 4}, []float64{1, 16}, 4); math.Abs(s-2) > 1e-12 {
		t.Errorf("Scale of k² at 4 = %v, want 2", s)
	}
}

// The front of a kick moves as predicted, along an axis and along the diagonal.
// Bound: the neglected terms are of the order (a/σ)² = 0.16 of the effect itself.
func TestFront(t *testing.T) {
	for name, m := range standard(t, 0, 72, 72) {
		for _, d := range [][]int{{1, 0}, {1, 1}} {
			v, err := m.Front(2.5, 10, d...)
			if err != nil {
				t.Fatal(err)
			}
			want := lorentz.FrontError(name, 1/2.5, float64(d[0]), float64(d[1]))
			if math.Abs(v-1-want) > 0.1*math.Abs(want)+1e-5 {
				t.Errorf("%s along %v: speed 1 %+.4e, predicted 1 %+.4e", name, d, v-1, want)
			}
		}
	}
}

// Nothing leaves the light cone, except on a small world: the same ring with a
// few links across.
func TestOutside(t *testing.T) {
	const n = 200
	for name, m := range standard(t, 0.5, n) {
		if o, err := m.Outside(3, 40); err != nil || o > 1e-12 {
			t.Errorf("%s: %.1e is outside the light cone (%v)", name, o, err)
		}
	}
	var entries []weights.Triplet
	bond := func(i, j int) {
		entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: -1}, weights.Triplet{Row: j, Column: i, Weight: -1},
			weights.Triplet{Row: i, Column: i, Weight: 1}, weights.Triplet{Row: j, Column: j, Weight: 1})
	}
	for i := range n {
		bond(i, (i+1)%n)
	}
	for i := 3; i < n; i += 20 {
		bond(i, (i*i+70)%n)
	}
	k, err := weights.NewCSR(n, entries)
	if err != nil {
		t.Fatal(err)
	}
	small, err := lorentz.New("small world", torus(t, n), k, 0)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := small.Outside(3, 40); err != nil || o < 1e-2 {
		t.Errorf("small world: only %.1e is outside the light cone (%v)", o, err)
	}
}

// oblique returns a packet whose wave vector is k(0.8, 0.6), with everything but
// the lattice scaled by k, and its lattice.
func oblique(k float64) (p lorentz.Packet, shape []int, time float64) {
	p = lorentz.Packet{WaveNumber: 0.8 * k, Width: 2.5 / k, Across: []int{1}}
	return p, []int{int(math.Ceil(78 / k)), int(math.Round(2 * math.Pi / (0.6 * k)))}, 8 / k
}

// The boost test fails by what is predicted, within 3 %, and falls at the order of
// the operator: 2, 4 and 2. An isotropic Laplacian has all directions alike, not
// all frames: its error is that of order 2. Spectral weights pass; what is left is
// the error of the step.
func TestBoost(t *testing.T) {
	scales := []float64{0.8, 0.56}
	found := map[string][]float64{}
	for _, k := range scales {
		p, shape, time := oblique(k)
		for name, m := range standard(t, 0.5*k, shape...) {
			e, err := m.BoostError(p, -0.5, time)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = append(found[name], e)
			want, err := m.BoostPrediction(p, -0.5, time)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(e-want) > 0.03*want+1e-6 {
				t.Errorf("%s at ka = %v: error %.4e, predicted %.4e", name, k, e, want)
			}
		}
	}
	for name, order := range map[string]float64{lorentz.Order2: 2, lorentz.Order4: 4, lorentz.Isotropic: 2} {
		e := found[name]
		if got := math.Log(e[0]/e[1]) / math.Log(scales[0]/scales[1]); math.Abs(got-order) > 0.15*order {
			t.Errorf("%s: errors %.3e and %.3e fall at order %.2f, want %v", name, e[0], e[1], got, order)
		}
	}
	if e := found[lorentz.Spectral][1]; e > 1e-6 {
		t.Errorf("spectral: %.1e", e)
	}
}

// Without a boost nothing is compared but two runs of the same length. A field that
// is not relativistic, ω² = k⁴ + m², is the control: no scale makes its frames alike.
func TestBoostControls(t *testing.T) {
	const k = 0.4
	p := lorentz.Packet{WaveNumber: k, Width: 3 / k}
	l := torus(t, 288)
	media, err := lorentz.Standard(l, 0.5*k)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := media[0].BoostError(p, 0, 8/k); err != nil || e > 1e-9 {
		t.Errorf("without a boost: %.1e, error %v", e, err)
	}
	if along, err := media[0].BoostError(p, 0.3, 8/k); err != nil || !(along < 0.2) {
		t.Errorf("order 2, boosted along its way: %.3f, error %v", along, err)
	}
	galilean, err := weights.NewStencil(l, "∇⁴ + m²", []weights.Tap{
		{Offset: [3]int{2}, Weight: 1}, {Offset: [3]int{-2}, Weight: 1},
		{Offset: [3]int{1}, Weight: -4}, {Offset: [3]int{-1}, Weight: -4}, {Weight: 6 + 0.25*k*k},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := lorentz.New("∇⁴", l, galilean, 0.5*k)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := m.BoostError(p, -0.5, 8/k); err != nil || e < 0.5 {
		t.Errorf("∇⁴: boost error %.3f, error %v; it must be of order 1", e, err)
	}
}

// Waves of opposite directions are alike, and so are those along exchanged axes,
// on all weights and lattices of equal axes.
func TestWaveSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(9, 20).Draw(t, "sites")
		a := rapid.Float64Range(0.1, 10).Draw(t, "spacing")
		l, err := lattice.New(lattice.Ring(n, float64(n)*a), lattice.Ring(n, float64(n)*a))
		if err != nil {
			t.Fatal(err)
		}
		media, err := lorentz.Standard(l, rapid.Float64Range(0, 2).Draw(t, "mass")/a)
		if err != nil {
			t.Fatal(err)
		}
		m := rapid.SampledFrom(media).Draw(t, "medium")
		i, j := rapid.IntRange(1, n/2).Draw(t, "i"), rapid.IntRange(0, n/2).Draw(t, "j")
		first, err := m.Wave(i, j)
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range [][]int{{-i, -j}, {j, i}, {i, -j}} {
			if w, err := m.Wave(mode...); err != nil || math.Abs(w.Frequency-first.Frequency) > 1e-9*first.Frequency {
				t.Fatalf("%s: ω%v = %v, ω%v = %v (%v)", m.Name(), mode, w.Frequency, []int{i, j}, first.Frequency, err)
			}
		}
	})
}

func TestErrors(t *testing.T) {
	l := torus(t, 16)
	laplacian, err := weights.Laplacian(l, 2)
	if err != nil {
		t.Fatal(err)
	}
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	walled, err := lattice.New(lattice.Line(16, 16, wall, wall))
	if err != nil {
		t.Fatal(err)
	}
	derivative, err := weights.Derivative(l, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := weights.Scale(-1, laplacian)
	light := standard(t, 0, 16, 16)[lorentz.Order2]
	heavy := standard(t, 1, 64)[lorentz.Order2]
	oblong := standard(t, 0, 16, 8)[lorentz.Order2]
	made := func(l lattice.Lattice, k weights.Tensor, mass float64) error {
		_, err := lorentz.New("test", l, k, mass)
		return err
	}
	front := func(m lorentz.Medium, width, t float64, d ...int) error {
		_, err := m.Front(width, t, d...)
		return err
	}
	outside := func(width, t float64) error { _, err := heavy.Outside(width, t); return err }
	boost := func(m lorentz.Medium, p lorentz.Packet, u, t float64) error {
		_, err := m.BoostError(p, u, t)
		return err
	}
	good := lorentz.Packet{WaveNumber: 0.5, Width: 3}
	_, short := light.Wave(1)
	_, zero := light.Wave(0, 0)
	_, shell := light.Isotropy(8)
	_, uneven := oblong.Shell(1)
	_, _, unknown := lorentz.Passing("order-3", 1e-3)
	other, err := lorentz.New("other", torus(t, 64), weights.Identity(64), 1)
	if err != nil {
		t.Fatal(err)
	}
	_, predicted := other.BoostPrediction(good, 0.1, 1)
	_, fast := heavy.BoostPrediction(good, 2, 1)
	for want, err := range map[string]error{
		"not periodic":                       made(walled, k, 0),
		"one neuron a site":                  made(l, weights.Identity(8), 0),
		"not symmetric":                      made(l, derivative, 0),
		"mass -1":                            made(l, k, -1),
		"eigenvalue of K is -4":              made(l, laplacian, 0),
		"2 mode numbers":                     short,
		"not all of them 0":                  zero,
		"more than 16 sites":                 shell,
		"same length":                        uneven,
		"has the mass 1":                     front(heavy, 1, 4, 1),
		"without a common divisor":           front(light, 0.5, 1, 2, 2),
		"sites of the first":                 front(oblong, 0.5, 1, 1, 0),
		"width -1":                           front(light, -1, 1, 1, 0),
		"half the period 8 along":            front(light, 1, 4, 1, 0),
		"time 0":                             outside(1, 0),
		"light cone reaches 36":              outside(1, 30),
		"massless medium":                    boost(standard(t, 0, 64)[lorentz.Order2], good, 0.1, 1),
		"velocity 1;":                        boost(heavy, good, 1, 1),
		"time -1":                            boost(heavy, good, 0.1, -1),
		"0 modes across for 1":               boost(light, good, 0.1, 1),
		"below π/a − 6/σ":                    boost(heavy, lorentz.Packet{WaveNumber: 2, Width: 3}, 0.1, 1),
		"half of the lattice is 32":          boost(heavy, good, 0.1, 40),
		"nothing is predicted for them":      unknown,
		"BoostPrediction: weights \"other\"": predicted,
		"BoostPrediction: velocity 2":        fast,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q; it must say %q", fmt.Sprint(err), want)
		}
	}
	if !math.IsNaN(lorentz.PhaseError("order-3", 1, 1)) || !math.IsNaN(lorentz.GroupError("", 1, 1)) || !math.IsNaN(lorentz.FrontError("", 1, 1)) {
		t.Error("a prediction for unknown weights")
	}
}

// How unevenly light moves on three networks at ka = 0.5.
func ExampleMedium_Isotropy() {
	l, _ := lattice.New(lattice.Ring(63, 63), lattice.Ring(63, 63))
	media, _ := lorentz.Standard(l, 0)
	for _, m := range media[:3] {
		waves, _ := m.Isotropy(5)
		fmt.Printf("%-9s along x %+.2e, directions differ by %.2e\n", m.Name(), waves[0].PhaseError, lorentz.Anisotropy(waves))
	}
	// Output:
	// order-2   along x -1.03e-02, directions differ by 4.75e-03
	// order-4   along x -3.36e-04, directions differ by 2.31e-04
	// isotropic along x -1.03e-02, directions differ by 3.94e-05
}
