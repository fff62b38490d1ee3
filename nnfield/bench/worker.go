package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/learning/ensemble"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// worker is the first argument of this command when it is the program of nnfield
// itself among those that are compared.
const worker = "worker"

// engine is what a program runs: nnfield's are these.
type engine interface {
	advance(n int) error
	sums() [4]float64
}

// work serves the program that args name, in the words of the other programs.
func work(args []string, in io.Reader, out io.Writer) error {
	e, err := newEngine(args)
	if err != nil {
		return err
	}
	return serve(e, in, out)
}

func newEngine(args []string) (engine, error) {
	size := func(i int) int {
		n, _ := strconv.Atoi(args[i])
		return n
	}
	switch {
	case len(args) == 4 && args[0] == "lattice":
		return newField(args[1], size(2), size(3))
	case len(args) == 4 && args[0] == "matrix":
		return newMatrix(args[1], size(2), args[3])
	case len(args) == 2 && args[0] == "learners":
		return newLearners(size(1))
	}
	return nil, fmt.Errorf("%s: no such program", strings.Join(args, " "))
}

// serve answers questions until there are none.
func serve(e engine, in io.Reader, out io.Writer) error {
	fmt.Fprintln(out, "ready")
	for s := bufio.NewScanner(in); s.Scan(); {
		question := strings.Fields(s.Text())
		n := make([]int, len(question))
		for i, f := range question[1:] {
			n[i], _ = strconv.Atoi(f)
		}
		switch question[0] {
		case "steps":
			begin := time.Now()
			if err := e.advance(n[0]); err != nil {
				return err
			}
			fmt.Fprintln(out, time.Since(begin).Seconds())
		case "sum":
			s := e.sums()
			fmt.Fprintln(out, s[0], s[1], s[2], s[3])
		case "run":
			f, ok := e.(*field)
			if !ok {
				return fmt.Errorf("run: only a field is a simulation")
			}
			seconds, err := f.run(n[0], n[1])
			if err != nil {
				return err
			}
			fmt.Fprintln(out, seconds)
		case "memory":
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			fmt.Fprintln(out, m.HeapAlloc, m.Sys-m.HeapReleased)
		}
	}
	return nil
}

// What all programs have in common.
const (
	step          = 0.1 // ε
	mass          = 0.5
	quarticLambda = 0.5 // V = λ/4 (φ² − 1)²
	decay         = 1   // k of a learner
	diffusion     = 0.5 // D of a learner
)

// start sets the initial state.
func start(p, q []float64) {
	for i := range p {
		p[i], q[i] = float64(i*7919%97)/100, float64(i*104729%89)/100
	}
}

// sums returns the sums of w(i) p, v(i) q, p² and q².
func sums(p, q []float64) (s [4]float64) {
	for b := 0; b < len(p); b += 4096 {
		var r [4]float64
		for i := b; i < min(len(p), b+4096); i++ {
			r[0] += float64(1+i%7) * p[i]
			r[1] += float64(1+i%13) * q[i]
			r[2] += p[i] * p[i]
			r[3] += q[i] * q[i]
		}
		for k := range s {
			s[k] += r[k]
		}
	}
	return s
}

// field is a field theory on a periodic lattice with unit spacing, on the way that
// a simulation takes: the evolution of the model and an integrator.
type field struct {
	axes       []nnfield.Axis
	evolution  theory.Evolution
	integrator simulate.Integrator
	net        *theory.State
}

func newField(name string, dim, n int) (*field, error) {
	axes := make([]nnfield.Axis, dim)
	sites := 1
	for j := range axes {
		axes[j] = nnfield.Ring(n, float64(n))
		sites *= n
	}
	var b theory.Builder
	switch name {
	case "kg":
		b = nnfield.KleinGordon().Lattice(axes...).Mass(mass)
	case "phi4":
		b = nnfield.KleinGordon().Lattice(axes...).Mass(0).Potential(nnfield.Phi4(quarticLambda, 1))
	case "dirac":
		b = nnfield.Dirac().Lattice(axes...).Mass(mass)
	case "scalar":
		var links []theory.Background
		for j, by := range [][2]int{{31, 61}, {43, 53}}[:dim] {
			theta := make([]float64, sites)
			for i := range theta {
				theta[i] = float64(i*by[0]%by[1]) / 10
			}
			links = append(links, nnfield.VectorPotential(j, nnfield.SiteProfile(theta)))
		}
		b = nnfield.ChargedScalar().Lattice(axes...).Mass(mass).Charge(1).Background(links...)
	default:
		return nil, fmt.Errorf("%s: no such theory", name)
	}
	f := &field{axes: axes}
	m, err := b.Build()
	if err != nil {
		return nil, err
	}
	if f.integrator, err = simulate.FindIntegrator("symplectic-euler"); err != nil {
		return nil, err
	}
	if f.evolution, err = m.Evolve(step); err != nil {
		return nil, err
	}
	f.net = theory.NewState(m.Fields())
	start(f.net.Arrays[0], f.net.Arrays[1])
	f.evolution.Load(f.net, f.net)
	return f, nil
}

