// Package all is the table of the theories: what each is called, where it comes from,
// how it is read from a Spec, and examples of it. The command line and the tests of
// what every theory must do loop over it; a notebook cell, which names its theory, does
// not need to link the others.
package all

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	"github.com/nnfield/nnfield/nnfield/geometry/strings"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/crowd"
	"github.com/nnfield/nnfield/nnfield/learning/training"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/septuple"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Theory is a line of the table.
type Theory struct {
	Name   string // in a Spec: the key "theory" of a model
	What   string // in words
	Source string // the paper and its section, as the README cites them
	Calls  string // the constructor of its builder, as it is typed in a cell

	// Decode reads a model from its Spec.
	Decode func(spec []byte, arrays theory.Arrays) (theory.Model, error)

	// Examples returns small models of it, one of each thing that it can be.
	Examples func() []theory.Builder
}

// String returns the line.
func (t Theory) String() string {
	return fmt.Sprintf("%s: %s (%s), %s", t.Name, t.What, t.Source, t.Calls)
}

// Theories are all theories that there are, in the order of the README.
var Theories = []Theory{
	{"network", "a network of one's own: any weights, bias tensor, activation, loss, data and rates, of which the waves below are special cases", "[F] §1-2", "nnfield.Network()",
		septuple.Decode, network},
	{"training", "a feed-forward or recurrent network that trains on data: SGD, momentum, RMSProp, Adam, AdaBelief, covariant descent", "[M] §2, [C]", "training.FeedForward(), Recurrent()",
		training.Decode, trainings},
	{"learners", "a crowd of stochastic learners with the drift of formulas: SGD's Fokker-Planck equation, any Langevin equation", "[M], [Q]", "crowd.Learners()",
		crowd.Decode, crowds},
	{"klein-gordon", "a scalar field: free, φ⁴, sine-Gordon, any V(φ); 1-, 2-, 3-D; rings, walls, sponges, driven ends", "[F] §3", "nnfield.KleinGordon()",
		theory.DecodeKleinGordon, kleinGordon},
	{"dirac", "a spinor in 1-, 2-, 3-D: real, Dirac, Weyl, Majorana and given matrices, Wilson term, mass walls, Klein steps", "[F] §4", "nnfield.Dirac()",
		theory.DecodeDirac, dirac},
	{"charged-scalar", "a charged scalar field in U(1) links, given or dynamical", "[F] §5", "nnfield.ChargedScalar()",
		theory.DecodeChargedScalar, chargedScalar},
	{"charged-dirac", "a charged Dirac field in U(1) links, given or dynamical", "[F] §5", "nnfield.ChargedDirac()",
		theory.DecodeChargedDirac, chargedDirac},
	{"maxwell", "the gauge field alone, with linear or compact plaquettes", "[F] §5", "nnfield.Maxwell()",
		theory.DecodeMaxwell, maxwell},
	{"schrodinger", "a wave function by unitary split steps; its network, of the values of q, is of order 2 beside it", "[G] §4, [Q]", "quantum.Schrodinger()",
		quantum.Decode, schrodinger},
	{"nelson-learners", "stochastic learners whose drift is read off ψ, and their control that descends V", "[Q]", "quantum.Schrodinger().Learners()",
		quantum.DecodeCrowd, nelson},
	{"madelung", "density and free energy of trainable variables as a fluid: the equations, which no network runs", "[G] §3, [Q]", "quantum.Madelung()",
		quantum.Decode, fluid(quantum.Madelung())},
	{"hamilton-jacobi", "the same without the quantum potential", "[G] §3", "quantum.HamiltonJacobi()",
		quantum.Decode, fluid(quantum.HamiltonJacobi())},
	{"curved-klein-gordon", "a scalar field in static and expanding space-time as weights", "[G] §7", "geometry.KleinGordon()",
		geometry.Decode, curved},
	{"string", "strings of permutation weights", "[W] §8", "strings.String()",
		strings.Decode, str},
	{"minisuperspace", "universes of a given action, learned at a fixed number of neurons", "[G] §8-9", "einstein.FRW(), KantowskiSachs()",
		einstein.Decode, universe},
}

// Find returns the theory of a name.
func Find(name string) (t Theory, ok bool) {
	for _, t := range Theories {
		if t.Name == name {
			return t, true
		}
	}
	return Theory{}, false
}

