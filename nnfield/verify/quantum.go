package verify

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// quantumRows verifies a theory of the trainable variables.
func quantumRows(m theory.Model) []Row {
	b, ok := quantum.BuilderOf(m)
	if !ok {
		return []Row{{
			Name: "parameters", Claim: "the problem of the model can be read",
			Measured: "the model was not built by package quantum", Status: Opaque,
		}}
	}
	return judged(learners{Builder: b}, quantumClaims(m.Theory()), quantumControls(m.Theory()))
}

// quantumClaims are the claims of [G] §3-4 about a theory.
func quantumClaims(name string) []claim[learners] {
	switch name {
	case "schrodinger":
		return []claim[learners]{unitary, schrodingersEquation, schrodingersNetwork, quantisedCirculation}
	case "madelung":
		return []claim[learners]{madelungIsSchrodinger}
	}
	return []claim[learners]{action, continuity}
}

// quantumControls change the step, the theory or what the judge is told.
func quantumControls(name string) []control[learners] {
	changed := func(f func(*learners)) func(learners) learners {
		return func(s learners) learners { f(&s); return s }
	}
	misled := changed(func(s *learners) { s.misled = 0.1 })
	switch name {
	case "schrodinger":
		return []control[learners]{
			{unitary, "explicit step", "a step is ψ + ε∂ψ/∂t", changed(func(s *learners) { s.explicit = true })},
			{schrodingersEquation, "misled judge", "the judge is told an ħ that is larger by a tenth", misled},
			{schrodingersNetwork, "started in step", "without half a learning step before and after, the network is of order 1", changed(func(s *learners) { s.bare = true })},
			{quantisedCirculation, "local system", "the Madelung equations for p and u, which hold for any circulation", changed(func(s *learners) { s.Builder = s.As(quantum.Madelung()) })},
		}
	case "madelung":
		return []control[learners]{
			{madelungIsSchrodinger, "misled judge", "the judge is told an ħ that is larger by a tenth", misled},
		}
	}
	return []control[learners]{
		{action, "misled judge", "the judge is told a mass that is larger by a tenth", misled},
		{continuity, "density left behind", "the density is that of the start", changed(func(s *learners) { s.behind = true })},
	}
}

// learners is the subject of the claims: a problem and its theory. Controls change
// one of the fields.
type learners struct {
	quantum.Builder
	explicit bool    // steps are explicit
	misled   float64 // by which part a constant that the judge is told is too large
	behind   bool    // the density does not follow the learners
	bare     bool    // the network starts and stops without half a learning step
}

// on returns the model on as many sites as f says of each axis, with the same ranges of
// the variables, and its problem.
func (s learners) on(f func(lattice.Axis) int) (theory.Model, quantum.Problem, error) {
	m, err := s.Build()
	if err != nil {
		return nil, quantum.Problem{}, err
	}
	axes := m.Lattice().Axes()
	for j, a := range axes {
		axes[j].Sites = f(a)
	}
	if m, err = s.Lattice(axes...).Build(); err != nil {
		return nil, quantum.Problem{}, err
	}
	p, _ := quantum.Of(m)
	return m, p, nil
}

// within returns the problem on at most as many sites, and a note if they are fewer
// than they were.
func (s learners) within(sites int) (learners, string, error) {
	m, err := s.Build()
	if err != nil || m.Lattice().Sites() <= sites {
		return s, "", err
	}
	l := m.Lattice()
	part := math.Pow(float64(sites)/float64(l.Sites()), 1/float64(l.Dim()))
	if m, _, err = s.on(func(a lattice.Axis) int { return int(part * float64(a.Sites)) }); err != nil {
		return s, "", err
	}
	s.Builder, _ = quantum.BuilderOf(m)
	return s, fmt.Sprintf(" on %d sites", m.Lattice().Sites()), nil
}

// divided returns the sites of an axis whose spacing is divided by k.
func divided(k int) func(lattice.Axis) int {
	return func(a lattice.Axis) int { return a.Sites + int(math.Round(float64(k-1)*a.Length/a.Spacing())) }
}

