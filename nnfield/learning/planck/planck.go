// Package planck measures the quantum of action of a network that learns and
// keeps it where it should be.
//
// Near a learning equilibrium the variables obey the Madelung equations with
// m = 1/(2γ) and
//
//	ħ = √(4D/(γμ)),                                    [Q], [G] §4
//
// D being the diffusion coefficient per step and variable and μ the Lagrange
// multiplier of the entropy production. With the noise of batches,
// D = cγ²σ²/(2n_b), σ² = tr Σ/p for p variables (see package noise), this is
//
//	ħ² = 2cγσ²/(μ n_b).
//
// As a network learns its gradients agree more and more, σ² falls and ħ with it.
// A learner that exchanges neurons with a reservoir has an ħ given by the
// chemical potential; [Controller] is such a learner: it keeps ħ by its step size,
// its batch size and its number of neurons.
//
// Sources: [Q] M. Katsnelson, V. Vanchurin, arXiv:2012.05082; [G] V. Vanchurin,
// arXiv:2111.00903.
package planck

import (
	"context"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/learning/noise"
)

// Measure returns ħ of a training as it is now, from a number of batches of its own
// size and sampling, shown at its variables, which stay where they are. The
// same moment of the same training gives the same number. The descent is taken to
// be plain, q ← q − γg.
//
// It starts the training if need be. It fails for μ that is not positive, fewer than
// two batches, and where [learning.Training.Start] fails.
func Measure(t *learning.Training, mu float64, batches int) (ensemble.Estimate, error) {
	return measure(t, mu, batches, 0)
}

// measure is [Measure] with other batches for each value of again.
func measure(t *learning.Training, mu float64, batches int, again uint64) (ensemble.Estimate, error) {
	if !(mu > 0) || math.IsInf(mu, 1) || batches < 2 {
		return ensemble.Estimate{}, fmt.Errorf("planck.Measure: μ = %v from %d batches; give a finite, positive μ and at least 2 batches", mu, batches)
	}
	if err := t.Start(); err != nil {
		return ensemble.Estimate{}, err
	}
	d, err := diffusion(t, batches, again)
	if err != nil {
		return ensemble.Estimate{}, err
	}
	hbar := math.Sqrt(4 * d.Value / (t.Descent.Rate() * mu))
	if d.Value == 0 {
		return ensemble.Estimate{}, nil
	}
	return ensemble.Estimate{Value: hbar, Error: hbar / 2 * d.Error / d.Value}, nil
}

// diffusion returns D per step, the mean over all variables.
func diffusion(t *learning.Training, batches int, again uint64) (ensemble.Estimate, error) {
	w := noise.Walk{
		Network: t.Network, Variables: t.Variables, Data: t.Data, Batch: t.Batch, Sampling: t.Sampling,
		Rate: t.Descent.Rate(), Batches: 1, Seed: t.Seed + (2*uint64(t.Steps()+1)+again)<<24,
	}
	ends, err := w.Displacements(batches)
	if err != nil {
		return ensemble.Estimate{}, err
	}
	n, p := ends.Dims()
	mean := make([]float64, p)
	for i := range n {
		for k, x := range ends.RawRowView(i) {
			mean[k] += x / float64(n)
		}
	}
	// Each square of a distance from the mean is too small by 1 − 1/n.
	squares := make([]float64, n)
	for i := range squares {
		row := ends.RawRowView(i)
		squares[i] = sums.Sum(0, p, func(k int) float64 { return (row[k] - mean[k]) * (row[k] - mean[k]) }) * float64(n) / float64(n-1) / float64(2*p)
	}
	d := sums.Sum(0, n, func(i int) float64 { return squares[i] }) / float64(n)
	v := sums.Sum(0, n, func(i int) float64 { return (squares[i] - d) * (squares[i] - d) }) / float64(n-1)
	return ensemble.Estimate{Value: d, Error: math.Sqrt(v / float64(n))}, nil
}

// Controller keeps ħ of a training. Equal limits of a quantity fix it; with all
// fixed it only measures.
type Controller struct {
	Hbar float64 // the ħ to keep
	Mu   float64 // μ

	Rates   [2]float64 // smallest and largest γ
	Batches [2]int     // smallest and largest n_b, below the number of samples
	Group   int        // the hidden group that exchanges neurons with the reservoir
	Neurons [2]int     // its smallest and largest number of neurons; both 0: no exchange

	Probes int // batches a measurement
	Every  int // steps between measurements
}

// Record is what a controller found and did.
type Record struct {
	Step    int
	Loss    float64           // mean over the batches since the record before; NaN in the first
	Found   ensemble.Estimate // ħ before it was adjusted
	Hbar    ensemble.Estimate // ħ after it was adjusted, from other batches
	Rate    float64           // γ, n_b and the number of neurons after
	Batch   int
	Neurons int
}

