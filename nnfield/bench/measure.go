package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// bench measures cases.
type bench struct {
	shop     *workshop
	gate     *gate
	log      io.Writer
	threads  int
	rounds   int
	attempts int           // at a turn on a free machine
	samples  int           // a turn
	sample   time.Duration // about how long one lasts
	wait     time.Duration // for the gate, a case in all
	limits   limits
}

// Result is what a case came to.
type Result struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Work     float64 `json:"work"` // units a step
	Threads  int     `json:"threads"`
	Steps    int     `json:"steps"`              // that the programs agree after
	Roof     float64 `json:"roof,omitempty"`     // million units a second that the machine could do at most
	OnePass  float64 `json:"one_pass,omitempty"` // the same for one pass through memory a step
	Programs []Row   `json:"programs"`
}

// Row is what a program came to in a case, in million units a second.
type Row struct {
	Name    string  `json:"name"`
	Absent  string  `json:"absent,omitempty"`  // why it was not there
	Refused string  `json:"refused,omitempty"` // why it was not timed
	Median  float64 `json:"median,omitempty"`  // over the turns, of the best sample of each
	Best    float64 `json:"best,omitempty"`    // sample of all
	Quiet   float64 `json:"quiet"`             // part of the turns
	VsNaive float64 `json:"vs_naive,omitempty"`
	VsPeer  float64 `json:"vs_peer,omitempty"` // the fastest that is not nnfield
	OfRoof  float64 `json:"of_roof,omitempty"`
	Turns   []Turn  `json:"turns,omitempty"`
}

// Turn is the samples of a program in a round.
type Turn struct {
	Quiet   bool      `json:"quiet"` // the machine was free before and after
	Samples []float64 `json:"samples"`
}

// runs tells whether the program was timed.
func (r Row) runs() bool { return len(r.Turns) > 0 }

// summarise makes speeds of the turns: of the quiet ones alone, if there are any.
func (r *Row) summarise() {
	counted := slices.DeleteFunc(slices.Clone(r.Turns), func(t Turn) bool { return !t.Quiet })
	r.Quiet = float64(len(counted)) / float64(len(r.Turns))
	if len(counted) == 0 {
		counted = r.Turns
	}
	var tops []float64
	for _, t := range counted {
		tops = append(tops, slices.Max(t.Samples))
	}
	r.Median, r.Best = median(tops), slices.Max(tops)
}

// contestant is a program that runs.
type contestant struct {
	program
	*process
	row   *Row
	steps int // a sample
}

// run measures a case.
func (b *bench) run(ctx context.Context, c problem) (Result, error) {
	r := Result{Name: c.name, Unit: c.unit, Work: c.work, Threads: c.threads, Steps: c.steps, Programs: make([]Row, len(c.programs))}
	if r.Threads == 0 {
		r.Threads = b.threads
	}
	r.Roof, r.OnePass = b.limits.roofs(c, r.Threads)
	if c.prepare != nil {
		if err := c.prepare(b.shop.dir); err != nil {
			return r, err
		}
	}
	var field []*contestant
	defer func() {
		for _, p := range field {
			p.close()
		}
	}()
	for i, p := range c.programs {
		row := &r.Programs[i]
		row.Name = p.name
		if row.Absent = b.shop.absent[p.tool]; row.Absent != "" {
			continue
		}
		process, err := b.shop.start(ctx, p, r.Threads)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			row.Refused = err.Error()
			continue
		}
		field = append(field, &contestant{program: p, process: process, row: row})
	}
	if err := b.check(ctx, c, field); err != nil {
		return r, err
	}
	field = slices.DeleteFunc(field, func(p *contestant) bool {
		if p.row.Refused != "" {
			p.close()
		}
		return p.row.Refused != ""
	})
	if err := b.rehearse(field); err != nil {
		return r, err
	}
	left := b.wait
	for range b.rounds {
		for _, p := range field {
			if err := ctx.Err(); err != nil {
				return r, err
			}
			var err error
			if left, err = b.turn(ctx, c, p, left); err != nil {
				return r, err
			}
		}
	}
	r.compare()
	return r, nil
}

// check refuses the programs that do not agree with the first one.
func (b *bench) check(ctx context.Context, c problem, field []*contestant) error {
	var first *contestant
	var want [4]float64
	for _, p := range field {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := p.state(c.steps)
		if err == nil {
			if first == nil {
				first, want = p, got
			}
			if err = c.agree(want, got, c.steps); err != nil {
				err = fmt.Errorf("does not agree with %s after %d steps: %w", first.name, c.steps, err)
			}
		}
		if err != nil {
			p.row.Refused = err.Error()
		}
	}
	return nil
}

// state does steps and returns the sums then.
func (p *contestant) state(steps int) (s [4]float64, err error) {
	if _, err = p.process.steps(steps); err != nil {
		return s, err
	}
	all, err := p.ask("sum", 4)
	copy(s[:], all)
	return s, err
}

// rehearse finds out how many steps make a sample. Each program has done some already.
func (b *bench) rehearse(field []*contestant) error {
	for _, p := range field {
		for p.steps = 1; ; {
			t, err := p.process.steps(p.steps)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			enough := b.sample.Seconds()
			if t >= enough/4 {
				p.steps = max(1, int(math.Round(float64(p.steps)*enough/t)))
				break
			}
			p.steps *= 4
		}
	}
	return nil
}

// turn takes the samples of a program in a round. If the machine was not free from
// begin to end and there is time to wait it tries again a few times, and keeps the
// attempt with the best sample if that does not help. It returns what is left to wait.
func (b *bench) turn(ctx context.Context, c problem, p *contestant, left time.Duration) (time.Duration, error) {
	var kept Turn
	for range b.attempts {
		var t Turn
		t.Quiet, left = b.gate.wait(ctx, left)
		for range b.samples {
			seconds, err := p.process.steps(p.steps)
			if err != nil {
				return left, fmt.Errorf("%s: %w", p.name, err)
			}
			t.Samples = append(t.Samples, c.work*float64(p.steps)/seconds/1e6)
		}
		t.Quiet = t.Quiet && b.gate.quiet()
		if t.Quiet || kept.Samples == nil || slices.Max(t.Samples) > slices.Max(kept.Samples) {
			kept = t
		}
		if t.Quiet || left == 0 {
			break
		}
	}
	p.row.Turns = append(p.row.Turns, kept)
	return left, nil
}

// compare makes speeds and ratios of the samples.
func (r *Result) compare() {
	var reference, peer float64
	for i := range r.Programs {
		row := &r.Programs[i]
		if !row.runs() {
			continue
		}
		row.summarise()
		if row.Name == naive {
			reference = row.Median
		}
		if !row.own() {
			peer = max(peer, row.Median)
		}
	}
	for i := range r.Programs {
		row := &r.Programs[i]
		if !row.runs() {
			continue
		}
		if reference > 0 {
			row.VsNaive = row.Median / reference
		}
		if peer > 0 {
			row.VsPeer = row.Median / peer
		}
		if r.Roof > 0 {
			row.OfRoof = row.Median / r.Roof
		}
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// refused lists the programs of a case that are there and were not timed.
func (r Result) refused() (all []Row) {
	for _, row := range r.Programs {
		if row.Refused != "" {
			all = append(all, row)
		}
	}
	return all
}