// advance does steps as an integrator of package simulate does them.
func (f *field) advance(n int) error {
	drifts, kicks := f.integrator.Drifts, f.integrator.Kicks[1:]
	if e, ok := f.evolution.(theory.Swept); ok {
		e.Advance(f.net, n, drifts, kicks)
		return nil
	}
	for range n {
		f.evolution.Drift(f.net, drifts[0])
		f.evolution.Kick(f.net, kicks[0])
		f.net.Step++
	}
	return nil
}

func (f *field) sums() [4]float64 {
	physical := f.net.Clone()
	f.evolution.Physical(physical, f.net)
	return sums(physical.Arrays[0], physical.Arrays[1])
}

// run simulates steps of a Klein-Gordon field as a user does: by leapfrog, with a
// number of frames kept in memory and the invariants and an observable at each of
// them. It returns the seconds that it took.
func (f *field) run(n, frames int) (float64, error) {
	p, q := make([]float64, len(f.net.Arrays[0])), make([]float64, len(f.net.Arrays[0]))
	start(p, q)
	m, err := nnfield.KleinGordon().Lattice(f.axes...).Mass(mass).Values(p, q).Build()
	if err != nil {
		return 0, err
	}
	s := simulate.New(m, float64(n)*step).Step(step).Frames(simulate.Count(frames)).
		Observe(observe.Point(make([]float64, len(f.axes))...), simulate.Count(frames))
	begin := time.Now()
	_, err = s.Run(context.Background())
	return time.Since(begin).Seconds(), err
}

// net is a network with a matrix of weights.
type net struct {
	system *network.System
	state  *network.State
}

func newMatrix(kind string, n int, folder string) (*net, error) {
	var k weights.Tensor
	entries := readNumbers[float64](filepath.Join(folder, "weights"))
	var err error
	if kind == "dense" {
		k, err = weights.NewDense(n, entries)
	} else {
		k, err = weights.NewCSR(n, triplets(readNumbers[int32](filepath.Join(folder, "start")), readNumbers[int32](filepath.Join(folder, "columns")), entries))
	}
	if err != nil {
		return nil, err
	}
	s, err := network.New(network.Network{
		Weights: weights.Identity(n),
		Loss:    network.Dual{K: k},
		Rate:    step * step,
		Clock:   step,
	})
	if err != nil {
		return nil, err
	}
	w := &net{s, s.NewState()}
	start(w.state.X, w.state.B)
	for i := range w.state.B {
		w.state.B[i] *= step
	}
	return w, nil
}

func triplets(start, columns []int32, entries []float64) []weights.Triplet {
	all := make([]weights.Triplet, 0, len(entries))
	for i := range len(start) - 1 {
		for k := start[i]; k < start[i+1]; k++ {
			all = append(all, weights.Triplet{Row: i, Column: int(columns[k]), Weight: entries[k]})
		}
	}
	return all
}

// readNumbers returns the numbers of a file, none if there is no such file.
func readNumbers[T int32 | float64](name string) []T {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	var zero T
	v := make([]T, int(info.Size())/binary.Size(zero))
	if err := binary.Read(f, binary.LittleEndian, v); err != nil {
		return nil
	}
	return v
}

func (w *net) advance(n int) error {
	for range n {
		w.system.Step(w.state)
	}
	return nil
}

func (w *net) sums() [4]float64 {
	q := make([]float64, len(w.state.B))
	for i, b := range w.state.B {
		q[i] = b / step
	}
	return sums(w.state.X, q)
}

// learners are an ensemble in a well, dq = −k q dt + √(2D) dW, all from q = 1.
type learners struct{ *ensemble.Ensemble }

func newLearners(n int) (*learners, error) {
	q := make([]float64, n)
	for i := range q {
		q[i] = 1
	}
	e, err := ensemble.New(ensemble.Config{
		Start: [][]float64{q},
		Drift: func(v [][]float64, b ensemble.Block) {
			for i, x := range b.Q[0] {
				v[0][i] = -decay * x
			}
		},
		Diffusion: diffusion,
		Step:      step,
		Seed:      1,
	})
	return &learners{e}, err
}

func (l *learners) advance(n int) error { return l.Advance(context.Background(), n, nil) }

// sums returns the first four moments.
func (l *learners) sums() (s [4]float64) {
	q := l.Variable(0)
	for _, x := range q {
		for m := range s {
			s[m] += math.Pow(x, float64(m+1)) / float64(len(q))
		}
	}
	return s
}
