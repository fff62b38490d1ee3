package verify

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/geometry/strings"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// stringRows verifies a closed string, or its control of averaged weights.
func stringRows(m theory.Model) []Row {
	b, ok := strings.BuilderOf(m)
	if !ok {
		return []Row{{
			Name: "parameters", Claim: "the parameters of the string can be read",
			Measured: "the model was not built by package strings", Status: Opaque,
		}}
	}
	s := closed{b}
	if b.Averaged() {
		return []Row{diffusion.row(s)}
	}
	rows := []Row{waveEquation.row(s), dAlembert.row(s), oneTurn.row(s), permutation.row(s), stringConserved.row(s)}
	right, left, err := strings.Steps(m, m.Initial())
	if err == nil && max(right.Spread, left.Spread) > evenSteps {
		rows = append(rows, Row{
			Name: virasoro.name, Claim: virasoro.text, Status: NotApplicable,
			Measured: fmt.Sprintf("the data do not obey it: steps of F %v; of G %v", right, left),
		})
	} else {
		rows = append(rows, virasoro.row(s), control[closed]{virasoro, "crooked", "two neighbours of F are exchanged", exchanged}.row(s))
	}
	averaged := func(s closed) closed { return closed{s.AverageWeights()} }
	for _, c := range []claim[closed]{waveEquation, dAlembert, oneTurn} {
		rows = append(rows, control[closed]{c, "averaged weights", "the weights are averaged, not the states", averaged}.row(s))
	}
	return rows
}

// evenSteps is by how much the steps of a string may differ, relative.
const evenSteps = 1e-12

// closed is the subject of the claims.
type closed struct{ strings.Builder }

// after runs the string for some steps, keeping every one.
func (s closed) after(steps int) (*simulate.Run, error) {
	m, err := s.Build()
	if err != nil {
		return nil, err
	}
	return s.Until(float64(steps) * m.Lattice().Spacing(0)).Frames(simulate.Every(1)).Run(context.Background())
}

// few is a number of steps that shows everything and costs little.
const few = 16

var waveEquation = claim[closed]{
	"wave equation", "X(t+1) + X(t−1) = (P + Pᵀ) X(t), relative to the largest |X|",
	func(s closed) (finding, error) {
		r, err := s.after(few)
		if err != nil {
			return finding{}, err
		}
		residual, err := strings.WaveResidual(r)
		if err != nil {
			return finding{}, err
		}
		return atMost(residual, 1e-14, fmt.Sprintf(" in %d steps", few))
	},
}

var dAlembert = claim[closed]{
	"d'Alembert", "X is ½[F(σ − t) + G(σ + t)] of the first F and G, in every bit",
	func(s closed) (finding, error) {
		m, last, err := s.propagated(few)
		if err != nil {
			return finding{}, err
		}
		// Averaged weights have forgotten F and G: they are held to ½(F + G) for both.
		start := m.Initial().Arrays
		f, g := start[0], start[0]
		if len(start) == 3 {
			f, g = start[1], start[2]
		}
		n, wrong := m.Lattice().Sites(), 0
		for i, x := range last.Arrays[0] {
			at, site := i-i%n, i%n
			if x != 0.5*f[at+((site-few)%n+n)%n]+0.5*g[at+(site+few)%n] {
				wrong++
			}
		}
		return held(wrong == 0, fmt.Sprintf("%d of %d coordinates differ after %d steps", wrong, len(f), few), "0"), nil
	},
}

var oneTurn = claim[closed]{
	"one turn", "after as many steps as there are neurons the first state is back, in every bit",
	func(s closed) (finding, error) {
		m, err := s.Build()
		if err != nil {
			return finding{}, err
		}
		n := m.Lattice().Sites()
		_, last, err := s.propagated(n)
		if err != nil {
			return finding{}, err
		}
		wrong := differing(slices.Concat(m.Initial().Arrays...), slices.Concat(last.Arrays...))
		return held(wrong == 0, fmt.Sprintf("%d numbers differ after %d steps", wrong, n), "0"), nil
	},
}