// refined returns the order at which the error that f returns falls when what it is
// due to is divided by k = 1, 2 and 4. What is exact has no order.
func refined(note string, f func(k int) (float64, error)) (finding, error) {
	o, err := Convergence("1/k", []float64{4, 2, 1}, func(h float64) (float64, error) { return f(4 / int(h)) })
	if err != nil {
		return finding{}, err
	}
	if o.Errors[0] < 1e-11 {
		return held(true, fmt.Sprintf("%.2g%s", o.Errors[0], note), "order 2 or exact"), nil
	}
	return ofOrder(o, 2, note)
}

// finer refines the lattice, from at most as many sites on. For each lattice f returns
// its error and whether anything has moved in the time t, which is n times that in which
// the fastest wave of the first lattice turns by one.
func (s learners) finer(sites int, n float64, f func(m theory.Model, p quantum.Problem, t float64, k int) (e float64, moves bool, err error)) (finding, error) {
	s, note, err := s.within(sites)
	if err == nil {
		_, _, err = s.on(divided(4))
	}
	if err != nil {
		return finding{status: Skipped, measured: "the problem cannot be put on other lattices: " + err.Error()}, nil
	}
	m, err := s.Build()
	if err != nil {
		return finding{}, err
	}
	t, anything := n*field{model: m}.step(), false
	if math.IsInf(t, 1) {
		return notApplicable(still)
	}
	found, err := refined(note, func(k int) (float64, error) {
		m, p, err := s.on(divided(k))
		if err != nil {
			return 0, err
		}
		e, moves, err := f(m, p, t, k)
		anything = anything || moves
		return e, err
	})
	if err == nil && !anything {
		return notApplicable(still)
	}
	return found, err
}

// propagated returns the state after the time t in n steps.
func propagated(m theory.Model, integrator string, t float64, n int) (*theory.State, error) {
	return field{model: m}.propagate(integrator, t/float64(n), n, m.Initial())
}

// psi returns ψ of a state of Schrödinger's theory.
func psi(s *theory.State) []complex128 {
	x := s.Arrays[0]
	c := make([]complex128, len(x)/2)
	for i := range c {
		c[i] = complex(x[i], x[len(c)+i])
	}
	return c
}

// apart returns the largest |a − b| relative to the largest |b|.
func apart(a, b []complex128) float64 {
	worst, size := 0.0, 0.0
	for i, z := range b {
		worst, size = max(worst, cmplx.Abs(a[i]-z)), max(size, cmplx.Abs(z))
	}
	return worst / size
}

// still is what is found of learners that do not move.
const still = "nothing moves"

var unitary = claim[learners]{
	"norm", "the learners are as many as they were: ∫|ψ|² = 1 after each step",
	func(s learners) (finding, error) {
		m, err := s.Build()
		if err != nil {
			return finding{}, err
		}
		f := field{model: m}
		e, err := m.Evolve(f.step())
		if err != nil {
			return finding{}, err
		}
		state, flow := m.Initial(), m.Initial()
		worst, n := 0.0, f.steps(100)
		for range n {
			if s.explicit {
				clear(flow.Arrays[0])
				if err := e.AddFlow(flow, 1, state); err != nil {
					return finding{}, err
				}
				if largest(flow.Arrays[0]) == 0 {
					return notApplicable(still)
				}
				for i, d := range flow.Arrays[0] {
					state.Arrays[0][i] += d
				}
			} else {
				e.Kick(state, 0.5)
				e.Drift(state, 1)
				e.Kick(state, 0.5)
			}
			norm := 0.0
			for _, x := range state.Arrays[0] {
				norm += x * x
			}
			worst = max(worst, math.Abs(norm*m.Lattice().CellVolume()-1))
		}
		return atMost(worst, 1e-12, fmt.Sprintf(", worst of %d steps", n))
	},
}

