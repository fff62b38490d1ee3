package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/nnfield/nnfield/nnfield/weights"
)

// problem is a case: what several programs solve.
type problem struct {
	name     string
	unit     string  // of work: what a program does so many of in a second
	work     float64 // units a step
	bytes    float64 // a unit, read and written once
	flops    float64 // a unit
	reads    bool    // the bytes are read only
	chain    bool    // of sites, one-dimensional
	working  float64 // bytes that a step goes through
	threads  int     // 0 for all
	steps    int     // before the programs are compared
	programs []program
	prepare  func(folder string) error                   // writes what the programs read; nil for nothing
	agree    func(want, got [4]float64, steps int) error // whether two programs did the same
}

// plain is nnfield without its kernels: the network's own step.
var plain = []string{"NNFIELD_KERNEL=plain"}

// naive is the program that ratios refer to, where there is one.
const naive = "C naive"

func nnfieldRows(args ...string) []program {
	return []program{
		{name: "nnfield", tool: goTool, args: args},
		{name: "nnfield, plain step", tool: goTool, args: args, env: plain},
	}
}

// lattice is the case of a field theory on n^dim sites.
func lattice(label, theory string, dim, n, threads int) problem {
	sites := math.Pow(float64(n), float64(dim))
	components, extra := 1., 0.
	flops := float64(2*dim + 5)
	algorithms := []string{"naive", "fused", "tiled"}
	python := []struct{ name, tool, file, algorithm string }{
		{"numba, best form", numba, "lattice_numba.py", "best"},
		{"numba, obvious form", numba, "lattice_numba.py", "obvious"},
		{"NumPy slices", numpy, "lattice_numpy.py", "slices"},
		{"NumPy roll", numpy, "lattice_numpy.py", "roll"},
		{"scipy.sparse", scipy, "lattice_numpy.py", "scipy"},
	}
	keep := func(names ...string) {
		kept := python[:0:0]
		for _, p := range python {
			if slices.Contains(names, p.algorithm) {
				kept = append(kept, p)
			}
		}
		python = kept
	}
	switch theory {
	case "phi4":
		flops += 3
		keep("best", "obvious", "slices", "roll")
	case "dirac":
		components = float64(int(1) << dim)
		flops = 2 * components * float64(3*dim+2)
		keep("best", "slices", "roll")
		if dim == 1 {
			algorithms = []string{"naive", "tiled"}
		}
	case "scalar":
		components, extra = 2, 4*8 // cosines and sines of two links
		flops = 44
		keep("best", "slices", "roll")
	}
	c := problem{
		name: fmt.Sprintf("%s %d-D %s", label, dim, size(n, dim)), unit: "sites", work: sites,
		bytes: 32*components + extra, flops: flops, chain: dim == 1, threads: threads, steps: 20,
		agree: agreeOn(int(components * sites)),
	}
	c.working = sites * (16*components + extra)
	shape := []string{theory, fmt.Sprint(dim), fmt.Sprint(n)}
	c.programs = nnfieldRows(append([]string{"lattice"}, shape...)...)
	for _, a := range algorithms {
		c.programs = append(c.programs, program{name: "C " + a, tool: cTool, args: append(append([]string{"lattice"}, shape...), a)})
	}
	for _, p := range python {
		c.programs = append(c.programs, program{name: p.name, tool: p.tool, args: append(append([]string{p.file}, shape...), p.algorithm)})
	}
	switch { // more than a tile is deep
	case dim == 1 && sites < 1e7:
		c.steps = 100
	case sites < 1e6:
		c.steps = 40
	}
	return c
}

// size writes n^dim: 10⁵, 256².
func size(n, dim int) string {
	if e := math.Round(math.Log10(float64(n))); dim == 1 && math.Pow10(int(e)) == float64(n) {
		n, dim = 10, int(e)
	}
	return fmt.Sprintf("%d%c", n, []rune("⁰ ²³⁴⁵⁶⁷⁸⁹")[dim])
}

