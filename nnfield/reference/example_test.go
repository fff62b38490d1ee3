package reference_test

import (
	"fmt"
	"log"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// A massless hump at rest splits into two halves that meet on the other side of
// the ring at t = 8 and where they came from at t = 16. The spectral Laplacian
// brings it back whole, the stencils almost.
func ExampleFreeField() {
	l, err := lattice.New(lattice.Ring(64, 16))
	if err != nil {
		log.Fatal(err)
	}
	hump, rest := make([]float64, 64), make([]float64, 64)
	for i, x := range l.Coordinates(0) {
		hump[i] = math.Exp(-(x - 8) * (x - 8))
	}
	for _, order := range []reference.Order{2, 4, reference.Continuum} {
		field, err := reference.NewFreeField(l, 0, order, hump, rest)
		if err != nil {
			log.Fatal(err)
		}
		half, _ := field.At(8)
		back, _ := field.At(16)
		fmt.Printf("%.4f %.4f\n", half[0], back[32])
	}
	// Output:
	// 0.9782 0.9347
	// 0.9996 0.9987
	// 1.0000 1.0000
}

// The lattice slows short waves down, leapfrog speeds them up again.
func ExampleFrequency() {
	l, err := lattice.New(lattice.Ring(40, 20)) // a = 0.5
	if err != nil {
		log.Fatal(err)
	}
	const mass, k = 1, 2
	omega := reference.Frequency(l, mass, 2, k)
	stepped, err := reference.LeapfrogFrequency(omega, 0.4)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("continuum %.4f, lattice %.4f, leapfrog %.4f\n",
		reference.Frequency(l, mass, reference.Continuum, k), omega, stepped)
	// Output: continuum 2.2361, lattice 2.1628, leapfrog 2.2366
}

func ExampleLeapfrogFrequency() {
	_, err := reference.LeapfrogFrequency(4.5, 0.5)
	fmt.Println(err)
	// Output: reference.LeapfrogFrequency: step 0.5 is above the stability limit 0.444444 = 2/ω for ω = 4.5; use a smaller step
}

// Three neurons between two walls: the dense judge of a small run.
func ExampleExponential() {
	wall := lattice.Boundary{Kind: lattice.Dirichlet}
	l, err := lattice.New(lattice.Line(3, 4, wall, wall))
	if err != nil {
		log.Fatal(err)
	}
	k, err := reference.Stiffness(l, 0, 2)
	if err != nil {
		log.Fatal(err)
	}
	phi, beta, err := reference.Exponential(k, []float64{0, 1, 0}, []float64{0, 0, 0}, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n%.4f\n", phi, beta)
	// Output:
	// [0.3516 0.2238 0.3516]
	// [0.4409 -1.1538 0.4409]
}

func ExampleKink() {
	kink, err := reference.NewKink(2, 1, 0.6, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("φ(0, 0) = %.4f, φ(1, 0) = %.4f, φ(1.6, 1) = %.4f, energy %.4f\n",
		kink.Phi(0, 0), kink.Phi(1, 0), kink.Phi(1.6, 1), kink.Energy())
	// Output: φ(0, 0) = 0.0000, φ(1, 0) = 0.8483, φ(1.6, 1) = 0.8483, energy 1.6667
}

func ExampleBreather() {
	b, err := reference.NewBreather(0.6, 0, 0)
	if err != nil {
		log.Fatal(err)
	}
	quarter := math.Pi / 2 / 0.6 // of a period
	fmt.Printf("from %.4f to %.4f, energy %.4f\n", b.Phi(0, 0), b.Phi(0, quarter), b.Energy())
	// Output: from 0.0000 to 3.7092, energy 12.8000
}

func ExampleNewBreather() {
	_, err := reference.NewBreather(1.5, 0, 0)
	fmt.Println(err)
	// Output: reference.NewBreather: frequency w = 1.5; it must lie between 0 and 1
}
