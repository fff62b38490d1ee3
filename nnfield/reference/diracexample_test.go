package reference_test

import (
	"fmt"
	"log"
	"math"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// A packet at rest with both signs of the energy trembles, with one it does not.
func ExampleFreeDirac_Displacement() {
	l, err := lattice.New(lattice.Ring(256, 64))
	if err != nil {
		log.Fatal(err)
	}
	d, err := reference.StandardDirac(1)
	if err != nil {
		log.Fatal(err)
	}
	d.Mass = 1
	phi, beta := make([]float64, 2*256), make([]float64, 2*256)
	for i, x := range l.Coordinates(0) {
		envelope := math.Exp(-(x - 32) * (x - 32) / 16)
		phi[i], beta[256+i] = envelope, envelope // ψ = (1, i)ᵀ: both signs of the energy
	}
	f, err := reference.NewFreeDirac(l, d, phi, beta)
	if err != nil {
		log.Fatal(err)
	}
	for _, quarter := range []float64{1, 2, 3, 4} {
		t := quarter * math.Pi / 4 // of the period 2π/2m
		_, both := f.Displacement(0, t)
		_, one := f.Positive().Displacement(0, t)
		fmt.Printf("%.3f %.3f\n", both, math.Abs(one))
	}
	// Output:
	// -0.492 0.000
	// -0.940 0.000
	// -0.415 0.000
	// -0.018 0.000
}

// Four species live on an even lattice in the plane, the Wilson term leaves one.
func ExampleDirac_ZeroModes() {
	l, err := lattice.New(lattice.Ring(8, 8), lattice.Ring(8, 8))
	if err != nil {
		log.Fatal(err)
	}
	x, y, err := reference.NeuronMatrices(2)
	if err != nil {
		log.Fatal(err)
	}
	d := reference.RealDirac(x, y)
	naive, err := d.ZeroModes(l)
	if err != nil {
		log.Fatal(err)
	}
	d.Wilson = 1
	wilson, err := d.ZeroModes(l)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(naive, wilson)
	// Output: 4 1
}

// The higher the step, the more of the wave passes: Klein's paradox.
func ExampleKleinTransmission() {
	for _, height := range []float64{0, 0.4, 1.5, 2.6, 3, 6} {
		t, err := reference.KleinTransmission(1.5, height, 1)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("V = %v: T = %.3f\n", height, t)
	}
	// Output:
	// V = 0: T = 1.000
	// V = 0.4: T = 0.882
	// V = 1.5: T = 0.000
	// V = 2.6: T = 0.324
	// V = 3: T = 0.556
	// V = 6: T = 0.775
}

// Half a quantum of flux makes the lowest two levels of a ring equal.
func ExampleRingFrequencies() {
	for _, flux := range []float64{0, math.Pi, 2 * math.Pi} {
		omega, err := reference.RingFrequencies(lattice.Ring(4, 4), 1, flux)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.4f\n", omega)
	}
	// Output:
	// [1.0000 1.7321 2.2361 1.7321]
	// [1.2593 2.1010 2.1010 1.2593]
	// [1.7321 2.2361 1.7321 1.0000]
}

// A field of 8 quanta: the lattice, its series and the continuum.
func ExampleHarperScalar() {
	l, err := lattice.New(lattice.Ring(24, 6), lattice.Ring(24, 6))
	if err != nil {
		log.Fatal(err)
	}
	const quanta, mass = 8, 1
	omega, err := reference.HarperScalar(l, mass, quanta)
	if err != nil {
		log.Fatal(err)
	}
	field := 2 * math.Pi * quanta / (6 * 6)
	for n := range 3 {
		fmt.Printf("%.4f %.4f %.4f\n", omega[n*quanta],
			reference.ScalarLandau(n, field, mass, l.Spacing(0)), reference.ScalarLandau(n, field, mass, 0))
	}
	// Output:
	// 1.5431 1.5431 1.5480
	// 2.2612 2.2611 2.2779
	// 2.7902 2.7899 2.8251
}

// Two charges on a ring: the field is constant between them.
func ExampleCoulombPotential() {
	l, err := lattice.New(lattice.Ring(8, 8))
	if err != nil {
		log.Fatal(err)
	}
	charge := []float64{0, 1, 0, 0, 0, -1, 0, 0}
	potential, err := reference.CoulombPotential(l, charge)
	if err != nil {
		log.Fatal(err)
	}
	field, err := reference.CoulombField(l, potential)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", field[0])
	// Output:
	// [-0.50 0.50 0.50 0.50 0.50 -0.50 -0.50 -0.50]
}
