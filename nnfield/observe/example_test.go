package observe_test

import (
	"context"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/observe"
)

// The frequency of every mode of a thermal state, measured and from theory.
func ExampleDispersion() {
	kg := nnfield.KleinGordon().Ring(16, 8).Thermal(nnfield.Temperature(1))
	r, err := kg.Until(40).Frames(nnfield.Every(1)).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	modes, err := observe.Dispersion(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range modes[:3] {
		theory, err := observe.Branch(r, m.K...)
		fmt.Printf("k = %.4f: ω = %.4f, off by less than 1e-9: %v %v\n", m.K[0], m.Omega, math.Abs(m.Omega-theory) < 1e-9, err)
	}
	// Output:
	// k = 0.0000: ω = 1.0025, off by less than 1e-9: true <nil>
	// k = 0.7854: ω = 1.2735, off by less than 1e-9: true <nil>
	// k = 1.5708: ω = 1.8437, off by less than 1e-9: true <nil>
}

// What is observed and when are said apart.
func ExamplePoint() {
	kg := nnfield.KleinGordon().Ring(64, 16).PlaneWave(nnfield.Mode(1))
	r, err := kg.Until(10).Observe(observe.Point(3), nnfield.AtTimes(0, 5, 10)).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := r.Observable("point [3]")
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, t := range s.Times {
		fmt.Printf("t = %5.2f: φ = %6.3f, β = %6.3f\n", t, s.At(i)[0], s.At(i)[1])
	}
	// Output:
	// t =  0.00: φ =  0.383, β =  0.993
	// t =  5.06: φ = -0.435, β =  0.967
	// t = 10.00: φ = -0.991, β =  0.157
}
