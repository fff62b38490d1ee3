// Package ensemble runs many independent stochastic learners at once: 10⁵ to 10⁶
// trainable-variable vectors q, each descending on its own,
//
//	dq = v(q, t) dt + √(2D) dW,
//
// by the Euler-Maruyama step q ← q + v h + √(2Dh) ξ with ξ normal. Their
// histogram obeys the Fokker-Planck equation ∂_t p = −∂·(vp) + D∂²p up to O(h).
// With v = −γ∂F, h = 1 and D = γ²Σ/(2n_b) it is stochastic gradient descent
// itself ([M]); with the forward drift of a wave function they are
// Nelson learners ([Q]).
//
// The noise of a learner depends on the seed, its number and the step, on
// nothing else: the same numbers for any number of goroutines, and adding
// learners does not change those that were there.
package ensemble

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/random"
)

// Block is a run of at most [BlockSize] learners at one time.
type Block struct {
	First int         // number of the first learner of the block
	Step  int         // steps done
	Time  float64     // Step times the length of a step
	Q     [][]float64 // Q[k][i] is variable k of learner First+i; not to be changed
}

// BlockSize is the number of learners in a block: few enough that their
// variables stay in the first-level cache while they do many steps. The noise of a
// block is drawn at once, so another size would be other noise.
const BlockSize = 256

// Drift writes the drift v of a block to v, which has the shape of b.Q and holds
// anything before. It is called from several goroutines at the same time, keeps
// neither v nor b, and its result depends on b alone.
type Drift func(v [][]float64, b Block)

// Config says what an ensemble is.
type Config struct {
	// Start holds the variables at t = 0: Start[k][i] is variable k of learner i.
	// All have the same length, the number of learners. It is copied.
	Start [][]float64

	Drift     Drift   // v(q, t)
	Diffusion float64 // D ≥ 0, the same for each variable
	Step      float64 // h > 0
	Seed      uint64
}

// Ensemble is a set of learners that runs. Its methods must not be called at the
// same time.
type Ensemble struct {
	config  Config
	q       [][]float64
	noise   random.Stream
	step    int
	pace    int           // steps of a round
	scratch chan *scratch // of workers; never fewer than work at a time
	round   round
}

// scratch is what one worker needs.
type scratch struct {
	v, velocity, at [][]float64 // velocity is v cut to the block
}

// round is a phase of the pool: all learners do the same few steps.
type round struct {
	*Ensemble
	steps int
	bad   atomic.Bool // a learner is not finite
}

// New returns the ensemble of c at t = 0.
//
// It fails for no learners or no variables, variables of different numbers of
// learners, numbers that are not finite, a missing Drift, a negative Diffusion
// and a Step that is not positive.
func New(c Config) (*Ensemble, error) {
	if len(c.Start) == 0 || len(c.Start[0]) == 0 {
		return nil, fmt.Errorf("ensemble.New: Start is empty; give one slice for each variable with one number for each learner")
	}
	for k, q := range c.Start {
		if len(q) != len(c.Start[0]) {
			return nil, fmt.Errorf("ensemble.New: Start[%d] has %d learners and Start[0] has %d; give the same number", k, len(q), len(c.Start[0]))
		}
		if i := slices.IndexFunc(q, notFinite); i >= 0 {
			return nil, fmt.Errorf("ensemble.New: Start[%d][%d] is %v; all variables must be finite", k, i, q[i])
		}
	}
	if c.Drift == nil {
		return nil, fmt.Errorf("ensemble.New: no Drift; give the function v(q, t), which may write zeros")
	}
	if !(c.Diffusion >= 0) || math.IsInf(c.Diffusion, 1) {
		return nil, fmt.Errorf("ensemble.New: Diffusion is %v; it must be finite and not negative", c.Diffusion)
	}
	if !(c.Step > 0) || math.IsInf(c.Step, 1) {
		return nil, fmt.Errorf("ensemble.New: Step is %v; it must be finite and positive", c.Step)
	}
	e := &Ensemble{config: c, noise: random.New(c.Seed, "learners"), pace: 1, scratch: make(chan *scratch, 1024)}
	e.round.Ensemble = e
	for _, q := range c.Start {
		e.q = append(e.q, slices.Clone(q))
	}
	e.config.Start = nil
	return e, nil
}

// Learners returns the number of learners.
func (e *Ensemble) Learners() int { return len(e.q[0]) }

