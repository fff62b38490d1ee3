package nnfield_test

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// twist is a gauge function without any symmetry, periodic on a length of 4.
const twist = "sin(pi*x/2)*cos(3*t) + 0.7*cos(pi*x - t) + 2*t"

// pushes is a background with everything in it.
func pushes() []theory.Background {
	return []theory.Background{
		nnfield.VectorPotential(0, nnfield.Profile("0.8*sin(pi*x/2 + 2*t)")),
		nnfield.ElectricPotential(nnfield.Profile("cos(pi*x/2)*sin(1.5*t) + 0.3")),
		nnfield.ElectricField(0.4), nnfield.RingFlux(0.9),
	}
}

// charges has charged fields with noise for a state.
func charges() map[string]func(...theory.Background) nnfield.Builder {
	scalar := nnfield.ChargedScalar().Ring(16, 4).Charge(1.3).Values(noise(32, "phi"), noise(32, "beta"))
	spinor := nnfield.ChargedDirac().Ring(16, 4).Charge(-0.7).Wilson(0.4).MassProfile(nnfield.Profile("1+sin(pi*x/2)")).
		ScalarPotential(nnfield.Profile("cos(pi*x)")).Values(noise(64, "phi"), noise(64, "beta"))
	weyl := spinor.Representation(nnfield.WeylMatrices)
	majorana := nnfield.ChargedDirac().Ring(16, 4).Representation(nnfield.MajoranaMatrices).Values(noise(64, "phi"), noise(64, "beta"))
	return map[string]func(...theory.Background) nnfield.Builder{
		"scalar":   func(b ...theory.Background) nnfield.Builder { return scalar.Background(b...) },
		"spinor":   func(b ...theory.Background) nnfield.Builder { return spinor.Background(b...) },
		"weyl":     func(b ...theory.Background) nnfield.Builder { return weyl.Background(b...) },
		"majorana": func(b ...theory.Background) nnfield.Builder { return majorana.Background(b...) },
	}
}

