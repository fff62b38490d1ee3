// Package gallery makes one of each figure of package plotting from small real
// runs, by name: the documentation, the gallery notebook and the golden images
// show the same list.
package gallery

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/convergence"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/septuple"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/weights"
	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/colormap"
)

// Entry is a figure of the gallery.
type Entry struct {
	Name  string // unique, fit for a file name
	Shows string // what it is for, one line
	// Make makes the figure. Runs are shared between entries and made once.
	Make func() plotting.Figure
}

// Entries returns the gallery, in the order to be read.
func Entries() []Entry {
	return []Entry{
		{"spacetime", "a field over x and t", func() plotting.Figure { return of(packet, plotting.Spacetime) }},
		{"spacetime-log", "weak and strong parts in one picture", func() plotting.Figure {
			return of(packet, func(r *simulate.Run) plotting.Figure { return plotting.SpacetimeLog(r, 4) })
		}},
		{"snapshots", "a field at several times", func() plotting.Figure {
			return of(packet, func(r *simulate.Run) plotting.Figure { return plotting.Snapshots(r, 4) })
		}},
		{"frame-line", "one frame on a ring", func() plotting.Figure { return of(packet, last) }},
		{"frame-plane", "one frame in the plane", func() plotting.Figure { return of(plane, last) }},
		{"frame-cube", "one frame in space, as three slices", func() plotting.Figure { return of(cube, last) }},
		{"multiples", "small pictures over time", func() plotting.Figure {
			return of(plane, func(r *simulate.Run) plotting.Figure { return plotting.Snapshots(r, 6) })
		}},
		{"energy", "what is conserved, and its drift", func() plotting.Figure { return of(packet, plotting.Energy) }},
		{"observable", "what was observed, such as the loss of a network that learns", func() plotting.Figure {
			return of(learned, func(r *simulate.Run) plotting.Figure { return plotting.Observable(r, "loss") })
		}},
		{"wave", "a complex field over x and t", func() plotting.Figure {
			return of(spinor, func(r *simulate.Run) plotting.Figure { return plotting.Wave(r, 0) })
		}},
		{"wave-plane", "a complex field in the plane", func() plotting.Figure {
			return of(spinorPlane, func(r *simulate.Run) plotting.Figure { return plotting.Wave(r, 0) })
		}},
		{"spinor", "the components of a spinor", func() plotting.Figure {
			return of(spinor, func(r *simulate.Run) plotting.Figure { return plotting.Spinor(r, -1) })
		}},
		{"spinor-plane", "the components of a spinor in the plane", func() plotting.Figure {
			return of(spinorPlane, func(r *simulate.Run) plotting.Figure { return plotting.Spinor(r, -1) })
		}},
		{"charge", "charge density over x and t", func() plotting.Figure {
			return of(spinor, func(r *simulate.Run) plotting.Figure { return plotting.Charge(r, -1) })
		}},
		{"current", "charge density and current arrows", func() plotting.Figure {
			return of(spinorPlane, func(r *simulate.Run) plotting.Figure { return plotting.Charge(r, -1) })
		}},
		{"gauge-field", "the gauge field of a run: its links and the flux through plaquettes", func() plotting.Figure {
			return of(photons, func(r *simulate.Run) plotting.Figure { return plotting.Links(r, -1) })
		}},
		{"power", "the power spectrum of frames", func() plotting.Figure {
			return of(packet, func(r *simulate.Run) plotting.Figure { return plotting.Power(r) })
		}},
		{"frequencies", "power over k and ω, with the branch of the theory", func() plotting.Figure { return of(thermal, plotting.Frequencies) }},
		{"dispersion", "measured frequencies, the dispersion relation and the error", func() plotting.Figure { return of(thermal, plotting.Dispersion) }},
		{"convergence", "errors against ε with the observed order", orderOfConvergence},
		{"histogram", "samples against a density", histogram},
		{"orbits", "phase portrait of a site", func() plotting.Figure {
			return of(breather, func(r *simulate.Run) plotting.Figure { return plotting.Orbits(r, 20) })
		}},
		{"weights", "the weights of the network of a model", func() plotting.Figure {
			return plotting.Weights(nnfield.KleinGordon().Ring(48, 12).Mass(1))
		}},
		{"tensor", "a weight tensor: parts, spectrum, singular values", tensor},
		{"stencil", "a stencil as a signed kernel", stencil},
		{"stencil-line", "a stencil of one dimension", stencilLine},
		{"graph", "a small network", graph},
		{"network", "the network of a small model", func() plotting.Figure { return plotting.Network(nnfield.KleinGordon().Ring(10, 5).Mass(1)) }},
		{"links", "link phases and plaquettes", links},
		{"metric", "the components of a metric", metric},
		{"learning", "loss curves with their spread", learning},
		{"compare", "two runs and their difference", compare},
		{"grid", "figures composed, with panel letters", func() plotting.Figure {
			return of(packet, func(r *simulate.Run) plotting.Figure {
				return plotting.Grid(2, plotting.Spacetime(r), plotting.Energy(r), plotting.Frame(r, 0), plotting.Power(r))
			})
		}},
		{"grid-shared", "figures composed with shared axes", func() plotting.Figure {
			return of(packet, func(r *simulate.Run) plotting.Figure {
				return plotting.Grid(2, plotting.Frame(r, 0), plotting.Frame(r, 20), plotting.Frame(r, 40), plotting.Frame(r, -1)).ShareAxes()
			})
		}},
		{"dark", "the dark theme", func() plotting.Figure {
			return of(packet, func(r *simulate.Run) plotting.Figure { return plotting.Snapshots(r, 7).Theme(plotting.Dark) })
		}},
		{"print", "the theme for paper", func() plotting.Figure { return learning().Theme(plotting.Print) }},
		{"symbols", "signs of physics that fonts lack", symbols},
	}
}

