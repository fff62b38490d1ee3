// Package geometry holds fields in curved space-time, as networks whose weights
// are the metric, and reads the metric off the weights of any network.
//
// In the metric ds² = −N²dt² + h_ij(dx^i + N^i dt)(dx^j + N^j dt) a scalar field of
// mass m and its momentum β = √h(φ̇ − N^i∂_iφ)/N obey
//
//	ℋ = ½βᵀMβ + βᵀAφ + ½φᵀKφ,   M = N/√h,   A = N^i∂_i,
//	K = −∂_i(N√h h^ij ∂_j) + N√h m²                                [G §7]
//
// with one gain M(x) for each neuron, a symmetric stiffness K of bonds between
// neighbours, and weights A for the shift. [K, M] ≠ 0: the pair (φ, β) has no dual
// loss. Measured in biases b = √M β it has one, ½φᵀKφ, for then the bias tensor is
// E = √M and
//
//	activation φ ← φ + ε E b,    learning b ← b − ε dH/db = b − ε EᵀKφ
//
// are Hamilton's equations, the derivative being the total one with ∂φ/∂b = E.
// Scaling the field as well, φ̃ = φ/√M, gives the canonical pair with M̃ = 1 and
// K̃ = √M K √M. With a shift there is no dual loss in any scaling: its
// antisymmetric part is physics.
//
//	valley := geometry.KleinGordon().
//		Ring(512, 40).
//		Mass(1).
//		Lapse("1 - 0.5*exp(-(x-20)*(x-20)/8)").
//		Packet(theory.At(10), theory.Width(1.5), theory.WaveNumber(6))
//	run, err := valley.Until(20).Run(ctx)
//
// The other way round, [Metric] reads the metric, the mass and how sure they are
// off the weights of a network, and [Network] makes the network of a metric.
//
// Sources: [F] V. Vanchurin, Emergent field theories from neural networks,
// arXiv:2411.08138 (2024); [G] V. Vanchurin, Towards a theory of quantum gravity
// from neural networks, Entropy 24, 7 (2022). The Hamiltonian is that of
// R. Arnowitt, S. Deser, C. Misner, arXiv:gr-qc/0405109.
package geometry
