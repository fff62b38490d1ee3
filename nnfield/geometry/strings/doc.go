// Package strings holds networks whose weights are permutations: relativistic
// strings ([W] §8).
//
// The weights P, a cyclic permutation of n neurons, move the state of each neuron to
// the next one in a step; Pᵀ moves it to the one before. The network of either
// orientation obeys, exactly and for any state,
//
//	x(t+1) + x(t−1) = (P + Pᵀ) x(t),
//
// the wave equation on the lattice at the step ε = a, and so does the mean of the
// states of any ensemble of such networks. Each neuron of an ensemble has D types,
// the coordinates of a point in space: the mean is then a closed string in D + 1
// dimensions, the number of the neuron its parameter σ,
//
//	X(σ, t) = ½[F(σ − t) + G(σ + t)],
//
// F being the state of the networks that move to the right and G that of the
// others. It is a relativistic string in the gauge X⁰ = t if the constraints of
// Virasoro hold, Ẋ·X′ = 0 and Ẋ² + X′² = 1. For F and G they say |F′| = |G′| = 1:
// the steps |F_{n+1} − F_n| and |G_{n+1} − G_n| of the data are all the same, and
// a permutation keeps them so for ever ([Steps]).
//
// Averaging the weights instead of the states, x(t+1) = ½(P + Pᵀ) x(t), is the
// control: one network, and no wave but diffusion.
//
//	loop := strings.String().Ring(128, 2*math.Pi).
//		Right("cos(x)", "sin(x)").
//		Left("cos(x)", "sin(x)")
//	run, err := loop.Until(math.Pi).Run(ctx) // a circle that collapses, |X| = |cos t|
//
// Source: [W] V. Vanchurin, The world as a neural network, Entropy 22, 1210 (2020).
package strings
