package geodesics_test

import (
	"context"
	"fmt"
	"math"

	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/geometry/geodesics"
	"github.com/nnfield/nnfield/nnfield/reference"
)

// A packet of a field climbs a hill of the lapse. Its path is that of the geodesic
// within the spread of the packet, and that of the bundle within much less.
func ExampleFlight() {
	hill := geodesics.Flight{
		Field:     geometry.KleinGordon().Ring(1024, 16).Mass(2).Order(4).Lapse("1 + 0.3*exp(-pow(x - 8, 2))"),
		Packet:    reference.Packet{At: []float64{4}, WaveNumber: []float64{15}, Width: 0.5},
		Spacetime: reference.Spacetime{Dim: 1, Lapse: func(_ float64, x []float64) float64 { return 1 + 0.3*math.Exp(-(x[0]-8)*(x[0]-8)) }},
		Mass:      2,
		Until:     8,
	}
	l, err := hill.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	end := l.Path.Places[len(l.Path.Places)-1]
	fmt.Printf("packet at %.2f, ray at %.2f, bundle at %.2f\n", end[0], l.Ray.Place(nil, 8)[0], l.Bundle.Centroid(nil, 8)[0])
	fmt.Printf("of the path: %.1f %% from the ray, %.2f %% from the bundle\n", 100*l.ToRay, 100*l.ToBundle)
	// Output:
	// packet at 12.36, ray at 12.36, bundle at 12.36
	// of the path: 0.2 % from the ray, 0.00 % from the bundle
}

// Geodesics of the metric that weights make, whatever they were made for.
func ExampleEmergent() {
	model := geometry.KleinGordon().Torus(64, 8).Mass(1).
		Lapse("1 + 0.1*cos(pi*x/4)").MustBuild()
	net, err := model.Network(0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	reading, err := geometry.Metric(net.Network(), model.Lattice())
	if err != nil {
		fmt.Println(err)
		return
	}
	metric, mass, _, err := reading.SpaceTime()
	if err != nil {
		fmt.Println(err)
		return
	}
	space, err := geodesics.Emergent(metric)
	if err != nil {
		fmt.Println(err)
		return
	}
	ray, err := space.Ray(mass, []float64{4, 4}, []float64{1, 0.5}, 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mass %.3f, after t = 5 at %.2f, proper time %.2f\n", mass, ray.Place(nil, 5), ray.ProperTime(5))
	// Output:
	// mass 1.000, after t = 5 at [6.86 5.74], proper time 3.48
}
