// Package entropic is an experiment on the claim that Lorentz symmetry emerges
// from the interplay of entropy production by the stochastic boundary dynamics and
// entropy destruction by learning, and that the path of stationary total is that of
// extremal proper time ([G] §5).
//
// # The network
//
// Its weights are a cyclic permutation of the neurons, so that activation carries
// a localised state one neuron a step, to the right or, with the transposed
// permutation, to the left ([W] §8, package strings): light, ẋ = ±1. A boundary
// neuron says which. The data that it is shown are noise: at each step the
// orientation is reversed with the probability f = λε, ε being the time of a step.
// Two trainable biases, one for each orientation, are added to the logarithm of the
// odds ln f/(1−f) of a reversal.
//
// # What is derived
//
// Among all ways to reverse that lead to the mean velocity v the most likely, which
// is what learning from states that have arrived finds, has biases of opposite sign.
// With g = f/(1−f) its reversals and the entropies in a step are
//
//	q = g(1 − v²)/(√(1 − v²(1−g²)) + g)         reversals
//	produced   Σ_s π_s [−f_s ln f_s − (1−f_s) ln(1−f_s)]
//	destroyed  Σ_s π_s ln (1−f_s)/(1−f),         π = ½(1±v), f_s = q/2π_s
//
// where destroyed is the information gain of the learned network against the one
// that has not learned. For f → 0, with the proper time dτ = √(1−v²) dt and the
// rapidity η = artanh v, this becomes
//
//	biases ∓η,   reversals λ dτ,   produced λ(1 − ln λε) dτ,   destroyed λ(dt − dτ).
//
// So a reversal is the tick of a clock that moves with the state, the biases add
// under boosts as rapidities do, what is produced counts proper time, and production
// in units of 1 − ln λε together with destruction is λ dt for every path: the
// balance. Entropy production is largest, and destruction least, where proper time
// is. That ln p = −λ(t − τ) is the large-deviation form of the telegraph process of
// M. Kac, Rocky Mt. J. Math. 4, 497 (1974).
//
// # What is assumed, and what cannot be shown
//
// [G] argues in general and gives no network; this one is a choice. That light has
// one speed in both directions is put in with the permutation. That the straight
// path wins would hold for every entropy that is concave in v; Lorentz symmetry is
// in the values, which must depend on the interval t² − x² alone. The lattice
// breaks it by terms of the order f. The control is f = ½, boundary data without
// memory: its entropies are those of coins and of no interval. The experiment has
// one space dimension and says nothing of curvature.
//
// Sources: [G] V. Vanchurin, arXiv:2111.00903, §5; [W] V. Vanchurin,
// arXiv:2008.01540, §8.
package entropic

import (
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
)

// Biases are what the network has learned: they are added to ln f/(1−f) while the
// state moves to the right and to the left. The zero value has learned nothing.
type Biases struct{ Right, Left float64 }

// Rates are what happens in a step, on average.
type Rates struct {
	Velocity  float64 // neurons a step, right minus left
	Reversals float64 // of the orientation
	Produced  float64 // entropy of the boundary dynamics, in nats
	Destroyed float64 // information gain by learning, in nats
}

// chances returns the probability of a reversal while moving right and left.
func chances(f float64, b Biases) (right, left float64) {
	odds := f / (1 - f)
	chance := func(bias float64) float64 {
		o := float64(odds * math.Exp(bias))
		return o / (1 + o)
	}
	return chance(b.Right), chance(b.Left)
}

// Stationary returns the rates of the network with the given biases once it has
// forgotten how it began. It fails for a reversal probability f outside (0, 1) and
// biases that are not finite.
func Stationary(f float64, b Biases) (Rates, error) {
	if err := check("Stationary", f, b); err != nil {
		return Rates{}, err
	}
	right, left := chances(f, b)
	p := left / (right + left) // moving right
	surprise := func(q, against float64) float64 {
		return -q*math.Log(against) - (1-q)*math.Log(1-against)
	}
	produced := float64(p*surprise(right, right)) + float64((1-p)*surprise(left, left))
	return Rates{
		Velocity:  2*p - 1,
		Reversals: float64(p*right) + float64((1-p)*left),
		Produced:  produced,
		Destroyed: float64(p*surprise(right, f)) + float64((1-p)*surprise(left, f)) - produced,
	}, nil
}