// Decode reads a simulation from its canonical JSON; see simulate.Simulation.Spec.
// Arrays that the Spec names are taken from arrays.
func Decode(spec []byte, arrays theory.Arrays) (simulate.Simulation, error) {
	models := map[string]func([]byte, theory.Arrays) (theory.Model, error){}
	for _, t := range Theories {
		models[t.Name] = t.Decode
	}
	return simulate.Registry{Models: models, Observers: observe.Observers()}.Decode(spec, arrays)
}

var packet = []nnfield.Option{nnfield.At(4), nnfield.Width(1), nnfield.WaveNumber(1.5)}

func network() []theory.Builder {
	k := septuple.Laplacian(nnfield.Order2).Times(-1).Plus(septuple.Identity())
	phi4 := septuple.OnSite(nnfield.Phi4(1, 1))
	return []theory.Builder{
		nnfield.Network().Ring(48, 12).Loss(septuple.Dual(k), phi4).Start("1 - exp(-(x-6)*(x-6))", ""),
		nnfield.KleinGordon().Ring(48, 12).Packet(packet...).Network().Change(5, 30, 0.1),
		nnfield.Dirac().Ring(48, 12).Representation(nnfield.MajoranaMatrices).Packet(packet...).Network(),
		nnfield.Network().Neurons(30).Weights(septuple.RandomSparse(1, 0.8, 0.2)).Activation("tanh").Noise(1, 2).
			Loss(septuple.Bulk()).Rate(0.05).WeightRate(0.02).Boundary(septuple.Data([]int{0, 1}, [][]float64{{1, 0}, {0, 1}}, 2)),
		nnfield.Network().Torus(6, 3).Types("u", "v").Bias(septuple.Kron([][]float64{{0, 1}, {1, 0}}, septuple.Identity())).
			Loss(septuple.OnBonds("(x-y)*(x-y)/2"), septuple.OnNeurons("g*x*x*x*x", nnfield.Params{"g": 0.2})).Noise(0.3, 7),
		nnfield.Network().Line(24, 12, nnfield.Neumann, nnfield.Neumann).Weights(septuple.Formula("exp(-r*r)/2")).
			Activation("z/(1+z*z)").Loss(septuple.OnNeurons("x*x/2 + b*b/8")).Rate(0.04).Decay(nnfield.Profile("x/50")).Start("sin(x)", "cos(x)"),
	}
}

func trainings() []theory.Builder {
	xor := learning.Data{Inputs: 2, Outputs: 1, X: []float64{0, 0, 0, 1, 1, 0, 1, 1}, Y: []float64{0, 1, 1, 0}}
	small := training.FeedForward(2, 4, 1).Data(xor).Batch(2)
	return []theory.Builder{
		small,
		small.Descent(training.Adam(0.05, 0.9, 0.99, 1e-6)).Sampling(learning.WithReplacement).Hidden("sigmoid"),
		small.Descent(training.AdaBelief(0.05, 0.9, 0.99, 1e-6)).Sampling(learning.WithoutReplacement).Hidden("z/(1+z*z)"),
		small.Descent(training.Momentum(0.05, 0.9)).Seed(18446744073709551615),
		training.Recurrent(2, 5, 1, 3).Data(xor).Batch(4).Descent(training.Covariant(0.05, 0, 0.9, 1, 0.1)).Bulk(),
	}
}

func crowds() []theory.Builder {
	return []theory.Builder{
		crowd.Learners(2000).Drift("q", "-k*q", crowd.Params{"k": 2}).Start("q", "2 + z/10").Diffusion(0.5).Step(0.02).Seed(3),
		crowd.Learners(300).Drift("q", "v").Drift("v", "-q - v/5 + cos(t)/3").Start("q", "u").Diffusion(0).Step(0.05),
	}
}

func kleinGordon() []theory.Builder {
	ring := nnfield.KleinGordon().Ring(48, 12)
	walls := nnfield.KleinGordon().Line(48, 24, nnfield.Neumann, nnfield.Neumann).Mass(0)
	return []theory.Builder{
		ring.Packet(packet...),
		ring.Laplacian(nnfield.Spectral).Thermal(nnfield.Temperature(0.5)),
		ring.Mass(0).Potential(nnfield.SineGordon()).Breather(nnfield.Frequency(0.5)),
		walls.Potential(nnfield.Phi4(1, 1)).Kink(nnfield.Velocity(0.4)),
		nnfield.KleinGordon().Line(48, 12, nnfield.Driven("sin(2*t)"), nnfield.Absorbing(4)),
		nnfield.KleinGordon().Torus(12, 6).Laplacian(nnfield.Order4).PlaneWave(nnfield.Mode(1, -2)),
		nnfield.KleinGordon().Cube(6, 3).StandingWave(nnfield.Mode(1, 0, 2)),
	}
}

