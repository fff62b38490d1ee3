package reference

import (
	"fmt"
	"math"
)

// frame is the rest frame of something that moves with velocity u and sits at
// x₀ when t = 0.
type frame struct{ velocity, centre, gamma float64 }

func newFrame(velocity, centre float64) (frame, error) {
	if !(math.Abs(velocity) < 1) {
		return frame{}, fmt.Errorf("velocity %v; it must lie between −1 and 1, the speeds of light", velocity)
	}
	if !finite(centre) {
		return frame{}, fmt.Errorf("centre %v; it must be finite", centre)
	}
	// (1−u)(1+u) keeps the digits that 1−u² loses near the speed of light.
	return frame{velocity, centre, 1 / math.Sqrt((1-velocity)*(1+velocity))}, nil
}

// rest returns x and t as seen in the rest frame.
func (f frame) rest(x, t float64) (x1, t1 float64) {
	x -= f.centre
	return f.gamma * (x - float64(f.velocity*t)), f.gamma * (t - float64(f.velocity*x))
}

// sech returns 1/cosh x; it is 0 far out, where cosh overflows.
func sech(x float64) float64 { return 1 / math.Cosh(x) }

// Kink is the kink of the φ⁴ theory with V = (λ/4)(φ² − v²)²,
//
//	φ(x, t) = v·tanh(√(λ/2) v γ(x − x₀ − ut)),   γ = 1/√(1 − u²),
//
// a solution of φ̈ = ∂²φ − λφ(φ² − v²) that joins the vacuum −v at the left to v at
// the right (R. Rajaraman, Solitons and Instantons, 1982, ch. 2).
type Kink struct {
	frame
	lambda, vacuum float64
	sign           float64 // −1 for the antikink
}

// NewKink returns the kink of coupling λ = lambda > 0 and vacuum v > 0 that passes
// x₀ = centre at t = 0 with the given velocity u, |u| < 1.
func NewKink(lambda, v, velocity, centre float64) (Kink, error) {
	if !(lambda > 0) || math.IsInf(lambda, 1) {
		return Kink{}, fmt.Errorf("reference.NewKink: coupling λ = %v; it must be positive and finite", lambda)
	}
	if !(v > 0) || math.IsInf(v, 1) {
		return Kink{}, fmt.Errorf("reference.NewKink: vacuum v = %v; it must be positive and finite (see Kink.Anti for the antikink)", v)
	}
	f, err := newFrame(velocity, centre)
	if err != nil {
		return Kink{}, fmt.Errorf("reference.NewKink: %w", err)
	}
	return Kink{f, lambda, v, 1}, nil
}

// Anti returns the antikink −φ with the same centre and velocity.
func (k Kink) Anti() Kink {
	k.sign = -k.sign
	return k
}

// steepness returns √(λ/2) v, one over the half width at rest.
func (k Kink) steepness() float64 { return math.Sqrt(k.lambda/2) * k.vacuum }

// Phi returns φ(x, t).
func (k Kink) Phi(x, t float64) float64 {
	x, _ = k.rest(x, t)
	return k.sign * k.vacuum * math.Tanh(k.steepness()*x)
}

// PhiDot returns ∂φ/∂t.
func (k Kink) PhiDot(x, t float64) float64 {
	x, _ = k.rest(x, t)
	s := sech(k.steepness() * x)
	return -k.sign * k.vacuum * k.steepness() * k.gamma * k.velocity * s * s
}

// Energy returns the total energy γM, M = (2√2/3)√λ v³ being the mass of the kink.
func (k Kink) Energy() float64 {
	return 2 * math.Sqrt2 / 3 * math.Sqrt(k.lambda) * k.vacuum * k.vacuum * k.vacuum * k.gamma
}

// SineGordonKink is the kink of V = 1 − cos φ,
//
//	φ(x, t) = 4 atan e^{γ(x − x₀ − ut)},
//
// a solution of φ̈ = ∂²φ − sin φ that climbs from 0 at the left to 2π at the right
// (Rajaraman, ch. 2).
type SineGordonKink struct {
	frame
	sign float64 // −1 for the antikink
}

// NewSineGordonKink returns the kink that passes x₀ = centre at t = 0 with the
// given velocity u, |u| < 1.
func NewSineGordonKink(velocity, centre float64) (SineGordonKink, error) {
	f, err := newFrame(velocity, centre)
	if err != nil {
		return SineGordonKink{}, fmt.Errorf("reference.NewSineGordonKink: %w", err)
	}
	return SineGordonKink{f, 1}, nil
}

// Anti returns the antikink 4 atan e^{−γ(x−x₀−ut)}, which falls from 2π to 0, with
// the same centre and velocity.
func (k SineGordonKink) Anti() SineGordonKink {
	k.sign = -k.sign
	return k
}

// Phi returns φ(x, t).
func (k SineGordonKink) Phi(x, t float64) float64 {
	x, _ = k.rest(x, t)
	return 4 * math.Atan(math.Exp(k.sign*x))
}

// PhiDot returns ∂φ/∂t.
func (k SineGordonKink) PhiDot(x, t float64) float64 {
	x, _ = k.rest(x, t)
	return -2 * k.sign * k.gamma * k.velocity * sech(x)
}

// Energy returns the total energy 8γ.
func (k SineGordonKink) Energy() float64 { return 8 * k.gamma }

// Breather is the bound kink and antikink of V = 1 − cos φ. At rest, with
// η = √(1 − w²),
//
//	φ(x, t) = 4 atan[ (η/w) sin(wt) / cosh(η(x − x₀)) ],
//
// and moving with velocity u the same in the boosted coordinates γ(x − x₀ − ut) and
// γ(t − u(x − x₀)) (Rajaraman, ch. 2).
type Breather struct {
	frame
	w, eta float64
}

// NewBreather returns the breather of frequency w at rest, 0 < w < 1, that passes
// x₀ = centre at t = 0 with the given velocity u, |u| < 1.
func NewBreather(w, velocity, centre float64) (Breather, error) {
	if !(w > 0 && w < 1) {
		return Breather{}, fmt.Errorf("reference.NewBreather: frequency w = %v; it must lie between 0 and 1", w)
	}
	f, err := newFrame(velocity, centre)
	if err != nil {
		return Breather{}, fmt.Errorf("reference.NewBreather: %w", err)
	}
	return Breather{f, w, math.Sqrt((1 - w) * (1 + w))}, nil
}

// Phi returns φ(x, t).
func (b Breather) Phi(x, t float64) float64 {
	x, t = b.rest(x, t)
	return 4 * math.Atan2(b.eta*math.Sin(b.w*t)*sech(b.eta*x), b.w)
}

// PhiDot returns ∂φ/∂t.
func (b Breather) PhiDot(x, t float64) float64 {
	x, t = b.rest(x, t)
	sin, cos := math.Sincos(b.w * t)
	// φ = 4 atan(s/w); dividing by the hypotenuse never overflows.
	s := b.eta * sin * sech(b.eta*x)
	h := math.Hypot(b.w, s)
	inTime := 4 * b.eta * cos * sech(b.eta*x) * (b.w / h) * (b.w / h)
	inSpace := -4 * b.eta * math.Tanh(b.eta*x) * (b.w / h) * (s / h)
	return b.gamma * (inTime - float64(b.velocity*inSpace))
}

// Energy returns the total energy 16ηγ, less than that of two kinks.
func (b Breather) Energy() float64 { return 16 * b.eta * b.gamma }
