package verify

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/duality"
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/internal/fft"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// curvedRows verifies a field in curved space-time: its claims, then those controls
// whose claim applies to it.
func curvedRows(m theory.Model) []Row {
	s := curved{field: field{model: m}}
	var ok bool
	if s.hamiltonian, ok = geometry.Hamiltonian(m); ok {
		s.metric, s.mass, ok = geometry.Of(m)
	}
	if !ok {
		return []Row{{
			Name: "parameters", Claim: "the metric of the model can be read",
			Measured: "the model was not built by geometry.KleinGordon", Status: Opaque,
		}}
	}
	var rows []Row
	general := []claim[field]{trueGradient, fieldOrder}
	if m.Lattice().Damping() == nil { // what a sponge took comes back with all its round-off
		general = append(general, undone)
	}
	for _, c := range general {
		rows = append(rows, c.row(s.field))
	}
	rows = append(rows, judged(s, curvedClaims(), curvedControls())...)
	return append(rows, carriedRows(s.field)...)
}

// curvedClaims are the claims of [G] §7 and of the emergent metric.
func curvedClaims() []claim[curved] {
	return []claim[curved]{rescaledDuality, gainedStep, keptInCurvedSpace, metricBack, fieldOfTheMetric}
}

// curvedControls change the variables, the network or what the judge is told.
func curvedControls() []control[curved] {
	changed := func(f func(*curved)) func(curved) curved {
		return func(s curved) curved { f(&s); return s }
	}
	return []control[curved]{
		{rescaledDuality, "raw pair", "(φ, β) themselves have no dual loss: [K, M] ≠ 0", changed(func(s *curved) { s.raw = true })},
		{metricBack, "without gains", "a network with the same K but M = 1 has another metric", changed(func(s *curved) { s.gainless = true })},
		{fieldOfTheMetric, "misled judge", "the judge is told a lapse that is larger by a tenth", changed(func(s *curved) { s.slow = 0.1 })},
	}
}

// curved is the subject of the claims. Controls change one of its fields.
type curved struct {
	field
	metric      geometry.SpaceTime
	mass        float64
	hamiltonian duality.Hamiltonian
	raw         bool    // duality is asked of φ and β themselves
	gainless    bool    // the network has M = 1
	slow        float64 // what is added to the lapse that the judge is told
}

// sameGain tells whether the gain is the same everywhere.
func (s curved) sameGain() bool {
	first, same := math.NaN(), true
	for i := range s.metric.Lapse {
		s.hamiltonian.M.Row(i, func(_ int, v float64) {
			if i == 0 {
				first = v
			}
			same = same && math.Abs(v-first) <= 1e-9*first
		})
	}
	return same
}

var rescaledDuality = claim[curved]{
	"dual loss", "φ/√M and √M β have a dual loss: Ãᵀ + √M K √M is symmetric",
	func(s curved) (finding, error) {
		if s.hamiltonian.A != nil {
			return notApplicable("the shift has an antisymmetric part, so there is none")
		}
		h, err := geometry.Rescaled(s.hamiltonian)
		if err != nil {
			return finding{}, err
		}
		if s.raw {
			if s.sameGain() {
				return notApplicable("M is the same everywhere")
			}
			h = s.hamiltonian
		}
		v, err := duality.Existence(h)
		if err != nil {
			return finding{}, err
		}
		return atMost(max(v.Defect, v.Stiffness), 1e-10, "")
	},
}

var gainedStep = claim[curved]{
	"network step", "the bare step of the network with the gains √M is the run, in every bit of φ",
	func(s curved) (finding, error) {
		n, none := s.network()
		if n == nil {
			return notApplicable(none)
		}
		step, steps := s.step(), s.steps(20)
		e, err := s.model.Evolve(step)
		if err != nil {
			return finding{}, err
		}
		start := s.model.Initial()
		net := start.Clone()
		e.Load(net, start)
		x := &network.State{X: net.Arrays[0], B: net.Arrays[1]}
		for range steps {
			bareStep(n, x, step)
		}
		end, err := s.propagate("symplectic-euler", step, steps, start)
		if err != nil {
			return finding{}, err
		}
		different := 0
		for i, v := range end.Arrays[0] {
			if v != x.X[i] {
				different++
			}
		}
		return held(different == 0, fmt.Sprintf("%d of %d neurons differ after %d steps", different, len(x.X), steps), "0"), nil
	},
}

