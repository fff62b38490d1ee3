package verify

import (
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

func subject(t *testing.T, b theory.Builder) kleinGordon {
	t.Helper()
	m, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newKleinGordon(m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func free() nnfield.KleinGordonModel {
	return nnfield.KleinGordon().Ring(60, 20).Packet(nnfield.Width(1.5), nnfield.WaveNumber(1))
}

func kink() nnfield.KleinGordonModel {
	return nnfield.KleinGordon().Line(200, 40, nnfield.Neumann, nnfield.Neumann).Mass(0).
		Potential(nnfield.Phi4(1, 1)).Kink(nnfield.Velocity(0.4))
}

// dual changes the dual loss of the network.
func dual(change func(l *network.Dual)) func(kleinGordon) kleinGordon {
	return func(s kleinGordon) kleinGordon {
		return s.rewired(func(m theory.Model) theory.Model {
			return rewired{m, func(n network.Network, _ float64) (network.Network, error) {
				l := n.Loss.(network.Dual)
				change(&l)
				n.Loss = l
				return n, nil
			}}
		})
	}
}

// massAt adds a mass² of 1e-3 to every nth neuron.
func massAt(every int) func(kleinGordon) kleinGordon {
	return dual(func(l *network.Dual) {
		d := make(weights.Diagonal, l.K.Size())
		for i := range d {
			if i%every == 0 {
				d[i] = 1e-3
			}
		}
		l.K = weights.Add(l.K, d)
	})
}

// wrongForce is a potential whose V′ is one part in a thousand off its V.
type wrongForce struct{ network.Potential }

func (p wrongForce) AddForce(dst []float64, alpha float64, x []float64) {
	p.Potential.AddForce(dst, 1.001*alpha, x)
}

// late is a model that runs a little slower than its network steps.
type late struct{ theory.Model }

func (m late) Evolve(step float64) (theory.Evolution, error) {
	return m.Model.Evolve(step * (1 - 1e-15))
}

func scheme(t *testing.T, name string, change func(*simulate.Integrator)) func(kleinGordon) kleinGordon {
	t.Helper()
	in, err := simulate.FindIntegrator(name)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&in)
	}
	return func(s kleinGordon) kleinGordon { s.scheme = in; return s }
}

// Each claim turns red, by measurement and not by an error, when what it claims
// is broken.
func TestEachClaimCanFail(t *testing.T) {
	harder := dual(func(l *network.Dual) { l.Potential = wrongForce{l.Potential} })
	for _, c := range []struct {
		claim  claim[kleinGordon]
		model  theory.Builder
		broken func(kleinGordon) kleinGordon
	}{
		{symmetricWeights, free(), withAntisymmetricWeights},
		{dualLoss, kink(), withAntisymmetricWeights},
		{hamiltonianForce, free(), massAt(7)},
		{hamiltonianForce, kink(), harder},
		{lossGradient, kink(), harder},
		{plainStep, free(), func(s kleinGordon) kleinGordon {
			return s.rewired(func(m theory.Model) theory.Model { return late{m} })
		}},
		{dispersion, free(), massAt(1)},
		{leapfrogOrder, free(), scheme(t, "symplectic-euler", func(in *simulate.Integrator) { in.Order = 2 })},
		{claim[kleinGordon]{measure: observedOrder}, free(), scheme(t, "yoshida4", func(in *simulate.Integrator) {
			in.Drifts[0] += 0.01
			in.Drifts[2] -= 0.01
		})},
		{reversible, free(), scheme(t, "symplectic-euler", nil)},
		{energyOscillation, free(), scheme(t, "symplectic-euler", nil)},
		{energyOscillation, kink(), scheme(t, "rk4", nil)},
		{shadowEnergy, free(), massAt(1)},
		{momentum, free(), massAt(7)},
		{exactSolution, free(), dual(func(l *network.Dual) { l.K = weights.Scale(1.01, l.K) })},
		{exactSolution, free(), withMisledJudge},
		{denseExponential, free(), withMisledJudge},
		{closedForm, kink(), dual(func(l *network.Dual) { l.K = weights.Scale(1.01, l.K) })},
		{closedForm, kink(), withMisledJudge},
	} {
		s := subject(t, c.model)
		if f, err := c.claim.measure(s); err != nil || f.status != Passed {
			t.Errorf("%s: good model: %+v, %v", c.claim.name, f, err)
		}
		if f, err := c.claim.measure(c.broken(s)); err != nil || f.status != Failed {
			t.Errorf("%s: broken model: %+v, %v", c.claim.name, f, err)
		}
	}
}

// A control that is fed the good model turns red: it is the change that makes
// its claim fail.
func TestControlsTurnRedOnTheGoodModel(t *testing.T) {
	tried := map[string]bool{}
	for _, b := range []theory.Builder{free(), kink()} {
		s := subject(t, b)
		for _, c := range kleinGordonControls() {
			r := c.row(s)
			if r.Status == NotApplicable {
				continue
			}
			if r.Status != Passed {
				t.Errorf("control %+v", r)
			}
			tried[r.Name] = true
			c.change = func(s kleinGordon) kleinGordon { return s }
			if r := c.row(s); r.Status != Failed || strings.HasPrefix(r.Measured, "error") {
				t.Errorf("control on the good model: %+v", r)
			}
		}
	}
	if len(tried) != len(kleinGordonControls()) {
		t.Errorf("tried only %v", tried)
	}
}

// An error, such as a network that is refused or a value that is not a number,
// is no evidence for a control.
func TestControlsWantAFailureNotAnError(t *testing.T) {
	s := subject(t, free())
	asymmetric := dual(func(l *network.Dual) {
		d, err := weights.NewCSR(l.K.Size(), []weights.Triplet{{Row: 0, Column: 1, Weight: 1}})
		if err != nil {
			t.Fatal(err)
		}
		l.K = weights.Add(l.K, d)
	})
	for name, c := range map[string]control[kleinGordon]{
		"refused network": {claim: dispersion, change: asymmetric},
		"NaN": {claim: claim[kleinGordon]{measure: func(kleinGordon) (finding, error) {
			zero := 0.0
			return atMost(zero/zero, 1, "")
		}}, change: func(s kleinGordon) kleinGordon { return s }},
	} {
		if r := c.row(s); r.Status != Failed || !strings.HasPrefix(r.Measured, "error: ") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// A network that is rewired to itself is the network: the plain evolution that
// controls run on gives the bits of the model's own.
func TestPlainEvolutionIsTheModelsOwn(t *testing.T) {
	same := dual(func(*network.Dual) {})
	for _, b := range []theory.Builder{free(), kink()} {
		s := subject(t, b)
		own, err := s.propagate(20, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := same(s).propagate(20, 1)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(own, again); d != 0 {
			t.Errorf("off by %v", d)
		}
	}
}

// A claim that would take too long is measured on fewer sites of the same
// spacings, sponges and all, and says so.
func TestLargeModelsAreMeasuredOnFewerSites(t *testing.T) {
	s := subject(t, nnfield.KleinGordon().Torus(256, 32).Packet(nnfield.Width(2), nnfield.WaveNumber(1, 0)))
	for _, c := range []struct {
		claim claim[kleinGordon]
		small bool
	}{{leapfrogOrder, false}, {shadowEnergy, true}} {
		r := c.claim.row(s)
		if r.Status != Passed || strings.HasSuffix(r.Measured, ", on 128×128 sites of the same spacings") != c.small {
			t.Errorf("%+v", r)
		}
	}
	s = subject(t, nnfield.KleinGordon().Line(600, 60, nnfield.Absorbing(20), nnfield.Neumann))
	small, _, err := s.within(budget / 100)
	if err != nil {
		t.Fatal(err)
	}
	a, b := s.params.Lattice, small.params.Lattice
	if b.Sites() != 64 || math.Abs(a.Spacing(0)-b.Spacing(0)) > 1e-12 || b.Damping() == nil {
		t.Errorf("%v became %v", a, b)
	}
}

// Each claim about the trainable variables can fail by measurement, and each control
// turns red on the good problem.
func TestQuantumClaimsAndControlsCanFail(t *testing.T) {
	ring := quantum.Schrodinger().Ring(32, 2*math.Pi).Potential("cos(x)").Fluid("1+0.4*cos(x)", "0.5*sin(x)")
	for _, b := range []quantum.Builder{ring, ring.As(quantum.Madelung()), ring.As(quantum.HamiltonJacobi())} {
		s, name := learners{Builder: b}, b.MustBuild().Theory()
		tried := map[string]bool{}
		for _, c := range quantumControls(name) {
			tried[c.claim.name] = true
			if f, err := c.claim.measure(s); err != nil || f.status != Passed {
				t.Errorf("%s: %s: good problem: %+v, %v", name, c.claim.name, f, err)
			}
			if f, err := c.claim.measure(c.change(s)); err != nil || f.status != Failed {
				t.Errorf("%s: %s: changed problem: %+v, %v", name, c.claim.name, f, err)
			}
			c.change = func(s learners) learners { return s }
			if r := c.row(s); r.Status != Failed || strings.HasPrefix(r.Measured, "error") {
				t.Errorf("%s: control that changes nothing: %+v", name, r)
			}
		}
		for _, c := range quantumClaims(name) {
			if !tried[c.name] {
				t.Errorf("%s: the claim %q has no control", name, c.name)
			}
		}
	}
}