// propagated returns the model and its state after some steps, without a record of the
// way.
func (s closed) propagated(steps int) (theory.Model, *theory.State, error) {
	m, err := s.Build()
	if err != nil {
		return nil, nil, err
	}
	in, err := simulate.FindIntegrator("")
	if err != nil {
		return nil, nil, err
	}
	last, err := simulate.Propagate(m, in, m.Lattice().Spacing(0), steps, m.Initial())
	return m, last, err
}

// differing counts the places at which a and b, of one length, are not the same.
func differing(a, b []float64) (n int) {
	for i, v := range a {
		if b[i] != v {
			n++
		}
	}
	return n
}

var permutation = claim[closed]{
	"network step", "the bare step of the network is the run, in every bit",
	func(s closed) (finding, error) {
		m, last, err := s.propagated(few)
		if err != nil {
			return finding{}, err
		}
		net, err := m.Network(m.Lattice().Spacing(0))
		if err != nil {
			return finding{}, err
		}
		state := net.NewState()
		x := state.X
		for _, a := range m.Initial().Arrays {
			x = x[copy(x, a):]
		}
		for range few {
			net.Step(state)
		}
		wrong := differing(state.X, slices.Concat(last.Arrays...))
		return held(wrong == 0, fmt.Sprintf("%d of %d neurons differ after %d steps", wrong, len(state.X), few), "0"), nil
	},
}

var stringConserved = claim[closed]{
	"conserved", "energy, momentum along the string and centre stay",
	func(s closed) (finding, error) {
		r, err := s.after(few)
		if err != nil {
			return finding{}, err
		}
		worst := 0.0
		for _, i := range r.Invariants {
			if i.Scale > 0 { // a coordinate that is zero has nothing to compare with
				worst = max(worst, i.Drift())
			}
		}
		return atMost(worst, 1e-12, fmt.Sprintf(", worst of %d in %d steps", len(r.Invariants), few))
	},
}

var virasoro = claim[closed]{
	"constraint", "Virasoro: the steps |F_{n+1} − F_n| are all alike, and those of G, for ever",
	func(s closed) (finding, error) {
		m, last, err := s.propagated(100)
		if err != nil {
			return finding{}, err
		}
		right, left, err := strings.Steps(m, last)
		if err != nil {
			return finding{}, err
		}
		return atMost(max(right.Spread, left.Spread), evenSteps, " after 100 steps")
	},
}

// exchanged exchanges two neighbours of F.
func exchanged(s closed) closed {
	m, err := s.Build()
	if err != nil {
		return s // the claim says so
	}
	n := m.Lattice().Sites()
	f := slices.Clone(m.Initial().Arrays[1])
	var coordinates [][]float64
	for c := range slices.Chunk(f, n) {
		c[0], c[1] = c[1], c[0]
		coordinates = append(coordinates, c)
	}
	return closed{s.RightPoints(coordinates...)}
}

var diffusion = claim[closed]{
	"diffusion", "each wave shrinks by cos ka a step, of the longest and its next relative to the largest |X|",
	func(s closed) (finding, error) {
		m, last, err := s.propagated(few)
		if err != nil {
			return finding{}, err
		}
		n := m.Lattice().Sites()
		first := m.Initial().Arrays[0]
		worst, size := 0.0, 0.0
		for at := 0; at < len(first); at += n {
			for mode := 1; mode <= min(2, (n-1)/2); mode++ {
				k := 2 * math.Pi * float64(mode) / float64(n)
				var before, after [2]float64
				for i := range n {
					sin, cos := math.Sincos(k * float64(i))
					before[0], before[1] = before[0]+first[at+i]*cos, before[1]+first[at+i]*sin
					after[0], after[1] = after[0]+last.Arrays[0][at+i]*cos, after[1]+last.Arrays[0][at+i]*sin
				}
				shrunk := math.Pow(math.Cos(k), few)
				for c := range before {
					worst = max(worst, math.Abs(after[c]-shrunk*before[c])/float64(n))
				}
			}
		}
		for _, x := range first {
			size = max(size, math.Abs(x))
		}
		if size == 0 {
			return notApplicable("the state is zero")
		}
		return atMost(worst/size, 1e-13, fmt.Sprintf(" in %d steps", few))
	},
}
