package learning_test

import (
	"context"
	"fmt"

	"github.com/nnfield/nnfield/nnfield/learning"
	"github.com/nnfield/nnfield/nnfield/network"
)

func Example() {
	train, exam, err := learning.Digits().Split(0.2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, err := learning.New(learning.FeedForward(network.Tanh(), network.Identity(), 64, 32, 10))
	if err != nil {
		fmt.Println(err)
		return
	}
	t := learning.Training{
		Network:  n,
		Data:     train,
		Batch:    32,
		Sampling: learning.Shuffled,
		Descent:  learning.Momentum(0.04, 0.9),
		Seed:     1,
	}
	curve, err := t.Run(context.Background(), 20, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	accuracy, err := exam.Accuracy(n, t.Variables)
	fmt.Println(curve[0].Loss > 3*curve[19].Loss, accuracy > 0.94, err)
	// Output: true true <nil>
}

func ExampleCheckGradient() {
	n, err := learning.New(learning.Recurrent(network.Tanh(), network.Identity(), 64, 16, 10, 5))
	if err != nil {
		fmt.Println(err)
		return
	}
	few := learning.Digits().Pick([]int{0, 1, 2})
	fmt.Println(learning.CheckGradient(n, n.Draw(1), few, 1, 5) < 1e-7)
	// Output: true
}