// matrix is the case of a network with a sparse or dense matrix of weights.
func matrix(label, kind string, n, perRow, threads int, k func() (weights.Tensor, error)) problem {
	entries := float64(n) * float64(perRow)
	c := problem{
		name: label, unit: "entries", work: entries, flops: 2, bytes: 8, reads: true, threads: threads, steps: 20,
		agree: agreeOn(n),
		prepare: func(folder string) error {
			w, err := k()
			if err != nil {
				return err
			}
			return writeMatrix(folder, w, kind == "dense")
		},
	}
	args := []string{"matrix", kind, fmt.Sprint(n), "."}
	c.programs = append([]program{{name: "nnfield", tool: goTool, args: args}}, program{name: naive, tool: cTool, args: args})
	in := func(name, tool, algorithm string) {
		c.programs = append(c.programs, program{name: name, tool: tool, args: []string{"matrix.py", kind, fmt.Sprint(n), ".", algorithm}})
	}
	if kind == "dense" {
		in("NumPy dot", numpy, "numpy")
	} else {
		c.bytes = 12 + 32/float64(perRow) // weight and column; field and momentum
		in("scipy.sparse", scipy, "scipy")
		in("numba", numba, "numba")
	}
	c.working = c.bytes * c.work
	return c
}

// fivePoint is −∇² + m² of a square of n sites in all.
func fivePoint(side int) func() (weights.Tensor, error) {
	return func() (weights.Tensor, error) {
		var all []weights.Triplet
		for i := range side * side {
			x, y := i%side, i/side
			all = append(all, weights.Triplet{Row: i, Column: i, Weight: 4 + mass*mass})
			for _, j := range [4]int{y*side + (x+1)%side, y*side + (x+side-1)%side, (y+1)%side*side + x, (y+side-1)%side*side + x} {
				all = append(all, weights.Triplet{Row: i, Column: j, Weight: -1})
			}
		}
		return weights.NewCSR(side*side, all)
	}
}

// random is a symmetric matrix whose rows have about perRow entries anywhere.
func random(n, perRow int) func() (weights.Tensor, error) {
	return func() (weights.Tensor, error) {
		var all []weights.Triplet
		state := uint64(1)
		for i := range n {
			all = append(all, weights.Triplet{Row: i, Column: i, Weight: 2})
			for range perRow / 2 {
				state = state*6364136223846793005 + 1442695040888963407
				j := int(state >> 33 % uint64(n))
				w := -float64(1+(i+j)%7) / float64(4*perRow)
				all = append(all, weights.Triplet{Row: i, Column: j, Weight: w}, weights.Triplet{Row: j, Column: i, Weight: w})
			}
		}
		return weights.NewCSR(n, all)
	}
}

// dense is a symmetric matrix without zeros.
func dense(n int) func() (weights.Tensor, error) {
	return func() (weights.Tensor, error) {
		w := make([]float64, n*n)
		for i := range w {
			w[i] = -float64(1+(i%n+i/n)%7) / float64(4*n)
			if i%n == i/n {
				w[i] += 2
			}
		}
		return weights.NewDense(n, w)
	}
}

// writeMatrix writes a matrix row after row.
func writeMatrix(folder string, w weights.Tensor, dense bool) error {
	start, columns, entries := []int32{0}, []int32(nil), []float64(nil)
	for i := range w.Size() {
		w.Row(i, func(j int, v float64) {
			columns, entries = append(columns, int32(j)), append(entries, v)
		})
		start = append(start, int32(len(columns)))
	}
	if err := writeNumbers(filepath.Join(folder, "weights"), entries); err != nil || dense {
		return err
	}
	if err := writeNumbers(filepath.Join(folder, "start"), start); err != nil {
		return err
	}
	return writeNumbers(filepath.Join(folder, "columns"), columns)
}

func writeNumbers[T int32 | float64](name string, v []T) error {
	b, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		return err
	}
	return os.WriteFile(name, b, 0o600)
}

// noisy is the case of n learners with Gaussian noise.
func noisy(n, threads int) problem {
	c := problem{name: "learners " + size(n, 1), unit: "learner steps", work: float64(n), threads: threads, steps: 10, agree: agreeOnMoments(n)}
	c.programs = []program{{name: "nnfield", tool: goTool, args: []string{"learners", fmt.Sprint(n)}}, {name: naive, tool: cTool, args: []string{"learners", fmt.Sprint(n)}}}
	for _, p := range [][3]string{{"numba", numba, "numba"}, {"NumPy PCG64", numpy, "pcg64"}, {"NumPy SFC64", numpy, "sfc64"}} {
		c.programs = append(c.programs, program{name: p[0], tool: p[1], args: []string{"learners.py", fmt.Sprint(n), p[2]}})
	}
	return c
}

