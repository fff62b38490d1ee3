package quantum

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Learners are many stochastic learners of one trainable variable beside the ψ of
// a Schrödinger problem. Its methods must not be called at the same time.
type Learners struct {
	m        *schrodinger
	step     float64
	ensemble *ensemble.Ensemble
	psi, mid *theory.State // at Time, and half a step later
	wave     theory.Evolution
	pieces   int       // of half a step of ψ
	table    table     // of ψ in the middle of the step, or of what was looked at last
	descent  []float64 // −γ∂V at the sites, nil for Nelson learners
	capped   atomic.Int64
}

// NelsonLearners returns n learners that are drawn from |ψ|² at t = 0 and move by
//
//	dq = v₊ dt + √(2D) dW,   v₊ = (ħ/m)(Im + Re)(∂ψ/ψ)          [N], [Q]
//
// by steps of the given length. The drift of a step is that of its middle: of ψ half
// a step later, at the place to which the mean velocity u = (ħ/m)Im(∂ψ/ψ) has
// carried the learner by then. Their density stays |ψ|² up to the first order in the
// step: for the ground state of a well of frequency ω it is wider by ωstep/4.
//
// Near a node v₊ is 2D over the distance from it, longer than a step. The step
// control caps |v₊| at 2√(2D/step): twice what the noise does in a step;
// [Learners.Capped] counts how often.
//
// It fails for a problem that Schrodinger cannot build, a lattice of more axes
// than one, learning parameters without ħ = D/γ (see [Learning.Consistent]), no
// learners and a step that is not positive.
func NelsonLearners(b Builder, n int, seed uint64, step float64) (*Learners, error) {
	l, err := newLearners("NelsonLearners", b, n, step)
	if err != nil {
		return nil, err
	}
	if !l.m.learning.Consistent() {
		le := l.m.learning
		return nil, fmt.Errorf("NelsonLearners: ħ = %.6g, but D/γ = %.6g; noise and quantum agree for μ = 4/ħ only, use Particle(m, ħ)", le.Hbar(), le.Diffusion/le.Rate)
	}
	return l.start(n, seed, l.nelson)
}

// DescentLearners returns learners that start as those of [NelsonLearners], with
// the same noise, but descend V as plain stochastic gradient descent does,
//
//	dq = −γ∂V dt + √(2D) dW:
//
// the control. They obey the Fokker-Planck equation and relax to exp(−γV/D)
// instead of following ψ. It fails as NelsonLearners does, but takes any learning
// parameters.
func DescentLearners(b Builder, n int, seed uint64, step float64) (*Learners, error) {
	l, err := newLearners("DescentLearners", b, n, step)
	if err != nil {
		return nil, err
	}
	l.descent = make([]float64, l.m.lattice.Sites())
	derivative(l.descent, l.m.v, l.m.lattice, 0)
	for i, slope := range l.descent {
		l.descent[i] = -l.m.learning.Rate * slope
	}
	return l.start(n, seed, l.downhill)
}

// maxPieces bounds into how many steps of ψ one of the learners is divided.
const maxPieces = 10_000

func newLearners(call string, b Builder, n int, step float64) (*Learners, error) {
	m, err := b.As(Schrodinger()).Build()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", call, err)
	}
	l := &Learners{m: m.(*schrodinger), step: step}
	switch {
	case l.m.lattice.Dim() != 1:
		return nil, fmt.Errorf("%s: %d axes; these learners have one trainable variable, use Ring or Line", call, l.m.lattice.Dim())
	case l.m.lattice.Sites() < 8:
		return nil, fmt.Errorf("%s: %d sites; the drift needs at least 8", call, l.m.lattice.Sites())
	case n < 1:
		return nil, fmt.Errorf("%s: %d learners; use at least 1", call, n)
	case !(step > 0) || math.IsInf(step, 1):
		return nil, fmt.Errorf("%s: step %v; it must be positive and finite", call, step)
	}
	pieces := math.Ceil(step / 2 * m.MaxFrequency(nil))
	if !(pieces <= maxPieces) {
		return nil, fmt.Errorf("%s: in a step of %v the fastest wave of the lattice turns %.3g times; use a shorter step or a coarser lattice", call, step, 2*pieces/(2*math.Pi))
	}
	l.pieces = max(1, int(pieces))
	if l.wave, err = m.Evolve(step / 2 / float64(l.pieces)); err != nil {
		return nil, err
	}
	l.psi = m.Initial()
	l.mid = l.psi.Clone()
	l.table.init(l.m.lattice.Axis(0))
	return l, nil
}