// Figure returns a figure by its name, or one with an error that says there is
// none.
func Figure(name string) plotting.Figure {
	for _, e := range Entries() {
		if e.Name == name {
			return e.Make()
		}
	}
	return plotting.Failed(fmt.Errorf("gallery: there is no figure %q; Entries lists them", name))
}

// of makes a figure of a run.
func of(run func() (*simulate.Run, error), figure func(*simulate.Run) plotting.Figure) plotting.Figure {
	r, err := run()
	if err != nil {
		return plotting.Failed(err)
	}
	return figure(r)
}

func last(r *simulate.Run) plotting.Figure { return plotting.Frame(r, -1) }

// once runs a simulation the first time it is wanted.
func once(s func() nnfield.Simulation) func() (*simulate.Run, error) {
	return sync.OnceValues(func() (*simulate.Run, error) { return s().Run(context.Background()) })
}

var (
	packet = once(func() nnfield.Simulation {
		return nnfield.KleinGordon().Ring(256, 40).Mass(1).
			Packet(nnfield.At(10), nnfield.Width(1.5), nnfield.WaveNumber(2)).Until(30).Frames(nnfield.Count(121))
	})
	thermal = once(func() nnfield.Simulation {
		return nnfield.KleinGordon().Ring(64, 16).Mass(1).
			Thermal(nnfield.Temperature(1), nnfield.Seed(1)).Until(40).Frames(nnfield.Every(2))
	})
	breather = once(func() nnfield.Simulation {
		return nnfield.KleinGordon().Ring(128, 40).Mass(0).Potential(nnfield.SineGordon()).
			Breather(nnfield.At(20), nnfield.Frequency(0.6)).Until(10.4).Frames(nnfield.Count(160))
	})
	learned = once(func() nnfield.Simulation {
		return nnfield.Network().Neurons(40).Weights(septuple.Random(1, 0.9)).Activation("tanh").Noise(1, 2).
			Loss(septuple.Bulk()).Rate(0.05).WeightRate(0.02).Boundary(septuple.Data([]int{0, 1}, [][]float64{{1, -1}, {-1, 1}}, 3)).
			Steps(120).Observe(observe.Loss(), nnfield.Every(1))
	})
	photons = once(func() nnfield.Simulation {
		return nnfield.Maxwell().Torus(12, 6).LinkWave(nnfield.Mode(1, 1), nnfield.Polarisation(1, -1), nnfield.Amplitude(3)).Until(2).Frames(nnfield.Count(3))
	})
	plane = once(func() nnfield.Simulation {
		return nnfield.KleinGordon().Lattice(nnfield.Ring(64, 16), nnfield.Ring(48, 12)).Mass(1).
			Packet(nnfield.At(5, 4), nnfield.Width(1), nnfield.WaveNumber(2, 1)).Until(5).Frames(nnfield.Count(6))
	})
	cube = once(func() nnfield.Simulation {
		return nnfield.KleinGordon().Lattice(nnfield.Ring(24, 12), nnfield.Ring(24, 12), nnfield.Ring(24, 12)).Mass(1).
			Packet(nnfield.At(5, 6, 4), nnfield.Width(1.2), nnfield.WaveNumber(2, 0, 0)).Until(1).Frames(nnfield.Count(2))
	})
	spinor = once(func() nnfield.Simulation {
		return nnfield.Dirac().Ring(128, 20).Mass(1).
			Packet(nnfield.At(6), nnfield.Width(1.2), nnfield.WaveNumber(2)).Until(12).Frames(nnfield.Count(121))
	})
	spinorPlane = once(func() nnfield.Simulation {
		return nnfield.Dirac().Lattice(nnfield.Ring(48, 12), nnfield.Ring(48, 12)).Mass(1).
			Packet(nnfield.At(4, 4), nnfield.Width(1.2), nnfield.WaveNumber(2, 1)).Until(2.5).Frames(nnfield.Count(3))
	})
)