func built(t *testing.T, b nnfield.Builder) nnfield.Model {
	t.Helper()
	m, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// difference returns max |a − b| over the arrays of two states, relative to max |b|.
func difference(a, b *theory.State) float64 {
	worst, most := 0.0, 0.0
	for f := range b.Arrays {
		for i, v := range b.Arrays[f] {
			worst, most = max(worst, math.Abs(a.Arrays[f][i]-v)), max(most, math.Abs(v))
		}
	}
	return worst / most
}

// Evolving and transforming commute for a λ(x, t) of any kind: in the state, and
// in everything that can be measured. The run in the other gauge is the run of the
// transformed model.
func TestGaugeCovariance(t *testing.T) {
	lambda := nnfield.Profile(twist)
	for name, model := range charges() {
		for background, fields := range map[string][]theory.Background{"none": nil, "moving": pushes()} {
			for _, integrator := range []string{"leapfrog", "yoshida4"} {
				what := fmt.Sprintf("%s, background %s, %s", name, background, integrator)
				m := built(t, model(fields...))
				s := simulate.New(m, 2).Integrator(integrator).Frames(nnfield.Count(5))
				before := run(t, s)
				there, err := before.GaugeTransform(lambda)
				if err != nil {
					t.Fatal(what, err)
				}
				again, err := simulate.New(there.Model, 2).Integrator(integrator).Step(before.Step).Frames(nnfield.Count(5)).Run(context.Background())
				if err != nil {
					t.Fatal(what, err)
				}
				if d := difference(there.Last, again.Last); d > 1e-11 {
					t.Errorf("%s: evolve∘transform and transform∘evolve differ by %.2g", what, d)
				}
				if d := difference(there.Last, before.Last); d < 0.1 {
					t.Errorf("%s: the transformation changed the state by %.2g only", what, d)
				}
				if string(there.Spec) != string(again.Spec) {
					t.Errorf("%s: the Spec of the transformed run is not that of the transformed model", what)
				}
				for i, inv := range before.Invariants {
					for k, v := range inv.Values {
						if d := math.Abs(again.Invariants[i].Values[k]-v) / inv.Scale; d > 1e-12 {
							t.Errorf("%s: %s changed by %.2g", what, inv.Name, d)
						}
					}
				}
				n := m.Lattice().Sites()
				a, b := make([]float64, n), make([]float64, n)
				for quantity, measure := range map[string]func(m nnfield.Model, dst []float64, s *theory.State){
					"charge density": func(m nnfield.Model, dst []float64, s *theory.State) {
						m.(theory.Charged).ChargeDensity(dst, theory.Snapshot{State: s})
					},
					"current": func(m nnfield.Model, dst []float64, s *theory.State) {
						m.(theory.Charged).Current(dst, theory.Snapshot{State: s})
					},
					"energy density": func(m nnfield.Model, dst []float64, s *theory.State) { m.(theory.Dense).EnergyDensity(dst, s) },
				} {
					measure(m, a, before.Last)
					measure(there.Model, b, there.Last)
					worst, most := 0.0, 0.0
					for x := range a {
						worst, most = max(worst, math.Abs(a[x]-b[x])), max(most, math.Abs(a[x]))
					}
					if worst > 1e-12*most {
						t.Errorf("%s: the %s changed by %.2g of %.2g", what, quantity, worst, most)
					}
				}
			}
		}
	}
}

// The control: with plain derivatives ∂ + iqA in place of links covariance holds
// only up to the lattice spacing, and fails by much more than round-off.
func TestPlainDerivativesBreakCovariance(t *testing.T) {
	const n, a, q = 32, 0.125, 1.0
	lambda := func(x float64) float64 { return math.Sin(math.Pi*x/2) + 0.5*math.Cos(math.Pi*x) }
	slope := func(x float64) float64 {
		return math.Pi/2*math.Cos(math.Pi*x/2) - 0.5*math.Pi*math.Sin(math.Pi*x)
	}
	field := make([]complex128, n)
	for i := range field {
		x := float64(i) * a
		field[i] = complex(math.Exp(-(x-2)*(x-2)), 0)
	}
	derivative := func(f []complex128, potential func(x float64) float64, link bool) []complex128 {
		out := make([]complex128, n)
		for i := range f {
			x := float64(i) * a
			next, last := f[(i+1)%n], f[(i+n-1)%n]
			if link {
				next *= cmplx.Rect(1, potential(x+a/2))
				last *= cmplx.Rect(1, -potential(x-a/2))
				out[i] = (next - last) / (2 * a)
			} else {
				out[i] = (next-last)/(2*a) + complex(0, q*potential(x))*f[i]
			}
		}
		return out
	}
	broken := func(link bool) float64 {
		// A = 0 before, A = −∂λ after; a link carries the exact difference.
		after := func(x float64) float64 { return -slope(x) }
		if link {
			after = func(x float64) float64 { return lambda(x-a/2) - lambda(x+a/2) }
		}
		turned := make([]complex128, n)
		for i, f := range field {
			turned[i] = f * cmplx.Rect(1, lambda(float64(i)*a))
		}
		here := derivative(field, func(float64) float64 { return 0 }, link)
		there := derivative(turned, after, link)
		worst := 0.0
		for i := range here {
			worst = max(worst, cmplx.Abs(there[i]-here[i]*cmplx.Rect(1, lambda(float64(i)*a))))
		}
		return worst
	}
	if with, without := broken(true), broken(false); with > 1e-13 || without < 1e-3 {
		t.Errorf("covariance of the derivative is broken by %.2g with links, by %.2g without", with, without)
	}
}

// Charge flows locally in every background: Im(β*φ) and its current obey the
// continuity equation at every site and step.
func TestChargeContinuity(t *testing.T) {
	for name, model := range charges() {
		for background, fields := range map[string][]theory.Background{"none": nil, "moving": pushes()} {
			if worst := continuity(t, simulate.New(model(fields...), 1).Frames(nnfield.Every(1))); worst > 1e-12 {
				t.Errorf("%s, background %s: the continuity equation is off by %.2g in a step", name, background, worst)
			}
			q, err := run(t, simulate.New(model(fields...), 20).Frames(nnfield.Count(11))).Invariant("charge")
			if err != nil || q.Drift() > 1e-12 {
				t.Errorf("%s, background %s: the charge drifts by %.2g (%v)", name, background, q.Drift(), err)
			}
		}
	}
	square := nnfield.ChargedDirac().Torus(6, 3).Wilson(0.5).Background(nnfield.MagneticFlux(5)).Values(noise(36*8, "phi"), noise(36*8, "beta"))
	cube := nnfield.ChargedScalar().Cube(4, 2).Background(nnfield.MagneticFlux(3), nnfield.ElectricField(0.3, 0, -1)).Values(noise(128, "phi"), noise(128, "beta"))
	wall := nnfield.ChargedScalar().Line(20, 5, nnfield.Dirichlet, nnfield.Neumann).Background(nnfield.ElectricPotential(nnfield.Profile("x"))).Values(noise(40, "phi"), noise(40, "beta"))
	for name, s := range map[string]nnfield.Simulation{"torus": square.Until(1), "cube": cube.Until(1), "wall": wall.Until(1)} {
		if worst := continuity(t, s); worst > 1e-12 {
			t.Errorf("%s: the continuity equation is off by %.2g in a step", name, worst)
		}
	}
}

// The step of a charged field is the network's own where the background stands
// still, and of order 2 against dense exponentials where it moves: the pair ψ and
// χ of a Dirac field obey i∂ψ = (𝐡 + qA_0)ψ and i∂χ = (−𝐡 + qA_0)χ.
func TestChargedDiracAgainstDenseExponentials(t *testing.T) {
	const sites, length, until, q = 8, 2.0, 1.0, 1.3
	vector := func(x, s float64) float64 { return 0.8*math.Sin(math.Pi*x+2*s) + 0.4*s }
	scalar := func(x, s float64) float64 { return math.Cos(math.Pi*x) * math.Sin(1.5*s) }
	model := nnfield.ChargedDirac().Ring(sites, length).Charge(q).Wilson(0.3).
		Background(nnfield.VectorPotential(0, nnfield.Profile("0.8*sin(pi*x + 2*t)")), nnfield.ElectricField(0.4),
			nnfield.ElectricPotential(nnfield.Profile("cos(pi*x)*sin(1.5*t)"))).
		Values(noise(4*sites, "phi"), noise(4*sites, "beta"))
	m := model.MustBuild()
	l := m.Lattice()
	x, y, err := reference.NeuronMatrices(1)
	if err != nil {
		t.Fatal(err)
	}
	d := reference.RealDirac(x, y)
	d.Mass, d.Wilson = 1, 0.3
	hamiltonian := func(sign float64) func(s float64) *mat.CDense {
		return func(s float64) *mat.CDense {
			theta := make([]float64, sites)
			for i := range theta {
				theta[i] = q * l.Spacing(0) * vector((float64(i)+0.5)*l.Spacing(0), s)
			}
			h, err := reference.DiracMatrix(l, d, reference.Links{theta})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 2 * sites {
				for k := range 2 * sites {
					h.Set(i, k, complex(sign, 0)*h.At(i, k))
				}
				h.Set(i, i, h.At(i, i)+complex(q*scalar(float64(i%sites)*l.Spacing(0), s), 0))
			}
			return h
		}
	}
	// ψ = φ + iβ and χ = φ − iβ, φ and β being complex themselves.
	pair := func(s *theory.State, sign float64) (re, im []float64) {
		phi, beta := s.Arrays[0], s.Arrays[1]
		for c := range 2 {
			for x := range sites {
				at := 2*c*sites + x
				re = append(re, phi[at]-sign*beta[at+sites])
				im = append(im, phi[at+sites]+sign*beta[at])
			}
		}
		return re, im
	}
	off := func(integrator string, n int) float64 {
		end, err := simulate.Propagate(m, scheme(t, integrator), until/float64(n), n, m.Initial())
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for _, sign := range []float64{1, -1} {
			re0, im0 := pair(m.Initial(), sign)
			re, im, err := reference.TimeOrdered(hamiltonian(sign), re0, im0, 0, until, 100)
			if err != nil {
				t.Fatal(err)
			}
			gotRe, gotIm := pair(end, sign)
			for i := range re {
				worst = max(worst, math.Abs(re[i]-gotRe[i]), math.Abs(im[i]-gotIm[i]))
			}
		}
		return worst
	}
	for integrator, order := range map[string]float64{"leapfrog": 2, "yoshida4": 4} {
		coarse, fine := off(integrator, 20), off(integrator, 40)
		if got := math.Log2(coarse / fine); math.Abs(got-order) > 0.2 || fine > 0.05 {
			t.Errorf("%s: errors %.3g and %.3g, order %.2f", integrator, coarse, fine, got)
		}
	}
}

// stiffness returns 𝐡 of a charged model, out of its network.
func stiffness(t *testing.T, m nnfield.Model) weights.Tensor {
	t.Helper()
	s, err := m.Network(0.01)
	if err != nil {
		t.Fatal(err)
	}
	n := s.Network()
	if n.Bias != nil {
		return n.Bias
	}
	return n.Loss.(network.Dual).K
}

// levels returns the eigenvalues of 𝐡, each doublet of (re, im) counted once.
func levels(t *testing.T, h weights.Tensor) []float64 {
	t.Helper()
	s, err := weights.Spectrum(h)
	if err != nil || !s.Complete {
		t.Fatal(err)
	}
	var all []float64
	for i := 0; i < len(s.Values); i += 2 {
		if d := real(s.Values[i+1]) - real(s.Values[i]); d > 1e-9 {
			t.Fatalf("level %d is no doublet: %v", i, d)
		}
		all = append(all, real(s.Values[i]))
	}
	return all
}

// The tensor is Hermitian, its rows are what it applies, and it is the covariant
// stencil that the reference builds from other code.
func TestCovariantTensorIsTheReferences(t *testing.T) {
	l, err := lattice.New(lattice.Ring(4, 2), lattice.Ring(3, 2))
	if err != nil {
		t.Fatal(err)
	}
	axes := []nnfield.Axis{nnfield.Ring(4, 2), nnfield.Ring(3, 2)}
	a := [][]float64{noise(12, "ax"), noise(12, "ay")}
	var links reference.Links
	var background []theory.Background
	for j := range 2 {
		background = append(background, nnfield.VectorPotential(j, nnfield.SiteProfile(a[j])))
		theta := slices.Clone(a[j])
		for i := range theta {
			theta[i] *= l.Spacing(j)
		}
		links = append(links, theta)
	}
	d, err := reference.StandardDirac(2)
	if err != nil {
		t.Fatal(err)
	}
	d.Mass, d.Wilson = 0.9, 0.6
	spinor, err := reference.DiracMatrix(l, d, links)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := reference.ChargedStiffness(l, 1, links)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		m    nnfield.Model
		want *mat.CDense
	}{
		"spinor": {nnfield.ChargedDirac().Lattice(axes...).Mass(0.9).Wilson(0.6).Representation(nnfield.DiracMatrices).Background(background...).MustBuild(), spinor},
		"scalar": {nnfield.ChargedScalar().Lattice(axes...).Background(background...).MustBuild(), scalar},
	} {
		h := stiffness(t, c.m)
		if !weights.Symmetric(h) {
			t.Errorf("%s: the tensor is not symmetric", name)
		}
		rows, _ := c.want.Dims()
		x := noise(2*rows, "x")
		got, sum := make([]float64, 2*rows), make([]float64, 2*rows)
		h.AddApply(got, -1.5, x)
		for i := range sum {
			h.Row(i, func(j int, w float64) { sum[i] += -1.5 * w * x[j] })
		}
		const sites = 12
		at := func(i int) int { return i/sites*2*sites + i%sites }
		for i := range rows {
			var want complex128
			for j := range rows {
				want += -1.5 * c.want.At(i, j) * complex(x[at(j)], x[at(j)+sites])
			}
			if cmplx.Abs(want-complex(got[at(i)], got[at(i)+sites])) > 1e-13*12 {
				t.Errorf("%s: element %d is %v, want %v", name, i, complex(got[at(i)], got[at(i)+sites]), want)
			}
		}
		for i := range sum {
			if math.Abs(sum[i]-got[i]) > 1e-12 {
				t.Errorf("%s: row %d gives %v, the product %v", name, i, sum[i], got[i])
			}
		}
	}
}

