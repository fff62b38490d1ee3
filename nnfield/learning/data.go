package learning

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/nnfield/nnfield/nnfield/internal/random"
)

// Data is a data set, or a batch of it: samples of what the boundary neurons
// show. Sample s has the inputs X[s·Inputs:(s+1)·Inputs] and the outputs
// Y[s·Outputs:(s+1)·Outputs].
type Data struct {
	Inputs, Outputs int
	X, Y            []float64
}

// Samples returns the number of samples.
func (d Data) Samples() int {
	if d.Inputs < 1 {
		return 0
	}
	return len(d.X) / d.Inputs
}

// Label returns the class of sample s: the largest of its outputs.
func (d Data) Label(s int) int { return largest(d.Y[s*d.Outputs : (s+1)*d.Outputs]) }

func largest(y []float64) int {
	best := 0
	for i, v := range y {
		if v > y[best] {
			best = i
		}
	}
	return best
}

// Pick returns the given samples as a data set of their own.
func (d Data) Pick(samples []int) Data {
	p := Data{Inputs: d.Inputs, Outputs: d.Outputs}
	p.Set(d, samples)
	return p
}

// Set makes d the given samples of from, in its own memory as far as that is
// large enough. A sample may come more than once.
func (d *Data) Set(from Data, samples []int) {
	d.Inputs, d.Outputs = from.Inputs, from.Outputs
	d.X, d.Y = d.X[:0], d.Y[:0]
	for _, s := range samples {
		d.X = append(d.X, from.X[s*d.Inputs:(s+1)*d.Inputs]...)
		d.Y = append(d.Y, from.Y[s*d.Outputs:(s+1)*d.Outputs]...)
	}
}

// validate returns what is wrong with the data.
func (d Data) validate() error {
	n := d.Samples()
	if n < 1 || d.Outputs < 1 || len(d.X) != n*d.Inputs || len(d.Y) != n*d.Outputs {
		return fmt.Errorf("data with %d input and %d output numbers; give %d and %d for each of at least one sample", len(d.X), len(d.Y), d.Inputs, d.Outputs)
	}
	for _, v := range [][]float64{d.X, d.Y} {
		for i, x := range v {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("data with the number %v at place %d; all must be finite", x, i)
			}
		}
	}
	return nil
}

// Exam is the part of a data set that is held back to judge a network once.
type Exam struct {
	data Data
	used bool
}

// Samples returns the number of samples held back.
func (e *Exam) Samples() int { return e.data.Samples() }

// Accuracy returns the part of the samples held back that the network
// classifies rightly. It fails when it is asked a second time: choices made on the
// strength of an exam are learned from it.
func (e *Exam) Accuracy(n *Network, q []float64) (float64, error) {
	if e.used {
		return 0, fmt.Errorf("learning: this Exam was taken before; make choices on the training part and Split the data anew for another exam")
	}
	if err := n.Fit(q, e.data); err != nil {
		return 0, err
	}
	e.used = true
	return n.Accuracy(q, e.data), nil
}

// Split divides the data into a part to train with and an exam that holds the
// given fraction of each class, rounded, chosen at random by the seed. It fails
// for a fraction outside (0, 1), for data that are not whole or not finite, and if
// either part would be empty.
func (d Data) Split(fraction float64, seed uint64) (train Data, exam *Exam, err error) {
	if !(fraction > 0 && fraction < 1) {
		return Data{}, nil, fmt.Errorf("learning: Split(%v): the fraction held back must be between 0 and 1, such as 0.2", fraction)
	}
	if err := d.validate(); err != nil {
		return Data{}, nil, fmt.Errorf("learning: Split of %w", err)
	}
	classes := make([][]int, d.Outputs)
	order := identity(d.Samples())
	shuffle(order, random.New(seed, "split"), 0)
	for _, s := range order {
		classes[d.Label(s)] = append(classes[d.Label(s)], s)
	}
	var kept, held []int
	for _, c := range classes {
		m := int(math.Round(fraction * float64(len(c))))
		held, kept = append(held, c[:m]...), append(kept, c[m:]...)
	}
	if len(held) == 0 || len(kept) == 0 {
		return Data{}, nil, fmt.Errorf("learning: Split(%v) of %d samples leaves a part empty; use another fraction or more data", fraction, d.Samples())
	}
	return d.Pick(kept), &Exam{data: d.Pick(held)}, nil
}

func identity(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	return p
}

// shuffle permutes p at random (Fisher-Yates) with the numbers from index on.
func shuffle(p []int, s random.Stream, index int) {
	for i := range len(p) - 1 {
		j := i + below(s.Uniform(index+i), len(p)-i)
		p[i], p[j] = p[j], p[i]
	}
}

// below turns a number in (0, 1) into one of 0 … n−1.
func below(u float64, n int) int { return int(u * float64(n)) }

//go:embed data/digits.csv.gz
var digits []byte

// Digits returns 1,797 images of handwritten digits: 8×8 pixels between 0 and 1
// as inputs, and ten outputs, 1 for the class of the image and 0 for the others.
//
// Data: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI
// Machine Learning Repository (1998), CC BY 4.0.
func Digits() Data {
	d := Data{Inputs: 64, Outputs: 10}
	if err := d.read(digits); err != nil {
		panic(fmt.Sprintf("learning: the embedded digits are damaged: %v", err))
	}
	return d
}

// read appends rows of pixels 0..16 and a class.
func (d *Data) read(packed []byte) error {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = d.Inputs + 1
	rows.ReuseRecord = true
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for i, text := range row {
			v, err := strconv.Atoi(text)
			if err != nil {
				return err
			}
			if i < d.Inputs {
				d.X = append(d.X, float64(v)/16)
				continue
			}
			d.Y = append(d.Y, make([]float64, d.Outputs)...)
			d.Y[len(d.Y)-d.Outputs+v] = 1
		}
	}
}
