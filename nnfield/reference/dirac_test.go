package reference_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// standard and network return the two representations the package knows.
func standard(t testing.TB, d int) reference.Dirac {
	t.Helper()
	equation, err := reference.StandardDirac(d)
	if err != nil {
		t.Fatal(err)
	}
	return equation
}

func network(t testing.TB, d int) (equation reference.Dirac, x []*mat.Dense, y *mat.Dense) {
	t.Helper()
	x, y, err := reference.NeuronMatrices(d)
	if err != nil {
		t.Fatal(err)
	}
	return reference.RealDirac(x, y), x, y
}

func newFreeDirac(t testing.TB, l lattice.Lattice, d reference.Dirac, phi, beta []float64) *reference.FreeDirac {
	t.Helper()
	f, err := reference.NewFreeDirac(l, d, phi, beta)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The doublers of central differences, and how the Wilson term removes them.
func TestZeroModes(t *testing.T) {
	for d := 1; d <= 3; d++ {
		equation := standard(t, d)
		even := newLattice(t, []lattice.Axis{lattice.Ring(4, 3), lattice.Ring(8, 5), lattice.Ring(6, 1)}[:d]...)
		odd := newLattice(t, []lattice.Axis{lattice.Ring(5, 3), lattice.Ring(9, 5), lattice.Ring(7, 1)}[:d]...)
		for _, c := range []struct {
			l            lattice.Lattice
			mass, wilson float64
			want         int
		}{
			{even, 0, 0, 1 << d}, {odd, 0, 0, 1}, {even, 0, 1, 1}, {even, 0, -0.3, 1},
			{even, 1e-9, 0, 0},
			{even, -2 / even.Spacing(0), 1, 1}, // the mass of the doubler in the corner along x cancels
		} {
			equation.Mass, equation.Wilson = c.mass, c.wilson
			got, err := equation.ZeroModes(c.l)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("d = %d, m = %v, r = %v: %d zero modes, want %d on\n%v", d, c.mass, c.wilson, got, c.want, c.l)
			}
		}
	}
	_, err := standard(t, 1).ZeroModes(newLattice(t, lattice.Line(4, 1, neumann, neumann)))
	wantError(t, err, "reference.Dirac.ZeroModes: axis x has walls", "lattice.Ring")
	_, err = reference.Dirac{Mass: math.NaN()}.ZeroModes(newLattice(t, lattice.Ring(4, 1)))
	wantError(t, err, "reference.Dirac.ZeroModes: mass NaN")
}

func TestDiracFrequency(t *testing.T) {
	l := newLattice(t, lattice.Ring(8, 4), lattice.Ring(10, 2)) // a = 0.5, 0.2
	d := standard(t, 2)
	d.Mass, d.Wilson = -0.75, 0.5
	kx, ky := math.Pi/2/0.5, math.Pi/0.2
	near(t, "ω", d.Frequency(l, kx, ky), math.Hypot(2, -0.75+1+5), 1e-14)
	// ω² = m² + k² − Σ a²k⁴/3 + r m Σ a k² + …: only the Wilson term is of first order.
	d.Mass = 0.75
	const kappa = 0.01
	want := math.Sqrt(0.75*0.75 + 2*kappa*kappa + 0.5*0.75*(0.5+0.2)*kappa*kappa)
	near(t, "ω of a long wave", d.Frequency(l, kappa, kappa), want, 1e-9)
}

// The 2, 4 and 8 real neuron types of the network, and where they stand.
func TestNeuronMatrices(t *testing.T) {
	for d, types := range map[int]int{1: 2, 2: 4, 3: 8} {
		equation, x, y := network(t, d)
		if got := equation.Components(); got != types {
			t.Errorf("d = %d: %d types, want %d", d, got, types)
		}
		l := newLattice(t, []lattice.Axis{lattice.Ring(3, 3), lattice.Ring(3, 3), lattice.Ring(3, 3)}[:d]...)
		equation.Mass, equation.Wilson = 1, 1
		zero := make([]float64, types*l.Sites())
		newFreeDirac(t, l, equation, zero, zero) // refuses matrices that break the relations
		for j, m := range append(x, y) {
			for a := range types {
				for b := range types {
					want := m.At(b, a) // Y
					if j < d {
						want = -want // X_j
					}
					if m.At(a, b) != want {
						t.Errorf("d = %d, matrix %d: entries (%d, %d) and (%d, %d) are %v and %v", d, j, a, b, b, a, m.At(a, b), m.At(b, a))
					}
				}
			}
		}
	}
}

