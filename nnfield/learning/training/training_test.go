package training_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/learning/training"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// A training as a simulation learns the digits as the loop of package learning does, with
// the same bits, in about the same time.
func TestDigits(t *testing.T) {
	const epochs = 3
	model := training.FeedForward(64, 16, 10).Digits().Batch(16).Descent(training.Adam(0.003, 0.9, 0.999, 1e-8)).Seed(7)
	began := time.Now()
	r, err := model.Epochs(epochs).Frames(simulate.Count(2)).Observe(observe.Loss(), simulate.Count(4)).Observe(observe.Accuracy(), simulate.Count(4)).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	n, err := learning.New(learning.FeedForward(network.Tanh(), network.Identity(), 64, 16, 10))
	if err != nil {
		t.Fatal(err)
	}
	loop := learning.Training{Network: n, Data: learning.Digits(), Batch: 16, Sampling: learning.Shuffled, Descent: learning.Covariant(0.003, 0.9, 0.999, 1e-8), Seed: 7}
	began = time.Now()
	if _, err := loop.Run(context.Background(), epochs, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("a simulation of %d steps took %v, the loop %v", r.Stop.Step, took, time.Since(began))
	if !slices.Equal(r.Last.Arrays[0], loop.Variables) {
		t.Error("the variables are not those of the loop")
	}
	accuracy, err := r.Observable("accuracy")
	if err != nil || accuracy.Values[0] > 0.3 || accuracy.Values[3] < 0.9 {
		t.Errorf("accuracy %v, %v", accuracy.Values, err)
	}
	loss, err := r.Observable("loss")
	if err != nil || !(loss.Values[3] < loss.Values[0]/3) {
		t.Errorf("loss %v, %v", loss.Values, err)
	}
}

// The same bits for any number of goroutines.
func TestGoroutines(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []float64
	for _, workers := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(workers)
		r, err := training.FeedForward(64, 200, 10).Digits().Batch(200).Steps(6).Frames(simulate.Count(2)).Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r.Last.Arrays[0]
		} else if !slices.Equal(first, r.Last.Arrays[0]) {
			t.Errorf("other bits on %d goroutines", workers)
		}
	}
}

// Every descent finds the minimum of a bowl; its rate, not its name, decides how fast.
func TestDescents(t *testing.T) {
	line := learning.Data{Inputs: 1, Outputs: 1, X: []float64{-1, 0, 1, 2}, Y: []float64{-1, 1, 3, 5}}
	for name, d := range map[string]training.Descent{
		"sgd": training.SGD(0.1), "momentum": training.Momentum(0.02, 0.9), "rmsprop": training.RMSProp(0.02, 0.9, 1e-3),
		"adam": training.Adam(0.05, 0.9, 0.99, 1e-6), "adabelief": training.AdaBelief(0.05, 0.9, 0.99, 1e-6), "covariant": training.Covariant(0.02, 0.5, 0.9, 0.25, 1e-3),
	} {
		r, err := training.FeedForward(1, 1).Output("identity").Data(line).Batch(4).Descent(d).Steps(600).Frames(simulate.Count(2)).Run(context.Background())
		if err != nil {
			t.Fatal(name, err)
		}
		if q := r.Last.Arrays[0]; math.Abs(q[0]-1) > 0.05 || math.Abs(q[1]-2) > 0.05 {
			t.Errorf("%s: b = %v, w = %v; want 1 and 2", name, q[0], q[1])
		}
	}
}

func TestBadInput(t *testing.T) {
	good := training.FeedForward(64, 8, 10).Digits()
	for want, b := range map[string]training.Builder{
		"no data to learn from":                          training.FeedForward(2, 1),
		"a Batch of 0 of 1797":                           good.Batch(0),
		"learning rate -1":                               good.Descent(training.SGD(-1)),
		`descent.kind: ""`:                               good.Descent(training.Descent{}),
		"power 2 of the metric":                          good.Descent(training.Covariant(0.1, 0, 0.9, 2, 1)),
		"nor a formula of z":                             good.Hidden("tahn"),
		"unknown sampling":                               good.Sampling("all"),
		"the shapes [2] and [2 1]; give a row of inputs": good.Arrays([]int{2}, []float64{1, 2}, []int{2, 1}, []float64{1, 2}),
		"variables":                                      good.Start([]float64{1}),
		"at most 1048576":                                training.FeedForward(64, 1<<30, 10).Digits(),
	} {
		err := b.Err()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "training: ") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// A network learns the exclusive or.
func Example() {
	xor := learning.Data{Inputs: 2, Outputs: 1, X: []float64{0, 0, 0, 1, 1, 0, 1, 1}, Y: []float64{0, 1, 1, 0}}
	model := training.FeedForward(2, 4, 1).Data(xor).Batch(4).Descent(training.Adam(0.05, 0.9, 0.99, 1e-6)).Seed(1)
	run, err := model.Epochs(500).Frames(simulate.Count(2)).Observe(observe.Loss(), simulate.Count(3)).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	loss, err := run.Observable("loss")
	fmt.Println(loss.Values[2] < 1e-3*loss.Values[0], err)
	// Output:
	// true <nil>
}
