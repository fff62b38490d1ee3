package thermo

import (
	"context"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

// Laws is the measurement of the laws of learning along a path.
type Laws struct {
	Network     *learning.Network
	Path        [][]float64   // the variables q at some moments of a training, two at least
	Data        learning.Data // the samples the boundary neurons are held at; all functions are means over them
	Temperature float64

	// Chain is the Monte Carlo to do, nil for the closed form.
	Chain *Chain
}

// Course is what [Laws.Measure] found.
type Course struct {
	Points  []Canonical // one for each moment
	Changes []Change    // one for each two moments in a row
}

// Change is what happened between two moments. Heat and Work sum up to Energy:
// that is the first law, and Closure is what is missing.
type Change struct {
	Energy  ensemble.Estimate // ΔU
	Entropy ensemble.Estimate // ΔS
	Heat    ensemble.Estimate // TΔS

	// Work is ∫⟨∂H/∂q⟩·dq along the straight line between the moments, by
	// Simpson's rule. Its error includes how far that is from the trapezoidal rule.
	Work ensemble.Estimate

	// Closure is ΔU − TΔS − Work. ΔU − TΔS = ΔF comes from partition functions and
	// Work from gradients: that they agree is no algebra.
	Closure ensemble.Estimate
}

// Measure measures the thermodynamic functions at each moment and the laws between
// them. Samples are shared out among all cores; the numbers do not depend on how many
// there are. It stops when ctx is cancelled.
//
// It fails for fewer than two moments, data and variables that do not fit the network, a
// temperature that is not positive, and where [Energy.Exact] or [Energy.Sample]
// fails.
func (l Laws) Measure(ctx context.Context) (*Course, error) {
	if len(l.Path) < 2 {
		return nil, fmt.Errorf("thermo: Laws along %d moments; give two at least", len(l.Path))
	}
	n := len(l.Path)
	steps := make([][]float64, n-1)
	stops := make([][]float64, 0, 2*n-1) // moments and, between them, the middles
	for i, q := range l.Path {
		if err := l.Network.Fit(q, l.Data); err != nil {
			return nil, fmt.Errorf("thermo: Laws at moment %d: %w", i, err)
		}
		if i > 0 {
			before := l.Path[i-1]
			step, middle := make([]float64, len(q)), make([]float64, len(q))
			for k := range q {
				step[k], middle[k] = q[k]-before[k], (q[k]+before[k])/2
			}
			steps[i-1] = step
			stops = append(stops, middle)
		}
		stops = append(stops, q)
	}
	t := &survey{Laws: l, ctx: ctx, steps: steps, stops: stops, found: make([]Canonical, len(stops)*l.Data.Samples()), failed: make([]error, len(stops)*l.Data.Samples())}
	pool.Run(len(t.found), 1, t)
	for _, err := range t.failed {
		if err != nil {
			return nil, err
		}
	}
	return t.course(), nil
}

// survey measures every sample at every stop.
type survey struct {
	Laws
	ctx          context.Context
	steps, stops [][]float64
	found        []Canonical // stop after stop
	failed       []error
}

// Do measures lo ≤ i < hi.
func (t *survey) Do(lo, hi int) {
	samples := t.Data.Samples()
	for i := lo; i < hi; i++ {
		if t.failed[i] = t.ctx.Err(); t.failed[i] != nil {
			return
		}
		t.found[i], t.failed[i] = t.measure(i/samples, i%samples, uint64(i))
	}
}

func (t *survey) measure(stop, s int, number uint64) (Canonical, error) {
	d := t.Data
	e, err := States(t.Network, t.stops[stop], d.X[s*d.Inputs:(s+1)*d.Inputs], d.Y[s*d.Outputs:(s+1)*d.Outputs])
	if err != nil {
		return Canonical{}, err
	}
	// A middle needs the slope along its step, a moment those of both its steps.
	var directions [][]float64
	for _, k := range []int{(stop+1)/2 - 1, stop / 2} {
		if k >= 0 && k < len(t.steps) && (len(directions) == 0 || stop%2 == 0) {
			directions = append(directions, t.steps[k])
		}
	}
	if t.Chain == nil {
		return e.Exact(t.Temperature, directions...)
	}
	c := *t.Chain
	c.Seed += number << 32
	return e.sample(t.Temperature, c, stop%2 == 0, directions)
}

// course averages over the samples.
func (t *survey) course() *Course {
	samples := t.Data.Samples()
	all := make([]Canonical, len(t.stops))
	for i := range all {
		all[i] = average(t.found[i*samples : (i+1)*samples])
	}
	c := &Course{}
	for i := 0; i < len(all); i += 2 {
		c.Points = append(c.Points, all[i])
	}
	for i := 0; i+2 < len(all); i += 2 {
		c.Changes = append(c.Changes, change(all[i], all[i+1], all[i+2]))
	}
	return c
}

func average(of []Canonical) Canonical {
	r := of[0]
	r.Slopes = append([]ensemble.Estimate(nil), r.Slopes...)
	mean := func(get func(c Canonical) ensemble.Estimate) ensemble.Estimate {
		var m ensemble.Estimate
		for _, c := range of {
			e := get(c)
			m.Value += e.Value / float64(len(of))
			m.Error = math.Hypot(m.Error, e.Error/float64(len(of)))
		}
		return m
	}
	r.Energy = mean(func(c Canonical) ensemble.Estimate { return c.Energy })
	r.FreeEnergy = mean(func(c Canonical) ensemble.Estimate { return c.FreeEnergy })
	for i := range r.Slopes {
		r.Slopes[i] = mean(func(c Canonical) ensemble.Estimate { return c.Slopes[i] })
	}
	for _, c := range of {
		r.Correlation = max(r.Correlation, c.Correlation)
		r.Acceptance = min(r.Acceptance, c.Acceptance)
	}
	r.finish()
	return r
}

// change returns what happened from a by way of the middle m to b.
func change(a, m, b Canonical) Change {
	from, middle, to := a.Slopes[len(a.Slopes)-1], m.Slopes[0], b.Slopes[0]
	simpson := (from.Value + float64(4*middle.Value) + to.Value) / 6
	trapezoid := (from.Value + to.Value) / 2
	c := Change{
		Energy:  difference(b.Energy, a.Energy),
		Entropy: difference(b.Entropy, a.Entropy),
		Work: ensemble.Estimate{
			Value: simpson,
			Error: math.Sqrt(square(from.Error/6) + square(4*middle.Error/6) + square(to.Error/6) + square(simpson-trapezoid)),
		},
	}
	c.Heat = ensemble.Estimate{Value: a.Temperature * c.Entropy.Value, Error: a.Temperature * c.Entropy.Error}
	free := difference(b.FreeEnergy, a.FreeEnergy)
	c.Closure = ensemble.Estimate{Value: c.Energy.Value - c.Heat.Value - c.Work.Value, Error: math.Hypot(free.Error, c.Work.Error)}
	return c
}

func difference(a, b ensemble.Estimate) ensemble.Estimate {
	return ensemble.Estimate{Value: a.Value - b.Value, Error: math.Hypot(a.Error, b.Error)}
}

func square(x float64) float64 { return float64(x * x) }

// SecondLaw counts what became of dS ≤ 0.
type SecondLaw struct {
	Fell, Rose, Undecided int               // by more than two standard errors, or not
	Worst                 ensemble.Estimate // the largest ΔS
	Total                 ensemble.Estimate // from the first moment to the last
}

// String returns the count as a sentence.
func (s SecondLaw) String() string {
	return fmt.Sprintf("entropy fell in %d, rose in %d and did neither for sure in %d of %d steps; largest change %v, in all %v",
		s.Fell, s.Rose, s.Undecided, s.Fell+s.Rose+s.Undecided, s.Worst, s.Total)
}

// SecondLaw counts in how many steps the entropy fell.
func (c *Course) SecondLaw() SecondLaw {
	s := SecondLaw{Worst: c.Changes[0].Entropy, Total: difference(c.Points[len(c.Points)-1].Entropy, c.Points[0].Entropy)}
	for _, change := range c.Changes {
		d := change.Entropy
		switch {
		case d.Value < -2*d.Error:
			s.Fell++
		case d.Value > 2*d.Error:
			s.Rose++
		default:
			s.Undecided++
		}
		if d.Value > s.Worst.Value {
			s.Worst = d
		}
	}
	return s
}