// drawDirac draws an equation and a lattice of at most 64 rows.
func drawDirac(t *rapid.T) (lattice.Lattice, reference.Dirac) {
	d := rapid.IntRange(1, 3).Draw(t, "d")
	axes := make([]lattice.Axis, d)
	for j := range axes {
		sites := rapid.IntRange(2, []int{7, 4, 2}[d-1]).Draw(t, "sites")
		axes[j] = lattice.Ring(sites, rapid.Float64Range(0.5, 2).Draw(t, "spacing")*float64(sites))
	}
	l, err := lattice.New(axes...)
	if err != nil {
		t.Fatal(err)
	}
	var equation reference.Dirac
	if rapid.Bool().Draw(t, "network") {
		x, y, err := reference.NeuronMatrices(d)
		if err != nil {
			t.Fatal(err)
		}
		equation = reference.RealDirac(x, y)
	} else if equation, err = reference.StandardDirac(d); err != nil {
		t.Fatal(err)
	}
	equation.Mass = rapid.Float64Range(-2, 2).Draw(t, "mass")
	equation.Wilson = rapid.SampledFrom([]float64{0, 1, -0.5}).Draw(t, "wilson")
	return l, equation
}

// Two exact solutions: waves that turn against the dense exponential of a matrix
// that is written down site by site.
func TestFreeDiracIsTheExponential(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, d := drawDirac(t)
		time, seed := rapid.Float64Range(-3, 3).Draw(t, "time"), rapid.Uint64().Draw(t, "seed")
		n := d.Components() * l.Sites()
		phi0, beta0 := noise(n, seed), noise(n, seed+1)
		h, err := reference.DiracMatrix(l, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		phi, beta, err := reference.Unitary(h, phi0, beta0, time)
		if err != nil {
			t.Fatal(err)
		}
		f, err := reference.NewFreeDirac(l, d, phi0, beta0)
		if err != nil {
			t.Fatal(err)
		}
		gotPhi, gotBeta := f.At(time)
		if e := max(distance(gotPhi, phi), distance(gotBeta, beta)); e > 1e-12 {
			t.Fatalf("they differ by %g on\n%v", e, l)
		}
	})
}

// The network φ̇ = Bβ, β̇ = −Bφ with B of [F] §4 as real loops over sites and
// types, against the slope of the solution in time.
func TestFreeDiracIsTheNetwork(t *testing.T) {
	const mass, wilson, time = 0.8, 0.6, 1.3
	for _, l := range []lattice.Lattice{
		newLattice(t, lattice.Ring(11, 7)),
		newLattice(t, lattice.Ring(6, 5), lattice.Ring(5, 5)),
		newLattice(t, lattice.Ring(4, 5), lattice.Ring(3, 5), lattice.Ring(5, 4)),
	} {
		d, x, y := network(t, l.Dim())
		d.Mass, d.Wilson = mass, wilson
		types, sites := d.Components(), l.Sites()
		b := func(v []float64) []float64 {
			out := make([]float64, len(v))
			for s := range sites {
				for r := range types {
					for c := range types {
						sum := mass * y.At(r, c) * v[c*sites+s]
						for j := range l.Dim() {
							a := l.Spacing(j)
							right, _ := l.Neighbour(s, j, 1)
							left, _ := l.Neighbour(s, j, -1)
							up, here, down := v[c*sites+right], v[c*sites+s], v[c*sites+left]
							sum += x[j].At(r, c)*(up-down)/(2*a) + wilson*a/2*y.At(r, c)*(2*here-up-down)/(a*a)
						}
						out[r*sites+s] += sum
					}
				}
			}
			return out
		}
		f := newFreeDirac(t, l, d, noise(types*sites, 1), noise(types*sites, 2))
		phi, beta := f.At(time)
		wantPhi, wantBeta := b(beta), b(phi)
		for i := range phi {
			slope := func(part int) float64 {
				return firstDerivative(func(t float64) float64 {
					p, q := f.At(t)
					return [][]float64{p, q}[part][i]
				}, time, 0.02)
			}
			near(t, "φ̇", slope(0), wantPhi[i], 1e-7)
			near(t, "β̇", slope(1), -wantBeta[i], 1e-7)
			if i > 12 {
				break // as good as all, and quick
			}
		}
	}
}

