package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/nnfield/nnfield/plotting"
)

// Scaling says how nnfield's time and memory grow, and what a whole run costs.
type Scaling struct {
	Machine    Machine    `json:"machine"`
	Sizes      []SizeRow  `json:"sizes"`
	Goroutines []Result   `json:"goroutines"` // a program for each number
	Runs       []WholeRun `json:"runs"`
}

// SizeRow is a Klein-Gordon field on a square lattice.
type SizeRow struct {
	Sites float64 `json:"sites"`
	Speed float64 `json:"speed"` // million sites a second
	Plain float64 `json:"plain"` // the same by the network's own step
	Quiet float64 `json:"quiet"` // part of the turns
	Live  float64 `json:"live"`  // bytes a site in use between steps
	Peak  float64 `json:"peak"`  // bytes a site that the process held at most
}

// WholeRun is a simulation with frames, invariants and an observable.
type WholeRun struct {
	Name   string  `json:"name"`
	Steps  int     `json:"steps"`
	Frames int     `json:"frames"`
	Quiet  float64 `json:"quiet"`  // part of the rounds
	Kernel float64 `json:"kernel"` // seconds of the steps alone
	Whole  float64 `json:"whole"`  // seconds of the run
}

// Overhead is the part of the time of the steps that everything else takes.
func (r WholeRun) Overhead() float64 { return r.Whole/r.Kernel - 1 }

// runScaling measures and reports all of it.
func (b *bench) runScaling(ctx context.Context, data, figure string) error {
	s := Scaling{Machine: machine(b.shop, b.threads)}
	for _, side := range []int{32, 100, 316, 1000, 3162, 10_000} {
		row, err := b.sizeOf(ctx, side)
		if err != nil {
			return fmt.Errorf("%d²: %w", side, err)
		}
		s.Sizes = append(s.Sizes, row)
	}
	for _, side := range []int{256, 2048} {
		r, err := b.goroutines(ctx, side)
		if err != nil {
			return err
		}
		s.Goroutines = append(s.Goroutines, r)
	}
	for _, shape := range [][2]int{{1, 100_000}, {2, 512}, {3, 64}} {
		for _, between := range []int{10, 100, 300} {
			r, err := b.wholeRun(ctx, shape[0], shape[1], between)
			if err != nil {
				return err
			}
			s.Runs = append(s.Runs, r)
		}
	}
	io.WriteString(b.log, s.Tables())
	if data != "" {
		if err := writeJSON(data, s); err != nil {
			return err
		}
	}
	if figure != "" {
		return s.Figure().Save(figure)
	}
	return nil
}

// sizeOf measures a Klein-Gordon field on a square.
func (b *bench) sizeOf(ctx context.Context, side int) (SizeRow, error) {
	c := lattice("KG", "kg", 2, side, 0)
	c.programs = c.programs[:2]
	r, err := b.run(ctx, c)
	if err != nil {
		return SizeRow{}, err
	}
	row := SizeRow{Sites: c.work, Speed: r.Programs[0].Median, Plain: r.Programs[1].Median, Quiet: r.Programs[0].Quiet}
	p, err := b.shop.start(ctx, c.programs[0], b.threads)
	if err != nil {
		return row, err
	}
	defer p.close()
	if _, err := p.steps(20); err != nil {
		return row, err
	}
	memory, err := p.ask("memory", 2)
	if err != nil {
		return row, err
	}
	row.Live, row.Peak = memory[0]/c.work, memory[1]/c.work
	return row, nil
}

// goroutines measures one field with 1, 2, all and twice as many goroutines as the
// machine has threads.
func (b *bench) goroutines(ctx context.Context, side int) (Result, error) {
	c := lattice("KG", "kg", 2, side, 0)
	args := c.programs[0].args
	c.programs = nil
	for _, n := range goroutineCounts(b.threads) {
		c.programs = append(c.programs, program{name: fmt.Sprint(n), tool: goTool, args: args, env: []string{fmt.Sprintf("GOMAXPROCS=%d", n)}})
	}
	return b.run(ctx, c)
}

func goroutineCounts(threads int) (all []int) {
	for n := 1; n <= 4*threads; n *= 2 {
		all = append(all, n)
	}
	return all
}

