package einstein_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/geometry/curvature"
	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// between gives a builder the ends and the neurons of an exact solution, which has
// the proper duration of the coordinate time divided by a lapse of about 0.8.
func between(b einstein.Builder, e reference.Expansion, sites int) einstein.Builder {
	return b.Times(sites, e.Duration/0.8).From(e.First()...).To(e.Last()...).Neurons(e.Neurons)
}

// fatalf is what tests and properties have in common.
type fatalf interface {
	Helper()
	Fatal(args ...any)
}

// learn runs until the end and reads what was learned.
func learn(t fatalf, s simulate.Simulation) einstein.Learned {
	t.Helper()
	r, err := s.Frames(simulate.Count(2)).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	l, err := einstein.Read(r, r.Len()-1)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// distance returns the largest difference of the learned factors from an exact
// solution, at equal parts of the time between the ends.
func distance(l einstein.Learned, e reference.Expansion) float64 {
	worst := 0.0
	for i, t := range l.Times {
		exact := e.Factors(e.Duration * t / l.Times[len(l.Times)-1])
		for f, q := range l.Functions {
			worst = math.Max(worst, math.Abs(q[i]-exact[f]))
		}
	}
	return worst
}

// refine learns on ever finer axes of time and holds all errors to second order and
// the finest ones to bounds.
func refine(t *testing.T, b einstein.Builder, e reference.Expansion, until float64, sites []int, lambda float64) {
	t.Helper()
	var last [5]float64
	names := [5]string{"Λ", "duration", "factors", "constraint", "G + Λg"}
	for i, n := range sites {
		l := learn(t, between(b, e, n).Until(until))
		if math.Abs(l.Neurons-l.Target) > 1e-12*l.Target {
			t.Errorf("%d sites: %v neurons of %v", n, l.Neurons, l.Target)
		}
		residual, err := l.Einstein()
		if err != nil {
			t.Fatal(err)
		}
		now := [5]float64{math.Abs(l.Lambda - e.Lambda), math.Abs(l.Duration() - e.Duration), distance(l, e), l.Constraint, residual}
		t.Logf("%4d sites: Λ − Λ₀ %.2g, duration %.2g, factors %.2g, constraint %.2g, G + Λg %.2g", n, now[0], now[1], now[2], now[3], now[4])
		for j, v := range now {
			slope := math.Log2(last[j] / v)
			if i > 0 && math.Abs(slope-2) > 0.12 && (j < 4 || math.Abs(slope-2) > 0.3) {
				t.Errorf("%s at %d sites falls with the slope %.3f", names[j], n, slope)
			}
		}
		last = now
	}
	if last[0] > lambda {
		t.Errorf("Λ is off by %.2g", last[0])
	}
}

// A universe that maximises its entropy production at a fixed number of neurons is
// de Sitter space, with the Λ that theory gives; the errors are of second order.
func TestLearnsDeSitter(t *testing.T) {
	e := reference.DeSitterExpansion(1, 0, 1)
	refine(t, einstein.FRW(), e, 28, []int{81, 161, 321, 641, 1281}, 1e-6)
	refine(t, einstein.FRW().Learn(einstein.Covariant), e, 12, []int{81, 161, 321}, 1e-4)
}

// The saddle of Kantowski and Sachs is learned by the covariant rule: de Sitter
// space in other clothes, and Nariai's.
func TestLearnsKantowskiSachs(t *testing.T) {
	refine(t, einstein.KantowskiSachs(), reference.KantowskiSachsExpansion(0.9, 0.4, 1.5), 12, []int{81, 161, 321, 641, 1281}, 1e-6)

	// Nariai's B is constant and its A a wave of one frequency, which lattices know:
	// only the lapse has an error of the axis of time.
	e := reference.NariaiExpansion(1.3, 0.1, 1.4)
	b := einstein.KantowskiSachs().Start("1.007 + 0.961*t + 0.3*sin(pi*t/1.625)", "0.877 + 0.2*sin(pi*t/1.625)")
	last := 0.0
	for i, n := range []int{81, 161, 321} {
		l := learn(t, between(b, e, n).Until(30).Step(0.5))
		d := math.Abs(l.Duration() - e.Duration)
		t.Logf("Nariai, %d sites: Λ − Λ₀ %.2g, factors %.2g, duration %.2g, residual %.2g", n, l.Lambda-e.Lambda, distance(l, e), d, l.Residual)
		if math.Abs(l.Lambda-e.Lambda) > 1e-12 || distance(l, e) > 1e-12 || l.Residual > 1e-8 {
			t.Errorf("%d sites: Λ = %.15g, want %v, factors off by %.2g, residual %.2g", n, l.Lambda, e.Lambda, distance(l, e), l.Residual)
		}
		if slope := math.Log2(last / d); i > 0 && math.Abs(slope-2) > 0.1 {
			t.Errorf("the duration at %d sites converges with the slope %.3f", n, slope)
		}
		last = d
	}
}

// Covariant gradient descent brings every residual down as e^{−τ}, for a maximum and
// for a saddle alike: those of the factors, of the neurons and, where it can be
// told from the entropy production, that of N.
func TestCovariantRate(t *testing.T) {
	for name, b := range map[string]einstein.Builder{
		"FRW":             between(einstein.FRW().Learn(einstein.Covariant), reference.DeSitterExpansion(1, 0, 1), 41),
		"Kantowski-Sachs": between(einstein.KantowskiSachs(), reference.KantowskiSachsExpansion(0.9, 0.4, 1.5), 41),
	} {
		r, err := b.Guess(0.7, 1).Until(4).Step(0.05).Integrator("rk4").Frames(simulate.Count(5)).Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		residuals := func(i int) [3]float64 {
			l, err := einstein.Read(r, i)
			if err != nil {
				t.Fatal(err)
			}
			e := [3]float64{l.Residual, l.Neurons - l.Target, 0}
			if name == "FRW" { // its production goes as 1/N
				e[2] = (l.Production + 2*l.Lambda*l.Neurons) / l.Lapse
			}
			return e
		}
		first := residuals(0)
		for i := range r.Len() {
			for j, e := range residuals(i) {
				if want := first[j] * math.Exp(-r.Times()[i]); math.Abs(e-want) > 1e-5*math.Abs(want) {
					t.Errorf("%s: residual %d is %.9g at τ = %v, want %.9g", name, j, e, r.Times()[i], want)
				}
			}
		}
	}
}

// Controls: descent diverges on the maximum; ascent and descent both diverge on the
// saddle, although they begin on the exact solution.
func TestPlainGradientsDiverge(t *testing.T) {
	ks := reference.KantowskiSachsExpansion(0.9, 0.4, 1.5)
	saddle := between(einstein.KantowskiSachs(), ks, 81).Start("sinh(0.9*(0.4+0.8*t))", "cosh(0.9*(0.4+0.8*t))/0.9").Guess(0.8, ks.Lambda)
	for name, b := range map[string]einstein.Builder{
		"FRW, descent":             between(einstein.FRW(), reference.DeSitterExpansion(1, 0, 1), 81).Learn(einstein.Descent),
		"Kantowski-Sachs, ascent":  saddle.Learn(einstein.Ascent),
		"Kantowski-Sachs, descent": saddle.Learn(einstein.Descent),
	} {
		r, err := b.Until(40).Run(context.Background())
		var diverged *simulate.DivergedError
		if !errors.As(err, &diverged) {
			l, _ := einstein.Read(r, r.Len()-1)
			t.Errorf("%s: %v, %v with the residual %.3g", name, err, r.Stop.Reason, l.Residual)
		}
	}
	// The same beginning stays where it is by the covariant rule.
	if l := learn(t, saddle.Until(12)); l.Residual > 1e-8 {
		t.Errorf("the covariant rule leaves the solution: residual %.2g", l.Residual)
	}
}

// Controls: with a less symmetric Onsager tensor something is learned, but not de
// Sitter space with its Λ, however fine the axis of time; with the wrong sign of its
// first two weights nothing is.
func TestLessSymmetricOnsagerTensor(t *testing.T) {
	frw, ks := reference.DeSitterExpansion(1, 0, 1), reference.KantowskiSachsExpansion(0.9, 0.4, 1.5)
	for _, l := range []einstein.Onsager{{-1. / 4, 1. / 3, -1. / 2, 1. / 2}, {0, 1. / 4}, {-1. / 5, 1. / 4, -1. / 2, 1. / 2}} {
		universes := map[string]einstein.Builder{"FRW": between(einstein.FRW(), frw, 161)}
		if l[0] != 0 {
			universes["Kantowski-Sachs"] = between(einstein.KantowskiSachs(), ks, 161)
		}
		for name, b := range universes {
			learned := learn(t, b.Onsager(l).Until(30))
			residual, err := learned.Einstein()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, %.3g: Λ = %.4f, residual of its own equations %.2g, G + Λg %.2g", name, l, learned.Lambda, learned.Residual, residual)
			if learned.Residual > 1e-6 || residual < 0.1 {
				t.Errorf("%s, %v: residual of its own equations %.2g, G + Λg %.2g", name, l, learned.Residual, residual)
			}
			// What FRW learns is known: −½k H², k = −12L₀ − 36L₁.
			if want := 6*l[0] + 18*l[1]; name == "FRW" && math.Abs(learned.Lambda-want) > 1e-4*want {
				t.Errorf("%v: Λ = %.6f, want %.6f", l, learned.Lambda, want)
			}
		}
	}
	if _, err := between(einstein.FRW(), frw, 161).Onsager(einstein.Onsager{-1. / 4}).Until(30).Run(context.Background()); err == nil {
		t.Error("a convex functional has a maximum")
	}
}

// Any ends and any number of neurons give the Λ of the closed form,
// (a(T)³ − a(0)³)²/(3 neurons²).
func TestAnyUniverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Float64Range(0.3, 3).Draw(t, "a(0)")
		to := from * math.Exp(rapid.SampledFrom([]float64{-1, 1}).Draw(t, "sign")*rapid.Float64Range(0.3, 1.5).Draw(t, "e-folds"))
		neurons := rapid.Float64Range(0.2, 5).Draw(t, "neurons")
		l := learn(t, einstein.FRW().Times(401, rapid.Float64Range(0.2, 4).Draw(t, "T")).From(from).To(to).Neurons(neurons).Learn(einstein.Covariant).Until(40).Step(0.5))
		want := reference.DeSitterLambda(from, to, neurons)
		if math.Abs(l.Lambda-want) > 2e-5*want {
			t.Fatalf("Λ = %.9g, want %.9g", l.Lambda, want)
		}
	})
}