func TestFreeDiracConservesChargeAndEnergy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, d := drawDirac(t)
		n := d.Components() * l.Sites()
		f, err := reference.NewFreeDirac(l, d, noise(n, 1), noise(n, 2))
		if err != nil {
			t.Fatal(err)
		}
		phi, beta := f.At(rapid.Float64Range(-50, 50).Draw(t, "time"))
		charge := 0.0
		for i := range phi {
			charge += (phi[i]*phi[i] + beta[i]*beta[i]) * l.CellVolume()
		}
		if math.Abs(charge-f.Charge()) > 1e-12*charge {
			t.Fatalf("Σψ†ψ = %v, Charge says %v", charge, f.Charge())
		}
		later, err := reference.NewFreeDirac(l, d, phi, beta)
		if err != nil {
			t.Fatal(err)
		}
		// ψ†hψ with the matrix.
		h, err := reference.DiracMatrix(l, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		psi := mat.NewVecDense(2*n, append(append([]float64(nil), phi...), beta...))
		energy := mat.Inner(psi, reference.RealForm(h), psi) * l.CellVolume()
		scale := f.Charge() * 10
		if math.Abs(later.Energy()-f.Energy()) > 1e-12*scale || math.Abs(energy-f.Energy()) > 1e-12*scale {
			t.Fatalf("the energy goes from %v to %v, ψ†hψ = %v", f.Energy(), later.Energy(), energy)
		}
	})
}

// P± are projectors that share out ψ, turn with e^{∓iωt} and stay what they are.
func TestProjectors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, d := drawDirac(t)
		d.Mass = math.Abs(d.Mass) + 0.1
		d.Wilson = math.Abs(d.Wilson) // no zero mode
		n := d.Components() * l.Sites()
		f, err := reference.NewFreeDirac(l, d, noise(n, 1), noise(n, 2))
		if err != nil {
			t.Fatal(err)
		}
		time := rapid.Float64Range(-5, 5).Draw(t, "time")
		phi, _ := f.At(time)
		plus, _ := f.Positive().At(time)
		minus, _ := f.Negative().At(time)
		for i := range plus {
			minus[i] += plus[i]
		}
		if e := distance(minus, phi); e > 1e-13*10 {
			t.Fatalf("P₊ + P₋ misses 1 by %g", e)
		}
		twice, _ := f.Positive().Positive().At(time)
		if e := distance(twice, plus); e > 1e-13*10 {
			t.Fatalf("P₊² misses P₊ by %g", e)
		}
		if c := f.Positive().Negative().Charge(); c > 1e-24*f.Charge() {
			t.Fatalf("P₋P₊ leaves a charge of %g", c)
		}
		if p, q := f.Positive().Energy(), f.Negative().Energy(); !(p > 0 && q < 0) {
			t.Fatalf("energies %v and %v of the two signs", p, q)
		}
	})
}