var schrodingersEquation = claim[learners]{
	"Schrödinger", "ψ is e^{−iHt/ħ}ψ, by a dense exponential: to order 2 of the step, exactly for V = 0",
	func(s learners) (finding, error) {
		s, note, err := s.within(reference.MaxDense)
		if err != nil {
			return finding{status: Skipped, measured: "too many sites for a dense matrix: " + err.Error()}, nil
		}
		m, err := s.Build()
		if err != nil {
			return finding{}, err
		}
		p, _ := quantum.Of(m)
		h := hamiltonian(m.Lattice(), p, p.Learning.Hbar()*(1+s.misled))
		const n = 16
		sites, start := m.Lattice().Sites(), m.Initial()
		t := n * 0.5 * field{model: m}.step()
		re, im, err := reference.Unitary(h, start.Arrays[0][:sites], start.Arrays[0][sites:], t)
		if err != nil {
			return finding{}, err
		}
		exact := psi(&theory.State{Arrays: [][]float64{append(re, im...)}})
		if apart(psi(start), exact) < 1e-9 {
			return notApplicable(still)
		}
		return refined(fmt.Sprintf(" after %d steps%s", n, note), func(k int) (float64, error) {
			end, err := propagated(m, "leapfrog", t, k*n)
			if err != nil {
				return 0, err
			}
			return apart(psi(end), exact), nil
		})
	},
}

var schrodingersNetwork = claim[learners]{
	"network", "the network with x = Re ψ and b = ε Im ψ, stepped by itself, approaches the split step as ε²",
	func(s learners) (finding, error) {
		s, note, err := s.within(4096)
		if err != nil {
			return finding{status: Skipped, measured: "too many sites: " + err.Error()}, nil
		}
		m, err := s.Build()
		if err != nil {
			return finding{}, err
		}
		const n = 32
		sites, start := m.Lattice().Sites(), m.Initial()
		step := field{model: m}.step()
		exact, err := propagated(m, "yoshida6", n*step, 16*n)
		if err != nil {
			return finding{}, err
		}
		if apart(psi(start), psi(exact)) < 1e-9 {
			return notApplicable(still)
		}
		return refined(fmt.Sprintf(" after %d steps%s", n, note), func(k int) (float64, error) {
			h := step / float64(k)
			net, err := m.Network(h)
			if err != nil {
				return 0, err
			}
			re, im := start.Arrays[0][:sites], start.Arrays[0][sites:]
			x := &network.State{X: slices.Clone(re), B: slices.Clone(im)}
			for i := range x.B {
				x.B[i] *= h
			}
			if !s.bare {
				net.Learn(x, 0.5)
			}
			for range k * n {
				net.Step(x)
			}
			if !s.bare {
				net.Learn(x, -0.5)
			}
			for i := range x.B {
				x.B[i] /= h
			}
			end := &theory.State{Arrays: [][]float64{append(x.X, x.B...)}}
			return apart(psi(end), psi(exact)), nil
		})
	},
}

// hamiltonian returns H/ħ on a lattice: the kinetic energy of each axis as the sum
// over its waves, whose squares of the wave number are weighted with their values at
// two sites, and V.
func hamiltonian(l lattice.Lattice, p quantum.Problem, hbar float64) *mat.CDense {
	sites := l.Sites()
	h := mat.NewCDense(sites, sites, nil)
	for s, v := range p.Potential {
		h.Set(s, s, complex(v/hbar, 0))
	}
	for j, a := range l.Axes() {
		n, stride := a.Sites, l.Stride(j)
		var mode func(k, i int) float64
		var number func(k int) float64
		switch {
		case a.Periodic():
			number = func(k int) float64 { return 2 * math.Pi / a.Length * float64(min(k, n-k)) }
			mode = func(k, i int) float64 { // sine and cosine at once
				x := 2 * math.Pi * float64(k*i) / float64(n)
				return (math.Cos(x) + math.Sin(x)) / math.Sqrt(float64(n))
			}
		case a.Low.Kind == lattice.Dirichlet:
			number = func(k int) float64 { return math.Pi / a.Length * float64(k+1) }
			mode = func(k, i int) float64 {
				return math.Sqrt(2/float64(n+1)) * math.Sin(math.Pi*float64((k+1)*(i+1))/float64(n+1))
			}
		default: // Neumann; the kinds of both ends are the same
			number = func(k int) float64 { return math.Pi / a.Length * float64(k) }
			mode = func(k, i int) float64 {
				c := math.Cos(math.Pi*float64(k)*(float64(i)+0.5)/float64(n)) * math.Sqrt(2/float64(n))
				if k == 0 {
					c /= math.Sqrt2
				}
				return c
			}
		}
		kinetic := mat.NewSymDense(n, nil)
		column := mat.NewVecDense(n, nil)
		for k := range n {
			for i := range n {
				column.SetVec(i, mode(k, i))
			}
			kinetic.SymRankOne(kinetic, hbar/(2*p.Learning.Mass())*number(k)*number(k), column)
		}
		for s := range sites {
			i := s / stride % n
			for o := range n {
				to := s + (o-i)*stride
				h.Set(s, to, h.At(s, to)+complex(kinetic.At(i, o), 0))
			}
		}
	}
	return h
}