// start draws the learners from |ψ|².
func (l *Learners) start(n int, seed uint64, drift ensemble.Drift) (*Learners, error) {
	where, within := random.New(seed, "learner interval"), random.New(seed, "learner place")
	d := l.distribution()
	q := make([]float64, n)
	for i := range q {
		k, _ := slices.BinarySearch(d.cdf, where.Uniform(i))
		k = min(max(k, 1), len(d.cdf)-1)
		q[i] = (float64(k-1) + within.Uniform(i)) * d.spacing
	}
	var err error
	l.ensemble, err = ensemble.New(ensemble.Config{
		Start: [][]float64{q}, Drift: drift, Diffusion: l.m.learning.Diffusion, Step: l.step, Seed: seed,
	})
	return l, err
}

// Advance does the given number of steps; progress may be nil. When ctx is
// cancelled all learners and ψ have completed the same step.
func (l *Learners) Advance(ctx context.Context, steps int, progress func(done, of int)) error {
	for done := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.mid.Set(l.psi)
		l.half(l.mid)
		l.table.fill(parts(l.mid))
		l.aim()
		// A step is short: it is done whole, and the context was looked at.
		if err := l.ensemble.Advance(context.WithoutCancel(ctx), 1, nil); err != nil {
			return err
		}
		l.turnBack()
		l.half(l.mid)
		l.psi.Set(l.mid)
		if progress != nil {
			progress(done+1, steps)
		}
	}
	return nil
}

// turnBack reflects learners that have crossed a wall: where ψ = 0 noise can carry
// them over in a step of finite length, a Neumann wall is a mirror.
func (l *Learners) turnBack() {
	if l.table.axis.Periodic() {
		return
	}
	q := l.Positions()
	for i, x := range q {
		q[i] = l.table.fold(x)
	}
}

// half advances ψ by half a step, in pieces by Strang's splitting.
func (l *Learners) half(psi *theory.State) {
	l.wave.Kick(psi, 0.5)
	for i := range l.pieces {
		l.wave.Drift(psi, 1)
		if i < l.pieces-1 {
			l.wave.Kick(psi, 1)
		}
	}
	l.wave.Kick(psi, 0.5)
}

// fastest returns the cap on |v₊|.
func (l *Learners) fastest() float64 { return 2 * math.Sqrt(2*l.m.learning.Diffusion/l.step) }

// aim fills in how far u carries a learner in half a step.
func (l *Learners) aim() {
	t := &l.table
	most := l.fastest()
	rate := l.m.learning.Hbar() / (l.m.learning.Mass() * t.spacing)
	for i, re := range t.re {
		im := t.im[i]
		u := 0.0
		if norm := float64(re*re) + float64(im*im); norm > 0 {
			u = rate * (float64(re*t.dim[i]) - float64(im*t.dre[i])) / norm
		}
		t.ahead[i] = l.step / 2 * min(max(u, -most), most)
	}
}

// Time returns the time of the learners and of ψ.
func (l *Learners) Time() float64 { return l.ensemble.Time() }

// Positions returns q of all learners, the ensemble's own; on a ring they may have
// gone around.
func (l *Learners) Positions() []float64 { return l.ensemble.Variable(0) }

// Capped returns how many steps of learners the step control near nodes has
// shortened.
func (l *Learners) Capped() int { return int(l.capped.Load()) }

// Kolmogorov returns the largest difference between the distribution functions of
// the learners and of |ψ|², counted from the low end. Learners drawn from |ψ|²
// itself are below 1.36/√n with probability 0.95, below 1.95/√n with 0.999.
func (l *Learners) Kolmogorov() float64 {
	d := l.distribution()
	q := make([]float64, 0, len(l.Positions()))
	for _, x := range l.Positions() {
		q = append(q, l.table.fold(x))
	}
	slices.Sort(q)
	worst := 0.0
	for i, x := range q {
		f := d.at(x)
		worst = max(worst, f-float64(i)/float64(len(q)), float64(i+1)/float64(len(q))-f)
	}
	return worst
}

// distribution is the distribution function of |ψ|² on the axis, from 0 at its low
// end to 1.
type distribution struct {
	spacing      float64
	cdf, density []float64 // at equal distances
}

// distribution integrates |ψ|² on a lattice 16 times as fine, between whose nodes
// it is taken as linear.
func (l *Learners) distribution() distribution {
	a := l.m.lattice.Axis(0)
	n := 16 * a.Sites
	d := distribution{a.Length / float64(n), make([]float64, n+1), make([]float64, n+1)}
	l.table.fill(parts(l.psi))
	for i := range d.density {
		re, im, _, _ := l.table.at(float64(i) * d.spacing)
		d.density[i] = float64(re*re) + float64(im*im)
		if i > 0 {
			d.cdf[i] = d.cdf[i-1] + (d.density[i-1]+d.density[i])/2*d.spacing
		}
	}
	total := d.cdf[n]
	for i := range d.cdf {
		d.cdf[i] /= total
		d.density[i] /= total
	}
	return d
}