func axis(n int, lo, hi float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + (hi-lo)*float64(i)/float64(max(n-1, 1))
	}
	return x
}

// orderOfConvergence measures leapfrog and a scheme of fourth order against a run of
// small step.
func orderOfConvergence() plotting.Figure {
	m := nnfield.KleinGordon().Ring(32, 8).Mass(1).PlaneWave(nnfield.Mode(2))
	end := func(scheme string, h float64) ([]float64, error) {
		r, err := m.Until(4).Integrator(scheme).Step(h).Frames(nnfield.Count(2)).Run(context.Background())
		if err != nil {
			return nil, err
		}
		return r.State(r.Len() - 1).Arrays[0], nil
	}
	exact, err := end("yoshida4", 1./512)
	if err != nil {
		return plotting.Failed(err)
	}
	var orders []convergence.Order
	for _, scheme := range []string{"leapfrog", "yoshida4"} {
		o, err := convergence.Measure(scheme, []float64{1. / 8, 1. / 16, 1. / 32, 1. / 64, 1. / 128}, func(h float64) (float64, error) {
			phi, err := end(scheme, h)
			worst := 0.0
			for i := range phi {
				worst = max(worst, math.Abs(phi[i]-exact[i]))
			}
			return worst, err
		})
		if err != nil {
			return plotting.Failed(err)
		}
		orders = append(orders, o)
	}
	return plotting.Orders(plotting.Labels{Title: "Klein-Gordon: error at t = 4", X: "ε", Y: "max |φ − φ_{ref}|", Caption: "32 sites, m = 1; reference: yoshida4 with ε = 1/512"}, orders...)
}

// histogram draws the momenta of a thermal state, which are Gaussian.
func histogram() plotting.Figure { return momenta(1) }

// momenta draws them with a Gaussian of their variance times a factor.
func momenta(factor float64) plotting.Figure {
	return of(thermal, func(r *simulate.Run) plotting.Figure {
		var beta []float64
		for i := range r.Len() {
			beta = append(beta, r.State(i).Arrays[1]...)
		}
		variance := 0.0
		for _, b := range beta {
			variance += factor * b * b / float64(len(beta))
		}
		return plotting.Histogram(plotting.Labels{Title: "Klein-Gordon: momenta of a thermal state", X: "β", Y: "density"}, beta,
			fmt.Sprintf("Gaussian, ⟨β²⟩ = %.3g", variance), func(x float64) float64 {
				return math.Exp(-x*x/(2*variance)) / math.Sqrt(2*math.Pi*variance)
			})
	})
}

// small is a network of two neuron types on a ring of six sites.
func small(n int) (weights.Tensor, error) {
	var entries []weights.Triplet
	add := func(i, j int, v float64) { entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: v}) }
	for i := range n {
		next := (i + 1) % n
		add(i, i, -2)
		add(i, next, 1)
		add(next, i, 1)
		add(i, n+i, 1)
		add(n+i, i, -1)
		add(n+i, n+next, 0.5)
	}
	return weights.NewCSR(2*n, entries)
}

func tensor() plotting.Figure { return tensorOf(asItIs) }

func asItIs(w weights.Tensor) weights.Tensor { return w }

func tensorOf(change func(weights.Tensor) weights.Tensor) plotting.Figure {
	w, err := small(24)
	if err != nil {
		return plotting.Failed(err)
	}
	return plotting.Tensor(plotting.Labels{Title: "weights", Caption: "2 neuron types on 24 sites"}, change(w), "φ", "β")
}

func graph() plotting.Figure { return graphOf(asItIs) }

func graphOf(change func(weights.Tensor) weights.Tensor) plotting.Figure {
	w, err := small(6)
	if err != nil {
		return plotting.Failed(err)
	}
	return plotting.Graph(plotting.Labels{Title: "a network of 12 neurons"}, change(w), "φ", "β")
}

func laplacian(order int, axes ...lattice.Axis) plotting.Figure {
	l, err := lattice.New(axes...)
	if err != nil {
		return plotting.Failed(err)
	}
	s, err := weights.Laplacian(l, order)
	if err != nil {
		return plotting.Failed(err)
	}
	return plotting.Stencil(plotting.Labels{Title: "∇² on the lattice", Caption: s.String()}, s)
}

func stencil() plotting.Figure {
	return laplacian(4, lattice.Ring(12, 6), lattice.Ring(12, 6))
}

func stencilLine() plotting.Figure { return laplacian(4, lattice.Ring(12, 6)) }

// links draws a magnetic field, constant but for a wave.
func links() plotting.Figure {
	f, alongX, alongY := flux()
	return plotting.Phases(linkLabels, f, alongX, alongY)
}