// Straight returns the biases of the most likely network of mean velocity v; see
// the package comment. It fails for f outside (0, 1) and |v| ≥ 1.
func Straight(f, v float64) (Biases, error) {
	if err := check("Straight", f, Biases{}); err != nil {
		return Biases{}, err
	}
	if !(math.Abs(v) < 1) {
		return Biases{}, fmt.Errorf("Straight: velocity %v; it must be between −1 and 1, the speed of light", v)
	}
	g := f / (1 - f)
	q := g * (1 - v*v) / (math.Sqrt(1-v*v*(1-g*g)) + g)
	return Biases{
		Right: math.Log(q / ((1 + v - q) * g)),
		Left:  math.Log(q / ((1 - v - q) * g)),
	}, nil
}

func check(call string, f float64, b Biases) error {
	if !(f > 0 && f < 1) {
		return fmt.Errorf("%s: reversal probability %v; it must be between 0 and 1", call, f)
	}
	for _, x := range [2]float64{b.Right, b.Left} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%s: biases %v and %v; they must be finite", call, b.Right, b.Left)
		}
	}
	return nil
}

// Leg is a part of a path: so many steps with the same biases.
type Leg struct {
	Steps  int
	Biases Biases
}

// Ensemble is many such networks, each with its own boundary data.
type Ensemble struct {
	Reversal float64 // f, the probability of a reversal in a step, before learning
	Networks int
	Seed     uint64
	Path     []Leg // what they have learned, leg by leg
}

// Record is what an ensemble did, per step.
type Record struct {
	Velocity, Reversals, Produced, Destroyed ensemble.Estimate

	// Arrived is the place of each network's state at the end, in neurons from where
	// it was.
	Arrived []int

	reversal float64  // f
	events   []events // of each network, all legs
}

// events counts what a network did: reversals and all steps while its state moved
// right and left.
type events struct{ right, rightReversed, left, leftReversed int }

// Run runs the ensemble: at each step first the boundary dynamics, then the
// activation. The states begin with the stationary orientations of the first leg.
// The numbers of a network depend on the seed, its number and the step only.
//
// Produced is the mean of −ln of the probability of what the boundary did, and
// Destroyed that of ln of this probability over the one without learning: both are
// counted on the events that happened.
//
// It fails for a reversal probability outside (0, 1), biases that are not finite,
// fewer than two networks, and a path without steps.
func (e Ensemble) Run() (Record, error) {
	if err := e.check(); err != nil {
		return Record{}, err
	}
	var velocity, reversals, produced, destroyed moments
	r := Record{Arrived: make([]int, e.Networks), reversal: e.Reversal, events: make([]events, e.Networks)}
	noise := random.New(e.Seed, "boundary data")
	first, last := chances(e.Reversal, e.Path[0].Biases)
	begin := last / (first + last)
	steps := 0
	for _, leg := range e.Path {
		steps += leg.Steps
	}
	for i := range r.Arrived {
		right := noise.Uniform(i) < begin
		index := i
		var s, gain float64
		for _, leg := range e.Path {
			var done events
			qr, ql := chances(e.Reversal, leg.Biases)
			for range leg.Steps {
				index += e.Networks // so that a longer path begins as a shorter one
				u := noise.Uniform(index)
				if right {
					done.right++
					if u < qr {
						done.rightReversed++
						right = false
					}
				} else {
					done.left++
					if u < ql {
						done.leftReversed++
						right = true
					}
				}
				if right {
					r.Arrived[i]++
				} else {
					r.Arrived[i]--
				}
			}
			learned := done.surprise(qr, ql)
			s += learned
			gain += done.surprise(e.Reversal, e.Reversal) - learned
			r.events[i].add(done)
		}
		n := float64(steps)
		velocity.add(float64(r.Arrived[i]) / n)
		reversals.add(float64(r.events[i].rightReversed+r.events[i].leftReversed) / n)
		produced.add(s / n)
		destroyed.add(gain / n)
	}
	r.Velocity, r.Reversals = velocity.estimate(), reversals.estimate()
	r.Produced, r.Destroyed = produced.estimate(), destroyed.estimate()
	return r, nil
}