// A flux through a ring shifts the spectrum as Aharonov and Bohm say.
func TestRingFluxSpectrum(t *testing.T) {
	const sites, flux = 24, 1.1
	axis := lattice.Ring(sites, 6)
	scalar, err := reference.RingFrequencies(axis, 0.7, flux)
	if err != nil {
		t.Fatal(err)
	}
	spinor, err := reference.DiracRingFrequencies(axis, 0.7, 0.4, flux)
	if err != nil {
		t.Fatal(err)
	}
	var want, both []float64
	for i := range scalar {
		want = append(want, scalar[i]*scalar[i])
		both = append(both, spinor[i], -spinor[i])
	}
	slices.Sort(want)
	slices.Sort(both)
	for name, c := range map[string]struct {
		m    nnfield.Model
		want []float64
	}{
		"scalar": {nnfield.ChargedScalar().Ring(sites, 6).Mass(0.7).Background(nnfield.RingFlux(flux)).MustBuild(), want},
		"spinor": {nnfield.ChargedDirac().Ring(sites, 6).Mass(0.7).Wilson(0.4).Background(nnfield.RingFlux(flux)).MustBuild(), both},
	} {
		got := levels(t, stiffness(t, c.m))
		if len(got) != len(c.want) {
			t.Fatalf("%s: %d levels, want %d", name, len(got), len(c.want))
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-12*c.want[len(c.want)-1] {
				t.Errorf("%s: level %d is %v, want %v", name, i, got[i], c.want[i])
			}
		}
	}
}

