package theory

import (
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/stencil"
	"github.com/nnfield/nnfield/nnfield/internal/sweep"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// sweptScalar evolves a Klein-Gordon field by the kernels of its stencil.
type sweptScalar struct {
	*canonical
	pairs scalarPairs
	sweep *sweep.Sweep
	kick  scalarKick
}

// scalarPairs is what is swept: the drifts and kicks of a composition.
type scalarPairs struct {
	field *stencil.Scalar[float64]
	step  float64
	sigma []float64 // σε, nil without a sponge

	drifts, kicks []float64
	alphas        []float64   // −dε² of each kick
	decays        [][]float64 // e^{−σεd/2} of each kick, nil without a sponge

	x, b    []float64 // the state
	drives  []clamp
	signals []float64 // what each drive shows after each drift
}

// clamp is the boundary neurons of a driven side.
type clamp struct {
	signal Signal
	sites  []int // ascending
}

// maxSignals is how many steps of a driven field are swept in one go.
const maxSignals = 512

// newSweptScalar returns the fast evolution of a model, or false if its weights are
// not a star of neighbours, the same along all axes.
func newSweptScalar(m *kleinGordon, c *canonical) (*sweptScalar, bool) {
	k, ok := m.stiffness.(*weights.Stencil)
	if !ok {
		return nil, false
	}
	l := m.p.Lattice
	f := k.Form()
	if len(f.Odd) > 0 || len(f.Groups) < 1 || len(f.Groups) > 2 {
		return nil, false
	}
	for g, group := range f.Groups {
		if !slices.Equal(group.Offsets, star(l.Dim(), g+1)) {
			return nil, false
		}
	}
	field := &stencil.Scalar[float64]{Scale: f.Scale, Centre: f.Centre}
	if len(f.Groups) == 2 {
		field.Ratio = f.Groups[1].Ratio
	}
	e := &sweptScalar{canonical: c, pairs: scalarPairs{field: field, step: c.step}}
	for _, a := range l.Axes() {
		field.Axes = append(field.Axes, stencilAxis(a))
	}
	if m.potential != nil {
		field.Force = onSite(m.potential)
	}
	for _, d := range m.p.Drives {
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
	e.sweep = sweep.New(sweep.ChooseRows(field.Slabs(), rows, field.Radius(), l.Axis(0).Periodic(), l.Axis(l.Dim()/2).Periodic(),
		2*8*l.Sites()/field.Slabs()/rows, 2), &e.pairs)
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

// onSite returns the force of a potential.
func onSite(p *bound) stencil.Force[float64] {
	if p.kind == kindPhi4 {
		return &stencil.Phi4[float64]{Lambda: p.lambda, V2: float64(p.v * p.v)}
	}
	return localForce{p}
}

// localForce is the force of any potential.
type localForce struct{ *bound }

func (f localForce) AddForce(g []float64, alpha float64, x []float64, at int) {
	f.addForce(g, alpha, x, at)
}

// Advance sweeps n steps.
func (e *sweptScalar) Advance(s *State, n int, drifts, kicks []float64) {
	p := &e.pairs
	p.compose(drifts, kicks)
	p.x, p.b = s.Arrays[0], s.Arrays[1]
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
}

// Kick does one kick by the kernels, or that of the network where biases are damped.
func (e *sweptScalar) Kick(s *State, d float64) {
	if e.pairs.sigma != nil {
		e.canonical.Kick(s, d)
		return
	}
	e.kick = scalarKick{e.pairs.field, s.Arrays[0], s.Arrays[1], -float64(d * float64(e.step*e.step))}
	slabs := e.pairs.field.Slabs()
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

// compose prepares the numbers of a composition.
func (p *scalarPairs) compose(drifts, kicks []float64) {
	if slices.Equal(drifts, p.drifts) && slices.Equal(kicks, p.kicks) {
		return
	}
	p.drifts, p.kicks = slices.Clone(drifts), slices.Clone(kicks)
	p.alphas, p.decays = make([]float64, len(kicks)), make([][]float64, len(kicks))
	for i, d := range kicks {
		p.alphas[i] = -float64(d * float64(p.step*p.step))
		if p.sigma == nil {
			continue
		}
		if k := slices.Index(kicks[:i], d); k >= 0 {
			p.decays[i] = p.decays[k]
			continue
		}
		p.decays[i] = make([]float64, len(p.sigma))
		for site, v := range p.sigma {
			p.decays[i][site] = elementary.Exp(-v * d / 2)
		}
	}
}

// sample notes what the drives show after each drift of the next steps, at the
// times that the network has then.
func (p *scalarPairs) sample(s *State, steps int) {
	p.signals = p.signals[:0]
	t := s.Time
	for k := range steps {
		for _, c := range p.drifts {
			t += float64(c * p.step)
			for _, d := range p.drives {
				p.signals = append(p.signals, d.signal.At(t))
			}
		}
		t = float64(s.Step+k+1) * p.step
	}
}

// DriftRows does the drift of pair j and shows its data to the boundary neurons.
func (p *scalarPairs) DriftRows(lo, hi, y0, y1, j int) {
	p.field.Drift(p.x, p.b, lo, hi, y0, y1, p.drifts[j%len(p.drifts)])
	if len(p.drives) == 0 {
		return
	}
	for z := lo; z < hi; z++ {
		p.show(z, y0, y1, j)
	}
}

// KickRows does the kick of pair j.
func (p *scalarPairs) KickRows(lo, hi, y0, y1, j int) {
	j %= len(p.kicks)
	p.field.Kick(p.b, p.x, lo, hi, y0, y1, p.alphas[j], p.decays[j])
}

// DriftKickRows does both, in one pass if there are no boundary neurons.
func (p *scalarPairs) DriftKickRows(lo, hi, y0, y1, j int) {
	if len(p.drives) > 0 {
		r := p.field.Radius()
		p.DriftRows(lo, hi, y0, y1, j)
		p.KickRows(lo-r, hi-r, y0, y1, j)
		return
	}
	j %= len(p.kicks)
	p.field.DriftKick(p.x, p.b, lo, hi, y0, y1, p.drifts[j], p.alphas[j], p.decays[j])
}

func (p *scalarPairs) Drift(lo, hi, j int)     { p.DriftRows(lo, hi, 0, p.field.Rows(), j) }
func (p *scalarPairs) Kick(lo, hi, j int)      { p.KickRows(lo, hi, 0, p.field.Rows(), j) }
func (p *scalarPairs) DriftKick(lo, hi, j int) { p.DriftKickRows(lo, hi, 0, p.field.Rows(), j) }

// show clamps the boundary neurons among rows of slab z.
func (p *scalarPairs) show(z, y0, y1, j int) {
	from, to := p.field.Sites(z, y0, y1)
	for k, d := range p.drives {
		at, _ := slices.BinarySearch(d.sites, from)
		for ; at < len(d.sites) && d.sites[at] < to; at++ {
			p.x[d.sites[at]] = p.signals[j*len(p.drives)+k]
		}
	}
}