// wholeRun compares a run of 100 frames and some steps between them with the steps
// alone, in turns; both count at their fastest.
func (b *bench) wholeRun(ctx context.Context, dim, n, between int) (WholeRun, error) {
	const frames = 100
	r := WholeRun{Name: fmt.Sprintf("KG %d-D %s", dim, size(n, dim)), Steps: (frames - 1) * between, Frames: frames, Kernel: math.Inf(1), Whole: math.Inf(1)}
	c := lattice("KG", "kg", dim, n, 0)
	p, err := b.shop.start(ctx, c.programs[0], b.threads)
	if err != nil {
		return r, err
	}
	defer p.close()
	left, quiet := b.wait, 0
	for range b.rounds {
		var free bool
		free, left = b.gate.wait(ctx, left)
		kernel, err := p.steps(r.Steps)
		if err != nil {
			return r, err
		}
		whole, err := p.ask(fmt.Sprintf("run %d %d", r.Steps, frames), 1)
		if err != nil {
			return r, err
		}
		r.Kernel, r.Whole = min(r.Kernel, kernel), min(r.Whole, whole[0])
		if free && b.gate.quiet() {
			quiet++
		}
	}
	r.Quiet = float64(quiet) / float64(b.rounds)
	return r, nil
}

// Tables returns everything as tables.
func (s Scaling) Tables() string {
	var t strings.Builder
	t.WriteString("| sites | million sites a second | the network's own step | bytes a site between steps | at most | quiet |\n|---|--:|--:|--:|--:|--:|\n")
	for _, r := range s.Sizes {
		fmt.Fprintf(&t, "| %.3g | %s | %s | %.0f | %.0f | %.0f %% |\n", r.Sites, speed(r.Speed), speed(r.Plain), r.Live, r.Peak, 100*r.Quiet)
	}
	t.WriteString("\n| million sites a second |")
	rule := "\n|---|"
	for _, p := range s.Goroutines[0].Programs {
		fmt.Fprintf(&t, " %s |", p.Name)
		rule += "--:|"
	}
	t.WriteString(rule + "\n")
	for _, r := range s.Goroutines {
		fmt.Fprintf(&t, "| %s |", r.Name)
		for _, p := range r.Programs {
			fmt.Fprintf(&t, " %s |", speed(p.Median))
		}
		t.WriteString("\n")
	}
	t.WriteString("\n| run | steps | frames | steps alone | whole run | more | quiet |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range s.Runs {
		fmt.Fprintf(&t, "| %s | %d | %d | %.3g s | %.3g s | %.0f %% | %.0f %% |\n", r.Name, r.Steps, r.Frames, r.Kernel, r.Whole, 100*r.Overhead(), 100*r.Quiet)
	}
	fmt.Fprintf(&t, "\nMeasured with %s.\n", s.Machine)
	return t.String()
}

// Figure draws speed and memory over the size of the lattice, and speed over the
// number of goroutines.
func (s Scaling) Figure() plotting.Figure {
	own, plain := plotting.Series{Name: "nnfield"}, plotting.Series{Name: "the network's own step"}
	live, peak := plotting.Series{Name: "between steps"}, plotting.Series{Name: "at most"}
	for _, r := range s.Sizes {
		own.X, own.Y = append(own.X, r.Sites), append(own.Y, r.Speed)
		plain.X, plain.Y = append(plain.X, r.Sites), append(plain.Y, r.Plain)
		live.X, live.Y = append(live.X, r.Sites), append(live.Y, r.Live)
		peak.X, peak.Y = append(peak.X, r.Sites), append(peak.Y, r.Peak)
	}
	var parallel []plotting.Series
	for _, r := range s.Goroutines {
		c := plotting.Series{Name: r.Name}
		for i, p := range r.Programs {
			c.X, c.Y = append(c.X, math.Exp2(float64(i))), append(c.Y, p.Median/r.Programs[0].Median)
		}
		parallel = append(parallel, c)
	}
	return plotting.Grid(2,
		plotting.LogLog(plotting.Labels{Title: "Speed, KG 2-D", X: "sites", Y: "million sites a second"}, own, plain),
		plotting.LogLog(plotting.Labels{Title: "Memory, KG 2-D", X: "sites", Y: "bytes a site"}, live, peak),
		plotting.LogLog(plotting.Labels{Title: "Goroutines", X: "GOMAXPROCS", Y: "speed / one goroutine"}, parallel...))
}
