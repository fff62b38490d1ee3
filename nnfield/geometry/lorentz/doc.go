// Package lorentz measures how far a network of neurons has Lorentz symmetry, and
// at which scale it loses it.
//
// A network of scalar neurons with symmetric weights obeys φ̈ = −Kφ. In the limit
// of long waves a K such as −∇² + m² on a lattice is a relativistic field,
//
//	ω² = k² + m²   (c = 1),
//
// and the continuum has symmetries that the lattice lacks: all directions and all
// inertial frames are alike. Three measurements on the weights, or on the network
// as it runs, hold it to them as functions of the wave number k and the spacing a:
//
//	Isotropy   phase and group velocity of waves against their direction
//	Front      the light cone: how fast the front of a kick moves, and Outside:
//	           what of it moves faster
//	BoostError evolving the boosted packet against boosting the evolved packet
//
// They take any weights (a [Medium]); [Standard] makes the four that are compared:
// order 2, order 4, isotropic and spectral. What theory expects of these is in
// [PhaseError], [GroupError], [FrontError] and [Medium.BoostPrediction], series in
// ka without a constant that was fitted. [Scale] says where an error passes a
// threshold: there the symmetry is lost.
//
// The emergent metric of a network (its c, its m, where it is curved) is read off
// by package geometry; here both are given, c = 1.
//
// Sources: [G] V. Vanchurin, arXiv:2111.00903, §5; [W] V. Vanchurin,
// arXiv:2008.01540, §8. The papers state the symmetry; its loss on a lattice is
// the subject of L. N. Trefethen, SIAM Review 24, 113 (1982).
package lorentz