// The Lagrangians of the universes are the functional of any metric, reduced: on a
// slice of time both have the same density, with and without Λ, for any Onsager
// tensor.
func TestLagrangiansAreReduced(t *testing.T) {
	l := einstein.Onsager{0.3, -0.7, 0.2, 0.9, -0.4}
	f := func(x float64) float64 { return 1 + 0.3*math.Sin(x) }
	h := func(x float64) float64 { return 2 + 0.5*math.Cos(x) }
	const lapse, lambda, at = 1.3, 0.6, 0.8
	a, v, b, w := f(at), 0.3*math.Cos(at), h(at), -0.5*math.Sin(at)
	for _, c := range []struct {
		name         string
		kantowski    bool
		kinetic, vol float64
	}{
		{"FRW", false, (-12*l[0] - 36*l[1]) * a * v * v / lapse, lapse * a * a * a},
		{"Kantowski-Sachs", true, ((-4*l[0]-4*l[1])*b*b*v*v/a - 16*l[1]*b*v*w + (-8*l[0]-16*l[1])*a*w*w) / lapse, lapse * a * b * b},
	} {
		space := curvature.Symmetry(math.Pi / 2) // at the equator sin²θ = 1 and its slope is 0
		g := geometry(t, curvature.Order6, func(dst, x []float64) {
			clear(dst)
			a, b := f(x[0]), f(x[0])
			if c.kantowski {
				b = h(x[0])
			}
			dst[0], dst[2], dst[5], dst[9] = -lapse*lapse, a*a, b*b, b*b
		}, curvature.Around(at, 7, 0.01), space, space, space)
		density := make([]float64, 7)
		einstein.Functional{Onsager: l, Lambda: lambda}.Density(density, g)
		if want := c.kinetic - 2*lambda*c.vol; math.Abs(density[3]-want) > 1e-9 {
			t.Errorf("%s: density %.12g, want %.12g", c.name, density[3], want)
		}
	}
}

func TestLearningDoesNotAllocate(t *testing.T) {
	for _, rule := range []einstein.Rule{einstein.Ascent, einstein.Covariant} {
		m := between(einstein.KantowskiSachs(), reference.KantowskiSachsExpansion(0.9, 0.4, 1.5), 41).Learn(rule).MustBuild()
		e, err := m.Evolve(0.01)
		if err != nil {
			t.Fatal(err)
		}
		s, slope := m.Initial(), theory.NewState(m.Fields())
		if n := testing.AllocsPerRun(20, func() {
			e.Kick(s, 1)
			e.Drift(s, 1)
			if err := e.AddFlow(slope, 1, s); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a step", rule, n)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, rule := range []einstein.Rule{einstein.Ascent, einstein.Covariant} {
		b.Run(string(rule), func(b *testing.B) {
			m := between(einstein.KantowskiSachs(), reference.KantowskiSachsExpansion(0.9, 0.4, 1.5), 641).Learn(rule).MustBuild()
			e, err := m.Evolve(1e-9)
			if err != nil {
				b.Fatal(err)
			}
			s := m.Initial()
			for b.Loop() {
				e.Drift(s, 1)
				e.Kick(s, 1)
			}
		})
	}
}
