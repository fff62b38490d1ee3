// Package quantum holds the field theories of the trainable variables: what an
// ensemble of stochastic learners does near and far from its equilibrium.
//
// A learner descends the free energy F(q, t) of its trainable variables q with
// the learning rate γ while its mini-batches make it diffuse with the coefficient
// D. Stationary entropy production under a constraint with the multiplier μ
// gives, for the density p(q, t) of learners ([G] §3-4, [Q]),
//
//	∂_t p + ∂·(p u) = 0,   ∂_tF + (∂F)²/2m + V − (ħ²/2m) ∂²√p/√p = 0,
//	u = ∂F/m,   m = 1/(2γ),   ħ² = 4D/(γμ).
//
// Three theories, one problem:
//
//	Schrodinger     ψ = √p e^{iF/ħ}: adjustable number of neurons, F defined up to
//	                2πħ; circulation is an integer
//	Madelung        fixed number of neurons, F single valued: circulation 0
//	HamiltonJacobi  far from equilibrium, D dropped: classical mechanics
//
// A fourth, [NelsonLearners], runs the learners themselves. A space of one, two or
// three trainable variables is a lattice; each site is a value of q. Lengths are
// those of q, times those of the learning rate (dq = −γ∂F dt), energies those of F.
//
//	well := quantum.Schrodinger().
//		Line(255, 16).
//		Potential("(x-8)*(x-8)/2").
//		Coherent(quantum.Frequency(1), quantum.At(10))
//	run, err := well.Until(6.28).Run(ctx)
//
// Sources: [G] V. Vanchurin, Towards a theory of quantum gravity from neural
// networks, Entropy 24, 7 (2022); [W] V. Vanchurin, The world as a neural network,
// Entropy 22, 1210 (2020); [Q] M. Katsnelson, V. Vanchurin, Emergent quantumness
// in neural networks, arXiv:2012.05082 (2021); [N] E. Nelson, Phys. Rev. 150, 1079
// (1966).
package quantum
