package nnfield_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/septuple"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/verify"
)

// A field whose network is built by hand is the theory's, in every bit: so are networks
// that are taken from models.
func TestNetworkIsTheTheory(t *testing.T) {
	packet := []nnfield.Option{nnfield.At(6), nnfield.Width(1), nnfield.WaveNumber(1.5)}
	kg := nnfield.KleinGordon().Ring(96, 12).Packet(packet...)
	start := kg.MustBuild().Initial()
	k := septuple.Laplacian(nnfield.Order2).Times(-1).Plus(septuple.Identity())
	byHand := nnfield.Network().Ring(96, 12).Loss(septuple.Dual(k)).Values(start.Arrays[0], start.Arrays[1])
	pairs := map[string][2]interface {
		Until(float64) nnfield.Simulation
	}{
		"by hand":   {kg, byHand},
		"taken":     {kg, kg.Network()},
		"order 4":   {kg.Laplacian(nnfield.Order4), kg.Laplacian(nnfield.Order4).Network()},
		"spectral":  {kg.Laplacian(nnfield.Spectral), kg.Laplacian(nnfield.Spectral).Network()},
		"φ⁴":        {kg.Mass(0).Potential(nnfield.Phi4(1, 1)), kg.Mass(0).Potential(nnfield.Phi4(1, 1)).Network()},
		"formula":   {kg.Potential(nnfield.Potential("phi*phi*phi*phi/9 + x*phi*phi/20")), kg.Potential(nnfield.Potential("phi*phi*phi*phi/9 + x*phi*phi/20")).Network()},
		"torus":     {nnfield.KleinGordon().Torus(12, 6).PlaneWave(nnfield.Mode(1, 2)), nnfield.KleinGordon().Torus(12, 6).PlaneWave(nnfield.Mode(1, 2)).Network()},
		"driven":    {nnfield.KleinGordon().Line(48, 12, nnfield.Driven("sin(2*t)"), nnfield.Absorbing(4)), nnfield.KleinGordon().Line(48, 12, nnfield.Driven("sin(2*t)"), nnfield.Absorbing(4)).Network()},
		"Dirac":     {nnfield.Dirac().Ring(96, 12).Packet(packet...), nnfield.Dirac().Ring(96, 12).Packet(packet...).Network()},
		"Wilson":    {nnfield.Dirac().Torus(8, 4).Wilson(1).PlaneWave(nnfield.Mode(1, 2)), nnfield.Dirac().Torus(8, 4).Wilson(1).PlaneWave(nnfield.Mode(1, 2)).Network()},
		"mass wall": {nnfield.Dirac().Line(40, 10, nnfield.Dirichlet, nnfield.Dirichlet).Wilson(1).MassProfile(nnfield.Profile("tanh(x-5)")).ScalarPotential(nnfield.Profile("x/10")).Packet(packet[1:]...), nnfield.Dirac().Line(40, 10, nnfield.Dirichlet, nnfield.Dirichlet).Wilson(1).MassProfile(nnfield.Profile("tanh(x-5)")).ScalarPotential(nnfield.Profile("x/10")).Packet(packet[1:]...).Network()},
		"Majorana":  {nnfield.Dirac().Ring(96, 12).Representation(nnfield.MajoranaMatrices).Packet(packet...), nnfield.Dirac().Ring(96, 12).Representation(nnfield.MajoranaMatrices).Packet(packet...).Network()},
	}
	for name, pair := range pairs {
		const step = 0.03
		theory := run(t, pair[0].Until(3).Step(step).Frames(nnfield.Count(5)))
		network := run(t, pair[1].Until(3).Step(step).Frames(nnfield.Count(5)))
		if network.Model.Theory() != "network" {
			t.Errorf("%s: a model of %s", name, network.Model.Theory())
		}
		for i := range theory.Len() {
			for k, a := range theory.State(i).Arrays {
				if b := network.State(i).Arrays[k]; !slices.Equal(a, b) && name != "Majorana" {
					t.Errorf("%s: frame %d, array %d differs, %v and %v", name, i, k, a[1], b[1])
				} else if name == "Majorana" {
					for j := range a {
						if math.Abs(a[j]-b[j]) > 1e-13 { // its generator is sparse here, which adds in another order
							t.Fatalf("%s: %v and %v", name, a[j], b[j])
						}
					}
				}
			}
		}
	}
	// The default step is the theory's, too.
	a, _, _ := kg.Until(7).Steps()
	b, _, _ := byHand.Until(7).Steps()
	if a != b {
		t.Errorf("the default steps are %v and %v", a, b)
	}
}