var quantisedCirculation = claim[learners]{
	"circulation", "ψ has one value: ∮∂F·dq around each ring is the given whole number of 2πħ and stays it, half of one more is refused",
	func(s learners) (finding, error) {
		m, err := s.Build()
		if err != nil {
			return finding{}, err
		}
		if !slices.ContainsFunc(m.Lattice().Axes(), lattice.Axis.Periodic) {
			return notApplicable("no axis is a ring")
		}
		if _, err := s.As(quantum.Madelung()).Build(); err != nil {
			return notApplicable(err.Error())
		}
		if halfQuantum(m).Err() == nil {
			return held(false, "half a quantum more is a state as well", "refused"), nil
		}
		f := field{model: m}
		n := f.steps(16)
		end, err := propagated(m, "leapfrog", float64(n)*f.step(), n)
		if err != nil {
			return finding{}, err
		}
		worst, before, after := 0.0, turns(m, m.Initial()), turns(m, end)
		p, _ := quantum.Of(m)
		for j, kappa := range p.Circulation {
			worst = max(worst, math.Abs(before[j]-kappa), math.Abs(after[j]-kappa))
		}
		return atMost(worst, 1e-9, fmt.Sprintf(" from it in %d steps", n))
	},
}

// halfQuantum returns the builder of the same problem with half a quantum of circulation
// more around each ring.
func halfQuantum(m theory.Model) quantum.Builder {
	b, _ := quantum.BuilderOf(m)
	p, _ := quantum.Of(m)
	for j, a := range m.Lattice().Axes() {
		if a.Periodic() {
			p.Circulation[j] += 0.5
		}
	}
	return b.Circulation(p.Circulation...)
}

// turns returns how often the phase of ψ turns along the first line of sites of each
// axis, 0 between walls.
func turns(m theory.Model, s *theory.State) (all []float64) {
	c, l := psi(s), m.Lattice()
	for j, a := range l.Axes() {
		sum := 0.0
		for i := 0; i < a.Sites && a.Periodic(); i++ {
			from, to := i*l.Stride(j), (i+1)%a.Sites*l.Stride(j)
			sum += cmplx.Phase(c[to] * cmplx.Conj(c[from]))
		}
		all = append(all, sum/(2*math.Pi))
	}
	return all
}

var madelungIsSchrodinger = claim[learners]{
	"Schrödinger", "√p e^{iF/ħ} obeys Schrödinger's equation, by Crank and Nicolson's scheme, to order 2 of the lattice",
	func(s learners) (finding, error) {
		if m, err := s.Build(); err == nil && m.Lattice().Dim() > 2 {
			return notApplicable("the judge knows one or two variables")
		}
		return s.finer(512, 16, func(m theory.Model, p quantum.Problem, t float64, k int) (float64, bool, error) {
			l, steps := m.Lattice(), 16*k*k
			end, err := propagated(m, "leapfrog", t, steps)
			if err != nil {
				return 0, false, err
			}
			judge, err := reference.NewCrankNicolson(l, p.Learning.Mass(), p.Learning.Hbar()*(1+s.misled), t/float64(steps), p.Potential, p.Circulation)
			if err != nil {
				return 0, false, err
			}
			start, got := wave(l, p, m.Initial()), wave(l, p, end)
			want := slices.Clone(start)
			judge.Advance(want, steps)
			return apart(got, want), apart(start, want) > 1e-9, nil
		})
	},
}

// wave returns √p e^{iF/ħ} of a state of Madelung's theory, the circulation of which
// is not in F.
func wave(l lattice.Lattice, p quantum.Problem, s *theory.State) []complex128 {
	c := make([]complex128, l.Sites())
	phase := make([]float64, len(c))
	for j, kappa := range p.Circulation {
		for i, x := range l.Coordinates(j) {
			phase[i] += 2 * math.Pi * kappa * x / l.Axis(j).Length
		}
	}
	for i, density := range s.Arrays[0] {
		c[i] = cmplx.Rect(math.Sqrt(density), s.Arrays[1][i]/p.Learning.Hbar()+phase[i])
	}
	return c
}