// at returns the probability below x.
func (d distribution) at(x float64) float64 {
	i := min(int(x/d.spacing), len(d.cdf)-2)
	t := x/d.spacing - float64(i)
	return d.cdf[i] + float64(d.spacing*t*(d.density[i]+float64(t/2*(d.density[i+1]-d.density[i]))))
}

// nelson is the forward drift v₊.
func (l *Learners) nelson(v [][]float64, b ensemble.Block) {
	t := &l.table
	most, rate := l.fastest(), l.m.learning.Hbar()/l.m.learning.Mass()
	capped := 0
	for i, x := range b.Q[0] {
		x = t.fold(x)
		n, part := t.find(x)
		x += t.ahead[n] + float64(part*(t.ahead[n+1]-t.ahead[n]))
		re, im, dre, dim := t.at(t.fold(x))
		norm := float64(re*re) + float64(im*im)
		imaginary := float64(re*dim) - float64(im*dre)
		u := rate * (imaginary + float64(re*dre) + float64(im*dim)) / norm
		if !(math.Abs(u) <= most) {
			capped++
			u = math.Copysign(most, u)
			if norm == 0 {
				u = 0
			}
		}
		v[0][i] = u
	}
	if capped > 0 {
		l.capped.Add(int64(capped))
	}
}

// downhill is −γ∂V, linear between the sites.
func (l *Learners) downhill(v [][]float64, b ensemble.Block) {
	a := l.m.lattice.Axis(0)
	node := func(i int) float64 { // beyond a wall as at the last site
		if a.Periodic() {
			return l.descent[(i-1+a.Sites)%a.Sites]
		}
		return l.descent[min(max(i-1, 0), a.Sites-1)]
	}
	for n, x := range b.Q[0] {
		i, t := l.table.find(l.table.fold(x))
		v[0][n] = node(i) + float64(t*(node(i+1)-node(i)))
	}
}

// table interpolates ψ by cubics through its values and slopes at the sites and at
// one node beyond each end; node i is site i−1.
type table struct {
	axis             lattice.Axis
	origin, spacing  float64   // of the nodes
	re, im, dre, dim []float64 // at the nodes; slopes in units of 1/spacing
	ahead            []float64 // at the nodes: the way of half a step
	extended         []float64 // scratch: the sites and three more at each end
}

func (t *table) init(a lattice.Axis) {
	t.axis, t.spacing = a, a.Spacing()
	t.origin = a.Coordinate(0) - t.spacing
	for _, column := range []*[]float64{&t.re, &t.im, &t.dre, &t.dim, &t.ahead} {
		*column = make([]float64, a.Sites+2)
	}
	t.extended = make([]float64, a.Sites+6)
}

// fill takes ψ at the sites.
func (t *table) fill(re, im []float64) {
	for _, c := range [2]struct{ value, slope, from []float64 }{{t.re, t.dre, re}, {t.im, t.dim, im}} {
		for i := range t.extended {
			site, sign := t.axis.Fold(i - 3)
			t.extended[i] = sign * c.from[site]
		}
		for i := range c.value {
			e := t.extended[i : i+5]
			c.value[i] = e[2]
			c.slope[i] = (8*(e[3]-e[1]) - (e[4] - e[0])) / 12
		}
	}
}

// fold brings a place onto the axis: around a ring, back from a wall.
func (t *table) fold(x float64) float64 {
	length := t.axis.Length
	if x >= 0 && x < length {
		return x
	}
	if t.axis.Periodic() {
		return x - length*math.Floor(x/length)
	}
	x -= 2 * length * math.Floor(x/(2*length))
	return min(x, 2*length-x)
}

// find returns the node before x and the part of the spacing behind it.
func (t *table) find(x float64) (i int, part float64) {
	part = (x - t.origin) / t.spacing
	i = min(max(int(part), 0), len(t.re)-2)
	return i, part - float64(i)
}

// at returns ψ and ∂ψ.
func (t *table) at(x float64) (re, im, dre, dim float64) {
	i, s := t.find(x)
	r := 1 - s
	h0, h1 := r*r*(1+2*s), s*s*(3-2*s)
	g0, g1 := s*r*r, -s*s*r
	k, l0, l1 := 6*s*r/t.spacing, r*(1-3*s)/t.spacing, s*(3*s-2)/t.spacing
	re = float64(h0*t.re[i]) + float64(h1*t.re[i+1]) + float64(g0*t.dre[i]) + float64(g1*t.dre[i+1])
	im = float64(h0*t.im[i]) + float64(h1*t.im[i+1]) + float64(g0*t.dim[i]) + float64(g1*t.dim[i+1])
	dre = float64(k*(t.re[i+1]-t.re[i])) + float64(l0*t.dre[i]) + float64(l1*t.dre[i+1])
	dim = float64(k*(t.im[i+1]-t.im[i])) + float64(l0*t.dim[i]) + float64(l1*t.dim[i+1])
	return re, im, dre, dim
}