func dirac() []theory.Builder {
	return []theory.Builder{
		nnfield.Dirac().Ring(48, 12).Packet(packet...),
		nnfield.Dirac().Torus(8, 4).Representation(nnfield.DiracMatrices).PlaneWave(nnfield.Mode(1, -2)),
		nnfield.Dirac().Line(40, 10, nnfield.Dirichlet, nnfield.Dirichlet).Wilson(1).
			MassProfile(nnfield.Profile("m*tanh(x-5)", nnfield.Params{"m": 2})).ScalarPotential(nnfield.Profile("x/10")).Packet(nnfield.Width(0.7)),
	}
}

func chargedScalar() []theory.Builder {
	return []theory.Builder{
		nnfield.ChargedScalar().Ring(48, 12).Background(nnfield.RingFlux(0.5)).Packet(packet...),
		nnfield.ChargedScalar().Torus(8, 4).Background(nnfield.MagneticFlux(3)).PlaneWave(nnfield.Mode(1, -2)),
		nnfield.ChargedScalar().Torus(8, 4).Dynamic(nnfield.Compact).PlaneWave(nnfield.Mode(1, 0)).LinkWave(nnfield.Mode(1, 0), nnfield.Polarisation(0, 1)),
	}
}

func chargedDirac() []theory.Builder {
	return []theory.Builder{
		nnfield.ChargedDirac().Ring(48, 12).Background(nnfield.ElectricField(0.3)).Packet(packet...),
		nnfield.ChargedDirac().Ring(48, 12).Dynamic(nnfield.NonCompact).PlaneWave(nnfield.Mode(2)),
	}
}

func maxwell() []theory.Builder {
	return []theory.Builder{
		nnfield.Maxwell().Torus(8, 4).LinkWave(nnfield.Mode(1, 2), nnfield.Polarisation(1, 0)),
		nnfield.Maxwell().Cube(4, 3).Action(nnfield.Compact).Charge(1.5).LinkWave(nnfield.Mode(1, 0, 2), nnfield.Polarisation(0, 1, 1)),
	}
}

const density, action = "(1 + 0.3*cos(2*pi*x/12))/12", "0.2*sin(2*pi*x/12)"

func schrodinger() []theory.Builder {
	ring := quantum.Schrodinger().Ring(48, 12)
	return []theory.Builder{
		ring.Packet(quantum.At(5), quantum.Width(1)),
		ring.Potential("1-cos(2*pi*x/12)").Fluid(density, action),
	}
}

func nelson() []theory.Builder {
	well := quantum.Schrodinger().Line(40, 12).Particle(1, 1).Potential("(x-6)*(x-6)/2").Coherent(quantum.Frequency(1), quantum.At(7))
	return []theory.Builder{well.Learners(3000).Step(0.02).Seed(2), well.Learners(200).Step(0.05).Descent()}
}

func fluid(b quantum.Builder) func() []theory.Builder {
	return func() []theory.Builder { return []theory.Builder{b.Ring(48, 12).Fluid(density, action)} }
}

func curved() []theory.Builder {
	ring := geometry.KleinGordon().Ring(48, 12)
	return []theory.Builder{
		ring.Lapse("1 + 0.2*cos(2*pi*x/12)").Packet(packet...),
		ring.ScaleFactor(geometry.CosmicTime, "1 + 0.1*t").PlaneWave(nnfield.Mode(2)),
	}
}

func str() []theory.Builder {
	return []theory.Builder{strings.String().Ring(24, 6.25).Right("cos(2*pi*x/6.25)", "sin(2*pi*x/6.25)").Left("cos(2*pi*x/6.25)", "sin(2*pi*x/6.25)")}
}

func universe() []theory.Builder {
	return []theory.Builder{
		einstein.FRW().Times(21, 1).From(1).To(2.5).Neurons(5),
		einstein.KantowskiSachs().Times(21, 1).From(0.4, 1.2).To(1.1, 1.6).Neurons(1.5),
	}
}