var keptInCurvedSpace = claim[curved]{
	"conserved", "what leapfrog itself conserves, the shadow energy and the momenta along which nothing changes, stays",
	func(s curved) (finding, error) {
		n := s.steps(200)
		r, err := simulate.New(s.model, float64(n)*s.step()).Step(s.step()).Frames(simulate.Count(5)).Run(context.Background())
		if err != nil {
			return finding{}, err
		}
		worst, exact := 0.0, 0
		for _, i := range r.Invariants {
			if i.Name != "energy" {
				worst = max(worst, i.Drift())
				exact++
			}
		}
		if exact == 0 {
			return notApplicable("nothing but the energy is conserved, if that is")
		}
		return atMost(worst, 1e-11, fmt.Sprintf(", worst of %d in %d steps", exact, n))
	},
}

var metricBack = claim[curved]{
	"metric", "the optical metric h_ij/N² read off the rows of MK is that of the model, within thrice the uncertainty it states, relative",
	func(s curved) (finding, error) {
		h := s.hamiltonian
		if s.gainless {
			if h.M = nil; s.sameGain() {
				return notApplicable("M is the same everywhere")
			}
		}
		l := s.metric.Lattice
		r, err := geometry.MetricOf(h, l)
		if err != nil {
			return notApplicable(err.Error())
		}
		optical, err := r.Optical()
		if err != nil {
			return finding{}, err
		}
		worst, stated, read := 0.0, 0.0, 0
		for i, lapse := range s.metric.Lapse {
			if math.IsNaN(optical[0][i]) || math.IsNaN(r.SpeedUncertainty[0][i]) {
				continue
			}
			read++
			scale := 0.0 // the largest distance that light sees
			for j := range l.Dim() {
				scale = max(scale, s.metric.Space[geometry.Component(l.Dim(), j, j)][i]/(lapse*lapse))
			}
			for c, v := range optical {
				want := 0.0
				if of := s.metric.Space[c]; of != nil {
					want = of[i] / (lapse * lapse)
				}
				worst = max(worst, math.Abs(v[i]-want)/scale)
				stated = max(stated, r.SpeedUncertainty[c][i]*scale)
			}
		}
		if read == 0 {
			return notApplicable("every neuron feels a wall")
		}
		bound := 3*stated + 1e-11
		return held(worst <= bound, fmt.Sprintf("%.2g, stated %.2g", worst, stated), fmt.Sprintf("≤ %.0e", bound)), nil
	},
}

var fieldOfTheMetric = claim[curved]{
	"continuum", "the distance to the field of the metric, by spectral collocation, falls at the order of the weights in a",
	func(s curved) (finding, error) {
		l := s.metric.Lattice
		if !l.Periodic() {
			return notApplicable("the judge is for rings")
		}
		if len(s.model.Invariants()) == 0 || s.model.Invariants()[0].Name != "energy" {
			return notApplicable("the metric changes with time")
		}
		// The judge has twice the sites, for products of the metric have shorter waves.
		const steps = 20
		if cost := float64(l.Sites()<<l.Dim()*2*slices.Max(l.Shape())*l.Dim()*l.Dim()) * 40 * steps; cost > 6e9 {
			return finding{status: Skipped, measured: fmt.Sprintf("%d sites are too many for collocation", l.Sites())}, nil
		}
		worlds, states := []geometry.SpaceTime{s.metric}, []*theory.State{s.model.Initial()}
		for i := range 2 {
			g, state, err := finer(worlds[i], states[i])
			if err != nil {
				return notApplicable(err.Error())
			}
			worlds, states = append(worlds, g), append(states, state)
		}
		t := steps * s.step()
		f, err := reference.NewCurvedField(worlds[1].Lattice, s.mass, told(worlds[1], s.slow), states[1].Arrays[0], states[1].Arrays[1])
		if err != nil {
			return finding{}, err
		}
		var exact [2][]float64
		exact[0], exact[1] = f.At(t)
		order := s.order()
		sizes := halved(l.Spacing(0))
		o, err := Convergence("continuum", sizes, func(a float64) (float64, error) {
			i := slices.Index(sizes, a)
			m, err := geometry.KleinGordon().SpaceTime(worlds[i]).Mass(s.mass).Order(order).Values(states[i].Arrays[0], states[i].Arrays[1]).Build()
			if err != nil {
				return 0, err
			}
			n := steps * (1 << i)
			scheme, err := simulate.FindIntegrator("yoshida4")
			if err != nil {
				return 0, err
			}
			end, err := simulate.Propagate(m, scheme, t/float64(n), n, states[i])
			if err != nil {
				return 0, err
			}
			worst := 0.0
			for k, of := range exact {
				off := 0.0
				for site := range l.Sites() {
					off = max(off, math.Abs(end.Arrays[k][onFiner(l, site, 1<<i)]-of[onFiner(l, site, 2)])) // keeps a NaN
				}
				worst = max(worst, off/extent(of))
			}
			return worst, nil
		})
		if err != nil {
			return finding{}, err
		}
		if last := len(o.Errors) - 1; o.Errors[last] < smooth { // short waves blur what is smaller
			o.Errors, o.Pairwise = o.Errors[:last], o.Pairwise[:last-1]
		}
		return ofOrder(o, order, fmt.Sprintf(" at t = %.2g", t))
	},
}

