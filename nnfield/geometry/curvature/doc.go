// Package curvature takes the derivatives of a metric that general relativity is
// made of: Christoffel symbols, the Riemann, Ricci and Einstein tensors and the
// curvature scalar, of any metric given on a lattice of two to four space-time
// coordinates.
//
// A [Grid] has one axis for each coordinate, time being one of them, with a place
// of its own and an end or none; an axis along which nothing changes has one site.
// The metric is a field of symmetric tensors of signature (−,+,+,+), sampled from
// a formula with [Grid.Sample] or learned by a network. Derivatives are central
// differences of order 2, 4 or 6, or, where axes are periodic, exact for all waves
// the lattice holds:
//
//	grid, err := curvature.NewGrid(t, x, y, z)
//	geo, err := curvature.New(grid, metric, curvature.Order4)
//	geo.Each(func(p *curvature.Point) { residual[p.Site] = p.Scalar })
//
// Conventions are those of Misner, Thorne, Wheeler, Gravitation (1973): spheres
// have positive curvature, Einstein's equations are G_μν + Λg_μν = 8πT_μν.
package curvature
