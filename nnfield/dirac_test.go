package nnfield_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

var representations = map[string]theory.Representation{
	"real": nnfield.RealMatrices, "dirac": nnfield.DiracMatrices, "weyl": nnfield.WeylMatrices, "majorana": nnfield.MajoranaMatrices,
}

// noise is a field of n random numbers of variance 1.
func noise(n int, purpose string) []float64 {
	s := random.New(5, purpose)
	v := make([]float64, n)
	for i := range v {
		v[i] = s.Normal(i)
	}
	return v
}

// diracOn returns a Dirac model of d dimensions, with noise for a state.
func diracOn(d int, r theory.Representation, sites int, length float64) nnfield.DiracModel {
	axes := make([]nnfield.Axis, d)
	n := 1
	for j := range axes {
		axes[j] = nnfield.Ring(sites, length)
		n *= sites
	}
	m := nnfield.Dirac().Lattice(axes...).Representation(r)
	if _, beta, err := r.Matrices(d); err == nil {
		n *= len(beta)
	}
	return m.Values(noise(n, "phi"), noise(n, "beta"))
}

// equation is the reference's Dirac equation with the matrices of a model, which
// the reference checks by itself.
func equation(t *testing.T, m nnfield.Model) reference.Dirac {
	t.Helper()
	p, ok := theory.DiracParameters(m)
	if !ok {
		t.Fatal("not a Dirac model")
	}
	alpha, beta, err := p.Representation.Matrices(p.Lattice.Dim())
	if err != nil {
		t.Fatal(err)
	}
	dense := func(rows [][]complex128) *mat.CDense {
		return mat.NewCDense(len(rows), len(rows), slices.Concat(rows...))
	}
	d := reference.Dirac{Beta: dense(beta), Mass: p.Mass, Wilson: p.Wilson}
	for _, a := range alpha {
		d.Alpha = append(d.Alpha, dense(a))
	}
	return d
}