func (e Ensemble) check() error {
	steps := 0
	for i, leg := range e.Path {
		if err := check("Ensemble", e.Reversal, leg.Biases); err != nil {
			return err
		}
		if leg.Steps < 1 {
			return fmt.Errorf("Ensemble: leg %d has %d steps; give each at least 1", i, leg.Steps)
		}
		steps += leg.Steps
	}
	if steps == 0 {
		return fmt.Errorf("Ensemble: a path without legs; give at least one Leg")
	}
	if e.Networks < 2 {
		return fmt.Errorf("Ensemble: %d networks; an error bar needs at least 2", e.Networks)
	}
	return nil
}

func (e *events) add(more events) {
	e.right += more.right
	e.rightReversed += more.rightReversed
	e.left += more.left
	e.leftReversed += more.leftReversed
}

// surprise returns −ln of the probability of the events if reversals have the
// probabilities right and left.
func (e events) surprise(right, left float64) float64 {
	return -float64(e.rightReversed)*math.Log(right) - float64(e.right-e.rightReversed)*math.Log(1-right) -
		float64(e.leftReversed)*math.Log(left) - float64(e.left-e.leftReversed)*math.Log(1-left)
}

// moments are what a mean and its error need.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(x float64) {
	m.n++
	d := x - m.sum/max(1, m.n-1) // Welford: no large numbers cancel
	m.sum += x
	m.squares += float64(d * (x - m.sum/m.n))
}

func (m moments) estimate() ensemble.Estimate {
	return ensemble.Estimate{Value: m.sum / m.n, Error: math.Sqrt(m.squares / (m.n - 1) / m.n)}
}

// Lesson is what a network that learns is shown: the boundary data of those networks
// of an ensemble whose state has arrived at a place.
type Lesson struct {
	Arrived   int     // how many networks
	Velocity  float64 // mean, of those
	Reversals float64 // a step, of those

	reversal float64 // f of the ensemble
	events   events
}

// Select returns the lesson of the networks that arrived within the given distance
// of a place. It fails if none did.
func (r Record) Select(place, within int) (Lesson, error) {
	l := Lesson{reversal: r.reversal}
	sum := 0
	for i, x := range r.Arrived {
		if x < place-within || x > place+within {
			continue
		}
		l.Arrived++
		l.events.add(r.events[i])
		sum += x
	}
	if l.Arrived == 0 {
		return Lesson{}, fmt.Errorf("Select: none of %d states arrived at %d ± %d; use more networks, or a place that is nearer", len(r.Arrived), place, within)
	}
	steps := float64(l.events.right + l.events.left)
	l.Velocity = float64(sum) / steps
	l.Reversals = float64(l.events.rightReversed+l.events.leftReversed) / steps
	return l, nil
}

// Learn trains the biases on the lesson by gradient descent of the given rate on
// the loss
//
//	H = −ln P(boundary data | biases) / number of data,
//
// from biases of 0, and returns them after each step, the first 0. The gradient is
// that of logistic regression, the fraction of data times what was expected minus
// what was seen. It fails for a rate that is not positive, no steps, and a lesson
// that Select did not make.
func (l Lesson) Learn(rate float64, steps int) ([]Biases, error) {
	if l.Arrived == 0 {
		return nil, fmt.Errorf("Learn: a lesson without data; make it with Select")
	}
	if !(rate > 0) || math.IsInf(rate, 1) || steps < 1 {
		return nil, fmt.Errorf("Learn(%v, %d): the rate must be positive and there must be at least one step", rate, steps)
	}
	all := float64(l.events.right + l.events.left)
	path := []Biases{{}}
	for range steps {
		b := path[len(path)-1]
		right, left := chances(l.reversal, b)
		b.Right -= rate * (float64(l.events.right)*right - float64(l.events.rightReversed)) / all
		b.Left -= rate * (float64(l.events.left)*left - float64(l.events.leftReversed)) / all
		path = append(path, b)
	}
	return path, nil
}

// Loss returns H of [Lesson.Learn] for given biases.
func (l Lesson) Loss(b Biases) float64 {
	right, left := chances(l.reversal, b)
	return l.events.surprise(right, left) / float64(l.events.right+l.events.left)
}
