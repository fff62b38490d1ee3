// Package twofold runs one ensemble of networks that has two macroscopic
// descriptions, the duality of [G] §9: its trainable variables obey the quantum
// mechanics of package quantum ([G] §3-4), and the states of its neurons move in
// an emergent space-time (§8).
//
// Each network is a ring of neurons with one trainable variable q > 0, the strength
// of all its couplings. A step of the network is, in this order,
//
//	stochastic learning   q ← q + v₊ε + √(2Dε) ξ       Nelson's learners
//	activation            φ ← φ + εβ
//	learning              β ← β − ε q Kφ               K = −∇², spacing 1
//
// The learners know ψ, not the states: these are test waves, whose own loss
// ½q φᵀKφ is left out of the free energy that q descends. (With it, an action J in
// the wave adds Jω(q) to V.)
//
// Seen from the trainable variables, the density of q is |ψ|². Seen from the states,
// φ̈ = −qKφ is a massless field in the emergent metric
//
//	ds² = −dt² + dx²/q(t),
//
// an expanding and contracting universe for each network, of scale factor 1/√q. The
// metric is read off the states alone ([Networks.Metric]); a wave of comoving wave
// number k is shifted in frequency as ω = κ√q, κ = 2 sin(k/2), so that its phase is
// ∫ω dt ([Networks.Wave]). It is the same q: the metrics that the states move in
// are distributed as |ψ|². One thing the two descriptions do to each other: the
// noise of learning heats the waves. By Itô's rule the action J = E/ω of a fast wave
// grows on average at the rate
//
//	d⟨J⟩/dt = ⟨J D/4q²⟩,
//
// D the diffusion coefficient of the learners. The finite step adds to that a part of
// about (ωε)², and a wave that is no faster than the learning obeys another law.
//
// This is an ensemble of classical metrics; nothing here is in a superposition.
//
// Source: [G] V. Vanchurin, arXiv:2111.00903, §3-4, 6-9.
package twofold

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Config says what an ensemble of networks is.
type Config struct {
	// Problem is what the trainable variable q does: a Schrödinger problem on one
	// axis whose density stays away from q = 0. Its learning parameters are those of
	// Learning, which must be consistent (quantum.Particle).
	Problem  quantum.Builder
	Learning quantum.Learning

	// Plain makes the control: learners that descend V with the same noise.
	Plain bool

	Networks int     // in the ensemble
	Neurons  int     // of each network
	Mode     int     // whole waves around the ring, from 1 to below Neurons/2
	Step     float64 // ε
	Seed     uint64
}

// Networks is an ensemble that runs. Its methods must not be called at the same
// time.
type Networks struct {
	c        Config
	learners *quantum.Learners
	system   *network.System
	state    *network.State
	kappa    float64 // 2 sin(k/2)
	steps    int

	strength              []float64    // q now
	read                  []float64    // q one step ago, of which Metric speaks
	before, now           []float64    // φ two steps ago and one step ago
	wave                  []complex128 // e^{−ikx}
	turned, heating       []float64    // ∫ω dt and ∫D/4q² dt of each network
	amplitude, amplitude0 []complex128 // of the wave in each network, now and at the start
	action, action0       []float64
	omega0                []float64 // ω at the start
}

// couplings is diag(q) ⊗ K: it follows q as that learns.
type couplings struct {
	q []float64
	n int // neurons of a network
}

func (c couplings) Size() int { return len(c.q) * c.n }

func (c couplings) AddApply(dst []float64, alpha float64, x []float64) {
	for i, q := range c.q {
		ring, out := x[i*c.n:(i+1)*c.n], dst[i*c.n:(i+1)*c.n]
		last := ring[c.n-1]
		for j, v := range ring {
			next := ring[0]
			if j+1 < c.n {
				next = ring[j+1]
			}
			out[j] += float64(alpha * q * (2*v - last - next))
			last = v
		}
	}
}

func (c couplings) Transpose() weights.Tensor { return c }

func (c couplings) Row(i int, entry func(j int, w float64)) {
	q, first := c.q[i/c.n], i-i%c.n
	last := first + c.n - 1
	switch i {
	case first:
		entry(i, 2*q)
		entry(i+1, -q)
		entry(last, -q)
	case last:
		entry(first, -q)
		entry(i-1, -q)
		entry(i, 2*q)
	default:
		entry(i-1, -q)
		entry(i, 2*q)
		entry(i+1, -q)
	}
}

func (c couplings) String() string {
	return fmt.Sprintf("q ⊗ (−∇²) on %d rings of %d neurons", len(c.q), c.n)
}

