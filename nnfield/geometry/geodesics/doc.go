// Package geodesics joins localised states of a network with geodesics: a packet of
// short waves follows the geodesic of the metric that its weights make ([G] §7).
//
// A [Flight] is a packet in a network of package geometry and the same space-time
// for the judge, package reference: Hamilton's equations for
//
//	H(t, x, k) = N√(h^ij k_i k_j + m²) − N^i k_i,
//
// solved by an integrator that shares no code with the network. [Follow] measures
// where the energy of the packet is, [Frequency] and [WaveNumber] what its waves
// have become.
//
//	hill := geodesics.Flight{
//		Field:     geometry.KleinGordon().Ring(2048, 18).Mass(1).Order(4).Lapse("1 + 0.3*exp(-(x-9)*(x-9))"),
//		Packet:    reference.Packet{At: []float64{4}, WaveNumber: []float64{25}, Width: 0.4},
//		Spacetime: reference.Spacetime{Dim: 1, Lapse: lapse},
//		Mass:      1,
//		Until:     10,
//	}
//	landing, err := hill.Run(ctx)
//
// How close: a packet of wavelength λ and width w has a spread of places w² and one of
// wave vectors 1/w². Rays that start that much apart do not stay together, and their
// mean is not the ray of the middle. With w ∝ √λ both spreads fall as λ, and so does
// the distance of the packet from its geodesic; with a fixed width it stays. A bundle
// of rays drawn from the packet's Wigner function knows the spreads, and what is left
// falls as λ². [Converge] measures both.
//
// [G] is V. Vanchurin, Towards a theory of quantum gravity from neural networks,
// Entropy 24, 7 (2022), arXiv:2111.00903.
package geodesics
