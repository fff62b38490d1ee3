package learning

import (
	"context"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/internal/random"
)

// Sampling says how samples come into batches.
type Sampling string

// Samplings. What each does to the noise of batches is the subject of package
// noise.
const (
	Shuffled           Sampling = "shuffled"            // every epoch goes through all samples in a new order
	WithReplacement    Sampling = "with replacement"    // every sample of a batch is any of all
	WithoutReplacement Sampling = "without replacement" // no sample twice in one batch; batches are independent
)

// Sampler chooses the samples of one batch after the other. The same seed makes
// the same batches.
type Sampler struct {
	sampling Sampling
	numbers  random.Stream
	used     int   // random numbers used
	order    []int // a permutation of all samples
	next     int   // Shuffled: where the next batch begins
}

// NewSampler returns a sampler of n samples. It fails for n < 1 and for an
// unknown sampling.
func NewSampler(sampling Sampling, n int, seed uint64) (*Sampler, error) {
	if n < 1 {
		return nil, fmt.Errorf("learning.NewSampler: %d samples; give at least 1", n)
	}
	switch sampling {
	case Shuffled, WithReplacement, WithoutReplacement:
	default:
		return nil, fmt.Errorf("learning.NewSampler: unknown sampling %q; use %q, %q or %q", sampling, Shuffled, WithReplacement, WithoutReplacement)
	}
	return &Sampler{sampling: sampling, numbers: random.New(seed, "batches"), order: identity(n), next: n}, nil
}

// Next writes the samples of the next batch to dst and returns it. The last
// batch of an epoch of [Shuffled] is what is left, perhaps fewer. It panics for a batch
// that is empty or larger than the data.
func (s *Sampler) Next(dst []int) []int {
	n := len(s.order)
	if len(dst) < 1 || len(dst) > n {
		panic(fmt.Sprintf("learning: a batch of %d of %d samples", len(dst), n))
	}
	switch s.sampling {
	case WithReplacement:
		for i := range dst {
			dst[i] = below(s.numbers.Uniform(s.used+i), n)
		}
		s.used += len(dst)
		return dst
	case WithoutReplacement:
		// Any permutation is as good as the first one to begin with.
		for i := range dst {
			j := i + below(s.numbers.Uniform(s.used+i), n-i)
			s.order[i], s.order[j] = s.order[j], s.order[i]
		}
		s.used += len(dst)
		return dst[:copy(dst, s.order)]
	}
	if s.next == n {
		shuffle(s.order, s.numbers, s.used)
		s.used += n
		s.next = 0
	}
	m := copy(dst, s.order[s.next:])
	s.next += m
	return dst[:m]
}

// Training is a network that learns. Batch and Descent may be changed between
// steps.
type Training struct {
	Network  *Network
	Data     Data
	Batch    int // n_b samples a batch, at most all
	Sampling Sampling
	Descent  Descent
	Bulk     bool // learn from the bulk loss, locally, instead of the boundary loss
	Seed     uint64

	// Variables are q. If nil, Start draws them from the seed.
	Variables []float64

	sampler *Sampler
	samples []int
	batch   Data
	g       []float64
	steps   int
}

// Start checks the training and prepares its first step; once it has, it does
// nothing.
//
// It fails for data that do not fit the network, a batch that is empty or larger
// than the data, an unknown sampling, a missing descent, one with bad
// parameters, and variables that do not fit.
func (t *Training) Start() error {
	if t.sampler != nil {
		return nil
	}
	if t.Network == nil || t.Descent == nil {
		return fmt.Errorf("learning: a Training needs a Network and a Descent; use New and SGD")
	}
	if t.Variables == nil {
		t.Variables = t.Network.Draw(t.Seed)
	}
	if err := t.Network.Fit(t.Variables, t.Data); err != nil {
		return err
	}
	n := t.Data.Samples()
	if t.Batch < 1 || t.Batch > n {
		return fmt.Errorf("learning: Training: a Batch of %d of %d samples; it must be between 1 and %d", t.Batch, n, n)
	}
	if err := t.Descent.Validate(t.Network.Size()); err != nil {
		return fmt.Errorf("learning: Training: %w", err)
	}
	s, err := NewSampler(t.Sampling, n, t.Seed)
	if err != nil {
		return err
	}
	t.sampler, t.g, t.samples = s, make([]float64, t.Network.Size()), make([]int, n)
	return nil
}

// Step is one step: a batch is shown, the network activated, the variables
// learn. It returns the loss on the batch before learning. Start must have run.
func (t *Training) Step() float64 {
	chosen := t.sampler.Next(t.samples[:t.Batch])
	t.batch.Set(t.Data, chosen)
	gradient := t.Network.Gradient
	if t.Bulk {
		gradient = t.Network.BulkGradient
	}
	loss := gradient(t.g, t.Variables, t.batch)
	t.Descent.Update(t.Variables, t.g)
	t.steps++
	return loss
}

// Steps returns the number of steps since Start.
func (t *Training) Steps() int { return t.steps }

// Epoch is a point of a learning curve.
type Epoch struct {
	Number int     // epochs done
	Steps  int     // steps done
	Loss   float64 // mean over the batches of the epoch, each before it was learned from
}

// Run trains for a number of epochs, each of as many steps as it takes to see
// as many samples as there are, and returns the learning curve. After each epoch
// it calls observe, unless that is nil. It starts the training if need be.
//
// It stops with the curve so far when ctx is cancelled, and with an error when the
// loss is no longer finite.
func (t *Training) Run(ctx context.Context, epochs int, observe func(Epoch)) ([]Epoch, error) {
	if err := t.Start(); err != nil {
		return nil, err
	}
	var curve []Epoch
	for e := range epochs {
		sum, steps := 0.0, 0
		for seen := 0; seen < t.Data.Samples(); seen += t.Batch {
			if err := ctx.Err(); err != nil {
				return curve, err
			}
			sum += t.Step()
			steps++
		}
		point := Epoch{e + 1, t.steps, sum / float64(steps)}
		if !(point.Loss < 1e150) {
			return curve, fmt.Errorf("learning: the loss is %v after %d steps at the rate %v; use a smaller rate", point.Loss, t.steps, t.Descent.Rate())
		}
		curve = append(curve, point)
		if observe != nil {
			observe(point)
		}
	}
	return curve, nil
}
