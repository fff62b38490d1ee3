package theory

import (
	"errors"
	"slices"
	"unsafe"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/internal/sweep"
	"github.com/nnfield/nnfield/nnfield/internal/vector"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// sweptScalar evolves a Klein-Gordon field by the kernels of its stencil, in float64
// or in float32.
type sweptScalar[T stencil.Number] struct {
	*canonical
	pairs scalarPairs[T]
	sweep *sweep.Sweep
	kick  scalarKick
	shot  shot
}

// scalarPairs is what is swept: the drifts and kicks of a composition.
type scalarPairs[T stencil.Number] struct {
	field *stencil.Scalar[T]
	step  float64
	sigma []float64 // σε, nil without a sponge

	drifts, kicks []float64
	alphas        []float64 // −dε² of each kick
	decays        [][]T     // e^{−σεd/2} of each kick, nil without a sponge

	x, b    []T // the state
	drives  []clamp
	signals []T // what each drive shows after each drift
}

// clamp is the boundary neurons of a driven side.
type clamp struct {
	signal Signal
	sites  []int // ascending
}

// maxSignals is how many steps of a driven field are swept in one go.
const maxSignals = 512

// newScalar returns the stencil of a stiffness without its force, not yet prepared, or
// false if its weights are not a star of neighbours on the lattice, the same along all
// axes.
func newScalar[T stencil.Number](l lattice.Lattice, stiffness weights.Tensor) (*stencil.Scalar[T], bool) {
	k, ok := stiffness.(*weights.Stencil)
	if !ok || !slices.Equal(k.Lattice().Axes(), l.Axes()) {
		return nil, false
	}
	f := k.Form()
	if len(f.Odd) > 0 || len(f.Groups) < 1 || len(f.Groups) > 2 {
		return nil, false
	}
	for g, group := range f.Groups {
		if !slices.Equal(group.Offsets, star(l.Dim(), g+1)) {
			return nil, false
		}
	}
	field := &stencil.Scalar[T]{Scale: f.Scale, Centre: f.Centre}
	if len(f.Groups) == 2 {
		field.Ratio = f.Groups[1].Ratio
	}
	for _, a := range l.Axes() {
		field.Axes = append(field.Axes, stencilAxis(a))
	}
	return field, true
}

// newSweptScalar returns the fast evolution of a network with w = 1 and the bias tensor
// 1, or false if there is no stencil for its loss, or no such force for these numbers.
func newSweptScalar[T stencil.Number](l lattice.Lattice, drives []Drive, c *canonical) (*sweptScalar[T], bool) {
	net := c.net.Network()
	loss, ok := net.Loss.(network.Dual)
	if !ok || net.Bias != nil || loss.A != nil || net.Rate != float64(c.step*c.step) {
		return nil, false
	}
	field, ok := newScalar[T](l, loss.K)
	if !ok {
		return nil, false
	}
	v, ok := loss.Potential.(*bound)
	if !ok && loss.Potential != nil {
		return nil, false
	}
	if field.Force, ok = onSite[T](v); !ok {
		return nil, false
	}
	e := &sweptScalar[T]{canonical: c, pairs: scalarPairs[T]{field: field, step: c.step}}
	for _, d := range drives {
		e.pairs.drives = append(e.pairs.drives, clamp{d.Signal, l.Driven(d.Axis, d.Side)})
	}
	if sigma := c.net.Network().Decay; sigma != nil {
		e.pairs.sigma = sigma
		field.Prepare() // knows the slabs
		for z := range field.Slabs() {
			from, to := field.Sites(z, 0, field.Rows())
			field.Damped = append(field.Damped, slices.ContainsFunc(sigma[from:to], func(s float64) bool { return s != 0 }))
		}
	}
	field.Prepare()
	rows := field.Rows()
	bytes := 2 * int(unsafe.Sizeof(T(0))) * l.Sites() / field.Slabs() / rows
	periodicRows := rows > 1 && l.Axis(1).Periodic()
	e.sweep = sweep.New(sweep.ChooseRows(field.Slabs(), rows, field.Radius(), l.Axis(0).Periodic(), periodicRows, bytes, field.Group()), &e.pairs)
	return e, true
}

// star returns the offsets of the neighbours at a distance along each axis, in the
// order of a stencil.
func star(dim, distance int) [][3]int {
	all := make([][3]int, dim)
	for j := range all {
		all[j][dim-1-j] = distance
	}
	return all
}

// stencilAxis says how a field is continued beyond an axis.
func stencilAxis(a lattice.Axis) stencil.Axis {
	out := stencil.Axis{Sites: a.Sites, ClampedLow: a.Low.Kind == lattice.Driven, ClampedHigh: a.High.Kind == lattice.Driven}
	image := func(i int) stencil.Image {
		at, sign := a.Fold(i)
		return stencil.Image{At: at, Sign: sign}
	}
	for o := range out.Low {
		out.Low[o], out.High[o] = image(-1-o), image(a.Sites+o)
	}
	return out
}

// onSite returns the force of a potential, which may be nil, or false if there is
// none for these numbers.
func onSite[T stencil.Number](p *bound) (stencil.Force[T], bool) {
	switch {
	case p == nil:
		return nil, true
	case p.kind == kindPhi4:
		return &stencil.Phi4[T]{Lambda: T(p.lambda), V2: T(p.v * p.v)}, true
	}
	var force stencil.Force[float64] = localForce{p}
	if p.kind == kindSineGordon {
		force = stencil.NewSineGordon()
	}
	f, ok := force.(stencil.Force[T])
	return f, ok
}

// localForce is the force of any potential, in float64.
type localForce struct{ *bound }

func (f localForce) AddForce(g []float64, alpha float64, x []float64, at int) {
	f.addForce(g, alpha, x, at)
}

// EvolveFloat32 returns the dynamics with a state in float32; see [Single].
func (m *kleinGordon) EvolveFloat32(step float64) (Evolution, error) {
	n, err := m.Network(step)
	if err != nil {
		return nil, err
	}
	e, ok := newSweptScalar[float32](m.p.Lattice, m.p.Drives, newCanonical(n, step))
	if !ok {
		return nil, errors.New("there are kernels for equal spacings, Laplacians of order 2 and 4, and V = 0 or Phi4 only")
	}
	return e, nil
}

// Depth returns how many drifts and kicks a sweep does in one go.
func (e *sweptScalar[T]) Depth() int { return e.sweep.Depth() }

// Advance sweeps n steps.
func (e *sweptScalar[T]) Advance(s *State, n int, drifts, kicks []float64) {
	p := &e.pairs
	p.compose(drifts, kicks)
	p.load(s)
	for n > 0 {
		steps := n
		if len(p.drives) > 0 {
			steps = min(n, maxSignals)
			p.sample(s, steps)
		}
		e.sweep.Run(steps * len(drifts))
		s.Step += steps
		s.Time = float64(s.Step) * e.step
		n -= steps
	}
	p.store(s)
}

// load takes the state: as it is, or rounded to float32.
func (p *scalarPairs[T]) load(s *State) {
	if x, ok := any(s.Arrays[0]).([]T); ok {
		p.x, p.b = x, any(s.Arrays[1]).([]T)
		return
	}
	if p.x == nil {
		p.x, p.b = make([]T, len(s.Arrays[0])), make([]T, len(s.Arrays[1]))
	}
	pool.Run(len(p.x), 1<<14, &conversion[T]{s, p, true})
}

// store writes the state back that load has rounded.
func (p *scalarPairs[T]) store(s *State) {
	if _, ok := any(p.x).([]float64); !ok {
		pool.Run(len(p.x), 1<<14, &conversion[T]{s, p, false})
	}
}

// conversion rounds a state, or writes it back.
type conversion[T stencil.Number] struct {
	s     *State
	p     *scalarPairs[T]
	round bool
}

// Do does the sites lo ≤ i < hi.
func (c *conversion[T]) Do(lo, hi int) {
	for k, own := range [2][]T{c.p.x[lo:hi], c.p.b[lo:hi]} {
		state := c.s.Arrays[k][lo:hi]
		if c.round {
			for i, v := range state {
				own[i] = T(v) + 0 // no −0: see package stencil
			}
		} else {
			for i, v := range own {
				state[i] = float64(v)
			}
		}
	}
}

// Kick does one kick by the kernels, or that of the network where biases are damped
// or the state is rounded.
func (e *sweptScalar[T]) Kick(s *State, d float64) {
	field, ok := any(e.pairs.field).(*stencil.Scalar[float64])
	if !ok || e.pairs.sigma != nil {
		e.canonical.Kick(s, d)
		return
	}
	e.kick = scalarKick{field, s.Arrays[0], s.Arrays[1], -float64(d * float64(e.step*e.step))}
	slabs := field.Slabs()
	pool.Run(slabs, max(1, slabs*(1<<14)/len(e.kick.x)), &e.kick)
}

// scalarKick is a kick of all slabs.
type scalarKick struct {
	field *stencil.Scalar[float64]
	x, b  []float64
	alpha float64
}

// Do does the slabs lo ≤ z < hi.
func (k *scalarKick) Do(lo, hi int) {
	k.field.Kick(k.b, k.x, lo, hi, 0, k.field.Rows(), k.alpha, nil)
}

// Synchronise makes a snapshot where biases are not damped and the state is not
// rounded. Its two states share φ.
func (e *sweptScalar[T]) Synchronise(to Snapshot, net *State, kick float64) bool {
	field, ok := any(e.pairs.field).(*stencil.Scalar[float64])
	if !ok || e.pairs.sigma != nil {
		return false
	}
	e.shot = shot{to: to, net: net, kick: scalarKick{field: field, x: net.Arrays[0], b: to.Arrays[1]}, step: e.step}
	e.shot.kick.alpha = -float64(kick * float64(e.step*e.step))
	to.Step, to.Time = net.Step, net.Time
	if to.Staggered != nil {
		to.Staggered.Step, to.Staggered.Time = net.Step, net.Time
		to.Staggered.Arrays[0] = to.Arrays[0]
	}
	slabs := field.Slabs()
	pool.Run(slabs, max(1, slabs*(1<<14)/len(net.Arrays[0])), &e.shot)
	return true
}

// shot is a snapshot that is being made.
type shot struct {
	to   Snapshot
	net  *State
	kick scalarKick // of the biases in to
	step float64
}

// Do does the slabs lo ≤ z < hi, some at a time while they are in the cache.
func (s *shot) Do(lo, hi int) {
	x, b := s.net.Arrays[0], s.net.Arrays[1]
	phi, beta := s.to.Arrays[0], s.to.Arrays[1]
	field := s.kick.field
	some := max(1, field.Slabs()*(1<<12)/len(x))
	for z := lo; z < hi; z += some {
		end := min(z+some, hi)
		from, _ := field.Sites(z, 0, field.Rows())
		_, to := field.Sites(end-1, 0, field.Rows())
		copy(phi[from:to], x[from:to])
		if s.to.Staggered != nil {
			vector.Quotients(s.to.Staggered.Arrays[1][from:to], b[from:to], s.step)
		}
		copy(beta[from:to], b[from:to])
		if s.kick.alpha != 0 {
			s.kick.Do(z, end)
		}
		vector.Quotients(beta[from:to], beta[from:to], s.step)
	}
}

// compose prepares the numbers of a composition.
func (p *scalarPairs[T]) compose(drifts, kicks []float64) {
	if slices.Equal(drifts, p.drifts) && slices.Equal(kicks, p.kicks) {
		return
	}
	p.drifts, p.kicks = slices.Clone(drifts), slices.Clone(kicks)
	p.alphas, p.decays = make([]float64, len(kicks)), make([][]T, len(kicks))
	for i, d := range kicks {
		p.alphas[i] = -float64(d * float64(p.step*p.step))
		if p.sigma == nil {
			continue
		}
		if k := slices.Index(kicks[:i], d); k >= 0 {
			p.decays[i] = p.decays[k]
			continue
		}
		p.decays[i] = make([]T, len(p.sigma))
		for site, v := range p.sigma {
			p.decays[i][site] = T(elementary.Exp(-v * d / 2))
		}
	}
}

// sample notes what the drives show after each drift of the next steps, at the
// times that the network has then.
func (p *scalarPairs[T]) sample(s *State, steps int) {
	p.signals = p.signals[:0]
	t := s.Time
	for k := range steps {
		for _, c := range p.drifts {
			t += float64(c * p.step)
			for _, d := range p.drives {
				p.signals = append(p.signals, T(d.signal.At(t)))
			}
		}
		t = float64(s.Step+k+1) * p.step
	}
}

// DriftRows does the drift of pair j and shows its data to the boundary neurons.
func (p *scalarPairs[T]) DriftRows(lo, hi, y0, y1, j int) {
	p.field.Drift(p.x, p.b, lo, hi, y0, y1, T(p.drifts[j%len(p.drifts)]))
	if len(p.drives) == 0 {
		return
	}
	for z := lo; z < hi; z++ {
		p.show(z, y0, y1, j)
	}
}

// KickRows does the kick of pair j.
func (p *scalarPairs[T]) KickRows(lo, hi, y0, y1, j int) {
	j %= len(p.kicks)
	p.field.Kick(p.b, p.x, lo, hi, y0, y1, p.alphas[j], p.decays[j])
}

// DriftKickRows does both, in one pass if there are no boundary neurons.
func (p *scalarPairs[T]) DriftKickRows(lo, hi, y0, y1, j int) {
	if len(p.drives) > 0 {
		r := p.field.Radius()
		p.DriftRows(lo, hi, y0, y1, j)
		p.KickRows(lo-r, hi-r, y0, y1, j)
		return
	}
	j %= len(p.kicks)
	p.field.DriftKick(p.x, p.b, lo, hi, y0, y1, T(p.drifts[j]), p.alphas[j], p.decays[j])
}

func (p *scalarPairs[T]) Drift(lo, hi, j int)     { p.DriftRows(lo, hi, 0, p.field.Rows(), j) }
func (p *scalarPairs[T]) Kick(lo, hi, j int)      { p.KickRows(lo, hi, 0, p.field.Rows(), j) }
func (p *scalarPairs[T]) DriftKick(lo, hi, j int) { p.DriftKickRows(lo, hi, 0, p.field.Rows(), j) }

// show clamps the boundary neurons among rows of slab z.
func (p *scalarPairs[T]) show(z, y0, y1, j int) {
	from, to := p.field.Sites(z, y0, y1)
	for k, d := range p.drives {
		at, _ := slices.BinarySearch(d.sites, from)
		for ; at < len(d.sites) && d.sites[at] < to; at++ {
			p.x[d.sites[at]] = p.signals[j*len(p.drives)+k]
		}
	}
}