var action = claim[learners]{
	"action", "F is the action of learners that obey Newton's law: ∂F/∂q₀ = m u·∂q/∂q₀, to order 2 of the lattice",
	func(s learners) (finding, error) {
		return s.followed(func(c characteristics, site int) (difference, size float64) {
			for k, a := range c.l.Axes() {
				slope := c.slope(c.end.Arrays[1], k, site) + 2*math.Pi*c.p.Learning.Hbar()*c.p.Circulation[k]/a.Length
				momentum := 0.0
				for j := range c.l.Dim() {
					momentum += c.p.Learning.Mass() * (1 + s.misled) * c.velocity(j)[site] * c.deformation(j, k)[site]
				}
				difference, size = max(difference, math.Abs(slope-momentum)), max(size, math.Abs(momentum))
			}
			return difference, size
		})
	},
}

var continuity = claim[learners]{
	"continuity", "learners stay between their neighbours: p ∂q/∂q₀ is the density of the start, to order 2 of the lattice",
	func(s learners) (finding, error) {
		return s.followed(func(c characteristics, site int) (difference, size float64) {
			d := c.l.Dim()
			spread := mat.NewDense(d, d, nil)
			for i := range d {
				for j := range d {
					spread.Set(i, j, c.slope(c.moved[i], j, site))
				}
				spread.Set(i, i, 1+spread.At(i, i))
			}
			start := c.start.Arrays[0][site]
			density := c.end.Arrays[0][site]
			if s.behind {
				density = start
			}
			return math.Abs(density*mat.Det(spread) - start), start
		})
	},
}

// characteristics are the learners of Hamilton-Jacobi after some time.
type characteristics struct {
	l          lattice.Lattice
	p          quantum.Problem
	start, end *theory.State
	moved      [][]float64 // q − q₀ along each axis
}

func (c characteristics) velocity(j int) []float64 { return c.end.Arrays[2+c.l.Dim()+j] }

func (c characteristics) deformation(j, k int) []float64 {
	d := c.l.Dim()
	return c.end.Arrays[2+2*d+d*j+k]
}

// slope returns the central difference of x along an axis.
func (c characteristics) slope(x []float64, axis, site int) float64 {
	ahead, _ := c.l.Neighbour(site, axis, 1)
	behind, _ := c.l.Neighbour(site, axis, -1)
	return (x[ahead] - x[behind]) / (2 * c.l.Spacing(axis))
}

// inside tells whether a site has neighbours on both sides of each axis.
func (c characteristics) inside(site int) bool {
	for j, a := range c.l.Axes() {
		if i := site / c.l.Stride(j) % a.Sites; !a.Periodic() && (i == 0 || i == a.Sites-1) {
			return false
		}
	}
	return true
}

// followed returns the order at which a difference falls, relative to the largest of
// what it is a difference from; f returns both for a site. The time is a fraction of
// that in which the first caustic can come.
func (s learners) followed(f func(c characteristics, site int) (difference, size float64)) (finding, error) {
	return s.finer(4096, 1, func(m theory.Model, p quantum.Problem, t float64, _ int) (float64, bool, error) {
		c := characteristics{l: m.Lattice(), p: p, start: m.Initial()}
		var err error
		if c.end, err = propagated(m, "leapfrog", t, 8); err != nil {
			return 0, false, err
		}
		farthest := 0.0
		for j := range c.l.Dim() {
			moved := slices.Clone(c.end.Arrays[2+j])
			for i, q := range c.start.Arrays[2+j] {
				moved[i] -= q
			}
			c.moved, farthest = append(c.moved, moved), max(farthest, largest(moved))
		}
		if farthest == 0 {
			return 0, false, nil
		}
		worst, scale := 0.0, 0.0
		for site := range c.l.Sites() {
			if c.inside(site) {
				difference, size := f(c, site)
				worst, scale = max(worst, difference), max(scale, size)
			}
		}
		return worst / scale, true, nil
	})
}