// Neither k = 0 nor a doubler at rest has a sign of the energy; both stay.
func TestZeroModesHaveNoSign(t *testing.T) {
	l := newLattice(t, lattice.Ring(6, 2), lattice.Ring(4, 2))
	n := 2 * l.Sites()
	phi := make([]float64, n)
	for i := range phi {
		phi[i] = float64(1 + 2*(i%2)) // k = 0 and (0, π/a)
	}
	f := newFreeDirac(t, l, standard(t, 2), phi, make([]float64, n))
	if c := f.Positive().Charge() + f.Negative().Charge(); c != 0 {
		t.Errorf("modes with ω = 0 have a charge of %v with a sign of the energy", c)
	}
	later, beta := f.At(7)
	if e := max(distance(later, phi), distance(beta, make([]float64, n))); e > 1e-14 {
		t.Errorf("modes with ω = 0 move by %g", e)
	}
	drift, trembling := f.Displacement(0, 7)
	near(t, "drift", drift, 7, 1e-13) // spinors (1, 1) run along x at the speed of light
	near(t, "trembling", trembling, 0, 0)
}

// packet returns a Gaussian of width w about the middle of the axes with wave
// number k along the first, times a constant spinor.
func packet(l lattice.Lattice, width, k float64, spinor ...complex128) (phi, beta []float64) {
	envelope := make([]float64, l.Sites())
	for j := range l.Dim() {
		for s, x := range l.Coordinates(j) {
			r := (x - l.Axis(j).Length/2) / (2 * width)
			envelope[s] -= r * r
		}
	}
	for _, c := range spinor {
		for s, x := range l.Coordinates(0) {
			sin, cos := math.Sincos(k * x)
			v := c * complex(math.Exp(envelope[s])*cos, math.Exp(envelope[s])*sin)
			phi, beta = append(phi, real(v)), append(beta, imag(v))
		}
	}
	return phi, beta
}

// centre returns ⟨x⟩ along an axis.
func centre(l lattice.Lattice, axis int, phi, beta []float64) float64 {
	top, bottom, x := 0.0, 0.0, l.Coordinates(axis)
	for i := range phi {
		density := phi[i]*phi[i] + beta[i]*beta[i]
		top += density * x[i%l.Sites()]
		bottom += density
	}
	return top / bottom
}

// The trembling of a packet, read off the field.
func TestDisplacementIsThatOfTheCentre(t *testing.T) {
	for _, c := range []struct {
		l      lattice.Lattice
		axis   int
		spinor []complex128
	}{
		{newLattice(t, lattice.Ring(160, 40)), 0, []complex128{1, 0.3i}},
		{newLattice(t, lattice.Ring(64, 24), lattice.Ring(54, 24)), 0, []complex128{1, 0.5}},
		{newLattice(t, lattice.Ring(64, 24), lattice.Ring(54, 24)), 1, []complex128{1, 0.5i}},
	} {
		for _, wilson := range []float64{0, 1} {
			d := standard(t, c.l.Dim())
			d.Mass, d.Wilson = 1, wilson
			phi, beta := packet(c.l, 1, 0.7, c.spinor...)
			f := newFreeDirac(t, c.l, d, phi, beta)
			start := centre(c.l, c.axis, phi, beta)
			for _, time := range []float64{0, 0.4, 1.7, -2.5} {
				phi, beta := f.At(time)
				drift, trembling := f.Displacement(c.axis, time)
				got := centre(c.l, c.axis, phi, beta) - start
				near(t, "displacement", drift+trembling, got, 2e-11)
				_, none := f.Positive().Displacement(c.axis, time)
				near(t, "trembling of one sign of the energy", none, 0, 1e-14)
			}
		}
	}
}

// The wave (1, 0)ᵀe^{ikx} has both signs of the energy and trembles as
// −(sm/2ω³) sin 2ωt, by hand, with ω = √(k²+m²) and s = k up to O(a²).
func TestZitterbewegung(t *testing.T) {
	const sites, length, mass, k = 512, 2 * math.Pi, 1.5, 2
	l := newLattice(t, lattice.Ring(sites, length))
	d := standard(t, 1)
	d.Mass = mass
	phi, beta := make([]float64, 2*sites), make([]float64, 2*sites)
	for i, x := range l.Coordinates(0) {
		beta[i], phi[i] = math.Sincos(k * x)
	}
	f := newFreeDirac(t, l, d, phi, beta)
	a := l.Spacing(0)
	s, omega := math.Sin(k*a)/a, d.Frequency(l, k)
	near(t, "ω", omega, math.Hypot(k, mass), 3e-4)
	for _, time := range []float64{0.1, 0.9, 7} {
		drift, trembling := f.Displacement(0, time)
		cos := math.Cos(k * a)
		near(t, "drift", drift, s*mass*cos/(omega*omega)*time, 1e-13*10)
		near(t, "trembling", trembling, -s*mass*cos/(2*omega*omega*omega)*math.Sin(2*omega*time), 1e-14)
	}
}