var linkLabels = plotting.Labels{Title: "links and plaquettes", X: "x", Y: "y", Caption: "one flux quantum through the lattice"}

func flux() (f plotting.Field, alongX, alongY []float64) {
	const n = 8
	flux := 2 * math.Pi / n
	f = plotting.Field{Symbol: "θ", X: axis(n, 0, n-1), Y: axis(n, 0, n-1), Space: true}
	for j := range n {
		for i := range n {
			alongX = append(alongX, 0.3*math.Sin(2*math.Pi*float64(j)/n))
			alongY = append(alongY, flux*float64(i))
		}
	}
	for j := range n {
		for i := range n {
			at := func(v []float64, i, j int) float64 { return v[j%n*n+i%n] }
			f.Values = append(f.Values, at(alongX, i, j)+at(alongY, i+1, j)-at(alongX, i, j+1)-at(alongY, i, j))
		}
	}
	return f, alongX, alongY
}

// metric draws a Schwarzschild-like metric in the plane.
func metric() plotting.Figure { return plotting.Symmetric(metricLabels, well()) }

var metricLabels = plotting.Labels{Title: "a metric in the plane", X: "x", Y: "y"}

func well() [][]plotting.Field {
	x := axis(60, -3, 3)
	component := func(name string, value func(x, y float64) float64) plotting.Field {
		f := plotting.Field{Symbol: name, X: x, Y: x, Space: true}
		for _, b := range x {
			for _, a := range x {
				f.Values = append(f.Values, value(a, b))
			}
		}
		return f
	}
	depth := func(x, y float64) float64 { return 0.8 / (1 + x*x + y*y) }
	return [][]plotting.Field{
		{component("g_{tt}", func(x, y float64) float64 { return -1 + depth(x, y) })},
		{component("g_{tx}", func(x, y float64) float64 { return 0.3 * y * depth(x, y) }), component("g_{xx}", func(x, y float64) float64 { return 1 + depth(x, y)*x*x })},
		{component("g_{ty}", func(x, y float64) float64 { return -0.3 * x * depth(x, y) }), component("g_{xy}", func(x, y float64) float64 { return depth(x, y) * x * y }), component("g_{yy}", func(x, y float64) float64 { return 1 + depth(x, y)*y*y })},
	}
}

// learning draws loss curves over the steps, with their spread over seeds.
func learning() plotting.Figure { return plotting.SemiLog(learningLabels, losses()...) }

var learningLabels = plotting.Labels{Title: "learning", X: "step", Y: "loss H", Caption: "median and quartiles over seeds"}

func losses() []plotting.Series {
	curve := func(name string, rate, floor, spread float64) plotting.Series {
		s := plotting.Series{Name: name, X: axis(201, 0, 1000)}
		for i, x := range s.X {
			y := math.Exp(-rate*x) + floor
			wobble := 1 + 0.08*math.Sin(0.9*float64(i))*math.Exp(-rate*x/3)
			s.Y = append(s.Y, y*wobble)
			s.Low, s.High = append(s.Low, y*wobble/spread), append(s.High, y*wobble*spread)
		}
		return s
	}
	return []plotting.Series{curve("dual loss", 0.01, 1e-3, 1.4), curve("bulk loss", 0.004, 2e-2, 1.25), curve("boundary loss", 0.002, 6e-2, 1.15)}
}

// compare draws two masses.
func compare() plotting.Figure {
	a, b, err := masses()
	if err != nil {
		return plotting.Failed(err)
	}
	return plotting.Compare(a, b)
}

func masses() (a, b *simulate.Run, err error) {
	run := func(mass float64) (*simulate.Run, error) {
		return nnfield.KleinGordon().Ring(128, 30).Mass(mass).
			Packet(nnfield.At(8), nnfield.Width(1.5), nnfield.WaveNumber(2)).Until(16).Step(0.05).Frames(nnfield.Count(65)).Run(context.Background())
	}
	if a, err = run(1); err != nil {
		return nil, nil, err
	}
	b, err = run(1.3)
	return a, b, err
}

// symbols draws signs in labels, and a map that is not the default.
func symbols() plotting.Figure { return titled("⟨ℋ⟩ ∝ ∇φ·∇φ, x ∈ ℝ²") }

func titled(title string) plotting.Figure {
	x := axis(40, 0, 1)
	var values []float64
	for _, y := range x {
		for _, x := range x {
			values = append(values, x*(1-x)*y*(1-y))
		}
	}
	return plotting.Image(plotting.Labels{Title: title, X: "x → ∞", Y: "ℏ∂_{t}ψ", Caption: "ℒ = ½∂φ∂φ, σ ⊗ τ, ∂ ≪ 1, ∥φ∥² ≃ 1"},
		plotting.Field{Symbol: "ℋ(x)", X: x, Y: x, Values: values, Colours: colormap.Cividis})
}