// New returns the ensemble at t = 0: q drawn from |ψ|², and in each network the wave
// φ = cos(kx − ωt).
//
// It fails for a problem that quantum.NelsonLearners refuses, rings of fewer than 4
// neurons, and a mode outside [1, Neurons/2).
func New(c Config) (*Networks, error) {
	if c.Neurons < 4 || c.Mode < 1 || 2*c.Mode >= c.Neurons {
		return nil, fmt.Errorf("twofold.New: mode %d on %d neurons; use at least 4 neurons and a mode from 1 to below half of them", c.Mode, c.Neurons)
	}
	l := c.Learning
	problem := c.Problem.Learning(l.Rate, l.Diffusion, l.Multiplier)
	draw := quantum.NelsonLearners
	if c.Plain {
		draw = quantum.DescentLearners
	}
	learners, err := draw(problem, c.Networks, c.Seed, c.Step)
	if err != nil {
		return nil, fmt.Errorf("twofold.New: %w", err)
	}
	n := c.Networks * c.Neurons
	e := &Networks{
		c: c, learners: learners,
		strength: slices.Clone(learners.Positions()),
		before:   make([]float64, n), now: make([]float64, n),
		wave:   make([]complex128, c.Neurons),
		turned: make([]float64, c.Networks), heating: make([]float64, c.Networks),
		amplitude: make([]complex128, c.Networks), action: make([]float64, c.Networks),
	}
	e.read = slices.Clone(e.strength)
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("twofold.New: %w", err)
	}
	e.system, err = network.New(network.Network{
		Weights: weights.Identity(n),
		Loss:    network.Dual{K: couplings{e.strength, c.Neurons}},
		Rate:    c.Step * c.Step, Clock: c.Step,
	})
	if err != nil {
		return nil, fmt.Errorf("twofold.New: %w", err)
	}
	k := 2 * math.Pi * float64(c.Mode) / float64(c.Neurons)
	e.kappa = 2 * math.Sin(k/2)
	e.state = e.system.NewState()
	for j := range e.wave {
		e.wave[j] = cmplx.Rect(1, -k*float64(j))
	}
	for i, q := range e.strength {
		for j, w := range e.wave {
			e.state.X[i*c.Neurons+j] = real(w)
			e.state.B[i*c.Neurons+j] = -c.Step * e.kappa * math.Sqrt(q) * imag(w)
		}
	}
	e.measure(0)
	e.amplitude0, e.action0 = slices.Clone(e.amplitude), slices.Clone(e.action)
	for _, q := range e.strength {
		e.omega0 = append(e.omega0, e.kappa*math.Sqrt(q))
	}
	e.system.Learn(e.state, 0.5) // from here on β is half a step ahead
	copy(e.now, e.state.X)
	return e, nil
}

// check refuses couplings under which the states would grow.
func (e *Networks) check() error {
	for i, q := range e.strength {
		if !(q > 0) {
			return fmt.Errorf("network %d has learned the coupling %.6g; negative couplings carry no waves, keep the density of q away from 0", i, q)
		}
		if q*e.c.Step*e.c.Step >= 1 {
			return fmt.Errorf("network %d has learned the coupling %.6g, for which the step %v is too long; use a step below 1/√q = %.3g", i, q, e.c.Step, 1/math.Sqrt(q))
		}
	}
	return nil
}

// Advance does the given number of steps. It fails if ctx is cancelled and if a
// network learns a coupling that carries no waves, q ≤ 0, or one for which the step
// is too long.
func (e *Networks) Advance(ctx context.Context, steps int) error {
	for range steps {
		if err := e.learners.Advance(ctx, 1, nil); err != nil {
			return err
		}
		copy(e.read, e.strength)
		copy(e.strength, e.learners.Positions())
		if err := e.check(); err != nil {
			return fmt.Errorf("Advance: %w", err)
		}
		e.before, e.now = e.now, e.before
		copy(e.now, e.state.X)
		e.system.Activate(e.state, 1)
		e.system.Learn(e.state, 1)
		e.steps++
		for i, q := range e.strength {
			e.turned[i] += e.c.Step * e.kappa * (math.Sqrt(q) + math.Sqrt(e.read[i])) / 2
			e.heating[i] += e.c.Step * e.c.Learning.Diffusion / (4 * q * q)
		}
	}
	return nil
}

// Time returns t.
func (e *Networks) Time() float64 { return float64(e.steps) * e.c.Step }

// Trainable returns q of every network, the ensemble's own.
func (e *Networks) Trainable() []float64 { return e.strength }