// The tables obey the Clifford relations, exactly.
func TestCliffordRelations(t *testing.T) {
	for name, r := range representations {
		for d := 1; d <= 3; d++ {
			alpha, beta, err := r.Matrices(d)
			if name == "weyl" && d == 2 {
				if err == nil || !strings.Contains(err.Error(), "no chirality") {
					t.Errorf("Weyl in 2-D: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(name, d, err)
			}
			all := append(alpha, beta)
			n := len(beta)
			for i := range all {
				for j := range all {
					for a := range n {
						for b := range n {
							var v complex128
							for c := range n {
								v += all[i][a][c]*all[j][c][b] + all[j][a][c]*all[i][c][b]
							}
							want := complex128(0)
							if i == j && a == b {
								want = 2
							}
							if v != want {
								t.Errorf("%s, d = %d: {%d, %d} has %v at (%d, %d), want %v", name, d, i, j, v, a, b, want)
							}
							if imag(all[i][a][b]) != -imag(all[i][b][a]) || real(all[i][a][b]) != real(all[i][b][a]) {
								t.Errorf("%s, d = %d: matrix %d is not Hermitian", name, d, i)
							}
						}
					}
				}
			}
			if got := nnfield.Matrices(alpha, beta).Err(); got != nil {
				t.Errorf("%s given as matrices: %v", name, got)
			}
		}
	}
}

// B is symmetric to the last bit, h_A antisymmetric, and a dual loss exists
// exactly for the real matrices.
func TestDiracTensors(t *testing.T) {
	for name, r := range representations {
		for d := 1; d <= 3; d++ {
			if name == "weyl" && d == 2 {
				continue
			}
			model := diracOn(d, r, 4, 2.2).Wilson(0.7)
			if d == 1 {
				model = model.MassProfile(nnfield.Profile("tanh(x-1)")).ScalarPotential(nnfield.Profile("x*x"))
			}
			m := model.MustBuild()
			h, _ := theory.DiracHamiltonian(m)
			if !weights.Symmetric(h.K) {
				t.Errorf("%s, d = %d: h_S is not symmetric", name, d)
			}
			v, err := duality.Existence(h)
			if err != nil {
				t.Fatal(err)
			}
			if want := name == "real"; v.Exists != want || (h.A == nil) != want {
				t.Errorf("%s, d = %d: h_A is %v, %v", name, d, h.A, v)
			}
			if h.A != nil {
				a, err := weights.Matrix(h.A)
				if err != nil {
					t.Fatal(err)
				}
				var sum mat.Dense
				sum.Add(a, a.T())
				if mat.Max(&sum) != 0 || mat.Min(&sum) != 0 {
					t.Errorf("%s, d = %d: h_A is not antisymmetric", name, d)
				}
			}
			if card := m.Card().String(); strings.Contains(card, "dual loss   no dual loss") == v.Exists {
				t.Errorf("%s, d = %d: the card does not say whether a dual loss exists:\n%s", name, d, card)
			}
			if name == "majorana" {
				if norm, err := weights.SpectralRadius(h.K); err != nil || d > 1 && norm != 0 {
					t.Errorf("majorana, d = %d: h_S has the norm %v (%v), it should be empty", d, norm, err)
				}
			}
		}
	}
}

// Every representation in every dimension follows the exact propagator: with
// order 2 and 4 in ε, and to round-off with the highest scheme.
func TestFreeDiracAgainstTheExactPropagator(t *testing.T) {
	const until = 1.0
	for name, r := range representations {
		for d := 1; d <= 3; d++ {
			if name == "weyl" && d == 2 {
				continue
			}
			sites := []int{0, 16, 8, 4}[d]
			model := diracOn(d, r, sites, 0.5*float64(sites)).Mass(0.8).Wilson(0.5)
			m := model.MustBuild()
			exact, err := reference.NewFreeDirac(m.Lattice(), equation(t, m), m.Initial().Arrays[0], m.Initial().Arrays[1])
			if err != nil {
				t.Fatal(name, d, err)
			}
			phi, beta := exact.At(until)
			off := func(integrator string, steps int) float64 {
				s, err := simulate.Propagate(m, scheme(t, integrator), until/float64(steps), steps, m.Initial())
				if err != nil {
					t.Fatal(err)
				}
				worst := 0.0
				for i := range phi {
					worst = max(worst, math.Abs(s.Arrays[0][i]-phi[i]), math.Abs(s.Arrays[1][i]-beta[i]))
				}
				return worst
			}
			for integrator, order := range map[string]float64{"leapfrog": 2, "yoshida4": 4} {
				if coarse, fine := off(integrator, 16), off(integrator, 32); fine > 1e-12 && math.Abs(math.Log2(coarse/fine)-order) > 0.15 {
					t.Errorf("%s, d = %d, %s: errors %.3g and %.3g, order %.2f", name, d, integrator, coarse, fine, math.Log2(coarse/fine))
				}
			}
			steps, limit := 400, 2e-11
			if name != "real" || d > 1 { // slower; the order is tested above
				steps, limit = 60, 1e-6
			}
			if e := off("yoshida6", steps); e > limit {
				t.Errorf("%s, d = %d: yoshida6 is %.2g off the exact propagator", name, d, e)
			}
		}
	}
}

// A packet of one sign of the energy has nothing of the other.
func TestPacketsHaveOneSignOfTheEnergy(t *testing.T) {
	for d := 1; d <= 3; d++ {
		sites := []int{0, 64, 24, 12}[d]
		at, k := make([]float64, d), make([]float64, d)
		axes := make([]nnfield.Axis, d)
		for j := range axes {
			axes[j] = nnfield.Ring(sites, 12)
			at[j], k[j] = 6, 0.5+0.3*float64(j)
		}
		for _, sign := range []int{1, -1} {
			m := nnfield.Dirac().Lattice(axes...).Wilson(0.3).Packet(nnfield.At(at...), nnfield.Width(1), nnfield.WaveNumber(k...), nnfield.EnergySign(sign)).MustBuild()
			f, err := reference.NewFreeDirac(m.Lattice(), equation(t, m), m.Initial().Arrays[0], m.Initial().Arrays[1])
			if err != nil {
				t.Fatal(err)
			}
			wrong := f.Negative()
			if sign < 0 {
				wrong = f.Positive()
			}
			if q := wrong.Charge() / f.Charge(); q > 1e-28 {
				t.Errorf("d = %d, sign %d: %.2g of the other sign", d, sign, q)
			}
			rho := make([]float64, m.Lattice().Sites())
			m.(theory.Charged).ChargeDensity(rho, theory.Snapshot{State: m.Initial()})
			total := 0.0
			for _, v := range rho {
				total += v * m.Lattice().CellVolume()
			}
			if math.Abs(total-1) > 1e-12 {
				t.Errorf("d = %d: charge %v, want 1", d, total)
			}
		}
	}
}

// Each component of a free field obeys the Klein-Gordon equation whose Laplacian
// is the square of the central difference, in the leapfrog's own discrete time.
func TestEachComponentObeysKleinGordon(t *testing.T) {
	model := diracOn(2, nnfield.RealMatrices, 8, 4).Mass(1.1)
	m := model.MustBuild()
	const epsilon = 0.1
	r := run(t, model.Until(10*epsilon).Step(epsilon).Frames(nnfield.Every(1)))
	l := m.Lattice()
	n := l.Sites()
	// Frames are synchronised; φ of a frame is that of the staggered pair.
	worst := 0.0
	for f := 1; f+1 < r.Len(); f++ {
		before, phi, after := r.State(f - 1).Arrays[0], r.State(f).Arrays[0], r.State(f + 1).Arrays[0]
		for c := range 4 {
			for x := range n {
				k := 1.1 * 1.1 * phi[c*n+x]
				for j := range 2 {
					next, _ := l.Neighbour(x, j, 2)
					last, _ := l.Neighbour(x, j, -2)
					a := l.Spacing(j)
					k += (2*phi[c*n+x] - phi[c*n+next] - phi[c*n+last]) / (4 * a * a)
				}
				i := c*n + x
				worst = max(worst, math.Abs((after[i]-2*phi[i]+before[i])/(epsilon*epsilon)+k))
			}
		}
	}
	if worst > 1e-11 {
		t.Errorf("the residual of the Klein-Gordon equation is %.2g", worst)
	}
}

// The staggered norm of a real static B is constant, also over a step potential
// and a mass wall; the synchronised norm is not, but falls as ε².
func TestStaggeredNorm(t *testing.T) {
	model := nnfield.Dirac().Ring(24, 6).MassProfile(nnfield.Profile("1 + 0.5*tanh(x-3)")).ScalarPotential(nnfield.Profile("2*tanh(4*x-12)")).
		Wilson(0.4).Values(noise(48, "phi"), noise(48, "beta"))
	s := model.Until(5000).Step(0.05).Frames(nnfield.Count(101))
	r := run(t, s)
	staggered, err := r.Invariant("staggered charge")
	if err != nil {
		t.Fatal(err)
	}
	if r.Stop.Step != 100000 {
		t.Fatalf("%d steps", r.Stop.Step)
	}
	if d := staggered.Drift(); d > 1e-11 {
		t.Errorf("the staggered norm drifts by %.2g in 1e5 steps", d)
	}
	deviation := func(step float64) float64 {
		q, err := run(t, model.Until(40).Step(step).Frames(nnfield.Count(41))).Invariant("charge")
		if err != nil {
			t.Fatal(err)
		}
		return q.Drift()
	}
	coarse, fine := deviation(0.05), deviation(0.025)
	if order := math.Log2(coarse / fine); math.Abs(order-2) > 0.3 {
		t.Errorf("the synchronised norm deviates by %.3g and %.3g, order %.2f", coarse, fine, order)
	}
}

// Charge flows locally: density and current obey the continuity equation at every
// site and step.
func TestDiracContinuity(t *testing.T) {
	for name, model := range map[string]nnfield.DiracModel{
		"1-D": diracOn(1, nnfield.RealMatrices, 32, 8).Wilson(0.6).ScalarPotential(nnfield.Profile("sin(x)")),
		"2-D": diracOn(2, nnfield.RealMatrices, 8, 4).MassProfile(nnfield.Profile("tanh(x-y)")),
		"3-D": diracOn(3, nnfield.RealMatrices, 4, 2),
		"walls": nnfield.Dirac().Line(32, 8, nnfield.Dirichlet, nnfield.Dirichlet).Wilson(1).
			Values(noise(64, "phi"), noise(64, "beta")),
	} {
		if worst := continuity(t, model.Until(1).Frames(nnfield.Every(1))); worst > 1e-12 {
			t.Errorf("%s: the continuity equation is off by %.2g in a step", name, worst)
		}
	}
}

// continuity returns the largest |Δρ + ε Σ_j ∂⁻_j J_j| of the sites and steps of a
// run, relative to the largest density.
func continuity(t *testing.T, s nnfield.Simulation) float64 {
	t.Helper()
	r := run(t, s.Observe(observe.ChargeDensity(), nnfield.Every(1)).Observe(observe.Current(), nnfield.Every(1)))
	rho, err := r.Observable("charge-density")
	if err != nil {
		t.Fatal(err)
	}
	current, err := r.Observable("current")
	if err != nil {
		t.Fatal(err)
	}
	l := r.Lattice()
	n := l.Sites()
	worst, most := 0.0, 0.0
	for i := range len(rho.Times) - 1 {
		for x := range n {
			change := rho.At(i + 1)[x] - rho.At(i)[x]
			for j := range l.Dim() {
				in, sign := l.Neighbour(x, j, -1)
				inflow := sign * current.At(i)[j*n+in]
				change += r.Step * (current.At(i)[j*n+x] - inflow) / l.Spacing(j)
			}
			worst, most = max(worst, math.Abs(change)), max(most, math.Abs(rho.At(i)[x]))
		}
	}
	return worst / most
}

// A plane wave of both signs of the energy trembles: its current turns with the
// frequency 2ω, which is 2√(k²+m²) on a fine lattice.
func TestZitterbewegung(t *testing.T) {
	for _, c := range []struct {
		sites int
		want  func(lattice, continuum float64) float64
		limit float64
	}{
		{64, func(lattice, _ float64) float64 { return lattice }, 1e-6},
		{512, func(_, continuum float64) float64 { return continuum }, 1e-3},
	} {
		model := nnfield.Dirac().Ring(c.sites, 16).PlaneWave(nnfield.Mode(3), nnfield.EnergySign(0), nnfield.Spinor(1, 0.3))
		k := 2 * math.Pi * 3 / 16
		const step = 0.01
		r := run(t, model.Until(20).Step(step).Frames(nnfield.Every(10)))
		m := model.MustBuild()
		current := make([]float64, c.sites)
		var j []float64
		for i := range r.Len() {
			m.(theory.Charged).Current(current, theory.Snapshot{State: r.State(i)})
			j = append(j, current[5])
		}
		// j(t) = A + B cos(2ωt + …): its differences obey d(t+τ) + d(t−τ) = 2cos(2ωτ) d(t).
		top, bottom := 0.0, 0.0
		for i := 2; i+2 < len(j); i++ {
			d := func(i int) float64 { return j[i] - j[i-1] }
			top += d(i) * (d(i+1) + d(i-1)) / 2
			bottom += d(i) * d(i)
		}
		got := math.Acos(top/bottom) / (10 * step)
		free := m.(theory.Dispersive).Frequency(k)
		want := c.want(2*observe.LeapfrogFrequency(free, step), 2*math.Hypot(k, 1))
		if math.Abs(got/want-1) > c.limit {
			t.Errorf("%d sites: frequency %v, want %v (off by %.2g)", c.sites, got, want, got/want-1)
		} else {
			t.Logf("%d sites: frequency off by %.2g", c.sites, got/want-1)
		}
	}
}

// A packet crosses a step higher than its energy as Klein's formula says, up to
// O(a²).
func TestKleinStep(t *testing.T) {
	transmission := func(sites int) (got, want float64) {
		const length, height, mass = 160.0, 3.0, 1.0
		model := nnfield.Dirac().Ring(sites, length).Mass(mass).Packet(nnfield.At(50), nnfield.Width(6), nnfield.WaveNumber(0.8))
		free := model.MustBuild()
		f, err := reference.NewFreeDirac(free.Lattice(), equation(t, free), free.Initial().Arrays[0], free.Initial().Arrays[1])
		if err != nil {
			t.Fatal(err)
		}
		want, incoming, err := f.StepTransmission(height)
		if err != nil || incoming < 0.999 {
			t.Fatal(incoming, err)
		}
		// The step stands between two sites; it ends far behind, where nothing comes in time.
		step := make([]float64, sites)
		for i, x := range free.Lattice().Coordinates(0) {
			if x > 80 && x < 158 {
				step[i] = height
			}
		}
		r := run(t, model.ScalarPotential(nnfield.SiteProfile(step)).Until(95).Frames(nnfield.Count(2)))
		rho := make([]float64, sites)
		r.Model.(theory.Charged).ChargeDensity(rho, theory.Snapshot{State: r.Last})
		all := 0.0
		for i, v := range rho {
			all += v
			if step[i] != 0 {
				got += v
			}
		}
		return got / all, want
	}
	coarse, want := transmission(2000)
	fine, _ := transmission(4000)
	e1, e2 := math.Abs(coarse/want-1), math.Abs(fine/want-1)
	t.Logf("transmission %v and %v, closed form %v: off by %.3g and %.3g", coarse, fine, want, e1, e2)
	if e1 > 0.01 || e2 > 0.4*e1 {
		t.Errorf("transmission %v and %v, want %v: off by %.3g and %.3g", coarse, fine, want, e1, e2)
	}
}

// Without a Wilson term each wave at rest comes 2^d times; with it once. The
// spectrum is that of the tensor itself.
func TestDoublers(t *testing.T) {
	for d := 1; d <= 3; d++ {
		for _, wilson := range []float64{0, 1} {
			m := diracOn(d, nnfield.RealMatrices, 4, 4).Mass(0.1).Wilson(wilson).MustBuild()
			h, _ := theory.DiracHamiltonian(m)
			spectrum, err := weights.Spectrum(h.K)
			if err != nil || !spectrum.Complete {
				t.Fatal(err)
			}
			light := 0
			for _, v := range spectrum.Values {
				if math.Abs(math.Abs(real(v))-0.1) < 1e-9 {
					light++
				}
			}
			p, _ := theory.DiracParameters(m)
			_, beta, _ := p.Representation.Matrices(d)
			want := len(beta)
			if wilson == 0 {
				want <<= d
			}
			if light != want {
				t.Errorf("d = %d, r = %v: %d waves of energy ±m, want %d", d, wilson, light, want)
			}
		}
	}
}

// The bound of the frequencies holds, and no step below the limit diverges.
func TestDiracStability(t *testing.T) {
	for d := 1; d <= 3; d++ {
		for _, wilson := range []float64{0, 0.3, 1, 1.7} {
			for _, mass := range []float64{0, 1, -2} {
				m := diracOn(d, nnfield.RealMatrices, 4, 2.4).Mass(mass).Wilson(wilson).MustBuild()
				h, _ := theory.DiracHamiltonian(m)
				norm, err := weights.SpectralRadius(h.K)
				if err != nil {
					t.Fatal(err)
				}
				if bound := m.MaxFrequency(nil); norm > bound*(1+1e-12) || wilson == 0 && math.Abs(norm-bound) > 1e-9 {
					t.Errorf("d = %d, r = %v, m = %v: |B| = %v, bound %v", d, wilson, mass, norm, bound)
				}
			}
		}
	}
	for name, r := range representations {
		model := diracOn(1, r, 16, 4).Wilson(0.5)
		m := model.MustBuild()
		res := run(t, model.Until(400).Step(1.98/m.MaxFrequency(nil)).Frames(nnfield.Count(11)))
		q, err := res.Invariant("charge")
		if err != nil || q.Drift() > 30 {
			t.Errorf("%s: the charge drifts by %v at 0.99 of the limit (%v)", name, q.Drift(), err)
		}
	}
}

// The control of [F] §4: with a symmetric X the bias tensor is not symmetric, no
// dual loss exists, and the spectrum is not relativistic: ω² = m² − sin²(ka)/a².
func TestSymmetricXIsNotDirac(t *testing.T) {
	l, err := lattice.New(lattice.Ring(16, 4))
	if err != nil {
		t.Fatal(err)
	}
	tensor := func(x *mat.Dense) weights.Tensor {
		d, err := weights.Derivative(l, 0)
		if err != nil {
			t.Fatal(err)
		}
		kinetic, err := weights.NewKron(x, d)
		if err != nil {
			t.Fatal(err)
		}
		mass, err := weights.NewKron(mat.NewDense(2, 2, []float64{1, 0, 0, -1}), weights.Identity(16))
		if err != nil {
			t.Fatal(err)
		}
		return weights.Add(kinetic, mass)
	}
	wrong := tensor(mat.NewDense(2, 2, []float64{0, 1, 1, 0}))
	right := tensor(mat.NewDense(2, 2, []float64{0, 1, -1, 0}))
	for _, c := range []struct {
		b    weights.Tensor
		want bool
	}{{right, true}, {wrong, false}} {
		v, err := duality.Existence(duality.Hamiltonian{M: c.b, K: c.b})
		if err != nil || v.Exists != c.want {
			t.Errorf("%v, want %v (%v)", v, c.want, err)
		}
	}
	least := func(b weights.Tensor) float64 {
		s, err := weights.Spectrum(b)
		if err != nil {
			t.Fatal(err)
		}
		low := math.Inf(1)
		for _, v := range s.Values {
			low = min(low, real(v*v))
		}
		return low
	}
	if least(right) < 1-1e-9 || least(wrong) > -14 {
		t.Errorf("least ω²: %v with antisymmetric X (want m² = 1), %v with symmetric X (want 1 − 16)", least(right), least(wrong))
	}
}

func TestBadDiracInput(t *testing.T) {
	dirac := nnfield.Dirac()
	ring := dirac.Ring(64, 16)
	inf := math.Inf(1)
	one, sx := [][]complex128{{1, 0}, {0, 1}}, [][]complex128{{0, 1}, {1, 0}}
	for want, s := range map[string]nnfield.Simulation{
		"Dirac: Mass(+Inf): the mass must be finite; it may have either sign":                                                                                       ring.Mass(inf).Until(1),
		"Dirac: no lattice; say where the neurons sit, for example Ring(512, 40)":                                                                                   dirac.Until(1),
		"Dirac: Ring(1, 3): axis x: 1 sites; an axis needs at least 2":                                                                                              dirac.Ring(1, 3).Until(1),
		"Dirac: Line(9, 3): a Driven end; only Klein-Gordon fields have boundary neurons, use Ring, or Dirichlet where the theory has walls":                        dirac.Line(9, 3, nnfield.Driven("t"), nnfield.Dirichlet).Until(1),
		"Dirac: Wilson(-1): r must be finite and not negative; use Wilson(1) to lift the doublers, Wilson(0) for none":                                              ring.Wilson(-1).Until(1),
		"Dirac: the low end of the x axis is Neumann, where the central difference is not antisymmetric and h not Hermitian; use Ring, or Dirichlet with Wilson(1)": dirac.Line(9, 3, nnfield.Neumann, nnfield.Dirichlet).Until(1),
		"Dirac: the low end of the x axis is Dirichlet, which without a Wilson term turns a packet entirely into doublers; use Wilson(1) or Ring":                   dirac.Line(9, 3, nnfield.Dirichlet, nnfield.Dirichlet).Until(1),
		"Dirac: the high end of the x axis has a sponge, which damps β alone and not the spinor; use Ring, or Dirichlet with Wilson(1)":                             dirac.Wilson(1).Line(9, 3, nnfield.Dirichlet, nnfield.Absorbing(1)).Until(1),
		"Dirac: MassProfile: \"t*x\" depends on t; give a formula of the place alone":                                                                               ring.MassProfile(nnfield.Profile("t*x")).Until(1),
		"Dirac: MassProfile: 1/x is infinite at site 0; it must be finite everywhere":                                                                               ring.MassProfile(nnfield.Profile("1/x")).Until(1),
		`Dirac: ScalarPotential: Profile("y"): it uses y, but the lattice has 1 axes; use only [x]`:                                                                 ring.ScalarPotential(nnfield.Profile("y")).Until(1),
		"Dirac: ScalarPotential: SiteProfile: 3 numbers for 64 sites; give one a site, in row-major order":                                                          ring.ScalarPotential(nnfield.SiteProfile(make([]float64, 3))).Until(1),
		"Dirac: Packet: the option width is missing":                                                                                                                ring.Packet().Until(1),
		"Dirac: Packet: Spinor(0, 0): it must be finite and not zero":                                                                                               ring.Packet(nnfield.Width(1), nnfield.Spinor(0, 0)).Until(1),
		"Dirac: Packet: Spinor has 3 components, the representation 2; give one for each":                                                                           ring.Packet(nnfield.Width(1), nnfield.Spinor(1, 0, 0)).Until(1),
		"Dirac: Packet: EnergySign(2): it must be 1, −1 or 0":                                                                                                       ring.Packet(nnfield.Width(1), nnfield.EnergySign(2)).Until(1),
		"Dirac: Packet: it has no option velocity; use width, at, wave_number, amplitude, phase, spinor, energy_sign":                                               ring.Packet(nnfield.Width(1), nnfield.Velocity(0.5)).Until(1),
		"Dirac: PlaneWave: Spinor(1, -1) has no part of energy sign +1 at the wave number 0; use another spinor or sign":                                            ring.PlaneWave(nnfield.Spinor(1, -1)).Until(1),
		"Dirac: Values: phi has 64 numbers for 2 neuron types on 64 sites; give 128, one of the neuron types after the other":                                       ring.Values(make([]float64, 64), make([]float64, 128)).Until(1),
		"Dirac: Matrices: {α_1, β} differs from 0 by 2; the matrices must obey the Clifford relations":                                                              ring.Representation(nnfield.Matrices([][][]complex128{sx}, one)).Until(1),
		"Dirac: Matrices: α_1 is not Hermitian: the elements (0,1) and (1,0) are 1, 2; give the conjugate on the other side":                                        ring.Representation(nnfield.Matrices([][][]complex128{{{0, 1}, {2, 0}}}, one)).Until(1),
		"Dirac: Representation: 2 dimensions have no chirality, so no Weyl representation; use DiracMatrices":                                                       diracOn(2, nnfield.DiracMatrices, 4, 2).Representation(nnfield.WeylMatrices).Until(1),
	} {
		_, err := s.Run(context.Background())
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if err := ring.MassProfile(nnfield.Profile("tanh(q)")).Until(1).Check(); err == nil || !strings.HasPrefix(err.Error(), `Dirac: Profile("tanh(q)"): `) {
		t.Errorf("a wrong formula gave %v", err)
	}
}

// The message of a divergence names the neuron type and the site.
func TestDivergenceNamesTheNeuronType(t *testing.T) {
	// One neuron that hardly feels its neighbours swings in its own potential: b
	// up to 1.75·6e149, seldom beyond the limit of 1e150.
	phi, potential := make([]float64, 64), make([]float64, 32)
	phi[32+7], potential[7] = 6e149, 1
	model := nnfield.Dirac().Ring(32, 32000).Mass(0).ScalarPotential(nnfield.SiteProfile(potential)).Values(phi, make([]float64, 64))
	r, err := model.Until(30).Step(1.75).Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "β of type 2 is ") || !strings.Contains(err.Error(), "at site 7 (x = 7000)") {
		t.Fatalf("error %v", err)
	}
	if r.Stop.Type != "2" || r.Stop.Site != 7 || r.Stop.Step < 2 {
		t.Errorf("stop %+v", r.Stop)
	}
}

// A point shows every neuron type, a spectrum the sum over them, and dispersion
// is measured with all of them.
func TestObservingSeveralNeuronTypes(t *testing.T) {
	model := diracOn(2, nnfield.RealMatrices, 8, 4).Wilson(0.5)
	const step = 0.05
	r := run(t, model.Until(200*step).Step(step).Frames(nnfield.Every(1)).
		Observe(observe.Point(1, 2), nnfield.Every(50)).Observe(observe.Spectrum(), nnfield.Every(50)))
	point, err := r.Observable("point [1 2]")
	if err != nil {
		t.Fatal(err)
	}
	site := r.Lattice().Index(2, 4)
	for i, v := range point.At(1) {
		if want := r.State(50).Arrays[i/4][i%4*64+site]; len(point.At(1)) != 8 || v != want {
			t.Errorf("element %d of the point is %v, want %v", i, v, want)
		}
	}
	spectrum, err := r.Observable("spectrum")
	if err != nil {
		t.Fatal(err)
	}
	power := 0.0
	for _, v := range spectrum.At(0) {
		power += v
	}
	phi := r.State(0).Arrays[0]
	if want := simpleDot(phi, phi); math.Abs(power/want-1) > 1e-12 {
		t.Errorf("the spectrum adds up to %v, want %v", power, want)
	}
	modes, err := observe.Dispersion(r)
	if err != nil || len(modes) != 64 {
		t.Fatal(len(modes), err)
	}
	for _, m := range modes {
		if want, err := observe.Branch(r, m.K...); err != nil || math.Abs(m.Omega/want-1) > 1e-9 {
			t.Errorf("k = %v: ω = %v, want %v (%v)", m.K, m.Omega, want, err)
		}
	}
}

func ExampleDirac() {
	dirac := nnfield.Dirac().Ring(256, 40).Mass(1).
		Packet(nnfield.At(10), nnfield.Width(2), nnfield.WaveNumber(1))
	r, err := dirac.Until(10).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	q, _ := r.Invariant("charge")
	staggered, _ := r.Invariant("staggered charge")
	fmt.Printf("charge %.6f, staggered drift %s\n", q.Values[0], simulate.Small(staggered.Drift()))
	// Output: charge 1.000000, staggered drift below 1e-13
}