// The lowest levels on a torus with flux are Landau's, each N times; a Wilson term
// moves the lowest level of the spinor by r·m·B·a.
func TestLandauLevels(t *testing.T) {
	const sites, side, quanta, mass = 14, 14.0, 2, 1.0
	const a = side / sites
	field := 2 * math.Pi * quanta / (side * side)
	kg := levels(t, stiffness(t, nnfield.ChargedScalar().Torus(sites, side).Mass(mass).Background(nnfield.MagneticFlux(quanta)).MustBuild()))
	for n := range 3 {
		want := reference.ScalarLandau(n, field, mass, a)
		for i := range quanta {
			if got := math.Sqrt(kg[n*quanta+i]); math.Abs(got/want-1) > 3e-5 {
				t.Errorf("scalar level %d is %v, the series gives %v", n, got, want)
			}
		}
	}
	// The spectrum of a spinor needs fewer sites: 4 complex components each.
	const few, fewSide = 10, 10.0
	dirac := nnfield.ChargedDirac().Torus(few, fewSide).Mass(mass).Background(nnfield.MagneticFlux(1))
	b := 2 * math.Pi / (fewSide * fewSide)
	positive := func(m nnfield.Model) (all []float64) {
		for _, e := range levels(t, stiffness(t, m)) {
			if e > 0 {
				all = append(all, e)
			}
		}
		return all
	}
	plain := positive(dirac.MustBuild())
	// Two flavours and 2² doublers: 8 states of one spin at rest, half of them of positive energy.
	if math.Abs(plain[0]-mass) > 1e-12 || math.Abs(plain[3]-mass) > 1e-12 {
		t.Errorf("the lowest level of the spinor is %v to %v, it should be m = %v", plain[0], plain[3], mass)
	}
	next := plain[slices.IndexFunc(plain, func(e float64) bool { return e > mass+1e-6 })]
	if want := reference.DiracLandau(1, b, mass, fewSide/few); math.Abs(next/want-1) > 1e-4 {
		t.Errorf("the first level of the spinor is %v, the series gives %v", next, want)
	}
	const r = 0.1
	wilson := positive(dirac.Wilson(r).MustBuild())
	if shift, want := wilson[0]*wilson[0]-mass*mass, r*mass*b*fewSide/few; math.Abs(shift-want) > 0.1*want {
		t.Errorf("the Wilson term moves the lowest ω² by %v, want about %v", shift, want)
	}
}