// Run trains on and, in the beginning and every so many steps, measures ħ and
// adjusts. It returns one record for each measurement and calls observe with it,
// unless that is nil. It starts the training if need be.
//
// The learning rate is changed first; only when it meets a limit does the batch
// size change, and only when both are at their limits do neurons leave, to make
// ħ larger, or come, to make it smaller: an eighth of them each time.
//
// It fails for limits that are not in order or out of range and stops when ctx is
// cancelled.
func (c Controller) Run(ctx context.Context, t *learning.Training, records int, observe func(Record)) ([]Record, error) {
	if err := t.Start(); err != nil {
		return nil, err
	}
	if err := c.validate(t); err != nil {
		return nil, err
	}
	t.Batch = min(max(t.Batch, c.Batches[0]), c.Batches[1])
	var all []Record
	for k := range records {
		loss := math.NaN()
		if k > 0 {
			loss = 0
			for range c.Every {
				if err := ctx.Err(); err != nil {
					return all, err
				}
				loss += t.Step() / float64(c.Every)
			}
			if !(loss < 1e150) {
				return all, fmt.Errorf("planck: the loss is %v after %d steps at the rate %v; use a smaller largest rate", loss, t.Steps(), t.Descent.Rate())
			}
		}
		r := Record{Step: t.Steps(), Loss: loss}
		var err error
		if r.Found, err = Measure(t, c.Mu, c.Probes); err != nil {
			return all, err
		}
		if err := c.adjust(t, r.Found.Value); err != nil {
			return all, err
		}
		if r.Hbar, err = measure(t, c.Mu, c.Probes, 1); err != nil {
			return all, err
		}
		r.Rate, r.Batch, r.Neurons = t.Descent.Rate(), t.Batch, t.Network.Architecture().Groups[c.Group].Neurons
		all = append(all, r)
		if observe != nil {
			observe(r)
		}
	}
	return all, nil
}

// adjust makes ħ the one to keep, as far as limits allow.
func (c Controller) adjust(t *learning.Training, found float64) error {
	n := t.Data.Samples()
	// ħ² is proportional to γc/n_b at fixed q: this is what it has to become.
	share := func(batch int) float64 { return noise.Factor(t.Sampling, n, batch, 1) / float64(batch) }
	target := t.Descent.Rate() * share(t.Batch) * (c.Hbar / found) * (c.Hbar / found)
	rate := func() float64 { return target / share(t.Batch) }

	for rate() > c.Rates[1] && t.Batch > c.Batches[0] {
		t.Batch--
	}
	for rate() < c.Rates[0] && t.Batch < c.Batches[1] {
		t.Batch++
	}
	wanted := rate()
	t.Descent.SetRate(min(max(wanted, c.Rates[0]), c.Rates[1]))
	if c.Neurons[1] == 0 {
		return nil
	}
	neurons := t.Network.Architecture().Groups[c.Group].Neurons
	next := neurons
	switch some := max(1, neurons/8); {
	case wanted > c.Rates[1]:
		next = max(neurons-some, c.Neurons[0])
	case wanted < c.Rates[0]:
		next = min(neurons+some, c.Neurons[1])
	}
	if next == neurons {
		return nil
	}
	return t.Resize(c.Group, next)
}

func (c Controller) validate(t *learning.Training) error {
	groups := len(t.Network.Architecture().Groups)
	switch n := t.Data.Samples(); {
	case !(c.Hbar > 0) || math.IsInf(c.Hbar, 1):
		return fmt.Errorf("planck: Controller: Hbar %v; it must be finite and positive", c.Hbar)
	case !(c.Rates[0] > 0) || !(c.Rates[0] <= c.Rates[1]) || math.IsInf(c.Rates[1], 1):
		return fmt.Errorf("planck: Controller: Rates %v; give two finite, positive limits, the lower one first", c.Rates)
	case c.Batches[0] < 1 || c.Batches[0] > c.Batches[1] || c.Batches[1] >= n:
		return fmt.Errorf("planck: Controller: Batches %v; give two limits between 1 and %d, the lower one first", c.Batches, n-1)
	case c.Group < 0 || c.Group >= groups:
		return fmt.Errorf("planck: Controller: Group %d; groups are numbered 0 to %d", c.Group, groups-1)
	case c.Neurons != [2]int{} && (c.Group == 0 || c.Group == groups-1 || c.Neurons[0] < 1 || c.Neurons[0] > c.Neurons[1]):
		return fmt.Errorf("planck: Controller: Neurons %v of group %d; give a hidden group and two positive limits, the lower one first, or no limits", c.Neurons, c.Group)
	case c.Every < 1:
		return fmt.Errorf("planck: Controller: Every %d steps; give at least 1", c.Every)
	}
	return nil
}