// Metric reads the inverse metric h^xx = q of every network off its states alone, by
// least squares of φ̈ = −h^xx Kφ over its neurons, from three states in a row. It is
// that of one step ago, as is the trainable variable that it returns to compare. It
// fails before there have been two steps.
func (e *Networks) Metric() (read, trained []float64, err error) {
	if e.steps < 2 {
		return nil, nil, fmt.Errorf("Metric: %d steps done; three states in a row take two", e.steps)
	}
	n := e.c.Neurons
	read = make([]float64, e.c.Networks)
	for i := range read {
		past, now, next := e.before[i*n:(i+1)*n], e.now[i*n:(i+1)*n], e.state.X[i*n:(i+1)*n]
		product, square := 0.0, 0.0
		for j, x := range now {
			stiff := 2*x - now[(j+1)%n] - now[(j+n-1)%n]
			product -= (next[j] - 2*x + past[j]) * stiff
			square += float64(stiff * stiff)
		}
		read[i] = product / (square * e.c.Step * e.c.Step)
	}
	return read, slices.Clone(e.read), nil
}

// Wave is what became of the waves, over all networks.
type Wave struct {
	Turned  float64           // mean of ∫ω dt, in radians
	Apart   float64           // root mean square of the phase's distance from ∫ω dt of its own network
	Frozen  float64           // the same from ω(0)·t, as if q were not trained: the control
	Heating ensemble.Estimate // mean of J(t)/J(0) − 1

	// Predicted is the mean of ∫D/4q² dt, what Heating is expected to be for waves
	// that are much faster than the learning, up to a part of about (ωε)² of it.
	Predicted float64
}

// Wave compares the waves of all networks with the emergent metric.
func (e *Networks) Wave() Wave {
	e.measure(0.5)
	n := float64(e.c.Networks)
	var w Wave
	sum, squares := 0.0, 0.0
	for i, a := range e.amplitude {
		turn := a / e.amplitude0[i]
		apart := cmplx.Phase(elementary.Times(turn, cmplx.Rect(1, e.turned[i])))
		frozen := cmplx.Phase(elementary.Times(turn, cmplx.Rect(1, e.omega0[i]*e.Time())))
		w.Turned += e.turned[i] / n
		w.Predicted += e.heating[i] / n
		w.Apart += apart * apart / n
		w.Frozen += frozen * frozen / n
		growth := e.action[i]/e.action0[i] - 1
		sum += growth
		squares += float64(growth * growth)
	}
	w.Apart, w.Frozen = math.Sqrt(w.Apart), math.Sqrt(w.Frozen)
	mean := sum / n
	w.Heating = ensemble.Estimate{Value: mean, Error: math.Sqrt((squares/n - mean*mean) / n)}
	return w
}

// measure takes the amplitude A = Σe^{−ikx}(φ + iβ/ω) and the action E/ω of each
// network, β being taken back by the given part of a step.
func (e *Networks) measure(back float64) {
	n, eps := e.c.Neurons, e.c.Step
	for i, q := range e.strength {
		omega := e.kappa * math.Sqrt(q)
		x, b := e.state.X[i*n:(i+1)*n], e.state.B[i*n:(i+1)*n]
		var a complex128
		energy := 0.0
		for j, v := range x {
			force := q * (2*v - x[(j+1)%n] - x[(j+n-1)%n])
			beta := b[j]/eps + float64(back*eps*force)
			a += elementary.Times(e.wave[j], complex(v, beta/omega))
			energy += float64((float64(beta*beta) + float64(v*force)) / 2)
		}
		e.amplitude[i], e.action[i] = a, energy/omega
	}
}

// Distance returns the largest difference between the distribution function of a
// sample and that of |ψ|² in the last state of a Schrödinger run on one axis, taken
// as linear between the sites. A sample of n from |ψ|² itself is below 1.36/√n in 95
// of 100 cases. It fails for a run of another theory or more axes.
func Distance(sample []float64, r *simulate.Run) (float64, error) {
	if r.Model.Theory() != "schrodinger" || r.Lattice().Dim() != 1 {
		return 0, fmt.Errorf("Distance: a run of %q on %d axes; it must be a Schrödinger run on one", r.Model.Theory(), r.Lattice().Dim())
	}
	x := r.Coordinates(0)
	p := make([]float64, len(x))
	quantum.Density(p, r.Model, r.Last)
	a := r.Lattice().Spacing(0)
	below := make([]float64, len(p)) // up to each site
	for i := 1; i < len(p); i++ {
		below[i] = below[i-1] + a*(p[i-1]+p[i])/2
	}
	total := below[len(below)-1]
	at := func(q float64) float64 {
		i := min(max(int((q-x[0])/a), 0), len(x)-2)
		t := min(max((q-x[i])/a, 0), 1)
		return (below[i] + float64(a*t*(p[i]+float64(t/2*(p[i+1]-p[i]))))) / total
	}
	sorted := slices.Sorted(slices.Values(sample))
	worst := 0.0
	for i, q := range sorted {
		f := at(q)
		worst = max(worst, f-float64(i)/float64(len(sorted)), float64(i+1)/float64(len(sorted))-f)
	}
	return worst, nil
}