// Networks by whole steps: boundary, activation, learning, of weights too.
func TestNetworkByWholeSteps(t *testing.T) {
	net := nnfield.Network().Neurons(40).Weights(septuple.Random(3, 0.9)).Activation("tanh").Noise(1, 5)
	r := run(t, net.Steps(50))
	if r.Step != 1 || r.Stop.Step != 50 || r.Len() != 51 {
		t.Fatalf("%v", r)
	}
	rms := func(i int) float64 {
		x := r.State(i).Arrays[0]
		return math.Sqrt(simpleDot(x, x))
	}
	if !(rms(50) < 0.2*rms(0)) {
		t.Errorf("a contraction took |x| from %v to %v", rms(0), rms(50))
	}
	// The bulk loss makes the weights predict: it falls, and the weights are in the state.
	learning := net.Loss(septuple.Bulk()).Rate(0.05).WeightRate(0.01)
	l := run(t, learning.Steps(200))
	first, last := l.State(0).Arrays, l.State(l.Len()-1).Arrays
	if len(first) != 3 || len(first[2]) != 1600 || slices.Equal(first[2], last[2]) {
		t.Errorf("the weights did not learn: %d arrays", len(first))
	}
	for name, s := range map[string]nnfield.Simulation{
		"Step(0.5): the network moves by whole steps of 1":     net.Steps(5).Step(0.5),
		"Integrator(\"leapfrog\"): the network moves by whole": net.Steps(5).Integrator("leapfrog"),
		"Steps(3): the network is a field and takes any step":  nnfield.KleinGordon().Ring(8, 2).Network().Steps(3),
		"a loss, but no rate to learn by; give Rate(0.01)":     net.Loss(septuple.Bulk()).Steps(5),
		"Neurons(1): it must be at least 2":                    nnfield.Network().Neurons(1).Steps(2),
		"no neurons; say where they sit":                       nnfield.Network().Steps(2),
		"the weights are 1, of which no entry can learn":       nnfield.Network().Neurons(4).Loss(septuple.Bulk()).Rate(1).WeightRate(1).Steps(2),
		"a Laplacian":              nnfield.Network().Neurons(4).Weights(septuple.Laplacian(nnfield.Order2)).Steps(2),
		"12 numbers for 4 neurons": nnfield.Network().Neurons(4).Weights(septuple.Dense(make([]float64, 12)...)).Steps(2),
		"neither one of identity, relu, sigmoid, sine, tanh nor a formula of z": nnfield.Network().Neurons(4).Activation("tahn").Steps(2),
	} {
		if _, err := s.Run(context.Background()); err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(strings.TrimPrefix(name, "a "))) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A changed weight changes the run, and the Spec holds the change.
func TestOneWeightChanged(t *testing.T) {
	kg := nnfield.KleinGordon().Ring(96, 12).Packet(nnfield.At(6), nnfield.Width(1), nnfield.WaveNumber(1.5))
	same, changed := run(t, kg.Network().Until(2)), run(t, kg.Network().Change(20, 70, 0.05).Until(2))
	if changed.Model.Fields()[0].Name != "x" || same.Model.Fields()[0].Name != "phi" {
		t.Errorf("fields %v and %v", same.Model.Fields(), changed.Model.Fields())
	}
	// Until the packet comes to neuron 70 at x = 8.75 the field is what it was, up to the
	// first order of the bare step.
	i := slices.IndexFunc(changed.Times(), func(t float64) bool { return t > 0.5 })
	x, phi := changed.State(i).Arrays[0], same.State(slices.IndexFunc(same.Times(), func(t float64) bool { return t > 0.5 })).Arrays[0]
	for k := range x {
		if k > 30 && k < 66 && math.Abs(x[k]-phi[k]) > 0.15 {
			t.Errorf("neuron %d is at %v, the field at %v", k, x[k], phi[k])
		}
	}
	at := changed.State(changed.Len() - 1).Arrays[0][20]
	if before := same.State(same.Len() - 1).Arrays[0][20]; at == before {
		t.Errorf("neuron 20 is at %v with and without the weight", at)
	}
	arrays := simulate.NewArrays()
	spec, err := kg.Network().Change(20, 70, 0.05).Until(2).Spec(arrays)
	if err != nil || !strings.Contains(string(spec), `"kind":"changed"`) {
		t.Errorf("%s, %v", spec, err)
	}
}

// ownNetworks has one of everything that a network of one's own can be, trainings and crowds.
func ownNetworks(t *testing.T) map[string]nnfield.Builder {
	t.Helper()
	out := map[string]nnfield.Builder{}
	for _, name := range []string{"network", "training", "learners", "nelson-learners"} {
		table, ok := all.Find(name)
		if !ok {
			t.Fatalf("no %s in the table", name)
		}
		for i, b := range table.Examples() {
			out[fmt.Sprintf("%s %d", name, i)] = b
		}
	}
	eye := nnfield.Network().Neurons(20)
	out["permutation"] = nnfield.Network().Neurons(3).Weights(septuple.Permutation(1, 2, 0)).Values([]float64{1, 2, 3}, make([]float64, 3))
	out["noise"] = eye.Weights(septuple.Random(2, 0.5).Symmetric()).Activation("sine").Loss(septuple.Bulk()).Rate(0.01).
		Boundary(septuple.Noise([]int{3, 4}, 0.5, 9), septuple.Clamp([]int{7}, "sin(t)"))
	out["predicts its data"] = eye.Weights(septuple.RandomSparse(5, 1, 0.3)).Activation("sigmoid").Loss(septuple.Boundary()).Rate(0.02).WeightRate(0.1).
		Boundary(septuple.Data([]int{0}, [][]float64{{0.1}, {0.9}}, 1))
	out["dense weights that learn"] = nnfield.Network().Ring(12, 6).Weights(septuple.Random(1, 0.3)).Loss(septuple.Bulk(), septuple.Dual(septuple.Identity().Times(0.1))).WeightRate(0.05).Noise(1, 1)
	out["two maps"] = nnfield.Network().Neurons(10).Types("fast", "slow").Activations(septuple.ActivationOf("tanh"), septuple.ActivationOf("a*z", septuple.Params{"a": 0.5})).
		Weights(septuple.Random(8, 0.9)).Noise(1, 3)
	out["biases of their own"] = nnfield.Network().Ring(16, 8).Loss(septuple.Dual(septuple.Identity()), septuple.DualBiases(septuple.Diagonal(slices.Repeat([]float64{0.1}, 16)...))).Rate(0.01).Start("sin(x)", "")
	return out
}

// A network's Spec says everything, its run can be stopped and resumed anywhere, and its
// report is green.
func TestOwnNetworks(t *testing.T) {
	for name, b := range ownNetworks(t) {
		m, err := b.Build()
		if err != nil {
			t.Fatal(name, err)
		}
		until := 40 / m.MaxFrequency(nil)
		s := simulate.New(b, until).Frames(nnfield.Every(3)).Observe(observe.Amplitude(), nnfield.Every(2))
		if learns := s.Observe(observe.Loss(), nnfield.Every(2)); learns.Check() == nil {
			s = learns
		}
		arrays := simulate.NewArrays()
		spec, err := s.Spec(arrays)
		if err != nil {
			t.Fatal(name, err)
		}
		again, err := all.Decode(spec, arrays)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, spec)
		}
		if back, err := again.Spec(simulate.NewArrays()); err != nil || string(back) != string(spec) {
			t.Errorf("%s: the Spec changed\n%s\n%s, %v", name, spec, back, err)
		}
		whole, parts := &tape{}, &tape{}
		j, err := s.Prepare()
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := j.Run(t.Context(), simulate.Into(whole)); err != nil {
			t.Fatal(name, err)
		}
		_, steps := j.Steps()
		stop := errors.New("stop here")
		from := []simulate.RunOption{simulate.Into(parts)}
		for _, at := range []int{steps / 3, 2*steps/3 + 1} {
			var kept simulate.Checkpoint
			k, err := again.Prepare()
			if err != nil {
				t.Fatal(name, err)
			}
			_, err = k.Run(t.Context(), append(from, simulate.OnCheckpoint(0, func(c simulate.Checkpoint) error {
				if c.State.Step < at {
					return nil
				}
				kept.State, kept.Warnings = c.State.Clone(), slices.Clone(c.Warnings)
				return stop
			}))...)
			if !errors.Is(err, stop) {
				t.Fatalf("%s: stopped with %v", name, err)
			}
			from = []simulate.RunOption{simulate.Into(parts), simulate.ResumeFrom(kept)}
		}
		k, _ := again.Prepare()
		if _, err := k.Run(t.Context(), from...); err != nil {
			t.Fatal(name, err)
		}
		if !slices.Equal(whole.bits, parts.bits) {
			t.Errorf("%s: a run that was stopped twice has other bits", name)
		}
		if r := verify.Model(b); !r.Passed() {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// Large networks have the same bits on any number of goroutines, and a step of theirs
// allocates nothing.
func TestOwnNetworksInParallel(t *testing.T) {
	kg := nnfield.KleinGordon().Torus(160, 40).Packet(nnfield.Width(3))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, s := range map[string]nnfield.Simulation{
		"changed bonds": nnfield.Network().Torus(160, 40).Loss(septuple.Dual(septuple.Laplacian(nnfield.Order2).Times(-1).Plus(septuple.Identity()).
			WithAll([]int{7, 20000}, []int{20000, 7}, []float64{-1, -1}))).Start("exp(-(x-20)*(x-20))", "").Until(2),
		"changed weight": kg.Network().Change(3, 9000, 0.2).Steps(10),
		"dense":          nnfield.Network().Neurons(1200).Weights(septuple.Random(1, 0.9)).Activation("tanh").Loss(septuple.Bulk()).Rate(0.01).WeightRate(0.01).Noise(1, 2).Steps(5),
	} {
		var first *nnfield.Run
		for _, workers := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(workers)
			r := run(t, s.Frames(nnfield.Count(2)))
			if first == nil {
				first = r
			} else if !slices.EqualFunc(r.Last.Arrays, first.Last.Arrays, slices.Equal) {
				t.Errorf("%s: other bits on %d goroutines", name, workers)
			}
		}
	}
}
