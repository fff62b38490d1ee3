package reference_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/reference"
)

// solution is what all closed forms offer.
type solution interface {
	Phi(x, t float64) float64
	PhiDot(x, t float64) float64
	Energy() float64
}

// potential is V and V′ of φ̈ = ∂²φ − V′(φ).
type potential struct{ v, force func(phi float64) float64 }

func phi4(lambda, vacuum float64) potential {
	return potential{
		func(p float64) float64 { return lambda / 4 * math.Pow(p*p-vacuum*vacuum, 2) },
		func(p float64) float64 { return lambda * p * (p*p - vacuum*vacuum) },
	}
}

func mass(m float64) potential {
	return potential{
		func(p float64) float64 { return m * m * p * p / 2 },
		func(p float64) float64 { return m * m * p },
	}
}

var sineGordon = potential{
	func(p float64) float64 { return 1 - math.Cos(p) },
	math.Sin,
}

// firstDerivative and secondDerivative are central differences of order six.
func firstDerivative(f func(float64) float64, x, h float64) float64 {
	return (45*(f(x+h)-f(x-h)) - 9*(f(x+2*h)-f(x-2*h)) + (f(x+3*h) - f(x-3*h))) / (60 * h)
}

func secondDerivative(f func(float64) float64, x, h float64) float64 {
	return (-490*f(x) + 270*(f(x+h)+f(x-h)) - 27*(f(x+2*h)+f(x-2*h)) + 2*(f(x+3*h)+f(x-3*h))) / (180 * h * h)
}

// solves fails unless s obeys φ̈ = ∂²φ − V′(φ), with PhiDot the slope of Phi.
func solves(t *rapid.T, s solution, v potential, x, time float64) {
	const h = 0.01
	inTime := func(t float64) float64 { return s.Phi(x, t) }
	inSpace := func(x float64) float64 { return s.Phi(x, time) }
	rest := secondDerivative(inTime, time, h) - secondDerivative(inSpace, x, h) + v.force(s.Phi(x, time))
	if !(math.Abs(rest) < 2e-8) {
		t.Fatalf("φ̈ − ∂²φ + V′ = %g at x = %v, t = %v", rest, x, time)
	}
	if slope := firstDerivative(inTime, time, h); !(math.Abs(slope-s.PhiDot(x, time)) < 1e-9) {
		t.Fatalf("∂φ/∂t = %v, PhiDot says %v at x = %v, t = %v", slope, s.PhiDot(x, time), x, time)
	}
}

// hasEnergy fails unless ∫ ½φ̇² + ½(∂φ)² + V over [low, low+length] is want; the
// trapezoidal rule converges exponentially for what is periodic or decays.
func hasEnergy(t *rapid.T, s solution, v potential, time, low, length, want float64) {
	const h = 0.02
	cells := math.Round(length / h)
	sum := 0.0
	for i := range int(cells) {
		x := low + float64(i)*length/cells
		slope := firstDerivative(func(x float64) float64 { return s.Phi(x, time) }, x, 0.004)
		dot := s.PhiDot(x, time)
		sum += (dot*dot/2 + slope*slope/2 + v.v(s.Phi(x, time))) * length / cells
	}
	if !(math.Abs(sum-want) < 1e-9*max(1, want)) {
		t.Fatalf("the energy is %.12g at t = %v, Energy says %.12g", sum, time, want)
	}
}

func draw(t *rapid.T, name string, low, high float64) float64 {
	return rapid.Float64Range(low, high).Draw(t, name)
}

func TestKink(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lambda, vacuum := draw(t, "lambda", 0.5, 2), draw(t, "v", 0.8, 1.3)
		k, err := reference.NewKink(lambda, vacuum, draw(t, "u", -0.7, 0.7), draw(t, "centre", -1, 1))
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "anti") {
			k = k.Anti()
		}
		time := draw(t, "t", -3, 3)
		solves(t, k, phi4(lambda, vacuum), draw(t, "x", -4, 4), time)
		hasEnergy(t, k, phi4(lambda, vacuum), time, -30, 60, k.Energy())
	})
}

func TestSineGordonKink(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, err := reference.NewSineGordonKink(draw(t, "u", -0.8, 0.8), draw(t, "centre", -1, 1))
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "anti") {
			k = k.Anti()
		}
		time := draw(t, "t", -3, 3)
		solves(t, k, sineGordon, draw(t, "x", -4, 4), time)
		hasEnergy(t, k, sineGordon, time, -30, 60, k.Energy())
	})
}