// A constant electric field moves the wave number of a packet by qEt: its velocity
// is that of the band there, and comes back after a Bloch period.
func TestUniformElectricField(t *testing.T) {
	const sites, length, force, mass = 400, 100.0, 0.25, 1.5
	model := nnfield.ChargedScalar().Ring(sites, length).Mass(mass).Background(nnfield.ElectricField(force)).
		Packet(nnfield.At(30), nnfield.Width(5))
	const until = 12.0
	r := run(t, model.Until(until).Frames(nnfield.Count(2)))
	m := model.MustBuild()
	centre := func(s *theory.State) float64 {
		rho := make([]float64, sites)
		m.(theory.Charged).ChargeDensity(rho, theory.Snapshot{State: s})
		sum, q := 0.0, 0.0
		for i, v := range rho {
			sum += v * float64(i) * length / sites
			q += v
		}
		return sum / q
	}
	got := centre(r.Last) - centre(r.State(0))
	band := m.(interface{ Frequency(...float64) float64 })
	free := built(t, nnfield.ChargedScalar().Ring(sites, length).Mass(mass)).(theory.Dispersive)
	want := (free.Frequency(force*until) - free.Frequency(0)) / force // ∫ v dt = Δω/F
	if math.Abs(got/want-1) > 0.01 {
		t.Errorf("the packet moved by %v, want %v", got, want)
	}
	if !math.IsNaN(band.Frequency(1)) {
		t.Error("a field in a background has no free dispersion relation")
	}
}