// alone says that a case is run by one thread.
func alone(c problem) problem {
	c.threads = 1
	c.name += ", one thread"
	return c
}

func cases(quick bool) []problem {
	if quick {
		return []problem{
			alone(lattice("KG", "kg", 1, 1000, 0)), lattice("KG", "kg", 2, 64, 0), lattice("KG", "kg", 3, 20, 0),
			lattice("φ⁴", "phi4", 2, 64, 0),
			lattice("Dirac", "dirac", 1, 1000, 0), lattice("Dirac", "dirac", 2, 64, 0), lattice("Dirac", "dirac", 3, 16, 0),
			lattice("links", "scalar", 2, 64, 0),
			noisy(10_000, 0),
			matrix("CSR five-point 10⁴", "csr", 10_000, 5, 0, fivePoint(100)),
			matrix("dense 256²", "dense", 256, 256, 0, dense(256)),
		}
	}
	grid, web := fivePoint(1000), random(100_000, 100)
	return []problem{
		alone(lattice("KG", "kg", 1, 1000, 0)), lattice("KG", "kg", 1, 100_000, 0), lattice("KG", "kg", 1, 10_000_000, 0),
		lattice("KG", "kg", 2, 256, 0), lattice("KG", "kg", 2, 2048, 0), lattice("KG", "kg", 2, 4096, 0),
		lattice("KG", "kg", 3, 64, 0), lattice("KG", "kg", 3, 256, 0),
		lattice("φ⁴", "phi4", 2, 2048, 0),
		lattice("Dirac", "dirac", 1, 1_000_000, 0), lattice("Dirac", "dirac", 2, 256, 0), lattice("Dirac", "dirac", 2, 2048, 0), lattice("Dirac", "dirac", 3, 128, 0),
		lattice("links", "scalar", 2, 1024, 0),
		noisy(100_000, 0),
		alone(matrix("CSR five-point 10⁶", "csr", 1_000_000, 5, 0, grid)), matrix("CSR five-point 10⁶", "csr", 1_000_000, 5, 0, grid),
		alone(matrix("CSR random 10⁵×100", "csr", 100_000, 100, 0, web)), matrix("CSR random 10⁵×100", "csr", 100_000, 100, 0, web),
		matrix("dense 2048²", "dense", 2048, 2048, 0, dense(2048)),
	}
}

// tolerance is how far sums may be apart, relative to what they could be at most.
const tolerance = 1e-12

// agreeOn compares the sums over n numbers of field and momentum each.
func agreeOn(n int) func(want, got [4]float64, steps int) error {
	return func(want, got [4]float64, _ int) error {
		// Σw f is at most √(Σw² Σf²); the mean of w² is 20 for w = 1 … 7, 63 for 1 … 13.
		most := [4]float64{math.Sqrt(20 * float64(n) * want[2]), math.Sqrt(63 * float64(n) * want[3]), want[2], want[3]}
		for i, v := range got {
			if !(math.Abs(v-want[i]) <= tolerance*most[i]) {
				return fmt.Errorf("sum %d is %.15g instead of %.15g: %.2g of what it can be, more than %v", i+1, v, want[i], math.Abs(v-want[i])/most[i], tolerance)
			}
		}
		return nil
	}
}

// agreeOnMoments compares the moments of n learners after some steps with what the
// discrete process has: five standard errors at most. Noise has no other check.
func agreeOnMoments(n int) func(want, got [4]float64, steps int) error {
	return func(_, got [4]float64, steps int) error {
		keep := 1 - step*decay
		mean := math.Pow(keep, float64(steps))
		variance := 2 * diffusion * step * (1 - mean*mean) / (1 - keep*keep)
		m := normalMoments(mean, variance)
		for i, v := range got {
			limit := 5 * math.Sqrt((m[2*i+2]-m[i+1]*m[i+1])/float64(n))
			if !(math.Abs(v-m[i+1]) <= limit) {
				return fmt.Errorf("moment %d is %.6g instead of %.6g ± %.2g", i+1, v, m[i+1], limit)
			}
		}
		return nil
	}
}

// normalMoments returns the moments 0 to 8 about zero of a normal distribution.
func normalMoments(mean, variance float64) (m [9]float64) {
	m[0], m[1] = 1, mean
	for i := 2; i < len(m); i++ {
		m[i] = mean*m[i-1] + float64(i-1)*variance*m[i-2]
	}
	return m
}