func TestBreather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := reference.NewBreather(draw(t, "w", 0.1, 0.8), draw(t, "u", -0.6, 0.6), draw(t, "centre", -1, 1))
		if err != nil {
			t.Fatal(err)
		}
		time := draw(t, "t", -10, 10)
		solves(t, b, sineGordon, draw(t, "x", -4, 4), time)
		hasEnergy(t, b, sineGordon, time, -40, 80, b.Energy())
	})
}

func TestWaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, k := draw(t, "m", 0, 2), draw(t, "k", 0.5, 2)
		amplitude, phase := draw(t, "A", 0.5, 2), draw(t, "phase", -3, 3)
		for _, s := range []solution{
			reference.PlaneWave{Amplitude: amplitude, WaveNumber: k, Frequency: math.Hypot(m, k), Phase: phase},
			reference.StandingWave{Amplitude: amplitude, WaveNumber: k, Frequency: -math.Hypot(m, k), Phase: phase},
		} {
			time, length := draw(t, "t", -3, 3), 2*math.Pi/k
			solves(t, s, mass(m), draw(t, "x", -4, 4), time)
			hasEnergy(t, s, mass(m), time, 0, length, s.Energy()*length)
		}
	})
}

// Where things are: vacua at the ends, centres that move with u, the sign of u.
func TestWhereSolitonsAre(t *testing.T) {
	kink, err := reference.NewKink(2, 1.5, 0.6, 3)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "centre", kink.Phi(3+0.6*5, 5), 0, 1e-15)
	near(t, "left vacuum", kink.Phi(-1e4, 5), -1.5, 0)
	near(t, "right vacuum", kink.Phi(1e4, 5), 1.5, 0)
	near(t, "antikink", kink.Anti().Phi(1e4, 5), -1.5, 0)
	near(t, "far slope", kink.PhiDot(1e4, 5), 0, 0)

	sine, err := reference.NewSineGordonKink(-0.6, 3)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "centre", sine.Phi(3-0.6*5, 5), math.Pi, 1e-14)
	near(t, "left vacuum", sine.Phi(-1e4, 5), 0, 0)
	near(t, "right vacuum", sine.Phi(1e4, 5), 2*math.Pi, 0)
	near(t, "antikink", sine.Anti().Phi(-1e4, 5), 2*math.Pi, 0)
	near(t, "far slope", sine.PhiDot(1e4, 5), 0, 0)

	breather, err := reference.NewBreather(0.6, 0.5, 3)
	if err != nil {
		t.Fatal(err)
	}
	// At its centre t′ = t/γ: the clock of a moving breather is slow.
	quarter := math.Pi / 2 / 0.6 / math.Sqrt(1-0.25)
	near(t, "crest", breather.Phi(3+0.5*quarter, quarter), 4*math.Atan(0.8/0.6), 1e-14)
	near(t, "far field", breather.Phi(1e4, 2), 0, 0)
	near(t, "far slope", breather.PhiDot(1e4, 2), 0, 0)
}

func TestClosedFormErrors(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		lambda, v, u, centre float64
		want                 string
	}{
		{0, 1, 0, 0, "λ = 0"}, {inf, 1, 0, 0, "λ = +Inf"}, {1, -1, 0, 0, "v = -1"}, {1, nan, 0, 0, "v = NaN"},
		{1, 1, 1, 0, "velocity 1; it must lie between −1 and 1"}, {1, 1, nan, 0, "velocity NaN"}, {1, 1, 0, inf, "centre +Inf"},
	} {
		_, err := reference.NewKink(c.lambda, c.v, c.u, c.centre)
		wantError(t, err, "reference.NewKink: ", c.want)
	}
	_, err := reference.NewSineGordonKink(-1, 0)
	wantError(t, err, "reference.NewSineGordonKink: velocity -1")
	_, err = reference.NewBreather(0.5, 2, 0)
	wantError(t, err, "reference.NewBreather: velocity 2")
	for _, w := range []float64{0, 1, -0.5, nan} {
		_, err = reference.NewBreather(w, 0, 0)
		wantError(t, err, "reference.NewBreather: frequency w = ", "between 0 and 1")
	}
}

func TestNothingAllocates(t *testing.T) {
	kink, _ := reference.NewKink(1, 1, 0.5, 0)
	breather, _ := reference.NewBreather(0.5, 0.5, 0)
	sum := 0.0
	if n := testing.AllocsPerRun(100, func() {
		sum += kink.Phi(1, 2) + kink.PhiDot(1, 2) + breather.Phi(1, 2) + breather.PhiDot(1, 2)
	}); n != 0 {
		t.Errorf("the closed forms allocate %v times", n)
	}
}