func TestBadChargedInput(t *testing.T) {
	scalar := nnfield.ChargedScalar()
	ring := scalar.Ring(16, 4)
	spinor := nnfield.ChargedDirac().Ring(16, 4)
	inf := math.Inf(1)
	for want, s := range map[string]nnfield.Simulation{
		"ChargedScalar: no lattice; say where the neurons sit, for example Ring(512, 40)":                                                                              scalar.Until(1),
		"ChargedScalar: Charge(0): the charge must be finite and not zero; use KleinGordon or Dirac for a neutral field":                                               ring.Charge(0).Until(1),
		"ChargedScalar: Mass(-1): the mass must be finite and not negative; use Mass(0) for a massless field":                                                          ring.Mass(-1).Until(1),
		"ChargedScalar: VectorPotential(3): no such axis; use 0, 1 or 2":                                                                                               ring.Background(nnfield.VectorPotential(3, nnfield.Profile("x"))).Until(1),
		"ChargedScalar: VectorPotential: A_y on a lattice of 1 axes; use the axes [x]":                                                                                 ring.Background(nnfield.VectorPotential(1, nnfield.Profile("x"))).Until(1),
		`ChargedScalar: ElectricPotential: Profile("z"): it uses z, but the lattice has 1 axes; use only [x]`:                                                          ring.Background(nnfield.ElectricPotential(nnfield.Profile("z"))).Until(1),
		"ChargedScalar: ElectricField(1, 2): 2 components for 1 axes; give one for each axis":                                                                          ring.Background(nnfield.ElectricField(1, 2)).Until(1),
		"ChargedScalar: ElectricField(+Inf): every component must be finite":                                                                                           ring.Background(nnfield.ElectricField(inf)).Until(1),
		"ChargedScalar: RingFlux(+Inf): the phase qΦ must be finite; 2π is as good as none":                                                                            ring.Background(nnfield.RingFlux(inf)).Until(1),
		"ChargedScalar: RingFlux(1): the x axis has ends, no flux goes through it; use a Ring":                                                                         scalar.Line(9, 2, nnfield.Dirichlet, nnfield.Dirichlet).Background(nnfield.RingFlux(1)).Until(1),
		"ChargedScalar: MagneticFlux(1): it needs a torus, two periodic axes x and y; elsewhere use VectorPotential":                                                   ring.Background(nnfield.MagneticFlux(1)).Until(1),
		"ChargedScalar: MagneticFlux(9): more than half a quantum through each of 16 plaquettes; use at most 8 or a finer lattice":                                     scalar.Torus(4, 4).Background(nnfield.MagneticFlux(9)).Until(1),
		"ChargedScalar: the gauge field is infinite at site 0 and t = 0; its formulas must be finite everywhere":                                                       ring.Background(nnfield.VectorPotential(0, nnfield.Profile("1/(x-0.125)"))).Until(1),
		`ChargedScalar: GaugeTransform: Profile("y"): it uses y, but the lattice has 1 axes; use only [x]`:                                                             ring.GaugeTransform(nnfield.Profile("y")).Until(1),
		"ChargedScalar: the x axis has an end that is driven or absorbs; charged fields here are closed, use Ring, Dirichlet or Neumann":                               scalar.Line(9, 2, nnfield.Absorbing(1), nnfield.Dirichlet).Until(1),
		"ChargedScalar: Packet: EnergySign(0); a charged scalar needs one sign, 1 or −1":                                                                               ring.Packet(nnfield.Width(0.4), nnfield.EnergySign(0)).Until(1),
		"ChargedScalar: Packet: it has no option spinor; use width, at, wave_number, amplitude, phase, energy_sign":                                                    ring.Packet(nnfield.Width(0.4), nnfield.Spinor(1)).Until(1),
		"ChargedScalar: Values: phi has 16 numbers for 2 neuron types on 16 sites; give 32, one of the neuron types after the other":                                   ring.Values(make([]float64, 16), make([]float64, 32)).Until(1),
		"ChargedDirac: Wilson(-1): r must be finite and not negative; use Wilson(1) to lift the doublers, Wilson(0) for none":                                          spinor.Wilson(-1).Until(1),
		"Integrator(\"rk4\"): the equations of motion are not a plain flow: the links of the background turn with time; use leapfrog or another symplectic integrator": ring.Background(pushes()...).Until(1).Integrator("rk4"),
	} {
		_, err := s.Run(context.Background())
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	r := run(t, nnfield.KleinGordon().Ring(8, 2).Until(1))
	if _, err := r.GaugeTransform(nnfield.Profile("x")); err == nil || !strings.Contains(err.Error(), "no charged field") {
		t.Errorf("a gauge transformation of a neutral field: %v", err)
	}
}

// A flux that no particle touches moves the frequencies of a ring.
func ExampleChargedScalar() {
	ring := nnfield.ChargedScalar().Ring(64, 16).PlaneWave(nnfield.Mode(3)).Background(nnfield.RingFlux(math.Pi))
	r, err := ring.Until(5).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := ring.GaugeTransform(nnfield.Profile("sin(pi*x/8)*cos(t)")).Until(5).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, q := range []string{"charge", "energy"} {
		here, _ := r.Invariant(q)
		there, _ := again.Invariant(q)
		last := len(here.Values) - 1
		fmt.Printf("%s %.4f, in another gauge %.4f\n", q, here.Values[last], there.Values[last])
	}
	// Output:
	// charge 24.6728, in another gauge 24.6728
	// energy 41.9621, in another gauge 41.9621
}