// order returns the order of the weights, 2 or 4: the only ones reach one site or
// more along an axis.
func (s curved) order() int {
	reach := 0
	l := s.metric.Lattice
	s.hamiltonian.K.Row(0, func(to int, v float64) {
		i := to / l.Stride(0) % l.Axis(0).Sites
		if v != 0 {
			reach = max(reach, min(i, l.Axis(0).Sites-i))
		}
	})
	if reach > 1 {
		return 4
	}
	return 2
}

// told returns a metric as the judge is told it, who asks for sites only; slow is
// added to the lapse, relative.
func told(g geometry.SpaceTime, slow float64) reference.CurvedMetric {
	d := g.Lattice.Dim()
	return func(x []float64) (lapse float64, space [3][3]float64, shift [3]float64) {
		site := 0
		for j, v := range x {
			site += int(math.Round(v/g.Lattice.Spacing(j))) * g.Lattice.Stride(j)
		}
		for i := range d {
			for j := range d {
				if v := g.Space[geometry.Component(d, i, j)]; v != nil {
					space[i][j] = v[site]
				}
			}
			if g.Shift != nil && g.Shift[i] != nil {
				shift[i] = g.Shift[i][site]
			}
		}
		return g.Lapse[site] * (1 + slow), space, shift
	}
}

// onFiner returns the site of a lattice with factor times as many on each axis at
// the place of a site.
func onFiner(l lattice.Lattice, site, factor int) int {
	fine, stride := 0, 1
	for j := l.Dim() - 1; j >= 0; j-- {
		n := l.Axis(j).Sites
		fine += site / l.Stride(j) % n * factor * stride
		stride *= n * factor
	}
	return fine
}

// finer returns a metric and a state on a periodic lattice with half the spacings,
// by trigonometric interpolation. It fails if they are not smooth on their own.
func finer(g geometry.SpaceTime, from *theory.State) (geometry.SpaceTime, *theory.State, error) {
	var axes []lattice.Axis
	for _, a := range g.Lattice.Axes() {
		axes = append(axes, lattice.Ring(2*a.Sites, a.Length))
	}
	l, err := lattice.New(axes...)
	if err != nil {
		return g, nil, err
	}
	var rough []error
	double := func(what string, v []float64) []float64 {
		if v == nil {
			return nil
		}
		fine, err := interpolated(g.Lattice, l, v)
		if err != nil {
			rough = append(rough, fmt.Errorf("%s %w", what, err))
		}
		return fine
	}
	out := geometry.SpaceTime{Lattice: l, Lapse: double("the lapse", g.Lapse)}
	for _, v := range g.Space {
		out.Space = append(out.Space, double("the metric of space", v))
	}
	for _, v := range g.Shift {
		out.Shift = append(out.Shift, double("the shift", v))
	}
	state := &theory.State{Arrays: [][]float64{double("the state", from.Arrays[0]), double("the state", from.Arrays[1])}}
	if len(rough) > 0 {
		return out, nil, rough[0]
	}
	return out, state, out.Validate()
}

// smooth is how much of a field may lie in a wave of the upper half.
const smooth = 1e-5

// interpolated returns the trigonometric interpolation of v on a lattice with twice
// as many sites on each axis.
func interpolated(coarse, fine lattice.Lattice, v []float64) ([]float64, error) {
	waves := make([]complex128, len(v))
	for i, x := range v {
		waves[i] = complex(x, 0)
	}
	fft.NewPlan(coarse.Shape()).Forward(waves)
	out := make([]complex128, fine.Sites())
	high, all := 0.0, 0.0
	at := make([]int, coarse.Dim())
	for i, c := range waves {
		coarse.Position(at, i)
		upper := false
		for j, k := range at {
			n := coarse.Axis(j).Sites
			if 2*k > n {
				at[j] += n
			}
			upper = upper || 4*min(k, n-k) >= n
		}
		size := math.Abs(real(c)) + math.Abs(imag(c))
		if all = max(all, size); upper {
			high = max(high, size)
		}
		out[fine.Index(at...)] = c
	}
	if high > smooth*all {
		return nil, fmt.Errorf("is not smooth on this lattice (%.0e of it in short waves), so that its continuum is unknown", high/all)
	}
	fft.NewPlan(fine.Shape()).Inverse(out)
	w := make([]float64, len(out))
	for i, c := range out {
		w[i] = real(c) * float64(len(out)) / float64(len(v))
	}
	return w, nil
}