func TestNewFreeDiracErrors(t *testing.T) {
	ring := newLattice(t, lattice.Ring(4, 1))
	torus := newLattice(t, lattice.Ring(4, 1), lattice.Ring(4, 1))
	good := standard(t, 1)
	zero := make([]float64, 8)
	symmetric := reference.RealDirac([]*mat.Dense{mat.NewDense(2, 2, []float64{0, 1, 1, 0})}, mat.NewDense(2, 2, []float64{1, 0, 0, -1}))
	with := func(change func(*reference.Dirac)) reference.Dirac {
		d := good
		change(&d)
		return d
	}
	for _, c := range []struct {
		l         lattice.Lattice
		d         reference.Dirac
		phi, beta []float64
		want      []string
	}{
		{lattice.Lattice{}, good, nil, nil, []string{"without axes", "lattice.New"}},
		{newLattice(t, lattice.Line(4, 1, neumann, neumann)), good, zero, zero, []string{"axis x has walls", "lattice.Ring"}},
		{torus, good, zero, zero, []string{"1 matrices α for 2 axes"}},
		{ring, with(func(d *reference.Dirac) { d.Mass = math.NaN() }), zero, zero, []string{"mass NaN"}},
		{ring, with(func(d *reference.Dirac) { d.Wilson = math.Inf(1) }), zero, zero, []string{"r = +Inf"}},
		{ring, with(func(d *reference.Dirac) { d.Beta, d.Mass = nil, 1 }), zero, zero, []string{"no β for mass 1"}},
		{ring, with(func(d *reference.Dirac) { d.Beta = mat.NewCDense(3, 3, nil) }), zero, zero, []string{"β is 3×3", "one size"}},
		{ring, with(func(d *reference.Dirac) { d.Beta = d.Alpha[0] }), zero, zero, []string{"{α_1, β} is wrong in entry (0, 0) by 2"}},
		{ring, with(func(d *reference.Dirac) { d.Beta = mat.NewCDense(2, 2, nil) }), zero, zero, []string{"{β, β}", "twice the unit matrix"}},
		{ring, with(func(d *reference.Dirac) { d.Alpha = []*mat.CDense{nil} }), zero, zero, []string{"α_1 is nil"}},
		{ring, reference.RealDirac([]*mat.Dense{nil}, nil), zero, zero, []string{"α_1 is nil"}},
		{ring, reference.Dirac{Alpha: []*mat.CDense{{}}}, zero, zero, []string{"α_1 is 0×0"}},
		{ring, symmetric, zero, zero, []string{"α_1 is not Hermitian", "X antisymmetric"}},
		{ring, good, zero[:4], zero, []string{"2 components on 4 sites", "phi has 4 values; give 8"}},
		{ring, good, zero, []float64{0, 0, 0, 0, 0, math.Inf(1), 0, 0}, []string{"beta[5] = +Inf"}},
	} {
		_, err := reference.NewFreeDirac(c.l, c.d, c.phi, c.beta)
		wantError(t, err, append(c.want, "reference.NewFreeDirac: ")...)
	}
	_, err := reference.StandardDirac(4)
	wantError(t, err, "reference.StandardDirac: 4 dimensions; use 1, 2 or 3")
	_, _, err = reference.NeuronMatrices(0)
	wantError(t, err, "reference.NeuronMatrices: 0 dimensions; use 1, 2 or 3")
}
