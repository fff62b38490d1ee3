// Package einstein makes Einstein's equations out of the learning of a network
// ([G] §8): its metric is a set of trainable variables, the entropy production of
// the whole network a quadratic form of the metric's gradients, and learning
// brings it to where it is stationary.
//
// [Onsager] is the tensor of kinetic coefficients, [Functional] the entropy
// production of any metric on a lattice with a fixed number of neurons ∝ ∫√−g,
// whose multiplier is the cosmological constant, and its variation. For one choice
// of coefficients, [EinsteinHilbert], this is G_μν + Λg_μν; [Recover] finds it from
// random metrics.
//
// [FRW] and [KantowskiSachs] build networks that learn a metric of high symmetry: a
// universe of one or two functions of time between given ends, its lapse, and Λ from
// the number of neurons. Their time is that of learning. They run like every model:
//
//	universe := einstein.FRW().Times(81, 1).From(1).To(2.718).Neurons(6.36)
//	run, err := universe.Until(40).Run(ctx)
//	learned, err := einstein.Read(run, run.Len()-1)
//
// What a metric has learned is judged by package curvature, which knows nothing of
// functionals.
//
// Source: [G] V. Vanchurin, Towards a theory of quantum gravity from neural
// networks, Entropy 24, 7 (2022), arXiv:2111.00903.
package einstein
