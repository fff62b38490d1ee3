package einstein

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/geometry/curvature"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Learned is what a network has learned at one time of its learning.
type Learned struct {
	Times     []float64   // t of the sites
	Functions [][]float64 // a, or A and B, at the sites
	Lapse     float64     // N
	Lambda    float64     // Λ

	Production float64 // entropy production ∫√−g 𝓛∂g∂g, S + 2Λ·Neurons
	Neurons    float64 // ∫√−g
	Target     float64 // what Neurons should be

	// Residual is the largest |δS/δq| at a site, per coordinate time.
	Residual float64

	// Constraint is the largest |∂L/∂N| on a link over the largest sum of the
	// absolute values of its two parts, the one with Λ and the one without: for FRW
	// |3ȧ² − ΛN²a²|a over 3ȧ²a + |Λ|N²a³. The lapse, one for all times, makes its
	// integral vanish, the equations of motion keep it constant.
	Constraint float64

	universe string
}

// Read returns what a run of this package had learned at frame i. It panics for a
// frame that does not exist and fails for a run of another theory.
func Read(r *simulate.Run, i int) (Learned, error) { return Of(r.Model, r.State(i)) }

// Of returns what a state of a model of this package holds. It fails for a model of
// another theory.
func Of(of theory.Model, s *theory.State) (Learned, error) {
	m, ok := of.(*model)
	if !ok {
		return Learned{}, fmt.Errorf("einstein: a metric learned by the theory %q; use a model of FRW or KantowskiSachs", of.Theory())
	}
	k := len(m.functions)
	a := newAction(m.lagrangian, k, m.sites, m.spacing())
	slope := theory.NewState(m.Fields())
	a.load(s)
	a.gradient(slope)
	l := Learned{Times: m.times.Coordinates(0), Lapse: s.Arrays[1][0], Lambda: s.Arrays[2][0], Target: m.neurons, Neurons: a.neurons(), universe: m.name}
	for f := range k {
		l.Functions = append(l.Functions, append([]float64{}, s.Arrays[0][f*m.sites:][:m.sites]...))
	}
	for _, v := range slope.Arrays[0] {
		l.Residual = math.Max(l.Residual, math.Abs(v)/m.spacing())
	}
	byLapse, byLambda, scale := a.first[2*k], a.first[2*k+1], 0.0
	for i, v := range byLapse {
		l.Constraint = math.Max(l.Constraint, math.Abs(v))
		volume := l.Lambda * byLambda[i] / l.Lapse
		scale = math.Max(scale, math.Abs(volume)+math.Abs(v-volume))
	}
	l.Constraint /= scale
	m.lagrangian.value.EvalTo(a.values, a.columns...)
	l.Production = a.total(a.values) + 2*l.Lambda*l.Neurons
	return l, nil
}

// Duration returns the proper time N·T between the ends.
func (l Learned) Duration() float64 { return l.Lapse * l.Times[len(l.Times)-1] }

// Metric returns the metric on a space-time lattice of the given order: its axis of
// time is that of the learning, the others are symmetries but for the angle θ, about
// π/2, with a spacing of 0.05, whose sin²θ is exact. So package curvature can judge
// it, which knows nothing of how it was learned.
func (l Learned) Metric(order curvature.Order) (*curvature.Geometry, error) {
	time := curvature.Axis{Sites: len(l.Times), Spacing: l.Times[1] - l.Times[0]}
	symmetry := curvature.Symmetry(0)
	space := [3]curvature.Axis{symmetry, symmetry, symmetry}
	if l.universe == "kantowski-sachs" {
		space[1] = curvature.Around(math.Pi/2, 7, 0.05)
	}
	grid, err := curvature.NewGrid(time, space[0], space[1], space[2])
	if err != nil {
		return nil, err
	}
	return curvature.New(grid, grid.Sample(func(dst, x []float64) {
		clear(dst)
		at := int(math.Round(x[0] / time.Spacing))
		dst[curvature.Index(0, 0)] = -l.Lapse * l.Lapse
		a := l.Functions[0][at]
		for i := 1; i < 4; i++ {
			dst[curvature.Index(i, i)] = a * a
		}
		if l.universe == "kantowski-sachs" {
			b, sin := l.Functions[1][at], math.Sin(x[2])
			dst[curvature.Index(2, 2)], dst[curvature.Index(3, 3)] = b*b, b*b*sin*sin
		}
	}), order)
}

// Einstein returns how far the metric is from Einstein's equations: the largest
// component of G_μν + Λg_μν in the orthonormal frame of the metric, which is
// diagonal, away from the ends, by differences of order 6 of package curvature, for
// which it needs 7 sites.
func (l Learned) Einstein() (float64, error) {
	g, err := l.Metric(curvature.Order6)
	if err != nil {
		return 0, err
	}
	errors := make([]float64, g.Grid().Sites())
	g.Each(func(p *curvature.Point) {
		for mu := range p.Dim {
			d := p.Metric.At(mu, mu)
			errors[p.Site] = math.Max(errors[p.Site], math.Abs((p.Einstein.At(mu, mu)+l.Lambda*d)/d))
		}
	})
	worst := 0.0
	for _, v := range errors {
		worst = math.Max(worst, v)
	}
	return worst, nil
}
