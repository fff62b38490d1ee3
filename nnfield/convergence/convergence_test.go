package convergence_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/convergence"
)

func TestFindsThePower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.5, 6).Draw(t, "power")
		c := rapid.Float64Range(0.1, 10).Draw(t, "factor")
		sizes := []float64{rapid.Float64Range(0.1, 1).Draw(t, "size")}
		for range rapid.IntRange(1, 4).Draw(t, "refinements") {
			sizes = append(sizes, sizes[len(sizes)-1]*rapid.Float64Range(0.2, 0.8).Draw(t, "ratio"))
		}
		o, err := convergence.Measure("power", sizes, func(h float64) (float64, error) { return c * math.Pow(h, p), nil })
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range append(o.Pairwise, o.Fitted) {
			if math.Abs(got-p) > 1e-9 {
				t.Fatalf("order %v, want %v: %v", got, p, o)
			}
		}
	})
}

func TestRefusesBadInput(t *testing.T) {
	ok := func(float64) (float64, error) { return 1, nil }
	for _, c := range []struct {
		sizes []float64
		err   func(float64) (float64, error)
		want  string
	}{
		{[]float64{1}, ok, "at least 2"},
		{[]float64{1, 2}, ok, "descending"},
		{[]float64{1, 1}, ok, "descending"},
		{[]float64{1, 0}, ok, "positive"},
		{[]float64{math.NaN(), 1}, ok, "positive"},
		{[]float64{2, 1}, func(float64) (float64, error) { return math.NaN(), nil }, "at size 2 is NaN"},
		{[]float64{2, 1}, func(float64) (float64, error) { return -1, nil }, "not negative"},
		{[]float64{2, 1}, func(float64) (float64, error) { return 0, errors.New("broken") }, "broken"},
	} {
		if _, err := convergence.Measure("test", c.sizes, c.err); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// An error of 0 does not spoil the fit through the others.
func TestErrorOfZero(t *testing.T) {
	o, err := convergence.Measure("exact at last", []float64{4, 2, 1}, func(h float64) (float64, error) { return h*h - 1 + 0*h, nil })
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(o.Pairwise[1], 1) || math.Abs(o.Fitted-math.Log2(5)) > 1e-12 {
		t.Errorf("%+v", o)
	}
}

func ExampleMeasure() {
	o, err := convergence.Measure("central difference of sin at 1", []float64{0.1, 0.05, 0.025}, func(h float64) (float64, error) {
		return math.Abs((math.Sin(1+h)-math.Sin(1-h))/(2*h) - math.Cos(1)), nil
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(o)
	// Output:
	// central difference of sin at 1: order 2.00
	//    size    error  order
	//     0.1   0.0009      –
	//    0.05  0.00023   2.00
	//   0.025  5.6e-05   2.00
}