// Variables returns the number of variables of each learner.
func (e *Ensemble) Variables() int { return len(e.q) }

// Step returns the number of steps done.
func (e *Ensemble) Step() int { return e.step }

// Time returns the time of the learners.
func (e *Ensemble) Time() float64 { return float64(e.step) * e.config.Step }

// Variable returns variable k of all learners. It is the ensemble's own: changing
// it between steps moves learners, such as back to one period of a ring.
func (e *Ensemble) Variable(k int) []float64 { return e.q[k] }

// Use goes on from the given step with the given variables, in whose memory the ensemble
// works from now on. It panics unless there are as many variables and learners as before.
func (e *Ensemble) Use(step int, q [][]float64) {
	if len(q) != len(e.q) {
		panic(fmt.Sprintf("ensemble: Use of %d variables in the place of %d", len(q), len(e.q)))
	}
	for k, v := range q {
		if len(v) != len(e.q[k]) {
			panic(fmt.Sprintf("ensemble: Use of %d learners in the place of %d", len(v), len(e.q[k])))
		}
		e.q[k] = v
	}
	e.step = step
	e.round.bad.Store(false)
}

// patience is about how long a round of steps lasts: how late a cancelled
// context is noticed and how often progress is told.
const patience = 20 * time.Millisecond

// Advance does the given number of steps. Between rounds of steps of about 20 ms it
// looks at ctx and, unless it is nil, calls progress with the steps done and
// all of them. How steps are grouped changes no number.
//
// When ctx is cancelled all learners have completed the same step and the error
// is that of ctx. A learner that is no longer finite is an error; the ensemble is of no
// use then.
func (e *Ensemble) Advance(ctx context.Context, steps int, progress func(done, of int)) error {
	if steps < 0 {
		return fmt.Errorf("ensemble: Advance(%d): give 0 or more steps", steps)
	}
	for done := 0; done < steps; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(e.pace, steps-done)
		start := time.Now()
		e.round.steps = n
		pool.Run((e.Learners()+BlockSize-1)/BlockSize, 1, &e.round)
		e.step += n
		done += n
		if e.round.bad.Load() {
			return fmt.Errorf("ensemble: learner %d is not finite after %d steps of %v; use a smaller Step or a bounded Drift", e.lost(), e.step, e.config.Step)
		}
		if progress != nil {
			progress(done, steps)
		}
		if took := time.Since(start); took > patience {
			e.pace = max(1, n/2)
		} else if took < patience/2 && n == e.pace {
			e.pace *= 2
		}
	}
	return nil
}

// Do does the steps of the round on the blocks lo ≤ b < hi.
func (r *round) Do(lo, hi int) {
	w := r.worker()
	for b := lo; b < hi; b++ {
		first := b * BlockSize
		r.block(w, first, min(first+BlockSize, r.Learners()))
	}
	r.scratch <- w
}

// worker returns scratch that nobody uses.
func (e *Ensemble) worker() *scratch {
	select {
	case w := <-e.scratch:
		return w
	default:
	}
	w := &scratch{velocity: make([][]float64, len(e.q)), at: make([][]float64, len(e.q))}
	for range e.q {
		w.v = append(w.v, make([]float64, BlockSize))
	}
	return w
}

// block does the steps of the round on the learners lo ≤ i < hi.
func (r *round) block(w *scratch, lo, hi int) {
	for k, q := range r.q {
		w.at[k], w.velocity[k] = q[lo:hi], w.v[k][:hi-lo]
	}
	h := r.config.Step
	amplitude := math.Sqrt(2 * r.config.Diffusion * h)
	for s := r.step; s < r.step+r.steps; s++ {
		r.config.Drift(w.velocity, Block{First: lo, Step: s, Time: float64(s) * h, Q: w.at})
		for k, q := range w.at {
			r.noise.EulerMaruyama(q, w.velocity[k], h, amplitude, lo/BlockSize, s*len(w.at)+k)
		}
	}
	for _, q := range w.at {
		if slices.ContainsFunc(q, notFinite) {
			r.bad.Store(true)
		}
	}
}

// lost returns the first learner that is not finite.
func (e *Ensemble) lost() int {
	first := e.Learners()
	for _, q := range e.q {
		if i := slices.IndexFunc(q, notFinite); i >= 0 {
			first = min(first, i)
		}
	}
	return first
}

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
